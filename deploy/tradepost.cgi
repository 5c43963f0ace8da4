#!/bin/sh
# Hands one request to the shop. Apache must be allowed to run it: permissions 755, owned by you.
# The shop's Python is .venv beside this folder; another one may be written after PYTHON=.
PYTHON=
here=$(cd "$(dirname "$0")/.." && pwd) || exit 1
exec "${PYTHON:-$here/.venv/bin/python}" "$here/deploy/cgi_entry.py"
