"""The tooltip of a template."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QUrl

from core.io.templates import template_picture
from designer import theme
from designer.palette.entries import Entry

PICTURE_PX = (480, 240)


def template_tip(entry: Entry) -> str:
    """Return a template's name, picture, paragraph and parameters, as rich text no wider than the picture."""
    width, height = PICTURE_PX
    rows = [f"<b>{escape(entry.text)}</b>", *(escape(line) for line in entry.help.splitlines())]
    picture = template_picture(entry.key, dark=theme.current().is_dark)
    if picture.exists():
        address = QUrl.fromLocalFile(str(picture)).toString(QUrl.ComponentFormattingOption.FullyEncoded)
        rows.insert(1, f'<img src="{address}" width={width} height={height}>')
    return f"<table width={width} cellpadding=3>{''.join(f'<tr><td>{row}</td></tr>' for row in rows)}</table>"
