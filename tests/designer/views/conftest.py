"""As in the window, cyclic garbage is collected in the main thread only: a reader's thread must not destroy widgets."""

import gc

import pytest


@pytest.fixture(autouse=True)
def _collected_in_this_thread():
    gc.disable()
    yield
    gc.collect()
    gc.enable()
