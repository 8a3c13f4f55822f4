"""The files of a texte, whatever happens to who wrote its sources, or to the workers that make them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from subprocess import PIPE
from threading import Event

import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.test import Client

from consultation.actions.textes_files import renew_files
from consultation.actions.textes_publish import next_version
from consultation.choices import RoleKind
from consultation.models import Citation
from consultation.texte_files import build
from socle.documents.models import MediaType
from socle.exports import actions as exports
from socle.exports.models import Export, State
from socle.publications import actions as publications
from socle.publications.models import Publication
from tests.factories import local, make_personne, make_role
from tests.leaving import leave
from tests.minutes import files_made
from tests.papers import taken
from tests.test_textes_files import _quiet, docx_read, public_file, small_texte  # noqa: F401 (a fixture)
from tests.textes import make_texte, passage, published, said, withdrawn

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parent.parent


def test_who_leaves_with_their_texts_leaves_the_files():
    alice = make_personne()
    texte = make_texte()
    passage(texte, said(personne=alice, title="Plus de bus", body="Un bus le soir."), quote="bus le soir")
    published(texte)
    files_made()
    assert "buslesoir" in docx_read(public_file(texte, "docx"))[1][0]
    leave(alice, with_texts=True)
    assert renew_files() == 1
    assert Client().get(f"/textes/{texte.pk}/export.docx").status_code == 503
    files_made()
    words, notes = docx_read(public_file(texte, "docx"))
    assert "buslesoir" not in words + "".join(notes) and "Plusdebus" not in words


def test_a_decision_that_ends_while_a_file_is_drawn_makes_it_anew(transactional_db, monkeypatch):
    texte = small_texte()
    published(texte)
    Publication.objects.exclude(media_type=MediaType.DOCX).delete()
    begun, go_on, draw = Event(), Event(), build.draw_apart

    def decides():
        try:
            with transaction.atomic():
                withdrawn(Citation.objects.get().cited)
                begun.set()
                assert go_on.wait(30)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        decided = threads.submit(decides)
        assert begun.wait(30)

        def drawn(*read):
            go_on.set()
            decided.result()
            draw(*read)

        monkeypatch.setattr(build, "draw_apart", drawn)
        publications.renew("texte", str(texte.pk))
        files_made()
    assert "buslesoir" in docx_read(public_file(texte, "docx"))[1][0]
    assert renew_files() == 1
    assert Client().get(f"/textes/{texte.pk}/export.docx").status_code == 503
    files_made()
    assert "buslesoir" not in "".join(docx_read(public_file(texte, "docx"))[1])
    assert renew_files() == 0


# Two workers that have written half of a texte's file, the team's and the public's, and go no further.
STUCK_WORKER = """
import django, sys, time
django.setup()
from consultation.texte_files import build
from socle.exports import actions as exports
from socle.publications import actions as publications

def half(written, media_type, path):
    path.write_bytes(b"PK half")
    print("half", flush=True)
    time.sleep(60)

build.draw_apart = half
{"exports": exports, "publications": publications}[sys.argv[1]].build_next()
"""


def test_workers_killed_in_the_middle_of_a_texte_leave_one_whole_file_in_the_end(database_url, settings, monkeypatch):
    texte = small_texte()
    published(texte)
    Publication.objects.exclude(media_type=MediaType.DOCX).delete()
    role = make_role(kind=RoleKind.REDACTEUR)
    client = Client()
    client.force_login(role.user)
    next_version(texte)
    client.post(f"/admin/consultation/texte/{texte.pk}/change/", {"act": "fichier", "fichier": "docx"})
    killed_midway("exports", "publications", database_url=database_url)
    assert Client().get(f"/textes/{texte.pk}/export.docx").status_code == 503
    seen, draw = [], build.draw_apart

    def drawn(*args):
        seen.append(client.get("/admin/exports/export/").content.decode())
        draw(*args)

    monkeypatch.setattr(build, "draw_apart", drawn)
    while not exports.build_next():  # until the server has noticed the death
        pass
    assert "interrompue\u00a0; relancée (essai 2)" in seen[0].replace("\u202f", "\u00a0").replace(" ;", "\u00a0;")
    Publication.objects.update(next_attempt_at=local(-1))
    files_made()
    export = Export.objects.get()
    assert (export.state, export.attempts, Publication.objects.get().attempts) == (State.READY, 2, 2)
    for content in (public_file(texte, "docx"), taken(client.get(f"/exports/{export.pk}/"))):
        assert "Desbus" in docx_read(content)[0]
    assert [path.name for path in settings.EXPORT_STORAGE.iterdir()] == [export.file]


def killed_midway(*workers, database_url):
    environment = os.environ | {"DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "participons.settings"}
    for name in ("DOCUMENT_STORAGE", "EXPORT_STORAGE"):
        environment[name] = str(getattr(django_settings, name))
    with ExitStack() as stack:
        started = [
            stack.enter_context(
                subprocess.Popen([sys.executable, "-c", STUCK_WORKER, name], cwd=ROOT, env=environment, stdout=PIPE)
            )
            for name in workers
        ]
        try:
            assert [one.stdout.readline() for one in started] == [b"half\n"] * len(workers)
        finally:
            for one in started:
                one.send_signal(signal.SIGKILL)
