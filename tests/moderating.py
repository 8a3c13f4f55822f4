"""A moderator at work, by HTTP: what the tests of moderation share."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.test import Client

from consultation.choices import ContributionState
from consultation.models import Contribution
from tests.factories import make_contribution

LIST = "/admin/consultation/contribution/"
KEYS = f"{LIST}touches/"
FIGURES = f"{LIST}chiffres/"
WAITING = ContributionState.WAITING


def page_of(contribution: Contribution) -> str:
    return f"{LIST}{contribution.pk}/change/"


def make_waiting(**fields: Any) -> Contribution:
    return make_contribution(**{"state": WAITING} | fields)


def act(client: Any, contribution: Contribution, name: str, **said: Any) -> Any:
    """One of the forms of the page, besides the decision."""
    return client.post(page_of(contribution), {"act": name} | said)


def selection(action: str, *chosen: Contribution, **said: Any) -> dict[str, Any]:
    return {"action": action, "_selected_action": [one.pk for one in chosen]} | said


def read(*chosen: Contribution) -> list[str]:
    """What the page that asks sends back for those that stay ticked."""
    return [f"{one.pk}:{one.words_seal}" for one in chosen]


# A script of keys, in a browser. Each act is the keys pressed, the last of which leads to another page; words to be
# typed are in a list of their own.
SCRIPT: dict[str, list[Any]] = {
    "publish": ["p"],
    "refuse": ["2", "Enter"],
    "mask": ["m", "Tab", "Enter"],
    "note": ["n", ["À relire avec l’équipe."], "Tab", "Enter"],
    "opinion": ["a", ["Est-ce une attaque ?"], "Tab", "Enter"],
    "reformulation": ["f", ["Sans nommer votre voisin."], "Tab", "Enter"],
    "next": ["s"],
    "previous": ["q"],
}


def press(page: Any, act: str) -> None:
    """The keys of an act, and the page they lead to."""
    *first, last = SCRIPT[act]
    for key in first:
        if isinstance(key, list):
            page.keyboard.insert_text(key[0])
        else:
            page.keyboard.press(key)
    with page.expect_navigation(wait_until="load"):
        page.keyboard.press(last)


def sign_in(context: Any, address: str, user: Any) -> None:
    """Without the form: the cookie of a session."""
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": address}])
