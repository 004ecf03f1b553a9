"""Every construct of CommonMark 0.31 through the renderer of articles, and where we differ, on purpose.

Each input is ours, with the HTML that follows from the rules of the specification (sections 2 to 6). The plain preset of
the library has to agree with it, and so does the renderer of articles but for what `as_we_print` says.
"""

import html5lib
import pytest
from markdown_it import MarkdownIt

from core.markup import render_article

HTML = "{http://www.w3.org/1999/xhtml}"

CASES = {
    # 2 Tabs, escapes, entities
    "\tcode\there": "<pre><code>code\there\n</code></pre>",
    "- a\n\n\tb": "<ul><li><p>a</p><p>b</p></li></ul>",
    ">\t\tcode": "<blockquote><pre><code>  code\n</code></pre></blockquote>",
    "#\tTitle": "<h1>Title</h1>",
    "*\t*\t*": "<hr>",
    r"\*a\* \# \[b] \`c\` \\ \!": r"<p>*a* # [b] `c` \ !</p>",
    r"\a \字 \3": r"<p>\a \字 \3</p>",
    "a\\\nb": "<p>a<br>\nb</p>",
    r"`\*`": r"<p><code>\*</code></p>",
    r"[a](/b\)c)": '<p><a href="/b)c">a</a></p>',
    "&copy; &#228; &#x4E00; &nosuch; &#0;": "<p>© ä 一 &amp;nosuch; \ufffd</p>",
    "&#42;a&#42;": "<p>*a*</p>",
    "`&amp;`": "<p><code>&amp;amp;</code></p>",
    # 4.1 Thematic breaks
    "***": "<hr>",
    "---": "<hr>",
    "_ _ _": "<hr>",
    "   ----------": "<hr>",
    "    ***": "<pre><code>***\n</code></pre>",
    "--": "<p>--</p>",
    "+++": "<p>+++</p>",
    "a\n***\nb": "<p>a</p><hr><p>b</p>",
    "- a\n- * * *": "<ul><li>a</li><li><hr></li></ul>",
    "* a\n***\n* b": "<ul><li>a</li></ul><hr><ul><li>b</li></ul>",
    # 4.2 ATX headings
    "# 一": "<h1>一</h1>",
    "###### 六": "<h6>六</h6>",
    "####### 七": "<p>####### 七</p>",
    "#一": "<p>#一</p>",
    "## 二 ##": "<h2>二</h2>",
    "## 二 ##b": "<h2>二 ##b</h2>",
    "### *强* `x`": "<h3><em>强</em> <code>x</code></h3>",
    "   # a": "<h1>a</h1>",
    "a\n# b\nc": "<p>a</p><h1>b</h1><p>c</p>",
    "# a\\#": "<h1>a#</h1>",
    "#": "<h1></h1>",
    # 4.3 Setext headings
    "一\n===": "<h1>一</h1>",
    "二\n---": "<h2>二</h2>",
    "一\n二\n===": "<h1>一\n二</h1>",
    "a\n= =": "<p>a\n= =</p>",
    "> a\n---": "<blockquote><p>a</p></blockquote><hr>",
    "- a\n---": "<ul><li>a</li></ul><hr>",
    "\n===": "<p>===</p>",
    "a\n    ---": "<p>a\n---</p>",
    # 4.4 Indented code
    "    a\n      b": "<pre><code>a\n  b\n</code></pre>",
    "    a\n\n    b": "<pre><code>a\n\nb\n</code></pre>",
    "a\n    b": "<p>a\nb</p>",
    "    a\nb": "<pre><code>a\n</code></pre><p>b</p>",
    "1.  a\n\n    - b": "<ol><li><p>a</p><ul><li>b</li></ul></li></ol>",
    # 4.5 Fenced code
    "```\n<\n >\n```": "<pre><code>&lt;\n &gt;\n</code></pre>",
    "~~~\na\n~~~": "<pre><code>a\n</code></pre>",
    "``\na\n``": "<p><code>a</code></p>",
    "```\na\n~~~\n```": "<pre><code>a\n~~~\n</code></pre>",
    "````\na\n```\n`````": "<pre><code>a\n```\n</code></pre>",
    "```\na\n": "<pre><code>a\n</code></pre>",
    "```\n```": "<pre><code></code></pre>",
    "  ```\n  a\n b\n  ```": "<pre><code>a\nb\n</code></pre>",
    "a\n```\nb\n```\nc": "<p>a</p><pre><code>b\n</code></pre><p>c</p>",
    "```python more words\nx\n```": '<pre><code class="language-python">x\n</code></pre>',
    "~~~ c++\nx\n~~~": '<pre><code class="language-c++">x\n</code></pre>',
    "> ```\n> a\n\nb": "<blockquote><pre><code>a\n</code></pre></blockquote><p>b</p>",
    "``` a`b\nc": "<p>``` a`b\nc</p>",
    # 4.7 Link reference definitions
    '[a]: /b "c"\n\n[a]': '<p><a href="/b" title="c">a</a></p>',
    "[a]\n\n[a]: /b": '<p><a href="/b">a</a></p>',
    "[a]: /b\n[a]: /c\n\n[a]": '<p><a href="/b">a</a></p>',
    "[注]: /b\n\n[注]": '<p><a href="/b">注</a></p>',
    "[A B]: /c\n\n[x][a  b]": '<p><a href="/c">x</a></p>',
    "[a]: <>\n\n[a]": '<p><a href="">a</a></p>',
    "[a]:\n\n[a]": "<p>[a]:</p><p>[a]</p>",
    "a\n[b]: /c\n\n[b]": "<p>a\n[b]: /c</p><p>[b]</p>",
    "[a]: /b 'c\nd'\n\n[a]": '<p><a href="/b" title="c\nd">a</a></p>',
    # 4.8 Paragraphs, 4.9 blank lines
    "a\n\nb": "<p>a</p><p>b</p>",
    "a\nb\n\n\n\nc": "<p>a\nb</p><p>c</p>",
    "  a\n b": "<p>a\nb</p>",
    "a     \nb     ": "<p>a<br>\nb</p>",
    "": "",
    "  \n\n  ": "",
    # 5.1 Block quotes
    "> a\n> b": "<blockquote><p>a\nb</p></blockquote>",
    ">a\nb": "<blockquote><p>a\nb</p></blockquote>",
    "> a\n\n> b": "<blockquote><p>a</p></blockquote><blockquote><p>b</p></blockquote>",
    "> a\n>\n> b": "<blockquote><p>a</p><p>b</p></blockquote>",
    ">": "<blockquote></blockquote>",
    "> > a\n> b": "<blockquote><blockquote><p>a\nb</p></blockquote></blockquote>",
    "> # a\n> - b": "<blockquote><h1>a</h1><ul><li>b</li></ul></blockquote>",
    "> a\n- b": "<blockquote><p>a</p></blockquote><ul><li>b</li></ul>",
    ">     a\n\n>    b": "<blockquote><pre><code>a\n</code></pre></blockquote><blockquote><p>b</p></blockquote>",
    # 5.2 List items
    "- a\n\n  b": "<ul><li><p>a</p><p>b</p></li></ul>",
    "- a\n\n b": "<ul><li>a</li></ul><p>b</p>",
    "-a\n\n1.b": "<p>-a</p><p>1.b</p>",
    "1. a\n2) b": '<ol><li>a</li></ol><ol start="2"><li>b</li></ol>',
    "7. a\n8. b": '<ol start="7"><li>a</li><li>b</li></ol>',
    "0. a": '<ol start="0"><li>a</li></ol>',
    "1234567890. a": "<p>1234567890. a</p>",
    "-1. a": "<p>-1. a</p>",
    "-\n  a": "<ul><li>a</li></ul>",
    "- a\n-\n- b": "<ul><li>a</li><li></li><li>b</li></ul>",
    "-     a": "<ul><li><pre><code>a\n</code></pre></li></ul>",
    "- ```\n  a\n  ```": "<ul><li><pre><code>a\n</code></pre></li></ul>",
    "- # a": "<ul><li><h1>a</h1></li></ul>",
    "1. > a\nb": "<ol><li><blockquote><p>a\nb</p></blockquote></li></ol>",
    "- - a": "<ul><li><ul><li>a</li></ul></li></ul>",
    # 5.3 Lists
    "- a\n+ b\n* c": "<ul><li>a</li></ul><ul><li>b</li></ul><ul><li>c</li></ul>",
    "a\n- b": "<p>a</p><ul><li>b</li></ul>",
    "a\n14. b": "<p>a\n14. b</p>",
    "a\n1. b": "<p>a</p><ol><li>b</li></ol>",
    "- a\n\n- b": "<ul><li><p>a</p></li><li><p>b</p></li></ul>",
    "- a\n  - b\n    - c\n- d": "<ul><li>a<ul><li>b<ul><li>c</li></ul></li></ul></li><li>d</li></ul>",
    "1. a\n   1. b": "<ol><li>a<ol><li>b</li></ol></li></ol>",
    "- a\n  b\nc": "<ul><li>a\nb\nc</li></ul>",
    # 6.1 Code spans
    "`a`": "<p><code>a</code></p>",
    "`` a`b ``": "<p><code>a`b</code></p>",
    "` `` `": "<p><code>``</code></p>",
    "`  a  `": "<p><code> a </code></p>",
    "`a\nb`": "<p><code>a b</code></p>",
    "*a`*`": "<p>*a<code>*</code></p>",
    "`a": "<p>`a</p>",
    "`<b>`": "<p><code>&lt;b&gt;</code></p>",
    # 6.2 Emphasis
    "*a* _b_ **c** __d__": "<p><em>a</em> <em>b</em> <strong>c</strong> <strong>d</strong></p>",
    "***a***": "<p><em><strong>a</strong></em></p>",
    "**a *b* c**": "<p><strong>a <em>b</em> c</strong></p>",
    "*a **b** c*": "<p><em>a <strong>b</strong> c</em></p>",
    "a*b*c": "<p>a<em>b</em>c</p>",
    "a_b_c": "<p>a_b_c</p>",
    "* a*": "<ul><li>a*</li></ul>",
    "a * b *": "<p>a * b *</p>",
    '*"a"*b': "<p>*&quot;a&quot;*b</p>",
    "**a*": "<p>*<em>a</em></p>",
    "*a**": "<p><em>a</em>*</p>",
    "****": "<hr>",
    "a****b": "<p>a****b</p>",
    "*(*a*)*": "<p><em>(<em>a</em>)</em></p>",
    "*a [b*](/c)": '<p>*a <a href="/c">b*</a></p>',
    "__a_b__": "<p><strong>a_b</strong></p>",
    "*a\nb*": "<p><em>a\nb</em></p>",
    # 6.3 Links
    '[a](/b "c")': '<p><a href="/b" title="c">a</a></p>',
    "[a](/b 'c')": '<p><a href="/b" title="c">a</a></p>',
    "[a](/b (c))": '<p><a href="/b" title="c">a</a></p>',
    "[a]()": '<p><a href="">a</a></p>',
    "[a](<b c>)": '<p><a href="b%20c">a</a></p>',
    "[a](b c)": "<p>[a](b c)</p>",
    "[a](b(c)d)": '<p><a href="b(c)d">a</a></p>',
    "[a] (b)": "<p>[a] (b)</p>",
    "[a [b] c](/d)": '<p><a href="/d">a [b] c</a></p>',
    "[a [b](/c) d](/e)": '<p>[a <a href="/c">b</a> d](/e)</p>',
    "[**a**](/b)": '<p><a href="/b"><strong>a</strong></a></p>',
    "[`]`](/a)": '<p><a href="/a"><code>]</code></a></p>',
    "[a](#b)": '<p><a href="#b">a</a></p>',
    "[a](/b?c=d&e)": '<p><a href="/b?c=d&amp;e">a</a></p>',
    "[字](/路)": '<p><a href="/%E8%B7%AF">字</a></p>',
    "[a][]\n\n[a]: /b": '<p><a href="/b">a</a></p>',
    "[a][b]\n\n[B]: /c": '<p><a href="/c">a</a></p>',
    "[a][b]": "<p>[a][b]</p>",
    "\\[a](/b)": "<p>[a](/b)</p>",
    # 6.5 Autolinks
    "<https://a.example/b?c=d>": '<p><a href="https://a.example/b?c=d">https://a.example/b?c=d</a></p>',
    "<mailto:a@b.example>": '<p><a href="mailto:a@b.example">mailto:a@b.example</a></p>',
    "<a@b.example>": '<p><a href="mailto:a@b.example">a@b.example</a></p>',
    "<1 b>": "<p>&lt;1 b&gt;</p>",
    "<>": "<p>&lt;&gt;</p>",
    # 6.7 Hard and soft line breaks, 6.9 text
    "a  \nb": "<p>a<br>\nb</p>",
    "a \nb": "<p>a\nb</p>",
    "a  ": "<p>a</p>",
    "*a  \nb*": "<p><em>a<br>\nb</em></p>",
    "`a  \nb`": "<p><code>a   b</code></p>",
    "a & b < c > d": "<p>a &amp; b &lt; c &gt; d</p>",
    "你好，世界。": "<p>你好，世界。</p>",
}

