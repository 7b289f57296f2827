"""What waits for the desk, in numbers: for the navigation on every page."""

from django.db.models import Count, Value

from bookings.models import ConsultationRequest, RequestStatus, Task


def open_counts() -> dict[str, int]:
    """Open `tasks` and new `requests`, in one cheap query; what is none is left out."""
    tasks = Task.objects.open().order_by()
    fresh = ConsultationRequest.objects.filter(status=RequestStatus.NEW).order_by()
    rows = (
        tasks.values(what=Value("tasks"))
        .annotate(rows=Count("pk"))
        .union(fresh.values(what=Value("requests")).annotate(rows=Count("pk")))
    )
    return dict(rows.values_list("what", "rows"))
