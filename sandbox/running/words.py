"""What `make run` prints once the shop is open."""

from sandbox.demo.people import BIRCH_AND_ANCHOR, COPPER_KETTLE, DEMO_PASSWORD, STAFF
from sandbox.running.plan import ROOT, Plan

_SIGN_INS = (
    (BIRCH_AND_ANCHOR.people[0].email, "an approved buyer: sees prices, can order"),
    (COPPER_KETTLE.people[0].email, "an applicant who waits for approval"),
    (STAFF[0].email, "staff: the shop's owner"),
)
_JOBS = {
    "database": "one worker on the database",
    "rq": "a relay and one RQ worker on Redis",
    "drain": "`flask jobs drain` every few seconds, as cron would",
}


def say_where(plan: Plan, is_demo: bool, engine: str) -> str:
    """Addresses, sign-ins, what runs, and how to stop it."""
    rows = [("Shop", f"{plan.site_url}/"), ("Back office", f"{plan.site_url}/admin/")]
    if plan.mailbox_url:
        rows.append(("Mailbox", f"{plan.mailbox_url}/   every mail the shop sends"))
    if plan.square_url:
        rows.append(("Square look-alike", f"{plan.square_url}/   every payment it saw"))
    parts = ["", "The shop is open.", "", *_columns(rows)]
    if is_demo:
        parts += ["", f"Sign in with the password {DEMO_PASSWORD} as", *_columns(_SIGN_INS)]
    parts += ["", *_columns(_facts(plan, engine)), "", "Ctrl-C stops all of it.", ""]
    return "\n".join(parts)


def _facts(plan: Plan, engine: str) -> list[tuple[str, str]]:
    database = (
        f"SQLite, {_short(plan, 'shop.db')}" if plan.has_own_database else f"{engine}, from DATABASE_URL"
    )
    facts = [("Database", database), ("Background", _JOBS.get(plan.jobs, plan.jobs))]
    if not plan.square_url:
        facts.append(("Cards", "the Square account you gave; nothing of the sandbox is started"))
    if not plan.mailbox_url:
        facts.append(("Mail", "the mail server you gave: mail really goes out"))
    return [*facts, ("Logs", _short(plan, "logs/*.log"))]


def _short(plan: Plan, name: str) -> str:
    """A path from where `make` is called, where it lies below."""
    path = plan.instance / name
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def _columns(rows: list[tuple[str, str]] | tuple[tuple[str, str], ...]) -> list[str]:
    width = max(len(name) for name, _ in rows)
    return [f"  {name:<{width}}   {words}" for name, words in rows]
