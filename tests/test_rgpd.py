"""docs/RGPD/ says what the code does: written again, nothing of it changes."""

from django.conf import settings
from django.core.management import call_command

from participons import rgpd
from socle.privacy.declared import declared


def test_the_documents_are_up_to_date():
    """`manage.py write_rgpd` writes them."""
    for name, text in rgpd.documents().items():
        assert (rgpd.FOLDER / name).read_text() == text, f"{name} is old: run manage.py write_rgpd"


def test_every_table_of_persons_is_in_one_processing_and_every_delay_too():
    named = [model for one in rgpd.PROCESSINGS for model in one.models]
    assert sorted(named) == sorted(one.model.split(".")[1] for one in declared())
    kinds = {kind for one in rgpd.PROCESSINGS for kind in one.keeps}
    assert kinds == set(settings.RETENTION)


def test_the_command_writes_them(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(rgpd.write, "__defaults__", (tmp_path,))
    call_command("write_rgpd")
    assert {path.name for path in tmp_path.iterdir()} == set(rgpd.WRITTEN)
    assert "registre-des-traitements.md" in capsys.readouterr().out
