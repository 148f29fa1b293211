"""What a program of PyTorch's says: its calls of operators in order, and what goes in and comes out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from core.errors import ModelError
from core.importing.onnx.model import Entrance
from core.io.failures import shown
from core.limits import MOST_IMPORTED
from core.text import counted, excerpt

DAMAGED: Final = "its program is not as PyTorch writes it. Save it once more with torch.export.save()."
_ASSIGNED: Final = re.compile(r"\s*([A-Za-z_]\w+)\s*(?::[^=]*)?=(?!=)")
_MODULES: Final = "torch.nn.modules."
_CONTAINERS: Final = "torch.nn.modules.container."


@dataclass(frozen=True, slots=True)
class Name:
    """A value that a call reads or gives, by its name in the program."""

    name: str


Argument: TypeAlias = Name | int | float | bool | str | tuple["Argument", ...] | None


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A call of an operator.

    Attributes
    ----------
    target : str
        "aten.conv2d.default".
    name : str
        Of the layer that it comes of: the module's, and the variable that the result is given to; "" for neither.
    arguments : mapping
        By their names in the operator's signature; those left out have its defaults.
    outputs : tuple of str
    """

    target: str
    name: str
    arguments: Mapping[str, Argument]
    outputs: tuple[str, ...]

    @property
    def called(self) -> str:
        """What messages call it."""
        operator = self.target.removeprefix("aten.").partition(".")[0]
        return f"{operator} {shown(self.name or (self.outputs[0] if self.outputs else ''))}".strip()


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """What a file holds.

    Attributes
    ----------
    calls : tuple of Call
    constants : mapping of str to str
        Which array of the file a value is.
    dims : mapping of str to tuple
        The dimensions of each tensor; None for one that is left open.
    """

    calls: tuple[Call, ...]
    inputs: tuple[Entrance, ...]
    outputs: tuple[str, ...]
    constants: Mapping[str, str]
    dims: Mapping[str, tuple[int | None, ...]]


def program_of(raw: Any) -> Program:
    """Read a program.

    Raises
    ------
    ModelError
        It is not as PyTorch writes it, or decides or repeats at run time.
    """
    try:
        major = raw["schema_version"]["major"]
        if major != 8:
            raise ModelError(f"its format has the version {excerpt(major, 20)}; Convograph knows 8, of PyTorch 2.8 on.")
        module = raw["graph_module"]
        graph, signature = module["graph"], module["signature"]
        if len(graph["nodes"]) > MOST_IMPORTED:
            raise ModelError(
                f"it has {counted(len(graph['nodes']), 'node')}; Convograph reads up to {MOST_IMPORTED:,}."
            )
        dims = {name: _dims(meta["sizes"]) for name, meta in graph["tensor_values"].items()}
        inputs, constants = _inputs(signature["input_specs"], dims)
        names = _names(graph["nodes"])
        calls = tuple(_call(node, name) for node, name in zip(graph["nodes"], names, strict=True))
        return Program(calls, inputs, _outputs(signature["output_specs"]), constants, dims)
    except (KeyError, TypeError, AttributeError, ValueError, IndexError, StopIteration) as error:
        raise ModelError(DAMAGED) from error


def _dims(sizes: Sequence[Mapping[str, Any]]) -> tuple[int | None, ...]:
    return tuple(int(size["as_int"]) if "as_int" in size else None for size in sizes)


def _inputs(
    specs: Sequence[Mapping[str, Any]], dims: Mapping[str, tuple[int | None, ...]]
) -> tuple[tuple[Entrance, ...], dict[str, str]]:
    entrances, constants = [], {}
    for spec in specs:
        ((kind, said),) = spec.items()
        if kind == "user_input":
            name = _argument(said["arg"])
            if not isinstance(name, Name):
                raise ModelError(f"it is given {excerpt(name, 50)} beside tensors; a network of layers reads tensors.")
            entrances.append(Entrance(name.name, dims[name.name]))
        elif kind in ("parameter", "buffer", "tensor_constant"):
            constants[_text(said["arg"]["name"])] = _text(said[f"{kind}_name"])
        elif kind not in ("constant_input", "token"):
            raise ModelError(f"it is given a {shown(kind[:50])}, which a drawing of layers has not.")
    return tuple(entrances), constants


