"""Public records: transferred whole and sealed, destroyed under a recorded visa and by nothing else."""

import csv
import json
import subprocess
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from consultation.actions.adoption import Votes, settle
from consultation.actions.demarches import archive_demarche, open_demarche
from consultation.actions.policy import make_policy
from consultation.actions.suites import Promise, Said, advance
from consultation.choices import ContributionState, DemarcheState
from consultation.held import ERASED
from consultation.models import Contribution, Feuille
from socle.privacy import tasks
from socle.privacy.models import Visa
from socle.registre.models import Entree
from tests.adopting import announced, decided, deliberated, filed, make_report, presented
from tests.adopting import make_policy as policy_of
from tests.factories import (
    make_contribution,
    make_demarche,
    make_document,
    make_rencontre,
    make_ressource,
    make_seance,
    make_superuser,
)
from tests.test_places import at_once
from tests.textes import published

pytestmark = pytest.mark.django_db
ADD = "/admin/privacy/visa/add/"


@pytest.fixture(autouse=True)
def _quiet(monkeypatch, settings, tmp_path):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)
    settings.DOCUMENT_STORAGE, settings.EXPORT_STORAGE = tmp_path / "documents", tmp_path / "exports"
    settings.VAR_DIR = tmp_path


def archived(slug="close", years=6):
    """As the register tells it."""
    demarche = make_demarche(slug=slug, title="Démarche close", state=DemarcheState.ARCHIVED)
    at = timezone.now() - timedelta(days=365 * years + 10)
    said = {"kind": "demarche.archivee", "subject": f"demarche:{slug}", "role": "responsable"}
    Entree.objects.create(**said, demarche=slug, recorded_at=at)
    return demarche


def refused_in(demarche) -> Contribution:
    return make_contribution(demarche=demarche, state=ContributionState.REFUSED, title="Zirconium", body="Zirconium")


def test_nothing_goes_before_the_visa_is_signed_and_recorded(client):
    demarche = archived()
    refused, shown = refused_in(demarche), make_contribution(demarche=demarche)
    client.force_login(make_superuser())
    offered = client.get(ADD).content.decode()
    assert "Textes jamais publiés, Démarche close (1)" in offered
    assert client.post(ADD, {"proposal": "jamais_publiees:close"}).status_code == 302
    visa = Visa.objects.get()
    slip = client.get(f"/admin/privacy/visa/{visa.pk}/bordereau.pdf")
    assert (slip.status_code, slip.content[:4]) == (200, b"%PDF")
    tasks.enforce()
    refused.refresh_from_db()
    assert refused.body == "Zirconium"
    change = f"/admin/privacy/visa/{visa.pk}/change/"
    signed = {"reference": "AD59-2026-12", "signed_by": "La directrice des archives", "signed_on": "30/11/2026"}
    tomorrow = (timezone.localdate() + timedelta(days=1)).strftime("%d/%m/%Y")
    for missing in ({**signed, "reference": ""}, {**signed, "signed_on": tomorrow}):
        assert client.post(change, missing).status_code == 200
    signed["signed_on"] = timezone.localdate().strftime("%d/%m/%Y")
    assert client.post(change, signed).status_code == 302
    tasks.enforce()
    for one in (refused, shown, visa):
        one.refresh_from_db()
    assert (refused.body, refused.state) == (ERASED, ContributionState.REFUSED)
    assert shown.body != ERASED
    assert (visa.destroyed_rows, visa.destroyed_at is not None) == (1, True)
    assert client.post(change, signed).status_code == 403
    assert "jamais_publiees:close" not in client.get(ADD).content.decode()


@pytest.mark.parametrize("years", [4, 6])
def test_only_what_is_archived_for_long_may_be_proposed(client, years):
    demarche = archived(years=years)
    Feuille.objects.create(
        rencontre=make_rencontre(demarche=demarche), rank=1, holders=[1], printed_by=make_superuser()
    )
    client.force_login(make_superuser())
    assert ("feuilles:close" in client.get(ADD).content.decode()) == (years == 6)
    assert client.post(ADD, {"proposal": "feuilles:close"}).status_code == (302 if years == 6 else 200)
    assert Visa.objects.exists() == (years == 6)


def make_visa(**fields):
    by = make_superuser()
    said = {"record": "jamais_publiees", "subject": "close", "what": "…", "rows": 1, "proposed_by": by}
    signed = {"reference": "V-1", "signed_by": "L’archiviste", "signed_on": timezone.localdate(), "recorded_by": by}
    return Visa.objects.create(**said | signed | fields)


def test_a_demarche_that_was_opened_again_keeps_its_documents():
    demarche = archived()
    refused = refused_in(demarche)
    make_visa()
    open_demarche(demarche, by=make_superuser())
    tasks.enforce()
    refused.refresh_from_db()
    assert refused.body == "Zirconium"
    assert Visa.objects.get().destroyed_at is None


