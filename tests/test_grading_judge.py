"""The judge: right answers lose nothing, each slip is named and loses its points, nothing hidden is told.

``pytest -m by_hand tests/test_grading_judge.py`` judges 500 right submissions, and each slip 20 times: some minutes.
"""

import re
from functools import cache

import numpy as np
import pytest
import submissions
import typed_in as typed
from submissions import SLIPS, TWIST_SLIPS, answered, right

from course_lib import exact, images, learning
from course_lib.classroom.checks.twists import TWISTS, twist_of
from course_lib.grading import contract, families, instances, misfits, portrait
from course_lib.grading.contract import ITEMS, Answer
from course_lib.grading.judge import FORGIVEN, judge
from course_lib.grading.own_fit import judge_own_fit
from course_lib.grading.questions import questions
from course_lib.grading.records import Record
from course_lib.sampling import sample_images

JUDGED = [key for key in ITEMS if key != "own_fit"]
ALL_SLIPS = [(0, *slip) for slip in SLIPS] + TWIST_SLIPS
NAMES = [f"{variant} {key} {name} {k}" for k, (variant, key, name, _) in enumerate(ALL_SLIPS)]
LARGEST = 6.0  # standard errors that a right answer may be away


@cache
def asked_of(key, seed, variant=0):
    """Drawn once for all slips."""
    return instances.draw(ITEMS[key], np.random.default_rng(seed), variant)


def verdict(key, function, seed, variant=0):
    asked = asked_of(key, seed, variant)
    with np.errstate(all="ignore"):
        return judge(ITEMS[key], asked, [answered(function, one) for one in asked])


def quick(key, variant=0):
    return submissions.quick_draw if key == "draw_images" else right(key, variant)


# ---------------------------------------------------------------- the contract


def test_a_hundred_points():
    assert contract.TOTAL == 100
    everything = [*ITEMS.values(), *contract.WRITTEN.values()]
    assert [sum(item.points for item in everything if item.part == part) for part in range(1, 6)] == [
        20,
        35,
        18,
        15,
        12,
    ]


def test_an_id_draws_its_twist_again_and_again():
    assert twist_of("ada") is twist_of(" ADA\n")
    drawn = [twist_of(f"student {k}").variant for k in range(300)]
    assert all(drawn.count(variant) > 60 for variant in range(len(TWISTS)))


@pytest.mark.parametrize("odd", [None, "", "  ", 7, b"ada"])
def test_an_id_is_a_text(odd):
    with pytest.raises(ValueError, match="student_id must be a text"):
        twist_of(odd)


# ---------------------------------------------------------------- the truth


@pytest.mark.parametrize(
    ("family", "parameters"),
    [
        (families.LATTICE, (0.3, -0.2)),
        (families.TWISTED[0], (0.35, -0.2, 0.15)),
        (families.TWISTED[1], (0.2, 0.1)),
        (families.TWISTED[2], (0.3, 0.2)),
    ],
)
def test_averages_are_those_of_all_states(family, parameters):
    statistics = family.statistics(exact.states(16).reshape(-1, 4, 4))
    weights = np.exp(statistics @ parameters)
    weights /= weights.sum()
    mean = weights @ statistics
    covariance = (statistics.T * weights) @ statistics - np.outer(mean, mean)
    ours = family.moments(parameters, 4)
    assert np.allclose(ours[0], mean, rtol=0, atol=1e-9)
    assert np.allclose(ours[1], covariance, rtol=0, atol=1e-9)


@pytest.mark.parametrize("variant", range(3))
def test_a_twist_that_is_none_is_the_plain_lattice(variant):
    mean = families.LATTICE.moments((0.3, 0.0), 8)[0]
    twisted = families.TWISTED[variant].moments(((0.3, 0.3, 0.0), (0.3, 0.0), (0.3, 0.0))[variant], 8)[0]
    assert np.isclose(twisted[0], (mean[0] / 2, mean[0], mean[0])[variant])


