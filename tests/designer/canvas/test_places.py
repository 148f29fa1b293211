"""Where things stand and how wires run: pure functions of boxes and points."""

import pytest
from PySide6.QtCore import QPointF, QRectF

from core.graph.layering import Box
from core.graph.values import Layout
from designer.canvas.drawing.cells import Cells
from designer.canvas.drawing.placing import free_place, make_room, place_all, snapped
from designer.canvas.drawing.routing import course, distance
from designer.canvas.gestures.guides import Guides
from tests.designer.canvas.hands import CONV, INPUT, chain

CARD = Box(152, 136, 40)
PILL = Box(64, 32, 16, 0)


class TestPlaces:
    def test_what_the_document_says_counts(self):
        graph = chain(INPUT, CONV).graph
        places = {"input1": (3.0, 5.0), "conv1": (700.0, -20.0)}
        assert place_all(graph, Layout(places), dict.fromkeys(places, CARD)) == places

    def test_one_without_a_place_stands_beside_its_source_or_before_what_it_feeds(self):
        graph = chain(INPUT, CONV, "MaxPool2D").graph
        boxes = dict.fromkeys(("input1", "conv1", "pool1"), CARD)
        assert place_all(graph, Layout({"input1": (0, 0), "conv1": (216, 0)}), boxes)["pool1"] == (432, 0)
        assert place_all(graph, Layout({"conv1": (216, 0), "pool1": (432, 0)}), boxes)["input1"] == (0, 0)

    def test_several_without_a_place_line_up(self):
        graph = chain(INPUT, CONV, "MaxPool2D", "MaxPool2D").graph
        boxes = dict.fromkeys((layer.id for layer in graph.layers), CARD)
        places = place_all(graph, Layout({"input1": (0, 0)}), boxes)
        assert [places[id] for id in ("conv1", "pool1", "pool2")] == [(216, 0), (432, 0), (648, 0)]

    def test_one_without_wires_stands_below_all_others(self):
        document = chain(INPUT)
        graph = type(document.graph)((*document.graph.layers, *chain("Add").graph.layers))
        places = place_all(graph, Layout({"input1": (50, 100)}), {"input1": CARD, "add1": CARD})
        assert places["add1"] == (50, 100 + 136 + 32)

    def test_the_nearest_free_place_is_taken(self):
        taken, boxes = {"a": (0.0, 0.0)}, {"a": CARD}
        x, y = free_place((8, 8), CARD, taken, boxes)
        assert not QRectF(x, y, 152, 136).intersects(QRectF(0, 0, 152, 136))
        assert abs(x - 8) + abs(y - 8) < 160
        assert free_place((500, 0), CARD, taken, boxes) == (500, 0)

    def test_the_grid_has_eight_pixels(self):
        assert snapped(11.9, -4.1) == (8, -8)


class TestMakingRoom:
    ROW = {"a": (0.0, 0.0), "b": (216.0, 0.0), "c": (432.0, 0.0)}  # noqa: RUF012
    BOXES = dict.fromkeys("abcn", CARD)

    def test_those_ahead_in_the_row_move_on(self):
        assert make_room("n", (0, 0), self.BOXES, self.ROW, "a", "b") == {"n": (216, 0), "b": (432, 0), "c": (648, 0)}

    def test_what_fits_moves_nothing(self):
        boxes = self.BOXES | {"n": PILL}
        assert make_room("n", (0, 0), boxes, self.ROW, "a", "b") == {"n": (152, 24)}

    def test_other_rows_stay(self):
        places = self.ROW | {"below": (432.0, 400.0)}
        moved = make_room("n", (0, 0), self.BOXES | {"below": CARD}, places, "a", "b")
        assert "below" not in moved

    def test_at_the_turn_of_a_row_it_stands_where_it_was_dropped_or_near(self):
        places = {"a": (0.0, 0.0), "b": (0.0, 192.0)}
        (place,) = make_room("n", (184, 96), self.BOXES, places, "a", "b").values()
        assert place == (184, 96)


def ends(path):
    first = path.elementAt(0)
    return (first.x, first.y), (path.currentPosition().x(), path.currentPosition().y())


