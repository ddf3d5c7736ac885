"""Quantum dots: exact values, derivatives, samplers, error bars, learning, files."""

import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from reference import CASES

from course_lib import learning, vmc
from course_lib.kernels import electrons
from course_lib.vmc import (
    Gaussian,
    PadeJastrow,
    PairNetwork,
    QuantumDot,
    RBMState,
    SlaterDeterminants,
    local_energy,
    measure,
    minimise,
)
from course_lib.vmc.walkers import Walkers

quiet = {"progress": False}
SIGMAS = 5.0  # one two-sided normal test fails by chance once in 1.7 million
DOTS = [
    QuantumDot(1, 1, 0.7),
    QuantumDot(1, 3, 0.7),
    QuantumDot(2, 2, 0.7),
    QuantumDot(2, 3, 1.3),
    QuantumDot(6, 2, 0.7),
]


def factors_of(dot, rng):
    """One of each kind that the dot allows, with parameters at random."""
    yield Gaussian(dot.omega, 0.9)
    yield RBMState.start(dot, 3, scale=0.5, rng=rng)
    if dot.dim == 2 and dot.n_electrons > 1:
        yield SlaterDeterminants.start(dot)
    if dot.dim > 1:
        yield PadeJastrow(dot.dim, 0.5, 0.3)
        yield PairNetwork(dot.omega, rng.normal(size=(4, 5)), rng.normal(size=(2, 5)))


def all_of(dot, rng):
    first, *others = factors_of(dot, rng)
    for factor in others:
        first = first * factor
    return first


def product(dot, *kinds, **options):
    state = Gaussian(dot.omega)
    for kind in kinds:
        state = state * kind.start(dot, **options)
    return state


# ---------------------------------------------------------------- derivatives


def by_differences(f, x, step):
    """First and second derivatives of f by each number of x, to fourth order."""
    first, second = np.zeros(x.shape), np.zeros(x.shape)
    for place in np.ndindex(*x.shape):
        d = np.zeros(x.shape)
        d[place] = step
        far_up, up, here, down, far_down = f(x + 2 * d), f(x + d), f(x), f(x - d), f(x - 2 * d)
        first[place] = (8 * (up - down) - (far_up - far_down)) / (12 * step)
        second[place] = (16 * (up + down) - (far_up + far_down) - 30 * here) / (12 * step**2)
    return first, second


