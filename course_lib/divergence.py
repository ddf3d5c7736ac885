"""How far one distribution is from another: entropy, KL, the negative log-likelihood, and log Z where it is not known.

For data with frequencies f and a model p the three hang together: ``NLL = H(f) + KL(f || p)``. The data fix the first
term; learning lowers the second.
"""

from functools import singledispatch

import numpy as np

from course_lib import exact
from course_lib.exact import sums
from course_lib.exceptions import Picklable
from course_lib.inputs import check_array, check_batch, check_beta, check_count, check_spins
from course_lib.ising import Ising, LatticeIsing
from course_lib.sampling import advance, progress_bar, random_states

# Probabilities kept as 32-bit floats miss the sum 1 by about 1e-7.
SUM_TOLERANCE = 1e-6

# Effective chains below which the error bar of annealed importance sampling is too short. Measured at N = 20, with 4 to
# 40 temperatures and 500 to 2000 chains: 1.96 standard errors held log Z in 91 to 97 of 100 runs above 200 effective
# chains, in 89 to 92 between 100 and 200, in 80 to 89 below 100.
ENOUGH = 200


# ---------------------------------------------------------------- two distributions


def entropy(p):
    """How uncertain a draw from p is: ``H(p) = -sum_k p_k log p_k``, in nats, with ``0 log 0 = 0``.

    Parameters
    ----------
    p : array
        Probabilities that sum to 1; any shape.

    Returns
    -------
    float
        From 0, one certain state, to the log of the number of states, all equal.

    Raises
    ------
    ValueError
        If p is empty, has entries that are negative or not finite, or does not sum to 1.

    Examples
    --------
    A fair coin.

    >>> round(entropy([0.5, 0.5]), 6)
    0.693147
    """
    p = _check_distribution("p", p)
    # A sum that is over 1 by round-off would give a certain state an entropy below 0.
    return max(0.0, -float(np.sum(p * _log(p, where=p > 0))))


def kl(p, q):
    """Kullback-Leibler divergence of q from p: ``D(p || q) = sum_k p_k log(p_k / q_k)``, in nats.

    The mean is over p, the first argument. With the data first and the model second it is what learning lowers. It is
    infinite if q gives probability 0 to a state that p visits: one such draw would prove q wrong. Where p is 0, q costs
    nothing. The other direction is ``kl(q, p)``; it is another number (Kullback and Leibler, Ann. Math. Stat. 22, 79,
    1951).

    Parameters
    ----------
    p, q : array
        Probabilities of the same states, each summing to 1; any shape, the same for both.

    Returns
    -------
    float
        0 if the two are equal, else above 0, to infinity.

    Raises
    ------
    ValueError
        As `entropy`, and if the shapes differ.

    Examples
    --------
    A fair coin is a fair guess for one that shows only heads; the other way round, the first tails refutes the guess.

    >>> round(kl([1, 0], [0.5, 0.5]), 6), kl([0.5, 0.5], [1, 0])
    (0.693147, inf)
    """
    p, q = _check_distribution("p", p), _check_distribution("q", q)
    if p.shape != q.shape:
        raise ValueError(
            f"p and q must give probabilities of the same states, got shapes {p.shape} and {q.shape}: list both "
            "distributions over all states, in one order"
        )
    if np.any((q == 0) & (p > 0)):
        return np.inf
    # With - p + q no term is negative, also where the sums miss 1 by round-off. Two logs, as p / q may overflow.
    log_ratio = _log(p, where=p > 0) - _log(q, where=p > 0)
    return max(0.0, float(np.sum(p * log_ratio - p + q)))


def _log(p, where):
    return np.log(p, out=np.zeros_like(p), where=where)


def _check_distribution(name, p):
    p = check_array(name, p).astype(float)
    if p.size == 0:
        raise ValueError(f"{name} must be an array of probabilities, got none")
    if not np.all(np.isfinite(p)):
        raise ValueError(
            f"{name} must be finite, got {np.count_nonzero(~np.isfinite(p))} entries that are NaN or infinite: look "
            "for a division by zero, or an exp that overflowed"
        )
    if p.min() < 0:
        raise ValueError(f"{name} must have no negative entries, got {p.min():.3g}: a probability is 0 or above")
    if abs(p.sum() - 1) > SUM_TOLERANCE:
        raise ValueError(f"{name} must sum to 1, got a sum of {p.sum():.9g}: divide it by its sum")
    return p


