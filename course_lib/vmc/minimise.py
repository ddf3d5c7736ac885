"""Lower the energy, step by step: the loop of the course, with data that the state makes for itself."""

import warnings
from dataclasses import dataclass

import numpy as np

from course_lib.inputs import check_count, check_memory, check_number
from course_lib.learning import ModelMoments
from course_lib.sampling import progress_bar
from course_lib.vmc.base import State, check_state
from course_lib.vmc.dots import check_dot
from course_lib.vmc.energy import imaginary_time_weights
from course_lib.vmc.estimate import BURN_IN
from course_lib.vmc.walkers import Walkers

_BETWEEN = 4  # sweeps after each step, to follow the state that has changed
_HUGE = 1e50
_FURTHEST = 0.3  # the longest step of stochastic reconfiguration, in deviations of ln Psi

# ---------------------------------------------------------------- the rule


class Reconfiguration:
    """Stochastic reconfiguration, a rule for `minimise`: ``delta = rate (S + shift)^-1 (target - now)``.

    S is the covariance of the statistics. For a small rate this is a step of length 2 rate through imaginary time, seen
    from within the family of states: the natural gradient (Sorella, Phys. Rev. B 64, 024512, 2001). A step is at most
    0.3 deviations of ln Psi long.

    Parameters
    ----------
    rate : float
        Above 0, in units of 1 / hartree.
    shift : float
        On the diagonal of S, where samples cannot tell two directions apart: for two electrons 1e-3 is stable, with
        1e-5 noise makes spikes.
    last : int, optional
        The step at which the rate has come down to 0, falling in a straight line; by default it never falls.

    Examples
    --------
    >>> now = ModelMoments(np.zeros(1), np.zeros(1), covariance=np.array([[0.5]]))
    >>> Reconfiguration(0.1, shift=0.0)(None, np.array([0.2]), np.array([0.2]), now).round(6)
    array([0.04])
    """

    def __init__(self, rate, shift=1e-3, *, last=None):
        self._rate, self._shift = check_number("rate", rate), check_number("shift", shift, 0)
        if not self._rate > 0:
            raise ValueError(f"rate must be above 0, got {rate}: it says how far to go")
        self._last, self._n = None if last is None else check_count("last", last, 1), 0

    def __call__(self, model, gap, slope, now):
        """Say by how much to change the parameters."""
        share = 1.0 if self._last is None else max(0.0, 1 - self._n / self._last)
        self._n += 1
        shifted = now.covariance + (self._shift + 1e-12) * np.eye(len(slope))
        delta = share * self._rate * np.linalg.solve(shifted, slope)
        length = np.sqrt(max(delta @ now.covariance @ delta, 0.0))
        return delta * min(1.0, _FURTHEST / length) if length else delta


# ---------------------------------------------------------------- the loop


@dataclass(frozen=True, eq=False)
class Minimum:
    """What `minimise` reached.

    Attributes
    ----------
    state : State
    energies, errors : array, shape (n_steps,)
        The learning curve: energy before each step, with its standard error, in hartree.
    variances : array, shape (n_steps,)
        Of the local energy: it falls to 0 as the state becomes exact.
    stopped : {"steps", "interrupted", "diverged"}
        All steps were made; Ctrl-C was pressed; or the energy ran away, and ``state`` is the best before that.
    """

    state: State
    energies: np.ndarray
    errors: np.ndarray
    variances: np.ndarray
    stopped: str


