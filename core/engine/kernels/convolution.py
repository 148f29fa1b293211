"""Convolution as matrix products over a few output rows at a time, with what follows it in the cache."""

from __future__ import annotations

import numpy as np

from core.engine.kernels.columns import Columns, rows_at_once, spans_of, window_of
from core.engine.kernels.convolution_back import Correlation, Scattering
from core.engine.kernels.ending import Ending
from core.engine.kernels.kernel import Binding, Kernel, Margins, Setting
from core.engine.kernels.tails import flat
from core.engine.program import Node
from core.layers.convolution import Conv2D


class ConvolutionKernel(Kernel):
    """`Y = Mᵀ·columns`, where M holds the kernel's rows and, as its last, the bias.

    The columns of a chunk of output rows are what each filter sees, (F·F·C + 1, rows·W'·N): a copy out of the padded
    input, with a last row of ones that meets the bias. They are made small enough to stay in the cache, where the
    product and what follows it (`ending`) find them.

    Backwards there are two ways, of which the cheaper is taken (`convolution_back`).
    """

    pattern = "columns of rows in cache"

    def __init__(self, nodes: tuple[Node, ...], setting: Setting) -> None:
        super().__init__(nodes, setting)
        node = nodes[0]
        self.window = window_of(node)
        high, wide = self.window.axes
        self.margins = (Margins(high.before, high.after, wide.before, wide.after), *self.margins[1:])
        self.has_bias = "bias" in node.weights
        self.channels, self.filters = node.inputs[0][2], node.shape[2]
        self.depth = high.f * wide.f * self.channels  # F·F·C
        pairs = len(nodes[-1].shape) == 3 and high.out == 2 * nodes[-1].shape[0]
        row_values = wide.out * setting.batch * (self.depth + self.filters)
        self.rows = rows_at_once(high.out, row_values * setting.dtype.itemsize, 2 if pairs else 1)
        self.ending = Ending(self, self.filters, self.rows)
        self.columns_part = self.reserve((self.depth + self.has_bias) * self.rows * wide.out * setting.batch)
        if setting.backward:
            self.way_back = Correlation(self) if Correlation.pays(self) else Scattering(self)

    @classmethod
    def suits(cls, nodes: tuple[Node, ...]) -> bool:
        """Tell whether filters see all channels."""
        first, *behind = nodes
        return isinstance(first.kind, Conv2D) and first.kind.groups == 1 and Ending.suits(tuple(behind))

    def bind(self, arrays: Binding) -> None:
        self.weights = arrays.weights[0]
        self.spans = spans_of(self.window.high.out, self.rows)
        turned, scratch = self.weights.matrix.T, arrays.scratch[self.columns_part]  # (K, F·F·C + 1)
        self.columns = [Columns(arrays.xs[0], self.window, span, scratch, self.has_bias) for span in self.spans]
        self.calls = []
        for columns, span in zip(self.columns, self.spans, strict=True):
            tail = self.ending.tail(arrays, slice(0, self.filters), span, None)
            self.calls.append((columns.see, turned, columns.matrix, flat(tail.product), tail.forward))
        if arrays.dy is not None:
            self.way_back.bind(arrays)

    def forward(self) -> None:
        for see, turned, columns, product, go_on in self.calls:
            see()
            np.matmul(turned, columns, out=product)
            go_on()

    def backward(self) -> None:
        self.way_back.run()
