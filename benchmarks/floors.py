"""`python -m benchmarks.floors [seed]` from the project root: how exact learning is, against what data can tell at all.

`ising-course bench --floors` runs it with one thread. It draws fresh data sets, fits them by our methods and by others,
and holds the errors of the parameters against the Cramer-Rao bound, those of the moments against the data's noise.
"""

import os
import sys
import time
from functools import partial
from itertools import count

import numpy as np

from benchmarks import coverage, learners, limits
from benchmarks.contenders import HEAD, Contender, Verdict, dense5, exact_samples, lines, our_fit, ours, random_model
from benchmarks.race import Job, Peer, race, seconds
from benchmarks.samplers import threads
from benchmarks.table import aligned, table
from course_lib import exact, ising, learning, sampling

M = 10_000  # samples of coupled spins
EFFICIENT_FITS, IMAGE_FITS, PSEUDO_FITS, SLOW_FITS, MODELS = 400, 100, 400, 3, 3
N_IMAGES, SHAPE, FIELD = 100, (32, 32), 0.02
BLOG_ROUNDS = 5

# For 100 images of 32 x 32 at h = 0.02: the Cramer-Rao bounds of J and h, from the covariance of bond and spin sum over
# 1.6e6 sweeps of another sampler (known to some 0.5 %), and RMSE / CRB of pseudo-likelihood (to 5 %).
IMAGES = {
    0.30: ((0.0017796, 0.0012678), (1.24, 1.13)),
    0.40: ((0.0018378, 0.0016292), (1.58, 2.19)),
    0.44: ((0.0026040, 0.003717), (1.66, 2.31)),
}
PSEUDO_TOLERANCE = 0.15

FOOT = """
Seed {seed}: `python -m benchmarks.floors {seed}` draws the same data. One thread, unless a row says two. The
median of the fits' times is held against the target; where CPU, the median of their processor times, is far below it,
the machine was busy with other work.
- RMSE/CRB: root mean square error of the parameters over the Cramer-Rao bound sqrt(diag(F^-1) / M), F the Fisher
  information of a sample, both averaged over the couplings, or fields, of a model. No unbiased estimate is below 1.
  From R data sets it is known to +-1/sqrt(2R), or better for the mean of several; its limit is 1 + 3/sqrt(2R)
- moments: largest difference between a mean of the data (s_i s_j or s_i) and the model's, summed over all states; for
  100 spins in standard errors of the data, sqrt((1 - c^2) / M), with the model's mean from a run of new chains, whose
  own noise (our look: its rms, in the same unit) is left in
- l2 = 1/M: a penalty, where the likelihood of the data has no maximum; all contenders of the row have it
- scikit-learn: its logistic regression (newton-cholesky) of each spin on the others, with the two answers for a
  coupling averaged
- adabmDCA: a Potts model of two colours with 10 000 chains, 300 steps at a learning rate of 0.5; for 20 spins, where
  that rate is unstable, 100 smaller steps take a minute or two and are not enough
- bars hold: the share of 95 % bars, estimate +- 1.96 standard errors, that hold the true parameter; its limit is 4
  binomial standard errors of 95 %. See benchmarks/coverage.py
- the blog's loop: eta = 0.1, 10 000 sweeps of one chain a step. How many steps it takes to come as near to the most
  likely parameters as "mc, 10 sweeps" did is counted with exact moments, which is kind to it; a step is timed as it is
Load average {before} before, {after} after, {cores} cores; {minutes:.1f} minutes."""


# ---------------------------------------------------------------- contenders


def regressions(n_fits, judge):
    return Contender("scikit-learn", lambda data, l2, rng: learners.logistic_regressions(data, l2), n_fits, judge)


def adabmdca(n_fits, judge):
    return Contender("adabmDCA", lambda data, l2, rng: learners.adabmdca(data, rng), n_fits, judge)


# ---------------------------------------------------------------- errors


