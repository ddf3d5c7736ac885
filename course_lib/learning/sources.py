"""Sources of moments: callables ``model -> ModelMoments``, exact or by Monte Carlo."""

from dataclasses import dataclass, replace
from functools import singledispatch

import numpy as np

from course_lib import exact
from course_lib.exact import sums
from course_lib.inputs import check_count
from course_lib.ising import Ising, LatticeIsing
from course_lib.sampling import advance, flip_all, random_states

LARGEST_COVARIANCE = 500  # parameters: beyond that P x P sums over all samples take longer than the samples
ENOUGH_FOR_COVARIANCE = 10_000  # samples: its entries are then good to a percent
LEAST_FOR_ERRORS = 2000  # samples: errors of a few parameters are then good to some percent
GROUPS = 64  # of samples, whose means show the variance to 18 %


@dataclass(frozen=True, eq=False)
class ModelMoments:
    """What a source knows of the statistics of a model.

    Attributes
    ----------
    mean : array, shape (P,)
    standard_error : array, shape (P,)
        Monte Carlo error of the mean; zeros if it is exact.
    covariance : array, shape (P, P) or (P,), optional
        Of the statistics of one sample: the Fisher information of a sample about the parameters. Its diagonal alone
        where the whole would be too much.
    response : array, shape (P, P), optional
        How the mean answers to the parameters, where that is not the covariance.
    """

    mean: np.ndarray
    standard_error: np.ndarray
    covariance: np.ndarray | None = None
    response: np.ndarray | None = None


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


def fresh_chains(n_chains, sweeps, *, rng):
    """A source that starts new chains at random for every model it is asked about.

    Only the last state of each chain counts, so the samples are independent, and the standard error is honest - if
    the chains have forgotten their start after so many sweeps.

    Parameters
    ----------
    n_chains : int
        2 or more. With ten for each parameter, and at most `LARGEST_COVARIANCE` parameters, the source gives a whole
        covariance; else its diagonal.
    sweeps : int
        Of each chain.
    rng : numpy.random.Generator or seed

    Returns
    -------
    callable, model -> ModelMoments

    Raises
    ------
    ValueError
        If n_chains is below 2 or sweeps negative.

    Examples
    --------
    >>> source = fresh_chains(n_chains=1000, sweeps=10, rng=1)
    >>> now = source(Ising(J=[[0, 0.5], [0.5, 0]], h=[0, 0]))
    >>> bool(np.all(np.abs(now.mean - [np.tanh(0.5), 0, 0]) < 5 * now.standard_error))
    True
    """
    n_chains, sweeps = check_count("n_chains", n_chains, 2), check_count("sweeps", sweeps, 0)
    rng = np.random.default_rng(rng)

    def source(model):
        return _sampled(model, _moved(model, random_states(model, n_chains, rng=rng), sweeps, rng))

    return source


def persistent_chains(n_chains, sweeps, *, start=None, burn_in=100, rng):
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
    start : array, shape (n, configuration), optional
        States to start from, over and over if there are fewer than chains. The data are a good start: they are in all
        valleys of a cold model, each as often as it should be. By default random; only a lattice with J > 0 starts all
        up, as no domain wall can then get stuck in it.
    burn_in : int
        Sweeps before the first.
    rng : numpy.random.Generator or seed

    Returns
    -------
    callable, model -> ModelMoments

    Raises
    ------
    ValueError
        If n_chains is below 2, or sweeps or burn_in negative.

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
    burn_in, rng, states = check_count("burn_in", burn_in, 0), np.random.default_rng(rng), None

    def source(model):
        nonlocal states
        if states is None:
            states = random_states(model, n_chains, rng=rng)
            if start is not None:
                states = np.resize(states_of(model, start), states.shape)
            elif isinstance(model, LatticeIsing) and model.J > 0:
                states = np.ones_like(states)
            states = _moved(model, states, burn_in, rng)
        states = _moved(model, states, sweeps, rng)
        return _sampled(model, states)

    return source


