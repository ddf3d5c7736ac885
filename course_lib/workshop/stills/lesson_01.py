"""Stills of lesson 01."""

from course_lib import images, plots


def opening() -> plots.Drawing:
    """Four pictures of spins, half of them up, on a ruler of energies."""
    pictures = images.half_up_pictures()
    return plots.draw_energy_ruler(list(pictures.values()), list(pictures))
