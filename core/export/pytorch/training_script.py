"""The script that trains the network as its document says, batch by batch as Convograph does."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePath
from pprint import pformat
from typing import Any

from core.augmentation.draws import Draws
from core.engine.kernels.loss import scores_of
from core.engine.program import Program
from core.export.pytorch.code import Code, plain
from core.export.pytorch.sources import own_sources
from core.export.pytorch.state import PREPARATION, state_names
from core.export.pytorch.training_template import AUGMENT, SCRIPT, SETTINGS
from core.export.pytorch.training_text import first_weights, loss_lines, optimizer_call, rate_lines
from core.graph.training import Training, UnreadableOptimizer
from core.graph.values import Document
from core.io.datasets.splitting import split
from core.kinds import Kind
from core.learning.class_weights import class_weights
from core.preprocessing.step import Fitted
from core.shapes import n_scores
from core.text import shape_text
from core.training.batches import batches, shuffled
from core.training.preparation import BLOCK, fitted_to

_SAVING = {
    ".safetensors": "save_file(best, path)",
    ".npz": "np.savez(path, **{name: array.numpy() for name, array in best.items()})",
}


def can_be_trained(program: Program, training: Training) -> bool:
    """Say whether there is anything to train: one Input, one row of scores, an optimiser that can be read."""
    return (
        len(program.read_inputs) == len(program.outputs) == 1
        and n_scores(program.nodes[program.outputs[0]].shape) is not None
        and not isinstance(training.optimizer, UnreadableOptimizer)
    )


def training_script(
    document: Document, program: Program, steps: tuple[Fitted, ...], code: Code, name: str, weights: str
) -> str:
    """Write the script.

    Parameters
    ----------
    steps : tuple of Fitted
        The preprocessing that the network's class has.
    code : Code
        The file with the network.
    name : str
        What that file is called.
    weights : str
        The name of the file with the weights that training begins with; "" where they are drawn.

    Raises
    ------
    ExportError
        If Convograph's own sources, of which the script holds parts, are not there.
    """
    training, stem = document.training, PurePath(name).stem
    settings, optimizer = training.settings, training.optimizer
    if isinstance(optimizer, UnreadableOptimizer):
        raise TypeError("ask can_be_trained before")
    changes = settings.augmentation
    own: list[Callable[..., Any]] = [split, shuffled, batches, class_weights]
    own += [type(step.step) for step in steps]
    own += [*map(type, changes), Draws] if changes else []
    imports, definitions = own_sources(own)
    buffers = [[PREPARATION.format(place=i, name=name) for name in step.arrays] for i, step in enumerate(steps)]
    shape = program.nodes[program.read_inputs[0]].shape
    rates = "\n    ".join(rate_lines(settings.schedule))
    mathematics = [name for name in ("cos", "floor", "inf", "pi") if re.search(rf"\b{name}\b", rates)]
    imports += [f"from math import {', '.join(mathematics)}"] if mathematics else []
    initial = {} if weights else first_weights(program, code.scope, settings.initializer)
    kernels = [theirs for ours, theirs in state_names(code.scope).items() if ours.endswith("/kernel")]
    looks_under = scores_of(program) != program.outputs[0]
    saved = PurePath(weights).suffix or ".npz"
    return SCRIPT.substitute(
        title=plain(document.name or "the network"),
        file=plain(f"{stem}_train.py"),
        data=f"{stem}_data.npz",
        takes=shape_text(shape),
        imports="\n".join(sorted({*imports, "import numpy as np"}, key=lambda line: ("numpy" in line, line))),
        saving="from safetensors.torch import save_file\n" if saved == ".safetensors" else "",
        save="save_file(best, path)"
        if saved == ".safetensors"
        else "np.savez(path, **{k: v.numpy() for k, v in best.items()})",
        trained=f"{stem}_trained{saved}",
        network=_import_of(name),
        model="network.load()" if weights else f"initialised(network.{code.name}())",
        settings_module=type(settings).__module__,  # whatever Convograph is called where it is installed
        preparation_module=fitted_to.__module__,
        dataset=repr(settings.dataset),
        resize=repr(settings.resize),
        first_label=settings.first_label,
        shape=repr(shape),
        outputs=n_scores(program.nodes[program.outputs[0]].shape),
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        seed=settings.seed,
        validation_split=repr(settings.validation_split),
        rate=repr(optimizer.learning_rate),
        class_weights=repr(settings.class_weights),
        l1=repr(settings.l1),
        l2=repr(settings.l2),
        clip=repr(settings.clip_norm),
        stopping=repr(settings.early_stopping and settings.early_stopping.config(whole=True)),
        kernels=pformat(kernels, width=100, compact=True),
        initial=pformat(initial, width=100, sort_dicts=False),
        settings=SETTINGS if steps or changes else "",
        definitions="\n\n\n".join(definitions),
        preprocessing=_made([step.step for step in steps]),
        buffers=repr(buffers),
        names=repr([list(step.arrays) for step in steps]),
        augmentation=_made(changes),
        augment=AUGMENT if changes else "",
        block=BLOCK,
        loss="\n    ".join(loss_lines(settings.loss)),
        optimizer=optimizer_call(optimizer),
        rates=rates,
        scores=", scores=True" if looks_under else "",
    )


def _import_of(name: str) -> str:
    """Write the line that imports a file, whatever it is called."""
    path = PurePath(name)
    if path.suffix == ".py" and path.stem.isidentifier():
        return f"import {path.stem} as network"
    return f"""import importlib.machinery
import importlib.util

loader = importlib.machinery.SourceFileLoader("network", str(HERE / {name!r}))
network = importlib.util.module_from_spec(importlib.util.spec_from_loader("network", loader))
loader.exec_module(network)"""


def _made(kinds: list[Kind] | tuple[Kind, ...]) -> str:
    calls = []
    for kind in kinds:
        config = ", ".join(f"{key}={value!r}" for key, value in kind.config(whole=True).items())
        calls.append(f"{type(kind).__name__}({config})")
    return f"[{', '.join(calls)}]"
