"""DOCX by pandoc, in a process of its own: it is given a tree of ours, never a language in which words could act."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pypandoc

from socle.documents.models import MediaType
from socle.written import Block, Kind, Line, Written

FORMATS: dict[str, str] = {MediaType.DOCX: "docx"}
SECONDS = 60
MEMORY = "-M512M"  # of its heap: beyond, it ends
API = [1, 23, 1]  # of the tree that pandoc 3 reads

type Node = dict[str, Any]


def write(written: Written, to: str) -> bytes:
    """Raises subprocess.SubprocessError where pandoc does not end well, or in time."""
    command = [pypandoc.get_pandoc_path(), "+RTS", MEMORY, "-RTS", "--sandbox", "-f", "json", "-t", to, "-o", "-"]
    # No setting of the portal goes there, and --sandbox reads no file and asks for no address.
    tree = json.dumps(tree_of(written)).encode()
    return subprocess.run(command, input=tree, capture_output=True, env={}, timeout=SECONDS, check=True).stdout


def tree_of(written: Written) -> Node:
    over, foot = (Block(Kind.LINES, (Line(text),)) for text in (written.over, written.foot))
    return {
        "pandoc-api-version": API,
        "meta": {
            "title": {"t": "MetaInlines", "c": _inlines(Line(written.title))},
            "lang": {"t": "MetaInlines", "c": [_str("fr-FR")]},
        },
        "blocks": [_block(block) for block in (over, *written.blocks, foot)],
    }


def _block(block: Block) -> Node:
    if block.kind == Kind.HEADING:
        return {"t": "Header", "c": [block.level - 1, ["", [], []], _inlines(block.lines[0])]}
    if block.kind == Kind.ITEMS:
        return {"t": "BulletList", "c": [[{"t": "Plain", "c": _inlines(line)}] for line in block.lines]}
    return {"t": "Para", "c": [node for line in block.lines for node in ({"t": "LineBreak"}, *_inlines(line))][1:]}


def _inlines(line: Line) -> list[Node]:
    """One node of text, spaces and all: nothing in it is looked at."""
    if not line.url:
        return [_str(line.whole)]
    link = {"t": "Link", "c": [["", [], []], [_str(line.text)], [line.url, ""]]}
    return [link, _str(line.after)] if line.after else [link]


def _str(text: str) -> Node:
    return {"t": "Str", "c": text}
