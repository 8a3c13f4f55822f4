"""The processes of the portal: one table, read by the supervisor and repeated by docker-compose.yml and the Dockerfile.

Several web processes with 32 threads each: the server has no limit on how long a body takes to come, so a few slow
visitors must not use up the threads. The worker has processes rather than threads: a large export keeps no mail
waiting for the interpreter's lock, and one that dies takes no other task with it. Neither gossip nor mingle: there
is nothing to say to other workers, and a doorbell needs no fan-out.
"""

WEB_PROCESSES = 2
WEB_THREADS = 32
WORKER_PROCESSES = 2
# Connections per web process: one for each thread. When a crowd waits for one row it waits in the database, which has a
# line and no end of patience, and never for a connection, which a pool refuses after some seconds with a 503. With 2
# processes, the worker's, beat's and a few commands it stays under the hundred that a PostgreSQL accepts by default.
DATABASE_POOL = WEB_THREADS

# In the order in which they start; they stop in the opposite one.
COMMANDS: dict[str, list[str]] = {
    "web": [
        *("python", "-m", "granian", "--interface", "wsgi", "--no-ws", "--http", "1"),
        *("--workers", str(WEB_PROCESSES), "--blocking-threads", str(WEB_THREADS)),
        *("--respawn-failed-workers", "--log-level", "error", "participons.wsgi:application"),
    ],
    "worker": [
        *("python", "-m", "celery", "--quiet", "--app", "participons", "worker", "--pool", "prefork"),
        *("--concurrency", str(WORKER_PROCESSES), "--without-gossip", "--without-mingle", "--loglevel", "WARNING"),
    ],
    "beat": [
        *("python", "-m", "celery", "--quiet", "--app", "participons", "beat", "--pidfile=", "--loglevel", "WARNING"),
    ],
}

# How long each may take to finish what it has in hand before it is killed, in seconds.
PATIENCE = {"web": 10.0, "worker": 30.0, "beat": 5.0}
