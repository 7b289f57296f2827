"""What waits for the desk, in numbers: for the navigation on every page."""

from django.db.models import Count, Value

from bookings.models import ConsultationRequest, RequestStatus, Task
from bookings.models.tasks import FOR_CLINICIANS


def open_counts() -> dict[str, int]:
    """Open `tasks`, those of them that are `alerts`, and new `requests`, in one query.

    What is none is left out.
    """
    tasks = Task.objects.open().order_by()
    alerts = tasks.filter(kind__in=FOR_CLINICIANS)
    fresh = ConsultationRequest.objects.filter(status=RequestStatus.NEW).order_by()
    rows = (
        tasks.values(what=Value("tasks"))
        .annotate(rows=Count("pk"))
        .union(
            fresh.values(what=Value("requests")).annotate(rows=Count("pk")),
            alerts.values(what=Value("alerts")).annotate(rows=Count("pk")),
        )
    )
    return dict(rows.values_list("what", "rows"))
