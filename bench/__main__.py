# ruff: noqa: PLC0415 (Django is imported once its settings are chosen)
"""Runs every module of this package that has a `measure()`, or those named, and prints their ratios.

python -m bench [name…]        on DATABASE_URL's server, else on the embedded one, in a database of its own

Those that take minutes (`ON_DEMAND`) run when they are named.
"""

import importlib
import os
import pkgutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import bench


@contextmanager
def database() -> Iterator[None]:
    """A fresh, migrated database; DATABASE_URL names it for the processes that a benchmark starts."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from django.db import connection

    outside = connection.settings_dict["NAME"]
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    url = os.environ["DATABASE_URL"]
    address, mark, query = url.partition("?")
    os.environ["DATABASE_URL"] = address[: address.rindex("/") + 1] + name + mark + query
    try:
        yield
    finally:
        from socle.pagecache.freshness import reader

        reader.close()
        connection.creation.destroy_test_db(outside, verbosity=0)


def modules(names: list[str]) -> list[ModuleType]:
    found = [module.name for module in pkgutil.iter_modules(bench.__path__) if not module.name.startswith("_")]
    loaded = [importlib.import_module(f"bench.{name}") for name in found if not names or name in names]
    return [module for module in loaded if hasattr(module, "measure") and (names or not hasattr(module, "ON_DEMAND"))]


def main(names: list[str]) -> int:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    missed = False
    with database():
        for module in modules(names):
            for result in module.measure():
                print(result.line(), flush=True)
                missed |= not result.met
    return int(missed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
