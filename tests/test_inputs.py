"""What every check says to wrong input; that models are made of checked arrays, and that nobody looks twice."""

import sys

import numpy as np
import pytest

from course_lib import divergence, exact, inputs, ising, sampling
from course_lib.ising import Ising, LatticeIsing
from course_lib.learning import fit_images, fit_ising

# ---------------------------------------------------------------- couplings and spins

J3, h3 = ising.chain(3), np.zeros(3)
WRONG_COUPLINGS = {
    "not square": (np.zeros((2, 3)), h3, r"J must be a square matrix \(N, N\), got shape \(2, 3\)"),
    "a number": (0.5, h3, r"J must be a square matrix \(N, N\), got shape \(\)"),
    "one-way": ([[0, 1, 0], [0, 0, 0], [0, 0, 0]], h3, r"must be symmetric \(max \|J - J.T\| = 1\).*set both"),
    "diagonal": (J3 + np.eye(3), h3, r"zero diagonal, got J\[i, i\] up to 1.*np.fill_diagonal\(J, 0\)"),
    "short h": (J3, np.zeros(2), r"h must have one field for each of the 3 spins of J, shape \(3,\), got shape \(2,\)"),
    "h a column": (J3, h3[:, None], r"h must have one field for each of the 3 spins .* got shape \(3, 1\)"),
    "NaN in J": (np.where(J3, np.nan, 0), h3, "J must be finite, got 6 entries that are NaN or infinite"),
    "inf in h": (J3, [0, np.inf, 0], "h must be finite, got 1 entries that are NaN or infinite"),
    "complex J": (J3 + 0j, h3, "J must be an array of real numbers, got one of type complex128"),
    "text in h": (J3, ["0", "0", "0"], "h must be an array of real numbers, got one of type <U1"),
}
WRONG_SPINS = {
    "0 and 1": ([0, 1, 1], r"must be \+1 or -1, got the values 0, 1: convert them with inputs.to_spins"),
    "all 0": ([0, 0, 0], "got the values 0: convert them with"),
    "0.0 and 1.0": (np.array([0.0, 1.0, 1.0]), "got the values 0, 1: convert them with"),
    "bool": ([True, False, True], "got the values 0, 1: convert them with"),
    "all True": ([True, True, True], "got the values 1: convert them with"),
    "grey": (np.array([0, 127, 255], dtype=np.uint8), "got the values 0, 127, 255: convert them with"),
    "255 for -1": (np.array([1, 255, 1], dtype=np.uint8), "got the values 1, 255: convert them with"),
    "127": (np.array([127, 1, -1], dtype=np.int8), "got the values -1, 1, 127: convert them with"),
    "-128": (np.array([-128, 1, -1], dtype=np.int8), "got the values -128, -1, 1: convert them with"),
    "-1, 0, 1": ([-1, 0, 1], "got the values -1, 0, 1: convert them with"),
    "half": ([0.5, 1, -1], "got the values -1, 0.5, 1: convert them with"),
    "NaN": ([np.nan, 1, -1], "got the values NaN: convert them with inputs.to_spins"),
    "inf": ([np.inf, 1, -1], "got the values -1, 1, inf: convert them with"),
    "complex": ([1j, 1, -1], "array of real numbers, got one of type complex128: convert"),
    "text": (["+", "-", "+"], "array of real numbers, got one of type <U1: convert"),
    "objects": ([None, 1, -1], "array of real numbers, got one of type object: convert"),
    "a number": (1, "an array of the numbers .*, got a single number"),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", WRONG_COUPLINGS)
def test_wrong_couplings(name):
    J, h, message = WRONG_COUPLINGS[name]
    with pytest.raises(ValueError, match=message):
        inputs.check_couplings(J, h)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", WRONG_SPINS)
def test_wrong_spins(name):
    spins, message = WRONG_SPINS[name]
    with pytest.raises(ValueError, match=message):
        inputs.check_spins(spins)
    if np.ndim(spins):
        with pytest.raises(ValueError, match=message):
            inputs.check_images([spins, spins])


def test_couplings_within_round_off_of_symmetric_are_taken_and_made_symmetric():
    J, _ = inputs.check_couplings([[0, 0.1 + 0.2], [0.3, 0]], [0, 0])
    assert J[0, 1] == J[1, 0] == pytest.approx(0.3)


class Sparse:
    """What a sparse matrix offers."""

    def toarray(self):
        return J3


def test_sparse_couplings_and_one_field_for_all():
    J, h = inputs.check_couplings(Sparse(), 0.1)
    assert np.array_equal(J, J3) and np.array_equal(h, [0.1, 0.1, 0.1])
    assert np.allclose(exact.moments(Sparse(), 0.1)[0], exact.moments(J3, [0.1, 0.1, 0.1])[0])
    with pytest.raises(ValueError, match="h must be finite, got 3 entries"):
        inputs.check_couplings(J3, np.nan)


@pytest.mark.parametrize("dtype", [np.int8, np.int64, np.float32, float])
def test_spins_of_any_number_type_become_int8(dtype):
    spins = inputs.check_spins(np.array([[1, -1], [1, 1]], dtype=dtype), 2)
    assert spins.dtype == np.int8 and spins.tolist() == [[1, -1], [1, 1]]


def test_what_is_no_plain_array_is_sent_to_where_it_is_converted():
    masked = np.ma.array([1, -1, 1], mask=[0, 1, 0])
    with pytest.raises(ValueError, match=r"got one with masked entries: convert them with inputs\.to_spins"):
        inputs.check_spins(masked)
    assert inputs.check_spins(np.ma.array([1, -1])).tolist() == [1, -1]
    with pytest.raises(ValueError, match=r"got the record of a run: pass its \.spins"):
        inputs.check_spins(sampling.sample(J3, h3, 10, rng=1))


def test_another_number_of_spins_than_couplings():
    with pytest.raises(ValueError, match=r"must have 3 spins, as J and h have, got shape \(2, 4\)"):
        inputs.check_spins(np.ones((2, 4)), 3)


# ---------------------------------------------------------------- any two values become spins

DTYPES = [bool, np.uint8, np.int8, np.uint16, np.int64, np.float32, float, object, "U5"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("pair", [(0, 1), (1, 0), (-1, 1), (1, 2), (0, 255), (6, 1)])
def test_two_codes_of_any_dtype(dtype, pair, capsys):
    """The value that is named becomes +1 and the other -1, whatever the dtype holds."""
    truth = np.array([[1, -1, -1], [1, 1, -1]])
    down, up = np.array(pair).astype(dtype).tolist()
    if down == up or (min(pair) < 0 and dtype in (bool, np.uint8, np.uint16)):
        pytest.skip("this dtype does not hold both")
    values = np.where(truth > 0, up, down).astype(dtype)
    spins = inputs.to_spins(values, up=up)
    assert spins.dtype == np.int8 and np.array_equal(spins, truth)
    said = capsys.readouterr().out
    assert said == "" if {down, up} == {-1, 1} else f"{up} is up (3 of 6), {down} is down (3 of 6)" in said


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int8, float, object])
def test_what_needs_no_telling(dtype, capsys):
    assert inputs.to_spins(np.array([0, 1, 1]).astype(dtype)).tolist() == [-1, 1, 1]
    assert capsys.readouterr().out.count("to_spins: ") == 1
    if dtype not in (bool, np.uint8):
        assert inputs.to_spins(np.array([-1, 1, 1]).astype(dtype)).tolist() == [-1, 1, 1]
    assert inputs.to_spins([False, False]).tolist() == [-1, -1]
    assert inputs.to_spins([1, 1]).tolist() == [1, 1]


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        ([1, 2], {}, r"cannot be known which of the values 1, 2 is up: pass up=... to to_spins$"),
        ([0, 0], {}, "cannot be known which of the values 0 is up"),
        ([-1, 0], {}, "cannot be known which of the values -1, 0 is up"),
        ([-1, 0, 1], {}, "cannot be known which of the values -1, 0, 1 is up"),
        (np.arange(9.0), {}, r"values 0.0, 1.0, .*, ... is up: .* cut them: to_spins\(x > np.median\(x\)\)"),
        (["yes", "no"], {"up": "Yes"}, "up=Yes does not occur, the values are no, yes"),
        ([1, 6, 9], {"up": 1}, "besides up=1 the values 6, 9 occur"),
        ([1, np.nan], {}, "of 2 values 1 are NaN, None or masked: drop .* pass missing=np.nan"),
        ([1, None], {}, "of 2 values 1 are NaN, None or masked"),
        (np.ma.array([1, -1], mask=[0, 1]), {}, "of 2 values 1 are NaN, None or masked"),
        ([1j, 1], {}, "to_spins takes an array of numbers, truth values or texts, got one of type list"),
        (1, {}, "got a single value"),
        (object(), {}, "got one of type object"),
    ],
)
def test_what_cannot_be_known_is_asked(values, options, message):
    with pytest.raises(ValueError, match=message):
        inputs.to_spins(values, **options)


