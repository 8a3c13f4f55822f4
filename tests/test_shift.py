"""Dates moved by whole weeks, over every day of several years; and dates read as people say them."""

import json
from datetime import date, datetime, time, timedelta

import pytest
from django.utils import timezone

from consultation.models import Demarche, Etape, Rencontre
from participons.programme.load import days_of, load_exemple, load_programme, main_period
from participons.programme.schema import read_programme
from participons.programme.shift import in_holidays, moved, weeks_to
from participons.programme.when import read_time, read_when
from tests.programme_source import EXEMPLE, FIXTURE

CONTENT = json.loads(FIXTURE.read_text())
PROGRAMME = read_programme(CONTENT)
PERIOD, ATELIERS = main_period(PROGRAMME), days_of(PROGRAMME)
EVERY_DAY = [date(2024, 1, 1) + timedelta(days=number) for number in range(8 * 366)]


def between(weeks: int, today: date) -> int:
    shift = timedelta(weeks=weeks)
    return sum(first + shift <= today < second + shift for first, second, *_ in ATELIERS)


def holidays(weeks: int) -> int:
    return sum(in_holidays(day + timedelta(weeks=weeks)) for days in ATELIERS for day in days)


def runs(weeks: int, today: date) -> bool:
    return PERIOD.start + timedelta(weeks=weeks) <= today <= PERIOD.end + timedelta(weeks=weeks)


def possible(today: date) -> list[int]:
    near = (today - PERIOD.start).days // 7
    return [weeks for weeks in range(near - 10, near + 10) if runs(weeks, today) and between(weeks, today)]


def test_etape_3_runs_today_between_first_and_second_seances_every_day_of_eight_years():
    for today in EVERY_DAY:
        weeks = weeks_to(today, PERIOD, ATELIERS)
        assert runs(weeks, today), today
        assert between(weeks, today) >= 1, today


def test_no_seance_falls_in_the_holidays_where_a_move_avoids_them():
    for today in EVERY_DAY:
        weeks = weeks_to(today, PERIOD, ATELIERS)
        assert holidays(weeks) == min(map(holidays, possible(today))), today


def test_most_ateliers_are_between_their_seances_where_the_holidays_allow():
    for today in EVERY_DAY:
        weeks = weeks_to(today, PERIOD, ATELIERS)
        calm = [other for other in possible(today) if holidays(other) == holidays(weeks)]
        assert between(weeks, today) == max(between(other, today) for other in calm), today
    ordinary = [today for today in EVERY_DAY if today.month < 11]
    assert all(between(weeks_to(today, PERIOD, ATELIERS), today) >= 6 for today in ordinary if today.month > 1)


def test_weekday_hour_and_day_stay_through_the_changes_of_clock():
    evening = read_when("lundi 21 mars 2011").at(read_time("18 h"), read_time("20 h 30"))
    for weeks in range(-60, 900):
        later = moved(evening, weeks)
        starts, ends = timezone.localtime(later.starts_at), timezone.localtime(later.ends_at)
        assert starts.weekday() == 0
        assert (starts.time(), ends.time()) == (time(18), time(20, 30))
        assert starts.date() - date(2011, 3, 21) == timedelta(weeks=weeks)


def test_months_and_seasons_stay_whole_in_their_order_and_near():
    octobre, mai_juin, juin, automne = map(read_when, ("octobre 2010", "mai/juin 2011", "juin 2011", "automne 2011"))
    for weeks in range(-60, 900):
        periods = [moved(when, weeks) for when in (octobre, mai_juin, juin, automne)]
        assert [len(when.label.split("/")) for when in periods] == [1, 2, 1, 1]
        assert all(when.start.day == 1 and (when.end + timedelta(days=1)).day == 1 for when in periods)
        first, both, month, season = periods
        assert first.end < both.start < month.start == (both.start + timedelta(days=31)).replace(day=1)
        assert month.start < season.start
        assert season.start.month in (3, 6, 9, 12)
        assert str(season.start.year) in season.label
        assert abs(month.start - juin.start - timedelta(weeks=weeks)) <= timedelta(days=17)
        assert abs(season.start - automne.start - timedelta(weeks=weeks)) <= timedelta(days=48)


