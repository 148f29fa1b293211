"""What is wrong with how layers are named and wired."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import islice

from core.analysis.abridging import first_of, more_like
from core.analysis.layer_order import Wiring
from core.analysis.reading.layers import spec_problems
from core.analysis.report import LayerReport
from core.graph.flatten import Flat, used_blocks
from core.graph.names import NAME_RULE, can_be_name, composed, free_name
from core.graph.values import Block, Graph, Layer, Unreadable
from core.graph.wiring import owner
from core.layers import Kind
from core.limits import MOST_OF_A_KIND
from core.problems import Connect, Fix, Insert, Problem, Rename, SetOutputs, key_path
from core.text import counted, excerpt, listing, nearest_name


def takes_no_input(layer: Layer) -> bool:
    """Tell whether samples enter at this layer."""
    return isinstance(layer.spec, Kind) and layer.spec.n_inputs[1] == 0


def ill_wired(layers: Iterable[Layer], reports: Mapping[str, LayerReport]) -> tuple[Layer, ...]:
    """Find the layers that have too few inputs or too many, or one that is no layer."""
    return tuple([layer for layer in layers if not _well_wired(layer, reports)])


def structure_problems(
    graph: Graph, flat: Flat, wiring: Wiring, reports: Mapping[str, LayerReport], doubtful: tuple[Layer, ...]
) -> list[Problem]:
    """Say everything that is wrong with names and wires.

    Parameters
    ----------
    graph : Graph
        As it is drawn, with unique ids.
    flat, wiring, reports
        What was found of it so far.
    doubtful : tuple of Layer
        Those that are ill wired.
    """
    problems = list(_name_problems(graph.layers, "$.layers"))
    problems += _block_problems(graph)
    entered = any(takes_no_input(layer) for layer in flat.layers)
    awaiting = None
    if not entered and not any(isinstance(layer.spec, Unreadable) and not layer.inputs for layer in flat.layers):
        awaiting = next((layer.id for layer in graph.layers if not layer.inputs), None)
        problems.append(_no_input(awaiting))
    if not (doubtful or wiring.rest or graph.outputs is not None):
        return problems
    places = {layer.id: f"$.layers[{index}]" for index, layer in enumerate(graph.layers)} | dict(flat.paths)
    seen: set[tuple[str | None, str]] = set()
    for index, layer in enumerate(doubtful):
        if layer.id == awaiting:
            continue
        if len(seen) >= MOST_OF_A_KIND:
            first = next(_wire_problems(layer, reports, flat, places[layer.id]), None)
            if first is None:
                continue
            problems.append(more_like(first, len(doubtful) - index))
            break
        for problem in _wire_problems(layer, reports, flat, places[layer.id]):
            if (problem.path, problem.code) not in seen:  # the copies of a block share their place in the file
                seen.add((problem.path, problem.code))
                problems.append(problem)
    problems += islice(_cycles(wiring, reports, places), MOST_OF_A_KIND)
    problems += _output_problems(graph, flat, reports)
    return problems


def _well_wired(layer: Layer, reports: Mapping[str, LayerReport]) -> bool:
    least, most = layer.spec.n_inputs if isinstance(layer.spec, Kind) else (0, None)
    n = len(layer.inputs)
    return least <= n and (most is None or n <= most) and all(map(reports.__contains__, layer.inputs))


def _name_problems(layers: Iterable[Layer], path: str) -> Iterator[Problem]:
    wrong = [place for place in enumerate(layers) if not (can_be_name(place[1].id) or place[1].instead)]
    if not wrong:
        return
    taken = {layer.id for layer in layers}

    @cache
    def free(name: str) -> str:
        return free_name(name, taken)

    def misnamed(place: tuple[int, Layer]) -> Problem:
        index, layer = place
        original, tilde, number = layer.id.rpartition("~")
        repeated = bool(tilde) and number.isdigit() and original in taken
        nameless = bool(tilde) and number.isdigit() and not original
        better = free(_corrected("layer" if nameless else original if repeated else layer.id))
        if repeated:
            what = f"{layer.id}: two layers are called {original}; the later one opens as {layer.id}."
            why = "References by name must say which layer they mean; they go to the first."
        elif nameless:
            given = f"but is {excerpt(layer.unread['id'])}" if "id" in layer.unread else "but is missing"
            what = f"{layer.id}: its id must be a name, {given}."
            why = "Other layers refer to it by its name; until it has one, it is called by its place in the file."
        else:
            what = f"{layer.id}: {excerpt(layer.id)} cannot be a layer's name."
            why = f"Names have {NAME_RULE}."
        rename = Fix(f"{'Call it' if nameless else 'Rename to'} {better}", (Rename(layer.id, better),))
        code = "LAYER-REPEATED" if repeated else "LAYER-NAME"
        return Problem(code, what, why, layer=layer.id, field="id", path=f"{path}[{index}].id", fixes=(rename,))

    yield from first_of(wrong, misnamed, MOST_OF_A_KIND)


def _block_problems(graph: Graph) -> Iterator[Problem]:
    """Say what the unfolded layers don't: how a block's layers are called, and all of a block that is not used."""
    used = used_blocks(graph)
    unused = []
    for name, block in graph.blocks.items():
        if name not in used:
            unused.append((name, block))
            continue
        for problem in _name_problems(block.layers, f"{key_path('$.blocks', name)}.layers"):
            yield replace(problem, what=f"Block {name}: {problem.what}", layer=None, fixes=())
    yield from islice(_unused_problems(unused), MOST_OF_A_KIND)


def _unused_problems(blocks: Iterable[tuple[str, Block]]) -> Iterator[Problem]:
    """Say all that is wrong with blocks that are not used."""
    for name, block in blocks:
        if not block.layers:
            continue
        place = f"{key_path('$.blocks', name)}.layers"
        within = list(_name_problems(block.layers, place))
        for index, layer in enumerate(block.layers):
            if len(within) > MOST_OF_A_KIND:
                break
            within += (replace(p, path=f"{place}[{index}]{p.path}") for p in spec_problems(layer))
        for problem in within:
            yield replace(problem, what=f"Block {name}: {problem.what}", severity="advice", layer=None, fixes=())


def _corrected(wrong: str) -> str:
    """Return the name that was probably meant, of what names are made of."""
    cleaned = "".join(c if can_be_name(f"_{c}") else "_" for c in composed(wrong))
    return cleaned if can_be_name(cleaned) and cleaned.strip("_") else f"layer{cleaned.lstrip('_.-')}"


def _no_input(first: str | None) -> Problem:
    return Problem(
        "INPUT-NONE",
        what="There is no Input layer.",
        why="Nothing says what a sample looks like, so no shape can be computed.",
        path="$.layers",
        fixes=(Fix("Add an Input of 28×28×1", (Insert("Input", {"shape": [28, 28, 1]}, first),)),),
    )


def _wire_problems(layer: Layer, reports: Mapping[str, LayerReport], flat: Flat, path: str) -> Iterator[Problem]:
    dangling: dict[str, list[int]] = {}
    for port, source in enumerate(layer.inputs):
        if source not in reports and (source in dangling or not _is_unknown_yet(source, flat)):
            dangling.setdefault(source, []).append(port)
    yield from first_of(dangling.items(), lambda wires: _dangling(layer, wires[1], wires[0], flat, path))
    if not isinstance(layer.spec, Kind):
        return
    n = len(layer.inputs)
    least, most = layer.spec.n_inputs
    if n < least and "inputs" not in layer.unread:
        needs = f"needs {'at least ' if most != least else ''}{counted(least, 'input')}" if least > 1 else ""
        has = f", but has {'none' if n == 0 else 'only ' + str(n)}" if needs else "has no input"
        yield Problem(
            "INPUT-MISSING",
            what=f"{layer.id}: {layer.spec.label()} {needs}{has}.",
            why="Its shape follows from what feeds it.",
            layer=layer.id,
            field="inputs",
            path=f"{path}.inputs",
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


def _is_unknown_yet(source: str, flat: Flat) -> bool:
    """Tell whether a reference leads to a block that can't be unfolded: what it stands for is unknown, not wrong."""
    while source and source not in flat.broken:
        source = source.rpartition("/")[0]
    return bool(source)


