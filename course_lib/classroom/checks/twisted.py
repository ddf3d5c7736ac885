"""Checks of the twist of lesson 06: three exercises, each for whichever twist the student's id has drawn."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np

from course_lib.classroom.checks.answers import AnswerError, Case, as_numbers
from course_lib.classroom.checks.drawn import DrawExercise, all_states
from course_lib.classroom.checks.exercise import Exercise, Mistake
from course_lib.classroom.checks.fitted import FitExercise
from course_lib.classroom.checks.twists import DOWN, DOWN_LEFT, DOWN_RIGHT, RIGHT, TWISTS, Twist, twist_of

SEED = 6
_STATISTICS = "9, ``twist_statistics(images (n, rows, cols)) -> (n, P)``: the sums of your twist, one row a picture"
_DRAW = "10, ``draw_twist(parameters, size, n_images, rng) -> (n_images, size, size)``: pictures of your twist"
_FIT = "11, ``fit_twist(images (n, size, size), rng) -> (P,)``: the parameters of your twist"


@dataclass(frozen=True)
class Twisted:
    """A check that knows all twists: called with a student's function and the twist, a number or a `Twist`."""

    exercises: tuple[Callable, ...]

    @property
    def __doc__(self):
        return self.exercises[0].__doc__

    def __call__(self, function, twist):
        """Check a function that is written for this twist."""
        return self._of(twist)(function)

    def truth_of(self, twist) -> Callable:
        """What the lesson goes on with as long as the student's function is not right."""
        return self._of(twist).truth

    def _of(self, twist):
        number = twist.variant if isinstance(twist, Twist) else twist
        if isinstance(number, str):
            number = twist_of(number).variant
        return self.exercises[int(number)]


# ---------------------------------------------------------------- the sums


def _sets_of_pictures():
    rng = np.random.default_rng(SEED)
    return [
        Case(
            f"{n} picture{'s' * (n > 1)} of {rows} x {cols}",
            (np.where(rng.random((n, rows, cols)) < up, 1, -1).astype(np.int8),),
        )
        for n, rows, cols, up in ((1, 4, 4, 0.8), (3, 4, 6, 0.3), (5, 6, 4, 0.6), (4, 16, 16, 0.9))
    ]


def _rows_of(P):
    def read(answer, images):
        numbers = as_numbers(answer).astype(float)
        shape = (len(images), P)
        if numbers.shape == shape[::-1] and len(images) != P:
            raise AnswerError(f"your function returned an array of shape {numbers.shape}, the transpose of {shape}")
        if numbers.shape != shape:
            raise AnswerError(f"your function returned an array of shape {numbers.shape}, not {shape}")
        return (numbers,)

    return read


def _sum(*steps, by=1.0, wrap=True):
    """The sum over bonds of these steps, times a factor."""

    def one(x, down, right):
        if wrap:
            return np.sum(x * np.roll(x, (-down, -right), (1, 2)), axis=(1, 2))
        left, n = max(0, -right), x.shape[2]
        here = x[:, : x.shape[1] - down, left : n - max(0, right)]
        there = x[:, down:, left + right : n - max(0, right) + right]
        return np.sum(here * there, axis=(1, 2))

    return lambda x: by * sum(one(x, *step) for step in steps)


def _field(signs, by=1.0):
    return lambda x: by * np.sum(x * signs(*np.indices(x.shape[1:])), axis=(1, 2))


def _even(rows, cols):
    return np.ones(rows.shape)


def _checkerboard(rows, cols):
    return 1 - 2 * ((rows + cols) % 2)


def _of_bonds(*steps, name, right):
    """Wrong ways to add up bonds of these steps."""
    each = tuple((name_, _sum(*some), says) for name_, some, says in _BESIDE if set(some) != set(steps))
    return (
        ("bonds counted twice", _sum(*steps, by=2), f"{name} counts each bond twice: once."),
        ("halved", _sum(*steps, by=0.5), f"{name} is halved: each bond counts once, as it is."),
        ("wrap missing", _sum(*steps, wrap=False), f"Bonds over the edge are missing in {name}: np.roll has them."),
        ("sign", _sum(*steps, by=-1), f"{name} has the wrong sign: no minus, it is no energy."),
        *((name_, way, f"{name} {says} {right}") for name_, way, says in each),
    )


