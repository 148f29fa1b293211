"""Rows of downloads against a server on this machine."""

import hashlib

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest

from core.io.datasets.downloads import DOWNLOADS, Download, RemoteFile
from core.io.templates import load_template
from designer.session import Session
from designer.views.data import ShownData, SourcePanel
from designer.views.data.downloads import DownloadList
from tests.core.datasets.loopback import CONTENT, serving


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVOGRAPH_CACHE", str(tmp_path))
    return tmp_path / "datasets"


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    with serving() as made:
        yield made


@pytest.fixture
def shown(qtbot, server, cache):
    def show(*behaviours):
        md5 = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()
        file = RemoteFile("data.bin", len(CONTENT), md5, tuple(map(server.address, behaviours)))
        downloads = DownloadList([Download("toy", "Toy", "a few bytes", "nobody", "any", (file,))])
        qtbot.addWidget(downloads)
        downloads.show()
        return downloads, downloads.rows["toy"]

    return show


def press(row):
    QTest.mouseClick(row.button, Qt.MouseButton.LeftButton)


def says(row, text):
    return lambda: row.button.text() == text


def test_a_data_set_is_fetched_and_then_used(qtbot, shown, cache):
    downloads, row = shown("good")
    assert row.button.text() == "Download"
    press(row)
    qtbot.waitUntil(says(row, "Use"))
    assert (cache / "toy" / "data.bin").read_bytes() == CONTENT
    with qtbot.waitSignal(downloads.use_requested) as used:
        press(row)
    assert used.args == ["Toy", str(cache / "toy" / "data.bin")]
    row.show_used(used.args[1])
    assert row.button.text() == "In use"
    assert not row.button.isEnabled()


def test_it_is_paused_while_the_server_is_silent_and_goes_on_from_there(qtbot, shown, server, cache):
    _, row = shown("stalled")
    press(row)
    part = cache / "toy" / "data.bin.part"
    qtbot.waitUntil(lambda: part.exists() and part.stat().st_size == 100_000)
    assert row.bar.isVisible()
    qtbot.waitUntil(lambda: " of 293.0 KiB" in row.state.text())
    press(row)
    assert row.button.text() == "Pausing …"
    server.ended.set()
    qtbot.waitUntil(says(row, "Resume"))
    assert row.state.text() == "97.7 KiB of 293.0 KiB are here"


def test_what_goes_wrong_is_said_and_can_be_tried_again(qtbot, shown):
    _, row = shown("page")
    press(row)
    qtbot.waitUntil(says(row, "Download"))
    assert row.state.text().startswith("data.bin could not be downloaded. 127.0.0.1")


def test_a_part_of_an_earlier_session_is_resumed(qtbot, shown, server, cache):
    (cache / "toy").mkdir(parents=True)
    (cache / "toy" / "data.bin.part").write_bytes(CONTENT[:100_000])
    _, row = shown("good")
    assert row.button.text() == "Resume"
    press(row)
    qtbot.waitUntil(says(row, "Use"))
    assert server.asked == [("/good/data.bin", 100_000)]


def test_the_folder_is_named_and_shown(shown, cache, monkeypatch):
    downloads, _ = shown("good")
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    assert str(cache) in downloads.show_folder.toolTip()
    QTest.mouseClick(downloads.show_folder, Qt.MouseButton.LeftButton)
    assert opened == [QUrl.fromLocalFile(str(cache))]
    assert cache.is_dir()


def test_using_what_is_there_is_one_step(qtbot, cache):
    mnist = DOWNLOADS["mnist"]
    (cache / "mnist").mkdir(parents=True)
    for file in mnist.files:
        with (cache / "mnist" / file.name).open("wb") as empty:
            empty.truncate(file.n_bytes)
    session = Session()
    session.open(load_template("lenet5"), None)
    panel = SourcePanel(session, ShownData(session))
    qtbot.addWidget(panel)
    assert list(panel.downloads.rows) == ["mnist", "fashion-mnist", "cifar-10"]
    press(panel.downloads.rows["mnist"])
    assert session.document.training.settings.dataset == str(cache / "mnist")
    assert panel.downloads.rows["mnist"].button.text() == "In use"
    session.undo()
    assert panel.downloads.rows["mnist"].button.text() == "Use"
