"""Whatever is moved, pasted, added or unfolded at the border of the canvas is written so that it can be read."""

from hypothesis import given, settings
from hypothesis import strategies as st

from core.analysis.check import check
from core.errors import EditError
from core.graph import copying, edits, folding, layouts
from core.graph.values import FARTHEST, Document, Layout, Note
from core.io.documents import loads
from core.io.templates import load_template
from core.io.writing import document_text

COORDINATES = st.floats() | st.sampled_from([FARTHEST, -FARTHEST]).flatmap(
    lambda border: st.floats(-100, 100).map(lambda beyond: border + beyond)
)
PLACES = st.tuples(COORDINATES, COORDINATES)


@st.composite
def edited(draw, document):
    """Carry out an edit that gives something a place."""
    ids = [layer.id for layer in document.graph.layers]
    id, several = draw(st.sampled_from(ids)), draw(st.lists(st.sampled_from(ids), min_size=1, max_size=4))
    place, other, among = draw(PLACES), draw(PLACES), draw(st.sampled_from(["frames", "cards"]))
    layer = next(layer for layer in document.graph.layers if layer.id == id)
    notes = layouts.notes_by_key(document.layout)
    note = Note(place, other, "here")
    edit = draw(
        st.sampled_from(
            [
                lambda: edits.add_layer(document, "ReLU", source=id, position=place)[0],
                lambda: edits.move_layers(document, dict.fromkeys(several, place)),
                lambda: copying.pasted(document, copying.copied(document, several, list(notes)), place)[0],
                lambda: layouts.set_route(document, id, next(iter(layer.inputs), id), [place, other]),
                lambda: layouts.add_note(document, among, note)[0],
                lambda: layouts.change_notes(document, dict.fromkeys(notes, note)),
                lambda: folding.fold(document, several).document,
                lambda: folding.unfold(document, id).document,
            ]
        )
    )
    try:
        return edit()
    except EditError:
        return document


def assert_can_be_read(document):
    again = loads(document_text(document))
    assert again.layout == document.layout
    assert again == document
    assert not [problem for problem in check(again).problems if problem.path.startswith("$.layout")]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_what_is_written_can_be_read(data):
    document = load_template("mlp")
    for _ in range(data.draw(st.integers(1, 6))):
        document = data.draw(edited(document))
    assert_can_be_read(document)


def test_a_paste_beyond_the_border_ends_at_the_border():
    document = edits.move_layers(load_template("mlp"), {"fc1": (FARTHEST, -FARTHEST)})
    document, (copy,) = copying.pasted(document, copying.copied(document, ["fc1"]), (32, -32))
    assert document.layout.positions[copy] == (FARTHEST, -FARTHEST)
    assert_can_be_read(document)


def test_no_layout_reaches_beyond_the_border():
    far = (float("inf"), float("nan"))
    layout = Layout({"a": far, "b": (1, 2)}, {"a b": (far,)}, (Note(far, far),))
    assert layout.positions == {"a": (FARTHEST, 0.0), "b": (1, 2)}
    assert layout.routes == {"a b": ((FARTHEST, 0.0),)}
    assert layout.frames == (Note((FARTHEST, 0.0), (FARTHEST, 1.0)),)
    assert Document(layout=layout).layout is layout
