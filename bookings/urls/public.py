"""The clinic's public site, and the request for a consultation."""

from django.urls import URLPattern, path

from bookings.views.public import finding, site

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
    path("robots.txt", finding.robots, name="robots"),
    path("sitemap.xml", finding.sitemap, name="sitemap"),
]