@pytest.mark.parametrize("variant", range(3))
def test_hidden_pictures_are_drawn_where_they_should_be(variant):
    family, parameters = families.TWISTED[variant], ((0.25, 0.1, 0.26), (0.21, 0.08), (0.22, 0.4))[variant]
    mean, covariance = family.moments(parameters, 6)
    for seed in range(3):
        drawn = family.statistics(family.draw(parameters, 6, 2000, np.random.default_rng(seed)))
        assert np.all(np.abs(drawn.mean(axis=0) - mean) < 5.5 * np.sqrt(np.diag(covariance) / 2000))


def test_students_and_judge_count_alike():
    s = np.random.default_rng(1).choice([-1, 1], (5, 8, 8))
    for variant in range(3):
        assert np.array_equal(families.TWISTED[variant].statistics(s), submissions.TWIST_STATISTICS[variant](s))


# ---------------------------------------------------------------- right answers


@pytest.mark.parametrize("key", JUDGED)
@pytest.mark.parametrize("seed", [1, 2])
def test_right_answers_earn_all_points(key, seed):
    for variant in range(3) if key.startswith("twist") else (0,):
        if key == "twist_fit" and variant != seed:  # the third is like the first
            continue
        result = verdict(key, quick(key, variant), seed, variant)
        assert (result.points, result.status, result.advice) == (ITEMS[key].points, "right", ""), result
        assert result.deviation is None or result.deviation < LARGEST


def test_a_sampler_as_students_write_it_is_right():
    result = verdict("draw_images", submissions.draw_images, 3)
    assert result.status == "right" and result.deviation < LARGEST


def test_single_precision_is_right():
    assert verdict("correlation", lambda *a: submissions.correlation(*a).astype(np.float32), 1).status == "right"


@pytest.mark.by_hand
@pytest.mark.parametrize("block", range(10))
def test_five_hundred_right_submissions_lose_nothing(block):
    largest = {}
    for seed in range(1000 + 50 * block, 1050 + 50 * block):
        for key in JUDGED:
            if key == "twist_fit" and seed % 10:  # they take the longest
                continue
            variant = seed // 10 % 3
            result = verdict(key, quick(key, variant), seed, variant)
            assert result.status == "right", (seed, result)
            largest[key] = max(largest.get(key, 0.0), result.deviation or 0.0)
    print(largest)
    assert max(largest.values()) < LARGEST


# ---------------------------------------------------------------- slips


def check_slip(variant, key, name, function, seed):
    result = verdict(key, function, seed, variant)
    errors_only = key == "fit_images" and name in {entry[0] for entry in misfits.ERRORS}
    # Right estimates with wrong errors keep their two thirds.
    assert (result.misconception, result.points) == (name, 10 if errors_only else 0), result
    assert result.status == "wrong" and result.advice
    return result


@pytest.mark.parametrize(("variant", "key", "name", "function"), ALL_SLIPS, ids=NAMES)
def test_each_slip_is_named(variant, key, name, function):
    check_slip(variant, key, name, function, 5)


@pytest.mark.by_hand
@pytest.mark.parametrize(("variant", "key", "name", "function"), ALL_SLIPS, ids=NAMES)
def test_each_slip_is_named_twenty_times(variant, key, name, function):
    results = [check_slip(variant, key, name, function, seed) for seed in range(100, 120)]
    print(variant, key, name, min(r.deviation or np.inf for r in results))


@pytest.mark.parametrize("key", JUDGED)
def test_no_hidden_number_is_told(key):
    """Not in a verdict on a right answer, nor on one that is nearly right, nor on NaN."""
    asked = asked_of(key, 5)
    numbers = [value for one in asked for value in one.arguments.values() if np.ndim(value) == 0]
    numbers += [float(x) for one in asked for value in one.truth.values() for x in np.ravel(value)[:50]]
    hidden = {f"{number:.3f}" for number in numbers if number != round(number)}
    function = quick(key) if key != "twist_fit" else lambda s, rng: submissions.fitted_once(s, 0)
    exact = [answered(function, one).array.astype(float) for one in asked]
    for factor in (1, 1.001, np.nan):
        given = [Answer("answered", array * factor) for array in exact]
        result = judge(ITEMS[key], asked, given)
        said = set(re.findall(r"\d+\.\d{3,}", f"{result.came_out} {result.advice}"))
        assert not said & hidden and not said


