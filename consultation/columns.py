"""The columns of a contribution, declared once: CSV, XLSX, JSONL, the admin's form and the dictionary of /donnees/.

The rows are read as `c` (contribution), `d` (démarche), `t` (thème), `g` (collège), `m` (commune), `p` (parent),
`a` (answer of a service), and `k` for the open rows: the (collège, commune) pairs in which enough people spoke.
"""

from __future__ import annotations

from collections.abc import Iterable

from consultation.choices import (
    ContributionState,
    DemarcheState,
    Display,
    Nature,
    Origine,
    SoutienMode,
    SpeaksAs,
    Stance,
)
from socle.exports.columns import Column, Kind
from socle.personaldata import OPEN, STAFF

FEWEST_PEOPLE = 11  # under it, a (collège, commune) pair could point at someone: design §9

# `Demarche.shows_soutiens`, in SQL: nobody counts them before everybody may.
SOUTIENS_SHOWN = f"""c.parent_id IS NULL AND (d.soutiens_mode = '{SoutienMode.SHOWN}'
 OR (d.soutiens_mode = '{SoutienMode.HIDDEN}'
 AND (d.state = '{DemarcheState.ARCHIVED}' OR d.contributions_close_at <= now())))"""

# Fields that an open column may rest on, for their author, or the démarche, chose to show them: the words that guard
# them.
SHOWN_BY_CHOICE = {
    "consultation.Contribution.support_count": SOUTIENS_SHOWN,
    "consultation.Contribution.author_name": "c.display <> 'anonyme'",
    "consultation.Contribution.organisation": "c.speaks_as <> 'personnel'",
    "consultation.Contribution.function": "c.speaks_as <> 'personnel' AND c.organisation <> ''",
}


def _fields(*names: str) -> tuple[str, ...]:
    """« title » is a field of Contribution, « Theme.rank » another model's."""
    return tuple(f"consultation.{name if '.' in name else f'Contribution.{name}'}" for name in names)


def _shown(name: str) -> str:
    return f"CASE WHEN {SHOWN_BY_CHOICE[f'consultation.Contribution.{name}']} THEN c.{name} ELSE '' END"


