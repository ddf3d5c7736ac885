"""Sources of moments: callables ``model -> ModelMoments``, exact or by Monte Carlo."""

from dataclasses import dataclass
from functools import singledispatch

import numpy as np

from course_lib import exact
from course_lib.exact import sums
from course_lib.inputs import check_array, check_count, check_memory
from course_lib.ising import Ising, LatticeIsing
from course_lib.sampling import advance, flip_all, random_states

LARGEST_COVARIANCE = 500  # parameters: beyond that P x P sums over all samples take longer than the samples
ENOUGH_FOR_COVARIANCE = 10_000  # samples: its entries are then good to a percent
GROUPS = 64  # of samples, whose means show the variance to 18 %
SPINS_AT_A_TIME = 4_000_000  # of chains side by side: some 100 MB with all that is made of them


@dataclass(frozen=True, eq=False)
class ModelMoments:
    """What a source knows of the statistics of a model.

    Attributes
    ----------
    mean : array, shape (P,)
    standard_error : array, shape (P,)
        Monte Carlo error of the mean; zeros if it is exact, NaN where it is not known.
    covariance : array, shape (P, P) or (P,), optional
        Of the statistics of one sample: the Fisher information of a sample about the parameters. Its diagonal alone
        where the whole would be too much.
    noise : array, shape (P, P), optional
        Covariance of the Monte Carlo error of the mean, where that is not ``covariance`` on a smaller scale.
    response : array, shape (P, P), optional
        How the mean answers to the parameters (column b: to the b-th), where that is not the covariance.
    score_covariance : array, shape (P, P), optional
        With a response: of the gap that a single sample of the data makes, Monte Carlo noise included.
    """

    mean: np.ndarray
    standard_error: np.ndarray
    covariance: np.ndarray | None = None
    noise: np.ndarray | None = None
    response: np.ndarray | None = None
    score_covariance: np.ndarray | None = None

    @property
    def curvature(self):
        """What a step is divided by: the response, or the part of it that is symmetric, or the covariance."""
        return self.covariance if self.response is None else (self.response + self.response.T) / 2


@singledispatch
def exact_moments(model):
    """The exact moments of a small model: a source for `fit`.

    Parameters
    ----------
    model : Ising or LatticeIsing
        By enumeration, or by transfer matrix. Other models join in with ``@exact_moments.register``.

    Returns
    -------
    ModelMoments

    Raises
    ------
    ValueError
        If the model is too large.
    TypeError
        If nothing is registered for the type of the model.

    Examples
    --------
    >>> exact_moments(Ising(J=[[0, 0], [0, 0]], h=[0, 0.5])).mean.round(3)
    array([0.   , 0.   , 0.462])
    """
    raise TypeError(
        f"exact_moments knows no way to sum over the states of a {type(model).__name__}: use learning.fresh_chains, or "
        "register a function with @learning.exact_moments.register"
    )


@exact_moments.register
def _(model: Ising):
    mean, covariance = sums.statistics_moments(model.J, model.h)
    return ModelMoments(mean, np.zeros_like(mean), covariance)


@exact_moments.register
def _(model: LatticeIsing):
    _, mean, covariance = exact.lattice(model.shape, model.J, model.h)
    return ModelMoments(mean, np.zeros_like(mean), covariance)


