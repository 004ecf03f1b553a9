"""What published rules demand of feeds, maps and structured data, each a function that fails where one is broken."""

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

ATOM = "{http://www.w3.org/2005/Atom}"
THREAD = "{http://purl.org/syndication/thread/1.0}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def demand_moment(text: str | None) -> datetime:
    """RFC 3339, and W3C Datetime: with seconds and a zone."""
    assert text and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", text), text
    return datetime.fromisoformat(text)


def demand_address(text: str | None) -> None:
    """An absolute address in ASCII, as RFC 3986 writes it."""
    assert text and text.isascii() and not re.search(r'[\s<>"{}|\\^`]', text), text
    assert urlsplit(text).scheme in ("http", "https") and urlsplit(text).netloc, text


def demand_id(text: str | None) -> None:
    """RFC 4287, 4.2.6: an IRI with a scheme; a tag URI as RFC 4151, 2.1 writes it."""
    assert text, "no id"
    if text.startswith("tag:"):
        assert re.fullmatch(r"tag:[a-z0-9]([a-z0-9.-]*[a-z0-9])?,\d{4}(-\d\d(-\d\d)?)?:[\w./-]+", text, re.ASCII), text
    else:
        demand_address(text)


def one(parent: ET.Element, name: str) -> ET.Element:
    found = parent.findall(ATOM + name)
    assert len(found) == 1, f"{len(found)} {name}"
    return found[0]


def demand_links(parent: ET.Element) -> None:
    """RFC 4287, 4.1.1 and 4.1.2: no two alternates of one type and language; 4.2.7: an href each; RFC 5005: one address a relation."""
    links = parent.findall(ATOM + "link")
    for link in links:
        demand_address(link.get("href"))
    kinds = [(link.get("rel", "alternate"), link.get("type"), link.get("hreflang")) for link in links]
    assert len(kinds) == len(set(kinds))


def demand_person(person: ET.Element) -> None:
    """RFC 4287, 3.2: exactly one name; and, of our own, never an address of mail."""
    assert (one(person, "name").text or "").strip()
    assert len(person.findall(ATOM + "uri")) <= 1
    assert person.find(ATOM + "email") is None


def demand_atom(xml: bytes) -> ET.Element:
    """RFC 4287, section 4, as far as we use it."""
    feed = ET.fromstring(xml)
    assert feed.tag == ATOM + "feed" and feed.get(XML_LANG)
    demand_id(one(feed, "id").text)
    assert one(feed, "title").text
    newest = demand_moment(one(feed, "updated").text)
    demand_person(one(feed, "author"))
    demand_links(feed)
    assert [link.get("href") for link in feed.findall(ATOM + "link") if link.get("rel") == "self"]
    ids = [one(entry, "id").text for entry in feed.findall(ATOM + "entry")]
    assert len(ids) == len(set(ids))
    for entry in feed.findall(ATOM + "entry"):
        demand_id(one(entry, "id").text)
        assert one(entry, "title").text is not None and entry.get(XML_LANG)
        assert demand_moment(one(entry, "published").text) <= demand_moment(one(entry, "updated").text) <= newest
        demand_person(one(entry, "author"))
        demand_links(entry)
        content = one(entry, "content")
        assert content.get("type") == "html" and len(content) == 0
        assert len(entry.findall(ATOM + "summary")) <= 1
        assert all(category.get("term") for category in entry.findall(ATOM + "category"))
        for answered in entry.findall(THREAD + "in-reply-to"):  # RFC 4685, 3
            demand_id(answered.get("ref"))
            demand_address(answered.get("href"))
    return feed


def demand_json_feed(told: dict[str, Any]) -> None:
    """https://www.jsonfeed.org/version/1.1/: what must be there, and of which type."""
    assert told["version"] == "https://jsonfeed.org/version/1.1"
    assert isinstance(told["title"], str) and isinstance(told["items"], list)
    for name in ("home_page_url", "feed_url"):
        demand_address(told[name])
    if "next_url" in told:
        demand_address(told["next_url"])
        assert told["next_url"] != told["feed_url"]
    assert re.fullmatch(r"[a-z]{2,3}(-[A-Z][a-z]{3})?", told["language"])
    ids = [item["id"] for item in told["items"]]
    assert len(ids) == len(set(ids))
    for item in told["items"]:
        assert isinstance(item["id"], str) and isinstance(item["content_html"], str)
        demand_address(item["url"])
        assert demand_moment(item["date_published"]) <= demand_moment(item["date_modified"])
        assert all(person.get("name") or person.get("url") for person in item["authors"])
        assert all(isinstance(tag, str) for tag in item.get("tags", []))
    assert "@" not in str([told.get("authors"), [item["authors"] for item in told["items"]]])


def demand_map(xml: bytes) -> list[str]:
    """The sitemap's schema 0.9, and its limits: at least one and at most 50,000 addresses of one host, each at most 2,048 long."""
    root = ET.fromstring(xml)
    kind = {MAP + "urlset": "url", MAP + "sitemapindex": "sitemap"}[root.tag]
    assert 1 <= len(root) <= 50_000 and len(xml) < 50 * 1024 * 1024
    for entry in root:
        assert entry.tag == MAP + kind
        assert [child.tag for child in entry] in ([MAP + "loc"], [MAP + "loc", MAP + "lastmod"])
        assert 12 <= len(entry[0].text or "") <= 2048
        demand_address(entry[0].text)
        if len(entry) == 2:
            demand_moment(entry[1].text)
    addresses = [entry[0].text or "" for entry in root]
    assert len(addresses) == len(set(addresses)) and len({urlsplit(one).netloc for one in addresses}) == 1
    return addresses


def demand_article_data(data: dict[str, Any]) -> None:
    """What Google documents for Article (all recommended) and for Comment (author, its name, datePublished and text required)."""
    assert data["@context"] == "https://schema.org" and data["@type"] == "Article"
    assert data["headline"] and data["author"]["@type"] == "Person" and data["author"]["name"]
    for moment in ("datePublished", "dateModified"):
        demand_moment(data[moment])
    for place in (
        data["url"],
        data["mainEntityOfPage"],
        data["author"]["url"],
        data["publisher"]["url"],
        *data["image"],
    ):
        demand_address(place)
    assert re.fullmatch(r"[a-z]{2,3}(-[A-Z][a-z]{3})?", data["inLanguage"])
    assert isinstance(data["commentCount"], int) and data["image"]
    named = [comment["@id"] for comment in data.get("comment", [])]
    assert len(named) == len(set(named))
    for comment in data.get("comment", []):
        assert comment["@type"] == "Comment" and comment["text"]
        assert comment["author"]["@type"] == "Person" and comment["author"]["name"]
        assert demand_moment(comment["dateCreated"]) <= demand_moment(comment["datePublished"])
        demand_address(comment["url"])
        if "parentItem" in comment:
            assert comment["parentItem"]["@type"] == "Comment"
            demand_address(comment["parentItem"]["@id"])
