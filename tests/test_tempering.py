"""Records, burn-in, annealing and parallel tempering, against enumeration; and how they end early or refuse."""

import numpy as np
import pytest
import tqdm.std
from reference import CASES
from sampled import assert_law, assert_sampled

from course_lib import diagnostics, exact, ising, sampling
from course_lib.ising import Ising, LatticeIsing
from course_lib.kernels import dense
from course_lib.sampling import progress_bar, records, temperatures

BETAS = np.geomspace(0.2, 3.0, 10)


def sk(n, seed, field=0.0):
    rng = np.random.default_rng(seed)
    return Ising(ising.random_couplings(n, rng), np.full(n, field))


def reference_sk10():
    inputs = CASES["sk10"]["inputs"]
    return Ising(inputs["J"], inputs["h"])


def glasses():
    return [sk(8, 1, 0.1), sk(12, 2, 0.05), sk(16, 3), sk(16, 4, 0.1), reference_sk10()]


# ---------------------------------------------------------------- tempering


@pytest.mark.parametrize("model", glasses(), ids=["8", "12", "16", "16 in a field", "reference"])
def test_tempering_finds_ground_state_and_law(model):
    """400 independent ladders: their last draws are independent, and each temperature has its own law."""
    n, n_chains = len(model.h), 400
    drawn = sampling.tempering(model, BETAS, 2, n_chains=n_chains, burn_in=150, thin=2, rng=5)
    assert drawn.states.shape == (10, n_chains, 1, n) and drawn.energies.shape == (10, n_chains, 1)
    assert np.allclose(drawn.energies, model.energy(drawn.states))
    lowest, _ = exact.ground_states(model.J, model.h)
    assert drawn.energies.min() == pytest.approx(lowest)
    states = exact.states(n)
    values = np.column_stack([model.energy(states), model.statistics(states)]).astype(float)
    for beta, spins in zip(BETAS[[0, 4, 9]], drawn.states[[0, 4, 9], :, 0], strict=True):
        weights = exact.distribution(model.J, model.h, beta)
        assert_sampled(values, weights, np.column_stack([model.energy(spins), model.statistics(spins)]))


def test_reference_moments_of_sk10():
    case = CASES["sk10"]
    model, beta = reference_sk10(), case["inputs"]["beta"]
    drawn = sampling.tempering(model, np.geomspace(0.2, 1, 6) * beta, 4000, n_chains=16, burn_in=100, rng=6)
    spins = drawn.states[-1]
    values = model.statistics(spins)
    target = np.concatenate([np.array(case["expected"]["ss"])[np.triu_indices(10, 1)], case["expected"]["s"]])
    error = values.mean(axis=1).std(axis=0, ddof=1) / 4  # of the mean over 16 independent ladders
    # Student's t with 15 degrees of freedom: 9 is exceeded in 2e-7 of all cases.
    assert np.all(np.abs(values.mean(axis=(0, 1)) - target) < 9 * error)


def test_swaps_keep_every_temperature_at_its_law():
    """From each temperature's own exact law, one round: swaps alone, with the kernel's sweep undone by beta J = 0."""
    model, betas = sk(3, 5, 0.3), np.array([0.3, 1.0, 2.5])
    laws = [exact.distribution(model.J, model.h, beta) for beta in betas]
    rng = np.random.default_rng(1)
    states = np.stack([exact.states(3)[rng.choice(8, size=20_000, p=law)] for law in laws])
    for first in (0, 1):
        states = states.copy()
        energy = model.energy(states)
        made = temperatures._swap(states, energy, betas, first, rng)
        assert np.array_equal(energy, model.energy(states)) and 0 < made[0] < 20_000
        for law, spins in zip(laws, states, strict=True):
            assert_law(law, spins)


def test_swap_rate_is_the_exact_one():
    model, betas = sk(6, 2, 0.2), [0.5, 1.5]
    drawn = sampling.tempering(model, betas, 4000, n_chains=20, burn_in=20, rng=3)
    energies = model.energy(exact.states(6))
    p, q = (exact.distribution(model.J, model.h, beta) for beta in betas)
    gain = np.minimum(1, np.exp((betas[0] - betas[1]) * (energies[:, None] - energies)))
    # 40 000 proposals; correlated, so twice the error of independent ones, and five of those.
    assert abs(drawn.swap_acceptance[0] - p @ gain @ q) < 10 * 0.5 / np.sqrt(40_000)


