"""Embedding, top patches and the result of a training, as their panels show them."""

import subprocess
import sys

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from core.analysis.receptive_field import Box
from core.engine.network import Network
from core.inside.filters import Filter
from core.inside.reasons import EFFECTIVE_FIELD, MAXIMISATION, TOP_PATCHES
from core.training import neighbours
from core.training.embedding import embed
from core.training.evaluating import evaluate, trial_of
from core.training.predictions import predict
from core.work import outcome_of
from designer.views.predictions.embedding_page import EmbeddingPage
from designer.views.predictions.patch_rows import cut, is_silent
from designer.views.predictions.result_page import ResultPage, RunState
from designer.views.predictions.top_patches_page import TopPatchesPage
from tests.drawing import chain

LEFT = Qt.MouseButton.LeftButton


def embedding(stage):
    return EmbeddingPage(stage.questions)


def patches(stage):
    return TopPatchesPage(stage.session, stage.questions)


def result(stage):
    return ResultPage(stage.questions)


@pytest.fixture
def trial(trained):
    run = trained.runs.shown
    return trial_of(run.document, run.standing.weights)


class TestEmbedding:
    def test_points_are_the_principal_components_of_the_hidden_layer(self, trained, trial, show):
        page = show(embedding)
        said = outcome_of(predict(trial.network, trial.preparation, trial.dataset, trial.samples))
        np.testing.assert_allclose(page.placed.embedding.at, outcome_of(embed(said.hidden, "pca")).at, atol=1e-4)
        assert page.title.text() == said.hidden_layer
        assert "of the variance" in page.note.text()

    def test_a_click_opens_the_picture_and_takes_it_as_the_probe(self, trained, show):
        page = show(embedding)
        number = 40
        at = page.scatter.places[number]
        QTest.mouseClick(page.scatter, LEFT, pos=QPoint(round(at[0]), round(at[1])))
        chosen = page.scatter.choice
        assert np.hypot(*(page.scatter.places[chosen] - at)) <= 1.5
        sample = int(page.placed.predictions.samples[page.placed.embedding.places[chosen]])
        assert page.about.text().startswith(f"sample {sample + 1:,}\nis ")
        assert page.image._image is not None
        taken = []
        page.probe_requested.connect(taken.append)
        QTest.mouseClick(page.take, LEFT)
        assert taken == [sample]

    @pytest.mark.parametrize("end", ["hide", "PCA", "close"])
    def test_a_long_t_sne_ends_when_nobody_waits_for_it(self, qtbot, trained, show, monkeypatch, end):
        started, really = [], subprocess.Popen
        endless = "import time; print('[t-SNE] Iteration 250: error = 1', flush=True); time.sleep(600)"
        monkeypatch.setattr(neighbours, "find_spec", lambda name: True)
        monkeypatch.setattr(neighbours, "own_command", lambda *_: [sys.executable, "-c", endless])
        monkeypatch.setattr(subprocess, "Popen", lambda *a, **o: started.append(really(*a, **o)) or started[-1])
        page = show(embedding)
        QTest.mouseClick(page.switch.parts[1], LEFT)
        qtbot.waitUntil(lambda: page.bar.isVisible() and page.bar.value() == 250, timeout=20_000)
        if end == "hide":
            page.hide()
        elif end == "PCA":
            QTest.mouseClick(page.switch.parts[0], LEFT)
        else:
            assert trained.questions.stop_and_wait()
        qtbot.waitUntil(lambda: started[0].returncode is not None, timeout=10_000)
        if end == "PCA":
            qtbot.waitUntil(lambda: page.asker.is_waiting is False, timeout=20_000)
            assert page.placed.embedding.method == "pca"

    def test_points_are_walked_with_arrows(self, trained, show):
        page = show(embedding)
        page.scatter.setFocus()
        QTest.keyClick(page.scatter, Qt.Key.Key_Right)
        first = page.scatter.choice
        QTest.keyClick(page.scatter, Qt.Key.Key_Right)
        before, after = page.scatter.places[[first, page.scatter.choice]]
        assert after[0] > before[0] or page.scatter.choice == first
        assert page.scatter.accessibleDescription().startswith("sample ")

    def test_without_its_library_t_sne_says_how_to_get_it(self, trained, show, qtbot, monkeypatch):
        import sys

        page = show(embedding)
        monkeypatch.setitem(sys.modules, "sklearn.manifold", None)
        QTest.mouseClick(page.switch.parts[1], LEFT)
        qtbot.waitUntil(lambda: "pip install" in page.refusal, timeout=20_000)
        assert page.switch.isVisible()
        QTest.mouseClick(page.switch.parts[0], LEFT)
        qtbot.waitUntil(lambda: page.is_showing, timeout=20_000)

    def test_a_network_without_a_hidden_layer_says_so(self, qtbot, make_stage):
        stage = make_stage(chain((8, 8, 1), "Flatten", ("Dense", {"units": 10}), dataset="digits"))
        page = embedding(stage)
        qtbot.addWidget(page)
        page.show()
        qtbot.waitUntil(lambda: "no hidden layer" in page.refusal, timeout=20_000)


