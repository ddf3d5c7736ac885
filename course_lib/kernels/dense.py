"""Heat bath for many chains of N spins that may all be coupled, the chains side by side.

A bank is up to WIDTH chains. Its spins are held as (N, WIDTH) float32, so that every loop over ``c`` runs over chains
that lie next to each other, and the compiler turns it into vector instructions. The sites are updated in order, four
at a time:

1. the four local fields of every chain, one small matrix product (`_add_product`);
2. for each of the four in turn, 64 random bits for every two chains, the decision, and the correction of the fields of
   those of the four that are still to come.

The fields are made anew from the spins in every sweep, so float32 round-off does not pile up: there is nothing to
refresh. Probabilities are right to 2e-7, and events rarer than 2^-30 do not happen.
"""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numba
import numpy as np
from numba import uint64

from course_lib.kernels import njit, pieces
from course_lib.kernels.rng import seed_streams, step

WIDTH = 128
LANES = WIDTH // 2  # of the random number generator: each gives two chains 32 bits
_VECTOR = 16  # a bank that is not full is cut to a multiple of this
UPDATES_AT_A_TIME = 20_000_000  # and so many spins are recorded at once
_WORK_AT_A_TIME = 4_000_000_000  # see `_work`; some 0.1 s
_THREADS_PAY = 2_000_000  # spin updates, some 10 ms: starting threads costs about 0.2 ms

_f4, _i4 = np.float32, np.int32
_ONE, _HALF_TURN, _LOW_BITS, _ODD = _f4(1), _f4(2.0**31), uint64(0x7FFFFFFF), _i4(1)
_TWO_LOG2_E, _CAP = _f4(2 / np.log(2)), _f4(60)
# 2^x on [0, 1] to 8e-8: least squares in the relative error at Chebyshev's points.
_C0, _C1, _C2, _C3, _C4, _C5 = (
    _f4(c) for c in (0.999999927, 0.693152968, 0.24015453, 0.0558236045, 0.00899258403, 0.00187623295)
)
_fast = {"cache": True, "nogil": True, "fastmath": {"contract"}}  # a * b + c in one instruction


# ---------------------------------------------------------------- called with arrays


