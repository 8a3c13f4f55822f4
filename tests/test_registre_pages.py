"""/registre/: what anyone reads, takes away and checks."""

import io
import json
import re
import subprocess
import sys
import tracemalloc

import html5lib
import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from participons.actes import ACTS, ROLES
from socle.registre.actions import seal
from socle.registre.models import Entree, EntreeKey
from tests.factories import make_demarche
from tests.registering import enter, lines
from tests.writing import text_of

pytestmark = pytest.mark.django_db

PAGE, VERIFY, FILE = "/registre/", "/registre/verifier/", "/registre/registre.jsonl"


@pytest.fixture
def demarche():
    return make_demarche(slug="dp-2011", code="DP11", title="Notre démarche")


def sealed(kind="contribution.publiee", **said) -> Entree:
    entree = enter(kind, **said)
    seal()
    entree.refresh_from_db()
    return entree


def sentences(client, address=PAGE) -> list[str]:
    page = html5lib.parse(client.get(address).content.decode(), namespaceHTMLElements=False)
    titles = [item for item in page.iter("p") if item.get("class") == "row-title"]
    return [" ".join("".join(item.itertext()).split()) for item in titles]


def download(client) -> bytes:
    return b"".join(client.get(FILE))


# The page


@pytest.mark.parametrize(
    ("kind", "said", "words"),
    [
        ("contribution.publiee", {}, ["DP11-42 a été publiée par un modérateur."]),
        ("contribution.publiee", {"role": "règle de la démarche"}, ["publiée selon la règle de la démarche."]),
        ("contribution.retiree", {"role": "auteur"}, ["DP11-42 a été retirée par son auteur."]),
        (
            "contribution.refusee",
            {"facts": {"motif": "Hors du sujet"}},
            ["DP11-42 n’a pas été publiée, décision prise par un modérateur.", "Motif : Hors du sujet"],
        ),
        (
            "etape.date",
            {
                "subject": "etape:3",
                "role": "responsable",
                "facts": {"titre": "Les ateliers", "avant": "mars 2011", "apres": "avril 2011", "raison": "La grève"},
            },
            [
                "Les dates de l’étape 3 ont été changées par un responsable de la démarche.",
                "« Les ateliers »",
                "Date annoncée auparavant : mars 2011",
                "Nouvelle date : avril 2011",
                "Raison : La grève",
            ],
        ),
    ],
)
def test_an_entry_is_said_in_plain_french(client, demarche, kind, said, words):
    sealed(kind, **said)
    page = text_of(client.get(PAGE))
    for sentence in words:
        assert sentence in page


@pytest.mark.parametrize("kind", ACTS)
def test_every_act_by_every_role_is_said_whole(client, demarche, kind):
    noun = kind.partition(".")[0]
    subject = "DP11-42" if noun in ("contribution", "reexamen", "signalement") else f"{noun}:3"
    subject = "seance:5-2" if noun == "compte_rendu" else subject
    for role in ROLES:
        enter(kind, role=role, subject=subject, facts=dict.fromkeys(ACTS[kind].facts, "ce qui s’est passé"))
    seal()
    assert "{" not in text_of(client.get(PAGE))
    for role, sentence in zip(reversed(ROLES), sentences(client), strict=True):
        assert ROLES[role] in sentence


def test_the_newest_comes_first_and_what_waits_for_its_seal_not_yet(client, demarche):
    sealed(subject="DP11-1")
    sealed(subject="DP11-2")
    enter("contribution.publiee", subject="DP11-3")
    assert [sentence.split()[0] for sentence in sentences(client)] == ["DP11-2", "DP11-1"]


def test_pages_follow_the_numbers_whatever_is_sealed_meanwhile(client, demarche, monkeypatch):
    monkeypatch.setattr("participons.views.registre.PAGE", 2)
    for number in range(1, 6):
        sealed(subject=f"DP11-{number}")
    seen, address = [], PAGE
    while address:
        page = client.get(address).content.decode()
        seen += re.findall(r"DP11-(\d+) a été", page)
        sealed(subject="DP11-100")
        older = re.search(r'href="([^"]+)#entrees"\s+rel="next"', page)
        address = older and older[1].replace("&amp;", "&")
    assert seen == list("54321")


def test_filters_by_act_and_by_demarche(client, demarche):
    make_demarche(slug="autre", code="AUTRE", title="Une autre", courante=False)
    sealed(subject="DP11-1")
    sealed(subject="AUTRE-1", demarche="autre")
    sealed("contribution.retiree", subject="AUTRE-2", demarche="autre")
    assert len(sentences(client)) == 3
    assert sentences(client, f"{PAGE}?demarche=autre&acte=contribution.retiree")[0].startswith("AUTRE-2")
    assert [one.split()[0] for one in sentences(client, f"{PAGE}?demarche=dp-2011")] == ["DP11-1"]
    assert "Aucune entrée ne correspond" in text_of(client.get(f"{PAGE}?acte=cadre.version"))


@pytest.mark.parametrize(
    "query", ["acte=%27", "demarche=nulle-part", "avant=x", "avant=-1", "avant=%C2%B2", "avant=" + "9" * 30]
)
def test_a_forged_filter_is_left_out(client, demarche, query):
    sealed()
    assert len(sentences(client, f"{PAGE}?{query}")) == 1


def test_an_empty_register_says_what_will_come(client):
    assert "aucune décision n’y est encore inscrite" in text_of(client.get(PAGE))
    assert "Le dernier numéro et son sceau paraîtront ici" in text_of(client.get(VERIFY))
    assert download(client) == b""


