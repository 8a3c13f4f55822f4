"""Hiding a passage: the public text everywhere, what was there kept by staff, said on the page and to the author."""

import json
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from consultation import masking
from consultation.actions import moderation as actions
from consultation.actions import recourse
from consultation.actions.contributions import StaleState
from consultation.choices import ContributionState, VersionCause
from consultation.models import Contribution, Version
from socle.registre.models import Entree
from tests.factories import make_contribution, make_demarche, make_personne, make_reason, make_role
from tests.moderating import act, make_waiting, page_of
from tests.writing import mails, text_of

pytestmark = pytest.mark.django_db
MARK = masking.MARK


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def moderator(client):
    user = make_role(demarche=make_demarche()).user
    client.force_login(user)
    return user


def mask(client, contribution, *passages, **said):
    return act(client, contribution, "mask", passages="\n".join(passages), **{"reason": "Un nom."} | said)


# The words


@pytest.mark.parametrize(
    ("words", "text", "hidden"),
    [
        (["M. Dupont"], "M. Dupont et M.\nDupont, mais M. Dupontel.", f"{MARK} et {MARK}, mais M. Dupontel."),
        (["a.b", "c"], "a.b axb c", f"{MARK} axb {MARK}"),
        (["un deux", "un deux trois"], "un deux trois un deux", f"{MARK} {MARK}"),
        (["passage"], f"un passage, {MARK}", f"un {MARK}, {MARK}"),
        (["06 12 34 56 78"], "tél.06 12 34 56 78", f"tél.{MARK}"),
        (["(.*)"], "tout (.*) ou rien", f"tout {MARK} ou rien"),
    ],
)
def test_whole_words_are_hidden_wherever_they_are(words, text, hidden):
    assert masking.hide(words, text)[0] == [hidden]


def test_one_of_them_is_hidden_where_it_is_chosen():
    texts, hidden = masking.hide(["Léa"], "Léa", "Léa et Léa", only=2)
    assert (texts, hidden) == (["Léa", f"{MARK} et Léa"], 1)


# The act


def test_a_published_passage_is_hidden_everywhere_and_said(client, moderator):
    contribution = make_contribution(title="La rue de Mme Zola", body="Mme Zola bloque tout.\n\nEt le bus ?")
    before = timezone.now()
    assert mask(client, contribution, "Mme Zola", reason="Une personne y est nommée.").url == page_of(contribution)
    contribution.refresh_from_db()
    assert (contribution.title, contribution.body) == (f"La rue de {MARK}", f"{MARK} bloque tout.\n\nEt le bus ?")
    assert contribution.masked_at > before
    version = Version.objects.get()
    assert (version.body, version.cause, version.by) == (
        "Mme Zola bloque tout.\n\nEt le bus ?",
        VersionCause.MASKING,
        moderator,
    )
    addresses = (
        contribution.get_absolute_url(),
        "/contributions/",
        "/contributions/?q=bus",
        "/recherche/?q=bus",
        "/flux/contributions.atom",
        f"/donnees/{contribution.demarche.slug}/contributions.csv",
    )
    for address in addresses:
        response = client.get(address)
        content = b"".join(response.streaming_content) if response.streaming else response.content
        assert "passage masqué" in content.decode(), address
        assert "Zola" not in content.decode(), address
    assert not Contribution.objects.matching("Zola").exists()
    page = text_of(client.get(contribution.get_absolute_url()))
    assert "Un passage a été masqué par la modération" in page
    assert "Une personne y est nommée." in page
    assert "Mme Zola bloque tout." in text_of(client.get(page_of(contribution)))


def test_the_register_holds_the_act_and_no_word_of_it(client, moderator):
    contribution = make_contribution(body="Mme Zola, et encore Mme Zola.")
    mask(client, contribution, "Mme Zola", reason="Mme Zola y est nommée.")
    entree = Entree.objects.get(kind="contribution.masquee")
    assert (entree.subject, entree.facts) == (contribution.reference, {"passages": 2})
    assert "Zola" not in json.dumps(entree.facts)
    mask(client, make_waiting(body="Mme Zola"), "Mme Zola")  # what is not public is not told
    assert Entree.objects.filter(kind="contribution.masquee").count() == 1


def test_hidden_before_publication_it_appears_hidden(client, moderator):
    contribution = make_waiting(body="Appelez le 06 12 34 56 78 le soir.")
    page = client.get(page_of(contribution)).content.decode()
    assert "06 12 34 56 78 <span" in page
    assert 'name="passages"' in page
    assert ">\n06 12 34 56 78</textarea>" in page  # what is spotted is there already
    mask(client, contribution, "06 12 34 56 78")
    assert client.post(page_of(contribution), {"to_state": "publiee"}).status_code == 302
    contribution.refresh_from_db()
    assert (contribution.is_published, contribution.body) == (True, f"Appelez le {MARK} le soir.")
    assert "Un passage a été masqué" in text_of(client.get(contribution.get_absolute_url()))


