"""What enumeration and exact formulas give: energy levels, the Boltzmann law, averages against temperature."""

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure

from course_lib.plots.style import COLOURS, Drawing, in_style, show_spins


@in_style
def draw_levels(energies, names) -> Drawing:
    """Energy levels of small systems: one dot a configuration, the lowest level in colour.

    Parameters
    ----------
    energies : sequence of arrays (2**N,)
    names : sequence of str

    Returns
    -------
    Drawing

    Examples
    --------
    >>> type(draw_levels([np.array([-1.0, 1.0, 1.0, -1.0])], ["pair"])).__name__
    'Drawing'
    """
    figure = Figure(figsize=(7, 2.8), layout="constrained")
    panels = figure.subplots(1, len(energies), sharey=True, squeeze=False)[0]
    for axes, values, name in zip(panels, energies, names, strict=True):
        levels, counts = np.unique(np.round(values, 9), return_counts=True)
        for level, count in zip(levels, counts, strict=True):
            lowest = level == levels[0]
            x = np.arange(count) - (count - 1) / 2
            axes.plot(x, np.full(count, level), "o", ms=5, color=COLOURS["model"] if lowest else COLOURS["quiet"])
            axes.text(counts.max() / 2 + 0.4, level, f"{count}", va="center")
        axes.set(title=name, xticks=[], xlim=(-counts.max() / 2 - 0.5, 0.75 * counts.max() + 0.5))
        axes.tick_params(which="minor", length=0)
        axes.margins(y=0.15)
    panels[0].set_ylabel("energy")
    figure.supxlabel("one dot a configuration; the number counts them", fontsize=9)
    return Drawing(figure)


@in_style
def draw_three_temperatures(images, magnetisation, probabilities, names) -> Drawing:
    """Pictures of spins, each above the law of the magnetisation at its temperature.

    Parameters
    ----------
    images : array of +-1, shape (n, k, rows, cols)
        k pictures a temperature.
    magnetisation : array, shape (K,)
        Values of the mean spin.
    probabilities : array, shape (n, K)
    names : sequence of str

    Returns
    -------
    Drawing

    Examples
    --------
    >>> drawing = draw_three_temperatures(np.ones((1, 3, 2, 2)), [-1, 0, 1], [[0.4, 0.2, 0.4]], ["T = 2"])
    """
    figure = Figure(figsize=(7, 3.1), layout="constrained")
    figure.get_layout_engine().set(wspace=0.08)
    axes = figure.subplots(2, len(images), squeeze=False, height_ratios=(0.55, 1), sharey="row")
    for top, bottom, samples, p, name in zip(axes[0], axes[1], images, probabilities, names, strict=True):
        gap = np.full((samples.shape[1], 1), np.nan)
        show_spins(top, np.hstack([part for sample in samples for part in (sample, gap)][:-1]))
        top.set_frame_on(False)
        top.set_title(name)
        bottom.bar(magnetisation, p, width=0.1, color=COLOURS["exact"])
        bottom.set(xlabel="mean spin m", xticks=(-1, 0, 1))
    axes[1, 0].set_ylabel("probability")
    return Drawing(figure)


@in_style
def draw_hidden_family(epsilons, entropies, laws) -> Drawing:
    """Laws with the same averages as bars, and the entropy along the whole family with a dot for each of them.

    Parameters
    ----------
    epsilons, entropies : array, shape (K,)
    laws : dict of float to array
        Epsilon to probabilities, for three of them at most; the second is drawn as the exact law.

    Returns
    -------
    Drawing

    Examples
    --------
    >>> drawing = draw_hidden_family([-1, 1], [0.1, 0.2], {0.0: np.array([0.5, 0.5])})
    """
    figure = Figure(figsize=(7, 2.7), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(1.3, 1))
    right.plot(epsilons, entropies, color=COLOURS["quiet"], zorder=1)
    width = 0.8 / len(laws)
    for k, (epsilon, colour) in enumerate(zip(laws, ("quiet", "exact", "other"), strict=False)):
        p = laws[epsilon]
        place = np.arange(len(p)) + (k - (len(laws) - 1) / 2) * width
        left.bar(place, p, width=width, color=COLOURS[colour], label=f"epsilon = {epsilon:.2f}")
        right.plot(epsilon, -np.sum(p[p > 0] * np.log(p[p > 0])), "o", ms=6, color=COLOURS[colour])
    left.set(xlabel="configuration of three spins", ylabel="probability", xticks=[])
    left.tick_params(which="both", length=0)
    right.set(xlabel="epsilon", ylabel="entropy in nats")
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=len(laws))
    return Drawing(figure)


