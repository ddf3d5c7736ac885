"""Measure the four families of lesson 08x for one seed: ``python data/make_generators.py SEED [PART ...]``.

Parts are bars, slow, ising, memory and way; by default all, in some minutes. Each writes its rows, part,
family, quantity, value, into ``generators/PART_SEED.csv``; lesson 08x reads seeds 1 to 5. Needs what the course
installs.
"""

import csv
import io
import sys
import time
from itertools import count
from pathlib import Path

import numpy as np

from course_lib import exact, images, ising, rbm, sampling
from course_lib.divergence import ais_log_partition
from course_lib.files import write_whole
from course_lib.generative import GAN, VAE, Diffusion, copying, nearest, pattern_counts, train

FOLDER = Path(__file__).parent / "generators"
BARS = images.bars_and_stripes(4).reshape(30, 16)
TEMPERATURE = 2.27
STATE = BARS @ (1 << np.arange(16))  # where the patterns stand among all states


def trained(start, data, **options):
    """A model, and the CPU seconds that its training took."""
    before = time.process_time()
    model = train(start, data, progress=False, **options).model
    return model, time.process_time() - before


def trained_machine(n_hidden, data, seed, **options):
    """The same for a restricted Boltzmann machine."""
    before = time.process_time()
    model = rbm.train(rbm.RBM.start(data, n_hidden, rng=seed), data, rng=seed, progress=False, **options).model
    return model, time.process_time() - before


# ---------------------------------------------------------------- bars and stripes


def log_p(machine):
    """Of each pattern, exact."""
    return -machine.energy(BARS) - machine.log_partition()


def divergence(log_probability):
    """KL divergence from the data to a model, from the model's log p of each pattern."""
    return -np.log(30) - np.mean(log_probability)


def of_samples(samples):
    """Validity, patterns found, total variation: of 10 000 samples."""
    counts, other = pattern_counts(samples, BARS)
    n = len(samples)
    off = (np.abs(counts / n - 1 / 30).sum() + other / n) / 2
    return {"validity": counts.sum() / n, "patterns": np.count_nonzero(counts >= n / 600), "total variation": off}


def bars(seed):
    """Each family on bars and stripes; a pattern counts as found from a twentieth of its share on."""
    many = {"n_samples": 10_000, "rng": seed}
    machine, seconds = trained_machine(16, BARS, seed, **MACHINE)
    chains = sampling.advance(machine, sampling.random_states(machine, 10_000, rng=seed), 300, rng=seed)
    exactly = {"exact validity": np.exp(log_p(machine)).sum(), "KL": divergence(log_p(machine))}
    yield "RBM", of_samples(chains) | exactly | {"CPU s": seconds}
    model, seconds = trained(VAE.start(BARS, rng=seed), BARS, rng=seed, **AUTOENCODER)
    bound = -np.log(30) - np.mean([model.slope(BARS, rng=k)[0] for k in range(300)])
    found = {"KL": divergence(model.log_probability(BARS)), "bound": bound, "CPU s": seconds}
    yield "VAE", of_samples(model.sample(**many)) | found
    yield "VAE, rounded", of_samples(model.sample(**many, rounded=True))
    for name, noise in ADVERSARIES.items():
        model, seconds = trained(GAN.start(BARS, noise=noise, rng=seed), BARS, rng=seed, **PLAYED)
        yield name, of_samples(model.sample(**many)) | {"CPU s": seconds}
    model, seconds = trained(Diffusion.start(BARS, rng=seed), BARS, rng=seed, **DIFFUSION)
    yield "diffusion", of_samples(model.sample(**many)) | {"CPU s": seconds}


def way(seed):
    """Diffusion with few steps and many: validity and KL, exact, and the bound from 3000 paths."""
    model, _ = trained(Diffusion.start(BARS, rng=seed), BARS, rng=seed, **DIFFUSION)
    for steps in (1, 2, 5, 10, 20, 100):
        law = model.distribution(steps)
        yield f"diffusion, {steps} steps", of_law(law[STATE]) | bound_of(model, steps, seed)


def of_law(p):
    """What the probabilities of the patterns say."""
    return {"validity": p.sum(), "KL": divergence(np.log(p))}