@pytest.mark.parametrize("dot", DOTS, ids=str)
@pytest.mark.parametrize("seed", range(3))
def test_derivatives(dot, seed):
    rng = np.random.default_rng(seed)
    x = 1.2 * rng.normal(size=dot.shape)
    for state in [*factors_of(dot, rng), all_of(dot, rng)]:
        gradient, second = by_differences(state.log_value, x, 1e-3)
        scale = 1 + np.abs(second).max()  # near a node, or near another electron, derivatives are large
        assert np.allclose(state.gradient(x), gradient, atol=1e-6 * scale, rtol=1e-6)
        assert np.isclose(state.laplacian(x), second.sum(), atol=1e-6 * scale, rtol=1e-6)
        parameters = state.parameters
        if len(parameters):
            by_parameters, _ = by_differences(
                lambda p, s=state: s.step(p - s.parameters).log_value(x), parameters, 1e-3
            )
            assert np.allclose(state.statistics(x), by_parameters, atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("dot", [*DOTS, QuantumDot(12, 2, 0.7), QuantumDot(30, 2, 0.7)], ids=str)
@pytest.mark.parametrize("moves", [100, 10_000])
def test_compiled_code_agrees_with_numpy_also_after_many_moves(dot, moves):
    """After 10^4 moves the inverse matrices, the fields and the pairs are those of a fresh start."""
    rng = np.random.default_rng(moves)
    state = all_of(dot, rng)
    walkers = Walkers(state, dot, 3, rng=1)  # filled up to a bank
    walkers.settle(10)
    before = walkers.x.copy()
    sweeps = -(-moves // dot.n_electrons)
    local, statistics, _ = walkers.measure(sweeps, statistics=True)
    assert len(walkers.x) == electrons.WIDTH and np.mean(walkers.x != before) > 0.5
    expected = local_energy(state, dot, walkers.x)
    assert np.allclose(local[:, -1].sum(axis=-1), expected, rtol=1e-8, atol=1e-8)
    assert np.allclose(local[:, -1, 1], dot.trap(walkers.x)) and np.allclose(local[:, -1, 2], dot.repulsion(walkers.x))
    assert np.allclose(statistics[:, -1], state.statistics(walkers.x), rtol=1e-8, atol=1e-8)


def test_sherman_morrison_after_ten_thousand_moves():
    rng = np.random.default_rng(1)
    width, m = electrons.WIDTH, 6
    matrices = rng.normal(size=(width, m, m))
    inverse = np.ascontiguousarray(np.linalg.inv(matrices).transpose(2, 1, 0))
    for move in range(10_000):
        i, row, take = move % m, rng.normal(size=(m, width)), rng.random(width) < 0.4
        ratio = np.einsum("kw,kw->w", row, inverse[i])
        take &= np.abs(ratio) > 0.05  # Psi^2 makes moves to a node as rare
        electrons.replace_row(inverse, i, row, ratio, take.astype(float), np.zeros((2, width)))
        matrices[take, i] = row.T[take]
    fresh = np.linalg.inv(matrices).transpose(2, 1, 0)
    worst = np.abs(inverse - fresh).max(axis=(0, 1)) / np.abs(fresh).max(axis=(0, 1))
    assert np.all(worst < 1e-8 * np.linalg.cond(matrices))


# ---------------------------------------------------------------- what is known exactly


@pytest.mark.parametrize("dim", [1, 2, 3])
@pytest.mark.parametrize("n", [1, 2])
def test_free_electrons_are_exact(n, dim):
    dot = QuantumDot(n, dim, 0.6, coulomb=False)
    nothing = RBMState(np.zeros(n * dim), np.zeros(2), np.zeros((n * dim, 2)), sigma=0.6**-0.5)
    for state in (Gaussian(0.6), nothing):
        found = measure(state, dot, 2000, rng=1, **quiet)
        assert abs(found.energy - dot.free_energy) < 1e-12 and found.variance < 1e-24 and found.error < 1e-12
        assert abs(dot.free_energy - n * dim * 0.3) < 1e-15
        # T = V on average: the virial theorem.
        assert abs(found.kinetic[0] - found.trap[0]) < SIGMAS * (found.kinetic[1] + found.trap[1])


@pytest.mark.parametrize(("n", "energy"), [(2, 2), (6, 10), (12, 28), (20, 60), (30, 110)])
def test_free_electrons_in_closed_shells(n, energy):
    dot = QuantumDot(n, 2, 0.3, coulomb=False)
    found = measure(product(dot, SlaterDeterminants), dot, 1000, rng=1, **quiet)
    assert dot.free_energy == pytest.approx(0.3 * energy, rel=1e-12)
    assert found.energy == pytest.approx(dot.free_energy, rel=1e-9) and found.variance < 1e-12


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case["kind"] == "vmc_trial"])
def test_trial_energies(name):
    inputs, expected = CASES[name]["inputs"], CASES[name]["expected"]
    dot = QuantumDot(2, inputs["dim"], inputs["omega"])
    state = Gaussian(inputs["omega"], inputs["alpha"])
    if inputs["jastrow_beta"] is not None:
        state = state * PadeJastrow(dot.dim, inputs["jastrow_beta"])
        assert inputs["jastrow_a"] == 1 / (dot.dim - 1)
    infinite = expected["var_EL"] is None
    assert vmc.variance_is_finite(state, dot) is not infinite
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        found = measure(state, dot, 2_000_000, rng=1, **quiet)
    assert ["infinite variance" in str(warning.message) for warning in said] == [True] * infinite
    assert abs(found.energy - expected["E"]) < SIGMAS * found.error and found.error < 0.003
    if not infinite:
        assert found.variance == pytest.approx(expected["var_EL"], rel=0.1)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case["kind"] == "nqs_energy"])
