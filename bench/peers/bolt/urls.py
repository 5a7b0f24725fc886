"""No addresses but those of the API."""

urlpatterns: list[object] = []
