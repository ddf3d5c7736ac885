"""Memories of a Hopfield network: recall as a film strip, a walk between valleys, how many there is room for."""

import numpy as np
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnnotationBbox, OffsetImage
from matplotlib.patches import Patch

from course_lib.plots.style import COLOURS, SPINS, Drawing, in_style, show_spins


class FilmPicture(Drawing):
    """Recall as a film strip: the memory and the states on the way; below, their overlaps and their energy.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of a picture.
    times : sequence of int
        After how many sweeps the film is shown.

    Examples
    --------
    >>> film = FilmPicture((2, 2), [0, 1])
    >>> film.update(np.ones((2, 2)), np.ones((2, 2, 2)), [[0.5, 0], [1, 0]], [-0.1, -0.5], asked=0, depth=-0.5)
    """

    @in_style
    def __init__(self, shape, times):
        figure = Figure(figsize=(7, 3.2))
        self._times, n, blank = np.asarray(times), len(times) + 1, np.zeros(shape)
        width = 0.96 / n
        self._frames = []
        for k, title in enumerate(["memory", *(f"sweep {time}" if time else "cue" for time in times)]):
            axes = figure.add_axes((0.02 + k * width + 0.08 * width, 0.65, 0.84 * width, 1.84 * width))
            show_spins(axes, blank)
            axes.set_frame_on(False)  # what moves is drawn over it
            self._frames += axes.images
            axes.set_title(title, color=COLOURS["exact"] if k == 0 else "black")
        overlap, energy = figure.add_axes((0.09, 0.14, 0.37, 0.36)), figure.add_axes((0.6, 0.14, 0.37, 0.36))
        (self._others,) = overlap.plot([], [], color=COLOURS["quiet"], linewidth=0.6)
        (self._asked,) = overlap.plot([], [], "o-", ms=4, color=COLOURS["model"], zorder=3)
        overlap.axhline(0, color="black", linewidth=0.5)
        overlap.set(ylim=(-1.08, 1.08), ylabel="overlap m", yticks=(-1, 0, 1))
        overlap.legend([self._asked, self._others], ["the memory that is sought", "all others"], ncols=2)
        overlap.get_legend().set(loc="lower center", bbox_to_anchor=(0.5, 0.97))
        (self._energy,) = energy.plot([], [], "o-", ms=4, color=COLOURS["model"], label="this state")
        self._depth = energy.axhline(0, color=COLOURS["exact"], linestyle="--", label="the memory")
        energy.set(ylim=(-0.85, 0.05), ylabel="energy per spin")
        energy.legend(ncols=2, loc="lower center", bbox_to_anchor=(0.5, 0.97))
        place = np.arange(len(times))
        for axes in (overlap, energy):
            axes.set(xlim=(-0.2, len(times) - 0.8), xlabel="sweeps", xticks=place, xticklabels=list(times))
            axes.minorticks_off()
        super().__init__(figure, [*self._frames, self._others, self._asked, self._energy, self._depth])

    def update(self, memory, frames, overlaps, energies, *, asked, depth):
        """Show another film.

        ``memory`` (rows, cols) and ``frames`` (n_times, rows, cols) of +-1, ``overlaps`` (n_times, P) with each memory,
        ``energies`` (n_times,) per spin; ``asked`` is the number of the memory that is sought, ``depth`` its energy.
        """
        for image, state in zip(self._frames, [memory, *frames], strict=True):
            image.set_data(state)
        place, overlaps = np.arange(len(self._times)), np.transpose(overlaps)
        self._asked.set_data(place, overlaps[asked])
        # One line for all of them, with gaps: hundreds of lines would take a tenth of a second.
        others = np.pad(np.delete(overlaps, asked, axis=0), ((0, 0), (0, 1)), constant_values=np.nan)
        self._others.set_data(np.tile(np.append(place, 0), len(others)), others.ravel())
        self._energy.set_data(place, energies)
        self._depth.set_ydata([depth, depth])


@in_style
def draw_films(memories, films, times, energies) -> Drawing:
    """Several recalls as film strips, each with its memory in front and its energy behind.

    Parameters
    ----------
    memories : array of +-1, shape (n_films, rows, cols)
    films : array of +-1, shape (n_films, n_frames, rows, cols)
    times : sequence of str
        What to write above the frames.
    energies : array, shape (n_films, n_frames)
        Per spin.

    Returns
    -------
    Drawing

    Examples
    --------
    >>> drawing = draw_films(np.ones((1, 4, 4)), np.ones((1, 2, 4, 4)), ["cue", "end"], [[0.0, -0.5]])
    """
    n_films, n_frames = np.shape(films)[:2]
    figure = Figure(figsize=(7, 0.35 + 1.08 * n_films), layout="constrained")
    panels = figure.subplots(n_films, n_frames + 2, squeeze=False, width_ratios=[1] * (n_frames + 1) + [1.15])
    lowest = np.min(energies)
    for row, memory, film, energy in zip(panels, memories, films, energies, strict=True):
        for axes, picture in zip(row, [*film, memory], strict=False):
            show_spins(axes, picture)
        for side in row[n_frames].spines.values():
            side.set(color=COLOURS["exact"], linewidth=2)
        row[-1].plot(energy, ".-", color=COLOURS["model"])
        row[-1].set(xticks=[], yticks=(0, -0.5), ylim=(1.2 * lowest, 0.05))
        row[-1].tick_params(labelsize=7)
        row[-1].minorticks_off()
        row[-1].set_box_aspect(1)
    for axes, title in zip(panels[0], [*times, "memory", "energy / N"], strict=True):
        axes.set_title(title, fontsize=8)
    return Drawing(figure)


