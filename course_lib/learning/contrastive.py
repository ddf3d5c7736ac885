"""Contrastive divergence: a source whose chains start at the data, and what its estimate scatters by."""

import numpy as np

from course_lib.inputs import check_array, check_count
from course_lib.learning.sources import (
    ENOUGH_FOR_COVARIANCE,
    GROUPS,
    SPINS_AT_A_TIME,
    ModelMoments,
    knows_covariance,
    sampled,
    states_of,
)
from course_lib.sampling import advance


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
        look = _Look(model, starts, copies, rng)
        for n in look.batches:
            states = advance(model, np.concatenate([starts] * n), sweeps, rng=rng)
            look.see(states.reshape(n, *starts.shape))
        return look.moments()

    return source


class _Look:
    """What is seen of the copies of the data, some of them at a time, after the sweeps."""

    def __init__(self, model, starts, copies, rng):
        self._model, self._starts, self._copies = model, starts, copies
        at_a_time = max(1, SPINS_AT_A_TIME // starts.size)
        self.batches = np.diff([*range(0, copies, at_a_time), copies])
        # A few copies tell a variance badly; in each of some groups of samples, they tell it well together.
        self._n_groups, self._means = min(len(starts), 1 + GROUPS // copies), []
        enough = max(ENOUGH_FOR_COVARIANCE, 10 * len(model.parameters))
        # The data may be in any order, so these are not the first ones.
        self._some = rng.permutation(len(starts))[:enough]
        self._whole = knows_covariance(model, len(starts) * self.batches[0])
        if self._whole:
            self._before = model.statistics(starts[self._some])
            self._after, self._responding = np.zeros_like(self._before), -(-enough // len(self._before))
        self._covariance = self._response = None

    def see(self, states):
        """Take note of some copies, shape (n, n_samples, configuration)."""
        groups = np.array_split(states, self._n_groups, axis=1)
        self._means.append([[self._model.moments(copy) for copy in group] for group in groups])
        if self._whole:
            for copy in states[:, self._some]:
                self._after += self._model.statistics(copy) / self._copies
        if self._covariance is None:
            self._see_first(states)

    def _see_first(self, states):
        if not self._whole:
            self._covariance = sampled(self._model, states.reshape(-1, *states.shape[2:])).covariance
            return
        states = states[: self._responding, self._some]
        after = self._model.statistics(states.reshape(-1, *states.shape[2:]))
        before = np.concatenate([self._before] * len(states))
        self._covariance, self._response = np.atleast_2d(np.cov(after, rowvar=False)), _response(before, after)

    def moments(self):
        """Give what was seen as `ModelMoments`."""
        means = np.concatenate(self._means, axis=1)
        shares = np.array([len(group) for group in np.array_split(self._starts, self._n_groups)]) / len(self._starts)
        error = np.sqrt(shares**2 @ means.var(axis=1, ddof=1) / self._copies)
        score = None
        if self._whole and len(self._before) > 1:
            score = np.atleast_2d(np.cov(self._before - self._after, rowvar=False))
        return ModelMoments(
            shares @ means.mean(axis=1), error, self._covariance, response=self._response, score_covariance=score
        )


def _response(before, after):
    """``F - C`` from statistics before and after the sweeps, each (n, P).

    In equilibrium its symmetric part is half the covariance of the change, which is small where little is forgotten.
    The other part is there since sites are visited in order: a sweep is not its own mirror image in time.
    """
    change, centre = after - before, (after + before) / 2
    change -= change.mean(axis=0)
    turned = change.T @ (centre - centre.mean(axis=0))
    return (change.T @ change + turned.T - turned) / (2 * (len(change) - 1))
