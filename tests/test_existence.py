"""Existence of the maximum against enumeration of every facet, and phase coexistence against pictures of both kinds.

Facets of the moments of N spins, up to N = 5, are hypermetric: (b.s)^2 >= 1 for whole numbers b with an odd sum, over
the spins and one that is always up (Deza and Laurent, Geometry of Cuts and Metrics, 1997, section 30.6).
"""

from itertools import combinations, permutations, product

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from course_lib import exact, sampling
from course_lib.ising import Ising, LatticeIsing, bond_sum, spin_sum
from course_lib.learning import exact_moments, fit
from course_lib.learning.coexistence import phase_coexistence
from course_lib.learning.existence import NoMaximum, check_interior, check_maximum


def zeros(n):
    return Ising(np.zeros((n, n)), np.zeros(n))


def facets(n):
    """For each facet of n spins, n <= 5, which of the states are off it: shape (facets, 2**n)."""
    normals = set()
    for pattern in ((1, 1, 1), (1, 1, 1, 1, 1), (2, 1, 1, 1, 1, 1)):
        if len(pattern) <= n + 1:
            for places in combinations(range(n + 1), len(pattern)):
                for values in set(permutations(pattern)):
                    for signs in product((1, -1), repeat=len(pattern) - 1):
                        normal = np.zeros(n + 1, dtype=int)
                        normal[list(places)] = np.multiply(values, (1, *signs))
                        normals.add(tuple(normal))
    states = np.column_stack([np.ones(2**n, dtype=int), exact.states(n)])
    return (np.array(sorted(normals)) @ states.T) ** 2 > 1


def has_maximum(counts, n):
    """Brute force: every facet has a sample off it, and for one spin both states."""
    return bool(np.all(facets(n) @ np.asarray(counts) > 0)) if n > 1 else min(counts) > 0


def samples(counts, n):
    return np.repeat(exact.states(n), counts, axis=0)


def fitted(model, data):
    fit_ = fit(model, data, exact_moments, tolerance=min(1e-6, 0.01 / len(data)), max_steps=5000, progress=False)
    assert fit_.stopped == "converged"
    return fit_.model


def passes(check, *arguments):
    try:
        check(*arguments)
    except NoMaximum:
        return False
    return True


def passes_fit(model, data):
    end = fitted(model, data)
    return passes(check_interior, end, data, exact_moments(end))


def test_the_number_of_facets_is_that_of_the_cut_polytope():
    assert [len(facets(n)) for n in (2, 3, 4, 5)] == [4, 16, 56, 368]


# ---------------------------------------------------------------- N spins, from the data


@pytest.mark.parametrize("n", [1, 2])
def test_every_set_of_states_of_one_or_two_spins(n):
    for seen in product((0, 1), repeat=2**n):
        if any(seen):
            assert passes(check_maximum, zeros(n), samples(seen, n)) == has_maximum(seen, n), seen


def test_every_set_of_states_of_three_spins():
    for seen in product((0, 1), repeat=8):
        if any(seen):
            data = samples(seen, 3)
            assert passes(check_maximum, zeros(3), data) == has_maximum(seen, 3), seen


@settings(deadline=None, max_examples=60, derandomize=True)
@given(st.integers(2, 3).flatmap(lambda n: st.lists(st.integers(0, 3), min_size=2**n, max_size=2**n)))
@example([10_000, 10_000, 10_000, 1])
@example([10_000, 10_000, 10_000, 0])
def test_data_and_fit_agree_up_to_three_spins(counts):
    if not any(counts):
        return
    n = len(counts).bit_length() - 1
    data = samples(counts, n)
    assert passes(check_maximum, zeros(n), data) == passes_fit(zeros(n), data) == has_maximum(counts, n)


@pytest.mark.parametrize("n", [3, 4, 5])
@pytest.mark.parametrize("n_off", [0, 1])
def test_one_sample_off_a_facet_is_enough(n, n_off):
    """On every kind of facet: none of 1e4 samples off it, or exactly one."""
    rng, off = np.random.default_rng(n), facets(n)
    for row in rng.choice(len(off), 6, replace=False):
        counts = rng.multinomial(10_000, ~off[row] / np.sum(~off[row]))
        counts[rng.choice(np.flatnonzero(off[row]))] += n_off
        data = samples(counts, n)
        assert has_maximum(counts, n) == (n_off == 1)
        assert passes_fit(zeros(n), data) == (n_off == 1)
        if n_off:
            check_maximum(zeros(n), data)


