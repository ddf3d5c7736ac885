"""Samples from p(s) = exp(-beta E(s)) / Z, by Markov chains that are moved side by side.

`advance` is the one verb: it moves a batch of states on by some sweeps, for any model that has registered how.
"""

from dataclasses import dataclass
from functools import singledispatch

import numpy as np

from course_lib.exact import check_beta
from course_lib.ising import Ising, LatticeIsing, check_images, check_spins

# ---------------------------------------------------------------- any model


@singledispatch
def advance(model, states, sweeps, *, beta=1.0, method="heat-bath", rng):
    """Move each of many chains on by some sweeps; one sweep is one attempt a spin.

    Parameters
    ----------
    model : Ising or LatticeIsing
        Other models join in with ``@advance.register``.
    states : array of +-1, shape (n_chains, N) or (n_chains, rows, cols)
        One configuration a chain; left as it is.
    sweeps : int
        0 or more.
    beta : float
        Inverse temperature, 0 or above.
    method : {"heat-bath", "metropolis"}
        Heat bath in the order of the sites, or Metropolis at random sites. Metropolis in a fixed order is left out: on
        small periodic lattices without field it never reaches some states.
    rng : numpy.random.Generator or seed

    Returns
    -------
    array of int8, shape of ``states``

    Raises
    ------
    ValueError
        If the states are not +-1 or not of the model's shape, sweeps is no whole number or negative, beta is negative
        or not finite, or the method is unknown.
    TypeError
        If no sampler is registered for the type of the model.

    Examples
    --------
    A strong field wins over any start.

    >>> model = Ising(J=[[0, 1], [1, 0]], h=[20, 20])
    >>> advance(model, -np.ones((3, 2)), sweeps=1, rng=1)
    array([[1, 1],
           [1, 1],
           [1, 1]], dtype=int8)
    """
    raise _unknown_model("advance", advance, model)


@singledispatch
def random_states(model, n_chains, *, rng):
    """Starts for `advance` that know nothing of the model's parameters: each spin up or down by a fair coin.

    Parameters
    ----------
    model : Ising or LatticeIsing
        Other models join in with ``@random_states.register``.
    n_chains : int
        1 or more.
    rng : numpy.random.Generator or seed

    Returns
    -------
    array of int8, shape (n_chains, N) or (n_chains, rows, cols)

    Raises
    ------
    ValueError
        If n_chains is no whole number or below 1.
    TypeError
        If no random start is registered for the type of the model.

    Examples
    --------
    >>> random_states(LatticeIsing(J=0.4, h=0, shape=(3, 4)), 10, rng=1).shape
    (10, 3, 4)
    """
    raise _unknown_model("random_states", random_states, model)


# ---------------------------------------------------------------- N coupled spins


@advance.register
def _(model: Ising, states, sweeps, *, beta=1.0, method="heat-bath", rng):
    from course_lib.kernels import readable  # imports numba: only when it is needed

    kernel = _choose(method, {"heat-bath": readable.heat_bath, "metropolis": readable.metropolis})
    spins = _copy_of_chains(check_spins(states, len(model.h)), 2)
    beta, sweeps = float(check_beta(beta)), check_count("sweeps", sweeps, 0)
    kernel(spins, model.J, model.h, beta, sweeps, np.random.default_rng(rng))
    return spins


@random_states.register
def _(model: Ising, n_chains, *, rng):
    return _coins((check_count("n_chains", n_chains, 1), len(model.h)), rng)


@dataclass(frozen=True, eq=False)
class Samples:
    """What `sample` returns: spins, their energies, and how they were made.

    Attributes
    ----------
    spins : array of int8, shape (n_chains, n_draws, N)
        The draws of one chain are in the order in which they came.
    energies : array, shape (n_chains, n_draws)
        E(s), not multiplied by beta.
    model : Ising
    beta : float
    method : str
    burn_in, thin : int
        Sweeps before the first draw (to which ``thin`` more are added), and from one draw to the next.
    """

    spins: np.ndarray
    energies: np.ndarray
    model: Ising
    beta: float
    method: str
    burn_in: int
    thin: int


