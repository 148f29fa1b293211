"""`convograph train`: a training, told in the terminal."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from core.commands.arguments import add_data, add_file, add_replicas, path, whole, with_data
from core.commands.command import OK, Command
from core.commands.engines import RUN, USAGE, add_engine, chosen, say_lost, together
from core.commands.files import is_stream, open_document, require_none_lost
from core.commands.terminal import problem_text
from core.errors import ConvographError, NetworkError
from core.io.failures import shown

if TYPE_CHECKING:
    from core.engines.processes import Processes
    from core.runs.stored import StoredRun
    from core.runs.writer import RunWriter
    from core.training.engine import MakeEngine
    from core.training.run_on import RunOn
    from core.training.trainer import Trainer

Say: TypeAlias = Callable[[str], None]
"""Tells the user, if this is the process that speaks."""
Keep: TypeAlias = "Callable[[], RunWriter | None]"
"""Begins to write a run, or goes on with it; None where it is not kept."""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)
    add_data(parser)
    parser.add_argument("--epochs", type=whole, metavar="N", help="passes over the data, instead of the document's")
    parser.add_argument("--batch-size", type=whole, metavar="N", help="samples in a batch, instead of the document's")
    parser.add_argument("--seed", type=whole, metavar="N", help="what chance begins with, instead of the document's")
    add_replicas(parser)
    add_engine(parser)
    parser.add_argument(
        "--save", type=path, metavar="W.npz", help="write the trained weights here, also when Ctrl+C ends the training"
    )
    parser.add_argument(
        "--best", action="store_true", help="with --save: write the weights of the best epoch, not those of the end"
    )
    keeping = parser.add_mutually_exclusive_group()
    keeping.add_argument("--runs", type=path, metavar="DIR", help="keep the run in a folder of its own in this one")
    keeping.add_argument("--no-runs", action="store_true", help="keep no run, which is the default")
    parser.add_argument(
        "--resume",
        type=path,
        metavar="RUN",
        help="go on with a run as if it had never stopped: its folder, or its number",
    )
    parser.add_argument(
        "--weights", type=path, metavar="W.npz", help="begin with these weights, as far as their names and shapes fit"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object per epoch")


def _run(options: argparse.Namespace) -> int:
    run = None if options.resume is None else _run_to_resume(options)
    run_on = chosen(options, None if run is None or run.record is None else run.record.run_on)
    if run_on.engine != "numpy" and options.replicas is not None:
        raise NetworkError(
            "--replicas are processes of the NumPy engine: leave it out, or have torchrun --nproc-per-node start them."
        )
    with together(run_on) as processes:
        status = _trained(options, run, run_on, processes)
        if status == OK:
            processes.end_together()
        return status


def _trained(options: argparse.Namespace, run: StoredRun | None, run_on: RunOn, processes: Processes) -> int:
    """Train, and return the exit status; of several processes the first speaks and writes."""
    from core.commands.unfinished import refuse_divergence, train_along, train_and_keep
    from core.engines.table import engine_for, label
    from core.training.reporting import follow

    if processes.is_first:
        _require_room(options)
    engine = engine_for(run_on, processes)
    say: Say = partial(print, file=sys.stderr) if processes.is_first else lambda text: None
    trainer, keep = _begun(options, engine, say) if run is None else _resumed(options, run, engine, say)
    processes.wait()  # all have read the run that is resumed before it is written on
    if not processes.is_first:
        return train_along(trainer, partial(say_lost, processes))
    if run_on.engine != "numpy":
        say(f"It runs on {label(trainer.run_on)}.")
    writer = keep()
    if writer is not None:
        processes.tell(RUN, shown(writer.folder))
        print(f"The run is kept in {shown(writer.folder)}.", file=sys.stderr)
    if options.save is not None or writer is not None:
        lost = partial(say_lost, processes)
        return train_and_keep(trainer, options.save, writer, lost, best=options.best, as_json=options.json)
    refuse_divergence(follow(trainer.messages(), as_json=options.json))
    return OK


def _require_room(options: argparse.Namespace) -> None:
    """Raise where weights could not be saved, before any are learned."""
    from core.errors import SaveError
    from core.io.atomic import require_writable
    from core.io.datasets import BUNDLED

    if options.save is None:
        if options.best:
            raise SaveError("--best says which weights are saved: say with --save W.npz where.")
        return
    data = {} if options.data is None or options.data in BUNDLED else {"the data set": Path(options.data)}
    require_none_lost(options.save, {"the document": options.file, **data})
    if is_stream(options.save):
        raise SaveError("Weights are saved in a file, not printed: give --save a name, such as w.npz.")
    if not options.save.absolute().parent.is_dir():
        raise SaveError(f"There is no folder {options.save.absolute().parent} to save the weights in.")
    require_writable(options.save)


def _begun(options: argparse.Namespace, engine: MakeEngine, say: Say) -> tuple[Trainer, Keep]:
    """Return what trains a document, from new weights or given ones, and what begins to keep the run."""
    from core.analysis.check import check
    from core.graph.edits import set_training
    from core.importing.weights_files import weights_file
    from core.runs.store import RunStore
    from core.training.trainer import Trainer
    from core.training.transfer import read_fitting

    document = with_data(open_document(options.file), options.data)
    chosen = {"epochs": options.epochs, "batch_size": options.batch_size, "seed": options.seed}
    document = set_training(document, {name: value for name, value in chosen.items() if value is not None})
    report = check(document)
    if report.errors:
        raise NetworkError("\n\n".join(problem_text(problem) for problem in report.errors))
    weights = None
    if options.weights is not None:
        with weights_file(options.weights, report, partly=True) as file:
            transfer = read_fitting(file, report.weight_shapes)
        weights = transfer.weights
        if not transfer.is_whole:
            say(transfer.text(shown(options.weights)))
    trainer = Trainer(
        document, base=_base(options), replicas=options.replicas, report=report, weights=weights, engine=engine
    )

    def keep() -> RunWriter | None:
        if options.runs is None:
            return None
        store = RunStore(options.runs)
        after = "" if options.weights is None else options.weights.name
        writer = store.begin(trainer, after=after, is_new=weights is None)
        for sentence in store.tidy():
            say(sentence)
        return writer

    return trainer, keep


def _run_to_resume(options: argparse.Namespace) -> StoredRun:
    """Return the run that is to be resumed."""
    from core.runs.stored import read_run

    for name in ("weights", "seed", "batch_size", "replicas"):
        if getattr(options, name) is not None:
            option = f"--{name.replace('_', '-')}"
            raise ConvographError(
                f"A run that is resumed goes on with its own {name.replace('_', ' ')}: leave {option} out, or begin a "
                "new run from its weights by --weights instead of --resume."
            )
    return read_run(_run_folder(options))


def _resumed(options: argparse.Namespace, run: StoredRun, engine: MakeEngine, say: Say) -> tuple[Trainer, Keep]:
    """Return what goes on with a run, and what goes on to keep it."""
    from core.runs.resuming import go_on, resumed
    from core.text import counted

    document = with_data(open_document(options.file), options.data)
    if run.record is not None and document.graph != run.record.document.graph:
        say(f"{shown(options.file)} has changed since {run.name} was trained; the run goes on as it was trained.")
    dataset = None if options.data is None else document.training.settings.dataset
    trainer, standing = resumed(run, base=_base(options), dataset=dataset, epochs=options.epochs, engine=engine)
    if trainer.is_done:
        done = standing.place.epochs
        say(
            f"{run.name} has ended after {counted(done, 'epoch')}, as it was to: nothing is left to do. "
            f"Go on to more by --epochs, such as --epochs {done + 10}."
        )
    return trainer, lambda: None if options.no_runs else go_on(run, trainer, standing)


def _run_folder(options: argparse.Namespace) -> Path:
    """Return the folder of the run that is to be resumed: named, or by its number among those of the document."""
    from core.runs.store import folder_name, runs_folder

    named: Path = options.resume
    among = runs_folder(options.file) if options.runs is None else options.runs
    places = [named, among / named]
    if str(named).isdecimal():
        places.append(among / folder_name(int(str(named))))
    folder = next((place for place in places if place.is_dir()), None)
    if folder is None:
        raise ConvographError(f"There is no run {shown(named)}: give the folder of a run, or its number in {among}.")
    if options.runs is not None and not folder.absolute().parent.samefile(options.runs):
        raise ConvographError(
            f"A run that is resumed stays in its folder, {shown(folder)}: leave --runs out, or give --no-runs to keep "
            "nothing of what follows."
        )
    return folder


def _base(options: argparse.Namespace) -> Path:
    """Return the folder that the path of a data set starts from."""
    folder: Path = options.file.absolute().parent
    return folder


TRAIN = Command(
    name="train",
    help="train a document's network",
    usage=(
        "FILE [--data NAME_OR_PATH] [--epochs N] [--batch-size N] [--seed N] [--replicas N] [--save W.npz] [--best] "
        f"[--runs DIR] [--no-runs] [--resume RUN] [--weights W.npz] {USAGE} [--json]"
    ),
    add_arguments=_add_arguments,
    run=_run,
)
