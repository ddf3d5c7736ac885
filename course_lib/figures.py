"""Pictures that a lesson shows before any kernel runs: its opening picture, its explorer's first state.

They are drawn here and committed in ``notebooks/figures/``; ``ising-course build --figures`` renews them.
"""

from pathlib import Path

import numpy as np

from course_lib import explorers, plots


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


def opening_01() -> bytes:
    """Four pictures of spins, half of them up, on a ruler of energies.

    Returns
    -------
    bytes
        A PNG file.
    """
    pictures = half_up_pictures()
    return plots.draw_energy_ruler(list(pictures.values()), list(pictures)).png()


def explorer_01() -> bytes:
    """First state of the explorer of lesson 01.

    Returns
    -------
    bytes
        A PNG file.
    """
    return explorers.EnergyExplorer().picture


FIGURES = {"01-opening.png": opening_01, "01-explorer.png": explorer_01}


def draw(folder: Path) -> list[Path]:
    """Draw every picture into a folder.

    Parameters
    ----------
    folder : pathlib.Path

    Returns
    -------
    list of pathlib.Path
        The files written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, figure in FIGURES.items():
        (folder / name).write_bytes(figure())
    return [folder / name for name in FIGURES]
