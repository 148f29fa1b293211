"""The formats of other programs' files: one table, by which a file is recognised by its bytes, named, and advised on.

Only the first bytes are looked at. Nothing is unpickled; of a packed file no more is unpacked than they take.
"""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from core.io.regular_files import open_file

BEGINNING = 1 << 16
"""How many bytes are looked at, at most; twenty images of CIFAR, and the first names in archives and networks."""
LARGEST_SAFETENSORS_HEADER = 100 << 20
"""Bytes, as the format has it."""
GZIP = b"\x1f\x8b"
"""What a file packed with gzip begins with."""
IDX_TYPES = (0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E)

_PICKLES = (
    *(bytes((0x80, protocol)) for protocol in range(2, 6)),
    *(b"(dp", b"(lp", b"ccopy_reg\n", b"cnumpy"),  # protocol 0, in letters: Python 2 wrote it unless told otherwise
)
_OLD_PYTORCH = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"  # a pickle of torch's own magic number
_MEMBER = re.compile(rb"PK\x03\x04.{22}(..)..", re.DOTALL)
_PROGRAM = re.compile(
    r"[^/]+/(archive_format|models/[^/]+\.json|data/(weights|constants|aotinductor|sample_inputs)/.+)"
    r"|serialized_exported_program\.json"
)
_HDF5 = b"\x89HDF\r\n\x1a\n"
# Repetitions that never give back what they took ("*+") keep hostile files from taking long.
_HTML = re.compile(rb"(\xef\xbb\xbf)?\s*+(<\?xml[^>]*>)?(?>\s*<!--.*?-->)*+\s*+<(!doctype\s+)?html\b", re.I | re.S)
_IMPORT = "Import it with `convograph import MODEL -o FILE.json`, or drop it on the window."
_EXPORT = (
    "In PyTorch, save it as a program, and import that: "
    "torch.export.save(torch.export.export(model.eval(), (example,)), 'model.pt2')."
)
_UNSAFE = "Opening one can run any program hidden in it, so Convograph never does."


@dataclass(frozen=True, slots=True)
class FileFormat:
    """How one format is recognised, named, and what can be done with it today.

    Attributes
    ----------
    what : str
        What such a file is, after "is": "an HDF5 file".
    recognises : callable
        Whether a file is of this format, by its first `BEGINNING` bytes and its size in bytes.
    holds : {"network", "data", "pickle", "other"}
    today : str
        What Convograph does with it, as whole sentences; empty where only its use as a data set can be spoken of.
    """

    what: str
    recognises: Callable[[bytes, int], bool]
    holds: Literal["network", "data", "pickle", "other"]
    today: str = ""


def _begins(*beginnings: bytes) -> Callable[[bytes, int], bool]:
    return lambda first, _: first.startswith(beginnings)


def is_idx_magic(first: bytes | bytearray) -> bool:
    """Say whether these are the first bytes of an IDX file."""
    return len(first) >= 4 and first[:2] == b"\0\0" and first[2] in IDX_TYPES and first[3] > 0


def is_pickled(first: bytes | bytearray) -> bool:
    """Say whether a file with these first bytes is a pickle."""
    return first.startswith(_PICKLES)


def _members(first: bytes) -> list[str]:
    """List the names in a zip archive whose headers lie among its first bytes."""
    if not first.startswith(b"PK\x03\x04"):
        return []
    headers = _MEMBER.finditer(first)
    return [first[h.end() : h.end() + int.from_bytes(h[1], "little")].decode("utf-8", "replace") for h in headers]


def _is_weights(first: bytes, _: int) -> bool:
    names = _members(first)
    return bool(names) and re.fullmatch(r".+/[^/]+\.npy", names[0]) is not None


def _is_npz(first: bytes, _: int) -> bool:
    names = _members(first)
    return bool(names) and names[0].endswith(".npy")


def _is_keras_zip(first: bytes, _: int) -> bool:
    return {"metadata.json", "config.json"} <= set(_members(first))


def _is_pytorch_zip(first: bytes, _: int) -> bool:
    return any(name.endswith("/data.pkl") for name in _members(first))


def _is_pytorch_program(first: bytes, _: int) -> bool:
    return any(_PROGRAM.fullmatch(name) for name in _members(first))