def contrastive_divergence(data, sweeps=1, *, copies=10, rng):
    """A source that starts at the data and moves them on by a few sweeps: CD-k, with k sweeps.

    Its means are *not* those of the model, not even nearly, except where learning ends: there a sweep does not change
    the data's moments (Hinton, Neural Computation 14, 1771, 2002). Its fixed point is a consistent estimate of the
    parameters, less precise than the maximum of the likelihood where one sweep forgets little.

    To a small change of the parameters the means answer by ``F - C``, with F the covariance of the statistics and C
    that between the statistics before the sweeps and after them: what a sweep does not forget it cannot answer to.
    In equilibrium this is half the covariance of the change, which is how it is estimated.

    Parameters
    ----------
    data : array of +-1, shape (..., configuration)
    sweeps : int
        k, 1 or more.
    copies : int
        Chains from each sample, 2 or more: the spread between copies is the Monte Carlo error.
    rng : numpy.random.Generator or seed

    Returns
    -------
    callable, model -> ModelMoments

    Raises
    ------
    ValueError
        If sweeps is below 1 or copies below 2.

    Examples
    --------
    With J far too small a sweep pulls the data's mean towards the model's; at the truth it changes nothing on average.

    >>> data = np.array([[1, 1], [1, 1], [-1, -1], [-1, 1]] * 500)  # <s0 s1> = 1/2
    >>> source = contrastive_divergence(data, rng=1)
    >>> for J in (0.1, np.arctanh(0.5)):
    ...     print(round(float(source(Ising([[0, J], [J, 0]], [0, 0])).mean[0]), 1))
    0.1
    0.5
    """
    sweeps, copies = check_count("sweeps", sweeps, 1), check_count("copies", copies, 2)
    data, rng = np.asarray(data), np.random.default_rng(rng)

    def source(model):
        flat = states_of(model, data)
        states = advance(model, np.concatenate([flat] * copies), sweeps, rng=rng)
        now, response = _sampled(model, states), None
        if np.ndim(now.covariance) == 2:
            some = max(ENOUGH_FOR_COVARIANCE, 10 * len(now.mean))
            change = model.statistics(states[:some]) - model.statistics(np.resize(flat, states[:some].shape))
            response = np.atleast_2d(np.cov(change, rowvar=False)) / 2
        # A few copies tell a variance badly; in each of some groups of samples, they tell it well together.
        groups = np.array_split(states.reshape(copies, *flat.shape), min(len(flat), 1 + GROUPS // copies), axis=1)
        shares = np.array([group.shape[1] for group in groups]) / len(flat)
        means = np.array([[model.moments(copy) for copy in group] for group in groups])
        variance = shares**2 @ means.var(axis=1, ddof=1)
        return replace(now, standard_error=np.sqrt(variance / copies), response=response)

    return source


def sampled_errors(model, n_samples, *, l2=0.0, chains_a_parameter=4, sweeps=100, rng):
    """Standard errors of the parameters of a large model, ``sqrt(diag(F^-1) / M)``, with F from samples of the model.

    For what `fit` leaves open beyond `LARGEST_COVARIANCE` parameters. The inverse of a covariance of P statistics
    from n samples is too large by (n - 1) / (n - P - 2) (Wishart; Anderson, Introduction to Multivariate Statistical
    Analysis, 2003, section 7.7), which is taken out. For 100 spins it takes 2 GB and some 20 s.

    Parameters
    ----------
    model : Model
    n_samples : int
        M, how many samples the data had.
    l2 : float
        Penalty of the fit: F + l2 then takes the place of F.
    chains_a_parameter : int
        2 or more.
    sweeps : int
        Of each chain, from a random start.
    rng : numpy.random.Generator or seed

    Returns
    -------
    array, shape (P,)
        Infinite where round-off leaves nothing.

    Raises
    ------
    ValueError
        If a number is out of range.

    Examples
    --------
    >>> model = Ising(J=[[0, 0.5], [0.5, 0]], h=[0, 0.2])
    >>> errors = sampled_errors(model, 1000, chains_a_parameter=10_000, rng=1)
    >>> from course_lib.learning import fisher_errors
    >>> bool(np.allclose(errors, fisher_errors(exact_moments(model).covariance, 1000), rtol=0.05))
    True
    """
    n_samples, n_parameters = check_count("n_samples", n_samples, 1), len(model.parameters)
    n = max(LEAST_FOR_ERRORS, check_count("chains_a_parameter", chains_a_parameter, 2) * n_parameters + 2)
    rng = np.random.default_rng(rng)
    states = _moved(model, random_states(model, n, rng=rng), check_count("sweeps", sweeps, 0), rng)
    mean, square = model.moments(states), np.zeros((n_parameters, n_parameters), np.float32)
    for some in np.array_split(states, 1 + n * n_parameters // 2**25):
        centred = (model.statistics(some) - mean).astype(np.float32)
        square += centred.T @ centred
    covariance = square.astype(float) / (n - 1)
    np.fill_diagonal(covariance, _not_frozen(np.diag(covariance), mean, n))
    shrink = (n - n_parameters - 2) / (n - 1)
    variance = shrink * np.diag(np.linalg.inv(covariance + shrink * l2 * np.eye(n_parameters)))
    return np.sqrt(np.where(variance > 0, variance, np.inf) / n_samples)


# ---------------------------------------------------------------- moments of states


def states_of(model, data):
    """The data as states, shape (n_samples, configuration); their values are looked at by what is done with them."""
    data, shape = np.asarray(data), tuple(model.shape)
    if data.shape[-len(shape) :] != shape:
        raise ValueError(
            f"the data must have the shape (..., {', '.join(map(str, shape))}), as the model's configurations have, "
            f"got {data.shape}: pass data of this model, or make a model for these data"
        )
    return data.reshape(-1, *shape)


def _moved(model, states, sweeps, rng):
    """On by some sweeps; spins then draw between the state and its mirror image, which local moves may never cross."""
    states = advance(model, states, sweeps, rng=rng)
    return flip_all(model, states, rng=rng) if isinstance(model, Ising | LatticeIsing) else states


def _sampled(model, states):
    """Moments of independent states, with the whole covariance where it is cheap."""
    n, n_parameters = len(states), len(model.parameters)
    if n_parameters <= LARGEST_COVARIANCE and n >= 10 * n_parameters:
        some = states[: max(ENOUGH_FOR_COVARIANCE, 10 * n_parameters)]
        statistics = model.statistics(some)
        mean = statistics.mean(axis=0) if len(some) == n else model.moments(states)
        covariance = np.atleast_2d(np.cov(statistics, rowvar=False))
        np.fill_diagonal(covariance, _not_frozen(np.diag(covariance), mean, len(some)))
        return ModelMoments(mean, np.sqrt(np.diag(covariance) / n), covariance)
    # P numbers a sample are too much; P numbers for each of some groups of samples are not.
    groups = np.array_split(states, min(n, GROUPS))
    sizes = np.array([len(group) for group in groups])[:, None]
    means = np.array([model.moments(group) for group in groups])
    mean = (sizes * means).sum(axis=0) / n
    variance = _not_frozen((sizes * (means - mean) ** 2).sum(axis=0) / (len(groups) - 1), mean, n)
    return ModelMoments(mean, np.sqrt(variance / n), variance)


def _not_frozen(variance, mean, n):
    """What never changed in n samples is not known to be constant: as if it changed its sign in half a sample."""
    return np.where(variance > 0, variance, 2 * mean**2 / n)