def test_the_advice_of_the_errors_leads_to_the_right_result(capsys):
    votes = np.array([1, 6, 9, 1])
    assert inputs.to_spins(votes, up=1, missing=9).tolist() == [1, -1, 0, 1]
    assert inputs.to_spins([1, 2, 3, 4, 0], up=[1, 2], missing=0).tolist() == [1, 1, -1, -1, 0]
    assert inputs.to_spins([-1, 0, 1], missing=0).tolist() == [-1, 0, 1]
    assert inputs.to_spins([1, np.nan, -1], missing=np.nan).tolist() == [1, 0, -1]
    assert inputs.to_spins(np.ma.array([1, -1, 1], mask=[0, 1, 0]), missing=np.nan).tolist() == [1, 0, 1]
    grey = np.array([0, 127, 200, 255], dtype=np.uint8)
    assert inputs.to_spins(grey > np.median(grey)).tolist() == [-1, -1, 1, 1]
    assert "-1 is down (1 of 3), 0 is missing (1 of 3)" in capsys.readouterr().out


def test_what_offers_itself_as_an_array():
    class Sparse:
        def toarray(self):
            return np.array([[0, 1], [1, 1]])

    class Nothing:  # as pandas has it
        pass

    Nothing.__name__ = "NAType"

    class Series:
        def to_numpy(self):
            return np.array([True, Nothing(), False], dtype=object)

    assert inputs.to_spins(Sparse()).tolist() == [[-1, 1], [1, 1]]
    assert inputs.to_spins(Series(), missing=np.nan).tolist() == [1, 0, -1]


