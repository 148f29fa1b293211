"""CIFAR's binary form: batches, folders, the official archives, and archives that mean no good."""

import gzip
import io
import pickle
import tarfile

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from core.errors import DataError
from core.io.datasets import cifar_archive, load_dataset, look_at_dataset
from core.io.datasets import stored as storing
from tests.core.datasets.making import cifar_bytes, photos

NAMES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
META = "".join(f"{name}\n" for name in NAMES) + "\n"  # the official file ends with a blank line
IMAGES = photos(24)
LABELS = np.arange(24) % 10


def refusal(path):
    with pytest.raises(DataError) as caught:
        load_dataset(str(path))
    return str(caught.value)


@pytest.fixture
def folder(tmp_path):
    """Five batches of 4 images and a test batch of 4, as the official archive has them."""
    folder = tmp_path / "cifar-10-batches-bin"
    folder.mkdir()
    for i, name in enumerate([*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"]):
        some = slice(4 * i, 4 * i + 4)
        (folder / name).write_bytes(cifar_bytes(IMAGES[some], LABELS[some]))
    (folder / "batches.meta.txt").write_text(META)
    (folder / "readme.html").write_text("<html>")
    return folder


def packed(path, folder, mode="w:gz"):
    with tarfile.open(path, mode) as archive:
        archive.add(folder, folder.name)
    return path


def is_whole(loaded):
    assert (len(loaded), len(loaded.test), loaded.shape, loaded.scale) == (20, 4, (32, 32, 3), 255)
    assert_array_equal(loaded.images, IMAGES[:20])
    assert_array_equal(loaded.test.images, IMAGES[20:])
    assert loaded.labels.tolist() == LABELS[:20].tolist()
    assert loaded.test.labels.tolist() == LABELS[20:].tolist()
    assert loaded.classes == loaded.test.classes == NAMES
    assert (loaded.format, loaded.notes) == ("CIFAR-10", ())


def test_a_folder_of_batches(folder):
    loaded = load_dataset(str(folder))
    is_whole(loaded)
    assert loaded.name == "cifar-10-batches-bin"
    assert len(loaded.sources) == 20
    assert [loaded.sources[i] for i in (0, 3, 4, -1)] == [
        "data_batch_1.bin, image 1",
        "data_batch_1.bin, image 4",
        "data_batch_2.bin, image 1",
        "data_batch_5.bin, image 4",
    ]


@pytest.mark.parametrize(("name", "mode"), [("cifar-10-binary.tar.gz", "w:gz"), ("c", "w:gz"), ("cifar.tar", "w")])
def test_an_archive_as_it_lies_on_a_disk(folder, name, mode):
    path = packed(folder.parent / name, folder, mode)
    is_whole(load_dataset(str(path)))


def test_looking_reads_labels_and_refuses_as_reading_does(folder):
    for path in (folder, folder / "data_batch_2.bin"):
        assert look_at_dataset(str(path)) == load_dataset(str(path)).facts
    (folder / "test_batch.bin").write_bytes(cifar_bytes(photos(22), [0] * 21 + [11]))
    for look in (look_at_dataset, load_dataset):
        with pytest.raises(DataError, match=r"test_batch.bin: label 22 \(offset 64,533\) is 11"):
            look(str(folder))


def test_a_folder_with_the_archive(folder, tmp_path):
    (tmp_path / "downloads").mkdir()
    packed(tmp_path / "downloads" / "cifar-10-binary.tar.gz", folder)
    is_whole(load_dataset(str(tmp_path / "downloads")))


def test_a_folder_around_the_folder_is_led_on(folder):
    assert f"but its folder cifar-10-batches-bin does. Give {folder}." in refusal(folder.parent)


def test_one_batch(folder):
    loaded = load_dataset(str(folder / "test_batch.bin"))
    assert (loaded.name, len(loaded), loaded.test, loaded.classes) == ("test_batch", 4, None, NAMES)
    assert_array_equal(loaded.images, IMAGES[20:])
    (folder / "batches.meta.txt").unlink()
    assert load_dataset(str(folder / "test_batch.bin")).classes == tuple("0123456789")


def test_batches_are_told_by_their_bytes_and_not_by_their_names(folder, tmp_path):
    (tmp_path / "mine").mkdir()
    (folder / "data_batch_1.bin").rename(tmp_path / "mine" / "photos.csv")
    assert load_dataset(str(tmp_path / "mine" / "photos.csv")).format == "CIFAR-10"


def test_cifar_100_has_fine_labels(tmp_path):
    fine = np.arange(24) * 4
    for name, some in (("train.bin", slice(20)), ("test.bin", slice(20, 24))):
        (tmp_path / name).write_bytes(cifar_bytes(IMAGES[some], fine[some], coarse=LABELS[some]))
    (tmp_path / "fine_label_names.txt").write_text("".join(f"thing {i}\n" for i in range(100)))
    (tmp_path / "coarse_label_names.txt").write_text("".join(f"group {i}\n" for i in range(20)))
    archive = packed(tmp_path.parent / "cifar-100-binary.tar.gz", tmp_path)
    for path in (tmp_path, archive):
        loaded = load_dataset(str(path))
        assert (loaded.format, len(loaded), len(loaded.test)) == ("CIFAR-100", 20, 4)
        assert loaded.labels.tolist() == fine[:20].tolist()
        assert loaded.classes[7] == "thing 7"
        assert_array_equal(loaded.images, IMAGES[:20])
    (tmp_path / "data_batch_1.bin").write_bytes(cifar_bytes(IMAGES, LABELS))
    text = refusal(tmp_path)
    assert "holds batches of CIFAR-10, such as data_batch_1.bin, and of CIFAR-100, such as test.bin" in text


def test_a_batch_that_was_cut_short_is_pointed_at(folder):
    path = folder / "data_batch_3.bin"
    path.write_bytes(path.read_bytes()[:-5])
    says = (
        "data_batch_3.bin: 12,287 bytes are no whole number of CIFAR-10 records of 3,073 bytes: after 3 images "
        "(offset 9,219) 3,068 bytes are left."
    )
    assert says in refusal(folder)
    assert says in refusal(path)
    archive = packed(folder.parent / "a.tar.gz", folder)
    assert "data_batch_3.bin: 12,287 bytes are no whole number" in refusal(archive)


def test_a_batch_of_cifar_100_that_was_cut_short(tmp_path):
    for name in ("train.bin", "test.bin"):
        (tmp_path / name).write_bytes(cifar_bytes(IMAGES, LABELS * 7, coarse=LABELS))
    (tmp_path / "train.bin").write_bytes((tmp_path / "train.bin").read_bytes()[:-9])
    says = "train.bin: 73,767 bytes are no whole number of CIFAR-100 records of 3,074 bytes"
    assert says in refusal(tmp_path)
    assert says in refusal(tmp_path / "train.bin")


def test_a_label_that_is_no_class_is_pointed_at(folder):
    many = photos(30)
    labels = np.arange(30) % 10
    labels[25] = 200
    (folder / "data_batch_2.bin").write_bytes(cifar_bytes(many, labels))  # beyond what recognising looks at
    assert "data_batch_2.bin: label 26 (offset 76,825) is 200; CIFAR-10 has classes from 0 to 9." in refusal(folder)


def test_classes_without_images_are_noted(folder):
    (folder / "test_batch.bin").write_bytes(cifar_bytes(IMAGES[:2], [0, 3]))
    loaded = load_dataset(str(folder / "test_batch.bin"))
    assert loaded.notes == ("no image of class automobile, bird, deer, dog, frog, horse and 2 others",)
    assert loaded.classes == NAMES


def test_a_batch_that_exceeds_a_quarter_of_the_memory_is_mapped(folder, monkeypatch):
    (folder / "data_batch_1.bin").write_bytes(cifar_bytes(IMAGES, LABELS))
    monkeypatch.setattr(storing, "machine_bytes", lambda: 4 * 20_000)
    loaded = load_dataset(str(folder / "data_batch_1.bin"))
    assert isinstance(loaded.images, np.memmap)
    assert_array_equal(loaded.images, IMAGES)
    assert_array_equal(loaded.pixels(slice(3)), IMAGES[:3] / np.float32(255))
    monkeypatch.setattr(storing, "machine_bytes", lambda: 20_000)
    assert "would fill" in refusal(folder)


# --- pickles ---------------------------------------------------------------------------------------------------------


class Trap:
    def __reduce__(self):
        return (pytest.fail, ("unpickled",))


@pytest.mark.parametrize(
    ("top", "names", "binary"),
    [
        ("cifar-10-batches-py", ["batches.meta", "data_batch_1", "test_batch"], "cifar-10-binary.tar.gz"),
        ("cifar-100-python", ["meta", "test", "train"], "cifar-100-binary.tar.gz"),
    ],
)
def test_the_pickled_form_is_refused_unread_and_the_binary_one_named(tmp_path, top, names, binary):
    folder = tmp_path / top
    folder.mkdir()
    for name in names:
        (folder / name).write_bytes(pickle.dumps(Trap(), 2))
    archive = packed(tmp_path / "cifar-python.tar.gz", folder)
    for path in (archive, folder, folder / names[-1]):
        text = refusal(path)
        assert "a Python pickle. Opening one can run any program hidden in it, so Convograph never does." in text
        assert f"Get {binary} from the same page" in text


# --- archives that mean no good --------------------------------------------------------------------------------------


def tar_of(path, *members, pack=gzip.compress):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, data, kind in members:
            info = tarfile.TarInfo(name)
            info.type, info.size = kind, len(data) if kind == tarfile.REGTYPE else 0
            info.linkname = "/etc/passwd"
            archive.addfile(info, io.BytesIO(data))
    path.write_bytes(pack(stream.getvalue()))
    return path


BATCH = ("c/data_batch_1.bin", cifar_bytes(IMAGES, LABELS), tarfile.REGTYPE)


@pytest.mark.parametrize("name", ["../../x", "/etc/x", "c/../../x"])
@pytest.mark.parametrize("first", [True, False])
def test_members_that_point_outside_are_never_followed(tmp_path, name, first):
    bad = (name, b"?", tarfile.REGTYPE)
    path = tar_of(tmp_path / "a.tar.gz", *([bad, BATCH] if first else [BATCH, bad]))
    before = sorted(tmp_path.parent.rglob("*"))
    text = refusal(path)
    assert f"a.tar.gz: its member {name} (offset " in text
    assert "names a place outside of the archive, which is never followed." in text
    assert sorted(tmp_path.parent.rglob("*")) == before


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_links_are_never_followed(tmp_path, kind):
    path = tar_of(tmp_path / "a.tar.gz", ("c/data_batch_1.bin", b"", kind), BATCH)
    text = refusal(path)
    assert "its member c/data_batch_1.bin (offset 0) is a link or no plain file, which is never followed" in text


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_archives_that_were_cut_short(folder, share):
    path = packed(folder.parent / "a.tar.gz", folder)
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    text = refusal(path)
    assert text.endswith(".")
    assert "a.tar.gz" in text


@pytest.mark.parametrize("members", [[("cat/1", b"?" * 2000, tarfile.REGTYPE)], [BATCH]])
def test_archives_cut_anywhere_give_a_sentence(tmp_path, members):
    path = tar_of(tmp_path / "a.tar.gz", *members)
    data = path.read_bytes()
    for end in [*range(0, len(data), 1 + len(data) // 60), *range(len(data) - 12, len(data))]:
        path.write_bytes(data[:end])
        assert refusal(path).endswith(".")


def test_an_archive_that_packs_too_well_is_not_unpacked(tmp_path, no_more_than):
    path = tmp_path / "a.tar.gz"
    zeros = bytes(1 << 20)
    with gzip.open(path, "wb", compresslevel=1) as stream:
        info = tarfile.TarInfo("c/readme.html")
        stream.write(tar_header(BATCH[0], len(BATCH[1])) + BATCH[1] + bytes(-len(BATCH[1]) % 512))
        info.size = 100 << 20
        stream.write(info.tobuf())
        for _ in range(100):
            stream.write(zeros)
    assert path.stat().st_size < 1 << 20
    with no_more_than(4 << 20):
        assert "a.tar.gz unpacks to more than 64.0 MiB; no honest archive of its size does." in refusal(path)


def tar_header(name, size):
    info = tarfile.TarInfo(name)
    info.size = size
    return info.tobuf()


def test_a_header_that_claims_to_be_long_takes_no_memory(tmp_path, no_more_than):
    info = tarfile.TarInfo("long")
    info.type, info.size = tarfile.XHDTYPE, 60 << 20
    data = tar_header(BATCH[0], len(BATCH[1])) + BATCH[1] + bytes(-len(BATCH[1]) % 512)
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(data + info.tobuf() + bytes(60 << 20), 1))
    with no_more_than(4 << 20):
        assert "a.tar.gz is damaged, or not a tar archive" in refusal(tmp_path / "a.tar.gz")


def test_an_archive_of_something_else_is_named(tmp_path):
    path = tar_of(tmp_path / "a.tar.gz", ("notes.txt", b"Dear all,", tarfile.REGTYPE))
    assert "a.tar.gz is a tar archive, compressed with gzip." in refusal(path)


def test_recognising_looks_no_further_than_it_must(tmp_path, monkeypatch):
    monkeypatch.setattr(cifar_archive, "_LOOKED_THROUGH", 4096)
    path = tar_of(tmp_path / "a.tar", ("big", bytes(9000), tarfile.REGTYPE), BATCH, pack=bytes)
    assert "is a tar archive" in refusal(path)
