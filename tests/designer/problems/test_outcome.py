"""What a fix would change, in words."""

from core.analysis.check import check
from core.graph.edits import add_layer, remove_layers, rename_layer, set_config
from core.graph.values import Document
from designer.problems.outcome import outcome_text


def document():
    made, source = add_layer(Document(), "Input", {"shape": [28, 28, 1]})
    made, source = add_layer(made, "Conv2D", {"filters": 32, "kernel_size": 3}, source=source)
    return add_layer(made, "ReLU", source=source)[0]


def outcome(before, after, layer="conv1"):
    return outcome_text(check(before), check(after), layer)


def test_output_and_parameters():
    after = set_config(document(), "conv1", {"padding": 1, "filters": 64})
    assert outcome(document(), after) == "26×26×32 → 28×28×64, +320 parameters"
    assert outcome(after, document()) == "28×28×64 → 26×26×32, −320 parameters"


def test_what_was_unknown_and_errors_that_are_left():
    broken = set_config(document(), "conv1", {"kernel_size": 29})
    assert outcome(broken, document()) == "gives 26×26×32, 320 parameters in all, no errors left"
    worse = set_config(broken, "relu1", {})
    assert outcome(document(), worse).endswith("1 error left")


def test_layers_that_come_go_and_change_their_name():
    more, _ = add_layer(document(), "Flatten", source="relu1")
    assert outcome(document(), more, None) == "adds flat1"
    assert outcome(document(), remove_layers(document(), ["relu1"]), None) == "removes relu1"
    assert outcome(document(), rename_layer(document(), "relu1", "act"), None) == "renames relu1 to act"


def test_nothing_that_counts():
    assert outcome(document(), document()) == "no change in layers, sizes, parameters or errors"
