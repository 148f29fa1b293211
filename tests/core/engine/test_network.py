"""The network's face: what it gives, what it refuses and in which words, and what the seed decides."""

import tracemalloc

import numpy as np
import pytest

from core.analysis.check import check
from core.engine import memory_limit
from core.engine.kernels.kernel import Part
from core.engine.network import INFERENCE, Network
from core.errors import NetworkError, WeightsError
from core.learning import initializers
from tests.core.engine.graphs import lenet, residual, two_ends, two_inputs
from tests.drawing import chain, document, layer

MLP = chain((4,), ("Dense", {"units": 3}), "ReLU", ("Dense", {"units": 2}))


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def test_a_document_with_errors_does_not_compile():
    wrong = document(
        layer("input", "Input", shape=(7, 7, 1)),
        layer("conv1", "Conv2D", "input", filters=2, kernel_size=3, stride=3),
        layer("fc", "Dense", "conv1", units="many"),
    )
    with pytest.raises(NetworkError) as caught:
        Network(wrong)
    assert str(caught.value).startswith(
        "conv1: a 3×3 filter does not fit a 7×7 input with stride 3. (7 − 3)/3 + 1 = 2.33"
    )
    assert str(caught.value).endswith("There is 1 more error.")


def test_the_report_of_another_document_lets_no_error_through():
    wrong = chain((7, 7, 1), ("Conv2D", {"filters": 2, "kernel_size": 3, "stride": 3}))
    with pytest.raises(NetworkError, match="does not fit"):
        Network(wrong, report=check(MLP))
    with pytest.raises(NetworkError, match="does not fit"):
        Network(wrong, report=check(wrong))


def test_an_empty_document_does_not_compile():
    with pytest.raises(NetworkError):
        Network(document())


def test_a_network_beyond_memory_is_refused_before_it_is_taken(monkeypatch):
    monkeypatch.setattr(memory_limit, "memory_limit", lambda: 2**34)
    huge = chain((65536,), ("Dense", {"units": 65536}))
    with pytest.raises(
        NetworkError, match=r"4,295,032,832 weights needs about 32\.0 GiB of memory, but no more than 16"
    ):
        Network(huge)


def test_an_image_beyond_memory_is_refused(monkeypatch):
    monkeypatch.setattr(memory_limit, "memory_limit", lambda: 2**34)
    huge = chain((65536, 65536, 1), ("Conv2D", {"filters": 64, "kernel_size": 1}))
    with pytest.raises(
        NetworkError, match=r"^The output of conv1, 65536×65536×64 for one sample, needs about 1\.0 TiB of"
    ):
        Network(huge)


def test_a_batch_beyond_memory_is_refused_before_it_is_taken(monkeypatch):
    net = Network(lenet())
    monkeypatch.setattr(memory_limit, "memory_limit", lambda: 10**6)
    with pytest.raises(NetworkError, match=r"^A batch of 1,000 samples needs about .* MiB .* smaller batches\.$"):
        net.forward(np.zeros((1000, 28, 28, 1), "float32"))
    assert net.forward(np.zeros((1, 28, 28, 1), "float32")).shape == (1, 10)


def test_forward_gives_fresh_arrays_of_the_networks_precision(rng):
    net = Network(MLP)
    x = rng.standard_normal((5, 4))
    first = net.forward(x)
    kept = first.copy()
    second = net.forward(2 * x)
    assert first.dtype == np.float32
    assert first.shape == (5, 2)
    assert np.array_equal(first, kept)
    assert not np.shares_memory(first, second)


def test_several_inputs_and_outputs_go_by_name(rng):
    net = Network(two_inputs())
    y = net.forward({"row": rng.random((2, 7)), "image": rng.random((2, 4, 4, 2))})
    assert y.shape == (2, 3)
    ends = Network(two_ends()).forward(rng.random((2, 6, 6, 1)))
    assert {id: end.shape for id, end in ends.items()} == {"fc": (2, 3), "relu": (2, 6, 6, 3)}


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (np.zeros((2, 28, 28)), "The input of input must be a batch of N×28×28×1, but it is 2×28×28."),
        (np.zeros((28, 28, 1)), "The input of input must be a batch of N×28×28×1, but it is 28×28×1."),
        (np.zeros((2, 1, 28, 28)), "The input of input must be a batch of N×28×28×1, but it is 2×1×28×28."),
        (np.float64(3), "The input of input must be a batch of N×28×28×1, but it is a single number."),
        (np.zeros((0, 28, 28, 1)), "The input of input is an empty batch. Give one sample or more."),
        (np.full((1, 28, 28, 1), "a"), "The input of input must be real numbers, not str32."),
        (np.zeros((1, 28, 28, 1), complex), "The input of input must be real numbers, not complex128."),
        ({"image": np.zeros((1, 28, 28, 1))}, "Give the input for input, by name; found image."),
        ({}, "Give the input for input, by name; found nothing."),
    ],
)
def test_wrong_samples_are_refused_with_a_sentence(x, words):
    with pytest.raises(NetworkError) as caught:
        Network(lenet()).forward(x)
    assert str(caught.value) == words


