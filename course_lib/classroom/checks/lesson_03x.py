"""Checks of lesson 03x, beating slow chains."""

import time
from functools import lru_cache
from itertools import product

import numpy as np

from course_lib.classroom.checks import (
    AnswerError,
    Case,
    Misconception,
    Symptom,
    TimeLimitReached,
    Verdict,
    agree,
    judge,
    within,
)

SEED = 3  # the same systems each time, so that a student who runs a check again sees the same example


# ---------------------------------------------------------------- counting with bits


def count_up(function) -> Verdict:
    """Check Exercise 1, ``my_count_up(a, b, c, d)``: how many of four words have a bit set, in binary.

    Parameters
    ----------
    function : callable
        The student's ``(int, int, int, int) -> (ones, twos, fours)``.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> verdict = count_up(lambda a, b, c, d: (a ^ b ^ c ^ d, a & b, 0))  # doctest: +ELLIPSIS
    Not yet: for four bytes that hold all 16 combinations in two halves (0 to 7) place ...
    """
    rng = np.random.default_rng(SEED)
    low, high = ([sum((n >> k & 1) << (n % 8) for n in half) for k in range(4)] for half in (range(8), range(8, 16)))
    cases = [
        Case("four bytes that hold all 16 combinations in two halves (0 to 7)", tuple(low)),
        Case("the other half (8 to 15)", tuple(high)),
        *(Case("four random words", tuple(int(w) for w in rng.integers(2**62, size=4))) for _ in range(3)),
    ]

    def prepare(answer, *words):
        if not isinstance(answer, tuple | list | np.ndarray) or len(answer) != 3:
            raise AnswerError("your function did not return three words")
        if not all(isinstance(word, int | np.integer) for word in answer):
            raise AnswerError("your function returned something else than whole numbers among the three words")
        return _bits(answer)

    def described(given, exact, *words):
        if given.shape != exact.shape:
            return "your words have bits outside of the places that were given"
        wrong = np.flatnonzero(np.any(given != exact, axis=0))[0]
        inputs = _bits(words)[:, wrong].astype(int)
        return (
            f"place {wrong} holds the bits {', '.join(map(str, inputs))}: your ones, twos and fours say "
            f"{given[:, wrong] @ (1, 2, 4):.0f}, right is {inputs.sum()}"
        )

    def with_words(combine):
        return lambda *words: _bits(combine(*words))

    def truth(a, b, c, d):
        return (a ^ b) ^ (c ^ d), (a & b) ^ (c & d) ^ ((a ^ b) & (c ^ d)), a & b & c & d

    return judge(
        function,
        cases,
        with_words(truth),
        [
            Misconception(
                "carry of the last digits lost",
                with_words(lambda a, b, c, d: (truth(a, b, c, d)[0], (a & b) ^ (c & d), truth(a, b, c, d)[2])),
                "When the last digits of a + b and of c + d are added, they may carry as well: one up neighbour among "
                "a, b and one among c, d make two.",
            ),
            Misconception(
                "carry of the last digits lost, carries joined",
                with_words(lambda a, b, c, d: (truth(a, b, c, d)[0], (a & b) | (c & d), truth(a, b, c, d)[2])),
                "When the last digits of a + b and of c + d are added, they may carry as well. And two carries at once "
                "make a four, not a two: `^` instead of `|`.",
            ),
            Misconception(
                "four counts as six",
                with_words(
                    lambda a, b, c, d: (
                        truth(a, b, c, d)[0],
                        (a & b) | (c & d) | ((a ^ b) & (c ^ d)),
                        truth(a, b, c, d)[2],
                    )
                ),
                "With all four up both fours and twos are set: two carries together make a four and no two, so `^`.",
            ),
            Misconception(
                "or instead of xor",
                with_words(lambda a, b, c, d: (a | b | c | d, *truth(a, b, c, d)[1:])),
                "ones is set where *any* neighbour is up; it is the last digit of the number, set where the number is "
                "odd: `^`.",
            ),
            Misconception(
                "fours forgotten",
                with_words(lambda a, b, c, d: (*truth(a, b, c, d)[:2], 0)),
                "The fours are empty: where are all four neighbours up?",
            ),
            Misconception(
                "order turned round",
                with_words(lambda a, b, c, d: truth(a, b, c, d)[::-1]),
                "The three words are right, but in the wrong order: ones, twos, fours.",
            ),
            Misconception(
                "masks instead of binary digits",
                with_words(lambda a, b, c, d: [_word(_bits((a, b, c, d)).sum(axis=0) == k) for k in (1, 2, 4)]),
                "Your words say exactly one, exactly two and exactly four up: these are masks. Three is one and two in "
                "binary, so both of these words are set.",
            ),
            Symptom(
                "carries from chain to chain",
                lambda given, a, b, c, d: any(
                    agree(given[k], _bits([added])[0])
                    for k, added in (
                        (0, a + b + c + d),
                        (0, (a ^ b) + (c ^ d)),
                        (0, (a & b) + (c & d)),
                        (1, (a & b) + (c & d)),
                        (1, (a & b) + (c & d) + ((a ^ b) & (c ^ d))),
                    )
                ),
                "`+` carries from one place into the next, that is from one chain into another: use & and ^ only.",
            ),
        ],
        tested_on="all 16 combinations and 3 times 64 chains",
        expected="three whole numbers (ones, twos, fours)",
        prepare=prepare,
        describe=described,
    )


