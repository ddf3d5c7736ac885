"""The coverage part of the floors benchmark: its counting, and its data."""

from functools import partial

import numpy as np
import pytest

from benchmarks import contenders, coverage
from course_lib import diagnostics, ising, learning


def rng(seed=1):
    return np.random.default_rng(seed)


@pytest.mark.parametrize(("n_held", "met"), [(1881, True), (1919, True), (1850, False), (1950, False)])
def test_share_of_bars_that_hold(n_held, met):
    """Four standard errors of 2000 bars are 39 of them."""
    found = np.r_[np.full(n_held, -1.95), np.full(2000 - n_held, 1.97)].reshape(1000, 2)
    verdict = coverage.held(found)
    assert verdict.error == f"2000 bars hold: {n_held / 20:.1f} % (+-0.5)" and verdict.target == "95 +-1.9 %"
    assert verdict.met is met


def test_right_bars_are_held_and_bars_half_as_long_are_not():
    assert coverage.held(rng().normal(size=(200, 15))).met
    assert not coverage.held(2 * rng().normal(size=(200, 15))).met
    assert not coverage.held(0.5 * rng().normal(size=(200, 15))).met


def test_off_in_errors_is_of_the_fit():
    model = contenders.dense5()
    (data,) = contenders.exact_samples(model, 1, 1000, rng())
    fitted = learning.fit_ising(data)
    off = coverage.off_in_errors(learning.fit_ising, coverage.Drawn(model.parameters, data), 0.0, None)
    assert np.allclose(off * fitted.standard_errors, fitted.model.parameters - model.parameters)
    bars = coverage.bars("exact", 15, learning.fit_ising)
    assert bars.n_fits == 134 and np.allclose(bars.fit(coverage.Drawn(model.parameters, data), 0.0, None), off)


def test_snapshots_have_the_law_and_the_time_that_they_claim():
    """A product that stays with probability q has rho(t) = q^t; here the chains are 100 times 6000 draws long."""
    model = contenders.dense5()
    drawn = list(coverage.snapshots(model, 100, rng()))
    means = np.array([model.moments(one.data) for one in drawn])
    expected = learning.exact_moments(model)
    variance = np.diag(expected.covariance) / coverage.M
    # The mean of 100 data sets, each worth M; and their variance, a chi-square of 99 degrees of freedom.
    assert np.all(np.abs(means.mean(axis=0) - expected.mean) < 5.5 * np.sqrt(variance / 100))
    assert np.all(np.abs(np.log(means.var(axis=0, ddof=1) / variance)) < 5.5 * np.sqrt(2 / 99))
    assert diagnostics.autocorrelation_time(drawn[0].data[:, 0]) == pytest.approx(coverage.TAU, rel=0.3)


def test_models_from_the_prior_and_entries_that_are_missing():
    drawn = coverage.from_prior(200, rng())
    truths = np.array([one.truth for one in drawn])
    assert abs(truths.std() / coverage.PRIOR - 1) < 5.5 / np.sqrt(2 * truths.size)
    gaps = coverage.with_missing(drawn[0], rng())
    n = gaps.data.size
    assert gaps.data.dtype == np.int8 and np.all((gaps.data == 0) | (gaps.data == drawn[0].data))
    assert abs(np.mean(gaps.data == 0) - coverage.MISSING) < 5.5 * np.sqrt(coverage.MISSING / n)


def test_images_are_from_their_model():
    """Also as often up as it says, in a weak field and below the critical temperature."""
    drawn, model = coverage.drawn_images(0.6, (4, 4), 50, rng()), ising.LatticeIsing(0.6, coverage.FIELD, (4, 4))
    images, expected = np.concatenate([one.data for one in drawn]), learning.exact_moments(model)
    assert images.shape == (50 * coverage.N_IMAGES, 4, 4) and np.array_equal(drawn[0].truth, [0.6, coverage.FIELD])
    miss = (model.moments(images) - expected.mean) / np.sqrt(np.diag(expected.covariance) / len(images))
    assert np.abs(miss).max() < 5.5


def test_every_row_of_the_table_can_be_fitted(monkeypatch):
    """A few bars of each."""
    monkeypatch.setattr(coverage, "BARS", 3)
    monkeypatch.setattr(coverage, "M", 400)
    monkeypatch.setattr(coverage, "WEAK_AND_STRONG", {"weak": 0.5})
    monkeypatch.setattr(coverage, "IMAGE_COUPLINGS", (0.2,))
    rows = [row for job in coverage.JOBS for row in job(rng())]
    assert len(rows) == 9 + 5 + 5 and all("bars hold" in row[3] for row in rows)


def test_fresh_chains_of_the_bench_count_their_noise():
    (data,) = contenders.exact_samples(contenders.dense5(), 1, 1000, rng())
    noisy = partial(coverage.by_fresh_chains, data, l2=0.0, progress=False)
    ratio = noisy(rng=1).standard_errors / learning.fit_ising(data).standard_errors
    assert np.all(np.abs(ratio / np.sqrt(2) - 1) < 0.4)
