"""Every mistake a check of lesson 03x knows, written as a student would write it, gets its own diagnosis."""

from collections import deque
from itertools import permutations, product
from math import exp

import numpy as np
import pytest
from checking import assert_accepted, assert_diagnosed, each_mistake, each_right_answer, mistakes_known_to

from course_lib import sampling
from course_lib.classroom.checks import lesson_03x as check
from course_lib.ising import LatticeIsing

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # overflow and 0/0, which are the mistakes

# ---------------------------------------------------------------- counting with bits


def by_counting(a, b, c, d):
    """Place by place, unlike the adder of the check."""
    counts = [sum(w >> k & 1 for w in (a, b, c, d)) for k in range(64)]
    return tuple(sum((n >> digit & 1) << k for k, n in enumerate(counts)) for digit in range(3))


def one_after_the_other(a, b, c, d):
    ones = twos = fours = 0
    for word in (a, b, c, d):
        carry = ones & word
        ones ^= word
        fours |= twos & carry
        twos ^= carry
    return [ones, twos, fours]


def exactly(a, b, c, d):
    masks = [2**64 - 1, 0, 0, 0, 0]
    for word in (a, b, c, d):
        masks = [m & ~word | (masks[k - 1] & word if k else 0) for k, m in enumerate(masks)]
    return masks[1], masks[2], masks[4]


# ---------------------------------------------------------------- clusters


def grown(
    spins,
    start,
    p,
    rng,
    *,
    steps=((0, 1), (0, -1), (1, 0), (-1, 0)),
    alike=lambda spins, site, start: spins[site] == spins[start],
    lets_pass=lambda rng, p: rng.random() < p,
    wrap=True,
    once=False,
    further=True,
    marked=True,
):
    """A stack, and a switch for each mistake."""
    mask = np.zeros(spins.shape, dtype=bool)
    asked = np.zeros(spins.shape, dtype=bool)
    mask[start] = asked[start] = marked
    stack = [start]
    while stack:
        r, c = stack.pop()
        for down, right in steps:
            site = (r + down, c + right)
            if wrap is True:
                site = (site[0] % spins.shape[0], site[1] % spins.shape[1])
            elif wrap == "rows":
                site = (site[0] % spins.shape[0], site[1])
                if not 0 <= site[1] < spins.shape[1]:
                    continue
            elif wrap == "nowhere":
                pass
            elif (wrap is False and not (0 <= site[0] < spins.shape[0] and 0 <= site[1] < spins.shape[1])) or (
                site[0] >= spins.shape[0] or site[1] >= spins.shape[1]
            ):
                continue
            if mask[site] or not alike(spins, site, start) or (once and asked[site]):
                continue
            asked[site] = True
            if lets_pass(rng, p):
                mask[site] = True
                if further:
                    stack.append(site)
    return mask


def by_bonds(spins, start, p, rng):
    """All bonds are drawn first, then the label of the start spreads: no order, no stack."""
    right = (rng.random(spins.shape) < p) & (spins == np.roll(spins, -1, 1))
    down = (rng.random(spins.shape) < p) & (spins == np.roll(spins, -1, 0))
    mask = np.zeros(spins.shape, dtype=bool)
    mask[start] = True
    for _ in range(spins.size):
        mask = mask | (np.roll(mask & right, 1, 1)) | (np.roll(mask, -1, 1) & right)
        mask = mask | (np.roll(mask & down, 1, 0)) | (np.roll(mask, -1, 0) & down)
    return mask


def until_nothing_grows(spins, start, p, rng):
    mask = np.zeros(spins.shape, dtype=bool)
    mask[start] = True
    grew = True
    while grew:
        grew = False
        for r, c in np.argwhere(mask):
            for down, right in ((0, 1), (0, -1), (1, 0), (-1, 0)):
                site = ((r + down) % spins.shape[0], (c + right) % spins.shape[1])
                if spins[site] == spins[start] and not mask[site] and rng.random() < p:
                    mask[site] = grew = True
    return mask


