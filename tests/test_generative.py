"""Models made of networks: slopes against finite differences, exact laws against plain sums and samples.

Tolerances on sampled frequencies are Z standard errors, Z from a false-alarm rate of 1e-6 shared by 1000 comparisons.
"""

from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest
from models import bits

from course_lib import exact, images
from course_lib.generative import (
    GAN,
    VAE,
    Diffusion,
    Network,
    PerfectDiffusion,
    copying,
    nearest,
    pattern_counts,
    train,
)
from course_lib.generative.diffusion import noisy, step_back

Z = NormalDist().inv_cdf(1 - 1e-6 / (2 * 1000))
BARS = images.bars_and_stripes(4).reshape(30, 16)
SMALL = bits(4)[[0, 3, 5, 10, 12, 15]].astype(np.int8)


def in_double(model):
    """The same networks, with parameters in double precision, off their start so that no bias is 0."""
    rng, parts = np.random.default_rng(5), {}
    for name in model.PARTS:
        old = getattr(model, name).parameters.astype(float)
        parts[name] = replace(getattr(model, name), parameters=old + rng.normal(0, 0.3, old.size))
    return replace(model, **parts)


def frequencies_agree(samples, law):
    """States as the bits of a number, counted, against their probabilities."""
    n = len(samples)
    found = np.bincount(samples.astype(int) @ (1 << np.arange(samples.shape[1])), minlength=len(law)) / n
    return np.all(np.abs(found - law) < Z * np.sqrt(law * (1 - law) / n) + Z**2 / n)


# ---------------------------------------------------------------- slopes


def central(value, model, k, step=1e-5):
    """Slope along one parameter, by differences of fourth order."""
    delta = np.zeros(model.parameters.size)
    delta[k] = step
    near, far = (value(model.step(m * delta)) - value(model.step(-m * delta)) for m in (1, 2))
    return (8 * near - far) / (12 * step)


def assert_slopes(value, model, slope, which):
    chosen = np.random.default_rng(3).choice(which, size=60, replace=False)
    differences = np.array([central(value, model, k) for k in chosen])
    assert np.allclose(slope[chosen], differences, rtol=1e-7, atol=1e-7 * np.abs(slope).max())


@pytest.mark.parametrize("kind", [VAE, Diffusion])
@pytest.mark.parametrize("seed", [1, 2])
def test_slopes_are_those_of_what_is_climbed(kind, seed):
    model = in_double(kind.start(SMALL, n_hidden=6, rng=seed))
    value = lambda model: model.slope(SMALL, rng=seed)[0]  # noqa: E731
    assert_slopes(value, model, model.slope(SMALL, rng=seed)[1], np.arange(model.parameters.size))


@pytest.mark.parametrize("noise", [0.0, 1.5])
def test_each_adversary_climbs_its_own_hill(noise):
    """The judge the value that is returned; the generator the mean log D of what it draws."""
    model = in_double(GAN.start(SMALL, n_hidden=6, noise=noise, rng=1))
    n_generator, (_, slope) = model.generator.parameters.size, model.slope(SMALL, left=0.7, rng=2)
    which = np.arange(slope.size)
    assert_slopes(lambda m: m.slope(SMALL, left=0.7, rng=2)[0], model, slope, which[n_generator:])

    def taken_for_real(m):
        rng = np.random.default_rng(2)
        drawn = np.tanh(m.generator(rng.normal(size=(len(SMALL), m.generator.sizes[0]))))
        rng.normal(size=SMALL.shape)  # what the real ones got
        return -np.mean(np.log1p(np.exp(-m.judge(drawn + 0.7 * noise * rng.normal(size=SMALL.shape)))))

    assert_slopes(taken_for_real, model, slope, which[:n_generator])


def test_slopes_by_the_input():
    network = in_double(VAE.start(SMALL, n_hidden=6, rng=1)).decoder
    z = np.random.default_rng(1).normal(size=(3, 2))
    _, by_input = network.backward(network.activations(z), np.ones((3, 4)))
    for index in np.ndindex(z.shape):
        up, down = z.copy(), z.copy()
        up[index] += 1e-5
        down[index] -= 1e-5
        assert np.isclose(by_input[index], (network(up).sum() - network(down).sum()) / 2e-5, rtol=1e-7, atol=1e-9)


def test_a_network_keeps_its_precision():
    network = Network.start((4, 8, 2), rng=1)
    values = network.activations(np.ones((3, 4)))
    slope, by_input = network.backward(values, np.ones((3, 2)))
    assert {network.parameters.dtype, values[-1].dtype, slope.dtype, by_input.dtype} == {np.dtype("float32")}
    assert network.step(np.ones(58)).parameters.dtype == np.float32


# ---------------------------------------------------------------- the autoencoder


