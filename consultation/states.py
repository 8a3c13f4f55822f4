"""The life of a contribution, in one table."""

from consultation.choices import ContributionState as S
from consultation.choices import DecisionCause as C

# from, to → what may cause it; a change of state is a conditional UPDATE and a `Decision` row (`actions.change_state`).
TRANSITIONS: dict[tuple[str, str], frozenset[str]] = {
    # A moderator takes what was never confirmed, as what comes without an address.
    (S.TO_CONFIRM, S.WAITING): frozenset({C.RULE, C.MODERATION}),
    (S.TO_CONFIRM, S.PUBLISHED): frozenset({C.RULE}),  # moderation after publication: the address is proved, it appears
    (S.TO_CONFIRM, S.WITHDRAWN): frozenset({C.AUTHOR}),
    (S.WAITING, S.PUBLISHED): frozenset({C.MODERATION}),
    (S.WAITING, S.REFUSED): frozenset({C.MODERATION}),
    (S.WAITING, S.WITHDRAWN): frozenset({C.AUTHOR}),
    (S.PUBLISHED, S.WITHDRAWN): frozenset({C.AUTHOR, C.MODERATION, C.SIGNALEMENT}),
    # What its author withdrew comes back by nobody (`change_state`).
    (S.WITHDRAWN, S.PUBLISHED): frozenset({C.MODERATION, C.REEXAMEN}),
    (S.REFUSED, S.PUBLISHED): frozenset({C.REEXAMEN}),
}


def allowed_from(to_state: str, cause: str = C.MODERATION) -> list[str]:
    """The states from which `cause` may lead to `to_state`."""
    return sorted(start for (start, end), causes in TRANSITIONS.items() if end == to_state and cause in causes)
