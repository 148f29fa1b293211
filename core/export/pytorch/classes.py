"""The classes of the file: one for the network, and one for each block, whose copies may differ in a few numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from core.export.pytorch.names import Names
from core.export.pytorch.scopes import Line, Scope
from core.io.failures import shown
from core.shapes import Shape

_WHOLE = re.compile(r"(?<![\w.])\d+(?![\w.])")
"""A whole number that is no part of a name, nor of a number with a point."""

_LETTERS = ("C", "H", "W")


@dataclass(frozen=True, slots=True)
class Statement:
    """A line of a method, and the layer that it speaks of."""

    code: str
    comment: str
    id: str


@dataclass(slots=True)
class Class:
    """A class as it stands in the file.

    Attributes
    ----------
    parameters : tuple of str
        Of `__init__`: numbers in which copies of a block differ.
    made, said : list of Statement
        The lines of `__init__` and `forward`.
    """

    name: str
    scope: Scope
    parameters: tuple[str, ...]
    made: list[Statement]
    said: list[Statement]


@dataclass(slots=True)
class Classes:
    """All classes of a network.

    Attributes
    ----------
    classes : list of Class
        In the order in which they can be read; the network's comes last.
    needs : dict of str to None
        The names of what PyTorch lacks, in the order of use.
    """

    names: Names
    classes: list[Class] = field(default_factory=list)
    needs: dict[str, None] = field(default_factory=dict)
    _calls: dict[int, str] = field(default_factory=dict)

    def add(self, scope: Scope, title: str) -> Class:
        """Add the network's class, and those of its blocks before it."""
        own = self.names.of_class(title, "Network")
        for block, copies in _by_block(scope):
            self._add_block(block, copies)
        made = [self._made(line) for line in scope.lines]
        network = Class(own, scope, (), [each for each in made if each.code], self._said([scope]))
        self.classes.append(network)
        return network

    def _add_block(self, block: str, copies: list[Scope]) -> None:
        """Add as many classes as the copies of a block need; those that differ in numbers alone share one."""
        alike: dict[tuple[str, ...], list[tuple[Scope, list[Statement]]]] = {}
        for scope in copies:
            made = [self._made(line) for line in scope.lines]
            frame = [_WHOLE.sub("#", each.code) for each in made]
            said = [each.code for each in self._said([scope])]
            alike.setdefault((*frame, "", *said), []).append((scope, [each for each in made if each.code]))
        for group in alike.values():
            name = self.names.of_class(block, "Block")
            made, parameters, values = _merged([made for _, made in group])
            scopes = [scope for scope, _ in group]
            self.classes.append(Class(name, scopes[0], parameters, made, self._said(scopes)))
            for scope, own in zip(scopes, values, strict=True):
                self._calls[id(scope)] = f"{name}({', '.join(own)})"

    def _made(self, line: Line) -> Statement:
        if line.said is None:
            code = _sequence([self._calls[id(copy)] for copy in line.copies])
        else:
            self.needs |= dict.fromkeys(line.said.needs)
            code = line.said.module
        return Statement(f"self.{line.name} = {code}" if code else "", "", line.id)

    def _said(self, scopes: Sequence[Scope]) -> list[Statement]:
        """Say what is computed; comments hold for all copies."""
        statements = []
        for lines in zip(*(scope.lines for scope in scopes), strict=True):
            line = lines[0]
            shapes = [_shapes(each) for each in lines]
            comment = " and ".join(_common([of[port] for of in shapes]) for port in range(len(shapes[0])))
            if line.name != line.id:
                comment += f", {shown(line.id)} in the document"
            statements.append(Statement(f"{', '.join(line.outputs)} = {_call(line)}", comment, line.id))
        return statements


def _by_block(scope: Scope) -> Iterator[tuple[str, list[Scope]]]:
    """Yield all copies of each block, those first that stand in others."""
    found: dict[str, list[Scope]] = {}
    depths: dict[str, int] = {}
    _collect(scope, found, depths)
    yield from ((block, found[block]) for block in sorted(found, key=depths.__getitem__))