def test_tempering_helps():
    """Two valleys, far apart: alone a cold chain stays where it starts."""
    model = Ising(np.full((12, 12), 0.5) - 0.5 * np.eye(12), np.full(12, 0.02))
    alone = sampling.advance(model, -np.ones((200, 12)), 300, rng=1)
    assert np.all(alone.mean(axis=1) < 0)
    mean, _ = exact.moments(model.J, model.h)
    drawn = sampling.tempering(model, np.linspace(0.05, 1, 8), 1000, n_chains=40, rng=2).states[-1]
    per_ladder = drawn.mean(axis=(1, 2))
    assert abs(per_ladder.mean() - mean.mean()) < 6 * per_ladder.std(ddof=1) / np.sqrt(40)


def test_tempering_of_lattices_and_in_either_order():
    model = LatticeIsing(0.5, 0.05, (3, 3))
    as_dense = Ising(ising.square_lattice(3, 3, 0.5), np.full(9, 0.05))
    drawn = sampling.tempering(model, [1.0, 0.6, 0.2], 40, n_chains=2000, burn_in=40, thin=40, rng=1)
    assert drawn.states.shape == (3, 2000, 1, 3, 3) and np.all(drawn.swap_acceptance > 0.1)
    values = as_dense.statistics(exact.states(9)).astype(float)
    for beta, spins in zip(drawn.betas, drawn.states[:, :, 0].reshape(3, 2000, 9), strict=True):
        assert_sampled(values, exact.distribution(as_dense.J, as_dense.h, beta), as_dense.statistics(spins))


def test_tempering_repeats_itself():
    first, again, other = (sampling.tempering(sk(5, 1), [0.5, 1], 20, rng=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.states, again.states) and not np.array_equal(first.states, other.states)
    assert np.array_equal(first.swap_acceptance, again.swap_acceptance)
    assert np.isnan(sampling.tempering(sk(5, 1), [0.5, 0.8, 1], 1, rng=1).swap_acceptance).sum() == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"betas": [1.0]}, "two or more in ascending or descending order"),
        ({"betas": [1.0, 1.0]}, "ascending"),
        ({"betas": [1.0, 2.0, 1.5]}, "ascending"),
        ({"betas": [-1.0, 1.0]}, "beta must be"),
        ({"sweeps": 0}, "sweeps must be"),
        ({"thin": 0}, "thin must be"),
        ({"thin": 20}, "thin must be at most sweeps"),
        ({"burn_in": -1}, "burn_in must be"),
        ({"n_chains": 0}, "n_chains must be"),
        ({"method": "gibbs"}, "'heat-bath', 'metropolis', got 'gibbs'"),
        ({"sweeps": 10**13}, r"GB, more than half of the .* raise thin.*average_moments"),
    ],
)
def test_tempering_refuses(change, says):
    arguments = {"betas": [0.5, 1.0], "sweeps": 10, "rng": 1} | change
    with pytest.raises(ValueError, match=says):
        sampling.tempering(sk(5, 1), **arguments)


# ---------------------------------------------------------------- annealing


@pytest.mark.parametrize("model", glasses(), ids=["8", "12", "16", "16 in a field", "reference"])
def test_annealing_finds_the_ground_state(model):
    found = sampling.anneal(model, np.geomspace(2, 0.1, 100), 100, rng=1)
    lowest, _ = exact.ground_states(model.J, model.h)
    assert found.best_energy == pytest.approx(lowest)
    assert model.energy(found.best_state) == pytest.approx(lowest)
    assert np.allclose(model.energy(found.states), found.energies) and found.energies.shape == (100,)


def test_annealing_keeps_the_best_of_the_way():
    """Heated up again at the end: what counts is what the chains have seen."""
    found = sampling.anneal(sk(12, 2), [2.0, 1.0, 0.5, 0.2, 1e6, 1e6], 50, sweeps=10, rng=1)
    lowest, _ = exact.ground_states(sk(12, 2).J, np.zeros(12))
    assert np.mean(found.energies < lowest + 1e-9) > 0.5


def test_annealing_of_a_lattice_and_with_metropolis():
    found = sampling.anneal(LatticeIsing(1.0, 0.1, (4, 4)), np.geomspace(5, 0.2, 60), 20, method="metropolis", rng=1)
    assert found.best_energy == pytest.approx(-33.6) and found.best_state.shape == (4, 4)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_annealing_chooses_its_temperatures_by_the_couplings(scale):
    """In any unit of energy; also where a few spins are held by weak fields only."""
    rng = np.random.default_rng(4)
    J = scale * ising.random_couplings(12, rng)
    J[:2], J[:, :2] = 0, 0
    model = Ising(J, scale * np.r_[0.01, -0.02, rng.normal(0, 0.3, 10)])
    lowest, _ = exact.ground_states(model.J, model.h)
    found = sampling.anneal(model, rng=1)
    assert found.best_energy == pytest.approx(lowest, rel=1e-9) and len(found.energies) == 20
    lattice = sampling.anneal(LatticeIsing(scale, -0.1 * scale, (4, 4)), rng=1)
    assert lattice.best_energy == pytest.approx(-33.6 * scale)


