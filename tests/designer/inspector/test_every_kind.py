"""An inspector for every kind there is: it builds, and every field of it edits the document."""

import pytest
from PySide6.QtCore import Qt

from core.graph.edits import add_layer, connect
from core.graph.values import Document, layers_by_id
from core.layers import KINDS
from designer.forms.editors import ChoiceEditor, FlagEditor, TextEditor
from designer.forms.field_text import value_text

CANDIDATES = {
    "whole": (2, 1, 3, 0, -1, 4),
    "number": (0.25, 0.5, 0.001, 2.0),
    "size": (4, 3, (2, 3)),
    "padding": (1, (1, 2), "same", [[1, 2], [1, 1]]),
    "shape": ((16, 16, 3), (12,)),
    "name": ("other",),
}


def example_of(kind):
    """A document with a layer of the kind, fed as its first example is; gives its id too."""
    example = KINDS[kind].examples[0]
    document, sources = Document(), []
    for shape in example.inputs:
        document, source = add_layer(document, "Input", {"shape": list(shape)})
        sources.append(source)
    document, id = add_layer(document, kind, example.config)
    for port, source in enumerate(sources):
        document = connect(document, source, id, port)
    return document, id


def as_lists(value):
    return [as_lists(part) for part in value] if isinstance(value, tuple | list) else value


def config_of(session, id):
    return layers_by_id(session.document.graph)[id].config


@pytest.mark.parametrize("kind", KINDS)
def test_it_builds_and_says_what_is_known(kind, opened):
    document, id = example_of(kind)
    _, inspector = opened(document, id)
    page = inspector.layer_page
    example = KINDS[kind].examples[0]
    assert page.isVisible()
    assert page.header.title.text() == id
    assert page.header.kind.text() == KINDS[kind].label()
    values = {line.name.text(): line.value.text() for line in page.facts.lines}
    assert values["Output"] == " × ".join(map(str, example.output))
    assert values["Parameters"] == f"{example.parameters:,}"
    assert set(page.form.rows if page.form else ()) == set(KINDS[kind].settings())


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, found in KINDS.items() for name in found.settings()])
def test_every_field_edits_in_one_step(kind, name, opened, entered, qtbot):
    document, id = example_of(kind)
    session, inspector = opened(document, id)
    row = inspector.layer_page.form.rows[name]
    before = config_of(session, id)
    match row.editor:
        case FlagEditor():
            qtbot.mouseClick(row.editor, Qt.MouseButton.LeftButton)
            expected = not before.get(name, row.setting.default)
        case ChoiceEditor():
            row.editor.setFocus()
            key = Qt.Key.Key_Down if row.editor.currentIndex() == 0 else Qt.Key.Key_Up
            qtbot.keyClick(row.editor, key)
            expected = row.editor._values[row.editor.currentIndex()]
        case TextEditor():
            old = before.get(name, row.setting.default)
            expected = next(v for v in CANDIDATES[row.setting.type] if v != old and row._accepts(v))
            entered(row.editor, value_text(row.setting, expected))
            qtbot.keyClick(row.editor, Qt.Key.Key_Return)
    spec = layers_by_id(session.document.graph)[id].spec
    assert as_lists(getattr(spec, name)) == as_lists(expected)
    assert name.replace("_", " ") in session.undo_label
    session.undo()
    assert config_of(session, id) == before
    assert session.undo_label is None


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_says_what_it_is(kind, opened):
    document, id = example_of(kind)
    _, inspector = opened(document, id)
    for name, row in inspector.layer_page.form.rows.items() if inspector.layer_page.form else ():
        setting = KINDS[kind].settings()[name]
        assert setting.help in row.editor.toolTip()
        assert setting.expected[1:] in row.editor.toolTip()
        assert name.replace("_", " ") in row.editor.accessibleName()
        assert setting.help in row.editor.accessibleDescription()
