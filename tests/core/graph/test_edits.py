"""What edits do to the drawing, and what they refuse."""

import json

import pytest

from core.analysis.check import check
from core.errors import EditError
from core.graph import edits
from core.graph.fixing import apply_edit
from core.graph.training import Adam, UnreadableOptimizer
from core.graph.wiring import consumers, reaches
from core.io.documents import loads
from core.io.writing import document_text
from core.problems import (
    Connect,
    Insert,
    Remove,
    Rename,
    Replace,
    SetConfig,
    SetInitializer,
    SetOutputs,
    SetTrainable,
    SetTraining,
    Unset,
)
from tests.core.analysis.test_check import BLOCKS
from tests.drawing import chain, document, layer


def drawn():
    """Return a chain with a branch: a → b → c → d, and a → e."""
    return document(
        layer("a", "Input", shape=(8, 8, 3)),
        layer("b", "ReLU", "a"),
        layer("c", "Tanh", "b"),
        layer("d", "Add", ("c", "b")),
        layer("e", "Sigmoid", "a", unknown=1),
    )


def wires(made):
    return {layer.id: layer.inputs for layer in made.graph.layers}


def objects(made):
    return {layer.id: layer for layer in made.graph.layers}


def untouched(before, after, *but):
    old, new = objects(before), objects(after)
    return all(new[id] is old[id] for id in old if id not in but)


# --- drawing --------------------------------------------------------------------------------------------------------


def test_a_new_layer_gets_the_next_name_what_it_needs_and_its_source():
    made, id = edits.add_layer(drawn(), "Conv2D", source="e", position=(3, 4.005))
    assert id == "conv1"
    assert made.graph.layers[-1].inputs == ("e",)
    assert made.graph.layers[-1].config == {"filters": 32, "kernel_size": 3}
    assert made.layout.positions == {"conv1": (3.0, 4.0)}
    again, id = edits.add_layer(made, "Conv2D")
    assert id == "conv2"
    assert untouched(made, again)


@pytest.mark.parametrize("id", ["a b", "", "1a", "a/b", "a~2", "a"])
def test_a_name_that_is_none_or_taken_is_refused(id):
    with pytest.raises(EditError, match=r"cannot be a name: use letters|already a layer called a"):
        edits.add_layer(drawn(), "ReLU", id=id)


def test_inserting_puts_a_layer_on_the_wire_and_before_its_consumer_in_the_file():
    before = drawn()
    made = edits.insert_layer(before, "MaxPool2D", {"pool_size": 2}, before="d", port=1, id="p")
    assert list(wires(made)) == ["a", "b", "c", "p", "d", "e"]
    assert (wires(made)["p"], wires(made)["d"]) == (("b",), ("c", "p"))
    assert untouched(before, made, "d")


def test_inserting_at_a_free_port_makes_the_new_layer_its_source():
    made = edits.insert_layer(document(layer("r", "ReLU")), "Input", before="r")
    assert wires(made) == {"input1": (), "r": ("input1",)}


@pytest.mark.parametrize("port", [-1, 3, 10])
def test_inserting_at_a_port_that_is_not_there_is_refused(port):
    with pytest.raises(EditError, match=f"d has no port {port}: it has 2"):
        edits.insert_layer(drawn(), "ReLU", before="d", port=port)


# --- removing -------------------------------------------------------------------------------------------------------


def test_removing_heals_the_chain():
    before = drawn()
    made = edits.remove_layers(before, ["b"])
    assert wires(made) == {"a": (), "c": ("a",), "d": ("c", "a"), "e": ("a",)}
    assert objects(made)["e"] is objects(before)["e"]


def test_removing_several_heals_across_them_all():
    assert wires(edits.remove_layers(drawn(), ["b", "c"])) == {"a": (), "d": ("a", "a"), "e": ("a",)}


def test_what_a_layer_with_several_sources_fed_has_no_source_then():
    before = edits.add_layer(drawn(), "ReLU", source="d", id="z")[0]
    assert wires(edits.remove_layers(before, ["d"]))["z"] == ()
    assert wires(edits.remove_layers(before, ["a"]))["b"] == ()