@pytest.mark.parametrize("n_latent", [1, 2])
def test_the_grid_gives_a_law_that_samples_follow(n_latent):
    model = in_double(VAE.start(SMALL, n_latent=n_latent, n_hidden=6, rng=1))
    law = np.exp(model.log_probability(bits(4)))
    assert law.sum() == pytest.approx(1, abs=1e-9)
    assert frequencies_agree(model.sample(100_000, rng=2), law)


def test_the_bound_is_below_the_likelihood():
    model = in_double(VAE.start(SMALL, n_hidden=6, rng=1))
    bounds = [model.slope(SMALL, rng=seed)[0] for seed in range(400)]
    error = np.std(bounds) / 20
    assert np.mean(bounds) + Z * error < model.log_probability(SMALL).mean()


def test_rounded_samples_are_those_of_another_model():
    model = train(VAE.start(BARS, rng=1), BARS, steps=300, rng=1, progress=False).model
    drawn, rounded = model.sample(4000, rng=2), model.sample(4000, rounded=True, rng=2)
    valid = [pattern_counts(x, BARS)[0].sum() for x in (drawn, rounded)]
    assert valid[1] > 1.2 * valid[0]


def test_no_grid_beyond_two_latent_numbers():
    with pytest.raises(ValueError, match="a grid is for one or two latent numbers"):
        VAE.start(SMALL, n_latent=3, rng=1).log_probability(SMALL)


# ---------------------------------------------------------------- diffusion


def test_a_step_back_is_bayes_in_a_table_of_all_values():
    """Start, earlier value and value now of one unit, as a joint law."""
    keep, earlier = 0.3, 0.8
    coin = lambda kept: kept * np.eye(2) + (1 - kept) / 2  # noqa: E731 - from row to column
    joint = coin(earlier)[:, :, None] * coin(keep / earlier)[None, :, :]  # start, earlier, now
    expected = (joint / joint.sum(axis=1, keepdims=True))[:, 1, :]
    for start, now in np.ndindex(2, 2):
        assert step_back(start, np.array(now), keep, earlier) == pytest.approx(expected[start, now])


@pytest.mark.parametrize("keep", [0.0, 0.4, 1.0])
def test_noise_keeps_as_many_as_it_says(keep):
    x = np.ones((1000, 100), int)
    kept = noisy(x, keep, rng=1).mean()
    p = keep + (1 - keep) / 2
    assert abs(kept - p) <= Z * np.sqrt(p * (1 - p) / x.size)


def plain_distribution(model, steps):
    """All states to all states, with one product of probabilities for each pair."""
    states, p = bits(model.n_units), np.full(2**model.n_units, 2.0**-model.n_units)
    for k in range(steps):
        keep, earlier = np.sin(np.pi / 2 * np.array([k, k + 1]) / steps)
        up = step_back(model.denoise(states, keep), states, keep, earlier)
        p = p @ np.prod(np.where(states[None] == 1, up[:, None], 1 - up[:, None]), axis=2)
    return p


@pytest.mark.parametrize("model", [in_double(Diffusion.start(SMALL, n_hidden=6, rng=1)), PerfectDiffusion(SMALL)])
@pytest.mark.parametrize("steps", [1, 2, 7])
def test_the_exact_law_is_the_plain_sum_and_what_samples_follow(model, steps):
    law = model.distribution(steps)
    assert np.allclose(law, plain_distribution(model, steps), atol=1e-6)
    assert frequencies_agree(model.sample(100_000, steps=steps, rng=2), law)


def test_bits_of_an_odd_number_of_units():
    model = PerfectDiffusion(bits(5)[[1, 6, 30]])
    assert np.allclose(model.distribution(3), plain_distribution(model, 3), atol=1e-6)


def test_the_perfect_denoiser_is_bayes_over_the_patterns():
    model, keep = PerfectDiffusion(SMALL), 0.4
    x = bits(4)
    like = np.prod((1 + keep * (2 * x[:, None] - 1) * (2 * SMALL[None] - 1.0)) / 2, axis=2)
    assert np.allclose(model.denoise(x, keep), like @ SMALL / like.sum(axis=1, keepdims=True))