def _collect(scope: Scope, found: dict[str, list[Scope]], depths: dict[str, int]) -> int:
    depth = 0
    for line in scope.lines:
        for copy in line.copies:
            depth = max(depth, _collect(copy, found, depths) + 1)
            found.setdefault(copy.block, []).append(copy)
    if scope.block:
        depths[scope.block] = max(depth, depths.get(scope.block, 0))
    return depth


def _merged(copies: list[list[Statement]]) -> tuple[list[Statement], tuple[str, ...], list[tuple[str, ...]]]:
    """Let numbers in which copies differ be parameters.

    Returns
    -------
    made : list of Statement
        With the names of parameters for these numbers.
    parameters : tuple of str
    values : list of tuple of str
        Of each copy.
    """
    numbers = [[number for each in made for number in _WHOLE.findall(each.code)] for made in copies]
    columns = list(zip(*numbers, strict=True))
    differing = list(dict.fromkeys(column for column in columns if len(set(column)) > 1))
    names = ["channels"] if len(differing) == 1 else [f"size_{i}" for i in range(1, len(differing) + 1)]
    by_column = dict(zip(differing, names, strict=True))
    places = iter(columns)

    def name_of(found: re.Match[str]) -> str:
        return by_column.get(next(places), found.group())

    made = [Statement(_WHOLE.sub(name_of, each.code), each.comment, each.id) for each in copies[0]]
    return made, tuple(names), [tuple(column[i] for column in differing) for i in range(len(copies))]


def _sequence(calls: list[str]) -> str:
    """Write copies one behind the other.

    >>> _sequence(["A()", "A()"]), _sequence(["A(1)", "A(5)"])
    ('nn.Sequential(*(A() for _ in range(2)))', 'nn.Sequential(A(1), A(5))')
    >>> _sequence(["A(64)", "A(96)", "A(128)"])
    'nn.Sequential(*(A(channels) for channels in range(64, 160, 32)))'
    """
    if len(calls) == 1:
        return calls[0]
    if len(set(calls)) == 1:
        return f"nn.Sequential(*({calls[0]} for _ in range({len(calls)})))"
    found = [re.fullmatch(r"(\w+)\((\d+)\)", call) for call in calls]
    if len(calls) > 2 and all(found) and len({each.group(1) for each in found if each}) == 1:
        numbers = [int(each.group(2)) for each in found if each]
        step = numbers[1] - numbers[0]
        if step > 0 and numbers == [*range(numbers[0], numbers[-1] + step, step)]:
            name = calls[0].partition("(")[0]
            rising = f"range({numbers[0]}, {numbers[-1] + step}, {step})"
            return f"nn.Sequential(*({name}(channels) for channels in {rising}))"
    return f"nn.Sequential({', '.join(calls)})"


def _call(line: Line) -> str:
    if line.said is None:
        return f"self.{line.name}({', '.join(line.inputs)})"
    return line.said.call.format(*line.inputs, self=f"self.{line.name}")


def _shapes(line: Line) -> list[Shape]:
    if line.node is not None:
        return [line.node.shape]
    last = line.copies[-1]
    by_value = {value: shape for each in last.lines for value, shape in zip(each.outputs, _shapes(each), strict=True)}
    return [by_value[output] for output in last.outputs]


def _common(shapes: Sequence[Shape]) -> str:
    """Write the shape of a batch, with letters for what differs.

    >>> _common([(8, 8, 64), (8, 8, 96)])
    'N×C×8×8'
    """
    sides = [
        str(sizes[0]) if len(set(sizes)) == 1 else _LETTERS[place]
        for place, sizes in enumerate(zip(*((shape[-1], *shape[:-1]) for shape in shapes), strict=True))
    ]
    return "×".join(["N", *sides])
