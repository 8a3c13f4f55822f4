"""The two files: a programme with what its source states, and the example a demonstration adds to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError

from ateliers.models import Atelier
from consultation.choices import RencontreKind
from consultation.etapes import EtapeType
from consultation.models import College, Demarche, Enjeu, Etape, Lieu, Rencontre, Theme
from participons.programme.cadre import Frame, read_frame
from participons.programme.fill import fill
from participons.programme.forum import Day, read_forum
from participons.programme.reading import Node, ProgrammeError, leaves, slug, texts, unique
from participons.programme.when import When
from socle.dates import Precision

DAY = (str(Precision.DAY),)
MAX_RANK = 999
OTHERS = ("enjeux", "colleges", "themes", "rencontres", "ateliers")


@dataclass(frozen=True)
class Ranked:
    """A row of the file: its rank, the values of its columns, and its period where it has one."""

    rank: int
    values: dict[str, Any]
    when: When | None = None


@dataclass(frozen=True)
class Meeting:
    key: str
    etape: int | None
    when: When
    values: dict[str, Any]
    forum: Day | None = None


@dataclass(frozen=True)
class Group:
    """An atelier, the ranks of its thèmes and of its étape, its place and the days of its séances."""

    rank: int
    values: dict[str, Any]
    themes: list[int]
    etape: int | None
    lieu: dict[str, Any] | None
    seances: list[When]


@dataclass(frozen=True)
class Programme:
    slug: str
    demarche: dict[str, Any]
    opens: When | None
    closes: When | None
    cadre: Frame
    enjeux: list[Ranked]
    colleges: list[Ranked]
    etapes: list[Ranked]
    themes: list[Ranked]
    rencontres: list[Meeting]
    ateliers: list[Group]

    @property
    def dates(self) -> dict[str, When]:
        """What a sentence may name: « etape 3 », « rencontre forum »."""
        etapes = {f"etape {etape.rank}": etape.when for etape in self.etapes if etape.when}
        return etapes | {f"rencontre {meeting.key}": meeting.when for meeting in self.rencontres}


def read_programme(content: Any) -> Programme:
    """The programme of the file; raises ProgrammeError with the path of the first thing that is wrong."""
    found = Node(content).fields(("demarche", "etapes"), ("cadre", *OTHERS))
    name, values, opens, closes = _demarche(found["demarche"])
    etapes = _ranked(found, "etapes", _etape)
    themes = _ranked(found, "themes", _theme)
    etape_ranks, theme_ranks = {etape.rank for etape in etapes}, {theme.rank for theme in themes}
    groups = _ateliers(found.get("ateliers"), etape_ranks, theme_ranks)
    programme = Programme(
        slug=name,
        demarche=values,
        opens=opens,
        closes=closes,
        cadre=read_frame(found["cadre"]) if "cadre" in found else Frame({}),
        enjeux=_ranked(found, "enjeux", _enjeu),
        colleges=_ranked(found, "colleges", _college),
        etapes=etapes,
        themes=themes,
        rencontres=_rencontres(found.get("rencontres"), etape_ranks, {group.rank for group in groups}),
        ateliers=groups,
    )
    _check_sentences(found, programme)
    return programme


def _demarche(node: Node) -> tuple[str, dict[str, Any], When | None, When | None]:
    long = ("summary", "call", "remote_call")
    window = ("contributions_open", "contributions_close")
    found = node.fields(("slug", "code", "title", "owner"), (*long, *window))
    values = texts(Demarche, found, ("slug", "code", "title", "owner"))
    slug(found["slug"])
    try:
        Demarche._meta.get_field("code").run_validators(values["code"])
    except ValidationError as error:
        found["code"].fail(error.messages[0])
    values |= {name: found[name].paragraphs() for name in long if name in found}
    opens, closes = (found[name].when() if name in found else None for name in window)
    if closes and (opens is None or closes.end <= opens.start):
        found["contributions_close"].fail("les contributions doivent ouvrir avant de fermer.")
    return values["slug"], values, opens, closes


def _ranked(found: dict[str, Node], name: str, read: Callable[[Node], Ranked]) -> list[Ranked]:
    if name not in found:
        return []
    seen: set[int] = set()
    rows = []
    for node in found[name].items():
        row = read(node)
        unique(seen, row.rank, node, "le rang")
        rows.append(row)
    return rows


def _rank(found: dict[str, Node]) -> int:
    return found["rank"].integer(1, MAX_RANK)


def _enjeu(node: Node) -> Ranked:
    found = node.fields(("rank", "short_title", "sentence"))
    values = texts(Enjeu, found, ("short_title",)) | {"sentence": found["sentence"].text(2000)}
    return Ranked(_rank(found), values)


def _college(node: Node) -> Ranked:
    found = node.fields(("rank", "label"))
    return Ranked(_rank(found), texts(College, found, ("label",)))


def _theme(node: Node) -> Ranked:
    found = node.fields(("rank", "question"), ("introduction",))
    values: dict[str, Any] = texts(Theme, found, ("question",))
    if "introduction" in found:
        values["introduction"] = found["introduction"].paragraphs()
    return Ranked(_rank(found), values)


def _etape(node: Node) -> Ranked:
    found = node.fields(("rank", "type", "title", "period"), ("text", "people_count", "people_label"))
    values: dict[str, Any] = texts(Etape, found, ("title", "people_label"))
    values["type"] = found["type"].choice(EtapeType.values)
    if "text" in found:
        values["text"] = found["text"].paragraphs()
    if "people_count" in found:
        values["people_count"] = found["people_count"].integer(1, 10_000_000)
    return Ranked(_rank(found), values, found["period"].when())


def _reference(found: dict[str, Node], name: str, known: set[int], what: str) -> int | None:
    """The rank of a row of the same file, where one is given."""
    if name not in found:
        return None
    rank = found[name].integer(1, MAX_RANK)
    return rank if rank in known else found[name].fail(f"aucun{what} de rang {rank} dans le fichier.")


def _rencontres(node: Node | None, etapes: set[int], ateliers: set[int]) -> list[Meeting]:
    seen: set[str] = set()
    editions: set[int] = set()
    meetings = []
    for item in node.items() if node else ():
        meeting = _rencontre(item, etapes, ateliers)
        unique(seen, meeting.key, item, "la clé")
        if meeting.forum:
            unique(editions, meeting.forum.edition, item, "le numéro d’édition")
        meetings.append(meeting)
    return meetings


def _rencontre(node: Node, etapes: set[int], ateliers: set[int]) -> Meeting:
    found = node.fields(("key", "kind", "title", "date"), ("other_title", "text", "etape", "forum"))
    kinds = [kind for kind in RencontreKind.values if kind != RencontreKind.SEANCE]
    values: dict[str, Any] = texts(Rencontre, found, ("title", "other_title"))
    values["kind"] = found["kind"].choice(kinds)
    if (values["kind"] == RencontreKind.FORUM) != ("forum" in found):
        node.fail("la clé « forum » va avec la nature « forum », et seulement avec elle.")
    if "text" in found:
        values["text"] = found["text"].paragraphs()
    key = slug(found["key"], 40)
    when = found["date"].when()
    if (when.precision in DAY and when.start != when.end) or "/" in when.label:
        found["date"].fail("une rencontre a un jour, un mois ou une saison, et un seul.")
    etape = _reference(found, "etape", etapes, "e étape")
    return Meeting(key, etape, when, values, read_forum(found["forum"], ateliers) if "forum" in found else None)


def _ateliers(node: Node | None, etapes: set[int], themes: set[int]) -> list[Group]:
    seen: set[int] = set()
    groups = []
    for item in node.items() if node else ():
        group = _atelier(item, etapes, themes)
        unique(seen, group.rank, item, "le rang")
        groups.append(group)
    return groups


def _atelier(node: Node, etapes: set[int], themes: set[int]) -> Group:
    found = node.fields(("rank", "town", "question", "seances"), ("themes", "etape", "lieu", "presentation"))
    values: dict[str, Any] = texts(Atelier, found, ("town", "question"))
    if "presentation" in found:
        values["presentation"] = found["presentation"].paragraphs()
    ranks: set[int] = set()
    for item in found["themes"].items() if "themes" in found else ():
        unique(ranks, _reference({"": item}, "", themes, " thème") or 0, item, "le thème")
    lieu = read_lieu(found["lieu"], values["town"]) if "lieu" in found else None
    etape = _reference(found, "etape", etapes, "e étape")
    return Group(_rank(found), values, sorted(ranks), etape, lieu, _seances(found["seances"]))


def _seances(node: Node) -> list[When]:
    days: list[When] = []
    for item in node.items():
        when = item.when(DAY)
        if when.start != when.end:
            item.fail("une séance tient en un jour.")
        if days and when.start <= days[-1].start:
            item.fail(f"cette séance ne vient pas après la précédente ({days[-1].label}).")
        days.append(when)
    return days


def read_lieu(node: Node, town: str | None = None) -> dict[str, Any]:
    """A place; its town is the atelier's where none is said."""
    optional = ("street", "postcode", "latitude", "longitude", "access", "step_free", "room_plan")
    found = node.fields(("name",) if town else ("name", "town"), (*optional, "town") if town else optional)
    values: dict[str, Any] = texts(Lieu, found, ("name", "street", "town"))
    return {"town": town} | values | read_place(found)


def read_place(found: dict[str, Node]) -> dict[str, Any]:
    """What helps to find a place: its postcode, its coordinates, how to get there."""
    values: dict[str, Any] = {}
    if "postcode" in found:
        values["postcode"] = found["postcode"].text(10)
        if len(values["postcode"]) != 5 or not (values["postcode"].isascii() and values["postcode"].isdigit()):
            found["postcode"].fail(f"« {values['postcode']} » n’est pas un code postal : on attend cinq chiffres.")
    for name, other, limit in (("latitude", "longitude", 90), ("longitude", "latitude", 180)):
        if name in found:
            values[name] = found[name].degrees(limit)
            if other not in found:
                found[name].fail(f"{name} et {other} vont ensemble.")
    return values | {name: found[name].paragraphs() for name in ("access", "step_free", "room_plan") if name in found}


def _check_sentences(found: dict[str, Node], programme: Programme) -> None:
    """Every hole of every sentence names a date of the file."""
    for node in leaves(list(found.values())):
        try:
            fill(node.value, programme.dates)
        except ValueError as error:
            raise ProgrammeError(f"{node.path} : {error}") from None
