"""Every mistake a check of lesson 03 knows, written as a student would write it, gets its own diagnosis.

A right sampler is rejected with probability below 1e-7 (Chernoff, see the check). A wrong one is told apart with room
to spare: see `test_laws_are_far_apart`. So no test here depends on luck, and all run with several seeds.
"""

import math
import warnings
from itertools import product

import numpy as np
import pytest
from checking import assert_accepted, assert_diagnosed, each_mistake, each_right_answer, mistakes_known_to

from course_lib import diagnostics, sampling
from course_lib.classroom.checks import lesson_03 as check
from course_lib.classroom.checks import sweeps
from course_lib.ising import Ising

pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")

# ---------------------------------------------------------------- one sweep of Metropolis


def metropolis(cost=None, accept=None, pick=None, attempts=lambda n: n, fields=None):
    """A student's sweep, with one part exchanged."""

    def sweep(spins, J, h, beta, rng):
        spins, n = spins.copy(), len(spins)
        stale = fields(spins, J, h) if fields else None
        for k in range(attempts(n)):
            i = pick(k, n, rng) if pick else rng.integers(n)
            b = stale[i] if fields else J[i] @ spins + h[i]
            dE = cost(spins[i], b, beta) if cost else 2 * beta * spins[i] * b
            if accept(dE, rng) if accept else (dE <= 0 or rng.random() < math.exp(-dE)):
                spins[i] *= -1
        return spins

    return sweep


def by_two_energies(spins, J, h, beta, rng):
    def energy(s):
        return -sum(J[i, j] * s[i] * s[j] for i in range(len(s)) for j in range(i)) - sum(h * s)

    for _ in spins:
        new = spins.copy()
        new[int(rng.random() * len(spins))] *= -1
        if rng.random() <= min(1, np.exp(min(0, -beta * (energy(new) - energy(spins))))):
            spins = new
    return spins


def sites_drawn_beforehand(spins, J, h, beta, rng):
    n = len(spins)
    for i, u in zip(rng.integers(n, size=n), rng.random(n), strict=True):
        cost = 2 * spins[i] * (np.dot(J[i], spins) + h[i])
        if u < np.exp(-beta * max(cost, 0)):
            spins[i] = -spins[i]
    return spins.tolist()


def in_place(spins, J, h, beta, rng):
    spins[:] = metropolis()(spins, J, h, beta, rng)
    return spins


def shuffled(spins, J, h, beta, rng):
    order = rng.permutation(len(spins))
    return metropolis(pick=lambda k, n, rng: order[k])(spins, J, h, beta, rng)


def all_at_once(spins, J, h, beta, rng):
    cost = 2 * spins * (J @ spins + h)
    flips = rng.random(len(spins)) < np.exp(-beta * cost)
    return np.where(flips, -spins, spins)


def stale_costs(spins, J, h, beta, rng):
    cost = 2 * spins * (J @ spins + h)
    new = spins.copy()
    for i in rng.integers(len(spins), size=len(spins)):
        if rng.random() < np.exp(-beta * cost[i]):
            new[i] *= -1
    return new


def turned_from_the_start(spins, J, h, beta, rng):
    new = spins.copy()
    for i in rng.integers(len(spins), size=len(spins)):
        cost = 2 * spins[i] * (J[i] @ spins + h[i])
        if cost <= 0 or rng.random() < np.exp(-beta * cost):
            new[i] = -spins[i]
    return new


def by_pairs_counted_twice(spins, J, h, beta, rng):
    def cost(s, i):
        new = s.copy()
        new[i] *= -1
        return -new @ J @ new - h @ new + s @ J @ s + h @ s

    spins = spins.copy()
    for i in rng.integers(len(spins), size=len(spins)):
        if rng.random() < np.exp(-beta * max(cost(spins, i), 0)):
            spins[i] *= -1
    return spins


def flip_before_the_test(spins, J, h, beta, rng):
    """`new` is another name of the same array, so that both energies are of the flipped spins."""
    spins = spins.copy()
    for i in rng.integers(len(spins), size=len(spins)):
        new = spins
        new[i] *= -1
        energies = [-s @ J @ s / 2 - h @ s for s in (spins, new)]
        if rng.random() < np.exp(-beta * (energies[1] - energies[0])):
            spins = new
    return spins


def one_site(spins, J, h, beta, rng):
    i = rng.integers(len(spins))
    return metropolis(pick=lambda k, n, rng: i)(spins, J, h, beta, rng)


def forgot_to_write(spins, J, h, beta, rng):
    for i in rng.integers(len(spins), size=len(spins)):
        s = spins[i]
        if rng.random() < np.exp(-beta * 2 * s * (J[i] @ spins + h[i])):
            s = -s
    return spins


def own_generator(spins, J, h, beta, rng):
    return metropolis()(spins, J, h, beta, np.random.default_rng())


def seeded_inside(spins, J, h, beta, rng):
    return metropolis()(spins, J, h, beta, np.random.default_rng(0))


def overflowing(spins, J, h, beta, rng):
    for _ in range(len(spins)):
        i = rng.integers(len(spins))
        if rng.random() < np.exp(-beta * 2 * spins[i] * (J[i] @ spins + h[i])):
            spins[i] *= -1
    return spins


def with_two_mistakes(spins, J, h, beta, rng):
    return metropolis(cost=lambda s, b, beta: beta * s * b, pick=lambda k, n, rng: k)(spins, J, h, beta, rng)


def stale(spins, J, h):
    return J @ spins + h


def until_accepted(spins, J, h, beta, rng, wanted=None):
    spins, accepted = spins.copy(), 0
    while accepted < (wanted or len(spins)):
        i = rng.integers(len(spins))
        cost = 2 * spins[i] * (J[i] @ spins + h[i])
        if cost <= 0 or rng.random() < math.exp(-beta * cost):
            spins[i] *= -1
            accepted += 1
    return spins


def leaving_at(flip):
    def sweep(spins, J, h, beta, rng):
        spins = spins.copy()
        for i in rng.integers(len(spins), size=len(spins)):
            cost = 2 * spins[i] * (J[i] @ spins + h[i])
            accepted = cost <= 0 or rng.random() < math.exp(-beta * cost)
            if accepted:
                spins[i] *= -1
            if accepted == flip:
                break
        return spins

    return sweep


def last_trial_only(spins, J, h, beta, rng):
    out = spins.copy()
    for i in rng.integers(len(out), size=len(out)):
        trial = out.copy()
        trial[i] *= -1
        cost = 2 * out[i] * (J[i] @ out + h[i])
        if rng.random() < np.exp(-beta * max(cost, 0)):
            spins = trial
    return spins


