"""The tables of a transfer about what was voted and done: each with its columns, said once for its dictionary too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from consultation.choices_adoption import AmendementKind, AmendementState, ArticleOutcome, Avis, SuiteState
from consultation.models import Demarche
from socle.exports.columns import Column, Kind, cells
from socle.exports.formats import Query
from socle.personaldata import STAFF


@dataclass(frozen=True)
class Table:
    """`sql` reads the rows of the démarche that is its parameter, in their order."""

    name: str
    about: str
    columns: tuple[Column, ...]
    sql: str

    def query(self, demarche: Demarche) -> Query:
        sql = f"SELECT {cells(self.columns)} FROM ({self.sql}) s"  # noqa: S608 (constants of the code)
        return Query(sql, {"demarche": demarche.pk}, self.columns)


def _column(name: str, header: str, description: str, kind: Kind = Kind.TEXT) -> Column:
    return Column(name, header, STAFF, kind, f"s.{name}", description, (), may_be_long=True)


def _said(column: str, choices: Iterable[tuple[str, str]]) -> str:
    whens = " ".join(f"WHEN '{value}' THEN '{label}'" for value, label in choices)
    return f"CASE {column} {whens} END"


REPORT = _column("report", "rapport", "Le titre du rapport.")
PLACE = _column("place", "orientation", "Son numéro dans la version qui a été présentée.", Kind.INTEGER)
SUITE = _column("suite", "suite", "Le numéro de la suite, le même dans les trois tableaux.", Kind.CODE)
DUE = _column("due_on", "échéance", "Le premier jour de la période dite par la précision.", Kind.DATE)
PRECISION = _column("precision", "précision", "Au jour, au mois ou à la saison.", Kind.CODE)
VOTES = (
    _column("votes_for", "pour", "Les voix pour.", Kind.INTEGER),
    _column("votes_against", "contre", "Les voix contre.", Kind.INTEGER),
    _column("abstentions", "abstentions", "Les abstentions.", Kind.INTEGER),
)
_OF_SUITE = """FROM consultation_suite u
JOIN consultation_passage p ON p.id = u.passage_id JOIN consultation_texteversion v ON v.id = p.version_id
JOIN consultation_texte t ON t.id = v.texte_id AND t.demarche_id = %(demarche)s"""

TABLES = (
    Table(
        "adoptions",
        "les trois actes de chaque rapport : présentation, avis du CESER, délibération avec ses votes",
        (
            REPORT,
            _column("version", "version", "Celle qui a été présentée.", Kind.INTEGER),
            _column("presented_on", "présenté le", "À la séance commune des deux assemblées.", Kind.DATE),
            _column("seance", "séance commune", "Son titre, quand elle est dans l’agenda."),
            _column("avis_on", "avis rendu le", "L’avis du CESER ; vide s’il n’est pas rendu.", Kind.DATE),
            _column("avis", "avis", "Son sens.", Kind.CODE),
            _column("avis_text", "ce que dit l’avis", "À la lettre."),
            _column("avis_url", "adresse de l’avis", "Où il se lit."),
            _column("deliberation_on", "délibéré le", "Vide tant que rien n’est délibéré.", Kind.DATE),
            _column("deliberation_number", "délibération", "Son numéro."),
            _column("issue", "issue", "Adopté ou rejeté.", Kind.CODE),
            _column("members", "conseillers en exercice", "Présents ou non.", Kind.INTEGER),
            *VOTES,
            _column("deliberation_url", "adresse de la délibération", "Où elle se lit."),
            _column("politique", "politique", "Le titre de la politique qui en vient."),
        ),
        f"""SELECT t.title AS report, v.number AS version, a.presented_on, r.title AS seance, a.avis_on,
        {_said("a.avis", Avis.choices)} AS avis, a.avis_text, a.avis_url, a.deliberation_on, a.deliberation_number,
        CASE a.adopted WHEN true THEN 'adopté' WHEN false THEN 'rejeté' END AS issue, a.members, a.votes_for,
        a.votes_against, a.abstentions, a.deliberation_url, o.title AS politique
        FROM consultation_adoption a JOIN consultation_texte t ON t.id = a.texte_id AND t.demarche_id = %(demarche)s
        JOIN consultation_texteversion v ON v.id = a.version_id LEFT JOIN consultation_rencontre r ON r.id = a.seance_id
        LEFT JOIN consultation_texte o ON o.id = a.politique_id ORDER BY a.id""",  # noqa: S608
    ),
    Table(
        "amendements",
        "les amendements aux rapports : leurs auteurs, leurs mots, leurs motifs, leur sort et leurs votes",
        (
            REPORT,
            _column("number", "amendement", "Son numéro.", Kind.INTEGER),
            _column("kind", "objet", "Il modifie l’orientation, ou ajoute un article après elle.", Kind.CODE),
            PLACE,
            _column("author", "déposé par", "Un groupe, une commission, le CESER, un élu dans son mandat."),
            _column("filed_on", "déposé le", "Le jour du dépôt.", Kind.DATE),
            _column("title", "titre proposé", "Celui qu’il propose."),
            _column("text", "texte proposé", "Les mots qu’il propose."),
            _column("motive", "motifs", "L’exposé des motifs."),
            _column("state", "sort", "Ce qui en a été décidé.", Kind.CODE),
            *VOTES,
        ),
        f"""SELECT t.title AS report, m.number, {_said("m.kind", AmendementKind.choices)} AS kind, p.number AS place,
        m.author, m.filed_on, m.title, m.text, m.motive, {_said("m.state", AmendementState.choices)} AS state,
        m.votes_for, m.votes_against, m.abstentions
        FROM consultation_amendement m JOIN consultation_adoption a ON a.id = m.adoption_id
        JOIN consultation_texte t ON t.id = a.texte_id AND t.demarche_id = %(demarche)s
        JOIN consultation_passage p ON p.id = m.passage_id ORDER BY a.id, m.number""",  # noqa: S608
    ),
    Table(
        "articles",
        "ce que la délibération fait de chaque orientation du rapport",
        (
            REPORT,
            PLACE,
            _column("orientation", "titre dans le rapport", "Celui qui a été présenté."),
            _column("outcome", "décision", "Ce que la délibération en fait.", Kind.CODE),
            _column("title", "titre voté", "Vide quand c’est celui du rapport."),
            _column("text", "texte voté", "Vide quand ce sont les mots du rapport."),
            _column("reason", "raison", "Pourquoi elle n’est pas retenue, ou seulement en partie."),
        ),
        f"""SELECT t.title AS report, p.number AS place, p.title AS orientation,
        {_said("i.outcome", ArticleOutcome.choices)} AS outcome, i.title, i.text, i.reason
        FROM consultation_article i JOIN consultation_adoption a ON a.id = i.adoption_id
        JOIN consultation_texte t ON t.id = a.texte_id AND t.demarche_id = %(demarche)s
        JOIN consultation_passage p ON p.id = i.passage_id ORDER BY a.id, p.number""",  # noqa: S608
    ),
    Table(
        "suites",
        "les suites données aux articles des politiques, et où l’on en est",
        (
            SUITE,
            _column("politique", "politique", "Son titre."),
            _column("place", "article", "Son numéro dans la politique.", Kind.INTEGER),
            _column("title", "ce qui est fait", "En une ligne."),
            _column("text", "en quelques mots", "Ce qu’elle est."),
            _column("enjeu", "enjeu", "Son titre court ; vide quand il n’y en a pas."),
            _column("in_charge", "qui en est chargé", "Un service ou un organisme."),
            _column("state", "état", "Où elle en est.", Kind.CODE),
            DUE,
            PRECISION,
            _column("url", "adresse", "Pour en savoir plus."),
            _column("rencontres", "présentée à", "Les rendez-vous où elle est présentée."),
        ),
        f"""SELECT u.id AS suite, t.title AS politique, p.number AS place, u.title, u.text, e.short_title AS enjeu,
        u.in_charge, {_said("u.state", SuiteState.choices)} AS state, u.due_on, u.due_precision AS precision, u.url,
        (SELECT string_agg(r.title, ' ; ' ORDER BY r.starts_at, r.id) FROM consultation_suite_rencontres x
            JOIN consultation_rencontre r ON r.id = x.rencontre_id WHERE x.suite_id = u.id) AS rencontres
        {_OF_SUITE} LEFT JOIN consultation_enjeu e ON e.id = u.enjeu_id ORDER BY p.number, u.id""",  # noqa: S608
    ),
    Table(
        "suites-changements",
        "ce qui a été dit de chaque suite, dans l’ordre",
        (
            SUITE,
            _column("at", "dit le", "Quand ce changement a été publié.", Kind.MOMENT),
            _column("state", "état", "Celui qui a été dit.", Kind.CODE),
            DUE,
            PRECISION,
            _column("reason", "raison", "Pourquoi."),
            _column("url", "adresse", "Où le lire."),
        ),
        f"""SELECT u.id AS suite, c.at, {_said("c.state", SuiteState.choices)} AS state, c.due_on,
        c.due_precision AS precision, c.reason, c.url
        {_OF_SUITE} JOIN consultation_suitechange c ON c.suite_id = u.id ORDER BY u.id, c.id""",
    ),
    Table(
        "suites-etapes",
        "les étapes de chaque suite : prévues, faites",
        (
            SUITE,
            _column("label", "étape", "Ce qu’elle est."),
            _column("planned_on", "prévue le", "Le premier jour de la période dite par la précision.", Kind.DATE),
            PRECISION,
            _column("done_on", "faite le", "Vide tant qu’elle ne l’est pas.", Kind.DATE),
            _column("url", "adresse", "Où le lire."),
        ),
        f"""SELECT u.id AS suite, j.label, j.planned_on, CASE WHEN j.planned_on IS NOT NULL THEN j.precision END
        AS precision, j.done_on, j.url
        {_OF_SUITE} JOIN consultation_jalon j ON j.suite_id = u.id ORDER BY u.id, j.planned_on, j.id""",
    ),
)