class TestTopPatches:
    def test_they_are_the_core_s(self, trained, trial, show):
        page = show(patches)
        training = np.setdiff1d(np.arange(len(trial.dataset)), trial.samples)
        expected = outcome_of(TOP_PATCHES.work(trial.network, "conv1", trial.dataset, trial.preparation, training))
        np.testing.assert_allclose(page.excited.patches.values, expected.values, rtol=1e-5)
        assert page.note.text().startswith("3×3 pixels that excite a filter most · output of conv1 · run 1")

    def test_the_chosen_filter_says_what_it_wants_and_listens_to(self, qtbot, trained, trial, show):
        page = show(patches)
        QTest.mouseClick(page.rows.viewport(), LEFT, pos=page.rows._rect(1).center())
        assert page.rows.choice == 1
        qtbot.waitUntil(lambda: page.field.heat is not None and "rises" in page.wanted.note, timeout=20_000)
        filter_ = Filter(trial.network, "conv1", 1)
        grey = np.full(trial.dataset.shape, 0.5, np.float32)
        np.testing.assert_allclose(page._picture, outcome_of(MAXIMISATION.work(filter_, grey)).x, atol=1e-4)
        training = np.setdiff1d(np.arange(len(trial.dataset)), trial.samples)
        xs = trial.preparation.of(trial.dataset, training[:32])
        np.testing.assert_allclose(
            page.field.heat.values, outcome_of(EFFECTIVE_FIELD.work(filter_, xs)).values, atol=1e-4
        )

    def test_a_patch_leads_to_its_sample(self, trained, show):
        page = show(patches)
        first = page.rows._rect(0)
        QTest.mouseClick(page.rows.viewport(), LEFT, pos=first.topLeft() + QPoint(6 + 76 + 20, 20))
        taken = []
        page.probe_requested.connect(taken.append)
        QTest.mouseClick(page.take, LEFT)
        assert taken == [int(page.excited.patches.samples[0, 0])]

    def test_filters_are_walked_with_arrows(self, trained, show):
        page = show(patches)
        page.rows.setFocus()
        for key in (Qt.Key.Key_End, Qt.Key.Key_Left, Qt.Key.Key_Home, Qt.Key.Key_Right):
            QTest.keyClick(page.rows, key)
        assert page.rows.choice == 1
        assert page.rows.accessibleDescription().startswith("filter 2: ")

    def test_another_layer_is_asked_about(self, qtbot, trained, show):
        page = show(patches)
        page.chooser.setCurrentText("fc1")
        qtbot.waitUntil(lambda: page.excited.patches.layer == "fc1", timeout=20_000)
        assert page.note.text().startswith("samples that excite a unit most")

    def test_what_is_the_same_for_every_sample_is_said(self):
        assert is_silent(np.zeros(9))
        assert not is_silent(np.array([1.0, 0.0]))
        assert cut(np.arange(16).reshape(4, 4, 1), Box(1, 2, 3, 4)).ravel().tolist() == [6, 7, 10, 11]


