"""Taking contributions away and bringing some in, from the list of the admin and with its filters."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import path as url
from django.urls import reverse
from django.utils import timezone
from import_export.admin import ExportMixin

from consultation.columns import STAFF_COLUMNS
from consultation.exporting import staff_query, write
from consultation.forms.exchange import UPLOAD_MAX, DemarcheForm, ExportForm, ImportForm
from consultation.imports.readers import RefusedFileError
from consultation.imports.rows import Report
from consultation.imports.run import import_contributions
from consultation.models import Contribution, Demarche
from consultation.permissions import EXPORTING, RUNNING, can_export, can_import, visible_demarches
from consultation.resources import ContributionResource
from consultation.traces import counted, scope_of, took_of_each
from socle.comptes.models import User
from socle.exports.actions import request_export
from socle.exports.builders import Builder
from socle.exports.files import storage
from socle.exports.formats import FORMATS, Progress

STREAMED = 5000  # rows; beyond, the worker builds the file
SESSION_KEY = "contributions_import"
MY_FILES = "admin:exports_export_changelist"
CHANGELIST = "admin:consultation_contribution_changelist"


class ExchangeMixin(ExportMixin):
    """django-import-export's place in the admin; the rows leave by COPY, neutralised, whatever the format."""

    import_export_change_list_template = "admin/consultation/contribution/change_list_exchange.html"
    export_template_name = "admin/consultation/contribution/export.html"
    resource_classes = [ContributionResource]

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            url("import/", view(self.import_view), name="consultation_contribution_import"),
            url("import/confirmer/", view(self.import_confirm), name="consultation_contribution_import_confirm"),
            url("synthese/", view(self.synthese_view), name="consultation_contribution_synthese"),
            *super().get_urls(),
        ]

    def has_export_permission(self, request: HttpRequest) -> bool:
        return can_export(request.user, None)

    def has_import_permission(self, request: HttpRequest) -> bool:
        return can_import(request.user, None)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        extra = {"has_import_permission": self.has_import_permission(request), **(extra_context or {})}
        return super().changelist_view(request, extra)

    def get_export_queryset(self, request: HttpRequest) -> QuerySet[Contribution]:
        """What the list shows with its filters, on the démarches whose contributions one may take away."""
        demarches = visible_demarches(request.user, EXPORTING)
        return super().get_export_queryset(request).filter(demarche__in=demarches.values("pk"))

    def export_action(self, request: HttpRequest) -> HttpResponseBase:
        if not self.has_export_permission(request):
            raise PermissionDenied
        try:
            rows = self.get_export_queryset(request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(reverse(CHANGELIST))
        form = ExportForm([ContributionResource], data=request.POST or None)
        count = rows.count()
        if form.is_valid():
            names = form.get_selected_resource_export_fields()
            if count > STREAMED:
                return self._later(request, form.format_name, names)
            file = _now(rows, form.format_name, names)
            took_of_each(request.user, _label({"format": form.format_name}), counted(rows, "demarche"))
            return file
        context = {"form": form, "count": count, "streamed": STREAMED, "columns": STAFF_COLUMNS}
        return self._exchange_page(request, "export", "Exporter des contributions", context)

    def _later(self, request: HttpRequest, format_name: str, names: list[str]) -> HttpResponseRedirect:
        demarches = visible_demarches(request.user, EXPORTING).order_by("pk").values_list("pk", flat=True)
        params = {
            "query": request.GET.urlencode(),
            "format": format_name,
            "columns": names,
            "demarches": list(demarches),
        }
        request_export(request.user, "contributions", params)
        messages.success(request, "Votre fichier se prépare. Il apparaîtra ici.")
        return HttpResponseRedirect(reverse(MY_FILES))

    def synthese_view(self, request: HttpRequest) -> HttpResponseBase:
        if not self.has_export_permission(request):
            raise PermissionDenied
        form = DemarcheForm(request.POST or None, demarches=visible_demarches(request.user, EXPORTING))
        if request.method == "POST" and form.is_valid():
            request_export(request.user, "synthese", {"demarche": form.cleaned_data["demarche"].pk})
            messages.success(request, "La synthèse se prépare. Elle apparaîtra ici.")
            return HttpResponseRedirect(reverse(MY_FILES))
        return self._exchange_page(request, "synthese", "Synthèse des contributions par thème", {"form": form})

    def import_view(self, request: HttpRequest) -> HttpResponseBase:
        """The file, then what it would give; nothing is written here."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        demarches = visible_demarches(request.user, RUNNING)
        form = ImportForm(request.POST or None, request.FILES or None, demarches=demarches)
        if request.method == "POST" and form.is_valid():
            asked = _keep(request, form)
            try:
                report = _run(request.user, asked, dry_run=True)
            except RefusedFileError as refused:
                _forget(request)
                form.add_error("file", str(refused))
            else:
                return self._preview(request, asked, report)
        return self._exchange_page(request, "import", "Reprendre des contributions", {"form": form})

    def import_confirm(self, request: HttpRequest) -> HttpResponseBase:
        asked = request.session.get(SESSION_KEY)
        kept = asked and request.POST.get("token") == asked["token"] and _path(asked).is_file()
        if request.method != "POST" or not kept:
            messages.warning(request, "Ce fichier n’est plus gardé : donnez-le de nouveau.")
            return HttpResponseRedirect(reverse("admin:consultation_contribution_import"))
        if not can_import(request.user, Demarche.objects.filter(pk=asked["demarche"]).first()):
            raise PermissionDenied
        try:
            report = _run(request.user, asked, keep_good="keep_good" in request.POST)
        except RefusedFileError as refused:
            _forget(request)
            messages.error(request, str(refused))
            return HttpResponseRedirect(reverse("admin:consultation_contribution_import"))
        if not report.written:
            return self._preview(request, asked, report)
        _forget(request)
        done = f"{report.added} contributions reprises, {report.existing} déjà là, {report.bad} lignes refusées."
        messages.success(request, done)
        return HttpResponseRedirect(reverse(CHANGELIST))

    def _preview(self, request: HttpRequest, asked: Mapping[str, Any], report: Report) -> HttpResponseBase:
        context = {"report": report, "asked": asked, "notes": report.notes.most_common(50)}
        return self._exchange_page(request, "import_preview", "Ce que donnerait ce fichier", context)

    def _exchange_page(self, request: HttpRequest, name: str, title: str, context: dict[str, Any]) -> TemplateResponse:
        context |= self.admin_site.each_context(request) | {"opts": self.opts, "title": title}
        return TemplateResponse(request, f"admin/consultation/contribution/{name}.html", context)


def _columns(names: list[str]) -> list[Any]:
    return [column for column in STAFF_COLUMNS if column.name in names]


def _now(rows: QuerySet[Contribution], format_name: str, names: list[str]) -> FileResponse:
    """Written whole before the first byte leaves: a file that fails midway is an error page, not half a file."""
    output = FORMATS[format_name]
    path = storage() / f"direct-{secrets.token_urlsafe(16)}"
    try:
        write(staff_query(rows, _columns(names)), output, path)
        file = path.open("rb")
    finally:
        path.unlink(missing_ok=True)  # open, it lives until it has been sent
    return FileResponse(
        file, as_attachment=True, filename=_download_name({"format": format_name}), content_type=output.content_type
    )


def _download_name(params: Mapping[str, Any]) -> str:
    return f"contributions-{timezone.localdate():%Y-%m-%d}.{FORMATS[params['format']].extension}"


def _may(user: User, params: Mapping[str, Any]) -> bool:
    """Every démarche whose rows may be in the file is still one whose contributions they may take away."""
    wanted = set(params["demarches"])
    return wanted <= set(visible_demarches(user, EXPORTING).filter(pk__in=wanted).values_list("pk", flat=True))


def _build(owner: User, params: Mapping[str, Any], path: Path, progress: Progress) -> int:
    """The filters of the list, read again as its owner would see it now."""
    request = HttpRequest()
    request.method, request.user, request.GET = "GET", owner, QueryDict(params["query"])
    rows = admin.site.get_model_admin(Contribution).get_export_queryset(request)
    rows = rows.filter(demarche__in=params["demarches"])
    return write(staff_query(rows, _columns(params["columns"])), FORMATS[params["format"]], path, progress)


def _label(params: Mapping[str, Any]) -> str:
    return f"Contributions ({FORMATS[params['format']].label})"


def _scopes(params: Mapping[str, Any]) -> list[str]:
    return [scope_of(demarche) for demarche in params["demarches"]]


BUILDER = Builder(_label, _download_name, _may, _build, _scopes)


def _keep(request: HttpRequest, form: ImportForm) -> dict[str, Any]:
    """The file stays on the server between the two steps, known by this session only; old ones are purged."""
    _forget(request)
    asked = {
        "token": secrets.token_urlsafe(24),
        "name": form.cleaned_data["file"].name[:120],
        "demarche": form.cleaned_data["demarche"].pk,
        "layout": form.cleaned_data["layout"] or None,
        "state": form.cleaned_data["state"],
    }
    with _path(asked).open("wb") as kept:
        for chunk in form.cleaned_data["file"].chunks():
            kept.write(chunk)
    request.session[SESSION_KEY] = asked
    return asked


def _path(asked: Mapping[str, Any]) -> Path:
    return storage() / f"import-{asked['token']}"


def _forget(request: HttpRequest) -> None:
    if asked := request.session.pop(SESSION_KEY, None):
        _path(asked).unlink(missing_ok=True)


def _run(user: User, asked: Mapping[str, Any], *, dry_run: bool = False, keep_good: bool = False) -> Report:
    return import_contributions(
        _path(asked),
        Demarche.objects.get(pk=asked["demarche"]),
        layout=asked["layout"],
        state=asked["state"],
        dry_run=dry_run,
        keep_good=keep_good,
        by=user,
        max_bytes=UPLOAD_MAX,
    )
