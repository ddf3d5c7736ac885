"""Explorers: sliders and buttons over the drawings of `course_lib.plots`. Each returns one widget to show."""

from course_lib.explorers.boltzmann import BoltzmannExplorer
from course_lib.explorers.dots import DotExplorer
from course_lib.explorers.energy import EnergyExplorer
from course_lib.explorers.estimators import EstimatorsExplorer
from course_lib.explorers.film_strip import FilmStrip
from course_lib.explorers.frustration import FrustrationGame
from course_lib.explorers.generators import GeneratorsExplorer
from course_lib.explorers.learning import LearningExplorer
from course_lib.explorers.live_lattice import LiveLattice
from course_lib.explorers.machine import MachineExplorer
from course_lib.explorers.match import MatchExplorer
from course_lib.explorers.pitchfork import PitchforkExplorer
from course_lib.explorers.plane import PlaneExplorer
from course_lib.explorers.shells import ShellExplorer
from course_lib.explorers.wolff import WolffExplorer

__all__ = [
    "BoltzmannExplorer",
    "DotExplorer",
    "EnergyExplorer",
    "EstimatorsExplorer",
    "FilmStrip",
    "FrustrationGame",
    "GeneratorsExplorer",
    "LearningExplorer",
    "LiveLattice",
    "MachineExplorer",
    "MatchExplorer",
    "PitchforkExplorer",
    "PlaneExplorer",
    "ShellExplorer",
    "WolffExplorer",
]
