"""`python -m sandbox.square --port N --state FILE`: run the look-alike until it is told to stop."""

import argparse
import signal
import sys
import threading

from sandbox.square.books import Options, Webhooks
from sandbox.square.server import SquareServer


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.square",
        description="A look-alike of Square's payments API, for trials and tests only.",
    )
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: this machine only)"
    )
    parser.add_argument(
        "--state", default=":memory:", help="SQLite file that keeps what happened (default: memory)"
    )
    parser.add_argument(
        "--token", default=Options.token, help=f"access token to take (default: {Options.token})"
    )
    parser.add_argument("--list-lag", type=float, default=Options.list_lag_seconds, metavar="SECONDS")
    parser.add_argument("--refund-delay", type=float, default=Options.refund_delay_seconds, metavar="SECONDS")
    parser.add_argument("--webhook-url", help="where to send signed events (default: nowhere)")
    parser.add_argument("--webhook-key", default=Webhooks.key, help="signature key of the events")
    return parser.parse_args()


def main() -> int:
    """Run until SIGINT or SIGTERM. Returns 1 when the port is taken."""
    given = _arguments()
    options = Options(
        token=given.token,
        list_lag_seconds=given.list_lag,
        refund_delay_seconds=given.refund_delay,
        webhooks=Webhooks(url=given.webhook_url, key=given.webhook_key),
    )
    told_to_stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told_to_stop.set())
    try:
        server = SquareServer(given.state, options, given.host, given.port)
    except OSError as error:
        print(
            f"Square look-alike: cannot listen on {given.host}:{given.port} ({error.strerror}).",
            file=sys.stderr,
        )
        return 1
    print(f"Square look-alike: {server.url}", flush=True)
    told_to_stop.wait()
    server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
