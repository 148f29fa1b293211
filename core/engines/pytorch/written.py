"""The network as PyTorch's module: the very code that the exporter writes, run here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.abc import InspectLoader
from importlib.util import module_from_spec, spec_from_loader
from typing import Any

from torch import Tensor, nn

from core.analysis.report import Report
from core.engine.kernels.loss import scores_of
from core.engine.program import Program
from core.errors import ExportError, NetworkError
from core.export.pytorch.code import network_code
from core.export.pytorch.scopes import Line
from core.export.pytorch.state import placed_lines
from core.export.pytorch.training_text import loss_lines
from core.io.prepared import Beside


@dataclass(frozen=True, slots=True)
class Written:
    """A network in PyTorch, with newly made arrays.

    Attributes
    ----------
    module : torch.nn.Module
    lines : tuple of (str, Line)
        Every layer, with the path of its module.
    scores : mapping of str to bool
        What `forward` is called with, so that it returns what the loss takes.
    loss : callable
        Returns the mean loss of scores, labels, and class weights or None.
    """

    module: nn.Module
    lines: tuple[tuple[str, Line], ...]
    scores: dict[str, bool]
    loss: Callable[[Tensor, Tensor, Tensor | None], Tensor]


def written(report: Report, program: Program) -> Written:
    """Write a network in PyTorch, and make it.

    Raises
    ------
    NetworkError
        If PyTorch can't say a layer; the text names it.
    """
    try:
        code = network_code(report, program, Beside())
    except ExportError as error:
        raise NetworkError(f"{error} Or train it by NumPy: leave --engine out.") from error
    loss = "\n    ".join(["def loss_of(scores, labels, weights):", *loss_lines(program.loss)])
    names = _run(f"{code.text}\n\n{loss}\n")
    scores = {"scores": True} if scores_of(program) != program.outputs[0] else {}
    return Written(names[code.name](), tuple(placed_lines(code.scope)), scores, names["loss_of"])


class _Source(InspectLoader):
    """Loads a module from its text."""

    def __init__(self, text: str) -> None:
        self._text = text

    def get_source(self, fullname: str) -> str:
        """Return the text."""
        return self._text


def _run(text: str) -> dict[str, Any]:
    """Return the names that a module has."""
    loader = _Source(text)
    spec = spec_from_loader("convograph_network", loader)
    if spec is None:
        raise NetworkError("Python could not load the network's code.")
    module = module_from_spec(spec)
    loader.exec_module(module)
    return vars(module)
