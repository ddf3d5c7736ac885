"""Every mistake a check of lesson 05x knows, written as a student would write it, gets its own diagnosis."""

import numpy as np
import pytest
from checking import assert_accepted, assert_diagnosed, each_mistake, each_right_answer, mistakes_known_to

from course_lib import divergence, exact, ising, learning
from course_lib.classroom.checks import lesson_05x as check

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # overflow and 0/0, which are the mistakes

# ---------------------------------------------------------------- one image, one chain


def by_pairs(J, h, image, fantasy, alpha):
    """Pair by pair, unlike the outer products of the check."""
    J, h = J.copy(), list(h)
    for i in range(len(h)):
        h[i] += alpha * (image[i] - fantasy[i])
        for j in range(i):
            J[i, j] = J[j, i] = J[i, j] + alpha * (image[i] * image[j] - fantasy[i] * fantasy[j])
    return J, h


def by_model(J, h, image, fantasy, alpha):
    model = ising.Ising(J, h)
    model = model.step(alpha * (model.moments(image[None]) - model.moments(fantasy[None])))
    return [model.J, model.h]


def moved(in_J, in_h=lambda s, x: s - x):
    return lambda J, h, s, x, a: (J + a * in_J(s, x), h + a * in_h(s, x))


def pairs(s, x):
    return np.outer(s, s) - np.outer(x, x)


def with_diagonal(J, h, s, x, a):
    new = J + a * pairs(s, x)
    np.fill_diagonal(new, a)
    return new, h + a * (s - x)


# ---------------------------------------------------------------- pseudo-likelihood


def by_energies(data, J, h):
    """Each conditional from two energies of the whole state, without a local field."""
    total = 0.0
    for s in data:
        for i in range(len(s)):
            flipped = s.copy()
            flipped[i] *= -1
            total -= np.logaddexp(0, ising.energy(s, J, h) - ising.energy(flipped, J, h))
    return total / len(data)


def terms(data, J, h):
    return -np.logaddexp(0, -2 * data * (data @ J + h))


def log_sigmoid(x):
    return -np.logaddexp(0, -x)


def self_counted(data, J, h):
    return log_sigmoid(2 * data * (data @ (J + np.eye(len(h))) + h)).sum(axis=1).mean()


def of_whole_energy(data, J, h):
    E = ising.energy(data, J, h)
    return len(h) * np.mean(-np.logaddexp(0, 2 * E))


# ---------------------------------------------------------------- log Z from weights


def right_error(log_w):
    w = np.exp(log_w - log_w.max())
    return w.std(ddof=1) / w.mean() / len(w) ** 0.5


def log_mean(log_w):
    return np.logaddexp.reduce(log_w) - np.log(len(log_w))


def estimated(of):
    """The wrong estimate with the right error."""
    return lambda log_w, base: (of(log_w, base), right_error(log_w))


def with_error(of):
    """The right estimate with a wrong error, made of weights that are at most 1."""
    return lambda log_w, base: (base + log_mean(log_w), of(np.exp(log_w - log_w.max()), log_w))


def plain(log_w, base):
    w = np.exp(log_w)
    return base + np.log(w.mean()), w.std(ddof=1) / w.mean() / np.sqrt(len(w))


def pair_by_pair(J, h, s, x, a):
    """Brackets forgotten, in loops that leave the diagonal alone."""
    J, h = J.copy(), h.copy()
    for i in range(len(h)):
        h[i] += a * s[i] - x[i]
        for j in range(len(h)):
            if i != j:
                J[i, j] += a * s[i] * s[j] - x[i] * x[j]
    return J, h


def field_inside_the_loop(J, h, s, x, a):
    h = h.copy()
    for i in range(len(h)):
        for j in range(len(h)):
            if i != j:
                h[i] += a * (s[i] - x[i])
    return J + a * pairs(s, x), h


def returned_too_soon(data, J, h):
    for s in data:
        total = 0
        for i in range(len(s)):
            total += log_sigmoid(2 * s[i] * (J[i] @ s + h[i]))
        return total / len(data)


def by_log_cosh(data, J, h):
    f = data @ J + h
    return (data * f - np.log(2 * np.cosh(f))).sum(axis=1).mean()