# ---------------------------------------------------------------- data


def empirical_distribution(spins):
    """How often each state occurs in the data, as a share, in the order of `course_lib.exact.states`.

    Parameters
    ----------
    spins : array of +-1, shape (..., N)
        The leading axes count samples; N is at most 25.

    Returns
    -------
    array, shape (2**N,)
        Sums to 1. In state k, spin i is +1 where bit i of k is set.

    Raises
    ------
    ValueError
        If there are no samples, a spin is not +-1, or N is above 25.

    Examples
    --------
    >>> empirical_distribution([[-1, -1], [1, -1], [1, -1], [1, 1]])
    array([0.25, 0.5 , 0.  , 0.25])
    """
    spins = check_batch(check_spins(spins), 1)
    n = spins.shape[1]
    if n > exact.MAX_SPINS:
        raise ValueError(
            f"a list of all 2^N states is for at most {exact.MAX_SPINS} spins, got {n}: plug_in_entropy and nll do "
            "without the list; for other means use the samples themselves"
        )
    return np.bincount((spins > 0) @ (1 << np.arange(n)), minlength=2**n) / len(spins)


def plug_in_entropy(samples):
    """Entropy of the observed frequencies, ``-sum_k f_k log f_k``: an estimate of the entropy of their law.

    It puts f in the place of the unknown p, the maximum-likelihood or "plug-in" estimate. It is too low, by about
    ``(K - 1) / (2 M)`` if all of the K possible states have been seen often (Miller 1955, Note on the bias of
    information estimates), and by far more if they have not: M samples can show no more than log M, however large the
    entropy.

    It is no negative log-likelihood, which asks how well a model predicts the data: here one set of samples stands
    alone, and neither a model's parameters nor other data enter. For that use `nll`.

    Parameters
    ----------
    samples : array of +-1, shape (..., N)
        The leading axes count the M samples. Any N.

    Returns
    -------
    float
        In nats, at most log M.

    Raises
    ------
    ValueError
        If there are no samples or a spin is not +-1.

    Examples
    --------
    100 samples of 50 fair spins: the entropy is 50 log 2 = 34.7, but all samples differ, and log 100 comes out.

    >>> spins = np.random.default_rng(1).choice([-1, 1], size=(100, 50))
    >>> round(plug_in_entropy(spins), 6), round(float(np.log(100)), 6)
    (4.60517, 4.60517)
    """
    samples = check_batch(check_spins(samples), 1)
    _, counts = np.unique(np.packbits(samples > 0, axis=1), axis=0, return_counts=True)
    return entropy(counts / len(samples))


def nll(data, J, h, beta=1.0):
    """Negative log-likelihood per sample: the mean over the data of ``-log p(s) = beta E(s) + log Z``, exact.

    It is ``entropy(f) + kl(f, p)`` with the frequencies f of the data: never below their entropy, and lowest for the
    parameters under which the data are most likely. For other models, or with a log Z from `ais_log_partition`, it is
    ``model.energy(data).mean() + log_Z``.

    Parameters
    ----------
    data : array of +-1, shape (..., N)
        The leading axes count samples; N is at most 25.
    J : array, shape (N, N)
    h : array, shape (N,)
    beta : float
        Inverse temperature, 0 or above.

    Returns
    -------
    float
        In nats.

    Raises
    ------
    ValueError
        As `course_lib.exact.log_partition`; if there are no samples, or they do not have N spins of +-1.

    Examples
    --------
    Without couplings and fields every state of two spins has p = 1/4, whatever the data are.

    >>> bool(np.isclose(nll([[1, 1], [1, -1]], np.zeros((2, 2)), [0, 0]), np.log(4)))
    True
    """
    model, beta = Ising(J, h), check_beta(beta)
    energies = check_batch(model.energy(data), 0)
    return float(beta * energies.mean()) + sums.log_partition(beta * model.J, beta * model.h)


# ---------------------------------------------------------------- log Z of a model


