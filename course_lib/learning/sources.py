"""Sources of moments: callables ``model -> ModelMoments``, exact or by Monte Carlo."""

from dataclasses import dataclass
from functools import singledispatch

import numpy as np

from course_lib import exact
from course_lib.ising import Ising, LatticeIsing
from course_lib.sampling import advance, check_count, random_states


@dataclass(frozen=True, eq=False)
class ModelMoments:
    """What a source knows of the statistics of a model.

    Attributes
    ----------
    mean : array, shape (P,)
    standard_error : array, shape (P,)
        Monte Carlo error of the mean; zeros if it is exact.
    covariance : array, shape (P, P), optional
        Of the statistics of one sample: the Fisher information of a sample about the parameters.
    """

    mean: np.ndarray
    standard_error: np.ndarray
    covariance: np.ndarray | None = None


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
    mean, covariance = exact.statistics_moments(model.J, model.h)
    return ModelMoments(mean, np.zeros_like(mean), covariance)


@exact_moments.register
def _(model: LatticeIsing):
    _, mean, covariance = exact.lattice(model.shape, model.J, model.h)
    return ModelMoments(mean, np.zeros_like(mean), covariance)


def fresh_chains(n_chains, sweeps, *, covariance=False, rng):
    """A source that starts new chains at random for every model it is asked about.

    Only the last state of each chain counts, so the samples are independent, and the standard error is honest - if
    the chains have forgotten their start after so many sweeps.

    Parameters
    ----------
    n_chains : int
        2 or more; more than P for the covariance, and ten times P for a good one.
    sweeps : int
        Of each chain.
    covariance : bool
        Whether to estimate the covariance, P x P numbers, so that `fit` scales its steps.
    rng : numpy.random.Generator or seed

    Returns
    -------
    callable, model -> ModelMoments

    Raises
    ------
    ValueError
        If n_chains is below 2 or sweeps negative; from the source: if there are too few chains for the covariance.

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
        states = advance(model, random_states(model, n_chains, rng=rng), sweeps, rng=rng)
        statistics = model.statistics(states).astype(float, copy=False)
        n_parameters = statistics.shape[1]
        if covariance and n_chains <= n_parameters:
            raise ValueError(
                f"the covariance of {n_parameters} statistics needs more than {n_parameters} chains, got {n_chains}: "
                "some combinations would seem not to vary at all; raise n_chains or leave the covariance out"
            )
        return ModelMoments(
            statistics.mean(axis=0),
            statistics.std(axis=0, ddof=1) / np.sqrt(n_chains),
            np.atleast_2d(np.cov(statistics, rowvar=False)) if covariance else None,
        )

    return source
