"""Branches are drawn as branches, one lane each."""

from itertools import combinations

import pytest

from core.analysis.check import check
from core.io.templates import load_template
from designer.views.inside.arrangement import Arrangement
from designer.views.inside.columns import columns_of


@pytest.mark.parametrize("room", [(1200, 394), (960, 250)])
@pytest.mark.parametrize(
    ("name", "place"), [("googlenet", "mixed3a/1/"), ("resnet50", "stage2a/1/"), ("densenet121", "dense1/1/")]
)
def test_no_column_stands_on_another(name, place, room):
    columns = columns_of(check(load_template(name)), place)
    spots = Arrangement(columns, {}, room).spots
    assert len(spots) == len(columns)
    for one, other in combinations(spots.values(), 2):
        assert not one.rect.adjusted(1, 1, -1, -1).intersects(other.rect.adjusted(1, 1, -1, -1))
    for spot in spots.values():
        assert all(spot.rect.contains(cell) for cell in spot.cells)


def test_the_four_branches_of_inception_have_four_heights():
    columns = columns_of(check(load_template("googlenet")), "mixed3a/1/")
    spots = Arrangement(columns, {}, (1200, 394)).spots
    tops = [spots[f"mixed3a/1/{id}"].rect.top() for id in ("relu1", "relu3", "relu5", "relu6")]
    assert tops == sorted(set(tops))
    assert len(tops) == 4
