"""The lattice kernel in bits against enumeration, transfer matrices, Kaufman's solution and the readable kernel.

Final states of independent chains are compared, so every expected spread is known, and no run estimates its own error.
The false-alarm rate of the whole file, 1e-6, is shared equally by at most COMPARISONS comparisons (Bonferroni).
"""

import random
from fractions import Fraction
from statistics import NormalDist

import numpy as np
import pytest
import sampled

from course_lib import exact, ising
from course_lib.kernels import lattice, readable, rng

FALSE_ALARMS = 1e-6
COMPARISONS = 500
RATE = FALSE_ALARMS / COMPARISONS

# Shape, strips, words side by side. Sides of 2 have double bonds, 7 rows in 3 strips are not equally tall, and 11 and
# 33 strips leave bits of a word unused.
LAYOUTS = [
    ((2, 2), 1, 1),
    ((2, 3), 1, 5),
    ((3, 2), 1, 32),
    ((3, 3), 1, 16),
    ((4, 2), 2, 1),
    ((4, 3), 2, 3),
    ((5, 2), 2, 2),
    ((6, 2), 3, 1),
]
LARGER = [
    ((3, 5), 1, 16),
    ((4, 4), 1, 16),
    ((4, 4), 2, 4),
    ((5, 3), 2, 7),
    ((7, 3), 3, 2),
    ((7, 4), 2, 1),
    ((6, 8), 3, 8),
    ((9, 5), 4, 1),
    ((10, 4), 3, 1),
    ((5, 9), 1, 8),
    ((8, 7), 4, 10),
    ((4, 70), 2, 1),
    ((22, 3), 11, 8),
    ((67, 4), 33, 8),
    ((65, 4), 32, 3),
    ((128, 3), 64, 8),
    ((130, 2), 64, 16),
]


comparisons = sampled.counted(COMPARISONS)


@pytest.fixture
def assert_likely(comparisons):
    def check(p_value):
        comparisons.append(1)
        assert p_value > RATE, f"so far off once in {1 / max(p_value, 1e-300):.2g} times"

    return check


def random_images(generator, n_images, shape):
    return 2 * generator.integers(2, size=(n_images, *shape), dtype=np.int8) - 1


def sums(images):
    """Bond sum and spin sum of each image, (n_images, 2)."""
    return np.stack([ising.bond_sum(images), ising.spin_sum(images)], axis=1).astype(float)


def swept(images, J, h, sweeps, generator, strips, lanes):
    """As `lattice.heat_bath`, in a layout that may not be the best one."""
    words = lattice.pack(images, strips, lanes)
    streams = lattice.new_streams(len(words), generator)
    table = lattice.digit_table(float(J), float(h), 1.0)
    lattice.sweep(words, streams, table, *images.shape[1:], strips, sweeps)
    moved = np.empty_like(images)
    lattice.unpack(words, strips, moved)
    return moved


def state_index(images):
    spins = images.reshape(len(images), -1)
    return (spins > 0) @ (1 << np.arange(spins.shape[1]))


