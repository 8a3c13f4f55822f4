"""A draw anyone can do again: announced with its pool, done once with its seed, kept for good by the database."""

import json
import re
import subprocess
import sys
from collections import Counter
from html import unescape

import pytest
from django.db import IntegrityError, connection, transaction

from ateliers import lots
from ateliers.actions import composition, tirages
from ateliers.actions.composition import CompositionError, Someone
from ateliers.models import CameBy, Candidature, Cible, Membre, Tirage
from socle.courriels.models import Envoi
from socle.registre.models import Entree
from tests.composing import make_group, people, put_in
from tests.factories import make_candidature, make_college, make_membre, make_superuser, make_user

pytestmark = pytest.mark.django_db

POOL = [{"lot": "A", "places": 2, "numeros": [1, 2, 3]}, {"lot": "B", "places": 5, "numeros": [4, 7]}]


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def staff():
    return make_superuser()


@pytest.fixture
def group():
    return make_group(capacity=60)


def candidates(group, count, college=None):
    return [make_candidature(atelier=group, college=college) for _ in range(count)]


# The rule


def test_the_rule_by_hand():
    """What `printf '%s' 'Loto:17' | sha256sum` says."""
    assert lots.mark("Loto", 17) == "b83bf3c697761adab5b39f0932cbcfabebdbb4a8707754c36ca7aba5026551fc"


def test_the_same_seed_gives_the_same_draw_and_another_gives_another():
    pool = [{"lot": "A", "places": 10, "numeros": list(range(1, 41))}]
    first = lots.draw("4 12 23 31 40", pool)
    assert first == lots.draw("4 12 23 31 40", list(reversed(pool)))
    assert first != lots.draw("4 12 23 31 41", pool)
    assert first[0]["numeros"] == sorted(range(1, 41), key=lambda n: lots.mark("4 12 23 31 40", n))[:10]


def test_the_script_of_the_page_agrees_whatever_the_seed_holds():
    for seed in ("4 12 23 31 40", "l’œuf – « 17 »", 'a"b\\n{x}', "</pre><script>", "graine:1"):
        ran = subprocess.run(
            [sys.executable, "-c", lots.script(seed, POOL)],
            capture_output=True,
            text=True,
            check=True,
            encoding="utf-8",
        )
        said = [f"{lot['lot']} {lot['numeros']}" for lot in lots.draw(seed, POOL)]
        assert ran.stdout.splitlines() == said


def test_no_number_is_luckier_than_another():
    """2,000 seeds, 5 of 20 drawn: 500 times each or so (chi-squared, 19 degrees: beyond 43.8 once in 1,000)."""
    pool = [{"lot": "A", "places": 5, "numeros": list(range(1, 21))}]
    drawn = Counter(number for seed in range(2000) for number in lots.draw(f"graine {seed}", pool)[0]["numeros"])
    # Five drawn of twenty without putting back: the variance is three quarters of that of free throws, and 19/20.
    spread = sum((drawn[number] - 500) ** 2 / 500 for number in range(1, 21)) / (15 / 19)
    assert spread < 43.8
    first = Counter(lots.draw(f"graine {seed}", pool)[0]["numeros"][0] for seed in range(2000))
    assert sum((first[number] - 100) ** 2 / 100 for number in range(1, 21)) < 43.8


def test_letters_do_not_follow_the_order_of_the_colleges():
    pool, letters = lots.named({10: (1, [5, 9]), 20: (2, [2, 6]), None: (3, [])})
    assert pool == [{"lot": "A", "places": 2, "numeros": [2, 6]}, {"lot": "B", "places": 1, "numeros": [5, 9]}]
    assert letters == {"20": "A", "10": "B"}


def test_more_lots_than_letters_have_names_of_their_own():
    pool, _ = lots.named({number: (1, [number]) for number in range(60)})
    assert len({lot["lot"] for lot in pool}) == 60


def test_ranges():
    assert lots.ranges([5, 1, 2, 3, 9, 10]) == "1–3, 5, 9–10"


# Who may be drawn


def test_each_gets_the_next_number_once(group):
    assert tirages.enlist(group, people(3)).added == 3
    again = tirages.enlist(group, [*people(4), Someone("MEMBRE1@example.org")])
    assert (again.added, again.already) == (1, 3)
    assert list(Candidature.objects.order_by("number").values_list("number", "personne__email")) == [
        (number + 1, f"membre{number}@example.org") for number in range(4)
    ]
    assert not Envoi.objects.exists()


def test_who_is_of_the_group_gets_no_number(group):
    put_in(group, people(1))
    enlisted = tirages.enlist(group, people(2))
    assert (enlisted.added, enlisted.members) == (1, 1)


def test_a_number_is_never_given_to_somebody_else(group, staff):
    tirages.enlist(group, people(3))
    tirages.announce(group, 1, "Le Loto.", staff)
    Candidature.objects.filter(number=3).delete()
    tirages.enlist(group, people(1, start=9))
    assert Candidature.objects.get(personne__email="membre9@example.org").number == 4


