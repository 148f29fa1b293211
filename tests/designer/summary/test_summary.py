"""The layer table: its numbers, how they sort, and how it goes with the selection."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from core.analysis.check import check
from core.graph.edits import add_layer, rename_layer, set_config
from core.graph.values import Block, Document, Graph, Layer, make_spec
from designer import theme
from designer.session import Session
from designer.summary import SummaryPanel
from designer.summary.table_model import COLUMNS
from designer.summary.widths import MOST_ROWS, Widths

TITLES = [column.title for column in COLUMNS]


@pytest.fixture(autouse=True)
def _dark(qapp):
    theme.set_theme("dark")
    yield
    theme.set_theme("dark")


def small():
    document, source = add_layer(Document(), "Input", {"shape": [28, 28, 1]})
    for kind, config in (
        ("Conv2D", {"filters": 6, "kernel_size": 5, "padding": 2}),
        ("MaxPool2D", {}),
        ("Flatten", {}),
        ("Dense", {"units": 10}),
    ):
        document, source = add_layer(document, kind, config, source=source)
    return document


def with_block():
    conv = Layer("conv", make_spec("Conv2D", {"filters": 4, "kernel_size": 3, "padding": 1})[0], ("x",))
    act = Layer("act", make_spec("ReLU", {})[0], ("conv",))
    layers = (
        Layer("input", make_spec("Input", {"shape": [8, 8, 4]})[0]),
        Layer("stage", make_spec("Block", {"block": "unit", "repeat": 2})[0], ("input",)),
    )
    return Document(Graph(layers, blocks={"unit": Block(("x",), (conv, act), ("act",))}))


@pytest.fixture
def shown(qtbot):
    def show(document):
        session = Session(document)
        panel = SummaryPanel(session)
        qtbot.addWidget(panel)
        panel.resize(1000, 300)
        with qtbot.waitActive(panel):
            panel.show()
            panel.activateWindow()
        return session, panel

    return show


def rows(panel):
    model = panel.sorted
    return [
        [model.index(row, column).data() for column in range(model.columnCount())] for row in range(model.rowCount())
    ]


def column(panel, title):
    return [row[TITLES.index(title)] for row in rows(panel)]


def total(panel, title):
    return panel.totals.index(0, TITLES.index(title)).data()


def selected(panel):
    return [panel.sorted.index(i.row(), 0).data() for i in panel.table.selectionModel().selectedRows()]


def click(qtbot, panel, row, modifier=Qt.KeyboardModifier.NoModifier):
    place = panel.table.visualRect(panel.sorted.index(row, 1)).center()
    qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, modifier, place)


def click_header(qtbot, panel, title):
    header = panel.table.horizontalHeader()
    section = TITLES.index(title)
    place = header.rect().center()
    place.setX(header.sectionViewportPosition(section) + header.sectionSize(section) // 2)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_it_shows_the_report_with_totals_below(shown):
    _, panel = shown(small())
    assert rows(panel) == [
        ["input1", "Input", "28×28×1", "0", "0", "3.1 KiB", "1 × 1, jump 1"],
        ["conv1", "Conv2D", "28×28×6", "156", "117,600", "18.4 KiB", "5 × 5, jump 1"],
        ["pool1", "MaxPool2D", "14×14×6", "0", "0", "4.6 KiB", "6 × 6, jump 2"],
        ["flat1", "Flatten", "1176", "0", "0", "4.6 KiB", "whole input"],
        ["fc1", "Dense", "10", "11,770", "11,760", "40 B", "whole input"],
    ]
    assert [total(panel, title) for title in TITLES] == ["Total", "5 layers", "", "11,926", "129,360", "27.6 KiB", ""]


def test_what_is_unknown_is_a_question_mark(shown):
    session, panel = shown(small())
    session.edit("break", set_config(session.document, "conv1", {"stride": 5}))
    assert rows(panel)[1] == ["conv1", "Conv2D", "?", "156", "?", "?", "?"]
    assert (total(panel, "Parameters"), total(panel, "Memory")) == ("?", "?")


def test_it_sorts_numbers_as_numbers_and_finds_back(shown, qtbot):
    session, panel = shown(small())
    click_header(qtbot, panel, "Parameters")
    assert column(panel, "Parameters") == ["0", "0", "0", "156", "11,770"]
    click_header(qtbot, panel, "Parameters")
    assert column(panel, "Parameters") == ["11,770", "156", "0", "0", "0"]
    click_header(qtbot, panel, "Parameters")
    assert column(panel, "Layer") == list(session.report.layers)
    click_header(qtbot, panel, "Receptive field")
    assert column(panel, "Receptive field")[:3] == ["1 × 1, jump 1", "5 × 5, jump 1", "6 × 6, jump 2"]


@pytest.mark.parametrize("n_clicks", [1, 2])
def test_the_unknown_comes_last_either_way(n_clicks, shown, qtbot):
    session, panel = shown(small())
    session.edit("break", set_config(session.document, "pool1", {"pool_size": 30}))
    for _ in range(n_clicks):
        click_header(qtbot, panel, "Memory")
    assert column(panel, "Memory")[-3:] == ["?", "?", "?"]
    assert "?" not in column(panel, "Memory")[:2]


def test_a_click_selects_the_layer_and_the_selection_is_followed(shown, qtbot):
    session, panel = shown(small())
    click(qtbot, panel, 1)
    assert session.selection == ("conv1",)
    click(qtbot, panel, 3, Qt.KeyboardModifier.ControlModifier)
    assert session.selection == ("conv1", "flat1")
    session.select(["fc1"])
    assert selected(panel) == ["fc1"]
    session.select([])
    assert selected(panel) == []


def test_sorting_and_editing_keep_the_selection(shown, qtbot):
    session, panel = shown(small())
    session.select(["conv1"])
    click_header(qtbot, panel, "Memory")
    assert selected(panel) == ["conv1"]
    assert session.selection == ("conv1",)
    session.edit("filters", set_config(session.document, "conv1", {"filters": 60}))
    assert selected(panel) == ["conv1"]
    session.edit("more", add_layer(session.document, "ReLU", source="fc1")[0])
    assert (selected(panel), session.selection) == (["conv1"], ("conv1",))


def test_a_block_shows_its_layers_which_select_it(shown, qtbot):
    session, panel = shown(with_block())
    assert column(panel, "Layer") == ["input", "stage/1/conv", "stage/1/act", "stage/2/conv", "stage/2/act"]
    click(qtbot, panel, 3)
    assert session.selection == ("stage",)
    assert selected(panel) == ["stage/1/conv", "stage/1/act", "stage/2/conv", "stage/2/act"]


def test_only_rows_that_changed_are_announced(shown):
    session, panel = shown(small())
    changed = []

    def note(first, last):
        changed.extend(range(first.row(), last.row() + 1))

    panel.model.dataChanged.connect(note)
    session.edit("units", set_config(session.document, "fc1", {"units": 5}))
    assert changed == [4]


def test_an_empty_document_says_what_to_do(shown):
    _, panel = shown(Document())
    assert panel.empty.isVisible()
    assert "Drag a layer" in panel.empty.text()
    assert not panel.table.isVisible()


def test_the_totals_stand_below_their_columns(shown):
    _, panel = shown(small())
    panel.table.setColumnWidth(3, 200)
    for section in range(len(COLUMNS) - 1):
        assert panel.footer.columnViewportPosition(section) == panel.table.columnViewportPosition(section)


@pytest.mark.parametrize("width", [1000, 1400])
def test_columns_share_the_width_until_one_is_dragged(width, shown):
    _, panel = shown(small())
    panel.resize(width, 300)
    widths = [panel.table.columnWidth(section) for section in range(len(COLUMNS))]
    assert sum(widths) == pytest.approx(width, abs=30)
    assert min(widths) > width / 12
    panel.table.setColumnWidth(0, 60)
    panel.resize(width - 100, 300)
    assert panel.table.columnWidth(0) == 60


def test_in_a_narrow_dock_columns_are_as_narrow_as_their_texts(shown):
    _, panel = shown(small())
    panel.resize(300, 300)
    model, metrics = panel.sorted, panel.table.fontMetrics()
    for section in range(len(COLUMNS)):
        longest = max(metrics.horizontalAdvance(model.index(row, section).data()) for row in range(model.rowCount()))
        assert longest < panel.table.columnWidth(section) < longest + 90


class TestWidths:
    def test_every_text_has_room_after_an_edit(self, shown):
        session, panel = shown(small())
        session.edit("set", set_config(session.document, "conv1", {"filters": 123_456}))
        metrics = panel.table.fontMetrics()
        for section in range(len(COLUMNS)):
            texts = [panel.model.index(row, section).data() for row in range(panel.model.rowCount())]
            assert panel.table.columnWidth(section) > max(metrics.horizontalAdvance(text) for text in texts)

    def test_a_long_name_leaves_room_for_the_numbers(self, shown):
        session, panel = shown(small())
        session.edit("rename", rename_layer(session.document, "conv1", "a" * 300))
        assert panel.table.columnWidth(0) < panel.width() / 2
        assert panel.table.columnViewportPosition(1) < panel.width() / 2

    def test_only_layers_that_an_edit_changed_are_measured_again(self, shown, monkeypatch):
        session, _panel = shown(small())
        measured = []
        name = replace(COLUMNS[0], text=lambda report: measured.append(report.id) or report.id)
        monkeypatch.setattr("designer.summary.widths.COLUMNS", (name, *COLUMNS[1:]))
        session.edit("set", set_config(session.document, "fc1", {"units": 11}))
        assert measured == ["fc1"]

    def test_nothing_is_measured_while_it_is_hidden(self, shown, monkeypatch):
        session, panel = shown(small())
        panel.hide()
        monkeypatch.setattr(panel, "_widths", None)
        session.edit("set", set_config(session.document, "fc1", {"units": 11}))
        panel.resize(500, 200)


def test_of_a_large_network_only_the_first_rows_are_measured():
    class Ruler:
        n_measured = 0

        def horizontalAdvance(self, text):
            self.n_measured += 1
            return len(text)

    document = small()
    reports = [*check(document).layers.values()] * MOST_ROWS
    ruler = Ruler()
    widest = Widths().measure([replace(report) for report in reports], ruler)
    assert ruler.n_measured == MOST_ROWS * len(COLUMNS)
    assert widest[0] == max(len(report.id) for report in reports)


def test_rows_are_found_in_any_order_of_sorting(shown_big):
    session, panel = shown_big
    panel.table.sortByColumn(TITLES.index("Parameters"), Qt.SortOrder.DescendingOrder)
    session.select(["conv1"])
    (index,) = panel.table.selectionModel().selectedRows()
    assert index.data() == "conv1"


@pytest.fixture
def shown_big(qtbot):
    session = Session(small())
    panel = SummaryPanel(session)
    qtbot.addWidget(panel)
    panel.show()
    return session, panel
