"""Four estimators on the same data of a spin glass."""

import ipywidgets as widgets
import numpy as np

from course_lib import exact, ising, learning, plots
from course_lib.explorers import controls
from course_lib.explorers.base import Explorer


class EstimatorsExplorer(Explorer):
    """Ten coupled spins: cool them, take more data, and see what four estimators make of the same samples.

    Attributes
    ----------
    beta : ipywidgets.FloatSlider
        What the couplings and fields are multiplied by: the larger, the colder.
    samples : ipywidgets.SelectionSlider
    ratios : dict of str to float
        Root mean square error of the couplings over the Cramer-Rao bound; NaN where there is no answer.

    Examples
    --------
    >>> explorer = EstimatorsExplorer()
    >>> explorer.beta.value, explorer.samples.value = 1.5, 100_000
    >>> bool(explorer.ratios["mean field"] > 10 > 2 > explorer.ratios["max. likelihood"])
    True
    """

    N_SPINS = 10
    SAMPLES = (300, 1000, 3000, 10_000, 30_000, 100_000)
    ESTIMATORS = (
        ("mean field", learning.mean_field),
        ("TAP", learning.tap),
        ("pseudo-likelihood", learning.pseudo_likelihood),
        ("max. likelihood", learning.fit_ising),
    )

    def __init__(self, seed=2):
        super().__init__()
        rng = np.random.default_rng(seed)
        self._J = ising.random_couplings(self.N_SPINS, rng)
        self._h, self._seed = rng.normal(0, 0.2, self.N_SPINS), seed
        self._pairs = np.triu_indices(self.N_SPINS, 1)
        self.beta = widgets.FloatSlider(description="coldness \N{GREEK SMALL LETTER BETA}", value=1.0, min=0.2, max=2.5)
        self.beta.step = 0.1
        self.samples = widgets.SelectionSlider(description="samples M", options=self.SAMPLES, value=10_000)
        reach = 1.3 * np.abs(self._J).max()
        self._drawing = plots.EstimatesPicture([name for name, _ in self.ESTIMATORS], reach)
        self.children = [controls.row(self.beta, self.samples), self._picture, self._words]
        controls.when_moved(self._draw, self.beta, self.samples)
        self._draw()

    def _draw(self):
        beta, n_samples = self.beta.value, self.samples.value
        truth = ising.Ising(beta * self._J, beta * self._h)
        # The same random numbers for each setting: the picture changes with the sliders only.
        rng = np.random.default_rng(self._seed)
        law = exact.distribution(truth.J, truth.h)
        data = exact.states(self.N_SPINS)[rng.choice(len(law), n_samples, p=law)]
        least = learning.fisher_errors(learning.exact_moments(truth).covariance, n_samples)[: len(self._pairs[0])]
        true, shown, words, self.ratios = truth.J[self._pairs], [], [], {}
        for name, estimator in self.ESTIMATORS:
            couplings = self._estimate(estimator, data)
            shown.append(None if couplings is None else couplings / beta)
            error = np.nan if couplings is None else np.sqrt(np.mean((couplings - true) ** 2) / np.mean(least**2))
            self.ratios[name] = error
            words.append("no answer" if couplings is None else f"error {error:.3g} x least")
        self._drawing.update(true / beta, shown, words)
        said = ", ".join(f"{name}: {what}" for (name, _), what in zip(self.ESTIMATORS, words, strict=True))
        words = f"least error of a coupling {np.sqrt(np.mean(least**2)):.3f}; {said}"
        self._show(self._drawing.png(controls.PICTURE_DPI), words)

    def _estimate(self, estimator, data):
        """The couplings, or None: no maximum, a covariance without inverse, a TAP equation without solution."""
        try:
            return estimator(data).J[self._pairs]
        except ValueError:
            return None
