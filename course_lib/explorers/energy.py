"""Click spins of a lattice: its energy, and what each flip would cost."""

import ipywidgets as widgets
import numpy as np

from course_lib import ising, plots
from course_lib.explorers import controls
from course_lib.explorers.base import Explorer


class EnergyExplorer(Explorer):
    """Click spins of a small lattice, move J and h, and see the energy and what each flip would cost.

    Parameters
    ----------
    size : int
        Side of the lattice; even, so that a checkerboard fits.

    Attributes
    ----------
    J, h : ipywidgets.FloatSlider
    spins : array of +-1, shape (size, size)

    Examples
    --------
    >>> explorer = EnergyExplorer()
    >>> explorer.J.value = -1.0
    >>> explorer.flip(0, 0)
    >>> int(explorer.spins[0, 0])
    -1
    """

    LARGEST_J, LARGEST_H = 1.5, 3.0

    def __init__(self, size=6):
        super().__init__(width=600)
        self.spins = np.ones((size, size), dtype=int)
        self.spins[1:3, 1:5] = self.spins[3:5, 2:4] = -1
        self.J = controls.slider("coupling J", 1.0, self.LARGEST_J)
        self.h = controls.slider("field h", 0.0, self.LARGEST_H)
        self._drawing = plots.EnergyPicture(
            self.spins, self.J.value, self.h.value, largest_J=self.LARGEST_J, largest_h=self.LARGEST_H
        )
        self._buttons = [self._spin_button(r, c) for r, c in np.ndindex(self.spins.shape)]
        grid = widgets.GridBox(self._buttons, layout={"grid_template_columns": f"repeat({size}, 38px)"})

        checkerboard = 1 - 2 * (np.indices(self.spins.shape).sum(axis=0) % 2)
        presets = [
            controls.button("all up", lambda: self.set_spins(np.ones_like(self.spins))),
            controls.button("all down", lambda: self.set_spins(-np.ones_like(self.spins))),
            controls.button("checkerboard", lambda: self.set_spins(checkerboard.copy())),
            controls.button(
                "random", lambda: self.set_spins(np.random.default_rng().choice([-1, 1], self.spins.shape))
            ),
            controls.button("flip the cheapest", self.flip_cheapest),
        ]
        click = widgets.VBox([widgets.Label("Click a spin to flip it"), grid])
        picture = controls.row(click, self._picture)
        self.children = [controls.row(self.J, self.h), controls.row(*presets), picture, self._words]
        controls.when_moved(self._draw, self.J, self.h)
        self.set_spins(self.spins)

    def flip(self, row, col):
        """Flip one spin."""
        self.spins[row, col] *= -1
        self._paint(row * len(self.spins) + col)
        self._draw()

    def flip_cheapest(self):
        """Flip the spin whose flip lowers the energy most, or costs least; one of them if there are several."""
        costs = self.spins * (self.J.value * ising.neighbour_sum(self.spins) + self.h.value)
        self.flip(*np.random.default_rng().choice(np.argwhere(np.isclose(costs, costs.min()))))

    def set_spins(self, spins):
        """Show another configuration, an array of +-1 of the same shape."""
        self.spins = spins.copy()
        for k in range(spins.size):
            self._paint(k)
        self._draw()

    def _spin_button(self, row, col):
        button = widgets.Button(layout={"width": "36px", "height": "36px", "margin": "1px", "padding": "0"})
        button.on_click(lambda _: self.flip(row, col))
        return button

    def _paint(self, k):
        up = self.spins.flat[k] > 0
        # The sign is written too: colour alone would leave some readers out.
        self._buttons[k].description = "+" if up else "\N{MINUS SIGN}"
        self._buttons[k].style.button_color = plots.COLOURS["up" if up else "down"]
        self._buttons[k].style.text_color = "black" if up else "white"
        row, col = divmod(k, len(self.spins))
        self._buttons[k].tooltip = f"row {row + 1}, column {col + 1}: {'up' if up else 'down'}"

    def _draw(self):
        self._drawing.update(self.spins, self.J.value, self.h.value)
        E = ising.LatticeIsing(self.J.value, self.h.value, self.spins.shape).energy(self.spins)
        words = f"Energy of your spins: E = {E:.1f}, per spin {E / self.spins.size:.2f}"
        self._show(self._drawing.png(controls.PICTURE_DPI), words)

    @property
    def still(self) -> bytes:
        """The spins, which are buttons in the explorer, and the picture."""
        return controls.side_by_side(plots.draw_spins(self.spins).png(), self.picture)
