"""Pictures beside the model that was fitted to them, and the plane of mean spin and mean bond in which they live."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from course_lib import ising
from course_lib.plots.style import COLOURS, Drawing, in_style, show_spins


@in_style
def draw_fitted_textures(rows, names) -> Drawing:
    """Grey pictures, each beside the same as spins, pictures of a model fitted to it, and correlations of both.

    Parameters
    ----------
    rows : sequence of (grey, images, curves)
        ``grey`` from 0 for black to 1 for white; ``images`` (n, rows, cols) of +-1, the picture and then the model's;
        ``curves`` of (name, colour, values): correlations at distance 1, 2, ..., ``colour`` a key of `COLOURS`.
    names : sequence of str
        What stands above the grey pictures and the images.

    Returns
    -------
    Drawing

    Examples
    --------
    >>> one, curves = np.ones((4, 4), dtype=int), [("model", "model", [1, 1])]
    >>> type(draw_fitted_textures([(one, [one, one], curves)], ["grey", "spins", "model"])).__name__
    'Drawing'
    """
    n = len(names)
    figure = Figure(figsize=(7, 0.6 + 1.15 * len(rows)), layout="constrained")
    grid = figure.subplots(len(rows), n + 1, width_ratios=[1] * n + [1.35], squeeze=False)
    for panels, (grey, images, curves) in zip(grid, rows, strict=True):
        panels[0].imshow(grey, cmap="gray", vmin=0, vmax=1)
        panels[0].set(xticks=[], yticks=[])
        panels[0].tick_params(which="both", length=0)
        for axes, image in zip(panels[1:n], images, strict=True):
            show_spins(axes, image)
        for name, colour, values in curves:
            panels[n].plot(np.arange(1, len(values) + 1), values, color=COLOURS[colour], label=name)
        panels[n].set(xlim=(1, None), ylim=(-0.05, 0.45), xticks=[1, 2, 4, 6, 8])
        panels[n].xaxis.set_minor_locator(NullLocator())
    for axes, name in zip(grid[0], [*names, "mean of $s\\,s'$"], strict=True):
        axes.set_title(name)
    grid[0, n].legend(loc="upper right", handlelength=1)
    grid[-1, n].set_xlabel("distance")
    return Drawing(figure)


class PlanePicture(Drawing):
    """Pictures as dots in the plane of mean spin and mean bond, a cloud of the model's, and one picture of each.

    Parameters
    ----------
    sets : dict
        Name of a set -> images of +-1, shape (n, rows, cols).
    mine : array of +-1, shape (n, rows, cols)
        The student's own.
    curve : array, shape (2, n)
        Spontaneous mean spin, and mean bond, of the infinite lattice from the critical point on.

    Examples
    --------
    >>> some = np.ones((2, 4, 4), dtype=int)
    >>> picture = PlanePicture({"letters": some}, some, np.array([[0.0, 1.0], [0.7, 1.0]]))
    >>> picture.update(some)
    """

    MARKS = (("o", "quiet"), ("s", "other"), ("^", "exact"))

    @in_style
    def __init__(self, sets, mine, curve):
        figure = Figure(figsize=(7, 4.2))
        axes = figure.add_axes((0.08, 0.2, 0.56, 0.78))
        spin, bond = curve
        outline = np.concatenate([-spin[::-1], spin]), np.concatenate([bond[::-1], bond])
        axes.fill_between(*outline, 1, color=COLOURS["quiet"], alpha=0.18, linewidth=0)
        axes.plot(*outline, color=COLOURS["exact"], label="infinite lattice, $h = 0$")
        axes.text(0, 0.95, "two phases", ha="center", va="center")
        m = np.linspace(-1, 1, 101)
        axes.plot(m, m**2, "--", color=COLOURS["quiet"], linewidth=0.8, label="$J = 0$")
        for (name, images), (marker, colour) in zip(sets.items(), self.MARKS, strict=False):
            axes.plot(*means(images), marker, color=COLOURS[colour], ms=3.5, alpha=0.8, label=name)
        (self._cloud,) = axes.plot([], [], "o", color=COLOURS["model"], ms=2.5, alpha=0.7, label="model")
        axes.plot(*means(mine), "X", color=COLOURS["data"], markeredgecolor="white", ms=9, label="mine")
        axes.set(xlabel="mean spin", ylabel="mean bond", xlim=(-1.03, 1.03), ylim=(-0.22, 1.03))
        figure.legend(loc="lower left", bbox_to_anchor=(0.04, 0.0), ncols=4, fontsize=8)
        pictures = []
        for bottom, name, image in ((0.55, "mine", mine[0]), (0.06, "model", mine[0])):
            panel = figure.add_axes((0.7, bottom, 0.27, 0.38))
            show_spins(panel, image)
            panel.set_title(name)
            pictures.append(panel.images[0])
        self._picture = pictures[1]
        super().__init__(figure, [self._cloud, self._picture])

    def update(self, images):
        """Show other pictures of the model, the first of them as a picture."""
        self._cloud.set_data(*means(images))
        self._picture.set_data(images[0])


def means(images):
    """Mean spin and mean bond of each picture, (2, n)."""
    n_sites = images.shape[1] * images.shape[2]
    return np.stack([ising.spin_sum(images) / n_sites, ising.bond_sum(images) / (2 * n_sites)])