def test_removing_in_a_circle_ends():
    made = document(layer("x", "ReLU", "y"), layer("y", "ReLU", "x"), layer("z", "ReLU", "y"))
    assert wires(edits.remove_layers(made, ["x", "y"])) == {"z": ()}


def test_removing_takes_positions_and_outputs_along():
    before = edits.set_outputs(edits.move_layers(drawn(), {"d": (1, 2), "e": (3, 4)}), ("d", "e"))
    made = edits.remove_layers(before, ["e"])
    assert made.layout.positions == {"d": (1, 2)}
    assert made.graph.outputs == ("d", "a")
    assert edits.remove_layers(made, ["d", "a"]).graph.outputs is None


def test_removing_a_block_use_heals_references_to_its_outputs():
    made = edits.remove_layers(loads(BLOCKS), ["stage1"])
    assert wires(made)["relu"] == ("input",)


@pytest.mark.parametrize("id", ["gone", "stage1/1/conv"])
def test_removing_what_is_not_there_is_refused(id):
    with pytest.raises(EditError, match="There is no layer called"):
        edits.remove_layers(drawn(), [id])


# --- wiring ---------------------------------------------------------------------------------------------------------


def test_connecting_replaces_a_wire_or_adds_one():
    before = drawn()
    made = edits.connect(before, "e", "c", 0)
    assert wires(made)["c"] == ("e",)
    assert untouched(before, made, "c")
    assert wires(edits.connect(before, "e", "d"))["d"] == ("c", "b", "e")
    assert wires(edits.connect(before, "e", "c"))["c"] == ("e",)
    assert edits.connect(before, "b", "c", 0) is before


@pytest.mark.parametrize(
    ("source", "fed", "sentence"),
    [
        ("d", "b", "d cannot feed b: b already leads to d, so data would go in a circle."),
        ("c", "b", "c cannot feed b: b already leads to c, so data would go in a circle."),
        ("b", "b", "b cannot feed itself."),
        ("b", "a", "a takes no input: it is where samples enter."),
        ("gone", "b", "There is no layer called gone"),
        ("b", "gone", "There is no layer called gone"),
    ],
)
def test_wires_that_cannot_be_are_refused_in_a_sentence(source, fed, sentence):
    with pytest.raises(EditError) as caught:
        edits.connect(drawn(), source, fed, 0)
    assert str(caught.value).startswith(sentence)


def test_a_refused_name_comes_with_the_one_that_was_meant():
    with pytest.raises(EditError, match=r"There is no layer called conv_1: did you mean conv1\?"):
        edits.set_config(chain((8, 8, 1), ("Conv2D", {"filters": 1, "kernel_size": 3})), "conv_1", {})


@pytest.mark.parametrize("port", [-1, 2])
def test_ports_that_are_not_there_are_refused(port):
    with pytest.raises(EditError, match="b has no"):
        edits.connect(drawn(), "e", "b", port)
    with pytest.raises(EditError, match="d has no wire at port"):
        edits.disconnect(drawn(), "d", port if port < 0 else 2)


def test_disconnecting_moves_later_ports_up():
    before = drawn()
    made = edits.disconnect(before, "d", 0)
    assert wires(made)["d"] == ("b",)
    assert untouched(before, made, "d")


def test_blocks_lead_on_too():
    blocks = loads(BLOCKS)
    with pytest.raises(EditError, match="relu cannot feed stage1: stage1 already leads to relu"):
        edits.connect(blocks, "relu", "stage1", 0)
    assert reaches(blocks.graph, "input", "fc")
    assert consumers(blocks.graph.layers)["stage1"] == ["relu", "flat"]


# --- settings -------------------------------------------------------------------------------------------------------


def test_settings_change_one_layer_and_equal_settings_are_one_object():
    before = chain(
        (8, 8, 1), ("Conv2D", {"filters": 4, "kernel_size": 3}), ("Conv2D", {"filters": 5, "kernel_size": 3})
    )
    made = edits.set_config(before, "conv1", {"filters": 5})
    assert untouched(before, made, "conv1")
    assert objects(made)["conv1"].spec is objects(made)["conv2"].spec
    assert edits.set_config(made, "conv1", {"filters": 5}) is made


