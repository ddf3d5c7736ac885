"""Exact answers to compare everything else with: enumeration, transfer matrices, Onsager and Kaufman.

Enumeration visits all 2**N states of N coupled spins, up to N = 25. A transfer matrix adds up a ring or a lattice
row by row. The closed forms are those of the square lattice without field, with J = 1 and k_B = 1: there the
temperature is free and beta = 1 / temperature.
"""

import numpy as np

from course_lib.ising import LatticeIsing, check_couplings, check_side, energy

MAX_SPINS = 25
MAX_ROW = 10
CRITICAL_TEMPERATURE = 2 / np.log(1 + np.sqrt(2))

# A block of the table of states should stay in the processor's cache while it is made, exponentiated and summed.
BLOCK_SIZE = 2**15
MAX_LOW_SPINS = 10

# Two states are degenerate when their energies differ by round-off: this times the sum of all |J| and |h|.
DEGENERACY_TOLERANCE = 1e-12

# Below this part of the sum of its terms' sizes, a sum of terms of both signs keeps fewer than 9 digits.
CANCELLATION_LIMIT = 1e-6


# ---------------------------------------------------------------- enumeration of N coupled spins


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


# ---------------------------------------------------------------- transfer matrices of rings and lattices


def ring(n, J, h):
    """Log Z, and mean and covariance of bond sum and spin sum, of a closed chain: ``-E = J B + h S``.

    Parameters
    ----------
    n : int
        Number of spins, at least 2.
    J, h : float
        Coupling a bond and field a site, in units of the temperature.

    Returns
    -------
    (float, array, shape (2,), array, shape (2, 2))
        log Z; ``<B>, <S>``; covariance of (B, S).

    Raises
    ------
    ValueError
        If n is below 2, J or h is not a finite number, or double precision does not suffice: an odd ring
        with strongly negative J.

    Examples
    --------
    Without field ``Z = (2 cosh J)**n + (2 sinh J)**n``.

    >>> log_Z, mean, covariance = ring(10, J=0.5, h=0.0)
    >>> bool(np.isclose(np.exp(log_Z), (2 * np.cosh(0.5)) ** 10 + (2 * np.sinh(0.5)) ** 10))
    True
    """
    return _torus(n, *_ring_sums(n, J, h), J, h)


def ring_correlation(n, J, h, distance):
    """Correlation ``<s_0 s_r>`` of two spins of a closed chain.

    Parameters
    ----------
    n : int
        Number of spins, at least 2.
    J, h : float
        Coupling a bond and field a site, in units of the temperature.
    distance : int or array of int
        r.

    Returns
    -------
    float or array, with the shape of ``distance``

    Raises
    ------
    ValueError
        As `ring`.

    Examples
    --------
    On a long ring without field the correlation is ``tanh(J)**r``.

    >>> bool(np.allclose(ring_correlation(1000, 0.5, 0.0, [0, 1, 5]), np.tanh(0.5) ** np.array([0, 1, 5])))
    True
    """
    _, Z, _, roots, modes = _transfer(n, *_ring_sums(n, J, h), J, h)
    spin = modes.T @ np.diag([-1.0, 1.0]) @ modes
    r = np.asarray(distance)[..., None, None] % n
    return np.sum(spin**2 * roots[:, None] ** r * roots ** (n - r), axis=(-2, -1)) / Z


def lattice(shape, J, h):
    """Log Z, and mean and covariance of the statistics of `course_lib.ising.LatticeIsing`: ``-E = J B + h S``.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of the periodic lattice, each at least 2, the smaller at most 10.
    J, h : float
        Coupling a bond and field a site, in units of the temperature.

    Returns
    -------
    (float, array, shape (2,), array, shape (2, 2))
        log Z; ``<B>, <S>``; covariance of (B, S), which is also the Fisher information of one image.

    Raises
    ------
    ValueError
        If a side is below 2 or the smaller above 10, J or h is not a finite number, or double precision does
        not suffice: an odd number of rows with strongly negative J.

    Examples
    --------
    Free spins: 32 bonds and 16 sites, each of variance 1.

    >>> log_Z, mean, covariance = lattice((4, 4), J=0.0, h=0.0)
    >>> bool(np.isclose(log_Z, 16 * np.log(2))), bool(np.allclose(covariance, np.diag([32, 16])))
    (True, True)
    """
    # A lattice and its transpose have the same sums; the shorter row has the smaller matrix.
    width, n_rows = sorted(LatticeIsing(J, h, shape).shape)
    if width > MAX_ROW:
        raise ValueError(
            f"the smaller side of a lattice must be at most {MAX_ROW}, got {shape[0]} x {shape[1]}: its transfer "
            f"matrix would be 2^{width} x 2^{width}; use sampling.sample_images, or exact.kaufman where h = 0"
        )
    row = states(width).astype(float)
    row_bonds = np.sum(row * np.roll(row, -1, axis=1), axis=1)
    return _torus(n_rows, _mean_of_pair(row_bonds) + row @ row.T, _mean_of_pair(row.sum(axis=1)), J, h)


