"""Exact answers against reference values, closed forms and each other."""

import numpy as np
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from course_lib import exact
from course_lib.ising import Ising, LatticeIsing, bond_sum, chain, energy, random_couplings, spin_sum, square_lattice

CASES = list(reference.CASES.values())
KINDS = {"ising_general", "ising_lattice", "chain_1d", "kaufman", "onsager"}
ROUND_OFF = {"rtol": 1e-10, "atol": 1e-10}

# Central differences of log Z or a mean with this step: the error is STEP**2 / 6 times a third derivative, a cumulant
# of statistics within +-1 and so below 10, plus round-off of 1e-14 / STEP: together below 1e-7.
STEP = 1e-4
DIFFERENCE_ERROR = 1e-7


# ---------------------------------------------------------------- reference values: one function a way to compute


def of_states(spins, E, beta, p):
    """What the probabilities of all states tell, under the names of the reference."""
    m = spins.mean(axis=1)
    return {
        "E_mean": p @ E,
        "E_var": p @ (E - p @ E) ** 2,
        "m_mean": p @ m,
        "abs_m": p @ np.abs(m),
        "m2": p @ m**2,
        "m4": p @ m**4,
        "s": p @ spins,
        "ss": (spins.T * p) @ spins,
        "entropy": -p @ np.log(p),
        "p": p,
        # log p = -beta E - log Z holds in every state.
        "logZ": -beta * E[0] - np.log(p[0]),
    }


def general_from_states(row):
    J, h, beta = (row["inputs"][name] for name in ("J", "h", "beta"))
    E, p = exact.energies(J, h), exact.distribution(J, h, beta)
    lowest, ground = exact.ground_states(J, h)
    return {
        **of_states(exact.states(len(h)).astype(float), E, beta, p),
        "E_min": lowest,
        "ground_state": ground[np.argmax(ground @ row["expected"]["ground_state"])],  # any of the degenerate ones
    }


def general_summed(row):
    J, h, beta = (row["inputs"][name] for name in ("J", "h", "beta"))
    mean, correlation = exact.moments(J, h, beta)
    E = -np.sum(np.triu(J, 1) * correlation) - h @ mean
    N = len(h)
    log_Z = exact.log_partition(J, h, beta)
    return {
        "logZ": log_Z,
        "s": mean,
        "ss": correlation,
        "E_mean": E,
        "m_mean": mean.mean(),
        "m2": correlation.sum() / N**2,
        "entropy": log_Z + beta * E,
    }


def lattice_of(row):
    inputs = row["inputs"]
    return (inputs["L"], inputs["L2"]), inputs["J"], inputs["h"]


def of_lattice_sums(sites, J, h, mean, covariance):
    E_var = np.array([J, h]) @ covariance @ [J, h]
    E = -J * mean[0] - h * mean[1]
    return {
        "B_mean": mean[0],
        "M_mean": mean[1],
        "m_mean": mean[1] / sites,
        "m2": (covariance[1, 1] + mean[1] ** 2) / sites**2,
        "E_mean": E,
        "E_per_site": E / sites,
        "E_var": E_var,
        "spec_heat_per_site": E_var / sites,
        "fisher_B_M": covariance,
    }


def lattice_from_images(row):
    """LatticeIsing's energies and statistics of all images; the row with single bonds is a ring of four."""
    shape, J, h = lattice_of(row)
    sites = shape[0] * shape[1]
    images = exact.states(sites).reshape(-1, *shape)
    statistics = LatticeIsing(J, h, shape).statistics(images)
    if row["inputs"]["n_bonds"] == 4:
        statistics[:, 0] /= 2
    E = -statistics @ [J, h]
    p = np.exp(-E - np.log(np.sum(np.exp(-E))))
    mean = p @ statistics
    covariance = (statistics - mean).T * p @ (statistics - mean)
    ss = np.tensordot(p, images[:, :1, :1] * images, axes=1)
    return {
        **of_states(images.reshape(-1, sites).astype(float), E, 1.0, p),
        **of_lattice_sums(sites, J, h, mean, covariance),
        "n_bonds": statistics[:, 0].max(),
        "s0": p @ images[:, 0, 0],
        "ss_nn_horizontal": ss[0, 1],
        "ss_nn_vertical": ss[1, 0],
        "ss_diag": ss[1, 1],
    }


