"""Every public function is thrown odd values at: it gives a result, or refuses in a sentence of ours."""

import linecache
import warnings

import numpy as np
import pytest

from course_lib import (
    diagnostics,
    divergence,
    exact,
    generative,
    hopfield,
    images,
    inputs,
    ising,
    learning,
    observables,
    rbm,
    sampling,
    vmc,
)

ODD = {
    "None": None,
    "text": "up",
    "float": 3.0,
    "fraction": 2.5,
    "negative": -1,
    "zero": 0,
    "NaN": np.nan,
    "infinity": np.inf,
    "complex": 1 + 1j,
    "truth value": True,
    "empty list": [],
    "empty rows": [[], []],
    "ragged": [[1, -1], [1]],
    "set": {1, -1},
    "dict": {"J": 1},
    "object": object(),
    "generator": (k for k in range(3)),
    "complex array": np.ones((3, 3)) * 1j,
    "objects": np.array([[1, None, 1]] * 3),
    "texts": ["a", "b", "c"],
    "date": np.datetime64("2026-01-01"),
    "four axes": np.ones((2, 2, 2, 2)),
    "no rows": np.zeros((0, 3)),
    "NaNs": np.full((3, 3), np.nan),
    "class": int,
    "function": len,
}

J, h, J_3, rng = ising.chain(3), np.full(3, 0.1), 0.3, np.random.default_rng(1)
spins = rng.choice([-1, 1], size=(40, 3))
wide = rng.choice([-1, 1], size=(3, 40))
pictures = rng.choice([-1, 1], size=(30, 4, 4))
model, lattice = ising.Ising(0.2 * J, h), ising.LatticeIsing(0.2, 0.1, (4, 4))
series, chains = rng.normal(size=300), rng.normal(size=(4, 300))
p, q = np.array([0.2, 0.3, 0.5]), np.array([0.1, 0.6, 0.3])
quiet = {"progress": False}
units, layers = rng.integers(2, size=(40, 3)), {"a": np.zeros(3), "b": np.zeros(2), "W": np.full((3, 2), 0.1)}
machine = rbm.RBM(**layers)
autoencoder, adversaries = (kind.start(units, n_hidden=4, rng=1) for kind in (generative.VAE, generative.GAN))
perfect = generative.PerfectDiffusion([[0, 0, 0], [1, 1, 1]])
spin_model = {"J": J, "h": h}
dot, free = vmc.QuantumDot(2, 2, 1.0), vmc.Gaussian(1.0) * vmc.PadeJastrow(2, 0.4)
places = rng.normal(size=(20, 2, 2))
letter = images.picture_sets()["letters"]["A"]

