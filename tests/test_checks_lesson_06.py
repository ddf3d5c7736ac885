"""Mistakes that the checks of lesson 06 know, written as a student would write them, get their own diagnosis."""

import numpy as np
import pytest
from checking import assert_accepted, assert_diagnosed, each_mistake, each_right_answer

from course_lib import images, ising, sampling
from course_lib.classroom.checks import fitted as fitted_checks
from course_lib.classroom.checks import hand_in, own_pictures
from course_lib.classroom.checks import lesson_06 as check
from course_lib.classroom.checks.drawn import Averages, all_states, law_of
from course_lib.classroom.checks.twists import TWISTS
from course_lib.grading import contract, families

# ---------------------------------------------------------------- sums and slopes


def shifted(x, *axes):
    return sum(np.roll(x, 1, axis) for axis in axes)


def bonds(x):
    x = np.asarray(x).astype(int)
    return (x * shifted(x, -1, -2)).sum((-2, -1))


def spins(x):
    return np.asarray(x).astype(int).sum((-2, -1))


def bonds_by_loops(x):
    if x.ndim > 2:
        return np.array([bonds_by_loops(one) for one in x])
    rows, cols = x.shape
    return sum(
        int(x[i, j]) * (int(x[(i + 1) % rows, j]) + int(x[i, (j + 1) % cols])) for i in range(rows) for j in range(cols)
    )


def slope(x, b, s, *, of_J=bonds, sign=1, mean=np.mean, per=lambda n: (n, n)):
    n = x[0].size
    return np.array([sign * (mean(of_J(x)) - b) / per(n)[0], sign * (mean(spins(x)) - s) / per(n)[1]])


def at(x, d):
    return np.mean([np.mean(x * np.roll(x, d, axis)) for axis in (1, 2)])


KNOWN = [
    (check.binarize, lambda g: np.where(g > g.mean(), 1, -1), "mean grey"),
    (check.binarize, lambda g: np.where(g >= np.median(g), 1, -1), "the median itself"),
    (check.binarize, lambda g: np.where(g < np.median(g), 1, -1), "dark is up"),
    (check.binarize, lambda g: (g > np.median(g)).astype(np.int8), "0 and 1"),
    (check.binarize, lambda g: np.where(g > 127, 1, -1), "a fixed grey"),
    (check.binarize, lambda g: np.where(g > (g.max() + g.min()) / 2, 1, -1), "middle of the range"),
    (check.binarize, lambda g: np.where(g > np.median(g, axis=0), 1, -1), "column by column"),
    (check.binarize, lambda g: np.where(g > np.median(g), 255, 0), "0 and 255"),
    (check.binarize, lambda g: np.where(g > np.median(g), 1, -1), "not int8"),
    (check.binarize, lambda g: 2 * (g > np.median(g)).astype(np.uint8) - 1, "bytes without sign"),
    (check.bond_sum, lambda x: 2 * bonds(x), "counted twice"),
    (check.bond_sum, lambda x: (x * shifted(x, -1) + shifted(x, -2)).sum((-2, -1)), "brackets missing"),
    (check.bond_sum, lambda x: (x * shifted(x, -2) + shifted(x, -1)).sum((-2, -1)), "brackets missing"),
    (check.gradient, lambda x, b, s: slope(x, s, b), "averages exchanged"),
    (check.bond_sum, lambda x: bonds(x) / 2, "halved"),
    (check.bond_sum, lambda x: -bonds(x), "energy"),
    (
        check.bond_sum,
        lambda x: (x[..., 1:, :] * x[..., :-1, :]).sum((-2, -1)) + (x[..., 1:] * x[..., :-1]).sum((-2, -1)),
        "wrap missing",
    ),
    (check.bond_sum, lambda x: (x * np.roll(x, 1, -1)).sum((-2, -1)), "right only"),
    (check.bond_sum, lambda x: (x * np.roll(x, (1, 1), (-2, -1))).sum((-2, -1)), "diagonal"),
    (check.bond_sum, lambda x: bonds(x).sum(), "sum over the pictures"),
    (check.bond_sum, lambda x: bonds(x) / (x.shape[-1] * x.shape[-2]), "per site"),
    (check.bond_sum, lambda x: bonds(x).astype(np.int8), "sums of bytes"),
    (check.bond_sum, lambda x: (x * (np.roll(x, 1, 0) + np.roll(x, 1, 1))).sum((-2, -1)), "stacks of pictures"),
    (check.spin_sum, lambda x: x.mean((-2, -1)), "mean spin"),
    (check.spin_sum, lambda x: x.sum(), "sum over the pictures"),
    (check.spin_sum, lambda x: abs(spins(x)), "absolute value"),
    (check.spin_sum, lambda x: (x > 0).sum((-2, -1)), "number of spins up"),
    (check.spin_sum, lambda x: x.sum((-2, -1), dtype=np.int8), "sums of bytes"),
    (check.gradient, lambda *a: slope(*a, sign=-1), "sign"),
    (check.gradient, lambda *a: slope(*a, per=lambda n: (1, 1)), "extensive"),
    (check.gradient, lambda *a: slope(*a, per=lambda n: (n, n**2)), "h divided by N^2 again"),
    (check.gradient, lambda *a: slope(*a, per=lambda n: (2 * n, n)), "per bond"),
    (check.gradient, lambda *a: slope(*a, of_J=lambda x: 2 * bonds(x)), "bonds counted twice"),
    (check.gradient, lambda *a: slope(*a, mean=np.sum), "sum over the pictures"),
    (check.gradient, lambda *a: slope(*a)[::-1], "J and h exchanged"),
    (check.correlation, lambda x, m: [at(x, d) - x.mean() ** 2 for d in range(1, m + 1)], "mean taken off"),
    (check.correlation, lambda x, m: [at(x, d) for d in range(m)], "begins at 0"),
    (check.correlation, lambda x, m: [np.mean(x * np.roll(x, d, 1)) for d in range(1, m + 1)], "rows only"),
    (check.correlation, lambda x, m: [2 * at(x, d) for d in range(1, m + 1)], "added"),
    (check.correlation, lambda x, m: [at(x[:1], d) for d in range(1, m + 1)], "first picture only"),
]