def test_annealing_goes_on_until_the_weakest_are_fixed():
    """Two spins tied by 10 beside fourteen by 0.01 each: those are disordered until it is a hundred times colder."""
    J = np.zeros((16, 16))
    J[0, 1] = J[1, 0] = 10
    J[2:, 2:] = 0.01 * (1 - np.eye(14))
    found = sampling.anneal(Ising(J, 0.0), rng=1)
    assert np.mean(found.energies < -10 - 91 * 0.01 + 1e-9) > 0.5


def test_annealing_without_couplings_or_of_another_model():
    assert sampling.anneal(Ising(np.zeros((3, 3)), np.zeros(3)), rng=1).best_energy == 0
    with pytest.raises(TypeError, match="default temperatures for J and h only: pass some for a str"):
        sampling.anneal("model", rng=1)


@pytest.mark.parametrize("temperature", [0, -1.0, np.nan])
def test_annealing_refuses_to_reach_zero(temperature):
    with pytest.raises(ValueError, match="above 0, got"):
        sampling.anneal(sk(5, 1), [1.0, temperature], 10, rng=1)


# ---------------------------------------------------------------- burn-in


def test_burn_in_of_a_fast_chain():
    """Exact distance of the two ensembles' mean energies after so many sweeps, in standard errors: below the limit."""
    from sampled import heat_bath_law

    model = Ising(ising.chain(5, 0.4), np.full(5, 0.1))
    for seed in range(5):
        met = sampling.burn_in(model, n_chains=400, rng=seed)
        assert 1 <= met.sweeps <= 64 and met.distance[0] > met.limit
        assert len(met.checked) == len(met.hot) == len(met.cold) == len(met.distance)
    energies = model.energy(exact.states(5))
    hot = heat_bath_law(model, np.full(32, 1 / 32), 1.0, int(met.checked[2])) @ energies
    cold = heat_bath_law(model, np.eye(32)[-1], 1.0, int(met.checked[2])) @ energies
    error = energies.std() / np.sqrt(400)
    assert abs(met.hot[2] - hot) < 6 * error and abs(met.cold[2] - cold) < 6 * error


def test_burn_in_grows_with_the_relaxation_time():
    times = [sampling.burn_in(LatticeIsing(J, 0, (8, 8)), n_chains=200, rng=1).sweeps for J in (0.1, 0.38)]
    assert times[0] <= 16 < times[1]


def test_burn_in_of_a_frozen_lattice_says_so():
    """All up stays up, and a hot start goes either way."""
    with pytest.raises(sampling.NeverMet, match=r"after 100 sweeps .*max_sweeps reached.*tempering.*wolff") as caught:
        sampling.burn_in(LatticeIsing(0.7, 0, (16, 16)), n_chains=100, max_sweeps=100, rng=1)
    record = caught.value.record
    assert record.sweeps is None and record.distance[-1] > record.limit
    assert np.array_equal(record.checked, [0, 1, 2, 4, 8, 16, 32, 64, 100])


def pretend(distances, monkeypatch):
    left = iter(distances)
    monkeypatch.setattr(temperatures, "_distance", lambda model, hot, cold: (next(left), (0.0, 0.0)))


def test_burn_in_agrees_twice_in_a_row(monkeypatch):
    pretend([9.0, 1.0, 9.0, 1.0, 1.0], monkeypatch)
    met = sampling.burn_in(sk(5, 1), rng=1)
    assert met.sweeps == 4 and np.array_equal(met.checked, [0, 1, 2, 4, 8])


@pytest.mark.parametrize(
    ("last", "says"),
    [
        (9.0, r"after 5 sweeps chains .* still differ, by 9 standard errors where noise makes at most 3\.\d"),
        (1.0, r"after 5 sweeps chains .* agree for the first time.* twice in a row"),
    ],
)
def test_never_met_says_what_was_seen_last(last, says, monkeypatch):
    pretend([9.0, 9.0, 9.0, 9.0, last], monkeypatch)
    with pytest.raises(sampling.NeverMet, match=says) as caught:
        sampling.burn_in(sk(5, 1), max_sweeps=5, rng=1)
    record = caught.value.record
    assert ("differ" in str(caught.value)) == (record.distance[-1] > record.limit)


