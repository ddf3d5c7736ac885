"""Enumeration: all 2**N states of N coupled spins, up to N = 25."""

import numpy as np

from course_lib.ising import check_couplings, energy

MAX_SPINS = 25

# A block of the table of states should stay in the processor's cache while it is made, exponentiated and summed.
BLOCK_SIZE = 2**15
MAX_LOW_SPINS = 10

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
    if int(n) != n or n < 0:
        raise ValueError(f"the number of spins must be a whole number from 0 to {MAX_SPINS}, got {n}")
    _check_size(n)
    return _spins(np.arange(2**n), n)


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
    blocks = _log_weights(J, h, beta=1.0)
    return -np.concatenate([block.ravel() for _, block in blocks])


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
    E = energies(J, h)
    round_off = DEGENERACY_TOLERANCE * (np.abs(J).sum() + np.abs(h).sum())
    return float(E.min()), _spins(np.flatnonzero(E <= E.min() + round_off), len(h))


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
    total = 0.0
    for _, weights, rescale, top in _weights(J, h, beta):
        total = total * rescale + weights.sum()
        log_Z = top + np.log(total)
    return float(log_Z)


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
    J, h = check_couplings(J, h)
    low, high = _halves(len(h))
    low_and_one, high_and_one = _append_one(low), _append_one(high)
    low_weight, joint = 0.0, 0.0
    for rows, weights, rescale, _ in _weights(J, h, beta):
        # Sums over the low spins: first of s_low and of 1, then of s_high, which they leave alone.
        summed = weights @ low_and_one
        summed = np.hstack([summed, summed[:, -1:] * high[rows]])
        joint = joint * rescale + high_and_one[rows].T @ summed
        low_weight = low_weight * rescale + weights.sum(axis=0)
    n_low, Z = low.shape[1], joint[-1, low.shape[1]]
    mean = np.delete(joint[-1], n_low) / Z
    correlation = np.empty((len(mean), len(mean)))
    correlation[:n_low, :n_low] = (low.T * low_weight) @ low / Z
    correlation[n_low:] = np.delete(joint[:-1], n_low, axis=1) / Z
    correlation[:n_low, n_low:] = correlation[n_low:, :n_low].T
    np.fill_diagonal(correlation, 1.0)
    return mean, correlation


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
    E = energies(J, h)
    weights = np.exp(-check_beta(beta) * (E - E.min()))
    return weights / weights.sum()


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
    J, h = check_couplings(J, h)
    n, product = len(h), distribution(J, h)
    # After the pass of spin i, entries with bit i set are summed with the factor s_i, the others without. In the
    # end entry k is the mean of the product of the spins whose bits are set in k.
    for spin in range(n):
        down_and_up = product.reshape(-1, 2, 2**spin)
        down, up = down_and_up[:, 0], down_and_up[:, 1]
        down_and_up[:, 0], down_and_up[:, 1] = up + down, up - down
    spins = 2 ** np.arange(n)
    i, j = np.triu_indices(n, 1)
    factors = np.concatenate([spins[i] | spins[j], spins])
    mean = product[factors]
    # A spin that is in both factors drops out of their product: s_i**2 = 1, and so does the exclusive or.
    return mean, product[factors[:, None] ^ factors] - np.outer(mean, mean)


def _log_weights(J, h, beta):
    """Yield (rows, block): -beta E in the table with one row a state of the high spins, one column a low state."""
    J, h = check_couplings(J, h)
    J, h = check_beta(beta) * J, beta * h
    low, high = _halves(len(h))
    n_low = low.shape[1]
    # E(low, high) = E(low) + E(high) - high J low: the two energies ride along in the one matrix product.
    left = np.column_stack([high @ J[n_low:, :n_low], -energy(high, J[n_low:, n_low:], h[n_low:]), np.ones(len(high))])
    right = np.vstack([low.T, np.ones(len(low)), -energy(low, J[:n_low, :n_low], h[:n_low])])
    n_rows = BLOCK_SIZE // len(low)
    for start in range(0, len(high), n_rows):
        rows = slice(start, start + n_rows)
        yield rows, left[rows] @ right


def _weights(J, h, beta):
    """Yield (rows, exp(block - top), rescale, top): what was summed so far, times rescale, is relative to top."""
    top = -np.inf
    for rows, block in _log_weights(J, h, beta):
        old_top, top = top, max(top, block.max())
        block -= top
        yield rows, np.exp(block, out=block), np.exp(old_top - top), top


def _halves(n):
    """All states of the low spins and of the high spins, as floats for the matrix products."""
    _check_size(n)
    n_low = min((n + 1) // 2, MAX_LOW_SPINS)
    return states(n_low).astype(float), states(n - n_low).astype(float)


def _append_one(spins):
    return np.column_stack([spins, np.ones(len(spins))])


def _spins(k, n):
    bits = np.unpackbits(k.astype("<u4").view(np.uint8).reshape(-1, 4), axis=1, count=n, bitorder="little")
    spins = bits.view(np.int8)
    spins *= 2
    spins -= 1
    return spins


def _check_size(n):
    if n > MAX_SPINS:
        raise ValueError(
            f"enumeration is for at most {MAX_SPINS} spins, got {n}: it would visit all 2^{n} states, and their "
            f"energies alone would fill {2.0 ** (min(n, 1000) - 27):.2g} GB; use sampling.sample, or for log Z "
            "divergence.ais_log_partition, for a periodic lattice exact.lattice, for a ring exact.ring"
        )


def check_beta(beta):
    """An inverse temperature, after checking that it is one finite number, 0 or above.

    Parameters
    ----------
    beta : float

    Returns
    -------
    float

    Raises
    ------
    ValueError
        Says what was given, and what to do for the opposite sign.

    Examples
    --------
    >>> check_beta(0.5)
    0.5
    """
    if np.ndim(beta) or not 0 <= beta < np.inf:
        raise ValueError(
            f"beta must be one finite number, 0 or above, got {beta!r}: for a system that likes to disagree change "
            "the signs of J and h instead"
        )
    return beta
