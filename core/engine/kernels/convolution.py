"""Convolution as matrix products over a few output rows at a time, with what follows it in the cache."""

from __future__ import annotations

from core.engine.kernels.convolution_back import Correlation, Scattering, ScatteringAcross, WayBack
from core.engine.kernels.convolution_forward import ForwardConvolution
from core.engine.kernels.kernel import Binding, Setting
from core.engine.program import Node

WAYS_BACK: tuple[type[WayBack], ...] = (ScatteringAcross, Correlation, Scattering)
"""The first that pays is taken."""


class ConvolutionKernel(ForwardConvolution):
    """A convolution forwards, and backwards in the cheapest of several ways."""

    pattern = "columns of rows in cache"

    def __init__(self, nodes: tuple[Node, ...], setting: Setting) -> None:
        super().__init__(nodes, setting)
        if self.derives:
            self.way_back = next(way for way in WAYS_BACK if way.pays(self))(self)

    @property
    def how(self) -> str:
        way = f", back by {self.way_back.name}" if self.derives else ""
        return f"{super().how}{way}"

    def bind(self, arrays: Binding) -> None:
        super().bind(arrays)
        if arrays.dy is not None:
            self.way_back.bind(arrays)

    def backward(self) -> None:
        self.way_back.run()
