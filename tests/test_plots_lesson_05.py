"""Drawings and explorer of lesson 05: both ends of every slider, and the learning itself to its end."""

import io
import threading
import time

import numpy as np
import pytest
from live_pictures import made, nothing_runs_on  # noqa: F401 - a fixture of every test here
from PIL import Image

from course_lib import divergence, exact, explorers, ising, learning, plots

# ---------------------------------------------------------------- the explorer


@pytest.fixture
def explorer():
    """At its usual pace."""
    made.append(explorers.LearningExplorer())
    return made[-1]


@pytest.fixture
def quick(explorer, monkeypatch):
    """Runs that end at once."""
    monkeypatch.setattr(explorer, "FRAME", 0.0)
    monkeypatch.setattr(explorer, "STEPS_A_FRAME", 50)
    return explorer


def wait_until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def run_to_the_end(explorer):
    wait_until(lambda: not explorer.running)
    assert len(explorer.nll) == explorer.N_STEPS + 1 and explorer._run_button.description == "learn"
    assert explorer._message.value == ""


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def shown(explorer):
    """Learned values and half the length of their bars, couplings first, as drawn."""
    points = [points.get_ydata() for _, points, _ in explorer._drawing._groups]
    bars = [np.ptp(np.array(bars.get_segments())[..., 1], axis=1) / 2 for _, _, bars in explorer._drawing._groups]
    return np.concatenate(points), np.concatenate(bars)


def by_plain_steps(explorer, eta):
    """The exact run, by the library's own loop."""
    curve = learning.LearningCurve(explorer._data)
    start = explorer._truth.step(-explorer._truth.parameters)
    options = {"step_size": eta, "plain": True, "max_steps": explorer.N_STEPS, "tolerance": 0.0, "progress": False}
    fitted = learning.fit(start, explorer._data, learning.exact_moments, callback=curve, **options)
    return curve.nll, fitted


def test_it_opens_with_a_run_that_has_ended(explorer):
    assert not explorer.running and explorer._run_button.description == "learn"
    nll, fitted = by_plain_steps(explorer, explorer.eta.value)
    assert explorer.nll == pytest.approx(nll, abs=1e-10)
    learned, bars = shown(explorer)
    assert learned == pytest.approx(fitted.model.parameters, abs=1e-10)
    assert bars == pytest.approx(fitted.standard_errors, rel=1e-9)
    assert explorer._drawing._now.get_ydata() == pytest.approx(nll) and not len(explorer._drawing._before.get_xdata())
    assert f"NLL {nll[-1]:.4f}" in explorer._words.value


def test_the_lines_are_the_reference_lines(explorer):
    lines = learning.reference_lines(explorer._truth, explorer._data)
    assert list(explorer._lines.values()) == pytest.approx(list(lines.values()), abs=1e-9)
    assert [line.get_ydata()[0] for line in explorer._drawing._lines] == pytest.approx(list(lines.values()), abs=1e-9)
    assert [line.get_label() for line in explorer._drawing._lines] == list(lines)


@pytest.mark.parametrize("eta", [explorers.LearningExplorer.ETAS[0], 0.6, explorers.LearningExplorer.ETAS[-1]])
def test_step_sizes_from_end_to_end(quick, eta):
    before = pixels(quick.picture)
    quick.eta.value = eta
    assert len(quick._before) == quick.N_STEPS + 1
    run_to_the_end(quick)
    assert np.any(pixels(quick.picture) != before)
    falls = np.diff(quick.nll)
    if eta == 1.5:  # above the limit, which is near 0.8
        assert quick.nll[-1] > quick._lines["best fit"] + 0.01 and falls.max() > 0.01
    else:
        nll, _ = by_plain_steps(quick, eta)
        assert quick.nll == pytest.approx(nll, abs=1e-9) and falls.max() < 1e-9


@pytest.mark.parametrize("samples", [explorers.LearningExplorer.SAMPLES[0], explorers.LearningExplorer.SAMPLES[-1]])
def test_samples_from_end_to_end(quick, samples):
    quick.eta.value = 0.3
    run_to_the_end(quick)
    quick.samples.value = samples
    assert len(quick._data) == samples and not quick._before  # another loss: nothing to compare with
    run_to_the_end(quick)
    best, truth = quick._lines["best fit"], quick._lines["truth"]
    assert best < truth and truth - best == pytest.approx(15 / (2 * samples), rel=1)
    assert quick.nll[-1] == pytest.approx(best, abs=1e-3)
    model = quick._model
    assert quick.nll[-1] == pytest.approx(divergence.nll(quick._data, model.J, model.h), abs=1e-9)


