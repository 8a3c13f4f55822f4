"""What happened to the inscriptions of a rencontre, read again from the first event: shared with bench.crowds."""

from consultation.choices import InscriptionEventKind as Kind
from consultation.models import Inscription, InscriptionEvent, Rencontre
from socle.courriels.models import Envoi


def replay(rencontre):
    """Who holds a place and who waits, in order, by the events alone; each must have been possible when it came."""
    held, line = set(), []
    rows = InscriptionEvent.objects.filter(inscription__rencontre=rencontre).order_by("pk")
    for pk, kind, who in rows.values_list("pk", "kind", "inscription"):
        if kind in (Kind.CONFIRMED, Kind.WAITING):
            assert who not in held and who not in line, f"event {pk}: twice in the list"
        if kind == Kind.CONFIRMED:
            assert not line, f"event {pk}: a place was taken over the heads of those who wait"
            held.add(who)
        elif kind == Kind.WAITING:
            line.append(who)
        elif kind == Kind.PROMOTED:
            assert line and line.pop(0) == who, f"event {pk}: not the first in line"
            held.add(who)
        elif kind in (Kind.CANCELLED, Kind.RELEASED):
            assert who in held or who in line, f"event {pk}: nothing to give back"
            held.discard(who)
            line = [one for one in line if one != who]
    return held, line


def check(rencontre_pk):
    """Nothing lost, doubled or skipped."""
    rencontre = Rencontre.objects.get(pk=rencontre_pk)
    held, line = replay(rencontre)
    rows = Inscription.objects.filter(rencontre=rencontre)
    assert held == set(rows.confirmed().values_list("pk", flat=True))
    assert line == list(rows.waiting().values_list("pk", flat=True)), "the rank is the order of the confirming POST"
    if rencontre.capacity is not None:
        assert len(held) <= rencontre.capacity
        assert not line or len(held) == rencontre.capacity, "a place is free and somebody waits"
    promoted = InscriptionEvent.objects.filter(inscription__rencontre=rencontre, kind=Kind.PROMOTED).count()
    given = Envoi.objects.filter(dedupe_key__endswith=":promue", subject_key=f"rencontre:{rencontre.pk}")
    assert given.count() == promoted, "one mail for each place that was given"