def _ring_sums(n, J, h):
    """Bonds and spins between neighbours of a ring, as `_transfer` takes them."""
    if int(n) != n or n < 2:
        raise ValueError(f"a ring must have at least 2 spins, got {n}: one spin has no neighbour")
    if np.ndim(J) or np.ndim(h) or not (np.isfinite(J) and np.isfinite(h)):
        raise ValueError(f"J and h of a ring must each be one finite number, got {J!r} and {h!r}")
    spin = np.array([-1.0, 1.0])
    return np.outer(spin, spin), _mean_of_pair(spin)


def _mean_of_pair(values):
    return (values[:, None] + values) / 2


def _transfer(n_rows, bonds, spins, J, h):
    """Transfer matrix T(s, s') = exp(J bonds + h spins), scaled to a largest eigenvalue of 1, and Z = Tr T**n_rows.

    ``bonds`` and ``spins`` hold what two successive rows add to B and S, half of each row counted here and half with
    the row's other neighbour: so T is symmetric. Returns log Z, Z of the scaled T, T, its eigenvalues and -vectors.
    """
    log_T = J * bonds + h * spins
    top = log_T.max()
    T = np.exp(log_T - top)
    roots, modes = np.linalg.eigh(T)
    largest = np.abs(roots).max()
    T, roots = T / largest, roots / largest
    Z = np.sum(roots**n_rows)
    if Z < CANCELLATION_LIMIT * np.sum(np.abs(roots) ** n_rows):
        raise ValueError(
            f"J = {J:g} cannot be summed on an odd number of rows ({n_rows}) in double precision: the neighbours "
            "cannot all disagree, and the leading terms cancel; use a weaker J, an even number of rows, or for up to "
            f"{MAX_SPINS} spins exact.log_partition and exact.moments"
        )
    return float(n_rows * (top + np.log(largest)) + np.log(Z)), Z, T, roots, modes


def _torus(n_rows, bonds, spins, J, h):
    """Log Z, mean and covariance of (B, S) for n_rows rows in a circle; arguments as of `_transfer`."""
    log_Z, Z, T, roots, modes = _transfer(n_rows, bonds, spins, J, h)
    # The probability of two successive rows: T for themselves, T**(n_rows - 1) for the way around.
    pair = T * ((modes * roots ** (n_rows - 1)) @ modes.T) / Z
    sums = np.stack([bonds, spins])
    mean = np.sum(pair * sums, axis=(1, 2))
    # Centred before they are multiplied, or a small variance would drown in the round-off of a large mean.
    centred = sums - mean[:, None, None]
    # Two places on the circle, r and n_rows - 2 - r rows apart, summed over r.
    powers = roots[:, None] ** np.arange(n_rows - 1)
    apart = powers @ powers[:, ::-1].T
    inserted = modes.T @ (centred * T) @ modes
    covariance = np.empty((2, 2))
    for t, u in np.ndindex(2, 2):
        covariance[t, u] = np.sum(pair * centred[t] * centred[u]) + np.sum(inserted[t] * inserted[u] * apart) / Z
    return log_Z, n_rows * mean, n_rows * covariance


# ---------------------------------------------------------------- the finite square lattice at h = 0


def kaufman(size, temperature):
    """Energy and heat capacity per spin of the periodic L x L lattice, J = 1 and h = 0.

    Kaufman, Phys. Rev. 76, 1232 (1949); Ferdinand and Fisher, Phys. Rev. 185, 832 (1969).

    Parameters
    ----------
    size : int
        L, at least 2. At L = 2 each pair of neighbours has two bonds.
    temperature : float or array
        In units of J / k_B, at least 0.01.

    Returns
    -------
    (float or array, float or array)
        Energy per spin in units of J, and heat capacity per spin in units of k_B; the shape of ``temperature``.

    Raises
    ------
    ValueError
        If the side is below 2 or the temperature is below 0.01 or not finite.

    Examples
    --------
    >>> e, c = kaufman(64, CRITICAL_TEMPERATURE)
    >>> round(float(e), 5), round(float(c), 5)
    (-1.42394, 2.19221)
    """
    _, slope, curvature = _kaufman(size, temperature)
    return -slope / size**2, curvature / (size * np.asarray(temperature)) ** 2


