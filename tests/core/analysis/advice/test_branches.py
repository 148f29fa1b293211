"""Advice about layers that lead nowhere."""

from core.analysis.check import check
from tests.core.analysis.advice.cases import cured, given, kinds, offered, only
from tests.drawing import document, layer


def branching(outputs):
    return document(
        layer("input", "Input", shape=(8,)),
        layer("fc1", "Dense", "input", units=4),
        layer("relu", "ReLU", "fc1"),
        layer("side", "Dense", "relu", units=3),
        layer("tanh", "Tanh", "side"),
        layer("out", "Dense", "relu", units=2),
        outputs=outputs,
    )


def test_a_branch_that_leads_to_no_output_is_dead():
    drawn = branching(("out",))
    problem = only(drawn, "BRANCH-DEAD")
    assert problem.what == "tanh: it leads to no output, and neither does side."
    assert problem.why == "What it computes is never used: the output is out."
    assert problem.path == "$.layers[4]"
    assert offered(problem) == ["Remove tanh and side", "Make it an output"]
    removed, named = cured(drawn, problem)
    assert kinds(removed) == ["Input", "Dense", "ReLU", "Dense"]
    assert check(named).outputs == ("out", "tanh")


def test_what_a_living_branch_needs_stays_and_two_dead_ends_are_two():
    drawn = document(
        *branching(None).graph.layers, layer("a", "ReLU", "side"), layer("b", "Add", ("side", "fc1")), outputs=("out",)
    )
    whats = [problem.what for problem in given(drawn, "BRANCH-DEAD")]
    assert whats == [f"{id}: it leads to no output." for id in ("tanh", "a", "b")]
    for problem in given(drawn, "BRANCH-DEAD"):
        cured(drawn, problem)


def test_a_diamond_dies_as_one():
    drawn = document(
        *branching(None).graph.layers[:3],
        layer("left", "Tanh", "relu"),
        layer("right", "ReLU", "relu"),
        layer("add", "Add", ("left", "right")),
        outputs=("fc1",),
    )
    problem = only(drawn, "BRANCH-DEAD")
    assert problem.what == "add: it leads to no output, and neither do left, right and relu."
    removed, _ = cured(drawn, problem)
    assert kinds(removed) == ["Input", "Dense"]


def test_every_end_is_an_output_unless_outputs_are_named():
    assert given(branching(None), "BRANCH-DEAD") == []
    assert given(branching(("out", "tanh")), "BRANCH-DEAD") == []
    assert given(branching(("nowhere",)), "BRANCH-DEAD") == []  # an error says more