def test_a_refused_setting_is_kept_and_so_are_the_others():
    before = chain((8, 8, 1), ("Conv2D", {"filters": 4, "kernel_size": 3, "paddin": 1}))
    made = edits.set_config(before, "conv1", {"filters": "x"})
    assert objects(made)["conv1"].config == {"filters": "x", "kernel_size": 3, "paddin": 1}
    back = edits.set_config(made, "conv1", {"filters": 4})
    assert objects(back)["conv1"] == objects(before)["conv1"]


def test_unset_settings_go_to_their_defaults():
    before = chain((8, 8, 1), ("Conv2D", {"filters": 4, "kernel_size": 3, "padding": 1, "paddin": 2}))
    made = edits.unset_config(before, "conv1", ["padding", "paddin", "unheard of"])
    assert objects(made)["conv1"].config == {"filters": 4, "kernel_size": 3}


def test_another_kind_keeps_shared_settings_and_wires():
    before = chain((8, 8, 1), ("MaxPool2D", {"pool_size": 4, "stride": 2, "padding": 1, "dilation": 1}))
    made = edits.replace_kind(before, "pool1", "AvgPool2D")
    assert objects(made)["pool1"].kind == "AvgPool2D"
    assert objects(made)["pool1"].config == {"pool_size": 4, "stride": 2, "padding": 1}
    assert objects(made)["pool1"].inputs == ("input",)
    conv = edits.replace_kind(made, "pool1", "Conv2D", {"filters": 7})
    assert objects(conv)["pool1"].config == {"filters": 7, "kernel_size": 3, "stride": 2, "padding": 1}


def test_a_slip_in_a_kinds_name_loses_no_setting_when_it_is_corrected():
    before = document(layer("a", "Input", shape=(8, 8, 1)), layer("p", "MaxPol2D", "a", pool_size=4, future=1))
    made = edits.replace_kind(before, "p", "MaxPool2D")
    assert objects(made)["p"].config == {"pool_size": 4, "future": 1}


def test_renaming_carries_every_reference_and_the_position():
    before = edits.set_outputs(edits.move_layers(drawn(), {"b": (1, 2)}), ("d", "b"))
    made = edits.rename_layer(before, "b", "relu.one")
    assert wires(made) == {"a": (), "relu.one": ("a",), "c": ("relu.one",), "d": ("c", "relu.one"), "e": ("a",)}
    assert made.graph.outputs == ("d", "relu.one")
    assert made.layout.positions == {"relu.one": (1, 2)}
    assert objects(made)["e"] is objects(before)["e"]
    assert edits.rename_layer(before, "b", "b") is before


def test_renaming_a_block_use_carries_references_to_its_outputs():
    made = edits.rename_layer(edits.set_outputs(loads(BLOCKS), ("stage1/add", "fc")), "stage1", "trunk")
    assert wires(made)["relu"] == ("trunk/add",)
    assert made.graph.outputs == ("trunk/add", "fc")
    assert check(made).valid


@pytest.mark.parametrize("to", ["a", "my layer", "", "a/b", "b\n"])
def test_names_that_cannot_be_are_refused(to):
    with pytest.raises(EditError, match=r"choose another name|cannot be a name"):
        edits.rename_layer(drawn(), "b", to)


def test_a_layer_whose_id_is_no_name_can_be_edited_and_renamed():
    before = document(
        layer("a", "Input", shape=(4,)), layer("s/1/r", "Dense", "a", units=2), layer("z", "ReLU", "s/1/r")
    )
    made = edits.rename_layer(edits.set_config(before, "s/1/r", {"units": 3}), "s/1/r", "fc")
    assert wires(made) == {"a": (), "fc": ("a",), "z": ("fc",)}
    assert check(made).valid
    assert wires(edits.remove_layers(before, ["s/1/r"]))["z"] == ("a",)


# --- what could not be read -----------------------------------------------------------------------------------------


def opened(entry, **parts):
    return loads(
        json.dumps({"format": "convograph", "version": 1, "layers": [{"id": "i", "kind": "Input"}, entry]} | parts)
    )


