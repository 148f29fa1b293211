from dataclasses import replace

import numpy as np
import pytest

from core.analysis.check import analyse, check
from core.engine import memory_limit
from core.errors import DataError, NetworkError
from core.graph.fixing import apply_fix
from core.graph.values import Document
from core.io.datasets import BUNDLED, DataFacts, Dataset, Refused
from core.io.templates import load_template
from core.training.requirements import Question, training_problems
from core.training.trainer import Trainer, train
from tests.core.training.making import chain, document, linear, rows, some_digits


def refusal(document, data=None, error=NetworkError):
    with pytest.raises(error) as caught:
        Trainer(document, data)
    return str(caught.value)


def test_several_inputs():
    layers = [
        ("left", "Input", [], {"shape": [4]}),
        ("right", "Input", [], {"shape": [4]}),
        ("add1", "Add", ["left", "right"], {}),
        ("fc1", "Dense", ["add1"], {"units": 3}),
    ]
    text = refusal(document(layers), rows())
    assert text == "Training feeds one Input, but this network has 2: left and right. Remove the others."


def test_several_outputs():
    layers = [
        ("input", "Input", [], {"shape": [4]}),
        ("fc1", "Dense", ["input"], {"units": 3}),
        ("fc2", "Dense", ["input"], {"units": 3}),
    ]
    text = refusal(document(layers), rows())
    assert "one output with the labels, but this network has 2: fc1 and fc2. Connect or remove" in text


def test_an_output_that_is_an_image():
    text = refusal(
        chain(("input", "Input", {"shape": [8, 8, 1]}), ("conv1", "Conv2D", {"filters": 5, "kernel_size": 3}))
    )
    assert "conv1 gives 6×6×5, but training needs one number for each class. Flatten it" in text


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ([("fc3", "Dense", {"units": 7})], "but fc3 gives only 7 numbers. Set units of fc3 to 10."),
        (
            [("fc3", "Dense", {"units": 7}), ("soft", "Softmax", {})],
            "but soft gives only 7 numbers. Set units of fc3 to 10.",
        ),
        ([("fc3", "Dense", {"units": 1})], "but fc3 gives only 1 number. Set units of fc3 to 10."),
        (
            [
                ("conv1", "Conv2D", {"filters": 2, "kernel_size": 8}),
                ("flat2", "Flatten", {}),
            ],
            "but flat2 gives only 2 numbers. Set filters of conv1 to 10.",
        ),
        (
            [("conv1", "Conv2D", {"filters": 2, "kernel_size": 7}), ("flat2", "Flatten", {})],
            "but flat2 gives only 8 numbers. Let the network end in 10 numbers.",
        ),
    ],
)
def test_fewer_outputs_than_classes(end, expected):
    flat = [] if end[0][1] == "Conv2D" else [("flat", "Flatten", {})]
    text = refusal(chain(("input", "Input", {"shape": [8, 8, 1]}), *flat, *end), some_digits(20))
    assert text == f"digits has 10 classes, {expected}"


def test_more_outputs_than_classes_are_fine():
    assert len(list(train(linear(units=9, epochs=1), rows()))) > 2


def test_nothing_to_train():
    text = refusal(chain(("input", "Input", {"shape": [4]}), ("relu1", "ReLU", {})), rows())
    assert text == "There is nothing to train: no layer has parameters. Add a convolution or dense layer."


def test_everything_frozen():
    frozen = linear()
    layers = tuple(replace(layer, trainable=False) for layer in frozen.graph.layers)
    text = refusal(replace(frozen, graph=replace(frozen.graph, layers=layers)), rows())
    assert text == "There is nothing to train: fc1 cannot change. Make one of them trainable."


def test_a_document_with_errors():
    text = refusal(
        chain(("input", "Input", {"shape": [7, 7, 1]}), ("conv1", "Conv2D", {"filters": 2, "kernel_size": 9}))
    )
    assert "conv1: a 9×9 filter" in text


def test_an_empty_document():
    assert refusal(Document())


@pytest.mark.parametrize("optimizer", [{"kind": "Adamm"}, {"kind": "SGD", "learning_rate": -1}])
def test_an_optimizer_that_cannot_be_read(optimizer):
    text = refusal(linear(optimizer=optimizer), rows())
    assert "optimizer" in text or "learning_rate" in text


def test_data_of_another_shape():
    text = refusal(linear(features=5), rows(), DataError)
    assert "rows" in text
    assert "[4]" in text


def test_data_that_is_not_there():
    assert "There is no data set nowhere" in refusal(linear(dataset="nowhere"), error=DataError)


