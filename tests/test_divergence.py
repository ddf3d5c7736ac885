"""Entropy, KL and NLL against references and identities; annealed importance sampling against exact log Z.

Deviations in standard errors may reach Z: a false-alarm rate of 1e-6 shared by 100 comparisons (Bonferroni).
"""

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from reference import CASES

from course_lib import divergence, exact
from course_lib.divergence import (
    ENOUGH,
    WeightsTooUneven,
    ais_log_partition,
    empirical_distribution,
    entropy,
    exact_log_partition,
    kl,
    nll,
    plug_in_entropy,
    uncoupled,
)
from course_lib.ising import Ising, LatticeIsing, chain, random_couplings, square_lattice
from course_lib.rbm import RBM, GaussianRBM

Z = NormalDist().inv_cdf(1 - 1e-6 / (2 * 100))
ROUND_OFF = 1e-12


def inverse5():
    """The reference's data, one row a sample, and its values."""
    case = CASES["inverse5"]
    return np.repeat(exact.states(5), case["inputs"]["counts"], axis=0), {**case["inputs"], **case["expected"]}


# ---------------------------------------------------------------- entropy and KL


@st.composite
def laws(draw, how_many=1, n_states=None):
    """Distributions over the same states, some of them 0, some tiny."""
    n = n_states or draw(st.integers(1, 12))
    weight = st.one_of(st.just(0.0), st.floats(1e-3, 1), st.floats(1e-300, 1e-3))
    drawn = [draw(arrays(float, n, elements=weight)) for _ in range(how_many)]
    assume(all(weights.sum() > 1e-3 for weights in drawn))
    return [weights / weights.sum() for weights in drawn]


@given(laws())
def test_entropy_is_the_mean_surprise_within_its_bounds(drawn):
    (p,) = drawn
    assert entropy(p) == pytest.approx(math.fsum(-x * math.log(x) for x in p if x > 0), abs=ROUND_OFF)
    assert 0 <= entropy(p) <= np.log(np.count_nonzero(p)) + ROUND_OFF


@given(laws(2))
def test_kl_is_a_divergence(drawn):
    """Never negative, 0 for equal laws, and by Pinsker's inequality above 0 for others."""
    p, q = drawn
    assert kl(p, p) == 0
    distance = np.abs(p - q).sum() / 2
    assert kl(p, q) >= max(0.0, 2 * distance**2 - ROUND_OFF)
    if np.all(q[p > 0] > 0):
        terms = [x * (math.log(x) - math.log(y)) for x, y in zip(p, q, strict=True) if x > 0]
        assert kl(p, q) == pytest.approx(math.fsum(terms), abs=ROUND_OFF)
    else:
        assert kl(p, q) == np.inf


@given(laws(2), st.randoms(use_true_random=False))
def test_names_and_arrangement_of_states_do_not_matter(drawn, random):
    p, q = drawn
    order = random.sample(range(len(p)), len(p))
    assert entropy(p[order]) == pytest.approx(entropy(p), abs=ROUND_OFF)
    assert kl(p[order], q[order]) == pytest.approx(kl(p, q), abs=ROUND_OFF)
    assert kl(p[:, None], q[:, None]) == kl(p, q) and entropy(p[:, None]) == entropy(p)


@given(laws(2, n_states=3), laws(2, n_states=4))
def test_independent_systems_add_up(first, second):
    (p, q), (r, s) = first, second
    assert entropy(np.outer(p, r)) == pytest.approx(entropy(p) + entropy(r), abs=ROUND_OFF)
    # A product of two tiny probabilities may vanish where neither factor does.
    assume(np.all((np.outer(q, s) > 0) == np.outer(q > 0, s > 0)))
    assert kl(np.outer(p, r), np.outer(q, s)) == pytest.approx(kl(p, q) + kl(r, s), rel=ROUND_OFF, abs=ROUND_OFF)


