"""What `core.train` is given that is no pair of images and labels."""

import numpy as np
import pytest

from core import train
from core.errors import DataError
from core.io.templates import load_template

IMAGES, LABELS = np.zeros((4, 8, 8, 1), np.float32), np.arange(4)


@pytest.mark.parametrize(
    "data", [(IMAGES,), (IMAGES, LABELS, LABELS), IMAGES, (), 5], ids=["one", "three", "images", "none", "number"]
)
def test_anything_but_a_pair_is_refused_in_a_sentence(data):
    with pytest.raises(DataError, match=r"give \(images, labels\)"):
        train(load_template("mlp"), data)
