"""The numéro de suivi: easy to copy, impossible to guess, its mistakes found before anything is looked up."""

from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from consultation import numero

keys = st.uuids()
places = st.integers(0, numero.LENGTH - 1)


def plain(written: str) -> str:
    return written.replace("-", "")


@given(keys)
def test_a_number_reads_back_as_it_was_written(key: UUID):
    written = numero.numero_of(key)
    assert numero.read(written) == written
    assert len(plain(written)) == 12
    assert not set(plain(written)) & set("O0I1L")


@given(keys, st.sampled_from([" ", "", "–", "\u00a0", "-"]))
def test_a_number_may_be_typed_in_lower_case_with_or_without_dashes(key, separator):
    written = numero.numero_of(key)
    assert numero.read(f"  {written.lower().replace('-', separator)}\n") == written


@given(keys, places, st.sampled_from(numero.ALPHABET))
def test_one_wrong_sign_is_found(key, place, sign):
    signs = plain(numero.numero_of(key))
    assume(signs[place] != sign)
    assert numero.read(signs[:place] + sign + signs[place + 1 :]) is None


@given(keys, places, places)
def test_two_signs_that_changed_places_are_found(key, one, other):
    signs = list(plain(numero.numero_of(key)))
    assume(signs[one] != signs[other])
    signs[one], signs[other] = signs[other], signs[one]
    assert numero.read("".join(signs)) is None


@given(st.text(max_size=200))
def test_whatever_is_typed_raises_nothing(typed):
    read = numero.read(typed)
    assert read is None or len(read) == 14


def test_the_same_form_gives_the_same_number_and_another_form_another():
    one, other = UUID(int=1), UUID(int=2)
    assert numero.numero_of(one) == numero.numero_of(one) != numero.numero_of(other)


def test_the_number_depends_on_the_key_of_the_site(settings):
    before = numero.numero_of(UUID(int=1))
    settings.SECRET_KEY = "another-key"
    assert numero.numero_of(UUID(int=1)) != before


def test_a_number_on_paper_outlives_a_change_of_key(settings):
    key = UUID(int=1)
    written = numero.numero_of(key)
    stored = numero.tracking_hash(written)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key"
    assert stored in numero.tracking_hashes(written)
    assert numero.numero_shown(key, stored) == written


@pytest.mark.parametrize("typed", ["", "ABCD", "é" * 12, "\0" * 12, "\ud800" * 12, "A" * 100_000])
def test_what_is_no_number_is_refused(typed):
    assert numero.read(typed) is None
