"""Checks of lesson 03x, beating slow chains.

>>> verdict = swap_probability(lambda b1, b2, E1, E2: 1.0)
Not yet: for beta = 1 and 0.5 with E = -3 and -2 you give 1, exact is 0.606531. You give 1 for every pair of rungs.
"""

from dataclasses import replace
from functools import lru_cache, partial
from itertools import product

import numpy as np

from course_lib.classroom.checks import AnswerError, Case, Exercise, Mistake, Seed, TimeLimitReached, agree, within
from course_lib.classroom.checks.draws import own_random_numbers, repeated, rng_decides_nothing

SEED = 3  # the same systems each time, so that a student who runs a check again sees the same example


# ---------------------------------------------------------------- counting with bits


def _words():
    rng = np.random.default_rng(SEED)
    low, high = ([sum((n >> k & 1) << (n % 8) for n in half) for k in range(4)] for half in (range(8), range(8, 16)))
    return [
        Case("four bytes that hold all 16 combinations in two halves (0 to 7)", tuple(low)),
        Case("the other half (8 to 15)", tuple(high)),
        *(Case("four random words", tuple(int(w) for w in rng.integers(2**62, size=4))) for _ in range(3)),
    ]


def _bits(words):
    """Rows of 64 bits, place 0 first."""
    return np.array([[int(word) >> place & 1 for place in range(64)] for word in words], dtype=float)


def _word(bits):
    return sum(1 << place for place, one in enumerate(bits) if one)


def _added(a, b, c, d):
    return (a ^ b) ^ (c ^ d), (a & b) ^ (c & d) ^ ((a ^ b) & (c ^ d)), a & b & c & d


def _with(ones=None, twos=None, fours=None):
    """The bits of the right words but for those given as functions of a, b, c, d."""

    def words(*given):
        exchanged = zip((ones, twos, fours), _added(*given), strict=True)
        return _bits([wrong(*given) if wrong else right for wrong, right in exchanged])

    return words


def _three_words(answer, *words):
    if not isinstance(answer, tuple | list | np.ndarray) or len(answer) != 3:
        raise AnswerError("your function did not return three words")
    if not all(isinstance(word, int | np.integer) for word in answer):
        raise AnswerError("not all of your three words are whole numbers")
    return _bits(answer)


def _first_wrong_place(given, exact, *words):
    wrong = np.flatnonzero(np.any(given != exact, axis=0))[0]
    inputs = _bits(words)[:, wrong].astype(int)
    return (
        f"place {wrong} holds the bits {', '.join(map(str, inputs))}: your ones, twos and fours say "
        f"{given[:, wrong] @ (1, 2, 4):.0f}, right is {inputs.sum()}"
    )


def _carries_on(given, a, b, c, d):
    carries = (a & b) + (c & d)
    ones, twos = (a + b + c + d, (a ^ b) + (c ^ d), carries), (carries, carries + ((a ^ b) & (c ^ d)))
    return any(agree(given[k], _bits([added])[0]) for k, way in enumerate((ones, twos)) for added in way)


