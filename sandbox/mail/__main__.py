"""`python -m sandbox.mail --smtp-port N --http-port M --folder DIR`: catch mail until told to stop."""

import argparse
import signal
import sys
import threading
from pathlib import Path

from sandbox.mail.server import MailCatcher


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.mail",
        description="Catches mail and shows it on a page; for trials and tests only.",
    )
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True, help="where the .eml files go")
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: this machine only)"
    )
    return parser.parse_args()


def main() -> int:
    """Run until SIGINT or SIGTERM. Returns 1 when a port is taken."""
    given = _arguments()
    told_to_stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told_to_stop.set())
    try:
        catcher = MailCatcher(given.folder, given.host, given.smtp_port, given.http_port)
    except OSError as error:
        ports = f"{given.smtp_port} and {given.http_port}"
        print(
            f"Mail catcher: cannot listen on {given.host}, ports {ports} ({error.strerror}).", file=sys.stderr
        )
        return 1
    print(f"Mail catcher: {catcher.url}, SMTP on port {catcher.smtp_port}", flush=True)
    told_to_stop.wait()
    catcher.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
