"""Edits that may cure what a run suffers from; each is tried before it is offered."""

from __future__ import annotations

from collections.abc import Sequence

from core.engine.program import Program
from core.graph.training import Training, UnreadableOptimizer
from core.graph.values import Document
from core.layers.normalisation import BatchNorm
from core.learning.initializers import INITIALIZERS
from core.problems import Fix, Insert, Replace, SetInitializer, SetTraining
from core.text import listing, number_text

HIGHEST_RATE = 1e3
"""No optimiser takes a larger learning rate."""


def slower(training: Training, divisor: int) -> tuple[Fix, ...]:
    """Divide the learning rate."""
    return _with_rate(training, 1 / divisor, f"Divide the learning rate by {divisor}")


def faster(training: Training, factor: int) -> tuple[Fix, ...]:
    """Multiply the learning rate."""
    return _with_rate(training, factor, f"Multiply the learning rate by {number_text(factor)}")


def _with_rate(training: Training, factor: float, label: str) -> tuple[Fix, ...]:
    if isinstance(training.optimizer, UnreadableOptimizer):
        return ()
    rate = float(f"{training.optimizer.learning_rate * factor:.3g}")
    if not 0 < rate <= HIGHEST_RATE:
        return ()
    return (_set(label, optimizer=training.optimizer_as_json() | {"learning_rate": rate}),)


def other_kind(layers: Sequence[str], kind: str) -> tuple[Fix, ...]:
    """Replace activations by another kind."""
    if not layers:
        return ()
    return (Fix(f"Use {kind} for {listing(_few(layers))}", tuple(Replace(layer, kind, {}) for layer in layers)),)


def normalised(program: Program, layers: Sequence[str]) -> tuple[Fix, ...]:
    """Put a BatchNorm before activations that have none."""
    nodes = program.by_id
    bare = [
        layer
        for layer in layers
        if "/" not in layer and not isinstance(program.nodes[nodes[layer].sources[0]].kind, BatchNorm)
    ]
    if not bare:
        return ()
    return (
        Fix(f"Put BatchNorm before {listing(_few(bare))}", tuple(Insert("BatchNorm", {}, bare_) for bare_ in bare)),
    )


def clipped(training: Training, norm: float = 1.0) -> tuple[Fix, ...]:
    """Cut gradients that are longer than a norm."""
    set_norm = training.settings.clip_norm
    if set_norm is not None and set_norm <= norm:
        return ()
    return (_set(f"Clip gradients to {norm:g}", clip_norm=norm),)


def drawn(document: Document, training: Training, initializer: str) -> tuple[Fix, ...]:
    """Draw all kernels in one way, also those of layers that have their own."""
    own = tuple(SetInitializer(layer.id, None) for layer in document.graph.layers if layer.initializer is not None)
    if training.settings.initializer.kind_name() == initializer and not own:
        return ()
    title = INITIALIZERS[initializer].label()
    return (Fix(f"Draw the weights by {title}", (SetTraining({"initializer": initializer}), *own)),)


def balanced(training: Training) -> tuple[Fix, ...]:
    """Let rare classes count as much as common ones."""
    if training.settings.class_weights is not None:
        return ()
    return (_set("Balance the class weights", class_weights="balanced"),)


def larger_batch(training: Training, size: int = 32) -> tuple[Fix, ...]:
    """Average the gradient over more samples."""
    if training.settings.batch_size >= size:
        return ()
    return (_set(f"Use batches of {size}", batch_size=size),)


def early_end(training: Training, patience: int = 3) -> tuple[Fix, ...]:
    """End once validation brings no gain any more."""
    if training.settings.early_stopping is not None:
        return ()
    return (_set("Stop early", early_stopping={"monitor": "val_loss", "patience": patience}),)


def penalised(training: Training, l2: float) -> tuple[Fix, ...]:
    """Keep kernels small."""
    if training.settings.l2 >= l2:
        return ()
    return (_set(f"Set L2 to {l2:g}", l2=l2),)


def dropped_out(program: Program, rate: float = 0.5) -> tuple[Fix, ...]:
    """Put a Dropout before the last Dense layer, if there is none in the network."""
    dense = [node for node in program.nodes if node.learns and "kernel" in node.weights]
    if not dense or any(node.kind.stochastic for node in program.nodes) or "/" in dense[-1].id or len(dense) < 2:
        return ()
    return (Fix(f"Put Dropout before {dense[-1].id}", (Insert("Dropout", {"rate": rate}, dense[-1].id),)),)


def shifted(training: Training, shape: tuple[int, ...]) -> tuple[Fix, ...]:
    """Shift pictures by chance, so that none is seen twice alike."""
    if len(shape) != 3 or training.settings.augmentation:
        return ()
    pixels = max(1, min(shape[:2]) // 14)
    return (_set(f"Shift pictures by up to {pixels} px", augmentation=[{"kind": "Shift", "pixels": pixels}]),)


def standardised(training: Training) -> tuple[Fix, ...]:
    """Bring samples to mean 0 and deviation 1."""
    if training.settings.preprocessing:
        return ()
    return (_set("Standardise the samples", preprocessing=[{"kind": "Standardize"}]),)


def _set(label: str, **settings: object) -> Fix:
    return Fix(label, (SetTraining(settings),))


def _few(layers: Sequence[str]) -> list[str]:
    return [*layers] if len(layers) <= 3 else [*layers[:2], f"{len(layers) - 2} other layers"]
