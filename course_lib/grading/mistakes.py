"""What students get wrong, as the answers that they then give: a name, a sentence that teaches, and the answer.

An answer of an exact item is put together from what is summed and from a factor; slips are known alone and in pairs.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from course_lib.grading.families import DOWN, DOWN_LEFT, DOWN_RIGHT, LATTICE, RIGHT


@dataclass(frozen=True)
class Mistake:
    """One misconception.

    Attributes
    ----------
    name, advice : str
    answer : callable, instance -> array
        What it makes of a hidden instance.
    """

    name: str
    advice: str
    answer: Callable


SPINS = "the spins are -1 and +1, not 0 and 1: 2 * x - 1 turns one into the other."
OVERFLOW = "int8 holds no number above 127 and wraps round without a word: sum with dtype=int, or after astype(int)."
WRAP = "the lattice has no edge: the right neighbour of the last column is the first column, as np.roll makes it."


# ---------------------------------------------------------------- exact items: what is summed, times a factor


def mistakes_of(key, variant=None) -> list[Mistake]:
    """The misconceptions of an exact item, single ones first.

    Parameters
    ----------
    key : str
    variant : int, optional
        Of the twist, for `twist_statistics`.

    Returns
    -------
    list of Mistake

    Examples
    --------
    >>> [mistake.name for mistake in mistakes_of("spin_sum")[:2]]
    ['int8 overflow', '0/1 pixels']
    """
    bases, factors = _EXACT[key] if variant is None else _TWISTED[variant]
    single = [Mistake(*base) for base in bases]
    single += [Mistake(name, advice, _scaled(_answer, factor)) for name, advice, factor in factors]
    double = [
        Mistake(f"{base[0]}; {name}", f"{base[1]} And {advice}", _scaled(base[2], factor))
        for base in bases
        for name, advice, factor in factors
    ]
    return single + double


def _answer(instance):
    return instance.truth["answer"]


def _scaled(base, factor):
    return lambda instance: base(instance) * (factor(instance) if callable(factor) else factor)


def _of(function):
    """A function of the pictures, as whole numbers."""
    return lambda instance: function(instance.arguments["images"].astype(np.int64))


def _sites(instance):
    return np.prod(instance.arguments["images"].shape[-2:])


def _side(instance):
    return instance.arguments["images"].shape[-1]


def _count(instance):
    return len(instance.arguments["images"])


def _one_over(number):
    return lambda instance: 1.0 / number(instance)


def _along(step, images, axes=(-2, -1)):
    """Sum of products of neighbours, wrapped."""
    return np.sum(images * np.roll(images, (-step[0], -step[1]), axes), axis=(-2, -1))


def _open(images, down, right):
    """The same without wrap-around."""
    rows, cols = images.shape[-2:]
    first, second = images[..., : rows - down, :], images[..., down:, :]
    if right >= 0:
        first, second = first[..., : cols - right], second[..., right:]
    else:
        first, second = first[..., -right:], second[..., : cols + right]
    return np.sum(first * second, axis=(-2, -1))


def _wrapped_in_int8(numbers):
    return (numbers + 128) % 256 - 128


def _all_together(numbers):
    return np.full(numbers.shape, numbers.sum())


def _bonds(images):
    return _along(RIGHT, images) + _along(DOWN, images)


def _leading(images):
    """Neighbours along the first two axes, which in a stack of pictures are not the rows and columns."""
    rolled = [np.roll(images, -1, axis) for axis in (0, 1)]
    return np.sum(images * (rolled[0] + rolled[1]), axis=(-2, -1))


def _by_row(grey, axis):
    return np.where(grey > np.median(grey, axis=axis, keepdims=True), 1, -1)


def _grey(function):
    return lambda instance: function(instance.arguments["grey"])


def _cut(level):
    return _grey(lambda grey: np.where(grey > level(grey), 1, -1))


_NEGATIVE = ("wrong sign", "the sign is turned round.", -1)
_TWICE = ("each pair counted twice", "each pair of neighbours is one bond: count bonds to the right and down only.", 2)
_HALF = ("half of it", "there is no factor 1/2: each bond counts once, with its whole value.", 0.5)
_PER_SITE = (
    "mean in place of sum",
    "it is divided by the number of sites: the sum itself is wanted.",
    _one_over(_sites),
)

_BINARIZE = (
    (
        (
            "at least as bright",
            "a pixel exactly at the median is not brighter than it, and becomes -1: > in place of >=.",
            _grey(lambda grey: np.where(grey >= np.median(grey), 1, -1)),
        ),
        ("0/1 pixels", SPINS, lambda instance: (_answer(instance) + 1) // 2),
        (
            "zero at the median",
            "np.sign gives 0 for a pixel at the median itself: it becomes -1.",
            _grey(lambda grey: np.sign(grey - np.median(grey))),
        ),
        (
            "mean in place of median",
            "the threshold is the mean: where brightness is skewed, the median is another.",
            _cut(np.mean),
        ),
        (
            "halfway threshold",
            "the threshold is halfway between darkest and brightest: take the median.",
            _cut(lambda grey: (grey.min() + grey.max()) / 2),
        ),
        ("fixed threshold", "the threshold is a fixed number: take the median of this picture.", _cut(lambda _: 0.5)),
        ("fixed threshold", "the threshold is a fixed number: take the median of this picture.", _cut(lambda _: 127.5)),
        ("fixed threshold", "the threshold is a fixed number: take the median of this picture.", _cut(lambda _: 128)),
        (
            "a median a row",
            "each row or column has its own median: take that of the whole picture.",
            _grey(lambda grey: _by_row(grey, 1)),
        ),
        (
            "a median a row",
            "each row or column has its own median: take that of the whole picture.",
            _grey(lambda grey: _by_row(grey, 0)),
        ),
    ),
    (("dark is up", "bright pixels are +1 and dark ones -1, not the reverse.", -1),),
)

_BOND_SUM = (
    (
        ("no wrap-around", WRAP, _of(lambda s: _open(s, *RIGHT) + _open(s, *DOWN))),
        (
            "no wrap-around one way",
            f"One direction is not wrapped: {WRAP}",
            _of(lambda s: _along(RIGHT, s) + _open(s, *DOWN)),
        ),
        (
            "no wrap-around one way",
            f"One direction is not wrapped: {WRAP}",
            _of(lambda s: _open(s, *RIGHT) + _along(DOWN, s)),
        ),
        (
            "one direction only",
            "bonds to the right and bonds down: one of the two is missing.",
            _of(lambda s: _along(RIGHT, s)),
        ),
        (
            "one direction only",
            "bonds to the right and bonds down: one of the two is missing.",
            _of(lambda s: _along(DOWN, s)),
        ),
        (
            "diagonal neighbours",
            "the neighbour down and to the right is no bond of this model: roll one axis at a time.",
            _of(lambda s: _along(DOWN_RIGHT, s)),
        ),
        ("int8 overflow", OVERFLOW, _of(lambda s: _wrapped_in_int8(_bonds(s)))),
        ("0/1 pixels", SPINS, _of(lambda s: _bonds((s + 1) // 2))),
        (
            "pictures mixed up",
            "the last two axes are rows and columns: axes 0 and 1 of a stack count pictures.",
            _of(_leading),
        ),
        (
            "all pictures together",
            "one number a picture is wanted: sum over the last two axes only.",
            _of(lambda s: _all_together(_bonds(s))),
        ),
        (
            "all pictures together",
            "one number a picture is wanted: the mean over pictures comes later.",
            _of(lambda s: np.full(s.shape[:-2], _bonds(s).mean())),
        ),
        (
            "spin sum returned",
            "that is the sum of the spins: a bond is a product of two.",
            _of(lambda s: s.sum(axis=(-2, -1))),
        ),
    ),
    (
        _TWICE,
        _NEGATIVE,
        _HALF,
        _PER_SITE,
        (
            "mean in place of sum",
            "it is divided by the number of bonds: the sum itself is wanted.",
            lambda instance: 0.5 / _sites(instance),
        ),
    ),
)

_SPIN_SUM = (
    (
        ("int8 overflow", OVERFLOW, _of(lambda s: _wrapped_in_int8(s.sum(axis=(-2, -1))))),
        ("0/1 pixels", SPINS, _of(lambda s: (s > 0).sum(axis=(-2, -1)))),
        (
            "all pictures together",
            "one number a picture is wanted: sum over the last two axes only.",
            _of(lambda s: _all_together(s.sum(axis=(-2, -1)))),
        ),
        (
            "all pictures together",
            "one number a picture is wanted: the mean over pictures comes later.",
            _of(lambda s: np.full(s.shape[:-2], s.sum(axis=(-2, -1)).mean())),
        ),
        (
            "absolute value",
            "the sum keeps its sign: leave out the absolute value.",
            _of(lambda s: np.abs(s.sum(axis=(-2, -1)))),
        ),
        ("bond sum returned", "that is the bond sum: here each spin counts alone.", _of(_bonds)),
    ),
    (_NEGATIVE, _PER_SITE, ("twice the sum", "each spin counts once.", 2), _HALF),
)


def _data_means(instance):
    return LATTICE.statistics(instance.arguments["images"]).mean(axis=0)


def _model_means(instance):
    return np.array([instance.arguments["model_bonds"], instance.arguments["model_spins"]])


def _slope(of_data, of_model=1.0, sites=_sites):
    """Slope with the data's means, and the model's, treated in some way."""

    def slope(instance):
        data = of_data(instance) if callable(of_data) else of_data * _data_means(instance)
        model = of_model(instance) if callable(of_model) else of_model
        return (data - model * _model_means(instance)) / sites(instance)

    return slope


def _times(*factors):
    return lambda instance: _answer(instance) * np.array(factors)


_SIGN_OF_ONE = "one of the two slopes has the wrong sign: both are the data's mean minus the model's."
_GRADIENT = (
    (
        ("order of J and h", "first the slope of J, then that of h.", lambda instance: _answer(instance)[::-1]),
        ("missing field", "the slope of h is missing: the data's spin sum minus the model's.", _times(1, 0)),
        ("missing coupling", "the slope of J is missing: the data's bond sum minus the model's.", _times(0, 1)),
        ("wrong sign of one slope", _SIGN_OF_ONE, _times(-1, 1)),
        ("wrong sign of one slope", _SIGN_OF_ONE, _times(1, -1)),
        (
            "model left out",
            "the model's means are missing: the slope is the data's mean minus the model's.",
            _slope(1.0, 0.0),
        ),
        ("data left out", "the data's means are missing: the slope is the data's mean minus the model's.", _slope(0.0)),
        ("added in place of subtracted", "the slope is the data's mean minus the model's.", _slope(1.0, -1.0)),
        (
            "sum over pictures",
            "the model's means are those of one picture: take the data's mean over pictures, too.",
            _slope(lambda instance: _count(instance) * _data_means(instance)),
        ),
        (
            "one picture only",
            "only one picture is in it: take the mean over all of them.",
            _slope(lambda instance: LATTICE.statistics(instance.arguments["images"])[0]),
        ),
        (
            "one picture only",
            "only one picture is in it: take the mean over all of them.",
            _slope(lambda instance: LATTICE.statistics(instance.arguments["images"])[-1]),
        ),
        (
            "only the data a site",
            "model_bonds and model_spins are sums over a picture: divide both by the sites.",
            _slope(1.0, lambda instance: float(_sites(instance))),
        ),
        (
            "only the model a site",
            "the data's sums are to be divided by the number of sites, as the model's are.",
            _slope(1.0, _one_over(_sites), lambda _: 1.0),
        ),
        (
            "J a bond, h a site",
            "both slopes are divided by the number of sites, not J's by the number of bonds.",
            _times(0.5, 1),
        ),
        ("each pair counted twice", _TWICE[1], _slope(lambda instance: _data_means(instance) * np.array([2, 1]))),
        (
            "scaled field",
            "h is the field of each site: its slope is not divided by the number of sites once more.",
            lambda instance: _answer(instance) * np.array([1, 1 / _sites(instance)]),
        ),
        (
            "field not a site",
            "the slope of h is to be divided by the number of sites, as that of J is.",
            lambda instance: _answer(instance) * np.array([1, _sites(instance)]),
        ),
        (
            "coupling not a site",
            "the slope of J is to be divided by the number of sites, as that of h is.",
            lambda instance: _answer(instance) * np.array([_sites(instance), 1]),
        ),
        (
            "int8 overflow",
            OVERFLOW,
            _slope(lambda instance: _wrapped_in_int8(LATTICE.statistics(instance.arguments["images"])).mean(axis=0)),
        ),
        (
            "no wrap-around",
            WRAP,
            _slope(
                lambda instance: np.array(
                    [_of(lambda s: _open(s, *RIGHT) + _open(s, *DOWN))(instance).mean(), _data_means(instance)[1]]
                )
            ),
        ),
    ),
    (
        (
            "wrong sign",
            "the log-likelihood climbs along the data's mean minus the model's: the difference is turned "
            "round, as for a cost that is descended.",
            -1,
        ),
        (
            "sum in place of mean a site",
            "the slope per site is wanted: divide by the number of sites, rows times columns.",
            _sites,
        ),
        (
            "per picture twice",
            "it is divided by the number of pictures twice: a mean has done it already.",
            _one_over(_count),
        ),
        ("sum over pictures", "it grows with the number of pictures: the slope per picture is wanted.", _count),
        (
            "sum over pictures and sites",
            "it is a sum over pictures and sites: divide by both numbers.",
            lambda instance: _sites(instance) * _count(instance),
        ),
        ("side in place of sites", "it is divided by the side: a picture has rows times columns sites.", _side),
        ("per site twice", "it is divided by the number of sites twice.", _one_over(_sites)),
        ("half of it", "there is a factor 1/2 too many: the sites are divided by, not the bonds.", 0.5),
        ("twice it", "there is a factor 2 too many: is a pair of neighbours counted from both ends?", 2),
    ),
)


def _correlations(function):
    """A function of pictures and distance, at each distance."""

    def correlations(instance):
        images = instance.arguments["images"].astype(float)
        distances = range(1, instance.arguments["max_distance"] + 1)
        return np.array([function(images, distance) for distance in distances])

    return correlations


def _wrapped_mean(s, *axes_of, distance):
    return np.mean([np.mean(s * np.roll(s, -distance, axis)) for axis in axes_of])


def _both(s, distance):
    return _wrapped_mean(s, 1, 2, distance=distance)


def _open_mean(s, distance):
    right, down = s[..., distance:] * s[..., :-distance], s[:, distance:] * s[:, :-distance]
    return (right.mean() + down.mean()) / 2


def _open_sum(s, distance):
    return np.mean(_open(s, 0, distance) + _open(s, distance, 0)) / (2 * s[0].size)


def _of_means(s):
    return np.mean(s.mean(axis=(1, 2)) ** 2)


_CORRELATION = (
    (
        (
            "connected correlation",
            "the mean squared is subtracted: the mean of s s' itself is wanted.",
            _correlations(lambda s, d: _both(s, d) - s.mean() ** 2),
        ),
        (
            "connected correlation",
            "the mean squared of each picture is subtracted: the mean of s s' itself is wanted.",
            _correlations(lambda s, d: _both(s, d) - _of_means(s)),
        ),
        (
            "connected correlation",
            "it is normalised to the variance: the mean of s s' itself is wanted.",
            _correlations(lambda s, d: (_both(s, d) - s.mean() ** 2) / (1 - s.mean() ** 2)),
        ),
        ("no wrap-around", WRAP, _correlations(_open_mean)),
        ("no wrap-around", WRAP, _correlations(_open_sum)),
        (
            "one direction only",
            "distances along the rows and down the columns both count: one is missing.",
            _correlations(lambda s, d: _wrapped_mean(s, 1, distance=d)),
        ),
        (
            "one direction only",
            "distances along the rows and down the columns both count: one is missing.",
            _correlations(lambda s, d: _wrapped_mean(s, 2, distance=d)),
        ),
        (
            "starts at distance 0",
            "the first number is that of distance 1: at distance 0 a spin meets itself.",
            _correlations(lambda s, d: _both(s, d - 1)),
        ),
        (
            "starts at distance 2",
            "the first number is that of distance 1.",
            _correlations(lambda s, d: _both(s, d + 1)),
        ),
        (
            "diagonal distance",
            "along rows and columns one axis moves at a time, not both together.",
            _correlations(lambda s, d: np.mean(s * np.roll(s, (-d, -d), (1, 2)))),
        ),
        (
            "one picture only",
            "only one picture is in it: take the mean over all.",
            _correlations(lambda s, d: _both(s[:1], d)),
        ),
        (
            "one picture only",
            "only one picture is in it: take the mean over all.",
            _correlations(lambda s, d: _both(s[-1:], d)),
        ),
        (
            "pictures mixed up",
            "axis 0 counts the pictures: the rows are axis 1, the columns axis 2.",
            _correlations(lambda s, d: _wrapped_mean(s, 0, 1, distance=d)),
        ),
        ("0/1 pixels", SPINS, _correlations(lambda s, d: _both((s + 1) / 2, d))),
    ),
    (
        ("both directions added", "two directions are added: take their mean.", 2),
        _NEGATIVE,
        ("sum over sites", "it is a sum over sites: the mean is wanted.", _sites),
        (
            "sum over sites",
            "it is a sum over the sites of two directions: the mean is wanted.",
            lambda instance: 2 * _sites(instance),
        ),
        ("sum over pictures", "it grows with the number of pictures: take the mean over them.", _count),
        (
            "sum over pictures and sites",
            "it is a sum over pictures and sites: the mean is wanted.",
            lambda instance: _sites(instance) * _count(instance),
        ),
        (
            "sum over pictures and sites",
            "it is a sum over pictures, sites and two directions: the mean is wanted.",
            lambda instance: 2 * _sites(instance) * _count(instance),
        ),
        ("half of it", "there is a factor 1/2 too many.", 0.5),
    ),
)
_EXACT = {
    "binarize": _BINARIZE,
    "bond_sum": _BOND_SUM,
    "spin_sum": _SPIN_SUM,
    "gradient": _GRADIENT,
    "correlation": _CORRELATION,
}


# ---------------------------------------------------------------- the twists' statistics


def _columns(*functions):
    return _of(lambda s: np.stack([function(s) for function in functions], axis=-1))


def _right(s):
    return _along(RIGHT, s)


def _down(s):
    return _along(DOWN, s)


def _diagonals(s):
    return _along(DOWN_RIGHT, s) + _along(DOWN_LEFT, s)


def _spins(s):
    return s.sum(axis=(-2, -1))


def _signed(sign):
    """Sum of the spins times a sign that depends on row and column."""

    def signed(s):
        row, col = np.indices(s.shape[-2:])
        return np.sum(s * (1 - 2 * (sign(row, col) % 2)), axis=(-2, -1))

    return signed


def _twist_times(*factors):
    return lambda instance: _answer(instance) * np.array(factors)


_STAGGERED = _signed(lambda row, col: row + col)
_TWIST_FACTORS = (
    _TWICE,
    _NEGATIVE,
    _HALF,
    _PER_SITE,
    (
        "mean in place of sum",
        "it is divided by the number of bonds: sums are wanted.",
        lambda instance: 0.5 / _sites(instance),
    ),
)
_ORDER = "the columns stand in another order than the table of the twist says."
_STRIPES = "the sign is (-1)^(row + column), a checkerboard: yours makes stripes."
_TWISTED = (
    (
        (
            (
                "right and down exchanged",
                "a bond to the right joins two columns: that is the last axis, axis -1.",
                _columns(_down, _right, _spins),
            ),
            ("order of the statistics", _ORDER, _columns(_spins, _right, _down)),
            ("each pair counted twice", _TWICE[1], _twist_times(2, 2, 1)),
            ("no wrap-around", WRAP, _columns(lambda s: _open(s, *RIGHT), lambda s: _open(s, *DOWN), _spins)),
            (
                "one coupling for both",
                "the twist has two bond sums, one to the right and one down: do not add them.",
                _columns(_bonds, _bonds, _spins),
            ),
            ("missing field", "the spin sum is missing.", _twist_times(1, 1, 0)),
            (
                "mean spin",
                "the spin sum is wanted, not the mean.",
                lambda instance: _answer(instance) * np.array([1, 1, 1 / _sites(instance)]),
            ),
            ("int8 overflow", OVERFLOW, lambda instance: _wrapped_in_int8(_answer(instance))),
        ),
        _TWIST_FACTORS,
    ),
    (
        (
            (
                "one diagonal only",
                "both diagonals count, down-right and down-left: one is missing.",
                _columns(_bonds, lambda s: _along(DOWN_RIGHT, s)),
            ),
            (
                "one diagonal only",
                "both diagonals count, down-right and down-left: one is missing.",
                _columns(_bonds, lambda s: _along(DOWN_LEFT, s)),
            ),
            (
                "diagonals counted twice",
                "each diagonal pair is one bond: count those that lead down only.",
                _twist_times(1, 2),
            ),
            ("each pair counted twice", _TWICE[1], _twist_times(2, 1)),
            ("order of the statistics", _ORDER, _columns(_diagonals, _bonds)),
            (
                "no wrap-around",
                WRAP,
                _columns(
                    lambda s: _open(s, *RIGHT) + _open(s, *DOWN), lambda s: _open(s, *DOWN_RIGHT) + _open(s, *DOWN_LEFT)
                ),
            ),
            ("diagonals not wrapped", WRAP, _columns(_bonds, lambda s: _open(s, *DOWN_RIGHT) + _open(s, *DOWN_LEFT))),
            (
                "second neighbours along the row",
                "a diagonal neighbour is one down and one to the side, not two away.",
                _columns(_bonds, lambda s: _along((0, 2), s) + _along((2, 0), s)),
            ),
            (
                "nearest neighbours with the diagonals",
                "D holds the diagonal bonds alone: B has its own column.",
                _columns(_bonds, lambda s: _bonds(s) + _diagonals(s)),
            ),
            ("int8 overflow", OVERFLOW, lambda instance: _wrapped_in_int8(_answer(instance))),
        ),
        _TWIST_FACTORS,
    ),
    (
        (
            (
                "sign of the checkerboard",
                "(-1)^(row + column) is +1 at row 0, column 0, and -1 beside it: yours is the reverse.",
                _twist_times(1, -1),
            ),
            (
                "uniform field",
                "that is the plain spin sum: each spin needs the sign (-1)^(row + column).",
                _columns(_bonds, _spins),
            ),
            ("stripes", _STRIPES, _columns(_bonds, _signed(lambda row, col: row))),
            ("stripes", _STRIPES, _columns(_bonds, _signed(lambda row, col: col))),
            ("order of the statistics", _ORDER, _columns(_STAGGERED, _bonds)),
            (
                "bonds staggered",
                "only the field has the sign of the checkerboard: the bond sum has none.",
                _twist_times(-1, 1),
            ),
            ("each pair counted twice", _TWICE[1], _twist_times(2, 1)),
            ("no wrap-around", WRAP, _columns(lambda s: _open(s, *RIGHT) + _open(s, *DOWN), _STAGGERED)),
            ("missing field", "the staggered spin sum is missing.", _twist_times(1, 0)),
            (
                "mean spin",
                "the sum is wanted, not the mean.",
                lambda instance: _answer(instance) * np.array([1, 1 / _sites(instance)]),
            ),
            ("int8 overflow", OVERFLOW, lambda instance: _wrapped_in_int8(_answer(instance))),
        ),
        _TWIST_FACTORS,
    ),
)
