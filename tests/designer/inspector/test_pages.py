"""The inspector of several layers, and of the network as a whole."""

import gc
import weakref

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt

from core.graph.edits import add_layer, remove_layers, replace_kind, set_config, set_optimizer, set_training
from core.graph.training import UnreadableOptimizer
from core.graph.values import Block, Document, Graph, Layer, layers_by_id, make_spec
from core.learning.optimizers import OPTIMIZERS
from core.text import bytes_text
from core.training.needs import training_needs
from designer import theme
from designer.inspector.bars import MOST_BARS, layer_bars
from designer.session import Session
from designer.window.rails import unfold


def config(session, id):
    return layers_by_id(session.document.graph)[id].config


def facts(page):
    return {line.name.text(): line.value.text() for line in page.facts.lines if line.isVisible()}


@pytest.fixture
def two(small):
    """`small` with a second convolution between conv1 and relu1."""
    from core.graph.edits import insert_layer

    return insert_layer(small, "Conv2D", {"filters": 6, "kernel_size": 3, "padding": 1}, before="relu1")


class TestSeveral:
    def test_layers_of_one_kind_are_edited_at_once(self, opened, two, entered):
        session, inspector = opened(two, "conv1", "conv2")
        page = inspector.several_page
        assert page.isVisible()
        assert (page.title.text(), page.kind.text()) == ("2 layers", "Conv2D")
        editor = page.form.rows["filters"].editor
        assert editor.text() == "6"
        entered(editor, "12")
        assert [config(session, id)["filters"] for id in ("conv1", "conv2")] == [12, 12]
        assert session.undo_label == "set filters of conv1 and conv2"
        session.undo()
        assert session.document == two

    def test_values_that_differ_are_several_until_one_is_entered(self, opened, two, entered, qtbot):
        session, inspector = opened(set_config(two, "conv2", {"bias": False, "rounding": "floor"}), "conv1", "conv2")
        rows = inspector.several_page.form.rows
        size = rows["kernel_size"].editor
        assert (size.text(), size.lineEdit().placeholderText()) == ("", "several values")
        assert rows["bias"].editor.checkState() == Qt.CheckState.PartiallyChecked
        assert rows["rounding"].editor.currentIndex() == -1
        assert not any(row.message.isVisible() for row in rows.values())
        entered(size, "7")
        qtbot.mouseClick(rows["bias"].editor, Qt.MouseButton.LeftButton)
        for id in ("conv1", "conv2"):
            assert config(session, id)["kernel_size"] == 7
        assert len({config(session, id).get("bias", True) for id in ("conv1", "conv2")}) == 1

    def test_layers_of_different_kinds_have_sums_only(self, opened, two):
        _, inspector = opened(two, "conv1", "fc1")
        page = inspector.several_page
        assert page.form is None
        assert page.kind.text() == "of 2 kinds"
        assert facts(page) == {"Parameters": "11,926", "MACs": "129,360", "Memory": "18.4 KiB"}

    def test_a_sum_with_something_unknown_is_unknown(self, opened, two):
        _, inspector = opened(set_config(two, "conv2", {"kernel_size": 60}), "conv1", "conv2")
        assert facts(inspector.several_page)["MACs"] == "?"
        assert len(inspector.several_page.problems.cards) == 1

    def test_one_page_is_shown_at_a_time(self, opened, two):
        session, inspector = opened(two)
        for selection, page in (
            (["conv1"], inspector.layer_page),
            (["conv1", "fc1"], inspector.several_page),
            ([], inspector.document_page),
        ):
            session.select(selection)
            assert [p.isVisible() for p in inspector._pages] == [p is page for p in inspector._pages]


