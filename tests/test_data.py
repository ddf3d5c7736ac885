"""The data of data/ are what their cards say."""

import csv
import json
import runpy
from pathlib import Path

import matplotlib.cbook
import numpy as np
import pytest

from course_lib import vmc

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


# Of fixed-node diffusion Monte Carlo with the same nodes (Hogberget 2013); for two electrons exact.
BOUNDS = {(2, 1.0): 3.0, (6, 1.0): 20.1593, (12, 1.0): 65.7001, (20, 1.0): 155.8822, (30, 1.0): 308.5627}
BOUNDS |= {(6, 0.28): 7.6002, (6, 0.1): 3.5539}


def test_stored_dots_are_what_the_card_says():
    rows = json.loads((DATA / "dots.json").read_text())
    assert len(rows) == 16 and all(row["stopped"] == "steps" for row in rows.values())
    for name, row in rows.items():
        assert row["energy"] > BOUNDS.get((row["n_electrons"], row["omega"]), 0) - 5 * row["error"], name
        assert 0.6 < row["error"] / row["walker_error"] < 1.6, name  # of 256 walkers and of some hundred blocks
        assert row["energy"] == pytest.approx(sum(row[part][0] for part in ("kinetic", "trap", "repulsion")), abs=1e-9)
        edges, density = np.array(row["density"]["edges"]), np.array(row["density"]["density"])
        assert np.sum(density * np.pi * np.diff(edges**2)) == pytest.approx(row["n_electrons"], abs=1e-4), name
        if row["form"] == "network":
            assert row["energy"] < rows[name.replace("network", "jastrow")]["energy"], name


@pytest.mark.parametrize("name", ["N2_omega1_network", "N6_omega0.1_network"])
def test_stored_states_have_the_energy_that_is_stored(name):
    row = json.loads((DATA / "dots.json").read_text())[name]
    dot = vmc.QuantumDot(row["n_electrons"], 2, row["omega"])
    found = vmc.measure(vmc.load(DATA / "dots" / f"{name}.npz"), dot, 100_000, rng=1, progress=False)
    assert abs(found.energy - row["energy"]) < 5 * np.hypot(found.walker_error, row["error"])
