"""Electrons in a quantum dot: where one is as the other sees it, and how sure a student was in the whole course."""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from course_lib.plots.style import COLOURS, Drawing, in_style

CLOUD = LinearSegmentedColormap.from_list("cloud", ["white", COLOURS["model"]])


def _cloud(points, limit, n_bins):
    """How many points are in each field, as a share of the largest: rows from below."""
    edges = np.linspace(-limit, limit, n_bins + 1)
    counts = np.histogram2d(points[:, 1], points[:, 0], bins=(edges, edges))[0]
    return counts / max(counts.max(), 1)


def _show_cloud(axes, cloud, limit):
    extent = (-limit, limit, -limit, limit)
    image = axes.imshow(cloud, cmap=CLOUD, vmin=0, vmax=1, origin="lower", extent=extent, interpolation="nearest")
    (cross,) = axes.plot(0, 0, "+", color=COLOURS["data"], ms=8)
    axes.set(xticks=[], yticks=[])
    return image, cross


@in_style
def draw_clouds(panels, *, limit) -> Drawing:
    """Where points are, as clouds beside each other: the darker, the more; a cross in the middle.

    Parameters
    ----------
    panels : sequence of (title, points)
        ``points`` has the shape (n, 2).
    limit : float
        Pictures reach from -limit to limit.

    Returns
    -------
    Drawing

    Examples
    --------
    >>> drawing = draw_clouds([("a title", np.zeros((3, 2)))], limit=4)
    """
    figure = Figure(figsize=(7, 0.4 + 6.6 / len(panels)), layout="constrained")
    for axes, (title, points) in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
        _show_cloud(axes, _cloud(np.asarray(points), limit, 41), limit)
        axes.set_title(title)
    return Drawing(figure)


@in_style
def draw_calibration(log) -> Drawing:
    """How often predictions came true, against how sure they were, with bars of one standard error.

    Parameters
    ----------
    log : dict
        As `course_lib.classroom.predictions.read` gives it; entries without an outcome are left out.

    Returns
    -------
    Drawing

    Examples
    --------
    >>> drawing = draw_calibration({"01-walls": {"choice": "4", "confidence": 80, "outcome": "4"}})
    """
    said = [(one["confidence"], one["choice"] == one["outcome"]) for one in log.values() if "outcome" in one]
    figure = Figure(figsize=(4.4, 3.4), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 100], [0, 100], "--", color=COLOURS["exact"], label="as sure as right")
    for confidence in sorted({one for one, _ in said}):
        right = np.array([true for one, true in said if one == confidence])
        # Laplace's rule of succession, so that one prediction does not get an error bar of length 0.
        guess = (right.sum() + 1) / (len(right) + 2)
        error = 100 * np.sqrt(guess * (1 - guess) / len(right))
        axes.errorbar(confidence, 100 * right.mean(), error, fmt="o", color=COLOURS["data"], ms=5, capsize=2)
        axes.annotate(str(len(right)), (confidence, 100 * right.mean()), (5, 5), textcoords="offset points")
    if not said:
        axes.text(65, 15, "no predictions in the log", ha="center")
    axes.set(xlim=(0, 105), ylim=(-5, 105), xlabel="how sure you were, per cent", ylabel="came true, per cent")
    axes.legend(loc="upper left")
    return Drawing(figure)


class DotPicture(Drawing):
    """A state of two electrons learns: energy step by step above the exact line, and the cloud of r1 - r2.

    Parameters
    ----------
    n_steps : int
    limit : float
        Of the cloud, in lengths of the trap.

    Examples
    --------
    >>> picture = DotPicture(10, limit=4)
    >>> picture.update([3.4, 3.2], [], 3.0, np.zeros((5, 2)))
    """

    @in_style
    def __init__(self, n_steps, *, limit):
        figure = Figure(figsize=(7, 3))
        axes, cloud = figure.add_axes((0.1, 0.15, 0.5, 0.72)), figure.add_axes((0.65, 0.1, 0.33, 0.77))
        (self._before,) = axes.plot([], [], color=COLOURS["quiet"], label="the run before")
        (self._now,) = axes.plot([], [], color=COLOURS["model"], label="this run")
        axes.axhline(0, color=COLOURS["exact"], linestyle="--", label="exact")
        axes.set(xlim=(0, n_steps), ylim=(-5, 35), xlabel="steps", ylabel="above the exact energy, per cent")
        axes.legend(loc="upper right")
        self._limit = limit
        self._cloud, cross = _show_cloud(cloud, self._of(np.zeros((0, 2))), limit)
        cloud.set_title("electron 1 as seen from electron 2")
        super().__init__(figure, [self._before, self._now, self._cloud, cross, *cloud.spines.values()])

    def update(self, energies, before, exact, points):
        """Show other energies, beside the exact one, other points (n, 2), and of the run before its per cent above."""
        self._now.set_data(np.arange(len(energies)), 100 * (np.asarray(energies) / exact - 1))
        self._before.set_data(np.arange(len(before)), before)
        self._cloud.set_data(self._of(points))

    def _of(self, points):
        """In larger fields than a still figure, because there are fewer points."""
        return _cloud(points, self._limit, 25)
