"""Figures in one style. ``draw_*`` builds a figure once and returns a `Drawing`; its ``update`` moves the data.

One colour means one thing in every lesson: see `COLOURS`. The colours are those of Okabe and Ito
(jfly.uni-koeln.de/color, 2008), which stay apart for colour-blind readers; spins differ in lightness too.
"""

import functools
import io

import matplotlib.style
import numpy as np
import scienceplots  # noqa: F401 - registers the style "science"
from matplotlib import colormaps
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Patch
from PIL import Image

from course_lib import ising

COLOURS = {
    "data": "#000000",
    "model": "#D55E00",
    "exact": "#009E73",
    "up": "#F0E442",
    "down": "#0072B2",
    "other": "#CC79A7",
    "quiet": "#888888",
}
SPINS = ListedColormap([COLOURS["down"], COLOURS["up"]])
SIGNS = (("up, +1", "up"), ("down, -1", "down"))
STYLE = ["default", "science", "no-latex", {"font.family": "DejaVu Sans", "font.size": 9, "axes.titlesize": 9}]
DOTS_PER_INCH = 200  # sharp on a fine screen; notebooks show it at half this size


class Drawing:
    """A figure that a notebook shows as a picture, whatever matplotlib backend is at work.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    moving : sequence of matplotlib artists
        What ``update`` changes. All else is drawn once and kept, so that a moved slider costs some ten
        milliseconds and not some hundred.
    """

    def __init__(self, figure, moving=()):
        self.figure = figure
        self._moving = moving
        self._still = {}  # by dots per inch: the canvas, and the picture of all that does not move
        for artist in moving:
            artist.set_animated(True)

    def png(self, dots_per_inch=DOTS_PER_INCH) -> bytes:
        """The figure as the bytes of a PNG file."""
        if dots_per_inch not in self._still:
            self.figure.set_dpi(dots_per_inch)
            canvas = FigureCanvasAgg(self.figure)
            canvas.draw()
            self._still = {dots_per_inch: (canvas, canvas.copy_from_bbox(self.figure.bbox))}
        canvas, still = self._still[dots_per_inch]
        canvas.restore_region(still)
        for artist in self._moving:
            artist.draw(canvas.get_renderer())
        buffer = io.BytesIO()
        # Little compression: the picture goes to a browser on the same machine, and speed is what is felt.
        Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3]).save(buffer, "PNG", compress_level=1)
        return buffer.getvalue()

    def _repr_png_(self):
        return self.png(), {"width": int(self.figure.get_figwidth() * DOTS_PER_INCH / 2)}


def in_style(draw):
    """Draw in the course's style, whatever the reader's own settings are.

    Parameters
    ----------
    draw : callable

    Returns
    -------
    callable
    """

    @functools.wraps(draw)
    def styled(*arguments, **options):
        with matplotlib.style.context(STYLE):
            return draw(*arguments, **options)

    return styled


# ---------------------------------------------------------------- lattices


@in_style
def draw_energy_ruler(images, names) -> Drawing:
    """Pictures of spins above a ruler of energies per spin (J = 1, h = 0), each with a line to its place.

    Parameters
    ----------
    images : array of +-1, shape (n_images, rows, cols)
    names : sequence of str

    Returns
    -------
    Drawing

    Examples
    --------
    >>> type(draw_energy_ruler(np.ones((1, 4, 4), dtype=int), ["all up"])).__name__
    'Drawing'
    """
    n = len(images)
    figure = Figure(figsize=(7, 3.1))
    ruler = figure.add_axes((0.04, 0.17, 0.92, 0.01))
    ruler.set(xlim=(-2.1, 2.1), ylim=(0, 1), yticks=[], xlabel="energy per spin,  E / N   (J = 1, h = 0)")
    ruler.spines[["left", "right", "top"]].set_visible(False)
    ruler.tick_params(which="both", top=False, direction="out")
    width = 0.92 / n
    for k, (image, name) in enumerate(zip(images, names, strict=True)):
        axes = figure.add_axes((0.04 + k * width + 0.02, 0.36, width - 0.04, 0.5))
        _show_spins(axes, image)
        axes.set_title(name)
        energy = -ising.bond_sum(image) / image.size
        ruler.annotate(
            f"{energy:+.2f}",
            xy=(energy, 0.5),
            xytext=(0.04 + (k + 0.5) * width, 0.345),
            textcoords="figure fraction",
            ha="center",
            va="top",
            arrowprops={"arrowstyle": "-|>", "color": COLOURS["model"], "shrinkA": 1, "shrinkB": 0},
        )
    return Drawing(figure)


