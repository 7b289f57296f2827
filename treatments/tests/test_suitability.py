from datetime import date

import pytest

from treatments.suitability import (
    Decision,
    Outcome,
    Words,
    after,
    first_suitable_date,
    judge,
)
from treatments.tests.screening import TODAY, answer, rule, wait


def decision(kind: str, on: date = TODAY, code: str = "thing") -> Decision:
    return Decision(code, kind, "Seen and discussed.", on)


# --- Outcomes ------------------------------------------------------------------------


def test_outcomes_run_from_suitable_to_not_suitable():
    jumbled = [Outcome.NOT_SUITABLE, Outcome.SUITABLE, *list(Outcome)[1:3]]

    assert sorted(jumbled) == list(Outcome)
    assert max(Outcome.SUITABLE, Outcome.NOT_SUITABLE) is Outcome.NOT_SUITABLE
    assert [str(outcome) for outcome in Outcome] == [
        "suitable",
        "suitable-from",
        "needs-clinician",
        "not-suitable",
    ]


def test_a_no_to_everything_is_suitable_and_says_so():
    verdict = judge([rule("exclude")], [answer("no")], TODAY)

    assert verdict.outcome is Outcome.SUITABLE
    assert verdict.is_suitable
    assert verdict.reasons == ("No answer speaks against this treatment.",)


@pytest.mark.parametrize("kind", ["defer", "exclude", "decide"])
def test_an_unanswered_question_is_never_a_yes(kind):
    verdict = judge([rule(kind)], [], TODAY)

    assert verdict.outcome is Outcome.NEEDS_CLINICIAN
    assert verdict.reasons == ("Not answered: Thing?",)


@pytest.mark.parametrize("kind", ["defer", "exclude", "decide"])
def test_unsure_goes_to_a_clinician(kind):
    verdict = judge([rule(kind)], [answer("unsure")], TODAY)

    assert verdict.outcome is Outcome.NEEDS_CLINICIAN
    assert verdict.reasons == ("To be talked about: Thing?",)


@pytest.mark.parametrize(
    ("kind", "outcome", "until_cleared"),
    [
        ("defer", Outcome.NOT_SUITABLE, True),
        ("exclude", Outcome.NOT_SUITABLE, False),
        ("decide", Outcome.NEEDS_CLINICIAN, False),
    ],
)
def test_a_yes_means_what_the_rule_says(kind, outcome, until_cleared):
    verdict = judge([rule(kind)], [answer("yes")], TODAY)

    assert verdict.outcome is outcome
    assert verdict.reasons == ("Because of thing.",)
    assert [finding.until_cleared for finding in verdict.findings] == [until_cleared]


def test_of_several_answers_the_latest_counts_whatever_their_order():
    before = answer("yes", answered_on=date(2026, 11, 1))
    later = answer("no", answered_on=date(2026, 11, 2))

    assert judge([rule("defer")], [before, later], TODAY).is_suitable
    assert judge([rule("defer")], [later, before], TODAY).is_suitable


def test_every_reason_is_listed_the_worst_first():
    rules = [rule("decide", "cold-sores"), wait(), rule("exclude", "keloid")]
    answers = [
        answer("yes", "cold-sores"),
        answer("yes", "isotretinoin", on_date=date(2026, 11, 1)),
        answer("yes", "keloid"),
    ]

    verdict = judge(rules, answers, TODAY)

    assert verdict.outcome is Outcome.NOT_SUITABLE
    assert verdict.from_date is None
    assert verdict.reasons == (
        "Because of keloid.",
        "Because of cold-sores.",
        "Isotretinoin until 1 November 2026: not before 1 February 2027.",
    )


# --- Waiting -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "outcome"),
    [
        (date(2027, 1, 9), Outcome.SUITABLE_FROM),
        (date(2027, 1, 10), Outcome.SUITABLE),
        (date(2027, 1, 11), Outcome.SUITABLE),
    ],
)
def test_isotretinoin_waits_three_calendar_months_less_not_a_day(on, outcome):
    taken = answer("yes", "isotretinoin", on_date=date(2026, 10, 10))

    verdict = judge([wait()], [taken], on)

    assert verdict.outcome is outcome
    assert verdict.from_date == (
        date(2027, 1, 10) if outcome is Outcome.SUITABLE_FROM else None
    )


