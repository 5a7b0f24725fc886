"""Who is calling. DRF imports this by the settings, before any view."""

from typing import Any

from rest_framework.exceptions import AuthenticationFailed
from rest_framework_simplejwt.authentication import JWTAuthentication

from marquee.accounts.models import User


class Authentication(JWTAuthentication):
    """Simple JWT's own, which loads the user, and then looks whether the token was called back."""

    def get_user(self, validated_token: Any) -> User:
        """Return the user. Raises AuthenticationFailed."""
        user = super().get_user(validated_token)
        if user.token_epoch != validated_token.get("epoch"):
            raise AuthenticationFailed("This token is no longer good.")
        return user