def test_a_pentagonal_facet_shows_only_after_the_fit():
    states = exact.states(5)
    data = states[np.abs(states.sum(axis=1)) == 1]
    check_maximum(zeros(5), data)
    with pytest.raises(NoMaximum, match=r"still moves J\[0, 1\], J\[0, 2\], J\[0, 3\], J\[0, 4\] and 6 more"):
        check_interior((end := fitted(zeros(5), data)), data, exact_moments(end))
    assert passes_fit(zeros(5), np.concatenate([data] * 500 + [np.ones((1, 5), dtype=int)]))


def test_a_maximum_close_to_a_corner_is_no_false_alarm():
    """Nearly all samples in one state: many facets have one sample off them, and the covariance hardly any width."""
    least = np.inf
    for n, seed in product((3, 4, 5), range(8)):
        rng = np.random.default_rng([n, seed])
        counts = rng.integers(0, 2, 2**n)
        counts[rng.integers(2**n)] = 10_000
        data = samples(counts, n)
        end = fitted(zeros(n), data)
        now = exact_moments(end)
        assert passes(check_interior, end, data, now) == has_maximum(counts, n)
        if has_maximum(counts, n):
            least = min(least, len(data) * np.linalg.eigvalsh(now.covariance)[0])
    assert least < 1  # a threshold on the eigenvalue would have been wrong


def test_frozen_beyond_double_precision():
    data = np.ones((10, 2))
    end = Ising([[0, 20], [20, 0]], [20, 20])
    with pytest.raises(NoMaximum):
        check_interior(end, data, exact_moments(end))


def test_a_fit_that_is_not_close_cannot_be_judged():
    model, data = zeros(2), [[1, 1], [1, -1], [-1, 1], [-1, -1], [1, 1]]
    with pytest.raises(ValueError, match=r"must agree within 0.01 / M = 0.002.*got a gap of 0.2"):
        check_interior(model, data, exact_moments(model))


@pytest.mark.parametrize(
    ("unseen", "message"),
    [
        (lambda s: s[:, 1] == 1, r"spin 1 is always down in these \d+ samples, .* as h\[1\] falls without end"),
        (lambda s: s[:, 3] == -1, r"spin 3 is always up in these \d+ samples, .* as h\[3\] rises without end"),
        (lambda s: s[:, 0] == s[:, 2], r"spins 0 and 2 are always opposite .* as J\[0, 2\] falls without end"),
        (lambda s: s[:, 0] != s[:, 2], r"spins 0 and 2 are always equal .* as J\[0, 2\] rises without end"),
        (
            lambda s: (s[:, 1] == -1) & (s[:, 3] == -1),
            r"spins 1 and 3 are never both down .* as h\[1\] and h\[3\] rise and J\[1, 3\] falls without end",
        ),
        (
            lambda s: (s[:, 1] == 1) & (s[:, 3] == 1),
            r"spins 1 and 3 are never both up .* as h\[1\], h\[3\] and J\[1, 3\] fall without end",
        ),
        (
            lambda s: (s[:, 1] == 1) & (s[:, 3] == -1),
            r"spin 1 is never up while spin 3 is down .* as h\[3\] and J\[1, 3\] rise and h\[1\] falls without end",
        ),
        (
            lambda s: np.abs(s[:, [0, 1, 3]].sum(axis=1)) == 3,
            r"spins 0, 1 and 3 are never all equal .* as J\[0, 1\], J\[0, 3\] and J\[1, 3\] fall without end",
        ),
        (
            lambda s: (s[:, 0] == s[:, 3]) & (s[:, 0] != s[:, 1]),
            r"spins 0 and 3 never agree against spin 1 .* J\[0, 1\] and J\[1, 3\] rise and J\[0, 3\] falls without end",
        ),
    ],
)
def test_the_message_names_the_moment_and_where_it_leads(unseen, message):
    states = exact.states(4)
    data = states[~unseen(states)]
    with pytest.raises(NoMaximum, match=message) as raised:
        check_maximum(zeros(4), data)
    assert f"pass l2={1 / len(data):.2g} (a Gaussian prior of deviation 1" in str(raised.value)
    # The direction of the message is one in which the likelihood rises.
    names = [f"J[{i}, {j}]" for i, j in combinations(range(4), 2)] + [f"h[{i}]" for i in range(4)]
    clause = str(raised.value).split("keeps rising as ")[1].split(" without end")[0]
    rising, _, falling = clause.partition(" rise")
    if not falling and "fall" in rising:
        rising, falling = "", rising
    direction = np.array([1.0 * (name in rising) - (name in falling) for name in names])
    nlls = []
    for t in (0, 1, 2, 4, 8):
        model = zeros(4).step(t * direction)
        nlls.append(np.mean(model.energy(data)) + exact.log_partition(model.J, model.h))
    assert np.all(np.diff(nlls) < 0)


