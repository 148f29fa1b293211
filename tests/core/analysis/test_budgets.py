"""Every budget holds: what goes beyond is counted, not listed, and no fix is larger than what can be tried."""

from collections import Counter
from unittest.mock import patch

import pytest

from core.analysis.abridging import abridged, first_of
from core.analysis.check import check
from core.analysis.fixes import trial
from core.errors import DocumentError
from core.graph.fixing import apply_fix
from core.io.documents import loads
from core.limits import (
    LONGEST_NAME,
    MOST_CHECKED_FOR_ADVICE,
    MOST_CHECKED_FOR_ERRORS,
    MOST_EDITS,
    MOST_FAULTY_LAYERS,
    MOST_OF_A_KIND,
    MOST_OF_ONE,
    MOST_TRIALS,
)
from core.problems import Problem
from tests.benchmarks.hostile import chain, entry, text


def problems_of(layers, **parts):
    return check(loads(text(layers, **parts))).problems


def relus(n, **settings):
    """Draw an Input and n layers after it."""
    return chain(n, lambda index, at: entry(f"r{index}", "ReLU", at, **settings))


def trials_of(layers):
    """Count the fixes that a check tries."""
    with patch.object(trial, "apply_fix", wraps=apply_fix) as tried:
        check(loads(text(layers)))
    return tried.call_count


def numbered(n, code="SHAPE-FIT"):
    return [Problem(code, f"problem {index}", "why") for index in range(n)]


def test_a_list_within_the_budget_stays_as_it_is():
    problems = numbered(MOST_OF_A_KIND)
    assert list(abridged(problems)) == problems
    assert list(first_of(range(MOST_OF_ONE), problems.__getitem__)) == problems[:MOST_OF_ONE]


def test_of_one_kind_the_first_are_listed_and_the_others_counted():
    problems = numbered(MOST_OF_A_KIND + 7) + numbered(3, "CYCLE")
    short = abridged(problems)
    assert Counter(problem.code for problem in short) == {"SHAPE-FIT": MOST_OF_A_KIND + 1, "CYCLE": 3}
    assert list(short[:MOST_OF_A_KIND]) == problems[:MOST_OF_A_KIND]
    assert short[MOST_OF_A_KIND].what == "… and 7 more problems of this kind."


def test_what_is_only_counted_is_not_written():
    written = []

    def write(index):
        written.append(index)
        return Problem("SHAPE-FIT", f"problem {index}", "why")

    *_, last = first_of(range(10_000), write)
    assert len(written) == MOST_OF_ONE + 1
    assert last.what == f"… and {10_000 - MOST_OF_ONE:,} more problems of this kind."


@pytest.mark.parametrize(
    ("code", "write"),
    [
        ("KIND-UNKNOWN", lambda n: chain(n, lambda index, at: entry(f"r{index}", f"Konv{index}", at))),
        ("SETTING-UNKNOWN", lambda n: relus(n, filtres=3)),
    ],
)
def test_of_many_faulty_layers_the_first_are_listed(code, write):
    assert Counter(problem.code for problem in problems_of(write(20)))[code] == 20
    problems = problems_of(write(MOST_FAULTY_LAYERS + 50))
    assert Counter(problem.code for problem in problems)[code] == MOST_FAULTY_LAYERS + 1
    assert "… and 50 more layers have problems." in [problem.what for problem in problems]


def test_of_many_badly_wired_layers_the_first_are_listed():
    problems = problems_of([entry(f"r{index}", "ReLU", f"s{index}") for index in range(MOST_OF_A_KIND + 50)])
    assert Counter(problem.code for problem in problems)["INPUT-UNKNOWN"] == MOST_OF_A_KIND + 1
    assert "… and 50 more problems of this kind." in [problem.what for problem in problems]


