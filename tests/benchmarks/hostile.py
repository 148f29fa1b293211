"""How long the check of hostile documents takes, each in a process of its own (goals: ≤ 5 s, ≤ 1 GiB up to 10 MB)."""

import json
import random
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from time import process_time
from typing import Any

from core.analysis.check import check
from core.errors import DocumentError
from core.io.documents import loads

Entry = dict[str, Any]

LARGEST_BYTES = 10_000_000


def entry(id: str, kind: str, *inputs: str, **config: Any) -> Entry:
    """Write a layer as a file has it."""
    written: Entry = {"id": id, "kind": kind}
    written |= {"inputs": list(inputs)} if inputs else {}
    return written | ({"config": config} if config else {})


def text(layers: list[Any], **parts: Any) -> str:
    """Write a document."""
    return json.dumps({"format": "convograph", "version": 1, "layers": layers} | parts, separators=(",", ":"))


def chain(n: int, make: Callable[[int, str], Entry], shape: tuple[int, ...] = (8, 8, 4)) -> list[Entry]:
    """Draw an Input and n layers, each fed by the one before."""
    layers = [entry("i", "Input", shape=shape)]
    for index in range(n):
        layers.append(make(index, layers[-1]["id"]))
    return layers


def _nested(n: int, repeat: int) -> dict[str, Any]:
    blocks: dict[str, Any] = {"b0": {"inputs": ["x"], "layers": [entry("r", "ReLU", "x")], "outputs": ["r"]}}
    for index in range(1, n):
        use = entry("u", "Block", "x", block=f"b{index - 1}", repeat=repeat)
        blocks[f"b{index}"] = {"inputs": ["x"], "layers": [use], "outputs": ["u"]}
    return blocks


def _repeated_key(n: int) -> str:
    keys = ",".join('"a":0' for _ in range(n))
    return '{"format":"convograph","version":1,"layers":[],"layout":{' + keys + "}}"


def _random_settings(seed: int) -> str:
    draw = random.Random(seed)

    def make(index: int, before: str) -> Entry:
        kind = draw.choice(["Conv2D", "MaxPool2D", "AvgPool2D", "GroupNorm", "Concat", "Add", "Reshape"])
        large = draw.randrange(1, 65_537)
        config: dict[str, Any] = {
            "Conv2D": {"filters": large, "kernel_size": draw.randrange(1, 65_537), "stride": 1 + index % 4096},
            "MaxPool2D": {"pool_size": draw.randrange(1, 65_537), "stride": large},
            "AvgPool2D": {"pool_size": draw.randrange(1, 9), "stride": large},
            "GroupNorm": {"groups": large},
            "Reshape": {"shape": [large, index + 1, 3]},
        }.get(kind, {})
        return entry(f"n{index}", kind, *(["i", before] if kind in ("Concat", "Add") else ["i"]), **config)

    return text(chain(60_000, make, (60_013, 60_017, 65_521)))


