"""`flask install`: the set-up without a browser, asked at the prompt or read from a file."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import click
from werkzeug.datastructures import MultiDict

from app.accounts.create_owner import CreateOwner
from app.first_run.draft import Draft, load_draft
from app.first_run.forms import MYSQL, StepForm
from app.first_run.install import SetUpAlready, install
from app.first_run.steps import STEPS, Step
from app.settings import find_instance
from app.shared import clock
from app.shared.errors import AppError
from app.shared.history import Actor

# More than these, like the states, are typed without being listed.
_MOST_CHOICES = 10
_LATER = {"base_url", "webhook_key"}
_ONLY_FOR_MYSQL = {"host", "name", "user", "password"}


@click.command("install")
@click.option(
    "--from",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Read the answers from this TOML file instead of asking (docs/hosting.md shows one).",
)
@click.option(
    "--no-tests", is_flag=True, help="Do not try the address, mail and Square; the database is always tried."
)
def install_command(file: Path | None, no_tests: bool) -> None:
    """Set up a new shop: settings.toml, database, owner. Harms nothing where there is one already."""
    instance = find_instance()
    if (instance / "settings.toml").exists():
        click.echo(SetUpAlready().message)
        return
    draft = load_draft(instance)
    answers = _read(file) if file else None
    owner: StepForm | None = None
    for step in STEPS:
        form = _take(step, answers.get(step.name, {})) if answers is not None else _ask(step, draft)
        if step.name == "owner":
            owner = form
            continue
        draft.keep(step.name, form.data)
        _test(step, draft, instance, is_asked=answers is None, is_skipped=no_tests)
        draft.finish(step.name)
        draft.save(instance)
    if owner is None:
        raise click.ClickException("The owner's account is missing.")
    command = CreateOwner(owner["name"].data, owner["email"].data, owner["password"].data)
    _install(draft, command, instance)


def _install(draft: Draft, owner: CreateOwner, instance: Path) -> None:
    try:
        done = install(draft, owner, instance=instance, actor=Actor.system("flask install"), now=clock.now())
    except AppError as refusal:
        raise click.ClickException(refusal.message) from None
    click.echo(f"\nThe shop is set up: {done.site_url}")
    click.echo(f"Sign in there as {owner.email}; the back office is at {done.site_url}/admin/")
    click.echo(
        "\nNow paste this line into the cron table (crontab -e), so that mail goes out and cards are charged:"
    )
    click.echo(done.cron_line)
    click.echo(f"\nKeep a copy of {instance / 'settings.toml'} with your backups.")


def _read(file: Path) -> dict[str, Any]:
    """One table for each step; every problem of all of them at once."""
    try:
        answers = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{file} cannot be read: {error}") from None
    known = {step.name: set(step.form().data) for step in STEPS}
    problems = [f"[{name}] is not known here" for name in answers if name not in known]
    for name, fields in known.items():
        table = answers.get(name, {})
        if not isinstance(table, dict):
            problems.append(f"{name} must be a table: [{name}]")
            continue
        problems += [f"[{name}] {key} is not known here" for key in table if key not in fields]
    if not problems:
        problems = [words for step in STEPS for words in _problems(step, answers.get(step.name, {}))]
    if problems:
        raise click.ClickException(
            f"{file} needs a few changes:\n" + "\n".join(f"  - {each}" for each in problems)
        )
    return answers


def _fill(step: Step, given: dict[str, Any]) -> StepForm:
    """A form with these answers, and the defaults where there is none."""
    values = {**step.form().data, **given}
    sent = {name: _as_sent(value) for name, value in values.items() if value not in {None, False}}
    return step.form(MultiDict(sent))


def _as_sent(value: Any) -> str:
    return "y" if value is True else str(value)


def _problems(step: Step, given: dict[str, Any]) -> list[str]:
    form = _fill(step, given)
    form.validate()
    return [f"[{step.name}] {name}: {words}" for name, errors in form.errors.items() for words in errors]


def _take(step: Step, given: dict[str, Any]) -> StepForm:
    form = _fill(step, given)
    form.validate()
    return form


def _ask(step: Step, draft: Draft) -> StepForm:
    """Field after field; what is wrong is said and asked again."""
    click.echo(f"\n{step.title}")
    given = dict(draft.step(step.name))
    wrong: set[str] = set()
    while True:
        for field in step.form():
            if _is_asked(field.short_name, given, wrong):
                given[field.short_name] = _ask_field(field, given.get(field.short_name, field.data))
        form = _fill(step, given)
        if form.validate():
            return form
        wrong = set(form.errors)
        for errors in form.errors.values():
            click.echo(f"  {errors[0]}")


def _is_asked(name: str, given: dict[str, Any], wrong: set[str]) -> bool:
    if wrong:
        return name in wrong
    if name in _ONLY_FOR_MYSQL and "kind" in given:
        return bool(given["kind"] == MYSQL)
    return name not in _LATER


def _ask_field(field: Any, present: Any) -> Any:
    if field.type == "BooleanField":
        return click.confirm(f"  {field.label.text}", default=bool(present))
    choices = getattr(field, "choices", None) or []
    if len(choices) <= _MOST_CHOICES:
        for each in choices:
            click.echo(f"    {each.value}: {each.label}")
    is_secret = field.type == "PasswordField"
    return click.prompt(
        f"  {field.label.text}",
        default="" if present is None else str(present),
        show_default=bool(present) and not is_secret,
        hide_input=is_secret,
    )


def _test(step: Step, draft: Draft, instance: Path, *, is_asked: bool, is_skipped: bool) -> None:
    """Say what came of it. The database must answer; the others may be put right later."""
    if step.test is None or (is_skipped and not step.is_needed) or step.name == "address":
        return  # nothing answers at the address yet: no web server runs the set-up
    outcome = step.test(draft, instance)
    click.echo(f"  {outcome.words}")
    if outcome.is_good:
        return
    if step.is_needed or not is_asked:
        hint = "" if step.is_needed else " (--no-tests goes on without)"
        raise click.ClickException(f"{step.title} is not right yet{hint}.")
    if not click.confirm("  Go on all the same, and put it right later?", default=False):
        raise click.Abort
