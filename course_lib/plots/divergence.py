"""Landscapes over the parameters: the negative log-likelihood, posteriors, and the KL pitchfork."""

import numpy as np
from matplotlib.figure import Figure

from course_lib.plots.style import COLOURS, Drawing, in_style

LEVELS = (0.95, 0.5)  # of the posterior's mass, outer first
# A cross, which hides nothing that lies near the truth.
TRUTH = {"marker": "+", "color": COLOURS["exact"], "ms": 10, "mew": 1.8, "linestyle": "none", "zorder": 5}


@in_style
def draw_valley(J, h, nll, paths, best, covariance, truth) -> Drawing:
    """Contours of the NLL of a two-parameter model, and the ways down from several starts.

    Parameters
    ----------
    J, h : array, shapes (n_J,), (n_h,)
    nll : array, shape (n_h, n_J)
    paths : sequence of arrays (steps, 2)
        J and h, step after step.
    best, truth : (J, h)
        The lowest point, and where the data came from.
    covariance : array, shape (2, 2)
        Of the lowest point, for its error ellipse.

    Returns
    -------
    Drawing

    Examples
    --------
    >>> J, h = np.linspace(-1, 1, 9), np.linspace(-1, 1, 7)
    >>> drawing = draw_valley(J, h, J**2 + h[:, None] ** 2, [[[1, 1], [0, 0]]], (0, 0), np.eye(2) / 9, (0.1, 0))
    >>> type(drawing).__name__
    'Drawing'
    """
    figure = Figure(figsize=(6.4, 3.4), layout="constrained")
    axes = figure.subplots()
    # Levels as squares: the bowl of a square is then drawn with rings at equal distances.
    levels = nll.min() + np.linspace(0.1, 1, 12) ** 2 * (nll.max() - nll.min())
    axes.contourf(J, h, nll, [nll.min() - 1, *levels], cmap="Greys", alpha=0.5)
    axes.contour(J, h, nll, levels, colors=COLOURS["quiet"], linewidths=0.6)
    for k, path in enumerate(np.asarray(path) for path in paths):
        axes.plot(*path.T, ".-", color=COLOURS["model"], ms=3, linewidth=1, label="learning" if k == 0 else None)
        axes.plot(*path[0], "o", color=COLOURS["model"], ms=7, markerfacecolor="white")
        axes.annotate("start", path[0], (0, -15), textcoords="offset points", ha="center", color=COLOURS["model"])
    axes.plot(*best, "o", color=COLOURS["model"], ms=9, markeredgecolor="white", label="lowest point")
    axes.plot(*_ellipse(best, covariance), color=COLOURS["model"], linestyle="--", label="its error (95 %)")
    axes.plot(*truth, **TRUTH, label="truth")
    axes.set(xlabel="coupling J", ylabel="field h", xlim=(J[0], J[-1]), ylim=(h[0], h[-1]))
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return Drawing(figure)


@in_style
def draw_posteriors(J, h, panels, truth) -> Drawing:
    """Posteriors of a coupling and a field on a grid: the regions that hold half and 95 % of the mass.

    Parameters
    ----------
    J, h : array, shapes (n_J,), (n_h,)
    panels : sequence of (title, log_posterior, (name, best), covariance)
        ``log_posterior`` has shape (n_h, n_J), up to a constant; ``best`` is its highest point, (J, h); ``covariance``,
        shape (2, 2), is that of the normal law to compare with.
    truth : (J, h)

    Returns
    -------
    Drawing

    Examples
    --------
    >>> J, h = np.linspace(-1, 1, 9), np.linspace(-1, 1, 7)
    >>> panel = ("ten images", -(J**2) - h[:, None] ** 2, ("best", (0, 0)), np.eye(2) / 2)
    >>> type(draw_posteriors(J, h, [panel], (0.1, 0))).__name__
    'Drawing'
    """
    figure = Figure(figsize=(7, 3.3), layout="constrained")
    handles = {}
    for axes, (title, log_posterior, (name, best), covariance) in zip(
        figure.subplots(1, len(panels), sharey=True, squeeze=False)[0], panels, strict=True
    ):
        weights = np.exp(log_posterior - log_posterior.max())
        axes.contourf(J, h, weights, [*_heights(weights), 2], colors=["#cccccc", "#999999"])
        (line,) = axes.plot(*_ellipse(best, covariance), color=COLOURS["model"], linestyle="--")
        handles["95 % by Fisher information"] = line
        (handles[name],) = axes.plot(*best, "o", color=COLOURS["model"], ms=4, linestyle="none", zorder=6)
        (handles["truth"],) = axes.plot(*truth, **TRUTH)
        axes.set(title=title, xlabel="coupling J", xlim=(J[0], J[-1]), ylim=(h[0], h[-1]))
    figure.axes[0].set_ylabel("field h")
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=len(handles))
    return Drawing(figure)


