"""Half-drawn networks of the kinds that fixes are about, and edits of them, drawn from a seed."""

from core.errors import EditError
from core.graph import edits, folding
from tests.drawing import document, layer

CONFIGS = {
    "Conv2D": lambda draw: {
        "filters": draw.choice([4, 8, 6]),
        "kernel_size": draw.choice([1, 2, 3, 5, 7]),
        "stride": draw.choice([1, 1, 2, 3]),
        "padding": draw.choice([0, 0, 1, "same"]),
        "bias": draw.choice([True, False]),
    },
    "MaxPool2D": lambda draw: {
        "pool_size": draw.choice([2, 3, 4]),
        "stride": draw.choice([1, 2, 3]),
        "rounding": draw.choice(["floor", "ceil", "exact"]),
    },
    "AvgPool2D": lambda draw: {"pool_size": draw.choice([2, 3])},
    "Dense": lambda draw: {"units": draw.choice([4, 10, 8, 200])},
    "Reshape": lambda draw: {"shape": draw.choice([[4, 4, 4], [16], [2, 8]])},
    "Crop2D": lambda draw: {"cropping": draw.choice([[[1, 1], [1, 1]], [[0, 1], [0, 0]]])},
    "GroupNorm": lambda draw: {"groups": draw.choice([2, 3])},
    "Input": lambda draw: {"shape": draw.choice([[8, 8, 3], [3, 28, 28], [7, 7, 1], [12], [9, 5, 2], [32, 32, 3]])},
    **dict.fromkeys(
        ["Flatten", "ReLU", "Softmax", "Sigmoid", "BatchNorm", "Dropout", "SpatialDropout", "Add", "Concat"],
        lambda _draw: {},
    ),
    **dict.fromkeys(["GlobalAvgPool2D", "Upsample2D", "Relu"], lambda _draw: {}),
    "Block": lambda draw: {"block": draw.choice(["unit", "stage"]), "repeat": draw.choice([1, 2])},
}
NAMES = ["relu1", "flatten1", "crop1", "conv1", "pool1", "a", "b"]
"""Names that some wires lead to though nothing has them yet; some are those of layers that fixes insert."""


def half_drawn(draw):
    """Draw a network that is mostly a chain, and mostly right."""
    layers, ids = [layer("input", "Input", **CONFIGS["Input"](draw))], ["input"]
    for index in range(draw.randint(2, 12)):
        kind = draw.choice(list(CONFIGS))
        id = draw.choice(NAMES) if draw.random() < 0.1 else f"n{index}"
        if id not in ids:
            layers.append(layer(id, kind, *_sources(draw, kind, ids), **_config(draw, kind)))
            ids.append(id)
    drawn = document(*layers)
    return edits.set_outputs(drawn, (draw.choice(ids),)) if draw.random() < 0.2 else drawn


def _sources(draw, kind, ids):
    usual = {"Add": 2, "Concat": 2, "Input": 0}.get(kind, 1)
    n = usual if draw.random() < 0.95 else draw.choice([0, 1, 2])
    near = [ids[-1] if draw.random() < 0.7 else draw.choice(ids) for _ in range(n)]
    return [id if draw.random() < 0.97 else draw.choice(NAMES) for id in near]


def _config(draw, kind):
    config = CONFIGS[kind](draw) if kind in CONFIGS else {}
    if draw.random() < 0.06:
        config["paddin"] = 1
    if draw.random() < 0.04 and config:
        config[draw.choice(list(config))] = draw.choice([0, -1, "x", 1000])
    return config


def edited(draw, drawn):
    """Carry out an edit; what is refused leaves the document as it is."""
    ids = [layer.id for layer in drawn.graph.layers] or ["none"]
    id, other = draw.choice(ids), draw.choice(ids)
    kind, same = draw.choice(list(CONFIGS)), next((one.kind for one in drawn.graph.layers if one.id == id), "")
    several = draw.sample(ids, min(len(ids), draw.randint(1, 4)))
    edit = draw.choice(
        [
            lambda: edits.add_layer(drawn, kind, _config(draw, kind), source=draw.choice([None, other]))[0],
            lambda: edits.insert_layer(drawn, kind, _config(draw, kind), before=id),
            lambda: edits.remove_layers(drawn, [id]),
            lambda: edits.connect(drawn, other, id, draw.choice([None, 0, 1])),
            lambda: edits.disconnect(drawn, id, 0),
            *[lambda: edits.set_config(drawn, id, _config(draw, same))] * 3,
            lambda: edits.replace_kind(drawn, id, kind),
            lambda: edits.rename_layer(drawn, id, draw.choice(NAMES)),
            lambda: edits.set_outputs(drawn, draw.choice([None, (id,), (other, id)])),
            lambda: edits.set_training(drawn, draw.choice([{"epochs": 3}, {"dataset": "digits"}, {"epoch": 3}])),
            lambda: folding.fold(drawn, several).document,
            lambda: folding.unfold(drawn, id).document,
        ]
    )
    try:
        return edit()
    except EditError:
        return drawn
