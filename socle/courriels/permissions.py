"""Who sees what of the outbox. The text of a mail is never shown there: it may hold a link that opens an account."""

from typing import Any


def can_see_list(user: Any) -> bool:
    return user.is_active and user.is_staff and user.has_perm("courriels.view_envoi")


def can_see_address(user: Any) -> bool:
    """Addresses are for those who answer « je n’ai rien reçu »."""
    return can_see_list(user) and user.has_perm("courriels.view_address")


def can_resend(user: Any) -> bool:
    return can_see_list(user) and user.has_perm("courriels.change_envoi")


def can_read_kept(user: Any) -> bool:
    """Whole mails, links included: only where no mail leaves the machine, and only for who is trusted with them."""
    return can_see_list(user) and user.has_perm("courriels.read_kept")