# ---------------------------------------------------------------- numbers that are typed in

STATISTICAL = ["draw_images", "model_averages", "fit_images", "twist_fit"]


def typed_in(name, key, seed):
    """The verdict on a submission that computes nothing."""
    function = typed.SUBMISSIONS[name][key if key != "twist_fit" else "twist"]
    if key == "twist_fit":
        return verdict(key, lambda images, rng: function(images, seed % 3), seed, seed % 3)
    return verdict(key, function, seed)


@pytest.mark.parametrize("key", STATISTICAL)
@pytest.mark.parametrize("name", typed.SUBMISSIONS)
def test_what_is_typed_in_earns_nothing(name, key):
    results = [typed_in(name, key, seed) for seed in range(200, 206)]
    assert not any(result.points for result in results) and all(result.advice for result in results)


@pytest.mark.by_hand
@pytest.mark.parametrize("key", STATISTICAL)
@pytest.mark.parametrize("name", typed.SUBMISSIONS)
def test_what_is_typed_in_earns_a_small_share(name, key):
    """Over sixty secrets: who knows the middles of all boxes is right now and then."""
    share = np.mean([typed_in(name, key, seed).points for seed in range(300, 360)]) / ITEMS[key].points
    print(name, key, share)
    assert share <= (0.1 if name in ("mean field", "constants by all signs") else 0.0)


@pytest.mark.parametrize(("name", "key"), [("constants by sign", key) for key in STATISTICAL])
def test_what_is_right_in_the_narrow_boxes_alone_is_told(name, key):
    result = typed_in(name, key, 201)
    assert (result.points, result.status) == (0, "wrong")
    assert "do not follow" in result.misconception


def test_no_answer_anywhere_earns_nothing():
    """Who knows the narrow boxes, and raises an error elsewhere."""
    asked = asked_of("fit_images", 1)
    given = [Answer("raised", message="no") if one.anywhere else answered(submissions.fit_images, one) for one in asked]
    assert judge(ITEMS["fit_images"], asked, given).points == 0


def test_one_slow_answer_of_three_anywhere_costs_its_share():
    asked = asked_of("fit_images", 1)
    given = [answered(lambda images, rng: submissions.fitted_once(images), one) for one in asked]
    given[-1] = Answer("timeout")
    assert judge(ITEMS["fit_images"], asked, given).points == 11.25


# ---------------------------------------------------------------- part of the points


def test_one_instance_of_three_timed_out():
    asked = asked_of("bond_sum", 1)
    given = [answered(submissions.bond_sum, one) for one in asked]
    given[1] = Answer("timeout", seconds=5.0)
    result = judge(ITEMS["bond_sum"], asked, given)
    assert (result.points, result.status, result.misconception) == (4.0, "timeout", "")
    assert "right on 2 of 3" in result.came_out and "numpy" in result.advice


def test_a_function_left_as_it_came_is_told_so():
    answers = [Answer("raised", message="NotImplementedError: your turn: the sum")] * len(asked_of("spin_sum", 1))
    result = judge(ITEMS["spin_sum"], asked_of("spin_sum", 1), answers)
    assert result.points == 0 and "still to be written" in result.came_out and "your turn" not in result.came_out


@pytest.mark.parametrize("status", ["missing", "raised", "timeout", "wrong kind", "not run"])
@pytest.mark.parametrize("key", JUDGED)
def test_no_answer_no_points_and_a_sentence(key, status):
    asked = asked_of(key, 1)
    result = judge(ITEMS[key], asked, [Answer(status, message="a line")] * len(asked))
    assert (result.points, result.status) == (0.0, status) and "a line" in result.came_out and result.advice


def test_wrong_on_one_of_three_for_no_known_reason():
    asked = asked_of("bond_sum", 1)
    given = [answered(submissions.bond_sum, one) for one in asked]
    given[2] = Answer("answered", given[2].array + 7.0)
    result = judge(ITEMS["bond_sum"], asked, given)
    assert (result.points, result.status, result.misconception) == (4.0, "wrong", "") and result.advice


