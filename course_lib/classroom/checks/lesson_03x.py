"""Checks of lesson 03x, beating slow chains.

>>> verdict = swap_probability(lambda b1, b2, E1, E2: 1.0)
Not yet: for beta = 1 and 0.5 with E = -3 and -2 you give 1, exact is 0.606531. You give 1 for every pair of rungs.
"""

from collections import defaultdict
from dataclasses import replace
from functools import partial
from itertools import combinations, product

import numpy as np

from course_lib.classroom.checks import AnswerError, Case, Exercise, Mistake, Seed, TimeLimitReached, agree, within
from course_lib.classroom.checks.draws import own_random_numbers, repeated, rng_decides_nothing

SEED = 3  # the same systems each time, so that a student who runs a check again sees the same example


class SeenOnce(Mistake):
    """A mistake that one case is enough to show; the others may be right."""

    def explains(self, answers, cases, tolerance):
        """Whether one of these answers shows it."""
        return any(super(SeenOnce, self).explains([a], [c], tolerance) for a, c in zip(answers, cases, strict=True))


# ---------------------------------------------------------------- counting with bits


def _words():
    rng = np.random.default_rng(SEED)
    low, high = ([sum((n >> k & 1) << (n % 8) for n in half) for k in range(4)] for half in (range(8), range(8, 16)))
    return [
        Case("four bytes that hold the combinations 0 to 7", tuple(low)),
        Case("four bytes that hold the combinations 8 to 15", tuple(high)),
        *(Case("four random words", tuple(int(w) for w in rng.integers(2**62, size=4))) for _ in range(3)),
    ]


def _bits(words):
    """Rows of 64 bits, place 0 first."""
    return np.array([[int(word) >> place & 1 for place in range(64)] for word in words], dtype=float)


def _added(a, b, c, d):
    return (a ^ b) ^ (c ^ d), (a & b) ^ (c & d) ^ ((a ^ b) & (c ^ d)), a & b & c & d


ROWS = {"ones": 0, "twos": 1, "fours": 2}


def _only(name, *wrong):
    """What a mistake in one of the three words gives, in several ways; it says nothing about the other two."""

    def words(way, *given):
        rows = np.ma.masked_all((3, 64))
        rows[ROWS[name]] = _bits([way(*given)])[0]
        return rows

    return tuple(partial(words, way) for way in wrong)


def _read_words(answer, *words):
    """Three rows of bits, or as many as there are words; no row, if they are no words."""
    answers = answer if isinstance(answer, tuple | list | np.ndarray) else (answer,)
    whole = all(isinstance(word, int | np.integer) for word in answers)
    return _bits(answers) if whole and len(answers) else np.empty((0, 64))


def _first_wrong_place(given, exact, *words):
    if given.shape != exact.shape:
        return f"your function returned {len(given) or 'no'} whole number{'s' * (len(given) != 1)}"
    wrong = np.flatnonzero(np.any(given != exact, axis=0))[0]
    inputs = _bits(words)[:, wrong].astype(int)
    return (
        f"place {wrong} holds the bits {', '.join(map(str, inputs))}: your ones, twos and fours say "
        f"{given[:, wrong] @ (1, 2, 4):.0f}, right is {inputs.sum()}"
    )


def _large(*words):
    """Words of many bits: a few may not carry."""
    return max(words) > 2**32


def _carries_on(given, a, b, c, d):
    """Whether a word is a sum or product of numbers."""
    carries = (a & b) + (c & d)
    sums = (a + b + c + d, (a ^ b) + (c ^ d), carries, carries + ((a ^ b) & (c ^ d)), a * b * c * d, a * b + c * d)
    return any(agree(row, word) for row, word in product(given, _bits(sums)))


def _lowest_places_only(given, *words):
    right = _bits(_added(*words))
    return any(agree(given, np.where(np.arange(64) < width, right, 0)) for width in (8, 16, 32))


def _a_given_word(given, *words):
    return any(agree(row, word) for row, word in product(given, _bits(words)))


def _moved(given, *words):
    """Whether the words are right but for places: one or more are shifted."""
    right = _bits(_added(*words))
    places = [{k for k in range(3) if agree(given[row], np.roll(right[row], k))} for row in range(3)]
    return all(places) and not all(0 in of_row for of_row in places)


def _set_at(name, counts, given, *words):
    """Whether a word is set wherever so many are up, and nowhere else."""
    return agree(given[ROWS[name]], np.isin(_bits(words).sum(axis=0), counts))


def _at_other_counts():
    """One mistake for each word and each set of counts at which it might be set."""
    for name, right in (("ones", (1, 3)), ("twos", (2, 3)), ("fours", (4,))):
        for size in range(1, 6):
            for counts in set(combinations(range(5), size)) - {right}:
                yours, exact = (" or ".join(map(str, of)) for of in (counts, right))
                says = f"Your {name} are set where {yours} of the four have the bit; right is where {exact} have it."
                yield Mistake(f"{name} at other counts", seen=partial(_set_at, name, counts), says=says)


