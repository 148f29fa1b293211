"""What Convograph ships besides its code: templates, data sets, icons, the font and the document schema."""

from importlib.resources import files
from pathlib import Path

__all__ = ["path"]


def path(name: str) -> Path:
    """Return the path of a shipped file or folder, in the work tree as in an installed wheel.

    Parameters
    ----------
    name
        Path below this package with forward slashes.

    Raises
    ------
    FileNotFoundError
        If the file is missing: the installation is damaged, or Convograph was packed without its resources.

    Examples
    --------
    >>> path("icons/app.svg").name
    'app.svg'
    """
    place = Path(str(files(__name__).joinpath(*name.split("/"))))
    if not place.exists():
        raise FileNotFoundError(
            f"Convograph's own file {name} is missing at {place}. Reinstall Convograph to repair it."
        )
    return place
