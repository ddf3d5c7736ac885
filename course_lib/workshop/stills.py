"""Stills: pictures that a lesson shows before any kernel runs: its opening picture, its explorer's first state.

They are drawn here and committed in ``notebooks/figures/``; ``ising-course build --figures`` renews them.
"""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from course_lib import exact, explorers, images, ising, learning, plots, sampling


def opening_01() -> bytes:
    """Four pictures of spins, half of them up, on a ruler of energies.

    Returns
    -------
    bytes
        A PNG file.
    """
    pictures = images.half_up_pictures()
    return plots.draw_energy_ruler(list(pictures.values()), list(pictures)).png()


def explorer_01() -> bytes:
    """First state of the explorer of lesson 01: its spins, which are buttons there, and its picture.

    Returns
    -------
    bytes
        A PNG file.
    """
    explorer = explorers.EnergyExplorer()
    parts = [Image.open(io.BytesIO(png)) for png in (plots.draw_spins(explorer.spins).png(), explorer.picture)]
    both = Image.new("RGB", (sum(part.width for part in parts), max(part.height for part in parts)), "white")
    for part, left in zip(parts, (0, parts[0].width), strict=True):
        both.paste(part, (left, both.height - part.height))
    stream = io.BytesIO()
    both.save(stream, "PNG", optimize=True)
    return stream.getvalue()


def opening_00() -> bytes:
    """What a lattice draws while it learns its coupling from pictures.

    Returns
    -------
    bytes
        A PNG file.
    """
    hidden, rng = ising.LatticeIsing(J=0.36, h=0.0, shape=(32, 32)), np.random.default_rng(1)
    data = sampling.advance(hidden, sampling.random_states(hidden, 20, rng=rng), 60, rng=rng)
    model, drawn, agree = ising.LatticeIsing(J=0.0, h=0.0, shape=(32, 32)), [], []
    for _ in range(13):
        target = model.moments(data)
        states = sampling.advance(model, sampling.random_states(model, 40, rng=2), 30, rng=2)
        now = model.moments(states)
        drawn.append(states[0])
        agree.append((1 + now[0] / 2048) / 2)
        model = model.step(1e-4 * (target - now))
    steps = (0, 2, 5, 12)
    names = [f"model, step {step}" for step in steps]
    names[0] = "model, at the start"
    return plots.draw_learning(data[0], [drawn[k] for k in steps], names, agree, (1 + target[0] / 2048) / 2).png()


def explorer_00() -> bytes:
    """First state of the explorer of lesson 00.

    Returns
    -------
    bytes
        A PNG file.
    """
    return explorers.MatchExplorer().picture


# The map of the course: where each lesson stands, what is written into its box, and what needs what.
LESSONS = {
    "00": ((0.6, 3.4), "Start here"),
    "01": ((0.6, 2.3), "Ising energy"),
    "02": ((0.6, 1.2), "Boltzmann\ndistribution"),
    "03": ((2.4, 2.05), "MCMC and\nburn-in"),
    "03x": ((2.4, 3.4), "Beating\nslow chains"),
    "04": ((2.4, 0.75), "KL divergence\nand NLL"),
    "05": ((3.85, 1.2), "Boltzmann\nlearning"),
    "05x": ((3.85, 3.4), "Estimators"),
    "06": ((5.75, 3.4), "Image\nassignment"),
    "07": ((5.75, 2.3), "Hopfield\nnetworks"),
    "08": ((5.75, 1.2), "Restricted\nBoltzmann\nmachines"),
    "09": ((7.2, 1.2), "Neural\nquantum\nstates"),
    "09x": ((7.2, 2.3), "Six\nelectrons"),
}
NEEDS = "00 01, 01 02, 02 03, 02 04, 03 05, 04 05, 03 03x, 05 05x, 05 06, 05 07, 05 08, 08 09, 09 09x"  # before, after


def map_00() -> bytes:
    """All lessons, and which needs which.

    Returns
    -------
    bytes
        A PNG file.
    """
    places, titles = ({key: lesson[k] for key, lesson in LESSONS.items()} for k in (0, 1))
    groups = [
        ("one model", "exact", (-0.1, -0.1, 1.3, 3.85)),
        ("three lines", "model", (1.5, -0.1, 4.55, 2.65)),
        ("the same three lines elsewhere", "quiet", (5.05, -0.1, 7.9, 3.85)),
    ]
    verbs = {"03": "sample", "04": "compare moments", "05": "step"}
    needs = [pair.split() for pair in NEEDS.split(", ")]
    return plots.draw_map(places, titles, needs, groups, verbs).png()


