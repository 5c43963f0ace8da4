"""What the owner types into the set-up: the demo's owner, so that the tour finds her, and the stand-ins outside."""

from __future__ import annotations

from sandbox.demo.facts import SHOP
from sandbox.demo.people import DEMO_PASSWORD, STAFF
from sandbox.mail import MailCatcher
from sandbox.square import SquareServer
from tests.hosting.host.database import PASSWORD, USER
from tests.hosting.host.walk import Answers
from tests.servers import MariaDB


def answers_for(
    server: MariaDB, database: str, url: str, square: SquareServer, mails: MailCatcher
) -> dict[str, Answers]:
    return {
        "database": {
            "kind": "mysql",
            "name": database,
            "user": USER,
            "password": PASSWORD,
            "host": str(server.socket),
        },
        "address": {"site_url": url},
        "mail": {
            "sender": str(SHOP["email"]),
            "server": mails.smtp_host,
            "port": str(mails.smtp_port),
            "use_tls": False,
            "per_hour": "0",
            "try_to": STAFF[0].email,
        },
        "cards": {
            "mode": "trial",
            "application_id": "sandbox-sq0idb-tradepost",
            "access_token": square.token,
            "location_id": square.location_id,
            "base_url": square.url,
        },
        "shop": {
            "name": str(SHOP["name"]),
            "email": str(SHOP["staff_email"]),
            "phone": str(SHOP["phone"]),
            "line1": str(SHOP["line1"]),
            "city": str(SHOP["city"]),
            "state": str(SHOP["state"]),
            "postal_code": str(SHOP["postal_code"]),
            "time_zone": str(SHOP["time_zone"]),
        },
        "owner": {"name": STAFF[0].name, "email": STAFF[0].email, "password": DEMO_PASSWORD},
    }
