"""Exact answers to compare everything else with: enumeration, transfer matrices, Onsager and Kaufman.

Enumeration visits all 2**N states of N coupled spins, up to N = 25. A transfer matrix adds up a ring or a lattice
row by row. The closed forms are those of the square lattice without field, with J = 1 and k_B = 1: there the
temperature is free and beta = 1 / temperature.
"""

from course_lib.exact.enumeration import (
    distribution,
    energies,
    ground_states,
    log_partition,
    moments,
    states,
    statistics_moments,
)
from course_lib.exact.square_lattice import (
    CRITICAL_TEMPERATURE,
    kaufman,
    kaufman_log_partition,
    onsager_energy,
    onsager_heat_capacity,
    onsager_log_partition,
    onsager_magnetization,
)
from course_lib.exact.sums import MAX_SPINS, NotSummable
from course_lib.exact.transfer_matrices import MAX_ROW, ground_energy, lattice, ring, ring_correlation

__all__ = [
    "CRITICAL_TEMPERATURE",
    "MAX_ROW",
    "MAX_SPINS",
    "NotSummable",
    "distribution",
    "energies",
    "ground_energy",
    "ground_states",
    "kaufman",
    "kaufman_log_partition",
    "lattice",
    "log_partition",
    "moments",
    "onsager_energy",
    "onsager_heat_capacity",
    "onsager_log_partition",
    "onsager_magnetization",
    "ring",
    "ring_correlation",
    "states",
    "statistics_moments",
]
