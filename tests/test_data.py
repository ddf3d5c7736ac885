"""The data of data/ are what their cards say."""

import csv
from pathlib import Path

import matplotlib.cbook
import numpy as np
import pytest

DATA = Path(__file__).parents[1] / "data"
SYMBOLS = ("IBM", "AAPL", "MSFT", "XRX", "ADBE", "^GSPC", "^IXIC")


def test_each_table_has_a_card():
    rest = (".md", ".py", ".sha256")  # cards, what makes the data, checksums
    tables = [path for path in DATA.iterdir() if path.suffix not in rest and path.name != "__pycache__"]
    assert tables
    for table in tables:
        card = table.with_suffix(".md").read_text(encoding="utf-8")
        assert all(f"**{word}" in card for word in ("What.", "From where.", "Licence.", "How made.")), table.name


def test_monthly_stocks_are_made_as_the_card_says():
    try:
        file = matplotlib.cbook.get_sample_data("Stocks.csv")
    except FileNotFoundError:
        pytest.skip("this matplotlib comes without its sample data")
    with file:
        header, *rows = (row for row in csv.reader(file) if row and not row[0].startswith("#"))
    columns = [header.index(symbol) for symbol in SYMBOLS]
    rows = [row for row in rows if row[0].endswith("-01") and row[1]][:-1]
    prices = np.array([[float(row[k]) for k in columns] for row in rows])
    months = [row[0][:7] for row in rows[1:]]

    table = np.loadtxt(DATA / "monthly_stocks.csv", delimiter=",", skiprows=1, dtype=str)
    assert table[:, 0].tolist() == months and len(months) == 388
    assert months[0] == "1990-02" and months[-1] == "2022-05"
    spins = table[:, 1:].astype(int)
    assert np.array_equal(spins, np.where(np.diff(prices, axis=0) > 0, 1, -1))
    assert spins.size == 2716 and np.count_nonzero(np.diff(prices, axis=0) == 0) == 6
