"""Drawings and explorer of lesson 09: both ends of every control, and what the pictures claim."""

import io
from itertools import product

import numpy as np
import pytest
from PIL import Image
from reference import CASES

from course_lib import explorers, plots
from course_lib.explorers import dots


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def learned(explorer, **values):
    """A run with these settings, to its end."""
    for name, value in values.items():
        getattr(explorer, name).value = value
    explorer.pause()
    explorer._restart()
    while explorer._goes_on:
        explorer._learn()
    explorer._draw()
    return np.mean(explorer.energies[-40:]) / dots.EXACT[explorer.omega.value] - 1


@pytest.fixture(scope="module")
def explorer():
    made = explorers.DotExplorer()
    yield made
    made.close()


def test_exact_energies_are_those_of_the_reference():
    exact = {
        case["inputs"]["omega"]: case["expected"]["E_singlet"]
        for case in CASES.values()
        if case["kind"] == "quantum_dot_exact" and case["inputs"]["dim"] == 2
    }
    for omega, energy in dots.EXACT.items():
        assert energy == pytest.approx(exact[omega], abs=1e-11)


@pytest.mark.parametrize(("omega", "hidden", "rate", "jastrow"), list(product([0.1, 1.0], [1, 4], [0.02, 5.0], [0, 1])))
def test_both_ends_of_every_control(explorer, omega, hidden, rate, jastrow):
    before = pixels(explorer.picture).shape
    learned(explorer, omega=omega, hidden=hidden, rate=rate, jastrow=bool(jastrow))
    assert pixels(explorer.picture).shape == before
    assert ("ran away" in explorer._words.value) == (rate == 5)
    assert f"{dots.EXACT[omega]:.4f}" in explorer._words.value


def test_what_the_lesson_says_of_the_explorer(explorer):
    one = learned(explorer, omega=1.0, hidden=1, rate=0.3, jastrow=False)
    two = learned(explorer, hidden=2)
    assert 0.015 < two < 0.035 < one < 0.055
    assert abs(learned(explorer, jastrow=True)) < 0.002
    assert 0.06 < learned(explorer, omega=0.1, hidden=1, jastrow=False) < 0.09
    learned(explorer, omega=1.0, rate=2.0)
    assert "ran away" in explorer._words.value and len(explorer.energies) < 20


def test_calibration_shows_what_came_true():
    entry = {"choice": "4", "outcome": "4"}
    log = {
        "01-a": {**entry, "confidence": 80},
        "01-b": {**entry, "confidence": 80, "outcome": "0"},
        "01-c": {**entry, "confidence": 50},
        "01-d": {"choice": "4", "confidence": 99},  # no outcome yet
    }
    (axes,) = plots.draw_calibration(log).figure.axes
    points = sorted((float(c.lines[0].get_xdata()[0]), float(c.lines[0].get_ydata()[0])) for c in axes.containers)
    assert points == [(50, 100), (80, 50)]
    assert [text.get_text() for text in axes.texts] == ["1", "2"]
    (empty,) = plots.draw_calibration({}).figure.axes
    assert empty.texts[0].get_text() == "no predictions in the log"
