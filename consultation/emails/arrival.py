"""The code that is shown at the door, attached to the mails that promise or recall a place in the room."""

from __future__ import annotations

from collections.abc import Iterable

from consultation.arrival_links import arrival_url
from consultation.choices import Presence
from consultation.models import Inscription
from socle.courriels.words import QR_CODE


def code_files(inscriptions: Iterable[Inscription]) -> list[dict[str, str]]:
    """One for each place in the room; the words of the mail give the same code, to be said."""
    return [
        {"name": f"code-arrivee-{one.code}.png", "mimetype": QR_CODE, "content": arrival_url(one.pk)}
        for one in inscriptions
        if one.is_confirmed and one.presence == Presence.ROOM
    ]
