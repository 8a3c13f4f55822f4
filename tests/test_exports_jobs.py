"""Files built by the worker: who may take them, what a dead worker leaves, when they go."""

import csv
import io
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from consultation.models import Role
from socle.exports import actions
from socle.exports.builders import builder_of
from socle.exports.files import storage
from socle.exports.models import Export, State
from tests.factories import (
    make_college,
    make_contribution,
    make_demarche,
    make_role,
    make_superuser,
    make_theme,
    make_user,
)
from tests.test_export import fill

ROOT = Path(__file__).resolve().parent.parent
LIST = "/admin/consultation/contribution/"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_storage(tmp_path, settings):
    settings.EXPORT_STORAGE = tmp_path / "exports"


@pytest.fixture
def demarche():
    return make_demarche()


@pytest.fixture
def alice(demarche):
    """She works on the démarche."""
    return make_role(demarche=demarche, kind="redacteur").user


def ask(owner, demarche):
    return actions.request_export(owner, "synthese", {"demarche": demarche.pk})


def built(owner, demarche):
    export = ask(owner, demarche)
    assert actions.build_next()
    export.refresh_from_db()
    return export


def get(client, export, user=None):
    if user:
        client.force_login(user)
    return client.get(f"/exports/{export.pk}/")


def rows_of(response):
    return list(csv.DictReader(io.StringIO(b"".join(response).decode("utf-8-sig")), delimiter=";"))


def test_synthesis_is_asked_in_the_admin_built_and_taken_by_its_owner(client, alice, demarche):
    second = make_theme(demarche=demarche, question="=Deuxième ?", rank=2)
    make_theme(demarche=demarche, question="Premier ?", rank=1)
    college = make_college(demarche=demarche, label="Élus")
    said = [make_contribution(theme=second, college=college, body="-Un"), make_contribution(theme=second)]
    other = make_contribution(demarche=demarche, origine="papier")
    make_contribution(theme=second, state="en_attente", title="Pas encore")
    client.force_login(alice)
    assert "Synthèse par thème" in client.get(LIST).content.decode()
    response = client.post(f"{LIST}synthese/", {"demarche": demarche.pk}, follow=True)
    assert "en attente" in response.content.decode()
    assert actions.build_next()
    page = client.get("/admin/exports/export/").content.decode()
    export = Export.objects.get()
    assert "prêt" in page and f"/exports/{export.pk}/" in page
    response = get(client, export)
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    assert f"synthese-{demarche.slug}-" in response["Content-Disposition"]
    rows = rows_of(response)
    parts = [(row["thème (rang)"], row["partie"], row["intitulé"], row["nombre"]) for row in rows]
    assert parts[:2] == [("1", "thème", "Premier ?", ""), ("2", "thème", "'=Deuxième ?", "")]
    assert ("2", "origine", "en ligne", "2") in parts
    assert ("2", "collège", "Élus", "1") in parts and ("2", "collège", "non indiqué", "1") in parts
    assert ("", "origine", "sur papier", "1") in parts
    contributions = [row["référence"] for row in rows if row["partie"] == "contribution"]
    assert contributions == [said[0].reference, said[1].reference, other.reference]
    assert [row["texte"] for row in rows if row["référence"] == said[0].reference] == ["'-Un"]
    assert export.rows == len(rows)


def test_asking_again_while_it_waits_gives_the_same_file(alice, demarche):
    assert ask(alice, demarche) == ask(alice, demarche)


def test_only_the_owner_with_the_right_takes_the_file(client, alice, demarche):
    make_contribution(demarche=demarche)
    export = built(alice, demarche)
    assert export.state == State.READY
    anonymous = get(client, export)
    assert anonymous.status_code == 302 and "connexion" in anonymous["Location"]
    assert get(client, export, make_user()).status_code == 404
    assert get(client, export, make_role(demarche=demarche).user).status_code == 404
    assert get(client, export, make_superuser()).status_code == 404
    for direct in (f"/static/{export.file}", f"/media/{export.file}", f"/exports/{export.file}"):
        assert client.get(direct).status_code == 404
    owner = get(client, export, alice)
    assert owner.status_code == 200
    owner.close()
    Role.objects.all().delete()
    assert get(client, export, alice).status_code == 403


