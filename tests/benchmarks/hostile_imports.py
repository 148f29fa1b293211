"""How long imports of hostile models take, each in a process of its own (goals: ≤ 10 s, ≤ 1 GiB)."""

from __future__ import annotations

import json
import resource
import struct
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from time import process_time
from typing import Any

from core.errors import ConvographError
from core.importing.importers import read_model
from core.importing.pytorch.archive import LARGEST_JSON
from core.io.safetensors import LARGEST_HEADER, open_safetensors
from core.limits import MOST_IMPORTED

N = 40_000
SIDE = 4
"""Channels, rows and columns of what goes through the networks: what is slow is their length."""

Write = Callable[[Path], None]


def models() -> Iterator[tuple[str, str, Write]]:
    """Yield what is hostile about each model, how its file is called, and how to write it."""
    for target, arguments in _PROGRAMS.items():
        yield f"{N:,} calls of {target}", "m.pt2", _program(target, arguments)
    yield "60 MB of metadata in 40,000 calls", "m.pt2", _program("relu.default", {"self": "x"}, trace="a\n" * 700)
    if find_spec("onnx"):
        for title, nodes in _GRAPHS.items():
            yield f"{N:,} nodes: {title}", "m.onnx", _graph(nodes)
    for title, layers in _KERAS.items():
        yield f"Keras JSON: {title}", "m.json", _keras(layers)
        yield f"TensorFlow.js: {title}", "model.json", _tensorflow_js(layers)
    yield "Keras JSON: a model in a model, 90 times, each with layers", "m.json", _nested
    yield "TensorFlow.js: a manifest of 200,000 arrays", "model.json", _manifest
    for title, text in _NETWORKS.items():
        yield f"prototxt: {title}", "m.prototxt", _prototxt(text)
    for title, n_bytes in (("100 MB", 99_000_000), ("32 MB", LARGEST_HEADER)):
        yield f"safetensors: a header of {title}", "m.safetensors", _header(n_bytes)
    yield "safetensors: 32 MB of empty lists", "m.safetensors", _empty_lists
    yield "PyTorch: 24 MB of empty mappings", "m.pt2", _empty_mappings


# --- Programs of PyTorch ----------------------------------------------------------------------------------------------

_PROGRAMS: dict[str, dict[str, Any]] = {
    "relu.default": {"self": "x"},
    "conv2d.default": {"input": "x", "weight": "=w"},
    "add.Tensor": {"self": "x", "other": "before"},
    "mul.Tensor": {"self": "x", "other": 1.5},
    "gelu.default": {"self": "x"},
    "sigmoid.default": {"self": "x"},
    "permute.default": {"self": "x", "dims": [0, 2, 1, 3]},
    "max_pool2d.default": {"self": "x", "kernel_size": [1, 1], "stride": [1, 1]},
    "dropout.default": {"input": "x", "p": 0.5, "train": False},
    "view.default": {"self": "x", "size": [1, SIDE, SIDE, SIDE]},
    "clone.default": {"self": "x"},
}


def _meta(*sizes: int) -> dict[str, Any]:
    strides = [1] * len(sizes)
    for i in range(len(sizes) - 1, 0, -1):
        strides[i - 1] = strides[i] * sizes[i]
    said = {"sizes": [{"as_int": n} for n in sizes], "strides": [{"as_int": n} for n in strides]}
    return {"dtype": 7, "layout": 7, "storage_offset": {"as_int": 0}, **said}


def _argument(value: Any, at: int) -> dict[str, Any]:
    if isinstance(value, str):
        name = {"x": f"v{at}", "before": f"v{max(0, at - 1)}", "=w": "w"}[value]
        return {"as_tensor": {"name": name}}
    if isinstance(value, list):
        return {"as_ints": value}
    return {"as_bool" if isinstance(value, bool) else "as_float": value}


