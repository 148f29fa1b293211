"""What is written for LaTeX is LaTeX: it compiles, where there is one."""

import shutil
import subprocess

import pytest

from core.analysis.check import check
from core.export.exporter import Subject
from core.export.exporters import EXPORTERS
from core.io.templates import load_template
from tests.core.export.figures.test_figures import NAMES, named

pytestmark = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex, with TikZ and booktabs")

PAGE = r"""\documentclass{article}
\usepackage{booktabs, tikz}
\usetikzlibrary{arrows.meta, shapes.misc}
\usepackage[paperwidth=80cm, paperheight=200cm, margin=1cm]{geometry}
\begin{document}
%s
\end{document}
"""


def compiled(folder, *parts):
    """Compile a page; return what TeX says."""
    (folder / "page.tex").write_text(PAGE % "\n\n".join(parts), encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "page.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=300)
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
    assert (folder / "page.pdf").stat().st_size > 1000
    return done.stdout.decode(errors="replace")


def exported(made, format, **options):
    return EXPORTERS[format].export(Subject(check(made), options=options))


@pytest.mark.parametrize("name", ["lenet5", "resnet18", "googlenet", "unet"])
def test_figures_and_tables_of_networks_compile(name, tmp_path):
    made = load_template(name)
    forms = [exported(made, "tikz", figure=form) for form in ("both", "boxes", "chain")]
    assert [form.count(r"\begin{tikzpicture}") for form in forms] == [2, 1, 1]
    said = compiled(tmp_path, *forms, exported(made, "latex"))
    assert "Undefined" not in said


def test_names_of_any_letters_compile(tmp_path):
    made = [named(name) for name in NAMES]
    compiled(tmp_path, *(exported(each, format) for each in made for format in ("tikz", "latex")))


def test_a_figure_that_goes_on_in_the_next_row_has_its_wire_run_between_the_rows():
    figure = exported(load_template("googlenet"), "tikz", figure="boxes")
    wrapped = [line for line in figure.splitlines() if "|- (0," in line]
    assert len(wrapped) == 1
