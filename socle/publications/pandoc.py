"""DOCX and ODT by pandoc, in a process of its own: it is given a tree of ours, never a language in which words act."""

from __future__ import annotations

import json
import subprocess
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import pypandoc

from socle.documents.models import MediaType
from socle.papers import drawing
from socle.publications.reference import model
from socle.text import without_controls
from socle.written import Block, Counts, Kind, Line, Written

FORMATS: dict[str, str] = {MediaType.DOCX: "docx", MediaType.ODT: "odt"}
BARS = Path(__file__).parent / "bars.typ"
NONE = ["", [], []]  # no attribute
SECONDS = 60
MEMORY = "-M512M"  # of its heap: beyond, it ends
API = [1, 23, 1]  # of the tree that pandoc 3 reads

type Node = dict[str, Any]


def write(written: Written, to: str) -> bytes:
    """Raises subprocess.SubprocessError where pandoc does not end well, or in time."""
    command = [pypandoc.get_pandoc_path(), "+RTS", MEMORY, "-RTS", "--sandbox", "-f", "json", "-t", to, "-o", "-"]
    tree = json.dumps(tree_of(written)).encode()
    with NamedTemporaryFile(suffix=f".{to}") as after:
        after.write(model(to, _titled(written), written.foot))
        after.flush()
        # No setting of the portal goes there; --sandbox reads no file but this one, and asks for no address.
        command += ["--reference-doc", after.name]
        return subprocess.run(command, input=tree, capture_output=True, env={}, timeout=SECONDS, check=True).stdout


def tree_of(written: Written) -> Node:
    over = Block(Kind.LINES, (Line(written.over),))
    return {
        "pandoc-api-version": API,
        "meta": {
            "title": {"t": "MetaInlines", "c": _inlines(Line(_titled(written)))},
            "lang": {"t": "MetaInlines", "c": [_str("fr-FR")]},
        },
        "blocks": [node for block in (over, *_cover(written), *written.blocks) for node in _blocks(block, written)],
    }


def _titled(written: Written) -> str:
    mark = written.cover.mark if written.cover else ""
    return f"{written.title} ({mark})" if mark else written.title


def _cover(written: Written) -> list[Block]:
    """What a paper says on its first page."""
    if written.cover is None:
        return []
    said = (written.cover.mark.upper(), written.cover.publisher, *written.cover.under)
    return [Block(Kind.LINES, (Line(text),)) for text in said if text]


def _blocks(block: Block, written: Written) -> list[Node]:
    if block.kind == Kind.HEADING:
        return [{"t": "Header", "c": [block.level - 1, [block.anchor, [], []], _inlines(block.lines[0])]}]
    if block.kind == Kind.ITEMS:
        return [_list([_inlines(line) for line in block.lines])]
    if block.kind == Kind.CONTENTS:
        title = {"t": "Header", "c": [1, NONE, [_str("Sommaire")]]}
        return [title, _list([[_link(one.lines[0].text, f"#{one.anchor}")] for one in written.contents])]
    if block.counts is not None:
        return _counts(block.counts)
    return [{"t": "Para", "c": [node for line in block.lines for node in ({"t": "LineBreak"}, *_inlines(line))][1:]}]


def _list(lines: Sequence[list[Node]]) -> Node:
    return {"t": "BulletList", "c": [[{"t": "Plain", "c": line}] for line in lines]}


def _inlines(line: Line) -> list[Node]:
    """One node of text, spaces and all: nothing in it is looked at."""
    if not line.url:
        said = [_str(line.whole)]
    else:
        said = [_link(line.text, line.url), *([_str(line.after)] if line.after else [])]
    for rank, note in enumerate(line.notes):
        between = [{"t": "Superscript", "c": [_str(", ")]}] if rank else []
        said += [*between, {"t": "Note", "c": [{"t": "Para", "c": _inlines(note)}]}]
    return said


def _link(text: str, url: str) -> Node:
    return {"t": "Link", "c": [NONE, [_str(text)], [url, ""]]}


def _counts(counts: Counts) -> list[Node]:
    table = _table(counts)
    return [_drawn(counts), table] if counts.drawn else [table]


def _drawn(counts: Counts) -> Node:
    """The same drawing as on paper, as an image that the file holds."""
    source = f"data:image/png;base64,{b64encode(drawing(BARS, asdict(counts))).decode()}"
    return {"t": "Para", "c": [{"t": "Image", "c": [["", [], [["width", "100%"]]], [_str(counts.alt)], [source, ""]]}]}


def _table(counts: Counts) -> Node:
    align = ["AlignLeft", *("AlignRight" for _ in counts.columns)]
    widths = [0.4, *(0.6 / len(counts.columns) for _ in counts.columns)]
    specs = [[{"t": name}, {"t": "ColWidth", "c": width}] for name, width in zip(align, widths, strict=True)]
    rows = [_row([label, *map(counts.said, numbers)]) for label, numbers in counts.rows]
    head = [NONE, [_row([counts.heading, *counts.columns])]]
    caption = [None, [{"t": "Plain", "c": [_str(counts.caption)]}]]
    return {"t": "Table", "c": [NONE, caption, specs, head, [[NONE, 1, [], rows]], [NONE, []]]}


def _row(cells: Sequence[str]) -> list[Any]:
    return [NONE, [[NONE, {"t": "AlignDefault"}, 1, 1, [{"t": "Plain", "c": [_str(cell)]}]] for cell in cells]]


def _str(text: str) -> Node:
    """A control in its title would make a file that no word processor opens."""
    return {"t": "Str", "c": without_controls(text)}
