"""Roles: given by a responsable by address, until a day; nobody raises themselves; each is written down and told."""

import threading
from contextlib import suppress
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from consultation.actions import roles as actions
from consultation.actions.roles import RoleRefusedError
from consultation.choices import RoleKind
from consultation.models import Role
from socle.access.models import Act, Trace
from socle.comptes import admin as comptes_admin
from socle.comptes.models import User
from socle.courriels.models import Envoi
from tests.factories import make_animation, make_demarche, make_role, make_superuser, make_user
from tests.test_soutiens_at_once import parallel

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def demarche():
    return make_demarche(title="La jeunesse")


@pytest.fixture
def responsable(client, demarche):
    user = make_role(demarche=demarche, kind=RoleKind.RESPONSABLE).user
    client.force_login(user)
    return user


def page_of(demarche):
    return f"/admin/consultation/demarche/{demarche.pk}/equipe/"


def give(client, demarche, **changes):
    typed = {"email": "ali@example.org", "name": "Ali Baba", "kind": RoleKind.REDACTEUR, "ends_on": ""}
    return client.post(page_of(demarche), typed | changes)


def change(client, role, gesture="finir", **typed):
    return client.post(page_of(role.demarche), {"role": role.pk, gesture: "oui", "ends_on": ""} | typed)


def traces(act=None):
    rows = Trace.objects.filter(act=act) if act else Trace.objects.exclude(act__in=(Act.LOOKED, Act.TAKEN))
    return list(rows.order_by("pk").values_list("act", "by", "whom", "what", "scope"))


def days(number):
    return timezone.localdate() + timedelta(days=number)


def test_a_responsable_invites_an_address_that_has_no_account(client, responsable, demarche):
    assert give(client, demarche, ends_on=days(30).isoformat()).status_code == 302
    role = Role.objects.select_related("user").get(kind=RoleKind.REDACTEUR)
    user = role.user
    assert (user.email, user.display_name, user.is_staff, user.is_superuser) == (
        "ali@example.org",
        "Ali Baba",
        True,
        False,
    )
    assert not user.has_usable_password()
    assert role.ends_on == days(30)
    ((act, by, whom, what, scope),) = traces()
    assert (act, by, whom, scope) == (Act.GIVEN, responsable.pk, user.pk, f"demarche:{demarche.pk}")
    assert what.startswith("rédacteur, jusqu’au ") and "Ali" not in what
    mail = Envoi.objects.get()
    assert mail.to == user.email and "La jeunesse" in mail.subject
    assert "un code vous y est envoyé" in mail.body_text and "/admin/" in mail.body_text


def test_an_account_that_exists_keeps_its_name_whatever_its_case(client, responsable, demarche):
    known = make_user(email="ali@example.org", display_name="Alice")
    assert give(client, demarche).status_code == 302
    known.refresh_from_db()
    assert (known.display_name, known.is_staff) == ("Alice", True)
    assert User.objects.filter(email__iexact="ali@example.org").count() == 1


