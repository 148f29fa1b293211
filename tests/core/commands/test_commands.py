"""The command line as scripts and continuous integration rely on it: what is printed, and the exit status."""

import io
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core import Network
from core.analysis.check import analyse
from core.commands.main import main
from core.commands.table import COMMANDS
from core.graph.edits import set_training
from core.io.documents import loads, save
from core.io.schema import schema_text
from core.io.templates import load_template, template_names, template_path
from core.training.messages import Finished, Started
from core.training.reporting import follow
from core.training.trainer import train
from tests.core.datasets.making import write_pair
from tests.drawing import chain, document, layer

ROOT = Path(__file__).parents[3]
LENET = str(template_path("lenet5"))
PROBLEMS = Path(__file__).parents[1] / "analysis" / "problems"


@pytest.fixture
def run(capsys):
    """Run a command in this process; gives its status and what it printed."""

    def command(*arguments):
        status = main([str(argument) for argument in arguments])
        output = capsys.readouterr()
        assert "Traceback" not in output.err
        return status, output.out, output.err

    return command


@pytest.fixture
def file(tmp_path):
    """Write a document; gives its path."""

    def write(made, name="net.json"):
        save(made, tmp_path / name)
        return tmp_path / name

    return write


def outside(*arguments, **options):
    """Run a command as a process of its own."""
    options = {"capture_output": True, "cwd": ROOT, "timeout": 60} | options
    return subprocess.run([sys.executable, ROOT / "main.py", *map(str, arguments)], **options)


BROKEN = chain((7, 7, 1), ("Conv2D", {"filters": 1, "kernel_size": 3, "stride": 3}))


# --- check ----------------------------------------------------------------------------------------------------------


def test_check_says_what_is_valid(run):
    status, out, err = run("check", LENET)
    assert (status, err) == (0, "")
    valid, training = out.splitlines()
    assert valid == "LeNet-5 is valid: 14 layers · 61,706 parameters · 416.5 k MACs"
    assert training.startswith("It can be trained on digits (8×8, enlarged to 28×28). An epoch of 1,438 samples takes ")


def test_check_says_what_will_be_learned_of_a_thousand_outputs_and_what_it_costs(run, tmp_path):
    _, text, _ = run("zoo", "alexnet")
    (tmp_path / "alexnet.json").write_text(text, encoding="utf-8")
    status, out, _ = run("check", tmp_path / "alexnet.json")
    assert status == 0
    assert "(8×8, enlarged to 224×224, grey in 3 channels)" in out
    assert "digits has 10 classes: only they are learned, 990 of the 1,000 outputs of softmax stay unused." in out
    assert re.search(
        r"takes about \d+ (seconds|minutes), estimated from its MACs\. Training needs about .* of memory", out
    )


def test_check_says_why_a_valid_network_cannot_be_trained(run, file, tmp_path):
    write_pair(tmp_path / "letters", n=26, labels=np.arange(1, 27, dtype=np.uint8))
    made = file(chain((4, 3, 1), "Flatten", ("Dense", {"units": 26})))
    status, out, _ = run("check", made, "--data", tmp_path / "letters")
    assert status == 0
    assert f"It can't be trained on {tmp_path / 'letters'}: 1 problem." in out
    assert "begin with 1: no sample has the label 0." in out
    assert "Fix: Count from 0: label 1 becomes 0" in out
    status, out, _ = run("check", made, "--data", tmp_path / "letters", "--json")
    said = json.loads(out)
    assert (status, said["valid"], said["trainable"], said["problems"]) == (0, True, False, [])
    (problem,) = said["training_problems"]
    assert (problem["code"], problem["severity"]) == ("TRAIN-CLASSES", "error")
    assert problem["fixes"][0]["edits"] == [{"op": "training", "settings": {"first_label": 1}}]


def test_check_says_that_the_data_cannot_be_read(run, file):
    status, out, _ = run("check", file(chain((4,), ("Dense", {"units": 3}))), "--data", "nowhere")
    assert status == 0
    assert "error DATA-UNREADABLE" in out


