"""Electrons moved one at a time by Metropolis, and their local energy, for products of the factors of `course_lib.vmc`.

A walker stays in fast memory for all its sweeps; walkers share nothing. What a move changes is kept up to date: the
value of each pair, the hidden fields of an RBM, and the inverse matrices of the determinants by Sherman and Morrison.
All of it is made anew at each call. Positions are held as (dim, n) so that loops over electrons run along memory.
"""

from collections import namedtuple

import numpy as np

from course_lib.kernels import njit
from course_lib.kernels.rng import next_float

_fast = {"cache": True, "nogil": True, "error_model": "numpy", "fastmath": {"contract", "reassoc", "nsz", "arcp"}}

_inner = _fast | {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}

# linear, stiff (n, dim): ln Psi = linear x - stiff x^2 / 2; precision (n, dim): 1 / sigma^2 of the RBM; U (n_hidden, n,
# dim): its weights over sigma^2; b (n_hidden,); cusp, beta (2,): of the Jastrow factor, opposite and equal spins;
# u (4, K), v (2, K): of the network; degrees (n / 2, 2) of the orbitals, root (degrees,) of the recurrences;
# has (3,): Gaussian, RBM, Jastrow, each 1 if it has parameters.
Law = namedtuple("Law", "linear stiff mean precision U b cusp beta u v degrees omega coulomb has")
Scratch = namedtuple(
    "Scratch", "x pairs row r2 fields new_fields g hermite new_orbitals orbitals inverse grad slope new"
)


def scratch_for(law):
    """Room for one walker at a time; not made in compiled code, which would cost time at the first call."""
    n, dim = law.linear.shape
    m, hidden = len(law.degrees), len(law.b)
    shapes = {
        "x": (dim, n), "pairs": (n, n), "row": (n,), "r2": (n,), "fields": (hidden,), "new_fields": (hidden,),
        "g": (n,), "hermite": (2, 3, 8), "new_orbitals": (m,), "orbitals": (3, m), "inverse": (n, m),
        "grad": (dim, n), "slope": (n,), "new": (dim,),
    }  # fmt: skip
    return Scratch(**{name: np.zeros(shape) for name, shape in shapes.items()})


@njit(**_fast)
def run(walkers, streams, law, step, sweeps, local, statistics, counts, bins, scratch, first, last):
    """Move walkers first to last on by so many sweeps, in place; returns how many moves were accepted.

    local (n_walkers, sweeps, 3): kinetic, trap and repulsion of each; of size 0 if nothing is measured. statistics
    (n_walkers, sweeps, P): derivatives by the parameters, or of size 0. counts (n_bins,): electrons by
    ``r^2 / (r + bins[1]) * bins[0]``, or of size 0.
    """
    accepted = 0
    n = walkers.shape[1]
    for w in range(first, last):
        for i in range(n):
            for c in range(walkers.shape[2]):
                scratch.x[c, i] = walkers[w, i, c]
        _fill(law, scratch)
        for s in range(sweeps):
            for i in range(n):
                accepted += _move(i, law, scratch, step, streams, w)
            if local.shape[0]:
                _measure(law, scratch, local[w, s])
            if statistics.shape[0]:
                _differentiate(law, scratch, statistics[w, s])
            if counts.shape[0]:
                _count(scratch.x, counts, bins)
        for i in range(n):
            for c in range(walkers.shape[2]):
                walkers[w, i, c] = scratch.x[c, i]
    return accepted


# ---------------------------------------------------------------- one move