def _is_safetensors(first: bytes, size: int) -> bool:
    n_bytes = int.from_bytes(first[:8], "little")
    return (
        2 <= n_bytes <= min(LARGEST_SAFETENSORS_HEADER, size - 8) and re.match(rb'\{\s*("|\})', first[8:]) is not None
    )


def _is_tar(first: bytes, _: int) -> bool:
    return first[257:262] == b"ustar"


def _is_bmp(first: bytes, _: int) -> bool:
    """Tell a bitmap by its two letters and the size of the header after the file's own."""
    return first.startswith(b"BM") and first[15:18] == b"\0\0\0" and first[14] in (12, 40, 52, 56, 64, 108, 124)


def _is_heic(first: bytes, _: int) -> bool:
    return first[4:8] == b"ftyp" and first[8:12] in {b"heic", b"heix", b"hevc", b"heim", b"mif1", b"msf1"}


def _is_hdf5(first: bytes, _: int) -> bool:
    # Before its own beginning an HDF5 file may keep a block of another program, of 512 bytes or a power of two more.
    return any(first.startswith(_HDF5, at) for at in (0, 512, 1024, 2048))


def _is_keras_hdf5(first: bytes, size: int) -> bool:
    return _is_hdf5(first, size) and (b"model_config" in first or b"model_weights" in first)


def _is_onnx(first: bytes, _: int) -> bool:
    """Follow the fields of a protobuf as ONNX's ModelProto has them, up to its graph (7) or operator sets (8)."""
    if len(first) < 2 or first[0] != 0x08 or not 0 < first[1] < 64:
        return False
    at = 2  # after ir_version, a varint below 64
    while at < len(first):
        tag, at = first[at], at + 1
        if tag == 0x28:  # model_version
            _, at = _varint(first, at)
        elif tag in (0x12, 0x1A, 0x22, 0x32, 0x3A, 0x42):  # producer's name and version, domain, doc_string, graph, …
            length, at = _varint(first, at)
            if tag in (0x3A, 0x42):
                return length > 0 and at < len(first)
            at += length
        else:
            return False
    return False


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for position, byte in enumerate(data[at : at + 10]):
        value |= (byte & 0x7F) << 7 * position
        if byte < 0x80:
            return value, at + position + 1
    return 0, len(data)


def _is_cifar(n_labels: int, limits: tuple[int, ...]) -> Callable[[bytes, int], bool]:
    """Tell records of labels, each below its limit, and 32×32×3 bytes: the size fits, and so does every label seen."""
    record = n_labels + 32 * 32 * 3

    def recognises(first: bytes, size: int) -> bool:
        seen = range(0, len(first) - n_labels + 1, record)
        labels_fit = all(first[at + i] < limit for at in seen for i, limit in enumerate(limits))
        return size > 0 and size % record == 0 and labels_fit and b"\0" in first

    return recognises


def _text(first: bytes) -> str:
    """Return the first bytes as text; nothing if they are not text. The last character may be cut."""
    if b"\0" in first:
        return ""
    try:
        return first.decode("utf-8-sig").lstrip()
    except UnicodeDecodeError as error:
        is_cut = len(first) == BEGINNING and error.start > BEGINNING - 4
        return first[: error.start].decode("utf-8-sig").lstrip() if is_cut else ""


def _is_html(first: bytes, _: int) -> bool:
    return _HTML.match(first) is not None  # in bytes: a server's page need not be UTF-8


def _is_json(*patterns: str) -> Callable[[bytes, int], bool]:
    """Tell a JSON object in whose beginning each pattern is found."""
    searches = [re.compile(pattern) for pattern in patterns]

    def recognises(first: bytes, _: int) -> bool:
        text = _text(first)
        return text.startswith("{") and all(search.search(text) for search in searches)

    return recognises


def _is_prototxt(first: bytes, _: int) -> bool:
    text = re.sub(r"#.*", "", _text(first)).lstrip()
    return (
        re.match(r"(name|input|input_dim|input_shape|layers?|force_backward|state)\s*[:{]", text) is not None
        and re.search(r"^[ \t]*+layers?\s*+:?\s*+\{", text, re.MULTILINE) is not None
    )