# ---------------------------------------------------------------- batches and images


@pytest.mark.parametrize(("shape", "item_dims"), [((0, 3), 1), ((2, 0, 3), 1), ((0, 3, 3), 2), ((3,), 2), ((0,), 0)])
def test_no_data(shape, item_dims):
    with pytest.raises(ValueError, match=r"the data are empty \(shape .*at least one sample"):
        inputs.check_batch(np.ones(shape), item_dims)


def test_a_single_configuration_is_a_batch_of_one():
    assert inputs.check_batch(np.ones(3), 1).shape == (1, 3)
    assert inputs.check_batch(np.ones((3, 4)), 2).shape == (1, 3, 4)


@pytest.mark.parametrize("side", [1, 0, -3, 2.5, np.nan, np.inf])
def test_wrong_sides(side):
    with pytest.raises(ValueError, match=f"sides of at least 2, got side {side}: .* its own neighbour"):
        inputs.check_side(side)


def test_wrong_images():
    with pytest.raises(ValueError, match="sides of at least 2, got side 1: at side 1 a spin would be its own"):
        inputs.check_images(np.ones((4, 1)))
    with pytest.raises(ValueError, match=r"must have the shape \(..., rows, cols\), got \(4,\)"):
        inputs.check_images(np.ones(4))
    with pytest.raises(ValueError, match=r"model's lattice is 3 x 4, got images of shape \(5, 4, 3\)"):
        inputs.check_images(np.ones((5, 4, 3)), (3, 4))


# ---------------------------------------------------------------- single numbers


@pytest.mark.parametrize("value", [1, -1, 2.5, np.nan, np.inf, [3, 3]])
def test_wrong_counts(value):
    with pytest.raises(ValueError, match="sweeps must be a whole number, 2 or more, got"):
        inputs.check_count("sweeps", value, 2)


def test_a_count_may_be_written_as_a_float():
    count = inputs.check_count("sweeps", 1e4, 0)
    assert count == 10_000 and isinstance(count, int)


@pytest.mark.parametrize("beta", [-0.1, np.nan, np.inf, [1, 2]])
def test_wrong_betas(beta):
    with pytest.raises(ValueError, match=r"beta must be one finite number, 0 or above, got .*signs of J and h"):
        inputs.check_beta(beta)


@pytest.mark.parametrize("temperature", [0, -1.0, np.nan])
def test_temperature_zero_says_what_it_means(temperature):
    with pytest.raises(ValueError, match=r"above 0, got .*: as T -> 0 .*lowest energy.*sampling\.anneal"):
        inputs.inverse_temperature(temperature)


def test_more_than_the_machine_holds():
    with pytest.raises(ValueError, match=r"draws take .* GB, more than half .*sampling\.average_moments"):
        inputs.check_memory(2**60)


# ---------------------------------------------------------------- nobody looks twice


