"""Checks of lesson 01, Ising energy."""

import numpy as np

from course_lib import exact, ising
from course_lib.classroom.checks import AnswerError, Case, Exercise, Mistake, agree, answers_of, as_numbers
from course_lib.classroom.checks.answers import WRONG_KIND, show
from course_lib.classroom.checks.kinds import equal, inexact, right_where, ways, wrong_where

SEED = 1  # the same systems each time, so that a student who runs a check again sees the same example


# ---------------------------------------------------------------- systems to try, and what mistakes give


def _systems():
    rng = np.random.default_rng(SEED)
    pair = np.array([[0.0, 0.5], [0.5, 0.0]])
    cases = [
        Case("spins (+ +) with J_01 = 0.5, h = (0, 0)", (np.array([1, 1]), pair, np.zeros(2))),
        Case("spins (+ -) with J_01 = 0.5, h = (1, 0)", (np.array([1, -1]), pair, np.array([1.0, 0.0]))),
    ]
    for n in range(3, 8):
        for _ in range(2):
            spins, J, h = rng.choice([-1, 1], n), ising.random_couplings(n, rng), rng.normal(size=n)
            cases.append(Case(f"spins ({_signs(spins)}) with random J and h", (spins, J, h)))
    for coupled in (True, False):
        spins, J, h = rng.choice([-1, 1], 4), ising.random_couplings(4, rng), rng.normal(size=4)
        kind = "J and no field" if coupled else "h and no couplings"
        cases.append(Case(f"spins ({_signs(spins)}) with random {kind}", (spins, J * coupled, h * (not coupled))))
    return cases


def _signs(spins):
    return " ".join("+" if s > 0 else "-" for s in spins)


def _sums(terms, counts):
    """All sums of the terms, each as often as one of the counts."""
    sums = np.zeros(1)
    for term in terms:
        sums = np.add.outer(sums, term * np.asarray(counts)).ravel()
    return sums


def _counted_wrongly(pair_counts, field_counts):
    """A sign that every pair and every field comes in as often as one of the counts."""

    def seen(given, s, J, h):
        pairs = -(J * np.outer(s, s))[np.triu_indices(len(s), 1)]
        sums = np.add.outer(_sums(pairs, pair_counts), _sums(-h * s, field_counts))
        return np.abs(sums - given).min() < 1e-9

    return seen


def _neighbours_counted_wrongly(given, s, i, J, h):
    return np.abs(_sums(2 * s[i] * J[i] * s, (-1, 0, 1, 2)) + 2 * s[i] * h[i] - given).min() < 1e-9


def _is_small(s, *others):
    return 3 <= len(s) <= 4


def _is_another_spins(given, s, i, J, h):
    return np.abs(np.delete(ising.flip_cost(s, J, h), i) - given).min() < 1e-9


def _has_no_field(*system):
    return not np.any(system[-1])


def _has_no_couplings(*system):
    return not np.any(system[-2])


def _flipped(spins, i):
    spins = spins.copy()
    spins[i] *= -1
    return spins


class _Watched(np.ndarray):
    """A matrix that counts how many of its entries are looked at; a row taken from it counts when it is used."""

    entries_read = 0

    def __getitem__(self, key):
        part = super().__getitem__(key)
        is_view = isinstance(part, np.ndarray) and np.may_share_memory(part.view(np.ndarray), self.view(np.ndarray))
        if not is_view:
            _Watched.entries_read += part.size  # a number, or a copy
        return part

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        return getattr(ufunc, method)(*map(_read, inputs), **options)

    def __array_function__(self, function, types, arguments, options):
        return function(*map(_read, arguments), **options)

    def dot(self, other):
        return np.dot(self, other)


def _read(argument):
    """A plain array in the place of a watched one, all of whose entries are read now."""
    if isinstance(argument, list | tuple):
        return type(argument)(map(_read, argument))
    if isinstance(argument, _Watched):
        _Watched.entries_read += argument.size
        return np.asarray(argument)
    return argument


