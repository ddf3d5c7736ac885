"""Fast and slow chains: single spins against clusters, and what each way to move costs."""

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from course_lib.plots.style import COLOURS, Drawing, in_style, show_spins


@in_style
def draw_two_moves(images, traces, names, times) -> Drawing:
    """For each way to move: pictures of one lattice at some times, and its mean spin squared against time.

    Parameters
    ----------
    images : array of +-1, shape (n_ways, n_times, rows, cols)
    traces : sequence of (times (n,), mean spins squared (n,))
    names : sequence of str
    times : sequence of float
        Of the pictures, in sweeps of work.

    Returns
    -------
    Drawing

    Examples
    --------
    >>> type(draw_two_moves(np.ones((1, 2, 4, 4)), [([0, 1], [0.5, 0.6])], ["local"], [0, 1])).__name__
    'Drawing'
    """
    n_ways, n_times = len(images), len(times)
    figure = Figure(figsize=(7, 1.55 * n_ways + 0.25), layout="constrained")
    panels = figure.subplots(n_ways, n_times + 1, squeeze=False, width_ratios=[1] * n_times + [1.9])
    for row, pictures, (when, m_squared), name, colour in zip(
        panels, images, traces, names, ("model", "other") * n_ways, strict=False
    ):
        for axes, picture, time in zip(row, pictures, times, strict=False):
            show_spins(axes, picture)
            axes.set_xlabel(f"sweep {time:g}", fontsize=8)
        row[0].set_ylabel(name, color=COLOURS[colour], fontsize=9)
        row[-1].plot(when, m_squared, ".-", color=COLOURS[colour], linewidth=0.8, ms=3)
        row[-1].set(
            ylim=(0, 1),
            xlim=(0, min(trace[0][-1] for trace in traces)),
            ylabel="m\N{SUPERSCRIPT TWO}",
            yticks=(0, 0.5, 1),
        )
    panels[-1, -1].set_xlabel("sweeps of work", fontsize=8)
    return Drawing(figure)


class ClusterPicture(Drawing):
    """A lattice with one cluster marked, and how often clusters of each size occur.

    Parameters
    ----------
    bins : array, shape (n + 1,)
        Of the share of the lattice that a cluster takes.

    Examples
    --------
    >>> picture = ClusterPicture(np.linspace(0, 1, 21))
    >>> up = np.ones((4, 4), dtype=int)
    >>> picture.update(up, up > 0, np.array([1.0, 0.5]))
    """

    COLOURS_OF_SITES = ListedColormap([COLOURS["down"], COLOURS["up"], COLOURS["other"]])

    @in_style
    def __init__(self, bins):
        figure = Figure(figsize=(7, 3.4))
        axes = figure.add_axes((0.01, 0.12, 0.4, 0.82))
        self._image = axes.imshow([[0]], cmap=self.COLOURS_OF_SITES, vmin=-0.5, vmax=2.5, extent=(0, 1, 0, 1))
        axes.set(xticks=[], yticks=[])
        axes.tick_params(which="both", length=0)
        looks = [("up", "up"), ("down", "down"), ("cluster", "other")]
        patches = [Patch(facecolor=COLOURS[colour], edgecolor="black", label=name) for name, colour in looks]
        axes.legend(handles=patches, loc="upper center", bbox_to_anchor=(0.5, 0), ncols=3)
        axes = figure.add_axes((0.54, 0.15, 0.44, 0.68))
        self._bins = bins
        centres, width = (bins[:-1] + bins[1:]) / 2, bins[1] - bins[0]
        self._bars = axes.bar(100 * centres, 0, width=90 * width, color=COLOURS["model"])
        self._this = axes.axvline(0, color=COLOURS["other"], linewidth=2.5, label="this cluster")
        self._mean = axes.axvline(0, color=COLOURS["data"], linestyle="--", label="mean share")
        axes.set(xlim=(-2, 102), ylim=(0, 105), xlabel="share of the lattice (%)", ylabel="how many clusters (%)")
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)
        super().__init__(figure, [self._image, *self._bars, self._this, self._mean])

    def update(self, spins, cluster, shares):
        """Show other spins and another cluster, arrays (rows, cols), and the shares of many clusters."""
        self._image.set_data(np.where(cluster, 2, spins > 0))
        counts, _ = np.histogram(shares, self._bins)
        for bar, count in zip(self._bars, counts, strict=True):
            bar.set_height(100 * count / len(shares))
        self._mean.set_xdata([100 * np.mean(shares)] * 2)
        self._this.set_xdata([100 * np.mean(cluster)] * 2)


