"""The garbage collector rests while a document is read and checked, and works again whatever happens."""

import gc

import pytest

from core.analysis import check as checking
from core.analysis.check import check
from core.errors import DocumentError
from core.garbage import uncollected
from core.io import documents
from core.io.documents import loads
from tests.drawing import document, layer

GOOD = '{"format": "convograph", "version": 1, "layers": []}'


@pytest.fixture(autouse=True)
def collecting():
    gc.enable()
    yield
    gc.enable()


def watch(monkeypatch, module, name):
    """Note whether the collector works whenever a function of a module is called."""
    seen = []
    original = getattr(module, name)

    def watched(*args, **kwargs):
        seen.append(gc.isenabled())
        return original(*args, **kwargs)

    monkeypatch.setattr(module, name, watched)
    return seen


def test_it_rests_while_a_document_is_read(monkeypatch):
    seen = watch(monkeypatch, documents, "parse_document")
    loads(GOOD)
    assert seen == [False]
    assert gc.isenabled()


def test_it_rests_while_a_document_is_checked(monkeypatch):
    seen = watch(monkeypatch, checking, "analyse")
    check(document(layer("input", "Input", shape=(8,))))
    assert seen == [False]
    assert gc.isenabled()


def test_it_works_again_after_a_document_that_cannot_be_read():
    with pytest.raises(DocumentError):
        loads("[")
    assert gc.isenabled()


def test_it_works_again_after_a_check_that_fails(monkeypatch):
    monkeypatch.setattr(checking, "flatten", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        check(document())
    assert gc.isenabled()


def test_where_it_rests_already_it_still_rests_afterwards():
    gc.disable()
    with uncollected():
        assert not gc.isenabled()
    loads(GOOD)
    check(document())
    assert not gc.isenabled()


def test_it_works_again_only_after_the_outermost_work():
    with uncollected():
        with uncollected():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
