"""Energies with error bars: walkers that measure, and blocking."""

import warnings
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from course_lib.inputs import check_array, check_count, check_memory
from course_lib.sampling import progress_bar
from course_lib.vmc.dots import check_dot
from course_lib.vmc.energy import variance_is_finite
from course_lib.vmc.walkers import Walkers

BURN_IN = 400  # sweeps of every walker before it measures
_BETWEEN_SNAPSHOTS = 10  # sweeps
_LONG_ENOUGH = 256  # sweeps, below which there are too few blocks
_WORK_AT_A_TIME = 2**23  # pairs in a piece, which takes some 0.1 s
_LONGEST = 2048  # sweeps in a piece, whose energies take memory: 13 MB

# ---------------------------------------------------------------- energies


@dataclass(frozen=True, eq=False)
class Measurement:
    """What `measure` found, in hartree; the errors are standard errors, by blocking of the means over walkers.

    Attributes
    ----------
    energy, error : float
    kinetic, trap, repulsion : (float, float)
        The parts of the energy, each with its error.
    variance : float
        Of the local energy: 0 for an exact state.
    walker_error : float
        Error of the energy from the spread of the walkers' means, which are independent whatever the correlations
        along each. It needs no choice of a block; ``error`` should agree with it.
    n_samples, n_walkers : int
        Samples in all, and the walkers they come from.
    acceptance : float
    interrupted : bool
        Whether Ctrl-C ended it before all samples were made.
    """

    energy: float
    error: float
    kinetic: tuple
    trap: tuple
    repulsion: tuple
    variance: float
    walker_error: float
    n_samples: int
    n_walkers: int
    acceptance: float
    interrupted: bool = False


def measure(state, dot, n_samples, *, n_walkers=None, rng, progress=True, threads=1):
    """Energy of a state and its parts, each with an error bar.

    Parameters
    ----------
    state : State
    dot : QuantumDot
    n_samples : int
        At least so many, one a walker and sweep, after the walkers have forgotten their start.
    n_walkers : int, optional
        By default up to 256, so that each makes several hundred sweeps.
    rng : numpy.random.Generator or seed
        Same seed, same result, whatever the number of threads.
    progress : bool
        Whether to show a bar if it takes long. Ctrl-C keeps what was measured.
    threads : int

    Returns
    -------
    Measurement

    Raises
    ------
    ValueError
        If the state is not made for the dot, or its local energy is not finite.

    Warns
    -----
    UserWarning
        If the variance of the local energy is infinite: no error bar can then be trusted.

    Examples
    --------
    >>> from course_lib.vmc import Gaussian, QuantumDot
    >>> found = measure(Gaussian(0.5), QuantumDot(2, 3, omega=0.5, coulomb=False), 2000, rng=1)
    >>> round(found.energy, 10), round(found.error, 10)  # exact: every sample has the same energy
    (1.5, 0.0)
    """
    n_samples = check_count("n_samples", n_samples, 2)
    n_walkers = _share(n_samples) if n_walkers is None else check_count("n_walkers", n_walkers, 1)
    walkers = Walkers(state, dot, n_walkers, rng=rng, threads=threads)
    warn_of_infinite_variance(state, dot)
    walkers.settle(BURN_IN)
    n_walkers = len(walkers.x)
    series, by_walker, accepted, squares, interrupted = [], 0.0, 0.0, 0.0, False
    try:
        for sweeps in progress_bar(pieces(walkers, n_samples), progress):
            local, _, acceptance = walkers.measure(sweeps)
            energies = finite(local).sum(axis=-1)
            series.append(local.mean(axis=0))
            by_walker = by_walker + local.sum(axis=1)
            # About a number near the mean, so that round-off is that of the deviations.
            reference = series[0].sum(axis=-1).mean()
            squares += np.sum((energies - reference) ** 2)
            accepted += acceptance * sweeps
    except KeyboardInterrupt:
        if not series:
            raise
        interrupted = True
    series = np.concatenate(series)
    by_walker, n_samples, energies = by_walker / len(series), len(series) * n_walkers, series.sum(axis=-1)
    parts = [(float(part.mean()), _error(part, each)) for part, each in zip(series.T, by_walker.T, strict=True)]
    by_walker = by_walker.sum(axis=-1)
    return Measurement(
        energy=float(energies.mean()),
        error=_error(energies, by_walker),
        kinetic=parts[0],
        trap=parts[1],
        repulsion=parts[2],
        variance=float(max(squares / n_samples - (energies.mean() - reference) ** 2, 0.0)),
        walker_error=_spread(by_walker),
        n_samples=n_samples,
        n_walkers=n_walkers,
        acceptance=accepted / len(series),
        interrupted=interrupted,
    )


