"""Options of formats: each does something, and what is none is refused with what there is."""

import ast
from dataclasses import replace

import pytest

from core.analysis.check import check
from core.commands.main import main
from core.errors import ExportError
from core.export.exporter import Subject
from core.export.exporters import EXPORTERS
from core.export.exporting import export
from core.export.option import YES_NO, Option, chosen
from core.export.proof.proving import telling
from core.graph.values import Layout
from core.io.documents import save
from tests.drawing import chain

NET = chain((6, 4, 2), ("Conv2D", {"filters": 3, "kernel_size": 3}), "BatchNorm", "Flatten", ("Dense", {"units": 2}))
DOWN = replace(NET, layout=Layout(direction="down"))
CHOICES = [
    (format, option, choice)
    for format, exporter in EXPORTERS.items()
    for option in exporter.options
    for choice in option.choices
    if choice != option.default
]


def files(format, options, made=NET):
    exporter = EXPORTERS[format]
    subject = telling(Subject(check(made), name=f"net{exporter.ending}"))
    return exporter.files(Subject(subject.report, subject.weights, name=f"net{exporter.ending}", options=options))


@pytest.mark.parametrize(("format", "option", "choice"), CHOICES)
def test_a_choice_changes_what_is_written(format, option, choice):
    for module in {"onnx": ["onnx"], "keras": ["h5py"], "safetensors": ["safetensors"], "pytorch": ["safetensors"]}.get(
        format, []
    ):
        pytest.importorskip(module)
    assert files(format, {option.name: option.default}) == files(format, {})
    changed = files(format, {option.name: choice})
    assert changed != files(format, {}) or files(format, {option.name: choice}, DOWN) != files(format, {}, DOWN)
    for name, content in changed.items():
        if name.endswith(".py"):
            ast.parse(content)


@pytest.mark.parametrize("format", EXPORTERS)
def test_options_have_names_of_their_own(format):
    names = [option.name for option in EXPORTERS[format].options]
    assert len(names) == len(set(names))
    assert all("=" not in choice for option in EXPORTERS[format].options for choice in (option.name, *option.choices))


def test_what_is_no_choice_is_refused_with_those_there_are():
    options = [Option("type", "the type", ("float32", "float16")), Option("code", "the code", YES_NO)]
    assert chosen("onnx", options, {"code": "no"}) == {"code": "no"}
    for values, said in [
        ({"typ": "float16"}, 'onnx has no option "typ". Did you mean type?'),
        ({"width": "3"}, 'onnx has no option "width". It has type and code.'),
        ({"type": "int8"}, 'type of onnx is float32 or float16, not "int8".'),
    ]:
        with pytest.raises(ExportError) as refusal:
            chosen("onnx", options, values)
        assert str(refusal.value) == said
    with pytest.raises(ExportError, match=r"csv has no option .* It has none"):
        chosen("csv", [], {"a": "b"})


def test_the_command_and_python_take_them(tmp_path, capsys):
    save(NET, tmp_path / "net.json")
    out = str(tmp_path / "net.tex")
    assert main(["export", str(tmp_path / "net.json"), "--to", "tikz", "--option", "figure=chain", "-o", out]) == 0
    export(NET, None, "tikz", tmp_path / "python.tex", {"figure": "chain"})
    text = (tmp_path / "net.tex").read_text(encoding="utf-8")
    assert text == (tmp_path / "python.tex").read_text(encoding="utf-8")
    assert text.count(r"\begin{tikzpicture}") == 1
    assert main(["export", str(tmp_path / "net.json"), "--to", "tikz", "--option", "figure=tree"]) == 1
    assert 'figure of tikz is both, boxes or chain, not "tree".' in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["export", str(tmp_path / "net.json"), "--to", "tikz", "--option", "chain"])
    assert "write NAME=VALUE" in capsys.readouterr().err


def test_the_help_names_every_choice(capsys):
    with pytest.raises(SystemExit):
        main(["export", "--help"])
    words = capsys.readouterr().out.split()
    for format, exporter in EXPORTERS.items():
        for option in exporter.options:
            assert f"{option.name}={'|'.join(option.choices)}" in words, format


@pytest.mark.parametrize("format", ["pytorch", "keras", "onnx"])
def test_what_is_reordered_is_said(format):
    if format == "onnx":
        pytest.importorskip("onnx")
    said = " ".join(EXPORTERS[format].changes(Subject(check(NET))))
    assert ("Images enter as N×2×6×4, channels first" in said) == (format != "keras")
    assert ("(F, F, C, K) → (K, C, F, F): conv1." in said) == (format != "keras")
    assert ("flat3 reads H, W, C as here" in said) == (format != "keras")
    assert ("(C, K) → (K, C): fc4" in said) == (format == "pytorch")
    assert ("moving variances" in said) == (format == "keras")


def test_transposed_kernels_are_said_for_keras():
    made = chain((4, 4, 2), ("ConvTranspose2D", {"filters": 3, "kernel_size": 2}))
    assert "(F, F, C, K) → (F, F, K, C)" in " ".join(EXPORTERS["keras"].changes(Subject(check(made))))
