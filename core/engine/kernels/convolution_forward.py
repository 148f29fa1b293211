"""The way forward through a convolution: matrix products over a few output rows at a time."""

from __future__ import annotations

from functools import partial
from math import ceil
from typing import NamedTuple

from core.engine.kernels.columns import Columns, grouped, groups_of, matrices, rows_at_once, single, spans_of, window_of
from core.engine.kernels.ending import Ending
from core.engine.kernels.kernel import Binding, Kernel, Margins, Phase, Setting
from core.engine.kernels.products import columns_at_once, product
from core.engine.kernels.tails import Tail
from core.engine.lanes import run_side_by_side
from core.engine.program import Node
from core.layers.convolution import Conv2D


class ForwardConvolution(Kernel):
    """`Y = Mᵀ·columns`, where M holds the kernel's rows and, as its last, the bias.

    Groups of channels have a product each. The columns of a chunk of output rows are what each filter sees,
    (F·F·C + 1, rows·W'·N): a copy out of the padded input, with a last row of ones that meets the bias. They are made
    small enough to stay in the cache, where the product and what follows it (`ending`) find them.
    """

    def __init__(self, nodes: tuple[Node, ...], setting: Setting) -> None:
        super().__init__(nodes, setting)
        node = nodes[0]
        self.window = window_of(node)
        high, wide = self.window.axes
        self.margins = (Margins(high.before, high.after, wide.before, wide.after), *self.margins[1:])
        self.has_bias = "bias" in node.weights
        self.channels, self.filters = node.inputs[0][2], node.shape[2]
        self.groups = groups_of(node)
        self.depth = high.f * wide.f * self.channels // self.groups  # F·F·C/groups, the rows of the kernel
        pairs = len(nodes[-1].shape) == 3 and high.out == 2 * nodes[-1].shape[0]
        line = wide.out * setting.batch  # the pixels of a row
        self.n_lanes = setting.lanes(node.kind.macs(node.inputs))
        in_product = columns_at_once(self.filters, self.depth + self.has_bias)
        self.rows = rows_at_once(
            ceil(high.out / self.n_lanes),
            line * (self.groups * self.depth + self.filters) * setting.dtype.itemsize,
            unit=2 if pairs else 1,
            beside=self.depth * self.filters * setting.dtype.itemsize,
            at_most=None if in_product is None else in_product // line,
        )
        # Every lane has its own scratch.
        self.endings = [Ending(self, self.filters, self.rows) for _ in range(self.n_lanes)]
        columns_size = self.groups * (self.depth + self.has_bias) * self.rows * line
        self.columns_parts = [self.reserve(columns_size) for _ in range(self.n_lanes)]

    @property
    def how(self) -> str:
        return f"{self.pattern}, {self.rows} of {self.window.high.out} at a time"

    @property
    def ending(self) -> Ending:
        """What follows the product, where there is one lane."""
        return self.endings[0]

    @classmethod
    def suits(cls, nodes: tuple[Node, ...]) -> bool:
        """Tell whether it can compute what follows."""
        return isinstance(nodes[0].kind, Conv2D) and Ending.suits(nodes[1:])

    def bind(self, arrays: Binding) -> None:
        self.weights = arrays.weights[0]
        self.spans = spans_of(self.window.high.out, self.rows)
        # (F·F·C/groups + 1, K) -> (groups, K/groups, F·F·C/groups + 1)
        turned = single(grouped(self.weights.matrix, 1, self.groups).transpose(0, 2, 1))
        self.columns: list[Columns] = []
        lanes: list[list[_Chunk]] = [[] for _ in range(self.n_lanes)]
        for number, span in enumerate(self.spans):
            lane = number % self.n_lanes
            scratch = arrays.scratch[self.columns_parts[lane]]
            columns = Columns(arrays.xs[0], self.window, span, scratch, self.has_bias, self.groups)
            tail = self.endings[lane].tail(arrays, slice(0, self.filters), span, None)
            self.columns.append(columns)
            multiply = product(turned, single(columns.matrix), matrices(tail.product, self.groups))
            lanes[lane].append(_Chunk(columns, multiply, tail))
        self.lanes = [partial(_compute, lane) for lane in lanes if lane]

    def forward(self) -> None:
        run_side_by_side(self.lanes)


class _Chunk(NamedTuple):
    """Some output rows: their columns, the product, then what follows."""

    columns: Columns
    multiply: Phase
    tail: Tail


def _compute(chunks: list[_Chunk]) -> None:
    for columns, multiply, tail in chunks:
        columns.see()
        multiply()
        tail.forward()
