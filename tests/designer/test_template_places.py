"""The shipped templates stand where the canvas itself would put them, so that opening one arranges nothing."""

from itertools import combinations

import pytest

from core.analysis.check import check
from core.io.templates import load_template, template_names
from designer.canvas.commands.auto_layout import laid_out
from designer.canvas.drawing.sizes import boxes_of
from docs.making.template_places import arranged


@pytest.mark.parametrize("name", template_names())
def test_a_template_is_arranged(qapp, name):
    document = load_template(name)
    assert dict(document.layout.positions) == arranged(document), "run make templates"


@pytest.mark.parametrize("name", template_names())
def test_arranging_a_template_moves_nothing(qapp, name):
    document = load_template(name)
    again = laid_out(document, check(document), document.layout.direction)
    assert {id: at for id, at in again.layout.positions.items() if "/" not in id} == document.layout.positions


@pytest.mark.parametrize("name", template_names())
def test_no_layer_of_a_template_lies_on_another(qapp, name):
    document = load_template(name)
    boxes = boxes_of(document, check(document))
    for (a, (ax, ay)), (b, (bx, by)) in combinations(document.layout.positions.items(), 2):
        beside = ax + boxes[a].width <= bx or bx + boxes[b].width <= ax
        assert beside or ay + boxes[a].height <= by or by + boxes[b].height <= ay, (a, b)