def test_places_are_those_meant_for_each_college_and_not_taken_yet(group):
    elus, lycee, others = (make_college(demarche=group.demarche) for _ in range(3))
    Cible.objects.create(atelier=group, college=elus, places=3)
    Cible.objects.create(atelier=group, college=lycee, places=1)
    make_membre(atelier=group, college=elus)
    make_membre(atelier=group, college=lycee)
    for college in (elus, lycee, others, None):
        make_candidature(atelier=group, college=college)
    pool = tirages.pool_of(group, others=4)
    assert pool.groups == {elus.pk: (2, [1]), lycee.pk: (0, [2]), None: (4, [3, 4])}
    assert (pool.places, pool.numbers) == (3, 4)


# Announced, then done


def test_announced_first_then_drawn_with_the_seed(group, staff):
    candidates(group, 6)
    tirage = tirages.announce(group, 2, "Les cinq numéros du Loto du 5 mars", staff)
    assert (tirage.seed, tirage.drawn, tirage.drawn_at) == ("", [], None)
    told = Envoi.objects.get(subject="Votre numéro pour le tirage au sort\N{NO-BREAK SPACE}: 4")
    assert "Les cinq numéros du Loto du 5 mars" in told.body_text
    composed = tirages.draw(tirage, "4 12 23 31 40", staff)
    assert composed.joined == 2
    tirage.refresh_from_db()
    assert tirage.drawn == lots.draw("4 12 23 31 40", tirage.pool)
    members = Candidature.objects.filter(personne__in=Membre.objects.values("personne"))
    assert set(members.values_list("number", flat=True)) == set(lots.numbers_of(tirage.drawn))
    assert set(Membre.objects.values_list("came_by", flat=True)) == {CameBy.TIRAGE}


def test_everybody_is_told_once(group, staff):
    candidates(group, 5)
    tirages.draw_now(group, 2, staff)
    drawn = Envoi.objects.filter(subject__startswith="Vous composez")
    others = Envoi.objects.filter(subject__contains="n’est pas tiré")
    assert (drawn.count(), others.count(), Envoi.objects.count()) == (2, 3, 5)
    assert "vous avez été tiré au sort, avec le numéro" in drawn.first().body_text.replace("\n", " ")


def test_what_was_known_of_a_candidate_goes_with_them(group, staff):
    college = make_college(demarche=group.demarche)
    make_candidature(atelier=group, name="Alix", college=college, organisation="Les Amis")
    tirages.draw_now(group, 1, staff)
    membre = Membre.objects.get()
    assert (membre.name, membre.college, membre.organisation) == ("Alix", college, "Les Amis")


def test_who_was_drawn_or_was_of_the_group_is_not_drawn_again(group, staff):
    candidates(group, 3)
    tirages.draw_now(group, 1, staff)
    composition.leave(Membre.objects.get())
    tirages.draw_now(group, 1, staff)
    first, second = Tirage.objects.order_by("pk")
    assert set(lots.numbers_of(second.pool)) == {1, 2, 3} - set(lots.numbers_of(first.drawn))


def test_nobody_to_draw_and_one_at_a_time(group, staff):
    with pytest.raises(CompositionError, match="personne à tirer"):
        tirages.announce(group, 5, "Le Loto.", staff)
    candidates(group, 2)
    with pytest.raises(CompositionError, match="personne à tirer"):
        tirages.draw_now(group, 0, staff)
    tirage = tirages.announce(group, 1, "Le Loto.", staff)
    for again in (lambda: tirages.announce(group, 1, "Autre chose.", staff), lambda: tirages.draw_now(group, 1, staff)):
        with pytest.raises(CompositionError, match="attend sa graine"):
            again()
    tirages.draw(tirage, "1", staff)
    with pytest.raises(CompositionError, match="déjà fait"):
        tirages.draw(tirage, "2", staff)
    assert Tirage.objects.get().seed == "1"


def test_a_number_whose_owner_was_erased_leaves_its_place_empty(group, staff):
    candidates(group, 3)
    tirage = tirages.announce(group, 3, "Le Loto.", staff)
    Candidature.objects.filter(number=2).delete()
    assert tirages.draw(tirage, "1", staff).joined == 2
    tirage.refresh_from_db()
    assert len(lots.numbers_of(tirage.drawn)) == 3


def test_the_register_holds_the_announcement_and_the_draw_and_no_name(group, staff):
    make_candidature(atelier=group, name="Zoé Secrète")
    tirages.draw(tirages.announce(group, 1, "Le Loto du 5 mars", staff), "4 12", staff)
    announced, done = Entree.objects.filter(kind__startswith="tirage.").order_by("pk")
    assert (announced.kind, announced.facts["source"]) == ("tirage.annonce", "Le Loto du 5 mars")
    assert (done.kind, done.facts["graine"], done.facts["tires"]) == ("tirage.fait", "4 12", 1)
    assert "Zoé" not in json.dumps([announced.facts, done.facts], ensure_ascii=False)


# What the database keeps, whoever writes