@given(laws(2, n_states=12))
def test_chain_rule_and_lumping(drawn):
    """What the groups tell, plus what is told within them: KL of the groups alone is never larger."""
    p, q = (law.reshape(3, 4) for law in drawn)
    groups_p, groups_q = p.sum(axis=1), q.sum(axis=1)
    assert kl(groups_p, groups_q) <= kl(p, q) + ROUND_OFF
    assume(np.all(groups_p > 1e-3) and np.all(groups_q > 1e-3))
    within = [kl(a / a.sum(), b / b.sum()) for a, b in zip(p, q, strict=True)]
    assert kl(p, q) == pytest.approx(kl(groups_p, groups_q) + groups_p @ within, abs=1e-10)


def test_directions_of_kl():
    p, q = [0.5, 0.5, 0.0], [0.25, 0.25, 0.5]
    assert kl(p, q) == pytest.approx(np.log(2)) and kl(q, p) == np.inf
    p, q = [0.9, 0.1], [0.5, 0.5]
    assert kl(p, q) == pytest.approx(0.9 * np.log(1.8) + 0.1 * np.log(0.2))
    assert kl(q, p) == pytest.approx(0.5 * np.log(5 / 9) + 0.5 * np.log(5))


def test_extremes_stay_finite():
    assert kl([0.5, 0.5], [1e-310, 1.0]) == pytest.approx(0.5 * np.log(0.25) - 0.5 * np.log(1e-310))
    assert kl([1e-310, 1.0], [0.5, 0.5]) == pytest.approx(np.log(2))
    assert entropy([1e-310, 1.0]) == pytest.approx(0, abs=ROUND_OFF)
    certain = entropy([0, 1, 0])
    assert certain == 0 and math.copysign(1, certain) == 1


def test_single_precision_is_accepted():
    p = np.random.default_rng(1).random(1000).astype(np.float32)
    p /= p.sum()
    assert entropy(p) == pytest.approx(entropy(p.astype(float) / p.astype(float).sum()), abs=1e-5)
    assert kl(p, p) == 0
    # Sums that differ by round-off make no difference between the laws, whichever is the larger.
    p, q = np.full(2, 0.5), np.full(2, 0.5 + 4e-7)
    assert max(kl(p, q), kl(q, p)) < 1e-11


@pytest.mark.parametrize(
    ("p", "message"),
    [
        ([0.5, 0.6], "sum of 1.1: divide it by its sum"),
        ([3, 4], "sum of 7"),
        ([1.5, -0.5], "no negative entries, got -0.5"),
        ([0.5, np.nan], "1 entries that are NaN"),
        ([np.inf, 0.5], "NaN or infinite"),
        ([], "array of probabilities, got none"),
        (["a"], "array of real numbers"),
        ([0.5 + 0j, 0.5], "complex"),
    ],
)
def test_what_is_no_distribution_is_refused(p, message):
    fine = np.full(2, 0.5)
    for call in (lambda: entropy(p), lambda: kl(p, fine), lambda: kl(fine, p)):
        with pytest.raises(ValueError, match=message):
            call()


def test_kl_of_different_states_is_refused():
    with pytest.raises(ValueError, match=r"shapes \(2,\) and \(3,\)"):
        kl([0.5, 0.5], [0.5, 0.5, 0])
    with pytest.raises(ValueError, match="same states"):
        kl(np.full((2, 2), 0.25), np.full(4, 0.25))  # they would broadcast


def test_entropy_of_reference_models():
    compared = 0
    for case in CASES.values():
        if case["kind"] == "ising_general" and "entropy" in case["expected"]:
            J, h, beta = (case["inputs"][name] for name in ("J", "h", "beta"))
            p, fair = exact.distribution(J, h, beta), np.full(2 ** len(h), 2.0 ** -len(h))
            assert entropy(p) == pytest.approx(case["expected"]["entropy"], rel=case["rtol"])
            assert kl(p, fair) == pytest.approx(len(h) * np.log(2) - case["expected"]["entropy"], rel=1e-7)
            compared += 1
    assert compared >= 3


# ---------------------------------------------------------------- data


@given(arrays(np.int8, (7, 4), elements=st.sampled_from([-1, 1])))
def test_empirical_distribution_counts_states(spins):
    share = empirical_distribution(spins)
    expected = [np.mean(np.all(spins == state, axis=1)) for state in exact.states(4)]
    np.testing.assert_allclose(share, expected, atol=1e-15)
    assert np.array_equal(share, empirical_distribution(spins.reshape(1, 7, 1, 4)))
    assert plug_in_entropy(spins) == pytest.approx(entropy(share), abs=ROUND_OFF)


