"""What an edit would lead to, in words."""

from core.analysis.check import check
from core.graph.edits import add_layer, connect
from core.graph.values import Document
from designer.session.edit_preview import edit_preview


def test_a_sentence_that_begins_with_a_layer_keeps_its_name():
    before, source = add_layer(Document(), "Input", {"shape": [28, 28, 1]})
    before, _ = add_layer(before, "Conv2D", {"filters": 6, "kernel_size": 5}, source=source)
    before, _ = add_layer(before, "Conv2D", {"filters": 3, "kernel_size": 5}, source=source)
    after, _ = add_layer(before, "Add", source="conv1", id="sum1")
    after = connect(after, "conv2", "sum1", 1)
    preview = edit_preview(check(before), check(after), "sum1")
    assert preview.refused
    assert preview.lines[0].startswith(("conv1 gives ", "conv2 gives "))


def test_any_other_sentence_begins_with_a_capital():
    before, source = add_layer(Document(), "Input", {"shape": [4, 4, 1]})
    after, _ = add_layer(before, "Conv2D", {"filters": 6, "kernel_size": 5, "padding": 0}, source=source)
    preview = edit_preview(check(before), check(after), "conv1")
    assert preview.lines[0].startswith("A 5×5 filter is larger")
