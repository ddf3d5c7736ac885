"""Recall of a Hopfield network as a film strip, under sliders."""

import ipywidgets as widgets
import numpy as np

from course_lib import hopfield, images, plots
from course_lib.explorers import controls
from course_lib.explorers.base import Explorer


class FilmStrip(Explorer):
    """Recall as a film strip: six pictures and as many random patterns as you like, by Hebb's rule.

    Attributes
    ----------
    asked : ipywidgets.Dropdown
        The picture that is sought.
    patterns : ipywidgets.SelectionSlider
        How many are stored. The first six are pictures, the rest random.
    noise, temperature : ipywidgets.FloatSlider
        Share of the spins of the cue that are turned; T during recall, 0 for downhill.

    Examples
    --------
    >>> explorer = FilmStrip()
    >>> explorer.patterns.value, explorer.noise.value = 6, 0.3
    >>> bool(np.all(explorer.frames[-1] == explorer.memory))
    True
    """

    SIDE = 32
    CUTS = dict.fromkeys(["horse", "astronaut", "cat", "clock", "coffee", "cell"], "median") | {"horse": "otsu"}
    NUMBERS = (2, 6, 12, 25, 50, 75, 100, 125, 150, 175, 200, 250)
    TIMES = (0, 1, 2, 4, 8, 16)

    def __init__(self):
        super().__init__()
        files = images.picture_sets()["photographs"]
        pictures = [images.load_spins(files[name], self.SIDE, cut).ravel() for name, cut in self.CUTS.items()]
        noise = np.random.default_rng(7).choice([-1, 1], size=(self.NUMBERS[-1] - len(pictures), self.SIDE**2))
        self._all = np.concatenate([pictures, noise]).astype(np.int8)
        self.asked = widgets.Dropdown(description="picture", options=[(name, k) for k, name in enumerate(self.CUTS)])
        self.patterns = widgets.SelectionSlider(description="patterns", options=self.NUMBERS, value=100)
        self.noise = widgets.FloatSlider(description="noise", value=0.3, min=0, max=0.5, step=0.05)
        self.temperature = widgets.FloatSlider(description="T", value=0, min=0, max=1.5, step=0.05)
        self._drawing = plots.FilmPicture((self.SIDE,) * 2, self.TIMES)
        dials = controls.row(self.asked, self.patterns), controls.row(self.noise, self.temperature)
        self.children = [*dials, self._picture, self._words]
        self.patterns.observe(lambda _: self._store(), "value")
        controls.when_moved(self._draw, self.asked, self.noise, self.temperature)
        self._store()

    @property
    def memory(self):
        """The picture that is sought, shape (N,)."""
        return self._all[self.asked.value]

    def _store(self):
        self._model = hopfield.hebb(self._all[: self.patterns.value])
        self._draw()

    def _draw(self):
        """The same random numbers each time: only what was moved makes a difference."""
        rng, stored = np.random.default_rng(3), self._all[: self.patterns.value]
        # With fewer than six patterns some pictures are not stored, and one can see what becomes of them.
        seen = stored if self.asked.value < len(stored) else np.concatenate([stored, self.memory[None]])
        asked = min(self.asked.value, len(seen) - 1)
        cue = hopfield.corrupt(self.memory, self.noise.value, rng=rng)
        film = hopfield.film(self._model, cue, [self.temperature.value] * self.TIMES[-1], rng=rng)
        self.frames = film[list(self.TIMES)]
        n, shape = self.SIDE**2, (-1, self.SIDE, self.SIDE)
        overlaps = hopfield.overlap(self.frames, seen)
        self._drawing.update(
            self.memory.reshape(shape)[0],
            self.frames.reshape(shape),
            overlaps,
            self._model.energy(self.frames) / n,
            asked=asked,
            depth=self._model.energy(self.memory) / n,
        )
        kind = "stored" if self.asked.value < len(stored) else "not stored"
        words = (
            f"{self.patterns.value} patterns, {self.patterns.value / n:.3f} a spin (the limit is 0.138). The "
            f"{list(self.CUTS)[self.asked.value]}, {kind}, with {self.noise.value:.0%} of the spins turned, at "
            f"T = {self.temperature.value:.2f}: overlap {overlaps[0, asked]:.2f} in the cue, "
            f"{overlaps[-1, asked]:.2f} after {self.TIMES[-1]} sweeps."
        )
        self._show(self._drawing.png(controls.PICTURE_DPI), words)