def test_the_same_role_given_again_takes_the_new_end(client, responsable, demarche):
    give(client, demarche)
    give(client, demarche, ends_on=days(3).isoformat())
    assert Role.objects.get(kind=RoleKind.REDACTEUR).ends_on == days(3)
    assert [act for act, *_ in traces()] == [Act.GIVEN, Act.CHANGED]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"email": "ali"}, "incomplète ou mal écrite"),
        ({"name": " "}, "Indiquez son nom"),
        ({"kind": "administrateur"}, "un des rôles proposés"),
        ({"kind": ""}, "Choisissez un rôle"),
        ({"ends_on": "demain"}, "Indiquez une date"),
        ({"ends_on": "2011-01-27"}, "Cette date est passée"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_half_made(client, responsable, demarche, typed, sentence):
    refused = give(client, demarche, **typed)
    assert refused.status_code == 422
    assert sentence in refused.content.decode()
    assert not User.objects.filter(email__startswith="ali").exists()
    assert (traces(), Envoi.objects.count()) == ([], 0)


def test_a_disabled_account_is_given_nothing(client, responsable, demarche):
    make_user(email="ali@example.org", is_active=False)
    assert "Ce compte est désactivé" in give(client, demarche).content.decode()
    assert Role.objects.count() == 1


@pytest.mark.parametrize("kind", RoleKind)
def test_nobody_gives_themselves_a_role_nor_prolongs_their_own(client, responsable, demarche, kind):
    make_role(demarche=demarche, kind=RoleKind.RESPONSABLE)
    own = Role.objects.get(user=responsable)
    Role.objects.filter(pk=own.pk).update(ends_on=days(2))
    assert "votre propre compte" in give(client, demarche, email=responsable.email, kind=kind).content.decode()
    assert change(client, own, "changer").status_code == 422
    own.refresh_from_db()
    assert (own.ends_on, Role.objects.filter(user=responsable).count()) == (days(2), 1)


@pytest.mark.parametrize("kind", [RoleKind.LECTEUR, RoleKind.MODERATEUR, RoleKind.REDACTEUR])
def test_who_is_not_responsable_gives_and_ends_nothing(client, demarche, kind):
    other = make_role(demarche=demarche, kind=RoleKind.LECTEUR)
    client.force_login(make_role(demarche=demarche, kind=kind).user)
    assert client.get(page_of(demarche)).status_code == 403
    assert give(client, demarche).status_code == 403
    assert change(client, other).status_code == 403
    assert Role.objects.count() == 2


def test_a_responsable_reaches_no_role_of_another_demarche(client, responsable, demarche):
    theirs = make_role(demarche=make_demarche(courante=False))
    assert give(client, theirs.demarche).status_code == 404
    posted = {"role": theirs.pk, "finir": "oui", "demarche": theirs.demarche_id}
    assert client.post(page_of(demarche), posted).status_code == 404
    for forged in ("abc", "9" * 30, "²", "0"):
        assert client.post(page_of(demarche), posted | {"role": forged}).status_code == 404
    form = client.get(f"/admin/consultation/demarche/{demarche.pk}/change/").context["inline_admin_formsets"]
    assert Role not in {inline.formset.model for inline in form}
    assert Role.objects.filter(pk=theirs.pk).exists()


def test_the_last_role_that_ends_takes_the_admin_away_and_the_one_before_does_not(client, responsable, demarche):
    first = make_role(demarche=demarche, kind=RoleKind.LECTEUR)
    second = make_role(user=first.user, demarche=demarche, kind=RoleKind.REDACTEUR)
    assert change(client, first).status_code == 302
    assert User.objects.get(pk=first.user.pk).is_staff
    assert change(client, second).status_code == 302
    assert not User.objects.get(pk=first.user.pk).is_staff
    kept, gone = Envoi.objects.order_by("pk")
    assert "Vous gardez" in kept.body_text and "plus accès aux pages de l’équipe" in gone.body_text
    assert [act for act, *_ in traces()] == [Act.ENDED, Act.ENDED]


@pytest.mark.parametrize("keeps", ["animation", "administrateur"])
def test_something_else_keeps_a_colleague_in_the_team(client, responsable, demarche, keeps):
    user = make_superuser() if keeps == "administrateur" else make_animation().user
    assert change(client, make_role(user=user, demarche=demarche)).status_code == 302
    assert User.objects.get(pk=user.pk).is_staff


def test_the_last_responsable_goes_with_a_word_to_the_administrateurs(client, responsable, demarche):
    make_superuser(email="admin@example.org")
    make_role(demarche=demarche, kind=RoleKind.RESPONSABLE, ends_on=days(-1))
    own = Role.objects.get(user=responsable)
    refused = change(client, own)
    assert refused.status_code == 422
    assert "plus personne ne sera responsable" in refused.content.decode()
    assert 'name="reason"' in refused.content.decode()
    done = change(client, own, reason="Je change de service.")
    assert (done.status_code, done["Location"]) == (302, "/admin/")
    assert not Role.objects.filter(user=responsable).exists()
    told = Envoi.objects.get(to="admin@example.org")
    assert "Je change de service." in told.body_text and page_of(demarche) in told.body_text
    assert not Trace.objects.filter(what__contains="service").exists()


def test_an_earlier_end_of_the_last_responsable_needs_its_word_too(demarche):
    boss, role = make_superuser(), make_role(demarche=demarche, kind=RoleKind.RESPONSABLE)
    other = make_role(demarche=demarche, kind=RoleKind.RESPONSABLE, ends_on=days(10))
    actions.change_end(role, days(5), boss)
    with pytest.raises(RoleRefusedError):
        actions.change_end(other, days(5), boss)
    actions.change_end(other, days(5), boss, "La démarche se termine.")


class Gate:
    """Lets nobody past a check before both have made it, or the other is seen to wait for a lock."""

    def __init__(self):
        self.barrier = threading.Barrier(2)

    def after(self, check):
        def checked(*args, **kwargs):
            found = check(*args, **kwargs)
            with suppress(threading.BrokenBarrierError):
                self.barrier.wait(0.5)
            return found

        return checked


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("locked", [True, False])
def test_two_responsables_at_once_do_not_take_each_other_away(demarche, monkeypatch, locked):
    """Committed, from two connections: the second waits for the row of the démarche, then finds that nobody would be
    left. Without the lock both are gone, which is what it is there for.
    """
    one, two = (make_role(demarche=demarche, kind=RoleKind.RESPONSABLE) for _ in range(2))
    monkeypatch.setattr(actions, "_not_the_last", Gate().after(actions._not_the_last))
    if not locked:
        monkeypatch.setattr(actions, "_lock", lambda _: None)
    wrong = parallel([lambda: actions.end_role(two, one.user), lambda: actions.end_role(one, two.user)])
    assert [type(error) for error in wrong] == ([RoleRefusedError] if locked else [])
    assert Role.objects.count() == (1 if locked else 0)
    if locked:
        with pytest.raises(RoleRefusedError, match="entre-temps"):
            actions.end_role(two if not Role.objects.filter(pk=two.pk).exists() else one, make_superuser())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("gesture", "locked"), [("unmake", True), ("unmake", False), ("delete", True)])
