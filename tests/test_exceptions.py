"""Every exception of the library arrives whole, wherever it is sent."""

import copy
import importlib
import multiprocessing
import pickle
import pkgutil

import numpy as np
import pytest

import course_lib
from course_lib import diagnostics, divergence, learning, sampling
from course_lib.ising import Ising, LatticeIsing

NOT_IMPORTED = {"course_lib.workshop.lab_config"}  # read by Jupyter, with names of its own


def exception_classes():
    """All that the modules of the package define, whatever they are called."""
    found = set()
    for module in pkgutil.walk_packages(course_lib.__path__, "course_lib."):
        if module.name not in NOT_IMPORTED:
            values = vars(importlib.import_module(module.name)).values()
            found |= {value for value in values if isinstance(value, type) and issubclass(value, BaseException)}
    return sorted((cls for cls in found if cls.__module__.startswith("course_lib.")), key=lambda cls: cls.__name__)


ROADS = {
    **{f"pickle {protocol}": protocol for protocol in range(pickle.HIGHEST_PROTOCOL + 1)},
    "deepcopy": copy.deepcopy,
    "copy": copy.copy,
}


def travelled(exception, road):
    return road(exception) if callable(road) else pickle.loads(pickle.dumps(exception, road))


def test_the_walk_finds_them():
    names = {cls.__name__ for cls in exception_classes()}
    assert {"ChainTooShort", "NeverMet", "Diverged", "NoMaximum", "WeightsTooUneven", "BuildError"} <= names


@pytest.mark.parametrize("road", ROADS.values(), ids=ROADS)
@pytest.mark.parametrize("cls", exception_classes(), ids=lambda cls: cls.__name__)
def test_every_class_travels_whole(cls, road):
    """Made without ``__init__``, whose arguments differ; the message is what ``__init__`` hands on in any case."""
    sent = cls.__new__(cls, "a sentence")
    sent.found = np.arange(3)
    sent.add_note("a note")
    arrived = travelled(sent, road)
    assert type(arrived) is cls and str(arrived) == "a sentence" and arrived.args == ("a sentence",)
    assert np.array_equal(arrived.found, [0, 1, 2]) and arrived.__notes__ == ["a note"]


def raised(kind):
    """One of each that carries findings, from the function that raises it."""
    data = np.array([[1, 1, -1], [1, -1, 1], [-1, 1, 1], [-1, -1, -1], [1, 1, 1], [1, 1, 1]])
    cold = LatticeIsing(0.7, 0, (8, 8))
    provoke = {
        "ChainTooShort": lambda: diagnostics.autocorrelation_time(np.arange(100.0)),
        "NeverMet": lambda: sampling.burn_in(cold, n_chains=20, max_sweeps=2, rng=1),
        "WeightsTooUneven": lambda: divergence.ais_log_partition(cold, n_chains=400, n_temperatures=1, rng=1),
        "NoMaximum": lambda: learning.fit_ising(np.ones((10, 3))),
        "Diverged": lambda: learning.fit(
            Ising(np.zeros((3, 3)), np.zeros(3)), data, learning.exact_moments, step_size=50, plain=True, progress=False
        ),
    }[kind]
    with pytest.raises(Exception) as caught:
        provoke()
    assert type(caught.value).__name__ == kind
    return caught.value


@pytest.mark.parametrize("kind", ["ChainTooShort", "NeverMet", "WeightsTooUneven", "NoMaximum", "Diverged"])
def test_the_five_that_carry_findings_arrive_with_them(kind):
    sent = raised(kind)
    for road in ROADS.values():
        arrived = travelled(sent, road)
        assert type(arrived) is type(sent) and str(arrived) == str(sent)
        assert same(vars(arrived), vars(sent))


def same(a, b):
    """Equal all the way down: numbers, arrays, and objects that hold them."""
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if hasattr(a, "__dict__"):
        return type(a) is type(b) and same(vars(a), vars(b))
    return np.array_equal(a, b)


def test_what_a_worker_raises_reaches_the_one_who_waits():
    """With an exception that cannot be made anew the result never comes: the pool loses the thread that receives it."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        waiting = pool.map_async(diagnostics.autocorrelation_time, [np.arange(100.0)])
        with pytest.raises(diagnostics.ChainTooShort, match="too short") as caught:
            waiting.get(timeout=60)
    assert caught.value.n_draws == 100 and caught.value.tau > 1
