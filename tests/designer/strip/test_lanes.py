"""Layers stand in a row in topological order, and side by side where the network branches."""

import pytest

from core.graph.edits import add_layer, connect
from core.graph.values import Document
from core.graph.wiring import source_id
from core.io.templates import load_template, templates
from designer.strip.lanes import Place, branches, places


def placed(document):
    return places(document.graph.layers)


def test_a_chain_has_one_lane():
    found = placed(load_template("lenet5"))
    assert [place.column for place in found.values()] == list(range(14))
    assert {place.lane for place in found.values()} == {None}
    assert list(found)[:4] == ["input", "conv1", "relu1", "pool1"]


def test_branches_have_two():
    document = Document()
    document, start = add_layer(document, "Input", {"shape": [8, 8, 4]})
    document, upper = add_layer(document, "Conv2D", {"filters": 4, "kernel_size": 1}, source=start)
    document, lower = add_layer(document, "Conv2D", {"filters": 4, "kernel_size": 1}, source=start)
    document, end = add_layer(document, "Add", source=upper)
    document = connect(document, lower, end)
    assert placed(document) == {
        start: Place(0, None),
        upper: Place(1, 0),
        lower: Place(1, 1),
        end: Place(2, None),
    }


@pytest.mark.parametrize("name", [template.name for template in templates()])
def test_every_template_goes_from_left_to_right_with_two_in_a_column_at_most(name):
    document = load_template(name)
    found = placed(document)
    assert set(found) == {layer.id for layer in document.graph.layers}
    assert len(set(found.values())) == len(found)
    columns = [place.column for place in found.values()]
    assert columns == sorted(columns)
    for layer in document.graph.layers:
        assert all(found[source_id(source)].column < found[layer.id].column for source in layer.inputs)


@pytest.mark.parametrize("name", [template.name for template in templates()])
def test_branches_keep_to_their_lanes(name):
    document = load_template(name)
    for layers in (document.graph.layers, *(block.layers for block in document.graph.blocks.values())):
        found = branches(layers, 4)
        assert set(found) == {layer.id for layer in layers}
        assert len({(place.column, place.lane) for place in found.values()}) == len(found)
        assert all(place.lane is None or place.lane < place.n_lanes <= 4 for place in found.values())
        columns = [place.column for place in found.values()]
        assert columns == sorted(columns)


def test_inception_has_four_branches():
    block = load_template("googlenet").graph.blocks["inception3a"]
    found = branches(block.layers, 4)
    lanes = {}
    for id, place in found.items():
        lanes.setdefault(place.lane, []).append(id)
    assert lanes[0] == ["conv1", "bn1", "relu1"]
    assert lanes[1] == ["conv2", "bn2", "relu2", "conv3", "bn3", "relu3"]
    assert lanes[2] == ["conv4", "bn4", "relu4", "conv5", "bn5", "relu5"]
    assert lanes[3] == ["pool1", "conv6", "bn6", "relu6"]
    assert found["concat"].lane is None
