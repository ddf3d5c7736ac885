"""From snapshots of electrons to their density, and its shells."""

import ipywidgets as widgets
import numpy as np

from course_lib import plots, vmc
from course_lib.explorers import controls
from course_lib.explorers.base import Explorer


class ShellExplorer(Explorer):
    """Choose a dot, and how many snapshots of it lie on top of each other; lengths are those of the trap.

    Beside them stand their counts, the profile of a stored long run, and that of electrons that do not repel.

    Attributes
    ----------
    dot : ipywidgets.SelectionSlider
        (number of electrons, omega).
    shots : ipywidgets.SelectionSlider

    Examples
    --------
    >>> explorer = ShellExplorer()
    >>> explorer.shots.value = 100
    >>> explorer.snapshots.shape
    (100, 6, 2)
    """

    SHOTS = (1, 3, 10, 30, 100, 300, 1000)
    LIMIT, TOP = 6.5, 2.0
    EDGES = np.linspace(0, 6.5, 27)

    def __init__(self, seed=9):
        super().__init__()
        self._seed, self._kept = seed, {}
        names = [(f"{n}, omega {omega:g}", (n, omega)) for n, omega in vmc.stored_dots()]
        wide = {"layout": {"width": "400px"}, "style": {"description_width": "80px"}}
        self.dot = widgets.SelectionSlider(options=names, value=(6, 1.0), description="electrons", **wide)
        self.shots = widgets.SelectionSlider(options=self.SHOTS, value=1, description="snapshots", **wide)
        self._drawing, self._first = plots.ShellPicture(limit=self.LIMIT, top=self.TOP), 0
        self.children = [
            controls.row(self.dot, self.shots, controls.button("others", self._others)),
            self._picture,
            self._words,
        ]
        self._draw()
        controls.when_moved(self._draw, self.dot, self.shots)

    @property
    def snapshots(self):
        """Positions shown, in lengths of the trap: (n, n_electrons, 2)."""
        _, pool = self._of_dot()
        return np.roll(pool, -self._first, axis=0)[: self.shots.value]

    def _of_dot(self):
        """A stored run, and a pool of snapshots of it, drawn when it is asked for first."""
        key = self.dot.value
        if key not in self._kept:
            run = vmc.stored(*key)
            x = vmc.snapshots(run.state, run.dot, 2 * self.SHOTS[-1], rng=self._seed)
            order = np.random.default_rng(self._seed).permutation(len(x))
            self._kept[key] = run, x[order] * key[1] ** 0.5
        return self._kept[key]

    def _others(self):
        self._first = (self._first + self.shots.value) % (2 * self.SHOTS[-1])
        self._draw()

    def _draw(self):
        run, _ = self._of_dot()
        n, omega = self.dot.value
        shown, r = self.snapshots, np.linspace(0, self.LIMIT, 200)
        counts = np.histogram(np.sqrt(np.sum(shown**2, axis=-1)), self.EDGES)[0]
        counted = counts / len(shown) / np.diff(np.pi * self.EDGES**2)
        free = vmc.free_density(n, omega, r / omega**0.5) / omega
        profile = run.density.r * omega**0.5, run.density.density / omega
        self._drawing.update(shown, *profile, r, free, self.EDGES, counted)
        wide = run.density.width
        words = (
            f"{n} electrons at omega = {omega:g}: {run.energy:.4f} hartree; root mean square distance from the middle "
            f"{wide:.2f} bohr, {wide * omega**0.5:.2f} lengths of the trap."
        )
        self._show(self._drawing.png(controls.PICTURE_DPI), words)