@pytest.mark.parametrize(("made", "trainable"), [(chain((64,), ("Dense", {"units": 10})), True), (BROKEN, False)])
def test_check_json_says_what_can_be_trained(run, file, made, trainable):
    said = json.loads(run("check", file(made), "--json")[1])
    assert (said["trainable"], said["training_problems"]) == (trainable, [])


def test_check_says_what_is_wrong(run, file):
    status, out, err = run("check", file(BROKEN))
    assert (status, err) == (1, "")
    assert out == (
        "The network has 1 error.\n\n"
        "error SHAPE-FIT at $.layers[1].config.stride\n"
        "  conv1: a 3×3 filter does not fit a 7×7 input with stride 3.\n"
        "  (7 − 3)/3 + 1 = 2.33 is not a whole number.\n"
        "  Fix: Use stride 2 · Use padding 1 · Round down\n"
    )


@pytest.mark.parametrize(("made", "status", "valid"), [(chain((4,), "ReLU"), 0, True), (BROKEN, 1, False)])
def test_check_json_is_one_object(run, file, made, status, valid):
    found, out, err = run("check", file(made), "--json")
    assert (found, err) == (status, "")
    assert json.loads(out)["valid"] is valid


def test_check_json_holds_nothing_that_json_lacks(run, tmp_path):
    text = (
        '{"format": "convograph", "version": 1, "layers": [{"id": "a", "kind": "Input", "config": {"shape": [4]}}], '
        '"training": {"optimizer": {"kind": "Adam", "learning_rate": NaN, "beta1": Infinity}}}'
    )
    (tmp_path / "nan.json").write_text(text)
    _, out, _ = run("check", tmp_path / "nan.json", "--json")

    def refuse(constant):
        raise AssertionError(constant)

    assert json.loads(out, parse_constant=refuse)["problems"]


@pytest.mark.parametrize("command", ["check", "summary", "train"])
@pytest.mark.parametrize("content", [b"", b"not json", b"{}", b"\xff\xfe{", b"[" * 200_000, None])
def test_what_cannot_be_read_is_status_2_and_one_sentence(run, tmp_path, command, content):
    path = tmp_path / "bad.json"
    if content is not None:
        path.write_bytes(content)
    status, out, err = run(command, path)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert "bad.json" in err


def test_a_templates_name_instead_of_a_file_is_explained(run):
    status, _, err = run("check", "lenet5")
    assert status == 2
    assert "There is a template of that name: convograph zoo lenet5 > lenet5.json" in err


def test_names_cannot_reach_into_the_terminal(run, file):
    made = document(layer("\x1b[2Jin\n\u202e", "Input", shape=(4,)), layer("x" * 500, "\x07", "gone\r"))
    for command in ("check", "summary"):
        _, out, _ = run(command, file(made))
        assert all(character.isprintable() or character == "\n" for character in out)
    assert max(len(line) for line in run("summary", file(made))[1].splitlines()[:4]) < 200


# --- summary, zoo, schema -------------------------------------------------------------------------------------------


def test_summary_is_a_table(run):
    status, out, err = run("summary", LENET)
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].split() == ["layer", "kind", "output", "parameters", "MACs", "memory", "receptive", "field"]
    assert set(lines[1]) == {"─"}
    assert lines[2].split() == ["input", "Input", "28×28×1", "0", "0", "3.1", "KiB", "1×1"]
    assert lines[3].split() == ["conv1", "Conv2D", "28×28×6", "156", "117,600", "18.4", "KiB", "5×5"]
    assert lines[-5].split() == ["total", "61,706", "416,520", "58.6", "KiB"]
    assert lines[-3:] == [
        "Most memory is in conv1 (4,704 of 15,012, 31%), most parameters are in fc1 (48,120 of 61,706, 78%).",
        "Memory is that of one sample's outputs, forward only; with their gradients it is about twice as much.",
        "The parameters take 61,706·4 bytes = 241.0 KiB; while Adam trains them, with gradients and 2 moments, "
        "964.2 KiB.",
    ]


def test_summary_of_a_broken_network_shows_what_is_known_and_what_is_wrong(run, file):
    status, out, _ = run("summary", file(BROKEN))
    assert status == 1
    assert ["conv1", "Conv2D", "?", "10", "?", "?", "?"] in [line.split() for line in out.splitlines()]
    assert "does not fit a 7×7 input" in out


