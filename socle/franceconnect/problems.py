"""Everything that may go wrong with FranceConnect, and what its page says: what happened, what is safe, what to do."""

from __future__ import annotations

from enum import Enum


class Problem(Enum):
    """Title, sentence, status."""

    RENOUNCED = (
        "Vous n’avez pas continué avec FranceConnect",
        "Vous avez quitté FranceConnect avant la fin. Rien n’a été transmis à ce site.",
        400,
    )
    STALE = (
        "Cette connexion n’est plus valable",
        "Elle a commencé il y a trop longtemps, a déjà servi, ou vient d’un autre navigateur. Rien n’a été fait.",
        400,
    )
    AWAY = (
        "FranceConnect ne répond pas",
        "Le service est injoignable ou occupé en ce moment. Rien n’a été fait ; réessayez dans quelques minutes.",
        502,
    )
    REFUSED = (
        "FranceConnect a refusé la connexion",
        "Le service n’a pas accepté la demande de ce site. Rien n’a été fait, et l’équipe en trouve la raison.",
        502,
    )
    UNSURE = (
        "Cette connexion n’est pas sûre",
        "La réponse reçue n’est pas celle de FranceConnect, ou n’est pas pour ce site. Elle n’a servi à rien.",
        502,
    )
    ELSEWHERE = (
        "Cette identité ouvre déjà un autre compte",
        "Elle est jointe à un autre compte de ce site. Rien n’a été changé : entrez dans celui-là pour l’en ôter.",
        409,
    )

    def __init__(self, title: str, sentence: str, status: int) -> None:
        self.title, self.sentence, self.status = title, sentence, status


class ProblemError(Exception):
    """`detail` is for the log: it never holds what was received."""

    def __init__(self, problem: Problem, detail: str) -> None:
        super().__init__(detail)
        self.problem = problem