@pytest.mark.parametrize(
    ("code", "document"),
    [
        ("SETTING-UNKNOWN", lambda unknown: ([*relus(0), entry("r", "ReLU", "i", **unknown)], {})),
        ("KEY-UNKNOWN", lambda unknown: (relus(1), unknown)),
        ("TRAINING-UNKNOWN", lambda unknown: (relus(1), {"training": unknown})),
        ("TRAINING-UNKNOWN", lambda unknown: (relus(1), {"training": {"optimizer": {"kind": "Adam"} | unknown}})),
        ("INPUT-UNKNOWN", lambda unknown: ([*relus(0), entry("c", "Concat", "i", "i", *unknown)], {})),
    ],
)
def test_of_one_part_of_the_file_the_first_unknown_are_listed(code, document):
    for n, listed in ((MOST_OF_ONE, MOST_OF_ONE), (MOST_OF_ONE + 5, MOST_OF_ONE + 1)):
        layers, parts = document({f"k{index}": index for index in range(n)})
        found = [problem for problem in problems_of(layers, **parts) if problem.code == code]
        assert len(found) == listed
    assert [one.what for one in found if one.what.startswith("…")] == ["… and 5 more problems of this kind."]


@pytest.mark.parametrize("n", [100, 900])
def test_the_fixes_of_errors_are_tried_within_their_budget(n):
    layers = chain(n, lambda index, at: entry(f"r{index}", "Conv3D", at))
    tried = trials_of(layers)
    most = min(MOST_TRIALS, MOST_CHECKED_FOR_ERRORS // (n + 2))
    assert most / 2 < tried <= most


@pytest.mark.parametrize("n", [100, 900, 5_000])
def test_the_fixes_of_advice_are_tried_within_their_budget(n):
    kinds = (("Dense", {"units": 4}), ("Softmax", {}))  # a Softmax before the end squeezes what comes next
    layers = chain(n, lambda index, at: entry(f"n{index}", kinds[index % 2][0], at, **kinds[index % 2][1]), (4,))
    tried = trials_of(layers)
    most = min(MOST_TRIALS, MOST_CHECKED_FOR_ADVICE // (n + 2))
    assert most / 2 <= tried <= most


def test_a_document_of_many_blocks_is_as_large_as_one_of_many_layers():
    few, many = ({f"b{index}": 0 for index in range(n)} for n in (2, 3 * MOST_CHECKED_FOR_ERRORS))
    layers = [entry("i", "Input", shape=[8, 8, 1]), entry("r", "Relu", "i")]
    assert any(problem.fixes for problem in problems_of(layers, blocks=few))
    assert not any(problem.fixes for problem in problems_of(layers, blocks=many))


def test_no_fix_has_more_edits_than_can_be_tried():
    for n, offered in ((3, True), (MOST_EDITS + 1, True), (MOST_EDITS + 2, False)):
        layers = [*relus(1), entry("extra", "Softmax", *["i"] * n)]
        (problem,) = (problem for problem in problems_of(layers) if problem.code == "INPUT-EXTRA")
        assert bool(problem.fixes) is offered
        assert all(len(fix.edits) <= MOST_EDITS for fix in problem.fixes)


def test_a_long_optimiser_is_not_written_anew_for_every_unknown_setting():
    for n, offered in ((MOST_OF_ONE, True), (MOST_EDITS + 1, False)):
        optimizer = {"kind": "Adam", "learning_rate": "fast"} | {f"k{index}": index for index in range(n)}
        found = [p for p in problems_of(relus(1), training={"optimizer": optimizer}) if p.code == "TRAINING-UNKNOWN"]
        assert any(problem.fixes for problem in found) is offered


@pytest.mark.parametrize("write", [lambda name: [entry(name, "ReLU")], lambda name: [entry("r", "ReLU", **{name: 1})]])
def test_a_name_has_at_most_so_many_letters(write):
    assert loads(text(write("n" * LONGEST_NAME))).graph.layers
    with pytest.raises(DocumentError, match=r"a name of 1,001 letters.*at most 1,000"):
        loads(text(write("n" * (LONGEST_NAME + 1))))


def test_of_a_long_text_a_problem_shows_the_beginning():
    longest = 0
    for n in (100, 100_000):
        layers = [*relus(0), entry("r", "K" * n, "i"), entry("d", "Dense", "i", units="K" * n)]
        problems = problems_of(layers, training={"dataset": "d", "loss": "K" * n}, name=["K" * n])
        assert {"KIND-UNKNOWN", "SETTING-VALUE", "TRAINING-VALUE", "KEY-VALUE"} <= {one.code for one in problems}
        shown = max(len(one.what) + len(one.why) for one in problems)
        assert not longest or shown <= longest + 10
        longest = shown
    assert longest < 400
