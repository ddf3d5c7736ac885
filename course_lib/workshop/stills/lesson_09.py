"""Stills of lesson 09."""

from course_lib import plots, vmc


def opening() -> plots.Drawing:
    """Electron 1 as electron 2 sees it: free, and repelled in a stiff and in a soft trap, in lengths of the trap."""
    panels = []
    for title, omega, state in (
        ("free electrons", 1.0, vmc.Gaussian(1.0)),
        ("they repel: a stiff trap", 1.0, vmc.Gaussian(1.0, 0.989) * vmc.PadeJastrow(2, 0.399)),
        ("a soft trap", 0.1, vmc.Gaussian(0.1, 0.948) * vmc.PadeJastrow(2, 0.178)),
    ):
        x = vmc.start_walkers(vmc.QuantumDot(2, 2, omega), 40_000, rng=9)
        x, _ = vmc.metropolis(state, x, 60, step=0.8 * omega**-0.5, rng=9)
        panels.append((title, (x[:, 0] - x[:, 1]) * omega**0.5))
    return plots.draw_clouds(panels, limit=5)
