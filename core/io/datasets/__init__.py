"""Labelled images: bundled or from files, checked, fitted to a network's Input, split for validation."""

from core.io.datasets.bundled import BUNDLED, Bundled
from core.io.datasets.fitting import Fitting, fit_to, fitting_for, suited_shape
from core.io.datasets.formats import FORMATS
from core.io.datasets.loading import load_dataset, look_at_dataset
from core.io.datasets.splitting import n_kept_back, split
from core.io.datasets.values import (
    DataFacts,
    Dataset,
    Indices,
    Refused,
    counted_from,
    plain_dataset,
    smaller_labels_text,
)

__all__ = [
    "BUNDLED",
    "FORMATS",
    "Bundled",
    "DataFacts",
    "Dataset",
    "Fitting",
    "Indices",
    "Refused",
    "counted_from",
    "fit_to",
    "fitting_for",
    "load_dataset",
    "look_at_dataset",
    "n_kept_back",
    "plain_dataset",
    "smaller_labels_text",
    "split",
    "suited_shape",
]
