"""« L’équipe »: who holds a role on a démarche and until when; given, changed and ended by its responsable."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from consultation.actions import roles as actions
from consultation.actions.roles import RoleRefusedError
from consultation.forms.roles import ChangeForm, GiveForm
from consultation.models import Demarche, Role
from consultation.permissions import can_give_roles
from socle.comptes.models import User

TEAM = "consultation_demarche_equipe"
CHANGE, END = "changer", "finir"


class TeamPages:
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.team_page)
        return [path("<int:pk>/equipe/", view, name=TEAM), *super().get_urls()]

    def team_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        demarche = self.get_queryset(request).filter(pk=pk).first()
        if demarche is None:
            raise Http404("No such démarche among theirs.")
        if not can_give_roles(request.user, demarche):
            raise PermissionDenied
        if request.method == "POST" and "role" in request.POST:
            return self._change(request, demarche)
        form = GiveForm(request.POST if request.method == "POST" else None)
        if form.is_bound and form.is_valid():
            try:
                role = actions.give_role(demarche, request.user, **form.cleaned_data)
            except RoleRefusedError as refused:
                form.add_error(refused.field or None, refused.message)
            else:
                return self._done(request, demarche, f"{_named(role)} : un courriel le lui dit.")
        return self._team(request, demarche, form=form)

    def _change(self, request: HttpRequest, demarche: Demarche) -> HttpResponse:
        typed = request.POST["role"]
        known = typed.isascii() and typed.isdigit() and len(typed) < 19
        rows = Role.objects.filter(demarche=demarche).select_related("user")
        role = get_object_or_404(rows, pk=int(typed) if known else 0)
        form = ChangeForm(request.POST, auto_id=f"id_{role.pk}_%s")
        if form.is_valid():
            try:
                return self._changed(request, demarche, role, form)
            except RoleRefusedError as refused:
                form.add_error(refused.field or None, refused.message)
        return self._team(request, demarche, changed=(role.pk, form))

    def _changed(self, request: HttpRequest, demarche: Demarche, role: Role, form: ChangeForm) -> HttpResponse:
        said = form.cleaned_data
        if END in request.POST:
            actions.end_role(role, request.user, said["reason"])
            return self._done(request, demarche, f"{_named(role)} : ce rôle a pris fin, un courriel le lui dit.")
        if CHANGE in request.POST:
            actions.change_end(role, said["ends_on"], request.user, said["reason"])
            return self._done(request, demarche, f"{_named(role)} : la date est changée, un courriel le lui dit.")
        return HttpResponseRedirect(request.path)

    def _done(self, request: HttpRequest, demarche: Demarche, sentence: str) -> HttpResponse:
        """The page, or the list of the démarches for who has just ended the role that opened it."""
        messages.success(request, sentence)
        still = can_give_roles(User.objects.get(pk=request.user.pk), demarche)
        return HttpResponseRedirect(request.path if still else reverse("admin:index"))

    def _team(
        self,
        request: HttpRequest,
        demarche: Demarche,
        *,
        form: GiveForm | None = None,
        changed: tuple[int, ChangeForm] | None = None,
    ) -> HttpResponse:
        found = Role.objects.filter(demarche=demarche).select_related("user")
        rows = []
        for role in sorted(found, key=lambda one: (one.user.get_short_name().casefold(), one.pk)):
            own = changed[1] if changed and changed[0] == role.pk else None
            rows.append((role, own or ChangeForm(initial={"ends_on": role.ends_on}, auto_id=f"id_{role.pk}_%s")))
        form = form or GiveForm()
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "title": "L’équipe de la démarche",
            "demarche": demarche,
            "rows": rows,
            "form": form,
            "today": timezone.localdate(),
        }
        status = 422 if form.errors or changed else 200
        template = "admin/consultation/demarche/team.html"
        response = TemplateResponse(request, template, context, status=status)
        response["Cache-Control"] = "private, no-store"
        return response


def _named(role: Role) -> str:
    return f"{role.user.get_short_name()}, {role.get_kind_display()}"
