"""The two addresses that the peers answer."""

from django.urls import path

from bench.peers.textbook.views import AvailabilityView, BookingView

urlpatterns = [
    path("api/v1/shows/<int:show_id>/bookings/", BookingView.as_view()),
    path("api/v1/shows/<int:show_id>/availability/", AvailabilityView.as_view()),
]