@pytest.mark.filterwarnings("ignore:the local energy of this state")
def test_rbm_energies(name):
    inputs, expected = CASES[name]["inputs"], CASES[name]["expected"]
    state = RBMState(inputs["a"], inputs["b"], inputs["W"], inputs["sigma2"] ** 0.5)
    found = measure(state, QuantumDot(2, 2, inputs["omega"]), 2_000_000, rng=1, **quiet)
    assert abs(found.energy - expected["E"]) < SIGMAS * found.error and found.error < 0.003
    for part, name in ((found.kinetic, "E_kin"), (found.trap, "E_ho"), (found.repulsion, "inv_r12")):
        assert abs(part[0] - expected[name]) < SIGMAS * part[1]
    assert found.energy == pytest.approx(found.kinetic[0] + found.trap[0] + found.repulsion[0])


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case["kind"] == "quantum_dot_exact"])
def test_exact_dots_bound_from_below(name):
    inputs, expected = CASES[name]["inputs"], CASES[name]["expected"]
    if inputs["dim"] == 1:
        with pytest.raises(ValueError, match="infinite energy unless the wave function is zero"):
            QuantumDot(2, 1, inputs["omega"])
        return
    dot = QuantumDot(2, inputs["dim"], inputs["omega"])
    exact = expected["E_singlet"]
    for seed in range(4):
        found = minimise(product(dot, PadeJastrow), dot, steps=60, rng=seed, **quiet)
        energy = measure(found.state, dot, 400_000, rng=seed, **quiet)
        assert energy.energy > exact - SIGMAS * energy.error
        assert energy.energy < exact * 1.0014 + SIGMAS * energy.error


def pair_parts(state):
    """Kinetic energy, trap and repulsion of two electrons in a plane, by quadrature over their middle and distance.

    The middle has a Gaussian density, and what is averaged is a polynomial of degree 2 in it: 3 nodes are exact.
    """
    dot, nodes, weights = QuantumDot(2, 2, 1.0), *np.polynomial.hermite.hermgauss(3)
    middle = np.stack(np.meshgrid(nodes, nodes), axis=-1).reshape(9, 1, 2) / np.sqrt(2 * state.factors[0].alpha)
    r = 14 * (np.arange(4000) + 0.5) / 4000
    apart = np.stack([r, 0 * r], axis=-1) / 2
    x = np.stack([middle + apart, middle - apart], axis=-2)
    density = np.exp(2 * state.log_value(np.stack([apart, -apart], axis=-2))) * r
    density = np.outer(weights, weights).reshape(9, 1) * density / (np.sum(weights) ** 2 * density.sum())
    kinetic = local_energy(state, dot, x) - dot.trap(x) - dot.repulsion(x)
    return np.array([np.sum(density * part) for part in (kinetic, dot.trap(x), dot.repulsion(x))])


def lowest(state_of, at, h=1e-3):
    """The state of least energy, by Newton's method, derivatives by differences."""
    at, steps = np.array(at), h * np.eye(len(at))

    def energy(*by):
        return pair_parts(state_of(*(at + sum(by)))).sum()

    for _ in range(8):
        slope = [(energy(s) - energy(-s)) / (2 * h) for s in steps]
        bend = [[energy(s, t) - energy(s, -t) - energy(-s, t) + energy(-s, -t) for s in steps] for t in steps]
        at = at - np.linalg.solve(np.array(bend) / (4 * h * h), slope)
    return state_of(*at)


