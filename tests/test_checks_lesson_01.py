"""Every mistake a check of lesson 01 knows, written as a student would write it, gets its own diagnosis."""

import re
from itertools import product

import numpy as np
from checking import assert_accepted, assert_diagnosed, each_mistake, each_right_answer, mistakes_known_to

from course_lib import exact, ising
from course_lib.classroom.checks import lesson_01 as check

# ---------------------------------------------------------------- energy


def energy_all_pairs(s, J, h):
    E = 0
    for i in range(len(s)):
        for j in range(len(s)):
            E -= J[i, j] * s[i] * s[j]
        E -= h[i] * s[i]
    return E


def energy_over_four(s, J, h):
    return -sum(s[i] * sum(J[i, j] * s[j] for j in range(len(s))) for i in range(len(s))) / 4 - np.dot(h, s)


def energy_plus_J(s, J, h):
    return sum(J[i, j] * s[i] * s[j] for i in range(len(s)) for j in range(i)) - np.dot(h, s)


def energy_plus_h(s, J, h):
    return -sum(J[i, j] * s[i] * s[j] for i in range(len(s)) for j in range(i)) + np.dot(h, s)


def energy_no_minus(s, J, h):
    return sum(J[i, j] * s[i] * s[j] for i in range(len(s)) for j in range(i)) + np.dot(h, s)


def energy_no_field(s, J, h):
    return -np.sum(np.triu(J, 1) * np.outer(s, s))


def energy_field_only(s, J, h):
    return -(h * s).sum()


def energy_chain_only(s, J, h):
    return -np.sum(np.diag(J, 1) * s[:-1] * s[1:]) - h @ s


def energy_halved(s, J, h):
    return 0.5 * (-sum(J[i, j] * s[i] * s[j] for i in range(len(s)) for j in range(len(s))) - np.dot(h, s))


def energy_field_in_inner_loop(s, J, h):
    E = 0
    for i in range(len(s)):
        for j in range(len(s)):
            E -= J[i, j] * s[i] * s[j] / 2 + h[i] * s[i]
    return E


def energy_fields_with_pairs(s, J, h):
    return -sum(J[i, j] * s[i] * s[j] + h[i] * s[i] for i in range(len(s)) for j in range(i + 1, len(s)))


def energy_both_fields_with_pairs(s, J, h):
    pairs = [(i, j) for i in range(len(s)) for j in range(i)]
    return -sum(J[i, j] * s[i] * s[j] + h[i] * s[i] + h[j] * s[j] for i, j in pairs)


def energy_short_range(s, J, h):
    E = 0
    for i in range(len(s) - 1):
        E -= h[i] * s[i]
        for j in range(i + 1, len(s) - 1):
            E -= J[i, j] * s[i] * s[j]
    return E


def energy_all_in_inner_loop(s, J, h):
    E = 0
    for i in range(len(s)):
        for j in range(len(s)):
            E -= J[i, j] * s[i] * s[j] + h[i] * s[i]
    return E


def energy_mean(s, J, h):
    return energy_right(s, J, h) / len(s)


def energy_outer_short(s, J, h):
    E = 0
    for i in range(len(s) - 1):
        E -= h[i] * s[i]
        for j in range(i + 1, len(s)):
            E -= J[i, j] * s[i] * s[j]
    return E


def energy_of_every_second_pair(s, J, h):
    return -sum(J[i, i + 1] * s[i] * s[i + 1] for i in range(0, len(s) - 1, 2)) - h @ s


def energy_of_first_row(s, J, h):
    return -s[0] * (J[0] @ s) - h @ s


def energy_returned_early(s, J, h):
    E = 0
    for i in range(len(s)):
        E -= h[i] * s[i]
        for j in range(i + 1, len(s)):
            E -= J[i, j] * s[i] * s[j]
        return E


def energy_right(s, J, h):
    return -np.sum(np.triu(J, 1) * np.outer(s, s)) - h @ s


# ---------------------------------------------------------------- flip cost


def cost_without_two(s, i, J, h):
    return s[i] * (J[i] @ s + h[i])


def cost_pairs_doubled(s, i, J, h):
    return 4 * s[i] * (J[i] @ s) + 2 * s[i] * h[i]


def cost_before_minus_after(s, i, J, h):
    t = s.copy()
    t[i] = -t[i]
    return energy_right(s, J, h) - energy_right(t, J, h)


