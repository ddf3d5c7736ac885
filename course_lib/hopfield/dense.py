"""Beyond pairs: dense associative memory, whose energy is of a higher degree."""

import numpy as np

from course_lib.hopfield.downhill import ROUND_OFF, Orders, in_blocks
from course_lib.hopfield.patterns import check_patterns, check_states_of
from course_lib.inputs import check_count


def dense_recall(patterns, cues, degree, *, max_sweeps=20, rng):
    """Go downhill in ``E(s) = -sum_mu F(xi^mu . s)`` with ``F(x) = x^degree``, or ``exp(x)`` for degree infinity.

    At degree 2 this is `recall` with Hebb's rule. A higher degree lets the pattern that is nearest speak louder than
    all others together, and about ``N^(degree - 1)`` patterns can be stored (Krotov and Hopfield, NIPS 29, 2016); with
    the exponential a number that grows exponentially with N (Demircigil et al., J. Stat. Phys. 168, 288, 2017). The
    patterns themselves are kept: there is no matrix of couplings.

    Parameters
    ----------
    patterns : array of +-1, shape (P, N)
    cues : array of +-1, shape (..., N)
    degree : int or infinity
        2 or more.
    max_sweeps : int
        1 or more.
    rng : numpy.random.Generator or seed

    Returns
    -------
    Recalled

    Raises
    ------
    ValueError
        If patterns or cues are not +-1 or of different width, or a number is out of range.

    Examples
    --------
    Fifty patterns of 50 spins, one spin of each turned: pairs are too weak, triples are enough.

    >>> from course_lib.hopfield import corrupt
    >>> patterns = np.random.default_rng(1).choice([-1, 1], size=(50, 50))
    >>> cues = corrupt(patterns, 0.02, rng=2)
    >>> for degree in (2, 3):
    ...     print(np.all(dense_recall(patterns, cues, degree, rng=3).states == patterns, axis=1).mean() > 0.9)
    False
    True
    """
    patterns = check_patterns(patterns)
    cues, max_sweeps = check_states_of(patterns, cues), check_count("max_sweeps", max_sweeps, 1)
    if not (isinstance(degree, float) and degree == np.inf):
        degree = check_count("degree", degree, 2)
    orders = Orders(np.random.default_rng(rng), patterns.shape[1])
    by_site = np.ascontiguousarray(patterns.T, np.int32)
    weigh = _weights(patterns.shape[1], degree)

    def settle(states):
        states, sums = states.copy(), states.astype(np.int32) @ by_site
        sweeps, settled = np.zeros(len(states), int), np.zeros(len(states), bool)
        for done in range(max_sweeps):
            turned = _dense_sweep(states, sums, by_site, weigh, orders[done])
            sweeps[turned], settled = done + 1, ~turned
            if np.all(settled):
                break
        return states, sweeps, settled

    return in_blocks(settle, cues, patterns.size)


def _weights(n, degree):
    """What a turned spin changes, ``F(x + 1) - F(x - 1)`` from the other spins' sums x (n_cues, P), up to a factor."""
    if degree == np.inf:
        falling = np.exp(np.arange(2.0 - 2 * n, 1))  # from the end: by how much a sum is below the largest of its cue
        return lambda others: falling[others - others.max(axis=1, keepdims=True) - 1]
    x = np.arange(1.0 - n, n)
    table = ((x + 1) / n) ** float(degree) - ((x - 1) / n) ** float(degree)
    return lambda others: table[others + n - 1]


def _dense_sweep(states, sums, by_site, weigh, order):
    """Visit the sites of all states (n_cues, N) in order, in place; sums (n_cues, P) are their products with patterns.

    Returns which states changed.
    """
    turned = np.zeros(len(states), bool)
    for i in order:
        pulls = weigh(sums - np.outer(states[:, i], by_site[i]))  # without the spin itself
        against = states[:, i] * (pulls @ by_site[i])
        flips = against < -ROUND_OFF * np.abs(pulls).sum(axis=1)
        sums[flips] -= np.outer(2 * states[flips, i], by_site[i])
        states[flips, i] *= -1
        turned |= flips
    return turned