def bound_of(model, steps, seed):
    """The divergence as the bound has it, from 100 paths a pattern."""
    return {"bound": np.mean(model.bound(np.repeat(BARS, 100, axis=0), steps, rng=seed)) - np.log(30)}


def slow(seed):
    """A machine at a constant rate: what chains from noise show, and what is exact, on the way."""
    rng, kept, step = np.random.default_rng(seed), {}, count()

    def keep(model, gap):
        if (now := next(step)) in LOOKS:
            kept[now] = model

    trained_machine(
        16, BARS, seed, **(MACHINE | {"n_chains": 100, "epochs": 30_000, "falling": False, "callback": keep})
    )
    for now, machine in kept.items():
        noise = sampling.random_states(machine, 5000, rng=rng)
        found = {"KL": divergence(log_p(machine)), "exact validity": np.exp(log_p(machine)).sum()}
        found["validity"] = of_samples(sampling.advance(machine, noise, 100, rng=rng))["validity"]
        yield f"RBM, {now} steps", found | {"sweeps to another pattern": sweeps_to_another(machine, rng)}


def sweeps_to_another(machine, rng, most=20_000):
    """After how many sweeps half of the chains that start at a pattern have shown another one; at most so many."""
    start = np.repeat(BARS, 4, axis=0).astype(np.float32)
    chains, arrived, sweeps, pause = start, np.zeros(len(start), bool), 0, 1
    while sweeps < most and arrived.mean() < 0.5:
        chains = machine.swept(chains, pause, rng)
        sweeps, pause = sweeps + pause, max(1, (sweeps + pause) // 20)
        is_pattern = (chains[:, None] == BARS).all(axis=2).any(axis=1)
        arrived |= is_pattern & np.any(chains != start, axis=1)
    return min(sweeps, most)


# ---------------------------------------------------------------- Ising 8x8


def of_lattices(units):
    """Energy, magnetisation and heat capacity per spin."""
    spins = 2 * units.reshape(-1, 8, 8).astype(int) - 1
    energies, magnetisations = -ising.bond_sum(spins), np.abs(ising.spin_sum(spins)) / 64
    capacity = energies.var() / TEMPERATURE**2 / 64
    return {"E/N": energies.mean() / 64, "|m|": magnetisations.mean(), "C/N": capacity}


def lattices(seed):
    """Each family on 10 000 lattices at T = 2.27; how far its law is off, on 4000 others."""
    data, test = (lattice_data(n, rng) for n, rng in ((10_000, seed), (4000, 1000 + seed)))
    yield "data", of_lattices(data)
    machine, seconds = trained_machine(128, data, seed, method="cd", adam=True, rate=0.01, epochs=40)
    chains = sampling.advance(machine, sampling.random_states(machine, 5000, rng=seed), 500, rng=seed)
    # From coins: with biases alone the path would begin in one corner, as they balance the weights.
    coins = machine.step(-machine.parameters)
    log_Z, error = ais_log_partition(machine, coins, n_chains=1000, n_temperatures=1000, rng=seed, progress=False)
    far = off(test, -machine.energy(test) - log_Z, "KL") | {"error of AIS": error}
    yield "RBM", of_lattices(chains) | far | {"CPU s": seconds}
    model, seconds = trained(VAE.start(data, n_latent=8, n_hidden=128, rng=seed), data, rng=seed, steps=4000)
    # The slope's value is a mean over samples: one sample at a time, each from one draw of z.
    bounds = np.array([model.slope(x[None].astype(float), rng=[seed, k])[0] for k, x in enumerate(test)])
    yield "VAE", of_lattices(model.sample(10_000, rng=seed)) | off(test, bounds, "bound") | {"CPU s": seconds}
    yield "VAE, rounded", of_lattices(model.sample(10_000, rounded=True, rng=seed))
    start = GAN.start(data, n_latent=16, n_hidden=128, noise=0.5, rng=seed)
    model, seconds = trained(start, data, rng=seed, steps=5000, rate=0.001, batch_size=100)
    yield "GAN, annealed noise", of_lattices(model.sample(10_000, rng=seed)) | {"CPU s": seconds}
    start = Diffusion.start(data, n_hidden=256, rng=seed)
    model, seconds = trained(start, data, rng=seed, steps=8000, rate=0.002)
    far = off(test, -model.bound(test, 200, rng=seed), "bound")
    yield "diffusion", of_lattices(model.sample(5000, steps=200, rng=seed)) | far | {"CPU s": seconds}


def lattice_data(n, rng):
    """Independent lattices, as 0 and 1."""
    spins = sampling.sample_images(1 / TEMPERATURE, 0.0, (8, 8), n, burn_in=2000, rng=rng)
    return ((spins + 1) // 2).reshape(-1, 64)


def off(test, log_p, name):
    """Mean of exact log p minus a model's, image by image: most of both is common; with the error of this mean.

    Beside it the error that log p alone would have.
    """
    spins = 2 * test.reshape(-1, 8, 8).astype(int) - 1
    exactly = ising.bond_sum(spins) / TEMPERATURE - exact.kaufman_log_partition(8, TEMPERATURE)
    root = np.sqrt(len(test))
    return {
        name: np.mean(exactly - log_p),
        "error": np.std(exactly - log_p) / root,
        "error of log p alone": np.std(log_p) / root,
    }


# ---------------------------------------------------------------- memory


def memory(seed):
    """Diffusion on 200 digits, short and long: how many samples are copies, and what two-sample tests say.

    Beside it a narrower network, and what 200 other digits get, which nobody drew.
    """
    with np.load(Path(__file__).parent / "digits.npz") as kept:
        digits = (kept["images"] >= 8).reshape(-1, 64).astype(np.int8)
    digits = np.unique(digits, axis=0)
    shuffled = np.random.default_rng(seed).permutation(digits)
    seen, test, others = shuffled[:600].reshape(3, 200, 64)
    for hidden, steps in ((256, 500), (256, 2000), (256, 16_000), (128, 16_000)):
        model, _ = trained(Diffusion.start(seen, n_hidden=hidden, rng=seed), seen, rng=seed, steps=steps, rate=0.002)
        yield f"{steps} steps, {hidden} wide", against(model.sample(1000, steps=100, rng=seed), seen, test)
    yield "200 other digits", against(others, seen, test)


def against(samples, seen, test):
    """What three tests say."""
    found = {"verbatim": np.mean(nearest(samples, seen) == 0), "copying": copying(samples, seen, test)}
    return found | {"two samples": two_samples(samples[:200], seen)}


def two_samples(samples, data):
    """Share of nearest neighbours, among both, that are of the same kind: 1/2 where the two cannot be told apart."""
    both, kind = np.concatenate([samples, data]).astype(float), np.arange(len(samples) + len(data)) < len(samples)
    differ = both.sum(1)[:, None] + both.sum(1) - 2 * both @ both.T + 1e9 * np.eye(len(both))
    ties = differ == differ.min(axis=1, keepdims=True)
    return np.mean((ties * (kind[:, None] == kind)).sum(axis=1) / ties.sum(axis=1))


LOOKS = 1500, 3000, 6000, 12_000, 30_000
MACHINE = {"method": "pcd", "sweeps": 5, "n_chains": 1000, "batch_size": 30, "epochs": 6000, "rate": 0.2}
AUTOENCODER = {"steps": 8000, "rate": 0.005, "batch_size": 60}
PLAYED = {"steps": 12_000, "rate": 0.003, "batch_size": 64}
ADVERSARIES = {"GAN": 0.0, "GAN, annealed noise": 1.5}
DIFFUSION = {"steps": 4000, "rate": 0.01}
PARTS = {"bars": bars, "slow": slow, "ising": lattices, "memory": memory, "way": way}


def write(part, seed):
    """Measure one part, and write its rows."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    for family, found in PARTS[part](seed):
        rows.writerows((part, family, quantity, f"{value:.6g}") for quantity, value in found.items())
        print(seed, part, family, {name: round(float(value), 4) for name, value in found.items()}, flush=True)
    write_whole(FOLDER / f"{part}_{seed}.csv", text.getvalue().encode())


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for part in sys.argv[2:] or PARTS:
        write(part, int(sys.argv[1]))
