"""The front desk's addresses, by what they are about."""

from bookings.urls.desk import (
    appointments,
    boards,
    booking,
    diary,
    finding,
    patients,
    series,
    setup,
)

app_name = "desk"

urlpatterns = [
    *diary.urlpatterns,
    *appointments.urlpatterns,
    *booking.urlpatterns,
    *finding.urlpatterns,
    *series.urlpatterns,
    *patients.urlpatterns,
    *boards.urlpatterns,
    *setup.urlpatterns,
]
