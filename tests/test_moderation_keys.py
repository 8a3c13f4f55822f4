"""One's own keys: off until they are asked for, each one can be changed, no two the same."""

import pytest

from consultation import moderation_keys
from consultation.models import ModerationKeys
from consultation.moderation_keys import ACTS, bindings, is_key
from tests.factories import make_demarche, make_role
from tests.moderating import KEYS, make_waiting, page_of
from tests.writing import text_of

pytestmark = pytest.mark.django_db
USUAL = bindings({})


@pytest.fixture
def moderator(client):
    user = make_role(demarche=make_demarche()).user
    client.force_login(user)
    return user


def test_no_key_works_until_it_is_asked_for(client, moderator):
    contribution = make_waiting()
    assert "data-keys" not in client.get(page_of(contribution)).content.decode()
    assert client.get(KEYS).status_code == 200
    assert not ModerationKeys.objects.exists()
    client.post(KEYS, USUAL | {"enabled": "on"})
    page = client.get(page_of(contribution)).content.decode()
    assert "data-keys" in page
    for act, key in USUAL.items():
        assert f'data-key="{act}">{key}<' in page
    client.post(KEYS, USUAL)
    assert "data-keys" not in client.get(page_of(contribution)).content.decode()


def test_keys_are_changed_and_are_ones_own(client, moderator):
    client.post(KEYS, USUAL | {"enabled": "on", "publish": "É", "help": "!"})
    kept = ModerationKeys.objects.get()
    assert (kept.user, kept.bindings["publish"], kept.bindings["help"]) == (moderator, "é", "!")
    assert 'value="é"' in client.get(KEYS).content.decode()
    client.force_login(make_role().user)
    assert 'value="é"' not in client.get(KEYS).content.decode()


@pytest.mark.parametrize("key", ["", "pp", "1", " ", "/", "'", "\0", "Ctrl", "\t", "<", "€", "½", "ß" * 3])
def test_what_is_no_key_is_refused_and_the_others_stay(client, moderator, key):
    response = client.post(KEYS, USUAL | {"publish": key, "next": "w"})
    assert response.status_code == 422
    assert moderation_keys.ACTS["publish"].label in text_of(response)
    assert 'value="w"' in response.content.decode()
    assert not ModerationKeys.objects.exists()


def test_a_key_does_one_thing(client, moderator):
    response = client.post(KEYS, USUAL | {"publish": "r"})
    assert response.status_code == 422
    assert text_of(response).count("« r » sert deux fois") >= 2


@pytest.mark.parametrize("kept", [{}, {"publish": "p"}, dict.fromkeys(ACTS, "p"), USUAL | {"publish": 3}])
def test_keys_that_are_not_whole_are_those_of_the_start(kept):
    assert bindings(kept) == USUAL


def test_the_keys_of_the_start_are_keys():
    assert len(set(USUAL.values())) == len(ACTS)
    assert all(is_key(key) for key in USUAL.values())
