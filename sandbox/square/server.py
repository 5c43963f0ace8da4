"""The look-alike, running: for the command line and, in-process, for tests."""

from types import TracebackType
from typing import Self

from sandbox.background_server import BackgroundServer
from sandbox.square.app import create_app
from sandbox.square.books import Options
from sandbox.square.office import Office


class SquareServer:
    """A running look-alike. Port 0 picks a free port; `stop()` or leaving the `with` block ends it.

    `Square(base_url=server.url, token=server.token)` talks to it. Raises OSError when the port is taken.
    """

    def __init__(
        self, state: str = ":memory:", options: Options | None = None, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self.office = Office(state, options or Options())
        try:
            self._http = BackgroundServer(create_app(self.office), host, port)
        except OSError:
            self.office.books.store.close()
            raise
        self.office.courier.start()
        self._is_running = True

    @property
    def url(self) -> str:
        """The address to give as `base_url`."""
        return self._http.url

    @property
    def token(self) -> str:
        """The access token it takes."""
        return self.office.books.options.token

    @property
    def location_id(self) -> str:
        """The one location of the seller."""
        return self.office.books.options.location_id

    def stop(self) -> None:
        """Answer nothing any more, and close the file. Safe to call twice."""
        if self._is_running:
            self._is_running = False
            self.office.faults.stopping.set()
            self._http.stop()
            self.office.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
