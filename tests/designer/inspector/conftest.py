import pytest

from core.graph.edits import add_layer
from core.graph.values import Document
from designer import theme
from designer.inspector import Inspector
from designer.session import Session


@pytest.fixture(autouse=True)
def _dark(qapp):
    theme.set_theme("dark")
    yield
    theme.set_theme("dark")


def chain(*layers, name="net"):
    """A document of layers one behind the other: (kind, config) each."""
    document, last = Document(name=name), None
    for kind, config in layers:
        document, last = add_layer(document, kind, config, source=last)
    return document


@pytest.fixture
def small():
    """28×28×1 → conv1 (6 · 5×5 · P 2) → relu1 → pool1 → flat1 → fc1."""
    return chain(
        ("Input", {"shape": [28, 28, 1]}),
        ("Conv2D", {"filters": 6, "kernel_size": 5, "padding": 2}),
        ("ReLU", {}),
        ("MaxPool2D", {}),
        ("Flatten", {}),
        ("Dense", {"units": 10}),
    )


@pytest.fixture
def opened(qtbot):
    """Open a document in a session with a shown inspector of the size it has in the window."""

    def open_document(document, *selection):
        session = Session(document)
        inspector = Inspector(session)
        qtbot.addWidget(inspector)
        inspector.resize(304, 900)
        with qtbot.waitActive(inspector):
            inspector.show()
            inspector.activateWindow()
        session.select(selection)
        return session, inspector

    return open_document


@pytest.fixture
def entered(qtbot):
    """Click into a text field, replace what stands there, and stay in it."""
    from PySide6.QtCore import Qt

    def enter(editor, text):
        editor.setFocus()
        assert editor.hasFocus()
        editor.selectAll()
        if text:
            qtbot.keyClicks(editor, text)
        else:
            qtbot.keyClick(editor, Qt.Key.Key_Backspace)

    return enter
