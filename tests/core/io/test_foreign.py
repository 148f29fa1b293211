"""Other programs' files are recognised by their bytes, named, and told what can be done with them."""

import gzip
import io
import json
import os
import pickle
import re
import struct
import tarfile
import time
import tracemalloc
import zipfile

import numpy as np
import pytest

from core.commands.main import main
from core.errors import DataError, DocumentError, WeightsError
from core.io.arrays import load_arrays
from core.io.datasets import formats, load_dataset
from core.io.documents import load
from core.io.formats import BEGINNING, FORMATS, recognise
from core.io.templates import load_template, template_path
from core.io.weights import read_weights
from core.limits import LARGEST_FILE
from core.text import listing
from tests.core.datasets.making import write_pair

DATA = f"It holds data, not a network: open a network, and train it on {listing(formats.choices(), 'or')}."
IMPORT = "Import it with `convograph import MODEL -o FILE.json`, or drop it on the window."

EXPORT = (
    "In PyTorch, save it as a program, and import that: "
    "torch.export.save(torch.export.export(model.eval(), (example,)), 'model.pt2')."
)
UNSAFE = "Opening one can run any program hidden in it, so Convograph never does."
UNPACK = "Unpack it, and open what it holds."
ANOTHER = "Choose a file that Convograph saved."
PAGE = "Servers send one where a file is missing or asks for a login: download the file again."