@pytest.mark.parametrize(
    "change",
    [
        {"reference": "V-2"},
        {"subject": "autre"},
        {"signed_on": None, "reference": "", "signed_by": "", "recorded_by": None},
    ],
)
def test_a_signed_visa_stays_as_it_is(change):
    visa = make_visa()
    with pytest.raises(IntegrityError), transaction.atomic():
        Visa.objects.filter(pk=visa.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        visa.delete()
    unsigned = {"signed_on": None, "reference": "", "signed_by": "", "recorded_by": None, "subject": "autre"}
    with pytest.raises(DatabaseError), transaction.atomic():
        make_visa(**unsigned, destroyed_at=timezone.now(), destroyed_rows=1)


@pytest.mark.django_db(transaction=True)
def test_a_visa_is_carried_out_once():
    refused_in(archived())
    make_visa()
    at_once([tasks.enforce] * 2)
    assert Visa.objects.get().destroyed_rows == 1


def test_a_transfer_is_whole_sealed_and_says_what_it_holds(tmp_path):
    demarche = make_demarche(slug="close")
    make_contribution(demarche=demarche, title="=1+1", body="Un texte.")
    make_contribution(title="D’une autre démarche", demarche=make_demarche(slug="autre"))
    make_ressource(demarche=demarche, document=make_document(), title="Le rapport")
    make_seance()
    archive_demarche(demarche, by=make_superuser(), reason="Une démarche d’essai.")
    target = tmp_path / "versement"
    call_command("export_archives", str(target), demarche="close", verbosity=0)
    checked = subprocess.run(["sha256sum", "-c", "sha256sums.txt"], cwd=target, capture_output=True, check=False)
    assert checked.returncode == 0, checked.stderr
    manifest = json.loads((target / "manifeste.json").read_text())
    listed = {one["fichier"] for one in manifest["fichiers"]}
    there = {str(path.relative_to(target)) for path in target.rglob("*") if path.is_file()}
    assert there == listed | {"manifeste.json", "sha256sums.txt"}
    assert any(one["contenu"] == "Le rapport" for one in manifest["fichiers"])
    with (target / "donnees" / "contributions.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert [row["titre"] for row in rows] == ["'=1+1"]
    with (target / "donnees" / "dictionnaire.csv").open(encoding="utf-8-sig", newline="") as file:
        described = {row["colonne"] for row in csv.DictReader(file, delimiter=";") if row["description"]}
    assert described == set(rows[0])
    assert table(target, "adoptions") == table(target, "suites") == [], "nothing was voted: the tables say so"
    (target / "donnees" / "contributions.csv").write_text("changé")
    assert subprocess.run(
        ["sha256sum", "-c", "sha256sums.txt"], cwd=target, capture_output=True, check=False
    ).returncode
    with pytest.raises(CommandError, match="existe déjà"):
        call_command("export_archives", str(target), demarche="close")
    with pytest.raises(CommandError, match="Celles qui existent"):
        call_command("export_archives", str(tmp_path / "autre"), demarche="inconnue")
    assert not list(tmp_path.glob(".versement-*"))


def table(target, name):
    with (target / "donnees" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def test_a_transfer_tells_what_was_voted_and_what_is_done_of_it(tmp_path):
    report = make_report(passages=2)
    adoption = presented(report)
    first, second = adoption.version.passages.order_by("number")
    change = filed(adoption, first, "=La Région agit.")
    more = filed(adoption, second, "Des cars.", kind="ajoute", title="De plus")
    adoption = deliberated(report, deliberation_document=make_document())
    for one in (change, more):
        settle(one, state="adopte", given=Votes(61, 40, 12), by=make_superuser())
    decided(adoption, first, "amende", first.title, "=La Région agit.")
    decided(adoption, second, "non_retenu", reason="Hors de sa compétence.")
    policy = make_policy(adoption, title="Politique", by=make_superuser())
    published(policy)
    suite = announced(policy, due=10)
    advance(
        suite,
        Promise("abandonnee", suite.due_on, "jour"),
        Said("Faute de budget."),
        by=make_superuser(),
        seen="annoncee",
    )
    suite.rencontres.add(make_rencontre(demarche=report.demarche, title="Réunion de Lens"))
    announced(policy_of(demarche=make_demarche(slug="autre", code="AUTRE", courante=False)))
    target = tmp_path / "versement"
    call_command("export_archives", str(target), demarche=report.demarche.slug, verbosity=0)
    [voted] = table(target, "adoptions")
    assert [voted[name] for name in ("pour", "contre", "abstentions", "conseillers en exercice", "issue")] == [
        *("61", "40", "12", "113", "adopté")
    ]
    assert voted["délibéré le"] == str(timezone.localdate()) and voted["politique"] == "Politique"
    amended, added = table(target, "amendements")
    assert amended["texte proposé"] == "'=La Région agit." and added["objet"] == "ajoute un article"
    assert [one["décision"] for one in table(target, "articles")] == ["adoptée après amendement", "non retenue"]
    [given] = table(target, "suites")
    assert (given["état"], given["présentée à"]) == ("abandonnée", "Réunion de Lens")
    assert [one["raison"] for one in table(target, "suites-changements")] == ["", "Faute de budget."]
    assert table(target, "suites-etapes") == []
    for name in ("adoptions", "amendements", "articles", "suites", "suites-changements", "suites-etapes"):
        header = (target / "donnees" / f"{name}.csv").read_text("utf-8-sig").splitlines()[0].replace('"', "")
        described = [row["colonne"] for row in table(target, f"dictionnaire-{name}") if row["description"]]
        assert described == header.split(";"), name
    manifest = json.loads((target / "manifeste.json").read_text())
    assert f"textes/deliberation-{report.pk}.pdf" in {one["fichier"] for one in manifest["fichiers"]}
