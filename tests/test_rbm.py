"""Machines of two layers: against reference values, plain sums, finite differences, and themselves.

Tolerances on sampled means come from `sampled`, or are Z standard errors, Z from a false-alarm rate of 1e-6 shared by
1000 comparisons of normal means (Bonferroni).
"""

import zipfile
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
from models import bits, law
from reference import CASES
from sampled import assert_sampled

from course_lib import divergence, images, learning, sampling
from course_lib.rbm import RBM, GaussianRBM, complete, load, mean_field_completion, save, train

Z = NormalDist().inv_cdf(1 - 1e-6 / (2 * 1000))


def reference(name):
    case = CASES[name]
    return {
        key: np.array(value) if isinstance(value, list) else value
        for key, value in {**case["inputs"], **case["expected"]}.items()
    }


def binary(n=5, m=3, seed=1, scale=1.0):
    rng = np.random.default_rng(seed)
    return RBM(rng.normal(0, 0.5, n), rng.normal(0, 0.5, m), rng.normal(0, scale, (n, m)))


def gaussian(seed=2):
    rng = np.random.default_rng(seed)
    return GaussianRBM(rng.normal(0, 0.5, 2), rng.normal(0, 0.5, 3), rng.normal(0, 0.7, (2, 3)), [0.8, 1.2])


MACHINES = pytest.mark.parametrize("model", [binary(), binary(3, 6), gaussian()], ids=["binary", "wide", "Gaussian"])


def nll(model, data):
    return np.mean(model.energy(data)) + model.log_partition()


# ---------------------------------------------------------------- exact


def test_binary_machine_agrees_with_reference():
    row = reference("rbm_bb")
    x, expected = bits(4), np.concatenate([row["x_mean"], row["h_mean"], row["xh_mean"].ravel()])
    model = RBM(row["a"], row["b"], row["W"])
    assert np.isclose(model.log_partition(), row["logZ"], rtol=1e-12)
    assert np.allclose(model.energy(x), row["free_energy"], rtol=1e-9)
    assert np.allclose(np.exp(-model.energy(x) - row["logZ"]), row["p_x"], rtol=1e-9)
    assert np.allclose(learning.exact_moments(model).mean, expected, rtol=1e-9)
    data = np.repeat(x, row["data_counts"], axis=0)
    assert np.isclose(nll(model, data), row["nll"], rtol=1e-9)
    gradient = np.concatenate([row["grad_nll_a"], row["grad_nll_b"], row["grad_nll_W"].ravel()])
    for target in (model.moments(data), model.moments(x, weights=row["data_counts"])):
        assert np.allclose(learning.exact_moments(model).mean - target, gradient, rtol=1e-9, atol=1e-12)


def test_gaussian_machine_agrees_with_reference():
    row = reference("rbm_gb")
    sigma = np.sqrt(row["sigma2"])
    model = GaussianRBM(row["a"], row["b"], row["W"], sigma)
    assert np.isclose(model.log_partition(), row["logZ"], rtol=1e-12)
    assert np.allclose(-model.energy(row["x_test"]) - row["logZ"], row["logp_x_test"], rtol=1e-9)
    assert np.allclose(model.hidden_mean(row["x_test"]), row["p_h1_given_x_test"], rtol=1e-9)
    h = bits(2)
    p_h = np.exp(model.log_weight(h) - row["logZ"])
    assert np.allclose(p_h, row["p_h"], rtol=1e-9) and np.allclose(model.visible_mean(h), row["x_mean_given_h"])
    mean, _, _ = model.unpack(learning.exact_moments(model).mean)
    assert np.allclose(model.a + sigma**2 * mean, row["x_mean"], rtol=1e-9)


@MACHINES
def test_exact_moments_are_those_of_plain_sums_over_the_visible_units(model):
    x, weights = law(model)
    assert np.allclose(learning.exact_moments(model).mean, weights @ model.statistics(x), rtol=1e-9, atol=1e-12)


def test_sums_in_blocks_do_not_depend_on_the_layer_that_is_listed():
    model = binary(14, 16, scale=0.6)
    over = RBM(model.b, model.a, model.W.T)
    log_Z = np.logaddexp.reduce(-model.energy(bits(14)))
    assert model.log_partition() == pytest.approx(log_Z, rel=1e-12) == over.log_partition()
    a, b, W = model.unpack(learning.exact_moments(model).mean)
    assert np.allclose(learning.exact_moments(over).mean, np.concatenate([b, a, W.T.ravel()]), rtol=1e-10)