count_up = Exercise(
    "1, ``my_count_up(a, b, c, d) -> (ones, twos, fours)``: how many of four words have a bit set, in binary",
    cases=_words,
    truth=_with(),
    mistakes=(
        Mistake(
            "carry of the last digits lost",
            _with(twos=lambda a, b, c, d: (a & b) ^ (c & d)),
            "One up among a, b and one among c, d make two: the sum of the last digits carries as well.",
        ),
        Mistake(
            "carry of the last digits lost, carries joined",
            _with(twos=lambda a, b, c, d: (a & b) | (c & d)),
            "The sum of the last digits carries as well. And two carries make a four, not a two: `^`, not `|`.",
        ),
        Mistake(
            "four counts as six",
            _with(twos=lambda a, b, c, d: (a & b) | (c & d) | ((a ^ b) & (c ^ d))),
            "With all four up you set twos as well: two carries make a four and no two, so `^`.",
        ),
        Mistake(
            "or instead of xor",
            _with(ones=lambda a, b, c, d: a | b | c | d),
            "Your ones are set where *any* neighbour is up. The last digit is set where their number is odd: `^`.",
        ),
        Mistake("fours forgotten", _with(fours=lambda *w: 0), "Your fours are empty: where are all four up?"),
        Mistake(
            "order turned round",
            lambda *words: _bits(_added(*words)[::-1]),
            "The three words are right, but in the wrong order: ones, twos, fours.",
        ),
        Mistake(
            "masks instead of binary digits",
            lambda *words: np.array([_bits(words).sum(axis=0) == k for k in (1, 2, 4)]),
            "Your words say *exactly* one, two and four up: these are masks. Three is one plus two: set both words.",
        ),
        Mistake(
            "carries from chain to chain",
            seen=_carries_on,
            says="`+` carries from one place into the next, that is into another chain: use & and ^ only.",
        ),
    ),
    tested_on="all 16 combinations and 3 times 64 chains",
    expected="three whole numbers (ones, twos, fours)",
    read=_three_words,
    describe=_first_wrong_place,
)


# ---------------------------------------------------------------- clusters where chance has no say

FOUR = [(0, 1), (0, -1), (1, 0), (-1, 0)]


def _lattices():
    random = np.random.default_rng(SEED).choice([-1, 1], size=(4, 5), p=[0.45, 0.55])
    patch = _up(5, 6, (1, 1), (1, 2), (2, 2), (3, 2), (3, 3), (2, 4))
    across = _up(5, 4, (0, 0), (0, 1), (4, 0), (0, 3), (3, 3), (4, 3))
    striped, up = np.tile([-1, 1, -1, 1], (4, 1)), np.ones((3, 3), dtype=int)
    return [
        Case("a 4 x 5 lattice with p = 0", (random, (1, 2), 0.0, Seed(1))),
        Case("a patch inside a 5 x 6 lattice with p = 1", (patch, (2, 2), 1.0, Seed(1))),
        Case("a region across the edges of a 5 x 4 lattice with p = 1", (across, (0, 0), 1.0, Seed(1))),
        Case("the same with the start at the other edge", (across, (4, 3), 1.0, Seed(1))),
        Case("stripes on a 4 x 4 lattice with p = 1, from a spin that is down", (striped, (0, 2), 1.0, Seed(1))),
        Case("a random 4 x 5 lattice with p = 1", (random, (1, 2), 1.0, Seed(1))),
        Case("all up on a 3 x 3 lattice with p = 1", (up, (2, 1), 1.0, Seed(1))),
        Case("all up on a 3 x 3 lattice with p = 0", (up, (2, 1), 0.0, Seed(1))),
    ]


def _up(rows, cols, *sites):
    """A lattice with these sites up and all others down."""
    spins = -np.ones((rows, cols), dtype=int)
    spins[tuple(np.transpose(sites))] = 1
    return spins


def _component(spins, start, *, wrap=True, joins=lambda spins, start: spins == spins[start], reach=None, steps=FOUR):
    """Sites that hang together with the start, as 0 and 1.

    ``joins`` tells which sites may; ``wrap`` may be "negative": over the upper and left edges only; ``reach`` bounds
    the number of steps.
    """
    rows, cols = spins.shape
    allowed, mask = joins(spins, start), np.zeros(spins.shape, dtype=int)
    mask[start], front, done = 1, [start], 0
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


def _grown(**options):
    """What a mistake gives where all bonds let the cluster pass, or none."""
    return lambda spins, start, p, rng: _component(spins, start, **(options if p == 1 else {"reach": 0}))


def _without_start(spins, start, p, rng, only_alone=False):
    mask = _grown()(spins, start, p, rng)
    if mask.sum() == 1 or not only_alone:
        mask[start] = 0
    return mask