@pytest.mark.parametrize(
    ("state_of", "at", "left"),
    [
        (lambda alpha: Gaussian(1.0, alpha), [0.7], 0.0),  # every length is free
        (lambda alpha, beta: Gaussian(1.0, alpha) * PadeJastrow(2, beta), [1.0, 0.4], 0.0042),  # but the cusp's
        (lambda beta: Gaussian(1.0) * PadeJastrow(2, beta), [0.4], 0.0342),  # and the width's
    ],
    ids=["Gaussian", "Pade", "Pade, width fixed"],
)
def test_virial_of_the_best_state(state_of, at, left):
    """``2 T - 2 V + I`` is the slope of the energy as all is stretched: 0 if the family holds the stretched states."""
    kinetic, trap, repulsion = pair_parts(lowest(state_of, at))
    assert 2 * kinetic - 2 * trap + repulsion == pytest.approx(left, abs=1e-4)
    assert kinetic + trap + repulsion > 3


def test_clipped_local_energies_lead_astray():
    """Without a cusp they have heavy tails. Clipped at 5, 2, 1 mean deviations, the RBM ends 0.005, 0.013, 0.021 up."""
    dot, energies = QuantumDot(2, 2, 1.0), []
    for clipped in (False, True):
        state, rule = RBMState.start(dot, 2, rng=1), vmc.Reconfiguration(0.2, last=150)
        walkers = Walkers(state, dot, 256, rng=1)
        walkers.settle(400)
        for _ in range(150):
            local, statistics, _ = walkers.measure(16, statistics=True)
            e, o = local.sum(axis=-1).ravel(), statistics.reshape(4096, -1)
            if clipped:
                around, spread = np.median(e), np.abs(e - np.median(e)).mean()
                e = np.clip(e, around - spread, around + spread)
            gap = vmc.imaginary_time_weights(e, tau=1.0) @ o / len(o) - o.mean(axis=0)
            now = learning.ModelMoments(o.mean(axis=0), o.mean(axis=0), np.cov(o.T, bias=True))
            state = state.step(rule(state, gap, gap, now))
            walkers.take(state)
            walkers.settle(4)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            energies.append(measure(state, dot, 4_000_000, rng=2, **quiet))
    free, clipped = energies
    assert clipped.energy - free.energy > 0.003


# ---------------------------------------------------------------- symmetry


def test_determinants_change_sign_and_the_others_do_not():
    dot, rng = QuantumDot(6, 2, 0.8), np.random.default_rng(1)
    x = rng.normal(size=(20, 6, 2))
    for i, j in ((0, 1), (1, 2), (3, 5)):
        swapped = x.copy()
        swapped[:, [i, j]] = x[:, [j, i]]
        determinants = SlaterDeterminants.start(dot)
        assert np.array_equal(determinants.sign(swapped), -determinants.sign(x))
        for state in (PadeJastrow(2, 0.5, 0.3), PairNetwork.start(dot, rng=1), determinants):
            assert np.allclose(state.log_value(swapped), state.log_value(x))
    swapped = x[:, [3, 1, 2, 0, 4, 5]]  # an electron up for one down
    assert not np.allclose(PadeJastrow(2, 0.5, 0.3).log_value(swapped), PadeJastrow(2, 0.5, 0.3).log_value(x))


def test_the_width_in_the_polynomials_does_not_matter():
    x = np.random.default_rng(1).normal(size=(20, 12, 2))
    one, other = SlaterDeterminants(12, 1.0).log_value(x), SlaterDeterminants(12, 0.4).log_value(x)
    assert np.ptp(one - other) < 1e-8


# ---------------------------------------------------------------- samplers


