"""Training on a folder of pictures: they are read in the shape of the Input, as `resize` says, everywhere alike."""

import json

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from core.analysis.check import check
from core.commands.main import main
from core.errors import DataError
from core.graph.edits import set_training
from core.io.datasets import load_dataset
from core.io.datasets.pictures.one import read_picture
from core.io.documents import save
from core.training.evaluating import evaluate
from core.training.messages import Finished
from core.training.predicting import Predictor
from core.training.readiness import readiness
from core.training.trainer import Trainer
from tests.core.datasets.picture_making import png, write
from tests.core.training.making import chain


@pytest.fixture
def pets(tmp_path):
    """Bright and dark pictures, twice as wide as high, beside a document for 8×8×3."""
    files = {}
    for n in range(8):
        for kind, size in (("bright", (10, 20)), ("dark", (12, 24))):
            files[f"{kind}/{n}.png"] = png(*size, seed=n + 100 * (kind == "dark"))
    return write(tmp_path / "pets", files)


def document(pets, **settings):
    drawn = chain(("in", "Input", {"shape": [8, 8, 3]}), ("flat", "Flatten", {}), ("fc", "Dense", {"units": 2}))
    return set_training(drawn, {"dataset": str(pets), "epochs": 2, "batch_size": 4} | settings)


@pytest.mark.parametrize("resize", ["stretch", "fit", "crop"])
def test_the_trainer_reads_pictures_in_the_shape_of_the_input(pets, resize):
    trainer = Trainer(document(pets, resize=resize), replicas=1)
    assert_array_equal(trainer.dataset.images, load_dataset(str(pets), None, (8, 8, 3), resize).images)
    assert (trainer.dataset.images[:, 0] == 0).all() == (resize == "fit")
    *_, last = trainer.messages()
    assert isinstance(last, Finished)


def test_the_same_way_is_taken_by_evaluating_predicting_and_readiness(pets, tmp_path, capsys):
    drawn = document(pets, resize="crop")
    trainer = Trainer(drawn, replicas=1)
    *_, _ = trainer.messages()
    trainer.network.save_weights(tmp_path / "w.npz")
    evaluation = evaluate(drawn, tmp_path / "w.npz", str(pets))
    assert evaluation.n == 16
    predictor = Predictor(drawn, tmp_path / "w.npz")
    at = list(trainer.dataset.sources).index("dark/3.png")
    picture = read_picture(pets / "dark" / "3.png", (8, 8, 3), "crop")
    assert_array_equal(picture, trainer.dataset.images[at])
    save(drawn, tmp_path / "net.json")
    weights = ("--weights", str(tmp_path / "w.npz"))
    assert main(["predict", str(tmp_path / "net.json"), *weights, "--json", str(pets / "dark" / "3.png")]) == 0
    (entry,) = json.loads(capsys.readouterr().out)
    probabilities = predictor.probabilities(picture)
    assert entry["class"] == ("bright", "dark")[int(np.argmax(probabilities))]
    assert readiness(check(drawn)).data == "10×20, reduced to 8×8 and cut"


def test_pictures_that_cannot_be_read_stop_training_until_the_user_says_so(pets):
    (pets / "dark" / "0.png").write_bytes(b"")
    with pytest.raises(DataError, match=r"dark/0\.png: It is empty"):
        Trainer(document(pets), replicas=1)
    assert len(Trainer(document(pets, skip_unreadable=True), replicas=1).dataset) == 15
