"""How the author of contributions hears of what becomes of them: chosen from each of these mails."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from consultation.forms.news import ParcoursForm
from consultation.letter_links import read_author
from socle.comptes.actions import choose_rhythm, hinted
from socle.comptes.models import Personne, Rhythm
from socle.pagecache.decorators import personal_page

PAGE = "consultation/parcours_choice.html"


@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
def parcours_choice(request: HttpRequest, signed: str) -> HttpResponse:
    personne = Personne.objects.filter(pk=read_author(signed)).first()
    if personne is None:
        return render(request, PAGE, status=404)
    form = ParcoursForm(request.POST if request.method == "POST" else None, initial={"rhythm": personne.rhythm})
    context = {"form": form, "email": hinted(personne.email)}
    if form.is_bound and form.is_valid():
        choose_rhythm(personne, form.cleaned_data["rhythm"])
        context["changed"] = True
    return render(request, PAGE, context, status=422 if form.errors else 200)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
def parcours_stop(request: HttpRequest, signed: str) -> HttpResponse:
    """RFC 8058: a mail program posts here, without cookie, token or log-in; its signature is the right to it."""
    personne = Personne.objects.filter(pk=read_author(signed)).first()
    if personne is None:
        return render(request, PAGE, status=404)
    if request.method == "POST":
        choose_rhythm(personne, Rhythm.NEVER)
    context = {"stopping": True, "changed": request.method == "POST", "signed": signed, "email": hinted(personne.email)}
    return render(request, PAGE, context)
