"""Moving chains on: `advance`, the one verb of this package, for any model that has registered how; and `wolff`."""

from functools import singledispatch

import numpy as np

from course_lib.inputs import check_array, check_beta, check_count, check_images, check_model, check_spins
from course_lib.ising import Ising, LatticeIsing

# Python answers Ctrl-C between two calls; these take some 0.1 s. Both count terms of local fields.
_METROPOLIS_AT_A_TIME = 100_000_000  # an attempt costs 20 terms more
_ENERGIES_AT_A_TIME = 500_000_000  # a spin costs 200 terms more

# ---------------------------------------------------------------- any model


@singledispatch
def advance(model, states, sweeps, *, beta=1.0, method="heat-bath", rng):
    """Move each of many chains on by some sweeps; one sweep is one attempt a spin.

    Ctrl-C raises KeyboardInterrupt, within a second: half the sweeps are not what was asked for, and a loop that calls
    this must end too. To keep what is reached on the way, ask for fewer sweeps at a time.

    Parameters
    ----------
    model : Ising or LatticeIsing
        Other models join in with ``@advance.register``: a function of ``(model, states, sweeps, *, rng)``, and of
        ``beta`` for what walks through temperatures. If the model is its own mirror image, mirror the states in it now
        and then: `learning` does so for these two only.
    states : array of +-1, shape (n_chains, N) or (n_chains, rows, cols)
        One configuration a chain, with the values of the model; left as it is.
    sweeps : int
        0 or more.
    beta : float
        Inverse temperature, 0 or above. For an `Ising` also one for each chain, shape (n_chains,).
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


@random_states.register
def _(model: Ising | LatticeIsing, n_chains, *, rng):
    shape = (check_count("n_chains", n_chains, 1), *model.shape)
    return 2 * np.random.default_rng(rng).integers(2, size=shape, dtype=np.int8) - 1


# ---------------------------------------------------------------- N coupled spins


@advance.register
def _(model: Ising, states, sweeps, *, beta=1.0, method="heat-bath", rng):
    check_method(method, ("heat-bath", "metropolis"))
    sweeps, rng = check_count("sweeps", sweeps, 0), np.random.default_rng(rng)
    if method == "heat-bath":
        return DenseChains(model, states, beta=beta, rng=rng).advance(sweeps)
    from course_lib.kernels import pieces, readable  # imports numba: only when it is needed

    spins = copy_of_chains(check_spins(states, len(model.h)), 2)
    betas, n = betas_of_chains(beta, len(spins)), len(model.h)
    for start, stop in _runs(betas):
        run = spins[start:stop]
        for first, last, done, end in pieces.of_chains(len(run), sweeps, _METROPOLIS_AT_A_TIME // (n * (n + 20))):
            readable.metropolis(run[first:last], model.J, model.h, betas[start], end - done, rng)
    return spins


class DenseChains:
    """Heat-bath chains of an `Ising` in the dense kernel, which prepares them once for however many calls.

    Attributes
    ----------
    spins : array of int8, shape (n_chains, N)
        Where the chains are.
    """

    def __init__(self, model, states, *, beta=1.0, rng):
        from course_lib.kernels import dense  # imports numba: only when it is needed

        self.spins = copy_of_chains(check_spins(states, len(model.h)), 2)
        self._law = dense.single_precision(model.J, model.h, betas_of_chains(beta, len(self.spins)))
        self._kernel, self._streams = dense, dense.new_streams(len(self.spins), np.random.default_rng(rng))

    @property
    def sweeps_at_a_time(self):
        """How many sweeps take a tenth of a second at most: time for a bar, and for Ctrl-C."""
        return self._kernel.sweeps_at_a_time(self.spins)

    def advance(self, sweeps):
        """Move on, and say where the chains are."""
        self.spins = self._kernel.advance(self.spins, *self._law, sweeps, self._streams)
        return self.spins

    def draws(self, n_draws, thin):
        """Move on, and yield the draws in order, (n_chains, k, N) at a time, ``thin`` sweeps before each."""
        at_a_time = max(1, min(self.sweeps_at_a_time // thin, draws_at_a_time(self.spins), n_draws))
        if at_a_time == 1:  # one draw may take long
            yield from (self.advance(thin)[:, None] for _ in range(n_draws))
            return
        for start in range(0, n_draws, at_a_time):
            n = min(at_a_time, n_draws - start)
            draws = self._kernel.record(self.spins, *self._law, n, thin, self._streams)
            self.spins = draws[:, -1]
            yield draws

    def sum_statistics(self, sweeps):
        """Move on, and sum the statistics (P,) of the model over the chains and these sweeps, on packed bits."""
        self.spins, ups, unlike = self._kernel.count(self.spins, *self._law, sweeps, self._streams)
        n, pairs = sweeps * len(self.spins), np.triu_indices(self.spins.shape[1], 1)
        return np.concatenate([n - 2 * unlike.sum(axis=0)[pairs], 2 * ups.sum(axis=0) - n])


# ---------------------------------------------------------------- lattices


@advance.register
def _(model: LatticeIsing, states, sweeps, *, beta=1.0, method="heat-bath", rng):
    check_method(method, ("heat-bath", "metropolis"))
    images = copy_of_chains(check_images(states, model.shape), 3)
    law = float(model.J), float(model.h), float(check_beta(beta))
    sweeps, rng = check_count("sweeps", sweeps, 0), np.random.default_rng(rng)
    if method == "heat-bath":
        from course_lib.kernels import lattice  # imports numba: only when it is needed

        lattice.heat_bath(images, *law, sweeps, rng)
        return images
    from course_lib.kernels import pieces, readable

    rows, cols = model.shape
    for first, last, done, end in pieces.of_chains(len(images), sweeps, _METROPOLIS_AT_A_TIME // (25 * rows * cols)):
        readable.lattice_metropolis(images[first:last], *law, end - done, rng)
    return images


def wolff(model, images, clusters, *, beta=1.0, rng):
    """Move each of many images on by flipping clusters: the sampler near the critical point, without field.

    A cluster is built from a random site over bonds between equal spins, each with probability
    ``1 - exp(-2 beta J)``, and flipped (Wolff, Phys. Rev. Lett. 62, 361, 1989). At J = 0.44 on a 64 x 64 lattice it
    gives 30 times (energy) to 130 times (magnetisation) as many independent samples a second as compiled Metropolis.
    Ctrl-C raises KeyboardInterrupt, as in `advance`.

    Parameters
    ----------
    model : LatticeIsing
        With J > 0 and h = 0.
    images : array of +-1, shape (n_images, rows, cols)
        Left as it is.
    clusters : int
        How many to flip in each image. Fix it beforehand: to stop once so many spins have flipped would favour states
        with large clusters.
    beta : float
        Inverse temperature, above 0.
    rng : numpy.random.Generator or seed

    Returns
    -------
    images : array of int8, shape (n_images, rows, cols)
    sizes : array of int, shape (n_images, clusters)
        A cluster of size c is worth ``c / (rows * cols)`` sweeps.

    Raises
    ------
    ValueError
        If J or beta is not above 0 or h is not 0, or as `advance`.

    Examples
    --------
    >>> model = LatticeIsing(J=0.44, h=0, shape=(16, 16))
    >>> images, sizes = wolff(model, random_states(model, 10, rng=1), 20, rng=2)
    >>> images.shape, sizes.shape
    ((10, 16, 16), (10, 20))
    """
    if not isinstance(model, LatticeIsing):
        raise TypeError(f"Wolff's clusters need a LatticeIsing, got a {type(model).__name__}: use sampling.advance")
    images = copy_of_chains(check_images(images, model.shape), 3)
    beta, clusters = check_beta(beta), check_count("clusters", clusters, 0)
    if model.h != 0:
        raise ValueError(
            f"Wolff's clusters need h = 0, got h = {model.h:g}: flipping a cluster costs energy in a field; use "
            "sampling.advance, which is quick once a field breaks the symmetry"
        )
    if not beta * model.J > 0:
        raise ValueError(
            f"Wolff's clusters need beta J > 0, got beta = {beta:g} and J = {model.J:g}: bonds tie only spins that "
            "like to agree; use sampling.advance. On even sides J < 0 is the model with -J, every second spin flipped"
        )
    from course_lib.kernels import cluster  # imports numba: only when it is needed

    sizes = cluster.wolff(images, beta * float(model.J), clusters, np.random.default_rng(rng))
    return images, sizes


def flip_all(model, states, *, rng):
    """Draw each state anew from itself and its mirror image, all spins flipped: heat bath for a whole state.

    Without or in a weak field a cold ferromagnet is nearly all up or nearly all down. Local moves do not cross from
    one to the other; this move does, and keeps the law.

    Parameters
    ----------
    model : Ising or LatticeIsing
    states : array of +-1, shape (n_chains, N) or (n_chains, rows, cols)
        Left as it is.
    rng : numpy.random.Generator or seed

    Returns
    -------
    array of int8, shape of ``states``

    Raises
    ------
    ValueError
        If the states are not +-1 or not of the model's shape.

    Examples
    --------
    At h = 0 both are equally likely; here a field of 0.1 on each of 100 spins makes up e^20 times as likely.

    >>> up = np.ones((4, 10, 10))
    >>> flip_all(LatticeIsing(J=1, h=0.1, shape=(10, 10)), -up, rng=1).mean(axis=(1, 2))
    array([1., 1., 1., 1.])
    """
    states = check_spins(states)
    if states.shape[1:] != check_model(model).shape:
        raise ValueError(f"each state must have the shape of the model's, got states of shape {states.shape}")
    # Only the fields tell a state from its mirror image.
    flat = states.reshape(len(states), np.prod(states.shape[1:], dtype=int))
    fields = np.broadcast_to(np.ravel(model.h), flat.shape[1]).astype(np.float32)
    pull = flat.astype(np.float32) @ fields
    flips = np.random.default_rng(rng).random(len(states)) < 0.5 * (1 - np.tanh(pull))
    return np.where(flips.reshape(-1, *[1] * (states.ndim - 1)), -states, states)


# ---------------------------------------------------------------- pieces


def draws_at_a_time(states):
    """Of how many draws of chains (n_chains, N) the energies take a tenth of a second: it is their turn in between."""
    n_chains, n = states.shape
    return max(1, _ENERGIES_AT_A_TIME // (n_chains * n * (n + 200)))


# ---------------------------------------------------------------- input


def check_method(method, known):
    """A sampler says which methods it has."""
    if not isinstance(method, str) or method not in known:
        raise ValueError(f"method must be one of {', '.join(map(repr, known))}, got {method!r}")


def copy_of_chains(states, ndim):
    """A copy to work on, after checking that the first of ``ndim`` axes counts the chains."""
    if not states.size:
        raise ValueError(f"states must hold at least one chain, got shape {states.shape}")
    if states.ndim != ndim:
        raise ValueError(
            f"states must have {ndim} axes, the first one counting the chains, got shape {states.shape}: for a single "
            "chain pass states[None]"
        )
    return states.copy()


def _unknown_model(name, function, model):
    known = ", ".join(cls.__name__ for cls in function.registry if cls is not object)
    return TypeError(
        f"sampling.{name} takes a model ({known}), got one of type {type(model).__name__}: make a model of arrays with "
        f"Ising(J, h), or teach it a new one with @sampling.{name}.register"
    )


def betas_of_chains(beta, n_chains):
    """One inverse temperature a chain, from one for all or one each."""
    betas = check_array("beta", beta).astype(float)
    if betas.ndim == 0:
        return np.full(n_chains, check_beta(beta), dtype=float)
    if betas.shape != (n_chains,):
        raise ValueError(f"beta must be one number or one for each of the {n_chains} chains, got shape {betas.shape}")
    for extreme in (betas.min(), betas.max()):  # NaN is either
        check_beta(extreme)
    return betas


def _runs(values):
    """Start and stop of each run of equal values."""
    ends = np.flatnonzero(values[1:] != values[:-1]) + 1
    return zip([0, *ends], [*ends, len(values)], strict=True)
