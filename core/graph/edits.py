"""Edits: pure functions from a document to a document. What an edit does not concern stays the same object."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from core.errors import EditError
from core.graph.layouts import with_layer_renamed
from core.graph.names import can_be_name, composed, name_refusal, numbered_name
from core.graph.training import read_training
from core.graph.values import (
    Block,
    BlockUse,
    Document,
    Graph,
    Layer,
    Position,
    Unreadable,
    layers_by_id,
    make_spec,
    read_initializer,
    spec_class,
)
from core.graph.wiring import owner, reaches
from core.learning.optimizers import OPTIMIZERS
from core.text import listing, nearest_name

Config = Mapping[str, Any]


def add_layer(
    document: Document,
    kind: str,
    config: Config | None = None,
    *,
    position: Position | None = None,
    source: str | None = None,
    id: str | None = None,
) -> tuple[Document, str]:
    """Draw a new layer, fed by `source` if one is given.

    Returns
    -------
    document : Document
    id : str
        The new layer's.
    """
    id = fresh_id(document.graph, kind) if id is None else _free(document.graph, id)
    if source is not None:
        _owner(document.graph, source)
    spec, extra = make_spec(kind, starting_config(kind) if config is None else config)
    layer = Layer(id, spec, () if source is None else (source,), extra=extra)
    document = _with_layers(document, (*document.graph.layers, layer))
    return (document if position is None else move_layers(document, {id: position})), id


def insert_layer(
    document: Document,
    kind: str,
    config: Config | None = None,
    *,
    before: str,
    port: int = 0,
    id: str | None = None,
    position: Position | None = None,
) -> Document:
    """Put a new layer on the wire into a port; a port without a wire gets the new layer as its source.

    The new layer comes before `before` in the file.
    """
    graph = document.graph
    id = fresh_id(graph, kind) if id is None else _free(graph, id)
    fed = _layer(graph, before)
    if not 0 <= port <= len(fed.inputs):
        raise EditError(f"{before} has no port {port}: it has {len(fed.inputs)}.")
    spec, extra = make_spec(kind, starting_config(kind) if config is None else config)
    wired = Layer(id, spec, fed.inputs[port : port + 1] if takes_input(kind) else (), extra=extra)
    rewired = _replaced(fed, "inputs", inputs=(*fed.inputs[:port], id, *fed.inputs[port + 1 :]))
    layers = [part for layer in graph.layers for part in ((wired, rewired) if layer is fed else (layer,))]
    document = _with_layers(document, tuple(layers))
    return document if position is None else move_layers(document, {id: position})


def remove_layers(document: Document, ids: Iterable[str]) -> Document:
    """Take layers out. What a layer with one source fed is then fed by that source."""
    gone = {_layer(document.graph, id).id for id in ids}
    index = layers_by_id(document.graph)

    def stand_in(reference: str) -> str | None:
        seen = set()
        while (id := owner(reference, index)) in gone:
            layer = index[id]
            if len(layer.inputs) != 1 or id in seen:
                return None
            seen.add(id)
            reference = layer.inputs[0]
        return reference

    layers = []
    for layer in document.graph.layers:
        if layer.id in gone:
            continue
        if any(owner(source, index) in gone for source in layer.inputs):
            healed = tuple(fed_by for source in layer.inputs if (fed_by := stand_in(source)) is not None)
            layers.append(replace(layer, inputs=healed))
        else:
            layers.append(layer)
    outputs = document.graph.outputs
    if outputs is not None:
        outputs = tuple(dict.fromkeys(end for id in outputs if (end := stand_in(id)) is not None)) or None
    positions = {id: place for id, place in document.layout.positions.items() if id not in gone}
    return replace(
        document,
        graph=replace(document.graph, layers=tuple(layers), outputs=outputs),
        layout=replace(document.layout, positions=positions),
    )


def connect(document: Document, source: str, layer: str, port: int | None = None) -> Document:
    """Let `source` feed a port of `layer`; `port=None` adds one if the kind has room, else takes the last.

    Raises
    ------
    EditError
        If that would close a cycle.
    """
    refusal = why_not_connect(document.graph, source, layer)
    if refusal is not None:
        raise EditError(refusal)
    fed = _layer(document.graph, layer)
    if port is None:
        most = most_inputs(fed)
        port = len(fed.inputs) if most is None or len(fed.inputs) < most else len(fed.inputs) - 1
    if not 0 <= port <= len(fed.inputs):
        raise EditError(f"{layer} has no port {port}: it has {len(fed.inputs)}.")
    inputs = (*fed.inputs[:port], source, *fed.inputs[port + 1 :])
    if inputs == fed.inputs:
        return document
    return _swap(document, fed, _replaced(fed, "inputs", inputs=inputs))


def why_not_connect(graph: Graph, source: str, layer: str) -> str | None:
    """Say why `source` must not feed `layer`, or None where it may."""
    fed = _layer(graph, layer)
    feeding = _owner(graph, source)
    if most_inputs(fed) == 0:
        return f"{layer} takes no input: it is where samples enter."
    if feeding == layer:
        return f"{layer} cannot feed itself."
    if reaches(graph, layer, feeding):
        return f"{source} cannot feed {layer}: {layer} already leads to {source}, so data would go in a circle."
    return None


def disconnect(document: Document, layer: str, port: int) -> Document:
    """Remove a port's wire; later ports move up."""
    fed = _layer(document.graph, layer)
    if not 0 <= port < len(fed.inputs):
        raise EditError(f"{layer} has no wire at port {port}.")
    return _swap(document, fed, _replaced(fed, "inputs", inputs=(*fed.inputs[:port], *fed.inputs[port + 1 :])))


