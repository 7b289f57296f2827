"""What `manage.py check` looks at beyond Django's own checks."""

import os
from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from clinic import assets, pdf, site


@register(Tags.staticfiles)
def browser_assets_are_there(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Pages without their assets work, but nobody would want to look at them."""
    if not (missing := assets.missing()):
        return []
    return [
        Warning(
            f"Browser assets are missing: {missing[0]}, {len(missing)} in all.",
            hint="Run: manage.py assets",
            id="clinic.W001",
        )
    ]


@register
def pdfs_can_be_made(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Without Pango patients can print their papers, but not save them as PDF."""
    if pdf.is_available():
        return []
    return [
        Warning(
            "WeasyPrint finds no Pango here, so no PDF can be made.",
            hint=f"Debian: apt install {' '.join(pdf.PACKAGES)}",
            id="clinic.W002",
        )
    ]


@register(Tags.security, deploy=True)
def servers_are_named(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """The servers under var/ ask for no password: they are for the demo and tests."""
    return [
        Error(
            f"{name} is not set, so the embedded server of the demo would be used.",
            hint="Name a server of your own.",
            id="clinic.E001",
        )
        for name in ("DATABASE_URL", "REDIS_URL")
        if not os.environ.get(name)
    ]


@register()
def the_site_can_be_read(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """The public site's words and colour are the clinic's: say what is wrong early."""
    try:
        site.read(settings.CLINIC_SITE)
    except site.SiteFault as fault:
        return [
            Error(
                f"{settings.CLINIC_SITE}: {fault}",
                hint="Mend the file, or name another in CLINIC_SITE. "
                "clinic/site.toml is an example.",
                id="clinic.E002",
            )
        ]
    return []