def _reads_the_whole_of_J(function):
    """Watch which couplings a function reads, and poison those that do not touch spin i."""
    rng = np.random.default_rng(SEED)
    n, i = 40, 2
    spins, J, h = rng.choice([-1, 1], n), ising.random_couplings(n, rng), rng.normal(size=n)
    value = ising.flip_cost(spins, J, h)[i]
    others = np.arange(n) != i
    J[np.ix_(others, others)] = np.nan
    h[others] = np.nan
    entries_read = []

    def watched(spins, i, J, h):
        _Watched.entries_read = 0
        answer = function(spins, i, J.view(_Watched), h)
        entries_read.append(_Watched.entries_read)
        return answer

    try:
        answers = answers_of(
            watched, [Case("40 spins", (spins, i, J, h))], lambda answer, *_: answer, expected="a number"
        )
        if agree(answers[0], value) and entries_read[0] <= 4 * n:
            return None
    except AnswerError:
        pass  # NaN, or an error about NaN: either way the function looked where it need not look
    return Mistake(
        "reads the whole of J",
        says="every number is right, but the function reads couplings that do not touch spin i. Two whole energies, or "
        "all local fields, take of the order of N*N steps; the one of spin i takes N: use row J[i] and h[i] only.",
    )


def _lattice(rows, cols, *, steps=((0, 1), (1, 0)), join_rows=True, join_cols=True, mirror=True):
    """A square lattice built step by step, with any of the usual mistakes."""
    J = np.zeros((rows * cols, rows * cols))
    for r, c in np.ndindex(rows, cols):
        for down, right in steps:
            if (join_rows or 0 <= r + down < rows) and (join_cols or 0 <= c + right < cols):
                J[r * cols + c, (r + down) % rows * cols + (c + right) % cols] += 1
    return J + J.T if mirror else J


def _helical_lattice(rows, cols):
    n = rows * cols
    J = np.zeros((n, n))
    for i in range(n):
        J[i, (i + 1) % n] += 1
        J[i, (i + cols) % n] += 1
    return J + J.T


def _neighbours_of_first_difference(given, exact, rows, cols):
    """Where two coupling matrices differ first, in words: whole matrices would not fit into a sentence."""
    site = int(np.flatnonzero(np.any(given != exact, axis=1))[0])

    def row(J):
        entries = [f"{j} (J = {J[site, j]:g})" if J[site, j] != 1 else f"{j}" for j in np.flatnonzero(J[site])]
        return ", ".join(entries) or "none"

    return f"site {site} has the neighbours {row(given)}; it should have {row(exact)}"


def _is_alike_everywhere(given, rows, cols):
    seen_from = given.reshape(rows, cols, rows, cols)
    return np.all(np.isin(given, (0, 1, 2, 4))) and all(
        np.array_equal(np.roll(seen_from[r, c], (-r, -c), (0, 1)), seen_from[0, 0]) for r, c in np.ndindex(rows, cols)
    )


def _as_set(states):
    """Rows sorted and made unique, so that the order in which states are found does not matter."""
    return np.unique(np.asarray(states), axis=0)


def _lowest(states, J, h):
    energies = ising.energy(states, J, h)
    return states[np.isclose(energies, energies.min())]


def _lowest_with_one_held(held, J, h):
    spin, value = held
    states = exact.states(len(h))
    return _as_set(_lowest(states[states[:, spin] == value], J, h))


def _binary_ground_states(J, h):
    bits = (exact.states(len(h)) + 1) // 2
    energies = np.array([-(x @ J @ x) / 2 - h @ x for x in bits])
    return 2 * bits[np.isclose(energies, energies.min())] - 1


def _cost(s, i, J, h):
    return ising.flip_cost(s, J, h)[i]


def _systems_with_ground_states():
    rng = np.random.default_rng(SEED)
    antiferromagnet = -ising.chain(3)
    return [
        Case("a triangle with J = -1 and no field", (antiferromagnet, np.zeros(3))),
        Case("two spins with J_01 = 1 and no field", (ising.chain(2, periodic=False), np.zeros(2))),
        Case("a triangle with J = -1 and h = 0.5 everywhere", (antiferromagnet, np.full(3, 0.5))),
        # 35 ground states whose energies differ in the last digit, whichever way they are added up.
        Case("6 spins with J = -0.1 on each pair and h = 0.1", (-0.1 * (1 - np.eye(6)), np.full(6, 0.1))),
        # One ground state; the next state costs 0.005.
        Case(
            "3 spins without couplings in fields of 1, 1 and 0.0025", (np.zeros((3, 3)), np.array([1.0, 1.0, 0.0025]))
        ),
        *(
            Case(f"{n} random spins", (ising.random_couplings(n, rng), rng.normal(size=n) * field))
            for n, field in ((5, 1.0), (6, 0.0), (8, 1.0))
        ),
    ]