def test_data_without_a_best_fit_have_no_line_for_it(quick):
    quick._data = np.array([[1, 1, 1, 1, 1]] * 50)
    quick._draw_data = lambda: None
    frequencies = divergence.empirical_distribution(quick._data)
    quick._frequencies, quick._target, quick._lines["best fit"] = frequencies, np.ones(15), np.nan
    quick.learn_again()
    run_to_the_end(quick)
    assert "none (a state" in quick._words.value and "nan" not in quick._words.value and quick.nll[-1] < 0.05


def test_a_truth_whose_data_miss_a_state_says_so_in_the_legend(quick):
    """The second truth: in a hundred samples spin 0 is never down while spin 4 is up."""
    quick.samples.value = 100
    entry = quick._drawing._legend.get_texts()[-1]
    assert entry.get_text() == "best fit to these data" and quick._drawing._legend.legend_handles[-1].get_visible()
    quick.another_truth()
    run_to_the_end(quick)
    assert not np.any((quick._data[:, 0] == -1) & (quick._data[:, 4] == 1))
    entry = quick._drawing._legend.get_texts()[-1]
    assert entry.get_text() == "best fit to these data: none"
    assert not quick._drawing._legend.legend_handles[-1].get_visible()
    quick.samples.value = 10_000
    run_to_the_end(quick)
    assert entry.get_text() == "best fit to these data" and quick._drawing._legend.legend_handles[-1].get_visible()


@pytest.mark.parametrize("sweeps", [explorers.LearningExplorer.SWEEPS[0], explorers.LearningExplorer.SWEEPS[-1]])
@pytest.mark.parametrize("method", ["mc", "pcd", "cd"])
def test_each_source_learns(quick, method, sweeps):
    """The last hundred steps on average: chains are noisy, and the fixed point of CD is near the best fit."""
    quick.eta.value = 0.2
    quick.method.value = method
    assert not quick.sweeps.disabled
    quick.sweeps.value = sweeps
    run_to_the_end(quick)
    excess = np.mean(quick.nll[-100:]) - quick._lines["best fit"]
    # One sweep forgets a random start of these weakly coupled spins, or nearly.
    assert -1e-9 < excess < 0.03
    assert np.std(np.diff(quick.nll[-100:])) > 1e-5
    quick.method.value = "exact"
    assert quick.sweeps.disabled


def test_it_shows_pictures_while_it_learns(explorer):
    pictures = []
    explorer._picture.observe(lambda change: pictures.append((time.monotonic(), len(explorer.nll))), "value")
    start = time.monotonic()
    explorer.method.value = "mc"
    assert time.monotonic() - start < 0.5  # the cell, or the slider, does not wait for the run
    time.sleep(2)
    assert explorer.running
    explorer.pause()
    times, steps = np.transpose(pictures)
    assert 5 <= len(pictures) / (times[-1] - start) <= 1 / explorer.FRAME + 3
    assert np.all(np.diff(steps) == explorer.STEPS_A_FRAME)


def test_pause_and_go_on(explorer):
    explorer.eta.value = 0.1
    wait_until(lambda: len(explorer.nll) > 4)
    explorer._run_button.click()
    assert not explorer.running and explorer._run_button.description == "learn"
    reached, picture = list(explorer.nll), explorer.picture
    time.sleep(0.3)
    assert explorer.nll == reached and explorer.picture == picture
    explorer._run_button.click()
    assert explorer.running and explorer._run_button.description == "pause"
    wait_until(lambda: len(explorer.nll) > len(reached))
    assert explorer.nll[: len(reached)] == reached


def test_a_run_that_has_ended_begins_again(quick):
    first = quick.nll
    quick.run()
    run_to_the_end(quick)
    assert quick.nll == pytest.approx(first) and quick._before is first


def test_a_dragged_slider_keeps_the_run_before(explorer):
    whole = explorer.nll
    for eta in (0.1, 0.2, 0.3, 0.4):
        explorer.eta.value = eta
    assert explorer._before is whole and explorer.running
    assert sum(thread.name == "live picture" for thread in threading.enumerate()) == 1


def test_another_truth(quick):
    before = quick._truth
    quick.another_truth()
    run_to_the_end(quick)
    assert not np.array_equal(quick._truth.J, before.J) and not quick._before
    assert quick._drawing._truth is not before.parameters
    axes = quick._drawing._now.axes
    low, high = axes.get_ylim()
    assert all(low < level < high for level in (*quick.nll, *quick._lines.values()))


