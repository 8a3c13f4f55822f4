#!/usr/bin/env python
"""Django's command line; without DATABASE_URL it works on the embedded PostgreSQL."""

import contextlib
import os
import signal
import sys

WITHOUT_DATABASE = {"collectstatic", "diffsettings", "findstatic", "help", "startapp", "version", "--help", "--version"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "participons.settings")
    # A plain end, so that the last one to leave the embedded server stops it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with contextlib.ExitStack() as stack:
        if not os.environ.get("DATABASE_URL") and not WITHOUT_DATABASE.issuperset(sys.argv[1:2]):
            from participons.embedded import postgres

            os.environ["DATABASE_URL"] = stack.enter_context(postgres.running())
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
