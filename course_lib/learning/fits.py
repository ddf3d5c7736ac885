"""Fits by name: `fit_ising` for spins, `fit_images` for lattices, each with any of the methods of this folder."""

import warnings
from dataclasses import replace

import numpy as np

from course_lib import exact
from course_lib.inputs import check_batch, check_count, check_images, check_spins
from course_lib.ising import Ising
from course_lib.learning.coexistence import coexistence_in
from course_lib.learning.existence import check_interior, check_maximum_of_images, check_maximum_of_spins
from course_lib.learning.loop import fit
from course_lib.learning.meanfield import mean_field, mean_field_images, tap
from course_lib.learning.pseudolikelihood import fit_sites, fit_spins
from course_lib.learning.sources import (
    contrastive_divergence,
    exact_moments,
    fresh_chains,
    persistent_chains,
)

SWEEPS = {"mc": 100, "pcd": 10, "cd": 1}
# Near the critical point domains of a large lattice grow for hundreds of sweeps.
SWEEPS_OF_IMAGES = {"mc": 1000, "pcd": 30, "cd": 1}
# Chains of the rough and of the fine part of a fit, for each sample of the data. The fine one adds 1/20 to the
# variance of the parameters, 2.5 % to their errors; the stopping rule may add as much again.
ROUGH, FINE = 1, 20
LEAST_CHAINS = 1000
STEPPING = ("exact", "mc", "pcd", "cd")


