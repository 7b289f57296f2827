"""Patients, what they agreed to, and the dates on which they cannot come."""

from datetime import date
from uuid import uuid4

import pghistory
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.lookups import Unaccent
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from bookings.models.rules import append_only, never_deleted, one_of
from clinic.models import Location
from clinic.models.places import validate_timezone


class PlainName(Func):
    """A first and a last name in one, without accents and capitals: indexed so."""

    function = "plain_name"
    arity = 2
    output_field = models.TextField()


def plainly(words: str) -> Lower:
    """`words` as they would stand in a plain name."""
    return Lower(Unaccent(Value(words)))


class PatientQuerySet(models.QuerySet["Patient"]):
    def current(self) -> "PatientQuerySet":
        """Patients whose record was not merged into another."""
        return self.filter(merged_into=None)

    def search(self, words: str) -> "PatientQuerySet":
        """Patients of whom every word is part of the name, or of the phone number.

        Accents and case are ignored. A word of three digits or more is looked for in
        the phone number; words without a letter are read as one number.
        """
        found = self.annotate(plain_name=PlainName("first_name", "last_name"))
        for word in _search_words(words.replace("\0", "")):  # no text has it
            digits = "".join(filter(str.isdigit, word))
            if len(digits) >= 3 and not any(map(str.isalpha, word)):
                found = found.filter(phone__contains=digits)
            else:
                found = found.filter(plain_name__contains=plainly(word))
        return found


def _search_words(words: str) -> list[str]:
    return words.split() if any(map(str.isalpha, words)) else [words.strip()]


@pghistory.track(append_only=True, exclude=["link_key"])
class Patient(models.Model):
    """A person the clinic treats or may treat."""

    first_name = models.CharField(_("first name"), max_length=80)
    last_name = models.CharField(_("last name"), max_length=80)
    pronouns = models.CharField(_("pronouns"), max_length=20, blank=True)
    birth_date = models.DateField(_("birth date"), null=True, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    phone = PhoneNumberField(_("phone"), blank=True)
    language = models.CharField(
        _("language"), max_length=2, choices=settings.LANGUAGES, default="en"
    )
    timezone = models.CharField(
        _("own time zone"),
        max_length=64,
        default="America/Toronto",
        validators=[validate_timezone],
    )
    location = models.ForeignKey(
        Location,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("usual location"),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="patients",
        verbose_name=_("account"),
    )
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="merged",
        verbose_name=_("is the same person as"),
    )
    link_key = models.UUIDField(
        _("key of the links sent so far"), default=uuid4, editable=False
    )
    created_at = models.DateTimeField(_("added"), auto_now_add=True)

    objects = PatientQuerySet.as_manager()

    class Meta:
        ordering = ["last_name", "first_name", "pk"]
        verbose_name = _("patient")
        verbose_name_plural = _("patients")
        permissions = [("merge_patient", _("Can merge two records of one person"))]
        constraints = [
            models.CheckConstraint(
                name="patient_is_not_merged_into_itself",
                condition=Q(merged_into=None) | ~Q(merged_into=F("pk")),
            ),
            models.CheckConstraint(
                name="patient_can_be_reached",
                condition=~Q(email="") | ~Q(phone=""),
                violation_error_message=_("Give a phone number or an e-mail address."),
            ),
            one_of(
                "patient_language_is_known",
                "language",
                [code for code, _name in settings.LANGUAGES],
            ),
        ]
        indexes = [
            GinIndex(
                OpClass(PlainName("first_name", "last_name"), name="gin_trgm_ops"),
                name="patient_by_part_of_name",
            ),
            GinIndex(
                OpClass("phone", name="gin_trgm_ops"), name="patient_by_part_of_phone"
            ),
            models.Index(fields=["birth_date"], name="patient_by_birth_date"),
        ]
        triggers = [never_deleted("keep_patient")]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"

    def age_on(self, day: date) -> int | None:
        """Whole years on `day`, or None where the birth date is unknown."""
        if self.birth_date is None:
            return None
        born = self.birth_date
        return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


class AwayDates(models.Model):
    """Local dates on which a patient cannot or would rather not come."""

    patient = models.ForeignKey(Patient, models.CASCADE, related_name="away_dates")
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    label = models.CharField(_("what for"), max_length=60, blank=True)

    class Meta:
        ordering = ["first_day"]
        constraints = [
            models.CheckConstraint(
                name="away_dates_end_after_they_start",
                condition=Q(last_day__gte=F("first_day")),
                violation_error_message=_("The last day is before the first."),
            ),
            models.UniqueConstraint(
                name="away_dates_are_kept_once",
                fields=["patient", "first_day", "last_day"],
            ),
        ]

    def __str__(self) -> str:
        return self.label or f"{self.first_day} – {self.last_day}"


class ConsentKind(models.TextChoices):
    CARE_MESSAGES = "care", _("Messages about care")
    MARKETING = "marketing", _("News and offers")
    TREATMENT = "treatment", _("Treatment")
    PHOTOS = "photos", _("Photos")


class Consent(models.Model):
    """What a patient agreed to or took back, when, and in which words."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="consents")
    kind = models.CharField(max_length=12, choices=ConsentKind)
    is_given = models.BooleanField()
    words = models.TextField(help_text=_("The text as it was shown."))
    text_version = models.CharField(_("version of the text"), max_length=20, blank=True)
    language = models.CharField(
        _("language"), max_length=2, choices=settings.LANGUAGES, default="en"
    )
    signed_name = models.CharField(_("name as typed"), max_length=160, blank=True)
    plan = models.ForeignKey(
        "bookings.TreatmentPlan",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="consents",
    )
    source = models.CharField(max_length=40)
    at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        ordering = ["-at"]
        constraints = [one_of("consent_kind_is_known", "kind", ConsentKind.values)]
        triggers = [append_only("keep_consent")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.is_given}"


class PatientMerge(models.Model):
    """Two records found to be one person: which went into which, and what moved."""

    kept = models.ForeignKey(Patient, models.PROTECT, related_name="merges")
    gone = models.OneToOneField(Patient, models.PROTECT, related_name="merge")
    moved = models.JSONField(_("what moved, by kind"), default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]
        triggers = [append_only("keep_merge")]

    def __str__(self) -> str:
        return f"{self.gone_id} → {self.kept_id}"


class PatientFile(models.Model):
    """A private document kept with a patient's record, as it was handed in."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="files")
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind of file"), max_length=40)
    size = models.PositiveIntegerField(_("size in bytes"))
    file = models.FileField(_("file"), upload_to="patient-files/")
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    added_at = models.DateTimeField(_("added"))

    class Meta:
        ordering = ["-added_at", "-pk"]
        triggers = [never_deleted("keep_patient_file")]

    def __str__(self) -> str:
        return self.name