_BESIDE = (
    ("right bonds only", (RIGHT,), "holds bonds to the right alone:"),
    ("down bonds only", (DOWN,), "holds bonds downwards alone:"),
    ("right and down", (RIGHT, DOWN), "holds bonds right and down:"),
    ("one diagonal only", (DOWN_RIGHT,), "holds one diagonal alone:"),
    ("one diagonal only", (DOWN_LEFT,), "holds one diagonal alone:"),
    ("both diagonals", (DOWN_RIGHT, DOWN_LEFT), "holds diagonal bonds:"),
    ("all eight neighbours", (RIGHT, DOWN, DOWN_RIGHT, DOWN_LEFT), "holds straight and diagonal bonds:"),
)
_WAYS = {
    "B": (_sum(RIGHT, DOWN), *_of_bonds(RIGHT, DOWN, name="B", right="right and down, each bond once.")),
    "B_right": (_sum(RIGHT), *_of_bonds(RIGHT, name="B_right", right="to the right alone.")),
    "B_down": (_sum(DOWN), *_of_bonds(DOWN, name="B_down", right="downwards alone.")),
    "D": (
        _sum(DOWN_RIGHT, DOWN_LEFT),
        ("two steps", _sum((0, 2), (2, 0)), "D pairs sites two apart in a line: diagonal neighbours."),
        ("one diagonal twice", _sum(DOWN_RIGHT, by=2), "D holds one diagonal twice: down-right *and* down-left."),
        ("one diagonal twice", _sum(DOWN_LEFT, by=2), "D holds one diagonal twice: down-right *and* down-left."),
        (
            "difference",
            lambda x: _sum(DOWN_RIGHT)(x) - _sum(DOWN_LEFT)(x),
            "D is the difference of both diagonals: their sum.",
        ),
        ("spin sum", _field(_even), "D is the spin sum: this twist has no field, but diagonal bonds."),
        *_of_bonds(DOWN_RIGHT, DOWN_LEFT, name="D", right="both diagonals, each once."),
    ),
    "S": (
        _field(_even),
        ("staggered", _field(_checkerboard), "S has the signs of a checkerboard: it is the plain sum."),
        ("size", lambda x: abs(_field(_even)(x)), "The sign of S is lost: it may be below 0."),
        ("mean spin", lambda x: x.mean(axis=(1, 2)), "S is a mean: the sum was asked for."),
        ("sign", _field(_even, -1), "S has the wrong sign."),
    ),
    "S_staggered": (
        _field(_checkerboard),
        (
            "counted twice",
            _field(_checkerboard, 2),
            "S_staggered is twice too large: odd sites count -1, even ones +1.",
        ),
        ("size", lambda x: abs(_field(_checkerboard)(x)), "The sign of S_staggered is lost."),
        ("one colour only", _field(lambda r, c: (r + c) % 2), "Only odd sites are in S_staggered, and with a plus."),
        ("not staggered", _field(_even), "S_staggered is the plain sum: odd sites, row + col odd, count with a minus."),
        (
            "staggered by rows",
            _field(lambda r, c: 1 - 2 * (r % 2)),
            "The sign changes from row to row only: row + col.",
        ),
        (
            "staggered by columns",
            _field(lambda r, c: 1 - 2 * (c % 2)),
            "The sign changes with the column only: row + col.",
        ),
        ("sign", _field(_checkerboard, -1), "S_staggered has the wrong sign: the site (0, 0) counts +."),
        (
            "one colour only",
            _field(lambda r, c: (r + c + 1) % 2),
            "Only even sites are in S_staggered: odd ones with a minus.",
        ),
        ("mean", lambda x: _field(_checkerboard)(x) / x[0].size, "S_staggered is a mean: the sum was asked for."),
    ),
}
_MEANS = {
    "B": "bonds to the right and bonds downwards, each once, over the edge too.",
    "B_right": "each spin times its right neighbour, added up, over the edge too.",
    "B_down": "each spin times the one below, added up, over the edge too.",
    "D": "each spin times the one down-right, plus each spin times the one down-left, added up, over the edge too.",
    "S": "all spins added up.",
    "S_staggered": "the spins added up, those with row + col odd with a minus.",
}
_GATHERED = (
    lambda sums: sums,
    ("per site", lambda sums: sums / 16, "It is per site."),
    ("first picture only", lambda sums: sums[:1] + 0 * sums, "The first picture's sums stand in every row."),
    (
        "mean over the pictures",
        lambda sums: sums.mean(axis=0) + 0 * sums,
        "It is averaged over pictures: a row for each.",
    ),
    ("sum over the pictures", lambda sums: sums.sum(axis=0) + 0 * sums, "It is summed over pictures: a row for each."),
    ("order", lambda sums: sums[:, ::-1], "The columns come in the opposite order."),
    ("absolute values", np.abs, "Signs are lost."),
)


