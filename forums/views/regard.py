"""The droit de regard: what was objected and answered, for all; and the page of one member, by their own link."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Left
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from ateliers.models import Membre, Production
from ateliers.refusals import Refusal
from consultation.choices import ContributionState
from consultation.forms.contribution import signed_in_personne
from consultation.templatetags.prose import typo
from consultation.views.write import see_other
from forums.actions.regard import object_to
from forums.forms.regard import ObjectionForm
from forums.limits import may_object
from forums.links import read_regard, regard_path
from forums.models import DroitDeRegard, Objection
from forums.taken_up import taken_up
from forums.views.pages import about, published_forum, until
from socle.fulltext import excerpt
from socle.keyset import AFTER, BEFORE, Keyset
from socle.pagecache.decorators import personal_page, public_page

PAGE = 6
EXCERPT = 900


@public_page(AFTER, BEFORE, until=until)
def regard(request: HttpRequest, pk: int) -> HttpResponse:
    """Each objection with the answer that was made to it, and no name. Four queries."""
    found = published_forum(pk)
    droit = get_object_or_404(DroitDeRegard.objects.select_related("version__texte"), pk=pk)
    rows = Objection.objects.public().filter(droit=droit).select_related("contribution__parent", "passage")
    made = Production.objects.filter(pk=OuterRef("contribution__parent"))
    rows = rows.annotate(
        beginning=Left("contribution__body", EXCERPT + 1),
        rank=Subquery(made.values("seance__atelier__rank")),
        town=Subquery(made.values("seance__atelier__town")),
    ).defer("contribution__body", "contribution__parent__body", "passage__text")
    page = Keyset("pk", f"regard:{pk}", PAGE, descending=False, numbers=True).page(rows, request.GET)
    for row in page.rows:
        row.contribution.demarche = row.contribution.parent.demarche = found.rencontre.demarche
        row.is_cut = len(row.beginning) > EXCERPT
        row.beginning = excerpt(row.beginning, EXCERPT)
    context = about(found) | {
        "droit": droit,
        "texte": droit.version.texte,
        "appeared": not droit.version.is_draft,
        "is_open": droit.is_open(),
        "page": page,
        "published": ContributionState.PUBLISHED,
    }
    return render(request, "forums/regard.html", context)


@personal_page
@login_required
def regard_mine(request: HttpRequest, pk: int) -> HttpResponse:
    """From an account: to the page of one's first group, which leads to the others."""
    droit = get_object_or_404(DroitDeRegard.objects.select_related("forum__rencontre"), pk=pk)
    personne = signed_in_personne(request)
    rows = Membre.objects.present().filter(atelier__demarche=droit.forum.rencontre.demarche_id)
    membre = rows.filter(personne=personne).order_by("atelier__rank").first() if personne else None
    if membre is None or not personne.is_confirmed:
        return render(request, "forums/regard_none.html", {"forum": droit.forum}, status=404)
    return HttpResponseRedirect(regard_path(droit, membre))


@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
def regard_membre(request: HttpRequest, signed: str) -> HttpResponse:
    """How each production of the group was taken up; while it is open, a form to object."""
    if (opened := read_regard(signed)) is None:
        return render(request, "forums/regard_membre.html", {"unknown": True}, status=404)
    droit, membre = opened
    lines = taken_up(membre.atelier, droit.version)
    form = ObjectionForm(request.POST if request.method == "POST" else None, lines=lines, chosen=request.GET.get("sur"))
    if request.method != "POST":
        return _page(request, droit, membre, lines, form)
    if not form.is_valid():
        return _page(request, droit, membre, lines, form, status=422)
    if not may_object(membre):
        return _page(request, droit, membre, lines, form, status=429, wait=True)
    try:
        said = object_to(membre, droit, **form.said())
    except Refusal as refusal:
        return _page(request, droit, membre, lines, form, status=409, notice=str(refusal))
    text = f"Votre objection est reçue, sous la référence {said.reference}. Une réponse publique vous sera faite."
    messages.success(request, typo(text))
    return see_other(regard_path(droit, membre) + "#mes-objections")


def _page(
    request: HttpRequest, droit: DroitDeRegard, membre: Membre, lines: Any, form: ObjectionForm, **context: Any
) -> HttpResponse:
    status = context.pop("status", 200)
    mine = Objection.objects.filter(droit=droit, membre__personne=membre.personne_id)
    others = Membre.objects.present().filter(personne=membre.personne_id, atelier__demarche=membre.atelier.demarche_id)
    others = others.exclude(pk=membre.pk).select_related("atelier").order_by("atelier__rank")
    context |= {
        "droit": droit,
        "forum": droit.forum,
        "texte": droit.version.texte,
        "membre": membre,
        "atelier": membre.atelier,
        "lines": lines,
        "form": form,
        "is_open": droit.is_open() and membre.left_at is None,
        "mine": mine.select_related("contribution__demarche", "contribution__parent__demarche").order_by("pk"),
        "others": [(one.atelier, regard_path(droit, one)) for one in others],
    }
    return render(request, "forums/regard_membre.html", context, status=status)


def expired(request: HttpRequest) -> HttpResponse:
    """The CSRF check failed: what was typed, in a fresh form."""
    match = request.resolver_match
    if match is None or (opened := read_regard(match.kwargs["signed"])) is None:
        return render(request, "forums/regard_membre.html", {"unknown": True}, status=403)
    droit, membre = opened
    lines = taken_up(membre.atelier, droit.version)
    return _page(request, droit, membre, lines, ObjectionForm(request.POST, lines=lines), status=403, expired=True)


regard_membre.on_csrf_failure = expired  # type: ignore[attr-defined]
