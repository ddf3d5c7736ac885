"""Simulated students of the image assignment: right solutions, and the same with one slip."""

from functools import cache

import numpy as np

from course_lib.grading import contract, families, instances
from course_lib.grading.contract import Answer
from course_lib.sampling import sample_images


def bond_sum(images):
    images = np.asarray(images, dtype=int)
    return (images * (np.roll(images, -1, -1) + np.roll(images, -1, -2))).sum(axis=(-2, -1))


def spin_sum(images):
    return np.asarray(images, dtype=int).sum(axis=(-2, -1))


def neighbours(images):
    return sum(np.roll(images, shift, axis) for axis in (1, 2) for shift in (-1, 1))


def open_neighbours(images):
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    return padded[:, 2:, 1:-1] + padded[:, :-2, 1:-1] + padded[:, 1:-1, 2:] + padded[:, 1:-1, :-2]


def sweep(images, local_field, rng, colours=(0, 1)):
    """Heat bath of one colour of the checkerboard after the other, in place; None is all at once."""
    row, col = np.indices(images.shape[1:])
    for colour in colours:
        up = rng.random(images.shape) < 1 / (1 + np.exp(-2 * local_field(images)))
        moved = np.ones(images.shape[1:], bool) if colour is None else (row + col) % 2 == colour
        images[:, moved] = np.where(up, 1, -1)[:, moved]


def sampled(local_field, size, n_images, rng, sweeps=100, colours=(0, 1)):
    images = rng.choice(np.array([-1, 1], np.int8), (n_images, size, size))
    for _ in range(sweeps):
        sweep(images, local_field, rng, colours)
    return images


def draw_images(J, h, size, n_images, rng, sweeps=100, around=neighbours, colours=(0, 1)):
    return sampled(lambda images: J * around(images) + h, size, n_images, rng, sweeps, colours)


def quick_draw(J, h, size, n_images, rng):
    """The same with a kernel, for many submissions in a row."""
    return sample_images(J, h, (size, size), n_images, burn_in=100, rng=rng)


def binarize(grey):
    return np.where(grey > np.median(grey), 1, -1).astype(np.int8)


def gradient(images, model_bonds, model_spins):
    difference = np.array([bond_sum(images).mean() - model_bonds, spin_sum(images).mean() - model_spins])
    return difference / images[0].size


def model_averages(J, h, size, n_images, rng, draw=quick_draw):
    images = draw(J, h, size, n_images, rng)
    return np.array([bond_sum(images).mean(), spin_sum(images).mean()])


def lattice_statistics(images):
    return np.stack([bond_sum(images), spin_sum(images)], axis=-1)


def newton(images, rng, statistics, draw, steps=8):
    """Parameters whose averages are the pictures', and their errors: as many pictures are drawn as there are."""
    target, n_images, size = statistics(images).mean(axis=0), len(images), images.shape[1]
    parameters = np.zeros(len(target))
    for _ in range(steps):
        now = statistics(draw(*parameters, size, n_images, rng))
        step = np.linalg.pinv(np.atleast_2d(np.cov(now, rowvar=False))) @ (target - now.mean(axis=0))
        parameters = parameters + np.clip(step, -0.2, 0.2)
    now = statistics(draw(*parameters, size, n_images, rng))
    return parameters, np.sqrt(np.diag(np.linalg.pinv(np.atleast_2d(np.cov(now, rowvar=False)))) / n_images)


def fit_images(images, rng, draw=quick_draw, statistics=lattice_statistics):
    return np.concatenate(newton(images, rng, statistics, draw))


@cache
def _fitted(data, size, seed, variant=None):
    """Right fits again and again: what is done with them differs."""
    images = np.frombuffer(data, np.int8).reshape(-1, size, size)
    if variant is None:
        return fit_images(images, np.random.default_rng(seed))
    family = families.TWISTED[variant]
    return family.most_likely(images, np.zeros(family.n_parameters))[0]


