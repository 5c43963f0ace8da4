"""A small HTTP server in a thread of its own, for the look-alikes and for the tests that use them."""

import socket
import struct
import threading
from typing import Any
from wsgiref.types import WSGIApplication

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

NO_LINGER = struct.pack("ii", 1, 0)


class _QuietHandler(WSGIRequestHandler):
    """Answers without writing a line per request: a trial prints enough already."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write nothing."""

    def connection_dropped(self, error: BaseException, environ: dict[str, Any] | None = None) -> None:
        """End the connection too; without this a dropped answer would leave it open for the next request."""
        self.close_connection = True

    def finish(self) -> None:
        """Close the streams of a connection; that the client left first is no error here."""
        try:
            super().finish()
        except OSError:
            self.rfile.close()


class _Server(ThreadedWSGIServer):
    """Remembers its open connections, so that stopping cuts kept-alive ones too; can reset a connection."""

    def __init__(self, host: str, port: int, app: WSGIApplication, listener: socket.socket) -> None:
        self._open: set[Any] = set()
        self._open_lock = threading.Lock()
        super().__init__(host, port, app, handler=_QuietHandler, fd=listener.fileno())

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._open_lock:
            self._open.discard(request)
        if _is_to_be_reset(request):
            # An orderly shutdown would send FIN first; closing at once sends RST.
            self.close_request(request)
            return
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up, or a connection reset on purpose, is nothing to print a traceback for."""

    def cut_connections(self) -> None:
        """Shut every open connection, so that nothing is answered any more."""
        with self._open_lock:
            connections = list(self._open)
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


def _is_to_be_reset(connection: socket.socket) -> bool:
    try:
        return connection.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, len(NO_LINGER)) == NO_LINGER
    except OSError:
        return False


def mark_for_reset(connection: socket.socket) -> None:
    """Make the closing of this connection a TCP reset instead of an orderly end."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)


def listen(host: str, port: int) -> socket.socket:
    """Open a listening TCP socket; port 0 picks a free one. Raises OSError when the port is taken."""
    listener = socket.create_server((host, port), backlog=128)
    listener.set_inheritable(False)
    return listener


class BackgroundServer:
    """Serves a WSGI application until `stop()`. Raises OSError at once when the port is taken."""

    def __init__(self, app: WSGIApplication, host: str = "127.0.0.1", port: int = 0) -> None:
        with listen(host, port) as listener:
            self._server = _Server(host, port, app, listener)
        self.host = host
        self.port: int = self._server.port
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.02},
            name=f"http-{self.port}",
            daemon=True,
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://{self.host}:{self.port}"

    def stop(self) -> None:
        """Stop listening and cut what is open. Safe to call twice."""
        self._server.shutdown()
        self._thread.join()
        self._server.cut_connections()
