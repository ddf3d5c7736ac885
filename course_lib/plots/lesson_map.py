"""The map of the course: which lesson needs which."""

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from course_lib.plots.style import COLOURS, Drawing, in_style


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
