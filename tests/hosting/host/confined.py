"""`python confined.py FILTER… -- COMMAND…`: a command that may make only the system calls a unit's SystemCallFilter= lines allow.

Run with Debian's own Python and nothing else. The rest is refused with "operation not permitted", as the unit says
(SystemCallErrorNumber=EPERM). The names behind groups like @system-service are asked from systemd.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path

LIBRARY = "libseccomp.so.2"
ANALYZE = "/usr/bin/systemd-analyze"
_ALLOW = 0x7FFF0000
_REFUSE = 0x00050001  # SCMP_ACT_ERRNO(EPERM)
_UNKNOWN = -1


def is_possible() -> bool:
    """Whether this machine can tell and enforce what the lines mean."""
    try:
        ctypes.CDLL(LIBRARY)
    except OSError:
        return False
    return Path(ANALYZE).is_file()


def names_in(group: str) -> set[str]:
    """A system call, or all of a group and of the groups in it."""
    if not group.startswith("@"):
        return {group}
    said = subprocess.run(
        [ANALYZE, "syscall-filter", group], capture_output=True, text=True, check=True
    ).stdout
    lines = [line.strip() for line in said.splitlines()[1:]]
    return set().union(*(names_in(line) for line in lines if line and not line.startswith("#")))


def allowed_by(filters: list[str]) -> set[str]:
    """The first line names what is allowed, lines that begin with ~ take away from that."""
    allowed: set[str] = names_in("@default")
    for line in filters:
        names = set().union(*(names_in(each) for each in line.removeprefix("~").split()))
        allowed = allowed - names if line.startswith("~") else allowed | names
    return allowed


def confine(filters: list[str]) -> None:
    """From now on, for this process and all it starts."""
    library = ctypes.CDLL(LIBRARY)
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(_REFUSE))
    for name in sorted(allowed_by(filters)):
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number != _UNKNOWN:
            library.seccomp_rule_add(context, _ALLOW, number, 0)
    if library.seccomp_load(context):
        raise SystemExit("the filter cannot be loaded")


if __name__ == "__main__":
    middle = sys.argv.index("--")
    confine(sys.argv[1:middle])
    os.execv(sys.argv[middle + 1], sys.argv[middle + 1 :])
