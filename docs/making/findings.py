"""Writes the page about what a run is watched for, from the table of signs: `python -m docs.making.findings`."""

from __future__ import annotations

from inspect import getdoc
from pathlib import Path

from core.training.curing import SECONDS
from core.training.findings.findings import SIGNS
from core.training.findings.sign import MOST_CURES, Sign

PAGE = Path(__file__).parent.parent / "findings.md"

HEAD = f"""# What a run is watched for

<!-- Written by `python -m docs.making.findings` from the table in core/training/findings/findings.py. -->

While a network trains, Convograph measures a few of its steps and looks at what it does with a few samples. Whatever
makes the run worthless, or its figures misleading, is said once, and again if it is still so after settings were
changed. The run computes the same numbers as without, and takes a few percent longer at most.

- **In the window**, the Doctor (workspace Train) shows the three worst findings: what was measured, a small curve,
  and *Try cures*. That trains copies of the network, one as it is and one with each cure, for as long as it took to
  make the finding, at most {SECONDS:g} seconds each; *Stop* ends it. What helps is then offered, with what it gave.
  Taking one is one step that can be undone; learning rate, batch size, L1, L2, clipping, schedule and early stopping
  apply to a run that is on from its next batch. A finding that stays away for as long as it took to be made is cured,
  and turns green. The strip and the canvas say of layers that are to blame what is wrong: "3 of 6 dead".
- **On the command line**, `convograph train` prints each finding as a line; `--json` has them in `"findings"` of the
  epoch in which they were made, with `layer`, `evidence` (a series of numbers) and `cures` (edits that have not been
  tried).
- **In the record of a run**, `run.json`, they are among the notes.

At most {MOST_CURES} cures are tried of those that the table names: the first that would change something.

| finding | `code` | when it is made | what is tried against it |
|---|---|---|---|
"""

FOOT = """
A run that diverges ends, and says so itself; a tenth and a hundredth of its learning rate, and gradients clipped to a
norm of 1, can be tried.
"""


def page() -> str:
    """Return the page: the worst finding first."""
    rows = (f"| {sign.title} | `{sign.code}` | {_first_sentence(sign)} | {_cures(sign)} |" for sign in SIGNS)
    return HEAD + "\n".join(rows) + "\n" + FOOT


def _cures(sign: type[Sign]) -> str:
    nothing = "nothing: it says how figures are to be read" if sign.severity == "note" else "nothing: no setting helps"
    return sign.cures or nothing


def _first_sentence(sign: type[Sign]) -> str:
    return (getdoc(sign) or "").partition("\n\n")[0].replace("\n", " ")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
