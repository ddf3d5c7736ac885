"""Hopfield networks: an Ising model whose couplings are made so that given patterns lie at the bottom of valleys.

A network is an `Ising` model, so its energy is ``model.energy``, `sampling` warms and anneals it, and `learning` learns
it: `learning.fit` climbs the likelihood of the patterns as it does that of any data. Here is what is special: the
rules that write patterns into couplings, and recall, which goes downhill from a cue.

J. J. Hopfield, Proc. Natl. Acad. Sci. USA 79, 2554 (1982); D. J. Amit, H. Gutfreund and H. Sompolinsky, Phys. Rev.
Lett. 55, 1530 (1985).
"""

from dataclasses import dataclass

import numpy as np

from course_lib import learning, sampling
from course_lib.inputs import (
    check_array,
    check_count,
    check_memory,
    check_model,
    check_number,
    check_spins,
    inverse_temperature,
)
from course_lib.ising import Ising

RECALLED = 0.9  # an overlap above this counts as the pattern
CAPACITY = 0.138  # patterns a spin, in the limit of many spins (Amit, Gutfreund and Sompolinsky 1985)

_ROUND_OFF = 1e-9  # of the largest possible field: less is no reason to turn a spin
_TERMS_AT_A_TIME = 100_000_000  # of fields: some 0.1 s, and Python answers Ctrl-C in between

# ---------------------------------------------------------------- rules


def hebb(patterns):
    """Hebb's rule: spins that agree in a pattern are coupled, ``J_ij = (1/N) sum_mu xi_i^mu xi_j^mu``.

    No fields, and a zero diagonal. Every pattern is stored with its mirror image. Random patterns are recalled up to
    about 0.138 N of them; patterns that resemble each other disturb each other much sooner.

    Parameters
    ----------
    patterns : array of +-1, shape (P, N)

    Returns
    -------
    Ising

    Raises
    ------
    ValueError
        If the patterns are not +-1, or no rows of spins.

    Examples
    --------
    >>> hebb([[1, 1, -1]]).J.round(2)
    array([[ 0.  ,  0.33, -0.33],
           [ 0.33,  0.  , -0.33],
           [-0.33, -0.33,  0.  ]])
    """
    patterns = check_patterns(patterns)
    n = patterns.shape[1]
    return _network(patterns, patterns / n)


def pseudo_inverse(patterns):
    """The projection rule: ``J = (1/N) sum_{mu, nu} xi^mu (C^-1)_mu,nu xi^nu``, C the overlaps of the patterns.

    With its diagonal this matrix projects onto the patterns, so that each is reproduced exactly, however much they
    resemble each other, as long as there are fewer independent ones than spins (Personnaz, Guyon and Dreyfus, J.
    Physique Lett. 46, L359, 1985). The diagonal is then left out, as always.

    Parameters
    ----------
    patterns : array of +-1, shape (P, N)

    Returns
    -------
    Ising

    Raises
    ------
    ValueError
        If the patterns are not +-1, no rows of spins, or span the whole space: then nothing would be coupled.

    Examples
    --------
    Two patterns that agree in five spins of six are both stable.

    >>> two = [[1, 1, 1, 1, -1, -1], [1, 1, 1, 1, -1, 1]]
    >>> is_stable(pseudo_inverse(two), two)
    array([ True,  True])
    """
    patterns = check_patterns(patterns)
    n = patterns.shape[1]
    inverse = np.linalg.pinv(patterns.astype(float), rtol=1e-10)
    rank = round(float(np.sum(inverse * patterns.T)))
    if rank >= n:
        raise ValueError(
            f"the patterns hold {rank} independent ones of {n} spins: then every state is reproduced and nothing is "
            "coupled; store fewer patterns than spins"
        )
    return _network(patterns, inverse.T)