def _program(target: str, arguments: dict[str, Any], trace: str = "") -> Write:
    def write(path: Path) -> None:
        nodes = [
            {
                "target": f"torch.ops.aten.{target}",
                "inputs": [{"name": k, "arg": _argument(v, i), "kind": 1} for k, v in arguments.items()],
                "outputs": [{"as_tensor": {"name": f"v{i + 1}"}}],
                "metadata": {"stack_trace": trace},
            }
            for i in range(N)
        ]
        shape = _meta(1, SIDE, SIDE, SIDE)
        graph = {"nodes": nodes, "tensor_values": {f"v{i}": shape for i in range(N + 1)}}
        graph["tensor_values"]["w"] = _meta(SIDE, SIDE, 1, 1)
        signature = {
            "input_specs": [
                {"parameter": {"arg": {"name": "w"}, "parameter_name": "w"}},
                {"user_input": {"arg": {"as_tensor": {"name": "v0"}}}},
            ],
            "output_specs": [{"user_output": {"arg": {"as_tensor": {"name": f"v{N}"}}}}],
        }
        raw = {"schema_version": {"major": 8, "minor": 20}, "graph_module": {"graph": graph, "signature": signature}}
        entry = {"path_name": "w0", "is_param": True, "use_pickle": False, "tensor_meta": _meta(SIDE, SIDE, 1, 1)}
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("net/data/weights/w0", bytes(4 * SIDE * SIDE))
            archive.writestr("net/data/weights/model_weights_config.json", json.dumps({"config": {"w": entry}}))
            archive.writestr("net/models/model.json", json.dumps(raw))

    return write


# --- ONNX -------------------------------------------------------------------------------------------------------------

_GRAPHS: dict[str, Callable[[int], list[tuple[str, list[str], dict[str, Any]]]]] = {
    "Relu": lambda i: [("Relu", ["v"], {})],
    "Conv with one kernel": lambda i: [("Conv", ["v", "w"], {})],
    "Add to the one before": lambda i: [("Add", ["v", "before"], {})],
    "Mul by a number": lambda i: [("Mul", ["v", "two"], {})],
    "Sigmoid, Mul": lambda i: [("Sigmoid", ["v"], {}), ("Mul", ["v", "before"], {})],
    "Transpose": lambda i: [("Transpose", ["v"], {"perm": [0, 2, 1, 3]})],
    "Transpose, Relu": lambda i: [("Transpose", ["v"], {"perm": [0, 2, 1, 3]}), ("Relu", ["v"], {})],
    "Reshape": lambda i: [("Reshape", ["v", "shape"], {})],
    "Identity": lambda i: [("Identity", ["v"], {})],
    "BatchNormalization": lambda i: [("BatchNormalization", ["v", "c", "c", "c", "c"], {})],
    "Shape of the first, Reshape": lambda i: [("Reshape", ["v", "sizes"], {})],
    "Clip": lambda i: [("Clip", ["v", "zero", "two"], {})],
    "Slice": lambda i: [("Slice", ["v", "starts", "ends"], {})],
    "Pad": lambda i: [("Pad", ["v", "nothing"], {})],
}