def _statistics_mistakes(twist):
    """Each column may go wrong in one way, and two at a time."""
    ways = [_WAYS[name] for name in twist.statistics]

    def of(chosen, gather=lambda sums: sums):
        return lambda images: gather(np.stack([way(images.astype(float)) for way in chosen], axis=1))

    right = [way for way, *_ in ways]
    for column, (_, *slips) in enumerate(ways):
        for name, way, says in slips:
            yield Mistake(name, of([*right[:column], way, *right[column + 1 :]]), says)
    for name, gather, says in _GATHERED[1:]:
        if name == "per site":
            yield Mistake(name, lambda images: of(right)(images) / images[0].size, "They are per site: the sums.")
        else:
            yield Mistake(name, of(right, gather), says)
    if len(twist.statistics) == 3:
        yield Mistake("order", of(right, lambda sums: np.roll(sums, 1, axis=1)), "The columns come in another order.")
        yield Mistake("order", of(right, lambda sums: np.roll(sums, -1, axis=1)), "The columns come in another order.")
    for chosen in product(*ways):
        slips = [slip for slip in chosen if isinstance(slip, tuple)]
        if len(slips) == 2:
            yield Mistake(
                slips[0][0],
                of([slip[1] if isinstance(slip, tuple) else slip for slip in chosen]),
                " Besides: ".join(says for *_, says in slips),
            )
    for column, name in enumerate(twist.statistics):
        others = np.arange(len(right)) != column
        yield Mistake(
            f"{name} alone",
            lambda images, column=column: np.ma.array(
                of(right)(images), mask=np.arange(len(right)) == np.full((len(images), 1), column)
            ),
            f"Only {name} is wrong: {_MEANS[name]}",
        )
        yield Mistake(
            f"all but {name}",
            lambda images, others=others: np.ma.array(of(right)(images), mask=np.tile(others, (len(images), 1))),
            f"{name} is right, {'the others are' if len(right) == 3 else 'the other is'} not: see the table.",
        )


def _statistics_exercise(twist):
    return Exercise(
        _STATISTICS,
        cases=_sets_of_pictures,
        truth=twist.statistics_of,
        mistakes=tuple(_statistics_mistakes(twist)),
        tested_on=f"4 sets of pictures, exactly: {twist.name}",
        expected=f"a row for each picture, a column for each of {', '.join(twist.statistics)}",
        read=_rows_of(len(twist.statistics)),
    )


twist_statistics = Twisted(tuple(_statistics_exercise(twist) for twist in TWISTS))


# ---------------------------------------------------------------- pictures


def _four_colours(twist):
    """Heat bath with four colours, since diagonal neighbours share one of a checkerboard's two."""

    def draw(parameters, size, n_images, rng, start=None, sweeps=300):
        images = rng.choice([-1, 1], (n_images, size, size)) if start is None else np.asarray(start)
        return _swept(images, lambda x: twist.pull(x, parameters), sweeps, rng).astype(np.int8)

    return draw


def _swept(images, pull, sweeps, rng, colours=4):
    rows, cols = np.indices(images.shape[1:])
    colour = 2 * (rows % 2) + cols % 2 if colours == 4 else (rows + cols) % 2
    for _ in range(sweeps):
        for k in range(colours):
            at = colour == k if colours > 1 else np.full(colour.shape, True)
            up = rng.random(images.shape) < 1 / (1 + np.exp(-2 * pull(images)))
            images = np.where(at, 2 * up - 1, images)
    return images


