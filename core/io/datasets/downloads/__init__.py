"""Data sets that are fetched from the internet, when a user asks for one, into a folder of the user's own."""

from core.io.datasets.downloads.cache import cache_folder
from core.io.datasets.downloads.download import download, is_downloaded
from core.io.datasets.downloads.messages import Downloaded, DownloadMessage, MirrorFailed, Progress
from core.io.datasets.downloads.table import DOWNLOADS, Download, RemoteFile

__all__ = [
    "DOWNLOADS",
    "Download",
    "DownloadMessage",
    "Downloaded",
    "MirrorFailed",
    "Progress",
    "RemoteFile",
    "cache_folder",
    "download",
    "is_downloaded",
]