KNOWN = [
    (check.step, moved(lambda s, x: np.outer(s, s) + np.outer(x, x), lambda s, x: s + x), "plus for minus"),
    (check.step, moved(lambda s, x: s * s - x * x), "couplings not moved"),
    (check.step, pair_by_pair, "alpha on the image only"),
    (check.step, field_inside_the_loop, "times N - 1, in h"),
    (check.step, lambda J, h, s, x, a: (J + a * pairs(s, x), a * (s - x)), "change instead of new parameters, in h"),
    (
        check.step,
        lambda J, h, s, x, a: ((1 - a) * J + a * pairs(s, x), (1 - a) * h + a * (s - x)),
        "old parameters shrunk",
    ),
    (check.step, moved(lambda s, x: 3 * pairs(s, x)), "length of the step in J"),
    (check.step, moved(lambda s, x: s @ s - ising.chain(len(s)).sum()), "one number for all of J"),
    (check.step, moved(lambda s, x: np.outer(s, x)), "image and fantasy multiplied"),
    (check.step, moved(pairs, lambda s, x: pairs(s, x).sum(axis=0)), "products in the fields"),
    (check.step, lambda J, h, s, x, a: [np.round(part, 3) for part in by_pairs(J, h, s, x, a)], "rounded"),
    (check.step, lambda J, h, s, x, a: by_pairs(J, h, s, x, a * (1 + 4e-6)), "nearly right"),
    (check.log_pseudo_likelihood, lambda *a: round(by_energies(*a), 3), "rounded"),
    (check.log_pseudo_likelihood, lambda *a: by_energies(*a) * (1 + 5e-6), "nearly right"),
    (check.log_pseudo_likelihood, lambda d, J, h: terms(d, J + h, 0).sum(axis=1).mean(), "fields of several spins"),
    (check.log_pseudo_likelihood, lambda *a: terms(*a).sum() / (len(a[0]) - 1), "divided by M - 1"),
    (
        check.log_pseudo_likelihood,
        lambda d, J, h: np.where(d > 0, terms(d, J, h), 0).sum(axis=1).mean(),
        "one sign only",
    ),
    (check.log_partition, lambda log_w, base: np.round([base + log_mean(log_w), right_error(log_w)], 3), "rounded"),
    (check.log_partition, estimated(lambda log_w, base: base + log_mean(log_w) + 3e-6), "nearly right"),
    (check.log_partition, estimated(lambda log_w, base: base - log_mean(-log_w)), "harmonic mean"),
    (
        check.log_partition,
        estimated(lambda log_w, base: base + log_mean(log_w) - log_w.mean() + log_w.max()),
        "another one taken out",
    ),
    (
        check.log_partition,
        with_error(lambda w, _: w.std() / w.mean() / (w.sum() / np.sqrt(np.sum(w**2)))),
        "effective number",
    ),
    (check.log_pseudo_likelihood, by_log_cosh, "overflow"),
    (check.log_pseudo_likelihood, lambda d, J, h: by_log_cosh(d, J, h) + len(h) * np.log(2), "log 2 lost"),
    (check.log_pseudo_likelihood, returned_too_soon, "one sample only"),
    (check.log_pseudo_likelihood, lambda d, J, h: terms(d, -J, h).sum(axis=1).mean(), "couplings subtracted"),
    (check.log_pseudo_likelihood, lambda d, J, h: terms(d, J, -h).mean(), "fields subtracted"),
    (check.log_pseudo_likelihood, lambda *a: np.exp(terms(*a)).prod(axis=1).mean(), "product of the probabilities"),
    (
        check.log_pseudo_likelihood,
        lambda *a: np.log(np.maximum(np.exp(terms(*a)), 1e-12)).sum(axis=1).mean(),
        "floor under the probability",
    ),
    (check.log_partition, lambda log_w, base: (right_error(log_w), base + log_mean(log_w)), "order of the outputs"),
    (
        check.log_partition,
        lambda log_w, base: (base + log_w.min() + np.log(np.exp(log_w - log_w.min()).mean()), right_error(log_w)),
        "overflow",
    ),
    (check.log_partition, estimated(lambda log_w, base: len(log_w) * (base + log_mean(log_w))), "times n"),
    (check.log_partition, estimated(lambda log_w, base: base + np.median(log_w)), "one weight only"),
    (check.log_partition, with_error(lambda w, log_w: 2 * right_error(log_w)), "multiple of the error"),
    (check.log_partition, with_error(lambda w, _: 0.0), "no error"),
    (check.step, moved(lambda s, x: -pairs(s, x), lambda s, x: x - s), "sign"),
    (check.step, lambda J, h, s, x, a: by_pairs(J, h, x, s, a), "sign"),
    (check.step, moved(pairs, lambda s, x: x - s), "sign, in h"),
    (check.step, moved(lambda s, x: -pairs(s, x)), "sign, in J"),
    (check.step, lambda J, h, s, x, a: (J + pairs(s, x), h + s - x), "alpha forgotten"),
    (check.step, lambda J, h, s, x, a: (J + pairs(s, x) / a, h + (s - x) / a), "divided by alpha"),
    (check.step, lambda J, h, s, x, a: (a * (J + pairs(s, x)), a * (h + s - x)), "old parameters scaled"),
    (check.step, lambda J, h, s, x, a: (a * pairs(s, x), a * (s - x)), "change instead of new parameters"),
    (check.step, lambda J, h, s, x, a: (J + a * pairs(s, x), h), "fields not moved"),
    (check.step, lambda J, h, s, x, a: (J, h + a * (s - x)), "couplings not moved"),
    (check.step, moved(lambda s, x: np.outer(s - x, s - x)), "product of the difference"),
    (check.step, moved(lambda s, x: np.outer(s, s) - np.outer(s, x)), "image and fantasy multiplied"),
    (check.step, moved(lambda s, x: np.outer(s, s) * (1 - np.eye(len(s))), lambda s, x: s), "fantasy left out"),
    (check.step, moved(lambda s, x: np.outer(s, s), lambda s, x: s), "fantasy left out"),
    (check.step, moved(lambda s, x: np.outer(s, s)), "fantasy left out, in J"),
    (check.step, moved(lambda s, x: -np.outer(x, x), lambda s, x: -x), "image left out"),
    (check.step, moved(lambda s, x: 2 * pairs(s, x)), "doubled, in J"),
    (check.step, moved(lambda s, x: pairs(s, x) / 2), "halved, in J"),
    (check.step, moved(lambda s, x: np.triu(pairs(s, x))), "one triangle only"),
    (check.step, moved(lambda s, x: np.tril(pairs(s, x))), "one triangle only"),
    (check.step, with_diagonal, "self-coupling"),
    (
        check.log_pseudo_likelihood,
        lambda d, J, h: log_sigmoid(d * (d @ J + h)).sum(axis=1).mean(),
        "factor 2 lost",
    ),
    (check.log_pseudo_likelihood, lambda d, J, h: log_sigmoid(4 * d * (d @ J + h)).sum(axis=1).mean(), "factor 4"),
    (check.log_pseudo_likelihood, lambda *a: -by_energies(*a), "sign"),
    (
        check.log_pseudo_likelihood,
        lambda d, J, h: log_sigmoid(-2 * d * (d @ J + h)).sum(axis=1).mean(),
        "probability of the other sign",
    ),
    (
        check.log_pseudo_likelihood,
        lambda d, J, h: log_sigmoid(2 * (d @ J + h)).sum(axis=1).mean(),
        "probability of up",
    ),
    (check.log_pseudo_likelihood, lambda *a: terms(*a).sum(), "sum over the samples"),
    (check.log_pseudo_likelihood, lambda *a: terms(*a).mean(), "mean over the spins"),
    (
        check.log_pseudo_likelihood,
        lambda *a: terms(*a).sum(axis=0).mean(),
        "sum over the samples, mean over the spins",
    ),
    (check.log_pseudo_likelihood, lambda d, J, h: terms(d, J, 0).sum(axis=1).mean(), "field forgotten"),
    (check.log_pseudo_likelihood, lambda d, J, h: log_sigmoid(2 * d * h).sum(axis=1).mean(), "couplings forgotten"),
    (check.log_pseudo_likelihood, lambda d, J, h: terms(d, J + J.T, h).sum(axis=1).mean(), "couplings doubled"),
    (check.log_pseudo_likelihood, lambda d, J, h: terms(d, 0.5 * J, h).sum(axis=1).mean(), "couplings halved"),
    (check.log_pseudo_likelihood, lambda d, J, h: terms(d, np.triu(J).T, h).sum(axis=1).mean(), "one triangle only"),
    (check.log_pseudo_likelihood, lambda d, J, h: terms(d, np.triu(J), h).sum(axis=1).mean(), "one triangle only"),
    (
        check.log_pseudo_likelihood,
        lambda d, J, h: (log_sigmoid(2 * d * (d @ J + h) + 1) - 1).sum(axis=1).mean(),  # log(e + exp(x))
        "log 1 taken for 1",
    ),
    (check.log_pseudo_likelihood, self_counted, "self-coupling counted"),
    (
        check.log_pseudo_likelihood,
        lambda d, J, h: (d * (d @ J + h)).sum(axis=1).mean(),
        "normalisation dropped",
    ),
    (
        check.log_pseudo_likelihood,
        lambda d, J, h: np.mean(-ising.energy(d, J, h)) - exact.log_partition(J, h),
        "log-likelihood",
    ),
    (check.log_pseudo_likelihood, of_whole_energy, "energy of the whole state"),
    (
        check.log_pseudo_likelihood,
        lambda d, J, h: log_sigmoid(2 * d * (d.mean(axis=0) @ J + h)).sum(axis=1).mean(),
        "means instead of spins",
    ),
    (check.log_pseudo_likelihood, lambda *a: np.log(np.exp(terms(*a).sum(axis=1)).mean()), "log of the mean"),
    (check.log_pseudo_likelihood, lambda *a: np.exp(terms(*a)).sum(axis=1).mean(), "log forgotten"),
    (check.log_pseudo_likelihood, lambda *a: terms(*a).sum(axis=1).mean() / np.log(2), "base 2"),
    (
        check.log_pseudo_likelihood,
        lambda d, J, h: np.log(1 / (1 + np.exp(-2 * d * (d @ J + h)))).sum(axis=1).mean(),
        "overflow",
    ),
    (check.log_partition, plain, "overflow"),
    (check.log_partition, estimated(lambda log_w, base: base + log_w.mean()), "mean of the logs"),
    (
        check.log_partition,
        lambda log_w, base: (base + log_w.mean(), log_w.std() / np.sqrt(len(log_w))),
        "mean of the logs",
    ),
    (check.log_partition, lambda log_w, base: (log_w.mean(), log_w.std()), "mean of the logs"),
    (check.log_partition, estimated(lambda log_w, base: base + np.logaddexp.reduce(log_w)), "sum instead of mean"),
    (check.log_partition, estimated(lambda log_w, base: log_mean(log_w)), "base forgotten"),
    (check.log_partition, estimated(lambda log_w, base: log_mean(log_w) - base), "base subtracted"),
    (check.log_partition, estimated(lambda log_w, base: base + log_mean(-log_w)), "weights turned round"),
    (
        check.log_partition,
        estimated(lambda log_w, base: base + np.log(np.exp(log_w - log_w.max()).mean())),
        "largest not put back",
    ),
    (
        check.log_partition,
        estimated(lambda log_w, base: base - log_w.max() + np.log(np.exp(log_w - log_w.max()).mean())),
        "largest subtracted twice",
    ),
    (check.log_partition, estimated(lambda log_w, base: np.exp(base + log_mean(log_w))), "Z instead of log Z"),
    (check.log_partition, estimated(lambda log_w, base: base * log_mean(log_w)), "base multiplied"),
    (check.log_partition, with_error(lambda w, _: w.std() / np.sqrt(len(w))), "error not relative"),
    (check.log_partition, with_error(lambda w, _: w.std(ddof=1) / np.sqrt(len(w))), "error not relative"),
    (check.log_partition, with_error(lambda w, _: w.std() / w.mean()), "spread instead of standard error"),
    (check.log_partition, with_error(lambda w, _: w.std(ddof=1) / w.mean() / len(w)), "divided by n"),
    (check.log_partition, with_error(lambda w, log_w: log_w.std() / np.sqrt(len(w))), "error of the mean log"),
    (check.log_partition, with_error(lambda w, log_w: right_error(log_w) ** 2), "root or square of the error"),
    (check.log_partition, with_error(lambda w, log_w: np.log(right_error(log_w))), "log of the error"),
]


