"""What a stack of generated pictures is worth: which patterns it holds, and what it copied."""

import numpy as np

from course_lib.inputs import check_batch, check_units


def pattern_counts(samples, patterns):
    """How often each pattern occurs among samples, and how many samples are none of them.

    Parameters
    ----------
    samples : array of 0 and 1, shape (..., n_units)
    patterns : array of 0 and 1, shape (n_patterns, n_units)
        All different.

    Returns
    -------
    (array of int, shape (n_patterns,), int)

    Raises
    ------
    ValueError
        If the two are not of as many units, or a pattern stands there twice.

    Examples
    --------
    >>> counts, other = pattern_counts([[0, 0], [0, 1], [0, 0]], patterns=[[0, 0], [1, 1]])
    >>> counts.tolist(), other
    ([2, 0], 1)
    """
    patterns = check_batch(check_units(patterns), 1)
    samples = check_batch(check_units(samples, patterns.shape[-1]), 1)
    number = {_key(row): k for k, row in enumerate(patterns)}
    if len(number) < len(patterns):
        raise ValueError(f"each pattern must stand there once, got {len(patterns)} of which {len(number)} differ")
    found = [number.get(_key(row), len(number)) for row in samples]
    counts = np.bincount(found, minlength=len(number) + 1)
    return counts[:-1], int(counts[-1])


def _key(row):
    return np.asarray(row, np.int8).tobytes()


def nearest(samples, data):
    """In how many units each sample differs from the one of the data that is nearest to it: 0 is a verbatim copy.

    Parameters
    ----------
    samples, data : array of 0 and 1, shape (..., n_units)

    Returns
    -------
    array of int, shape (n_samples,)

    Examples
    --------
    >>> nearest([[0, 0, 0], [0, 1, 1]], data=[[0, 0, 1], [0, 0, 0]]).tolist()
    [0, 1]
    """
    data = check_batch(check_units(data), 1).astype(np.float32)
    samples = check_batch(check_units(samples, data.shape[-1]), 1).astype(np.float32)
    differ = samples.sum(axis=1)[:, None] + data.sum(axis=1) - 2 * samples @ data.T
    return np.rint(differ.min(axis=1)).astype(int)


def copying(samples, train, test):
    """Share of samples that are nearer to the training data than to as many test data; ties count one half.

    Who learned the law draws 0.5, up to chance; who learned the training data by heart, 1.

    Parameters
    ----------
    samples, train, test : array of 0 and 1, shape (..., n_units)
        As many for training as for the test: among more, the nearest is nearer.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If there are not as many for training as for the test.

    Examples
    --------
    >>> copying([[0, 0], [1, 1], [0, 0]], train=[[0, 0]], test=[[0, 1]])
    0.6666666666666666
    """
    train, test = (check_batch(check_units(data), 1) for data in (train, test))
    if len(train) != len(test):
        raise ValueError(f"as many must be for training as for the test, got {len(train)} and {len(test)}")
    to_train, to_test = nearest(samples, train), nearest(samples, test)
    return float(np.mean((to_train < to_test) + 0.5 * (to_train == to_test)))