@in_style
def draw_spins(spins) -> Drawing:
    """One small lattice of spins.

    Parameters
    ----------
    spins : array of +-1, shape (rows, cols)

    Returns
    -------
    Drawing

    Examples
    --------
    >>> type(draw_spins(np.ones((4, 4), dtype=int))).__name__
    'Drawing'
    """
    figure = Figure(figsize=(1.8, 2.05), layout="constrained")
    axes = figure.subplots()
    _show_spins(axes, spins)
    axes.set_title("spins")
    return Drawing(figure)


@in_style
def draw_flip_costs(spins, costs) -> Drawing:
    """A lattice of spins, and beside it what flipping each spin would cost.

    Parameters
    ----------
    spins : array of +-1, shape (rows, cols)
    costs : array, shape (rows, cols)

    Returns
    -------
    Drawing

    Examples
    --------
    >>> type(draw_flip_costs(np.ones((4, 4), dtype=int), np.full((4, 4), 8.0))).__name__
    'Drawing'
    """
    figure = Figure(figsize=(7, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    _show_spins(left, spins)
    left.set_title("spins")
    _spin_legend(left)
    _CostMap(figure, right, costs, limit=max(1.0, np.abs(costs).max()))
    return Drawing(figure)


class EnergyPicture(Drawing):
    """What flipping each spin would cost, and the energy beside those of three ordered configurations.

    Parameters
    ----------
    spins : array of +-1, shape (rows, cols)
        Even sides, so that a checkerboard fits.
    J, h : float
        Coupling of each bond and field on each site.
    largest_J, largest_h : float
        What the scales must hold.

    Examples
    --------
    >>> picture = EnergyPicture(np.ones((4, 4), dtype=int), J=1.0, h=0.0, largest_J=1, largest_h=2)
    >>> picture.update(np.ones((4, 4), dtype=int), J=-1.0, h=0.5)
    """

    NAMES = ("yours", "all up", "all\ndown", "checker-\nboard")

    @in_style
    def __init__(self, spins, J, h, *, largest_J, largest_h):
        figure = Figure(figsize=(7, 3))
        costs = figure.add_axes((0.02, 0.05, 0.4, 0.83))
        self._costs = _CostMap(figure, costs, np.zeros(spins.shape), limit=8.0)

        axes = figure.add_axes((0.6, 0.15, 0.38, 0.73))
        colours = [COLOURS["model"], COLOURS["up"], COLOURS["down"], COLOURS["quiet"]]
        self._bars = axes.bar(self.NAMES, np.zeros(4), color=colours, edgecolor="black", linewidth=0.5)
        self._values = [axes.text(k, 0, "", ha="center", size=8) for k in range(4)]
        limit = 1.2 * (2 * largest_J + largest_h)
        axes.axhline(0, color="black", linewidth=0.8)
        axes.set(ylim=(-limit, limit), ylabel="energy per spin,  E / N", title="energy: lower is preferred")
        axes.tick_params(axis="x", which="both", length=0)

        # B and S of the ordered ones never change: see LatticeIsing.
        up = np.ones_like(spins)
        checkerboard = 1 - 2 * (np.indices(spins.shape).sum(axis=0) % 2)
        self._ordered = [(ising.bond_sum(s), ising.spin_sum(s)) for s in (up, -up, checkerboard)]
        super().__init__(figure, [*self._costs.moving, *self._bars, *self._values])
        self.update(spins, J, h)

    def update(self, spins, J, h):
        """Show other spins, another J or another h."""
        self._costs.update(2 * spins * (J * ising.neighbour_sum(spins) + h))
        sums = np.array([(ising.bond_sum(spins), ising.spin_sum(spins)), *self._ordered])
        energies = -sums @ (J, h) / spins.size
        for bar, value, energy in zip(self._bars, self._values, energies, strict=True):
            bar.set_height(energy)
            above = energy >= 0
            value.set(text=f"{energy:+.2f}", y=energy + (0.15 if above else -0.15), va="bottom" if above else "top")


class _CostMap:
    """Flip costs as colours, with the numbers written in where there is room for them."""

    LARGEST_WITH_NUMBERS = 8

    def __init__(self, figure, axes, costs, limit):
        self._limit = limit
        self._image = axes.imshow(costs, cmap="PRGn_r", vmin=-limit, vmax=limit)
        axes.set(xticks=[], yticks=[], title="cost of flipping each spin", frame_on=False)
        axes.tick_params(which="both", length=0)
        bar = figure.colorbar(self._image, ax=axes, fraction=0.046, pad=0.03, extend="both")
        bar.ax.set_title("$\\Delta E$", fontsize=9)
        self._numbers = []
        if max(costs.shape) <= self.LARGEST_WITH_NUMBERS:
            self._numbers = [axes.text(c, r, "", ha="center", va="center", size=7) for r, c in np.ndindex(costs.shape)]
        self.moving = [self._image, *self._numbers]
        self.update(costs)

    def update(self, costs):
        self._image.set_data(costs)
        for number, cost in zip(self._numbers, costs.ravel(), strict=False):
            text = "0" if abs(cost) < 0.05 else f"{cost:+.1f}".removesuffix(".0")
            number.set(text=text, color="white" if abs(cost) > 0.6 * self._limit else "black")


def _show_spins(axes, image):
    axes.imshow(image, cmap=SPINS, vmin=-1, vmax=1, interpolation="nearest")
    axes.set(xticks=[], yticks=[])
    axes.tick_params(which="both", length=0)


def _spin_legend(axes):
    for name, sign in SIGNS:
        axes.plot([], [], "s", color=COLOURS[sign], markeredgecolor="black", label=name)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, 0), ncols=2)


