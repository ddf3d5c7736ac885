"""Autocorrelation times against chains whose true ones are known."""

import time
import warnings
from statistics import NormalDist

import numpy as np
import pytest
import reference

from course_lib import sampling
from course_lib.diagnostics import ChainTooShort, autocorrelation_time, effective_sample_size, split_r_hat
from course_lib.ising import LatticeIsing, square_lattice

REFERENCE = list(reference.CASES.values())


def ar1(rho, shape, seed):
    """Chains with rho(t) = rho^t, started in equilibrium: x_t = rho x_{t-1} + sqrt(1 - rho^2) times a normal number."""
    noise = np.random.default_rng(seed).normal(size=shape)
    noise[..., 1:] *= np.sqrt(1 - rho**2)
    x = np.empty(shape)
    x[..., 0] = noise[..., 0]
    for t in range(1, shape[-1]):
        x[..., t] = rho * x[..., t - 1] + noise[..., t]
    return x


def exact_tau(rho):
    return 0.5 + rho / (1 - rho)


def relative_error(rho, n, window):
    """Of the estimate: Madras and Sokal's sqrt(2 (2 M + 1) / n); where x alternates M is that of independent draws."""
    return np.sqrt(2 * (2 * window * exact_tau(max(rho, 0)) + 3) / n)


def window_bias(rho, window):
    """What the terms after the window leave out, relative to tau; noise may close it one lag too early."""
    if rho >= 0:
        return np.exp(-window)
    t = np.arange(1, 20)
    terms = rho ** (t - 1) * (1 + rho) / 2  # of the means of neighbours, whose time is 1 / (1 - rho)
    closed = np.argmax(t >= window * 0.5 * (0.5 + np.cumsum(np.abs(terms))))
    sums = 0.5 + np.cumsum(terms) - terms / 2
    return np.abs(sums[max(closed - 1, 0) :] * (1 - rho) - 1).max()


@pytest.mark.filterwarnings("ignore:got 400 chains")
@pytest.mark.parametrize("shape", [(100_000,), (8, 12_500), (400, 250)])
@pytest.mark.parametrize("rho", [-0.95, -0.8, -0.5, -0.2, 0.0, 0.3, 0.8, 0.95])
def test_first_order_process(rho, shape):
    window = 7
    if shape[-1] < 3 * window * exact_tau(abs(rho)) and rho > 0:
        pytest.skip("chains of 250 draws cannot hold the window of rho = 0.95")
    tau = autocorrelation_time(ar1(rho, shape, seed=1), window=window)
    # 5.5 standard errors, 4e-8 for a normal law, and the window's bias.
    bound = 5.5 * relative_error(rho, np.prod(shape), window) + window_bias(rho, window)
    assert abs(tau / exact_tau(rho) - 1) < bound


@pytest.mark.parametrize("rho", [-0.95, -0.8, -0.5, -0.2])
def test_alternating_chains_are_timed_as_well_as_independent_ones(rho):
    """Over 200 short chains: around the truth, with the scatter of independent draws, and never 0 or below."""
    n = 1000
    estimates = np.array([autocorrelation_time(ar1(rho, (n,), seed)) for seed in range(200)]) / exact_tau(rho)
    assert estimates.min() > 0
    error = relative_error(0.0, n, 5)
    assert np.std(estimates) < 2 * error
    assert abs(np.mean(estimates) - 1) < 5.5 * np.std(estimates) / np.sqrt(200) + window_bias(rho, 5)


def test_alternating_and_slow_at_once():
    """As the magnetisation per Wolff cluster, of quick sign and slow size: rho(t) = 0.8 (-0.8)^t + 0.2 0.9^t."""
    x = np.sqrt(0.8) * ar1(-0.8, (200_000,), seed=1) + np.sqrt(0.2) * ar1(0.9, (200_000,), seed=2)
    tau = 0.8 * exact_tau(-0.8) + 0.2 * exact_tau(0.9)
    # The slow part is 0.7 of the variance of the means of neighbours: the window holds 3.6 of its times.
    assert abs(autocorrelation_time(x, window=10) / tau - 1) < 5.5 * relative_error(0.8, 200_000, 10) + 0.7 * np.exp(
        -3.6
    )


