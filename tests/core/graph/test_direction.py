"""Networks that are drawn top-down: the direction in the file, and the layout that follows it."""

import json
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.check import check
from core.graph.arrange import GRID, LONGEST, arrange
from core.graph.copying import copied
from core.graph.diff import diff
from core.graph.edits import add_layer, move_layers
from core.graph.layering import Box
from core.graph.layouts import set_direction
from core.graph.values import Document, Layout
from core.io.documents import loads
from core.io.templates import load_template
from core.io.writing import document_text as dumps
from tests.core.graph.test_arrange import INCEPTION, RESIDUAL, chain, graphs, overlapping

CARD = Box(152, 136, 76, 48)
PILL = Box(72, 48, 36, 0)


@pytest.fixture
def document():
    document, _ = add_layer(Document(), "Input", {"shape": [8, 8, 1]}, id="input")
    document, _ = add_layer(document, "ReLU", source="input", id="relu")
    document = move_layers(document, {"input": (0, 0), "relu": (40, 136)})
    return set_direction(document, "down")


def middles(places, boxes, ids):
    return [places[id][0] + boxes[id].line for id in ids]


class TestTheFile:
    def test_says_where_data_flows(self, document):
        assert json.loads(dumps(document))["layout"]["direction"] == "down"
        assert loads(dumps(document)) == document

    def test_says_nothing_of_the_usual_direction(self, document):
        assert "direction" not in json.loads(dumps(set_direction(document, "right")))["layout"]

    @pytest.mark.parametrize("value", ["up", 3, None, ["down"], {"down": True}])
    def test_keeps_another_word_and_says_so(self, document, value):
        raw = json.loads(dumps(document))
        raw["layout"]["direction"] = value
        read = loads(json.dumps(raw))
        assert read.layout.direction == "right"
        assert json.loads(dumps(read))["layout"]["direction"] == value
        (problem,) = [p for p in check(read).problems if p.path == "$.layout.direction"]
        assert problem.severity == "advice"
        assert problem.what.startswith('Layout: direction must be "right" or "down", but is ')

    def test_loses_that_word_when_a_direction_is_chosen(self, document):
        raw = json.loads(dumps(document))
        raw["layout"]["direction"] = "up"
        chosen = set_direction(loads(json.dumps(raw)), "down")
        assert json.loads(dumps(chosen))["layout"]["direction"] == "down"
        assert not [p for p in check(chosen).problems if p.path == "$.layout.direction"]

    def test_differs_from_one_with_another_direction(self, document):
        (change,) = diff(document, set_direction(document, "right")).layout
        assert change.name == "direction"


class TestArranged:
    def test_a_chain_runs_down_on_one_line_with_pills_between_the_cards(self):
        inputs = chain("input", "conv1", "relu1", "pool1")
        boxes = dict.fromkeys(inputs, CARD) | {"relu1": PILL}
        places = arrange(inputs, boxes, "down")
        assert [places[id][1] for id in inputs] == [0, 184, 320, 368]
        assert set(middles(places, boxes, inputs)) == {76}

    def test_a_long_chain_continues_beside_and_runs_up(self):
        inputs = chain(*(f"n{i}" for i in range(8)))
        places = arrange(inputs, dict.fromkeys(inputs, CARD), "down")
        assert max(y for _, y in places.values()) + CARD.height <= LONGEST["down"]
        columns = [[places[f"n{i}"] for i in range(4)], [places[f"n{i}"] for i in range(4, 8)]]
        assert [len({x for x, _ in column}) for column in columns] == [1, 1]
        assert [y for _, y in columns[0]] == sorted(y for _, y in columns[0])
        assert [y for _, y in columns[1]] == sorted((y for _, y in columns[1]), reverse=True)
        assert columns[0][-1][1] == columns[1][0][1]  # side by side where the wire turns around

    def test_branches_stand_side_by_side(self):
        places = arrange(INCEPTION, dict.fromkeys(INCEPTION, CARD), "down", longest=2000)
        heights = [places[id][1] for id in ("a", "b1", "c1", "d1")]
        assert len(set(heights)) == 1
        assert len({places[id][0] for id in ("a", "b1", "c1", "d1")}) == 4
        for before, after in pairwise(("x", "b1", "b2", "cat")):
            assert places[before][1] + CARD.height <= places[after][1]

    @pytest.mark.parametrize("direction", ["right", "down"])
    def test_what_alone_would_be_left_for_another_row_stays(self, direction):
        inputs = RESIDUAL | {"out": ["add"]}
        boxes = dict.fromkeys(inputs, CARD) | {"out": PILL}
        places = arrange(inputs, boxes, direction, longest=760)
        along = 1 if direction == "down" else 0
        assert places["out"][along] > places["add"][along]
        assert places["out"][1 - along] + boxes["out"].line == places["add"][1 - along] + CARD.line


@pytest.mark.parametrize("name", ["resnet18", "googlenet"])
def test_wires_between_cards_and_pills_in_line_run_straight(name):
    """Half-way between two lines of the grid, `round` sends one up and the next down."""
    for block in load_template(name).graph.blocks.values():
        inputs = {id: [] for id in block.inputs} | {layer.id: layer.inputs for layer in block.layers}
        fed = Counter(source for sources in inputs.values() for source in sources)
        boxes = {id: Box(64, 32, 16, 0) if "relu" in id else Box(152, 136, 40) for id in inputs}
        places = arrange(inputs, boxes)
        for id, sources in inputs.items():
            if len(sources) == 1 and fed[sources[0]] == 1:
                assert places[id][1] + boxes[id].line == places[sources[0]][1] + boxes[sources[0]].line, (id, sources)


@given(inputs=graphs(), boxes=st.lists(st.sampled_from([CARD, PILL]), min_size=30, max_size=30))
def test_no_graph_makes_layers_overlap_or_leave_the_grid(inputs, boxes):
    sizes = dict(zip(inputs, boxes, strict=False))
    places = arrange(inputs, sizes, "down")
    assert places.keys() == inputs.keys()
    assert all(x % GRID == y % GRID == 0 for x, y in places.values())
    assert not overlapping(places, sizes)


def test_a_layout_is_that_of_the_whole_document(document):
    assert Layout().direction == "right"
    assert copied(document, ["relu"]).layout.direction == "down"
