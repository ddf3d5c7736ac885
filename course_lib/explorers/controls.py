"""What the explorers are built from: sliders, rows, buttons, and their pictures."""

import io

import ipywidgets as widgets
from PIL import Image

PICTURE_DPI = 150  # a 7-inch picture is shown 600 pixels wide: sharp on a fine screen, and still fast


def slider(name, value, largest, step=0.1):
    """A slider from -largest to largest."""
    return widgets.FloatSlider(description=name, value=value, min=-largest, max=largest, step=step)


def row(*parts):
    """Widgets side by side, in as many lines as they need."""
    return widgets.HBox(parts, layout={"flex_flow": "row wrap"})


def button(name, act):
    """A button that calls ``act()``."""
    button = widgets.Button(description=name, layout={"width": "auto"})
    button.on_click(lambda _: act())
    return button


def when_moved(act, *controls):
    """Call ``act()`` when one of the controls has another value."""
    for control in controls:
        control.observe(lambda _: act(), "value")


def side_by_side(*pngs):
    """Pictures in a row, on white, as one PNG file."""
    parts = [Image.open(io.BytesIO(png)) for png in pngs]
    whole = Image.new("RGB", (sum(part.width for part in parts), max(part.height for part in parts)), "white")
    left = 0
    for part in parts:
        whole.paste(part, (left, (whole.height - part.height) // 2))
        left += part.width
    stream = io.BytesIO()
    whole.save(stream, "PNG", optimize=True)
    return stream.getvalue()