def test_inputs_must_have_as_many_samples(rng):
    with pytest.raises(NetworkError, match=r"^The input of row has 3 samples, not 2\.$"):
        Network(two_inputs()).forward({"image": np.zeros((2, 4, 4, 2)), "row": np.zeros((3, 7))})


def test_backward_needs_a_forward(rng):
    net = Network(MLP)
    with pytest.raises(NetworkError, match="backward needs a forward before it"):
        net.backward(np.zeros((1, 2)))
    net.forward(np.zeros((1, 4)))
    net.evaluate(np.zeros((1, 4)), np.array([0]))
    with pytest.raises(NetworkError, match="backward needs a forward before it"):
        net.backward(np.zeros((1, 2)))


def test_a_wrong_gradient_of_the_output_is_refused():
    net = Network(MLP)
    net.forward(np.zeros((3, 4)))
    with pytest.raises(
        NetworkError, match=r"^The gradient of the output of fc3 must be a batch of N×2, but it is 3×4\.$"
    ):
        net.backward(np.zeros((3, 4)))
    with pytest.raises(NetworkError, match=r"^The gradient of the output of fc3 has 2 samples, not 3\.$"):
        net.backward(np.zeros((2, 2)))


def test_backward_twice_gives_the_same(rng):
    net = Network(residual())
    net.forward(rng.random((2, 6, 6, 3)), training=True)
    dy = rng.random((2, 4))
    first, second = net.backward(dy), net.backward(dy)
    assert np.array_equal(first.inputs["input"], second.inputs["input"])
    assert all(np.array_equal(first.weights[name], second.weights[name]) for name in first.weights)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (np.array([0, 2]), "Label 2 is not among the 2 classes 0 to 1 that fc3 tells apart."),
        (np.array([-1, 0]), "Label -1 is not among the 2 classes 0 to 1 that fc3 tells apart."),
        (np.array([0]), "Labels must be one whole number for each of the 2 samples, but they are 1 of int64."),
        (np.array([0.0, 1.0]), "Labels must be one whole number for each of the 2 samples, but they are 2 of float64."),
        (np.array([[0], [1]]), "Labels must be one whole number for each of the 2 samples, but they are 2×1 of int64."),
    ],
)
def test_wrong_labels_are_refused_with_a_sentence(labels, words):
    for measure in (Network(MLP).evaluate, Network(MLP).loss_and_gradient):
        with pytest.raises(NetworkError) as caught:
            measure(np.zeros((2, 4)), labels)
        assert str(caught.value) == words


@pytest.mark.parametrize("dtype", ["uint8", "int32", "uint64"])
def test_labels_of_any_whole_type_do(dtype):
    assert Network(MLP).evaluate(np.zeros((2, 4)), np.array([0, 1], dtype))[1] in (0, 1, 2)


def test_training_needs_one_output_that_is_a_row_of_scores():
    with pytest.raises(NetworkError, match="exactly one output, but this network has fc and relu"):
        Network(two_ends()).evaluate(np.zeros((1, 6, 6, 1)), np.array([0]))
    image = Network(chain((4, 4, 1), ("Conv2D", {"filters": 3, "kernel_size": 1})))
    with pytest.raises(NetworkError, match=r"^Training needs one row of scores, but conv1 gives 4×4×3\."):
        image.loss_and_gradient(np.zeros((1, 4, 4, 1)), np.array([0]))