# ---------------------------------------------------------------- couplings and energy levels


@in_style
def draw_couplings(matrices, positions, names) -> Drawing:
    """Graphs of coupled spins, each above its matrix J.

    Parameters
    ----------
    matrices : sequence of arrays (N, N)
    positions : sequence of arrays (N, 2)
        Where to put the spins of each graph.
    names : sequence of str

    Returns
    -------
    Drawing

    Examples
    --------
    >>> J = ising.chain(3)
    >>> type(draw_couplings([J], [np.array([[0, 0], [1, 0], [0, 1]])], ["triangle"])).__name__
    'Drawing'
    """
    figure = Figure(figsize=(7, 4.4), layout="constrained")
    axes = figure.subplots(2, len(matrices), squeeze=False, height_ratios=(1, 1.1))
    largest = max(np.abs(J).max() for J in matrices)
    colours = colormaps["PiYG"]
    for graph, matrix, J, xy, name in zip(axes[0], axes[1], matrices, positions, names, strict=True):
        for i, j in np.argwhere(np.triu(J)):
            bond = FancyArrowPatch(
                xy[i],
                xy[j],
                arrowstyle="-",
                # A bond that would run through a third spin is bent round it.
                connectionstyle=f"arc3,rad={0.35 if _is_hidden(i, j, xy) else 0}",
                color=colours(0.5 + np.sign(J[i, j]) * (0.2 + 0.3 * abs(J[i, j]) / largest)),  # never quite white
                linewidth=0.8 + 2 * abs(J[i, j]) / largest,
            )
            graph.add_patch(bond)
        graph.scatter(*xy.T, s=170, color="white", edgecolor="black", zorder=2)
        for i, (x, y) in enumerate(xy):
            graph.text(x, y, str(i), ha="center", va="center", fontsize=8, zorder=3)
        centre, reach = xy.mean(axis=0), 0.72 * np.ptp(xy, axis=0).max()
        graph.set(title=name, aspect="equal")
        graph.set(xlim=centre[0] + np.array([-reach, reach]), ylim=centre[1] + np.array([-reach, reach]))
        graph.axis("off")
        image = matrix.imshow(J, cmap=colours, vmin=-largest, vmax=largest)
        ticks = range(0, len(J), 1 if len(J) < 8 else 4)
        matrix.set(xticks=ticks, yticks=ticks, xlabel="spin j", ylabel="spin i")
        matrix.tick_params(which="minor", length=0)
    figure.colorbar(image, ax=axes[1], label="$J_{ij}$", fraction=0.03, pad=0.02)
    return Drawing(figure)


