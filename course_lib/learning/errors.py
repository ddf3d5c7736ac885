"""Standard errors: how far the parameters scatter, by how far the slope scatters and how it answers to them.

A fit ends where the slope is 0. Another data set, or other chains, would have had another slope there, of covariance B,
and the parameters make up for it: their covariance is ``R^-1 B R^-T``, the sandwich, with R = how the slope answers to
them (Godambe, Ann. Math. Stat. 31, 1208, 1960). For maximum likelihood B = F / M and R = F, and F^-1 / M is left.
"""

import numpy as np

from course_lib.inputs import check_array, check_count, check_memory, check_model, check_number, check_weights
from course_lib.learning.sources import moved, not_frozen
from course_lib.sampling import random_states

LEAST_SAMPLES = 10  # a standard deviation from ten is good to 24 %
LEAST_CHAINS = 2000  # errors of a few parameters are then good to some percent


def fisher_errors(information, n_samples):
    """Standard errors of the parameters from the Fisher information of one sample: ``sqrt(diag(F^-1) / M)``.

    Parameters
    ----------
    information : array, shape (P, P)
    n_samples : int

    Returns
    -------
    array, shape (P,)
        Infinite where the data cannot tell: in directions in which the statistics do not vary.

    Examples
    --------
    >>> fisher_errors(np.array([[1, 1, 0], [1, 1, 0], [0, 0, 4.0]]), n_samples=25)
    array([inf, inf, 0.1])
    """
    information, n_samples = check_array("information", information), check_number("n_samples", n_samples, 1)
    if information.ndim != 2 or len(set(information.shape)) != 1 or not np.all(np.isfinite(information)):
        raise ValueError(f"information must be a square matrix of finite numbers, got shape {information.shape}")
    return sandwich_errors(information, information / n_samples)


def sandwich_errors(response, scatter):
    """Errors of parameters whose slope has the covariance ``scatter`` (P, P) and answers to them by ``-response``.

    Infinite in directions to which the slope does not answer.
    """
    left, sizes, right = np.linalg.svd(response)
    known = sizes > len(sizes) * np.finfo(float).eps * sizes[0]
    inverse = (right[known].T / sizes[known]) @ left[:, known].T
    variance = np.einsum("ij,jk,ik->i", inverse, scatter, inverse, optimize=True)
    # Round-off leaves a trace of an unknown direction in every parameter.
    variance[np.sum(right[~known] ** 2, axis=0) > 1e-8] = np.inf
    return np.sqrt(variance)


def count_samples(shape, weights, effective_samples):
    """Weights as what ``model.moments`` takes besides the data, and how many independent samples these are worth."""
    counted = {} if weights is None else {"weights": check_weights(weights, shape)}
    if effective_samples is not None:
        return counted, check_effective_samples(effective_samples)
    return counted, float(np.prod(shape) if weights is None else np.sum(weights))


def check_effective_samples(effective_samples):
    """How many independent samples data are worth, as a float, after checking that it is one number above 0."""
    if np.ndim(effective_samples) or not 0 < effective_samples < np.inf:
        raise ValueError(
            f"effective_samples must be one number above 0, got {effective_samples!r}: how many independent samples "
            "the data are worth, such as M / (2 tau) for M snapshots of a chain"
        )
    return float(effective_samples)


def errors_of(now, n_samples, steps):
    """Standard errors at the end of a `fit` to n_samples, by what its source knew of the last model; or None.

    An l2 penalty counts as what it is worth: a normal prior of variance 1 / (M l2), from which the true parameters
    come. How far it pulls them towards 0 then adds ``M l2`` to the scatter of M slopes. Under l1 there are no errors:
    its estimates are not normal, some of them are exactly 0, and all are pulled towards 0. Nor are there any of plain
    steps among noise, which hides how far off the flat directions are.
    """
    no_data_error = now.response is not None and (now.score_covariance is None or n_samples < LEAST_SAMPLES)
    hidden = steps.scale(now) is None and np.any(now.standard_error > 0)
    if np.ndim(now.covariance) != 2 or np.any(steps.l1) or no_data_error or hidden:
        return None
    response = now.covariance if now.response is None else now.response
    score = now.covariance if now.score_covariance is None else now.score_covariance
    scatter = (score + np.diag(steps.l2)) / n_samples
    if now.score_covariance is None:  # else the noise is in it
        scatter = scatter + _noise(now)
    return sandwich_errors(response + np.diag(steps.l2), scatter)


def _noise(now):
    """Covariance of the Monte Carlo error of the mean; of independent samples it is the statistics' own, scaled."""
    if now.noise is not None:
        return now.noise
    deviation = np.sqrt(np.diag(now.covariance))
    ratio = np.divide(now.standard_error, deviation, out=np.zeros_like(deviation), where=deviation > 0)
    return now.covariance * np.outer(ratio, ratio)


def sampled_errors(model, n_samples, *, l2=0.0, chains_a_parameter=4, sweeps=100, rng):
    """Standard errors of the parameters of a large model, ``sqrt(diag(F^-1) / M)``, with F from samples of the model.

    For what `fit` leaves open beyond 500 parameters, where its sources know no whole covariance. The Monte Carlo error
    of such a fit is not in them. The inverse of a covariance of P statistics from n samples is too large by
    (n - 1) / (n - P - 2) (Wishart; Anderson, Introduction to Multivariate Statistical Analysis, 2003, section 7.7),
    which is taken out. For 100 spins it takes 2 GB and some 20 s.

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
        If a number is out of range, or the covariance would not fit into memory.

    Examples
    --------
    >>> from course_lib.ising import Ising
    >>> from course_lib.learning import exact_moments
    >>> model = Ising(J=[[0, 0.5], [0.5, 0]], h=[0, 0.2])
    >>> errors = sampled_errors(model, 1000, chains_a_parameter=10_000, rng=1)
    >>> bool(np.allclose(errors, fisher_errors(exact_moments(model).covariance, 1000), rtol=0.05))
    True
    """
    n_samples, n_parameters = check_count("n_samples", n_samples, 1), len(check_model(model).parameters)
    l2 = check_number("l2", l2, 0)
    n = max(LEAST_CHAINS, check_count("chains_a_parameter", chains_a_parameter, 2) * n_parameters + 2)
    n_bytes = 28 * n_parameters**2 + 5 * n * np.prod(model.shape)  # one covariance single, three double
    check_memory(n_bytes, what="the covariance and its inverse", instead="fit fewer parameters")
    rng = np.random.default_rng(rng)
    states = moved(model, random_states(model, n, rng=rng), check_count("sweeps", sweeps, 0), rng)
    mean, square = model.moments(states), np.zeros((n_parameters, n_parameters), np.float32)
    for some in np.array_split(states, 1 + n * n_parameters // 2**25):
        centred = (model.statistics(some) - mean).astype(np.float32)
        square += centred.T @ centred
    covariance = square.astype(float) / (n - 1)
    np.fill_diagonal(covariance, not_frozen(np.diag(covariance), mean, n))
    shrink = (n - n_parameters - 2) / (n - 1)
    variance = shrink * np.diag(np.linalg.inv(covariance + shrink * l2 * np.eye(n_parameters)))
    return np.sqrt(np.where(variance > 0, variance, np.inf) / n_samples)
