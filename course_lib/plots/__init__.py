"""Figures in one style. ``draw_*`` builds a figure once and returns a `Drawing`; its ``update`` moves the data.

`style` holds what all share; the drawings stand in a file a subject.
"""

from course_lib.plots.curves import TracePicture, draw_curves, draw_decays, draw_hot_and_cold, draw_stripes, draw_traces
from course_lib.plots.divergence import PitchforkPicture, draw_posteriors, draw_valley
from course_lib.plots.dots import DotPicture, draw_calibration, draw_clouds
from course_lib.plots.equilibrium import (
    BoltzmannPicture,
    draw_against_exact,
    draw_energy_and_heat_capacity,
    draw_hidden_family,
    draw_levels,
    draw_three_temperatures,
)
from course_lib.plots.estimators import EstimatesPicture, draw_annealed, draw_estimates, draw_inefficiency
from course_lib.plots.generators import (
    GeneratorPicture,
    draw_against_truth,
    draw_drift,
    draw_families,
    draw_territories,
    draw_way_back,
)
from course_lib.plots.inference import draw_correlation_and_coupling, draw_inferred, draw_matrices, draw_unmixing
from course_lib.plots.learning import LearningPicture, MatchPicture, draw_learning, draw_learning_curves, draw_more_data
from course_lib.plots.lesson_map import draw_map
from course_lib.plots.machines import MachinePicture, draw_gallery, draw_machine
from course_lib.plots.memories import FilmPicture, draw_films, draw_pulls, draw_recalled, draw_walk
from course_lib.plots.plane import PlanePicture, draw_fitted_textures
from course_lib.plots.shells import ShellPicture, draw_factors, draw_from_above, draw_nodes, draw_profiles
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
    "DotPicture",
    "Drawing",
    "EnergyPicture",
    "EstimatesPicture",
    "FilmPicture",
    "GeneratorPicture",
    "LearningPicture",
    "MachinePicture",
    "MatchPicture",
    "PitchforkPicture",
    "PlanePicture",
    "ShellPicture",
    "TracePicture",
    "draw_against_exact",
    "draw_against_truth",
    "draw_annealed",
    "draw_calibration",
    "draw_clouds",
    "draw_correlation_and_coupling",
    "draw_couplings",
    "draw_curves",
    "draw_decays",
    "draw_drift",
    "draw_energy_and_heat_capacity",
    "draw_energy_ruler",
    "draw_estimates",
    "draw_factors",
    "draw_families",
    "draw_films",
    "draw_fitted_textures",
    "draw_flip_costs",
    "draw_from_above",
    "draw_gallery",
    "draw_hidden_family",
    "draw_hot_and_cold",
    "draw_inefficiency",
    "draw_inferred",
    "draw_learning",
    "draw_learning_curves",
    "draw_levels",
    "draw_machine",
    "draw_map",
    "draw_matrices",
    "draw_more_data",
    "draw_nodes",
    "draw_pictures",
    "draw_posteriors",
    "draw_profiles",
    "draw_pulls",
    "draw_recalled",
    "draw_slowness",
    "draw_speeds",
    "draw_spins",
    "draw_stripes",
    "draw_success",
    "draw_territories",
    "draw_three_temperatures",
    "draw_traces",
    "draw_two_moves",
    "draw_unmixing",
    "draw_valley",
    "draw_walk",
    "draw_way_back",
    "in_style",
    "spins_png",
]
