"""Which door each address leads to."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularSwaggerSplitView

from marquee.accounts.admin import OwnPasswordChangeView
from marquee.api.resources.schema import RootView, SchemaView
from marquee.api.serializers.export import export
from marquee.web.storefront.own_data import ExportView

urlpatterns = [
    path("api/v1/", include("marquee.api.urls")),  # first, as most requests go there
    # Doors do not import each other, so the page gets the API's file here.
    path("account/export/", ExportView.as_view(export=export), name="account-export"),
    path("", include("marquee.web.urls")),
    path("api/v1/", RootView.as_view()),
    *[path(door, RedirectView.as_view(url=f"/{door}/")) for door in ("admin", "swagger")],
    path("admin/password_change/", admin.site.admin_view(OwnPasswordChangeView.as_view())),
    path("admin/", admin.site.urls),
    path("swagger/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="swagger"),
    path("api/v1/schema/", SchemaView.as_view(), name="schema"),
]

handler400 = "marquee.server.error_responses.bad_request"
handler403 = "marquee.server.error_responses.forbidden"
handler404 = "marquee.server.error_responses.not_found"
handler500 = "marquee.server.error_responses.server_error"
