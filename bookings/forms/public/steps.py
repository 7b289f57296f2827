"""The four steps as forms over one draft, and what they come to together."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from bookings.forms.public.fields import PublicForm
from bookings.forms.public.health import HealthForm
from bookings.forms.public.when import SendForm
from bookings.forms.public.why import WhyForm
from bookings.forms.public.you import YouForm
from bookings.services.enquiries import questions
from bookings.services.enquiries.draft import STEPS, Draft
from bookings.services.enquiries.questions import Card, Matters
from bookings.services.enquiries.sending import Enquiry


@dataclass
class Steps:
    """The forms of `draft` on the clinic's local day `today`, each made once.

    `language` is that of the page.
    """

    draft: Draft
    today: date
    language: str

    def form(self, step: str) -> PublicForm:
        """The form of `step`, with what was typed in it so far."""
        form: PublicForm = getattr(self, step)
        return form

    @cached_property
    def why(self) -> WhyForm:
        return WhyForm(*self._said("why"))

    @cached_property
    def you(self) -> YouForm:
        typed, wanted = self._said("you")
        return YouForm(
            typed, {"language": [self.language], **(wanted or {})}, today=self.today
        )

    @cached_property
    def matters(self) -> Matters:
        """The questions that matter: of all that is on offer until something is chosen."""
        if self.why.is_valid():
            return self.why.matters()
        return questions.matters(questions.fitting(None, (), ()))

    @cached_property
    def health(self) -> HealthForm:
        typed, _wanted = self._said("health")
        asked = self.matters.questions
        return HealthForm(typed, questions=asked, today=self.today)

    @cached_property
    def when(self) -> SendForm:
        return SendForm(*self._said("when"), today=self.today)

    def _said(
        self, step: str
    ) -> tuple[dict[str, list[str]] | None, dict[str, list[str]] | None]:
        return self.draft.says(step), self.draft.wanted.get(step)

    def cards(self) -> dict[str, Card]:
        """What the answers given so far mean, by question."""
        return questions.cards(self.health.given(), self.matters, today=self.today)

    def is_done(self, step: str) -> bool:
        """Whether `step` was left and is right; what is asked later can undo it."""
        return step in self.draft.past and self.form(step).is_valid()

    def first_open(self, before: str = "") -> str:
        """The first step that is not done, of those before `before`; else `before`."""
        for step in STEPS:
            if step == before or not self.is_done(step):
                return step
        return STEPS[-1]

    def enquiry(self) -> Enquiry:
        """All of it, of four valid forms."""
        wishes = {**self.why.wishes(), **self.when.wishes()}
        person = {
            **self.you.facts(),
            **self.when.home(),
            "location": wishes["location"],
        }
        return Enquiry(
            person=person,
            answers=self.health.given(),
            wishes=wishes,
            agreed=self.when.agreed(),
            language=self.language,
        )
