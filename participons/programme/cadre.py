"""The frame a démarche opens with: what its file says, to the letter, and for the rest an example said to be one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings

from consultation.choices import Level
from consultation.models import Cadre
from participons.programme.reading import Node, read_file
from participons.programme.when import When
from socle.dates import Precision

TEXTS = tuple(field.name for field in Cadre._meta.fields if field.get_internal_type() == "TextField")
EXAMPLE = settings.BASE_DIR / "fixtures" / "exemple-cadre.json"


@dataclass(frozen=True)
class Frame:
    """What a file says of a frame; `when` is None where it does not say since when."""

    values: dict[str, Any]
    when: When | None = None


def read_frame(node: Node, required: tuple[str, ...] = ()) -> Frame:
    names = ("published_on", "level", "change_reason", *TEXTS)
    found = node.fields(required, [name for name in names if name not in required])
    values: dict[str, Any] = {name: found[name].paragraphs() for name in TEXTS if name in found}
    if "level" in found:
        values["level"] = found["level"].choice(Level.values)
    if "change_reason" in found:
        values["change_reason"] = found["change_reason"].text(Cadre._meta.get_field("change_reason").max_length)
    when = found["published_on"].when((str(Precision.DAY),)) if "published_on" in found else None
    return Frame(values, when)


def completed(frame: Frame) -> dict[str, Any]:
    """Every part without which no démarche opens: those that the file leaves out are examples, marked as such."""
    example = read_frame(Node(read_file(EXAMPLE), EXAMPLE.name), Cadre.NEEDED).values
    return {name: example[name] for name in Cadre.NEEDED if name not in frame.values} | frame.values
