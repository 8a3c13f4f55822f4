"""A version of a texte as a written text: its PDF, its DOCX and its ODT are made of this and of nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import groupby

from django.utils import timezone

from consultation.choices import TexteState
from consultation.coverage import Coverage
from consultation.models import Amendement, Passage, TexteVersion
from consultation.owed import owed
from consultation.templatetags.prose import NBSP, day, typo
from consultation.texte_files.reading import (
    Said,
    Source,
    attendance,
    contributions,
    counted,
    counted_last,
    coverage,
    passages,
    sources,
)
from socle.identity.models import SiteIdentity
from socle.written import (
    Block,
    Cover,
    Kind,
    Line,
    Written,
    contents,
    counts,
    grouped,
    heading,
    lines,
    paragraphs,
    small,
)

NOTES_MOST = 2000  # beyond, the quoted words have volumes of their own: a file that holds them all cannot be opened
ANNEX_MOST = 1000  # contributions; beyond, theirs too
DRAFT = "version de travail"
LIAISON = "Ce passage relie les autres : il n’a pas de source."
type Tell = Callable[[int], None]


def is_large(version: TexteVersion) -> bool:
    """Whether its annex is a file of its own."""
    return any(apart(version))


def apart(version: TexteVersion) -> tuple[bool, bool]:
    """Whether the words it quotes, and its contributions, are too many for one file."""
    notes, annex = counted_last(version)
    return notes > NOTES_MOST, annex > ANNEX_MOST


def document(version: TexteVersion, site: str, tell: Tell = lambda _: None) -> Written:
    """`site` starts the addresses. `tell` hears how many passages, notes and contributions were read so far."""
    notes, annex = apart(version)
    parts = Parts(version, site, tell, notes=not notes, annex=not annex)
    texte = version.texte
    return Written(
        title=typo(texte.title),
        over=typo(f"{texte.get_kind_display().capitalize()}, {_standing(version)}"),
        blocks=tuple(parts.blocks()),
        foot=SiteIdentity.current().site_name,
        cover=_cover(version, site),
    )


def _standing(version: TexteVersion) -> str:
    if version.is_draft:
        return f"{DRAFT} du {day(timezone.localdate())}"
    return f"{version.get_state_display()} du {day(version.published_at)}"


def _cover(version: TexteVersion, site: str) -> Cover:
    texte = version.texte
    until = f"Il traite les contributions reçues jusqu’au {day(version.last_day)} inclus."
    address = f"À lire avec ses sources{NBSP}: {site}{texte.get_absolute_url()}"
    under = (
        texte.demarche.title,
        f"Version {version.number}",
        until if texte.regle.treats and version.last_day else "",
        "Ce document n’est pas publié : il est réservé à l’équipe." if version.is_draft else address,
    )
    publisher = SiteIdentity.current().region_name or texte.demarche.owner
    return Cover(publisher, tuple(typo(line) for line in under if line), DRAFT if version.is_draft else "")


class Parts:
    """What the document says, in its order."""

    def __init__(self, version: TexteVersion, site: str, tell: Tell, *, notes: bool, annex: bool) -> None:
        self.version, self.site, self.tell = version, site, tell
        self.has_notes, self.has_annex = notes, annex
        self.code = version.texte.demarche.code
        self.noted = self.told = 0

    def blocks(self) -> Iterator[Block]:
        yield contents()
        if self.version.introduction:
            yield heading("Introduction", anchor="introduction")
            yield from paragraphs(typo(self.version.introduction))
        if self.version.texte.regle.treats:
            yield from self._treated()
        yield from self._passages()
        yield from self._figures()
        yield from self._annex()

    def _treated(self) -> Iterator[Block]:
        said = Coverage.of(self.version)
        yield heading("Ce qui a été traité", anchor="traite")
        left = owed(said, self.version.texte.regle) if self.version.state != TexteState.FINAL else []
        yield lines(typo(f"{said.shortfall}{NBSP}; il reste {', '.join(left)}." if left else said.sentence))
        if left and said.total:
            yield lines(typo(f"À traiter en tout{NBSP}: {said.said_origines}."))
        if said.drawn:
            yield lines(typo(said.reread))
        if said.set_aside:
            yield lines(typo(f"Comptées à part{NBSP}: {said.set_aside}."))
        table = coverage(self.version)
        if table.rows:
            yield counts(table)

    def _passages(self) -> Iterator[Block]:
        regle = self.version.texte.regle
        yield heading(f"Les {regle.passages}", anchor="passages")
        cited = groupby(sources(self.version), key=lambda one: one.number)
        waiting = next(cited, None)
        for passage in passages(self.version):
            mine: list[Source] = []
            if waiting and waiting[0] == passage.number:
                mine = list(waiting[1])
                waiting = next(cited, None)
            yield from self._passage(passage, mine)
            self._tell(1 + len(mine))

    def _tell(self, more: int) -> None:
        self.told += more
        self.tell(self.told)

    def _passage(self, passage: Passage, mine: list[Source]) -> Iterator[Block]:
        yield heading(typo(f"{passage.number}. {passage.title}"), 3, f"passage-{passage.key}")
        said = paragraphs(typo(passage.text))
        notes = tuple(self.note(one) for one in mine) if self.has_notes else ()
        yield from said[:-1]
        last = said[-1] if said else lines("Sources")
        if said or notes:
            yield replace(last, lines=(*last.lines[:-1], replace(last.lines[-1], notes=notes)))
        if passage.added_by:
            yield small(self._added(passage.added_by))
        if mine or not passage.added_by:
            yield small(self._sources(passage, mine))

    def _added(self, amendement: Amendement) -> Line:
        """Where an article that the report did not have comes from."""
        place = f"/textes/{amendement.adoption.texte_id}/adoption/{amendement.passage.key}/"
        said = f", déposé par {amendement.author}, après l’orientation {amendement.passage.number} du rapport."
        return Line(f"Ajouté par l’amendement n°{NBSP}{amendement.number}", self.site + place, typo(said))

    def _sources(self, passage: Passage, mine: list[Source]) -> Line:
        """How many, and under which numbers; where the notes are too many, that they are in the annex."""
        if not mine:
            return Line(typo(LIAISON if passage.liaison else "Ce passage n’a pas encore de source."))
        url = "" if self.version.is_draft else f"{self.site}/textes/{self.version.texte_id}/passages/{passage.key}/"
        count = f"{grouped(len(mine))} source{'s' if mine[1:] else ''}"
        if not self.has_notes:
            return Line(count, url, typo(f"{NBSP}: leurs références et les mots cités sont dans l’annexe."))
        first, self.noted = self.noted + 1, self.noted + len(mine)
        numbers = f"notes {first} à {self.noted}" if mine[1:] else f"note {first}"
        return Line(count, url, f" ({numbers}).")

    def note(self, one: Source) -> Line:
        """« DP11-42 : « des trains le soir » (nuance) »."""
        how = f" ({one.how})" if one.how else ""
        words = " ".join(one.quote.split())  # a note is one line of words
        quote = f"{NBSP}: « {words} »" if words else ""
        if one.pk is None:
            return Line(typo(one.earlier), self.site + one.path, typo(quote + how))
        after = quote if one.is_public else ", retirée depuis : ses mots ne sont plus montrés"
        reference = f"{self.code}-{one.pk}"
        return Line(reference, f"{self.site}/contributions/{reference}/", typo(after + how))

    def _figures(self) -> Iterator[Block]:
        tables = counted(self.version)
        if tables:
            yield heading("D’où viennent les contributions", anchor="origines")
            yield lines("Les nombres d’une origine ne s’ajoutent pas à ceux d’une autre.")
            yield from map(counts, tables)
        if came := attendance(self.version):
            yield heading("Les rendez-vous", anchor="rendez-vous")
            yield counts(came)

    def _annex(self) -> Iterator[Block]:
        yield heading("Annexe : les contributions", anchor="annexe")
        if not self.has_annex:
            yield lines(
                typo(
                    "Elles sont trop nombreuses pour ce document : l’annexe est un fichier à part, qui les donne "
                    "toutes par thème, avec leur référence et ce qu’elles sont devenues."
                )
            )
            return
        found = contributions(self.version, bodies=True)
        for theme, group in groupby(found, key=lambda one: one.theme):
            yield heading(typo(theme), 3, f"annexe-{self.told}")
            for one in group:
                yield from self._contribution(one)
                self._tell(1)

    def _contribution(self, one: Said) -> Iterator[Block]:
        reference = f"{self.code}-{one.pk}"
        yield heading(typo(one.title), 4)
        yield small(Line(reference, f"{self.site}/contributions/{reference}/", typo(f", {one.about} ; {one.became}")))
        yield from paragraphs(typo(one.body))


def annex_line(one: Said, code: str, site: str) -> Block:
    """A contribution of a volume of the annex, in a line or two."""
    reference = f"{code}-{one.pk}"
    after = typo(f" – {one.title} ({one.about} ; {one.became})")
    return Block(Kind.LINES, (Line(reference, f"{site}/contributions/{reference}/", after),))
