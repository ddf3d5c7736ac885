"""Find a hidden coupling from pictures of spins."""

import ipywidgets as widgets
import numpy as np

from course_lib import ising, plots, sampling
from course_lib.explorers import controls
from course_lib.explorers.base import Explorer


class MatchExplorer(Explorer):
    """Some pictures of spins were drawn with a hidden coupling: find it, until the model's neighbours agree as often.

    Parameters
    ----------
    hidden : float
        The first hidden coupling; the button hides another.
    size : int
        Side of the lattice.
    seed : int
        Of the pictures.

    Attributes
    ----------
    J : ipywidgets.FloatSlider
        The model's coupling.
    hidden : float
    data : array of int8, shape (n_pictures, size, size)

    Examples
    --------
    >>> explorer = MatchExplorer(hidden=0.3)
    >>> explorer.J.value = 0.3
    >>> explorer.reveal()
    >>> explorer.answer.value
    'The hidden J is 0.30, yours is 0.30.'
    """

    LARGEST_J = 0.4  # from 0.44 on large lattices order, and a random start would need far more sweeps
    N_DATA, N_MODEL, SWEEPS = 20, 8, 60

    def __init__(self, hidden=0.34, size=40, seed=1):
        super().__init__(width=600)
        self.J = controls.slider("your J", 0.0, self.LARGEST_J, step=0.02)
        self.answer = widgets.HTML()
        self._size, self._seed, self._drawing = size, seed, None
        buttons = [
            controls.button("show the hidden J", self.reveal),
            controls.button("hide another", self.hide_another),
        ]
        self.children = [controls.row(self.J, *buttons, self.answer), self._picture, self._words]
        controls.when_moved(self._draw, self.J)
        self.hide(hidden)

    def hide(self, hidden):
        """Draw new data with another hidden coupling."""
        self.hidden = hidden
        self._seed += 1
        self.data = self._pictures(hidden, self.N_DATA, self._seed)
        self._draw()

    def hide_another(self):
        """Draw new data with a hidden coupling that nobody knows."""
        steps = round(self.LARGEST_J / self.J.step)
        self.hide(self.J.step * int(np.random.default_rng().integers(-steps, steps + 1)))

    def reveal(self):
        """Say what was hidden."""
        self.answer.value = f"The hidden J is {self.hidden:.2f}, yours is {self.J.value:.2f}."

    def _pictures(self, coupling, n, seed):
        rng = np.random.default_rng(seed)
        model = ising.LatticeIsing(coupling, 0.0, (self._size, self._size))
        return sampling.advance(model, sampling.random_states(model, n, rng=rng), self.SWEEPS, rng=rng)

    def _draw(self):
        self.answer.value = ""
        # The same random numbers for every J: the picture changes with the slider only.
        pictures = self._pictures(self.J.value, self.N_MODEL, seed=0)
        data, model = _agree(self.data), _agree(pictures)
        shown = self.data[0], pictures[0], data, model
        if self._drawing is None:
            self._drawing = plots.MatchPicture(*shown)
        self._drawing.update(*shown)
        words = f"Neighbours that agree: {data:.1%} in the data, {model:.1%} in the model"
        self._show(self._drawing.png(controls.PICTURE_DPI), words)


def _agree(images):
    """Share of the pairs of neighbours that agree, over all pictures."""
    return float((1 + ising.bond_sum(images).mean() / (2 * images[0].size)) / 2)
