"""The logo: whatever image is given, one small PNG is kept, drawn again from its pixels."""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from socle.identity.models import LOGO_MAX

UPLOAD_MAX = 2 * 1024 * 1024  # bytes
PIXELS_MAX = 25_000_000
WIDTH, HEIGHT = 220, 64  # on the page, at most; kept twice as fine where that stays small
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
COLOURS = (256, 64, 16)
# What Pillow raises on files that are broken, or made to be.
UNREADABLE = (
    UnidentifiedImageError,
    OSError,
    ValueError,
    SyntaxError,
    Image.DecompressionBombWarning,
    Image.DecompressionBombError,
)


class LogoError(Exception):
    """The sentence is for whoever gave the file."""


@dataclass(frozen=True)
class Logo:
    """Its size is the one it has on the page, in CSS pixels."""

    data: bytes
    width: int
    height: int

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.data).hexdigest()[:16]


def drawn(content: bytes) -> Logo:
    """The image, small and without anything but its pixels; raises LogoError."""
    if len(content) > UPLOAD_MAX:
        raise LogoError("Ce fichier dépasse 2 Mo : enregistrez l’image en plus petit.")
    image = _opened(content)
    ratio = min(WIDTH / image.width, HEIGHT / image.height)
    width, height = max(1, round(image.width * ratio)), max(1, round(image.height * ratio))
    for scale in (2, 1):
        fine = image.resize((width * scale, height * scale), Image.Resampling.LANCZOS)
        for colours in COLOURS:
            if len(data := _png(fine, colours)) <= LOGO_MAX:
                return Logo(data, width, height)
    raise LogoError(
        "Cette image est trop détaillée pour un logo : choisissez-en une version simple, sans photographie."
    )


def _opened(content: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=FORMATS)
            too_large = image.width * image.height > PIXELS_MAX
            pixels = None if too_large else image.convert("RGBA")
    except UNREADABLE:
        raise LogoError("Ce fichier n’est pas une image PNG, JPEG, WebP ou GIF que l’on sache lire.") from None
    if pixels is None:
        raise LogoError("Cette image a trop de points : enregistrez-la en plus petit.")
    return pixels


def _png(image: Image.Image, colours: int) -> bytes:
    out = io.BytesIO()
    image.quantize(colours, method=Image.Quantize.FASTOCTREE).save(out, "PNG", optimize=True)
    return out.getvalue()
