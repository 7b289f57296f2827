from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from treatments.models import CareInstruction, Concern, Protocol, Treatment
from treatments.services import catalogue, loading
from treatments.services.catalogue_file import parse, read

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
TEXT = loading.CATALOGUE.read_text(encoding="utf-8")

pytestmark = pytest.mark.django_db


def load(text: str = TEXT) -> list[str]:
    return loading.load(parse(text), now=NOW)


def changed(old: str, new: str) -> str:
    assert old in TEXT
    return TEXT.replace(old, new, 1)


def run(*args: object) -> str:
    out = StringIO()
    call_command("load_catalogue", *args, stdout=out)
    return out.getvalue()


@pytest.fixture
def edited(tmp_path: Path):
    def write(text: str) -> Path:
        path = tmp_path / "catalogue.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


# --- What the file holds -------------------------------------------------------------


def test_five_treatments_are_on_offer_in_their_order():
    load()

    offered = Treatment.objects.offered().values_list("code", "short_code", "shape")

    assert list(offered) == [
        ("microneedling", "MN", "circle"),
        ("microneedling-prp", "MN + PRP", "drop"),
        ("microneedling-rf", "MN + RF", "diamond"),
        ("microneedling-rf-prp", "MN + RF + PRP", "diamond"),
        ("scar-roller", "Roller", "circle"),
    ]


def test_each_treatment_knows_what_it_is_made_of():
    load()

    made_of = {
        treatment.code: [m.code for m in treatment.modalities.all()]
        for treatment in Treatment.objects.all()
    }

    assert made_of == {
        "microneedling": ["needling"],
        "microneedling-prp": ["needling", "prp"],
        "microneedling-rf": ["needling", "rf"],
        "microneedling-rf-prp": ["needling", "prp", "rf"],
        "scar-roller": ["needling"],
    }


@pytest.mark.parametrize("code", [t.code for t in parse(TEXT).treatments])
def test_sessions_lie_six_to_eight_weeks_apart(code):
    load()

    protocol = Protocol.objects.current().get(treatment__code=code)

    assert (protocol.gap_min_days, protocol.ideal_gap_days, protocol.gap_max_days) == (
        42,
        49,
        56,
    )
    assert protocol.gap_source == "S1 S2"
    assert (protocol.maintenance_min, protocol.maintenance_max) == (1, 3)
    assert str(protocol.max_depth_mm) == "2.0"


@pytest.mark.parametrize(
    ("code", "phases", "minutes"),
    [
        ("microneedling", ["Numbing 30", "Needling 30", "Turnover 10"], 70),
        (
            "microneedling-prp",
            ["Numbing 10", "Blood draw and spin 20", "Needling 30", "Turnover 10"],
            70,
        ),
        ("microneedling-rf", ["Numbing 30", "Needling 30", "Turnover 10"], 70),
        (
            "microneedling-rf-prp",
            ["Numbing 10", "Blood draw and spin 20", "Needling 30", "Turnover 10"],
            70,
        ),
        ("scar-roller", ["Numbing 30", "Needling 30", "Turnover 10"], 70),
    ],
)
def test_a_session_has_its_phases_and_drawing_blood_adds_no_time(code, phases, minutes):
    load()

    protocol = Protocol.objects.current().get(treatment__code=code)

    assert [f"{p.name} {p.minutes}" for p in protocol.phases.all()] == phases
    assert protocol.total_minutes == minutes


@pytest.mark.parametrize(
    ("code", "roles"),
    [
        ("microneedling", {"operator": ["needling"], "device": ["needling"]}),
        (
            "microneedling-prp",
            {
                "operator": ["needling", "prp"],
                "device": ["needling"],
                "centrifuge": ["centrifuge"],
            },
        ),
        ("microneedling-rf", {"operator": ["needling", "rf"], "device": ["rf"]}),
        (
            "microneedling-rf-prp",
            {
                "operator": ["needling", "rf", "prp"],
                "device": ["rf"],
                "centrifuge": ["centrifuge"],
            },
        ),
        ("scar-roller", {"operator": ["needling"], "device": ["roller"]}),
    ],
)
def test_each_treatment_needs_its_people_and_devices(code, roles):
    load()

    protocol = Protocol.objects.current().get(treatment__code=code)
    skills = {role.name: role.skills for role in protocol.roles.all()}

    assert skills == {"room": ["treatment"], "supervisor": ["doctor"]} | roles
    assert [role.name for role in protocol.roles.all() if role.shared] == ["supervisor"]


