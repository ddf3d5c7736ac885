"""Energies, couplings, lattices and models: their symmetries, and what they say to wrong input."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from course_lib import exact, ising
from course_lib.ising import Ising, LatticeIsing

ROUND_OFF = {"rtol": 1e-12, "atol": 1e-12}
NUMBER = st.floats(-3, 3)


def spin_arrays(shape):
    return arrays(np.int8, shape, elements=st.sampled_from([-1, 1]))


@st.composite
def systems(draw, batch=3):
    """Couplings, fields and a batch of configurations."""
    n = draw(st.integers(1, 7))
    J = np.zeros((n, n))
    J[np.triu_indices(n, 1)] = draw(arrays(float, n * (n - 1) // 2, elements=NUMBER))
    return J + J.T, draw(arrays(float, n, elements=NUMBER)), draw(spin_arrays((batch, n)))


@st.composite
def image_batches(draw):
    return draw(spin_arrays((draw(st.integers(1, 3)), draw(st.integers(2, 5)), draw(st.integers(2, 5)))))


# ---------------------------------------------------------------- energies


@given(systems())
def test_energy_counts_each_pair_once(system):
    J, h, spins = system
    n = len(h)
    for s, E in zip(spins.astype(float), ising.energy(spins, J, h), strict=True):
        by_hand = -sum(J[i, j] * s[i] * s[j] for i in range(n) for j in range(i + 1, n)) - sum(h * s)
        assert E == pytest.approx(by_hand, abs=1e-11)


@given(systems())
def test_flip_cost_is_what_a_flip_costs(system):
    J, h, spins = system
    cost, before = ising.flip_cost(spins, J, h), ising.energy(spins, J, h)
    for i in range(len(h)):
        flipped = spins.copy()
        flipped[:, i] *= -1
        np.testing.assert_allclose(cost[:, i], ising.energy(flipped, J, h) - before, **ROUND_OFF)


@given(systems())
def test_local_field_decides_the_energy_of_a_spin(system):
    J, h, spins = system
    np.testing.assert_allclose(ising.flip_cost(spins, J, h), 2 * spins * ising.local_field(spins, J, h), **ROUND_OFF)


@given(systems(), spin_arrays(7))
def test_gauge_symmetry(system, turn):
    J, h, spins = system
    turn = turn[: len(h)]
    turned = ising.energy(turn * spins, np.outer(turn, turn) * J, turn * h)
    np.testing.assert_allclose(turned, ising.energy(spins, J, h), **ROUND_OFF)


@given(systems())
def test_turning_all_spins_and_fields_around(system):
    J, h, spins = system
    np.testing.assert_allclose(ising.energy(-spins, J, -h), ising.energy(spins, J, h), **ROUND_OFF)


@pytest.mark.parametrize("dtype", [np.int8, np.int64, np.float32, float])
def test_spins_of_any_number_type(dtype):
    spins = np.array([[1, -1, 1], [1, 1, 1]], dtype=dtype)
    np.testing.assert_array_equal(ising.energy(spins, ising.chain(3), np.zeros(3)), [1, -3])
    np.testing.assert_array_equal(ising.flip_cost(spins, ising.chain(3), np.zeros(3)), [[0, -4, 0], [4, 4, 4]])


def test_any_leading_axes():
    spins = np.ones((2, 3, 4), dtype=np.int8)
    assert ising.energy(spins, ising.chain(4), np.zeros(4)).shape == (2, 3)
    assert ising.energy(spins[0, 0], ising.chain(4), np.zeros(4)).shape == ()
    assert ising.flip_cost(spins, ising.chain(4), np.zeros(4)).shape == (2, 3, 4)
    assert ising.bond_sum(spins[..., None, :] * np.ones((2, 1))).shape == (2, 3)


# ---------------------------------------------------------------- couplings


def test_couplings_of_a_chain():
    np.testing.assert_array_equal(ising.chain(4, 0.5)[0], [0, 0.5, 0, 0.5])
    np.testing.assert_array_equal(ising.chain(4, 0.5, periodic=False)[0], [0, 0.5, 0, 0])
    np.testing.assert_array_equal(ising.chain(2), [[0, 2], [2, 0]])  # both bonds of the one pair


@pytest.mark.parametrize(("rows", "cols"), [(2, 2), (2, 5), (3, 4), (4, 3), (6, 6)])
def test_each_site_of_a_lattice_has_four_neighbours(rows, cols):
    J = ising.square_lattice(rows, cols, 0.5)
    np.testing.assert_array_equal(J, J.T)
    np.testing.assert_array_equal(J.sum(axis=0), 2.0)
    for row, col in np.ndindex(rows, cols):
        expected = np.zeros((rows, cols))
        for down, right in [(0, 1), (0, -1), (1, 0), (-1, 0)]:
            expected[(row + down) % rows, (col + right) % cols] += 0.5
        np.testing.assert_array_equal(J[row * cols + col].reshape(rows, cols), expected)


def test_random_couplings():
    n = 300
    J = ising.random_couplings(n, np.random.default_rng(0), scale=2.0)
    np.testing.assert_array_equal(J, J.T)
    np.testing.assert_array_equal(np.diagonal(J), 0)
    pairs = J[np.triu_indices(n, 1)] * np.sqrt(n) / 2
    # 44850 numbers: the mean errs by 1 / 212, the variance by sqrt(2) / 212; five standard errors.
    assert abs(pairs.mean()) < 5 / 212 and abs(pairs.var() - 1) < 5 * np.sqrt(2) / 212
    np.testing.assert_array_equal(J, ising.random_couplings(n, np.random.default_rng(0), scale=2.0))


# ---------------------------------------------------------------- lattices


@given(image_batches())
def test_bond_sum_counts_every_bond_once(images):
    rows, cols = images.shape[1:]
    by_hand = [
        sum(int(s[r, c]) * (int(s[r, (c + 1) % cols]) + int(s[(r + 1) % rows, c])) for r, c in np.ndindex(rows, cols))
        for s in images
    ]
    np.testing.assert_array_equal(ising.bond_sum(images), by_hand)


@given(image_batches(), st.integers(-5, 5), st.integers(-5, 5), NUMBER, NUMBER)
def test_lattice_symmetries(images, down, right, J, h):
    def sums(images, h):
        energy = LatticeIsing(J, h, images.shape[1:]).energy(images)
        return np.stack([ising.bond_sum(images), ising.spin_sum(images), energy])

    original = sums(images, h)
    np.testing.assert_allclose(sums(np.roll(images, (down, right), axis=(1, 2)), h), original, **ROUND_OFF)
    np.testing.assert_allclose(sums(images.swapaxes(1, 2), h), original, **ROUND_OFF)
    np.testing.assert_allclose(sums(images[:, ::-1], h), original, **ROUND_OFF)
    np.testing.assert_allclose(sums(-images, -h), [[1], [-1], [1]] * original, **ROUND_OFF)


@given(image_batches(), NUMBER, NUMBER)
def test_a_lattice_is_an_ising_model(images, J, h):
    rows, cols = images.shape[1:]
    lattice = LatticeIsing(J, h, (rows, cols))
    model = Ising(ising.square_lattice(rows, cols, J), np.full(rows * cols, h))
    np.testing.assert_allclose(lattice.energy(images), model.energy(images.reshape(len(images), -1)), **ROUND_OFF)


@given(image_batches(), NUMBER, NUMBER)
def test_neighbour_sum_gives_the_local_field(images, J, h):
    rows, cols = images.shape[1:]
    field = ising.local_field(
        images.reshape(len(images), -1), ising.square_lattice(rows, cols, J), np.full(rows * cols, h)
    )
    np.testing.assert_allclose(J * ising.neighbour_sum(images) + h, field.reshape(images.shape), **ROUND_OFF)


def test_sums_do_not_overflow():
    images = np.ones((200, 200), dtype=np.int8)
    assert ising.bond_sum(images) == 80_000 and ising.spin_sum(images) == 40_000


# ---------------------------------------------------------------- models


@st.composite
def models_with_data(draw):
    if draw(st.booleans()):
        J, h, spins = draw(systems())
        return Ising(J, h), spins
    images = draw(image_batches())
    return LatticeIsing(draw(NUMBER), draw(NUMBER), images.shape[1:]), images


@given(models_with_data())
def test_the_shape_is_that_of_one_configuration(model_and_data):
    model, x = model_and_data
    assert model.shape == x.shape[1:]


@given(models_with_data())
def test_a_parameter_multiplies_its_statistic(model_and_data):
    model, x = model_and_data
    np.testing.assert_allclose(model.energy(x), -model.statistics(x) @ model.parameters, rtol=1e-12, atol=1e-11)


@given(models_with_data())
def test_moments_are_means_of_the_statistics(model_and_data):
    model, x = model_and_data
    expected = model.statistics(x).mean(axis=0)
    np.testing.assert_allclose(model.moments(x), expected, **ROUND_OFF)
    np.testing.assert_allclose(model.moments(x[None]), expected, **ROUND_OFF)


@given(models_with_data(), st.integers(0, 99))
def test_a_step_adds_to_the_parameters(model_and_data, seed):
    model, _ = model_and_data
    before = model.parameters.copy()
    delta = np.random.default_rng(seed).normal(size=len(before))
    stepped = model.step(delta)
    assert type(stepped) is type(model)
    np.testing.assert_allclose(stepped.parameters, before + delta, **ROUND_OFF)
    np.testing.assert_array_equal(model.parameters, before)


def test_models_do_not_change():
    J, h = ising.chain(3), np.zeros(3)
    model = Ising(J, h)
    J[0, 1] = h[0] = 7.0
    assert model.J[0, 1] == 1 and model.h[0] == 0
    for array in (model.J, model.h):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 7.0
    with pytest.raises(FrozenInstanceError):
        model.J = J
    with pytest.raises(FrozenInstanceError):
        LatticeIsing(0.4, 0.0, (3, 3)).h = 1.0
    assert J.flags.writeable


# ---------------------------------------------------------------- wrong input: see also test_inputs

J3, h3 = ising.chain(3), np.zeros(3)
OF_SPINS_AND_COUPLINGS = [ising.energy, ising.local_field, ising.flip_cost]
OF_IMAGES = [ising.bond_sum, ising.spin_sum, ising.neighbour_sum]


@pytest.mark.parametrize("function", OF_SPINS_AND_COUPLINGS)
def test_functions_check_what_they_are_given(function):
    with pytest.raises(ValueError, match="J must be symmetric"):
        function([1, 1], [[0, 1], [0, 0]], [0, 0])
    with pytest.raises(ValueError, match=r"convert them with inputs\.to_spins"):
        function([0, 1, 1], J3, h3)
    with pytest.raises(ValueError, match=r"must have 3 spins, as J and h have, got shape \(2, 4\)"):
        function(np.ones((2, 4)), J3, h3)


@pytest.mark.parametrize("function", OF_IMAGES)
def test_sums_of_images_check_what_they_are_given(function):
    with pytest.raises(ValueError, match=r"convert them with inputs\.to_spins"):
        function([[0, 1], [1, 1]])
    with pytest.raises(ValueError, match="sides of at least 2, got side 1"):
        function(np.ones((4, 1)))
    with pytest.raises(ValueError, match=r"must have the shape \(..., rows, cols\), got \(4,\)"):
        function(np.ones(4))


@pytest.mark.parametrize("method", ["energy", "statistics", "moments"])
def test_models_check_the_data(method):
    with pytest.raises(ValueError, match=r"convert them with inputs\.to_spins"):
        getattr(Ising(J3, h3), method)([0, 1, 1])
    with pytest.raises(ValueError, match=r"must have 3 spins, as J and h have, got shape \(2, 4\)"):
        getattr(Ising(J3, h3), method)(np.ones((2, 4)))
    lattice = LatticeIsing(0.4, 0.0, (3, 4))
    with pytest.raises(ValueError, match=r"convert them with inputs\.to_spins"):
        getattr(lattice, method)(np.zeros((3, 4)))
    with pytest.raises(ValueError, match=r"model's lattice is 3 x 4, got images of shape \(5, 4, 3\)"):
        getattr(lattice, method)(np.ones((5, 4, 3)))


def test_models_check_their_parameters():
    with pytest.raises(ValueError, match="J must be symmetric"):
        Ising([[0, 1], [0, 0]], [0, 0])
    with pytest.raises(ValueError, match="h must be finite"):
        Ising(J3, h3).step([0, 0, 0, np.inf, 0, 0])
    with pytest.raises(ValueError, match="J of a LatticeIsing must be one finite number"):
        LatticeIsing(0.4, 0.0, (3, 3)).step([np.nan, 0])


@pytest.mark.parametrize(
    ("model", "nothing"),
    [
        (Ising(J3, h3), np.ones((0, 3))),
        (Ising(J3, h3), np.ones((2, 0, 3))),
        (LatticeIsing(0, 0, (3, 3)), np.ones((0, 3, 3))),
    ],
)
def test_no_data(model, nothing):
    with pytest.raises(ValueError, match=r"the data are empty \(shape .*at least one sample"):
        model.moments(nothing)


def test_wrong_lattices():
    with pytest.raises(
        ValueError, match="sides of at least 2, got side 1: at side 1 a spin would be its own neighbour"
    ):
        ising.square_lattice(1, 4)
    with pytest.raises(ValueError, match="sides of at least 2, got side 1"):
        LatticeIsing(0.4, 0.0, (4, 1))
    with pytest.raises(ValueError, match=r"sides of at least 2, got side 2\.5"):
        ising.square_lattice(2.5, 4)
    with pytest.raises(ValueError, match="the number of spins of a chain must be a whole number, 2 or more, got 1"):
        ising.chain(1)


@pytest.mark.parametrize(
    ("J", "h", "name"), [(np.nan, 0.0, "J"), (0.4, np.inf, "h"), ([0.4, 0.4], 0.0, "J"), (0.4, np.zeros(9), "h")]
)
def test_wrong_parameters_of_a_lattice(J, h, name):
    with pytest.raises(ValueError, match=f"{name} of a LatticeIsing must be one finite number"):
        LatticeIsing(J, h, (3, 3))


# ---------------------------------------------------------------- units of 0 and 1


@pytest.mark.parametrize("n", [1, 2, 5])
def test_binary_units_have_the_same_probabilities(n):
    rng = np.random.default_rng(n)
    J01, h01 = ising.random_couplings(n, rng, 3.0), rng.normal(size=n)
    J, h = ising.from_binary(J01, h01)
    states = exact.states(n)
    x = (states + 1) / 2
    energies = -0.5 * np.einsum("ki,ij,kj->k", x, J01, x) - x @ h01
    assert np.ptp(ising.energy(states, J, h) - energies) < 1e-12
    back = ising.to_binary(J, h)
    assert np.allclose(back[0], J01) and np.allclose(back[1], h01)


def test_binary_units_of_a_lattice():
    """Four neighbours: J = J01 / 4, h = h01 / 2 + J01."""
    J, h = ising.from_binary(ising.square_lattice(3, 3, 0.8), 0.3)
    assert np.allclose(J, ising.square_lattice(3, 3, 0.2)) and np.allclose(h, 0.3 / 2 + 0.8)


@pytest.mark.parametrize("convert", [ising.from_binary, ising.to_binary])
def test_binary_units_refuse_what_has_no_energy(convert):
    with pytest.raises(ValueError, match="zero diagonal"):
        convert(np.eye(3), 0)


def test_statistics_that_would_not_fit_are_refused_before_they_are_made():
    model, spins = Ising(np.zeros((2000, 2000)), np.zeros(2000)), np.ones((10_000, 2000), np.int8)
    with pytest.raises(ValueError, match=r"the statistics of so many samples, one by one, take 186\.\d GB, .*moments"):
        model.statistics(spins)
