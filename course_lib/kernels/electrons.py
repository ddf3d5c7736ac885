"""Electrons moved one at a time by Metropolis, and their local energy, for products of the factors of `course_lib.vmc`.

Walkers go side by side, WIDTH of them in a bank: every loop over ``w`` runs over walkers that lie next to each other,
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

WIDTH = 64
_fast = {
    "cache": True, "nogil": True, "error_model": "numpy", "fastmath": {"contract", "reassoc", "nsz", "arcp"},
    "no_cfunc_wrapper": True,
}  # fmt: skip
# What these leave out takes time at the first call, which compiles: files, counts of who holds an array, and what
# Python needs to call a function. So never call these but from compiled code.
_inner = _fast | {"cache": False, "_nrt": False, "no_cpython_wrapper": True}
# Copied into the one place that calls it: any other function is optimised by itself, and again within its caller.
_copied = _inner | {"inline": "always"}
_LOW_BITS = uint64(0x7FFFFFFF)
_i4, _i8 = np.int32, np.int64

# Few arrays, because each takes some tenths of a second to compile. one (3, n, dim): a and 1 / sigma^2 of the RBM, and
# the stiffness, ln Psi = a / sigma^2 x - stiffness x^2 / 2; U (n_hidden, n, dim): its weights over sigma^2; jastrow
# (2, 2): cusp and beta, for opposite and equal spins; network (6, K): rows of u, then of v; degrees (n / 2, 2) of the
# orbitals; omega of the trap; coulomb: 1 or 0; has (3,): 1 where the Gaussian, the RBM, the Jastrow factor are there.
Law = namedtuple("Law", "one U jastrow network degrees omega coulomb has")
# The last axis of each runs over the walkers of a bank. Kept: x (n, dim), pairs (n, n), g (n,), inverse (n, m), hidden
# (2 n_hidden,): fields, then 1 + exp(fields). Of a move: new (dim,), row (n,), new_hidden, orbitals (m,), hermite
# (2, 3, 8); a (n_numbers,) for single numbers. Of a measurement: grad (n, dim), statistics (P,).
Scratch = namedtuple("Scratch", "x pairs g hidden inverse new row new_hidden orbitals hermite a grad statistics words")


def scratch_for(law, n_parameters):
    """Room for one bank; not made in compiled code, which would cost time at the first call."""
    _, n, dim = law.one.shape
    m, hidden = len(law.degrees), len(law.U)
    shapes = {
        "x": (n, dim), "pairs": (n, n), "g": (n,), "hidden": (2 * hidden,), "inverse": (n, m),
        "new": (dim,), "row": (n,), "new_hidden": (2 * hidden,), "orbitals": (m,),
        "hermite": (2, 3, 8), "a": (14,), "grad": (n, dim), "statistics": (n_parameters,),
    }  # fmt: skip
    floats = {name: np.zeros((*shape, WIDTH)) for name, shape in shapes.items()}
    return Scratch(**floats, words=np.zeros(WIDTH, np.uint64))


@njit(**_fast)
def run(walkers, streams, inverse, fields, law, step, sweeps, local, statistics, counts, bins, scratch, first, last):
    """Move the banks first to last of walkers on by so many sweeps, in place; returns how many moves were accepted.

    walkers (n_walkers, n, dim), a multiple of WIDTH of them; streams (n_banks, 4, WIDTH); inverse (n_walkers, n, m) and
    fields (n_walkers, n_hidden) as they are before. local (n_walkers, sweeps, 3): kinetic, trap and repulsion; of size
    0 if nothing is measured. statistics (n_walkers, sweeps, P): derivatives by the parameters, or of size 0. counts
    (n_bins,): electrons by ``r^2 / (r + bins[1]) * bins[0]``, or of size 0.
    """
    accepted = 0.0
    for bank in range(first, last):
        here = slice(bank * WIDTH, (bank + 1) * WIDTH)
        for i in range(walkers.shape[1]):
            _read(walkers[here, i], scratch.x[i])
            _read(inverse[here, i], scratch.inverse[i])
        _read(fields[here], scratch.hidden[: len(law.U)])
        # Moves by nothing, all of them taken, make pairs and fields anew; the second time with every g at hand.
        for s in range(-2, sweeps):
            for i in range(walkers.shape[1]):
                taken = _move(i, law, scratch, step if s >= 0 else 0.0, streams[bank])
                accepted += taken if s >= 0 else 0.0
            if s < 0:
                continue
            if local.shape[0]:
                _measure(law, scratch)
                _write(scratch.a[:3], local[here, s])
            if statistics.shape[0]:
                _differentiate(law, scratch)
                _write(scratch.statistics, statistics[here, s])
            if counts.shape[0]:
                _count(scratch.x, counts, bins)
        for i in range(walkers.shape[1]):
            _write(scratch.x[i], walkers[here, i])
    return accepted


# ---------------------------------------------------------------- small parts


@njit(**_inner)
def _set(rows, value):
    for k in range(rows.shape[0]):
        for w in range(WIDTH):
            rows[k, w] = value


@njit(**_inner)
def _read(walkers, rows):
    for w in range(WIDTH):
        for k in range(rows.shape[0]):
            rows[k, w] = walkers[w, k]


@njit(**_inner)
def _write(rows, out):
    """Rows (k, WIDTH) where walkers come first: (WIDTH, k)."""
    for w in range(WIDTH):
        for k in range(rows.shape[0]):
            out[w, k] = rows[k, w]


@njit(**_inner)
def _select(rows, new, take):
    """Rows (k, WIDTH) become new where taken."""
    for k in range(rows.shape[0]):
        for w in range(WIDTH):
            rows[k, w] = new[k, w] if take[w] > 0 else rows[k, w]


@njit(**_inner)
def _dot(rows, others, out):
    """Sum over k of the products of rows (k, WIDTH), into out (WIDTH,)."""
    for w in range(WIDTH):
        out[w] = rows[0, w] * others[0, w]
    for k in range(1, rows.shape[0]):
        for w in range(WIDTH):
            out[w] += rows[k, w] * others[k, w]


@njit(**_inner)
def _square_distance(x, y, out):
    """Of positions x and y (dim, WIDTH), into out (WIDTH,)."""
    for w in range(WIDTH):
        out[w] = (x[0, w] - y[0, w]) ** 2
    for c in range(1, x.shape[0]):
        for w in range(WIDTH):
            out[w] += (x[c, w] - y[c, w]) ** 2


@njit(**_inner)
def _draw(stream, words):
    """64 random bits for each walker."""
    for w in range(WIDTH):
        words[w], stream[0, w], stream[1, w], stream[2, w], stream[3, w] = next_bits(
            stream[0, w], stream[1, w], stream[2, w], stream[3, w]
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
    for w in range(WIDTH):
        h[0, 0, w], h[1, 0, w], h[2, 0, w] = 1.0, 0.0, 0.0
    for n in range(1, top + 1):
        up, down, slope = np.sqrt(2.0 / n), np.sqrt((n - 1.0) / n), np.sqrt(2.0 * n)
        for w in range(WIDTH):
            before = h[0, n - 2, w] if n > 1 else 0.0
            h[0, n, w] = up * x[w] * h[0, n - 1, w] - down * before
        for w in range(WIDTH):
            h[1, n, w] = slope * h[0, n - 1, w]
            h[2, n, w] = slope * h[1, n - 1, w]


@njit(**_inner)
def _orbitals(position, law, hermite, a, orbitals):
    """All orbitals at the position (2, WIDTH) of one electron."""
    top, root = law.degrees[-1, 1], np.sqrt(law.omega)
    for c in range(2):
        for w in range(WIDTH):
            a[w] = root * position[c, w]
        _hermite(a, top, hermite[c])
    for k in range(orbitals.shape[0]):
        nx, ny = law.degrees[k, 0], law.degrees[k, 1]
        for w in range(WIDTH):
            orbitals[k, w] = hermite[0, 0, nx, w] * hermite[1, 0, ny, w]


@njit(**_fast)
def replace_row(inverse, i, row, ratio, take, a):
    """Sherman and Morrison: transposed inverses (m, m, WIDTH) after row i of the matrices became ``row``, where taken.

    ``ratio = row . inverse[i]`` is how many times larger the determinants became; a is room for (2, WIDTH) numbers.
    """
    over, factor = a[0], a[1]
    for w in range(WIDTH):
        over[w] = 1.0 / ratio[w] if take[w] > 0 else 0.0
    for j in range(inverse.shape[0]):
        if j != i:
            _dot(row, inverse[j], factor)
            for w in range(WIDTH):
                factor[w] *= over[w]
            for k in range(inverse.shape[1]):
                for w in range(WIDTH):
                    inverse[j, k, w] -= factor[w] * inverse[i, k, w]
    for k in range(inverse.shape[1]):
        for w in range(WIDTH):
            inverse[i, k, w] *= over[w] if take[w] > 0 else 1.0


# ---------------------------------------------------------------- one move


@njit(**_copied)
def _move(i, law, scratch, step, stream):
    """A uniform step of electron i within a cube, in every walker; returns how many accepted it."""
    a, change, ratio, take = scratch.a, scratch.a[0], scratch.a[1], scratch.a[2]
    _set(a[:1], 0.0)
    _set(a[1:2], 1.0)
    _propose(i, law, scratch, step, stream)
    if len(law.U):
        _move_fields(i, law, scratch, ratio)
    _pair_row(i, law, scratch, scratch.new, change)
    if len(law.degrees):
        _orbitals(scratch.new, law, scratch.hermite, a[3], scratch.orbitals)
        _dot(scratch.orbitals, scratch.inverse[i], a[3])
        for w in range(WIDTH):
            ratio[w] *= a[3, w]
    _draw(stream, scratch.words)
    accepted = 0.0
    for w in range(WIDTH):
        # NaN is refused: the comparison is then false.
        uniform = (_i4(scratch.words[w] >> uint64(33)) + 0.5) * 2.0**-31
        take[w] = 1.0 if step == 0.0 or uniform < _exp(2.0 * change[w]) * ratio[w] * ratio[w] else 0.0
    for w in range(WIDTH):
        accepted += take[w]
    _take(i, law, scratch, take)
    return accepted


@njit(**_inner)
def _propose(i, law, scratch, step, stream):
    """New positions of electron i, and the change of the one-body part of ln Psi, into a[0]."""
    x, new, change = scratch.x, scratch.new, scratch.a[0]
    for c in range(x.shape[1]):
        if c % 2 == 0:  # 64 bits are enough for two coordinates
            _draw(stream, scratch.words)
        linear, stiff = law.one[0, i, c] * law.one[1, i, c], 0.5 * law.one[2, i, c]
        shift = uint64(33 if c % 2 == 0 else 0)
        for w in range(WIDTH):
            bits = _i4((scratch.words[w] >> shift) & _LOW_BITS)
            new[c, w] = x[i, c, w] + step * (bits * 2.0**-30 - 1.0)
        for w in range(WIDTH):
            change[w] += (linear - stiff * (new[c, w] + x[i, c, w])) * (new[c, w] - x[i, c, w])


@njit(**_inner)
def _move_fields(i, law, scratch, ratio):
    """New hidden fields, and ``1 + exp(field)``, by which Psi is a product; its change goes into ratio."""
    x, new, dim, hidden = scratch.x, scratch.new, scratch.x.shape[1], len(law.U)
    for h in range(hidden):
        field, grown, before = scratch.new_hidden[h], scratch.new_hidden[hidden + h], scratch.hidden[hidden + h]
        for w in range(WIDTH):
            field[w] = scratch.hidden[h, w]
        for c in range(dim):
            weight = law.U[h, i, c]
            for w in range(WIDTH):
                field[w] += weight * (new[c, w] - x[i, c, w])
        for w in range(WIDTH):
            grown[w] = 1.0 + _exp(field[w])
        for w in range(WIDTH):
            ratio[w] *= grown[w] / before[w]


@njit(**_inner)
def _pair_row(i, law, scratch, new, change):
    """What each pair of electron i adds to ln Psi with it at ``new``, into row; its change into change."""
    x, row, a = scratch.x, scratch.row, scratch.a
    n, ups = x.shape[0], (x.shape[0] + 1) // 2
    _set(row[i : i + 1], 0.0)
    if law.network.shape[1]:
        _dot(new, new, a[4])
        for w in range(WIDTH):
            a[4, w] = np.sqrt(1.0 + law.omega * a[4, w])
    for j in range(n):
        if j != i:
            equal = 1 if (i < ups) == (j < ups) else 0
            cusp, beta = law.jastrow[0, equal], law.jastrow[1, equal]
            _square_distance(x[j], new, a[5])
            for w in range(WIDTH):
                r = np.sqrt(a[5, w])
                row[j, w] = cusp * r / (1.0 + beta * r)
            if law.network.shape[1]:
                _network_row(j, equal, law, scratch, a[4])
            for w in range(WIDTH):
                change[w] += row[j, w] - scratch.pairs[i, j, w]


@njit(**_inner)
def _network_row(j, equal, law, scratch, g):
    """The value of the network for the pair at squared distances a[5], added to row[j]."""
    a, row, u = scratch.a, scratch.row, law.network
    t, both, product, root = a[6], a[7], a[8], np.sqrt(law.omega)
    for w in range(WIDTH):
        q = root * np.sqrt(a[5, w])
        t[w] = q * q / (1.0 + q)
    for w in range(WIDTH):
        both[w] = g[w] + scratch.g[j, w]
        product[w] = g[w] * scratch.g[j, w]
    for k in range(u.shape[1]):
        u0, u1, u2, u3, weight = u[0, k], u[1, k], u[2, k], u[3, k], u[4 + equal, k]
        for w in range(WIDTH):
            z = u0 * t[w] + u1 * both[w] + u2 * product[w] + u3
            row[j, w] += weight * z / np.sqrt(1.0 + z * z)


@njit(**_inner)
def _take(i, law, scratch, take):
    """Move electron i where the move was accepted, and bring up to date what hangs on it."""
    pairs = scratch.pairs
    _select(scratch.x[i], scratch.new, take)
    _select(scratch.hidden, scratch.new_hidden, take)
    _select(scratch.g[i : i + 1], scratch.a[4:5], take)
    _select(pairs[i], scratch.row, take)
    for j in range(pairs.shape[0]):
        for w in range(WIDTH):
            pairs[j, i, w] = pairs[i, j, w]
    half = len(law.degrees)
    if half:
        start = 0 if i < half else half
        inverse = scratch.inverse[start : start + half]
        replace_row(inverse, i - start, scratch.orbitals, scratch.a[3], take, scratch.a[5:7])


# ---------------------------------------------------------------- what is measured


@njit(**_copied)
def _measure(law, scratch):
    """Kinetic energy, trap and repulsion of each walker, into a[0], a[1], a[2]."""
    grad, a, n = scratch.grad, scratch.a, scratch.x.shape[0]
    bend, square, repulsion = a[0], a[1], a[2]
    _set(a[:3], 0.0)
    for i in range(n):
        _one_body(i, law, scratch, bend, square)
    for i in range(n):
        for j in range(i + 1, n):
            _pair(i, j, law, scratch, bend, repulsion)
    for i in range(n):
        _dot(grad[i], grad[i], a[3])
        for w in range(WIDTH):
            bend[w] += a[3, w]
        if len(law.degrees):
            _determinant(i, law, scratch, bend)
    for w in range(WIDTH):
        bend[w] *= -0.5
        square[w] *= 0.5 * law.omega * law.omega
        repulsion[w] *= law.coulomb


@njit(**_inner)
def _one_body(i, law, scratch, bend, square):
    """Gradient and Laplacian of the Gaussian and the RBM for electron i, and the square of its distance."""
    x, grad = scratch.x, scratch.grad
    for c in range(x.shape[1]):
        linear, stiff = law.one[0, i, c] * law.one[1, i, c], law.one[2, i, c]
        for w in range(WIDTH):
            grad[i, c, w] = linear - stiff * x[i, c, w]
        for w in range(WIDTH):
            square[w] += x[i, c, w] * x[i, c, w]
        for w in range(WIDTH):
            bend[w] -= stiff
        for h in range(len(law.U)):
            weight, grown = law.U[h, i, c], scratch.hidden[len(law.U) + h]
            for w in range(WIDTH):
                q = 1.0 - 1.0 / grown[w]
                grad[i, c, w] += weight * q
                bend[w] += weight * weight * q * (1.0 - q)


@njit(**_inner)
def _pair(i, j, law, scratch, bend, repulsion):
    """Gradient of one pair, into grad, its Laplacian and its repulsion."""
    x, grad, a = scratch.x, scratch.grad, scratch.a
    n, dim = x.shape[:2]
    ups = (n + 1) // 2
    equal = 1 if (i < ups) == (j < ups) else 0
    cusp, beta, over, slope = law.jastrow[0, equal], law.jastrow[1, equal], a[3], a[4]
    _square_distance(x[i], x[j], over)
    for w in range(WIDTH):
        over[w] = 1.0 / np.sqrt(over[w])
    for w in range(WIDTH):
        repulsion[w] += over[w]
    for w in range(WIDTH):
        flat = over[w] / (over[w] + beta)  # 1 / (1 + beta r)
        slope[w] = cusp * flat * flat * over[w]
        bend[w] += 2.0 * slope[w] * (dim - 1.0 - 2.0 * beta * flat / over[w])
    if law.network.shape[1]:
        _network_pair(i, j, equal, law, scratch, bend)
    for c in range(dim):
        for w in range(WIDTH):
            along = slope[w] * (x[i, c, w] - x[j, c, w])
            grad[i, c, w] += along
            grad[j, c, w] -= along


@njit(**_inner)
def _network_pair(i, j, equal, law, scratch, bend):
    """Gradient of one pair in the network, into slope and grad, and its Laplacian."""
    x, g, a, u = scratch.x, scratch.g, scratch.a, law.network
    dim, omega, root = x.shape[1], law.omega, np.sqrt(law.omega)
    over, slope = a[3], a[4]
    sums = a[5:13]  # over the hidden units: first derivatives by t, g_i, g_j, second ones by tt, ti, tj, ii, jj
    _set(sums, 0.0)
    t = a[13]
    for w in range(WIDTH):
        q = root / over[w]
        t[w] = q * q / (1.0 + q)
    for k in range(u.shape[1]):
        u0, u1, u2, u3, weight = u[0, k], u[1, k], u[2, k], u[3, k], u[4 + equal, k]
        for w in range(WIDTH):
            g_i, g_j = g[i, w], g[j, w]
            z = u0 * t[w] + u1 * (g_i + g_j) + u2 * g_i * g_j + u3
            shrunk = 1.0 / (1.0 + z * z)
            first = weight * shrunk * np.sqrt(shrunk)
            second = -3.0 * z * shrunk * first
            by_i, by_j = u1 + u2 * g_j, u1 + u2 * g_i
            sums[0, w] += first * u0
            sums[1, w] += first * by_i
            sums[2, w] += first * by_j
            sums[3, w] += second * u0 * u0
            sums[4, w] += second * u0 * by_i
            sums[5, w] += second * u0 * by_j
            sums[6, w] += second * by_i * by_i
            sums[7, w] += second * by_j * by_j
    for w in range(WIDTH):
        g_i, g_j, q = g[i, w], g[j, w], root / over[w]
        flat = 1.0 / (1.0 + q)
        t_slope, t_bend = root * (2.0 * q + q * q) * flat * flat, 2.0 * omega * flat * flat * flat
        radial_i, radial_j = 0.0, 0.0  # of x_i and x_j along the line from j to i
        for c in range(dim):
            apart = (x[i, c, w] - x[j, c, w]) * over[w]
            radial_i += x[i, c, w] * apart
            radial_j += x[j, c, w] * apart
        slope[w] += sums[0, w] * t_slope * over[w]
        total = 2.0 * (sums[3, w] * t_slope * t_slope + sums[0, w] * (t_bend + (dim - 1.0) * t_slope * over[w]))
        total += 2.0 * t_slope * omega * (sums[4, w] * radial_i / g_i - sums[5, w] * radial_j / g_j)
        total += omega * (sums[6, w] * (1.0 - 1.0 / (g_i * g_i)) + sums[7, w] * (1.0 - 1.0 / (g_j * g_j)))
        total += omega * sums[1, w] * (dim / g_i - (g_i * g_i - 1.0) / (g_i * g_i * g_i))
        total += omega * sums[2, w] * (dim / g_j - (g_j * g_j - 1.0) / (g_j * g_j * g_j))
        bend[w] += total
    for c in range(dim):
        for w in range(WIDTH):
            scratch.grad[i, c, w] += sums[1, w] * omega * x[i, c, w] / g[i, w]
            scratch.grad[j, c, w] += sums[2, w] * omega * x[j, c, w] / g[j, w]


@njit(**_inner)
def _determinant(i, law, scratch, bend):
    """What the determinants add to laplacian Psi / Psi for electron i: Laplacian, and twice gradient times gradient."""
    h, inverse, a, omega = scratch.hermite, scratch.inverse, scratch.a, law.omega
    _orbitals(scratch.x[i], law, h, a[3], scratch.orbitals)
    _set(a[3:6], 0.0)
    for k in range(len(law.degrees)):
        nx, ny = law.degrees[k, 0], law.degrees[k, 1]
        for w in range(WIDTH):
            a[3, w] += h[0, 1, nx, w] * h[1, 0, ny, w] * inverse[i, k, w]
        for w in range(WIDTH):
            a[4, w] += h[0, 0, nx, w] * h[1, 1, ny, w] * inverse[i, k, w]
        for w in range(WIDTH):
            a[5, w] += (h[0, 2, nx, w] * h[1, 0, ny, w] + h[0, 0, nx, w] * h[1, 2, ny, w]) * inverse[i, k, w]
    for w in range(WIDTH):
        slope = a[3, w] * scratch.grad[i, 0, w] + a[4, w] * scratch.grad[i, 1, w]
        bend[w] += omega * a[5, w] + 2.0 * np.sqrt(omega) * slope


@njit(**_copied)
def _differentiate(law, scratch):
    """Derivatives of ln Psi by the parameters, in the order of the factors, into statistics."""
    x, o = scratch.x, scratch.statistics
    n, dim, at = x.shape[0], x.shape[1], 0
    _set(o, 0.0)
    if law.has[0]:
        for i in range(n):
            for c in range(dim):
                for w in range(WIDTH):
                    o[0, w] -= 0.5 * law.omega * x[i, c, w] * x[i, c, w]
        at = 1
    if law.has[1]:
        _differentiate_rbm(law, scratch, o[at:])
        at += n * dim + len(law.U) * (1 + n * dim)
    if law.has[2] or law.network.shape[1]:
        for i in range(n):
            for j in range(i + 1, n):
                _differentiate_pair(i, j, law, scratch, o[at:])


@njit(**_inner)
def _differentiate_rbm(law, scratch, o):
    x, hidden = scratch.x, len(law.U)
    n_visible = x.shape[0] * x.shape[1]
    for h in range(hidden):
        for w in range(WIDTH):
            o[n_visible + h, w] = 1.0 - 1.0 / scratch.hidden[hidden + h, w]
    for k in range(n_visible):
        i, c = k // x.shape[1], k % x.shape[1]
        mean, precision = law.one[0, i, c], law.one[1, i, c]
        for w in range(WIDTH):
            o[k, w] = (x[i, c, w] - mean) * precision
        for h in range(hidden):
            q, product = o[n_visible + h], o[n_visible + (k + 1) * hidden + h]
            for w in range(WIDTH):
                product[w] = x[i, c, w] * precision * q[w]


@njit(**_inner)
def _differentiate_pair(i, j, law, scratch, o):
    """By the betas and by the network: what one pair adds."""
    x, r, ups = scratch.x, scratch.a[3], (scratch.x.shape[0] + 1) // 2
    equal = 1 if (i < ups) == (j < ups) else 0
    _square_distance(x[i], x[j], r)
    for w in range(WIDTH):
        r[w] = np.sqrt(r[w])
    if law.has[2]:
        cusp, beta = law.jastrow[0, equal], law.jastrow[1, equal]
        for w in range(WIDTH):
            o[equal, w] -= cusp * beta * (r[w] / (1.0 + beta * r[w])) ** 2
    if law.network.shape[1]:
        _differentiate_network(i, j, equal, law, scratch, o[2 * law.has[2] :])


@njit(**_inner)
def _differentiate_network(i, j, equal, law, scratch, o):
    g, a, u, root = scratch.g, scratch.a, law.network, np.sqrt(law.omega)
    units, r, t, both, product, slope = u.shape[1], a[3], a[4], a[5], a[6], a[7]
    for w in range(WIDTH):
        t[w] = law.omega * r[w] * r[w] / (1.0 + root * r[w])
    for w in range(WIDTH):
        both[w] = g[i, w] + g[j, w]
        product[w] = g[i, w] * g[j, w]
    for k in range(units):
        u0, u1, u2, u3, weight, value = u[0, k], u[1, k], u[2, k], u[3, k], u[4 + equal, k], o[(4 + equal) * units + k]
        for w in range(WIDTH):
            z = u0 * t[w] + u1 * both[w] + u2 * product[w] + u3
            shrunk = 1.0 / (1.0 + z * z)
            slope[w] = weight * shrunk * np.sqrt(shrunk)
            value[w] += z * np.sqrt(shrunk)
        for part in range(4):
            by, of = o[part * units + k], a[4 + part]
            for w in range(WIDTH):
                by[w] += slope[w] * (of[w] if part < 3 else 1.0)


@njit(**_inner)
def _count(x, counts, bins):
    for i in range(x.shape[0]):
        for w in range(WIDTH):
            square = 0.0
            for c in range(x.shape[1]):
                square += x[i, c, w] ** 2
            place = int(bins[0] * square / (np.sqrt(square) + bins[1]))
            counts[min(place, len(counts) - 1)] += 1
