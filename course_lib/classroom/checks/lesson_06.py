"""Checks of lesson 06, the image assignment: what helps on the way. What is graded is judged elsewhere.

>>> verdict = spin_sum(lambda images: images.mean(axis=(-2, -1)))  # doctest: +ELLIPSIS
Not yet: for one picture of 2 x 3, all up you give 1, exact is 6. That is the mean spin: ...
"""

from functools import cache
from itertools import chain

import numpy as np

from course_lib import exact, ising, learning, sampling
from course_lib.classroom.checks import hand_in, own_pictures
from course_lib.classroom.checks.answers import AnswerError, Case, as_numbers
from course_lib.classroom.checks.composed import composed, localised
from course_lib.classroom.checks.drawn import DrawExercise, all_states
from course_lib.classroom.checks.exercise import Exercise, Mistake
from course_lib.classroom.checks.fitted import AveragesExercise, FitExercise
from course_lib.classroom.checks.twisted import draw_twist, twist_fit, twist_statistics
from course_lib.classroom.checks.twists import TWISTS, Twist, twist_of

__all__ = [
    "TWISTS",
    "Twist",
    "binarize",
    "bond_sum",
    "correlation",
    "draw_images",
    "draw_twist",
    "fit_images",
    "gradient",
    "hand_in",
    "model_averages",
    "own_pictures",
    "spin_sum",
    "twist_fit",
    "twist_of",
    "twist_statistics",
]

SEED = 6  # the same pictures each time, so that a student who runs a check again sees the same example
SITES = (-2, -1)  # the axes of rows and columns


def _numbers(answer, shape, what):
    numbers = as_numbers(answer)
    if numbers.shape != shape:
        raise AnswerError(f"your function returned an array of shape {numbers.shape}, not {shape}: {what}")
    return (numbers.astype(float),)


# ---------------------------------------------------------------- 1: binarize


def _grey_pictures():
    rng = np.random.default_rng(SEED)
    return [
        Case("a picture of 2 x 2", (np.array([[0.1, 0.2], [0.3, 0.9]]),)),
        Case("a dark picture of 4 x 6", (rng.random((4, 6)) ** 3,)),
        Case("a picture of 3 x 3 with equal pixels", (np.array([[5, 5, 1], [9, 5, 2], [7, 5, 0]], float),)),
        Case("a picture of 5 x 4 in shades from 0 to 255", (np.round(255 * rng.random((5, 4)) ** 0.4),)),
        Case("a picture of 4 x 4 that gets brighter to the right", (np.arange(4) + 10.0 * rng.random((4, 1)),)),
    ]


