"""The button, on the pages where one gets in; nothing where FranceConnect is not set."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings

from socle.franceconnect.actions import is_joined

register = template.Library()


@register.inclusion_tag("franceconnect/button.html", takes_context=True)
def franceconnect_button(context: template.Context, onward: str = "") -> dict[str, Any]:
    return {"shown": settings.FRANCECONNECT, "onward": onward, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("franceconnect/account.html", takes_context=True)
def franceconnect_account(context: template.Context) -> dict[str, Any]:
    """On « Mon compte »: whether FranceConnect opens it."""
    shown = settings.FRANCECONNECT
    joined = shown and is_joined(context["request"].user)
    return {"shown": shown, "joined": joined, "csrf_token": context.get("csrf_token")}
