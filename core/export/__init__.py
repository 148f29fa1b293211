"""What a document can be written as for other programs. Each format is a module, entered in `exporters.py`.

`core.export(document, weights, format, path)` writes one. A package takes its name's place in the package above it as
soon as anything in it is imported; so it can be called itself, and means the same before and after.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from core.engine.network import Network
    from core.graph.values import Document


class _Callable(ModuleType):
    def __call__(
        self,
        document: Document,
        weights: Path | str | Mapping[str, ArrayLike] | Network | None,
        format: str,
        path: Path | str,
        options: Mapping[str, str] | None = None,
    ) -> tuple[Path, ...]:
        """Write a document for other programs, as `core.export.exporting.export` says."""
        from core.export.exporting import export

        return export(document, weights, format, path, options)


sys.modules[__name__].__class__ = _Callable
