"""Pictures made of +-1 spins, and of units of 0 and 1."""

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


def bars_and_stripes(size=4):
    """All pictures of full rows, and all of full columns: each once, none of both kinds twice.

    A classic test of hidden units (MacKay, Information Theory, Inference, and Learning Algorithms, 2003, chapter 43).

    Parameters
    ----------
    size : int
        Side, from 1 to 10.

    Returns
    -------
    array of 0 and 1, shape (2**(size + 1) - 2, size, size), int8
        The empty and the full picture are of both kinds.

    Raises
    ------
    ValueError
        If size is out of range.

    Examples
    --------
    >>> bars_and_stripes(2).reshape(-1, 4).tolist()
    [[0, 0, 0, 0], [0, 0, 1, 1], [0, 1, 0, 1], [1, 0, 1, 0], [1, 1, 0, 0], [1, 1, 1, 1]]
    """
    size = check_count("size", size, 1)
    if size > 10:
        raise ValueError(f"size must be 10 at most, got {size}: there are 2^(size + 1) - 2 pictures")
    full = (np.arange(2**size)[:, None] >> np.arange(size)).astype(np.int8) & 1
    rows = np.repeat(full[:, :, None], size, axis=2)
    pictures = np.concatenate([rows, rows.transpose(0, 2, 1)]).reshape(-1, size * size)
    return np.unique(pictures, axis=0).reshape(-1, size, size)