def test_copies_of_a_spin_are_counted_once():
    """Spin 0 up, spin 2 = spin 1, and spins 1 and 3 never both up: three gaps, not one for every triple they touch."""
    data = [[1, -1, -1, -1], [1, 1, 1, -1], [1, -1, -1, 1]]
    with pytest.raises(NoMaximum, match=r"spin 0 is always up in these 3 samples \(and 2 more such gaps in the data\)"):
        check_maximum(zeros(4), data)


def test_a_sum_that_never_changes():
    rng = np.random.default_rng(1)
    data = np.array([rng.permutation(np.repeat([1, -1], 10)) for _ in range(2000)])
    with pytest.raises(NoMaximum, match="weighted sum of the spins 0, 1, 2, 3 and 16 more never changes"):
        check_maximum(zeros(20), data)
    check_maximum(zeros(20), np.concatenate([data, np.ones((1, 20))]))


def test_fewer_samples_than_spins():
    data = np.random.default_rng(2).choice([-1, 1], (60, 61))
    with pytest.raises(NoMaximum, match=r"these 60 samples \(with fewer than 62"):
        check_maximum(zeros(61), data)
    check_maximum(zeros(61), np.random.default_rng(2).choice([-1, 1], (200, 61)))


def test_many_samples_of_many_spins_in_any_batch_shape():
    """Counts are exact: one sample of a million is seen, in whatever shape the data come."""
    rng = np.random.default_rng(3)
    data = rng.choice(np.array([-1, 1], dtype=np.int8), (1_000_000, 6))
    data[(data[:, 2] == 1) & (data[:, 4] == -1), 2] = -1
    with pytest.raises(NoMaximum, match="spin 2 is never up while spin 4 is down in these 1000000 samples, so"):
        check_maximum(zeros(6), data.reshape(100, 10_000, 6))
    data[17] = [1, 1, 1, 1, -1, 1]
    check_maximum(zeros(6), data.reshape(100, 10_000, 6))


def test_only_models_with_known_boundaries():
    with pytest.raises(TypeError, match=r"@learning\.check_maximum\.register"):
        check_maximum(None, [[1, 1]])


# ---------------------------------------------------------------- lattices


def all_images(shape):
    return exact.states(shape[0] * shape[1]).reshape(-1, *shape)


def on_the_boundary(points, all_points):
    """Whether the mean of some points is on the hull of all: brute force over the lines through two of all."""
    corners = np.unique(all_points, axis=0)
    for p, q in combinations(corners, 2):
        normal = np.array([q[1] - p[1], p[0] - q[0]])
        for side in (normal, -normal):
            bound = p @ side
            if np.all(corners @ side <= bound) and np.sum(points @ side) == bound * len(points):
                return True
    return False


