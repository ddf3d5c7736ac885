"""What the explorers are built from: sliders, rows, buttons, and how sharp their pictures are."""

import ipywidgets as widgets

PICTURE_DPI = 150  # a 7-inch picture is shown 600 pixels wide: sharp on a fine screen, and still fast


def slider(name, value, largest, step=0.1):
    """A slider from -largest to largest."""
    return widgets.FloatSlider(description=name, value=value, min=-largest, max=largest, step=step)


def row(*parts):
    """Widgets side by side, in as many lines as they need."""
    return widgets.HBox(parts, layout={"flex_flow": "row wrap"})


def words():
    """What a picture shows, for those who do not see it. A Label would cut a long line off where the page ends."""
    return widgets.HTML()


def button(name, act):
    """A button that calls ``act()``."""
    button = widgets.Button(description=name, layout={"width": "auto"})
    button.on_click(lambda _: act())
    return button