@pytest.mark.parametrize(
    ("on", "outcome"),
    [
        (date(2027, 2, 27), Outcome.SUITABLE_FROM),
        (date(2027, 2, 28), Outcome.SUITABLE),
    ],
)
def test_a_month_without_that_day_ends_the_wait_on_its_last_day(on, outcome):
    taken = answer("yes", "isotretinoin", on_date=date(2026, 11, 30), answered_on=on)

    assert judge([wait()], [taken], on).outcome is outcome


@pytest.mark.parametrize(
    ("since", "amount", "unit", "day"),
    [
        (date(2026, 11, 30), 3, "months", date(2027, 2, 28)),
        (date(2027, 11, 30), 3, "months", date(2028, 2, 29)),
        (date(2026, 11, 29), 3, "months", date(2027, 2, 28)),
        (date(2026, 11, 28), 3, "months", date(2027, 2, 28)),
        (date(2026, 12, 31), 3, "months", date(2027, 3, 31)),
        (date(2026, 10, 1), 3, "months", date(2027, 1, 1)),
        (date(2028, 2, 29), 1, "years", date(2029, 2, 28)),
        (date(2028, 2, 29), 4, "years", date(2032, 2, 29)),
        (date(2027, 2, 28), 1, "years", date(2028, 2, 28)),
        (date(2027, 2, 28), 1, "days", date(2027, 3, 1)),
        (date(2028, 2, 28), 1, "days", date(2028, 2, 29)),
    ],
)
def test_months_and_years_are_those_of_the_calendar(since, amount, unit, day):
    assert after(since, amount, unit) == day


@pytest.mark.parametrize(
    ("on", "outcome"),
    [
        (date(2029, 2, 27), Outcome.SUITABLE_FROM),
        (date(2029, 2, 28), Outcome.SUITABLE),
    ],
)
def test_radiation_that_ended_on_a_leap_day_waits_a_year(on, outcome):
    rules = [wait(1, "years", code="radiation", question="radiation")]
    ended = answer("yes", "radiation", on_date=date(2028, 2, 29), answered_on=on)

    assert judge(rules, [ended], on).outcome is outcome


def test_of_two_waits_the_later_end_counts():
    rules = [wait(), wait(1, "years", code="radiation", question="radiation")]
    answers = [
        answer("yes", "isotretinoin", on_date=date(2026, 11, 1)),
        answer("yes", "radiation", on_date=date(2026, 6, 1)),
    ]

    assert judge(rules, answers, TODAY).from_date == date(2027, 6, 1)


def test_a_wait_that_is_over_is_still_told():
    taken = answer("yes", "isotretinoin", on_date=date(2026, 1, 5))

    verdict = judge([wait()], [taken], TODAY)

    assert verdict.reasons == (
        "Isotretinoin until 5 January 2026: not before 5 April 2026. "
        "That day has come.",
    )


@pytest.mark.parametrize(
    ("on_date", "reason"),
    [
        (None, "The date is missing: Isotretinoin?"),
        (
            date(2026, 11, 25),
            "The date given lies after the day of the answer: Isotretinoin?",
        ),
    ],
)
def test_a_wait_without_a_date_to_count_from_goes_to_a_clinician(on_date, reason):
    verdict = judge([wait()], [answer("yes", "isotretinoin", on_date=on_date)], TODAY)

    assert verdict.outcome is Outcome.NEEDS_CLINICIAN
    assert verdict.reasons == (reason,)


def test_a_capsule_taken_on_the_day_of_the_answer_counts_from_that_day():
    taken = answer("yes", "isotretinoin", on_date=TODAY)

    assert judge([wait()], [taken], TODAY).from_date == date(2027, 2, 24)