def test_a_noisy_picture_acts_as_fields_on_the_law_of_the_data():
    """All that a denoiser needs are the fields: p(first | now) ~ p(first) exp(sum_i h_i first_i)."""
    model, x = PerfectDiffusion(SMALL), bits(4)
    for keep in (0.1, 0.4, 0.9):
        weight = np.exp(np.arctanh(keep) * (2 * x - 1) @ (2 * SMALL.T - 1.0))
        assert np.allclose(model.denoise(x, keep), weight @ SMALL / weight.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("keep", [0.0, 1.0])
def test_a_denoiser_answers_with_nothing_kept_and_with_all(keep):
    model = Diffusion.start(SMALL, rng=1)
    found = model.denoise(SMALL, keep)
    assert np.all((found >= 0) & (found <= 1)) and (keep == 0 or np.array_equal(found > 0.5, SMALL == 1))


def test_the_perfect_way_back_comes_home_with_many_steps():
    """One step draws each unit alone: all states. More steps come nearer to the patterns, and the bound falls."""
    model = PerfectDiffusion(SMALL)
    valid = [model.distribution(steps)[SMALL @ (1 << np.arange(4))].sum() for steps in (1, 4, 40)]
    assert valid[0] == pytest.approx(6 / 16, abs=0.01) and valid[0] < valid[1] < 0.97 < valid[2]


@pytest.mark.parametrize("steps", [2, 5])
def test_the_bound_of_a_diffusion_is_above_its_exact_value(steps):
    model = in_double(Diffusion.start(SMALL, n_hidden=6, rng=1))
    bounds = model.bound(np.repeat(SMALL, 3000, axis=0), steps, rng=1)
    exactly = -np.log(model.distribution(steps)[SMALL @ (1 << np.arange(4))]).mean()
    error = bounds.std() / np.sqrt(len(bounds))
    assert bounds.mean() > exactly + Z * error


def test_the_bound_of_one_step_that_forgets_is_the_value():
    """At first all units are coins, and the best denoiser does not look at them: the bound has nothing to lose."""
    model = PerfectDiffusion(SMALL)
    exactly = -np.log(model.distribution(1)[SMALL @ (1 << np.arange(4))])
    assert np.allclose(model.bound(SMALL, 1, rng=1), exactly, rtol=1e-6)


def test_too_many_units_for_an_exact_law():
    with pytest.raises(exact.NotSummable, match="at most 16 units can be listed, got 17"):
        PerfectDiffusion(np.zeros((1, 17), int)).distribution(1)


# ---------------------------------------------------------------- training


@pytest.mark.parametrize("kind", [VAE, Diffusion])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_training_climbs(kind, seed):
    history = train(kind.start(BARS, n_hidden=32, rng=seed), BARS, steps=400, rng=seed, progress=False).history
    assert len(history) == 400 and history[-50:].mean() > history[:50].mean() + 0.3


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_short_diffusion_finds_the_patterns(seed):
    fitted = train(Diffusion.start(BARS, n_hidden=64, rng=seed), BARS, steps=2000, rate=0.005, rng=seed, progress=False)
    counts, _ = pattern_counts(fitted.model.sample(2000, steps=30, rng=seed), BARS)
    assert counts.sum() > 1400 and np.all(counts > 0)


def test_the_same_seed_gives_the_same_model():
    twice = [train(GAN.start(SMALL, rng=1), SMALL, steps=20, rng=2, progress=False) for _ in range(2)]
    assert np.array_equal(twice[0].model.parameters, twice[1].model.parameters)
    assert np.array_equal(twice[0].model.sample(9, rng=3), twice[1].model.sample(9, rng=3))


def test_ctrl_c_returns_what_was_reached(monkeypatch):
    calls = []

    def slope(self, x, **options):
        calls.append(1)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return 0.0, np.zeros(self.parameters.size)

    monkeypatch.setattr(VAE, "slope", slope)
    fitted = train(VAE.start(SMALL, rng=1), SMALL, rng=1, progress=False)
    assert fitted.stopped == "interrupted" and len(fitted.history) == 4


def test_only_models_made_of_networks_are_trained():
    with pytest.raises(ValueError, match="model must be a VAE, GAN or Diffusion, got PerfectDiffusion"):
        train(PerfectDiffusion(SMALL), SMALL, rng=1)


# ---------------------------------------------------------------- measures


def test_patterns_are_counted():
    counts, other = pattern_counts(np.concatenate([BARS, BARS[:7], 1 - np.eye(16, dtype=int)]), BARS)
    assert counts.tolist() == [2] * 7 + [1] * 23 and other == 16
    with pytest.raises(ValueError, match="each pattern must stand there once"):
        pattern_counts(BARS, BARS[[0, 0]])


def test_the_nearest_is_that_of_a_plain_search():
    rng = np.random.default_rng(1)
    samples, data = rng.integers(2, size=(50, 12)), rng.integers(2, size=(20, 12))
    assert nearest(samples, data).tolist() == [min(int(np.sum(x != y)) for y in data) for x in samples]


def test_copying_is_seen_and_a_learned_law_is_fair():
    rng = np.random.default_rng(1)
    train_set, test_set = rng.integers(2, size=(2, 100, 30))
    assert copying(train_set, train_set, test_set) == 1
    fresh = rng.integers(2, size=(1000, 30))
    # Samples share their neighbours, and are fair up to the choice of the two sets: averaged over 20 of them.
    shares = [copying(fresh, *rng.integers(2, size=(2, 100, 30))) for _ in range(20)]
    assert abs(np.mean(shares) - 0.5) < 5 * np.std(shares) / np.sqrt(20) + 1e-9
    with pytest.raises(ValueError, match="as many must be for training as for the test, got 100 and 99"):
        copying(fresh, train_set, test_set[:99])