def _ellipse(centre, covariance):
    """The ellipse that holds 95 % of a normal law of two variables: at -2 log 0.05 = 5.99 of its squared radius."""
    angle = np.linspace(0, 2 * np.pi, 100)
    circle = np.sqrt(-2 * np.log(0.05)) * np.array([np.cos(angle), np.sin(angle)])
    return np.reshape(centre, (2, 1)) + np.linalg.cholesky(covariance) @ circle


def _heights(weights):
    """Above which heights the shares `LEVELS` of the mass lie."""
    falling = np.sort(weights.ravel())[::-1]
    return falling[np.searchsorted(np.cumsum(falling), np.multiply(LEVELS, falling.sum()))]


class PitchforkPicture(Drawing):
    """A law of two spins and the two product laws nearest to it: their probabilities, both divergences, the pitchfork.

    Parameters
    ----------
    m : array, shape (n_m,)
        Means for which the divergences are given.
    largest_J : float
        Where the scale ends.

    Examples
    --------
    >>> picture = PitchforkPicture(np.linspace(-1, 1, 5), largest_J=2)
    >>> laws, curves, lowest = np.full((3, 4), 0.25), np.ones((2, 5)), [(0.0, 1.0)]
    >>> branches = [[0, 2], [0, 0]], [[0, 1], [0, 0]], [[1, 2], [0, 0]], [[1, 2], [0, 0]]
    >>> picture.update(laws, curves, lowest, lowest, branches, J=1.0)
    """

    STATES = ("both\nup", "up\ndown", "down\nup", "both\ndown")
    LAWS = (("truth p", "exact"), ("forward: lowest D(p || q)", "model"), ("reverse: lowest D(q || p)", "other"))
    HIGHEST = 2.0  # nats

    @in_style
    def __init__(self, m, largest_J):
        figure = Figure(figsize=(7, 3.1))
        laws, curves, fork = (figure.add_axes((left, 0.17, 0.24, 0.62)) for left in (0.07, 0.4, 0.745))
        self._bars = [
            laws.bar(np.arange(4) + 0.27 * (k - 1), np.zeros(4), 0.25, color=COLOURS[colour], label=name)
            for k, (name, colour) in enumerate(self.LAWS)
        ]
        laws.set(ylim=(0, 1), ylabel="probability", title="the three laws")
        laws.set_xticks(range(4), self.STATES, fontsize=7)
        laws.tick_params(axis="x", which="both", length=0)
        colours = [COLOURS[colour] for _, colour in self.LAWS[1:]]
        self._curves = [curves.plot(m, np.zeros_like(m), color=colour)[0] for colour in colours]
        self._lowest = [curves.plot([], [], "o", color=colour, ms=6, clip_on=False, zorder=4)[0] for colour in colours]
        curves.set(xlim=(-1, 1), ylim=(0, self.HIGHEST), xlabel="mean m of both spins of q", ylabel="nats")
        curves.set_title("how far q is from p")
        # The forward fit on top and dashed: where both fits are 0, both are seen.
        styles = [(colours[0], "--", 4), (colours[1], "-", 3), (colours[1], "-", 3), (colours[1], ":", 3)]
        self._branches = [fork.plot([], [], style, color=colour, zorder=z)[0] for colour, style, z in styles]
        self._here = fork.axvline(0, color=COLOURS["quiet"], linewidth=0.8)
        fork.set(
            xlim=(-0.08, largest_J + 0.08),
            ylim=(-1.05, 1.05),
            xlabel="coupling J",
            ylabel="best m",
            title="the pitchfork",
        )
        figure.legend(handles=[bars for bars in self._bars], loc="upper center", ncols=3)
        bars = [bar for group in self._bars for bar in group]
        super().__init__(figure, [*bars, *self._curves, *self._lowest, self._here, *self._branches])

    def update(self, laws, curves, forward, reverse, branches, J):
        """Show other laws, shape (3, 4), divergences, shape (2, n_m), and their lowest points, sequences of (m, nats).

        The branches are (J, m) of the forward fit, of the two reverse ones, and of the hill between these.
        """
        for bars, law in zip(self._bars, laws, strict=True):
            for bar, probability in zip(bars, law, strict=True):
                bar.set_height(probability)
        for line, values in zip(self._curves, curves, strict=True):
            line.set_ydata(values)
        for line, points in zip(self._lowest, (forward, reverse), strict=True):
            line.set_data(*np.transpose(points))
        for line, branch in zip(self._branches, branches, strict=True):
            line.set_data(*branch)
        self._here.set_xdata([J, J])
