"""Heat bath on periodic lattices in bits: 64 spins a word, be it one large lattice or many small ones.

A word holds spins that are not neighbours: the same site of different images, and rows of an image that lie equally
far into its strips. Below the last row of a strip comes the first row of the next one, so there the neighbours of a
word are another word with its bits turned (`_seam`). Heat bath may take the sites in any order; here it goes row by
row, in a row first the even columns, then the odd ones, then the last one if their number is odd.

A spin with k neighbours up becomes up with probability p_k. Random bits are compared with the binary digits of p_k,
from the first on: where they differ, the spin is settled, up if the random bit is the smaller one. Each digit settles
half of the spins; the last one of a word takes about seven. Each spin has its own random bits: chains that shared some
would come to agree.
"""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numba
import numpy as np
from numba import int64, uint64

from course_lib.kernels import njit, pieces
from course_lib.kernels.rng import seed_streams, step

_LANES = 32  # words updated together, each with a random stream of its own
_PADDING = 4  # the words of a vector: a loop over whole vectors leaves no slow remainder
_FIRST = 12  # digits compared for all words alike, after which 1 spin in 4000 is left; even
_DIGITS = 64
_THREADS_PAY = 20_000_000  # spin updates, some 3 ms: starting threads costs about 0.2 ms
_SITES_AT_A_TIME = 50_000_000  # packed, some 0.05 s
_WORDS_AT_A_TIME = 15_000_000  # updated, some 0.1 s

# One flat array of scratch a bank, with offsets known at compile time: else LLVM cannot see that nothing overlaps, and
# does not vectorise.
_A, _B, _C, _D = 0, _LANES, 2 * _LANES, 3 * _LANES  # states of the random streams
_ONE, _TWO, _FOUR = 4 * _LANES, 5 * _LANES, 6 * _LANES  # the count of up neighbours in binary
_UP, _OPEN = 7 * _LANES, 8 * _LANES
_SCRATCH = 9 * _LANES

_NONE, _ALL = np.uint64(0), np.uint64(0xFFFFFFFFFFFFFFFF)

# For a short first call. LLVM would optimise each part of `_sweep` on its own and once more in what calls it; so they
# become one function before. And what numpy does quickly enough need not be compiled.
_part = njit(inline="always")


