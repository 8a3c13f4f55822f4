"""The house keeps its shape: what no other test would notice."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import allauth
import pytest
from django.apps import apps

from participons import data
from socle.personaldata import NEVER

ROOT = Path(__file__).resolve().parent.parent
ALLAUTH = Path(allauth.__file__).parent / "templates"
FLOORS = ("socle", "consultation", "ateliers", "forums", "participons")  # from the ground up
CODE = [path for floor in FLOORS for path in sorted((ROOT / floor).rglob("*.py")) if "migrations" not in path.parts]
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))


def floor_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0]


def floor_of_model(model: type) -> str:
    return model.__module__.split(".")[0]


def upward_accessors() -> dict[str, set[str]]:
    """For each floor, the names by which Django lets one of its rows reach a row of a floor above."""
    found: dict[str, set[str]] = {floor: set() for floor in FLOORS}
    for model in apps.get_models():
        if floor_of_model(model) not in FLOORS:
            continue
        for relation in model._meta.get_fields(include_hidden=True):
            if not (relation.auto_created and relation.is_relation and not relation.concrete):
                continue
            above = floor_of_model(relation.related_model)
            if above in FLOORS and FLOORS.index(above) > FLOORS.index(floor_of_model(model)):
                name = relation.get_accessor_name()
                if name and not name.endswith("+"):
                    found[floor_of_model(model)].add(name)
    return found


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_import_contracts_hold():
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_no_lower_row_can_reach_upward():
    """`related_name="+"` on every relation that goes down a floor from ateliers, forums or the roof."""
    reachable = upward_accessors()
    assert {floor: reachable[floor] for floor in ("consultation", "ateliers", "forums")} == {
        "consultation": set(),
        "ateliers": set(),
        "forums": set(),
    }


def test_the_ground_never_follows_an_accessor_of_the_floors_above():
    names = upward_accessors()["socle"]
    assert names, "the trunk points to people: there must be something to look for"
    used = []
    for path in (path for path in CODE if floor_of(path) == "socle"):
        used += [
            f"{path.relative_to(ROOT)}:{node.lineno} .{node.attr}"
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Attribute) and node.attr in names
        ]
    assert used == []


def test_nobody_imports_tasks_and_tasks_alone_are_rung():
    importing = [
        str(path.relative_to(ROOT))
        for path in CODE
        if re.search(
            r"^\s*(from \S*\.tasks import|import \S*\.tasks\b|from \S+ import tasks\b)", path.read_text(), re.MULTILINE
        )
    ]
    assert importing == []


def test_no_signal_and_no_generic_relation():
    offenders = [
        str(path.relative_to(ROOT))
        for path in CODE
        if re.search(r"django\.db\.models\.signals|django\.dispatch|GenericForeignKey|@receiver", path.read_text())
    ]
    assert offenders == []


def test_the_type_of_an_etape_is_compared_nowhere_but_in_its_table():
    offenders = [
        str(path.relative_to(ROOT))
        for path in [*CODE, *(t for t in TEMPLATES if t.suffix == ".html")]
        if re.search(r"etape\.type\s*(==|!=|in\b)", path.read_text())
    ]
    assert offenders == []


def test_every_column_of_the_database_is_classified():
    missing, unknown = [], []
    declared = {label: dict(fields) for label, fields in data.FIELDS.items()}
    for model in apps.get_models(include_auto_created=True):
        if not model._meta.managed or model.__module__.startswith("tests."):
            continue
        fields = {field.name for field in (*model._meta.concrete_fields, *model._meta.local_many_to_many)}
        stated = set(declared.pop(model._meta.label, {}))
        missing += [f"{model._meta.label}.{name}" for name in sorted(fields - stated)]
        unknown += [f"{model._meta.label}.{name}" for name in sorted(stated - fields)]
    assert (missing, unknown, sorted(declared)) == ([], [], [])


@pytest.mark.parametrize(
    ("model", "field"),
    [("comptes.Personne", "email"), ("comptes.User", "password"), ("consultation.Contribution", "tracking_hash")],
)
def test_what_must_never_leave_is_classified_so(model, field):
    assert data.FIELDS[model][field] is NEVER


def test_every_template_is_used():
    code = "\n".join(path.read_text() for path in CODE)
    markup = "\n".join(path.read_text() for path in TEMPLATES)
    unused = []
    for path in TEMPLATES:
        name = str(path.relative_to(ROOT / "templates"))
        stem = re.sub(r"_(subject|body)\.(txt|html)$", "", name)
        overrides_a_library = name.startswith(("admin/", "registration/", "django/", "import_export/", "bootstrap5/"))
        overrides_a_library |= (ALLAUTH / name).exists()
        chosen_by_number = f'f"{name.split("/", 1)[0]}/{{' in code  # errors/404.html and its like
        if not (overrides_a_library or chosen_by_number or any(f'"{n}' in code + markup for n in (name, stem))):
            unused.append(name)
    assert unused == []


def test_templates_count_and_date_as_french_does():
    """« 0 place », « 1er mai »: Django says « 0 places » (use `plural`), « 1 mai » (`day`)."""
    english = re.compile(r"\|pluralize|\|date:\"[^\"]*j(?: |&nbsp;)[FMN]")
    assert not [path.name for path in TEMPLATES if english.search(path.read_text())]


def test_models_of_people_never_print_a_name():
    for label in ("comptes.Personne", "comptes.User", "consultation.Inscription", "consultation.Contribution"):
        model = apps.get_model(label)
        row = model(
            pk=12, **({"email": "alice@example.org"} if "email" in {f.name for f in model._meta.fields} else {})
        )
        assert re.fullmatch(r"[a-zé]+ 12", str(row)), str(row)


def test_the_readme_names_every_setting_and_gives_each_dependency_a_reason():
    readme = (ROOT / "README.md").read_text()
    settings = re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "participons" / "settings.py").read_text())
    packages = [re.match(r"[\w-]+", line)[0] for line in project()["dependencies"]]
    reasons = readme.split("## What it stands on", 1)[1].lower()
    assert [name for name in settings if f"`{name}`" not in readme] == []
    assert [name for name in packages if name not in reasons] == []


def test_the_lock_files_name_no_host():
    for path in (ROOT / "requirements").iterdir():
        assert "://" not in path.read_text(), path.name


def test_no_fixture_and_no_page_ships_the_test_data():
    texts = [path.read_text() for path in (ROOT / "fixtures").glob("*.json")]
    assert all(json.loads(text) for text in texts)
    assert not any("lillemetropole" in text or "granddebat" in text for text in texts)
