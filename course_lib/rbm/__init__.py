"""Restricted Boltzmann machines: what they are, and how they are trained, completed and kept."""

from course_lib.rbm.completion import complete, mean_field_completion
from course_lib.rbm.files import load, save
from course_lib.rbm.models import RBM, GaussianRBM
from course_lib.rbm.training import train

__all__ = ["RBM", "GaussianRBM", "complete", "load", "mean_field_completion", "save", "train"]
