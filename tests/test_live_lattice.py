"""The live lattice without a browser: what each control does, the law it samples, and when its thread ends."""

import io
import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest
from live_pictures import made, nothing_runs_on  # noqa: F401 - a fixture of every test here
from PIL import Image

from course_lib import exact, explorers, ising, plots, sampling
from course_lib.explorers import live


def lattice():
    """An explorer that is closed after the test."""
    made.append(explorers.LiveLattice())
    return made[-1]


@pytest.fixture
def explorer():
    return lattice()


def wait_until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def button(explorer, name):
    return next(part for part in explorer.children[2].children if part.description == name)


def moves(explorer):
    """Whether the picture changes within a while."""
    before = explorer.picture
    end = time.monotonic() + 1
    while explorer.picture == before and time.monotonic() < end:
        time.sleep(0.005)
    return explorer.picture != before


def lines(explorer):
    """Exact values as drawn: m, -m, endless energy, energy at this size; None where no line is shown."""
    drawing = explorer._drawing
    shown = *drawing._endless_m, drawing._endless_E, drawing._exact_E
    return [line.get_ydata()[0] if line.get_visible() else None for line in shown]


# ---------------------------------------------------------------- what is shown


def test_it_starts_paused_and_always_the_same(explorer):
    assert not explorer.running and explorer._run_button.description == "run"
    other = lattice()
    assert explorer.picture == other.picture and explorer.traces == other.traces
    time.sleep(0.1)
    assert explorer.picture == other.picture


def test_the_picture_has_a_pixel_a_spin(explorer):
    image = Image.open(io.BytesIO(explorer.picture))
    assert image.mode == "P" and image.size == (128, 128)
    up = np.asarray(image.convert("RGB")) == tuple(bytes.fromhex(plots.COLOURS["up"][1:]))
    assert np.array_equal(up.all(axis=-1), explorer.spins > 0)


@pytest.mark.parametrize("running", [False, True])
@pytest.mark.parametrize("end", ["min", "max"])
@pytest.mark.parametrize("name", ["T", "h"])
def test_both_ends_of_the_sliders(explorer, name, end, running):
    if running:
        explorer.run()
    before = explorer.traces
    slider = getattr(explorer, name)
    slider.value = getattr(slider, end)
    assert f"{name} = {slider.value:.2f}" in explorer._words.value
    wait_until(lambda: explorer.traces != before)
    explorer.pause()
    explorer._frame()
    m, energy = explorer._record[-1]
    model = ising.LatticeIsing(1.0, explorer.h.value, (128, 128))
    assert m == explorer.spins.mean() and energy == pytest.approx(model.energy(explorer.spins) / 128**2)
    for axes, value in zip(explorer._drawing._axes, (m, energy), strict=True):
        assert axes.get_ylim()[0] < value < axes.get_ylim()[1]


@pytest.mark.parametrize("index", [0, -1])
def test_both_ends_of_the_speed(explorer, monkeypatch, index):
    explorer.speed.value = explorer.speed.options[index]
    sweeps, advance = [], sampling.advance
    monkeypatch.setattr(sampling, "advance", lambda *a, **options: sweeps.append(a[2]) or advance(*a, **options))
    explorer._frame()
    assert sum(sweeps) == explorer.speed.value == (100 if index else 1)


@pytest.mark.parametrize("T", [1.0, 2.27, 5.0])
@pytest.mark.parametrize("zoom", [False, True])
def test_the_exact_lines_are_exact(explorer, T, zoom):
    explorer.zoom.value, explorer.T.value = zoom, T
    m, size = exact.onsager_magnetization(T), 512 if zoom else 128
    assert lines(explorer) == [m, -m, exact.onsager_energy(T), exact.kaufman(size, T)[0]]
    assert not explorer._drawing._none.get_visible()


def test_no_exact_lines_in_a_field(explorer):
    explorer.h.value = 0.01
    assert lines(explorer) == [None] * 4 and explorer._drawing._none.get_visible()
    explorer.h.value = 0.0
    assert None not in lines(explorer)


