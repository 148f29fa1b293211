"""What is opened and saved stays what it was, whatever it was."""

import json

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.analysis.check import check
from core.errors import DocumentError
from core.graph.values import BlockUse, spec_class
from core.io.documents import loads
from core.io.schema import document_schema
from core.io.writing import document_as_json, document_text
from core.layers import Kind
from tests.property.drawing import ANYTHING, RAW_DOCUMENTS, drawn_documents

VALIDATOR = jsonschema.Draft202012Validator(document_schema())


@settings(max_examples=300)
@given(RAW_DOCUMENTS, ANYTHING)
def test_saving_and_loading_gives_an_equal_document_and_loses_nothing(raw, anything):
    raw["of another version"] = anything
    document = loads(json.dumps(raw))
    text = document_text(document)
    assert loads(text) == document
    assert document_text(loads(text)) == text
    written = json.loads(text)
    assert written["of another version"] == anything
    for key in ("name", "notes", "author"):
        assert written.get(key, "") == raw.get(key, "")
    assert written.get("outputs", "left out") == raw.get("outputs", "left out")
    for before, after in zip(raw["layers"], written["layers"], strict=True):
        assert_kept(before, after)


def assert_kept(before, after):
    if not isinstance(before, dict):
        assert after == before
        return
    for key in set(before) - {"id", "kind", "inputs", "config", "trainable", "initializer"} | {"kind"}:
        assert after.get(key) == before.get(key)
    config, kind = before.get("config", {}), before.get("kind")
    if not isinstance(config, dict):
        assert after["config"] == config
        return
    declared = spec_class(kind) if isinstance(kind, str) else None
    refused = declared is None or declared.misreadings(config)
    kept = {key: config[key] for key in config if refused or key not in declared.model_fields}
    assert {key: after["config"][key] for key in kept} == kept


@settings(max_examples=150)
@given(drawn_documents())
def test_a_document_is_written_in_its_shortest_form_and_the_schema_accepts_it_when_check_does(document):
    raw = document_as_json(document)
    for entry, layer in zip(raw["layers"], document.graph.layers, strict=True):
        if not isinstance(layer.spec, Kind | BlockUse):
            continue
        declared = type(layer.spec).settings()
        for name, value in entry.get("config", {}).items():
            if name in declared:
                assert declared[name].required or value != declared[name].default
                if declared[name].type in ("size", "padding") and isinstance(value, list):
                    assert value[0] != value[1] or isinstance(value[0], list)
    if not check(document).problems:
        VALIDATOR.validate(json.loads(document_text(document)))


@settings(max_examples=100)
@given(st.text(max_size=60) | st.binary(max_size=60))
def test_garbage_is_refused_in_a_sentence(garbage):
    with pytest.raises(DocumentError, match=r"\.$"):
        loads(garbage)
