"""Estimators side by side: couplings as inferred, errors in units of the least possible, log Z by annealing."""

import numpy as np
from matplotlib.figure import Figure

from course_lib.plots.style import COLOURS, Drawing, in_style


@in_style
def draw_estimates(rows) -> Drawing:
    """Couplings as estimated against their true values: a column an estimator, a row a temperature.

    Parameters
    ----------
    rows : sequence of (name, true couplings (n,), estimates)
        ``estimates`` is a sequence of (name, couplings (n,)); each row has its own scale, and what is beyond it stands
        on the edge.

    Returns
    -------
    Drawing

    Examples
    --------
    >>> type(draw_estimates([("warm", [0.1, -0.2], [("mean field", [0.1, -0.3])])])).__name__
    'Drawing'
    """
    columns = len(rows[0][2])
    figure = Figure(figsize=(7, 0.2 + 1.62 * len(rows)), layout="constrained")
    for panels, (row, true, estimates) in zip(figure.subplots(len(rows), columns, squeeze=False), rows, strict=True):
        reach = 1.3 * np.abs(true).max()
        for axes, (name, couplings) in zip(panels, estimates, strict=True):
            (points,) = _true_against_estimated(axes, reach)
            points.set_data(true, np.clip(couplings, -reach, reach))
            if row is rows[0][0]:
                axes.set_title(name)
            if row is rows[-1][0]:
                axes.set_xlabel("true J")
        panels[0].set_ylabel(f"{row}\nestimated J")
    return Drawing(figure)


def _true_against_estimated(axes, reach):
    axes.axline((0, 0), slope=1, color=COLOURS["exact"], linewidth=1.2)
    axes.set(xlim=(-1.08 * reach, 1.08 * reach), ylim=(-1.08 * reach, 1.08 * reach), aspect="equal")
    axes.locator_params(nbins=4)
    return axes.plot([], [], "o", color=COLOURS["model"], ms=2.5, alpha=0.7, markeredgewidth=0)


class EstimatesPicture(Drawing):
    """One row of estimators: the couplings of each against the true ones, and a line of words below each name.

    Parameters
    ----------
    names : sequence of str
    reach : float
        Largest coupling shown; larger ones stand on the edge.

    Examples
    --------
    >>> picture = EstimatesPicture(["mean field", "exact"], reach=1.0)
    >>> picture.update([0.1, -0.2], [[0.1, -0.3], None], ["4 times the least error", "no answer"])
    """

    @in_style
    def __init__(self, names, reach):
        figure = Figure(figsize=(7, 2.5))
        self._reach, self._points, self._words = reach, [], []
        width = 0.92 / len(names)
        for k, name in enumerate(names):
            axes = figure.add_axes((0.075 + k * width, 0.17, 0.85 * width, 0.62))
            axes.set_title(name, pad=18)
            self._points += _true_against_estimated(axes, reach)
            self._words.append(axes.text(0.5, 1.04, "", transform=axes.transAxes, ha="center", fontsize=8))
            axes.set_xlabel(r"true $J/\beta$")
            if k:
                axes.set_yticklabels([])
            else:
                axes.set_ylabel(r"estimated $J/\beta$")
        super().__init__(figure, [*self._points, *self._words])

    def update(self, true, estimates, words):
        """Show other couplings, one array an estimator or None for no answer, and other words."""
        for points, text, couplings, said in zip(self._points, self._words, estimates, words, strict=True):
            points.set_data(*([], []) if couplings is None else (true, np.clip(couplings, -self._reach, self._reach)))
            text.set_text(said)


@in_style
def draw_inefficiency(x, curves, *, xlabel, ylabel) -> Drawing:
    """Root mean square errors in units of the least possible, on a logarithmic scale, with the line at 1.

    Parameters
    ----------
    x : sequence of float
    curves : sequence of (name, colour, ratios, n_values)
        ``colour`` is a key of `COLOURS`. A ratio from n values has the relative error ``1 / sqrt(2 n)``.
    xlabel, ylabel : str

    Returns
    -------
    Drawing

    Examples
    --------
    >>> type(draw_inefficiency([0.1, 0.2], [("a", "model", [1.0, 2.0], 20)], xlabel="J", ylabel="ratio")).__name__
    'Drawing'
    """
    figure = Figure(figsize=(6.2, 3), layout="constrained")
    axes = figure.subplots()
    axes.axhline(1, color=COLOURS["data"], linestyle="--", linewidth=1, label="least possible")
    for (name, colour, ratios, n), marker in zip(curves, "osD^v", strict=False):
        error = np.asarray(ratios) / np.sqrt(2 * n)
        axes.errorbar(x, ratios, error, fmt=f"{marker}-", color=COLOURS[colour], label=name, ms=4, capsize=2)
    axes.set(xlabel=xlabel, ylabel=ylabel, yscale="log")
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return Drawing(figure)


@in_style
def draw_annealed(steps, off, effective, *, enough) -> Drawing:
    """Annealed estimates of log Z minus the exact one, and how many chains carry them, against the number of steps.

    Parameters
    ----------
    steps : sequence of int
    off : array, shape (n_steps, n_runs)
        Estimates minus the truth, in nats.
    effective : array, shape (n_steps, n_runs)
        Effective number of chains.
    enough : float
        How many make an error bar that can be trusted.

    Returns
    -------
    Drawing

    Examples
    --------
    >>> type(draw_annealed([1, 10], [[-1, 2], [0, 0.1]], [[3, 4], [300, 320]], enough=200)).__name__
    'Drawing'
    """
    figure = Figure(figsize=(7, 2.9), layout="constrained")
    left, right = figure.subplots(1, 2)
    steps = np.repeat(np.reshape(steps, (-1, 1)), np.shape(off)[1], axis=1)
    trusted = np.asarray(effective) >= enough
    for which, colour, name in ((~trusted, "quiet", "doubtful"), (trusted, "model", "trusted")):
        style = {"color": COLOURS[colour], "ms": 3.5, "alpha": 0.6, "markeredgewidth": 0}
        left.plot(steps[which], np.asarray(off)[which], "o", label=name, **style)
        right.plot(steps[which], np.asarray(effective)[which], "o", **style)
    left.axhline(0, color=COLOURS["exact"], linestyle="--", label="exact")
    right.axhline(enough, color=COLOURS["data"], linestyle="--", label="needed")
    left.set(xscale="log", xlabel="steps of the path", ylabel="log Z, estimate - exact (nats)")
    right.set(xscale="log", yscale="log", xlabel="steps of the path", ylabel="effective number of chains")
    left.legend()
    right.legend()
    return Drawing(figure)
