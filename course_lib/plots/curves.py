"""Curves of one quantity against another, and records of chains, sweep after sweep."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.patheffects import Normal, Stroke

from course_lib.plots.style import COLOURS, SIGNS, Drawing, in_style, show_spins


@in_style
def draw_curves(curves, *, xlabel, ylabel, lines=()) -> Drawing:
    """Curves, with markers and error bars where errors are given, and reference lines across.

    Parameters
    ----------
    curves : sequence of (name, colour, x, y, error)
        ``colour`` is a key of `COLOURS`; an ``error`` of None draws the line alone.
    xlabel, ylabel : str
    lines : sequence of (name, colour, y)
        Drawn dashed across the figure.

    Returns
    -------
    Drawing

    Examples
    --------
    >>> type(draw_curves([("a", "data", [1, 2], [3, 4], [0.1, 0.1])], xlabel="x", ylabel="y")).__name__
    'Drawing'
    """
    figure = Figure(figsize=(5.2, 3), layout="constrained")
    axes = figure.subplots()
    for (name, colour, x, y, error), marker in zip(curves, "osD^v", strict=False):
        style = "-" if error is None else f"{marker}-"
        axes.errorbar(x, y, error, fmt=style, color=COLOURS[colour], label=name, ms=4, capsize=2)
    for name, colour, y in lines:
        axes.axhline(y, color=COLOURS[colour], linestyle="--", label=name)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return Drawing(figure)


@in_style
def draw_decays(curves, *, xlabel, ylabel, bottom=None) -> Drawing:
    """Curves on logarithmic scales, with markers: a power is a straight line, an exponential falls off a cliff.

    Parameters
    ----------
    curves : sequence of (name, colour, x, y)
        ``colour`` is a key of `COLOURS`.
    xlabel, ylabel : str
    bottom : float, optional
        Where the vertical scale ends.

    Returns
    -------
    Drawing

    Examples
    --------
    >>> type(draw_decays([("a", "data", [1, 2], [1, 0.5])], xlabel="x", ylabel="y")).__name__
    'Drawing'
    """
    figure = Figure(figsize=(6.2, 3), layout="constrained")
    axes = figure.subplots()
    for (name, colour, x, y), marker in zip(curves, "osD^v", strict=False):
        axes.loglog(x, y, f"{marker}-", color=COLOURS[colour], label=name, ms=4)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.set_ylim(bottom=bottom)
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return Drawing(figure)


@in_style
def draw_traces(panels, *, ylabel, ylim, lines=()) -> Drawing:
    """A quantity against sweeps, one panel a temperature, several chains in each.

    Parameters
    ----------
    panels : sequence of (title, chains)
        ``chains`` is a sequence of (name, colour, record), ``colour`` a key of `COLOURS`; chains may share a name.
    ylabel : str
    ylim : (float, float)
    lines : sequence of (name, colour, y)
        Drawn dashed across every panel.

    Returns
    -------
    Drawing

    Examples
    --------
    >>> type(draw_traces([("T = 2", [("a", "model", [1, 2, 3])])], ylabel="m", ylim=(0, 4))).__name__
    'Drawing'
    """
    figure = Figure(figsize=(7, 3), layout="constrained")
    handles = {}
    for axes, (title, chains) in zip(
        figure.subplots(1, len(panels), sharey=True, squeeze=False)[0], panels, strict=True
    ):
        for name, colour, record in chains:
            sweeps = np.arange(1, len(record) + 1)
            (handles[name],) = axes.plot(sweeps, record, color=COLOURS[colour], linewidth=0.5)
        for name, colour, y in lines:
            on_white = [Stroke(linewidth=3.5, foreground="white"), Normal()]  # else the chains bury it
            handles[name] = axes.axhline(
                y, color=COLOURS[colour], linestyle="--", linewidth=1.6, zorder=3, path_effects=on_white
            )
        axes.set(title=title, xlabel="sweeps", ylim=ylim, xlim=(0, len(record)))
    figure.axes[0].set_ylabel(ylabel)
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=len(handles))
    return Drawing(figure)


@in_style
def draw_stripes(records, names, *, label, top) -> Drawing:
    """Chains as rows and sweeps as columns, the colour a quantity: a chain that is stuck is a stripe.

    Parameters
    ----------
    records : sequence of arrays (n_chains, n_draws)
    names : sequence of str
    label : str
        Of the quantity.
    top : float
        Where the colours end: rare high values would take them from the rest.

    Returns
    -------
    Drawing

    Examples
    --------
    >>> type(draw_stripes([np.zeros((2, 9)), np.ones((2, 9))], ["a", "b"], label="energy", top=0.5)).__name__
    'Drawing'
    """
    figure = Figure(figsize=(7, 2.6), layout="constrained")
    panels = figure.subplots(1, len(records), sharey=True, squeeze=False)[0]
    limits = {"vmin": np.min(records), "vmax": top}
    for axes, record, name in zip(panels, records, names, strict=True):
        n_chains, n_draws = np.shape(record)
        image = axes.imshow(
            record, extent=(0, n_draws, n_chains, 0), aspect="auto", interpolation="nearest", cmap="viridis", **limits
        )
        axes.set(title=name, xlabel="sweeps", yticks=[])
        axes.tick_params(which="both", length=0)
    panels[0].set_ylabel("one row a chain")
    figure.colorbar(image, ax=panels, label=label, fraction=0.05, pad=0.02, extend="max")
    return Drawing(figure)


@in_style
def draw_hot_and_cold(images, hot, cold, exact, burn_in) -> Drawing:
    """Averages over chains from two starts, and what one of each looks like at the start and at the end.

    Parameters
    ----------
    images : array of +-1, shape (4, rows, cols)
        Hot start, cold start, hot at the end, cold at the end.
    hot, cold : array, shape (sweeps, 2)
        Mean energy per spin, and mean spin, after 0, 1, 2... sweeps.
    exact : (float, float)
        The same of the law.
    burn_in : int
        How many sweeps to shade.

    Returns
    -------
    Drawing

    Examples
    --------
    >>> type(draw_hot_and_cold(np.ones((4, 2, 2)), [[0, 0], [-1, 0]], [[-2, 1], [-1, 0]], (-1.1, 0), 1)).__name__
    'Drawing'
    """
    figure = Figure(figsize=(7, 2.9))
    for image, name, (left, bottom) in zip(
        images,
        ("hot: random", "cold: all up", "hot, at the end", "cold, at the end"),
        ((0.01, 0.53), (0.01, 0.04), (0.84, 0.53), (0.84, 0.04)),
        strict=True,
    ):
        axes = figure.add_axes((left, bottom, 0.15, 0.37))
        show_spins(axes, image)
        axes.set_title(name, fontsize=8, pad=3)
    panels = figure.add_axes((0.25, 0.56, 0.56, 0.38)), figure.add_axes((0.25, 0.15, 0.56, 0.38))
    for axes, one, other, value in zip(panels, np.transpose(hot), np.transpose(cold), exact, strict=True):
        axes.axvspan(0, burn_in, color=COLOURS["quiet"], alpha=0.25, linewidth=0)
        axes.plot(one, color=COLOURS["model"], label="hot start")
        axes.plot(other, color=COLOURS["other"], label="cold start")
        axes.axhline(value, color=COLOURS["exact"], linestyle="--", label="exact")
        axes.set_xlim(0, len(hot) - 1)
    energy, spin = panels
    energy.set(ylabel="energy per spin", ylim=(-2.1, 0.1), xticklabels=[])
    spin.set(ylabel="mean spin", ylim=(-0.2, 1.1), xlabel="sweeps")
    spin.text(burn_in / 2, 0.6, "burn-in:\ndiscard", ha="center", color="#444444")
    spin.legend(loc="upper right")
    figure.align_ylabels(panels)
    return Drawing(figure)


class TracePicture(Drawing):
    """Mean spin and energy per spin of a lattice, frame after frame, among their exact values.

    Parameters
    ----------
    n_frames : int
        The longest record that is shown.
    largest_h : float
        What the scales must hold.

    Examples
    --------
    >>> picture = TracePicture(100, largest_h=0.5)
    >>> picture.update([(0.1, -1.2), (0.0, -1.3)], exact=(0.0, -1.41, -1.42))
    """

    @in_style
    def __init__(self, n_frames, *, largest_h):
        figure = Figure(figsize=(3, 3.84))
        self._axes = figure.add_axes((0.18, 0.49, 0.78, 0.32)), figure.add_axes((0.18, 0.12, 0.78, 0.32))
        magnetisation, energy = self._axes
        exact = {"color": COLOURS["exact"], "linewidth": 1.2}
        (self._m,) = magnetisation.plot([], [], color=COLOURS["model"])
        (self._E,) = energy.plot([], [], color=COLOURS["model"], label="this lattice")
        self._exact_E = energy.axhline(0, label="exact, this size", **exact)
        self._endless_E = energy.axhline(0, label="exact, endless", linestyle="--", **exact)
        up, down = (Patch(facecolor=COLOURS[sign], edgecolor="black", label=name) for name, sign in SIGNS)
        self._endless_m = [magnetisation.axhline(0, linestyle="--", **exact) for _ in range(2)]
        self._none = energy.text(0.02, 0.95, "no exact values for h \N{NOT EQUAL TO} 0", va="top")
        self._none.set(transform=energy.transAxes, bbox={"facecolor": "white", "edgecolor": "none", "pad": 1})
        magnetisation.set(ylim=(-1.1, 1.1), ylabel="mean spin m", xticklabels=[])
        energy.set(ylim=(-2.1 - largest_h, 0.1), ylabel="energy per spin", xlabel="frames before now")
        for axes in self._axes:
            axes.set(xlim=(-n_frames, 0), xticks=np.linspace(-n_frames, 0, 4))
        figure.align_ylabels(self._axes)
        handles = self._E, self._exact_E, self._endless_E, up, down
        figure.legend(handles=handles, loc="upper center", ncols=2, columnspacing=1.2, handlelength=1.8)
        super().__init__(figure, [*self._endless_m, self._exact_E, self._endless_E, self._m, self._E, self._none])

    def update(self, record, exact):
        """Show another record, a sequence of (m, E/N), and other exact values.

        ``exact`` holds the endless lattice's |m| and energy and the energy at this lattice's size; None for no lines.
        """
        frames = np.arange(1 - len(record), 1)
        for line, values in zip((self._m, self._E), np.transpose(record), strict=True):
            line.set_data(frames, values)
        lines = *self._endless_m, self._endless_E, self._exact_E
        for line in lines:
            line.set_visible(exact is not None)
        self._none.set_visible(exact is None)
        if exact is not None:
            m, endless, this_size = exact
            for line, value in zip(lines, (m, -m, endless, this_size), strict=True):
                line.set_ydata([value, value])
