"""One file from one address, onto the end of what is there of it."""

from __future__ import annotations

import os
import re
from collections.abc import Generator
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    UnknownHandler,
)

from core.errors import ConvographError
from core.io.datasets.downloads.table import RemoteFile
from core.io.failures import shown
from core.text import bytes_text

AT_ONCE = 1 << 16
"""Bytes that are taken at once at most."""

_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
_PARTIAL = 206


class TransferError(ConvographError):
    """An address did not deliver; `is_final` where it would not the next time, either."""

    def __init__(self, why: str, *, is_final: bool) -> None:
        super().__init__(why)
        self.is_final = is_final


def transfer(file: RemoteFile, address: str, part: Path, timeout: float) -> Generator[int, None, None]:
    """Fetch what is missing of a file, and yield how many bytes are there after each piece.

    A server that does not continue where it is asked to sends all of it, and what was there is dropped.

    Parameters
    ----------
    file
        No byte more than its size is taken.
    address
        http or https; up to ten redirections are followed.
    part
        What is there already; it grows, and is kept whatever happens.
    timeout
        Seconds to wait for a connection, and for each piece.

    Raises
    ------
    TransferError
        The server is silent, ends too early, or sends something else; the text says so.
    OSError
        The disk can't take it.
    """
    there = part.stat().st_size if part.exists() else 0
    host = host_of(address)
    with _answer(file, address, there, timeout, host) as response:
        if there and response.status != _PARTIAL:
            there = 0
        _require_file(file, response, there, host)
        with part.open("r+b" if there else "wb") as out:
            out.seek(there)
            out.truncate()
            yield there
            yield from _copied(file, response, out, there, timeout, host)
            out.flush()
            os.fsync(out.fileno())


def host_of(address: str) -> str:
    """Return the name of the server.

    >>> host_of("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz")
    'www.cs.toronto.edu'
    """
    return shown(urlsplit(address).hostname or address)


def _answer(file: RemoteFile, address: str, there: int, timeout: float, host: str) -> HTTPResponse:
    headers = {"User-Agent": "Convograph", "Accept-Encoding": "identity"}
    if there:
        headers["Range"] = f"bytes={there}-"
    try:
        response: HTTPResponse = _opener().open(Request(address, headers=headers), timeout=timeout)
    except HTTPError as error:
        with error:
            raise TransferError(_refusal(file, error, host), is_final=error.code < 500) from error
    except (OSError, HTTPException, ValueError) as error:
        raise TransferError(f"{host} can't be reached: {_silence(error, timeout)}.", is_final=False) from error
    return response


def _opener() -> OpenerDirector:
    """Make what follows redirections to http and https only: no file of the user's own, and no FTP."""
    opener = OpenerDirector()
    for handler in (
        ProxyHandler,
        HTTPHandler,
        HTTPSHandler,
        HTTPRedirectHandler,
        HTTPDefaultErrorHandler,
        HTTPErrorProcessor,
        UnknownHandler,
    ):
        opener.add_handler(handler())
    return opener


def _refusal(file: RemoteFile, error: HTTPError, host: str) -> str:
    if 300 <= error.code < 400:
        return f"{host} redirects {file.name} in a circle, or to an address of another kind than http or https."
    if error.code == 404:
        return f"{host} has no {file.name} any more (404)."
    return f"{host} refuses {file.name} ({error.code} {shown(str(error.reason))})."


def _silence(error: Exception, timeout: float) -> str:
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, TimeoutError):
        return f"it said nothing for {timeout:g} s"
    if isinstance(cause, OSError) and cause.strerror:
        return shown(cause.strerror.lower())
    return shown(str(cause).strip()) or type(cause).__name__


def _require_file(file: RemoteFile, response: HTTPResponse, there: int, host: str) -> None:
    """Compare what the server announces with what is expected, before any of it is taken."""
    kind = response.headers.get_content_type()
    if kind in {"text/html", "application/xhtml+xml"}:
        raise TransferError(f"{host} answers with a web page instead of {file.name}.", is_final=True)
    if there:
        continued = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if continued is None or int(continued[1]) != there or continued[2] not in {"*", str(file.n_bytes)}:
            raise TransferError(f"{host} continues {file.name} at another place than it was asked to.", is_final=True)
    if response.length is not None and response.length != file.n_bytes - there:
        raise TransferError(
            f"{host} announces {response.length + there:,} bytes for {file.name}; it has {file.n_bytes:,}.",
            is_final=True,
        )


def _copied(
    file: RemoteFile, response: HTTPResponse, out: IO[bytes], there: int, timeout: float, host: str
) -> Generator[int, None, None]:
    while there <= file.n_bytes:
        try:
            piece = response.read1(min(AT_ONCE, file.n_bytes + 1 - there))
        except (OSError, HTTPException) as error:
            why = f"{host} stopped after {_share(file, there)}: {_silence(error, timeout)}."
            raise TransferError(why, is_final=False) from error
        if not piece:
            break
        out.write(piece[: file.n_bytes - there])
        there += len(piece)
        if there > file.n_bytes:
            raise TransferError(
                f"{host} sends more than the {bytes_text(file.n_bytes)} that {file.name} has.", is_final=True
            )
        yield there
    if there < file.n_bytes:
        raise TransferError(f"{host} ended after {_share(file, there)}.", is_final=False)


def _share(file: RemoteFile, there: int) -> str:
    return f"{bytes_text(there)} of the {bytes_text(file.n_bytes)} of {file.name}"
