"""Variational Monte Carlo: neural quantum states for electrons in a quantum dot.

    dot   = QuantumDot(2, dim=2, omega=1.0)                     # two electrons that repel each other in a trap
    state = RBMState.start(dot, n_hidden=2, rng=1)              # an RBM as wave function, near the free electrons'
    found = minimise(state, dot, rng=1)                         # found.state, and the curve found.energies, .errors
    energy, error = estimate_energy(found.state, dot, 10**6, rng=2)

Positions x have the shape (..., n_electrons, dim); the first half of the electrons has spin up. A state has
``log_value(x)``, ``gradient(x)`` and ``laplacian(x)`` of ln |Psi|, ``statistics(x)`` (O, its derivatives by the
parameters), ``moments(x, weights=None)``, ``parameters`` and ``step(delta)``. States multiply:

    Gaussian(omega, alpha=1.0)                                  # exact for free electrons
    RBMState.start(dot, n_hidden, rng=)                         # RBMState(a, b, W, sigma); its machine is state.rbm
    PadeJastrow.start(dot)                                      # the cusp; PadeJastrow(dim, beta_opposite, beta_equal)
    SlaterDeterminants.start(dot)                               # Pauli, 2-D: 2, 6, 12, 20, 30 electrons
    PairNetwork.start(dot, n_hidden=12, rng=)                   # a small network that looks at pairs
    state = Gaussian(dot.omega) * SlaterDeterminants.start(dot) * PadeJastrow.start(dot)

The spine of the course, on samples x (n, n_electrons, dim) of Psi^2 with ``e = local_energy(state, dot, x)``:

    target = state.moments(x, imaginary_time_weights(e, tau))   # where imaginary time would move the samples
    now    = state.moments(x)
    state  = state.step(step_size * (target - now))             # target - now is -tau times the energy's gradient

In numpy, to be read: ``x = start_walkers(dot, n, rng=)``, ``x, acceptance = metropolis(state, x, sweeps, step=, rng=)``
or ``langevin(state, x, sweeps, time_step=, rng=)``, `local_energy`. Compiled: `minimise` (rules: `Reconfiguration`,
`learning.Adam(rate)`, `learning.Momentum(rate)` for the plain gradient), `measure` (energy and its parts, kinetic, trap
and repulsion, each with its error), `estimate_energy`, `one_body_density` (`free_density` without repulsion),
`snapshots`. Error bars: `blocking`, `blocking_levels`; where the variance is infinite (`variance_is_finite`) they warn.
`save` and `load` keep states in files; ``stored(30, 0.1)`` is one of `stored_dots`, learned and measured beforehand.
"""

from course_lib.vmc.base import Product, State
from course_lib.vmc.dots import QuantumDot
from course_lib.vmc.energy import imaginary_time_weights, local_energy, variance_is_finite
from course_lib.vmc.estimate import (
    Density,
    Measurement,
    blocking,
    blocking_levels,
    estimate_energy,
    measure,
    one_body_density,
    snapshots,
)
from course_lib.vmc.files import load, save
from course_lib.vmc.minimise import Minimum, Reconfiguration, minimise
from course_lib.vmc.one_body import Gaussian, RBMState
from course_lib.vmc.pairs import PadeJastrow, PairNetwork
from course_lib.vmc.slater import SlaterDeterminants, free_density
from course_lib.vmc.stored import Stored, stored, stored_dots
from course_lib.vmc.walkers import langevin, metropolis, start_walkers

__all__ = [
    "Density",
    "Gaussian",
    "Measurement",
    "Minimum",
    "PadeJastrow",
    "PairNetwork",
    "Product",
    "QuantumDot",
    "RBMState",
    "Reconfiguration",
    "SlaterDeterminants",
    "State",
    "Stored",
    "blocking",
    "blocking_levels",
    "estimate_energy",
    "free_density",
    "imaginary_time_weights",
    "langevin",
    "load",
    "local_energy",
    "measure",
    "metropolis",
    "minimise",
    "one_body_density",
    "save",
    "snapshots",
    "start_walkers",
    "stored",
    "stored_dots",
    "variance_is_finite",
]