def test_a_series_that_swings_more_slowly():
    """x_t = 2 r cos(w) x_{t-1} - r^2 x_{t-2} + noise has tau = spectrum(0) / (2 variance), here 0.30."""
    r, w, n = 0.9, np.pi / 4, 400_000
    a, b = 2 * r * np.cos(w), -(r**2)
    noise, x = np.random.default_rng(1).normal(size=n), np.zeros(n)
    for t in range(2, n):
        x[t] = a * x[t - 1] + b * x[t - 2] + noise[t]
    variance = (1 - b) / ((1 + b) * ((1 - b) ** 2 - a**2))
    tau = 1 / (2 * variance * (1 - a - b) ** 2)
    # The swings, of period 8, fall like 0.9^t: so does the time of the window.
    assert abs(autocorrelation_time(x[1000:], window=7) - tau) < 5.5 * tau * relative_error(r, n, 7) + 0.02 * tau


def test_no_series_has_a_time_of_zero_or_less():
    """Differences of independent numbers have tau = 0 but for the ends: noise alone decides the sign of a plain sum."""
    for seed in range(50):
        x = np.random.default_rng(seed).normal(size=200)
        assert 0 < autocorrelation_time(np.diff(x)) < 0.5
        assert 199 < effective_sample_size(np.diff(x)) < 199**2
        assert 0 < autocorrelation_time(np.diff(x, n=2)) < 0.5


def test_magnetisation_per_cluster_has_a_time():
    """Below T_c nearly every cluster of Wolff's turns the lattice over."""
    model = LatticeIsing(0.5, 0, (16, 16))
    rng, record = np.random.default_rng(1), []
    images = sampling.wolff(model, np.ones((40, 16, 16)), 20, rng=rng)[0]
    for _ in range(200):
        images = sampling.wolff(model, images, 1, rng=rng)[0]
        record.append(images.mean(axis=(1, 2)))
    times = [autocorrelation_time(x) for x in np.transpose(record)]
    assert 0 < min(times) < max(times) < 0.5


def test_the_error_bar_is_the_right_one():
    """Over 300 chains the estimates scatter as the docstring says, within a fifth, around the truth."""
    n, rho = 10_000, 0.8
    estimates = [autocorrelation_time(ar1(rho, (n,), seed)) for seed in range(300)]
    tau = exact_tau(rho)
    error = tau * np.sqrt((4 * 5 * tau + 2) / n)
    # Relative error of a standard deviation from 300 numbers: 4%.
    assert abs(np.std(estimates) / error - 1) < 0.25
    assert abs(np.mean(estimates) - tau) < 6 * error / np.sqrt(300) + 0.02 * tau


def test_a_window_that_misses_a_slow_part_is_short_and_one_that_holds_it_is_right():
    """Fast, plus 2% of the variance slow: rho(t) = 0.98 0.5^t + 0.02 0.98^t; the window counts in times of the sum."""
    fast, slow, share, shape = 0.5, 0.98, 0.02, (64, 10_000)
    tau = (1 - share) * exact_tau(fast) + share * exact_tau(slow)
    x = np.sqrt(1 - share) * ar1(fast, shape, seed=6) + np.sqrt(share) * ar1(slow, shape, seed=7)
    narrow, wide = 5, 7 * exact_tau(slow) / tau
    # The narrow window ends at 5 tau or before.
    t = np.arange(1, np.ceil(narrow * tau) + 1)
    most = 0.5 + np.sum((1 - share) * fast**t + share * slow**t)

    def error(window):
        return tau * np.sqrt((4 * window * tau + 2) / np.prod(shape))

    assert autocorrelation_time(x, narrow) < most + 5.5 * error(narrow) < 0.8 * tau
    assert abs(autocorrelation_time(x, wide) - tau) < 5.5 * error(wide) + np.exp(-7) * tau


