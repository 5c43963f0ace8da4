"""The private servers of tests/servers.py, made to be killed: what was committed is there when they come back."""

from __future__ import annotations

from redis import Redis as Client

from tests.servers import MariaDB, Redis, _Server

# The tests' own server writes its log once a second: killed, it would forget what it had confirmed.
_LASTING = ("--innodb-flush-log-at-trx-commit=1", "--innodb-flush-method=fsync", "--innodb-doublewrite=ON")


class _Killable(_Server):
    def kill(self) -> None:
        """kill -9, with everything in its memory."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def come_back(self) -> None:
        """Start again on the same folder and wait until it answers."""
        self._process = _Server._start(self)
        self._wait_until_it_answers()


class LastingMariaDB(_Killable, MariaDB):
    """A MariaDB that keeps its promises over a kill -9, as one does that holds a shop's orders."""

    def _command(self) -> list[str]:
        return [*super()._command(), *_LASTING]


class MortalRedis(_Killable, Redis):
    """A Redis that comes back empty."""

    def wipe(self) -> None:
        """FLUSHALL."""
        with Client.from_url(self.url) as connection:
            connection.flushall()