def test_a_data_set_that_was_meant_is_counted_from_0():
    drawn = image_net(("flat", "Flatten", {}), ("fc1", "Dense", {"units": 10}), dataset="digit", first_label=1)
    (problem,) = training_problems(Question(check(drawn), DataError("There is no data set digit.")))
    assert [fix.label for fix in problem.fixes] == ["Use digits"]
    cured(drawn, problem, problem.fixes[0], DIGITS)


def test_data_with_nan():
    images = np.ones((6, 4), np.float32)
    images[2, 1] = np.nan
    images[5, 0] = np.inf
    data = Dataset("mine", images, np.arange(6) % 3, ("a", "b", "c"), scale=1.0)
    text = refusal(linear(), data, DataError)
    assert text.startswith("mine: 2 images of 6 hold NaN or infinity, the first is number 3.")


def test_a_single_image_with_nan():
    images = np.ones((6, 4), np.float32)
    images[4, 3] = np.nan
    data = Dataset("mine", images, np.arange(6) % 3, ("a", "b", "c"), scale=1.0)
    assert refusal(linear(), data, DataError).startswith(
        "mine: 1 image of 6 holds NaN or infinity, the first is number 5."
    )


def test_refusals_come_with_the_call_not_with_the_first_message():
    with pytest.raises(NetworkError, match="Set units of fc1 to 3"):
        train(linear(units=2), rows())


# --- known before Train ---------------------------------------------------------------------------------------------

DIGITS = BUNDLED["digits"].facts
LETTERS = DataFacts("letters", (8, 8, 1), n=130, n_classes=27, lowest=1)


def image_net(*end, **training):
    end = end or (("flat", "Flatten", {}), ("fc1", "Dense", {"units": 10}))
    return chain(("input", "Input", {"shape": [8, 8, 1]}), *end, **training)


def cured(document, problem, fix, facts):
    """Apply a fix and say which problems are left."""
    after = apply_fix(document, fix)
    report = check(after)
    assert report.valid
    left = [other.code for other in training_problems(Question(report, facts))]
    assert problem.code not in left
    return after


def with_norm(**training):
    return image_net(("flat", "Flatten", {}), ("fc1", "Dense", {"units": 10}), ("norm1", "BatchNorm", {}), **training)


def digits_net(**training):
    return image_net(("flat", "Flatten", {}), ("fc1", "Dense", {"units": 10}), **training)


UNTRAINABLE = {
    "TRAIN-INPUTS": document(
        [
            ("left", "Input", [], {"shape": [64]}),
            ("right", "Input", [], {"shape": [64]}),
            ("join", "Concat", ["left", "right"], {}),
            ("fc1", "Dense", ["join"], {"units": 10}),
        ]
    ),
    "TRAIN-OUTPUTS": document(
        [
            ("input", "Input", [], {"shape": [64]}),
            ("fc1", "Dense", ["input"], {"units": 10}),
            ("fc2", "Dense", ["input"], {"units": 10}),
        ]
    ),
    "TRAIN-SCORES": image_net(("conv1", "Conv2D", {"filters": 5, "kernel_size": 3})),
    "TRAIN-NOTHING": chain(("input", "Input", {"shape": [64]}), ("relu1", "ReLU", {})),
    "TRAIN-CLASSES": image_net(("flat", "Flatten", {}), ("fc1", "Dense", {"units": 7})),
    "TRAIN-BATCHNORM": with_norm(batch_size=1),
    "DATA-SHAPE": chain(("input", "Input", {"shape": [65]}), ("fc1", "Dense", {"units": 10})),
    "DATA-LABELS": image_net(first_label=1),
    "TRAIN-WEIGHTS": digits_net(class_weights=[1, 2, 3]),
    "TRAIN-VALIDATION": digits_net(early_stopping={}, validation_split=0),
}


@pytest.mark.parametrize("code", UNTRAINABLE)
def test_every_reason_is_known_before_training_and_every_fix_lets_it_begin(code):
    drawn = UNTRAINABLE[code]
    (problem,) = training_problems(Question(check(drawn), DIGITS))
    assert (problem.code, problem.severity) == (code, "error")
    said = " ".join(filter(None, (problem.what, problem.why)))
    with pytest.raises((NetworkError, DataError)) as refused:
        Trainer(drawn)
    assert str(refused.value) == said
    assert problem.fixes
    for fix in problem.fixes:
        next(train(cured(drawn, problem, fix, DIGITS)))


def test_what_is_only_known_with_data_is_not_said_without():
    for code, drawn in UNTRAINABLE.items():
        codes = [problem.code for problem in training_problems(Question(check(drawn)))]
        assert codes == ([] if code.startswith("DATA") or code in ("TRAIN-CLASSES", "TRAIN-WEIGHTS") else [code])


