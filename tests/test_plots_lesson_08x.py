"""Drawings and the explorer of lesson 08x, and what was measured for it."""

import io

import numpy as np
import pytest
from PIL import Image

from course_lib import explorers, plots
from course_lib.classroom import scores
from course_lib.explorers.generators import KNOBS


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


@pytest.fixture(scope="module")
def explorer():
    return explorers.GeneratorsExplorer()


@pytest.mark.parametrize(("family", "least"), [("diffusion", 0.8), ("RBM", 0.8), ("VAE", 0.0), ("GAN", 0.7)])
def test_the_explorer_at_both_ends(explorer, family, least):
    explorer.family.value = family
    shares = []
    for value in (KNOBS[family][1][0], KNOBS[family][1][-1]):
        explorer.knob.value = value
        n = explorer.counts.sum() + explorer.other
        assert n == explorer.AT_ONCE and f"{n} samples" in explorer._words.value
        shares.append(explorer.counts.sum() / n)
        visible = [frame.get_visible() for frame in explorer._drawing._frames]
        assert len(visible) == explorer.SHOWN
    assert shares[-1] >= least


def test_more_samples_fill_the_counts(explorer):
    explorer.family.value = "diffusion"
    explorer.knob.value = 50
    first, before = explorer.picture, explorer.counts.sum()
    explorer._more()
    assert explorer.counts.sum() > 1.5 * before and np.any(pixels(explorer.picture) != pixels(first))
    explorer.knob.value = 1
    explorer.knob.value = 50
    assert explorer.picture == first


def test_the_plain_game_misses_what_noise_brings(explorer):
    explorer.family.value = "GAN"
    explorer.knob.value = 0.0
    for _ in range(6):
        explorer._more()
    assert np.count_nonzero(explorer.counts > 5) <= 16


def test_frames_are_around_what_is_no_pattern():
    picture = plots.GeneratorPicture((4, 4), 8, 30)
    valid = np.arange(8) != 3
    picture.update(np.ones((8, 4, 4)), valid, np.ones(30))
    assert [frame.get_visible() for frame in picture._frames] == (~valid).tolist()
    before = pixels(picture.png())
    picture.update(-np.ones((8, 4, 4)), ~valid, np.zeros(30))
    assert np.any(before != pixels(picture.png()))


@pytest.mark.parametrize(("part", "seeds"), [("bars", 5), ("ising", 5), ("slow", 5), ("memory", 5), ("way", 5)])
def test_all_seeds_of_each_part_are_there(part, seeds):
    found = scores.measured(part)
    assert found and all(len(values) == seeds for of in found.values() for values in of.values())
