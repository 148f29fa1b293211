"""What docs/scale.md says was measured: documents of 10,000 layers, a million pictures, several processes."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np

from core.analysis.check import check
from core.graph.edits import set_config, set_training
from core.io.datasets.pictures import PictureFolder
from core.io.documents import loads, save
from core.io.templates import load_template
from core.io.writing import document_text
from tests.benchmarks.check import thousand_layers
from tests.benchmarks.data import line, peak_mib
from tests.core.datasets.picture_making import noise, stored

N_PAIRS, ROUNDS = 5000, 30
SHAPE, N_CLASSES, BATCH = (32, 32, 3), 10, 128
N_DIFFERENT = 1000
MANY = (60_000, 1_000_000)
NETWORK = "resnet20_cifar"
N_TRAINED = 1280
EPOCHS = 2
WAYS = {
    "NumPy engine, 1 process": (0, "--replicas", "1"),
    "NumPy engine, 2 replicas": (0, "--replicas", "2"),
    "PyTorch, 1 process": (1, "--engine", "torch"),
    "PyTorch, 2 processes": (2, "--engine", "torch"),
    "PyTorch, 4 processes": (4, "--engine", "torch"),
}
"""How many processes torchrun starts, 0 without it, and the options of `convograph train`."""


def documents() -> None:
    """Measure a document of 10,000 layers, hardly two of its convolutions alike."""
    text = document_text(thousand_layers(n_pairs=N_PAIRS))
    start = perf_counter()
    drawn = loads(text)
    line(f"a document of {2 * N_PAIRS + 1:,} layers, {len(text) / 2**20:.1f} MiB, opened", perf_counter() - start, "s")
    start = perf_counter()
    report = check(drawn)
    line("checked from nothing", perf_counter() - start, "s")
    times = []
    for n in range(ROUNDS):
        drawn = set_config(drawn, f"conv{N_PAIRS // 2}", {"filters": 3 + n})
        start = perf_counter()
        report = check(drawn, report)
        times.append(perf_counter() - start)
    line("checked after one edit in its middle, median", 1e3 * median(times), "ms")
    start = perf_counter()
    document_text(drawn)
    line("written", perf_counter() - start, "s")
    line("memory that the process took at most, Python and NumPy with it", peak_mib(), "MiB")


def write_pictures(root: Path, n: int) -> None:
    """Make a folder of JPEGs of 64×48 pixels, of which a thousand differ; the others are links to these."""
    sources = root / "different"
    sources.mkdir(parents=True)
    paths = [sources / f"{number}.jpg" for number in range(N_DIFFERENT)]
    for number, path in enumerate(paths):
        path.write_bytes(stored(noise(16, 12, seed=number).resize((64, 48)), "JPEG", quality=85))
    for kind in range(N_CLASSES):
        folder = root / "pictures" / f"class {kind}"
        folder.mkdir(parents=True)
        for number in range(n // N_CLASSES):
            os.link(paths[(number * N_CLASSES + kind) % N_DIFFERENT], folder / f"{number}.jpg")


def pictures(root: Path) -> None:
    """Measure a folder of pictures from its listing to batches, in a process that has done nothing else."""
    before, start = peak_mib(), perf_counter()
    with PictureFolder(root / "pictures") as folder:
        n = len(folder)
        line(f"{n:,} JPEGs of 64×48 listed", perf_counter() - start, "s")
        *_, last = folder.read(SHAPE)
        whole = perf_counter() - start
    line("each decoded once and brought to 32×32×3", whole, "s")
    line("that is", n / whole, "pictures/s")
    line("memory taken, of which pixels", peak_mib() - before, f"MiB ({last.dataset.images.nbytes / 2**20:,.0f})")
    order = np.random.default_rng(0).permutation(n)
    times = []
    for first in range(0, 200 * BATCH, BATCH):
        start = perf_counter()
        last.dataset.pixels(order[first : first + BATCH])
        times.append(perf_counter() - start)
    line(f"{BATCH} of them in any order, as a batch takes them, median", 1e3 * median(times), "ms")


def processes() -> None:
    """Measure the pace of a training, each way in turn and three times; the best of each counts."""
    with tempfile.TemporaryDirectory(prefix="convograph-bench-") as place:
        root = Path(place)
        write_pictures(root, N_TRAINED)
        made = load_template(NETWORK)
        training = {"dataset": str(root / "pictures"), "batch_size": BATCH, "epochs": EPOCHS, "validation_split": 0.0}
        save(set_training(made, training), root / "made.json")
        paces = dict.fromkeys(WAYS, 0.0)
        for _ in range(3):
            for way, (n, *options) in WAYS.items():
                paces[way] = max(paces[way], *pace(root / "made.json", n, options))
        first = paces["PyTorch, 1 process"]
        for way, images in paces.items():
            line(f"{NETWORK}, batches of {BATCH}: {way}, × {images / first:.2f}", images, "pictures/s")


def pace(path: Path, n: int, options: list[str]) -> Iterator[float]:
    """Yield the pictures per second of each epoch but the first, in which everything is made."""
    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(n)] if n else []
    done = subprocess.run(
        [sys.executable, *launch, "main.py", "train", str(path), "--json", *options],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    epochs = [json.loads(said) for said in done.stdout.splitlines() if said.startswith("{")]
    yield from (epoch["images_per_second"] for epoch in epochs[1:])


def main() -> None:
    """Measure each in a process of its own."""
    own = [sys.executable, "-m", "tests.benchmarks.scale"]
    print("load average at the beginning: {:.1f} {:.1f} {:.1f}".format(*os.getloadavg()), flush=True)
    subprocess.run([*own, "documents"], check=True)
    for n in MANY:
        with tempfile.TemporaryDirectory(prefix="convograph-bench-") as root:
            write_pictures(Path(root), n)
            subprocess.run([*own, "pictures", root], check=True)
    subprocess.run([*own, "processes"], check=True)
    print("load average at the end: {:.1f} {:.1f} {:.1f}".format(*os.getloadavg()))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["documents"]:
            documents()
        case ["pictures", root]:
            pictures(Path(root))
        case ["processes"]:
            processes()
        case _:
            main()