def _ground_states(J, h):
    return _as_set(exact.ground_states(J, h)[1])


def _read_states(answer, J, h):
    answer = as_numbers(answer)
    if answer.dtype == bool:
        raise AnswerError("your function returned trues and falses: use them as an index, states[...]", "mask")
    if answer.ndim == 1 and np.any(np.abs(answer) != 1):
        raise AnswerError(
            f"your function returned {show(answer)}: are these places in the list, or energies? Find the states, "
            "states[...]",
            "places or energies",
        )
    if answer.ndim != 2 or answer.shape[1] != len(h):
        turned = answer.ndim == 2 and answer.shape[0] == len(h)
        raise AnswerError(
            f"your function returned an array of shape {answer.shape}, not (K, {len(h)})"
            + "; is it the transpose?" * turned,
            "transposed" if turned else WRONG_KIND,
        )
    if len(_as_set(answer)) < len(answer):
        raise AnswerError("your function returned some configuration more than once", "found twice")
    return _as_set(answer)


def _is_one_of_them(given, J, h):
    return len(given) == 1 and _are_some_of_them(given, J, h)


def _are_too_many(given, J, h):
    """All ground states, and others not far above them."""
    right = set(map(tuple, _ground_states(J, h)))
    return right <= set(map(tuple, given)) and np.ptp(ising.energy(given, J, h)) < 1


def _are_some_of_them(given, J, h):
    return len(given) > 0 and set(map(tuple, given)) <= set(map(tuple, _ground_states(J, h)))


def _include_them(given, J, h):
    return set(map(tuple, given)) >= set(map(tuple, _ground_states(J, h)))


def _are_all_or_none(given, J, h):
    right = _ground_states(J, h)
    return equal(given, right) or not set(map(tuple, given)) & set(map(tuple, right))


def _lost_digits(given, J, h):
    """Ground states, and all of them where round-off has no part: where 2 J and 2 h are whole numbers."""
    whole = all(np.array_equal(2 * part, np.rint(2 * part)) for part in (J, h))
    return (equal(given, _ground_states(J, h)) if whole else True) and _are_some_of_them(given, J, h)


def _with_mirror_images(J, h):
    states = _ground_states(J, h)
    return _as_set(np.concatenate([states, -states]))


# ---------------------------------------------------------------- the exercises

