"""Convograph's core: documents, checks, the NumPy engine and training. It knows nothing of windows.

The public face, for scripts and notebooks; everything else may change. Installed, it is `convograph` itself:
`from convograph import check, load`. In a work tree `from core import check, load` needs no install. Names are loaded
when first used, so that the import costs little.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from core.version import __version__ as __version__

if TYPE_CHECKING:
    from core.analysis.check import check
    from core.engine.network import Network
    from core.export.exporting import export
    from core.importing.importers import import_model
    from core.io.datasets.loading import load_data
    from core.io.documents import load, save
    from core.training.evaluating import evaluate
    from core.training.trainer import train

__all__ = [
    "Network",
    "__version__",
    "check",
    "evaluate",
    "export",
    "import_model",
    "load",
    "load_data",
    "save",
    "train",
]

_HOMES = {
    "Network": "core.engine.network",
    "check": "core.analysis.check",
    "evaluate": "core.training.evaluating",
    "export": "core.export.exporting",
    "import_model": "core.importing.importers",
    "load": "core.io.documents",
    "load_data": "core.io.datasets.loading",
    "save": "core.io.documents",
    "train": "core.training.trainer",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