def cost_without_spin(s, i, J, h):
    return 2 * (sum(J[i, j] * s[j] for j in range(len(s))) + h[i])


def cost_without_field(s, i, J, h):
    return 2 * s[i] * np.dot(J[i], s)


def cost_precedence(s, i, J, h):
    return 2 * s[i] * (J[i] @ s) + h[i]


def cost_field_once(s, i, J, h):
    return 2 * s[i] * (J[i] @ s) + h[i] * s[i]


def cost_all_spins(s, i, J, h):
    return (2 * s * (J @ s + h))[i]


def cost_by_outer(s, i, J, h):
    return 2 * np.sum(np.nan_to_num(J) * np.outer(s, s), axis=1)[i] + 2 * h[i] * s[i]


def cost_double_loop(s, i, J, h):
    total = 0
    for a in range(len(s)):
        for b in range(len(s)):
            coupling = J[a, b]
            if a == i:
                total += 2 * s[a] * s[b] * coupling
    return total + 2 * s[i] * h[i]


def cost_bare_field(s, i, J, h):
    return 2 * s[i] * (J[i] @ s) + 2 * h[i]


def cost_after_only(s, i, J, h):
    t = s.copy()
    t[i] = -t[i]
    return energy_right(t, J, h)


def cost_two_energies(s, i, J, h):
    return -cost_before_minus_after(s, i, J, h)


def cost_right(s, i, J, h):
    return 2 * s[i] * (sum(J[i, j] * s[j] for j in range(len(s)) if j != i) + h[i])


def cost_by_entries(s, i, J, h):
    """Looks at each coupling of spin i twice, in a row taken anew each time."""
    total = h[i]
    for j in range(len(s)):
        if j != i and J[i][j] != 0:
            total += J[i][j] * s[j]
    return 2 * s[i] * total


def cost_from_column(s, i, J, h):
    return 2 * s[i] * (J[:, i] @ s + h[i])


# ---------------------------------------------------------------- lattice


def lattice(rows, cols, *, wrap=True, mirror=True, add=True, steps=((0, 1), (1, 0)), index=None):
    index = index or (lambda r, c: r * cols + c)
    J = np.zeros((rows * cols, rows * cols))
    for r, c in product(range(rows), range(cols)):
        for dr, dc in steps:
            if not wrap and (not 0 <= r + dr < rows or not 0 <= c + dc < cols):
                continue
            i, j = index(r, c), index((r + dr) % rows, (c + dc) % cols)
            J[i, j] = J[i, j] + 1 if add else 1
            if mirror:
                J[j, i] = J[j, i] + 1 if add else 1
    return J


def helix(rows, cols):
    n = rows * cols
    J = np.zeros((n, n))
    for i in range(n):
        for j in ((i + 1) % n, (i + cols) % n):
            J[i, j] += 1
            J[j, i] += 1
    return J


def joined_rows_only(rows, cols):
    J = np.zeros((rows * cols, rows * cols))
    for r, c in product(range(rows), range(cols)):
        i = r * cols + c
        neighbours = [(r + 1) % rows * cols + c] + ([i + 1] if c + 1 < cols else [])
        for j in neighbours:
            J[i, j] += 1
            J[j, i] += 1
    return J


def joined_columns_only(rows, cols):
    J = np.zeros((rows * cols, rows * cols))
    for r, c in product(range(rows), range(cols)):
        i = r * cols + c
        neighbours = [r * cols + (c + 1) % cols] + ([i + cols] if r + 1 < rows else [])
        for j in neighbours:
            J[i, j] += 1
            J[j, i] += 1
    return J


FOUR = ((0, 1), (1, 0), (0, -1), (-1, 0))


def lattice_transposed(rows, cols):
    return lattice(rows, cols, index=lambda r, c: c * rows + r)


def lattice_with_diagonal(rows, cols):
    J = lattice(rows, cols)
    np.fill_diagonal(J, 1)
    return J


def sides_exchanged(rows, cols):
    n = rows * cols
    J = np.zeros((n, n))
    for r, c in product(range(rows), range(cols)):
        for j in ((r * cols + (c + 1) % rows) % n, ((r + 1) % cols * cols + c) % n):
            J[r * cols + c, j] += 1
            J[j, r * cols + c] += 1
    return J


