"""How much a Markov chain knows: autocorrelation time, effective sample size, and whether chains agree.

Pure functions on recorded numbers, one number a draw. They see only what was recorded: chains that all sit in the same
place, and have never left it, pass every test.
"""

import warnings
from statistics import NormalDist

import numpy as np

from course_lib.exceptions import Picklable
from course_lib.inputs import check_array, check_number

ENOUGH = 50  # draws an autocorrelation time needs: below that the estimate is off by a third or more


class ChainTooShort(Picklable, ValueError):
    """Raised for a chain too short to tell; carries what was found so far.

    Attributes
    ----------
    tau : float
        The unfinished estimate, most likely too small.
    n_draws : int
        Of all chains together.
    """

    def __init__(self, tau, n_draws, needed=ENOUGH):
        self.tau, self.n_draws = tau, n_draws
        found = (
            f"{n_draws} draws are {n_draws / tau:.0f} autocorrelation times of about {tau:.3g} draws, and {needed} are "
            f"needed; draw at least {int(np.ceil(2 * needed * tau))}, as longer chains mostly show longer times,"
            if n_draws < needed * tau
            else f"its correlations do not die away within its {n_draws} draws; draw several times as many,"
        )
        super().__init__(f"the chain is too short: {found} or take the unfinished estimate from the attribute tau")


def autocorrelation_time(x, window=5.0):
    """Integrated autocorrelation time, ``tau = 1/2 + sum_{t >= 1} rho(t)``, in draws.

    The mean of n correlated draws is as uncertain as that of ``n / (2 tau)`` independent ones; tau is 1/2 for
    independent draws, and less where the signs alternate. The sum ends at the first t that is at least ``window``
    times the time so far: later terms are noise (Sokal in Functional Integration, Plenum 1997, section 3; Madras and
    Sokal, J. Stat. Phys. 50, 109, 1988).

    Where the signs alternate, the terms nearly cancel, and noise decides the sign of their sum. So it is taken over
    pairs of lags, as in Geyer (Statistical Science 7, 473, 1992): the means of neighbours, ``(x_t + x_{t+1}) / 2``,
    have the same mean, and so the same error, ``2 tau_pairs var_pairs = 2 tau var``, and hardly alternate any more.
    It is tau_pairs that is summed; the window counts its rho by size. It is not let below ``sqrt(end / x.size)``, the
    noise of a sum up to lag ``end``, so that tau is above 0.

    Parameters
    ----------
    x : array, shape (n_draws,) or (n_chains, n_draws)
        Several chains share one mean and one rho (as in emcee, after Goodman and Weare, 2010), so that chains stuck
        in different places show a long time.
    window : float
        Larger is less biased and noisier. The bias is about ``exp(-window)`` if the quantity's own time is that of
        the slowest motion. A quantity that follows a much slower one a little needs a window that holds several of
        the slower times: the energy in a weak field, where the magnetisation is slow, came out 15% short with 7,
        the square of the energy's deviations next to T_c on a 32 x 32 lattice 22% short with 10 and 3% with 25.

    Returns
    -------
    float
        Its standard error is about ``tau * sqrt((4 * window * tau + 2) / x.size)``.

    Raises
    ------
    ChainTooShort
        If there are fewer than 50 tau draws, or the chains end before the window does.
    ValueError
        If x has another shape, fewer than 2 draws a chain, values that are not finite, or never changes.

    Examples
    --------
    Each draw keeps 0.8 of the last one: rho(t) = 0.8^t, so tau = 1/2 + 0.8 / (1 - 0.8) = 4.5.

    >>> noise = np.random.default_rng(1).normal(size=100_000)
    >>> x = np.zeros_like(noise)
    >>> for t in range(1, len(x)):
    ...     x[t] = 0.8 * x[t - 1] + noise[t]
    >>> abs(autocorrelation_time(x) / 4.5 - 1) < 0.1
    True
    """
    return _integrated_time(_check_chains(x, least=2), window)


def effective_sample_size(x, window=5.0):
    """How many independent draws would know the mean as well: ``x.size / (2 tau)``.

    Parameters
    ----------
    x : array, shape (n_draws,) or (n_chains, n_draws)
    window : float
        As in `autocorrelation_time`.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        As `autocorrelation_time`.

    Examples
    --------
    >>> x = np.random.default_rng(1).normal(size=(4, 10_000))
    >>> abs(effective_sample_size(x) / 40_000 - 1) < 0.1
    True
    """
    chains = _check_chains(x, least=2)
    return chains.size / (2 * _integrated_time(chains, window))


def _integrated_time(chains, window):
    """Of chains that were checked: by the means of neighbours, which do not alternate."""
    if not check_number("window", window) > 0:
        raise ValueError(f"window must be above 0, got {window}: it is how many autocorrelation times to sum")
    if np.array_equal(chains[:, 2:], chains[:, :-2]):  # to and fro between two values, or standing still: for ever
        raise ChainTooShort(0.5, chains.size)
    centred = chains - chains.mean()
    covariance = _autocovariance((centred[:, 1:] + centred[:, :-1]) / 2)
    rho, share = covariance / covariance[0], covariance[0] / np.mean(centred**2)
    # The time of x so far. Where x alternates the share is small, and the window would close at once.
    by_size = max(share, 0.5) * (np.cumsum(np.abs(rho)) - 0.5)
    closed = np.flatnonzero(np.arange(len(rho)) >= window * by_size)
    last = closed[0] if len(closed) else len(rho) - 1
    sums = np.cumsum(rho[: last + 1]) - 0.5
    # The last term by half, as in the trapezoidal rule.
    tau = float(share * max(sums[last] - 0.5 * rho[last], np.sqrt(last / chains.size)))
    # A chain that is too short has a mean of its own, and the sum falls again: its highest point tells more.
    longest = max(0.5, tau, float(share * sums.max()))
    if not len(closed) or chains.size < ENOUGH * longest:
        raise ChainTooShort(longest, chains.size)
    return tau


