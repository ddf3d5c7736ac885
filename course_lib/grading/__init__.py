"""Grading of the image assignment: hidden instances, a sandbox that runs the notebook, a judge outside it, reports."""
