"""Whatever is wrong with a half-drawn document, something is offered that fixes it."""

from hypothesis import given, settings

from core.analysis.check import check
from core.graph.edits import set_config
from tests.drawing import document, layer
from tests.property.drawing import drawn_documents


@settings(max_examples=600)
@given(drawn_documents())
def test_every_error_of_a_layer_has_a_fix(drawn):
    for problem in check(drawn).errors:
        if problem.layer is not None:  # what is wrong with the text of a block has no layer to be fixed
            assert problem.fixes, problem.what


def test_a_value_that_equals_a_right_one_is_replaced():
    drawn = document(
        layer("input", "Input", shape=(4, 4, 1)),
        layer("up", "ConvTranspose2D", "input", filters=0, kernel_size=2, output_padding=False),
    )
    assert [[fix.label for fix in problem.fixes] for problem in check(drawn).errors] == [
        ["Set filters to 1"],
        ["Set output padding to 0"],
    ]
    assert set_config(drawn, "up", {"output_padding": 0}).graph.layers[1].config["output_padding"] is not False
