"""Labelled images: bundled or from IDX files, checked, fitted to a network's Input, split for validation."""

from core.io.datasets.fitting import fit_to
from core.io.datasets.loading import BUNDLED, SKETCHES, Sketch, load_dataset
from core.io.datasets.values import Dataset, Indices, split

__all__ = ["BUNDLED", "SKETCHES", "Dataset", "Indices", "Sketch", "fit_to", "load_dataset", "split"]
