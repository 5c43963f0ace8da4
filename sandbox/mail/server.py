"""The mail catcher, running: for the command line and, in-process, for tests."""

from pathlib import Path
from types import TracebackType
from typing import Self

from sandbox.background_server import BackgroundServer, listen
from sandbox.mail.box import Box
from sandbox.mail.smtp import Handler, Mood, SmtpServer
from sandbox.mail.web import create_app


class MailCatcher:
    """A running catcher. Port 0 picks a free port; `stop()` or leaving the `with` block ends it.

    Raises OSError when a port is taken.
    """

    def __init__(self, folder: Path, host: str = "127.0.0.1", smtp_port: int = 0, http_port: int = 0) -> None:
        self.mood = Mood()
        self.box = Box(folder)
        listener = listen(host, smtp_port)
        try:
            self._http = BackgroundServer(create_app(self.box, self.mood), host, http_port)
        except OSError:
            listener.close()
            raise
        self._smtp = SmtpServer(Handler(self.box, self.mood), listener)
        self._smtp.start()
        self._is_running = True

    @property
    def url(self) -> str:
        """The mailbox's address."""
        return self._http.url

    @property
    def smtp_host(self) -> str:
        """Where to send mail: MAIL_SERVER."""
        return self._http.host

    @property
    def smtp_port(self) -> int:
        """Where to send mail: MAIL_PORT."""
        return self._smtp.port

    def stop(self) -> None:
        """Take no more mail and show no more pages; the folder stays. Safe to call twice."""
        if self._is_running:
            self._is_running = False
            self._smtp.stop()
            self._http.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