def _dangling(layer: Layer, ports: Sequence[int], source: str, flat: Flat, path: str) -> Problem:
    name, use = source, owner(source, flat.outputs)
    if layer.id in flat.paths:  # inside a block, where names are the block's own
        prefix = f"{layer.id.rpartition('/')[0]}/"
        name = source.removeprefix(prefix)
    why = f"No layer is called {excerpt(name)}."
    if use in flat.outputs and name == source:
        why = f"The block of {use} has no such output."
    return Problem(
        "INPUT-UNKNOWN",
        what=f"{layer.id}: its input {excerpt(name)} does not exist.",
        why=why,
        layer=layer.id,
        field="inputs",
        path=f"{path}.inputs[{ports[0]}]",
        fixes=(Fix("Drop this input", tuple(Connect(None, layer.id, port) for port in reversed(ports))),),
    )


def _cycles(wiring: Wiring, reports: Mapping[str, LayerReport], places: Mapping[str, str]) -> Iterator[Problem]:
    """Return one problem for each circle that data would run in."""
    uncomputed = set(wiring.rest)
    rest = {id: [source for source in reports[id].layer.inputs if source in uncomputed] for id in wiring.rest}
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
            ports = [port for port, other in enumerate(reports[fed].layer.inputs) if other == source]
            cut = tuple(Connect(None, fed, port) for port in reversed(ports))
            fixes.append(Fix(f"Cut the wire from {source} to {fed}", cut))
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
    """Follow sources until a layer comes again; return the circle, each layer followed by its source, or nothing."""
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
    if graph.outputs is None:
        return
    default = Fix("Use all that nothing consumes", (SetOutputs(None),))
    if not graph.outputs:
        why = "Its list of outputs is empty, so nothing that it computes would be given back."
        yield Problem("OUTPUT-NONE", "The network has no output.", why, path="$.outputs", fixes=(default,))
    there = [id for id in graph.outputs if flat.outputs.get(id, id) in reports or _is_unknown_yet(id, flat)]
    keep = Fix(f"Keep only {listing(there)}", (SetOutputs(tuple(there)),)) if there else default
    known = set(there)
    missing = [(index, id) for index, id in enumerate(graph.outputs) if id not in known]
    free = [layer.id for layer in graph.layers if layer.id not in known]

    def unknown(output: tuple[int, str]) -> Problem:
        index, id = output
        meant = nearest_name(id, free)
        use = (Fix(f"Use {meant}", (SetOutputs((*there, meant)),)),) if meant else ()
        return Problem(
            "OUTPUT-UNKNOWN",
            what=f"The output {excerpt(id)} does not exist.",
            why=f"No layer is called {excerpt(id)}.",
            path=f"$.outputs[{index}]",
            fixes=(*use, keep),
        )

    yield from first_of(missing, unknown)
