"""Hostile folders and archives: nothing but a sentence, nothing written, memory bounded."""

import contextlib
import gzip
import io
import struct
import tarfile
import tracemalloc
import zipfile
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from core.errors import DataError
from core.io.datasets import load_dataset, look_at_dataset
from core.io.datasets.pictures import archives
from tests.core.datasets.picture_making import black_png, chunk, noise, png, stored, tarred, upright, write, zipped

BOUND = 16 << 20

SEEDS = [
    *(stored(noise(), form) for form in ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM")),
    stored(noise().quantize(4)),
    stored(noise().convert("RGBA")),
    stored(noise().convert("CMYK"), "JPEG"),
    upright(6, "JPEG"),
    upright(6, "TIFF"),
    stored(noise(), "GIF", save_all=True, append_images=[noise(seed=1)]),
    stored(noise(), "PNG", save_all=True, append_images=[noise(seed=1)]),
    stored(noise(), "WEBP", save_all=True, append_images=[noise(seed=1)]),
    stored(Image.fromarray(np.arange(48, dtype=np.uint16).reshape(6, 8))),
    stored(noise(), "TIFF", compression="tiff_lzw"),
    stored(noise(), "TIFF", compression="jpeg"),
]

edit = st.tuples(st.integers(0, 1 << 12), st.binary(max_size=6), st.booleans())


def mutated(data, edits, end):
    data = bytearray(data)
    for place, value, inserts in edits:
        at = place % len(data)
        data[at : at if inserts else at + len(value)] = value
    return bytes(data[: end or None])


def read_or_refuse(path, *shape):
    """Read it, with memory bounded; return the data set, or the sentence."""
    tracemalloc.start()
    try:
        return load_dataset(str(path), None, shape or None)
    except DataError as error:
        return str(error)
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < BOUND


@settings(max_examples=300)
@given(st.sampled_from(SEEDS), st.lists(edit, min_size=1, max_size=5), st.integers(-400, 0), st.booleans())
def test_damaged_pictures_are_read_or_refused(tmp_path_factory, data, edits, end, is_sized):
    root = tmp_path_factory.getbasetemp() / "attack"
    write(root, {"a/good.png": png(), "b/bad.png": mutated(data, edits, end), "b/good.png": png()})
    found = read_or_refuse(root, *((5, 7, 3) if is_sized else ()))
    # What claims to be huge can't decide the size: most are as they should be.
    assert len(found) + len(found.refused) == 3
    for each in found.refused:
        assert each.file == "b/bad.png"
        assert each.what.endswith(".")


@given(
    st.binary(max_size=200), st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"II*\0", b"P5 "])
)
def test_any_bytes_are_refused(tmp_path_factory, data, beginning):
    root = tmp_path_factory.getbasetemp() / "any"
    found = read_or_refuse(write(root, {"a/good.png": png(), "b/bad.png": beginning + data}))
    assert len(found) + len(found.refused) == 2


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(["zip", "tar", "tar.gz"]), st.lists(edit, min_size=1, max_size=4), st.integers(-300, 0))
def test_damaged_archives_are_read_or_refused(tmp_path_factory, kind, edits, end):
    root = tmp_path_factory.getbasetemp() / "archives"
    root.mkdir(exist_ok=True)
    files = {"cat/1.png": png(), "cat/2.png": stored(noise(), "JPEG"), "dog/1.png": png(seed=1)}
    path = root / f"a.{kind}"
    zipped(path, files) if kind == "zip" else tarred(path, files, packed=kind == "tar.gz")
    path.write_bytes(mutated(path.read_bytes(), edits, end))
    read_or_refuse(path)
    with contextlib.suppress(DataError):
        look_at_dataset(str(path))
    assert list(root.iterdir()) == [path]
    path.unlink()


