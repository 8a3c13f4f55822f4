"""Who runs an atelier is written down and told, as a role is (consultation.actions.roles)."""

from __future__ import annotations

from datetime import date

from ateliers.models import Animation, Atelier
from consultation.emails import roles as emails
from consultation.traces import scope_of
from socle.access.actions import role_changed
from socle.access.models import Act
from socle.comptes.models import User
from socle.dates import day_label

MAY = "mener cet atelier : ses séances, ses places, son groupe et ses comptes rendus"

type Held = dict[int, date | None]  # by the key of the account


def held(atelier: Atelier) -> Held:
    return dict(Animation.objects.filter(atelier=atelier.pk).values_list("user", "ends_on"))


def tell(atelier: Atelier, before: Held, by: User) -> None:
    """What changed since `before`, in the transaction that changed it."""
    after = held(atelier)
    accounts = User.objects.in_bulk(before.keys() | after.keys())
    for key in sorted(accounts):
        if key not in after:
            _tell(Act.ENDED, atelier, accounts[key], None, by)
        elif key not in before:
            _tell(Act.GIVEN, atelier, accounts[key], after[key], by)
        elif before[key] != after[key]:
            _tell(Act.CHANGED, atelier, accounts[key], after[key], by)


def _tell(act: Act, atelier: Atelier, user: User, ends_on: date | None, by: User) -> None:
    role = f"organisateur de l’atelier {atelier.rank}, {atelier.town}"
    until = day_label(ends_on) if ends_on else ""
    what = f"{role}, jusqu’au {until}" if until else role
    scope, subject = scope_of(atelier.demarche_id), f"atelier:{atelier.pk}"
    trace = role_changed(act, by, user, what[:120], scope=scope, subject=subject)
    if act == Act.ENDED:
        emails.role_ended(user, atelier.demarche, role, trace.pk, left=False)
        return
    said = {"demarche": atelier.demarche, "role": role, "may": MAY, "until": until}
    emails.given(user, trace.pk, said | {"changed": act == Act.CHANGED, "invited": False})
