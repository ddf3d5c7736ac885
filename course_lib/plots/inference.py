"""What learning found: parameters beside their true values, correlations beside couplings."""

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure

from course_lib.plots.style import COLOURS, Drawing, in_style, show_spins

SIGNED = colormaps["PiYG"]


@in_style
def draw_inferred(truth, learned, errors) -> Drawing:
    """Couplings and fields as learned against their true values, with error bars and the diagonal where they agree.

    Parameters
    ----------
    truth, learned : Ising
    errors : array, shape (P,)
        Of the couplings, then of the fields.

    Returns
    -------
    Drawing

    Examples
    --------
    >>> from course_lib.ising import Ising
    >>> truth = Ising([[0, 0.5], [0.5, 0]], [0.1, -0.2])
    >>> type(draw_inferred(truth, truth, np.full(3, 0.02))).__name__
    'Drawing'
    """
    figure = Figure(figsize=(6.6, 3.2), layout="constrained")
    n_couplings = len(errors) - len(truth.h)
    parts = (("coupling J", slice(n_couplings)), ("field h", slice(n_couplings, None)))
    for axes, (name, part) in zip(figure.subplots(1, 2), parts, strict=True):
        x, y = truth.parameters[part], learned.parameters[part]
        reach = 1.2 * max(np.abs(x).max(), np.abs(y).max())
        axes.axline((0, 0), slope=1, color=COLOURS["exact"], linewidth=1, label="learned = true")
        axes.errorbar(x, y, errors[part], fmt="o", ms=3.5, capsize=2, color=COLOURS["model"], label="learned")
        axes.set(xlabel=f"true {name}", ylabel=f"learned {name}", aspect="equal")
        axes.set(xlim=(-reach, reach), ylim=(-reach, reach))
    figure.axes[0].legend(loc="upper left")
    return Drawing(figure)


@in_style
def draw_matrices(rows, columns) -> Drawing:
    """Matrices between spins in a grid, green above 0 and pink below, all on one scale.

    Parameters
    ----------
    rows : sequence of (name, matrices)
        Each matrix (N, N), one for each column; NaN stays white.
    columns : sequence of str

    Returns
    -------
    Drawing

    Examples
    --------
    >>> type(draw_matrices([("C", [np.eye(3), np.ones((3, 3))])], ["hot", "cold"])).__name__
    'Drawing'
    """
    figure = Figure(figsize=(7, 1.7 * len(rows) + 0.4), layout="constrained")
    grid = figure.subplots(len(rows), len(columns), squeeze=False)
    largest = max(np.nanmax(np.abs(matrices)) for _, matrices in rows)
    for panels, (name, matrices) in zip(grid, rows, strict=True):
        for axes, matrix in zip(panels, matrices, strict=True):
            image = _show_matrix(axes, matrix, largest)
            axes.set(xticks=range(len(matrix)), yticks=range(len(matrix)))
        panels[0].set_ylabel(f"{name}\nspin")
    for axes in grid[-1]:
        axes.set_xlabel("spin")
    figure.colorbar(image, ax=grid, fraction=0.05, pad=0.02)
    for axes, name in zip(grid[0], columns, strict=True):
        axes.set_title(name)
    return Drawing(figure)


@in_style
def draw_correlation_and_coupling(correlation, coupling, errors, names) -> Drawing:
    """The correlation matrix of named spins beside their couplings, with the numbers in the fields.

    Parameters
    ----------
    correlation, coupling, errors : array, shape (N, N)
        Couplings of less than three errors are written in grey.
    names : sequence of str

    Returns
    -------
    Drawing

    Examples
    --------
    >>> C = np.array([[1, 0.5], [0.5, 1]])
    >>> type(draw_correlation_and_coupling(C, C, 0.1 * C, ["a", "b"])).__name__
    'Drawing'
    """
    figure = Figure(figsize=(7, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    blank = np.where(np.eye(len(names)), np.nan, 1)
    sure = np.abs(coupling) >= 3 * np.where(errors > 0, errors, 1)
    for axes, title, matrix, black in (
        (left, "correlation C", correlation, np.ones_like(sure)),
        (right, "coupling J (grey: below 3 errors)", coupling, sure),
    ):
        _show_matrix(axes, matrix * blank, largest=0.8)
        axes.set(xticks=range(len(names)), yticks=range(len(names)), yticklabels=names, title=title)
        axes.set_xticklabels(names, rotation=45, ha="right", rotation_mode="anchor")
        for i, j in np.argwhere(~np.eye(len(names), dtype=bool)):
            dark = "white" if abs(matrix[i, j]) > 0.6 else "black"
            colour = dark if black[i, j] else "dimgrey"
            axes.text(j, i, f"{matrix[i, j]:.2f}", ha="center", va="center", fontsize=6.5, color=colour)
    return Drawing(figure)


@in_style
def draw_unmixing(spins, correlation, coupling) -> Drawing:
    """Samples of a few spins, what correlates in them, and what is coupled.

    Parameters
    ----------
    spins : array of +-1, shape (M, N)
    correlation, coupling : array, shape (N, N)

    Returns
    -------
    Drawing

    Examples
    --------
    >>> type(draw_unmixing(np.ones((20, 3)), np.eye(3), np.zeros((3, 3)))).__name__
    'Drawing'
    """
    figure = Figure(figsize=(7, 2.6), layout="constrained")
    figure.get_layout_engine().set(h_pad=0.1)
    seen, mixed, unmixed = figure.subplots(1, 3, width_ratios=(1.15, 1, 1))
    show_spins(seen, spins.T)
    seen.set(aspect="auto", title="what you see: samples", ylabel="spin", xlabel="sample", yticks=range(spins.shape[1]))
    blank = np.where(np.eye(len(coupling)), np.nan, 1)
    for axes, matrix, title in (
        (mixed, correlation, "what you count: correlations"),
        (unmixed, coupling, "what you learn: couplings"),
    ):
        _show_matrix(axes, matrix * blank, np.abs(matrix * (1 - np.eye(len(matrix)))).max(initial=1e-9))
        axes.set(xticks=range(len(matrix)), yticks=range(len(matrix)), xlabel="spin", title=title)
    return Drawing(figure)


def _show_matrix(axes, matrix, largest):
    axes.tick_params(which="both", length=0)
    return axes.imshow(matrix, cmap=SIGNED, vmin=-largest, vmax=largest)
