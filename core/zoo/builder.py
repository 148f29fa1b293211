"""Drawing documents in code: a pen that goes from layer to layer."""

from __future__ import annotations

from typing import Any, Self

from core.graph.edits import add_layer, set_optimizer, set_training
from core.graph.values import Document


class Pen:
    """Draws one layer after the other, each fed by the one before it.

    Examples
    --------
    >>> pen = Pen("Tiny", "Two layers.").draw("Input", shape=[4]).draw("Dense", units=2)
    >>> [layer.id for layer in pen.document.graph.layers]
    ['input1', 'fc1']
    """

    def __init__(self, name: str, notes: str) -> None:
        self.document = Document(name=name, notes=notes)
        self.last: str | None = None

    def draw(self, kind: str, *, id: str | None = None, **config: Any) -> Self:
        """Draw a layer behind the last one."""
        self.document, self.last = add_layer(self.document, kind, config, source=self.last, id=id)
        return self

    def train(self, *, optimizer: str | None = None, **settings: Any) -> Self:
        """Choose training settings."""
        self.document = set_training(self.document, settings)
        if optimizer is not None:
            self.document = set_optimizer(self.document, optimizer)
        return self
