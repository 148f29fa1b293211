"""Programs of PyTorch for tests, made by PyTorch, and what it computes of them."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from core.engine.network import Network
from core.importing.importer import Imported
from core.importing.importers import read_model

torch = pytest.importorskip("torch")


def with_telling_weights(module, seed=3):
    """Give a module arrays that are nowhere 0 or 1, and variances above 0."""
    generator = torch.Generator().manual_seed(seed)
    for name, array in module.state_dict().items():
        if array.is_floating_point():
            drawn = torch.randn(array.shape, generator=generator) / max(
                1, array[0].numel() ** 0.5 if array.dim() else 1
            )
            array.copy_(drawn.abs() + 0.5 if "var" in name else drawn + 0.1)
    return module


def saved(module, path: Path, *shapes, batch=None, decomposed=False) -> Path:
    """Export a module for any batch, or for one of a fixed size."""
    given = tuple(torch.randn(batch or 2, *shape) for shape in shapes)
    open_sides = None if batch else tuple({0: torch.export.Dim("batch")} for _ in given)
    with warnings.catch_warnings(action="ignore"):  # PyTorch's own, about its own code
        program = torch.export.export(module, given, dynamic_shapes=open_sides)
        torch.export.save(program.run_decompositions() if decomposed else program, path)
    return path


def last(array):
    return array.transpose(0, 2, 3, 1) if array.ndim == 4 else array


def difference(module, path: Path, *shapes, n=3) -> tuple[float, Imported]:
    """Return how far Convograph's outputs are from PyTorch's at most, relative to the largest."""
    imported = read_model(path)
    rng = np.random.default_rng(5)
    given = [rng.normal(size=(n, *shape)).astype("float32") for shape in shapes]
    with torch.inference_mode():
        theirs = module.eval()(*map(torch.from_numpy, given))
    network = Network(imported.document)
    assert network.weights.keys() == imported.weights.keys()
    network.weights.update(imported.weights)
    entrances = [layer.id for layer in imported.document.graph.layers if layer.kind == "Input"]
    ours = network.forward(
        {id: last(x) for id, x in zip(entrances, given, strict=True)} if len(given) > 1 else last(given[0])
    )
    results = list(ours.values()) if isinstance(ours, dict) else [ours]
    away = 0.0
    for expected, result in zip(theirs if isinstance(theirs, tuple) else [theirs], results, strict=True):
        wanted = last(expected.numpy())
        assert wanted.size == result.size
        away = max(away, float(np.abs(wanted.reshape(result.shape) - result).max() / max(1, np.abs(wanted).max())))
    return away, imported


def kinds(imported: Imported) -> list[str]:
    return [layer.kind for layer in imported.document.graph.layers]
