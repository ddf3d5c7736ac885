"""Restricted Boltzmann machines: what they are, and how they are trained, completed and kept."""

from course_lib.rbm.models import RBM, GaussianRBM
from course_lib.rbm.training import train

__all__ = ["RBM", "GaussianRBM", "train"]