def _is_csv(first: bytes, _: int) -> bool:
    """Tell lines of equally many fields, the last of which has a number."""
    text = _text(first)
    if text.startswith(("{", "[", "<")):
        return False
    lines = [line for line in text.splitlines() if line.strip()]
    if len(first) == BEGINNING:
        lines = lines[:-1] or lines  # the last one is cut
    for separator in ",;\t":
        rows = [line.split(separator) for line in lines[:20]]
        if rows and len(rows[0]) > 1 and len({len(row) for row in rows}) == 1:
            return any(map(_is_number, rows[-1]))
    return False


def _is_number(field: str) -> bool:
    return re.fullmatch(r"[-+]?(\d++(\.\d*+)?|\.\d++)(e[-+]?\d+)?", field.strip().strip('"'), re.IGNORECASE) is not None


EMPTY: Final = FileFormat("empty", lambda first, _: not first.strip(), "other")
CONVOGRAPH: Final = FileFormat("a Convograph document", _is_json(r'"format"\s*:\s*"convograph"'), "network")
PICKLE: Final = FileFormat("a Python pickle", lambda first, _: is_pickled(first), "pickle", _UNSAFE)
_GZIP: Final = FileFormat("compressed with gzip", _begins(GZIP), "other", "Unpack it, and open what it holds.")
ZIP: Final = FileFormat(
    "a zip archive", _begins(b"PK\x03\x04", b"PK\x05\x06"), "other", "Unpack it, and open what it holds."
)
IDX: Final = FileFormat(
    "images or labels in the IDX format, as MNIST has them", lambda first, _: is_idx_magic(first), "data"
)
PICTURES: Final = (
    FileFormat("a picture (PNG)", _begins(b"\x89PNG\r\n\x1a\n"), "data"),
    FileFormat("a picture (JPEG)", _begins(b"\xff\xd8\xff"), "data"),
    FileFormat("a picture (GIF)", _begins(b"GIF87a", b"GIF89a"), "data"),
    FileFormat("a picture (BMP)", _is_bmp, "data"),
    FileFormat("a picture (WebP)", lambda first, _: first[:4] == b"RIFF" and first[8:12] == b"WEBP", "data"),
    FileFormat("a picture (TIFF)", _begins(b"II*\0", b"MM\0*"), "data"),
    FileFormat("a picture (PGM or PPM)", lambda first, _: re.match(rb"P[1-6][\s#]", first) is not None, "data"),
)
"""Pictures that can be read."""
HEIC: Final = FileFormat("a picture (HEIC)", _is_heic, "other", "Save it as JPEG or PNG.")
NPZ: Final = FileFormat(
    "a NumPy archive of arrays (NPZ)",
    _is_npz,
    "data",
    "A network with several Inputs computes with it in `convograph run FILE --input`.",
)
NPY: Final = FileFormat(
    "a NumPy array (NPY)", _begins(b"\x93NUMPY"), "data", "A network computes with it in `convograph run FILE --input`."
)
_NUMPY: Final = (
    FileFormat("a weights file (NPZ)", _is_weights, "other", "Weights are used with `convograph run FILE --weights`."),
    NPZ,
    NPY,
)
SAFETENSORS: Final = FileFormat(
    "a file of weights (safetensors)",
    _is_safetensors,
    "other",
    "Weights are used with `convograph run FILE --weights`.",
)
MATLAB: Final = FileFormat("a MATLAB file", _begins(b"MATLAB "), "data")
HDF5: Final = FileFormat("an HDF5 file", _is_hdf5, "data")
PARQUET: Final = FileFormat("a Parquet file", _begins(b"PAR1"), "data")
TAR: Final = FileFormat("a tar archive", _is_tar, "other", "Unpack it, and open what it holds.")
CIFAR_10: Final = FileFormat("images in the binary format of CIFAR-10", _is_cifar(1, (10,)), "data")
CIFAR_100: Final = FileFormat("images in the binary format of CIFAR-100", _is_cifar(2, (20, 100)), "data")
ONNX: Final = FileFormat("an ONNX model", _is_onnx, "network", _IMPORT)
KERAS_HDF5: Final = FileFormat("a Keras model (HDF5)", _is_keras_hdf5, "network", _IMPORT)
KERAS_ZIP: Final = FileFormat("a Keras model (.keras, a zip archive)", _is_keras_zip, "network", _IMPORT)
KERAS_JSON: Final = FileFormat(
    "a Keras model (JSON)", _is_json(r'"class_name"\s*:\s*"', r'"config"\s*:'), "network", _IMPORT
)
TENSORFLOW_JS: Final = FileFormat(
    "a TensorFlow.js model", _is_json(r'"(modelTopology|weightsManifest)"\s*:'), "network", _IMPORT
)
PYTORCH_PROGRAM: Final = FileFormat("a PyTorch program (.pt2, a zip archive)", _is_pytorch_program, "network", _IMPORT)
CAFFE: Final = FileFormat("a Caffe network (prototxt)", _is_prototxt, "network", _IMPORT)
CSV: Final = FileFormat("a table of values (CSV)", _is_csv, "data")