def _misdrawn(pull, colours=4, sweeps=40):
    """What a sampler draws in which this pulls at the spins."""

    def draw(*parameters):
        rng = np.random.default_rng(SEED)
        start = rng.choice([-1, 1], (4000, 4, 4))
        return _swept(start, lambda x: pull(x, parameters), sweeps, rng, colours)

    return draw


_PARAMETERS = (
    ((0.35, 0.12, 0.15), (-0.15, 0.3, -0.2)),
    ((0.15, 0.12), (0.2, -0.15)),
    ((0.25, 0.4), (-0.15, -0.3)),
)
# At these a chain on 8 x 8 remembers its past for some ten sweeps; exact averages there, by transfer matrix.
_SLOW = (0.5, 0.3, 0.02), (0.22, 0.1), (0.4, 0.1)
_SLOW_AVERAGES = (
    (
        np.array([42.01778, 36.85605, 27.68453]),
        np.array([[96.786, 95.847, 124.62], [95.847, 155.92, 173.73], [124.62, 173.73, 1043.55]]),
    ),
    (np.array([52.27455, 42.47776]), np.array([[374.94, 380.31], [380.31, 475.45]])),
    (np.array([77.70006, 1.34586]), np.array([[440.14, -10.556], [-10.556, 13.596]])),
)


def _at(twist, change):
    """The law at other parameters."""
    return lambda *parameters: twist.statistics_of(all_states()) @ np.array(change(*parameters), float)


_ACTIONS = (
    ("is missing", 0.0, "does not act: it must enter the pull."),
    ("has the wrong sign", -1.0, "acts with the wrong sign."),
    ("acts as half of it", 0.5, "acts as half of it."),
    ("acts twice", 2.0, "acts twice."),
)


def _draw_mistakes(twist):
    """Slips in one parameter, in all, in the signs of the field, in the order of turns."""
    for k, name in enumerate(twist.parameters):
        for label, by, says in _ACTIONS:
            factors = np.where(np.arange(len(twist.parameters)) == k, by, 1.0)
            yield Mistake(f"{name} {label}", _at(twist, lambda *p, by=factors: by * p), f"{name} {says}")
    yield Mistake(
        "factor 2 missing", _at(twist, lambda *p: np.array(p) / 2), "All act as half: the chance has exp(-2 pull)."
    )
    yield Mistake("factor 4", _at(twist, lambda *p: 2 * np.array(p)), "All act twice: the chance has exp(-2 pull).")
    yield Mistake("all signs", _at(twist, lambda *p: -np.array(p)), "All signs are turned round.")
    yield Mistake("order", _at(twist, lambda *p: p[::-1]), "The parameters are taken in the opposite order.")
    yield from _MISTAKES_OF[twist.variant](twist)
    yield Mistake("all at once", _misdrawn(twist.pull, colours=1), "All spins turn at once: one colour, then the next.")
    yield Mistake(
        "neighbours on one side",
        _misdrawn(lambda x, p: _one_sided(twist, x, p)),
        "Each bond pulls at one of its ends only: a spin has neighbours on both sides.",
    )
    yield Mistake(
        "few sweeps",
        tuple(_misdrawn(twist.pull, sweeps=n) for n in (1, 2, 3, 5)),
        "It looks like a handful of sweeps from a random start: make some hundred.",
    )


def _one_sided(twist, x, p):
    """The pull of right and lower neighbours alone."""
    both = twist.pull(x, p)
    for coupling, steps in zip(p, twist.bonds, strict=False):
        both = both - coupling * sum(np.roll(x, step, (1, 2)) for step in steps)
    return both


def _of_two_couplings(twist):
    yield Mistake(
        "right and down exchanged", _at(twist, lambda a, b, h: (b, a, h)), "J_right and J_down are exchanged."
    )
    yield Mistake("one coupling for both", _at(twist, lambda a, b, h: (a, a, h)), "J_right acts on all bonds.")
    yield Mistake("one coupling for both", _at(twist, lambda a, b, h: (b, b, h)), "J_down acts on all bonds.")
    yield Mistake(
        "field along the spin",
        _misdrawn(lambda x, p: twist.pull(x, (p[0], p[1], 0)) + p[2] * x),
        "The field is multiplied by the spin's old value: it is the same, whatever the spin was.",
    )


