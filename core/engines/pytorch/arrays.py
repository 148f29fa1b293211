"""The arrays of PyTorch's modules, laid over the flat arrays of the network: nothing is copied where both are here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.engine.network import Network
from core.engines.pytorch.written import Written
from core.layers.values import Array


@dataclass(frozen=True, slots=True)
class _Reordered:
    """An array whose numbers stand in an order that no view of ours has: it is copied before and after a pass.

    Attributes
    ----------
    tensor : Tensor
        The module's.
    flat, gradients : Tensor, (n,), or None
        Ours, of which it is a part; None where it does not learn.
    places : Tensor of int
        Where in them each of its numbers stands.
    """

    tensor: Tensor
    flat: Tensor
    gradients: Tensor | None
    places: Tensor


def on_device(flat: Array, device: torch.device) -> Tensor:
    """Return an array for a device; for the CPU it stays where it is."""
    return torch.from_numpy(flat).to(device)


class Arrays:
    """Parameters, gradients and statistics of a network, for PyTorch.

    Parameters
    ----------
    network : Network
    written : Written
        The same in PyTorch, on the device; its arrays become views of these.

    Attributes
    ----------
    parameters, gradients, fixed : Tensor, (n,), (n,), (m,)
        In the order of the network's. On the CPU they are its own memory.
    is_here : bool
        Whether they are.
    """

    def __init__(self, network: Network, written: Written, device: torch.device) -> None:
        self._ours = (network.parameters, network.gradients, network.statistics)
        self.parameters, self.gradients, self.fixed = (on_device(flat, device) for flat in self._ours)
        self.is_here = self.parameters.data_ptr() == torch.from_numpy(network.parameters).data_ptr()
        self._reordered: list[_Reordered] = []
        for path, line in written.lines:
            if line.node is None or line.said is None:
                continue
            for ours, (theirs, turn) in line.said.arrays.items():
                array = network.weights.view(f"{line.node.id}/{ours}")
                learns = line.node.trainable and line.node.weights[ours].role == "parameter"
                tensor: Tensor = getattr(written.module.get_submodule(path), theirs)
                turned = turn(array)
                if np.shares_memory(turned, array):
                    self._lay_over(tensor, turned, learns=learns)
                else:
                    self._reorder(tensor, turn(np.arange(array.size).reshape(array.shape)), array, learns=learns)

    def _lay_over(self, tensor: Tensor, turned: Array, *, learns: bool) -> None:
        flat, start = self._place(turned, learns=learns)
        strides = [stride // turned.itemsize for stride in turned.strides]
        tensor.data = flat.as_strided(turned.shape, strides, start)
        if learns:
            tensor.grad = self.gradients.as_strided(turned.shape, strides, start)

    def _reorder(self, tensor: Tensor, order: Array, array: Array, *, learns: bool) -> None:
        flat, start = self._place(array, learns=learns)
        places = torch.from_numpy(order + start).to(flat.device)
        if learns:
            tensor.grad = torch.zeros_like(tensor)
        self._reordered.append(_Reordered(tensor, flat, self.gradients if learns else None, places))

    def _place(self, array: Array, *, learns: bool) -> tuple[Tensor, int]:
        """Return the flat tensor that an array of the network is a part of, and where it begins there."""
        host, flat = (self._ours[0], self.parameters) if learns else (self._ours[2], self.fixed)
        bytes_before: int = array.__array_interface__["data"][0] - host.__array_interface__["data"][0]
        return flat, bytes_before // array.itemsize

    def begin(self) -> None:
        """Set out for a pass that finds gradients."""
        self.gradients.zero_()
        for each in self._reordered:
            if each.tensor.grad is not None:
                each.tensor.grad.zero_()

    def spread(self) -> None:
        """Let modules have the parameters as they are now."""
        for each in self._reordered:
            each.tensor.data.copy_(each.flat[each.places])

    def gather(self) -> None:
        """Take in the gradients that a pass has found."""
        for each in self._reordered:
            if each.gradients is not None and each.tensor.grad is not None:
                each.gradients[each.places] = each.tensor.grad

    def read(self) -> None:
        """Bring everything to the network."""
        for ours, tensor in zip(self._ours, (self.parameters, self.gradients, self.fixed), strict=True):
            torch.from_numpy(ours).copy_(tensor)

    def write(self) -> None:
        """Take over what the network holds."""
        for ours, tensor in zip(self._ours, (self.parameters, self.gradients, self.fixed), strict=True):
            tensor.copy_(torch.from_numpy(ours))
