"""What a file is, by its first bytes, and whether its name says the same; nothing here needs Django."""

from __future__ import annotations

from pathlib import PurePosixPath

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
SIGNATURES = ((b"%PDF-", PDF), (b"\xff\xd8\xff", JPEG), (b"\x89PNG\r\n\x1a\n", PNG))
EXTENSIONS = {".pdf": PDF, ".jpg": JPEG, ".jpeg": JPEG, ".png": PNG}
NAMES = {PDF: "PDF", JPEG: "JPEG", PNG: "PNG"}


class RefusedFileError(ValueError):
    """The file is not taken; the sentence tells whoever brought it why, and what to do."""


def recognise(head: bytes, name: str, taken: tuple[str, ...]) -> str:
    """The media type of a file that begins so; its name must agree, and it must be one of `taken`."""
    found = next((kind for signature, kind in SIGNATURES if head.startswith(signature)), None)
    if not head:
        raise RefusedFileError("Ce fichier est vide. Vérifiez-le, puis choisissez-le de nouveau.")
    if found not in taken:
        raise RefusedFileError(
            f"Ce fichier n’est pas {_either([f'un {NAMES[one]}' for one in taken])}, quel que soit son nom. "
            f"Enregistrez-le en {_either([NAMES[one] for one in taken])} et recommencez."
        )
    extension = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    if EXTENSIONS.get(extension) != found:
        raise RefusedFileError(
            f"Ce fichier est un {NAMES[found]}, mais son nom se termine par « {extension[:12] or 'rien'} ». "
            "Vérifiez que c’est le bon, puis corrigez la fin de son nom."
        )
    return found


def _either(names: list[str]) -> str:
    return " ou ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
