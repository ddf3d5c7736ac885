"""What learning found: curves of the negative log-likelihood, parameters beside their true values, C beside J."""

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure

from course_lib.plots.style import COLOURS, Drawing, in_style, show_spins

REFERENCES = (("exact", "--"), ("exact", ":"), ("data", "-."))  # a colour and a stroke for each reference line
SIGNED = colormaps["PiYG"]


@in_style
def draw_learning_curves(curves, lines) -> Drawing:
    """Learning curves from pale to dark, whole and near their end, with the lines to compare them with.

    Parameters
    ----------
    curves : sequence of (name, array)
        The negative log-likelihood before each step, in nats per sample.
    lines : dict of str to float
        At most three, as from `course_lib.learning.reference_lines`.

    Returns
    -------
    Drawing

    Examples
    --------
    >>> type(draw_learning_curves([("step 0.1", [3.5, 3.0, 2.9])], {"truth": 2.9, "best fit": 2.89})).__name__
    'Drawing'
    """
    figure = Figure(figsize=(7, 3.5), layout="constrained")
    whole, near = figure.subplots(1, 2)
    shades = colormaps["Oranges"](np.linspace(0.45, 1, len(curves)))
    for axes in (whole, near):
        for (name, nll), shade in zip(curves, shades, strict=True):
            axes.plot(nll, color=shade, label=name, linewidth=1.6)
        for (name, level), (colour, stroke) in zip(lines.items(), REFERENCES, strict=False):
            axes.axhline(level, color=COLOURS[colour], linestyle=stroke, label=name, linewidth=1.2)
        axes.set(xlabel="step", xlim=(0, max(len(nll) for _, nll in curves) - 1))
    lowest, highest = min(lines.values()), max(lines.values())
    near.set(ylim=(lowest - 0.4 * (highest - lowest), highest + 1.5 * (highest - lowest)), title="near the end")
    whole.set(ylabel="NLL of the data (nats per sample)", title="all of it")
    figure.legend(*whole.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return Drawing(figure)


@in_style
def draw_inferred(panels) -> Drawing:
    """Parameters as learned against their true values, with error bars and the diagonal where they agree.

    Parameters
    ----------
    panels : sequence of (name, true values, learned values, errors)

    Returns
    -------
    Drawing

    Examples
    --------
    >>> type(draw_inferred([("field h", [0.1, -0.2], [0.12, -0.2], [0.02, 0.02])])).__name__
    'Drawing'
    """
    figure = Figure(figsize=(3.3 * len(panels), 3.2), layout="constrained")
    all_axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for axes, (name, true, learned, errors) in zip(all_axes, panels, strict=True):
        reach = 1.2 * max(np.abs(true).max(), np.abs(learned).max())
        axes.axline((0, 0), slope=1, color=COLOURS["exact"], linewidth=1, label="learned = true")
        axes.errorbar(true, learned, errors, fmt="o", ms=3.5, capsize=2, color=COLOURS["model"], label="learned")
        axes.set(xlabel=f"true {name}", ylabel=f"learned {name}", aspect="equal")
        axes.set(xlim=(-reach, reach), ylim=(-reach, reach))
        axes.legend(loc="upper left")
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
            colour = "black" if black[i, j] else COLOURS["quiet"]
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
        (mixed, correlation, "what you count:\nall correlate"),
        (unmixed, coupling, "what you learn:\nonly neighbours couple"),
    ):
        _show_matrix(axes, matrix * blank, np.abs(matrix * (1 - np.eye(len(matrix)))).max(initial=1e-9))
        axes.set(xticks=range(len(matrix)), yticks=range(len(matrix)), xlabel="spin", title=title)
    return Drawing(figure)


def _show_matrix(axes, matrix, largest):
    axes.tick_params(which="both", length=0)
    return axes.imshow(matrix, cmap=SIGNED, vmin=-largest, vmax=largest)