FORMATS: Final[tuple[FileFormat, ...]] = (
    EMPTY,
    CONVOGRAPH,
    IDX,
    *_NUMPY,
    *PICTURES,
    HEIC,
    MATLAB,
    KERAS_ZIP,  # its weights, an HDF5 file, may begin where such files may
    KERAS_HDF5,
    HDF5,
    PARQUET,
    SAFETENSORS,
    PYTORCH_PROGRAM,  # its samples are a pickle in a zip archive, which is never read
    FileFormat(
        "a PyTorch model or its weights (a pickle in a zip archive)", _is_pytorch_zip, "network", f"{_UNSAFE} {_EXPORT}"
    ),
    FileFormat(
        "a PyTorch model or its weights (a Python pickle)", _begins(_OLD_PYTORCH), "network", f"{_UNSAFE} {_EXPORT}"
    ),
    PICKLE,
    ZIP,
    TAR,
    _GZIP,
    FileFormat("a PDF", _begins(b"%PDF-"), "other"),
    FileFormat(
        "a web page (HTML)",
        _is_html,
        "other",
        "Servers send one where a file is missing or asks for a login: download the file again.",
    ),
    TENSORFLOW_JS,
    KERAS_JSON,
    CAFFE,
    CIFAR_10,
    CIFAR_100,
    ONNX,
    CSV,
)
"""Every format that is known by sight, the particular before the general: a `.keras` file is a zip archive, too."""


def recognise(data: bytes, size: int | None = None) -> FileFormat | None:
    """Recognise a file by its first bytes; if it is packed with gzip, by those of what is packed.

    Parameters
    ----------
    data : bytes
        The file, or at least its first `BEGINNING` bytes.
    size : int, optional
        How many bytes the file has, where `data` is not all of it.

    Examples
    --------
    >>> recognise(b"%PDF-1.7").what, recognise(b"Dear all,")
    ('a PDF', None)
    """
    first, size = data[:BEGINNING], len(data) if size is None else size
    if not first.startswith(GZIP):
        return next((known for known in FORMATS if known.recognises(first, size)), None)
    try:
        stream = zlib.decompressobj(wbits=31)
        inner = stream.decompress(first, BEGINNING)
    except zlib.error:
        return _GZIP
    # How much is packed is not known before all is unpacked, only where it ends within what was.
    found = recognise(inner, len(inner) if stream.eof else 0) if inner and not inner.startswith(GZIP) else None
    if found is None or found in (EMPTY, CONVOGRAPH):
        return _GZIP
    return replace(found, what=f"{found.what}, compressed with gzip")


def recognise_file(path: Path) -> FileFormat | None:
    """Recognise a file by its first bytes; None if it is no file, unknown, or cannot be read."""
    try:
        with open_file(path) as file:
            return recognise(file.read(BEGINNING), os.fstat(file.fileno()).st_size)
    except OSError:
        return None


def is_of(path: Path, known: FileFormat) -> bool:
    """Say whether a file is of a format, plain or packed with gzip."""
    found = recognise_file(path)
    return found is not None and found.recognises is known.recognises


def not_numpy(path: Path) -> str:
    """Say of a file that was taken for NumPy's what it is instead, to end a sentence; nothing if that is not known."""
    known = recognise_file(path)
    return "" if known is None or known in (ZIP, *_NUMPY) else f"; this one is {known.what}"
