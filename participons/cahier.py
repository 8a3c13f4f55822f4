"""The working book of the rédacteurs: an XLSX, a sheet for each thing they work with, and one that explains them.

It reads contributions, productions and rencontres: it is the roof's. Written row after row, in constant memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils import timezone

from consultation.choices import ContributionState, How, Nature, Origine, ReponseKind
from consultation.models import TexteVersion
from consultation.permissions import can_write
from consultation.texte_files.build import filename
from consultation.traces import scope_of
from socle.comptes.models import User
from socle.dates import day_label
from socle.exports.builders import Builder, BuildRefusedError
from socle.exports.columns import Column, Kind, cells
from socle.exports.files import snapshot
from socle.exports.formats import Progress, Query, open_book, write_sheet
from socle.exports.formulas import neutralise
from socle.personaldata import STAFF

READ_WITH = ("texte__demarche",)
WIDTHS = (16, 26, 100)
LABELS = {"a_traiter": "à traiter", "reprise": "reprise", "reponse": "réponse", "lot": "réponse par lot"}


@dataclass(frozen=True)
class Sheet:
    """`sql` reads the rows, of the version and of the démarche that are its parameters, as `s`, in their order."""

    name: str
    about: str
    columns: tuple[Column, ...]
    sql: str

    def query(self, version: TexteVersion) -> Query:
        params = {"version": version.pk, "demarche": version.texte.demarche_id}
        return Query(f"SELECT {cells(self.columns)} FROM ({self.sql}) s", params, self.columns)  # noqa: S608


def _column(name: str, header: str, description: str, kind: Kind = Kind.TEXT, *, long: bool = False) -> Column:
    return Column(name, header, STAFF, kind, f"s.{name}", description, (), may_be_long=long)


def _said(column: str, choices: Iterable[tuple[str, str]]) -> str:
    whens = " ".join(f"WHEN '{value}' THEN '{label}'" for value, label in choices)
    return f"CASE {column} {whens} END"


REFERENCE = _column("reference", "référence", "Celle de la contribution ; elle ne change jamais.", Kind.CODE)
TITLE = _column("title", "titre", "Son titre, comme il est publié.")
BODY = _column("body", "texte", "Ses mots, comme ils sont publiés.", long=True)
PASSAGES = _column("passages", "passages", "Les numéros des passages de ce texte qui la citent.", Kind.CODE)
_CITING = """(SELECT string_agg(p.number::text, ', ' ORDER BY p.number) FROM consultation_citation ci
    JOIN consultation_passage p ON p.id = ci.citing_passage_id AND p.version_id = %(version)s
    WHERE ci.cited_id = c.id)"""

SHEETS = (
    Sheet(
        "Contributions",
        "Toutes les contributions publiées de la démarche, dans l’ordre de leur référence.",
        (
            REFERENCE,
            _column("theme", "thème", "La question à laquelle elle répond, avec son rang ; vide pour un autre sujet."),
            _column("nature", "nature", "Ce qu’elle est.", Kind.CODE),
            _column("origine", "origine", "Comment elle est arrivée. On n’additionne pas les origines.", Kind.CODE),
            _column("college", "collège", "« Vous participez en tant que… »."),
            _column("territory", "territoire", "Son intercommunalité, ou son département."),
            TITLE,
            BODY,
            _column("parent", "en réaction à", "La référence de ce à quoi elle réagit.", Kind.CODE),
            _column(
                "submitted_at", "reçue le", "Son arrivée : un texte traite ce qui est arrivé à temps.", Kind.MOMENT
            ),
            _column("outcome", "dans ce texte", "Ce que ce texte en fait ; vide s’il n’a pas à la traiter.", Kind.CODE),
            PASSAGES,
        ),
        f"""SELECT d.code || '-' || c.id AS reference, t.rank || '. ' || t.question AS theme,
        {_said("c.nature", Nature.choices)} AS nature, {_said("c.origine", Origine.choices)} AS origine,
        g.label AS college, coalesce(nullif(m.epci_name, ''), m.departement) AS territory, c.title, c.body,
        d.code || '-' || c.parent_id AS parent, c.submitted_at,
        {_said("CASE w.outcome WHEN 'reste' THEN 'a_traiter' ELSE w.outcome END", LABELS.items())} AS outcome,
        {_CITING} AS passages
        FROM consultation_contribution c JOIN consultation_demarche d ON d.id = c.demarche_id
        LEFT JOIN consultation_theme t ON t.id = c.theme_id LEFT JOIN consultation_college g ON g.id = c.college_id
        LEFT JOIN consultation_commune m ON m.insee_code = c.commune_id
        LEFT JOIN consultation_treatments(%(version)s) w ON w.contribution_id = c.id
        WHERE c.demarche_id = %(demarche)s AND c.state = '{ContributionState.PUBLISHED}' ORDER BY c.id""",  # noqa: S608
    ),
    Sheet(
        "Productions",
        "Ce que les groupes ont produit dans les ateliers, et qui est publié.",
        (
            REFERENCE,
            _column("atelier", "atelier", "Son rang et sa ville."),
            _column("seance", "séance", "Le rang de la séance où elle est née.", Kind.INTEGER),
            _column("minority", "point de vue minoritaire", "« oui » : une partie du groupe seulement.", Kind.BOOLEAN),
            TITLE,
            BODY,
            PASSAGES,
        ),
        f"""SELECT d.code || '-' || c.id AS reference, a.rank || ' – ' || a.town AS atelier, e.rank AS seance,
        o.minority, c.title, c.body, {_CITING} AS passages
        FROM ateliers_production o JOIN consultation_contribution c ON c.id = o.contribution_id
        JOIN consultation_demarche d ON d.id = c.demarche_id
        JOIN ateliers_seance e ON e.rencontre_id = o.seance_id JOIN ateliers_atelier a ON a.id = e.atelier_id
        WHERE c.demarche_id = %(demarche)s AND c.state = '{ContributionState.PUBLISHED}'
        ORDER BY a.rank, e.rank, c.id""",  # noqa: S608
    ),
    Sheet(
        "Citations",
        "Ce que chaque passage de ce texte reprend, et avec quels mots.",
        (
            _column("passage", "passage", "Le numéro du passage qui cite.", Kind.INTEGER),
            _column("passage_title", "titre du passage", "Son titre."),
            _column(
                "reference", "référence", "La contribution citée ; vide quand c’est un texte paru avant.", Kind.CODE
            ),
            _column("earlier", "texte cité", "Le texte paru avant, et le numéro de son passage."),
            _column("how", "comment", "Reprend, fusionne, nuance ou diverge.", Kind.CODE),
            _column("quote", "mots cités", "À la lettre ; vide quand aucun mot n’est cité.", long=True),
            _column("is_live", "encore publiée", "« non » : retirée depuis, ce n’est plus une source.", Kind.BOOLEAN),
        ),
        f"""SELECT p.number AS passage, p.title AS passage_title, d.code || '-' || c.id AS reference,
        qt.title || ', ' || q.number AS earlier, {_said("ci.how", How.choices)} AS how, ci.quote,
        coalesce(c.state = '{ContributionState.PUBLISHED}', true) AS is_live
        FROM consultation_passage p JOIN consultation_citation ci ON ci.citing_passage_id = p.id
        LEFT JOIN consultation_contribution c ON c.id = ci.cited_id
        LEFT JOIN consultation_demarche d ON d.id = c.demarche_id
        LEFT JOIN consultation_passage q ON q.id = ci.cited_passage_id
        LEFT JOIN consultation_texteversion qv ON qv.id = q.version_id
        LEFT JOIN consultation_texte qt ON qt.id = qv.texte_id
        WHERE p.version_id = %(version)s ORDER BY p.number, ci.id""",  # noqa: S608
    ),
    Sheet(
        "Réponses",
        "Ce que ce texte répond aux contributions qu’il ne cite pas.",
        (
            REFERENCE,
            _column("title", "titre", "Celui de la contribution."),
            _column("kind", "réponse", "Ce qui en est fait.", Kind.CODE),
            _column("passed_to", "transmise à", "À qui, quand c’est hors compétence."),
            _column("reason", "motif", "Ce que son auteur lit.", long=True),
            _column("lot", "par lot", "« oui » : donnée à plusieurs contributions ensemble.", Kind.BOOLEAN),
            _column("given_at", "donnée le", "Quand la réponse a été écrite.", Kind.MOMENT),
        ),
        f"""SELECT d.code || '-' || c.id AS reference, c.title, {_said("r.kind", ReponseKind.choices)} AS kind,
        r.passed_to, r.reason, r.lot IS NOT NULL AS lot, r.given_at
        FROM consultation_reponse r JOIN consultation_contribution c ON c.id = r.contribution_id
        JOIN consultation_demarche d ON d.id = c.demarche_id
        JOIN consultation_texteversion v ON v.id = %(version)s AND v.texte_id = r.texte_id
            AND r.since <= v.number AND (r.until IS NULL OR r.until > v.number)
        ORDER BY c.id""",  # noqa: S608
    ),
    Sheet(
        "Inscriptions",
        "Combien de personnes à chaque rendez-vous : des nombres, aucun nom. Réservé à l’équipe.",
        (
            _column("title", "rendez-vous", "Son titre."),
            _column("starts_at", "commence le", "Le jour, et l’heure quand elle est fixée.", Kind.MOMENT),
            _column("capacity", "places", "Vide quand le nombre n’est pas limité.", Kind.INTEGER),
            _column("confirmed", "places confirmées", "Les personnes qui ont, ou avaient, une place.", Kind.INTEGER),
            _column("waiting", "en attente", "Sur la liste d’attente.", Kind.INTEGER),
            _column("cancelled", "annulées", "Les inscriptions annulées.", Kind.INTEGER),
            _column("came_room", "venues dans la salle", "Parmi les inscrites.", Kind.INTEGER),
            _column("came_remote", "venues à distance", "Parmi les inscrites.", Kind.INTEGER),
            _column("came_unplaced", "venues sans inscription", "Au-delà des places, ou sans adresse.", Kind.INTEGER),
        ),
        """SELECT r.title, r.starts_at, r.capacity,
        count(i.id) FILTER (WHERE i.state = 'confirmee' AND NOT i.sur_place) AS confirmed,
        count(i.id) FILTER (WHERE i.state = 'en_attente') AS waiting,
        count(i.id) FILTER (WHERE i.state = 'annulee') AS cancelled,
        count(i.id) FILTER (WHERE i.attended_at IS NOT NULL AND i.presence = 'salle' AND NOT i.sur_place) AS came_room,
        count(i.id) FILTER (WHERE i.attended_at IS NOT NULL AND i.presence = 'distance') AS came_remote,
        count(i.id) FILTER (WHERE i.attended_at IS NOT NULL AND i.presence = 'salle' AND i.sur_place)
            + (SELECT count(*) FROM consultation_venue u WHERE u.rencontre_id = r.id AND u.erased_at IS NULL)
            AS came_unplaced
        FROM consultation_rencontre r LEFT JOIN consultation_inscription i ON i.rencontre_id = r.id
        WHERE r.demarche_id = %(demarche)s AND r.state <> 'brouillon' GROUP BY r.id ORDER BY r.starts_at, r.id""",
    ),
)


def write_book(version: TexteVersion, path: Path, progress: Progress) -> int:
    """The rows of one instant; returns how many, over all the sheets."""
    book = open_book(path)
    rows = 0
    try:
        _explain(book, version)
        with snapshot() as cursor:
            for sheet in SHEETS:
                before = rows
                query = sheet.query(version)
                rows += write_sheet(cursor, query, book, sheet.name, _after(before, progress))
    finally:
        book.close()
    return rows


def _after(before: int, progress: Progress) -> Callable[[int], None]:
    return lambda count: progress(before + count)


def _explain(book: Any, version: TexteVersion) -> None:
    """« LISEZ-MOI »: what the book is, then each column of each sheet."""
    sheet = book.add_worksheet("LISEZ-MOI")
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    bold = book.add_format({"bold": True})
    texte = version.texte
    today = day_label(timezone.localdate(), weekday=False)
    state = f"version {version.number}, {version.get_state_display()}"
    told: list[Sequence[str]] = [
        ("Cahier de travail",),
        (f"{texte.title} ({state}), au {today}.",),
        ("Les cellules qu’un tableur prendrait pour une formule commencent par une apostrophe.",),
        ("Les nombres d’une origine ne s’ajoutent pas à ceux d’une autre.",),
        (),
        ("feuille", "colonne", "ce qu’elle dit"),
    ]
    for one in SHEETS:
        told.append((one.name, "", one.about))
        told += [("", column.header, column.description) for column in one.columns]
    for line, texts in enumerate(told):
        for column, text in enumerate(texts):
            sheet.write_string(line, column, neutralise(text), *([bold] if line in (0, 5) else []))


def _version(params: Mapping[str, Any]) -> TexteVersion | None:
    return TexteVersion.objects.select_related(*READ_WITH).filter(pk=params["version"]).first()


def _label(params: Mapping[str, Any]) -> str:
    version = _version(params)
    return f"Cahier de travail : {version.texte.title if version else 'texte disparu'}"[:200]


def _download_name(params: Mapping[str, Any]) -> str:
    version = _version(params)
    return f"cahier-{filename(version, 'xlsx')}" if version else "cahier.xlsx"


def _may(user: User, params: Mapping[str, Any]) -> bool:
    version = _version(params)
    return version is not None and can_write(user, version.texte.demarche)


def _write(_owner: User, params: Mapping[str, Any], path: Path, progress: Progress) -> int:
    version = _version(params)
    if version is None:
        raise BuildRefusedError("Ce texte n’existe plus.")
    return write_book(version, path, progress)


def _scopes(params: Mapping[str, Any]) -> list[str]:
    version = _version(params)
    return [scope_of(version.texte.demarche_id)] if version else []


BUILDER = Builder(_label, _download_name, _may, _write, _scopes)