@each_mistake(KNOWN)
def test_mistakes_in_sums_and_slopes(checked, mistaken, name):
    assert_diagnosed(checked, mistaken, name)


@each_right_answer(
    [
        (check.binarize, lambda g: (2 * (g > np.median(g)) - 1).astype(np.int8)),
        (check.bond_sum, bonds),
        (check.bond_sum, bonds_by_loops),
        (check.bond_sum, lambda x: np.einsum("...ij,...ij->...", x.astype(float), shifted(x.astype(float), -1, -2))),
        (check.spin_sum, spins),
        (check.spin_sum, lambda x: x.astype(float).sum(-1).sum(-1)),
        (check.gradient, slope),
        (check.gradient, lambda *a: list(slope(*a))),
        (check.correlation, lambda x, m: [at(x, d) for d in range(1, m + 1)]),
        (check.correlation, lambda x, m: np.array([at(x.astype(float), -d) for d in range(1, m + 1)])),
    ]
)
def test_right_sums_and_slopes(checked, function):
    assert_accepted(checked, function)


# ---------------------------------------------------------------- what is drawn


def drawn(J, h, size, n, rng, start=None, sweeps=200):
    """By the library, which is fast."""
    model = ising.LatticeIsing(J, h, (size, size))
    start = sampling.random_states(model, n, rng=rng) if start is None else start
    return sampling.advance(model, start, sweeps, rng=rng)


def by_three_neighbours(J, h, size, n, rng):
    x = rng.choice([-1, 1], (n, size, size))
    for k in range(80):
        pull = J * (np.roll(x, 1, 1) + np.roll(x, 1, 2) + np.roll(x, -1, 2)) + h
        new = np.where(rng.random(x.shape) < 1 / (1 + np.exp(-2 * pull)), 1, -1)
        x = np.where(np.indices((size, size)).sum(axis=0) % 2 == k % 2, new, x)
    return x


def without_wrap(J, h, size, n, rng):
    x = rng.choice([-1, 1], (n, size, size))
    for k in range(80):
        p = np.pad(x, [(0, 0), (1, 1), (1, 1)])
        pull = J * (p[:, 2:, 1:-1] + p[:, :-2, 1:-1] + p[:, 1:-1, 2:] + p[:, 1:-1, :-2]) + h
        new = np.where(rng.random(x.shape) < 1 / (1 + np.exp(-2 * pull)), 1, -1)
        x = np.where(np.indices((size, size)).sum(axis=0) % 2 == k % 2, new, x)
    return x


def from_all_up(J, h, size, n, rng):
    return drawn(J, h, size, n, rng, start=np.ones((n, size, size), np.int8), sweeps=3)


