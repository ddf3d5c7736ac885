"""The look of every figure: one style, the colours, and `Drawing`, which a notebook shows as a picture.

One colour means one thing in every lesson: see `COLOURS`. The colours are those of Okabe and Ito
(jfly.uni-koeln.de/color, 2008), which stay apart for colour-blind readers; spins differ in lightness too.
"""

import functools
import io

import matplotlib.style
import numpy as np
import scienceplots  # noqa: F401 - registers the style "science"
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import ListedColormap
from PIL import Image

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


def show_spins(axes, image):
    """Show spins on axes, without ticks.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    image : array of +-1, shape (rows, cols)
        NaN stays white.
    """
    axes.imshow(image, cmap=SPINS, vmin=-1, vmax=1, interpolation="nearest")
    axes.set(xticks=[], yticks=[])
    axes.tick_params(which="both", length=0)