def one_place_set(rows, cols):
    added, set_to_1 = lattice(rows, cols), lattice(rows, cols, add=False)
    return np.triu(added) + np.tril(set_to_1)


def last_row_left_out(rows, cols):
    J = np.zeros((rows * cols, rows * cols))
    for r, c in product(range(rows - 1), range(cols - 1)):
        for j in (r * cols + (c + 1) % cols, (r + 1) % rows * cols + c):
            J[r * cols + c, j] += 1
            J[j, r * cols + c] += 1
    return J


# ---------------------------------------------------------------- ground states


def lowest_so_far(J, h):
    best, found = np.inf, []
    for s in all_states(len(h)):
        if energy_right(s, J, h) < best + 1e-9:
            best = energy_right(s, J, h)
            found.append(s)
    return np.array(found)


def lowest_two(J, h):
    states = all_states(len(h))
    return states[np.argsort([energy_right(s, J, h) for s in states])[:2]]


def second_level(J, h):
    states = all_states(len(h))
    E = np.array([energy_right(s, J, h) for s in states])
    return states[np.abs(E - E[E > E.min() + 1e-9].min()) < 1e-9]


def all_states(n):
    return np.array(list(product([-1, 1], repeat=n)))


def lowest_of(states, J, h, spins=None):
    E = np.array([energy_right(s, J, h) for s in (states if spins is None else spins)])
    return states[np.abs(E - E.min()) < 1e-9]


def ground_near(J, h, **how_near):
    states = np.array(list(product([-1, 1], repeat=len(h))))
    E = ising.energy(states, J, h)
    return states[np.isclose(E, E.min(), **how_near)]


def ground_rounded(J, h):
    states = np.array(list(product([-1, 1], repeat=len(h))))
    E = ising.energy(states, J, h).round(1)
    return states[E == E.min()]


def first_only(J, h):
    states = all_states(len(h))
    return states[[np.argmin([energy_right(s, J, h) for s in states])]]


def last_only(J, h):
    states = all_states(len(h))[::-1]
    return states[[np.argmin([energy_right(s, J, h) for s in states])]]


def as_bits(J, h):
    return (lowest_of(all_states(len(h)), J, h) + 1) // 2


