"""How fast a network of 1000 different layers is checked: from nothing, after one edit, and after the Input's shape."""

import gc
import tracemalloc
from collections.abc import Callable
from itertools import count
from time import perf_counter

import numpy as np

from core.analysis.check import check
from core.analysis.report import Report
from core.graph.edits import move_layers, set_config
from core.graph.history import History
from core.graph.values import Document
from core.io.documents import loads
from core.io.writing import document_text
from tests.drawing import document, layer

N_PAIRS = 500
ROUNDS = 60


def thousand_layers(size: int = 3, n_pairs: int = N_PAIRS) -> Document:
    """Draw 500 convolutions, hardly two alike, each with a ReLU; of filters of 5×5 there is much to advise."""
    layers = [layer("input", "Input", shape=(64, 64, 3))]
    for n in range(n_pairs):
        config = {"filters": n % 97 + 2, "kernel_size": size, "padding": "same", "dilation": 1 + n % 2}
        layers.append(layer(f"conv{n}", "Conv2D", layers[-1].id, **config))
        layers.append(layer(f"relu{n}", "ReLU", layers[-1].id))
    return document(*layers)


def timed(edit: Callable[[Document], Document], drawn: Document, report: Report) -> list[float]:
    """Time the check after each of some edits, in ms."""
    times = []
    for _ in range(ROUNDS):
        drawn = edit(drawn)
        began = perf_counter()
        report = check(drawn, report)
        times.append((perf_counter() - began) * 1e3)
    return times


def history_megabytes() -> float:
    """Measure what 1000 undo steps on 1000 layers take; facts that the check remembers are not among it."""
    history = History(thousand_layers())
    rng = np.random.default_rng(0)
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for step in range(1000):
        id = f"conv{rng.integers(N_PAIRS)}"
        history.record(f"set filters of {id}", set_config(history.document, id, {"filters": step + 2}))
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (after - before) / 1e6


def main() -> None:
    rng = np.random.default_rng(0)
    text = document_text(thousand_layers())
    began = perf_counter()
    drawn = loads(text)
    opened = perf_counter()
    report = check(drawn)
    checked = perf_counter()
    advised = thousand_layers(size=5)
    advised_report = check(advised)
    gc.collect()
    gc.freeze()
    gc.disable()  # as in the window, which collects from a timer and not in the middle of an edit
    sides = count(65)

    def conv() -> str:
        return f"conv{rng.integers(N_PAIRS)}"

    def filters(drawn: Document) -> Document:
        return set_config(drawn, conv(), {"filters": int(rng.integers(2, 500))})

    def dilation(drawn: Document) -> Document:
        return set_config(drawn, conv(), {"dilation": int(rng.integers(1, 9))})

    def shape(drawn: Document) -> Document:
        return set_config(drawn, "input", {"shape": [next(sides), 64, 3]})

    def fit_or_not(drawn: Document) -> Document:
        fits = drawn.graph.layers[501].config.get("stride") is None
        return set_config(drawn, "conv250", {"padding": 0, "stride": 7} if fits else {"padding": "same", "stride": 1})

    def move(drawn: Document) -> Document:
        return move_layers(drawn, {conv(): (float(rng.integers(1000)), 0.0)})

    print(f"opening  {(opened - began) * 1e3:7.1f} ms")
    print(f"cold     {(checked - opened) * 1e3:7.1f} ms\n")
    print(f"{'after one edit of':<36}{'p50':>10}{'p95':>10}{'max':>10}")

    def row(name: str, times: list[float]) -> None:
        p50, p95 = np.percentile(times, [50, 95])
        print(f"{name:<36}{p50:>7.2f} ms{p95:>7.2f} ms{max(times):>7.2f} ms")

    row("a position", timed(move, drawn, report))
    row("filters", timed(filters, drawn, report))
    row("dilation, seen by all behind it", timed(dilation, drawn, report))
    row("the Input's shape", timed(shape, drawn, report))
    row("a stride, so that it fits or not", timed(fit_or_not, drawn, report))
    n_advised = sum(problem.severity == "advice" for problem in advised_report.problems)
    row(f"filters, beside {n_advised} pieces of advice", timed(filters, advised, advised_report))
    print(f"\n1000 undo steps take {history_megabytes():.1f} MB")


if __name__ == "__main__":
    main()