def test_activations_are_those_of_all_layers_or_of_those_asked_for(rng):
    net = Network(lenet(), seed=1)
    x = rng.random((3, 28, 28, 1))
    every = net.activations(x)
    assert list(every) == [node.id for node in net.program.nodes]
    assert every["conv1"].shape == (3, 28, 28, 6)
    assert np.array_equal(every["relu2"], np.maximum(every["conv1"], 0))
    np.testing.assert_allclose(every["softmax13"], net.forward(x), rtol=1e-5)
    some = net.activations(x, ["pool3", "input"])
    assert list(some) == ["pool3", "input"]
    np.testing.assert_allclose(some["pool3"], every["pool3"], rtol=1e-5)
    assert np.array_equal(some["input"], x.astype("float32"))
    with pytest.raises(NetworkError, match=r"^The network has no layer pool33\. Did you mean pool3\?$"):
        net.activations(x, ["pool33"])


def test_layers_that_lead_to_no_output_can_be_looked_at_all_the_same(rng):
    drawn = document(
        layer("input", "Input", shape=(4,)),
        layer("fc", "Dense", "input", units=2),
        layer("aside", "Tanh", "input"),
        outputs=("fc",),
    )
    net = Network(drawn)
    x = rng.random((2, 4))
    assert net.forward(x).shape == (2, 2)
    np.testing.assert_allclose(net.activations(x)["aside"], np.tanh(x), rtol=1e-6)


def test_a_change_of_the_batch_size_and_back_changes_nothing(rng):
    net = Network(lenet(), seed=1)
    x = rng.random((5, 28, 28, 1), dtype="float32")
    whole = net.forward(x)
    for n in (1, 2, 3, 4, 5):
        np.testing.assert_allclose(net.forward(x[:n]), whole[:n], rtol=1e-4, atol=1e-6)
    assert np.array_equal(net.forward(x), whole)


def test_dropout_draws_in_training_and_never_in_inference(rng):
    drawn = chain((50,), ("Dropout", {"rate": 0.5}))
    x = np.ones((4, 50))
    net = Network(drawn, seed=5)
    state = net.rng.bit_generator.state
    assert np.array_equal(net.forward(x), x)
    net.evaluate(x, np.zeros(4, int))
    net.activations(x)
    assert net.rng.bit_generator.state == state
    first, second = net.forward(x, training=True), net.forward(x, training=True)
    assert set(np.unique(first)) == {0, 2}
    assert not np.array_equal(first, second)
    assert np.array_equal(first, Network(drawn, seed=5).forward(x, training=True))


# --- seeds ------------------------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_bits():
    first, second, other = (Network(lenet(), seed=seed) for seed in (4, 4, 5))
    assert first.parameters.tobytes() == second.parameters.tobytes()
    assert first.parameters.tobytes() != other.parameters.tobytes()


def test_the_documents_own_seed_counts_where_none_is_given():
    assert Network(lenet(seed=9)).parameters.tobytes() == Network(lenet(), seed=9).parameters.tobytes()
    assert Network(lenet(seed=9), seed=4).parameters.tobytes() == Network(lenet(), seed=4).parameters.tobytes()


def test_a_layer_at_the_end_changes_no_weights_before_it():
    short = Network(chain((4,), ("Dense", {"units": 3})))
    assert Network(MLP).weights["fc1/kernel"].tobytes() == short.weights["fc1/kernel"].tobytes()


def test_a_large_kernel_drawn_in_pieces_has_the_same_numbers(monkeypatch):
    whole = Network(MLP, seed=3)
    monkeypatch.setattr(initializers, "DRAWN_AT_ONCE", 5)
    assert Network(MLP, seed=3).parameters.tobytes() == whole.parameters.tobytes()


def test_a_lone_input_passes_samples_on():
    x = np.ones((2, 3), "float32")
    net = Network(chain((3,)))
    assert np.array_equal(net.forward(x), x)
    assert np.array_equal(net.backward(2 * x).inputs["input"], 2 * x)


def test_both_precisions_start_from_the_same_numbers():
    single, double = Network(MLP, "float32"), Network(MLP, "float64")
    assert np.array_equal(double.parameters.astype("float32"), single.parameters)


def test_steps_from_one_seed_give_the_same_bits(rng):
    x, labels = rng.random((8, 28, 28, 1)), rng.integers(0, 10, 8)
    ends = []
    for _ in range(2):
        net = Network(lenet(), seed=2)
        for _ in range(3):
            net.loss_and_gradient(x, labels)
            net.parameters -= 0.1 * net.gradients
        ends.append(net.parameters.tobytes())
    assert ends[0] == ends[1]