def test_burn_in_compares_the_mean_spin():
    """Spin by spin 0.05 is less than one standard error of 400 chains; of the mean over 1024 spins it is twenty."""
    rng = np.random.default_rng(1)
    hot, cold = (np.where(rng.random((400, 32, 32)) < (1 + mean) / 2, 1, -1) for mean in (0, 0.05))
    means = [x.reshape(400, -1).mean(axis=0) for x in (hot, cold)]
    assert np.abs(means[0] - means[1]).max() / np.sqrt(2 / 400) < 5
    distance, _ = temperatures._distance(LatticeIsing(0, 0, (32, 32)), hot, cold)
    # 5.5 standard errors of the distance itself, whose expectation is this and whose variance is 1.
    assert abs(distance - 0.05 / np.sqrt(2 / (400 * 1024))) < 5.5


def test_burn_in_without_couplings():
    """Independent spins forget everything in one sweep."""
    assert sampling.burn_in(Ising(np.zeros((3, 3)), [0.5, 0, -0.2]), rng=2).sweeps == 1
    assert sampling.burn_in(Ising(np.zeros((3, 3)), np.ones(3)), beta=0.0, rng=2).sweeps == 1


# ---------------------------------------------------------------- trace


def test_trace_is_the_chain_in_order():
    model = sk(6, 1, 0.2)
    every_sweep = sampling.trace(model, np.ones(6), 60, measure=lambda s: s, rng=3)
    third = sampling.trace(model, np.ones(6), 60, measure=lambda s: s, every=3, rng=3)
    assert every_sweep.shape == (60, 6) and np.array_equal(third, every_sweep[2::3])
    energies = sampling.trace(model, np.ones(6), 60, measure=model.energy, rng=3)
    assert np.allclose(energies, model.energy(every_sweep))
    assert len(sampling.trace(model, np.ones(6), 11, measure=model.energy, every=3, rng=3)) == 3


@pytest.mark.parametrize("updates", [1, 42])
def test_trace_in_chunks_is_one_chain(updates, monkeypatch):
    model = sk(6, 1, 0.2)
    at_once = sampling.trace(model, np.ones(6), 60, measure=model.energy, rng=3)
    monkeypatch.setattr(dense, "UPDATES_AT_A_TIME", updates)
    assert np.allclose(sampling.trace(model, np.ones(6), 60, measure=model.energy, rng=3), at_once)
    assert np.allclose(sampling.trace(model, np.ones(6), 60, measure=model.energy, every=3, rng=3), at_once[2::3])


@pytest.mark.parametrize("model", [sk(5, 1, 0.2), LatticeIsing(0.3, 0.1, (3, 3))], ids=["dense", "lattice"])
def test_trace_averages_to_the_exact_energy(model):
    state = sampling.random_states(model, 1, rng=1)[0]
    energies = sampling.trace(model, state, 20_000, measure=model.energy, rng=2, method="metropolis", beta=0.7)
    as_dense = model if isinstance(model, Ising) else Ising(ising.square_lattice(3, 3, 0.3), np.full(9, 0.1))
    weights = exact.distribution(as_dense.J, as_dense.h, 0.7)
    exact_energy = weights @ as_dense.energy(exact.states(len(as_dense.h)))
    error = energies.std() / np.sqrt(diagnostics.effective_sample_size(energies))
    assert abs(energies.mean() - exact_energy) < 6 * error


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"sweeps": 0}, "sweeps must be"),
        ({"every": 0}, "every must be"),
        ({"every": 20}, "every must be at most sweeps"),
        ({"state": np.ones(4)}, "must have 5 spins"),
        ({"state": [1, 1, 0, 1, 1]}, r"inputs\.to_spins"),
        ({"measure": lambda s: s.mean()}, "measure must give one value a state.*axis=-1"),
        ({"method": "wolff"}, "'heat-bath', 'metropolis', got 'wolff'"),
    ],
)
def test_trace_refuses(change, says):
    arguments = {"state": np.ones(5), "sweeps": 10, "measure": sk(5, 1).energy, "rng": 1} | change
    with pytest.raises(ValueError, match=says):
        sampling.trace(sk(5, 1), **arguments)


# ---------------------------------------------------------------- what sample gained


