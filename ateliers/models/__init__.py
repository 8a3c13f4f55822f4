from .atelier import Animation, Atelier, CameBy, Membre, Objective, Seance

__all__ = ["Animation", "Atelier", "CameBy", "Membre", "Objective", "Seance"]