def one_number(spins, start, p, rng):
    draw = rng.random()
    return grown(spins, start, p, rng, lets_pass=lambda rng, p: draw < p)


def one_number_a_site(spins, start, p, rng):
    mask, stack = np.zeros(spins.shape, dtype=bool), [start]
    mask[start] = True
    while stack:
        r, c = stack.pop()
        draw = rng.random()
        for down, right in ((0, 1), (0, -1), (1, 0), (-1, 0)):
            site = ((r + down) % spins.shape[0], (c + right) % spins.shape[1])
            if spins[site] == spins[start] and not mask[site] and draw < p:
                mask[site] = True
                stack.append(site)
    return mask


STEPS = ((0, 1), (0, -1), (1, 0), (-1, 0))


def by_list(*, queue=False, skip=False, steps=STEPS):
    """A cluster that marks sites when they are taken off the list; right if it skips those that are marked already."""

    def cluster(spins, start, p, rng):
        mask, to_ask = np.zeros(spins.shape, dtype=bool), deque([start])
        while to_ask:
            r, c = to_ask.popleft() if queue else to_ask.pop()
            if skip and mask[r, c]:
                continue
            mask[r, c] = True
            for down, right in steps:
                site = ((r + down) % spins.shape[0], (c + right) % spins.shape[1])
                if spins[site] == spins[start] and not mask[site] and rng.random() < p:
                    to_ask.append(site)
        return mask

    return cluster


def in_steps(spins, start, p, rng, *, all_ask=False):
    """Whole arrays at a time, one random number for each site and step."""
    mask = np.zeros(spins.shape, dtype=bool)
    mask[start] = True
    front = mask
    while front.any():
        asking = mask if all_ask else front
        near = sum(np.roll(asking, step, axis) for step, axis in product((1, -1), (0, 1))) > 0
        front = near & (spins == spins[start]) & ~mask & (rng.random(spins.shape) < p)
        mask = mask | front
    return mask


def in_steps_by_direction(spins, start, p, rng):
    """Whole arrays, one random number for each bond: right."""
    mask = np.zeros(spins.shape, dtype=bool)
    mask[start] = True
    front = mask
    while front.any():
        asked = [np.roll(front, step, axis) & (rng.random(spins.shape) < p) for step, axis in product((1, -1), (0, 1))]
        front = np.any(asked, axis=0) & (spins == spins[start]) & ~mask
        mask = mask | front
    return mask


def whoever_is_asked_goes_on(spins, start, p, rng):
    mask, to_ask, seen = np.zeros(spins.shape, dtype=bool), [start], {start}
    mask[start] = True
    while to_ask:
        r, c = to_ask.pop()
        for down, right in STEPS:
            site = ((r + down) % spins.shape[0], (c + right) % spins.shape[1])
            if spins[site] == spins[start] and site not in seen:
                seen.add(site)
                to_ask.append(site)
                mask[site] = rng.random() < p
    return mask


def asks_who_has_joined(spins, start, p, rng):
    mask, to_ask = np.zeros(spins.shape, dtype=bool), [start]
    mask[start] = True
    while to_ask:
        r, c = to_ask.pop()
        for down, right in STEPS:
            site = ((r + down) % spins.shape[0], (c + right) % spins.shape[1])
            if spins[site] == spins[start] and rng.random() < p:
                mask[site] = True
                to_ask.append(site)
    return mask


def in_a_flat_array(spins, start, p, rng):
    rows, cols = spins.shape
    flat, mask, first = spins.ravel(), np.zeros(spins.size, dtype=bool), start[0] * cols + start[1]
    mask[first], to_ask = True, [first]
    while to_ask:
        k = to_ask.pop()
        for site in ((k + step) % spins.size for step in (1, -1, cols, -cols)):
            if flat[site] == flat[first] and not mask[site] and rng.random() < p:
                mask[site] = True
                to_ask.append(site)
    return mask.reshape(rows, cols)