CALLS = {
    ising.energy: {"spins": spins, **spin_model},
    ising.local_field: {"spins": spins, **spin_model},
    ising.flip_cost: {"spins": spins, **spin_model},
    ising.chain: {"n": 4, "coupling": 1.0},
    ising.square_lattice: {"rows": 3, "cols": 3, "coupling": 1.0},
    ising.random_couplings: {"n": 4, "rng": rng, "scale": 1.0},
    ising.to_binary: spin_model,
    ising.from_binary: spin_model,
    ising.bond_sum: {"images": pictures},
    ising.spin_sum: {"images": pictures},
    ising.neighbour_sum: {"images": pictures},
    ising.Ising: spin_model,
    ising.LatticeIsing: {"J": 0.3, "h": 0.1, "shape": (4, 4)},
    exact.distribution: {**spin_model, "beta": 1.0},
    exact.energies: spin_model,
    exact.ground_states: spin_model,
    exact.log_partition: {**spin_model, "beta": 1.0},
    exact.moments: {**spin_model, "beta": 1.0},
    exact.states: {"n": 3},
    exact.statistics_moments: spin_model,
    exact.kaufman: {"size": 4, "temperature": 2.0},
    exact.kaufman_log_partition: {"size": 4, "temperature": 2.0},
    exact.onsager_energy: {"temperature": 2.0},
    exact.onsager_heat_capacity: {"temperature": 2.0},
    exact.onsager_log_partition: {"temperature": 2.0},
    exact.onsager_magnetization: {"temperature": 2.0},
    exact.ground_energy: {"right": np.ones((3, 3)), "down": np.ones((3, 3))},
    exact.lattice: {"shape": (3, 3), "J": 0.3, "h": 0.1},
    exact.ring: {"n": 4, "J": 0.3, "h": 0.1},
    exact.ring_correlation: {"n": 4, "J": 0.3, "h": 0.1, "distance": 2},
    sampling.advance: {"model": model, "states": spins, "sweeps": 2, "beta": 1.0, "method": "heat-bath", "rng": 1},
    sampling.flip_all: {"model": model, "states": spins, "rng": 1},
    sampling.random_states: {"model": model, "n_chains": 3, "rng": 1},
    sampling.wolff: {"model": ising.LatticeIsing(0.3, 0.0, (4, 4)), "images": pictures, "clusters": 2, "rng": 1},
    sampling.average_moments: {"model": model, "states": spins, "sweeps": 2, "beta": 1.0, "rng": 1, **quiet},
    sampling.sample: {**spin_model, "n_samples": 20, "beta": 1.0, "n_chains": 2, "burn_in": 2, "thin": 1, "rng": 1},
    sampling.sample_images: {"J": 0.3, "h": 0.1, "shape": (4, 4), "n_images": 3, "burn_in": 2, "rng": 1},
    sampling.trace: {"model": model, "state": spins[0], "sweeps": 4, "measure": model.energy, "every": 1, "rng": 1},
    sampling.anneal: {"model": model, "temperatures": [2.0, 1.0], "n_chains": 2, "sweeps": 1, "rng": 1, **quiet},
    sampling.burn_in: {"model": model, "n_chains": 20, "max_sweeps": 8, "rng": 1, **quiet},
    sampling.tempering: {"model": model, "betas": [0.5, 1.0], "sweeps": 3, "n_chains": 2, "burn_in": 1, "rng": 1},
    learning.phase_coexistence: {"images": pictures},
    learning.contrastive_divergence: {"data": spins, "sweeps": 1, "copies": 2, "rng": 1},
    learning.reference_lines: {"truth": model, "data": spins},
    learning.fisher_errors: {"information": np.eye(3), "n_samples": 10},
    learning.sampled_errors: {"model": model, "n_samples": 100, "l2": 0.0, "sweeps": 2, "rng": 1},
    learning.check_maximum: {"model": model, "data": spins},
    learning.fit_images: {"images": pictures, "method": "pseudo-likelihood", "l2": 0.0},
    learning.fit_ising: {"data": spins, "method": "exact", "l1": 0.0, "l2": 0.0, "max_steps": 3, **quiet},
    learning.mean_field: {"data": spins},
    learning.mean_field_images: {"images": pictures},
    learning.tap: {"data": spins},
    learning.pseudo_likelihood: {"data": spins, "l2": 0.0},
    learning.pseudo_likelihood_images: {"images": pictures, "l2": 0.0},
    learning.exact_moments: {"model": model},
    learning.fresh_chains: {"n_chains": 10, "sweeps": 2, "rng": 1},
    learning.persistent_chains: {"n_chains": 10, "sweeps": 2, "burn_in": 1, "rng": 1},
    learning.largest_stable_step: {"model": model, "data": spins},
    divergence.entropy: {"p": p},
    divergence.kl: {"p": p, "q": q},
    divergence.empirical_distribution: {"spins": spins},
    divergence.plug_in_entropy: {"samples": spins},
    divergence.nll: {"data": spins, **spin_model, "beta": 1.0},
    divergence.uncoupled: {"model": model},
    divergence.exact_log_partition: {"model": model},
    divergence.ais_log_partition: {"model": model, "n_chains": 300, "n_temperatures": 5, "sweeps": 1, "rng": 1},
    diagnostics.autocorrelation_time: {"x": series, "window": 5.0},
    diagnostics.effective_sample_size: {"x": series, "window": 5.0},
    diagnostics.split_r_hat: {"chains": chains},
    observables.heat_capacity: {"energies": chains, "n_sites": 4, "beta": 1.0},
    observables.susceptibility: {"magnetisations": chains, "n_sites": 4, "beta": 1.0},
    observables.binder_cumulant: {"magnetisations": chains},
    inputs.to_spins: {"values": spins, "up": 1, "missing": None},
    inputs.to_units: {"values": spins, "up": 1},
    images.half_up_pictures: {"size": 8},
    hopfield.hebb: {"patterns": wide},
    hopfield.pseudo_inverse: {"patterns": wide},
    hopfield.row_by_row: {"patterns": wide, "l2": 0.1},
    hopfield.recall: {"model": model, "cues": spins, "max_sweeps": 3, "rng": 1},
    hopfield.synchronous_recall: {"model": model, "cues": spins, "max_sweeps": 3},
    hopfield.film: {"model": model, "cues": spins, "temperatures": [0.5, 0.0], "rng": 1},
    hopfield.is_stable: {"model": model, "states": spins},
    hopfield.overlap: {"states": spins, "patterns": spins},
    hopfield.corrupt: {"patterns": spins, "flipped": 0.3, "rng": 1},
    hopfield.identify: {"states": spins, "patterns": spins, "threshold": 0.9},
    hopfield.capacity: {
        "n": 10,
        "loads": [0.1],
        "rule": hopfield.hebb,
        "flipped": 0.1,
        "n_networks": 1,
        "n_cues": 2,
        "rng": 1,
    },
    hopfield.dense_recall: {"patterns": spins, "cues": spins, "degree": 3, "max_sweeps": 2, "rng": 1},
    images.bars_and_stripes: {"size": 4},
    rbm.RBM: layers,
    rbm.GaussianRBM: {**layers, "sigma": 1.0},
    rbm.RBM.start: {"data": units, "n_hidden": 2, "rng": 1},
    rbm.GaussianRBM.start: {"data": units, "n_hidden": 2, "sigma": 1.0, "rng": 1},
    machine.energy: {"x": units},
    machine.joint_energy: {"x": units, "h": units[:, :2]},
    machine.hidden_mean: {"x": units},
    machine.visible_mean: {"h": units[:, :2]},
    machine.draw_hidden: {"x": units, "rng": 1},
    machine.draw_visible: {"h": units[:, :2], "rng": 1},
    machine.moments: {"x": units},
    machine.statistics: {"x": units},
    machine.step: {"delta": np.zeros(11)},
    rbm.train: {
        "model": machine,
        "data": units,
        "method": "pcd",
        "epochs": 2,
        "batch_size": 10,
        "sweeps": 1,
        "n_chains": 10,
        "rate": 0.1,
        "momentum": 0.0,
        "l2": 0.0,
        "rng": 1,
        **quiet,
    },
    rbm.complete: {"model": machine, "x": units, "known": [True, True, False], "sweeps": 2, "rng": 1},
    rbm.mean_field_completion: {"model": machine, "x": units, "known": [True, True, False]},
    generative.train: {
        "model": autoencoder,
        "data": units,
        "steps": 2,
        "batch_size": 10,
        "rate": 0.01,
        "rng": 1,
        **quiet,
    },
    generative.VAE.start: {"data": units, "n_latent": 1, "n_hidden": 4, "rng": 1},
    generative.GAN.start: {"data": units, "n_latent": 1, "n_hidden": 4, "noise": 0.5, "rng": 1},
    generative.Diffusion.start: {"data": units, "n_hidden": 4, "rng": 1},
    autoencoder.sample: {"n_samples": 3, "rng": 1},
    autoencoder.encode: {"x": units},
    autoencoder.log_probability: {"x": units},
    adversaries.sample: {"n_samples": 3, "rng": 1},
    perfect.sample: {"n_samples": 3, "steps": 2, "rng": 1},
    perfect.distribution: {"steps": 2},
    perfect.bound: {"x": units, "steps": 2, "rng": 1},
    generative.pattern_counts: {"samples": units, "patterns": [[0, 0, 0], [1, 1, 1]]},
    generative.nearest: {"samples": units, "data": units[:5]},
    generative.copying: {"samples": units, "train": units[:5], "test": units[5:10]},
    images.load_grey: {"path": letter, "size": 8},
    images.load_spins: {"path": letter, "size": 8, "threshold": 0.5},
    images.to_image: {"spins": pictures[0]},
    images.to_hex: {"spins": pictures[0]},
    images.from_hex: {"text": "[2x3]ac"},
    vmc.QuantumDot: {"n_electrons": 2, "dim": 2, "omega": 1.0, "coulomb": True},
    vmc.Gaussian: {"omega": 1.0, "alpha": 1.0},
    vmc.RBMState: {"a": np.zeros(4), "b": np.zeros(2), "W": np.zeros((4, 2)), "sigma": 1.0},
    vmc.PadeJastrow: {"dim": 2, "beta_opposite": 0.4, "beta_equal": 0.4},
    vmc.PairNetwork: {"omega": 1.0, "u": np.zeros((4, 3)), "v": np.zeros((2, 3))},
    vmc.SlaterDeterminants: {"n_electrons": 6, "omega": 1.0},
    vmc.Reconfiguration: {"rate": 0.1, "shift": 1e-3, "last": 10},
    vmc.start_walkers: {"dot": dot, "n_walkers": 5, "rng": 1},
    vmc.metropolis: {"state": free, "x": places, "sweeps": 2, "step": 1.0, "rng": 1},
    vmc.langevin: {"state": free, "x": places, "sweeps": 2, "time_step": 0.1, "rng": 1},
    vmc.local_energy: {"state": free, "dot": dot, "x": places},
    vmc.imaginary_time_weights: {"local_energies": series, "tau": 0.1},
    vmc.variance_is_finite: {"state": free, "dot": dot},
    vmc.measure: {"state": free, "dot": dot, "n_samples": 200, "n_walkers": 64, "rng": 1, "threads": 1, **quiet},
    vmc.estimate_energy: {"state": free, "dot": dot, "n_samples": 200, "rng": 1},
    vmc.one_body_density: {"state": free, "dot": dot, "n_samples": 200, "n_bins": 5, "rng": 1, "threads": 1, **quiet},
    vmc.snapshots: {"state": free, "dot": dot, "n_samples": 5, "rng": 1, "threads": 1},
    vmc.free_density: {"n_electrons": 6, "omega": 1.0, "r": series**2},
    vmc.stored: {"n_electrons": 6, "omega": 1.0, "form": "network"},
    vmc.minimise: {"state": free, "dot": dot, "steps": 2, "n_samples": 64, "n_walkers": 64, "rng": 1, **quiet},
    vmc.blocking: {"x": series},
    vmc.blocking_levels: {"x": series},
}


