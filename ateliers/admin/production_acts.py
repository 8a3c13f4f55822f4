"""What is posted on « Productions de la séance »: each act of whoever runs the atelier, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from ateliers.actions import devenirs, productions, tables
from ateliers.forms.keeping import NOTHING_TICKED, as_read, kept_words, left_words
from ateliers.forms.tables import SheetsForm, TableForm
from ateliers.models import Devenir, Production, Seance, Table
from ateliers.refusals import Refusal
from consultation.actions.contributions import StaleState
from consultation.choices import ContributionState
from consultation.templatetags.prose import typo
from socle.text import whole_number

NBSP = "\N{NO-BREAK SPACE}"


def _open_table(request: HttpRequest, seance: Seance) -> None:
    form = TableForm(request.POST)
    label = form.cleaned_data["label"] if form.is_valid() else ""
    table = tables.open_table(seance, label)
    messages.success(request, f"La table {table.number} est ouverte. Montrez son code, ou donnez son lien.")


def _table(request: HttpRequest, seance: Seance) -> Table:
    return get_object_or_404(seance.tables.all(), pk=whole_number(request.POST.get("table", "")))


def _close_table(request: HttpRequest, seance: Seance) -> None:
    table = _table(request, seance)
    tables.close_table(table)
    messages.success(request, f"La table {table.number} est fermée : son lien n’ouvre plus rien.")


def _renew_link(request: HttpRequest, seance: Seance) -> None:
    table = _table(request, seance)
    tables.renew_link(table)
    messages.success(request, f"La table {table.number} a un nouveau lien : l’ancien n’ouvre plus rien.")


def _print_sheets(request: HttpRequest, seance: Seance) -> None:
    form = SheetsForm(request.POST)
    if not form.is_valid():
        raise Refusal("Aucune fiche n’est numérotée : dites combien, de 1 à 200.")
    numbers = tables.print_sheets(seance, form.cleaned_data["count"])
    messages.success(request, f"Les fiches {numbers[0]} à {numbers[-1]} sont prêtes à imprimer.")


def _publish(request: HttpRequest, seance: Seance) -> None:
    rows = Production.objects.filter(seance=seance, contribution__state=ContributionState.WAITING)
    ticked = dict(one.partition(":")[::2] for one in request.POST.getlist("lue"))
    chosen = [row for row in rows.select_related("contribution__demarche") if str(row.pk) in ticked]
    _each(request, chosen, lambda row: productions.publish(row, by=request.user, seen=ticked[str(row.pk)]))


def _publish_fates(request: HttpRequest, seance: Seance) -> None:
    ticked = set(request.POST.getlist("lue"))
    rows = Devenir.objects.to_publish().filter(seance=seance).select_related("seance")
    chosen = [row for row in rows.order_by("pk") if str(row.pk) in ticked]
    _each(request, chosen, lambda row: devenirs.publish(row, by=request.user))


def _each(request: HttpRequest, chosen: list[Any], publish: Callable[[Any], Any]) -> None:
    """Each in its own transaction; of one that changed since it was read, nothing is published."""
    refused = []
    for one in chosen:
        try:
            publish(one)
        except (Refusal, StaleState) as refusal:
            refused.append(str(refusal))
    messages.success(request, f"Publiées{NBSP}: {len(chosen) - len(refused)}.")
    for sentence in dict.fromkeys(refused):
        messages.warning(request, typo(sentence))


def _keep(request: HttpRequest, seance: Seance) -> None:
    """What the tables left undecided."""
    seen = as_read(request.POST.getlist("lue"))
    if not seen:
        raise Refusal(NOTHING_TICKED)
    kept = devenirs.keep_read(seance, seen)
    if kept.count:
        messages.success(request, kept_words(kept))
    if left := left_words(kept):
        messages.warning(request, typo(left))


def _undo(request: HttpRequest, seance: Seance) -> None:
    devenir = get_object_or_404(seance.devenirs.standing(), pk=whole_number(request.POST.get("devenir", "")))
    devenirs.undo(devenir, by=request.user)
    messages.success(request, "La décision est annulée ; elle reste dans l’historique.")


ACTS: dict[str, Callable[[HttpRequest, Seance], None]] = {
    "ouvrir": _open_table,
    "fermer": _close_table,
    "renouveler": _renew_link,
    "fiches": _print_sheets,
    "publier": _publish,
    "publier_devenirs": _publish_fates,
    "garder": _keep,
    "annuler": _undo,
}
