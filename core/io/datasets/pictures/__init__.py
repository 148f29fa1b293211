"""Pictures in a folder for each class, as they lie on a disk or in an archive."""

from core.io.datasets.pictures.arranging import Listed
from core.io.datasets.pictures.folder import PictureFolder, Progress

__all__ = ["Listed", "PictureFolder", "Progress"]