energy = Exercise(
    "1, ``my_energy(spins (N,), J (N, N), h (N,)) -> float``: the energy of one configuration",
    cases=_systems,
    truth=ising.energy,
    mistakes=(
        Mistake(
            "pair counted twice",
            lambda s, J, h: -s @ J @ s - h @ s,
            "Each pair is counted twice, once as (i, j) and once as (j, i): sum over i < j, or halve the full sum.",
        ),
        Mistake(
            "bonds divided by four",
            lambda s, J, h: -s @ J @ s / 4 - h @ s,
            "The coupling part is half of what it should be: the full sum over i and j meets each pair twice, "
            "not four times.",
        ),
        Mistake(
            "sign of J",
            lambda s, J, h: s @ J @ s / 2 - h @ s,
            "The coupling part has the wrong sign: J > 0 rewards two spins that agree, so it lowers the energy.",
        ),
        Mistake(
            "sign of h",
            lambda s, J, h: -s @ J @ s / 2 + h @ s,
            "The field part has the wrong sign: a spin along its field lowers the energy.",
        ),
        Mistake(
            "both signs",
            lambda s, J, h: s @ J @ s / 2 + h @ s,
            "Both parts have the wrong sign: the energy starts with a minus.",
        ),
        Mistake("field forgotten", lambda s, J, h: -s @ J @ s / 2, "The fields are missing."),
        Mistake(
            "field halved",
            lambda s, J, h: (-s @ J @ s - h @ s) / 2,
            "The factor 1/2 belongs to the couplings only: the double sum meets pairs twice, but each field once.",
        ),
        Mistake(
            "field counted for every pair",
            lambda s, J, h: -s @ J @ s / 2 - len(s) * (h @ s),
            "The field of a spin is added N times: it belongs into the loop over i, not into the one over j.",
        ),
        Mistake(
            "field in the loop over pairs",
            (
                lambda s, J, h: -s @ J @ s / 2 - np.arange(len(s))[::-1] @ (h * s),
                lambda s, J, h: -s @ J @ s / 2 - np.arange(len(s)) @ (h * s),
                lambda s, J, h: -s @ J @ s / 2 - (len(s) - 1) * (h @ s),
            ),
            "The fields stand inside the loop over pairs, and count once for each pair: give them a loop of their own.",
        ),
        Mistake("couplings forgotten", lambda s, J, h: -h @ s, "The couplings are missing."),
        Mistake(
            "pairs twice and fields N times",
            lambda s, J, h: -s @ J @ s - len(s) * (h @ s),
            "Each pair is counted twice and each field N times: let j run above i only, and take the field out of "
            "the loop over j.",
        ),
        Mistake(
            "energy per spin",
            lambda s, J, h: ising.energy(s, J, h) / len(s),
            "That is the energy per spin: the energy itself was asked for.",
        ),
        Mistake(
            "last field left out",
            lambda s, J, h: ising.energy(s, J, h) + h[-1] * s[-1],
            "The field of the last spin is left out: does the loop over i end one too early?",
        ),
        Mistake(
            "neighbours in the list only",
            lambda s, J, h: -sum(J[i, i + 1] * s[i] * s[i + 1] for i in range(len(s) - 1)) - h @ s,
            "Only pairs (i, i + 1) are counted. Any two spins may be coupled: J says which.",
        ),
        Mistake(
            "last spin left out",
            lambda s, J, h: ising.energy(s[:-1], J[:-1, :-1], h[:-1]),
            "The last spin is left out: range(n) ends at n - 1 by itself.",
        ),
        Mistake(
            "spins of 0 and 1",
            lambda s, J, h: -(s + 1) @ J @ (s + 1) / 8 - h @ (s + 1) / 2,
            "The spins came in as 0 and 1: they are +1 and -1, as they are handed over.",
        ),
        Mistake(
            "one spin of each pair",
            ways(lambda factor, s, J, h: -factor * np.sum(J @ s) - h @ s, (0.5, 1)),
            "In each pair only one of the two spins comes in: the term is J_ij s_i s_j.",
        ),
        Mistake(
            "not every pair once",
            seen=_counted_wrongly((-1, 0, 1, 2), (1,)),
            says="The fields are right, but not every pair comes in once, with its sign: where do the loops begin "
            "and end?",
            where=_is_small,
        ),
        Mistake(
            "not every field once",
            seen=_counted_wrongly((1,), (-1, 0, 0.5, 1, 2, 3, 4)),
            says="The couplings are right, but not every h_i s_i comes in once, with its minus.",
            where=_is_small,
        ),
        Mistake(
            "neither every pair nor every field once",
            seen=_counted_wrongly((0, 1, 2), (0, 1, 2)),
            says="Some pairs and some fields are missing, or come twice: where does each loop begin and end, and does "
            "return stand after the loops?",
            where=_is_small,
        ),
        *inexact(ising.energy, 1e-3),
        right_where(_has_no_field, ising.energy, "Right without field: each h_i s_i comes in once, with a minus."),
        right_where(_has_no_couplings, ising.energy, "Right without couplings: each pair i < j brings -J_ij s_i s_j."),
        wrong_where(
            lambda s, J, h: len(s) == 2,
            ising.energy,
            "Wrong for two spins: there it is -J_01 s_0 s_1 - h_0 s_0 - h_1 s_1. Begin there.",
        ),
    ),
    tested_on="14 systems of 2 to 7 spins, to 9 digits",
    expected="one number",
)


