"""Where pictures live: the plane of mean spin and mean bond, with the model's own pictures in it."""

import ipywidgets as widgets
import numpy as np

from course_lib import exact, images, ising, plots, sampling
from course_lib.explorers import controls
from course_lib.explorers.base import Explorer


class PlaneExplorer(Explorer):
    """All pictures of the course as dots, a student's own among them, and a cloud drawn from the model.

    Parameters
    ----------
    mine : array of +-1, shape (n, size, size), optional
        By default a texture of the course.

    Attributes
    ----------
    J, h : ipywidgets.FloatSlider
        Coupling of each bond and field on each site.

    Examples
    --------
    >>> explorer = PlaneExplorer()
    >>> explorer.J.value, explorer.h.value = 0.6, 0.05
    >>> spin, bond = explorer.cloud()
    >>> bool(spin.min() > 0.9)
    True
    """

    SIZE = 32
    LARGEST_J, LARGEST_H = 0.6, 0.2
    N_PICTURES, SWEEPS = 60, 600

    def __init__(self, mine=None):
        super().__init__()
        sets = {name: self._load(name, paths) for name, paths in images.picture_sets().items()}
        if mine is None:
            mine = images.load_spins(images.picture_sets()["photographs"]["brick"], self.SIZE)[None]
        self._side = np.shape(mine)[-1]
        self.J = widgets.FloatSlider(
            description="coupling J", value=0.2, min=0, max=self.LARGEST_J, step=0.01, continuous_update=True
        )
        self.h = controls.slider("field h", 0.0, self.LARGEST_H, step=0.01)
        self._drawing = plots.PlanePicture(sets, np.asarray(mine), self.curve())
        self.children = [controls.row(self.J, self.h), self._picture, self._words]
        controls.when_moved(self._draw, self.J, self.h)
        self._draw()

    def curve(self) -> np.ndarray:
        """Spontaneous mean spin, and mean bond, of the infinite lattice without field, (2, n), from J_c on."""
        # Dense near the critical point, where the mean spin rises steeply.
        J = 1 / exact.CRITICAL_TEMPERATURE + np.concatenate([[1e-12], np.logspace(-8, 0, 200)])
        spin = [exact.onsager_magnetization(1 / one) for one in J]
        bond = [-exact.onsager_energy(1 / one) / 2 for one in J]
        return np.array([spin, bond])

    def cloud(self) -> np.ndarray:
        """Mean spin and mean bond of the model's pictures at the sliders' J and h, (2, n)."""
        return plots.plane.means(self._drawn())

    def _load(self, name, paths):
        """All pictures of a set; letters and lattices are black and white already."""
        threshold = "otsu" if name == "photographs" else 0.5
        return np.array([images.load_spins(path, self.SIZE, threshold=threshold) for path in paths.values()])

    def _drawn(self):
        """Pictures of the model: from all up or all down, whichever the field prefers, from both where it is 0."""
        model = ising.LatticeIsing(self.J.value, round(self.h.value, 3), (self._side, self._side))
        signs = np.sign(model.h) if model.h else np.where(np.arange(self.N_PICTURES) % 2, 1, -1)
        start = np.ones((self.N_PICTURES, self._side, self._side), int) * np.reshape(signs, (-1, 1, 1))
        return sampling.advance(model, start, self.SWEEPS, rng=np.random.default_rng(6))

    def _draw(self):
        drawn = self._drawn()
        self._drawing.update(drawn)
        spin, bond = plots.plane.means(drawn)
        words = (
            f"J = {self.J.value:.2f}, h = {self.h.value:.2f}: {self.N_PICTURES} pictures of the model, mean spin "
            f"{spin.mean():+.3f}, mean bond {bond.mean():+.3f}"
        )
        self._show(self._drawing.png(controls.PICTURE_DPI), words)
