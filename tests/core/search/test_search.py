"""A search from end to end: same trials from the same seed, stopped early, killed and gone on with."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import closing

import numpy as np
import pytest

from core.errors import SearchError
from core.graph.edits import set_training
from core.io.datasets import load_dataset
from core.io.documents import save
from core.io.templates import load_template
from core.own_process import own_command, own_environment
from core.search.messages import SearchEnded, StageBegan, TrialBegan, TrialEnded, TrialEpoch
from core.search.report import Report
from core.search.search import Search
from core.search.space import read_space, with_values
from core.search.stages import read_stages
from core.search.trials import Trial, as_good_as, is_hopeless, ranked, read_trial
from core.training.messages import Epoch
from core.training.trainer import Trainer

RATE = "training.optimizer.learning_rate"


@pytest.fixture(scope="module")
def document():
    return load_template("mlp")


def search(document, tmp_path, stages="1x4,2x2", ranges=None, **options):
    space = read_space(ranges or {RATE: {"log": [1e-3, 0.1]}}, document)
    return Search(document, space, read_stages(stages), base=tmp_path, **options)


def trial(number, *accuracies, outcome="finished", stage=0):
    return Trial(number, stage, {RATE: 0.1}, outcome, accuracies, tuple(1 - a for a in accuracies))


def test_coarse_then_fine_around_the_best(document, tmp_path):
    messages = [*search(document, tmp_path).messages()]
    ended = messages[-1]
    assert isinstance(ended, SearchEnded)
    assert [(t.number, t.stage, t.epochs) for t in ended.trials] == [
        *((n, 0, 1) for n in (1, 2, 3, 4)),
        *((n, 1, 2) for n in (5, 6)),
    ]
    coarse, fine = (message for message in messages if isinstance(message, StageBegan))
    assert list(fine.around) == ranked(ended.trials[:4])[:1]
    wide, narrow = coarse.space.ranges[RATE], fine.space.ranges[RATE]
    assert wide.low <= narrow.low < narrow.high <= wide.high
    assert narrow.high / narrow.low < wide.high / wide.low
    assert all(narrow.low <= t.values[RATE] <= narrow.high for t in ended.trials[4:])


def test_a_trial_trains_to_the_bits_of_its_document(document, tmp_path):
    *_, ended = search(document, tmp_path, "2x1").messages()
    (one,) = ended.trials
    again = Trainer(set_training(with_values(document, one.values), {"epochs": 2}), replicas=1).messages()
    assert tuple(message.val_loss for message in again if isinstance(message, Epoch)) == one.losses


def test_the_same_seed_draws_the_same_whatever_is_trained_side_by_side(document, tmp_path):
    def values(**options):
        *_, ended = search(document, tmp_path, "1x4", **options).messages()
        return [(t.values, t.losses) for t in ended.trials]

    assert values() == values(side_by_side=2)
    assert values() != values(seed=1)


def test_a_trial_that_diverges_or_can_not_be_trained_says_so_and_the_others_go_on(document, tmp_path):
    ranges = {RATE: {"choice": [0.001, 900.0]}, "training.optimizer": {"choice": ["SGD"]}}
    *_, ended = search(document, tmp_path, "1x6", ranges).messages()
    outcomes = {t.values[RATE]: t.outcome for t in ended.trials}
    assert outcomes == {0.001: "finished", 900.0: "diverged"}
    assert all(t.why for t in ended.trials if t.outcome == "diverged")


def test_data_that_can_not_be_read_fails_the_trial_with_its_sentence(document, tmp_path):
    nowhere = set_training(document, {"dataset": "nowhere"})
    *_, ended = search(nowhere, tmp_path, "1x1").messages()
    assert ended.trials[0].outcome == "failed"
    assert "nowhere" in ended.trials[0].why


def test_hopeless_trials_are_stopped_and_the_rule_is_the_median():
    others = [trial(n, 0.9, 0.95) for n in range(4)]
    assert is_hopeless([0.84], others, 0.05)
    assert not is_hopeless([0.86], others, 0.05)
    assert is_hopeless([0.9, 0.89], others, 0.05)
    assert not is_hopeless([0.1], others[:3], 0.05)
    assert not is_hopeless([0.9, 0.9, 0.1], others, 0.05)  # none has come so far


def test_trials_within_two_samples_are_as_good_as_equal():
    trials = [trial(1, 0.98), trial(2, 0.975), trial(3, 0.9), trial(4, 0.99, outcome="diverged")]
    assert [t.number for t in as_good_as(trials[0], trials, 359)] == [1, 2]


def test_what_is_kept_is_not_trained_again(document, tmp_path):
    kept = tmp_path / "trials.jsonl"
    *_, first = search(document, tmp_path, "1x3", storage=kept).messages()
    messages = [*search(document, tmp_path, "1x3", storage=kept).messages()]
    assert not any(isinstance(message, TrialBegan) for message in messages)
    assert all(message.known for message in messages if isinstance(message, TrialEnded))
    assert messages[-1] == first


def test_what_failed_is_tried_again_with_the_same_values(document, tmp_path):
    kept, here = tmp_path / "trials.jsonl", set_training(document, {"dataset": "mine.npz"})
    *_, failed = search(here, tmp_path, "1x2", storage=kept).messages()
    assert [t.outcome for t in failed.trials] == ["failed", "failed"]
    digits = load_dataset("digits")
    np.savez(tmp_path / "mine.npz", x=digits.images, y=digits.labels)
    *_, ended = search(here, tmp_path, "1x2", storage=kept).messages()
    assert [t.outcome for t in ended.trials] == ["finished", "finished"]
    assert [t.values for t in ended.trials] == [t.values for t in failed.trials]
    *_, known = search(here, tmp_path, "1x2", storage=kept).messages()
    assert known == ended


def test_a_search_that_was_closed_goes_on_with_the_trial_that_was_under_way(document, tmp_path):
    kept = tmp_path / "trials.jsonl"
    *_, whole = search(document, tmp_path, "2x3").messages()
    with closing(search(document, tmp_path, "2x3", storage=kept).messages()) as messages:
        for message in messages:
            if isinstance(message, TrialEpoch) and message.number == 2:
                break
    *_, ended = search(document, tmp_path, "2x3", storage=kept).messages()
    assert [(t.values, t.losses) for t in ended.trials] == [(t.values, t.losses) for t in whole.trials]


def test_trials_survive_a_kill(document, tmp_path):
    save(document, tmp_path / "net.json")
    (tmp_path / "space.json").write_text(json.dumps({RATE: {"log": [1e-3, 0.1]}}))
    command = own_command("core", "search", "net.json", "--space", "space.json", "--stages", "2x8", "--json")
    started = subprocess.Popen(command, cwd=tmp_path, env=own_environment(), stdout=subprocess.PIPE, text=True)
    first = json.loads(started.stdout.readline())
    time.sleep(0.1)
    os.kill(started.pid, signal.SIGKILL)
    started.communicate()
    kept = (tmp_path / "net.trials.jsonl").read_bytes()
    (tmp_path / "net.trials.jsonl").write_bytes(kept + b'{"trial": 8, "sta')  # as a kill in the middle of a line
    done = subprocess.run(command, cwd=tmp_path, env=own_environment(), capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[0] == first
    assert sorted(line["trial"] for line in lines[:-1]) == list(range(1, 9))
    assert lines[-1]["best"]["val_accuracy"] == max(line["val_accuracy"] for line in lines[:-1])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hello\n", "no file of trials"),
        ('{"search": {"seed": 3}}\n', "trials of another search"),
        ("{}\n", "no file of trials"),
        ("[" * 100_000 + "\n", "no file of trials"),
    ],
)
def test_a_file_of_something_else_is_not_touched(document, tmp_path, text, said):
    path = tmp_path / "other.jsonl"
    path.write_text(text)
    with pytest.raises(SearchError, match=said):
        [*search(document, tmp_path, storage=path).messages()]
    assert path.read_text() == text


def test_another_search_of_the_same_document_has_a_file_of_its_own(document, tmp_path):
    def files(stages):
        [*search(document, tmp_path, stages, beside=tmp_path / "net.json").messages()]
        return sorted(file.name for file in tmp_path.iterdir())

    assert files("1x1") == ["net.trials.jsonl"]
    assert files("1x2") == ["net.trials-2.jsonl", "net.trials.jsonl"]
    assert files("1x1") == ["net.trials-2.jsonl", "net.trials.jsonl"]


def test_a_line_that_is_no_trial_is_named(document, tmp_path):
    kept = tmp_path / "trials.jsonl"
    [*search(document, tmp_path, "1x1", storage=kept).messages()]
    with kept.open("a") as file:
        file.write('{"trial": "two"}\n')
    with pytest.raises(SearchError, match="line 3, is no trial"):
        [*search(document, tmp_path, "1x1", storage=kept).messages()]


@pytest.mark.skipif(sys.platform == "win32", reason="files are locked otherwise there")
def test_two_searches_do_not_write_one_file(document, tmp_path):
    kept = tmp_path / "trials.jsonl"
    with closing(search(document, tmp_path, storage=kept).messages()) as one:
        next(one)
        with pytest.raises(SearchError, match="Another search"):
            next(search(document, tmp_path, storage=kept).messages())


def test_without_validation_samples_nothing_can_be_compared(document, tmp_path):
    with pytest.raises(SearchError, match="validation_split is 0"):
        search(set_training(document, {"validation_split": 0.0}), tmp_path)


def test_a_trial_is_written_and_read_again():
    one = trial(3, 0.5, 0.75)
    assert read_trial(json.loads(json.dumps(one.as_json()))) == one


class TestOptuna:
    @pytest.fixture(autouse=True)
    def optuna(self):
        pytest.importorskip("optuna")

    def test_trials_are_kept_and_shared(self, document, tmp_path):
        address = f"sqlite:///{tmp_path}/trials.db"
        ranges = {RATE: {"log": [1e-3, 0.1]}, "training.batch_size": {"choice": [16, 32]}}
        *_, first = search(document, tmp_path, "1x3", ranges, storage=address, sampler="tpe").messages()
        assert len(first.trials) == 3
        messages = [*search(document, tmp_path, "1x3", ranges, storage=address, sampler="tpe", seed=5).messages()]
        assert not any(isinstance(message, TrialBegan) for message in messages)
        assert messages[-1] == first

    def test_beside_a_document_they_survive_a_restart_and_one_that_was_given_up_is_trained_again(
        self, document, tmp_path
    ):
        save(document, tmp_path / "net.json")
        beside = {"beside": tmp_path / "net.json", "sampler": "tpe"}
        broken_off = search(document, tmp_path, "1x3", **beside)
        with closing(broken_off.messages()) as messages:
            for message in messages:
                if isinstance(message, TrialBegan) and message.number == 2:
                    break
        assert not broken_off.is_in_memory
        assert (tmp_path / "net.trials.db").exists()
        again = [*search(document, tmp_path, "1x3", **beside).messages()]
        assert len(again[-1].trials) == 3
        assert [message.known for message in again if isinstance(message, TrialEnded)] == [True, False, False]

    def test_an_address_that_leads_nowhere_is_said(self, document, tmp_path):
        with pytest.raises(SearchError, match="can't be opened"):
            next(search(document, tmp_path, storage="sqlite:////nowhere/at/all/trials.db").messages())


def test_without_optuna_it_is_said_how_to_get_it(document, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(SearchError, match=r"pip install 'convograph\[search\]'"):
        next(search(document, tmp_path, sampler="tpe").messages())


def test_the_report_says_which_settings_matter(document, tmp_path):
    report = Report(search(document, tmp_path))
    many = tuple(Trial(n, 0, {RATE: 10 ** (-3 + n / 12)}, "finished", (0.5 + n / 50,), (1.0,)) for n in range(1, 25))
    for each in many:
        report.json_of(TrialEnded(each))
    assert report.json_of(SearchEnded(many))["importance"][RATE] > 0.8
    assert [*report.lines_of(SearchEnded(many))][-1].startswith("Of the differences between trials each setting ")
    assert report.json_of(SearchEnded(many[:5]))["importance"] is None


@pytest.mark.parametrize("sampler", ["random", "tpe"])
def test_trials_in_memory_are_kept_afterwards_and_gone_on_from(document, tmp_path, sampler):
    if sampler == "tpe":
        pytest.importorskip("optuna")
    first = search(document, tmp_path, "1x2", sampler=sampler)
    assert first.is_in_memory
    *_, ended = first.messages()
    file = first.keep(tmp_path / "net.trials.jsonl", ended.trials)
    assert first.keep(tmp_path / "net.trials.jsonl", ended.trials) == file  # twice is as good as once
    assert [read_trial(json.loads(line)) for line in file.read_text().splitlines()[1:]] == list(ended.trials)
    if sampler == "random":
        again = [*search(document, tmp_path, "1x2", storage=file).messages()]
        assert not any(isinstance(message, TrialBegan) for message in again)
    other = search(document, tmp_path, "1x3", sampler=sampler)
    assert other.keep(tmp_path / "net.trials.jsonl", ended.trials).name == "net.trials-2.jsonl"
