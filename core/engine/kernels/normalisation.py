"""Batch normalisation a few channels at a time, with what follows it in the cache."""

from __future__ import annotations

from typing import NamedTuple, cast

import numpy as np

from core.engine.kernels.columns import spans_of
from core.engine.kernels.ending import Ending
from core.engine.kernels.kernel import Binding, Kernel, Phase, Setting, as_image, image_shape
from core.engine.kernels.tails import Tail
from core.engine.program import Node
from core.errors import NetworkError
from core.layers.normalisation import BatchNorm
from core.layers.values import Array

GROUP_VALUES = 32 * 1024
"""So many values are normalised at once, or one channel: with what is computed beside them they stay in the cache."""


class BatchNormKernel(Kernel):
    """`Y = γ·(X − μ)/√(σ² + ε) + β`; in training over the batch, whatever parts it is computed in.

    Every replica measures its part's mean and variance; from those of all parts follow the batch's, as
    `μ = Σ wₖ·μₖ` and `σ² = Σ wₖ·(σ²ₖ + (μₖ − μ)²)`, with wₖ the share of the batch that part k has.

    With D the gradient of Y, `a = γ/√(σ² + ε)` and m(·) the mean over the batch:
    `dX = a·(D − m(D) − (X − μ)·m(D·(X − μ))/(σ² + ε))`, `dγ = Σ D·(X − μ)/√(σ² + ε)`, `dβ = Σ D`.
    Source: Ioffe and Szegedy, “Batch Normalization”, section 3.
    """

    pattern = "groups of channels in cache"

    def __init__(self, nodes: tuple[Node, ...], setting: Setting) -> None:
        super().__init__(nodes, setting)
        self.kind = cast(BatchNorm, nodes[0].kind)
        high, wide, channels = image_shape(nodes[0].shape)
        self.high, self.channels = high, channels
        self.n_line = wide * setting.batch
        self.n_values = high * self.n_line  # of a channel, in this part
        self.n_whole = high * wide * setting.part.whole  # in the batch
        self.at_once = min(channels, max(1, GROUP_VALUES // self.n_values))
        self.ending = Ending(self, self.at_once, high)
        self.centred_part = self.reserve(self.at_once * self.n_values)
        if setting.training:
            self.measured_part, self.derived_part = (self.exchange(2 * channels) for _ in range(2))

    @classmethod
    def suits(cls, nodes: tuple[Node, ...]) -> bool:
        """Tell whether it can compute what follows."""
        return Ending.suits(nodes[1:])

    def bind(self, arrays: Binding) -> None:
        part, dtype, channels = self.setting.part, self.setting.dtype, self.channels
        self.x = as_image(arrays.xs[0])
        self.dx = None if arrays.dxs[0] is None else as_image(arrays.dxs[0])
        self.values, self.gradients = arrays.weights[0].values, arrays.weights[0].gradients
        self.gamma = self.values.get("gamma", np.ones(channels, dtype))
        self.beta = self.values.get("beta", np.zeros(channels, dtype))
        # One number for each channel, as (C, 1, 1, 1).
        self.pivot, self.mean, self.scale, self.shift, self.along, self.level = np.zeros((6, channels, 1, 1, 1), dtype)
        self.inverse = np.zeros(channels)
        self.ones = np.ones(self.n_line, dtype)
        self.middle = self.x[:, self.high // 2].reshape(channels, -1)
        self.line_sums, self.line_products = np.zeros((2, channels, self.high), dtype)
        self.groups = [self._group(arrays, span) for span in spans_of(channels, self.at_once)]
        if self.setting.training:
            self.share_of_batch = np.array(part.sizes) / part.whole
            told = (arrays.exchanged[:, columns] for columns in (self.measured_part, self.derived_part))
            self.measured, self.derived = (each.reshape(part.n_parts, 2, channels) for each in told)

    def _group(self, arrays: Binding, span: slice) -> _Group:
        x = self.x[span]
        tail = self.ending.tail(arrays, span, slice(0, self.high), arrays.dy)
        centred = arrays.scratch[self.centred_part][: x.size].reshape(x.shape)
        dx = None if self.dx is None else self.dx[span]
        d_lines = self._lines(centred if arrays.dy is None else tail.d)
        return _Group(span, x, dx, tail, centred, self._lines(centred), d_lines)

    def _lines(self, image: Array) -> Array:
        """View rows as lines: (C, H, W, N) -> (C, H, W·N)."""
        return image.reshape(len(image), self.high, self.n_line)

    def forward(self) -> None:
        for phase in self.forward_phases():
            phase()

    def backward(self) -> None:
        for phase in self.backward_phases():
            phase()

    def forward_phases(self) -> tuple[Phase, ...]:
        return (self.measure, self.normalise_by_batch) if self.setting.training else (self.normalise_by_moving,)

    def backward_phases(self) -> tuple[Phase, ...]:
        return (self.derive, self.spread) if self.setting.training else (self.derive,)

    def measure(self) -> None:
        """Tell the mean and the variance of this part.

        Squares are summed around a value near the mean, so that nothing cancels; sums of lines are added up in float64.
        """
        self._refuse_single_values()
        np.matmul(self.middle, self.ones, out=self.pivot[:, 0, 0, 0])
        self.pivot /= self.n_line
        for group in self.groups:
            np.subtract(group.x, self.pivot[group.span], out=group.centred)
            np.matmul(group.lines, self.ones, out=self.line_sums[group.span])
            np.vecdot(group.lines, group.lines, out=self.line_products[group.span])
        off, squares = self._summed()
        off, squares = off / self.n_values, squares / self.n_values
        mean, variance = self.measured[self.setting.part.number]
        np.add(self.pivot[:, 0, 0, 0], off, out=mean)
        np.maximum(squares - off * off, 0, out=variance)

    def _summed(self) -> tuple[Array, Array]:
        return self.line_sums.sum(1, dtype=np.float64), self.line_products.sum(1, dtype=np.float64)

    def _refuse_single_values(self) -> None:
        try:
            self.kind.refuse_single_values(self.n_whole, self.nodes[0].shape)
        except NetworkError as error:
            raise NetworkError(f"{self.nodes[0].id}: {error}") from error

    def normalise_by_batch(self) -> None:
        """Normalise this part by the mean and the variance of the batch."""
        means, variances = self.measured[:, 0], self.measured[:, 1]  # (parts, C)
        mean = self.share_of_batch @ means
        variance = self.share_of_batch @ (variances + np.square(means - mean))
        if self.setting.part.number == 0:
            left = self.kind.momentum
            unbiased = variance * (self.n_whole / (self.n_whole - 1))
            for name, measured in (("moving_mean", mean), ("moving_variance", unbiased)):
                self.values[name][...] = left * self.values[name] + (1 - left) * measured
        self._normalise(mean, variance)

    def normalise_by_moving(self) -> None:
        """Normalise by the moving averages."""
        self._normalise(self.values["moving_mean"], self.values["moving_variance"])

    def _normalise(self, mean: Array, variance: Array) -> None:
        np.divide(1, np.sqrt(variance + self.kind.epsilon), out=self.inverse)
        self.mean[:, 0, 0, 0] = mean
        self.scale[:, 0, 0, 0] = self.gamma * self.inverse
        self.shift[:, 0, 0, 0] = self.beta
        for group in self.groups:
            span, product = group.span, group.tail.product
            np.subtract(group.x, self.mean[span], out=product)
            np.multiply(product, self.scale[span], out=product)
            np.add(product, self.shift[span], out=product)
            group.tail.forward()

    def derive(self) -> None:
        """Tell ΣD and ΣD·(X − μ) of this part, from which γ and β get their gradients, and leave a·D in dX."""
        for group in self.groups:
            span, d = group.span, group.d_lines
            group.tail.backward()
            np.matmul(d, self.ones, out=self.line_sums[span])
            np.subtract(group.x, self.mean[span], out=group.centred)
            np.vecdot(group.lines, d, out=self.line_products[span])
            if group.dx is not None:
                np.multiply(group.tail.d, self.scale[span], out=group.dx)
        sums, products = self._summed()
        if "gamma" in self.gradients:
            self.gradients["gamma"][...] = products * self.inverse
            self.gradients["beta"][...] = sums
        if self.setting.training:
            self.derived[self.setting.part.number] = sums, products

    def spread(self) -> None:
        """Take from dX what came through the mean and the variance of the batch."""
        mean_d, mean_product = self.derived.sum(0) / self.n_whole
        scale = self.scale[:, 0, 0, 0]
        self.along[:, 0, 0, 0] = -scale * mean_product * self.inverse**2
        self.level[:, 0, 0, 0] = -scale * mean_d
        for group in self.groups:
            if group.dx is not None:
                span, centred = group.span, group.centred
                np.subtract(group.x, self.mean[span], out=centred)
                np.multiply(centred, self.along[span], out=centred)
                np.add(centred, self.level[span], out=centred)
                np.add(group.dx, centred, out=group.dx)


class _Group(NamedTuple):
    """Some channels, and all views that computing them needs: images are (C, H, W, N), lines (C, H, W·N)."""

    span: slice
    x: Array
    dx: Array | None
    tail: Tail
    centred: Array
    lines: Array
    d_lines: Array