@pytest.mark.parametrize("shape", [(2, 2), (2, 3), (3, 2), (2, 4), (3, 3), (3, 4), (4, 3), (4, 4), (3, 5)])
def test_the_boundary_of_a_lattice_is_that_of_enumeration(shape):
    images = all_images(shape)
    points = np.stack([bond_sum(images), spin_sum(images)], axis=1)
    model = LatticeIsing(0.0, 0.0, shape)
    values, first = np.unique(points, axis=0, return_index=True)
    hull_only = [k for k in first if on_the_boundary(points[[k]], values)]
    for k, point in zip(first, values, strict=True):
        assert passes(check_maximum, model, images[k]) == (k not in hull_only), point
    # Means of several images: on the boundary only if all are on the same side of it.
    rng = np.random.default_rng(0)
    for _ in range(40):
        some = rng.choice(hull_only if rng.random() < 0.7 else first, rng.integers(2, 4))
        assert passes(check_maximum, model, images[some]) == (not on_the_boundary(points[some], values))


@pytest.mark.parametrize(
    ("image", "message", "direction"),
    [
        (np.ones((4, 4)), "all spins agree in this image, .* as J rises without end", (1, 0)),
        (
            np.where(np.arange(16).reshape(4, 4) % 10 == 0, -1, 1),  # two dots
            "no two neighbours are both down in this image, .* as J falls and h rises 4 times as fast without end",
            (-1, 4),
        ),
        (
            np.where(np.arange(16).reshape(4, 4) % 10 == 0, 1, -1),
            "no two neighbours are both up in this image, .* as J falls and h falls 4 times as fast without end",
            (-1, -4),
        ),
        (
            1 - 2 * (np.indices((4, 4)).sum(axis=0) % 2),
            "as many neighbours disagree as a 4 x 4 lattice allows in this image, .* as J falls without end",
            (-1, 0),
        ),
    ],
)
def test_what_a_lattice_says(image, message, direction):
    model = LatticeIsing(0.0, 0.0, (4, 4))
    with pytest.raises(NoMaximum, match=message + ".*pass l2=1 "):
        check_maximum(model, image)
    path = [model.step(t * np.array(direction)) for t in (0, 0.5, 1, 2, 4)]
    nlls = [m.energy(image) + exact.lattice(m.shape, m.J, m.h)[0] for m in path]
    assert np.all(np.diff(nlls) < 0)


def test_all_up_and_all_down_images_together():
    with pytest.raises(NoMaximum, match="all spins agree in each of these 2 images"):
        check_maximum(LatticeIsing(0.0, 0.0, (3, 5)), np.stack([np.ones((3, 5)), -np.ones((3, 5))]))


