"""« Touches »: the keys with which one moderates, off until one asks for them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path

from consultation.forms.moderation_keys import KeysForm
from consultation.models import ModerationKeys
from consultation.moderation_keys import bindings
from consultation.permissions import can_moderate


class KeysMixin:
    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.keys_view)
        return [path("touches/", view, name="consultation_contribution_keys"), *super().get_urls()]

    def keys_view(self, request: HttpRequest) -> HttpResponse:
        """One's own, nobody else's."""
        if not can_moderate(request.user, None):
            raise PermissionDenied
        own = ModerationKeys.objects.filter(user=request.user.pk).first()
        initial = bindings(own.bindings if own else {}) | {"enabled": own is not None and own.enabled}
        form = KeysForm(request.POST if request.method == "POST" else None, initial=initial)
        if not form.is_valid():
            return self._keys_page(request, form)
        said = {"enabled": form.cleaned_data["enabled"], "bindings": form.bindings()}
        ModerationKeys.objects.update_or_create(user=request.user, defaults=said)
        state = "actives" if said["enabled"] else "éteintes"
        self.message_user(request, f"Vos touches sont enregistrées, et {state}.", messages.SUCCESS)
        return HttpResponseRedirect(request.path)

    def _keys_page(self, request: HttpRequest, form: KeysForm) -> TemplateResponse:
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "title": "Touches de modération",
            "subtitle": None,
            "form": form,
        }
        template = "admin/consultation/contribution/moderate_keys.html"
        return TemplateResponse(request, template, context, status=422 if form.is_bound else 200)
