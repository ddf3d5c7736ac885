"""Hopfield networks against reference values, identities, enumeration, and slow loops that say the same."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import CASES
from sampled import assert_law

from course_lib import exact, hopfield, ising, learning, sampling
from course_lib.hopfield import downhill, rules
from course_lib.ising import Ising


def random_patterns(n_patterns, n, seed):
    return 2 * np.random.default_rng(seed).integers(2, size=(n_patterns, n), dtype=np.int8) - 1


def blank(n):
    return Ising(np.zeros((n, n)), np.zeros(n))


@st.composite
def patterns_of_spins(draw):
    n_patterns, n = draw(st.integers(1, 8)), draw(st.integers(2, 12))
    return random_patterns(n_patterns, n, draw(st.integers(0, 2**32)))


# ---------------------------------------------------------------- Hebb's rule


def test_hebb_energies_and_stability_are_the_reference():
    case = CASES["hopfield_hebb12"]
    patterns, expected = case["inputs"]["patterns"], case["expected"]
    model = hopfield.hebb(patterns)
    assert np.allclose(model.J, expected["W"], rtol=0, atol=1e-15) and not model.h.any()
    assert np.allclose(model.energy(patterns), expected["energy_of_patterns"], rtol=1e-14)
    assert np.array_equal(hopfield.is_stable(model, patterns), expected["stable"])


@given(patterns_of_spins())
@settings(deadline=None, max_examples=30)
def test_energy_is_minus_half_n_times_the_sum_of_squared_overlaps(patterns):
    """Of every state: E = -(N/2) sum_mu m_mu^2 + P/2, where P/2 stands for the diagonal that is left out."""
    n_patterns, n = patterns.shape
    states = exact.states(n)
    expected = -n / 2 * np.sum(hopfield.overlap(states, patterns) ** 2, axis=1) + n_patterns / 2
    assert np.allclose(hopfield.hebb(patterns).energy(states), expected, atol=1e-12)


@given(patterns_of_spins())
@settings(deadline=None, max_examples=30)
def test_first_plain_step_of_the_boltzmann_gradient_is_hebbs_rule(patterns):
    """Of size P/N from zero, with exact moments: the couplings to round-off, and the fields are the sum over N."""
    n_patterns, n = patterns.shape
    options = {"plain": True, "step_size": n_patterns / n, "max_steps": 1, "progress": False}
    fitted = learning.fit(blank(n), patterns, learning.exact_moments, **options)
    assert np.allclose(fitted.J, hopfield.hebb(patterns).J, rtol=0, atol=1e-14)
    assert np.allclose(fitted.h, patterns.sum(axis=0) / n, rtol=0, atol=1e-14)


def test_a_default_step_is_shorter_than_hebb_and_a_sampled_one_misses_by_its_noise():
    patterns = random_patterns(3, 12, 5)
    couplings = hopfield.hebb(patterns).J
    default = learning.fit(blank(12), patterns, learning.exact_moments, max_steps=1, progress=False)
    share = np.sum(default.J * couplings) / np.sum(couplings**2)
    assert share < 0.7 and np.allclose(default.J, share * couplings)
    sampled = learning.fresh_chains(10_000, 10, rng=1)
    options = {"plain": True, "step_size": 3 / 12, "max_steps": 1, "progress": False}
    noisy = learning.fit(blank(12), patterns, sampled, **options)
    miss = (noisy.J - couplings)[np.triu_indices(12, 1)] / (3 / 12 / np.sqrt(10_000))
    assert 0.6 < miss.std() < 1.4 and np.abs(miss).max() < 6  # 66 normal numbers


def test_mirror_images_are_stored_together():
    patterns = random_patterns(5, 101, 1)
    for rule in (hopfield.hebb, hopfield.pseudo_inverse, hopfield.row_by_row):
        assert np.array_equal(rule(patterns).J, rule(-patterns).J)
        assert np.all(hopfield.is_stable(rule(patterns), np.concatenate([patterns, -patterns])))


def test_couplings_of_many_spins_are_made_some_rows_at_a_time(monkeypatch):
    patterns = random_patterns(7, 50, 2)
    at_once = hopfield.hebb(patterns).J, hopfield.pseudo_inverse(patterns).J
    monkeypatch.setattr(rules, "TERMS_AT_A_TIME", 1000)
    assert np.allclose(hopfield.hebb(patterns).J, at_once[0], atol=1e-15)
    assert np.allclose(hopfield.pseudo_inverse(patterns).J, at_once[1], atol=1e-15)


# ---------------------------------------------------------------- other rules


def alike(n_patterns, n, seed):
    """Patterns that resemble each other: each differs from one of them in a tenth of the spins."""
    return hopfield.corrupt(np.repeat(random_patterns(1, n, seed), n_patterns, axis=0), 0.1, rng=seed)


@pytest.mark.parametrize("make", [random_patterns, alike])
def test_projection_reproduces_every_pattern(make):
    patterns = make(40, 100, 3)
    model = hopfield.pseudo_inverse(patterns)
    # What the diagonal took away is what is missing in the fields: 1 - J_ii.
    pulls = patterns * (patterns @ model.J)
    diagonal = 1 - pulls[0]
    assert np.allclose(pulls, 1 - diagonal) and np.all(diagonal < 1)
    projection = model.J + np.diag(diagonal)
    assert np.allclose(projection @ projection, projection, atol=1e-10)
    assert np.isclose(np.trace(projection), 40)


def test_projection_of_patterns_that_depend_on_each_other():
    patterns = random_patterns(10, 60, 4)
    again = np.concatenate([patterns, -patterns[:3], patterns[5:]])
    assert np.allclose(hopfield.pseudo_inverse(again).J, hopfield.pseudo_inverse(patterns).J, atol=1e-12)


def test_alike_patterns_need_the_projection_or_learning():
    patterns = alike(20, 100, 6)
    stable = [
        hopfield.is_stable(rule(patterns), patterns).mean()
        for rule in (hopfield.hebb, hopfield.pseudo_inverse, hopfield.row_by_row)
    ]
    assert stable[0] == 0 and stable[1:] == [1, 1]


@pytest.mark.parametrize("seed", range(3))
def test_row_by_row_stores_as_many_patterns_as_spins(seed):
    patterns = random_patterns(60, 60, seed)
    model = hopfield.row_by_row(patterns)
    assert not model.h.any() and np.all(hopfield.is_stable(model, patterns))
    assert not np.any(hopfield.is_stable(hopfield.hebb(patterns), patterns))


def test_row_by_row_is_where_the_slopes_of_the_rows_cancel_the_penalty():
    """Of spin i of a pattern: slope xi_i xi_j (1 - tanh(xi_i field)), from both rows of a pair."""
    patterns, l2 = random_patterns(6, 9, 1), 0.02
    J = hopfield.row_by_row(patterns, l2=l2).J
    wrong = 1 - np.tanh(patterns * (patterns @ J))
    slope = np.einsum("mi,mj,mi->ij", patterns, patterns, wrong) / len(patterns)
    slope = slope + slope.T - l2 * J
    assert np.abs(slope[np.triu_indices(9, 1)]).max() < 1e-8


# ---------------------------------------------------------------- recall


def slow_recall(model, cue, rng):
    """One spin at a time, each field summed anew; fields that are 0 but for round-off leave the spin."""
    state, n = np.array(cue, float), len(cue)
    for sweep in range(1, 101):
        before = state.copy()
        for i in rng.permutation(n):
            field = np.round(model.J[i] @ state + model.h[i], 9)
            if field != 0:
                state[i] = np.sign(field)
        if np.array_equal(state, before):
            return state, sweep - 1
    raise AssertionError


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("n_patterns", [4, 13])
def test_recall_is_the_slow_loop(seed, n_patterns):
    """Even numbers of patterns make many fields that are exactly 0."""
    patterns = random_patterns(n_patterns, 80, seed)
    model = hopfield.hebb(patterns)
    cue = hopfield.corrupt(patterns[0], 0.25, rng=seed)
    state, sweeps = slow_recall(model, cue, np.random.default_rng(seed))
    found = hopfield.recall(model, cue, rng=np.random.default_rng(seed))
    assert np.array_equal(found.states, state) and found.sweeps == sweeps and found.settled


@pytest.mark.parametrize("seed", range(4))
def test_recall_ends_where_no_flip_pays_and_lower_than_it_began(seed):
    rng = np.random.default_rng(seed)
    model = Ising(ising.random_couplings(10, rng), 0.3 * rng.normal(size=10))
    cues = exact.states(10)
    found = hopfield.recall(model, cues, rng=seed)
    assert np.all(ising.flip_cost(found.states, model.J, model.h) >= -1e-12)
    assert np.all(found.settled) and np.all(hopfield.is_stable(model, found.states))
    moved = np.any(found.states != cues, axis=1)
    assert np.all(model.energy(found.states) < model.energy(cues), where=moved)
    assert np.array_equal(found.sweeps > 0, moved)
    assert np.array_equal(~moved, hopfield.is_stable(model, cues))


def test_recall_does_not_depend_on_how_the_cues_are_put_in_blocks(monkeypatch):
    patterns = random_patterns(12, 60, 1)
    cues = hopfield.corrupt(patterns, 0.2, rng=2)
    for recall in (
        lambda: hopfield.recall(hopfield.hebb(patterns), cues, rng=3),
        lambda: hopfield.synchronous_recall(hopfield.hebb(patterns), cues),
        lambda: hopfield.dense_recall(patterns, cues, 3, rng=3),
    ):
        monkeypatch.setattr(downhill, "TERMS_AT_A_TIME", 10**8)
        at_once = recall()
        monkeypatch.setattr(downhill, "TERMS_AT_A_TIME", 10_000)
        in_blocks = recall()
        assert np.array_equal(at_once.states, in_blocks.states)
        assert np.array_equal(at_once.settled, in_blocks.settled)


def test_recall_keeps_the_shape_and_the_cue():
    patterns = random_patterns(6, 30, 1)
    model, cues = hopfield.hebb(patterns), random_patterns(12, 30, 2).reshape(3, 4, 30)
    before = cues.copy()
    for found in (hopfield.recall(model, cues, rng=1), hopfield.synchronous_recall(model, cues)):
        assert found.states.shape == cues.shape and found.states.dtype == np.int8
        assert found.sweeps.shape == found.settled.shape == (3, 4)
    assert np.array_equal(cues, before)
    one = hopfield.recall(model, cues[0, 0], rng=1)
    assert np.array_equal(one.states, hopfield.recall(model, cues, rng=1).states[0, 0])


def test_one_sweep_may_be_too_few():
    model, cues = hopfield.hebb(random_patterns(30, 200, 1)), random_patterns(50, 200, 2)
    short = hopfield.recall(model, cues, max_sweeps=1, rng=1)
    assert np.all(short.sweeps == 1) and not np.any(short.settled)
    assert np.all(model.energy(short.states) < model.energy(cues))
    assert np.all(hopfield.recall(model, cues, rng=1).settled)


@pytest.mark.parametrize("seed", range(3))
def test_synchronous_recall_is_all_spins_along_their_fields(seed):
    patterns = random_patterns(8, 40, seed)
    model, cues = hopfield.hebb(patterns), hopfield.corrupt(patterns, 0.3, rng=seed)
    fields = np.round(cues @ model.J, 9)
    once = np.where(fields == 0, cues, np.sign(fields))
    assert np.array_equal(hopfield.synchronous_recall(model, cues, max_sweeps=1).states, once)
    found = hopfield.synchronous_recall(model, cues)
    assert np.array_equal(found.settled, hopfield.is_stable(model, found.states))
    twice = hopfield.synchronous_recall(model, found.states, max_sweeps=2).states
    assert np.array_equal(twice, found.states)  # a state, or a pair that alternates


def test_two_states_alternate_under_synchronous_recall_only():
    model = Ising(-ising.chain(4, periodic=False), np.zeros(4))
    swing = hopfield.synchronous_recall(model, np.ones(4))
    assert not swing.settled and hopfield.recall(model, np.ones(4), rng=1).settled


# ---------------------------------------------------------------- warm recall


def test_film_at_zero_is_recall_sweep_by_sweep():
    patterns = random_patterns(20, 150, 1)
    model, cues = hopfield.hebb(patterns), hopfield.corrupt(patterns, 0.2, rng=2)
    frames = hopfield.film(model, cues, np.zeros(40), rng=3)
    assert frames.shape == (41, 20, 150) and np.array_equal(frames[0], cues)
    energies = model.energy(frames)
    assert np.all(np.diff(energies, axis=0) <= 1e-12)
    assert np.all(hopfield.is_stable(model, frames[-1]))


def test_film_at_a_temperature_draws_from_boltzmanns_law():
    model = hopfield.hebb(random_patterns(2, 8, 1))
    cues = np.repeat(random_patterns(1, 8, 2), 40_000, axis=0)
    frames = hopfield.film(model, cues, [3.0, 0.8, *[0.8] * 40], rng=4)
    assert_law(exact.distribution(model.J, model.h, beta=1 / 0.8), frames[-1])


@pytest.mark.parametrize("seed", range(3))
def test_a_memory_lasts_below_the_melting_point_and_not_above(seed):
    """One pattern of N spins is a ferromagnet in disguise: m = tanh(m / T), 0.9575 at T = 0.5, and 0 above T = 1."""
    pattern = random_patterns(1, 1000, seed)
    model, cues = hopfield.hebb(pattern), np.repeat(pattern, 20, axis=0)
    cold, hot = (hopfield.film(model, cues, [T] * 100, rng=seed)[-1] for T in (0.5, 1.5))
    # The mean over N spins has a deviation of sqrt((1 - m^2) / N) and somewhat more: 0.02 at T = 0.5, 0.06 at 1.5.
    assert abs(hopfield.overlap(cold, pattern).mean() - 0.9575) < 0.02
    assert abs(hopfield.overlap(hot, pattern).mean()) < 0.1


def test_annealing_finds_the_deepest_valley_which_need_not_be_the_cue():
    """Of a pattern stored twice and one stored once the first is deeper, wherever the cue is."""
    patterns = random_patterns(2, 60, 3)
    model = hopfield.hebb([patterns[0], patterns[0], patterns[1]])
    found = sampling.anneal(model, n_chains=20, rng=1, progress=False)
    assert np.isclose(abs(hopfield.overlap(found.best_state, patterns)[0]), 1)
    assert np.array_equal(hopfield.recall(model, patterns[1], rng=1).states, patterns[1])


# ---------------------------------------------------------------- what came back


def test_overlaps_beyond_127_spins():
    """The sums of int8 products would wrap round."""
    up = np.ones((1, 300), np.int8)
    assert hopfield.overlap(up, up) == 1


@pytest.mark.parametrize(("share", "turned"), [(0, 0), (0.1, 3), (0.5, 15), (1, 30)])
def test_corrupt_turns_so_many_spins_anywhere(share, turned):
    patterns = random_patterns(4000, 30, 1)
    cues = hopfield.corrupt(patterns, share, rng=2)
    differ = cues != patterns
    assert np.all(differ.sum(axis=1) == turned)
    # Each place in a share of the rows, within 6 standard errors.
    assert np.abs(differ.mean(axis=0) - turned / 30).max() <= 6 * np.sqrt(0.25 / 4000)


def test_identify_knows_mixtures_and_strangers():
    patterns = random_patterns(9, 2001, 1)
    mixtures = [np.sign(patterns[:3].sum(axis=0)), np.sign(patterns[4] - patterns[5] - patterns[8])]
    five = np.sign(patterns[:5].sum(axis=0))
    strangers = [random_patterns(1, 2001, 7)[0], np.where(patterns[0] == 1, patterns[1], -1)]
    states = [patterns[2], -patterns[6], *mixtures, five, *strangers]
    found = hopfield.identify(states, patterns)
    assert found.kinds.tolist() == ["memory", "mirror", "mixture", "mixture", "mixture", "other", "other"]
    assert found.nearest[:2].tolist() == [2, 6] and found.overlaps[:2].tolist() == [1, -1]
    assert np.allclose(np.abs(hopfield.overlap(mixtures, patterns)).max(axis=1), 0.5, atol=0.08)


def test_identify_takes_any_shape_and_few_patterns():
    patterns = random_patterns(2, 40, 1)
    assert hopfield.identify(patterns[0], patterns).kinds == "memory"
    assert hopfield.identify(np.stack([patterns, -patterns]), patterns).kinds.shape == (2, 2)


# ---------------------------------------------------------------- capacity


@pytest.mark.parametrize("seed", range(3))
def test_capacity_curve_is_the_reference(seed):
    """Recall from the pattern, N = 1000; the reference rests on 45 cues a point, hence its tolerance of 0.12."""
    case = CASES["hopfield_recall"]
    rows = {row[0]: row[4] for row in case["expected"]["rows"]}
    loads = [0.10, 0.138, 0.15, 0.20]
    found = hopfield.capacity(1000, loads, n_networks=5, rng=seed)
    assert np.allclose(found.loads, loads)
    assert np.abs(found.recalled.mean(axis=1) - [rows[load] for load in loads]).max() < case["atol"]


@pytest.mark.parametrize("load", [0.138, 0.2])
def test_share_of_unstable_bits_is_the_references(load):
    """Before any recall a bit is against its field with probability erfc(1 / sqrt(2 alpha)) / 2.

    With N spins and P patterns 1 / alpha is (N - 1) / (P - 1): 2 % fewer here. Twenty networks tell 1 %.
    """
    n, n_patterns, wrong = 1000, round(1000 * load), []
    expected = CASES["hopfield_recall"]["expected"]["one_step_bit_error"][str(load)]
    assert np.isclose(math.erfc(1 / np.sqrt(2 * load)) / 2, expected)
    for seed in range(20):
        patterns = random_patterns(n_patterns, n, seed)
        wrong.append(np.mean(patterns * (patterns @ hopfield.hebb(patterns).J) < 0))
    finite = math.erfc(np.sqrt((n - 1) / (n_patterns - 1) / 2)) / 2
    assert abs(np.mean(wrong) - finite) < 6 * np.std(wrong) / np.sqrt(20) < 0.1 * expected


def test_capacity_of_other_rules_and_away_from_the_pattern():
    at, away = (hopfield.capacity(200, [0.14], flipped=flipped, n_networks=8, rng=1) for flipped in (0.0, 0.3))
    assert at.recalled.mean() > away.recalled.mean() + 0.2
    projection = hopfield.capacity(200, [0.3, 0.5], rule=hopfield.pseudo_inverse, flipped=0.05, rng=1)
    assert projection.recalled.shape == projection.overlaps.shape == (2, 3) and np.all(projection.recalled[0] == 1)


# ---------------------------------------------------------------- beyond pairs


@pytest.mark.parametrize("seed", range(3))
def test_degree_two_is_hebbs_network(seed):
    patterns = random_patterns(9, 60, seed)
    cues = hopfield.corrupt(patterns, 0.25, rng=seed)
    dense = hopfield.dense_recall(patterns, cues, 2, max_sweeps=100, rng=seed)
    assert np.array_equal(dense.states, hopfield.recall(hopfield.hebb(patterns), cues, rng=seed).states)


def dense_energy(patterns, states, degree):
    x = states.astype(float) @ patterns.T
    return -np.sum(np.exp(x) if degree == np.inf else x**degree, axis=-1)


@pytest.mark.parametrize("degree", [3, 4, 7, np.inf])
def test_dense_recall_ends_where_no_flip_lowers_its_energy(degree):
    patterns, cues = random_patterns(7, 9, 1), exact.states(9)
    found = hopfield.dense_recall(patterns, cues, degree, rng=1)
    assert np.all(found.settled)
    energy = dense_energy(patterns, found.states, degree)
    moved = np.any(found.states != cues, axis=1)
    assert np.all(energy < dense_energy(patterns, cues, degree), where=moved)
    for i in range(9):
        flipped = found.states.copy()
        flipped[:, i] *= -1
        assert np.all(dense_energy(patterns, flipped, degree) >= energy - 1e-9 * np.abs(energy))


@pytest.mark.parametrize("n", [60, 1000])
def test_exponential_energy_recalls_from_far_away_without_underflow(n):
    """At N = 1000 and overlap 0.1 the weights of the energy are of the order exp(-900): only their ratios count."""
    patterns = random_patterns(20, n, 1)
    cues = hopfield.corrupt(patterns, 0.25 if n == 60 else 0.42, rng=2)
    found = hopfield.dense_recall(patterns, cues, np.inf, rng=3)
    assert np.mean(np.all(found.states == patterns, axis=1)) > 0.8


def test_capacity_grows_with_the_degree():
    patterns = random_patterns(500, 64, 1)
    cues = hopfield.corrupt(patterns[:20], 0.1, rng=2)
    recalled = [
        np.mean(np.mean(hopfield.dense_recall(patterns, cues, degree, rng=3).states * patterns[:20], axis=1) > 0.9)
        for degree in (2, 3, 4, np.inf)
    ]
    assert recalled[0] == 0 and recalled[1] < 0.6 and recalled[2:] == [1, 1]


# ---------------------------------------------------------------- odd input

PAIR = np.array([[1, 1, -1, 1], [1, -1, -1, -1]])


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: hopfield.hebb([[0, 1, 1]]), "got the values 0, 1: convert them with inputs.to_spins"),
        (lambda: hopfield.hebb([[1, np.nan, 1]]), "got the values NaN"),
        (lambda: hopfield.hebb(np.ones((2, 5, 5))), "pass pictures.reshape"),
        (lambda: hopfield.hebb([1, -1, 1]), "one row of spins for each, got shape"),
        (lambda: hopfield.hebb(np.ones((0, 5))), "pass at least one"),
        (lambda: hopfield.pseudo_inverse(random_patterns(12, 5, 1)), "5 independent ones of 5 spins"),
        (lambda: hopfield.row_by_row(PAIR, l2=0), "l2 must be above 0"),
        (lambda: hopfield.recall(hopfield.hebb(PAIR), [1, 1, 1], rng=1), "must have 4 spins"),
        (lambda: hopfield.recall(ising.LatticeIsing(0.1, 0, (2, 2)), [1, 1, 1, 1], rng=1), "got a LatticeIsing"),
        (lambda: hopfield.recall(hopfield.hebb(PAIR).J, PAIR, rng=1), "model must be a model"),
        (lambda: hopfield.recall(hopfield.hebb(PAIR), PAIR, max_sweeps=0, rng=1), "1 or more, got 0"),
        (lambda: hopfield.film(hopfield.hebb(PAIR), PAIR, [0.5, -1], rng=1), "temperatures must be finite"),
        (lambda: hopfield.overlap([[1, 1]], PAIR), "each state must have 4 spins, as the patterns have"),
        (lambda: hopfield.corrupt(PAIR, 1.2, rng=1), "from 0 to 1, got 1.2"),
        (lambda: hopfield.capacity(100, [0.1, 0], rng=1), "loads must be finite numbers above 0"),
        (lambda: hopfield.capacity(100, [0.1], rule="hebb", rng=1), "rule must be a function of patterns"),
        (lambda: hopfield.dense_recall(PAIR, PAIR, 1, rng=1), "degree must be a whole number, 2 or more"),
    ],
)
def test_refused_in_a_sentence(call, said):
    with pytest.raises(ValueError) as error:
        call()
    assert said in str(error.value)
