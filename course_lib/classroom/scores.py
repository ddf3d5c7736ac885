"""The tables of lessons that measure: errors in units of the least possible ones, and what was measured at length."""

import csv
import time
from pathlib import Path

import numpy as np


def error_ratios(estimates, truth, bounds) -> tuple[float, float]:
    """Root mean square errors of the couplings and of the fields, over the root mean square of their bounds.

    Parameters
    ----------
    estimates : array_like, shape (n_sets, P)
        Parameters, one row a data set: couplings first, then fields.
    truth : Ising or LatticeIsing
    bounds : array, shape (P,)
        The least possible errors, as `learning.fisher_errors` gives them.

    Returns
    -------
    (float, float)
        Of the couplings, of the fields.

    Examples
    --------
    >>> from course_lib.ising import LatticeIsing
    >>> ratios = error_ratios([[0.5, 0.1], [0.3, 0.1]], LatticeIsing(0.4, 0.0, (4, 4)), np.array([0.05, 0.1]))
    >>> [round(ratio, 3) for ratio in ratios]
    [2.0, 1.0]
    """
    off = np.asarray(estimates) - truth.parameters
    n_couplings = off.shape[1] - np.size(truth.h)
    parts = slice(n_couplings), slice(n_couplings, None)
    J_ratio, h_ratio = (float(np.sqrt(np.mean(off[:, part] ** 2) / np.mean(bounds[part] ** 2))) for part in parts)
    return J_ratio, h_ratio


def table(title, estimators, data_sets, truth, bounds) -> None:
    """Print a row for each estimator: seconds a data set, error of J, error of h in units of the bounds.

    Parameters
    ----------
    title : str
    estimators : dict of str to callable
        ``estimator(data)`` returns a `Fit`.
    data_sets : sequence of arrays
    truth, bounds : see `error_ratios`

    Examples
    --------
    >>> table("no estimator", {}, [], None, None)
    no estimator           seconds  J / CRB  h / CRB
    """
    print(f"{title:22} seconds  J / CRB  h / CRB")
    for name, estimator in estimators.items():
        start = time.perf_counter()
        estimates = [estimator(data).model.parameters for data in data_sets]
        seconds = (time.perf_counter() - start) / len(data_sets)
        J_ratio, h_ratio = error_ratios(estimates, truth, bounds)
        print(f"{name:22}{seconds:8.4f}{J_ratio:9.2f}{h_ratio:9.2f}")


def measured(part) -> dict:
    """What ``data/make_generators.py`` measured over five seeds: a part, such as "bars".

    Parameters
    ----------
    part : str

    Returns
    -------
    dict of str to dict of str to array, shape (n_seeds,)
        By family, then by quantity.

    Examples
    --------
    >>> sorted(measured("ising")["data"])
    ['C/N', 'E/N', '|m|']
    """
    found = {}
    for path in sorted((Path(__file__).parents[2] / "data" / "generators").glob(f"{part}_*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for _, family, quantity, value in csv.reader(file):
                found.setdefault(family, {}).setdefault(quantity, []).append(float(value))
    return {family: {name: np.array(values) for name, values in of.items()} for family, of in found.items()}