def _bits(words):
    """Rows of 64 bits, place 0 first."""
    return np.array([[int(word) >> place & 1 for place in range(64)] for word in words], dtype=float)


def _word(bits):
    return sum(1 << place for place, one in enumerate(bits) if one)


# ---------------------------------------------------------------- clusters


class _Seeded:
    """The student's function, called with a seed where it expects a generator: a generator cannot be compared."""

    def __init__(self, function):
        self._function = self.__wrapped__ = function
        self.__code__ = getattr(function, "__code__", None)

    def __call__(self, spins, start, p, rng):
        return self._function(spins, start, p, np.random.default_rng(rng))


def cluster(function) -> Verdict:
    """Check Exercise 2, ``my_cluster(spins, start, p, rng)``: the sites of a Wolff cluster.

    Parameters
    ----------
    function : callable
        The student's ``(spins (rows, cols), start (row, col), p, rng) -> mask (rows, cols)``.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> verdict = cluster(lambda spins, start, p, rng: spins == spins[start])  # doctest: +ELLIPSIS
    Not yet: for a 4 x 5 lattice with p = 0 you give 10 sites, right is 1. ...
    """
    rng = np.random.default_rng(SEED)
    random = rng.choice([-1, 1], size=(4, 5), p=[0.45, 0.55])
    patch = -np.ones((5, 6), dtype=int)
    patch[1, 1] = patch[1, 2] = patch[2, 2] = patch[3, 2] = patch[3, 3] = patch[2, 4] = 1
    across = -np.ones((5, 4), dtype=int)
    across[0, :2] = across[4, 0] = across[0, 3] = across[3, 3] = across[4, 3] = 1
    striped = np.ones((4, 4), dtype=int)
    striped[:, ::2] = -1
    cases = [
        Case("a 4 x 5 lattice with p = 0", (random, (1, 2), 0.0, 1)),
        Case("a patch inside a 5 x 6 lattice with p = 1", (patch, (2, 2), 1.0, 1)),
        Case("a region across the edges of a 5 x 4 lattice with p = 1", (across, (0, 0), 1.0, 1)),
        Case("the same with the start at the other edge", (across, (4, 3), 1.0, 1)),
        Case("stripes on a 4 x 4 lattice with p = 1, from a spin that is down", (striped, (0, 2), 1.0, 1)),
        Case("a random 4 x 5 lattice with p = 1", (random, (1, 2), 1.0, 1)),
        Case("all up on a 3 x 3 lattice with p = 1", (np.ones((3, 3), dtype=int), (2, 1), 1.0, 1)),
        Case("all up on a 3 x 3 lattice with p = 0", (np.ones((3, 3), dtype=int), (2, 1), 0.0, 1)),
    ]

    def prepare(answer, spins, start, p, seed):
        if isinstance(answer, set) or (isinstance(answer, list | tuple) and np.shape(answer) != spins.shape):
            raise AnswerError("your function returned a collection of sites, not an array of True and False")
        mask = np.asarray(answer)
        if mask.shape != spins.shape:
            raise AnswerError(f"your function returned an array of shape {mask.shape}, not {spins.shape}")
        if mask.dtype != bool and not np.all(np.isin(mask, (0, 1))):
            raise AnswerError("your function returned an array with other values than True and False")
        return mask.astype(int)

    def grown(**options):
        """What a mistake gives, where chance has no say."""

        def answer(spins, start, p, seed):
            return _component(spins, start, **options) if p == 1 else _component(spins, start, reach=0)

        return answer

    def everything_alike(spins, start, p, seed):
        return (spins == spins[start]).astype(int)

    def turned_round(spins, start, p, seed):
        return grown()(spins, start, 1 - p, seed)

    def without_start(spins, start, p, seed):
        mask = grown()(spins, start, p, seed)
        mask[start] = 0
        return mask

    def unmarked_start(spins, start, p, seed):
        mask = grown()(spins, start, p, seed)
        return mask if mask.sum() > 1 else 0 * mask  # who joined asks back, and then the start joins

    def only_up(spins, start, p, seed):
        return _component(spins, start, same=1) if p == 1 else _component(spins, start, reach=0)

    return judge(
        _Seeded(function) if callable(function) else function,
        cases,
        grown(),
        [
            Misconception(
                "probability turned round",
                turned_round,
                "The decision is turned round: with p = 0 nobody may join, with p = 1 all who are asked do. "
                "`rng.random() < p` is true with probability p.",
            ),
            Misconception(
                "all equal spins",
                everything_alike,
                "Those are all spins equal to the first one: a cluster grows from neighbour to neighbour, and each "
                "bond must let it pass.",
            ),
            Misconception(
                "p not used",
                lambda spins, start, p, seed: _component(spins, start),
                "Even with p = 0 neighbours join: each one asked may join with probability p only.",
            ),
            Misconception(
                "start left out", without_start, "The first site belongs to the cluster: it must be True as well."
            ),
            Misconception(
                "start not marked",
                unmarked_start,
                "The start itself belongs to the cluster: mark it as joined before its neighbours are asked.",
            ),
            Misconception(
                "wrap-around missing",
                grown(wrap=False),
                "The cluster stops at the edges of the array: the edges are joined, so take `% rows` and `% cols`.",
            ),
            Misconception(
                "wrap-around on one side only",
                grown(wrap="negative"),
                "The cluster crosses the upper and the left edge, but not the lower and the right one: index -1 is the "
                "last row, but index `rows` needs `% rows`.",
            ),
            Misconception(
                "opposite spins joined",
                grown(same=None),
                "Spins of the other sign have joined: only equal spins may, or the flip would not make sense.",
            ),
            Misconception(
                "only opposite spins joined",
                grown(same=-1),
                "The comparison is turned round: neighbours with the *same* spin as the first one are asked.",
            ),
            Misconception(
                "only up spins joined",
                only_up,
                "From a spin that is down the cluster does not grow: compare with the first spin, not with +1.",
            ),
            Misconception(
                "neighbours of the start only",
                grown(reach=1),
                "Only neighbours of the first site were asked: those who join ask their own neighbours in turn.",
            ),
            Misconception(
                "diagonal neighbours",
                grown(steps=[(r, c) for r, c in product((-1, 0, 1), repeat=2) if r or c]),
                "Diagonal neighbours joined as well: a bond leads right, left, up or down.",
            ),
            Misconception(
                "right and down only",
                grown(steps=[(0, 1), (1, 0)]),
                "The cluster grows to the right and downwards only: each site has four neighbours.",
            ),
            *(
                Misconception(
                    "one axis only",
                    grown(steps=steps),
                    f"The cluster grows along its {line} only: each site has four neighbours.",
                )
                for line, steps in (("row", [(0, 1), (0, -1)]), ("column", [(1, 0), (-1, 0)]))
            ),
        ],
        tested_on=(
            "8 lattices with p = 0 or 1, and on many clusters on each of three small lattices with p = 0.5, whose "
            "sizes are known from all their bonds"
        ),
        expected="an array of True and False in the shape of spins",
        prepare=prepare,
        describe=lambda given, exact, *_: (
            f"you give {int(given.sum())} sites, right is {int(exact.sum())}"
            if given.sum() != exact.sum()
            else f"you give other sites: {_where(given, exact)} should be {bool(exact[given != exact][0])}"
        ),
        last_look=lambda: _wrong_law(function),
    )


