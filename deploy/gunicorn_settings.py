"""gunicorn on one server, behind nginx: `gunicorn --config deploy/gunicorn_settings.py wsgi:app` in the shop's folder.

Another number of processes: WEB_CONCURRENCY in the environment, as everywhere with gunicorn. Metrics need no hook here:
the shop's own counters survive a worker (docs/watching.md).
"""

import os

# Where there is no systemd that hands over a socket (deploy/systemd/tradepost-web.socket).
bind = "unix:/run/tradepost.sock"

# Pages are mostly Python's work, so a process a core; two at least, for one that is being replaced leaves the other.
workers = int(os.environ.get("WEB_CONCURRENCY") or max(2, os.cpu_count() or 2))
# Four visitors at a time in each, who wait for the database or for Square. More than SQUARE_PLACES (2), so that browsing
# goes on while Square is slow, and no more than DATABASE_POOL_SIZE (5): a thread that finds no connection only waits.
worker_class = "gthread"
threads = 4

# What waits when all are busy: some seconds' worth. Whoever comes then is told by nginx to come again (503 with
# Retry-After) instead of waiting for a page after everybody's patience has ended. A reload needs room for two seconds.
backlog = 512

# nginx opens a connection for each request; why, stands in its site.conf.
keepalive = 0

# A worker that cannot even say that it lives is replaced after this; a thread that waits for Square does not count as that.
timeout = 60
# How long a stopping worker may finish what it is at: as long as nginx waits for an answer (proxy_read_timeout).
graceful_timeout = 60

# A worker makes room for a fresh one now and then, so that memory that a library lost never adds up; not both at once.
max_requests = 20_000
max_requests_jitter = 4_000

# Loaded anew by each worker: only so does a reload (SIGHUP) bring the new code and the new settings after an upgrade.
preload_app = False

# The sign of life is a file that is touched every second: in memory, where a busy disk cannot make it late.
worker_tmp_dir = "/dev/shm"  # noqa: S108 - of this machine's memory, and gunicorn makes it for itself alone

# Everything on standard error, where systemd's journal takes it; each request has its line from nginx and one from the shop.
errorlog = "-"
accesslog = None
# systemd and signals are how it is told things here.
control_socket_disable = True
