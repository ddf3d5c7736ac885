"""Stills of lesson 09x."""

from course_lib import plots, vmc


def opening() -> plots.Drawing:
    """Six and thirty electrons, each dot as wide as its picture: density, and the first snapshot."""
    panels = []
    for n, omega, title in (
        (6, 1.0, "6, stiff trap"),
        (6, 0.1, "6, soft trap"),
        (30, 1.0, "30, stiff trap"),
        (30, 0.1, "30, soft trap"),
    ):
        run = vmc.stored(n, omega)
        (electrons,) = vmc.snapshots(run.state, run.dot, 1, rng=9)
        panels.append((title, run.density.r, run.density.density, electrons))
    return plots.draw_from_above(panels)
