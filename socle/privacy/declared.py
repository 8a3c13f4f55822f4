"""What every floor has declared of a person (settings.PERSONAL_DATA): the rows found, and the rules carried out."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce, Greatest
from django.utils.module_loading import import_string

from socle.comptes.models import Personne
from socle.personaldata import AtErasure, Held

BY_ADDRESS = "__iexact"


def declared() -> list[Held]:
    """Every floor's, in the order in which they are carried out."""
    return [held for name in settings.PERSONAL_DATA for held in import_string(name)]


def model_of(held: Held) -> Any:
    return apps.get_model(held.model)


def rows_of(held: Held, personne: Personne) -> models.QuerySet:
    of = personne.email if held.path.endswith(BY_ADDRESS) else personne.pk
    return model_of(held).objects.filter(**{held.path: of})


def carry_out(held: Held, personne: Personne, shell: Any, *, with_texts: bool) -> int:
    """Apply the rules of one declaration to the rows of one person; how many. `shell()` gives the row of nobody."""
    rows = rows_of(held, personne)
    if held.goes:
        return rows.delete()[0]
    changes = _changes(held, with_texts=with_texts)
    moved = [name for name, rule in held.rules.items() if rule.at == AtErasure.MOVED]
    if moved and rows.exists():
        changes |= dict.fromkeys(moved, shell())
    # Through a join, the rows are named first: PostgreSQL updates one table.
    pks = list(rows.values_list("pk", flat=True)) if changes else []
    return model_of(held).objects.filter(pk__in=pks).update(**changes) if pks else 0


def _changes(held: Held, *, with_texts: bool) -> dict[str, Any]:
    wanted = {AtErasure.BLANKED, AtErasure.WITH_TEXTS} if with_texts else {AtErasure.BLANKED}
    model = model_of(held)
    return {
        name: emptiness(model._meta.get_field(name)) if rule.value is None else rule.value
        for name, rule in held.rules.items()
        # A relation of many has a table of its own, declared too.
        if rule.at in wanted and not model._meta.get_field(name).many_to_many
    }


def emptiness(field: Any) -> Any:
    """What a column holds when it holds nothing: a key that must differ from all others is drawn anew."""
    if isinstance(field, models.UUIDField):
        return models.Func(function="gen_random_uuid", output_field=models.UUIDField())
    if field.null:
        return None
    return field.get_default() if field.has_default() else ""


def by_personne() -> list[Held]:
    """What points to a person directly: where nothing of it does, nothing does."""
    return [held for held in declared() if held.path == "personne"]


def last_act() -> Greatest:
    """The last thing somebody did, over all that is declared; a departure given up is one."""
    acts: list[Any] = [models.F("created_at"), Coalesce("confirmed_at", "created_at")]
    for held in by_personne():
        if held.since:
            rows = model_of(held).objects.filter(personne=models.OuterRef("pk")).order_by().values("personne")
            last = rows.annotate(last=models.Max(held.since)).values("last")
            acts.append(Coalesce(models.Subquery(last, output_field=models.DateTimeField()), "created_at"))
    return Greatest(*acts)
