"""Every message of templates/courriels: what, why, one thing to do; read alike as text and as HTML.

COURRIELS_DIR=folder keeps what was rendered there, to be looked at.
"""

import os
import re
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest
from django.conf import settings as django_settings
from django.template import Engine
from django.utils import timezone

from consultation.emails.textes import News
from socle.courriels.render import render_mail, shortened, wrapped
from tests.factories import make_identity

pytestmark = pytest.mark.django_db

FOLDER = Path(django_settings.BASE_DIR) / "templates" / "courriels"
NAMES = sorted(path.name.removesuffix("_body.txt") for path in FOLDER.glob("*_body.txt"))
XSS = '"><svg onload=alert(1)> https://evil.example/ {{ site_url }}'
LONG = "Comment relier les villages aux lycées et aux hôpitaux le soir et le dimanche, sans voiture, d’ici à 2020 ?"
SITE = "https://participons.example.fr"
CONTRIBUTION = SimpleNamespace(
    reference="NPDC11-123456", title=XSS, body=LONG, is_published=True, published_at=timezone.now()
)
LIEU = SimpleNamespace(
    one_line="Kursaal, 7, place du Centenaire, 59140 Dunkerque",
    access="Bus 3, arrêt Kursaal.",
    step_free="Par la rampe, à gauche de l’entrée.",
    room_plan="Salle Jean-Bart, au premier étage.",
)
RENCONTRE = SimpleNamespace(
    title=LONG,
    when_label="lundi 7 mars 2011, à 18 h",
    capacity=30,
    has_hour=True,
    has_day=True,
    lieu=LIEU,
    remote_url="",
    cancel_reason=XSS,
)
UNSURE = SimpleNamespace(
    title="Forum",
    when_label="mai 2011",
    capacity=30,
    has_hour=False,
    has_day=False,
    lieu=None,
    remote_url="",
    cancel_reason="Grève.",
)
SERVICES = SimpleNamespace(all=[SimpleNamespace(label="Interprète en langue des signes française")])
INSCRIPTION = SimpleNamespace(
    rencontre=RENCONTRE,
    code="A123456",
    presence="salle",
    is_confirmed=True,
    is_waiting=False,
    place_label="Votre place est confirmée",
    services=SERVICES,
)
WAITING = SimpleNamespace(
    rencontre=UNSURE,
    presence="distance",
    is_confirmed=False,
    is_waiting=True,
    place_label="4e sur la liste d’attente",
    services=SimpleNamespace(all=[]),
)
COMING = SimpleNamespace(
    inscription=INSCRIPTION, rencontre=RENCONTRE, soon="demain", ordre_du_jour=XSS, at_distance=False
)
FAR = SimpleNamespace(
    inscription=WAITING,
    rencontre=SimpleNamespace(**vars(UNSURE) | {"has_day": True}),  # its own address would be a second one
    soon="dans 7 jours",
    ordre_du_jour="",
    at_distance=True,
)
LECTURE = SimpleNamespace(
    contribution=CONTRIBUTION, number=12, get_outcome_display="discutée, sans être reprise", words=XSS
)
VALUES = {
    "seance": SimpleNamespace(rank=2),
    "atelier": SimpleNamespace(rank=5, town="Saint-Martin-Boulogne"),
    "when": "lundi 7 mars 2011, de 18 h à 20 h",
    "until": "mercredi 23 mars 2011",
    "remarque": SimpleNamespace(words=XSS, answer=f"{LONG}\n\n{XSS}", taken_up=True),
    "lectures": [LECTURE, SimpleNamespace(**vars(LECTURE) | {"words": ""})],
    "answer": SimpleNamespace(service="Le service des transports scolaires et interurbains", body=f"{LONG}\n\n{XSS}"),
    "at": "lundi 7 mars 2011 à 18 h 30",
    "asked": SimpleNamespace(request=f"{LONG}\n{XSS}"),
    "body": f"{LONG} {LONG}\n\n- un point\n- un autre, avec bien des mots pour aller au bout de la ligne et après",
    "actualite": SimpleNamespace(title=f"Le forum est avancé : {LONG}"),
    "choices_url": f"{SITE}/lettre/WzEsMl0:qJ6hTnUo0z2f6Vd1l8vB3kYw9sXc5rEa7gMtPyHiUeQ/",
    "contest_until": "",
    "contest_url": f"{SITE}/suivi/ABCD-EFGH-JKMN/reexamen/",
    "contribution": CONTRIBUTION,
    "day": "lundi 7 mars 2011",
    "days": 7,
    "decision": SimpleNamespace(
        to_state="refusee", message=XSS, reason=SimpleNamespace(label="Hors du sujet", explanation=LONG)
    ),
    "demarche": SimpleNamespace(title="Écrire ensemble la politique régionale de la jeunesse et des sports"),
    "depart": SimpleNamespace(cause="demande", with_texts=True),
    "due": "lundi 7 mars 2011",
    "ended": True,
    "coming": True,
    "invited": True,
    "left": True,
    "may": "répondre aux questions, écrire les actualités et emporter les contributions",
    "reason": XSS,
    "role": "responsable de démarche",
    "frame_url": f"{SITE}/demarches/nord-pas-de-calais-2011/cadre/",
    "how": "par courrier",
    "known": True,
    "labels": ["Toute la démarche", "Atelier 5 – Hénin-Beaumont"],
    "opposition": SimpleNamespace(words=f"{LONG}\n{XSS}", answer=XSS, get_outcome_display="il y est fait droit"),
    "overturned": False,
    "proved": True,
    "received": "lundi 7 mars 2011 à 18 h 30",
    "reexamen": SimpleNamespace(answer=XSS),
    "reference": "NPDC11-123456",
    "rencontre": RENCONTRE,
    "comings": [COMING],
    "inscription": INSCRIPTION,
    "inscriptions": [INSCRIPTION],
    "rencontres": [RENCONTRE],
    "phone": "06 12 34 56 78",
    "note": XSS,
    "level": 100,
    "taken": 30,
    "change": SimpleNamespace(previous_when="lundi 14 mars 2011", previous_where=LIEU.one_line, reason=XSS),
    "where": LIEU.one_line,
    "waiting": False,
    "remote": True,
    "signalement": SimpleNamespace(get_outcome_display="contribution retirée", answer=XSS),
    "suivi_url": f"{SITE}/suivi/ABCD-EFGH-JKMN/",
    "url": f"{SITE}/contributions/confirmer/WzEyMywgNDU2XQ:1tQv9Z:Gd0lH3q2Zb1m8K7xW4cVnR5yTfUoPjLaEsIi/",
    "version": SimpleNamespace(reason="Un numéro de téléphone."),
    "whole": True,
    "write_url": f"{SITE}/contributions/nouvelle/",
}
VALUES |= {
    "atelier": SimpleNamespace(rank=5, town="Hénin-Beaumont", question=LONG),
    "by_team": True,
    "number": 17,
    "tirage": SimpleNamespace(seed_source=XSS),
    "way": "vous avez été désigné au lancement",
}
VALUES |= {
    "code": "4821 9037",
    "minutes": 15,
    "why": "choisir un nouveau mot de passe",
    "sentence": "L’adresse de votre compte a été remplacée par une autre, a…@example.org.",
    "rows": [(SimpleNamespace(title=title), f"{SITE}/actualites/12/") for title in (LONG, "Le forum est avancé")],
}
VALUES |= {
    "several": False,
    "contributions": [
        SimpleNamespace(
            reference="DP11-42",
            title=XSS,
            news=[News(LONG), News(f"{LONG} :", XSS)],
            url=f"{SITE}/suivi/parcours/WzQyXQ:1tQv9Z:Gd0lH3q2Zb1m8K7xW4cV/",
        )
    ],
}
VALUES |= {
    "ateliers": [SimpleNamespace(rank=5, town="Hénin-Beaumont"), SimpleNamespace(rank=7, town="Étaples")],
    "corrected": False,
    "forum": f"Le deuxième Forum régional : {LONG}",
    "last_day": "lundi 16 mai 2011",
    "objection": SimpleNamespace(answer=f"{LONG}\n\n{XSS}"),
    "texte": LONG,
}
VALUES["asked_on"] = VALUES["received"]
# What a message says otherwise, when something is otherwise.
OTHERWISE = (
    {},
    {
        "inscription": WAITING,
        "inscriptions": [INSCRIPTION, WAITING],
        "rencontres": [RENCONTRE, UNSURE],
        "ended": False,
        "coming": False,
        "waiting": True,
        "phone": "",
        "note": "",
        "level": 50,
        "taken": 15,
    },
    {
        "contest_until": "21 mars 2011",
        "depart": SimpleNamespace(cause="echeance", with_texts=False),
        "known": False,
        "corrected": True,
        "several": True,
        "overturned": True,
        "proved": False,
        "whole": False,
        "by_team": False,
        "number": None,
        "inscriptions": [],
    },
    {"contribution": SimpleNamespace(**vars(CONTRIBUTION) | {"is_published": False, "published_at": None})},
    {"decision": SimpleNamespace(to_state="retiree", message="", reason=None)},
    {"rencontre": UNSURE, "where": "lieu à préciser", "remote": False},
    {"comings": [COMING, FAR], "waiting": True},
    {"lectures": [LECTURE], "remarque": SimpleNamespace(words=LONG, answer=XSS, taken_up=False)},
    {"comings": [FAR], "change": SimpleNamespace(previous_when="", previous_where="à distance", reason="")},
)
WRITTEN: dict[str, list] = {}
ACTION = re.compile(r"<p[^>]*>\s*<a [^>]*>[^<]+</a>\s*</p>")


