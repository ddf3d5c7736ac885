"""Makes digits.npz anew: `python data/digits.py`, with scikit-learn installed (`--group bench`)."""

from pathlib import Path

import numpy as np


def digits():
    """Grey values 0 to 16, shape (1797, 8, 8), and which digit each picture shows, shape (1797,); both uint8."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    return {"images": bunch.images.astype(np.uint8), "labels": bunch.target.astype(np.uint8)}


if __name__ == "__main__":
    np.savez_compressed(Path(__file__).with_suffix(".npz"), **digits())