def _is_hidden(i, j, xy):
    """Whether a third spin lies on the straight line from spin i to spin j."""
    start, along = xy[i], xy[j] - xy[i]
    others = np.delete(xy, [i, j], axis=0) - start
    where = others @ along / (along @ along)
    off = np.linalg.norm(others - np.outer(where, along), axis=1)
    return bool(np.any((0 < where) & (where < 1) & (off < 1e-9)))


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


# ---------------------------------------------------------------- the first lesson: learning, and the course


@in_style
def draw_pictures(images, names) -> Drawing:
    """A row of pictures of spins.

    Parameters
    ----------
    images : array of +-1, shape (n_images, rows, cols)
    names : sequence of str

    Returns
    -------
    Drawing

    Examples
    --------
    >>> type(draw_pictures(np.ones((2, 4, 4), dtype=int), ["one", "two"])).__name__
    'Drawing'
    """
    figure = Figure(figsize=(7, 0.9 + 6.6 / len(images)), layout="constrained")
    panels = figure.subplots(1, len(images), squeeze=False)[0]
    for axes, image, name in zip(panels, images, names, strict=True):
        _show_spins(axes, image)
        axes.set_title(name)
    signs = [Patch(facecolor=COLOURS[sign], edgecolor="black", label=name) for name, sign in SIGNS]
    figure.legend(handles=signs, loc="outside lower center", ncols=2)
    return Drawing(figure)


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
        _show_spins(axes, image)
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
            _show_spins(axes, data)
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
def draw_map(places, titles, needs, groups, verbs) -> Drawing:
    """A map of lessons: boxes, and an arrow from each lesson to those that need it; companions are dashed.

    Parameters
    ----------
    places : dict of str to (float, float)
        Lesson -> centre of its box.
    titles : dict of str to str
        Lesson -> what stands in its box.
    needs : sequence of (str, str)
        A lesson, and one that needs it.
    groups : sequence of (str, str, (float, float, float, float))
        Frames behind the boxes: text at the foot, key of `COLOURS`, and left, bottom, right, top.
    verbs : dict of str to str
        Lesson -> words below its box.

    Returns
    -------
    Drawing

    Examples
    --------
    >>> type(draw_map({"00": (0, 0), "01": (2, 0)}, {"00": "a", "01": "b"}, [("00", "01")], [], {})).__name__
    'Drawing'
    """
    width, height = 1.12, 0.68
    figure = Figure(figsize=(7, 4.2))
    axes = figure.add_axes((0.005, 0.005, 0.99, 0.99))
    axes.axis("off")
    for text, colour, (left, bottom, right, top) in groups:
        shape = "round,pad=0,rounding_size=0.1"
        frame = FancyBboxPatch((left, bottom), right - left, top - bottom, boxstyle=shape, fc=COLOURS[colour])
        frame.set(alpha=0.16, linewidth=0)
        axes.add_patch(frame)
        axes.text((left + right) / 2, bottom + 0.07, text, ha="center", va="bottom", size=9, weight="bold")
    boxes = {}
    for lesson, (x, y) in places.items():
        companion = lesson.endswith("x")
        boxes[lesson] = FancyBboxPatch(
            (x - width / 2, y - height / 2),
            width,
            height,
            boxstyle="round,pad=0,rounding_size=0.06",
            facecolor="white",
            edgecolor=COLOURS["quiet"] if companion else "black",
            linestyle="--" if companion else "-",
            zorder=3,
        )
        axes.add_patch(boxes[lesson])
        axes.text(x, y + 0.31, lesson, ha="center", va="top", size=9, weight="bold", zorder=4)
        axes.text(x, y - 0.07, titles[lesson], ha="center", va="center", size=8, linespacing=1.05, zorder=4)
        if lesson in verbs:
            below = y - height / 2 - 0.05
            axes.text(x, below, verbs[lesson], ha="center", va="top", size=9, weight="bold", color=COLOURS["model"])
    for before, after in needs:
        ends = {"patchA": boxes[before], "patchB": boxes[after], "shrinkA": 0, "shrinkB": 1}
        axes.add_patch(
            FancyArrowPatch(places[before], places[after], arrowstyle="-|>", mutation_scale=10, color="black", **ends)
        )
    axes.autoscale_view()
    axes.margins(0.01)
    return Drawing(figure)


