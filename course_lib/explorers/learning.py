"""Boltzmann learning, step by step."""

import ipywidgets as widgets
import numpy as np

from course_lib import divergence, exact, ising, learning, plots
from course_lib.explorers import controls, live


class LearningExplorer(live.LearningRun):
    """Five spins learn: move the step size, the sweeps, the number of samples, the method, and watch.

    At first it shows a run that has ended. Every control begins a new one; the run before stays as a grey line.

    Parameters
    ----------
    seed : int
        Of the truth, the data, and the chains.

    Attributes
    ----------
    eta : ipywidgets.SelectionSlider
        Step size.
    samples : ipywidgets.SelectionSlider
        Of the data.
    sweeps : ipywidgets.SelectionSlider
        Of the chains, in each step; no matter for the exact method.
    method : ipywidgets.Dropdown
        Where the model's moments come from.
    nll : list of float
        Of the data, before each step and at the end.

    Examples
    --------
    >>> explorer = LearningExplorer()
    >>> len(explorer.nll), explorer.running
    (201, False)
    >>> explorer.eta.value = 0.2
    >>> explorer.running
    True
    >>> explorer.close()
    """

    N_SPINS, N_STEPS, N_CHAINS = 5, 200, 100
    ETAS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0, 1.5)
    SAMPLES = (100, 300, 1000, 3000, 10_000)
    SWEEPS = (1, 2, 5, 10, 20, 50)
    METHODS = (("exact sums", "exact"), ("new chains", "mc"), ("persistent chains", "pcd"), ("CD, from the data", "cd"))
    FRAME, STEPS_A_FRAME = 1 / 12, 2

    def __init__(self, seed=1):
        super().__init__()
        self._seed = seed
        self.eta = widgets.SelectionSlider(description="step size", options=self.ETAS, value=0.05)
        self.samples = widgets.SelectionSlider(description="samples", options=self.SAMPLES, value=1000)
        self.sweeps = widgets.SelectionSlider(description="sweeps", options=self.SWEEPS, value=10, disabled=True)
        self.method = widgets.Dropdown(
            description="moments by", options=self.METHODS, style={"description_width": "initial"}
        )
        self.nll, self._before = [], []
        self._draw_truth()
        self._run_to_the_end()
        controls.when_moved(self._new_data, self.samples)
        controls.when_moved(self.learn_again, self.eta, self.sweeps, self.method)
        buttons = self._run_button, controls.button("another truth", self.another_truth), self._message
        self.children = [
            controls.row(self.eta, self.samples),
            controls.row(self.method, self.sweeps),
            controls.row(*buttons),
            self._picture,
            self._words,
        ]

    def another_truth(self):
        """Draw other couplings and fields, and data from them."""
        self._loop.stop()
        self._seed, self._before, self.nll = self._seed + 1, [], []
        self._draw_truth()
        self.learn_again()

    @property
    def _goes_on(self):
        return len(self.nll) <= self.N_STEPS

    def _draw_truth(self):
        n, rng = self.N_SPINS, np.random.default_rng(self._seed)
        self._truth = ising.Ising(ising.random_couplings(n, rng, scale=0.8), rng.normal(0, 0.3, n))
        self._law = exact.distribution(self._truth.J, self._truth.h)
        self._entropy = divergence.entropy(self._law)
        self._drawing = plots.LearningPicture(
            self._truth.parameters,
            n * (n - 1) // 2,
            n_steps=self.N_STEPS,
            lowest=self._entropy - 0.3,
            highest=n * np.log(2) + 0.3,
        )
        self._draw_data()

    def _draw_data(self):
        rng = np.random.default_rng([self._seed, self.samples.value])
        self._data = rng.choice(exact.states(self.N_SPINS), self.samples.value, p=self._law)
        self._frequencies = divergence.empirical_distribution(self._data)
        zero = ising.Ising(np.zeros_like(self._truth.J), np.zeros_like(self._truth.h))
        self._target = zero.moments(self._data)
        self._lines = {"entropy": self._entropy, "truth": self._nll_of(self._truth), "best fit": np.nan}
        try:
            self._lines["best fit"] = self._nll_of(learning.fit_ising(self._data).model)
        except learning.NoMaximum:
            pass  # a state of three spins that is in no sample: the curve falls for ever, and there is no line

    def _new_data(self):
        self._loop.stop()
        self._draw_data()
        self._before, self.nll = [], []  # another loss
        self.learn_again()

    def _nll_of(self, model):
        """Of the data, from how often each of the 32 states is in them."""
        return float(self._frequencies @ exact.energies(model.J, model.h)) + exact.log_partition(model.J, model.h)

    def _restart(self):
        n, method = self.N_SPINS, self.method.value
        self._loop.touch()
        self.sweeps.disabled = method == "exact"
        if len(self.nll) > self.N_STEPS // 10:  # not the stubs that a dragged slider leaves
            self._before = self.nll
        self._model = ising.Ising(np.zeros((n, n)), np.zeros(n))
        self.nll = [self._nll_of(self._model)]
        self._source = self._source_of(method)

    def _source_of(self, method):
        rng = np.random.default_rng([self._seed, 1])
        if method == "mc":
            return learning.fresh_chains(self.N_CHAINS, self.sweeps.value, rng=rng)
        if method == "pcd":
            return learning.persistent_chains(self.N_CHAINS, self.sweeps.value, rng=rng)
        if method == "cd":

            def some_of_the_data(model):
                some = rng.choice(self._data, self.N_CHAINS // 2)
                return learning.contrastive_divergence(some, self.sweeps.value, copies=2, rng=rng)(model)

            return some_of_the_data
        return learning.exact_moments

    def _learn(self):
        """The three lines."""
        now = self._source(self._model)
        self._model = self._model.step(self.eta.value * (self._target - now.mean))
        self.nll.append(self._nll_of(self._model))

    def _draw(self):
        covariance = exact.statistics_moments(self._model.J, self._model.h)[1]
        errors = learning.fisher_errors(covariance, len(self._data))
        learned = self._model.parameters
        self._drawing.update(self.nll, self._before, self._lines, learned, np.where(np.isfinite(errors), errors, 0))
        off = np.sqrt(np.mean((learned - self._truth.parameters) ** 2))
        best = self._lines["best fit"]
        best = f"{best:.4f}" if np.isfinite(best) else "none (a state of some spins is never seen)"
        words = (
            f"Step {len(self.nll) - 1}: NLL {self.nll[-1]:.4f}; best fit to these data {best}, "
            f"truth on them {self._lines['truth']:.4f}, entropy of the truth {self._entropy:.4f}. "
            f"Parameters are off by {off:.3f} (rms)."
        )
        self._show(self._drawing.png(controls.PICTURE_DPI), words)
