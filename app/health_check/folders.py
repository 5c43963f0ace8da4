"""Rules about files and room: what the shop must be able to write, who else may read it, and how much is free."""

from __future__ import annotations

from dataclasses import dataclass

from app.health_check.lines import Line, bad, good, warning

_OTHERS_READ = 0o007
_OTHERS_WRITE = 0o002
_ANYBODY_ELSE = 0o077
_MEGABYTE = 1024 * 1024
# Pictures and a backup need some hundred megabytes; below that SQLite and MariaDB stop taking orders soon.
_FULL = 500 * _MEGABYTE
_LOW = 5 * 1024 * _MEGABYTE
_LOW_SHARE = 10


@dataclass(frozen=True)
class Folder:
    """A folder as found: whether it is there, whether this process may write in it, its permission bits."""

    name: str
    is_there: bool
    is_writable: bool
    mode: int = 0
    is_private: bool = True


def judge_folder(folder: Folder) -> Line:
    """Private ones hold certificates, settings and the database; pictures may be read by the web server."""
    name = f"Folder {folder.name}"
    if not folder.is_there:
        return bad(
            name,
            "It is not there.",
            f"Make it, owned by the user the shop runs as: `mkdir -m 750 {folder.name}`.",
        )
    if not folder.is_writable:
        return bad(
            name,
            "The shop cannot write in it.",
            f"Give it to the user the shop runs as: `chown -R USER {folder.name}`.",
        )
    says = f"Writable, mode {folder.mode:03o}"
    if folder.mode & _OTHERS_WRITE:
        return bad(
            name, f"{says}: everybody on this machine may write in it.", f"Run `chmod o-w {folder.name}`."
        )
    if folder.is_private and folder.mode & _OTHERS_READ:
        return warning(
            name, f"{says}: others on this machine may look into it.", f"Run `chmod o-rwx {folder.name}`."
        )
    return good(name, f"{says}.")


def judge_left_behind(count: int) -> list[Line]:
    """Where a bucket is used, files in the instance folder are seen by nobody; no line where there are none."""
    if not count:
        return []
    return [
        warning(
            "Files in the instance folder",
            f"{count:,} in instance/uploads and instance/media, which the shop does not read: S3_BUCKET is set.",
            "Make a backup without S3_BUCKET and restore it with it (docs/storage.md), or delete them.",
        )
    ]


def judge_settings_file(mode: int | None) -> Line:
    """`mode` is None where there is no file and all settings come from the environment."""
    if mode is None:
        return good("settings.toml", "None: settings come from the environment.")
    if mode & _ANYBODY_ELSE:
        return bad(
            "settings.toml",
            f"Mode {mode:03o}: it holds every key, and others may read it.",
            "Run `chmod 600 instance/settings.toml`.",
        )
    return good("settings.toml", f"Mode {mode:03o}.")


def is_nearly_full(free: int, total: int) -> bool:
    """Bytes free and in all: true below half a gigabyte, or below 5 GB where that is less than a tenth."""
    return free < _FULL or (free < _LOW and free * 100 < total * _LOW_SHARE)


def judge_disk(free: int, total: int) -> Line:
    """Of the disk that holds the instance folder; what a host allows one account may be less."""
    says = f"{megabytes(free):,} MB of {megabytes(total):,} MB free"
    fix = "Delete old backups and logs, or get more room: a full disk stops orders."
    if free < _FULL:
        return bad("Disk", f"{says}.", fix)
    if is_nearly_full(free, total):
        return warning("Disk", f"{says}.", fix)
    return good("Disk", f"{says}.")


def megabytes(size: int) -> int:
    return size // _MEGABYTE
