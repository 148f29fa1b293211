"""Every benchmark, one table each. Figures are compared within one run: machines and their load differ."""

from core.bench.command import bench
from tests.benchmarks import canvas as canvas_benchmark
from tests.benchmarks import check, data, histograms, hostile, hostile_imports, inside, window, zoo

TABLES = (
    ("The check, 1000 different layers (goals: one edit p95 ≤ 5 ms, 1000 undo steps ≤ 25 MB)", check.main),
    (
        "The zoo (goals: all checked in ≤ 300 ms; ResNet-152 opened ≤ 12, checked ≤ 8, one edit ≤ 1.5 ms, p95 ≤ 3 ms)",
        zoo.main,
    ),
    (
        "The check of hostile documents of up to 10 MB, each in a process of its own (goals: ≤ 5 s, ≤ 1 GiB)",
        hostile.main,
    ),
    (
        "Imports of hostile models, each in a process of its own (goals: ≤ 10 s, ≤ 1 GiB)",
        hostile_imports.main,
    ),
    ("Data sets, each opened in a process of its own", data.main),
    ("A training step, and one image through a classic", lambda: print(bench((), seconds=0.5).text)),
    ("A training step while histograms are shown (goal: less than 1.1 times as long)", histograms.main),
    ("A look inside (goal: cell to frames and arithmetic ≤ 16 ms for LeNet-5)", inside.main),
    ("The canvas", canvas_benchmark.main),
    (
        "The window while LeNet-5 trains and views follow, in three workspaces: lateness of a 10 ms timer",
        window.main,
    ),
)

for title, main in TABLES:
    print(f"\n## {title}\n", flush=True)
    main()
