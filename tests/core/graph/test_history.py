"""Undo and redo keep documents, one entry for each finished gesture."""

from dataclasses import replace

from core.graph.edits import move_layers, set_config
from core.graph.history import LIMIT, History
from core.graph.values import Document
from tests.drawing import chain


def named(name):
    return replace(Document(), name=name)


def test_steps_go_back_and_forth_and_give_the_same_objects():
    start, one, two = Document(), named("1"), named("2")
    history = History(start)
    history.record("One", one)
    history.record("Two", two)
    assert (history.undo_label, history.redo_label) == ("Two", None)
    assert history.undo().before is one
    assert history.document is one
    assert history.undo().label == "One"
    assert history.document is start
    assert history.undo() is None
    assert history.redo().after is one
    assert history.redo().after is two
    assert history.redo() is None
    assert history.document is two


def test_a_new_step_forgets_what_was_undone():
    history = History(Document())
    history.record("One", named("1"))
    history.undo()
    history.record("Two", named("2"))
    assert history.redo() is None
    assert history.undo().label == "Two"


def test_a_gesture_is_one_step_and_none_where_it_leads_back():
    start = Document()
    history = History(start)
    for name in "abc":
        history.record("Type", named(name), "typing")
    assert history.undo().before is start
    assert history.undo() is None
    history = History(start)
    history.record("Type", named("a"), "typing")
    history.record("Type", Document(), "typing")
    assert history.undo_label is None
    assert history.document is start


def test_undo_ends_a_gesture():
    history = History(Document())
    history.record("Type", named("a"), "typing")
    history.record("Other", named("ab"))
    history.undo()
    history.record("Type", named("ac"), "typing")
    assert history.undo().before.name == "a"


def test_nothing_done_is_no_step():
    history = History(named("a"))
    history.record("Nothing", named("a"))
    assert history.undo_label is None


def test_the_oldest_steps_are_forgotten():
    history = History(Document())
    for n in range(LIMIT + 5):
        history.record("Step", named(str(n)))
    steps = 0
    while history.undo() is not None:
        steps += 1
    assert steps == LIMIT
    assert history.document.name == "4"


def test_a_thousand_steps_share_what_they_do_not_change():
    document = chain((8, 8, 3), *["ReLU"] * 200)
    history = History(document)
    for n in range(1000):
        document = move_layers(document, {"relu1": (n, n)}) if n % 2 else set_config(document, f"relu{n % 200 + 1}", {})
        history.record("Step", replace(document, name=str(n)))
    assert history.document.graph.layers is history._done[0].before.graph.layers


def test_a_gesture_does_not_join_one_from_before_an_undo_or_redo():
    history = History(Document())
    history.record("One", named("1"))
    history.record("Type", named("2"), "typing")
    history.undo()
    history.record("Type", named("3"), "typing")
    assert history.labels == ("One", "Type")
    history.undo()
    assert history.document == named("1")
    history.redo()
    history.record("Type", named("4"), "typing")
    assert history.labels == ("One", "Type", "Type")
    assert history.undo().before == named("3")
