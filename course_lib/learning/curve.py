"""Learning curves: the true negative log-likelihood along a fit, and the lines to draw beside it."""

import numpy as np

from course_lib import divergence, exact
from course_lib.inputs import check_count
from course_lib.ising import Ising
from course_lib.learning.fits import fit_ising


class LearningCurve:
    """A callback for `fit` that records the true NLL per sample.

    Log Z is exact where `divergence.exact_log_partition` can sum it: for up to 25 spins, and for lattices with a side
    of at most 10. Where it cannot, `divergence.ais_log_partition` estimates it. A model joins in with what it registers
    there.

    The NLL at step k is that of the model before the k-th step, as is Fit.history.

    Parameters
    ----------
    data : array, shape (..., configuration)
    held_out : array, shape (..., configuration), optional
        Data that the fit does not see.
    every : int
        Steps from one record to the next; the first model is recorded.
    rng : numpy.random.Generator or seed, optional
        For log Z where it is estimated.

    Attributes
    ----------
    steps : list of int
    nll, held_out_nll : list of float
        In nats per sample.
    errors : list of float
        Monte Carlo standard errors of both; 0 where log Z is exact.

    Raises
    ------
    ValueError
        If every is below 1.
    exact.NotSummable
        If a model is too large for exact sums and there is no rng.
    divergence.UnknownModel
        If nobody has registered how to sum over the states of such a model, and there is no rng.

    Examples
    --------
    >>> from course_lib.ising import Ising
    >>> from course_lib.learning import exact_moments, fit
    >>> data = [[1, 1], [1, 1], [-1, -1], [-1, 1]]
    >>> curve = LearningCurve(data)
    >>> fitted = fit(Ising([[0, 0], [0, 0]], [0, 0]), data, exact_moments, callback=curve)
    >>> round(float(curve.nll[0] / np.log(2)), 6), curve.nll[-1] < curve.nll[0]
    (2.0, True)
    """

    def __init__(self, data, *, held_out=None, every=1, rng=None):
        self._data, self._held_out, self._rng = data, held_out, None if rng is None else np.random.default_rng(rng)
        self._every, self._seen = check_count("every", every, 1), 0
        self.steps, self.nll, self.held_out_nll, self.errors = [], [], [], []

    def __call__(self, model, gap):
        """Record the model, if its turn has come."""
        if self._seen % self._every == 0:
            log_Z, error = _log_partition(model, self._rng)
            self.steps.append(self._seen)
            self.errors.append(error)
            self.nll.append(float(np.mean(model.energy(self._data)) + log_Z))
            if self._held_out is not None:
                self.held_out_nll.append(float(np.mean(model.energy(self._held_out)) + log_Z))
        self._seen += 1


class GeneralisationGap:
    """A callback for `fit` that records how much likelier the model finds its data than data it does not see.

    Both have the same log Z, which drops out of the difference: the gap is cheap for a model of any size. It opens
    where a model learns its data by heart. It does not say whether the likelihood itself rises: see `LearningCurve`.

    Parameters
    ----------
    data, held_out : array, shape (..., configuration)
    every : int
        Steps from one record to the next; the first model is recorded.

    Attributes
    ----------
    steps : list of int
    gap : list of float
        Log-likelihood per sample of the data, less that of the held-out data, in nats.

    Raises
    ------
    ValueError
        If every is below 1.

    Examples
    --------
    >>> from course_lib.ising import Ising
    >>> from course_lib.learning import exact_moments, fit
    >>> data, held_out = [[1, 1], [1, 1], [-1, -1], [-1, 1]], [[1, 1], [1, -1]]
    >>> watch = GeneralisationGap(data, held_out)
    >>> fitted = fit(Ising([[0, 0], [0, 0]], [0, 0]), data, exact_moments, callback=watch)
    >>> watch.gap[0], watch.gap[-1] > 0
    (0.0, True)
    """

    def __init__(self, data, held_out, *, every=1):
        self._data, self._held_out, self._every = data, held_out, check_count("every", every, 1)
        self._seen, self.steps, self.gap = 0, [], []

    def __call__(self, model, gap):
        """Record the model, if its turn has come."""
        if self._seen % self._every == 0:
            self.steps.append(self._seen)
            self.gap.append(float(np.mean(model.energy(self._held_out)) - np.mean(model.energy(self._data))))
        self._seen += 1


def reference_lines(truth, data):
    """The three levels to draw beside a learning curve; none of them is *the* floor.

    Parameters
    ----------
    truth : Ising
        The model that the data were drawn from; at most 20 spins.
    data : array of +-1, shape (..., N)

    Returns
    -------
    dict of str to float
        In nats per sample. "entropy of the truth": its NLL on infinitely many data. "truth on these data": may lie
        above or below. "best fit to these data": the least that an Ising model can reach, about P / (2 M) below the
        truth on these data for P parameters and M samples.

    Raises
    ------
    ValueError
        As `course_lib.exact.distribution`.
    NoMaximum
        If no finite parameters fit best.

    Examples
    --------
    >>> from course_lib.ising import Ising
    >>> truth = Ising([[0, 0.5], [0.5, 0]], [0, 0])
    >>> data = [[1, 1]] * 4 + [[-1, -1]] * 3 + [[1, -1]] * 2 + [[-1, 1]]
    >>> {name: round(level, 3) for name, level in reference_lines(truth, data).items()}
    {'entropy of the truth': 1.275, 'truth on these data': 1.306, 'best fit to these data': 1.28}
    """
    if not isinstance(truth, Ising):
        raise ValueError(f"truth must be an ising.Ising, got {truth!r:.60}")
    best = fit_ising(data)
    return {
        "entropy of the truth": divergence.entropy(exact.distribution(truth.J, truth.h)),
        "truth on these data": divergence.nll(data, truth.J, truth.h),
        "best fit to these data": divergence.nll(data, best.J, best.h),
    }


def _log_partition(model, rng):
    """Log Z and its Monte Carlo error, which is 0 where it is exact."""
    try:
        return divergence.exact_log_partition(model), 0.0
    except (exact.NotSummable, divergence.UnknownModel):
        if rng is None:
            raise
    return divergence.ais_log_partition(model, rng=rng, progress=False)
