"""The staff pages of the trunk, a module per subject."""

from . import (
    cahiers,
    contributions,
    demarches,
    news,
    papers,
    questions,
    recourse,
    rencontres,
    reserves,
    suites,
    textes,
    traces,
)

__all__ = [
    "cahiers",
    "contributions",
    "demarches",
    "news",
    "papers",
    "questions",
    "recourse",
    "rencontres",
    "reserves",
    "suites",
    "textes",
    "traces",
]
