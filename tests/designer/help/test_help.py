"""The pages of help, made from the declarations."""

import pytest
from PySide6.QtCore import Qt

from core.layers import KINDS
from designer.help import HelpReader, kind_page


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_has_a_page_with_all_that_it_declares(name):
    page = kind_page(name)
    assert f"<h2>{name}</h2>" in page
    for setting in KINDS[name].settings():
        assert f"<td>{setting}</td>" in page
    assert ("In numbers" in page) == bool(KINDS[name].examples)


def test_a_page_computes_an_example():
    page = kind_page("MaxPool2D")
    assert "28×28×6 → 14×14×6" in page
    assert "(28 − 2)/2 + 1 = 14" in page
    assert "maxpool" in page
    assert "`" not in kind_page("Conv2D")


def test_shift_f1_turns_to_the_kind_of_the_selected_layer(window, qtbot):
    window.session.select(["pool2"])
    qtbot.keyClick(window.canvas.view, Qt.Key.Key_F1, Qt.KeyboardModifier.ShiftModifier)
    (reader,) = window.findChildren(HelpReader)
    assert reader.isVisible()
    assert reader.kinds.currentItem().text() == "MaxPool2D"
    assert "Keeps the largest value" in reader.page.toPlainText()
    window.session.select(["conv1"])
    window.actions_by_id["kind_help"].trigger()
    assert reader.kinds.currentItem().text() == "Conv2D"
