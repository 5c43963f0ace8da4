"""What to start, with which settings: whatever the person gave is used, and nothing of sandbox/ takes its place."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.running.ports import pick_ports
from sandbox.running.settings_file import SettingsFile

ROOT = Path(__file__).resolve().parent.parent.parent
LOCAL = "127.0.0.1"
DEFAULT_PORT = 8000
_KEY_BYTES = 48
_HIGHEST_PORT = 65535

_SQUARE = ("SQUARE_BASE_URL", "SQUARE_ACCESS_TOKEN", "SQUARE_LOCATION_ID", "SQUARE_APPLICATION_ID")
_MAIL = ("MAIL_SERVER", "MAIL_PORT", "MAIL_DEFAULT_SENDER")
# One of these given means: the real service is meant.
_MEANS_SQUARE = ("SQUARE_BASE_URL", "SQUARE_ACCESS_TOKEN")
_MEANS_MAIL = ("MAIL_SERVER", "MAIL_PORT")
SANDBOX_TOKEN = "sandbox-token"
_SENDER = "hello@harborandpine.example"


class PortNotANumber(Exception):
    """PORT is something else than a port's number."""


@dataclass(frozen=True)
class Plan:
    """`environment` is that of every process. A port of the sandbox is None where the real service is used."""

    instance: Path
    host: str
    port: int
    site_url: str
    jobs: str
    has_own_database: bool
    square_port: int | None
    smtp_port: int | None
    mailbox_port: int | None
    environment: dict[str, str]

    @property
    def shop_url(self) -> str:
        """Where this machine reaches the shop, whatever its public address is."""
        return f"http://{LOCAL if self.host in {'0.0.0.0', LOCAL} else self.host}:{self.port}"

    @property
    def square_url(self) -> str | None:
        return f"http://{LOCAL}:{self.square_port}" if self.square_port else None

    @property
    def mailbox_url(self) -> str | None:
        return f"http://{LOCAL}:{self.mailbox_port}" if self.mailbox_port else None

    @property
    def logs(self) -> Path:
        return self.instance / "logs"

    @property
    def sandbox(self) -> Path:
        """What the stand-ins keep between two starts."""
        return self.instance / "sandbox"


class Choices:
    """What a person gave: the environment first, then their own lines of settings.toml. An empty value is none."""

    def __init__(self, environ: Mapping[str, str], file: SettingsFile):
        self._environ = environ
        self._file = file

    def get(self, name: str) -> str:
        return self._environ[name] if name in self._environ else self._file.given.get(name, "")

    def has_any(self, names: tuple[str, ...]) -> bool:
        return any(self.get(name) for name in names)


def find_instance(environ: Mapping[str, str]) -> Path:
    """This machine's own folder: TRADEPOST_INSTANCE, or instance/ beside the code."""
    return Path(environ.get("TRADEPOST_INSTANCE") or ROOT / "instance").resolve()


def read_port(text: str) -> int:
    """The shop's port; PortNotANumber names what was given instead."""
    if not text:
        return DEFAULT_PORT
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= _HIGHEST_PORT):
        raise PortNotANumber(f"PORT is {text!r}. Give a number, like: make run PORT=8080")
    return int(text)


def make_plan(environ: Mapping[str, str], file: SettingsFile, instance: Path, port: int) -> Plan:
    """Decide, pick the stand-ins' ports, and write the settings that are missing. Raises NoFreePort."""
    choices = Choices(environ, file)
    host = environ.get("HOST") or LOCAL
    wanted: tuple[str, ...] = () if choices.has_any(_MEANS_SQUARE) else ("square",)
    wanted += () if choices.has_any(_MEANS_MAIL) else ("smtp", "mailbox")
    ports = pick_ports(wanted, port, instance / "sandbox" / "ports.json")
    own = _own_settings(choices, host, port, ports)
    secret_keys = {name: secrets.token_urlsafe(_KEY_BYTES) for name in ("SECRET_KEY", "DATA_KEY")}
    file.keep({name: key for name, key in secret_keys.items() if not choices.get(name)}, own)
    jobs = choices.get("JOBS") or ("rq" if choices.get("REDIS_URL") else "database")
    unused = _without_leftovers(environ, file, own)
    return Plan(
        instance=instance,
        host=host,
        port=port,
        site_url=choices.get("SITE_URL") or own["SITE_URL"],
        jobs=jobs,
        has_own_database=not choices.get("DATABASE_URL"),
        square_port=ports.get("square"),
        smtp_port=ports.get("smtp"),
        mailbox_port=ports.get("mailbox"),
        environment={
            **environ,
            **unused,
            **own,
            "JOBS": jobs,
            "PORT": str(port),
            "TRADEPOST_INSTANCE": str(instance),
            "PYTHONUNBUFFERED": "1",
        },
    )


def _own_settings(choices: Choices, host: str, port: int, ports: Mapping[str, int]) -> dict[str, str]:
    """Settings of the stand-ins that run, and the shop's address where none was given."""
    own: dict[str, str] = {}
    if not choices.get("SITE_URL"):
        own["SITE_URL"] = f"http://{LOCAL if host == '0.0.0.0' else host}:{port}"
    if "square" in ports:
        values = (
            f"http://{LOCAL}:{ports['square']}",
            SANDBOX_TOKEN,
            "SANDBOX_MAIN",
            "sandbox-sq0idb-tradepost",
        )
        own |= dict(zip(_SQUARE, values, strict=True))
    if "smtp" in ports:
        own |= {"MAIL_SERVER": LOCAL, "MAIL_PORT": str(ports["smtp"])}
        if not choices.get("MAIL_DEFAULT_SENDER"):
            own["MAIL_DEFAULT_SENDER"] = _SENDER
    return own


def _without_leftovers(
    environ: Mapping[str, str], file: SettingsFile, own: Mapping[str, str]
) -> dict[str, str]:
    """Lines the sandbox wrote earlier must not mix with a real service given now."""
    leftovers = [name for name in (*_SQUARE, *_MAIL) if name in file.own and name not in own]
    return {name: "25" if name == "MAIL_PORT" else "" for name in leftovers if name not in environ}
