"""Whatever is drawn can be checked; what is offered as a fix works; and what is remembered is right."""

import json
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from core.analysis.check import check
from core.commands.check import report_as_json
from core.graph.edits import set_config
from core.graph.fixing import apply_fix
from core.io.documents import loads
from core.io.parsing import parse_document
from core.io.templates import load_template
from core.io.writing import document_as_json
from core.layers import KINDS
from tests.property.drawing import RAW_DOCUMENTS, configs, drawn_documents
from tests.property.editing import edited

PLACE = re.compile(r'\.([A-Za-z_]\w*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]')


def content(report):
    """All that a report says."""
    return report_as_json(report), report.outputs, dict(report.block_outputs)


def assert_sound(report):
    json.dumps(report_as_json(report))
    assert report.valid == (not report.errors)
    seen = []
    for problem in report.problems:
        assert problem.what.endswith((".", "?")), problem
        assert problem.why.endswith((".", "?")), problem
        assert problem.severity in ("error", "advice", "note")
        key = (problem.code, problem.path, problem.layer, problem.what)
        assert key not in seen, f"said twice: {key}"
        seen.append(key)
    for layer in report.layers.values():
        if layer.shape is not None:
            assert all(side > 0 for side in layer.shape)
            assert layer.parameters is not None
            assert layer.macs is not None


def assert_paths_lead_into(raw, report):
    """Every problem names its place in the file; a missing key, or a default that is left out, ends the path."""
    for problem in report.problems:
        steps = PLACE.findall(problem.path)
        assert "$" + "".join(m.group() for m in PLACE.finditer(problem.path)) == problem.path
        place = raw
        for step, (key, index, quoted) in enumerate(steps):
            if index:
                assert isinstance(place, list), problem.path
                place = place[int(index)]
                continue
            name = key or json.loads(quoted)
            if not isinstance(place, dict) or name not in place:
                assert step >= len(steps) - 2, problem.path
                break
            place = place[name]


def assert_nothing_is_computed_twice(report):
    again = check(report.document, report)
    assert list(again.layers) == list(report.layers)
    assert all(again.layers[id] is report.layers[id] for id in report.layers)
    assert content(again) == content(report)


@settings(max_examples=300)
@given(RAW_DOCUMENTS)
def test_broken_documents_are_checked_and_never_raise(raw):
    document = loads(json.dumps(raw))
    report = check(document)
    assert_sound(report)
    assert_paths_lead_into(document_as_json(document), report)
    assert_nothing_is_computed_twice(report)


@settings(max_examples=300)
@given(drawn_documents())
def test_half_drawn_documents_are_checked_and_never_raise(document):
    report = check(document)
    assert_sound(report)
    assert_paths_lead_into(document_as_json(document), report)
    assert_nothing_is_computed_twice(report)
    order = {id: place for place, id in enumerate(report.layers)}
    for id, layer in report.layers.items():
        if None not in layer.inputs:
            assert all(order[source] < order[id] for source in layer.layer.inputs)


@settings(max_examples=250)
@given(drawn_documents() | RAW_DOCUMENTS.map(parse_document))
def test_every_offered_fix_cures_its_problem(document):
    report = check(document)
    for problem in report.problems:
        for fix in problem.fixes:
            after = check(apply_fix(document, fix))
            same = [
                p for p in after.problems if (p.code, p.layer, p.what) == (problem.code, problem.layer, problem.what)
            ]
            assert not same, f"{fix.label} does not cure {problem.what}"
            if problem.severity != "error":
                assert len(after.errors) <= len(report.errors)


@settings(max_examples=80)
@given(drawn_documents(), st.data())
def test_after_every_fix_the_remembered_report_says_what_a_new_one_does(document, data):
    report = check(document)
    for _ in range(6):
        fixes = [fix for problem in report.problems for fix in problem.fixes]
        if not fixes:
            break
        document = apply_fix(document, data.draw(st.sampled_from(fixes)))
        report = check(document, report)
        assert content(report) == content(check(document))


@settings(max_examples=50)
@given(drawn_documents(), drawn_documents())
def test_a_report_of_any_other_document_may_be_given_as_the_previous_one(document, other):
    assert content(check(document, check(other))) == content(check(document))


@settings(max_examples=100)
@given(drawn_documents(), st.data())
def test_after_any_edits_the_remembered_report_says_what_a_new_one_does(document, data):
    report = check(document)
    for _ in range(5):
        document = data.draw(edited(document)) or document
        report = check(document, report)
        assert content(report) == content(check(document))


@settings(max_examples=30)
@given(st.sampled_from(["resnet20_cifar", "squeezenet1_1", "densenet121", "unet", "lenet5"]), st.data())
def test_after_settings_of_a_whole_network_change_the_remembered_report_says_what_a_new_one_does(name, data):
    document = load_template(name)
    report = check(document)
    layers = [layer for layer in document.graph.layers if layer.kind in KINDS and layer.spec.settings()]
    for _ in range(4):
        layer = data.draw(st.sampled_from(layers))
        document = set_config(document, layer.id, data.draw(configs(layer.spec)))
        report = check(document, report)
        assert content(report) == content(check(document))
