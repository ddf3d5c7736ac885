"""The closing table of lesson 08x, what four families give and give up: a cell is shown once it was predicted."""

COLUMNS = {
    "log p of 64 pixels": ("exact", "AIS", "bound", "none"),
    "passes a sample": ("one", "many"),
    "gives up": ("a", "b", "c", "d"),
}
_TABLE = {
    "energy-based": ("AIS", "many", "a"),
    "autoencoder": ("bound", "one", "b"),
    "adversarial": ("none", "one", "c"),
    "diffusion": ("bound", "many", "d"),
}


def show(mine):
    """Print the table with each cell for which a guess stands there; the others stay closed.

    Parameters
    ----------
    mine : dict of str to str
        By family, three words with commas between them, for the columns of `COLUMNS`; "?" where nothing is guessed.

    Examples
    --------
    >>> show({"energy-based": "exact, many, ?"})
    family        log p of 64 pixels  passes a sample     gives up
    energy-based  AIS, not exact      many                ?
    autoencoder   ?                   ?                   ?
    adversarial   ?                   ?                   ?
    diffusion     ?                   ?                   ?
    1 of 2 as you said; 10 cells are still closed.
    """
    print(f"{'family':14}" + "".join(f"{column:20}" for column in COLUMNS).rstrip())
    made = []
    for name, answers in _TABLE.items():
        cells = list(zip(_guesses(mine, name), answers, COLUMNS.values(), strict=True))
        print(f"{name:14}" + "".join(f"{_cell(*cell):20}" for cell in cells).rstrip())
        made += [guess == right for guess, right, words in cells if guess in words]
    closed = len(_TABLE) * len(COLUMNS) - len(made)
    print(f"{sum(made)} of {len(made)} as you said; {closed} cells are still closed.")


def _guesses(mine, name):
    """One for each column, spelt as the column spells it."""
    row = str(mine.get(name, "")) if isinstance(mine, dict) else ""
    words = [*(word.strip() for word in row.split(",")), *[""] * len(COLUMNS)]
    spelt = [{word.lower(): word for word in known} for known in COLUMNS.values()]
    return [known.get(word.lower(), word) for known, word in zip(spelt, words, strict=False)]


def _cell(guess, right, words):
    if guess not in words:
        return "?" if guess in {"", "?"} else f"no word: {guess:.9}"
    return right if guess == right else f"{right}, not {guess}"
