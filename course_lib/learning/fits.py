"""Fits by name: `fit_ising` for spins, `fit_images` for lattices, each with any of the methods of this folder."""

import warnings
from dataclasses import replace

import numpy as np

from course_lib import exact
from course_lib.inputs import check_array, check_batch, check_count, check_images, check_number, check_spins
from course_lib.ising import Ising
from course_lib.learning.coexistence import coexistence_in
from course_lib.learning.contrastive import contrastive_divergence
from course_lib.learning.errors import check_effective_samples, count_samples
from course_lib.learning.existence import check_maximum_of_images, check_maximum_of_spins, check_step
from course_lib.learning.loop import fit
from course_lib.learning.meanfield import mean_field, mean_field_images, tap
from course_lib.learning.pseudolikelihood import check_votes, fit_sites, fit_spins
from course_lib.learning.sources import SPINS_AT_A_TIME, exact_moments, fresh_chains, persistent_chains

SWEEPS = {"mc": 100, "pcd": 10, "cd": 1}
# Near the critical point domains of a large lattice grow for hundreds of sweeps.
SWEEPS_OF_IMAGES = {"mc": 1000, "pcd": 30, "cd": 1}
# Draws of the rough and of the fine part of a fit, for each sample of the data. The fine one adds 1/20 to the
# variance of the parameters, 2.5 % to their errors, which count it.
ROUGH, FINE = 1, 20
LEAST_CHAINS = 1000
# Where there are millions of samples: so many for a model, 10 seconds of sweeps or less. Their noise then is larger.
SPINS_DRAWN = 100_000_000
STEPPING = ("exact", "mc", "pcd", "cd")
WITH_WEIGHTS = ("exact", "pseudo-likelihood", "mean-field", "tap")