def test_summary_of_nothing(run, file):
    status, out, _ = run("summary", file(document()))
    assert status == 1
    assert "There is no Input layer." in out


def test_summary_of_an_input_alone(run, file):
    status, out, _ = run("summary", file(chain((4,))))
    assert status == 0
    assert "Most memory" not in out


def test_zoo_lists_the_templates(run):
    status, out, _ = run("zoo")
    assert status == 0
    assert all(name in out for name in template_names())
    assert "61,706 parameters  LeNet-5" in out


def test_zoo_prints_a_document(run):
    status, out, _ = run("zoo", "lenet5")
    assert status == 0
    assert out == Path(LENET).read_text(encoding="utf-8")


def test_zoo_knows_what_was_meant(run):
    status, out, err = run("zoo", "lenet")
    assert (status, out) == (2, "")
    assert err == "There is no template called lenet. Did you mean lenet5?\n"


def test_schema_prints_the_schema(run):
    status, out, _ = run("schema")
    assert status == 0
    assert out == schema_text()


# --- train and run --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Train a small network once; gives its file, its weights and the lines that were printed."""
    folder = tmp_path_factory.mktemp("trained")
    save(loads(template_path("mlp").read_bytes()), folder / "mlp.json")
    options = ["--epochs", "2", "--seed", "1", "--save", "w.npz", "--json"]
    printed = outside("train", "mlp.json", *options, cwd=folder)
    assert printed.returncode == 0, printed.stderr
    return folder, [json.loads(line) for line in printed.stdout.splitlines()], printed.stderr.decode()


def test_train_prints_one_object_per_epoch_and_nothing_else(trained):
    _, epochs, err = trained
    assert [epoch["epoch"] for epoch in epochs] == [1, 2]
    keys = {"epoch", "train_loss", "train_accuracy", "val_loss", "val_accuracy", "seconds", "images_per_second"}
    assert all(keys <= set(epoch) for epoch in epochs)
    assert epochs[1]["train_loss"] < epochs[0]["train_loss"]
    assert err == ""


STOPPING = set_training(
    load_template("mlp"),
    {
        "early_stopping": {"monitor": "val_accuracy", "patience": 2, "min_delta": 0.9},
        "optimizer": {"kind": "SGD", "learning_rate": 0.1},
        "schedule": {"kind": "Step", "every": 1, "factor": 0.5},
    },
)


def test_train_says_why_it_ended_early_and_which_epoch_was_the_best(run, file, tmp_path):
    weights = {}
    for options in ([], ["--best"], ["--json"]):
        path = tmp_path / "w.npz"
        status, out, err = run("train", file(STOPPING), "--save", path, *options)
        assert status == 0
        assert "Ended after 3 epochs: The validation accuracy has brought no gain of more than 0.9 for 2 epochs." in err
        with np.load(path) as found:
            weights["".join(options)] = dict(found)
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["learning_rate"] for line in lines] == [0.1, 0.05, 0.025]
    run_again = train(STOPPING)
    *_, finished = run_again
    assert all(np.array_equal(run_again.best.weights[name], weights["--best"][name]) for name in run_again.weights)
    assert all(np.array_equal(run_again.weights[name], weights[""][name]) for name in run_again.weights)
    assert finished.best_epoch == run_again.best.epoch


def test_the_best_epoch_is_named_where_it_was_not_the_last(capsys):
    follow(iter([Started(3, 1, 1, 1, 1), Finished(3, 3, 1.0, best_epoch=2)]))
    assert "Epoch 2 was the best." in capsys.readouterr().err
    follow(iter([Started(3, 1, 1, 1, 1), Finished(3, 3, 1.0, best_epoch=3)]))
    assert "best" not in capsys.readouterr().err


