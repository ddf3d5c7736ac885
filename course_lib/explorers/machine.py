"""A restricted Boltzmann machine learns handwritten digits, epoch after epoch."""

from pathlib import Path

import ipywidgets as widgets
import numpy as np

from course_lib import divergence, exact, inputs, learning, plots, rbm, sampling
from course_lib.explorers import controls, live


class MachineExplorer(live.LearningRun):
    """Watch filters, fantasies, and the gap to held-out data, while a machine learns digits by plain steps.

    At first it shows a run that has ended. Every control begins a new one; the run before stays as a grey line.

    Parameters
    ----------
    seed : int
        Of the start and the chains.

    Attributes
    ----------
    hidden : ipywidgets.SelectionSlider
        Number of hidden units.
    sweeps : ipywidgets.SelectionSlider
        Of the chains, in each step.
    rate : ipywidgets.SelectionSlider
        Step size.
    method : ipywidgets.Dropdown
        Where the chains start in each step: where they were, or at the data.
    gap : list of float
        Log-likelihood per digit of the data above that of held-out digits, at the start and after each epoch, in nats.

    Examples
    --------
    >>> explorer = MachineExplorer()
    >>> len(explorer.gap), explorer.running
    (101, False)
    >>> explorer.hidden.value = 16
    >>> explorer.running
    True
    >>> explorer.close()
    """

    N_EPOCHS, N_HELD_OUT, BATCH, SHOWN = 100, 297, 100, 16
    HIDDEN = (4, 16, 32, 64, 128)
    SWEEPS = (1, 2, 5, 10)
    RATES = (0.03, 0.1, 0.3, 1.0)
    METHODS = (("start at the data (CD)", "cd"), ("go on (persistent)", "pcd"))
    FRAME = 1 / 10

    def __init__(self, seed=1):
        super().__init__()
        self._seed, self.gap, self._before = seed, [], []
        self.hidden = widgets.SelectionSlider(
            description="hidden units", options=self.HIDDEN, value=64, style={"description_width": "initial"}
        )
        self.sweeps = widgets.SelectionSlider(description="sweeps k", options=self.SWEEPS, value=1)
        self.rate = widgets.SelectionSlider(description="step size", options=self.RATES, value=0.3)
        self.method = widgets.Dropdown(description="chains", options=self.METHODS)
        self._data, self._held_out = _digits(self.N_HELD_OUT)
        empty = np.zeros((self.SHOWN, 8, 8))
        self._drawing = plots.MachinePicture(empty, empty, n_epochs=self.N_EPOCHS, highest=3.0)
        self._run_to_the_end()
        controls.when_moved(self.learn_again, self.hidden, self.sweeps, self.rate, self.method)
        self.children = [
            controls.row(self.hidden, self.sweeps, self.rate),
            controls.row(self.method, self._run_button, self._message),
            self._picture,
            self._words,
        ]

    @property
    def _goes_on(self):
        return len(self.gap) <= self.N_EPOCHS and not self._diverged

    def _restart(self):
        self._loop.touch()
        if len(self.gap) > self.N_EPOCHS // 10:  # not the stubs that a dragged slider leaves
            self._before = self.gap
        self._rng = np.random.default_rng(self._seed)
        self._model = rbm.RBM.start(self._data, self.hidden.value, rng=self._rng)
        self._batches = learning.MiniBatches(self._data, self.BATCH, rng=self._rng)
        self._chains = self._data[: self.BATCH]
        self._watch = learning.GeneralisationGap(self._data, self._held_out)
        self._fantasies = sampling.random_states(self._model, self.SHOWN, rng=self._rng)
        self.gap, self._diverged = self._watch.gap, False
        self._watch(self._model, None)

    def _learn(self):
        """The three lines, through all digits once; the fantasies go on, too."""
        for batch, _ in zip(self._batches, range(self._batches.n_batches), strict=False):
            start = batch if self.method.value == "cd" else self._chains
            self._chains = sampling.advance(self._model, start, self.sweeps.value, rng=self._rng)
            gap = self._model.moments(batch) - self._model.moments(self._chains)
            self._model = self._model.step(self.rate.value * gap)
        self._fantasies = sampling.advance(self._model, self._fantasies, 10, rng=self._rng)
        self._watch(self._model, None)

    def _draw(self):
        model = self._model
        strongest = np.argsort(-np.linalg.norm(model.W, axis=0))[: self.SHOWN]
        filters = np.zeros((self.SHOWN, 8, 8))
        filters[: len(strongest)] = model.W.T[strongest].reshape(-1, 8, 8)
        fantasies = model.visible_mean(model.hidden_mean(self._fantasies)).reshape(-1, 8, 8)
        self._drawing.update(filters, fantasies, self.gap, self._before)
        words = f"Epoch {len(self.gap) - 1}: digits that it learns from are likelier than held-out ones by "
        self._show(self._drawing.png(controls.PICTURE_DPI), f"{words}{self.gap[-1]:.2f} nats. {self._likelihood()}")

    def _likelihood(self):
        """At the end: what held-out digits score, by a sum over the hidden units or by annealing."""
        if self._goes_on:
            return ""
        try:
            log_Z, known = self._log_partition()
        except divergence.WeightsTooUneven:
            return "log Z is out of reach of 400 annealed chains."
        score = -np.mean(self._model.energy(self._held_out)) - log_Z
        return f"Log-likelihood of a held-out digit: {score:.2f} nats (log Z {known})."

    def _log_partition(self):
        """Log of the partition function, and in words how well it is known."""
        try:
            return self._model.log_partition(), "is exact"
        except exact.NotSummable:
            log_Z, error = divergence.ais_log_partition(
                self._model, n_chains=400, n_temperatures=200, rng=self._seed, progress=False
            )
            return log_Z, f"known to {error:.2f}"


def _digits(n_held_out):
    """Digits as units of 0 and 1, in random order: those to learn from, and those held out."""
    path = Path(__file__).parents[2] / "data" / "digits.npz"
    units = inputs.to_units(np.load(path)["images"] >= 8).reshape(-1, 64)
    units = np.random.default_rng(1).permutation(units).astype(np.float32)
    return units[n_held_out:], units[:n_held_out]
