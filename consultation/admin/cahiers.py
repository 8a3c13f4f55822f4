"""Cahiers d’acteurs: the position of an organisation is entered with its document, then moderated like the rest."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe

from consultation.actions.contributions import StaleState
from consultation.actions.papers import enter_cahier, replace_document
from consultation.admin.scoped import ScopedAdmin, ScopedRelatedFilter, scoped
from consultation.choices import ContributionState
from consultation.forms.papers import CahierForm, DocumentForm
from consultation.models import CahierActeur, Demarche
from consultation.permissions import MODERATING, can_moderate, visible_demarches
from socle.comptes.models import User
from socle.documents.actions import Kept, examine_pdf
from socle.documents.files import download
from socle.documents.kinds import RefusedFileError
from socle.documents.models import Document

NBSP = "\N{NO-BREAK SPACE}"
SALT = "consultation.cahiers.document"
FOLDER = "admin/consultation/cahieracteur"


@admin.register(CahierActeur)
class CahierActeurAdmin(ScopedAdmin):
    """Entered by who moderates."""

    list_display = ("what", "received_on", "weight", "state")
    list_filter = (("contribution__demarche", ScopedRelatedFilter),)
    ordering = ("-received_on", "-pk")
    actions = None

    def has_module_permission(self, request: HttpRequest) -> bool:
        return can_moderate(request.user, None)

    def has_view_permission(self, request: HttpRequest, obj: CahierActeur | None = None) -> bool:
        return can_moderate(request.user, obj.contribution.demarche if obj else None)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return can_moderate(request.user, None)

    has_change_permission = has_view_permission

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = admin.ModelAdmin.get_queryset(self, request)
        return scoped(rows.select_related("contribution__demarche", "document", "checked_by"), request, MODERATING)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.document_view)
        return [
            path("<int:pk>/document/", view, name="consultation_cahieracteur_document"),
            *super().get_urls(),
        ]

    @admin.display(description="cahier")
    def what(self, row: CahierActeur) -> str:
        return f"{row.contribution.reference}{NBSP}: {row.contribution.organisation}"

    @admin.display(description="document")
    def weight(self, row: CahierActeur) -> str:
        return row.document.label

    @admin.display(description="état")
    def state(self, row: CahierActeur) -> str:
        return row.contribution.get_state_display()

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A document already taken in stays with the form, whatever else is to be corrected."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        offered = visible_demarches(request.user, MODERATING)
        demarche = _chosen(request, offered)
        if demarche is None:
            return self._page(request, "choose.html", "Entrer un cahier d’acteur", demarches=offered)
        sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
        form = CahierForm(sent[0], files=sent[1], demarche=demarche)
        document = _document(request, form) if form.is_bound else None
        if document and form.is_valid():
            return self._enter(request, demarche, form, document)
        context = {"form": form, "demarche": demarche, "document": document}
        context["kept"] = signing.dumps([document.pk, request.user.pk], salt=SALT) if document else ""
        return self._page(request, "enter.html", "Entrer un cahier d’acteur", form, **context)

    def _enter(self, request: HttpRequest, demarche: Demarche, form: CahierForm, document: Document) -> HttpResponse:
        contribution = enter_cahier(
            demarche=demarche,
            submission_key=form.key(),
            by=request.user,
            received_on=form.cleaned_data["received_on"],
            document=document,
            **form.entered(),
        )
        self.message_user(request, f"{contribution.reference} attend sa modération.", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:consultation_cahieracteur_change", args=[contribution.pk]))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What was received; another version of the document takes its place until it is public."""
        row = self._row(request, object_id)
        waits = row.contribution.state == ContributionState.WAITING
        if request.method == "POST" and not waits:
            raise PermissionDenied
        form = DocumentForm(request.POST or None, request.FILES or None) if waits else None
        if form and request.method == "POST" and form.is_valid() and self._replace(request, row, form):
            return HttpResponseRedirect(request.path)
        context = {"row": row, "contribution": row.contribution, "form": form}
        return self._page(request, "cahier.html", f"Cahier {row.contribution.reference}", form, **context)

    def _replace(self, request: HttpRequest, row: CahierActeur, form: DocumentForm) -> bool:
        try:
            document = _examine(request, form.cleaned_data["document"])
            with transaction.atomic():
                replace_document(row, document, request.user)
                self.log_change(request, row, "Document remplacé.")
        except (RefusedFileError, StaleState) as refused:
            form.add_error("document", str(refused))
            return False
        return True

    @method_decorator(require_safe)
    def document_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        row = self._row(request, str(pk))
        return download(row.document, f"{row.contribution.reference}.{row.document.extension}")

    def _row(self, request: HttpRequest, object_id: str) -> CahierActeur:
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404("No such cahier.")
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        return row

    def _page(
        self, request: HttpRequest, template: str, title: str, asked: Any = None, **context: Any
    ) -> TemplateResponse:
        context |= self.admin_site.each_context(request) | {"opts": self.opts, "title": title, "subtitle": None}
        wrong = asked is not None and asked.is_bound
        return TemplateResponse(request, f"{FOLDER}/{template}", context, status=422 if wrong else 200)


def _chosen(request: HttpRequest, offered: QuerySet[Demarche]) -> Demarche | None:
    """The démarche of the address; the only one, where there is one."""
    asked = request.GET.get("demarche", "")
    if asked.isascii() and asked.isdecimal() and len(asked) < 19:
        return offered.filter(pk=int(asked)).first()
    found = list(offered[:2])
    return found[0] if len(found) == 1 else None


def _document(request: HttpRequest, form: CahierForm) -> Document | None:
    """The one just sent, else the one kept from the last time; where there is none, the form says why."""
    form.is_valid()
    try:
        if sent := form.cleaned_data.get("document"):
            return _examine(request, sent)
    except RefusedFileError as refused:
        form.add_error("document", str(refused))
        return None
    if (kept := _kept(request.POST.get("kept", ""), request.user)) is None and "document" not in form.errors:
        form.add_error("document", "Choisissez le document de l’organisation.")
    return kept


def _kept(signed: str, by: User) -> Document | None:
    try:
        pk, owner = signing.loads(signed, salt=SALT, max_age=12 * 3600)
    except signing.BadSignature:
        return None
    return Document.objects.filter(pk=pk).first() if owner == by.pk else None


def _examine(request: HttpRequest, sent: UploadedFile) -> Document:
    """The document, taken in; staff are told what a screen reader will make of it."""
    kept = examine_pdf(sent, request.user)
    if lacks := _lacks(kept):
        messages.warning(
            request,
            f"Ce PDF est gardé, mais {lacks}{NBSP}: il se lira mal avec un lecteur d’écran. "
            "Demandez à l’organisation une version accessible ; vous pourrez remplacer celle-ci avant la publication.",
        )
    return kept.document


def _lacks(kept: Kept) -> str:
    found = {"n’est pas balisé": kept.tagged, "n’a pas de titre": kept.title, "ne dit pas sa langue": kept.language}
    return ", ".join(words for words, there in found.items() if not there)
