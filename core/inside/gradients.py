"""Explanations of a decision by gradients of its score."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from core.engine.program import Node, Program
from core.errors import NetworkError
from core.inside.reason import ClassReason, Heat
from core.inside.subject import Subject
from core.layers.activation import ReLU
from core.layers.rectifiers import ReLU6
from core.layers.values import Array
from core.shapes import count
from core.text import shape_text
from core.work import Work, pinned

OWN_SCALE = "divided by its own largest value, so that maps of two samples can't be compared"
AT_ONCE, MOST_VALUES = 16, 1 << 23
"""Samples of one pass along the way of integrated gradients, and the values that a pass may keep."""


class Saliency(ClassReason):
    """How much the score changes with each pixel: the size of its derivative.

    Examples
    --------
    >>> from core.engine.network import Network
    >>> from core.work import outcome_of
    >>> from core.io.templates import load_template
    >>> picture = np.ones((28, 28, 1))
    >>> subject = Subject(Network(load_template("lenet5")), picture, 3, np.zeros_like(picture))
    >>> heat = outcome_of(Saliency().work(subject))
    >>> heat.values.shape, float(heat.scaled().max())
    ((28, 28), 1.0)
    """

    name: ClassVar = "saliency"
    title: ClassVar = "Saliency"
    formula: ClassVar = "|∂s_c/∂x|, the largest over the channels of a pixel"
    source: ClassVar = "Simonyan, Vedaldi and Zisserman, “Deep Inside Convolutional Networks”, 2014, section 3.1"
    scale: ClassVar = OWN_SCALE
    not_shown: ClassVar = (
        "It shows where a tiny change would move the score, not what the score is made of, nor in which direction."
    )

    def work(self, subject: Subject) -> Work[Heat]:
        """Compute the map."""
        gradient = yield from input_gradient(subject, guided=False)
        return Heat(strongest(gradient), signed=False, note="|gradient| of the score by pixel")


class GuidedBackprop(ClassReason):
    """The gradient of the score, of which rectifiers pass on only what is positive on the way back."""

    name: ClassVar = "guided"
    title: ClassVar = "Guided backprop"
    formula: ClassVar = "as ∂s_c/∂x, but each ReLU passes back dy·[x > 0]·[dy > 0]; its size, largest over the channels"
    source: ClassVar = "Springenberg et al., “Striving for Simplicity: The All Convolutional Net”, 2015, section 3.4"
    scale: ClassVar = OWN_SCALE
    not_shown: ClassVar = (
        "It looks sharp because it partly redraws the picture: for another class it changes little, so it does not "
        "show what told the classes apart."
    )

    def work(self, subject: Subject) -> Work[Heat]:
        """Compute the map.

        Raises
        ------
        NetworkError
            No rectifier lies on the way: it would be the plain gradient.
        """
        program = subject.network.program
        way = program.ancestors([subject.score_node.index])
        if not any(isinstance(program.nodes[index].kind, ReLU | ReLU6) for index in way):
            raise NetworkError("No ReLU lies before the scores, so guided backprop would be the plain gradient.")
        gradient = yield from input_gradient(subject, guided=True)
        return Heat(strongest(gradient), signed=False, note="|guided gradient| by pixel")


class IntegratedGradients(ClassReason):
    """What each pixel adds to the score on the straight way from black to the picture."""

    name: ClassVar = "integrated"
    title: ClassVar = "Integrated gradients"
    formula: ClassVar = "(x − x₀)·∫ ∂s_c/∂x at x₀ + t·(x − x₀) dt, x₀ black; summed over the channels of a pixel"
    source: ClassVar = "Sundararajan, Taly and Yan, “Axiomatic Attribution for Deep Networks”, 2017, section 3"
    scale: ClassVar = "divided by its own largest magnitude: blue speaks for the class, orange against it"
    not_shown: ClassVar = (
        "It shares out the difference to a black picture: pixels that are black themselves get nothing, whatever they "
        "mean, and another starting point gives another map."
    )

    n_steps: ClassVar = 64
    """Middles of as many equal pieces of the way stand for the integral."""

    def work(self, subject: Subject) -> Work[Heat]:
        """Compute the map."""
        x, black = (np.asarray(array, subject.network.dtype) for array in (subject.x, subject.black))
        at = (np.arange(self.n_steps) + 0.5) / self.n_steps
        total = np.zeros(x.shape, np.float64)
        n_values = sum(count(node.shape) for node in subject.network.program.nodes)
        at_once = max(1, min(AT_ONCE, MOST_VALUES // n_values))
        for start in range(0, self.n_steps, at_once):
            t = at[start : start + at_once].reshape(-1, *(1 for _ in x.shape))
            done = yield from pinned(start / self.n_steps, subject.forward((black + t * (x - black)).astype(x.dtype)))
            gradients = yield from pinned(start / self.n_steps, done.backward(subject.one(len(t))))
            total += gradients[subject.input.id].sum(axis=0, dtype=np.float64)
        shares = (x - black) * total / self.n_steps
        ends = yield from pinned(1.0, subject.forward(np.stack([black, x])))
        before, after = subject.scores(ends).tolist()
        values = shares.sum(axis=-1) if shares.ndim == 3 else shares
        total_share = round(float(values.sum()), 2) + 0.0  # no −0.00
        note = f"sum {total_share:.2f}; score {before:.2f} (black) → {after:.2f}"
        return Heat(values, signed=True, note=note.replace("-", "−"))


class GradCAM(ClassReason):
    """Where the last maps with places in them hold what raises the score."""

    name: ClassVar = "grad-cam"
    title: ClassVar = "Grad-CAM"
    formula: ClassVar = "max(0, Σₖ αₖ·Aₖ), αₖ the mean of ∂s_c/∂Aₖ over the places of map k of the last convolution"
    source: ClassVar = "Selvaraju et al., “Grad-CAM: Visual Explanations from Deep Networks”, 2017, section 3"
    scale: ClassVar = OWN_SCALE
    not_shown: ClassVar = (
        "It is as coarse as the maps it is made of, and enlarged: it names a region, not pixels, and what speaks "
        "against the class is left out."
    )

    def work(self, subject: Subject) -> Work[Heat]:
        """Compute the map.

        Raises
        ------
        NetworkError
            No convolution gives maps of more than one place.
        """
        layer = maps_node(subject.network.program, subject.score_node)
        if layer is None:
            raise NetworkError("No convolution with maps larger than 1×1 lies before the scores: Grad-CAM needs one.")
        done = yield from pinned(0.0, subject.forward(subject.x[None]))
        gradients = yield from pinned(0.5, done.backward(subject.one(1), until=layer.id))
        alpha = gradients[layer.id][0].mean(axis=(0, 1))  # (K,)
        heat = np.maximum(done.outputs[layer.id][0] @ alpha, 0)  # (H', W')
        return Heat(heat, signed=False, note=f"{layer.id}, {shape_text(layer.shape[:2])}, enlarged")


def input_gradient(subject: Subject, *, guided: bool) -> Work[Array]:
    """Compute the derivative of the score by the input, (H, W, C) or (C,)."""
    done = yield from pinned(0.0, subject.forward(subject.x[None]))
    gradients = yield from pinned(0.5, done.backward(subject.one(1), guided=guided))
    gradient: Array = gradients[subject.input.id][0]
    return gradient


def strongest(gradient: Array) -> Array:
    """Return the largest magnitude over the channels of each pixel; of features the magnitude itself.

    >>> strongest(np.array([[[1.0, -3.0]]])).tolist(), strongest(np.array([-2.0])).tolist()
    ([[3.0]], [2.0])
    """
    size: Array = np.abs(gradient)
    return size.max(axis=-1) if size.ndim == 3 else size


def maps_node(program: Program, scores: Node) -> Node | None:
    """Return the last layer before the scores whose maps keep places, where there is one.

    It is the last convolution, with the normalisation and activation that follow it one by one, in its shape: Grad-CAM
    is defined on maps as the next layer reads them.

    >>> from core.engine.program import compile_program
    >>> from core.io.templates import load_template
    >>> program = compile_program(load_template("lenet5"))
    >>> maps_node(program, program.by_id["fc3"]).id
    'relu2'
    """
    way = sorted(program.ancestors([scores.index]))
    convolutions = [
        program.nodes[index]
        for index in way
        if program.nodes[index].kind.family == "convolution" and max(program.nodes[index].shape[:2]) > 1
    ]
    if not convolutions:
        return None
    node = convolutions[-1]
    while node.index != scores.index:
        readers = [reader for reader in program.nodes if node.index in reader.sources]
        if len(readers) != 1 or len(readers[0].sources) != 1 or readers[0].shape != node.shape:
            break
        if readers[0].kind.family not in {"activation", "normalisation"} or readers[0].index not in way:
            break
        node = readers[0]
    return node
