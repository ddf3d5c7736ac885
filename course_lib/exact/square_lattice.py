"""The square lattice without field, with J = 1 and k_B = 1, in closed form: finite by Kaufman, infinite by Onsager.

The temperature is free, and beta = 1 / temperature.
"""

import numpy as np

from course_lib.inputs import check_array, check_side

CRITICAL_TEMPERATURE = 2 / np.log(1 + np.sqrt(2))


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
    >>> from course_lib.exact import lattice
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
    odd, even = (_exponents(size, np.arange(first, 2 * size, 2), s, c) for first in (1, 2))
    products = [_log_product(*odd, 1), _log_product(*odd, -1), _log_product(*even, 1), _log_product(*even, -1)]
    log, slope, curvature = np.stack(products, 1)
    x, factor, factor_slope, factor_curvature = _critical_factors(size, s, c)
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


def _critical_gap(s):
    """Such that s + 1/s - 1 = 1 + gap**2, free of the cancellation at the critical point, where s = 1."""
    return (s - 1) / np.sqrt(s)


def _exponents(size, index, s, c):
    """x_l of `_kaufman` and its two derivatives, on a last axis over l = index, none of them 0."""
    cosh_slope, cosh_curvature = 2 * c * (1 - 1 / s**2), 4 * (s - 1 / s) + 8 * (c / s) ** 2 / s
    above_one = _critical_gap(s)[..., None] ** 2 + 2 * np.sin(np.pi * index / (2 * size)) ** 2
    sinh = np.sqrt(above_one * (above_one + 2))
    slope = cosh_slope[..., None] / sinh
    curvature = (cosh_curvature[..., None] - (1 + above_one) * slope**2) / sinh
    return size * np.arcsinh(np.sqrt(above_one / 2)), size / 2 * slope, size / 2 * curvature


def _log_product(x, slope, curvature, sign):
    """Log of the product over the last axis of exp(x) + sign exp(-x), and its two derivatives."""
    ratio = np.tanh(x) ** sign
    return np.array(
        [
            np.sum(x + np.log1p(sign * np.exp(-2 * x)), axis=-1),
            np.sum(ratio * slope, axis=-1),
            np.sum((1 - ratio**2) * slope**2 + ratio * curvature, axis=-1),
        ]
    )


def _critical_factors(size, s, c):
    """x_0, and what it brings to each of the four products: 1, 1, 2 cosh x_0, 2 sinh x_0, with two derivatives.

    x_0 changes sign at the critical point, and 2 sinh x_0 with it: no logarithm of that one. It and 2 cosh x_0 are
    kept as numbers, with their derivatives, in units of exp(|x_0|).
    """
    x, x_slope, x_curvature = size * np.arcsinh(_critical_gap(s) / np.sqrt(2)), size * (1 + 1 / s), -2 * size * c / s**2
    cosh, sinh = 1 + np.exp(-2 * np.abs(x)), -np.sign(x) * np.expm1(-2 * np.abs(x))
    one, zero = np.ones_like(x), np.zeros_like(x)
    even, odd = np.stack([zero, zero, cosh, sinh]), np.stack([zero, zero, sinh, cosh])
    return x, np.stack([one, one, cosh, sinh]), odd * x_slope, even * x_slope**2 + odd * x_curvature


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
    temperature = check_array("the temperature", temperature).astype(float)
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
