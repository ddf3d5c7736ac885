"""How often error bars hold the truth: the part of `bench --floors` about `Fit.standard_errors`.

Data sets are drawn from known models, weakly and strongly coupled, and fitted by every method that gives errors. Each
parameter of each fit is one bar. Of right 95 % bars 95 % hold the true parameter, to within the chance of so many.
"""

import sys
from dataclasses import dataclass
from functools import partial
from statistics import NormalDist

import numpy as np

from benchmarks.contenders import HEAD, Contender, Verdict, dense5, exact_samples, lines
from benchmarks.table import aligned
from course_lib import ising, learning, sampling

BARS = 2000  # at least, of each method
HALF_WIDTH = NormalDist().inv_cdf(0.975)  # of a 95 % bar, in standard errors
SPREADS = 4  # binomial standard errors that a share may miss 95 % by
WEAK_AND_STRONG = {"weak": 0.5, "strong": 2.0}  # times the couplings of dense5
M, N_IMAGES, FIELD = 1000, 100, 0.02
IMAGE_COUPLINGS = (0.2, 0.42)
# Transfer matrices of 4 x 4 take some milliseconds, those of 8 x 8 a second; 200 sweeps are enough for so small ones.
SIZES = {
    (4, 4): (("exact", {}),),
    (8, 8): (("mc", {"sweeps": 200}), ("pcd", {}), ("cd", {}), ("pseudo-likelihood", {})),
}
PRIOR = 0.5  # deviation of true parameters where l2 is their prior
MISSING = 0.1
TAU = 3.0  # of the snapshots along a chain


@dataclass(frozen=True)
class Drawn:
    """A data set, and the parameters of the model that it was drawn from."""

    truth: np.ndarray
    data: np.ndarray


def off_in_errors(fit, drawn, l2, rng):
    """How far each parameter of a fit is off, in its standard errors."""
    fitted = fit(drawn.data, l2=l2, rng=rng)
    return (fitted.model.parameters - drawn.truth) / fitted.standard_errors


def held(found):
    """The share of bars that hold the truth, against 95 %."""
    share, spread = np.mean(np.abs(found) <= HALF_WIDTH), np.sqrt(0.95 * 0.05 / found.size)
    words = f"{found.size} bars hold: {100 * share:.1f} % (+-{100 * spread:.1f})"
    return Verdict(words, f"95 +-{100 * SPREADS * spread:.1f} %", bool(abs(share - 0.95) <= SPREADS * spread))


def bars(name, n_parameters, fit, **options):
    n_fits = -(-BARS // n_parameters)
    return Contender(name, partial(off_in_errors, partial(fit, progress=False, **options)), n_fits, held)


def by_fresh_chains(data, *, l2, rng, progress):
    """As many chains as samples: half of the variance is theirs."""
    start = ising.Ising(np.zeros((5, 5)), np.arctanh(0.99 * data.mean(axis=0)))
    return learning.fit(start, data, learning.fresh_chains(len(data), 30, rng=rng), l2=l2, progress=progress)


# ---------------------------------------------------------------- data


def of_model(model, data_sets):
    return [Drawn(model.parameters, data) for data in data_sets]


def with_missing(drawn, rng):
    """Entries missing completely at random."""
    return Drawn(drawn.truth, np.where(rng.random(drawn.data.shape) < MISSING, 0, drawn.data).astype(np.int8))


def from_prior(n_sets, rng):
    """A new model for each data set, its parameters drawn from the prior that l2 stands for."""
    models = [ising.Ising(np.zeros((5, 5)), np.zeros(5)).step(rng.normal(0, PRIOR, 15)) for _ in range(n_sets)]
    return [Drawn(model.parameters, *exact_samples(model, 1, M, rng)) for model in models]


def snapshots(model, n_sets, rng):
    """2 TAU M samples along chains, worth M: each repeats the one before so often that the autocorrelation is TAU."""
    repeats = (2 * TAU - 1) / (2 * TAU + 1)  # rho(t) = repeats^t, and tau = 1/2 + sum of rho
    n = int(2 * TAU * M)
    for data in exact_samples(model, n_sets, n, rng):
        new = rng.random(n) >= repeats
        new[0] = True
        yield Drawn(model.parameters, data[np.maximum.accumulate(np.where(new, np.arange(n), 0))])


def drawn_images(J, shape, n_sets, rng):
    """Local moves do not cross from up to down: each image and its mirror image are drawn as they should be."""
    model = ising.LatticeIsing(J, FIELD, shape)
    images = sampling.sample_images(J, FIELD, shape, N_IMAGES * n_sets, burn_in=300, rng=rng)
    return of_model(model, sampling.flip_all(model, images, rng=rng).reshape(n_sets, N_IMAGES, *shape))


# ---------------------------------------------------------------- jobs


def spins(rng):
    by_name = {name: partial(learning.fit_ising, method=name) for name in ("exact", "mc", "pcd", "cd")}
    pseudo = partial(learning.fit_ising, method="pseudo-likelihood")
    for strength, scale in WEAK_AND_STRONG.items():
        truth = ising.Ising(scale * dense5().J, dense5().h)
        contenders = [bars(name, 15, fit) for name, fit in (by_name | {"pseudo-likelihood": pseudo}).items()]
        contenders.append(bars("fit, as many fresh chains as samples", 15, by_fresh_chains))
        n_fits = contenders[0].n_fits
        data_sets = of_model(truth, exact_samples(truth, n_fits, M, rng))
        yield from lines(f"bars: 5 spins, {strength} couplings, M = {M}", contenders, data_sets, 0.0, rng)
        gaps = [with_missing(drawn, rng) for drawn in data_sets]
        yield from lines("  a tenth of the entries missing", [bars("pseudo-likelihood", 15, pseudo)], gaps, 0.0, rng)
        chains = list(snapshots(truth, n_fits, rng))
        worth = [
            bars(f"{name}, effective_samples", 15, fit, effective_samples=M)
            for name, fit in (("exact", by_name["exact"]), ("pseudo-likelihood", pseudo))
        ]
        yield from lines(f"  {2 * TAU:g} M snapshots of a chain, tau = {TAU:g}", worth, chains, 0.0, rng)


def penalised_spins(rng):
    l2, methods = 1 / (M * PRIOR**2), ("exact", "mc", "pcd", "cd", "pseudo-likelihood")
    contenders = [bars(name, 15, partial(learning.fit_ising, method=name)) for name in methods]
    data_sets = from_prior(contenders[0].n_fits, rng)
    yield from lines(f"bars: 5 spins, J and h of deviation {PRIOR}, l2 = {l2:g}", contenders, data_sets, l2, rng)


def images(rng):
    for J in IMAGE_COUPLINGS:
        for shape, methods in SIZES.items():
            contenders = [bars(name, 2, partial(learning.fit_images, method=name, **more)) for name, more in methods]
            data_sets = drawn_images(J, shape, contenders[0].n_fits, rng)
            job = f"bars: {N_IMAGES} images {shape[0]}x{shape[1]}, J = {J}, h = {FIELD}"
            yield from lines(job, contenders, data_sets, 0.0, rng)


JOBS = (spins, penalised_spins, images)


def main():
    seed = int(sys.argv[1]) if sys.argv[1:] else int(np.random.SeedSequence().entropy % 10**6)
    rng = np.random.default_rng(seed)
    print(f"Seed {seed}.")
    for job in JOBS:
        print(aligned([HEAD, *job(rng)]), end="\n\n", flush=True)


if __name__ == "__main__":
    main()
