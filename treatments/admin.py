"""Plain admin pages: what the catalogue holds, and vouching for it.

The catalogue is changed in its file and loaded, or by the medical director on pages of
its own; here it is read and approved.
"""

from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from clinic.models import User
from treatments import models
from treatments.services import catalogue


class ReadOnly:
    """Rows to look at: they come from the catalogue's file."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(models.Concern, models.BodyArea, models.Modality)
class WordAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["name", "code", "source"]


@admin.register(models.Treatment)
class TreatmentAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["name", "short_code", "shape", "code"]


class PartInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    exclude = ["position"]
    show_change_link = False


def inline_of(part: type[models.ProtocolPart]) -> type[PartInline]:
    """The rows of one kind, as a table on their protocol's page."""
    return type(f"{part.__name__}Inline", (PartInline,), {"model": part})


@admin.register(models.Protocol)
class ProtocolAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["__str__", "published_at", "approved_by", "approved_at"]
    list_filter = ["treatment"]
    list_select_related = ["treatment", "approved_by"]
    inlines = [inline_of(part) for part in catalogue.PARTS.values()]
    actions = ["approve"]

    def has_approve_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("treatments.approve_protocol")

    @admin.action(
        permissions=["approve"],
        description=_("Vouch for every value that nobody has approved yet"),
    )
    def approve(
        self, request: HttpRequest, queryset: QuerySet[models.Protocol]
    ) -> None:
        actor, now = cast(User, request.user), timezone.now()
        count = 0
        for protocol in queryset:
            count += catalogue.approve(protocol, actor=actor, now=now)
        told = ngettext(
            "%(count)s value approved.", "%(count)s values approved.", count
        )
        messages.success(request, told % {"count": count})
