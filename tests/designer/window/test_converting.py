"""“Dense to convolution” in the Edit menu: wherever it can be done, and as one step."""

import pytest

from core.graph.edits import set_config
from designer import theme
from designer.session.preferences import Preferences
from designer.window.main_window import MainWindow


@pytest.fixture
def window(qtbot):
    theme.set_theme("dark")
    made = MainWindow(Preferences())
    qtbot.addWidget(made, before_close_func=lambda window: window.session.mark_saved(None))
    with qtbot.waitExposed(made):
        made.show()
    return made


@pytest.fixture
def action(window):
    found = window.actions_by_id["dense_to_convolution"]
    assert found in window.toolbar.menus["Edit"].actions()
    return found


@pytest.mark.parametrize(
    ("chosen", "possible"),
    [
        (["flat"], True),
        (["fc1"], True),
        (["conv1", "fc3"], True),
        (["conv1"], False),
        (["softmax"], False),
        ([], False),
    ],
)
def test_it_is_there_for_the_layers_that_it_would_change(window, action, chosen, possible):
    window.session.select(chosen)
    assert action.isEnabled() is possible


def test_the_chain_becomes_convolutions_in_one_step(window, action, qtbot):
    session = window.session
    before, parameters = session.document, session.report.totals.parameters
    session.select(["fc2"])
    action.trigger()
    kinds = {layer.id: layer.kind for layer in session.document.graph.layers}
    assert "flat" not in kinds
    assert {kinds[id] for id in ("fc1", "fc2", "fc3")} == {kinds["conv1"]}
    assert session.report.of("softmax").shape == (1, 1, 10)
    assert session.report.totals.parameters == parameters
    assert not session.report.errors
    assert set(session.selection) == {"fc1", "fc2", "fc3"}
    assert not action.isEnabled()
    assert window.actions_by_id["undo"].text() == "Undo turn Dense into convolutions"
    session.undo()
    assert session.document.graph == before.graph
    assert session.undo_label is None


def test_it_is_not_offered_while_a_size_is_unknown(window, action):
    session = window.session
    session.select(["fc1"])
    session.edit("set kernel", set_config(session.document, "conv1", {"kernel_size": 99}))
    assert session.report.errors
    assert not action.isEnabled()
