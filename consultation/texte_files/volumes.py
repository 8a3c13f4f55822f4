"""The annex of a large texte: an archive of PDF volumes, each drawn alone, and the whole words as open data.

However many there are, one volume at a time is held: a file that cannot be opened would prove nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import batched, groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile

from consultation.exporting import open_query
from consultation.models import TexteVersion
from consultation.templatetags.prose import day, typo
from consultation.texte_files.document import DRAFT, NOTES_MOST, Parts, Tell, annex_line
from consultation.texte_files.reading import contributions, counted_last, sources
from socle.documents.models import MediaType
from socle.exports.files import snapshot
from socle.exports.formats import CSV
from socle.identity.models import SiteIdentity
from socle.publications.drawing import draw_apart
from socle.written import Block, Kind, Written, heading

BLOCKS = 3500  # of a volume: some 200 pages, and 200 MB to set them
READ_ME = """Annexe de « {title} » ({version}).

contributions-01.pdf et suivants : les contributions, par thème, avec leur référence et ce qu’elles sont devenues.
{sources}contributions.csv : les mots de chacune, tels que le portail les publie (« ; » entre les colonnes, UTF-8).

Chaque référence se lit à l’adresse {site}/contributions/RÉFÉRENCE/
"""
OF_SOURCES = "sources-01.pdf et suivants : les sources de chaque passage, avec les mots cités.\n"


def write(version: TexteVersion, site: str, target: Path, tell: Tell = lambda _: None) -> int:
    """The archive, of one instant; returns how many sources and contributions it tells."""
    parts = Parts(version, site, lambda _: None, notes=True, annex=False)
    told = 0
    with snapshot() as cursor, TemporaryDirectory(dir=target.parent) as at, ZipFile(target, "w", ZIP_DEFLATED) as made:
        drawn = Path(at) / "volume"
        for kind, blocks in (("sources", _sources(version, parts)), ("contributions", _contributions(version, site))):
            for number, volume in enumerate(batched(blocks, BLOCKS), 1):
                draw_apart(_volume(version, kind, number, volume), MediaType.PDF, drawn)
                made.write(drawn, f"{kind}-{number:02}.pdf")
                told += sum(block.kind != Kind.HEADING for block in volume)
                tell(told)
        CSV.write(cursor, open_query(version.texte.demarche), drawn, lambda _: tell(told))
        made.write(drawn, "contributions.csv")
        made.writestr("LISEZ-MOI.txt", _read_me(version, site, has_sources="sources-01.pdf" in made.namelist()))
    return told


def _sources(version: TexteVersion, parts: Parts) -> Iterator[Block]:
    """Of a texte whose notes are too many for its own files."""
    if counted_last(version)[0] <= NOTES_MOST:
        return
    for (number, title), group in groupby(sources(version), key=lambda one: (one.number, one.title)):
        yield heading(typo(f"{number}. {title}"))
        for one in group:
            yield Block(Kind.LINES, (parts.note(one),))


def _contributions(version: TexteVersion, site: str) -> Iterator[Block]:
    code = version.texte.demarche.code
    for theme, group in groupby(contributions(version, bodies=False), key=lambda one: one.theme):
        yield heading(typo(theme))
        for one in group:
            yield annex_line(one, code, site)


def _volume(version: TexteVersion, kind: str, number: int, blocks: tuple[Block, ...]) -> Written:
    said = {"sources": "les sources des passages", "contributions": "les contributions"}[kind]
    mark = f", {DRAFT}" if version.is_draft else ""
    title = typo(f"Annexe de « {version.texte.title} »{mark}")
    foot = SiteIdentity.current().site_name
    return Written(title, typo(f"{said.capitalize()}, volume {number}"), blocks, foot, dense=True)


def _read_me(version: TexteVersion, site: str, *, has_sources: bool) -> str:
    which = DRAFT if version.is_draft else f"version {version.number} du {day(version.published_at)}"
    sources_said = OF_SOURCES if has_sources else ""
    return READ_ME.format(title=version.texte.title, version=which, site=site, sources=sources_said)