def _of_diagonal_bonds(twist):
    yield Mistake(
        "two colours",
        _misdrawn(twist.pull, colours=2),
        "Diagonal neighbours have the same colour of a checkerboard, so they turned at once: take four colours, by "
        "row % 2 and col % 2.",
    )
    yield Mistake(
        "one diagonal only",
        tuple(_misdrawn(lambda x, p, step=step: _one_diagonal(x, p, step)) for step in (DOWN_RIGHT, DOWN_LEFT)),
        "A spin has four diagonal neighbours, on both diagonals.",
    )
    yield Mistake(
        "a field",
        _misdrawn(lambda x, p: twist.pull(x, (p[0], 0)) + p[1]),
        "K acts as a field: it must be multiplied with the diagonal neighbours.",
    )


def _of_staggered_field(twist):
    def with_field(field):
        return _misdrawn(lambda x, p: twist.pull(x, (p[0], 0)) + p[1] * field(x, *np.indices((4, 4))))

    yield Mistake(
        "field not staggered",
        with_field(lambda x, row, col: 1),
        "The field is the same on all sites: its sign must change like a checkerboard.",
    )
    yield Mistake(
        "one colour of the field",
        (with_field(lambda x, row, col: (row + col + 1) % 2), with_field(lambda x, row, col: -((row + col) % 2))),
        "The field acts on one colour only: on the other with a minus.",
    )
    yield Mistake(
        "field along the spin",
        (
            with_field(lambda x, row, col: x),
            with_field(lambda x, row, col: x * (1 - 2 * ((row + col) % 2))),
        ),
        "The field is multiplied by the spin's old value: it is the same, whatever the spin was.",
    )
    yield Mistake(
        "staggered by rows",
        (with_field(lambda x, row, col: 1 - 2 * (row % 2)), with_field(lambda x, row, col: 1 - 2 * (col % 2))),
        "The sign of the field changes along one axis only: with row + col.",
    )


_MISTAKES_OF = (_of_two_couplings, _of_diagonal_bonds, _of_staggered_field)


def _one_diagonal(x, p, step):
    ends = sum(np.roll(x, (sign * step[0], sign * step[1]), (1, 2)) for sign in (1, -1))
    return TWISTS[1].pull(x, (p[0], 0)) + p[1] * ends


def _call(function, parameters, size, n, rng):
    return function(np.array(parameters, float), size, n, rng)


def _draw_exercise(twist):
    k = twist.variant
    return DrawExercise(
        _DRAW,
        truth=_four_colours(twist),
        statistics=twist.statistics_of,
        names=twist.statistics,
        parameters=_PARAMETERS[k],
        slow=_SLOW[k],
        slow_averages=lambda: _SLOW_AVERAGES[k],
        mistakes=tuple(_draw_mistakes(twist)),
        call=_call,
        n_small=1000,
        n_slow=300,
    )


draw_twist = Twisted(tuple(_draw_exercise(twist) for twist in TWISTS))


# ---------------------------------------------------------------- the fit


def _newton(twist):
    """The three lines, with the covariance of the sums as the measure of a step."""

    def fit(images, rng):
        draw, size = _four_colours(twist), np.shape(images)[-1]
        target = twist.statistics_of(images).mean(axis=0)
        chains, theta, way = rng.choice([-1, 1], (200, size, size)), np.zeros(len(target)), []
        for _ in range(50):
            chains = draw(theta, size, len(chains), rng, start=chains, sweeps=10)
            sums = twist.statistics_of(chains)
            step = np.linalg.solve(np.cov(sums.T) + 1e-6 * np.eye(len(theta)), target - sums.mean(axis=0))
            theta = theta + 0.3 * np.clip(step, -0.3, 0.3)
            way.append(theta)
        return np.mean(way[25:], axis=0)

    return fit


def _fit_exercise(twist):
    return FitExercise(
        _FIT,
        truth=_newton(twist),
        statistics=twist.statistics_of,
        names=twist.parameters,
        cases=[(parameters, n) for parameters, n in zip(_PARAMETERS[twist.variant], (300, 200), strict=True)],
        mistakes=(),
    )


twist_fit = Twisted(tuple(_fit_exercise(twist) for twist in TWISTS))
