"""Downloads against a server on this machine that stalls, lies and breaks off."""

import hashlib
import re
import shutil
import socket
from collections import namedtuple
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from core.errors import DownloadError
from core.io.datasets import load_dataset
from core.io.datasets.downloads import (
    DOWNLOADS,
    Download,
    Downloaded,
    MirrorFailed,
    Progress,
    RemoteFile,
    cache,
    cache_folder,
    download,
    is_downloaded,
)
from core.io.datasets.downloads import download as _download_function
from core.io.datasets.downloads.rate import Rate
from tests.core.datasets.loopback import CONTENT, serving
from tests.core.datasets.making import write_pair

QUICK = 0.5
N = len(CONTENT)
MD5 = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    with serving() as made:
        yield made


def wanted(*addresses, name="data.bin", md5=MD5):
    return Download("toy", "Toy", "a few bytes", "nobody", "any", (RemoteFile(name, N, md5, addresses),))


def files(folder):
    return {path.name: path.stat().st_size for path in folder.rglob("*") if path.is_file()}


def failed(server, folder, *behaviours):
    """Download from these addresses in vain; return what is said."""
    with pytest.raises(DownloadError) as caught:
        list(download(wanted(*map(server.address, behaviours)), folder, timeout=QUICK))
    text = str(caught.value)
    assert text.startswith("data.bin could not be downloaded. ")
    assert "data.bin" not in files(folder)
    return text


# --- What goes well ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("behaviour", ["good", "unmeasured", "moved", "anew"])
def test_a_file_is_fetched_and_its_place_is_told_last(server, tmp_path, behaviour):
    *progress, last = download(wanted(server.address(behaviour)), tmp_path)
    assert last == Downloaded(tmp_path / "toy" / "data.bin")
    assert last.path.read_bytes() == CONTENT
    assert files(tmp_path) == {"data.bin": N}
    assert all(isinstance(message, Progress) for message in progress)
    counts = [message.n_bytes for message in progress]
    assert counts == sorted(counts)
    assert (counts[0], counts[-1]) == (0, N)
    assert {(message.file, message.host, message.total_bytes) for message in progress} == {("data.bin", "127.0.0.1", N)}
    with pytest.raises(FrozenInstanceError):
        progress[0].n_bytes = 5


def test_what_is_there_is_not_fetched_again(server, tmp_path):
    for _ in range(2):
        list(download(wanted(server.address("good")), tmp_path))
    assert len(server.asked) == 1


def test_what_is_there_but_damaged_is_fetched_again(server, tmp_path):
    toy = wanted(server.address("good"))
    (tmp_path / "toy").mkdir()
    for damaged in (b"short", bytes(N)):
        (tmp_path / "toy" / "data.bin").write_bytes(damaged)
        list(download(toy, tmp_path))
        assert (tmp_path / "toy" / "data.bin").read_bytes() == CONTENT


def test_several_files_share_a_folder_and_one_count_of_bytes(server, tmp_path):
    parts = tuple(RemoteFile(name, N, MD5, (server.address("good", name),)) for name in ("a", "b"))
    toy = Download("toy", "Toy", "", "", "", parts)
    assert not is_downloaded(toy, tmp_path)
    *progress, last = download(toy, tmp_path)
    assert last.path == tmp_path / "toy"
    assert progress[-1].n_bytes == progress[-1].total_bytes == toy.n_bytes == 2 * N
    assert files(tmp_path) == {"a": N, "b": N}
    assert is_downloaded(toy, tmp_path)


# --- Cancelling and resuming ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("behaviour", ["good", "anew", "elsewhere", "unmeasured", "misplaced"])
def test_closing_keeps_the_part_and_the_next_download_goes_on_from_there(server, tmp_path, behaviour):
    begun = download(wanted(server.address("truncated")), tmp_path)
    while not isinstance(next(begun), MirrorFailed):
        pass
    begun.close()
    assert files(tmp_path) == {"data.bin.part": 100_000}
    mirrors = [server.address(behaviour), server.address("good")]
    *_, last = download(wanted(*mirrors), tmp_path)
    assert server.asked[1] == ("/" + behaviour + "/data.bin", 100_000)
    assert last.path.read_bytes() == CONTENT
    assert files(tmp_path) == {"data.bin": N}


def test_closing_in_the_middle_of_a_piece(server, tmp_path):
    begun = download(wanted(server.address("stalled")), tmp_path, timeout=5)
    next(begun)
    begun.close()
    assert "data.bin" not in files(tmp_path)
    *_, last = download(wanted(server.address("good")), tmp_path)
    assert last.path.read_bytes() == CONTENT


