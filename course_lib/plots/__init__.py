"""Figures in one style. ``draw_*`` builds a figure once and returns a `Drawing`; its ``update`` moves the data.

`style` holds what all share; the drawings stand in a file a subject.
"""

from course_lib.plots.curves import TracePicture, draw_curves, draw_decays, draw_hot_and_cold, draw_stripes, draw_traces
from course_lib.plots.equilibrium import (
    BoltzmannPicture,
    draw_against_exact,
    draw_energy_and_heat_capacity,
    draw_levels,
    draw_three_temperatures,
)
from course_lib.plots.learning import MatchPicture, draw_learning
from course_lib.plots.lesson_map import draw_map
from course_lib.plots.speed import ClusterPicture, draw_slowness, draw_speeds, draw_success, draw_two_moves
from course_lib.plots.spins import (
    EnergyPicture,
    draw_couplings,
    draw_energy_ruler,
    draw_flip_costs,
    draw_pictures,
    draw_spins,
    spins_png,
)
from course_lib.plots.style import COLOURS, DOTS_PER_INCH, SIGNS, SPINS, STYLE, Drawing, in_style

__all__ = [
    "COLOURS",
    "DOTS_PER_INCH",
    "SIGNS",
    "SPINS",
    "STYLE",
    "BoltzmannPicture",
    "ClusterPicture",
    "Drawing",
    "EnergyPicture",
    "MatchPicture",
    "TracePicture",
    "draw_against_exact",
    "draw_couplings",
    "draw_curves",
    "draw_decays",
    "draw_energy_and_heat_capacity",
    "draw_energy_ruler",
    "draw_flip_costs",
    "draw_hot_and_cold",
    "draw_learning",
    "draw_levels",
    "draw_map",
    "draw_pictures",
    "draw_slowness",
    "draw_speeds",
    "draw_spins",
    "draw_stripes",
    "draw_success",
    "draw_three_temperatures",
    "draw_traces",
    "draw_two_moves",
    "in_style",
    "spins_png",
]