class LearningPicture(Drawing):
    """A learning curve with its reference lines, and the parameters beside their true values.

    Parameters
    ----------
    truth : array, shape (P,)
        Couplings first.
    n_couplings : int
    n_steps : int
        The longest curve that is shown.
    lowest, highest : float
        Of the negative log-likelihood.

    Examples
    --------
    >>> picture = LearningPicture(np.array([0.5, 0.1, -0.1]), 1, n_steps=100, lowest=1.0, highest=1.6)
    >>> picture.update([1.4, 1.3], [], {"truth": 1.2}, np.zeros(3), np.full(3, 0.1))
    """

    @in_style
    def __init__(self, truth, n_couplings, *, n_steps, lowest, highest):
        figure = Figure(figsize=(7, 3.5))
        curve, scatter = figure.add_axes((0.085, 0.3, 0.45, 0.67)), figure.add_axes((0.64, 0.3, 0.345, 0.67))
        (self._before,) = curve.plot([], [], color=COLOURS["quiet"], linewidth=1, label="the run before")
        (self._now,) = curve.plot([], [], color=COLOURS["model"], linewidth=1.6, label="this run")
        self._lines = [
            curve.axhline(0, color=COLOURS[colour], linestyle=stroke, label=name, linewidth=1.2)
            for (colour, stroke), name in zip(
                REFERENCES, ("entropy of the truth", "truth on these data", "best fit to these data"), strict=True
            )
        ]
        curve.set(xlabel="step", ylabel="NLL (nats per sample)", xlim=(0, n_steps), ylim=(lowest, highest))
        reach = 1.5 * np.abs(truth).max()
        scatter.axline((0, 0), slope=1, color=COLOURS["exact"], linewidth=1)
        scatter.set(xlabel="true", ylabel="learned", xlim=(-reach, reach), ylim=(-reach, reach))
        self._truth, self._groups = truth, []
        for name, which, marker, filling in (
            ("couplings J", slice(None, n_couplings), "o", COLOURS["model"]),
            ("fields h", slice(n_couplings, None), "s", "white"),
        ):
            look = {"color": COLOURS["model"], "markerfacecolor": filling}
            (points,) = scatter.plot([], [], marker, ms=4, label=name, **look)
            bars = scatter.vlines([], [], [], color=COLOURS["model"], linewidth=1)
            self._groups.append((which, points, bars))
        # It moves: it says so where a line is missing.
        self._legend = figure.legend(
            *curve.get_legend_handles_labels(), loc="lower left", ncols=2, bbox_to_anchor=(0.05, -0.02)
        )
        figure.legend(*scatter.get_legend_handles_labels(), loc="lower right", bbox_to_anchor=(0.97, -0.02))
        marks = [artist for _, points, bars in self._groups for artist in (bars, points)]
        super().__init__(figure, [*self._lines, self._before, self._now, *marks, self._legend])

    def update(self, nll, before, lines, learned, errors):
        """Show another curve, the one before it, the levels of the lines, other parameters and errors, both (P,).

        A level of NaN is none.
        """
        self._now.set_data(range(len(nll)), nll)
        self._before.set_data(range(len(before)), before)
        n_curves = len(self._legend.get_texts()) - len(self._lines)
        entries = zip(self._legend.legend_handles[n_curves:], self._legend.get_texts()[n_curves:], strict=True)
        for line, (handle, text), level in zip(self._lines, entries, lines.values(), strict=False):
            line.set_ydata([level, level])
            handle.set_visible(np.isfinite(level))
            text.set_text(line.get_label() if np.isfinite(level) else f"{line.get_label()}: none")
        for which, points, bars in self._groups:
            x, y, error = self._truth[which], learned[which], errors[which]
            points.set_data(x, y)
            bars.set_segments(np.stack([np.stack([x, y - error], axis=1), np.stack([x, y + error], axis=1)], axis=1))