name = st.one_of(
    st.sampled_from(
        ["..", ".", "", "/", "train", "test", "val", "cat", "1.png", "a\\b", "\0", "con", "x" * 300, "é", "😀"]
    ),
    st.text(max_size=5),
)


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(["zip", "tar"]),
    st.lists(st.tuples(st.lists(name, min_size=1, max_size=5), st.sampled_from(SEEDS[:3])), max_size=8),
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_archives_with_any_names(tmp_path_factory, kind, members):
    root = tmp_path_factory.getbasetemp() / f"names {kind}"
    root.mkdir(exist_ok=True)
    path = root / f"a.{kind}"
    files = {"/".join(parts).partition("\0")[0] or "x": data for parts, data in members}  # as zipfile writes them
    zipped(path, files) if kind == "zip" else tarred(path, files)
    read_or_refuse(path)
    assert list(root.iterdir()) == [path]


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_paths_that_lead_out_are_refused_and_nothing_is_written(tmp_path, kind):
    path = tmp_path / "d" / f"a.{kind}"
    path.parent.mkdir()
    files = {"cat/1.png": png(), "dog/1.png": png(), "../evil/1.png": png(), "/abs/1.png": png()}
    (zipped if kind == "zip" else tarred)(path, files)
    data = read_or_refuse(path)
    assert set(data.classes) == {"abs", "cat", "dog"}
    assert [(each.file, each.what) for each in data.refused] == [
        ("../evil/1.png", "Its path leads out of the archive. Pack it again without that."),
    ]
    assert list(tmp_path.rglob("*.png")) == []


def test_links_in_archives_are_not_followed(tmp_path):
    path = tarred(tmp_path / "a.tar", {"cat/1.png": png(), "dog/1.png": png()})
    with tarfile.open(path, "a") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE):
            info = tarfile.TarInfo(f"cat/{kind.decode()}.png")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    assert [each.what for each in read_or_refuse(path).refused] == [
        *["It is a link, and links in archives are not followed. Pack the picture itself."] * 2,
        *["It is no plain file. Pack it again without it."] * 2,
    ]
    packed = zipped(tmp_path / "a.zip", {"cat/1.png": png(), "dog/1.png": png()})
    with zipfile.ZipFile(packed, "a") as archive:
        info = zipfile.ZipInfo("cat/link.png")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
        locked = zipfile.ZipInfo("cat/rare.png")
        archive.writestr(locked, png(), zipfile.ZIP_BZIP2)
    assert [each.what for each in read_or_refuse(packed).refused] == [
        "It is a link, and links in archives are not followed. Pack the picture itself.",
        "It is packed in an unusual way. Pack it again as zip programs do by default.",
    ]


def test_an_encrypted_member_is_named(tmp_path):
    path = zipped(tmp_path / "a.zip", {"cat/1.png": png(), "dog/1.png": png()})
    data = bytearray(path.read_bytes())
    central = data.index(b"PK\x01\x02")
    data[central + 8] |= 1
    path.write_bytes(data)
    assert [each.what for each in read_or_refuse(path).refused] == [
        "It is encrypted. Pack it again without a password."
    ]


@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_what_would_unpack_to_far_more_is_refused(tmp_path, kind):
    path = tmp_path / f"bomb.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("cat/1.png", png())
            archive.writestr("dog/1.png", bytes(200 << 20))
    else:
        with gzip.open(path, "wb", compresslevel=1) as file, tarfile.open(fileobj=file, mode="w") as archive:
            for name_, size in (("cat/1.png", 100), ("dog/1.png", 200 << 20)):
                info = tarfile.TarInfo(name_)
                info.size = size
                archive.addfile(info, io.BytesIO(bytes(size)))
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match=r"holds \d.*, but would unpack to .* made to fill a memory or a disk"):
            load_dataset(str(path))
        assert tracemalloc.get_traced_memory()[1] < 2 * archives.ALWAYS_UNPACKED + BOUND
    finally:
        tracemalloc.stop()


