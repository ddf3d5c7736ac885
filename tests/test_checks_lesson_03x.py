"""Every mistake a check of lesson 03x knows, written as a student would write it, gets its own diagnosis."""

from itertools import product
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
    (check.cluster, other(lets_pass=lambda rng, p: rng.random() > p), "probability turned round"),
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
    (check.cluster, until_nothing_grows, "too many join"),
    (check.cluster, other(lets_pass=lambda rng, p: rng.random() < p**0.5), "too many join"),
    (check.cluster, other(lets_pass=lambda rng, p: p >= 0.5), "rng decides nothing"),
    (check.cluster, lambda s, start, p, rng: grown(s, start, p, np.random.default_rng(3)), "rng decides nothing"),
    (check.cluster, lambda s, start, p, rng: grown(s, start, p, np.random.default_rng()), "own random numbers"),
    (check.cluster, other(lets_pass=lambda rng, p: rng.random() < p**1.5), "too few join"),
    (check.swap_probability, lambda b, c, E, F: min(1, exp(min(0, -log_ratio(b, c, E, F)))), "sign"),
    (check.swap_probability, lambda *a: np.exp(log_ratio(*a)), "minimum missing"),
    (check.swap_probability, lambda *a: np.exp(-log_ratio(*a)), "sign, and minimum missing"),
    (check.swap_probability, lambda *a: min(1.0, np.exp(log_ratio(*a))), "overflow"),
    (check.swap_probability, lambda *a: 1 / max(1.0, np.exp(-log_ratio(*a))), "overflow"),
    (check.swap_probability, lambda *a: min(1.0, of_the_weights(*a)), "weights overflow"),
    (check.swap_probability, lambda *a: np.minimum(1.0, of_the_weights(*a)), "weights overflow"),
    (check.swap_probability, lambda *a: max(1, np.exp(log_ratio(*a))), "maximum instead of minimum"),
    (check.swap_probability, one_rung, "one rung only"),
    (check.swap_probability, lambda b, c, E, F: one_rung(c, b, F, E), "other rung only"),
    (
        check.swap_probability,
        lambda b, c, E, F: one_rung(b, c, E, F) * one_rung(c, b, F, E),
        "two separate decisions",
    ),
    (check.swap_probability, lambda b, c, E, F: min(1, np.exp((b + c) * (E - F))), "sum of the betas"),
    (check.swap_probability, lambda b, c, E, F: min(1, np.exp(b * E - c * F)), "beta with its own energy twice"),
    (check.swap_probability, lambda b, c, E, F: min(1, np.exp(-b * F - c * E)), "weights after only"),
    (check.swap_probability, lambda b, c, E, F: min(1, np.exp(E - F)), "betas forgotten"),
    (check.swap_probability, lambda *a: np.exp(-abs(log_ratio(*a))), "absolute value"),
    (
        check.swap_probability,
        lambda b, c, E, F: min(1, np.exp((1 / np.float64(b) - 1 / np.float64(c)) * (E - F))),
        "T and beta exchanged",
    ),
    (check.swap_probability, lambda *a: 1 / (1 + np.exp(-log_ratio(*a))), "heat bath"),
    (check.swap_probability, lambda *a: min(0.0, log_ratio(*a)), "exponent instead of probability"),
    (check.swap_probability, log_ratio, "exponent instead of probability"),
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
    assert mistakes_known_to(checked) <= {name for of, _, name in KNOWN if of is checked}
    assert {mistake.name for mistake in check.MISTAKES_BY_CHANCE} <= {name for _, _, name in KNOWN}


UNKNOWN = [
    (check.count_up, lambda a, b, c, d: (~(a ^ b ^ c ^ d), *by_counting(a, b, c, d)[1:])),
    (check.count_up, lambda a, b, c, d: (a | b | c | d, (a & b) ^ (c & d), a & b & c & d)),
    (check.cluster, other(lets_pass=lambda rng, p: rng.random() > p, steps=ALL_EIGHT)),
    (check.cluster, other(lets_pass=lambda rng, p: True, wrap=False)),
    (check.cluster, other(steps=((0, 1), (0, -1), (1, 0)))),
    (check.cluster, other(lets_pass=lambda rng, p: rng.normal() < p)),
    (check.swap_probability, lambda b, c, E, F: np.exp((b + c) * (E - F))),
    (check.swap_probability, lambda b, c, E, F: min(1, np.exp(F - E))),
    (check.swap_probability, lambda *a: min(1, np.exp(0.5 * log_ratio(*a)))),
    (check.swap_probability, lambda *a: 1 / (1 + np.exp(log_ratio(*a)))),
]


@pytest.mark.parametrize(("checked", "mistaken"), UNKNOWN)
def test_a_mistake_that_is_not_listed_gets_no_name(checked, mistaken):
    verdict = checked(mistaken)
    assert not verdict
    assert verdict.diagnosis not in mistakes_known_to(checked), verdict.message


RIGHT = [
    (check.count_up, by_counting),
    (check.count_up, one_after_the_other),
    (check.cluster, grown),
    (check.cluster, by_bonds),
    (check.cluster, lambda *a: grown(*a).astype(int)),
    (check.cluster, lambda *a: grown(*a).tolist()),
    (check.swap_probability, lambda b, c, E, F: exp(min(0.0, log_ratio(b, c, E, F)))),
    (check.swap_probability, lambda *a: 1.0 if log_ratio(*a) > 0 else np.exp(log_ratio(*a))),
]


@each_right_answer(RIGHT)
def test_right_answers_are_accepted(checked, function):
    assert_accepted(checked, function)


def test_answers_of_another_kind():
    assert "did not return three words" in check.count_up(lambda a, b, c, d: a).message
    assert "collection of sites" in check.cluster(lambda spins, start, p, rng: {start}).message
    assert "other values than True and False" in check.cluster(lambda spins, start, p, rng: 2 * spins).message
    assert "raised IndexError" in check.cluster(lambda spins, start, p, rng: spins[9, 9]).message
    assert "raised OverflowError" in check.swap_probability(lambda *a: min(1, exp(log_ratio(*a)))).message


def test_spins_must_not_be_flipped():
    def flipped(spins, start, p, rng):
        mask = grown(spins, start, p, rng)
        spins[mask] *= -1
        return mask

    assert "changed its input spins" in check.cluster(flipped).message


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
    assert verdict.diagnosis == "fails at p = 0.5"
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