def _autocovariance(centred):
    """At lag 0, 1, 2..., averaged over the chains; by Fourier transforms."""
    n_draws = centred.shape[1]
    # Twice as long, so that the end of a chain does not meet its beginning.
    spectrum = np.abs(np.fft.rfft(centred, 2 * n_draws, axis=1)) ** 2
    return np.fft.irfft(spectrum.mean(axis=0))[:n_draws] / (n_draws - np.arange(n_draws))


def split_r_hat(chains):
    """Whether chains agree: 1 if they do, the more above 1 the less; 1.01 is a common limit.

    Each chain is cut into two, so that a chain that drifts disagrees with itself. Each value is replaced by the normal
    score of its rank among all, so that a few far values do not hide the rest. Then the spread of everything is
    compared with the spread within the halves: ``sqrt(((n - 1) / n W + B / n) / W)``, with W the mean of their
    variances and B / n the variance of their means. The same is done for distances from the median, as chains of one
    mean may still differ in width. The larger of the two is returned (Vehtari, Gelman, Simpson, Carpenter and Bürkner,
    Bayesian Analysis 16, 667, 2021).

    Parameters
    ----------
    chains : array, shape (n_chains, n_draws) or (n_draws,)
        At least 4 draws a chain; of an odd number the middle one is left out.

    Returns
    -------
    float
        Infinite if every half is constant and they differ.

    Raises
    ------
    ValueError
        If a chain never changes while others do; if chains has another shape, fewer than 4 draws a chain, values that
        are not finite, or never changes.

    Examples
    --------
    Two chains that share a law, two in different places, and two of which one is three times as wide.

    >>> x = np.random.default_rng(1).normal(size=(2, 1000))
    >>> bool(split_r_hat(x) < 1.01), bool(split_r_hat(x + [[0], [3]]) > 1.5), bool(split_r_hat(x * [[1], [3]]) > 1.1)
    (True, True, True)
    """
    chains = _check_chains(chains, least=4)
    stuck = np.flatnonzero(np.all(chains == chains[:, :1], axis=1))
    if 0 < len(stuck) < len(chains):
        raise ValueError(
            f"{_named(stuck)} never changes, while others do: a chain that is stuck agrees with nobody; run it longer, "
            "or find out what holds it before you trust the others"
        )
    n = chains.shape[1] // 2
    halves = np.concatenate([chains[:, :n], chains[:, -n:]])
    distances = np.abs(halves - np.median(halves))
    return max(_r_hat(_normal_scores(halves)), _r_hat(_normal_scores(distances)))


def _named(stuck):
    """Up to three chains by their numbers."""
    names = ", ".join(map(str, stuck[:3]))
    return f"chain {names}" if len(stuck) == 1 else f"each of {len(stuck)} chains ({names}{', ...' * (len(stuck) > 3)})"


def _normal_scores(x):
    """The normal quantile at which each value stands by its rank; equal values share their mean rank."""
    _, place, counts = np.unique(x.ravel(), return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2
    # Blom's fractions: the highest lies as far below 1 as the lowest above 0.
    scores = np.array(list(map(NormalDist().inv_cdf, ((ranks - 3 / 8) / (x.size + 1 / 4)).tolist())))
    return scores[place].reshape(x.shape)


def _r_hat(halves):
    if np.all(halves == halves[:, :1]):  # else round-off would stand for the spread
        return 1.0 if np.all(halves == halves[0, 0]) else np.inf
    n = halves.shape[1]
    return float(np.sqrt((n - 1) / n + halves.mean(axis=1).var(ddof=1) / halves.var(axis=1, ddof=1).mean()))


def _check_chains(x, least):
    x = check_array("x", x).astype(float)
    if x.ndim not in (1, 2):
        raise ValueError(f"x must have the shape (n_draws,) or (n_chains, n_draws), got {x.shape}: one number a draw")
    x = np.atleast_2d(x)
    if x.shape[1] < least or not len(x):
        raise ValueError(f"a chain must have at least {least} draws, got an array of shape {x.shape}")
    if not np.all(np.isfinite(x)):
        raise ValueError("the draws must be finite numbers, got NaN or infinity among them")
    if np.all(x == x[0, 0]):
        raise ValueError(
            f"the chain never changes: all {x.size} draws are {x[0, 0]:g}; either it is stuck, or this quantity is the "
            "same in every state, and then its mean is known exactly"
        )
    if len(x) > x.shape[1]:
        warnings.warn(
            f"got {len(x)} chains of {x.shape[1]} draws, more chains than draws: is the array turned? The shape is "
            "(n_chains, n_draws); pass x.T if it is",
            stacklevel=3,
        )
    return x
