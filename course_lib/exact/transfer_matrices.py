"""Transfer matrices: a ring, spin by spin, and a periodic lattice, row by row."""

import numpy as np

from course_lib.exact.sums import MAX_SPINS, NotSummable, all_states
from course_lib.inputs import check_array, check_count, check_number
from course_lib.ising import LatticeIsing

MAX_ROW = 10
MAX_ROW_OF_A_GLASS = 8

# Below this part of the sum of its terms' sizes, a sum of terms of both signs keeps fewer than 9 digits.
CANCELLATION_LIMIT = 1e-6


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
    return torus(n, _ring_sums(n, J, h), (J, h))


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
    _, Z, _, roots, modes = _transfer(n, _ring_sums(n, J, h), (J, h))
    spin = modes.T @ np.diag([-1.0, 1.0]) @ modes
    distance = check_array("distance", distance)
    if not np.all(np.isfinite(distance)):
        raise ValueError(f"distance must be finite, got {distance}")
    r = distance[..., None, None] % n
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
        If a side is below 2, or J or h is not a finite number.
    NotSummable
        If the smaller side is above 10, or double precision does not suffice: an odd number of rows with strongly
        negative J.

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
        raise NotSummable(
            f"the smaller side of a lattice must be at most {MAX_ROW}, got {shape[0]} x {shape[1]}: its transfer "
            f"matrix would be 2^{width} x 2^{width}; use sampling.sample_images, or exact.kaufman where h = 0"
        )
    row = all_states(width).astype(float)
    row_bonds = np.sum(row * np.roll(row, -1, axis=1), axis=1)
    sums = np.stack([_mean_of_pair(row_bonds) + row @ row.T, _mean_of_pair(row.sum(axis=1))])
    return torus(n_rows, sums, (J, h))


def ground_energy(right, down):
    """Lowest energy of a periodic lattice with a coupling of its own on each bond, without field.

    The transfer matrix with its sum replaced by a minimum, and its product by a sum.

    Parameters
    ----------
    right, down : array, shape (rows, cols)
        Coupling of each site to the one on its right, and to the one below. At most 8 columns.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the two are not finite arrays of one shape, a side is below 2, or there are more than 8 columns.

    Examples
    --------
    >>> ground_energy(np.ones((5, 4)), np.ones((5, 4)))  # all 40 bonds satisfied
    -40.0
    """
    right, down = (check_array("the couplings", couplings).astype(float) for couplings in (right, down))
    if right.shape != down.shape or right.ndim != 2 or not np.all(np.isfinite([right, down])):
        raise ValueError(
            "right and down must be finite couplings, both with one number a site, shape (rows, cols); "
            f"got the shapes {right.shape} and {down.shape}"
        )
    rows, cols = right.shape
    if min(rows, cols) < 2 or cols > MAX_ROW_OF_A_GLASS:
        raise ValueError(
            f"a lattice must have at least 2 rows and 2 to {MAX_ROW_OF_A_GLASS} columns, got {rows} x {cols}; its "
            "transfer matrix has 2^columns rows: turn the lattice, or look with sampling.anneal"
        )
    row = all_states(cols).astype(float)
    lowest = np.where(np.eye(len(row), dtype=bool), 0.0, np.inf)  # [first row, present row]
    for r in range(rows):
        inside = -(row * np.roll(row, -1, axis=1)) @ right[r]
        step = inside[:, None] - (row * down[r]) @ row.T  # [present row, next row]
        lowest = np.stack([(lowest + step[:, k]).min(axis=1) for k in range(len(row))], axis=1)
    return float(np.diagonal(lowest).min())  # below the last row comes the first


def torus(n_rows, sums, parameters):
    """Log Z, mean and covariance of P statistics of rows in a circle, which are sums over pairs of successive rows.

    For models of this kind that the rest of the course has no name for; nothing is checked.

    Parameters
    ----------
    n_rows : int
    sums : array, shape (P, K, K)
        What two successive rows in states k and l add to each statistic, with half of what each row adds alone.
        Symmetric in k and l.
    parameters : array, shape (P,)
        ``-E`` is their product with the statistics. The first one is named if double precision does not suffice.

    Returns
    -------
    (float, array, shape (P,), array, shape (P, P))
        log Z, mean, covariance.

    Examples
    --------
    Rows of one spin each: a ring.

    >>> spin = np.array([-1.0, 1.0])
    >>> log_Z, mean, covariance = torus(10, np.outer(spin, spin)[None], [0.5])
    >>> bool(np.isclose(mean[0], ring(10, 0.5, 0.0)[1][0]))
    True
    """
    log_Z, Z, T, roots, modes = _transfer(n_rows, sums, parameters)
    # The probability of two successive rows: T for themselves, T**(n_rows - 1) for the way around.
    pair = T * ((modes * roots ** (n_rows - 1)) @ modes.T) / Z
    mean = np.sum(pair * sums, axis=(1, 2))
    # Centred before they are multiplied, or a small variance would drown in the round-off of a large mean.
    centred = sums - mean[:, None, None]
    # Two places on the circle, r and n_rows - 2 - r rows apart, summed over r.
    powers = roots[:, None] ** np.arange(n_rows - 1)
    apart = powers @ powers[:, ::-1].T
    inserted = modes.T @ (centred * T) @ modes
    covariance = np.empty((len(sums), len(sums)))
    for t, u in np.ndindex(covariance.shape):
        covariance[t, u] = np.sum(pair * centred[t] * centred[u]) + np.sum(inserted[t] * inserted[u] * apart) / Z
    return log_Z, n_rows * mean, n_rows * covariance


def _ring_sums(n, J, h):
    """Bonds and spins between neighbours of a ring, as `_transfer` takes them."""
    check_count("the number of spins of a ring", n, 2)
    check_number("J of a ring", J), check_number("h of a ring", h)
    spin = np.array([-1.0, 1.0])
    return np.stack([np.outer(spin, spin), _mean_of_pair(spin)])


def _mean_of_pair(values):
    return (values[:, None] + values) / 2


def _transfer(n_rows, sums, parameters):
    """Transfer matrix T(s, s') = exp(parameters . sums), scaled to a largest eigenvalue of 1, and Z = Tr T**n_rows.

    ``sums`` hold what two successive rows add to the statistics, half of each row counted here and half with the row's
    other neighbour: so T is symmetric. Returns log Z, Z of the scaled T, T, its eigenvalues and -vectors.
    """
    log_T = np.tensordot(parameters, sums, axes=1)
    top = log_T.max()
    T = np.exp(log_T - top)
    roots, modes = np.linalg.eigh(T)
    largest = np.abs(roots).max()
    T, roots = T / largest, roots / largest
    Z = np.sum(roots**n_rows)
    if Z < CANCELLATION_LIMIT * np.sum(np.abs(roots) ** n_rows):
        raise NotSummable(
            f"J = {parameters[0]:g} cannot be summed on an odd number of rows ({n_rows}) in double precision: "
            "neighbours cannot all disagree, and the leading terms cancel; use a weaker J, an even number of rows, or "
            f"for up to {MAX_SPINS} spins exact.log_partition and exact.moments"
        )
    return float(n_rows * (top + np.log(largest)) + np.log(Z)), Z, T, roots, modes
