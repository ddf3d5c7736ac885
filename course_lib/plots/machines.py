"""Machines with hidden units: what they see, what their hidden units look for, and what they make up."""

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from course_lib.plots.inference import SIGNED
from course_lib.plots.style import COLOURS, SPINS, Drawing, in_style

INK = ListedColormap(["white", "black"])
GAP = 1  # pixels between the pictures of a mosaic
FRAME = "#BBBBBB"
# What a picture's numbers mean, as colours and their range; weights are on a scale of their own in each row.
KINDS = {"ink": ("Greys", 0, 1), "spins": (SPINS, -1, 1), "weights": (SIGNED, None, None)}


@in_style
def draw_gallery(rows) -> Drawing:
    """Rows of small pictures, each row with its name.

    Parameters
    ----------
    rows : sequence of (name, kind, pictures)
        ``pictures`` is (n, rows, cols), as many in each row of the gallery. ``kind`` says what the numbers are: "ink",
        0 for paper and 1 for ink; "spins", +-1; "weights", green above 0 and pink below. NaN is grey.

    Returns
    -------
    Drawing

    Examples
    --------
    >>> type(draw_gallery([("seen", "ink", np.ones((3, 2, 2))), ("filters", "weights", np.ones((3, 2, 2)))])).__name__
    'Drawing'
    """
    n = len(rows[0][2])
    figure = Figure(figsize=(7, 0.15 + len(rows) * 5.9 / n), layout="constrained")
    grid = figure.subplots(len(rows), n, squeeze=False)
    for panels, (name, kind, pictures) in zip(grid, rows, strict=True):
        colours, low, high = KINDS[kind]
        if low is None:
            high = np.nanmax(np.abs(pictures))
            low = -high
        for axes, picture in zip(panels, pictures, strict=True):
            axes.set_facecolor("#999999")
            axes.imshow(picture, cmap=colours, vmin=low, vmax=high, interpolation="nearest")
            axes.set(xticks=[], yticks=[])
            axes.tick_params(which="both", length=0)
            for spine in axes.spines.values():
                spine.set(color=FRAME, linewidth=0.5)
        panels[0].set_ylabel(name, rotation=0, ha="right", va="center")
    return Drawing(figure)


@in_style
def draw_machine(seen, filters, fantasies) -> Drawing:
    """A machine in three mosaics: what it sees, what its hidden units look for, what it makes up.

    Parameters
    ----------
    seen, fantasies : array of 0 and 1, shape (n, rows, cols)
        The square of a whole number of pictures, here and below.
    filters : array, shape (n, rows, cols)
        Weights of the hidden units.

    Returns
    -------
    Drawing

    Examples
    --------
    >>> ink = np.ones((4, 2, 2))
    >>> type(draw_machine(ink, ink - 0.5, ink)).__name__
    'Drawing'
    """
    figure = Figure(figsize=(7, 2.75))
    parts = (
        ("what it sees", "data", seen, INK),
        ("what hidden units look for", "other", filters, SIGNED),
        ("what it makes up", "model", fantasies, INK),
    )
    for k, (name, who, pictures, colours) in enumerate(parts):
        axes = _mosaic_axes(figure, (0.01 + 0.345 * k, 0.02, 0.29, 0.85), name, COLOURS[who])
        high = np.abs(pictures).max() if colours is SIGNED else 1
        axes.imshow(_mosaic(pictures), cmap=colours, vmin=-high if colours is SIGNED else 0, vmax=high)
        if k:
            axes.annotate("", (-0.02, 0.5), (-0.17, 0.5), xycoords="axes fraction", arrowprops={"arrowstyle": "->"})
    return Drawing(figure)


class MachinePicture(Drawing):
    """Filters, fantasies, and how much likelier the data are than held-out ones, epoch after epoch.

    Parameters
    ----------
    filters : array, shape (n, rows, cols)
        The square of a whole number of them, as of the fantasies.
    fantasies : array, shape (m, rows, cols)
    n_epochs : int
        The longest record that is shown.
    highest : float
        Of the gap, in nats.

    Examples
    --------
    >>> picture = MachinePicture(np.zeros((4, 2, 2)), np.zeros((4, 2, 2)), n_epochs=10, highest=3.0)
    >>> picture.update(np.ones((4, 2, 2)), np.ones((4, 2, 2)), [0.0, 0.1], [])
    """

    @in_style
    def __init__(self, filters, fantasies, *, n_epochs, highest):
        figure = Figure(figsize=(7, 2.75))
        left = _mosaic_axes(figure, (0.01, 0.03, 0.3, 0.83), "filters of hidden units", COLOURS["other"])
        middle = _mosaic_axes(figure, (0.33, 0.03, 0.3, 0.83), "fantasies", COLOURS["model"])
        self._filters = left.imshow(_mosaic(filters), cmap=SIGNED, vmin=-1, vmax=1)
        self._fantasies = middle.imshow(_mosaic(fantasies), cmap="Greys", vmin=0, vmax=1)
        curve = figure.add_axes((0.715, 0.17, 0.262, 0.69))
        (self._before,) = curve.plot([], [], color=COLOURS["quiet"], linewidth=1, label="the run before")
        (self._now,) = curve.plot([], [], color=COLOURS["model"], linewidth=1.6, label="this run")
        curve.set(xlabel="epoch", xlim=(0, n_epochs), ylim=(-0.5, highest))
        curve.set_title("log-likelihood: data above\nheld-out data (nats)")
        curve.legend(loc="upper left")
        super().__init__(figure, [self._filters, self._fantasies, self._before, self._now])
        self.update(filters, fantasies, [], [])

    def update(self, filters, fantasies, gap, before):
        """Show other filters, on a scale of their own, other fantasies, the record of the gap and the one before."""
        mosaic = _mosaic(filters)
        self._filters.set_data(mosaic)
        largest = max(np.nanmax(np.abs(mosaic)), 1e-6)
        self._filters.set_clim(-largest, largest)
        self._fantasies.set_data(_mosaic(fantasies))
        self._now.set_data(range(len(gap)), gap)
        self._before.set_data(range(len(before)), before)


def _mosaic_axes(figure, place, name, colour):
    axes = figure.add_axes(place)
    axes.set_facecolor(FRAME)
    axes.set(xticks=[], yticks=[])
    axes.tick_params(which="both", length=0)
    axes.set_title(name, color=colour)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return axes


def _mosaic(pictures):
    """Pictures in a square, with gaps of NaN between them."""
    n, rows, cols = np.shape(pictures)
    side = int(np.ceil(np.sqrt(n)))
    whole = np.full((side * (rows + GAP) - GAP, side * (cols + GAP) - GAP), np.nan)
    for k, picture in enumerate(pictures):
        top, left = k // side * (rows + GAP), k % side * (cols + GAP)
        whole[top : top + rows, left : left + cols] = picture
    return whole
