"""What the judge draws and measures of a student's own pictures: for the feedback, and for the questions."""

import base64
import io

import numpy as np

from course_lib import images
from course_lib.classroom.checks.own_pictures import like_noise
from course_lib.ising import bond_sum, spin_sum
from course_lib.sampling import sample_images

MOST_PICTURES, MOST_SAMPLES = 4, 3
LARGEST_SIDE, LARGEST_PARAMETER = 64, 2.0
BURN_IN = 300  # sweeps


def draw(record):
    """Put into a record its pictures, samples of a model with its fit, and the numbers of the pictures.

    Parameters
    ----------
    record : records.Record
        With ``my_pictures`` and ``my_fit``; whatever in them cannot be drawn is left out.
    """
    record.pictures, record.samples, record.numbers = [], [], {}
    pictures = _pictures(record.my_pictures)
    if not pictures:
        return
    rows, cols = pictures[0].shape
    record.pictures = [_png(picture) for picture in pictures[:MOST_PICTURES]]
    same = np.array([picture for picture in pictures if picture.shape == (rows, cols)])
    record.numbers = {
        "pictures": len(same),
        "rows": rows,
        "cols": cols,
        "B": float(np.mean(bond_sum(same))),
        "S": float(np.mean(spin_sum(same))),
        "like noise": float(like_noise(same)),
    }
    fit = record.my_fit
    if fit is None or not np.all(np.isfinite(fit)) or max(map(abs, fit)) > LARGEST_PARAMETER or rows % 2 or cols % 2:
        return
    record.numbers |= {"J": fit[0], "h": fit[1]}
    samples = sample_images(*fit, (rows, cols), MOST_SAMPLES, burn_in=BURN_IN, rng=np.random.default_rng(1))
    record.samples = [_png(sample) for sample in samples]


def _pictures(texts):
    found = []
    for text in texts:
        try:
            picture = images.from_hex(text)
        except ValueError:
            continue
        if 2 <= min(picture.shape) and max(picture.shape) <= LARGEST_SIDE:
            found.append(picture)
    return found


def _png(picture):
    """A small PNG in base 64, a pixel a spin: the page makes it larger."""
    file = io.BytesIO()
    images.to_image(picture).convert("1").save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode("ascii")
