"""Checks of lesson 01, Ising energy."""

import numpy as np

from course_lib import exact, ising
from course_lib.classroom.checks import AnswerError, Case, Exercise, Mistake, agree, answers_of, as_numbers

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
            spins = rng.choice([-1, 1], n)
            signs = " ".join("+" if s > 0 else "-" for s in spins)
            J, h = ising.random_couplings(n, rng), rng.normal(size=n)
            cases.append(Case(f"spins ({signs}) with random J and h", (spins, J, h)))
    return cases


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


def _as_set(states):
    """Rows sorted and made unique, so that the order in which states are found does not matter."""
    return np.unique(np.asarray(states), axis=0)


def _lowest(states, J, h):
    energies = ising.energy(states, J, h)
    return states[np.isclose(energies, energies.min())]


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
        raise AnswerError("your function returned trues and falses: use them as an index, states[...]")
    if answer.ndim != 2 or answer.shape[1] != len(h):
        turned = "; is it the transpose?" if answer.ndim == 2 and answer.shape[0] == len(h) else ""
        raise AnswerError(f"your function returned an array of shape {answer.shape}, not (K, {len(h)}){turned}")
    if len(_as_set(answer)) < len(answer):
        raise AnswerError("your function returned some configuration more than once")
    return _as_set(answer)


def _is_one_of_them(given, J, h):
    return len(given) == 1 and _are_some_of_them(given, J, h)


def _are_too_many(given, J, h):
    """All ground states, and others not far above them."""
    right = set(map(tuple, _ground_states(J, h)))
    return right <= set(map(tuple, given)) and np.ptp(ising.energy(given, J, h)) < 1


def _are_some_of_them(given, J, h):
    return len(given) > 0 and set(map(tuple, given)) <= set(map(tuple, _ground_states(J, h)))


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
    ),
    tested_on="12 random systems of 2 to 7 spins, to 9 digits",
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
    ),
    tested_on="24 flips in random systems of 2 to 7 spins, to 9 digits, and it reads row i of J only: O(N)",
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
            "These are the ground states of couplings twice as large: the energy counts each pair twice.",
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
            lambda J, h: _as_set(_lowest(exact.states(len(h))[: 2 ** (len(h) - 1)], J, h)),
            "Only the first half of the states was tried, those with the last spin down: there are 2**N, not "
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
            seen=_are_some_of_them,
            says="These are some of the ground states, not all: their energies differ in the last digit, so `==` finds "
            "only a few. Compare with np.isclose.",
        ),
    ),
    tested_on="8 systems of 2 to 8 spins, four of them with more than one ground state",
    expected="an array of shape (K, N) of +-1, one ground state a row",
    read=_read_states,
)
