"""The lens of measured milliseconds: timed aside, for what is open, and never beside a training."""

import pytest

from core.engine.program import compile_program
from core.graph.edits import rename_layer, set_config
from core.io.templates import load_template
from designer.canvas.drawing.canvas_style import HEATS
from designer.training.stopwatch import batch_for, measure


def texts(window):
    return {id: node.heat_text for id, node in window.canvas.scene.nodes.items()}


@pytest.fixture
def timed(window, qtbot):
    """The window with its network timed."""
    window.canvas.lenses.choose("milliseconds")
    qtbot.waitUntil(lambda: texts(window)["conv1"].endswith(" ms"), timeout=20_000)
    return window


def test_every_layer_has_a_time_and_together_they_are_a_step():
    document = load_template("lenet5")
    times, of = measure(document)
    given = {"input", "softmax"}  # the loss takes the scores
    assert set(times) == {layer.id for layer in document.graph.layers} - given
    assert times["conv1"] > 0
    assert times["relu1"] == 0  # computed together with the convolution before it
    assert of == "a training step of 32 images"


def test_large_networks_are_timed_with_few_images():
    assert batch_for(compile_program(load_template("lenet5")), 32) == 32
    assert batch_for(compile_program(load_template("resnet18")), 32) < 32
    assert batch_for(compile_program(load_template("vgg16")), 1) == 1


def test_the_slowest_layer_is_the_warmest(timed):
    heats = {id: node.heat for id, node in timed.canvas.scene.nodes.items()}
    assert max(heat for heat in heats.values() if heat is not None) == HEATS - 1
    said = timed.statusBar().currentMessage()
    assert said.startswith("Measured milliseconds of a training step of 32 images: most has ")


def test_a_change_of_the_graph_is_timed_anew(timed, qtbot):
    session = timed.session
    session.edit("change", set_config(session.document, "conv2", {"filters": 8}))
    assert texts(timed)["conv1"] == ""
    qtbot.waitUntil(lambda: texts(timed)["conv1"].endswith(" ms"), timeout=20_000)


def test_names_that_change_while_it_measures_are_those_that_are_shown(window, qtbot):
    window.canvas.lenses.choose("milliseconds")
    window.session.edit("rename", rename_layer(window.session.document, "conv1", "edges"))
    qtbot.waitUntil(lambda: texts(window)["edges"].endswith(" ms"), timeout=20_000)


def test_where_there_are_problems_it_says_so(timed, qtbot):
    session = timed.session
    session.edit("break", set_config(session.document, "conv2", {"kernel_size": 99}))
    qtbot.waitUntil(lambda: timed.statusBar().currentMessage() == "Solve the problems first.")
    session.undo()
    qtbot.waitUntil(lambda: texts(timed)["conv1"].endswith(" ms"), timeout=20_000)


def test_it_waits_until_nothing_trains(window, qtbot):
    window.run.start(window.session.document)
    window.canvas.lenses.choose("milliseconds")
    assert window.statusBar().currentMessage().startswith("What trains now would be in the way")
    window.run.stop()
    qtbot.waitUntil(lambda: texts(window)["conv1"].endswith(" ms"), timeout=20_000)


def test_another_lens_ends_it(timed, qtbot):
    timed.canvas.lenses.choose("parameters")
    assert texts(timed)["conv1"] == "156"
    timed.session.edit("change", set_config(timed.session.document, "conv2", {"filters": 8}))
    qtbot.wait(700)
    assert timed.stopwatch.stop_and_wait(0)
