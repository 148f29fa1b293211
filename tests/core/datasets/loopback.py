"""A server on this machine that behaves as badly as it is told to."""

import re
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

CONTENT = bytes((7 * i + i // 251) % 256 for i in range(300_000))
"""What the file should hold."""


class Handler(BaseHTTPRequestHandler):
    """Answers a path with the behaviour of that name; the last part of the path is the file."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        start = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        self.start = int(start[1]) if start else 0
        self.server.asked.append((self.path, self.start))
        self.close_connection = True
        getattr(self, "_" + self.path.split("/")[1])()

    def log_message(self, *_):
        """Say nothing in the terminal."""

    def _send(self, content, status=None, length=None, **headers):
        status = status or (206 if self.start else 200)
        self.send_response(status)
        if status == 206:
            last = self.start + len(content) - 1
            headers.setdefault("Content_Range", f"bytes {self.start}-{last}/{len(CONTENT)}")
        if length != "none":
            self.send_header("Content-Length", str(len(content) if length is None else length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def _good(self):
        self._send(CONTENT[self.start :])

    def _anew(self):
        """Ignore Range."""
        self._send(CONTENT, 200)

    def _truncated(self):
        """Break off after 100,000 bytes."""
        self._send(CONTENT[self.start : self.start + 100_000], length=len(CONTENT) - self.start)

    def _silent(self):
        self.server.ended.wait(10)

    def _stalled(self):
        """Send 100,000 bytes, and then nothing more."""
        if not self.start:
            self._truncated()
        self.server.ended.wait(10)

    def _short(self):
        self._send(CONTENT[:1000])

    def _long(self):
        self._send(CONTENT + b"more")

    def _endless(self):
        """Announce no length, and don't stop."""
        self._send(b"", length="none")
        with_more = b"?" + CONTENT[1:] + bytes(50_000_000)
        try:
            self.wfile.write(with_more)
        except OSError:
            self.server.broke_off.set()

    def _chatty(self):
        """Announce no length, and say more than the file holds."""
        self._send(CONTENT + b"and so on", length="none")

    def _unmeasured(self):
        """Announce no length."""
        self._send(CONTENT[self.start :], length="none")

    def _wrong(self):
        self._send(bytes(len(CONTENT) - self.start))

    def _page(self):
        self._send(b"<html>Log in to the hotel's network", 200, Content_Type="text/html; charset=utf-8")

    def _gone(self):
        self._send(b"gone", 404)

    def _busy(self):
        self._send(b"later", 503)

    def _circle(self):
        self._send(b"", 302, Location=self.path)

    def _moved(self):
        self._send(b"", 301, Location=self.path.replace("moved", "good"))

    def _local(self):
        self._send(b"", 302, Location="file:///etc/passwd")

    def _ftp(self):
        self._send(b"", 302, Location="ftp://127.0.0.1/x")

    def _elsewhere(self):
        """Answer Range with other bytes, from the right place."""
        self._send(CONTENT if not self.start else bytes(len(CONTENT) - self.start))

    def _misplaced(self):
        """Answer Range from another place."""
        if self.start:
            self._send(CONTENT[5:], 206, Content_Range=f"bytes 5-{len(CONTENT) - 1}/{len(CONTENT)}")
        else:
            self._good()

    def _babbling(self):
        self.wfile.write(b"no HTTP at all\r\n\r\n")


@contextmanager
def serving():
    """Serve until the end of the block; `address(behaviour)` says where."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.asked, server.ended, server.broke_off = [], Event(), Event()
    server.address = lambda behaviour, name="data.bin": f"http://127.0.0.1:{server.server_port}/{behaviour}/{name}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.ended.set()
        server.shutdown()
        thread.join()
        server.server_close()