def _words(choices: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{value} ({label[:1].lower()}{label[1:]})" for value, label in choices)


ENJEUX_SQL = """(SELECT string_agg(e.rank::text, ', ' ORDER BY e.rank) FROM consultation_contribution_enjeux ce
 JOIN consultation_enjeu e ON e.id = ce.enjeu_id WHERE ce.contribution_id = c.id)"""

COLUMNS: tuple[Column, ...] = (
    Column(
        "reference",
        "référence",
        OPEN,
        Kind.CODE,
        "d.code || '-' || c.id",
        "Référence publique ; elle ne change jamais.",
        _fields("id", "Demarche.code"),
    ),
    Column("demarche", "démarche", OPEN, Kind.CODE, "d.slug", "Adresse de la démarche.", _fields("Demarche.slug")),
    Column(
        "state",
        "état",
        STAFF,
        Kind.CODE,
        "c.state",
        f"Où elle en est : {_words(ContributionState.choices)}.",
        _fields("state"),
    ),
    Column(
        "origine",
        "origine",
        OPEN,
        Kind.CODE,
        "c.origine",
        f"Comment elle est arrivée : {_words(Origine.choices)}.",
        _fields("origine"),
    ),
    Column(
        "nature",
        "nature",
        OPEN,
        Kind.CODE,
        "c.nature",
        f"Ce qu’elle est : {_words(Nature.choices)}.",
        _fields("nature"),
    ),
    Column(
        "theme_rank",
        "thème (rang)",
        OPEN,
        Kind.INTEGER,
        "t.rank",
        "Rang du thème ; vide pour un autre sujet.",
        _fields("theme", "Theme.rank"),
    ),
    Column(
        "theme",
        "thème",
        OPEN,
        Kind.TEXT,
        "t.question",
        "Question à laquelle elle répond.",
        _fields("theme", "Theme.question"),
    ),
    Column(
        "enjeux",
        "enjeux (rangs)",
        OPEN,
        Kind.CODE,
        ENJEUX_SQL,
        "Rangs des enjeux qu’elle touche, séparés par des virgules.",
        _fields("enjeux", "Enjeu.rank"),
    ),
    Column("title", "titre", OPEN, Kind.TEXT, "c.title", "Titre donné par l’auteur.", _fields("title")),
    Column(
        "body",
        "texte",
        OPEN,
        Kind.TEXT,
        "c.body",
        "Texte entier, sans mise en forme.",
        _fields("body"),
        may_be_long=True,
    ),
    Column(
        "signature",
        "signature",
        OPEN,
        Kind.TEXT,
        _shown("author_name"),
        "Nom ou pseudonyme que l’auteur a choisi d’afficher ; vide pour une contribution anonyme.",
        _fields("author_name", "display"),
    ),
    Column(
        "speaks_as",
        "s’exprime",
        OPEN,
        Kind.CODE,
        "c.speaks_as",
        f"Au nom de qui : {_words(SpeaksAs.choices)}.",
        _fields("speaks_as"),
    ),
    Column(
        "organisation",
        "organisation",
        OPEN,
        Kind.TEXT,
        _shown("organisation"),
        "Organisation, classe ou groupe au nom de qui l’auteur s’exprime.",
        _fields("organisation", "speaks_as"),
    ),
    Column(
        "people_count",
        "nombre de personnes",
        OPEN,
        Kind.INTEGER,
        "c.people_count",
        "Combien de personnes s’expriment ensemble, pour une classe ou un groupe.",
        _fields("people_count"),
    ),
    Column(
        "function",
        "fonction",
        OPEN,
        Kind.TEXT,
        _shown("function"),
        "Fonction affichée dans cette organisation.",
        _fields("function", "organisation", "speaks_as"),
    ),
    Column(
        "college",
        "collège",
        OPEN,
        Kind.TEXT,
        "g.label",
        "« Vous participez en tant que… » : la partie de la société d’où l’on parle.",
        _fields("college", "College.label"),
    ),
    Column(
        "territoire",
        "territoire",
        OPEN,
        Kind.TEXT,
        "CASE WHEN k.commune_id IS NOT NULL THEN m.name ELSE m.epci_name END",
        f"Commune de l’auteur ; son intercommunalité (EPCI) quand moins de {FEWEST_PEOPLE} personnes du même collège"
        " y ont contribué.",
        _fields("commune", "college", "Commune.name", "Commune.epci_name"),
        open_only=True,
    ),
    Column(
        "territoire_code",
        "territoire (code)",
        OPEN,
        Kind.TEXT,
        "CASE WHEN k.commune_id IS NOT NULL THEN m.insee_code ELSE m.epci_code END",
        "Code INSEE de la commune (5 signes), ou numéro SIREN de l’EPCI (9 chiffres).",
        _fields("commune", "college", "Commune.insee_code", "Commune.epci_code"),
        open_only=True,
    ),
    Column(
        "commune_name",
        "commune indiquée",
        STAFF,
        Kind.TEXT,
        "c.commune_name",
        "Commune comme l’auteur l’a écrite.",
        _fields("commune_name"),
    ),
    Column(
        "commune_code",
        "commune (code INSEE)",
        STAFF,
        Kind.TEXT,
        "c.commune_id",
        "Commune reconnue.",
        _fields("commune"),
    ),
    Column(
        "parent",
        "en réaction à",
        OPEN,
        Kind.CODE,
        "CASE WHEN p.state = 'publiee' THEN d.code || '-' || p.id END",
        "Référence de la contribution publiée à laquelle elle réagit.",
        _fields("parent", "Demarche.code"),
    ),
    Column(
        "stance",
        "position",
        OPEN,
        Kind.CODE,
        "c.stance",
        f"Position de la réaction : {_words(Stance.choices)}.",
        _fields("stance"),
    ),
    Column(
        "place_label",
        "dite à",
        OPEN,
        Kind.TEXT,
        "c.place_label",
        "Rendez-vous où elle a été dite.",
        _fields("place_label"),
    ),
    Column(
        "submitted_at",
        "reçue le",
        STAFF,
        Kind.MOMENT,
        "c.submitted_at",
        "Arrivée de la contribution.",
        _fields("submitted_at"),
    ),
    Column(
        "published_at",
        "publiée le",
        OPEN,
        Kind.MOMENT,
        "c.published_at",
        "Publication sur le portail.",
        _fields("published_at"),
    ),
    Column(
        "display",
        "signature choisie",
        STAFF,
        Kind.CODE,
        "c.display",
        f"Ce que l’auteur a choisi : {_words(Display.choices)}.",
        _fields("display"),
    ),
    Column(
        "author_name",
        "nom indiqué",
        STAFF,
        Kind.TEXT,
        "c.author_name",
        "Nom écrit par l’auteur, même quand il n’est pas affiché.",
        _fields("author_name"),
    ),
    Column(
        "import_source",
        "source de la reprise",
        STAFF,
        Kind.TEXT,
        "c.import_source",
        "Outil dont elle a été reprise.",
        _fields("import_source"),
    ),
    Column(
        "import_key",
        "identifiant à la source",
        STAFF,
        Kind.TEXT,
        "c.import_key",
        "Son identifiant dans cet outil.",
        _fields("import_key"),
    ),
    Column(
        "support_count",
        "soutiens",
        OPEN,
        Kind.INTEGER,
        f"CASE WHEN {SOUTIENS_SHOWN} THEN c.support_count END",
        "Nombre de soutiens à la date du fichier ; vide pour une réaction, et tant que la démarche ne les montre pas.",
        _fields("support_count"),
    ),
    Column(
        "answer_service",
        "service qui répond",
        OPEN,
        Kind.TEXT,
        "CASE WHEN a.published_at IS NOT NULL THEN a.service END",
        "Service qui a répondu à la question.",
        _fields("ServiceAnswer.service"),
    ),
    Column(
        "answer",
        "réponse",
        OPEN,
        Kind.TEXT,
        "CASE WHEN a.published_at IS NOT NULL THEN a.body END",
        "Réponse publique de ce service.",
        _fields("ServiceAnswer.body"),
    ),
    Column(
        "answered_at",
        "répondue le",
        OPEN,
        Kind.MOMENT,
        "a.published_at",
        "Publication de cette réponse.",
        _fields("ServiceAnswer.published_at"),
    ),
    Column(
        "example",
        "exemple",
        OPEN,
        Kind.BOOLEAN,
        "c.example",
        "« oui » pour une contribution inventée pour la démonstration.",
        _fields("example"),
    ),
)

OPEN_COLUMNS = tuple(column for column in COLUMNS if column.access == OPEN)
STAFF_COLUMNS = tuple(column for column in COLUMNS if not column.open_only)
BY_NAME = {column.name: column for column in COLUMNS}
BY_HEADER = {column.header: column for column in COLUMNS}
