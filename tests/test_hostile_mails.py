"""Hostile text in the mails that carry what staff or citizens wrote."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.policy import SMTP, default

import pytest
from django.test import Client
from django.utils import timezone

from consultation.actions.contributions import change_state
from consultation.choices import ContributionState
from consultation.emails.rencontres import Coming, reminder
from consultation.models import Contribution, RefusalReason, Rencontre
from socle.courriels.actions import enqueue_many
from tests.factories import make_inscription, make_superuser
from tests.hostile import AS_STORED, TEXTS, assert_inert, make_full_portal, write_everywhere
from tests.writing import contribute, mails

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("name", AS_STORED)
def test_mails_gain_no_header_link_or_tag(monkeypatch, name):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)
    make_full_portal()
    text = TEXTS[name]
    waiting = Contribution.objects.waiting().select_related("demarche").get()
    published = Contribution.objects.published().filter(personne__isnull=False).select_related("demarche").get()
    coming = Rencontre.objects.published().filter(starts_at__gt=timezone.now())
    inscription = make_inscription(rencontre=coming.earliest("starts_at"))
    write_everywhere(text)
    reason = RefusalReason.objects.latest("pk")
    staff = make_superuser(display_name=text[:120])
    for row in (waiting, published, inscription.rencontre):
        row.refresh_from_db()
    change_state(waiting, ContributionState.PUBLISHED, by=staff, message=text)
    change_state(published, ContributionState.WITHDRAWN, by=staff, reason=reason, message=text)
    enqueue_many([reminder(inscription.personne, [Coming(inscription, "demain", text)], "rappel")])
    contribute(Client(), email="alice@example.org")
    sent = mails()
    assert len(sent) == 4
    for message in sent:
        raw = message.message(policy=SMTP).as_bytes()
        parsed = message_from_bytes(raw, policy=default)
        assert len(parsed["To"].addresses) == 1
        assert parsed["Bcc"] is None and parsed["Attendee"] is None
        assert len(parsed.get_all("Subject")) == 1 and "\n" not in parsed["Subject"]
        assert "\u202e" not in parsed["Subject"]
        html = parsed.get_body(("html",)).get_content()
        assert_inert(html, parsed["Subject"])
        for link in re.findall(r'href="([^"]*)"', html):
            assert link.startswith("http://localhost:8000/"), link
