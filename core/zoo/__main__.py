"""Writes the shipped templates."""

from core.io.documents import save
from core.zoo.classics import TEMPLATES
from resources import path

for name, draw in TEMPLATES.items():
    save(draw(), path("templates") / f"{name}.json")