@pytest.mark.parametrize("n", [2, 6])
def test_the_samplers_agree(n):
    """All electrons at once, by Metropolis and with drift, and one at a time in compiled code."""
    dot = QuantumDot(n, 2, 1.0)
    state = product(dot, PadeJastrow) if n == 2 else product(dot, SlaterDeterminants, PadeJastrow)
    expected = measure(state, dot, 400_000, rng=1, **quiet)
    moves = {
        "metropolis": lambda x, sweeps, rng: vmc.metropolis(state, x, sweeps, step=0.3, rng=rng),
        "langevin": lambda x, sweeps, rng: vmc.langevin(state, x, sweeps, time_step=0.1, rng=rng),
    }
    for move in moves.values():
        rng = np.random.default_rng(2)
        x, _ = move(vmc.start_walkers(dot, 2000, rng=rng), 300, rng)
        means = []
        for _ in range(10):
            x, acceptance = move(x, 10, rng)
            means.append((local_energy(state, dot, x), np.sum(x**2, axis=(1, 2)) / 2))
        assert 0.2 < acceptance < 0.99
        # Each walker is independent of the others.
        for by_walker, there in zip(np.mean(means, axis=0), (None, expected.trap), strict=True):
            mean, error = by_walker.mean(), by_walker.std() / len(x) ** 0.5
            known, known_error = (expected.energy, expected.error) if there is None else there
            assert abs(mean - known) < SIGMAS * np.hypot(error, known_error)


