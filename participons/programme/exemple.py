"""What a demonstration adds to a programme: hours, places, a frame, people, contributions. All of it is invented."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import time
from typing import Any

from ateliers.models import CameBy, Membre, Objective
from consultation.choices import ContributionState, Display, Nature, Origine, SpeaksAs
from consultation.models import Commune, Contribution
from participons.programme.cadre import Frame, read_frame
from participons.programme.draw import Draw, read_draw
from participons.programme.lived import Full, Lived, read_full, read_lived
from participons.programme.reading import Node, slug, texts, unique
from participons.programme.schema import DAY, MAX_RANK, Meeting, Programme, read_lieu, read_place
from participons.programme.synthese import Synthese, read_synthese
from participons.programme.when import When
from socle.identity.models import SiteIdentity

STATES = (str(ContributionState.PUBLISHED), str(ContributionState.WAITING))
IDENTITY_LINES = ("site_name", "region_name", "contact_phone", "contact_hours", "publication_director")
IDENTITY_TEXTS = ("postal_address", "answer_delay", "host", "dpo_contact", "accessibility_notes")


@dataclass(frozen=True)
class Details:
    """What the programme leaves open of a rencontre."""

    begins: time | None = None
    ends: time | None = None
    capacity: int | None = None
    lieu: dict[str, Any] | None = None
    remarks: tuple[When, When] | None = None  # of a forum: from the first day to the last
    hours: list[time] = field(default_factory=list)  # of a forum: one for each moment of its programme


@dataclass(frozen=True)
class Person:
    email: str
    atelier: int
    college: int | None
    seances: list[int]
    commune: str | None
    values: dict[str, Any]


@dataclass(frozen=True)
class Said:
    key: str
    date: When
    theme: int | None
    enjeux: list[int]
    college: int | None
    commune: str | None
    email: str | None
    values: dict[str, Any]

    @property
    def words(self) -> str:
        return f"{self.values['title']}\n{self.values['body']}"


LIVED = ("synthese", "tirage", "complet", "atelier_vecu")
UNEXPLAINED = "Exemple : le cadre est complété pour la démonstration."


@dataclass(frozen=True)
class Exemple:
    slug: str
    identity: dict[str, Any]
    cadre: Frame | None
    communes: dict[str, dict[str, Any]]
    places: dict[int, dict[str, Any]]
    seances: Details
    objectives: list[str]
    agendas: list[str]
    rencontres: dict[str, Details]
    membres: list[Person]
    contributions: list[Said]
    synthese: Synthese | None
    draw: Draw | None
    full: Full | None
    lived: Lived | None


def read_exemple(content: Any, programme: Programme) -> Exemple:
    """The example of the file, held against the programme it completes; raises ProgrammeError."""
    parts = ("identite", "cadre", "communes", "lieux", "seances", "rencontres", "membres", "contributions")
    found = Node(content).fields(("demarche",), (*parts, *LIVED))
    if slug(found["demarche"]) != programme.slug:
        found["demarche"].fail(f"cet exemple complète une autre démarche que « {programme.slug} ».")
    seances, objectives, agendas = _seances(found.get("seances"))
    communes = _communes(found.get("communes"))
    said = _contributions(found.get("contributions"), programme, communes)
    return Exemple(
        slug=programme.slug,
        identity=_identity(found["identite"]) if "identite" in found else {},
        cadre=_cadre(found["cadre"]) if "cadre" in found else None,
        communes=communes,
        places=_places(found.get("lieux"), programme),
        seances=seances,
        objectives=objectives,
        agendas=agendas,
        rencontres=_rencontres(found.get("rencontres"), programme),
        membres=_membres(found.get("membres"), programme, communes),
        contributions=said,
        synthese=read_synthese(found["synthese"], programme, {one.key: one.words for one in said})
        if "synthese" in found
        else None,
        draw=read_draw(found["tirage"], programme, communes) if "tirage" in found else None,
        full=read_full(found["complet"], programme) if "complet" in found else None,
        lived=read_lived(found["atelier_vecu"], programme, communes, {one.key for one in said})
        if "atelier_vecu" in found
        else None,
    )


def _cadre(node: Node) -> Frame:
    """A later version says what it changes; the files of before versions were explained do not."""
    frame = read_frame(node, ("published_on",))
    frame.values.setdefault("change_reason", UNEXPLAINED)
    return frame


def _identity(node: Node) -> dict[str, Any]:
    found = node.fields((), (*IDENTITY_LINES, *IDENTITY_TEXTS, "contact_email", "security_contact"))
    values: dict[str, Any] = texts(SiteIdentity, found, IDENTITY_LINES)
    values |= {name: found[name].paragraphs() for name in IDENTITY_TEXTS if name in found}
    return values | {name: found[name].email() for name in ("contact_email", "security_contact") if name in found}


def _communes(node: Node | None) -> dict[str, dict[str, Any]]:
    communes: dict[str, dict[str, Any]] = {}
    for item in node.items() if node else ():
        lines = ("insee_code", "name", "departement", "epci_code", "epci_name")
        found = item.fields(("insee_code", "name", "departement"), (*lines[3:], "population"))
        values: dict[str, Any] = texts(Commune, found, lines)
        if "population" in found:
            values["population"] = found["population"].integer(0, 100_000_000)
        code = values.pop("insee_code")
        if code in communes:
            item.fail(f"la commune « {code} » est écrite deux fois.")
        communes[code] = values
    return communes


def _places(node: Node | None, programme: Programme) -> dict[int, dict[str, Any]]:
    places: dict[int, dict[str, Any]] = {}
    located = {group.rank for group in programme.ateliers if group.lieu}
    seen: set[int] = set()
    for item in node.items() if node else ():
        found = item.fields(("atelier",), ("postcode", "latitude", "longitude", "access", "step_free", "room_plan"))
        rank = unique(seen, _known(found["atelier"], located, "atelier avec un lieu"), item, "l’atelier")
        places[rank] = read_place(found)
    return places


def _known(node: Node, ranks: Collection[int], what: str) -> int:
    rank = node.integer(1, MAX_RANK)
    return rank if rank in ranks else node.fail(f"le programme n’a pas d’{what} de rang {rank}.")


def _details(found: dict[str, Node]) -> Details:
    begins, ends = (found[name].time() if name in found else None for name in ("from", "to"))
    if ends and (begins is None or ends <= begins):
        found["to"].fail("la rencontre doit commencer avant de finir, le même jour.")
    capacity = found["capacity"].integer(1, 100_000) if "capacity" in found else None
    return Details(begins, ends, capacity, read_lieu(found["lieu"]) if "lieu" in found else None)


def _seances(node: Node | None) -> tuple[Details, list[str], list[str]]:
    if node is None:
        return Details(), [], []
    found = node.fields((), ("from", "to", "capacity", "objectives", "ordres_du_jour"))
    objectives = (
        [item.choice(Objective.values) for item in found["objectives"].items()] if "objectives" in found else []
    )
    agendas = [item.paragraphs() for item in found["ordres_du_jour"].items()] if "ordres_du_jour" in found else []
    return _details(found), objectives, agendas


def _rencontres(node: Node | None, programme: Programme) -> dict[str, Details]:
    meetings = {meeting.key: meeting for meeting in programme.rencontres}
    details: dict[str, Details] = {}
    for item in node.items() if node else ():
        found = item.fields(("key",), ("from", "to", "capacity", "lieu", "remarks_open", "remarks_close", "programme"))
        key = found["key"].choice([key for key in meetings if key not in details])
        details[key] = _of_forum(item, found, meetings[key], _details(found))
        if details[key].begins and meetings[key].when.precision not in DAY:
            found["from"].fail("le programme ne donne pas de jour à cette rencontre : elle ne peut avoir d’heure.")
    return details


def _of_forum(node: Node, found: dict[str, Node], meeting: Meeting, details: Details) -> Details:
    """The window of its remarks, and the hour of each moment of the day that the programme gives."""
    names = {"remarks_open", "remarks_close"} & found.keys()
    if meeting.forum is None and (names or "programme" in found):
        node.fail("cette rencontre n’est pas un forum : elle n’a ni remarques ni programme du jour.")
    if names:
        if len(names) < 2:
            node.fail("les remarques en ligne ont un début et une fin : « remarks_open » et « remarks_close ».")
        opens, closes = found["remarks_open"].when(DAY), found["remarks_close"].when(DAY)
        if closes.end < opens.start:
            found["remarks_close"].fail("les remarques doivent ouvrir avant de fermer.")
        details = replace(details, remarks=(opens, closes))
    if "programme" in found and meeting.forum:
        hours = [item.time() for item in found["programme"].items()]
        if len(hours) != len(meeting.forum.parts) or hours != sorted(hours):
            found["programme"].fail(f"on attend {len(meeting.forum.parts)} heures, l’une après l’autre.")
        details = replace(details, hours=hours)
    return details


def _membres(node: Node | None, programme: Programme, communes: Collection[str]) -> list[Person]:
    people = []
    seen: set[str] = set()
    groups = {group.rank: len(group.seances) for group in programme.ateliers}
    for item in node.items() if node else ():
        found = item.fields(("email", "atelier", "came_by"), ("college", "organisation", "seances", "commune"))
        email = unique(seen, found["email"].email().lower(), item, "l’adresse")
        rank = _known(found["atelier"], groups, "atelier")
        values: dict[str, Any] = texts(Membre, found, ("organisation",))
        values["came_by"] = found["came_by"].choice(CameBy.values)
        seances = [seance.integer(1, groups[rank]) for seance in found["seances"].items()] if "seances" in found else []
        commune = found["commune"].choice(communes) if "commune" in found else None
        people.append(Person(email, rank, _college(found, programme), seances, commune, values))
    return people


def _college(found: dict[str, Node], programme: Programme) -> int | None:
    ranks = {college.rank for college in programme.colleges}
    return _known(found["college"], ranks, "e catégorie") if "college" in found else None


def _contributions(node: Node | None, programme: Programme, communes: Collection[str]) -> list[Said]:
    said = []
    seen: set[str] = set()
    for item in node.items() if node else ():
        one = _contribution(item, programme, communes)
        unique(seen, one.key, item, "la clé")
        said.append(one)
    return said


def _contribution(node: Node, programme: Programme, communes: Collection[str]) -> Said:
    lines = ("title", "author_name", "organisation", "function", "commune_name")
    links = ("theme", "enjeux", "college", "commune", "email", "origine")
    found = node.fields(("key", "date", "state", "nature", "title", "body"), (*lines[1:], *links))
    values: dict[str, Any] = texts(Contribution, found, lines)
    values |= {
        "body": found["body"].paragraphs(10_000),
        "nature": found["nature"].choice(Nature.values),
        "state": found["state"].choice(STATES),
        "origine": found["origine"].choice(Origine.values) if "origine" in found else str(Origine.ONLINE),
        "display": str(Display.NAMED if "author_name" in found else Display.ANONYMOUS),
        "speaks_as": str(SpeaksAs.ORGANISATION if "organisation" in found else SpeaksAs.PERSONAL),
    }
    themes, enjeux = {row.rank for row in programme.themes}, {row.rank for row in programme.enjeux}
    return Said(
        key=slug(found["key"], 60),
        date=found["date"].when(DAY),
        theme=_known(found["theme"], themes, "e question") if "theme" in found else None,
        enjeux=[_known(item, enjeux, "enjeu") for item in found["enjeux"].items()] if "enjeux" in found else [],
        college=_college(found, programme),
        commune=found["commune"].choice(communes) if "commune" in found else None,
        email=found["email"].email().lower() if "email" in found else None,
        values=values,
    )