def test_a_server_that_breaks_off_is_asked_to_go_on(server, tmp_path):
    *told, last = download(wanted(server.address("truncated")), tmp_path)
    assert [start for _, start in server.asked] == [0, 100_000, 200_000]
    assert [message.why for message in told if isinstance(message, MirrorFailed)] == [
        "127.0.0.1 ended after 97.7 KiB of the 293.0 KiB of data.bin.",
        "127.0.0.1 ended after 195.3 KiB of the 293.0 KiB of data.bin.",
    ]
    assert last.path.read_bytes() == CONTENT


def test_a_part_of_wrong_bytes_is_given_up_for_the_whole(server, tmp_path):
    (tmp_path / "toy").mkdir()
    part = tmp_path / "toy" / "data.bin.part"
    for wrong in (bytes(1000), bytes(N), bytes(2 * N)):
        part.write_bytes(wrong)
        *_, last = download(wanted(server.address("good")), tmp_path)
        assert last.path.read_bytes() == CONTENT
        last.path.unlink()


def test_a_complete_part_needs_no_server(tmp_path):
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "data.bin.part").write_bytes(CONTENT)
    *_, last = download(wanted("http://127.0.0.1:1/data.bin"), tmp_path)
    assert last.path.read_bytes() == CONTENT


# --- What goes wrong --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("behaviour", "said", "kept"),
    [
        ("silent", "127.0.0.1 can't be reached: it said nothing for 0.5 s.", 0),
        ("stalled", "127.0.0.1 stopped after 97.7 KiB of the 293.0 KiB of data.bin: it said nothing for 0.5 s.", 1),
        ("short", "127.0.0.1 announces 1,000 bytes for data.bin; it has 300,000.", 0),
        ("long", "127.0.0.1 announces 300,004 bytes for data.bin; it has 300,000.", 0),
        ("endless", "127.0.0.1 sends more than the 293.0 KiB that data.bin has.", 0),
        ("wrong", "127.0.0.1 delivers other bytes than those of data.bin: the checksum is wrong.", 0),
        ("page", "127.0.0.1 answers with a web page instead of data.bin.", 0),
        ("gone", "127.0.0.1 has no data.bin any more (404).", 0),
        ("busy", "127.0.0.1 refuses data.bin (503 Service Unavailable).", 0),
        ("circle", "127.0.0.1 redirects data.bin in a circle, or to an address of another kind than http or https.", 0),
        ("local", "127.0.0.1 redirects data.bin in a circle, or to an address of another kind than http or https.", 0),
        ("ftp", "127.0.0.1 can't be reached: unknown url type: ftp.", 0),
        ("babbling", "127.0.0.1 can't be reached: no HTTP at all.", 0),
    ],
)
def test_a_bad_server_is_described_and_the_next_one_is_tried(server, tmp_path, behaviour, said, kept):
    text = failed(server, tmp_path, behaviour)
    assert said in text or behaviour == "stalled"  # asked to go on, it says nothing at all
    assert ("What came of it is kept." in text) == bool(kept)
    assert bool(files(tmp_path)) == bool(kept)
    shutil.rmtree(tmp_path / "toy")
    mirrors = [server.address(behaviour), server.address("good")]
    *told, last = download(wanted(*mirrors), tmp_path, timeout=QUICK)
    failures = [message for message in told if isinstance(message, MirrorFailed)]
    assert [(failure.address, failure.why) for failure in failures] == [(mirrors[0], said)]
    assert last.path.read_bytes() == CONTENT
    assert files(tmp_path) == {"data.bin": N}


def test_all_addresses_are_spoken_of(server, tmp_path):
    text = failed(server, tmp_path, "gone", "page")
    assert text.count("127.0.0.1") == 2
    assert text.endswith("Try again later.")


def test_right_bytes_are_taken_whatever_follows_them(server, tmp_path):
    *_, last = download(wanted(server.address("chatty")), tmp_path)
    assert last.path.read_bytes() == CONTENT


def test_a_server_that_never_ends_is_left(server, tmp_path):
    failed(server, tmp_path, "endless")
    assert server.broke_off.wait(5)


