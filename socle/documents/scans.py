"""A scan or a photograph, drawn again from its pixels: nothing else of the file is kept (no EXIF, no place, no code).

Run in a process of its own (`apart`), where a file that takes too much memory or too long ends nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pypdfium2
from PIL import Image, ImageOps

from socle.documents.kinds import JPEG, PDF, PNG, RefusedFileError

MAX_PAGES = 30
MAX_PIXELS = 50_000_000  # an A4 sheet at 600 dpi has 35 million
LONGEST_SIDE = 2480  # pixels: an A4 sheet at 210 dpi, small handwriting stays readable
DPI = 150  # of a page drawn from a PDF
JPEG_QUALITY = 82
PHOTO_SIDE = 1600  # pixels, of a photograph shown whole
THUMBNAIL_BYTES = 2500  # two of them stand in the first view of a page (design §8)
# (longest side in pixels, quality): the first that is light enough; the last is kept whatever it weighs.
THUMBNAILS = ((220, 60), (220, 40), (180, 40), (180, 25), (140, 25), (140, 12), (100, 8))
FORMATS = {JPEG: "JPEG", PNG: "PNG"}
WHITE = (255, 255, 255)


def redraw(source: Path, media_type: str, target: Path) -> int:
    """Write to `target` the same pages, of the same kind; how many there are."""
    if media_type == PDF:
        return _write_pdf(_drawn_pages(source), target)
    with Image.open(source, formats=[FORMATS[media_type]]) as image:
        _clean(image).save(target, FORMATS[media_type], quality=JPEG_QUALITY, optimize=media_type == PNG)
    return 1


def redraw_photo(source: Path, media_type: str, target: Path) -> int:
    """A JPEG, whatever came."""
    with Image.open(source, formats=[FORMATS[media_type]]) as image:
        _clean(image, PHOTO_SIDE).save(target, "JPEG", quality=JPEG_QUALITY, optimize=True, progressive=True)
    return 1


def redraw_thumbnail(source: Path, media_type: str, target: Path) -> int:
    """The same, small: a JPEG of THUMBNAIL_BYTES at most."""
    with Image.open(source, formats=[FORMATS[media_type]]) as image:
        clean = _clean(image, PHOTO_SIDE)
    for side, quality in THUMBNAILS:
        small = clean.copy()
        small.thumbnail((side, side))
        small.save(target, "JPEG", quality=quality, optimize=True)
        if target.stat().st_size <= THUMBNAIL_BYTES:
            break
    return 1


def _clean(image: Image.Image, longest: int = LONGEST_SIDE) -> Image.Image:
    """Upright, on white, not too large, with its pixels alone."""
    if image.width * image.height > MAX_PIXELS:
        raise RefusedFileError(
            "Cette image est trop grande pour être ouverte sans risque. Réduisez-la ; un papier se numérise à "
            "300 points par pouce."
        )
    image.draft("RGB", (longest, longest))  # a large JPEG is read at a fraction of its size
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I;16"):  # sixteen bits of grey, which Pillow would cut at white, not bring down to eight
        image = image.point(lambda level: level / 256).convert("L")
    if image.mode not in ("L", "RGB"):
        image = _on_white(image)
    image.thumbnail((longest, longest))
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    return bare


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    sheet = Image.new("RGB", image.size, WHITE)
    layer = image.convert("RGBA")
    sheet.paste(layer, mask=layer)
    return sheet


def _drawn_pages(source: Path) -> Iterator[Image.Image]:
    """One page in memory at a time."""
    document = pypdfium2.PdfDocument(source)
    try:
        if not 0 < len(document) <= MAX_PAGES:
            raise RefusedFileError(f"Ce PDF a {len(document)} pages ; un scan en a {MAX_PAGES} au plus. Coupez-le.")
        for number in range(len(document)):
            page = document[number]
            width, height = page.get_size()
            scale = min(DPI / 72, LONGEST_SIDE / max(width, height, 1))
            yield page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
            page.close()
    finally:
        document.close()


def _write_pdf(pages: Iterator[Image.Image], target: Path) -> int:
    count = 0
    for count, page in enumerate(pages, start=1):
        # Pillow would take the title from the name of the file.
        page.save(target, "PDF", append=count > 1, title="", resolution=DPI, quality=JPEG_QUALITY)
    return count
