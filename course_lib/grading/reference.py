"""Right functions of the assignment as text, which goes into a sandbox in the place of a student's wrong ones.

Each stands alone, and knows ``np`` and ``variant``, the student's twist, from the lines that are sent before it.
"""

FUNCTIONS = {
    "bond_sum": """
def bond_sum(images):
    images = np.asarray(images, dtype=int)
    return np.sum(images * (np.roll(images, -1, axis=-1) + np.roll(images, -1, axis=-2)), axis=(-2, -1))
""",
    "spin_sum": """
def spin_sum(images):
    return np.sum(images, axis=(-2, -1), dtype=int)
""",
    "gradient": """
def gradient(images, model_bonds, model_spins):
    images = np.asarray(images, dtype=int)
    bonds = np.sum(images * (np.roll(images, -1, axis=-1) + np.roll(images, -1, axis=-2)), axis=(-2, -1))
    spins = np.sum(images, axis=(-2, -1))
    return np.array([bonds.mean() - model_bonds, spins.mean() - model_spins]) / images[0].size
""",
    "draw_images": """
def draw_images(J, h, size, n_images, rng, start=None, sweeps=300):
    if start is None:
        start = rng.choice(np.array([-1, 1], np.int8), (n_images, size, size))
    chance = 1 / (1 + np.exp(-2 * (J * np.arange(-4, 5) + h)))
    row, col = np.indices((size, size))
    for k in range(2 * sweeps):
        around = sum(np.roll(start, step, axis) for axis in (1, 2) for step in (1, -1))
        up = rng.random(start.shape, dtype=np.float32) < chance[around + 4]
        start = np.where((row + col) % 2 == k % 2, 2 * up.astype(np.int8) - 1, start)
    return start
""",
    "twist_statistics": """
def twist_statistics(images):
    images = np.asarray(images, dtype=int)

    def pairs(down, right):
        return images * np.roll(images, (-down, -right), (1, 2))

    row, col = np.indices(images.shape[1:])
    terms = (
        (pairs(0, 1), pairs(1, 0), images),
        (pairs(0, 1) + pairs(1, 0), pairs(1, 1) + pairs(1, -1)),
        (pairs(0, 1) + pairs(1, 0), images * (1 - 2 * ((row + col) % 2))),
    )[variant]
    return np.stack([term.sum(axis=(1, 2)) for term in terms], axis=1)
""",
}


def source_of(name, variant) -> str:
    """The text of one function, to be executed alone.

    Parameters
    ----------
    name : str
        Of `FUNCTIONS`.
    variant : int
        Of the student's twist.

    Returns
    -------
    str

    Examples
    --------
    >>> print(source_of("spin_sum", 0))
    import numpy as np
    variant = 0
    <BLANKLINE>
    def spin_sum(images):
        return np.sum(images, axis=(-2, -1), dtype=int)
    <BLANKLINE>
    """
    return f"import numpy as np\nvariant = {variant}\n{FUNCTIONS[name]}"