def test_run_computes_probabilities_with_the_trained_weights(trained, run):
    folder, *_ = trained
    x = np.random.default_rng(0).random((5, 8, 8, 1), dtype=np.float32)
    np.save(folder / "x.npy", x)
    arguments = ["run", folder / "mlp.json", "--weights", folder / "w.npz", "--input", folder / "x.npy"]
    status, out, err = run(*arguments, "--output", folder / "y.npy")
    assert (status, out, err) == (0, "", "")
    y = np.load(folder / "y.npy")
    assert y.shape == (5, 10)
    np.testing.assert_allclose(y.sum(1), 1, rtol=1e-5)


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_run_warns_of_bytes_given_to_a_network_that_learned_from_0_to_1(trained, run, tmp_path, dtype):
    folder, *_ = trained
    x = np.random.default_rng(0).integers(0, 256, (5, 8, 8, 1)).astype(dtype)
    np.save(tmp_path / "x.npy", x)
    arguments = ["run", folder / "mlp.json", "--weights", folder / "w.npz", "--input", tmp_path / "x.npy"]
    status, out, err = run(*arguments, "--output", tmp_path / "y.npy")
    assert (status, out) == (0, "")
    assert err.count("\n") == 1
    assert "x.npy holds whole numbers up to 2" in err
    assert "divide them by 255" in err
    assert (tmp_path / "y.npy").exists()


def test_run_feeds_several_inputs_and_gives_several_outputs(run, file, tmp_path):
    made = document(
        layer("a", "Input", shape=(3,)),
        layer("b", "Input", shape=(3,)),
        layer("file", "Add", ("a", "b")),
        layer("relu", "ReLU", "a"),
    )
    Network(made).save_weights(tmp_path / "w.npz")
    a, b = np.ones((2, 3), "float32"), np.full((2, 3), -2, "float32")
    np.savez(tmp_path / "x.npz", a=a, b=b)
    arguments = ["--weights", tmp_path / "w.npz", "--input", tmp_path / "x.npz", "--output", tmp_path / "y.npz"]
    status, _, err = run("run", file(made), *arguments)
    assert (status, err) == (0, "")
    y = np.load(tmp_path / "y.npz")
    np.testing.assert_array_equal(y["file"], a + b)
    np.testing.assert_array_equal(y["relu"], a)


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("x.npy", None, "cannot be read: it is not there"),
        ("x.npy", np.zeros((2, 9, 9, 1)), ""),
        ("x.npy", np.zeros((2, 64)), ""),
        ("x.npy", np.array("text"), "numbers are needed"),
        ("x.npy", np.array(3.0), ""),
    ],
)
def test_run_refuses_what_does_not_suit_in_a_sentence(trained, run, tmp_path, name, data, says):
    folder, *_ = trained
    if data is not None:
        np.save(tmp_path / name, data)
    arguments = ["--weights", folder / "w.npz", "--input", tmp_path / name, "--output", tmp_path / "y.npy"]
    status, out, err = run("run", folder / "mlp.json", *arguments)
    assert (status, out) == (1, "")
    assert says in err
    assert err.count("\n") == 1
    assert not (tmp_path / "y.npy").exists()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--epochs", "0"], "epochs must be a whole number from 1"),
        (["--batch-size", "-5"], "batch_size must be a whole number from 1"),
        (["--seed", "-1"], "seed must be a whole number from 0"),
        (["--data", "mnst"], "mnst"),
        (["--data", "/dev/null"], ""),
        (["--save", "gone/w.npz"], "There is no folder"),
        (["--best"], "say with --save W.npz where"),
    ],
)
def test_train_refuses_wrong_options_in_a_sentence(run, tmp_path, monkeypatch, options, says):
    monkeypatch.chdir(tmp_path)
    status, out, err = run("train", template_path("mlp"), *options)
    assert (status, out) == (1, "")
    assert says in err


def test_train_refuses_a_broken_document_with_its_problems(run, file):
    status, out, err = run("train", file(BROKEN))
    assert (status, out) == (1, "")
    assert "does not fit a 7×7 input" in err


def test_train_checks_the_document_once(run, monkeypatch):
    checked = []

    def counted(document, *arguments):
        checked.append(document)
        return analyse(document, *arguments)

    monkeypatch.setattr("core.analysis.check.analyse", counted)
    status, *_ = run("train", template_path("mlp"), "--epochs", "1", "--replicas", "1")
    assert status == 0
    assert len(checked) == 1