def row_by_row(patterns, *, l2=1e-3):
    """Couplings that predict each spin of the patterns from all others: the pseudo-likelihood's, without fields.

    Row i of J is a logistic regression of spin i on the rest, with ``J_ij = J_ji`` shared by two rows:
    `learning.pseudo_likelihood` of the patterns and their mirror images, which makes all fields 0. A few patterns are
    predicted with certainty, so that without penalty J would grow for ever. As the penalty falls the smallest field
    along a pattern, compared with the size of J, grows towards the largest that symmetric couplings allow.

    Parameters
    ----------
    patterns : array of +-1, shape (P, N)
    l2 : float
        Penalty on the couplings, above 0.

    Returns
    -------
    Ising

    Raises
    ------
    ValueError
        If the patterns are not +-1, no rows of spins, or l2 is not above 0.

    Examples
    --------
    As many random patterns as spins: Hebb's rule keeps none of them, this one all.

    >>> patterns = np.random.default_rng(1).choice([-1, 1], size=(40, 40))
    >>> is_stable(hebb(patterns), patterns).mean(), is_stable(row_by_row(patterns), patterns).mean()
    (np.float64(0.0), np.float64(1.0))
    """
    patterns, l2 = check_patterns(patterns), check_number("l2", l2, 0)
    if l2 == 0:
        raise ValueError("l2 must be above 0: a few patterns are predicted with certainty, and couplings grow for ever")
    fitted = learning.pseudo_likelihood(np.concatenate([patterns, -patterns]), l2=l2)
    return Ising(fitted.J, np.zeros(len(fitted.h)))


