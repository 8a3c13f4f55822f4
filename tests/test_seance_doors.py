"""The pages of one séance: whoever runs its atelier, and the responsable of the démarche; nobody else, by no verb."""

from __future__ import annotations

import pytest

from tests.factories import make_atelier, make_demarche, make_role, make_superuser, make_user
from tests.minutes import animator, held, opened

pytestmark = pytest.mark.django_db
PAGES = ("compte-rendu/", "absents/", "absents/feuille.pdf")
POSTS = ("compte-rendu/", "compte-rendu/ouvrir/", "compte-rendu/adopter/", "compte-rendu/remarques/1/", "absents/")


@pytest.fixture
def seance():
    return held()


def who(seance, name):
    demarche = seance.atelier.demarche
    if name in ("lecteur", "moderateur", "redacteur", "responsable"):
        return make_role(demarche=demarche, kind=name).user
    made = {
        "anonymous": lambda: None,
        "somebody with an account": make_user,
        "staff without a role": lambda: make_user(is_staff=True),
        "who runs it": lambda: animator(seance),
        "who runs another atelier": lambda: animator(held(atelier=make_atelier(demarche=demarche))),
        "who ran it": lambda: ended(seance),
        "responsable elsewhere": lambda: make_role(demarche=make_demarche(), kind="responsable").user,
        "administrateur": make_superuser,
    }
    return made[name]()


def ended(seance):
    user = animator(seance)
    seance.atelier.animations.filter(user=user).update(ends_on="2011-01-01")
    return user


@pytest.mark.parametrize(
    ("name", "get"),
    [
        ("anonymous", 302),
        ("somebody with an account", 302),
        ("staff without a role", 404),
        ("who runs another atelier", 404),
        ("who ran it", 404),
        ("responsable elsewhere", 404),
        ("lecteur", 403),
        ("moderateur", 403),
        ("redacteur", 403),
        ("who runs it", 200),
        ("responsable", 200),
        ("administrateur", 200),
    ],
)
def test_doors(client, seance, name, get):
    before = opened(seance)
    user = who(seance, name)
    if user:
        client.force_login(user)
    base = f"/admin/ateliers/atelier/{seance.atelier_id}/seances/{seance.rank}/"
    for page in PAGES:
        answered = client.get(base + page)
        assert answered.status_code == get, page
        assert {"private", "no-store"} <= set(answered["Cache-Control"].replace(" ", "").split(",")), page
    if get == 200:
        return
    for page in POSTS:
        typed = {"numeroter": "oui", "introduction": "Pirate", "words": "Pirate", "taken_up": "oui"}
        assert client.post(base + page, typed).status_code == get, page
    before.refresh_from_db()
    assert (before.state, before.introduction) == ("ouvert", "Nous étions nombreux.")


def test_a_seance_that_is_none_is_not_found(client, seance):
    client.force_login(make_superuser())
    for rank in (0, 9, 99999999999999999999):
        base = f"/admin/ateliers/atelier/{seance.atelier_id}/seances/{rank}/"
        assert [client.get(base + page).status_code for page in PAGES] == [404, 404, 404]
