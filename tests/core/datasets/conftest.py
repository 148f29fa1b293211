import tracemalloc
from contextlib import contextmanager

import pytest


@pytest.fixture
def no_more_than():
    """Fail where a block takes more memory than it may, NumPy's arrays included."""

    @contextmanager
    def limit(n_bytes):
        tracemalloc.start()
        try:
            yield
            assert tracemalloc.get_traced_memory()[1] < n_bytes
        finally:
            tracemalloc.stop()

    return limit