@njit(**_inner)
def _move(i, law, scratch, step, streams, w):
    """A uniform step of electron i within a cube, accepted by Metropolis; 1 if it was."""
    x, new = scratch.x, scratch.new
    change = 0.0
    for c in range(x.shape[0]):
        new[c] = x[c, i] + step * (2.0 * next_float(streams, w) - 1.0)
        change += (law.linear[i, c] - 0.5 * law.stiff[i, c] * (new[c] + x[c, i])) * (new[c] - x[c, i])
    for h in range(len(law.b)):
        field = scratch.fields[h]
        for c in range(x.shape[0]):
            field += law.U[h, i, c] * (new[c] - x[c, i])
        scratch.new_fields[h] = field
        change += _softplus(field) - _softplus(scratch.fields[h])
    g = _pair_row(i, law, scratch)
    for j in range(x.shape[1]):
        change += scratch.row[j] - scratch.pairs[i, j]
    ratio = 1.0
    if len(law.degrees):
        _orbitals(new[0], new[1], law, scratch.hermite, scratch.new_orbitals)
        ratio = _dot(scratch.new_orbitals, scratch.inverse[i])
    # NaN is refused: the comparison is then false.
    if not next_float(streams, w) < np.exp(2.0 * change) * ratio * ratio:
        return 0
    for c in range(x.shape[0]):
        x[c, i] = new[c]
    for h in range(len(law.b)):
        scratch.fields[h] = scratch.new_fields[h]
    for j in range(x.shape[1]):
        scratch.pairs[i, j] = scratch.row[j]
        scratch.pairs[j, i] = scratch.row[j]
    scratch.g[i] = g
    if len(law.degrees):
        half = x.shape[1] // 2
        start = 0 if i < half else half
        replace_row(scratch.inverse[start : start + half], i - start, scratch.new_orbitals, ratio)
    return 1


@njit(**_inner)
def replace_row(inverse, i, row, ratio):
    """Sherman and Morrison: the transposed inverse (m, m) after row i of its matrix became ``row``, in place.

    ``ratio = row . inverse[i]`` is how many times larger the determinant became.
    """
    for j in range(inverse.shape[0]):
        if j != i:
            factor = _dot(row, inverse[j]) / ratio
            for k in range(inverse.shape[1]):
                inverse[j, k] -= factor * inverse[i, k]
    for k in range(inverse.shape[1]):
        inverse[i, k] /= ratio


@njit(**_inner)
def _dot(a, b):
    total = 0.0
    for k in range(len(a)):
        total += a[k] * b[k]
    return total


@njit(**_inner)
def _softplus(z):
    return (z if z > 0.0 else 0.0) + np.log1p(np.exp(-abs(z)))


@njit(**_inner)
def _pair_row(i, law, scratch):
    """What each pair of electron i would add to ln Psi with it at its new place, into ``row``; returns its g."""
    x, new, row, r2 = scratch.x, scratch.new, scratch.row, scratch.r2
    dim, n = x.shape
    square = 0.0
    for j in range(n):
        r2[j] = 0.0
    for c in range(dim):
        square += new[c] * new[c]
        for j in range(n):
            r2[j] += (x[c, j] - new[c]) ** 2
    ups = (n + 1) // 2
    up, down = (1, 0) if i < ups else (0, 1)
    for j in range(ups):
        r = np.sqrt(r2[j])
        row[j] = law.cusp[up] * r / (1.0 + law.beta[up] * r)
    for j in range(ups, n):
        r = np.sqrt(r2[j])
        row[j] = law.cusp[down] * r / (1.0 + law.beta[down] * r)
    g = np.sqrt(1.0 + law.omega * square)
    if law.u.shape[1]:
        for j in range(n):
            row[j] += _network(law, np.sqrt(law.omega * r2[j]), g, scratch.g[j], up if j < ups else down)
    row[i] = 0.0
    return g


@njit(**_inner)
def _network(law, q, g_i, g_j, equal):
    u, v = law.u, law.v
    t, both, product = q * q / (1.0 + q), g_i + g_j, g_i * g_j
    total = 0.0
    for k in range(u.shape[1]):
        z = u[0, k] * t + u[1, k] * both + u[2, k] * product + u[3, k]
        total += v[equal, k] * z / np.sqrt(1.0 + z * z)
    return total


@njit(**_inner)
def _hermite(x, top, h):
    """Degrees 0 to top: values, first and second derivatives, into h (3, > top)."""
    h[0, 0], h[1, 0], h[2, 0] = 1.0, 0.0, 0.0
    for n in range(1, top + 1):
        h[0, n] = np.sqrt(2.0 / n) * x * h[0, n - 1]
        if n > 1:
            h[0, n] -= np.sqrt((n - 1.0) / n) * h[0, n - 2]
        h[1, n] = np.sqrt(2.0 * n) * h[0, n - 1]
        h[2, n] = np.sqrt(2.0 * n) * h[1, n - 1]