def test_independent_draws():
    x = np.random.default_rng(3).normal(size=100_000)
    assert abs(autocorrelation_time(x) - 0.5) < 0.5 * 5.5 * np.sqrt(12 / 100_000)
    assert abs(effective_sample_size(x) / 100_000 - 1) < 0.1


def test_units_and_orientation():
    x = ar1(0.6, (4, 20_000), seed=2)
    tau = autocorrelation_time(x)
    assert autocorrelation_time(5 - 3 * x) == pytest.approx(tau, rel=1e-9)
    assert autocorrelation_time(x[::-1, ::-1]) == pytest.approx(tau, rel=1e-9)
    assert effective_sample_size(x) == pytest.approx(80_000 / (2 * tau))
    assert autocorrelation_time(x.reshape(1, -1)) == pytest.approx(autocorrelation_time(x.ravel()))
    # Every second draw: rho^2 takes the place of rho.
    assert autocorrelation_time(x[:, ::2]) == pytest.approx(exact_tau(0.36), rel=0.1)


def test_mean_of_the_chain_scatters_as_the_effective_sample_size_says():
    chains = ar1(0.9, (500, 2000), seed=4)
    expected = np.sqrt(1 / (2000 / (2 * exact_tau(0.9))))
    assert np.std(chains.mean(axis=1)) == pytest.approx(expected, rel=0.2)
    assert effective_sample_size(chains) == pytest.approx(500 * 2000 / (2 * exact_tau(0.9)), rel=0.1)


def test_chains_in_different_places_are_not_taken_for_independent():
    """A common mean: one chain's own mean would hide it."""
    x = np.random.default_rng(5).normal(size=(2, 5000)) + np.array([[0], [5]])
    with pytest.raises(ChainTooShort):
        autocorrelation_time(x)
    assert autocorrelation_time(x[0]) < 0.6


@pytest.mark.parametrize(("rho", "n"), [(0.99, 500), (0.99, 3000), (0.9999, 20_000)])
def test_too_short_a_chain_raises_and_carries_the_estimate(rho, n):
    with pytest.raises(ChainTooShort, match=f"too short: .*{n}") as caught:
        autocorrelation_time(ar1(rho, (n,), seed=1))
    assert caught.value.n_draws == n and 5 < caught.value.tau < n
    assert isinstance(caught.value, ValueError)
    with pytest.raises(ChainTooShort):
        effective_sample_size(ar1(rho, (n,), seed=1))


def test_a_chain_that_alternates_for_ever():
    with pytest.raises(ChainTooShort, match="do not die away"):
        autocorrelation_time(np.tile([1.0, -1.0], 500))


# ---------------------------------------------------------------- R-hat


