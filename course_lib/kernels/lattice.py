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

import numba
import numpy as np
from numba import njit, uint64

from course_lib.kernels.rng import seed_streams, step

_LANES = 32  # words updated together, each with a random stream of its own
_PADDING = 4  # the words of a vector: a loop over whole vectors leaves no slow remainder
_FIRST = 12  # digits compared for all words alike, after which 1 spin in 4000 is left; even
_DIGITS = 64
_THREADS_PAY = 20_000_000  # spin updates, some 3 ms: starting threads costs about 0.2 ms

# One flat array of scratch a bank, with offsets known at compile time: else LLVM cannot see that nothing overlaps, and
# does not vectorise.
_A, _B, _C, _D = 0, _LANES, 2 * _LANES, 3 * _LANES  # states of the random streams
_ONE, _TWO, _FOUR = 4 * _LANES, 5 * _LANES, 6 * _LANES  # the count of up neighbours in binary
_UP, _OPEN = 7 * _LANES, 8 * _LANES
_TABLE = 9 * _LANES
_SCRATCH = _TABLE + 5 * _DIGITS

_NONE, _ALL = np.uint64(0), np.uint64(0xFFFFFFFFFFFFFFFF)


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

    def run(first, last):
        part = images[first * images_a_bank : last * images_a_bank]
        words = pack(part, strips, lanes)
        sweep(words, streams[first:last], table, rows, cols, strips, sweeps)
        unpack(words, strips, part)

    threads = min(threads or numba.config.NUMBA_NUM_THREADS, n_banks)
    if threads <= 1 or images.size * sweeps < _THREADS_PAY:
        run(0, n_banks)
        return
    # Not numba's own threads: they take long to compile, and a second caller at the same time ends the process.
    n_parts = min(4 * threads, n_banks)
    ends = [n_banks * k // n_parts for k in range(n_parts + 1)]
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(run, ends[:-1], ends[1:]))


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


