"""What CONTRIBUTING.md promises about adding a panel is done here, word for word."""

import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from core.graph.edits import add_layer, remove_layers
from core.io.templates import load_template
from designer.session.preferences import SharedPreferences, load_preferences
from designer.window import panels
from designer.window.windows import Windows

CONTRIBUTING = Path(__file__).parents[2] / "CONTRIBUTING.md"
ID = "depth"


@pytest.fixture
def entry(tmp_path):
    (code,) = re.findall(r"```python\n(from PySide6.*?)```", CONTRIBUTING.read_text(encoding="utf-8"), re.DOTALL)
    place = tmp_path / "depth.py"
    place.write_text(code, encoding="utf-8")
    spec = spec_from_file_location("depth", place)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.DEPTH


@pytest.fixture
def enter(monkeypatch, entry):
    """Put the panel into the table."""
    return lambda: monkeypatch.setattr(panels, "PANELS", (*panels.PANELS, entry))


def test_one_entry_is_all_that_a_panel_needs(enter, make_window):
    enter()
    window = make_window()
    dock = window.docks[ID]
    assert dock.objectName() == ID
    assert dock in window.tabifiedDockWidgets(window.docks["filters"])
    menus = window.menus["View"].findChildren(QMenu, options=Qt.FindChildOption.FindDirectChildrenOnly)
    (menu,) = (menu for menu in menus if menu.title() == "Panels")
    (toggle,) = (action for action in menu.actions() if action.text() == "Depth")
    toggle.trigger()
    assert dock.isHidden()
    window.actions_by_id["reset_panels"].trigger()
    assert not dock.isHidden()


def test_the_panel_follows_what_it_is_given(enter, make_window):
    enter()
    window = make_window()
    panel = window.panels[ID]
    window.session.open(load_template("mlp"), None)
    before = panel.text()
    document, id = add_layer(window.session.document, "ReLU", source=window.session.document.graph.layers[-1].id)
    window.session.edit("add", document)
    assert panel.text() == f"Depth {int(before.split()[1]) + 1}"
    window.session.edit("remove", remove_layers(window.session.document, [id]))
    assert panel.text() == before


def test_an_arrangement_that_was_saved_without_it_keeps_its_own_panels_and_shows_it(enter, make_window):
    former = make_window()
    former.docks["curves"].hide()
    former.close()
    arrangement = load_preferences()
    assert arrangement.arrangement
    enter()
    window = make_window(Windows(SharedPreferences(arrangement)))
    assert window.docks["curves"].isHidden()
    assert not window.docks["problems"].isHidden()
    assert not window.docks[ID].isHidden()


def test_names_of_panels_stay_what_saved_arrangements_know():
    names = [panel.name for panel in panels.PANELS]
    assert len(set(names)) == len(names)
    assert {
        *("palette", "inspector", "curves", "filters", "activations"),
        *("problems", "summary", "explain", "history", "outline"),
    } <= set(names)
