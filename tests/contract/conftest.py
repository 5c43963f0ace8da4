"""What the contract tests stand on: running look-alikes, and the real clients talking to them over real HTTP."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from square import Square

from sandbox.square import SquareServer
from sandbox.square.books import Options
from tests.contract import plain_http

Control = Callable[..., dict[str, Any]]


@pytest.fixture
def square_server() -> Iterator[SquareServer]:
    """A look-alike with empty books, whose lists do not lag."""
    with SquareServer(options=Options(list_lag_seconds=0)) as server:
        yield server


@pytest.fixture
def square(square_server: SquareServer) -> Iterator[Square]:
    """The real SDK, without retries of its own, pointed at the look-alike."""
    with connect(square_server) as client:
        yield client


@pytest.fixture
def control(square_server: SquareServer) -> Iterator[Control]:
    """Calls the control API: `control("POST", "faults", call=…, kind=…)`."""
    with plain_http.Client(base_url=f"{square_server.url}/_control/", timeout=10) as client:

        def call(method: str, path: str, **body: Any) -> dict[str, Any]:
            answer = client.request(method, path, json=body if method == "POST" else None)
            answer.raise_for_status()
            result = answer.json()
            assert isinstance(result, dict)
            return result

        yield call


class connect:  # noqa: N801  used like a function: with connect(server) as square
    """Open the real SDK on a look-alike, and close its connections afterwards."""

    def __init__(self, server: SquareServer, token: str | None = None, timeout: float = 5) -> None:
        self._http = plain_http.Client(timeout=timeout)
        self._client = Square(base_url=server.url, token=token or server.token, httpx_client=self._http)

    def __enter__(self) -> Square:
        return self._client

    def __exit__(self, *_: object) -> None:
        self._http.close()