flip_cost = Exercise(
    "2, ``my_flip_cost(spins (N,), i, J (N, N), h (N,)) -> float``: what flipping spin i costs, in O(N)",
    cases=lambda: [
        Case(f"flipping spin {i} of {case.name}", (case.arguments[0], i, *case.arguments[1:]))
        for case in _systems()
        for i in {0, len(case.arguments[0]) - 1}
    ],
    truth=_cost,
    mistakes=(
        Mistake(
            "factor 2 forgotten",
            lambda s, i, J, h: _cost(s, i, J, h) / 2,
            "The factor 2 is missing: s_i goes from +1 to -1, a change of 2, not of 1.",
        ),
        Mistake(
            "pair counted twice",
            lambda s, i, J, h: 2 * _cost(s, i, J, h) - 2 * s[i] * h[i],
            "The couplings come out doubled: each pair of spin i counts once.",
        ),
        Mistake(
            "sign of the cost",
            lambda s, i, J, h: -_cost(s, i, J, h),
            "The sign is turned round: the cost is the energy after the flip minus the energy before.",
        ),
        Mistake(
            "spin itself forgotten",
            lambda s, i, J, h: 2 * (J[i] @ s + h[i]),
            "That is twice the local field: multiply it by the spin that flips.",
        ),
        Mistake("field forgotten", lambda s, i, J, h: 2 * s[i] * (J[i] @ s), "The field h_i is missing."),
        Mistake(
            "field outside the bracket",
            lambda s, i, J, h: 2 * s[i] * (J[i] @ s) + h[i],
            "The field stands outside the bracket: 2 s_i multiplies the whole local field, sum and h_i together.",
        ),
        Mistake(
            "field not doubled",
            lambda s, i, J, h: 2 * s[i] * (J[i] @ s) + s[i] * h[i],
            "The factor 2 is on the couplings only: it belongs to the field as well.",
        ),
        Mistake(
            "field without the spin",
            lambda s, i, J, h: 2 * s[i] * (J[i] @ s) + 2 * h[i],
            "The field part lacks its spin: it is 2 s_i h_i.",
        ),
        Mistake(
            "neighbours on one side only",
            (
                lambda s, i, J, h: 2 * s[i] * (J[i, i:] @ s[i:] + h[i]),
                lambda s, i, J, h: 2 * s[i] * (J[i, :i] @ s[:i] + h[i]),
            ),
            "Only spins on one side of spin i are heard, j > i or j < i. i < j counts *pairs*; a spin feels all.",
        ),
        Mistake(
            "energy after the flip",
            lambda s, i, J, h: ising.energy(_flipped(s, i), J, h),
            "That is the energy after the flip: subtract the energy before it.",
        ),
        Mistake(
            "all spins flipped",
            lambda s, i, J, h: 2 * h @ s,
            "That is the cost of flipping all spins at once: only s_i turns round.",
        ),
        Mistake(
            "not every neighbour once",
            seen=_neighbours_counted_wrongly,
            says="The field is right, but not every J_ij s_j comes in once, with its sign: does j run over all spins?",
            where=_is_small,
        ),
        Mistake(
            "another spin",
            seen=_is_another_spins,
            says="That is the cost of flipping another spin: i counts from 0.",
        ),
        *inexact(_cost, 1e-3),
        right_where(_has_no_field, _cost, "Right without field: of the fields only h_i comes in, as 2 s_i h_i."),
        right_where(_has_no_couplings, _cost, "Right without couplings: they bring 2 s_i times the sum of J_ij s_j."),
        wrong_where(
            lambda s, i, J, h: len(s) == 2,
            _cost,
            "Wrong for two spins: there flipping spin 0 costs 2 s_0 (J_01 s_1 + h_0). Begin there.",
        ),
    ),
    tested_on="28 flips in systems of 2 to 7 spins, to 9 digits, and it reads row i of J only: O(N)",
    expected="one number",
    last_looks=(_reads_the_whole_of_J,),
)


