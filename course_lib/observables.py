"""Heat capacity, susceptibility and Binder cumulant from the record of a chain, each with its error bar.

They are functions of means, not means, and successive draws are correlated: so the record is cut into 32 blocks or
more, long against its memory, and the error is the jackknife's over blocks (Efron, The Jackknife, the Bootstrap and
Other Resampling Plans, SIAM 1982). In 2000 single chains each, of 4 x 4 and 8 x 8 lattices at T = 4, 2.5 and 2.27, 2.04
errors held the exact value in 94 to 95%, as Student's law for 32 blocks asks, and in 92 to 94% if the record was barely
long enough. Tried against it were blocks that double until they are long enough (Flyvbjerg and Petersen, J. Chem. Phys.
91, 461, 1989), and for first-order processes the autocorrelation time of the linearised function: neither covered
better.
"""

import numpy as np

from course_lib.diagnostics import ChainTooShort, autocorrelation_time
from course_lib.inputs import check_array, check_beta, check_count

BLOCKS = 32  # at least, of all chains together: their spread is then known to 13%, and 95% lie within 2.04 errors
TIMES = 10  # autocorrelation times a block: that neighbouring blocks agree then takes at most 5% from the error


def heat_capacity(energies, n_sites, beta=1.0):
    """Heat capacity per site, ``beta^2 (<E^2> - <E>^2) / N`` with k_B = 1, from the energies along chains.

    Parameters
    ----------
    energies : array, shape (n_draws,) or (n_chains, n_draws)
        E of the whole system, not multiplied by beta, from chains that have forgotten their start.
    n_sites : int
    beta : float
        At which they were drawn.

    Returns
    -------
    (float, float)
        The value and its standard error, by the jackknife over blocks.

    Raises
    ------
    ChainTooShort
        If the draws are fewer than 320 autocorrelation times of E or of ``(E - <E>)^2``.
    ValueError
        As `course_lib.diagnostics.autocorrelation_time`, or if n_sites is below 1 or beta negative.

    Examples
    --------
    >>> from course_lib import exact, sampling
    >>> from course_lib.ising import square_lattice
    >>> samples = sampling.sample(square_lattice(4, 4), np.zeros(16), 50_000, beta=0.4, rng=1)
    >>> value, error = heat_capacity(samples.energies, n_sites=16, beta=0.4)
    >>> bool(abs(value - exact.kaufman(4, temperature=2.5)[1]) < 4 * error), error < 0.02
    (True, True)
    """
    factor = check_beta(beta) ** 2 / check_count("n_sites", n_sites, 1)
    value, error = _variance(energies)
    return factor * value, factor * error


def susceptibility(magnetisations, n_sites, beta=1.0):
    """Magnetic susceptibility per site, ``beta (<M^2> - <M>^2) / N``, from the magnetisations along chains.

    Without a field and below T_c a chain of local moves stays up or down, and M has no usable mean. There give |M|:
    the result is then the susceptibility of one of the two phases.

    Parameters
    ----------
    magnetisations : array, shape (n_draws,) or (n_chains, n_draws)
        M, the sum over all spins, or its absolute value.
    n_sites : int
    beta : float
        At which they were drawn.

    Returns
    -------
    (float, float)
        The value and its standard error, by the jackknife over blocks.

    Raises
    ------
    ChainTooShort
        If the draws are fewer than 320 autocorrelation times of M or of ``(M - <M>)^2``.
    ValueError
        As `heat_capacity`.

    Examples
    --------
    Without couplings each spin has variance 1.

    >>> M = np.random.default_rng(1).choice([-1, 1], size=(10, 1000, 25)).sum(axis=-1)
    >>> value, error = susceptibility(M, n_sites=25)
    >>> bool(abs(value - 1) < 4 * error), error < 0.03
    (True, True)
    """
    factor = check_beta(beta) / check_count("n_sites", n_sites, 1)
    value, error = _variance(magnetisations)
    return factor * value, factor * error


def binder_cumulant(magnetisations):
    """Binder's cumulant ``1 - <M^4> / (3 <M^2>^2)``: 0 if M is normal with mean 0, 2/3 if M^2 is always the same.

    At T_c it hardly depends on the size of the lattice, so that curves of several sizes cross there (Binder, Z. Phys. B
    43, 119, 1981).

    Parameters
    ----------
    magnetisations : array, shape (n_draws,) or (n_chains, n_draws)
        M, the sum over all spins, or its mean: the scale does not matter.

    Returns
    -------
    (float, float)
        The value and its standard error, by the jackknife over blocks.

    Raises
    ------
    ChainTooShort
        If the draws are fewer than 320 autocorrelation times of M^2.
    ValueError
        As `course_lib.diagnostics.autocorrelation_time`.

    Examples
    --------
    The sum of N independent spins has ``<M^2> = N`` and ``<M^4> = 3 N^2 - 2 N``, so the cumulant is ``2 / (3 N)``.

    >>> M = np.random.default_rng(1).choice([-1, 1], size=(10, 5000, 4)).sum(axis=-1)
    >>> value, error = binder_cumulant(M)
    >>> bool(abs(value - 2 / 12) < 4 * error), error < 0.02
    (True, True)
    """
    squares = check_array("magnetisations", magnetisations).astype(float) ** 2
    _check_length(squares)
    return _jackknife(lambda second, fourth: 1 - fourth / (3 * second**2), squares, squares**2)


def _variance(x):
    x = check_array("x", x).astype(float)
    _check_length(x)
    x = x - x.mean()  # no digits are lost in the squares
    if np.ptp(x**2) > 0:  # two values, as often one as the other, make it constant, and its mean is known
        _check_length(x**2)
    return _jackknife(lambda first, second: second - first**2, x, x**2)


def _check_length(x):
    tau = autocorrelation_time(x)
    if np.size(x) < BLOCKS * TIMES * tau:
        raise ChainTooShort(tau, np.size(x), needed=BLOCKS * TIMES)


def _jackknife(function, *records):
    """Value and standard error of a function of the records' means: with each block left out in turn."""
    records = np.array([np.atleast_2d(x) for x in records])
    _, n_chains, n_draws = records.shape
    per_chain = -(-BLOCKS // n_chains)
    length = n_draws // per_chain
    blocks = records[:, :, -per_chain * length :].reshape(len(records), -1, length).mean(axis=2)
    n = blocks.shape[1]
    without = function(*(blocks.sum(axis=1, keepdims=True) - blocks) / (n - 1))
    return float(function(*records.mean(axis=(1, 2)))), float(np.sqrt((n - 1) * np.var(without)))