def turning_the_old(spins, J, h, beta, rng):
    new = spins.copy()
    for i in rng.integers(len(new), size=len(new)):
        cost = 2 * new[i] * (J[i] @ new + h[i])
        if cost <= 0 or rng.random() < math.exp(-beta * cost):
            new[i] = -spins[i]
    return new


def cost_and_site_once(spins, J, h, beta, rng):
    spins, i = spins.copy(), rng.integers(len(spins))
    cost = 2 * spins[i] * (J[i] @ spins + h[i])
    for _ in spins:
        if cost <= 0 or rng.random() < math.exp(-beta * cost):
            spins[i] *= -1
    return spins


def one_number_for_all_attempts(spins, J, h, beta, rng):
    u = rng.random()
    return metropolis(accept=lambda dE, rng: dE <= 0 or u < math.exp(-dE))(spins, J, h, beta, rng)


def turning(what):
    """An accepted flip turns what ``what(i, n, rng)`` says."""

    def sweep(spins, J, h, beta, rng):
        spins = spins.copy()
        for i in rng.integers(len(spins), size=len(spins)):
            cost = 2 * spins[i] * (J[i] @ spins + h[i])
            if cost <= 0 or rng.random() < math.exp(-beta * cost):
                spins[what(i, len(spins), rng)] *= -1
        return spins

    return sweep


def setting(value):
    def sweep(spins, J, h, beta, rng):
        spins = spins.copy()
        for i in rng.integers(len(spins), size=len(spins)):
            cost = 2 * spins[i] * (J[i] @ spins + h[i])
            if cost <= 0 or rng.random() < math.exp(-beta * cost):
                spins[i] = value
        return spins

    return sweep


def by_new_energy(spins, J, h, beta, rng):
    for i in rng.integers(len(spins), size=len(spins)):
        new = spins.copy()
        new[i] *= -1
        energy = -new @ J @ new / 2 - h @ new
        if energy <= 0 or rng.random() < np.exp(-beta * energy):
            spins = new
    return spins


def beta_in_front(spins, J, h, beta, rng):
    accept = lambda dE, rng: dE <= 0 or rng.random() < beta * math.exp(-dE)  # noqa: E731
    return metropolis(cost=lambda s, b, beta: 2 * s * b, accept=accept)(spins, J, h, beta, rng)


