"""Ranges, spaces and stages: what is read, what is drawn, and what is refused with a sentence."""

import json

import numpy as np
import pytest

from core.errors import SearchError
from core.io.templates import load_template
from core.search.ranges import Choice, Log, Uniform, read_range
from core.search.space import current_values, load_space, read_space, with_values
from core.search.stages import read_stages

RATE = "training.optimizer.learning_rate"


@pytest.fixture(scope="module")
def document():
    return load_template("lenet5")


class TestRanges:
    def test_a_log_range_is_even_in_each_power_of_ten(self):
        rng = np.random.default_rng(0)
        drawn = np.array([Log(1e-4, 1.0).draw(rng) for _ in range(4000)])
        assert (drawn.min() >= 1e-4, drawn.max() <= 1) == (True, True)
        counts, _ = np.histogram(np.log10(drawn), bins=4)
        np.testing.assert_allclose(counts, 1000, rtol=0.12)

    def test_whole_numbers_are_drawn_for_settings_that_take_nothing_else(self):
        rng = np.random.default_rng(0)
        drawn = {Uniform(1, 4, whole=True).draw(rng) for _ in range(100)}
        assert drawn == {1, 2, 3, 4}
        assert all(type(value) is int for value in drawn)

    @pytest.mark.parametrize("kind", [Log, Uniform])
    def test_around_the_best_a_range_is_narrower_and_stays_within(self, kind):
        narrow = kind(0.01, 10.0).around([0.02, 0.5, 0.011])
        assert 0.01 <= narrow.low <= 0.011
        assert 0.5 <= narrow.high < 10
        assert kind(0.01, 10.0).around([0.1]).low < 0.1 < kind(0.01, 10.0).around([0.1]).high

    def test_of_choices_the_best_remain(self):
        assert Choice((1, 2, 3)).around([3, 1, 3]) == Choice((3, 1))

    @pytest.mark.parametrize(
        ("raw", "said"),
        [
            (3, "3 is no range"),
            ({"lin": [0, 1]}, "is no range"),
            ({"log": [0, 1]}, "never reach 0"),
            ({"log": [1, 0.1]}, "a lower and a higher number"),
            ({"log": [0.1]}, "a lower and a higher number"),
            ({"uniform": [True, 2]}, "a lower and a higher number"),
            ({"uniform": "0..1"}, "needs a list of values"),
            ({"choice": []}, "needs a list of values"),
            ({"uniform": [0, float("inf")]}, "a lower and a higher number"),
        ],
    )
    def test_what_is_no_range_is_said(self, raw, said):
        with pytest.raises(SearchError, match=said):
            read_range("x", raw)


class TestSpace:
    def test_values_are_put_where_their_paths_say(self, document):
        values = {"layers.conv1.filters": 9, RATE: 0.3, "training.batch_size": 8, "training.optimizer": "SGD"}
        changed = with_values(document, values)
        assert changed.training.optimizer_as_json() == {"kind": "SGD", "learning_rate": 0.3}
        assert changed.training.settings.batch_size == 8
        assert next(layer for layer in changed.graph.layers if layer.id == "conv1").spec.filters == 9
        assert current_values(changed, [*values]) == values

    def test_drawing_follows_the_seed(self, document):
        space = read_space({RATE: {"log": [1e-4, 1]}, "layers.conv1.filters": {"choice": [4, 8]}}, document)
        one, other = (space.draw(np.random.default_rng(7)) for _ in range(2))
        assert one == other
        assert one != space.draw(np.random.default_rng(8))

    @pytest.mark.parametrize(
        ("raw", "said"),
        [
            ({}, "A space is an object"),
            ([], "A space is an object"),
            ({"training.optimizer.learning_rat": {"log": [1e-4, 1]}}, f"did you mean {RATE}"),
            ({"learning_rate": {"log": [1e-4, 1]}}, "is no setting"),
            ({"layers.conv9.filters": {"choice": [4]}}, "no layer .conv9."),
            ({"layers.conv1.filter": {"choice": [4]}}, "did you mean layers.conv1.filters"),
            ({"training.epochs": {"choice": [4]}}, "not searched"),
            ({"layers.conv1.filters": {"choice": [4, 0]}}, "0 won't do"),
            ({RATE: {"log": [1e-4, 1e6]}}, "1000000.0 won't do"),
            ({"layers.conv1.kernel_size": {"choice": [5, 99]}}, "99 won't do"),
            ({"training.batch_size": {"choice": ["many"]}}, '"many" won.t do'),
        ],
    )
    def test_what_can_not_be_searched_is_said_before_anything_is_trained(self, document, raw, said):
        with pytest.raises(SearchError, match=said):
            read_space(raw, document)

    def test_settings_of_an_optimiser_are_tried_on_one_that_has_them(self, document):
        raw = {"training.optimizer": {"choice": ["SGD", "Adam"]}, "training.optimizer.momentum": {"uniform": [0, 0.99]}}
        assert read_space(raw, document).draw(np.random.default_rng(0))

    @pytest.mark.parametrize(
        ("text", "said"), [("{", "is not JSON"), ("[" * 100_000, "is not JSON"), ("3", "A space is an object")]
    )
    def test_files_that_are_no_spaces_are_said(self, document, tmp_path, text, said):
        path = tmp_path / "space.json"
        path.write_text(text)
        with pytest.raises(SearchError, match=said):
            load_space(path, document)
        with pytest.raises(SearchError, match="cannot be read"):
            load_space(tmp_path / "none.json", document)
        path.write_text(json.dumps({RATE: {"log": [0.001, 1]}}))
        assert load_space(path, document).ranges == {RATE: Log(0.001, 1.0)}


class TestStages:
    def test_they_are_read_as_epochs_by_trials(self):
        coarse, fine = read_stages("5x16,20x4")
        assert (coarse.epochs, coarse.trials, fine.epochs, fine.trials) == (5, 16, 20, 4)
        assert coarse.margin > fine.margin

    @pytest.mark.parametrize(
        "text", ["", "5", "5x", "0x3", "3x0", "5x16,", "5x16;20x4", "9999999x1", "1x1," * 8 + "1x1"]
    )
    def test_others_are_refused(self, text):
        with pytest.raises(SearchError):
            read_stages(text)