def set_config(document: Document, layer: str, changes: Config) -> Document:
    """Set some settings of a layer; `layer` may also be inside a block, as in `stage1/1/conv1`."""

    def change(old: Layer) -> Layer:
        spec, extra = make_spec(old.kind, old.config | dict(changes))
        return _replaced(old, "config", spec=spec, extra=extra)

    return _change(document, layer, change)


def unset_config(document: Document, layer: str, names: Iterable[str]) -> Document:
    """Drop settings of a layer: known ones (which return to their defaults), unknown ones, and unreadable keys."""
    dropped = set(names)

    def change(old: Layer) -> Layer:
        spec, extra = make_spec(old.kind, {key: value for key, value in old.config.items() if key not in dropped})
        return _replaced(old, *dropped, spec=spec, extra=extra)

    return _change(document, layer, change)


def replace_kind(document: Document, layer: str, kind: str, config: Config | None = None) -> Document:
    """Make a layer one of another kind; settings that both kinds have are kept, and wires too.

    A layer whose kind is unknown keeps all settings: the kind's name may have been a typing error.
    """

    def change(old: Layer) -> Layer:
        target = spec_class(kind)
        kept = old.config
        if spec_class(old.kind) is not None:
            kept = {} if target is None else {k: v for k, v in kept.items() if k in target.model_fields}
        spec, extra = make_spec(kind, starting_config(kind) | kept | dict(config or {}))
        return _replaced(old, "kind", "config", spec=spec, extra=extra)

    return _change(document, layer, change)


def set_trainable(document: Document, layer: str, trainable: bool) -> Document:
    """Freeze a layer's weights, or let them learn again."""
    return _change(document, layer, lambda old: _replaced(old, "trainable", trainable=trainable))


def set_initializer(document: Document, layer: str, initializer: Any) -> Document:
    """Let a layer's kernel be drawn in a way of its own, as a file writes it; None: as the training settings say.

    What can't be read is kept as it is.
    """
    own, refused = read_initializer(initializer)

    def change(old: Layer) -> Layer:
        return replace(old, initializer=own, unread=_without(old.unread, "initializer") | refused)

    return _change(document, layer, change)


def rename_layer(document: Document, layer: str, to: str) -> Document:
    """Rename a layer, wherever it is referred to.

    Raises
    ------
    EditError
        If the name is taken or cannot be one.
    """
    former = _layer(document.graph, layer)
    to = composed(to)
    if to == layer:
        return document
    if not can_be_name(to):
        raise EditError(name_refusal(to))
    if to in layers_by_id(document.graph):
        raise EditError(f"There is already a layer called {to}: choose another name.")

    index = layers_by_id(document.graph)

    def renamed(reference: str) -> str:
        return to + reference.removeprefix(layer) if owner(reference, index) == layer else reference

    layers = []
    for other in document.graph.layers:
        inputs = tuple(map(renamed, other.inputs))
        if other is former:
            layers.append(_replaced(other, "id", id=to, inputs=inputs))
        else:
            layers.append(other if inputs == other.inputs else replace(other, inputs=inputs))
    outputs = document.graph.outputs
    return replace(
        document,
        graph=replace(
            document.graph, layers=tuple(layers), outputs=None if outputs is None else tuple(map(renamed, outputs))
        ),
        layout=with_layer_renamed(document.layout, layer, to, renamed),
    )


def move_layers(document: Document, positions: Mapping[str, Position]) -> Document:
    """Move layers on the canvas; the graph stays the same object."""
    merged = dict(document.layout.positions) | {
        id: (round(float(x), 2), round(float(y), 2)) for id, (x, y) in positions.items()
    }
    unread = document.layout.unread
    if "positions" in unread:
        refused = unread["positions"]
        left = {id: at for id, at in refused.items() if id not in positions} if isinstance(refused, Mapping) else {}
        unread = _without(unread, "positions") | ({"positions": left} if left else {})
    layout = replace(document.layout, positions=merged, unread=unread)
    return replace(document, layout=layout, unread=_without(document.unread, "layout"))


def set_outputs(document: Document, outputs: tuple[str, ...] | None) -> Document:
    """Say which layers are the network's outputs; None means all that nothing consumes."""
    for id in outputs or ():
        _owner(document.graph, id)
    graph = replace(document.graph, outputs=outputs)
    return replace(document, graph=graph, unread=_without(document.unread, "outputs"))


def set_training(document: Document, settings: Config) -> Document:
    """Set some training settings; None drops one. `optimizer` is `{"kind": …, its settings}`."""
    raw = document.training.as_json() | dict(settings)
    dropped = [key for key, value in settings.items() if value is None]
    return replace(
        document, training=read_training(_without(raw, *dropped)), unread=_without(document.unread, "training")
    )