def lattice_from_couplings(row):
    """The same lattice as N spins with a matrix of couplings."""
    (rows, cols), J, h = lattice_of(row)
    couplings = square_lattice(rows, cols) * row["inputs"]["n_bonds"] / (2 * rows * cols)
    fields = np.full(rows * cols, h)
    mean, correlation = exact.moments(J * couplings, fields)
    return {
        "logZ": exact.log_partition(J * couplings, fields),
        "n_bonds": couplings.sum() / 2,
        "B_mean": np.sum(couplings * correlation) / 2,
        "M_mean": mean.sum(),
        "m2": correlation.mean(),
        "s0": mean[0],
        "ss_nn_horizontal": correlation[0, 1],
        "ss_nn_vertical": correlation[0, cols],
        "ss_diag": correlation[0, cols + 1],
    }


def lattice_from_transfer_matrix(row):
    shape, J, h = lattice_of(row)
    log_Z, mean, covariance = exact.lattice(shape, J, h)
    sites = shape[0] * shape[1]
    return {"logZ": log_Z, "n_bonds": 2 * sites, **of_lattice_sums(sites, J, h, mean, covariance)}


def ring_from_transfer_matrix(row):
    n, J, h = (row["inputs"][name] for name in ("N", "J", "h"))
    log_Z, mean, _ = exact.ring(n, J, h)
    return {
        "logZ": log_Z,
        "m_mean": mean[1] / n,
        "E_mean": -J * mean[0] - h * mean[1],
        "corr_r0_to_r5": exact.ring_correlation(n, J, h, np.arange(6)),
    }


def ring_from_states(row):
    n, J, h = (row["inputs"][name] for name in ("N", "J", "h"))
    mean, correlation = exact.moments(chain(n, J), np.full(n, h))
    return {
        "logZ": exact.log_partition(chain(n, J), np.full(n, h)),
        "m_mean": mean[3],
        "E_mean": -n * (J * correlation[0, 1] + h * mean[0]),
        "corr_r0_to_r5": correlation[2, 2 + np.arange(6)],
        "open_chain_logZ_h0": exact.log_partition(chain(n, J, periodic=False), np.zeros(n)),
    }


def kaufman(row):
    size, T = row["inputs"]["L"], row["inputs"]["T"]
    e, c = exact.kaufman(size, T)
    return {"logZ_per_site": exact.kaufman_log_partition(size, T) / size**2, "e": e, "c": c}


def onsager(row):
    T = row["inputs"]["T"]
    return {
        "e": exact.onsager_energy(T),
        "c": exact.onsager_heat_capacity(T),
        "m_spontaneous": exact.onsager_magnetization(T),
        "minus_beta_f": exact.onsager_log_partition(T),
    }


def ways_to_compute(row):
    """All ways that apply to a row of the reference: the library must agree with it, and so with itself, in each."""
    kind, inputs = row["kind"], row["inputs"]
    if kind == "ising_general":
        return [general_from_states, general_summed]
    if kind == "ising_lattice":
        few, doubled = inputs["L"] * inputs["L2"] <= 16, inputs["n_bonds"] == 2 * inputs["L"] * inputs["L2"]
        return [lattice_from_images, lattice_from_couplings] * few + [lattice_from_transfer_matrix] * doubled
    if kind == "chain_1d":
        return [ring_from_transfer_matrix] + [ring_from_states] * (inputs["N"] <= exact.MAX_SPINS)
    return {"kaufman": [kaufman], "onsager": [onsager]}[kind]


# What no exact function of the library returns: the 20-digit copies, the magnetization law of lattices beyond
# enumeration, the eigenvalues inside the transfer matrix, and the open chain of 50.
NOT_COMPUTED = {
    "kaufman": {"logZ_per_site_20", "e_20", "c_20"},
    "ising_lattice": {"abs_m", "m4"},
    "chain_1d": {"lambda_1", "lambda_2", "open_chain_logZ_h0"},
}
REFERENCE = [row for row in CASES if row["kind"] in KINDS]
COMPARISONS = [
    pytest.param(row, way, id=f"{row['id']}-{way.__name__}") for row in REFERENCE for way in ways_to_compute(row)
]