class TestDocument:
    def test_totals_and_name(self, opened, small, entered, qtbot):
        session, inspector = opened(small)
        page = inspector.document_page
        assert page.header.title.text() == "net"
        assert facts(page) == {"Layers": "6", "Parameters": "11,926", "MACs": "129,360", "Memory": "46.0 KiB"}
        entered(page.header.title, "My first network")
        qtbot.keyClick(page.header.title, Qt.Key.Key_Return)
        assert session.document.name == "My first network"
        assert session.undo_label == "rename the network"

    def test_an_empty_document_says_what_to_do(self, opened):
        _, inspector = opened(Document())
        page = inspector.document_page
        assert page.empty_text.isVisible()
        assert "Drag a layer" in page.empty_text.text()
        assert not page.memory.isVisible()

    def test_training_settings_are_edited_like_any_others(self, opened, small, entered):
        session, inspector = opened(small)
        rows = inspector.document_page.training.rows
        entered(rows["batch_size"].editor, "64")
        entered(rows["validation_split"].editor, "0.25")
        assert session.document.training.settings.batch_size == 64
        assert session.document.training.settings.validation_split == 0.25
        entered(rows["epochs"].editor, "none")
        assert rows["epochs"].editor.property("invalid") is True
        assert session.document.training.settings.epochs == 10
        session.undo()
        session.undo()
        assert session.document == small

    def test_what_training_takes_is_told_before_it_begins(self, opened, small, qtbot):
        session, inspector = opened(small)
        line = inspector.document_page.needs
        qtbot.waitUntil(line.isVisible)
        needs = training_needs(session.document, n=1797)
        assert line.text().startswith(f"Needs about {bytes_text(needs.memory_bytes)} of memory")
        assert ("processes share each batch" in line.text()) == (needs.replicas > 1)
        before = line.text()
        session.edit("larger batches", set_training(session.document, {"batch_size": 512}))
        qtbot.waitUntil(lambda: line.text() != before)
        session.edit("end with maps", remove_layers(session.document, ["flat1", "fc1"]))
        qtbot.waitUntil(lambda: not line.isVisible())

    def test_a_name_is_taken_when_it_is_finished(self, opened, small, entered, qtbot):
        session, inspector = opened(small)
        editor = inspector.document_page.training.rows["dataset"].editor
        entered(editor, "mnist")
        assert session.document.training.settings.dataset == "digits"
        qtbot.keyClick(editor, Qt.Key.Key_Return)
        assert session.document.training.settings.dataset == "mnist"

    def test_one_can_look_for_a_data_set(self, opened, small, qtbot):
        _, inspector = opened(small)
        with qtbot.waitSignal(inspector.dataset_requested):
            qtbot.mouseClick(inspector.document_page.training.browse, Qt.MouseButton.LeftButton)

    def test_another_optimizer_keeps_what_both_have(self, opened, small, entered, qtbot):
        session, inspector = opened(set_optimizer(small, "Adam", {"learning_rate": 0.005}))
        page = inspector.document_page
        page.training.optimizer.editor.setFocus()
        qtbot.keyClick(page.training.optimizer.editor, Qt.Key.Key_Home)
        optimizer = session.document.training.optimizer
        assert type(optimizer) is next(iter(OPTIMIZERS.values()))
        assert optimizer.learning_rate == 0.005
        assert set(page.training.optimizer_form.rows) == set(type(optimizer).settings())
        entered(page.training.optimizer_form.rows["learning_rate"].editor, "0.1")
        assert session.document.training.optimizer.learning_rate == 0.1

    def test_what_cannot_be_read_stands_there_with_its_problem(self, opened, small, entered):
        document = set_training(small, {"epochs": "many", "optimizer": {"kind": "Adam", "beta1": 7}})
        session, inspector = opened(document)
        assert isinstance(document.training.optimizer, UnreadableOptimizer)
        page = inspector.document_page
        for row in (page.training.rows["epochs"], page.training.optimizer_form.rows["beta1"]):
            assert row.editor.property("invalid") is True
            assert row.mark.isVisible()
        assert page.training.rows["epochs"].editor.text() == "many"
        entered(page.training.optimizer_form.rows["beta1"].editor, "0.8")
        assert session.document.training.optimizer.beta1 == 0.8
        entered(page.training.rows["epochs"].editor, "3")
        assert session.document.training.settings.epochs == 3
        assert session.report.valid

    def test_an_unknown_optimizer_can_be_replaced(self, opened, small, qtbot):
        session, inspector = opened(set_training(small, {"optimizer": {"kind": "Adm"}}))
        page = inspector.document_page
        assert page.training.optimizer.editor.currentText() == "Adm"
        assert page.training.optimizer_form is None
        page.training.optimizer.editor.setFocus()
        qtbot.keyClick(page.training.optimizer.editor, Qt.Key.Key_Home)
        assert not isinstance(session.document.training.optimizer, UnreadableOptimizer)


