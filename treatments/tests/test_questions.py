from datetime import date

import pytest

from treatments.suitability import AskAgain, questions, to_ask
from treatments.tests.screening import TODAY, answer, rule, wait


def test_each_question_is_asked_once_in_the_order_of_the_rules():
    rules = [rule("defer", "a"), wait(), rule("exclude", "b", question="a")]

    asked = questions(rules)

    assert [question.code for question in asked] == ["a", "isotretinoin"]
    assert [question.wants_date for question in asked] == [False, True]
    assert asked[1].date_text == "When was your last capsule?"


@pytest.mark.parametrize(
    ("occasion", "asked"),
    [
        (AskAgain.NEVER, []),
        (AskAgain.BEFORE_BOOKING, ["pregnancy"]),
        (AskAgain.BEFORE_SESSION, ["pregnancy", "wound"]),
    ],
)
def test_what_was_answered_on_an_earlier_day_is_asked_again(occasion, asked):
    rules = [
        rule("exclude", "keloid"),
        rule("defer", "pregnancy", ask_again="before-booking"),
        rule("defer", "wound", ask_again="before-session"),
    ]
    known = [
        answer("no", code, answered_on=date(2026, 11, 23))
        for code in ("keloid", "pregnancy", "wound")
    ]

    again = to_ask(rules, known, TODAY, occasion)

    assert [question.code for question in again] == asked


def test_what_was_answered_today_is_fresh_and_what_never_was_is_always_asked():
    rules = [
        rule("defer", "wound", ask_again="before-session"),
        rule("exclude", "keloid"),
    ]

    asked = to_ask(rules, [answer("no", "wound")], TODAY, AskAgain.BEFORE_SESSION)

    assert [question.code for question in asked] == ["keloid"]
    assert rules[0].re_ask_before_each_session
    assert not rules[1].re_ask_before_each_session


# --- Rules that make no sense --------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: wait(amount=None), "says how long"),
        (lambda: rule("defer", wait_amount=3, wait_unit="months"), "says how long"),
        (lambda: wait(answer_kind="yes-no"), "needs a date"),
        (lambda: rule("defer", reason="Until {later}."), "may hold only"),
        (lambda: rule("defer", reason="Until {."), "may hold only"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(make, complaint):
    with pytest.raises(ValueError, match=complaint):
        make()


def test_only_a_wait_has_an_end():
    with pytest.raises(ValueError, match="is not a wait"):
        rule("defer").ends(TODAY)