MOST_CLUSTERS, FEWEST_CLUSTERS = 3000, 300  # on each lattice
SECONDS = 0.4  # for each lattice, unless the function is too slow for the fewest
# Of six numbers, the mean size and the share of lone sites on three lattices, a right function has one too far off
# once in 3 million times.
LOG_RATE = np.log(2 * 6 / 3e-7)


def _wrong_law(function):
    """Clusters with p = 0.5 against the exact law of their sizes, the misconception that fits them if they do not."""
    p, measured = 0.5, []
    rng = np.random.default_rng()
    systems = [(np.ones((3, 3), dtype=int), (0, 0)), (np.ones((2, 3), dtype=int), (1, 1)), (_bent(), (1, 1))]

    def draw(spins, start, sizes):
        end = time.perf_counter() + SECONDS
        while len(sizes) < MOST_CLUSTERS and (len(sizes) < FEWEST_CLUSTERS or time.perf_counter() < end):
            sizes.append(int(np.sum(function(spins.copy(), start, p, rng))))

    try:
        for system in systems:
            sizes = []
            within(SECONDS + 0.2, lambda: draw(*system, sizes))  # noqa: B023
            measured.append(np.array(sizes))
    except TimeLimitReached:
        says = f"{FEWEST_CLUSTERS} clusters of at most 9 sites took too long: does every site ask its neighbours once?"
        return Misconception("too slow", None, says)

    def fits(law):
        return all(_may_have(sizes, law(*system, p)) for sizes, system in zip(measured, systems, strict=True))

    if fits(size_law):
        return _own_random_numbers(function, *systems[0], p)
    off = [
        (sizes.mean() - mean_size(*system, p)) / np.sqrt(system[0].size)
        for sizes, system in zip(measured, systems, strict=True)
    ]
    worst = int(np.argmax(np.abs(off)))
    mean, exact, shape = measured[worst].mean(), mean_size(*systems[worst], p), systems[worst][0].shape
    seen = f"on a {shape[0]} x {shape[1]} lattice with p = 0.5, {_sizes(mean, exact)}."
    if all(np.all(sizes == sizes[0]) for sizes in measured):
        says = (
            "All of them are alike, so no random number from rng decides. Is one drawn for each bond? Is a generator "
            "with a fixed seed made inside the function?"
        )
        return Misconception("rng decides nothing", None, f"{seen} {says}")
    laws = [
        (
            "refused for ever",
            _site_percolation,
            "A site that was refused once is not asked again from another side: it is *bonds* that are asked once, "
            "and a site has up to four. Mark a site only when it joins.",
        ),
        (
            "one decision for all",
            _one_number_for_all,
            "All bonds of a cluster share one random number: draw a new one for each bond.",
        ),
        (
            "one decision for all neighbours",
            _one_number_a_site,
            "The four bonds of a site share one random number: draw a new one for each bond.",
        ),
        (
            "each bond tried twice",
            lambda spins, start, p: size_law(spins, start, 1 - (1 - p) ** 2),
            "Each bond gets two chances, as if p were 1 - (1 - p)^2: ask it once.",
        ),
        (
            "p squared",
            lambda spins, start, p: size_law(spins, start, p**2),
            "The clusters are those of the probability p^2: one random number a bond is enough.",
        ),
    ]
    for name, law, says in laws:
        if fits(law):
            return Misconception(name, None, f"{seen} {says}")
    if off[worst] > 0:
        name = "too many join"
        says = (
            "Is a bond asked again after it refused? Each site that joined asks its neighbours once, and is then taken "
            "off the list."
        )
    else:
        name = "too few join"
        says = "Does every site that joins ask all its neighbours, also those that refused another site?"
    return Misconception(name, None, f"{seen} {says}")