def test_empirical_distribution_of_the_reference():
    data, row = inverse5()
    np.testing.assert_allclose(empirical_distribution(data), np.array(row["counts"]) / sum(row["counts"]), atol=1e-15)


@pytest.mark.parametrize("n", [26, 400])
def test_a_list_of_too_many_states_is_refused(n):
    with pytest.raises(ValueError, match=f"at most 25 spins, got {n}.*plug_in_entropy"):
        empirical_distribution(np.ones((2, n)))


@pytest.mark.parametrize("function", [empirical_distribution, plug_in_entropy])
def test_data_are_checked(function):
    with pytest.raises(ValueError, match="empty"):
        function(np.empty((0, 3)))
    with pytest.raises(ValueError, match=r"inputs\.to_spins"):
        function([[0, 1, 1]])


def test_plug_in_entropy_tells_states_of_many_spins_apart():
    """Each of 300 spins matters: states that differ in any single one are different."""
    spins = np.ones((301, 300))
    spins[np.arange(300), np.arange(300)] = -1
    assert plug_in_entropy(spins) == pytest.approx(np.log(301))
    assert plug_in_entropy(np.repeat(spins, 3, axis=0)) == pytest.approx(np.log(301))
    assert plug_in_entropy(np.ones((9, 300))) == 0


def expected_plug_in_entropy(n_spins, n_samples):
    """Of fair independent spins: 2**N states, each seen k times with a binomial probability."""
    k, K = np.arange(1, 300), 2**n_spins
    log_choose = math.lgamma(n_samples + 1) - np.array([math.lgamma(x + 1) + math.lgamma(n_samples - x + 1) for x in k])
    probability = np.exp(log_choose - k * np.log(K) + (n_samples - k) * np.log1p(-1 / K))
    return -K * np.sum(probability * k / n_samples * np.log(k / n_samples))


@pytest.mark.parametrize(("n", "figure"), [(10, 6.876), (16, 9.106), (20, 9.202)])
def test_plug_in_entropy_saturates(n, figure):
    """ERRATA B2: far below N log 2, and never above log M = 9.210."""
    rng = np.random.default_rng(n)
    values = [plug_in_entropy(rng.choice(np.array([-1, 1], np.int8), (10_000, n))) for _ in range(30)]
    expected = expected_plug_in_entropy(n, 10_000)
    # Student's t with 29 degrees of freedom exceeds 6.6 in 3e-7 of all cases.
    assert abs(np.mean(values) - expected) < 6.6 * np.std(values, ddof=1) / np.sqrt(30)
    assert expected == pytest.approx(figure, abs=0.005)
    assert max(values) <= np.log(10_000)


def test_bias_of_the_plug_in_entropy_is_millers():
    """Many samples of 32 states: too low by (K - 1) / (2 M), up to the next order, K^2 / (12 M^2)."""
    bias = 5 * np.log(2) - expected_plug_in_entropy(5, 3000)
    assert bias == pytest.approx(31 / 6000, abs=2 * 32**2 / (12 * 3000**2))


def test_plug_in_entropy_is_no_nll():
    """ERRATA B1: an absurd model has the lowest entropy and the highest NLL, and the right one neither."""
    data, row = inverse5()
    absurd = np.zeros((5, 5)), np.full(5, -4.0)
    rng = np.random.default_rng(3)
    drawn = np.where(rng.random((10_000, 5)) < 1 / (1 + np.exp(8)), 1, -1)
    assert plug_in_entropy(drawn) < 0.05 < row["nll_mle"] < nll(data, *absurd)
    # Free spins: NLL = 4 sum_i <s_i> + 5 log(2 cosh 4).
    assert nll(data, *absurd) == pytest.approx(4 * data.mean(axis=0).sum() + 5 * np.log(2 * np.cosh(4)))


# ---------------------------------------------------------------- NLL


