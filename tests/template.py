"""A migrated, empty database that every run of the suite copies: running the migrations takes twenty seconds.

It lives in the embedded server of the tests and is made again when a migration or a library changes. A server that
was given (DATABASE_URL) gets nothing but the databases of the run.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from participons.embedded.folders import BASE_DIR

PREFIX = "migrated_"
LOCK = 20110307


def migrated(server_url: str) -> str:
    """The name of the database to copy, made if need be; whoever comes second waits for the first."""
    name = PREFIX + fingerprint()
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        known = {row[0] for row in connection.execute("SELECT datname FROM pg_database")}
        if name not in known:
            for old in sorted(one for one in known if one.startswith(PREFIX)):
                connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(old)))
            make(connection, server_url, name)
    return name


def make(connection: psycopg.Connection, server_url: str, name: str) -> None:
    """Under another name until it is whole."""
    unfinished = f"{PREFIX}unfinished"
    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(unfinished)))
    settings = {"DATABASE_URL": urlunsplit(urlsplit(server_url)._replace(path=f"/{unfinished}"))}
    command = [sys.executable, str(BASE_DIR / "manage.py"), "migrate", "--verbosity=0"]
    subprocess.run(command, env=os.environ | settings | {"DJANGO_SETTINGS_MODULE": "participons.settings"}, check=True)
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    connection.execute(rename.format(sql.Identifier(unfinished), sql.Identifier(name)))


def fingerprint() -> str:
    """Of the migrations, and of the libraries, which have migrations too."""
    digest = hashlib.sha256((BASE_DIR / "requirements" / "test.txt").read_bytes())
    floors = ("socle", "consultation", "ateliers", "forums", "participons")
    for file in sorted(file for floor in floors for file in (BASE_DIR / floor).glob("**/migrations/*.py")):
        digest.update(f"{file.relative_to(BASE_DIR)}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:16]