def opening_02() -> bytes:
    """Exact laws of the mean spin of a 4 x 4 lattice at three temperatures, each with three pictures drawn from it.

    Returns
    -------
    bytes
        A PNG file.
    """
    rng = np.random.default_rng(39)
    n, temperatures = 16, (1.5, 2.5, 6.0)
    states = exact.states(n)
    sums = (states.sum(axis=1, dtype=int) + n) // 2
    images, laws = [], []
    for temperature in temperatures:
        p = exact.distribution(ising.square_lattice(4, 4), np.zeros(n), beta=1 / temperature)
        laws.append(np.bincount(sums, p, minlength=n + 1))
        images.append(rng.choice(states, 3, p=p).reshape(3, 4, 4))
    names = [f"T = {temperature:g}" for temperature in temperatures]
    return plots.draw_three_temperatures(np.array(images), np.linspace(-1, 1, n + 1), laws, names).png()


def explorer_02() -> bytes:
    """First state of the explorer of lesson 02.

    Returns
    -------
    bytes
        A PNG file.
    """
    return explorers.BoltzmannExplorer().picture


def opening_03() -> bytes:
    """Energy and mean spin of 1000 chains from a hot and from a cold start, on a 32 x 32 lattice at T = 2.5.

    Returns
    -------
    bytes
        A PNG file.
    """
    model, rng, beta = ising.LatticeIsing(J=1.0, h=0.0, shape=(32, 32)), np.random.default_rng(3), 1 / 2.5
    hot, cold = sampling.random_states(model, 1000, rng=rng), np.ones((1000, 32, 32), dtype=int)
    starts, energies, spins = [hot[0], cold[0]], [], []
    for _ in range(501):
        energies.append([model.energy(states).mean() / 1024 for states in (hot, cold)])
        spins.append([states.mean(axis=(1, 2)) for states in (hot, cold)])
        hot, cold = (sampling.advance(model, states, 1, beta=beta, rng=rng) for states in (hot, cold))
    means, error = np.mean(spins, axis=2), np.sqrt(np.var(spins, axis=2).sum(axis=1) / len(hot))
    met = int(np.argmax(np.abs(means[:, 0] - means[:, 1]) < 3 * error))
    images, truth = np.array([*starts, hot[0], cold[0]]), (exact.kaufman(32, 1 / beta)[0], 0.0)
    return plots.draw_hot_and_cold(images, *np.stack([energies, means], axis=2).swapaxes(0, 1), truth, met).png()