def _mask(answer, spins, start, p, rng):
    if isinstance(answer, set) or (isinstance(answer, list | tuple) and np.shape(answer) != spins.shape):
        raise AnswerError("your function returned a collection of sites, not an array of True and False")
    mask = np.asarray(answer)
    if mask.shape != spins.shape:
        raise AnswerError(f"your function returned an array of shape {mask.shape}, not {spins.shape}")
    if mask.dtype != bool and not np.all(np.isin(mask, (0, 1))):
        raise AnswerError("your function returned an array with other values than True and False")
    return mask.astype(int)


def _sites_that_differ(given, exact, *arguments):
    if given.sum() != exact.sum():
        return f"you give {int(given.sum())} sites, right is {int(exact.sum())}"
    first = tuple(int(k) for k in np.argwhere(given != exact)[0])
    return f"you give other sites: {first} should be {bool(exact[first])}"


# ---------------------------------------------------------------- clusters and their exact law

MOST_CLUSTERS, FEWEST_CLUSTERS = 3000, 300  # on each lattice
SECONDS = 0.4  # for each lattice, unless the function is too slow for the fewest
# Of six numbers, the mean size and the share of lone sites on three lattices, a right function has one too far off
# once in 3 million times.
LOG_RATE = np.log(2 * 6 / 3e-7)


def _small_lattices():
    """Spins, start and p."""
    bent = _up(4, 4, (1, 1), (1, 2), (2, 1), (2, 2), (3, 2), (1, 0))
    return [(np.ones((3, 3), dtype=int), (0, 0), 0.5), (np.ones((2, 3), dtype=int), (1, 1), 0.5), (bent, (1, 1), 0.5)]


