"""A budget says by how much a network has more."""

from core.analysis.budget import Budget
from core.analysis.check import check
from core.graph.edits import set_config
from core.io.templates import load_template


def test_each_limit_is_judged_by_itself():
    totals = check(load_template("lenet5")).totals
    assert list(Budget(parameters=61_706, macs=416_520).overruns(totals)) == []
    assert list(Budget(parameters=61_705).overruns(totals)) == ["61,706 parameters are 1 more than 61,705."]
    assert list(Budget(macs=400_000).overruns(totals)) == ["416.5 k MACs are 16.5 k more than 400.0 k."]
    assert len(list(Budget(parameters=1, macs=1).overruns(totals))) == 2


def test_nothing_is_said_of_what_is_unknown():
    broken = set_config(load_template("lenet5"), "conv2", {"kernel_size": 99})
    assert list(Budget(parameters=1, macs=1).overruns(check(broken).totals)) == []
