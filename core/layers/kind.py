"""What a layer kind is: one class that says everything about it, from which the rest derives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Literal, TypeAlias

from core.declare import Declared
from core.layers.explanation import Explanation, description, field_lines, memory_lines
from core.layers.sight import AnySight, place_by_place, whole
from core.layers.values import Array, Arrays, Context, Example, ReceptiveField, Weight
from core.layers.working_out import by_definition
from core.layers.workings import Block, Cell, Workings
from core.problems import Problem
from core.shapes import Shape

__all__ = [  # whoever writes a kind finds here all that it takes
    "ANY_RANK",
    "FAMILIES",
    "FEATURES",
    "IMAGE",
    "KINDS",
    "AnySight",
    "Array",
    "Arrays",
    "Cell",
    "Context",
    "Example",
    "Family",
    "Kind",
    "ReceptiveField",
    "Weight",
    "Workings",
    "widest",
]

Family: TypeAlias = Literal["input", "convolution", "pooling", "activation", "normalisation", "dense", "merge"]

FAMILIES: tuple[Family, ...] = ("input", "convolution", "pooling", "activation", "normalisation", "dense", "merge")
"""The families in the order in which a palette shows them."""

IMAGE = frozenset({3})
FEATURES = frozenset({1})
ANY_RANK = frozenset({1, 3})


class Kind(Declared):
    """A kind of layer; an instance is its hyperparameters.

    Subclasses are registered by being defined. `problems` is asked first; shape, weights and the rest only where it
    yields no error. Shapes come without the batch, arrays with it: (N, H, W, C) or (N, C).
    """

    family: ClassVar[Family]
    stem: ClassVar[str]
    """What names of such layers begin with: conv in conv1."""
    ranks: ClassVar[frozenset[int]] = ANY_RANK
    """How many axes an input may have: 3 for images, 1 for features."""
    n_inputs: ClassVar[tuple[int, int | None]] = (1, 1)
    """The least and the most inputs; None for any number."""
    elementwise: ClassVar[bool] = False
    """Whether every output value depends on the input values in the same place alone: drawn as a pill on the wire."""
    stochastic: ClassVar[bool] = False
    """Whether training draws random numbers."""
    gives_probabilities: ClassVar[bool] = False
    """Whether the channels of each position are probabilities of classes."""
    aliases: ClassVar[tuple[str, ...]] = ()
    """Other names that people search for."""
    source: ClassVar[str] = ""
    """Where the definition comes from."""
    examples: ClassVar[tuple[Example, ...]] = ()

    def problems(self, inputs: Sequence[Shape]) -> Iterator[Problem]:
        """Say everything that is wrong with these inputs, beyond their number and their axes."""
        yield from ()

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Return the shape of the output; by default that of the first input."""
        return inputs[0]

    def weights(self, inputs: Sequence[Shape]) -> Mapping[str, Weight]:
        """Return what this layer learns, by name."""
        return {}

    def macs(self, inputs: Sequence[Shape]) -> int:
        """Count multiply–accumulates of one forward pass of one sample; biases are not counted."""
        return 0

    def receptive_field(
        self, inputs: Sequence[Shape], fields: Sequence[ReceptiveField | None]
    ) -> ReceptiveField | None:
        """Return what one output value sees of the network's input; None means all of it."""
        return widest(fields)

    def sights(self, inputs: Sequence[Shape]) -> tuple[AnySight, ...]:
        """Say which values of each input a value of the output may depend on.

        By default those in its own place where the kind is elementwise, else all.
        """
        if self.elementwise:
            return tuple(map(place_by_place, inputs))
        return tuple(whole(shape, self.output_shape(inputs)) for shape in inputs)

    def workings(self, xs: Arrays, weights: Mapping[str, Array], at: Cell) -> Workings:
        """Show how `forward` works out one value of the output at inference.

        By default what it reads, what comes out, and the slopes that `backward` finds.

        Parameters
        ----------
        xs : arrays, (H, W, C) or (C,)
            The inputs of one sample.
        at : (row, column, channel) or (feature,)
        """
        return by_definition(self, self.sights([x.shape for x in xs]), xs, weights, at)

    def read_at(self, xs: Arrays, at: Cell) -> Block:
        """Return all that one value reads of the first input."""
        return Block.read(xs[0], self.sights([x.shape for x in xs])[0], at)

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        """Write the formulas of shape and parameters with the numbers in them."""
        yield from ()

    def explain_more(
        self, inputs: Sequence[Shape], fields: Sequence[ReceptiveField | None] | None = None
    ) -> Iterator[Explanation]:
        """Write all that can be said of the layer, topic by topic.

        Parameters
        ----------
        inputs : sequence of shapes
        fields : sequence of ReceptiveField or None, optional
            What the inputs' values see; left out, nothing is said of receptive fields.
        """
        topics = {
            "Shape and parameters": self.explain(inputs),
            "Forward": self.explain_forward(inputs),
            "Backward": self.explain_backward(inputs),
            "As matrices": self.explain_matrices(inputs),
            "Receptive field": () if fields is None else self.explain_field(inputs, fields),
            "Memory": self.explain_memory(inputs),
        }
        for topic, said in topics.items():
            lines = tuple(said)
            if lines:
                yield Explanation(topic, lines)

    def explain_forward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        """Write what `forward` computes, with this layer's numbers; by default what the class says of itself."""
        yield from description(type(self))

    def explain_backward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        """Write what `backward` computes, with this layer's numbers; by default no more than the chain rule."""
        yield "∂ℓ/∂x = Σ ∂ℓ/∂y·∂y/∂x, over all values y in which x has a part"
        for name, weight in self.weights(inputs).items():
            if weight.role == "parameter":
                yield f"∂ℓ/∂{name} = Σ ∂ℓ/∂y·∂y/∂{name}, over all values y in which it has a part, and the batch"

    def explain_matrices(self, inputs: Sequence[Shape]) -> Iterator[str]:
        """Write the layer as a product of matrices, where it is one."""
        yield from ()

    def explain_field(self, inputs: Sequence[Shape], fields: Sequence[ReceptiveField | None]) -> Iterator[str]:
        """Write how the receptive field follows from those of the inputs."""
        yield from field_lines(fields, self.receptive_field(inputs, fields))

    def explain_memory(self, inputs: Sequence[Shape]) -> Iterator[str]:
        """Write what a training step holds in memory."""
        yield from memory_lines(self.output_shape(inputs), self.weights(inputs))

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        """Compute the output of a batch."""
        raise NotImplementedError

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        """Compute the loss's gradients with respect to the inputs and the parameters from that of the output."""
        raise NotImplementedError

    @classmethod
    def __pydantic_init_subclass__(cls, **_: object) -> None:
        """Put every finished kind into the register."""
        if cls.examples:
            KINDS[cls.__name__] = cls


KINDS: dict[str, type[Kind]] = {}
"""Every kind by its name, in the order of definition."""


def widest(fields: Sequence[ReceptiveField | None]) -> ReceptiveField | None:
    """Merge receptive fields: the largest size and jump; None, the whole input, wins over all."""
    known = [f for f in fields if f is not None]
    if len(known) < len(fields) or not known:
        return None
    if len(known) == 1:
        return known[0]
    sizes, jumps = [f.size for f in known], [f.jump for f in known]
    return ReceptiveField(
        (max(s[0] for s in sizes), max(s[1] for s in sizes)),
        (max(j[0] for j in jumps), max(j[1] for j in jumps)),
    )
