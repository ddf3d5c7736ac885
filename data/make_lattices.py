"""Make the pictures of lattices/ anew: ``python data/make_lattices.py``.

Needs what the course installs. Then ``cd data && sha256sum */*.png > pictures.sha256``.

The couplings and fields stand in ``lattices/truth.csv``, apart from the pictures, for those who want to fit first.
"""

import csv
from pathlib import Path

from course_lib import images, sampling

FOLDER = Path(__file__).parent / "lattices"
SIDE, DRAWS = 32, 4
BURN_IN = 2000  # sweeps; at J = 0.42 a domain of this size forgets in some hundred
SEED = 20260711


def make():
    """All pictures, by name: of each row of the table ``DRAWS`` independent chains from random starts."""
    with (FOLDER / "truth.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    pictures = {}
    for k, row in enumerate(rows):
        J, h = float(row["J"]), float(row["h"])
        draws = sampling.sample_images(J, h, (SIDE, SIDE), DRAWS, burn_in=BURN_IN, rng=[SEED, k])
        pictures |= {f"{row['group']}{n}": images.to_image(draw) for n, draw in enumerate(draws, start=1)}
    return pictures


if __name__ == "__main__":
    for name, picture in make().items():
        picture.save(FOLDER / f"{name}.png", optimize=True)
