"""Whether the likelihood has a maximum at finite parameters.

The maximum exists if and only if the data's moments lie inside the polytope of all moments that any distribution can
have, and not on its boundary (Barndorff-Nielsen, Information and Exponential Families, 1978; Wainwright and Jordan,
Found. Trends Mach. Learn. 1, 1, 2008, section 3.6). On the boundary some states are never seen, and the likelihood
rises for ever as the parameters make them ever less likely.
"""

from functools import singledispatch
from itertools import combinations, product

import numpy as np

from course_lib.exceptions import Picklable
from course_lib.inputs import check_batch, check_images, check_spins
from course_lib.ising import Ising, LatticeIsing, _bond_sum, _spin_sum
from course_lib.learning.sources import states_of

# A Newton step at a maximum is as small as the gap lets it be. On the way to infinity its largest component stays
# above 1/6 in all data tried, however small the gap: it makes the unseen states e times less likely.
LONG_STEP = 0.1
CLOSE_FIT = 0.01  # samples: from a gap much smaller than one sample's share it can be told whether that sample exists


class NoMaximum(Picklable, ValueError):
    """Raised where the likelihood has no maximum at finite parameters; says which moment is why, and what helps."""

    def __init__(self, unseen, growing, n_samples):
        l2 = f"{1 / n_samples:.2g}"
        super().__init__(
            f"no finite maximum: {unseen}, so the likelihood keeps rising as {growing} without end; pass l2={l2} "
            "(a Gaussian prior of deviation 1 on each parameter; the moments then miss the data's by about "
            f"{l2} per unit of a parameter), or collect more data"
        )


# ---------------------------------------------------------------- from the data alone


@singledispatch
def check_maximum(model, data):
    """Raise if the data show, before any fit, that the likelihood has no maximum at finite parameters.

    For an `Ising` of up to three spins, and for any `LatticeIsing`, silence means that the maximum exists. The moments
    of more spins have further boundaries: `check_interior` finds these after an exact fit.

    Parameters
    ----------
    model : Ising or LatticeIsing
        Its parameters do not matter. Other models join in with ``@check_maximum.register``.
    data : array of +-1, shape (..., configuration)

    Raises
    ------
    NoMaximum
        `Ising`: a spin that never changes, two spins that are always equal or opposite, one of the four states of a
        pair or of the four classes of three spins (up to a common sign) that is never seen, or a weighted sum of the
        spins that never changes. `LatticeIsing`: as many neighbours agree, or disagree, as the lattice allows, or no
        two neighbours are ever both up, or both down. Counts decide, not a tolerance, except for the weighted sums.
    ValueError
        As ``model.moments``.
    TypeError
        If nothing is registered for the type of the model.

    Examples
    --------
    >>> model = Ising(J=[[0, 0], [0, 0]], h=[0, 0])
    >>> check_maximum(model, [[1, 1], [1, -1], [-1, 1], [1, 1]])
    Traceback (most recent call last):
    ...
    course_lib.learning.existence.NoMaximum: no finite maximum: spins 0 and 1 are never both down in these 4 samples, \
so the likelihood keeps rising as h[0] and h[1] rise and J[0, 1] falls without end; pass l2=0.25 (a Gaussian prior of \
deviation 1 on each parameter; the moments then miss the data's by about 0.25 per unit of a parameter), or collect \
more data
    >>> check_maximum(model, [[1, 1], [1, -1], [-1, 1], [-1, -1]])
    """
    raise TypeError(
        f"check_maximum knows no boundary of the moments of a {type(model).__name__}: register a function with "
        "@learning.check_maximum.register"
    )


@check_maximum.register
def _(model: Ising, data):
    spins = check_batch(check_spins(data, len(model.h)), 1)
    check_maximum_of_spins(spins, len(spins))


def check_maximum_of_spins(spins, n_samples):
    """`check_maximum` for spins (n, N) that were checked, and whose weights are positive and add up to n_samples."""
    n = len(spins)
    # Vertex 0 is a spin that is always up: its products with the others are the spins themselves. Whole numbers up to
    # 2^24 are exact in single precision. Weights do not matter: what counts is whether a state occurs.
    always_up = np.ones(n, np.float32 if n < 2**24 else float)
    vertices = np.column_stack([always_up, spins])
    products = (vertices.T @ vertices).astype(np.int64)
    n_vertices = len(products)
    # A spin that copies another says nothing new about any third one.
    locked = np.triu(np.abs(products) == n, 1)
    different = np.flatnonzero(~locked.any(axis=0))
    n_classes, first = _unseen_classes(products[np.ix_(different, different)], n)
    n_more = n_vertices - len(different) + n_classes - 1
    where = f"in {_these(n_samples, 'sample')}"
    if n_more > 0:
        where += f" (and {n_more} more such gap{'s' if n_more > 1 else ''} in the data)"
    if locked.any():
        pair = tuple(np.argwhere(locked)[0])
        raise NoMaximum(*_locked_pair(pair, np.sign(products[pair]), where), n_samples)
    if first:
        vertices, signs = different[list(first[0])], first[1]
        raise NoMaximum(*_unseen_class(vertices, signs, where), n_samples)
    # A sum of the spins that is 0 in all samples: its square can be no less, and is more in other states.
    values, vectors = np.linalg.eigh(products / n)
    if values[0] <= n_vertices * np.finfo(float).eps * values[-1]:
        raise NoMaximum(*_constant_sum(vectors[1:, 0], n_samples), n_samples)