def kaufman_log_partition(size, temperature):
    """Log of the partition function of the periodic L x L lattice, J = 1 and h = 0; the source is that of `kaufman`.

    Parameters
    ----------
    size : int
        L, at least 2.
    temperature : float or array
        In units of J / k_B, at least 0.01.

    Returns
    -------
    float or array, with the shape of ``temperature``
        In nats, of the whole lattice, not per spin.

    Raises
    ------
    ValueError
        As `kaufman`.

    Examples
    --------
    >>> bool(np.isclose(kaufman_log_partition(4, 2.5), lattice((4, 4), 1 / 2.5, 0.0)[0]))
    True
    """
    return _kaufman(size, temperature)[0]


def _kaufman(size, temperature):
    """Log Z and its first and second derivative by K = 1 / temperature.

    Z = (2 sinh 2K)**(L*L/2) / 2 times the sum of four products of 2 cosh x_l or 2 sinh x_l, x_l = L gamma_l / 2,
    over odd or even l, with cosh gamma_l = s + 1/s - cos(pi l / L) and s = sinh 2K.
    """
    size = check_side(size)
    s, c = _sinh_cosh(temperature)
    n_sites = size**2
    # s + 1/s - 1 = 1 + gap**2, free of the cancellation at the critical point, where s = 1.
    gap = (s - 1) / np.sqrt(s)
    cosh_slope, cosh_curvature = 2 * c * (1 - 1 / s**2), 4 * (s - 1 / s) + 8 * (c / s) ** 2 / s

    def exponents(index):
        above_one = gap[..., None] ** 2 + 2 * np.sin(np.pi * index / (2 * size)) ** 2
        sinh = np.sqrt(above_one * (above_one + 2))
        slope = cosh_slope[..., None] / sinh
        curvature = (cosh_curvature[..., None] - (1 + above_one) * slope**2) / sinh
        return size * np.arcsinh(np.sqrt(above_one / 2)), size / 2 * slope, size / 2 * curvature

    def product(x, slope, curvature, sign):
        """Log of the product of exp(x) + sign exp(-x), and its two derivatives."""
        ratio = np.tanh(x) ** sign
        return np.array(
            [
                np.sum(x + np.log1p(sign * np.exp(-2 * x)), axis=-1),
                np.sum(ratio * slope, axis=-1),
                np.sum((1 - ratio**2) * slope**2 + ratio * curvature, axis=-1),
            ]
        )

    odd, even = exponents(np.arange(1, 2 * size, 2)), exponents(np.arange(2, 2 * size, 2))
    log, slope, curvature = np.stack([product(*odd, 1), product(*odd, -1), product(*even, 1), product(*even, -1)], 1)

    # x_0 changes sign at the critical point, and 2 sinh x_0 with it: no logarithm of that one. It and 2 cosh x_0 are
    # kept as numbers, with their derivatives, in units of exp(|x_0|).
    x, x_slope, x_curvature = size * np.arcsinh(gap / np.sqrt(2)), size * (1 + 1 / s), -2 * size * c / s**2
    cosh, sinh = 1 + np.exp(-2 * np.abs(x)), -np.sign(x) * np.expm1(-2 * np.abs(x))
    one, zero = np.ones_like(x), np.zeros_like(x)
    factor = np.stack([one, one, cosh, sinh])
    factor_slope = np.stack([zero, zero, sinh * x_slope, cosh * x_slope])
    factor_curvature = (
        np.stack([zero, zero, cosh, sinh]) * x_slope**2 + np.stack([zero, zero, sinh, cosh]) * x_curvature
    )
    log[2:] += np.abs(x)

    # Slopes are taken relative to the first product's: they are of the order of L*L and their squares would cancel.
    reference, top = slope[0], log.max(axis=0)
    slope = slope - reference
    weight = np.exp(log - top)
    Z = np.sum(weight * factor, axis=0)
    mean = np.sum(weight * (factor_slope + factor * slope), axis=0) / Z
    square = (
        np.sum(weight * (factor_curvature + 2 * factor_slope * slope + factor * (slope**2 + curvature)), axis=0) / Z
    )
    return (
        n_sites / 2 * np.log(2 * s) - np.log(2) + top + np.log(Z),
        n_sites * c / s + reference + mean,
        -2 * n_sites / s**2 + square - mean**2,
    )


# ---------------------------------------------------------------- the infinite square lattice at h = 0


def onsager_energy(temperature):
    """Energy per spin of the infinite square lattice, J = 1 and h = 0; Onsager, Phys. Rev. 65, 117 (1944).

    Parameters
    ----------
    temperature : float or array
        In units of J / k_B, at least 0.01.

    Returns
    -------
    float or array, with the shape of ``temperature``
        In units of J.

    Raises
    ------
    ValueError
        If the temperature is below 0.01 or not finite.

    Examples
    --------
    >>> bool(onsager_energy(CRITICAL_TEMPERATURE) == -np.sqrt(2))
    True
    """
    s, c = _sinh_cosh(temperature)
    q, integral, _ = _elliptic(s)
    with np.errstate(invalid="ignore"):
        return -c / s * (1 + 2 / np.pi * np.where(q == 0, 0.0, q * integral))


