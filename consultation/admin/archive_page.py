"""A démarche is archived: what it still owes, where that is done, and the reason where it will not be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from consultation.actions.demarches import StaleDemarcheError, archive_demarche
from consultation.actions.textes_publish import Incomplete
from consultation.choices import DemarcheState
from consultation.endings import Lack, lacks
from consultation.forms.base import LinkedErrors
from consultation.models import Demarche
from consultation.models.texte import REASON_LENGTH
from consultation.permissions import can_run
from socle.forms import PlainTextField

# Where each thing that is owed is done.
WHERE = {
    "synthese": "admin:consultation_texte_changelist",
    "suites": "admin:consultation_suite_changelist",
    "articles": "admin:consultation_suite_add",
}
DONE = "La démarche est archivée : on peut tout relire, et plus rien n’y est reçu."


class ArchiveForm(LinkedErrors):
    reason = PlainTextField(
        label="Pourquoi elle est archivée ainsi",
        max_length=REASON_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Publique, envoyée aux auteurs des contributions, et pour toujours dans le registre : "
        "n’y nommez personne.",
        error_messages={"max_length": "Cette raison est trop longue : 2 000 signes au plus. Elle est gardée."},
    )


class ArchivePage:
    admin_site: Any
    opts: Any
    get_queryset: Callable[..., Any]
    message_user: Callable[..., None]

    def archive_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        demarche = self.get_queryset(request).filter(pk=pk).first()
        if demarche is None:
            raise Http404("No such démarche among theirs.")
        if not can_run(request.user, demarche):
            raise PermissionDenied
        form = ArchiveForm(request.POST if request.method == "POST" else None)
        refused = self._archive(request, demarche, form) if form.is_bound and form.is_valid() else ""
        if form.is_bound and form.is_valid() and not refused:
            self.message_user(request, DONE, messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:consultation_demarche_change", args=[pk]))
        found = lacks(demarche) if demarche.state == DemarcheState.PUBLISHED else []
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Archiver la démarche",
            "demarche": demarche,
            "lacks": [(lack, _where(lack)) for lack in found],
            "form": form,
            "refused": refused,
        }
        template = "admin/consultation/demarche/archive.html"
        return TemplateResponse(request, template, context, status=422 if form.is_bound else 200)

    def _archive(self, request: HttpRequest, demarche: Demarche, form: ArchiveForm) -> str:
        """Why nothing was changed; empty when it was."""
        try:
            archive_demarche(demarche, by=request.user, reason=form.cleaned_data["reason"])
        except StaleDemarcheError as error:
            return str(error)
        except Incomplete:
            form.add_error(
                "reason", "Dites pourquoi elle est archivée sans ce qu’elle doit, ou faites d’abord ce qui manque."
            )
            return "Rien n’a été changé : la démarche doit encore ce qui suit, ou la raison."
        return ""


def _where(lack: Lack) -> str:
    return reverse(WHERE[lack.what])
