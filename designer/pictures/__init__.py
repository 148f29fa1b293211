"""What every picture offers: to be copied, to be saved as PNG or SVG, and to hand out its numbers."""

from designer.pictures.caption import Caption, Key, Scale
from designer.pictures.keep_button import KeepButton
from designer.pictures.keeping import Keeping
from designer.pictures.numbers import Numbers, matrix_rows, table_of, value_rows
from designer.pictures.svg import NETWORK, is_vector

__all__ = [
    "NETWORK",
    "Caption",
    "KeepButton",
    "Keeping",
    "Key",
    "Numbers",
    "Scale",
    "is_vector",
    "matrix_rows",
    "table_of",
    "value_rows",
]
