"""Enumeration: all 2**N states of N coupled spins, up to N = 25."""

import numpy as np

from course_lib.exact import sums
from course_lib.inputs import check_beta, check_count, check_couplings

# Two states are degenerate when their energies differ by round-off: this times the sum of all |J| and |h|.
DEGENERACY_TOLERANCE = 1e-12


def states(n):
    """All configurations of n spins: in state k, spin i is +1 where bit i of k is set.

    Parameters
    ----------
    n : int
        Number of spins, at most 25.

    Returns
    -------
    array of int8, shape (2**n, n)

    Raises
    ------
    ValueError
        If n is negative, no whole number, or above 25.

    Examples
    --------
    >>> states(2)
    array([[-1, -1],
           [ 1, -1],
           [-1,  1],
           [ 1,  1]], dtype=int8)
    """
    return sums.all_states(check_count("the number of spins", n, 0))


def energies(J, h):
    """Energy of every state, in the order of `states`.

    Parameters
    ----------
    J : array, shape (N, N)
        Couplings, symmetric, zero diagonal.
    h : array, shape (N,)
        Fields.

    Returns
    -------
    array, shape (2**N,)

    Raises
    ------
    ValueError
        As `course_lib.ising.energy`, and if N is above 25.

    Examples
    --------
    >>> energies([[0, 1], [1, 0]], [0, 0.5])
    array([-0.5,  1.5,  0.5, -1.5])
    """
    return -sums.log_weights(*check_couplings(J, h))


def ground_states(J, h):
    """The lowest energy and all states that have it.

    Parameters
    ----------
    J : array, shape (N, N)
    h : array, shape (N,)

    Returns
    -------
    (float, array of int8, shape (K, N))
        The energy, and the K states within round-off of it, in the order of `states`.

    Raises
    ------
    ValueError
        As `energies`.

    Examples
    --------
    >>> ground_states([[0, 1], [1, 0]], [0, 0])
    (-1.0, array([[-1, -1],
           [ 1,  1]], dtype=int8))
    """
    J, h = check_couplings(J, h)
    E = -sums.log_weights(J, h)
    round_off = DEGENERACY_TOLERANCE * (np.abs(J).sum() + np.abs(h).sum())
    return float(E.min()), sums.spins_of(np.flatnonzero(E <= E.min() + round_off), len(h))


def log_partition(J, h, beta=1.0):
    """Log of the partition function, ``log sum_s exp(-beta E(s))``, in nats.

    Parameters
    ----------
    J : array, shape (N, N)
    h : array, shape (N,)
    beta : float
        Inverse temperature, 0 or above.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        As `energies`, and if beta is negative or not finite.

    Examples
    --------
    Two free spins have four states of equal weight.

    >>> bool(np.isclose(log_partition(np.zeros((2, 2)), [0, 0]), np.log(4)))
    True
    """
    return sums.log_partition(*_times_beta(J, h, beta))


def moments(J, h, beta=1.0):
    """Mean spins and correlations, ``<s_i>`` and ``<s_i s_j>``.

    N = 20 takes some milliseconds, N = 25 some tenths of a second: each spin doubles the time.

    Parameters
    ----------
    J : array, shape (N, N)
    h : array, shape (N,)
    beta : float
        Inverse temperature, 0 or above.

    Returns
    -------
    (array, shape (N,), array, shape (N, N))
        The diagonal of the correlations is 1: ``s_i**2 = 1``.

    Raises
    ------
    ValueError
        As `log_partition`.

    Examples
    --------
    >>> mean, correlation = moments([[0, 0.5], [0.5, 0]], [0, 0])
    >>> bool(np.isclose(correlation[0, 1], np.tanh(0.5)))
    True
    """
    return sums.moments(*_times_beta(J, h, beta))


def distribution(J, h, beta=1.0):
    """Probability of every state, in the order of `states`.

    Parameters
    ----------
    J : array, shape (N, N)
    h : array, shape (N,)
    beta : float
        Inverse temperature, 0 or above.

    Returns
    -------
    array, shape (2**N,)

    Raises
    ------
    ValueError
        As `log_partition`.

    Examples
    --------
    >>> distribution([[0, 1], [1, 0]], [0, 0], beta=0)
    array([0.25, 0.25, 0.25, 0.25])
    """
    return sums.distribution(*_times_beta(J, h, beta))


def statistics_moments(J, h):
    """Mean and covariance of the statistics of `course_lib.ising.Ising`: s_i s_j for i < j, then s_i.

    The covariance needs the mean of every product of up to four spins. One Walsh-Hadamard transform of the
    distribution gives the means of all 2**N products, in about N 2**N additions: 0.1 s at N = 20, 5 s and 1 GB
    at N = 25.

    Parameters
    ----------
    J : array, shape (N, N)
    h : array, shape (N,)

    Returns
    -------
    (array, shape (P,), array, shape (P, P))
        P = N (N - 1) / 2 + N. The covariance is also the Fisher information of one sample.

    Raises
    ------
    ValueError
        As `energies`.

    Examples
    --------
    Free spins: every statistic has mean 0 and variance 1, and none knows of another.

    >>> mean, covariance = statistics_moments(np.zeros((2, 2)), [0, 0])
    >>> mean, covariance
    (array([0., 0., 0.]), array([[1., 0., 0.],
           [0., 1., 0.],
           [0., 0., 1.]]))
    """
    return sums.statistics_moments(*check_couplings(J, h))


def _times_beta(J, h, beta):
    """Couplings and fields that were checked, in units of the temperature."""
    J, h = check_couplings(J, h)
    return check_beta(beta) * J, beta * h