@singledispatch
def exact_log_partition(model):
    """Log of the partition function of a small model, ``log sum_x exp(-E(x))``, exact.

    Parameters
    ----------
    model : Ising or LatticeIsing
        By enumeration, or by transfer matrix. Other models join in with ``@exact_log_partition.register``.

    Returns
    -------
    float
        In nats.

    Raises
    ------
    exact.NotSummable
        If the model is too large.
    UnknownModel
        If nothing is registered for the type of the model.

    Examples
    --------
    Of a lattice without couplings each site has ``Z = 2 cosh h``.

    >>> bool(np.isclose(exact_log_partition(LatticeIsing(J=0.0, h=0.1, shape=(8, 8))), 64 * np.log(2 * np.cosh(0.1))))
    True
    """
    raise _unknown_model("exact_log_partition", model, "use ais_log_partition")


@exact_log_partition.register
def _(model: Ising):
    return sums.log_partition(model.J, model.h)


@exact_log_partition.register
def _(model: LatticeIsing):
    return exact.lattice(model.shape, model.J, model.h)[0]


@singledispatch
def uncoupled(model):
    """The model with its couplings set to zero, and the log Z of that: where `ais_log_partition` starts.

    Its units are independent, so log Z is a sum over units, and one sweep from anywhere draws an exact sample.

    Parameters
    ----------
    model : Ising or LatticeIsing
        Other models join in with ``@uncoupled.register``.

    Returns
    -------
    (Model, float)
        A model of the same type, and its log Z in nats.

    Raises
    ------
    UnknownModel
        If nothing is registered for the type of the model.

    Examples
    --------
    Each spin in a field h has ``Z = 2 cosh h``.

    >>> free, log_Z = uncoupled(LatticeIsing(J=0.4, h=0.1, shape=(4, 4)))
    >>> free, bool(np.isclose(log_Z, 16 * np.log(2 * np.cosh(0.1))))
    (LatticeIsing(J=0.0, h=0.1, shape=(4, 4)), True)
    """
    raise _unknown_model("uncoupled", model, "say what it is without couplings, and its log Z")


@uncoupled.register
def _(model: Ising):
    return Ising(np.zeros_like(model.J), model.h), float(np.logaddexp(model.h, -model.h).sum())


@uncoupled.register
def _(model: LatticeIsing):
    rows, cols = model.shape
    return LatticeIsing(0.0, model.h, model.shape), float(rows * cols * np.logaddexp(model.h, -model.h))


class UnknownModel(TypeError):
    """Raised by what models have to join, for a model of a type that has not."""


def _unknown_model(name, model, remedy):
    return UnknownModel(
        f"divergence.{name} does not know models of type {type(model).__name__}: {remedy}, or register a function "
        f"with @divergence.{name}.register"
    )


# ---------------------------------------------------------------- annealed importance sampling


class WeightsTooUneven(Picklable, RuntimeError):
    """Raised by `ais_log_partition` if a few chains carry all the weight; carries what was found.

    Attributes
    ----------
    estimate : float
        The estimate of log Z, most likely too low.
    standard_error : float
        Too small: do not use it as an error bar.
    effective_sample_size : float
        ``(sum w)^2 / sum w^2``: how many chains of equal weight would be worth as much.
    """

    def __init__(self, estimate, standard_error, effective_sample_size, n_chains, n_temperatures):
        self.estimate, self.standard_error = estimate, standard_error
        self.effective_sample_size = effective_sample_size
        # The log of n_chains / (effective sample size) falls about as 1 / n_temperatures; here it is found too small.
        enough = int(np.ceil(2 * n_temperatures * max(1.0, np.log(n_chains / effective_sample_size))))
        super().__init__(
            f"the weights are too uneven: {n_chains} chains are worth {effective_sample_size:.3g} of equal weight, and "
            f"{ENOUGH} are needed for an error bar that can be trusted; raise n_temperatures from {n_temperatures} to "
            f"{enough} or more, or sweeps, or take the doubtful estimate, most likely too low, from the attribute "
            "estimate"
        )


