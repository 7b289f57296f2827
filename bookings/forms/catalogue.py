"""The medical director's forms: the lines of a draft, and its figures."""

from typing import Any, ClassVar

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from bookings.forms.catalogue_draft import DraftForm
from bookings.services.setup import skills
from bookings.services.vouching import facets
from clinic.models import ResourceKind
from treatments.models import (
    DEPTH_LIMIT_MM,
    CareInstruction,
    Protocol,
    ProtocolEffect,
    ProtocolFact,
    ProtocolPhase,
    ProtocolRole,
    SessionCount,
    SuitabilityRule,
)
from treatments.services import editing

CODE_LENGTH = 50
AREA = {"rows": 3}


class FiguresForm(DraftForm):
    """The numbers of a protocol. Needles go no deeper than 2.0 mm (source: S2)."""

    GROUPS: ClassVar[list[tuple[Any, list[str], str]]] = [
        (_("Days between sessions"), ["gap_min_days", "gap_max_days"], "gap_source"),
        (_("Ideal days between sessions"), ["ideal_gap_days"], "ideal_gap_source"),
        (
            _("Maintenance"),
            ["maintenance_min", "maintenance_max"],
            "maintenance_source",
        ),
        (_("A single session"), ["single_session_may_do"], "single_session_source"),
        (_("Needle depth"), ["max_depth_mm"], "depth_source"),
        (_("Passes"), ["passes_min", "passes_max"], "passes_source"),
        (_("Skin layer"), ["target_layer"], "layer_source"),
        (_("Supervision"), ["needs_supervision"], "supervision_source"),
    ]

    max_depth_mm = forms.DecimalField(
        label=_("Depth in mm, at most"),
        min_value=0.1,
        max_value=DEPTH_LIMIT_MM,
        max_digits=3,
        decimal_places=1,
        error_messages={
            "max_value": _("Needles go no deeper than %(limit_value)s mm."),
        },
        widget=forms.NumberInput({"step": "0.1"}),
    )

    class Meta:
        model = Protocol
        fields: ClassVar[list[str]] = [
            "gap_min_days",
            "gap_max_days",
            "gap_source",
            "ideal_gap_days",
            "ideal_gap_source",
            "maintenance_min",
            "maintenance_max",
            "maintenance_source",
            "single_session_may_do",
            "single_session_source",
            "max_depth_mm",
            "depth_source",
            "passes_min",
            "passes_max",
            "passes_source",
            "target_layer",
            "layer_source",
            "needs_supervision",
            "supervision_source",
        ]