@pytest.mark.parametrize(("row", "way"), COMPARISONS)
def test_reference_value(row, way):
    computed = way(row)
    shared = computed.keys() & row["expected"].keys()
    assert shared
    for name in sorted(shared):
        expected = np.array(row["expected"][name], dtype=float)
        expected = np.inf if row["expected"][name] is None else expected  # JSON knows no infinity
        atol = row["atol"]
        if name == "fisher_B_M" and "finite differences" in row["source"]:
            # Differences err in proportion to the largest entry: the reference is -2e-9 where symmetry makes it 0.
            atol = row["rtol"] * expected.max()
        np.testing.assert_allclose(
            computed[name], expected, rtol=row["rtol"], atol=atol, err_msg=f"{row['id']}: {name}"
        )


@pytest.mark.parametrize("row", REFERENCE, ids=lambda row: row["id"])
def test_no_reference_value_is_left_out(row):
    computed = set().union(*(way(row) for way in ways_to_compute(row)))
    left_out = row["expected"].keys() - computed
    enumerable = row["kind"] == "ising_lattice" and row["inputs"]["L"] * row["inputs"]["L2"] <= 16
    assert left_out <= (set() if enumerable else NOT_COMPUTED.get(row["kind"], set()))


def test_no_reference_row_is_left_untested():
    tested = {comparison.values[0]["id"] for comparison in COMPARISONS}
    assert {row["id"] for row in CASES if row["kind"] in KINDS} == tested
    assert {row["kind"] for row in REFERENCE} == KINDS


# ---------------------------------------------------------------- enumeration


