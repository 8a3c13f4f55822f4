"""The table of the rédacteurs: the passages of a texte, and the page where it appears.

Everything works by keys and without a script; what a script adds is in static/js/cite.js.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from consultation.actions import textes, textes_publish
from consultation.actions.contributions import StaleState
from consultation.actions.textes_publish import Incomplete
from consultation.admin.orientation_pages import OrientationPages
from consultation.admin.passage_pages import PassagePages
from consultation.admin.relecture_pages import RelecturePages
from consultation.admin.reponse_pages import ReponsePages
from consultation.admin.texte_kept import Lost, gives_back
from consultation.admin.writing_pages import LIST, WritingPages
from consultation.choices import TexteState
from consultation.coverage import Coverage, Earlier, count
from consultation.forms.textes import FrameForm, PassageForm, PublishForm
from consultation.models import Texte, TexteVersion
from consultation.owed import lacks, owed
from consultation.permissions import can_write
from consultation.texte_files.build import FILES as TEXTE_FILES
from consultation.views.textes import with_sources
from socle.documents.models import EXTENSIONS, MediaType
from socle.exports.actions import request_export
from socle.text import whole_number


class TextePages(OrientationPages, WritingPages, PassagePages, ReponsePages, RelecturePages):
    def get_urls(self) -> list[Any]:
        pages: tuple[tuple[str, Callable[..., HttpResponse], str], ...] = (
            ("<int:pk>/passages/<int:key>/", self.passage_page, "passage"),
            ("<int:pk>/reponses/", self.reponses_page, "reponses"),
            ("<int:pk>/relectures/", self.relectures_page, "relectures"),
            ("<int:pk>/publier/", self.publish_page, "publier"),
            ("<int:pk>/adoption/", self.adoption_page, "adoption"),
            ("<int:pk>/adoption/<int:key>/", self.orientation_page, "orientation"),
        )
        own = [
            path(route, self.admin_site.admin_view(view), name=f"consultation_texte_{n}") for route, view, n in pages
        ]
        return [*own, *super().get_urls()]  # type: ignore[misc]

    def texte_of(self, request: HttpRequest, pk: int, *also: str, writing: bool = True) -> Texte:
        """For who may not read its démarche there is no such texte. `also`: what is read with it."""
        texte = self.get_queryset(request).select_related("demarche", "current", *also).filter(pk=pk).first()
        if texte is None:
            raise Http404("No such texte among theirs.")
        if writing and not can_write(request.user, texte.demarche):
            raise PermissionDenied
        return texte

    def draft_of(self, request: HttpRequest, pk: int) -> TexteVersion:
        """The version that is being written, with its texte and its démarche; there is none once it has appeared."""
        version = self.versions_of(request, pk).filter(state=TexteState.DRAFT).first()
        if version is None:
            texte = self.texte_of(request, pk)
            if request.method == "POST":  # what was typed is given back
                raise Lost(texte, textes.PUBLISHED)
            raise Http404("Nothing of this texte is being written, for them.")
        if not can_write(request.user, version.texte.demarche):
            raise PermissionDenied
        return version

    def versions_of(self, request: HttpRequest, pk: int) -> QuerySet[TexteVersion]:
        theirs = self.get_queryset(request).filter(pk=pk).order_by()
        rows = TexteVersion.objects.filter(texte__in=theirs).select_related("texte__demarche", "texte__current")
        return rows.annotate(earlier=Earlier("pk")).order_by("-number")

    def page(self, request: HttpRequest, texte: Texte, name: str, *, status: int = 200, **context: Any) -> HttpResponse:
        """`context` has a title at least, and the version that is shown."""
        shared = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "texte": texte,
            "coverage": Coverage.of(context["version"]),
            "writes": can_write(request.user, texte.demarche),
            "is_nav_sidebar_enabled": False,  # long work, side by side: it takes the whole width
        }
        response = TemplateResponse(request, f"admin/consultation/texte/{name}.html", shared | context, status=status)
        response["Cache-Control"] = "private, no-store"
        return response

    @gives_back
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """All the passages, in their order."""
        if request.method != "POST":
            version = self.versions_of(request, whole_number(object_id)).first()
            if version is None:  # for who may not read its démarche there is no such texte
                raise Http404("No such texte among theirs.")
            return self._table(request, version)
        texte = self.texte_of(request, whole_number(object_id))
        act = ACTS.get(request.POST.get("act", ""))
        if act is None:
            raise Http404("No such act.")
        try:
            refused = act(self, request, texte)
        except StaleState as stale:
            self.message_user(request, str(stale), messages.WARNING)
            refused = None
        return refused or HttpResponseRedirect(reverse(LIST, args=[texte.pk]))

    def _table(self, request: HttpRequest, version: TexteVersion, *, status: int = 200, **given: Any) -> HttpResponse:
        texte = version.texte
        context = {
            "title": texte.title,
            "version": version,
            "passages": with_sources(version),
            "frame": given.get("frame") or FrameForm(version=version),
            "adding": given.get("adding") or PassageForm(version=version),
            "theirs": given.get("theirs"),
            "added": given.get("added"),
        }
        return self.page(request, texte, "table", status=status, **context)

    def next_version(self, request: HttpRequest, texte: Texte) -> HttpResponse | None:
        version = textes_publish.next_version(texte)
        self.log_change(request, texte, f"Version {version.number} commencée")
        self.message_user(
            request,
            f"La version {version.number} est prête à écrire. Celle qui a paru reste en ligne.",
            messages.SUCCESS,
        )
        return None

    def ask_file(self, request: HttpRequest, texte: Texte) -> HttpResponse | None:
        """Made by the worker, for who asks alone (« Mes fichiers »)."""
        version = texte.draft or texte.current
        wanted = FILES.get(request.POST.get("fichier", ""))
        if wanted is None or version is None:
            raise Http404("No such file.")
        kind, params = wanted
        request_export(request.user, kind, {"version": version.pk} | params)
        self.message_user(request, "Fichier demandé : il se prépare, vous le trouverez ici.", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:exports_export_changelist"))

    @gives_back
    def publish_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What is missing, and the two ways of appearing."""
        version = self.draft_of(request, pk)
        form = PublishForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return self._publication(request, version, form, 422 if request.method == "POST" else 200)
        final = request.POST.get("etat") == "definitive"
        try:
            published = textes_publish.publish(
                version, final=final, by=request.user, reason=form.cleaned_data["reason"]
            )
        except Incomplete as refused:
            return self._publication(request, version, form, 409, refused.sentences)
        except StaleState as stale:
            self.message_user(request, str(stale), messages.WARNING)
            return HttpResponseRedirect(reverse(LIST, args=[pk]))
        self.log_change(request, version.texte, f"Publié : {published}, {published.get_state_display()}")
        shown = f"La version {published.number}, {'définitive' if final else 'provisoire'}, est en ligne."
        said = f"{shown} Les auteurs des contributions en seront prévenus."
        self.message_user(request, said, messages.SUCCESS)
        return HttpResponseRedirect(reverse(LIST, args=[pk]))

    def _publication(
        self,
        request: HttpRequest,
        version: TexteVersion,
        form: PublishForm,
        status: int,
        refused: list[str] | None = None,
    ) -> HttpResponse:
        counted = Coverage.read(count(version))
        lacking = lacks(version, counted)
        context = {
            "title": "Publier",
            "version": version,
            "form": form,
            "refused": refused,
            "counted": counted,
            "owed": owed(counted, version.texte.regle),
            "lacks_final": lacking.of(final=True),
            "lacks_provisional": lacking.of(final=False),
            "was_final": version.texte.versions.filter(state="definitive").exists(),
        }
        return self.page(request, version.texte, "publish", status=status, **context)


ACTS: dict[str, Callable[[Any, HttpRequest, Texte], HttpResponse | None]] = {
    "cadre": TextePages.save_frame,
    "ajouter": TextePages.add_passage,
    "garder": TextePages.keep_new,
    "garder_cadre": TextePages.keep_frame,
    "deplacer": TextePages.move_passage,
    "suivante": TextePages.next_version,
    "fichier": TextePages.ask_file,
}
# What is asked for, and what of: the kind of an Export, and its parameters beside the version.
FILES: dict[str, tuple[str, dict[str, str]]] = {
    **{EXTENSIONS[one]: ("texte", {"media_type": one.value}) for one in (*TEXTE_FILES, MediaType.ZIP)},
    "xlsx": ("cahier", {}),
}
