"""What was answered so far, kept between the steps in a file of its owner's alone; it goes away with the set-up."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from app.first_run.private_file import create_private, write_private
from app.make_key import make_key

NAME = "setup-draft.json"
Answers = dict[str, Any]


@dataclass
class Draft:
    """`answers` by step; `done` are the steps that were left with "Save and go on". The three keys are made once.

    `secret_key` and `data_key` become the shop's, so a set-up that stopped half-way goes on with the same ones;
    `cookie_key` signs the set-up's own cookie.
    """

    secret_key: str = field(default_factory=make_key)
    data_key: str = field(default_factory=make_key)
    cookie_key: str = field(default_factory=make_key)
    answers: dict[str, Answers] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    # The database that was being filled when an earlier try stopped: what is found in it is ours.
    begun: str = ""

    def step(self, name: str) -> Answers:
        return self.answers.get(name, {})

    def keep(self, name: str, answers: Answers) -> None:
        self.answers[name] = {**self.step(name), **answers}

    def finish(self, name: str) -> None:
        if name not in self.done:
            self.done.append(name)

    def save(self, instance: Path) -> None:
        write_private(instance / NAME, self.as_text())

    def as_text(self) -> str:
        return json.dumps(asdict(self), indent=1) + "\n"


def load_draft(instance: Path) -> Draft:
    """The draft so far; a new one, saved with its keys, where there is none or somebody spoilt it."""
    create_private(instance / NAME, Draft().as_text())
    try:
        return Draft(**json.loads((instance / NAME).read_text(encoding="utf-8")))
    except (ValueError, TypeError):
        draft = Draft()
        draft.save(instance)
        return draft


def remove_draft(instance: Path) -> None:
    (instance / NAME).unlink(missing_ok=True)
