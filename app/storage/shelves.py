"""The shop's two shelves, as the settings want them: private papers, and public pictures."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import cast

from flask import current_app

from app.settings import Settings
from app.storage.contract import Shelf
from app.storage.folder import FolderShelf

EXTENSION = "shelves"


@dataclass(frozen=True)
class Shelves:
    """`papers` are fetched through the shop after its check of rights; `pictures` are for everybody."""

    papers: Shelf
    pictures: Shelf


def open_shelves(settings: Settings) -> Shelves:
    """Folders of the instance, or the bucket of S3_BUCKET; boto3 is imported only for that."""
    if not settings.s3_bucket:
        return Shelves(
            FolderShelf(settings.uploads_path, is_private=True),
            FolderShelf(settings.media_path, is_private=False),
        )
    papers, pictures = importlib.import_module("app.storage.s3").connect(settings)
    return Shelves(papers, pictures)


def get_shelves() -> Shelves:
    """The present shop's, opened once in each process."""
    held = current_app.extensions.get(EXTENSION)
    if held is None:
        held = current_app.extensions[EXTENSION] = open_shelves(current_app.extensions["settings"])
    return cast(Shelves, held)