DIFFERENT = {
    "HTML is text (4.6, 6.6), and so are entities in it": [
        ("<div>a</div>", "<p>&lt;div&gt;a&lt;/div&gt;</p>"),
        ("a <b>b</b>", "<p>a &lt;b&gt;b&lt;/b&gt;</p>"),
        ("<!-- a -->", "<p>&lt;!-- a --&gt;</p>"),
    ],
    "a picture is one of ours, or its words (6.4)": [
        ("![a *b*](/c.png)", "<p>a b</p>"),
        ("![a][b]\n\n[b]: https://a.example/c.png", "<p>a</p>"),
        ("[![a](/b)](/c)", '<p><a href="/c">a</a></p>'),
    ],
    "beside Chinese, punctuation does not keep ** from opening or closing (6.2)": [
        ("前**（后）**前", "<p>前<strong>（后）</strong>前</p>"),
        ("**注意：**后", "<p><strong>注意：</strong>后</p>"),
    ],
    "an address typed as text is a link": [
        ("https://a.example/b。", '<p><a href="https://a.example/b">https://a.example/b</a>。</p>'),
    ],
    "the ideographic space that a paragraph begins with stays (4.8)": [("　　a", "<p>　　a</p>")],
    "links lead to the web, to a mailbox or to a page of ours": [
        ("<ftp://a.example>", "<p><a>ftp://a.example</a></p>"),
        ("[a](tel:1)", "<p><a>a</a></p>"),
    ],
    "what docs/writing.md adds: tables, footnotes, readings, sources": [
        (
            "|a|b|\n|-|:-:|\n|c|d|",
            '<table><thead><tr><th scope="col">a</th><th scope="col" align="center">b</th></tr></thead>'
            '<tbody><tr><td>c</td><td align="center">d</td></tr></tbody></table>',
        ),
        ("{山|shān}", "<p><ruby>山<rp>（</rp><rt>shān</rt><rp>）</rp></ruby></p>"),
        ("> a\n> — b", "<blockquote><p>a</p><footer>— <cite>b</cite></footer></blockquote>"),
    ],
}


