"""Gives every shipped template the places that automatic layout finds, so that no window has to look for them."""

from __future__ import annotations

import os
import sys

from core.analysis.check import check
from core.graph.arrange import arrange
from core.graph.edits import move_layers
from core.graph.values import Document, Position
from core.io.documents import save
from core.io.templates import load_template, template_names, template_path
from designer.canvas.drawing.sizes import boxes_of


def arranged(document: Document) -> dict[str, Position]:
    """Find the places that the canvas would find, were the document to say nothing of them; needs an application."""
    inputs = {layer.id: layer.inputs for layer in document.graph.layers}
    return arrange(inputs, boxes_of(document, check(document)), document.layout.direction)


def main() -> int:
    """Arrange all templates; those whose places are right already stay as they are."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from designer.app import make_application

    application = make_application()
    for name in template_names():
        document = load_template(name)
        places = arranged(document)
        if dict(document.layout.positions) != places:
            save(move_layers(document, places), template_path(name))
    application.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main())