@pytest.mark.parametrize("n", [1, 2, 6, 20])
def test_density(n):
    dot = QuantumDot(n, 2, 1.0, coulomb=False)
    state = product(dot, SlaterDeterminants) if n > 2 else Gaussian(1.0)
    found = vmc.one_body_density(state, dot, 200_000, rng=n, **quiet)
    assert np.sum(found.density * found.volumes) == pytest.approx(n, rel=1e-12)
    # Of free electrons in closed shells: exp(-r^2) / pi times Laguerre polynomials; the shells are here by quadrature.
    r = np.linspace(found.edges[:-1], found.edges[1:], 201)
    orbitals = [(k, s - k) for s in range(5) for k in range(s + 1)][: max(1, n // 2)]
    x = np.stack([r, 0 * r], axis=-1)
    h = vmc.slater.hermite(x, 4)
    exact = sum((h[..., 0, a] * h[..., 1, b]) ** 2 for a, b in orbitals) * np.exp(-(r**2)) / np.pi * min(n, 2)
    exact = (np.trapezoid(exact * 2 * np.pi * r, r, axis=0)) / found.volumes
    plenty = found.density * found.volumes * 200_000 > 400
    z = (found.density - exact)[plenty] / found.error[plenty]
    assert plenty.sum() > 20 and np.sqrt(np.mean(z**2)) < 2


@pytest.mark.parametrize("n", [2, 6, 30])
def test_snapshots_and_free_density(n):
    """Free electrons: the exact profile, the counted one, and the trap's half of the exact energy."""
    dot = QuantumDot(n, 2, 0.7, coulomb=False)
    state = Gaussian(0.7) * SlaterDeterminants.start(dot)
    x = vmc.snapshots(state, dot, 20_000, rng=n)
    trap = dot.trap(x).reshape(-1, 20).mean(axis=1)
    assert abs(trap.mean() - dot.free_energy / 2) < 5 * trap.std() / len(trap) ** 0.5 * 3  # walkers remember a little
    r = np.linspace(0, 12, 2001)
    assert np.trapezoid(2 * np.pi * r * vmc.free_density(n, 0.7, r), r) == pytest.approx(n, rel=1e-5)
    found = vmc.one_body_density(state, dot, 200_000, rng=n, **quiet)
    enough = found.density > 0.05 * found.density.max()
    z = (found.density - vmc.free_density(n, 0.7, found.r))[enough] / found.error[enough]
    assert np.abs(z).max() < 7  # a ring has a width, and ten pieces know its error to a quarter
    assert found.width == pytest.approx(np.sqrt(np.mean(np.sum(x**2, axis=-1))), rel=0.01)


def test_stored_runs_are_whole():
    """Each state has the energy, and the profile, that are stored with it."""
    for n, omega in vmc.stored_dots():
        plain, network = (vmc.stored(n, omega, form) for form in ("jastrow", "network"))
        for run in (plain, network):
            assert np.sum(run.density.density * run.density.volumes) == pytest.approx(n, rel=1e-3)
            parts = run.kinetic[0] + run.trap[0] + run.repulsion[0]
            assert parts == pytest.approx(run.energy, abs=1e-6 * run.energy)
        anew = measure(network.state, network.dot, 10_000, rng=n, **quiet)
        assert abs(anew.energy - network.energy) < SIGMAS * np.hypot(anew.walker_error, network.error)
        assert network.energy < plain.energy + 3 * np.hypot(plain.error, network.error)
    with pytest.raises(ValueError, match="there are 2 at 1, 6 at 1"):
        vmc.stored(6, 0.5)


# ---------------------------------------------------------------- error bars


def test_blocking_knows_the_error_of_correlated_numbers():
    """AR(1): the variance of the mean is that of independent numbers times (1 + rho) / (1 - rho)."""
    rng, n, held, ratios = np.random.default_rng(1), 2**13, 0, []
    for rho in (0.0, 0.5, 0.9):
        noise = rng.normal(size=(300, n)) * np.sqrt(1 - rho**2)
        x = np.empty_like(noise)
        x[:, 0] = rng.normal(size=300)
        for t in range(1, n):
            x[:, t] = rho * x[:, t - 1] + noise[:, t]
        true = np.sqrt((1 + rho) / (1 - rho) / n)
        errors = np.array([vmc.blocking(row) for row in x])
        ratios.append(errors.mean() / true)
        held += np.sum(np.abs(x.mean(axis=1)) < 1.96 * errors)
    # It stops a level early rather than late: the bars of strongly correlated numbers are some 10 % short.
    assert np.all(np.abs(np.array(ratios) - 0.95) < 0.1)
    # 95 % of 900 bars, less 5 deviations of a binomial and what a noisy error bar costs.
    assert 0.89 < held / 900 < 0.985


def test_blocking_agrees_with_the_spread_of_walkers():
    dot = QuantumDot(2, 2, 1.0)
    found = [measure(product(dot, PadeJastrow), dot, 200_000, rng=seed, **quiet) for seed in range(8)]
    assert np.mean([one.error / one.walker_error for one in found]) == pytest.approx(1, abs=0.15)


def test_constant_numbers_have_no_error():
    assert vmc.blocking(np.full(100, 0.1)) < 1e-15


# ---------------------------------------------------------------- the spine


def test_data_minus_model_is_the_gradient():
    """Oscillator, alpha = 0.6, two electrons in a plane: E = alpha + 1 / alpha, so its slope is 1 - 1 / 0.36."""
    dot, state, rng = QuantumDot(2, 2, 1.0, coulomb=False), Gaussian(1.0, 0.6), np.random.default_rng(1)
    x = rng.normal(0, (2 * 0.6) ** -0.5, size=(400_000, 2, 2))
    energies = local_energy(state, dot, x)
    for tau in (0.01, 1.0):
        weights = vmc.imaginary_time_weights(energies, tau)
        gap = state.moments(x, weights) - state.moments(x)
        assert weights.mean() == pytest.approx(1)
        spread = 2 * np.std((state.statistics(x)[:, 0] - state.moments(x)) * (energies - energies.mean()))
        assert abs(gap[0] / tau - (1 / 0.36 - 1)) < SIGMAS * spread / len(x) ** 0.5


def test_all_zero_is_stationary():
    dot = QuantumDot(2, 2, 1.0, coulomb=False)
    zero = RBMState(np.zeros(4), np.zeros(2), np.zeros((4, 2)), 1.0)
    found = minimise(zero, dot, steps=3, rng=1, **quiet)
    assert np.abs(found.state.parameters).max() < 1e-9


# ---------------------------------------------------------------- learning

RULES = {
    "gradient": lambda: learning.Momentum(0.05),
    "adam": lambda: learning.Adam(0.05, last=100),
    "reconfiguration": lambda: vmc.Reconfiguration(0.2, last=100),
}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("seed", range(3))
def test_every_rule_finds_the_oscillator(rule, seed):
    dot = QuantumDot(2, 3, 1.0, coulomb=False)
    found = minimise(Gaussian(1.0, 0.5), dot, rule=RULES[rule](), n_samples=2000, rng=seed, **quiet)
    assert found.state.alpha == pytest.approx(1, abs=0.01) and found.stopped == "steps"
    assert len(found.energies) == len(found.errors) == len(found.variances) == 100


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.filterwarnings("ignore:the local energy of this state")
def test_two_electrons(seed):
    """The best RBM of two hidden units with sigma = 1 has 3.0786, the best Pade state 3.00034, and 3 is exact."""
    dot = QuantumDot(2, 2, 1.0)
    rbm = minimise(RBMState.start(dot, 2, rng=seed), dot, steps=150, rng=seed, **quiet)
    energy = measure(rbm.state, dot, 1_000_000, rng=seed, **quiet)
    assert 3.0786 - SIGMAS * energy.error < energy.energy < 3.0846 + SIGMAS * energy.error
    pade = minimise(product(dot, PadeJastrow), dot, steps=60, rng=seed, **quiet)
    energy = measure(pade.state, dot, 400_000, rng=seed, **quiet)
    assert 3.00034 - SIGMAS * energy.error < energy.energy < 3.0005 + SIGMAS * energy.error
    whole = minimise(pade.state * PairNetwork.start(dot, rng=seed), dot, rng=seed, **quiet)
    energy = measure(whole.state, dot, 400_000, rng=seed, **quiet)
    assert 3 - SIGMAS * energy.error < energy.energy < 3 + 2e-5 + SIGMAS * energy.error


def test_six_electrons():
    dot = QuantumDot(6, 2, 1.0)
    found = minimise(product(dot, SlaterDeterminants, PadeJastrow), dot, steps=40, rng=1, **quiet)
    energy = measure(found.state, dot, 200_000, rng=1, **quiet)
    assert 20.1593 - SIGMAS * energy.error < energy.energy < 20.183 + SIGMAS * energy.error


def test_same_seed_same_result_whatever_the_threads():
    dot = QuantumDot(6, 2, 1.0)
    state = product(dot, SlaterDeterminants, PadeJastrow)
    results = [minimise(state, dot, steps=5, rng=1, threads=threads, **quiet) for threads in (1, 1, 2)]
    assert all(np.array_equal(r.state.parameters, results[0].state.parameters) for r in results)
    energies = [measure(state, dot, 20_000, rng=1, threads=threads, **quiet).energy for threads in (1, 2)]
    assert energies[0] == energies[1]
    densities = [vmc.one_body_density(state, dot, 20_000, rng=1, threads=threads, **quiet) for threads in (1, 2)]
    assert np.array_equal(densities[0].density, densities[1].density)


def test_steps_that_are_too_long_are_caught():
    dot = QuantumDot(2, 2, 1.0)
    start = product(dot, PadeJastrow)
    with pytest.warns(UserWarning, match="the energy ran away after"):
        found = minimise(start, dot, rule=learning.Momentum(300.0), rng=1, **quiet)
    assert found.stopped == "diverged" and np.all(np.isfinite(found.state.parameters))
    assert 2.99 < measure(found.state, dot, 20_000, rng=1, **quiet).energy < 3.1


def test_an_interrupted_run_returns_what_was_reached():
    dot, seen = QuantumDot(2, 2, 1.0), []

    def press(state, energy, error):
        seen.append(state)
        if len(seen) == 4:
            raise KeyboardInterrupt

    found = minimise(product(dot, PadeJastrow), dot, rng=1, callback=press, **quiet)
    assert found.stopped == "interrupted" and found.state is seen[-1] and len(found.energies) == 4


# ---------------------------------------------------------------- files


@pytest.mark.parametrize("dot", DOTS, ids=str)
def test_a_state_comes_back_as_it_was(dot, tmp_path):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(5, *dot.shape))
    for state in [*factors_of(dot, rng), all_of(dot, rng)]:
        vmc.save(state, tmp_path / "state.npz")
        back = vmc.load(tmp_path / "state.npz")
        assert np.allclose(back.parameters, state.parameters, rtol=1e-15) and repr(back) == repr(state)
        assert np.allclose(back.log_value(x), state.log_value(x), rtol=1e-13)


def test_files_that_hold_no_state(tmp_path):
    path = tmp_path / "state.npz"
    vmc.save(Gaussian(1.0), path)
    whole = path.read_bytes()
    for content in (b"", whole[: len(whole) // 2], b"text"):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="holds no wave function"):
            vmc.load(path)
    np.savez(path, **{"version": 1, "Gaussian.omega": 1.0, "Gaussian.width": 1.0})
    with pytest.raises(ValueError, match="was changed since it was saved"):
        vmc.load(path)
    np.savez(path, **{"version": 2, "Gaussian.omega": 1.0, "Gaussian.alpha": 1.0})
    with pytest.raises(ValueError, match="of version 2"):
        vmc.load(path)


# ---------------------------------------------------------------- bad input

TWO = QuantumDot(2, 2, 1.0)
WRONG = {
    "omega must be above 0, got 0": lambda: QuantumDot(2, 2, 0.0),
    "omega must be above 0, got -1": lambda: Gaussian(-1.0),
    "dim must be 1, 2 or 3": lambda: QuantumDot(2, 4, 1.0),
    "2, 6, 12, 20, 30 electrons, got 8": lambda: QuantumDot(8, 2, 1.0),
    "must be 1 or 2 in 3-D": lambda: QuantumDot(6, 3, 1.0),
    "sigma must be one finite number above 0": lambda: RBMState([0], [0], [[0]], sigma=0),
    "beta must be above 0": lambda: PadeJastrow(2, -0.4),
    "on a line electrons that repel cannot pass": lambda: PadeJastrow(1, 0.4),
    "are at the same place": lambda: local_energy(Gaussian(1.0), TWO, np.ones((2, 2))),
    "got 1 that are NaN": lambda: local_energy(Gaussian(1.0), TWO, [[0, 0], [1, np.nan]]),
    "electrons by coordinates": lambda: local_energy(Gaussian(1.0), TWO, np.zeros((3, 2))),
    "finite parameters": lambda: Gaussian(1.0).step([np.nan]),
    "one factor of a kind": lambda: Gaussian(1.0) * Gaussian(1.0),
    "is made for omega = 2": lambda: measure(Gaussian(2.0), TWO, 1000, rng=1),
    "the dot has 4 coordinates": lambda: measure(RBMState([0], [0], [[0]], 1.0), TWO, 1000, rng=1),
    "the dot has 2 in 2-D": lambda: measure(SlaterDeterminants(6, 1.0), TWO, 1000, rng=1),
    "state must be a wave function": lambda: measure("Gaussian", TWO, 1000, rng=1),
    "dot must be a QuantumDot": lambda: measure(Gaussian(1.0), 2, 1000, rng=1),
}


@pytest.mark.parametrize("message", WRONG)
def test_bad_input_is_told(message):
    with pytest.raises(ValueError, match=message):
        WRONG[message]()


# ---------------------------------------------------------------- what it takes


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux says what a process itself took")
def test_peak_memory():
    """Of learning and measuring, with all that is imported and compiled.

    Not by getrusage: what it says of a new process counts the one that started it.
    """
    program = """
from pathlib import Path
from course_lib import vmc
for n in (2, 30):
    dot = vmc.QuantumDot(n, 2, 1.0)
    state = vmc.Gaussian(1.0) * vmc.SlaterDeterminants.start(dot) * vmc.PadeJastrow.start(dot)
    state = state * vmc.PairNetwork.start(dot, rng=1)
    state = vmc.minimise(state, dot, steps=1, rng=1, progress=False).state
    vmc.measure(state, dot, 2_000_000 if n == 2 else 10_000, rng=1, progress=False)
print(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(ran.stdout) < 300 * 2**10  # kB
