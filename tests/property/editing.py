"""Edits drawn for a document, sensible or not."""

from hypothesis import strategies as st

from core.errors import EditError
from core.graph import edits, folding
from core.layers import KINDS
from core.learning.optimizers import OPTIMIZERS
from tests.property.drawing import ANYTHING, NAMES, TEXTS, configs


@st.composite
def edited(draw, document):
    """Carry out an edit drawn for this document, sensible or not; None where it is refused."""
    ids = st.sampled_from([layer.id for layer in document.graph.layers] or ["none"]) | st.just("gone")
    id, other, several = draw(ids), draw(st.none() | ids), draw(st.lists(ids, max_size=3))
    kind = draw(st.sampled_from([*KINDS, "Block", "Unknown"]))
    config = draw(configs(KINDS[kind])) if kind in KINDS else {}
    port = draw(st.integers(-1, 3))
    place = draw(st.tuples(st.floats(allow_nan=False), st.floats(-100, 100)))
    name = draw(NAMES | st.sampled_from(["new", "other"]))
    optimizer = draw(st.sampled_from([*OPTIMIZERS, "Unknown"]))
    training = draw(st.dictionaries(TEXTS, ANYTHING, max_size=2))
    edit = draw(
        st.sampled_from(
            [
                lambda: edits.add_layer(document, kind, config, source=other, position=place)[0],
                lambda: edits.insert_layer(document, kind, before=id, port=port),
                lambda: edits.remove_layers(document, several),
                lambda: edits.connect(document, other or id, id, None if port < 0 else port),
                lambda: edits.disconnect(document, id, port),
                lambda: edits.set_config(document, id, config),
                lambda: edits.unset_config(document, id, [*config, "inputs", "colour"]),
                lambda: edits.replace_kind(document, id, kind),
                lambda: edits.set_trainable(document, id, port < 1),
                lambda: edits.rename_layer(document, id, name),
                lambda: edits.move_layers(document, {id: place}),
                lambda: folding.fold(document, several).document,
                lambda: folding.unfold(document, id).document,
                lambda: edits.set_outputs(document, tuple(several) or None),
                lambda: edits.set_training(document, training),
                lambda: edits.set_optimizer(document, optimizer),
            ]
        )
    )
    try:
        return edit()
    except EditError:
        return None