class TestCourses:
    @pytest.mark.parametrize(("leaving", "entering"), [(1, -1), (-1, 1), (1, 1), (-1, -1)])
    @pytest.mark.parametrize("end", [(64, 0), (400, 90), (-300, 40), (0, 200), (0, 0)])
    def test_every_wire_joins_its_ends(self, leaving, entering, end):
        path = course(QPointF(0, 0), leaving, QPointF(*end), entering, lambda _: [])
        assert ends(path) == ((0, 0), end)

    def test_at_the_end_of_a_row_it_turns_around_outside(self):
        path = course(QPointF(0, 0), 1, QPointF(-20, 192), 1)
        assert 20 < path.boundingRect().right() < 80
        assert path.boundingRect().left() >= -20

    @pytest.mark.parametrize("room", [4, 12, 64])
    def test_what_stands_at_a_port_hides_nothing_of_a_wire_that_passes_it(self, room):
        near = QRectF(room, -12, 56, 24)
        path = course(QPointF(0, 0), 1, QPointF(400, 8), -1, lambda rect: [near] if near.intersects(rect) else [])
        assert not any(near.contains(path.pointAtPercent(i / 400)) for i in range(401))

    @pytest.mark.parametrize("below", [False, True])
    def test_to_a_place_far_back_in_its_row_it_passes_beside_what_stands_there(self, below):
        between = [QRectF(x, 200, 152, 136) for x in (216, 432)]
        ends = QPointF(700, 40), QPointF(152, 256)  # from the end of a row to the third last of the next
        start, end = reversed(ends) if below else ends
        path = course(start, 1, end, 1, lambda rect: [r for r in between if r.intersects(rect)])
        points = [path.pointAtPercent(i / 200) for i in range(201)]
        assert not any(rect.contains(point) for rect in between for point in points)
        assert (points[0], points[-1]) == (start, end)
        assert max(point.y() for point in points) <= 256  # between the rows
        assert max(point.x() for point in points) > 700

    @pytest.mark.parametrize("side", [1, -1])
    @pytest.mark.parametrize("turned", [False, True], ids=["from the longer row", "to the longer row"])
    def test_from_a_longer_row_it_turns_around_beside_the_longer_ones_last_card(self, side, turned):
        card = QRectF(-152, -40, 152, 136) if side > 0 else QRectF(0, -40, 152, 136)
        ends_ = (QPointF(0, 0), QPointF(-216 * side, 156))
        start, end = reversed(ends_) if turned else ends_
        path = course(start, side, end, side)
        inside = [path.pointAtPercent(i / 200) for i in range(1, 200)]
        assert not any(card.contains(point) for point in inside)
        assert ends(path) == (start.toTuple(), end.toTuple())

    def test_what_is_in_the_way_is_passed_on_the_shorter_side(self):
        block = QRectF(100, -40, 152, 136)
        over = course(QPointF(0, 0), 1, QPointF(400, 0), -1, lambda r: [block] if block.intersects(r) else [])
        assert over.boundingRect().top() < -40
        assert over.boundingRect().bottom() <= 1
        low = QRectF(100, -96, 152, 136)
        under = course(QPointF(0, 0), 1, QPointF(400, 0), -1, lambda r: [low] if low.intersects(r) else [])
        assert under.boundingRect().bottom() > 40

    def test_what_is_beside_the_way_is_not_minded(self):
        beside = QRectF(100, 50, 100, 100)
        direct = course(QPointF(0, 0), 1, QPointF(400, 0), -1, lambda r: [beside])
        assert direct.boundingRect().height() == 0

    def test_distance_is_measured_to_the_nearest_point(self):
        path = course(QPointF(0, 0), 1, QPointF(60, 0), -1)
        assert distance(path, QPointF(30, 7)) == pytest.approx(7)
        assert distance(path, QPointF(63, 4)) == pytest.approx(5)


class TestCells:
    def test_near_things_are_found_until_they_go(self):
        cells = Cells()
        for i in range(40):
            cells.put(f"n{i}", QRectF(i * 300, 0, 152, 136))
        assert {"n0", "n1"} <= cells.near(QRectF(-10, 10, 320, 20)) <= {"n0", "n1", "n2"}
        cells.put("n0", QRectF(9000, 9000, 10, 10))
        assert "n0" not in cells.near(QRectF(0, 0, 10, 10))
        assert cells.near(QRectF(9005, 9005, 1, 1)) == {"n0"}
        cells.remove("n0")
        cells.remove("never")
        assert cells.near(QRectF(9005, 9005, 1, 1)) == set()
        assert len(cells.near(QRectF(-1e6, -1e6, 2e6, 2e6))) == 39


class Standing:
    """As much of a layer as guides ask for."""

    def __init__(self, x, y, box=CARD):
        self.rect, self.box = QRectF(x, y, box.width, box.height), box


class TestGuides:
    def test_edges_attract_edges_and_wires_attract_wires(self):
        place, lines = Guides([Standing(3, 5)]).attract(CARD, (6, 300), 6)
        assert place == (3, 304)
        assert [line.width() for line in lines] == [0]
        place, lines = Guides([Standing(3, 5)]).attract(PILL, (400, 27), 6)
        assert place == (400, 5 + 40 - 16)
        assert [line.height() for line in lines] == [0]

    def test_beyond_reach_only_the_grid_counts(self):
        assert Guides([Standing(3, 5)]).attract(CARD, (613, 411), 6) == ((616, 408), [])

    def test_middles_attract_middles(self):
        place, _ = Guides([Standing(0, 0)]).attract(PILL, (46, 300), 3)
        assert place[0] == 44

    def test_alone_there_is_nothing_to_align_with(self):
        assert Guides([]).attract(CARD, (5, 5), 6) == ((8, 8), [])