def test_nobody_there(tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(DownloadError, match=r"127\.0\.0\.1 can't be reached: connection refused\. Try again later\."):
        list(download(wanted(f"http://127.0.0.1:{port}/data.bin"), tmp_path))


@pytest.mark.parametrize("address", ["file:///etc/passwd", "nonsense", "ftp://127.0.0.1/x"])
def test_addresses_of_other_kinds(tmp_path, address):
    with pytest.raises(DownloadError, match="can't be reached"):
        list(download(wanted(address), tmp_path))


def test_a_disk_that_is_full(server, tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")(10**9, 10**9, 20 << 20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    list(download(wanted(server.address("good")), tmp_path))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=16 << 20))
    with pytest.raises(DownloadError, match=r"Toy needs 293\.0 KiB, but .* has 16\.0 MiB left\. Make room there"):
        list(download(wanted(server.address("good")), tmp_path / "other"))


def test_a_folder_that_cannot_be_made(server, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DownloadError, match=r"Toy can't be kept in .*: a part of its path is a file"):
        list(download(wanted(server.address("good")), tmp_path / "file"))
    (tmp_path / "toy" / "data.bin.part").mkdir(parents=True)
    with pytest.raises(DownloadError, match=r"Toy can't be kept in .*: it is a folder"):
        list(download(wanted(server.address("good")), tmp_path))


# --- The table and the cache ------------------------------------------------------------------------------------------


def test_the_table():
    assert set(DOWNLOADS) == {"mnist", "fashion-mnist", "cifar-10"}
    for name, each in DOWNLOADS.items():
        assert each.name == name
        assert all((each.title, each.what, each.source, each.licence))
        assert len({file.name for file in each.files}) == len(each.files)
        for file in each.files:
            assert re.fullmatch("[0-9a-f]{32}", file.md5)
            assert file.n_bytes > 1000
            assert len(set(file.addresses)) >= 2
            assert all(re.fullmatch(rf"https?://.*/{re.escape(file.name)}", address) for address in file.addresses)
    assert DOWNLOADS["cifar-10"].path_in(Path("c")) == Path("c/cifar-10/cifar-10-binary.tar.gz")
    assert DOWNLOADS["mnist"].path_in(Path("c")) == Path("c/mnist")
    assert DOWNLOADS["mnist"].n_bytes == 11_594_722


def test_the_cache_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(cache.sys, "platform", "linux")
    monkeypatch.setenv("HOME", str(tmp_path))
    for variable in ("CONVOGRAPH_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    assert cache_folder() == tmp_path / ".cache" / "convograph"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache_folder() == tmp_path / ".cache" / "convograph"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "convograph"
    monkeypatch.setenv("CONVOGRAPH_CACHE", "~/mine")
    assert cache_folder() == tmp_path / "mine"
    monkeypatch.setenv("CONVOGRAPH_CACHE", "~nobody-of-this-name/mine")
    with pytest.raises(DownloadError, match="Set the variable CONVOGRAPH_CACHE to a folder"):
        cache_folder()


def test_other_systems(tmp_path, monkeypatch):
    monkeypatch.delenv("CONVOGRAPH_CACHE", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(cache.sys, "platform", "darwin")
    assert cache_folder() == tmp_path / "Library" / "Caches" / "convograph"
    monkeypatch.setattr(cache.sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert cache_folder() == tmp_path / "local" / "convograph"


def test_by_default_it_is_kept_in_the_cache(server, tmp_path, monkeypatch):
    monkeypatch.setenv("CONVOGRAPH_CACHE", str(tmp_path))
    *_, last = download(wanted(server.address("good")))
    assert last.path == tmp_path / "datasets" / "toy" / "data.bin"
    assert is_downloaded(wanted())


def test_the_rate_forgets():
    rate = Rate()
    assert rate.per_second is None
    for second in range(21):
        rate.add(second, 100 * second if second <= 10 else 1000 + 10 * (second - 10))
    assert rate.per_second == 10
    rate.add(21, 0)
    assert rate.per_second is None


def test_progress_says_how_long_it_takes(server, tmp_path, monkeypatch):
    module = __import__("sys").modules[_download_function.__module__]
    clock = iter(range(1000))
    monkeypatch.setattr(module, "monotonic", lambda: next(clock))
    told = [m for m in download(wanted(server.address("good")), tmp_path) if isinstance(m, Progress)]
    known = [m for m in told if m.bytes_per_second]
    assert known
    for message in known:
        assert message.seconds_left == (N - message.n_bytes) / message.bytes_per_second


def test_what_documents_name_is_a_data_set(tmp_path):
    mnist = DOWNLOADS["mnist"]
    place = mnist.path_in(tmp_path)
    for prefix in ("train-", "t10k-"):
        write_pair(place, prefix, packed=True)
    assert {path.name for path in place.iterdir()} == {file.name for file in mnist.files}
    (place / "train-images-idx3-ubyte.gz.part").write_bytes(b"the beginning")
    data = load_dataset(str(place))
    assert (data.name, len(data), len(data.test)) == ("mnist", 5, 5)