square_lattice = Exercise(
    "3, ``my_square_lattice(rows, cols) -> (rows * cols, rows * cols)``: couplings of a periodic lattice, J = 1",
    cases=lambda: [
        Case(f"a {rows} x {cols} lattice", (rows, cols))
        for rows, cols in ((3, 3), (3, 4), (4, 3), (5, 5), (2, 3), (2, 2))
    ],
    truth=ising.square_lattice,
    mistakes=(
        Mistake(
            "wrap-around missing",
            lambda rows, cols: _lattice(rows, cols, join_rows=False, join_cols=False),
            "The edges are not joined: the last column's right neighbour is the first column, and the last row's "
            "neighbour below is the first row. `% cols` and `% rows` do it.",
        ),
        Mistake(
            "one edge joined",
            lambda rows, cols: _lattice(rows, cols, join_rows=False),
            "The columns are joined, the rows are not: below the last row comes the first, `% rows` does it.",
        ),
        Mistake(
            "one edge joined",
            lambda rows, cols: _lattice(rows, cols, join_cols=False),
            "The rows are joined, the columns are not: to the right of the last column comes the first, `% cols` "
            "does it.",
        ),
        Mistake(
            "helical edges",
            _helical_lattice,
            "The right neighbour of the last column is the first column of the *same* row; `(i + 1) % N` steps "
            "into the next row.",
        ),
        Mistake(
            "bonds to the right only",
            lambda rows, cols: _lattice(rows, cols, steps=((0, 1),)),
            "Every row is a ring of its own: the bonds down are missing.",
        ),
        Mistake(
            "bonds down only",
            lambda rows, cols: _lattice(rows, cols, steps=((1, 0),)),
            "Every column is a ring of its own: the bonds to the right are missing.",
        ),
        Mistake(
            "sign of J",
            lambda rows, cols: -ising.square_lattice(rows, cols),
            "The couplings are -1: J = +1 was asked for; the minus stands in the energy.",
        ),
        Mistake(
            "one direction only",
            lambda rows, cols: _lattice(rows, cols, mirror=False),
            "J is not symmetric: a bond from i to j must stand in J[i, j] and in J[j, i].",
        ),
        Mistake(
            "bond counted twice",
            lambda rows, cols: 2 * ising.square_lattice(rows, cols),
            "Every coupling is 2: going right and left (or down and up) from each site meets each bond twice. "
            "Take right and down only.",
        ),
        Mistake(
            "diagonal",
            lambda rows, cols: ising.square_lattice(rows, cols) + np.eye(rows * cols),
            "The diagonal is 1: a spin is not its own neighbour.",
        ),
        Mistake(
            "rows and columns exchanged",
            lambda rows, cols: ising.square_lattice(cols, rows),
            "It is right for a square but not for 3 x 4: the index of a site is row * cols + col.",
        ),
        Mistake(
            "second bond lost at side 2",
            lambda rows, cols: np.minimum(ising.square_lattice(rows, cols), 1.0),
            "It is right from side 3 on. At side 2 the right and the left neighbour are the same spin, and the "
            "pair has both bonds: add 1 for each (`+=`), do not set it to 1.",
        ),
        Mistake(
            "diagonal neighbours",
            lambda rows, cols: _lattice(rows, cols, steps=((0, 1), (1, 0), (1, 1), (1, -1))),
            "Sites that touch at a corner are coupled as well: a site has 4 neighbours, not 8.",
        ),
        right_where(
            lambda rows, cols: rows == cols,
            ising.square_lattice,
            "Right for squares: cols goes with columns and with r * cols + c, rows goes with rows.",
        ),
        Mistake(
            "not symmetric",
            seen=lambda given, *case: not np.array_equal(given, given.T),
            says="J is not symmetric: a bond from i to j must stand in J[i, j] and in J[j, i].",
        ),
        right_where(
            lambda rows, cols: min(rows, cols) > 2,
            ising.square_lattice,
            "Right from side 3 on: at side 2 a pair has two bonds, add 1 for each (`+=`), in both places.",
        ),
        Mistake(
            "bonds missing",
            seen=lambda given, *case: np.all(np.isin(given, (0, 1, 2)) & (given <= ising.square_lattice(*case))),
            says="The bonds that are there are right, others are missing: *every* site has one to its right and one "
            "down, also in the first and last row and column.",
        ),
        Mistake(
            "too many bonds",
            seen=lambda given, *case: np.all(given >= ising.square_lattice(*case)),
            says="All bonds are there, and more: each site brings one to its right and one down, each of J = 1.",
        ),
        Mistake(
            "another step",
            seen=_is_alike_everywhere,
            says="Every site has its neighbours in the same places, but not right, left, above and below, once each.",
        ),
        wrong_where(
            lambda rows, cols: (rows, cols) == (3, 3),
            ising.square_lattice,
            "Wrong for 3 x 3: there the rows are 0 1 2, 3 4 5, 6 7 8, and site 0 is beside 1, 2, 3 and 6. Begin there.",
        ),
    ),
    tested_on="lattices 3x3, 3x4, 4x3, 5x5, 2x3 and 2x2",
    expected="a matrix of shape (rows*cols, rows*cols)",
    describe=_neighbours_of_first_difference,
)