def _may_have(sizes, law):
    """Whether the mean size and the share of lone sites are near enough to the law's (Bernstein's inequality)."""
    size, n = np.arange(len(law)), len(sizes)
    for of in (lambda k: k, lambda k: k == 1):
        value, found = of(size).astype(float), np.mean(of(sizes))
        mean = law @ value
        widest = np.ptp(value) * LOG_RATE / (3 * n)
        if abs(found - mean) > widest + np.sqrt(widest**2 + 2 * (law @ (value - mean) ** 2) * LOG_RATE / n):
            return False
    return True


def _own_random_numbers(function, spins, start, p):
    """Whether two runs from generators in the same state differ."""
    first, second = (
        [np.array(function(spins.copy(), start, p, rng)) for _ in range(30)]
        for rng in (np.random.default_rng(SEED), np.random.default_rng(SEED))
    )
    if np.array_equal(first, second):
        return None
    return Misconception(
        "own random numbers",
        None,
        "every probability is right, but the same rng gives another result each time, so nobody can repeat your run: "
        "draw all random numbers from rng.",
    )


def _sizes(mean, exact):
    return f"your clusters have {mean:.2f} sites on average; exact is {exact:.2f}"


def _bent():
    spins = -np.ones((4, 4), dtype=int)
    spins[1, 1] = spins[1, 2] = spins[2, 1] = spins[2, 2] = spins[3, 2] = spins[1, 0] = 1
    return spins


