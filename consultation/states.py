"""The life of a contribution, in one table."""

from consultation.choices import ContributionState as S

# from → to; a change of state is a conditional UPDATE and a `Decision` row (see `actions.change_state`).
TRANSITIONS: frozenset[tuple[str, str]] = frozenset(
    {
        (S.TO_CONFIRM, S.WAITING),
        (S.TO_CONFIRM, S.PUBLISHED),  # moderation after publication: the address is proved, it appears
        (S.WAITING, S.PUBLISHED),
        (S.WAITING, S.REFUSED),
        (S.PUBLISHED, S.WITHDRAWN),
        (S.WITHDRAWN, S.PUBLISHED),
    }
)


def allowed_from(to_state: str) -> list[str]:
    """The states from which one may come to `to_state`."""
    return sorted(start for start, end in TRANSITIONS if end == to_state)