@in_style
def draw_slowness(sides, times, speeds, *, exponent) -> Drawing:
    """Autocorrelation times against the side of a lattice with a power as a guide, and independent samples a second.

    Parameters
    ----------
    sides : sequence of int
    times : sequence of (name, colour, tau, error)
        ``colour`` is a key of `COLOURS`. The guide runs through the last point of the first of them.
    speeds : sequence of (name, colour, samples a second)
    exponent : float

    Returns
    -------
    Drawing

    Examples
    --------
    >>> type(draw_slowness([8, 16], [("a", "model", [1, 4], [0.1, 0.1])], [], exponent=2.0)).__name__
    'Drawing'
    """
    figure = Figure(figsize=(7, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    for (name, colour, tau, error), marker in zip(times, "os", strict=False):
        left.errorbar(sides, tau, error, fmt=f"{marker}-", color=COLOURS[colour], label=name, ms=4, capsize=2)
    ends = np.array([sides[0], sides[-1]])
    guide = times[0][2][-1] * (ends / sides[-1]) ** exponent
    left.plot(ends, guide, "--", color=COLOURS["data"], label=f"$L^{{{exponent:g}}}$", zorder=0)
    for (name, colour, speed), marker in zip(speeds, "oDs", strict=False):
        right.plot(sides, speed, f"{marker}-", color=COLOURS[colour], label=name, ms=4)
    left.set(ylabel="autocorrelation time (sweeps)")
    right.set(ylabel="independent samples a second")
    for axes in (left, right):
        axes.set(xscale="log", yscale="log", xlabel="side L", xticks=sides, xticklabels=[f"{L}" for L in sides])
        axes.set_xticks([], minor=True)
        if axes.lines:
            axes.legend()
    return Drawing(figure)


@in_style
def draw_speeds(groups) -> Drawing:
    """Bars on a logarithmic scale: spin updates in a microsecond.

    Parameters
    ----------
    groups : sequence of (name, colour, rates)
        ``colour`` is a key of `COLOURS`, ``rates`` a dict from the name of a bar to its length.

    Returns
    -------
    Drawing

    Examples
    --------
    >>> type(draw_speeds([("loops", "quiet", {"slow": 2.0}), ("bits", "model", {"fast": 3000.0})])).__name__
    'Drawing'
    """
    bars = [(name, rate) for _, _, rates in groups for name, rate in rates.items()]
    figure = Figure(figsize=(6.2, 0.9 + 0.3 * len(bars)), layout="constrained")
    axes = figure.subplots()
    for group, colour, rates in groups:
        axes.barh(list(rates), list(rates.values()), color=COLOURS[colour], height=0.7, label=group)
    for k, (_, rate) in enumerate(bars):
        axes.text(1.1 * rate, k, f"{rate:.3g}" if rate < 100 else f"{rate:.0f}", va="center")
    # A bar begins at the left end of the axis: the shortest is to be seen, too.
    ends = min(0.5, *(rate / 2 for _, rate in bars)), 8 * max(rate for _, rate in bars)
    axes.set(xscale="log", xlim=ends, xlabel="spin updates in a microsecond")
    axes.invert_yaxis()
    axes.legend(loc="upper right", frameon=True, framealpha=1, edgecolor="none")
    axes.tick_params(axis="y", which="both", length=0)
    axes.grid(axis="x", alpha=0.4)
    axes.set_axisbelow(True)
    return Drawing(figure)


@in_style
def draw_success(lengths, curves, n_runs) -> Drawing:
    """Share of runs that succeeded, with its standard error, against the length of a run.

    Parameters
    ----------
    lengths : sequence of int
        In sweeps.
    curves : sequence of (name, colour, shares)
    n_runs : int

    Returns
    -------
    Drawing

    Examples
    --------
    >>> type(draw_success([10, 100], [("a", "model", [0.1, 0.5])], 256)).__name__
    'Drawing'
    """
    figure = Figure(figsize=(5.2, 2.8), layout="constrained")
    axes = figure.subplots()
    for (name, colour, shares), marker in zip(curves, "os", strict=False):
        p = np.asarray(shares)
        error = 100 * np.sqrt(p * (1 - p) / n_runs)
        axes.errorbar(lengths, 100 * p, error, fmt=f"{marker}-", color=COLOURS[colour], label=name, ms=4, capsize=2)
    axes.set(xscale="log", ylim=(-4, 104), xlabel="sweeps of a run", ylabel="runs that find\nthe ground state (%)")
    axes.legend(loc="upper left")
    return Drawing(figure)
