"""A written text as a file: a PDF that a screen reader reads (PDF/UA-1), or what a word processor opens."""

from __future__ import annotations

from pathlib import Path

from socle.documents.models import MediaType
from socle.papers import render, render_apart
from socle.publications import pandoc
from socle.written import Written

SOURCE = Path(__file__).parent / "written.typ"


def draw(written: Written, media_type: str) -> bytes:
    """The same words in the same order, whatever the file."""
    if media_type == MediaType.PDF:
        return render(SOURCE, written.data())
    return pandoc.write(written, pandoc.FORMATS[media_type])


def draw_apart(written: Written, media_type: str, target: Path) -> None:
    """The same for a long text, into a file: what drawing it takes is given back at once."""
    if media_type == MediaType.PDF:
        render_apart(SOURCE, written.data(), target)
    else:
        target.write_bytes(pandoc.write(written, pandoc.FORMATS[media_type]))
