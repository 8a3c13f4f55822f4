"""What is declared of a person is all there is: no table and no field without a rule, and each rule is carried out."""

import pytest
from django.apps import apps

from participons.held import IMPERSONAL
from socle.personaldata import AtErasure, held
from socle.privacy.declared import declared, model_of, rows_of
from tests.leaving import NAME, leave, make_alice, texts_of


def own_models():
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy and not model.__module__.startswith("tests."):
            yield model


def test_every_table_is_declared_or_said_to_hold_nobody():
    personal = [one.model for one in declared()]
    assert len(personal) == len(set(personal))
    known = {*personal, *IMPERSONAL}
    found = {model._meta.label for model in own_models()}
    assert found - known == set(), "say what they hold of a person (held.py), or why nobody is in them"
    assert known - found == set(), "these are declared and no longer exist"
    assert set(personal) & set(IMPERSONAL) == set()


@pytest.mark.parametrize("one", declared(), ids=lambda one: one.model)
def test_every_field_of_a_personal_table_has_its_rule(one):
    fields = {field.name for field in (*model_of(one)._meta.concrete_fields, *model_of(one)._meta.local_many_to_many)}
    assert fields - set(one.rules) == set(), "say what becomes of them when the person leaves"
    assert set(one.rules) - fields == set()
    for name, rule in one.rules.items():
        assert (rule.at == AtErasure.KEPT) == bool(rule.why), f"{one.model}.{name}: what is kept has a reason"
    assert one.goes is all(rule.at == AtErasure.DELETED for rule in one.rules.values())


def test_a_field_has_one_rule():
    with pytest.raises(ValueError, match="two rules"):
        held("comptes.Personne", "…", "pk", blanked="email", deleted="email")


@pytest.mark.django_db
@pytest.mark.parametrize("with_texts", [False, True])
def test_each_rule_is_carried_out_on_a_row_of_each_table(with_texts, monkeypatch, settings, tmp_path):
    settings.EXPORT_STORAGE = settings.DOCUMENT_STORAGE = tmp_path
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)
    alice = make_alice()
    before = [(one, list(rows_of(one, alice))) for one in declared()]
    without = [one.model for one, rows in before if not rows]
    assert without == ["consultation.CahierActeur", "privacy.Depart"], "a table without a row proves nothing"
    leave(alice, with_texts=with_texts)
    wrong = []
    for one, rows in before:
        for row in rows:
            wrong += broken(one, row, with_texts=with_texts)
    assert wrong == []


def broken(one, row, *, with_texts):
    """The fields whose rule was not followed."""
    now = model_of(one).objects.filter(pk=row.pk).first()
    hint = with_texts and one.model == "consultation.Repeated"  # of words that are no longer online, nothing is noted
    if one.goes or hint or (now is None and one.model == "ateliers.Candidature"):  # a number that no draw holds
        return [] if now is None else [f"{one.model} is still there"]
    was, is_now = texts_of(row), texts_of(now)
    gone = {AtErasure.BLANKED, AtErasure.MOVED} | ({AtErasure.WITH_TEXTS} if with_texts else set())
    found = []
    for name, rule in one.rules.items():
        if name not in was:
            continue
        if rule.at in gone and was[name] and was[name] == is_now[name] and not unchanged_on_purpose(one, name, row):
            found.append(f"{one.model}.{name} is as it was")
        if rule.at in gone and NAME in str(is_now[name]):
            found.append(f"{one.model}.{name} still names her")
    return found


def unchanged_on_purpose(one, name, row):
    """What was anonymous stays anonymous."""
    return name == "display" and row.display == "anonyme"