def efficiency(truth, bounds, groups, found):
    """RMSE / CRB of each group of parameters, with its spread, as numbers and in words."""
    errors = np.mean((found - truth) ** 2, axis=0)
    ratios = [np.sqrt(errors[group].mean() / np.mean(bounds[group] ** 2)) for group in groups]
    spread = 1 / np.sqrt(2 * len(found))
    return ratios, spread, f"RMSE/CRB J {ratios[0]:.3f}, h {ratios[1]:.3f} (+-{spread:.3f})"


def shown(measure, found):
    """No target: the error is shown."""
    return Verdict(measure(found)[-1])


def at_bound(measure, found):
    """Whether RMSE / CRB is 1, up to three times its spread."""
    ratios, spread, words = measure(found)
    limit = 1 + 3 * spread
    return Verdict(words, f"<= {limit:.3f}", bool(max(ratios) <= limit))


def at_floor(expected, measure, found):
    """Whether RMSE / CRB is what the method is known for."""
    ratios, _, words = measure(found)
    near = np.allclose(ratios, expected, rtol=PSEUDO_TOLERANCE, atol=0)
    return Verdict(words, f"{expected[0]}, {expected[1]} +-{PSEUDO_TOLERANCE:.0%}", bool(near))


def below(limit, measure, found):
    error, words = measure(found)
    return Verdict(words, f"<= {limit:g}", bool(error <= limit))


def moment_error(target, found):
    """Largest difference from the data's moments, by sums over all states."""
    model = coupled_spins(found[0], len(target))
    mean, correlation = exact.moments(model.J, model.h)
    error = np.abs(learners.packed(correlation, mean) - target).max()
    return error, f"moments {error:.2g}"


def moment_error_in_errors(target, found):
    """Largest difference from the data's moments in standard errors of these, by sums over all states."""
    now = learning.exact_moments(coupled_spins(found[0], len(target))).mean
    error = np.abs((now - target) / noise(target, 10**6)).max()
    return error, f"moments {error:.2f} standard errors of the data"


def moment_error_in_noise(target, rng, found):
    """Largest difference from the data's moments in standard errors of these, by sampling."""
    now, own = sampled_moments(coupled_spins(found[0], len(target)), rng)
    scale = noise(target, M)
    error = np.abs((now - target) / scale).max()
    look = np.sqrt(np.mean((own / scale) ** 2))
    return error, f"moments {error:.2f} standard errors of the data (our look: {look:.2f})"


def coupled_spins(parameters, n_moments):
    n = round(np.sqrt(2 * n_moments + 0.25) - 0.5)  # n (n + 1) / 2 moments
    return ising.Ising(np.zeros((n, n)), np.zeros(n)).step(parameters)


def noise(moments, n_samples):
    """Standard errors of the data's moments; what never changed is taken to change in half a sample."""
    return np.sqrt(np.maximum(1 - moments**2, 2 / n_samples) / n_samples)


def sampled_moments(model, rng, n_chains=4096, burn_in=500, blocks=16, sweeps=100):
    """Mean statistics of coupled spins from new chains, and their standard errors from blocks of the run."""
    states, means = sampling.advance(model, sampling.random_states(model, n_chains, rng=rng), burn_in, rng=rng), []
    for _ in range(blocks):
        states, mean = sampling.average_moments(model, states, sweeps, rng=rng, progress=False)
        means.append(mean)
    return np.mean(means, axis=0), np.std(means, axis=0, ddof=1) / np.sqrt(blocks)


# ---------------------------------------------------------------- data


def with_frozen_spins(model, frozen=3, mean=0.997):
    """The same model with the first fields such that these spins are nearly always up."""
    h = model.h.copy()
    for _ in range(20):
        h[:frozen] += np.arctanh(mean) - np.arctanh(exact.moments(model.J, h)[0][:frozen])
    return ising.Ising(model.J, h)