@pytest.mark.parametrize(
    ("concerns", "told"),
    [
        ([], (None, 2, 3, 3, "S2")),
        (["fine-lines"], (None, 2, 3, 3, "S2")),
        (["acne-scars"], ("acne-scars", 5, 5, None, "S1")),
        (["fine-lines", "acne-scars"], (None, 5, 5, None, "S1")),
        (["fine-lines", "wrinkles"], (None, 2, 3, 3, "S2")),
    ],
)
def test_of_several_concerns_the_larger_number_of_sessions_wins(concerns, told):
    load()

    count = Protocol.objects.current().first().sessions_for(concerns)

    assert (
        count.concern,
        count.minimum,
        count.usual,
        count.maximum,
        count.source,
    ) == told


def test_where_the_documents_disagree_both_values_are_kept_and_the_stricter_rules():
    load()

    rows = CareInstruction.objects.filter(code="make-up")

    assert {
        (row.ends_offset, row.source, row.milder_hours, row.milder_source)
        for row in rows
    } == {(24, "S0", 12, "S2")}


@pytest.mark.parametrize(
    ("code", "own"),
    [
        ("microneedling", set()),
        ("microneedling-prp", {"blood-thinner"}),
        ("microneedling-rf", {"rf-implant"}),
        ("microneedling-rf-prp", {"blood-thinner", "rf-implant"}),
        ("scar-roller", set()),
    ],
)
def test_a_combination_has_the_rules_of_all_its_parts(code, own):
    load()

    protocol = Protocol.objects.current().get(treatment__code=code)

    assert {rule.code for rule in protocol.suitability_rules()} == own | {
        "isotretinoin",
        "radiation",
        "pregnancy",
        "open-wound",
        "skin-infection",
        "keloid",
        "cold-sores",
    }


def test_only_plasma_forbids_painkillers_beforehand():
    load()

    told = CareInstruction.objects.filter(code="painkillers")

    assert sorted(row.protocol.treatment.code for row in told) == [
        "microneedling-prp",
        "microneedling-rf-prp",
    ]


def test_the_roller_passes_fifteen_to_twenty_times():
    load()

    protocol = Protocol.objects.current().get(treatment__code="scar-roller")

    assert (protocol.passes_min, protocol.passes_max) == (15, 20)
    assert protocol.passes_source == "S2"


# --- Loading again -------------------------------------------------------------------


def test_the_same_catalogue_again_changes_nothing():
    assert load()

    assert load() == []
    assert Protocol.objects.count() == 5


def test_a_changed_protocol_becomes_a_new_version_and_the_old_one_stays():
    load()

    changes = load(changed("gap_max_days = 56", "gap_max_days = 60"))

    assert "microneedling, version 2: gap_max_days 56 → 60" in changes
    gaps = Protocol.objects.filter(treatment__code="microneedling").order_by("version")
    assert list(gaps.values_list("version", "gap_max_days")) == [(1, 56), (2, 60)]


def test_only_the_treatments_that_a_change_touches_get_a_new_version():
    load()

    changes = load(changed("passes_max = 8", "passes_max = 6"))

    assert changes == [
        "microneedling, version 2: passes_max 8 → 6",
        "microneedling-prp, version 2: passes_max 8 → 6",
    ]


def test_going_back_to_an_older_protocol_is_a_new_version_too():
    load()
    load(changed("passes_max = 8", "passes_max = 6"))

    load()

    treatment = Treatment.objects.get(code="microneedling")
    assert treatment.current_protocol().version == 3
    assert treatment.current_protocol().passes_max == 8


def test_a_new_name_needs_no_new_version():
    load()

    changes = load(changed('name = "Sun damage"', 'name = "Photodamage"'))

    assert changes == ["concern photodamage: name is now “Photodamage”"]
    assert Concern.objects.get(code="photodamage").name == "Photodamage"


