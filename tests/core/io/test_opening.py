"""What can't be opened is refused in a sentence; everything else opens as it stands."""

import errno
import gzip
import json
import time
import tracemalloc
import zipfile

import numpy as np
import pytest

from core.errors import ConvographError, DocumentError
from core.graph.edits import insert_layer
from core.graph.values import Unreadable
from core.io.documents import load, loads, save
from core.io.templates import OPENING, load_template, template_names, template_path, templates
from core.io.writing import document_as_json, document_text
from core.limits import DEEPEST, LARGEST_FILE, MOST_LAYERS

HEAD = '{"format": "convograph", "version": 1, "layers": []'


def refusal(data):
    with pytest.raises(DocumentError) as caught:
        loads(data, "a.json")
    text = str(caught.value)
    assert text.startswith("a.json ")
    assert text.endswith(".")
    return text


def raw(*layers, **parts):
    return json.dumps({"format": "convograph", "version": 1, "layers": list(layers)} | parts)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("", "is empty"),
        (b"", "is empty"),
        (" \n\t", "is empty"),
        ("{", "is not JSON: "),
        ("not json", "in line 1, column 1"),
        (HEAD + ",}", "in line 1"),
        (HEAD + "} x", "is not JSON: Extra data"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "is a picture (PNG)"),
        (bytes(range(256)), "is not text, nor of a format that Convograph knows: byte "),
        (
            (HEAD + ', "name": "caf\u00e9"}').encode("latin-1"),
            "has a character in line 1 that cannot be read: byte 65 is 0xe9",
        ),
        (gzip.compress(b"{}", mtime=0), "is compressed with gzip"),
        (b"PK\x03\x04rest", "is a zip archive"),
        ("[]", "it holds no JSON object"),
        ("null", "it holds no JSON object"),
        ("7", "it holds no JSON object"),
        ("NaN", "it holds no JSON object"),
        ("{}", 'it has no "format"'),
        ('{"format": "keras", "layers": []}', '"format" is "keras"'),
        ('{"format": null}', '"format" is null'),
        ('{"format": ["convograph"]}', '"format" is ["convograph"]'),
        ('{"format": "convograph", "layers": []}', "does not say which version"),
        ('{"format": "convograph", "version": "1", "layers": []}', "does not say which version"),
        ('{"format": "convograph", "version": true, "layers": []}', "does not say which version"),
        ('{"format": "convograph", "version": 1.0, "layers": []}', "does not say which version"),
        ('{"format": "convograph", "version": 0, "layers": []}', "does not say which version"),
        ('{"format": "convograph", "version": NaN, "layers": []}', "does not say which version"),
        ('{"format": "convograph", "version": 2, "layers": []}', "was written by a newer Convograph (format version 2"),
        ('{"format": "convograph", "version": 2}', "Update Convograph to open it"),
        ('{"format": "convograph", "version": 1}', '"layers" must be a list of layers'),
        ('{"format": "convograph", "version": 1, "layers": {}}', '"layers" must be a list of layers'),
        ("[" * 100_000, f"is nested more than {DEEPEST} brackets deep"),
        ('{"a":' * 100_000, f"is nested more than {DEEPEST} brackets deep"),
        (HEAD + ', "x": ' + "[" * 500 + "]" * 500 + "}", f"is nested more than {DEEPEST} brackets deep"),
        (HEAD + ', "x": ' + "9" * 5000 + "}", "holds a number with thousands of digits"),
    ],
)
def test_what_is_no_document_is_refused_with_what_why_and_how(data, says):
    assert says in refusal(data)


def test_too_many_layers_are_refused():
    text = refusal('{"format": "convograph", "version": 1, "layers": [' + "0," * MOST_LAYERS + "0]}")
    assert "has 100,001 layers; at most 100,000 can be opened" in text


def test_nesting_up_to_the_limit_opens_and_is_written_back():
    for inmost in ("", "5"):
        depth = DEEPEST - 1
        text = HEAD + ', "x": ' + "[" * depth + inmost + "]" * depth + "}"
        assert loads(document_text(loads(text))) == loads(text)
        assert "nested more than" in refusal(HEAD + ', "x": [' + "[" * depth + inmost + "]" * depth + "]}")


def test_a_file_beyond_the_limit_is_refused_soon_without_reading_it_and_left_alone(tmp_path):
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.write(b"garbage")
        file.truncate(100 << 20)
    before = path.stat()
    tracemalloc.start()
    started = time.perf_counter()
    try:
        with pytest.raises(DocumentError, match=r"huge\.json is larger than 16\.0 MiB, which no design reaches"):
            load(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3 * LARGEST_FILE
    assert time.perf_counter() - started < 5
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)