def test_energies_far_out_stay_finite():
    model = RBM([0.0], [800.0, -800.0], [[800.0, -800.0]])
    assert model.energy([[0], [1]]).tolist() == [-800, -1600] and model.log_partition() == 1600
    assert model.hidden_mean([1]).tolist() == [1, 0]


@MACHINES
def test_free_energy_is_the_joint_one_summed_over_the_hidden_units(model):
    x = sampling.random_states(model, 7, rng=1).astype(float)
    h = bits(len(model.b))
    joint = model.joint_energy(x[:, None], h[None])
    assert np.allclose(-np.logaddexp.reduce(-joint, axis=1), model.energy(x))
    posterior = np.exp(-joint + model.energy(x)[:, None])
    assert np.allclose(posterior @ h, model.hidden_mean(x))


@MACHINES
def test_gap_is_the_gradient_of_the_log_likelihood(model):
    data = sampling.random_states(model, 30, rng=3).astype(float)
    gap = model.moments(data) - learning.exact_moments(model).mean
    for k, direction in enumerate(1e-5 * np.eye(len(gap))):
        slope = (nll(model.step(-direction), data) - nll(model.step(direction), data)) / 2e-5
        assert abs(slope - gap[k]) < 1e-7


@MACHINES
def test_moments_in_either_precision_and_with_weights(model):
    data = sampling.random_states(model, 40, rng=3).astype(float)
    mean = model.statistics(data).mean(axis=0)
    assert np.allclose(model.moments(data), mean, rtol=1e-12, atol=1e-14)
    assert np.allclose(model.moments(data.reshape(4, 10, -1).astype(np.float32)), mean, atol=1e-5)
    counts = np.arange(40) % 3
    assert np.allclose(model.moments(data, weights=counts), model.moments(np.repeat(data, counts, axis=0)))


@MACHINES
def test_a_model_cannot_be_changed(model):
    before = model.parameters.copy()
    for array in (model.a, model.b, model.W, model.parameters):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    with pytest.raises(AttributeError):
        model.a = before[:2]
    moved = model.step(np.arange(len(before)))
    assert np.array_equal(moved.parameters, before + np.arange(len(before))) and type(moved) is type(model)
    assert np.array_equal(model.parameters, before)


def test_hidden_unit_couples_the_two_visible_units_below_it():
    """``log p(x)`` of two units and one hidden is that of an Ising pair, coupling the log of a ratio of sums."""
    b, w, v = -0.7, 1.3, -0.4
    model = RBM([0.2, -0.1], [b], [[w], [v]])
    none, first, second, both = -model.energy(bits(2))
    coupling = np.log((1 + np.exp(b)) * (1 + np.exp(b + w + v)) / ((1 + np.exp(b + w)) * (1 + np.exp(b + v))))
    assert np.isclose(both - first - second + none, coupling)


# ---------------------------------------------------------------- chains


@MACHINES
@pytest.mark.parametrize("seed", range(3))
def test_gibbs_agrees_with_exact_marginals(model, seed):
    rng = np.random.default_rng(seed)
    states = sampling.advance(model, sampling.random_states(model, 20_000, rng=rng), 60, rng=rng)
    assert states.dtype == np.float32
    x, weights = law(model)
    if isinstance(model, RBM):
        assert_sampled(x, weights, states)
        index = (states @ (1 << np.arange(len(model.a)))).astype(int)
        assert_sampled(np.eye(len(x)), weights, np.eye(len(x))[index])
    else:
        for power in (1, 2):
            mean = weights @ x**power
            error = np.sqrt((weights @ x ** (2 * power) - mean**2) / len(states))
            assert np.all(np.abs((states.astype(float) ** power).mean(axis=0) - mean) < Z * error)


@pytest.mark.parametrize("seed", range(3))
def test_draws_given_the_other_layer(seed):
    model, n = binary(), 50_000
    x, h = np.tile([1, 0, 1, 1, 0], (n, 1)), np.tile([0, 1, 1], (n, 1))
    for drawn, p in (
        (model.draw_hidden(x, rng=seed), model.hidden_mean(x[0])),
        (model.draw_visible(h, rng=seed), model.visible_mean(h[0])),
    ):
        assert np.all(np.isin(drawn, [0, 1])) and drawn.dtype == np.float32
        assert np.all(np.abs(drawn.mean(axis=0) - p) < Z * np.sqrt(p * (1 - p) / n))
    hills = gaussian()
    drawn, mean = hills.draw_visible(h, rng=seed), hills.visible_mean(h[0])
    assert np.all(np.abs(drawn.mean(axis=0) - mean) < Z * hills.sigma / np.sqrt(n))
    assert np.all(np.abs(drawn.std(axis=0) / hills.sigma - 1) < Z / np.sqrt(2 * n))