def fit_ising(
    data,
    *,
    weights=None,
    effective_samples=None,
    method="exact",
    start=None,
    sweeps=None,
    rng=None,
    l1=0.0,
    l2=0.0,
    max_steps=1000,
    **options,
):
    """The couplings and fields under which the data are most likely.

    Parameters
    ----------
    data : array of +-1, shape (..., N)
        The leading axes count the samples; they should be independent. "pseudo-likelihood" also takes int8 data with 0
        where an entry is missing: see `pseudo_likelihood`.
    weights : array, shape (...), optional
        How often each sample counts, 0 or above; the number of samples is their sum. Not for "mc", "pcd" and "cd".
    effective_samples : float, optional
        How many independent samples the data are worth, where that is not their number M: snapshots of a chain are
        worth M / (2 tau). Only the errors need it; not for "mean-field" and "tap".
    method : str
        ========================  ============================================================  ==============
        "exact"                   maximum likelihood, sums over all 2**N states                 N <= 25
        "mc"                      the same, by new chains for every step                        any N
        "pcd"                     the same, by chains that go on from step to step              any N
        "cd"                      contrastive divergence: chains start at the data              any N
        "pseudo-likelihood"       each spin given all others; no sums over states, no chains    any N
        "mean-field", "tap"       from the inverse of the covariance; biased, without errors   weak couplings
        ========================  ============================================================  ==============
    start : Ising, optional
        For the first four. By default independent spins with the data's means, and from 10 spins on the
        pseudo-likelihood's answer. With very many samples that may be as near as the chains can tell: then the fit is
        stopped by "noise" after one look or two.
    sweeps : int, optional
        For "mc" from random states to samples (by default 100), for "pcd" between draws (10), for "cd" the k of CD-k
        (1). In a cold or glassy system no number may do.
    rng : numpy.random.Generator or seed
        For "mc", "pcd" and "cd".
    l1, l2 : float
        Penalties as in `fit`, l1 on the couplings only. Not for "mean-field" and "tap"; l1 not for
        "pseudo-likelihood".
    max_steps : int
        In all: a fit by chains goes on with more chains from where it got with few.
    **options
        Of `fit`: step_size, plain, tolerance, callback, progress.

    Returns
    -------
    Fit
        What ``standard_errors`` mean for each method, `Fit` says.

    Raises
    ------
    NoMaximum
        If without penalty the likelihood has no finite maximum on these data. It says which moment is to blame.
    ValueError
        If the data are not +-1 or empty, the method is unknown or cannot do what is asked, or as `fit`.

    Warns
    -----
    UserWarning
        If there are fewer samples than parameters, or the data look like square pictures.

    Examples
    --------
    >>> data = [[1, 1], [1, 1], [-1, -1], [-1, 1], [1, -1]]
    >>> fitted = fit_ising(data)
    >>> round(float(fitted.J[0, 1]), 3), fitted.stopped
    (0.173, 'converged')
    """
    _check_method(method, (*STEPPING, "pseudo-likelihood", "mean-field", "tap"), rng, options)
    spins = check_votes(data) if method == "pseudo-likelihood" else check_batch(check_spins(data), 1)
    n, l2 = spins.shape[1], check_array("l2", l2)
    _warn_of_pictures(np.shape(data))
    _check_task(method, n, start=start, weights=weights, effective_samples=effective_samples, l1=l1, l2=l2)
    counted, n_samples = count_samples(np.shape(data)[:-1], weights, None)
    if counted:
        seen = counted["weights"] > 0
        spins, counted = spins[seen], {"weights": counted["weights"][seen]}
    _warn_of_few(n_samples, n * (n + 1) // 2, l2)
    if method in ("mean-field", "tap"):
        return {"mean-field": mean_field, "tap": tap}[method](spins, **counted)
    if np.all(spins) and not (l1 or np.any(l2)):
        check_maximum_of_spins(spins, n_samples)
    if method == "pseudo-likelihood":
        return _worth(fit_spins(spins, l2, **counted), n_samples, effective_samples)
    if start is None:
        start = _independent(spins, **counted) if n < 10 else _rough(fit_spins, spins, l2, n_samples, **counted)
    on_couplings = np.repeat([float(l1), 0.0], [n * (n - 1) // 2, n])
    options |= counted | {"effective_samples": effective_samples, "l1": on_couplings, "l2": l2, "max_steps": max_steps}
    if method == "exact":
        return _fit_exactly(start, spins, n_samples, **options)
    return _fit_by_chains(method, start, spins, SWEEPS[method] if sweeps is None else sweeps, rng, **options)


def fit_images(
    images, *, effective_samples=None, method="pcd", sweeps=None, rng=None, l2=0.0, max_steps=200, **options
):
    """The one coupling and the one field of a periodic lattice under which the images are most likely.

    Parameters
    ----------
    images : array of +-1, shape (..., rows, cols)
        One is enough, if it is large: the errors say how much it tells; those of "cd" and "pseudo-likelihood" need ten.
    effective_samples : float, optional
        As in `fit_ising`; for example for images along one chain. Not for "mean-field".
    method : {"exact", "mc", "pcd", "cd", "pseudo-likelihood", "mean-field"}
        As in `fit_ising`. "exact" is for lattices up to about 10 x 10, by transfer matrix.
    sweeps : int, optional
        As in `fit_ising`; by default 1000, 30 and 1, enough for 32 x 32 at J = 0.44.
    rng : numpy.random.Generator or seed
        For "mc", "pcd" and "cd".
    l2 : float
        Penalty as in `fit`, on J and h, whose statistics grow with the lattice.
    max_steps : int
    **options
        Of `fit`: step_size, plain, tolerance, callback, progress.

    Returns
    -------
    Fit
        ``standard_errors`` are those of J and h.

    Raises
    ------
    NoMaximum
        As `fit_ising`; for example if all images are all up.
    ValueError
        If the images are not +-1, empty or of different sizes, the method is unknown, or as `fit`.

    Warns
    -----
    UserWarning
        If the images are in phase coexistence: more orderly than their mean spin allows. It says what the fit then
        means. Or if the last axis looks like colours.

    Examples
    --------
    >>> from course_lib.sampling import sample_images
    >>> images = sample_images(0.3, 0.05, (16, 16), 200, burn_in=100, rng=1)
    >>> fitted = fit_images(images, rng=2)
    >>> bool(np.all(np.abs(fitted.model.parameters - [0.3, 0.05]) < 5 * fitted.standard_errors))
    True
    """
    l2, images = check_array("l2", l2), _one_size(images)
    _warn_of_colours(images.shape)
    _check_method(method, (*STEPPING, "pseudo-likelihood", "mean-field"), rng, options)
    if method == "exact" and min(images.shape[1:]) > exact.MAX_ROW:
        raise ValueError(
            f"method 'exact' is for lattices with a side of at most {exact.MAX_ROW}, got {images.shape[1]} x "
            f"{images.shape[2]}: use 'pcd'"
        )
    _check_task(method, None, effective_samples=effective_samples, l2=l2)
    if method == "mean-field":
        return mean_field_images(images)
    if not np.any(l2):
        check_maximum_of_images(images)
    found = coexistence_in(images)
    if found:
        warnings.warn(str(found), stacklevel=2)
    if method == "pseudo-likelihood":
        return _worth(fit_sites(images, l2), len(images), effective_samples)
    start = _rough(fit_sites, images, l2, len(images))
    # Where the domains of a picture are smooth, the pseudo-likelihood sees a far colder model than the likelihood.
    start = replace(start, J=float(np.clip(start.J, -0.44, 0.44)), h=float(np.clip(start.h, -1, 1)))
    options |= {"effective_samples": effective_samples, "l1": 0.0, "l2": l2, "max_steps": max_steps}
    if method == "exact":
        return _fit_exactly(start, images, len(images), **options)
    return _fit_by_chains(method, start, images, SWEEPS_OF_IMAGES[method] if sweeps is None else sweeps, rng, **options)


# ---------------------------------------------------------------- gradient methods


def _fit_exactly(start, data, n_samples, *, weights=None, **options):
    # Close enough to tell a maximum from a slow way to infinity.
    options.setdefault("tolerance", min(1e-6, 0.01 / n_samples))
    fitted = fit(start, data, exact_moments, weights=weights, **options)
    close = fitted.stopped == "converged" and options["tolerance"] <= 0.01 / n_samples
    if close and not (np.any(options["l1"]) or np.any(options["l2"])):
        target = fitted.model.moments(data) if weights is None else fitted.model.moments(data, weights)
        check_step(fitted.model, target, exact_moments(fitted.model), n_samples)
    return fitted


def _fit_by_chains(method, start, data, sweeps, rng, **options):
    sweeps = check_count("sweeps", sweeps, 1)
    rng = np.random.default_rng(rng)

    def source(draws_a_sample):
        if method == "cd":
            # What a sweep hardly changes shows in many chains only.
            copies = max(1 + draws_a_sample, 1000 * draws_a_sample // len(data))
            copies = max(2, min(copies, SPINS_DRAWN // data.size))
            return contrastive_divergence(data, sweeps, copies=copies, rng=rng)
        n_spins = data[0].size
        n_draws = max(LEAST_CHAINS, min(draws_a_sample * len(data), SPINS_DRAWN // n_spins))
        draws = -(-n_draws // max(LEAST_CHAINS, SPINS_AT_A_TIME // n_spins))
        if method == "mc":
            return fresh_chains(-(-n_draws // draws), sweeps, draws=draws, rng=rng)
        # Images may be of two phases with walls between them, and the model's are not.
        started = data if isinstance(start, Ising) else None
        return persistent_chains(-(-n_draws // draws), sweeps, draws=draws, start=started, rng=rng)

    rough = fit(start, data, source(ROUGH), **options)
    if rough.stopped == "interrupted":
        return rough
    if len(rough.history) > options["max_steps"]:
        return replace(rough, stopped="steps")
    options["max_steps"] -= len(rough.history)
    # A start in which few chains see but noise is better than what they make of it.
    fine = fit(start if len(rough.history) == 1 else rough.model, data, source(FINE), **options)
    if not len(fine.history):
        return replace(rough, stopped="interrupted")
    return replace(fine, history=np.concatenate([rough.history, fine.history]))


def _rough(estimator, data, l2, n_samples, **counted):
    """Where to start. Without penalty the pseudo-likelihood may have no maximum though the likelihood has one."""
    return estimator(data, l2 + 1 / n_samples, **counted, errors=False).model


def _independent(spins, weights=None):
    """Independent spins with the means of the data; where a spin hardly ever changes, held back."""
    return Ising(np.zeros((spins.shape[1],) * 2), np.arctanh(0.99 * np.average(spins, axis=0, weights=weights)))


def _worth(fitted, n_samples, effective_samples):
    """A fit to n_samples with the errors of one to so many independent ones."""
    if effective_samples is None or fitted.standard_errors is None:
        return fitted
    return replace(fitted, standard_errors=fitted.standard_errors * np.sqrt(n_samples / effective_samples))


# ---------------------------------------------------------------- input


def _check_method(method, known, rng, options):
    if not isinstance(method, str) or method not in known:
        raise ValueError(f"method must be one of {', '.join(map(repr, known))}, got {method!r}")
    if method in SWEEPS and rng is None:
        raise ValueError(f"method {method!r} draws random numbers: pass rng, such as np.random.default_rng(1)")
    wrong = options.keys() - {"step_size", "plain", "tolerance", "callback", "progress"}
    if wrong:
        raise TypeError(f"no option is called {' or '.join(sorted(wrong))}: see the docstring")
    useless = options.keys() - {"progress"}
    if useless and method not in STEPPING:
        raise ValueError(f"method {method!r} makes no steps of `fit`: leave out {' and '.join(sorted(useless))}")


def _check_task(method, n, *, effective_samples, l2, l1=0.0, start=None, weights=None):
    """Refuse what a method cannot do with n spins, or with images of them."""
    if start is not None and np.shape(getattr(start, "h", None)) != (n,):
        raise ValueError(f"start must be an Ising of {n} spins, as the data have, got {start}")
    check_number("l1", l1, 0)
    if method == "exact" and n is not None and n > exact.MAX_SPINS:
        raise ValueError(
            f"method 'exact' is for at most {exact.MAX_SPINS} spins, got {n}: use 'pcd' or 'pseudo-likelihood'"
        )
    if weights is not None and method not in WITH_WEIGHTS:
        raise ValueError(
            f"method {method!r} counts each sample once: use {', '.join(map(repr, WITH_WEIGHTS))}, or pass each sample "
            "as often as it counts, with np.repeat(data, weights, axis=0)"
        )
    without_errors = ("mean-field", "tap")
    if effective_samples is not None and method in without_errors:
        raise ValueError(f"method {method!r} has no errors, and nothing else needs effective_samples: leave it out")
    if effective_samples is not None:
        check_effective_samples(effective_samples)
    for penalty, value, unknown in (("l1", l1, ("pseudo-likelihood", *without_errors)), ("l2", l2, without_errors)):
        if np.any(value) and method in unknown:
            raise ValueError(f"method {method!r} knows no penalty {penalty}: use 'exact' or 'pcd'")


def _warn_of_few(n_samples, n_parameters, l2):
    if n_samples < n_parameters:
        warnings.warn(
            f"{n_samples:g} samples for {n_parameters} parameters: expect errors as large as the parameters, and a fit "
            "that suits these samples better than new ones; more samples help, or a penalty such as "
            f"l2={1 / n_samples:.2g}",
            stacklevel=3,
        )


def _warn_of_pictures(shape):
    """Square pictures handed over as spins; (chains, draws, N) of a record is meant, and hardly ever square."""
    if len(shape) > 2 and shape[-1] == shape[-2]:
        warnings.warn(
            f"data of shape {shape} are read as samples of {shape[-1]} spins each: for pictures of {shape[-2]} x "
            f"{shape[-1]} use fit_images, or data.reshape(-1, {shape[-1] * shape[-2]})",
            stacklevel=3,
        )


def _warn_of_colours(shape):
    """A picture with its colours handed over as many narrow pictures."""
    if len(shape) > 2 and shape[-1] in (3, 4) and min(shape[-3:-1]) >= 16:
        warnings.warn(
            f"images of shape {shape} are read as {shape[-3]} pictures of {shape[-2]} x {shape[-1]}: if the last axis "
            "holds colours, make one grey picture of them first",
            stacklevel=3,
        )


def _one_size(images):
    shapes = {np.shape(image) for image in images} if np.iterable(images) else set()
    if len(shapes) > 1:
        sizes = " and ".join(" x ".join(map(str, shape)) for shape in sorted(shapes))
        raise ValueError(f"images must all have the same size, got {sizes}: crop them to one size")
    return check_batch(check_images(images), 2)
