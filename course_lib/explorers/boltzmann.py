"""The exact Boltzmann law of a small lattice under sliders."""

import ipywidgets as widgets
import numpy as np

from course_lib import exact, ising, plots
from course_lib.explorers import controls
from course_lib.explorers.base import Explorer


class BoltzmannExplorer(Explorer):
    """The exact 4 x 4 lattice with J = 1: move T and h, and see the law of E and m, <E> and the heat capacity.

    Attributes
    ----------
    T, h : ipywidgets.FloatSlider

    Examples
    --------
    >>> explorer = BoltzmannExplorer()
    >>> explorer.T.value, explorer.h.value = 1.0, 0.5
    >>> bool(explorer.law_of_m()[-1] > 0.99)
    True
    """

    SIDE = 4
    LARGEST_H = 1.0
    TEMPERATURES = np.linspace(0.5, 6, 111)

    def __init__(self):
        super().__init__()
        images = exact.states(self.SIDE**2).reshape(-1, self.SIDE, self.SIDE)
        sums = np.stack([ising.bond_sum(images), ising.spin_sum(images)])
        # The 65 536 states have only a hundred different pairs (B, S): all that J = 1, h and T can ask for.
        (self._B, self._S), self._count = np.unique(sums, axis=1, return_counts=True)
        self.T = widgets.FloatSlider(description="T", value=2.5, min=0.5, max=6, step=0.05)
        self.h = widgets.FloatSlider(
            description="field h", value=0.0, min=-self.LARGEST_H, max=self.LARGEST_H, step=0.05
        )
        self._drawing = plots.BoltzmannPicture(
            self.TEMPERATURES, self.SIDE**2, bin_width=0.25, largest_h=self.LARGEST_H
        )
        self.children = [controls.row(self.T, self.h), self._picture, self._words]
        controls.when_moved(self._draw, self.T, self.h)
        self._draw()

    def law(self, temperatures):
        """Probability of each pair (B, S), shape (..., n_pairs), at temperatures of shape (...)."""
        log_weights = np.log(self._count) - self._energy / np.asarray(temperatures)[..., None]
        weights = np.exp(log_weights - log_weights.max(axis=-1, keepdims=True))
        return weights / weights.sum(axis=-1, keepdims=True)

    def law_of_m(self):
        """Probability of each value of the mean spin, from -1 to 1, at the sliders' T and h."""
        n = self.SIDE**2
        return np.bincount((self._S + n) // 2, self.law(self.T.value), minlength=n + 1)

    @property
    def _energy(self):
        return -self._B - self.h.value * self._S

    def _draw(self):
        n, T, p = self.SIDE**2, self.T.value, self.law(self.TEMPERATURES)
        mean = p @ self._energy
        curves = mean / n, (p @ self._energy**2 - mean**2) / self.TEMPERATURES**2 / n
        law_E, _ = np.histogram(self._energy / n, self._drawing.bins, weights=self.law(T))
        self._drawing.update(law_E, self.law_of_m(), *curves, T)
        E, C = (np.interp(T, self.TEMPERATURES, curve) for curve in curves)
        words = f"T = {T:.2f}, h = {self.h.value:.2f}: energy per spin {E:.3f}, heat capacity per spin {C:.3f}"
        self._show(self._drawing.png(controls.PICTURE_DPI), words)
