"""How sentences are put together."""

import pytest

from core.analysis.check import check
from core.graph.edits import add_layer
from core.graph.values import Document
from core.text import sentence, with_article


@pytest.mark.parametrize(
    ("phrase", "article"),
    [
        ("8×8 image", "an"),
        ("80×80 image", "an"),
        ("8,000×1 input", "an"),
        ("11×11 filter", "an"),
        ("18×18 image", "an"),
        ("11,000×1 input", "an"),
        ("1×1 filter", "a"),
        ("7×7 filter", "a"),
        ("28×28 image", "a"),
        ("110×110 image", "a"),
        ("180×180 image", "a"),
    ],
)
def test_the_article_follows_the_sound(phrase, article):
    assert with_article(phrase) == f"{article} {phrase}"


def test_problems_use_the_article_that_fits():
    document, source = add_layer(Document(), "Input", {"shape": [18, 18, 1]})
    document, _ = add_layer(document, "Conv2D", {"filters": 2, "kernel_size": 11, "stride": 3}, source=source)
    (problem,) = check(document).errors
    assert problem.what == "conv1: an 11×11 filter does not fit an 18×18 input with stride 3."


@pytest.mark.parametrize("phrase", ["conv2 gives 10 features", "conv2: no kind", "conv2, and relu2 too", "conv2"])
def test_a_name_keeps_its_letters(phrase):
    assert sentence(phrase, {"conv2"}) == phrase


def test_any_other_phrase_begins_with_a_capital():
    assert sentence("convolutions are slow", {"conv", "conv2"}) == "Convolutions are slow"
    assert sentence("3×3 is enough") == "3×3 is enough"
    assert sentence("") == ""
