"""Wires as thick as the gradient that comes back over them."""

import numpy as np
import pytest

from core.engine.network import Network
from core.graph.edits import disconnect
from core.inside.flow import gradient_flow
from core.inside.looking import Label, look_inside
from core.io.datasets import load_dataset, plain_dataset
from core.io.templates import load_template
from core.training.evaluating import Trial
from core.training.preparation import Preparation
from core.work import outcome_of
from designer.canvas.drawing.canvas_style import FLOWS
from designer.canvas.drawing.tips import wire_tip
from tests.designer.training.trainers import digits_cnn


def test_a_wire_has_the_norm_of_the_gradient_that_the_engine_computes():
    network, digits = Network(load_template("digits_cnn"), seed=1), load_dataset("digits")
    trial = Trial(network, Preparation(), digits, np.arange(5))
    flow = outcome_of(gradient_flow(trial))
    pixels = trial.preparation.of(digits, np.arange(5))
    looks = [look_inside(network, pixels[i], Label(int(digits.labels[i]))) for i in range(5)]
    for source, layer in (("conv1", "relu1"), ("pool1", "conv2"), ("flat", "fc1"), ("fc1", "softmax")):
        squares = [np.square(look.gradients[source], dtype=np.float64).sum() for look in looks]
        assert flow.norms[source, layer, 0] == pytest.approx(np.sqrt(np.mean(squares)), rel=1e-4)


def test_both_branches_of_an_add_have_what_comes_back_to_it():
    network = Network(load_template("resnet20_cifar"), seed=1)
    rng = np.random.default_rng(0)
    dataset = plain_dataset(rng.random((3, 32, 32, 3), np.float32), np.array([0, 1, 2]))
    flow = outcome_of(gradient_flow(Trial(network, Preparation(), dataset, np.arange(3))))
    into = {
        key: norm for key, norm in flow.norms.items() if network.program.by_id[key[1]].kind.__class__.__name__ == "Add"
    }
    adds = {layer for _, layer, _ in into}
    assert len(adds) == 9
    for add in adds:
        one, other = (norm for (_, layer, _), norm in into.items() if layer == add)
        assert one == pytest.approx(other)
        assert one > 0


@pytest.fixture
def window(make_window):
    window = make_window()
    window.session.open(digits_cnn(epochs=2), None)
    return window


def seen(window):
    return {key: wire.flow for key, wire in window.canvas.scene.wires.items()}


def test_wires_are_measured_while_the_lens_is_on_and_no_longer(qtbot, window):
    lenses, before = window.canvas.lenses, {n: a.copy() for n, a in Network(window.session.document).weights.items()}
    assert set(seen(window).values()) == {None}
    places = {id: node.pos() for id, node in window.canvas.scene.nodes.items()}
    lenses.choose("gradients")
    qtbot.waitUntil(lambda: None not in seen(window).values(), timeout=20_000)
    assert max(seen(window).values()) == FLOWS - 1
    assert window.canvas.wire_legend.isVisible()
    assert "0: none" in window.canvas.wire_legend.accessibleDescription()
    wire = window.canvas.scene.wires["fc1", 0]
    assert wire_tip(wire).endswith(f"‖∂loss/∂x‖ = {wire.flow_text}")
    assert {id: node.pos() for id, node in window.canvas.scene.nodes.items()} == places
    assert window.questions.is_attended
    lenses.choose("")
    assert set(seen(window).values()) == {None}
    assert not window.canvas.wire_legend.isVisible()
    assert not window.questions.is_attended
    for name, array in Network(window.session.document).weights.items():
        np.testing.assert_array_equal(array, before[name])


def test_nothing_is_measured_for_a_canvas_out_of_sight(qtbot, window):
    window.canvas.lenses.choose("gradients")
    qtbot.waitUntil(lambda: None not in seen(window).values(), timeout=20_000)
    window.show_workspace("data")
    qtbot.waitUntil(lambda: not window.questions.is_attended, timeout=30_000)
    window.show_workspace("design")
    qtbot.waitUntil(lambda: window.questions.is_attended, timeout=30_000)


def test_wires_follow_a_run(qtbot, window):
    window.canvas.lenses.choose("gradients")
    qtbot.waitUntil(lambda: None not in seen(window).values(), timeout=20_000)
    untrained = dict(window.canvas.lenses.wires.amounts)
    with qtbot.waitSignal(window.run.finished, timeout=60_000):
        window.train_bar.train_or_pause()
    qtbot.waitUntil(lambda: window.canvas.lenses.wires.amounts != untrained, timeout=20_000)


def test_why_there_is_none_is_said(qtbot, window):
    said = []
    window.canvas.lenses.changed.connect(said.append)
    session = window.session
    session.edit("cut", disconnect(session.document, "fc1", 0))
    window.canvas.lenses.choose("gradients")
    qtbot.waitUntil(lambda: any("Solve the problem" in sentence for sentence in said), timeout=10_000)
    assert set(seen(window).values()) == {None}