class TestBars:
    def test_they_are_the_layers_with_something_to_show_in_their_order(self, small):
        session = Session(small)
        memory, parameters = layer_bars(session.document.graph, session.report)
        assert [(bar.layer, bar.text) for bar in memory] == [
            ("input1", "3.1 KiB"),
            ("conv1", "18.4 KiB"),
            ("relu1", "18.4 KiB"),
            ("pool1", "4.6 KiB"),
            ("flat1", "4.6 KiB"),
            ("fc1", "40 B"),
        ]
        assert [(bar.layer, bar.text) for bar in parameters] == [("conv1", "156"), ("fc1", "11.8 k")]

    def test_of_many_the_largest_are_shown_and_the_others_summed(self, qapp):
        document, source = add_layer(Document(), "Input", {"shape": [100]})
        for units in (50, 10, 90, *range(1, 18)):
            document, source = add_layer(document, "Dense", {"units": units}, source=source)
        session = Session(document)
        memory, _ = layer_bars(document.graph, session.report)
        assert len(memory) == MOST_BARS
        assert [bar.layer for bar in memory[:4]] == ["input1", "fc1", "fc2", "fc3"]
        assert (memory[-1].layer, memory[-1].name) == ("", "10 others")
        assert sum(bar.value for bar in memory) == sum(r.activation_bytes for r in session.report.layers.values())

    def test_a_block_is_one_bar(self, qapp):
        conv = Layer("conv", make_spec("Conv2D", {"filters": 4, "kernel_size": 1})[0], ("x",))
        layers = (
            Layer("input", make_spec("Input", {"shape": [8, 8, 4]})[0]),
            Layer("stage", make_spec("Block", {"block": "unit", "repeat": 3})[0], ("input",)),
        )
        document = Document(Graph(layers, blocks={"unit": Block(("x",), (conv,), ("conv",))}))
        session = Session(document)
        _, parameters = layer_bars(document.graph, session.report)
        assert [(bar.layer, bar.value) for bar in parameters] == [("stage", 3 * 20)]

    def test_a_click_selects_the_layer(self, opened, small, qtbot):
        session, inspector = opened(small)
        chart = inspector.document_page.memory
        qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=chart.bar_rect(1).center())
        assert session.selection == ("conv1",)

    def test_the_keyboard_walks_and_selects(self, opened, small, qtbot):
        session, inspector = opened(small)
        chart = inspector.document_page.parameters
        chart.setFocus(Qt.FocusReason.TabFocusReason)
        qtbot.keyClick(chart, Qt.Key.Key_Down)
        qtbot.keyClick(chart, Qt.Key.Key_Return)
        assert session.selection == ("fc1",)

    def test_bars_are_as_long_as_their_share_and_say_so_in_words(self, opened, small):
        _, inspector = opened(small)
        chart = inspector.document_page.memory
        image = chart.grab().toImage()
        ratio = image.width() / chart.width()

        def length(row, family):
            y = round(chart.bar_rect(row).center().y() * ratio)
            colour = theme.current().families[family]
            return sum(image.pixelColor(x, y).name() == colour for x in range(image.width())) / ratio

        conv, pool = length(1, "convolution"), length(3, "pooling")
        assert conv > 60
        assert pool / conv == pytest.approx(1 / 4, abs=0.05)
        assert "conv1 18.4 KiB" in chart.accessibleDescription()


class TestBlocks:
    def test_a_block_shows_the_sums_of_its_layers_and_its_settings(self, opened, entered):
        conv = Layer("conv", make_spec("Conv2D", {"filters": 4, "kernel_size": 3, "padding": 1})[0], ("x",))
        layers = (
            Layer("input", make_spec("Input", {"shape": [8, 8, 4]})[0]),
            Layer("stage", make_spec("Block", {"block": "unit", "repeat": 2})[0], ("input",)),
        )
        document = Document(Graph(layers, blocks={"unit": Block(("x",), (conv,), ("conv",))}))
        _, inspector = opened(document, "stage")
        page = inspector.layer_page
        assert page.header.kind.text() == "Block"
        assert facts(page) == {
            "Output": "8 × 8 × 4",
            "Parameters": "296",
            "MACs": "18,432",
            "Memory": "2.0 KiB",
            "Receptive field": "5 × 5",
        }
        entered(page.form.rows["repeat"].editor, "3")
        assert facts(page)["Parameters"] == "444"


def test_the_theme_can_change_while_something_is_shown(opened, small):
    _, inspector = opened(set_config(small, "conv1", {"stride": 5}), "conv1")
    before = inspector.grab().toImage()
    theme.set_theme("light")
    after = inspector.grab().toImage()
    assert before != after
    row = inspector.layer_page.header
    assert (
        row.icon.pixmap().toImage()
        == theme.icon("convolution", theme.LIGHT.families["convolution"]).pixmap(16, 16).toImage()
    )