def test_nll_of_the_reference():
    data, row = inverse5()
    assert nll(data, row["J_eval"], row["h_eval"]) == pytest.approx(row["nll_at_eval"], rel=1e-9)
    assert nll(data, np.zeros((5, 5)), np.zeros(5)) == pytest.approx(row["nll_at_zero"], rel=1e-9)
    assert nll(data, row["mle"]["J"], row["mle"]["h"]) == pytest.approx(row["nll_mle"], rel=1e-9)
    assert plug_in_entropy(data) == pytest.approx(row["plug_in_entropy_of_data"], rel=1e-9)
    assert row["plug_in_entropy_of_data"] < row["nll_mle"] < row["nll_at_eval"]


@given(
    arrays(np.int8, st.tuples(st.integers(1, 30), st.integers(1, 6)), elements=st.sampled_from([-1, 1])),
    st.integers(0, 2**32),
    st.floats(0, 2),
)
def test_nll_is_entropy_plus_kl(data, seed, beta):
    n, rng = data.shape[1], np.random.default_rng(seed)
    J, h = random_couplings(n, rng), rng.normal(size=n)
    f = empirical_distribution(data)
    assert nll(data, J, h, beta) == pytest.approx(entropy(f) + kl(f, exact.distribution(J, h, beta)), abs=1e-10)
    assert nll(data, J, h, beta) == pytest.approx(nll(data, beta * J, beta * h), abs=1e-10)
    assert nll(data.reshape(1, *data.shape), J, h, beta) == nll(data, J, h, beta)
    assert nll(data, J, h) == pytest.approx(nll(data, J, h, 1.0))


def test_nll_refuses():
    J, h = np.zeros((3, 3)), np.zeros(3)
    with pytest.raises(ValueError, match="empty"):
        nll(np.empty((0, 3)), J, h)
    with pytest.raises(ValueError, match="must have 3 spins"):
        nll([[1, 1]], J, h)
    with pytest.raises(ValueError, match="beta must be"):
        nll([[1, 1, 1]], J, h, beta=-1)
    with pytest.raises(ValueError, match="at most 25 spins, got 26"):
        nll(np.ones((1, 26)), np.zeros((26, 26)), np.zeros(26))


# ---------------------------------------------------------------- log Z


def test_exact_log_partition_of_the_reference():
    compared = 0
    for case in CASES.values():
        inputs, expected = case["inputs"], case["expected"]
        if case["kind"] == "ising_general":
            model = Ising(inputs["beta"] * np.array(inputs["J"]), inputs["beta"] * np.array(inputs["h"]))
        elif case["kind"] == "ising_lattice" and inputs["n_bonds"] == 2 * inputs["L"] * inputs["L2"]:
            model = LatticeIsing(inputs["J"], inputs["h"], (inputs["L"], inputs["L2"]))
        else:
            continue
        if "logZ" in expected:
            assert exact_log_partition(model) == pytest.approx(expected["logZ"], rel=case["rtol"])
            compared += 1
    assert compared >= 10


def rbms():
    rng = np.random.default_rng(8)
    a, b, W = rng.normal(size=6), rng.normal(size=4), rng.normal(size=(6, 4))
    return [RBM(a, b, W), GaussianRBM(a, b, 0.5 * W, np.linspace(0.6, 1.2, 6))]


@pytest.mark.parametrize(
    "model",
    [Ising(random_couplings(6, np.random.default_rng(1)), np.linspace(-2, 3, 6)), LatticeIsing(0.7, -0.4, (3, 4))],
    ids=["dense", "lattice"],
)
def test_uncoupled_has_the_log_partition_it_says(model):
    free, log_Z = uncoupled(model)
    assert type(free) is type(model) and not np.any(free.J) and np.all(free.h == model.h)
    assert log_Z == pytest.approx(exact_log_partition(free), rel=1e-12)


@pytest.mark.parametrize("function", [exact_log_partition, uncoupled, lambda model: ais_log_partition(model, rng=1)])
def test_unknown_models_are_refused(function):
    with pytest.raises(TypeError, match=r"models of type dict.*register"):
        function({})


# ---------------------------------------------------------------- annealed importance sampling