_THRESHOLDS = (
    np.median,
    ("mean grey", np.mean, "It is cut at the mean grey: a few bright pixels pull the mean. Take np.median."),
    ("middle of the range", lambda g: (g.max() + g.min()) / 2, "It is cut half-way from dark to bright: the median."),
    ("half of the brightest", lambda g: g.max() / 2, "It is cut at half of the brightest grey: take the median."),
    ("a fixed grey", lambda g: 0.5, "It is cut at 0.5, whatever the picture: take its median."),
    ("a fixed grey", lambda g: 127, "It is cut at 127, whatever the picture: take its median."),
    ("a fixed grey", lambda g: 127.5, "It is cut at 127.5, whatever the picture: take its median."),
    ("a fixed grey", lambda g: 128, "It is cut at 128, whatever the picture: take its median."),
    ("a fixed grey", lambda g: 0, "It is cut at 0, whatever the picture: take its median."),
    ("row by row", lambda g: np.median(g, axis=1, keepdims=True), "Each row has a median of its own: one for all."),
    ("column by column", lambda g: np.median(g, axis=0), "Each column has a median of its own: one for all."),
    ("another quantile", lambda g: np.quantile(g, 0.25), "A quarter of the pixels is dark: half must be."),
    ("another quantile", lambda g: np.quantile(g, 0.75), "Three quarters of the pixels are dark: half must be."),
    ("the middle pixel", lambda g: np.sort(g, axis=None)[g.size // 2], "It is cut at one of two middle pixels."),
    ("the middle pixel", lambda g: g[g.shape[0] // 2, g.shape[1] // 2], "It is cut at the grey in the middle."),
)
_SIDES = (
    np.greater,
    ("dark is up", np.less, "The sides are exchanged: bright is +1."),
    ("dark is up", np.less_equal, "The sides are exchanged: *brighter* than the median is +1, all else -1."),
    ("the median itself", np.greater_equal, "A pixel equal to the median is not brighter: it becomes -1."),
    ("the median itself", lambda g, cut: np.sign(g - cut), "np.sign gives 0 at the median itself: that is -1."),
)
_VALUES = (
    lambda up: np.where(up > 0, 1, -1) if up.dtype == bool else up,
    ("upside down", lambda up: np.where(up > 0, 1, -1)[::-1], "The picture stands on its head: keep rows as they are."),
    (
        "mirrored",
        lambda up: np.where(up > 0, 1, -1)[:, ::-1],
        "Left and right are exchanged: keep columns as they are.",
    ),
    ("0 and 1", lambda up: np.maximum(up, 0) * 1, "Pixels come out as 0 and 1: the model is for -1 and +1, 2 x - 1."),
    ("0 and 255", lambda up: np.maximum(up, 0) * 255, "Pixels come out as 0 and 255: spins are -1 and +1."),
    ("signs turned round", lambda up: np.where(up > 0, -1, 1), "Bright pixels come out as -1: they are +1."),
    (
        "bytes without sign",
        lambda up: np.where(up > 0, 1, 255),
        "255 is -1 in a byte without sign: turn to int8 first.",
    ),
)


def _cut(arguments, threshold, side, values):
    (grey,) = arguments
    return values(side(grey, threshold(grey)))


def _right_cut(grey):
    return np.where(grey > np.median(grey), 1, -1).astype(np.int8)


def _no_int8(function):
    kind = np.asarray(function(np.arange(4.0).reshape(2, 2))).dtype
    if kind == np.int8:
        return None
    return Mistake(
        "not int8",
        says=f"the spins are right, their type is {kind}: eight times too large to travel. Add .astype(np.int8).",
    )


binarize = Exercise(
    "1, ``binarize(grey (rows, cols)) -> (rows, cols) int8``: +1 where it is brighter than the median, else -1",
    cases=_grey_pictures,
    truth=_right_cut,
    mistakes=(
        *chain(*composed(_cut, _THRESHOLDS, _SIDES, _VALUES)),
        Mistake(
            "other values",
            seen=lambda given, grey: not np.all(np.isin(given, (-1, 1))),
            says="A pixel is +1 or -1, and nothing else.",
        ),
        localised(
            "equal pixels",
            lambda grey: len(np.unique(grey)) == grey.size,
            _right_cut,
            "Only where pixels are equal to the median are you wrong: they are not brighter, so -1.",
        ),
        localised(
            "another scale",
            lambda grey: grey.max() <= 1,
            _right_cut,
            "From 0 to 1 you are right, on another scale of grey not: the median knows its scale by itself.",
        ),
        Mistake(
            "not half of them",
            seen=lambda given, grey: np.sum(given > 0) != grey.size // 2,
            says="Half of these pixels are brighter than the median, and should be +1.",
            where=lambda grey: len(np.unique(grey)) == grey.size > 16,
        ),
    ),
    tested_on="5 grey pictures, pixel by pixel",
    expected="one spin for each pixel, in rows and columns",
    read=lambda answer, grey: _numbers(answer, grey.shape, "one spin for each pixel"),
    last_looks=(_no_int8,),
)


# ---------------------------------------------------------------- 2 and 3: the two sums


def _pictures(*shape, up=0.5, rng):
    return np.where(rng.random(shape) < up, 1, -1).astype(np.int8)


def _sets_of_pictures():
    rng = np.random.default_rng(SEED)
    return [
        Case("one picture of 2 x 3, all up", (np.ones((2, 3), np.int8),)),
        Case("one picture of 4 x 5", (_pictures(4, 5, up=0.7, rng=rng),)),
        Case("3 pictures of 5 x 4", (_pictures(3, 5, 4, rng=rng),)),
        Case("4 pictures of 4 x 4", (_pictures(4, 4, 4, up=0.3, rng=rng),)),
        Case("20 pictures of 16 x 16", (_pictures(20, 16, 16, up=0.9, rng=rng),)),
        Case("2 x 3 pictures of 6 x 4", (_pictures(2, 3, 6, 4, rng=rng),)),
    ]


def _pair(down, right):
    """Each spin times the one so many rows down and columns to the right, over the edge."""
    return lambda x: x * np.roll(x, (-down, -right), SITES)


_RIGHT, _DOWN, _DIAGONAL, _OTHER_DIAGONAL = _pair(0, 1), _pair(1, 0), _pair(1, 1), _pair(1, -1)


def _plus(*ways):
    return lambda x: sum(np.sum(way(x), axis=SITES) for way in ways)


def _inside(down, right):
    """The same without the edge."""
    return lambda x: x[..., down:, right:] * x[..., : x.shape[-2] - down, : x.shape[-1] - right]


def _corner(x):
    """Both bonds of those sites that have both neighbours."""
    return x[..., :-1, :-1] * (x[..., 1:, :-1] + x[..., :-1, 1:])


def _before_the_stack(x):
    """Rolled along the axes 0 and 1, whatever they count."""
    return x * (np.roll(x, -1, 0) + np.roll(x, -1, min(1, x.ndim - 1)))


_FLAT = "np.roll without an axis shifts the flattened picture: give axis=-1, and axis=-2."


def _flat(x, shift):
    """Each spin times the one so many places on in the flattened array."""
    return np.sum(x * np.roll(x, shift), axis=SITES)


_BONDS = (
    _plus(_RIGHT, _DOWN),
    (
        "diagonal",
        _plus(_OTHER_DIAGONAL),
        "Right and lower neighbour are multiplied with each other: each with the spin.",
    ),
    (
        "three spins",
        _plus(lambda x: _pair(0, -1)(x) * np.roll(x, 1, -2)),
        "Three spins are multiplied: a bond has two.",
    ),
    ("difference", lambda x: _plus(_RIGHT)(x) - _plus(_DOWN)(x), "Bonds downwards are taken off: add them."),
    ("difference", lambda x: _plus(_DOWN)(x) - _plus(_RIGHT)(x), "Bonds to the right are taken off: add them."),
    (
        "product",
        lambda x: _plus(_RIGHT)(x) * _plus(_DOWN)(x),
        "The sums of both kinds of bond are multiplied: add them.",
    ),
    ("axis forgotten", lambda x: _flat(x, 1), _FLAT),
    ("axis forgotten", lambda x: 2 * _flat(x, 1), _FLAT),
    ("axis forgotten", lambda x: _flat(x, 1) + _flat(x, x.shape[-1]), _FLAT),
    ("0/1 pixels", lambda x: _plus(_RIGHT, _DOWN)((x + 1) // 2), "Pixels are taken as 0 and 1: they are -1 and +1."),
    (
        "wrap missing",
        _plus(_inside(0, 1), _inside(1, 0)),
        "The bonds over the edge are missing: the last is next to 0.",
    ),
    (
        "wrap missing",
        _plus(_inside(0, 1), _DOWN),
        "Bonds over the right edge are missing: column 0 is right of the last.",
    ),
    ("wrap missing", _plus(_RIGHT, _inside(1, 0)), "Bonds over the lower edge are missing: row 0 is below the last."),
    ("last row and column left out", _plus(_corner), "Sites of the last row and column are left out, bonds and all."),
    ("right only", _plus(_RIGHT), "Only bonds to the right are in it: those downwards as well."),
    ("down only", _plus(_DOWN), "Only bonds downwards are in it: those to the right as well."),
    ("one axis twice", lambda x: 2 * _plus(_RIGHT)(x), "Bonds to the right are counted twice, those down not at all."),
    (
        "one axis twice",
        lambda x: 2 * _plus(_DOWN)(x),
        "Bonds downwards are counted twice, those to the right not at all.",
    ),
    (
        "diagonal",
        _plus(_DIAGONAL),
        "That is one diagonal neighbour: both shifts went into one roll. Right, *and* down.",
    ),
    ("diagonal", _plus(_DIAGONAL, _OTHER_DIAGONAL), "Those are diagonal bonds: neighbours share a side."),
    ("diagonal", _plus(_RIGHT, _DOWN, _DIAGONAL), "A diagonal bond is in it too: right and down alone."),
    (
        "diagonal",
        _plus(_RIGHT, _DOWN, _DIAGONAL, _OTHER_DIAGONAL),
        "Diagonal bonds are in it too: right and down alone.",
    ),
    ("two steps", _plus(_pair(0, 2), _pair(2, 0)), "It pairs sites two apart: shift by one."),
    ("three spins", _plus(lambda x: _RIGHT(x) * np.roll(x, -1, -2)), "Three spins are multiplied: a bond has two."),
    ("own spin twice", _plus(_RIGHT, _DOWN, lambda x: x * x), "It holds s_i s_i as well: a spin is not its neighbour."),
    ("own spin missing", lambda x: 2 * np.sum(x, axis=SITES), "Neighbours are added, not multiplied with the spin."),
    ("own spin missing", lambda x: 4 * np.sum(x, axis=SITES), "The four neighbours are added: multiply with the spin."),
    (
        "agreeing bonds",
        lambda x: _plus(_RIGHT, _DOWN)(x) / 2 + _sites(x),
        "That is the number of bonds that agree: those that do not count -1.",
    ),
    (
        "shifts along other axes",
        lambda x: np.sum(_before_the_stack(x), axis=SITES),
        "Rolled along axes 0 and 1: -1, -2.",
    ),
)
_BOND_FACTORS = (
    1,
    ("counted twice", 2, "Each bond is counted twice, from both ends: shift right and down alone."),
    ("halved", 0.5, "It is half of that: right and down bonds count each bond once, nothing is to be halved."),
    ("energy", -1, "That is the energy of J = 1: B has no minus."),
    ("quarter", 0.25, "It is divided by four: each bond counts 1."),
)
_SPINS = (
    lambda x: np.sum(x, axis=SITES),
    ("number of spins up", lambda x: np.sum(x > 0, axis=SITES), "That is how many are up: those down count -1."),
    ("number of spins down", lambda x: np.sum(x < 0, axis=SITES), "That is how many are down: up counts 1, down -1."),
    ("squares", lambda x: np.sum(x * x, axis=SITES), "Each spin is squared, so all is 1: add the spins themselves."),
    ("rows only", lambda x: np.sum(x[..., 0, :], axis=-1), "Only the first row is in it."),
    ("rows only", lambda x: np.sum(x[..., 0], axis=-1), "Only the first column is in it."),
    ("product", lambda x: np.prod(x, axis=SITES), "The spins are multiplied: add them."),
)
_SPIN_FACTORS = (
    1,
    ("counted twice", 2, "Each spin is counted twice."),
    ("halved", 0.5, "It is half of the sum."),
    ("sign", -1, "The sign is turned round: up is +1."),
)
_SHARES = (
    lambda total, x: total,
    (
        "per picture",
        lambda total, x: total / len(x),
        "It is divided by the length of axis 0: each picture has its own.",
    ),
    (
        "times a side",
        lambda total, x: total * x.shape[-1],
        "It is multiplied by the number of columns: the sum itself.",
    ),
    ("per site", lambda total, x: total / _sites(x), "It is divided by the number of sites: the sum was asked for."),
    ("per bond", lambda total, x: total / (2 * _sites(x)), "It is divided by the number of bonds: the sum itself."),
    ("per row", lambda total, x: total / x.shape[-1], "It is divided by the number of columns: the sum itself."),
    ("per row", lambda total, x: total / x.shape[-2], "It is divided by the number of rows: the sum itself."),
    ("absolute value", lambda total, x: np.abs(total), "The sign is lost: a sum below 0 stays below 0."),
    ("squared", lambda total, x: total**2, "It is squared: the sum itself was asked for."),
    (
        "sums of bytes",
        lambda total, x: (np.rint(total).astype(np.int64) + 128) % 256 - 128,
        "Sums of bytes wrap at 127.",
    ),
)
_AXES = (
    lambda total, x: total,
    (
        "sum over the pictures",
        lambda total, x: np.sum(total) + 0 * total,
        "All pictures are added up: one sum for each.",
    ),
    (
        "mean over the pictures",
        lambda total, x: np.mean(total) + 0 * total,
        "It is the mean over pictures: one for each.",
    ),
    ("first picture only", lambda total, x: total.flat[0] + 0 * total, "It is the first picture's sum everywhere."),
)


def _sites(x):
    return x.shape[-2] * x.shape[-1]


def _total(arguments, sums, factor, share, over):
    x = arguments[0].astype(int)
    return np.asarray(over(share(factor * sums(x), x), x), float)


def _one_a_picture(answer, images):
    """One number a picture; where pictures were added up, that number for each, so that the mistake can be named."""
    numbers = as_numbers(answer)
    if numbers.shape == () and images.ndim > 2:
        numbers = np.full(images.shape[:-2], numbers, float)
    if numbers.shape != images.shape[:-2]:
        raise AnswerError(
            f"your function returned an array of shape {numbers.shape} for images of shape {images.shape}: sum over "
            "the last two axes, axis=(-2, -1)"
        )
    return (numbers.astype(float),)


def _all_up(sums_to, says):
    """The last resort: one picture, all up."""
    return Mistake(
        "all up",
        seen=lambda given, images: given != sums_to(images),
        says=says,
        where=lambda images: images.ndim == 2 and np.all(images == 1),
    )


bond_sum = Exercise(
    "2, ``bond_sum(images (..., rows, cols)) -> (...)``: the sum of s_i s_j over all bonds, each once",
    cases=_sets_of_pictures,
    truth=lambda images: ising.bond_sum(images).astype(float),
    mistakes=(
        *chain(*composed(_total, _BONDS, _BOND_FACTORS, _SHARES, _AXES, where=lambda x: x.shape[-2] > 2)),
        localised(
            "stacks of pictures",
            lambda images: images.ndim == 2,
            ising.bond_sum,
            "One picture comes out right, several not: rows and columns are the *last* two axes, -2 and -1.",
        ),
        localised(
            "small pictures only",
            lambda images: images.shape[-1] < 10,
            ising.bond_sum,
            "On small pictures you are right, on 16 x 16 not: sums of bytes wrap round at 127, so astype(int) first.",
        ),
        _all_up(
            lambda images: 2 * images.size,
            "Begin with that picture: all up, every bond is +1, and there are two for each site, right and down.",
        ),
    ),
    tested_on="6 sets of pictures, single ones and stacks, exactly",
    expected="one number for each picture",
    read=_one_a_picture,
)
spin_sum = Exercise(
    "3, ``spin_sum(images (..., rows, cols)) -> (...)``: the sum of all spins",
    cases=_sets_of_pictures,
    truth=lambda images: ising.spin_sum(images).astype(float),
    mistakes=(
        Mistake(
            "mean spin",
            lambda x: np.mean(x, axis=SITES),
            "That is the mean spin: the sum was asked for, np.sum.",
        ),
        *chain(*composed(_total, _SPINS, _SPIN_FACTORS, _SHARES, _AXES)),
        localised(
            "stacks of pictures",
            lambda images: images.ndim == 2,
            ising.spin_sum,
            "One picture comes out right, several not: sum over the *last* two axes, -2 and -1.",
        ),
        localised(
            "small pictures only",
            lambda images: images.shape[-1] < 10,
            ising.spin_sum,
            "On small pictures you are right, on 16 x 16 not: sums of bytes wrap round at 127, so astype(int) first.",
        ),
        _all_up(lambda images: images.size, "Begin with that picture: all up, the sum is the number of sites."),
    ),
    tested_on="6 sets of pictures, single ones and stacks, exactly",
    expected="one number for each picture",
    read=_one_a_picture,
)


# ---------------------------------------------------------------- 4: the slope


def _pictures_and_averages():
    rng = np.random.default_rng(SEED)
    one = np.array([[[1, 1], [1, -1]]], np.int8)
    return [
        Case("one picture of 2 x 2 and a model of free spins", (one, 0.0, 0.0)),
        *(
            Case(
                f"{n} pictures of {side} x {side}",
                (_pictures(n, side, side, up=up, rng=rng), *np.round(rng.normal(0, side, 2), 2)),
            )
            for n, side, up in ((3, 4, 0.7), (5, 6, 0.4), (8, 4, 0.2))
        ),
        Case("3 pictures of 4 x 6", (_pictures(3, 4, 6, up=0.6, rng=rng), 11.0, -3.0)),
    ]


_OF_B = tuple(
    slip for slip in _BONDS if isinstance(slip, tuple) and slip[0] in {"wrap missing", "right only", "down only"}
)
_STATISTICS = (
    (_plus(_RIGHT, _DOWN), lambda x: np.sum(x, axis=SITES)),
    *((name, (way, lambda x: np.sum(x, axis=SITES)), says) for name, way, says in _OF_B),
    (
        "bonds counted twice",
        (lambda x: 2 * _plus(_RIGHT, _DOWN)(x), lambda x: np.sum(x, axis=SITES)),
        "Bonds of the pictures are counted twice, those of model_bonds once.",
    ),
    (
        "means against sums",
        (
            lambda x: _plus(_RIGHT, _DOWN)(x) / (2 * _sites(x)),
            lambda x: np.mean(x, axis=SITES),
        ),
        "The pictures' averages are per bond and per site, the model's are sums: compare sums, then divide.",
    ),
    (
        "means against sums",
        (lambda x: _plus(_RIGHT, _DOWN)(x) / _sites(x), lambda x: np.mean(x, axis=SITES)),
        "The pictures' sums are divided by the sites, the model's are not: subtract first, then divide.",
    ),
    (
        "0/1 pixels",
        (lambda x: _plus(_RIGHT, _DOWN)((x + 1) // 2), lambda x: np.sum(x > 0, axis=SITES)),
        "The pictures are taken as 0 and 1: they are -1 and +1, and so is the model.",
    ),
)
_OVER_PICTURES = (
    np.mean,
    ("sum over the pictures", np.sum, "It is summed over the pictures: the slope per picture has their mean."),
    ("first picture only", lambda sums: sums.flat[0], "Only the first picture enters: take the mean over all."),
    ("last picture only", lambda sums: sums.flat[-1], "Only the last picture enters: take the mean over all."),
    ("median", np.median, "The median over the pictures was taken: the mean."),
)
_GAPS = (
    np.subtract,
    (
        "sign",
        lambda data, model: model - data,
        "The sign is turned round, model minus data: steps along it go downhill.",
    ),
    ("added", np.add, "The model's averages are added: data *minus* model."),
    ("model left out", lambda data, model: data, "The model's averages are missing: data *minus* model."),
    ("data left out", lambda data, model: -model, "The pictures' averages are missing: data *minus* model."),
    ("ratio", lambda data, model: data / model, "They are divided: data *minus* model."),
    ("sizes only", lambda data, model: np.abs(data - model), "The sign is lost: a slope may be below 0."),
    ("squares", lambda data, model: (data - model) ** 2, "The gaps are squared: the slope is the gap itself."),
)
_SCALES = (
    lambda n, m, side: (1 / n, 1 / n),
    ("side squared", lambda n, m, side: (side**-2, side**-2), "The sites are rows times columns, not rows squared."),
    (
        "extensive",
        lambda n, m, side: (1, 1),
        "These are the gaps of the whole picture: divide both by the number of sites.",
    ),
    ("h divided by N^2 again", lambda n, m, side: (1 / n, 1 / n**2), "The slope of h is divided by the sites twice."),
    ("h not scaled", lambda n, m, side: (1 / n, 1), "The slope of h is not per site: divide it by the sites as well."),
    ("J not scaled", lambda n, m, side: (1, 1 / n), "The slope of J is not per site: divide it by the sites as well."),
    (
        "per bond",
        lambda n, m, side: (1 / (2 * n), 1 / n),
        "The slope of J is per bond: divide both by the *sites*, as one l.",
    ),
    ("half of it", lambda n, m, side: (1 / (2 * n), 1 / (2 * n)), "Both are divided by 2 N: divide by N."),
    (
        "per row",
        lambda n, m, side: (1 / side, 1 / side),
        "Both are divided by the side of the lattice: by the sites, L^2.",
    ),
    (
        "divided by the pictures twice",
        lambda n, m, side: (1 / n / m, 1 / n / m),
        "The number of pictures divides it twice.",
    ),
    ("divided by the sites twice", lambda n, m, side: (1 / n**2, 1 / n**2), "Both are divided by the sites twice."),
    ("sign of h", lambda n, m, side: (1 / n, -1 / n), "The slope of h has the wrong sign: data minus model, as for J."),
    ("sign of J", lambda n, m, side: (-1 / n, 1 / n), "The slope of J has the wrong sign: data minus model, as for h."),
    ("sum over the pictures", lambda n, m, side: (m / n, m / n), "It is summed over the pictures: take the mean."),
)
_ORDERS = (
    lambda dJ, dh: (dJ, dh),
    ("J and h exchanged", lambda dJ, dh: (dh, dJ), "The order is turned round: first J, then h."),
    ("one slope for both", lambda dJ, dh: (dJ, dJ), "Both numbers are the slope of J."),
    ("one slope for both", lambda dJ, dh: (dh, dh), "Both numbers are the slope of h."),
)


def _slope(arguments, statistics, mean, gap, scale, order):
    images, model_bonds, model_spins = arguments
    x = images.astype(int)
    of_J, of_h = scale(_sites(x), len(x), x.shape[1])
    bonds, spins = (mean(np.asarray(of(x), float)) for of in statistics)
    return np.array(order(of_J * gap(bonds, model_bonds), of_h * gap(spins, model_spins)), float)


def _right_slope(images, model_bonds, model_spins):
    gaps = np.mean(ising.bond_sum(images)) - model_bonds, np.mean(ising.spin_sum(images)) - model_spins
    return np.array(gaps) / _sites(images)


gradient = Exercise(
    "4, ``gradient(images (n, rows, cols), model_bonds, model_spins) -> (2,)``: slopes of the log-likelihood per image "
    "and per site",
    cases=_pictures_and_averages,
    truth=_right_slope,
    mistakes=(
        *chain(*composed(_slope, _STATISTICS, _OVER_PICTURES, _GAPS, _SCALES, _ORDERS)),
        Mistake(
            "model divided by the sites",
            lambda images, b, s: (
                np.array([np.mean(ising.bond_sum(images)), np.mean(ising.spin_sum(images))])
                - np.array([b, s]) / _sites(images)
            ),
            "The model's averages are divided by the sites, the pictures' are not: subtract first, then divide.",
        ),
        localised(
            "several pictures",
            lambda images, *_: len(images) == 1,
            _right_slope,
            "With one picture you are right, with several not: take the mean over the pictures.",
        ),
        localised(
            "pictures that are not square",
            lambda images, *_: images.shape[1] == images.shape[2],
            _right_slope,
            "Only where rows and columns differ in number are you wrong: there are rows times columns sites.",
        ),
        Mistake(
            "slope of J only",
            lambda *arguments: np.ma.array(_right_slope(*arguments), mask=[False, True]),
            "The slope of J is right, that of h is not: the mean of S over the pictures, minus model_spins, per site.",
        ),
        Mistake(
            "slope of h only",
            lambda *arguments: np.ma.array(_right_slope(*arguments), mask=[True, False]),
            "The slope of h is right, that of J is not: the mean of B over the pictures, minus model_bonds, per site.",
        ),
        Mistake(
            "one picture",
            seen=lambda given, *arguments: not np.allclose(given, _right_slope(*arguments)),
            says="Begin with that picture, where model_bonds and model_spins are 0: B and S of it, divided by 4.",
            where=lambda images, b, s: b == s == 0,
        ),
    ),
    tested_on="5 sets of pictures with a model's averages each, to 9 digits",
    expected="two numbers, the slopes with respect to J and to h",
    read=lambda answer, *_: _numbers(answer, (2,), "the slopes with respect to J and to h"),
)


# ---------------------------------------------------------------- 5: pictures of the model


@cache
def _sums_of_states():
    return _sums(all_states())


def _sums(images):
    return np.stack([ising.bond_sum(images), ising.spin_sum(images)], axis=-1).astype(float)


def _tilted(J, h):
    """Log weights of all states of 4 x 4 spins."""
    return _sums_of_states() @ (J, h)


def _with(J_of=lambda J, h: J, h_of=lambda J, h: h):
    """What a sampler draws that takes these for J and h."""
    return lambda J, h: _tilted(J_of(J, h), h_of(J, h))


def _chances(pull):
    return 1 / (1 + np.exp(-2 * pull))


def _four(x):
    return ising.neighbour_sum(x)


def _without_wrap(x):
    padded = np.pad(x, [(0, 0), (1, 1), (1, 1)])
    return padded[:, 2:, 1:-1] + padded[:, :-2, 1:-1] + padded[:, 1:-1, 2:] + padded[:, 1:-1, :-2]


def _drawn(around=_four, field=lambda h, x: h, colours=(0, 1), sweeps=40, decide=_chances, where=None):
    """What a checkerboard sampler draws in which one of these is done in another way."""

    def draw(J, h):
        rng = np.random.default_rng(SEED)
        x = rng.choice([-1, 1], (4000, 4, 4))
        rows, cols = np.indices((4, 4))
        for _ in range(sweeps):
            for colour in colours:
                up = rng.random(x.shape) < decide(J * around(x) + field(h, x))
                at = np.full((4, 4), True) if colour is None else (rows + cols) % 2 == colour
                x = np.where(at if where is None else where(at, rows, cols), np.where(up, 1, -1), x)
        return x

    return draw


_TWO = "The two weights of a spin are exp(+pull) and exp(-pull): their ratio is exp(2 pull), so the chance has a 2"


def _by_library(J, h, size, n_images, rng, start=None, sweeps=300):
    """Heat bath, as the library has it."""
    model = ising.LatticeIsing(J, h, (size, size))
    start = sampling.random_states(model, n_images, rng=rng) if start is None else np.asarray(start)
    return sampling.advance(model, start, sweeps, rng=rng).astype(np.int8)


_SLOW = (0.42, 0.01)

draw_images = DrawExercise(
    "5, ``draw_images(J, h, size, n_images, rng) -> (n_images, size, size)``: independent pictures of the model",
    truth=_by_library,
    statistics=_sums,
    names=("B", "S"),
    parameters=((0.22, 0.15), (-0.2, 0.35), (0.2, -0.3)),
    slow=_SLOW,
    slow_averages=cache(lambda: exact.lattice((8, 8), *_SLOW)[1:]),
    mistakes=(
        Mistake("field missing", _with(h_of=lambda J, h: 0 * h), "These are pictures without field: h must enter."),
        Mistake("sign of h", _with(h_of=lambda J, h: -h), "The field has the wrong sign: h > 0 pulls spins up."),
        Mistake("sign of J", _with(J_of=lambda J, h: -J), "J has the wrong sign: J > 0 makes neighbours agree."),
        Mistake(
            "both signs", _with(lambda J, h: -J, lambda J, h: -h), "Both signs are turned round: more pull, more up."
        ),
        Mistake("half the field", _with(h_of=lambda J, h: h / 2), f"h acts as half of it. {_TWO} before J *and* h."),
        Mistake("twice the field", _with(h_of=lambda J, h: 2 * h), "h acts twice: the pull is J times around, plus h."),
        Mistake("four times the field", _with(h_of=lambda J, h: 4 * h), "h acts once for each neighbour: once a site."),
        Mistake(
            "half the coupling",
            (
                _with(lambda J, h: J / 2),
                _drawn(around=lambda x: np.roll(x, 1, 1) + np.roll(x, -1, 1)),
                _drawn(around=lambda x: np.roll(x, 1, 2) + np.roll(x, -1, 2)),
                _drawn(around=lambda x: np.roll(x, -1, 1) + np.roll(x, -1, 2)),
            ),
            "J acts as half of it: do all four neighbours pull, each with J? (In B each bond counts once.)",
        ),
        Mistake("twice the coupling", _with(lambda J, h: 2 * J), "J acts twice: are neighbours counted twice?"),
        Mistake("factor 2 missing", _with(lambda J, h: J / 2, lambda J, h: h / 2), f"J and h act as half. {_TWO}."),
        Mistake("factor 4", _with(lambda J, h: 2 * J, lambda J, h: 2 * h), f"J and h act twice. {_TWO}, not a 4."),
        Mistake(
            "field per site", _with(h_of=lambda J, h: h / 16), "h is divided by the number of sites: h is per site."
        ),
        Mistake("field per row", _with(h_of=lambda J, h: h / 4), "h is divided by the side: h is per site, as it is."),
        Mistake("field times the sites", _with(h_of=lambda J, h: h * 16), "h is multiplied by the number of sites."),
        Mistake(
            "field times J", _with(h_of=lambda J, h: J * h), "The field is multiplied by J: J times around, plus h."
        ),
        Mistake("field times J", _with(h_of=lambda J, h: 4 * J * h), "h stands inside J's bracket, at each neighbour."),
        Mistake("coupling missing", _with(lambda J, h: 0 * J), "Neighbours do not enter: J must."),
        Mistake("J and h exchanged", _with(lambda J, h: h, lambda J, h: J), "J and h are exchanged."),
        Mistake(
            "nothing acts", _with(lambda J, h: 0 * J, lambda J, h: 0 * h), "These are free spins: do the turns act?"
        ),
        Mistake("size of the field only", _with(h_of=lambda J, h: abs(h)), "The sign of h is lost."),
        Mistake(
            "one colour only",
            (_drawn(colours=(0,)), _drawn(colours=(1,))),
            "Only one colour of the checkerboard has its turn, the other stays as at the start: both.",
        ),
        Mistake(
            "no checkerboard",
            _drawn(colours=(None,)),
            "All spins turn at once, each by neighbours that change with it: one colour, then the other.",
        ),
        Mistake(
            "wrap missing", _drawn(around=_without_wrap), "Neighbours over the edge are missing: np.roll has them."
        ),
        Mistake(
            "field on one colour",
            (
                _drawn(field=lambda h, x: h * (np.indices((4, 4)).sum(axis=0) % 2)),
                _drawn(field=lambda h, x: h * (1 - np.indices((4, 4)).sum(axis=0) % 2)),
            ),
            "The field acts on one colour of the checkerboard only: at both turns.",
        ),
        Mistake(
            "field along the spin",
            _drawn(field=lambda h, x: h * x),
            "The field is multiplied by the spin's old value: that is what the spin had, not what pulls it.",
        ),
        Mistake(
            "few sweeps",
            tuple(_drawn(sweeps=n) for n in (1, 2, 3, 5, 8)),
            "It looks like a handful of sweeps from a random start: make some hundred.",
        ),
        Mistake(
            "own spin as neighbour",
            (_drawn(around=lambda x: _four(x) + x), _drawn(around=lambda x: _four(x) - x)),
            "A spin is among its own neighbours: the four around it, without itself.",
        ),
        Mistake(
            "diagonal neighbours",
            (
                _drawn(around=lambda x: sum(np.roll(x, (a, b), (1, 2)) for a in (1, -1) for b in (1, -1))),
                _drawn(around=lambda x: np.roll(x, (1, 1), (1, 2)) + np.roll(x, (-1, -1), (1, 2))),
            ),
            "Diagonal neighbours pull: those that share a side do.",
        ),
        Mistake(
            "half the chance",
            _drawn(decide=lambda pull: _chances(pull) / 2),
            "The chance of up is divided by 2: the weight of up over the sum of both weights, as it is.",
        ),
        Mistake(
            "no chance",
            _drawn(decide=lambda pull: (pull > 0) * 1.0),
            "A spin always goes where it is pulled: draw a random number against the chance.",
        ),
        Mistake(
            "another chance",
            (
                _drawn(decide=lambda pull: np.minimum(1, np.exp(2 * pull))),
                _drawn(decide=lambda pull: np.exp(2 * pull) / 2),
            ),
            "That is no heat bath: the chance of up is the weight of up over the sum of both weights.",
        ),
        Mistake("chance of down", _drawn(decide=lambda pull: 1 - _chances(pull)), "Up and down are exchanged."),
    ),
)


# ---------------------------------------------------------------- 6: averages of the model

model_averages = AveragesExercise(
    "6, ``model_averages(J, h, size, n_images, rng) -> (2,)``: the means of B and of S of one picture",
    truth=lambda J, h, size, n_images, rng: _sums(_by_library(J, h, size, n_images, rng)).mean(axis=0),
    statistics=_sums,
    names=("B", "S"),
    parameters=((0.3, 0.2), (-0.2, 0.35)),
)


# ---------------------------------------------------------------- 7: the fit


def _fit_by_library(images, rng):
    fitted = learning.fit_images(images, method="pcd", rng=rng, progress=False)
    return np.array([fitted.J, fitted.h, fitted.J_errors, fitted.h_errors], float)


fit_images = FitExercise(
    "7, ``fit_images(images (n, size, size), rng) -> (4,)``: J, h, and the standard errors of both",
    truth=_fit_by_library,
    statistics=_sums,
    names=("J", "h"),
    cases=(((0.3, 0.15), 400), ((-0.15, 0.25), 100)),
    errors=True,
)


# ---------------------------------------------------------------- 8: correlation at a distance


def _pictures_and_distances():
    rng = np.random.default_rng(SEED)
    stripes = np.where(np.arange(6) % 2, 1, -1) * np.ones((1, 6, 1))
    return [
        Case("one picture of stripes, to distance 2", (stripes.astype(np.int8), 2)),
        Case("one picture of 6 x 6, to distance 3", (_pictures(1, 6, 6, up=0.7, rng=rng), 3)),
        Case("4 pictures of 8 x 8, to distance 4", (_pictures(4, 8, 8, up=0.8, rng=rng), 4)),
        Case("5 pictures of 16 x 16, to distance 1", (_pictures(5, 16, 16, up=0.9, rng=rng), 1)),
        Case("3 pictures of 10 x 10, to distance 8", (_pictures(3, 10, 10, up=0.4, rng=rng), 8)),
    ]


def _products(d, *axes):
    return lambda x: sum(x * np.roll(x, d, axis) for axis in axes) / len(axes)


def _diagonal_products(d):
    return lambda x: x * np.roll(x, (d, d), SITES)


def _inner_mean(x, d):
    return (np.mean(x[:, d:] * x[:, : x.shape[1] - d]) + np.mean(x[:, :, d:] * x[:, :, : x.shape[2] - d])) / 2


_AT_DISTANCE = (
    lambda x, d: np.mean(_products(d, 1, 2)(x)),
    ("images shifted", lambda x, d: np.mean(_products(d, 0)(x)), "Axis 0 counts pictures: shift along 1 and 2."),
    ("images shifted", lambda x, d: np.mean(_products(d, 0, 2)(x)), "Axis 0 counts pictures: shift along 1 and 2."),
    ("axis forgotten", lambda x, d: np.mean(x * np.roll(x, d)), _FLAT),
    ("0/1 pixels", lambda x, d: np.mean(_products(d, 1, 2)((x + 1) / 2)), "Pixels are taken as 0 and 1: they are +-1."),
    (
        "product",
        lambda x, d: np.mean(_products(d, 1)(x)) * np.mean(_products(d, 2)(x)),
        "Rows and columns are multiplied: their mean is wanted.",
    ),
    (
        "three spins",
        lambda x, d: np.mean(x * np.roll(x, d, 1) * np.roll(x, d, 2)),
        "Three spins are multiplied: two at a time, and the mean of both ways.",
    ),
    (
        "sum",
        lambda x, d: 2 * np.sum(_products(d, 1, 2)(x)) / len(x),
        "These are sums over pairs, averaged over pictures: the mean over pairs is wanted.",
    ),
    ("first row only", lambda x, d: np.mean(x[:, 0] * np.roll(x, d, 1)[:, 0]), "Only the first row is in it."),
    ("rows only", lambda x, d: np.mean(_products(d, 1)(x)), "Only pairs one below the other are in it: average both."),
    ("columns only", lambda x, d: np.mean(_products(d, 2)(x)), "Only pairs side by side are in it: average both."),
    ("diagonal", lambda x, d: np.mean(_diagonal_products(d)(x)), "Pairs are shifted along both axes at once."),
    ("added", lambda x, d: 2 * np.mean(_products(d, 1, 2)(x)), "Rows and columns are added: their mean is wanted."),
    ("half of it", lambda x, d: np.mean(_products(d, 1, 2)(x)) / 2, "It is divided by 2 once too often."),
    ("wrap missing", _inner_mean, "Pairs over the edge are missing: wrap round, as the model does, with np.roll."),
    ("sum", lambda x, d: 2 * np.sum(_products(d, 1, 2)(x)), "These are sums over pairs: the mean is wanted."),
    ("sum", lambda x, d: np.sum(_products(d, 1, 2)(x)), "These are sums: the mean is wanted."),
    ("first picture only", lambda x, d: np.mean(_products(d, 1, 2)(x)[0]), "Only the first picture is in it."),
    ("images shifted", lambda x, d: np.mean(_products(d, 0, 1)(x)), "Axis 0 counts pictures: shift along 1 and 2."),
    ("shift by one", lambda x, d: np.mean(_products(1, 1, 2)(x)), "The shift is 1 at every distance: roll by d."),
)
_FROM = (
    lambda d: d,
    (
        "begins at 0",
        lambda d: d - 1,
        "It begins at distance 0, where every spin meets itself: range(1, max_distance + 1).",
    ),
    ("begins at 2", lambda d: d + 1, "It begins at distance 2: range(1, max_distance + 1)."),
    ("every second", lambda d: 2 * d, "The distances are 2, 4, ...: take 1, 2, ..."),
)
_CENTRED = (
    lambda c, x: c,
    ("mean taken off", lambda c, x: c - np.mean(x) ** 2, "The squared mean is taken off: <s s'> itself is asked for."),
    ("mean taken off", lambda c, x: c - np.mean(np.mean(x, axis=(1, 2)) ** 2), "The mean is taken off: <s s'> itself."),
    (
        "normalised",
        lambda c, x: (c - np.mean(x) ** 2) / (1 - np.mean(x) ** 2),
        "Means are taken off, and it is normalised.",
    ),
    ("size only", lambda c, x: np.abs(c), "The sign is lost: at some distance pixels may disagree."),
    ("square", lambda c, x: c**2, "The correlation is squared."),
    ("sign", lambda c, x: -c, "The sign is turned round."),
)
_GATHERED = (
    lambda c: c,
    ("added up", np.cumsum, "It is added up from distance to distance: one mean for each."),
    ("order", lambda c: c[::-1], "The distances come in the opposite order: 1 first."),
    ("one for all", lambda c: np.full(len(c), np.mean(c)), "It is averaged over distances: one number for each."),
    ("relative to the first", lambda c: c / c[0], "It is divided by the first: as they are."),
)


def _correlations(arguments, at, of, centred, gathered):
    images, most = arguments
    x = images.astype(float)
    return gathered(np.array([centred(at(x, of(d)), x) for d in range(1, most + 1)]))


def _right_correlation(images, max_distance):
    return _correlations((images, max_distance), *(right for right, *_ in (_AT_DISTANCE, _FROM, _CENTRED, _GATHERED)))


correlation = Exercise(
    "8, ``correlation(images (n, rows, cols), max_distance) -> (max_distance,)``: the mean of s s' at each distance",
    cases=_pictures_and_distances,
    truth=_right_correlation,
    mistakes=(
        *chain(*composed(_correlations, _AT_DISTANCE, _FROM, _CENTRED, _GATHERED)),
        localised(
            "distance 1 only",
            lambda images, max_distance: max_distance == 1,
            _right_correlation,
            "Distance 1 is right, farther ones are not: shift by d, once along rows and once along columns.",
        ),
        localised(
            "several pictures",
            lambda images, max_distance: len(images) == 1,
            _right_correlation,
            "With one picture you are right, with several not: the mean is over all of them.",
        ),
        Mistake(
            "distance 1",
            seen=lambda given, *arguments: not np.isclose(given[0], _right_correlation(*arguments)[0]),
            says="Begin at distance 1: there it must be the bond sum divided by the number of bonds, 2 a site.",
            where=lambda images, max_distance: len(images) > 1,
        ),
    ),
    tested_on="5 sets of pictures, to 9 digits",
    expected="one number for each distance",
    read=lambda answer, images, most: _numbers(answer, (most,), f"one number for each distance from 1 to {most}"),
)