def explorer_03() -> bytes:
    """First state of the explorer of lesson 03: its lattice, four pixels a spin, and its traces.

    Returns
    -------
    bytes
        A PNG file.
    """
    explorer = explorers.LiveLattice()
    lattice, traces = (Image.open(io.BytesIO(png)) for png in (explorer.picture, explorer.traces))
    lattice = lattice.convert("RGB").resize((4 * lattice.width, 4 * lattice.height), Image.Resampling.NEAREST)
    both = Image.new("RGB", (lattice.width + traces.width, traces.height), "white")
    both.paste(lattice, (0, (both.height - lattice.height) // 2))
    both.paste(traces, (lattice.width, 0))
    stream = io.BytesIO()
    both.save(stream, "PNG", optimize=True)
    return stream.getvalue()


def opening_03x() -> bytes:
    """A lattice at its critical temperature, moved spin by spin and cluster by cluster.

    Returns
    -------
    bytes
        A PNG file.
    """
    side, beta, rng = 64, 1 / exact.CRITICAL_TEMPERATURE, np.random.default_rng(67)
    model = ising.LatticeIsing(1.0, 0.0, (side, side))
    start, _ = sampling.wolff(model, np.ones((1, side, side)), 200, beta=beta, rng=rng)
    end, shown = 20, (0, 2, 4, 6)
    images = [start]
    for _ in range(end):
        images.append(sampling.advance(model, images[-1], 1, beta=beta, rng=rng))
    local = np.array([image[0] for image in images])
    clusters, work = [start[0]], [0.0]
    while work[-1] < end:
        image, sizes = sampling.wolff(model, clusters[-1][None], 1, beta=beta, rng=rng)
        clusters.append(image[0])
        work.append(work[-1] + sizes[0, 0] / side**2)
    jumps = np.array(clusters)
    pictures = [local[list(shown)], jumps[np.searchsorted(work, shown)]]
    traces = [(np.arange(end + 1), local.mean(axis=(1, 2)) ** 2), (work, jumps.mean(axis=(1, 2)) ** 2)]
    return plots.draw_two_moves(pictures, traces, ["spin by spin", "cluster by cluster"], shown).png()


def explorer_03x() -> bytes:
    """First state of the explorer of lesson 03x.

    Returns
    -------
    bytes
        A PNG file.
    """
    return explorers.WolffExplorer().picture


def opening_04() -> bytes:
    """NLL of ten pictures of 4 x 4 spins over J and h, and the way down from three starts.

    Returns
    -------
    bytes
        A PNG file.
    """
    side, truth = 4, (0.3, 0.1)
    images = sampling.sample_images(*truth, (side, side), 10, burn_in=100, rng=4)
    J, h = np.linspace(-0.4, 0.8, 61), np.linspace(-0.5, 0.7, 61)
    bonds, spins = ising.LatticeIsing(*truth, (side, side)).moments(images)
    log_Z = np.array([[exact.lattice((side, side), a, b)[0] for a in J] for b in h])
    nll = log_Z - J * bonds - h[:, None] * spins
    paths = []
    for start in ((-0.3, 0.55), (0.68, -0.35), (-0.25, -0.4)):
        path = []
        learning.fit(
            ising.LatticeIsing(*start, (side, side)),
            images,
            learning.exact_moments,
            step_size=0.005,
            plain=True,
            max_steps=300,
            callback=lambda model, _, path=path: path.append(model.parameters),
            progress=False,
        )
        paths.append(path)
    best = learning.fit_images(images, method="exact").model.parameters
    covariance = np.linalg.inv(exact.lattice((side, side), *best)[2]) / len(images)
    return plots.draw_valley(J, h, nll, paths, best, covariance, truth).png()


def explorer_04() -> bytes:
    """First state of the explorer of lesson 04.

    Returns
    -------
    bytes
        A PNG file.
    """
    return explorers.PitchforkExplorer().picture


def opening_05() -> bytes:
    """Samples of a cold chain of six spins, their correlations, and the couplings learned from 5000 of them.

    Returns
    -------
    bytes
        A PNG file.
    """
    n, rng = 6, np.random.default_rng(5)
    law = exact.distribution(ising.chain(n, 0.9, periodic=False), np.zeros(n))
    data = rng.choice(exact.states(n), 5000, p=law)
    return plots.draw_unmixing(data[:40], np.corrcoef(data.T), learning.fit_ising(data).J).png()


def explorer_05() -> bytes:
    """First state of the explorer of lesson 05.

    Returns
    -------
    bytes
        A PNG file.
    """
    return explorers.LearningExplorer().picture


def opening_05x() -> bytes:
    """Couplings of 20 spins, warm and cold, as four estimators see them in the same 10 000 samples.

    Returns
    -------
    bytes
        A PNG file.
    """
    n, rng, rows = 20, np.random.default_rng(1), []
    J, h = ising.random_couplings(n, np.random.default_rng(20)), np.random.default_rng(21).normal(0, 0.3, n)
    pairs, estimators = np.triu_indices(n, 1), explorers.EstimatorsExplorer.ESTIMATORS
    for name, beta in (("warm", 0.4), ("cold", 1.5)):
        law = exact.distribution(beta * J, beta * h)
        data = exact.states(n)[rng.choice(len(law), 10_000, p=law)]
        rows.append((name, beta * J[pairs], [(who, estimator(data).J[pairs]) for who, estimator in estimators]))
    return plots.draw_estimates(rows).png()


def explorer_05x() -> bytes:
    """First state of the explorer of lesson 05x.

    Returns
    -------
    bytes
        A PNG file.
    """
    return explorers.EstimatorsExplorer().picture


FIGURES = {
    "00-opening.png": opening_00,
    "00-explorer.png": explorer_00,
    "00-map.png": map_00,
    "01-opening.png": opening_01,
    "01-explorer.png": explorer_01,
    "02-opening.png": opening_02,
    "02-explorer.png": explorer_02,
    "03-opening.png": opening_03,
    "03-explorer.png": explorer_03,
    "03x-opening.png": opening_03x,
    "03x-explorer.png": explorer_03x,
    "04-opening.png": opening_04,
    "04-explorer.png": explorer_04,
    "05-opening.png": opening_05,
    "05-explorer.png": explorer_05,
    "05x-opening.png": opening_05x,
    "05x-explorer.png": explorer_05x,
}


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