def plain(source):
    return MarkdownIt("commonmark", {"xhtmlOut": False}).render(source)


def tree(html):
    """Return what a browser makes of HTML, without the line breaks between blocks."""
    return [shape(node) for node in html5lib.parseFragment(html) if isinstance(node.tag, str)]


def shape(node):
    texts = [node.text or "", *(child.tail or "" for child in node)]
    is_block = node.tag.removeprefix(HTML) in BLOCKS and not any(text.strip() for text in texts)
    return (
        node.tag.removeprefix(HTML),
        dict(node.attrib),
        [] if is_block else [text.strip("\n") if node.tag == HTML + "li" else text for text in texts],
        [shape(child) for child in node],
    )


BLOCKS = {"ul", "ol", "li", "blockquote", "table", "thead", "tbody", "tr"}
LOWERED = {"h1": "h2", "h4": "h4", "h5": "h4", "h6": "h4"}


def as_we_print(parts):
    """Headings begin below the title."""
    return [
        (LOWERED.get(tag, tag), attributes, texts, as_we_print(children)) for tag, attributes, texts, children in parts
    ]


def without_our_own(parts):
    """Leave out what is added to each element of a kind: addresses of headings, `rel`, and what the keyboard needs."""
    return [
        (
            tag,
            {name: value for name, value in attributes.items() if name not in ("rel", "tabindex", "id")},
            texts,
            without_our_own(children),
        )
        for tag, attributes, texts, children in parts
    ]


def test_there_are_enough_cases_to_speak_of_every_construct():
    assert len(CASES) >= 100


@pytest.mark.parametrize("source", CASES, ids=repr)
def test_an_article_reads_commonmark_as_the_specification_says(source):
    expected = tree(CASES[source])

    assert tree(plain(source)) == expected
    assert without_our_own(tree(render_article(source))) == as_we_print(expected)


@pytest.mark.parametrize(("source", "expected"), [pair for pairs in DIFFERENT.values() for pair in pairs])
def test_where_an_article_differs_it_does_so_as_is_written_here(source, expected):
    ours = without_our_own(tree(render_article(source)))

    assert ours == tree(expected)
    assert ours != tree(plain(source))
