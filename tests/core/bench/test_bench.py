"""The benchmark: one small network measured for real, and what is said of the figures."""

import json
import subprocess
import sys

import pytest

from core.bench import measuring
from core.bench.contender import Contender
from core.bench.figures import BEGIN, END, table, write_into
from core.bench.limits import Limits
from core.bench.load import family, memory_bytes, read
from core.bench.measuring import Figure, Result, measure
from core.bench.networks import CASES
from core.engine.program import compile_program
from core.errors import SaveError

LIMITS = Limits(flops=2e11, bytes=4e10)


def test_every_network_is_without_errors_and_fits_its_purpose():
    for case in CASES.values():
        program = compile_program(case.draw())
        assert len(program.inputs) == len(program.outputs) == 1
        assert LIMITS.seconds(program, case.batch, case.trains) > 0


def test_the_limit_is_sums_or_memory_whichever_takes_longer():
    program = compile_program(CASES["mlp"].draw())
    many_sums, much_memory = Limits(1e6, 1e15), Limits(1e15, 1e6)
    macs = 64 * 100 + 100 * 10
    assert many_sums.seconds(program, 32, trains=True) == pytest.approx(3 * 2 * macs * 32 / 1e6, rel=1e-3)
    values = 32 * (64 + 100 + 100 + 100 + 100 + 10) + 6500 + 1010
    assert much_memory.seconds(program, 32, trains=False) == pytest.approx(values * 4 / 1e6, rel=1e-3)


def test_contenders_are_measured_in_turn_each_in_a_process_of_its_own(monkeypatch):
    monkeypatch.setattr(measuring, "ROUNDS", 2)
    monkeypatch.setattr(measuring, "MOST_TRIES", 1)
    told = []
    rivals = (measuring.OURS, Contender("again", "convograph", 2))
    result = measure(CASES["digits"], LIMITS, 0.01, rivals, told.append)
    assert set(result.figures) == {"Convograph", "again"}
    assert all(figure.ms > 0 for figure in result.figures.values())
    assert result.ratio is None  # PyTorch was not asked
    assert result.images_per_second == pytest.approx(32e3 / result.ours.ms)
    told_as_json = json.loads(json.dumps(result.as_json()))
    assert told_as_json["network"] == "digits"
    assert all(step["forward_ms"] > 0 and step["backward_ms"] > 0 for step in told_as_json["steps"])
    _, *computed = (layer.id for layer in CASES["digits"].draw().graph.layers)
    assert [id for step in told_as_json["steps"] for id in step["layers"]] == computed
    assert told[-2].endswith("round 2 of 2")


def figures(ours, theirs, foreign=0.0):
    return {
        "Convograph": Figure(ours, foreign, 2**20),
        "Convograph, 1 replica": Figure(2 * ours, 0.0, 2**20),
        "PyTorch, 1 thread": Figure(2 * theirs, 0.0, 2**28),
        "PyTorch, 2 threads": Figure(theirs, 0.0, 2**28),
    }


def test_the_table_compares_with_the_best_and_marks_what_was_disturbed():
    quiet = Result(CASES["mlp"], figures(0.1, 0.3), 0.01)
    disturbed = Result(CASES["digits"], figures(1.0, 0.5, foreign=0.7), 0.1)
    text = table([quiet, disturbed], LIMITS)
    first, second = (line for line in text.splitlines() if line.startswith(("| MLP", "| digits")))
    assert [cell.strip() for cell in first.split("|")[1:-1]] == [
        *("MLP 64-100-10", "32", "0.1", "0.2", "0.3", "3.00", "3.3", "320,000", "10 %", "1.0 MiB", "256.0 MiB"),
    ]
    assert r"digits CNN \*" in second
    assert "Other programs kept the machine busy" in text
    alone = Result(CASES["mlp"], {"Convograph": Figure(0.1, None, None)}, 0.01)
    text = table([alone], LIMITS)
    assert "PyTorch is not installed" in text
    assert "whether they interfered is unknown" in text


def test_the_table_is_written_into_its_place(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    write_into(page, "new")
    assert page.read_text() == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
    page.write_text("nothing")
    with pytest.raises(SaveError, match="has no place for the figures"):
        write_into(page, "new")
    with pytest.raises(SaveError, match="cannot be read"):
        write_into(tmp_path / "gone.md", "new")
    assert page.read_text() == "nothing"


def fake(proc, busy, own):
    """Pretend a machine: process 7 started 8, which started 9; 10 is a stranger."""
    proc.mkdir(exist_ok=True)
    (proc / "stat").write_text(f"cpu  {busy} 0 0 1000 0 0 0 0 0 0\ncpu0 1 2 3\n")
    for pid, parent in ((7, 1), (8, 7), (9, 8), (10, 1)):
        (proc / str(pid)).mkdir(exist_ok=True)
        ticks = own if pid != 10 else 10**6
        (proc / str(pid) / "stat").write_text(f"{pid} (a (b) c) S {parent} {' 0' * 9} {ticks} 0 0 0 0 0\n")
        (proc / str(pid) / "smaps_rollup").write_text("Rss: 99 kB\nPss: 10 kB\nPss_Anon: 5 kB\n")


def test_what_others_do_is_everything_but_ones_own(tmp_path):
    proc = tmp_path / "proc"
    fake(proc, busy=1000, own=100)
    assert family(proc, 7) == [7, 8, 9]
    before = read(proc, 7)
    fake(proc, busy=1300, own=150)
    after = read(proc, 7)
    assert (after.all - before.all, after.own - before.own) == pytest.approx((3.0, 1.5))
    assert memory_bytes([7, 9], proc) == 20 * 1024
    assert memory_bytes([11], proc) is None
    assert read(tmp_path / "nothing", 7) is None


def bench(*options):
    return subprocess.run([sys.executable, "main.py", "bench", *options], capture_output=True, text=True)


def test_wrong_names_and_times_are_sentences():
    unknown = bench("lenet9")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert unknown.stderr.startswith("There is no benchmark called lenet9: choose mlp, digits,")
    assert bench("mlp", "--seconds", "0").stderr == "0 seconds is too short to measure anything.\n"
