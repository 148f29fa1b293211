"""How fast data sets open: a folder of 10,000 JPEGs, and 60,000 images of 28×28 in IDX files."""

import io
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np
from PIL import Image

from core.io.datasets import load_dataset
from core.io.datasets.pictures import PictureFolder
from tests.core.datasets.making import idx_bytes
from tests.core.datasets.picture_making import noise, stored

N_PICTURES, N_CLASSES, N_DIGITS = 10_000, 10, 60_000
SHAPE = (32, 32, 3)


def write_pictures(root: Path) -> None:
    """Write JPEGs of 128×96 pixels, 4 kB each, into a folder for each class."""
    different = [stored(noise(12, 16, seed=seed).resize((128, 96)), "JPEG", quality=85) for seed in range(100)]
    for kind in range(N_CLASSES):
        folder = root / f"class {kind}"
        folder.mkdir(parents=True)
        for number in range(N_PICTURES // N_CLASSES):
            (folder / f"{number}.jpg").write_bytes(different[number % len(different)])


def write_digits(root: Path) -> None:
    """Write a pair of IDX files."""
    root.mkdir()
    pixels = np.random.default_rng(0).integers(0, 256, (N_DIGITS, 28, 28), np.uint8)
    (root / "train-images-idx3-ubyte").write_bytes(idx_bytes(pixels))
    (root / "train-labels-idx1-ubyte").write_bytes(idx_bytes((np.arange(N_DIGITS) % 10).astype(np.uint8)))


def pillow_alone(root: Path) -> float:
    """Return the seconds that Pillow takes to open, decode and resize the same pictures, as most people write it."""
    start = perf_counter()
    for path in root.rglob("*.jpg"):
        with Image.open(io.BytesIO(path.read_bytes())) as image:
            np.asarray(image.convert("RGB").resize(SHAPE[:2], Image.Resampling.BILINEAR))
    return perf_counter() - start


def peak_mib() -> float:
    """Return the most memory that this process has held, in MiB."""
    status = Path("/proc/self/status")  # getrusage counts what the process that started it held
    if status.exists():
        (peak,) = (line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
        return int(peak.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def line(title: str, value: float, unit: str) -> None:
    """Print a figure."""
    print(f"{title:<66} {value:8.2f} {unit}")


def pictures(root: Path) -> None:
    """Measure a folder of pictures, in a process that has done nothing else."""
    before, start = peak_mib(), perf_counter()
    with PictureFolder(root) as folder:
        line(f"{len(folder):,} JPEGs of 128×96 listed (goal: ≤ 0.3 s)", perf_counter() - start, "s")
        reading = folder.read(SHAPE)
        next(reading)
        line("their first pictures, from nothing (goal: ≤ 0.5 s)", perf_counter() - start, "s")
        *_, last = reading
        whole = perf_counter() - start
        held = last.dataset.images.nbytes / 2**20
        line("all of them, brought to 32×32×3", whole, "s")
        line("as a ratio of Pillow in a plain loop (smaller is better)", whole / pillow_alone(root), "")
        line(f"memory taken for it, of which {held:.0f} MiB are its pixels", peak_mib() - before, "MiB")


def digits(root: Path) -> None:
    """Measure a pair of IDX files."""
    before, start = peak_mib(), perf_counter()
    dataset = load_dataset(str(root))
    line(f"{len(dataset):,} images of 28×28 opened from IDX files (goal: ≤ 0.5 s)", perf_counter() - start, "s")
    line(
        f"memory taken for it, of which {dataset.images.nbytes / 2**20:.0f} MiB are its pixels",
        peak_mib() - before,
        "MiB",
    )


CASES = {"pictures": (write_pictures, pictures), "digits": (write_digits, digits)}


def main() -> None:
    """Measure each in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="convograph-bench-") as folder:
        for name, (write, _) in CASES.items():
            root = Path(folder, name)
            write(root)
            subprocess.run([sys.executable, "-m", "tests.benchmarks.data", name, str(root)], check=True)


if __name__ == "__main__":
    _, measured = CASES[sys.argv[1]]
    measured(Path(sys.argv[2]))