def each_neighbour_once(spins, start, p, rng):
    """The set of neighbours: with two rows above and below are the same site."""
    mask, to_ask = np.zeros(spins.shape, dtype=bool), [start]
    mask[start] = True
    while to_ask:
        r, c = to_ask.pop()
        for site in {((r + down) % spins.shape[0], (c + right) % spins.shape[1]) for down, right in STEPS}:
            if spins[site] == spins[start] and not mask[site] and rng.random() < p:
                mask[site] = True
                to_ask.append(site)
    return mask


def marked_when_asked(spins, start, p, rng):
    mask, to_ask = np.zeros(spins.shape, dtype=bool), [start]
    mask[start] = True
    while to_ask:
        r, c = to_ask.pop()
        for down, right in STEPS:
            site = ((r + down) % spins.shape[0], (c + right) % spins.shape[1])
            if spins[site] == spins[start] and not mask[site]:
                mask[site] = True
                if rng.random() < p:
                    to_ask.append(site)
    return mask


def flipped(spins, start, p, rng):
    mask = grown(spins, start, p, rng)
    spins[mask] *= -1
    return mask


def without_start(spins, start, p, rng):
    mask = grown(spins, start, p, rng)
    mask[start] = False
    return mask


def other(**options):
    return lambda spins, start, p, rng: grown(spins, start, p, rng, **options)


ALL_EIGHT = [step for step in product((-1, 0, 1), repeat=2) if any(step)]

# ---------------------------------------------------------------- swaps


def log_ratio(b, c, E, F):
    return (b - c) * (E - F)


def of_the_weights(b, c, E, F):
    return np.exp(-b * F - c * E) / np.exp(-b * E - c * F)


def one_rung(b, c, E, F):
    return min(1, exp(min(0, -b * (F - E))))


# Exponents and what is made of them, as students write them: one or more ways a name.
EXPONENTS = [
    ("sign", lambda b, c, E, F: (b - c) * (F - E)),
    ("sign", lambda b, c, E, F: b * F + c * E - b * E - c * F),
    ("one rung only", lambda b, c, E, F: b * (E - F)),
    ("other rung only", lambda b, c, E, F: c * (F - E)),
    ("sum of the betas", lambda b, c, E, F: (b + c) * (E - F)),
    ("sum of the energies", lambda b, c, E, F: (b - c) * (E + F)),
    ("beta with its own energy twice", lambda b, c, E, F: b * E - c * F),
    ("beta with its own energy twice", lambda b, c, E, F: -(b * E - c * F)),
    ("beta with the other energy", lambda b, c, E, F: b * F - c * E),
    ("weights after only", lambda b, c, E, F: -(b * F + c * E)),
    ("weights before only", lambda b, c, E, F: -(b * E + c * F)),
    ("betas forgotten", lambda b, c, E, F: E - F),
    ("energies forgotten", lambda b, c, E, F: b - c),
    ("brackets", lambda b, c, E, F: b - c * (E - F)),
    ("brackets", lambda b, c, E, F: (b - c) + (E - F)),
    ("T and beta exchanged", lambda b, c, E, F: (1 / np.float64(b) - 1 / np.float64(c)) * (E - F)),
    ("twice or half the exponent", lambda *rungs: 2 * log_ratio(*rungs)),
    ("divided", lambda b, c, E, F: (b - c) / np.float64(E - F)),
    ("absolute differences", lambda *rungs: -abs(log_ratio(*rungs))),
    ("another exponent", lambda b, c, E, F: b * (E - F) - c * (E + F)),
    ("another exponent", lambda b, c, E, F: b * (F - E)),
]
FORMS = [
    ("minimum missing", np.exp),
    ("maximum instead of minimum", lambda x: max(1, np.exp(x))),
    ("one over it", lambda x: 1 / np.exp(min(0, x))),
    ("heat bath", lambda x: 1 / (1 + np.exp(-x))),
    ("exponent instead of probability", lambda x: x),
    ("1 beside the exponent", lambda x: np.exp(min(1, x))),
    ("another base", lambda x: 10 ** min(0, x)),
    ("refused instead of accepted", lambda x: 1 - np.exp(min(0, x))),
]