def fresh_chains(n_chains, sweeps, *, draws=1, rng):
    """A source that starts new chains at random for every model it is asked about.

    The chains are independent. With one draw each, the last state of each chain counts, and the standard error is
    honest - if the chains have forgotten their start after so many sweeps. With more draws it comes from the spread
    between groups of chains.

    Parameters
    ----------
    n_chains : int
        2 or more. With ten for each parameter, and at most `LARGEST_COVARIANCE` parameters, the source gives a whole
        covariance; else its diagonal.
    sweeps : int
        Of each chain before its first draw.
    draws : int
        Of each chain; after the first, a fiftieth of ``sweeps`` apart. More chains take memory, more draws do not.
    rng : numpy.random.Generator or seed

    Returns
    -------
    callable, model -> ModelMoments

    Raises
    ------
    ValueError
        If n_chains is below 2, sweeps negative or draws below 1, or the chains would not fit into memory.

    Examples
    --------
    >>> source = fresh_chains(n_chains=1000, sweeps=10, rng=1)
    >>> now = source(Ising(J=[[0, 0.5], [0.5, 0]], h=[0, 0]))
    >>> bool(np.all(np.abs(now.mean - [np.tanh(0.5), 0, 0]) < 5 * now.standard_error))
    True
    """
    n_chains, sweeps = check_count("n_chains", n_chains, 2), check_count("sweeps", sweeps, 0)
    draws, rng = check_count("draws", draws, 1), np.random.default_rng(rng)

    def source(model):
        _check_room(model, n_chains)
        states = random_states(model, n_chains, rng=rng)
        return _averaged(model, states, [sweeps] + [max(1, sweeps // 50)] * (draws - 1), rng)[0]

    return source


def persistent_chains(n_chains, sweeps, *, draws=1, start=None, burn_in=100, rng):
    """A source whose chains go on from model to model: persistent contrastive divergence.

    Each step of learning changes the model a little, and chains that were in equilibrium need a few sweeps to follow
    (Younes, Stochastics 65, 177, 1999; Tieleman, ICML 2008). After a large step they lag behind, and the moments are
    those of an older model: small steps, or more sweeps.

    Parameters
    ----------
    n_chains : int
        As in `fresh_chains`.
    sweeps : int
        From one model to the next.
    draws : int
        Of each chain for each model; after the first, a fifth of ``sweeps`` apart. See `fresh_chains`.
    start : array, shape (n, configuration), optional
        States to start from, over and over if there are fewer than chains, and some of them if there are more. The data
        are a good start: they are in all valleys of a cold model, each as often as it should be. By default random;
        only a lattice with J > 0 starts all up, as no domain wall can then get stuck in it.
    burn_in : int
        Sweeps before the first.
    rng : numpy.random.Generator or seed

    Returns
    -------
    callable, model -> ModelMoments

    Raises
    ------
    ValueError
        If n_chains is below 2, sweeps or burn_in negative or draws below 1, or the chains would not fit into memory.

    Examples
    --------
    >>> source = persistent_chains(n_chains=1000, sweeps=1, rng=1)
    >>> for J in np.linspace(0, 0.5, 100):
    ...     now = source(LatticeIsing(J, 0.2, (2, 2)))
    >>> exact = exact_moments(LatticeIsing(0.5, 0.2, (2, 2))).mean
    >>> bool(np.all(np.abs(now.mean - exact) < 5 * now.standard_error))
    True
    """
    n_chains, sweeps = check_count("n_chains", n_chains, 2), check_count("sweeps", sweeps, 0)
    draws, burn_in = check_count("draws", draws, 1), check_count("burn_in", burn_in, 0)
    rng, states = np.random.default_rng(rng), None

    def source(model):
        nonlocal states
        if states is None:
            _check_room(model, n_chains)
            states = moved(model, _persistent_start(model, n_chains, start, rng), burn_in, rng)
        now, states = _averaged(model, states, [sweeps] + [max(1, sweeps // 5)] * (draws - 1), rng)
        return now

    return source


def _persistent_start(model, n_chains, start, rng):
    states = random_states(model, n_chains, rng=rng)
    if start is None:
        cannot_get_stuck = isinstance(model, LatticeIsing) and model.J > 0
        return np.ones_like(states) if cannot_get_stuck else states
    given = states_of(model, start)
    if len(given) > n_chains:  # in any order, so not the first ones
        given = given[rng.choice(len(given), n_chains, replace=False)]
    return np.resize(given, states.shape)


def _check_room(model, n_chains):
    """Refuse more chains than fit: a byte a spin, and some ten while they move and are counted."""
    check_memory(10 * n_chains * np.prod(model.shape), what="these chains", instead="take fewer, with more draws each")


# ---------------------------------------------------------------- moments of states


def states_of(model, data):
    """The data as states, shape (n_samples, configuration); their values are looked at by what is done with them."""
    data, shape = check_array("the data", data), tuple(model.shape)
    if data.shape[-len(shape) :] != shape:
        raise ValueError(
            f"the data must have the shape (..., {', '.join(map(str, shape))}), as the model's configurations have, "
            f"got {data.shape}: pass data of this model, or make a model for these data"
        )
    return data.reshape(-1, *shape)


def moved(model, states, sweeps, rng):
    """On by some sweeps; spins then draw between the state and its mirror image, which local moves may never cross."""
    states = advance(model, states, sweeps, rng=rng)
    return flip_all(model, states, rng=rng) if isinstance(model, Ising | LatticeIsing) else states


def knows_covariance(model, n):
    """Whether n samples tell a whole covariance, and P x P numbers are not too many."""
    n_parameters = len(model.parameters)
    return n_parameters <= LARGEST_COVARIANCE and n >= 10 * n_parameters


def sampled(model, states):
    """Moments of independent states, with the whole covariance where it is cheap."""
    n = len(states)
    if knows_covariance(model, n):
        # From all over: chains that started at the data are in the order of these.
        some = states[:: max(1, n // max(ENOUGH_FOR_COVARIANCE, 10 * len(model.parameters)))]
        statistics = model.statistics(some)
        mean = statistics.mean(axis=0) if len(some) == n else model.moments(states)
        covariance = np.atleast_2d(np.cov(statistics, rowvar=False))
        np.fill_diagonal(covariance, not_frozen(np.diag(covariance), mean, len(some)))
        return ModelMoments(mean, np.sqrt(np.diag(covariance) / n), covariance)
    # P numbers a sample are too much; P numbers for each of some groups of samples are not.
    means, sizes = _group_means(model, states)
    mean = sizes @ means / n
    variance = not_frozen(sizes @ (means - mean) ** 2 / (len(sizes) - 1), mean, n)
    return ModelMoments(mean, np.sqrt(variance / n), variance)


def _averaged(model, states, pauses, rng):
    """Moments averaged over draws of each chain after such numbers of sweeps, and where the chains are then."""
    states = moved(model, states, pauses[0], rng)
    now = sampled(model, states)
    if len(pauses) == 1:
        return now, states
    means, sizes = _group_means(model, states)
    for sweeps in pauses[1:]:
        states = moved(model, states, sweeps, rng)
        means += _group_means(model, states)[0]
    means /= len(pauses)
    # The draws of a chain depend on each other, the groups of chains do not.
    mean = sizes @ means / len(states)
    centred = np.sqrt(sizes / len(states) / (len(sizes) - 1))[:, None] * (means - mean)
    variance, noise = not_frozen(np.sum(centred**2, axis=0), mean, (len(states) * len(pauses)) ** 2), None
    if np.ndim(now.covariance) == 2:
        noise = centred.T @ centred
        np.fill_diagonal(noise, variance)
    return ModelMoments(mean, np.sqrt(variance), now.covariance, noise), states


def _group_means(model, states):
    """Moments of each of some groups of states, (n_groups, P), and how many are in each."""
    groups = np.array_split(states, min(len(states), GROUPS))
    return np.array([model.moments(group) for group in groups]), np.array([len(group) for group in groups])


def not_frozen(variance, mean, n):
    """What never changed in n samples is not known to be constant: as if it changed its sign in half a sample."""
    return np.where(variance > 0, variance, 2 * mean**2 / n)
