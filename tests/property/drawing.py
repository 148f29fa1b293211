"""Documents drawn at random: as broken as JSON can be, and half-drawn as in an editor."""

from hypothesis import strategies as st

from core.graph.training import TrainingSettings
from core.io.parsing import parse_document
from core.layers import KINDS
from core.learning.initializers import INITIALIZERS
from core.learning.optimizers import OPTIMIZERS

NAMES = st.sampled_from(
    ["a", "b", "c", "conv1", "fc.2", "x", "a~2", "~1", "a/b", "s/1/r", "{0}", "{", 'q"', "", "é\n\t"]
)
TEXTS = NAMES | st.text(max_size=6)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 70_000), st.floats(allow_nan=False, width=32), st.just(10**12), TEXTS
)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=6
)


@st.composite
def mostly(draw, good, bad=ANYTHING):
    """Draw from `good`, seldom from `bad`."""
    return draw(good) if draw(st.integers(0, 29)) else draw(bad)


def settings_of(declared, values=ANYTHING):
    names = st.sampled_from([*declared.model_fields, "paddin", "Filters", "unknown"])
    return st.dictionaries(names | TEXTS, values, max_size=5)


def values_of(setting):
    """Draw accepted values of a declared setting."""
    match setting.type:
        case "whole":
            return st.integers(int(setting.least or 0), min(int(setting.most or 9), 9))
        case "number":
            return st.sampled_from([0.5, 0.25, 0.1])
        case "flag":
            return st.booleans()
        case "choice":
            return st.sampled_from(setting.choices)
        case "size":
            return st.integers(1, 5) | st.lists(st.integers(1, 5), min_size=2, max_size=2)
        case "padding":
            pairs = st.lists(st.integers(0, 3), min_size=2, max_size=2)
            return (
                st.integers(0, 3) | pairs | st.lists(pairs, min_size=2, max_size=2) | st.sampled_from(["same", "valid"])
            )
        case "shape":
            return st.sampled_from([[8, 8, 3], [7, 7, 1], [12], [28, 28, 1], [9, 5, 2]])
        case _:
            return st.sampled_from(["digits", "some folder"])


@st.composite
def configs(draw, declared):
    """Draw settings that are mostly accepted."""
    config = {}
    for name, setting in declared.settings().items():
        if setting.required or draw(st.integers(0, 3)) == 0:
            config[name] = draw(mostly(values_of(setting)))
    if draw(st.integers(0, 29)) == 0:
        config[draw(TEXTS)] = draw(ANYTHING)
    return config


RAW_LAYERS = st.one_of(
    ANYTHING,
    st.sampled_from([*KINDS, "Block", "Unknown"]).flatmap(
        lambda kind: st.fixed_dictionaries(
            {},
            optional={
                "id": NAMES | ANYTHING,
                "kind": st.just(kind) | ANYTHING,
                "inputs": st.lists(NAMES, max_size=3) | ANYTHING,
                "config": settings_of(KINDS.get(kind, TrainingSettings)) | ANYTHING,
                "trainable": st.booleans() | ANYTHING,
                "initializer": st.sampled_from([*INITIALIZERS, {"kind": "constant", "value": 2}]) | ANYTHING,
                "colour": ANYTHING,
            },
        )
    ),
)

RAW_BLOCKS = st.dictionaries(
    NAMES,
    st.one_of(
        ANYTHING,
        st.fixed_dictionaries(
            {},
            optional={"inputs": st.lists(NAMES, max_size=2), "layers": st.lists(RAW_LAYERS, max_size=3), "x": ANYTHING},
        ),
    ),
    max_size=2,
)

RAW_TRAINING = st.one_of(
    ANYTHING,
    st.fixed_dictionaries(
        {},
        optional={
            **{name: mostly(values_of(setting)) for name, setting in TrainingSettings.settings().items()},
            "optimizer": ANYTHING
            | st.sampled_from([*OPTIMIZERS, "Unknown"]).flatmap(
                lambda kind: settings_of(OPTIMIZERS.get(kind, OPTIMIZERS["Adam"])).map(lambda c: {"kind": kind} | c)
            ),
            "epoch": ANYTHING,
        },
    ),
)