def fit_ising(data, *, method="exact", start=None, sweeps=None, rng=None, l1=0.0, l2=0.0, max_steps=1000, **options):
    """The couplings and fields under which the data are most likely.

    Parameters
    ----------
    data : array of +-1, shape (..., N)
        The leading axes count the samples; they should be independent.
    method : str
        ========================  ============================================================  ==============
        "exact"                   maximum likelihood, sums over all 2**N states                 N <= 25
        "mc"                      the same, by new chains for every step                        any N
        "pcd"                     the same, by chains that go on from step to step              any N
        "cd"                      contrastive divergence: chains start at the data              any N
        "pseudo-likelihood"       each spin given all others; no sums over states, no chains    any N
        "mean-field", "tap"       from the inverse of the covariance; biased                    weak couplings
        ========================  ============================================================  ==============
    start : Ising, optional
        For the first four. By default independent spins with the data's means, and from 10 spins on the
        pseudo-likelihood's answer.
    sweeps : int, optional
        For "mc" from random states to samples (by default 100), for "pcd" between steps (10), for "cd" the k of CD-k
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

    Raises
    ------
    NoMaximum
        If without penalty the likelihood has no finite maximum on these data. It says which moment is to blame.
    ValueError
        If the data are not +-1 or empty, the method is unknown or cannot do what is asked, or as `fit`.

    Warns
    -----
    UserWarning
        If there are fewer samples than parameters.

    Examples
    --------
    >>> data = [[1, 1], [1, 1], [-1, -1], [-1, 1], [1, -1]]
    >>> fitted = fit_ising(data)
    >>> round(float(fitted.J[0, 1]), 3), fitted.stopped
    (0.173, 'converged')
    """
    spins = check_batch(check_spins(data), 1)
    n = spins.shape[1]
    _check_method(method, (*STEPPING, "pseudo-likelihood", "mean-field", "tap"), rng, options)
    if start is not None and np.shape(getattr(start, "h", None)) != (n,):
        raise ValueError(f"start must be an Ising of {n} spins, as the data have, got {start}")
    if np.ndim(l1) or not 0 <= l1 < np.inf:
        raise ValueError(f"l1 must be one number, 0 or above, got {l1}")
    if method == "exact" and n > exact.MAX_SPINS:
        raise ValueError(
            f"method 'exact' is for at most {exact.MAX_SPINS} spins, got {n}: use 'pcd' or 'pseudo-likelihood'"
        )
    _warn_of_few(len(spins), n * (n + 1) // 2, l2)
    if method in ("mean-field", "tap"):
        _refuse_penalty(method, l1=l1, l2=l2)
        return {"mean-field": mean_field, "tap": tap}[method](spins)
    if not (l1 or np.any(l2)):
        check_maximum_of_spins(spins)
    if method == "pseudo-likelihood":
        _refuse_penalty(method, l1=l1)
        return fit_spins(spins, l2)
    if start is None:
        start = _independent(spins) if n < 10 else _rough(fit_spins, spins, l2)
    on_couplings = np.repeat([float(l1), 0.0], [n * (n - 1) // 2, n])
    sweeps = SWEEPS.get(method) if sweeps is None else sweeps
    return _fit_by(method, start, spins, sweeps, rng, l1=on_couplings, l2=l2, max_steps=max_steps, **options)


def fit_images(images, *, method="pcd", sweeps=None, rng=None, l2=0.0, max_steps=200, **options):
    """The one coupling and the one field of a periodic lattice under which the images are most likely.

    Parameters
    ----------
    images : array of +-1, shape (..., rows, cols)
        One is enough, if it is large: the errors say how much it tells.
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
        means.

    Examples
    --------
    >>> from course_lib.sampling import sample_images
    >>> images = sample_images(0.3, 0.05, (16, 16), 200, burn_in=100, rng=1)
    >>> fitted = fit_images(images, rng=2)
    >>> bool(np.all(np.abs(fitted.model.parameters - [0.3, 0.05]) < 5 * fitted.standard_errors))
    True
    """
    images = _one_size(images)
    _check_method(method, (*STEPPING, "pseudo-likelihood", "mean-field"), rng, options)
    if method == "exact" and min(images.shape[1:]) > exact.MAX_ROW:
        raise ValueError(
            f"method 'exact' is for lattices with a side of at most {exact.MAX_ROW}, got {images.shape[1]} x "
            f"{images.shape[2]}: use 'pcd'"
        )
    if method == "mean-field":
        _refuse_penalty(method, l2=l2)
        return mean_field_images(images)
    if not np.any(l2):
        check_maximum_of_images(images)
    found = coexistence_in(images)
    if found:
        warnings.warn(str(found), stacklevel=2)
    if method == "pseudo-likelihood":
        return fit_sites(images, l2)
    start = _rough(fit_sites, images, l2)
    # Where the domains of a picture are smooth, the pseudo-likelihood sees a far colder model than the likelihood.
    start = replace(start, J=float(np.clip(start.J, -0.44, 0.44)), h=float(np.clip(start.h, -1, 1)))
    sweeps = SWEEPS_OF_IMAGES.get(method) if sweeps is None else sweeps
    return _fit_by(method, start, images, sweeps, rng, l1=0.0, l2=l2, max_steps=max_steps, **options)


# ---------------------------------------------------------------- gradient methods


def _fit_by(method, start, data, sweeps, rng, **options):
    if method == "exact":
        # Close enough to tell a maximum from a slow way to infinity.
        options.setdefault("tolerance", min(1e-6, 0.01 / len(data)))
        fitted = fit(start, data, exact_moments, **options)
        close = fitted.stopped == "converged" and options["tolerance"] <= 0.01 / len(data)
        if close and not (np.any(options["l1"]) or np.any(options["l2"])):
            check_interior(fitted.model, data, exact_moments(fitted.model))
        return fitted
    sweeps = check_count("sweeps", sweeps, 1)
    rng = np.random.default_rng(rng)

    def source(chains_a_sample):
        if method == "cd":
            # What a sweep hardly changes shows in many chains only.
            copies = max(1 + chains_a_sample, 1000 * chains_a_sample // len(data))
            return contrastive_divergence(data, sweeps, copies=copies, rng=rng)
        n_chains = max(LEAST_CHAINS, chains_a_sample * len(data))
        if method == "mc":
            return fresh_chains(n_chains, sweeps, rng=rng)
        # Images may be of two phases with walls between them, and the model's are not.
        return persistent_chains(n_chains, sweeps, start=data if isinstance(start, Ising) else None, rng=rng)

    rough = fit(start, data, source(ROUGH), **options)
    if rough.stopped == "interrupted":
        return rough
    if len(rough.history) > options["max_steps"]:
        return replace(rough, stopped="steps")
    options["max_steps"] -= len(rough.history)
    fine = fit(rough.model, data, source(FINE), **options)
    if not len(fine.history):
        return replace(rough, stopped="interrupted")
    return replace(fine, history=np.concatenate([rough.history, fine.history]))


def _rough(estimator, data, l2):
    """Where to start. Without penalty the pseudo-likelihood may have no maximum though the likelihood has one."""
    return estimator(data, l2 + 1 / len(data)).model


def _independent(spins):
    """Independent spins with the means of the data; where a spin hardly ever changes, held back."""
    return Ising(np.zeros((spins.shape[1],) * 2), np.arctanh(0.99 * spins.mean(axis=0)))


# ---------------------------------------------------------------- input


def _check_method(method, known, rng, options):
    if method not in known:
        raise ValueError(f"method must be one of {', '.join(map(repr, known))}, got {method!r}")
    if method in SWEEPS and rng is None:
        raise ValueError(f"method {method!r} draws random numbers: pass rng, such as np.random.default_rng(1)")
    wrong = options.keys() - {"step_size", "plain", "tolerance", "callback", "progress"}
    if wrong:
        raise TypeError(f"no option is called {' or '.join(sorted(wrong))}: see the docstring")
    useless = options.keys() - {"progress"}
    if useless and method not in STEPPING:
        raise ValueError(f"method {method!r} makes no steps of `fit`: leave out {' and '.join(sorted(useless))}")


def _refuse_penalty(method, **penalties):
    given = [name for name, value in penalties.items() if np.any(value)]
    if given:
        raise ValueError(f"method {method!r} knows no penalty {' or '.join(given)}: use 'exact' or 'pcd'")


def _warn_of_few(n_samples, n_parameters, l2):
    if n_samples < n_parameters:
        warnings.warn(
            f"{n_samples} samples for {n_parameters} parameters: expect errors as large as the parameters, and a fit "
            "that suits these samples better than new ones; more samples help, or a penalty such as "
            f"l2={1 / n_samples:.2g}",
            stacklevel=3,
        )


def _one_size(images):
    shapes = {np.shape(image) for image in images} if np.iterable(images) else set()
    if len(shapes) > 1:
        sizes = " and ".join(" x ".join(map(str, shape)) for shape in sorted(shapes))
        raise ValueError(f"images must all have the same size, got {sizes}: crop them to one size")
    return check_batch(check_images(images), 2)
