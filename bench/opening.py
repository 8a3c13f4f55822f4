"""The opening, over real HTTP: 500 people press the button of their mail at the same moment, for 30 places.

BENCH_RUNS times, on the portal's own web processes: thirty confirmed, the others in line in their order, one mail
each, and no other answer than « see your inscriptions ».
"""

import os
import time
from collections import Counter
from collections.abc import Iterator
from statistics import median

from bench import crowds
from bench.result import Result
from consultation.inscription_links import Wish, wish_path
from consultation.models import Inscription
from socle.courriels.models import Envoi
from tests.factories import make_rencontre
from tests.histories import check

ON_DEMAND = True
PEOPLE, PLACES = 500, 30
RUNS = int(os.environ.get("BENCH_RUNS", "100"))


def measure() -> Iterator[Result]:
    with crowds.portal(crowds.database_url()) as port:
        taken = [once(port) for _ in range(RUNS)]
    detail = f"{RUNS} runs, half of them under {median(taken):.1f} s, none over {max(taken):.1f} s"
    yield Result(f"opening, {PEOPLE} at once for {PLACES} over HTTP", len(taken) / RUNS, 1, detail=detail)


def once(port: int, people: int = PEOPLE, places: int = PLACES) -> float:
    """The seconds it took; raises AssertionError where anything was lost, doubled or refused."""
    rencontre = make_rencontre(capacity=places)
    posts = [crowds.Post(wish_path(Wish((rencontre.pk,), personne_pk=one.pk))) for one in crowds.people(people)]
    mails = Envoi.objects.filter(dedupe_key__endswith=":recue")
    before, start = mails.count(), time.perf_counter()
    answers = Counter(crowds.post_at_once(port, posts))
    taken = time.perf_counter() - start
    assert answers == {303: people}, f"answers: {answers}"
    rows = Inscription.objects.filter(rencontre=rencontre)
    assert (rows.confirmed().count(), rows.waiting().count()) == (places, people - places)
    assert mails.count() - before == people
    check(rencontre.pk)
    return taken
