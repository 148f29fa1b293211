"""`convograph export` prints or saves what an exporter writes."""

import json

import pytest

from core.commands.main import main
from core.engine.network import Network
from core.export.exporter import Exporter
from core.export.exporters import EXPORTERS
from core.io.documents import save
from core.io.templates import load_template, template_path
from tests.drawing import chain

LENET = template_path("lenet5")
BROKEN = chain((7, 7, 1), ("Conv2D", {"filters": 1, "kernel_size": 3, "stride": 3}))


@pytest.fixture
def run(capfdbinary):
    """Run a command; gives its status and what it printed, as bytes."""

    def command(*arguments):
        status = main([str(argument) for argument in arguments])
        return status, *capfdbinary.readouterr()

    return command


@pytest.fixture
def blob(monkeypatch):
    """A format that is no text."""
    monkeypatch.setitem(
        EXPORTERS, "blob", Exporter("blob", "blob", "network", "bytes", ".bin", lambda report: b"\x00\xff\r\n")
    )


@pytest.mark.parametrize("format", ["markdown", "csv", "latex"])
def test_what_is_printed_is_what_is_saved(run, tmp_path, format):
    status, printed, err = run("export", LENET, "--to", format)
    assert (status, err) == (0, b"")
    assert b"conv1" in printed
    assert run("export", LENET, "--to", format, "-o", tmp_path / "out") == (0, b"", b"")
    assert (tmp_path / "out").read_bytes() == printed


def test_bytes_are_printed_and_saved_as_they_are(run, tmp_path, blob):
    assert run("export", LENET, "--to", "blob") == (0, b"\x00\xff\r\n", b"")
    assert run("export", LENET, "--to", "blob", "-o", tmp_path / "out.bin") == (0, b"", b"")
    assert (tmp_path / "out.bin").read_bytes() == b"\x00\xff\r\n"


def test_a_broken_document_is_exported_as_far_as_it_is_known_and_its_problems_are_told_apart(run, tmp_path):
    save(BROKEN, tmp_path / "net.json")
    status, out, err = run("export", tmp_path / "net.json", "--to", "csv", "-o", tmp_path / "net.csv")
    assert (status, out) == (1, b"")
    assert err.decode().startswith("error SHAPE-FIT at $.layers[1].config.stride\n")
    assert b"conv1,Conv2D,,10,,,\n" in (tmp_path / "net.csv").read_bytes()


def test_a_file_that_cannot_be_read_is_status_2(run, tmp_path):
    status, out, err = run("export", tmp_path / "gone.json", "--to", "csv")
    assert (status, out) == (2, b"")
    assert b"gone.json" in err


def test_where_nothing_can_be_saved_is_said_in_a_sentence(run, tmp_path):
    status, out, err = run("export", LENET, "--to", "csv", "-o", tmp_path / "gone" / "out.csv")
    assert (status, out) == (1, b"")
    assert b"could not be saved: there is no folder" in err
    assert err.count(b"\n") == 1


@pytest.mark.parametrize("arguments", [["export", "a.json"], ["export", "a.json", "--to", "pdf"]])
def test_a_format_must_be_chosen_among_those_there_are(capsys, arguments):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "--to" in capsys.readouterr().err


def test_the_help_tells_every_format(capsys, blob):
    with pytest.raises(SystemExit):
        main(["export", "--help"])
    out = " ".join(capsys.readouterr().out.split())
    assert all(f"{format} ({e.ending}): {e.writes}" in out for format, e in EXPORTERS.items())
    assert "blob (.bin): bytes" in out


def test_no_file_that_is_read_is_lost_to_one_that_belongs_to_the_export(run, tmp_path, monkeypatch):
    exporter = Exporter(
        "pair",
        "pair",
        "table",
        "two files",
        ".txt",
        lambda subject: "a",
        lambda subject: {"_weights.npz": lambda: b"b"},
    )
    monkeypatch.setitem(EXPORTERS, "pair", exporter)
    network = Network(load_template("lenet5"))
    network.save_weights(tmp_path / "net_weights.npz")
    before = (tmp_path / "net_weights.npz").read_bytes()
    arguments = ("--to", "pair", "-o", tmp_path / "net.txt", "--weights", tmp_path / "net_weights.npz")
    status, out, err = run("export", LENET, *arguments)
    assert (status, out) == (1, b"")
    assert b"net_weights.npz holds the weights, which would be lost" in err
    assert (tmp_path / "net_weights.npz").read_bytes() == before
    assert not (tmp_path / "net.txt").exists()


def test_json_says_what_was_written(run, tmp_path):
    status, out, err = run("export", LENET, "--to", "pytorch", "-o", tmp_path, "--json")
    assert (status, err) == (0, b"")
    files = [str(tmp_path / "model.py"), str(tmp_path / "model_train.py")]
    assert json.loads(out) == {"format": "pytorch", "files": files}
