"""Four families on bars and stripes: what each draws, and how the counts fill."""

import ipywidgets as widgets
import numpy as np

from course_lib import images, plots, rbm, sampling
from course_lib.explorers import controls
from course_lib.explorers.base import Explorer
from course_lib.generative import GAN, VAE, Diffusion, pattern_counts, train

BARS = images.bars_and_stripes(4).reshape(30, 16)


# What belongs to each family: its name, its values, and where to begin.
KNOBS = {
    "diffusion": ("steps back", (1, 2, 5, 10, 20, 50, 100), 20),
    "RBM": ("sweeps from noise", (0, 1, 3, 10, 30, 100, 300), 100),
    "VAE": ("latent numbers", (1, 2, 4), 2),
    "GAN": ("noise at first", (0.0, 1.5), 0.0),
}


class GeneratorsExplorer(Explorer):
    """Choose a family and what belongs to it; see samples, and how often each of the 30 patterns came.

    A model is trained when it is asked for first, for one to five seconds, and kept.

    Attributes
    ----------
    family : ipywidgets.Dropdown
    knob : ipywidgets.SelectionSlider
        What belongs to the family: sweeps of the chains, size of the latent space, noise for the judge, steps back.
    counts : array of int, shape (30,)
    other : int
        Samples that are no pattern.

    Examples
    --------
    >>> explorer = GeneratorsExplorer()
    >>> explorer.knob.value = 2
    >>> int(explorer.counts.sum() + explorer.other)
    300
    """

    AT_ONCE = 300
    SHOWN = 60

    def __init__(self, seed=3):
        super().__init__()
        self._seed, self._models, self._choosing = seed, {}, False
        self.family = widgets.Dropdown(options=list(KNOBS), description="family")
        self.knob = widgets.SelectionSlider(options=(0,), layout={"width": "380px"})
        self.knob.style.description_width = "120px"
        self._drawing = plots.GeneratorPicture((4, 4), self.SHOWN, len(BARS))
        more = controls.button(f"{self.AT_ONCE} more", self._more)
        self.children = [controls.row(self.family, self.knob, more), self._picture, self._words]
        self._choose()
        self.family.observe(lambda _: self._choose(), "value")
        self.knob.observe(lambda _: self._begin(), "value")

    def _choose(self):
        name, options, value = KNOBS[self.family.value]
        self._choosing = True  # new values come one after the other: the picture waits for the last
        self.knob.options, self.knob.value, self.knob.description = options, value, name
        self._choosing = False
        self._begin()

    def _begin(self):
        if self._choosing:
            return
        # The same random numbers for each setting: the picture changes with the controls only.
        self._rng, self.counts, self.other = np.random.default_rng(self._seed), np.zeros(30, int), 0
        self._more()

    def _more(self):
        samples = self._draw()
        counts, other = pattern_counts(samples, BARS)
        self.counts, self.other = self.counts + counts, self.other + other
        shown = samples[: self.SHOWN]
        valid = (shown[:, None] == BARS).all(axis=2).any(axis=1)
        n = self.counts.sum() + self.other
        self._drawing.update(2 * shown.reshape(-1, 4, 4) - 1, valid, 30 * self.counts / n)
        words = (
            f"{n} samples: {self.counts.sum() / n:.0%} are patterns, and {np.count_nonzero(self.counts)} of the 30 came"
        )
        self._show(self._drawing.png(controls.PICTURE_DPI), words)

    def _draw(self):
        family, knob = self.family.value, self.knob.value
        if family == "RBM":
            machine = self._model("RBM", self._machine)
            noise = sampling.random_states(machine, self.AT_ONCE, rng=self._rng)
            return sampling.advance(machine, noise, knob, rng=self._rng).astype(np.int8) if knob else noise.astype(int)
        if family == "diffusion":
            return self._model("diffusion", self._diffusion).sample(self.AT_ONCE, steps=knob, rng=self._rng)
        make = self._autoencoder if family == "VAE" else self._adversaries
        return self._model((family, knob), lambda: make(knob)).sample(self.AT_ONCE, rng=self._rng)

    def _model(self, key, make):
        if key not in self._models:
            self._models[key] = make()
        return self._models[key]

    def _machine(self):
        options = {"batch_size": 30, "epochs": 4000, "sweeps": 5, "rate": 0.2, "progress": False}
        return rbm.train(rbm.RBM.start(BARS, 16, rng=self._seed), BARS, rng=self._seed, **options).model

    def _diffusion(self):
        return self._trained(Diffusion.start(BARS, rng=self._seed), steps=2000, rate=0.01)

    def _autoencoder(self, n_latent):
        return self._trained(VAE.start(BARS, n_latent=n_latent, rng=self._seed), steps=4000, rate=0.005, batch_size=60)

    def _adversaries(self, noise):
        start = GAN.start(BARS, noise=noise, rng=self._seed)
        return self._trained(start, steps=12_000, rate=0.003, batch_size=64)

    def _trained(self, start, **options):
        return train(start, BARS, rng=self._seed, progress=False, **options).model