def test_file_is_gone_after_its_date_and_deleted_by_the_worker(client, alice, demarche):
    export = built(alice, demarche)
    Export.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    page = get(client, export, alice)
    assert page.status_code == 410
    assert "redemandez le fichier" in page.content.decode()
    assert (storage() / export.file).exists()
    actions.purge()
    assert list(storage().iterdir()) == []
    assert Export.objects.get().state == State.EXPIRED
    assert get(client, export, alice).status_code == 410


def test_folder_is_closed_and_apart_from_what_is_served(alice, demarche):
    export = built(alice, demarche)
    assert storage().stat().st_mode & 0o777 == 0o700
    assert len(export.file) >= 32
    assert not str(settings.EXPORT_STORAGE).startswith(str(settings.STATIC_ROOT))


def test_export_that_waits_says_so(client, alice, demarche):
    page = get(client, ask(alice, demarche), alice)
    assert page.status_code == 409
    assert "se prépare" in page.content.decode()


def test_failing_builder_is_tried_again_then_said_and_leaves_no_file(client, alice, demarche, monkeypatch):
    def fail(cursor, query, path, progress):
        path.write_text("half")
        raise RuntimeError("disk on fire")

    export = ask(alice, demarche)
    monkeypatch.setattr("consultation.synthese.CSV", type("Failing", (), {"write": staticmethod(fail)}))
    states = []
    while actions.build_next():
        states.append(Export.objects.get().state)
    assert states == [State.WAITING, State.WAITING, State.FAILED]
    assert list(storage().iterdir()) == []
    page = get(client, export, alice)
    assert page.status_code == 410
    assert "n’a pas pu être préparé" in page.content.decode()


def test_right_lost_before_the_build_builds_nothing(alice, demarche):
    export = ask(alice, demarche)
    Role.objects.all().delete()
    actions.build_next()
    export.refresh_from_db()
    assert (export.state, export.error) == (State.FAILED, "Vous n’avez plus le droit de prendre ces données.")


SLOW_WORKER = """
import sys, time
import django
django.setup()
from consultation import synthese
from socle.exports import actions
from socle.exports.formats import CSV
class Slow:
    @staticmethod
    def write(cursor, query, path, progress):
        def told(rows):
            progress(rows)
            print("told", rows, flush=True)
            time.sleep(60)
        return CSV.write(cursor, query, path, told)
synthese.CSV = Slow
actions.build_next()
"""


def test_worker_killed_midway_leaves_no_file_and_another_builds_it(alice, demarche, database_url):
    fill(demarche, 5_000)
    export = ask(alice, demarche)
    environment = os.environ | {
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "participons.settings",
        "EXPORT_STORAGE": str(storage()),
    }
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW_WORKER], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout.readline() == "told 2000\n"
        export.refresh_from_db()
        assert (export.state, export.rows) == (State.BUILDING, 2000)
        assert [path.suffix for path in storage().iterdir()] == [".part"]
        assert not actions.build_next(), "its worker is alive"
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    deadline = time.monotonic() + 30
    while not actions.build_next():  # until the server has noticed the death
        assert time.monotonic() < deadline
        time.sleep(0.1)
    export.refresh_from_db()
    assert (export.state, export.attempts) == (State.READY, 2)
    assert [path.name for path in storage().iterdir()] == [export.file]


def test_file_whose_workers_always_die_is_given_up(alice, demarche):
    export = ask(alice, demarche)
    Export.objects.update(state=State.BUILDING, attempts=actions.ATTEMPTS, file="dead")
    (storage() / "dead.part").write_text("half")
    assert not actions.build_next()
    export.refresh_from_db()
    assert export.state == State.FAILED
    assert "interrompue 3 fois" in export.error
    assert list(storage().iterdir()) == []