# --- weights ----------------------------------------------------------------------------------------------------------


def test_weights_are_named_and_read_as_copies():
    net = Network(lenet())
    assert len(net.weights) == 10
    assert list(net.weights)[:3] == ["conv1/kernel", "conv1/bias", "conv4/kernel"]
    assert "conv1/kernel" in net.weights
    assert net.weights["conv1/kernel"].shape == (5, 5, 1, 6)
    net.weights["conv1/bias"][:] = 7
    assert not net.weights["conv1/bias"].any()


def test_a_weight_that_is_set_counts_at_once(rng):
    net = Network(MLP, "float64")
    x = rng.random((2, 4))
    net.forward(x)
    kernel = rng.standard_normal((4, 3))
    net.weights["fc1/kernel"] = kernel
    np.testing.assert_allclose(net.activations(x)["fc1"], x @ kernel)
    assert np.array_equal(net.parameters[:12], kernel.ravel())


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("fc1/kernal", np.zeros((4, 3)), "The network has no weights named fc1/kernal. Did you mean fc1/kernel?"),
        ("nothing", np.zeros(3), "The network has no weights named nothing."),
        (
            "fc1/kernel",
            np.zeros((3, 4)),
            "fc1/kernel must be 4×3, but it is 3×4. Both hold 12 numbers: is an axis out of place?",
        ),
        ("fc1/kernel", np.zeros(5), "fc1/kernel must be 4×3, but it is 5."),
        ("fc1/bias", 1.0, "fc1/bias must be 3, but it is a single number."),
        ("fc1/bias", ["a", "b", "c"], "fc1/bias must hold real numbers, but it holds str32."),
        ("fc1/bias", [1j, 0, 0], "fc1/bias must hold real numbers, but it holds complex128."),
        ("fc1/bias", [[1], [1, 2], []], "fc1/bias must be 3 numbers, but its rows differ in length."),
        ("fc1/bias", [np.nan, 0, 0], "fc1/bias holds NaN, infinity or numbers that float32 cannot hold."),
        ("fc1/bias", [1e300, 0, 0], "fc1/bias holds NaN, infinity or numbers that float32 cannot hold."),
    ],
)
def test_wrong_weights_are_refused_with_a_sentence(name, values, words):
    net = Network(MLP)
    before = net.parameters.copy()
    with pytest.raises(WeightsError) as caught:
        net.weights[name] = values
    assert str(caught.value) == words
    assert np.array_equal(net.parameters, before)


# --- NaN --------------------------------------------------------------------------------------------------------------


def poisoned(name, value=np.nan):
    net = Network(lenet(), seed=1)
    net._store.arrays[name].flat[0] = value
    return net


def test_all_is_finite_before_and_after_a_good_pass(rng):
    net = Network(lenet())
    assert net.first_nonfinite() is None
    net.loss_and_gradient(rng.random((2, 28, 28, 1)), np.array([0, 1]))
    assert net.first_nonfinite() is None


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("id", ["conv1", "conv4", "fc8", "fc12"])
def test_the_layer_where_numbers_first_broke_is_named(id, value, rng):
    net = poisoned(f"{id}/kernel", value)
    net.loss_and_gradient(rng.random((2, 28, 28, 1)) + 0.1, np.array([0, 1]))
    assert net.first_nonfinite() == id
    net.evaluate(rng.random((3, 28, 28, 1)) + 0.1, np.array([0, 1, 2]))
    assert net.first_nonfinite() == id


def test_broken_samples_name_the_input(rng):
    net = Network(lenet())
    net.evaluate(np.full((1, 28, 28, 1), np.inf), np.array([0]))
    assert net.first_nonfinite() == "input"


def test_broken_gradients_and_weights_name_their_layer(rng):
    net = Network(lenet())
    net.loss_and_gradient(rng.random((2, 28, 28, 1)), np.array([0, 1]))
    net._store.gradient_arrays["fc8/bias"][0] = np.inf
    net._store.gradient_arrays["fc10/bias"][0] = np.inf
    assert net.first_nonfinite() == "fc10"