@njit(**_inner)
def _orbitals(x, y, law, hermite, orbitals):
    root, top = np.sqrt(law.omega), law.degrees[-1, 1]
    _hermite(root * x, top, hermite[0])
    _hermite(root * y, top, hermite[1])
    for k in range(len(orbitals)):
        orbitals[k] = hermite[0, 0, law.degrees[k, 0]] * hermite[1, 0, law.degrees[k, 1]]


# ---------------------------------------------------------------- all of it anew


@njit(**_inner)
def _fill(law, scratch):
    """Hidden fields, values of pairs and inverse matrices from the positions."""
    x, n = scratch.x, scratch.x.shape[1]
    for h in range(len(law.b)):
        scratch.fields[h] = law.b[h]
        for i in range(n):
            for c in range(x.shape[0]):
                scratch.fields[h] += law.U[h, i, c] * x[c, i]
    for i in range(n):
        square = 0.0
        for c in range(x.shape[0]):
            square += x[c, i] ** 2
        scratch.g[i] = np.sqrt(1.0 + law.omega * square)
    for i in range(n):
        for c in range(x.shape[0]):
            scratch.new[c] = x[c, i]
        _pair_row(i, law, scratch)
        for j in range(n):
            scratch.pairs[i, j] = scratch.row[j]
    half = len(law.degrees)
    for start in range(0, 2 * half, max(half, 1)):
        _invert(law, scratch, start)


@njit(**_inner)
def _invert(law, scratch, start):
    """The transposed inverse of the orbitals of one spin: from the unit matrix, one row replaced after the other.

    In the order of the largest ratios, which is pivoting.
    """
    m = len(law.degrees)
    inverse = scratch.inverse[start : start + m]
    for k in range(m):
        for c in range(m):
            inverse[k, c] = 1.0 if c == k else 0.0
        scratch.slope[k] = -1.0  # which row of the unit matrix has gone to which electron; free ones are below 0
    for i in range(m):
        _orbitals(scratch.x[0, start + i], scratch.x[1, start + i], law, scratch.hermite, scratch.new_orbitals)
        best, largest = 0, -1.0
        for k in range(m):
            ratio = abs(_dot(scratch.new_orbitals, inverse[k]))
            if scratch.slope[k] < 0 and ratio > largest:
                best, largest = k, ratio
        scratch.slope[best] = i
        replace_row(inverse, best, scratch.new_orbitals, _dot(scratch.new_orbitals, inverse[best]))
    for i in range(m):  # rows back into the order of the electrons
        k = i
        while int(scratch.slope[k]) != i:
            k += 1
        if k != i:
            for c in range(m):
                inverse[i, c], inverse[k, c] = inverse[k, c], inverse[i, c]
            scratch.slope[k], scratch.slope[i] = scratch.slope[i], i


# ---------------------------------------------------------------- what is measured


@njit(**_inner)
def _measure(law, scratch, energies):
    """Kinetic energy, trap and repulsion of one configuration."""
    x, grad = scratch.x, scratch.grad
    dim, n = x.shape
    bend, square = 0.0, 0.0
    for c in range(dim):
        for i in range(n):
            grad[c, i] = law.linear[i, c] - law.stiff[i, c] * x[c, i]
            bend -= law.stiff[i, c]
            square += x[c, i] * x[c, i]
    for h in range(len(law.b)):
        q = 1.0 / (1.0 + np.exp(-scratch.fields[h]))
        for c in range(dim):
            for i in range(n):
                grad[c, i] += law.U[h, i, c] * q
                bend += q * (1.0 - q) * law.U[h, i, c] ** 2
    repulsion = 0.0
    for i in range(n - 1):
        of_bend, of_repulsion = _pairs_from(i, law, scratch)
        bend += of_bend
        repulsion += of_repulsion
    for c in range(dim):
        for i in range(n):
            bend += grad[c, i] * grad[c, i]
    if len(law.degrees):
        for i in range(n):
            bend += _determinant(i, law, scratch)
    energies[0] = -0.5 * bend
    energies[1] = 0.5 * law.omega**2 * square
    energies[2] = law.coulomb * repulsion