def fitted_once(images, variant=None):
    return _fitted(images.astype(np.int8).tobytes(), images.shape[1], 1, variant).copy()


def correlation(images, max_distance):
    images = np.asarray(images, dtype=float)
    return np.array(
        [
            np.mean([np.mean(images * np.roll(images, -distance, axis)) for axis in (1, 2)])
            for distance in range(1, max_distance + 1)
        ]
    )


# ---------------------------------------------------------------- twists


def checkerboard(images):
    row, col = np.indices(images.shape[-2:])
    return 1 - 2 * ((row + col) % 2)


def along(images, *steps):
    images = np.asarray(images, dtype=int)
    return sum((images * np.roll(images, (-down, -right), (-2, -1))).sum(axis=(-2, -1)) for down, right in steps)


TWIST_STATISTICS = (
    lambda s: np.stack([along(s, (0, 1)), along(s, (1, 0)), spin_sum(s)], axis=-1),
    lambda s: np.stack([bond_sum(s), along(s, (1, 1), (1, -1))], axis=-1),
    lambda s: np.stack([bond_sum(s), spin_sum(s * checkerboard(s))], axis=-1),
)


def _sides(images, axis):
    return np.roll(images, 1, axis) + np.roll(images, -1, axis)


def _corners(images):
    return sum(np.roll(images, (down, right), (1, 2)) for down in (-1, 1) for right in (-1, 1))


def _draw_twist_0(J_right, J_down, h, size, n_images, rng):
    return sampled(lambda s: J_right * _sides(s, 2) + J_down * _sides(s, 1) + h, size, n_images, rng, 25)


def _draw_twist_1(J, K, size, n_images, rng):
    """Diagonal neighbours have one colour of the checkerboard: rows and columns by twos make four groups."""
    images = rng.choice(np.array([-1, 1], np.int8), (n_images, size, size))
    for _ in range(25):
        for down in (0, 1):
            for right in (0, 1):
                up = rng.random(images.shape) < 1 / (1 + np.exp(-2 * (J * neighbours(images) + K * _corners(images))))
                images[:, down::2, right::2] = np.where(up, 1, -1)[:, down::2, right::2]
    return images


def _draw_twist_2(J, g, size, n_images, rng):
    return sampled(lambda s: J * neighbours(s) + g * checkerboard(s), size, n_images, rng, 25)


DRAW_TWIST = (_draw_twist_0, _draw_twist_1, _draw_twist_2)


def fit_twist(images, rng, variant):
    return newton(images, rng, TWIST_STATISTICS[variant], DRAW_TWIST[variant])[0]


def right(key, variant=0):
    """The right function for an item."""
    return {
        "binarize": binarize,
        "bond_sum": bond_sum,
        "spin_sum": spin_sum,
        "gradient": gradient,
        "draw_images": draw_images,
        "model_averages": model_averages,
        "fit_images": fit_images,
        "correlation": correlation,
        "twist_statistics": TWIST_STATISTICS[variant],
        "twist_fit": lambda images, rng: fit_twist(images, rng, variant),
    }[key]


def answered(function, asked):
    """What the sandbox would hand back."""
    arguments = {name: np.copy(value) if np.ndim(value) else value for name, value in asked.arguments.items()}
    rng = () if asked.seed is None else (np.random.default_rng(asked.seed),)
    return Answer("answered", np.asarray(function(*arguments.values(), *rng)))


def handed_in(key, function, seed, variant=0):
    """Item, instances and answers of one submission."""
    item = contract.ITEMS[key]
    asked = instances.draw(item, np.random.default_rng(seed), variant)
    return item, asked, [answered(function, one) for one in asked]


# ---------------------------------------------------------------- the same with one slip


def _wrong_draw(**slip):
    def draw(J, h, size, n_images, rng):
        return draw_images(J, h, size, n_images, rng, **slip)

    return draw


def _elsewhere(place):
    """A sampler that stands at another place in the model."""
    return lambda J, h, size, n_images, rng: quick_draw(*place(J, h, size**2), size, n_images, rng)


