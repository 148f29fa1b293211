"""What training takes, told by the inspector."""

from threading import current_thread, main_thread

from core.graph.edits import set_training
from core.io.templates import load_template
from designer.inspector import needs_line
from designer.inspector.needs_line import NeedsLine
from designer.session import Session


def test_for_a_large_network_it_is_worked_out_beside_the_window(qtbot, monkeypatch):
    threads = []
    real = needs_line.needs_text

    def watched(report):
        threads.append(current_thread())
        return real(report)

    monkeypatch.setattr(needs_line, "needs_text", watched)
    monkeypatch.setattr(needs_line, "MOST_LAYERS_AT_ONCE", 5)
    session = Session(load_template("lenet5"))
    line = NeedsLine(session)
    qtbot.addWidget(line)
    line.look_again()
    qtbot.waitUntil(lambda: line.text() != "")
    assert main_thread() not in threads
    assert line.text() == real(session.report)


def test_an_answer_about_a_former_state_is_not_shown(qtbot, monkeypatch):
    monkeypatch.setattr(needs_line, "MOST_LAYERS_AT_ONCE", 5)
    session = Session(load_template("lenet5"))
    line = NeedsLine(session)
    qtbot.addWidget(line)
    line._look()
    session.edit("larger batches", set_training(session.document, {"batch_size": 512}))
    expected = needs_line.needs_text(session.report)
    qtbot.waitUntil(lambda: line.text() != "")
    assert line.text() == expected
