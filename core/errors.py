"""Failures that a user can do something about: each text is a sentence that says what, why and how to fix it."""


class ConvographError(Exception):
    """The root of everything that Convograph raises on purpose; `str(error)` is fit to be shown to a user."""


class DocumentError(ConvographError):
    """A file cannot be opened as a Convograph document at all (exit code 2 on the command line)."""


class SaveError(ConvographError):
    """A file could not be written; what it held before is untouched."""


class DataError(ConvographError):
    """A data set is missing, damaged, or does not suit the network."""


class WeightsError(ConvographError):
    """A weights file or array does not suit the network."""


class EditError(ConvographError):
    """An edit cannot be applied to this document: it names a layer that is not there, or would close a cycle."""


class NetworkError(ConvographError):
    """A document cannot be compiled or trained as it stands."""


class LostProcessError(ConvographError):
    """A process that shares a training has ended, so that the others can't go on."""


class BenchError(ConvographError):
    """A measurement cannot be made as it was asked for."""


class DownloadError(ConvographError):
    """A data set could not be fetched, or there is no place to keep it; what came of it is kept."""


class SearchError(ConvographError):
    """A search for settings can't be done as it is asked for."""


class ExportError(ConvographError):
    """A document cannot be written in a format, or what was written cannot be compared.

    Attributes
    ----------
    layer : str or None
        The id of the layer that a format can't say, where it is because of one.
    """

    def __init__(self, text: str, layer: str | None = None) -> None:
        super().__init__(text)
        self.layer = layer


class ModelError(ConvographError):
    """A model of another program cannot be read, or not said exactly in Convograph's kinds."""
