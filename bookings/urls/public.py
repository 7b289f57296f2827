"""The clinic's public site, and the request for a consultation."""

from django.urls import URLPattern, path

from bookings.views.public import choosing, finding, following, requesting, site

app_name = "public"

urlpatterns: list[URLPattern] = [
    path("", site.home, name="home"),
    path("treatments/", site.treatments, name="treatments"),
    path("treatments/<slug:code>/", site.treatment, name="treatment"),
    path("how-it-works/", site.how, name="how"),
    path("doctors/", site.doctors, name="doctors"),
    path("locations/", site.locations, name="locations"),
    path("contact/", site.contact, name="contact"),
    path("privacy/", site.privacy, name="privacy"),
    path("accessibility/", site.accessibility, name="accessibility"),
    path("after-care/", site.after_care, name="after-care"),
    path("request/", requesting.start, name="request"),
    path("request/sent/", requesting.sent, name="request-sent"),
    path("request/saved/", requesting.saved, name="request-saved"),
    path("request/<slug:step>/", requesting.step, name="request-step"),
    path("requests/<str:token>/", following.follow, name="request-follow"),
    path("requests/<str:token>/change/", following.change, name="request-change"),
    path("requests/<str:token>/withdraw/", following.withdraw, name="request-withdraw"),
    path("robots.txt", finding.robots, name="robots"),
    path("sitemap.xml", finding.sitemap, name="sitemap"),
    path(
        "requests/<str:token>/choose/", choosing.request_choose, name="request-choose"
    ),
]
