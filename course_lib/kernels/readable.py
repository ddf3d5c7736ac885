"""The samplers as one would write them on a blackboard: one chain after the other, one spin at a time.

Every kernel moves its +-1 spins (int8) in place; the law is ``exp(-beta E) / Z``, and a sweep is one attempt a spin.
At the end the same in plain Python, on whole numbers that hold one bit of each chain.
"""

import numpy as np

from course_lib.kernels import njit


@njit(cache=True)
def heat_bath(spins, J, h, beta, sweeps, rng):
    """Forget each spin in turn and draw it anew, given all the others; spins (n_chains, N)."""
    n_chains, n = spins.shape
    for chain in range(n_chains):
        for _ in range(sweeps):
            for i in range(n):
                field = h[i]
                for j in range(n):
                    field += J[i, j] * spins[chain, j]
                probability_up = 1 / (1 + np.exp(-2 * beta * field))
                spins[chain, i] = 1 if rng.random() < probability_up else -1


@njit(cache=True)
def metropolis(spins, J, h, beta, sweeps, rng):
    """Propose to flip a spin picked at random; accept with probability min(1, exp(-beta cost)); spins (n_chains, N)."""
    n_chains, n = spins.shape
    for chain in range(n_chains):
        for _ in range(sweeps * n):
            i = int(n * rng.random())
            field = h[i]
            for j in range(n):
                field += J[i, j] * spins[chain, j]
            cost = 2 * spins[chain, i] * field
            if rng.random() < np.exp(-beta * cost):
                spins[chain, i] = -spins[chain, i]


@njit(cache=True)
def lattice_heat_bath(images, J, h, beta, sweeps, rng):
    """`heat_bath` on periodic lattices, row by row; images (n_images, rows, cols)."""
    n_images, rows, cols = images.shape
    for k in range(n_images):
        for _ in range(sweeps):
            for row in range(rows):
                for col in range(cols):
                    field = J * _neighbour_sum(images[k], row, col) + h
                    probability_up = 1 / (1 + np.exp(-2 * beta * field))
                    images[k, row, col] = 1 if rng.random() < probability_up else -1


@njit(cache=True)
def lattice_metropolis(images, J, h, beta, sweeps, rng):
    """`metropolis` on periodic lattices; images (n_images, rows, cols)."""
    n_images, rows, cols = images.shape
    for k in range(n_images):
        for _ in range(sweeps * rows * cols):
            row, col = int(rows * rng.random()), int(cols * rng.random())
            cost = 2 * images[k, row, col] * (J * _neighbour_sum(images[k], row, col) + h)
            if rng.random() < np.exp(-beta * cost):
                images[k, row, col] = -images[k, row, col]


@njit(cache=True)
def _neighbour_sum(image, row, col):
    """Right, left, below, above; the edges are joined. Index -1 is the last row or column already."""
    rows, cols = image.shape
    return image[row, (col + 1) % cols] + image[row, col - 1] + image[(row + 1) % rows, col] + image[row - 1, col]


@njit(cache=True)
def cluster(spins, start, p, rng):
    """The sites of a Wolff cluster on a periodic lattice, as a mask (rows, cols); nothing is flipped."""
    rows, cols = spins.shape
    joined = np.zeros((rows, cols), np.bool_)
    joined[start] = True
    to_ask = [(start[0], start[1])]
    while to_ask:
        r, c = to_ask.pop()
        for site in (((r + 1) % rows, c), ((r - 1) % rows, c), (r, (c + 1) % cols), (r, (c - 1) % cols)):
            if spins[site] == spins[start] and not joined[site] and rng.random() < p:
                joined[site] = True
                to_ask.append(site)
    return joined


def word_sweep(words, up_probability, toss, width):
    """`lattice_heat_bath` for as many chains as a word has bits.

    Parameters
    ----------
    words : list of rows of whole numbers
        Bit k of each is a spin of chain k; changed in place.
    up_probability : sequence of 5 floats below 1
        That a spin becomes up, if 0, 1, ... 4 of its neighbours are.
    toss : callable
        ``toss()``: a word of random bits.
    width : int
        Number of bits.

    Examples
    --------
    At probability 0 every spin comes down, whatever the coins show.

    >>> words = [[0b1010, 0b0110], [0b0001, 0b1111]]
    >>> word_sweep(words, [0, 0, 0, 0, 0], lambda: 0b0101, width=4)
    >>> words
    [[0, 0], [0, 0]]
    """
    digits = [[int(2**i * p) % 2 for p in up_probability] for i in range(1, 41)]
    rows, cols = len(words), len(words[0])
    for r in range(rows):
        for c in range(cols):
            near = words[r][c - 1], words[r][(c + 1) % cols], words[r - 1][c], words[(r + 1) % rows][c]
            words[r][c] = draw_word(sort_by_count(near, width), digits, toss)


def sort_by_count(near, width):
    """Five words: in the k-th a bit is set where exactly k of the four words ``near`` have it."""
    masks = [2**width - 1, 0, 0, 0, 0]
    for word in near:
        for k in (4, 3, 2, 1):
            masks[k] = masks[k] & ~word | masks[k - 1] & word
        masks[0] &= ~word
    return masks


def draw_word(masks, digits, toss):
    """Bits that are set with probability p_k where mask k is; ``digits[i][k]`` is the i-th binary digit of p_k."""
    up, undecided = 0, sum(masks)
    for row in digits:
        digit = sum(mask for mask, one in zip(masks, row, strict=True) if one)
        coins = toss()
        up |= undecided & digit & ~coins
        undecided &= ~(coins ^ digit)
        if not undecided:
            break
    return up
