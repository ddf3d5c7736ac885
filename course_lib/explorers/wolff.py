"""Clusters of Wolff's move, one at a time."""

import ipywidgets as widgets
import numpy as np

from course_lib import ising, plots, sampling
from course_lib.explorers import controls
from course_lib.explorers.base import Explorer


class WolffExplorer(Explorer):
    """Clusters of Wolff's move, one at a time, on a lattice in equilibrium: move T and the side L.

    Attributes
    ----------
    T : ipywidgets.FloatSlider
    side : ipywidgets.SelectionSlider
    spins, cluster : arrays (side, side)
        The spins (+-1) before the cluster (a mask) is flipped.

    Examples
    --------
    >>> explorer = WolffExplorer()
    >>> before = explorer.spins
    >>> flipped = explorer.cluster
    >>> explorer.grow()
    >>> bool(np.all((explorer.spins != before) == flipped))
    True
    """

    SIDES = (16, 32, 64)
    N_CLUSTERS = 600

    def __init__(self):
        super().__init__()
        self.T = widgets.FloatSlider(description="T", value=2.25, min=1.5, max=4, step=0.05)
        self.side = widgets.SelectionSlider(description="side L", options=self.SIDES, value=64)
        self._drawing = plots.ClusterPicture(np.linspace(0, 1, 21))
        button = controls.button("flip it, grow the next cluster", self.grow)
        self.children = [controls.row(self.T, self.side, button), self._picture, self._words]
        controls.when_moved(self._settle, self.T, self.side)
        self._settle()

    def grow(self):
        """Flip the cluster that is shown, and show the next one."""
        self.spins = np.where(self.cluster, -self.spins, self.spins)
        self._next()

    def _settle(self):
        """Equilibrium at another T or L, and the sizes of many clusters there; the same ones each time."""
        L, self._rng = self.side.value, np.random.default_rng(4)
        self._model = ising.LatticeIsing(1.0, 0.0, (L, L))
        images, beta = np.ones((1, L, L), dtype=np.int8), 1 / self.T.value
        images = sampling.advance(self._model, images, 100, beta=beta, rng=self._rng)
        images, _ = sampling.wolff(self._model, images, 50, beta=beta, rng=self._rng)
        images, sizes = sampling.wolff(self._model, images, self.N_CLUSTERS, beta=beta, rng=self._rng)
        self.spins, self._shares = images[0], sizes[0] / L**2
        self._next()

    def _next(self):
        flipped, _ = sampling.wolff(self._model, self.spins[None], 1, beta=1 / self.T.value, rng=self._rng)
        self.cluster = flipped[0] != self.spins
        self._drawing.update(self.spins, self.cluster, self._shares)
        words = (
            f"This cluster: {self.cluster.sum()} of {self.cluster.size} spins, {self.cluster.mean():.1%}. "
            f"Mean of {self.N_CLUSTERS} clusters: {self._shares.mean():.1%}. Mean spin m = {self.spins.mean():+.2f}"
        )
        self._show(self._drawing.png(controls.PICTURE_DPI), words)