def test_units_in_extreme_fields_are_certain():
    model = RBM(np.array([100.0, -100, 0]), [0.0], np.zeros((3, 1)))
    drawn = sampling.advance(model, np.zeros((1001, 3)), 1, rng=1)
    assert np.all(drawn[:, 0] == 1) and np.all(drawn[:, 1] == 0) and 0 < drawn[:, 2].mean() < 1


@MACHINES
def test_uncoupled_has_the_log_partition_it_says(model):
    free, log_Z = divergence.uncoupled(model)
    assert not np.any(free.W) and np.array_equal(free.a, model.a) and np.array_equal(free.b, model.b)
    assert log_Z == pytest.approx(free.log_partition(), rel=1e-12)


@pytest.mark.parametrize("model", [binary(12, 8, scale=1.0), gaussian()], ids=["binary", "Gaussian"])
@pytest.mark.parametrize("seed", range(5))
def test_ais_covers_the_exact_log_partition(model, seed):
    estimate, error = divergence.ais_log_partition(model, n_temperatures=200, rng=seed, progress=False)
    assert abs(estimate - model.log_partition()) < Z * error and error < 0.05
    base = divergence.uncoupled(model)[0].step(
        np.r_[0.1 * np.ones(len(model.a)), np.zeros(len(model.b) + model.W.size)]
    )
    estimate, error = divergence.ais_log_partition(model, base, n_temperatures=200, rng=seed, progress=False)
    assert abs(estimate - model.log_partition()) < Z * error


# ---------------------------------------------------------------- learning

BARS = images.bars_and_stripes(4).reshape(30, 16)


def test_bars_and_stripes():
    assert len(np.unique(BARS, axis=0)) == 30 and set(np.unique(BARS)) == {0, 1}
    for picture in BARS.reshape(-1, 4, 4):
        assert np.all(picture == picture[:1]) or np.all(picture == picture[:, :1])


@pytest.mark.parametrize("seed", range(3))
def test_exact_gradient_learns_bars_and_stripes(seed):
    """To 0.02 nats of the entropy log 30, below which no model can come."""
    start = RBM.start(BARS, 10, rng=seed)
    fitted = train(start, BARS, method="exact", epochs=1500, rate=0.1, adam=True, rng=seed, progress=False)
    assert fitted.stopped == "steps" and len(fitted.history) == 1501
    assert np.log(30) < nll(fitted.model, BARS) < np.log(30) + 0.02


@pytest.mark.parametrize("method", ["pcd", "cd"])
@pytest.mark.parametrize("options", [{}, {"momentum": 0.5}, {"adam": True, "rate": 0.01}, {"centred": False}])
def test_every_way_to_train_learns(method, options):
    start = RBM.start(BARS, 10, rng=1)
    fitted = train(start, BARS, method=method, epochs=1000, batch_size=10, rng=2, progress=False, **options)
    assert nll(fitted.model, BARS) < nll(start, BARS) - 3


def test_gaussian_machine_finds_two_hills():
    """Their centres, to the standard error of a mean; between them the density is low."""
    rng = np.random.default_rng(1)
    data = rng.normal(0, 0.5, (2000, 1)) + 3 * rng.integers(2, size=(2000, 1))
    start = GaussianRBM.start(data, 1, sigma=0.5, rng=1)
    fitted = train(start, data, method="exact", epochs=3000, rate=0.05, adam=True, rng=1, progress=False).model
    assert np.allclose(sorted(fitted.visible_mean([[0], [1]]).ravel()), [0, 3], atol=Z * 0.5 / np.sqrt(900))
    true = -np.log(0.5 * sum(np.exp(-2 * (data - c) ** 2) for c in (0, 3)) / np.sqrt(np.pi / 2)).mean()
    assert nll(fitted, data) < true + 0.002


