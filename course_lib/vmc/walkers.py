"""Walkers: many configurations that wander through Psi^2 side by side, electron by electron or all at once."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np

from course_lib.inputs import check_count, check_number
from course_lib.vmc.base import check_positions, check_state
from course_lib.vmc.dots import check_dot
from course_lib.vmc.one_body import Gaussian, RBMState
from course_lib.vmc.pairs import PadeJastrow, PairNetwork, cusps
from course_lib.vmc.slater import SlaterDeterminants

_WORK_AT_A_TIME = 2**24  # pairs in one call of compiled code, which takes some 0.2 s
ACCEPTANCE = 0.4  # of Metropolis moves, at which walkers forget fastest

# ---------------------------------------------------------------- in numpy, to be read


def start_walkers(dot, n_walkers, *, rng):
    """Where walkers start: electrons at random, normal, about as wide as the dot.

    Parameters
    ----------
    dot : QuantumDot
    n_walkers : int
    rng : numpy.random.Generator or seed

    Returns
    -------
    array, shape (n_walkers, n_electrons, dim)

    Examples
    --------
    >>> from course_lib.vmc import QuantumDot
    >>> start_walkers(QuantumDot(6, 2, omega=1.0), 100, rng=1).shape
    (100, 6, 2)
    """
    check_dot(dot)
    shape = check_count("n_walkers", n_walkers, 1), *dot.shape
    return np.random.default_rng(rng).normal(0, dot.n_electrons**0.25 / dot.omega**0.5, shape)


def metropolis(state, x, sweeps, *, step, rng):
    """Move all electrons of each walker at once, by a normal step; accept by ``Psi(new)^2 / Psi(old)^2``.

    Parameters
    ----------
    state : State
    x : array, shape (n_walkers, n_electrons, dim)
        Left as it is.
    sweeps : int
    step : float
        Deviation of a step along each coordinate, above 0.
    rng : numpy.random.Generator or seed

    Returns
    -------
    (x, acceptance) : array as x, and the share of moves that were accepted

    Examples
    --------
    The density is the square: with alpha omega = 1 the mean of r^2 is 1 for an electron in a plane.

    >>> from course_lib.vmc import Gaussian, QuantumDot
    >>> rng = np.random.default_rng(1)
    >>> x = start_walkers(QuantumDot(1, 2, 1.0), 4000, rng=rng)
    >>> x, acceptance = metropolis(Gaussian(1.0), x, 50, step=1, rng=rng)
    >>> float(np.sum(x**2, axis=-1).mean().round(1)), acceptance > 0.4
    (1.0, True)
    """
    x, sweeps, step, rng = _checked(state, x, sweeps, "step", step, rng)
    log_value, accepted = state.log_value(x), 0
    for _ in range(sweeps):
        new = x + step * rng.normal(size=x.shape)
        new_log_value = state.log_value(new)
        accept = np.log(rng.random(len(x))) < 2 * (new_log_value - log_value)
        x, log_value = np.where(accept[:, None, None], new, x), np.where(accept, new_log_value, log_value)
        accepted += accept.sum()
    return x, float(accepted / (max(sweeps, 1) * len(x)))


def langevin(state, x, sweeps, *, time_step, rng):
    """Importance sampling: electrons drift along the gradient of ln Psi while they diffuse.

    A move is ``x + F time_step + sqrt(time_step) normal`` with ``F = gradient(ln Psi)``, a step of the Fokker-Planck
    equation of Psi^2. What the step is too long for, the acceptance mends: by the ratio of Psi^2 times that of the
    chances to propose the way back and the way there. Next to a node F is huge, and a walker would be thrown far away,
    never be accepted and never leave: it is shortened there (Umrigar, Nightingale and Runge, J. Chem. Phys. 99, 2865,
    1993).

    Parameters
    ----------
    state : State
    x : array, shape (n_walkers, n_electrons, dim)
        Left as it is.
    sweeps : int
    time_step : float
        Above 0.
    rng : numpy.random.Generator or seed

    Returns
    -------
    (x, acceptance) : array as x, and the share of moves that were accepted

    Examples
    --------
    >>> from course_lib.vmc import Gaussian, QuantumDot
    >>> rng = np.random.default_rng(1)
    >>> x = start_walkers(QuantumDot(1, 2, 1.0), 4000, rng=rng)
    >>> x, acceptance = langevin(Gaussian(1.0), x, 50, time_step=0.3, rng=rng)
    >>> float(np.sum(x**2, axis=-1).mean().round(1)), acceptance > 0.8
    (1.0, True)
    """
    x, sweeps, time_step, rng = _checked(state, x, sweeps, "time_step", time_step, rng)
    log_value, drift, accepted = state.log_value(x), _drift(state, x, time_step), 0
    for _ in range(sweeps):
        new = x + drift + np.sqrt(time_step) * rng.normal(size=x.shape)
        new_log_value, new_drift = state.log_value(new), _drift(state, new, time_step)
        there, back = np.sum((new - x - drift) ** 2, axis=(1, 2)), np.sum((x - new - new_drift) ** 2, axis=(1, 2))
        log_ratio = 2 * (new_log_value - log_value) + (there - back) / (2 * time_step)
        accept = np.log(rng.random(len(x))) < log_ratio
        x, drift = (np.where(accept[:, None, None], a, b) for a, b in ((new, x), (new_drift, drift)))
        log_value = np.where(accept, new_log_value, log_value)
        accepted += accept.sum()
    return x, float(accepted / (max(sweeps, 1) * len(x)))


def _drift(state, x, time_step):
    """F time_step of each electron, no longer than ``sqrt(2 time_step)``."""
    force = state.gradient(x)
    square = np.sum(force**2, axis=-1, keepdims=True)
    return time_step * force * 2 / (1 + np.sqrt(1 + 2 * time_step * square))


def _checked(state, x, sweeps, name, step, rng):
    check_state(state)
    x, sweeps, step = check_positions(x), check_count("sweeps", sweeps, 0), check_number(name, step)
    if x.ndim != 3 or not len(x):
        raise ValueError(f"walkers must have the shape (n_walkers, n_electrons, dim), got {x.shape}")
    if not step > 0:
        raise ValueError(f"{name} must be above 0, got {step:g}: at 0 nothing moves")
    return x, sweeps, step, np.random.default_rng(rng)


# ---------------------------------------------------------------- compiled, for the work


class Walkers:
    """Walkers of one dot that compiled code moves, one electron at a time, with a step that keeps 40 % accepted.

    They are kept while the state changes under them: `minimise` moves one set through all its steps.
    """

    def __init__(self, state, dot, n_walkers, *, rng, threads=1):
        from course_lib.kernels import electrons
        from course_lib.kernels.pieces import shares
        from course_lib.kernels.rng import seed_streams

        self._kernel, self._shares, self.dot = electrons, shares, check_dot(dot)
        self._threads = check_count("threads", threads, 1)
        rng = np.random.default_rng(rng)
        n_banks = -(-n_walkers // electrons.WIDTH)
        self.x = start_walkers(dot, n_banks * electrons.WIDTH, rng=rng)
        seeds = rng.integers(2**64, size=n_banks * electrons.WIDTH, dtype=np.uint64)
        self._streams = np.ascontiguousarray(seed_streams(seeds).reshape(4, n_banks, -1).transpose(1, 0, 2))
        self.step_size = 1.0 / dot.omega**0.5
        self.take(state)

    def take(self, state):
        """Wander through this state from now on."""
        self.state, self._law = state, pack(state, self.dot, self._kernel.Law)

    def settle(self, sweeps):
        """Forget where they started, while the step is fitted to the acceptance."""
        for _ in range(-(-sweeps // 10)):
            acceptance = self._run(10, *_NOTHING)
            self.step_size *= np.clip(1 + 1.5 * (acceptance - ACCEPTANCE), 0.5, 2.0)

    def move(self, sweeps):
        """Wander on."""
        self._run(sweeps, *_NOTHING)

    def measure(self, sweeps, *, statistics=False):
        """Move and measure: energies (n_walkers, sweeps, 3), statistics (n_walkers, sweeps, P) or None, acceptance."""
        local = np.empty((len(self.x), sweeps, 3))
        derivatives = np.empty((len(self.x), sweeps, len(self.state.parameters))) if statistics else _NOTHING[1]
        acceptance = self._run(sweeps, local, derivatives, _NOTHING[2])
        return local, derivatives if statistics else None, acceptance

    def count(self, sweeps, counts, bins):
        """Move, and count the electrons of all sweeps by ``bins[0] r^2 / (r + bins[1])``, into counts (n_bins,)."""
        self._run(sweeps, *_NOTHING[:2], counts, bins)

    def _run(self, sweeps, local, statistics, counts, bins=(1.0, 1.0)):
        """Call compiled code for some banks at a time, on several threads if there are."""
        n = self.dot.n_electrons
        work = len(self.x) * sweeps * n * (n + 1) * (1 + self._law.network.shape[1] // 4)
        inverse, fields = _inverses_and_fields(self.state, self.x, self._law)
        edges = self._shares(len(self._streams), max(1 + work // _WORK_AT_A_TIME, self._threads))

        def some(first, last):
            counted = np.zeros_like(counts)
            scratch = self._kernel.scratch_for(self._law, len(self.state.parameters))
            accepted = self._kernel.run(
                self.x, self._streams, inverse, fields, self._law, self.step_size, sweeps, local, statistics, counted,
                np.array(bins), scratch, first, last,
            )  # fmt: skip
            return accepted, counted

        if self._threads == 1:
            done = [some(*share) for share in pairwise(edges)]
        else:
            with ThreadPoolExecutor(self._threads) as pool:
                done = list(pool.map(some, edges[:-1], edges[1:]))
        for _, counted in done:
            counts += counted
        return sum(accepted for accepted, _ in done) / (len(self.x) * n * max(sweeps, 1))


_NOTHING = np.empty((0, 0, 3)), np.empty((0, 0, 0)), np.zeros(0, np.int64)


def _inverses_and_fields(state, x, law):
    """Made anew from positions: rows of the determinants' inverse matrices (n_walkers, n, m), and hidden fields."""
    found = {type(factor): factor for factor in state.factors}
    inverses, fields = np.zeros((*x.shape[:2], 0)), np.zeros((len(x), 0))
    if SlaterDeterminants in found:
        inverses = found[SlaterDeterminants].inverses(x)
    if RBMState in found:
        fields = found[RBMState].rbm.b + np.einsum("wic,hic->wh", x, law.U)
    return inverses, fields


