"""The arithmetic of cells in whole networks: it is the engine's, forwards and backwards, and adds up as printed."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.engine.network import Network
from core.engine.program import compile_program
from core.errors import NetworkError
from core.inside.arithmetic import trail, work_out
from core.inside.backwards import hand_on
from core.inside.gathering import gather
from core.inside.looking import Label, Look, Place, look_inside
from core.inside.printing import added_up, grid, number
from core.inside.regions import fed_by
from core.io.templates import load_template
from tests.contract.cases import LAYER_CASES
from tests.core.inside.making import any_cell, looked, networks, stirred
from tests.drawing import chain, document, layer

NUMBERS = st.floats(-1e3, 1e3).filter(lambda x: x == 0 or abs(x) > 1e-290) | st.floats(1e-290, 1e-6) | st.just(0.0)


def printed(text):
    return Decimal(text.partition("·")[0].replace("−", "-"))


@settings(max_examples=300, deadline=None)
@given(values=st.lists(NUMBERS, min_size=1, max_size=22))
def test_what_is_printed_adds_up(values):
    texts, total = added_up(values, sum(values))
    assert sum(map(printed, texts)) == printed(total)
    assert len({text.partition("·")[2] for text in [*texts, total] if text != "0"}) <= 1
    scale = 10.0 ** -(len(total.partition("·")[0].partition(".")[2]) or 6)
    factor = max(map(abs, [*values, sum(values)]))
    unit = scale if 0.01 <= factor < 1e6 else scale * factor
    for value, text in zip(values, texts, strict=True):
        assert (text == "0") == (value == 0)
        assert len(text.partition("·")[0].partition(".")[2]) <= 6
        if total != "0":
            power = 10.0 ** float(text.partition("·10")[2].translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")) or 0)
            assert abs(float(printed(text)) * power - value) <= unit * 1.001


@pytest.mark.parametrize(
    "values", [[np.inf, 1.0], [np.nan], [-np.inf, np.inf], [5e-324], [1e308, 1e307], [1e-300, 1.0]]
)
def test_numbers_of_any_size_are_printed(values):
    total = sum(values)
    texts, whole = added_up(values, total)
    assert len(texts) == len(values)
    assert all([*texts, whole, *grid(values), *map(number, values)])


@pytest.fixture(scope="module")
def lenet():
    network = Network(load_template("lenet5"), seed=1)
    rng = np.random.default_rng(0)
    for name, weight in network.weights.items():
        network.weights[name] = weight + rng.normal(0, 0.02, weight.shape)
    return look_inside(network, rng.random((28, 28, 1)).astype("float32"), Label(4))


def close(value, expected, scale):
    """Compare with a number of the engine in single precision: relative to what was added up."""
    assert abs(value - expected) <= 1e-5 * max(scale, abs(expected)) + 1e-12


@pytest.mark.parametrize(
    "name", ["lenet5", "resnet20_cifar", "all_cnn_c", "cs231n_spiral", "shapes_cnn", "lenet5_1998"]
)
def test_the_lines_end_in_what_the_network_computed(name):
    network, rng = Network(load_template(name), seed=2), np.random.default_rng(1)
    look = looked(network, rng)
    for node in look.program.nodes:
        for cell in {any_cell(node.shape, rng) for _ in range(3)}:
            worked = work_out(look, node.id, cell)
            assert worked.value == look.outputs[node.id][cell]
            assert worked.sentence.startswith(f"{node.id}, ")
            if not worked.lines:
                assert not node.sources
                continue
            close(worked.lines[-1].value, worked.value, sum(abs(term.value) for term in worked.lines[-1].terms))
            for line in worked.lines:
                if line.operation == "sum" and line.terms:
                    assert sum(printed(term.text) for term in line.terms) == printed(line.result)
                for term in line.terms:
                    if term.place is not None:
                        assert term.place.layer in worked.sources
                        assert term.place.cell in set(np.ndindex(look.outputs[term.place.layer].shape))


def test_a_channel_by_channel_sum(lenet):
    worked = work_out(lenet, "conv2", (2, 3, 5))
    assert worked.patch_names == tuple(f"channel {c} of pool1" for c in range(1, 7))
    (line,) = worked.lines
    assert [term.name for term in line.terms] == [*(f"channel {c}" for c in range(1, 7)), "bias"]
    pool, kernel = lenet.outputs["pool1"], lenet.weights["conv2/kernel"]
    for channel, (patch, term) in enumerate(zip(worked.patches, line.terms, strict=False)):
        np.testing.assert_array_equal(patch.values, pool[2:7, 3:8, channel])
        np.testing.assert_array_equal(patch.factors, kernel[:, :, channel, 5])
        np.testing.assert_allclose(term.value, (pool[2:7, 3:8, channel] * kernel[:, :, channel, 5]).sum(), rtol=1e-5)
        assert term.patch == channel
    assert worked.place_of(0, (1, 4)) == Place("pool1", (3, 7, 0))
    assert line.text.endswith(f" = {worked.text}")


def test_a_pool_says_what_it_took_and_the_first_of_equals():
    network = Network(chain((4, 4, 1), ("MaxPool2D", {"padding": 1, "stride": 2, "pool_size": 2})), "float64")
    picture = np.full((4, 4, 1), -1.0)
    picture[1, 2] = picture[2, 1] = picture[2, 2] = 3
    look = look_inside(network, picture, Place("pool1", (1, 1, 0)))
    worked = work_out(look, "pool1", (1, 1, 0))
    assert worked.winner == Place("input", (1, 2, 0))
    assert worked.lines[0].text == "max(−1.000, 3.000, 3.000, 3.000) = 3.000"
    corner = work_out(look, "pool1", (0, 0, 0))
    assert corner.lines[0].text == "max(−1.000) = −1.000"
    assert corner.place_of(0, (0, 0)) is None
    assert corner.winner == Place("input", (0, 0, 0))
    back = hand_on(look, "pool1", (1, 1, 0))
    assert back.shares[0].gradients.tolist() == [[0, 1], [0, 0]]
    assert "all of it goes to input, map 1, row 1, column 2, which won" in back.sentence


def test_a_long_sum_begins_with_its_largest_terms(lenet):
    (line,) = work_out(lenet, "fc1", (7,)).lines
    sizes = [abs(term.value) for term in line.terms[:20]]
    assert sizes == sorted(sizes, reverse=True)
    assert [term.name for term in line.terms[20:]] == ["the other 380", "bias"]
    products = lenet.outputs["flat"] * lenet.weights["fc1/kernel"][:, 7]
    np.testing.assert_allclose(sizes, np.sort(np.abs(products))[::-1][:20], rtol=1e-5)
    assert all(term.place is not None and term.detail for term in line.terms[:20])


def test_softmax_shows_its_sum(lenet):
    lines = {line.name: line for line in work_out(lenet, "softmax", (4,)).lines}
    scores = lenet.outputs["fc3"].astype(float)
    np.testing.assert_allclose(lines["Σeˣ"].value, np.exp(scores - scores.max()).sum())
    assert len(lines["Σeˣ"].terms) == 10
    assert lines["y"].operation == "quotient"


def test_batch_normalisation_shows_its_statistics():
    network = stirred(Network(chain((3, 3, 2), "BatchNorm"), "float64"), np.random.default_rng(0))
    look = looked(network, np.random.default_rng(1))
    worked = work_out(look, "bn1", (1, 1, 1))
    values = {term.name: term.value for line in worked.lines for term in line.terms}
    assert values["−μ"] == -network.weights["bn1/moving_mean"][1]
    assert values["σ²"] == network.weights["bn1/moving_variance"][1]
    assert values["β"] == network.weights["bn1/beta"][1]
    assert worked.lines[-1].terms[0].detail.startswith(number(network.weights["bn1/gamma"][1]))


def test_merges_name_the_layers():
    network = Network(
        document(
            layer("input", "Input", shape=(3,)),
            layer("left", "ReLU", "input"),
            layer("sum", "Add", ["left", "input"]),
            layer("both", "Concat", ["left", "sum"]),
        )
    )
    look = look_inside(network, np.array([1.0, -2.0, 0.5]))
    assert work_out(look, "sum", (2,)).lines[0].text == "0.50 + 0.50 = 1.00"
    assert [term.name for term in work_out(look, "sum", (2,)).lines[0].terms] == ["left", "input"]
    joined = work_out(look, "both", (5,))
    assert joined.lines[0].text == "sum = 1.000"
    assert joined.lines[0].terms[0].place == Place("sum", (2,))
    assert joined.sentence == "both, feature 6, is 1.000: the value of sum, passed on as it is."


@settings(max_examples=60, deadline=None)
@given(network=networks(), seed=st.integers(0, 10**6))
def test_every_cell_of_a_random_network_is_worked_out(network, seed):
    rng = np.random.default_rng(seed)
    look = looked(stirred(network, rng), rng)
    for node in look.program.nodes:
        for _ in range(3):
            cell = any_cell(node.shape, rng)
            worked = work_out(look, node.id, cell)
            if worked.lines:
                np.testing.assert_allclose(worked.lines[-1].value, look.outputs[node.id][cell], rtol=1e-8, atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(network=networks(), seed=st.integers(0, 10**6))
def test_shares_of_a_gradient_add_up_to_the_engines(network, seed):
    """Go through all cells that read one, and all cells of one layer for its weights."""
    rng = np.random.default_rng(seed)
    stirred(network, rng)
    outputs = network.program.outputs
    end = network.program.nodes[outputs[int(rng.integers(len(outputs)))]]
    look = looked(network, rng, Place(end.id, any_cell(end.shape, rng)))
    behind = [node for node in look.program.nodes if node.id in look.gradients and node.id != end.id]
    for node in behind[:3]:
        cell = any_cell(node.shape, rng)
        fed = fed_by(look.program, node.id, cell)
        total = 0.0
        for reader in look.program.nodes:
            if node.index in reader.sources and reader.id in look.gradients and reader.id in fed:
                for read in map(tuple, np.argwhere(fed[reader.id].mask)):
                    for share in hand_on(look, reader.id, tuple(map(int, read))).shares:
                        if share.source == node.id:
                            here = (share.cells == cell).all(-1) & share.inside
                            total += float(share.gradients[here].sum())
        np.testing.assert_allclose(total, look.gradients[node.id][cell], rtol=1e-7, atol=1e-8)
    learning = [node for node in behind if node.learns]
    if learning:
        node = learning[int(rng.integers(len(learning)))]
        totals = {f"{node.id}/{name}": np.zeros(weight.shape) for name, weight in node.weights.items()}
        for cell in np.ndindex(node.shape):
            for share in hand_on(look, node.id, cell).weights:
                places = share.cells.reshape(-1, share.cells.shape[-1])
                np.add.at(totals[share.name], tuple(places.T), share.gradients.reshape(-1))
        for name, total in totals.items():
            if name in look.weight_gradients:
                np.testing.assert_allclose(total, look.weight_gradients[name], rtol=1e-7, atol=1e-8, err_msg=name)


@settings(max_examples=60, deadline=None)
@given(network=networks(), seed=st.integers(0, 10**6))
def test_a_gradient_is_gathered_from_all_that_read_the_cell(network, seed):
    rng = np.random.default_rng(seed)
    stirred(network, rng)
    end = network.program.nodes[network.program.outputs[0]]
    look = looked(network, rng, Place(end.id, any_cell(end.shape, rng)))
    for id, gradients in look.gradients.items():
        cell = any_cell(gradients.shape, rng)
        gathered = gather(look, id, cell)
        assert gathered.gradient == gradients[cell]
        if id == end.id:
            assert not gathered.parts
        else:
            np.testing.assert_allclose(
                sum(part.value for part in gathered.parts), gradients[cell], rtol=1e-7, atol=1e-9
            )
            assert sum(printed(part.text) for part in gathered.parts) == printed(gathered.text)


def test_a_shortcut_brings_its_part_of_the_gradient():
    network = Network(load_template("resnet20_cifar"), seed=2)
    look = looked(network, np.random.default_rng(1), Label(3))
    gathered = gather(look, "stage1/1/relu", (4, 5, 6))
    assert [part.layer for part in gathered.parts] == ["stage1/2/conv1", "stage1/2/add"]
    assert gathered.parts[1].value == look.gradients["stage1/2/add"][4, 5, 6]
    close(sum(part.value for part in gathered.parts), gathered.gradient, abs(gathered.parts[0].value))
    assert "from 144 cells of stage1/2/conv1 and" in gathered.sentence


def test_backwards_the_filter_and_the_patch_change_places(lenet):
    back = hand_on(lenet, "conv2", (2, 3, 5))
    gradient = lenet.gradients["conv2"][2, 3, 5]
    assert back.gradient == gradient
    assert back.of == "the loss if 4 is right"
    kernels = [share for share in back.weights if share.name == "conv2/kernel"]
    for channel, (share, learned) in enumerate(zip(back.shares, kernels, strict=True)):
        np.testing.assert_allclose(share.gradients, gradient * lenet.weights["conv2/kernel"][:, :, channel, 5])
        np.testing.assert_allclose(learned.gradients, gradient * lenet.outputs["pool1"][2:7, 3:8, channel])
        np.testing.assert_allclose(learned.totals, lenet.weight_gradients["conv2/kernel"][:, :, channel, 5])
        np.testing.assert_allclose(learned.steps, -lenet.learning_rate * learned.totals)
    bias = back.weights[-1]
    assert (bias.name, bias.gradients.tolist()) == ("conv2/bias", [gradient])


def test_a_step_of_sgd_is_what_was_announced():
    """Train one step on the same sample, and compare."""
    whole = load_template("lenet5")
    network = Network(whole, "float64", seed=3)
    x = np.random.default_rng(0).random((1, 28, 28, 1))
    look = look_inside(network, x[0], Label(7))
    loss, _ = network.loss_and_gradient(x, np.array([7]))
    np.testing.assert_allclose(look.loss, loss)
    before = network.weights["fc2/kernel"]
    network.parameters -= look.learning_rate * network.gradients
    after = network.weights["fc2/kernel"]
    for share in hand_on(look, "fc2", (11,)).weights:
        if share.name == "fc2/kernel":
            places = tuple(np.moveaxis(share.cells, -1, 0))
            np.testing.assert_allclose(before[places] + share.steps, after[places], rtol=1e-10, atol=1e-15)


def test_relu_passes_or_not(lenet):
    outputs, passed = lenet.outputs["conv1"], {True: 0, False: 0}
    for cell in [(r, c, 0) for r in range(0, 28, 5) for c in range(0, 28, 5)]:
        (share,) = hand_on(lenet, "relu1", cell).shares
        is_open = bool(outputs[cell] > 0)
        assert share.gradients[0] == lenet.gradients["relu1"][cell] * is_open
        np.testing.assert_allclose(share.gradients[0], lenet.gradients["conv1"][cell], rtol=1e-5)
        passed[is_open] += 1
    assert all(passed.values())


def test_looking_changes_nothing(lenet):
    network, undisturbed = (Network(load_template("lenet5"), seed=1) for _ in range(2))
    rng = np.random.default_rng(0)
    for _ in range(3):
        x, labels = rng.random((16, 28, 28, 1)).astype("float32"), rng.integers(0, 10, 16)
        for one in (network, undisturbed):
            one.loss_and_gradient(x, labels)
            one.parameters -= 0.1 * one.gradients
        look = look_inside(network, x[0], Label(int(labels[0])))
        for id in look.program.by_id:
            work_out(look, id, (0,) * len(look.program.by_id[id].shape))
        hand_on(look, "conv1", (0, 0, 0))
        assert not any(
            a.flags.writeable for a in (*look.outputs.values(), *look.weights.values(), *look.gradients.values())
        )
    np.testing.assert_array_equal(network.parameters, undisturbed.parameters)
    np.testing.assert_array_equal(network.gradients, undisturbed.gradients)


def test_a_look_may_be_at_a_few_layers():
    network = Network(load_template("lenet5"), seed=1)
    look = look_inside(network, np.zeros((28, 28, 1)), layers=["conv2"])
    assert set(look.outputs) == {"pool1", "conv2"}
    assert set(look.weights) == {"conv2/kernel", "conv2/bias"}
    assert work_out(look, "conv2", (0, 0, 0)).lines
    with pytest.raises(NetworkError, match=r"leaves out relu1\. Take one that has pool1 in it"):
        work_out(look_inside(network, np.zeros((28, 28, 1)), layers=["conv2"]), "pool1", (0, 0, 0))


@pytest.mark.parametrize(
    ("aim", "said"),
    [
        (Label(10), "There is no class 10: fc3 tells 10 classes apart, 0 to 9"),
        (Label(-1), "There is no class -1"),
        (Place("fc4", (0,)), "The network has no layer fc4. Did you mean fc3?"),
        (Place("fc3", (10,)), "has no cell"),
    ],
)
def test_an_aim_that_does_not_exist_is_named(aim, said):
    with pytest.raises(NetworkError, match=said):
        look_inside(Network(load_template("lenet5")), np.zeros((28, 28, 1)), aim)


def test_what_has_no_gradient_says_where_it_begins(lenet):
    with pytest.raises(
        NetworkError, match="softmax has no gradient of its own: that of the loss if 4 is right begins at fc3"
    ):
        hand_on(lenet, "softmax", (4,))
    blind = look_inside(Network(load_template("lenet5")), np.zeros((28, 28, 1)))
    with pytest.raises(NetworkError, match="has no gradients"):
        hand_on(blind, "fc3", (4,))
    two = Network(
        document(layer("input", "Input", shape=(3,)), layer("a", "ReLU", "input"), layer("b", "Tanh", "input"))
    )
    with pytest.raises(NetworkError, match="this network gives a and b"):
        look_inside(two, np.ones(3), Label(0))
    assert look_inside(two, np.ones(3), Place("b", (1,))).gradients["input"][1] > 0


SMALL_CASES = [case for case in LAYER_CASES if max(map(np.prod, case.values[1].inputs)) < 3000]


@pytest.mark.parametrize(("kind", "example"), SMALL_CASES)
def test_a_network_that_went_astray_is_shown_as_it_is(kind, example):
    ids = tuple(f"input{port}" for port in range(len(example.inputs)))
    drawn = [layer(id, "Input", shape=shape) for id, shape in zip(ids, example.inputs, strict=True)]
    program = compile_program(document(*drawn, layer("own", type(kind).__name__, ids, **kind.config())))
    cell = tuple(n // 2 for n in example.output)
    for filling in (np.nan, np.inf, -np.inf, 3e38, 1e-45, 0):
        outputs = {id: np.full(shape, filling, "float32") for id, shape in zip(ids, example.inputs, strict=True)}
        outputs["own"] = np.full(example.output, filling, "float32")
        weights = {
            f"own/{name}": np.full(weight.shape, abs(filling), "float32")
            for name, weight in kind.weights(example.inputs).items()
        }
        look = Look(program, outputs, weights, Place("own", cell), {"own": outputs["own"]})
        assert work_out(look, "own", cell).sentence.endswith(".")
        assert hand_on(look, "own", cell).sentence.endswith(".")


def test_a_trail_ends_where_values_are_put_together(lenet):
    steps = trail(lenet, "pool2", (1, 1, 2))
    assert [step.layer for step in steps] == ["pool2", "relu2", "conv2"]
    assert steps[1].cell == steps[2].cell == steps[0].winner.cell
    assert [step.layer for step in trail(lenet, "pool2", (1, 1, 2), most=2)] == ["pool2", "relu2"]
    assert [step.layer for step in trail(lenet, "fc1", (3,))] == ["fc1"]
    assert [step.layer for step in trail(lenet, "flat", (3,))] == ["flat", "pool2", "relu2", "conv2"]
    small = Network(chain((2, 2, 1), "ReLU", "Dropout"))
    assert [step.layer for step in trail(look_inside(small, np.ones((2, 2, 1))), "drop2", (0, 0, 0))][-1] == "input"


def test_several_inputs_are_given_by_name():
    network = Network(
        document(
            layer("left", "Input", shape=(2,)),
            layer("right", "Input", shape=(2,)),
            layer("sum", "Add", ["left", "right"]),
        )
    )
    look = look_inside(network, {"left": [1, 2], "right": [3, 4]}, Place("sum", (1,)))
    assert work_out(look, "sum", (1,)).lines[0].text == "2.00 + 4.00 = 6.00"
    assert (
        gather(look, "right", (1,)).sentence
        == "The gradient of sum, feature 2 with respect to right, feature 2, is 1.00: 1.00 from 1 cell of sum."
    )
    with pytest.raises(NetworkError, match="Give the input for left and right, by name"):
        look_inside(network, {"left": [1, 2]})
    with pytest.raises(NetworkError, match="must be a batch of N×2"):
        look_inside(network, {"left": [1, 2], "right": [3, 4, 5]})