ground_states = Exercise(
    "4, ``my_ground_states(J (N, N), h (N,)) -> (K, N)``: all configurations of lowest energy, in any order",
    cases=_systems_with_ground_states,
    truth=_ground_states,
    mistakes=(
        Mistake(
            "only one ground state",
            seen=_is_one_of_them,
            says="That is one ground state of several: ask for every state whose energy equals the lowest, with "
            "np.isclose.",
        ),
        Mistake(
            "pair counted twice",
            lambda J, h: _ground_states(2 * J, h),
            "These are the ground states of couplings twice as large: pairs count twice in the energy, or fields half.",
        ),
        Mistake(
            "field forgotten",
            lambda J, h: _ground_states(J, np.zeros_like(h)),
            "These are the ground states without field: hand h to the energy.",
        ),
        Mistake(
            "zeros and ones",
            lambda J, h: _as_set((exact.ground_states(J, h)[1] + 1) // 2),
            "The spins come out as 0 and 1: convert with 2*x - 1.",
        ),
        Mistake(
            "energies of zeros and ones",
            lambda J, h: _as_set(_binary_ground_states(J, h)),
            "The energies were taken with spins 0 and 1: convert to +-1 before you compute them.",
        ),
        Mistake(
            "highest instead of lowest",
            lambda J, h: _as_set(exact.ground_states(-J, -h)[1]),
            "These are the states of highest energy: take the minimum.",
        ),
        Mistake(
            "half of the states tried",
            ways(_lowest_with_one_held, ((0, 1), (0, -1), (-1, 1), (-1, -1))),
            "Only half of the states were tried, with the first or the last spin held fixed: there are 2**N, not "
            "2**(N - 1).",
        ),
        Mistake(
            "compared too loosely",
            seen=_are_too_many,
            says="There are states among these that lie a little above the lowest: levels can be close. Round-off is "
            "in the last digits only; np.isclose as it comes allows for that.",
        ),
        Mistake(
            "compared to the last digit",
            seen=_lost_digits,
            says="These are some of the ground states, not all: their energies differ in the last digit, so `==` finds "
            "only a few. Compare with np.isclose.",
        ),
        Mistake(
            "one state not tried",
            ways(lambda tried, J, h: _as_set(_lowest(exact.states(len(h))[tried], J, h)), (slice(-1), slice(1, None))),
            "The first or the last state was not tried, all down or all up: there are 2**N.",
        ),
        *(
            Mistake(f"sign of {name}", returns, f"These are the ground states with -{name}: the energy has it with +.")
            for name, returns in (
                ("J", lambda J, h: _ground_states(-J, h)),
                ("h", lambda J, h: _ground_states(J, -h)),
            )
        ),
        Mistake(
            "mirror images added",
            _with_mirror_images,
            "With each state its mirror image came: only without field do the two have the same energy.",
        ),
        Mistake(
            "ground states missing",
            seen=_are_some_of_them,
            says="These are ground states, but not all: are all 2**N states tried, and all that are found kept?",
        ),
        Mistake(
            "higher levels as well",
            seen=_include_them,
            says="All ground states are among these, and others: keep those whose energy equals the lowest of *all*.",
        ),
        Mistake(
            "always as many",
            seen=lambda *case: _are_some_of_them(*case) or _include_them(*case),
            says="Here there are too many, elsewhere too few: how many ground states there are depends on J and h.",
        ),
        Mistake(
            "no ground states",
            seen=_are_all_or_none,
            says="Not one of these is a ground state: of which numbers is the minimum taken?",
        ),
        Mistake(
            "some are no ground states",
            seen=lambda *case: True,
            says="In some systems you return states that are not of lowest energy: compute the energy of all 2**N.",
            last=True,
        ),
    ),
    tested_on="8 systems of 2 to 8 spins, four of them with more than one ground state",
    expected="an array of shape (K, N) of +-1, one ground state a row",
    read=_read_states,
)