def onsager_heat_capacity(temperature):
    """Heat capacity per spin of the infinite square lattice, J = 1 and h = 0; infinite at the critical temperature.

    Onsager, Phys. Rev. 65, 117 (1944).

    Parameters
    ----------
    temperature : float or array
        In units of J / k_B, at least 0.01.

    Returns
    -------
    float or array, with the shape of ``temperature``
        In units of k_B.

    Raises
    ------
    ValueError
        As `onsager_energy`.

    Examples
    --------
    >>> onsager_heat_capacity([2.0, CRITICAL_TEMPERATURE]).round(4)
    array([0.7249,    inf])
    """
    s, c = _sinh_cosh(temperature)
    q, first, first_minus_second = _elliptic(s)
    with np.errstate(invalid="ignore"):
        bracket = 2 * first_minus_second - (1 - q) * (np.pi / 2 + q * first)
    return 2 / np.pi * (c / s / np.asarray(temperature)) ** 2 * np.where(q == 0, np.inf, bracket)


def onsager_magnetization(temperature):
    """Spontaneous magnetization per spin of the infinite square lattice, 0 from the critical temperature on.

    Yang, Phys. Rev. 85, 808 (1952).

    Parameters
    ----------
    temperature : float or array
        In units of J / k_B, at least 0.01.

    Returns
    -------
    float or array, with the shape of ``temperature``

    Raises
    ------
    ValueError
        As `onsager_energy`.

    Examples
    --------
    >>> onsager_magnetization([1.0, 2.0, 3.0]).round(4)
    array([0.9993, 0.9113, 0.    ])
    """
    s, _ = _sinh_cosh(temperature)
    return np.maximum(1 - s**-4.0, 0.0) ** 0.125


def onsager_log_partition(temperature):
    """Log of the partition function per spin, ``-beta f``, of the infinite square lattice, J = 1 and h = 0.

    Onsager, Phys. Rev. 65, 117 (1944): ``log(2 sinh 2K) / 2 + integral_0^pi gamma(w) dw / (2 pi)`` with
    ``cosh gamma(w) = s + 1/s - cos w`` and ``s = sinh 2K``, ``K = 1 / temperature``.

    Parameters
    ----------
    temperature : float or array
        In units of J / k_B, at least 0.01.

    Returns
    -------
    float or array, with the shape of ``temperature``
        In nats.

    Raises
    ------
    ValueError
        As `onsager_energy`.

    Examples
    --------
    At high temperature every spin is free, and -beta f = log 2.

    >>> bool(np.isclose(onsager_log_partition(1e4), np.log(2)))
    True
    """
    s, _ = _sinh_cosh(temperature)
    gap = np.abs(s - 1) / np.sqrt(2 * s)
    # Near the critical point gamma(w) bends within w = gap, as sqrt(gap**2 + w**2) does; w = scale sinh(t) unbends it.
    scale = np.maximum(2 * np.arcsinh(gap), 1e-8)[..., None]
    node, weight = np.polynomial.legendre.leggauss(64)
    half_range = np.arcsinh(np.pi / scale) / 2
    t = half_range * (1 + node)
    gamma = 2 * np.arcsinh(np.hypot(gap[..., None], np.sin(scale * np.sinh(t) / 2)))
    return np.log(2 * s) / 2 + np.sum(gamma * half_range * weight * scale * np.cosh(t), axis=-1) / (2 * np.pi)


def _sinh_cosh(temperature):
    """Sinh and cosh of 2K = 2 / temperature, exactly 1 and sqrt(2) at the critical temperature."""
    temperature = np.asarray(temperature, dtype=float)
    if not np.all((temperature >= 0.01) & (temperature < np.inf)):
        raise ValueError(
            f"the temperature must be finite and at least 0.01, in units of J / k_B, got {temperature}: below that "
            "all spins agree"
        )
    s = np.where(temperature == CRITICAL_TEMPERATURE, 1.0, np.sinh(2 / temperature))
    return s, np.sqrt(1 + s**2)


def _elliptic(s):
    """The modulus q = 2 tanh(2K)**2 - 1 of Onsager, and the complete elliptic integrals K and K - E of k**2 = 1 - q**2.

    By the arithmetic-geometric mean (Abramowitz and Stegun 17.6), which doubles its digits at every step: 10 steps
    are enough for any q but 0, where K is infinite.
    """
    q = (s - 1 / s) / (s + 1 / s)
    a, b, total = np.ones_like(q), np.abs(q), (1 - q**2) / 2
    for step in range(10):
        a, b, c = (a + b) / 2, np.sqrt(a * b), (a - b) / 2
        total = total + 2**step * c**2
    K = np.where(q == 0, np.inf, np.pi / (2 * a))
    return q, K, K * total
