"""Writes the shipped templates, their index, and the schema that editors check documents with."""

from core.zoo.shipping import ship

ship()
