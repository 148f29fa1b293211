"""Which kernel computes which layers: a table, asked once when a plan is made."""

from __future__ import annotations

from collections.abc import Collection

from core.engine.kernels.definition import DefinitionKernel
from core.engine.kernels.kernel import Kernel, Setting
from core.engine.program import Program


def choose_kernels(program: Program, needed: Collection[int], setting: Setting) -> list[Kernel]:
    """Choose a kernel for every needed layer but the inputs, in the order of computing."""
    return [DefinitionKernel((node,), setting) for node in program.nodes if node.index in needed and node.sources]