def test_the_page_says_since_when_it_is_kept(client, demarche):
    sealed()
    assert re.search(r"Le registre est tenu depuis le \d+", text_of(client.get(PAGE)))


@pytest.mark.parametrize("address", [PAGE, VERIFY, f"{PAGE}?acte=contribution.publiee&avant=100"])
def test_few_queries_and_as_many_at_any_size(client, demarche, address):
    counts = []
    for number in (1, 2, 3):
        sealed(subject=f"DP11-{number}")
        with CaptureQueriesContext(connection) as queries:
            assert f"DP11-{number}" in client.get(address).content.decode() or address == VERIFY
        counts.append(len(queries))
    assert counts == counts[:1] * 3
    assert counts[0] <= 8


def test_nothing_of_an_unpublished_demarche_is_named(client, demarche):
    make_demarche(slug="brouillon", title="Zirconium", state="brouillon", courante=False)
    sealed(demarche="brouillon", subject="DP12-1")
    page = client.get(PAGE).content.decode()
    assert "Zirconium" not in page
    assert "/contributions/DP12-1/" not in page


def test_typed_reasons_are_inert(client, demarche):
    sealed("etape.date", subject="etape:1", facts={"raison": "<script>alert(1)</script>\n{{ 7|add:7 }}"})
    page = client.get(PAGE).content.decode()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "{{ 7|add:7 }}" in page


# The file


def test_the_file_is_the_chain_one_line_per_sealed_entry(client, demarche):
    sealed()
    sealed("contribution.retiree")
    enter("contribution.publiee")
    response = client.get(FILE)
    assert b"".join(response) == b"".join(lines())
    assert (response["X-Content-Type-Options"], response["Content-Type"]) == ("nosniff", "application/jsonl")
    assert response["Content-Disposition"] == 'attachment; filename="registre.jsonl"'
    assert not response.cookies
    assert client.post(FILE).status_code == 405


def test_a_text_and_its_key_never_leave(client, demarche):
    sealed(text="Le canari chante à Wazemmes", subject="DP11-1")
    secret = bytes(EntreeKey.objects.get().secret)
    for address in (PAGE, VERIFY, FILE):
        response = client.get(address)
        body = b"".join(response)
        assert b"canari" not in body
        assert secret not in body
        assert secret.hex().encode() not in body


def test_a_long_register_is_sent_in_flat_memory(client, demarche, monkeypatch):
    monkeypatch.setattr("socle.registre.verify.CHUNK", 50)
    for number in range(400):
        enter("contribution.refusee", subject=f"DP11-{number}", facts={"motif": "m" * 1900})
    seal()
    whole = sum(map(len, lines()))
    monkeypatch.setattr("participons.views.registre.LINES", 10)
    response = client.get(FILE)
    tracemalloc.start()
    received = sum(map(len, response))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert received == whole
    assert peak < whole / 2


def test_without_the_database_no_half_file_is_given(client, monkeypatch):
    def down(*_args):
        raise OperationalError("the database is down")

    monkeypatch.setattr(connection, "ensure_connection", down)
    monkeypatch.setattr(connection, "cursor", down)
    client.raise_request_exception = False
    assert client.get(FILE).status_code == 503


# What anyone does with it


@pytest.fixture
def kept(client, demarche, tmp_path):
    sealed("etape.date", subject="etape:1", facts={"raison": "La « grève »\u2028du 7 mars\\n 😀"})
    sealed("contribution.refusee", facts={"motif": "Hors du sujet"})
    sealed()
    path = tmp_path / "registre.jsonl"
    path.write_bytes(download(client))
    return path


def shown(client, name: str) -> str:
    """The program or the command of the page, as one copies it."""
    page = html5lib.parse(client.get(VERIFY).content.decode(), namespaceHTMLElements=False)
    return next("".join(item.itertext()) for item in page.iter("pre") if item.get("id") == name)


def test_our_own_command_accepts_the_file(kept):
    call_command("verify_registre", kept)


def test_the_program_of_the_page_accepts_the_file(client, kept, tmp_path):
    program = tmp_path / "verifier.py"
    program.write_text(shown(client, "programme"))
    done = subprocess.run([sys.executable, program, kept], capture_output=True, text=True, check=True)
    last = Entree.objects.newest_first().first().hash
    assert done.stdout == f"3 entrées intactes. Dernier sceau\N{NO-BREAK SPACE}: {last}\n"
    assert last in client.get(VERIFY).content.decode()


def test_the_program_of_the_page_names_the_entry_of_each_byte_changed(client, kept, monkeypatch):
    program = compile(shown(client, "programme"), "verifier.py", "exec")
    whole, number = kept.read_bytes(), 1
    monkeypatch.setattr("sys.argv", ["verifier.py", "registre.jsonl"])
    for place, byte in enumerate(whole):
        with pytest.raises(SystemExit, match=f"L’entrée {number} a été changée"):
            exec(program, {"open": lambda *_, place=place: io.BytesIO(changed(whole, place))})
        number += byte == ord("\n")


def changed(whole: bytes, place: int) -> bytes:
    return whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_command_of_the_page_gives_the_seal(client, kept, number):
    command = shown(client, "commande").replace("1p", f"{number}p")
    done = subprocess.run(["sh", "-c", command], cwd=kept.parent, capture_output=True, text=True, check=True)
    assert done.stdout.split()[0] == json.loads(kept.read_bytes().split(b"\n")[number - 1])["sceau"]