def saved(made):
    return json.loads(document_text(made))


@pytest.mark.parametrize(
    ("entry", "edit", "written"),
    [
        ({"id": 5, "kind": "ReLU"}, lambda d: edits.rename_layer(d, "~1", "r"), {"id": "r", "kind": "ReLU"}),
        ({"id": "r", "kind": 5}, lambda d: edits.replace_kind(d, "r", "ReLU"), {"id": "r", "kind": "ReLU"}),
        (
            {"id": "r", "kind": "Dense", "config": 5},
            lambda d: edits.set_config(d, "r", {"units": 3}),
            {"id": "r", "kind": "Dense", "config": {"units": 3}},
        ),
        (
            {"id": "r", "kind": "ReLU", "inputs": 5},
            lambda d: edits.connect(d, "i", "r"),
            {"id": "r", "kind": "ReLU", "inputs": ["i"]},
        ),
        (
            {"id": "r", "kind": "ReLU", "inputs": 5},
            lambda d: edits.insert_layer(d, "Input", {"shape": [4]}, before="r", id="n"),
            {"id": "r", "kind": "ReLU", "inputs": ["n"]},
        ),
        (
            {"id": "r", "kind": "ReLU", "trainable": 5},
            lambda d: edits.set_trainable(d, "r", False),
            {"id": "r", "kind": "ReLU", "trainable": False},
        ),
    ],
)
def test_an_edit_replaces_what_could_not_be_read(entry, edit, written):
    assert saved(edit(opened(entry)))["layers"][-1] == written


def test_edits_of_the_document_replace_what_could_not_be_read():
    made = opened({"id": "r", "kind": "ReLU"}, name=5, outputs=5, layout=5, training=5)
    made = edits.set_name(made, "N")
    made = edits.set_outputs(made, ("r",))
    made = edits.move_layers(made, {"r": (1, 2)})
    made = edits.set_training(made, {"epochs": 3})
    again = saved(made)
    assert (again["name"], again["outputs"], again["training"]) == ("N", ["r"], {"epochs": 3})
    assert again["layout"] == {"positions": {"r": [1, 2]}}


def test_moving_replaces_refused_positions():
    made = opened({"id": "r", "kind": "ReLU"}, layout={"positions": {"r": "left", "i": "right"}})
    assert saved(edits.move_layers(made, {"r": (1, 2)}))["layout"]["positions"] == {"i": "right", "r": [1, 2]}
    assert saved(edits.move_layers(opened({}, layout={"positions": 5}), {"r": (1, 2)}))["layout"]["positions"] == {
        "r": [1, 2]
    }


@pytest.mark.parametrize("far", [1e9, float("inf"), -1e300])
def test_a_position_stays_where_it_can_be_opened_again(far):
    made = edits.move_layers(drawn(), {"a": (far, 0.123456)})
    assert loads(document_text(made)) == made


def test_moving_leaves_the_graph_the_same_object():
    before = drawn()
    assert edits.move_layers(before, {"a": (1, 2)}).graph is before.graph


# --- training -------------------------------------------------------------------------------------------------------


def test_training_settings_change_and_drop():
    made = edits.set_training(drawn(), {"epochs": 3, "seed": 7})
    assert (made.training.settings.epochs, made.training.settings.seed) == (3, 7)
    assert edits.set_training(made, {"epochs": None}).training.settings.epochs == 10
    assert edits.set_training(made, {"epochs": "x"}).training.unread == {"epochs": "x"}
    assert edits.set_training(edits.set_training(made, {"epochs": "x"}), {"epochs": 3}) == made


def test_another_data_set_does_not_keep_the_first_label_of_the_one_before():
    made = edits.set_training(drawn(), {"dataset": "letters", "first_label": 1, "seed": 7})
    assert edits.choose_dataset(made, "letters") == made
    assert edits.choose_dataset(made, "digits") == edits.set_training(drawn(), {"dataset": "digits", "seed": 7})


