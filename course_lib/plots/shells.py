"""Many electrons in a quantum dot: where a wave function changes its sign, what each factor buys, and their shells."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from course_lib.plots.dots import CLOUD
from course_lib.plots.style import COLOURS, Drawing, in_style

SHADE = "#D9D9D9"
_OF_DOTS = {"marker": "o", "linestyle": "none", "markeredgecolor": "black", "markeredgewidth": 0.6}
_SPINS = (("spin up", "up"), ("spin down", "down"))


@in_style
def draw_nodes(panels, *, limit) -> Drawing:
    """Where one electron may stand, the others being where they are: shaded where Psi is above 0, lines where it is 0.

    Parameters
    ----------
    panels : sequence of (title, values, others)
        ``values`` (n, n) over a square, rows from below; ``others`` (n_others, 2).
    limit : float
        The square reaches from -limit to limit.

    Returns
    -------
    Drawing

    Examples
    --------
    >>> drawing = draw_nodes([("a title", np.arange(9).reshape(3, 3) - 4, [[0, 0]])], limit=2)
    """
    figure = Figure(figsize=(3.2 * len(panels), 3.2), layout="constrained")
    for axes, (title, values, others) in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
        axis, largest = np.linspace(-limit, limit, len(values)), np.abs(values).max()
        axes.contourf(axis, axis, values, levels=[-largest, 0, largest], colors=["white", SHADE])
        axes.contour(axis, axis, values, levels=[0], colors=[COLOURS["data"]], linewidths=1)
        axes.plot(*np.transpose(others), color=COLOURS["up"], ms=6, **_OF_DOTS)
        axes.set(title=title, aspect="equal", xlabel="x (bohr)", xlim=(-limit, limit), ylim=(-limit, limit))
    figure.axes[0].set_ylabel("y (bohr)")
    return Drawing(figure)


@in_style
def draw_factors(rows, *, xlabel) -> Drawing:
    """How far above a reference each wave function lies, on a logarithmic scale, best below.

    Parameters
    ----------
    rows : sequence of (name, above, error)
        ``above`` in hartree, above 0.
    xlabel : str

    Returns
    -------
    Drawing

    Examples
    --------
    >>> drawing = draw_factors([("bare", 0.6, 0.01), ("better", 0.02, 0.001)], xlabel="hartree")
    """
    names, above, errors = zip(*rows, strict=True)
    figure = Figure(figsize=(6.4, 0.9 + 0.34 * len(rows)), layout="constrained")
    axes = figure.subplots()
    axes.set_xscale("log")
    places = np.arange(len(rows))
    axes.hlines(places, 0.5 * min(above), above, color=COLOURS["quiet"], linewidth=0.8)
    axes.errorbar(above, places, xerr=errors, fmt="o", color=COLOURS["model"], ms=5, capsize=2)
    for place, value, error in zip(places, above, errors, strict=True):
        axes.annotate(f"{value:.4f}", (value + error, place), (7, 0), textcoords="offset points", va="center")
    axes.set(yticks=places, yticklabels=names, xlabel=xlabel, xlim=(0.5 * min(above), 2.5 * max(above)))
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.tick_params(axis="y", which="both", length=0)
    return Drawing(figure)


@in_style
def draw_profiles(panels, *, xlabel, ylabel) -> Drawing:
    """Densities against the distance from the middle, a panel a dot; bands of one standard error where there is one.

    Parameters
    ----------
    panels : sequence of (title, curves)
        ``curves`` is a sequence of (name, colour, r, density, error), ``colour`` a key of `COLOURS`; an ``error`` of
        None draws a dashed line. Curves of one name share an entry of the legend.
    xlabel, ylabel : str

    Returns
    -------
    Drawing

    Examples
    --------
    >>> drawing = draw_profiles([("a", [("b", "model", [0, 1], [2, 1], [0.1, 0.1])])], xlabel="r", ylabel="density")
    """
    figure, handles = Figure(figsize=(7, 3), layout="constrained"), {}
    for axes, (title, curves) in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
        for name, colour, r, density, error in curves:
            style = "--" if error is None else "-"
            (handles[name],) = axes.plot(r, density, style, color=COLOURS[colour])
            if error is not None:
                low, high = np.asarray(density) - error, np.asarray(density) + error
                axes.fill_between(r, low, high, color=COLOURS[colour], alpha=0.3, linewidth=0)
        axes.set(title=title, xlabel=xlabel, xlim=(0, None), ylim=(0, None))
    figure.axes[0].set_ylabel(ylabel)
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=len(handles))
    return Drawing(figure)


@in_style
def draw_from_above(panels) -> Drawing:
    """Dots seen from above: the darker, the more electrons; and one snapshot of all of them, by their spins.

    Parameters
    ----------
    panels : sequence of (title, r, density, electrons)
        A profile ``density`` (n,) at distances ``r`` (n,); ``electrons`` (n_electrons, 2), those of spin up first.

    Returns
    -------
    Drawing

    Examples
    --------
    >>> drawing = draw_from_above([("two", [0, 1, 2], [2, 1, 0], [[0.5, 0], [-0.5, 0]])])
    """
    figure = Figure(figsize=(7, 0.85 + 6.6 / len(panels)), layout="constrained")
    for axes, (title, r, density, electrons) in zip(
        figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True
    ):
        density, electrons = np.asarray(density), np.asarray(electrons)
        limit = 1.08 * max(np.max(np.asarray(r)[density > 0.02 * density.max()]), np.abs(electrons).max())
        axis = np.linspace(-limit, limit, 201)
        cloud = np.interp(np.hypot(axis, axis[:, None]), r, density, right=0) / density.max()
        extent = (-limit, limit, -limit, limit)
        axes.imshow(cloud, cmap=CLOUD, vmin=0, vmax=1.2, origin="lower", extent=extent, interpolation="bilinear")
        ups = (len(electrons) + 1) // 2
        for (_, colour), some in zip(_SPINS, (electrons[:ups], electrons[ups:]), strict=True):
            axes.plot(*some.T, color=COLOURS[colour], ms=4.5, **_OF_DOTS)
        axes.set(title=title, xticks=[], yticks=[])
        axes.tick_params(which="both", length=0)
    figure.legend(
        handles=[Line2D([], [], color=COLOURS[colour], label=name, ms=5, **_OF_DOTS) for name, colour in _SPINS],
        loc="outside lower center",
        ncols=2,
    )
    return Drawing(figure)


class ShellPicture(Drawing):
    """Snapshots of a dot on top of each other, and the density that they add up to, in lengths of the trap.

    Parameters
    ----------
    limit : float
        How far the pictures reach.
    top : float
        Of the density.

    Examples
    --------
    >>> picture = ShellPicture(limit=7, top=2)
    >>> picture.update(np.zeros((3, 2, 2)), [0, 1], [1, 0], [0, 1], [2, 0], [0, 1, 2], [1, 0.5])
    """

    @in_style
    def __init__(self, *, limit, top):
        figure = Figure(figsize=(7, 3.3))
        above, axes = figure.add_axes((0.02, 0.06, 0.4, 0.85)), figure.add_axes((0.52, 0.15, 0.46, 0.76))
        above.set(xlim=(-limit, limit), ylim=(-limit, limit), xticks=[], yticks=[], title="seen from above")
        self._spins = [above.plot([], [], color=COLOURS[colour], label=name, **_OF_DOTS)[0] for name, colour in _SPINS]
        above.legend(loc="lower left", markerscale=1, handletextpad=0.1)
        (self._free,) = axes.plot([], [], "--", color=COLOURS["exact"], label="without repulsion, exact")
        (self._long,) = axes.plot([], [], color=COLOURS["model"], label="stored run")
        self._counted = axes.stairs([0], [0, 1], color=COLOURS["quiet"], label="these snapshots")
        axes.set(xlim=(0, limit), ylim=(0, top), xlabel="distance from the middle", ylabel="density")
        axes.legend(loc="upper right")
        super().__init__(figure, [*self._spins, self._counted, self._free, self._long, above.get_legend()])

    def update(self, snapshots, r, density, free_r, free, edges, counted):
        """Show other snapshots (n, n_electrons, 2), the long run's profile, that of free electrons, and the counts."""
        n, n_electrons, _ = snapshots.shape
        ups = (n_electrons + 1) // 2
        size = max(1.0, 5.5 - 1.3 * np.log10(n * n_electrons / 6))
        for line, some in zip(self._spins, (snapshots[:, :ups], snapshots[:, ups:]), strict=True):
            line.set_data(*some.reshape(-1, 2).T)
            line.set(markersize=size, markeredgewidth=0.6 if n <= 10 else 0)
        self._long.set_data(r, density)
        self._free.set_data(free_r, free)
        self._counted.set_data(counted, edges)