def test_forms_that_are_gone_listen_no_longer(opened, small, qtbot):
    session, inspector = opened(small)
    gone = []
    for _ in range(3):
        for id in ("conv1", "pool1", "fc1"):
            session.select([id])
            gone.append(weakref.ref(inspector.layer_page.form))
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    session.select([])
    theme.set_theme("light")
    gc.collect()
    assert [form() for form in gone[:-1]] == [None] * (len(gone) - 1)


def test_layers_that_differ_get_back_what_each_had(opened, small, entered):
    document = replace_kind(small, "fc1", "Conv2D", {"filters": 9})
    session, inspector = opened(document, "conv1", "fc1")
    row = inspector.several_page.form.rows["filters"]
    entered(row.editor, "999999")
    assert session.document is document
    assert row.editor.property("invalid") is True
    row.editor.clearFocus()
    assert (row.editor.text(), row.editor.property("invalid")) == ("", False)
    assert not row.message.isVisible()


@pytest.mark.parametrize(("name", "text"), [("epochs", "5x"), ("learning_rate", "0.1.2")])
def test_training_settings_get_back_what_they_had(name, text, opened, small, entered):
    session, inspector = opened(small)
    page = inspector.document_page
    row = page.training.rows.get(name) or page.training.optimizer_form.rows[name]
    before = row.editor.text()
    entered(row.editor, text)
    assert session.document is small
    row.editor.clearFocus()
    assert row.editor.text() == before


def test_a_setting_goes_back_to_its_default_with_its_button(window):
    session = window.session
    unfold(window.inspector)
    session.select(["conv1"])
    row = window.inspector.layer_page.form.rows["padding"]
    assert row.reset.isVisible()
    assert not window.inspector.layer_page.form.rows["stride"].reset.isVisible()
    row.reset.click()
    assert "padding" not in next(layer for layer in session.document.graph.layers if layer.id == "conv1").config
    assert not row.reset.isVisible()
    session.undo()
    assert row.reset.isVisible()


class TestLink:
    def test_linked_sides_step_together_and_others_one_by_one(self, window, qtbot):
        session = window.session
        unfold(window.inspector)
        session.select(["conv1"])
        row = window.inspector.layer_page.form.rows["kernel_size"]
        assert row.link.isVisible()
        assert row.link.isChecked()
        row.editor.setFocus()
        qtbot.keyClick(row.editor, Qt.Key.Key_Up)
        assert config(session, "conv1")["kernel_size"] == 7
        row.link.click()
        row.editor.setFocus()
        row.editor.lineEdit().setCursorPosition(len(row.editor.text()))
        qtbot.keyClick(row.editor, Qt.Key.Key_Down)
        assert config(session, "conv1")["kernel_size"] == [7, 5]
        qtbot.keyClick(row.editor, Qt.Key.Key_Down)
        assert (config(session, "conv1")["kernel_size"], row.editor.text()) == ([7, 3], "7 × 3")
        assert not row.link.isChecked()

    def test_linking_makes_the_second_side_like_the_first_in_one_step(self, window):
        session = window.session
        session.edit("set", set_config(session.document, "conv1", {"stride": (2, 3)}))
        session.select(["conv1"])
        row = window.inspector.layer_page.form.rows["stride"]
        assert not row.link.isChecked()
        row.link.click()
        assert config(session, "conv1")["stride"] == 2
        assert row.link.isChecked()
        session.undo()
        assert config(session, "conv1")["stride"] == [2, 3]
        assert not row.link.isChecked()

    def test_a_field_that_is_not_linked_shows_both_sides_until_another_layer_is_chosen(self, window):
        session = window.session
        session.select(["conv1"])
        row = window.inspector.layer_page.form.rows["stride"]
        assert row.editor.text() == "1"
        row.link.click()
        assert row.editor.text() == "1 × 1"
        session.select(["conv2"])
        assert (row.editor.text(), row.link.isChecked()) == ("1", True)

    def test_what_has_no_sides_has_no_link(self, window):
        session = window.session
        session.select(["conv1"])
        rows = window.inspector.layer_page.form.rows
        assert not rows["filters"].link.isVisible()
        session.edit("set", set_config(session.document, "conv1", {"padding": "same"}))
        assert not rows["padding"].link.isVisible()