METROPOLIS = [
    (metropolis(accept=lambda dE, rng: dE > 0), "uphill only"),
    (metropolis(accept=lambda dE, rng: np.exp(-dE) > 0.5), "no chance"),
    (metropolis(accept=lambda dE, rng: dE <= 0 or rng.integers(2) < np.exp(-dE)), "uphill by a coin"),
    (metropolis(accept=lambda dE, rng: rng.random() < 0.5 * min(1, math.exp(-dE))), "a spin alone"),
    (metropolis(accept=lambda dE, rng: dE <= 0 or rng.normal() < np.exp(-dE)), "random number not from 0 to 1"),
    (metropolis(accept=lambda dE, rng: rng.normal() < np.exp(-dE)), "random number not from 0 to 1"),
    (metropolis(accept=lambda dE, rng: rng.uniform(-1, 1) < np.exp(-max(dE, 0))), "random number not from 0 to 1"),
    (metropolis(accept=lambda dE, rng: rng.random() < 1 - dE), "a spin alone, along its field"),
    (beta_in_front, "beta before the exponential"),
    (setting(1), "set instead of flipped"),
    (setting(-1), "set instead of flipped"),
    (turning_the_old, "turned from the start"),
    (metropolis(attempts=lambda n: 2 * n), "more than one sweep"),
    (metropolis(attempts=lambda n: n * n), "more than one sweep"),
    (until_accepted, "flips counted, not attempts"),
    (lambda *arguments: until_accepted(*arguments, wanted=1), "flips counted, not attempts"),
    (leaving_at(True), "one flip at most"),
    (last_trial_only, "one flip at most"),
    (leaving_at(False), "stops at the first rejection"),
    (cost_and_site_once, "one site for all attempts"),
    (metropolis(pick=lambda k, n, rng: 0), "first spin only"),
    (one_number_for_all_attempts, "one random number for all"),
    (turning(lambda i, n, rng: slice(None)), "all spins flipped"),
    (turning(lambda i, n, rng: rng.integers(n)), "another spin flipped"),
    (by_new_energy, "energy instead of its change"),
    (metropolis(accept=lambda dE, rng: dE <= 0 or rng.random() < 0.8 * math.exp(-dE)), "a spin alone, along its field"),
    (
        metropolis(accept=lambda dE, rng: rng.random() < (0.5 if dE <= 0 else math.exp(-dE))),
        "a spin alone, against its field",
    ),
    (metropolis(accept=lambda dE, rng: rng.random() < 0.7), "a spin alone"),
    (metropolis(pick=lambda k, n, rng: min(rng.integers(n + 1), n - 1)), "spins without couplings"),
    (metropolis(accept=lambda dE, rng: rng.random() > math.exp(-dE)), "accept test inverted"),
    (metropolis(accept=lambda dE, rng: rng.random() < np.exp(dE)), "sign of the cost"),
    (metropolis(accept=lambda dE, rng: dE <= 0 or rng.random() > math.exp(-dE)), "accept test inverted"),
    (metropolis(cost=lambda s, b, beta: 2 * beta * b), "spin missing from the cost"),
    (by_pairs_counted_twice, "pairs counted twice"),
    (lambda s, J, h, beta, rng: metropolis()(s, J, -h, beta, rng), "sign of the field"),
    (flip_before_the_test, "always accepts"),
    (turned_from_the_start, "stale fields"),
    (metropolis(cost=lambda s, b, beta: s * b), "factor 2 forgotten and beta forgotten"),
    (metropolis(cost=lambda s, b, beta: 2 * s * b), "beta forgotten"),
    (metropolis(cost=lambda s, b, beta: 2 * s * b / beta), "divided by beta"),
    (metropolis(cost=lambda s, b, beta: beta * s * b), "factor 2 forgotten"),
    (metropolis(cost=lambda s, b, beta: 4 * beta * s * b), "factor 2 twice"),
    (lambda s, J, h, beta, rng: metropolis()(s, J, 0 * h, beta, rng), "field forgotten"),
    (metropolis(accept=lambda dE, rng: rng.random() < 1 / (1 + np.exp(dE))), "heat-bath acceptance"),
    (metropolis(accept=lambda dE, rng: dE <= 0), "downhill only"),
    (metropolis(accept=lambda dE, rng: rng.random() < np.exp(-abs(dE))), "uphill only by chance, downhill too"),
    (metropolis(accept=lambda dE, rng: rng.random() < 1), "always accepts"),
    (forgot_to_write, "never moves"),
    (metropolis(pick=lambda k, n, rng: k), "sites in order"),
    (metropolis(pick=lambda k, n, rng: n - 1 - k), "sites in order"),
    (shuffled, "each site once"),
    (metropolis(fields=stale), "stale fields"),
    (all_at_once, "stale fields"),
    (stale_costs, "stale fields"),
    (metropolis(attempts=lambda n: 1), "one attempt only"),
    (metropolis(attempts=lambda n: n + 1), "one attempt too many"),
    (metropolis(attempts=lambda n: n - 1), "one attempt too few"),
    (metropolis(pick=lambda k, n, rng: rng.integers(n - 1)), "last spin never updated"),
    (metropolis(pick=lambda k, n, rng: rng.integers(n - 1), attempts=lambda n: n - 1), "last spin never updated"),
    (metropolis(pick=lambda k, n, rng: k, attempts=lambda n: n - 1), "last spin never updated"),
    (metropolis(pick=lambda k, n, rng: rng.integers(1, n)), "first spin never updated"),
    (one_site, "one site for all attempts"),
    (with_two_mistakes, "factor 2 forgotten and sites in order"),
    (
        lambda s, J, h, beta, rng: metropolis(cost=lambda s, b, beta: 2 * s * b)(s, J, 0 * h, beta, rng),
        "beta forgotten and field forgotten",
    ),
    (overflowing, "overflow"),
    (metropolis(accept=lambda dE, rng: rng.random() < math.exp(-dE)), "overflow"),
    (metropolis(accept=lambda dE, rng: dE < 0 or 0 < dE < -math.log(1 - rng.random())), "free flips refused"),
    (metropolis(cost=lambda s, b, beta: 2 * beta**2 * s * b), "beta twice"),
    (own_generator, "own random numbers"),
    (seeded_inside, "rng decides nothing"),
    (lambda *arguments: (metropolis()(*arguments) + 1) // 2, "zeros and ones"),
]

# ---------------------------------------------------------------- one sweep of heat bath


def heat_bath(up=None, order=range, put=None, fields=None):
    """A student's sweep, with one part exchanged."""

    def sweep(spins, J, h, beta, rng):
        spins = spins.copy()
        given = fields(spins, J, h) if fields else None
        for i in order(len(spins)):
            b = given[i] if fields else sum(J[i, j] * spins[j] for j in range(len(spins))) + h[i]
            p = up(b, beta, spins[i]) if up else 1 / (1 + math.exp(-2 * beta * b))
            drawn = rng.random() < p
            spins[i] = put(drawn, spins[i]) if put else (1 if drawn else -1)
        return spins

    return sweep


def by_choice(spins, J, h, beta, rng):
    for i in range(len(spins)):
        weights = [np.exp(beta * s * (J[i] @ spins + h[i])) for s in (1, -1)]
        spins[i] = rng.choice([1, -1], p=np.array(weights) / sum(weights))
    return spins


def by_tanh(spins, J, h, beta, rng):
    u = rng.random(len(spins))
    for i in range(len(spins)):
        spins[i] = np.sign(np.tanh(beta * (J[i] @ spins + h[i])) + 1 - 2 * u[i])
    return spins


def all_drawn_at_once(spins, J, h, beta, rng):
    return np.where(rng.random(len(spins)) < 1 / (1 + np.exp(-2 * beta * (J @ spins + h))), 1, -1)


def random_sites(spins, J, h, beta, rng):
    sites = rng.integers(len(spins), size=len(spins))
    return heat_bath(order=lambda n: sites)(spins, J, h, beta, rng)


def random_order(spins, J, h, beta, rng):
    sites = rng.permutation(len(spins))
    return heat_bath(order=lambda n: sites)(spins, J, h, beta, rng)


def one_number(spins, J, h, beta, rng):
    u = rng.random()
    for i in range(len(spins)):
        spins[i] = 1 if u < 1 / (1 + np.exp(-2 * beta * (J[i] @ spins + h[i]))) else -1
    return spins


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def two_sweeps(spins, J, h, beta, rng):
    return heat_bath()(heat_bath()(spins, J, h, beta, rng), J, h, beta, rng)


HEAT_BATH = [
    (heat_bath(up=lambda b, beta, s: 1 + np.exp(-2 * beta * b)), "always the same value"),
    (heat_bath(put=lambda drawn, s: -1), "always the same value"),
    (heat_bath(up=lambda b, beta, s: 1 + np.tanh(beta * b) / 2), "brackets of tanh"),
    (heat_bath(up=lambda b, beta, s: np.exp(beta * b)), "exp of the field, cut at 1"),
    (heat_bath(order=lambda n: range(1, n - 1)), "neither end updated"),
    (two_sweeps, "two sweeps"),
    (heat_bath(up=lambda b, beta, s: sigmoid(2 * beta - b)), "a spin alone"),
    (heat_bath(order=lambda n: [*range(n), 0]), "couplings"),
    (heat_bath(up=lambda b, beta, s: sigmoid(beta * b)), "factor 2 forgotten"),
    (heat_bath(up=lambda b, beta, s: sigmoid(4 * beta * b)), "factor 2 twice"),
    (heat_bath(up=lambda b, beta, s: (1 + np.tanh(2 * beta * b)) / 2), "factor 2 twice"),
    (lambda s, J, h, beta, rng: heat_bath()(s, 2 * J, h, beta, rng), "pairs counted twice"),
    (lambda s, J, h, beta, rng: heat_bath()(s, J, -h, beta, rng), "sign of the field"),
    (heat_bath(put=lambda drawn, s: s if drawn else -1), "never set up"),
    (heat_bath(up=lambda b, beta, s: sigmoid(-2 * beta * s * b)), "flip instead of draw"),
    (metropolis(), "Metropolis and sites at random"),
    (heat_bath(up=lambda b, beta, s: b < 0), "rng decides nothing"),
    (heat_bath(up=lambda b, beta, s: sigmoid(-2 * beta * b)), "sign of the exponent"),
    (heat_bath(up=lambda b, beta, s: sigmoid(2 * b)), "beta forgotten"),
    (heat_bath(up=lambda b, beta, s: sigmoid(b)), "factor 2 forgotten and beta forgotten"),
    (heat_bath(up=lambda b, beta, s: sigmoid(2 * b / beta)), "divided by beta"),
    (lambda s, J, h, beta, rng: heat_bath()(s, J, 0 * h, beta, rng), "field forgotten"),
    (heat_bath(put=lambda drawn, s: -s if drawn else s), "flip instead of draw"),
    (heat_bath(put=lambda drawn, s: 1 if drawn else s), "never set down"),
    (heat_bath(put=lambda drawn, s: -1 if drawn else 1), "sign of the exponent"),
    (heat_bath(put=lambda drawn, s: s), "never moves"),
    (heat_bath(up=lambda b, beta, s: sigmoid(2 * beta * b * s)), "spin itself in the exponent"),
    (heat_bath(up=lambda b, beta, s: sigmoid(2 * beta * (b + s))), "own spin in the field"),
    (heat_bath(up=lambda b, beta, s: np.tanh(beta * b)), "tanh instead of a probability"),
    (heat_bath(up=lambda b, beta, s: b > 0), "along the field, always"),
    (heat_bath(up=lambda b, beta, s: 0.5), "a fair coin"),
    (heat_bath(up=lambda b, beta, s: min(1, np.exp(2 * beta * b))), "exp of the field, cut at 1"),
    (metropolis(pick=lambda k, n, rng: k), "Metropolis"),
    (heat_bath(fields=stale), "stale fields"),
    (all_drawn_at_once, "stale fields"),
    (random_sites, "sites at random"),
    (random_order, "each site once, shuffled"),
    (heat_bath(order=lambda n: range(n)[::-1]), "backwards"),
    (heat_bath(order=lambda n: range(n - 1)), "last spin never updated"),
    (heat_bath(order=lambda n: range(1, n)), "first spin never updated"),
    (heat_bath(order=lambda n: range(1)), "first spin only"),
    (lambda *arguments: heat_bath(order=lambda n: [arguments[-1].integers(n)])(*arguments), "one spin only"),
    (one_number, "one random number for all"),
    (heat_bath(put=lambda drawn, s: int(drawn)), "zeros and ones"),
    (lambda *arguments: (heat_bath()(*arguments) + 1) // 2, "zeros and ones"),
    (lambda s, J, h, beta, rng: heat_bath()(s, J, h, beta, np.random.default_rng()), "own random numbers"),
    (
        heat_bath(up=lambda b, beta, s: sigmoid(beta * b), fields=stale),
        "factor 2 forgotten and stale fields",
    ),
]


def chain_neighbours(s, i, J, h, beta):
    n = len(s)
    return J[i, i - 1] * s[i - 1] + J[i, (i + 1) % n] * s[(i + 1) % n] + h[i]


def field_in_the_loop(s, i, J, h, beta):
    b = 0.0
    for j in range(len(s)):
        if j != i:
            b += J[i, j] * s[j] + h[i]
    return b


# Local fields that are wrong in both samplers.
FIELDS = [
    (lambda s, i, J, h, beta: J[i] @ s + h[i] / 2, "field halved"),
    (lambda s, i, J, h, beta: J[i] @ s + h[i] / beta, "field without beta"),
    (field_in_the_loop, "field inside the pair loop"),
    (lambda s, i, J, h, beta: sum(J[i] * s + h[i]), "field inside the pair loop"),
    (lambda s, i, J, h, beta: J[i] @ s + h[i] * s[i], "field times the spin"),
    (lambda s, i, J, h, beta: h[i], "couplings forgotten"),
    (lambda s, i, J, h, beta: h[i] - J[i] @ s, "sign of the couplings"),
    (lambda s, i, J, h, beta: sum(J[i, j] * s[j] for j in range(i)) + h[i], "half of the neighbours"),
    (lambda s, i, J, h, beta: J[i, i + 1 :] @ s[i + 1 :] + h[i], "half of the neighbours"),
    (lambda s, i, J, h, beta: sum(J[i, j] * s[j] for j in range(len(s) - 1)) + h[i], "couplings"),
    (lambda s, i, J, h, beta: sum(J[i, j] * s[j] for j in range(1, len(s))) + h[i], "couplings"),
    (chain_neighbours, "neighbours of a chain"),
    (lambda s, i, J, h, beta: sum(J[i]) + h[i], "neighbours' spins missing"),
    (lambda s, i, J, h, beta: sum(J[i] * s[i]) + h[i], "own spin in place of the neighbours'"),
    (lambda s, i, J, h, beta: np.sum(J @ s + h), "all local fields added up"),
    (lambda s, i, J, h, beta: J[i] @ s + sum(h), "all local fields added up"),
    (lambda s, i, J, h, beta: J[i] @ s + s[i] + h[i], "own spin in the field"),
    (lambda s, i, J, h, beta: beta * (J[i] @ s + h[i]), "beta twice"),
    (lambda s, i, J, h, beta: J[i] @ s / len(s) + h[i], "couplings"),
]


def by_field(method, field):
    """One sweep by a local field of the student's own."""

    def sweep(spins, J, h, beta, rng):
        spins = spins.copy()
        for i in range(len(spins)) if method is check.heat_bath else rng.integers(len(spins), size=len(spins)):
            b = field(spins, i, J, h, beta)
            if method is check.heat_bath:
                spins[i] = 1 if rng.random() < sigmoid(2 * beta * b) else -1
            elif spins[i] * b <= 0 or rng.random() < math.exp(-2 * beta * spins[i] * b):
                spins[i] *= -1
        return spins

    return sweep


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """Time for all sweeps on a machine that is busy with other tests."""
    monkeypatch.setattr(sweeps, "SECONDS", 15.0)


@pytest.fixture(params=[3, 4])
def seed(request, monkeypatch):
    monkeypatch.setattr(sweeps, "SEED", request.param)


SWEEPS = [(check.metropolis, *pair) for pair in METROPOLIS] + [(check.heat_bath, *pair) for pair in HEAT_BATH]
SWEEPS += [(of, by_field(of, field), name) for of in (check.metropolis, check.heat_bath) for field, name in FIELDS]


@each_mistake(SWEEPS)
def test_each_mistake_of_a_sweep_gets_its_own_diagnosis(checked, mistaken, name):
    assert_diagnosed(checked, mistaken, name)


def test_more_than_the_spins_is_told_apart_from_a_tuple_of_spins():
    def with_number_of_flips(*arguments):
        return metropolis()(*arguments), 2

    assert "your function returned 2 things, in a tuple" in check.metropolis(with_number_of_flips).message
    assert_accepted(check.metropolis, lambda *arguments: tuple(metropolis()(*arguments)))


def test_a_sweep_that_fails_on_simpler_systems_gets_no_name(seed):
    """Its mistake is not listed, and it cannot be asked where it is."""

    def sweep(spins, J, h, beta, rng):
        assert np.any(J)
        return metropolis(accept=lambda dE, rng: rng.random() < 0.7)(spins, J, h, beta, rng)

    verdict = check.metropolis(sweep)
    assert not verdict
    assert verdict.diagnosis is None, verdict.message


def test_what_is_said_of_a_spin_alone_is_measured():
    verdict = check.metropolis(metropolis(accept=lambda dE, rng: dE <= 0 or rng.random() < 0.8 * math.exp(-dE)))
    assert "in a field of " in verdict.message
    assert verdict.message.endswith("The other way it is right.")


@pytest.mark.parametrize(("checked", "right"), [(check.metropolis, metropolis()), (check.heat_bath, heat_bath())])
@pytest.mark.parametrize("inner", range(12))
def test_a_fixed_seed_is_not_taken_for_another_mistake(checked, right, inner, monkeypatch):
    monkeypatch.setattr(sweeps, "SWEEPS", 800)
    verdict = checked(lambda s, J, h, beta, rng: right(s, J, h, beta, np.random.default_rng(inner)))
    assert verdict.diagnosis == "rng decides nothing", verdict.message


def test_a_sweep_that_fails_at_strong_couplings_is_told():
    def fails(spins, J, h, beta, rng):
        if abs(J).max() > 100:
            raise ValueError("J is too large")
        return metropolis()(spins, J, h, beta, rng)

    verdict = check.metropolis(fails)
    assert verdict.diagnosis == "fails at strong couplings"
    assert "ValueError: J is too large" in verdict.message


def test_of_two_mistakes_only_what_is_certain_is_named(seed):
    """If all flips are accepted, turning each spin once looks the same in any order."""
    assert check.metropolis(lambda s, *rest: -s).diagnosis == "always accepts"


RIGHT = [
    (check.metropolis, metropolis()),
    (check.metropolis, by_two_energies),
    (check.metropolis, sites_drawn_beforehand),
    (check.metropolis, in_place),
    (check.heat_bath, heat_bath()),
    (check.heat_bath, by_choice),
    (check.heat_bath, by_tanh),
    (
        check.heat_bath,
        heat_bath(up=lambda b, beta, s: 1 / (1 + np.exp(2 * s * beta * b)), put=lambda drawn, s: -s if drawn else s),
    ),
]


@each_right_answer(RIGHT)
def test_right_sweeps_are_accepted(checked, function, seed):
    assert_accepted(checked, function)


def test_the_laws_are_those_of_the_library():
    """The compiled kernel, many chains from each start, against the matrices of the check."""
    for case in sweeps._sweep_cases():
        spins, J, h, beta, _ = case.arguments
        starts = np.repeat(spins[None], 200_000, axis=0)
        after = sampling.advance(Ising(J, h), starts, 1, beta=beta, method="metropolis", rng=1)
        law = sweeps._law(case, (), check.metropolis.rule, check.metropolis.order)
        assert sweeps._evidence(sweeps._count(after), law) < sweeps.CONTRADICTION


@pytest.mark.parametrize("checked", [check.metropolis, check.heat_bath])
def test_laws_are_far_apart(checked):
    """Any other law is contradicted, at least 4 standard errors beyond what it takes.

    Between the right law and a wrong one that is so in the sweeps from which on a name is sure. The evidence is about
    z^2 / 2, so z is told by its root, with standard error 1.
    """
    laws = [("right", (), checked.rule, checked.order)]
    laws += [(m.name, [way], checked.rule, checked.order) for m in checked.slips for way in m.ways]
    laws += [(m.name, (), way, checked.order) for m in checked.rules for way in m.ways]
    laws += [(m.name, (), checked.rule, way) for m in checked.orders for way in m.ways]
    exact = [(name, [sweeps._law(case, *ways) for case in sweeps._sweep_cases()]) for name, *ways in laws]
    taken_for_each_other = np.sqrt(2 * 28)  # chi-square of 20 degrees at sweeps.QUANTILE is 56

    def z(p, q, n):
        return np.sqrt(2 * n * sum(sweeps._evidence(1e9 * a, b) for a, b in zip(p, q, strict=True)) / 1e9)

    for (name, p), (other, q) in product(exact, exact):
        if name == other:
            continue
        if "right" in (name, other):
            assert z(p, q, sweeps.SURE) > np.sqrt(2 * sweeps.CONTRADICTION) + 4, (name, other)
        assert z(p, q, sweeps.SWEEPS) > taken_for_each_other + 4, (name, other)


def test_a_right_sweep_is_refused_less_often_than_once_in_ten_million():
    """Agrawal's bound for the four cases: of 20 degrees of freedom, at the limit of the check."""
    cases = sweeps._sweep_cases()
    freedom = sum(2 ** len(case.arguments[0]) - 1 for case in cases)
    x = sweeps.CONTRADICTION
    assert math.exp(freedom - x) * (x / freedom) ** freedom <= 1.001e-7


def test_the_misfit_of_a_right_law_is_about_normal():
    rng = np.random.default_rng(1)
    cases = sweeps._sweep_cases()
    laws = [sweeps._law(case, (), check.metropolis.rule, check.metropolis.order) for case in cases]
    found = [
        sweeps._misfit([(case, rng.multinomial(4000, law)) for case, law in zip(cases, laws, strict=True)], laws)
        for _ in range(2000)
    ]
    assert abs(np.mean(found)) < 5 / np.sqrt(2000)
    assert abs(np.std(found) - 1) < 5 / np.sqrt(2 * 2000)


def test_answers_that_are_no_sweep():
    assert check.metropolis(lambda *arguments: None).message.startswith("Not yet: your function returned None")
    assert "shape (1,), not (2,)" in check.metropolis(lambda s, *rest: s[:1]).message
    assert "shape (3, 2), not (2,)" in check.metropolis(lambda s, *rest: [s, s, s]).message
    assert "hold 0.5" in check.heat_bath(lambda s, *rest: 0.5 * s).message
    assert "line" in check.heat_bath(lambda s, J, h, beta, rng: s[len(s)]).message
    assert "not callable" in check.heat_bath(3).message or "wants your function itself" in check.heat_bath(3).message

    def stub(spins, J, h, beta, rng):
        raise NotImplementedError("your turn: one sweep")

    assert check.metropolis(stub).status == "your turn"


def test_a_slow_sweep_is_not_judged(monkeypatch):
    monkeypatch.setattr(sweeps, "SECONDS", 0.2)

    def slow(*arguments):
        sum(range(100_000))
        return metropolis()(*arguments)

    assert "too long" in check.metropolis(slow).message


# ---------------------------------------------------------------- autocorrelation time, sweeps needed


def correlation(x, t):
    d = x - np.mean(x)
    return np.mean(d[: len(d) - t] * d[t:]) / np.mean(d * d)


def tau(x, rho=correlation, start=0.5, window=5):
    total, t = start, 0
    while t < window * total or t < 1:
        t += 1
        if t == len(x):
            break
        total += rho(x, t)
    return total


def half_forgotten(x):
    total, t = 0.0, 1
    while t < 5 * (total + 0.5):
        total += correlation(x, t)
        t += 1
    return total


def while_from_zero(x):
    total, t = 0, 1
    while t < 5 * total:
        total += correlation(x, t)
        t += 1
    return total


def all_lags(x):
    d = x - x.mean()
    full = np.correlate(d, d, "full")[len(x) - 1 :]
    return 0.5 + np.sum(full[1:] / full[0])


def all_lags_by_fft(x):
    d = x - x.mean()
    c = np.fft.irfft(np.abs(np.fft.rfft(d, 2 * len(d))) ** 2)[: len(d)] / np.arange(len(d), 0, -1)
    return 0.5 + sum(c[1:] / c[0])


def raw(x, t):
    return np.mean(x[: len(x) - t] * x[t:]) / np.mean(x * x)


def raw_over_variance(x, t):
    return np.mean(x[: len(x) - t] * x[t:]) / np.var(x)


def over_deviation(x, t):
    return covariance(x, t) / np.std(x)


def unguarded(x, variance=np.var):
    """Hint 2 as it stands, on raw x: rho stays high, and t runs off the end."""
    total, t = 0.5, 1
    while t < 5 * total:
        total += np.mean(x[:-t] * x[t:]) / variance(x)
        t += 1
    return total


def with_break(x, rho=correlation, start=0.5, weight=1, first=1, window=5):
    """The term is added before the window is asked."""
    total = start
    for t in range(first, len(x)):
        total += weight * rho(x, t)
        if t >= window * total:
            break
    return total


def up_to(x, lags):
    return 0.5 + sum(correlation(x, t) for t in range(1, lags + 1))


def until_negative(x):
    total, t = 0.5, 1
    while correlation(x, t) > 0:
        total += correlation(x, t)
        t += 1
    return total


def all_lags_in_a_loop(x, first=0.5, terms=None):
    d, total = x - x.mean(), first
    variance = np.mean(d * d)
    for t in range(1, terms or len(x)):
        total += np.mean(d[:-t] * d[t:]) / variance
    return total


def all_lags_round_a_circle(x):
    d = x - x.mean()
    c = np.fft.ifft(np.abs(np.fft.fft(d)) ** 2).real
    return 0.5 + np.sum(c[1:] / c[0])


def covariance(x, t):
    d = x - np.mean(x)
    return np.mean(d[: len(d) - t] * d[t:])


def with_slips(first=0.5, weight=1, begin=1, window=5, term=correlation):
    """The loop of the exercise with parts exchanged."""

    def time(x):
        total, t = first, begin
        while t < window * total and t < len(x):
            total += weight * term(x, t)
            t += 1
        return total

    return time


def first_draw_only(x, t):
    d = x - np.mean(x)
    return d[0] * d[t] / np.mean(d * d)


def summed(x, t):
    d = x - np.mean(x)
    return np.sum(d[: len(d) - t] * d[t:]) / np.mean(d * d)


def size(x, t):
    return abs(correlation(x, t))


def squared(x, t):
    return correlation(x, t) ** 2


def replaced(x):
    total, t = 0.5, 1
    while t < 5 * total:
        total = 0.5 + correlation(x, t)
        t += 1
    return total


def first_lag_below(small):
    def lag(x):
        t = 1
        while correlation(x, t) > small:
            t += 1
        return t

    return lag


def until_below(small):
    def time(x):
        total, t, rho = 0.5, 1, 1
        while rho > small:
            rho = correlation(x, t)
            total += rho
            t += 1
        return total

    return time


def never_ends(x):
    """What comes of d[:-t] * d[:-t] in the loop, that is of rho that stay near 1, without the loop."""
    d = x - x.mean()
    means = np.cumsum(d * d)[-2::-1] / np.arange(len(d) - 1, 0, -1)
    return 0.5 + np.sum(means) / np.mean(d * d)


def always_the_first_lag(x):
    """What comes of correlation(x, 1) in the loop: it closes where rho(1) is small, else it ends with x."""
    rho, total, t = correlation(x, 1), 0.5, 1
    while t < 5 * total and t < len(x):
        total, t = total + rho, t + 1
    return total


def window_returned(x):
    total, t = 0.5, 1
    while t < 5 * total:
        total += correlation(x, t)
        t += 1
    return t


SERIES = [
    (check.autocorrelation_time, with_slips(term=size), "sizes added"),
    (check.autocorrelation_time, lambda x: with_break(x, rho=size), "sizes added"),
    (check.autocorrelation_time, with_slips(term=squared), "rho squared"),
    (check.autocorrelation_time, with_slips(weight=-1), "sum subtracted"),
    (check.autocorrelation_time, with_slips(weight=0.5), "only the sum halved"),
    (check.autocorrelation_time, with_slips(term=summed), "sum instead of a mean"),
    (check.autocorrelation_time, with_slips(term=lambda x, t: correlation(x, t) / len(x)), "terms of nearly nothing"),
    (check.autocorrelation_time, with_slips(term=first_draw_only), "first draw only"),
    (check.autocorrelation_time, always_the_first_lag, "always the first lag"),
    (check.autocorrelation_time, with_slips(first=1.0, begin=0), "a number plus a multiple"),
    (check.autocorrelation_time, replaced, "last rho only"),
    (check.autocorrelation_time, until_negative, "stops at the first negative rho"),
    (
        check.autocorrelation_time,
        with_slips(term=lambda x, t: max(correlation(x, t), 0)),
        "stops at the first negative rho",
    ),
    (check.autocorrelation_time, until_below(0.5), "stops at a small rho"),
    (check.autocorrelation_time, until_below(np.exp(-1)), "stops at a small rho"),
    (check.autocorrelation_time, first_lag_below(np.exp(-1)), "a lag, not a time"),
    (check.autocorrelation_time, first_lag_below(0.0), "a lag, not a time"),
    (check.autocorrelation_time, window_returned, "a lag, not a time"),
    (check.autocorrelation_time, lambda x: np.sqrt(2 * tau(x) * np.var(x) / len(x)), "error of the mean"),
    (check.autocorrelation_time, lambda x: 2 * tau(x) / len(x), "error of the mean"),
    (check.autocorrelation_time, lambda x: round(tau(x)), "rounded"),
    (check.autocorrelation_time, lambda x: int(tau(x)), "rounded"),
    (check.autocorrelation_time, lambda x: tau(x) / 3, "a number plus a multiple"),
    (check.autocorrelation_time, lambda x: tau(x) - 1, "a number plus a multiple"),
    (check.autocorrelation_time, lambda x: with_slips(weight=2)(x) * np.var(x), "scale of x"),
    (check.autocorrelation_time, lambda x: tau(x, rho=lambda x, t: raw(x, t) ** 2), "mean of x"),
    (check.autocorrelation_time, lambda x: np.sqrt(2 * tau(x)), "root, or one over it"),
    (check.autocorrelation_time, with_slips(term=lambda x, t: correlation(x, t) * (t % 2)), "draws that remember"),
    (check.autocorrelation_time, lambda x: max(tau(x), 1.0), "independent draws"),
    (check.autocorrelation_time, lambda x: min(tau(x), 1.5), "draws that remember"),
    (check.autocorrelation_time, lambda x: tau(x, rho=lambda x, t: correlation(x, t) / np.var(x)), "scale of x"),
    (check.autocorrelation_time, lambda x: with_slips()(x) + (0.1 if correlation(x, 1) < -0.1 else 0), "negative rho"),
    (check.autocorrelation_time, never_ends, "the sum never ends"),
    (check.autocorrelation_time, lambda x: len(x) / tau(x), "effective sample size"),
    (check.autocorrelation_time, lambda x: len(x) / 2 * tau(x), "effective sample size"),
    (check.autocorrelation_time, lambda x: 1 / (1 - correlation(x, 1)), "one slope for all"),
    (check.autocorrelation_time, lambda x: 2 * tau(x), "twice the time"),
    (check.autocorrelation_time, lambda x: 1 + 2 * (tau(x) - 0.5), "twice the time"),
    (check.autocorrelation_time, lambda x: tau(x) * 2 - 0.5, "only the sum doubled"),
    (check.autocorrelation_time, lambda x: with_break(x, weight=2), "only the sum doubled"),
    (check.autocorrelation_time, half_forgotten, "half forgotten"),
    (check.autocorrelation_time, lambda x: with_break(x, start=0.0), "half forgotten"),
    (check.autocorrelation_time, lambda x: tau(x) - 0.5, "half forgotten"),
    (check.autocorrelation_time, while_from_zero, "half forgotten"),
    (check.autocorrelation_time, lambda x: tau(x) + 0.5, "whole first term"),
    (check.autocorrelation_time, lambda x: tau(x, start=1.0), "whole first term"),
    (check.autocorrelation_time, lambda x: with_break(x, start=1.0), "whole first term"),
    (check.autocorrelation_time, lambda x: with_break(x, start=0.0, first=0), "whole first term"),
    (check.autocorrelation_time, lambda x: with_break(x, first=0), "lag 0 counted twice"),
    (check.autocorrelation_time, lambda x: tau(x) + 1, "lag 0 counted twice"),
    (check.autocorrelation_time, lambda x: tau(x) / 2, "half the time"),
    (check.autocorrelation_time, lambda x: with_break(x, first=2), "first lag left out"),
    (check.autocorrelation_time, all_lags, "no window"),
    (check.autocorrelation_time, all_lags_by_fft, "no window"),
    (check.autocorrelation_time, all_lags_in_a_loop, "no window"),
    (check.autocorrelation_time, lambda x: all_lags_in_a_loop(x, terms=len(x) // 2), "no window"),
    (check.autocorrelation_time, all_lags_round_a_circle, "no window"),
    (check.autocorrelation_time, lambda x: all_lags(x) - 0.5, "no window"),
    (check.autocorrelation_time, lambda x: 2 * all_lags(x), "no window"),
    (check.autocorrelation_time, lambda x: with_break(x, window=1), "window too short"),
    (check.autocorrelation_time, lambda x: up_to(x, 5), "fixed number of lags"),
    (check.autocorrelation_time, lambda x: up_to(x, 10), "fixed number of lags"),
    (check.autocorrelation_time, lambda x: up_to(x, 49), "fixed number of lags"),
    (check.autocorrelation_time, lambda x: up_to(x, 99), "fixed number of lags"),
    (check.autocorrelation_time, lambda x: up_to(x, 999), "fixed number of lags"),
    (check.autocorrelation_time, lambda x: 0.5, "no term added"),
    (check.autocorrelation_time, lambda x: tau(x, window=1), "window too short"),
    (check.autocorrelation_time, lambda x: tau(x, window=2), "window too short"),
    (check.autocorrelation_time, lambda x: with_break(x, window=2.5), "window too short"),
    (check.autocorrelation_time, lambda x: tau(x, rho=raw), "mean not subtracted"),
    (check.autocorrelation_time, lambda x: with_break(x, rho=raw_over_variance), "mean not subtracted"),
    (check.autocorrelation_time, unguarded, "mean not subtracted"),
    (check.autocorrelation_time, lambda x: unguarded(x, lambda x: np.mean(x * x)), "mean not subtracted"),
    (
        check.autocorrelation_time,
        lambda x: tau(x, rho=lambda x, t: raw(x, t) if t < 100 else 0.0),
        "mean not subtracted",
    ),
    (
        check.autocorrelation_time,
        lambda x: tau(x, rho=lambda x, t: covariance(x, t) / np.mean(x * x)),
        "mean not subtracted",
    ),
    (check.autocorrelation_time, lambda x: tau(x, rho=covariance), "variance forgotten"),
    (check.autocorrelation_time, lambda x: 0.5 * np.var(x) + tau(x, rho=covariance) - 0.5, "variance forgotten"),
    (check.autocorrelation_time, lambda x: tau(x) * np.var(x), "variance forgotten"),
    (check.autocorrelation_time, lambda x: tau(x, rho=over_deviation), "divided by the standard deviation"),
    (check.autocorrelation_time, lambda x: with_break(x, rho=over_deviation), "divided by the standard deviation"),
    (check.autocorrelation_time, lambda x: tau(x) * np.std(x), "divided by the standard deviation"),
    (check.autocorrelation_time, lambda x: 0.5 + correlation(x, 1), "first lag only"),
    (check.autocorrelation_time, lambda x: -1 / np.log(abs(correlation(x, 1))), "one slope for all"),
    (check.autocorrelation_time, lambda x: 0.5 + correlation(x, 1) / (1 - correlation(x, 1)), "one slope for all"),
    (check.autocorrelation_time, lambda x: len(x) / (2 * tau(x)), "effective sample size"),
    (check.sweeps_needed, lambda v, t, e: v / e**2, "as if independent"),
    (check.sweeps_needed, lambda v, t, e: v / e**2 / (2 * t), "divided by 2 tau"),
    (check.sweeps_needed, lambda v, t, e: t * v / e**2, "factor 2 forgotten"),
    (check.sweeps_needed, lambda v, t, e: 2 * t * v / e, "error not squared"),
    (check.sweeps_needed, lambda v, t, e: 2 * t * (v / e) ** 2, "variance squared"),
    (check.sweeps_needed, lambda v, t, e: 2 * t * v**0.5 / e**2, "root of the variance"),
    (check.sweeps_needed, lambda v, t, e: (2 * t * v) ** 0.5 / e, "root of the answer"),
    (check.sweeps_needed, lambda v, t, e: e**2 / (2 * t * v), "error after one sweep"),
    (check.sweeps_needed, lambda v, t, e: 2 * t * e / v, "error after one sweep"),
    (check.sweeps_needed, lambda v, t, e: v**0.5 / e, "error not squared"),
    (check.sweeps_needed, lambda v, t, e: 2 * t * v, "error not squared"),
    (check.sweeps_needed, lambda v, t, e: 2 * t * v / e**3, "error not squared"),
    (check.sweeps_needed, lambda v, t, e: v / e**2 / t, "divided by 2 tau"),
    (check.sweeps_needed, lambda v, t, e: (1 + 2 * t) * v / e**2, "1/2 added again"),
    (check.sweeps_needed, lambda v, t, e: 2 * t / e**2, "variance misplaced"),
    (check.sweeps_needed, lambda v, t, e: t / 2 / v / e**2, "variance misplaced"),
    (check.sweeps_needed, lambda v, t, e: math.ceil(2 * v / e**2), "tau misplaced"),
    (check.sweeps_needed, lambda v, t, e: t**2 * v / e**2, "tau misplaced"),
    (check.sweeps_needed, lambda v, t, e: 2 * t + v / e**2, "added, not multiplied"),
    (check.sweeps_needed, lambda v, t, e: v / e**2 / 2 * t, "times a constant"),
    (check.sweeps_needed, lambda v, t, e: 2 * t * v / e**2 - 1, "a constant added"),
    (check.sweeps_needed, lambda v, t, e: int(2 * t * v / e**2) + 1, "a constant added"),
]


@each_mistake(SERIES)
def test_each_mistake_with_a_series_gets_its_own_diagnosis(checked, mistaken, name):
    assert_diagnosed(checked, mistaken, name)


def test_a_window_that_never_closes_prints_no_warning():
    off_centre = check._series()["draws that keep 0.8 of the last one, of mean 2"][0]
    with pytest.warns(RuntimeWarning):
        assert np.isnan(unguarded(off_centre))
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # what is raised inside a student's function, the check would report
        assert check.autocorrelation_time(unguarded).diagnosis == "mean not subtracted"


@each_right_answer(
    [
        (check.autocorrelation_time, tau),
        (check.autocorrelation_time, with_break),
        (check.autocorrelation_time, lambda x: tau(x, window=4)),
        (check.autocorrelation_time, lambda x: tau(x, window=6)),
        (check.autocorrelation_time, lambda x: tau(x, window=10)),
        (check.autocorrelation_time, lambda x: tau(x, rho=lambda x, t: correlation(x, t) * (1 - t / len(x)))),
        (check.autocorrelation_time, lambda x: tau(x, rho=lambda x, t: np.corrcoef(x[:-t], x[t:])[0, 1])),
        (check.sweeps_needed, lambda v, t, e: math.ceil(2 * t * v / e**2)),
        (check.sweeps_needed, lambda v, t, e: (2 * t * v) / (e * e)),
        (check.sweeps_needed, lambda v, t, e: int(2 * t * v / e**2)),
    ]
)
def test_right_answers_about_series_are_accepted(checked, function):
    assert_accepted(checked, function)


@pytest.mark.parametrize(
    ("mistaken", "name"),
    [
        (lambda x: 1.2 * tau(x), "a number plus a multiple"),
        (lambda x: tau(x) ** 2, None),
        (lambda x: correlation(x, 25), None),
        (lambda x: 0.6, None),
        (np.mean, "mean of x"),
        (np.var, "scale of x"),
        (lambda x: tau(x, rho=lambda x, t: raw(x, t) / np.std(x) if t < 200 else 0.0), "scale of x"),
        (lambda x: 2 * tau(x, rho=over_deviation), "scale of x"),
        (lambda x: with_break(x, rho=covariance, start=0.0), "scale of x"),
        (lambda x: tau(x, rho=raw, start=1.0), "mean of x"),
        (lambda x: tau(np.abs(x)), "mean of x"),
        (lambda x: tau(x, rho=lambda x, t: correlation(x, 2 * t)), "draws that remember"),
    ],
)
def test_a_wrong_time_that_fits_no_mistake_is_told_only_what_it_shows(mistaken, name):
    verdict = check.autocorrelation_time(mistaken)
    assert not verdict
    assert verdict.diagnosis == name, verdict.message


def test_the_series_have_the_times_that_are_said():
    """Within five standard errors of the estimate."""
    for x, true in check._series().values():
        found = diagnostics.autocorrelation_time(x)
        assert abs(found - true) < 5 * true * np.sqrt((20 * true + 2) / len(x))


@pytest.mark.parametrize(
    "checked", [check.metropolis, check.heat_bath, check.autocorrelation_time, check.sweeps_needed]
)
def test_every_mistake_that_a_check_knows_is_tried(checked):
    assert mistakes_known_to(checked) <= {name for of, _, name in SWEEPS + SERIES if of is checked}