def energies_of_bits(J, h):
    states = all_states(len(h))
    return lowest_of(states, J, h, spins=(states + 1) // 2)


def highest(J, h):
    return lowest_of(all_states(len(h)), -J, -h)


def compared_exactly(J, h):
    S = all_states(len(h))
    E = ising.energy(S, J, h)
    return S[E == E.min()]


def pairs_twice(J, h):
    S = all_states(len(h))
    E = np.array([-(s @ J @ s) - h @ s for s in S])
    return S[np.isclose(E, E.min())]


def half_of_the_states(J, h):
    n = len(h)
    states = np.array([[1 if k >> i & 1 else -1 for i in range(n)] for k in range(2 ** (n - 1))])
    return lowest_of(states, J, h)


def ground_right(J, h):
    return lowest_of(all_states(len(h)), J, h)[::-1]


KNOWN = [
    (check.energy, energy_all_pairs, "pair counted twice"),
    (check.energy, energy_over_four, "bonds divided by four"),
    (check.energy, energy_plus_J, "sign of J"),
    (check.energy, energy_plus_h, "sign of h"),
    (check.energy, energy_no_minus, "both signs"),
    (check.energy, energy_no_field, "field forgotten"),
    (check.energy, energy_field_only, "couplings forgotten"),
    (check.energy, energy_chain_only, "neighbours in the list only"),
    (check.energy, energy_all_in_inner_loop, "pairs twice and fields N times"),
    (check.energy, energy_mean, "energy per spin"),
    (check.energy, energy_outer_short, "last field left out"),
    (check.energy, energy_fields_with_pairs, "field in the loop over pairs"),
    (check.energy, energy_both_fields_with_pairs, "field in the loop over pairs"),
    (check.flip_cost, lambda s, i, J, h: 2 * s[i] * (np.triu(J)[i] @ s + h[i]), "neighbours on one side only"),
    (check.flip_cost, lambda s, i, J, h: 2 * s[i] * (np.tril(J)[i] @ s + h[i]), "neighbours on one side only"),
    (check.flip_cost, cost_field_once, "field not doubled"),
    (check.flip_cost, cost_all_spins, "reads the whole of J"),
    (check.flip_cost, cost_by_outer, "reads the whole of J"),
    (check.flip_cost, cost_double_loop, "reads the whole of J"),
    (check.flip_cost, lambda s, i, J, h: (2 * s * (np.dot(J, s) + h))[i], "reads the whole of J"),
    (check.flip_cost, lambda s, i, J, h: (2 * s * (J.dot(s) + h))[i], "reads the whole of J"),
    (check.flip_cost, lambda s, i, J, h: 2 * s[i] * (J[[i, *range(len(s))]][0] @ s + h[i]), "reads the whole of J"),
    (check.ground_states, compared_exactly, "compared to the last digit"),
    (check.ground_states, pairs_twice, "pair counted twice"),
    (check.energy, energy_halved, "field halved"),
    (check.energy, energy_field_in_inner_loop, "field counted for every pair"),
    (check.energy, energy_short_range, "last spin left out"),
    (check.flip_cost, cost_precedence, "field outside the bracket"),
    (check.flip_cost, cost_bare_field, "field without the spin"),
    (check.flip_cost, cost_without_two, "factor 2 forgotten"),
    (check.flip_cost, cost_pairs_doubled, "pair counted twice"),
    (check.flip_cost, cost_before_minus_after, "sign of the cost"),
    (check.flip_cost, cost_without_spin, "spin itself forgotten"),
    (check.flip_cost, cost_without_field, "field forgotten"),
    (check.flip_cost, cost_after_only, "energy after the flip"),
    (check.flip_cost, cost_two_energies, "reads the whole of J"),
    (check.square_lattice, lambda r, c: lattice(r, c, wrap=False), "wrap-around missing"),
    (check.square_lattice, lambda r, c: lattice(r, c, mirror=False), "one direction only"),
    (check.square_lattice, lambda r, c: lattice(r, c, steps=FOUR), "bond counted twice"),
    (check.square_lattice, lattice_with_diagonal, "diagonal"),
    (check.square_lattice, lattice_transposed, "rows and columns exchanged"),
    (check.square_lattice, lambda r, c: lattice(r, c, add=False), "second bond lost at side 2"),
    (
        check.square_lattice,
        lambda r, c: lattice(r, c, steps=((0, 1), (1, 0), (1, 1), (1, -1))),
        "diagonal neighbours",
    ),
    (check.square_lattice, joined_rows_only, "one edge joined"),
    (check.square_lattice, joined_columns_only, "one edge joined"),
    (check.square_lattice, helix, "helical edges"),
    (check.square_lattice, lambda r, c: lattice(r, c, steps=((0, 1),)), "bonds to the right only"),
    (check.square_lattice, lambda r, c: -lattice(r, c), "sign of J"),
    (check.ground_states, lambda J, h: ground_right(J, 0 * h), "field forgotten"),
    (check.ground_states, first_only, "only one ground state"),
    (check.ground_states, last_only, "only one ground state"),
    (check.ground_states, as_bits, "zeros and ones"),
    (check.ground_states, energies_of_bits, "energies of zeros and ones"),
    (check.ground_states, lambda J, h: ground_near(J, h, atol=0.1), "compared too loosely"),
    (check.ground_states, lambda J, h: ground_near(J, h, rtol=0.05), "compared too loosely"),
    (check.ground_states, ground_rounded, "compared too loosely"),
    (check.ground_states, highest, "highest instead of lowest"),
    (check.ground_states, half_of_the_states, "half of the states tried"),
    (check.energy, energy_of_every_second_pair, "not every pair once"),
    (check.energy, lambda s, J, h: energy_right((s + 1) // 2, J, h), "spins of 0 and 1"),
    (
        check.ground_states,
        lambda J, h: lowest_of(all_states(len(h))[2 ** (len(h) - 1) :], J, h),
        "half of the states tried",
    ),
    (check.energy, energy_of_first_row, "not every pair once"),
    (check.energy, lambda s, J, h: energy_no_field(s, J, h) - h[::2] @ s[::2], "not every field once"),
    (check.energy, energy_returned_early, "neither every pair nor every field once"),
    (check.energy, lambda s, J, h: -np.sum(J * s) / 2 - h @ s, "one spin of each pair"),
    (check.energy, lambda s, J, h: round(energy_right(s, J, h), 3), "rounded"),
    (check.energy, lambda s, J, h: energy_right(s, J, h) + 1e-5 * len(s), "nearly right"),
    (check.energy, lambda s, J, h: energy_no_field(s, J, h) - h.mean() * s.sum(), "right without field only"),
    (check.energy, lambda s, J, h: energy_right(s, J**3, h), "right without couplings only"),
    (check.energy, lambda s, J, h: energy_right(s, J, h) ** 2 + len(s), "wrong for two spins"),
    (check.energy, lambda s, J, h: int(energy_right(s, J, h)), "whole numbers"),
    (check.flip_cost, lambda s, i, J, h: energy_right(-s, J, h) - energy_right(s, J, h), "all spins flipped"),
    (check.flip_cost, lambda s, i, J, h: 2 * s[i] * (J[i, :-1] @ s[:-1] + h[i]), "not every neighbour once"),
    (check.flip_cost, lambda s, i, J, h: cost_right(s, i - 1, J, h), "another spin"),
    (check.flip_cost, lambda s, i, J, h: round(cost_right(s, i, J, h), 2), "rounded"),
    (check.flip_cost, lambda s, i, J, h: cost_right(s, i, J, h) + 1e-5 * len(s), "nearly right"),
    (check.flip_cost, lambda s, i, J, h: 2 * s[i] * (J[i] @ s + h.sum()), "right without field only"),
    (check.flip_cost, lambda s, i, J, h: 2 * s[i] * (J[i] @ s / 2 + h[i]), "right without couplings only"),
    (check.flip_cost, lambda s, i, J, h: cost_right(s, i, J, h) ** 2 + 1, "wrong for two spins"),
    (check.flip_cost, lambda s, i, J, h: abs(cost_right(s, i, J, h)), "sign lost"),
    (check.flip_cost, lambda s, i, J, h: cost_right(s, i, J, h) < 0, "true or false"),
    (check.square_lattice, lambda r, c: lattice(r, c, steps=((1, 0),)), "bonds down only"),
    (check.square_lattice, sides_exchanged, "right for squares only"),
    (check.square_lattice, lambda r, c: lattice(r, c) + np.triu(lattice(r, c)), "not symmetric"),
    (check.square_lattice, one_place_set, "right from side 3 on only"),
    (check.square_lattice, last_row_left_out, "bonds missing"),
    (check.square_lattice, lambda r, c: lattice(r, c, steps=((0, 1), (1, 0), (1, 1))), "too many bonds"),
    (check.square_lattice, lambda r, c: lattice(r, c, steps=((1, 1), (1, -1))), "another step"),
    (check.square_lattice, lambda r, c: lattice(r, c, index=lambda a, b: (a * b) % (r * c)), "wrong for 3 x 3"),
    (check.square_lattice, lambda r, c: lattice(r, c).reshape(r, c, r, c), "another shape"),
    (check.ground_states, lambda J, h: ground_right(-J, h), "sign of J"),
    (check.ground_states, lambda J, h: ground_right(J, -h), "sign of h"),
    (check.ground_states, lambda J, h: lowest_of(all_states(len(h))[:-1], J, h), "one state not tried"),
    (
        check.ground_states,
        lambda J, h: np.unique([*ground_right(J, h), *-ground_right(J, h)], axis=0),
        "mirror images added",
    ),
    (check.ground_states, lambda J, h: ground_right(J, h)[: len(h) - 1], "ground states missing"),
    (check.ground_states, lowest_so_far, "higher levels as well"),
    (check.ground_states, lambda J, h: lowest_two(J, h), "always as many"),
    (check.ground_states, second_level, "no ground states"),
    (check.ground_states, lambda J, h: np.array([np.ones(len(h)), -np.ones(len(h))]), "some are no ground states"),
    (check.ground_states, lambda J, h: ground_right(J, h).T, "transposed"),
    (check.ground_states, lambda J, h: np.flatnonzero(exact.energies(J, h) < 0), "places or energies"),
    (check.ground_states, lambda J, h: np.isclose(exact.energies(J, h), exact.energies(J, h).min()), "mask"),
    (check.ground_states, lambda J, h: [*ground_right(J, h), *ground_right(J, h)], "found twice"),
]
FROM_THE_ENGINE = {  # found while an answer is read, or by its resemblance with the right one
    *("whole numbers", "sign lost", "true or false", "another shape"),
    *("transposed", "places or energies", "mask", "found twice"),
}


@each_mistake(KNOWN)
def test_each_mistake_gets_its_own_diagnosis(checked, mistaken, name):
    assert_diagnosed(checked, mistaken, name)


RIGHT = [
    (check.energy, energy_right),
    (check.energy, ising.energy),
    (check.flip_cost, cost_right),
    (check.flip_cost, cost_from_column),
    (check.flip_cost, cost_by_entries),
    (check.flip_cost, lambda s, i, J, h: 2 * s[i] * (sum(J[i][j] * s[j] for j in range(len(s))) + h[i])),
    (check.flip_cost, lambda s, i, J, h: 2 * s[i] * (J[i].dot(s) + h[i])),
    (check.flip_cost, lambda s, i, J, h: 2 * s[i] * (np.dot(J[i, :], s) + h[i])),
    (check.flip_cost, lambda s, i, J, h: 2 * s[i] * (np.einsum("j,j", J[:, i], s) + h[i])),
    (check.flip_cost, lambda s, i, J, h: 2 * s[i] * ((J[i] * s).sum() + h[i])),
    (check.flip_cost, lambda s, i, J, h: 2 * s[i] * sum(a * b for a, b in zip(J[i], s, strict=True)) + 2 * s[i] * h[i]),
    (check.square_lattice, lattice),
    (check.square_lattice, lambda r, c: lattice(r, c, mirror=False, steps=FOUR)),
    (check.ground_states, ground_right),
]


@each_right_answer(RIGHT)
def test_right_answers_are_accepted(checked, function):
    assert assert_accepted(checked, function).startswith("Right. Tested on ")


def test_every_known_mistake_is_tried_here():
    """A misconception that no test feeds in would be a line nobody has seen work."""
    known = {checked.__name__: mistakes_known_to(checked) for checked, *_ in KNOWN}
    assert all(len(names) >= 3 for names in known.values())
    tried = {name: {n for c, _, n in KNOWN if c.__name__ == name} for name in known}
    tried["flip_cost"].discard("reads the whole of J")  # found by poisoning J, not by comparing answers
    tried = {name: names - FROM_THE_ENGINE for name, names in tried.items()}
    missing = {name: known[name] ^ tried[name] for name in known if known[name] != tried[name]}
    assert not missing


def test_a_right_answer_that_takes_too_long_gets_one_line(capsys):
    check.flip_cost(cost_two_energies)
    said = capsys.readouterr().out
    assert said.count("\n") == 1 and "Right" not in said


def test_a_lattice_that_differs_is_described_by_its_neighbours(capsys):
    check.square_lattice(lambda r, c: lattice(r, c) * 0.5)
    said = capsys.readouterr().out
    assert "for a 3 x 3 lattice site 0 has the neighbours 1 (J = 0.5), 2 (J = 0.5)" in said
    assert "it should have 1, 2, 3, 6. Everywhere it is half" in said


def test_shapes_and_kinds_that_are_wrong(capsys):
    check.ground_states(lambda J, h: np.ones(len(h)))
    check.ground_states(lambda J, h: ground_right(J, h).T)
    check.ground_states(lambda J, h: np.vstack([ground_right(J, h)] * 2))
    check.ground_states(lambda J, h: np.ones(2 ** len(h), dtype=bool))
    check.square_lattice(lambda rows, cols: np.zeros((rows, cols)))
    check.energy(lambda s, J, h: {"E": 1})
    check.ground_states(lambda J, h: set(map(tuple, ground_right(J, h))))
    check.energy(lambda s, J, h: np.float32(energy_right(s, J, h)))
    check.energy(lambda s, J, h: [1.0])
    said = capsys.readouterr().out
    assert "; is it the transpose?" in said
    assert "some configuration more than once" in said
    assert "trues and falses: use them as an index" in said
    assert "returned a dict, expected one number" in said
    assert "returned a set, expected an array of shape (K, N)" in said
    assert all(given != exact for given, exact in re.findall(r"you give (\S+), exact is (\S+)", said))
    assert "array of shape (1,), expected one number" in said
    assert "shape (3,), not (K, 3), expected an array of shape (K, N) of +-1" in said
    assert "shape (3, 3), not (9, 9)" in said