@each_mistake(KNOWN)
def test_each_mistake_gets_its_own_diagnosis(checked, mistaken, name):
    assert_diagnosed(checked, mistaken, name)


EXERCISES = [check.step, check.log_pseudo_likelihood, check.log_partition]
FORGIVING = {"overflow", "floor under the probability", "nearly right", "error"}  # they say what else is right, too


@pytest.mark.parametrize("checked", EXERCISES)
def test_no_mistake_explains_the_right_answers(checked):
    cases = checked.cases()
    exactly = [checked.truth(*case.arguments) for case in cases]
    answers = [tuple(map(np.asarray, right if checked.outputs else (right,))) for right in exactly]
    explained = {mistake.name for mistake in checked.mistakes if mistake.explains(answers, cases, checked.tolerance)}
    assert {name for name in explained if not name.startswith(("right ", "step of "))} <= FORGIVING


@pytest.mark.parametrize("checked", EXERCISES)
def test_each_mistake_says_something(checked):
    assert all(mistake.says for mistake in checked.mistakes)
    assert {name for of, _, name in KNOWN if of is checked} <= mistakes_known_to(checked)


LAST_RESORTS = [
    (check.step, moved(pairs, lambda s, x: np.cumsum(s - x)), "step of h"),
    (check.step, moved(lambda s, x: np.outer(s, s) - (np.outer(s, x) + np.outer(x, s)) / 2), "step of J"),
    (check.step, lambda J, h, s, x, a: by_pairs(J, h, s, x, np.sqrt(a)), "wrong for two spins"),
    (check.log_pseudo_likelihood, lambda *a: terms(*a).sum()[()] + 1, "wrong for one spin"),
    (check.log_pseudo_likelihood, lambda d, J, h: terms(d, J**3, h).sum(axis=1).mean(), "right for one spin only"),
    (
        check.log_pseudo_likelihood,
        lambda d, J, h: terms(d, np.triu(np.tril(J, 1), -1), h).sum(axis=1).mean(),
        "right for one and two spins only",
    ),
    (
        check.log_partition,
        estimated(lambda log_w, base: base + log_mean(log_w) ** 2),
        "wrong for weights 1, 3 and 5",
    ),
    (check.log_partition, with_error(lambda w, log_w: right_error(log_w) + 0.01), "error"),
    (
        check.log_partition,
        estimated(lambda log_w, base: base + log_mean(np.clip(log_w, -700, 700))),
        "right for moderate weights only",
    ),
]


