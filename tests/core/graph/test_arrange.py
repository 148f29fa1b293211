"""Automatic layout: readable for the networks people draw, and without overlap for every other."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.graph.arrange import GRID, LONGEST, PART_GAP, ROW_GAP, arrange
from core.graph.layering import Box, Net

CARD = Box(152, 136, 40)
LOW = Box(152, 80, 40)
PILL = Box(64, 32, 16, 0)
RESIDUAL = {
    "x": [], "conv1": ["x"], "relu1": ["conv1"], "conv2": ["relu1"], "add": ["conv2", "x"], "out": ["add"],
}  # fmt: skip
INCEPTION = {
    "x": [], "a": ["x"], "b1": ["x"], "b2": ["b1"], "c1": ["x"], "c2": ["c1"], "d1": ["x"], "d2": ["d1"],
    "cat": ["a", "b2", "c2", "d2"],
}  # fmt: skip


def chain(*ids):
    return {id: [before] if before else [] for before, id in pairwise([None, *ids])}


def cards(inputs):
    return dict.fromkeys(inputs, CARD)


def line(places, boxes, id):
    """The y on which a layer's wires run."""
    return places[id][1] + boxes[id].line


def overlapping(places, boxes):
    rects = sorted((x, y, x + boxes[id].width, y + boxes[id].height, id) for id, (x, y) in places.items())
    return [
        (a[4], b[4])
        for i, a in enumerate(rects)
        for b in rects[i + 1 :]
        if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
    ]


class TestAChain:
    def test_runs_to_the_right_on_one_line_with_pills_between_the_cards(self):
        inputs = chain("input", "conv1", "relu1", "pool1", "flat")
        boxes = cards(inputs) | {"relu1": PILL, "flat": LOW}
        places = arrange(inputs, boxes)
        assert [places[id][0] for id in inputs] == [0, 216, 368, 432, 648]
        assert len({line(places, boxes, id) for id in inputs}) == 1

    def test_that_is_too_long_turns_around_and_runs_back_below(self):
        inputs = chain(*(f"n{i}" for i in range(10)))
        places = arrange(inputs, cards(inputs), longest=1080)
        assert [places[f"n{i}"][0] for i in range(5)] == [0, 216, 432, 648, 864]
        assert [places[f"n{i}"][0] for i in range(5, 10)] == [864, 648, 432, 216, 0]
        assert {places[f"n{i}"][1] for i in range(5)} == {0.0}
        assert {places[f"n{i}"][1] for i in range(5, 10)} == {CARD.height + ROW_GAP}

    def test_turns_at_cards_not_beside_a_pill(self):
        inputs = chain("a", "b", "r1", "c", "r2", "d", "e", "f", "g", "h")
        boxes = cards(inputs) | {"r1": PILL, "r2": PILL}
        places = arrange(inputs, boxes, longest=800)
        for before, id in pairwise(inputs):
            if PILL in (boxes[before], boxes[id]):
                assert line(places, boxes, before) == line(places, boxes, id)

    def test_gets_rows_of_about_equal_length(self):
        inputs = chain(*(f"n{i}" for i in range(6)))
        places = arrange(inputs, cards(inputs), longest=1080)
        assert sum(y == 0 for _, y in places.values()) == 3

    def test_of_a_thousand_layers_gets_a_picture_like_a_canvas(self):
        inputs = chain(*(f"n{i}" for i in range(1000)))
        places = arrange(inputs, cards(inputs))
        wide = max(x for x, _ in places.values()) + CARD.width
        high = max(y for _, y in places.values()) + CARD.height
        assert 1.2 < wide / high < 2.6


class TestBranches:
    def test_the_main_path_of_a_residual_block_stays_straight(self):
        boxes = cards(RESIDUAL) | {"relu1": PILL}
        places = arrange(RESIDUAL, boxes)
        assert len({line(places, boxes, id) for id in RESIDUAL}) == 1
        xs = [places[id][0] for id in RESIDUAL]
        assert xs == sorted(xs)

    def test_parallel_paths_lie_one_above_the_other_around_their_source(self):
        boxes = cards(INCEPTION)
        places = arrange(INCEPTION, boxes)
        lines = [line(places, boxes, id) for id in ("a", "b1", "c1", "d1")]
        assert lines == sorted(lines)
        assert line(places, boxes, "b1") == line(places, boxes, "b2")
        middle = (lines[0] + lines[-1]) / 2
        assert line(places, boxes, "x") == pytest.approx(middle, abs=GRID)
        assert line(places, boxes, "cat") == pytest.approx(middle, abs=GRID)
        assert not overlapping(places, boxes)

    def test_wires_do_not_cross_where_they_need_not(self):
        crossed = {
            "x": [], "a": ["x"], "b": ["x"], "c": ["x"],
            "c2": ["c"], "b2": ["b"], "a2": ["a"], "join": ["a2", "b2", "c2"],
        }  # fmt: skip
        places = arrange(crossed, cards(crossed))
        assert all(places[id][1] == places[f"{id}2"][1] for id in "abc")

    def test_a_second_entrance_stands_just_before_what_it_feeds(self):
        inputs = chain("x", "a", "b", "c") | {"y": [], "join": ["c", "y"]}
        places = arrange(inputs, cards(inputs))
        assert places["y"][0] == places["c"][0]

    def test_long_networks_with_branches_turn_around_between_their_blocks(self):
        inputs, last = {"x": []}, "x"
        for i in range(12):
            inputs |= {f"a{i}": [last], f"b{i}": [f"a{i}"], f"add{i}": [f"b{i}", last], f"p{i}": [f"add{i}"]}
            last = f"p{i}"
        places = arrange(inputs, cards(inputs), longest=1080)
        assert len({y for _, y in places.values()}) > 2
        for i in range(12):  # no block is torn apart
            assert places[f"a{i}"][1] == places[f"b{i}"][1] == places[f"add{i}"][1]