# --- terminals, pipes and arguments ---------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [["zoo"], ["schema"], ["check", PROBLEMS / "settings.json", "--json"]])
def test_a_reader_that_has_seen_enough_is_no_error(arguments):
    process = subprocess.Popen(
        [sys.executable, "main.py", *map(str, arguments)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(60) == 0
    assert err == b""


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_every_terminal_can_show_what_is_said(monkeypatch, encoding):
    for arguments in (["check", PROBLEMS / "odd_names.json"], ["summary", LENET], ["zoo"]):
        buffer = io.BytesIO()
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(buffer, encoding=encoding))
        assert main([str(argument) for argument in arguments]) in (0, 1)
        text = buffer.getvalue().decode(encoding)
        assert "\\xd7" not in text
        assert "\\u2" not in text


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8", "utf-16"])
@pytest.mark.parametrize(
    "arguments",
    [
        ["check", PROBLEMS / "odd_names.json", "--json"],
        ["check", LENET, "--json"],
        ["zoo", "digits_cnn"],
        ["schema"],
    ],
)
def test_json_stays_the_same_json_on_every_terminal(monkeypatch, run, encoding, arguments):
    _, expected, _ = run(*arguments)
    buffer = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(buffer, encoding=encoding))
    main([str(argument) for argument in arguments])
    assert json.loads(buffer.getvalue().decode(encoding)) == json.loads(expected)


def test_a_template_that_is_redirected_into_a_file_opens_whatever_the_encoding(tmp_path):
    with (tmp_path / "mine.json").open("wb") as mine:
        outside("zoo", "digits_cnn", capture_output=False, stdout=mine, env={"PYTHONIOENCODING": "cp1252", "PATH": ""})
    status = main(["check", str(tmp_path / "mine.json")])
    assert status == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["check"],
        ["chek", "a.json"],
        ["check", "a.json", "--jsn"],
        ["train", "a.json", "--replicas", "0"],
        ["plan", "a.json", "--batch", "0"],
        ["train", "a.json", "--epochs", "ten"],
        ["--nonsense"],
    ],
)
def test_wrong_arguments_are_explained(capsys, arguments):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage: convograph" in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(capsys, command):
    with pytest.raises(SystemExit) as caught:
        main([command, "--help"])
    assert caught.value.code == 0
    assert COMMANDS[command].help[1:20] in capsys.readouterr().out


def test_no_command_prints_a_traceback_as_a_process(tmp_path):
    (tmp_path / "bad.json").write_bytes(b"\x00" * 100)
    result = outside("check", tmp_path / "bad.json")
    assert result.returncode == 2
    assert result.stdout == b""
    assert b"Traceback" not in result.stderr
    assert outside("check", PROBLEMS / "shapes.json", "--json").returncode == 1
    assert outside("--version").stdout.startswith(b"convograph ")


def test_train_divides_batches_among_as_many_replicas_as_are_asked_for(run):
    options = ("--epochs", "1", "--batch-size", "64", "--replicas")
    results = {n: run("train", template_path("mlp"), *options, n) for n in ("1", "2")}
    assert {n: status for n, (status, _, _) in results.items()} == {"1": 0, "2": 0}
    assert "2 replicas compute a part of each batch" in results["2"][2]
    assert "replica" not in results["1"][2]


def test_plan_tells_how_a_network_is_computed(run):
    status, out, err = run("plan", template_path("lenet5"), "--batch", "8", "--replicas", "1")
    assert (status, err) == (0, "")
    assert out.startswith("training, 8 samples a batch")
    assert "conv1 + relu1 + pool1" in out
    assert "needs about" in out
    status, out, _ = run("plan", template_path("lenet5"), "--json", "--measure")
    assert status == 0
    assert all(step["forward_ms"] > 0 for step in json.loads(out)["steps"])


def test_plan_of_a_broken_document_is_a_sentence(run, file):
    status, out, err = run("plan", file(BROKEN))
    assert (status, out) == (1, "")
    assert "does not fit" in err


def test_to_know_the_commands_loads_nothing_that_takes_time():
    code = f"import sys, {main.__module__}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert main.__module__.partition(".")[0] in loaded.split()
    assert not {"numpy", "pydantic", "PySide6", "tqdm"} & set(loaded.split())