# ---------------------------------------------------------------- what the controls do


@pytest.mark.parametrize("algorithm", ["heat-bath", "metropolis", "wolff"])
def test_each_algorithm_samples_the_law(explorer, algorithm):
    """From all up at T = 2: the spread of 100 frames of 10 sweeps leaves errors of some 0.002."""
    explorer.T.value, explorer.speed.value, explorer.algorithm.value = 2.0, 10, algorithm
    explorer.cold_start()
    for _ in range(120):
        explorer._frame()
    m, energy = np.transpose(explorer._record)[:, -100:]
    assert np.abs(m).mean() == pytest.approx(exact.onsager_magnetization(2.0), abs=0.01)
    assert energy.mean() == pytest.approx(exact.kaufman(128, 2.0)[0], abs=0.01)
    # Metropolis and heat bath cannot turn 16 384 spins over; Wolff does it all the time.
    assert (m.min() < 0) == (algorithm == "wolff")


def test_both_algorithms_agree_in_a_field(explorer):
    explorer.T.value, explorer.h.value, explorer.speed.value, means = 3.0, 0.3, 10, []
    for algorithm in ("heat-bath", "metropolis"):
        explorer.algorithm.value = algorithm
        explorer.cold_start()
        for _ in range(60):
            explorer._frame()
        means.append(np.transpose(explorer._record)[:, -50:].mean(axis=1))
    assert means[0] == pytest.approx(means[1], abs=0.015) and means[0][0] > 0.3


def test_wolff_is_only_for_no_field(explorer):
    explorer.h.value = -0.2
    explorer.algorithm.value = "wolff"
    assert explorer.algorithm.value == "heat-bath" and "h = 0" in explorer._message.value
    explorer.h.value = 0.0
    assert explorer._message.value == ""
    explorer.algorithm.value = "wolff"
    assert explorer.algorithm.value == "wolff" and explorer.speed.description == "clusters a frame"
    explorer.run()
    explorer.h.value = 0.01
    assert explorer.algorithm.value == "heat-bath" and "h = 0" in explorer._message.value
    assert explorer.speed.description == "sweeps a frame"
    assert moves(explorer) and explorer.running


def test_hot_and_cold_start(explorer):
    button(explorer, "cold start").click()
    assert explorer.spins.all() and explorer.spins.min() == 1 and not explorer.running
    assert list(explorer._record) == [(1.0, -2.0)] and "m = +1.000, E / N = -2.000" in explorer._words.value
    button(explorer, "hot start").click()
    assert abs(explorer.spins.mean()) < 0.04 and len(explorer._record) == 1
    assert abs(explorer._record[0][1]) < 0.06


def test_quench(explorer):
    explorer.h.value = 0.3
    button(explorer, "cold start").click()
    button(explorer, "quench").click()
    assert explorer.running and (explorer.T.value, explorer.h.value) == (1.5, 0.0)
    wait_until(lambda: len(explorer._record) > 10)
    m, energy = np.transpose(explorer._record)
    assert abs(m[0]) < 0.05 and abs(energy[0]) < 0.1 and energy[-1] < -1.2


def test_zoom_keeps_the_start_and_goes_on(explorer):
    button(explorer, "cold start").click()
    explorer.zoom.value = True
    assert explorer.spins.shape == (512, 512) and explorer.spins.min() == 1
    assert Image.open(io.BytesIO(explorer.picture)).size == (512, 512) and explorer._picture.layout.width == "512px"
    explorer.run()
    assert moves(explorer)
    explorer.zoom.value = False
    assert moves(explorer) and explorer.spins.shape == (128, 128) and explorer._picture.layout.width == "384px"


# ---------------------------------------------------------------- the thread


