"""Layers that are arranged glide to their places, and are there as soon as anything else is done."""

import pytest

from core.graph.edits import move_layers
from designer.canvas.commands.arrange import arrange_all
from tests.designer.canvas.hands import body, press, release


@pytest.fixture
def gliding(canvas, qtbot):
    """A canvas just after conv1 was arranged from afar, seen on its way."""
    canvas.session.edit("move", move_layers(canvas.session.document, {"conv1": (1600.0, 900.0)}))
    arrange_all(canvas)
    goal = canvas.scene.places()["conv1"]
    qtbot.waitUntil(lambda: canvas.scene.places()["conv1"] != goal, timeout=1000)
    assert canvas.view.viewport().updatesEnabled()
    return canvas, goal


def test_layers_arrive(gliding, qtbot):
    canvas, goal = gliding
    qtbot.waitUntil(lambda: canvas.scene.places()["conv1"] == goal, timeout=3000)
    assert canvas.session.document.layout.positions["conv1"] == goal


def test_a_gesture_finds_them_in_their_places(gliding):
    canvas, goal = gliding
    at = body(canvas, "fc1") if "fc1" in canvas.scene.nodes else canvas.scene.bounds().center()
    press(canvas, at)
    assert canvas.scene.places()["conv1"] == goal
    release(canvas, at)


def test_an_undo_on_the_way_leads_back(gliding, qtbot):
    canvas, _ = gliding
    canvas.session.undo()
    assert canvas.scene.places()["conv1"] == (1600.0, 900.0)
    qtbot.wait(60)
    assert canvas.scene.places()["conv1"] == (1600.0, 900.0)