def chi_square(x, n):
    """Probability that the sum of n squares of normal numbers exceeds x, n even: a sum of Poisson probabilities."""
    assert n % 2 == 0
    j = np.arange(n // 2)
    log_factorial = np.concatenate([[0.0], np.cumsum(np.log(j[1:]))])
    return np.exp(j * np.log(x / 2) - x / 2 - log_factorial).sum() if x > 0 else 1.0


def p_value_of_counts(counts, p):
    """Pearson's test; rare states are put together until 10 are expected, and there is an even number of freedoms."""
    expected = counts.sum() * p
    assert np.all(counts[p == 0] == 0)
    order = np.argsort(expected)
    cell = np.floor(np.cumsum(expected[order]) / 10).astype(int)
    cell = np.unique(np.minimum(cell, cell[-1] - 1), return_inverse=True)[1]
    if cell[-1] % 2:
        cell = np.maximum(cell - 1, 0)
    observed, expected = np.bincount(cell, counts[order]), np.bincount(cell, expected[order])
    return chi_square(np.sum((observed - expected) ** 2 / expected), cell[-1])


def two_sided(z):
    return 2 * NormalDist().cdf(-abs(z))


def p_value_of_scores(z):
    """Whether the numbers are standard normal, neither too large nor too small: twice the smaller of all p-values.

    Sum of squares, and the distance from the normal distribution function with the bound of Dvoretzky, Kiefer,
    Wolfowitz and Massart.
    """
    z = np.sort(np.ravel(z))
    z = z[z.size % 2 :]
    tail = chi_square(np.sum(z**2), z.size)
    cdf = np.array([NormalDist().cdf(value) for value in z])
    steps = np.arange(z.size + 1) / z.size
    distance = max(np.abs(cdf - steps[1:]).max(), np.abs(cdf - steps[:-1]).max())
    return min(1.0, 4 * min(tail, 1 - tail, 2 * np.exp(-2 * z.size * distance**2)))


# ---------------------------------------------------------------- random numbers


def test_xoshiro_and_splitmix_as_published():
    streams = np.arange(1, 5, dtype=np.uint64).reshape(4, 1)
    published = [
        41943041,
        58720359,
        3588806011781223,
        3591011842654386,
        9228616714210784205,
        9973669472204895162,
        14011001112246962877,
        12406186145184390807,
        15849039046786891736,
        10450023813501588000,
    ]
    assert [int(rng.next_uint64(streams, 0)) for _ in published] == published
    published = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F, 0xF88BB8A8724C81EC]
    assert [int(word) for word in rng.seed_streams(np.zeros(1, np.uint64))[:, 0]] == published


def test_random_floats(assert_likely):
    streams = rng.seed_streams(np.arange(3, dtype=np.uint64))
    same = streams.copy()
    x = np.array([rng.next_float(streams, 1) for _ in range(2000)])
    assert np.array_equal(x[:50], [(int(rng.next_uint64(same, 1)) >> 11) * 2.0**-53 for _ in range(50)])
    assert np.array_equal(streams[:, [0, 2]], same[:, [0, 2]])
    assert x.min() >= 0 and x.max() < 1
    assert_likely(p_value_of_counts(np.bincount((x * 21).astype(int), minlength=21), np.full(21, 1 / 21)))