def refusal(function, arguments):
    """None for a result; else the error, if its last line is a ``raise`` of the course, or why it is not one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            first, *others = arguments
            function(arguments[first], **{name: arguments[name] for name in others})
    except Exception as error:
        frame = error.__traceback__
        while frame.tb_next:
            frame = frame.tb_next
        code = frame.tb_frame.f_code
        line = linecache.getline(code.co_filename, frame.tb_lineno).strip()
        return None if "course_lib" in code.co_filename and line.startswith("raise ") else f"{error!r} at {line!r}"


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("function", CALLS, ids=lambda function: f"{function.__module__}.{function.__name__}")
def test_a_result_or_a_sentence_of_ours(function):
    arguments = CALLS[function]
    assert refusal(function, arguments) is None, "the call itself must be a right one"
    numpys = [
        f"{name}={what}: {said}"
        for name in arguments
        if name not in ("progress", "rng")
        for what, value in ODD.items()
        if not (name in ("measure", "rule") and callable(value))  # what goes wrong in it is the caller's
        if (said := refusal(function, arguments | {name: value}))
    ]
    assert not numpys, "\n".join(numpys)


def test_no_public_function_is_left_out():
    modules = ising, exact, sampling, learning, divergence, diagnostics, observables, images
    modules += hopfield, rbm, generative, vmc
    named = {
        getattr(module, name)
        for module in modules
        for name in getattr(module, "__all__", vars(module))
        if not name.startswith("_")
    }
    of_ours = {f for f in named if callable(f) and str(getattr(f, "__module__", "")).startswith("course_lib.")}
    functions = {f for f in of_ours if not isinstance(f, type) and not f.__name__.startswith(("check_", "progress"))}
    # The last two take no arguments.
    untried = {learning.fit, learning.check_interior, inputs.inverse_temperature, images.picture_sets, vmc.stored_dots}
    untried |= {rbm.load, rbm.save, vmc.load, vmc.save}
    assert functions - CALLS.keys() - untried == set()