def needed_penalty(spins):
    """0, or 1/M if the likelihood of these data has no maximum."""
    try:
        learning.fit_ising(spins, progress=False)
    except learning.NoMaximum:
        return 1 / len(spins)
    return 0.0


# ---------------------------------------------------------------- jobs


def five_spins(rng):
    truth = dense5()
    bounds = learning.fisher_errors(learning.exact_moments(truth).covariance, M)
    measure = partial(efficiency, truth.parameters, bounds, (slice(0, 10), slice(10, 15)))
    target, show = partial(at_bound, measure), partial(shown, measure)
    contenders = (
        ours("exact", EFFICIENT_FITS, target, at_most=0.010),
        ours("mc", EFFICIENT_FITS, target, sweeps=20),
        ours("pcd", EFFICIENT_FITS, target),
        ours("pseudo-likelihood", EFFICIENT_FITS, show),
        regressions(EFFICIENT_FITS, show),
        adabmdca(SLOW_FITS, show),
    )
    data_sets = exact_samples(truth, EFFICIENT_FITS, M, rng)
    yield from lines(f"5 spins (dense5), M = {M}", contenders, data_sets, 0.0, rng)


def twenty_spins(rng):
    for kind, freeze in (("", None), (", three frozen, <s> = 0.997", with_frozen_spins)):
        for number in range(1, MODELS + 1):
            truth = random_model(20, 1.0, rng)
            data_sets = exact_samples(freeze(truth) if freeze else truth, 1, M, rng)
            l2 = needed_penalty(data_sets[0])
            measure = partial(moment_error, truth.moments(data_sets[0]))
            target = partial(below, 0.01, measure)
            contenders = (
                ours("exact", 1, target, at_most=2.0),
                ours("pcd", 1, target, at_most=10.0),
                ours("pseudo-likelihood", 1, partial(shown, measure)),
                regressions(1, partial(shown, measure)),
            )
            job = f"20 spins{kind}, M = {M}{', l2 = 1/M' if l2 else ''}: model {number}"
            yield from lines(job, contenders, data_sets, l2, rng)


def million_samples(rng):
    """Time and memory where draws for every sample would be too many."""
    truth = random_model(20, 0.3, rng)
    data_sets = exact_samples(truth, 1, 10**6, rng)
    target = partial(below, 3, partial(moment_error_in_errors, truth.moments(data_sets[0])))
    show = partial(shown, target.args[1])
    contenders = [ours(method, 1, target, at_most=15.0) for method in ("pcd", "mc", "exact")]
    contenders += [ours("cd", 1, show, at_most=15.0), ours("pseudo-likelihood", 1, show)]
    memory = partial(below, 1, lambda found: (found[0, 0], f"peak memory {found[0, 0]:.2f} GB"))
    contenders.append(Contender("pcd, in a process of its own", million_in_a_process, 1, memory))
    with threads(2):
        yield from lines(f"20 spins, M = {10**6}; two threads", contenders, data_sets, 0.0, rng)


def million_in_a_process(data, l2, rng):
    """The most memory, in GB, that a process holds which draws such data and fits them."""
    code = (
        "import numpy as np; from benchmarks import floors, limits; from course_lib import learning, sampling; "
        "model = floors.random_model(20, 0.3, np.random.default_rng(1)); "
        "start = sampling.random_states(model, 10**6, rng=1); "
        "data = sampling.advance(model, start, 50, rng=2); "
        "learning.fit_ising(data, method='pcd', rng=3, progress=False); print(limits.peak_memory())"
    )
    return [float(limits.python(code))]