@pytest.mark.parametrize(("checked", "mistaken", "name"), LAST_RESORTS)
def test_a_mistake_that_is_not_listed_is_told_where_it_shows(checked, mistaken, name):
    assert_diagnosed(checked, mistaken, name)


def in_single_precision(data, J, h):
    return terms(*(part.astype(np.float32) for part in (data, J, h))).sum(axis=1).mean()


RIGHT = [
    (check.step, lambda *a: [np.float32(part) for part in by_pairs(*a)]),
    (check.log_pseudo_likelihood, in_single_precision),
    (check.step, by_pairs),
    (check.step, by_model),
    (check.log_pseudo_likelihood, by_energies),
    (check.log_pseudo_likelihood, lambda d, J, h: float(terms(d, J, h).sum() / len(d))),
    (check.log_partition, lambda log_w, base: (base + log_mean(log_w), right_error(log_w))),
    (
        check.log_partition,
        lambda log_w, base: [
            base + log_mean(log_w),
            np.std(np.exp(log_w - log_w.max())) / np.exp(log_w - log_w.max()).mean() / np.sqrt(len(log_w)),
        ],
    ),
]


@each_right_answer(RIGHT)
def test_right_answers_are_accepted(checked, function):
    assert_accepted(checked, function)


def test_answers_of_another_kind():
    assert "did not return 2 values, J and h" in check.step(lambda J, h, *_: J).message
    assert "returned h of shape (2, 2), not (2,)" in check.step(lambda J, h, *_: (J, J)).message
    assert "array of shape (1,)" in check.log_pseudo_likelihood(lambda d, J, h: terms(d, J, h).sum(axis=1)).message
    assert "did not return two numbers" in check.log_partition(lambda log_w, base: base + log_mean(log_w)).message


