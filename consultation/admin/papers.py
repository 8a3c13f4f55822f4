"""Papers: what arrives is scanned, typed beside its scan, read again by another; a receipt is printed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Self
from uuid import UUID, uuid4

from django.contrib import admin, messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe

from consultation.actions.contributions import StaleState
from consultation.actions.papers import enter, read_again
from consultation.admin.scoped import ScopedAdmin, ScopedRelatedFilter, scoped
from consultation.choices import ContributionState, Origine
from consultation.forms.papers import ReadingForm, ReceptionForm, TranscriptionForm
from consultation.models import Demarche, Transcription
from consultation.numero import numero_shown
from consultation.permissions import MODERATING, can_moderate, visible_demarches
from consultation.printing.receipt import receipt
from socle.comptes.models import User
from socle.documents.actions import keep_scan
from socle.documents.files import download, page_image
from socle.documents.kinds import RefusedFileError
from socle.documents.models import Document

NBSP = "\N{NO-BREAK SPACE}"
SALT = "consultation.papers.arrived"
TIME_TO_TYPE = timedelta(hours=12)  # less than a scan that nothing uses is kept
FOLDER = "admin/consultation/transcription"


@dataclass(frozen=True)
class Arrived:
    """A paper or a call between its reception and the end of its typing; its address is signed, for one person."""

    demarche: int
    origine: str
    received_on: str
    scan: int | None
    key: str
    by: int

    @classmethod
    def read(cls, signed: str, user: User) -> Self:
        try:
            arrived = cls(**signing.loads(signed, salt=SALT, max_age=TIME_TO_TYPE))
        except signing.BadSignature as forged:
            raise Http404("Not an address of ours, or too old.") from forged
        if arrived.by != user.pk:
            raise Http404("Somebody else's.")
        return arrived

    def signed(self) -> str:
        return signing.dumps(vars(self), salt=SALT)


class ReadFilter(admin.SimpleListFilter):
    """Without a choice, the list is what waits for its second reader."""

    title = "seconde lecture"
    parameter_name = "lecture"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("faite", "relues"), ("toutes", "toutes")]

    def choices(self, changelist: Any) -> Any:
        shown = list(super().choices(changelist))
        shown[0]["display"] = "à relire"
        return shown

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "toutes":
            return queryset
        return queryset.filter(read_at__isnull=self.value() != "faite")


@admin.register(Transcription)
class TranscriptionAdmin(ScopedAdmin):
    """Scans hold names and addresses: modérateurs and responsables alone come here."""

    list_display = ("what", "received_on", "how", "typed_by", "entered_at", "reading")
    list_filter = (ReadFilter, ("contribution__demarche", ScopedRelatedFilter))
    ordering = ("entered_at", "pk")
    actions = None

    def has_module_permission(self, request: HttpRequest) -> bool:
        return can_moderate(request.user, None)

    def has_view_permission(self, request: HttpRequest, obj: Transcription | None = None) -> bool:
        return can_moderate(request.user, obj.contribution.demarche if obj else None)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return can_moderate(request.user, None)

    has_change_permission = has_view_permission

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = admin.ModelAdmin.get_queryset(self, request).select_related(
            "contribution__demarche", "contribution__theme", "contribution__college", "contribution__commune"
        )
        return scoped(rows.select_related("transcriber", "reader", "scan"), request, MODERATING)

    def get_urls(self) -> list[Any]:
        def page(route: str, view: Any, name: str) -> Any:
            return path(route, self.admin_site.admin_view(view), name=f"consultation_transcription_{name}")

        return [
            page("saisie/<str:signed>/", self.type_view, "type"),
            page("saisie/<str:signed>/scan/<int:number>/", self.arrived_scan_view, "arrived_scan"),
            page("<int:pk>/scan/", self.scan_download_view, "scan"),
            page("<int:pk>/scan/<int:number>/", self.scan_view, "scan_page"),
            page("<int:pk>/recu.pdf", self.receipt_view, "receipt"),
            *super().get_urls(),
        ]

    @admin.display(description="contribution")
    def what(self, row: Transcription) -> str:
        return f"{row.contribution.reference}{NBSP}: {row.contribution.title}"

    @admin.display(description="arrivée")
    def how(self, row: Transcription) -> str:
        return row.contribution.get_origine_display()

    @admin.display(description="saisie par")
    def typed_by(self, row: Transcription) -> str:
        return row.transcriber.get_short_name()

    @admin.display(description="seconde lecture")
    def reading(self, row: Transcription) -> str:
        return f"par {row.reader.get_short_name()}" if row.reader else "à faire"

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What has arrived: how, when, and its scan, which is then shown beside what is typed."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ReceptionForm(
            request.POST or None, request.FILES or None, demarches=visible_demarches(request.user, MODERATING)
        )
        if request.method == "POST" and form.is_valid():
            try:
                arrived = _arrived(form.cleaned_data, request.user)
            except RefusedFileError as refused:
                form.add_error("scan", str(refused))
            else:
                return HttpResponseRedirect(_address("type", arrived.signed()))
        return self._page(request, "receive.html", "Saisir un papier ou un appel", form, form=form)

    def type_view(self, request: HttpRequest, signed: str) -> HttpResponse:
        arrived, demarche = self._arrived_of(request, signed)
        form = TranscriptionForm(request.POST or None, demarche=demarche)
        if request.method == "POST" and form.is_valid():
            return self._enter(request, arrived, demarche, form)
        context = {"form": form, "scan": _scan(arrived), "signed": signed, "arrived": arrived, "demarche": demarche}
        context["how"] = Origine(arrived.origine).label
        context["received_on"] = date.fromisoformat(arrived.received_on)
        return self._page(request, "type.html", "Saisir ce qui est écrit", form, **context)

    def _enter(
        self, request: HttpRequest, arrived: Arrived, demarche: Demarche, form: TranscriptionForm
    ) -> HttpResponse:
        contribution = enter(
            demarche=demarche,
            submission_key=UUID(arrived.key),
            by=request.user,
            received_on=date.fromisoformat(arrived.received_on),
            scan=_scan(arrived),
            origine=arrived.origine,
            **form.entered(),
        )
        self.message_user(request, f"{contribution.reference} est enregistrée. Imprimez son reçu.", messages.SUCCESS)
        return HttpResponseRedirect(_address("change", contribution.pk))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The paper and what was typed, side by side: read again, corrected, signed."""
        row = self._row(request, object_id)
        may_read = self._may_read(request, row)
        if request.method == "POST" and not may_read:
            raise PermissionDenied
        form = ReadingForm(request.POST or None, contribution=row.contribution) if may_read else None
        if form and request.method == "POST" and form.is_valid():
            return self._sign(request, row, form)
        contribution = row.contribution
        context = {
            "row": row,
            "contribution": contribution,
            "scan": row.scan,
            "form": form,
            "own": row.transcriber_id == request.user.pk,
            "numero": numero_shown(contribution.submission_key, contribution.tracking_hash or b""),
        }
        return self._page(request, "read.html", f"Saisie {contribution.reference}", form, **context)

    def _may_read(self, request: HttpRequest, row: Transcription) -> bool:
        """Another than who typed, while nothing is decided."""
        waits = row.read_at is None and row.contribution.state == ContributionState.WAITING
        return waits and row.transcriber_id != request.user.pk

    def _sign(self, request: HttpRequest, row: Transcription, form: ReadingForm) -> HttpResponse:
        try:
            with transaction.atomic():
                read_again(row, request.user, **form.corrected())
                self.log_change(request, row, "Seconde lecture.")
        except StaleState as stale:
            self.message_user(request, str(stale), messages.WARNING)
            return HttpResponseRedirect(request.path)
        self.message_user(request, f"{row.contribution.reference} est relue{NBSP}: elle peut paraître.")
        others = scoped(Transcription.objects.to_read(), request, MODERATING).exclude(transcriber=request.user)
        following = others.values_list("pk", flat=True).first()
        return HttpResponseRedirect(_address("change", following) if following else _address("changelist"))

    @method_decorator(require_safe)
    def arrived_scan_view(self, request: HttpRequest, signed: str, number: int) -> HttpResponseBase:
        arrived, _ = self._arrived_of(request, signed)
        if scan := _scan(arrived):
            return page_image(scan, number)
        raise Http404("No scan.")

    @method_decorator(require_safe)
    def scan_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponseBase:
        return page_image(self._scan_of(request, pk), number)

    @method_decorator(require_safe)
    def scan_download_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        scan = self._scan_of(request, pk)
        return download(scan, f"scan-{pk}.{scan.extension}")

    @method_decorator(require_safe)
    def receipt_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        contribution = self._row(request, str(pk)).contribution
        shown = {"Content-Disposition": f'inline; filename="recu-{contribution.reference}.pdf"'}
        return HttpResponse(receipt(contribution), content_type="application/pdf", headers=shown)

    def _row(self, request: HttpRequest, object_id: str) -> Transcription:
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404("No such transcription.")
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        return row

    def _scan_of(self, request: HttpRequest, pk: int) -> Document:
        if scan := self._row(request, str(pk)).scan:
            return scan
        raise Http404("It has no scan, or no longer.")

    def _arrived_of(self, request: HttpRequest, signed: str) -> tuple[Arrived, Demarche]:
        """The right is asked again: a role may have ended since."""
        arrived = Arrived.read(signed, request.user)
        demarche = Demarche.objects.filter(pk=arrived.demarche).first()
        if demarche is None or not can_moderate(request.user, demarche):
            raise PermissionDenied
        return arrived, demarche

    def _page(
        self, request: HttpRequest, template: str, title: str, asked: Any = None, **context: Any
    ) -> TemplateResponse:
        context |= self.admin_site.each_context(request) | {"opts": self.opts, "title": title, "subtitle": None}
        wrong = asked is not None and asked.is_bound
        return TemplateResponse(request, f"{FOLDER}/{template}", context, status=422 if wrong else 200)


def _arrived(cleaned: dict[str, Any], by: User) -> Arrived:
    scan = keep_scan(cleaned["scan"], by) if cleaned["scan"] else None
    return Arrived(
        demarche=cleaned["demarche"].pk,
        origine=cleaned["origine"],
        received_on=cleaned["received_on"].isoformat(),
        scan=scan.pk if scan else None,
        key=uuid4().hex,
        by=by.pk,
    )


def _scan(arrived: Arrived) -> Document | None:
    return Document.objects.filter(pk=arrived.scan, created_by=arrived.by).first() if arrived.scan else None


def _address(name: str, *args: Any) -> str:
    return reverse(f"admin:consultation_transcription_{name}", args=args)
