"""Pictures beside the model that was fitted to them, and the plane of mean spin and mean bond in which they live."""

import numpy as np
from matplotlib.figure import Figure

from course_lib import ising
from course_lib.plots.style import COLOURS, Drawing, in_style, show_spins


@in_style
def draw_fitted_texture(grey, spins, samples, names, curves) -> Drawing:
    """A grey picture, the same as spins, pictures of a model fitted to it, and correlations of both.

    Parameters
    ----------
    grey : array, shape (any, any)
        From 0 for black to 1 for white.
    spins : array of +-1, shape (rows, cols)
    samples : array of +-1, shape (n, rows, cols)
    names : sequence of str
        Of the 2 + n pictures.
    curves : sequence of (name, colour, values)
        Correlations at distance 1, 2, ...; ``colour`` is a key of `COLOURS`.

    Returns
    -------
    Drawing

    Examples
    --------
    >>> one = np.ones((4, 4), dtype=int)
    >>> type(draw_fitted_texture(one, one, [one], ["grey", "spins", "model"], [("model", "model", [1, 1])])).__name__
    'Drawing'
    """
    n = 2 + len(samples)
    figure = Figure(figsize=(7, 0.55 + 5.0 / n), layout="constrained")
    panels = figure.subplots(1, n + 1, width_ratios=[1] * n + [1.35])
    panels[0].imshow(grey, cmap="gray", vmin=0, vmax=1)
    panels[0].set(xticks=[], yticks=[])
    panels[0].tick_params(which="both", length=0)
    for axes, image in zip(panels[1:n], [spins, *samples], strict=True):
        show_spins(axes, image)
    for axes, name in zip(panels, names, strict=False):
        axes.set_title(name)
    for name, colour, values in curves:
        panels[n].plot(np.arange(1, len(values) + 1), values, color=COLOURS[colour], label=name)
    panels[n].set(xlabel="distance", title="mean of $s\\,s'$", xlim=(1, None), xticks=[1, 4, 8])
    panels[n].legend(loc="upper right", handlelength=1)
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
