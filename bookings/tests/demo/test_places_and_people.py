"""The demo's places and people."""

from collections import Counter
from datetime import date

from django.contrib.auth import authenticate

from bookings.models import Appointment, Patient
from bookings.services.missing import displaced
from bookings.tests.demo.rows import MORNING
from clinic.demo_accounts import DEMO_PATIENT, DEMO_SIGN_INS
from clinic.models import Closure, Device, DeviceKind, Location, Practitioner, Room


def test_two_locations_six_practitioners_two_doctors_six_rooms(demo):
    assert Location.objects.count() == 2
    assert Practitioner.objects.count() == 6
    assert Practitioner.objects.filter(may_supervise=True).count() == 2
    assert Room.objects.count() == 6


def test_devices_are_licensed_for_the_whole_diary(demo):
    last = Appointment.objects.latest("during").local_date
    kinds = Counter(Device.objects.values_list("device_kind", "location__slug"))

    assert all(device.may_be_used_on(last) for device in Device.objects.all())
    assert kinds[DeviceKind.RF, "centretown"] == 2
    assert kinds[DeviceKind.CENTRIFUGE, "centretown"] == 1
    assert kinds[DeviceKind.CENTRIFUGE, "westboro"] == 1


def test_nothing_to_come_lacks_anybody_or_anything(demo):
    assert displaced.found(now=MORNING) == {}


def test_ontario_has_its_holidays(demo):
    holidays = dict(Closure.objects.values_list("first_day", "name"))

    assert holidays[date(2027, 2, 15)] == "Family Day"
    assert holidays[date(2028, 7, 1)] == "Canada Day"


def test_two_hundred_patients_who_cannot_be_written_to_by_accident(demo):
    patients = Patient.objects.all()

    assert len(patients) == 200
    assert len({str(patient) for patient in patients}) == 200
    assert all(patient.email.endswith("@example.org") for patient in patients)
    assert all(str(p.phone.as_e164).startswith("+161355501") for p in patients)


def test_the_demo_sign_ins_work_and_the_doctor_is_dr_okafor(demo):
    users = [
        authenticate(username=email, password=password)
        for _role, email, password in DEMO_SIGN_INS
    ]

    assert [[one.name for one in user.groups.order_by("name")] for user in users] == [
        ["Front desk"],
        ["Clinician", "Medical director"],
        ["Manager"],
    ]
    assert users[1].practitioner.name == "Dr Adaeze Okafor"


def test_the_patient_of_the_drawings_signs_in_too_and_has_no_role(demo):
    _role, email, password = DEMO_PATIENT
    anouk = Patient.objects.get(email=email)

    assert str(anouk) == "Anouk Desrosiers"
    assert anouk.user == authenticate(username=email, password=password)
    assert not anouk.user.groups.exists()
    others = Patient.objects.exclude(user=None).exclude(pk=anouk.pk)
    assert not any(one.user.has_usable_password() for one in others)
