"""Programs that PyTorch exported, against what PyTorch computes of them."""

from __future__ import annotations

import numpy as np
import pytest

from core.analysis.check import check
from core.engine.program import compile_program
from core.errors import ModelError
from core.export.exporter import Subject
from core.export.proof.samples import telling_weights
from core.importing.importers import read_model
from core.io.templates import load_template, template_names
from tests.torch.exported import written
from tests.torch.programs import difference, kinds, saved, torch, with_telling_weights

pytestmark = pytest.mark.torch

nn, F = torch.nn, torch.nn.functional


class Residual(nn.Module):
    def __init__(self, c, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(c, c, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(c)
        self.conv2 = nn.Conv2d(c, c, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(c)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += x
        return self.relu(out)


class Functional(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(3, 6, 5), nn.Conv2d(6, 8, 3)
        self.fc1, self.fc2 = nn.Linear(8 * 3 * 2, 20), nn.Linear(20, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.relu(self.conv2(x))
        x = x.view(x.size(0), -1)
        x = F.dropout(F.relu(self.fc1(x)), 0.4, self.training)
        return F.softmax(self.fc2(x), dim=1)


class Normalised(nn.Module):
    """LayerNorm over the channels of each place, as ConvNeXt has it."""

    def __init__(self):
        super().__init__()
        self.depthwise = nn.Conv2d(6, 6, 7, padding=3, groups=6)
        self.norm = nn.LayerNorm(6, eps=1e-6)
        self.wide, self.narrow = nn.Linear(6, 24), nn.Linear(24, 6)

    def forward(self, x):
        y = self.norm(self.depthwise(x).permute(0, 2, 3, 1))
        y = self.narrow(F.gelu(self.wide(y))).permute(0, 3, 1, 2)
        return x + y


class Squeeze(nn.Module):
    def __init__(self):
        super().__init__()
        self.less, self.more = nn.Linear(8, 2), nn.Linear(2, 8)

    def forward(self, x):
        scale = torch.sigmoid(self.more(F.relu(self.less(x.mean((2, 3))))))
        return x * scale[:, :, None, None]


class Branches(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = nn.Conv2d(4, 3, 1), nn.Conv2d(4, 5, 3, padding=1), nn.Conv2d(4, 2, 5, padding="same")

    def forward(self, x):
        return torch.cat([self.a(x), self.b(x), self.c(x), F.avg_pool2d(x, 3, 1, 1)], 1)


class Several(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.fc = nn.Linear(5 + 4, 3)

    def forward(self, image, features):
        seen = self.conv(image).amax((2, 3))
        return self.fc(torch.cat((seen, features), 1)), torch.tanh(seen)


class Call(nn.Module):
    """A function as a module."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


IMAGE, EVEN = (3, 11, 9), (4, 8, 6)
MODELS = {
    "lenet": (Functional, [(3, 14, 12)]),
    "sequential": (
        lambda: nn.Sequential(
            nn.Conv2d(3, 4, 3, padding=1),
            nn.BatchNorm2d(4, eps=1e-3, momentum=0.2),
            nn.LeakyReLU(0.2),
            nn.MaxPool2d(3, 2, ceil_mode=True),
            nn.Flatten(),
            nn.Dropout(0.3),
            nn.Linear(80, 7),
            nn.BatchNorm1d(7),
        ),
        [IMAGE],
    ),
    "residual": (lambda: nn.Sequential(Residual(3), Residual(3), Residual(3)), [IMAGE]),
    "convnext": (Normalised, [(6, 9, 8)]),
    "squeeze": (Squeeze, [(8, 5, 4)]),
    "branches": (Branches, [(4, 7, 6)]),
    "several": (Several, [IMAGE, (5,)]),
    "transposed": (
        lambda: nn.Sequential(
            nn.ConvTranspose2d(4, 6, 4, 2, 1), nn.ConvTranspose2d(6, 4, 3, 2, 1, output_padding=1, groups=2, bias=False)
        ),
        [EVEN],
    ),
    "shuffles": (
        lambda: nn.Sequential(
            nn.PixelUnshuffle(2), nn.ChannelShuffle(4), nn.PixelShuffle(2), nn.Upsample(scale_factor=2)
        ),
        [EVEN],
    ),
    "groups": (
        lambda: nn.Sequential(
            nn.GroupNorm(2, 4),
            nn.InstanceNorm2d(4, affine=True),
            nn.GroupNorm(4, 4, affine=False),
            nn.InstanceNorm2d(4),
            nn.BatchNorm2d(4, affine=False),
        ),
        [EVEN],
    ),
    "responses": (lambda: nn.Sequential(nn.LocalResponseNorm(5, k=2.0), nn.LocalResponseNorm(4, 1e-3)), [(8, 5, 4)]),
    "pools": (
        lambda: nn.Sequential(
            nn.LPPool2d(2, 2), nn.AvgPool2d(3, 1, 1, count_include_pad=False), nn.AdaptiveAvgPool2d(2)
        ),
        [(3, 9, 8)],
    ),
    "whole": (lambda: nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 4)), [IMAGE]),
    "largest": (lambda: nn.Sequential(nn.AdaptiveMaxPool2d((1, 1)), nn.Flatten(1)), [IMAGE]),
    "borders": (
        lambda: nn.Sequential(
            nn.ZeroPad2d((1, 2, 0, 3)), nn.ReflectionPad2d(2), nn.Upsample(scale_factor=2, mode="bilinear")
        ),
        [IMAGE],
    ),
    "slopes": (lambda: nn.Sequential(nn.PReLU(3), nn.PReLU()), [IMAGE]),
    "dropped": (lambda: nn.Sequential(nn.Conv2d(3, 4, 1), nn.Dropout2d(0.2), nn.Dropout(0.1)), [IMAGE]),
    "crop": (lambda: Call(lambda x: x[:, :, 1:-2, 2:]), [IMAGE]),
    "together": (lambda: Call(lambda x: torch.maximum(x, F.relu(x) - 2 * F.avg_pool2d(x, 3, 1, 1))), [IMAGE]),
}
ACTIVATIONS = {
    "ReLU": F.relu, "ReLU6": F.relu6, "SELU": F.selu, "SiLU": F.silu, "Mish": F.mish, "Sigmoid": torch.sigmoid,
    "Tanh": torch.tanh, "Softplus": F.softplus, "Softsign": F.softsign, "HardSigmoid": F.hardsigmoid,
    "HardSwish": F.hardswish, "LeakyReLU": F.leaky_relu, "ELU": F.elu, "GELU": F.gelu,
    "Softmax": lambda x: x.softmax(1),
}  # fmt: skip


TAKEN_APART = {"groups": "keeps no moving mean", "borders": "arange"}
"""What PyTorch takes apart so that nothing of ours is left, and what is refused then."""


def exported(name, path, *, training=False, **options):
    make, shapes = MODELS[name]
    torch.manual_seed(1)
    module = with_telling_weights(make()).train(training)
    return module, saved(module, path, *shapes, **options), shapes


@pytest.mark.parametrize("name", MODELS)
def test_a_model_computes_what_pytorch_computes(name, tmp_path):
    module, path, shapes = exported(name, tmp_path / "model.pt2")
    away, _ = difference(module, path, *shapes)
    assert away < 1e-5


@pytest.mark.parametrize("name", MODELS)
def test_a_model_that_was_taken_apart_is_put_together(name, tmp_path):
    module, path, shapes = exported(name, tmp_path / "model.pt2", decomposed=True)
    if name in TAKEN_APART:
        with pytest.raises(ModelError, match=TAKEN_APART[name]):
            read_model(path)
        return
    away, _ = difference(module, path, *shapes)
    assert away < 1e-5


@pytest.mark.parametrize("name", ["lenet", "squeeze", "shuffles"])
def test_a_model_for_a_batch_of_one_size_takes_any(name, tmp_path):
    module, path, shapes = exported(name, tmp_path / "model.pt2", batch=2)
    away, _ = difference(module, path, *shapes)
    assert away < 1e-5


@pytest.mark.parametrize("name", ["lenet", "residual", "dropped"])
def test_a_model_that_was_exported_for_training_says_so(name, tmp_path):
    module, path, shapes = exported(name, tmp_path / "model.pt2", training=True)
    away, imported = difference(module, path, *shapes)
    assert away < 1e-5
    assert any(change.startswith("It was exported for training") for change in imported.changes)


@pytest.mark.parametrize("decomposed", [False, True])
def test_activations_are_known(decomposed, tmp_path):
    module = Call(lambda x: tuple(function(x) for function in ACTIVATIONS.values()))
    path = saved(module, tmp_path / "model.pt2", (3, 4, 5), decomposed=decomposed)
    away, imported = difference(module, path, (3, 4, 5))
    assert sorted(kinds(imported)) == sorted(["Input", *ACTIVATIONS])
    assert away < 1e-5


class Named(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 4, 1), nn.ReLU())

    def forward(self, x):
        pooled = F.max_pool2d(self.stem(x), 2)
        return F.relu(pooled)


def test_borders_become_padding(tmp_path):
    pooled = [nn.ConstantPad2d((1, 0, 1, 0), -torch.inf), nn.MaxPool2d(3, 2)]
    module = nn.Sequential(nn.ZeroPad2d((0, 1, 0, 1)), nn.Conv2d(3, 4, 3, 2), *pooled, nn.ZeroPad2d(1), nn.ReLU())
    path = saved(module, tmp_path / "model.pt2", IMAGE)
    away, imported = difference(module, path, IMAGE)
    assert away < 1e-5
    assert kinds(imported) == ["Input", "Conv2D", "MaxPool2D", "ZeroPad2D", "ReLU"]
    assert imported.document.graph.layers[1].config["padding"] == [[0, 1], [0, 1]]


def test_layers_are_called_after_modules_and_variables(tmp_path):
    path = saved(Named(), tmp_path / "model.pt2", (3, 4, 4))
    found = [layer.id for layer in read_model(path).document.graph.layers]
    assert found == ["x", "stem.0", "stem.1", "pooled", "relu1"]


SLOW = ("resnet32_cifar", "resnet44_cifar", "resnet56_cifar")
"""PyTorch takes several seconds to export these."""
SMALL = [
    pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name
    for name in template_names()
    if (check(load_template(name)).totals.parameters or 10**9) < 1_000_000
]


def nodes_of(document):
    return compile_program(document, check(document, advice=frozenset())).nodes


def structure(document):
    """Return each layer's kind, shape and sources, in the order of computing."""
    return [(type(node.kind).__name__, node.shape, node.sources) for node in nodes_of(document)]


@pytest.mark.parametrize("name", SMALL)
def test_a_network_of_the_zoo_comes_back(name, tmp_path):
    drawn = load_template(name)
    nodes = nodes_of(drawn)
    weights = telling_weights(Subject(check(drawn)).program)
    module = written(drawn, tmp_path, weights).load()
    shapes = [node.shape for node in nodes if not node.inputs]
    path = saved(
        module, tmp_path / "net.pt2", *(shape if len(shape) == 1 else (shape[2], *shape[:2]) for shape in shapes)
    )
    imported = read_model(path)
    assert structure(imported.document) == structure(drawn)
    for mine, theirs in zip(nodes, nodes_of(imported.document), strict=True):
        for array in mine.weights:
            np.testing.assert_array_equal(imported.weights[f"{theirs.id}/{array}"], weights[f"{mine.id}/{array}"])
