"""The same document gets the same report, fixes included, whatever its history; and no fix makes it worse."""

import random

import pytest

from core.analysis.check import check
from core.commands.check import report_as_json
from core.graph.fixing import apply_fix
from tests.property.walking import edited, half_drawn

STEPS = 25


def content(report):
    """All that a report says."""
    return report_as_json(report), report.outputs, dict(report.block_outputs)


def walk(seed):
    """Yield reports after edits and after fixes, each given the one before it, and the fix if it was one."""
    draw = random.Random(seed)
    drawn = half_drawn(draw)
    report = check(drawn)
    for _ in range(STEPS):
        offers = [(problem, fix) for problem in report.problems for fix in problem.fixes]
        offer = draw.choice(offers) if offers and draw.random() < 0.5 else None
        drawn = edited(draw, drawn) if offer is None else apply_fix(drawn, offer[1])
        before, report = report, check(drawn, report)
        yield before, offer, report


@pytest.mark.parametrize("seed", range(60))
def test_after_edits_and_fixes_in_any_order_the_report_says_what_a_new_one_does(seed):
    for _, offer, report in walk(seed):
        assert content(report) == content(check(report.document)), offer


@pytest.mark.parametrize("seed", range(60, 120))
def test_no_fix_makes_anything_worse(seed):
    """What an error leaves unknown may turn out to be wrong too; what was known stays known, and right."""
    for before, offer, after in walk(seed):
        if offer is None:
            continue
        problem, fix = offer
        lost = [
            id
            for id, layer in before.layers.items()
            if layer.shape is not None and id in after.layers and after.layers[id].shape is None
        ]
        assert lost == [], f"{fix.label} for {problem.what}"
        if problem.severity != "error":
            wrong = {(error.code, error.layer) for error in before.errors}
            assert {(error.code, error.layer) for error in after.errors} <= wrong, f"{fix.label} for {problem.what}"
