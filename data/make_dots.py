"""Makes dots.json and dots/: ground states of quantum dots, optimised, measured and kept. See dots.md.

    python data/make_dots.py                 # all, about ten minutes on one core
    python data/make_dots.py 30 0.1          # one dot

Two states each: Gaussian, determinants and a Jastrow factor with two betas; then with a network of pairs as well, which
starts from there. Seed 14 for the learning, 15 for the energy, 16 for the density.
"""

import json
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from course_lib import vmc
from course_lib.files import write_whole

HERE = Path(__file__).parent
DOTS = [(2, 1.0), (6, 1.0), (6, 0.28), (6, 0.1), (12, 1.0), (20, 1.0), (30, 1.0), (30, 0.1)]
# Electrons: steps for the network, samples a step, samples for the energy and for the density.
EFFORT = {2: (300, 8192, 2e6), 6: (300, 8192, 2e6), 12: (300, 4096, 1e6), 20: (150, 4096, 5e5), 30: (150, 4096, 3e5)}
# Of the network's stochastic reconfiguration. At 30 electrons, with 1e-3, the first step goes 90 hartree up: ln Psi is a
# sum over 435 pairs, and what 4096 samples hardly see of its covariance is as large as the shift.
SHIFT = {2: 1e-3, 6: 1e-3, 12: 1e-3, 20: 1e-3, 30: 0.1}


def main(wanted):
    """Make the dots that are wanted, or all."""
    for n, omega in DOTS:
        if not wanted or (n, omega) in wanted:
            dot = vmc.QuantumDot(n, dim=2, omega=omega)
            state = vmc.Gaussian(omega) * vmc.SlaterDeterminants.start(dot) * vmc.PadeJastrow.start(dot)
            learned = learn(state, dot, "jastrow")
            learn(learned * vmc.PairNetwork.start(dot, rng=14), dot, "network")


def learn(state, dot, form):
    """Optimise, measure, keep; one row of the table."""
    began = time.process_time()
    steps, a_step, measured = EFFORT[dot.n_electrons]
    found = vmc.minimise(state, dot, steps=60 if form == "jastrow" else steps, n_samples=a_step, rng=14)
    learning, began = time.process_time() - began, time.process_time()
    energy = vmc.measure(found.state, dot, measured, rng=15)
    profile = vmc.one_body_density(found.state, dot, measured, rng=16)
    name = f"N{dot.n_electrons}_omega{dot.omega:g}_{form}"
    vmc.save(found.state, HERE / "dots" / f"{name}.npz")
    row = {
        "n_electrons": dot.n_electrons, "omega": dot.omega, "form": form,
        "energy": energy.energy, "error": energy.error,
        "walker_error": energy.walker_error, "variance": energy.variance, "n_samples": energy.n_samples,
        "acceptance": energy.acceptance, "kinetic": energy.kinetic, "trap": energy.trap, "repulsion": energy.repulsion,
        "learning_cpu_seconds": round(learning, 1), "measuring_cpu_seconds": round(time.process_time() - began, 1),
        "learning_curve": [found.energies.round(5).tolist(), found.errors.round(5).tolist()],
        "density": {key: getattr(profile, key).round(7).tolist() for key in ("edges", "density", "error")},
    }  # fmt: skip
    path = HERE / "dots.json"
    rows = json.loads(path.read_text()) if path.exists() else {}
    write_whole(path, json.dumps(dict(sorted({**rows, name: row}.items())), indent=1) + "\n")
    print(f"{name}: {energy.energy:.5f} +- {energy.error:.5f}, {learning:.0f} s learning", flush=True)
    return found.state


if __name__ == "__main__":
    given = sys.argv[1:]
    main([(int(given[0]), float(given[1]))] if given else [])
