"""Calls of PyTorch's operators in the words of ONNX, whose operators are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import add, floordiv, mul, sub
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from core.importing.onnx.model import Model, Node, needed_nodes
from core.importing.onnx.reading import ANY_BATCH
from core.importing.pytorch.padding import with_padding
from core.importing.pytorch.program import Argument, Call, Name, Program
from core.io.failures import shown
from core.text import excerpt

Array = NDArray[Any]

OPSET: Final = 21
"""Of ONNX, in whose operators everything is said."""
_VIEWS: Final = frozenset(
    ("view", "reshape", "flatten", "permute", "transpose", "t", "unsqueeze", "squeeze", "slice", "select", "split",
     "split_with_sizes", "chunk", "unbind", "expand", "alias", "detach", "view_as", "unflatten", "narrow", "contiguous",
     "to", "dropout", "feature_dropout")
)  # fmt: skip
"""Operators whose result may be the very numbers that they read."""


class Wording:
    """A program, call by call in the words of ONNX.

    Attributes
    ----------
    nodes : list of Node
    changes : list of str
        What is to be said of it all.
    calls : mapping of str to Call
        What gives a value.
    """

    def __init__(self, program: Program, arrays: Mapping[str, Array]) -> None:
        self.program = program
        self.nodes: list[Node] = []
        self.changes: list[str] = []
        self.calls = {output: call for call in program.calls for output in call.outputs}
        self._made: dict[str, Array] = {}
        self._arrays = arrays
        self._numbers: dict[str, int] = {}
        batches = {entrance.dims[0] for entrance in program.inputs if entrance.dims}
        self._batch = next(iter(batches - {None}), None) or ANY_BATCH
        self._now: dict[str, str] = {}
        self._lost: dict[str, str] = {}
        self._rooms: dict[str, str] = {}
        self._constants: dict[str, str] = {}
        for value, name in program.constants.items():
            self._constants[value] = name
            if name in program.dims and name in arrays:  # a value of the program has the same name
                self._constants[value] = value
                self._made[value] = arrays[name]

    def say(self, call: Call, operators: Mapping[str, Saying]) -> None:
        """Say one call."""
        overload = call.target.removeprefix("aten.")
        base = overload.partition(".")[0]
        words = Words(self, call)
        if not call.outputs:
            return  # it only asserts something
        if self._counted(words, base):
            return
        for name in words.named():
            if name in self._lost:
                raise ModelError(
                    f"{call.called} reads values that {self._lost[name]} has overwritten. Export the program once "
                    "more, after program.run_decompositions({})."
                )
        in_place = base.endswith("_") and not base.startswith("_")
        operator = operators.get(overload) or operators.get(base.rstrip("_") if in_place else base)
        if operator is None:
            words.node(
                call.target.partition(".default")[0], [words.value(Name(name)) for name in words.named()], call.outputs
            )
        else:
            try:
                operator(words)
            except (ValueError, IndexError, KeyError, TypeError, ZeroDivisionError) as error:
                raise words.refuse("its arguments are not as PyTorch writes them.") from error
        self._remember(call, base, in_place)

    def model(self) -> Model:
        """Return all that was said, as a model."""
        program = self.program
        outputs = tuple(self.value(name) for name in program.outputs)
        constants = _Constants(self._arrays, self._made)
        given = {*constants, *(entrance.name for entrance in program.inputs)}
        twice = [name for name, n in Counter(name for node in self.nodes for name in node.outputs).items() if n > 1]
        if twice:
            raise ModelError(f"its value {shown(twice[0])} is made twice, so what reads it is not clear.")
        needed = needed_nodes(with_padding(self.nodes, outputs), outputs)
        made = given.union(*(node.outputs for node in needed))
        for node in needed:
            missing = [name for name in node.inputs if name and name not in made]
            if missing:
                raise ModelError(f"{node.called} needs {shown(missing[0])}, which nothing in the file gives.")
        return Model(
            name="",
            opset=OPSET,
            nodes=needed,
            n_left_out=0,
            constants=constants,
            inputs=program.inputs,
            outputs=outputs,
            folder=Path(),
            notes={},
            is_ours=False,
        )

    def value(self, name: str) -> str:
        """Return what a value is called now: whatever was written over it."""
        return self._constants.get(name) or self._now.get(name, name)

    def constant(self, like: str, values: Any) -> str:
        """Add an array, and return its name."""
        name = f"{like}'{len(self._made)}"
        self._made[name] = np.asarray(values)
        return name

    def whole(self, argument: Argument) -> int | None:
        """Return a number that is known, or computed of sizes; None where it is neither."""
        if isinstance(argument, Name):
            return self._numbers.get(argument.name)
        return argument if isinstance(argument, int) else None

    def number(self, name: Name) -> float | None:
        """Return an array of one number; None where it is something else."""
        constant = self._constants.get(name.name)
        if constant is None or self.program.dims.get(name.name) != ():
            return None
        return float(_Constants(self._arrays, self._made)[constant])

    def sizes(self, name: str) -> tuple[int, ...]:
        """Return the dimensions of a value, with what stands for a batch of any size."""
        return tuple(self._batch if side is None else side for side in self.program.dims[name])

    def _counted(self, words: Words, base: str) -> bool:
        """Compute with sizes, if that is what a call does."""
        (output, *others), call = words.call.outputs, words.call
        if others or output in self.program.dims:
            return False
        if base == "sym_size":
            self._numbers[output] = words.sizes()[words.whole("dim")]
            return True
        compute = _COUNTED.get(call.target.removeprefix("_operator."))
        if compute is None:
            return False
        numbers = [self.whole(argument) for argument in call.arguments.values()]
        known = [number for number in numbers if number is not None]
        if len(known) == len(numbers) == 2 and (known[1] or compute is not floordiv):
            self._numbers[output] = compute(*known)
        return True

    def _remember(self, call: Call, base: str, in_place: bool) -> None:
        """Follow which values are the same numbers in memory: what is written over one is written over all."""
        first = next(iter(call.arguments.values()), None)
        if not isinstance(first, Name):
            return
        room = self._rooms.get(first.name, first.name)
        if in_place:
            mine = [name for name, at in self._rooms.items() if at == room]
            self._lost.update((name, call.called) for name in {room, *mine} - {first.name, *call.outputs})
            self._now[first.name] = self.value(call.outputs[0])
        if in_place or base in _VIEWS:
            self._rooms.update(dict.fromkeys(call.outputs, room))


_COUNTED: Final[Mapping[str, Callable[[int, int], int]]] = {"mul": mul, "add": add, "sub": sub, "floordiv": floordiv}


class _Constants(Mapping[str, Array]):
    """The arrays of a file, and those that were added to them."""

    def __init__(self, arrays: Mapping[str, Array], added: Mapping[str, Array]) -> None:
        self._arrays = arrays
        self._added = added

    def __getitem__(self, name: str) -> Array:
        return self._added[name] if name in self._added else self._arrays[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**dict.fromkeys(self._arrays), **self._added})

    def __len__(self) -> int:
        return len({*self._arrays, *self._added})

    def __contains__(self, name: object) -> bool:
        return name in self._added or name in self._arrays


class Words:
    """One call, and what is said of it."""

    def __init__(self, wording: Wording, call: Call) -> None:
        self.wording = wording
        self.call = call

    def refuse(self, why: str) -> ModelError:
        """Return the error that says why this call can't be said here."""
        return ModelError(f"{self.call.called}: {why}")

    # --- What it reads ------------------------------------------------------------------------------------------------

    def argument(self, key: str, default: Argument = None) -> Argument:
        """Return an argument by its name in the operator's signature."""
        return self.call.arguments.get(key, default)

    def named(self) -> list[str]:
        """Return the names of all values that it reads."""
        found, left = [], [*self.call.arguments.values()]
        while left:
            argument = left.pop(0)
            if isinstance(argument, Name):
                found.append(argument.name)
            elif isinstance(argument, tuple):
                left[:0] = argument
        return found

    def name(self, key: str) -> str:
        """Return the name that the program has for a tensor; "" where it is left out."""
        value = self.argument(key)
        return value.name if isinstance(value, Name) else ""

    def value(self, key: str | Name) -> str:
        """Return a tensor's name in what is said; "" where it is left out."""
        name = key.name if isinstance(key, Name) else self.name(key)
        return self.wording.value(name) if name else ""

    def operand(self, key: str) -> str:
        """Return a tensor, or a number as a constant."""
        value = self.argument(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            number = self.wording.whole(value)
            if number is None:
                return self.value(key)
            value = number
        return self.constant(np.float32(value))

    def tensors(self, key: str) -> list[str]:
        """Return a list of tensors."""
        value = self.argument(key)
        return [self.value(each) for each in value if isinstance(each, Name)] if isinstance(value, tuple) else []

    def sizes(self, key: str = "") -> tuple[int, ...]:
        """Return the dimensions of a tensor, of the first argument unless told otherwise."""
        name = self.name(key) if key else next(iter(self.named()), "")
        if name not in self.wording.program.dims:
            raise self.refuse("it is not said how large what it reads is.")
        return self.wording.sizes(name)

    def made(self, i: int = 0) -> tuple[int, ...]:
        """Return the dimensions of what it gives."""
        output = self.call.outputs[i]
        if output not in self.wording.program.dims:
            raise self.refuse("it is not said how large what it gives is.")
        return self.wording.sizes(output)

    def whole(self, key: str, default: int | None = None) -> int:
        """Return a whole number."""
        value = self.wording.whole(self.argument(key, default))
        if value is None:
            raise self.refuse(f"its {key} is not known before it is run.")
        return value

    def axis(self, key: str, default: int | None = None) -> int:
        """Return an axis of the first argument, counted from the batch, 0."""
        rank, axis = len(self.sizes()), self.whole(key, default)
        if not -rank <= axis < max(1, rank):
            raise self.refuse(f"there is no axis {axis}.")
        return axis % max(1, rank)

    def wholes(self, key: str, default: Sequence[int] = ()) -> list[int]:
        """Return a list of whole numbers."""
        value = self.argument(key)
        if value is None:
            return [*default]
        values = value if isinstance(value, tuple) else (value,)
        found = [self.wording.whole(each) for each in values]
        known = [number for number in found if number is not None]
        if len(known) < len(found):
            raise self.refuse(f"its {key} is not known before it is run.")
        return known

    def pair(self, key: str, default: Sequence[int] = ()) -> list[int]:
        """Return a height and a width; a single number stands for both."""
        value = self.wholes(key, default) or [*default]
        return value * 2 if len(value) == 1 else value

    def number(self, key: str, default: float) -> float:
        """Return a number."""
        value = self.argument(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.refuse(f"its {key} is {excerpt(value, 50)}, which is no number.")
        return float(value)

    def require(self, key: str, *usual: Argument) -> None:
        """Raise where a setting is other than kinds of ours have it."""
        value = self.argument(key, usual[0])
        if value is not None and value not in usual:
            raise self.refuse(f"its {key} is {excerpt(value, 50)}; Convograph has no kind that does this.")

    # --- What is said -------------------------------------------------------------------------------------------------

    def constant(self, values: Any) -> str:
        """Add an array, and return its name."""
        return self.wording.constant(self.call.outputs[0], values)

    def node(self, op: str, inputs: Sequence[str], outputs: Sequence[str] = (), **attributes: Any) -> str:
        """Add a node, and return its first output.

        Parameters
        ----------
        outputs : sequence of str
            Left out, the values have no name in the program.
        """
        if not outputs:
            outputs = (f"{self.call.outputs[0]}`{len(self.wording.nodes)}",)
        call = self.call
        self.wording.nodes.append(Node(call.name, op, tuple(inputs), tuple(outputs), attributes, said=call.called))
        return outputs[0]

    def unknown(self) -> None:
        """Leave the call as it is: whoever needs it says that no kind of ours does this."""
        inputs = [self.wording.value(name) for name in self.named()]
        self.node(self.call.target.partition(".default")[0], inputs, self.call.outputs)

    def end(self, op: str, inputs: Sequence[str], **attributes: Any) -> None:
        """Add the node that gives what the call gives."""
        self.node(op, inputs, self.call.outputs[:1], **attributes)


Saying: TypeAlias = Callable[[Words], None]
"""Says a call of one operator."""
