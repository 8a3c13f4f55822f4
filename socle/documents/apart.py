"""The files of others are opened in a process of its own: less memory, less time, and nothing of ours to take.

PDFium is not made for threads, and what reads images and PDF may be led by a hostile file to break, to loop or to ask
for all the memory there is: then that process ends, and the answer is a sentence.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from socle.documents.kinds import RefusedFileError

SECONDS = 60  # the front proxy waits longer (deploy/nginx.conf)
HOUSE = Path(__file__).resolve().parent.parent.parent
UNREADABLE = (
    "Ce fichier ne peut pas être lu : il est incomplet, protégé par un mot de passe, ou trop lourd à ouvrir. "
    "Ouvrez-le chez vous, enregistrez-le de nouveau ou numérisez-le encore, puis recommencez."
)


def run_apart(work: str, source: Path, media_type: str, target: Path) -> dict:
    """What `python -m socle.documents` says of the file once `target` is written; RefusedFileError otherwise."""
    command = [sys.executable, "-m", "socle.documents", work, str(source), media_type, str(target)]
    # No setting of the portal goes there: neither its key nor its database.
    surroundings = {"PATH": os.defpath, "LANG": "C.UTF-8"}
    try:
        done = subprocess.run(
            command, cwd=HOUSE, env=surroundings, capture_output=True, timeout=SECONDS, check=True, text=True
        )
        told = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as broken:
        raise RefusedFileError(UNREADABLE) from broken
    if "refused" in told:
        raise RefusedFileError(told["refused"] or UNREADABLE)
    return told
