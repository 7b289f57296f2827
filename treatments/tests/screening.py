"""Builders of rules and answers, with dull defaults."""

from datetime import date

from treatments.suitability import Answer, Rule

TODAY = date(2026, 11, 24)


def wait(amount: int = 3, unit: str = "months", **fields) -> Rule:
    defaults = {
        "code": "isotretinoin",
        "kind": "wait",
        "question": "isotretinoin",
        "question_text": "Isotretinoin?",
        "reason": "Isotretinoin until {date}: not before {until}.",
        "source": "S2",
        "answer_kind": "yes-no-date",
        "date_text": "When was your last capsule?",
        "wait_amount": amount,
        "wait_unit": unit,
    }
    return Rule(**defaults | fields)


def rule(kind: str, code: str = "thing", **fields) -> Rule:
    defaults = {
        "code": code,
        "kind": kind,
        "question": code,
        "question_text": f"{code.title()}?",
        "reason": f"Because of {code}.",
        "source": "S2",
    }
    return Rule(**defaults | fields)


def answer(value: str = "yes", question: str = "thing", **fields) -> Answer:
    return Answer(
        **{"question": question, "value": value, "answered_on": TODAY} | fields
    )
