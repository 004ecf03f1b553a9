"""What every answer carries and every request must be: headers, the host, the origin, the address behind named proxies."""

from collections.abc import Callable, Iterable
from ipaddress import ip_address, ip_network
from typing import Any, TypeVar

from flask import Flask, Response, abort, current_app, request
from werkzeug.wsgi import get_host

from core.config import Settings, settings
from core.setting_readers import Network

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "media-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
    ]
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), interest-cohort=()",
}
HSTS_SECONDS = 2 * 365 * 24 * 3600

View = TypeVar("View", bound=Callable[..., Any])
WSGIApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def guard(app: Flask) -> None:
    """Refuse foreign hosts and foreign forms, and put the headers on every answer."""
    app.before_request(_refuse_foreign_hosts)
    app.before_request(_refuse_foreign_forms)
    app.after_request(_put_headers)


def _refuse_foreign_hosts() -> None:
    host = get_host(request.environ)
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    if name.lower() not in settings().hosts:
        abort(400)


def _refuse_foreign_forms() -> None:
    """A state change comes from our own pages (Fetch Metadata, RFC 6454); text browsers send neither header."""
    view = current_app.view_functions.get(request.endpoint or "")
    if request.method in ("GET", "HEAD", "OPTIONS") or getattr(view, "takes_foreign_posts", False):
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None and site not in ("same-origin", "none"):
        abort(403)
    if origin is not None and origin != own_origin():
        abort(403)


def takes_foreign_posts(view: View) -> View:
    """Let a view be posted to from anywhere: what stands in its address is the authority, and no cookie counts (RFC 8058)."""
    view.takes_foreign_posts = True  # type: ignore[attr-defined]
    return view


def own_origin() -> str:
    """Return the origin our own forms have: the site address, on loopback the name that was called."""
    scheme = "https" if settings().is_https else "http"
    return f"{scheme}://{request.host}" if settings().is_loopback else settings().address


def _put_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if settings().is_https:
        response.headers["Strict-Transport-Security"] = f"max-age={HSTS_SECONDS}; includeSubDomains"
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    return response


def is_personal() -> bool:
    """Tell whether the request shows who asks: then its answer is for nobody else."""
    return any(name.removeprefix("__Host-") in ("session", "writer") for name in request.cookies)


def for_everyone(response: Response) -> Response:
    """Let caches keep a page that is the same for every visitor, asking each time; a personal one is kept by nobody."""
    response.headers["Cache-Control"] = (
        "private, no-store" if is_personal() or "lang" in request.args else "public, no-cache"
    )
    response.vary.update(["Accept-Language", "Cookie"])
    if response.status_code == 200 and not is_personal():
        response.add_etag(weak=True)
        response.make_conditional(request)
    return response


def address_block(address: str) -> str:
    """Return the network an address is counted with: /24 of IPv4, /64 of IPv6, as text."""
    try:
        found = ip_address(address)
    except ValueError:
        return "unknown"
    mapped = getattr(found, "ipv4_mapped", None)
    found = mapped or found
    return str(ip_network(f"{found}/{24 if found.version == 4 else 64}", strict=False))


class BehindProxies:
    """Believe X-Forwarded-For and X-Forwarded-Proto from the named proxies only, read from the right."""

    def __init__(self, app: WSGIApp, chosen: Settings) -> None:
        self._app = app
        self._proxies = chosen.trusted_proxies

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if self._is_proxy(environ.get("REMOTE_ADDR", "")):
            for hop in reversed(environ.get("HTTP_X_FORWARDED_FOR", "").split(",")):
                if not _is_address(hop):
                    break
                environ["REMOTE_ADDR"] = hop.strip()
                if not self._is_proxy(hop):
                    break
            if environ.get("HTTP_X_FORWARDED_PROTO") in ("http", "https"):
                environ["wsgi.url_scheme"] = environ["HTTP_X_FORWARDED_PROTO"]
        return self._app(environ, start_response)

    def _is_proxy(self, address: str) -> bool:
        return _is_address(address) and any(_in_network(address.strip(), network) for network in self._proxies)


def _is_address(text: str) -> bool:
    try:
        ip_address(text.strip())
    except ValueError:
        return False
    return True


def _in_network(address: str, network: Network) -> bool:
    found = ip_address(address)
    found = getattr(found, "ipv4_mapped", None) or found
    return found.version == network.version and found in network