def context_of(name, otherwise):
    """`asked` is a request in one message, a date in another."""
    asked = {"asked": VALUES["asked_on"]} if name == "reexamen_decided" else {}
    return VALUES | asked | otherwise


class Mail(NamedTuple):
    """`where` names the message and what is otherwise in it; `contact` is the address of the Region, or none."""

    where: str
    contact: str
    subject: str
    text: str
    html: str


@pytest.fixture(params=NAMES)
def mails(request, settings, monkeypatch):
    """One message in all its forms; each is written once for all that is asked of it."""
    settings.SITE_URL = SITE
    monkeypatch.setattr(Engine.get_default(), "string_if_invalid", "[[%s]]")
    if request.param not in WRITTEN:
        WRITTEN[request.param] = list(in_all_forms(request.param))
    return WRITTEN[request.param]


def in_all_forms(name):
    for contact in ("contact@region.example", ""):
        make_identity(contact_email=contact, site_name="Participons", region_name="Région d’essai")
        for number, otherwise in enumerate(OTHERWISE):
            rendered = render_mail(f"courriels/{name}", context_of(name, otherwise))
            keep(name, number, rendered)
            yield Mail(f"{name}, {number}, {contact or 'no address'}", contact, *rendered)


def keep(name, number, rendered):
    if folder := os.environ.get("COURRIELS_DIR"):
        Path(folder).mkdir(exist_ok=True)
        (Path(folder) / f"{name}-{number}.txt").write_text(f"{rendered[0]}\n\n{rendered[1]}")
        (Path(folder) / f"{name}-{number}.html").write_text(rendered[2])


