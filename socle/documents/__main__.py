"""`python -m socle.documents WORK SOURCE MEDIA_TYPE TARGET`: open one file, tell in a line of JSON what it was."""

import contextlib
import json
import resource
import sys
from pathlib import Path

from PIL import Image

from socle.documents import pdfs, scans
from socle.documents.kinds import RefusedFileError

MEMORY = 1024**3  # bytes
PROCESSOR = 50  # seconds
LARGEST_FILE = 60 * 1024**2  # bytes written
DRAWN = {"scan": scans.redraw, "photo": scans.redraw_photo, "thumbnail": scans.redraw_thumbnail}


def limit() -> None:
    wanted = {
        resource.RLIMIT_AS: MEMORY,
        resource.RLIMIT_CPU: PROCESSOR,
        resource.RLIMIT_FSIZE: LARGEST_FILE,
        resource.RLIMIT_CORE: 0,
    }
    for name, most in wanted.items():
        with contextlib.suppress(ValueError, OSError):  # some systems do not know how
            resource.setrlimit(name, (most, most))


def work(name: str, source: Path, media_type: str, target: Path) -> dict:
    if draw := DRAWN.get(name):
        return {"pages": draw(source, media_type, target)}
    return pdfs.clean(source, target)


def main(name: str, source: str, media_type: str, target: str) -> None:
    limit()
    Image.MAX_IMAGE_PIXELS = scans.MAX_PIXELS
    try:
        told = work(name, Path(source), media_type, Path(target))
    except RefusedFileError as refused:
        told = {"refused": str(refused)}
    except Exception:  # noqa: BLE001 (a hostile file may raise anything; it is unreadable, whatever it raised)
        told = {"refused": ""}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
