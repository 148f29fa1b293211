"""Which settings of a document can be searched, by their paths."""

from __future__ import annotations

from core.declare import Declared, Setting
from core.graph.training import TrainingSettings
from core.graph.values import Document
from core.learning.optimizers import Optimizer
from core.search.space import FIXED, LAYERS, OPTIMIZER, TRAINING

_NOT_SEARCHED = {*FIXED, "first_label", "resize", "skip_unreadable", "seed", "class_weights", "early_stopping"}
_TYPES = ("whole", "number", "choice", "flag", "size", "kind")


def searchable(document: Document) -> dict[str, Setting]:
    """Return the settings that can be searched: the optimiser's, those of the training, those of layers."""
    found: dict[str, Setting] = {}
    optimizer = document.training.optimizer
    if isinstance(optimizer, Optimizer):
        found |= {f"{OPTIMIZER}{name}": setting for name, setting in type(optimizer).settings().items()}
    for name, setting in TrainingSettings.settings().items():
        if name not in _NOT_SEARCHED:
            found[f"{TRAINING}{name}"] = setting
    for layer in document.graph.layers:
        if isinstance(layer.spec, Declared):
            found |= {f"{LAYERS}{layer.id}.{name}": s for name, s in type(layer.spec).settings().items()}
    return {path: setting for path, setting in found.items() if setting.type in _TYPES}
