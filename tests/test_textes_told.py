"""Authors hear what became of what they wrote: once, in one mail, one a day at most."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from django.test import Client

from consultation import tasks
from consultation.actions import textes_told
from consultation.actions.digests import last_morning
from consultation.actions.textes import cite_passage
from consultation.actions.textes_publish import next_version
from consultation.choices import TexteKind
from consultation.models import Annonce, TexteVersion
from socle.comptes.models import Rhythm
from socle.courriels.models import Envoi
from tests.factories import make_personne, make_superuser
from tests.test_places import at_once
from tests.textes import answered, make_texte, passage, published, said

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


def yesterday():
    """As if all that was said had been said the day before."""
    Annonce.objects.update(told_at=F("told_at") - timedelta(days=1))
    Envoi.objects.update(dedupe_key=F("message_id"))


def test_one_mail_says_all_that_is_new_of_the_contributions_of_a_person():
    alice, unproved = make_personne(), make_personne(confirmed_at=None)
    texte, one, other = make_texte(), said(personne=alice, title="Plus de trains"), said(personne=alice)
    passage(texte, one, said(personne=unproved), said())
    answered(texte, other)
    tasks.tell_authors()
    assert not Envoi.objects.exists()  # nothing is public yet
    published(texte)
    tasks.tell_authors()
    tasks.tell_authors()
    mail = Envoi.objects.get()
    assert (mail.to, mail.subject) == (alice.email, "Vos contributions ont avancé")
    for words in (
        one.reference,
        "Plus de trains",
        "« Synthèse d’essai » en tient compte.",
        "« Synthèse d’essai » lui répond.",
    ):
        assert words in mail.body_text.replace("\u00a0", " ")
    assert f"/contributions/{one.reference}/#parcours" in mail.body_text
    assert TexteVersion.objects.get().authors_told_at


def test_a_second_texte_of_the_same_day_waits_for_the_next_and_a_correction_says_nothing_again():
    alice = make_personne()
    texte, one = make_texte(), said(personne=alice)
    made = passage(texte, one)
    published(texte)
    tasks.tell_authors()
    later = make_texte(kind=TexteKind.RAPPORT, title="Rapport d’essai")
    cite_passage(passage(later), made, quote="", by=make_superuser())  # it comes from her words all the same
    published(later)
    next_version(texte)
    published(texte, reason="Une faute.")
    tasks.tell_authors()
    assert Envoi.objects.count() == 1
    yesterday()
    tasks.tell_authors()
    tasks.tell_authors()
    assert Envoi.objects.count() == 2
    assert "« Rapport d’essai » en tient compte." in Envoi.objects.latest("pk").body_text.replace("\u00a0", " ")
    assert not TexteVersion.objects.filter(authors_told_at=None, pk__in=[texte.current_id, later.current_id]).exists()


def test_each_author_hears_at_the_rhythm_they_chose_from_the_mail_itself(client, monkeypatch):
    """At once, the next morning, the next Monday, or never; the texte is said to be told once all have been."""
    people = {rhythm: make_personne(rhythm=rhythm) for rhythm in Rhythm}
    texte = make_texte()
    passage(texte, *(said(personne=one) for one in people.values()))
    published(texte)
    appeared = TexteVersion.objects.get().published_at
    told = []
    for clock in (timedelta(hours=-1), timedelta(days=1), timedelta(days=7)):
        monkeypatch.setattr(textes_told, "last_morning", lambda rhythm, at=appeared + clock: last_morning(rhythm, at))
        tasks.tell_authors()
        tasks.tell_authors()
        told.append(sorted(Envoi.objects.values_list("to", flat=True)))
        assert bool(TexteVersion.objects.get().authors_told_at) == (clock.days == 7)
    by = [people[one].email for one in (Rhythm.AT_ONCE, Rhythm.DAILY, Rhythm.WEEKLY)]
    assert told[0] == [by[0]] and by[1] in told[1] and told[2] == sorted(by), "and never to whom wants none"

    mail = Envoi.objects.get(to=by[0])
    stop = re.search(r"<https?://[^/]+(/\S+)>", mail.headers["List-Unsubscribe"])[1]
    choose = re.search(r"https?://[^/]+(/lettre/parcours/\S+)", mail.body_text)[1]
    author, reader = people[Rhythm.AT_ONCE], Client(enforce_csrf_checks=True)
    assert "Ne plus être prévenu" in reader.get(stop).text
    author.refresh_from_db()
    assert author.rhythm == Rhythm.AT_ONCE, "reading changes nothing"
    assert "C’est arrêté" in reader.post(stop, {"List-Unsubscribe": "One-Click"}).text
    author.refresh_from_db()
    assert author.rhythm == Rhythm.NEVER
    assert client.post(choose, {"rhythm": "souvent"}).status_code == 422
    assert "C’est noté" in client.post(choose, {"rhythm": Rhythm.WEEKLY}).text
    author.refresh_from_db()
    assert author.rhythm == Rhythm.WEEKLY
    assert [client.get(f"{path}forged/").status_code for path in (stop, choose)] == [404, 404]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_write_once():
    texte, people = make_texte(), [make_personne() for _ in range(6)]
    passage(texte, *(said(personne=one) for one in people))
    published(texte)
    at_once([textes_told.tell_due] * 3)
    tasks.tell_authors()
    assert sorted(Envoi.objects.values_list("to", flat=True)) == sorted(one.email for one in people)
    assert Annonce.objects.filter(envoi=None).count() == 0


def test_the_command_publishes_what_is_whole_and_lists_what_is_not(capsys):
    texte, left = make_texte(), said()
    passage(texte, said())
    with pytest.raises(CommandError, match=left.reference):
        call_command("publish_texte", texte.pk)
    call_command("publish_texte", texte.pk, "--provisoire")
    assert "1 sur 2 contributions traitées" in capsys.readouterr().out
    with pytest.raises(CommandError, match="en cours d’écriture"):
        call_command("publish_texte", texte.pk)
    next_version(texte)
    answered(texte, left)
    call_command("publish_texte", texte.pk, "--raison", "Elle est complète.")
    assert "2 contributions" in capsys.readouterr().out
