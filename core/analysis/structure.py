"""What is wrong with how layers are named and wired."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.analysis.report import LayerReport
from core.graph.flatten import Flat
from core.graph.values import ID_PATTERN, BlockUse, Graph, Layer, Unreadable
from core.graph.wiring import consumers, source_id
from core.layers import Kind
from core.problems import Connect, Fix, Insert, Problem, Remove, Rename, SetOutputs
from core.text import counted, excerpt, listing, nearest_name


@dataclass(frozen=True, slots=True, eq=False)
class Wiring:
    """The topological order of a flat graph.

    `rest` holds the layers of cycles and those behind them, `sinks` those that nothing consumes.
    """

    layers: tuple[Layer, ...]
    ordered: tuple[str, ...]
    rest: tuple[str, ...]
    sinks: tuple[str, ...]


def takes_no_input(layer: Layer) -> bool:
    """Say whether samples enter at this layer."""
    return isinstance(layer.spec, Kind) and layer.spec.n_inputs[1] == 0


def structure_problems(graph: Graph, flat: Flat, wiring: Wiring, reports: Mapping[str, LayerReport]) -> list[Problem]:
    """Say everything that is wrong with names and wires.

    Parameters
    ----------
    graph : Graph
        As it is drawn, with unique ids.
    flat, wiring, reports
        What was found of it so far.
    """
    problems = list(_name_problems(graph))
    entered = any(takes_no_input(layer) for layer in flat.layers)
    if not entered and not any(isinstance(layer.spec, Unreadable) for layer in flat.layers):
        problems.append(_no_input(graph))
    doubtful = [layer for layer in flat.layers if not _well_wired(layer, reports)]
    if not (doubtful or wiring.rest or graph.outputs):
        return problems
    places = {layer.id: f"$.layers[{index}]" for index, layer in enumerate(graph.layers)} | dict(flat.paths)
    names = reports.keys() | {layer.id for layer in graph.layers} | {p.layer for p in flat.problems if p.layer}
    seen = set()
    for layer in doubtful:
        for problem in _wire_problems(layer, graph, names, places[layer.id], entered):
            if (problem.path, problem.code) not in seen:  # the copies of a block share their place in the file
                seen.add((problem.path, problem.code))
                problems.append(problem)
    problems += _cycles(wiring, reports, places)
    problems += _output_problems(graph, flat, reports)
    return problems


def _well_wired(layer: Layer, reports: Mapping[str, LayerReport]) -> bool:
    least, most = layer.spec.n_inputs if isinstance(layer.spec, Kind) else (0, None)
    n = len(layer.inputs)
    return least <= n and (most is None or n <= most) and all(map(reports.__contains__, layer.inputs))


def _name_problems(graph: Graph) -> Iterator[Problem]:
    taken = {layer.id for layer in graph.layers}
    for index, layer in enumerate(graph.layers):
        if ID_PATTERN.match(layer.id) or "" in layer.unread:
            continue
        original, tilde, number = layer.id.rpartition("~")
        repeated = bool(tilde) and number.isdigit()
        better = _free_name(original if repeated else layer.id, taken)
        if repeated and original:
            what = f"{layer.id}: two layers are called {original}; the later one opens as {layer.id}."
            why = "References by name must say which layer they mean; they go to the first."
        elif repeated:
            what, why = (
                f"{layer.id}: layer {index} of the file has no usable name.",
                "Other layers could not refer to it.",
            )
        else:
            what = f"{layer.id}: {excerpt(layer.id)} cannot be a layer's name."
            why = "Names have letters, digits, _ . and -, and begin with a letter or _."
        rename = Fix(f"Rename to {better}", (Rename(layer.id, better),))
        code = "LAYER-REPEATED" if repeated and original else "LAYER-NAME"
        yield Problem(code, what, why, layer=layer.id, field="id", path=f"$.layers[{index}].id", fixes=(rename,))


def _free_name(wrong: str, taken: set[str]) -> str:
    cleaned = "".join(c if c.isascii() and (c.isalnum() or c in "_.-") else "_" for c in wrong)
    stem = cleaned if ID_PATTERN.match(cleaned) else f"layer{cleaned.lstrip('_.-')}"
    if stem not in taken and ID_PATTERN.match(stem):
        return stem
    n = 2
    while f"{stem}_{n}" in taken:
        n += 1
    return f"{stem}_{n}"


def _no_input(graph: Graph) -> Problem:
    first = next((layer.id for layer in graph.layers if not layer.inputs), None)
    return Problem(
        "INPUT-NONE",
        what="There is no Input layer.",
        why="Nothing says what a sample looks like, so no shape can be computed.",
        path="$.layers",
        fixes=(Fix("Add an Input of 28×28×1", (Insert("Input", {"shape": [28, 28, 1]}, first),)),),
    )


def _wire_problems(layer: Layer, graph: Graph, names: set[str], path: str, entered: bool) -> Iterator[Problem]:
    for port, source in enumerate(layer.inputs):
        if source not in names and source_id(source) not in names:
            yield _dangling(layer, port, source, names, path)
    if not isinstance(layer.spec, Kind):
        return
    n = len(layer.inputs)
    least, most = layer.spec.n_inputs
    if n < least and "inputs" not in layer.unread and (entered or n):
        needs = (
            f"needs {'at least ' if most != least else ''}{counted(least, 'input')}, but has {n}"
            if least > 1
            else "has no input"
        )
        yield Problem(
            "INPUT-MISSING",
            what=f"{layer.id}: {layer.spec.label()} {needs}.",
            why="Its shape follows from what feeds it.",
            layer=layer.id,
            field="inputs",
            path=f"{path}.inputs",
            fixes=(*_sources_for(layer, graph), Fix("Remove the layer", (Remove(layer.id),))),
        )
    elif most is not None and n > most:
        surplus = tuple(Connect(None, layer.id, port) for port in range(n - 1, most - 1, -1))
        takes = "takes no input" if most == 0 else f"takes {counted(most, 'input')}"
        label = "Drop its inputs" if most == 0 else f"Keep only {listing(layer.inputs[:most])}"
        yield Problem(
            "INPUT-EXTRA",
            what=f"{layer.id}: {layer.spec.label()} {takes}, but has {n}.",
            why=f"It is fed by {listing(layer.inputs)}.",
            layer=layer.id,
            field="inputs",
            path=f"{path}.inputs",
            fixes=(Fix(label, surplus),),
        )


def _dangling(layer: Layer, port: int, source: str, names: set[str], path: str) -> Problem:
    meant = nearest_name(source, sorted(names - {layer.id}))
    fixes = [Fix(f"Use {meant}", (Connect(meant, layer.id, port),))] if meant else []
    fixes.append(Fix("Drop this input", (Connect(None, layer.id, port),)))
    return Problem(
        "INPUT-UNKNOWN",
        what=f"{layer.id}: its input {excerpt(source)} does not exist.",
        why=f"No layer is called {excerpt(source)}" + (f"; did you mean {meant}?" if meant else "."),
        layer=layer.id,
        field="inputs",
        path=f"{path}.inputs[{port}]",
        fixes=tuple(fixes),
    )


def _sources_for(layer: Layer, graph: Graph) -> Iterator[Fix]:
    """Offer the layers drawn before this one, nearest first; those that feed nothing yet come before the others."""
    if "/" in layer.id:
        return
    before = []
    for other in graph.layers:
        if other.id == layer.id:
            break
        before.append(other.id)
    fed = consumers(graph.layers)
    near = before[::-1]
    for id in sorted((id for id in near if id not in layer.inputs), key=lambda id: id in fed)[:2]:
        yield Fix(f"Connect {id} to it", (Connect(id, layer.id, len(layer.inputs)),))


def _cycles(wiring: Wiring, reports: Mapping[str, LayerReport], places: Mapping[str, str]) -> Iterator[Problem]:
    """Give one problem for each circle that data would run in."""
    rest = {id: [s for s in reports[id].layer.inputs if s in set(wiring.rest)] for id in wiring.rest}
    order = {id: i for i, id in enumerate(rest)}
    done: set[str] = set()
    for start in rest:
        circle = _walk_back(start, rest, done)
        if not circle:
            continue
        # Wires that lead backwards in the file are the likeliest mistakes.
        turns = [(source, fed) for fed, source in zip(circle, circle[1:] + circle[:1], strict=True)]
        turns.sort(key=lambda wire: order[wire[0]] < order[wire[1]])
        fixes = []
        for source, fed in turns[:3]:
            port = reports[fed].layer.inputs.index(source)
            fixes.append(Fix(f"Cut the wire from {source} to {fed}", (Connect(None, fed, port),)))
        fed = turns[0][1]
        chain = " → ".join([*circle[::-1], circle[-1]])
        yield Problem(
            "CYCLE",
            what=f"{fed}: data would go in a circle: {chain}.",
            why="A layer can only be computed after everything that feeds it.",
            layer=fed,
            field="inputs",
            path=f"{places[fed]}.inputs",
            fixes=tuple(fixes),
        )


def _walk_back(start: str, sources: Mapping[str, list[str]], done: set[str]) -> list[str]:
    """Follow sources until a layer comes again; gives the circle, each layer followed by its source, or nothing."""
    path: list[str] = []
    place: dict[str, int] = {}
    id: str | None = start
    while id is not None and id not in done:
        if id in place:
            done.update(path)
            return path[place[id] :]
        place[id] = len(path)
        path.append(id)
        id = next((source for source in sources[id] if source not in done), None)
    done.update(path)
    return []


def _output_problems(graph: Graph, flat: Flat, reports: Mapping[str, LayerReport]) -> Iterator[Problem]:
    uses = {layer.id for layer in graph.layers if isinstance(layer.spec, BlockUse)}
    for index, id in enumerate(graph.outputs or ()):
        if flat.outputs.get(id, id) in reports or id in uses:
            continue
        others = tuple(other for other in graph.outputs or () if other != id)
        meant = nearest_name(id, reports)
        fixes = [Fix(f"Use {meant}", (SetOutputs((*others, meant)),))] if meant and meant not in others else []
        label = f"Keep only {listing(others)}" if others else "Use all that nothing consumes"
        fixes.append(Fix(label, (SetOutputs(others or None),)))
        yield Problem(
            "OUTPUT-UNKNOWN",
            what=f"The output {excerpt(id)} does not exist.",
            why=f"No layer is called {excerpt(id)}" + (f"; did you mean {meant}?" if meant else "."),
            path=f"$.outputs[{index}]",
            fixes=tuple(fixes),
        )
