"""Samples from p(s) = exp(-beta E(s)) / Z, by Markov chains that are moved side by side.

`advance` is the one verb: it moves a batch of states on by some sweeps, for any model that has registered how.
"""

import os
from dataclasses import dataclass
from functools import singledispatch
from statistics import NormalDist

import numpy as np

from course_lib.exact import check_beta
from course_lib.ising import Ising, LatticeIsing, check_images, check_spins, flip_cost

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


# ---------------------------------------------------------------- N coupled spins


@advance.register
def _(model: Ising, states, sweeps, *, beta=1.0, method="heat-bath", rng):
    from course_lib.kernels import dense, readable  # imports numba: only when it is needed

    _choose(method, ("heat-bath", "metropolis"))
    spins = _copy_of_chains(check_spins(states, len(model.h)), 2)
    betas, sweeps = _betas_of_chains(beta, len(spins)), check_count("sweeps", sweeps, 0)
    rng = np.random.default_rng(rng)
    if method == "heat-bath":
        return dense.advance(spins, model.J, model.h, betas, sweeps, dense.new_streams(len(spins), rng))
    for start, stop in _runs(betas):
        readable.metropolis(spins[start:stop], model.J, model.h, betas[start], sweeps, rng)
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
    interrupted : bool
        Whether Ctrl-C ended it before all draws were made.
    """

    spins: np.ndarray
    energies: np.ndarray
    model: Ising
    beta: float
    method: str
    burn_in: int
    thin: int
    interrupted: bool = False

    @property
    def acceptance(self):
        """How often an update changes its spin: for Metropolis the acceptance rate.

        Averaged, over draws and sites, is the probability of the change, which is less noisy than counted changes.
        """
        total = 0.0
        for spins in np.array_split(self.spins.reshape(-1, self.spins.shape[-1]), 1 + self.spins.size // 2**20):
            cost = self.beta * flip_cost(spins, self.model.J, self.model.h)
            if self.method == "metropolis":
                total += np.exp(-np.maximum(cost, 0)).sum()
            else:
                total += 0.5 * (1 - np.tanh(cost / 2)).sum()
        return total / self.spins.size


def sample(J, h, n_samples, *, beta=1.0, method="heat-bath", n_chains=10, burn_in=100, thin=1, rng, progress=True):
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
    progress : bool
        Whether to show a bar if it takes long. Ctrl-C keeps what was drawn.

    Returns
    -------
    Samples

    Raises
    ------
    ValueError
        As `advance`; or if n_samples, n_chains or thin is below 1, burn_in is negative, n_samples is not a multiple
        of n_chains, or the samples would not fit into memory.

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
    _choose(method, ("heat-bath", "metropolis"))
    n_draws, n_drawn = n_samples // n_chains, 0
    _check_memory(n_samples * (len(model.h) + 8))
    spins = np.empty((n_chains, n_draws, len(model.h)), dtype=np.int8)
    options = {"beta": check_beta(beta), "method": method, "burn_in": burn_in, "rng": rng}
    chunks = _chunks(model, random_states(model, n_chains, rng=rng), n_draws, thin, **options)
    try:
        for chunk in _bar(chunks, progress, total=n_draws):
            here = slice(n_drawn, n_drawn + chunk.shape[1])
            spins[:, here] = chunk
            n_drawn = here.stop
    except KeyboardInterrupt:
        if not n_drawn:
            raise
    spins = spins[:, :n_drawn]
    # In pieces: a product with the couplings takes 8 bytes a spin.
    pieces = np.array_split(spins, 1 + spins.size // 2**24, axis=1)
    energies = np.concatenate([model.energy(piece) for piece in pieces], axis=1)
    return Samples(spins, energies, model, float(beta), method, burn_in, thin, interrupted=n_drawn < n_draws)


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
    return kernels[method] if isinstance(kernels, dict) else method


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


# ---------------------------------------------------------------- on top of any sampler: records, burn-in, temperatures
#
# Built on advance, random_states and model.energy. What is called ``options`` goes to `advance`: beta, method.


def average_moments(model, states, sweeps, *, beta=1.0, rng, progress=True):
    """Move chains on as `advance` does, and average the statistics over chains and sweeps; no sample is kept.

    For an `Ising` the kernel counts, on packed bits, and this is the fastest way to moments.

    Parameters
    ----------
    model : Ising or LatticeIsing
    states : array of +-1, shape (n_chains, N) or (n_chains, rows, cols)
        Left as it is.
    sweeps : int
        1 or more; each is counted.
    beta : float
    rng : numpy.random.Generator or seed
    progress : bool
        Whether to show a bar if it takes long.

    Returns
    -------
    states : array, as ``states``
    mean : array, shape (P,)
        As ``model.moments``. For its error call several times: the averages of long enough blocks are independent.

    Raises
    ------
    ValueError
        As `advance`, or if sweeps is below 1.

    Examples
    --------
    >>> model = Ising(J=[[0, 0.5], [0.5, 0]], h=[0, 0])
    >>> states, mean = average_moments(model, random_states(model, 128, rng=1), 1000, rng=2)
    >>> abs(float(mean[0] / np.tanh(0.5)) - 1) < 0.02
    True
    """
    sweeps, rng = check_count("sweeps", sweeps, 1), np.random.default_rng(rng)
    if isinstance(model, Ising):
        from course_lib.kernels import dense

        spins = _copy_of_chains(check_spins(states, len(model.h)), 2)
        betas, streams = _betas_of_chains(beta, len(spins)), dense.new_streams(len(spins), rng)
        pairs, total, at_a_time = np.triu_indices(len(model.h), 1), 0, dense.sweeps_at_a_time(spins)
        for done in _bar(range(0, sweeps, at_a_time), progress):
            n = min(at_a_time, sweeps - done)
            spins, ups, unlike = dense.count(spins, model.J, model.h, betas, n, streams)
            n *= len(spins)
            total = total + np.concatenate([n - 2 * unlike.sum(axis=0)[pairs], 2 * ups.sum(axis=0) - n])
        return spins, total / (len(spins) * sweeps)
    total = 0.0
    for _ in _bar(range(sweeps), progress):
        states = advance(model, states, 1, beta=beta, rng=rng)
        total = total + model.moments(states)
    return states, total / sweeps


def trace(model, state, sweeps, *, measure, every=1, rng, progress=True, **options):
    """A quantity along one chain, in order; for `diagnostics.autocorrelation_time`, or to look at.

    Ctrl-C ends it and keeps what there is.

    Parameters
    ----------
    model : Ising or LatticeIsing
    state : array, one configuration
        Where the chain starts; not recorded.
    sweeps : int
        1 or more.
    measure : callable, states (n, ...) -> array (n,) or (n, ...)
        Applied to a batch of states, such as ``model.energy`` or ``lambda s: s.mean(axis=-1)``.
    every : int
        Sweeps from one record to the next, at most ``sweeps``.
    rng : numpy.random.Generator or seed
    progress : bool
    **options
        Of `advance`.

    Returns
    -------
    array, shape (sweeps // every, ...)

    Raises
    ------
    ValueError
        As `advance`; if sweeps or every is below 1, every above sweeps, or measure does not give a value a state.

    Examples
    --------
    >>> from course_lib.ising import chain
    >>> model = Ising(J=chain(5, 0.4), h=np.zeros(5))
    >>> energies = trace(model, np.ones(5), 100, measure=model.energy, rng=1)
    >>> energies.shape
    (100,)
    """
    sweeps, every = check_count("sweeps", sweeps, 1), check_count("every", every, 1)
    if every > sweeps:
        raise ValueError(f"every must be at most sweeps, or nothing is recorded; got {every} and {sweeps}")
    record, n_records = [], sweeps // every
    chunks = _chunks(model, np.asarray(state)[None], n_records, every, rng=np.random.default_rng(rng), **options)
    try:
        for chunk in _bar(chunks, progress, total=n_records):
            values = np.asarray(measure(chunk[0]))
            if values.shape[:1] != (len(chunk[0]),):
                raise ValueError(
                    f"measure must give one value a state: for states of shape {chunk[0].shape} it gave shape "
                    f"{values.shape}; sum over the last axes only, such as states.mean(axis=-1)"
                )
            record.append(values)
    except KeyboardInterrupt:
        if not record:
            raise
    return np.concatenate(record)


@dataclass(frozen=True, eq=False)
class BurnIn:
    """What `burn_in` saw.

    Attributes
    ----------
    sweeps : int or None
        After so many sweeps the two ensembles agree; None if they never did.
    checked : array of int, shape (n,)
        After how many sweeps they were compared.
    hot, cold : array, shape (n,)
        Mean energies of the ensembles.
    distance : array, shape (n,)
        The largest difference between the means of any quantity, in standard errors.
    limit : float
        Up to here a distance is noise: in 99 of 100 comparisons of equal ensembles.
    """

    sweeps: int | None
    checked: np.ndarray
    hot: np.ndarray
    cold: np.ndarray
    distance: np.ndarray
    limit: float


class NeverMet(RuntimeError):
    """Raised by `burn_in` if hot and cold start do not meet; ``record`` is the `BurnIn` so far."""

    def __init__(self, record, reason):
        self.record = record
        super().__init__(
            f"after {record.checked[-1]} sweeps chains from a hot and from a cold start still differ, by "
            f"{record.distance[-1]:.3g} standard errors where noise makes at most {record.limit:.2g} ({reason}): do "
            "not trust samples of this length; allow more sweeps, or use sampling.tempering, or on a ferromagnetic "
            "lattice without field sampling.wolff"
        )


def burn_in(model, *, n_chains=400, max_sweeps=10_000, rng, progress=True, **options):
    """How many sweeps until chains from a hot and from a cold start cannot be told apart.

    Hot are random states; cold is one state of low energy, found by annealing, from which all chains start. Compared
    are the mean energy and the mean of each component of the states, after 0, 1, 2, 4, 8... sweeps; they have met when
    they agree twice in a row. More chains see smaller differences. A region that neither start leads to goes unseen.

    Parameters
    ----------
    model : Ising or LatticeIsing
    n_chains : int
        From each start; 2 or more.
    max_sweeps : int
    rng : numpy.random.Generator or seed
    progress : bool
    **options
        Of `advance`.

    Returns
    -------
    BurnIn

    Raises
    ------
    NeverMet
        If they have not met after ``max_sweeps`` sweeps, or on Ctrl-C. It carries the record.
    ValueError
        As `advance`, or if n_chains is below 2 or max_sweeps below 1.

    Examples
    --------
    >>> from course_lib.ising import chain
    >>> model = Ising(J=chain(5, 0.4), h=np.full(5, 0.1))
    >>> burn_in(model, rng=1).sweeps <= 16
    True
    """
    n_chains, max_sweeps = check_count("n_chains", n_chains, 2), check_count("max_sweeps", max_sweeps, 1)
    rng = np.random.default_rng(rng)
    hot = random_states(model, n_chains, rng=rng)
    temperatures = np.geomspace(10, 0.1, 50) / (options.get("beta") or 1.0)
    anneal_options = {key: value for key, value in options.items() if key != "beta"}
    coldest = anneal(model, temperatures, 20, rng=rng, progress=False, **anneal_options).best_state
    cold = np.repeat(coldest[None], n_chains, axis=0)
    n_quantities = 1 + coldest.size
    limit = NormalDist().inv_cdf(1 - 0.005 / n_quantities)
    rows, done, reason = [], 0, "max_sweeps reached"
    steps = [0, 1] + [2**k for k in range(max_sweeps.bit_length() - 1)]
    try:
        for step in _bar(steps, progress):
            hot = advance(model, hot, step, rng=rng, **options)
            cold = advance(model, cold, step, rng=rng, **options)
            done += step
            distance, energies = _distance(model, hot, cold)
            rows.append((done, *energies, distance))
            if len(rows) > 1 and max(rows[-2][-1], distance) <= limit:
                return BurnIn(rows[-2][0], *map(np.array, zip(*rows, strict=True)), limit)
    except KeyboardInterrupt:
        if not rows:
            raise
        reason = "interrupted"
    raise NeverMet(BurnIn(None, *map(np.array, zip(*rows, strict=True)), limit), reason)


def _distance(model, hot, cold):
    """Largest difference of the means, in standard errors, and the two mean energies."""
    values = [np.column_stack([model.energy(x), x.reshape(len(x), -1)]) for x in (hot, cold)]
    means = [v.mean(axis=0) for v in values]
    error = np.sqrt(sum(v.var(axis=0, ddof=1) for v in values) / len(hot))
    gap = np.abs(means[0] - means[1])
    # Where nothing varies any difference is real, and round-off of equal energies is none.
    apart = gap > 1e-9 * (1 + np.abs(means[0]))
    ratios = np.divide(gap, error, out=np.where(apart, np.inf, 0.0), where=error > 0)
    return ratios.max(), (means[0][0], means[1][0])


@dataclass(frozen=True, eq=False)
class Annealed:
    """What `anneal` found.

    Attributes
    ----------
    states : array, shape (n_chains, ...)
        The state of lowest energy that each chain has seen.
    energies : array, shape (n_chains,)
        Their energies.
    """

    states: np.ndarray
    energies: np.ndarray

    @property
    def best_state(self):
        """The best of all chains."""
        return self.states[np.argmin(self.energies)]

    @property
    def best_energy(self):
        """The lowest energy of all chains."""
        return float(self.energies.min())


def anneal(model, temperatures, n_chains, *, sweeps=1, rng, progress=True, **options):
    """Search for states of low energy: cool chains slowly, from random starts (Kirkpatrick et al., Science 220, 1983).

    Nothing guarantees the ground state; chains that agree on their lowest energy make it likely. Ctrl-C ends the
    search and keeps what was found.

    Parameters
    ----------
    model : Ising or LatticeIsing
    temperatures : array, shape (n,)
        Above 0, in the order in which they are visited, such as ``np.geomspace(3, 0.1, 200)``.
    n_chains : int
        1 or more.
    sweeps : int
        At each temperature.
    rng : numpy.random.Generator or seed
    progress : bool
    **options
        Of `advance`, without beta.

    Returns
    -------
    Annealed

    Raises
    ------
    ValueError
        As `advance`, or if a temperature is not above 0.

    Examples
    --------
    Five spins on a ring, neighbours opposed: one bond must stay unhappy.

    >>> from course_lib.ising import chain
    >>> anneal(Ising(chain(5, -1.0), np.zeros(5)), np.geomspace(3, 0.1, 50), 20, rng=1).best_energy
    -3.0
    """
    betas = [inverse_temperature(T) for T in np.atleast_1d(temperatures)]
    sweeps, rng = check_count("sweeps", sweeps, 0), np.random.default_rng(rng)
    states = random_states(model, n_chains, rng=rng)
    best, lowest = states.copy(), np.array(model.energy(states), dtype=float)
    try:
        for beta in _bar(betas, progress):
            states = advance(model, states, sweeps, beta=beta, rng=rng, **options)
            energies = model.energy(states)
            better = energies < lowest
            best[better], lowest[better] = states[better], energies[better]
    except KeyboardInterrupt:
        pass
    return Annealed(best, lowest)


def inverse_temperature(temperature):
    """``beta = 1 / T`` of a temperature above 0.

    Parameters
    ----------
    temperature : float

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If it is not above 0; says what T = 0 would mean.

    Examples
    --------
    >>> inverse_temperature(2.0)
    0.5
    """
    if not temperature > 0:
        raise ValueError(
            f"a temperature must be above 0, got {temperature}: as T -> 0 only the states of lowest energy are left,  "
            "chains freeze in the first valley; to find such states use sampling.anneal and end near, not at, zero"
        )
    return 1 / float(temperature)


@dataclass(frozen=True, eq=False)
class Tempered:
    """What `tempering` returns: the draws of each temperature, and how well the ladder works.

    Attributes
    ----------
    states : array, shape (n_temperatures, n_chains, n_draws, ...)
    energies : array, shape (n_temperatures, n_chains, n_draws)
        E(s), not multiplied by beta.
    betas : array, shape (n_temperatures,)
    swap_acceptance : array, shape (n_temperatures - 1,)
        Share of the proposed swaps between neighbours that were made; near 0 the ladder is cut there. NaN if none was
        proposed.
    model : Ising or LatticeIsing
    interrupted : bool
        Whether Ctrl-C ended it early.
    """

    states: np.ndarray
    energies: np.ndarray
    betas: np.ndarray
    swap_acceptance: np.ndarray
    model: Ising | LatticeIsing
    interrupted: bool = False


def tempering(model, betas, sweeps, *, n_chains=8, burn_in=100, thin=1, rng, progress=True, **options):
    """Parallel tempering: chains at several temperatures that swap states, so that cold ones escape from valleys.

    After every sweep neighbouring temperatures propose to swap, in turn those that start at an even and an odd place,
    and do so with probability ``min(1, exp((beta - beta') (E - E')))`` (Hukushima and Nemoto, J. Phys. Soc. Jpn. 65,
    1604, 1996). Each temperature then samples its own law. Ctrl-C ends it and keeps the draws there are.

    Parameters
    ----------
    model : Ising or LatticeIsing
    betas : array, shape (n_temperatures,)
        Two or more, 0 or above, ascending or descending. Close enough that the energies of neighbours overlap; the
        hottest must mix by itself.
    sweeps : int
        Of each chain, after the burn-in.
    n_chains : int
        Ladders that run side by side and never meet.
    burn_in, thin : int
        Sweeps before the first draw, and from one draw to the next.
    rng : numpy.random.Generator or seed
    progress : bool
    **options
        Of `advance`, without beta.

    Returns
    -------
    Tempered

    Raises
    ------
    ValueError
        As `advance`; if there are fewer than two betas or they are not in order, thin is below 1 or above sweeps, or
        the draws would not fit into memory.

    Examples
    --------
    >>> from course_lib.ising import random_couplings
    >>> model = Ising(random_couplings(10, np.random.default_rng(1), scale=2.0), np.zeros(10))
    >>> cold = tempering(model, [0.2, 0.5, 1.0, 2.0], 500, rng=1)
    >>> cold.energies.shape, bool(np.all(cold.swap_acceptance > 0.1))
    ((4, 8, 500), True)
    """
    betas = np.array([check_beta(beta) for beta in np.atleast_1d(betas)], dtype=float)
    steps = np.diff(betas)
    if len(betas) < 2 or not (np.all(steps > 0) or np.all(steps < 0)):
        raise ValueError(f"betas must be two or more in ascending or descending order, got {betas}")
    sweeps, thin = check_count("sweeps", sweeps, 1), check_count("thin", thin, 1)
    burn_in, n_chains = check_count("burn_in", burn_in, 0), check_count("n_chains", n_chains, 1)
    if thin > sweeps:
        raise ValueError(f"thin must be at most sweeps, or nothing is drawn; got {thin} and {sweeps}")
    rng = np.random.default_rng(rng)
    n_draws, shape = sweeps // thin, (len(betas), n_chains)
    states = random_states(model, len(betas) * n_chains, rng=rng)
    states = states.reshape(*shape, *states.shape[1:])
    _check_memory(np.prod(states.shape) * n_draws * states.itemsize)
    draws = np.empty((*shape, n_draws, *states.shape[2:]), states.dtype)
    energies, n_drawn = np.empty((*shape, n_draws)), 0
    proposed, accepted = np.zeros(len(betas) - 1), np.zeros(len(betas) - 1)
    try:
        for sweep in _bar(range(1 - burn_in, n_draws * thin + 1), progress):
            states = _advance_each(model, states, betas, rng, options)
            energy = np.asarray(model.energy(states))
            made = _swap(states, energy, betas, sweep % 2, rng)
            if sweep > 0:
                proposed[sweep % 2 :: 2] += n_chains
                accepted[sweep % 2 :: 2] += made
                if sweep % thin == 0:
                    draws[:, :, n_drawn], energies[:, :, n_drawn] = states, energy
                    n_drawn += 1
    except KeyboardInterrupt:
        if not n_drawn:
            raise
    rates = np.divide(accepted, proposed, out=np.full(len(proposed), np.nan), where=proposed > 0)
    return Tempered(draws[:, :, :n_drawn], energies[:, :, :n_drawn], betas, rates, model, n_drawn < n_draws)


def _advance_each(model, states, betas, rng, options):
    """One sweep of states (n_temperatures, n_chains, ...), each temperature at its own beta."""
    if isinstance(model, Ising):
        flat = states.reshape(-1, states.shape[-1])
        return advance(model, flat, 1, beta=np.repeat(betas, states.shape[1]), rng=rng, **options).reshape(states.shape)
    return np.stack(
        [advance(model, x, 1, beta=beta, rng=rng, **options) for x, beta in zip(states, betas, strict=True)]
    )


def _swap(states, energy, betas, first, rng):
    """Swap, in place, between temperatures first and first + 1, first + 2 and first + 3... Returns how many did."""
    low = np.arange(first, len(betas) - 1, 2)
    log_ratio = (betas[low] - betas[low + 1])[:, None] * (energy[low] - energy[low + 1])
    pair, chain = np.nonzero(np.log(1 - rng.random(log_ratio.shape)) < log_ratio)
    here, there = (low[pair], chain), (low[pair] + 1, chain)
    for x in (states, energy):
        x[here], x[there] = x[there], x[here]
    return np.bincount(pair, minlength=len(low))


def wolff(model, images, clusters, *, beta=1.0, rng):
    """Move each of many images on by flipping clusters: the sampler near the critical point, without field.

    A cluster is built from a random site over bonds between equal spins, each with probability
    ``1 - exp(-2 beta J)``, and flipped (Wolff, Phys. Rev. Lett. 62, 361, 1989). At J = 0.44 on a 64 x 64 lattice it
    gives 30 times (energy) to 130 times (magnetisation) as many independent samples a second as compiled Metropolis.

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
    images = _copy_of_chains(check_images(images, model.shape), 3)
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


# ---------------------------------------------------------------- draws in chunks, bars, memory


def _chunks(model, states, n_draws, thin, *, burn_in=0, rng, **options):
    """Draws in order, (n_chains, k, ...) at a time, so that there is time for a bar and for Ctrl-C in between."""
    if isinstance(model, Ising) and options.get("method", "heat-bath") == "heat-bath":
        from course_lib.kernels import dense

        spins = _copy_of_chains(check_spins(states, len(model.h)), 2)
        betas, streams = _betas_of_chains(options.get("beta", 1.0), len(spins)), dense.new_streams(len(spins), rng)
        spins = dense.advance(spins, model.J, model.h, betas, burn_in, streams)
        at_a_time = max(1, min(dense.sweeps_at_a_time(spins) // thin, n_draws))
        for start in range(0, n_draws, at_a_time):
            if at_a_time == 1:  # one draw may take long
                draws = dense.advance(spins, model.J, model.h, betas, thin, streams)[:, None]
            else:
                n = min(at_a_time, n_draws - start)
                draws = dense.record(spins, model.J, model.h, betas, n, thin, streams)
            spins = draws[:, -1]
            yield draws
        return
    states = advance(model, states, burn_in, rng=rng, **options)
    for _ in range(n_draws):
        states = advance(model, states, thin, rng=rng, **options)
        yield states[:, None]


def _betas_of_chains(beta, n_chains):
    """One inverse temperature a chain, from one for all or one each."""
    if np.ndim(beta) == 0:
        return np.full(n_chains, check_beta(beta), dtype=float)
    betas = np.asarray(beta, dtype=float)
    if betas.shape != (n_chains,):
        raise ValueError(f"beta must be one number or one for each of the {n_chains} chains, got shape {betas.shape}")
    for extreme in (betas.min(), betas.max()):  # NaN is either
        check_beta(extreme)
    return betas


def _runs(values):
    """Start and stop of each run of equal values."""
    ends = np.flatnonzero(np.diff(values)) + 1
    return zip([0, *ends], [*ends, len(values)], strict=True)


def _bar(items, progress, total=None):
    """Progress on stderr for what takes longer than a second; an item counts as many draws as it holds."""
    if not progress or (total is None and len(items) < 2):
        yield from items
        return
    from tqdm.auto import tqdm

    with tqdm(total=len(items) if total is None else total, delay=1, leave=False) as bar:
        for item in items:
            yield item
            bar.update(1 if total is None else item.shape[1])


def _check_memory(n_bytes):
    """Refuse what needs more than half of this machine's memory."""
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # not on Windows
        memory = 16 * 2**30
    if n_bytes > memory / 2:
        raise ValueError(
            f"these draws take {n_bytes / 2**30:,.1f} GB, more than half of the {memory / 2**30:.1f} GB of this "
            "machine: draw fewer and raise thin, so that each is worth more, or keep averages: sampling.average_moments"
        )