def _from_all_up(J, h, size, n_images, rng, sweeps):
    images = np.ones((n_images, size, size), np.int8)
    for _ in range(sweeps):
        sweep(images, lambda s: J * neighbours(s) + h, rng)
    return images


def _one_chain(J, h, size, n_images, rng, thin=1):
    images, chain = [], draw_images(J, h, size, 1, rng)
    for _ in range(n_images):
        for _ in range(thin):
            sweep(chain, lambda s: J * neighbours(s) + h, rng)
        images.append(chain[0].copy())
    return np.array(images)


def _few_chains(J, h, size, n_images, rng):
    """Ten chains side by side, one sweep between their pictures."""
    images, chains = [], draw_images(J, h, size, 10, rng)
    for _ in range(n_images // 10):
        sweep(chains, lambda s: J * neighbours(s) + h, rng)
        images.extend(chains.copy())
    return np.array(images)


def _means(change, draw=quick_draw):
    """Averages that are changed before they are returned: (B, S, sites, pictures)."""
    return lambda J, h, size, n_images, rng: np.array(
        change(*model_averages(J, h, size, n_images, rng, draw), size**2, n_images)
    )


def _fits(change):
    """Four numbers that are changed before they are returned: (fit, M, sites)."""
    return lambda images, rng: np.array(change(fitted_once(images), len(images), images[0].size))


def _slope(change):
    return lambda images, b, s: np.array(change(*gradient(images, b, s), images[0].size, len(images)))


def _open_bonds(images):
    images = np.asarray(images, dtype=int)
    right, down = images[..., 1:] * images[..., :-1], images[..., 1:, :] * images[..., :-1, :]
    return right.sum(axis=(-2, -1)) + down.sum(axis=(-2, -1))


def _all_four(images):
    images = np.asarray(images, dtype=int)
    around = sum(np.roll(images, shift, axis) for axis in (-2, -1) for shift in (-1, 1))
    return (images * around).sum(axis=(-2, -1))


def _bonds_of_axes_0_and_1(images):
    images = np.asarray(images, dtype=int)
    return (images * (np.roll(images, -1, 0) + np.roll(images, -1, 1))).sum(axis=(-2, -1))


def _bonds_without_field(images, rng):
    """A fit of J alone: the field is left at 0."""
    J, errors = newton(images, rng, lambda s: bond_sum(s)[:, None], lambda J, *rest: quick_draw(J, 0.0, *rest))
    return np.array([J[0], 0.0, errors[0], 0.0])


def _climbs(place):
    """A plain climb, with a sampler that stands at another place."""

    def fit(images, rng):
        parameters, sites = np.zeros(2), images[0].size
        target = lattice_statistics(images).mean(axis=0)
        for _ in range(100):
            drawn = quick_draw(*place(*parameters, sites), images.shape[1], 100, rng)
            parameters = parameters + 0.2 * (target - lattice_statistics(drawn).mean(axis=0)) / sites
        return np.append(parameters, [0.01, 0.01])

    return fit


def _covariance_errors(treat):
    """The right J and h, with errors that are made of F in another way: (F, M, sites)."""

    def fit(images, rng):
        fitted = fitted_once(images)
        drawn = quick_draw(*fitted[:2], images.shape[1], 1000, rng)
        F = np.cov(lattice_statistics(drawn), rowvar=False)
        return np.concatenate([fitted[:2], treat(F, len(images), images[0].size)])

    return fit


def _inverse_root(F):
    return np.sqrt(np.diag(np.linalg.inv(F)))


def _connected(images, max_distance):
    return correlation(images, max_distance) - np.mean(images) ** 2


def _open_correlation(images, max_distance):
    s = np.asarray(images, dtype=float)
    return np.array(
        [(np.mean(s[:, d:] * s[:, :-d]) + np.mean(s[:, :, d:] * s[:, :, :-d])) / 2 for d in range(1, max_distance + 1)]
    )


def _row_correlation(images, max_distance):
    s = np.asarray(images, dtype=float)
    return np.array([np.mean(s * np.roll(s, d, 2)) for d in range(1, max_distance + 1)])


PAIRS, SIGN, SITE = "each pair counted twice", "wrong sign", "mean in place of sum"
# Item, name of the mistake, and the student's function.
SLIPS = [
    ("binarize", "mean in place of median", lambda g: np.where(g > g.mean(), 1, -1)),
    ("binarize", "at least as bright", lambda g: np.where(g >= np.median(g), 1, -1)),
    ("binarize", "dark is up", lambda g: -binarize(g)),
    ("binarize", "0/1 pixels", lambda g: g > np.median(g)),
    ("binarize", "zero at the median", lambda g: np.sign(g - np.median(g))),
    ("binarize", "halfway threshold", lambda g: np.where(g > (g.max() + g.min()) / 2, 1, -1)),
    ("binarize", "fixed threshold", lambda g: np.where(g > 0.5, 1, -1)),
    ("binarize", "a median a row", lambda g: np.where(g > np.median(g, axis=1, keepdims=True), 1, -1)),
    ("bond_sum", PAIRS, _all_four),
    ("bond_sum", "no wrap-around", _open_bonds),
    ("bond_sum", f"no wrap-around; {SIGN}", lambda s: -_open_bonds(s)),
    ("bond_sum", "one direction only", lambda s: along(s, (0, 1))),
    ("bond_sum", SIGN, lambda s: -bond_sum(s)),
    ("bond_sum", "all pictures together", lambda s: np.full(s.shape[:-2], bond_sum(s).mean())),
    ("bond_sum", SITE, lambda s: bond_sum(s) / (s.shape[-1] * s.shape[-2])),
    ("bond_sum", SITE, lambda s: bond_sum(s) / (2 * s.shape[-1] * s.shape[-2])),
    ("bond_sum", "int8 overflow", lambda s: bond_sum(s).astype(np.int8)),
    ("bond_sum", "0/1 pixels", lambda s: bond_sum((s + 1) // 2)),
    ("bond_sum", "pictures mixed up", _bonds_of_axes_0_and_1),
    ("bond_sum", "diagonal neighbours", lambda s: along(s, (1, 1))),
    ("bond_sum", "all pictures together", lambda s: np.full(s.shape[:-2], bond_sum(s).sum())),
    ("spin_sum", SITE, lambda s: np.mean(s, axis=(-2, -1))),
    ("spin_sum", SIGN, lambda s: -spin_sum(s)),
    ("spin_sum", "0/1 pixels", lambda s: (s > 0).sum(axis=(-2, -1))),
    ("spin_sum", "int8 overflow", lambda s: s.sum(axis=(-2, -1), dtype=np.int8)),
    ("spin_sum", "all pictures together", lambda s: np.full(s.shape[:-2], s.sum())),
    ("gradient", SIGN, _slope(lambda a, b, N, M: (-a, -b))),
    ("gradient", "wrong sign of one slope", _slope(lambda a, b, N, M: (a, -b))),
    ("gradient", "sum in place of mean a site", _slope(lambda a, b, N, M: (a * N, b * N))),
    ("gradient", "order of J and h", _slope(lambda a, b, N, M: (b, a))),
    ("gradient", "missing field", _slope(lambda a, b, N, M: (a, 0))),
    ("gradient", "J a bond, h a site", _slope(lambda a, b, N, M: (a / 2, b))),
    ("gradient", "scaled field", _slope(lambda a, b, N, M: (a, b / N))),
    ("gradient", "per site twice", _slope(lambda a, b, N, M: (a / N, b / N))),
    ("gradient", "side in place of sites", _slope(lambda a, b, N, M: (a * N**0.5, b * N**0.5))),
    ("gradient", "sum over pictures", lambda s, b, m: np.array([bond_sum(s).sum() - b, s.sum() - m]) / s[0].size),
    ("gradient", "sum over pictures", _slope(lambda a, b, N, M: (a * M, b * M))),
    ("gradient", "one picture only", lambda s, b, m: gradient(s[:1], b, m)),
    (
        "gradient",
        PAIRS,
        lambda s, b, m: np.array([_all_four(s).mean() - b, spin_sum(s).mean() - m]) / s[0].size,
    ),
    (
        "gradient",
        "only the data a site",
        lambda s, b, m: np.array([bond_sum(s).mean() / s[0].size - b, s.mean() - m]),
    ),
    ("draw_images", "missing field", _elsewhere(lambda J, h, N: (J, 0.0))),
    ("draw_images", "missing field", _elsewhere(lambda J, h, N: (J, h / N))),
    ("draw_images", "missing coupling", _elsewhere(lambda J, h, N: (0.0, h))),
    ("draw_images", "half the field", _elsewhere(lambda J, h, N: (J, h / 2))),
    ("draw_images", "twice the field", _elsewhere(lambda J, h, N: (J, 2 * h))),
    ("draw_images", "wrong sign of the field", _elsewhere(lambda J, h, N: (J, -h))),
    ("draw_images", "wrong sign of the coupling", _elsewhere(lambda J, h, N: (-J, h))),
    ("draw_images", SIGN, _elsewhere(lambda J, h, N: (-J, -h))),
    ("draw_images", PAIRS, _elsewhere(lambda J, h, N: (2 * J, h))),
    ("draw_images", PAIRS, _elsewhere(lambda J, h, N: (J / 2, h))),
    ("draw_images", "factor 2 in the exponent", _elsewhere(lambda J, h, N: (J / 2, h / 2))),
    ("draw_images", "factor 2 in the exponent", _elsewhere(lambda J, h, N: (2 * J, 2 * h))),
    ("draw_images", "order of J and h", _elsewhere(lambda J, h, N: (h, J))),
    ("draw_images", "no wrap-around", _wrong_draw(around=open_neighbours, sweeps=40)),
    ("draw_images", "one colour only", _wrong_draw(colours=(0,), sweeps=20)),
    ("draw_images", "one colour only", _wrong_draw(colours=(1,), sweeps=20)),
    ("draw_images", "all spins at once", _wrong_draw(colours=(None,), sweeps=60)),
    ("draw_images", "noise", _wrong_draw(sweeps=0)),
    ("draw_images", "too little burn-in", _wrong_draw(sweeps=1)),
    ("draw_images", "too little burn-in", _wrong_draw(sweeps=3)),
    ("draw_images", "too little burn-in", lambda *a: _from_all_up(*a, sweeps=1)),
    ("draw_images", "too little burn-in", lambda *a: _from_all_up(*a, sweeps=4)),
    ("draw_images", "0/1 pixels", lambda *a: (draw_images(*a) + 1) // 2),
    ("draw_images", "pictures depend on each other", _one_chain),
    ("draw_images", "pictures depend on each other", _few_chains),
    ("draw_images", "pictures depend on each other", lambda *a: np.repeat(draw_images(*a)[::2], 2, axis=0)),
    ("model_averages", "averages a site", _means(lambda b, s, N, n: (b / N, s / N))),
    ("model_averages", "averages a bond and a site", _means(lambda b, s, N, n: (b / 2 / N, s / N))),
    ("model_averages", "sum over pictures", _means(lambda b, s, N, n: (b * n, s * n))),
    ("model_averages", "order of B and S", _means(lambda b, s, N, n: (s, b))),
    ("model_averages", "energy in place of B", _means(lambda b, s, N, n: (-b, s))),
    ("model_averages", PAIRS, _means(lambda b, s, N, n: (2 * b, s))),
    ("model_averages", "absolute magnetisation", _means(lambda b, s, N, n: (b, abs(s)))),
    ("model_averages", "missing field", _means(lambda b, s, N, n: (b, s), _elsewhere(lambda J, h, N: (J, 0.0)))),
    (
        "model_averages",
        "no wrap-around",
        _means(lambda b, s, N, n: (b, s), _wrong_draw(around=open_neighbours, sweeps=40)),
    ),
    ("model_averages", "half the field", _means(lambda b, s, N, n: (b, s), _elsewhere(lambda J, h, N: (J, h / 2)))),
    ("fit_images", SIGN, _fits(lambda f, M, N: f * [-1, -1, 1, 1])),
    ("fit_images", "wrong sign of the field", _fits(lambda f, M, N: f * [1, -1, 1, 1])),
    ("fit_images", PAIRS, _fits(lambda f, M, N: f * [0.5, 1, 0.5, 1])),
    ("fit_images", PAIRS, _fits(lambda f, M, N: f * [2, 1, 2, 1])),
    ("fit_images", "missing field", _bonds_without_field),
    ("fit_images", "missing field", _fits(lambda f, M, N: f * [1, 0, 1, 1])),
    (
        "fit_images",
        "twice the field",
        lambda s, rng: fit_images(s, rng, draw=_elsewhere(lambda J, h, N: (J, h / 2))),
    ),
    (
        "fit_images",
        "factor 2 in the exponent",
        lambda s, rng: fit_images(s, rng, draw=_elsewhere(lambda J, h, N: (J / 2, h / 2))),
    ),
    (
        "fit_images",
        "no wrap-around",
        lambda s, rng: fit_images(s, rng, draw=_wrong_draw(around=open_neighbours, sweeps=40)),
    ),
    ("fit_images", "a parameter that runs away", _climbs(lambda J, h, N: (J, 0.0))),
    ("fit_images", "a parameter that runs away", _climbs(lambda J, h, N: (J, -h))),
    ("fit_images", "order of J and h", _fits(lambda f, M, N: f[[1, 0, 3, 2]])),
    ("fit_images", "0/1 pixels", _fits(lambda f, M, N: [4 * f[0], 2 * f[1] - 8 * f[0], f[2], f[3]])),
    ("fit_images", "scaled field", _fits(lambda f, M, N: f * [1, N, 1, N])),
    ("fit_images", "a parameter that runs away", _fits(lambda f, M, N: f * np.nan)),
    ("fit_images", "forgot 1 / sqrt(M)", _covariance_errors(lambda F, M, N: _inverse_root(F))),
    ("fit_images", "1 / M in place of 1 / sqrt(M)", _covariance_errors(lambda F, M, N: _inverse_root(F) / M)),
    ("fit_images", "variance in place of error", _covariance_errors(lambda F, M, N: _inverse_root(F) ** 2 / M)),
    ("fit_images", "covariance a site", _covariance_errors(lambda F, M, N: _inverse_root(F / N**2 * M))),
    (
        "fit_images",
        "correlation of J and h forgotten",
        _covariance_errors(lambda F, M, N: 1 / np.sqrt(np.diag(F) * M)),
    ),
    ("fit_images", "information not inverted", _covariance_errors(lambda F, M, N: np.sqrt(np.diag(F) / M))),
    ("fit_images", "order of the errors", _fits(lambda f, M, N: f[[0, 1, 3, 2]])),
    ("correlation", "connected correlation", _connected),
    ("correlation", "no wrap-around", _open_correlation),
    ("correlation", "one direction only", _row_correlation),
    ("correlation", "starts at distance 0", lambda s, d: np.append(1.0, correlation(s, d - 1))),
    ("correlation", "both directions added", lambda s, d: 2 * correlation(s, d)),
    ("correlation", "sum over sites", lambda s, d: correlation(s, d) * s[0].size),
    ("correlation", "one picture only", lambda s, d: correlation(s[:1], d)),
]


def _columns(*columns):
    return lambda s: np.stack([column(s) for column in columns], axis=-1)


def _other_twist_fit(variant, change):
    return lambda images, rng: change(fitted_once(images, variant))


def _right_bonds(s):
    return along(s, (0, 1))


def _down_bonds(s):
    return along(s, (1, 0))


# Variant, item, name, function.
TWIST_SLIPS = [
    (0, "twist_statistics", "right and down exchanged", _columns(_down_bonds, _right_bonds, spin_sum)),
    (0, "twist_statistics", "order of the statistics", _columns(spin_sum, _right_bonds, _down_bonds)),
    (0, "twist_statistics", "one coupling for both", _columns(bond_sum, bond_sum, spin_sum)),
    (0, "twist_statistics", SITE, lambda s: TWIST_STATISTICS[0](s) / s[0].size),
    (0, "twist_statistics", SIGN, lambda s: -TWIST_STATISTICS[0](s)),
    (1, "twist_statistics", "one diagonal only", _columns(bond_sum, lambda s: along(s, (1, 1)))),
    (1, "twist_statistics", "one diagonal only", _columns(bond_sum, lambda s: along(s, (1, -1)))),
    (
        1,
        "twist_statistics",
        "diagonals counted twice",
        _columns(bond_sum, lambda s: along(s, (1, 1), (1, -1), (-1, 1), (-1, -1))),
    ),
    (1, "twist_statistics", PAIRS, _columns(_all_four, lambda s: along(s, (1, 1), (1, -1)))),
    (1, "twist_statistics", "order of the statistics", _columns(lambda s: along(s, (1, 1), (1, -1)), bond_sum)),
    (2, "twist_statistics", "uniform field", _columns(bond_sum, spin_sum)),
    (2, "twist_statistics", "sign of the checkerboard", _columns(bond_sum, lambda s: -spin_sum(s * checkerboard(s)))),
    (2, "twist_statistics", PAIRS, _columns(_all_four, lambda s: spin_sum(s * checkerboard(s)))),
    (
        2,
        "twist_statistics",
        "stripes",
        _columns(bond_sum, lambda s: spin_sum(s * (1 - 2 * (np.arange(s.shape[-1]) % 2)))),
    ),
    (0, "twist_fit", "right and down exchanged", _other_twist_fit(0, lambda p: p[[1, 0, 2]])),
    (0, "twist_fit", "order of the parameters", _other_twist_fit(0, lambda p: p[[2, 0, 1]])),
    (0, "twist_fit", "missing field", _other_twist_fit(0, lambda p: p * [1, 1, 0])),
    (0, "twist_fit", PAIRS, _other_twist_fit(0, lambda p: p * [0.5, 0.5, 1])),
    (0, "twist_fit", SIGN, _other_twist_fit(0, lambda p: -p)),
    (0, "twist_fit", "one coupling for both", lambda s, rng: fitted_once(s)[[0, 0, 1]]),
    (1, "twist_fit", "order of the parameters", _other_twist_fit(1, lambda p: p[::-1])),
    (1, "twist_fit", "diagonals counted twice", _other_twist_fit(1, lambda p: p * [1, 0.5])),
    (1, "twist_fit", "missing diagonals", _other_twist_fit(1, lambda p: p * [1, 0])),
    (1, "twist_fit", PAIRS, _other_twist_fit(1, lambda p: p * [0.5, 1])),
    (1, "twist_fit", SIGN, _other_twist_fit(1, lambda p: -p)),
    (2, "twist_fit", "sign of the checkerboard", _other_twist_fit(2, lambda p: p * [1, -1])),
    (2, "twist_fit", "order of the parameters", _other_twist_fit(2, lambda p: p[::-1])),
    (2, "twist_fit", "half the field", _other_twist_fit(2, lambda p: p * [1, 0.5])),
    (2, "twist_fit", "missing field", _other_twist_fit(2, lambda p: p * [1, 0])),
    (2, "twist_fit", "uniform field", lambda s, rng: fitted_once(s)[:2]),
    (2, "twist_fit", SIGN, _other_twist_fit(2, lambda p: -p)),
]