def _size_law(spins, start, p):
    """Probability of each size of the cluster of a site, from all configurations of bonds.

    At side 2 two sites have two bonds, and either one lets the cluster pass.
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


def _law_of_sites(size):
    """Law of ``size(spins, start, yes)`` where each site of the region is among ``yes`` with probability p."""

    def law(spins, start, p):
        sites = [tuple(int(k) for k in site) for site in np.argwhere(_component(spins, start))]
        law = np.zeros(spins.size + 1)
        for chosen in product((False, True), repeat=len(sites)):
            yes = {site for site, one in zip(sites, chosen, strict=True) if one}
            law[size(spins, start, yes)] += p ** len(yes) * (1 - p) ** (len(sites) - len(yes))
        return law

    return law


def _asked_once(spins, start, yes):
    """Size if each site is asked once only, whatever the number of bonds that lead to it."""
    return _component(_up(*spins.shape, start, *yes), start).sum()


def _asking_all_or_none(spins, start, yes):
    """Size if a site that joined asks either all its neighbours with success or none."""
    if start not in yes:
        return 1
    asking = _component(_up(*spins.shape, *yes), start)
    asked = sum(np.roll(asking, step, axis) for step, axis in product((1, -1), (0, 1)))
    return np.sum((asking + asked > 0) & (spins == spins[start]))


def _all_or_none(spins, start, p):
    law = np.zeros(spins.size + 1)
    law[1] += 1 - p
    law[_component(spins, start).sum()] += p
    return law


MISTAKES_BY_CHANCE = (  # each returns a law of the size: law(spins, start, p)
    Mistake(
        "refused for ever",
        _law_of_sites(_asked_once),
        "A site that refused is never asked from another side. It is *bonds* that are asked once: mark who joins only.",
    ),
    Mistake(
        "one decision for all",
        _all_or_none,
        "All bonds of a cluster share one random number: draw a new one for each bond.",
    ),
    Mistake(
        "one decision for all neighbours",
        _law_of_sites(_asking_all_or_none),
        "The four bonds of a site share one random number: draw a new one for each bond.",
    ),
    Mistake(
        "each bond tried twice",
        lambda spins, start, p: _size_law(spins, start, 1 - (1 - p) ** 2),
        "Each bond gets two chances, as if p were 1 - (1 - p)^2: one random number a bond.",
    ),
    Mistake(
        "p squared",
        lambda spins, start, p: _size_law(spins, start, p**2),
        "The clusters are those of p^2: one random number a bond.",
    ),
)
TOO_MANY = Mistake("too many join", says="Is a bond asked again after it refused? Each site asks its neighbours once.")
TOO_FEW = Mistake("too few join", says="Does each site that joins ask all neighbours, also those that refused another?")


def _wrong_by_chance(function):
    """Clusters with p = 0.5 against the exact law of their sizes, the mistake that fits them if they do not."""
    lattices, rng = _small_lattices(), np.random.default_rng(SEED)
    clusters = partial(repeated, function, rng=rng, most=MOST_CLUSTERS, fewest=FEWEST_CLUSTERS, seconds=SECONDS)
    try:
        measured = [
            np.array([int(np.sum(mask)) for mask in within(SECONDS + 0.2, partial(clusters, lattice))])
            for lattice in lattices
        ]
    except TimeLimitReached:
        says = f"{FEWEST_CLUSTERS} clusters of at most 9 sites took too long: does every site ask its neighbours once?"
        return Mistake("too slow", says=says)
    except Exception as error:
        return Mistake("fails at p = 0.5", says=f"with p = 0.5 your function raised {type(error).__name__}: {error}.")

    def fit(law):
        return all(_may_have(sizes, law(*lattice)) for sizes, lattice in zip(measured, lattices, strict=True))

    if fit(_size_law):
        return own_random_numbers(function, lattices[0])
    off, seen = _farthest_off(measured, lattices)
    if all(np.ptp(sizes) == 0 for sizes in measured):
        found = rng_decides_nothing("All of them are alike", "bond")
    else:
        fitting = (mistake for mistake in MISTAKES_BY_CHANCE if fit(mistake.returns))
        found = next(fitting, TOO_MANY if off > 0 else TOO_FEW)
    return replace(found, says=f"{seen} {found.says}")


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


def _farthest_off(measured, lattices):
    """How far the mean size is off where it is farthest, and a sentence about that."""
    means = np.array([sizes.mean() for sizes in measured])
    exact = np.array([law @ np.arange(len(law)) for law in (_size_law(*lattice) for lattice in lattices)])
    off = (means - exact) / np.sqrt([spins.size for spins, *_ in lattices])
    k = int(np.argmax(np.abs(off)))
    found = f"your clusters have {means[k]:.2f} sites on average; exact is {exact[k]:.2f}"
    return off[k], f"on a {' x '.join(map(str, lattices[k][0].shape))} lattice with p = 0.5, {found}."


cluster = Exercise(
    "2, ``my_cluster(spins (rows, cols), start, p, rng) -> mask (rows, cols)``: the sites of a Wolff cluster",
    cases=_lattices,
    truth=_grown(),
    mistakes=(
        Mistake(
            "probability turned round",
            lambda spins, start, p, rng: _grown()(spins, start, 1 - p, rng),
            "The decision is turned round: `rng.random() < p` is true with probability p.",
        ),
        Mistake(
            "all equal spins",
            lambda spins, start, p, rng: spins == spins[start],
            "Those are all spins equal to the first one. A cluster grows from neighbour to neighbour, bond by bond.",
        ),
        Mistake(
            "p not used",
            lambda spins, start, p, rng: _component(spins, start),
            "Even with p = 0 neighbours join: who is asked joins with probability p only.",
        ),
        Mistake("start left out", _without_start, "The first site belongs to the cluster: it must be True, too."),
        Mistake(
            "start not marked",  # who joined asks back, and then the start joins
            partial(_without_start, only_alone=True),
            "The start belongs to the cluster: mark it before its neighbours are asked.",
        ),
        Mistake(
            "wrap-around missing",
            _grown(wrap=False),
            "The cluster stops at the edges of the array, but they are joined: take `% rows` and `% cols`.",
        ),
        Mistake(
            "wrap-around on one side only",
            _grown(wrap="negative"),
            "The cluster crosses the upper and left edges only: -1 is the last row, but `rows` needs `% rows`.",
        ),
        Mistake(
            "opposite spins joined",
            _grown(joins=lambda spins, start: spins != 0),
            "Spins of the other sign have joined: only those equal to the first one may.",
        ),
        Mistake(
            "only opposite spins joined",
            _grown(joins=lambda spins, start: spins != spins[start]),
            "The comparison is turned round: ask neighbours with the *same* spin as the first one.",
        ),
        Mistake(
            "only up spins joined",
            _grown(joins=lambda spins, start: spins == 1),
            "From a spin that is down the cluster does not grow: compare with the first spin, not with +1.",
        ),
        Mistake(
            "neighbours of the start only",
            _grown(reach=1),
            "Only the first site's neighbours were asked: those who join ask theirs in turn.",
        ),
        Mistake(
            "diagonal neighbours",
            _grown(steps=[step for step in product((-1, 0, 1), repeat=2) if any(step)]),
            "Diagonal neighbours joined, too: a bond leads right, left, up or down.",
        ),
        Mistake(
            "right and down only",
            _grown(steps=[(0, 1), (1, 0)]),
            "The cluster grows to the right and downwards only: each site has four neighbours.",
        ),
        Mistake(
            "one axis only",
            (_grown(steps=FOUR[:2]), _grown(steps=FOUR[2:])),
            "The cluster grows along its row only, or its column: each site has four neighbours.",
        ),
    ),
    tested_on="8 lattices with p = 0 or 1, and on many clusters on each of three small lattices with p = 0.5, whose "
    "sizes are known from all their bonds",
    expected="an array of True and False in the shape of spins",
    read=_mask,
    describe=_sites_that_differ,
    last_looks=(_wrong_by_chance,),
)


# ---------------------------------------------------------------- swapping temperatures


def _rungs():
    return [
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


def _exponent(b_1, b_2, E_1, E_2):
    return (b_1 - b_2) * (E_1 - E_2)


def _capped(exponent):
    """min(1, exp(exponent)), the exponent a function of the two rungs."""
    return lambda *rungs: np.exp(np.minimum(0.0, exponent(*rungs)))


def _ratio(*rungs):
    with np.errstate(over="ignore"):
        return np.exp(_exponent(*rungs))


def _one_rung(b_1, b_2, E_1, E_2):
    return -b_1 * (E_2 - E_1)


def _exchanged(b_1, b_2, E_1, E_2):
    return b_2, b_1, E_2, E_1


def _by_temperature(b_1, b_2, E_1, E_2):
    with np.errstate(all="ignore"):
        return (np.divide(1, b_1) - np.divide(1, b_2)) * (E_1 - E_2)


def _weights_overflow(given, *rungs):
    if abs(_exponent(*rungs)) > 700:  # both weights are infinite, and the smaller of 1 and NaN may be 1
        return np.isnan(given) or given == 1
    return agree(given, _capped(_exponent)(*rungs))


def _exponential_overflows(function):
    try:
        with np.errstate(over="raise"):
            for case in _rungs():
                function(*case.arguments)
    except FloatingPointError:
        return Mistake(
            "overflow",
            says="every probability is right, but the exponential overflows: first the smaller of 0 and the exponent.",
        )
    return None


swap_probability = Exercise(
    "3, ``my_swap_probability(beta_1, beta_2, E_1, E_2) -> float``: whether two rungs swap their states",
    cases=_rungs,
    truth=_capped(_exponent),
    mistakes=(
        Mistake(
            "sign",
            _capped(lambda *rungs: -_exponent(*rungs)),
            "The sign is turned round: a swap that brings the lower energy to the colder rung is always accepted.",
        ),
        Mistake(
            "minimum missing",
            _ratio,
            "The ratio itself can be larger than 1: take the smaller of 1 and it.",
        ),
        Mistake(
            "sign, and minimum missing",
            lambda b_1, b_2, E_1, E_2: _ratio(b_2, b_1, E_1, E_2),
            "The sign of the exponent is turned round, and a probability is at most 1: take the smaller of 1 and it.",
        ),
        Mistake(
            "maximum instead of minimum",
            lambda *rungs: np.maximum(1.0, _ratio(*rungs)),
            "That is the *larger* of 1 and the ratio: a probability is at most 1.",
        ),
        Mistake(
            "one rung only",
            _capped(_one_rung),
            "That is the ratio of rung 1 alone. Rung 2 gets another state as well: multiply both ratios.",
        ),
        Mistake(
            "other rung only",
            lambda *rungs: _capped(_one_rung)(*_exchanged(*rungs)),
            "That is the ratio of rung 2 alone. Rung 1 gets another state as well: multiply both ratios.",
        ),
        Mistake(
            "two separate decisions",
            lambda *rungs: _capped(_one_rung)(*rungs) * _capped(_one_rung)(*_exchanged(*rungs)),
            "That accepts for each rung by itself. Multiply the two ratios first, then take the smaller of 1 and it.",
        ),
        Mistake(
            "sum of the betas",
            _capped(lambda b_1, b_2, E_1, E_2: (b_1 + b_2) * (E_1 - E_2)),
            "The betas are added: the two exponents have opposite signs, and the *difference* of the betas is left.",
        ),
        Mistake(
            "beta with its own energy twice",
            _capped(lambda b_1, b_2, E_1, E_2: b_1 * E_1 - b_2 * E_2),
            "After the swap rung 1 holds E_2: beta_1 E_2 and beta_2 E_1 belong into the exponent, too.",
        ),
        Mistake(
            "weights after only",
            _capped(lambda b_1, b_2, E_1, E_2: -b_1 * E_2 - b_2 * E_1),
            "That is the weight after the swap: divide it by the weight before.",
        ),
        Mistake(
            "betas forgotten",
            _capped(lambda b_1, b_2, E_1, E_2: E_1 - E_2),
            "The betas are not used: the exponent is (beta_1 - beta_2)(E_1 - E_2).",
        ),
        Mistake(
            "absolute value",
            lambda *rungs: np.exp(-abs(_exponent(*rungs))),
            "With the absolute value hardly any swap is certain: those with a ratio above 1 are always accepted.",
        ),
        Mistake("T and beta exchanged", _capped(_by_temperature), "You use 1/beta: the weights are exp(-beta E)."),
        Mistake(
            "heat bath",
            lambda b_1, b_2, E_1, E_2: 1 / (1 + _ratio(b_2, b_1, E_1, E_2)),
            "That is r / (1 + r). It keeps detailed balance, but swaps less often than the smaller of 1 and r.",
        ),
        Mistake(
            "exponent instead of probability",
            (_exponent, lambda *rungs: min(0.0, _exponent(*rungs))),
            "That is a logarithm: exponentiate the smaller of 0 and it.",
        ),
        Mistake("always accepted", lambda *rungs: 1.0, "You give 1 for every pair of rungs."),
        Mistake("never accepted", lambda *rungs: 0.0, "You give 0 for every pair of rungs."),
        Mistake(
            "weights overflow",
            seen=_weights_overflow,
            says="The two weights overflow: divide them on paper, and take the smaller of 0 and the one exponent left.",
        ),
        Mistake(
            "decision instead of probability",
            seen=lambda given, *rungs: given in (0.0, 1.0),
            says="Your function decides, 0 or 1: return the probability.",
        ),
    ),
    tested_on="10 pairs of rungs, two with energies 600 apart, to 9 digits",
    expected="one number",
    last_looks=(_exponential_overflows,),
)
