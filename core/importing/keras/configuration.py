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
from core.importing.keras.calls import MODELS, Tensor, calls, ends, first_numbers
from core.io.failures import shown
from core.limits import DEEPEST_BLOCKS, MOST_IMPORTED
from core.text import excerpt, listing, snake_case

Path: TypeAlias = tuple[str, ...]
"""The name of a layer, after those of the models that it lies in."""
_Use: TypeAlias = tuple[str, int]
"""The name of a layer in its model, and which of its calls it is."""

_OWN_MODULES: Final = ("keras", "tensorflow.keras", "tensorflow.python.keras", "tf_keras", "tf.keras", "builtins")
_MERGED_BY_CALL: Final = ("keras.src.ops", "keras.ops")


@dataclass(frozen=True, slots=True, eq=False)
class KerasLayer:
    """A layer as the file has it.

    Attributes
    ----------
    path : Path
        Of this use: each further one of a layer that is used in several places is a layer of its own.
    owner : Path
        Under which its arrays are kept: its path at the first use.
    class_name : str
        "Conv2D".
    sources : tuple of Path
        The layers that it reads.
    group : str
        Where Keras 3 keeps its arrays: class and number, "layers/conv2d_1".
    """

    path: Path
    owner: Path
    class_name: str
    config: Mapping[str, Any]
    sources: tuple[Path, ...]
    group: str

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
        It is no model of layers, or one that nests them in ways that a document can't say.
    """
    if not isinstance(raw, dict) or not isinstance(raw.get("class_name"), str):
        raise ModelError("it does not say which layers it has. Save it once more with model.to_json().")
    if raw["class_name"] not in MODELS:
        raise ModelError(
            f"it is a {shown(excerpt(raw['class_name'], 100))}, a class of its own, whose layers are known to its "
            "program alone. Make it a functional model, and save that."
        )
    if raw.get("backend") == "theano":
        raise ModelError("it was made with Theano, which mirrors kernels. Save it from another backend.")
    version = version or str(raw.get("keras_version", ""))
    expansion = _Expansion()
    outputs = expansion.expand(raw, (), (), "", None)
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

    def expand(
        self, raw: Mapping[str, Any], path: Path, owner: Path, group: str, given: Sequence[Path] | None
    ) -> list[Path]:
        """Add the layers of a model, and return those that are its outputs.

        Parameters
        ----------
        path, owner, group
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
            return self._chain(config, list(zip(names, entries, strict=True)), path, owner, group, given)
        return self._graph(config, list(zip(names, entries, strict=True)), path, owner, group, given)

    def _chain(
        self,
        config: Mapping[str, Any],
        entries: list[tuple[str, Mapping[str, Any]]],
        path: Path,
        owner: Path,
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
            self.layers.append(KerasLayer(last[0], last[0], "InputLayer", {"batch_shape": shape}, (), ""))
        for (name, entry), place in zip(entries, groups, strict=True):
            last = self._layer(entry, (*path, name), (*owner, name), place, last)
            if len(last) != 1:
                raise ModelError(f"{shown(name)} has {len(last)} outputs, of which a Sequential can't go on.")
        return last

    def _graph(
        self,
        config: Mapping[str, Any],
        entries: list[tuple[str, Mapping[str, Any]]],
        path: Path,
        owner: Path,
        group: str,
        given: Sequence[Path] | None,
    ) -> list[Path]:
        groups = dict(zip([name for name, _ in entries], _groups(entries, group), strict=True))
        by_name = dict(entries)
        called = shown("/".join(path)) or "it"
        inputs = [end.name for end in ends(config.get("input_layers"), called, "input_layers")]
        if given is not None and len(inputs) != len(given):
            raise ModelError(f"{called} takes {len(inputs)} inputs, and is given {len(given)}.")
        if given is None:
            self.inputs = [(*path, name) for name in inputs]
        outer = dict(zip(inputs, given or (), strict=False))
        called_with = {name: calls(entry, (*path, name)) for name, entry in entries}
        n_calls = {name: len(own) for name, own in called_with.items()}
        read_there = [tensor for own in called_with.values() for read in own for tensor in read]
        outputs = ends(config.get("output_layers"), called, "output_layers")
        first, first_of_ends = first_numbers(by_name, n_calls, read_there, outputs)
        uses = {
            (name, number): [_counted(tensor, first) for tensor in read]
            for name, own in called_with.items()
            for number, read in enumerate(own)
        }
        self._require_few(uses)
        for (name, _), tensors in uses.items():
            reader = shown("/".join((*path, name)))
            for source in tensors:
                _require_there(source, uses, f"{reader} reads")
        keys = list(uses)
        numbers = {use: str(number) for number, use in enumerate(keys)}
        order, rest = topological_order(
            {numbers[use]: [numbers[source[:2]] for source in tensors] for use, tensors in uses.items()}
        )
        if rest:
            raise ModelError(f"data goes in a circle through {listing(shown(keys[int(n)][0]) for n in rest[:5])}.")
        names = _names(keys)
        given_by: dict[_Use, list[Path]] = {}
        for number in order:
            use = name, _ = keys[int(number)]
            read = [outer[name]] if name in outer else [_output(given_by, tensor) for tensor in uses[use]]
            given_by[use] = self._layer(by_name[name], (*path, names[use]), (*owner, name), groups[name], read)
        outputs = [_counted(end, first_of_ends) for end in outputs]
        for end in outputs:
            _require_there(end, uses, f"{called} returns")
        return [_output(given_by, end) for end in outputs]

    def _require_few(self, uses: Collection[_Use]) -> None:
        """Raise where there are more layers than are read, each use being one."""
        if len(self.layers) + len(uses) > MOST_IMPORTED:
            ((name, n),) = Counter(name for name, _ in uses).most_common(1)
            raise ModelError(
                f"{shown(name)} is used in {n:,} places, each of which would be a layer of its own here, and "
                f"Convograph reads up to {MOST_IMPORTED:,} layers."
            )

    def _layer(self, entry: Mapping[str, Any], path: Path, owner: Path, group: str, read: Sequence[Path]) -> list[Path]:
        class_name, config = entry["class_name"], _config(entry, shown("/".join(path)))
        if class_name in MODELS:
            return self.expand(entry, path, owner, group, read)
        layer = KerasLayer(path, owner, class_name, config, tuple(read), group)
        module = entry.get("module")
        if isinstance(module, str) and module.startswith(_MERGED_BY_CALL):
            raise ModelError(f"{layer.called} is a call of a function of Keras, not a layer. Use the layer for it.")
        if isinstance(module, str) and not module.startswith(_OWN_MODULES):
            raise ModelError(f"{layer.called} is a class of its own, of {shown(excerpt(module, 100))}; it is not run.")
        if isinstance(entry.get("registered_name"), str) and ">" in entry["registered_name"]:
            raise ModelError(f"{layer.called} is a class of its own; it is not run.")
        self.layers.append(layer)
        return [path]


def _names(uses: Sequence[_Use]) -> dict[_Use, str]:
    """Return the name of each use: the layer's own, and for further ones numbered names that no layer has."""
    taken = {name for name, _ in uses}
    last: dict[str, int] = {}
    names = {}
    for name, number in uses:
        names[name, number] = name
        if number:
            n = last.get(name, 1) + 1
            while (free := f"{name}_{n}") in taken:
                n += 1
            last[name], names[name, number] = n, free
            taken.add(free)
    return names


def _counted(tensor: Tensor, first: Mapping[str, int]) -> Tensor:
    """Return a tensor whose call is counted from 0."""
    return tensor._replace(call=tensor.call - first.get(tensor.name, 0))


def _require_there(tensor: Tensor, uses: Collection[_Use], where: str) -> None:
    name, call, _ = tensor
    if (name, call) not in uses:
        which = f"use {call + 1} of {shown(name)}" if (name, 0) in uses else shown(name)
        raise ModelError(f"{where} {which}, which is not there.")


def _output(given_by: Mapping[_Use, list[Path]], tensor: Tensor) -> Path:
    outputs = given_by[tensor.name, tensor.call]
    if not 0 <= tensor.place < len(outputs):
        raise ModelError(f"{shown(tensor.name)} has {len(outputs)} outputs; number {tensor.place + 1} is read.")
    return outputs[tensor.place]


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
