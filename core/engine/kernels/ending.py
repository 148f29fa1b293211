"""The layers that a kernel computes after its own product: what memory they need, and the tails that compute them."""

from __future__ import annotations

from math import prod

from core.engine.kernels.kernel import Binding, Kernel, as_image, as_mask, as_zeros, image_shape
from core.engine.kernels.pooling import pairs_up
from core.engine.kernels.tails import TAILS, Tail, TailArrays
from core.engine.program import Node
from core.layers.activation import ReLU
from core.layers.merge import Add
from core.layers.values import Array


class Ending:
    """What follows a product in the same step.

    Parameters
    ----------
    kernel : Kernel
        It makes the product of its first layer; the others are the ending.
    channels, rows : int
        How much of the product the kernel makes at a time, at most.

    Attributes
    ----------
    pools, rectifies, adds : bool
        What happens to the product.
    """

    def __init__(self, kernel: Kernel, channels: int, rows: int) -> None:
        first, *following = kernel.nodes
        setting = kernel.setting
        high, wide, all_channels = image_shape(first.shape)
        self.kinds = tuple(type(node.kind) for node in following)
        self.pools = any(pairs_up(node) for node in following)
        self.rectifies, self.adds = ReLU in self.kinds, Add in self.kinds
        self.wide, self.batch = wide, setting.batch
        n_values = channels * rows * wide * setting.batch
        self._product = kernel.reserve(n_values)
        self._between = kernel.reserve(n_values // 2 if self.pools else 0)
        if self.rectifies:
            kernel.n_zeros = n_values // channels
        derives = kernel.derives
        self._share = kernel.reserve(n_values // 2 if derives and self.pools else 0)
        self._passed = kernel.reserve(n_values // 4 if derives and self.pools and self.rectifies else 0)
        self._mask = kernel.reserve_mask(n_values if derives and self.rectifies else 0)
        if derives and self.pools:
            halved = (all_channels, high, wide // 2, setting.batch)
            kernel.kept["right"] = (halved, bool)
            kernel.kept["below"] = ((all_channels, high // 2, *halved[2:]), bool)

    @staticmethod
    def suits(following: tuple[Node, ...]) -> bool:
        """Tell whether layers can be an ending: a sum has one other input, a pool is 2×2 and reads every pixel."""
        return all(
            len(node.sources) == 2
            if isinstance(node.kind, Add)
            else isinstance(node.kind, ReLU) or (pairs_up(node) and not any(side % 2 for side in node.inputs[0][:2]))
            for node in following
        )

    def tail(self, arrays: Binding, channels: slice, rows: slice, dy: Array | None, d: Array | None = None) -> Tail:
        """Make the tail for some channels and rows of the product.

        Parameters
        ----------
        arrays : Binding
            The kernel's. Where a sum follows, the last of its inputs is what is added.
        dy : array or None
            The gradient of the whole output, without margins; None for a tail that only passes forwards.
        d : array, (channels, rows, W, N), optional
            Where the gradient of the product goes instead of the scratch, for a tail that only passes backwards.
        """
        y, dy = as_image(arrays.y), None if dy is None else as_image(dy)
        before = (channels, rows)
        after = (channels, slice(rows.start // 2, rows.stop // 2)) if self.pools else before
        shape = (channels.stop - channels.start, rows.stop - rows.start, self.wide, self.batch)
        halved = (*shape[:2], shape[2] // 2, shape[3])
        passed = y[after].shape
        right, below = arrays.kept.get("right"), arrays.kept.get("below")
        added, dadded = (arrays.xs[-1], arrays.dxs[-1]) if self.adds else (y[:0], None)

        def scratch(part: slice, shape: tuple[int, ...]) -> Array:
            taken = arrays.scratch[part]
            return taken[: prod(shape)].reshape(shape) if taken.size else taken

        product = scratch(self._product, shape)
        return TAILS[self.kinds](
            TailArrays(
                y=y[after],
                dy=None if dy is None else dy[after],
                product=product,
                d=product if d is None else d,
                between=scratch(self._between, halved),
                share=scratch(self._share, halved),
                right=None if right is None else right[before],
                below=None if below is None else below[after],
                zeros=as_zeros(arrays.zeros, passed) if self.rectifies else y[:0],
                passed=scratch(self._passed, passed),
                mask=as_mask(arrays.scratch[self._mask], passed) if self.rectifies and dy is not None else y[:0],
                added=as_image(added)[before],
                dadded=None if dadded is None else as_image(dadded)[before],
            )
        )
