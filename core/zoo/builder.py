"""Drawing documents in code: a pen that goes from layer to layer."""

from __future__ import annotations

from typing import Any, Self

from core.graph.edits import fresh_id, set_training
from core.graph.training import Training
from core.graph.values import BLOCK_KIND, Block, Document, Graph, Layer, make_spec


class Sketch:
    """Draws one layer after the other, each fed by the one before it."""

    def __init__(self, *inputs: str) -> None:
        self.inputs = inputs
        self.layers: list[Layer] = []
        self.last = inputs[0] if inputs else ""

    def draw(self, kind: str, *sources: str, id: str | None = None, **config: Any) -> Self:
        """Draw a layer fed by these sources, by default by the last layer."""
        spec, extra = make_spec(kind, config)
        sources = sources or ((self.last,) if self.last else ())
        layer = Layer(id or fresh_id(Graph(tuple(self.layers)), kind), spec, sources, extra=extra)
        self.layers.append(layer)
        self.last = layer.id
        return self

    def at(self, id: str) -> Self:
        """Continue from another layer."""
        self.last = id
        return self

    def block(self) -> Block:
        """Return what is drawn as a block; its output is the last layer."""
        return Block(self.inputs, tuple(self.layers), (self.last,))


class Pen(Sketch):
    """Draws a document.

    Examples
    --------
    >>> pen = Pen("Tiny", "Two layers.").draw("Input", shape=[4]).draw("Dense", units=2)
    >>> [layer.id for layer in pen.document.graph.layers]
    ['input1', 'fc1']
    """

    def __init__(self, name: str, notes: str) -> None:
        super().__init__()
        self.name = name
        self.notes = notes
        self.blocks: dict[str, Block] = {}
        self.training = Training()

    def use(self, name: str, sketch: Sketch, *, id: str, repeat: int = 1) -> Self:
        """Draw a block that has this name in the document, `repeat` times in a row."""
        self.blocks[name] = sketch.block()
        return self.draw(BLOCK_KIND, id=id, block=name, repeat=repeat)

    def train(self, **settings: Any) -> Self:
        """Choose training settings."""
        self.training = set_training(self.document, settings).training
        return self

    @property
    def document(self) -> Document:
        """What has been drawn so far."""
        graph = Graph(tuple(self.layers), blocks=self.blocks)
        return Document(graph, training=self.training, name=self.name, notes=self.notes)
