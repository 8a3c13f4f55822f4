"""What is said at a forum, in the room or online, of a production or of a passage; each is a contribution."""

from __future__ import annotations

import secrets
from typing import Any, NamedTuple
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from ateliers.models import Production
from ateliers.refusals import Refusal
from consultation.actions.contributions import place_label, submit
from consultation.choices import ContributionState, Nature, Origine, Stance
from consultation.models import Contribution, Passage
from forums.models import Forum, Intervention
from socle.comptes.models import Personne

SHUT = "Rien n’est enregistré : la saisie de ce forum est fermée. Ce que vous avez tapé est resté ci-dessous."


class About(NamedTuple):
    """One of the two: what is spoken of."""

    production: Production | None = None
    passage: Passage | None = None

    def said(self, stance: str, body: str) -> dict[str, Any]:
        """A réaction to the production; or a contribution that says its passage. The title names what it is about by
        its reference, or its number, alone: its words may be masked, or corrected, one day."""
        said: dict[str, Any] = {"nature": Nature.REFLEXION, "body": body}
        if self.production:
            parent = self.production.contribution
            said |= {"parent": parent, "stance": stance or Stance.NEITHER, "theme": parent.theme}
            said["title"] = f"Remarque au forum sur la production {parent.reference}"
        if self.passage:
            texte = self.passage.version.texte
            said["title"] = f"Remarque au forum, {texte.regle.passage} {self.passage.number} : {texte.title}"[:300]
        return said


def say_in_room(
    forum: Forum, about: About, *, stance: str, body: str, key: UUID, table: int | None = None, by_team: bool = False
) -> Contribution:
    """What a scribe, or the team, types of what is said: nobody's name, no address; it waits for its moderation.

    Once for each key. Raises Refusal where the link of the scribes is over.
    """
    if known := Contribution.objects.filter(submission_key=key).select_related("demarche").first():
        return known
    try:
        with transaction.atomic():
            held = Forum.objects.select_for_update(of=("self",), no_key=True).select_related("rencontre__demarche")
            if not by_team and not held.get(pk=forum.pk).takes_scribes():
                raise Refusal(SHUT)
            contribution = Contribution.objects.create(
                demarche=forum.rencontre.demarche,
                rencontre=forum.rencontre,
                place_label=place_label(forum.rencontre),
                origine=Origine.FORUM,
                state=ContributionState.WAITING,
                submission_key=key,
                **about.said(stance, body),
            )
            Intervention.objects.create(contribution=contribution, forum=forum, passage=about.passage, table=table)
    except IntegrityError:
        # The same form, sent twice at the same moment: the other one was first.
        if known := Contribution.objects.filter(submission_key=key).select_related("demarche").first():
            return known
        raise
    return contribution


def say_online(
    forum: Forum, about: About, *, key: UUID, email: str, signed_in: Personne | None, stance: str, **said: Any
) -> Contribution:
    """Received, confirmed and moderated as any contribution; the forum is where it was said."""

    def beside(contribution: Contribution) -> None:
        Intervention.objects.create(contribution=contribution, forum=forum, passage=about.passage)

    return submit(
        demarche=forum.rencontre.demarche,
        submission_key=key,
        email=email,
        signed_in=signed_in,
        beside=beside,
        rencontre=forum.rencontre,
        **said | about.said(stance, said["body"]),
    )


def open_to_scribes(forum: Forum) -> None:
    """A new link; the one before opens nothing any more."""
    Forum.objects.filter(pk=forum.pk).update(scribe_nonce=secrets.token_hex(16), scribes_since=timezone.now())


def close_to_scribes(forum: Forum) -> None:
    Forum.objects.filter(pk=forum.pk).update(scribe_nonce="", scribes_since=None)
