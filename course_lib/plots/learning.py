"""Learning on its way: a model beside the data it is to match, and curves of the negative log-likelihood."""

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from course_lib.plots.style import COLOURS, Drawing, in_style, show_spins

# A colour and a stroke for each reference line: what is true, and what was learned.
REFERENCES = (("exact", "--"), ("exact", ":"), ("model", "-."))


@in_style
def draw_learning(data, images, names, agree, data_agree) -> Drawing:
    """What a model draws while it learns, and how many of its neighbours agree, against the data.

    Parameters
    ----------
    data : array of +-1, shape (rows, cols)
        One picture of the data.
    images : array of +-1, shape (n_images, rows, cols)
        What the model draws after some of its steps.
    names : sequence of str
    agree : array, shape (n_steps,)
        Share of the model's neighbours that agree, before each step.
    data_agree : float

    Returns
    -------
    Drawing

    Examples
    --------
    >>> spins = np.ones((4, 4), dtype=int)
    >>> type(draw_learning(spins, [spins], ["step 0"], [0.5, 0.7], 0.7)).__name__
    'Drawing'
    """
    n = len(images) + 1
    figure = Figure(figsize=(7, 3.9), layout="constrained")
    grid = figure.add_gridspec(2, n, height_ratios=(1.25, 1))
    shown = [*zip(images, names, ["model"] * len(images), strict=True), (data, "the data", "data")]
    for k, (image, name, who) in enumerate(shown):
        axes = figure.add_subplot(grid[0, k], frame_on=True)
        show_spins(axes, image)
        axes.set_title(name, color=COLOURS[who])
        for spine in axes.spines.values():
            spine.set(color=COLOURS[who], linewidth=2)
    axes = figure.add_subplot(grid[1, :])
    axes.axhline(100 * data_agree, color=COLOURS["data"], linestyle="--", label="data")
    axes.plot(100 * np.asarray(agree), "o-", color=COLOURS["model"], ms=4, label="model")
    axes.set(xlabel="step", ylabel="neighbours\nthat agree (%)")
    axes.legend(loc="lower right")
    return Drawing(figure)


class MatchPicture(Drawing):
    """A picture of the data beside one of the model, and how many neighbours agree in either.

    Parameters
    ----------
    data, model : array of +-1, shape (rows, cols)
        One picture of each.
    data_agree, model_agree : float
        Shares of neighbours that agree.

    Examples
    --------
    >>> up = np.ones((4, 4), dtype=int)
    >>> picture = MatchPicture(up, -up, 0.7, 0.5)
    >>> picture.update(up, up, 0.7, 0.6)
    """

    @in_style
    def __init__(self, data, model, data_agree, model_agree):
        figure = Figure(figsize=(7, 2.9))
        self._images = []
        for left, name, who in ((0.01, "the data", "data"), (0.36, "your model", "model")):
            axes = figure.add_axes((left, 0.06, 0.33, 0.8))
            show_spins(axes, data)
            self._images.append(axes.images[0])
            axes.set_title(name, color=COLOURS[who])
        axes = figure.add_axes((0.8, 0.12, 0.18, 0.74))
        self._bars = axes.bar(["data", "model"], [0, 0], color=[COLOURS["data"], COLOURS["model"]], width=0.7)
        self._values = [axes.text(k, 0, "", ha="center", va="bottom") for k in range(2)]
        self._level = axes.axhline(0, color=COLOURS["data"], linestyle="--", linewidth=0.8)
        axes.set(ylim=(0, 100), title="neighbours\nthat agree (%)")
        axes.tick_params(axis="x", which="both", length=0)
        super().__init__(figure, [*self._images, *self._bars, *self._values, self._level])
        self.update(data, model, data_agree, model_agree)

    def update(self, data, model, data_agree, model_agree):
        """Show other pictures and other shares."""
        for image, spins in zip(self._images, (data, model), strict=True):
            image.set_data(spins)
        for bar, value, share in zip(self._bars, self._values, (data_agree, model_agree), strict=True):
            bar.set_height(100 * share)
            value.set(text=f"{100 * share:.1f}", y=100 * share + 1)
        self._level.set_ydata([100 * data_agree] * 2)


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
def draw_more_data(sizes, errors, bound, old, new, n_parameters) -> Drawing:
    """How far the fit is off, and how it scores beside the truth on the data it has seen and on new ones.

    Parameters
    ----------
    sizes : array, shape (n,)
        Numbers of samples M.
    errors, bound : array, shape (n,)
        Of a coupling: of the fits, and the least that is possible.
    old, new : array, shape (n,)
        NLL of the fit minus NLL of the truth, in nats per sample.
    n_parameters : int
        P: both tend to P / 2M, below and above.

    Returns
    -------
    Drawing

    Examples
    --------
    >>> M = np.array([100, 1000])
    >>> type(draw_more_data(M, M**-0.5, M**-0.5, -7 / M, 8 / M, 15)).__name__
    'Drawing'
    """
    figure = Figure(figsize=(7, 3), layout="constrained")
    off, score = figure.subplots(1, 2)
    off.loglog(sizes, bound, "--", color=COLOURS["exact"], label="bound")
    off.loglog(sizes, errors, "o", color=COLOURS["model"], ms=5, label="fits")
    off.set(xlabel="samples M", title="error of a coupling")
    off.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    off.yaxis.set_major_formatter("{x:g}")
    off.yaxis.set_minor_formatter(NullFormatter())
    off.legend(loc="upper right")
    price = n_parameters / (2 * np.geomspace(sizes[0], sizes[-1]))
    score.axhline(0, color=COLOURS["exact"], label="truth")
    score.plot(n_parameters / (2 * price), price, color=COLOURS["quiet"], linewidth=1, label="P/2M above, and below")
    score.plot(n_parameters / (2 * price), -price, color=COLOURS["quiet"], linewidth=1)
    score.plot(sizes, new, "s", color=COLOURS["other"], ms=5, label="fit, on new data")
    score.plot(sizes, old, "o", color=COLOURS["data"], ms=5, label="fit, on old data")
    score.set(xscale="log", xlabel="samples M", title="NLL minus that of the truth (nats)")
    score.legend(loc="lower right")
    return Drawing(figure)


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
