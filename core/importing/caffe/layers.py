"""The layers of Caffe, one table: what each is here.

Source of their definitions: `src/caffe/layers/` and `src/caffe/proto/caffe.proto`, Caffe 1.0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from core.importing.caffe.network import CaffeLayer, Fields
from core.importing.caffe.reading import Blob, Reading, Step
from core.io.failures import shown
from core.shapes import Pair, shortest_padding, shortest_size
from core.text import listing

Reader: TypeAlias = Callable[[Step], Blob]

DATABASES: Final = ("Data", "ImageData", "HDF5Data", "WindowData")
_HOLDERS: Final = ("data", "image_data", "window_data")
LEFT_OUT: Final = frozenset(("Accuracy", "Silence", "HDF5Output"))
"""What computes nothing for other layers."""


def take(reading: Reading, number: int, layer: CaffeLayer) -> None:
    """Read the next layer."""
    step = reading.step(layer)
    if layer.kind == "SoftmaxWithLoss":
        step.drawing.say(f"{step.fields.called} is the loss, cross_entropy here, which takes what it reads.")
        _note_loss(step)
        return
    if layer.kind in LEFT_OUT or layer.kind.endswith("Loss"):
        step.drawing.say(f"{step.fields.called} is left out.")
        return
    if layer.kind in ("Input", "DummyData", "MemoryData", *DATABASES):
        _enter(step)
        return
    if layer in reading.taken:
        reading.blobs.update(dict.fromkeys(layer.tops, reading.blobs[layer.bottoms[0]]))
        return
    if layer.kind == "BatchNorm":
        blob = _batch_norm(step, reading.scales.get(number))
    elif layer.kind == "Split":
        blob = step.blob()
    elif layer.kind in LAYERS:
        blob = LAYERS[layer.kind](step)
    else:
        how = "is a program of its own, which is not run" if layer.kind == "Python" else "has no counterpart here"
        raise step.refuse(f"it {how}.")
    if not layer.tops or (len(layer.tops) > 1 and layer.kind != "Split"):
        raise step.refuse(f"it gives {len(layer.tops)} blobs, and one is needed.")
    reading.blobs.update(dict.fromkeys(layer.tops, blob))


def _note_loss(step: Step) -> None:
    read = step.reading.blobs.get(step.layer.bottoms[0]) if step.layer.bottoms else None
    if read is not None and read.layer:
        step.reading.losses.append((read.layer, step.fields.number("loss_weight", 1.0)))


# --- What goes in -----------------------------------------------------------------------------------------------------


def _enter(step: Step) -> None:
    """Draw an input for each blob that is no label."""
    layer, fields = step.layer, step.fields
    if layer.kind in DATABASES and layer.tops and layer.tops[0] in step.reading.blobs:
        step.say(f"its samples are those of the input {shown(layer.tops[0])}.")
        step.reading.blobs.update(dict.fromkeys(layer.tops[1:], Blob("")))
        return
    param = fields.inner({"Input": "input_param", "DummyData": "dummy_data_param"}.get(layer.kind, "memory_data_param"))
    shapes = [_dims(step, shape.wholes("dim", 1)) for shape in param.all("shape")]
    if layer.kind == "MemoryData" or (not shapes and param.has("channels")):
        shapes = [_dims(step, [1, *(param.whole(name, 1, 1) for name in ("channels", "height", "width"))])]
    if layer.kind in DATABASES:
        shapes = [_of_database(step)]
        _say_how_prepared(step)
    if not layer.tops or not shapes:
        raise step.refuse("it does not say how large its samples are. Add shape { dim: … } to it.")
    labels = () if layer.kind in ("Input", "DummyData") else layer.tops[1:]
    for i, top in enumerate(layer.tops):
        if top in labels:
            step.reading.blobs[top] = Blob("")
            continue
        shape = shapes[min(i, len(shapes) - 1)]
        step.reading.blobs[top] = step.draw("Input", wish=top, shape=shape)


def _dims(step: Step, dims: list[int]) -> tuple[int, ...]:
    """Return our shape of N×C×H×W, or of N×C."""
    if len(dims) not in (2, 4):
        raise step.refuse(f"its samples have {len(dims)} dimensions; Convograph's are N×C×H×W or N×C.")
    return tuple(dims[1:]) if len(dims) == 2 else (*dims[2:], dims[1])


def _of_database(step: Step) -> tuple[int, ...]:
    fields = step.fields
    crop = fields.inner("transform_param").whole("crop_size") or max(
        fields.inner(f"{kind}_param").whole("crop_size") for kind in _HOLDERS
    )
    high = crop or fields.inner("image_data_param").whole("new_height")
    wide = crop or fields.inner("image_data_param").whole("new_width")
    if not (high and wide):
        name = shown(step.layer.tops[0]) if step.layer.tops else "data"
        raise step.refuse(
            "how large its samples are stands in a database, not in this file. Import the deploy file, or write "
            f'before the layers, with your own numbers of channels, rows and columns: input: "{name}" '
            "input_shape { dim: 1 dim: 3 dim: 32 dim: 32 }."
        )
    is_grey = not fields.inner("image_data_param").flag("is_color", True)
    means = fields.inner("transform_param").texts("mean_value")
    depth = 1 if is_grey else len(means) if len(means) > 1 else 3
    step.say(f"its samples are {high}×{wide} here, of {depth} channels; the database may hold others.")
    return high, wide, depth


def _say_how_prepared(step: Step) -> None:
    """Report how Caffe prepares what a database holds, which a document says in its training."""
    rules = [step.fields.inner(name) for name in ("transform_param", *(f"{kind}_param" for kind in _HOLDERS))]
    means = [text for rule in rules for text in rule.texts("mean_value")]
    files = [text for rule in rules for text in rule.texts("mean_file")]
    scales = [text for rule in rules for text in rule.texts("scale")]
    done = [f"subtracts {listing([*map(shown, [*means, *files])])}"] if means or files else []
    done += [f"multiplies by {shown(scales[0])}"] if scales else []
    if done:
        step.say(f"Caffe {' and '.join(done)}; here preprocessing is up to the document, and it has none yet.")


# --- Windows ----------------------------------------------------------------------------------------------------------


def _convolution(step: Step) -> Blob:
    fields = step.fields.inner("convolution_param")
    if fields.whole("axis", 1) != 1:
        raise step.refuse("it works along another axis than the channels.")
    image = step.image()
    size = step.pair(fields, "kernel_size", 0)
    stride, sides = step.pair(fields, "stride", 1), step.pair(fields, "pad", 0, least=0)
    dilation = fields.wholes("dilation", 1) or [1]
    spans = [d * (f - 1) + 1 for d, f in zip((dilation[0], dilation[-1]), size, strict=True)]
    config: dict[str, Any] = {
        "filters": fields.whole("num_output", least=1),
        "kernel_size": shortest_size(size),
        "stride": shortest_size(stride),
        "padding": shortest_padding(_both(sides)),
        "dilation": shortest_size((dilation[0], dilation[-1])),
        "groups": fields.whole("group", 1, 1),
        "bias": fields.flag("bias_term", True),
    }
    if step.layer.kind == "Deconvolution":
        return step.draw("ConvTranspose2D", image, **config)
    if any((n + 2 * p - span) % s for n, p, span, s in zip(_sides(step, image), sides, spans, stride, strict=True)):
        config["rounding"] = "floor"
    return step.draw("Conv2D", image, **config)


def _pooling(step: Step) -> Blob:
    fields = step.fields.inner("pooling_param")
    how = {"0": "MAX", "1": "AVE"}.get(fields.text("pool", "MAX"), fields.text("pool", "MAX"))
    if how not in ("MAX", "AVE"):
        raise step.refuse("it draws which value it takes; Convograph's pools take the largest or the mean.")
    kind, image = {"MAX": "MaxPool2D", "AVE": "AvgPool2D"}[how], step.image()
    if fields.flag("global_pooling", False):
        drawn = step.draw("GlobalMaxPool2D" if how == "MAX" else "GlobalAvgPool2D", image)
        return Blob(drawn.layer, is_column=True)
    size, stride = step.pair(fields, "kernel_size", 0), step.pair(fields, "stride", 1)
    sides = step.pair(fields, "pad", 0, least=0)
    config: dict[str, Any] = {
        "pool_size": shortest_size(size),
        "stride": shortest_size(stride),
        "padding": shortest_padding(_both(sides)),
    }
    fits = [(n + 2 * p - f) % s == 0 for n, p, f, s in zip(_sides(step, image), sides, size, stride, strict=True)]
    if not all(fits):
        rounding = fields.text("round_mode", "CEIL")
        config["rounding"] = {"CEIL": "ceil", "0": "ceil"}.get(rounding, "floor")
    if "ceil" in config.values() and not any(sides):
        for n, f, s in zip(_sides(step, image), size, stride, strict=True):
            if -(-(n - f) // s) * s >= n:
                raise step.refuse("its last window would lie beyond the image; Convograph's begin inside.")
    return step.draw(kind, image, **config)


def _sides(step: Step, image: str) -> tuple[int, ...]:
    return step.drawing.shape(image)[:2]


def _both(sides: Pair) -> tuple[Pair, Pair]:
    return (sides[0], sides[0]), (sides[1], sides[1])


# --- Products, normalisation ------------------------------------------------------------------------------------------


def _inner_product(step: Step) -> Blob:
    fields = step.fields.inner("inner_product_param")
    if fields.text("axis", "1") != "1":
        raise step.refuse("it multiplies along another axis than Dense does.")
    bias = fields.flag("bias_term", True)
    return step.draw("Dense", step.features(), units=fields.whole("num_output", least=1), bias=bias)


def _batch_norm(step: Step, scale: CaffeLayer | None) -> Blob:
    fields, blob = step.fields.inner("batch_norm_param"), step.blob()
    if scale is not None and not scale.fields.inner("scale_param").flag("bias_term", False):
        step.say("its Scale has no bias in Caffe; here training learns one, too, from 0 on.")
    if scale is not None and scale.fields.inner("scale_param").text("axis", "1") != "1":
        raise scale.fields.refuse("it scales along another axis than the channels.")
    if fields.flag("use_global_stats", False):
        step.drawing.say(
            "BatchNorm: use_global_stats keeps the moving averages in Caffe's training, too; here training uses each "
            "batch's mean and variance."
        )
    momentum = fields.number("moving_average_fraction", 0.999)
    step.drawing.say(
        f"BatchNorm: momentum is {momentum:g}, as in Caffe, which divides its moving averages by the weights of the "
        "batches so far; after a thousand batches that makes no difference."
    )
    config: dict[str, Any] = {"epsilon": fields.number("eps", 1e-5), "momentum": momentum, "affine": scale is not None}
    drawn = step.draw("BatchNorm", blob.layer, wish=step.layer.name, **config)
    if scale is not None:
        step.learn(drawn.layer, scale.fields)
    return Blob(drawn.layer, blob.is_column)


def _local_response(step: Step) -> Blob:
    fields = step.fields.inner("lrn_param")
    if fields.text("norm_region", "ACROSS_CHANNELS") not in ("ACROSS_CHANNELS", "0"):
        raise step.refuse("it normalises within each channel; LocalResponseNorm goes across channels.")
    return step.draw(
        "LocalResponseNorm",
        step.image(),
        size=fields.whole("local_size", 5, 1),
        alpha=fields.number("alpha", 1.0),
        beta=fields.number("beta", 0.75),
        k=fields.number("k", 1.0),
    )


def _dropout(step: Step) -> Blob:
    blob, rate = step.blob(), step.fields.inner("dropout_param").number("dropout_ratio", 0.5)
    return Blob(step.draw("Dropout", blob.layer, rate=rate).layer, blob.is_column)


# --- Activations ------------------------------------------------------------------------------------------------------


def _activation(kind: str) -> Reader:
    def read(step: Step) -> Blob:
        return _each(step, kind)

    return read


def _each(step: Step, kind: str, **config: Any) -> Blob:
    blob = step.blob()
    return Blob(step.draw(kind, blob.layer, **config).layer, blob.is_column)


def _relu(step: Step) -> Blob:
    slope = step.fields.inner("relu_param").number("negative_slope", 0.0)
    return _each(step, "LeakyReLU", slope=slope) if slope else _each(step, "ReLU")


def _prelu(step: Step) -> Blob:
    return _each(step, "PReLU", shared=step.fields.inner("prelu_param").flag("channel_shared", False))


def _elu(step: Step) -> Blob:
    return _each(step, "ELU", alpha=step.fields.inner("elu_param").number("alpha", 1.0))


def _swish(step: Step) -> Blob:
    if step.fields.inner("swish_param").number("beta", 1.0) != 1:
        raise step.refuse("its beta is not 1, as in SiLU.")
    return _each(step, "SiLU")


def _softmax(step: Step) -> Blob:
    if step.fields.inner("softmax_param").text("axis", "1") != "1":
        raise step.refuse("it is not over the channels, as Convograph's Softmax is.")
    return _each(step, "Softmax")


def _power(step: Step) -> Blob:
    fields = step.fields.inner("power_param")
    if (fields.number("power", 1.0), fields.number("scale", 1.0), fields.number("shift", 0.0)) != (1, 1, 0):
        raise step.refuse("it computes (shift + scale·x)^power, for which there is no kind here.")
    return step.blob()


# --- Several values ---------------------------------------------------------------------------------------------------


def _concat(step: Step) -> Blob:
    fields = step.fields.inner("concat_param")
    axis = fields.whole("axis", fields.whole("concat_dim", 1))
    blobs = step.blobs()
    if all(blob.is_column or len(step.shape(blob)) == 1 for blob in blobs):
        if axis != 1:
            raise step.refuse("it joins features along another axis than theirs.")
        drawn = step.draw("Concat", *(blob.layer for blob in blobs))
        return Blob(drawn.layer, all(blob.is_column for blob in blobs))
    if axis not in (1, 2, 3):
        raise step.refuse("it joins samples of a batch; here each is computed by itself.")
    config: dict[str, Any] = {} if axis == 1 else {"axis": axis - 2}
    return step.draw("Concat", *map(step.as_image, blobs), **config)


def _eltwise(step: Step) -> Blob:
    fields, blobs = step.fields.inner("eltwise_param"), step.blobs()
    operation = {"0": "PROD", "1": "SUM", "2": "MAX"}.get(
        fields.text("operation", "SUM"), fields.text("operation", "SUM")
    )
    factors = [_number(fields, text) for text in fields.texts("coeff")]
    kind = {"PROD": "Multiply", "MAX": "Maximum"}.get(operation, "Add")
    if operation == "SUM" and factors == [1.0, -1.0] and len(blobs) == 2:
        kind = "Subtract"
    elif any(factor != 1 for factor in factors):
        raise step.refuse("it adds multiples; Convograph's Add takes values as they are.")
    same = all(blob.is_column == blobs[0].is_column for blob in blobs)
    sources = [blob.layer for blob in blobs] if same else [step.as_image(blob) for blob in blobs]
    return Blob(step.draw(kind, *sources).layer, same and blobs[0].is_column)


def _number(fields: Fields, text: str) -> float:
    return Fields({"coeff": [text]}, fields.called).number("coeff", 1.0)


# --- Moving -----------------------------------------------------------------------------------------------------------


def _flatten(step: Step) -> Blob:
    fields = step.fields.inner("flatten_param")
    if fields.text("axis", "1") != "1" or fields.text("end_axis", "-1") not in ("-1", "3"):
        raise step.refuse("it flattens other axes than all of a sample.")
    blob = step.blob()
    return Blob(blob.layer) if len(step.shape(blob)) == 1 else step.draw("Flatten", blob.layer)


def _reshape(step: Step) -> Blob:
    fields, blob = step.fields.inner("reshape_param"), step.blob()
    dims = fields.inner("shape").texts("dim")
    if len(dims) != 2 or dims[0] not in ("0", "-1") or fields.has("axis") or fields.has("num_axes"):
        raise step.refuse("it lays values out anew, channels first; Convograph's Reshape has channels last.")
    return Blob(blob.layer) if len(step.shape(blob)) == 1 else step.draw("Flatten", blob.layer)


LAYERS: Final[Mapping[str, Reader]] = {
    "Convolution": _convolution,
    "Deconvolution": _convolution,
    "Pooling": _pooling,
    "InnerProduct": _inner_product,
    "LRN": _local_response,
    "Dropout": _dropout,
    "ReLU": _relu,
    "PReLU": _prelu,
    "ELU": _elu,
    "Swish": _swish,
    "Sigmoid": _activation("Sigmoid"),
    "TanH": _activation("Tanh"),
    "BNLL": _activation("Softplus"),
    "Softmax": _softmax,
    "Power": _power,
    "Concat": _concat,
    "Eltwise": _eltwise,
    "Flatten": _flatten,
    "Reshape": _reshape,
}
"""By their types in Caffe; whatever isn't here is refused by its name."""