def documents() -> Iterator[tuple[str, Callable[[], str]]]:
    """Yield what is hostile about each document, and how to write it."""
    block = {"b": {"inputs": ["x"], "layers": [entry("r", "ReLU", "x")], "outputs": ["r"]}}
    same = {"filters": 4, "padding": "same"}
    for size in (8001, 65_535):
        yield (
            f"a same-padded convolution of {size:,} after another",
            lambda size=size: text(
                chain(2, lambda n, at: entry(f"c{n}", "Conv2D", at, kernel_size=(3, size)[n], **same))
            ),
        )
    yield (
        "5,000 same-padded convolutions of 65,535",
        lambda: text(
            chain(5000, lambda n, at: entry(f"c{n}", "Conv2D", at, kernel_size=65_535 - 2 * (n % 999), **same))
        ),
    )
    for n in (600_000, 3_000_000):
        yield (
            f"an id of {n:,} letters in a block repeated 1,000 times",
            lambda n=n: text(
                [entry("i", "Input", shape=[8]), entry("u", "Block", "i", block="b", repeat=1000)],
                blocks={"b": {"inputs": ["x"], "layers": [entry("r" * n, "ReLU", "x")], "outputs": ["r" * n]}},
            ),
        )
    yield (
        "a use of 600,000 letters, of a block repeated 1,000 times",
        lambda: text(
            [entry("i", "Input", shape=[8]), entry("u" * 600_000, "Block", "i", block="b", repeat=1000)], blocks=block
        ),
    )
    yield (
        "ids of 9,000 letters in a block repeated 100 times",
        lambda: text(
            [entry("i", "Input", shape=[8]), entry("u", "Block", "i", block="b", repeat=100)],
            blocks={
                "b": {
                    "inputs": ["x"],
                    "layers": [entry("r" * 9000 + str(n), "ReLU", "x") for n in range(900)],
                    "outputs": ["r" * 9000 + "0"],
                }
            },
        ),
    )
    yield (
        "50,000 uses of a block",
        lambda: text(chain(50_000, lambda n, at: entry(f"u{n}", "Block", at, block="b")), blocks=block),
    )
    yield (
        "50,000 broken uses of a block",
        lambda: text(chain(50_000, lambda n, at: entry(f"u{n}", "Block", at, block=f"c{n}")), blocks=block),
    )
    yield (
        "a block that unfolds to 100,000 layers",
        lambda: text(
            [
                entry("i", "Input", shape=[8]),
                *(entry(f"u{n}", "Block", f"u{n - 1}" if n else "i", block="b", repeat=1000) for n in range(99)),
            ],
            blocks=block,
        ),
    )
    yield (
        "70,000 blocks one inside the other, each twice",
        lambda: text(
            [entry("i", "Input", shape=[8]), entry("u", "Block", "i", block="b69999", repeat=2)],
            blocks=_nested(70_000, 1000),
        ),
    )
    yield (
        "32 blocks one inside the other, each 1,000 times",
        lambda: text(
            [entry("i", "Input", shape=[8]), entry("u", "Block", "i", block="b31", repeat=1000)],
            blocks=_nested(32, 1000),
        ),
    )
    yield (
        "30,000 uses of the innermost of 30 blocks",
        lambda: text(chain(30_000, lambda n, at: entry(f"u{n}", "Block", at, block="b29")), blocks=_nested(30, 1)),
    )
    yield "one key 1.5 million times", lambda: _repeated_key(1_500_000)
    yield (
        "1,000 unknown settings in one layer",
        lambda: text(chain(1, lambda n, at: entry("r", "ReLU", at, **{f"k{k}": k for k in range(1000)}))),
    )
    yield (
        "700,000 unknown settings in one layer",
        lambda: text(chain(1, lambda n, at: entry("r", "ReLU", at, **{f"k{k}": k for k in range(600_000)}))),
    )
    yield (
        "an unknown setting in each of 100,000 layers",
        lambda: text(chain(99_999, lambda n, at: entry(f"r{n}", "ReLU", at, filtres=n))),
    )
    yield "100,000 unknown kinds", lambda: text(chain(99_999, lambda n, at: entry(f"r{n}", f"Konv{n}", at)))
    yield "100,000 misspelt kinds", lambda: text(chain(99_999, lambda n, at: entry(f"r{n}", "Conv3D", at)))
    yield "100,000 layers without a kind", lambda: text([{"id": f"r{n}"} for n in range(100_000)])
    yield "100,000 layers of one id", lambda: text([entry("r", "ReLU", "r") for _ in range(100_000)])
    yield (
        "100,000 layers with an id that is no name",
        lambda: text(chain(99_999, lambda n, at: entry(f"{n}!", "ReLU", at))),
    )
    yield "100,000 that are no layers", lambda: text([[n] for n in range(100_000)])
    yield "100,000 good layers", lambda: text(chain(99_999, lambda n, at: entry(f"r{n}", "ReLU", at)))
    yield (
        "50,000 convolutions, all different",
        lambda: text(
            chain(
                50_000,
                lambda n, at: entry(f"r{n}", "Conv2D", at, filters=n + 1, kernel_size=1 + n % 7, padding="same"),
            )
        ),
    )
    yield "60,000 layers with random large settings", lambda: _random_settings(0)
    yield "100,000 layers without inputs", lambda: text([entry(f"r{n}", "ReLU") for n in range(100_000)])
    yield "100,000 dangling inputs", lambda: text([entry(f"r{n}", "ReLU", f"s{n}") for n in range(100_000)])
    yield (
        "100,000 merges of other shapes",
        lambda: text(
            [
                *chain(90_000, lambda n, at: entry(f"a{n}", "Add", "i", *(["i", "s"] if n else ["i"]))),
                entry("s", "Input", shape=[9, 9, 4]),
            ]
        ),
    )
    yield (
        "100,000 wires into one Concat",
        lambda: text([entry("i", "Input", shape=[8]), entry("c", "Concat", *["i"] * 1_000_000)]),
    )
    yield "1,000,000 dangling wires into one Concat", lambda: text([entry("c", "Concat", *map(str, range(1_000_000)))])
    yield (
        "90,000 Softmaxes between dense layers",
        lambda: text(
            chain(
                90_000,
                lambda n, at: entry(f"n{n}", *(("Dense", at), ("Softmax", at))[n % 2], **({"units": 4}, {})[n % 2]),
                (4,),
            )
        ),
    )
    yield (
        "50,000 dead ends beside an output",
        lambda: text(chain(50_000, lambda n, at: entry(f"n{n}", "ReLU", "i" if n % 2 else at)), outputs=["n1"]),
    )
    yield (
        "a circle of 100,000 layers",
        lambda: text([entry(f"r{n}", "ReLU", f"r{(n + 1) % 100_000}") for n in range(100_000)]),
    )
    yield "50,000 circles of two layers", lambda: text([entry(f"r{n}", "ReLU", f"r{n ^ 1}") for n in range(100_000)])
    yield (
        "1,000,000 unknown outputs",
        lambda: text([entry("i", "Input", shape=[8])], outputs=list(map(str, range(1_000_000)))),
    )
    yield "1,000,000 refused positions", lambda: text([], layout={"positions": {str(n): n for n in range(600_000)}})
    yield "1,000,000 frames", lambda: text([], layout={"frames": list(range(1_000_000))})
    yield "1,000,000 unknown keys", lambda: text([], **{f"k{n}": n for n in range(600_000)})
    yield "1,000,000 unknown training settings", lambda: text([], training={f"k{n}": n for n in range(600_000)})
    yield (
        "1,000,000 unknown optimiser settings",
        lambda: text([], training={"optimizer": {"kind": "Adam"} | {f"k{n}": n for n in range(600_000)}}),
    )
    yield "100,000 blocks that are none", lambda: text([], blocks={f"k{n}": n for n in range(600_000)})
    yield "a kind of 9 million letters", lambda: text(chain(1, lambda n, at: entry("r", "K" * 9_000_000, at)))
    yield (
        "a setting of 9 million letters",
        lambda: text(chain(1, lambda n, at: entry("r", "ReLU", at, **{"K" * 9_000_000: 1}))),
    )
    yield (
        "a value of 9 million letters",
        lambda: text(chain(1, lambda n, at: entry("r", "Dense", at, units="K" * 9_000_000))),
    )
    yield (
        "an id of 9 million letters",
        lambda: text(chain(1, lambda n, at: entry("r" * 9_000_000, "Dense", at, units=4))),
    )
    yield (
        "an id of 3 million letters, none of which a name may have",
        lambda: text(chain(1, lambda n, at: entry("!" * 3_000_000, "Dense", at, units=4))),
    )
    yield (
        "3 million combining accents",
        lambda: json.dumps(
            json.loads(
                text(
                    chain(
                        1,
                        lambda n, at: entry(
                            "e" + "\N{COMBINING ACUTE ACCENT}\N{COMBINING CEDILLA}" * 1_000_000, "Dense", at, units=4
                        ),
                    )
                )
            ),
            ensure_ascii=False,
        ),
    )
    yield "3 million brackets", lambda: '{"format":"convograph","version":1,"layers":[' + "[" * 3_000_000
    yield (
        "settings nested 90 deep, 40,000 times",
        lambda: text(
            chain(40_000, lambda n, at: entry(f"r{n}", "Dense", at)),
            junk=[json.loads("[" * 80 + "]" * 80) for _ in range(50_000)],
        ),
    )
    yield (
        "a refused list of 3 million numbers",
        lambda: text(chain(1, lambda n, at: entry("r", "Dense", at, units=[0] * 3_000_000))),
    )


