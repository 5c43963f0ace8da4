"""Setting up without a browser, as docs/hosting.md says for a server: `flask install`, then the lines it has to paste."""

from __future__ import annotations

import json
import re
import shlex

from tests.hosting.host.checks import expect
from tests.hosting.host.deploy_files import Server
from tests.hosting.host.set_up_answers import answers_for
from tests.hosting.host.trial import Outside
from tests.source import ROOT

# Twice what two processes of five, a relay and two workers hold.
MOST_CONNECTIONS = 30
# In docs/hosting.md, and what stands in its place here.
_REDIS = "redis://127.0.0.1:6379/0"


def install_shop(server: Server, outside: Outside, database: str) -> None:
    """Every answer from a file, each service tried first; a second time changes nothing."""
    account = server.account
    answers = account.home / "answers.toml"
    answers.write_text(
        _as_toml(answers_for(outside.mariadb, database, server.url, outside.square, outside.mails))
    )
    account.own_everything()
    command = (str(account.python), "-m", "flask", "--app", "wsgi", "install", "--from", str(answers))
    trusting = {"SSL_CERT_FILE": str(server.certificate)}
    said = account.run(*command, cwd=account.shop, variables=trusting)
    expect(
        "is set up" in said or server.url in said, f"flask install says that the shop is there: {said[-800:]}"
    )
    before = (account.instance / "settings.toml").read_text()
    account.run(*command, cwd=account.shop, variables=trusting)
    expect((account.instance / "settings.toml").read_text() == before, "a second run changes nothing")
    answers.unlink()


def _as_toml(answers: dict[str, dict[str, object]]) -> str:
    """JSON's strings, numbers and booleans are TOML's."""
    parts = []
    for table, values in answers.items():
        lines = [f"{name} = {json.dumps(value)}" for name, value in values.items() if value is not None]
        parts.append("\n".join([f"[{table}]", *lines]))
    return "\n".join(parts) + "\n"


def paste_settings(server: Server, redis_url: str) -> None:
    """The very commands of docs/hosting.md that turn the settings of a shared host into those of a server."""
    blocks = re.findall(
        r"^```\w*\n(.*?)^```$", (ROOT / "docs/hosting.md").read_text(), flags=re.MULTILINE | re.DOTALL
    )
    [block] = [each for each in blocks if 'JOBS = "rq"' in each]
    text = block.replace("sudo -u tradepost ", "").replace(
        "/srv/tradepost", shlex.quote(str(server.account.shop))
    )
    expect(_REDIS in text, "the commands name Redis where Debian has it")
    server.account.run("/bin/sh", "-ec", text.replace(_REDIS, redis_url), cwd=server.account.shop)
    settings = (server.account.instance / "settings.toml").read_text()
    for line in ('JOBS = "rq"', "TRUSTED_PROXIES = 1", "DATABASE_POOL_SIZE = 5", redis_url):
        expect(settings.count(line) == 1, f"{line} stands in the settings: {settings.count(line)} times")
    mode = (server.account.instance / "settings.toml").stat().st_mode & 0o777
    expect(mode == 0o600, f"they are still their owner's alone: {mode:o}")
