"""Supporting a contribution: once for each proved address, whatever the number of clicks."""

import csv
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from consultation import limits, links
from consultation.actions import answers as actions
from consultation.actions.contributions import change_state
from consultation.choices import ContributionState, SoutienMode
from consultation.exporting import open_query, write
from consultation.models import Demarche, Soutien
from socle.comptes.models import Personne
from socle.exports.formats import CSV
from tests.factories import (
    local,
    make_contribution,
    make_demarche,
    make_personne,
    make_reason,
    make_superuser,
    make_user,
)
from tests.writing import mails, text_of

pytestmark = pytest.mark.django_db
LIST = "/contributions/"


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def contribution():
    return make_contribution(demarche=make_demarche(), title="Des bus le soir", personne=make_personne())


def form_of(contribution):
    return f"{contribution.get_absolute_url()}soutenir/"


def link_in(message):
    return re.search(r"https?://[^/]+(/contributions/soutien/\S+)", message.body)[1]


def ask(client, contribution, email="alice@example.org"):
    """The link of the mail that the form sends."""
    assert client.post(form_of(contribution), {"email": email}).status_code == 200
    (message,) = mails()
    assert message.to == [email]
    return link_in(message)


def count(contribution):
    """The counter, which must be the number of rows."""
    contribution.refresh_from_db(fields=["support_count"])
    assert contribution.support_count == Soutien.objects.filter(contribution=contribution).count()
    return contribution.support_count


# By mail


def test_the_link_asks_its_button_gives_and_takes_back(client, contribution):
    link = ask(client, contribution)
    page = client.get(link)
    assert "Des bus le soir" in text_of(page) and "Oui, je la soutiens" in text_of(page)
    assert (count(contribution), Personne.objects.get(email="alice@example.org").is_confirmed) == (0, False)
    assert "Votre soutien est compté" in text_of(client.post(link))
    assert Personne.objects.get(email="alice@example.org").is_confirmed
    assert "Vous soutenez cette contribution" in text_of(client.post(link))
    assert count(contribution) == 1
    assert "Votre soutien est retiré" in text_of(client.post(link, {"retirer": "oui"}))
    assert "pas de soutien à retirer" in text_of(client.post(link, {"retirer": "oui"}))
    assert count(contribution) == 0
    assert "Votre soutien est compté" in text_of(client.post(link))


def test_the_mail_holds_no_word_of_anybody(client, contribution):
    client.post(form_of(contribution), {"email": "alice@example.org"})
    (message,) = mails()
    whole = message.body + message.alternatives[0].content
    assert contribution.reference in whole
    assert contribution.title not in whole and contribution.body not in whole


def test_an_old_link_offers_a_new_one_and_still_takes_back(client, contribution, monkeypatch):
    link = ask(client, contribution)
    monkeypatch.setattr("consultation.links.CONFIRM_AGE", timedelta(seconds=-1))
    page = client.get(link)
    assert (page.status_code, "a plus de" in text_of(page)) == (410, True)
    assert "Un courriel part" in text_of(client.post(link))
    monkeypatch.undo()
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)
    (message,) = mails()
    client.post(link_in(message))
    monkeypatch.setattr("consultation.links.CONFIRM_AGE", timedelta(seconds=-1))
    assert "Vous soutenez" in text_of(client.get(link))
    client.post(link, {"retirer": "oui"})
    assert count(contribution) == 0


@pytest.mark.parametrize("forged", ["x", "a:b:c", "é", "eyJhIjoxfQ:1t:x"])
def test_a_link_that_is_not_ours_is_nothing(client, forged):
    assert client.get(f"/contributions/soutien/{forged}/").status_code == 404


def test_the_link_that_confirms_a_contribution_supports_nothing(client, contribution):
    signed = links.confirmation_path(contribution, contribution.personne).rstrip("/").rpartition("/")[2]
    assert client.post(f"/contributions/soutien/{signed}/").status_code == 404
    assert count(contribution) == 0


@pytest.mark.parametrize("typed", ["", "pas une adresse", "a@b", "é" * 300, "x\0"])
def test_a_wrong_address_is_said_and_kept(client, contribution, typed):
    response = client.post(form_of(contribution), {"email": typed})
    assert response.status_code == 422
    assert not mails()


def test_nobody_learns_from_the_form_who_wrote_or_who_supports(client, contribution):
    other = make_personne(email="bob@example.org")
    actions.support(other, contribution)
    said = []
    for email in (contribution.personne.email, "bob@example.org", "nobody@example.org"):
        page = text_of(client.post(form_of(contribution), {"email": email}))
        said.append(page.replace(email, "…"))
    assert said[0] == said[1] == said[2]


def test_three_mails_an_hour_to_one_address(client, contribution):
    for _ in range(limits.MAILS.count):
        assert client.post(form_of(contribution), {"email": "alice@example.org"}).status_code == 200
    response = client.post(form_of(contribution), {"email": "ALICE@example.org"})
    assert (response.status_code, "n’est pas parti" in text_of(response)) == (429, True)
    assert len(mails()) == limits.MAILS.count