def test_centred_slopes_climb_too():
    """Whatever the offsets, a small step along them makes the data likelier, and at a maximum there is none."""
    model = binary()
    data = sampling.random_states(model, 50, rng=1)
    plain, centred = (
        train(model, data, method="exact", epochs=1, rate=1e-4, centred=yes, rng=1, progress=False).model
        for yes in (False, True)
    )
    assert nll(plain, data) < nll(model, data) and nll(centred, data) < nll(model, data)
    assert not np.allclose(plain.parameters - model.parameters, centred.parameters - model.parameters, rtol=0.1)


def test_centred_training_does_not_care_which_value_is_called_one():
    """With data turned from x to 1 - x it goes the same way, in mirrored parameters; plain slopes do not."""
    start, data = binary(6, 4, scale=0.1), (np.random.default_rng(3).random((40, 6)) < 0.2).astype(float)
    mirrored = RBM(-start.a, start.b + start.W.sum(axis=0), -start.W)
    assert nll(mirrored, 1 - data) == pytest.approx(nll(start, data))
    for centred in (True, False):
        options = {"method": "exact", "epochs": 100, "rate": 0.5, "centred": centred, "rng": 1, "progress": False}
        one, other = train(start, data, **options).model, train(mirrored, 1 - data, **options).model
        apart = abs(nll(one, data) - nll(other, 1 - data))
        assert (apart < 1e-9) if centred else (apart > 1e-4)


def test_weight_decay_pulls_on_the_weights_only():
    data = [[0, 0], [1, 1]] * 50
    free, held = (
        train(RBM.start(data, 2, rng=1), data, method="exact", epochs=500, rate=0.5, l2=l2, rng=1, progress=False).model
        for l2 in (0, 0.1)
    )
    assert np.abs(held.W).max() < 0.5 < np.abs(free.W).max()
    lone = RBM.start([[1], [1], [1], [0]], 1, rng=1)
    fitted = train(lone, [[1], [1], [1], [0]], method="exact", epochs=2000, rate=0.05, l2=10, rng=1, progress=False)
    assert np.isclose(fitted.model.a[0], np.log(3), atol=1e-3)


def test_same_seed_same_machine():
    one, same, other = (
        train(RBM.start(BARS, 5, rng=1), BARS, epochs=3, batch_size=7, rng=seed, progress=False).model.parameters
        for seed in (1, 1, 2)
    )
    assert np.array_equal(one, same) and not np.array_equal(one, other)


def test_live_curve_and_gap():
    curve = learning.LearningCurve(BARS[::2], held_out=BARS[1::2], every=100)
    watch = learning.GeneralisationGap(BARS[::2], BARS[1::2], every=100)

    def both(model, gap):
        curve(model, gap)
        watch(model, gap)

    train(RBM.start(BARS[::2], 8, rng=1), BARS[::2], method="exact", epochs=300, adam=True, rng=1, callback=both)
    assert curve.steps == watch.steps == [0, 100, 200, 300] and curve.nll[-1] < curve.nll[0] - 1
    assert np.allclose(watch.gap, np.subtract(curve.held_out_nll, curve.nll)) and watch.gap[-1] > 1


def test_interrupt_returns_what_was_reached():
    seen = []

    def impatient(model, gap):
        seen.append(model)
        if len(seen) == 20:
            raise KeyboardInterrupt

    fitted = train(RBM.start(BARS, 5, rng=1), BARS, epochs=1000, callback=impatient, rng=1, progress=False)
    assert fitted.stopped == "interrupted" and fitted.model is seen[-1] and len(fitted.history) == 20


@pytest.mark.parametrize("options", [{"rate": 100}, {"rate": 10, "adam": True}, {"rate": 3, "momentum": 0.9}])
@pytest.mark.parametrize("centred", [True, False])
def test_a_rate_that_is_too_large_is_caught(options, centred):
    rng = np.random.default_rng(1)
    data = (rng.random((500, 64)) < 0.2 + 0.6 * rng.integers(2, size=(500, 1))).astype(float)
    with pytest.raises(
        learning.Diverged, match=r"the rate is too large: after \d+ steps .*pass a smaller rate"
    ) as stop:
        train(RBM.start(data, 32, rng=1), data, epochs=50, centred=centred, rng=1, progress=False, **options)
    assert np.all(np.isfinite(stop.value.model.parameters))


# ---------------------------------------------------------------- completion


