"""`convograph train`: a training, told in the terminal."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.commands.arguments import add_data, add_file, add_replicas, path, whole, with_data
from core.commands.command import OK, Command
from core.commands.files import is_stream, open_document, require_none_lost
from core.commands.terminal import problem_text


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)
    add_data(parser)
    parser.add_argument("--epochs", type=whole, metavar="N", help="passes over the data, instead of the document's")
    parser.add_argument("--batch-size", type=whole, metavar="N", help="samples in a batch, instead of the document's")
    parser.add_argument("--seed", type=whole, metavar="N", help="what chance begins with, instead of the document's")
    add_replicas(parser)
    parser.add_argument(
        "--save", type=path, metavar="W.npz", help="write the trained weights here, also when Ctrl+C ends the training"
    )
    parser.add_argument(
        "--best", action="store_true", help="with --save: write the weights of the best epoch, not those of the end"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object per epoch")


def _run(options: argparse.Namespace) -> int:
    from core.analysis.check import check
    from core.commands.unfinished import refuse_divergence, train_and_save
    from core.errors import NetworkError, SaveError
    from core.graph.edits import set_training
    from core.io.atomic import require_writable
    from core.io.datasets import BUNDLED
    from core.training.reporting import follow
    from core.training.trainer import Trainer

    if options.best and options.save is None:
        raise SaveError("--best says which weights are saved: say with --save W.npz where.")
    if options.save is not None:
        data = {} if options.data is None or options.data in BUNDLED else {"the data set": Path(options.data)}
        require_none_lost(options.save, {"the document": options.file, **data})
    document = with_data(open_document(options.file), options.data)
    chosen = {"epochs": options.epochs, "batch_size": options.batch_size, "seed": options.seed}
    document = set_training(document, {name: value for name, value in chosen.items() if value is not None})
    report = check(document)
    if report.errors:
        raise NetworkError("\n\n".join(problem_text(problem) for problem in report.errors))
    if options.save is not None and is_stream(options.save):
        raise SaveError("Weights are saved in a file, not printed: give --save a name, such as w.npz.")
    if options.save is not None and not options.save.absolute().parent.is_dir():
        raise SaveError(f"There is no folder {options.save.absolute().parent} to save the weights in.")
    if options.save is not None:
        require_writable(options.save)
    folder = options.file.absolute().parent
    trainer = Trainer(document, base=folder, replicas=options.replicas, report=report)
    if options.save is not None:
        return train_and_save(trainer, options.save, best=options.best, as_json=options.json)
    refuse_divergence(follow(trainer.messages(), as_json=options.json))
    return OK


TRAIN = Command(
    name="train",
    help="train a document's network",
    usage=(
        "FILE [--data NAME_OR_PATH] [--epochs N] [--batch-size N] [--seed N] [--replicas N] [--save W.npz] [--best] "
        "[--json]"
    ),
    add_arguments=_add_arguments,
    run=_run,
)