def _graph(steps: Callable[[int], list[tuple[str, list[str], dict[str, Any]]]]) -> Write:
    def write(path: Path) -> None:
        import numpy as np
        from onnx import TensorProto, helper, numpy_helper

        nodes = [helper.make_node("Shape", ["v0"], ["sizes"])]
        at = 0
        while at < N:
            for op, inputs, attributes in steps(at):
                names = {"v": f"v{at}", "before": f"v{max(0, at - 1)}"}
                read = [names.get(name, name) for name in inputs]
                nodes.append(helper.make_node(op, read, [f"v{at + 1}"], **attributes))
                at += 1
        dims, whole = [1, SIDE, SIDE, SIDE], np.int64
        arrays = {
            "w": np.ones((SIDE, SIDE, 1, 1), np.float32),
            "c": np.ones(SIDE, np.float32),
            "two": np.float32(2),
            "zero": np.float32(0),
            "shape": np.array(dims, whole),
            "starts": np.zeros(1, whole),
            "ends": np.array([1], whole),
            "nothing": np.zeros(8, whole),
        }
        graph = helper.make_graph(
            nodes,
            "main_graph",
            [helper.make_tensor_value_info("v0", TensorProto.FLOAT, dims)],
            [helper.make_tensor_value_info(f"v{at}", TensorProto.FLOAT, None)],
            [numpy_helper.from_array(np.asarray(array), name) for name, array in arrays.items()],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        path.write_bytes(model.SerializeToString())

    return write


# --- Keras ------------------------------------------------------------------------------------------------------------


def _sequence(class_name: str, **config: Any) -> Callable[[], dict[str, Any]]:
    def made() -> dict[str, Any]:
        first = {"class_name": "InputLayer", "config": {"name": "x", "batch_shape": [None, SIDE, SIDE, SIDE]}}
        n_bytes = len(json.dumps({"class_name": class_name, "config": {"name": "l00000", **config}}))
        n = min(MOST_IMPORTED - 1, 9_500_000 // n_bytes)
        layers = [{"class_name": class_name, "config": {"name": f"l{i}", **config}} for i in range(n)]
        return {"class_name": "Sequential", "config": {"name": "net", "layers": [first, *layers]}}

    return made


def _functional() -> dict[str, Any]:
    layers: list[dict[str, Any]] = [_functional_layer("InputLayer", "v0", [], batch_shape=[None, SIDE, SIDE, SIDE])]
    for i in range(1, 40_000):
        read = [f"v{i - 1}", f"v{max(0, i - 2)}"]
        layers.append(_functional_layer("Add", f"v{i}", read))
    config = {"name": "net", "layers": layers, "input_layers": [["v0", 0, 0]], "output_layers": [["v39999", 0, 0]]}
    return {"class_name": "Functional", "config": config}


def _one_layer_many_times() -> dict[str, Any]:
    entry = _functional_layer("Activation", "act", [], activation="relu")
    entry["inbound_nodes"] = [[["v0", 0, 0, {}]], *([[["act", i, 0, {}]] for i in range(N)])]
    layers = [_functional_layer("InputLayer", "v0", [], batch_shape=[None, SIDE, SIDE, SIDE]), entry]
    config = {"name": "net", "layers": layers, "input_layers": [["v0", 0, 0]], "output_layers": [["act", N, 0]]}
    return {"class_name": "Functional", "config": config}


def _functional_layer(class_name: str, name: str, read: list[str], **config: Any) -> dict[str, Any]:
    nodes = [[[source, 0, 0, {}] for source in read]] if read else []
    return {"class_name": class_name, "name": name, "config": {"name": name, **config}, "inbound_nodes": nodes}


_KERAS: dict[str, Callable[[], dict[str, Any]]] = {
    f"{MOST_IMPORTED:,} Activation": _sequence("Activation", activation="relu"),
    f"{MOST_IMPORTED:,} Conv2D": _sequence("Conv2D", filters=4, kernel_size=[1, 1]),
    f"{MOST_IMPORTED:,} BatchNormalization": _sequence("BatchNormalization"),
    f"{MOST_IMPORTED:,} ZeroPadding2D of nothing": _sequence("ZeroPadding2D", padding=0),
    f"{MOST_IMPORTED:,} Permute": _sequence("Permute", dims=[2, 1, 3]),
    f"{MOST_IMPORTED:,} Reshape": _sequence("Reshape", target_shape=[SIDE, SIDE, SIDE]),
    "40,000 Add": _functional,
    "one layer called 40,000 times": _one_layer_many_times,
}


def _keras(made: Callable[[], dict[str, Any]]) -> Write:
    return lambda path: _save(path, made())


def _tensorflow_js(made: Callable[[], dict[str, Any]]) -> Write:
    def write(path: Path) -> None:
        topology = {"keras_version": "2.15.0", "backend": "tensorflow", "model_config": made()}
        _save(path, {"format": "layers-model", "modelTopology": topology, "weightsManifest": []})

    return write


def _nested(path: Path) -> None:
    model: dict[str, Any] = _sequence("Activation", activation="relu")()
    model["config"]["layers"] = model["config"]["layers"][:1000]
    for i in range(90):
        model = {"class_name": "Sequential", "config": {"name": f"net{i}", "layers": [model]}}
    _save(path, model)


def _manifest(path: Path) -> None:
    entries = [{"name": f"l{i}/kernel", "shape": [0], "dtype": "float32"} for i in range(200_000)]
    (path.parent / "w.bin").write_bytes(b"")
    topology = {"keras_version": "2.15.0", "backend": "tensorflow", "model_config": _functional()}
    groups = [{"paths": ["w.bin"], "weights": entries}]
    _save(path, {"format": "layers-model", "modelTopology": topology, "weightsManifest": groups})


def _save(path: Path, raw: object) -> None:
    path.write_text(json.dumps(raw))


# --- Caffe ------------------------------------------------------------------------------------------------------------

_NETWORKS: dict[str, Callable[[int], str]] = {
    f"{MOST_IMPORTED:,} ReLU in place": lambda i: _caffe(i, "ReLU", 'bottom: "x" top: "x"'),
    f"{MOST_IMPORTED:,} ReLU": lambda i: _caffe(i, "ReLU", f'bottom: "{_blob(i)}" top: "v{i}"'),
    f"{MOST_IMPORTED:,} Convolution": lambda i: _caffe(
        i, "Convolution", f'bottom: "{_blob(i)}" top: "v{i}" convolution_param {{ num_output: 4 kernel_size: 1 }}'
    ),
    f"{MOST_IMPORTED:,} BatchNorm, Scale": lambda i: _caffe(
        i, ("BatchNorm", "Scale")[i % 2], f'bottom: "{_blob(i)}" top: "v{i}"'
    ),
    f"{MOST_IMPORTED:,} BatchNorm in place": lambda i: _caffe(i, "BatchNorm", 'bottom: "x" top: "x"'),
    f"{MOST_IMPORTED:,} Eltwise of the last two": lambda i: _caffe(
        i, "Eltwise", f'bottom: "{_blob(i)}" bottom: "{_blob(max(0, i - 1))}" top: "v{i}"'
    ),
    f"{MOST_IMPORTED:,} Split": lambda i: _caffe(i, "Split", f'bottom: "{_blob(i)}" top: "v{i}" top: "u{i}"'),
    f"{MOST_IMPORTED:,} losses": lambda i: _caffe(i, "SoftmaxWithLoss", 'bottom: "x" top: "loss"'),
    f"{MOST_IMPORTED:,} inputs": lambda i: (
        ("" if i else _caffe(0, "ReLU", 'bottom: "x" top: "x"'))
        + f'input: "v{i}" input_dim: 1 input_dim: 4 input_dim: 4 input_dim: 4\n'
    ),
    "10 MB of bottoms of one layer": lambda i: ("" if i else _caffe(0, "Concat", 'top: "y"')[:-3]) + ' bottom: "x"',
}


def _blob(i: int) -> str:
    return f"v{i - 1}" if i else "x"


def _caffe(i: int, kind: str, said: str) -> str:
    return f'layer {{ name: "l{i}" type: "{kind}" {said} }}\n'


def _prototxt(line: Callable[[int], str]) -> Write:
    def write(path: Path) -> None:
        parts = ['input: "x" input_dim: 1 input_dim: 4 input_dim: 4 input_dim: 4\n']
        length, i, is_one = 0, 0, not line(1).endswith("\n")
        while length < 10_000_000 and (is_one or i < MOST_IMPORTED):
            parts.append(line(i))
            length += len(parts[-1])
            i += 1
        path.write_text("".join(parts) + (" }\n" if is_one else ""))

    return write


# --- safetensors ------------------------------------------------------------------------------------------------------


def _header(n_bytes: int) -> Write:
    def write(path: Path) -> None:
        entry = '"%07d":{"dtype":"F32","shape":[],"data_offsets":[%d,%d]}'
        n = n_bytes // (len(entry) + 15)
        header = ("{" + ",".join(entry % (i, 4 * i, 4 * i + 4) for i in range(n)) + "}").encode()
        with path.open("wb") as file:
            file.write(struct.pack("<Q", len(header)) + header)
            file.truncate(8 + len(header) + 4 * n)

    return write


def _empty_lists(path: Path) -> None:
    header = b'{"a":[' + b"[]," * ((LARGEST_HEADER - 100) // 3) + b"[]]}"
    path.write_bytes(struct.pack("<Q", len(header)) + header)


def _empty_mappings(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("net/models/model.json", '{"a":[' + "{}," * ((LARGEST_JSON - 100) // 3) + "{}]}")


# --- Measuring --------------------------------------------------------------------------------------------------------


def measure(path: Path) -> str:
    """Import a model: seconds, peak memory in MiB, and how it ended."""
    began = process_time()
    try:
        if path.suffix == ".safetensors":
            with open_safetensors(path) as stored:
                ended = f"{len(stored):,} arrays"
        else:
            ended = f"{len(read_model(path).document.graph.layers):,} layers"
    except ConvographError as error:
        ended = str(error).replace(str(path), path.name)
    seconds, peak = process_time() - began, _peak_mebibytes()
    return f"{seconds:8.2f}{peak:8.0f}  {ended[:110]}"


def _peak_mebibytes() -> float:
    """Return the peak of this process alone; getrusage counts in what it was forked from."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def main(*wanted: str) -> None:
    """Measure every model; those whose title has one of some words, if any are given."""
    print(f"{'model':<62}{'MB':>6}{'s':>8}{'MiB':>8}  ended", flush=True)
    for title, name, write in models():
        if wanted and not any(word in title for word in wanted):
            continue
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, name)
            write(path)
            run = [sys.executable, "-m", "tests.benchmarks.hostile_imports", "--measure", str(path)]
            try:
                done = subprocess.run(run, text=True, capture_output=True, check=False, timeout=120)
                lines = [*done.stdout.splitlines(), *done.stderr.splitlines()[-1:], f"  killed: {done.returncode}"]
            except subprocess.TimeoutExpired:
                lines = ["  > 120 s"]
            print(f"{title:<62}{path.stat().st_size / 1e6:6.1f}{lines[0]}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
        resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
        print(measure(Path(sys.argv[2])))
    else:
        main(*sys.argv[1:])