def test_a_slider_answers_at_once(explorer):
    """Median of several, as other work may disturb one."""
    for control, values in (
        (explorer.eta, (0.1, 0.2, 0.3, 0.4, 0.5)),
        (explorer.samples, (100, 300, 1000, 3000, 10_000)),
        (explorer.sweeps, (1, 2, 5, 20, 50)),
    ):
        times = []
        for value in values:
            start = time.perf_counter()
            control.value = value
            times.append(time.perf_counter() - start)
            time.sleep(0.1)
        assert np.median(times) < 0.1, control.description


# ---------------------------------------------------------------- drawings


def test_learning_curves_and_their_lines():
    lines = {"entropy": 2.938, "truth": 2.932, "best": 2.931}
    curves = [("slow", np.linspace(3.4, 2.95, 50)), ("fast", np.linspace(3.4, 2.931, 20))]
    drawing = plots.draw_learning_curves(curves, lines)
    whole, near = drawing.figure.axes
    low, high = near.get_ylim()
    assert all(low < level < high for level in lines.values()) and high < 2.96
    assert whole.get_ylim()[1] > 3.39 and whole.get_xlim() == near.get_xlim() == (0, 49)
    labels = [text.get_text() for text in drawing.figure.legends[0].get_texts()]
    assert labels == ["slow", "fast", "entropy", "truth", "best"]
    drawing.png()


def test_learned_against_true():
    truth = ising.Ising([[0, -0.5], [-0.5, 0]], [0.2, 0.4])
    learned = ising.Ising([[0, -0.6], [-0.6, 0]], [0.25, 0.5])
    drawing = plots.draw_inferred(truth, learned, np.array([0.1, 0.02, 0.03]))
    for axes, reach, points in zip(
        drawing.figure.axes, (0.6, 0.5), ([[-0.5, -0.6]], [[0.2, 0.25], [0.4, 0.5]]), strict=True
    ):
        assert axes.get_xlim() == axes.get_ylim() and axes.get_xlim()[1] > reach
        assert np.array_equal(axes.containers[0].lines[0].get_xydata(), points)
    drawing.png()


def test_more_data_shows_gain_and_loss_on_either_side_of_the_truth():
    sizes = np.array([100, 1000])
    drawing = plots.draw_more_data(sizes, 1 / sizes, 2 / sizes, -7 / sizes, 8 / sizes, 15)
    off, score = drawing.figure.axes
    drawn = {line.get_label(): line.get_ydata() for line in (*off.lines, *score.lines)}
    assert np.array_equal(drawn["fits"], 1 / sizes) and np.array_equal(drawn["bound"], 2 / sizes)
    assert np.array_equal(drawn["fit, on old data"], -7 / sizes)
    assert np.array_equal(drawn["fit, on new data"], 8 / sizes)
    assert drawn["P/2M above, and below"][[0, -1]] == pytest.approx(7.5 / sizes)
    drawing.png()


def test_matrices_share_a_scale():
    rows = [("C", [np.eye(3), -0.5 * np.eye(3)]), ("J", [2 * np.eye(3), np.full((3, 3), np.nan)])]
    drawing = plots.draw_matrices(rows, ["hot", "cold"])
    images = [axes.images[0] for axes in drawing.figure.axes if axes.images]
    assert [image.get_clim() for image in images] == [(-2, 2)] * 4
    drawing.png()


def test_sure_couplings_stand_out():
    J = np.array([[0, 0.31, 0.1], [0.31, 0, -0.7], [0.1, -0.7, 0]])
    errors = np.where(np.eye(3), 0, 0.1)
    drawing = plots.draw_correlation_and_coupling(np.full((3, 3), 0.4), J, errors, ["a", "b", "c"])
    left, right = drawing.figure.axes
    assert {text.get_color() for text in left.texts} == {"black"} and len(left.texts) == 6
    colours = {text.get_text(): text.get_color() for text in right.texts}
    assert colours == {"0.31": "black", "-0.70": "white", "0.10": "dimgrey"}  # white on dark
    drawing.png()


def test_unmixing_shows_all_three():
    law = exact.distribution(np.zeros((3, 3)), np.zeros(3))
    spins = np.random.default_rng(1).choice(exact.states(3), 12, p=law)
    drawing = plots.draw_unmixing(spins, np.eye(3), np.eye(3))
    seen, *_ = drawing.figure.axes
    assert np.array_equal(seen.images[0].get_array(), spins.T) and len(drawing.figure.axes) == 3
    drawing.png()
