"""Authors hear what became of what they wrote: once, in one mail, one a day at most."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import product
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F
from django.test import Client

from ateliers.actions import productions
from consultation import tasks
from consultation.actions import textes_told
from consultation.actions.digests import last_morning
from consultation.actions.textes import cite_passage
from consultation.actions.textes_publish import next_version
from consultation.choices import TexteKind
from consultation.models import Adoption, Annonce, Citation, TexteVersion
from socle.comptes.models import Rhythm
from socle.courriels.models import Envoi
from tests.adopting import deliberated, given_avis, make_report, presented
from tests.factories import local, make_atelier, make_personne, make_seance, make_superuser, make_table
from tests.test_places import at_once
from tests.test_textes_hold import refused, sql
from tests.textes import answered, make_texte, passage, published, said, withdrawn

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


def yesterday():
    """As if all that was said had been said the day before."""
    Annonce.objects.update(told_at=F("told_at") - timedelta(days=1))
    Envoi.objects.update(dedupe_key=F("message_id"))


def typed(*cited, title="Des bus le soir", seance=None):
    """A production of the group of Hazebrouck, by its scribe; it waits to be read."""
    seance = seance or make_seance(make_atelier(rank=5, town="Hazebrouck"), starts_at=local())
    words = {"title": title, "body": "Un bus à 22 h.", "nature": "proposition"}
    return productions.write(make_table(seance), submission_key=uuid4(), cites=cited, **words)


def read_through(production):
    productions.publish(production, by=make_superuser(), seen=production.contribution.words_seal)


def a_texte(*cited):
    """What takes these up, once it is public: where it says that its authors are told, and when it appeared."""
    texte = make_texte()
    passage(texte, *cited)
    return TexteVersion.objects, published(texte).published_at


def a_production(*cited):
    made = typed(*cited)
    read_through(made)
    return Citation.objects, made.contribution.published_at


TAKES_UP = pytest.mark.parametrize("takes_up", [a_texte, a_production])


def mail_to(personne):
    """The latest; no-break spaces are told by the tests of the templates."""
    return Envoi.objects.filter(to=personne.email).latest("pk").body_text.replace("\u00a0", " ")


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


@TAKES_UP
def test_each_author_hears_at_the_rhythm_they_chose_from_the_mail_itself(client, monkeypatch, takes_up):
    """At once, the next morning, the next Monday, or never; it is said to be told once all have been."""
    people = {rhythm: make_personne(rhythm=rhythm) for rhythm in Rhythm}
    rows, appeared = takes_up(*(said(personne=one) for one in people.values()))
    told = []
    for clock in (timedelta(hours=-1), timedelta(days=1), timedelta(days=7)):
        monkeypatch.setattr(textes_told, "last_morning", lambda rhythm, at=appeared + clock: last_morning(rhythm, at))
        tasks.tell_authors()
        tasks.tell_authors()
        told.append(sorted(Envoi.objects.values_list("to", flat=True)))
        assert rows.filter(authors_told_at=None).exists() == (clock.days != 7)
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
@TAKES_UP
def test_two_workers_at_once_write_once(takes_up):
    people = [make_personne() for _ in range(6)]
    takes_up(*(said(personne=one) for one in people))
    at_once([textes_told.tell_due] * 3)
    tasks.tell_authors()
    assert sorted(Envoi.objects.values_list("to", flat=True)) == sorted(one.email for one in people)
    assert Annonce.objects.filter(envoi=None).count() == 0


@pytest.mark.django_db(transaction=True)
def test_what_another_worker_said_a_moment_before_leaves_the_rest_for_tomorrow():
    """Who is due is asked again once they are held: the day's mail has left, and must not be taken to say more."""
    one = said(personne=make_personne())
    texte = a_texte(one)[0].get().texte
    a_production(one)

    def tell_before(execute, sql, params, many, context):
        if "INSERT INTO consultation_annonce" in sql and not Annonce.objects.exists():
            (told,) = at_once([lambda: Annonce.objects.create(texte=texte, contribution=one, outcome="reprise")])
            assert isinstance(told, Annonce), told
        return execute(sql, params, many, context)

    with connection.execute_wrapper(tell_before):
        textes_told.tell_due()
    assert (Annonce.objects.count(), Envoi.objects.count()) == (1, 0)
    yesterday()
    tasks.tell_authors()
    assert "Des bus le soir" in mail_to(one.personne)