def test_too_many_from_one_connection_keeps_the_address_typed(client, contribution, monkeypatch):
    monkeypatch.setattr(limits, "SOUTIENS", limits.Limit("essai", 1, limits.HOUR))
    client.post(form_of(contribution), {"email": "un@example.org"})
    response = client.post(form_of(contribution), {"email": "deux@example.org"})
    assert response.status_code == 429
    assert 'value="deux@example.org"' in response.text


# Signed in, own, withdrawn, closed, off


def test_a_proved_account_needs_no_mail(client, contribution):
    client.force_login(make_user(personne=make_personne()))
    assert "Oui, je la soutiens" in text_of(client.get(form_of(contribution)))
    assert count(contribution) == 0
    assert "Votre soutien est compté" in text_of(client.post(form_of(contribution)))
    assert (count(contribution), mails()) == (1, [])


def test_an_account_whose_address_is_not_proved_is_sent_the_link(client, contribution):
    client.force_login(make_user(personne=make_personne(confirmed_at=None)))
    assert "Votre adresse électronique" in text_of(client.get(form_of(contribution)))
    assert client.post(form_of(contribution)).status_code == 422
    assert count(contribution) == 0


def test_nobody_supports_their_own(client, contribution):
    link = links.soutien_path(contribution, contribution.personne)
    for answered in (client.get(link), client.post(link)):
        assert "C’est votre contribution" in text_of(answered)
    assert count(contribution) == 0


def test_what_is_withdrawn_is_no_longer_supported_and_its_words_are_gone(client, contribution):
    link, given = ask(client, contribution), make_personne()
    actions.support(given, contribution)
    change_state(contribution, ContributionState.WITHDRAWN, by=make_superuser(), reason=make_reason())
    assert client.get(form_of(contribution)).status_code == 404
    for answered in (client.get(link), client.post(link), client.get(links.soutien_path(contribution, given))):
        assert "n’est plus publiée" in text_of(answered) and "Des bus le soir" not in text_of(answered)
    assert count(contribution) == 1
    client.post(links.soutien_path(contribution, given), {"retirer": "oui"})
    assert count(contribution) == 0


@pytest.mark.parametrize("state", sorted(set(ContributionState.values) - {ContributionState.PUBLISHED}))
def test_what_is_not_published_has_no_form(client, state):
    row = make_contribution(state=state, title="Titre caché")
    response = client.get(form_of(row))
    assert (response.status_code, "Titre caché" in response.text) == (404, False)


def test_after_the_closing_instant_nothing_is_given(client, contribution):
    link = ask(client, contribution)
    contribution.demarche.contributions_close_at = timezone.now()
    contribution.demarche.save()
    for answered in (client.get(link), client.post(link), client.post(form_of(contribution), {"email": "a@b.fr"})):
        assert (answered.status_code, "ferment à la même heure" in text_of(answered)) == (409, True)
    assert (count(contribution), mails()) == (0, [])


def test_where_soutiens_are_off_there_is_nothing(client, contribution):
    contribution.demarche.soutiens_mode = SoutienMode.OFF
    contribution.demarche.save()
    assert client.get(form_of(contribution)).status_code == 404
    assert "outien" not in text_of(client.get(contribution.get_absolute_url()))


@pytest.mark.parametrize(
    ("mode", "closes", "shown"),
    [
        (SoutienMode.SHOWN, None, True),
        (SoutienMode.HIDDEN, None, False),
        (SoutienMode.HIDDEN, local(1), False),
        (SoutienMode.HIDDEN, local(-1), True),
        (SoutienMode.OFF, local(-1), False),
    ],
)
def test_numbers_are_shown_everywhere_or_nowhere(tmp_path, contribution, mode, closes, shown):
    """On the page, the cards, in the order of the list, in the open data."""
    actions.support(make_personne(), contribution)
    Demarche.objects.update(soutiens_mode=mode, contributions_close_at=closes)
    page, listed = (text_of(Client().get(address)) for address in (contribution.get_absolute_url(), LIST))
    assert ("Une personne soutient" in page, "1 soutien" in listed, "Plus soutenues" in listed) == (shown,) * 3
    assert ("paraîtront à la clôture" in page) == (mode == SoutienMode.HIDDEN and not shown)
    write(open_query(contribution.demarche), CSV, tmp_path / "open.csv")
    (row,) = csv.DictReader((tmp_path / "open.csv").read_text("utf-8-sig").splitlines(), delimiter=";")
    assert row["soutiens"] == ("1" if shown else "")


def test_the_most_supported_first_only_when_asked(client, contribution):
    newer = make_contribution(title="Plus récente")
    actions.support(make_personne(), contribution)
    read = lambda **query: [card.contribution for card in client.get(LIST, query).context["listing"].cards]  # noqa: E731
    assert (read(), read(tri="soutenues")) == ([newer, contribution], [contribution, newer])
