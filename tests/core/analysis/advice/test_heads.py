"""Advice about the dense layers at the end."""

from core.analysis.check import check
from core.io.datasets import BUNDLED
from core.training.readiness import readiness
from tests.core.analysis.advice.cases import cured, given, kinds, offered, only
from tests.drawing import chain, document, layer


def dense(units):
    return ("Dense", {"units": units})


def conv(filters, kernel_size, **settings):
    return ("Conv2D", {"filters": filters, "kernel_size": kernel_size, **settings})


# --- classes --------------------------------------------------------------------------------------------------------


def test_what_is_known_of_bundled_data_is_true():
    for name, bundled in BUNDLED.items():
        data = bundled.load()
        assert (data.name, data.shape, data.classes) == (name, bundled.shape, bundled.classes)


def test_the_output_should_give_one_number_for_each_class():
    drawn = chain((8, 8, 1), "Flatten", dense(12), "Softmax")
    problem = only(drawn, "CLASSES-COUNT")
    assert problem.what == "fc2: the network gives 12 numbers, but digits has 10 classes."
    assert problem.why == (
        "Training compares one score for each class with the label. 2 of the outputs would never be used."
    )
    assert problem.path == "$.layers[2].config.units"
    assert offered(problem) == ["Use 10 units"]
    cured(drawn, problem)
    assert given(chain((8, 8, 1), "Flatten", dense(10), "Softmax"), "CLASSES-COUNT") == []


def test_too_few_outputs_are_said_once_by_what_keeps_them_from_being_trained():
    drawn = chain((8, 8, 1), "Flatten", dense(9))
    assert given(drawn, "CLASSES-COUNT") == []
    (problem,) = readiness(check(drawn)).problems
    assert problem.code == "TRAIN-CLASSES"


def test_filters_may_count_classes():
    drawn = chain((28, 28, 1), conv(8, 3), "ReLU", conv(11, 1), "GlobalAvgPool2D", "Softmax")
    problem = only(drawn, "CLASSES-COUNT")
    assert (problem.layer, offered(problem)) == ("conv3", ["Use 10 filters"])
    cured(drawn, problem)


def test_networks_that_are_not_for_the_data_set_are_left_alone():
    other_data = chain((8, 8, 1), "Flatten", dense(12), dataset="a folder")
    colour = chain((32, 32, 3), "Flatten", dense(12))
    features = chain((5,), dense(13))
    image = chain((8, 8, 1), conv(13, 3))
    unfinished = chain((8, 8, 1), "Flatten", dense(120), "ReLU")
    image_for_points = chain((8, 8, 1), "Flatten", dense(12), dataset="moons")
    for drawn in (other_data, colour, features, image, unfinished, image_for_points):
        assert given(drawn, "CLASSES-COUNT") == []
    assert given(chain((64,), dense(13)), "CLASSES-COUNT") != []


def test_two_outputs_are_left_alone():
    drawn = document(
        layer("input", "Input", shape=(64,)),
        layer("fc1", "Dense", "input", units=13),
        layer("fc2", "Dense", "input", units=14),
    )
    assert given(drawn, "CLASSES-COUNT") == []


# --- weight ---------------------------------------------------------------------------------------------------------


def headed(units, filters=32, between=()):
    return chain((32, 32, 3), conv(filters, 3, padding=1), "ReLU", *between, "Flatten", dense(units), "ReLU", dense(10))


def test_a_dense_layer_may_not_hold_nearly_all_parameters():
    drawn = headed(64)
    problem = only(drawn, "DENSE-HEAVY")
    assert problem.what == "fc4: it holds 2,097,216 of the network's 2,098,762 parameters."
    assert problem.why == (
        "32·32·32 = 32,768 features, and each of the 64 units has a weight for every one. "
        "Averaging each channel would leave 32."
    )
    assert offered(problem) == ["Make flat3 a global average pool"]
    (after,) = cured(drawn, problem)
    assert "GlobalAvgPool2D" in kinds(after)
    assert check(after).totals.parameters == 32 * 28 + 33 * 64 + 65 * 10


def test_80_percent_is_the_limit():
    def holding(filters):
        """A dense layer of 131,080 parameters, and convolutions of 261·filters + 4."""
        wide = conv(filters, 8, padding="same"), "ReLU", conv(4, 1), "ReLU"
        return chain((64, 64, 4), *wide, "Flatten", dense(8))

    share = {n: 131_080 / check(holding(n)).totals.parameters for n in (125, 126)}
    assert share[125] > 0.8 > share[126]
    assert given(holding(125), "DENSE-HEAVY") != []
    assert given(holding(126), "DENSE-HEAVY") == []


def test_small_networks_may_be_what_they_like():
    small = chain((32, 32, 3), conv(9, 3, padding=1), "ReLU", "Flatten", dense(10))
    assert check(small).totals.parameters == 92_422
    assert given(small, "DENSE-HEAVY") == []
    larger = chain((32, 32, 3), conv(10, 3, padding=1), "ReLU", "Flatten", dense(10))
    assert check(larger).totals.parameters == 102_690
    assert given(larger, "DENSE-HEAVY") != []


def test_dropout_between_hides_nothing():
    drawn = chain((32, 32, 3), conv(32, 3, padding=1), "ReLU", "Flatten", "Dropout", dense(64))
    assert only(drawn, "DENSE-HEAVY").layer == "fc5"


def test_perceptrons_consist_of_dense_layers():
    assert given(chain((32, 32, 3), "Flatten", dense(1000), "ReLU", dense(10)), "DENSE-HEAVY") == []
    assert given(chain((3072,), dense(1000)), "DENSE-HEAVY") == []