@pytest.mark.parametrize(
    ("body", "still_said"), [(f"Autre chose, {MARK}.", True), ("Autre chose, le 06 12 34 56 78.", False)]
)
def test_its_author_writes_over_what_was_hidden_and_the_page_says_what_is_true(client, moderator, body, still_said):
    contribution = make_waiting(body="Appelez le 06 12 34 56 78 le soir.")
    mask(client, contribution, "06 12 34 56 78")
    contribution.refresh_from_db()
    recourse.correct(contribution, title=contribution.title, body=body)
    contribution.refresh_from_db()
    assert (contribution.masked_at is not None) == still_said


@pytest.mark.parametrize(
    "said",
    [
        {"passages": "", "reason": "Un nom."},
        {"passages": "Zola", "reason": ""},
        {"passages": "absent", "reason": "Un nom."},
        {"passages": "Zola\nabsent", "reason": "Un nom."},
        {"passages": "Z", "reason": "Un nom."},
        {"passages": "Zola", "reason": "r" * 301},
        {"passages": "Zola", "reason": "Un nom.", "only": "3"},
        {"passages": "Zola", "reason": "Un nom.", "only": "-1"},
        {"passages": "Zola\nbus", "reason": "Un nom.", "only": "1"},
        {"passages": "Zola", "reason": "Un nom.", "only": "1e9"},
        {"passages": MARK, "reason": "Un nom."},
    ],
)
def test_what_cannot_be_hidden_is_refused_and_stays_typed(client, moderator, said):
    contribution = make_waiting(body="Zola prend le bus, Zola revient.")
    response = act(client, contribution, "mask", **said)
    assert response.status_code == 422
    assert 'data-tool="mask" open' in " ".join(response.content.decode().split())
    contribution.refresh_from_db()
    assert contribution.masked_at is None
    assert not Version.objects.exists()


def test_nothing_is_hidden_in_words_that_changed_meanwhile(client, moderator):
    contribution = make_waiting(body="Zola prend le bus.")
    seen = contribution.words_seal
    Contribution.objects.filter(pk=contribution.pk).update(body="Zola, Zola, et Zola.")
    page = client.post(
        page_of(contribution), {"act": "mask", "passages": "Zola", "reason": "Un nom.", "seen": seen}, follow=True
    )
    assert "ses mots ont changé" in text_of(page)
    assert not Version.objects.exists()


@pytest.mark.parametrize("state", [ContributionState.REFUSED, ContributionState.TO_CONFIRM])
def test_what_nobody_will_read_is_not_hidden(client, moderator, state):
    contribution = make_contribution(state=state, body="Zola")
    assert "Masquer un passage" not in text_of(client.get(page_of(contribution)))
    with pytest.raises(StaleState):
        actions.mask(contribution, by=moderator, passages=["Zola"], reason="Un nom.")


def test_a_title_that_would_grow_too_long_is_left_alone(client, moderator):
    contribution = make_waiting(title="ab " * 50)
    page = client.post(page_of(contribution), {"act": "mask", "passages": "ab", "reason": "Un nom."}, follow=True)
    assert "le titre serait trop long" in text_of(page)


@pytest.mark.django_db(transaction=True)
def test_the_author_is_told_why_and_not_what(client):
    client.force_login(make_role(demarche=make_demarche()).user)
    contribution = make_contribution(body="Mme Zola bloque tout.", personne=make_personne(email="alice@example.org"))
    mask(client, contribution, "Mme Zola", reason="Une personne y est <b>nommée</b>.")
    (message,) = mails()
    assert message.to == ["alice@example.org"]
    assert "Une personne y est <b>nommée</b>." in message.body
    assert "Zola" not in message.body + message.alternatives[0].content
    assert "<b>nommée" not in message.alternatives[0].content


def test_masked_then_taken_down_it_can_be_masked_again_and_put_back(client, moderator):
    contribution = make_contribution(body="Zola prend le bus de Hugo.", published_at=timezone.now() - timedelta(days=2))
    mask(client, contribution, "Zola")
    client.post(page_of(contribution), {"to_state": "retiree", "reason": make_reason().pk})
    mask(client, contribution, "Hugo")
    client.post(page_of(contribution), {"to_state": "publiee"})
    contribution.refresh_from_db()
    assert (contribution.is_published, contribution.body) == (True, f"{MARK} prend le bus de {MARK}.")
    assert Version.objects.count() == 2


def test_the_database_keeps_no_mask_without_its_reason_or_who_did_it(moderator):
    said = {"contribution": make_waiting(), "title": "Avant", "body": "Avant", "cause": VersionCause.MASKING}
    for missing in ({"by": moderator, "reason": ""}, {"by": None, "reason": "Un nom."}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Version.objects.create(**said, **missing)
    Version.objects.create(**said, by=moderator, reason="Un nom.")