def _outputs(specs: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    outputs = []
    for spec in specs:
        ((kind, said),) = spec.items()
        if kind == "user_output":
            name = _argument(said["arg"])
            if not isinstance(name, Name):
                raise ModelError(f"it returns {excerpt(name, 50)} beside tensors; a network of layers returns tensors.")
            outputs.append(name.name)
        elif kind not in ("buffer_mutation", "token"):  # what training does to statistics, layers of ours do, too
            raise ModelError(f"it changes a {shown(kind[:50])}, which a drawing of layers does not.")
    return tuple(dict.fromkeys(outputs))


def _call(node: Mapping[str, Any], name: str) -> Call:
    target = _text(node["target"]).removeprefix("torch.ops.").removeprefix("torch._ops.")
    arguments = {_text(each["name"]): _argument(each["arg"], target) for each in node["inputs"]}
    outputs = [found.name for output in node["outputs"] for found in _named(_argument(output, target))]
    return Call(target, name, arguments, tuple(outputs))


def _named(argument: Argument) -> Iterator[Name]:
    if isinstance(argument, Name):
        yield argument
    elif isinstance(argument, tuple):
        for part in argument:
            yield from _named(part)
    elif argument is None:
        yield Name("")


def _argument(raw: Mapping[str, Any], target: str = "") -> Argument:
    ((kind, value),) = raw.items()
    if kind in _VALUES:
        return _VALUES[kind](value)
    match kind:
        case "as_tensor":
            return Name(_text(value["name"]))
        case "as_tensors":
            return tuple(Name(_text(each["name"])) for each in value)
        case "as_sym_int" | "as_sym_float" | "as_sym_bool" | "as_optional_tensor":
            return _argument(value) if "as_name" not in value else Name(_text(value["as_name"]))
        case "as_sym_ints" | "as_sym_floats" | "as_optional_tensors":
            return tuple(_argument({kind[:-1]: each}) for each in value)
        case "as_graph":
            raise ModelError(f"{shown(target)} decides or repeats at run time; a drawing of layers has no such thing.")
    raise ModelError(f"{shown(target)} is given {shown(kind[:50])}, which a drawing of layers has not.")


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 10_000:
        raise ValueError("no name")
    return value


_VALUES: Final[Mapping[str, Callable[[Any], Argument]]] = {
    "as_none": lambda value: None,
    **dict.fromkeys(("as_int", "as_scalar_type", "as_memory_format", "as_layout"), int),
    "as_float": float,
    "as_bool": bool,
    "as_string": _text,
    "as_ints": lambda values: tuple(map(int, values)),
    "as_floats": lambda values: tuple(map(float, values)),
    "as_bools": lambda values: tuple(map(bool, values)),
    "as_strings": lambda values: tuple(map(_text, values)),
    "as_device": lambda value: _text(value["type"]),
}
"""What becomes of an argument that is no tensor, by its kind."""


# --- Names ------------------------------------------------------------------------------------------------------------


def _names(nodes: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what each call is called: after its module, or after the variable that alone its result is given to."""
    places = [_place(node.get("metadata") or {}) for node in nodes]
    n_of = Counter(places)
    names = []
    for place in places:
        module, variable = place
        own = variable if variable and n_of[place] == 1 else ""
        names.append(".".join(filter(None, (module, own))))
    return names


def _place(metadata: Mapping[str, Any]) -> tuple[str, str]:
    """Return the module that makes a call, and the variable that it gives the result to where it is no layer."""
    entries = [entry.split(",", 2) for entry in str(metadata.get("nn_module_stack", "")).split(";")]
    entry = next((entry for entry in reversed(entries) if len(entry) == 3), ["", "", ""])
    module, kind = re.sub(r"@\d+", "", entry[1]), entry[2]
    if kind.startswith(_MODULES) and not kind.startswith(_CONTAINERS):
        return module, ""
    line = str(metadata.get("stack_trace", ""))[-1000:].rstrip("\n").rpartition("\n")[2]
    found = _ASSIGNED.match(line)
    return module, found[1] if found else ""