def swap(exponent=log_ratio, form=lambda x: np.exp(min(0, x))):
    return lambda *rungs: form(exponent(*rungs))


KNOWN = [
    (
        check.count_up,
        lambda a, b, c, d: (a ^ b ^ c ^ d, (a & b) ^ (c & d), a & b & c & d),
        "carry of the last digits lost",
    ),
    (
        check.count_up,
        lambda a, b, c, d: (a ^ b ^ c ^ d, (a & b) | (c & d), a & b & c & d),
        "carry of the last digits lost, carries joined",
    ),
    (
        check.count_up,
        lambda a, b, c, d: (
            a ^ b ^ c ^ d,
            (a & b) | (a & c) | (a & d) | (b & c) | (b & d) | (c & d),
            a & b & c & d,
        ),
        "four counts as six",
    ),
    (check.count_up, lambda a, b, c, d: (a | b | c | d, *by_counting(a, b, c, d)[1:]), "or instead of xor"),
    (check.count_up, lambda a, b, c, d: (*by_counting(a, b, c, d)[:2], 0), "fours forgotten"),
    (check.count_up, lambda *w: by_counting(*w)[::-1], "order turned round"),
    (check.count_up, exactly, "masks instead of binary digits"),
    (
        check.count_up,
        lambda a, b, c, d: (a + b + c + d, (a & b) + (c & d), a & b & c & d),
        "carries from chain to chain",
    ),
    (
        check.count_up,
        lambda a, b, c, d: (a ^ b ^ c ^ d, (a & b) + (c & d), a & b & c & d),
        "carries from chain to chain",
    ),
    (
        check.count_up,
        lambda a, b, c, d: (a ^ b ^ c ^ d, (a & b) + (c & d) + ((a ^ b) & (c ^ d)), a & b & c & d),
        "carries from chain to chain",
    ),
    (
        check.count_up,
        lambda a, b, c, d: ((a ^ b) + (c ^ d), *by_counting(a, b, c, d)[1:]),
        "carries from chain to chain",
    ),
    (check.count_up, lambda *w: by_counting(*w)[0], "one word"),
    (check.count_up, lambda *w: by_counting(*w)[:2], "two words"),
    (check.count_up, lambda *w: [*by_counting(*w), 0], "more than three words"),
    (check.count_up, lambda *w: [f"{word:b}" for word in by_counting(*w)], "no words"),
    (check.count_up, lambda *w: [word & 0xFF for word in by_counting(*w)], "lowest places only"),
    (check.count_up, lambda *w: [sum(w) >> digit & 1 for digit in range(3)], "small numbers"),
    (check.count_up, lambda a, b, c, d: (a and b, c and d, a or b), "and, or between numbers"),
    (
        check.count_up,
        lambda a, b, c, d: (a ^ b ^ c ^ d, (a ^ b) & (c ^ d), a & b & c & d),
        "carry of the last digits only",
    ),
    (check.count_up, lambda *w: (*by_counting(*w)[:2], (w[0] & w[1]) | (w[2] & w[3])), "fours from one carry"),
    (check.count_up, lambda *w: (~by_counting(*w)[0], *by_counting(*w)[1:]), "ones at other counts"),
    (
        check.count_up,
        lambda *w: (by_counting(*w)[0], by_counting(*w)[1] & ~by_counting(*w)[0], by_counting(*w)[2]),
        "twos at other counts",
    ),
    (
        check.count_up,
        lambda *w: (*by_counting(*w)[:2], by_counting(*w)[1] | by_counting(*w)[2]),
        "fours at other counts",
    ),
    (check.count_up, lambda *w: [word << k for k, word in enumerate(by_counting(*w))], "moved to other chains"),
    (check.count_up, lambda *w: (w[0] ^ w[1] ^ w[2], *by_counting(*w)[1:]), "ones not by the count"),
    (
        check.count_up,
        lambda *w: (by_counting(*w)[0], (w[0] | w[1]) & (w[2] | w[3]), by_counting(*w)[2]),
        "twos not by the count",
    ),
    (check.count_up, lambda *w: (*by_counting(*w)[:2], (w[0] | w[1]) & (w[2] | w[3])), "fours not by the count"),
    (check.cluster, other(lets_pass=lambda rng, p: rng.random() > p), "probability turned round"),
    *(
        (check.cluster, by_list(queue=queue, steps=steps), "marked too late")
        for queue, steps in product((False, True), [*permutations(STEPS)][::5])
    ),
    (check.cluster, each_neighbour_once, "two bonds taken for one"),
    (check.cluster, in_steps, "one number for several bonds"),
    (check.cluster, lambda *a: in_steps(*a, all_ask=True), "all ask again"),
    (check.cluster, whoever_is_asked_goes_on, "falls apart"),
    (check.cluster, asks_who_has_joined, "endless"),
    (check.cluster, in_a_flat_array, "wrap-around to the next row"),
    (check.cluster, marked_when_asked, "marked before the decision"),
    (check.cluster, other(wrap="nowhere"), "outside"),
    (check.cluster, other(wrap="rows"), "wrap-around of one index only"),
    (check.cluster, lambda s, start, p, rng: grown(s, start[::-1], p, rng), "row and column exchanged"),
    (check.cluster, flipped, "flipped"),
    (check.cluster, lambda *a: [tuple(site) for site in np.argwhere(grown(*a))], "sites"),
    (check.cluster, lambda *a: {tuple(site) for site in np.argwhere(grown(*a)).tolist()}, "sites"),
    (check.cluster, lambda *a: grown(*a).sum(), "size instead of mask"),
    (check.cluster, lambda *a: grown(*a).ravel(), "flat"),
    (check.cluster, lambda *a: ~grown(*a), "mask turned round"),
    (check.cluster, lambda *a: 1 - 2 * grown(*a), "1 and -1"),
    (check.cluster, lambda s, *a: np.where(grown(s, *a), -s, s), "spins instead of mask"),
    (check.cluster, lambda s, *a: s * grown(s, *a), "other values"),
    (check.cluster, other(steps=((0, 1), (0, -1), (1, 0))), "three neighbours"),
    (check.cluster, other(steps=((0, -1), (-1, 0))), "left out with p = 1"),
    (check.cluster, other(lets_pass=lambda rng, p: True, wrap=False), "p not used"),
    (check.cluster, other(steps=list(product((1, -1), repeat=2))), "joined from afar"),
    (check.cluster, lambda spins, start, p, rng: spins == spins[start], "all equal spins"),
    (check.cluster, other(lets_pass=lambda rng, p: True), "p not used"),
    (check.cluster, without_start, "start left out"),
    (check.cluster, other(marked=False), "start not marked"),
    (check.cluster, other(wrap=False), "wrap-around missing"),
    (check.cluster, other(wrap="negative"), "wrap-around on one side only"),
    (check.cluster, other(alike=lambda *_: True), "opposite spins joined"),
    (check.cluster, other(alike=lambda s, site, start: s[site] != s[start]), "only opposite spins joined"),
    (check.cluster, other(alike=lambda s, site, start: s[site] == 1), "only up spins joined"),
    (check.cluster, other(further=False), "neighbours of the start only"),
    (check.cluster, other(steps=ALL_EIGHT), "diagonal neighbours"),
    (check.cluster, other(steps=((0, 1), (1, 0))), "right and down only"),
    (check.cluster, other(steps=((0, 1), (0, -1))), "one axis only"),
    (check.cluster, other(steps=((1, 0), (-1, 0))), "one axis only"),
    (check.cluster, other(once=True), "refused for ever"),
    (check.cluster, one_number, "one decision for all"),
    (check.cluster, other(lets_pass=lambda rng, p: rng.random() < p or rng.random() < p), "each bond tried twice"),
    (check.cluster, other(lets_pass=lambda rng, p: rng.random() < p and rng.random() < p), "p squared"),
    (check.cluster, one_number_a_site, "one decision for all neighbours"),
    (check.cluster, other(lets_pass=lambda rng, p: rng.random() < p**0.5), "too many join"),
    (check.cluster, other(lets_pass=lambda rng, p: p >= 0.5), "rng decides nothing"),
    (check.cluster, lambda s, start, p, rng: grown(s, start, p, np.random.default_rng(3)), "rng decides nothing"),
    (check.cluster, lambda s, start, p, rng: grown(s, start, p, np.random.default_rng()), "own random numbers"),
    (check.cluster, other(lets_pass=lambda rng, p: rng.random() < p**1.5), "too few join"),
    *((check.swap_probability, swap(exponent=exponent), name) for name, exponent in EXPONENTS),
    *((check.swap_probability, swap(form=form), name) for name, form in FORMS),
    (check.swap_probability, lambda *a: np.exp(-log_ratio(*a)), "sign, and minimum missing"),
    (check.swap_probability, lambda *a: min(1.0, np.exp(log_ratio(*a))), "overflow"),
    (check.swap_probability, lambda *a: 1 / max(1.0, np.exp(-log_ratio(*a))), "overflow"),
    (check.swap_probability, lambda *a: min(1.0, of_the_weights(*a)), "weights overflow"),
    (check.swap_probability, lambda *a: np.minimum(1.0, of_the_weights(*a)), "weights overflow"),
    (
        check.swap_probability,
        lambda b, c, E, F: one_rung(b, c, E, F) * one_rung(c, b, F, E),
        "two separate decisions",
    ),
    (check.swap_probability, lambda *a: min(0.0, log_ratio(*a)), "exponent instead of probability"),
    (check.swap_probability, lambda *a: min(1, exp(log_ratio(*a))), "overflow"),  # math.exp raises
    (
        check.swap_probability,
        lambda b, c, E, F: min(1, (np.exp(-b * F) + np.exp(-c * E)) / (np.exp(-b * E) + np.exp(-c * F))),
        "weights added",
    ),
    (
        check.swap_probability,
        lambda b, c, E, F: 1.0 if E > F else np.exp(log_ratio(b, c, E, F)),
        "certain by one factor",
    ),
    (check.swap_probability, lambda *a: 1.0 if log_ratio(*a) > 1 else np.exp(log_ratio(*a)), "more than 1"),
    (check.swap_probability, swap(lambda b, c, E, F: (1 / b - 1 / c) * (E - F)), "T and beta exchanged"),  # 1 / 0.0
    (check.swap_probability, lambda *a: 1 - np.exp(log_ratio(*a)), "negative"),
    (
        check.swap_probability,
        lambda *a: np.exp(log_ratio(*a)) if log_ratio(*a) < 0 else 0.5,
        "wrong where the ratio is above 1",
    ),
    (
        check.swap_probability,
        lambda *a: round(float(np.exp(min(0, log_ratio(*a)))), 2),
        "wrong where the ratio is below 1",
    ),
    (check.swap_probability, lambda *a: 1, "always accepted"),
    (check.swap_probability, lambda *a: 0.0, "never accepted"),
    (check.swap_probability, lambda *a: log_ratio(*a) > 0, "decision instead of probability"),
    (
        check.swap_probability,
        lambda *a: float(np.random.default_rng(1).random() < np.exp(log_ratio(*a))),
        "decision instead of probability",
    ),
]


