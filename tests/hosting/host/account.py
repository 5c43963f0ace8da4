"""The owner's account at the host: a folder of its own, an unprivileged user, the unpacked release and its Python."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import zipfile
from pathlib import Path

# Root takes off its rights for everything that happens at the host; anybody else stays who they are.
_UNPRIVILEGED = "nobody"
_PYTHON = "/usr/bin/python3"
# What pip is told at a shared host, and on a server of one's own.
SHARED = ("-r", "requirements-shared.txt")
LOCKED = ("--require-hashes", "-r", "requirements.lock")


class Account:
    """`home` is where the host keeps the owner's files, `shop` the unpacked release in it."""

    def __init__(self, home: Path, release: Path):
        self.home = home
        self.user = pwd.getpwnam(_UNPRIVILEGED) if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        home.mkdir(parents=True)
        with zipfile.ZipFile(release) as archive:
            archive.extractall(home)
            top = archive.namelist()[0].partition("/")[0]
        self.shop = home / top
        # What a host's file manager does: it keeps the permissions that stand in the ZIP.
        (self.shop / "public" / "tradepost.cgi").chmod(0o755)
        home.chmod(0o755)
        self.own_everything()

    @property
    def instance(self) -> Path:
        return self.shop / "instance"

    @property
    def public(self) -> Path:
        return self.shop / "public"

    @property
    def python(self) -> Path:
        return self.shop / ".venv" / "bin" / "python"

    @property
    def environment(self) -> dict[str, str]:
        """As bare as cron's; where packages come from is a matter of the machine."""
        kept = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        return {
            **kept,
            "HOME": str(self.home),
            "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin",
            "LANG": "C.UTF-8",
        }

    def own_everything(self) -> None:
        """Whatever somebody else put there belongs to the account."""
        if os.getuid() == 0:
            for path in [self.home, *self.home.rglob("*")]:
                os.chown(path, self.user.pw_uid, self.user.pw_gid, follow_symlinks=False)

    def start(
        self, command: list[str], *, variables: dict[str, str] | None = None, **more: object
    ) -> subprocess.Popen[bytes]:
        """A process of the account's user, with these variables beside the bare ones."""
        more = {"cwd": self.home, **more}
        if os.getuid() == 0:
            more |= {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}
        return subprocess.Popen(command, env=self.environment | (variables or {}), **more)  # type: ignore[call-overload]

    def run(self, *command: str, **more: object) -> str:
        """Run to its end; what it said, and an error with that when it failed."""
        more = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, **more}
        with self.start(list(command), **more) as process:  # type: ignore[arg-type]
            said = process.communicate()[0].decode(errors="replace")
        if process.returncode:
            raise RuntimeError(f"{' '.join(command)} failed:\n{said[-3000:]}")
        return said

    def install_packages(self, like: Account | None = None, what: tuple[str, ...] = SHARED) -> None:
        """A virtual environment with these packages, as a panel's button or the docs' line makes it; the same one again for a
        second shop."""
        if like is not None:
            (self.shop / ".venv").symlink_to(like.shop / ".venv")
            return
        self.run(_PYTHON, "-m", "venv", str(self.shop / ".venv"))
        pip = ("-m", "pip", "install", "--quiet", "--no-cache-dir")
        self.run(str(self.python), *pip, *what, cwd=self.shop)

    def has_program(self, name: str) -> bool:
        return shutil.which(name, path=self.environment["PATH"]) is not None
