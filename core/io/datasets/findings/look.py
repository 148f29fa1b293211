"""What a finding looks at: samples, and a document whose training they are for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.graph.training import TrainingSettings
from core.graph.values import Document, Layer, layers_by_id
from core.io.datasets.findings.measures import Measures
from core.io.datasets.splitting import split
from core.io.datasets.values import Dataset, Indices
from core.layers import Kind as LayerKind
from core.layers.global_pooling import GlobalPool
from core.preprocessing.ranging import Invert
from core.preprocessing.step import Preprocessing, fit_steps, treated
from core.preprocessing.turning import Turn
from core.problems import Fix, SetTraining
from core.shapes import Shape

AS_PICTURES = (Turn, Invert)
"""The steps of preprocessing that leave pictures pictures."""


class Look:
    """Samples as a document trains on them.

    Parameters
    ----------
    measures : Measures
        Of the samples; looks with other documents share them.
    document : Document or None
        None where no document is known.
    """

    def __init__(self, measures: Measures, document: Document | None) -> None:
        self.measures, self.document = measures, document

    @property
    def dataset(self) -> Dataset:
        """As it is stored."""
        return self.measures.dataset

    @property
    def settings(self) -> TrainingSettings:
        """The training settings of the document, or those that documents begin with."""
        return (self.document or Document()).training.settings

    @cached_property
    def labels(self) -> NDArray[np.int64]:
        """The labels, counted from the first one that the document names: negative where they are smaller."""
        return self.dataset.labels - self.settings.first_label

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes from there on."""
        return self.dataset.classes[self.settings.first_label :]

    @cached_property
    def parts(self) -> tuple[Indices, Indices]:
        """Which samples are learned from, and which are kept back for validation."""
        return split(self.dataset.labels, self.settings.validation_split, self.settings.seed)

    def called(self, label: int) -> str:
        """Name the class of a counted label."""
        return self.classes[label] if 0 <= label < len(self.classes) else str(label + self.settings.first_label)

    # --- The document ------------------------------------------------------------------------------------------------

    @cached_property
    def input_shape(self) -> Shape | None:
        """The shape of the document's Input; None where it has not just one."""
        return None if self.document is None else input_shape_of(self.document)

    @cached_property
    def deciding(self) -> tuple[str, str, int] | None:
        """The layer and the setting that decide how many numbers the output has, and how many; None if not known."""
        if self.document is None:
            return None
        graph = self.document.graph
        read = {source for layer in graph.layers for source in layer.inputs}
        ends = graph.outputs or tuple(layer.id for layer in graph.layers if layer.id not in read)
        known = layers_by_id(graph)
        layer = known.get(ends[0]) if len(ends) == 1 else None
        while layer is not None and _passes_on(layer) and len(layer.inputs) == 1:
            layer = known.get(layer.inputs[0])
        for setting in ("units", "filters"):
            n = getattr(layer.spec, setting, None) if layer is not None else None
            if layer is not None and isinstance(n, int):
                return layer.id, setting, n
        return None

    # --- Preprocessing -----------------------------------------------------------------------------------------------

    def with_step(self, label: str, step: object, *, first: bool = True) -> tuple[Fix, ...]:
        """Return the fix that adds a step of preprocessing, in the form that stands in files."""
        own = [each.written() for each in self.settings.preprocessing]
        steps = [step, *own] if first else [*own, step]
        return (Fix(label, (SetTraining({"preprocessing": steps}),)),)

    def pictures(self) -> NDArray[np.float32]:
        """Return the samples that are looked at closely, turned and inverted as the document says."""
        return self._treated([step for step in self.settings.preprocessing if isinstance(step, AS_PICTURES)])

    def prepared(self) -> NDArray[np.float32]:
        """Return the same samples after all preprocessing, fitted to these alone."""
        return self._treated(self.settings.preprocessing)

    def _treated(self, steps: Sequence[Preprocessing]) -> NDArray[np.float32]:
        pixels = self.measures.pixels
        able = [step for step in steps if not step.refusal(pixels.shape[1:])]
        if not able:
            return pixels
        return treated(pixels.copy(), fit_steps(able, _Fresh(pixels), pixels.shape[1:]))


def input_shape_of(document: Document) -> Shape | None:
    """Return the shape of a document's Input, whether its network is valid or not; None where it has not just one."""
    specs = [layer.spec for layer in document.graph.layers]
    shapes = [spec.output_shape(()) for spec in specs if isinstance(spec, LayerKind) and spec.family == "input"]
    return shapes[0] if len(shapes) == 1 else None


class _Fresh:
    """One block of samples, copied each time it is asked for: steps may overwrite it."""

    def __init__(self, block: NDArray[np.float32]) -> None:
        self._block = block

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        yield self._block.copy()


def _passes_on(layer: Layer) -> bool:
    """Tell whether a layer has as many numbers, or channels, as the one before it."""
    spec = layer.spec
    return isinstance(spec, LayerKind) and (
        spec.elementwise or spec.gives_probabilities or isinstance(spec, GlobalPool)
    )
