"""What follows from one layer's settings and input shapes alone."""

from __future__ import annotations

from functools import lru_cache

from core.analysis.report import NOTHING_KNOWN, Facts
from core.layers import Kind
from core.layers.kind import FEATURES, IMAGE
from core.problems import OWN, Fix, Problem, Remove
from core.shapes import MOST_VALUES, Shape, count
from core.text import number_text, values_text

_AXES = {IMAGE: "height and width", FEATURES: "one axis"}
_WANTED = {IMAGE: "an image (height × width × channels)", FEATURES: "a row of features"}


@lru_cache(maxsize=4096)  # four drawings of a thousand layers; more would only slow the garbage collector
def facts(spec: Kind, inputs: tuple[Shape, ...]) -> Facts:
    """Compute shape, weights, counts and problems of a layer; equal arguments return the same object.

    Parameters
    ----------
    spec : Kind
    inputs : tuple of shapes
        As many as the kind takes.
    """
    wrong = _rank_problem(spec, inputs)
    if wrong is not None:
        return Facts(None, None, None, None, (wrong,))
    problems = tuple(spec.problems(inputs))
    errors = [problem for problem in problems if problem.severity == "error"]
    if any(problem.spoils == "all" for problem in errors):
        return Facts(None, None, None, None, problems)
    weights = spec.weights(inputs)
    parameters = sum(weight.size for weight in weights.values() if weight.role == "parameter")
    if errors:
        return Facts(None, weights, parameters, None, problems)
    shape = spec.output_shape(inputs)
    if count(shape) > MOST_VALUES:
        return Facts(None, weights, parameters, None, (*problems, _too_large(shape)))
    return Facts(shape, weights, parameters, spec.macs(inputs), problems)


def _too_large(shape: Shape) -> Problem:
    return Problem(
        "SHAPE-LARGE",
        what=f"its output would be {values_text(shape)}, more than any computer can hold",
        why=f"That is {number_text(count(shape))} values for each sample; Convograph reckons with up to "
        f"{number_text(MOST_VALUES)}.",
        fixes=(Fix("Remove the layer", (Remove(OWN),)),),
        spoils="output",
    )


def _rank_problem(spec: Kind, inputs: tuple[Shape, ...]) -> Problem | None:
    for port, shape in enumerate(inputs):
        if len(shape) not in spec.ranks:
            return Problem(
                "SHAPE-RANK",
                what=f"{spec.label()} needs {_WANTED[spec.ranks]}, but {{{port}}} gives {values_text(shape)}",
                why=f"{spec.label()} works along {_AXES[spec.ranks]}, but {values_text(shape)} "
                f"{'has three axes' if len(shape) == 3 else 'has one axis' if shape == (1,) else 'have one axis'}.",
            )
    return None


__all__ = ["NOTHING_KNOWN", "facts"]
