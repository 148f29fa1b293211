"""Forms in narrow columns."""

from __future__ import annotations

from designer.forms.form import SettingsForm

NUMBER_PX, CHOICE_PX = 62, 106


def narrow(form: SettingsForm) -> None:
    """Make editors narrow, so that the names of short settings fit beside them."""
    for row in form.rows.values():
        row.narrow(CHOICE_PX if row.setting.type in ("choice", "flag") else NUMBER_PX)
        row.setToolTip(row.setting.help)