def ais_log_partition(model, base=None, *, n_chains=1000, n_temperatures=500, sweeps=1, rng, progress=True):
    """Log of the partition function of a model too large for exact sums, by annealed importance sampling.

    Chains start as exact samples of a base, whose log Z is known, and are moved while the parameters go in equal steps
    from the base's to the model's. At each step, before it moves, a chain multiplies its weight by
    ``exp(E_before(x) - E_after(x))``. The mean weight is ``Z / Z_base``, without bias for any number of steps (Neal,
    Statistics and Computing 11, 125, 2001). With too few steps a few rare chains hold most of that mean.

    The log of the mean is biased low, by about half the squared standard error: at most 4% of the standard error. The
    standard error knows only the valleys that some chain has reached. A run with twice the temperatures that comes out
    higher, by more than the errors, tells that some were missed. Ctrl-C leaves nothing to keep: halfway the weights
    belong to another model.

    Parameters
    ----------
    model : Ising or LatticeIsing
        Any model for which `advance` and `random_states` of `course_lib.sampling` and `uncoupled` are registered.
    base : Model, optional
        Of the type of the model and without couplings; its parameters are where the path starts. By default the
        model's own fields alone. Fields near ``atanh <s_i>`` shorten the path of a magnet in a field; in a weak field
        they also lead all chains into one of its two valleys, and the other one is missed.
    n_chains : int
        400 or more.
    n_temperatures : int
        Steps from the base to the model, 1 or more. Twice as many spins need about twice as many.
    sweeps : int
        At each step.
    rng : numpy.random.Generator or seed
    progress : bool

    Returns
    -------
    (float, float)
        Estimate of log Z in nats, and its standard error: 0 if all weights are equal, as for a model without couplings.

    Raises
    ------
    WeightsTooUneven
        If the chains are worth fewer than 200 of equal weight. It carries the estimate.
    ValueError
        If base is of another type or has couplings, or a number is out of range.
    UnknownModel
        If nothing is registered for the type of the model.

    Examples
    --------
    >>> from course_lib.ising import random_couplings
    >>> model = Ising(random_couplings(20, np.random.default_rng(1)), np.full(20, 0.1))
    >>> estimate, error = ais_log_partition(model, rng=2)
    >>> bool(abs(estimate - exact_log_partition(model)) < 4 * error), error < 0.01
    (True, True)
    """
    n_chains = check_count("n_chains", n_chains, 2 * ENOUGH)
    n_temperatures, sweeps = check_count("n_temperatures", n_temperatures, 1), check_count("sweeps", sweeps, 1)
    rng = np.random.default_rng(rng)
    here, log_Z_base = uncoupled(model) if base is None else _check_base(base, model)
    path = model.parameters - here.parameters
    states = advance(here, random_states(model, n_chains, rng=rng), 1, rng=rng)
    log_weights = np.zeros(n_chains)
    for remaining in progress_bar(np.arange(n_temperatures - 1, -1, -1) / n_temperatures, progress):
        there = model.step(-remaining * path)
        log_weights += here.energy(states) - there.energy(states)
        here = there
        if remaining:
            states = advance(here, states, sweeps, rng=rng)
    top = log_weights.max()
    weights = np.exp(log_weights - top)
    estimate = float(log_Z_base + top + np.log(weights.mean()))
    # The log of a mean: its error is the relative error of the mean.
    error = float(weights.std(ddof=1) / weights.mean() / np.sqrt(n_chains))
    effective = float(weights.sum() ** 2 / np.sum(weights**2))
    if effective < ENOUGH:
        raise WeightsTooUneven(estimate, error, effective, n_chains, n_temperatures)
    return estimate, error


def _check_base(base, model):
    """The base with whatever is no parameter taken from the model, and its log Z."""
    if type(base) is not type(model) or base.parameters.shape != model.parameters.shape:
        raise ValueError(
            f"base must be of type {type(model).__name__} with {model.parameters.size} parameters, like the model, got "
            f"{type(base).__name__} with {base.parameters.size}: start from divergence.uncoupled(model)"
        )
    base = model.step(base.parameters - model.parameters)
    free, log_Z = uncoupled(base)
    if np.any(free.parameters != base.parameters):
        raise ValueError(
            "base must have no couplings, or its log Z is not known: set them to 0, as divergence.uncoupled(base) does"
        )
    return free, log_Z