def measure(document: str) -> tuple[float, float, int]:
    """Check a document from standard input: seconds, peak memory in MiB, problems."""
    began = process_time()
    try:
        problems = len(check(loads(document.encode())).problems)
    except DocumentError:
        problems = -1
    seconds = process_time() - began
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, problems


def main(*wanted: str) -> None:
    """Measure every document; those whose title has one of some words, if any are given."""
    print(f"{'document':<62}{'MB':>6}{'s':>8}{'MiB':>8}{'problems':>10}", flush=True)
    for title, write in documents():
        if wanted and not any(word in title for word in wanted):
            continue
        document = write()
        run = [sys.executable, "-m", "tests.benchmarks.hostile", "--measure"]
        try:
            done = subprocess.run(run, input=document, text=True, capture_output=True, check=False, timeout=300)
            figures = done.stdout.split() or [
                done.stderr.strip().splitlines()[-1] if done.stderr else f"killed {done.returncode}"
            ]
        except subprocess.TimeoutExpired:
            figures = [">300"]
        if len(figures) == 3:
            seconds, mebibytes, problems = map(float, figures)
            result = f"{seconds:8.2f}{mebibytes:8.0f}{problems:10,.0f}"
        else:
            result = f"  {figures[0]}"
        print(f"{title:<62}{len(document) / 1e6:6.1f}{result}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
        resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
        print(*measure(sys.stdin.read()))
    else:
        main(*sys.argv[1:])