def test_a_setting_that_the_edit_does_not_speak_of_is_kept_even_where_it_is_null():
    made = opened({}, training={"dataset": None, "future": None, "epochs": 3})
    assert saved(edits.set_training(made, {"epochs": 4}))["training"] == {"dataset": None, "future": None, "epochs": 4}
    assert saved(edits.set_training(made, {"future": None}))["training"] == {"dataset": None, "epochs": 3}


def test_an_optimizer_keeps_what_another_one_shares():
    made = edits.set_optimizer(drawn(), "SGD", {"learning_rate": 0.5, "momentum": 0.9})
    assert saved(made)["training"]["optimizer"] == {"kind": "SGD", "learning_rate": 0.5, "momentum": 0.9}
    adam = edits.set_optimizer(made, "Adam")
    assert adam.training.optimizer == Adam(learning_rate=0.5)
    assert edits.set_optimizer(adam, "Adam", {"learning_rate": 0.25}).training.optimizer == Adam(learning_rate=0.25)


def test_what_an_optimizer_does_not_know_is_kept_until_another_is_chosen():
    made = opened({}, training={"optimizer": {"kind": "Adam", "learning_rate": "x", "future": 1}})
    assert isinstance(made.training.optimizer, UnreadableOptimizer)
    cured = edits.set_optimizer(made, "Adam", {"learning_rate": 0.5})
    assert saved(cured)["training"]["optimizer"] == {"kind": "Adam", "learning_rate": 0.5, "future": 1}
    assert saved(edits.set_optimizer(cured, "SGD"))["training"]["optimizer"] == {"kind": "SGD", "learning_rate": 0.5}
    five = opened({}, training={"optimizer": 5})
    assert saved(edits.set_optimizer(five, "SGD"))["training"]["optimizer"] == {"kind": "SGD"}


# --- blocks and edits as data ---------------------------------------------------------------------------------------


def test_settings_inside_a_block_change_all_its_copies():
    before = loads(BLOCKS)
    made = edits.set_config(before, "stage1/2/conv", {"bias": False})
    assert made.graph.blocks["residual"].layers[0].config["bias"] is False
    assert made.graph.layers is before.graph.layers
    assert check(made).layers["stage1/3/conv"].parameters == 144
    assert edits.set_trainable(made, "stage1/1/conv", False).graph.blocks["residual"].layers[0].trainable is False
    for wrong in ("stage1/2/gone", "stage1/2", "relu/1/conv", "gone/1/conv"):
        with pytest.raises(EditError, match="There is no layer"):
            edits.set_config(before, wrong, {"bias": False})


@pytest.mark.parametrize(
    ("edit", "written"),
    [
        (SetConfig("e", {"a": 1}), {"op": "set", "layer": "e", "config": {"a": 1}}),
        (Unset("e", ("unknown",)), {"op": "unset", "layer": "e", "names": ["unknown"]}),
        (
            Insert("ReLU", {}, "b", 0, "n"),
            {"op": "insert", "id": "n", "kind": "ReLU", "config": {}, "before": "b", "port": 0},
        ),
        (Insert("ReLU", {}, None), {"op": "insert", "kind": "ReLU", "config": {}, "before": None, "port": 0}),
        (Replace("e", "ReLU", {}), {"op": "replace", "layer": "e", "kind": "ReLU", "config": {}}),
        (Remove("e"), {"op": "remove", "layer": "e"}),
        (Connect("b", "e"), {"op": "connect", "source": "b", "layer": "e", "port": 0}),
        (Connect(None, "e"), {"op": "connect", "source": None, "layer": "e", "port": 0}),
        (SetTrainable("e", False), {"op": "trainable", "layer": "e", "trainable": False}),
        (SetInitializer("e", "zeros"), {"op": "initializer", "layer": "e", "initializer": "zeros"}),
        (Rename("e", "f"), {"op": "rename", "layer": "e", "to": "f"}),
        (SetOutputs(("e",)), {"op": "outputs", "outputs": ["e"]}),
        (SetTraining({"epochs": 3}), {"op": "training", "settings": {"epochs": 3}}),
    ],
)
def test_every_edit_can_be_data(edit, written):
    assert edit.as_json() == written
    assert apply_edit(drawn(), edit) != drawn()