def test_missing_files_folders_and_impossible_names_are_refused(tmp_path):
    with pytest.raises(DocumentError, match=r"gone\.json cannot be opened: it is not there"):
        load(tmp_path / "gone.json")
    with pytest.raises(DocumentError, match="cannot be opened: it is a folder"):
        load(tmp_path)
    with pytest.raises(DocumentError, match="cannot be opened: no file can have that name"):
        load("a\0b.json")
    with pytest.raises(DocumentError, match="cannot be opened: its name is too long"):
        load(tmp_path / ("a" * 5000))
    (tmp_path / "file").write_text("x")
    with pytest.raises(DocumentError, match="a part of its path is a file, not a folder"):
        load(tmp_path / "file" / "a.json")


def test_a_file_without_permission_is_refused(tmp_path, monkeypatch):
    def refuse(*_):  # the superuser, as whom tests may run, is refused nothing
        raise PermissionError(errno.EACCES, "Permission denied")

    (tmp_path / "secret.json").touch()
    monkeypatch.setattr("os.open", refuse)
    with pytest.raises(DocumentError, match="cannot be opened: you have no permission"):
        load(tmp_path / "secret.json")


def test_other_programs_files_are_refused_and_untouched(tmp_path):
    archive = tmp_path / "weights.npz"
    np.savez(archive, kernel=np.zeros(3))
    with zipfile.ZipFile(archive) as opened:
        names = opened.namelist()
    content = archive.read_bytes()
    with pytest.raises(DocumentError, match=r"is a NumPy archive of arrays \(NPZ\)"):
        load(archive)
    assert archive.read_bytes() == content
    assert names


def test_a_byte_order_mark_is_passed_over(tmp_path):
    path = tmp_path / "bom.json"
    path.write_bytes(b"\xef\xbb\xbf" + (HEAD + ', "name": "caf\u00e9"}').encode())
    assert load(path).name == "caf\u00e9"


def test_halves_of_characters_are_kept(tmp_path):
    text = raw({"id": "\ud800", "kind": "ReLU", "x": "\udfff"}, name="\ud83d\ude00 \ud800")
    document = loads(text)
    path = tmp_path / "halves.json"
    save(document, path)
    assert load(path) == document
    assert load(path).name == "\U0001f600 \ud800"


def test_a_repeated_key_loses_nothing_and_the_last_one_counts():
    text = (
        '{"format": "x", "format": "convograph", "version": 1, "layers": [5], "layers": '
        '[{"id": "a", "kind": "Dense", "config": {"units": 3, "units": 4, "units": 5}}]}'
    )
    written = document_as_json(loads(text))
    assert written["format"] == "convograph"
    assert written["format~2"] == "x"
    assert written["layers~2"] == [5]
    assert written["layers"][0]["config"] == {"units": 5, "units~2": 4, "units~3": 3}
    assert document_as_json(loads(json.dumps(written))) == written


def test_numbers_that_json_lacks_open_and_are_written_back():
    text = HEAD.replace("[]", '[{"id": "a", "kind": "Dense", "config": {"units": NaN, "bias": -Infinity}}]') + "}"
    written = document_text(loads(text))
    assert '"units": NaN, "bias": -Infinity' in written


def test_huge_numbers_open_and_are_written_back():
    huge = "9" * 4000
    text = HEAD.replace("[]", f'[{{"id": "a", "kind": "Dense", "config": {{"units": {huge}}}}}]') + "}"
    assert f'"units": {huge}' in document_text(loads(text))


def test_unknown_kinds_refused_settings_and_unknown_keys_are_written_back_word_for_word():
    parts = {
        "format": "convograph",
        "version": 1,
        "name": "odd",
        "layers": [
            {"id": "in", "kind": "Input", "config": {"shape": [8, 8, 1]}, "note": {"colour": ["red", None]}},
            {"id": "z", "kind": "FourierMix", "inputs": ["in"], "config": {"modes": [1, {"deep": True}]}},
            {"id": "c", "kind": "Conv2D", "inputs": ["z"], "config": {"filters": "six", "kernel_size": 5, "paddin": 2}},
            {"id": "r", "kind": "ReLU", "inputs": ["c"], "config": {"slope": 0.1}},
            "no layer",
            {"id": 7, "kind": "ReLU", "inputs": "c", "trainable": "no"},
        ],
        "outputs": 3,
        "blocks": {"b": {"inputs": ["x"], "layers": [], "outputs": ["y"], "title": "B"}, "c": 4},
        "layout": {"positions": {"in": [0, 10], "z": "left"}, "routes": {"a": 1}, "frames": [2], "zoom": 1.5},
        "training": {"epochs": "ten", "schedule": {"kind": "cosine"}, "optimizer": {"kind": "Lion", "beta": 1}},
        "author": {"name": "me"},
    }
    assert json.loads(document_text(loads(json.dumps(parts)))) == parts


