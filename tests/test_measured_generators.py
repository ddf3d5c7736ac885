"""What is stored of lesson 08x's long runs holds what the lesson says of it, in the mean over five seeds."""

import numpy as np
import pytest

from course_lib.classroom import scores

REACHED = [
    # part, family, quantity, at least, at most
    ("bars", "RBM", "validity", 0.94, 1),
    ("bars", "RBM", "KL", 0, 0.15),
    ("bars", "VAE", "validity", 0.66, 0.76),
    ("bars", "VAE", "KL", 0, 0.45),
    ("bars", "GAN", "validity", 0.98, 1),
    ("bars", "GAN, annealed noise", "validity", 0.91, 1),
    ("bars", "diffusion", "validity", 0.98, 1),
    ("way", "diffusion, 1 steps", "validity", 0, 0.002),
    ("way", "diffusion, 2 steps", "validity", 0.09, 0.14),
    ("way", "diffusion, 5 steps", "validity", 0.63, 0.76),
    ("way", "diffusion, 10 steps", "validity", 0.88, 0.97),
    ("way", "diffusion, 20 steps", "validity", 0.96, 1),
    ("way", "diffusion, 100 steps", "validity", 0.99, 1),
    ("way", "diffusion, 100 steps", "KL", 0, 0.02),
    ("ising", "RBM", "E/N", -1.521, -1.461),
    ("ising", "RBM", "C/N", 1.046, 1.246),
    ("ising", "diffusion", "E/N", -1.521, -1.461),
    ("memory", "16000 steps, 256 wide", "verbatim", 0.35, 0.6),
    ("memory", "200 other digits", "copying", 0.4, 0.6),
]


@pytest.mark.parametrize(("part", "family", "quantity", "least", "most"), REACHED)
def test_means_are_where_the_lesson_says(part, family, quantity, least, most):
    values = scores.measured(part)[family][quantity]
    assert len(values) == 5 and least <= values.mean() <= most


@pytest.mark.parametrize(("family", "patterns"), [("RBM", 30), ("VAE", 30), ("GAN", 16), ("diffusion", 30)])
def test_as_many_patterns_in_every_run(family, patterns):
    assert np.all(scores.measured("bars")[family]["patterns"] == patterns)


def test_noise_for_the_judge_brings_all_patterns_in_every_run():
    assert np.all(scores.measured("bars")["GAN, annealed noise"]["patterns"] == 30)


@pytest.mark.parametrize(
    ("part", "families"), [("bars", ["VAE"]), ("way", [f"diffusion, {n} steps" for n in (2, 100)])]
)
def test_bounds_are_above_what_they_bound(part, families):
    for family in families:
        found = scores.measured(part)[family]
        assert np.all(found["bound"] > found["KL"])


def test_no_law_is_nearer_than_the_law_itself():
    """Divergences and bounds on lattices are above 0, by more than their errors; pairing makes these small."""
    for family, what in (("RBM", "KL"), ("VAE", "bound"), ("diffusion", "bound")):
        found = scores.measured("ising")[family]
        assert np.all(found[what] > 3 * found["error"]) and np.all(2 * found["error"] < found["error of log p alone"])