def heat_bath(images, J, h, beta, sweeps, rng, threads=None):
    """Heat-bath sweeps in place, images (n_images, rows, cols) int8.

    Any number of threads gives the same result; None is all there are.
    """
    n_images, rows, cols = images.shape
    strips, lanes = layout(n_images, rows, cols)
    images_a_bank = 64 // strips * lanes
    n_banks = -(-n_images // images_a_bank)
    streams = new_streams(n_banks, rng)
    table = digit_table(float(J), float(h), float(beta))
    interrupted = False

    def run(first, last):
        part = images[first * images_a_bank : last * images_a_bank]
        words = pack(part, strips, lanes)
        at_a_time = sweeps_at_a_time(words)
        # Not packed anew for each piece: bits that stand for no spin draw random numbers too.
        for done in range(0, sweeps, at_a_time):
            if interrupted:
                return
            sweep(words, streams[first:last], table, rows, cols, strips, min(at_a_time, sweeps - done))
        unpack(words, strips, part)

    n_parts = -(-images.size // _SITES_AT_A_TIME)
    threads = min(threads or numba.config.NUMBA_NUM_THREADS, n_banks)
    if threads <= 1 or images.size * sweeps < _THREADS_PAY:
        for first, last in pairwise(pieces.shares(n_banks, n_parts)):
            run(first, last)
        return
    # Not numba's own threads: they take long to compile, and a second caller at the same time ends the process.
    ends = pieces.shares(n_banks, max(n_parts, 4 * threads))
    with ThreadPoolExecutor(threads) as pool:
        try:
            list(pool.map(run, ends[:-1], ends[1:]))
        finally:
            interrupted = True  # should they not be done: only this thread hears Ctrl-C


def sweeps_at_a_time(words):
    """How many sweeps of words from `pack` take a tenth of a second; a row costs as much as 30 words more."""
    n_banks, height, width = words.shape
    return max(1, _WORDS_AT_A_TIME // (n_banks * height * (width + 30)))


def new_streams(n_banks, rng):
    """Random streams (n_banks, 4, 32) for `sweep`, which moves them on in place."""
    streams = seed_streams(rng.integers(2**64, size=n_banks * _LANES, dtype=np.uint64))
    return np.ascontiguousarray(streams.reshape(4, n_banks, _LANES).transpose(1, 0, 2))


def layout(n_images, rows, cols):
    """Strips an image, and words a bank: fewest words, and in a bank as many as are updated together."""

    def cost(strips):
        # The small part stands for the seams.
        return -(-n_images // (64 // strips)) * (-(-rows // strips) + 0.2 * (strips > 1))

    # The strips have two rows or more: rows that are neighbours must not be drawn at the same time.
    strips = min(range(1, max(1, min(64, rows // 2)) + 1), key=cost)
    n_words = -(-n_images // (64 // strips))
    return strips, max(1, min(n_words, _LANES // (cols // 2)))


def pack(images, strips, lanes):
    """Images as words (n_banks, rows of a strip, words of a row); bit ``strip * images_a_word + place`` of a word."""
    n_images, rows, cols = images.shape
    images_a_word, sizes = _strip_sizes(rows, cols, strips)
    height, half = -(-rows // strips), cols // 2
    n_banks = -(-n_images // (images_a_word * lanes))
    sites = np.zeros((n_banks * lanes, height * cols), np.uint64)
    _gather(images.reshape(n_images, rows * cols), sites, sizes, np.uint64(images_a_word))
    # Two lines more a bank, for what is above the strips and below them.
    words = np.zeros((n_banks, height + 2, 2 * half + 2, lanes), np.uint64)
    sites = sites.reshape(n_banks, lanes, height, cols).transpose(0, 2, 3, 1)
    words[:, :height] = sites.take(_columns(cols), axis=2)
    return words.reshape(n_banks, height + 2, (2 * half + 2) * lanes)


def unpack(words, strips, images):
    """The inverse of `pack`, into images (n_images, rows, cols)."""
    n_images, rows, cols = images.shape
    images_a_word, sizes = _strip_sizes(rows, cols, strips)
    height, half = -(-rows // strips), cols // 2
    lanes = words.shape[2] // (2 * half + 2)
    places = np.empty(cols, int)
    places[_columns(cols)] = range(2 * half + 2)
    words = words.reshape(len(words), height + 2, 2 * half + 2, lanes)[:, :height].take(places, axis=2)
    sites = words.transpose(0, 3, 1, 2).reshape(len(words) * lanes, height * cols)
    _scatter(images.reshape(n_images, rows * cols, copy=False), sites, sizes, np.uint64(images_a_word))


def _strip_sizes(rows, cols, strips):
    """Images a word, and sites of each strip; the first strips are a row taller if the rows do not come out even."""
    heights = rows // strips + (np.arange(strips) < rows % strips)
    return 64 // strips, (heights * cols).astype(np.uint64)


def _columns(cols):
    """The columns of a row of words: even ones, one more, one more, odd ones.

    The first of the two is what is right of the last odd column, the second what is left of the first even one. With an
    odd number of columns both are the last column, which counts neither as odd nor as even; otherwise they are copies
    from the other end.
    """
    even = cols - cols % 2
    return [*range(0, even, 2), even % cols, cols - 1, *range(1, even, 2)]


@njit(cache=True, nogil=True)
def _gather(images, sites, sizes, images_a_word):
    """Set the bits of words (n_words, sites of a strip) where images (n_images, sites) are up."""
    # Unsigned: signed offsets could be Python's negative ones.
    for image in range(uint64(len(images))):
        word, place, start = image // images_a_word, image % images_a_word, _NONE
        for strip in range(uint64(len(sizes))):
            bit = strip * images_a_word + place
            for i in range(sizes[strip]):
                sites[word, i] |= uint64(images[image, start + i] > 0) << bit
            start += sizes[strip]


@njit(cache=True, nogil=True)
def _scatter(images, sites, sizes, images_a_word):
    """The inverse of `_gather`."""
    one = uint64(1)
    for image in range(uint64(len(images))):
        word, place, start = image // images_a_word, image % images_a_word, _NONE
        for strip in range(uint64(len(sizes))):
            bit = strip * images_a_word + place
            for i in range(sizes[strip]):
                images[image, start + i] = 2 * np.int8((sites[word, i] >> bit) & one) - 1
            start += sizes[strip]


def digit_table(J, h, beta):
    """What to add (xor) to the digits of p_0, for each of 64 digits, if bits of the count of up neighbours are set."""
    with np.errstate(over="ignore"):
        p = 1 / (1 + np.exp(-2 * beta * (J * np.array([-4, -2, 0, 2, 4]) + h)))
    # The whole part of p * 2^64 has these digits and fits into a word, unless p = 1, with all digits set.
    whole = (np.where(p < 1, p, 0) * 2.0**_DIGITS).astype(np.uint64)
    shifts = np.arange(_DIGITS - 1, -1, -1, dtype=np.uint64)[:, None]
    digits = np.where((p == 1) | (whole >> shifts & np.uint64(1) == 1), _ALL, _NONE)
    zero, one, two, three, four = digits.T
    return np.ascontiguousarray(np.array([zero, zero ^ one, zero ^ two, zero ^ one ^ two ^ three, zero ^ four]).T)


def sweep(words, streams, table, rows, cols, strips, sweeps):
    """Heat-bath sweeps of words from `pack` in place, with streams (n_banks, 4, 32), which move on."""
    short, height, width = rows // strips, -(-rows // strips), words.shape[2]
    lanes = width // (2 * (cols // 2) + 2)
    sizes = [np.uint64(size) for size in (short, height, width, lanes)]
    flat, streams = words.reshape(-1, copy=False), streams.reshape(-1, copy=False)
    scratch = np.empty(_SCRATCH, np.uint64)
    _sweep(flat, streams, table, scratch, _groups(cols, lanes), _seam(rows, strips), *sizes, sweeps)


def _groups(cols, lanes):
    """Groups of words in a row that are drawn together: even columns, odd columns, the last one if it is neither.

    Of each group its offset, its size, the offsets of its left and its right neighbours, and then where the copy of
    one of its columns is, and that column; see `_columns`. A column that has no copy is its own.
    """
    size, odd = cols // 2 * lanes, (cols // 2 + 2) * lanes
    last, first_copy, second_copy = odd + size - lanes, size, size + lanes
    if cols % 2 == 0:
        groups = [(0, size, second_copy, odd, first_copy, 0), (odd, size, 0, lanes, second_copy, last)]
    else:
        groups = [
            (0, size, second_copy, odd, 0, 0),
            (odd, size, 0, lanes, odd, odd),
            (first_copy, lanes, last, 0, second_copy, first_copy),
        ]
    return np.array(groups, np.uint64)


def _seam(rows, strips):
    """By how many bits to turn a word, forwards and around; the bits that are in use; those of the taller strips."""
    images_a_word = 64 // strips
    turn = images_a_word % 64  # by 64 bits would be undefined
    used, tall = 2 ** (images_a_word * strips) - 1, 2 ** (images_a_word * (rows % strips)) - 1
    return np.array([turn, turn * (strips - 1), used, tall], np.uint64)


@njit(cache=True, nogil=True)
def _sweep(flat, streams, table, scratch, groups, seam, short, height, width, lanes, sweeps):
    """Sweep each bank in turn, with its random streams; see `sweep`, `_groups` and `_seam`."""
    # Flat arrays and unsigned offsets: slices are counted references, and signed offsets could be Python's negative
    # ones.
    one, size = uint64(1), (height + uint64(2)) * width
    for bank in range(uint64(len(flat)) // size):
        first = bank * size
        above = first + height * width
        below = above + width
        for i in range(4 * _LANES):
            scratch[_A + i] = streams[bank * uint64(4 * _LANES) + uint64(i)]
        for _ in range(sweeps):
            for line in range(height):
                row = first + line * width
                up, down = row - width, row + width
                if line == _NONE:
                    _above(flat, above, width, first + (short - one) * width, seam)
                    up = above
                if line + one >= short:
                    _below(flat, below, width, first, line == short, seam)
                    down = below
                for k in range(len(groups)):
                    at, left, right = groups[k, 0], row + groups[k, 2], row + groups[k, 3]
                    _draw(flat, row + at, groups[k, 1], left, right, up + at, down + at, table, scratch)
                    copy, column = row + groups[k, 4], row + groups[k, 5]
                    for lane in range(lanes):
                        flat[copy + lane] = flat[column + lane]
        for i in range(4 * _LANES):
            streams[bank * uint64(4 * _LANES) + uint64(i)] = scratch[_A + i]


@_part
def _above(flat, above, width, last_of_short, seam):
    """What is above the first rows of the strips: the last row of the strip before."""
    turn, back, used, tall = seam[0], seam[1], seam[2], seam[3]
    last_of_tall = above - width
    for i in range(width):
        last = ((flat[last_of_tall + i] & tall) | (flat[last_of_short + i] & ~tall)) & used
        flat[above + i] = (last << turn) | (last >> back)


@_part
def _below(flat, below, width, first, in_tall_only, seam):
    """What is below the last rows of the strips: the first row of the next strip, or one more row of a taller strip."""
    turn, back, used, tall = seam[0], seam[1], seam[2], seam[3]
    if in_tall_only:
        tall = _NONE
    last_of_tall = below - width - width
    for i in range(width):
        next_strip = ((flat[first + i] & used) >> turn) | (flat[first + i] << back)
        flat[below + i] = (flat[last_of_tall + i] & tall) | (next_strip & ~tall)


@_part
def _draw(flat, at, size, left, right, up, down, table, scratch):
    """Draw words of spins that are not neighbours of each other, given their neighbours: offsets in ``flat``."""
    for start in range(uint64(0), size, uint64(_LANES)):
        n = min(_LANES, int64(size - start))
        for i in range(n):
            j = start + uint64(i)
            a, b, c, d = flat[left + j], flat[right + j], flat[up + j], flat[down + j]
            odd_1, odd_2, both_1, both_2 = a ^ b, c ^ d, a & b, c & d
            scratch[_ONE + i] = odd_1 ^ odd_2
            scratch[_TWO + i] = both_1 ^ both_2 ^ (odd_1 & odd_2)
            scratch[_FOUR + i] = both_1 & both_2
        _compare_first_digits(table, scratch, -(-n // _PADDING) * _PADDING)
        for i in range(n):
            if scratch[_OPEN + i]:
                _compare_other_digits(table, scratch, i)
            flat[at + start + uint64(i)] = scratch[_UP + i]


@_part
def _compare_first_digits(table, scratch, n):
    """Digits in reverse, which takes one variable less: the last one to differ, that is the first one, has the say."""
    for i in range(n):
        scratch[_UP + i], scratch[_OPEN + i] = _NONE, _ALL
    for k in range(_FIRST - 2, -1, -2):
        # In variables, because a loop that reads the table is not vectorised. Two digits a pass save loads and stores.
        first = _digit(table, k)
        second = _digit(table, k + 1)
        for i in range(n):
            a, b, c, d = scratch[_A + i], scratch[_B + i], scratch[_C + i], scratch[_D + i]
            one, two, four = scratch[_ONE + i], scratch[_TWO + i], scratch[_FOUR + i]
            up, undecided = scratch[_UP + i], scratch[_OPEN + i]
            bits, a, b, c, d = step(a, b, c, d)
            differs = bits ^ _select(second, one, two, four)
            up, undecided = (up & ~differs) | (differs & ~bits), undecided & ~differs
            bits, a, b, c, d = step(a, b, c, d)
            differs = bits ^ _select(first, one, two, four)
            up, undecided = (up & ~differs) | (differs & ~bits), undecided & ~differs
            scratch[_A + i], scratch[_B + i], scratch[_C + i], scratch[_D + i] = a, b, c, d
            scratch[_UP + i], scratch[_OPEN + i] = up, undecided


@_part
def _compare_other_digits(table, scratch, i):
    """Go on with one word until no spin is left; what 64 digits do not settle, once in 10^19, is down."""
    a, b, c, d = scratch[_A + i], scratch[_B + i], scratch[_C + i], scratch[_D + i]
    one, two, four = scratch[_ONE + i], scratch[_TWO + i], scratch[_FOUR + i]
    up, undecided = scratch[_UP + i], scratch[_OPEN + i]
    k = _FIRST
    while undecided and k < _DIGITS:
        bits, a, b, c, d = step(a, b, c, d)
        differs = bits ^ _select(_digit(table, k), one, two, four)
        up |= undecided & differs & ~bits
        undecided &= ~differs
        k += 1
    scratch[_A + i], scratch[_B + i], scratch[_C + i], scratch[_D + i] = a, b, c, d
    scratch[_UP + i] = up


@_part
def _digit(table, k):
    return table[k, 0], table[k, 1], table[k, 2], table[k, 3], table[k, 4]


@_part
def _select(digit, one, two, four):
    """The digit of p_n for each spin's own n, from the binary count of its up neighbours; see `digit_table`."""
    return digit[0] ^ (digit[1] & one) ^ (digit[2] & two) ^ (digit[3] & one & two) ^ (digit[4] & four)