def test_answers_and_instances_go_in_pairs():
    with pytest.raises(ValueError, match="3 instances need as many answers, got 0"):
        judge(ITEMS["bond_sum"], asked_of("bond_sum", 1), [])


@pytest.mark.parametrize("key", JUDGED)
@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0, 1e300, -1.0])
def test_any_number_is_judged(key, value):
    asked = asked_of(key, 1)
    with np.errstate(all="ignore"):
        result = judge(ITEMS[key], asked, [Answer("answered", np.full(one.shape, value)) for one in asked])
    assert result.points == 0 and result.status == "wrong" and result.advice


def test_same_seed_same_instances_and_another_seed_others():
    for key in JUDGED:
        one, same, other = (instances.draw(ITEMS[key], np.random.default_rng(seed)) for seed in (1, 1, 2))
        for a, b, c in zip(one, same, other, strict=True):
            assert all(np.array_equal(a.arguments[name], b.arguments[name]) for name in a.arguments)
            assert any(not np.array_equal(a.arguments[name], c.arguments[name]) for name in a.arguments)


def test_arguments_stand_in_the_order_of_the_contract():
    for key in JUDGED:
        for one in asked_of(key, 1):
            assert tuple(one.arguments) == tuple(p for p in ITEMS[key].parameters if p != "rng")
            assert (one.seed is not None) == ITEMS[key].takes_rng


# ---------------------------------------------------------------- distances


def narrow(asked):
    """The instances whose places are made for naming."""
    return [one for one in asked if not one.anywhere]


def nearest(places, of_kind):
    """The mistake that is hardest to see: of each its largest distance, over the instances of an item."""
    distances = {}
    for name, _, place in misfits.PLACES:
        far = []
        for one in places:
            at, information = of_kind(one)
            shift = np.array(place(*at, 64)) - at
            far.append(np.sqrt(shift @ information @ shift))
        distances[name, place] = max(far)
    return min(distances.values())


@pytest.mark.parametrize("seed", range(4))
def test_every_misconception_of_a_fit_is_25_standard_errors_away(seed):
    asked = narrow(asked_of("fit_images", seed))
    assert nearest(asked, lambda one: (one.truth["parameters"], one.truth["information"])) > 25


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("variant", range(3))
def test_every_misconception_of_a_twist_is_25_standard_errors_away(variant, seed):
    asked = narrow(asked_of("twist_fit", seed, variant))
    for mistake in misfits.mistakes_of_twists(variant):
        shifts = [(mistake.answer(one) - one.truth["parameters"], one.truth["information"]) for one in asked]
        assert max(np.sqrt(shift @ information @ shift) for shift, information in shifts) > 25, mistake.name


@pytest.mark.parametrize("key", ["draw_images", "model_averages"])
@pytest.mark.parametrize("seed", range(2))
def test_every_misconception_of_a_sampler_is_25_standard_errors_away(key, seed):
    asked = narrow(instances.draw(ITEMS[key], np.random.default_rng(seed)))
    mistakes = misfits.mistakes_of_models() if key == "draw_images" else misfits.mistakes_of_averages()
    for mistake in mistakes:
        far = []
        for one in asked:
            shift = mistake.answer(one) - one.truth["mean"]
            far.append(np.sqrt(one.arguments["n_images"] * shift @ np.linalg.solve(one.truth["covariance"], shift)))
        assert max(far) > 25 > 2 * FORGIVEN, mistake.name


# ---------------------------------------------------------------- own pictures


def own(pictures, fit, **options):
    return judge_own_fit([images.to_hex(picture) for picture in pictures], fit, **options)


@pytest.fixture(scope="module")
def textures():
    return sample_images(0.3, 0.05, (32, 32), 2, burn_in=300, rng=1)


@pytest.fixture(scope="module")
def fitted(textures):
    return learning.fit_images(textures, rng=2, progress=False).model.parameters


