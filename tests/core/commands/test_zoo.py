"""`convograph zoo` lists, prints and draws."""

import json

import pytest

from core.analysis.check import check
from core.commands.command import OK, UNREADABLE, WRONG
from core.commands.main import main
from core.io.documents import loads
from core.io.templates import template_path, templates


def printed(capsys, *arguments, status=OK):
    assert main(["zoo", *arguments]) == status
    out, err = capsys.readouterr()
    return out if status == OK else err


def test_it_lists_every_template_once_under_its_group(capsys):
    lines = printed(capsys).splitlines()
    listed = [line.split()[0] for line in lines if " parameters  " in line]
    assert listed == [template.name for template in templates()]
    assert "  vgg16                   138,357,544 parameters  VGG16" in lines
    headings = {line for line in lines if line and not line.startswith(" ")}
    assert {template.group for template in templates()} <= headings


def test_listing_opens_no_document(capsys, monkeypatch):
    monkeypatch.setattr("core.io.documents.load", None)
    assert "lenet5" in printed(capsys)


def test_it_prints_a_template_as_it_is(capsys):
    assert printed(capsys, "resnet18").rstrip() == template_path("resnet18").read_text(encoding="utf-8").rstrip()


def test_a_slip_is_guessed(capsys):
    text = printed(capsys, "resnet19", status=UNREADABLE)
    assert text.startswith("There is no template called resnet19. Did you mean resnet18?")


def test_it_draws_the_pattern_of_the_courses(capsys):
    document = loads(printed(capsys, "--pattern", "2,3,1"))
    assert document.name == "INPUT → [CONV → RELU → CONV → RELU → POOL]×3 → FC → RELU → FC"
    report = check(document)
    assert report.valid
    assert [layer.layer.kind for layer in report.layers.values()].count("Conv2D") == 6
    assert report.of("flat").shape == (4 * 4 * 128,)


@pytest.mark.parametrize("numbers", ["0,0,0", "0,2,0", "3,5,3", "16,0,16"])
def test_every_pattern_is_a_network_for_cifar10(capsys, numbers):
    report = check(loads(json.dumps(json.loads(printed(capsys, "--pattern", numbers)))))
    assert report.valid
    assert report.of("input").shape == (32, 32, 3)
    assert report.of("softmax").shape == (10,)


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        ("1,6,1", "M = 6 cannot be drawn: after 5 pools a 32×32 image is one pixel. Choose M from 0 to 5."),
        ("17,1,1", "N = 17 cannot be drawn. Choose N from 0 to 16."),
        ("1,1,-1", "K = −1 cannot be drawn. Choose K from 0 to 16."),
    ],
)
def test_a_pattern_that_cannot_be_drawn_is_explained(capsys, numbers, sentence):
    assert printed(capsys, "--pattern", numbers, status=WRONG).strip() == sentence


@pytest.mark.parametrize("numbers", ["1,2", "1,2,x", ""])
def test_a_pattern_is_three_numbers(capsys, numbers):
    with pytest.raises(SystemExit):
        main(["zoo", "--pattern", numbers])
    assert "is not three whole numbers, such as 2,3,2" in capsys.readouterr().err
