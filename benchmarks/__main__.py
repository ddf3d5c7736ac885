"""`python -m benchmarks` from the project root: one table of what must be fast, with its target.

`ising-course bench` runs it with one thread. All contenders take turns, round by round; see `race`.
"""

import os

from benchmarks import dots, limits, machines, samplers
from benchmarks.race import race
from benchmarks.table import table

ROUNDS = 7

FOOT = """
Costs are medians of {rounds} rounds in which all contenders take turns, on one thread unless a row says two; a ratio is
the median of the rounds' own ratios, the peer's cost over ours. Ours: sampling.advance, average_moments and wolff, with
their checks and copies. What others do for a row:
- mcising: Simulation.sweep on one lattice, Metropolis in order (or a cluster), the energy once a call
- peapods: Ising.sample on one lattice, heat bath in order, one thread, measuring in the last 1% of the sweeps. It knows
  no field, and clusters only between sweeps: it is absent from the other rows
- dwave-samplers: SimulatedAnnealingSampler held at beta = 1 (couplings of deviation 1/sqrt(N), fields 0.1), as many
  sweeps, from given states; only the time that it reports for its C++ routine. Gibbs is our heat bath, Metropolis its
  default
- the blog's loop: one chain; ours are 128, each with a burn-in of 10 sweeps, and as many counted sweeps in all
- Hopfield recall: a loop over cues and spins, each field one product of numpy's, until a sweep changes nothing
- scikit-learn's BernoulliRBM: persistent chains, one sweep a step, from its own start. The NLL is by annealed
  importance sampling; ours learns with persistent chains, too, and with Adam at a rate of 0.01
- a sample of a dot: one sweep of one walker, electron by electron, and its local energy; the plain Python loop has one
  walker, and derivatives by hand
- NetKet: the same Gaussian and Jastrow factor, 60 steps of stochastic reconfiguration with 4096 samples of 256 chains
  (all electrons move at once), and a measurement with as many samples; CPU seconds of all threads, compiled before
- an independent sample: 2 tau draws of the energy, tau from one long run (known to some 10%, and for Metropolis rather
  too short)
Load average {before} before, {after} after, {cores} cores."""


def load():
    return " ".join(f"{x:.1f}" for x in os.getloadavg()) if hasattr(os, "getloadavg") else "unknown"


def main():
    before = load()
    print(table(race([*samplers.JOBS, *machines.JOBS, *dots.JOBS, *limits.JOBS], ROUNDS)))
    print(FOOT.format(rounds=ROUNDS, before=before, after=load(), cores=os.cpu_count()))


if __name__ == "__main__":
    main()
