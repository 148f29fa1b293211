"""A document as a model of Keras' functional kind: its calls, in the order in which Keras counts layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.export.exporter import Subject
from core.export.keras.calls import Axes, Call, Draft, Layer
from core.export.keras.kinds import say
from core.io.weights import Array


@dataclass(frozen=True, slots=True)
class Model:
    """A model that is to be written.

    Attributes
    ----------
    calls : tuple of Call
        Each behind its sources.
    inputs, outputs : tuple of str
        The names of the calls that begin and end it.
    places : mapping of str to str
        The names of the calls that return what layers return, by the ids of the document.
    layers : mapping of str to str
        The ids of the layers that calls are made for, by the names of the calls.
    """

    calls: tuple[Call, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    places: Mapping[str, str]
    layers: Mapping[str, str]


def model_of(subject: Subject) -> Model:
    """Say a document in Keras' layers.

    Raises
    ------
    ExportError
        If Keras can't say a layer; the text names it.
    NetworkError
        If the document has errors.
    """
    program = subject.program
    names = keras_names([node.id for node in program.nodes])
    taken: set[str] = set()
    calls: list[Call] = []
    places: dict[str, str] = {}
    layers: dict[str, str] = {}
    used = {*program.inputs, *program.ancestors(program.outputs)}
    for node in (node for node in program.nodes if node.index in used):
        sources = tuple(places[program.nodes[index].id] for index in node.sources)
        draft = Draft(node.id, names[node.id], node.trainable, taken=taken)
        if not sources:
            places[node.id] = draft.call("InputLayer", (), node.shape, batch_shape=(None, *node.shape))
        else:
            places[node.id] = say(Layer(program, node, sources), draft)
        calls += draft.calls
        layers |= dict.fromkeys((call.name for call in draft.calls), node.id)
    inputs, outputs = (
        tuple(places[program.nodes[index].id] for index in indices) for indices in (program.inputs, program.outputs)
    )
    return Model(tuple(calls), inputs, outputs, places, layers)


def keras_names(ids: Sequence[str]) -> dict[str, str]:
    """Return names that Keras accepts: without slashes, and each another one.

    >>> keras_names(["stage1/2/conv", "stage1.2.conv"])
    {'stage1/2/conv': 'stage1.2.conv', 'stage1.2.conv': 'stage1.2.conv_2'}
    """
    names: dict[str, str] = {}
    for id in ids:
        plain = name = id.replace("/", ".")
        number = 1
        while name in names.values():
            number += 1
            name = f"{plain}_{number}"
        names[id] = name
    return names


def as_counted(model: Model) -> tuple[Call, ...]:
    """Return the calls in the order in which Keras keeps the layers of a model, from which it numbers their weights.

    That is by how many calls at most follow until an output, and among equals in the order in which they are met when
    one goes back from the outputs (`keras.src.ops.function.map_graph`, version 3).
    """
    by_name = {call.name: call for call in model.calls}
    met: dict[str, int] = {}
    waiting = [*reversed(model.outputs)]
    while waiting:
        name = waiting.pop()
        if name not in met:
            met[name] = len(met)
            waiting += reversed(by_name[name].sources)
    met |= {name: len(met) + place for place, name in enumerate(model.inputs) if name not in met}  # which nothing reads
    depths = dict.fromkeys(by_name, 0)
    for call in reversed(model.calls):
        for source in call.sources:
            depths[source] = max(depths[source], depths[call.name] + 1)
    return tuple(sorted((by_name[name] for name in met), key=lambda call: (-depths[call.name], met[call.name])))


def turned(array: Array, axes: Axes) -> Array:
    """Return an array of the document as Keras has it.

    >>> turned(np.zeros((5, 5, 3, 8)), (0, 1, 3, 2)).shape, turned(np.zeros(8), (-1, -1, 0)).shape
    ((5, 5, 8, 3), (1, 1, 8))
    """
    kept = array.transpose([axis for axis in axes if axis >= 0])
    return np.ascontiguousarray(np.expand_dims(kept, [place for place, axis in enumerate(axes) if axis < 0]))
