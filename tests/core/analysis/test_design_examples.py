"""`check --json` prints what the design document fixes, literally."""

import json
from dataclasses import replace

from core.analysis.check import check
from core.commands.check import report_as_json
from tests.drawing import chain, document, layer


def as_printed(drawn, name):
    return json.loads(json.dumps(report_as_json(check(replace(drawn, name=name)))))


def test_the_valid_example():
    drawn = document(
        layer("input", "Input", shape=(28, 28, 1)),
        layer("conv1", "Conv2D", "input", filters=6, kernel_size=5, padding=2),
        layer("flat", "Flatten", "conv1"),
        layer("fc", "Dense", "flat", units=10),
    )
    assert as_printed(drawn, "tiny") == {
        "valid": True,
        "name": "tiny",
        "totals": {
            "layers": 4,
            "parameters": 47206,
            "trainable_parameters": 47206,
            "macs": 164640,
            "activation_values": 9418,
            "activation_bytes": 37672,
            "parameter_bytes": 188824,
        },
        "layers": [
            {
                "id": "input",
                "kind": "Input",
                "inputs": [],
                "output_shape": [28, 28, 1],
                "parameters": 0,
                "macs": 0,
                "receptive_field": [1, 1],
                "jump": [1, 1],
                "explanation": [],
            },
            {
                "id": "conv1",
                "kind": "Conv2D",
                "inputs": ["input"],
                "output_shape": [28, 28, 6],
                "parameters": 156,
                "macs": 117600,
                "receptive_field": [5, 5],
                "jump": [1, 1],
                "explanation": ["(28 − 5 + 2·2)/1 + 1 = 28", "(5·5·1 + 1)·6 = 156"],
            },
            {
                "id": "flat",
                "kind": "Flatten",
                "inputs": ["conv1"],
                "output_shape": [4704],
                "parameters": 0,
                "macs": 0,
                "receptive_field": None,
                "jump": None,
                "explanation": ["28·28·6 = 4,704"],
            },
            {
                "id": "fc",
                "kind": "Dense",
                "inputs": ["flat"],
                "output_shape": [10],
                "parameters": 47050,
                "macs": 47040,
                "receptive_field": None,
                "jump": None,
                "explanation": ["(4,704 + 1)·10 = 47,050"],
            },
        ],
        "problems": [],
    }


def test_the_broken_example():
    drawn = document(
        layer("input", "Input", shape=(7, 7, 1)),
        layer("conv1", "Conv2D", "input", filters=1, kernel_size=3, stride=3),
    )
    assert as_printed(drawn, "course") == {
        "valid": False,
        "name": "course",
        "totals": {
            "layers": 2,
            "parameters": None,
            "trainable_parameters": None,
            "macs": None,
            "activation_values": None,
            "activation_bytes": None,
            "parameter_bytes": None,
        },
        "layers": [
            {
                "id": "input",
                "kind": "Input",
                "inputs": [],
                "output_shape": [7, 7, 1],
                "parameters": 0,
                "macs": 0,
                "receptive_field": [1, 1],
                "jump": [1, 1],
                "explanation": [],
            },
            {
                "id": "conv1",
                "kind": "Conv2D",
                "inputs": ["input"],
                "output_shape": None,
                "parameters": 10,
                "macs": None,
                "receptive_field": None,
                "jump": None,
                "explanation": [],
            },
        ],
        "problems": [
            {
                "code": "SHAPE-FIT",
                "severity": "error",
                "layer": "conv1",
                "field": "stride",
                "path": "$.layers[1].config.stride",
                "what": "conv1: a 3×3 filter does not fit a 7×7 input with stride 3.",
                "why": "(7 − 3)/3 + 1 = 2.33 is not a whole number.",
                "fixes": [
                    {"label": "Use stride 2", "edits": [{"op": "set", "layer": "conv1", "config": {"stride": 2}}]},
                    {"label": "Use padding 1", "edits": [{"op": "set", "layer": "conv1", "config": {"padding": 1}}]},
                    {
                        "label": "Round down",
                        "edits": [{"op": "set", "layer": "conv1", "config": {"rounding": "floor"}}],
                    },
                ],
            }
        ],
    }


def test_keys_stand_in_the_order_of_the_examples():
    printed = json.dumps(
        report_as_json(check(chain((7, 7, 1), ("Conv2D", {"filters": 1, "kernel_size": 3, "stride": 3}))))
    )
    keys = [*json.loads(printed)]
    assert keys == ["valid", "name", "totals", "layers", "problems"]
    assert [*json.loads(printed)["problems"][0]] == [
        "code",
        "severity",
        "layer",
        "field",
        "path",
        "what",
        "why",
        "fixes",
    ]