def _where(given, exact):
    return tuple(int(k) for k in np.argwhere(given != exact)[0])


FOUR = [(0, 1), (0, -1), (1, 0), (-1, 0)]


def _component(spins, start, *, wrap=True, same=0, reach=None, steps=FOUR):
    """Sites that hang together with the start, as 0 and 1.

    ``same``: 0 joins equal spins, None any, -1 those unlike the start, 1 those that are up. ``wrap`` may be "negative":
    over the upper and left edges only. ``reach`` bounds the number of steps.
    """
    rows, cols = spins.shape
    mask = np.zeros(spins.shape, dtype=int)
    mask[start], front, done = 1, [start], 0
    allowed = {
        0: spins == spins[start],
        None: np.ones(spins.shape, dtype=bool),
        -1: spins != spins[start],
        1: spins == 1,
    }[same]
    while front and (reach is None or done < reach):
        new = []
        for (r, c), (down, right) in product(front, steps):
            row, col = r + down, c + right
            inside = 0 <= row < rows and 0 <= col < cols
            if not inside and (wrap is False or (wrap == "negative" and (row >= rows or col >= cols))):
                continue
            site = (row % rows, col % cols)
            if allowed[site] and not mask[site]:
                mask[site] = 1
                new.append(site)
        front, done = new, done + 1
    return mask