def r_hat_from_the_paper(chains):
    """Vehtari and others (2021), equations 3 and 4 on eq. 14's scores, of values and of distances from the median."""
    chains = [list(map(float, chain)) for chain in chains]
    n = len(chains[0]) // 2
    halves = [part for chain in chains for part in (chain[:n], chain[len(chain) - n :])]

    def scored(parts):
        values = sorted(x for part in parts for x in part)
        rank = {x: values.index(x) + (values.count(x) + 1) / 2 for x in set(values)}
        # Blom's fractions; the paper's eq. 14 has S - 1/4 by a slip.
        return [[NormalDist().inv_cdf((rank[x] - 3 / 8) / (len(values) + 1 / 4)) for x in part] for part in parts]

    def basic(parts):
        means = [sum(part) / n for part in parts]
        B = n * sum((m - sum(means) / len(means)) ** 2 for m in means) / (len(means) - 1)
        W = sum(sum((x - m) ** 2 for x in part) / (n - 1) for part, m in zip(parts, means, strict=True)) / len(means)
        return (((n - 1) / n * W + B / n) / W) ** 0.5

    ordered = sorted(x for part in halves for x in part)
    median = (ordered[len(ordered) // 2] + ordered[(len(ordered) - 1) // 2]) / 2
    return max(basic(scored(halves)), basic(scored([[abs(x - median) for x in part] for part in halves])))


def draws(name):
    rng = np.random.default_rng(4)
    normal = rng.normal(size=(4, 101))
    return {
        "agreeing": normal,
        "shifted": normal + np.c_[[0, 0, 0, 1]],
        "wide": normal * np.c_[[1, 1, 1, 10]],
        "heavy tails": rng.standard_cauchy(size=(3, 60)),
        "many ties": rng.integers(4, size=(4, 100)) + np.c_[[0, 0, 0, 1]],
        "spins": rng.choice([-1, 1], p=[0.3, 0.7], size=(2, 100)),
        "one drifting chain": normal[:1] + np.linspace(0, 3, 101),
    }[name]


@pytest.mark.parametrize(
    "name", ["agreeing", "shifted", "wide", "heavy tails", "many ties", "spins", "one drifting chain"]
)
def test_r_hat_is_the_papers(name):
    assert split_r_hat(draws(name)) == pytest.approx(r_hat_from_the_paper(draws(name)), rel=1e-12)


def test_chains_that_agree():
    """R-hat of n independent draws in m halves: its square is 1 - 1/n + B / (n W), B / W close to chi^2 / (m - 1)."""
    for seed in range(20):
        x = np.random.default_rng(seed).normal(3.0, 2.0, size=(4, 1001))
        assert 0.998 < split_r_hat(x) < np.sqrt(1 + 6 / 500)
    assert split_r_hat(x) == pytest.approx(split_r_hat(1 - 5 * x))
    # Ranks do not know a monotone scale; the distances from the median do, and here they are the smaller.
    shifted = draws("shifted")
    assert split_r_hat(np.exp(shifted)) == pytest.approx(split_r_hat(shifted))


def test_spins_up_as_often_as_down_have_no_width_to_compare():
    """All are as far from the median, 0: then the ranks of the values decide alone."""
    spins = np.resize([1, -1, -1, 1], (4, 100))
    assert np.median(spins) == 0
    assert 0.98 < split_r_hat(spins) <= 1


def test_a_million_draws_are_compared_within_seconds():
    x = np.random.default_rng(1).normal(size=(8, 125_000))
    start = time.process_time()
    assert split_r_hat(x) < 1.001
    assert time.process_time() - start < 5


def test_chains_that_disagree():
    noise = np.random.default_rng(1).normal(size=(4, 500))
    assert split_r_hat(noise + np.array([[0], [0], [0], [1]])) > 1.05
    drift = noise[0] + np.linspace(0, 3, 500)
    assert split_r_hat(drift) > 1.2  # one chain, against itself
    assert split_r_hat([[1.0] * 10, [2.0] * 10]) == np.inf
    assert split_r_hat([[0.1] * 7, [0.2] * 7, [0.1] * 7]) == np.inf  # round-off is no spread
    assert split_r_hat(noise * [[1], [1], [1], [10]]) > 1.2  # same place, other width
    heavy = np.random.default_rng(2).standard_cauchy(size=(4, 500))
    assert split_r_hat(heavy + np.c_[[0, 0, 0, 3]]) > 1.1  # a few far values do not hide it


@pytest.mark.parametrize(
    ("stuck", "says"),
    [
        ([2], "chain 2 never changes"),
        ([0, 3], r"each of 2 chains \(0, 3\)"),
        ([0, 1, 2, 4], r"4 chains \(0, 1, 2, ...\)"),
    ],
)
def test_a_chain_that_stands_still_among_others_is_named(stuck, says):
    x = np.random.default_rng(1).normal(size=(5, 100))
    x[stuck] = 0.0
    with pytest.raises(ValueError, match=says) as caught:
        split_r_hat(x)
    assert not isinstance(caught.value, ChainTooShort)


@pytest.mark.parametrize("function", [autocorrelation_time, effective_sample_size, split_r_hat])
def test_more_chains_than_draws_are_asked_whether_they_are_turned(function):
    x = np.random.default_rng(1).normal(size=(200, 50))
    with pytest.warns(UserWarning, match=r"200 chains of 50 draws.*turned\?.*x\.T") as caught:
        function(x)
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        function(x.T)


def test_r_hat_sees_a_lattice_stuck_up_and_down():
    model = LatticeIsing(0.6, 0, (16, 16))
    images = np.concatenate([np.ones((2, 16, 16)), -np.ones((2, 16, 16))])
    rng, record = np.random.default_rng(1), []
    for _ in range(200):
        images = sampling.advance(model, images, 1, rng=rng)
        record.append(images.mean(axis=(1, 2)))
    magnetisation = np.transpose(record)
    # Ranks see an order, not how wide the gap is: of two groups of two, wholly apart, their R-hat is at most 1.8 or so.
    assert split_r_hat(magnetisation) > 1.7
    assert split_r_hat(np.abs(magnetisation)) < 1.2


@pytest.mark.parametrize("function", [autocorrelation_time, effective_sample_size, split_r_hat])
@pytest.mark.parametrize(
    ("x", "says"),
    [
        (np.ones(100), "never changes: all 100 draws are 1"),
        (np.zeros((3, 50)), "never changes"),
        ([1.0], "at least"),
        (np.zeros((0, 10)), "at least"),
        (np.zeros((2, 3, 4)), r"\(n_chains, n_draws\), got \(2, 3, 4\)"),
        (3.0, "one number a draw"),
        ([1.0, np.nan, 2.0, 3.0], "finite"),
    ],
)
def test_refuses(function, x, says):
    with pytest.raises(ValueError, match=says) as caught:
        function(x)
    assert not isinstance(caught.value, ChainTooShort)


def test_refuses_a_window_of_nothing():
    with pytest.raises(ValueError, match="window must be above 0"):
        autocorrelation_time(np.arange(100.0), window=0)


# ---------------------------------------------------------------- exact times of the samplers

METHODS = {"metropolis_random": "metropolis", "heatbath_sequential": "heat-bath"}
ROWS = [
    pytest.param(case, dynamics, id=f"{case['id']}-{dynamics}")
    for case in REFERENCE
    if case["kind"] == "autocorrelation"
    for dynamics in case["expected"]
]


@pytest.mark.parametrize(("case", "dynamics"), ROWS)
def test_times_of_the_three_by_three_lattice(case, dynamics):
    """From all eigenvalues of the transition matrix, against what is measured within its error bar."""
    if dynamics not in METHODS:
        pytest.skip(f"the course has no {dynamics} sampler: sequential Metropolis is reducible, random heat bath slow")
    J, h, size = (case["inputs"][key] for key in ("J", "h", "L"))
    model = LatticeIsing(J, h, (size, size))
    options = {"method": METHODS[dynamics], "n_chains": 100, "burn_in": 300, "rng": 11, "progress": False}
    draws = sampling.sample(square_lattice(size, size, J), np.full(size * size, h), 800_000, **options).spins
    magnetisation = draws.sum(axis=-1)
    energy = model.energy(draws.reshape(-1, size, size)).reshape(magnetisation.shape)
    measured = {"tau_M": magnetisation, "tau_E": energy, "tau_absM": np.abs(magnetisation)}
    slowest = max(case["expected"][dynamics].values())
    for name, tau in case["expected"][dynamics].items():
        # In a field the energy follows the slow magnetisation a little: the window must hold that too.
        window = 7 * slowest / tau
        error = tau * np.sqrt((4 * window * tau + 2) / magnetisation.size)
        found = autocorrelation_time(measured[name], window)
        assert abs(found - tau) < 5.5 * error + np.exp(-7) * tau, name