def test_defaults_are_left_out_and_sizes_written_in_their_shortest_form():
    conv = {"filters": 4, "kernel_size": [3, 3], "stride": [1, 1], "padding": [[1, 1], [2, 2]], "rounding": "exact"}
    pool = {"pool_size": [2, 2], "stride": [2, 2], "padding": [[0, 1], [0, 1]]}
    text = raw(
        {"id": "a", "kind": "Conv2D", "inputs": [], "config": conv, "trainable": True},
        {"id": "b", "kind": "MaxPool2D", "config": pool},
        {"id": "c", "kind": "Flatten", "config": {}},
        name="",
        notes="",
        blocks={},
        layout={"positions": {}},
        training={"epochs": 10, "optimizer": {"kind": "Adam", "learning_rate": 0.001}},
    )
    assert document_as_json(loads(text)) == {
        "format": "convograph",
        "version": 1,
        "layers": [
            {"id": "a", "kind": "Conv2D", "config": {"filters": 4, "kernel_size": 3, "padding": [1, 2]}},
            {"id": "b", "kind": "MaxPool2D", "config": {"stride": 2, "padding": [[0, 1], [0, 1]]}},
            {"id": "c", "kind": "Flatten"},
        ],
    }


def test_layers_keep_their_order_and_inputs_theirs():
    text = raw(
        {"id": "sum", "kind": "Add", "inputs": ["b", "a", "b"]},
        {"id": "b", "kind": "ReLU", "inputs": ["a"]},
        {"id": "a", "kind": "Input", "config": {"shape": [4]}},
    )
    layers = json.loads(document_text(loads(text)))["layers"]
    assert [layer["id"] for layer in layers] == ["sum", "b", "a"]
    assert layers[0]["inputs"] == ["b", "a", "b"]


def test_explicit_outputs_are_not_the_default():
    assert loads(raw(outputs=[])).graph.outputs == ()
    assert loads(raw()).graph.outputs is None
    assert json.loads(document_text(loads(raw(outputs=[]))))["outputs"] == []


def test_repeated_and_missing_ids_open_under_other_names():
    text = raw(
        *[{"id": id, "kind": "ReLU"} for id in ["a", "a", "a~2", "a"]], {"kind": "ReLU"}, {"id": [], "kind": "ReLU"}
    )
    assert [layer.id for layer in loads(text).graph.layers] == ["a", "a~3", "a~2", "a~4", "~4", "~5"]


def test_a_nameless_layer_that_others_refer_to_keeps_its_name_when_it_moves():
    document = loads(raw({"id": 5, "kind": "ReLU"}, {"id": "b", "kind": "ReLU", "inputs": ["~0"]}))
    assert json.loads(document_text(document))["layers"][0]["id"] == 5
    moved = insert_layer(document, "ReLU", before="~0", id="first")
    again = loads(document_text(moved))
    assert [(layer.id, layer.inputs) for layer in again.graph.layers] == [
        ("first", ()),
        ("~0", ("first",)),
        ("b", ("~0",)),
    ]


def test_a_hundred_thousand_layers_of_one_name_open_in_time():
    started = time.perf_counter()
    document = loads(raw(*[{"id": "a", "kind": "ReLU"}] * 100_000))
    assert document.graph.layers[-1].id == "a~100000"
    assert time.perf_counter() - started < 10


def test_long_values_deep_down_are_written_in_time():
    whole = "x" * 1_000_000
    for _ in range(80):
        whole = [whole]
    started = time.perf_counter()
    document_text(loads(raw(x=whole)))
    assert time.perf_counter() - started < 2


def test_positions_are_kept_exactly_and_absurd_ones_set_aside():
    positions = {"a": [0.123456789, -3], "b": [1e300, 0], "c": [1], "d": [True, 0], "e": [1e6, -1e6], "f": ["1", 2]}
    document = loads(raw(layout={"positions": positions}))
    assert document.layout.positions == {"a": (0.123456789, -3.0), "e": (1e6, -1e6)}
    assert json.loads(document_text(document))["layout"] == {"positions": positions}


@pytest.mark.parametrize("kind", ["{0}", "{", 'a"b', "a\nb", "\x1b[31m", "\u202eabc", "x" * 1_000, "é", " "])
def test_odd_names_open_as_they_are(kind):
    document = loads(raw({"id": kind, "kind": kind, "inputs": [kind], "config": {kind: kind}}))
    (layer,) = document.graph.layers
    assert layer.id == kind
    assert layer.spec == Unreadable(kind, {kind: kind})
    assert loads(document_text(document)) == document


def test_saving_leaves_no_half_file(tmp_path):
    path = tmp_path / "there.json"
    path.write_text("precious")
    with pytest.raises(ConvographError, match="there is no folder"):
        save(loads(raw()), tmp_path / "gone" / "a.json")
    save(loads(raw(name="new")), path)
    assert load(path).name == "new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["there.json"]


def test_templates_open_by_name():
    assert OPENING in template_names()
    assert {template.name for template in templates()} == set(template_names())
    assert all(template.title and template.notes for template in templates())
    with pytest.raises(DocumentError, match=r"There is no template called lenet\. Did you mean lenet5\?"):
        load_template("lenet")
    with pytest.raises(DocumentError, match=r"There is no template called \.\./\.\./pyproject"):
        template_path("../../pyproject")
