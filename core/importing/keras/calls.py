"""The calls of a layer in a graph of Keras: what each reads, whichever version of Keras wrote it down."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from core.errors import ModelError
from core.io.failures import shown
from core.text import excerpt

MODELS: Final = ("Sequential", "Functional", "Model")
"""The classes of models that are made of layers."""


class Tensor(NamedTuple):
    """A value of a graph: the name of a layer, which of its calls gives it, and which output of that call it is."""

    name: str
    call: int
    place: int


def ends(value: Any, called: str, key: str) -> list[Tensor]:
    """Return what a model takes or gives.

    Raises
    ------
    ModelError
        It does not say.
    """
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list) and len(value) == 3 and isinstance(value[0], str):
        value = [value]
    if not isinstance(value, list) or not value:
        raise ModelError(f"{called} does not say its {key}.")
    return [_tensor(entry, called) for entry in value]


def calls(entry: Mapping[str, Any], path: Sequence[str]) -> list[list[Tensor]]:
    """Return what a layer reads in each of its calls; one that reads nothing is called once.

    Raises
    ------
    ModelError
        It does not say, or a call is given what no layer of ours takes.

    Examples
    --------
    >>> calls({"inbound_nodes": [[["a", 0, 0, {}]], [["b", 1, 0, {}]]]}, ("conv",))
    [[Tensor(name='a', call=0, place=0)], [Tensor(name='b', call=1, place=0)]]
    """
    called, nodes = shown("/".join(path)), entry.get("inbound_nodes", [])
    if not isinstance(nodes, list):
        raise ModelError(f"{called} does not say what it reads.")
    return [_call(node, called) for node in nodes] or [[]]


def first_numbers(
    entries: Mapping[str, Mapping[str, Any]], n_calls: Mapping[str, int], read: Iterable[Tensor], *, are_ends: bool
) -> dict[str, int]:
    """Return the number of the first call of each model in a graph, where that is 1.

    Keras makes a call of its own when it makes a functional model. It is not in the file, but counted: by Keras 2
    wherever a model is named, by Keras 3 in the ends of the graph alone (`get_config` in `models/functional.py`). It
    never counts it of a Sequential without an input, and Keras 3 of none; Keras 2 has changed its mind, so where
    numbers only make sense counted the other way, they are.

    Parameters
    ----------
    entries : mapping of str to JSON
        The layers of the graph by name.
    n_calls : mapping of str to int
        How often each is called.
    read : iterable of Tensor
        What layers read, or the graph's ends.
    are_ends : bool
        Which of these it is.
    """
    numbers: dict[str, set[int]] = {}
    for tensor in read:
        numbers.setdefault(tensor.name, set()).add(tensor.call)
    is_old = any(isinstance(node, list) for entry in entries.values() for node in entry.get("inbound_nodes", []))
    found = {}
    for name, used in numbers.items():
        entry = entries.get(name, {})
        if entry.get("class_name") in MODELS:
            is_plain = entry["class_name"] == "Sequential" and not (is_old and _starts_with_input(entry))
            first = int(not is_plain and (is_old or are_ends))
            if not used <= {*range(first, first + n_calls[name])}:
                first = 1 - first
            if first:
                found[name] = first
    return found


def _starts_with_input(entry: Mapping[str, Any]) -> bool:
    config = entry.get("config")
    inner = config.get("layers") if isinstance(config, dict) else config
    return (
        isinstance(inner, list)
        and bool(inner)
        and isinstance(inner[0], dict)
        and (inner[0].get("class_name") == "InputLayer")
    )


def _call(node: Any, called: str) -> list[Tensor]:
    if isinstance(node, dict):
        _require_plain(node.get("kwargs") or {}, called)
        return list(_tensors(node.get("args"), called))
    if not isinstance(node, list):
        raise ModelError(f"{called} does not say what it reads.")
    if len(node) in (3, 4) and isinstance(node[0], str):
        node = [node]
    for tensor in node:
        if isinstance(tensor, list) and len(tensor) > 3:
            _require_plain(tensor[3], called)
    return [_tensor(tensor, called) for tensor in node]


def _tensor(entry: Any, called: str) -> Tensor:
    match entry:
        case [str(name), int(call), int(place), *_]:
            return Tensor(name, call, place)
    raise ModelError(f"{called} names a tensor in a way that is not known: {excerpt(entry, 100)}.")


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
