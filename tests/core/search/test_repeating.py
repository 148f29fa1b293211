"""A trial repeated with five seeds: what its own settings give with each, as mean and deviation."""

import pytest

from core.graph.edits import set_training
from core.io.templates import load_template
from core.search.messages import SearchEnded, TrialBegan
from core.search.repeating import SEED, Repeating
from core.search.seeds import N_SEEDS, repeated
from core.search.trials import Trial
from core.training.messages import Epoch
from core.training.trainer import Trainer

RATE = "training.optimizer.learning_rate"


def trial(accuracy, outcome="finished"):
    return Trial(1, 0, {RATE: 0.02}, outcome, (accuracy,), (1.0,))


def test_five_seeds_train_the_settings_of_the_trial_from_its_own_seed_on(tmp_path):
    document = set_training(load_template("mlp"), {"seed": 7})
    messages = [*Repeating(document, trial(0.9), 1, base=tmp_path).messages()]
    ended = messages[-1]
    assert isinstance(ended, SearchEnded)
    assert [one.values for one in ended.trials] == [{SEED: seed} for seed in range(7, 7 + N_SEEDS)]
    assert len({one.accuracy for one in ended.trials}) > 1
    own = set_training(
        document, {"epochs": 1, "optimizer": document.training.optimizer_as_json() | {"learning_rate": 0.02}}
    )
    (epoch,) = (message for message in Trainer(own, replicas=1).messages() if isinstance(message, Epoch))
    assert ended.trials[0].accuracy == epoch.val_accuracy


def test_it_ends_when_it_is_stopped(tmp_path):
    repeating = Repeating(load_template("mlp"), trial(0.9), 500, base=tmp_path)
    told = []
    for message in repeating.messages():
        told.append(message)
        repeating.stop()
    assert len([message for message in told if isinstance(message, TrialBegan)]) == 1
    assert not isinstance(told[-1], SearchEnded)


def test_mean_and_deviation_are_those_of_a_sample():
    outcome = repeated([trial(0.9), trial(0.94), trial(0.98), trial(0.1, "diverged")])
    assert (outcome.n, outcome.n_lost) == (3, 1)
    assert outcome.mean == pytest.approx(0.94)
    assert outcome.deviation == pytest.approx(0.04)
    assert str(outcome) == "94.0% ± 4.0 with 3 seeds, 1 diverged or failed"
    assert repeated([trial(0.9), trial(0.1, "failed")]) is None
