"""Public files: made once by a worker, whole or absent, whatever dies; replaced when what they say must go."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from django.utils import timezone

from socle.documents.files import path_of, storage
from socle.documents.models import Document, MediaType
from socle.publications import actions
from socle.publications.builders import builder_of
from socle.publications.drawing import draw
from socle.publications.models import Publication
from socle.publications.pandoc import tree_of
from socle.publications.reference import model
from socle.written import Line, Written, heading, items, lines, paragraphs
from tests.factories import make_superuser

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parent.parent
WRITTEN = Written(
    "Titre",
    "Atelier 5",
    (heading("Un point"), *paragraphs("Un.\nDeux.\n\n- a\n- b"), items([Line("Lu", "https://a/")])),
)
# A worker that has written half of a file, says so, and goes no further.
STUCK_WORKER = """
import django, sys, time
django.setup()
from pathlib import Path
from socle.publications import actions

def half(key, media_type, path, alive):
    path.write_bytes(b"%PDF-1.7")
    print("half", flush=True)
    time.sleep(60)

actions.builder_of = lambda kind: half
actions.build_next()
"""


@pytest.fixture(autouse=True)
def documents(settings, tmp_path):
    settings.DOCUMENT_STORAGE = tmp_path / "documents"


@pytest.fixture
def made(monkeypatch):
    """Each file made; what is made is a DOCX."""
    calls = []

    def build(key, media_type, path, alive):
        calls.append((key, media_type))
        path.write_bytes(draw(WRITTEN, MediaType.DOCX))

    monkeypatch.setattr(actions, "builder_of", lambda _: build)
    return calls


def publish(key="7", *kinds):
    actions.publish("compte_rendu", key, kinds or (MediaType.DOCX,), make_superuser())
    return Publication.objects.get(key=key) if len(kinds) < 2 else None


def lapse():
    Publication.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))


def test_builders_of_the_settings_are_there():
    assert {kind: builder_of(kind) for kind in django_settings.PUBLICATION_BUILDERS}


def test_asked_for_twice_it_is_made_once(made):
    publish()
    publish()
    assert actions.build_next()
    assert not actions.build_next()
    assert made == [("7", MediaType.DOCX)]
    document = Publication.objects.get().document
    assert path_of(document).read_bytes()[:2] == b"PK"
    assert document.label == f"DOCX, {round(document.size / 1000)}\xa0ko"


def test_what_is_taken_back_is_not_made(made):
    with transaction.atomic():
        publish()
        transaction.set_rollback(True)
    assert not actions.build_next()


def test_what_breaks_is_tried_again_later_and_later(monkeypatch):
    monkeypatch.setattr(actions, "builder_of", lambda _: lambda *_: 1 / 0)
    row = publish()
    waits = []
    for _ in range(8):
        lapse()
        assert actions.build_next()
        assert not actions.build_next()
        row.refresh_from_db()
        waits.append(round((row.next_attempt_at - timezone.now()) / timedelta(minutes=1)))
    assert waits == [2, 4, 8, 16, 32, 60, 60, 60]
    assert not Document.objects.exists()


def test_asked_for_anew_while_it_is_made_the_old_one_is_let_go(made, monkeypatch):
    publish()
    build = actions.builder_of("")

    def renewed_meanwhile(key, media_type, path, alive):
        build(key, media_type, path, alive)
        actions.renew("compte_rendu", key)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(actions, "builder_of", lambda _: renewed_meanwhile)
        actions.build_next()
    assert not Publication.objects.ready().exists()
    lapse()
    assert actions.build_next()
    assert Publication.objects.ready().exists()


def test_renewed_the_former_file_goes_at_once(made, django_capture_on_commit_callbacks):
    publish()
    actions.build_next()
    former = path_of(Publication.objects.get().document)
    with django_capture_on_commit_callbacks(execute=True):
        actions.renew("compte_rendu", "7")
    assert not former.exists()
    assert not Document.objects.exists()


def test_a_worker_killed_midway_leaves_nothing_and_another_makes_it(database_url, made):
    publish()
    environment = os.environ | {"DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "participons.settings"}
    environment |= {"DOCUMENT_STORAGE": str(storage())}
    command = [sys.executable, "-c", STUCK_WORKER]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline() == "half\n"
            assert not actions.build_next(), "it is claimed"
        finally:
            process.send_signal(signal.SIGKILL)
    assert not Publication.objects.ready().exists()
    assert not Document.objects.exists()
    assert not actions.build_next(), "the claim has not run out"
    lapse()
    assert actions.build_next()
    row = Publication.objects.get()
    assert row.attempts == 2
    assert path_of(row.document).read_bytes()[:2] == b"PK"


def test_a_builder_that_takes_long_keeps_its_claim_as_long_as_it_tells(transactional_db, made, monkeypatch):
    monkeypatch.setattr(actions, "SIGN", 0)
    publish()
    build, begun = actions.builder_of(""), []

    def slow(key, media_type, path, alive):
        begun.append(key)
        if len(begun) == 1:
            lapse()
            alive(1)
            assert not actions.build_next(), "it is claimed still"
        build(key, media_type, path, alive)

    monkeypatch.setattr(actions, "builder_of", lambda _: slow)
    assert actions.build_next()
    assert begun == ["7"]
    row = Publication.objects.get()
    assert (row.attempts, path_of(row.document).read_bytes()[:2]) == (1, b"PK")


def test_the_tree_holds_words_as_words():
    tree = tree_of(Written("**T**", "o", (lines("<b>a</b>", "`b`"), items([Line("c", "https://x/")])), foot="f"))
    assert tree["blocks"][1]["c"] == [{"t": "Str", "c": "<b>a</b>"}, {"t": "LineBreak"}, {"t": "Str", "c": "`b`"}]
    assert tree["meta"]["title"]["c"] == [{"t": "Str", "c": "**T**"}]
    assert tree["blocks"][2]["c"] == [
        [{"t": "Plain", "c": [{"t": "Link", "c": [["", [], []], [{"t": "Str", "c": "c"}], ["https://x/", ""]]}]}]
    ]


@pytest.mark.parametrize(("to", "part"), [("docx", "word/footer1.xml"), ("odt", "styles.xml")])
def test_each_page_of_a_word_processor_has_the_title_and_its_number(to, part):
    title = 'Le <bus> & "le train" {foot} \\1'
    with zipfile.ZipFile(io.BytesIO(model(to, title, "Participons"))) as made:
        root = ElementTree.fromstring(made.read(part))
    footer = root if to == "docx" else next(one for one in root.iter() if one.tag.endswith("}footer"))
    assert "".join("".join(footer.itertext()).split()) == "".join(f"{title}Participonspage1sur1".split())
    fields = [str(one.attrib) + one.tag for one in footer.iter() if "fldSimple" in one.tag or "}page-" in one.tag]
    assert len(fields) == 2


SIGNS = {
    "nothing": "",
    "controls": "\x01\x0b",
    "other scripts": "🌍 שלום مرحبا 漢字",
    "many words": "mot " * 25_000,
    "one long word": "m" * 100_000,
}


@pytest.mark.parametrize("media_type", [MediaType.PDF, MediaType.DOCX, MediaType.ODT])
@pytest.mark.parametrize("words", SIGNS.values(), ids=SIGNS)
def test_any_words_make_a_file(media_type, words):
    blocks = (heading(f"Point {words[:200]}"), *paragraphs(words), lines(words))
    content = draw(Written(f"Titre {words[:160]}", words[:80], blocks, foot=words[:80]), media_type)
    if media_type == MediaType.PDF:
        assert content.startswith(b"%PDF")
        return
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        for name in parts.namelist():
            if name.endswith((".xml", ".rels")):
                ElementTree.fromstring(parts.read(name))  # or no word processor opens it


def test_paragraphs_and_lists_are_told_apart():
    said = [(block.kind, [line.text for line in block.lines]) for block in paragraphs("a\r\nb\n- c\n• d\n\n\n  \ne")]
    assert said == [("lines", ["a", "b"]), ("items", ["c", "d"]), ("lines", ["e"])]
    assert paragraphs("  \n\n ") == []
