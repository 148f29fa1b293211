"""What a view shows belongs to the network that was pictured: not to another document, nor to what was drawn since."""

import numpy as np
import pytest

from core.graph.edits import remove_layers, set_config
from core.graph.values import Document
from core.io.datasets import fit_to, load_dataset
from core.io.templates import load_template
from core.training.messages import Batch, Started
from core.training.snapshots import Interest, Snapshot
from designer import theme
from designer.session import Session
from designer.views import ActivationsView, CurvesView, FiltersView

KERNEL = np.ones((5, 5, 1, 6), np.float32)
OUTPUT = np.full(10, 0.1, np.float32)
SHOT = Snapshot(3, {"conv1": KERNEL}, {"conv1": np.ones((28, 28, 6), np.float32), "softmax": OUTPUT})


@pytest.fixture
def view(qtbot):
    def make(kind):
        theme.set_theme("dark")
        session = Session(load_template("lenet5"))
        widget = kind(session)
        qtbot.addWidget(widget)
        widget.resize(560, 320)
        widget.show()
        session.select(["conv1"])
        return widget, session

    return make


class TestAnotherDocument:
    @pytest.mark.parametrize("kind", [FiltersView, ActivationsView])
    def test_a_layer_of_the_same_name_is_not_taken_for_it(self, view, kind):
        widget, session = view(kind)
        widget.show_snapshot(SHOT)
        assert widget.showing
        session.open(load_template("lenet5"), None)
        assert not widget.showing
        assert widget.title.text() == widget.subtitle.text() == ""

    def test_a_refusal_is_not_kept(self, view):
        widget, session = view(FiltersView)
        widget.set_refusal("Solve the problem.")
        session.open(load_template("lenet5"), None)
        assert "Solve" not in widget._empty_text.text()

    def test_curves_are_forgotten(self, qtbot):
        widget = CurvesView()
        qtbot.addWidget(widget)
        widget.show()
        qtbot.waitUntil(lambda: len(widget._plots) == 2)
        widget.begin("run 1", Started(1, 9, 8, 2, 1))
        widget.add_batches([Batch(1, 1, 1, 2.0, 0.5, 8)])
        widget.show_failure("The training could not start.", "Why.")
        widget.clear()
        assert widget.data is None
        assert widget._pages.currentWidget() is widget._empty
        widget.begin("run 1", Started(1, 9, 8, 2, 1))
        assert not widget._notice.isVisible()
        assert not widget._plots[0]._raw.getData()[0].size


class TestNoPicture:
    @pytest.fixture
    def pictured(self, view):
        widget, session = view(ActivationsView)
        widget.set_dataset(fit_to(load_dataset("digits"), (28, 28, 1)))
        widget.show_snapshot(SHOT)
        widget.mosaic.choose((1, 12, 14))
        assert widget.probe.says.startswith("says")
        assert widget.probe.image.box is not None
        return widget, session

    def nothing_is_said(self, widget):
        assert widget.probe.says == "is 0"
        assert not widget.probe.bars.bars
        assert widget.probe.image.box is None
        assert widget.readout.text() == ""

    def test_with_problems_the_network_says_nothing(self, pictured):
        widget, _ = pictured
        widget.set_refusal("Solve the problem to see what the layers compute.")
        self.nothing_is_said(widget)

    def test_without_layers_there_is_no_network_to_say_anything(self, pictured):
        widget, session = pictured
        session.edit("delete all", remove_layers(session.document, [x.id for x in session.document.graph.layers]))
        self.nothing_is_said(widget)

    def test_nor_in_a_new_document(self, pictured):
        widget, session = pictured
        session.open(Document(), None)
        self.nothing_is_said(widget)


class TestWhatTrains:
    @pytest.fixture(params=[FiltersView, ActivationsView])
    def training(self, view, request):
        widget, session = view(request.param)
        widget.set_source(session.report)
        widget.set_origin("live")
        widget.show_snapshot(SHOT)
        assert widget.subtitle.text().endswith("· live")
        return widget, session

    def test_a_layer_that_is_changed_meanwhile_is_shown_as_it_trains(self, training):
        widget, session = training
        session.edit("set filters", set_config(session.document, "conv1", {"filters": 12, "kernel_size": 3}))
        widget.show_snapshot(SHOT)
        assert widget.showing
        assert widget.subtitle.text().startswith("live, before your edit · 6 of ")
        session.undo()
        assert widget.subtitle.text().endswith("· live")

    def test_afterwards_it_is_shown_as_it_is_drawn(self, training):
        widget, session = training
        session.edit("set filters", set_config(session.document, "conv1", {"filters": 12}))
        widget.set_source(None)
        assert widget.layer is session.report.layers["conv1"]

    def test_the_classes_are_those_of_the_output_that_trains(self, view):
        widget, session = view(ActivationsView)
        widget.set_source(session.report)
        session.edit("remove", remove_layers(session.document, ["softmax"]))
        assert widget.interest() == Interest(maps=frozenset({"conv1", "softmax"}))
