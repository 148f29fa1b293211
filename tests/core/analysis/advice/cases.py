"""How tests ask for advice: what is said, word for word, and what its fixes do."""

from core.analysis.advice import ADVICE
from core.analysis.check import check
from core.graph.fixing import apply_fix

ALL = frozenset(advice.code for advice in ADVICE)


def given(document, code, advice=ALL):
    """Return the problems of a code."""
    return [problem for problem in check(document, advice=advice).problems if problem.code == code]


def only(document, code, advice=ALL):
    """Return the one problem of a code."""
    (problem,) = given(document, code, advice)
    assert problem.severity == "advice"
    return problem


def offered(problem):
    return [fix.label for fix in problem.fixes]


def cured(document, problem):
    """Carry out each fix; none may cause an error or leave the advice standing. Gives the documents."""
    assert problem.fixes
    documents = [apply_fix(document, fix) for fix in problem.fixes]
    errors = len(check(document).errors)
    for after in documents:
        assert problem.layer not in [other.layer for other in given(after, problem.code)]
        assert len(check(after).errors) <= errors
    return documents


def config(document, id):
    return next(layer.config for layer in document.graph.layers if layer.id == id)


def kinds(document):
    """Return the kinds in the order of data flow."""
    return [layer.layer.kind for layer in check(document).layers.values()]
