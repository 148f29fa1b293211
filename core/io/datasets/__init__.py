"""Labelled images: bundled or from files, checked, fitted to a network's Input, split for validation."""

from core.io.datasets.bundled import BUNDLED, Bundled
from core.io.datasets.fitting import fit_to
from core.io.datasets.formats import FORMATS
from core.io.datasets.loading import load_dataset
from core.io.datasets.values import Dataset, Indices, plain_dataset, split

__all__ = ["BUNDLED", "FORMATS", "Bundled", "Dataset", "Indices", "fit_to", "load_dataset", "plain_dataset", "split"]