def pack(state, dot, law):
    """The numbers of a state in the form in which compiled code takes them."""
    check_state(state)
    found = {type(factor): factor for factor in state.factors}
    n, dim = dot.shape
    arrays = dict(
        one=np.zeros((3, n, dim)), U=np.zeros((0, n, dim)), jastrow=np.array([[0.0, 0.0], [1.0, 1.0]]),
        network=np.zeros((6, 0)), degrees=np.zeros((0, 2), np.int64), omega=float(dot.omega),
        coulomb=float(dot.coulomb),
        has=np.array([kind in found for kind in (Gaussian, RBMState, PadeJastrow)], np.int64),
    )  # fmt: skip
    for kind, factor in found.items():
        arrays |= _PACKED[kind](factor, dot)
    gaussian = found.get(Gaussian)
    if gaussian is not None:
        arrays["one"][2] += gaussian.alpha * gaussian.omega
    return law(**{name: np.array(a, order="C") if isinstance(a, np.ndarray) else a for name, a in arrays.items()})


def _packed_gaussian(factor, dot):
    _same_omega(factor, dot)
    return {}


def _packed_rbm(factor, dot):
    rbm, shape = factor.rbm, dot.shape
    if len(rbm.a) != shape[0] * shape[1]:
        raise ValueError(
            f"the RBM has {len(rbm.a)} visible units, and the dot has {shape[0] * shape[1]} coordinates: take "
            "RBMState.start(dot, n_hidden, rng=1)"
        )
    precision = rbm.sigma.reshape(shape) ** -2
    one = np.stack([rbm.a.reshape(shape), precision, precision])
    return {"one": one, "U": rbm.W.T.reshape(-1, *shape) * precision}