def _network(left, right):
    """Couplings ``left.T @ right`` without their diagonal, some rows at a time."""
    n_patterns, n = left.shape
    check_memory(4 * 8 * n * n, what="the couplings of so many spins", instead="take fewer spins")
    J, rows = np.empty((n, n)), max(1, _TERMS_AT_A_TIME // (n_patterns * n))
    for start in range(0, n, rows):
        J[start : start + rows] = left[:, start : start + rows].T.astype(float) @ right
    np.fill_diagonal(J, 0)
    return Ising((J + J.T) / 2, np.zeros(n))


def check_patterns(patterns):
    """Patterns as an int8 array, after checking that they are rows of +-1.

    Parameters
    ----------
    patterns : array of +-1, shape (P, N)

    Returns
    -------
    array of int8, shape (P, N)

    Raises
    ------
    ValueError
        Says what was given, what was expected, and what to do.

    Examples
    --------
    >>> check_patterns(np.ones((3, 5, 5)))
    Traceback (most recent call last):
    ...
    ValueError: patterns must have two axes, one row of spins for each, got shape (3, 5, 5): pass \
pictures.reshape(len(pictures), -1)
    """
    patterns = check_spins(patterns)
    if patterns.ndim != 2 or patterns.size == 0:
        help_ = (
            "pass pictures.reshape(len(pictures), -1)" if patterns.ndim > 2 else "pass at least one, as [[+1, -1, ...]]"
        )
        raise ValueError(f"patterns must have two axes, one row of spins for each, got shape {patterns.shape}: {help_}")
    return patterns


# ---------------------------------------------------------------- recall


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
    >>> pattern = np.array([1, 1, 1, 1, -1, -1, -1, -1])
    >>> cue = [1, 1, 1, -1, -1, -1, -1, 1]
    >>> recall(hebb([pattern]), cue, rng=1).states
    array([ 1,  1,  1,  1, -1, -1, -1, -1], dtype=int8)
    """
    max_sweeps, rng = check_count("max_sweeps", max_sweeps, 1), np.random.default_rng(rng)
    cues = check_spins(cues, len(_check_network(model).h))
    orders = _Orders(rng, cues.shape[-1])

    def settle(states):
        return _descend(model, states, max_sweeps, orders)

    return _in_blocks(settle, cues, cues.shape[-1] ** 2)


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

    return _in_blocks(settle, cues, cues.shape[-1] ** 2)


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


def _check_network(model):
    if not isinstance(check_model(model), Ising):
        raise ValueError(
            f"model must be an Ising, as hopfield.hebb makes one of patterns, got a {type(model).__name__}: a lattice "
            "has one coupling for all bonds and stores no pattern"
        )
    return model


class _Orders(dict):
    """In which order each sweep visits the sites: drawn once, so that it does not matter how cues are put in blocks."""

    def __init__(self, rng, n):
        self._rng, self._n = rng, n

    def __missing__(self, sweep):
        return self.setdefault(sweep, self._rng.permutation(self._n))


def _in_blocks(settle, cues, terms):
    """`Recalled` of cues (..., N), so many at a time that Ctrl-C is heard; a sweep of one sums so many terms."""
    states = cues.reshape(np.prod(cues.shape[:-1], dtype=int), cues.shape[-1]).copy()
    at_a_time = max(1, _TERMS_AT_A_TIME // max(1, terms))
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

    >>> pattern = np.array([1, -1, 1, 1])
    >>> is_stable(hebb([pattern]), [pattern, -pattern, [1, 1, 1, 1]])
    array([ True,  True, False])
    """
    return _downhill_of(model, check_spins(states, len(_check_network(model).h)), _tolerance(model))


def _downhill_of(model, states, tolerance):
    return ~np.any(states * (states @ model.J + model.h) < -tolerance, axis=-1)


def _tolerance(model):
    """Fields below this are round-off of 0."""
    return _ROUND_OFF * np.max(np.abs(model.J).sum(axis=1) + np.abs(model.h), initial=0.0)


# ---------------------------------------------------------------- what came back


def overlap(states, patterns):
    """How much each state is like each pattern: ``m = xi . s / N``, 1 if equal, 0 if unrelated, -1 if reversed.

    Parameters
    ----------
    states : array of +-1, shape (..., N)
    patterns : array of +-1, shape (P, N)

    Returns
    -------
    array, shape (..., P)

    Raises
    ------
    ValueError
        If spins are not +-1, or states and patterns of different width.

    Examples
    --------
    >>> overlap([1, 1, 1, -1], [[1, 1, 1, 1], [1, 1, -1, -1]])
    array([0.5, 0.5])
    """
    patterns = check_patterns(patterns)
    return _overlap(check_states_of(patterns, states), patterns)


def _overlap(states, patterns):
    # Floats: int8 products would wrap round at 127 without a word.
    return states.astype(float) @ patterns.T / patterns.shape[1]


def check_states_of(patterns, states):
    """States as an int8 array, after checking that they are as wide as the patterns.

    Parameters
    ----------
    patterns : array of int8, shape (P, N)
        Checked.
    states : array of +-1, shape (..., N)

    Returns
    -------
    array of int8, shape (..., N)

    Raises
    ------
    ValueError
        Says both widths.

    Examples
    --------
    >>> check_states_of(np.ones((2, 4), np.int8), [[1, 1, 1]])
    Traceback (most recent call last):
    ...
    ValueError: each state must have 4 spins, as the patterns have, got shape (1, 3)
    """
    states = check_spins(states)
    if states.shape[-1] != patterns.shape[1]:
        raise ValueError(
            f"each state must have {patterns.shape[1]} spins, as the patterns have, got shape {states.shape}"
        )
    return states


def corrupt(patterns, flipped, *, rng):
    """Cues: the patterns with a share of their spins turned, ``round(flipped N)`` of each, at random places.

    Parameters
    ----------
    patterns : array of +-1, shape (..., N)
        Left as they are.
    flipped : float
        From 0 to 1. At 0.5 a cue tells nothing, above it is nearer to the mirror image.
    rng : numpy.random.Generator or seed

    Returns
    -------
    array of int8, shape of ``patterns``

    Raises
    ------
    ValueError
        If the patterns are not +-1 or flipped is not between 0 and 1.

    Examples
    --------
    >>> corrupt(np.ones((3, 10), int), 0.2, rng=1).sum(axis=1)
    array([6, 6, 6])
    """
    patterns, flipped = check_spins(patterns), check_number("flipped", flipped, 0)
    if flipped > 1:
        raise ValueError(f"flipped must be a share of the spins, from 0 to 1, got {flipped:g}")
    n_flips = round(flipped * patterns.shape[-1])
    places = np.random.default_rng(rng).permuted(
        np.broadcast_to(np.arange(patterns.shape[-1]), patterns.shape), axis=-1
    )
    return np.where(places < n_flips, -patterns, patterns)


@dataclass(frozen=True, eq=False)
class Identified:
    """What `identify` says of states.

    Attributes
    ----------
    kinds : array of str, shape (...,)
        "memory", "mirror" (of a memory, all spins reversed), "mixture" (of an odd number of memories or mirrors: the
        majority of them, spin by spin) or "other".
    nearest : array of int, shape (...,)
        The pattern of largest |overlap|.
    overlaps : array, shape (...,)
        With that pattern.
    """

    kinds: np.ndarray
    nearest: np.ndarray
    overlaps: np.ndarray


def identify(states, patterns, *, threshold=RECALLED):
    """What recall came to: a memory, the mirror image of one, a mixture of 3, 5 or 7 memories, or something else.

    The last two are spurious: valleys that nobody stored. A mixture is ``sign(+-xi^1 +- xi^2 +- xi^3)``, and of random
    patterns overlaps 1/2 with each (Amit, Gutfreund and Sompolinsky, Phys. Rev. A 32, 1007, 1985). Looked for is the
    one of the patterns with the largest |overlap|.

    Parameters
    ----------
    states : array of +-1, shape (..., N)
    patterns : array of +-1, shape (P, N)
    threshold : float
        An overlap above this, with a pattern or a mixture, counts.

    Returns
    -------
    Identified

    Raises
    ------
    ValueError
        As `overlap`.

    Examples
    --------
    >>> patterns = np.random.default_rng(1).choice([-1, 1], size=(3, 200))
    >>> identify([patterns[1], -patterns[2], np.sign(patterns.sum(axis=0))], patterns).kinds
    array(['memory', 'mirror', 'mixture'], dtype='<U7')
    """
    patterns, threshold = check_patterns(patterns), check_number("threshold", threshold, 0)
    states = check_states_of(patterns, states)
    overlaps = _overlap(states, patterns)
    ranks = np.argsort(-np.abs(overlaps), axis=-1, kind="stable")
    nearest = ranks[..., :1]
    largest = np.take_along_axis(overlaps, nearest, axis=-1)[..., 0]
    mixed = np.zeros(largest.shape, bool)
    for k in range(3, min(7, len(patterns)) + 1, 2):
        some = ranks[..., :k]
        signs = np.where(np.take_along_axis(overlaps, some, axis=-1) < 0, -1, 1)
        majority = np.sign(np.sum(signs[..., None] * patterns[some], axis=-2))
        mixed |= np.mean(majority * states, axis=-1) > threshold
    kinds = np.select(
        [largest > threshold, largest < -threshold, mixed], ["memory", "mirror", "mixture"], default="other"
    )
    return Identified(kinds, nearest[..., 0], largest)


# ---------------------------------------------------------------- how many patterns


@dataclass(frozen=True, eq=False)
class Capacity:
    """What `capacity` measured.

    Attributes
    ----------
    loads : array, shape (n_loads,)
        P / N, of the whole number of patterns that was stored.
    recalled : array, shape (n_loads, n_networks)
        Share of the cues that came to an overlap above 0.9 with their pattern, in each network.
    overlaps : array, shape (n_loads, n_networks)
        Mean overlap that they came to.
    """

    loads: np.ndarray
    recalled: np.ndarray
    overlaps: np.ndarray


def capacity(n, loads, *, rule=hebb, flipped=0.0, n_networks=3, n_cues=100, rng):
    """Store random patterns, start on them or a given share of spins away, and see how many come back.

    The networks are independent; the cues of one network are not, quite, so errors are best told from the spread
    between networks.

    Parameters
    ----------
    n : int
        Spins, 2 or more.
    loads : array, shape (n_loads,)
        P / N, each above 0; at least one pattern is stored.
    rule : callable, patterns (P, N) -> Ising
        `hebb`, `pseudo_inverse`, `row_by_row`.
    flipped : float
        Share of the spins of a pattern that are turned in its cue: see `corrupt`.
    n_networks, n_cues : int
        For each load; there are no more cues than patterns.
    rng : numpy.random.Generator or seed

    Returns
    -------
    Capacity

    Raises
    ------
    ValueError
        If n, a load, flipped or a number is out of range.

    Examples
    --------
    >>> found = capacity(200, [0.05, 0.3], rng=1)
    >>> found.recalled.mean(axis=1).round(1)
    array([1., 0.])
    """
    if not callable(rule):
        raise ValueError(f"rule must be a function of patterns that returns an Ising, such as hebb, got {rule!r}")
    n, rng = check_count("n, the number of spins,", n, 2), np.random.default_rng(rng)
    n_networks, n_cues = check_count("n_networks", n_networks, 1), check_count("n_cues", n_cues, 1)
    loads = np.atleast_1d(check_array("loads", loads)).astype(float).ravel()
    if not np.all((loads > 0) & (loads < np.inf)):
        raise ValueError(f"loads must be finite numbers above 0, patterns a spin, got {loads}")
    check_memory(9 * n * n * loads.max(initial=0), what="so many patterns", instead="take fewer spins or smaller loads")
    numbers = np.maximum(1, np.rint(loads * n)).astype(int)

    def network(n_patterns):
        patterns = rng.choice(np.array([-1, 1], np.int8), size=(n_patterns, n))
        asked = patterns[:n_cues]
        reached = recall(rule(patterns), corrupt(asked, flipped, rng=rng), rng=rng).states
        found = np.mean(reached * asked, axis=1)
        return np.mean(found > RECALLED), np.mean(found)

    results = np.array([[network(n_patterns) for _ in range(n_networks)] for n_patterns in numbers])
    results = results.reshape(len(numbers), n_networks, 2)
    return Capacity(numbers / n, results[..., 0], results[..., 1])


# ---------------------------------------------------------------- beyond pairs


def dense_recall(patterns, cues, degree, *, max_sweeps=20, rng):
    """Go downhill in ``E(s) = -sum_mu F(xi^mu . s)`` with ``F(x) = x^degree``, or ``exp(x)`` for degree infinity.

    At degree 2 this is `recall` with Hebb's rule. A higher degree lets the pattern that is nearest speak louder than
    all others together, and about ``N^(degree - 1)`` patterns can be stored (Krotov and Hopfield, NIPS 29, 2016); with
    the exponential a number that grows exponentially with N (Demircigil et al., J. Stat. Phys. 168, 288, 2017). The
    patterns themselves are kept: there is no matrix of couplings.

    Parameters
    ----------
    patterns : array of +-1, shape (P, N)
    cues : array of +-1, shape (..., N)
    degree : int or infinity
        2 or more.
    max_sweeps : int
        1 or more.
    rng : numpy.random.Generator or seed

    Returns
    -------
    Recalled

    Raises
    ------
    ValueError
        If patterns or cues are not +-1 or of different width, or a number is out of range.

    Examples
    --------
    Fifty patterns of 50 spins, one spin of each turned: pairs are too weak, triples are enough.

    >>> patterns = np.random.default_rng(1).choice([-1, 1], size=(50, 50))
    >>> cues = corrupt(patterns, 0.02, rng=2)
    >>> for degree in (2, 3):
    ...     print(np.all(dense_recall(patterns, cues, degree, rng=3).states == patterns, axis=1).mean() > 0.9)
    False
    True
    """
    patterns = check_patterns(patterns)
    cues, max_sweeps = check_states_of(patterns, cues), check_count("max_sweeps", max_sweeps, 1)
    if not (isinstance(degree, float) and degree == np.inf):
        degree = check_count("degree", degree, 2)
    orders = _Orders(np.random.default_rng(rng), patterns.shape[1])
    by_site = np.ascontiguousarray(patterns.T, np.int32)
    weigh = _weights(patterns.shape[1], degree)

    def settle(states):
        states, sums = states.copy(), states.astype(np.int32) @ by_site
        sweeps, settled = np.zeros(len(states), int), np.zeros(len(states), bool)
        for done in range(max_sweeps):
            turned = _dense_sweep(states, sums, by_site, weigh, orders[done])
            sweeps[turned], settled = done + 1, ~turned
            if np.all(settled):
                break
        return states, sweeps, settled

    return _in_blocks(settle, cues, patterns.size)


def _weights(n, degree):
    """What a turned spin changes, ``F(x + 1) - F(x - 1)`` from the other spins' sums x (n_cues, P), up to a factor."""
    if degree == np.inf:
        falling = np.exp(np.arange(2.0 - 2 * n, 1))  # from the end: by how much a sum is below the largest of its cue
        return lambda others: falling[others - others.max(axis=1, keepdims=True) - 1]
    x = np.arange(1.0 - n, n)
    table = ((x + 1) / n) ** float(degree) - ((x - 1) / n) ** float(degree)
    return lambda others: table[others + n - 1]


def _dense_sweep(states, sums, by_site, weigh, order):
    """Visit the sites of all states (n_cues, N) in order, in place; sums (n_cues, P) are their products with patterns.

    Returns which states changed.
    """
    turned = np.zeros(len(states), bool)
    for i in order:
        pulls = weigh(sums - np.outer(states[:, i], by_site[i]))  # without the spin itself
        against = states[:, i] * (pulls @ by_site[i])
        flips = against < -_ROUND_OFF * np.abs(pulls).sum(axis=1)
        sums[flips] -= np.outer(2 * states[flips, i], by_site[i])
        states[flips, i] *= -1
        turned |= flips
    return turned