def new_streams(n_chains, rng):
    """Random streams for these chains, (n_banks, 4, LANES); `record` and `count` move them on in place."""
    streams = seed_streams(rng.integers(2**64, size=-(-n_chains // WIDTH) * LANES, dtype=np.uint64))
    return np.ascontiguousarray(streams.reshape(4, -1, LANES).transpose(1, 0, 2))


def single_precision(J, h, beta):
    """Couplings and fields over their largest, which the betas take: float32 then overflows nowhere.

    What the functions below take; beta (n_chains,). Padded with spins that nothing feels to a multiple of four.
    """
    n = len(h)
    largest = max(np.abs(J).max(), np.abs(h).max()) or 1.0
    couplings, fields = np.zeros((n + 3 & ~3, n + 3 & ~3), np.float32), np.zeros(n + 3 & ~3, np.float32)
    couplings[:n, :n], fields[:n] = J / largest, h / largest
    return couplings, fields, np.minimum(beta * largest, 1e30).astype(np.float32)


def record(states, J, h, beta, n_draws, thin, streams, threads=None):
    """Draws (n_chains, n_draws, N) int8 of chains that start at states (n_chains, N), ``thin`` sweeps before each.

    Any number of threads gives the same result; None is all there are.
    """
    draws = np.empty((len(states), n_draws, states.shape[1]), np.int8)

    def banks(first, last):
        _record(states, draws, thin, J, h, beta, streams, first, last, *_scratch(len(h)))

    _share_out(banks, states, n_draws * thin, threads)
    return draws


def advance(states, J, h, beta, sweeps, streams, threads=None):
    """Where the chains are after so many sweeps, (n_chains, N) int8; in pieces, so that Ctrl-C is heard."""
    at_a_time = sweeps_at_a_time(states)
    for done in range(0, max(sweeps, 1), at_a_time):
        states = record(states, J, h, beta, 1, min(at_a_time, sweeps - done), streams, threads)[:, 0]
    return states


def sweeps_at_a_time(states):
    """How many sweeps of these states take a tenth of a second, or fill 20 MB if all are recorded."""
    return max(1, min(UPDATES_AT_A_TIME // states.size, _WORK_AT_A_TIME // _work(states)))


def _work(states):
    """Of a sweep, in units of some 0.025 ns: a spin costs as much as a field of 32, and a bank as 40 chains more."""
    n_chains, n = states.shape
    return n * (n + 32) * (n_chains + 40 * -(-n_chains // WIDTH))


def count(states, J, h, beta, sweeps, streams, threads=None):
    """Where the chains are after so many sweeps, and how often on the way spins were up, and differed.

    Returns states (n_chains, N) int8; ups (n_banks, N) and unlike (n_banks, N, N; i < j), summed over the chains of a
    bank and over the sweeps: the sum of s_i is 2 ups - n and that of s_i s_j is n - 2 unlike.
    """
    n_banks, n = len(streams), states.shape[1]
    moved = np.empty(states.shape, np.int8)
    ups, unlike = np.zeros((n_banks, n), np.int64), np.zeros((n_banks, n, n), np.int64)

    def banks(first, last):
        _count(states, moved, ups, unlike, sweeps, J, h, beta, streams, first, last, *_scratch(len(h)))

    _share_out(banks, states, sweeps, threads)
    return moved, ups, unlike


def _scratch(n_padded):
    """Room for the spins of a bank, their betas and fields, what changes, and random bits.

    Made here, since an array that compiled code makes costs a third of a second at the first call.
    """
    single = [np.empty(n * WIDTH, np.float32) for n in (n_padded, 1, 4, 1)]
    return *single, np.empty(WIDTH, np.int32)


def _share_out(banks, states, sweeps, threads):
    """Call ``banks(first, last)`` for all banks, on several threads if there is enough to do."""
    n_banks, n_pieces = -(-len(states) // WIDTH), 1 + _work(states) * sweeps // _WORK_AT_A_TIME
    threads = min(threads or numba.config.NUMBA_NUM_THREADS, n_banks)
    if threads == 1 or states.size * sweeps < _THREADS_PAY:
        for first, last in pairwise(pieces.shares(n_banks, n_pieces)):
            banks(first, last)
        return
    # Several pieces a thread, since one of them may be held up; not one a bank, which costs more than a short bank.
    edges = pieces.shares(n_banks, max(n_pieces, 8 * threads))
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(banks, edges[:-1], edges[1:]))  # after Ctrl-C those that have not begun are left out


# ---------------------------------------------------------------- loops over banks


@njit(cache=True, nogil=True)
def _record(states, draws, thin, J, h, beta, streams, first, last, spins, betas, field, change, bits):
    n_chains, n_draws, n = draws.shape
    for bank in range(first, last):
        start = bank * WIDTH
        stop = min(start + WIDTH, n_chains)
        width = _load(states, beta, start, stop, spins, betas)
        for draw in range(n_draws):
            _sweeps(spins, J, h, betas, streams[bank], thin, n, width, field, change, bits)
            for i in range(n):
                for c in range(stop - start):
                    draws[start + c, draw, i] = np.int8(spins[i * WIDTH + c])


@njit(cache=True, nogil=True)
def _count(states, moved, ups, unlike, sweeps, J, h, beta, streams, first, last, spins, betas, field, change, bits):
    n_chains, n = states.shape
    words = np.empty((n, WIDTH // 64), np.uint64)
    for bank in range(first, last):
        start = bank * WIDTH
        stop = min(start + WIDTH, n_chains)
        width = _load(states, beta, start, stop, spins, betas)
        for _ in range(sweeps):
            _sweeps(spins, J, h, betas, streams[bank], 1, n, width, field, change, bits)
            for i in range(n):
                for w in range(WIDTH // 64):
                    words[i, w] = _pack(spins[i * WIDTH + w * 64 : i * WIDTH + w * 64 + 64], stop - start - w * 64)
                    ups[bank, i] += _ones(words[i, w])
            for i in range(n):
                for j in range(i + 1, n):
                    for w in range(WIDTH // 64):
                        unlike[bank, i, j] += _ones(words[i, w] ^ words[j, w])
        for i in range(n):
            for c in range(stop - start):
                moved[start + c, i] = np.int8(spins[i * WIDTH + c])


@njit(cache=True, nogil=True)
def _load(states, beta, start, stop, spins, betas):
    """Spins of one bank into flat (n_padded * WIDTH,), and its betas; returns a width that covers its chains."""
    spins[:], betas[:] = 1, 0
    for c in range(stop - start):
        betas[c] = beta[start + c]
        for i in range(states.shape[1]):
            spins[i * WIDTH + c] = states[start + c, i]
    return min(WIDTH, (stop - start + _VECTOR - 1) // _VECTOR * _VECTOR)


# ---------------------------------------------------------------- one bank


@njit(**_fast)
def _sweeps(spins, J, h, beta, stream, sweeps, n, width, field, change, bits):
    for _ in range(sweeps):
        for block in range(0, n, 4):
            for k in range(4):
                field[k * WIDTH : (k + 1) * WIDTH] = h[block + k]
            for j in range(0, n, 4):
                _add_product(field, J[block : block + 4, j : j + 4], spins[j * WIDTH : (j + 4) * WIDTH], width)
            for k in range(min(4, n - block)):
                i = block + k
                _draw(stream[0], stream[1], stream[2], stream[3], bits, width // 2)
                _decide(field[k * WIDTH :], spins[i * WIDTH :], beta, bits, change, width)
                for later in range(k + 1, 4):
                    _correct(field[later * WIDTH :], J[block + later, i], change, width)


@njit(inline="always", **_fast)
def _add_product(field, J, spins, width):
    """``field += J @ spins`` for 4 x 4 couplings: each spin that is loaded is used four times."""
    a0, a1, a2, a3 = J[0, 0], J[0, 1], J[0, 2], J[0, 3]
    b0, b1, b2, b3 = J[1, 0], J[1, 1], J[1, 2], J[1, 3]
    c0, c1, c2, c3 = J[2, 0], J[2, 1], J[2, 2], J[2, 3]
    d0, d1, d2, d3 = J[3, 0], J[3, 1], J[3, 2], J[3, 3]
    for c in range(width):
        s0, s1, s2, s3 = spins[c], spins[WIDTH + c], spins[2 * WIDTH + c], spins[3 * WIDTH + c]
        field[c] = field[c] + a0 * s0 + a1 * s1 + a2 * s2 + a3 * s3
        field[WIDTH + c] = field[WIDTH + c] + b0 * s0 + b1 * s1 + b2 * s2 + b3 * s3
        field[2 * WIDTH + c] = field[2 * WIDTH + c] + c0 * s0 + c1 * s1 + c2 * s2 + c3 * s3
        field[3 * WIDTH + c] = field[3 * WIDTH + c] + d0 * s0 + d1 * s1 + d2 * s2 + d3 * s3


@njit(inline="always", **_fast)
def _draw(a, b, c, d, bits, lanes):
    """31 random bits for each chain."""
    for k in range(lanes):
        word, a[k], b[k], c[k], d[k] = step(a[k], b[k], c[k], d[k])
        bits[k], bits[lanes + k] = _i4(word >> uint64(33)), _i4(word & _LOW_BITS)


@njit(inline="always", **_fast)
def _decide(field, spins, beta, bits, change, width):
    """Against the field with probability ``1 / (1 + exp(2 beta |field|))``, else with it; a fair coin without field."""
    for c in range(width):
        # exp as a power of two: the whole part goes into the exponent's bits, the rest into a polynomial.
        exponent = min(abs(field[c]) * beta[c] * _TWO_LOG2_E, _CAP)
        whole = _i4(exponent)
        x = exponent - _f4(whole)
        power = _C0 + x * (_C1 + x * (_C2 + x * (_C3 + x * (_C4 + x * _C5))))
        power *= _i4((whole + _i4(127)) << _i4(23)).view(np.float32)
        uniform = _f4(_i4(bits[c] | _ODD))  # 2^31 times a number from (0, 1]
        along = _ONE if field[c] >= 0 else -_ONE
        new = -along if uniform + uniform * power < _HALF_TURN else along
        change[c] = new - spins[c]
        spins[c] = new


@njit(inline="always", **_fast)
def _correct(field, coupling, change, width):
    for c in range(width):
        field[c] += coupling * change[c]


# ---------------------------------------------------------------- 64 spins as bits


@njit(cache=True, nogil=True)
def _pack(spins, n_chains):
    """Bit c is set where spin c is up; chains beyond the n_chains there are count as down."""
    word = uint64(0)
    for c in range(64):
        word |= uint64(spins[c] > 0) << uint64(c)
    if n_chains < 64:
        word &= (uint64(1) << uint64(max(n_chains, 0))) - uint64(1)
    return word


@njit(cache=True, nogil=True)
def _ones(word):
    """How many bits are set; the compiler knows this idiom and makes one instruction of it."""
    word -= (word >> uint64(1)) & uint64(0x5555555555555555)
    word = (word & uint64(0x3333333333333333)) + ((word >> uint64(2)) & uint64(0x3333333333333333))
    word = (word + (word >> uint64(4))) & uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * uint64(0x0101010101010101)) >> uint64(56))
