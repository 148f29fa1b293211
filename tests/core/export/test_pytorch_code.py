"""The PyTorch file as text: it reads like the drawing, and says where it speaks of which layer."""

import ast

import pytest

from core.analysis.check import check
from core.errors import NetworkError
from core.export.exporter import Subject
from core.export.pytorch.exporter import PYTORCH, code_of
from core.export.pytorch.scopes import network_scope
from core.export.pytorch.state import placed_lines
from core.graph.values import Block, Document, Graph
from core.io.templates import load_template, template_names
from tests.drawing import chain, document, layer

BLOCK = Block(
    ("x",),
    (
        layer("bn", "BatchNorm", "x"),
        layer("conv", "Conv2D", "bn", filters=2, kernel_size=1),
        layer("cat", "Concat", ["x", "conv"]),
    ),
    ("cat",),
)
GROWING = Document(
    Graph(
        (
            layer("input", "Input", shape=(4, 4, 3)),
            layer("grow", "Block", "input", block="grow", repeat=3),
            layer("end", "GlobalAvgPool2D", "grow"),
        ),
        blocks={"grow": BLOCK},
    )
)


def text_of(made):
    return PYTORCH.export(Subject(check(made)))


def test_a_network_is_a_class_with_a_line_for_each_layer():
    made = chain(
        (8, 6, 1),
        ("Conv2D", {"filters": 2, "kernel_size": 3, "padding": 1}),
        "ReLU",
        "Flatten",
        ("Dense", {"units": 3}),
        "Softmax",
    )
    assert (
        text_of(made).partition("class ")[2].partition("    def prepare")[0]
        == '''\
Network(nn.Module):
    """Network."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 2, 3, padding=1)
        self.fc4 = nn.Linear(96, 3)

    def forward(self, input, scores=False):
        conv1 = self.conv1(input)                     # N×2×8×6
        relu2 = F.relu(conv1)                         # N×2×8×6
        flat3 = relu2.permute(0, 2, 3, 1).flatten(1)  # N×96
        fc4 = self.fc4(flat3)                         # N×3
        if scores:  # what the loss takes
            return fc4
        softmax5 = F.softmax(fc4, 1)                  # N×3
        return softmax5

'''
    )


def test_copies_of_a_block_that_grow_share_a_class():
    text = text_of(GROWING)
    assert text.count("class Grow") == 1
    assert "def __init__(self, channels):" in text
    assert "self.bn = nn.BatchNorm2d(channels)" in text
    assert "self.conv = nn.Conv2d(channels, 2, 1)" in text
    assert "self.grow = nn.Sequential(*(Grow(channels) for channels in range(3, 9, 2)))" in text
    assert "cat = torch.cat((x, conv), 1)  # N×C×4×4" in text


@pytest.mark.parametrize("name", template_names())
def test_every_file_of_the_zoo_is_python_and_short(name):
    subject = Subject(check(load_template(name)))
    text = PYTORCH.export(subject)
    ast.parse(text)
    assert len(text.splitlines()) < 500
    layers = [line.node.id for _, line in placed_lines(network_scope(subject.report, subject.program))]
    inputs = [subject.program.nodes[index].id for index in subject.program.inputs]
    assert sorted([*layers, *inputs]) == sorted(subject.program.by_id)


def test_lines_and_layers_lead_to_each_other():
    code = code_of(Subject(check(GROWING)))
    lines = code.text.splitlines()
    for id, words in (
        ("grow", ["self.grow = ", "grow = self.grow(input)"]),
        ("grow/2/conv", ["self.conv = ", "conv = self.conv(bn)"]),
        ("input", ["def forward(self, input):"]),
        ("end", ["end = grow.mean((2, 3))"]),
    ):
        numbers = code.lines_of(id)
        assert len(numbers) == len(words)
        for number, word in zip(numbers, words, strict=True):
            assert lines[number - 1].strip().startswith(word)
            assert code.layer_at(number) == id.replace("/2/", "/1/")
    assert code.lines_of("gone") == ()
    assert code.layer_at(1) is None


def test_names_that_python_or_pytorch_have_are_changed_and_said():
    made = document(
        layer("train", "Input", shape=(3,)),
        layer("lambda", "Dense", "train", units=2),
        layer("a.b", "ReLU", "lambda"),
        layer("a_b", "Tanh", "a.b"),
        layer("torch", "Add", ["a.b", "a_b"]),
    )
    text = text_of(made)
    assert "def forward(self, train_):" in text
    assert "lambda_ = self.lambda_(train_)  # N×2, lambda in the document" in text
    assert "a_b = F.relu(lambda_)           # N×2, a.b in the document" in text
    assert "a_b_2 = torch.tanh(a_b)         # N×2, a_b in the document" in text
    assert "torch_ = a_b + a_b_2" in text


def test_a_document_with_errors_is_refused_by_its_first():
    with pytest.raises(NetworkError, match="larger than the 7×7 input"):
        text_of(chain((7, 7, 1), ("Conv2D", {"filters": 1, "kernel_size": 9})))


def test_what_no_output_needs_is_left_out():
    made = document(
        layer("in", "Input", shape=(3,)),
        layer("a", "Dense", "in", units=2),
        layer("b", "Dense", "in", units=2),
        outputs=("a",),
    )
    assert "self.b" not in text_of(made)
