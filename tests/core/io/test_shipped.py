"""The files in resources are those that the code would write today, and they are right."""

import json
from dataclasses import replace

import jsonschema
import pytest

from core.analysis.check import check
from core.graph.values import Layout
from core.io.documents import load, loads
from core.io.schema import document_schema, schema_text
from core.io.templates import INDEX, index_text, template_names, template_path
from core.io.writing import document_text
from core.layers import KINDS
from core.zoo.catalogue import TEMPLATES
from docs.making.templates import described
from resources import path


def test_the_schema_is_fresh():
    assert path("schema/document.schema.json").read_text(encoding="utf-8") == schema_text()


def test_every_template_is_shipped_and_nothing_else():
    assert {file.stem for file in path("templates").glob("*.*")} == set(template_names()) == set(TEMPLATES)


def test_the_index_is_fresh():
    assert path(INDEX).read_text(encoding="utf-8") == index_text(described())


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_is_fresh_but_for_its_places(name):
    text, document = template_path(name).read_text(encoding="utf-8"), load(template_path(name))
    assert text == document_text(replace(TEMPLATES[name](), layout=document.layout))
    assert document.layout == Layout(document.layout.positions)


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_layer_of_a_template_has_a_place_and_nothing_else_has(name):
    document = load(template_path(name))
    assert set(document.layout.positions) == {layer.id for layer in document.graph.layers}


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_is_valid_and_survives_saving(name):
    document = load(template_path(name))
    assert check(document).valid
    assert loads(document_text(document)) == document


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_schema_accepts_a_template(name):
    jsonschema.Draft202012Validator(document_schema()).validate(json.loads(template_path(name).read_text("utf-8")))


def test_lenet_is_the_one_of_the_courses():
    report = check(load(template_path("lenet5")))
    assert report.totals.parameters == 61_706
    assert report.totals.macs == 416_520
    assert report.document.training.settings.batch_size == 32
    assert report.layers["input"].shape == (28, 28, 1)
    assert [report.layers[id].parameters for id in ("conv1", "conv2", "fc1", "fc2", "fc3")] == [
        156,
        2_416,
        48_120,
        10_164,
        850,
    ]


def schema_errors(**parts):
    raw = {"format": "convograph", "version": 1, "layers": []} | parts
    return [error.json_path for error in jsonschema.Draft202012Validator(document_schema()).iter_errors(raw)]


def test_the_schema_is_one_and_names_every_kind():
    jsonschema.Draft202012Validator.check_schema(document_schema())
    named = {rule["if"]["properties"]["kind"]["const"] for rule in document_schema()["$defs"]["layer"]["allOf"]}
    assert named == {*KINDS, "Block"}


@pytest.mark.parametrize(
    ("parts", "place"),
    [
        ({"format": "keras"}, "$.format"),
        ({"version": 2}, "$.version"),
        ({"layers": {}}, "$.layers"),
        ({"layers": [{"id": "a b", "kind": "ReLU"}]}, "$.layers[0].id"),
        ({"layers": [{"id": "a"}]}, "$.layers[0]"),
        ({"layers": [{"id": "a", "kind": "Conv2D"}]}, "$.layers[0]"),
        ({"layers": [{"id": "a", "kind": "Conv2D", "config": {"filters": 4}}]}, "$.layers[0].config"),
        ({"layers": [{"id": "a", "kind": "Dense", "config": {"units": "ten"}}]}, "$.layers[0].config.units"),
        ({"layers": [{"id": "a", "kind": "Dense", "config": {"units": 0}}]}, "$.layers[0].config.units"),
        ({"layers": [{"id": "a", "kind": "ReLU", "inputs": "b"}]}, "$.layers[0].inputs"),
        ({"blocks": {"b": {"inputs": []}}}, "$.blocks.b"),
        ({"layout": {"positions": {"a": [1]}}}, "$.layout.positions.a"),
        ({"training": {"batch_size": 0}}, "$.training.batch_size"),
        ({"training": {"optimizer": {"kind": "Adan"}}}, "$.training.optimizer.kind"),
        ({"training": {"optimizer": {"kind": "SGD", "momentum": 1}}}, "$.training.optimizer.momentum"),
    ],
)
def test_the_schema_refuses(parts, place):
    assert place in schema_errors(**parts)


def test_the_schema_allows_what_the_format_keeps():
    layers = [{"id": "a", "kind": "Fourier", "config": {"modes": 3}}, {"id": "b", "kind": "ReLU", "colour": "red"}]
    assert schema_errors(layers=layers, author="me") == []
