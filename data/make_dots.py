"""Makes dots.json and dots/: ground states of quantum dots, optimised, measured and kept. See dots.md.

    python data/make_dots.py                 # all, about fifteen minutes on one core
    python data/make_dots.py 30 0.1          # one dot

Two states each: Gaussian, determinants and a Jastrow factor with two betas; then with a network of pairs as well, which
starts from there. Seed 14 for the learning, 15 for the energy, 16 for the density. Two and six electrons at omega = 1
learn from three more seeds, 24, 34 and 44, of which the energies are kept: how far one run is from the next.
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
SEEDS, SEVERAL = (14, 24, 34, 44), [(2, 1.0), (6, 1.0)]
# Electrons: steps for the network, samples a step, samples for the energy and for the density.
EFFORT = {2: (300, 8192, 2e6), 6: (300, 8192, 2e6), 12: (300, 4096, 1e6), 20: (300, 4096, 5e5), 30: (300, 4096, 3e5)}


def main(wanted):
    """Make the dots that are wanted, or all."""
    for n, omega in DOTS:
        if not wanted or (n, omega) in wanted:
            dot = vmc.QuantumDot(n, dim=2, omega=omega)
            for seed in SEEDS if (n, omega) in SEVERAL else SEEDS[:1]:
                state = vmc.Gaussian(omega) * vmc.SlaterDeterminants.start(dot) * vmc.PadeJastrow.start(dot)
                learned = learn(state, dot, "jastrow", seed)
                learn(learned * vmc.PairNetwork.start(dot, rng=seed), dot, "network", seed)


def learn(state, dot, form, seed):
    """Optimise, measure, keep."""
    name = f"N{dot.n_electrons}_omega{dot.omega:g}_{form}"
    began = time.process_time()
    steps, a_step, measured = EFFORT[dot.n_electrons]
    found = vmc.minimise(state, dot, steps=60 if form == "jastrow" else steps, n_samples=a_step, rng=seed)
    seconds, began = time.process_time() - began, time.process_time()
    energy = vmc.measure(found.state, dot, measured, rng=seed + 1)
    print(f"{name}, seed {seed}: {energy.energy:.6f} +- {energy.error:.6f}, {seconds:.0f} s learning", flush=True)
    path = HERE / "dots.json"
    rows = json.loads(path.read_text()) if path.exists() else {}
    if seed == SEEDS[0]:
        profile = vmc.one_body_density(found.state, dot, measured, rng=seed + 2)
        rows[name] = row_of(dot, form, found, energy, profile) | {
            "learning_cpu_seconds": round(seconds, 1),
            "measuring_cpu_seconds": round(time.process_time() - began, 1),
        }
        vmc.save(found.state, HERE / "dots" / f"{name}.npz")
    rows[name]["seeds"][str(seed)] = [energy.energy, energy.error]
    write_whole(path, json.dumps(dict(sorted(rows.items())), indent=1) + "\n")
    return found.state


def row_of(dot, form, found, energy, profile):
    """One row of the table."""
    return {
        "n_electrons": dot.n_electrons, "omega": dot.omega, "form": form,
        "energy": energy.energy, "error": energy.error,
        "walker_error": energy.walker_error, "variance": energy.variance, "n_samples": energy.n_samples,
        "acceptance": energy.acceptance, "kinetic": energy.kinetic, "trap": energy.trap, "repulsion": energy.repulsion,
        "stopped": found.stopped, "seeds": {},
        "learning_curve": [found.energies.round(5).tolist(), found.errors.round(5).tolist()],
        "density": {key: getattr(profile, key).round(7).tolist() for key in ("edges", "density", "error")},
    }  # fmt: skip


if __name__ == "__main__":
    given = sys.argv[1:]
    main([(int(given[0]), float(given[1]))] if given else [])
