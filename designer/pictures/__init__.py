"""What every picture offers: to be copied, to be saved as PNG or SVG, and to hand out its numbers."""

from designer.pictures.keep_button import KeepButton
from designer.pictures.keeping import Keeping
from designer.pictures.numbers import Numbers, matrix_rows, value_rows

__all__ = ["KeepButton", "Keeping", "Numbers", "matrix_rows", "value_rows"]