def sk(scale, seed, h=0.0, n=20):
    rng = np.random.default_rng(seed)
    return Ising(random_couplings(n, rng, scale), np.full(n, h) if np.isscalar(h) else rng.normal(0, h[0], n))


def everyone_with_everyone(J, h, n=20):
    return Ising((np.ones((n, n)) - np.eye(n)) * J / n, np.full(n, h))


COVERED = [(sk(1.0, 2, (0.5,)), 20), (sk(2.0, 4), 60), (everyone_with_everyone(2.0, 0.05), 60)]


def test_standard_error_covers_log_partition():
    """95% of the errors are within 1.96 standard errors, and they have the variance the standard errors say.

    80 runs each of a weak glass in random fields, a cold glass and a magnet with two valleys, all of 20 spins.
    """
    deviations = []
    for model, n_temperatures in COVERED:
        log_Z = exact_log_partition(model)
        for seed in range(80):
            options = {"n_chains": 600, "n_temperatures": n_temperatures, "rng": seed, "progress": False}
            estimate, error = ais_log_partition(model, **options)
            deviations.append((estimate - log_Z) / error)
    deviations = np.array(deviations)
    n = len(deviations)
    law = np.array([math.comb(n, k) * 0.95**k * 0.05 ** (n - k) for k in range(n + 1)])
    covered = np.count_nonzero(np.abs(deviations) < 1.96)
    # The chance of so few or so many, each with half of the false-alarm rate.
    assert law[: covered + 1].sum() > 5e-7 and law[covered:].sum() > 5e-7, f"{covered} of {n}"
    # Chi-square with n degrees of freedom is near to normal in its cube root (Wilson and Hilferty, 1931).
    cube_root = ((deviations**2).mean() ** (1 / 3) - (1 - 2 / (9 * n))) / np.sqrt(2 / (9 * n))
    assert abs(cube_root) < NormalDist().inv_cdf(1 - 5e-7), f"mean square {(deviations**2).mean():.2f}"
    assert abs(deviations.mean()) * np.sqrt(n) < NormalDist().inv_cdf(1 - 5e-7)


def models_with_log_partition():
    rng = np.random.default_rng(5)
    for name, model in {
        "chain": Ising(chain(20, 1.0), np.full(20, 0.05)),
        "glass in a field": sk(1.5, 6, 0.1),
        "strong fields": Ising(random_couplings(12, rng), rng.normal(0, 3, 12)),
        "antiferromagnet": Ising(square_lattice(4, 4, -0.6), np.full(16, 0.3)),
        "one spin": Ising([[0.0]], [0.7]),
        "lattice": LatticeIsing(0.4, 0.05, (5, 6)),
        "lattice of side 2": LatticeIsing(-0.3, 0.2, (2, 3)),
    }.items():
        yield pytest.param(model, exact_log_partition(model), id=name)
    yield pytest.param(LatticeIsing(0.4, 0.0, (12, 12)), exact.kaufman_log_partition(12, 2.5), id="Kaufman's lattice")
    for model in rbms():
        yield pytest.param(model, model.log_partition(), id=type(model).__name__)


@pytest.mark.parametrize(("model", "log_Z"), list(models_with_log_partition()))
def test_any_model_agrees_with_its_exact_log_partition(model, log_Z):
    estimate, error = ais_log_partition(model, n_temperatures=150, rng=7, progress=False)
    assert abs(estimate - log_Z) < Z * error + 1e-10
    assert error < 0.07


def test_one_step_is_importance_sampling_and_more_steps_are_surer():
    """The estimate needs no equilibrium: one step from base to model is enough, if the chains are many."""
    model, errors = sk(0.5, 9), []
    for n_temperatures in (1, 4, 40):
        estimate, error = ais_log_partition(model, n_chains=20_000, n_temperatures=n_temperatures, rng=1)
        assert abs(estimate - exact_log_partition(model)) < Z * error
        errors.append(error)
    assert errors[0] > 1.5 * errors[1] > 1.5 * 1.5 * errors[2]


def test_more_sweeps_are_surer():
    model = sk(2.0, 4)
    errors = [ais_log_partition(model, n_temperatures=40, sweeps=sweeps, rng=1)[1] for sweeps in (1, 10)]
    assert errors[1] < 0.8 * errors[0]