def test_moving_by_no_week_changes_nothing():
    assert all(moved(when, 0) is when for when in PROGRAMME.dates.values())


@pytest.mark.parametrize("today", [date(2026, 3, 28), date(2026, 10, 24), date(2026, 12, 25), date(2028, 2, 29)])
def test_every_label_of_a_moved_demarche_follows(db, today):
    load_programme(CONTENT, today=today)
    load_exemple(json.loads(EXEMPLE.read_text()))
    demarche = Demarche.objects.get()
    assert demarche.example_dates
    etapes = list(Etape.objects.order_by("rank"))
    noon = timezone.make_aware(datetime.combine(today, time(12)))
    assert [etape.rank for etape in Etape.objects.running(noon)] == [3]
    labels = [etape.period_label for etape in etapes] + [row.when_label for row in Rencontre.objects.all()]
    said = "\n".join([demarche.summary, demarche.call, *labels, *(etape.text for etape in etapes)])
    assert "2010" not in said
    assert "2011" not in said
    assert "7 mars au 19 avril" not in said
    assert f"Depuis {etapes[0].period_label}, les citoyens" in demarche.summary
    assert etapes[2].period_label.removesuffix(f" {etapes[2].ends_on.year}").split(" 20")[0] in demarche.summary
    season = Rencontre.objects.get(kind="reunion_publique")
    assert season.when_label == etapes[6].period_label
    assert str(timezone.localdate(season.starts_at).year) in season.when_label


def test_week_after_week_etape_3_still_runs(db):
    day = date(2026, 11, 20)
    for _ in range(10):
        load_programme(CONTENT, today=day)
        etape = Etape.objects.get(rank=3)
        assert etape.starts_on <= day <= etape.ends_on
        day += timedelta(days=7)


def test_short_period_and_no_atelier_take_the_nearest_weeks():
    day = read_when("17 mai 2011")
    weeks = weeks_to(date(2026, 9, 17), day, [])
    assert abs((day.start + timedelta(weeks=weeks)) - date(2026, 9, 17)) < timedelta(days=7)


LABELS = [
    "27 janvier 2011", "1er mai 2011", "octobre 2010", "mai/juin 2011", "décembre 2011/janvier 2012", "automne 2011",
    "hiver 2011-2012", "du 7 mars au 19 avril 2011", "du 7 au 9 mars 2011", "du 20 décembre 2011 au 4 janvier 2012",
]  # fmt: skip


@pytest.mark.parametrize("label", LABELS)
def test_label_is_read_as_it_is_written(label):
    assert read_when(label).label == label


NO_DATES = [
    "29 février 2011", "0 mai 2011", "32 mai 2011", "mai", "2011", "été", "hiver 2011", "hiver 2011-2013",
    "automne 2011-2012", "juin/mai 2011", "du 7 mars", "du 9 au 7 mars 2011", "7/3/2011", "mardi 7 mars 2011",
    "\u0661\u0662 mai 2011", "",
]  # fmt: skip


@pytest.mark.parametrize("text", NO_DATES)
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError, match="«"):
        read_when(text)


@pytest.mark.parametrize(("text", "hour"), [("18 h", time(18)), ("18 h 30", time(18, 30)), ("9h05", time(9, 5))])
def test_hours_are_read(text, hour):
    assert read_time(text) == hour


@pytest.mark.parametrize("text", ["24 h", "18 h 60", "18:30", "midi", "-1 h"])
def test_what_is_no_hour_is_refused(text):
    with pytest.raises(ValueError, match="n’est pas une heure"):
        read_time(text)