RAW_POINTS = st.lists(st.floats(-2e6, 2e6), min_size=1, max_size=3) | ANYTHING

RAW_NOTES = st.lists(
    ANYTHING
    | st.fixed_dictionaries(
        {"at": RAW_POINTS, "size": RAW_POINTS}, optional={"text": TEXTS | ANYTHING, "block": NAMES}
    ),
    max_size=3,
)

RAW_LAYOUT = st.one_of(
    ANYTHING,
    st.fixed_dictionaries(
        {"positions": st.dictionaries(NAMES, RAW_POINTS, max_size=3)},
        optional={
            "frames": RAW_NOTES | ANYTHING,
            "cards": RAW_NOTES,
            "routes": st.dictionaries(NAMES, st.lists(RAW_POINTS, max_size=2) | ANYTHING, max_size=2) | ANYTHING,
        },
    ),
)

RAW_DOCUMENTS = st.fixed_dictionaries(
    {"format": st.just("convograph"), "version": st.just(1), "layers": st.lists(RAW_LAYERS, max_size=5)},
    optional={
        "name": TEXTS | ANYTHING,
        "notes": TEXTS,
        "outputs": st.lists(NAMES, max_size=3) | ANYTHING,
        "blocks": RAW_BLOCKS | ANYTHING,
        "layout": RAW_LAYOUT,
        "training": RAW_TRAINING,
        "author": ANYTHING,
    },
)
"""The JSON of documents with nothing right but what loading asks for."""


@st.composite
def drawn_layers(draw, sources, n, blocks=()):
    """Draw layers that are mostly fed by those before them."""
    layers = []
    known = list(sources)
    for index in range(n):
        kind = draw(st.sampled_from([*KINDS, *(["Block"] * 8 if blocks else [])]))
        id = draw(mostly(st.just(f"{kind.lower()}{index}"), NAMES))
        if kind == "Block":
            block = draw(mostly(st.sampled_from(blocks), NAMES))
            config = {"block": block} | ({"repeat": draw(st.integers(1, 3))} if draw(st.booleans()) else {})
            least, most = 1, 1
        else:
            config = draw(configs(KINDS[kind]))
            least, most = KINDS[kind].n_inputs
        n_inputs = draw(mostly(st.integers(least, least + 1 if most is None else most), st.integers(0, 3)))
        source = st.sampled_from(known) if known else NAMES
        inputs = [draw(mostly(source, st.sampled_from([*known, id, "z"]))) for _ in range(n_inputs)]
        layers.append({"id": id, "kind": draw(mostly(st.just(kind), TEXTS)), "inputs": inputs, "config": config})
        known.append(id)
    return layers


@st.composite
def drawn_documents(draw, most_layers=7):
    """Draw half-drawn documents: wired and set almost as they should be."""
    raw = {"format": "convograph", "version": 1, "blocks": {}}
    for name in draw(st.sampled_from([[], [], ["b"], ["b", "d"]])):
        layers = draw(drawn_layers(["x"], draw(st.integers(1, 3)), tuple(raw["blocks"])))
        ids = [layer["id"] for layer in layers]
        raw["blocks"][name] = {"inputs": ["x"], "layers": layers, "outputs": [draw(mostly(st.just(ids[-1]), NAMES))]}
    shape = draw(values_of(KINDS["Input"].settings()["shape"]))
    entry = [{"id": "input", "kind": "Input", "config": {"shape": shape}}]
    raw["layers"] = draw(mostly(st.just(entry), st.just([]))) + draw(
        drawn_layers(["input"], draw(st.integers(0, most_layers)), tuple(raw["blocks"]))
    )
    if draw(st.integers(0, 4)) == 0:
        ids = [layer["id"] for layer in raw["layers"]]
        raw["outputs"] = draw(
            st.lists(mostly(st.sampled_from([*ids, "input"]), NAMES), min_size=draw(st.integers(0, 9)) > 0, max_size=2)
        )
    if draw(st.integers(0, 4)) == 0:
        raw["training"] = draw(RAW_TRAINING)
    if draw(st.integers(0, 4)) == 0:
        raw["layout"] = draw(RAW_LAYOUT)
    return parse_document(raw)