def archive(**members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        for name, data in members.items():
            file.writestr(re.sub("_(json|pkl|npy)$", r".\1", name).replace("__", "/"), data)
    return stream.getvalue()


def tar():
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as file:
        file.addfile(tarfile.TarInfo("notes"), io.BytesIO())
    return stream.getvalue()


def numpy_file(save, *arrays):
    stream = io.BytesIO()
    save(stream, *arrays)
    return stream.getvalue()


def onnx():
    """Return a ModelProto: ir_version 8, producer "tch", a graph, operator set 17."""
    graph = b"\x0a\x08\x0a\x01x\x12\x01y\x22\x00" + b"\x12\x04main"
    return b"\x08\x08\x12\x03tch\x3a" + bytes([len(graph)]) + graph + b"\x42\x02\x10\x11"


def cifar(*labels):
    pixels = bytes(range(256)) * 12
    return b"".join(bytes(each) + pixels for each in labels)


KERAS = json.dumps({"module": "keras", "class_name": "Sequential", "config": {"name": "tiny", "layers": []}})
TFJS = json.dumps({"format": "layers-model", "modelTopology": {"class_name": "Model", "config": {}}})
PROTOTXT = '# LeNet\nname: "LeNet"\nlayer {\n  name: "data"\n  type: "Input"\n}\n'
IDX = struct.pack(">4B3I", 0, 0, 8, 3, 2, 4, 4) + bytes(32)
HDF5 = b"\x89HDF\r\n\x1a\n" + bytes(200)

FILES = {
    "empty": (b"", "is empty.", ANOTHER),
    "blank": (b" \n\n", "is empty.", ANOTHER),
    "IDX": (IDX, "is images or labels in the IDX format, as MNIST has them.", DATA),
    "IDX, packed": (
        gzip.compress(IDX),
        "is images or labels in the IDX format, as MNIST has them, compressed with gzip.",
        DATA,
    ),
    "NPZ": (
        numpy_file(np.savez, np.zeros(3)),
        "is a NumPy archive of arrays (NPZ).",
        f"{DATA} A network with several Inputs computes with it in `convograph run FILE --input`.",
    ),
    "weights": (
        archive(conv1__kernel_npy="x", conv1__bias_npy="x"),
        "is a weights file (NPZ).",
        "Weights are used with `convograph run FILE --weights`.",
    ),
    "NPY": (
        numpy_file(np.save, np.zeros(3)),
        "is a NumPy array (NPY).",
        f"{DATA} A network computes with it in `convograph run FILE --input`.",
    ),
    "CSV": (b"label,p0,p1\n7,0,255\n2,0.5,9\n", "is a table of values (CSV).", DATA),
    "CSV with semicolons": (b"7;0;255\r\n2;1e-3;9\r\n", "is a table of values (CSV).", DATA),
    "TSV": (b'"a"\t"b"\n"1"\t"2"', "is a table of values (CSV).", DATA),
    "long CSV": (b"1,2,3\n" * 20_000, "is a table of values (CSV).", DATA),
    "CIFAR-10": (cifar((6,), (9,), (0,)), "is images in the binary format of CIFAR-10.", DATA),
    "CIFAR-100": (cifar((19, 99), (0, 23)), "is images in the binary format of CIFAR-100.", DATA),
    "PNG": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is a picture (PNG).", DATA),
    "JPEG": (b"\xff\xd8\xff\xe0\0\x10JFIF", "is a picture (JPEG).", DATA),
    "GIF": (b"GIF89a\1\0\1\0", "is a picture (GIF).", DATA),
    "BMP": (b"BM" + bytes(12) + b"(\0\0\0", "is a picture (BMP).", DATA),
    "WebP": (b"RIFF\x20\0\0\0WEBPVP8 ", "is a picture (WebP).", DATA),
    "TIFF": (b"II*\0\x08\0\0\0", "is a picture (TIFF).", DATA),
    "PGM": (b"P5 2 2 255\n\0\0\0\0", "is a picture (PGM or PPM).", DATA),
    "HEIC": (b"\0\0\0\x18ftypheic\0\0\0\0", "is a picture (HEIC).", "Save it as JPEG or PNG."),
    "gzip": (gzip.compress(b"Dear all,"), "is compressed with gzip.", UNPACK),
    "gzip of a document": (
        gzip.compress(template_path("lenet5").read_bytes()),
        "is compressed with gzip.",
        UNPACK,
    ),
    "damaged gzip": (b"\x1f\x8b\x08damaged", "is compressed with gzip.", UNPACK),
    "gzip within gzip": (gzip.compress(gzip.compress(IDX)), "is compressed with gzip.", UNPACK),
    "zip": (archive(notes="x"), "is a zip archive.", UNPACK),
    "zip of nothing": (archive(), "is a zip archive.", UNPACK),
    "tar": (tar(), "is a tar archive.", UNPACK),
    "tar, packed": (gzip.compress(tar()), "is a tar archive, compressed with gzip.", UNPACK),
    "Keras HDF5": (HDF5 + b"model_weights", "is a Keras model (HDF5).", IMPORT),
    "safetensors": (
        struct.pack("<Q", 16) + b'{"a": {}}'.ljust(16) + bytes(4),
        "is a file of weights (safetensors).",
        "Weights are used with `convograph run FILE --weights`.",
    ),
    "HDF5": (HDF5, "is an HDF5 file.", DATA),
    "HDF5 after a block": (bytes(512) + HDF5, "is an HDF5 file.", DATA),
    "MATLAB": (b"MATLAB 5.0 MAT-file, Platform: GLNXA64".ljust(128), "is a MATLAB file.", DATA),
    "Parquet": (b"PAR1" + bytes(40), "is a Parquet file.", DATA),
    "MATLAB 7.3": (b"MATLAB 7.3 MAT-file".ljust(512) + HDF5, "is a MATLAB file.", DATA),
    "ONNX": (onnx(), "is an ONNX model.", IMPORT),
    "ONNX, graph first": (
        b"\x08\x0e\x3a\xa7\x01" + b"\x0a\x0f\x0a\x01x".ljust(167, b"\0") + b"\x42\x02\x10\x1c",
        "is an ONNX model.",
        IMPORT,
    ),
    "Keras JSON": (KERAS.encode(), "is a Keras model (JSON).", IMPORT),
    "Keras JSON, cut": (KERAS[:-2].encode(), "is a Keras model (JSON).", IMPORT),
    ".keras": (
        archive(metadata_json="{}", config_json=KERAS, model="x"),
        "is a Keras model (.keras, a zip archive).",
        IMPORT,
    ),
    "tfjs": (TFJS.encode(), "is a TensorFlow.js model.", IMPORT),
    "prototxt": (PROTOTXT.encode(), "is a Caffe network (prototxt).", IMPORT),
    "PyTorch": (
        archive(net__data_pkl=b"\x80\x02}q\0.", net__version="3"),
        "is a PyTorch model or its weights (a pickle in a zip archive).",
        f"{UNSAFE} {EXPORT}",
    ),
    "old PyTorch": (
        pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(1001, 2),
        "is a PyTorch model or its weights (a Python pickle).",
        f"{UNSAFE} {EXPORT}",
    ),
    "PyTorch program": (
        archive(net__data__weights__weight_0="1234"),
        "is a PyTorch program (.pt2, a zip archive).",
        IMPORT,
    ),
    "pickle": (pickle.dumps({"data": 1}), "is a Python pickle.", UNSAFE),
    "pickle in letters": (pickle.dumps({"data": 1}, 0), "is a Python pickle.", UNSAFE),
    "pickle, packed": (gzip.compress(pickle.dumps([1])), "is a Python pickle, compressed with gzip.", UNSAFE),
    "HTML": (b"\n<!DOCTYPE html>\n<html><title>404", "is a web page (HTML).", PAGE),
    "HTML in Latin-1": (b"<!-- proxy --><HTML><body>d\xe9sol\xe9", "is a web page (HTML).", PAGE),
    "PDF": (b"%PDF-1.7\n%\xe2\xe3", "is a PDF.", ANOTHER),
}


def opened(path):
    with pytest.raises(DocumentError) as caught:
        load(path)
    return str(caught.value)


def trained_on(path):
    with pytest.raises(DataError) as caught:
        load_dataset(str(path))
    return str(caught.value)


@pytest.mark.parametrize("case", FILES)
def test_a_file_that_is_no_document_is_named_with_what_can_be_done(tmp_path, case):
    data, what, today = FILES[case]
    path = tmp_path / "net.json"  # whatever the name says
    path.write_bytes(data)
    assert opened(path).removeprefix(str(tmp_path)).lstrip(os.sep) == f"net.json {what} {today}"
    assert path.read_bytes() == data


@pytest.mark.parametrize(
    ("case", "says"),
    [
        ("empty", "set.bin is empty. Give digits, "),
        ("PDF", "set.bin is a PDF. Give digits, "),
        ("PNG", "set.bin is a picture (PNG). Convograph does not read such a file as a data set. Give digits, "),
        ("NPY", "The labels of set.bin cannot be found, because its name does not say that it holds images. "),
        ("ONNX", "set.bin is an ONNX model. It holds a network, not a data set. Give digits, "),
        ("Keras HDF5", "set.bin is a Keras model (HDF5). It holds a network, not a data set. Give digits, "),
        ("zip", f"set.bin is a zip archive. {UNPACK} Give digits, "),
        ("tar, packed", f"set.bin is a tar archive, compressed with gzip. {UNPACK} Give digits, "),
        ("HTML", f"set.bin is a web page (HTML). {PAGE} Give digits, "),
        ("pickle, packed", f"set.bin is a Python pickle. {UNSAFE} Where you made it, save the arrays instead: "),
    ],
)
def test_what_is_no_data_set_is_named_with_what_can_be_done(tmp_path, case, says):
    path = tmp_path / "set.bin"
    path.write_bytes(FILES[case][0])
    assert trained_on(path).startswith(says)


PICTURES = ["PNG", "JPEG", "GIF", "BMP", "WebP", "TIFF", "PGM"]
READ = ("NPZ", "NPY", "CSV", "CIFAR", "HDF5", "MATLAB", "Parquet", "TSV", "long CSV")
NO_DATA_SET = [
    case
    for case in FILES
    if case not in ("empty", "blank", "IDX", "IDX, packed", *PICTURES) and not case.startswith(READ)
]


@pytest.mark.parametrize("case", NO_DATA_SET)
def test_a_folder_of_such_files_says_of_one_what_a_file_says_of_itself(tmp_path, case):
    data, what, _ = FILES[case]
    (tmp_path / "LIESMICH").write_bytes(b"Dear all")
    path = tmp_path / "set.bin"
    path.write_bytes(data)
    alone, _, _ = trained_on(path).partition(" Give digits, ")
    together = trained_on(tmp_path)
    assert together.startswith(f"{tmp_path} holds no pair of images and labels")
    assert alone in together
    if "pickle." not in alone:
        assert what in together
        assert "labels: there are LIESMICH and set.bin. " in together
        assert together.endswith(
            "Give a folder with train-images-idx3-ubyte and train-labels-idx1-ubyte, each with or without .gz."
        )


def test_a_folder_of_pickles_says_so_whatever_their_names(tmp_path):
    (tmp_path / "a.csv").write_bytes(FILES["CSV"][0])
    (tmp_path / "train").write_bytes(FILES["pickle"][0])
    text = trained_on(tmp_path)
    assert f"{tmp_path} holds no pair of images and labels. train is a Python pickle. {UNSAFE}" in text


def test_the_data_of_a_folder_are_named_before_what_else_lies_there(tmp_path):
    for name, case in (("a.json", "Keras JSON"), ("b.zip", "zip"), ("c.jpg", "JPEG")):
        (tmp_path / name).write_bytes(FILES[case][0])
    assert "there are a.json, b.zip and c.jpg. c.jpg is a picture (JPEG)." in trained_on(tmp_path)


@pytest.mark.parametrize("case", PICTURES)
def test_pictures_without_a_folder_for_each_class_are_told_from_other_files(tmp_path, case):
    for name in ("0", "1"):
        (tmp_path / name).write_bytes(FILES[case][0])
    assert trained_on(tmp_path) == (
        f"{tmp_path.name} holds 2 pictures, but in no folder for each class. Make one folder for each class in it, "
        f"such as {tmp_path.name}/cat and {tmp_path.name}/dog, and put the pictures there."
    )


def test_a_folder_of_folders_says_so_and_names_the_one_with_a_pair(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    assert f"{tmp_path} holds no pair of images and labels: there are no files, only the 2 folders a and b. " in (
        trained_on(tmp_path)
    )
    write_pair(tmp_path / "b")
    text = trained_on(tmp_path)
    assert (
        text == f"{tmp_path} holds no pair of images and labels itself, but its folder b does. Give {tmp_path / 'b'}."
    )
    assert len(load_dataset(str(tmp_path / "b"))) == 5


def test_a_document_given_as_data_set_is_named():
    text = trained_on(template_path("lenet5"))
    assert text.startswith("lenet5.json is a Convograph document. It holds a network, not a data set. Give digits, ")


def test_bytes_decide_and_not_the_name(tmp_path):
    (tmp_path / "mnist.pkl").write_bytes(FILES["HTML"][0])
    assert trained_on(tmp_path / "mnist.pkl").startswith("mnist.pkl is a web page (HTML). ")


@pytest.mark.parametrize("case", FILES)
def test_no_sentence_sends_anybody_to_rename_or_to_recode(tmp_path, case):
    path = tmp_path / "a"
    path.write_bytes(FILES[case][0])
    text = opened(path)
    assert not {"UTF", "rename", "ending", "extension"} & set(text.replace("-", " ").split())


def test_every_format_of_the_table_is_tried_here():
    tried = {recognise(data).what.removesuffix(", compressed with gzip") for data, *_ in FILES.values()}
    assert tried == {known.what for known in FORMATS} - {"a Convograph document"}


@pytest.mark.parametrize(
    "data",
    [
        b"Dear all,\nmany thanks, and regards,\nA",
        b"just words",
        b"{}",
        b'{"layers": [1, 2]}',
        b"[1, 2]",
        b"\x08",
        b"\x08\x03" + b"\x12\xff" * 20,
        b"a, b\nc, d",
        bytes(range(256)),
        b"name: me\nage: 3\n",
        b"\0\0\x07\x03",
        b"PK",
    ],
)
def test_what_is_not_known_is_not_guessed(data):
    assert recognise(data) is None


def test_every_template_is_known_as_a_document():
    assert recognise(template_path("vgg16").read_bytes()).what == "a Convograph document"


def test_a_large_model_is_named_and_not_called_large(tmp_path):
    path = tmp_path / "vgg16.h5"
    with path.open("wb") as file:
        file.write(FILES["Keras HDF5"][0])
        file.truncate(LARGEST_FILE + 5)
    assert opened(path).endswith(f"vgg16.h5 is a Keras model (HDF5). {IMPORT}")


def test_what_is_packed_is_unpacked_no_further_than_its_beginning(tmp_path):
    bomb = gzip.compress(b"<html>" + bytes(200 << 20), compresslevel=1)
    tracemalloc.start()
    try:
        assert recognise(bomb).what == "a web page (HTML), compressed with gzip"
        assert tracemalloc.get_traced_memory()[1] < 20 * BEGINNING
    finally:
        tracemalloc.stop()


def test_a_document_in_another_unicode_encoding_opens(tmp_path):
    text = template_path("lenet5").read_text(encoding="utf-8")
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"):
        (tmp_path / "a.json").write_bytes(text.encode(encoding))
        assert load(tmp_path / "a.json") == load_template("lenet5")


def test_a_character_that_cannot_be_read_is_pointed_at(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes('{"format": "convograph",\n"name": "café"}'.encode("latin-1"))
    assert opened(path).endswith(
        "a.json has a character in line 2 that cannot be read: byte 37 is 0xe9. Remove it there, or choose a file that "
        "Convograph saved."
    )


def test_check_refuses_with_status_2(tmp_path, capsys):
    path = tmp_path / "net.onnx"
    path.write_bytes(FILES["ONNX"][0])
    assert main(["check", str(path)]) == 2
    assert f"net.onnx is an ONNX model. {IMPORT}" in capsys.readouterr().err


@pytest.mark.parametrize(("case", "named"), [("Keras HDF5", "a Keras model (HDF5)"), ("PNG", "a picture (PNG)")])
def test_what_is_given_as_weights_or_input_is_named(tmp_path, case, named):
    path = tmp_path / "x.npz"
    path.write_bytes(FILES[case][0])
    with pytest.raises(WeightsError, match=rf"of plain arrays; this one is {re.escape(named)}\.$"):
        read_weights(path, {})
    with pytest.raises(DataError, match=rf"for several inputs\); this one is {re.escape(named)}\.$"):
        load_arrays(path)


def test_what_numpy_wrote_and_is_damaged_is_called_nothing_else(tmp_path):
    path = tmp_path / "x.npz"
    path.write_bytes(FILES["weights"][0][:60])
    with pytest.raises(WeightsError, match=r"archives of plain arrays\.$"):
        read_weights(path, {})


@pytest.mark.parametrize(
    "data",
    [
        b"<!---->" * 9_000,
        b" " * 65_000 + b"x",
        b"name:" + b"\n" * 65_000,
        b"name: 1\nlayer" + b" " * 65_000,
        b"1," + b"9" * 65_000 + b"x",
        b'{"config"' + b" " * 65_000,
        b"\x08\x08" + b"\x12\x00" * 32_000,
    ],
    ids=["comments", "blanks", "lines", "spaces", "digits", "JSON", "ONNX"],
)
def test_nothing_takes_long_to_recognise(data):
    started = time.perf_counter()
    recognise(data)
    assert time.perf_counter() - started < 1
