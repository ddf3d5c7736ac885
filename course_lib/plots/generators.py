"""Families of generative models side by side: what they draw, how often each pattern, and what it costs."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnnotationBbox, OffsetImage
from matplotlib.patches import Rectangle
from matplotlib.ticker import NullLocator

from course_lib.plots.style import COLOURS, Drawing, in_style, show_spins


def _sheet(axes, images, valid, across):
    """Small pictures in rows; a frame in the model's colour is around those that are no pattern."""
    rows, cols = images.shape[1:]
    down = -(-len(images) // across)
    sheet = np.full((down * (rows + 2), across * (cols + 2)), np.nan)
    for k, image in enumerate(images):
        i, j = divmod(k, across)
        top, left = i * (rows + 2) + 1, j * (cols + 2) + 1
        sheet[top : top + rows, left : left + cols] = image
        if not valid[k]:
            corner = (left - 1, top - 1)
            axes.add_patch(_frame(corner, cols + 1, rows + 1))
    show_spins(axes, sheet)
    axes.axis("off")


def _frame(corner, width, height):
    return Rectangle(corner, width, height, fill=False, edgecolor=COLOURS["model"], linewidth=1.4)


@in_style
def draw_families(rows) -> Drawing:
    """A row a family: some of its samples, and how often each pattern came, in units of an equal share.

    Parameters
    ----------
    rows : sequence of (name, images, valid, shares)
        ``images`` of +-1, shape (n_images, rows, cols); ``valid`` says which of them are patterns: the others get a
        frame. ``shares``, shape (n_patterns,), are 1 where each pattern comes equally often.

    Returns
    -------
    Drawing

    Examples
    --------
    >>> rows = [("a", np.ones((8, 4, 4)), np.ones(8, bool), np.ones(30))]
    >>> type(draw_families(rows)).__name__
    'Drawing'
    """
    figure = Figure(figsize=(7, 0.35 + 0.78 * len(rows)), layout="constrained")
    grid = figure.subplots(len(rows), 2, squeeze=False, width_ratios=(1.5, 1))
    for k, ((left, right), (name, images, valid, shares)) in enumerate(zip(grid, rows, strict=True)):
        _sheet(left, np.asarray(images), valid, across=len(images) // 2)
        left.set_title(name, loc="left", fontsize=8, pad=2)
        _shares(right, shares)
        right.set_xticklabels([])
        if k == 0:
            right.set_title("how often each of the 30 comes", fontsize=8, pad=2)
    right.set_xlabel("pattern")
    return Drawing(figure)


def _shares(axes, shares):
    bars = axes.bar(np.arange(1, len(shares) + 1), np.minimum(shares, 3), color=COLOURS["model"], width=0.8)
    axes.axhline(1, color=COLOURS["data"], linestyle="--", linewidth=0.9)
    axes.set(ylim=(0, 3), xlim=(0, len(shares) + 1), yticks=[0, 1, 2, 3])
    axes.tick_params(labelsize=7)
    axes.minorticks_off()
    return bars


class GeneratorPicture(Drawing):
    """Samples of one model on the left, how often each pattern came on the right.

    Parameters
    ----------
    shape : (rows, cols) of a sample
    n_images, n_patterns : int

    Examples
    --------
    >>> picture = GeneratorPicture((4, 4), 8, 30)
    >>> picture.update(np.ones((8, 4, 4)), np.ones(8, bool), np.ones(30))
    """

    ACROSS = 10

    @in_style
    def __init__(self, shape, n_images, n_patterns):
        figure = Figure(figsize=(7, 2.6), layout="constrained")
        left, right = figure.subplots(1, 2, width_ratios=(1.3, 1))
        _sheet(left, np.ones((n_images, *shape)), np.zeros(n_images, bool), self.ACROSS)
        self._image, self._frames, self._shape = left.images[0], list(left.patches), shape
        self._bars = _shares(right, np.ones(n_patterns))
        left.set_title("samples; a frame: no pattern")
        right.set(title="how often each pattern came", xlabel="pattern", ylabel="in equal shares")
        super().__init__(figure, [self._image, *self._frames, *self._bars])

    def update(self, images, valid, shares):
        """Show other samples, which of them are patterns, and other shares."""
        rows, cols = self._shape
        sheet = self._image.get_array().filled(np.nan)
        for k, image in enumerate(images):
            i, j = divmod(k, self.ACROSS)
            sheet[i * (rows + 2) + 1 :, j * (cols + 2) + 1 :][:rows, :cols] = image
        self._image.set_data(sheet)
        for frame, fine in zip(self._frames, valid, strict=True):
            frame.set_visible(not fine)
        for bar, share in zip(self._bars, shares, strict=True):
            bar.set_height(min(share, 3))


@in_style
def draw_territories(validity, reach, patterns, places) -> Drawing:
    """A latent plane: how likely a draw at each point is a pattern, and where the patterns have their place.

    Parameters
    ----------
    validity : array, shape (n, n)
        From 0 to 1, from the lower left.
    reach : float
        Both axes go from -reach to reach.
    patterns : array of +-1, shape (n_patterns, rows, cols)
    places : array, shape (n_patterns, 2)

    Returns
    -------
    Drawing

    Examples
    --------
    >>> type(draw_territories(np.ones((9, 9)), 3, np.ones((1, 4, 4)), [[0, 0]])).__name__
    'Drawing'
    """
    figure = Figure(figsize=(5.4, 4.6), layout="constrained")
    axes = figure.subplots()
    shown = axes.imshow(validity, origin="lower", extent=(-reach, reach, -reach, reach), cmap="Greys_r", vmin=0, vmax=1)
    figure.colorbar(shown, ax=axes, label="probability that a draw is a pattern", shrink=0.85)
    colours = np.array([[0, 114, 178], [240, 228, 66]], dtype=np.uint8)
    for pattern, place in zip(patterns, places, strict=True):
        small = OffsetImage(colours[(np.asarray(pattern) > 0).astype(int)], zoom=4.2, interpolation="nearest")
        box = {"edgecolor": COLOURS["data"], "linewidth": 0.6}
        axes.add_artist(AnnotationBbox(small, place, pad=0.1, bboxprops=box))
    axes.set(xlabel="$z_1$", ylabel="$z_2$", xlim=(-reach, reach), ylim=(-reach, reach))
    return Drawing(figure)


@in_style
def draw_drift(steps, divergences, validities) -> Drawing:
    """A machine at a constant rate: the exact divergence, and the validity of chains from noise, on the way.

    Parameters
    ----------
    steps : sequence of int, length n
    divergences, validities : array, shape (n_runs, n)

    Returns
    -------
    Drawing

    Examples
    --------
    >>> type(draw_drift([10, 100], [[0.3, 0.5]], [[0.6, 0.9]])).__name__
    'Drawing'
    """
    figure = Figure(figsize=(7, 2.5), layout="constrained")
    left, right = figure.subplots(1, 2)
    for axes, runs, colour in ((left, validities, "model"), (right, divergences, "exact")):
        for run in runs:
            axes.plot(steps, run, "o-", color=COLOURS[colour], ms=3, linewidth=1, alpha=0.7)
        axes.set(xscale="log", xlabel="steps of learning")
        axes.set_xticks(steps, [f"{step:g}" for step in steps])
        axes.minorticks_off()
    left.set(ylim=(0, 1.02), title="what chains from noise show", ylabel="validity")
    right.set(ylim=(0, None), title="what is exact", ylabel="KL (nats)")
    return Drawing(figure)


@in_style
def draw_way_back(steps, learned, perfect, divergences, bounds) -> Drawing:
    """Diffusion in few steps and in many: validity of the learned and of the perfect denoiser; KL and its bound.

    Parameters
    ----------
    steps : sequence of int, length n
    learned, perfect, divergences, bounds : array, shape (n,)

    Returns
    -------
    Drawing

    Examples
    --------
    >>> type(draw_way_back([1, 10], [0.1, 0.9], [0.1, 0.9], [3, 0.1], [4, 0.3])).__name__
    'Drawing'
    """
    figure = Figure(figsize=(7, 2.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot(steps, perfect, "s--", color=COLOURS["exact"], ms=4, label="perfect denoiser")
    left.plot(steps, learned, "o-", color=COLOURS["model"], ms=4, label="learned")
    left.set(xscale="log", ylim=(0, 1.02), xlabel="steps back", ylabel="validity")
    left.legend(loc="lower right")
    right.plot(steps, bounds, "^-", color=COLOURS["other"], ms=4, label="its bound")
    right.plot(steps, divergences, "o-", color=COLOURS["model"], ms=4, label="KL")
    right.set(xscale="log", yscale="log", xlabel="steps back", ylabel="nats")
    right.legend(loc="lower left")
    for axes in (left, right):
        axes.set_xticks(steps, [f"{step}" for step in steps])
        axes.xaxis.set_minor_locator(NullLocator())
    return Drawing(figure)


@in_style
def draw_against_truth(names, panels) -> Drawing:
    """Several quantities, a panel each: a family a line, with its spread over runs, and the exact value as a line.

    Parameters
    ----------
    names : sequence of str
    panels : sequence of (title, exact, values)
        ``values`` of shape (n_names, n_runs).

    Returns
    -------
    Drawing

    Examples
    --------
    >>> type(draw_against_truth(["a", "b"], [("energy", -1.5, [[-1.4, -1.5], [-1.2, -1.3]])])).__name__
    'Drawing'
    """
    figure = Figure(figsize=(7, 0.9 + 0.26 * len(names)), layout="constrained")
    for k, (axes, (title, exact, values)) in enumerate(
        zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True)
    ):
        for y, runs in enumerate(values):
            colour = COLOURS["data" if names[y] == "data" else "model"]
            axes.plot(runs, np.full(len(runs), y), "o", color=colour, ms=4, alpha=0.6, markeredgewidth=0)
        axes.axvline(exact, color=COLOURS["exact"], linestyle="--", linewidth=1.2)
        axes.set(title=title, yticks=range(len(names)), ylim=(len(names) - 0.5, -0.5))
        axes.set_yticklabels([] if k else names)
        axes.tick_params(axis="y", which="both", length=0)
        axes.locator_params(axis="x", nbins=4)
    return Drawing(figure)
