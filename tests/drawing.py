"""Documents in a line or two, for tests."""

from core.graph.training import read_training
from core.graph.values import Document, Graph, Layer, make_spec


def layer(id, kind, inputs=(), trainable=True, **config):
    """Make a layer; `inputs` is one id or several."""
    spec, extra = make_spec(kind, config)
    sources = (inputs,) if isinstance(inputs, str) else tuple(inputs)
    return Layer(id, spec, sources, trainable, extra)


def document(*layers, outputs=None, **training):
    """Make a document of layers, with training settings."""
    return Document(Graph(tuple(layers), outputs), training=read_training(training))


def chain(shape, *layers, **training):
    """Make a document of layers one behind the other, each a kind or a pair of kind and settings, behind an Input.

    Ids are the kinds' stems with the layers' places: input, conv1, relu2, …
    """
    drawn = [layer("input", "Input", shape=shape)]
    for place, entry in enumerate(layers, 1):
        kind, config = (entry, {}) if isinstance(entry, str) else entry
        spec, _ = make_spec(kind, config)
        drawn.append(layer(f"{spec.stem}{place}", kind, drawn[-1].id, **config))
    return document(*drawn, **training)