def minimise(
    state, dot, *, rule=None, steps=100, n_samples=4096, n_walkers=256, rng, callback=None, progress=True, threads=1
):
    """Lower the energy of a state, from where it is.

    Each step asks the samples where a short imaginary time would move them, and steps the parameters so that the state
    follows: data minus model, as in `learning.fit`. The data are the state's own samples, reweighted.

    Parameters
    ----------
    state : State
        Where to start, such as ``RBMState.start(dot, 2, rng=1)``, or one that `load` read.
    dot : QuantumDot
    rule : callable, (state, gap, slope, now) -> array (P,), optional
        By how much to change the parameters: `Reconfiguration`, `learning.Adam`, or `learning.Momentum` for plain
        gradient steps. By default Reconfiguration, with a rate of ``0.2 / omega`` that falls to 0, and a shift of
        ``1e-3 (n_electrons / 2)^2``.
    steps : int
        0 or more.
    n_samples : int
        At least so many a step.
    n_walkers : int
    rng : numpy.random.Generator or seed
        Same seed, same result, whatever the number of threads.
    callback : callable, (state, energy, error) -> None, optional
        Called at each step.
    progress : bool
        Whether to show a bar if it takes long. Ctrl-C returns what was reached.
    threads : int

    Returns
    -------
    Minimum

    Raises
    ------
    ValueError
        If a number is out of range, or the state is not made for the dot.

    Warns
    -----
    UserWarning
        If the steps were too long and the energy ran away.

    Examples
    --------
    >>> from course_lib.vmc import Gaussian, QuantumDot
    >>> found = minimise(Gaussian(1.0, alpha=0.6), QuantumDot(1, 2, omega=1.0), steps=40, n_samples=1000, rng=1)
    >>> round(found.state.alpha, 2), found.stopped
    (1.0, 'steps')
    """
    steps, n_walkers = check_count("steps", steps, 0), check_count("n_walkers", n_walkers, 2)
    sweeps = -(-check_count("n_samples", n_samples, 2) // n_walkers)
    check_dot(dot)
    check_memory(
        16 * sweeps * n_walkers * (3 + len(check_state(state).parameters)),
        what="so many samples a step",
        instead="take fewer, and more steps",
    )
    # ln Psi is a sum over pairs, so the shift grows with their number: 30 electrons and a network run away with 1e-3.
    rule = rule or Reconfiguration(0.2 / dot.omega, 1e-3 * (dot.n_electrons / 2) ** 2, last=max(steps, 1))
    walkers = Walkers(state, dot, n_walkers, rng=rng, threads=threads)
    curve, best, stopped = [], (np.inf, state), "steps"
    try:
        walkers.settle(BURN_IN)
        for _ in progress_bar(range(steps), progress):
            energy, error, variance, gap, now = look(walkers, sweeps)
            # All parts of the energy are positive: below 0 Psi grows outwards, and has no norm.
            if not 0 < energy < 1.5 * best[0] + 10 * error:
                raise _RanAway
            curve.append((energy, error, variance))
            best = min(best, (energy + error, state), key=lambda pair: pair[0])
            if callback is not None:
                callback(state, energy, error)
            state = stepped(state, rule(state, gap, gap, now))
            walkers.take(state)
            walkers.settle(_BETWEEN)
    except KeyboardInterrupt:
        stopped = "interrupted"
    except _RanAway:
        stopped, state = "diverged", best[1]
        warnings.warn(
            f"the energy ran away after {len(curve)} steps, and the best state before that is returned: take a smaller "
            "rate, or more samples a step",
            stacklevel=2,
        )
    return Minimum(state, *np.reshape(curve, (-1, 3)).T, stopped)


class _RanAway(Exception):
    """Steps were too long."""


def look(walkers, sweeps):
    """Energy, its error, its variance, the gap between data and model, and the model's moments."""
    local, statistics, _ = walkers.measure(sweeps, statistics=True)
    if not (np.all(np.abs(local) < _HUGE) and np.all(np.abs(statistics) < _HUGE)):
        raise _RanAway
    energies = local.sum(axis=-1)
    by_walker, energies = energies.mean(axis=1), energies.ravel()
    statistics = statistics.reshape(len(energies), -1)
    # The spine: data minus model. One unit of imaginary time, so that the gap is minus the gradient of the energy.
    mean = statistics.mean(axis=0)
    target = imaginary_time_weights(energies, tau=1.0) @ statistics / len(energies)
    centred = statistics - mean
    covariance = centred.T @ centred / len(energies)
    now = ModelMoments(mean, np.full_like(mean, np.nan), covariance)
    error = by_walker.std(ddof=1) / np.sqrt(len(by_walker))
    return energies.mean(), error, energies.var(), target - now.mean, now


def stepped(state, delta):
    """The state after a step, if there is one."""
    try:
        return state.step(delta)
    except ValueError as error:
        raise _RanAway from error