class TestResult:
    def test_the_sentence_counts_what_nobody_has_learned_from(self, trained, show):
        page = show(result)
        run = trained.runs.shown
        expected = evaluate(run.document, run.standing.weights)
        low, high = expected.interval
        share, reach = 100 * expected.accuracy, 50 * (high - low)
        assert page.sentence.text() == f"{share:.1f} % of 359 unseen digits right (± {reach:.1f})"
        said = page.answer.predictions
        assert page.grid.order.tolist() == said.samples[said.worst_mistakes].tolist()

    def test_every_button_leads_somewhere(self, qtbot, trained, show):
        page = show(result)
        page.show_run(RunState(("run 1 · 2 epochs · done",), goes_on=True, can_be_saved=True))
        heard = []
        page.draw_requested.connect(lambda: heard.append("draw"))
        page.why_requested.connect(lambda sample, part: heard.append((sample, part)))
        page.continue_requested.connect(lambda: heard.append("continue"))
        page.save_requested.connect(lambda: heard.append("save"))
        page.export_requested.connect(lambda: heard.append("export"))
        for button in (page.draw, page.why, page.go_on, page.save, page.export):
            QTest.mouseClick(button, LEFT)
        assert heard == ["draw", (page.grid.choice, "validation"), "continue", "save", "export"]
        assert page.about.text() == "run 1 · 2 epochs · done"

    def test_what_cannot_be_done_is_off(self, trained, show):
        page = show(result)
        page.show_run(RunState(("weights",), goes_on=False, can_be_saved=False))
        assert not page.go_on.isEnabled()
        assert not page.save.isEnabled()

    def test_before_a_training_it_says_how_to_get_one(self, qtbot, stage):
        page = result(stage)
        qtbot.addWidget(page)
        page.show()
        qtbot.waitUntil(lambda: "Train (F5)" in page.refusal, timeout=20_000)

    def test_a_data_set_s_own_test_part_is_what_counts(self, qtbot, stage, tmp_path):
        rng = np.random.default_rng(0)
        arrays = {
            "x_train": rng.random((80, 8, 8, 1)).astype(np.float32),
            "y_train": np.arange(80) % 10,
            "x_test": rng.random((30, 8, 8, 1)).astype(np.float32),
            "y_test": np.arange(30) % 10,
        }
        np.savez(tmp_path / "own.npz", **arrays)
        from core.graph.edits import set_training

        changed = set_training(stage.session.document, {"dataset": str(tmp_path / "own.npz"), "epochs": 1})
        stage.session.edit("data", changed)
        with qtbot.waitSignal(stage.run.finished, timeout=60_000):
            stage.runs.begin()
        page = result(stage)
        qtbot.addWidget(page)
        page.show()
        qtbot.waitUntil(lambda: page.is_showing, timeout=20_000)
        assert " of 30 unseen samples right" in page.sentence.text()
        run = stage.runs.shown
        expected = evaluate(run.document, run.standing.weights, part="test", base=tmp_path)
        assert page.answer.evaluation.confusion.tolist() == expected.confusion.tolist()
        asked = []
        page.why_requested.connect(lambda sample, part: asked.append(part))
        QTest.mouseClick(page.why, LEFT)
        assert asked == ["test"]


def test_weights_stay_those_of_the_network(trained, show):
    before = {name: array.copy() for name, array in trained.runs.shown.standing.weights.items()}
    for make in (embedding, patches, result):
        show(make)
    assert all(np.array_equal(before[name], array) for name, array in trained.runs.shown.standing.weights.items())
    assert Network(trained.session.document)  # the document is as it was