def test_two_workers_build_a_file_once(alice, demarche):
    export = ask(alice, demarche)
    with actions.Ledger() as first, actions.Ledger() as second:
        assert actions._claim(first) == export
        assert actions._claim(second) is None


def test_every_kind_has_a_builder():
    assert {kind: builder_of(kind) for kind in settings.EXPORT_BUILDERS}


def test_list_is_exported_with_its_filters_and_the_chosen_columns(client, alice, demarche):
    kept = make_contribution(demarche=demarche, nature="question", title="=Gardée")
    make_contribution(demarche=demarche, nature="proposition")
    make_contribution(nature="question", demarche=make_demarche())
    client.force_login(alice)
    address = f"{LIST}export/?etat=toutes&nature__exact=question"
    page = client.get(address)
    assert "1 contribution" in page.content.decode()
    assert "<script" not in page.content.decode().split("<main")[-1]
    chosen = {"resource": "0", "contributionresource_reference": "on", "contributionresource_title": "on"}
    for number, name in enumerate(("csv", "xlsx", "jsonl")):
        response = client.post(address, chosen | {"format": str(number)})
        assert response["Content-Disposition"].endswith(f'.{name}"')
        content = b"".join(response)
        if name == "csv":
            assert content.decode("utf-8-sig") == f"référence;titre\r\n{kept.reference};'=Gardée\r\n"
    assert list(storage().iterdir()) == []


def test_long_list_is_built_by_the_worker_with_the_same_filters(client, alice, demarche, monkeypatch):
    monkeypatch.setattr("consultation.admin.exchange.STREAMED", 1)
    for nature in ("question", "question", "proposition"):
        make_contribution(demarche=demarche, nature=nature)
    make_contribution(nature="question", demarche=make_demarche())
    client.force_login(alice)
    chosen = {"resource": "0", "format": "0", "contributionresource_nature": "on"}
    response = client.post(f"{LIST}export/?etat=toutes&nature__exact=question", chosen)
    assert response["Location"] == "/admin/exports/export/"
    assert actions.build_next()
    export = Export.objects.get()
    assert (export.state, export.rows) == (State.READY, 2)
    rows = rows_of(get(client, export))
    assert rows == [{"nature": "question"}] * 2


def test_exporting_needs_a_role_that_works_on_contributions(client, demarche):
    make_contribution(demarche=demarche)
    for kind, status in (("lecteur", 403), ("moderateur", 200), ("redacteur", 200), ("responsable", 200)):
        client.force_login(make_role(demarche=demarche, kind=kind).user)
        for page in ("export/", "synthese/"):
            assert client.get(f"{LIST}{page}").status_code == status, (kind, page)
        assert client.post(f"{LIST}synthese/", {"demarche": demarche.pk}).status_code == (302 if status == 200 else 403)


def test_rows_of_a_demarche_that_one_only_reads_stay(client, alice, demarche):
    mine = make_contribution(demarche=demarche)
    read = make_role(user=alice, kind="lecteur", demarche=make_demarche()).demarche
    make_contribution(demarche=read)
    client.force_login(alice)
    chosen = {"resource": "0", "format": "0", "contributionresource_reference": "on"}
    response = client.post(f"{LIST}export/?etat=toutes", chosen)
    assert [row["référence"] for row in rows_of(response)] == [mine.reference]


def test_synthesis_of_another_demarche_is_refused(client, alice):
    other = make_demarche()
    client.force_login(alice)
    assert client.post(f"{LIST}synthese/", {"demarche": other.pk}).status_code == 200
    assert not Export.objects.exists()


def test_filters_that_mean_nothing_lead_back_to_the_list(client, alice):
    client.force_login(alice)
    assert client.get(f"{LIST}export/?nature__bidon=1&demarche__id__exact=x").status_code == 302


def test_bell_is_rung_after_the_commit(alice, demarche, monkeypatch):
    rung = []
    monkeypatch.setattr("socle.doorbell._publisher.publish", lambda name, _app: rung.append(name))
    with transaction.atomic():
        ask(alice, demarche)
        assert rung == []
    assert rung == [actions.BUILD_DUE]
