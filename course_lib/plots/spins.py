"""Pictures of spins: their energy, what a flip costs, and the couplings between them."""

import io

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Patch
from PIL import Image

from course_lib import ising
from course_lib.plots.style import COLOURS, SIGNS, Drawing, in_style, show_spins


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
    show_spins(axes, spins)
    axes.set_title("spins")
    return Drawing(figure)


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
        show_spins(axes, image)
        axes.set_title(name)
    signs = [Patch(facecolor=COLOURS[sign], edgecolor="black", label=name) for name, sign in SIGNS]
    figure.legend(handles=signs, loc="outside lower center", ncols=2)
    return Drawing(figure)


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
        show_spins(axes, image)
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
    show_spins(left, spins)
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


def _spin_legend(axes):
    for name, sign in SIGNS:
        axes.plot([], [], "s", color=COLOURS[sign], markeredgecolor="black", label=name)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, 0), ncols=2)


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
