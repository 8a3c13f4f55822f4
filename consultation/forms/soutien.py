"""The form of who supports a contribution."""

from __future__ import annotations

from consultation.forms.base import LinkedErrors, email_field


class SoutienForm(LinkedErrors):
    email = email_field(
        "Votre adresse électronique",
        help_text="Un courriel y part : votre soutien compte quand vous en suivez le lien. "
        "Elle n’est jamais publiée, et ne sert qu’à ce qu’on ne soutienne qu’une fois.",
    )