@pytest.mark.parametrize("seed", range(3))
def test_completion_draws_from_the_conditional_law(seed):
    model, known, n = binary(), np.array([True, True, False, False, False]), 20_000
    given = np.tile([1, 0, 1, 1, 1], (n, 1))
    drawn = complete(model, given, known, sweeps=60, rng=seed)
    assert np.all(drawn[:, :2] == [1, 0])
    x, weights = law(model)
    fits = np.all(x[:, :2] == [1, 0], axis=1)
    assert_sampled(np.eye(8), weights[fits] / weights[fits].sum(), np.eye(8)[(drawn[:, 2:] @ [1, 2, 4]).astype(int)])


def test_mean_field_completion_is_near_where_couplings_are_weak():
    model, known = binary(scale=0.2), np.array([True, True, False, False, False])
    x, weights = law(model)
    fits = np.all(x[:, :2] == [1, 0], axis=1)
    exact = weights[fits] @ x[fits] / weights[fits].sum()
    found = mean_field_completion(model, [1, 0, 0, 0, 0], known)
    assert np.allclose(found, exact, atol=0.01) and not np.allclose(found[2:], 0.5, atol=0.05)
    assert np.array_equal(mean_field_completion(model, x, np.ones(5, bool)), x)


def test_completion_of_real_values():
    """Far to the right in the first unit: the hidden unit is on, and moves the second."""
    model = GaussianRBM([0, 0], [-8], [[4], [4]], 1)
    far, near = mean_field_completion(model, [[6.0, 0], [-2, 0]], [True, False])
    assert np.allclose(far, [6, 4], atol=1e-3) and np.allclose(near, [-2, 0], atol=1e-3)
    drawn = complete(model, np.tile([6.0, 0], (5000, 1)), [True, False], sweeps=20, rng=1)
    assert np.all(drawn[:, 0] == 6) and abs(drawn[:, 1].mean() - 4) < Z / np.sqrt(5000)


# ---------------------------------------------------------------- files


@MACHINES
def test_saved_and_loaded(model, tmp_path):
    save(model, tmp_path / "machine.npz")
    again = load(str(tmp_path / "machine.npz"))
    assert type(again) is type(model) and np.array_equal(again.parameters, model.parameters)
    assert isinstance(model, RBM) or np.array_equal(again.sigma, model.sigma)
    save(binary(seed=9), tmp_path / "machine.npz")
    assert np.array_equal(load(tmp_path / "machine.npz").parameters, binary(seed=9).parameters)
    assert [path.name for path in tmp_path.iterdir()] == ["machine.npz"]


def test_a_save_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    save(binary(), tmp_path / "machine.npz")

    def pressed(path, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", pressed)
    with pytest.raises(KeyboardInterrupt):
        save(binary(seed=9), tmp_path / "machine.npz")
    assert np.array_equal(load(tmp_path / "machine.npz").parameters, binary().parameters)
    assert [path.name for path in tmp_path.iterdir()] == ["machine.npz"]


def test_another_file_is_refused(tmp_path):
    path, good = tmp_path / "file.npz", {"a": [0.0], "b": [0.0], "W": [[0.0]]}
    for says, arrays in {
        r"file\.npz holds no RBM: pass a file that rbm\.save wrote": {**good, "kind": "Ising", "version": 1},
        r"file\.npz holds no RBM": good,
        r"file\.npz is of version 2, and this course reads version 1": {**good, "kind": "RBM", "version": 2},
        r"file\.npz lacks sigma of its GaussianRBM": {**good, "kind": "GaussianRBM", "version": 1},
        "a must be finite": {**good, "a": [np.nan], "kind": "RBM", "version": 1},
    }.items():
        np.savez(path, **{name: np.array(value) for name, value in arrays.items()})
        with pytest.raises(ValueError, match=says):
            load(path)
    np.savez(path, allow_pickle=True, kind=np.array(["RBM", None], dtype=object), version=1)
    whole = path.read_bytes()
    for content in (whole, b"", b"not a file of arrays", whole[:100]):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="holds no RBM"):
            load(path)
    np.save(tmp_path / "array.npy", np.ones(3))
    with pytest.raises(ValueError, match=r"array\.npy holds no RBM"):
        load(tmp_path / "array.npy")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("kind.npy", "RBM")
    with pytest.raises(ValueError, match="holds no RBM"):
        load(path)
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "missing.npz")
    with pytest.raises(ValueError, match="must be an RBM or a GaussianRBM, got 3"):
        save(3, path)


# ---------------------------------------------------------------- bad input

