"""Typing goes on for several edits and is one step: the history's and the session's merge keys."""

from core.graph.edits import add_layer, move_layers, set_name
from core.graph.history import History
from core.graph.values import Document
from designer.session import Session


def written(session, text, key):
    session.edit(f"name {text}", set_name(session.document, text), merge_key=key)


def test_edits_with_one_key_are_one_step(qapp):
    session = Session()
    for text in ("a", "ab", "abc"):
        written(session, text, "visit 1")
    assert (session.document.name, session.undo_label) == ("abc", "name abc")
    session.undo()
    assert (session.document.name, session.undo_label) == ("", None)
    session.redo()
    assert session.document.name == "abc"


def test_another_key_begins_another_step(qapp):
    session = Session()
    written(session, "a", "visit 1")
    written(session, "b", "visit 2")
    written(session, "c", None)
    written(session, "d", None)
    names = []
    while session.undo_label is not None:
        session.undo()
        names.append(session.document.name)
    assert names == ["c", "b", "a", ""]


def test_typing_back_to_the_start_leaves_no_step(qapp):
    session = Session()
    start = session.document
    written(session, "a", "visit 1")
    written(session, "", "visit 1")
    assert session.document is start
    assert session.undo_label is None
    assert not session.modified
    written(session, "b", "visit 1")
    session.undo()
    assert session.document is start


def test_every_edit_is_announced_though_it_is_merged(qapp):
    session = Session()
    seen = []

    def note(change):
        seen.append((change.before.name, change.after.name))

    session.document_changed.connect(note)
    written(session, "a", "visit 1")
    written(session, "ab", "visit 1")
    assert seen == [("", "a"), ("a", "ab")]


def test_a_step_taken_back_is_not_continued():
    history = History(Document())
    history.record("one", Document(name="a"), "visit 1")
    history.record("two", Document(name="b"))
    history.undo()
    history.record("three", Document(name="c"), "visit 1")
    history.undo()
    assert history.document.name == "a"


def test_what_is_under_way_can_be_taken_back_but_nothing_else(qapp):
    session = Session()
    written(session, "a", None)
    start = session.document
    written(session, "ab", "visit 1")
    written(session, "abc", "visit 1")
    session.take_back("visit 2")
    assert session.document.name == "abc"
    session.take_back("visit 1")
    assert (session.document, session.undo_label, session.redo_label) == (start, "name a", None)
    session.take_back("visit 1")
    assert session.document is start
    written(session, "b", "visit 1")
    session.undo()
    assert session.document is start


def test_typing_back_to_the_start_takes_back_what_completed_the_step(qapp):
    session = Session(add_layer(Document(), "Input")[0])
    start = session.document
    session.completion = lambda _before, _report, after: move_layers(after, {"input1": (8, 8)})
    written(session, "a", "visit 1")
    assert session.document.layout.positions
    written(session, "", "visit 1")
    assert session.document is start
    assert session.undo_label is None
