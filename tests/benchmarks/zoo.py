"""How fast the shipped networks open and are checked, in milliseconds."""

import gc
import statistics
import time

from core.analysis.check import check
from core.graph.edits import set_config
from core.io.documents import loads
from core.io.templates import load_template, template_names, template_path

ROUNDS = 15
LARGEST = "resnet152"


def milliseconds(work):
    """Return the median over some rounds; facts cached by an earlier round stay, as they do in the window."""
    times = []
    for _ in range(ROUNDS):
        gc.collect()
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times)


def edit_times(document, config):
    """Check one edit of each kind of place: a layer before all others, and in every block's first copy."""
    report = check(document)
    changed = [id for id, layer in report.layers.items() if "bias" in layer.layer.spec.settings() and "/1/" in id]
    times = []
    for id in ["conv1", *changed]:
        edited = set_config(document, id, config)
        gc.collect()
        start = time.perf_counter()
        check(edited, report)
        times.append((time.perf_counter() - start) * 1e3)
    return times


def main():
    documents = [load_template(name) for name in template_names()]
    start = time.perf_counter()
    for document in documents:
        check(document)
    first = (time.perf_counter() - start) * 1e3
    text = template_path(LARGEST).read_bytes()
    largest = loads(text)
    report = check(largest)
    print(f"{'the whole zoo (' + str(len(documents)) + '), checked for the first time':<66} {first:8.1f} ms")
    for title, work in (
        ("the whole zoo, checked again", lambda: [check(document) for document in documents]),
        (f"{LARGEST} opened", lambda: loads(text)),
        (f"{LARGEST} checked without an earlier report", lambda: check(largest)),
        (f"{LARGEST} checked after none", lambda: check(largest, report)),
    ):
        print(f"{title:<66} {milliseconds(work):8.1f} ms")
    for title, config in (("filters", {"filters": 96}), ("bias, which advice speaks of", {"bias": True})):
        edits = edit_times(largest, config)
        print(f"{LARGEST + ' checked after an edit of ' + title + ', median':<66} {statistics.median(edits):8.1f} ms")
        print(f"{'':<58} worst   {max(edits):8.1f} ms")


if __name__ == "__main__":
    main()