def _depends_on_which(name, given, *words):
    """Whether places with equally many up differ in a word."""
    row, up = given[ROWS[name]], _bits(words).sum(axis=0)
    return any(np.ptp(row[up == count]) > 0 for count in range(5) if np.any(up == count))


count_up = Exercise(
    "1, ``my_count_up(a, b, c, d) -> (ones, twos, fours)``: how many of four words have a bit set, in binary",
    cases=_words,
    truth=lambda *words: _bits(_added(*words)),
    mistakes=(
        *(
            Mistake(name, seen=lambda given, *words, number=number: len(given) in number, says=says)
            for name, number, says in (
                ("no words", {0}, "Return three whole numbers: each holds one bit of every chain."),
                (
                    "one word",
                    {1},
                    "Return three words, ones, twos and fours: in one number a chain would need three bits.",
                ),
                ("two words", {2}, "With four up the number has a third digit: return ones, twos and fours."),
                ("more than three words", range(4, 65), "Not a mask for each number: ones, twos and fours."),
            )
        ),
        Mistake(
            "lowest places only",
            seen=_lowest_places_only,
            says="The lowest places are right, and all others empty: a word may have any number of bits.",
        ),
        Mistake(
            "small numbers",
            seen=lambda given, *words: not given[:, 8:].any(),
            says="Your words are small numbers: each *place* is a chain and has a count of its own.",
            where=_large,
        ),
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
            where=_large,
            says="`+` and `*` carry from one place into the next, that is into another chain: use &, | and ^ only.",
        ),
        Mistake(
            "and, or between numbers",
            seen=_a_given_word,
            says="One of your words is one of the given four. `and` and `or` pick one; `&` and `|` work bit by bit.",
        ),
        Mistake(
            "moved to other chains",
            seen=_moved,
            says="The bits of a word are moved: place k of every word belongs to chain k. `<<` leads to another chain.",
        ),
        Mistake(
            "or instead of xor",
            _only("ones", lambda a, b, c, d: a | b | c | d, lambda a, b, c, d: (a ^ b) | (c ^ d)),
            "With two up your ones may be set. The last digit is set where the number is odd: `^` all the way.",
        ),
        Mistake(
            "carry of the last digits lost",
            _only("twos", lambda a, b, c, d: (a & b) ^ (c & d)),
            "One up among a, b and one among c, d make two: the sum of the last digits carries as well.",
        ),
        Mistake(
            "carry of the last digits lost, carries joined",
            _only("twos", lambda a, b, c, d: (a & b) | (c & d)),
            "The sum of the last digits carries as well. And two carries make a four, not a two: `^`, not `|`.",
        ),
        Mistake(
            "carry of the last digits only",
            _only("twos", lambda a, b, c, d: (a ^ b) & (c ^ d), lambda a, b, c, d: (a ^ b) | (c ^ d)),
            "Your twos do not hold a & b, nor c & d: two up in one pair make a two.",
        ),
        Mistake(
            "four counts as six",
            _only("twos", lambda a, b, c, d: (a & b) | (c & d) | ((a ^ b) & (c ^ d))),
            "With all four up you set twos as well: two carries make a four and no two, so `^`.",
        ),
        Mistake(
            "fours from one carry",
            _only("fours", lambda a, b, c, d: (a & b) | (c & d), lambda a, b, c, d: (a & b) ^ (c & d)),
            "Your fours are set by one carry alone: only two carries, a & b and c & d, make a four.",
        ),
        Mistake("fours forgotten", _only("fours", lambda *w: 0), "Your fours are empty: where are all four up?"),
        *_at_other_counts(),
        *(
            SeenOnce(
                f"{name} not by the count",
                seen=partial(_depends_on_which, name),
                says=f"Your {name} depend on *which* of the four have the bit, not only on how many have it.",
            )
            for name in ROWS
        ),
    ),
    tested_on="all 16 combinations and 3 times 64 chains",
    expected="three whole numbers (ones, twos, fours)",
    read=_read_words,
    describe=_first_wrong_place,
)


# ---------------------------------------------------------------- clusters where chance has no say

FOUR = [(0, 1), (0, -1), (1, 0), (-1, 0)]
UP, DOWN, LEFT, RIGHT = EDGES = range(4)


