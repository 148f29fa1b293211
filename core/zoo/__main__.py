"""Writes the shipped templates, and the schema that editors check documents with."""

from core.io.documents import save
from core.io.schema import schema_text
from core.zoo.classics import TEMPLATES
from resources import path

for name, draw in TEMPLATES.items():
    save(draw(), path("templates") / f"{name}.json")
(path("schema") / "document.schema.json").write_text(schema_text(), encoding="utf-8")
