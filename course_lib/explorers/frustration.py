"""Click spins and bonds of a ring, and try to satisfy every bond."""

import ipywidgets as widgets
import numpy as np

from course_lib import plots

# Places in a 3 x 3 grid, clockwise from the top left: of the spins of a ring, and of the bonds between them.
RING_SPINS = {3: ["1 / 1", "1 / 3", "3 / 2"], 4: ["1 / 1", "1 / 3", "3 / 3", "3 / 1"]}
RING_BONDS = {3: ["1 / 2", "2 / 3", "2 / 1"], 4: ["1 / 2", "2 / 3", "3 / 2", "2 / 1"]}
TICK, CROSS = "\N{CHECK MARK}", "\N{MULTIPLICATION X}"


class FrustrationGame(widgets.VBox):
    """A ring of spins and bonds to click: flip spins, or turn "same" bonds into "differ", and satisfy every bond.

    Parameters
    ----------
    size : {3, 4}
        Spins in the ring.

    Attributes
    ----------
    spins, bonds : arrays of +-1, shape (size,)
        Bond i joins spin i and the next one.

    Examples
    --------
    >>> game = FrustrationGame()
    >>> game.bonds[:] = -1  # all three pairs want to differ
    >>> game.satisfied()
    array([False, False, False])
    """

    def __init__(self, size=3):
        self.spins, self.bonds = np.ones(size, dtype=int), np.ones(size, dtype=int)
        self._spin_buttons = [self._clickable(self.spins, i, cell) for i, cell in enumerate(RING_SPINS[size])]
        self._bond_buttons = [self._clickable(self.bonds, i, cell) for i, cell in enumerate(RING_BONDS[size])]
        self._score = widgets.HTML()
        grid = widgets.GridBox(
            [*self._spin_buttons, *self._bond_buttons],
            layout={"grid_template_columns": "90px 90px 90px", "grid_template_rows": "42px 42px 42px"},
        )
        super().__init__([widgets.Label("Click spins to flip them, bonds to change what they want"), grid, self._score])
        self._paint()

    def satisfied(self):
        """Which bonds have what they want, shape (size,)."""
        return self.bonds * self.spins * np.roll(self.spins, -1) > 0

    def _clickable(self, values, i, cell):
        button = widgets.Button(layout={"grid_area": f"{cell} / auto / auto", "width": "84px", "height": "36px"})

        def click(_):
            values[i] *= -1
            self._paint()

        button.on_click(click)
        return button

    def _paint(self):
        happy = self.satisfied()
        for button, spin in zip(self._spin_buttons, self.spins, strict=True):
            button.description = "up +" if spin > 0 else "down \N{MINUS SIGN}"
            button.style.button_color = plots.COLOURS["up" if spin > 0 else "down"]
            button.style.text_color = "black" if spin > 0 else "white"
        for button, bond, fine in zip(self._bond_buttons, self.bonds, happy, strict=True):
            button.description = ("same " if bond > 0 else "differ ") + (TICK if fine else CROSS)
            button.style.button_color = "#cfe8dc" if fine else plots.COLOURS["model"]
            button.style.text_color = "black"
        energy = len(happy) - 2 * happy.sum()
        self._score.value = f"<b>{happy.sum()} of {len(happy)} bonds satisfied</b>, energy {energy:+d}"