@pytest.fixture
def looked_at(monkeypatch):
    """What `check_spins` and `check_couplings` are given, wherever in the course they are called."""
    seen = {"check_spins": [], "check_couplings": []}
    for name, arrays in seen.items():
        check = getattr(inputs, name)

        def counted(first, *rest, check=check, arrays=arrays):
            arrays.append(np.asarray(first))
            return check(first, *rest)

        for module in [module for key, module in sys.modules.items() if key.startswith("course_lib")]:
            if getattr(module, name, None) is check:
                monkeypatch.setattr(module, name, counted)
    return seen


def times(looked_at, data):
    """How often these data were looked at, in whatever shape."""
    return sum(x.size == data.size and np.array_equal(x.ravel(), data.ravel()) for x in looked_at["check_spins"])


UP4, MODEL = np.ones((3, 4)), Ising(ising.chain(4), np.zeros(4))
UP44, LATTICE = np.ones((3, 4, 4)), LatticeIsing(1.0, 0.0, (4, 4))


@pytest.mark.parametrize(
    ("call", "n_spins", "n_couplings"),
    [
        (lambda: ising.energy(UP4, ising.chain(4), np.zeros(4)), 1, 1),
        (lambda: ising.flip_cost(UP4, ising.chain(4), np.zeros(4)), 1, 1),
        (lambda: MODEL.energy(UP4), 1, 0),
        (lambda: MODEL.moments(UP4), 1, 0),
        (lambda: MODEL.step(np.zeros(10)), 0, 1),
        (lambda: LATTICE.energy(UP44), 1, 0),
        (lambda: LATTICE.statistics(UP44), 1, 0),
        (lambda: LATTICE.moments(UP44), 1, 0),
        (lambda: exact.moments(ising.chain(4), np.zeros(4)), 0, 1),
        (lambda: exact.ground_states(ising.chain(4), np.zeros(4)), 0, 1),
        (lambda: exact.statistics_moments(ising.chain(4), np.zeros(4)), 0, 1),
        (lambda: divergence.exact_log_partition(MODEL), 0, 0),
        (lambda: divergence.nll(UP4, ising.chain(4), np.zeros(4)), 1, 1),
        (lambda: sampling.advance(MODEL, UP4, 2, rng=1), 1, 0),
        (lambda: sampling.advance(LATTICE, UP44, 2, rng=1), 1, 0),
        (lambda: sampling.wolff(LATTICE, UP44, 2, rng=1), 1, 0),
        (lambda: sampling.average_moments(MODEL, UP4, 2, rng=1), 1, 0),
    ],
)
def test_a_function_looks_once(call, n_spins, n_couplings, looked_at):
    call()
    assert {name: len(arrays) for name, arrays in looked_at.items()} == {
        "check_spins": n_spins,
        "check_couplings": n_couplings,
    }


@pytest.mark.parametrize("method", ["exact", "mc", "pcd", "cd"])
def test_a_fit_of_images_looks_at_them_when_they_enter_and_once_a_step(method, looked_at):
    """The model's moments of the data are one look each: with hidden units they depend on the model."""
    images = sampling.sample_images(0.3, 0.1, (5, 4), 70, burn_in=50, rng=1)
    looked_at["check_spins"].clear()
    fitted = fit_images(images, method=method, rng=1, max_steps=3, tolerance=1e-12)
    n_models = len(fitted.history)
    assert n_models >= 3 and times(looked_at, images) == 1 + n_models


@pytest.mark.parametrize("method", ["exact", "mc", "pcd", "cd"])
def test_a_fit_of_spins_looks_at_them_when_they_enter_and_once_a_step(method, looked_at):
    data = sampling.sample(ising.chain(5, 0.5), np.full(5, 0.2), 200, rng=1).spins
    for arrays in looked_at.values():
        arrays.clear()
    fitted = fit_ising(data, method=method, rng=1, max_steps=3, tolerance=1e-12)
    n_models = len(fitted.history)
    assert n_models >= 3 and times(looked_at, data) == 1 + n_models
    # The first one, and the one that each step makes; where there is noise, a last step follows the last look.
    assert len(looked_at["check_couplings"]) == n_models + (fitted.stopped == "noise" and n_models < 4)


def test_a_fit_without_steps_looks_once(looked_at):
    data = sampling.sample(ising.chain(5, 0.5), np.full(5, 0.2), 200, rng=1).spins
    images = sampling.sample_images(0.3, 0.1, (5, 4), 70, burn_in=50, rng=1)
    looked_at["check_spins"].clear()
    fit_ising(data, method="pseudo-likelihood")
    fit_images(images, method="pseudo-likelihood")
    assert times(looked_at, data) == times(looked_at, images) == 1