@in_style
def draw_walk(energies, places, pictures, names) -> Drawing:
    """Energy per spin along a walk that turns one spin after the other, with pictures of some places on it.

    Parameters
    ----------
    energies : array, shape (n,)
        After 0, 1, ... turned spins.
    places : sequence of int
        Of the pictures.
    pictures : array of +-1, shape (n_places, rows, cols)
    names : sequence of str

    Returns
    -------
    Drawing

    Examples
    --------
    >>> drawing = draw_walk([-0.5, -0.2, -0.5], [0, 2], np.ones((2, 4, 4)), ["A", "B"])
    """
    figure = Figure(figsize=(6.6, 3.2), layout="constrained")
    axes = figure.subplots()
    axes.plot(energies, color=COLOURS["model"])
    low, high = np.min(energies), np.max(energies)
    span = high - low
    for place, picture, name in zip(places, pictures, names, strict=True):
        colours = OffsetImage(picture, zoom=60 / len(picture), cmap=SPINS, norm=Normalize(-1, 1))
        at = (place, energies[place])
        box = AnnotationBbox(
            colours, at, xybox=(place, energies[place] + 0.6 * span), pad=0.1, arrowprops={"arrowstyle": "-"}
        )
        axes.add_artist(box)
        axes.plot(*at, "o", color=COLOURS["model"])
        axes.annotate(name, (place, energies[place] + 0.97 * span), ha="center", va="bottom", size=8)
    axes.set(xlabel="spins turned", ylabel="energy per spin", ylim=(low - 0.08 * span, high + 1.2 * span))
    margin = 0.12 * len(energies)
    axes.set_xlim(-margin, len(energies) - 1 + margin)
    return Drawing(figure)


@in_style
def draw_pulls(pulls, deviations, names) -> Drawing:
    """Histograms of the fields along the patterns, one panel a network, with normal curves about 1.

    Parameters
    ----------
    pulls : sequence of arrays
        Below 0 a bit is not stable.
    deviations : sequence of float
        Of the curves.
    names : sequence of str

    Returns
    -------
    Drawing

    Examples
    --------
    >>> drawing = draw_pulls([np.array([0.5, 1.0, 1.5])], [0.5], ["few"])
    """
    figure = Figure(figsize=(7, 2.5), layout="constrained")
    panels = figure.subplots(1, len(pulls), sharey=True, squeeze=False)[0]
    bins, x = np.linspace(-1.5, 3.5, 51), np.linspace(-1.5, 3.5, 301)
    for axes, values, deviation, name in zip(panels, pulls, deviations, names, strict=True):
        density, _ = np.histogram(values, bins, density=True)
        centres = (bins[:-1] + bins[1:]) / 2
        colours = [COLOURS["other"] if centre < 0 else COLOURS["model"] for centre in centres]
        axes.bar(centres, density, width=bins[1] - bins[0], color=colours, alpha=0.75)
        curve = np.exp(-((x - 1) ** 2) / (2 * deviation**2)) / (deviation * np.sqrt(2 * np.pi))
        axes.plot(x, curve, color=COLOURS["exact"])
        axes.axvline(0, color="black", linewidth=0.8)
        axes.set(title=name, xlabel="field along the pattern", xlim=(-1.5, 3.5))
    panels[0].set_ylabel("probability density")
    looks = (("stable bits", "model"), ("bits that turn", "other"), ("normal curve", "exact"))
    patches = [Patch(facecolor=COLOURS[colour], label=name) for name, colour in looks]
    figure.legend(handles=patches, loc="outside lower center", ncols=3)
    return Drawing(figure)


@in_style
def draw_recalled(panels, *, xlabel, limit=None, log=False) -> Drawing:
    """Share of the cues that are recalled against the number of patterns, in panels beside each other.

    Parameters
    ----------
    panels : sequence of (title, curves)
        ``curves`` is a sequence of (name, colour, x, share), ``colour`` a key of `COLOURS`.
    xlabel : str
    limit : float, optional
        Where the share falls to 0 with endlessly many spins: a dashed line.
    log : bool
        Whether the numbers of patterns are on a logarithmic scale.

    Returns
    -------
    Drawing

    Examples
    --------
    >>> drawing = draw_recalled([("a panel", [("Hebb", "model", [0.1, 0.2], [1, 0])])], xlabel="P / N", limit=0.138)
    """
    figure = Figure(figsize=(7 if len(panels) > 1 else 5.4, 2.9), layout="constrained")
    handles = {}
    for axes, (title, curves) in zip(
        figure.subplots(1, len(panels), sharey=True, squeeze=False)[0], panels, strict=True
    ):
        for (name, colour, x, share), marker in zip(curves, "osD^v", strict=False):
            (handles[name],) = axes.plot(x, share, f"{marker}-", ms=4, color=COLOURS[colour], clip_on=False, zorder=3)
        if limit is not None:
            handles[f"limit {limit:g}"] = axes.axvline(limit, color=COLOURS["exact"], linestyle="--")
        axes.set(title=title, xlabel=xlabel, ylim=(0, 1.05), xscale="log" if log else "linear")
    figure.axes[0].set_ylabel("share recalled")
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=len(handles))
    return Drawing(figure)
