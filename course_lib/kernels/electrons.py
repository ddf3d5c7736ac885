"""Electrons moved one at a time by Metropolis, and their local energy, for products of the factors of `course_lib.vmc`.

Walkers go side by side, WIDTH of them in a bank: every loop over ``l`` runs over walkers that lie next to each other,
and the compiler turns it into vector instructions. What a move changes is kept up to date: the value of each pair, the
hidden fields of an RBM, and the inverse matrices of the determinants, by Sherman and Morrison. All of it is made anew
from the positions at each call. Where the walkers of a bank decide differently both outcomes are at hand, and one is
selected.
"""

from collections import namedtuple

import numpy as np
from numba import uint64

from course_lib.kernels import njit
from course_lib.kernels.rng import step as next_bits

WIDTH = 16
_fast = {"cache": True, "nogil": True, "error_model": "numpy", "fastmath": {"contract", "reassoc", "nsz", "arcp"}}
_inner = _fast | {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
_LOW_BITS = uint64(0x7FFFFFFF)
_i4, _i8 = np.int32, np.int64

# linear, stiff (n, dim): ln Psi = linear x - stiff x^2 / 2; mean, precision (n, dim): a and 1 / sigma^2 of the RBM;
# U (n_hidden, n, dim): its weights over sigma^2; b (n_hidden,); cusp, beta (2,): of the Jastrow factor, for opposite and
# equal spins; u (4, K), v (2, K): of the network; degrees (n / 2, 2) of the orbitals; omega of the trap; coulomb: 1 or 0;
# has (3,): 1 where the Gaussian, the RBM, the Jastrow factor are there.
Law = namedtuple("Law", "linear stiff mean precision U b cusp beta u v degrees omega coulomb has")
# The last axis of each runs over the walkers of a bank. kept: x (n, dim), pairs (n, n), g (n,), fields and grown
# (n_hidden,), inverse (n, m). of one move: new (dim,), row (n,), new_fields, new_grown, orbitals (m,), hermite (2, 3, 8),
# a (n_numbers,) for single numbers. of a measurement: grad (n, dim), statistics (P,).
Scratch = namedtuple(
    "Scratch", "x pairs g fields grown inverse new row new_fields new_grown orbitals hermite a grad statistics words taken"
)


def scratch_for(law, n_parameters):
    """Room for one bank; not made in compiled code, which would cost time at the first call."""
    n, dim = law.linear.shape
    m, hidden = len(law.degrees), len(law.b)
    shapes = {
        "x": (n, dim), "pairs": (n, n), "g": (n,), "fields": (hidden,), "grown": (hidden,), "inverse": (n, m),
        "new": (dim,), "row": (n,), "new_fields": (hidden,), "new_grown": (hidden,), "orbitals": (m,),
        "hermite": (2, 3, 8), "a": (14,), "grad": (n, dim), "statistics": (n_parameters,),
    }  # fmt: skip
    floats = {name: np.zeros((*shape, WIDTH)) for name, shape in shapes.items()}
    return Scratch(**floats, words=np.zeros(WIDTH, np.uint64), taken=np.zeros((m, WIDTH), np.int64))


@njit(**_fast)
def run(walkers, streams, law, step, sweeps, local, statistics, counts, bins, scratch, first, last):
    """Move the banks first to last of walkers on by so many sweeps, in place; returns how many moves were accepted.

    walkers (n_walkers, n, dim), a multiple of WIDTH of them; streams (n_banks, 4, WIDTH). local (n_walkers, sweeps, 3):
    kinetic, trap and repulsion; of size 0 if nothing is measured. statistics (n_walkers, sweeps, P): derivatives by the
    parameters, or of size 0. counts (n_bins,): electrons by ``r^2 / (r + bins[1]) * bins[0]``, or of size 0.
    """
    accepted = 0.0
    n, dim = law.linear.shape
    for bank in range(first, last):
        start = bank * WIDTH
        for i in range(n):
            for c in range(dim):
                for l in range(WIDTH):
                    scratch.x[i, c, l] = walkers[start + l, i, c]
        _fill(law, scratch)
        for s in range(sweeps):
            for i in range(n):
                accepted += _move(i, law, scratch, step, streams[bank])
            if local.shape[0]:
                _measure(law, scratch)
                for l in range(WIDTH):
                    for part in range(3):
                        local[start + l, s, part] = scratch.a[part, l]
            if statistics.shape[0]:
                _differentiate(law, scratch)
                for l in range(WIDTH):
                    for k in range(statistics.shape[2]):
                        statistics[start + l, s, k] = scratch.statistics[k, l]
            if counts.shape[0]:
                _count(scratch.x, counts, bins)
        for i in range(n):
            for c in range(dim):
                for l in range(WIDTH):
                    walkers[start + l, i, c] = scratch.x[i, c, l]
    return accepted


# ---------------------------------------------------------------- small parts


@njit(**_inner)
def _draw(stream, words):
    """64 random bits for each walker."""
    for l in range(WIDTH):
        words[l], stream[0, l], stream[1, l], stream[2, l], stream[3, l] = next_bits(
            stream[0, l], stream[1, l], stream[2, l], stream[3, l]
        )


@njit(**_inner)
def _exp(x):
    """To 1e-15, in a form that loops vectorise: a power of two, and a polynomial; beyond +-600 it stays."""
    y = min(max(x, -600.0), 600.0) * 1.4426950408889634
    whole = _i4(_i4(y + 1000.5) - _i4(1000))
    z = (y - whole) * 0.6931471805599453
    p = 1.0 + z * (1.0 + z * (1 / 2 + z * (1 / 6 + z * (1 / 24 + z * (1 / 120 + z * (1 / 720 + z * (1 / 5040)))))))
    p += z**8 * (1 / 40320 + z * (1 / 362880 + z * (1 / 3628800 + z * (1 / 39916800))))
    return p * _i8((_i8(whole) + _i8(1023)) << _i8(52)).view(np.float64)


@njit(**_inner)
def _hermite(x, top, h):
    """Degrees 0 to top of x (WIDTH,): values, first and second derivatives, into h (3, > top, WIDTH)."""
    for l in range(WIDTH):
        h[0, 0, l], h[1, 0, l], h[2, 0, l] = 1.0, 0.0, 0.0
    for n in range(1, top + 1):
        up, down, slope = np.sqrt(2.0 / n), np.sqrt((n - 1.0) / n), np.sqrt(2.0 * n)
        for l in range(WIDTH):
            before = h[0, n - 2, l] if n > 1 else 0.0
            h[0, n, l] = up * x[l] * h[0, n - 1, l] - down * before
        for l in range(WIDTH):
            h[1, n, l] = slope * h[0, n - 1, l]
            h[2, n, l] = slope * h[1, n - 1, l]


@njit(**_inner)
def _orbitals(position, law, hermite, a, orbitals):
    """All orbitals at the position (2, WIDTH) of one electron."""
    top, root = law.degrees[-1, 1], np.sqrt(law.omega)
    for c in range(2):
        for l in range(WIDTH):
            a[l] = root * position[c, l]
        _hermite(a, top, hermite[c])
    for k in range(orbitals.shape[0]):
        nx, ny = law.degrees[k, 0], law.degrees[k, 1]
        for l in range(WIDTH):
            orbitals[k, l] = hermite[0, 0, nx, l] * hermite[1, 0, ny, l]


@njit(**_inner)
def replace_row(inverse, i, row, ratio, take, a):
    """Sherman and Morrison: transposed inverses (m, m, WIDTH) after row i of the matrices became ``row``, where taken.

    ``ratio = row . inverse[i]`` is how many times larger the determinants became; a is room for (2, WIDTH) numbers.
    """
    m = inverse.shape[0]
    for l in range(WIDTH):
        a[0, l] = 1.0 / ratio[l] if take[l] > 0 else 0.0
    for j in range(m):
        if j != i:
            for l in range(WIDTH):
                a[1, l] = row[0, l] * inverse[j, 0, l]
            for k in range(1, m):
                for l in range(WIDTH):
                    a[1, l] += row[k, l] * inverse[j, k, l]
            for l in range(WIDTH):
                a[1, l] *= a[0, l]
            for k in range(m):
                for l in range(WIDTH):
                    inverse[j, k, l] -= a[1, l] * inverse[i, k, l]
    for l in range(WIDTH):
        a[0, l] = 1.0 / ratio[l] if take[l] > 0 else 1.0
    for k in range(m):
        for l in range(WIDTH):
            inverse[i, k, l] *= a[0, l]


# ---------------------------------------------------------------- one move


@njit(**_inner)
def _move(i, law, scratch, step, stream):
    """A uniform step of electron i within a cube, in every walker; returns how many accepted it."""
    x, new, a = scratch.x, scratch.new, scratch.a
    n, dim = law.linear.shape
    change, ratio, take = a[0], a[1], a[2]
    for l in range(WIDTH):
        change[l] = 0.0
        ratio[l] = 1.0
    for c in range(dim):
        if c % 2 == 0:
            _draw(stream, scratch.words)
        linear, stiff, shift = law.linear[i, c], 0.5 * law.stiff[i, c], uint64(33 if c % 2 == 0 else 0)
        for l in range(WIDTH):
            bits = _i4((scratch.words[l] >> shift) & _LOW_BITS)
            new[c, l] = x[i, c, l] + step * (bits * 2.0**-30 - 1.0)
        for l in range(WIDTH):
            change[l] += (linear - stiff * (new[c, l] + x[i, c, l])) * (new[c, l] - x[i, c, l])
    if len(law.b):
        _move_fields(i, law, scratch, ratio)
    _pair_row(i, law, scratch, new, change)
    if len(law.degrees):
        _orbitals(new, law, scratch.hermite, a[3], scratch.orbitals)
        for l in range(WIDTH):
            a[3, l] = 0.0
        for k in range(len(law.degrees)):
            for l in range(WIDTH):
                a[3, l] += scratch.orbitals[k, l] * scratch.inverse[i, k, l]
        for l in range(WIDTH):
            ratio[l] *= a[3, l]
    _draw(stream, scratch.words)
    accepted = 0.0
    for l in range(WIDTH):
        # NaN is refused: the comparison is then false.
        uniform = (_i4(scratch.words[l] >> uint64(33)) + 0.5) * 2.0**-31
        take[l] = 1.0 if uniform < _exp(2.0 * change[l]) * ratio[l] * ratio[l] else 0.0
    for l in range(WIDTH):
        accepted += take[l]
    _take(i, law, scratch, take)
    return accepted


@njit(**_inner)
def _move_fields(i, law, scratch, ratio):
    """New hidden fields, and ``1 + exp(field)``, by which Psi is a product; its change goes into ratio."""
    x, new, dim = scratch.x, scratch.new, scratch.x.shape[1]
    for h in range(len(law.b)):
        field, grown = scratch.new_fields[h], scratch.new_grown[h]
        for l in range(WIDTH):
            field[l] = scratch.fields[h, l]
        for c in range(dim):
            weight = law.U[h, i, c]
            for l in range(WIDTH):
                field[l] += weight * (new[c, l] - x[i, c, l])
        for l in range(WIDTH):
            grown[l] = 1.0 + _exp(field[l])
        for l in range(WIDTH):
            ratio[l] *= grown[l] / scratch.grown[h, l]


@njit(**_inner)
def _pair_row(i, law, scratch, new, change):
    """What each pair of electron i adds to ln Psi with it at ``new``, into row; its change into change."""
    x, row, a, g = scratch.x, scratch.row, scratch.a, scratch.a[4]
    n, dim = law.linear.shape
    ups = (n + 1) // 2
    for l in range(WIDTH):
        g[l] = 0.0
        row[i, l] = 0.0
    if law.u.shape[1]:
        for c in range(dim):
            for l in range(WIDTH):
                g[l] += new[c, l] * new[c, l]
        for l in range(WIDTH):
            g[l] = np.sqrt(1.0 + law.omega * g[l])
    for j in range(n):
        if j != i:
            equal = 1 if (i < ups) == (j < ups) else 0
            cusp, beta = law.cusp[equal], law.beta[equal]
            for l in range(WIDTH):
                a[5, l] = (x[j, 0, l] - new[0, l]) ** 2
            for c in range(1, dim):
                for l in range(WIDTH):
                    a[5, l] += (x[j, c, l] - new[c, l]) ** 2
            for l in range(WIDTH):
                r = np.sqrt(a[5, l])
                row[j, l] = cusp * r / (1.0 + beta * r)
            if law.u.shape[1]:
                _network_row(j, equal, law, scratch, g)
            for l in range(WIDTH):
                change[l] += row[j, l] - scratch.pairs[i, j, l]


@njit(**_inner)
def _network_row(j, equal, law, scratch, g):
    """The value of the network for the pair at squared distances a[5], added to row[j]."""
    a, row, u, v = scratch.a, scratch.row, law.u, law.v
    t, both, product, root = a[6], a[7], a[8], np.sqrt(law.omega)
    for l in range(WIDTH):
        q = root * np.sqrt(a[5, l])
        t[l] = q * q / (1.0 + q)
    for l in range(WIDTH):
        both[l] = g[l] + scratch.g[j, l]
        product[l] = g[l] * scratch.g[j, l]
    for k in range(u.shape[1]):
        u0, u1, u2, u3, weight = u[0, k], u[1, k], u[2, k], u[3, k], v[equal, k]
        for l in range(WIDTH):
            z = u0 * t[l] + u1 * both[l] + u2 * product[l] + u3
            row[j, l] += weight * z / np.sqrt(1.0 + z * z)


@njit(**_inner)
def _take(i, law, scratch, take):
    """Move electron i where the move was accepted, and bring up to date what hangs on it."""
    x, pairs, row = scratch.x, scratch.pairs, scratch.row
    n, dim = law.linear.shape
    for c in range(dim):
        for l in range(WIDTH):
            x[i, c, l] = scratch.new[c, l] if take[l] > 0 else x[i, c, l]
    for h in range(len(law.b)):
        for l in range(WIDTH):
            scratch.fields[h, l] = scratch.new_fields[h, l] if take[l] > 0 else scratch.fields[h, l]
        for l in range(WIDTH):
            scratch.grown[h, l] = scratch.new_grown[h, l] if take[l] > 0 else scratch.grown[h, l]
    for j in range(n):
        for l in range(WIDTH):
            row[j, l] = row[j, l] if take[l] > 0 else pairs[i, j, l]
        for l in range(WIDTH):
            pairs[i, j, l] = row[j, l]
        for l in range(WIDTH):
            pairs[j, i, l] = row[j, l]
    for l in range(WIDTH):
        scratch.g[i, l] = scratch.a[4, l] if take[l] > 0 else scratch.g[i, l]
    if len(law.degrees):
        half = n // 2
        start = 0 if i < half else half
        inverse = scratch.inverse[start : start + half]
        replace_row(inverse, i - start, scratch.orbitals, scratch.a[3], take, scratch.a[5:7])


# ---------------------------------------------------------------- all of it anew


@njit(**_inner)
def _fill(law, scratch):
    """Hidden fields, values of pairs and inverse matrices from the positions."""
    x, a = scratch.x, scratch.a
    n, dim = law.linear.shape
    for h in range(len(law.b)):
        for l in range(WIDTH):
            scratch.fields[h, l] = law.b[h]
        for i in range(n):
            for c in range(dim):
                for l in range(WIDTH):
                    scratch.fields[h, l] += law.U[h, i, c] * x[i, c, l]
        for l in range(WIDTH):
            scratch.grown[h, l] = 1.0 + _exp(scratch.fields[h, l])
    for twice in range(2):  # the first time for g alone
        for i in range(n):
            _pair_row(i, law, scratch, x[i], a[0])
            for l in range(WIDTH):
                scratch.g[i, l] = a[4, l]
            for j in range(n * twice):
                for l in range(WIDTH):
                    scratch.pairs[i, j, l] = scratch.row[j, l]
    if len(law.degrees):
        for start in range(0, n, n // 2):
            _invert(law, scratch, start)


@njit(**_inner)
def _invert(law, scratch, start):
    """The transposed inverses of the orbitals of one spin: the unit matrix, one row replaced after the other.

    In the order of the largest ratios, which is pivoting. taken (m, WIDTH): the electron a row has gone to, or -1.
    """
    m, a, taken = len(law.degrees), scratch.a, scratch.taken
    inverse = scratch.inverse[start : start + m]
    for k in range(m):
        for l in range(WIDTH):
            taken[k, l] = -1
            for c in range(m):
                inverse[k, c, l] = 1.0 if c == k else 0.0
    for i in range(m):
        _orbitals(scratch.x[start + i], law, scratch.hermite, a[3], scratch.orbitals)
        for l in range(WIDTH):
            _pivot(i, l, inverse, taken, scratch.orbitals)
    for l in range(WIDTH):
        for i in range(m):  # rows back into the order of the electrons
            k = i
            while taken[k, l] != i:
                k += 1
            for c in range(m):
                inverse[i, c, l], inverse[k, c, l] = inverse[k, c, l], inverse[i, c, l]
            taken[k, l], taken[i, l] = taken[i, l], i


@njit(**_inner)
def _pivot(i, l, inverse, taken, row):
    """Put electron i of walker l where the determinant becomes largest."""
    m = inverse.shape[0]
    best, largest = 0, 0.0
    for k in range(m):
        ratio = 0.0
        for c in range(m):
            ratio += row[c, l] * inverse[k, c, l]
        if taken[k, l] < 0 and (abs(ratio) > abs(largest) or taken[best, l] >= 0):
            best, largest = k, ratio
    taken[best, l] = i
    for j in range(m):
        if j != best:
            factor = 0.0
            for c in range(m):
                factor += row[c, l] * inverse[j, c, l]
            factor /= largest
            for c in range(m):
                inverse[j, c, l] -= factor * inverse[best, c, l]
    for c in range(m):
        inverse[best, c, l] /= largest


# ---------------------------------------------------------------- what is measured


@njit(**_inner)
def _measure(law, scratch):
    """Kinetic energy, trap and repulsion of each walker, into a[0], a[1], a[2]."""
    x, grad, a = scratch.x, scratch.grad, scratch.a
    n, dim = law.linear.shape
    bend, square, repulsion = a[0], a[1], a[2]
    for l in range(WIDTH):
        bend[l] = 0.0
        square[l] = 0.0
        repulsion[l] = 0.0
    for i in range(n):
        for c in range(dim):
            linear, stiff = law.linear[i, c], law.stiff[i, c]
            for l in range(WIDTH):
                grad[i, c, l] = linear - stiff * x[i, c, l]
            for l in range(WIDTH):
                square[l] += x[i, c, l] * x[i, c, l]
            for l in range(WIDTH):
                bend[l] -= stiff
            for h in range(len(law.b)):
                weight = law.U[h, i, c]
                for l in range(WIDTH):
                    q = 1.0 - 1.0 / scratch.grown[h, l]
                    grad[i, c, l] += weight * q
                    bend[l] += weight * weight * q * (1.0 - q)
    for i in range(n):
        for j in range(i + 1, n):
            _pair(i, j, law, scratch, bend, repulsion)
    for i in range(n):
        for c in range(dim):
            for l in range(WIDTH):
                bend[l] += grad[i, c, l] * grad[i, c, l]
        if len(law.degrees):
            _determinant(i, law, scratch, bend)
    for l in range(WIDTH):
        bend[l] *= -0.5
        square[l] *= 0.5 * law.omega * law.omega
        repulsion[l] *= law.coulomb


@njit(**_inner)
def _pair(i, j, law, scratch, bend, repulsion):
    """Gradient of one pair, into grad, its Laplacian and its repulsion."""
    x, grad, a = scratch.x, scratch.grad, scratch.a
    n, dim = law.linear.shape
    ups = (n + 1) // 2
    equal = 1 if (i < ups) == (j < ups) else 0
    cusp, beta, over, slope = law.cusp[equal], law.beta[equal], a[3], a[4]
    for l in range(WIDTH):
        over[l] = (x[i, 0, l] - x[j, 0, l]) ** 2
    for c in range(1, dim):
        for l in range(WIDTH):
            over[l] += (x[i, c, l] - x[j, c, l]) ** 2
    for l in range(WIDTH):
        over[l] = 1.0 / np.sqrt(over[l])
    for l in range(WIDTH):
        repulsion[l] += over[l]
    for l in range(WIDTH):
        flat = over[l] / (over[l] + beta)  # 1 / (1 + beta r)
        slope[l] = cusp * flat * flat * over[l]
        bend[l] += 2.0 * slope[l] * (dim - 1.0 - 2.0 * beta * flat / over[l])
    if law.u.shape[1]:
        _network_pair(i, j, equal, law, scratch, bend)
    for c in range(dim):
        for l in range(WIDTH):
            along = slope[l] * (x[i, c, l] - x[j, c, l])
            grad[i, c, l] += along
            grad[j, c, l] -= along


@njit(**_inner)
def _network_pair(i, j, equal, law, scratch, bend):
    """Gradient of one pair in the network, into slope and grad, and its Laplacian."""
    x, g, a, u, v = scratch.x, scratch.g, scratch.a, law.u, law.v
    dim, omega, root = x.shape[1], law.omega, np.sqrt(law.omega)
    over, slope = a[3], a[4]
    sums = a[5:13]  # over the hidden units: first derivatives by t, g_i, g_j, second ones by tt, ti, tj, ii, jj
    for part in range(8):
        for l in range(WIDTH):
            sums[part, l] = 0.0
    t = a[13]
    for l in range(WIDTH):
        q = root / over[l]
        t[l] = q * q / (1.0 + q)
    for k in range(u.shape[1]):
        u0, u1, u2, u3, weight = u[0, k], u[1, k], u[2, k], u[3, k], v[equal, k]
        for l in range(WIDTH):
            g_i, g_j = g[i, l], g[j, l]
            z = u0 * t[l] + u1 * (g_i + g_j) + u2 * g_i * g_j + u3
            w = 1.0 / (1.0 + z * z)
            first = weight * w * np.sqrt(w)
            second = -3.0 * z * w * first
            by_i, by_j = u1 + u2 * g_j, u1 + u2 * g_i
            sums[0, l] += first * u0
            sums[1, l] += first * by_i
            sums[2, l] += first * by_j
            sums[3, l] += second * u0 * u0
            sums[4, l] += second * u0 * by_i
            sums[5, l] += second * u0 * by_j
            sums[6, l] += second * by_i * by_i
            sums[7, l] += second * by_j * by_j
    for l in range(WIDTH):
        g_i, g_j, q = g[i, l], g[j, l], root / over[l]
        flat = 1.0 / (1.0 + q)
        t_slope, t_bend = root * (2.0 * q + q * q) * flat * flat, 2.0 * omega * flat * flat * flat
        radial_i, radial_j = 0.0, 0.0  # of x_i and x_j along the line from j to i
        for c in range(dim):
            apart = (x[i, c, l] - x[j, c, l]) * over[l]
            radial_i += x[i, c, l] * apart
            radial_j += x[j, c, l] * apart
        slope[l] += sums[0, l] * t_slope * over[l]
        total = 2.0 * (sums[3, l] * t_slope * t_slope + sums[0, l] * (t_bend + (dim - 1.0) * t_slope * over[l]))
        total += 2.0 * t_slope * omega * (sums[4, l] * radial_i / g_i - sums[5, l] * radial_j / g_j)
        total += omega * (sums[6, l] * (1.0 - 1.0 / (g_i * g_i)) + sums[7, l] * (1.0 - 1.0 / (g_j * g_j)))
        total += omega * sums[1, l] * (dim / g_i - (g_i * g_i - 1.0) / (g_i * g_i * g_i))
        total += omega * sums[2, l] * (dim / g_j - (g_j * g_j - 1.0) / (g_j * g_j * g_j))
        bend[l] += total
    for c in range(dim):
        for l in range(WIDTH):
            scratch.grad[i, c, l] += sums[1, l] * omega * x[i, c, l] / g[i, l]
            scratch.grad[j, c, l] += sums[2, l] * omega * x[j, c, l] / g[j, l]


@njit(**_inner)
def _determinant(i, law, scratch, bend):
    """What the determinants add to laplacian Psi / Psi for electron i: Laplacian, and twice gradient times gradient."""
    h, inverse, a, omega = scratch.hermite, scratch.inverse, scratch.a, law.omega
    _orbitals(scratch.x[i], law, h, a[3], scratch.orbitals)
    for part in range(3, 6):
        for l in range(WIDTH):
            a[part, l] = 0.0
    for k in range(len(law.degrees)):
        nx, ny = law.degrees[k, 0], law.degrees[k, 1]
        for l in range(WIDTH):
            a[3, l] += h[0, 1, nx, l] * h[1, 0, ny, l] * inverse[i, k, l]
        for l in range(WIDTH):
            a[4, l] += h[0, 0, nx, l] * h[1, 1, ny, l] * inverse[i, k, l]
        for l in range(WIDTH):
            a[5, l] += (h[0, 2, nx, l] * h[1, 0, ny, l] + h[0, 0, nx, l] * h[1, 2, ny, l]) * inverse[i, k, l]
    for l in range(WIDTH):
        slope = a[3, l] * scratch.grad[i, 0, l] + a[4, l] * scratch.grad[i, 1, l]
        bend[l] += omega * a[5, l] + 2.0 * np.sqrt(omega) * slope


@njit(**_inner)
def _differentiate(law, scratch):
    """Derivatives of ln Psi by the parameters, in the order of the factors, into statistics."""
    x, o = scratch.x, scratch.statistics
    n, dim = law.linear.shape
    at, hidden = 0, len(law.b)
    for k in range(o.shape[0]):
        for l in range(WIDTH):
            o[k, l] = 0.0
    if law.has[0]:
        for i in range(n):
            for c in range(dim):
                for l in range(WIDTH):
                    o[0, l] -= 0.5 * law.omega * x[i, c, l] * x[i, c, l]
        at = 1
    if law.has[1]:
        for h in range(hidden):
            for l in range(WIDTH):
                o[at + n * dim + h, l] = 1.0 - 1.0 / scratch.grown[h, l]
        for i in range(n):
            for c in range(dim):
                k, mean, precision = i * dim + c, law.mean[i, c], law.precision[i, c]
                for l in range(WIDTH):
                    o[at + k, l] = (x[i, c, l] - mean) * precision
                for h in range(hidden):
                    q, product = o[at + n * dim + h], o[at + n * dim + hidden + k * hidden + h]
                    for l in range(WIDTH):
                        product[l] = x[i, c, l] * precision * q[l]
        at += n * dim + hidden + n * dim * hidden
    if law.has[2] or law.u.shape[1]:
        for i in range(n):
            for j in range(i + 1, n):
                _differentiate_pair(i, j, law, scratch, o[at:])


@njit(**_inner)
def _differentiate_pair(i, j, law, scratch, o):
    x, g, a, u, v, ups = scratch.x, scratch.g, scratch.a, law.u, law.v, (scratch.x.shape[0] + 1) // 2
    units, at, root = u.shape[1], 2 if law.has[2] else 0, np.sqrt(law.omega)
    equal = 1 if (i < ups) == (j < ups) else 0
    r, t, both, product = a[3], a[4], a[5], a[6]
    for l in range(WIDTH):
        r[l] = 0.0
    for c in range(x.shape[1]):
        for l in range(WIDTH):
            r[l] += (x[i, c, l] - x[j, c, l]) ** 2
    for l in range(WIDTH):
        r[l] = np.sqrt(r[l])
    if law.has[2]:
        cusp, beta = law.cusp[equal], law.beta[equal]
        for l in range(WIDTH):
            o[equal, l] -= cusp * beta * (r[l] / (1.0 + beta * r[l])) ** 2
    if units:
        for l in range(WIDTH):
            t[l] = law.omega * r[l] * r[l] / (1.0 + root * r[l])
        for l in range(WIDTH):
            both[l] = g[i, l] + g[j, l]
            product[l] = g[i, l] * g[j, l]
    for k in range(units):
        u0, u1, u2, u3, weight = u[0, k], u[1, k], u[2, k], u[3, k], v[equal, k]
        slope, value = a[7], o[at + (4 + equal) * units + k]
        for l in range(WIDTH):
            z = u0 * t[l] + u1 * both[l] + u2 * product[l] + u3
            w = 1.0 / (1.0 + z * z)
            slope[l] = weight * w * np.sqrt(w)
            value[l] += z * np.sqrt(w)
        for part in range(4):
            by, of = o[at + part * units + k], a[4 + part]
            for l in range(WIDTH):
                by[l] += slope[l] * (of[l] if part < 3 else 1.0)


@njit(**_inner)
def _count(x, counts, bins):
    for i in range(x.shape[0]):
        for l in range(WIDTH):
            square = 0.0
            for c in range(x.shape[1]):
                square += x[i, c, l] ** 2
            place = int(bins[0] * square / (np.sqrt(square) + bins[1]))
            counts[min(place, len(counts) - 1)] += 1
