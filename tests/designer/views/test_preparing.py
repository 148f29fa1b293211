"""Panels of preprocessing and augmentation: switches, numbers, the line of the spectrum, one undoable step each."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from core.graph.edits import set_config, set_training
from core.io.datasets import load_dataset
from core.io.templates import load_template
from core.preprocessing.centring import MeanImage
from core.preprocessing.directions import PCA
from core.training.stages import Stages
from designer.session import Session
from designer.views.data import ShownData
from designer.views.preparing import AugmentationView, PreprocessingView, SpectrumPanel
from designer.views.preparing.pictures import range_text, signed_picture


@pytest.fixture
def session(qapp):
    session = Session()
    session.open(load_template("mlp"), None)
    return session


@pytest.fixture
def view(qtbot, session):
    return shown(qtbot, PreprocessingView(session, ShownData(session)), session)


@pytest.fixture
def draws(qtbot, session):
    view = AugmentationView(session, ShownData(session))
    qtbot.addWidget(view)
    view.resize(1400, 260)
    view.show()
    qtbot.waitUntil(lambda: view.before.image is not None)
    return view


def shown(qtbot, view, session):
    qtbot.addWidget(view)
    view.panel = SpectrumPanel()
    qtbot.addWidget(view.panel)
    view.panel.resize(420, 220)
    view.panel.show()
    view.show_spectrum_in(view.panel)
    view.resize(1400, 420)
    with qtbot.waitSignal(view.fitter.done):
        view.show()
    return view


def column(view, kind):
    return next(column for column in view.columns if column.stage.step.kind_name() == kind)


def click(box):
    QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(10, box.height() // 2))


def preprocessing(session):
    return session.document.training.settings.preprocessing


def augmentation(session):
    return session.document.training.settings.augmentation


class TestPreprocessing:
    def test_a_switch_sets_a_step_and_takes_it_out_again(self, qtbot, session, view):
        assert column(view, "MeanImage").picture.is_faint
        with qtbot.waitSignal(view.fitter.done):
            click(column(view, "MeanImage").switch)
        assert preprocessing(session) == (MeanImage(),)
        mean = column(view, "MeanImage")
        assert not mean.picture.is_faint
        assert mean.mean.isVisible()
        assert mean.switch.isChecked()
        with qtbot.waitSignal(view.fitter.done):
            session.undo()
        assert preprocessing(session) == ()
        assert column(view, "MeanImage").picture.is_faint

    def test_what_is_said_was_learned_from_the_training_part(self, qtbot, session, view):
        with qtbot.waitSignal(view.fitter.done):
            session.edit("set", set_training(session.document, {"preprocessing": ["MeanImage"]}))
        loaded = view.data.loaded
        pixels = loaded.dataset.pixels(loaded.training)
        facts = column(view, "MeanImage").facts.text().splitlines()
        assert facts[0] == f"mean {pixels.mean(dtype=np.float64):.4f}"
        assert "1,438 training samples" in view.note.text()

    def test_a_setting_is_one_step_however_it_is_typed(self, qtbot, session, view):
        with qtbot.waitSignal(view.fitter.done):
            session.edit("set", set_training(session.document, {"preprocessing": [{"kind": "PCA", "components": 5}]}))
        editor = column(view, "PCA").form.rows["components"].editor
        with qtbot.waitSignal(view.fitter.done):
            editor.edited.emit(12)
        assert preprocessing(session) == (PCA(components=12),)
        assert "12 of 64 keep" in column(view, "PCA").facts.text()
        assert view.panel.plot.n == 12
        session.undo()
        assert preprocessing(session) == (PCA(components=5),)

    def test_the_line_is_dragged_and_chooses_where_it_is_let_go(self, qtbot, session, view):
        plot = view.panel.plot
        before = column(view, "PCA").picture.image
        assert plot.text.startswith(f"{plot.n} of 64 keep 95")
        at = [QPoint(round(plot.x_of(n)), 60) for n in (plot.n, 20, 8)]
        QTest.mousePress(plot, Qt.MouseButton.LeftButton, pos=at[0])
        QTest.mouseMove(plot, at[1])
        assert preprocessing(session) == ()
        assert plot.n == 20
        assert column(view, "PCA").picture.image != before  # seen while it moves
        QTest.mouseMove(plot, at[2])
        with qtbot.waitSignal(view.fitter.done):
            QTest.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=at[2])
        assert preprocessing(session) == (PCA(components=8),)
        assert column(view, "PCA").switch.isChecked()
        session.undo()
        assert preprocessing(session) == ()

    def test_escape_leaves_the_line_where_it_was(self, session, view):
        plot = view.panel.plot
        n = plot.n
        QTest.mousePress(plot, Qt.MouseButton.LeftButton, pos=QPoint(round(plot.x_of(n)), 60))
        QTest.mouseMove(plot, QPoint(round(plot.x_of(5)), 60))
        QTest.keyClick(plot, Qt.Key.Key_Escape)
        QTest.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=QPoint(round(plot.x_of(5)), 60))
        assert plot.n == n
        assert preprocessing(session) == ()

    def test_keys_move_the_line(self, qtbot, session, view):
        n = view.panel.plot.n
        with qtbot.waitSignal(view.fitter.done):
            QTest.keyClick(view.panel.plot, Qt.Key.Key_Right)
        assert preprocessing(session) == (PCA(components=n + 1),)
        assert view.panel.plot.accessibleDescription() == view.panel.plot.text

    def test_eight_directions_are_pictured(self, view):
        assert all(picture.image is not None for picture in view.panel.directions)

    def test_the_spectrum_alone_is_learned_too(self, qtbot, session):
        alone = PreprocessingView(session, ShownData(session))
        panel = SpectrumPanel()
        alone.show_spectrum_in(panel)
        qtbot.addWidget(panel)
        qtbot.addWidget(alone)
        panel.show()
        qtbot.waitUntil(lambda: panel.plot.text != "")
        assert panel.kept.text().startswith("the first 8 directions keep ")

    def test_another_sample_is_shown(self, qtbot, view):
        before = view.before.image
        with qtbot.waitSignal(view.fitter.done):
            view.show_sample(7)
        assert view.before.image != before
        assert view.sample == 7

    def test_what_cannot_be_applied_says_why(self, qtbot, session, view):
        with qtbot.waitSignal(view.fitter.done):
            session.edit("set", set_training(session.document, {"preprocessing": [{"kind": "PCA", "components": 99}]}))
        assert column(view, "PCA").facts.text() == "PCA keeps 99 components, but a sample has only 64 values."
        with qtbot.waitSignal(view.fitter.done):
            click(column(view, "PCA").switch)
        assert preprocessing(session) == ()

    def test_a_network_that_samples_do_not_fit_is_said(self, session, view):
        session.edit("set", set_config(session.document, "input", {"shape": [8, 8, 5]}))
        assert view.pages.currentWidget() is not view.page

    def test_nothing_is_learned_while_it_is_hidden(self, qtbot, session, view, monkeypatch):
        view.hide()
        view.panel.hide()
        monkeypatch.setattr(Stages, "fit", lambda *_: pytest.fail("nobody looks"))
        session.edit("set", set_training(session.document, {"preprocessing": ["MeanImage"]}))
        qtbot.wait(80)
        monkeypatch.undo()
        with qtbot.waitSignal(view.fitter.done):
            view.show()
        assert column(view, "MeanImage").switch.isChecked()

    def test_what_nobody_waits_for_is_given_up(self, qtbot, session, view):
        with qtbot.waitSignal(view.fitter.done):
            for index in range(5):
                view.show_sample(index)
        qtbot.waitUntil(lambda: view.fitter._thread is None or not view.fitter._thread.is_alive())


def test_the_sample_that_is_chosen_is_prepared(qtbot, make_window):
    window = make_window(size=(1600, 1000))
    window.session.open(load_template("mlp"), None)
    window.actions_by_id["workspace_data"].trigger()
    samples, view = window.panels["samples"], window.panels["preprocessing"]
    qtbot.waitUntil(lambda: samples.grid.choice is not None and view.before.image is not None)
    qtbot.waitUntil(lambda: view.sample == samples.grid.choice)
    samples.grid.setFocus()
    QTest.keyClick(samples.grid, Qt.Key.Key_Right)
    assert view.sample == samples.grid.choice
    with qtbot.waitSignal(view.fitter.done):
        click(column(view, "Invert").switch)
    assert [step.kind_name() for step in preprocessing(window.session)] == ["Invert"]
    window.actions_by_id["undo"].trigger()
    assert preprocessing(window.session) == ()
    qtbot.waitUntil(lambda: window.panels["pca"].plot.text != "")


class TestAugmentation:
    def test_a_switch_adds_a_kind_and_takes_it_out(self, session, draws):
        click(draws.switches["Noise"].switch)
        click(draws.switches["Flip"].switch)
        assert [kind.kind_name() for kind in augmentation(session)] == ["Flip", "Noise"]  # as in the table
        pictures = [picture.image for picture in draws.draws]
        assert all(picture is not None for picture in pictures)
        assert len({bytes(picture.constBits()) for picture in pictures}) > 1
        click(draws.switches["Flip"].switch)
        assert [kind.kind_name() for kind in augmentation(session)] == ["Noise"]
        session.undo()
        assert len(augmentation(session)) == 2

    def test_a_number_is_one_step(self, session, draws):
        assert not draws.switches["Shift"].form.isEnabled()
        click(draws.switches["Shift"].switch)
        before = [picture.image for picture in draws.draws]
        draws.switches["Shift"].form.rows["pixels"].editor.edited.emit(3)
        assert augmentation(session)[0].pixels == 3
        assert [picture.image for picture in draws.draws] != before
        session.undo()
        assert augmentation(session)[0].pixels == 2

    def test_draws_are_those_of_the_training(self, session, draws):
        session.edit("set", set_training(session.document, {"augmentation": ["Shift"]}))
        draws.show_sample(11)
        settings = session.document.training.settings
        from core.training.preparation import Preparation

        data = load_dataset("digits")
        for epoch, picture in enumerate(draws.draws, 1):
            learned = Preparation((), settings.augmentation, settings.seed).learned(data, np.array([11]), epoch)
            assert picture.image == signed_picture(learned[0])

    def test_nothing_on_is_said(self, draws):
        assert draws.note.text() == "nothing is switched on: every epoch sees samples as they are"
        assert all(picture.is_faint for picture in draws.draws)

    def test_rows_of_features_have_noise_only(self, qtbot, session, draws):
        document = session.document
        graph = document.graph
        layers = tuple(layer for layer in graph.layers if layer.kind != "Flatten")
        flat = replace(document, graph=replace(graph, layers=layers))
        session.open(flat, None)
        session.edit("set", set_config(session.document, "input", {"shape": [64]}))
        enabled = {name for name, switch in draws.switches.items() if switch.switch.isEnabled()}
        assert enabled == {"Noise"}
        assert "64 features" in draws.switches["Flip"].switch.toolTip()


def test_values_of_any_range_are_pictured(qapp):
    for values in (np.zeros((4, 4, 1)), np.ones((4, 4, 3)) * -2, np.linspace(-1, 1, 9), np.ones((2, 3, 2)) * 5):
        image = signed_picture(values.astype(np.float32))
        assert not image.isNull()
    assert range_text(np.array([-0.5333, 1])) == "−0.53 … 1"
