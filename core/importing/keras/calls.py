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
    entries: Mapping[str, Mapping[str, Any]],
    n_calls: Mapping[str, int],
    read: Iterable[Tensor],
    given: Iterable[Tensor],
) -> tuple[dict[str, int], dict[str, int]]:
    """Return the number of the first call of each model in a graph: as what layers read says it, and as the ends do.

    Keras makes a call of its own when it makes a functional model. The file does not have it, but numbers may count it:
    in Keras 2 all of them, in Keras 3 those of the ends alone (`get_config` and `serialize_node` in
    `models/functional.py`), and of a Sequential none, or in Keras 2 where it begins with an input. As each call that a
    file has is read by something, numbers that leave one out were counted in another way.

    Parameters
    ----------
    entries : mapping of str to JSON
        The layers of the graph by name.
    n_calls : mapping of str to int
        How often each is called.
    read, given : iterable of Tensor
        What layers read, and what the graph gives.
    """
    is_old = any(isinstance(node, list) for entry in entries.values() for node in entry.get("inbound_nodes", []))
    by_layers, by_ends = _numbers(read), _numbers(given)
    of_read, of_ends = {}, {}
    for name, entry in entries.items():
        if entry["class_name"] not in MODELS:
            continue
        counts = entry["class_name"] != "Sequential" or (is_old and _starts_with_input(entry))
        usual = (int(counts and is_old), int(counts))
        of_read[name], of_ends[name] = next(
            (
                (first, first_of_ends)
                for first, first_of_ends in (usual, (0, 0), (0, 1), (1, 1))
                if {n - first for n in by_layers.get(name, ())} | {n - first_of_ends for n in by_ends.get(name, ())}
                == set(range(n_calls[name]))
            ),
            usual,
        )
    return of_read, of_ends


def _numbers(tensors: Iterable[Tensor]) -> dict[str, set[int]]:
    numbers: dict[str, set[int]] = {}
    for tensor in tensors:
        numbers.setdefault(tensor.name, set()).add(tensor.call)
    return numbers


def _starts_with_input(entry: Mapping[str, Any]) -> bool:
    config = entry.get("config")
    inner = config.get("layers") if isinstance(config, dict) else config
    first = inner[0] if isinstance(inner, list) and inner else None
    return isinstance(first, dict) and first.get("class_name") == "InputLayer"


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
