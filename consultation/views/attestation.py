"""The attestation that its holder asks for, by the link of « Mes inscriptions »."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from consultation.forms.presence import AttestationForm
from consultation.inscription_links import holder_path, read_holder
from consultation.models import Inscription
from consultation.printing.attestation import attestation
from socle.pagecache.decorators import personal_page


@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
def inscription_attestation(request: HttpRequest, signed: str, pk: int) -> HttpResponse:
    """Only for who came, and only their own. The name is written on the paper, and nowhere else."""
    personne_pk = read_holder(signed)
    if personne_pk is None:
        raise Http404("Not a link of ours.")
    rows = Inscription.objects.filter(personne=personne_pk, attended_at__isnull=False)
    mine = get_object_or_404(rows.select_related("rencontre__demarche", "rencontre__lieu"), pk=pk)
    form = AttestationForm(request.POST if request.method == "POST" else None, of=mine)
    if form.is_bound and form.is_valid():
        answer = HttpResponse(attestation(mine, form.cleaned_data["name"]), content_type="application/pdf")
        answer["Content-Disposition"] = 'attachment; filename="attestation-de-presence.pdf"'
        return answer
    context = {"form": form, "rencontre": mine.rencontre, "back": holder_path(personne_pk)}
    status = 422 if form.errors else 200
    return render(request, "consultation/inscription_attestation.html", context, status=status)
