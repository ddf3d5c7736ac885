"""Pictures made of +-1 spins."""

import numpy as np

from course_lib.inputs import check_count, check_number


def half_up_pictures(size=24) -> dict:
    """Four pictures with exactly half of their spins up: two halves, patches, noise, checkerboard.

    Parameters
    ----------
    size : int
        Side; even.

    Returns
    -------
    dict
        Name -> array of +-1, shape (size, size).

    Examples
    --------
    >>> {name: int(picture.sum()) for name, picture in half_up_pictures().items()}
    {'two halves': 0, 'patches': 0, 'noise': 0, 'checkerboard': 0}
    """
    size = 2 * check_count("half the size", check_number("size", size) / 2, 1)
    rng = np.random.default_rng(1)
    row, col = np.indices((size, size))
    # Patches: noise with its short waves damped, cut at the median.
    wave = np.fft.fftfreq(size) * size
    damping = np.exp(-(wave[:, None] ** 2 + wave**2) / 40)
    smooth = np.fft.ifft2(np.fft.fft2(rng.normal(size=(size, size))) * damping).real
    checkerboard = 1 - 2 * ((row + col) % 2)
    return {
        "two halves": np.where(col < size // 2, 1, -1),
        "patches": np.where(smooth > np.median(smooth), 1, -1),
        "noise": rng.permutation(checkerboard.ravel()).reshape(size, size),
        "checkerboard": checkerboard,
    }
