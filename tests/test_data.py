"""The data of data/ are what their cards say."""

import csv
import runpy
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


def test_digits_are_made_as_the_card_says():
    with np.load(DATA / "digits.npz", allow_pickle=False) as kept:
        images, labels = kept["images"], kept["labels"]
    assert images.shape == (1797, 8, 8) and images.dtype == labels.dtype == np.uint8
    counts = np.bincount(labels)
    assert len(counts) == 10 and counts.min() == 174 and counts.max() == 183 and counts.sum() == 1797
    assert images.min() == 0 and images.max() == 16 and round(100 * np.mean(images >= 8)) == 32
    pytest.importorskip("sklearn")
    made = runpy.run_path(str(DATA / "digits.py"))["digits"]()
    assert np.array_equal(made["images"], images) and np.array_equal(made["labels"], labels)