def test_run_and_pause(explorer):
    explorer._run_button.click()
    assert explorer.running and explorer._run_button.description == "pause" and moves(explorer)
    thread = explorer._loop._thread
    explorer._run_button.click()
    assert not thread.is_alive() and not explorer.running and explorer._run_button.description == "run"
    picture, words = explorer.picture, explorer._words.value
    assert not moves(explorer) and explorer._words.value == words
    assert f"m = {explorer.spins.mean():+.3f}" in words and explorer.picture == picture
    explorer.pause()
    explorer.run()
    explorer.run()
    assert sum(thread.name == "live picture" for thread in threading.enumerate()) == 1


@pytest.mark.parametrize("hurried", [False, True])
@pytest.mark.parametrize(("algorithm", "most"), [("heat-bath", 30), ("wolff", 5)])
def test_frames_are_not_sent_faster_than_shown(explorer, algorithm, most, hurried):
    explorer.algorithm.value, pictures = algorithm, []
    explorer._frame()  # compiled
    explorer._picture.observe(lambda change: pictures.append(change.new), "value")
    start = time.monotonic()
    explorer.run()
    for _ in range(100):
        time.sleep(0.01)
        if hurried:  # as by a slider that is dragged
            explorer._loop.hurry()
    explorer.pause()
    assert most / 3 <= len(pictures) <= most * (time.monotonic() - start) + 3  # one ahead, and the last, on the pause


def test_two_at_once(explorer):
    other = lattice()
    explorer.run()
    other.run()
    assert moves(explorer) and moves(other)
    explorer.pause()
    assert not moves(explorer) and moves(other)


def test_a_cell_run_again_stops_what_it_started(monkeypatch):
    def run_cell(cell, request):
        header = {"metadata": {"cellId": cell}, "header": {"msg_id": request}}
        monkeypatch.setattr(live, "get_ipython", lambda: SimpleNamespace(parent_header=header))

    run_cell("a", 1)
    first = lattice()
    first.run()
    beside = lattice()
    beside.run()
    run_cell("b", 2)
    other = lattice()
    other.run()
    assert first.running and beside.running
    run_cell("a", 3)
    again = lattice()
    assert not first.running and not beside.running and other.running and not again.running
    monkeypatch.setattr(live, "get_ipython", lambda: None)
    lattice()
    assert other.running


def test_an_error_is_shown(explorer, monkeypatch):
    def fails(*_, **__):
        raise ValueError("a <broken> kernel")

    with monkeypatch.context() as broken:
        broken.setattr(sampling, "advance", fails)
        explorer.run()
        wait_until(lambda: not explorer.running)
    assert "ValueError: a &lt;broken&gt; kernel" in explorer._message.value
    assert explorer._run_button.description == "run"
    explorer._run_button.click()
    assert explorer._message.value == "" and moves(explorer)


def test_it_pauses_when_nobody_is_there(explorer, monkeypatch):
    monkeypatch.setattr(live.Loop, "PATIENCE", 0.8)
    explorer.run()
    for k in range(5):
        time.sleep(0.2)
        explorer.T.value += 0.1 * (-1) ** k
        assert explorer.running
    wait_until(lambda: not explorer.running)
    assert "Paused" in explorer._message.value and explorer._run_button.description == "run"


def test_a_start_during_a_frame_is_not_undone(explorer, monkeypatch):
    """A frame takes long at times; what it made from the old lattice is dropped."""
    inside, go_on, advance = threading.Event(), threading.Event(), sampling.advance

    def slow(*arguments, **options):
        inside.set()
        assert go_on.wait(10)
        return advance(*arguments, **options)

    monkeypatch.setattr(sampling, "advance", slow)
    frame = threading.Thread(target=explorer._frame)
    frame.start()
    assert inside.wait(10)
    explorer.cold_start()
    go_on.set()
    frame.join()
    assert explorer.spins.min() == 1 and len(explorer._record) == 1


def test_close_ends_the_thread(explorer):
    explorer.run()
    thread = explorer._loop._thread
    explorer.close()
    assert not thread.is_alive()
