"""`main` decides between the window and the command line by the arguments alone."""

import sys
from types import ModuleType

import pytest

import main
from designer import guard


@pytest.fixture
def calls(monkeypatch):
    """What was called with what, the command line and the window replaced by recorders."""
    recorded = []

    def recorder(name, status):
        def call(argument):
            recorded.append((name, argument))
            return status

        return call

    table, command_line, app = map(ModuleType, ("core.commands.table", "core.commands.main", "designer.app"))
    table.COMMANDS = ("check", "train")
    command_line.main = recorder("command", 3)
    app.run = recorder("window", 4)
    for module in (table, command_line, app):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(guard, "refusal", lambda: None)
    return recorded


@pytest.mark.parametrize(
    ("arguments", "expected", "status"),
    [
        ([], ("window", None), 4),
        (["lenet.json"], ("window", "lenet.json"), 4),
        (["checked.json"], ("window", "checked.json"), 4),
        (["folder/net"], ("window", "folder/net"), 4),
        (["frobnicate"], ("command", ["frobnicate"]), 3),
        (["check"], ("command", ["check"]), 3),
        (["check", "lenet.json", "--json"], ("command", ["check", "lenet.json", "--json"]), 3),
        (["--help"], ("command", ["--help"]), 3),
        (["chekc", "lenet.json"], ("command", ["chekc", "lenet.json"]), 3),
    ],
)
def test_a_command_or_an_option_goes_to_the_command_line_and_the_rest_to_the_window(calls, arguments, expected, status):
    assert main.main(arguments) == status
    assert calls == [expected]


def test_a_file_without_an_ending_opens_in_the_window(calls, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "frobnicate").touch()
    assert main.main(["frobnicate"]) == 4
    assert calls == [("window", "frobnicate")]


def test_the_arguments_of_the_process_are_the_default(calls, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["convograph", "train", "lenet.json"])
    assert main.main() == 3
    assert calls == [("command", ["train", "lenet.json"])]


def test_where_no_window_can_open_the_sentence_is_printed_and_nothing_else_happens(calls, monkeypatch, capsys):
    monkeypatch.setattr(guard, "refusal", lambda: "There is no display here.")
    assert main.main(["lenet.json"]) == 1
    assert capsys.readouterr() == ("", "There is no display here.\n")
    assert calls == []


def test_a_command_is_not_kept_from_running_where_no_window_can_open(calls, monkeypatch):
    monkeypatch.setattr(guard, "refusal", lambda: "There is no display here.")
    assert main.main(["check", "lenet.json"]) == 3