def test_without_couplings_nothing_is_uncertain():
    model = Ising(np.zeros((30, 30)), np.linspace(-3, 3, 30))
    estimate, error = ais_log_partition(model, n_chains=2 * ENOUGH, n_temperatures=5, rng=1)
    assert error == 0 and estimate == pytest.approx(np.log(2 * np.cosh(model.h)).sum(), rel=1e-12)


@pytest.mark.parametrize("model", [LatticeIsing(0.4, 0.1, (8, 8)), sk(1.0, 3, 0.8)], ids=["lattice", "dense"])
def test_another_base_leads_to_the_same_place_sooner(model):
    if isinstance(model, Ising):
        base = Ising(np.zeros_like(model.J), np.arctanh(exact.moments(model.J, model.h)[0]))
    else:
        magnetisation = exact.lattice(model.shape, model.J, model.h)[1][1] / 64
        base = LatticeIsing(0.0, float(np.arctanh(magnetisation)), model.shape)
    (far, error), (near, smaller) = (ais_log_partition(model, b, n_temperatures=100, rng=2) for b in (None, base))
    assert abs(near - exact_log_partition(model)) < Z * smaller and abs(near - far) < Z * np.hypot(error, smaller)
    assert smaller < 0.9 * error


def test_a_base_that_cannot_be_one_is_refused():
    model = sk(1.0, 3)
    with pytest.raises(ValueError, match="base must have no couplings"):
        ais_log_partition(model, model, rng=1)
    with pytest.raises(ValueError, match=r"base must be of type Ising with 210 parameters.*LatticeIsing with 2"):
        ais_log_partition(model, LatticeIsing(0, 0, (4, 5)), rng=1)
    with pytest.raises(ValueError, match=r"with 210 parameters.*Ising with 3"):
        ais_log_partition(model, Ising(np.zeros((2, 2)), np.zeros(2)), rng=1)


@pytest.mark.parametrize(
    ("name", "value"), [("n_chains", 2 * ENOUGH - 1), ("n_temperatures", 0), ("sweeps", 0), ("sweeps", 1.5)]
)
def test_counts_are_checked(name, value):
    with pytest.raises(ValueError, match=f"{name} must be a whole number"):
        ais_log_partition(sk(1.0, 3), rng=1, **{name: value})


def test_uneven_weights_are_refused_with_what_was_found():
    model = sk(3.0, 8)
    with pytest.raises(WeightsTooUneven, match="raise n_temperatures from 5 to") as caught:
        ais_log_partition(model, n_temperatures=5, rng=1)
    found = caught.value
    assert 1 <= found.effective_sample_size < ENOUGH and found.standard_error > 0
    assert f"worth {found.effective_sample_size:.3g}" in str(found)
    assert abs(found.estimate - exact_log_partition(model)) < 5
    # The advice works.
    advised = int(str(found).split("from 5 to ")[1].split()[0])
    estimate, error = ais_log_partition(model, n_temperatures=advised, rng=1)
    assert abs(estimate - exact_log_partition(model)) < Z * error


def test_same_seed_same_result():
    model = sk(1.0, 3)
    runs = [ais_log_partition(model, n_temperatures=10, rng=rng) for rng in (4, np.random.default_rng(4), 5)]
    assert runs[0] == runs[1] != runs[2]


def test_ctrl_c_is_not_swallowed(monkeypatch):
    def interrupted(items, progress):
        yield items[0]
        raise KeyboardInterrupt

    monkeypatch.setattr(divergence, "progress_bar", interrupted)
    with pytest.raises(KeyboardInterrupt):
        ais_log_partition(sk(1.0, 3), rng=1)


def test_the_bar_can_be_switched_off(monkeypatch):
    seen = []

    def bar(items, progress):
        seen.append((len(items), progress))
        return iter(items)

    monkeypatch.setattr(divergence, "progress_bar", bar)
    for progress in (True, False):
        ais_log_partition(sk(0.5, 3), n_temperatures=20, rng=1, progress=progress)
    assert seen == [(20, True), (20, False)]
