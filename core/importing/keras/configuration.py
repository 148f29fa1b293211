"""What a Keras model says of itself: its layers in order, whichever version of Keras wrote it down.

Models within models are put in place of the layers that they are. Nothing of it is run or looked up by name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from core.errors import ModelError
from core.graph.wiring import topological_order
from core.io.failures import shown
from core.limits import DEEPEST_BLOCKS, MOST_IMPORTED
from core.text import excerpt, listing, snake_case

Path: TypeAlias = tuple[str, ...]
"""The name of a layer, after those of the models that it lies in."""

Tensor: TypeAlias = tuple[str, int, int]
"""The name of a layer, which of its uses gives the value, and as which of its outputs."""

_MODELS: Final = ("Sequential", "Functional", "Model")
_OWN_MODULES: Final = ("keras", "tensorflow.keras", "tensorflow.python.keras", "tf_keras", "tf.keras", "builtins")
_MERGED_BY_CALL: Final = ("keras.src.ops", "keras.ops")


@dataclass(frozen=True, slots=True, eq=False)
class KerasLayer:
    """A layer as the file has it.

    Attributes
    ----------
    class_name : str
        "Conv2D".
    sources : tuple of Path
        The layers that it reads.
    group : str
        Where Keras 3 keeps its arrays: class and number, "layers/conv2d_1".
    again_of : str
        The layer that it is, where the model uses that in another place, too, which comes first; else "".
    """

    path: Path
    class_name: str
    config: Mapping[str, Any]
    sources: tuple[Path, ...]
    group: str
    again_of: str = ""

    @property
    def called(self) -> str:
        """What messages call it."""
        return f"{shown('/'.join(self.path))} ({shown(self.class_name)})"


@dataclass(frozen=True, slots=True, eq=False)
class KerasModel:
    """A model as the file has it.

    Attributes
    ----------
    layers : tuple of KerasLayer
        Each after those that it reads.
    outputs : tuple of Path
    is_old : bool
        Whether Keras 2 or 1 wrote it: some words meant something else then.
    """

    name: str
    layers: tuple[KerasLayer, ...]
    outputs: tuple[Path, ...]
    is_old: bool


def model_of(raw: Any, version: str = "") -> KerasModel:
    """Read a configuration.

    Parameters
    ----------
    raw : JSON
        What `model.to_json()` gives.
    version : str
        Of the Keras that wrote it, where the file says so elsewhere.

    Raises
    ------
    ModelError
        It is no model of layers, or one that shares or nests them in ways that a document can't say.
    """
    if not isinstance(raw, dict) or not isinstance(raw.get("class_name"), str):
        raise ModelError("it does not say which layers it has. Save it once more with model.to_json().")
    if raw["class_name"] not in _MODELS:
        raise ModelError(
            f"it is a {shown(excerpt(raw['class_name'], 100))}, a class of its own, whose layers are known to its "
            "program alone. Make it a functional model, and save that."
        )
    if raw.get("backend") == "theano":
        raise ModelError("it was made with Theano, which mirrors kernels. Save it from another backend.")
    version = version or str(raw.get("keras_version", ""))
    expansion = _Expansion()
    outputs = expansion.expand(raw, (), "", None)
    if not outputs:
        raise ModelError("it says of no layer that it is an output.")
    is_old = version[:2] in ("1.", "2.") or (not version and "module" not in raw)
    config = _config(raw, "it")
    layers = _ordered(expansion.layers, expansion.inputs)
    return KerasModel(str(config.get("name") or ""), layers, tuple(outputs), is_old)


def _ordered(layers: Sequence[KerasLayer], inputs: Sequence[Path]) -> tuple[KerasLayer, ...]:
    """Return what the model is given, in its order, and every other layer after those that it reads."""
    keys = {layer.path: str(number) for number, layer in enumerate(layers)}
    order, rest = topological_order(
        {keys[layer.path]: [keys[source] for source in layer.sources] for layer in layers},
    )
    if rest:
        raise ModelError(f"data goes in a circle through {listing(layers[int(key)].called for key in rest[:5])}.")
    places = {path: place for place, path in enumerate(inputs)}
    return tuple(sorted((layers[int(key)] for key in order), key=lambda layer: places.get(layer.path, len(places))))


@dataclass(slots=True)
class _Expansion:
    """The layers of a model and of all models in it."""

    layers: list[KerasLayer] = field(default_factory=list)
    inputs: list[Path] = field(default_factory=list)

    def expand(self, raw: Mapping[str, Any], path: Path, group: str, given: Sequence[Path] | None) -> list[Path]:
        """Add the layers of a model, and return those that are its outputs.

        Parameters
        ----------
        path, group
            Of the model.
        given : sequence of Path, optional
            What a model within another one reads; None for the model itself.
        """
        called = shown("/".join(path)) or "it"
        if len(path) > DEEPEST_BLOCKS:
            raise ModelError(f"{called}: models lie in models more than {DEEPEST_BLOCKS} deep.")
        config: Mapping[str, Any] = _config(raw, called)
        entries = config.get("layers")
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise ModelError(f"{called} has no list of layers.")
        if len(self.layers) + len(entries) > MOST_IMPORTED:
            raise ModelError(f"it has more than the {MOST_IMPORTED:,} layers that Convograph reads.")
        is_chain = raw["class_name"] == "Sequential"
        names = [_name(entry, called) for entry in entries]
        twice = [name for name, n in Counter(names).items() if n > 1]
        if twice:
            raise ModelError(f"{called} has several layers that are called {shown(twice[0])}.")
        if is_chain:
            return self._chain(config, list(zip(names, entries, strict=True)), path, group, given)
        return self._graph(config, list(zip(names, entries, strict=True)), path, group, given)

    def _chain(
        self,
        config: Mapping[str, Any],
        entries: list[tuple[str, Mapping[str, Any]]],
        path: Path,
        group: str,
        given: Sequence[Path] | None,
    ) -> list[Path]:
        if not entries:
            raise ModelError(f"{shown('/'.join(path)) or 'it'} has no layers.")
        groups = _groups(entries, group)
        last: list[Path] = list(given or ())
        if given is None and entries[0][1].get("class_name") != "InputLayer":
            shape = _first_shape(entries[0][1]) or config.get("build_input_shape")
            last = [(*path, "input")]
            while last[0][-1] in dict(entries):
                last = [(*path, f"{last[0][-1]}_")]
            self.layers.append(KerasLayer(last[0], "InputLayer", {"batch_shape": shape}, (), ""))
        for (name, entry), place in zip(entries, groups, strict=True):
            last = self._layer(entry, (*path, name), place, last)
            if len(last) != 1:
                raise ModelError(f"{shown(name)} has {len(last)} outputs, of which a Sequential can't go on.")
        return last

    def _graph(
        self,
        config: Mapping[str, Any],
        entries: list[tuple[str, Mapping[str, Any]]],
        path: Path,
        group: str,
        given: Sequence[Path] | None,
    ) -> list[Path]:
        groups = dict(zip([name for name, _ in entries], _groups(entries, group), strict=True))
        by_name = dict(entries)
        called = shown("/".join(path)) or "it"
        inputs = [name for name, _, _ in _ends(config.get("input_layers"), called, "input_layers")]
        if given is not None and len(inputs) != len(given):
            raise ModelError(f"{called} takes {len(inputs)} inputs, and is given {len(given)}.")
        if given is None:
            self.inputs = [(*path, name) for name in inputs]
        outer = dict(zip(inputs, given or (), strict=False))
        calls = {
            (name, i): tensors for name, entry in entries for i, tensors in enumerate(_calls(entry, (*path, name)))
        }
        if len(self.layers) + len(calls) > MOST_IMPORTED:
            raise ModelError(f"it uses layers more than the {MOST_IMPORTED:,} times that Convograph reads.")
        for (name, _), tensors in calls.items():
            unknown = [source for source, i, _ in tensors if (source, i) not in calls]
            if unknown:
                raise ModelError(f"{shown('/'.join((*path, name)))} reads {shown(unknown[0])}, which is not there.")
        uses = list(calls)
        numbers = {use: str(number) for number, use in enumerate(uses)}
        sources = {numbers[use]: [numbers[source, i] for source, i, _ in calls[use]] for use in uses}
        order, rest = topological_order(sources)
        if rest:
            raise ModelError(f"data goes in a circle through {listing(shown(uses[int(n)][0]) for n in rest[:5])}.")
        given_by: dict[tuple[str, int], list[Path]] = {}
        for number in order:
            name, i = use = uses[int(number)]
            read = [_output(given_by, *tensor) for tensor in calls[use]]
            if name in outer:
                read = [outer[name]]
            own = (*path, _again(name, i, by_name))
            given_by[use] = self._layer(by_name[name], own, groups[name], read, "/".join((*path, name)) if i else "")
        ends = _ends(config.get("output_layers"), called, "output_layers")
        lost = [name for name, i, _ in ends if (name, i) not in given_by]
        if lost:
            raise ModelError(f"{called} returns {shown(lost[0])}, which is not there.")
        return [_output(given_by, *end) for end in ends]

    def _layer(
        self, entry: Mapping[str, Any], path: Path, group: str, read: Sequence[Path], again_of: str = ""
    ) -> list[Path]:
        class_name, config = entry["class_name"], _config(entry, shown("/".join(path)))
        if class_name in _MODELS:
            return self.expand(entry, path, group, read)
        layer = KerasLayer(path, class_name, config, tuple(read), group, again_of)
        module = entry.get("module")
        if isinstance(module, str) and module.startswith(_MERGED_BY_CALL):
            raise ModelError(f"{layer.called} is a call of a function of Keras, not a layer. Use the layer for it.")
        if isinstance(module, str) and not module.startswith(_OWN_MODULES):
            raise ModelError(f"{layer.called} is a class of its own, of {shown(excerpt(module, 100))}; it is not run.")
        if isinstance(entry.get("registered_name"), str) and ">" in entry["registered_name"]:
            raise ModelError(f"{layer.called} is a class of its own; it is not run.")
        self.layers.append(layer)
        return [path]


def _again(name: str, i: int, names: Collection[str]) -> str:
    """Return what another use of a layer is called."""
    again = f"{name} {i + 1}" if i else name
    while i and again in names:
        again += "_"
    return again


def _output(given_by: Mapping[tuple[str, int], list[Path]], name: str, i: int, place: int) -> Path:
    outputs = given_by[name, i]
    if not 0 <= place < len(outputs):
        raise ModelError(f"{shown(name)} has {len(outputs)} outputs; number {place + 1} is read.")
    return outputs[place]


def _config(raw: Mapping[str, Any], called: str) -> dict[str, Any]:
    config = raw.get("config")
    if isinstance(config, list):  # a Sequential of Keras 1
        return {"layers": config}
    if not isinstance(config, dict):
        raise ModelError(f"{called} has no configuration.")
    return config


def _name(entry: Mapping[str, Any], called: str) -> str:
    config = entry.get("config")
    name = entry.get("name") or (config.get("name") if isinstance(config, dict) else None)
    if not isinstance(name, str) or not name or not isinstance(entry.get("class_name"), str):
        raise ModelError(f"a layer of {called} has no name or no class.")
    return name


def _groups(entries: list[tuple[str, Mapping[str, Any]]], group: str) -> Iterator[str]:
    """Yield where Keras 3 keeps the arrays of layers: in order, numbered within their class."""
    n_of: Counter[str] = Counter()
    for _, entry in entries:
        word = snake_case(str(entry["class_name"]))
        yield f"{group}/layers/{word}_{n_of[word]}" if n_of[word] else f"{group}/layers/{word}"
        n_of[word] += 1


def _first_shape(entry: Mapping[str, Any]) -> Any:
    config = entry.get("config")
    for key in ("batch_shape", "batch_input_shape"):
        if isinstance(config, dict) and config.get(key):
            return config[key]
    inner = config.get("layers") if isinstance(config, dict) else None
    return _first_shape(inner[0]) if isinstance(inner, list) and inner and isinstance(inner[0], dict) else None


def _ends(value: Any, called: str, key: str) -> list[Tensor]:
    """Return the tensors that a model takes or gives."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list) and len(value) == 3 and isinstance(value[0], str):
        value = [value]
    if not isinstance(value, list) or not value:
        raise ModelError(f"{called} does not say its {key}.")
    return [_tensor(entry, called) for entry in value]


