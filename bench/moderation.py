"""A queue put through moderation by a script of keys, in a real browser: what a moderator at the keyboard waits for.

BENCH_MODERATED rows (500), mixed: real texts where they are beside this checkout, else made ones. Nobody reads them
here: the rate is what the portal allows, and leaves 36 seconds less its own time to read each one.
"""

import csv
import gzip
import os
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.db import connections
from django.test.testcases import LiveServerThread
from django.utils import timezone
from playwright.sync_api import sync_playwright

from bench.result import Result
from consultation.choices import ContributionState, Nature
from consultation.models import Contribution, Decision, ModerationKeys, RefusalReason
from consultation.spotting import spot
from consultation.volume.words import ENDINGS, OPENINGS, REMARKS, SUBJECTS, VERBS
from tests.browsing import ARGUMENTS, CHROMIUM
from tests.factories import make_demarche, make_personne, make_role
from tests.moderating import LIST, page_of, press, sign_in

ROWS = int(os.environ.get("BENCH_MODERATED", "500"))
AN_HOUR = 100  # decisions (issue of the moderation)
REAL = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "granddebat_reponses.csv.gz"
CONTACTS = ("Appelez-moi au 06 12 34 56 78.", "Écrivez à jean.dupont@exemple.fr.")
# Of a hundred, once what is spotted has been hidden.
SHARES = {"publish": 72, "refuse": 16, "note": 6, "opinion": 3, "reformulation": 3}


def measure() -> Iterator[Result]:
    moderator, plan = _queue(Random(11))
    with _server() as address, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = chromium.new_context(locale="fr-FR")
        sign_in(context, address, moderator)
        page = context.new_page()
        page.goto(address + page_of(Contribution.objects.waiting()[0]))
        start = time.perf_counter()
        done = _through(page, plan)
        taken = time.perf_counter() - start
        chromium.close()
        decided = Decision.objects.filter(by=moderator).count()
        connections.close_all()  # those of Playwright's loop, which nobody else would close
    rate = 3600 * decided / taken
    acts = ", ".join(f"{number} {act}" for act, number in done.most_common())
    detail = f"{decided} decisions in {taken:.0f} s, {rate:.0f} an hour, {taken / decided:.2f} s each: {acts}"
    yield Result(f"moderation by keys, {AN_HOUR} an hour = 1", rate / AN_HOUR, 1, detail=detail)


def _through(page: Any, plan: dict[int, str]) -> Counter[str]:
    """To the end of the queue; what comes again, its question asked, is published."""
    done: Counter[str] = Counter()
    while not page.url.endswith(LIST):
        pk = int(re.search(r"/(\d+)/change/", page.url)[1])  # type: ignore[index]
        act = plan.pop(pk, "publish")
        if act not in SHARES or act == "note":  # one stays on the page
            plan[pk] = "publish"
        press(page, act)
        done[act] += 1
    return done


def _queue(random: Random) -> tuple[Any, dict[int, str]]:
    demarche = make_demarche(title="À modérer", courante=False)
    moderator = make_role(demarche=demarche).user
    ModerationKeys.objects.create(user=moderator, enabled=True)
    for rank in range(1, 7 - RefusalReason.objects.count()):
        RefusalReason.objects.create(label=f"Motif {rank}", explanation="Une explication.", rank=rank)
    people = [make_personne(), make_personne(), make_personne(confirmed_at=None), None]
    start, plan = timezone.now() - timedelta(days=9), {}
    for number, text in enumerate(islice(_texts(random), ROWS)):
        body = f"{text}\n\n{random.choice(CONTACTS)}" if number % 12 == 0 else text
        row = Contribution.objects.create(
            demarche=demarche,
            title=text[:80].strip() or "Sans titre",
            body=body,
            nature=random.choice(Nature.values),
            personne=random.choice(people),
            state=ContributionState.WAITING,
            submitted_at=start + timedelta(seconds=number),
        )
        seen = spot(row.title) or spot(row.body)
        plan[row.pk] = "mask" if seen else random.choices(list(SHARES), SHARES.values())[0]
    return moderator, plan


def _texts(random: Random) -> Iterator[str]:
    if REAL.is_file():
        with gzip.open(REAL, "rt", encoding="utf-8") as file:
            for answer in islice(csv.DictReader(file), 0, None, 397):
                yield answer["reponse"]
    said = [re.split("[;\n]", words) for words in (OPENINGS, VERBS, SUBJECTS, ENDINGS)]
    while True:
        remarks = random.sample(re.split("[;\n]", REMARKS), 3)
        yield " ".join([*(random.choice(words) for words in said), ".", *remarks])


@contextmanager
def _server() -> Iterator[str]:
    """In a thread of this process: a moderator alone, as the demo serves one."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright runs a loop in this thread; no query of ours is in it
    thread = LiveServerThread("localhost", StaticFilesHandler)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    try:
        yield f"http://{thread.host}:{thread.port}"
    finally:
        thread.terminate()
        threading.Thread.join(thread, 10)