def test_a_new_version_keeps_the_approval_of_what_did_not_change(director):
    load()
    old = Treatment.objects.get(code="microneedling").current_protocol()
    catalogue.approve(old, actor=director, now=NOW)

    load(changed('text = "Use lukewarm water only', 'text = "Use cool water only'))

    new = Treatment.objects.get(code="microneedling").current_protocol()
    assert new.approved_by == director
    waiting = new.care_instructions.filter(approved_at=None)
    assert [row.code for row in waiting] == ["tepid-water"]


# --- The command ---------------------------------------------------------------------


def test_the_command_says_what_it_did_and_then_that_nothing_is_left():
    assert "microneedling, version 1: new\n" in run()
    assert run() == "The catalogue is up to date.\n"


def test_checking_says_what_would_change_and_writes_nothing():
    with pytest.raises(SystemExit) as stopped:
        run("--check")

    assert stopped.value.code == 1
    assert not Treatment.objects.exists()


def test_checking_an_up_to_date_catalogue_succeeds():
    run()

    assert run("--check") == "The catalogue is up to date.\n"


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (
            "gap_min_days = 42",
            "gap_min_days = 57",
            "figures: gap_min_days is more than gap_max",
        ),
        ("gap_min_days = 42", "gap_min_days = 0", "lie at least one day apart"),
        (
            "gap_min_days = 42",
            'gap_min_days = "42"',
            "gap_min_days: not a whole number",
        ),
        ("gap_min_days = 42", "", "modality.needling.figures.gap_min_days: missing"),
        ('depth_mm = "2.0"', 'depth_mm = "2.1"', "go no deeper than 2.0 mm"),
        ('depth_mm = "2.0"', 'depth_mm = "deep"', "max_depth_mm: not a number"),
        ("maximum = 3", "maximum = 2", "lies between the fewest and the most"),
        ("minimum = 2", 'concern = "wrinkles"\nminimum = 2', "without a concern"),
        ("minutes = 30", "minutes = 0", "A phase takes at least one minute."),
        ('shape = "drop"', 'shape = "star"', "is not a valid choice"),
        ('source = "S0"', 'source = "hearsay"', "not a source such as"),
        ('kind = "avoid"', 'kind = "shun"', "care[5].kind: not one of stop, avoid"),
        ('until = "24 hours"', 'until = "a day"', "care[5].until: not days or hours"),
        ('until = "12 hours"', 'until = "36 hours"', "the stricter rules"),
        ('wait = "3 months"', 'wait = "a while"', "rule[0].wait: not a number of days"),
        ("{until}.", "{then}.", "may hold only {date} and {until}"),
        ('tool = "rf"', 'tool = "laser"', "tool: “laser” is not in this catalogue"),
        (
            'roles = ["room"]',
            'roles = ["nurse"]',
            "nurse is not both declared and used",
        ),
        ("needs_supervision = true", "needs_supervision = false", "needs a doctor"),
        ('code = "neck"', 'code = "face"', "area[1]: face is there twice"),
        ('text = "Use lukewarm', 'text = "" # "', "care tepid-water.text: "),
        ("[[treatment]]", "[[cure]]", "catalogue.cure: unknown key"),
        ("[[treatment]]", "[[treatment", "catalogue: "),
    ],
)
def test_a_malformed_catalogue_gets_one_clear_line(edited, old, new, complaint):
    with pytest.raises(CommandError) as refused:
        run(edited(changed(old, new)))

    assert complaint in str(refused.value)
    assert "\n" not in str(refused.value)
    assert refused.value.returncode == 2


def test_a_malformed_catalogue_writes_nothing(edited):
    with pytest.raises(CommandError):
        run(edited(changed('depth_mm = "2.0"', 'depth_mm = "2.1"')))

    assert not Concern.objects.exists()


def test_a_missing_file_gets_one_clear_line(tmp_path):
    with pytest.raises(CommandError, match=r"nowhere\.toml: No such file"):
        run(tmp_path / "nowhere.toml")


def test_the_file_in_the_product_reads_without_complaint():
    assert len(read(loading.CATALOGUE).protocols) == 5