class CountForm(DraftForm):
    """How many sessions a concern takes."""

    FIXED = ("concern",)
    GROUPS: ClassVar[list[tuple[Any, list[str], str]]] = [
        (_("How many sessions"), ["concern", "minimum", "usual", "maximum"], "source")
    ]

    class Meta:
        model = SessionCount
        fields: ClassVar[list[str]] = [
            "concern",
            "minimum",
            "usual",
            "maximum",
            "source",
        ]
        help_texts = {"maximum": _("Left empty, there may be more.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if concern := self.fields.get("concern"):
            there = self.draft.session_counts.values("concern")
            named: Any = concern
            own = self.draft.treatment.concerns.all()
            named.queryset = own.exclude(pk__in=there.exclude(concern=None))
            named.empty_label = _("Any other concern")


class PhaseForm(DraftForm):
    """A stretch of a session and what is in use during it."""

    FIXED = ("name",)
    GROUPS: ClassVar[list[tuple[Any, list[str], str]]] = [
        (_("Phase"), ["name", "minutes", "after", "roles"], "source")
    ]

    after = forms.ChoiceField(label=_("Comes after"), required=False)

    class Meta:
        model = ProtocolPhase
        fields: ClassVar[list[str]] = ["name", "minutes", "roles", "source"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["roles"] = forms.MultipleChoiceField(
            label=_("In use"),
            choices=[
                (role.name, facets.role_name(role.name))
                for role in self.draft.roles.all()
            ],
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": _("A phase uses at least one role.")},
        )
        others = [one for one in self.draft.phases.all() if one != self.instance]
        after: Any = self.fields["after"]
        after.choices = [
            ("", _("Nothing: it is the first")),
            *((one.name, one.name) for one in others),
        ]
        self.initial["after"] = self._before_it(others)

    def _before_it(self, others: list[ProtocolPhase]) -> str:
        row: ProtocolPhase = self.instance
        earlier = [one for one in others if one.position < row.position]
        return earlier[-1].name if earlier else ""


class RoleForm(DraftForm):
    """Who or what a session needs."""

    FIXED = ("name", "kind")
    GROUPS: ClassVar[list[tuple[Any, list[str], str]]] = [
        (_("Role"), ["name", "kind", "skills", "shared"], "source")
    ]

    class Meta:
        model = ProtocolRole
        fields: ClassVar[list[str]] = ["name", "kind", "skills", "shared", "source"]
        labels = {"shared": _("Only has to be there, for several sessions at once")}
        help_texts = {"name": _("Small letters, digits and hyphens, such as nurse.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = [ResourceKind(self.instance.kind)] if self.instance.pk else ResourceKind
        known = {code: name for kind in own for code, name in skills.in_use(kind)}
        self.fields["skills"] = forms.MultipleChoiceField(
            label=_("Skills, all of them"),
            choices=[
                (code, known[code]) for code in sorted(known, key=known.__getitem__)
            ],
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": _("Choose at least one skill.")},
        )


class _WordedForm(DraftForm):
    """A line known by a code, which a new one makes of its words."""

    CODED: ClassVar[str] = "text"

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        row: Any = self.instance
        if not row.pk:
            row.code = _code(row, data.get(self.CODED, ""))
        return data


class CareForm(_WordedForm):
    """A piece of care before or after a session."""

    FIXED = ("phase",)
    WORDS = ("text", "milder_text")
    GROUPS: ClassVar[list[tuple[Any, list[str], str]]] = [
        (_("What patients read"), ["phase", "kind", "text"], ""),
        (
            _("From when until when"),
            [
                "starts_offset",
                "starts",
                "ends_offset",
                "ends",
                "first_session_only",
            ],
            "source",
        ),
        (
            _("A milder rule that a plan may allow"),
            ["milder_hours", "milder_text"],
            "milder_source",
        ),
    ]

    class Meta:
        model = CareInstruction
        fields: ClassVar[list[str]] = [
            "phase",
            "kind",
            "text",
            "starts_offset",
            "starts",
            "ends_offset",
            "ends",
            "first_session_only",
            "source",
            "milder_hours",
            "milder_text",
            "milder_source",
        ]
        labels = {"text": _("In words"), "milder_text": _("In words")}
        widgets = {
            "text": forms.Textarea(AREA),
            "milder_text": forms.Textarea(AREA),
        }
        help_texts = {
            "starts_offset": _("Only for days and hours; days before it are negative."),
            "milder_hours": _("Hours after the session, fewer than the stricter rule."),
        }


class RuleForm(_WordedForm):
    """A question, and what a yes to it means."""

    CODED = "question_text"
    WORDS = ("question_text", "date_text", "reason")
    GROUPS: ClassVar[list[tuple[Any, list[str], str]]] = [
        (_("The question"), ["question_text", "answer_kind", "date_text"], ""),
        (
            _("What a yes means"),
            [
                "kind",
                "wait_amount",
                "wait_unit",
                "reason",
                "ask_again",
                "may_be_overridden",
            ],
            "source",
        ),
    ]

    class Meta:
        model = SuitabilityRule
        fields: ClassVar[list[str]] = [
            "question_text",
            "answer_kind",
            "date_text",
            "kind",
            "wait_amount",
            "wait_unit",
            "reason",
            "ask_again",
            "may_be_overridden",
            "source",
        ]
        widgets = {
            "question_text": forms.Textarea(AREA),
            "reason": forms.Textarea(AREA),
        }
        help_texts = {
            "reason": _("May hold {date}, the date given, and {until}, the first day."),
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        row: SuitabilityRule = self.instance
        if not row.pk:
            row.question = row.code
        if not data.get("wait_unit"):
            data["wait_unit"] = None  # as the table has it, where there is no wait
        try:
            str(data.get("reason", "")).format(date="", until="")
        except (LookupError, ValueError):
            self.add_error("reason", _("Only {date} and {until} can be filled in."))
        return data


class EffectForm(_WordedForm):
    """What the skin may do, and how often."""

    GROUPS: ClassVar[list[tuple[Any, list[str], str]]] = [
        (_("What to expect"), ["kind", "text"], "source")
    ]

    class Meta:
        model = ProtocolEffect
        fields: ClassVar[list[str]] = ["kind", "text", "source"]
        widgets = {"text": forms.Textarea(AREA)}


class FactForm(_WordedForm):
    """Something worth knowing."""

    GROUPS: ClassVar[list[tuple[Any, list[str], str]]] = [
        (_("Good to know"), ["text"], "source")
    ]

    class Meta:
        model = ProtocolFact
        fields: ClassVar[list[str]] = ["text", "source"]
        widgets = {"text": forms.Textarea(AREA)}


FORMS: dict[str, type[DraftForm]] = {
    "session_counts": CountForm,
    "phases": PhaseForm,
    "roles": RoleForm,
    "care": CareForm,
    "rules": RuleForm,
    "effects": EffectForm,
    "facts": FactForm,
}


def _code(row: Any, words: str) -> str:
    """A code made of `words` that no line of its kind has in this draft."""
    plain = slugify(words)[:CODE_LENGTH].strip("-") or "line"
    taken = set(
        type(row)
        ._default_manager.filter(protocol=row.protocol)
        .values_list("code", flat=True)
    )
    free = (f"{plain}-{n}" if n > 1 else plain for n in range(1, len(taken) + 2))
    return next(code for code in free if code not in taken)


def form_of(part: str, row: Any, data: Any = None) -> DraftForm:
    """The form for `row`, a line of a draft, bound to `data` where it is given."""
    return FORMS[part](data, instance=row)


def new_row(part: str, draft: Protocol) -> Any:
    """A line of `draft` that is not written yet."""
    model: Any = FORMS[part]._meta.model
    return model(protocol=draft, position=editing.last(draft, model))
