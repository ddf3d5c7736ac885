"""Recall: downhill from a cue, one spin at a time or all at once, or warm; and whether a state is the bottom."""

from dataclasses import dataclass

import numpy as np

from course_lib import sampling
from course_lib.inputs import check_array, check_count, check_model, check_spins, inverse_temperature
from course_lib.ising import Ising

ROUND_OFF = 1e-9  # of the largest possible field: less is no reason to turn a spin
TERMS_AT_A_TIME = 100_000_000  # of fields: some 0.1 s, and Python answers Ctrl-C in between


@dataclass(frozen=True, eq=False)
class Recalled:
    """Where recall came to.

    Attributes
    ----------
    states : array of int8, shape of the cues
    sweeps : array of int, shape of the cues without their last axis
        After how many sweeps, or steps of all spins at once, the last spin turned.
    settled : array of bool, same shape
        Whether no spin turns any more. False if ``max_sweeps`` were too few, or if all spins at once swing for ever
        between two states.
    """

    states: np.ndarray
    sweeps: np.ndarray
    settled: np.ndarray


def recall(model, cues, *, max_sweeps=100, rng):
    """Go downhill from each cue: visit the spins in random order and turn those against whose field they point.

    Every turn lowers the energy, so this ends in a state that no single flip improves. A spin without field stays as
    it is. Recall at a temperature is `film`.

    Parameters
    ----------
    model : Ising
    cues : array of +-1, shape (..., N)
    max_sweeps : int
        1 or more. A sweep visits each spin once, in an order that is drawn anew.
    rng : numpy.random.Generator or seed

    Returns
    -------
    Recalled

    Raises
    ------
    ValueError
        If the model is no `Ising`, the cues are not +-1 or not of its width, or max_sweeps is below 1.

    Examples
    --------
    >>> from course_lib.hopfield import hebb
    >>> pattern = np.array([1, 1, 1, 1, -1, -1, -1, -1])
    >>> cue = [1, 1, 1, -1, -1, -1, -1, 1]
    >>> recall(hebb([pattern]), cue, rng=1).states
    array([ 1,  1,  1,  1, -1, -1, -1, -1], dtype=int8)
    """
    max_sweeps, rng = check_count("max_sweeps", max_sweeps, 1), np.random.default_rng(rng)
    cues = check_spins(cues, len(_check_network(model).h))
    orders = Orders(rng, cues.shape[-1])

    def settle(states):
        return _descend(model, states, max_sweeps, orders)

    return in_blocks(settle, cues, cues.shape[-1] ** 2)


def synchronous_recall(model, cues, *, max_sweeps=100):
    """Turn all spins at once along their fields, again and again: what a parallel machine would do.

    The energy may rise, and two states may alternate for ever, which one spin at a time cannot do.

    Parameters
    ----------
    model : Ising
    cues : array of +-1, shape (..., N)
    max_sweeps : int
        1 or more steps of all spins.

    Returns
    -------
    Recalled

    Raises
    ------
    ValueError
        As `recall`.

    Examples
    --------
    Two spins that like to agree, and do not: each follows the other.

    >>> model = Ising([[0, 1], [1, 0]], [0, 0])
    >>> synchronous_recall(model, [1, -1]).settled, recall(model, [1, -1], rng=1).settled
    (array(False), array(True))
    """
    max_sweeps = check_count("max_sweeps", max_sweeps, 1)
    cues = check_spins(cues, len(_check_network(model).h))

    def settle(states):
        return _step_all(model, states, max_sweeps)

    return in_blocks(settle, cues, cues.shape[-1] ** 2)


def film(model, cues, temperatures, *, rng):
    """States on the way: one sweep at each of these temperatures, in their order, and what each sweep left.

    At temperature 0 a sweep is one of `recall`; above, heat bath by `sampling.advance`, ``beta = 1 / T``. The same
    number again and again is recall at a temperature, falling numbers are annealing from the cue.

    Parameters
    ----------
    model : Ising
    cues : array of +-1, shape (..., N)
    temperatures : array, shape (n_sweeps,)
        Each 0 or above, in units of J. With Hebb's rule memories melt near 1.
    rng : numpy.random.Generator or seed

    Returns
    -------
    array of int8, shape (n_sweeps + 1, ..., N)
        The first are the cues.

    Raises
    ------
    ValueError
        As `recall`, or if a temperature is below 0 or not finite.

    Examples
    --------
    >>> from course_lib.hopfield import hebb, overlap
    >>> pattern = np.ones(100, int)
    >>> frames = film(hebb([pattern]), pattern, [0.5, 0.5, 0], rng=1)
    >>> frames.shape, overlap(frames[-1], [pattern])
    ((4, 100), array([1.]))
    """
    n, rng = len(_check_network(model).h), np.random.default_rng(rng)
    cues = check_spins(cues, n)
    temperatures = check_array("temperatures", temperatures).astype(float).ravel()
    if not np.all((temperatures >= 0) & (temperatures < np.inf)):
        raise ValueError(f"temperatures must be finite numbers, 0 or above, got {temperatures}: 0 goes downhill")
    frames = [cues.reshape(np.prod(cues.shape[:-1], dtype=int), n)]
    for temperature in temperatures:
        if temperature == 0:
            frames.append(recall(model, frames[-1], max_sweeps=1, rng=rng).states)
        else:
            frames.append(sampling.advance(model, frames[-1], 1, beta=inverse_temperature(temperature), rng=rng))
    return np.stack(frames).reshape(len(frames), *cues.shape)