@check_maximum.register
def _(model: LatticeIsing, data):
    check_maximum_of_images(check_batch(check_images(data, model.shape), 2))


def check_maximum_of_images(images):
    """`check_maximum` for images (n_images, rows, cols) that were checked."""
    n_images, rows, cols = images.shape
    n_sites, bonds, spins = rows * cols, _bond_sum(images).sum(), _spin_sum(images).sum()
    # Around a cycle of odd length at least one pair of neighbours must agree.
    odd_cycles = np.array([cols * (rows % 2), rows * (cols % 2)])
    disagree = f"as many neighbours disagree as a {rows} x {cols} lattice allows"
    # The polytope of (B, S): slope_B B + slope_S S <= bound. N++ and N-- being the bonds between two spins up and
    # between two spins down, B = 2 (N++ + N--) - 2 n and S = (N++ - N--) / 2. No state leaves it, since N++ >= 0 and
    # N-- >= 0; each odd cycle has an equal pair; and N++ + 3 N-- is at least twice the number of odd cycles one way.
    faces = [
        ((1, 0), 2 * n_sites, "all spins agree"),
        ((-1, 0), 2 * n_sites - 2 * odd_cycles.sum(), disagree),
        ((-1, 4), 2 * n_sites, "no two neighbours are both down"),
        ((-1, -4), 2 * n_sites, "no two neighbours are both up"),
    ]
    if odd_cycles.any():
        bound = 2 * n_sites - 2 * odd_cycles.max()
        faces += [((-1, slope), bound, f"{disagree} at such a mean spin") for slope in (2, -2)]
    for (slope_J, slope_h), bound, unseen in faces:
        if slope_J * bonds + slope_h * spins == bound * n_images:
            growing = _moving(["J"], [slope_J])
            if slope_h:
                growing += f" and {_moving(['h'], [slope_h])} {abs(slope_h)} times as fast"
            each = "each of " if n_images > 1 else ""
            raise NoMaximum(f"{unseen} in {each}{_these(n_images, 'image')}", growing, n_images)


def _unseen_classes(products, n_samples):
    """How many classes of three spins are never seen, and the first: its vertices and its signs.

    (s_a, s_b, s_c) = +-(1, sign_b, sign_c) has the frequency (1 + sign_b <s_a s_b> + sign_c <s_a s_c> + sign_b sign_c
    <s_b s_c>) / 4: the triangle inequalities of the cut polytope (Deza and Laurent, Geometry of Cuts and
    Metrics, 1997).
    """
    count, first = 0, None
    for a in range(len(products) - 2):
        row, rest = products[a, a + 1 :], products[a + 1 :, a + 1 :]
        for sign_b, sign_c in product((1, -1), repeat=2):
            four_times_seen = n_samples + sign_b * row[:, None] + sign_c * row + sign_b * sign_c * rest
            unseen = np.triu(four_times_seen == 0, 1)
            count += np.count_nonzero(unseen)
            if first is None and unseen.any():
                b, c = np.argwhere(unseen)[0] + a + 1
                first = (a, b, c), (1, sign_b, sign_c)
    return count, first


# ---------------------------------------------------------------- after an exact fit


def check_interior(model, data, now):
    """Raise if a fit that agrees with the data is on its way to infinity: the general test, on any boundary.

    Where a maximum exists, a Newton step from a model with nearly the data's moments is nearly zero. Where it does
    not, the fitted model gives the unseen states the little weight that the fit's tolerance allows; one more step
    makes that weight e times smaller, and is as long as the step before. The least eigenvalue of the covariance does
    not tell the two apart: times the number of samples it came down to 0.1 for data that do have a maximum.

    Parameters
    ----------
    model : Model
        Fitted without penalty, with a tolerance of 0.01 / M at most for M samples.
    data : array, shape (..., configuration)
    now : ModelMoments
        Of the model, exact, with the whole covariance.

    Raises
    ------
    NoMaximum
        Names the parameters that grow.
    ValueError
        If the moments of model and data differ by more than 0.01 / M.

    Examples
    --------
    The sum of five spins is always odd. In these data it is never more than 1 away from 0, and yet every three spins
    are seen in all four classes.

    >>> from course_lib import exact
    >>> from course_lib.learning import exact_moments, fit
    >>> states = exact.states(5)
    >>> data = states[np.abs(states.sum(axis=1)) == 1]
    >>> check_maximum(Ising(np.zeros((5, 5)), np.zeros(5)), data)
    >>> fitted = fit(Ising(np.zeros((5, 5)), np.zeros(5)), data, exact_moments, progress=False)
    >>> check_interior(fitted.model, data, exact_moments(fitted.model))
    Traceback (most recent call last):
    ...
    course_lib.learning.existence.NoMaximum: no finite maximum: some combination of spins is never seen in these 20 \
samples (the moments agree, yet a Newton step still moves J[0, 1], J[0, 2], J[0, 3], J[0, 4] and 6 more by 0.25), so \
the likelihood keeps rising as these grow without end; pass l2=0.05 (a Gaussian prior of deviation 1 on each \
parameter; the moments then miss the data's by about 0.05 per unit of a parameter), or collect more data
    """
    check_step(model, model.moments(data), now, len(states_of(model, data)))