def raw(sql, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.fixture
def drawn(group, staff):
    candidates(group, 4)
    tirages.draw_now(group, 2, staff)
    return Tirage.objects.get()


@pytest.mark.parametrize(
    "change",
    [
        "seed = 'autre'",
        "drawn = '[]'",
        "drawn_at = NULL, seed = '', drawn = '[]'",
        "pool = '[]'",
        "rule = ''",
        "seed_source = ''",
        "drawn_at = now()",
        "announced_at = now()",
        "by_college = '{}'",
    ],
)
def test_a_draw_that_is_done_never_changes(drawn, change):
    with pytest.raises(IntegrityError, match=r"ne change plus|que donnent la graine et la règle"):
        raw(f"UPDATE ateliers_tirage SET {change}")


def test_a_draw_is_not_done_again_with_another_seed_not_even_by_the_rule(drawn):
    again = json.dumps(lots.draw("une autre graine", drawn.pool))
    with pytest.raises(IntegrityError, match="ne change plus"):
        raw("UPDATE ateliers_tirage SET seed = 'une autre graine', drawn = %s", again)


def test_a_draw_is_not_deleted_and_its_atelier_neither(drawn):
    with pytest.raises(IntegrityError, match="ne se supprime pas"):
        raw("DELETE FROM ateliers_tirage")
    with pytest.raises(IntegrityError):
        drawn.atelier.delete()


@pytest.mark.parametrize("change", ["pool = '[]'", "seed_source = 'Autre'", "rule = 'Autre'", "announced_at = now()"])
def test_a_draw_that_is_announced_only_receives_its_seed(group, staff, change):
    candidates(group, 4)
    tirages.announce(group, 2, "Le Loto.", staff)
    with pytest.raises(IntegrityError, match="ne change plus"):
        raw(f"UPDATE ateliers_tirage SET {change}")


def test_numbers_that_the_rule_does_not_give_are_refused(group, staff):
    candidates(group, 4)
    tirage = tirages.announce(group, 2, "Le Loto.", staff)
    right = lots.draw("4 12", tirage.pool)
    wrong = [{"lot": "A", "numeros": list(reversed(right[0]["numeros"]))}]
    for drawn in (wrong, [], [{"lot": "A", "numeros": []}], [*right, *right]):
        with pytest.raises(IntegrityError, match="que donnent la graine et la règle"):
            raw("UPDATE ateliers_tirage SET seed = '4 12', drawn = %s, drawn_at = now()", json.dumps(drawn))
    raw("UPDATE ateliers_tirage SET seed = '4 12', drawn = %s, drawn_at = now()", json.dumps(right))


@pytest.mark.parametrize("seed", ["4 12", "l’œuf « 17 »", "a:b", "😀"])
def test_sql_and_python_give_the_same_draw(group, staff, seed):
    """The trigger refuses any other: a draw with several lots, some too small, that goes through agrees."""
    elus, lycee = (make_college(demarche=group.demarche) for _ in range(2))
    Cible.objects.create(atelier=group, college=elus, places=3)
    Cible.objects.create(atelier=group, college=lycee, places=0)
    for college in (elus, lycee, None):
        candidates(group, 12, college)
    tirages.draw(tirages.announce(group, 30, "Un nombre.", staff), seed, staff)
    assert [len(lot["numeros"]) for lot in Tirage.objects.get().drawn] == [3, 0, 12]


def test_two_numbers_are_not_exchanged(drawn):
    with pytest.raises(IntegrityError, match="pour toujours"):
        raw("UPDATE ateliers_candidature SET number = 99 WHERE number = 1")
    someone = put_in(make_group(), people(1)) and Membre.objects.latest("pk").personne
    with pytest.raises(IntegrityError, match="pour toujours"):
        raw("UPDATE ateliers_candidature SET personne_id = %s WHERE number = 1", someone.pk)
    raw("UPDATE ateliers_candidature SET organisation = 'Les Amis' WHERE number = 1")


def test_the_page_shows_the_script_that_gives_what_it_shows(client, drawn):
    page = client.get(f"/demarches/{drawn.atelier.demarche.slug}/ateliers/{drawn.atelier.rank}/groupe/")
    program = unescape(re.search(r"<pre>(import hashlib.*?)</pre>", page.content.decode(), re.DOTALL)[1])
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    numbers = drawn.drawn[0]["numeros"]
    assert ran.stdout == f"A {numbers}\n"
    assert f"<td>{', '.join(map(str, numbers))}</td>" in page.content.decode()
    command = unescape(re.search(r"<pre>(read .*?)</pre>", page.content.decode())[1])
    said = subprocess.run(["bash", "-c", command], input=f"{drawn.seed}\n", capture_output=True, text=True, check=True)
    assert said.stdout.split()[0] == lots.mark(drawn.seed, 1)


def test_an_announced_draw_is_public_before_its_seed(client, group):
    candidates(group, 4)
    tirages.announce(group, 2, "Les cinq numéros du Loto", make_user(is_staff=True))
    said = client.get(f"/demarches/{group.demarche.slug}/ateliers/{group.rank}/groupe/").content.decode()
    assert "Un tirage au sort est annoncé" in said and "Les cinq numéros du Loto" in said
    assert "1–4" in said and "import hashlib" not in said