def _error(series, by_walker):
    """By blocking; of a series that is too short for it by the spread of the walkers."""
    return blocking(series) if len(series) >= _LONG_ENOUGH else _spread(by_walker)


def _spread(by_walker):
    return float(by_walker.std(ddof=1) / len(by_walker) ** 0.5)


def estimate_energy(state, dot, n_samples, rng):
    """Energy of a state and its standard error, by blocking: `measure` in short.

    Parameters
    ----------
    state : State
    dot : QuantumDot
    n_samples : int
    rng : numpy.random.Generator or seed

    Returns
    -------
    (energy, standard_error) : floats

    Warns
    -----
    UserWarning
        If the variance of the local energy is infinite.

    Examples
    --------
    >>> from course_lib.vmc import Gaussian, PadeJastrow, QuantumDot
    >>> dot = QuantumDot(2, 2, omega=1.0)
    >>> energy, error = estimate_energy(Gaussian(1.0) * PadeJastrow(2, 0.4), dot, 100_000, rng=1)
    >>> abs(energy - 3.000525) < 5 * error, error < 0.001
    (True, True)
    """
    found = measure(state, dot, n_samples, rng=rng)
    return found.energy, found.error


def warn_of_infinite_variance(state, dot):
    """Say so, if the error bars that follow are worth nothing."""
    if not variance_is_finite(state, dot):
        warnings.warn(
            "the local energy of this state has an infinite variance, because ln Psi has no cusp where two electrons "
            "meet: the mean is right, but its error bar cannot be trusted; multiply by PadeJastrow.start(dot)",
            stacklevel=3,
        )


def finite(local):
    """The local energies, after checking that they are finite."""
    if not np.all(np.isfinite(local)):
        raise ValueError(
            f"of {local.shape[0] * local.shape[1]} local energies "
            f"{np.count_nonzero(~np.isfinite(local).all(axis=-1))} are not finite: the state has run away; take "
            "smaller steps, or an earlier state"
        )
    return local