def test_a_production_is_told_to_those_it_cites_once_it_is_public_in_the_mail_of_the_rest():
    alice, unproved = make_personne(), make_personne(confirmed_at=None)
    one, gone = said(personne=alice, title="Plus de trains"), said(personne=alice)
    others = [said(personne=unproved), said()]
    made = typed(one, gone, *others)
    other = typed(one, title="Une autre", seance=made.seance)
    withdrawn(gone, by_author=True)
    sent = Envoi.objects.filter(subject__contains=" avancé")  # of a withdrawal another mail tells
    tasks.tell_authors()
    assert not sent.exists()  # nobody has read them
    assert not Citation.objects.exclude(authors_told_at=None).exists()
    read_through(made)
    a_texte(one, *others)
    tasks.tell_authors()
    tasks.tell_authors()
    mail = sent.get()
    assert (mail.to, mail.subject) == (alice.email, f"Votre contribution {one.reference} a avancé")
    group = f"Le groupe de l’atelier 5 – Hazebrouck en tient compte dans sa production {made.contribution.reference} :"
    body = " ".join(mail_to(alice).split())
    told = [body.find(words) for words in (group, "Des bus le soir", "« Synthèse d’essai » en tient compte.")]
    assert -1 not in told and told == sorted(told)
    assert gone.reference not in mail.body_text and "Une autre" not in mail.body_text
    left = Citation.objects.filter(citing__isnull=False, authors_told_at=None)
    assert {citation.citing_id for citation in left} == {other.pk}
    read_through(other)
    tasks.tell_authors()
    assert sent.count() == 1  # one a day
    yesterday()
    withdrawn(other.contribution)
    tasks.tell_authors()
    assert sent.count() == 1  # it was taken down before anybody was told
    read_through(typed(one, title="La dernière", seance=made.seance))
    tasks.tell_authors()
    assert sent.count() == 2 and "La dernière" in mail_to(alice) and "Des bus le soir" not in mail_to(alice)


def test_each_act_of_the_adoption_is_told_when_it_is_written_and_once():
    alice = make_personne()
    report = make_report(said(personne=alice))
    tasks.tell_authors()
    for act, words in (
        (presented, "a été présenté à la séance commune du Conseil régional et du CESER."),
        (lambda _: given_avis(Adoption.objects.get()), "Le CESER a rendu son avis sur « Rapport d’orientations », qui"),
        (deliberated, "a été soumis au vote : le Conseil régional l’a adopté (61 voix pour"),
    ):
        yesterday()
        act(report)
        tasks.tell_authors()
        tasks.tell_authors()
        sentences = [line for line in re.split(r"\n{2,}", mail_to(alice)) if "« Rapport" in line]
        assert len(sentences) == 1 and words in " ".join(sentences[0].split()), "and nothing of the days before"
    assert Envoi.objects.count() == 4
    adoption = Adoption.objects.get()
    assert None not in (adoption.presentation_told_at, adoption.avis_told_at, adoption.authors_told_at)


def test_an_annonce_says_one_thing_once():
    texte, one, made = make_texte(), said(), typed()
    insert = (
        "INSERT INTO consultation_annonce (contribution_id, production_id, texte_id, outcome, told_at)"
        f" VALUES ({one.pk}, %s, %s, %s, now())"
    )
    for about in product((made.pk, None), (texte.pk, None), ("production", "presente", "suite")):
        if about not in {(made.pk, None, "production"), (None, texte.pk, "presente")}:
            refused(insert, *about, by="annonce_about_one")
    sql(insert, made.pk, None, "production")
    refused(insert, made.pk, None, "production", by="annonce_once")
    sql(insert, typed(seance=made.seance).pk, None, "production")


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
