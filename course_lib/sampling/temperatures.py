"""Chains at many temperatures: annealing, parallel tempering, and hot against cold starts; on top of `advance`."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from course_lib.exceptions import Picklable
from course_lib.inputs import check_array, check_beta, check_count, check_memory, inverse_temperature
from course_lib.ising import Ising, LatticeIsing
from course_lib.sampling.moves import advance, random_states
from course_lib.sampling.progress import progress_bar

# What is called ``options`` goes to `advance`: beta, method.


@dataclass(frozen=True, eq=False)
class Annealed:
    """What `anneal` found.

    Attributes
    ----------
    states : array, shape (n_chains, ...)
        The state of lowest energy that each chain has seen.
    energies : array, shape (n_chains,)
        Their energies.
    interrupted : bool
        Whether Ctrl-C ended it early.
    """

    states: np.ndarray
    energies: np.ndarray
    interrupted: bool = False

    @property
    def best_state(self):
        """The best of all chains."""
        return self.states[np.argmin(self.energies)]

    @property
    def best_energy(self):
        """The lowest energy of all chains."""
        return float(self.energies.min())


def anneal(model, temperatures=None, n_chains=20, *, sweeps=1, rng, progress=True, **options):
    """Search for states of low energy: cool chains slowly, from random starts (Kirkpatrick et al., Science 220, 1983).

    Nothing guarantees the ground state; chains that agree on their lowest energy make it likely. Ctrl-C ends the
    search and keeps what was found.

    Parameters
    ----------
    model : Ising or LatticeIsing
    temperatures : array, shape (n,), optional
        Above 0, in the order in which they are visited, such as ``np.geomspace(3, 0.1, 200)``. By default 200 from one
        at which even the strongest fields are nothing to one at which even the spin that is held least is fixed.
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
    >>> anneal(Ising(chain(5, -1.0), np.zeros(5)), rng=1).best_energy
    -3.0
    """
    temperatures = _schedule(model) if temperatures is None else check_array("temperatures", temperatures)
    betas = [inverse_temperature(T) for T in np.atleast_1d(temperatures)]
    sweeps, rng = check_count("sweeps", sweeps, 0), np.random.default_rng(rng)
    states = random_states(model, n_chains, rng=rng)
    best, lowest = states.copy(), np.array(model.energy(states), dtype=float)
    interrupted = False
    try:
        for beta in progress_bar(betas, progress):
            states = advance(model, states, sweeps, beta=beta, rng=rng, **options)
            energies = model.energy(states)
            better = energies < lowest
            best[better], lowest[better] = states[better], energies[better]
    except KeyboardInterrupt:
        interrupted = True
    return Annealed(best, lowest, interrupted)


def _schedule(model):
    """Temperatures for `anneal`, from the fields that hold the spins.

    A flip of spin i costs at most ``2 (|h_i| + sum_j |J_ij|)``, and is free to happen at a temperature as high. At a
    fifth of the largest of |h_i| and the |J_ij| the term that holds the spin most is broken e^-10 times as often.
    """
    if isinstance(model, LatticeIsing):
        terms = np.abs([[model.J] * 4 + [model.h]])
    elif isinstance(model, Ising):
        terms = np.abs(np.column_stack([model.J, model.h]))
    else:
        raise TypeError(f"there are default temperatures for J and h only: pass some for a {type(model).__name__}")
    held = terms.max(axis=1)
    if not held.any():
        return [1.0]  # all states are alike
    return np.geomspace(2 * terms.sum(axis=1).max(), held[held > 0].min() / 5, 200)


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
    betas = np.array([check_beta(beta) for beta in np.atleast_1d(check_array("betas", betas))])
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
    check_memory(np.prod(states.shape) * n_draws * states.itemsize)
    draws = np.empty((*shape, n_draws, *states.shape[2:]), states.dtype)
    energies, n_drawn = np.empty((*shape, n_draws)), 0
    proposed, accepted = np.zeros(len(betas) - 1), np.zeros(len(betas) - 1)
    try:
        for sweep in progress_bar(range(1 - burn_in, n_draws * thin + 1), progress):
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


class NeverMet(Picklable, RuntimeError):
    """Raised by `burn_in` if hot and cold start do not meet; ``record`` is the `BurnIn` so far."""

    def __init__(self, record, reason):
        self.record = record
        differ = (
            f"still differ, by {record.distance[-1]:.3g} standard errors where noise makes at most {record.limit:.2g}"
            if record.distance[-1] > record.limit
            else "agree for the first time, which may be chance: they must agree twice in a row"
        )
        super().__init__(
            f"after {record.checked[-1]} sweeps chains from a hot and from a cold start {differ} ({reason}): do not "
            "trust samples of this length; allow more sweeps, or use sampling.tempering, or on a ferromagnetic lattice "
            "without field sampling.wolff"
        )


def burn_in(model, *, n_chains=400, max_sweeps=10_000, rng, progress=True, **options):
    """How many sweeps until chains from a hot and from a cold start cannot be told apart.

    Hot are random states; cold is one state of low energy, found by annealing, from which all chains start. Compared
    are the means of the energy, of each component of the states, and of the mean over all components (the mean spin:
    a small difference that all spins share shows there first), after 0, 1, 2, 4, 8... and after max_sweeps sweeps. The
    two have met when they agree twice in a row. More chains see smaller differences. A region that neither start leads
    to goes unseen.

    Parameters
    ----------
    model : Ising or LatticeIsing
    n_chains : int
        From each start; 2 or more.
    max_sweeps : int
        1 or more.
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
    found = anneal(model, temperatures, 20, rng=rng, progress=False, **anneal_options)
    if found.interrupted:
        raise KeyboardInterrupt
    cold = np.repeat(found.best_state[None], n_chains, axis=0)
    n_quantities = 2 + found.best_state.size
    limit = NormalDist().inv_cdf(1 - 0.005 / n_quantities)
    rows, done, reason = [], 0, "max_sweeps reached"
    looks = sorted({0, max_sweeps} | {2**k for k in range(max_sweeps.bit_length())})
    try:
        for look in progress_bar(looks, progress):
            hot = advance(model, hot, look - done, rng=rng, **options)
            cold = advance(model, cold, look - done, rng=rng, **options)
            done = look
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
    flat = [x.reshape(len(x), -1) for x in (hot, cold)]
    values = [np.column_stack([model.energy(x), y.mean(axis=1), y]) for x, y in zip((hot, cold), flat, strict=True)]
    means = [v.mean(axis=0) for v in values]
    error = np.sqrt(sum(v.var(axis=0, ddof=1) for v in values) / len(hot))
    gap = np.abs(means[0] - means[1])
    # Where nothing varies any difference is real, and round-off of equal energies is none.
    apart = gap > 1e-9 * (1 + np.abs(means[0]))
    ratios = np.divide(gap, error, out=np.where(apart, np.inf, 0.0), where=error > 0)
    return ratios.max(), (means[0][0], means[1][0])
