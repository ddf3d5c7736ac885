"""How many patterns a network holds: an experiment."""

from dataclasses import dataclass

import numpy as np

from course_lib.hopfield.downhill import recall
from course_lib.hopfield.patterns import RECALLED, corrupt
from course_lib.hopfield.rules import hebb
from course_lib.inputs import check_array, check_count, check_memory

CAPACITY = 0.138  # patterns a spin, in the limit of many spins (Amit, Gutfreund and Sompolinsky 1985)


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
