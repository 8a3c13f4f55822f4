"""The door of the built files: their owner only, and the right is asked again each time."""

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from socle.comptes import second_factor
from socle.exports.files import storage
from socle.exports.models import UNFINISHED, Export
from socle.exports.permissions import can_download
from socle.pagecache.decorators import personal_page


@personal_page
@login_required
@require_safe
def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    export = get_object_or_404(Export.objects.owned_by(request.user), pk=pk)
    if second_factor.needed(request):
        return redirect_to_login(request.get_full_path(), reverse("admin:login"))
    if not can_download(request.user, export):
        raise PermissionDenied
    if export.state in UNFINISHED:
        return render(request, "exports/waiting.html", {"export": export}, status=409)
    path = storage() / export.file
    if not (export.is_available and path.is_file()):
        return render(request, "exports/gone.html", {"export": export}, status=410)
    response = FileResponse(path.open("rb"), as_attachment=True, filename=export.download_name)
    response["X-Content-Type-Options"] = "nosniff"
    return response