@njit(**_inner)
def _pairs_from(i, law, scratch):
    """Gradient of all pairs i < j, into grad; returns their Laplacian and their repulsion."""
    x, grad, r2, slope = scratch.x, scratch.grad, scratch.r2, scratch.slope
    dim, n = x.shape
    ups = (n + 1) // 2
    for j in range(i + 1, n):
        r2[j] = 0.0
    for c in range(dim):
        for j in range(i + 1, n):
            r2[j] += (x[c, j] - x[c, i]) ** 2
    bend, repulsion = 0.0, 0.0
    for equal in range(2):
        start, stop = (i + 1, ups if i < ups else n) if equal else (max(ups, i + 1) if i < ups else n, n)
        cusp, beta = law.cusp[equal], law.beta[equal]
        for j in range(start, stop):
            r = np.sqrt(r2[j])
            over = 1.0 / r
            flat = 1.0 / (1.0 + beta * r)
            repulsion += over
            slope[j] = cusp * flat * flat
            bend += 2.0 * slope[j] * ((dim - 1.0) * over - 2.0 * beta * flat)
            slope[j] *= over
        if law.u.shape[1]:
            for j in range(start, stop):
                bend += _network_pair(i, j, equal, law, scratch)
    for c in range(dim):
        total = 0.0
        for j in range(i + 1, n):
            along = slope[j] * (x[c, i] - x[c, j])
            total += along
            grad[c, j] -= along
        grad[c, i] += total
    return bend, repulsion


@njit(**_inner)
def _network_pair(i, j, equal, law, scratch):
    """Gradient of one pair in the network, into slope and grad; returns its Laplacian."""
    x, g, u, v = scratch.x, scratch.g, law.u, law.v
    dim, omega, root = x.shape[0], law.omega, np.sqrt(law.omega)
    r = np.sqrt(scratch.r2[j])
    q, g_i, g_j = root * r, g[i], g[j]
    t, both, product = q * q / (1.0 + q), g_i + g_j, g_i * g_j
    by_t, by_i, by_j, tt, ti, tj, ii, jj = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for k in range(u.shape[1]):
        z = u[0, k] * t + u[1, k] * both + u[2, k] * product + u[3, k]
        w = 1.0 / np.sqrt(1.0 + z * z)
        first = v[equal, k] * w * w * w
        second = -3.0 * z * w * w * first
        z_t, z_i, z_j = u[0, k], u[1, k] + u[2, k] * g_j, u[1, k] + u[2, k] * g_i
        by_t += first * z_t
        by_i += first * z_i
        by_j += first * z_j
        tt += second * z_t * z_t
        ti += second * z_t * z_i
        tj += second * z_t * z_j
        ii += second * z_i * z_i
        jj += second * z_j * z_j
    flat = 1.0 / (1.0 + q)
    t_slope = root * (2.0 * q + q * q) * flat * flat
    t_bend = 2.0 * omega * flat * flat * flat
    radial_i, radial_j = 0.0, 0.0  # of x_i and x_j along the line from j to i
    for c in range(dim):
        apart = (x[c, i] - x[c, j]) / r
        radial_i += x[c, i] * apart
        radial_j += x[c, j] * apart
        scratch.grad[c, i] += by_i * omega * x[c, i] / g_i
        scratch.grad[c, j] += by_j * omega * x[c, j] / g_j
    scratch.slope[j] += by_t * t_slope / r
    bend = 2.0 * (tt * t_slope * t_slope + by_t * (t_bend + (dim - 1.0) * t_slope / r))
    bend += 2.0 * t_slope * omega * (ti * radial_i / g_i - tj * radial_j / g_j)
    bend += omega * (ii * (1.0 - 1.0 / (g_i * g_i)) + by_i * (dim / g_i - (g_i * g_i - 1.0) / (g_i * g_i * g_i)))
    bend += omega * (jj * (1.0 - 1.0 / (g_j * g_j)) + by_j * (dim / g_j - (g_j * g_j - 1.0) / (g_j * g_j * g_j)))
    return bend