def mean_size(spins, start, p) -> float:
    """Mean size of the cluster of a site, from all configurations of the bonds between equal spins.

    At side 2 two sites have two bonds, and either one lets the cluster pass.

    Parameters
    ----------
    spins : array of +-1, shape (rows, cols)
    start : (int, int)
    p : float

    Returns
    -------
    float

    Examples
    --------
    Two bonds between the two sites of each row, and rows that differ: 1 + (1 - (1 - p)^2).

    >>> mean_size(np.array([[1, 1], [-1, -1]]), (0, 0), 0.5)
    1.75
    """
    law = size_law(spins, start, p)
    return float(law @ np.arange(len(law)))


def size_law(spins, start, p):
    """Probability of each size, 0 to the number of sites, of the cluster of a site, from all configurations of bonds.

    Parameters
    ----------
    spins : array of +-1, shape (rows, cols)
    start : (int, int)
    p : float

    Returns
    -------
    array, shape (rows * cols + 1,)

    Examples
    --------
    >>> size_law(np.array([[1, 1], [-1, -1]]), (0, 0), 0.5)
    array([0.  , 0.25, 0.75, 0.  , 0.  ])
    """
    bonds, is_open, sizes = _configurations(tuple(map(tuple, spins.tolist())), tuple(start))
    passes = 1 - (1 - p) ** bonds
    weights = np.where(is_open, passes, 1 - passes).prod(axis=1)
    return np.bincount(sizes, weights, minlength=spins.size + 1)


@lru_cache(maxsize=8)
def _configurations(spins, start):
    """Bonds between each pair of sites, all choices of pairs that let a cluster pass, its size in each."""
    spins = np.array(spins)
    rows, cols = spins.shape
    size_of = {}  # bonds between the same two sites count together
    for r, c in np.ndindex(rows, cols):
        for other in ((r, (c + 1) % cols), ((r + 1) % rows, c)):
            if spins[r, c] == spins[other]:
                pair = tuple(sorted([r * cols + c, other[0] * cols + other[1]]))
                size_of[pair] = size_of.get(pair, 0) + 1
    inside = _component(spins, start).ravel()
    pairs = [pair for pair in size_of if inside[pair[0]]]
    is_open = (np.arange(2 ** len(pairs))[:, None] >> np.arange(len(pairs)) & 1).astype(bool)
    reached = np.zeros((len(is_open), spins.size), dtype=bool)
    reached[:, start[0] * cols + start[1]] = True
    before = 0
    while reached.sum() > before:
        before = reached.sum()
        for k, (i, j) in enumerate(pairs):
            either = (reached[:, i] | reached[:, j]) & is_open[:, k]
            reached[:, i] |= either
            reached[:, j] |= either
    return np.array([size_of[pair] for pair in pairs]), is_open, reached.sum(axis=1)


def _site_percolation(spins, start, p):
    """Law of the size if each site is asked once only, whatever the number of bonds that lead to it."""

    def size(spins, start, yes):
        present = np.zeros(spins.shape, dtype=int)
        present[start] = 1
        for site in yes:
            present[site] = 1
        return _component(present, start).sum()

    return _law_of_sites(spins, start, p, size)


def _one_number_a_site(spins, start, p):
    """Law of the size if a site that joined asks either all its neighbours with success or none."""

    def size(spins, start, yes):
        joined, to_ask = {start}, [start] if start in yes else []
        while to_ask:
            r, c = to_ask.pop()
            for down, right in FOUR:
                site = ((r + down) % spins.shape[0], (c + right) % spins.shape[1])
                if spins[site] == spins[start] and site not in joined:
                    joined.add(site)
                    if site in yes:
                        to_ask.append(site)
        return len(joined)

    return _law_of_sites(spins, start, p, size)


def _law_of_sites(spins, start, p, size):
    """Law of ``size(spins, start, yes)`` where each site of the region is among ``yes`` with probability p."""
    sites = [tuple(int(k) for k in site) for site in np.argwhere(_component(spins, start))]
    law = np.zeros(spins.size + 1)
    for chosen in product((False, True), repeat=len(sites)):
        yes = {site for site, one in zip(sites, chosen, strict=True) if one}
        law[size(spins, start, yes)] += p ** len(yes) * (1 - p) ** (len(sites) - len(yes))
    return law