def one_colour(J, h, size, n, rng):
    x = rng.choice([-1, 1], (n, size, size))
    for _ in range(20):
        pull = J * sum(np.roll(x, step, axis) for axis in (1, 2) for step in (1, -1)) + h
        new = np.where(rng.random(x.shape) < 1 / (1 + np.exp(-2 * pull)), 1, -1)
        x = np.where(np.indices((size, size)).sum(axis=0) % 2, new, x)
    return x


def snapshots(J, h, size, n, rng):
    """Successive states of one chain."""
    one, model = drawn(J, h, size, 1, rng), ising.LatticeIsing(J, h, (size, size))
    states = []
    for _ in range(n):
        one = sampling.advance(model, one, 1, rng=rng)
        states.append(one[0])
    return np.array(states)


def averaged(change=lambda sums, n: sums.mean(axis=0), parameters=lambda J, h: (J, h)):
    def averages(J, h, size, n, rng):
        x = drawn(*parameters(J, h), size, n, rng)
        return change(np.stack([bonds(x), spins(x)], axis=1), n)

    return averages


DRAWN = [
    (check.draw_images, lambda J, h, *a: drawn(J, 0.0, *a), "field missing"),
    (check.draw_images, lambda J, h, *a: drawn(J, -h, *a), "sign of h"),
    (check.draw_images, lambda J, h, *a: drawn(-J, h, *a), "sign of J"),
    (check.draw_images, lambda J, h, *a: drawn(2 * J, h, *a), "twice the coupling"),
    (check.draw_images, lambda J, h, *a: drawn(J / 2, h, *a), "half the coupling"),
    (check.draw_images, lambda J, h, *a: drawn(J / 2, h / 2, *a), "factor 2 missing"),
    (check.draw_images, lambda J, h, *a: drawn(J, h / 2, *a), "half the field"),
    (check.draw_images, lambda J, h, size, *a: drawn(J, h / size**2, size, *a), "field per site"),
    (check.draw_images, lambda J, h, *a: drawn(h, J, *a), "J and h exchanged"),
    (check.draw_images, lambda J, h, *a: drawn(J, -h / 2, *a), "minus half the field"),
    (check.draw_images, lambda J, h, *a: drawn(J + h, 0.0, *a), "field times the neighbours"),
    (check.draw_images, lambda *a: (drawn(*a) + 1) // 2, "wrong kind of answer"),
    (check.draw_images, lambda *a, start=None, **more: drawn(*a, **more), "start ignored"),
    (check.draw_images, lambda *a, start=None, sweeps=200: drawn(*a, start=start), "sweeps ignored"),
    (check.draw_images, lambda J, h, size, n, rng: drawn(J, h, size, n, rng), "raises"),
    (check.draw_images, from_all_up, "few sweeps"),
    (check.draw_images, by_three_neighbours, "neighbours missing"),
    (check.draw_images, without_wrap, "neighbours missing"),
    (check.draw_images, one_colour, "one colour only"),
    (check.draw_images, lambda *a: drawn(*a, sweeps=2), "few sweeps"),
    (check.draw_images, lambda *a: drawn(*a, sweeps=12), "too few sweeps"),
    (check.draw_images, snapshots, "pictures not independent"),
    (check.draw_images, lambda *a: np.repeat(drawn(*a)[:1], a[3], axis=0), "pictures not independent"),
    (check.draw_images, lambda *a: drawn(*a[:4], np.random.default_rng(1)), "rng decides nothing"),
    (check.draw_images, lambda *a: drawn(*a[:4], np.random.default_rng()), "own random numbers"),
    (check.model_averages, averaged(lambda sums, n: sums.mean(axis=0) / 16), "per site"),
    (check.model_averages, averaged(lambda sums, n: sums.sum(axis=0)), "sum over the pictures"),
    (check.model_averages, averaged(lambda sums, n: sums.mean(axis=0) * [2, 1]), "bonds counted twice"),
    (check.model_averages, averaged(lambda sums, n: sums.mean(axis=0)[::-1]), "B and S exchanged"),
    (check.model_averages, averaged(lambda sums, n: abs(sums).mean(axis=0)), "sizes"),
    (check.model_averages, averaged(lambda sums, n: sums[:9].mean(axis=0)), "too few pictures"),
    (check.model_averages, averaged(parameters=lambda J, h: (J, 0.0)), "field missing"),
]


@each_mistake(DRAWN)
def test_mistakes_in_what_is_drawn(checked, mistaken, name):
    assert_diagnosed(checked, mistaken, name)


@each_right_answer([(check.draw_images, drawn), (check.model_averages, averaged())])
def test_right_draws(checked, function):
    assert_accepted(checked, function)


@pytest.mark.parametrize("seed", range(5))
def test_right_draws_with_other_seeds(seed):
    def shifted_seed(*arguments, **more):
        *others, rng = arguments
        return drawn(*others, np.random.default_rng([seed, int(rng.integers(2**31))]), **more)

    assert_accepted(check.draw_images, shifted_seed)


def test_averages_of_a_law_are_those_of_its_states():
    sums = np.stack([ising.bond_sum(all_states()), ising.spin_sum(all_states())], axis=1).astype(float)
    exact = Averages.exact(sums, law_of(sums @ (0.0, 0.0)))
    assert exact.mean == pytest.approx([0, 0, 32, 16], abs=1e-9)


# ---------------------------------------------------------------- fits


def fitted(images, rng, *, sign=1, steps=40, scale=(1, 1), errors=lambda F, n: np.sqrt(np.diag(np.linalg.inv(F)) / n)):
    """The three lines, on the library's sampler."""
    size, theta, way = images.shape[-1], np.zeros(2), []
    target = np.array([bonds(images).mean(), spins(images).mean()])
    chains = sampling.random_states(ising.LatticeIsing(0.0, 0.0, (size, size)), 200, rng=rng)
    for _ in range(steps):
        model = ising.LatticeIsing(*np.clip(theta * scale, -9, 9), (size, size))
        chains = sampling.advance(model, chains, 5, rng=rng)
        sums = np.stack([bonds(chains), spins(chains)])
        F = np.cov(sums) + 1e-9 * np.eye(2)
        theta = theta + 0.3 * sign * np.linalg.solve(F, target - sums.mean(axis=1))
        way.append(theta)
    return np.array([*np.mean(way[steps // 2 :], axis=0), *errors(F, len(images))])


def swapped(answer):
    return answer[[1, 0, 3, 2]]


FITTED = [
    (check.fit_images, lambda *a: fitted(*a, sign=-1), "ran away"),
    (check.fit_images, lambda *a: fitted(*a, steps=3), "on the way"),
    (check.fit_images, lambda *a: fitted(*a, scale=(2, 1)), "half J"),
    (check.fit_images, lambda *a: fitted(*a, scale=(0.5, 0.5)), "twice everything"),
    (check.fit_images, lambda *a: swapped(fitted(*a)), "order"),
    (check.fit_images, lambda *a: fitted(*a) * [1, 1 / 16, 1, 1], "h divided by the sites"),
    (check.fit_images, lambda *a: fitted(*a)[[0, 2, 1, 3]], "errors in between"),
    (check.fit_images, lambda *a: fitted(*a) * [0, 0, 1, 1], "never moved"),
    (check.fit_images, lambda *a: fitted(*a, errors=lambda F, n: np.sqrt(np.diag(np.linalg.inv(F)))), "one picture"),
    (check.fit_images, lambda *a: fitted(*a, errors=lambda F, n: np.diag(np.linalg.inv(F)) / n), "variances"),
    (
        check.fit_images,
        lambda *a: fitted(*a, errors=lambda F, n: np.sqrt(np.diag(np.linalg.inv(F / 16)) / n)),
        "covariance per site",
    ),
    (
        check.fit_images,
        lambda *a: fitted(*a, errors=lambda F, n: 1 / np.sqrt(np.diag(F) * n)),
        "other parameters taken as known",
    ),
    (
        check.fit_images,
        lambda *a: fitted(*a, errors=lambda F, n: np.sqrt(np.diag(np.linalg.inv(F)) / 200)),
        "another number of pictures",
    ),
    (check.fit_images, lambda *a: fitted(*a) * [1, 1, 0, 0], "no errors"),
]


@each_mistake(FITTED)
def test_mistakes_in_a_fit(checked, mistaken, name):
    assert_diagnosed(checked, mistaken, name)


def test_a_covariance_that_cannot_be_inverted_is_explained():
    verdict = check.fit_images(lambda images, rng: np.linalg.inv(np.zeros((2, 2))))
    assert verdict.diagnosis == "raises"
    assert "ran away" in verdict.message


def test_a_fit_with_new_chains_at_each_step_is_told_to_let_them_run_on(monkeypatch):
    monkeypatch.setattr(fitted_checks, "SECONDS", 0.2)

    def fit(images, rng):
        while True:
            rng.random(10)

    verdict = check.fit_images(fit)
    assert verdict.diagnosis == "does not end"
    assert "start=chains" in verdict.message


def test_right_fit():
    assert_accepted(check.fit_images, fitted)


# ---------------------------------------------------------------- the twist


@pytest.mark.parametrize("twist", TWISTS, ids=lambda twist: twist.name)
def test_each_twist_accepts_its_right_answers(twist):
    for exercise in (check.twist_statistics, check.draw_twist, check.twist_fit):
        verdict = exercise(exercise.truth_of(twist), twist.variant)
        assert verdict, verdict.message


@pytest.mark.parametrize("twist", TWISTS, ids=lambda twist: twist.name)
def test_each_twist_refuses_the_answers_of_another(twist):
    other = TWISTS[(twist.variant + 1) % 3]
    assert not check.twist_statistics(check.twist_statistics.truth_of(other), twist)
    wrong_field = check.draw_twist(
        lambda p, *a: check.draw_twist.truth_of(twist)(np.append(p[:-1], -p[-1]), *a), twist.variant
    )
    assert wrong_field.diagnosis == f"{twist.parameters[-1]} has the wrong sign"
    turned = check.twist_fit(lambda *a: check.twist_fit.truth_of(twist)(*a)[::-1], twist)
    assert turned.diagnosis == "order"


@pytest.mark.parametrize("twist", TWISTS, ids=lambda twist: twist.name)
@pytest.mark.parametrize("ignored", ["start", "sweeps"])
def test_start_and_sweeps_must_act_in_a_twist(twist, ignored):
    def draw(*arguments, **more):
        more.pop(ignored, None)
        return check.draw_twist.truth_of(twist)(*arguments, **more)

    assert_diagnosed(lambda function: check.draw_twist(function, twist), draw, f"{ignored} ignored")


def test_bonds_right_and_down_exchanged():
    verdict = check.twist_statistics(lambda x: TWISTS[0].statistics_of(x)[:, [1, 0, 2]], 0)
    assert verdict.diagnosis == "order"
    assert "exchanged" in verdict.message


def test_diagonal_bonds_need_four_colours():
    def two_colours(parameters, size, n, rng):
        x = rng.choice([-1, 1], (n, size, size))
        for k in range(160):
            up = rng.random(x.shape) < 1 / (1 + np.exp(-2 * TWISTS[1].pull(x, parameters)))
            x = np.where(np.indices((size, size)).sum(axis=0) % 2 == k % 2, 2 * up - 1, x)
        return x

    assert_diagnosed(lambda function: check.draw_twist(function, 1), two_colours, "two colours")


@pytest.mark.parametrize("twist", TWISTS, ids=lambda twist: twist.name)
def test_twists_are_those_of_the_grader(twist):
    some = np.random.default_rng(1).choice([-1, 1], (3, 6, 6))
    assert np.array_equal(twist.statistics_of(some), families.TWISTED[twist.variant].statistics(some))


@pytest.mark.parametrize("variant", range(3))
def test_slow_averages_are_exact(variant):
    exercise = check.draw_twist.exercises[variant]
    mean, covariance = families.TWISTED[variant].moments(exercise.slow, 8)
    own_mean, own_covariance = exercise.slow_averages()
    assert own_mean == pytest.approx(mean, rel=1e-5)
    assert own_covariance == pytest.approx(covariance, rel=1e-3)


def test_the_pull_is_the_slope_of_the_weight():
    rng = np.random.default_rng(2)
    for twist in TWISTS:
        x, p = rng.choice([-1, 1], (1, 4, 6)), rng.normal(size=len(twist.parameters))
        flipped = x.copy()
        flipped[0, 1, 2] *= -1
        change = (twist.statistics_of(flipped) - twist.statistics_of(x)) @ p
        assert change[0] == pytest.approx(-2 * x[0, 1, 2] * twist.pull(x, p)[0, 1, 2])


# ---------------------------------------------------------------- before handing in


def notebook():
    return {
        "student_id": "ada",  # two couplings
        "binarize": check.binarize.truth,
        "bond_sum": bonds,
        "spin_sum": spins,
        "gradient": slope,
        "draw_images": drawn,
        "model_averages": averaged(),
        "fit_images": lambda images, rng: np.zeros(4),
        "correlation": lambda x, m: [at(x, d) for d in range(1, m + 1)],
        "twist_statistics": TWISTS[0].statistics_of,
        "fit_twist": lambda images, rng: np.zeros(3),
        "my_pictures": [images.to_hex(np.ones((16, 16), int))],
        "my_fit": (0.3, 0.0),
    }


def test_a_complete_notebook_is_of_the_right_kind(capsys):
    hand_in.look(notebook())
    assert "items worth 84 of 84 points" in capsys.readouterr().out


def stub(*arguments):
    raise NotImplementedError("your turn")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"student_id": "your.id"}, "Your id is missing"),
        ({"bond_sum": None}, "is not there: define bond_sum"),
        ({"bond_sum": stub}, "your turn"),
        ({"bond_sum": 3}, "is no function any more"),
        ({"bond_sum": lambda x: None}, "returns None"),
        ({"bond_sum": lambda x: x}, "returns shape (20, 8, 8), expected (20,)"),
        ({"bond_sum": lambda x: 1 / 0}, "raised ZeroDivisionError"),
        ({"gradient": lambda *a: [np.nan, 0]}, "NaN"),
        ({"draw_images": lambda *a: np.zeros((20, 8, 8))}, "other values than +1 and -1"),
        ({"twist_statistics": TWISTS[1].statistics_of}, "expected (20, 3)"),
        ({"my_pictures": ["[16x16]00"]}, "my_pictures: a picture of 16 x 16"),
        ({"my_pictures": None}, "my_pictures is missing"),
        ({"my_fit": None}, "my_fit is missing"),
        ({"my_fit": (1.0,)}, "my_fit returns shape (1,)"),
        ({"sampling": sampling}, "sampling (course_lib.sampling) is not there"),
    ],
)
def test_what_is_not_of_the_right_kind_is_told(change, says, capsys):
    hand_in.look(notebook() | change)
    out = capsys.readouterr().out
    assert says in out
    assert "84 of 84" not in out or {"student_id", "sampling"} & set(change)


def test_a_function_that_the_lesson_does_not_use_is_told(capsys):
    refused = check.bond_sum(lambda x: 2 * bonds(x)).use(bonds, otherwise=check.bond_sum.truth)
    accepted = check.spin_sum(spins).use(spins, otherwise=check.spin_sum.truth)
    hand_in.look(notebook() | {"bonds": refused, "spins": accepted})
    assert "stands in for your bond_sum. The" in capsys.readouterr().out
    hand_in.look(notebook() | {"spins": accepted})
    assert "stands in" not in capsys.readouterr().out


def test_an_endless_function_is_told(capsys, monkeypatch):
    def endless(x):
        while True:
            pass

    monkeypatch.setattr(hand_in, "LIMIT", 0.2)
    hand_in.look(notebook() | {"bond_sum": endless})
    assert "too slow" in capsys.readouterr().out


def test_the_contract_is_that_of_the_grader():
    ours = {one.key: (one.part, one.points, one.function) for one in hand_in.CONTRACT}
    key, part, points = hand_in.OWN
    theirs = {item.key: (item.part, item.points, item.function) for item in contract.ITEMS.values()}
    assert ours | {key: (part, points, None)} == theirs
    assert list(hand_in.WRITTEN) == [(one.key, one.part, one.points) for one in contract.WRITTEN.values()]


# ---------------------------------------------------------------- own pictures


@pytest.mark.parametrize(
    ("pictures", "says"),
    [
        ("[16x16]00", "must be a list"),
        ([], "must be a list"),
        (["[16x16]00"], "Picture 0 cannot be read"),
        ([images.to_hex(np.ones((16, 16), int))], "No J and h are best"),
        ([images.to_hex(np.where(np.arange(32) < 16, 1, -1) * np.ones((32, 1), int))], "phase coexistence"),
        ([images.to_hex(np.random.default_rng(1).choice([-1, 1], (16, 16)))], "One phase"),
        ([images.to_hex(np.random.default_rng(1).choice([-1, 1], (16, 16)))], "Coin tosses look like this, too"),
        ([images.to_hex(np.ones((16, 18), int))], "squares of one size"),
        ([images.to_hex(np.ones((15, 15), int))], "must be even"),
        ([images.to_hex(images.load_spins(images.picture_sets()["letters"]["A"], 32, 0.5))], "A of letters"),
    ],
)
def test_own_pictures_are_looked_at(pictures, says, capsys):
    own_pictures.look(pictures)
    assert says in capsys.readouterr().out