def pieces(walkers, n_samples):
    """How many sweeps to make at a time: a list whose sum, times the walkers, is at least n_samples."""
    n_walkers, n, _ = walkers.x.shape
    sweeps, at_a_time = -(-n_samples // n_walkers), _WORK_AT_A_TIME // (n_walkers * n * (n + 1))
    at_a_time = min(max(1, at_a_time), _LONGEST)
    return [min(at_a_time, sweeps - done) for done in range(0, sweeps, at_a_time)]


def _share(n_samples):
    return int(np.clip(n_samples // 512, 16, 256))


# ---------------------------------------------------------------- blocking


def blocking(x):
    """Standard error of the mean of correlated numbers.

    Neighbours are averaged, two by two, until the means no longer know of each other: the error of their mean, which
    was too small, stops growing there (Flyvbjerg and Petersen, J. Chem. Phys. 91, 461, 1989). Where that is, is decided
    by a test of all correlations of neighbours from there on (Jonsson, Phys. Rev. E 98, 043304, 2018): the error at
    the last levels, from a few blocks, is mostly noise.

    Parameters
    ----------
    x : array, shape (n,)
        In the order in which they came, at least 2.

    Returns
    -------
    float

    Examples
    --------
    Each number keeps 0.8 of the last: the mean is as uncertain as that of 9 times fewer independent ones.

    >>> noise = np.random.default_rng(1).normal(size=2**16)
    >>> x = np.zeros_like(noise)
    >>> for t in range(1, len(x)):
    ...     x[t] = 0.8 * x[t - 1] + noise[t]
    >>> bool(abs(blocking(x) / np.sqrt(9 * x.var() / len(x)) - 1) < 0.15)
    True
    """
    x = _check_series(x)
    _, errors, tests = np.array(_levels(x)).T
    if errors[0] <= 1e-13 * np.abs(x).max():  # all the same, but for round-off
        return float(errors[0])
    for level in range(len(errors)):
        left = len(errors) - level
        if tests[level:].sum() < _chi_square_quantile(left):
            return float(errors[level])
    return float(errors.max())


def blocking_levels(x):
    """Error of the mean at each level of `blocking`, to be drawn: block lengths, errors, and the errors' own errors.

    Parameters
    ----------
    x : array, shape (n,)

    Returns
    -------
    (lengths, errors, uncertainties) : arrays

    Examples
    --------
    >>> lengths, errors, uncertainties = blocking_levels(np.random.default_rng(1).normal(size=64))
    >>> lengths
    array([ 1.,  2.,  4.,  8., 16.])
    """
    sizes, errors, _ = np.array(_levels(_check_series(x))).T
    return 2.0 ** np.arange(len(sizes)), errors, errors / np.sqrt(2 * (sizes - 1))


def _check_series(x):
    x = check_array("x", x).astype(float)
    if x.ndim != 1 or len(x) < 2 or not np.all(np.isfinite(x)):
        raise ValueError(
            f"blocking takes at least 2 finite numbers, in the order in which they came, got shape {x.shape}"
        )
    return x


def _levels(x):
    """Number of blocks, error of their mean, and how much neighbours know of each other, while 4 are left."""
    levels = []
    while len(x) >= 4 or not levels:
        n, deviations = len(x), x - x.mean()
        variance = np.mean(deviations**2)
        neighbours = np.sum(deviations[1:] * deviations[:-1]) / n
        known = n * ((n - 1) * variance / n**2 + neighbours) ** 2 / variance**2 if variance else 0.0
        levels.append((n, np.sqrt(variance / (n - 1)), known))
        x = 0.5 * (x[0 : n - n % 2 : 2] + x[1 : n - n % 2 : 2])
    return levels


def _chi_square_quantile(freedom):
    """Of 0.95, after Wilson and Hilferty."""
    spread = 2 / (9 * freedom)
    return freedom * (1 - spread + NormalDist().inv_cdf(0.95) * np.sqrt(spread)) ** 3


# ---------------------------------------------------------------- where the electrons are


@dataclass(frozen=True, eq=False)
class Density:
    """How many electrons there are per area at a distance r from the middle; per length in 1-D, per volume in 3-D.

    Attributes
    ----------
    edges : array, shape (n_bins + 1,)
        Rings between these distances: near the middle of equal area, so that none is nearly empty, then of equal width.
    density, error : array, shape (n_bins,)
    volumes : array, shape (n_bins,)
        Of the rings: ``sum(density * volumes)`` is the number of electrons.
    """

    edges: np.ndarray
    density: np.ndarray
    error: np.ndarray
    volumes: np.ndarray

    @property
    def r(self):
        """Distance in the middle of each ring."""
        return (self.edges[1:] + self.edges[:-1]) / 2

    @property
    def width(self):
        """Root of the mean square of an electron's distance from the middle."""
        inside = self.density * self.volumes
        return float(np.sqrt(np.sum(self.r**2 * inside) / np.sum(inside)))


def one_body_density(state, dot, n_samples, *, n_bins=80, rng, progress=True, threads=1):
    """Density of the electrons at each distance from the middle.

    The energy of a nearly right state is right to second order, the density to first: it is not protected by the
    variational principle.

    Parameters
    ----------
    state : State
    dot : QuantumDot
    n_samples : int
    n_bins : int
    rng : numpy.random.Generator or seed
    progress : bool
    threads : int

    Returns
    -------
    Density

    Raises
    ------
    ValueError
        As `measure`.

    Examples
    --------
    >>> from course_lib.vmc import Gaussian, QuantumDot
    >>> found = one_body_density(Gaussian(1.0), QuantumDot(1, 2, omega=1.0), 200_000, rng=1)
    >>> float(round(np.sum(found.density * found.volumes), 10))
    1.0
    >>> bool(np.all(np.abs(found.density - np.exp(-found.r**2) / np.pi) < 0.02))
    True
    """
    n_samples, n_bins = check_count("n_samples", n_samples, 2), check_count("n_bins", n_bins, 2)
    walkers = Walkers(state, dot, _share(n_samples), rng=rng, threads=threads)
    walkers.settle(BURN_IN)
    furthest = 1.3 * np.sqrt(np.sum(walkers.x**2, axis=-1)).max()  # what is further out counts for the last ring
    bend = dot.omega**-0.5
    bins = (n_bins * (furthest + bend) / furthest**2, bend)
    counts, sampled = [], []
    try:
        for sweeps in progress_bar(_at_least(10, pieces(walkers, max(n_samples, 10 * len(walkers.x)))), progress):
            counted = np.zeros(n_bins, np.int64)
            walkers.count(sweeps, counted, bins)
            counts.append(counted)
            sampled.append(sweeps * len(walkers.x))
    except KeyboardInterrupt:
        if len(counts) < 2:
            raise
    edges = np.arange(n_bins + 1) / bins[0]
    edges = (edges + np.sqrt(edges**2 + 4 * bend * edges)) / 2
    volumes = np.diff({1: 2 * edges, 2: np.pi * edges**2, 3: 4 / 3 * np.pi * edges**3}[dot.dim])
    each, sampled = np.array(counts), np.array(sampled)
    density = each.sum(axis=0) / sampled.sum() / volumes
    # Pieces are long, so that they are independent.
    scatter = np.sum((each - np.outer(sampled, density * volumes)) ** 2, axis=0) * len(each) / (len(each) - 1)
    return Density(edges, density, np.sqrt(scatter) / sampled.sum() / volumes, volumes)


def _at_least(n, sweeps):
    """The sweeps in n pieces, if there are fewer."""
    total = sum(sweeps)
    return sweeps if len(sweeps) >= n else [total * (k + 1) // n - total * k // n for k in range(n)]


def snapshots(state, dot, n_samples, *, rng, threads=1):
    """Where all electrons are, in samples of Psi^2: to be looked at, or counted.

    Parameters
    ----------
    state : State
    dot : QuantumDot
    n_samples : int
    rng : numpy.random.Generator or seed
    threads : int

    Returns
    -------
    array, shape (n_samples, n_electrons, dim)
        From up to 256 walkers, which make ten sweeps from one sample to their next.

    Examples
    --------
    >>> from course_lib.vmc import Gaussian, QuantumDot
    >>> x = snapshots(Gaussian(1.0), QuantumDot(2, 2, omega=1.0), 20_000, rng=1)
    >>> x.shape, bool(abs(np.sum(x**2, axis=-1).mean() - 1) < 0.05)
    ((20000, 2, 2), True)
    """
    n_samples = check_count("n_samples", n_samples, 1)
    check_memory(
        16 * n_samples * np.prod(check_dot(dot).shape), what="so many snapshots", instead="count one_body_density"
    )
    walkers = Walkers(state, dot, min(n_samples, 256), rng=rng, threads=threads)
    walkers.settle(BURN_IN)
    seen = []
    for _ in range(-(-n_samples // len(walkers.x))):
        walkers.move(_BETWEEN_SNAPSHOTS)
        seen.append(walkers.x.copy())
    return np.concatenate(seen)[:n_samples]
