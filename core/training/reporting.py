"""A run shown in a terminal: a progress bar and a line for each epoch for people, or JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import Any

from tqdm import tqdm

from core.engine.threads import ONE_THREAD
from core.text import bytes_text, counted, number_text
from core.training.messages import Batch, Epoch, Finding, Finished, Message, Started


def follow(messages: Iterable[Message], *, as_json: bool = False) -> Message | None:
    """Follow a run to its end, print how it goes, and return its last message.

    BLAS is held at one thread all the while: setting and restoring it takes a tenth of a small network's step.

    The bar goes to standard error and only to a terminal; epochs go to standard output.
    """
    with ONE_THREAD:
        return _follow(messages, as_json)


def _follow(messages: Iterable[Message], as_json: bool) -> Message | None:
    bar: Any = None
    message: Message | None = None
    findings: list[Finding] = []
    try:
        for message in messages:
            match message:
                case Started():
                    bar = tqdm(
                        total=message.epochs * message.batches_per_epoch, unit="batch", disable=not sys.stderr.isatty()
                    )
                    for note in message.notes if as_json else (_size_line(message), *message.notes):
                        bar.write(note, file=sys.stderr)
                case Batch():
                    bar.update()
                    bar.set_postfix(epoch=message.epoch, loss=f"{message.loss:.3f}", refresh=False)
                case Finding():
                    if as_json:
                        findings.append(message)
                    else:
                        bar.write(_finding_line(message), file=sys.stderr)
                case Epoch():
                    line = _json_line(message, findings) if as_json else _epoch_line(message)
                    findings = []
                    bar.write(line, file=sys.stdout)
                    sys.stdout.flush()
                case Finished():
                    for line in _end_lines(message, as_json):
                        bar.write(line, file=sys.stderr)
    finally:
        for finding in findings:  # no epoch ended any more that would have them
            bar.write(_finding_line(finding), file=sys.stderr)
        if bar is not None:
            bar.close()
    return message


def _size_line(started: Started) -> str:
    size = f"{number_text(started.parameters)} parameters, needs about {bytes_text(started.memory_bytes)} of memory"
    return size if started.replicas == 1 else f"{size}; {started.replicas} replicas compute a part of each batch"


def _end_lines(finished: Finished, as_json: bool) -> list[str]:
    """Say why a run ended before its epochs were done, and which of them was the best, where that was not the last."""
    lines = [f"Ended after {counted(finished.epochs, 'epoch')}: {finished.reason}"] if finished.reason else []
    if finished.best_epoch != finished.epochs and not as_json:
        lines.append(f"Epoch {finished.best_epoch} was the best.")
    return lines


def _finding_line(finding: Finding) -> str:
    return f"{finding.severity}: {finding.what} {finding.why}"


def _json_line(epoch: Epoch, findings: list[Finding]) -> str:
    return json.dumps({**epoch.as_json(), "findings": [finding.as_json() for finding in findings]})


def _epoch_line(epoch: Epoch) -> str:
    line = f"epoch {epoch.epoch}: loss {epoch.train_loss:.4f}, accuracy {epoch.train_accuracy:.1%}"
    if epoch.val_loss is not None and epoch.val_accuracy is not None:
        line += f" · validation loss {epoch.val_loss:.4f}, accuracy {epoch.val_accuracy:.1%}"
    return f"{line} · {epoch.seconds:.1f} s, {epoch.images_per_second:,.0f} images/s"
