"""A page on paper: the same page to read and print, or as PDF where one is asked for."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from clinic import pdf

FORMAT = "pdf"


def answer(
    request: HttpRequest, template: str, context: dict[str, Any], name: str
) -> HttpResponse:
    """The page; as the file `name`.pdf for `?format=pdf`, or 404 where none is made."""
    if request.GET.get("format") != FORMAT:
        context["has_pdf"] = pdf.is_available()
        return render(request, template, context)
    if not pdf.is_available():
        raise Http404
    page = render_to_string(template, context | {"is_pdf": True}, request)
    said = pdf.written(page, title=_("The series in time"))
    headers = {"Content-Disposition": f'attachment; filename="{name}.pdf"'}
    return HttpResponse(said, content_type="application/pdf", headers=headers)