def test_bits_of_all_streams_are_fair_and_independent(assert_likely):
    """Bits of streams with seeds 0, 1, 2, each against each, and against the next 64 of the same stream."""
    streams, n = rng.seed_streams(np.arange(3, dtype=np.uint64)), 4000
    words = np.array([[rng.next_uint64(streams, k) for k in range(3)] for _ in range(n)], np.uint64)
    bits = 2.0 * ((words[..., None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)) - 1
    bits = bits.reshape(n, -1)
    bits = np.hstack([bits[:-1], bits[1:, :64]])
    assert_likely(p_value_of_all_pairs(bits))
    assert_likely(min(1.0, bits.shape[1] * 2 * np.exp(-n * np.abs(bits.mean(axis=0)).max() ** 2 / 2)))


def p_value_of_all_pairs(coins):
    """The largest |correlation| of two columns of fair coins (+-1): Hoeffding's bound, times the number of pairs."""
    n, columns = coins.shape
    largest = np.abs(coins.T @ coins / n - np.eye(columns)).max()
    return min(1.0, columns * (columns - 1) / 2 * 2 * np.exp(-n * largest**2 / 2))


# ---------------------------------------------------------------- words and tables


@pytest.mark.parametrize("n_images", [1, 63, 64, 65, 130])
@pytest.mark.parametrize(("shape", "strips", "lanes"), [*LAYOUTS, *LARGER])
def test_images_come_back_from_words(shape, strips, lanes, n_images):
    images = random_images(np.random.default_rng(1), n_images, shape)
    back = np.zeros_like(images)
    lattice.unpack(lattice.pack(images, strips, lanes), strips, back)
    assert np.array_equal(back, images)


def test_neighbours_never_share_a_word():
    for rows in range(2, 200):
        for n_images in (1, 2, 7, 64, 65, 2048):
            strips, lanes = lattice.layout(n_images, rows, 8)
            assert 1 <= strips <= 64 and 1 <= lanes <= 32
            assert strips == 1 or rows // strips >= 2
    assert lattice.layout(2048, 64, 64)[0] == 1 and lattice.layout(1, 256, 256)[0] == 64


@pytest.mark.parametrize(
    ("J", "h", "beta"), [(0.44, 0, 1), (0.3, -0.2, 1.7), (-1.0, 0.1, 0.5), (2.0, 5.0, 1), (1, 0, 0), (50, 7, 9)]
)
def test_digits_are_those_of_the_probabilities(J, h, beta):
    """The digits that the bits of the count select, summed up exactly."""
    table = lattice.digit_table(float(J), float(h), float(beta))
    assert set(np.unique(table)) <= {np.uint64(0), np.uint64(2**64 - 1)}
    digits = (table & np.uint64(1)).astype(int)
    for k in range(5):
        one, two, four = k & 1, k >> 1 & 1, k >> 2
        selected = digits @ [1, one, two, one * two, four] % 2
        p = sum(Fraction(int(digit), 2 ** (i + 1)) for i, digit in enumerate(selected))
        expected = (1 + np.tanh(beta * (J * (2 * k - 4) + h))) / 2  # the same, rounded at other places
        assert abs(float(p - Fraction(expected))) < 2**-52


# ---------------------------------------------------------------- the law


def order_of_sites(rows, cols, strips):
    """Strips one after the other within a word: they are independent given the rest."""
    short, tall = divmod(rows, strips)
    starts = [strip * short + min(strip, tall) for strip in range(strips)]
    even = cols - cols % 2
    for line in range(-(-rows // strips)):
        for columns in (range(0, even, 2), range(1, even, 2), range(even, cols)):
            for col in columns:
                yield from ((start + line) * cols + col for k, start in enumerate(starts) if line < short + (k < tall))


@pytest.mark.parametrize(("J", "h"), [(0.35, 0.0), (-0.3, 0.2), (0.5, 1.2)])
@pytest.mark.parametrize(("shape", "strips", "lanes"), LAYOUTS)
def test_one_sweep_is_a_product_of_conditional_probabilities(shape, strips, lanes, J, h, assert_likely):
    n_sites = shape[0] * shape[1]
    states = exact.states(n_sites)
    field = states @ ising.square_lattice(*shape, J) + h
    generator = np.random.default_rng(5)
    for start in generator.integers(2**n_sites, size=2):
        p = np.eye(2**n_sites)[start]
        for site in order_of_sites(*shape, strips):
            both = p + p[np.arange(2**n_sites) ^ (1 << site)]
            p = both / (1 + np.exp(-2 * states[:, site] * field[:, site]))
        images = np.tile(states[start].reshape(shape).astype(np.int8), (100_000, 1, 1))
        index = state_index(swept(images, J, h, 1, generator, strips, lanes))
        assert_likely(p_value_of_counts(np.bincount(index, minlength=2**n_sites), p))


@pytest.mark.parametrize(("J", "h"), [(0.25, 0.0), (0.3, 0.15), (-0.35, 0.2), (0.0, 0.0), (0.1, 1.5)])
@pytest.mark.parametrize(("shape", "strips", "lanes"), LAYOUTS)
def test_every_state_is_as_frequent_as_enumeration_says(shape, strips, lanes, J, h, assert_likely):
    n_sites = shape[0] * shape[1]
    p = exact.distribution(ising.square_lattice(*shape, J), np.full(n_sites, h))
    for seed in (1, 2):
        generator = np.random.default_rng(seed)
        images = random_images(generator, 50_000, shape)
        index = state_index(swept(images, J, h, 40, generator, strips, lanes))
        assert_likely(p_value_of_counts(np.bincount(index, minlength=2**n_sites), p))


@pytest.mark.parametrize(("J", "h"), [(0.25, 0.0), (-0.3, 0.2)])
@pytest.mark.parametrize("strips", [1, 2])
def test_every_state_of_16_spins(strips, J, h, assert_likely):
    p = exact.distribution(ising.square_lattice(4, 4, J), np.full(16, h))
    generator = np.random.default_rng(3)
    images = random_images(generator, 1_000_000, (4, 4))
    index = state_index(swept(images, J, h, 40, generator, strips, 16))
    assert_likely(p_value_of_counts(np.bincount(index, minlength=2**16), p))


def independent_scores(images, J, h):
    """Means of B and S over the images as two independent standard normal numbers, and their covariance likewise."""
    _, mean, covariance = exact.lattice(images.shape[1:], J, h)
    scores = np.linalg.solve(np.linalg.cholesky(covariance), (sums(images) - mean).T)
    return scores.sum(axis=1) / np.sqrt(len(images)), scores


@pytest.mark.parametrize(("shape", "strips", "lanes"), LARGER)
def test_lattice_agrees_with_the_transfer_matrix(shape, strips, lanes, assert_likely):
    """Over many runs the misses are distributed as they should be, and so are B and S within a run."""
    generator = np.random.default_rng(4)
    parameters = [(0.3, 0.1), (0.2, -0.5), (-0.25, 0.0), (0.35, 0.05), (0.1, 2.0)]
    misses, products = [], []
    for J, h in parameters * 4:
        images = random_images(generator, 2000, shape)
        miss, (x, y) = independent_scores(swept(images, J, h, 150, generator, strips, lanes), J, h)
        misses.append(miss)
        products.append([x**2 - 1, y**2 - 1, x * y])
    for product in np.hstack(products):  # 40000 numbers
        assert_likely(two_sided(product.mean() / product.std() * np.sqrt(product.size)))
    assert_likely(p_value_of_scores(misses))


@pytest.mark.parametrize("strips", [1, 4])
def test_agrees_with_the_readable_kernel(strips, assert_likely):
    """Means and spreads of B and S, each over 2000 chains: normal to good accuracy."""
    generator = np.random.default_rng(6)
    images = random_images(generator, 2000, (9, 8))
    bits = sums(swept(images, 0.3, 0.1, 60, generator, strips, 8))
    readable.lattice_heat_bath(images, 0.3, 0.1, 1.0, 60, generator)
    others = sums(images)
    for x, y in ((bits, others), (bits**2, others**2)):
        for z in (x.mean(axis=0) - y.mean(axis=0)) / np.sqrt((x.var(axis=0) + y.var(axis=0)) / 2000):
            assert_likely(two_sided(z))


def test_words_of_whole_numbers_agree_with_the_transfer_matrix(assert_likely):
    """4096 chains in a Python number: bonds and squared magnetisation of the last states, each normal."""
    beta, width, coin = 0.4, 4096, random.Random(1)
    up = [1 / (1 + np.exp(-2 * beta * (2 * k - 4))) for k in range(5)]
    words = [[coin.getrandbits(width) for _ in range(4)] for _ in range(3)]
    for _ in range(60):
        readable.word_sweep(words, up, lambda: coin.getrandbits(width), width)
    bits = np.array([[[word >> chain & 1 for word in row] for row in words] for chain in range(width)])
    bonds, spins = sums(2 * bits - 1).T
    _, (mean, _), covariance = exact.lattice((3, 4), beta, 0.0)
    assert_likely(two_sided((bonds.mean() - mean) / np.sqrt(covariance[0, 0] / width)))
    squares = spins**2
    assert_likely(two_sided((squares.mean() - covariance[1, 1]) / squares.std() * np.sqrt(width)))


@pytest.mark.parametrize(
    ("size", "temperature", "n_images", "sweeps"),
    [(8, temperature, 4096, 400) for temperature in (1.8, 2.1, exact.CRITICAL_TEMPERATURE, 2.6, 4.0)]
    + [(32, temperature, 512, 1000) for temperature in (1.8, 2.1, 2.6, 4.0)]
    + [(32, exact.CRITICAL_TEMPERATURE, 256, 15_000), (64, 1.8, 64, 1000), (64, 2.6, 64, 2000)]
    + [(32, 2.4, 3, 4000), (64, 3.0, 1, 2000), (256, 3.0, 2, 500)],
)
def test_energy_agrees_with_kaufman(size, temperature, n_images, sweeps, assert_likely):
    """Through the function that the course calls, which picks the layout; all up to begin with if it is cold.

    From a random start below the critical temperature stripes may form that stay.
    """
    generator = np.random.default_rng(8)
    images = random_images(generator, n_images, (size, size))
    if temperature < exact.CRITICAL_TEMPERATURE:
        images[:] = 1
    lattice.heat_bath(images, 1.0, 0.0, 1 / temperature, sweeps, generator)
    energy, heat_capacity = exact.kaufman(size, temperature)
    spread = size * temperature * np.sqrt(heat_capacity)
    z = (-sums(images)[:, 0] - energy * size**2) / spread
    assert_likely(two_sided(z.sum() / np.sqrt(n_images)))
    if n_images >= 256 and size >= 32 and temperature > 2.2:
        assert_likely(p_value_of_scores(z))


def test_every_spin_is_its_own_number_compared_with_its_own_probability():
    """Replayed digit by digit: the first twelve come in reverse, the others until the last spin is settled."""
    J, h, rows, cols, n_first = 0.4, 0.13, 6, 64, 12
    images = random_images(np.random.default_rng(12), 64, (rows, cols))
    words = lattice.pack(images, 1, 1)
    streams = lattice.new_streams(1, np.random.default_rng(13))
    mine, n_late = streams.copy()[0], 0
    lattice.sweep(words, streams, lattice.digit_table(J, h, 1.0), rows, cols, 1, 1)
    moved = np.empty_like(images)
    lattice.unpack(words, 1, moved)
    probabilities = [Fraction(1 / (1 + np.exp(-2 * (J * (2 * k - 4) + h)))) for k in range(5)]
    digits = [[int(p * 2 ** (i + 1)) % 2 for i in range(64)] for p in probabilities]
    for row in range(rows):
        for first_column in (0, 1):
            count = (ising.neighbour_sum(images) // 2 + 2)[:, row]
            for lane, col in enumerate(range(first_column, cols, 2)):
                drawn = [rng.next_uint64(mine, lane) for _ in range(n_first)][::-1]
                unsettled = set(range(64))
                for i in range(64):
                    if not unsettled:
                        break
                    if i == len(drawn):
                        drawn.append(rng.next_uint64(mine, lane))
                        n_late += 1
                    for k in list(unsettled):
                        bit, digit = int(drawn[i]) >> k & 1, digits[count[k, col]][i]
                        if bit != digit:
                            images[k, row, col] = 1 if bit < digit else -1
                            unsettled.remove(k)
    assert n_late > 3
    assert np.array_equal(moved, images) and np.array_equal(streams[0], mine)


def test_a_thousand_million_free_spins(assert_likely):
    """Enough to see it if the spins that the first twelve digits leave open were dropped."""
    generator, h = np.random.default_rng(14), 0.3
    words = lattice.pack(np.ones((2048, 32, 64), np.int8), 1, 1)
    streams, table = lattice.new_streams(len(words), generator), lattice.digit_table(0.0, h, 1.0)
    p, n, up = 1 / (1 + np.exp(-2 * h)), 0, 0
    for _ in range(250):
        lattice.sweep(words, streams, table, 32, 64, 1, 1)
        sites = np.delete(words[:, :32], [32, 33], axis=2)
        up += int(np.bitwise_count(sites).sum())
        n += 64 * sites.size
    assert_likely(two_sided((up - n * p) / np.sqrt(n * p * (1 - p))))


# ---------------------------------------------------------------- nothing shared


def standardised(images, h):
    """Free spins in a field, with mean 0 and variance 1."""
    return (images.reshape(len(images), -1) - np.tanh(h)) * np.cosh(h)


def p_value_of_largest(correlation, n, furthest):
    """Bernstein's inequality for means of n products of variance 1 and at most ``furthest``, times their number."""
    largest = np.abs(correlation).max()
    return min(1.0, correlation.size * 2 * np.exp(-n * largest**2 / (2 + 2 * furthest * largest / 3)))


@pytest.mark.parametrize(
    ("n_images", "shape", "strips", "lanes"),
    [(300, (64, 64), 1, 1), (300, (16, 16), 1, 4), (300, (31, 33), 5, 2), (2100, (40, 3), 1, 32)],
)
def test_chains_are_independent(n_images, shape, strips, lanes, assert_likely):
    """Free spins, each chain against each: other bits of a word, the same bit of other words, other banks."""
    h, n_sweeps = 0.3, 12
    generator = np.random.default_rng(9)
    images = random_images(generator, n_images, shape)
    rows = [standardised(swept(images, 0.0, h, sweeps, generator, strips, lanes), h) for sweeps in [1] * n_sweeps]
    z = np.hstack(rows).astype(np.float32)
    pairs = np.triu_indices(len(images), 1)
    correlation = (z @ z.T / z.shape[1])[pairs]
    assert_likely(p_value_of_largest(correlation, z.shape[1], ((1 + np.tanh(h)) * np.cosh(h)) ** 2))
    assert_likely(p_value_of_scores((correlation * np.sqrt(z.shape[1]))[:: len(correlation) // 500]))


@pytest.mark.parametrize(
    ("shape", "strips", "lanes"), [((8, 8), 4, 4), ((11, 7), 5, 1), ((6, 9), 1, 8), ((2, 66), 1, 1)]
)
def test_spins_of_an_image_are_independent_and_so_are_sweeps(shape, strips, lanes, assert_likely):
    h, n_images = 0.3, 20_000
    generator = np.random.default_rng(10)
    images = random_images(generator, n_images, shape)
    words = lattice.pack(images, strips, lanes)
    streams, table = lattice.new_streams(len(words), generator), lattice.digit_table(0.0, h, 1.0)
    rows = []
    for _ in range(3):
        lattice.sweep(words, streams, table, *shape, strips, 1)
        lattice.unpack(words, strips, images)
        rows.append(standardised(images, h))
    z = np.hstack(rows).astype(np.float32)
    correlation = (z.T @ z / n_images)[np.triu_indices(z.shape[1], 1)]
    assert_likely(p_value_of_largest(correlation, n_images, ((1 + np.tanh(h)) * np.cosh(h)) ** 2))


@pytest.mark.parametrize("apart", [1, 2, 32, 63, 64, 128, 2048])
def test_interacting_chains_do_not_come_to_agree(apart, assert_likely):
    """From a common start: two chains at the end are in one state as often as two draws from the law are."""
    J, h = 0.3, 0.1
    p = exact.distribution(ising.square_lattice(3, 2, J), np.full(6, h))
    images = np.ones((40_000, 3, 2), np.int8)
    index = state_index(swept(images, J, h, 40, np.random.default_rng(11), 1, 32))
    first = np.arange(len(index)).reshape(-1)
    first = first[(first // apart % 2 == 0) & (first + apart < len(index))]
    agree = np.count_nonzero(index[first] == index[first + apart])
    both = np.sum(p**2)
    assert_likely(two_sided((agree - len(first) * both) / np.sqrt(len(first) * both * (1 - both))))


# ---------------------------------------------------------------- as a function


@pytest.mark.parametrize(("n_images", "shape"), [(5000, (6, 6)), (300, (64, 64)), (130, (67, 5)), (1, (50, 50))])
def test_any_number_of_threads_gives_the_same_result(n_images, shape, monkeypatch):
    monkeypatch.setattr(lattice, "_THREADS_PAY", 0)
    start = random_images(np.random.default_rng(1), n_images, shape)
    results = []
    for threads in (1, 2, 3, 7, None):
        results.append(start.copy())
        lattice.heat_bath(results[-1], 0.4, 0.1, 1.0, 3, np.random.default_rng(2), threads)
    assert all(np.array_equal(result, results[0]) for result in results[1:])
    assert not np.array_equal(results[0], start)
    other = start.copy()
    lattice.heat_bath(other, 0.4, 0.1, 1.0, 3, np.random.default_rng(3))
    assert not np.array_equal(other, results[0])


def test_streams_move_on():
    """Twice one sweep is two sweeps, and no stream is another one."""
    words = lattice.pack(random_images(np.random.default_rng(1), 100, (5, 6)), 1, 2)
    twice, streams = words.copy(), lattice.new_streams(len(words), np.random.default_rng(2))
    same, table = streams.copy(), lattice.digit_table(0.4, 0.1, 1.0)
    lattice.sweep(words, streams, table, 5, 6, 1, 2)
    for _ in range(2):
        lattice.sweep(twice, same, table, 5, 6, 1, 1)
    assert np.array_equal(words[:, :5], twice[:, :5]) and np.array_equal(streams, same)
    assert np.unique(lattice.new_streams(100, np.random.default_rng(2))).size == 100 * 4 * 32


@pytest.mark.parametrize("n_images", [1, 64, 65])
def test_extremes(n_images):
    for J, h, beta, expected in [(0, 1e4, 1, 1), (0, -1e4, 1, -1), (1e3, 0, 1e3, 1), (0.5, 40.0, 1, 1)]:
        images = np.full((n_images, 5, 7), 1 if J else -expected, np.int8)
        lattice.heat_bath(images, J, h, beta, 3, np.random.default_rng(1))
        assert np.all(images == expected)
    images = random_images(np.random.default_rng(1), n_images, (5, 7))
    before = images.copy()
    lattice.heat_bath(images, 0.4, 0.1, 1.0, 0, np.random.default_rng(1))
    assert np.array_equal(images, before)