def check_step(model, target, now, n_samples):
    """`check_interior` for data of which only the moments and the number are known."""
    gap = target - now.mean
    largest = np.abs(gap).max()
    if not largest <= CLOSE_FIT / n_samples:
        raise ValueError(
            f"the moments of model and data must agree within 0.01 / M = {CLOSE_FIT / n_samples:.2g} to tell whether "
            f"a maximum exists, got a gap of {largest:.2g}: fit with such a tolerance and enough steps"
        )
    values, vectors = np.linalg.eigh(now.covariance)
    varies = values > len(values) * np.finfo(float).eps * values[-1]
    # Where nothing varies any more, the parameters are as good as infinite, and any step is as good as another.
    step = vectors @ np.where(varies, vectors.T @ gap / np.where(varies, values, 1.0), 1.0)
    size = np.abs(step)
    if size.max() > LONG_STEP:
        growing = [_parameter_name(model, k) for k in np.flatnonzero(size > size.max() / 2)]
        raise NoMaximum(
            f"some combination of spins is never seen in {_these(n_samples, 'sample')} (the moments agree, yet a "
            f"Newton step still moves {_listed(growing)} by {size.max():.2g})",
            "these grow",
            n_samples,
        )


# ---------------------------------------------------------------- in words


def _locked_pair(pair, sign, where):
    a, b = pair
    if a == 0:
        unseen = f"spin {b - 1} is always {'up' if sign > 0 else 'down'}"
    else:
        unseen = f"spins {a - 1} and {b - 1} are always {'equal' if sign > 0 else 'opposite'}"
    return f"{unseen} {where}", _moving([_edge_name(a, b)], [sign])


def _unseen_class(vertices, signs, where):
    pairs = list(combinations(range(3), 2))
    growing = _moving(
        [_edge_name(vertices[p], vertices[q]) for p, q in pairs], [-signs[p] * signs[q] for p, q in pairs]
    )
    (_, a, b), state = vertices - 1, {1: "up", -1: "down"}
    if vertices[0] == 0 and signs[1] == signs[2]:
        unseen = f"spins {a} and {b} are never both {state[signs[1]]}"
    elif vertices[0] == 0:
        unseen = f"spin {a} is never {state[signs[1]]} while spin {b} is {state[signs[2]]}"
    elif sum(signs) == 3:
        unseen = f"spins {_listed(vertices - 1)} are never all equal"
    else:
        odd = next(p for p in range(3) if signs[p] * sum(signs) < 0)
        unseen = f"spins {_listed(np.delete(vertices, odd) - 1)} never agree against spin {vertices[odd] - 1}"
    return f"{unseen} {where}", growing


def _constant_sum(weights, n_samples):
    spins = np.flatnonzero(np.abs(weights) > 1e-6 * np.abs(weights).max())
    return (
        f"a weighted sum of the spins {_listed(spins)} never changes in {_these(n_samples, 'sample')} (with "
        f"fewer than {len(weights) + 1} there always is such a sum)",
        "the couplings that hold it grow",
    )


def _moving(names, signs):
    """Who rises and who falls."""
    parts = []
    for verb, direction in (("rise", 1), ("fall", -1)):
        group = [name for name, sign in zip(names, signs, strict=True) if np.sign(sign) == direction]
        if group:
            parts.append(f"{_listed(group)} {verb}{'s' if len(group) == 1 else ''}")
    return " and ".join(parts)


def _these(n, noun):
    return f"this {noun}" if n == 1 else f"these {int(n) if n == int(n) else n} {noun}s"


def _edge_name(a, b):
    return f"h[{b - 1}]" if a == 0 else f"J[{a - 1}, {b - 1}]"


def _parameter_name(model, k):
    match model:
        case Ising():
            i, j = np.triu_indices(len(model.h), 1)
            return f"J[{i[k]}, {j[k]}]" if k < len(i) else f"h[{k - len(i)}]"
        case LatticeIsing():
            return "Jh"[k]
    return f"parameter {k}"


def _listed(names):
    names = [str(name) for name in names]
    if len(names) > 5:
        names = [*names[:4], f"{len(names) - 4} more"]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