def _tensor(entry: Any, called: str) -> Tensor:
    match entry:
        case [str(name), int(node), int(place), *_]:
            return name, node, place
    raise ModelError(f"{called} names a tensor in a way that is not known: {excerpt(entry, 100)}.")


def said_of_shared(name: str) -> str:
    """Return why a layer with weights can't be used more than once."""
    return (
        f"{shown(name)} is used more than once, with the same weights; layers of Convograph don't share theirs. "
        "Give each place a layer of its own."
    )


def _calls(entry: Mapping[str, Any], path: Path) -> list[list[Tensor]]:
    """Return what a layer reads in each place that uses it."""
    called, nodes = shown("/".join(path)), entry.get("inbound_nodes", [])
    if not isinstance(nodes, list):
        raise ModelError(f"{called} does not say what it reads.")
    if len(nodes) > 1 and entry["class_name"] in _MODELS:
        raise ModelError(said_of_shared("/".join(path)))
    return [_call(node, called) for node in nodes] or [[]]


def _call(node: Any, called: str) -> list[Tensor]:
    if isinstance(node, dict):
        kwargs = node.get("kwargs") or {}
        _require_plain(kwargs, called)
        return list(_tensors(node.get("args"), called))
    if not isinstance(node, list):
        raise ModelError(f"{called} does not say what it reads.")
    if len(node) in (3, 4) and isinstance(node[0], str):
        node = [node]
    for tensor in node:
        if isinstance(tensor, list) and len(tensor) > 3:
            _require_plain(tensor[3], called)
    return [_tensor(tensor, called) for tensor in node]


def _require_plain(kwargs: Any, called: str) -> None:
    """Raise where a call does something else than a layer does at inference."""
    if not isinstance(kwargs, dict):
        raise ModelError(f"{called} is called in a way that is not known.")
    said = [key for key, value in kwargs.items() if value is not None and value is not False]
    if said:
        raise ModelError(f"{called} is called with {shown(excerpt(said[0], 100))}, which no layer of ours takes.")


def _tensors(args: Any, called: str) -> Iterator[Tensor]:
    for part in args if isinstance(args, list) else [args]:
        if isinstance(part, list):
            yield from _tensors(part, called)
        elif isinstance(part, dict) and part.get("class_name") == "__keras_tensor__":
            config = part.get("config")
            yield _tensor(config.get("keras_history") if isinstance(config, dict) else None, called)
        elif part is not None:
            raise ModelError(f"{called} is called with {excerpt(part, 100)}, which no layer of ours takes.")
