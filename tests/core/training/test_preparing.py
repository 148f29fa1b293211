"""Preprocessing and augmentation on their way through a training."""

from dataclasses import replace
from itertools import takewhile

import numpy as np
import pytest

from core.analysis.check import check
from core.augmentation.moving import Shift
from core.errors import WeightsError
from core.graph.edits import set_training
from core.io.prepared import Beside, read_beside, write_prepared
from core.io.weights import read_weights, write_weights
from core.preprocessing.centring import MeanImage
from core.preprocessing.directions import PCA
from core.preprocessing.ranging import Invert
from core.preprocessing.step import fit_steps
from core.training.messages import Batch, Epoch
from core.training.preparation import fit_preparation
from core.training.requirements import Question, training_problems
from core.training.trainer import Trainer, train
from tests.core.training.making import linear, small_net, some_digits

PREPARED = {
    "preprocessing": ["MeanImage", {"kind": "PCA", "components": 20}, "Invert"],
    "augmentation": ["Shift", "Noise", {"kind": "Cutout", "size": 3}],
    "epochs": 2,
}


def trained(document, data, **options):
    trainer = Trainer(document, data, **options)
    epochs = [message for message in trainer.messages() if isinstance(message, Epoch)]
    return trainer, epochs


def test_steps_learn_from_the_training_part_only():
    data = some_digits(100)
    trainer = Trainer(small_net(**PREPARED), data)
    images = data.images.astype(np.float64) / data.scale
    mean = images[trainer.train_indices].mean(axis=0)
    np.testing.assert_allclose(trainer.preparation.steps[0].arrays["mean"], mean, atol=1e-6)
    assert not np.allclose(images.mean(axis=0), mean, atol=1e-3)


def test_what_reaches_the_network(monkeypatch):
    """Training samples are augmented, then preprocessed; those of the validation only preprocessed."""
    data = some_digits(60)
    trainer = Trainer(small_net(preprocessing=["Invert"], augmentation=["Shift"], epochs=1), data)
    learned, tested = [], []
    step, evaluate = trainer.network.loss_and_gradient, trainer.network.evaluate
    monkeypatch.setattr(trainer.network, "loss_and_gradient", lambda x, y: (learned.append(x.copy()), step(x, y))[1])
    monkeypatch.setattr(trainer.network, "evaluate", lambda x, y: (tested.append(x.copy()), evaluate(x, y))[1])
    list(trainer.messages())
    np.testing.assert_allclose(np.concatenate(tested), 1 - data.pixels(trainer.validation_indices))
    x = np.concatenate(learned)
    plain = 1 - data.pixels(trainer.train_indices)
    assert not any((image == plain).all(axis=(1, 2, 3)).all() for image in x)
    assert x[:, 0].max() == 1  # what Shift lets in is black, and black is 1 after Invert


def test_nothing_set_leaves_samples_alone():
    data = some_digits(60)
    trainer = Trainer(small_net(), data)
    np.testing.assert_array_equal(trainer.preparation.learned(data, np.arange(9), 1), data.pixels(np.arange(9)))
    assert trainer.preparation.steps == ()


def test_paused_and_gone_on_gives_the_same_bits():
    data, document = some_digits(100), small_net(**PREPARED)
    whole, _ = trained(document, data)
    first = Trainer(document, data)
    messages = first.messages()
    steps = (message for message in messages if isinstance(message, Batch))
    assert len(list(takewhile(lambda batch: batch.step < 4, steps))) == 3
    second, _ = trained(document, data, standing=first.standing())
    assert all(
        one is other for one, other in zip(second.preparation.steps, first.preparation.steps, strict=True)
    )  # not fitted anew
    np.testing.assert_array_equal(second.network.parameters, whole.network.parameters)


def test_other_samples_are_learned_from_anew():
    document, data = small_net(**PREPARED), some_digits(100)
    standing = Trainer(document, data).standing()
    other = Trainer(set_training(document, {"seed": 5}), data, standing=standing)
    assert (other.preparation.steps[0].arrays["mean"] != standing.beside.steps[0].arrays["mean"]).any()


def test_replicas_divide_the_same_samples(monkeypatch):
    data, seen = some_digits(64), {}
    for replicas in (1, 2):
        trainer = Trainer(small_net(**PREPARED | {"epochs": 1}), data, replicas=replicas)
        step, own = trainer.network.loss_and_gradient, seen.setdefault(replicas, [])
        monkeypatch.setattr(
            trainer.network, "loss_and_gradient", lambda x, y, own=own, step=step: (own.append(x.copy()), step(x, y))[1]
        )
        list(trainer.messages())
    np.testing.assert_array_equal(np.concatenate(seen[1]), np.concatenate(seen[2]))


def test_the_first_batch_learns_from_the_same_whatever_its_size():
    data = some_digits(40)
    preparation = fit_preparation(small_net(**PREPARED).training.settings, data, np.arange(40))
    whole = preparation.learned(data, np.arange(32), 3)
    parts = [preparation.learned(data, part, 3) for part in np.split(np.arange(32), 2)]
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-5)


@pytest.mark.parametrize(
    ("settings", "said", "left"),
    [
        (
            {"augmentation": ["Noise", "Flip"]},
            "Flip changes images, but the network's Input takes 4 features.",
            ["Noise"],
        ),
        ({"preprocessing": [{"kind": "PCA", "components": 9}]}, "PCA keeps 9 components, but a sample has only 4", []),
    ],
)
def test_what_cannot_be_done_is_a_problem_with_a_fix(settings, said, left):
    (problem,) = training_problems(Question(check(linear(**settings))))
    (field,) = settings
    assert said in problem.what
    assert (problem.field, problem.code) == (field, "TRAIN-PREPARING")
    assert problem.path.startswith(f"$.training.{field}[")
    assert problem.fixes[0].as_json()["edits"][0]["settings"] == {field: left}


