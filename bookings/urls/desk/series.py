"""Proposing, holding and booking series; amending plans."""

from django.urls import path

from bookings.views.desk import amend, courses, holds, moves, override, series

urlpatterns = [
    path("plans/<int:plan_id>/repair/", moves.repair, name="plan-repair"),
    path("series/", courses.series_list, name="series-list"),
    path("plans/<int:plan_id>/series/", series.series_propose, name="series-propose"),
    path(
        "plans/<int:plan_id>/series/sessions/<int:number>/",
        series.series_choose,
        name="series-choose",
    ),
    path(
        "plans/<int:plan_id>/series/problem.json",
        series.series_problem,
        name="series-problem",
    ),
    path("plans/<int:plan_id>/series/book/", series.series_book, name="series-book"),
    path(
        "plans/<int:plan_id>/series/by-hand/",
        override.series_override,
        name="series-override",
    ),
    path("plans/<int:plan_id>/series/hold/", holds.series_hold, name="series-hold"),
    path("bookings/<uuid:key>/", series.series_booked, name="series-booked"),
    path("holds/<uuid:key>/", holds.hold, name="hold"),
    path("holds/<uuid:key>/confirm/", holds.hold_confirm, name="hold-confirm"),
    path("holds/<uuid:key>/extend/", holds.hold_extend, name="hold-extend"),
    path("holds/<uuid:key>/release/", holds.hold_release, name="hold-release"),
    path("plans/<int:plan_id>/amend/", amend.plan_amend, name="plan-amend"),
    path(
        "plans/<int:plan_id>/amend/save/", amend.plan_amend_save, name="plan-amend-save"
    ),
]