def test_two_administrateurs_at_once_do_not_put_each_other_out(monkeypatch, gesture, locked):
    one, two = make_superuser(), make_superuser()

    def put_out(by, other):
        client = Client()
        client.force_login(by)
        if gesture == "unmake":
            return lambda: save_account(client, other, is_superuser=None)
        return lambda: client.post(account_page(other).replace("change", "delete"), {"post": "yes"})

    works = [put_out(one, two), put_out(two, one)]
    hold = comptes_admin.hold_administrateurs
    everybody = list(User.objects.filter(is_superuser=True))
    monkeypatch.setattr(comptes_admin, "hold_administrateurs", Gate().after(hold if locked else lambda: everybody))
    assert parallel(works) == []
    assert User.objects.filter(is_superuser=True).count() == (1 if locked else 0)


def test_roles_end_after_their_last_day_once_with_a_mail_and_nobody_is_said_to_have_done_it(demarche):
    over = make_role(demarche=demarche, ends_on=days(-1))
    last = make_role(demarche=demarche, ends_on=days(0))
    assert actions.end_past() == 1
    assert actions.end_past() == 0
    assert list(Role.objects.all()) == [last]
    assert not User.objects.get(pk=over.user.pk).is_staff
    assert traces() == [(Act.ENDED, None, over.user.pk, "modérateur", f"demarche:{demarche.pk}")]
    assert Envoi.objects.get().to == over.user.email


def test_hostile_words_in_a_name_or_a_reason_stay_words(client, responsable, demarche):
    make_superuser()
    give(client, demarche, name="<script>alert(1)</script>")
    page = client.get(page_of(demarche)).content.decode()
    assert "&lt;script&gt;" in page and "<script>alert" not in page
    change(client, Role.objects.get(user=responsable), reason="<b>\r\nBcc: x@evil.example")
    for mail in Envoi.objects.all():
        assert "<script>" not in mail.body_html and "<b>" not in mail.body_html
        assert "\n" not in mail.subject


# The administrateurs


def account_page(user):
    return f"/admin/comptes/user/{user.pk}/change/"


def save_account(client, user, **typed):
    kept = {"email": user.email, "display_name": "", "is_active": "on", "is_staff": "on", "is_superuser": "on"} | typed
    return client.post(account_page(user), {name: value for name, value in kept.items() if value is not None})


def test_an_administrateur_is_made_and_unmade_with_a_trace_and_a_mail(client):
    boss, other = make_superuser(), make_user(is_staff=True)
    client.force_login(boss)
    assert save_account(client, other).status_code == 302
    assert save_account(client, other, is_superuser=None).status_code == 302
    assert [(act, by, whom, what) for act, by, whom, what, _ in traces()] == [
        (Act.GIVEN, boss.pk, other.pk, "administrateur"),
        (Act.ENDED, boss.pk, other.pk, "administrateur"),
    ]
    assert Envoi.objects.filter(to=other.email).count() == 2


@pytest.mark.parametrize("by_list", [False, True])
def test_an_account_that_is_deleted_ends_each_thing_it_held_with_a_trace(client, demarche, by_list):
    boss = make_superuser(email="admin@example.org")
    client.force_login(boss)
    role = make_role(user=make_superuser(), demarche=demarche, kind=RoleKind.RESPONSABLE)
    atelier = make_animation(user=role.user).atelier
    page, ticked = account_page(role.user).replace("change", "delete"), {"_selected_action": [role.user.pk]}
    ticked |= {"action": "delete_selected", "post": "yes"}
    answer = client.post("/admin/comptes/user/", ticked) if by_list else client.post(page, {"post": "yes"})
    assert answer.status_code == 302 and not User.objects.filter(pk=role.user.pk).exists()
    held = (f"organisateur de l’atelier {atelier.rank}, {atelier.town}", "responsable de démarche")
    held += ("administrateur", "membre de l’équipe")
    assert [one[:4] for one in traces()] == [(Act.ENDED, boss.pk, role.user.pk, what) for what in held]
    assert "Son compte est supprimé." in Envoi.objects.get(to=boss.email).body_text, "nobody is responsable any more"


@pytest.mark.parametrize("lost", ["is_superuser", "is_active"])
def test_the_last_administrateur_stays(client, lost):
    boss = make_superuser()
    client.force_login(boss)
    refused = save_account(client, boss, **{lost: None})
    assert refused.status_code == 200 and "dernier administrateur" in refused.content.decode()
    assert client.post(account_page(boss).replace("change", "delete"), {"post": "yes"}).status_code == 403
    ticked = {"action": "delete_selected", "_selected_action": [boss.pk], "post": "yes"}
    client.post("/admin/comptes/user/", ticked)
    assert User.objects.get(pk=boss.pk).is_superuser
    make_superuser()
    assert save_account(client, boss, **{lost: None}).status_code == 302