def test_members_that_share_their_bytes_do_not_add_up(tmp_path):
    """As in a bomb whose thousands of members are all the same large one."""
    path = zipped(tmp_path / "a.zip", {"cat/1.png": bytes(1 << 20), "dog/1.png": png()})
    data = path.read_bytes()
    begin, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    first = data[begin : data.index(b"PK\x01\x02", begin + 4)]
    n = 20_000
    listed = first * n + data[begin + len(first) : end]
    closing = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, n + 1, n + 1, len(listed), begin, 0)
    path.write_bytes(data[:begin] + listed + closing)
    with pytest.raises(DataError, match="made to fill a memory or a disk"):
        load_dataset(str(path))


def test_a_tar_header_that_claims_gigabytes_is_not_believed(tmp_path):
    info = tarfile.TarInfo("pax")
    info.type, info.size = tarfile.XHDTYPE, 2 << 30
    path = tmp_path / "a.tar"
    good = tarred(tmp_path / "good.tar", {"cat/1.png": png(), "dog/1.png": png()}).read_bytes()
    path.write_bytes(info.tobuf() + good)
    assert "is damaged" in read_or_refuse(path) or "tar archive" in read_or_refuse(path)


def test_a_member_that_claims_more_than_is_there(tmp_path):
    path = tarred(tmp_path / "a.tar", {"cat/1.png": png(), "dog/1.png": png()})
    info = tarfile.TarInfo("dog/2.png")
    info.size = 100_000
    whole = path.read_bytes().rstrip(b"\0")
    path.write_bytes(whole + bytes(-len(whole) % 512) + info.tobuf() + png())
    found = read_or_refuse(path)
    text = found if isinstance(found, str) else found.refused[0].what
    assert "damaged" in text or "cut off" in text


@pytest.mark.parametrize("wide_high", [(30_000, 30_000), (64_000_001, 1), (1, 2**31 - 1)])
def test_a_black_picture_of_a_hundred_kilobytes(tmp_path, wide_high):
    data = black_png(30_000, 30_000)
    header = struct.pack(">IIBBBBB", *wide_high, 1, 0, 0, 0, 0)
    data = data[:8] + chunk(b"IHDR", header) + data[33:]
    files = {"a/1.png": png(), "b/1.png": png(), "b/bomb.png": data}
    (refused,) = read_or_refuse(write(tmp_path, files)).refused
    assert f"{wide_high[0]:,}×{wide_high[1]:,} = {wide_high[0] * wide_high[1]:,} pixels" in refused.what


def test_texts_of_a_png_that_unpack_to_gigabytes(tmp_path):
    text = b"a\0\0" + zlib.compress(bytes(64 << 20), 9)
    data = png()
    bomb = data[:33] + chunk(b"zTXt", text) * 5 + data[33:]
    found = read_or_refuse(write(tmp_path, {"a/1.png": png(), "b/1.png": png(), "b/2.png": bomb}))
    assert len(found) + len(found.refused) == 3


def test_a_file_that_is_too_long(tmp_path, monkeypatch):
    monkeypatch.setattr("core.io.datasets.pictures.places.MOST_BYTES", 1000)
    files = {"a/1.png": png(), "b/1.png": png(), "b/2.png": png() + bytes(1000)}
    for path in (
        write(tmp_path / "d", files),
        zipped(tmp_path / "a.zip", files),
        tarred(tmp_path / "a.tar", files),
    ):
        (refused,) = read_or_refuse(path).refused
        assert refused.what.endswith("; the limit for a picture is 1000 B. Save it smaller.")


def test_folders_as_deep_as_the_disk_allows(tmp_path):
    deep = tmp_path.joinpath("a", *["d"] * 900)
    write(tmp_path, {"a/1.png": png(), "b/1.png": png()})
    deep.mkdir(parents=True)
    (deep / "1.png").write_bytes(png())
    data = read_or_refuse(tmp_path)
    assert len(data) == 3
