"""LeNet-5 learns as well as it does elsewhere: PyTorch reaches 0.960–0.975 and 0.957–0.973 with the same settings."""

from pathlib import Path
from statistics import mean

import pytest

from core.graph.edits import set_training
from core.io.templates import load_template
from core.training.messages import Epoch
from core.training.trainer import train

MNIST = Path(__file__).parents[2].parent / "shared" / "data" / "mnist"
"""10,000 real digits that lie beside some checkouts."""


def accuracies(template, **settings):
    document = load_template(template)
    for seed in range(3):
        run = train(set_training(document, {"seed": seed, **settings}))
        yield [message.val_accuracy for message in run if isinstance(message, Epoch)][-1]


@pytest.mark.parametrize("template", ["lenet5", "digits_cnn", "mlp"])
def test_templates_read_the_bundled_digits_after_five_epochs(template):
    least = {"lenet5": 0.95, "digits_cnn": 0.9, "mlp": 0.9}[template]
    assert mean(accuracies(template, epochs=5)) >= least


@pytest.mark.skipif(not MNIST.is_dir(), reason="the 10,000 digits of MNIST's test set are not beside this checkout")
def test_lenet_reads_mnist_after_four_epochs():
    assert mean(accuracies("lenet5", epochs=4, dataset=str(MNIST))) >= 0.95
