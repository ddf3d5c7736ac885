"""xoshiro256++ random numbers for the kernels, many independent streams side by side.

Blackman and Vigna, ACM Trans. Math. Softw. 47, 36 (2021). A numpy Generator cannot be stepped in a vectorised loop;
this one is nine instructions on values that the loop holds in registers, and any bit of its output is as good as any
other.
"""

import numpy as np
from numba import uint64

from course_lib.kernels import njit

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def seed_streams(seeds):
    """States (4, n) of n streams from one uint64 each, spread by splitmix64 so that seeds 0, 1, 2 do as well as any."""
    # In numpy, which is quick enough and need not be compiled; overflow is wanted, and silent in arrays.
    counters = seeds + _GOLDEN * np.arange(1, 5, dtype=np.uint64)[:, None]
    z = (counters ^ (counters >> np.uint64(30))) * _MIX_1
    z = (z ^ (z >> np.uint64(27))) * _MIX_2
    return z ^ (z >> np.uint64(31))


@njit(cache=True)
def step(a, b, c, d):
    """64 random bits and the next state; on plain values, so that a loop over streams vectorises."""
    bits = _rotate_left(a + d, uint64(23)) + a
    shifted = b << uint64(17)
    c ^= a
    d ^= b
    return bits, a ^ d, b ^ c, c ^ shifted, _rotate_left(d, uint64(45))


@njit(cache=True)
def next_uint64(streams, k):
    """64 random bits from stream k, whose state moves on in place."""
    bits, streams[0, k], streams[1, k], streams[2, k], streams[3, k] = step(
        streams[0, k], streams[1, k], streams[2, k], streams[3, k]
    )
    return bits


@njit(cache=True)
def next_float(streams, k):
    """A number in [0, 1) from stream k: the 53 bits that a double can hold."""
    return (next_uint64(streams, k) >> uint64(11)) * 2.0**-53


@njit(cache=True)
def _rotate_left(x, by):
    return (x << by) | (x >> (uint64(64) - by))
