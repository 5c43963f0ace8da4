"""The files of deploy/ as a release brings them, with this machine's paths, ports and names in the places of a server's."""

from __future__ import annotations

import grp
import re
import shlex
from pathlib import Path

from tests.hosting.host.account import Account
from tests.hosting.host.apache import free_ports, make_certificate

_HOST = "shop.example.com"


class Server:
    """Where everything of one server is: `folder` stands for /etc, /run and /var, the account's home for /srv.

    `url` is the shop, `plain_url` the address without https.
    """

    def __init__(self, account: Account):
        self.account = account
        self.folder = account.home / "server"
        self.logs = self.folder / "log"
        for each in (self.folder, self.logs, self.folder / "www", account.home / "backups"):
            each.mkdir()
        self.certificate = make_certificate(self.folder)
        self.plain_port, self.port = free_ports(2)
        self.socket = self.folder / "web.sock"

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    @property
    def plain_url(self) -> str:
        return f"http://localhost:{self.plain_port}"

    def render(self, name: str) -> str:
        """The text of a file of deploy/. Only addresses, paths, ports and users are others."""
        text = (self.account.shop / "deploy" / name).read_text()
        for there, here in self._places().items():
            text = text.replace(there, here)
        # An address of the other kind is of no use where the machine may have none.
        return re.sub(r"^ *listen \[::\].*\n", "", text, flags=re.MULTILINE)

    def install(self, name: str, place: str) -> Path:
        """Put a file where the server reads it, under `folder`."""
        path = self.folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.render(name))
        return path

    def _places(self) -> dict[str, str]:
        group = grp.getgrgid(self.account.user.pw_gid).gr_name
        papers = f"/etc/letsencrypt/live/{_HOST}"
        return {
            f"{papers}/fullchain.pem": str(self.certificate),
            f"{papers}/privkey.pem": str(self.folder / "key.pem"),
            "/srv/tradepost": str(self.account.shop),
            "/run/tradepost.sock": str(self.socket),
            "/run/nginx.pid": str(self.folder / "nginx.pid"),
            "/var/log/tradepost": str(self.logs),
            "/var/backups/tradepost": str(self.account.home / "backups"),
            "/var/www/html": str(self.folder / "www"),
            "${APACHE_LOG_DIR}": str(self.logs),
            "user=tradepost group=tradepost": f"user={self.account.user.pw_name} group={group}",
            "create 0640 www-data adm": f"create 0640 {self.account.user.pw_name} {group}",
            "listen 80": f"listen 127.0.0.1:{self.plain_port}",
            "listen 443": f"listen 127.0.0.1:{self.port}",
            "*:80>": f"127.0.0.1:{self.plain_port}>",
            "*:443>": f"127.0.0.1:{self.port}>",
            "Host $host;": f"Host $host:{self.port};",
            "https://$host$request_uri": f"https://$host:{self.port}$request_uri",
            f"https://{_HOST}/": f"{self.url}/",
            _HOST: "localhost",
        }


class Unit:
    """A unit of systemd: its own lines, and those every service of the shop shares."""

    def __init__(self, server: Server, name: str):
        self.name = name
        self._text = server.render("systemd/tradepost-.service.d/common.conf") + server.render(
            f"systemd/{name}"
        )

    def values(self, key: str) -> list[str]:
        return re.findall(rf"^{key}=(.*)$", self._text, flags=re.MULTILINE)

    def value(self, key: str) -> str:
        """Of several the last, as systemd does it."""
        return self.values(key)[-1]

    def commands(self, key: str, **variables: str) -> list[list[str]]:
        """The command lines under a key, with variables like $MAINPID filled in."""
        lines = self.values(key)
        for name, value in variables.items():
            lines = [line.replace(f"${name}", value) for line in lines]
        return [shlex.split(line) for line in lines]
