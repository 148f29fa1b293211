"""The training settings beside a training, in the narrow panel of the Train workspace."""

import pytest

from core.graph.edits import set_optimizer, set_training
from core.learning.optimizers import OPTIMIZERS
from designer.forms.field_row import FieldRow
from designer.inspector import TrainingPanel
from designer.session import Session

WIDTH_PX = 262
"""What the left side of the workspace has."""


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_names_have_room_beside_their_editors_also_where_they_can_be_reset(qtbot, kind):
    session = Session()
    panel = TrainingPanel(session)
    qtbot.addWidget(panel)
    panel.resize(WIDTH_PX, 900)
    panel.show()
    document = set_training(session.document, {"batch_size": 48, "epochs": 7, "l2": 0.01, "early_stopping": {}})
    session.edit("set", set_optimizer(document, kind, {"learning_rate": 0.0123}))
    rows = [row for row in panel.findChildren(FieldRow) if row.isVisible()]
    assert sum(row.reset.isVisible() for row in rows) >= 4
    for row in rows:
        assert row.name.width() >= row.name.fontMetrics().horizontalAdvance(row.name.text()), row.name.text()