def two_halves(side):
    return np.repeat(np.repeat([[1, -1]], side // 2, axis=1), side, axis=0)


def test_two_halves_have_a_finite_maximum():
    """B = 16 of 32 bonds and no magnetisation: J = 0.330 (enumeration)."""
    image, model = two_halves(4), LatticeIsing(0.0, 0.0, (4, 4))
    check_maximum(model, image)
    end = fitted(model, image[None])
    check_interior(end, image[None], exact_moments(end))
    assert abs(end.J - 0.330) < 5e-4 and abs(end.h) < 1e-9


# ---------------------------------------------------------------- phase coexistence


def disc(side, radius):
    y, x = np.indices((side, side)) - side / 2
    return np.where(x**2 + y**2 < (radius * side) ** 2, 1, -1)


def stripes(side, width):
    return np.where(np.indices((side, side))[1] // width % 2, 1, -1)


def smooth(side, wavelength, share, rng):
    """A Gaussian random field without wavelengths shorter than about this, cut at a quantile."""
    waves = np.hypot(*np.meshgrid(np.fft.fftfreq(side), np.fft.fftfreq(side)))
    field = np.fft.ifft2(np.fft.fft2(rng.normal(size=(side, side))) * np.exp(-((waves * wavelength) ** 2) / 2)).real
    return np.where(field > np.quantile(field, share), 1, -1)


@pytest.mark.parametrize("side", [16, 32, 64, 128])
def test_pictures_of_two_phases_are_found(side):
    rng = np.random.default_rng(side)
    pictures = [two_halves(side), disc(side, 0.2), disc(side, 0.25), disc(side, 0.3)]
    if side >= 32:
        pictures += [
            disc(side, 0.4),
            stripes(side, 8),
            two_halves(side) * rng.choice([1, -1], (side, side), p=[0.98, 0.02]),
        ]
    if side >= 64:
        pictures += [smooth(side, side / 2, share, rng) for share in (0.3, 0.5, 0.7)]
    for k, picture in enumerate(pictures):
        found = phase_coexistence(picture)
        assert found is not None and found.mixed, k
        assert found.bond_mean == bond_sum(picture) / (2 * side**2) and found.spin_mean == picture.mean()


# None of 20400 pictures of the model was flagged when the rule was chosen: its rate is below 1e-3 (probability 1e-9).
# More than N_FALSE of 400 then have a probability of 1e-8 = 1 - F(7) of Binomial(400, 1e-3), in each of 23 tests.
N_FALSE = 7


@pytest.mark.parametrize("J", [0.40, 0.44, 0.46, 0.5, 0.6])
@pytest.mark.parametrize("side", [16, 32, 64])
def test_pictures_of_the_model_are_one_phase(J, side):
    # From all up: it takes a field to bring a random start out of two domains, and more time than a test has.
    model, rng = LatticeIsing(J, 0.02, (side, side)), np.random.default_rng([int(100 * J), side])
    images = sampling.advance(model, np.ones((400, side, side)), 500, rng=rng)
    assert sum(phase_coexistence(image) is not None for image in images) <= N_FALSE
    assert phase_coexistence(images[:100]) is None


@pytest.mark.parametrize("J", [0.43, 0.4407, 0.45, 0.46])
@pytest.mark.parametrize("side", [16, 32])
def test_pictures_at_the_critical_point_are_not_mixed(J, side):
    model, rng = LatticeIsing(J, 0.0, (side, side)), np.random.default_rng([int(1e4 * J), side])
    images, _ = sampling.wolff(model, np.ones((400, side, side)), 200, rng=rng)
    assert sum(phase_coexistence(image) is not None for image in images) <= N_FALSE
    found = phase_coexistence(images)
    assert found is None or not found.mixed


def test_images_of_both_signs():
    rng = np.random.default_rng(4)
    signs = np.array([1] * 7 + [-1] * 3)[:, None, None]
    images = signs * rng.choice([1, -1], (10, 32, 32), p=[0.98, 0.02])
    found = phase_coexistence(images)
    assert found is not None and not found.mixed
    assert "some images are mostly up, the others mostly down" in str(found)
    assert phase_coexistence(np.abs(signs) * images * signs) is None  # all turned the same way
    assert all(phase_coexistence(image) is None for image in images)


def test_what_the_fit_gives_is_what_was_said():
    """The bond mean of a lattice of 64 x 64 at the J found is the picture's, but its spin mean is far from it."""
    found = phase_coexistence(two_halves(64))
    energy, _ = exact.kaufman(64, 1 / found.J)
    assert np.isclose(-energy / 2, found.bond_mean, atol=1e-9)
    assert found.h == 0 and found.magnetization > 0.98
    for words in ("J near 0.640", "h near 0;", "mean spin of +-0.98, but here it is 0.00", "neither the shapes nor"):
        assert words in str(found)


def test_j_and_h_are_those_of_the_exact_fit():
    """On 8 x 8, at J = 0.6, where fluctuations are short: the infinite lattice is near."""
    rng = np.random.default_rng(5)
    signs = np.array([1] * 8 + [-1] * 2)[:, None, None]
    images = signs * rng.choice([1, -1], (10, 8, 8), p=[0.99, 0.01])
    found, end = phase_coexistence(images), fitted(LatticeIsing(0.4, 0.0, (8, 8)), images)
    assert abs(found.J / end.J - 1) < 0.01 and abs(found.h / end.h - 1) < 0.01
    check_interior(end, images, exact_moments(end))


@pytest.mark.parametrize("signs", [[1], [1, -1], [-1, -1, -1]])
def test_uniform_images_are_no_coexistence(signs):
    assert phase_coexistence(np.reshape(signs, (-1, 1, 1)) * np.ones((5, 7))) is None


def test_small_lattices_and_bad_images():
    assert phase_coexistence(two_halves(4)) is None  # bond mean 0.5
    with pytest.raises(ValueError, match="sides of at least 2"):
        phase_coexistence([[1, -1, 1]])