def test_weights_files_hold_what_was_learned(tmp_path):
    run = train(small_net(**PREPARED | {"epochs": 1}), some_digits(60))
    list(run)
    run.network.save_weights(tmp_path / "w.npz")
    with np.load(tmp_path / "w.npz") as file:
        names = [name for name in file.files if name.startswith("preprocessing/")]
    assert names == [
        "preprocessing/0/mean",
        "preprocessing/1/mean",
        "preprocessing/1/components",
        "preprocessing/1/variances",
    ]
    beside = read_beside(tmp_path / "w.npz", (8, 8, 1))
    assert [fitted.step for fitted in beside.steps] == [MeanImage(), PCA(components=20), Invert()]
    assert beside.classes == tuple("0123456789")
    for name, array in beside.arrays.items():
        np.testing.assert_array_equal(array, run.network.beside.arrays[name])
    run.network.load_weights(tmp_path / "w.npz")  # as networks do that know of no preparation


def fitted(*steps, shape=(2, 2, 1)):
    return fit_steps(steps, [np.random.default_rng(0).random((9, *shape), dtype=np.float32)], shape)


def test_a_file_that_does_not_say_its_steps_is_read_with_those_of_the_document(tmp_path):
    beside = Beside(fitted(MeanImage()))
    write_weights(tmp_path / "w.npz", beside.arrays)
    read = read_beside(tmp_path / "w.npz", (2, 2, 1), (MeanImage(),))
    np.testing.assert_array_equal(read.arrays["preprocessing/0/mean"], beside.arrays["preprocessing/0/mean"])
    assert read_beside(tmp_path / "w.npz", (2, 2, 1)).steps == ()


def test_steps_of_the_file_count(tmp_path):
    write_prepared(tmp_path / "w.npz", {}, Beside(fitted(MeanImage(), Invert())))
    read = read_beside(tmp_path / "w.npz", (2, 2, 1), (PCA(components=2),))
    assert [each.step for each in read.steps] == [MeanImage(), Invert()]


@pytest.mark.parametrize(
    ("write", "shape", "said"),
    [
        (
            lambda path: write_weights(path, {}),
            (2, 2, 1),
            "w.npz holds no preprocessing, but the document sets MeanImage",
        ),
        (
            lambda path: write_prepared(path, {}, Beside(fitted(MeanImage()))),
            (3, 3, 1),
            "preprocessing/0/mean is 2×2×1, not 3×3×1",
        ),
        (
            lambda path: write_prepared(path, {}, Beside(fitted(PCA(components=4)))),
            (1, 3, 1),
            "PCA keeps 4 components, but a sample has only 3 values",
        ),
        (
            lambda path: write_weights(path, {}, b'{"preprocessing": [{"kind": "Meen"}]}'),
            (2, 2, 1),
            "cannot be read: its kind must be MeanImage",
        ),
        (lambda path: write_weights(path, {}, b'{"preprocessing": 3}'), (2, 2, 1), "cannot be read"),
        (
            lambda path: write_weights(path, {"preprocessing/0/mean": np.full((2, 2, 1), np.nan)}),
            (2, 2, 1),
            "preprocessing/0/mean holds NaN or infinity",
        ),
        (lambda path: path.write_bytes(b"PK nothing"), (2, 2, 1), "damaged or not a weights file"),
    ],
)
def test_files_that_do_not_suit_are_refused(tmp_path, write, shape, said):
    write(tmp_path / "w.npz")
    with pytest.raises(WeightsError, match=r"w\.npz") as caught:
        read_beside(tmp_path / "w.npz", shape, (MeanImage(),))
    assert said in str(caught.value)


@pytest.mark.parametrize("comment", [b"", b"made by hand", b"[1]", b'{"classes": 3}', b"[" * 60_000, b"\xff"])
def test_comments_of_others_say_nothing(tmp_path, comment):
    write_weights(tmp_path / "w.npz", {}, comment)
    assert read_beside(tmp_path / "w.npz", (2, 2, 1)).classes == ()


def test_very_many_names_are_left_out(tmp_path):
    classes = tuple(f"class number {i}" for i in range(10_000))
    write_prepared(tmp_path / "w.npz", {}, Beside(fitted(Invert()), classes))
    read = read_beside(tmp_path / "w.npz", (2, 2, 1))
    assert (read.classes, len(read.steps)) == ((), 1)


def test_arrays_that_claim_to_be_huge_are_not_read(tmp_path):
    huge = np.broadcast_to(np.float32(0), (1 << 20, 16))
    write_weights(tmp_path / "w.npz", {"preprocessing/0/mean": huge}, b'{"preprocessing": ["MeanImage"]}')
    with pytest.raises(WeightsError, match=r"preprocessing/0/mean is 1048576×16, not 2×2×1"):
        read_beside(tmp_path / "w.npz", (2, 2, 1))
    assert read_weights(tmp_path / "w.npz", {}) == {}


def test_a_layer_may_be_called_preprocessing(tmp_path):
    write_weights(tmp_path / "w.npz", {"preprocessing/kernel": np.ones(3), "preprocessing/1/fc1/kernel": np.ones(2)})
    with pytest.raises(WeightsError, match="preprocessing/kernel is not in the network"):
        read_weights(tmp_path / "w.npz", {"preprocessing/1/fc1/kernel": (2,)})


def test_settings_are_written_as_they_are_read():
    settings = small_net(**PREPARED).training.settings
    assert settings.config()["preprocessing"] == PREPARED["preprocessing"]
    assert replace(small_net().training, settings=settings).as_json()["augmentation"] == PREPARED["augmentation"]
    assert settings.augmentation[0] == Shift()