def choose_dataset(document: Document, dataset: str) -> Document:
    """Choose a data set; the first label of the one before is not kept for another."""
    is_other = dataset != document.training.settings.dataset
    return set_training(document, {"dataset": dataset, **({"first_label": None} if is_other else {})})


def set_optimizer(document: Document, kind: str, changes: Config | None = None) -> Document:
    """Choose an optimiser, or change its settings; those that the new one shares are kept."""
    old = document.training.optimizer_as_json()
    if old["kind"] != kind:
        shared = OPTIMIZERS[kind].model_fields if kind in OPTIMIZERS else {}
        old = {key: value for key, value in old.items() if key in shared}
    return set_training(document, {"optimizer": old | {"kind": kind, **(changes or {})}})


def set_name(document: Document, name: str) -> Document:
    """Set the document's title."""
    return replace(document, name=name, unread=_without(document.unread, "name"))


def fresh_id(graph: Graph, kind: str) -> str:
    """Return a name for a new layer of a kind, the next number after the kind's stem.

    >>> fresh_id(Graph(), "Conv2D")
    'conv1'
    """
    stem = getattr(spec_class(kind), "stem", None) or kind.lower()
    return numbered_name(stem, {layer.id for layer in graph.layers})


def starting_config(kind: str) -> dict[str, Any]:
    """Return the config of a newly drawn layer of a kind."""
    cls = spec_class(kind)
    return {} if cls is None else cls.start_config()


def most_inputs(layer: Layer) -> int | None:
    """Return how many ports a layer can have; None for any number."""
    if isinstance(layer.spec, Unreadable | BlockUse):
        return None
    return layer.spec.n_inputs[1]


def takes_input(kind: str) -> bool:
    """Say whether layers of a kind have sources."""
    cls = spec_class(kind)
    return cls is None or getattr(cls, "n_inputs", (1, 1))[1] != 0


def _without(unread: Config, *keys: str) -> dict[str, Any]:
    return {name: value for name, value in unread.items() if name not in keys}


def _replaced(layer: Layer, *keys: str, **changes: Any) -> Layer:
    """Change a layer; what could not be read under these keys of its entry in the file is replaced too."""
    return replace(layer, **changes, unread=_without(layer.unread, *keys))


def _swap(document: Document, old: Layer, new: Layer) -> Document:
    return _with_layers(document, tuple(new if layer is old else layer for layer in document.graph.layers))


def _with_layers(document: Document, layers: tuple[Layer, ...]) -> Document:
    return replace(document, graph=replace(document.graph, layers=layers))


def _change(document: Document, id: str, change: Callable[[Layer], Layer]) -> Document:
    """Change a layer of the graph, or of the block that a flattened id such as `stage1/2/conv1` lies in."""
    old = _layer(document.graph, _owner(document.graph, id))
    if old.id == id:
        changed = change(old)
        same_spec = changed.spec is old.spec or not isinstance(
            changed.spec, Unreadable
        )  # in what a file says, 0 == false
        return document if changed == old and same_spec else _swap(document, old, changed)
    blocks = dict(document.graph.blocks)
    _change_inside(blocks, old, id.removeprefix(f"{old.id}/"), change)
    return replace(document, graph=replace(document.graph, blocks=blocks))


def _change_inside(blocks: dict[str, Block], use: Layer, path: str, change: Callable[[Layer], Layer]) -> None:
    _, _, path = path.partition("/")  # the number of the copy: all copies share one block
    id, slash, deeper = path.partition("/")
    block = blocks.get(use.spec.block) if isinstance(use.spec, BlockUse) else None
    old = next((layer for layer in block.layers if layer.id == id), None) if block else None
    if block is None or old is None:
        raise EditError(f"There is no layer {id} inside {use.id}.")
    if slash:
        _change_inside(blocks, old, deeper, change)
    else:
        layers = tuple(change(layer) if layer is old else layer for layer in block.layers)
        blocks[use.spec.block] = replace(block, layers=layers)  # type: ignore[union-attr]


def _layer(graph: Graph, id: str) -> Layer:
    named = next((layer for layer in graph.layers if layer.id == id), None)
    if named is None:
        meant = nearest_name(id, (layer.id for layer in graph.layers))
        raise EditError(f"There is no layer called {id}{f': did you mean {meant}?' if meant else '.'}")
    return named


def _owner(graph: Graph, reference: str) -> str:
    return _layer(graph, owner(reference, layers_by_id(graph))).id


def _free(graph: Graph, id: str) -> str:
    id = composed(id)
    if not can_be_name(id):
        raise EditError(name_refusal(id))
    if any(layer.id == id for layer in graph.layers):
        raise EditError(f"There is already a layer called {id}: choose another name.")
    return id


def listed(ids: Iterable[str]) -> str:
    """Name layers for an undo label: "conv1", "conv1 and relu1", "5 layers"."""
    names = list(ids)
    return listing(names) if len(names) <= 3 else f"{len(names)} layers"