def test_acceptance_is_the_exact_one():
    """Metropolis: mean of min(1, exp(-cost)); heat bath: of 1 / (1 + exp(cost)), here also the share that changed."""
    model = sk(5, 1, 0.3)
    p = exact.distribution(model.J, model.h, 0.8)
    cost = 0.8 * ising.flip_cost(exact.states(5), model.J, model.h)
    expected = {"metropolis": p @ np.minimum(1, np.exp(-cost)).mean(axis=1), "heat-bath": p @ (1 / (1 + np.exp(cost)))}
    for method in expected:
        samples = sampling.sample(model.J, model.h, 200_000, beta=0.8, method=method, n_chains=100, rng=1)
        assert samples.acceptance == pytest.approx(np.mean(expected[method]), rel=0.02)
    changed = np.mean(samples.spins[:, 1:] != samples.spins[:, :-1])
    assert samples.acceptance == pytest.approx(changed, rel=0.02)
    cold = sampling.sample(np.zeros((2, 2)), [1e4, -1e4], 10, method="metropolis", rng=1)
    assert cold.acceptance == 0


def test_sample_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match=r"GB, more than half of the .* raise thin.*average_moments"):
        sampling.sample(np.zeros((100, 100)), np.zeros(100), 10**13, rng=1)


def test_ctrl_c_keeps_what_was_drawn(monkeypatch):
    """After the third chunk, as if the key had been pressed there."""
    model = sk(5, 1)
    monkeypatch.setattr(dense, "UPDATES_AT_A_TIME", 10 * 5 * 7)  # 7 draws of 10 chains at a time
    whole = sampling.sample(model.J, model.h, 1000, rng=1)
    traced = sampling.trace(model, np.ones(5), 300, measure=model.energy, rng=1)
    interrupt_after(3, monkeypatch)
    part = sampling.sample(model.J, model.h, 1000, rng=1)
    assert part.interrupted and not whole.interrupted
    assert np.array_equal(part.spins, whole.spins[:, :21]) and part.energies.shape == (10, 21)
    part = sampling.trace(model, np.ones(5), 300, measure=model.energy, rng=1)
    assert len(part) == 210 and np.allclose(part, traced[:210])
    part = sampling.tempering(model, [0.5, 1], 50, burn_in=0, rng=1)
    assert part.interrupted and part.states.shape[2] == part.energies.shape[2] == 3
    found = sampling.anneal(model, np.geomspace(2, 0.1, 50), 4, rng=1)
    assert np.allclose(model.energy(found.states), found.energies)
    with pytest.raises(sampling.NeverMet, match="interrupted"):
        sampling.burn_in(LatticeIsing(0.7, 0, (8, 8)), n_chains=50, rng=1)


@pytest.mark.parametrize("what", ["sample", "trace", "tempering"])
def test_ctrl_c_before_the_first_draw_is_not_swallowed(what, monkeypatch):
    model = sk(5, 1)
    interrupt_after(0, monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        if what == "sample":
            sampling.sample(model.J, model.h, 1000, rng=1)
        elif what == "trace":
            sampling.trace(model, np.ones(5), 300, measure=model.energy, rng=1)
        else:
            sampling.tempering(model, [0.5, 1], 50, rng=1)


@pytest.mark.parametrize("model", [sk(3, 1), LatticeIsing(0.4, 0.0, (3, 3))], ids=["dense", "lattice"])
def test_trace_knows_its_options(model):
    with pytest.raises(TypeError, match="methd"):
        sampling.trace(model, np.ones(model.shape), 10, measure=model.energy, methd="metropolis", rng=1)


def interrupt_after(n, monkeypatch):
    def bar(items, progress, total=None):
        for k, item in enumerate(items):
            if k == n and progress:
                raise KeyboardInterrupt
            yield item

    for module in (records, temperatures):
        monkeypatch.setattr(module, "progress_bar", bar)


def test_a_bar_that_is_left_early_is_full(monkeypatch):
    """In a notebook one that is not stays on the page, red, as if something had failed."""
    closed = []

    class Bar(tqdm.std.tqdm):
        def close(self):
            closed.append((self.n, self.total))
            super().close()

    monkeypatch.setattr("tqdm.auto.tqdm", Bar)
    for k in progress_bar(range(30), True):
        if k == 3:
            break
    assert closed[0] == (3, 3)


def test_bars_show_only_what_takes_long(capsys, monkeypatch):
    clock = iter(np.arange(0, 1000, 0.3))
    list(progress_bar(range(3), True))
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("time.time", lambda: next(clock))
    monkeypatch.setattr("tqdm.std.time", lambda: next(clock))
    list(progress_bar(range(30), True))
    assert "%" in capsys.readouterr().err
    list(progress_bar(range(30), False))
    assert capsys.readouterr().err == ""
