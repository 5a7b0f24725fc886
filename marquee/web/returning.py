"""Where pages lead back to: always to a page of ours, with what was chosen there."""

from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

# Longer than any choice of seats. Proxies and browsers take little more.
MAX_LENGTH = 2000
# Nobody wants to be led back to these.
PASSED_THROUGH = (
    "log-in", "sign-up", "log-out", "account-delete", "log-in-second-factor", "log-in-recovery-code",
)  # fmt: skip


def own_path(request: HttpRequest, url: str) -> str:
    """Return the path and the query of a URL of this site; blank for another site's, or none at all."""
    ours = {request.get_host()}
    if len(url) > MAX_LENGTH or not url_has_allowed_host_and_scheme(url, allowed_hosts=ours):
        return ""
    parts = urlsplit(url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    # http://ours//theirs has the path //theirs.
    is_ours = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if is_ours else ""


def next_path(request: HttpRequest) -> str:
    """Return the page that `next` names, to lead to after a login; blank without one."""
    path = own_path(request, request.GET.get("next", ""))
    passed = [reverse(name) for name in PASSED_THROUGH]
    return "" if urlsplit(path).path in passed else path


def choice_of_referrer(request: HttpRequest) -> str:
    """Return the page of `next` as it was left, if scripts have changed its query; blank if not.

    The seats' page writes the choice into its URL, but the links of its header stay as they were sent.
    """
    path = next_path(request)
    left = own_path(request, request.headers.get("Referer", ""))
    is_same_page = bool(path) and urlsplit(left).path == urlsplit(path).path
    return left if is_same_page and left != path else ""


def with_next(name: str, path: str) -> str:
    """Return the URL of a page, by name, that leads to a path in the end."""
    return f"{reverse(name)}?{urlencode({'next': path})}" if path else reverse(name)


def current_path(request: HttpRequest) -> str:
    """Return the path of this page with its query, unless that has a link's token or is very long."""
    full, query = request.get_full_path(), request.META.get("QUERY_STRING", "")
    return request.path if "token=" in query or len(full) > MAX_LENGTH else full
