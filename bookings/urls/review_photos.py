"""The clinicians' addresses of photos."""

from django.urls import path

from bookings.views.review import photo_taking, photos

urlpatterns = [
    path("patients/<int:patient_id>/photos/", photos.photos, name="photos"),
    path(
        "patients/<int:patient_id>/photos/add/",
        photo_taking.photo_add,
        name="photo-add",
    ),
    path(
        "patients/<int:patient_id>/photos/compare/",
        photos.photo_compare,
        name="photo-compare",
    ),
    path(
        "patients/<int:patient_id>/photos/erase/",
        photos.photos_erase,
        name="photos-erase",
    ),
    path("photos/<int:photo_id>/", photos.photo, name="photo"),
    path(
        "photos/<int:photo_id>/file/<str:token>/", photos.photo_file, name="photo-file"
    ),
    path("photos/<int:photo_id>/hide/", photos.photo_hide, name="photo-hide"),
]
