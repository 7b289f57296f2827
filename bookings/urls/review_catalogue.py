"""The catalogue's addresses for clinicians, and the plan on paper."""

from django.urls import path

from bookings.views.review import catalogue, catalogue_draft, handouts

urlpatterns = [
    path("catalogue/", catalogue.catalogue_list, name="catalogue"),
    path(
        "catalogue/<slug:code>/",
        catalogue.catalogue_treatment,
        name="catalogue-treatment",
    ),
    path(
        "catalogue/<slug:code>/confirm/",
        catalogue.catalogue_confirm,
        name="catalogue-confirm",
    ),
    path(
        "catalogue/<slug:code>/edit/",
        catalogue_draft.catalogue_edit,
        name="catalogue-edit",
    ),
    path(
        "catalogue/<slug:code>/edit/figures/",
        catalogue_draft.catalogue_figures,
        name="catalogue-figures",
    ),
    path(
        "catalogue/<slug:code>/edit/<slug:part>/add/",
        catalogue_draft.catalogue_add,
        name="catalogue-add",
    ),
    path(
        "catalogue/<slug:code>/edit/<slug:part>/<int:row_id>/",
        catalogue_draft.catalogue_line,
        name="catalogue-line",
    ),
    path(
        "catalogue/<slug:code>/edit/<slug:part>/<int:row_id>/remove/",
        catalogue_draft.catalogue_remove,
        name="catalogue-remove",
    ),
    path(
        "catalogue/<slug:code>/discard/",
        catalogue_draft.catalogue_discard,
        name="catalogue-discard",
    ),
    path(
        "catalogue/<slug:code>/effect/",
        catalogue_draft.catalogue_effect,
        name="catalogue-effect",
    ),
    path(
        "catalogue/<slug:code>/publish/",
        catalogue_draft.catalogue_publish,
        name="catalogue-publish",
    ),
    path("plans/<int:plan_id>/handout/", handouts.plan_handout, name="plan-handout"),
]
