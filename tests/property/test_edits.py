"""Any edits, undone, lead back to where they began; what an edit doesn't speak of stays the same object."""

from hypothesis import given, settings
from hypothesis import strategies as st

from core.graph.history import History
from core.io.documents import loads
from core.io.writing import document_text
from tests.property.drawing import drawn_documents
from tests.property.editing import edited


@settings(max_examples=150)
@given(drawn_documents(4), st.data())
def test_undoing_everything_leads_back_and_redoing_everything_forth(start, data):
    history = History(start)
    for step in range(data.draw(st.integers(1, 8))):
        after = data.draw(edited(history.document))
        if after is None:
            continue
        history.record(f"step {step}", after, data.draw(st.sampled_from([None, None, "drag"])))
        if data.draw(st.integers(0, 5)) == 0:
            history.undo()
    while history.redo() is not None:
        pass
    furthest = history.document
    while history.undo() is not None:
        pass
    assert history.document is start
    while history.redo() is not None:
        pass
    assert history.document is furthest


@settings(max_examples=150)
@given(drawn_documents(5), st.data())
def test_an_edit_keeps_what_it_does_not_speak_of_and_can_be_saved(document, data):
    before = {layer.id: layer for layer in document.graph.layers}
    after = data.draw(edited(document))
    if after is None:
        return
    for layer in after.graph.layers:
        if layer == before.get(layer.id):
            assert layer is before[layer.id]
    assert loads(document_text(after)) == loads(document_text(loads(document_text(after))))
    assert document == loads(document_text(document))