def test_the_old_couplings_must_not_change():
    def in_place(J, h, image, fantasy, alpha):
        J += alpha * pairs(image, fantasy)
        return J, h + alpha * (image - fantasy)

    assert "changed its input J" in check.step(in_place).message


def test_the_truth_of_the_pseudo_likelihood_is_highest_where_the_library_says():
    """The check's formula, by the student's route, falls in every direction from the library's maximum."""
    rng = np.random.default_rng(1)
    data = rng.choice([-1, 1], size=(200, 4))
    best = learning.pseudo_likelihood(data).model
    top = by_energies(data, best.J, best.h)
    for _ in range(20):
        near = best.step(rng.normal(0, 1e-2, size=len(best.parameters)))
        assert by_energies(data, near.J, near.h) < top


def test_the_truth_of_log_z_is_log_z():
    """One step of the path: the log weights of exact samples of the base are differences of energies."""
    model = ising.Ising(0.3 * (np.ones((4, 4)) - np.eye(4)), np.full(4, 0.2))
    free, log_Z_base = divergence.uncoupled(model)
    states, rng = exact.states(4), np.random.default_rng(3)
    drawn = states[rng.choice(16, size=100_000, p=exact.distribution(free.J, free.h))]
    log_w = free.energy(drawn) - model.energy(drawn)
    estimate, error = log_Z_base + log_mean(log_w), right_error(log_w)
    assert abs(estimate - exact.log_partition(model.J, model.h)) < 5 * error < 0.05