def sample(J, h, n_samples, *, beta=1.0, method="heat-bath", n_chains=10, burn_in=100, thin=1, rng):
    """Samples of N coupled spins, from several chains that start at random.

    Parameters
    ----------
    J : array, shape (N, N)
        Couplings, symmetric, zero diagonal.
    h : array, shape (N,)
        Fields.
    n_samples : int
        In all: each chain gives ``n_samples / n_chains``, which must be a whole number.
    beta : float
        Inverse temperature, 0 or above.
    method : {"heat-bath", "metropolis"}
        As in `advance`.
    n_chains : int
        Several chains show whether they agree; one gives the longest record.
    burn_in : int
        Sweeps that each chain makes before its first draw. 100 is ample for a few weakly coupled spins; in a cold
        system no number may be.
    thin : int
        Sweeps from one draw to the next.
    rng : numpy.random.Generator or seed

    Returns
    -------
    Samples

    Raises
    ------
    ValueError
        As `advance`; or if n_samples, n_chains or thin is below 1, burn_in is negative, or n_samples is not a multiple
        of n_chains.

    Examples
    --------
    Two spins agree on average by tanh(J).

    >>> samples = sample([[0, 0.5], [0.5, 0]], [0, 0], 10_000, rng=1)
    >>> samples.spins.shape, round(float(np.prod(samples.spins, axis=-1).mean() / np.tanh(0.5)), 1)
    ((10, 1000, 2), 1.0)
    """
    model, rng = Ising(J, h), np.random.default_rng(rng)
    n_samples, n_chains = check_count("n_samples", n_samples, 1), check_count("n_chains", n_chains, 1)
    burn_in, thin = check_count("burn_in", burn_in, 0), check_count("thin", thin, 1)
    if n_samples % n_chains:
        raise ValueError(
            f"n_samples = {n_samples} cannot be shared equally by {n_chains} chains: choose a multiple of n_chains, "
            f"such as {-(-n_samples // n_chains) * n_chains}, or another n_chains"
        )
    states = random_states(model, n_chains, rng=rng)
    states = advance(model, states, burn_in, beta=beta, method=method, rng=rng)
    spins = np.empty((n_chains, n_samples // n_chains, len(model.h)), dtype=np.int8)
    for draw in range(spins.shape[1]):
        states = advance(model, states, thin, beta=beta, method=method, rng=rng)
        spins[:, draw] = states
    return Samples(spins, model.energy(spins), model, float(beta), method, burn_in, thin)


# ---------------------------------------------------------------- lattices


@advance.register
def _(model: LatticeIsing, states, sweeps, *, beta=1.0, method="heat-bath", rng):
    from course_lib.kernels import readable  # imports numba: only when it is needed

    kernel = _choose(method, {"heat-bath": readable.lattice_heat_bath, "metropolis": readable.lattice_metropolis})
    images = _copy_of_chains(check_images(states, model.shape), 3)
    beta, sweeps = float(check_beta(beta)), check_count("sweeps", sweeps, 0)
    kernel(images, float(model.J), float(model.h), beta, sweeps, np.random.default_rng(rng))
    return images


@random_states.register
def _(model: LatticeIsing, n_chains, *, rng):
    return _coins((check_count("n_chains", n_chains, 1), *model.shape), rng)


# ---------------------------------------------------------------- input


def check_count(name, value, least):
    """A whole number as an int, after checking that it is one and large enough; 1e4 is 10000.

    Parameters
    ----------
    name : str
        What to call it in the error.
    value, least : int

    Returns
    -------
    int

    Raises
    ------
    ValueError
        Says what was given and what was expected.

    Examples
    --------
    >>> check_count("sweeps", -1, 0)
    Traceback (most recent call last):
    ...
    ValueError: sweeps must be a whole number, 0 or more, got -1
    """
    if np.ndim(value) or not least <= value < np.inf or int(value) != value:
        raise ValueError(f"{name} must be a whole number, {least} or more, got {value}")
    return int(value)


def _choose(method, kernels):
    if method not in kernels:
        raise ValueError(f"method must be one of {', '.join(map(repr, kernels))}, got {method!r}")
    return kernels[method]


def _copy_of_chains(states, ndim):
    if states.ndim != ndim:
        raise ValueError(
            f"states must have {ndim} axes, the first one counting the chains, got shape {states.shape}: for a single "
            "chain pass states[None]"
        )
    return states.copy()


def _coins(shape, rng):
    return 2 * np.random.default_rng(rng).integers(2, size=shape, dtype=np.int8) - 1


def _unknown_model(name, function, model):
    known = ", ".join(cls.__name__ for cls in function.registry if cls is not object)
    return TypeError(
        f"sampling.{name} takes a model ({known}), got one of type {type(model).__name__}: make a model of arrays with "
        f"Ising(J, h), or teach it a new one with @sampling.{name}.register"
    )