def _packed_determinants(factor, dot):
    _same_omega(factor, dot)
    if factor.n_electrons != dot.n_electrons or dot.dim != 2:
        raise ValueError(
            f"the determinants are for {factor.n_electrons} electrons in 2-D, the dot has {dot.n_electrons} in "
            f"{dot.dim}-D: take SlaterDeterminants.start(dot)"
        )
    return {"degrees": factor.degrees.astype(np.int64)}


def _packed_jastrow(factor, dot):
    if factor.dim != dot.dim:
        raise ValueError(
            f"the Jastrow factor is for dim {factor.dim}, the dot has {dot.dim}: take PadeJastrow.start(dot)"
        )
    return {"jastrow": np.array([cusps(dot.dim), factor.betas])}


def _packed_network(factor, dot):
    _same_omega(factor, dot)
    return {"network": np.concatenate([factor.u, factor.v])}


def _same_omega(factor, dot):
    if factor.omega != dot.omega:
        raise ValueError(
            f"the state is made for omega = {factor.omega:g}, the dot has {dot.omega:g}: make it for this dot"
        )


_PACKED = {
    Gaussian: _packed_gaussian, RBMState: _packed_rbm, SlaterDeterminants: _packed_determinants,
    PadeJastrow: _packed_jastrow, PairNetwork: _packed_network,
}  # fmt: skip
