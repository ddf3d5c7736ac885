"""Records of chains: samples, images, one chain in order, averages without samples; all of them on top of `moves`."""

from dataclasses import dataclass

import numpy as np

from course_lib.inputs import check_array, check_beta, check_count, check_memory
from course_lib.ising import Ising, LatticeIsing, flip_cost
from course_lib.sampling.moves import DenseChains, advance, check_method, draws_at_a_time, random_states
from course_lib.sampling.progress import progress_bar

# What is called ``options`` goes to `advance`: beta, method.


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
        Whether to show a bar if it takes long. Ctrl-C keeps what was drawn, if anything was: the burn-in is no sample.

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
    check_method(method, ("heat-bath", "metropolis"))
    n_draws, n_drawn, n_measured = n_samples // n_chains, 0, 0
    check_memory(n_samples * (len(model.h) + 8))
    spins, energies = np.empty((n_chains, n_draws, len(model.h)), dtype=np.int8), np.empty((n_chains, n_draws))
    options = {"beta": check_beta(beta), "method": method, "burn_in": burn_in, "rng": rng}
    chunks = _chunks(model, random_states(model, n_chains, rng=rng), n_draws, thin, **options)
    try:
        for chunk in progress_bar(chunks, progress, total=n_draws):
            spins[:, n_drawn : n_drawn + chunk.shape[1]] = chunk
            n_drawn += chunk.shape[1]
            # Not all at the end: they take 8 bytes a spin, and time, also after Ctrl-C.
            if n_drawn - n_measured >= draws_at_a_time(chunk[:, 0]):
                energies[:, n_measured:n_drawn] = _energies(model, spins[:, n_measured:n_drawn])
                n_measured = n_drawn
    except KeyboardInterrupt:
        if not n_drawn:
            raise
    energies[:, n_measured:n_drawn] = _energies(model, spins[:, n_measured:n_drawn])
    spins, energies, interrupted = spins[:, :n_drawn], energies[:, :n_drawn], n_drawn < n_draws
    return Samples(spins, energies, model, float(beta), method, burn_in, thin, interrupted)


def _energies(model, spins):
    """One product with the couplings for all chains: one each takes up to ten times as long."""
    return model.energy(spins.reshape(-1, spins.shape[-1])).reshape(spins.shape[:-1])


def sample_images(J, h, shape, n_images, *, burn_in, method="heat-bath", rng):
    """Independent images of a periodic lattice, ``p(s) ~ exp(J B(s) + h S(s))``: one chain each, from random starts.

    Parameters
    ----------
    J, h : float
        Coupling of each bond and field on each site, in units of the temperature.
    shape : (int, int)
        Rows and columns, each at least 2.
    n_images : int
        1 or more.
    burn_in : int
        Sweeps of each chain. No number is right for all J: above J = 0.44 with h near 0 random starts freeze into
        stripes, and the sign of the magnetisation never changes. There use a field, or `wolff`. Ctrl-C leaves nothing:
        images of half a burn-in are no samples.
    method : {"heat-bath", "metropolis"}
    rng : numpy.random.Generator or seed

    Returns
    -------
    array of int8, shape (n_images, rows, cols)

    Raises
    ------
    ValueError
        As `advance`, or if n_images is below 1, burn_in negative, or the images would not fit into memory.

    Examples
    --------
    >>> sample_images(0.4, 0.02, (16, 16), 100, burn_in=50, rng=1).shape
    (100, 16, 16)
    """
    model, rng = LatticeIsing(J, h, shape), np.random.default_rng(rng)
    n_images, burn_in = check_count("n_images", n_images, 1), check_count("burn_in", burn_in, 0)
    check_memory(n_images * np.prod(model.shape))
    return advance(model, random_states(model, n_images, rng=rng), burn_in, method=method, rng=rng)


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
    if not callable(measure):
        raise ValueError(f"measure must be a function of states, such as model.energy, got {measure!r}")
    record, n_records = [], sweeps // every
    chunks = _chunks(
        model, check_array("state", state)[None], n_records, every, rng=np.random.default_rng(rng), **options
    )
    try:
        for chunk in progress_bar(chunks, progress, total=n_records):
            values = check_array("what measure returns", measure(chunk[0]))
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


def average_moments(model, states, sweeps, *, beta=1.0, rng, progress=True):
    """Move chains on as `advance` does, and average the statistics over chains and sweeps; no sample is kept.

    For an `Ising` the kernel counts, on packed bits, and this is the fastest way to moments. Ctrl-C raises
    KeyboardInterrupt, as in `advance`: to keep averages on the way, call it several times.

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
    total = 0.0
    if isinstance(model, Ising):
        chains = DenseChains(model, states, beta=beta, rng=rng)
        at_a_time = chains.sweeps_at_a_time
        for done in progress_bar(range(0, sweeps, at_a_time), progress):
            total = total + chains.sum_statistics(min(at_a_time, sweeps - done))
        return chains.spins, total / (len(chains.spins) * sweeps)
    for _ in progress_bar(range(sweeps), progress):
        states = advance(model, states, 1, beta=beta, rng=rng)
        total = total + model.moments(states)
    return states, total / sweeps


def _chunks(model, states, n_draws, thin, *, burn_in=0, rng, **options):
    """Draws in order, (n_chains, k, ...) at a time, so that there is time for a bar and for Ctrl-C in between."""
    if isinstance(model, Ising) and options.get("method", "heat-bath") == "heat-bath":
        options.pop("method", None)
        chains = DenseChains(model, states, rng=rng, **options)
        chains.advance(burn_in)
        yield from chains.draws(n_draws, thin)
        return
    states = advance(model, states, burn_in, rng=rng, **options)
    for _ in range(n_draws):
        states = advance(model, states, thin, rng=rng, **options)
        yield states[:, None]
