"""How the program is called: by which name, with which words, and what it tells on the way."""

import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.commands.main import main
from core.commands.table import COMMANDS
from core.io.templates import template_path

ROOT = Path(__file__).parents[3]
LENET = str(template_path("lenet5"))


def ended(capsys, *arguments):
    """Run words that end the program at once; gives its status and what it printed."""
    with pytest.raises(SystemExit) as caught:
        main(list(arguments))
    return caught.value.code, *capsys.readouterr()


def test_a_word_that_is_nothing_is_said_with_the_commands(capsys):
    status, out, err = ended(capsys, "frobnicate")
    assert (status, out) == (2, "")
    assert "error: no such command or file: frobnicate; the commands are check, summary," in err


@pytest.mark.parametrize(("word", "meant"), [("chek", "check"), ("Train", "train"), ("sumary", "summary")])
def test_the_nearest_command_is_named(capsys, word, meant):
    assert f"no such command or file: {word}; did you mean {meant}?" in ended(capsys, word)[2]
    assert f"no such command: {word}; did you mean {meant}?" in ended(capsys, word, "net.json")[2]


def test_a_long_word_is_not_repeated_in_full(capsys):
    assert len(ended(capsys, "x" * 5000)[2]) < 1500


@pytest.mark.parametrize(
    ("started", "program"),
    [
        ("/usr/bin/convograph", "convograph"),
        ("main.py", "python main.py"),
        ("/somewhere/convograph/__main__.py", "python -m convograph"),
        ("/somewhere/core/__main__.py", "python -m core"),
        ("/somewhere/else/__main__.py", "convograph"),
    ],
)
def test_usage_and_help_say_what_was_typed(capsys, monkeypatch, started, program):
    monkeypatch.setattr(sys, "argv", [started])
    assert ended(capsys)[2].startswith(f"usage: {program} ")
    assert ended(capsys, "check")[2].startswith(f"usage: {program} check ")
    assert f"\n{program} COMMAND --help explains a command." in ended(capsys, "--help")[1]


def test_the_core_is_a_program(tmp_path):
    module = f"{COMMANDS['check'].run.__module__.partition('.commands')[0]}"
    done = subprocess.run([sys.executable, "-m", module, "check", LENET], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "is valid" in done.stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["check", "net.json", "--jsn"], "check: error: no such option: --jsn; did you mean --json?"),
        (["train", "net.json", "--sve=x"], "train: error: no such option: --sve; did you mean --save?"),
        (["check", "net.json", "--frobnicate"], "no such option: --frobnicate; convograph check --help lists"),
        (["check", "net.json", "more"], "check: error: nothing is expected at more"),
        (["-"], "error: no such command or file: -; the commands are check"),
        (["train", "net.json", "--epochs", "ten"], "argument --epochs: ten is no whole number, such as 10"),
    ],
)
def test_what_a_command_does_not_know_is_said_with_what_was_meant(capsys, words, says):
    status, out, err = ended(capsys, *words)
    assert (status, out) == (2, "")
    assert says in err


# --- completion -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_every_shell_is_told_every_command(capsys, shell):
    pytest.importorskip("shtab")
    status, out, err = ended(capsys, "--print-completion", shell)
    assert (status, err) == (0, "")
    assert all(name in out for name in COMMANDS)
    assert "batch-size" in out


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not here")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["che"], ["check"]),
        (["train", "net.json", "--ba"], ["--batch-size"]),
        (["export", "net.json", "--to", "ma"], ["markdown"]),
        (["check", "ne"], ["net.json"]),
    ],
)
def test_bash_completes(capsys, tmp_path, words, expected):
    pytest.importorskip("shtab")
    script = ended(capsys, "--print-completion", "bash")[1]
    (tmp_path / "net.json").touch()
    typed = " ".join(["convograph", *words])
    asked = (
        f"\nCOMP_WORDS=({typed}); COMP_CWORD={len(words)}; _shtab_convograph; printf '%s\\n' \"${{COMPREPLY[@]}}\"\n"
    )
    done = subprocess.run(["bash"], input=script + asked, cwd=tmp_path, capture_output=True, text=True)
    assert done.stderr == ""
    assert done.stdout.split() == expected


def test_without_shtab_a_sentence_says_how(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "shtab", None)
    status, out, err = ended(capsys, "--print-completion", "bash")
    assert (status, out) == (1, "")
    assert err == "Completion is written by shtab, which is not installed: python -m pip install shtab\n"


# --- the log --------------------------------------------------------------------------------------------------------


@pytest.fixture
def _the_log_as_before():
    log = logging.getLogger("convograph")
    handlers, level = log.handlers, log.level
    yield
    log.handlers = handlers
    log.setLevel(level)


@pytest.mark.usefixtures("_the_log_as_before")
@pytest.mark.parametrize("place", [0, 2])
def test_the_log_speaks_on_standard_error(capsys, place):
    words = ["check", LENET]
    words[place:place] = ["--log", "debug"]
    assert main(words) == 0
    out, err = capsys.readouterr()
    assert out.startswith("LeNet-5 is valid")
    assert f"DEBUG convograph.io: reading {LENET}, " in err


@pytest.mark.usefixtures("_the_log_as_before")
def test_the_log_tells_no_more_than_was_asked_for(capsys):
    assert main(["check", LENET, "--log", "warning"]) == 0
    assert capsys.readouterr().err == ""
    assert main(["check", LENET, "--log", "info"]) == 0
    assert "INFO convograph.commands: Convograph " in capsys.readouterr().err
    assert "invalid choice: 'loud'" in ended(capsys, "check", LENET, "--log", "loud")[2]


def test_without_the_switch_nothing_is_told():
    done = subprocess.run(
        [sys.executable, "main.py", "check", LENET], cwd=ROOT, capture_output=True, env=os.environ, timeout=60
    )
    assert done.stderr == b""