@each_mistake(KNOWN)
def test_each_mistake_gets_its_own_diagnosis(checked, mistaken, name):
    assert_diagnosed(checked, mistaken, name)


@pytest.mark.parametrize("checked", [check.count_up, check.cluster, check.swap_probability])
def test_every_mistake_that_a_check_knows_is_tried(checked):
    pairs = {f"{one}, and {other}" for (one, _), (other, _) in product(EXPONENTS, FORMS)}
    assert mistakes_known_to(checked) <= {name for of, _, name in KNOWN if of is checked} | pairs
    assert {mistake.name for mistake in check.MISTAKES_BY_CHANCE} <= {name for _, _, name in KNOWN}


UNKNOWN = [
    (check.count_up, lambda a, b, c, d: None),
    (check.cluster, lambda spins, start, p, rng: spins[:, 0]),
    (check.swap_probability, lambda *a: np.tanh(max(0, log_ratio(*a)))),
    (check.swap_probability, lambda *a: min(0.5, np.exp(log_ratio(*a)))),
]


@pytest.mark.parametrize(("checked", "mistaken"), UNKNOWN)
def test_a_mistake_that_is_not_listed_gets_no_name(checked, mistaken):
    verdict = checked(mistaken)
    assert not verdict
    assert verdict.diagnosis in (None, "None", "wrong kind of answer"), verdict.message


