"""Lenses: what costs most stands out, at every scale, and follows every edit."""

import pytest

from core.graph.edits import set_config
from core.io.templates import load_template
from designer.canvas.drawing.canvas_style import HEATS
from designer.canvas.overlay.lenses import LENSES
from tests.designer.canvas.hands import lenet


def heats(canvas):
    return {id: (node.heat, node.heat_text) for id, node in canvas.scene.nodes.items()}


@pytest.mark.parametrize(
    ("name", "top", "text"),
    [
        ("parameters", "fc1", "48.1 k"),
        ("macs", "conv2", "240.0 k"),
        ("memory", "conv1", "18.4 KiB"),
        ("field", "pool2", "16 wide"),
    ],
)
def test_the_largest_is_the_warmest(name, top, text, canvas):
    canvas.lenses.choose(name)
    assert canvas.scene.nodes[top].heat == HEATS - 1
    assert canvas.scene.nodes[top].heat_text == text
    assert all(heat is None or heat <= HEATS - 1 for heat, _ in heats(canvas).values())


def test_what_has_none_is_cold_and_what_has_no_such_thing_is_plain(canvas):
    canvas.lenses.choose("parameters")
    assert canvas.scene.nodes["pool1"].heat == 0
    assert canvas.scene.nodes["pool1"].heat_text == ""
    canvas.lenses.choose("field")
    assert canvas.scene.nodes["fc1"].heat is None


def test_it_follows_edits_and_goes_again(canvas):
    canvas.lenses.choose("parameters")
    document = canvas.session.document
    canvas.session.edit("grow", set_config(document, "conv2", {"filters": 512}))
    assert canvas.scene.nodes["conv2"].heat_text == "77.3 k"
    canvas.lenses.choose("")
    assert set(heats(canvas).values()) == {(None, "")}


def test_what_is_unknown_is_plain(canvas):
    canvas.lenses.choose("macs")
    canvas.session.edit("break", set_config(canvas.session.document, "conv2", {"kernel_size": 99}))
    assert canvas.scene.nodes["fc1"].heat is None
    assert canvas.scene.nodes["conv1"].heat == HEATS - 1


def test_a_block_has_as_much_as_its_layers(opened):
    canvas = opened(load_template("resnet20_cifar"))
    canvas.lenses.choose("parameters")
    assert canvas.scene.nodes["stage3b"].heat_text == "148.0 k"


@pytest.mark.parametrize("name", LENSES)
def test_it_is_seen_at_every_scale(name, canvas):
    for zoom in (1.0, 0.4, 0.2):
        canvas.view.set_zoom(zoom)
        canvas.lenses.choose("")
        plain = canvas.view.grab().toImage()
        canvas.lenses.choose(name)
        canvas.lenses.show_times({"conv1": 0.5, "conv2": 1.5}, "a step")
        canvas.lenses.show_gradients({("relu1", "pool1", 0): 0.5, ("flat", "fc1", 0): 1.5}, "4 samples")
        assert canvas.view.grab().toImage() != plain


def test_the_menu_chooses_and_says_what_is_seen(window):
    menu = next(a.menu() for a in window.menus["View"].actions() if a.text() == "Tint cards by")
    by_title = {action.text(): action for action in menu.actions()}
    by_title["Parameters"].trigger()
    assert window.statusBar().currentMessage() == "Parameters: most has fc1, 48.1 k, 78 % of all."
    assert window.canvas.lenses.lens is LENSES["parameters"]
    by_title["Nothing"].trigger()
    assert window.canvas.lenses.lens is None


def test_a_new_layer_is_tinted_too(opened):
    from core.graph.edits import add_layer

    canvas = opened(lenet())
    canvas.lenses.choose("parameters")
    document, id = add_layer(canvas.session.document, "Dense", {"units": 1000}, source="fc1")
    canvas.session.edit("add", document)
    assert canvas.scene.nodes[id].heat == HEATS - 1