@st.composite
def models(draw, max_spins=6):
    n = draw(st.integers(1, max_spins))
    number = st.floats(-2, 2)
    J = np.zeros((n, n))
    J[np.triu_indices(n, 1)] = draw(arrays(float, n * (n - 1) // 2, elements=number))
    return J + J.T, draw(arrays(float, n, elements=number))


@given(models(), st.floats(0, 3))
def test_every_answer_agrees_with_the_sum_over_states(model, beta):
    J, h = model
    spins = exact.states(len(h)).astype(float)
    weights = np.exp(-beta * energy(spins, J, h))
    p = weights / weights.sum()
    mean, correlation = exact.moments(J, h, beta)
    np.testing.assert_allclose(exact.energies(J, h), energy(spins, J, h), **ROUND_OFF)
    np.testing.assert_allclose(exact.log_partition(J, h, beta), np.log(weights.sum()), **ROUND_OFF)
    np.testing.assert_allclose(exact.distribution(J, h, beta), p, **ROUND_OFF)
    np.testing.assert_allclose(mean, p @ spins, **ROUND_OFF)
    np.testing.assert_allclose(correlation, (spins.T * p) @ spins, **ROUND_OFF)
    assert np.all(np.diagonal(correlation) == 1)


@given(models())
def test_statistics_moments_agree_with_the_sum_over_states(model):
    J, h = model
    statistics = Ising(J, h).statistics(exact.states(len(h))).astype(float)
    p = exact.distribution(J, h)
    expected = p @ statistics
    mean, covariance = exact.statistics_moments(J, h)
    np.testing.assert_allclose(mean, expected, **ROUND_OFF)
    np.testing.assert_allclose(covariance, (statistics - expected).T * p @ (statistics - expected), **ROUND_OFF)


@given(models(max_spins=4))
def test_moments_are_derivatives_of_log_partition(model):
    model = Ising(*model)
    mean, covariance = exact.statistics_moments(model.J, model.h)
    for k, nudge in enumerate(STEP * np.eye(len(mean))):
        up, down = model.step(nudge), model.step(-nudge)
        slope = (exact.log_partition(up.J, up.h) - exact.log_partition(down.J, down.h)) / (2 * STEP)
        assert abs(slope - mean[k]) < DIFFERENCE_ERROR
        change = exact.statistics_moments(up.J, up.h)[0] - exact.statistics_moments(down.J, down.h)[0]
        np.testing.assert_allclose(change / (2 * STEP), covariance[k], rtol=0, atol=DIFFERENCE_ERROR)


@given(models(), st.integers(0, 2**6 - 1))
def test_gauge_symmetry(model, k):
    """Turning some spins' axes around changes names, not physics."""
    J, h = model
    turn = exact.states(6)[k, : len(h)]
    mean, correlation = exact.moments(J, h)
    turned = np.outer(turn, turn) * J, turn * h
    turned_mean, turned_correlation = exact.moments(*turned)
    np.testing.assert_allclose(exact.log_partition(*turned), exact.log_partition(J, h), **ROUND_OFF)
    np.testing.assert_allclose(turned_mean, turn * mean, **ROUND_OFF)
    np.testing.assert_allclose(turned_correlation, np.outer(turn, turn) * correlation, **ROUND_OFF)


@given(models(), st.randoms(use_true_random=False))
def test_relabelling(model, random):
    J, h = model
    order = random.sample(range(len(h)), len(h))
    mean, correlation = exact.moments(J, h)
    relabelled = J[np.ix_(order, order)], h[order]
    relabelled_mean, relabelled_correlation = exact.moments(*relabelled)
    np.testing.assert_allclose(exact.log_partition(*relabelled), exact.log_partition(J, h), **ROUND_OFF)
    np.testing.assert_allclose(relabelled_mean, mean[order], **ROUND_OFF)
    np.testing.assert_allclose(relabelled_correlation, correlation[np.ix_(order, order)], **ROUND_OFF)


@pytest.mark.parametrize("scale", [1.0, 1000.0])
@pytest.mark.parametrize("n", [15, 16, 18])
def test_many_blocks_agree_with_one(n, scale):
    """Above 15 spins the table of states comes in several blocks, and the running maximum moves."""
    rng = np.random.default_rng(n)
    J, h = random_couplings(n, rng, scale), rng.normal(0, scale, n)
    spins = exact.states(n).astype(float)
    E = energy(spins, J, h)
    np.testing.assert_allclose(exact.energies(J, h), E, rtol=1e-10, atol=1e-10 * scale)
    weights = np.exp(E.min() - E)
    p = weights / weights.sum()
    mean, correlation = exact.moments(J, h)
    np.testing.assert_allclose(exact.log_partition(J, h), np.log(weights.sum()) - E.min(), rtol=1e-10)
    np.testing.assert_allclose(mean, p @ spins, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(correlation, (spins.T * p) @ spins, rtol=1e-8, atol=1e-10)


def test_the_largest_enumeration():
    n, J, h = exact.MAX_SPINS, 0.4, 0.1
    mean, correlation = exact.moments(chain(n, J), np.full(n, h))
    np.testing.assert_allclose(mean, exact.ring(n, J, h)[1][1] / n, **ROUND_OFF)
    np.testing.assert_allclose(correlation[7], exact.ring_correlation(n, J, h, np.arange(n) - 7), **ROUND_OFF)


@pytest.mark.filterwarnings("error")
def test_strong_couplings_do_not_overflow():
    J = chain(17, 1000.0, periodic=False)
    mean, correlation = exact.moments(J, np.zeros(17))
    np.testing.assert_allclose(mean, 0, atol=1e-12)
    np.testing.assert_allclose(correlation, 1, rtol=1e-12)
    assert exact.log_partition(J, np.zeros(17)) == pytest.approx(16_000 + np.log(2), abs=1e-9)
    assert exact.distribution(J, np.zeros(17))[[0, 1, -1]] == pytest.approx([0.5, 0, 0.5])
    np.testing.assert_allclose(exact.moments(-J, np.zeros(17))[1][0], (-1.0) ** np.arange(17), rtol=1e-12)


def test_one_spin():
    mean, correlation = exact.moments([[0]], [0.3], beta=2)
    assert mean == pytest.approx(np.tanh(0.6)) and correlation == 1
    assert exact.log_partition([[0]], [0.3], beta=2) == pytest.approx(np.log(2 * np.cosh(0.6)))
    assert exact.statistics_moments([[0]], [0.3])[1] == pytest.approx(1 - np.tanh(0.3) ** 2)


def test_state_k_has_spin_i_up_where_bit_i_of_k_is_set():
    spins = exact.states(5)
    assert spins.dtype == np.int8 and spins.shape == (32, 5)
    assert all(spins[k, i] == (1 if k >> i & 1 else -1) for k in range(32) for i in range(5))


@pytest.mark.parametrize(
    ("J", "h", "count"),
    [
        (chain(6), np.zeros(6), 2),
        (chain(5, -1.0), np.zeros(5), 10),  # one of five bonds must stay unhappy, either way up
        (chain(11, -0.3), np.zeros(11), 22),  # their energies differ by round-off
        (np.zeros((4, 4)), np.zeros(4), 16),
        (chain(6), [1e-6, 0, 0, 0, 0, 0], 1),
    ],
)
def test_all_ground_states_are_found(J, h, count):
    lowest, ground = exact.ground_states(J, h)
    assert len(ground) == count and lowest == pytest.approx(exact.energies(J, h).min())
    np.testing.assert_allclose(energy(ground, J, h), lowest, atol=1e-12)


@pytest.mark.parametrize("shape", [(2, 2), (2, 3), (5, 2), (3, 4), (4, 4)])
def test_ground_energy_of_a_lattice_glass(shape):
    """Against enumeration; at side 2 the two bonds of a pair add up."""
    right, down = np.random.default_rng(4).normal(size=(2, *shape))
    J, site = np.zeros((right.size,) * 2), np.arange(right.size).reshape(shape)
    for couplings, axis in ((right, 1), (down, 0)):
        for i, j, coupling in zip(site.flat, np.roll(site, -1, axis).flat, couplings.flat, strict=True):
            J[i, j] += coupling
            J[j, i] += coupling
    lowest, _ = exact.ground_states(J, np.zeros(right.size))
    assert exact.ground_energy(right, down) == pytest.approx(lowest, abs=1e-12)


@pytest.mark.parametrize(
    ("right", "down", "says"),
    [
        (np.ones((3, 4)), np.ones((4, 3)), "one number a site"),
        (np.ones(4), np.ones(4), "one number a site"),
        (np.full((3, 3), np.nan), np.ones((3, 3)), "finite"),
        (np.ones((1, 4)), np.ones((1, 4)), "got 1 x 4"),
        (np.ones((4, 9)), np.ones((4, 9)), "turn the lattice"),
    ],
)
def test_ground_energy_refuses_what_is_no_lattice(right, down, says):
    with pytest.raises(ValueError, match=says):
        exact.ground_energy(right, down)


def test_ground_states_without_field_come_in_pairs():
    (row,) = (row for row in CASES if row["id"] == "sk10")
    _, ground = exact.ground_states(row["inputs"]["J"], row["inputs"]["h"])
    assert np.array_equal(ground[0], -ground[1]) and len(ground) == 2


@pytest.mark.parametrize("function", [exact.energies, exact.log_partition, exact.moments, exact.distribution])
def test_too_many_spins(function):
    with pytest.raises(ValueError, match=r"at most 25 spins, got 26: .* 2\^26 states.* 0\.5 GB; use sampling\.sample"):
        function(np.zeros((26, 26)), np.zeros(26))


@pytest.mark.parametrize("function", [exact.ground_states, exact.statistics_moments])
def test_too_many_spins_however_many(function):
    with pytest.raises(ValueError, match=r"exact\.lattice, for a ring exact\.ring"):
        function(np.zeros((1500, 1500)), np.zeros(1500))


@pytest.mark.parametrize("n", [26, -1, 2.5])
def test_states_of_no_number_of_spins(n):
    with pytest.raises(ValueError, match=r"number of spins must be|at most 25"):
        exact.states(n)


@pytest.mark.parametrize("beta", [-0.1, np.nan, np.inf, [1, 2]])
@pytest.mark.parametrize("function", [exact.log_partition, exact.moments, exact.distribution])
def test_beta_of_no_temperature(function, beta):
    with pytest.raises(ValueError, match="beta must be one finite number, 0 or above"):
        function(chain(3), np.zeros(3), beta)


@pytest.mark.parametrize(
    "function", [exact.energies, exact.ground_states, exact.moments, exact.distribution, exact.statistics_moments]
)
def test_couplings_are_checked(function):
    with pytest.raises(ValueError, match="J must be symmetric"):
        function([[0, 1], [0, 0]], [0, 0])
    with pytest.raises(ValueError, match="h must have one field for each of the 2 spins"):
        function(chain(2), [0.5])


# ---------------------------------------------------------------- transfer matrices


@given(st.sampled_from([(2, 2), (2, 3), (3, 2), (3, 3), (2, 5), (4, 3), (3, 4)]), st.floats(-0.5, 1), st.floats(-1, 1))
def test_lattice_agrees_with_enumeration(shape, J, h):
    images = exact.states(shape[0] * shape[1]).reshape(-1, *shape)
    statistics = np.stack([bond_sum(images), spin_sum(images)], axis=1)
    weights = np.exp(statistics @ [J, h])
    p = weights / weights.sum()
    expected = p @ statistics
    log_Z, mean, covariance = exact.lattice(shape, J, h)
    np.testing.assert_allclose(log_Z, np.log(weights.sum()), **ROUND_OFF)
    np.testing.assert_allclose(mean, expected, **ROUND_OFF)
    np.testing.assert_allclose(covariance, (statistics - expected).T * p @ (statistics - expected), **ROUND_OFF)


@given(st.integers(2, 8), st.floats(-0.5, 1), st.floats(-1, 1))
def test_ring_agrees_with_enumeration(n, J, h):
    spins = exact.states(n)
    statistics = np.stack([np.sum(spins * np.roll(spins, -1, axis=1), axis=1), spins.sum(axis=1)], axis=1)
    p = exact.distribution(chain(n, J), np.full(n, h))
    expected = p @ statistics
    log_Z, mean, covariance = exact.ring(n, J, h)
    np.testing.assert_allclose(log_Z, exact.log_partition(chain(n, J), np.full(n, h)), **ROUND_OFF)
    np.testing.assert_allclose(mean, expected, **ROUND_OFF)
    np.testing.assert_allclose(covariance, (statistics - expected).T * p @ (statistics - expected), **ROUND_OFF)
    correlation = exact.moments(chain(n, J), np.full(n, h))[1][0]
    np.testing.assert_allclose(exact.ring_correlation(n, J, h, np.arange(n)), correlation, **ROUND_OFF)


@given(st.sampled_from([(4, 4), (3, 6), (5, 7)]), st.floats(-0.3, 1), st.floats(-1, 1))
def test_turning_all_spins_and_the_field_around(shape, J, h):
    log_Z, mean, covariance = exact.lattice(shape, J, h)
    turned_log_Z, turned_mean, turned_covariance = exact.lattice(shape, J, -h)
    turn = np.array([1, -1])
    np.testing.assert_allclose(turned_log_Z, log_Z, **ROUND_OFF)
    np.testing.assert_allclose(turned_mean, turn * mean, **ROUND_OFF)
    np.testing.assert_allclose(turned_covariance, np.outer(turn, turn) * covariance, rtol=1e-9, atol=1e-9)


@given(st.sampled_from([(4, 4), (2, 6), (6, 4)]), st.floats(0, 1))
def test_turning_every_second_spin_around(shape, J):
    """With even sides and no field, a lattice that likes to disagree is one that likes to agree."""
    log_Z, mean, covariance = exact.lattice(shape, J, 0.0)
    turned_log_Z, turned_mean, turned_covariance = exact.lattice(shape, -J, 0.0)
    np.testing.assert_allclose(turned_log_Z, log_Z, **ROUND_OFF)
    np.testing.assert_allclose(turned_mean[0], -mean[0], **ROUND_OFF)
    np.testing.assert_allclose(turned_covariance[0, 0], covariance[0, 0], rtol=1e-9, atol=1e-9)


def test_a_small_variance_survives_a_large_mean():
    """At low temperature few spins are turned: one, at a cost of 8 J + 2 h, or two neighbours, at 12 J + 4 h."""
    J, h = 2.0, 0.1
    _, _, covariance = exact.lattice((8, 8), J, h)
    expected = 64 * 8**2 * np.exp(-8 * J - 2 * h) + 128 * 12**2 * np.exp(-12 * J - 4 * h)
    assert covariance[0, 0] == pytest.approx(expected, rel=1e-5)


@pytest.mark.filterwarnings("error")
def test_strong_couplings_of_a_lattice():
    assert exact.lattice((4, 5), 1000.0, 0.0)[0] == pytest.approx(40_000 + np.log(2), rel=1e-12)
    assert exact.lattice((4, 4), -1000.0, 0.0)[1][0] == pytest.approx(-32)
    assert exact.ring(6, -1000.0, 0.0)[0] == pytest.approx(6_000 + np.log(2), rel=1e-12)


@pytest.mark.parametrize("function", [lambda: exact.ring(3, -20.0, 0.0), lambda: exact.lattice((3, 5), -1000.0, 0.1)])
def test_frustration_beyond_double_precision_is_refused(function):
    with pytest.raises(ValueError, match=r"cannot be summed on an odd number of rows .* use a weaker J"):
        function()


def test_bad_lattices_and_rings():
    with pytest.raises(ValueError, match=r"smaller side of a lattice must be at most 10, got 12 x 11.*sample_images"):
        exact.lattice((12, 11), 0.4, 0.0)
    with pytest.raises(ValueError, match="sides of at least 2, got side 1"):
        exact.lattice((1, 4), 0.4, 0.0)
    with pytest.raises(ValueError, match="h of a LatticeIsing must be one finite number, got nan"):
        exact.lattice((4, 4), 0.4, np.nan)
    with pytest.raises(ValueError, match="the number of spins of a ring must be a whole number, 2 or more, got 1"):
        exact.ring(1, 0.4, 0.0)
    with pytest.raises(ValueError, match="J of a ring must be one finite number, got inf"):
        exact.ring_correlation(5, np.inf, 0.0, 1)


# ---------------------------------------------------------------- Kaufman and Onsager

TC = exact.CRITICAL_TEMPERATURE


@pytest.mark.parametrize("temperature", [0.3, 0.8, 2.0, 2.2, TC, 2.4, 5.0, 100.0])
@pytest.mark.parametrize("size", [2, 3, 4])
def test_kaufman_agrees_with_enumeration(size, temperature):
    images = exact.states(size**2).reshape(-1, size, size)
    E = -bond_sum(images) / temperature
    weights = np.exp(E.min() - E)
    p = weights / weights.sum()
    e, c = exact.kaufman(size, temperature)
    np.testing.assert_allclose(
        exact.kaufman_log_partition(size, temperature), np.log(weights.sum()) - E.min(), rtol=1e-12
    )
    np.testing.assert_allclose(e, p @ E * temperature / size**2, rtol=1e-12)
    np.testing.assert_allclose(c, p @ (E - p @ E) ** 2 / size**2, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("temperature", [1.0, TC * (1 - 1e-12), TC, TC * (1 + 1e-12), 4.0])
@pytest.mark.parametrize("size", [7, 8])
def test_kaufman_agrees_with_the_transfer_matrix(size, temperature):
    log_Z, mean, covariance = exact.lattice((size, size), 1 / temperature, 0.0)
    e, c = exact.kaufman(size, temperature)
    np.testing.assert_allclose(exact.kaufman_log_partition(size, temperature), log_Z, rtol=1e-11)
    np.testing.assert_allclose(e, -mean[0] / size**2, rtol=1e-11)
    np.testing.assert_allclose(c, covariance[0, 0] / (size * temperature) ** 2, rtol=1e-9)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("size", [2, 3, 63, 512])
def test_kaufman_over_the_whole_range(size):
    temperature = np.array([[0.3, 1.0, 2.0], [TC, 3.0, 100.0]])
    e, c = exact.kaufman(size, temperature)
    log_Z = exact.kaufman_log_partition(size, temperature)
    assert e.shape == c.shape == log_Z.shape == (2, 3)
    assert np.all(np.diff(e.ravel()) > 0) and np.all(c > 0)
    # d log Z / dK = -E, by a central difference. It errs by STEP**2 / 6 times the third derivative, which is largest
    # at the critical point: there c bends within 1 / L, and the derivative is of the order of 10 L a spin.
    K = 1 / temperature
    slope = exact.kaufman_log_partition(size, 1 / (K + STEP)) - exact.kaufman_log_partition(size, 1 / (K - STEP))
    np.testing.assert_allclose(-slope / (2 * STEP * size**2), e, rtol=0, atol=10 * size * STEP**2)


def test_a_large_lattice_is_nearly_infinite():
    for temperature in (1.5, 2.0, 3.0, 5.0):
        e, c = exact.kaufman(512, temperature)
        np.testing.assert_allclose(e, exact.onsager_energy(temperature), rtol=1e-12)
        np.testing.assert_allclose(c, exact.onsager_heat_capacity(temperature), rtol=1e-10)
        # Below the critical temperature there are two states of opposite magnetization.
        order = np.log(2) if temperature < TC else 0.0
        log_Z = exact.kaufman_log_partition(512, temperature)
        np.testing.assert_allclose(log_Z, 512**2 * exact.onsager_log_partition(temperature) + order, rtol=1e-14)


@pytest.mark.parametrize("distance", [0.1, 0.03, 0.01, 0.003, 0.001])
def test_onsager_log_partition_close_to_the_critical_point(distance):
    size = 2**15  # many correlation lengths, 1 / |4 (K - Kc)|
    for temperature, order in ((TC - distance, np.log(2)), (TC + distance, 0.0)):
        finite = (exact.kaufman_log_partition(size, temperature) - order) / size**2
        np.testing.assert_allclose(exact.onsager_log_partition(temperature), finite, rtol=1e-13)


def test_the_critical_point():
    assert exact.onsager_energy(TC) == -np.sqrt(2)
    assert exact.onsager_heat_capacity(TC) == np.inf
    assert exact.onsager_magnetization(TC) == 0 and exact.onsager_magnetization(TC * (1 + 1e-9)) == 0
    catalan = 0.915965594177219015
    assert exact.onsager_log_partition(TC) == pytest.approx(np.log(2) / 2 + 2 * catalan / np.pi, abs=1e-14)


@pytest.mark.parametrize("temperature", [0.5, 1.5, 2.2, 2.35, 4.0, 50.0])
def test_onsager_energy_and_heat_capacity_are_derivatives(temperature):
    # The derivatives grow near the critical point as 1 / (T - Tc)**2; 0.07 away the differences err by 1e-6.
    K, step = 1 / temperature, 1e-4
    e_up, e_down = exact.onsager_energy(1 / (K + step)), exact.onsager_energy(1 / (K - step))
    slope = exact.onsager_log_partition(1 / (K + step)) - exact.onsager_log_partition(1 / (K - step))
    np.testing.assert_allclose(-slope / (2 * step), exact.onsager_energy(temperature), atol=1e-6)
    c = -(e_up - e_down) / (2 * step) / temperature**2
    np.testing.assert_allclose(c, exact.onsager_heat_capacity(temperature), atol=1e-5)


def test_onsager_near_the_critical_point_is_continuous():
    for distance in 10.0 ** np.arange(-15, -6):
        for temperature in (TC - distance, TC + distance):
            # e(T) - e(Tc) = c dT with c growing like -log; log Z's slope by T is e / T**2.
            assert abs(exact.onsager_energy(temperature) + np.sqrt(2)) < 20 * distance + 1e-14
            change = exact.onsager_log_partition(temperature) - exact.onsager_log_partition(TC)
            assert abs(change) < 0.3 * distance + 1e-14


@pytest.mark.parametrize(
    "function",
    [
        lambda T: exact.kaufman(8, T),
        lambda T: exact.kaufman_log_partition(8, T),
        exact.onsager_energy,
        exact.onsager_heat_capacity,
        exact.onsager_magnetization,
        exact.onsager_log_partition,
    ],
)
@pytest.mark.parametrize("temperature", [0.0, -1.0, np.nan, np.inf, [1.0, 0.0]])
def test_bad_temperatures(function, temperature):
    with pytest.raises(ValueError, match=r"the temperature must be finite and at least 0\.01"):
        function(temperature)


def test_bad_kaufman_size():
    with pytest.raises(ValueError, match="sides of at least 2, got side 1"):
        exact.kaufman(1, 2.0)
