"""A crowd at the door over real HTTP: many people who post at the same moment, each on a connection of their own.

What is shared by bench.opening and bench.churn, and by the tests that run them short.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple
from uuid import uuid4

from django.utils import timezone

from bench.load import served
from participons.supervisor.commands import DATABASE_POOL, WEB_PROCESSES
from socle.comptes.models import Personne

PATIENCE = 120  # seconds for an answer: nobody is told to come back later
TOKEN = "a" * 32  # of the form and of its cookie, as any browser sends them back


@contextmanager
def portal(database_url: str) -> Iterator[int]:
    """The portal's own web processes on this database; the port. Nobody listens to the bells they ring."""
    settings = {"DJANGO_SETTINGS_MODULE": "participons.settings", "DATABASE_POOL": str(DATABASE_POOL)}
    settings |= {"ALLOWED_HOSTS": "localhost", "SITE_URL": "http://localhost", "DATABASE_URL": database_url}
    with served("participons.wsgi:application", WEB_PROCESSES, **settings) as port:
        yield port


def people(count: int) -> list[Personne]:
    confirmed = timezone.now()
    rows = [Personne(email=f"{uuid4().hex}@example.org", confirmed_at=confirmed) for _ in range(count)]
    return list(Personne.objects.bulk_create(rows))


class Post(NamedTuple):
    path: str
    body: str = ""


def post_at_once(port: int, posts: Sequence[Post]) -> list[int]:
    """All connected first, then sent together; the status of each answer, 0 where there was none."""
    return asyncio.run(_all(port, posts))


async def _all(port: int, posts: Sequence[Post]) -> list[int]:
    start = asyncio.Barrier(len(posts))
    return await asyncio.gather(*(_one(port, post, start) for post in posts))


async def _one(port: int, post: Post, start: asyncio.Barrier) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await start.wait()
    writer.write(_request(post))
    try:
        async with asyncio.timeout(PATIENCE):
            line = await reader.readline()
            await reader.read()
    except (OSError, TimeoutError):
        return 0
    finally:
        writer.close()
    return int(line.split()[1]) if line.startswith(b"HTTP/1.") else 0


def _request(post: Post) -> bytes:
    body = "&".join(filter(None, [f"csrfmiddlewaretoken={TOKEN}", post.body])).encode()
    headers = [
        f"POST {post.path} HTTP/1.1",
        "Host: localhost",
        f"Cookie: csrftoken={TOKEN}",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    return "\r\n".join([*headers, "", ""]).encode() + body


def database_url() -> str:
    return os.environ["DATABASE_URL"]