def _one_number_for_all(spins, start, p):
    """Law of the size if all bonds of a cluster share one random number."""
    law = np.zeros(spins.size + 1)
    law[1] += 1 - p
    law[_component(spins, start).sum()] += p
    return law


# ---------------------------------------------------------------- swapping temperatures


def swap_probability(function) -> Verdict:
    """Check Exercise 3, ``my_swap_probability(beta_1, beta_2, E_1, E_2)``: whether two rungs swap their states.

    Parameters
    ----------
    function : callable
        The student's ``(beta_1, beta_2, E_1, E_2) -> float``.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> verdict = swap_probability(lambda b1, b2, E1, E2: np.exp(min(0, (b1 - b2) * (E2 - E1))))  # doctest: +ELLIPSIS
    Not yet: for beta = 1 and 0.5 with E = -3 and -2 you give 1, exact is 0.606531. The sign is turned round: ...
    """
    cases = [
        Case(f"beta = {b_1:g} and {b_2:g} with E = {E_1:g} and {E_2:g}", (b_1, b_2, E_1, E_2))
        for b_1, b_2, E_1, E_2 in (
            (1.0, 0.5, -3.0, -2.0),
            (0.5, 1.0, -2.5, -2.0),
            (0.5, 1.0, -3.0, -2.0),
            (0.2, 0.9, 1.0, -1.5),
            (2.0, 1.5, 3.0, 1.0),
            (1.0, 1.0, -4.0, 7.0),
            (0.3, 0.7, -1.0, -1.0),
            (0.0, 0.4, 2.0, -1.0),
            (2.0, 0.5, -900.0, -1500.0),
            (2.0, 0.5, -1500.0, -900.0),
        )
    ]

    def ratio(b_1, b_2, E_1, E_2):
        return (b_1 - b_2) * (E_1 - E_2)

    def of(exponent):
        return lambda *arguments: _capped(exponent(*arguments))

    def by_temperature(b_1, b_2, E_1, E_2):
        with np.errstate(all="ignore"):
            return float(_capped((np.divide(1, b_1) - np.divide(1, b_2)) * (E_1 - E_2)))

    def unbounded(*arguments):
        with np.errstate(all="ignore"):
            return np.exp(ratio(*arguments))

    def two_decisions(b_1, b_2, E_1, E_2):
        return _capped(-b_1 * (E_2 - E_1)) * _capped(-b_2 * (E_1 - E_2))

    def heat_bath(*arguments):
        with np.errstate(all="ignore"):
            return 1 / (1 + np.exp(-ratio(*arguments)))

    def weights_overflow(given, *arguments):
        if abs(ratio(*arguments)) > 700:  # both weights are infinite, and the smaller of 1 and NaN may be 1
            return np.isnan(given) or given == 1
        return agree(given, of(ratio)(*arguments))

    def overflows():
        try:
            with np.errstate(over="raise"):
                for case in cases:
                    function(*case.arguments)
        except FloatingPointError:
            says = (
                "every probability is right, but on the way the exponential overflows: take the smaller of 0 and the "
                "exponent first, then exponentiate."
            )
            return Misconception("overflow", None, says)
        return None

    return judge(
        function,
        cases,
        of(ratio),
        [
            Misconception(
                "sign",
                of(lambda *arguments: -ratio(*arguments)),
                "The sign is turned round: a swap that brings the lower energy to the colder rung must always be "
                "accepted. The exponent is (beta_1 - beta_2)(E_1 - E_2).",
            ),
            Misconception(
                "minimum missing",
                unbounded,
                "The ratio itself can be larger than 1, and even infinite: a probability is at most 1, so take the "
                "smaller of 1 and the ratio.",
            ),
            Misconception(
                "sign, and minimum missing",
                lambda *arguments: np.exp(min(700.0, -ratio(*arguments))) if -ratio(*arguments) < 700 else np.inf,
                "The sign of the exponent is turned round, and the smaller of 1 and the ratio is not taken.",
            ),
            Misconception(
                "maximum instead of minimum",
                lambda *arguments: np.maximum(1.0, unbounded(*arguments)),
                "That is the *larger* of 1 and the ratio: a probability is at most 1.",
            ),
            Misconception(
                "one rung only",
                of(lambda b_1, b_2, E_1, E_2: -b_1 * (E_2 - E_1)),
                "That is the ratio of the weights of rung 1 alone: rung 2 gets another state as well, so the ratio is "
                "that of the products.",
            ),
            Misconception(
                "other rung only",
                of(lambda b_1, b_2, E_1, E_2: -b_2 * (E_1 - E_2)),
                "That is the ratio of the weights of rung 2 alone: rung 1 gets another state as well, so the ratio is "
                "that of the products.",
            ),
            Misconception(
                "two separate decisions",
                two_decisions,
                "That accepts for each rung by itself and multiplies: take the ratio of the products first, then the "
                "smaller of 1 and it.",
            ),
            Misconception(
                "sum of the betas",
                of(lambda b_1, b_2, E_1, E_2: (b_1 + b_2) * (E_1 - E_2)),
                "The betas are added: in the ratio of the weights the exponents have opposite signs, and their "
                "*difference* is left.",
            ),
            Misconception(
                "beta with its own energy twice",
                of(lambda b_1, b_2, E_1, E_2: b_1 * E_1 - b_2 * E_2),
                "That compares beta_1 E_1 with beta_2 E_2: after the swap rung 1 holds E_2, so the mixed products "
                "beta_1 E_2 and beta_2 E_1 belong to it, too.",
            ),
            Misconception(
                "weights after only",
                of(lambda b_1, b_2, E_1, E_2: -b_1 * E_2 - b_2 * E_1),
                "That is the weight after the swap: divide it by the weight before.",
            ),
            Misconception(
                "betas forgotten",
                of(lambda b_1, b_2, E_1, E_2: E_1 - E_2),
                "The betas are not used: the exponent is (beta_1 - beta_2)(E_1 - E_2).",
            ),
            Misconception(
                "absolute value",
                lambda *arguments: np.exp(-abs(ratio(*arguments))),
                "With the absolute value no swap is certain: those whose ratio is above 1 are always accepted.",
            ),
            Misconception(
                "T and beta exchanged",
                by_temperature,
                "The inverse of beta was used: the weights are exp(-beta E).",
            ),
            Misconception(
                "heat bath",
                heat_bath,
                "That is r / (1 + r): it keeps detailed balance as well, but swaps less often than the smaller of 1 "
                "and the ratio r, which was asked for.",
            ),
            *(
                Misconception("exponent instead of probability", answer, says)
                for answer, says in (
                    (
                        lambda *arguments: min(0.0, ratio(*arguments)),
                        "That is the logarithm of the probability: exponentiate it.",
                    ),
                    (
                        ratio,
                        "That is the logarithm of the ratio: take the smaller of 0 and it, and exponentiate.",
                    ),
                )
            ),
            Misconception("always accepted", lambda *arguments: 1.0, "You give 1 for every pair of rungs."),
            Misconception("never accepted", lambda *arguments: 0.0, "You give 0 for every pair of rungs."),
            Symptom(
                "weights overflow",
                weights_overflow,
                "The two weights are beyond every number: divide them on paper, so that one exponent is left, and take "
                "the smaller of 0 and it before you exponentiate.",
            ),
            Symptom(
                "decision instead of probability",
                lambda given, *arguments: given in (0.0, 1.0),
                "Your function decides, 0 or 1: the probability itself was asked for.",
            ),
        ],
        tested_on="10 pairs of rungs, two with energies 600 apart, to 9 digits",
        expected="one number",
        last_look=overflows,
    )


def _capped(exponent):
    return np.exp(np.minimum(0.0, exponent))
