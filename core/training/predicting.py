"""What a trained network says of pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.analysis.check import check
from core.engine.network import Network
from core.errors import DataError
from core.graph.values import Document
from core.io.datasets import BUNDLED, Dataset, fit_to
from core.io.datasets.values import Pixels
from core.training.preparation import Preparation, read_preparation
from core.training.requirements import Question, require_trainable, training_input


class Predictor:
    """A trained network together with how its samples are prepared.

    Parameters
    ----------
    document : Document
    weights : Path
        A file that training saved.

    Attributes
    ----------
    classes : tuple of str
        What its outputs are called: as in the weights file, otherwise as in the document's data set where that ships
        with Convograph, otherwise by number.
    shape, resize
        What pictures are brought to, and how.

    Raises
    ------
    NetworkError
        If the document has errors, or its network doesn't tell classes apart.
    WeightsError
        If the weights don't suit the network.
    """

    def __init__(self, document: Document, weights: Path) -> None:
        report = check(document)
        program = require_trainable(Question(report), to_learn=False)
        self._network = Network(document, report=report)
        self._network.load_weights(weights)
        self.shape = training_input(program).shape
        self.resize = document.training.settings.resize
        beside = read_preparation(weights, program, document)
        self._preparation = Preparation(beside.steps)
        n = program.nodes[program.outputs[0]].shape[-1]
        bundled = BUNDLED.get(document.training.settings.dataset)
        names = beside.classes or (bundled.classes if bundled else ())
        self.classes = (*names[:n], *map(str, range(len(names), n)))

    def probabilities(self, picture: Pixels, name: str = "the picture") -> NDArray[np.float64]:
        """Return the probability of every class, (C,).

        Parameters
        ----------
        picture
            (H, W, C), bytes or floats from 0 to 1. It is fitted to the Input as data sets are.
        name
            What messages call it.

        Raises
        ------
        DataError
            If it can't be fitted, or the network computes no numbers from it.
        """
        scale = 255.0 if picture.dtype == np.uint8 else 1.0
        one = fit_to(Dataset(name, picture[None], np.zeros(1, np.int64), self.classes, scale), self.shape, self.resize)
        output = self._network.output_ids[0]
        with np.errstate(all="ignore"):
            scores = self._network.activations(self._preparation.of(one, slice(0, 1)), [output])[output].ravel()
        if not np.isfinite(scores).all():
            raise DataError(f"{name}: the network computes no numbers from it, since its weights are too large.")
        return probabilities_of(scores)


def probabilities_of(scores: Sequence[float] | NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the class probabilities that an output stands for.

    One that is already a distribution stays as it is; any other holds scores, as cross-entropy takes them.

    >>> probabilities_of([0.25, 0.75]).tolist(), probabilities_of([1.0, 1.0]).tolist()
    ([0.25, 0.75], [0.5, 0.5])
    """
    output = np.asarray(scores, np.float64)
    if output.min() >= 0 and abs(float(output.sum()) - 1) < 1e-3:
        return output
    raised = np.exp(output - output.max())
    probabilities: NDArray[np.float64] = raised / raised.sum()
    return probabilities