def test_looking_for_nan_disturbs_no_run(rng):
    drawn = chain((6,), ("Dense", {"units": 5}), "Dropout", ("Dense", {"units": 3}))
    x, labels = rng.random((4, 6)), np.array([0, 1, 2, 0])
    looked, undisturbed = Network(drawn, seed=1), Network(drawn, seed=1)
    for _ in range(3):
        first, second = looked.loss_and_gradient(x, labels), undisturbed.loss_and_gradient(x, labels)
        assert looked.rng.random() == undisturbed.rng.random()
        assert looked.first_nonfinite() is None
        assert first == second
        assert np.array_equal(looked.gradients, undisturbed.gradients)


# --- memory -----------------------------------------------------------------------------------------------------------


def test_a_step_takes_no_memory_once_its_plan_is_made(rng):
    net = Network(lenet())
    x, labels = rng.random((32, 28, 28, 1), dtype="float32"), rng.integers(0, 10, 32)
    for _ in range(2):
        net.loss_and_gradient(x, labels)
    tracemalloc.start()
    try:
        net.loss_and_gradient(x, labels)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 150_000  # NumPy's own buffers where flags meet numbers; the first map alone takes 600,000


def test_inference_needs_no_memory_for_what_it_is_done_with():
    layers = [("Conv2D", {"filters": 4, "kernel_size": 3, "padding": 1}), "Tanh"]
    short, long = (Network(chain((16, 16, 4), *layers * n)) for n in (2, 12))
    x = np.zeros((8, 16, 16, 4), "float32")
    for net in (short, long):
        net.forward(x)
    few, many = (net._plans.of(Part(8, 8), INFERENCE) for net in (short, long))
    assert many.memory_plan.n_bytes == few.memory_plan.n_bytes


def test_only_so_many_plans_are_kept():
    net = Network(MLP)
    for n in range(1, 20):
        net.forward(np.zeros((n, 4)))
    assert len(net._plans) == 8


@pytest.mark.parametrize("dtype", ["<i8", ">i8", ">i2", "i1", "u1", ">u4"])
def test_labels_may_be_whole_numbers_of_any_width_and_byte_order(dtype):
    net, x = Network(chain((4,), ("Dense", {"units": 3}))), np.ones((2, 4))
    expected = net.evaluate(x, np.array([2, 0]))
    assert net.evaluate(x, np.array([2, 0], dtype)) == expected
    with pytest.raises(NetworkError, match=r"^Label 3 is not among the 3 classes 0 to 2"):
        net.evaluate(x, np.array([0, 3], dtype))


@pytest.mark.parametrize("last", [{"kernel_size": 1}, {"kernel_size": 3, "padding": 1}])
@pytest.mark.parametrize("softmax", [(), ("Softmax",)])
def test_scores_of_a_single_pixel_are_learned_from_like_a_row_of_scores(last, softmax):
    body = [("Conv2D", {"filters": 13, "kernel_size": 4}), "ReLU", ("Conv2D", {"filters": 3, **last})]
    pixel = Network(chain((4, 4, 2), *body, *softmax), "float64")
    row = Network(chain((4, 4, 2), *body, "Flatten", *softmax), "float64")
    rng = np.random.default_rng(0)
    x, labels = rng.standard_normal((5, 4, 4, 2)), rng.integers(0, 3, 5)
    assert pixel.loss_and_gradient(x, labels) == pytest.approx(row.loss_and_gradient(x, labels))
    np.testing.assert_allclose(pixel.gradients, row.gradients)
    with pytest.raises(NetworkError, match=r"^Label 3 is not among the 3 classes 0 to 2"):
        pixel.loss_and_gradient(x, np.full(5, 3))


def test_an_input_that_leads_nowhere_is_no_output_and_has_a_gradient_of_zeros():
    network = Network(
        document(
            layer("input", "Input", shape=(8, 8, 1)),
            layer("spare", "Input", shape=(3,)),
            layer("flat", "Flatten", "input"),
            layer("fc1", "Dense", "flat", units=10),
        )
    )
    x = np.random.default_rng(0).random((2, 8, 8, 1))
    assert network.output_ids == ("fc1",)
    alone = network.forward(x)
    assert np.array_equal(alone, network.forward({"input": x, "spare": np.ones((2, 3))}))
    gradients = network.backward(np.ones((2, 10)))
    assert gradients.inputs["input"].any()
    assert gradients.inputs["spare"].tolist() == [[0, 0, 0]] * 2
    assert network.activations(x)["spare"].tolist() == [[0, 0, 0]] * 2