def _lattices():
    random = np.random.default_rng(SEED).choice([-1, 1], size=(4, 5), p=[0.45, 0.55])
    patch = _up(5, 6, (1, 1), (1, 2), (2, 2), (3, 2), (3, 3), (2, 4))
    across = _up(5, 4, (0, 0), (0, 1), (0, 3), (4, 1), (3, 1), (3, 0), (2, 3))  # the last one does not belong to it
    striped, up = np.tile([-1, 1, -1, 1], (4, 1)), np.ones((3, 3), dtype=int)
    return [
        Case("a 4 x 5 lattice with p = 0", (random, (1, 2), 0.0, Seed(1))),
        Case("a patch inside a 5 x 6 lattice with p = 1", (patch, (2, 2), 1.0, Seed(1))),
        Case("a region across the edges of a 5 x 4 lattice with p = 1", (across, (0, 0), 1.0, Seed(1))),
        Case("the same with the start at the other edge", (across, (3, 1), 1.0, Seed(1))),
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


def _component(spins, start, *, over=EDGES, flat=False, joins=np.equal, reach=None, steps=FOUR):
    """Sites that hang together with the start, as 0 and 1.

    ``over``: the edges that may be crossed; ``flat``: from the end of a row to the next; ``joins(spins, spin of the
    start)``: which sites may; ``reach``: the largest number of steps.
    """
    rows, cols = spins.shape
    allowed, mask = joins(spins, spins[start]), np.zeros(spins.shape, dtype=int)
    mask[start], front, done = 1, [start], 0
    while front and (reach is None or done < reach):
        new = []
        for (r, c), (down, right) in product(front, steps):
            row, col = r + down, c + right
            crossed = {
                edge for edge, yes in zip(EDGES, (row < 0, row >= rows, col < 0, col >= cols), strict=True) if yes
            }
            site = divmod((row * cols + col) % spins.size, cols) if flat else (row % rows, col % cols)
            if crossed <= {*over} and allowed[site] and not mask[site]:
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


class Generator(np.random.Generator):
    """Says when so many numbers were drawn that a cluster of some sites cannot need them."""

    left = 10_000

    def random(self, *arguments, **options):
        self.left -= 1
        if self.left < 0:
            raise RecursionError
        return super().random(*arguments, **options)


OUTSIDE, ENDLESS, FLIPPED, SITES = range(-4, 0)  # in place of a mask
WHAT_HAPPENED = {
    OUTSIDE: "your function looks at a site outside of the lattice",
    ENDLESS: "your function does not come to an end",
    FLIPPED: "your function changed spins itself",
    SITES: "your function returned a collection of sites",
}


def _called(function, spins, start, p, rng):
    """What the function returns, or what happened."""
    own = spins.copy()
    try:
        answer = function(own, start, p, Generator(rng.bit_generator))
    except RecursionError:
        return ENDLESS
    except IndexError as error:
        if "out of bounds" not in str(error):
            raise
        return OUTSIDE
    return answer if np.array_equal(own, spins) else FLIPPED


def _read_mask(answer, spins, *_):
    """A mask, or a number in its place."""
    if isinstance(answer, set) or (isinstance(answer, list | tuple) and np.shape(answer) != spins.shape):
        return np.array(SITES)
    mask = np.asarray(answer)
    if mask.shape not in ((), (spins.size,), spins.shape):
        raise AnswerError(f"your function returned an array of shape {mask.shape}, not {spins.shape}")
    return mask.astype(float)


def _sites_that_differ(given, exact, *_):
    if given.shape == (exact.size,):
        return f"you give a flat array of {exact.size} numbers"
    if given.shape != exact.shape:
        return WHAT_HAPPENED.get(int(given), f"you give {given:g}")
    odd = given[(given != 0) & (given != 1)]
    if odd.size:
        return f"your array holds {odd[0]:g}"
    first = tuple(int(k) for k in np.argwhere(given != exact)[0])
    return f"you give {given.sum():g} of the sites, right is {exact.sum():g}: {first} should be {bool(exact[first])}"


def _joined(given, spins):
    """The sites of a mask, none where it is none."""
    return given == 1 if given.shape == spins.shape else np.zeros(spins.shape, dtype=bool)


# ---------------------------------------------------------------- clusters and their exact law

MOST_CLUSTERS, FEWEST_CLUSTERS = 3000, 150  # on each lattice
SECONDS = 0.4  # for each lattice, unless the function is too slow for the fewest
PATIENCE = 2.0  # seconds for those: the machine may be busy
# Of a size at most k the share is compared with the exact one, for all k on three lattices, on both sides: by
# Chernoff's bound a right function has one too far off once in 3 million times. See `_may_have`.
CONTRADICTION = np.log(2 * 16 / 3e-7)


def _small_lattices():
    """Spins, start and p.

    On the first the start has one equal neighbour, by two bonds, and that one has two more: a site that is on a list
    twice asks those twice, in whatever order.
    """
    bent = _up(4, 4, (1, 1), (1, 2), (2, 1), (2, 2), (3, 2), (1, 0))
    fork = _up(2, 5, (0, 2), (1, 1), (1, 2), (1, 3))
    return [(fork, (0, 2), 0.8), (bent, (1, 1), 0.5), (np.ones((3, 3), dtype=int), (0, 0), 0.6)]


def _sites(spins, start):
    """The sites that hang together with the start, which is the first of them."""
    sites = [tuple(int(k) for k in site) for site in np.argwhere(_component(spins, start))]
    return sorted(sites, key=lambda site: site != tuple(start))


def _bonds(spins, start):
    """Number of bonds between each two of these sites: at side 2 two of them, and either one lets the cluster pass."""
    place = {site: k for k, site in enumerate(_sites(spins, start))}
    bonds = np.zeros((len(place), len(place)))
    for (site, k), step in product(place.items(), FOUR):
        other = tuple(int(i) for i in np.add(site, step) % spins.shape)
        if other in place:
            bonds[k, place[other]] += 1
    return bonds


def _size_law(spins, start, p, most_bonds=2):
    """Probability of each size of the cluster of a site.

    A set of sites is the cluster if all its bonds to the outside refuse, and if it hangs together: if no smaller set
    with the start is the cluster within it.
    """
    bonds = np.minimum(_bonds(spins, start), most_bonds)
    sets = np.arange(1, 2 ** len(bonds), 2)
    members = sets[:, None] >> np.arange(len(bonds)) & 1
    hangs_together, law = np.zeros(len(sets)), np.zeros(spins.size + 1)
    for k, members_k in enumerate(members):
        inside = sets & sets[k] == sets
        refuse = (1 - p) ** np.einsum("si,ij,sj->s", members[inside], bonds, members_k - members[inside])
        hangs_together[k] = 1 - hangs_together[inside] @ refuse
        law[members_k.sum()] += hangs_together[k] * (1 - p) ** (members_k @ bonds @ (1 - members_k))
    return law


def _law_of_sites(size):
    """Law of ``size(spins, start, yes)`` where each site of the region is among ``yes`` with probability p."""

    def law(spins, start, p):
        sites, law = _sites(spins, start), np.zeros(spins.size + 1)
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


def _in_rounds(all_ask, one_number):
    """Law of the size where in each round the new sites ask, or all; a site that several ask has one random number."""

    def law(spins, start, p):
        bonds, law, states = _bonds(spins, start), np.zeros(spins.size + 1), {(1, 1): 1.0}
        places = 1 << np.arange(len(bonds))
        while states:
            after = defaultdict(float)
            for (joined, new), weight in states.items():
                asking = ((joined if all_ask else new) & places) > 0
                asked = np.flatnonzero(bonds[asking].any(axis=0) & ((joined & places) == 0))
                passes = p if one_number else 1 - (1 - p) ** bonds[asking][:, asked].sum(axis=0)
                for yes in product((0, 1), repeat=len(asked)):
                    chance = weight * np.where(yes, passes, 1 - passes).prod()
                    came = int(places[asked] @ yes) if len(asked) else 0
                    if came:
                        after[joined | came, came] += chance
                    else:
                        law[joined.bit_count()] += chance
            states = after
        return law

    return law


def _twice_on_the_list(spins, start, p):
    """On the fork: the site next to the start asks its two neighbours once for each bond that let the cluster pass."""
    law, q = np.zeros(spins.size + 1), 1 - p
    law[1] = q**2
    for weight, refused in ((2 * p * q, q), (p**2, q**2)):
        law[2:5] += weight * np.array([refused**2, 2 * refused * (1 - refused), (1 - refused) ** 2])
    return law


def _three_rows(spins, start, p):
    return len(spins) > 2


def _few_sites(spins, start, p):
    """Where the laws of rounds take no time."""
    return len(_sites(spins, start)) < 9


MISTAKES_BY_CHANCE = (  # each returns a law of the size: law(spins, start, p)
    Mistake(
        "marked too late",
        _twice_on_the_list,
        "A site can be on your list twice, and then asks each of its bonds twice. Mark it when it goes on the list, or "
        "skip it when you take it off and it is marked already.",
        where=lambda spins, start, p: spins.shape == (2, 5),
    ),
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
        where=_three_rows,
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
    Mistake(
        "two bonds taken for one",
        partial(_size_law, most_bonds=1),
        "With two rows the neighbour above is the one below as well, by a second bond: ask both bonds.",
    ),
    Mistake(
        "one number for several bonds",
        _in_rounds(all_ask=False, one_number=True),
        "A site that several ask in one step gets one random number: draw one for each of the *bonds*.",
        where=_few_sites,
    ),
    Mistake(
        "all ask again",
        (_in_rounds(all_ask=True, one_number=True), _in_rounds(all_ask=True, one_number=False)),
        "In each step all of the cluster asks, also along bonds that have refused: only who is new may ask.",
        where=_few_sites,
    ),
)
FALLS_APART = Mistake(
    "falls apart", says="Some of them fall apart: only who joins asks its neighbours, and nobody joins without a bond."
)
TOO_MANY = Mistake("too many join", says="Each bond is asked once, with probability p: not again after it refused.")
TOO_FEW = Mistake(
    "too few join",
    says="Who joins asks all its neighbours, also those that refused another, with a new random number for each bond.",
)


def _wrong_by_chance(function):
    """Clusters against the exact law of their sizes, and the mistake that fits them if they do not."""
    lattices, rng = _small_lattices(), np.random.default_rng(SEED)
    clusters = partial(repeated, function, rng=rng, most=MOST_CLUSTERS, fewest=FEWEST_CLUSTERS, seconds=SECONDS)
    try:
        masks = [within(PATIENCE, partial(clusters, lattice)) for lattice in lattices]
    except TimeLimitReached:
        says = f"{FEWEST_CLUSTERS} clusters of at most 9 sites took too long: does every site ask its neighbours once?"
        return Mistake("too slow", says=says)
    except Exception as error:
        says = f"with p between 0 and 1 your function raised {type(error).__name__}: {error}."
        return Mistake("fails between 0 and 1", says=says)
    sizes = [np.array([int(np.sum(mask)) for mask in of_one]) for of_one in masks]
    if _fits(_size_law, sizes, lattices):
        return own_random_numbers(function, lattices[-1])
    off, seen = _farthest_off(sizes, lattices)
    if rng.bit_generator.state == np.random.default_rng(SEED).bit_generator.state:
        found = rng_decides_nothing("None is drawn from rng", "bond")
    elif any(
        _falls_apart(mask, start)
        for of_one, (_, start, _) in zip(masks, lattices, strict=True)
        for mask in of_one[:100]
    ):
        found = FALLS_APART
    else:
        fitting = (m for m in MISTAKES_BY_CHANCE if any(_fits(law, sizes, lattices, m.where) for law in m.ways))
        found = next(fitting, TOO_MANY if off > 0 else TOO_FEW)
    return replace(found, says=f"{seen} {found.says}")


def _falls_apart(mask, start):
    return not np.array_equal(_component(np.where(mask, 1, -1), start), mask)


def _fits(law, sizes, lattices, where=None):
    """Whether all sizes, or those where they are to be judged, may be of this law."""
    judged = [pair for pair in zip(sizes, lattices, strict=True) if where is None or where(*pair[1])]
    return all(_may_have(of_one, law(*lattice)) for of_one, lattice in judged)


def _may_have(sizes, law):
    """Whether the share of sizes up to k, k = 1, 2, ..., is near enough to the law's: n KL(share || law) is small."""
    share, law = np.cumsum(np.bincount(sizes, minlength=len(law)))[1:] / len(sizes), np.cumsum(law)[1:]
    law = np.where(law < 1e-12, 0.0, np.where(law > 1 - 1e-12, 1.0, law))
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = [np.where(a > 0, a * np.log(a / b), 0.0) for a, b in ((share, law), (1 - share, 1 - law))]
    return len(sizes) * sum(terms).max() <= CONTRADICTION


def _farthest_off(measured, lattices):
    """How far the mean size is off where it is farthest, and a sentence about that."""
    means = np.array([sizes.mean() for sizes in measured])
    exact = np.array([law @ np.arange(len(law)) for law in (_size_law(*lattice) for lattice in lattices)])
    off = (means - exact) / np.sqrt([spins.size for spins, *_ in lattices])
    k = int(np.argmax(np.abs(off)))
    found = f"your clusters have {means[k]:.2f} sites on average; exact is {exact[k]:.2f}"
    return off[k], f"on a {' x '.join(map(str, lattices[k][0].shape))} lattice with p = {lattices[k][2]:g} {found}."


cluster = Exercise(
    "2, ``my_cluster(spins (rows, cols), start, p, rng) -> mask (rows, cols)``: the sites of a Wolff cluster",
    cases=_lattices,
    truth=_grown(),
    mistakes=(
        Mistake(
            "row and column exchanged",
            seen=lambda given, spins, start, p, rng: agree(np.argwhere(_joined(given, spins)), [start[::-1]]),
            says="start is (row, column): yours begins at (column, row).",
            where=lambda spins, start, p, rng: p == 0 and start[0] != start[1],
        ),
        *(
            SeenOnce(name, lambda *_, code=code: np.array(code), says)
            for name, code, says in (
                ("outside", OUTSIDE, "The edges are joined: take the row `% rows` and the column `% cols`."),
                ("endless", ENDLESS, "Who has joined is asked again and again: ask only neighbours that have not."),
                ("flipped", FLIPPED, "Flip nothing, or work on a copy: only say who joins."),
                ("sites", SITES, "Return an array of True and False in the shape of spins."),
            )
        ),
        Mistake(
            "flat",
            lambda *case: np.ravel(_grown()(*case)),
            "The sites are right, in one row: give the mask the shape of spins.",
        ),
        Mistake(
            "mask turned round",
            lambda *case: 1 - _grown()(*case),
            "True and False are exchanged: True says that a site joins.",
        ),
        Mistake(
            "1 and -1",
            (lambda *case: 2 * _grown()(*case) - 1, lambda *case: 1 - 2 * _grown()(*case)),
            "1 and -1 are both true for Python: return True and False.",
        ),
        Mistake(
            "size instead of mask",
            lambda *case: _grown()(*case).sum(),
            "That is how many join: return which ones, True and False in the shape of spins.",
        ),
        Mistake(
            "spins instead of mask",
            lambda spins, *case: np.where(_grown()(spins, *case), -spins, spins),
            "You return the spins after the flip: return who joins, True and False.",
        ),
        Mistake(
            "other values",
            seen=lambda given, *case: agree(given != 0, _grown()(*case)),
            says="The sites are right, and hold other numbers than 1: return True and False.",
        ),
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
            _grown(over=()),
            "The cluster stops at the edges of the array, but they are joined: take `% rows` and `% cols`.",
        ),
        Mistake(
            "wrap-around of one index only",
            (_grown(over=(UP, DOWN)), _grown(over=(LEFT, RIGHT))),
            "The cluster crosses two of the four edges only: take the row `% rows` *and* the column `% cols`.",
        ),
        Mistake(
            "wrap-around on one side only",
            _grown(over=(UP, LEFT)),
            "The cluster crosses the upper and left edges only: -1 is the last row, but `rows` needs `% rows`.",
        ),
        Mistake(
            "wrap-around to the next row",
            _grown(flat=True),
            "The right neighbour of the last column is in the same row: count row and column apart, `% cols`.",
        ),
        Mistake(
            "opposite spins joined",
            _grown(joins=lambda spins, own: spins != 0),
            "Spins of the other sign have joined: only those equal to the first one may.",
        ),
        Mistake(
            "only opposite spins joined",
            _grown(joins=np.not_equal),
            "The comparison is turned round: ask neighbours with the *same* spin as the first one.",
        ),
        Mistake(
            "only up spins joined",
            _grown(joins=lambda spins, own: spins == 1),
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
        Mistake(
            "three neighbours",
            tuple(_grown(steps=three) for three in combinations(FOUR, 3)),
            "One of the four neighbours is never asked: row + 1, row - 1, column + 1, column - 1.",
        ),
        Mistake(
            "marked before the decision",
            lambda spins, start, p, rng: _component(spins, start, reach=None if p == 1 else 1),
            "With p = 0 who is asked has joined all the same: mark it after the random number has said yes.",
        ),
        SeenOnce(
            "start left out",
            seen=lambda given, spins, start, p, rng: given.shape == spins.shape and not given[start],
            says="The first site belongs to the cluster: it must be True, too.",
        ),
        SeenOnce(
            "opposite spins joined",
            seen=lambda given, spins, start, p, rng: np.any(_joined(given, spins) & (spins != spins[start])),
            says="Spins of the other sign have joined: only those equal to the first one may.",
        ),
        SeenOnce(
            "p not used",
            seen=lambda given, spins, start, p, rng: p == 0 and _joined(given, spins).sum() > 1,
            says="With p = 0 no bond lets the cluster pass, and yet it grew: who is asked joins with probability p.",
        ),
        SeenOnce(
            "joined from afar",
            seen=lambda given, spins, start, *_: np.any(_joined(given, spins) & ~(_component(spins, start) > 0)),
            says="A site joined to which no chain of equal neighbours leads: which sites are next to each other?",
        ),
        SeenOnce(
            "left out with p = 1",
            seen=lambda given, spins, start, p, rng: (
                p == 1
                and given.shape == spins.shape
                and np.any(~_joined(given, spins) & (_component(spins, start) > 0))
            ),
            says="With p = 1 every bond lets the cluster pass: does each site that joins ask all its four neighbours, "
            "and is rng.random() compared with p itself?",
        ),
    ),
    tested_on="8 lattices with p = 0 or 1, and many clusters on each of three small ones, whose law is known",
    expected="an array of True and False in the shape of spins",
    read=_read_mask,
    call=_called,
    describe=_sites_that_differ,
    last_looks=(_wrong_by_chance,),
)


# ---------------------------------------------------------------- swapping temperatures


def _rungs():
    return [
        Case(f"beta = {b_1:g} and {b_2:g} with E = {E_1:g} and {E_2:g}", (b_1, b_2, E_1, E_2))
        for b_1, b_2, E_1, E_2 in (
            (1.0, 0.5, -3.0, -2.0),
            (1.2, 0.5, 0.3, 2.0),
            (0.4, 1.5, 2.6, 1.9),
            (0.5, 1.0, -2.5, -2.0),
            (0.5, 1.0, -3.0, -2.0),
            (0.2, 0.9, 1.0, -1.5),
            (2.5, 1.0, 3.0, 1.0),
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
    return np.exp(np.minimum(0.0, exponent))


def _inverse(x):
    return np.divide(1.0, x, where=x != 0, out=np.full(np.shape(x), np.inf))


def _one_rung(b_1, b_2, E_1, E_2):
    return -b_1 * (E_2 - E_1)


def _other_rung(b_1, b_2, E_1, E_2):
    return -b_2 * (E_1 - E_2)


EXPONENTS = {  # what is exponentiated in place of (beta_1 - beta_2)(E_1 - E_2): name -> what to say, and the ways
    "sign": (
        "The sign is turned round: a swap that brings the lower energy to the colder rung is always accepted.",
        lambda *rungs: -_exponent(*rungs),
    ),
    "one rung only": ("That is rung 1 alone. Rung 2 gets another state as well: multiply both ratios.", _one_rung),
    "other rung only": ("That is rung 2 alone. Rung 1 gets another state as well: multiply both ratios.", _other_rung),
    "sum of the betas": (
        "The betas are added: the two exponents have opposite signs, and the *difference* of the betas is left.",
        lambda b, c, E, F: (b + c) * (E - F),
        lambda b, c, E, F: (b + c) * (F - E),
    ),
    "sum of the energies": (
        "The energies are added: each rung gives one away and gets the other, so their *difference* is left.",
        lambda b, c, E, F: (b - c) * (E + F),
        lambda b, c, E, F: (c - b) * (E + F),
    ),
    "beta with its own energy twice": (
        "Each beta meets its own energy only. After the swap rung 1 holds E_2: beta_1 E_2 and beta_2 E_1 enter, too.",
        lambda b, c, E, F: b * E - c * F,
        lambda b, c, E, F: c * F - b * E,
    ),
    "beta with the other energy": (
        "beta_1 E_1 and beta_2 E_2, the state before the swap, are missing: divide by its weight.",
        lambda b, c, E, F: b * F - c * E,
        lambda b, c, E, F: c * E - b * F,
        lambda b, c, E, F: b * F + c * E,
    ),
    "weights after only": (
        "Only the weight after the swap is there: divide it by the weight before.",
        lambda b, c, E, F: -b * F - c * E,
    ),
    "weights before only": (
        "Only the weight before the swap is there: the weight after it is divided by it.",
        lambda b, c, E, F: -b * E - c * F,
        lambda b, c, E, F: b * E + c * F,
    ),
    "betas forgotten": (
        "The betas do not enter: the exponent is (beta_1 - beta_2)(E_1 - E_2).",
        lambda b, c, E, F: E - F,
        lambda b, c, E, F: F - E,
    ),
    "energies forgotten": (
        "The energies do not enter: the exponent is (beta_1 - beta_2)(E_1 - E_2).",
        lambda b, c, E, F: b - c,
        lambda b, c, E, F: c - b,
    ),
    "brackets": (
        "It is the difference of the betas *times* the difference of the energies: where are the brackets?",
        lambda b, c, E, F: b - c + E - F,
        lambda b, c, E, F: b - c * (E - F),
        lambda b, c, E, F: (b - c) * E - F,
        lambda b, c, E, F: b - c * E - F,
    ),
    "T and beta exchanged": (
        "You use 1/beta: the weights are exp(-beta E).",
        lambda b, c, E, F: (_inverse(b) - _inverse(c)) * (E - F),
        lambda b, c, E, F: (_inverse(b) - _inverse(c)) * (F - E),
    ),
    "twice or half the exponent": (
        "The exponent is twice or half as large as it should be: each rung's weight has exponent -beta E, once.",
        lambda *rungs: 2 * _exponent(*rungs),
        lambda *rungs: _exponent(*rungs) / 2,
    ),
    "divided": (
        "The difference of the betas and that of the energies are multiplied, not divided.",
        lambda b, c, E, F: (b - c) * _inverse(E - F),
        lambda b, c, E, F: (E - F) * _inverse(b - c),
    ),
    "absolute differences": (
        "With absolute values the signs are lost, which say whether the swap helps.",
        lambda *rungs: -abs(_exponent(*rungs)),
        lambda b, c, E, F: (b - c) * abs(E - F),
        lambda b, c, E, F: abs(b - c) * (E - F),
    ),
    "another exponent": (
        "The exponent is another one: divide the weight after by the weight before, and collect all four products.",
        *(
            lambda b, c, E, F, k=k: k[0] * b * E + k[1] * b * F + k[2] * c * E + k[3] * c * F
            for k in product((-1, 0, 1), repeat=4)
            if any(k) and k != (1, -1, -1, 1)
        ),
    ),
}
FORMS = {  # what is made of the exponent in place of exp(min(0, it)): name -> what to say, and the ways
    "minimum missing": ("The ratio itself can be larger than 1: take the smaller of 1 and it.", np.exp),
    "maximum instead of minimum": (
        "That is the *larger* of 1 and the ratio: a probability is at most 1.",
        lambda x: np.exp(np.maximum(0.0, x)),
    ),
    "one over it": ("That is 1 over the probability, or its exponent has lost a sign.", lambda x: 1 / _capped(x)),
    "heat bath": (
        "That is r / (1 + r). It keeps detailed balance, but swaps less often than the smaller of 1 and r.",
        lambda x: 1 / (1 + np.exp(-x)),
    ),
    "exponent instead of probability": (
        "That is a logarithm: exponentiate the smaller of 0 and it.",
        lambda x: x,
        lambda x: np.minimum(0.0, x),
        lambda x: np.minimum(1.0, x),
        lambda x: -x,
    ),
    "1 beside the exponent": (
        "The exponent was capped at 1: cap it at 0, or the ratio at 1.",
        lambda x: np.exp(np.minimum(1.0, x)),
    ),
    "another base": ("The base of the power is e: np.exp.", *(lambda x, b=b: np.minimum(1.0, b**x) for b in (2.0, 10))),
    "refused instead of accepted": (
        "That is the probability that they do not swap: 1 minus the right one.",
        lambda x: 1 - _capped(x),
    ),
}


def _moderate(b_1, b_2, E_1, E_2):
    """Whether no exponential overflows, and nothing is divided by 0."""
    return max(abs(E_1), abs(E_2)) < 100 and b_1 != b_2 and E_1 != E_2 and b_1 * b_2 > 0


def _of(exponents, forms):
    """What is returned for one of the exponents in one of the forms."""

    def returned(exponent, form, *rungs):
        with np.errstate(all="ignore"):
            return form(exponent(*rungs))

    return tuple(partial(returned, *pair) for pair in product(exponents, forms))


def _capped_ratio(after, before):
    return lambda *rungs: min(1.0, after(*rungs) / before(*rungs))


def _swap_mistakes():
    """Slips in the exponent, in what is made of it, and in both."""
    for name, (says, *forms) in FORMS.items():
        yield Mistake(name, _of([_exponent], forms), says, where=_moderate)
    for name, (says, *exponents) in EXPONENTS.items():
        yield Mistake(name, _of(exponents, [_capped]), says, where=_moderate)
    for (one, (says, *exponents)), (other, (adds, *forms)) in product(EXPONENTS.items(), FORMS.items()):
        yield Mistake(f"{one}, and {other}", _of(exponents, forms), f"{says} And: {adds}", where=_moderate)


def _weights_overflow(given, *rungs):
    if abs(_exponent(*rungs)) > 700:  # both weights are infinite, and the smaller of 1 and NaN may be 1
        return not np.isfinite(given) or given == 1
    return agree(given, _capped(_exponent(*rungs)))


def _exponential_overflows(given, *rungs):
    return given == np.inf if _exponent(*rungs) > 700 else agree(given, _capped(_exponent(*rungs)))


def _infinite(function, *rungs):
    """What the function returns, infinity where it raises OverflowError, as `math.exp` does, or divides by 0."""
    try:
        return function(*rungs)
    except (OverflowError, ZeroDivisionError):
        return np.inf


def _overflow_on_the_way(function):
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
    truth=lambda *rungs: _capped(_exponent(*rungs)),
    mistakes=(
        Mistake("always accepted", lambda *rungs: 1.0, "You give 1 for every pair of rungs."),
        Mistake("never accepted", lambda *rungs: 0.0, "You give 0 for every pair of rungs."),
        Mistake(
            "overflow",
            seen=_exponential_overflows,
            says="The exponential overflows: first the smaller of 0 and the exponent, then exp.",
        ),
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
        Mistake(
            "two separate decisions",
            (
                lambda *rungs: _capped(_one_rung(*rungs)) * _capped(_other_rung(*rungs)),
                lambda *rungs: (_capped(_one_rung(*rungs)) + _capped(_other_rung(*rungs))) / 2,
                lambda *rungs: _capped(_one_rung(*rungs)) + _capped(_other_rung(*rungs)),
            ),
            "That accepts for each rung by itself. Multiply the two ratios first, then take the smaller of 1 and it.",
        ),
        Mistake(
            "certain by one factor",
            tuple(
                lambda *rungs, sure=sure: 1.0 if sure(*rungs) else np.exp(np.clip(_exponent(*rungs), None, 700))
                for sure in (
                    lambda b, c, E, F: E > F,
                    lambda b, c, E, F: E < F,
                    lambda b, c, E, F: b > c,
                    lambda b, c, E, F: b < c,
                )
            ),
            "Whether a swap is certain depends on the sign of the whole exponent, not on one of its factors.",
            where=_moderate,
        ),
        Mistake(
            "weights added",
            _capped_ratio(
                lambda b, c, E, F: np.exp(-b * F) + np.exp(-c * E), lambda b, c, E, F: np.exp(-b * E) + np.exp(-c * F)
            ),
            "The weight of the pair is the *product* of the two weights, not their sum.",
            where=_moderate,
        ),
        *_swap_mistakes(),
        SeenOnce(
            "more than 1",
            seen=lambda given, *rungs: 1 < given < np.inf,
            says="A probability is at most 1: take the smaller of 0 and the exponent, or of 1 and the ratio.",
        ),
        SeenOnce("negative", seen=lambda given, *rungs: given < 0, says="A probability is never negative."),
        Mistake(
            "wrong where the ratio is above 1",
            seen=lambda given, *rungs: agree(given, _capped(_exponent(*rungs))),
            says="Where the ratio is below 1 all is right; where it is above 1 the swap must be certain.",
            where=lambda *rungs: _exponent(*rungs) < 0,
        ),
        Mistake(
            "wrong where the ratio is below 1",
            seen=lambda given, *rungs: given == 1,
            says="Certain swaps are right; the others have the probability exp((beta_1 - beta_2)(E_1 - E_2)).",
            where=lambda *rungs: _exponent(*rungs) >= 0,
        ),
    ),
    tested_on="12 pairs of rungs, two with energies 600 apart, to 9 digits",
    expected="one number",
    call=_infinite,
    last_looks=(_overflow_on_the_way,),
)
