"""Graphs of the shapes that networks have: residual, branched, with a source used twice, with several ends."""

from tests.drawing import chain, document, layer

CONV = {"filters": 3, "kernel_size": 3, "padding": 1}


def residual():
    return document(
        layer("input", "Input", shape=(6, 6, 3)),
        layer("conv1", "Conv2D", "input", **CONV),
        layer("relu1", "ReLU", "conv1"),
        layer("conv2", "Conv2D", "relu1", **CONV),
        layer("sum", "Add", ["conv2", "input"]),
        layer("relu2", "ReLU", "sum"),
        layer("sum2", "Add", ["relu2", "relu1"]),
        layer("flat", "Flatten", "sum2"),
        layer("fc", "Dense", "flat", units=4),
    )


def inception():
    return document(
        layer("input", "Input", shape=(8, 8, 2)),
        layer("stem", "Conv2D", "input", **CONV),
        layer("one", "Conv2D", "stem", filters=2, kernel_size=1),
        layer("three", "Conv2D", "stem", filters=3, kernel_size=3, padding=1),
        layer("relu3", "ReLU", "three"),
        layer("five", "Conv2D", "stem", filters=2, kernel_size=5, padding=2),
        layer("pool", "MaxPool2D", "stem", pool_size=3, stride=1, padding=1),
        layer("joined", "Concat", ["one", "relu3", "five", "pool"]),
        layer("halved", "AvgPool2D", "joined"),
        layer("flat", "Flatten", "halved"),
        layer("fc", "Dense", "flat", units=3),
        layer("softmax", "Softmax", "fc"),
    )


def doubled():
    return document(
        layer("input", "Input", shape=(5,)),
        layer("fc1", "Dense", "input", units=4),
        layer("tanh", "Tanh", "fc1"),
        layer("twice", "Add", ["tanh", "tanh", "tanh"]),
        layer("wide", "Concat", ["twice", "tanh", "twice"]),
        layer("fc2", "Dense", "wide", units=3),
    )


def unet():
    """Two levels down and up again, BatchNorm inside, a score for every pixel."""
    return document(
        layer("input", "Input", shape=(8, 8, 2)),
        layer("down1", "Conv2D", "input", **CONV, bias=False),
        layer("bn1", "BatchNorm", "down1"),
        layer("relu1", "ReLU", "bn1"),
        layer("pool", "MaxPool2D", "relu1"),
        layer("down2", "Conv2D", "pool", **CONV, bias=False),
        layer("bn2", "BatchNorm", "down2"),
        layer("relu2", "ReLU", "bn2"),
        layer("up", "ConvTranspose2D", "relu2", filters=3, kernel_size=2, stride=2),
        layer("joined", "Concat", ["up", "relu1"]),
        layer("merge", "Conv2D", "joined", **CONV, bias=False),
        layer("bn3", "BatchNorm", "merge"),
        layer("both", "Add", ["bn3", "relu1"]),
        layer("relu3", "ReLU", "both"),
        layer("scores", "Conv2D", "relu3", filters=2, kernel_size=1),
    )


def two_ends():
    return document(
        layer("input", "Input", shape=(6, 6, 1)),
        layer("conv", "Conv2D", "input", **CONV),
        layer("relu", "ReLU", "conv"),
        layer("pool", "MaxPool2D", "relu"),
        layer("flat", "Flatten", "pool"),
        layer("fc", "Dense", "flat", units=3),
        outputs=("fc", "relu"),
    )


def two_inputs():
    return document(
        layer("image", "Input", shape=(4, 4, 2)),
        layer("row", "Input", shape=(7,)),
        layer("conv", "Conv2D", "image", **CONV),
        layer("flat", "Flatten", "conv"),
        layer("both", "Concat", ["flat", "row"]),
        layer("drop", "Dropout", "both"),
        layer("fc", "Dense", "drop", units=3),
    )


def lenet(**training):
    return chain(
        (28, 28, 1),
        ("Conv2D", {"filters": 6, "kernel_size": 5, "padding": 2}),
        "ReLU",
        "MaxPool2D",
        ("Conv2D", {"filters": 16, "kernel_size": 5}),
        "ReLU",
        "MaxPool2D",
        "Flatten",
        ("Dense", {"units": 120}),
        "ReLU",
        ("Dense", {"units": 84}),
        "ReLU",
        ("Dense", {"units": 10}),
        "Softmax",
        **training,
    )


GRAPHS = {graph.__name__: graph for graph in (residual, inception, doubled, unet, two_ends, two_inputs)}