def hundred_spins(rng):
    for deviation, l2 in ((0.3, 0.0), (1.0, 1 / M)):
        truth = random_model(100, deviation, rng)
        spins = sampling.advance(truth, sampling.random_states(truth, M, rng=rng), 2000, rng=rng)
        measure = partial(moment_error_in_noise, truth.moments(spins), rng)
        contenders = [ours("pcd", 1, partial(below, 2, measure), at_most=60.0)]
        if not l2:
            show = partial(shown, measure)
            contenders += [ours("pseudo-likelihood", 1, show), regressions(1, show)]
        job = f"100 spins, h of deviation {deviation:g}, M = {M}{', l2 = 1/M' if l2 else ''}; two threads"
        with threads(2):
            yield from lines(job, contenders, [spins], l2, rng)


def images(rng):
    for J, (bounds, expected) in IMAGES.items():
        total = N_IMAGES * max(IMAGE_FITS, PSEUDO_FITS)
        data_sets = sampling.sample_images(J, FIELD, SHAPE, total, burn_in=1000, rng=rng).reshape(-1, N_IMAGES, *SHAPE)
        measure = partial(efficiency, np.array([J, FIELD]), np.array(bounds), ([0], [1]))
        contenders = (
            ours("pcd", IMAGE_FITS, partial(at_bound, measure), at_most=10.0),
            ours("pseudo-likelihood", PSEUDO_FITS, partial(at_floor, expected, measure)),
        )
        yield from lines(f"{N_IMAGES} images 32x32, J = {J:.2f}, h = {FIELD}", contenders, data_sets, 0.0, rng)


# ---------------------------------------------------------------- the blog's loop


def blog_jobs(rng):
    """Races to the accuracy of "mc, 10 sweeps": root mean square distance from the most likely parameters."""
    (spins,) = exact_samples(dense5(), 1, M, rng)
    best = learning.fit_ising(spins, progress=False).model.parameters

    def distance(parameters):
        return np.sqrt(np.mean((parameters - best) ** 2))

    fits = [our_fit("mc", spins, 0.0, rng, sweeps=10) for _ in range(BLOG_ROUNDS)]
    accuracy = np.sqrt(np.mean([distance(found) ** 2 for found in fits]))
    mean, correlation = spins.mean(axis=0), spins.T.astype(float) @ spins / M
    start = learners.blog_start(5)
    steps = steps_to(accuracy, distance, learners.blog_learning(*start, mean, correlation, exact.moments))
    blog = learners.blog_learning(*start, mean, correlation)
    peer = Peer(f"the blog's loop, {steps} steps", lambda: lambda: steps * seconds(next, blog), 500)
    for name, method, options in (("exact", "exact", {}), ("mc, 10 sweeps", "mc", {"sweeps": 10}), ("mc", "mc", {})):
        fit = partial(seconds, partial(our_fit, method, spins, 0.0, rng, **options))
        yield Job(f"5 spins, parameters to {accuracy:.2g}: {name}", lambda fit=fit: fit, (peer,))


def steps_to(accuracy, distance, path):
    """After how many steps a path is first so near."""
    return next(k for k, (J, h) in zip(count(1), path, strict=False) if distance(learners.packed(J, h)) <= accuracy)


# ---------------------------------------------------------------- all of it


def load():
    return " ".join(f"{x:.1f}" for x in os.getloadavg()) if hasattr(os, "getloadavg") else "unknown"


def main():
    seed = int(sys.argv[1]) if sys.argv[1:] else int(np.random.SeedSequence().entropy % 10**6)
    before, start, rng = load(), time.perf_counter(), np.random.default_rng(seed)
    np.random.seed(seed)  # noqa: NPY002  (the blog's)
    for job in (five_spins, twenty_spins, million_samples, hundred_spins, images, *coverage.JOBS):
        print(aligned([HEAD, *job(rng)]), end="\n\n", flush=True)
    print(table(race(list(blog_jobs(rng)), BLOG_ROUNDS)))
    minutes = (time.perf_counter() - start) / 60
    print(FOOT.format(seed=seed, before=before, after=load(), cores=os.cpu_count(), minutes=minutes))


if __name__ == "__main__":
    main()