SPINS, GREY, UNITS = [[-1, 1]], [[0.3, 1.0]], [[0, 1], [1, 1]]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: RBM([0, 0], [0], [[1, 2]]), r"shape \(2, 1\), got shape \(1, 2\): this one is transposed"),
        (lambda: RBM([0, 0], [0], [[1], [2], [3]]), r"shape \(2, 1\), got shape \(3, 1\)"),
        (lambda: RBM([np.nan], [0], [[1]]), "a must be finite, got 1 entries"),
        (lambda: RBM([0], [], np.zeros((1, 0))), "b must hold one bias for each unit"),
        (lambda: GaussianRBM([0], [0], [[1]], 0), "sigma must be one finite number above 0, or one for each of the 1"),
        (lambda: GaussianRBM([0, 0], [0], [[1], [1]], [1, -1]), "sigma must be"),
        (lambda: GaussianRBM([0, 0], [0], [[1], [1]], [1, 1, 1]), "for each of the 2 visible units"),
        (lambda: GaussianRBM([0], [0], [[1]], np.nan), "sigma must be"),
        (lambda: GaussianRBM.start([[1.0, 2], [1, 3]], 1, rng=1), "sigma must be .* leave out what does not vary"),
        (lambda: binary(2).energy(SPINS), r"units must be 0 or 1, got the values -1, 1: convert .* inputs\.to_units"),
        (lambda: binary(2).moments(GREY), r"got the values 0\.3, 1: .*to_units\(x > 0\.5\)"),
        (lambda: binary(2).energy([[np.nan, 1]]), "got the values NaN"),
        (lambda: binary(3).energy(UNITS), r"configurations of 3 units.*got shape \(2, 2\)"),
        (lambda: binary(2).moments(np.empty((0, 2))), "the data are empty"),
        (lambda: binary(2).joint_energy(UNITS, [[2, 0, 1]]), "units must be 0 or 1"),
        (lambda: gaussian().energy([[np.inf, 0]]), "values must be finite, got 1"),
        (lambda: binary(2).step(np.zeros(3)), "one number for each of the 11 parameters"),
        (lambda: binary(2).step(np.full(11, np.inf)), "finite parameters"),
        (lambda: binary(21, 22).log_partition(), r"smaller layer, at most 20 units, got 21: .*ais_log_partition"),
        (lambda: learning.exact_moments(binary(30, 21)), "at most 20 units, got 21"),
        (lambda: GaussianRBM([0], np.zeros(21), np.ones((1, 21)), 1).log_partition(), "hidden units, at most 20"),
        (lambda: RBM.start(UNITS, 0, rng=1), "n_hidden must be a whole number, 1 or more"),
        (lambda: train(binary(3), UNITS, rng=1), "configurations of 3 units"),
        (lambda: train(binary(2), SPINS, rng=1), "units must be 0 or 1"),
        (lambda: train(binary(2), UNITS, batch_size=3, rng=1), "no larger than the data, 2 samples, got a size of 3"),
        (lambda: train(binary(2), UNITS, rate=0, rng=1), "rate must be above 0"),
        (lambda: train(binary(2), UNITS, rate=np.nan, rng=1), "rate must be one finite number"),
        (lambda: train(binary(2), UNITS, momentum=1, rng=1), "momentum must be below 1"),
        (lambda: train(binary(2), UNITS, momentum=0.5, adam=True, rng=1), "adam has a momentum of its own"),
        (lambda: train(binary(2), UNITS, l2=-1, rng=1), "l2 must be one finite number, 0 or above"),
        (lambda: train(binary(2), UNITS, epochs=0, rng=1), "epochs must be a whole number, 1 or more"),
        (lambda: train(binary(2), UNITS, method="newton", rng=1), "method must be one of 'pcd', 'cd', 'exact'"),
        (lambda: train(binary(21, 22), np.ones((2, 21)), method="exact", rng=1), "at most 20 units"),
        (lambda: train("model", UNITS, rng=1), "model must be an RBM or a GaussianRBM"),
        (lambda: sampling.advance(binary(2), SPINS, 1, rng=1), "units must be 0 or 1"),
        (lambda: complete(binary(2), UNITS, [1, 0], rng=1), "known must be .* for each of the 2 .* got int64 of"),
        (lambda: complete(binary(2), UNITS, [True] * 3, rng=1), r"got bool of shape \(3,\)"),
        (lambda: mean_field_completion(binary(2), GREY, [True, False]), "units must be 0 or 1"),
        (lambda: images.bars_and_stripes(11), "size must be 10 at most"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(call, says):
    with pytest.raises(ValueError, match=says):
        call()