def is_stable(model, states):
    """Whether no single flip lowers the energy of a state: the bottom of a valley, stored or not.

    Parameters
    ----------
    model : Ising
    states : array of +-1, shape (..., N)

    Returns
    -------
    array of bool, shape (...,)

    Raises
    ------
    ValueError
        As `recall`.

    Examples
    --------
    A pattern and its mirror image are stored together.

    >>> from course_lib.hopfield import hebb
    >>> pattern = np.array([1, -1, 1, 1])
    >>> is_stable(hebb([pattern]), [pattern, -pattern, [1, 1, 1, 1]])
    array([ True,  True, False])
    """
    return _downhill_of(model, check_spins(states, len(_check_network(model).h)), _tolerance(model))


# ---------------------------------------------------------------- one block of cues


def _check_network(model):
    if not isinstance(check_model(model), Ising):
        raise ValueError(
            f"model must be an Ising, as hopfield.hebb makes one of patterns, got a {type(model).__name__}: a lattice "
            "has one coupling for all bonds and stores no pattern"
        )
    return model


class Orders(dict):
    """In which order each sweep visits the sites: drawn once, so that it does not matter how cues are put in blocks."""

    def __init__(self, rng, n):
        self._rng, self._n = rng, n

    def __missing__(self, sweep):
        return self.setdefault(sweep, self._rng.permutation(self._n))


def in_blocks(settle, cues, terms):
    """`Recalled` of cues (..., N), so many at a time that Ctrl-C is heard; a sweep of one sums so many terms."""
    states = cues.reshape(np.prod(cues.shape[:-1], dtype=int), cues.shape[-1]).copy()
    at_a_time = max(1, TERMS_AT_A_TIME // max(1, terms))
    sweeps, settled = np.zeros(len(states), int), np.zeros(len(states), bool)
    for start in range(0, len(states), at_a_time):
        block = slice(start, start + at_a_time)
        states[block], sweeps[block], settled[block] = settle(states[block])
    shape = cues.shape[:-1]
    return Recalled(states.reshape(cues.shape), sweeps.reshape(shape), settled.reshape(shape))


def _descend(model, states, max_sweeps, orders):
    """States (n, N) after `recall`, the sweep of the last flip of each, and whether each has settled."""
    from course_lib.kernels import descent  # imports numba: only when it is needed

    fields, tolerance = states @ model.J + model.h, _tolerance(model)
    states, sweeps, settled = states.copy(), np.zeros(len(states), int), np.zeros(len(states), bool)
    for done in range(max_sweeps):
        moving = np.flatnonzero(~settled)
        before, rows, felt = states[moving], states[moving], fields[moving]
        descent.sweep(rows, felt, model.J, orders[done], tolerance)
        states[moving], fields[moving] = rows, felt
        turned = np.any(rows != before, axis=1)
        sweeps[moving[turned]] = done + 1
        settled[moving] = ~np.any(rows * felt < -tolerance, axis=1)
        if np.all(settled):
            break
    return states, sweeps, settled


def _step_all(model, states, max_sweeps):
    """As `_descend`, all spins at once; a pair of states that alternates is left after one step more."""
    tolerance, before = _tolerance(model), None
    sweeps = np.zeros(len(states), int)
    for done in range(max_sweeps):
        fields = states @ model.J + model.h
        stepped = np.where(states * fields < -tolerance, -states, states)
        turned = np.any(stepped != states, axis=1)
        sweeps[turned] = done + 1
        alternates = turned if before is None else turned & np.any(stepped != before, axis=1)
        before, states = states, stepped
        if not np.any(alternates):
            break
    return states, sweeps, _downhill_of(model, states, tolerance)


def _downhill_of(model, states, tolerance):
    return ~np.any(states * (states @ model.J + model.h) < -tolerance, axis=-1)


def _tolerance(model):
    """Fields below this are round-off of 0."""
    return ROUND_OFF * np.max(np.abs(model.J).sum(axis=1) + np.abs(model.h), initial=0.0)