def split(text):
    """What is said, and the foot that says why, to whom to write, and from where it comes."""
    said, foot = text.rsplit("\n—\n", 1)
    return said, foot


def link_of(text):
    """The one thing to do: the only address that stands on a line of its own."""
    [alone] = [line for line in split(text)[0].split("\n") if re.fullmatch(r"https://\S+", line)]
    return alone


def as_read(html):
    words = re.sub(r"<br>|</p>", " ", html)
    return " ".join(re.sub(r"<[^>]+>", "", words).replace("\u00a0", " ").split())


def test_there_are_messages_to_read():
    assert {"letter", "contribution_confirm", "rencontre_reminder"} <= set(NAMES)


def test_subject_is_short_and_whole(mails):
    for mail in mails:
        assert 5 <= len(mail.subject) <= 70, mail
        assert "[[" not in mail.subject and "{" not in mail.subject.replace("{{ site_url }}", ""), mail


def test_text_fits_and_has_one_thing_to_do(mails):
    for mail in mails:
        text = mail.text
        assert "[[" not in text, mail.where
        assert [line for line in text.split("\n") if len(line) > 76 and not re.search(r"https?://\S+$", line)] == []
        assert "\n\n\n" not in text, f"{mail.where}: no hole in the middle"
        assert link_of(text).startswith(f"{SITE}/"), mail.where
        assert not re.search(r"(?<=\w) [:;!?](?=\s|$)", text), f"{mail.where}: French spaces"


def test_html_says_the_same_and_asks_for_nothing_from_afar(mails):
    for mail in mails:
        html = mail.html
        assert '<html lang="fr">' in html and f"<title>{mail.subject}".replace("’", "’")[:12] in html, mail.where
        assert "[[" not in html, mail.where
        assert not re.search(r"<(img|script|link|iframe|form|style)\b|url\(|\bon\w+=", html.replace("onload=alert", ""))
        assert "<svg" not in html, mail.where
        body, _ = html.split("<hr", 1)
        assert len(ACTION.findall(body)) == 1, mail.where
        links = set(re.findall(r'(?:href|src)="([^"]+)"', html))
        assert {link for link in links if not link.startswith(f"{SITE}/")} == set(), mail.where
        same = ACTION.search(body)[0].count(f'href="{link_of(mail.text)}"')
        assert same == 1, f"{mail.where}: the same thing to do as in the text"


def test_foot_says_why_who_to_write_to_and_from_where(mails):
    for mail in mails:
        _, foot = split(mail.text)
        html = as_read(mail.html.split("<hr", 1)[1].split(">", 1)[1])
        for said in (" ".join(foot.replace("\u00a0", " ").split()), html):
            assert re.search(r"Vous recevez (ce message|cette lettre) parce que \w+", said), mail.where
            assert ("Répondez à ce message" in said) == bool(mail.contact), mail.where
            assert "Participons, Région d’essai" in said, mail.where
        assert f"{SITE}/" in foot, mail.where
        assert mail.contact or f"{SITE}/contact/" in foot, mail.where
        assert f'href="{SITE}/"' in mail.html, mail.where


@pytest.mark.parametrize("length", [69, 70, 71, 200])
def test_long_subjects_are_cut_between_words(length):
    subject = ("mots et " * 40)[:length].strip()
    short = shortened(subject)
    assert len(short) <= 70
    assert (short == subject) == (len(subject) <= 70)
    assert len(shortened("x" * length)) <= 70


def test_lines_are_folded_and_addresses_are_not():
    address = f"https://participons.example.fr/{'a' * 100}"
    text = f"{'mot ' * 40}\n    {'cité ' * 30}\n- {'point ' * 20}\n{address}\nVoir : {address}"
    lines = wrapped(text).split("\n")
    assert max(len(line) for line in lines if "https" not in line) <= 76
    assert address in lines and f"Voir : {address}" in lines
    assert [line for line in lines if "cité" in line and not line.startswith("    cité")] == []
