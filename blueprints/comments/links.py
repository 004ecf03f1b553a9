"""The links of a reply, as they stand in its HTML, and which of their hosts stood here before."""

import html as entities
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import and_, or_, select

from blueprints.comments.models import Comment, Status
from core.database import db

HOSTS_MAX = 5  # that are looked for
LOOKED_THROUGH = 200  # public replies, the newest

_LINK = re.compile(r'<a href="(https?://[^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Link:
    """One link: the host it leads to, with its port, its address, and the words it is shown as."""

    host: str
    address: str
    words: str


def links_in(html: str, *, but: str = "") -> tuple[Link, ...]:
    """Return the web links of rendered HTML, in their order, without those to the site whose address is `but`."""
    found = []
    for target, inner in _LINK.findall(html):
        address = entities.unescape(target)
        found.append(Link(host_of(address), address, entities.unescape(_TAG.sub("", inner)).strip()))
    return tuple(link for link in found if not but or link.host != host_of(but))


def host_of(address: str) -> str:
    """Return the host of an address, with its port and without user names, empty where there is none."""
    try:
        return urlsplit(address).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""


def known_hosts(hosts: Sequence[str], article_html: str) -> frozenset[str]:
    """Return those of the first five hosts that the article or one of the newest 200 public replies links to."""
    in_article = {link.host for link in links_in(article_html)}
    asked = [host for host in dict.fromkeys(hosts) if host and host not in in_article][:HOSTS_MAX]
    if not asked:
        return frozenset(in_article)
    public = select(Comment.body_html).where(Comment.status == Status.PUBLISHED)
    newest = public.order_by(Comment.id.desc()).limit(LOOKED_THROUGH).subquery()
    has_links = newest.c.body_html.contains("://")  # most have none, and are not looked through for each host
    leads = [
        and_(has_links, or_(*(newest.c.body_html.contains(f"://{host}{end}", autoescape=True) for end in '/"?')))
        for host in asked
    ]
    there = db.session.execute(select(*(select(1).where(lead).exists() for lead in leads))).one()
    return frozenset(in_article | {host for host, is_there in zip(asked, there, strict=True) if is_there})
