"""Which kernel computes which layers: a table, asked once when a plan is made."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from core.engine.kernels.convolution import ConvolutionKernel
from core.engine.kernels.definition import DefinitionKernel
from core.engine.kernels.dense import DenseKernel
from core.engine.kernels.elementwise import ReLUKernel
from core.engine.kernels.kernel import Kernel, Setting
from core.engine.kernels.merge import AddKernel, ConcatKernel
from core.engine.kernels.normalisation import BatchNormKernel
from core.engine.kernels.pointwise import PointwiseKernel
from core.engine.kernels.pooling import MaxPoolKernel
from core.engine.kernels.reshaping import FlattenKernel
from core.engine.kernels.sliding_pools import GlobalMeanKernel, SlidingMaxKernel, SlidingMeanKernel
from core.engine.kernels.tails import TAILS
from core.engine.program import Node, Program
from core.layers import Kind
from core.layers.activation import ReLU
from core.layers.convolution import Conv2D
from core.layers.dense import Dense, Flatten
from core.layers.global_pooling import GlobalAvgPool2D
from core.layers.merge import Add, Concat
from core.layers.normalisation import BatchNorm
from core.layers.pooling import AvgPool2D, MaxPool2D


@dataclass(frozen=True, slots=True)
class Pattern:
    """Kinds one after the other, and the kernel that computes them in one step where it suits their settings."""

    kinds: tuple[type[Kind], ...]
    kernel: type[Kernel]


PATTERNS = (
    *(Pattern((Conv2D, *tail), PointwiseKernel) for tail in TAILS),
    *(Pattern((Conv2D, *tail), ConvolutionKernel) for tail in TAILS),
    *(Pattern((BatchNorm, *tail), BatchNormKernel) for tail in TAILS),
    Pattern((Dense, ReLU), DenseKernel),
    Pattern((Dense,), DenseKernel),
    Pattern((MaxPool2D,), MaxPoolKernel),
    Pattern((MaxPool2D,), SlidingMaxKernel),
    Pattern((AvgPool2D,), SlidingMeanKernel),
    Pattern((GlobalAvgPool2D,), GlobalMeanKernel),
    Pattern((ReLU,), ReLUKernel),
    Pattern((Flatten,), FlattenKernel),
    Pattern((Add,), AddKernel),
    Pattern((Concat,), ConcatKernel),
)
"""What is tuned. Of those that match and suit, the first is taken; where none does, a layer runs its definition."""


def reason(kernel: Kernel) -> str:
    """Say why a step is computed as it is, for a printed plan."""
    kind = type(kernel.nodes[0].kind)
    if isinstance(kernel, DefinitionKernel):
        tuned = any(pattern.kinds[0] is kind for pattern in PATTERNS)
        return f"these settings of {kind.__name__} suit no kernel" if tuned else f"no kernel for {kind.__name__}"
    if len(kernel.nodes) == 1:
        return "alone: what follows is not part of a pattern, or read elsewhere too"
    return "together: nothing else reads what passes between them"


def choose_kernels(
    program: Program,
    needed: Collection[int],
    ends: Collection[int],
    setting: Setting,
    patterns: tuple[Pattern, ...] = PATTERNS,
) -> list[Kernel]:
    """Choose a kernel for every needed layer except the inputs, in the order of computing.

    Layers are only computed in one step with the one after them where nothing else reads their output: no other
    layer, and nobody outside, as is the case with the ends.
    """
    readers: dict[int, list[Node]] = {index: [] for index in needed}
    for node in program.nodes:
        if node.index in needed:
            for source in node.sources:
                readers[source].append(node)
    kernels: list[Kernel] = []
    computed = {node.index for node in program.nodes if not node.sources}
    for node in program.nodes:
        if node.index in needed and node.index not in computed:
            chain = _chain(node, readers, ends, computed)
            kernel = _kernel(chain, setting, patterns)
            computed.update(member.index for member in kernel.nodes)
            kernels.append(kernel)
    return kernels


def _chain(node: Node, readers: dict[int, list[Node]], ends: Collection[int], ready: Collection[int]) -> list[Node]:
    """Return a layer with those that follow it until something else reads what passes between them.

    What else they read must be there already, as at a sum that ends a residual block.
    """
    chain = [node]
    while node.index not in ends and len(readers[node.index]) == 1:
        reader = readers[node.index][0]
        if not all(source == node.index or source in ready for source in reader.sources):
            break
        node = reader
        chain.append(node)
    return chain


def _kernel(chain: list[Node], setting: Setting, patterns: tuple[Pattern, ...]) -> Kernel:
    for pattern in patterns:
        nodes = tuple(chain[: len(pattern.kinds)])
        if tuple(type(node.kind) for node in nodes) == pattern.kinds and pattern.kernel.suits(nodes):
            return pattern.kernel(nodes, setting)
    return DefinitionKernel((chain[0],), setting)
