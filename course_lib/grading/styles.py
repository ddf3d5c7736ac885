"""The assignment's functions as different students might write them, all of them right; for `demo`."""

STYLES = {
    "binarize": [
        """def binarize(grey):
    middle = np.median(grey)
    spins = -np.ones(grey.shape, dtype=np.int8)
    spins[grey > middle] = 1
    return spins
""",
    ],
    "bond_sum": [
        """def bond_sum(images):
    images = np.asarray(images, dtype=int)
    total = 0
    for axis in (-2, -1):
        total = total + (images * np.roll(images, 1, axis)).sum(axis=-1).sum(axis=-1)
    return total
""",
        """def bond_sum(images):
    x = np.array(images).astype(float)
    right = np.concatenate([x[..., 1:], x[..., :1]], axis=-1)
    below = np.concatenate([x[..., 1:, :], x[..., :1, :]], axis=-2)
    return np.einsum("...ij,...ij->...", x, right + below)
""",
    ],
    "spin_sum": [
        """def spin_sum(images):
    images = np.asarray(images)
    return images.reshape(*images.shape[:-2], -1).astype(int).sum(-1)
""",
    ],
    "gradient": [
        """def gradient(images, model_bonds, model_spins):
    n_pixels = images.shape[1] * images.shape[2]
    slope_J = np.mean(bond_sum(images)) - model_bonds
    slope_h = np.mean(spin_sum(images)) - model_spins
    return np.array([slope_J / n_pixels, slope_h / n_pixels])
""",
    ],
    "draw_images": [
        """def draw_images(J, h, size, n_images, rng, start=None, sweeps=300):
    x = start.copy() if start is not None else np.sign(rng.random((n_images, size, size)) - 0.5).astype(np.int8)
    i, j = np.meshgrid(np.arange(size), np.arange(size), indexing="ij")
    masks = [(i + j) % 2 == 0, (i + j) % 2 == 1]
    for step in range(2 * sweeps):
        around = np.roll(x, 1, 1) + np.roll(x, -1, 1) + np.roll(x, 1, 2) + np.roll(x, -1, 2)
        local = J * around + h
        p_up = 0.5 * (1 + np.tanh(local))
        new = np.where(rng.random(x.shape) < p_up, 1, -1)
        x = np.where(masks[step % 2], new, x).astype(np.int8)
    return x
""",
        """def draw_images(J, h, size, n_images, rng, start=None, sweeps=300):
    if start is None:
        start = 2 * rng.integers(0, 2, size=(n_images, size, size), dtype=np.int8) - 1
    state = np.array(start)
    black = checkerboard(size)[0]
    for n in range(2 * sweeps):
        for where in (black, ~black):
            cost = 2 * state * (np.float32(J) * neighbour_sum(state) + np.float32(h))
            flip = (rng.random(state.shape) < 0.9 * np.minimum(1, np.exp(-cost))) & where
            state[flip] *= -1
    return state
""",
    ],
    "model_averages": [
        """def model_averages(J, h, size, n_images, rng):
    sample = draw_images(J, h, size, n_images, rng)
    b = bond_sum(sample)
    s = spin_sum(sample)
    return np.array([np.average(b), np.average(s)])
""",
    ],
    "fit_images": [
        """def fit_images(images, rng):
    L = images.shape[1]
    want = np.array([np.mean(bond_sum(images)), np.mean(spin_sum(images))])
    J, h = 0.0, 0.0
    state, kept = None, []
    for round in range(90):
        state = draw_images(J, h, L, 300, rng, start=state, sweeps=6)
        b, s = bond_sum(state), spin_sum(state)
        cov = np.array([[np.var(b), np.mean(b * s) - b.mean() * s.mean()], [0, np.var(s)]])
        cov[1, 0] = cov[0, 1]
        dJ, dh = np.linalg.inv(cov) @ (want - np.array([b.mean(), s.mean()]))
        J += 0.25 * max(-0.4, min(0.4, dJ))
        h += 0.25 * max(-0.4, min(0.4, dh))
        if round >= 45:
            kept.append((J, h))
    J, h = np.array(kept).mean(axis=0)
    spread = np.linalg.inv(cov * len(images))
    return np.array([J, h, spread[0, 0] ** 0.5, spread[1, 1] ** 0.5])
""",
        """def fit_images(images, rng):
    def phi(x):
        return np.stack([bond_sum(x), spin_sum(x)]).astype(float)

    data, theta, total = phi(images).mean(axis=1), np.zeros(2), np.zeros(2)
    walkers = draw_images(0, 0, images.shape[-1], 256, rng, sweeps=2)
    n_steps = 70
    for t in range(1, n_steps + 1):
        walkers = draw_images(theta[0], theta[1], images.shape[-1], 256, rng, walkers, 8)
        features = phi(walkers)
        fisher = np.cov(features)
        delta = np.linalg.lstsq(fisher, data - features.mean(axis=1), rcond=None)[0]
        theta = theta + np.clip(delta, -0.3, 0.3) * (0.5 if t < 20 else 0.2)
        if t > n_steps // 2:
            total += theta
    best = total / (n_steps - n_steps // 2)
    sigma = np.diag(np.linalg.pinv(fisher)) ** 0.5 / np.sqrt(images.shape[0])
    return np.r_[best, sigma]
""",
    ],
    "correlation": [
        """def correlation(images, max_distance):
    images = images.astype(float)
    out = []
    for r in range(1, max_distance + 1):
        across = (images * np.roll(images, -r, axis=2)).mean()
        downwards = (images * np.roll(images, -r, axis=1)).mean()
        out.append(0.5 * across + 0.5 * downwards)
    return np.array(out)
""",
    ],
    "twist_statistics": [
        """def twist_statistics(images):
    x = np.asarray(images, dtype=int)

    def neighbours(dy, dx):
        return (x * np.roll(np.roll(x, -dy, axis=1), -dx, axis=2)).sum(axis=2).sum(axis=1)

    if twist == 0:
        return np.column_stack([neighbours(0, 1), neighbours(1, 0), x.sum(axis=2).sum(axis=1)])
    both = neighbours(0, 1) + neighbours(1, 0)
    if twist == 1:
        return np.column_stack([both, neighbours(1, 1) + neighbours(1, -1)])
    sign = np.where(checkerboard(x.shape[1])[0], 1, -1)
    return np.column_stack([both, (sign * x).sum(axis=2).sum(axis=1)])
""",
    ],
    "draw_twist": [
        """def draw_twist(parameters, size, n_images, rng, start=None, sweeps=300):
    x = np.sign(rng.random((n_images, size, size)) - 0.5) if start is None else np.array(start, dtype=float)
    i, j = np.meshgrid(np.arange(size), np.arange(size), indexing="ij")
    sign = (-1.0) ** (i + j)
    for sweep in range(sweeps):
        for y0, x0 in [(0, 0), (0, 1), (1, 0), (1, 1)]:
            left_right = np.roll(x, 1, 2) + np.roll(x, -1, 2)
            up_down = np.roll(x, 1, 1) + np.roll(x, -1, 1)
            if twist == 0:
                local = parameters[0] * left_right + parameters[1] * up_down + parameters[2]
            if twist == 1:
                diagonal = np.roll(up_down, 1, 2) + np.roll(up_down, -1, 2)
                local = parameters[0] * (left_right + up_down) + parameters[1] * diagonal
            if twist == 2:
                local = parameters[0] * (left_right + up_down) + parameters[1] * sign
            p_up = 0.5 * (1 + np.tanh(local[:, y0::2, x0::2]))
            x[:, y0::2, x0::2] = np.where(rng.random(p_up.shape) < p_up, 1, -1)
    return x.astype(np.int8)
""",
        """def draw_twist(parameters, size, n_images, rng, start=None, sweeps=300):
    rows, cols = np.ogrid[:size, :size]
    groups = [(rows % 2 == a) & (cols % 2 == b) for a in range(2) for b in range(2)]
    shifts = {
        0: [[(0, 1), (0, -1)], [(1, 0), (-1, 0)]],
        1: [[(0, 1), (0, -1), (1, 0), (-1, 0)], [(1, 1), (1, -1), (-1, 1), (-1, -1)]],
        2: [[(0, 1), (0, -1), (1, 0), (-1, 0)]],
    }[twist]
    field = {0: parameters[-1], 1: 0.0, 2: parameters[-1] * (1 - 2 * ((rows + cols) % 2))}[twist]
    spins = rng.choice([-1, 1], size=(n_images, size, size)) if start is None else start
    for _ in range(sweeps):
        for group in groups:
            force = field
            for coupling, moves in zip(parameters, shifts):
                force = force + coupling * sum(np.roll(spins, move, axis=(1, 2)) for move in moves)
            chance = 1 / (1 + np.exp(-2 * force))
            spins = np.where(group, np.where(chance > rng.random(spins.shape), 1, -1), spins)
    return spins
""",
    ],
    "twist_fit": [
        """def fit_twist(images, rng):
    L = images.shape[1]
    want = np.mean(twist_statistics(images), axis=0)
    guess, state, kept = np.zeros(len(want)), None, []
    for round in range(70):
        state = draw_twist(guess, L, 150, rng, start=state, sweeps=4)
        values = twist_statistics(state)
        cov = np.cov(values, rowvar=False) + 1e-3 * np.eye(len(want))
        change = np.linalg.inv(cov) @ (want - values.mean(axis=0))
        guess = guess + 0.25 * np.maximum(-0.4, np.minimum(0.4, change))
        if round >= 35:
            kept.append(guess)
    return np.array(kept).mean(axis=0)
""",
        """def fit_twist(images, rng):
    data = twist_statistics(images).mean(axis=0)
    theta, total = 0.0 * data, 0.0 * data
    walkers = draw_twist(theta, images.shape[-1], 128, rng, sweeps=2)
    n_steps = 60
    for t in range(1, n_steps + 1):
        walkers = draw_twist(theta, images.shape[-1], 128, rng, walkers, 6)
        features = twist_statistics(walkers).T
        delta = np.linalg.lstsq(np.cov(features), data - features.mean(axis=1), rcond=None)[0]
        theta = theta + np.clip(delta, -0.3, 0.3) * (0.5 if t < 20 else 0.2)
        if t > n_steps // 2:
            total += theta
    return total / (n_steps - n_steps // 2)
""",
    ],
}
