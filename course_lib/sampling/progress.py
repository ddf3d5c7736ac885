"""Progress, for all that takes long: sampling, and what is built on it."""


def progress_bar(items, progress, total=None):
    """Iterate, with a bar on stderr if it takes longer than a second.

    Parameters
    ----------
    items : iterable
        With a length, unless ``total`` is given.
    progress : bool
        Whether to show a bar at all.
    total : int, optional
        How many draws there will be: an item then counts as many as it holds, arrays (n_chains, n_draws, ...).

    Yields
    ------
    the items

    Examples
    --------
    >>> sum(progress_bar(range(4), progress=True))
    6
    """
    if not progress or (total is None and len(items) < 2):
        yield from items
        return
    from tqdm.auto import tqdm

    with tqdm(total=len(items) if total is None else total, delay=1, leave=False) as bar:
        try:
            for item in items:
                yield item
                bar.update(1 if total is None else item.shape[1])
        finally:
            bar.total = bar.n  # who has enough before the end is done: a notebook would keep a red bar for ever
