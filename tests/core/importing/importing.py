"""What tests of all formats ask of a model that can't be imported."""

from __future__ import annotations

import pytest

from core.errors import ModelError
from core.importing.importers import read_model


def refused(path, match):
    """Require that a file is refused with a sentence that names it."""
    with pytest.raises(ModelError, match=match) as caught:
        read_model(path)
    text = str(caught.value)
    assert text.startswith(str(path))
    assert text.endswith((".", ")"))