@pytest.mark.parametrize(("one", "other"), [*product(EXPONENTS[::4], FORMS[::3])], ids=lambda part: part[0])
def test_two_slips_at_once_are_both_named(one, other):
    assert_diagnosed(check.swap_probability, swap(one[1], other[1]), f"{one[0]}, and {other[0]}")


RIGHT = [
    (check.count_up, by_counting),
    (check.count_up, one_after_the_other),
    (check.cluster, grown),
    (check.cluster, by_bonds),
    *(
        (check.cluster, by_list(queue=queue, skip=True, steps=steps))
        for queue, steps in ((False, STEPS), (True, STEPS), (True, STEPS[::-1]))
    ),
    (check.cluster, in_steps_by_direction),
    (check.cluster, lambda *a: grown(*a).astype(int)),
    (check.cluster, lambda *a: grown(*a).tolist()),
    (check.swap_probability, lambda b, c, E, F: exp(min(0.0, log_ratio(b, c, E, F)))),
    (check.swap_probability, lambda *a: 1.0 if log_ratio(*a) > 0 else np.exp(log_ratio(*a))),
]


@each_right_answer(RIGHT)
def test_right_answers_are_accepted(checked, function):
    assert_accepted(checked, function)


def test_answers_of_another_kind():
    assert "array of shape (2,)" in check.cluster(lambda spins, start, p, rng: spins[:2, 0]).message
    assert "raised KeyError" in check.cluster(lambda spins, start, p, rng: {}[start]).message
    assert "raised IndexError" in check.cluster(lambda spins, start, p, rng: [].pop()).message


