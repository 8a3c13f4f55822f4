"""The words of the public register: which acts it holds, what is told of each, and who may have acted.

A line of the register is for ever: a kind is added, never renamed. Facts hold what is public elsewhere on the portal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from participons.actes_adoption import ADOPTION
from socle.dates import Precision, moment_label
from socle.registre.models import Entree
from socle.registre.vocabulary import Act, Vocabulary

NBSP = "\N{NO-BREAK SPACE}"
REASON = f"Motif{NBSP}: {{}}"
PASSAGES = f"Passages{NBSP}: {{}}"
SERVICE = {"service": f"Service{NBSP}: {{}}"}
OUTCOME = f"Issue{NBSP}: {{}}"
DATES = {
    "titre": f"«{NBSP}{{}}{NBSP}»",
    "avant": f"Date annoncée auparavant{NBSP}: {{}}",
    "apres": f"Nouvelle date{NBSP}: {{}}",
    "raison": f"Raison{NBSP}: {{}}",
}

LATER = {"date": "Visible à partir de cette date\N{NO-BREAK SPACE}: {}"}
DECIDED = {"motif": REASON, "suite": "À la suite d’un {}"}

TEXTE = {
    "titre": DATES["titre"],
    "version": f"Version{NBSP}: {{}}",
    "traitees": f"Contributions traitées{NBSP}: {{}}",
    "raison": f"Raison de cette version{NBSP}: {{}}",
}

CROSSED = {"nature": f"Nature{NBSP}: {{}}", "productions": f"Productions{NBSP}: {{}}", "raison": DATES["raison"]}
REGARD = {"titre": DATES["titre"], "jusqu_au": "Jusqu’au {} inclus"}
OBJECTION = {"objection": f"Objection{NBSP}: {{}}"}

ACTS = {
    "contribution.publiee": Act("Contribution publiée", "{subject} a été publiée {by}.", DECIDED),
    "contribution.refusee": Act(
        "Contribution non publiée", "{subject} n’a pas été publiée, décision prise {by}.", DECIDED
    ),
    "contribution.retiree": Act("Contribution retirée", "{subject} a été retirée {by}.", DECIDED),
    "contribution.republiee": Act("Contribution remise en ligne", "{subject} a été remise en ligne {by}.", DECIDED),
    "contribution.masquee": Act(
        "Passage masqué", "Un passage de {subject} a été masqué {by}.", {"motif": REASON, "passages": PASSAGES}
    ),
    "contributions.reprises": Act(
        "Contributions reprises",
        "Des contributions recueillies ailleurs ont été publiées {by}.",
        {"nombre": f"Nombre{NBSP}: {{}}"},
    ),
    "reexamen.decision": Act(
        "Réexamen", "La décision sur {subject} a été réexaminée {by}.", {"issue": OUTCOME, "motif": REASON}
    ),
    "signalement.decision": Act(
        "Signalement traité", "Un signalement de {subject} a été traité {by}.", {"issue": OUTCOME, "motif": REASON}
    ),
    "question.reponse": Act(
        "Réponse à une question", "La question {subject} a reçu une réponse, publiée {by}.", SERVICE
    ),
    "question.correction": Act("Réponse corrigée", "La réponse à la question {subject} a été corrigée {by}.", SERVICE),
    "etape.date": Act("Dates d’une étape", "Les dates de l’étape {subject} ont été changées {by}.", DATES),
    "rencontre.date": Act("Date d’un rendez-vous", "La date d’un rendez-vous a été changée {by}.", DATES),
    "rencontre.annulee": Act(
        "Rendez-vous annulé",
        "Un rendez-vous a été annulé {by}.",
        {"titre": DATES["titre"], "date": f"Il était annoncé{NBSP}: {{}}", "raison": DATES["raison"]},
    ),
    "cadre.version": Act(
        "Cadre de la démarche",
        "Une version du cadre de la démarche a été publiée {by}.",
        {"version": f"Version{NBSP}: {{}}", "date": f"Datée du{NBSP}: {{}}"},
    ),
    "actualite.publiee": Act(
        "Actualité publiée", "Une actualité (n°\N{NO-BREAK SPACE}{subject}) a été publiée {by}.", LATER
    ),
    "actualite.corrigee": Act(
        "Actualité corrigée", "Une actualité (n°\N{NO-BREAK SPACE}{subject}) a été corrigée {by}.", LATER
    ),
    "actualite.retiree": Act("Actualité retirée", "Une actualité (n°\N{NO-BREAK SPACE}{subject}) a été retirée {by}."),
    "ressource.publiee": Act(
        "Ressource publiée", "Une ressource (n°\N{NO-BREAK SPACE}{subject}) a été publiée {by}.", LATER
    ),
    "ressource.corrigee": Act(
        "Ressource corrigée", "Une ressource (n°\N{NO-BREAK SPACE}{subject}) a été corrigée {by}.", LATER
    ),
    "ressource.retiree": Act("Ressource retirée", "Une ressource (n°\N{NO-BREAK SPACE}{subject}) a été retirée {by}."),
    "frequente.publiee": Act(
        "Question fréquente publiée",
        "Une question fréquente (n°\N{NO-BREAK SPACE}{subject}) a été publiée, avec sa réponse, {by}.",
    ),
    "frequente.corrigee": Act(
        "Question fréquente corrigée",
        "Une question fréquente (n°\N{NO-BREAK SPACE}{subject}) a été corrigée {by}.",
    ),
    "frequente.retiree": Act(
        "Question fréquente retirée", "Une question fréquente (n°\N{NO-BREAK SPACE}{subject}) a été retirée {by}."
    ),
    "demarche.ouverte": Act("Démarche ouverte", "La démarche a été ouverte {by}.", {"titre": DATES["titre"]}),
    "texte.provisoire": Act(
        "Texte publié, version provisoire", "Un texte a paru en version provisoire, publié {by}.", TEXTE
    ),
    "texte.definitif": Act(
        "Texte publié, version définitive", "Un texte a paru en version définitive, publié {by}.", TEXTE
    ),
    "compte_rendu.adopte": Act(
        "Compte rendu adopté",
        "Le compte rendu d’une séance a été adopté {by}.",
        {
            "titre": DATES["titre"],
            "presents": f"Présents{NBSP}: {{}}",
            "remarques": f"Remarques des personnes présentes, toutes répondues{NBSP}: {{}}",
        },
    ),
    "tirage.annonce": Act(
        "Tirage au sort annoncé",
        "Un tirage au sort a été annoncé {by}.",
        {
            "atelier": "{}",
            "candidatures": f"Numéros en lice{NBSP}: {{}}",
            "source": f"D’où viendra la graine{NBSP}: {{}}",
        },
    ),
    "tirage.fait": Act(
        "Tirage au sort",
        "Un tirage au sort a été fait {by}.",
        {
            "atelier": "{}",
            "candidatures": f"Numéros en lice{NBSP}: {{}}",
            "tires": f"Numéros tirés{NBSP}: {{}}",
            "graine": f"Graine{NBSP}: {{}}",
        },
    ),
    "croisement.publie": Act("Croisement publié", "Un croisement de productions a été publié {by}.", CROSSED),
    "croisement.retire": Act("Croisement retiré", "Un croisement de productions a été retiré {by}.", CROSSED),
    "regard.ouvert": Act(
        "Droit de regard ouvert", "Le droit de regard des groupes sur un texte a été ouvert {by}.", REGARD
    ),
    "regard.prolonge": Act(
        "Droit de regard prolongé", "Le droit de regard des groupes sur un texte a été prolongé {by}.", REGARD
    ),
    "objection.reponse": Act(
        "Réponse à une objection", "Une objection d’un groupe a reçu une réponse {by}.", OBJECTION
    ),
    "objection.correction": Act(
        "Réponse corrigée", "La réponse à une objection d’un groupe a été corrigée {by}.", OBJECTION
    ),
    "demarche.archivee": Act(
        "Démarche archivée",
        "La démarche a été archivée {by}.",
        {"titre": DATES["titre"], "manque": f"Ce qui manque{NBSP}: {{}}", "raison": DATES["raison"]},
    ),
    **ADOPTION,
}

ROLES = {
    "auteur": "par son auteur",
    "modérateur": "par un modérateur",
    "rédacteur": "par un rédacteur",
    "organisateur": "par l’organisateur de la rencontre",
    "responsable": "par un responsable de la démarche",
    "administrateur": "par un administrateur du portail",
    "règle de la démarche": "selon la règle de la démarche",
}

VOCABULARY = Vocabulary(ACTS, ROLES)
NOT_READABLE = {"contribution.refusee", "reexamen.decision"}  # a contribution that is not published has no page


@dataclass(frozen=True)
class Told:
    """An entry as the page says it."""

    number: int | None
    when: str
    sentence: str
    facts: list[str]
    demarche: str
    address: str


def told(entree: Entree, demarches: Mapping[str, str]) -> Told:
    """`demarches` are the public ones, title by slug: nothing is said of another one."""
    act = ACTS[entree.kind]
    noun, _, place = entree.subject.rpartition(":")
    says = act.says.format(subject=place, by=ROLES[entree.role])
    return Told(
        entree.number,
        moment_label(entree.recorded_at, None, Precision.HOUR),
        says,
        [sentence.format(entree.facts[key]) for key, sentence in act.facts.items() if key in entree.facts],
        demarches.get(entree.demarche, ""),
        _address(entree, noun, place) if entree.demarche in demarches else "",
    )


def _address(entree: Entree, noun: str, place: str) -> str:
    """Where what it is about can be read; empty where nobody can."""
    words: dict[str, tuple[str, list[str]]] = {
        "": ("contribution", [place]),
        "etape": ("etape", [entree.demarche, place]),
        "rencontre": ("rencontre", [place]),
        "cadre": ("cadre", [entree.demarche]),
        "demarche": ("demarche", [entree.demarche]),
        # Their lists, which stay: one that was taken down has no page any more.
        "actualite": ("actualites", []),
        "ressource": ("ressources", []),
        "frequente": ("questions", []),
        "texte": ("adoption" if entree.kind.startswith(("adoption", "amendement", "article")) else "texte", [place]),
        "suite": ("suite", [place]),
        "croisement": ("croisement", [place]),
        "regard": ("regard", [place]),
        "seance": ("compte_rendu", [entree.demarche, *place.split("-")]),
    }
    if entree.kind in NOT_READABLE or noun not in words:
        return ""
    name, args = words[noun]
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