class TestWhatIsWrong:
    def test_a_circle_is_laid_out_as_if_one_wire_were_missing(self):
        inputs = {"x": [], "a": ["x", "c"], "b": ["a"], "c": ["b"]}
        places = arrange(inputs, cards(inputs))
        assert [places[id][0] for id in ("x", "a", "b", "c")] == [0, 216, 432, 648]

    def test_unknown_sources_are_passed_over(self):
        assert arrange({"a": ["ghost"], "b": ["a", "a/part"]}, {"a": CARD, "b": CARD}) == {"a": (0, 0), "b": (216, 0)}

    def test_a_layer_that_feeds_itself_is_laid_out(self):
        assert arrange({"a": ["a"]}, {"a": CARD}) == {"a": (0, 0)}

    def test_parts_without_a_common_wire_lie_below_each_other_and_lone_layers_last(self):
        inputs = {"lone1": []} | chain("a", "b") | {"lone2": []} | chain("c", "d")
        places = arrange(inputs, cards(inputs))
        assert [places[id][1] for id in ("a", "c", "lone1")] == [0, 136 + PART_GAP, 2 * (136 + PART_GAP)]
        assert places["lone1"][1] == places["lone2"][1]

    def test_many_lone_layers_fill_rows(self):
        inputs = {f"n{i}": [] for i in range(12)}
        places = arrange(inputs, cards(inputs), longest=1080)
        assert len({y for _, y in places.values()}) == 3
        assert not overlapping(places, cards(inputs))

    def test_nothing_gives_nothing(self):
        assert arrange({}, {}) == {}


@st.composite
def graphs(draw):
    n = draw(st.integers(1, 30))
    ids = [f"n{i}" for i in range(n)]
    return {id: draw(st.lists(st.sampled_from(ids), max_size=3)) for id in ids}


@given(inputs=graphs(), boxes=st.lists(st.sampled_from([CARD, LOW, PILL]), min_size=30, max_size=30))
def test_no_graph_makes_layers_overlap_or_leave_the_grid(inputs, boxes):
    sizes = dict(zip(inputs, boxes, strict=False))
    places = arrange(inputs, sizes)
    assert places.keys() == inputs.keys()
    assert all(x % GRID == y % GRID == 0 for x, y in places.values())
    assert not overlapping(places, sizes)
    assert places == arrange(inputs, sizes)


def test_the_reduction_never_leaves_more_crossings_than_there_were():
    inputs = {f"a{i}": [] for i in range(8)} | {f"b{i}": [f"a{(5 * i + 3) % 8}", f"a{(3 * i) % 8}"] for i in range(8)}
    net = Net(list(inputs), inputs, cards(inputs))
    place = [0.0] * len(net.boxes)

    def crossings():
        for column in net.columns:
            for i, v in enumerate(column):
                place[v] = i
        return sum(
            place[u] < place[w] and place[v] > place[x]
            for u in net.columns[0]
            for w in net.columns[0]
            for v in net.down[u]
            for x in net.down[w]
        )

    before = crossings()
    net.reduce_crossings()
    assert crossings() < before


class TestWhatIsArrangedAlready:
    @pytest.mark.parametrize("direction", ["right", "down"])
    @pytest.mark.parametrize("inputs", [RESIDUAL, INCEPTION, chain(*(f"n{i}" for i in range(17)))])
    def test_stays(self, inputs, direction):
        places = arrange(inputs, cards(inputs), direction)
        assert arrange(inputs, cards(inputs), direction, now=places) == places

    def test_keeps_its_rows_when_a_layer_is_put_in(self):
        before = chain(*(f"n{i}" for i in range(10)))  # in rows of 5 and 5
        places = arrange(before, cards(before))
        after = chain(*(f"n{i}" for i in range(8)), "new", "n8", "n9")
        first = [f"n{i}" for i in range(5)]
        again, anew = arrange(after, cards(after), now=places), arrange(after, cards(after))
        assert [again[id] for id in first] == [places[id] for id in first]
        assert [anew[id] for id in first] != [places[id] for id in first]

    def test_keeps_branches_in_the_order_they_were_given(self):
        places = arrange(INCEPTION, cards(INCEPTION))
        y = sorted(places[id][1] for id in ("a", "b1", "c1", "d1"))
        mine = dict(zip(("c1", "a", "d1", "b1"), y, strict=True)) | dict(
            zip(("c2", "d2", "b2"), (y[0], y[2], y[3]), strict=True)
        )
        now = {id: (places[id][0], mine.get(id, places[id][1])) for id in places}
        again = arrange(INCEPTION, cards(INCEPTION), now=now)
        assert sorted(("a", "b1", "c1", "d1"), key=lambda id: again[id][1]) == ["c1", "a", "d1", "b1"]

    def test_turns_elsewhere_when_a_row_has_become_too_long(self):
        before = chain(*(f"n{i}" for i in range(10)))
        after = chain(*(f"n{i}" for i in range(3)), "p", "q", *(f"n{i}" for i in range(3, 10)))
        places = arrange(after, cards(after), now=arrange(before, cards(before)))
        assert max(x for x, _ in places.values()) + CARD.width <= LONGEST["right"]