def test_own_fit_is_right(textures, fitted):
    result = own(textures, fitted)
    assert (result.points, result.status) == (9, "right") and result.deviation < 1


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("each pair counted twice", lambda J, h: (J / 2, h)),
        ("each pair counted twice", lambda J, h: (2 * J, h)),
        ("wrong sign", lambda J, h: (-J, -h)),
        ("wrong sign of the field", lambda J, h: (J, -h)),
        ("missing field", lambda J, h: (J, 0.0)),
        ("noise", lambda J, h: (0.0, 0.0)),
    ],
)
def test_slips_of_own_fits_are_named(textures, fitted, name, change):
    result = own(textures, change(*fitted))
    assert (result.points, result.misconception) == (0, name) and result.advice


def test_coin_tosses_earn_their_fit_and_are_asked_about(textures, fitted):
    """Gravel may look like them."""
    coins = np.random.default_rng(1).choice([-1, 1], (1, 32, 32))
    result = own(coins, (0.0, 0.0))
    assert (result.points, result.status) == (9, "right") and "Coin tosses" in result.came_out
    assert "Coin tosses" not in own(textures, fitted).came_out
    for pictures, tossed in ((coins, True), (textures, False)):
        record = Record("ada", my_pictures=[images.to_hex(one) for one in pictures], my_fit=[0.0, 0.0])
        portrait.draw(record)
        assert any("coin tosses" in question for question, _ in questions(record)) == tossed


def test_phase_coexistence_is_judged_kindly():
    """Chains that do not cross, and domains in each picture, lead to a larger J than the likelihood's."""
    half = images.half_up_pictures(32)["two halves"]
    found = learning.phase_coexistence(half)
    for J in (found.J - 0.04, found.J, found.J + 0.3):
        result = own([half], (J, 0.0))
        assert (result.points, result.status) == (9, "right"), result
    assert own([half], (found.J / 2, 0.0)).points == 0
    assert own([half], (found.J, 0.5)).points == 0


def test_pictures_without_a_maximum_are_told():
    flat = own([np.ones((16, 16))], (0.5, 0.1))
    assert (flat.points, flat.misconception) == (0, "no maximum") and "all spins agree" in flat.came_out
    board = own([images.half_up_pictures(16)["checkerboard"]], (-1.0, 0.0))
    assert (board.points, board.misconception) == (0, "no maximum")


def test_the_class_s_pictures_are_told(textures, fitted):
    texts = [images.to_hex(picture) for picture in textures]
    result = judge_own_fit(texts, fitted, class_pictures=texts)
    assert (result.points, result.misconception) == (4.5, "no picture of your own")
    assert judge_own_fit(texts, fitted, class_pictures=texts[:1]).points == 9
    assert judge_own_fit([f" {texts[0].upper().replace('X', 'x')}\n"], fitted, class_pictures=texts[:1]).points == 4.5


@pytest.mark.parametrize(
    ("pictures", "fit", "status"),
    [
        (None, (0.3, 0.1), "missing"),
        ([], (0.3, 0.1), "missing"),
        (["[16x16]" + "a5" * 32], None, "missing"),
        (["[16x16]" + "a5" * 32], (np.nan, 0.0), "wrong kind"),
        (["[16x16]" + "a5" * 32], (0.3, 0.1, 0.2), "wrong kind"),
        (["[16x16]" + "a5" * 31], (0.3, 0.1), "wrong kind"),
        (["<script>"], (0.3, 0.1), "wrong kind"),
        (["[4x4]a5a5"], (0.3, 0.1), "wrong kind"),
        (["[16x16]" + "a5" * 32, "[8x8]" + "a5" * 8], (0.3, 0.1), "wrong kind"),
    ],
)
def test_what_is_no_picture_or_no_fit_gets_a_sentence(pictures, fit, status):
    result = judge_own_fit(pictures, fit)
    assert (result.points, result.status) == (0, status) and result.came_out and result.advice


def test_a_mad_fit_is_judged(textures):
    for fit in ((1e300, -1e300), (-50.0, 3.0)):
        assert own(textures, fit).points == 0
