"""BatchNorm over a batch whose samples are divided among processes, where PyTorch's SyncBatchNorm can't be used."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.distributed import all_reduce


class _Total(Function):
    """The sum over all processes; as each of them goes on with it, its gradient is the sum of theirs."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        total = x.clone()
        all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, dy: Tensor) -> Tensor:
        total = dy.clone(memory_format=torch.contiguous_format)
        all_reduce(total)
        return total


def _total(x: Tensor) -> Tensor:
    return cast(Tensor, _Total.apply(x))


class GatheredBatchNorm(nn.Module):
    """A BatchNorm whose mean and variance are those of all processes' samples together.

    Attributes
    ----------
    norm : BatchNorm1d or BatchNorm2d
        Of one process: its arrays and settings.
    gathers : bool
        Whether samples are divided; where every process computes all of them, each has the whole batch's already.
    """

    def __init__(self, norm: nn.BatchNorm1d | nn.BatchNorm2d) -> None:
        super().__init__()
        self.norm, self.gathers = norm, True

    def forward(self, x: Tensor) -> Tensor:
        """Normalise samples, (n, C, H, W) or (n, C)."""
        if not (self.training and self.gathers):
            return cast(Tensor, self.norm(x))
        norm, places = self.norm, [0, *range(2, x.ndim)]
        sides = [1, -1] + [1] * (x.ndim - 2)
        wide = x if x.dtype == torch.float64 else x.float()
        n = wide.numel() // wide.shape[1]
        sums = _total(torch.cat([wide.sum(places), wide.new_full((1,), n)]))
        count = sums[-1].detach()
        mean = sums[:-1] / count
        centred = wide - mean.view(sides)
        variance = _total((centred * centred).sum(places)) / count
        y = centred * (variance + norm.eps).rsqrt().view(sides)
        if norm.affine:
            y = y * norm.weight.view(sides) + norm.bias.view(sides)
        with torch.no_grad():
            share = norm.momentum
            norm.running_mean.mul_(1 - share).add_(mean.detach(), alpha=share)
            unbiased = variance.detach() * (count / (count - 1))
            norm.running_var.mul_(1 - share).add_(unbiased, alpha=share)
        return y.to(x.dtype)