def test_a_cluster_that_asks_until_nothing_grows_is_too_large():
    """Sweep by sweep its law is that of no mistake exactly, and near to one; both names are true of it."""
    assert check.cluster(until_nothing_grows).diagnosis in {"too many join", "all ask again"}


def test_a_slow_cluster_is_stopped():
    def slow(spins, start, p, rng):
        mask = grown(spins, start, p, rng)
        if 0 < p < 1:
            sum(range(1_000_000))
        return mask

    assert check.cluster(slow).diagnosis == "too slow"


def test_a_cluster_that_fails_by_chance_only_is_told():
    def fails(spins, start, p, rng):
        if 0 < p < 1:
            raise ValueError("p is neither 0 nor 1")
        return grown(spins, start, p, rng)

    verdict = check.cluster(fails)
    assert verdict.diagnosis == "fails between 0 and 1"
    assert "ValueError: p is neither 0 nor 1" in verdict.message


@pytest.mark.parametrize("spins", [spins for spins, *_ in check._small_lattices()])
def test_mean_size_is_that_of_the_kernel(spins):
    """Against the compiled kernel, which shares no line with the enumeration; five standard errors and a bit."""
    p, start, n = 0.4, (1, 1), 40_000
    model = LatticeIsing(-np.log(1 - p) / 2, 0.0, spins.shape)
    flipped, sizes = sampling.wolff(model, np.repeat(spins[None], n, axis=0), 1, rng=1)
    # A random start gives each cluster with its size as weight: weigh it back.
    weight = (flipped != spins)[:, *start] / sizes[:, 0]
    mean = np.mean(weight * sizes[:, 0]) / np.mean(weight)
    spread = np.std(weight * (sizes[:, 0] - mean)) / np.mean(weight) / np.sqrt(n)
    assert abs(mean - check._size_law(spins, start, p) @ np.arange(spins.size + 1)) < 5.5 * spread
