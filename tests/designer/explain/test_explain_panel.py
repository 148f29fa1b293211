"""The page that explains the selected layer."""

import pytest

from core.graph.edits import set_config
from core.io.templates import load_template
from designer.explain import ExplainPanel
from designer.explain.explanation_panel import NOTHING_SELECTED, UNKNOWN
from designer.session import Session


@pytest.fixture
def panel(qtbot):
    opened = ExplainPanel(Session(load_template("lenet5")))
    qtbot.addWidget(opened)
    with qtbot.waitExposed(opened):
        opened.show()
    return opened


def text(panel):
    return panel.page.toPlainText()


def test_without_a_selection_it_says_what_to_do(panel):
    assert text(panel) == NOTHING_SELECTED


def test_a_layer_is_explained_with_its_own_numbers(panel):
    panel._session.select(["conv2"])
    for wanted in ("14×14×6 → 10×10×16", "(14 − 5)/1 + 1 = 10", "X_col is 150×100", "∂ℓ/∂w", "padding F − 1 − P"):
        assert wanted in text(panel)


def test_it_follows_edits(panel):
    panel._session.select(["conv2"])
    panel._session.edit("set padding", set_config(panel._session.document, "conv2", {"padding": 2}))
    assert "(14 − 5 + 2·2)/1 + 1 = 14" in text(panel)


def test_a_layer_that_does_not_fit_says_what_to_do_first(panel):
    panel._session.select(["conv2"])
    panel._session.edit("set stride", set_config(panel._session.document, "conv2", {"stride": 2}))
    assert UNKNOWN in text(panel)


def test_what_is_hidden_is_written_when_it_is_seen(panel):
    panel.hide()
    panel._session.select(["fc1"])
    assert text(panel) == NOTHING_SELECTED
    panel.show()
    assert "(400 + 1)·120 = 48,120" in text(panel)