@in_style
def draw_energy_and_heat_capacity(points, lines, references) -> Drawing:
    """Energy and heat capacity per spin against temperature, side by side, with one legend.

    Parameters
    ----------
    points : sequence of (name, temperature, energy, heat capacity)
        Become markers.
    lines : sequence of (size, temperature, energy, heat capacity)
        A family of lattices from pale to dark, each with its size at the peak of its heat capacity. Their energies
        hardly differ: only that of the first is drawn.
    references : sequence of (name, colour, temperature, energy, heat capacity)
        Become broken lines; ``colour`` is a key of `COLOURS`.

    Returns
    -------
    Drawing

    Examples
    --------
    >>> drawing = draw_energy_and_heat_capacity([], [(8, [1, 2], [-2, -1], [0, 1])], [])
    """
    figure = Figure(figsize=(7, 3.3), layout="constrained")
    left, right = figure.subplots(1, 2)
    shades = colormaps["Greens"](np.linspace(0.45, 1, len(lines)))
    left.plot(*lines[0][1:3], color=shades[0])
    for k, (size, temperature, _, heat_capacity) in enumerate(lines):
        right.plot(temperature, heat_capacity, color=shades[k], label=None if k else "Kaufman, size at the peak")
        peak = np.argmax(heat_capacity)
        right.annotate(f"{size}", (temperature[peak], heat_capacity[peak]), (7, 2), textcoords="offset points")
    for (name, colour, temperature, *curves), style in zip(references, ("--", ":"), strict=False):
        for axes, curve in zip((left, right), curves, strict=True):
            axes.plot(temperature, curve, style, color=COLOURS[colour], label=name)
    for (name, temperature, *curves), marker in zip(points, "ox", strict=False):
        for axes, curve in zip((left, right), curves, strict=True):
            axes.plot(temperature, curve, marker, color=COLOURS["exact"], ms=4, label=name)
    left.set(xlabel="temperature T", ylabel="energy per spin")
    # The heat capacity of the endless lattice has no upper end: leave room above the highest finite one.
    highest = max(np.max(line[3]) for line in (*points, *lines))
    right.set(xlabel="temperature T", ylabel="heat capacity per spin", ylim=(0, 1.3 * highest))
    figure.legend(*right.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return Drawing(figure)


class BoltzmannPicture(Drawing):
    """The exact law of a small lattice: of its energy, of its mean spin, and the averages against T.

    Parameters
    ----------
    temperatures : array, shape (K,)
        Of the two curves.
    n_spins : int
    bin_width : float
        Of the energy's histogram, in energy per spin.
    largest_h : float
        What the scales must hold.
    """

    @in_style
    def __init__(self, temperatures, n_spins, *, bin_width, largest_h):
        figure = Figure(figsize=(7, 4.4))
        law_E, law_m = figure.add_axes((0.08, 0.6, 0.4, 0.34)), figure.add_axes((0.58, 0.6, 0.4, 0.34))
        mean_E, heat = figure.add_axes((0.08, 0.11, 0.4, 0.34)), figure.add_axes((0.58, 0.11, 0.4, 0.34))
        limit = 2 + largest_h
        # Without field the energies are multiples of the width, and each stands in the middle of its bin.
        self.bins = np.arange(-limit - bin_width / 2, limit + bin_width, bin_width)
        centres, exact = self.bins[:-1] + bin_width / 2, COLOURS["exact"]
        self._temperatures = temperatures
        self._law_E = law_E.bar(centres, np.zeros(len(centres)), width=0.8 * bin_width, color=exact)
        self._law_m = law_m.bar(np.linspace(-1, 1, n_spins + 1), 0, width=1.6 / n_spins, color=exact)
        (self._curve_E,) = mean_E.plot(temperatures, np.zeros_like(temperatures), color=exact)
        (self._curve_C,) = heat.plot(temperatures, np.zeros_like(temperatures), color=exact)
        here = {"color": COLOURS["exact"], "markeredgecolor": "black", "ms": 7}
        (self._dot_E,) = mean_E.plot(0, 0, "o", **here)
        (self._dot_C,) = heat.plot(0, 0, "o", **here)
        law_E.set(
            xlabel="energy per spin, in bins of 0.25",
            ylabel="probability / largest",
            xlim=self.bins[[0, -1]],
            ylim=(0, 1.05),
        )
        law_m.set(xlabel="mean spin m", ylim=(0, 1.05))
        mean_E.set(xlabel="temperature T", ylabel="mean energy per spin", ylim=(-limit - 0.15, 0.15))
        heat.set(xlabel="temperature T", ylabel="heat capacity per spin", ylim=(0, 1.5))
        super().__init__(figure, [*self._law_E, *self._law_m, self._curve_E, self._curve_C, self._dot_E, self._dot_C])

    def update(self, law_E, law_m, curve_E, curve_C, temperature):
        """Show other laws (n_bins,), (n_spins + 1,), other curves (K,), and where on them we are."""
        for bars, law in ((self._law_E, law_E), (self._law_m, law_m)):
            for bar, p in zip(bars, law / law.max(), strict=True):
                bar.set_height(p)
        for curve, dot, values in ((self._curve_E, self._dot_E, curve_E), (self._curve_C, self._dot_C, curve_C)):
            curve.set_ydata(values)
            dot.set_data([temperature], [np.interp(temperature, self._temperatures, values)])


@in_style
def draw_against_exact(temperatures, curve, measured, z) -> Drawing:
    """Measured energy and heat capacity on their exact curves, and below how many errors they are off.

    Parameters
    ----------
    temperatures : array, shape (K,)
        Of the measured points.
    curve : (array, array, array)
        Temperatures, energies and heat capacities of the exact curves.
    measured : sequence of two (values, errors), each of shape (K,)
        Energy and heat capacity per spin.
    z : sequence of two arrays, shape (K,)

    Returns
    -------
    Drawing

    Examples
    --------
    >>> point = ([1.0], [0.1])
    >>> type(draw_against_exact([2.0], ([1, 3], [1, 2], [0, 1]), (point, point), ([0.5], [1.0]))).__name__
    'Drawing'
    """
    figure = Figure(figsize=(7, 3.9))
    edges = {"left": 0.09, "right": 0.985, "bottom": 0.12, "top": 0.98, "wspace": 0.22, "hspace": 0.1}
    panels = figure.subplots(2, 2, sharex=True, height_ratios=(2, 1), gridspec_kw=edges)
    names = ("energy per spin", "heat capacity per spin")
    for top, bottom, exact, (value, error), off, name in zip(*panels, curve[1:], measured, z, names, strict=True):
        top.plot(curve[0], exact, color=COLOURS["exact"], label="Kaufman, exact")
        top.errorbar(temperatures, value, error, fmt="o", ms=3.5, capsize=2, color=COLOURS["model"], label="sampled")
        top.set(ylabel=name)
        bottom.axhspan(-2, 2, color=COLOURS["quiet"], alpha=0.2, linewidth=0)
        bottom.axhline(0, color=COLOURS["exact"])
        bottom.plot(temperatures, off, "o", ms=3.5, color=COLOURS["model"])
        reach = max(4.0, 1.1 * np.abs(off).max())
        bottom.set(xlabel="temperature T", ylim=(-reach, reach), yticks=(-2, 0, 2))
    panels[1, 0].set_ylabel("(sampled - exact)\n/ error")
    panels[0, 0].legend(loc="upper left")
    return Drawing(figure)
