"""The command line: the same engine, no window."""

from __future__ import annotations

import argparse
import codecs
import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import __version__
from core.errors import ConvographError, DocumentError
from core.io.failures import shown
from core.text import brief_number, counted, number_text, plainly

if TYPE_CHECKING:
    from core.analysis.report import LayerReport, Report
    from core.graph.values import Document
    from core.problems import Problem

OK, WRONG, UNREADABLE, INTERRUPTED = 0, 1, 2, 130

MOST_REPLICAS = 64
"""Processes; more would each have too little of a batch."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and give its exit status: 0 all is well, 1 something is wrong, 2 the file can't be read."""
    codecs.register_error("plainly", plainly)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="plainly")  # our texts and a file's names may hold what a terminal can't show
    options = _parser().parse_args(argv)
    try:
        status: int = options.run(options)
        sys.stdout.flush()  # a pipe that was closed is noticed here, not when Python ends
    except DocumentError as error:
        print(error, file=sys.stderr)
        return UNREADABLE
    except ConvographError as error:
        print(error, file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="convograph",
        description="A designer for convolutional networks. Without a command it opens the window.",
        epilog="convograph [FILE] opens the window, on that file.",
    )
    parser.add_argument("--version", action="version", version=f"convograph {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, (run, text, arguments) in COMMANDS.items():
        command = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        command.set_defaults(run=run)
        arguments(command)
    return parser


def _file_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", type=Path, metavar="FILE", help="a Convograph document")


def _check_arguments(command: argparse.ArgumentParser) -> None:
    _file_arguments(command)
    command.add_argument("--json", action="store_true", help="print the whole report as JSON")


def _check(options: argparse.Namespace) -> int:
    from core.analysis.check import check

    report = check(_open(options.file))
    if options.json:
        print_json(json.dumps(report_as_json(report), ensure_ascii=False, indent=2))
    else:
        print(_verdict(report))
        for problem in report.problems:
            print("\n" + _problem_text(problem))
    return OK if report.valid else WRONG


def print_json(text: str) -> None:
    """Print JSON so that it stays JSON where the terminal or pipe isn't UTF-8, as on Windows."""
    if (sys.stdout.encoding or "").replace("-", "").lower() != "utf8":
        text = re.sub(r"[^\x00-\x7f]+", lambda found: json.dumps(found.group())[1:-1], text)
    print(text)


def report_as_json(report: Report) -> dict[str, Any]:
    """Return the form that `check --json` prints."""
    return {
        "valid": report.valid,
        "name": report.document.name,
        "totals": report.totals.as_json(),
        "layers": [_layer_as_json(layer) for layer in report.layers.values()],
        "problems": _strict([problem.as_json() for problem in report.problems]),
    }


def _strict(value: Any) -> Any:
    """Write NaN and infinity as words: they may stand in the file, and what we print repeats it, but JSON has none."""
    return json.loads(json.dumps(value), parse_constant=str)


def _layer_as_json(layer: LayerReport) -> dict[str, Any]:
    field = layer.receptive_field
    return {
        "id": layer.id,
        "kind": layer.layer.kind,
        "inputs": list(layer.layer.inputs),
        "output_shape": None if layer.shape is None else list(layer.shape),
        "parameters": layer.parameters,
        "macs": layer.macs,
        "receptive_field": None if field is None else [_plain(size) for size in field.size],
        "jump": None if field is None else [_plain(jump) for jump in field.jump],
        "explanation": list(layer.explanation),
    }


def _plain(number: Any) -> int | float:
    return int(number) if number == int(number) else float(number)


def _verdict(report: Report) -> str:
    totals = report.totals
    name = shown(report.document.name.strip()) or "The network"
    sizes = f"{number_text(totals.parameters)} parameters · {brief_number(totals.macs)} MACs"
    if report.valid:
        return f"{name} is valid: {counted(totals.layers, 'layer')} · {sizes}"
    return f"{name} has {counted(len(report.errors), 'error')}."


def _problem_text(problem: Problem) -> str:
    lines = [f"{problem.severity} {problem.code} at {problem.path}", f"  {problem.what}"]
    lines += [f"  {problem.why}"] if problem.why else []
    lines += [f"  Fix: {' · '.join(fix.label for fix in problem.fixes)}"] if problem.fixes else []
    return "\n".join(map(shown, lines))


def _summary_arguments(command: argparse.ArgumentParser) -> None:
    _file_arguments(command)
    command.add_argument("--explain", metavar="LAYER", help="instead of the table, all that can be said of a layer")


def _summary(options: argparse.Namespace) -> int:
    from core.analysis.check import check
    from core.analysis.summary_text import explanation_text, summary_text

    report = check(_open(options.file))
    problems = report.problems
    if options.explain is None:
        print(summary_text(report))
    else:
        print(explanation_text(report, options.explain))
        problems = report.problems_of(options.explain)
    for problem in problems:
        print("\n" + _problem_text(problem))
    return OK if report.valid else WRONG


def _diff_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("before", type=Path, metavar="A", help="a Convograph document")
    command.add_argument("after", type=Path, metavar="B", help="another one, or a later state of it")
    command.add_argument("--json", action="store_true", help="print every difference as JSON")


def _diff(options: argparse.Namespace) -> int:
    from core.analysis.comparison import compare
    from core.analysis.comparison_text import comparison_text

    found = compare(_open(options.before), _open(options.after))
    if options.json:
        print_json(json.dumps(_strict(found.as_json()), ensure_ascii=False, indent=2))
    else:
        print(comparison_text(found, str(options.before), str(options.after)))
    return WRONG if found.difference else OK


def _train_arguments(command: argparse.ArgumentParser) -> None:
    _file_arguments(command)
    command.add_argument("--data", metavar="NAME_OR_PATH", help="a bundled data set, a folder, or an images file")
    command.add_argument("--epochs", type=int, metavar="N", help="instead of the document's")
    command.add_argument("--batch-size", type=int, metavar="N", help="instead of the document's")
    command.add_argument("--seed", type=int, metavar="N", help="instead of the document's")
    command.add_argument(
        "--replicas", type=_replicas, metavar="N", help="processes that share each batch; as many as pay by default"
    )
    command.add_argument("--save", type=Path, metavar="W.npz", help="write the trained weights here")
    command.add_argument("--json", action="store_true", help="print one JSON object per epoch")


def _replicas(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= MOST_REPLICAS:
        raise argparse.ArgumentTypeError(f"{text} is no number of processes: give 1 to {MOST_REPLICAS}")
    return int(text)


def _train(options: argparse.Namespace) -> int:
    from core.analysis.check import check
    from core.errors import NetworkError, SaveError
    from core.graph.edits import set_training
    from core.io.datasets import BUNDLED
    from core.training.messages import Diverged
    from core.training.reporting import follow
    from core.training.trainer import Trainer

    document = _open(options.file)
    data = options.data if options.data is None or options.data in BUNDLED else str(Path(options.data).absolute())
    chosen = {"dataset": data, "epochs": options.epochs, "batch_size": options.batch_size, "seed": options.seed}
    document = set_training(document, {name: value for name, value in chosen.items() if value is not None})
    wrong = check(document).errors
    if wrong:
        raise NetworkError("\n\n".join(_problem_text(problem) for problem in wrong))
    if options.save is not None and not options.save.absolute().parent.is_dir():
        raise SaveError(f"There is no folder {options.save.absolute().parent} to save the weights in.")
    trainer = Trainer(document, base=options.file.absolute().parent, replicas=options.replicas)
    last = follow(trainer.messages(), as_json=options.json)
    if isinstance(last, Diverged):
        raise NetworkError(f"{last.what} {last.why}")
    if options.save is not None:
        trainer.network.save_weights(options.save)
    return OK


def _plan_arguments(command: argparse.ArgumentParser) -> None:
    _file_arguments(command)
    command.add_argument("--batch", type=_positive, metavar="N", help="samples in a batch, instead of the document's")
    command.add_argument(
        "--replicas", type=_replicas, metavar="N", help="processes that share each batch; as many as pay by default"
    )
    command.add_argument("--measure", action="store_true", help="compute some passes and tell how long each step takes")
    command.add_argument("--json", action="store_true", help="print one JSON object")


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is no number of samples: give 1 or more")
    return int(text)


def _plan(options: argparse.Namespace) -> int:
    from core.engine.network import Network
    from core.engine.plan_summary import plan_summary, plan_summary_text

    document = _open(options.file)
    batch = options.batch or document.training.settings.batch_size
    network = Network(document, n_replicas=options.replicas)
    found = plan_summary(network, batch, measure=options.measure)
    print_json(json.dumps(found.as_json(), ensure_ascii=False)) if options.json else print(plan_summary_text(found))
    return OK


def _bench_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("networks", nargs="*", metavar="NETWORK", help="which are measured; all by default")
    command.add_argument("--seconds", type=float, default=0.5, metavar="S", help="how long each computes at a time")
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command.add_argument("--into", type=Path, metavar="FILE", help="put the table in its place in this document")


def _bench(options: argparse.Namespace) -> int:
    from core.bench.command import bench

    found = bench(options.networks, options.seconds, options.into)
    print_json(json.dumps(found.as_json(), ensure_ascii=False)) if options.json else print(found.text)
    return OK


def _run_arguments(command: argparse.ArgumentParser) -> None:
    _file_arguments(command)
    command.add_argument("--weights", type=Path, required=True, metavar="W.npz", help="as `train --save` wrote them")
    command.add_argument("--input", type=Path, required=True, metavar="X.npy", help="N×H×W×C (or N×C), used as it is")
    command.add_argument("--output", type=Path, required=True, metavar="Y.npy", help="where the outputs go")


def _run(options: argparse.Namespace) -> int:
    from core.engine.network import Network
    from core.io.arrays import load_arrays, save_arrays

    network = Network(_open(options.file))
    network.load_weights(options.weights)
    save_arrays(options.output, network.forward(load_arrays(options.input)))
    return OK


def _zoo_arguments(command: argparse.ArgumentParser) -> None:
    asked = command.add_mutually_exclusive_group()
    asked.add_argument("name", nargs="?", metavar="NAME", help="print this template")
    asked.add_argument(
        "--pattern",
        type=_pattern_numbers,
        metavar="N,M,K",
        help="print the network INPUT → [[CONV → RELU]×N → POOL]×M → [FC → RELU]×K → FC",
    )


def _pattern_numbers(text: str) -> tuple[int, int, int]:
    try:
        n, m, k = map(int, text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not three whole numbers, such as 2,3,2") from None
    return n, m, k


def _zoo(options: argparse.Namespace) -> int:
    from core.io.templates import template_path

    if options.name is not None:
        print_json(template_path(options.name).read_text(encoding="utf-8").rstrip())
    elif options.pattern is not None:
        from core.io.writing import document_text
        from core.zoo.patterns import pattern

        print_json(document_text(pattern(*options.pattern)).rstrip())
    else:
        _list_zoo()
    return OK


def _list_zoo() -> None:
    from itertools import groupby

    from core.io.templates import templates

    width = max(len(template.name) for template in templates())
    for group, found in groupby(templates(), lambda template: template.group):
        print(group)
        for template in found:
            print(
                f"  {template.name.ljust(width)}  {number_text(template.parameters):>11} parameters  {template.title}"
            )
        print()
    print("convograph zoo NAME prints a template; convograph zoo NAME > FILE makes it yours.")


def _schema(_: argparse.Namespace) -> int:
    from core.io.schema import schema_text

    print_json(schema_text().rstrip())
    return OK


def _open(file: Path) -> Document:
    from core.io.documents import load
    from core.io.templates import template_names

    try:
        return load(file)
    except DocumentError as error:
        if not file.exists() and str(file) in template_names():
            raise DocumentError(
                f"{error} There is a template of that name: convograph zoo {file} > {file}.json"
            ) from error
        raise


Command = tuple[Callable[[argparse.Namespace], int], str, Callable[[argparse.ArgumentParser], None]]

COMMANDS: dict[str, Command] = {
    "check": (_check, "say whether a document is valid, and what is wrong", _check_arguments),
    "summary": (
        _summary,
        "print the table of layers, as the courses do, or explain one",
        _summary_arguments,
    ),
    "diff": (_diff, "say what differs between two documents, and what follows for shapes and counts", _diff_arguments),
    "train": (_train, "train a document's network", _train_arguments),
    "plan": (_plan, "print how a network is computed: steps, kernels and why, memory, times", _plan_arguments),
    "run": (_run, "compute a network's outputs with trained weights", _run_arguments),
    "bench": (
        _bench,
        "measure the engine's speed and memory, beside PyTorch's where it is installed",
        _bench_arguments,
    ),
    "zoo": (_zoo, "list the templates that come with Convograph, or print one", _zoo_arguments),
    "schema": (_schema, "print the JSON Schema of documents", lambda _: None),
}
"""What the first word on the command line may be."""

if __name__ == "__main__":
    sys.exit(main())
