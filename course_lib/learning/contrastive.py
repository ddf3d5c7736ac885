"""Contrastive divergence: a source whose chains start at the data, and what its estimate scatters by."""

import numpy as np

from course_lib.inputs import check_array, check_count
from course_lib.learning.sources import (
    ENOUGH_FOR_COVARIANCE,
    GROUPS,
    SPINS_AT_A_TIME,
    ModelMoments,
    knows_covariance,
    not_frozen,
    sampled,
    states_of,
)
from course_lib.sampling import advance

NUMBERS_AT_A_TIME = 2**22  # statistics of copies: 32 MB


def contrastive_divergence(data, sweeps=1, *, copies=10, rng):
    """A source that starts at the data and moves them on by a few sweeps: CD-k, with k sweeps.

    Its means are *not* those of the model, not even nearly, except where learning ends: there a sweep does not change
    the data's moments (Hinton, Neural Computation 14, 1771, 2002). Its fixed point is a consistent estimate of the
    parameters, less precise than the maximum of the likelihood where one sweep forgets little.

    To a small change of the parameters the means answer by ``F - C``, with F the covariance of the statistics and C
    that between the statistics after the sweeps and before them: what a sweep does not forget it cannot answer to.
    What a single sample pulls is how far the sweeps took its statistics, averaged over the copies; it scatters from
    sample to sample, Monte Carlo noise included. These two, the answer and the scatter, make the errors of `fit`.

    Parameters
    ----------
    data : array of +-1, shape (..., configuration)
    sweeps : int
        k, 1 or more.
    copies : int
        Chains from each sample, 2 or more: the spread between copies is the Monte Carlo error.
    rng : numpy.random.Generator or seed

    Returns
    -------
    callable, model -> ModelMoments

    Raises
    ------
    ValueError
        If sweeps is below 1 or copies below 2.

    Examples
    --------
    With J far too small a sweep pulls the data's mean towards the model's; at the truth it changes nothing on average.

    >>> from course_lib.ising import Ising
    >>> data = np.array([[1, 1], [1, 1], [-1, -1], [-1, 1]] * 500)  # <s0 s1> = 1/2
    >>> source = contrastive_divergence(data, rng=1)
    >>> for J in (0.1, np.arctanh(0.5)):
    ...     print(round(float(source(Ising([[0, J], [J, 0]], [0, 0])).mean[0]), 1))
    0.1
    0.5
    """
    sweeps, copies = check_count("sweeps", sweeps, 1), check_count("copies", copies, 2)
    data, rng = check_array("data", data), np.random.default_rng(rng)

    def source(model):
        starts = states_of(model, data)
        at_a_time = max(1, SPINS_AT_A_TIME // starts.size)
        batches = np.diff([*range(0, copies, at_a_time), copies])
        look = (_Look if knows_covariance(model, len(starts) * batches[0]) else _SmallLook)(model, starts, copies, rng)
        for n in batches:
            states = advance(model, np.concatenate([starts] * n), sweeps, rng=rng)
            look.see(states.reshape(n, *starts.shape))
        return look.moments()

    return source


class _Look:
    """What is seen of copies of the data after the sweeps, some copies at a time: all that a fit asks for."""

    def __init__(self, model, starts, copies, rng):
        enough = max(ENOUGH_FOR_COVARIANCE, 10 * len(model.parameters))
        # The data may be in any order, so these are not the first ones.
        self._some = rng.permutation(len(starts))[:enough]
        self._before = model.statistics(starts[self._some])
        self._model, self._n_samples, self._copies = model, len(starts), copies
        self._sum, self._square, self._mean = np.zeros_like(self._before), np.zeros_like(self._before), 0.0
        self._first = None

    def see(self, states):
        """Take note of some copies, shape (n, n_samples, configuration)."""
        for some in np.array_split(states, min(len(states), 1 + len(states) * self._before.size // NUMBERS_AT_A_TIME)):
            statistics = self._model.statistics(some[:, self._some])
            self._sum += statistics.sum(axis=0)
            self._square += (statistics**2).sum(axis=0)
            if self._first is None:
                self._first = statistics[: -(-ENOUGH_FOR_COVARIANCE // len(self._some))]
        if len(self._some) < self._n_samples:
            self._mean += self._model.moments(states) * len(states) / self._copies

    def moments(self):
        """Give what was seen as `ModelMoments`."""
        k, copies = len(self._some), self._copies
        mean = self._sum.sum(axis=0) / (k * copies) if k == self._n_samples else self._mean
        before = np.concatenate([self._before] * len(self._first))
        after = self._first.reshape(before.shape)
        size = np.sqrt(self._square.sum(axis=0) / (k * copies))
        between_copies = np.sum(self._square - self._sum**2 / copies, axis=0) / (k * (copies - 1))
        error = np.sqrt(not_frozen(np.maximum(between_copies, 0), size, k * copies) / (copies * self._n_samples))
        covariance, response = np.atleast_2d(np.cov(after, rowvar=False)), _response(before, after)
        np.fill_diagonal(response, not_frozen(2 * np.diag(response), size, len(before)) / 2)
        score = None
        if k > 1:
            score = np.atleast_2d(np.cov(self._before - self._sum / copies, rowvar=False))
            np.fill_diagonal(score, not_frozen(np.diag(score), size, k))
        return ModelMoments(mean, error, covariance, response=response, score_covariance=score)


class _SmallLook:
    """The same without P numbers a sample, which are too many: means, their errors, and variances."""

    def __init__(self, model, starts, copies, rng):
        # A few copies tell a variance badly; in each of some groups of samples, they tell it well together.
        self._n_groups = min(len(starts), 1 + GROUPS // copies)
        self._shares = np.array([len(group) for group in np.array_split(starts, self._n_groups)]) / len(starts)
        self._model, self._means, self._first = model, [], None

    def see(self, states):
        """Take note of some copies, shape (n, n_samples, configuration)."""
        groups = np.array_split(states, self._n_groups, axis=1)
        self._means.append([[self._model.moments(copy) for copy in group] for group in groups])
        if self._first is None:
            self._first = sampled(self._model, states.reshape(-1, *states.shape[2:]))

    def moments(self):
        """Give what was seen as `ModelMoments`."""
        means = np.concatenate(self._means, axis=1)
        error = np.sqrt(self._shares**2 @ means.var(axis=1, ddof=1) / means.shape[1])
        return ModelMoments(self._shares @ means.mean(axis=1), error, self._first.covariance)


def _response(before, after):
    """``F - C`` from statistics before and after the sweeps, each (n, P).

    In equilibrium its symmetric part is half the covariance of the change, which is small where little is forgotten.
    The other part is there since sites are visited in order: a sweep is not its own mirror image in time.
    """
    change, centre = after - before, (after + before) / 2
    change -= change.mean(axis=0)
    turned = change.T @ (centre - centre.mean(axis=0))
    return (change.T @ change + turned.T - turned) / (2 * (len(change) - 1))