@njit(**_inner)
def _determinant(i, law, scratch):
    """What the determinants add to laplacian Psi / Psi for electron i: Laplacian, and twice gradient times gradient."""
    h, degrees, inverse = scratch.hermite, law.degrees, scratch.inverse
    _orbitals(scratch.x[0, i], scratch.x[1, i], law, h, scratch.new_orbitals)
    by_x, by_y, bend = 0.0, 0.0, 0.0
    for k in range(len(degrees)):
        nx, ny = degrees[k, 0], degrees[k, 1]
        by_x += h[0, 1, nx] * h[1, 0, ny] * inverse[i, k]
        by_y += h[0, 0, nx] * h[1, 1, ny] * inverse[i, k]
        bend += (h[0, 2, nx] * h[1, 0, ny] + h[0, 0, nx] * h[1, 2, ny]) * inverse[i, k]
    return law.omega * bend + 2.0 * np.sqrt(law.omega) * (by_x * scratch.grad[0, i] + by_y * scratch.grad[1, i])


@njit(**_inner)
def _differentiate(law, scratch, statistics):
    """Derivatives of ln Psi by the parameters, in the order of the factors."""
    x, n, dim = scratch.x, scratch.x.shape[1], scratch.x.shape[0]
    for k in range(len(statistics)):
        statistics[k] = 0.0
    at, hidden = 0, len(law.b)
    if law.has[0]:
        for c in range(dim):
            for i in range(n):
                statistics[0] -= 0.5 * law.omega * x[c, i] ** 2
        at = 1
    if law.has[1]:
        for h in range(hidden):
            statistics[at + n * dim + h] = 1.0 / (1.0 + np.exp(-scratch.fields[h]))
        for i in range(n):
            for c in range(dim):
                k = i * dim + c
                statistics[at + k] = (x[c, i] - law.mean[i, c]) * law.precision[i, c]
                for h in range(hidden):
                    q = statistics[at + n * dim + h]
                    statistics[at + n * dim + hidden + k * hidden + h] = x[c, i] * law.precision[i, c] * q
        at += n * dim + hidden + n * dim * hidden
    if law.has[2] or law.u.shape[1]:
        _differentiate_pairs(law, scratch, statistics[at:])


@njit(**_inner)
def _differentiate_pairs(law, scratch, statistics):
    x, u, v, ups = scratch.x, law.u, law.v, (scratch.x.shape[1] + 1) // 2
    n_units, at = u.shape[1], 2 if law.has[2] else 0
    for i in range(x.shape[1]):
        for j in range(i + 1, x.shape[1]):
            equal = 1 if (i < ups) == (j < ups) else 0
            r = 0.0
            for c in range(x.shape[0]):
                r += (x[c, i] - x[c, j]) ** 2
            r = np.sqrt(r)
            if law.has[2]:
                statistics[equal] -= law.cusp[equal] * law.beta[equal] * (r / (1.0 + law.beta[equal] * r)) ** 2
            q, g_i, g_j = np.sqrt(law.omega) * r, scratch.g[i], scratch.g[j]
            t, both, product = q * q / (1.0 + q), g_i + g_j, g_i * g_j
            for k in range(n_units):
                z = u[0, k] * t + u[1, k] * both + u[2, k] * product + u[3, k]
                w = 1.0 / np.sqrt(1.0 + z * z)
                slope = v[equal, k] * w * w * w
                statistics[at + k] += slope * t
                statistics[at + n_units + k] += slope * both
                statistics[at + 2 * n_units + k] += slope * product
                statistics[at + 3 * n_units + k] += slope
                statistics[at + (4 + equal) * n_units + k] += z * w


@njit(**_inner)
def _count(x, counts, bins):
    for i in range(x.shape[1]):
        square = 0.0
        for c in range(x.shape[0]):
            square += x[c, i] ** 2
        place = int(bins[0] * square / (np.sqrt(square) + bins[1]))
        counts[min(place, len(counts) - 1)] += 1
