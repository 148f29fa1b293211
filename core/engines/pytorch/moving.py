"""PyTorch's optimisers, with the moments that ours would have."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.engines.pytorch import arrays
from core.export.pytorch.training_text import moment_names, optimizer_class
from core.layers.values import Array
from core.learning.optimizers import Optimizer
from core.training.penalty import TINY, Penalty

_FUSED = ("SGD", "Adam", "AdamW")
"""Those that can go through their arrays once, with no others of that size beside them."""


class Mover:
    """Moves the parameters of a network, all as one tensor.

    Parameters
    ----------
    parameters, gradients : Tensor, (n,)
    """

    def __init__(self, parameters: Tensor, gradients: Tensor) -> None:
        self._parameters, self._gradients = nn.Parameter(parameters), gradients
        self._parameters.grad = gradients
        self._optimizer: torch.optim.Optimizer | None = None
        self._made_for: Optimizer | None = None
        self._moments: tuple[Array, ...] = ()
        self._tensors: tuple[Tensor, ...] = ()

    def move(self, penalty: Penalty, optimizer: Optimizer, moments: tuple[Array, ...], step: int, rate: float) -> None:
        """Take a step; parameters and gradients are as `Optimizer.update` has them."""
        self._amend(penalty)
        theirs = self._ready(optimizer, moments, step)
        for group in theirs.param_groups:
            group["lr"] = rate
        theirs.step()

    def _amend(self, penalty: Penalty) -> None:
        """Do what `Penalty.amend` says."""
        gradients = self._gradients
        with torch.no_grad():
            for kernel in penalty.kernels:
                if penalty.l1:
                    gradients[kernel].add_(self._parameters[kernel].sign(), alpha=penalty.l1)
                if penalty.l2:
                    gradients[kernel].add_(self._parameters[kernel], alpha=penalty.l2)
            if penalty.clip_norm is not None:
                share = penalty.clip_norm / (gradients.norm(dtype=torch.float64) + TINY)
                gradients.mul_(share.clamp(max=1).to(gradients.dtype))

    def _ready(self, optimizer: Optimizer, moments: tuple[Array, ...], step: int) -> torch.optim.Optimizer:
        """Return PyTorch's optimiser as it is before a step."""
        if self._optimizer is None or self._made_for != optimizer or self._moments is not moments:
            made, settings = optimizer_class(optimizer)
            if made in _FUSED and self._parameters.device.type in ("cpu", "cuda"):
                settings["fused"] = True
            self._optimizer = getattr(torch.optim, made)([self._parameters], **settings)
            self._made_for = optimizer
            if self._moments is not moments:
                self._moments = moments
                self._tensors = tuple(arrays.on_device(moment, self._parameters.device) for moment in moments)
            named = dict(zip(moment_names(optimizer), self._tensors, strict=False))
            taken = torch.tensor(float(step - 1), device=self._parameters.device)
            self._optimizer.state[self._parameters] = {"step": taken, **named}
        return self._optimizer

    def read(self) -> None:
        """Bring the moments to where they came from."""
        for ours, tensor in zip(self._moments, self._tensors, strict=True):
            torch.from_numpy(ours).copy_(tensor)

    def forget(self) -> None:
        """Take the moments anew before the next step."""
        self._optimizer, self._moments, self._tensors = None, (), ()