def test_a_verdict_speaks_the_language_it_is_given():
    french = {"Not answered: {question}": "Sans réponse : {question}"}
    words = Words(say=lambda text: french.get(text, text), day=date.isoformat)
    taken = answer("yes", "isotretinoin", on_date=TODAY)

    verdict = judge([rule("exclude"), wait()], [taken], TODAY, words=words)

    assert verdict.reasons == (
        "Sans réponse : Thing?",
        "Isotretinoin until 2026-11-24: not before 2027-02-24.",
    )


# --- Decisions -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subject", "kind", "outcome"),
    [
        (rule("exclude", may_be_overridden=True), "override", Outcome.SUITABLE),
        (rule("exclude", may_be_overridden=True), "cleared", Outcome.NOT_SUITABLE),
        (rule("exclude"), "override", Outcome.NOT_SUITABLE),
        (rule("exclude"), "cleared", Outcome.NOT_SUITABLE),
        (rule("defer"), "cleared", Outcome.SUITABLE),
        (rule("defer"), "override", Outcome.NOT_SUITABLE),
        (rule("decide"), "cleared", Outcome.SUITABLE),
        (rule("decide"), "override", Outcome.SUITABLE),
    ],
)
def test_a_decision_settles_what_its_rule_allows(subject, kind, outcome):
    verdict = judge([subject], [answer("yes")], TODAY, [decision(kind)])

    assert verdict.outcome is outcome


def test_a_settled_finding_says_by_what():
    verdict = judge([rule("decide")], [answer("yes")], TODAY, [decision("cleared")])

    assert verdict.reasons == (
        "Because of thing. Settled by a clinician: Seen and discussed.",
    )
    assert verdict.findings[0].settled_by == decision("cleared")


@pytest.mark.parametrize("kind", ["cleared", "override"])
def test_no_decision_shortens_a_definite_wait(kind):
    taken = answer("yes", "isotretinoin", on_date=TODAY)
    word = decision(kind, code="isotretinoin")

    verdict = judge([wait(may_be_overridden=True)], [taken], TODAY, [word])

    assert verdict.outcome is Outcome.SUITABLE_FROM


def test_a_clinician_may_settle_what_was_not_answered():
    verdict = judge([rule("exclude")], [], TODAY, [decision("cleared")])

    assert verdict.is_suitable


@pytest.mark.parametrize(
    ("answered_on", "outcome"),
    [
        (date(2026, 11, 24), Outcome.SUITABLE),
        (date(2026, 11, 25), Outcome.NOT_SUITABLE),
    ],
)
def test_an_answer_given_after_the_decision_opens_the_rule_again(answered_on, outcome):
    wound = answer("yes", answered_on=answered_on)

    verdict = judge([rule("defer")], [wound], TODAY, [decision("cleared", TODAY)])

    assert verdict.outcome is outcome


def test_a_decision_on_another_rule_settles_nothing():
    word = decision("cleared", code="other")

    assert not judge([rule("decide")], [answer("yes")], TODAY, [word]).is_suitable


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_decision_has_to_say_why(reason):
    with pytest.raises(ValueError, match="has to say why"):
        Decision("keloid", "override", reason, TODAY)


# --- The first suitable date ---------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "first"),
    [
        (answer("no", "isotretinoin"), TODAY),
        (answer("yes", "isotretinoin", on_date=TODAY), date(2027, 2, 24)),
        (answer("yes", "isotretinoin", on_date=date(2026, 1, 1)), TODAY),
        (answer("yes", "isotretinoin"), None),
        (answer("unsure", "isotretinoin"), None),
    ],
)
def test_the_planner_starts_where_the_waits_end(given, first):
    assert first_suitable_date([wait()], [given], [], TODAY) == first


def test_no_date_is_promised_while_something_has_to_clear():
    rules = [rule("defer"), wait()]
    answers = [answer("yes"), answer("yes", "isotretinoin", on_date=TODAY)]

    assert first_suitable_date(rules, answers, [], TODAY) is None
