"""Drawings and explorer of lesson 08: both ends of every control, and the learning to its end."""

import io
import time

import numpy as np
import pytest
from live_pictures import made, nothing_runs_on  # noqa: F401 - a fixture of every test here
from PIL import Image

from course_lib import explorers, plots


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


# ---------------------------------------------------------------- drawings


def test_gallery_shows_each_kind_in_its_colours():
    rng = np.random.default_rng(1)
    ink, weights = rng.integers(2, size=(5, 4, 4)), rng.normal(size=(5, 4, 4))
    png = plots.draw_gallery([("ink", "ink", ink), ("w", "weights", weights), ("s", "spins", 2 * ink - 1)]).png()
    colours = {tuple(colour) for colour in pixels(png).reshape(-1, 3)}
    assert {(0x00, 0x72, 0xB2), (0xF0, 0xE4, 0x42), (0, 0, 0)} <= colours


def test_what_is_not_known_is_grey():
    png = plots.draw_gallery([("covered", "ink", np.full((2, 3, 3), np.nan))]).png()
    assert np.any(np.all(pixels(png) == 0x99, axis=-1))


def test_machine_shows_sixteen_of_each():
    rng = np.random.default_rng(1)
    ink = rng.integers(2, size=(16, 8, 8))
    one, other = (plots.draw_machine(ink, rng.normal(size=ink.shape), made_up).png() for made_up in (ink, 1 - ink))
    assert np.any(pixels(one) != pixels(other))


def test_machine_picture_moves():
    zero, one = np.zeros((4, 8, 8)), np.ones((4, 8, 8))
    picture = plots.MachinePicture(zero, zero, n_epochs=10, highest=3)
    before = pixels(picture.png())
    picture.update(one, one, [0, 1, 2], [0, 0.5])
    assert np.any(pixels(picture.png()) != before)
    picture.update(zero, zero, [], [])
    assert np.array_equal(pixels(picture.png()), before)


# ---------------------------------------------------------------- the explorer


@pytest.fixture
def explorer(monkeypatch):
    """With few epochs, and no pause between them."""
    monkeypatch.setattr(explorers.MachineExplorer, "N_EPOCHS", 4)
    monkeypatch.setattr(explorers.MachineExplorer, "FRAME", 0.0)
    made.append(explorers.MachineExplorer())
    return made[-1]


def run_to_the_end(explorer):
    end = time.monotonic() + 60
    while explorer.running:
        assert time.monotonic() < end
        time.sleep(0.005)
    assert explorer._message.value == "" and len(explorer.gap) == explorer.N_EPOCHS + 1


def test_at_first_a_run_has_ended(explorer):
    assert not explorer.running and len(explorer.gap) == 5 and "Epoch 4" in explorer._words.value
    assert "held-out digit" in explorer._words.value and explorer.still[1:4] == b"PNG"


@pytest.mark.parametrize("hidden, known", [(4, "log Z is exact"), (16, "log Z is exact"), (32, "log Z known to 0.")])
def test_log_partition_is_summed_where_it_can_be(explorer, hidden, known):
    explorer.hidden.value = hidden
    run_to_the_end(explorer)
    assert known in explorer._words.value


@pytest.mark.parametrize("control", ["hidden", "sweeps", "rate"])
@pytest.mark.parametrize("end", [0, -1])
def test_both_ends_of_every_slider(explorer, control, end):
    before = pixels(explorer.picture)
    slider = getattr(explorer, control)
    slider.value = slider.options[end] if slider.value != slider.options[end] else slider.options[1]
    run_to_the_end(explorer)
    assert np.any(pixels(explorer.picture) != before) and explorer._before


def test_the_run_is_that_of_the_three_lines(explorer):
    """The same seed gives the same run, for either start of the chains another."""
    first = list(explorer.gap)
    explorer.method.value = "pcd"
    run_to_the_end(explorer)
    other = list(explorer.gap)
    explorer.method.value = "cd"
    run_to_the_end(explorer)
    assert explorer.gap == first != other


def test_weights_that_are_too_uneven_are_said(explorer, monkeypatch):
    from course_lib import divergence

    def uneven(*_, **__):
        raise divergence.WeightsTooUneven(0.0, 1.0, 10.0, 400, 200)

    monkeypatch.setattr(divergence, "ais_log_partition", uneven)
    explorer.learn_again()
    run_to_the_end(explorer)
    assert "out of reach" in explorer._words.value


def test_a_learned_machine_likes_digits_better_than_their_pixels_shuffled(explorer):
    start = explorer._model
    explorer.learn_again()
    run_to_the_end(explorer)
    model, data = explorer._model, explorer._data
    noise = np.random.default_rng(1).permuted(data, axis=0)  # every pixel as often ink, and no strokes
    gain = np.mean(model.energy(noise) - model.energy(data))
    assert gain > 0.3 and np.array_equal(start.parameters, model.parameters)
