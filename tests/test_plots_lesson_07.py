"""Drawings and explorer of lesson 07: both ends of every slider, and what the pictures claim."""

import io
from itertools import product

import numpy as np
import pytest
from PIL import Image

from course_lib import explorers, hopfield, plots
from course_lib.workshop.stills import lesson_07


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


@pytest.fixture(scope="module")
def strip():
    return explorers.FilmStrip()


def at(strip, **values):
    for name, value in values.items():
        getattr(strip, name).value = value
    return strip


ENDS = [(2, 250), (0.0, 0.5), (0.0, 1.5), (0, 5)]


@pytest.mark.parametrize(("patterns", "noise", "temperature", "asked"), list(product(*ENDS)))
def test_the_film_at_both_ends(strip, patterns, noise, temperature, asked):
    at(strip, patterns=patterns, noise=noise, temperature=temperature, asked=asked)
    memory, frames = strip.memory, strip.frames
    assert frames.shape == (len(strip.TIMES), strip.SIDE**2)
    assert np.count_nonzero(frames[0] != memory) == round(noise * memory.size)
    assert pixels(strip.picture).shape == pixels(strip.still).shape
    drawing, overlap = strip._drawing, frames[[0, -1]] @ memory.astype(float) / memory.size
    assert drawing._asked.get_ydata()[[0, -1]] == pytest.approx(overlap)
    assert f"overlap {overlap[0]:.2f} in the cue, {overlap[1]:.2f} after 16 sweeps" in strip._words.value
    assert ("not stored" in strip._words.value) == (asked >= patterns)
    low, high = drawing._energy.axes.get_ylim()
    assert np.all((drawing._energy.get_ydata() > low) & (drawing._energy.get_ydata() < high))
    assert np.array_equal(drawing._frames[-1].get_array().ravel(), frames[-1])


def test_the_same_controls_show_the_same_film(strip):
    at(strip, patterns=50, noise=0.25, temperature=0.3, asked=2)
    first = strip.frames
    at(strip, noise=0.1)
    at(strip, noise=0.25)
    assert np.array_equal(strip.frames, first)


@pytest.mark.parametrize("asked", range(6))
def test_six_pictures_come_back_as_the_lesson_says(strip, asked):
    """At a noise of 0.4, downhill."""
    at(strip, patterns=6, noise=0.4, temperature=0.0, asked=asked)
    assert np.array_equal(strip.frames[-1], strip.memory)


def test_what_the_lesson_says_of_the_horse(strip):
    """The folded text below the explorer."""

    def end(**values):
        at(strip, **({"patterns": 6, "noise": 0.3, "temperature": 0.0, "asked": 0} | values))
        return hopfield.overlap(strip.frames[-1], strip.memory[None])[0]

    assert end(patterns=75) == 1 - 4 / 1024  # two spins
    assert end(patterns=100) == pytest.approx(0.87, abs=0.01) and end(patterns=125) < 0.5
    assert end(patterns=175, noise=0.0) > 0.9 and end(patterns=200, noise=0.0) < 0.6
    assert end(noise=0.4) == 1 and 0.5 < end(noise=0.45) < 0.9 and abs(end(noise=0.5)) < 0.1
    assert end(noise=0.1, temperature=0.6) == pytest.approx(0.88, abs=0.01)
    assert end(noise=0.1, temperature=0.8) < 0.4
    end(patterns=2, noise=0.1, asked=3)
    assert np.array_equal(strip.frames[-1], -strip._all[0])


def test_the_opening_ends_at_the_memories():
    figure = lesson_07.opening().figure
    panels = [axes for axes in figure.axes if axes.images]
    shown = [axes.images[0].get_array() for axes in panels]
    assert len(shown) == 14
    for row in (shown[:7], shown[7:]):
        assert np.array_equal(row[-2], row[-1]) and np.mean(row[0] != row[-1]) == pytest.approx(0.4, abs=0.001)


def test_the_walk_marks_its_places():
    drawing = plots.draw_walk([-0.5, -0.3, -0.6], [0, 2], np.ones((2, 4, 4)), ["A", "B"])
    marks = [line.get_xydata()[0].tolist() for line in drawing.figure.axes[0].lines[1:]]
    assert marks == [[0, -0.5], [2, -0.6]] and pixels(drawing.png()).size


def test_the_pulls_that_turn_have_their_own_colour():
    values = np.array([-0.5, 0.5, 1.5, 1.5])
    axes = plots.draw_pulls([values], [0.8], ["some"]).figure.axes[0]
    below = [bar.get_facecolor() for bar in axes.patches if bar.get_x() < -0.05]
    above = [bar.get_facecolor() for bar in axes.patches if bar.get_x() > 0.05]
    assert len(set(below)) == len(set(above)) == 1 and below[0] != above[0]
    area = sum(bar.get_height() * bar.get_width() for bar in axes.patches)
    assert area == pytest.approx(1)


@pytest.mark.parametrize(("limit", "log"), [(0.138, False), (None, True)])
def test_shares_recalled(limit, log):
    curves = [("Hebb", "model", [4, 64], [1.0, 0.0]), ("other", "data", [4, 64], [1.0, 1.0])]
    figure = plots.draw_recalled([("a", curves), ("b", curves)], xlabel="P", limit=limit, log=log).figure
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["Hebb", "other", *(["limit 0.138"] if limit else [])]
    assert all(axes.get_xscale() == ("log" if log else "linear") for axes in figure.axes)