def test_all_that_follows_the_validation_is_named_at_once():
    drawn = digits_net(early_stopping={}, schedule="Plateau", validation_split=0)
    (problem,) = training_problems(Question(check(drawn), DIGITS))
    assert problem.what.startswith("Early stopping and the schedule Plateau follow the validation loss")
    assert [fix.label for fix in problem.fixes] == ["Keep 20% of the samples back", "Train without both"]
    for fix in problem.fixes:
        cured(drawn, problem, fix, DIGITS)
    (alone,) = training_problems(Question(check(digits_net(schedule="Plateau", validation_split=0)), DIGITS))
    assert alone.field == "schedule"
    assert training_problems(Question(check(digits_net(schedule="Cosine", validation_split=0)), DIGITS)) == ()


def test_too_little_memory_proposes_the_largest_half_that_fits(monkeypatch):
    drawn = image_net(batch_size=512)
    enough = Trainer(image_net(batch_size=128), replicas=1).memory_bytes
    monkeypatch.setattr(memory_limit, "memory_limit", lambda: enough)
    (problem,) = training_problems(Question(check(drawn), DIGITS, replicas=1))
    assert problem.what.startswith("Training with batches of 512 samples needs about")
    assert [fix.label for fix in problem.fixes] == ["Use batches of 128"]
    cured(drawn, problem, problem.fixes[0], DIGITS)


def test_a_document_with_errors_has_no_problems_of_training():
    wrong = image_net(("conv1", "Conv2D", {"filters": 2, "kernel_size": 9}))
    assert training_problems(Question(check(wrong), DIGITS)) == ()


def test_labels_that_begin_with_1_are_counted_from_there_and_units_stay():
    drawn = image_net(("flat", "Flatten", {}), ("fc1", "Dense", {"units": 26}))
    (problem,) = training_problems(Question(check(drawn), LETTERS))
    assert problem.what == "The labels of letters begin with 1: no sample has the label 0."
    assert [fix.label for fix in problem.fixes] == ["Count from 0: label 1 becomes 0"]
    after = cured(drawn, problem, problem.fixes[0], LETTERS)
    assert after.graph == drawn.graph
    assert after.training.settings.first_label == 1


def test_labels_that_begin_with_1_and_too_few_units_are_cured_together():
    drawn = image_net(("flat", "Flatten", {}), ("fc1", "Dense", {"units": 10}))
    (problem,) = training_problems(Question(check(drawn), LETTERS))
    assert [fix.label for fix in problem.fixes] == ["Count from 0: label 1 becomes 0, and units of fc1 26"]
    cured(drawn, problem, problem.fixes[0], LETTERS)


def test_data_whose_labels_begin_with_1_trains_once_they_are_counted_from_there():
    images = np.random.default_rng(0).random((20, 4), dtype=np.float32)
    data = Dataset("mine", images, np.arange(20) % 3 + 1, ("0", "1", "2", "3"), scale=1.0)
    with pytest.raises(NetworkError, match="labels of mine begin with 1"):
        Trainer(linear(), data)
    trainer = Trainer(linear(first_label=1), data)
    assert trainer.dataset.classes == ("1", "2", "3")
    assert trainer.dataset.labels.tolist() == [n % 3 for n in range(20)]


def test_a_spare_input_does_not_keep_from_training():
    layers = [
        ("spare", "Input", [], {"shape": [3]}),
        ("input", "Input", [], {"shape": [4]}),
        ("fc1", "Dense", ["input"], {"units": 3}),
    ]
    for replicas in (1, 2):
        trainer = Trainer(document(layers, epochs=1), rows(), replicas=replicas)
        assert trainer.dataset.shape == (4,)
        assert type(list(trainer.messages())[-1]).__name__ == "Finished"


def test_samples_that_can_not_be_used_are_left_out_only_where_that_is_said():
    report = check(load_template("mlp"))
    digits = BUNDLED["digits"].facts
    cut = Refused("3/scan_0412.png", "byte 2,048 of 3,117", "The file was cut short: copy it again.")
    facts = replace(digits, refused=(cut, Refused("misc", "", "A class without pictures.")))
    (problem,) = training_problems(Question(report, facts))
    assert problem.code == "DATA-REFUSED"
    assert "2 samples" in problem.what
    assert "3/scan_0412.png (byte 2,048 of 3,117)" in problem.what
    (fix,) = problem.fixes
    assert fix.label == "Use the 1,797 good ones"
    assert not training_problems(Question(analyse(apply_fix(report.document, fix), report), facts))