@njit(cache=True, nogil=True)
def pack(images, strips, lanes):
    """Images as words (n_banks, rows of a strip, words of a row); bit ``strip * images_a_word + place`` of a word."""
    n_images, rows, cols = images.shape
    images_a_word, height, half = 64 // strips, -(-rows // strips), cols // 2
    n_words = -(-n_images // images_a_word)
    # Two lines more a bank, for what is above the strips and below them.
    words = np.zeros((-(-n_words // lanes), height + 2, (2 * half + 2) * lanes), np.uint64)
    flat, sites = images.reshape(-1), np.empty(height * cols, np.uint64)
    for word in range(n_words):
        for i in range(sites.size):
            sites[i] = _NONE
        for place in range(min(images_a_word, n_images - word * images_a_word)):
            for strip in range(strips):
                start, size = _run(word * images_a_word + place, strip, rows, cols, strips)
                bit = uint64(strip * images_a_word + place)
                for i in range(size):
                    sites[i] |= uint64(flat[start + uint64(i)] > 0) << bit
        bank, lane = divmod(word, lanes)
        for line in range(height):
            for col in range(cols):
                words[bank, line, _column(col, half) * lanes + lane] = sites[line * cols + col]
    for bank in range(len(words)):
        for line in range(height):
            _join(words[bank, line], 0, half, lanes, cols % 2)
    return words


@njit(cache=True, nogil=True)
def unpack(words, strips, images):
    """The inverse of `pack`, into images (n_images, rows, cols)."""
    n_images, rows, cols = images.shape
    images_a_word, height, half = 64 // strips, -(-rows // strips), cols // 2
    lanes = words.shape[2] // (2 * half + 2)
    flat, sites, one = images.reshape(-1), np.empty(height * cols, np.uint64), uint64(1)
    for word in range(-(-n_images // images_a_word)):
        bank, lane = divmod(word, lanes)
        for line in range(height):
            for col in range(cols):
                sites[line * cols + col] = words[bank, line, _column(col, half) * lanes + lane]
        for place in range(min(images_a_word, n_images - word * images_a_word)):
            for strip in range(strips):
                start, size = _run(word * images_a_word + place, strip, rows, cols, strips)
                bit = uint64(strip * images_a_word + place)
                for i in range(size):
                    flat[start + uint64(i)] = 2 * np.int8((sites[i] >> bit) & one) - 1


@njit(cache=True)
def _run(image, strip, rows, cols, strips):
    """First site and number of sites of a strip; the first strips are a row taller if the rows do not come out even."""
    short, tall = rows // strips, rows % strips
    row = strip * short + min(strip, tall)
    return uint64((image * rows + row) * cols), (short + (strip < tall)) * cols


@njit(cache=True)
def _column(col, half):
    """Where a column is in a row of words: even columns, one more, one more, odd columns; see `_join`."""
    return col // 2 + (half + 2) * (col % 2)


@njit(cache=True)
def _join(flat, row, half, lanes, odd):
    """Keep the copies up to date that stand where a neighbour across the edge is looked for.

    A row of words: even columns, one more, one more, odd columns. The first of the two is what is right of the last odd
    column, the second what is left of the first even one. With an odd number of columns both are the last column, which
    counts neither as odd nor as even; otherwise they are copies from the other end.
    """
    second = row + half * lanes + lanes
    for lane in range(lanes):
        if not odd:
            flat[row + half * lanes + lane] = flat[row + lane]
        flat[second + lane] = flat[(row + half * lanes if odd else second + half * lanes) + lane]


def digit_table(J, h, beta):
    """What to add (xor) to the digits of p_0, for each of 64 digits, if bits of the count of up neighbours are set."""
    with np.errstate(over="ignore"):
        p = 1 / (1 + np.exp(-2 * beta * (J * np.array([-4, -2, 0, 2, 4]) + h)))
    digits = np.empty((_DIGITS, 5), np.uint64)
    for i in range(_DIGITS):
        p *= 2
        digits[i] = np.where(p >= 1, _ALL, _NONE)
        p -= p >= 1
    zero, one, two, three, four = digits.T
    return np.column_stack([zero, zero ^ one, zero ^ two, zero ^ one ^ two ^ three, zero ^ four])


@njit(cache=True, nogil=True)
def sweep(words, streams, table, rows, cols, strips, sweeps):
    """Heat-bath sweeps of words from `pack` in place, with streams (n_banks, 4, 32), which move on."""
    # One flat array and unsigned offsets: slices are counted references, and signed offsets could be Python's negative
    # ones.
    flat, n_banks, width = words.reshape(-1), len(words), uint64(words.shape[2])
    height, half, odd = uint64(-(-rows // strips)), uint64(cols // 2), cols % 2
    lanes = width // (half + half + uint64(2))
    size, more = half * lanes, (half + uint64(2)) * lanes
    scratch = np.empty(_SCRATCH, np.uint64)
    for i in range(_DIGITS):  # element by element: slices on the left take a second each to compile
        for k in range(5):
            scratch[_TABLE + 5 * i + k] = table[i, k]
    for bank in range(n_banks):
        first = uint64(bank * words.shape[1]) * width
        above = first + height * width
        below = above + width
        for i in range(4):
            for lane in range(_LANES):
                scratch[_LANES * i + lane] = streams[bank, i, lane]
        for _ in range(sweeps):
            for line in range(height):
                row = first + line * width
                up, down = row - width, row + width
                if line == uint64(0):
                    _above(words[bank], rows, strips)
                    up = above
                if line + uint64(1) >= uint64(rows // strips):
                    _below(words[bank], int(line), rows, strips)
                    down = below
                _draw(flat, row, size, row + more - lanes, row + more, up, down, scratch)
                _join(flat, row, half, lanes, odd)
                _draw(flat, row + more, size, row, row + lanes, up + more, down + more, scratch)
                if odd:
                    last = row + size
                    _draw(flat, last, lanes, row + width - lanes, row, up + size, down + size, scratch)
                _join(flat, row, half, lanes, odd)
        for i in range(4):
            for lane in range(_LANES):
                streams[bank, i, lane] = scratch[_LANES * i + lane]


@njit(cache=True)
def _above(lines, rows, strips):
    """What is above the first rows of the strips: the last row of the strip before."""
    turn, back, used, tall = _seam(rows, strips)
    height, short = -(-rows // strips), rows // strips
    for i in range(lines.shape[1]):
        last = ((lines[height - 1, i] & tall) | (lines[short - 1, i] & ~tall)) & used
        lines[height, i] = (last << turn) | (last >> back)


@njit(cache=True)
def _below(lines, line, rows, strips):
    """What is below the last rows of the strips: the first row of the next strip, or one more row of a taller strip."""
    turn, back, used, tall = _seam(rows, strips)
    height, short = -(-rows // strips), rows // strips
    if line == short:
        tall = _NONE
    for i in range(lines.shape[1]):
        next_strip = ((lines[0, i] & used) >> turn) | (lines[0, i] << back)
        lines[height + 1, i] = (lines[height - 1, i] & tall) | (next_strip & ~tall)


@njit(cache=True)
def _seam(rows, strips):
    """By how many bits to turn a word, forwards and around; the bits that are in use; those of the taller strips."""
    if strips == 1:  # a turn by 64 bits would be undefined
        return uint64(0), uint64(0), _ALL, _NONE
    turn = uint64(64 // strips)
    used = _ALL >> (uint64(64) - turn * uint64(strips))
    tall = (uint64(1) << turn * uint64(rows % strips)) - uint64(1)
    return turn, turn * uint64(strips - 1), used, tall


@njit(cache=True)
def _draw(flat, at, size, left, right, up, down, scratch):
    """Draw words of spins that are not neighbours of each other, given their neighbours: offsets in ``flat``."""
    for start in range(uint64(0), size, uint64(_LANES)):
        n = min(_LANES, int(size - start))
        for i in range(n):
            j = start + uint64(i)
            a, b, c, d = flat[left + j], flat[right + j], flat[up + j], flat[down + j]
            odd_1, odd_2, both_1, both_2 = a ^ b, c ^ d, a & b, c & d
            scratch[_ONE + i] = odd_1 ^ odd_2
            scratch[_TWO + i] = both_1 ^ both_2 ^ (odd_1 & odd_2)
            scratch[_FOUR + i] = both_1 & both_2
        _compare_first_digits(scratch, -(-n // _PADDING) * _PADDING)
        for i in range(n):
            if scratch[_OPEN + i]:
                _compare_other_digits(scratch, i)
            flat[at + start + uint64(i)] = scratch[_UP + i]


@njit(cache=True)
def _compare_first_digits(scratch, n):
    """Digits in reverse, which takes one variable less: the last one to differ, that is the first one, has the say."""
    for i in range(n):
        scratch[_UP + i], scratch[_OPEN + i] = _NONE, _ALL
    for k in range(_FIRST - 2, -1, -2):
        # In variables, because a loop that reads the table is not vectorised. Two digits a pass save loads and stores.
        first = _digit(scratch, k)
        second = _digit(scratch, k + 1)
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


@njit(cache=True)
def _compare_other_digits(scratch, i):
    """Go on with one word until no spin is left; what 64 digits do not settle, once in 10^19, is down."""
    a, b, c, d = scratch[_A + i], scratch[_B + i], scratch[_C + i], scratch[_D + i]
    one, two, four = scratch[_ONE + i], scratch[_TWO + i], scratch[_FOUR + i]
    up, undecided = scratch[_UP + i], scratch[_OPEN + i]
    k = _FIRST
    while undecided and k < _DIGITS:
        bits, a, b, c, d = step(a, b, c, d)
        differs = bits ^ _select(_digit(scratch, k), one, two, four)
        up |= undecided & differs & ~bits
        undecided &= ~differs
        k += 1
    scratch[_A + i], scratch[_B + i], scratch[_C + i], scratch[_D + i] = a, b, c, d
    scratch[_UP + i] = up


@njit(cache=True)
def _digit(scratch, k):
    at = _TABLE + 5 * k
    return scratch[at], scratch[at + 1], scratch[at + 2], scratch[at + 3], scratch[at + 4]


@njit(cache=True)
def _select(digit, one, two, four):
    """The digit of p_n for each spin's own n, from the binary count of its up neighbours; see `digit_table`."""
    return digit[0] ^ (digit[1] & one) ^ (digit[2] & two) ^ (digit[3] & one & two) ^ (digit[4] & four)


@njit(cache=True)
def sums(images):
    """Bond sum and spin sum of each image, (n_images, 2); numpy would write out arrays as large as the images."""
    n_images, rows, cols = images.shape
    flat, result = images.reshape(-1), np.empty((n_images, 2), np.int64)
    for image in range(n_images):
        bonds, total = 0, 0
        for row in range(rows):
            here = uint64((image * rows + row) * cols)
            below = uint64((image * rows + (row + 1) % rows) * cols)
            row_bonds, row_total = np.int32(flat[here] * flat[here + uint64(cols - 1)]), np.int32(0)
            for i in range(cols):
                row_bonds += np.int32(flat[here + uint64(i)] * flat[below + uint64(i)])
                row_total += np.int32(flat[here + uint64(i)])
            for i in range(cols - 1):
                row_bonds += np.int32(flat[here + uint64(i)] * flat[here + uint64(i + 1)])
            bonds += row_bonds
            total += row_total
        result[image, 0], result[image, 1] = bonds, total
    return result
