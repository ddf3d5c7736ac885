"""What every explorer has: a picture, and the same in words for those who do not see it."""

import ipywidgets as widgets


class Explorer(widgets.VBox):
    """A picture and its words; a new explorer adds its controls to the `children`, and calls `_show` when they move.

    Parameters
    ----------
    width : int
        Of the picture on the page, in pixels; it shrinks where the page is narrower.

    Examples
    --------
    >>> class Nothing(Explorer):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.children = [self._picture, self._words]
    ...         self._show(b"a PNG file", "Nothing is seen.")
    >>> Nothing().picture
    b'a PNG file'
    """

    def __init__(self, width=700):
        super().__init__()
        self._picture = widgets.Image(format="png", layout={"width": f"{width}px", "max_width": "100%"})
        self._words = widgets.HTML()  # a Label would cut a long line off where the page ends

    @property
    def picture(self) -> bytes:
        """The picture shown now, as a PNG file."""
        return bytes(self._picture.value)

    @property
    def still(self) -> bytes:
        """What the lesson shows before a kernel runs, as a PNG file: the picture, or more."""
        return self.picture

    def _show(self, png, words):
        self._picture.value, self._words.value = png, words
