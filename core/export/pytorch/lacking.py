"""What PyTorch lacks, as it is written into the file where a layer needs it."""

from __future__ import annotations

LACKING: dict[str, str] = {
    "LocallyConnected2d": '''\
class LocallyConnected2d(nn.Module):
    """A convolution whose filters are not shared: every place of the output has its own."""

    def __init__(self, in_channels, out_channels, kernel_size, out_size, stride=1, bias=True):
        super().__init__()
        high, wide = out_size
        area = kernel_size**2 if isinstance(kernel_size, int) else kernel_size[0] * kernel_size[1]
        self.kernel_size, self.out_size, self.stride = kernel_size, out_size, stride
        self.weight = nn.Parameter(torch.zeros(high, wide, in_channels * area, out_channels))
        self.bias = nn.Parameter(torch.zeros(out_channels, high, wide)) if bias else None

    def forward(self, x):
        patches = F.unfold(x, self.kernel_size, stride=self.stride).unflatten(2, self.out_size)
        y = torch.einsum("nphw,hwpk->nkhw", patches, self.weight)
        return y if self.bias is None else y + self.bias
''',
    "LayerNorm2d": '''\
class LayerNorm2d(nn.LayerNorm):
    """A LayerNorm over the channels of each place of an image."""

    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
''',
    "GaussianNoise": '''\
class GaussianNoise(nn.Module):
    """Adds noise while training."""

    def __init__(self, std):
        super().__init__()
        self.std = std

    def forward(self, x):
        return x + self.std * torch.randn_like(x) if self.training else x
''',
    "average_pool": '''\
def average_pool(x, kernel_size, stride, padding, overhang, count_padding):
    """Average what lies in each window; beyond the padding nothing ever counts."""
    counted = F.pad(torch.ones_like(x[:1, :1]), padding, value=float(count_padding))
    sums = F.avg_pool2d(F.pad(F.pad(x, padding), overhang), kernel_size, stride)
    return sums / F.avg_pool2d(F.pad(counted, overhang), kernel_size, stride)
''',
    "l2_pool": '''\
def l2_pool(x, kernel_size, stride):
    """Take the length of each window; where it is 0, so is the gradient, which lp_pool2d makes NaN."""
    squares = F.avg_pool2d(x * x, kernel_size, stride, divisor_override=1)
    return torch.where(squares > 0, squares, 1).sqrt() * (squares > 0)
''',
    "maximum": '''\
def maximum(x, *others):
    """Keep the largest in every place; of equal ones the first gets the gradient, which torch.maximum divides."""
    for other in others:
        x = torch.where(x >= other, x, other)
    return x
''',
}
"""By name; each needs `torch`, `nn` and `F` alone."""
