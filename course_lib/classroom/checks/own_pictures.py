"""A look at the pictures that a student hands in: whether they can be read, and what a fit to them will mean."""

import numpy as np

from course_lib import images, ising, learning

SIZES = (16, 64)
# Steps, down and to the right, to the pixels whose correlation is looked at, and standard errors that are chance: one
# set of coin tosses in sixty is beyond.
NEAR, CHANCE = ((0, 1), (1, 0), (1, 1), (1, -1), (0, 2), (2, 0)), 3.0


def look(my_pictures) -> None:
    """Say what is in a list of pictures as hexadecimal digits, and what a fit to them can and cannot mean.

    Parameters
    ----------
    my_pictures : list of str
        Each by `course_lib.images.to_hex`.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> look([images.to_hex(rng.choice([-1, 1], (16, 16)))])
    1 picture of 16 x 16: mean bond +0.031, mean spin +0.000. One phase: J and h can be fitted.
    Coin tosses look like this, too: no pixel tells about its neighbours, so J will be 0 within its error.
    >>> look(["[16x16]00"])  # doctest: +ELLIPSIS
    Picture 0 cannot be read: a picture of 16 x 16 spins has 64 hexadecimal digits after the shape, got 2: ...
    """
    pictures, problem = _read(my_pictures)
    if problem:
        print(problem)
        return
    stack = np.array(pictures)
    n, size = len(stack), stack.shape[1]
    bond = np.mean(ising.bond_sum(stack)) / (2 * size**2)
    spin = np.mean(stack)
    print(f"{n} picture{'s' * (n > 1)} of {size} x {size}: mean bond {bond:+.3f}, mean spin {spin:+.3f}. ", end="")
    print(_meaning(stack))
    if like_noise(stack):
        print("Coin tosses look like this, too: no pixel tells about its neighbours, so J will be 0 within its error.")
    repeated = _in_the_class(my_pictures)
    if repeated:
        print(f"Picture {repeated[0]} is {repeated[1]}, one of the course: bring one of your own, it earns the points.")


def like_noise(pictures) -> bool:
    """Whether pictures could be coin tosses: near pixels are correlated no more than by chance.

    Parameters
    ----------
    pictures : array, shape (n_images, rows, cols)
        Spins.

    Returns
    -------
    bool

    Examples
    --------
    >>> like_noise(np.random.default_rng(1).choice([-1, 1], (1, 16, 16)))
    True
    >>> like_noise(images.half_up_pictures(16)["two halves"][None])
    False
    """
    pictures = np.asarray(pictures, dtype=float)
    mean = pictures.mean()
    if abs(mean) == 1:
        return False
    correlations = [np.mean(pictures * np.roll(pictures, step, (1, 2))) - mean**2 for step in NEAR]
    return bool(np.abs(correlations).max() * np.sqrt(pictures.size) < CHANCE * (1 - mean**2))


def _read(my_pictures):
    """The pictures, or a sentence that says why not."""
    if isinstance(my_pictures, str) or not isinstance(my_pictures, list | tuple) or not my_pictures:
        return None, 'my_pictures must be a list of texts, each by images.to_hex: my_pictures = ["[32x32]..."]'
    pictures = []
    for k, text in enumerate(my_pictures):
        try:
            pictures.append(images.from_hex(text))
        except ValueError as error:
            return None, f"Picture {k} cannot be read: {error}"
    shapes = {picture.shape for picture in pictures}
    rows, cols = shapes.pop()
    if shapes or rows != cols:
        return None, "All pictures must be squares of one size: load them again, with the same size."
    if rows % 2 or not SIZES[0] <= rows <= SIZES[1]:
        return None, f"The size must be even, from {SIZES[0]} to {SIZES[1]}, got {rows}: 32 is a good one."
    return pictures, None


def _meaning(stack):
    try:
        learning.check_maximum(ising.LatticeIsing(0.0, 0.0, stack.shape[1:]), stack)
    except learning.NoMaximum as reason:
        return f"No J and h are best: {reason}"
    found = learning.phase_coexistence(stack)
    if found is None:
        return "One phase: J and h can be fitted."
    return (
        f"This is {found}\nLoad another crop, a texture, or cut at the median, if you want a picture that a fit can do "
        "more for. You may keep this one: then J near the value above is right, and your chains will take long."
    )


def _in_the_class(my_pictures):
    """Which picture is one of the course's own letters or lattices as it comes, and its name."""
    for kind in ("letters", "lattices"):
        known = {
            images.to_hex(images.load_spins(path, 32, threshold=0.5)): f"{name} of {kind}"
            for name, path in images.picture_sets()[kind].items()
        }
        for k, text in enumerate(my_pictures):
            if "".join(text.split()) in known:
                return k, known["".join(text.split())]
    return None
