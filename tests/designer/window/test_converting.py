"""“Dense to convolution” in the Edit menu: wherever it can be done, and as one step."""

import numpy as np
import pytest

from core.engine.network import Network
from core.graph.edits import set_config, set_training
from core.training.messages import Finished


@pytest.fixture
def action(window):
    found = window.actions_by_id["dense_to_convolution"]
    assert found in window.menus["Layers"].actions()
    return found


@pytest.mark.parametrize(
    ("chosen", "possible"),
    [
        (["flat"], True),
        (["fc1"], True),
        (["conv1", "fc3"], True),
        (["conv1"], False),
        (["softmax"], False),
        ([], False),
    ],
)
def test_it_is_there_for_the_layers_that_it_would_change(window, action, chosen, possible):
    window.session.select(chosen)
    assert action.isEnabled() is possible


def test_the_chain_becomes_convolutions_in_one_step(window, action, qtbot):
    session = window.session
    before, parameters = session.document, session.report.totals.parameters
    session.select(["fc2"])
    action.trigger()
    kinds = {layer.id: layer.kind for layer in session.document.graph.layers}
    assert "flat" not in kinds
    assert {kinds[id] for id in ("fc1", "fc2", "fc3")} == {kinds["conv1"]}
    assert session.report.of("softmax").shape == (1, 1, 10)
    assert session.report.totals.parameters == parameters
    assert not session.report.errors
    assert set(session.selection) == {"fc1", "fc2", "fc3"}
    assert not action.isEnabled()
    assert window.actions_by_id["undo"].text() == "Undo turn Dense into convolutions"
    session.undo()
    assert session.document.graph == before.graph
    assert session.undo_label is None


def test_it_is_not_offered_while_a_size_is_unknown(window, action):
    session = window.session
    session.select(["fc1"])
    session.edit("set kernel", set_config(session.document, "conv1", {"kernel_size": 99}))
    assert session.report.errors
    assert not action.isEnabled()


def wait_for_pictures(window, qtbot, origin):
    seen = []
    window.live._preview.snapshot.connect(seen.append)
    window.live._preview._soon(0)
    qtbot.waitUntil(lambda: bool(seen) and window.live.origin == origin, timeout=10_000)
    window.live._preview.snapshot.disconnect(seen.append)
    return seen[-1]


def test_what_was_learned_goes_along_and_is_found_again_by_undo(window, action, qtbot):
    session, run = window.session, window.run
    session.edit("x", set_training(session.document, {"epochs": 1, "batch_size": 256}))
    with qtbot.waitSignal(run.finished, timeout=30_000):
        run.start(session.document)
    network = run.network
    (x,) = window.live._dataset.pixels([3])
    scores = network.forward(x[None])
    assert wait_for_pictures(window, qtbot, "run 1").step == run.step_done

    session.select(["fc1"])
    action.trigger()
    session.rename("conv1", "first")
    assert wait_for_pictures(window, qtbot, "run 1").step == run.step_done
    converted = Network(session.document)
    converted.weights.update(window.live._preview.trained.weights)
    np.testing.assert_allclose(converted.forward(x[None])[:, 0, 0], scores, rtol=1e-4, atol=1e-6)
    session.undo()
    session.undo()
    for name, array in window.live._preview.trained.weights.items():
        np.testing.assert_array_equal(array, network.weights[name])
    session.edit("set filters", set_config(session.document, "conv1", {"filters": 7}))
    wait_for_pictures(window, qtbot, "run 1, before your edit")


def test_the_converted_network_can_be_trained(window, action, qtbot):
    session, run = window.session, window.run
    session.edit("x", set_training(session.document, {"epochs": 1, "batch_size": 256}))
    session.select(["fc1"])
    action.trigger()
    with qtbot.waitSignal(run.finished, timeout=30_000):
        run.start(session.document)
    assert isinstance(run.outcome, Finished)