# ---------------------------------------------------------------- the Boltzmann law of a small lattice


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
        _show_spins(top, np.hstack([part for sample in samples for part in (sample, gap)][:-1]))
        top.set_frame_on(False)
        top.set_title(name)
        bottom.bar(magnetisation, p, width=0.1, color=COLOURS["exact"])
        bottom.set(xlabel="mean spin m", xticks=(-1, 0, 1))
    axes[1, 0].set_ylabel("probability")
    return Drawing(figure)


@in_style
def draw_energy_and_heat_capacity(points, lines, references) -> Drawing:
    """Energy and heat capacity per spin against temperature, side by side, with one legend.

    Parameters
    ----------
    points, lines, references : sequences of (name, temperature, energy, heat capacity)
        Points become markers, lines a family from pale to dark, references broken lines.

    Returns
    -------
    Drawing

    Examples
    --------
    >>> drawing = draw_energy_and_heat_capacity([], [("a", [1, 2], [-2, -1], [0, 1])], [])
    """
    figure = Figure(figsize=(7, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    shades = colormaps["summer_r"](np.linspace(0.25, 1, len(lines)))
    looks = [
        *zip(points, "ox", [COLOURS["data"]] * 2, strict=False),
        *zip(lines, "-" * len(lines), shades, strict=True),
        *zip(references, ("--", ":"), (COLOURS["data"], COLOURS["other"]), strict=False),
    ]
    for (name, temperature, energy, heat_capacity), style, colour in looks:
        left.plot(temperature, energy, style, color=colour, ms=3.5, label=name)
        right.plot(temperature, heat_capacity, style, color=colour, ms=3.5)
    left.set(xlabel="temperature T", ylabel="energy per spin")
    # The heat capacity of the endless lattice has no upper end: leave room above the highest finite one.
    highest = max(np.max(line[3]) for line in (*points, *lines))
    right.set(xlabel="temperature T", ylabel="heat capacity per spin", ylim=(0, 1.3 * highest))
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=4)
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
        (self._dot_E,) = mean_E.plot(0, 0, "o", color=COLOURS["model"])
        (self._dot_C,) = heat.plot(0, 0, "o", color=COLOURS["model"])
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


# ---------------------------------------------------------------- the live lattice


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
        self._none.set_transform(energy.transAxes)
        magnetisation.set(ylim=(-1.1, 1.1), ylabel="mean spin m", xticklabels=[])
        energy.set(ylim=(-2.1 - largest_h, 0.1), ylabel="energy per spin", xlabel="frames before now")
        for axes in self._axes:
            axes.set(xlim=(-n_frames, 0), xticks=np.linspace(-n_frames, 0, 4))
        figure.align_ylabels(self._axes)
        handles = self._E, self._exact_E, self._endless_E, up, down
        figure.legend(handles=handles, loc="upper center", ncols=2, columnspacing=1.2, handlelength=1.8)
        super().__init__(figure, [*self._endless_m, self._exact_E, self._endless_E, self._none, self._m, self._E])

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


def spins_png(spins) -> bytes:
    """Spins as a PNG with one pixel a spin: what a moving picture can afford.

    Parameters
    ----------
    spins : array of +-1, shape (rows, cols)

    Returns
    -------
    bytes

    Examples
    --------
    >>> spins_png(np.ones((2, 2), dtype=int))[1:4]
    b'PNG'
    """
    image = Image.fromarray((np.asarray(spins) > 0).astype(np.uint8))
    image.putpalette(bytes.fromhex(COLOURS["down"][1:] + COLOURS["up"][1:]))
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


# ---------------------------------------------------------------- chains that forget their start


@in_style
def draw_hot_and_cold(images, hot, cold, exact, burn_in) -> Drawing:
    """Mean energies of chains from two starts, and what one of each looks like at the start and at the end.

    Parameters
    ----------
    images : array of +-1, shape (4, rows, cols)
        Hot start, cold start, hot at the end, cold at the end.
    hot, cold : array, shape (sweeps,)
        Mean energy per spin after 0, 1, 2... sweeps.
    exact : float
    burn_in : int
        How many sweeps to shade.

    Returns
    -------
    Drawing

    Examples
    --------
    >>> type(draw_hot_and_cold(np.ones((4, 2, 2)), [0, -1], [-2, -1], -1.1, 1)).__name__
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
        _show_spins(axes, image)
        axes.set_title(name, fontsize=8, pad=3)
    axes = figure.add_axes((0.25, 0.17, 0.56, 0.73))
    axes.axvspan(0, burn_in, color=COLOURS["quiet"], alpha=0.25, linewidth=0)
    axes.text(burn_in / 2, -0.35, "burn-in:\ndiscard", ha="center", color="#444444")
    axes.axhline(exact, color=COLOURS["exact"], linestyle="--", label="exact")
    axes.plot(hot, color=COLOURS["model"], label="hot start")
    axes.plot(cold, color=COLOURS["other"], label="cold start")
    axes.set(xlabel="sweeps", ylabel="mean energy per spin", xlim=(0, len(hot) - 1), ylim=(-2.1, 0.1))
    axes.legend(loc="upper right")
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
            (handles[name],) = axes.plot(sweeps, record, color=COLOURS[colour], linewidth=0.6)
        for name, colour, y in lines:
            handles[name] = axes.axhline(y, color=COLOURS[colour], linestyle="--", zorder=3)
        axes.set(title=title, xlabel="sweeps", ylim=ylim, xlim=(0, len(record)))
    figure.axes[0].set_ylabel(ylabel)
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=len(handles))
    return Drawing(figure)


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
        bottom.set(xlabel="temperature T", ylabel="off, in errors", ylim=(-reach, reach))
    panels[0, 0].legend(loc="upper left")
    figure.align_ylabels(panels)
    return Drawing(figure)


# ---------------------------------------------------------------- fast and slow chains


@in_style
def draw_two_moves(images, traces, names, times) -> Drawing:
    """For each way to move: pictures of one lattice at some times, and the mean spin against time.

    Parameters
    ----------
    images : array of +-1, shape (n_ways, n_times, rows, cols)
    traces : sequence of (times (n,), mean spins (n,))
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
    for row, pictures, (when, m), name, colour in zip(
        panels, images, traces, names, ("model", "exact") * n_ways, strict=False
    ):
        for axes, picture, time in zip(row, pictures, times, strict=False):
            _show_spins(axes, picture)
            axes.set_xlabel(f"sweep {time:g}", fontsize=8)
        row[0].set_ylabel(name, color=COLOURS[colour], fontsize=9)
        row[-1].plot(when, m, ".-", color=COLOURS[colour], linewidth=0.8, ms=3)
        row[-1].set(ylim=(-1, 1), xlim=(0, min(trace[0][-1] for trace in traces)), ylabel="mean spin m")
    panels[-1, -1].set_xlabel("sweeps of work", fontsize=8)
    return Drawing(figure)


@in_style
def draw_speeds(names, rates) -> Drawing:
    """Bars on a logarithmic scale: spin updates in a microsecond.

    Parameters
    ----------
    names : sequence of str
    rates : sequence of float

    Returns
    -------
    Drawing

    Examples
    --------
    >>> type(draw_speeds(["slow", "fast"], [2.0, 3000.0])).__name__
    'Drawing'
    """
    figure = Figure(figsize=(6.2, 0.9 + 0.3 * len(names)), layout="constrained")
    axes = figure.subplots()
    axes.barh(names, rates, color=COLOURS["model"], height=0.7)
    for k, rate in enumerate(rates):
        axes.text(1.1 * rate, k, f"{rate:.3g}" if rate < 100 else f"{rate:.0f}", va="center")
    axes.set(xscale="log", xlim=(min(0.5, *rates), 8 * max(rates)), xlabel="spin updates in a microsecond")
    axes.invert_yaxis()
    axes.tick_params(axis="y", which="both", length=0)
    axes.grid(axis="x", alpha=0.4)
    axes.set_axisbelow(True)
    return Drawing(figure)


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
def draw_stripes(records, names, *, label) -> Drawing:
    """Chains as rows and sweeps as columns, the colour a quantity: a chain that is stuck is a stripe.

    Parameters
    ----------
    records : sequence of arrays (n_chains, n_draws)
    names : sequence of str
    label : str
        Of the quantity.

    Returns
    -------
    Drawing

    Examples
    --------
    >>> type(draw_stripes([np.zeros((2, 9)), np.ones((2, 9))], ["a", "b"], label="energy")).__name__
    'Drawing'
    """
    figure = Figure(figsize=(7, 2.6), layout="constrained")
    panels = figure.subplots(1, len(records), sharey=True, squeeze=False)[0]
    limits = {"vmin": np.min(records), "vmax": np.max(records)}
    for axes, record, name in zip(panels, records, names, strict=True):
        n_chains, n_draws = np.shape(record)
        image = axes.imshow(
            record, extent=(0, n_draws, n_chains, 0), aspect="auto", interpolation="nearest", cmap="viridis", **limits
        )
        axes.set(title=name, xlabel="sweeps", yticks=[])
        axes.tick_params(which="both", length=0)
    panels[0].set_ylabel("one row a chain")
    figure.colorbar(image, ax=panels, label=label, fraction=0.05, pad=0.02)
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
        self._mean = axes.axvline(0, color=COLOURS["data"], linestyle="--", label="mean share")
        self._this = axes.axvline(0, color=COLOURS["other"], linewidth=2, label="this cluster")
        axes.set(xlim=(-2, 102), ylim=(0, 105), xlabel="share of the lattice (%)", ylabel="how many clusters (%)")
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)
        super().__init__(figure, [self._image, *self._bars, self._mean, self._this])

    def update(self, spins, cluster, shares):
        """Show other spins and another cluster, arrays (rows, cols), and the shares of many clusters."""
        self._image.set_data(np.where(cluster, 2, spins > 0))
        counts, _ = np.histogram(shares, self._bins)
        for bar, count in zip(self._bars, counts, strict=True):
            bar.set_height(100 * count / len(shares))
        self._mean.set_xdata([100 * np.mean(shares)] * 2)
        self._this.set_xdata([100 * np.mean(cluster)] * 2)
