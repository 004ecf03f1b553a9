"""Texts that are hard to keep, of our own making: `NAUGHTY` is a list of (name, text).

What is typed as Markdown stands in a group of that name: its page shows something else than the signs that were typed.
A lone surrogate is a text no browser sends; whoever sends it by hand writes it as three bytes (`surrogatepass`).
"""

from collections.abc import Iterable

LINE_BREAKS = {
    "LF": "\n",
    "CR": "\r",
    "CR LF": "\r\n",
    "VT": "\x0b",
    "FF": "\x0c",
    "NEL": "\x85",
    "LS": "\u2028",
    "PS": "\u2029",
}
BLANKS = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"

# Where a line ends, by every sign that ends one: between words, twice, at the beginning (HTML drops one there), at the end.
_ENDS_OF_LINES = [
    *(f"上一行{sign}下一行" for sign in LINE_BREAKS.values()), *(f"上一段{sign}{sign}下一段" for sign in LINE_BREAKS.values()),
    *(f"{sign}从空行开始" for sign in LINE_BREAKS.values()), *(f"以空行结束{sign}" for sign in LINE_BREAKS.values()),
    "\n\n\n三个空行开始", "三个空行结束\n\n\n", "回车回车换行\r\r\n之后", "换行回车\n\r之后", "\r\n\r\n两个开始", "空行里有空格\n \n还有制表\n\t\n之后",
    "很多空行" + "\n" * 300 + "之后", "三种\r\n混着\r用\n了",
]  # fmt: skip

# Blanks around, inside and in front of lines: of every width, and none of them for nothing.
_BLANKS = [
    "  两个空格开始", "两个空格结束  ", "\t制表开始", "制表结束\t", "    四个空格的缩进\n    第二行也是", "行末有空格   \n下一行", "中间  有  两个  空格",
    "一\t列\t二\t列", "　　全角缩进的一段\n\n　　又一段", "全角结束　　", "　\n　\n只有全角空格的行", *(f"{sign}前{sign}中{sign}" for sign in BLANKS),
    *(f"第一行\n{sign}{sign}第二行\n\n{sign}新的一段" for sign in "\u00a0\u2003\u2009\u3000"),
]  # fmt: skip

# Control characters: a site may refuse them, and must not lose the rest with them.
_CONTROLS = [
    *(f"前{sign}后" for sign in "\x00\x01\x03\x07\x08\x0e\x15\x1a\x1b\x1f\x7f\x80\x84\x8d\x90\x9b\x9c\x9f"),
    "\x00开头是空字符", "结尾是空字符\x00", "\x1b[31m红的\x1b[0m", "\x1b]0;标题\x07", "\x9b31m也是红的", "\x1b[2J\x1b[H清屏",
    "退格\x08\x08\x08改写", "^[[31m 打出来的 \\033[0m \\x1b[0m",
]  # fmt: skip

# No characters, halves of characters, characters of one's own, marks of byte order.
_HALVES = [
    *(f"前{sign}后" for sign in "\ufdd0\ufdd1\ufdef\ufffe\uffff\U0001fffe\U0001ffff\U0010fffe\U0010ffff"), "替代字符\ufffd",
    "高位\ud83d一半", "低位\ude00一半", "颠倒\ude00\ud83d的两半", "分开写的\ud83d\ude00两半", "私用\ue000\uf8ff\U000f0000\U0010fffd区",
    "\ufeff字节序在开头", "字节序\ufeff在中间", "未分配\u0378\U000e0fff的码位",
]  # fmt: skip

# Writing that runs from right to left, and the signs that turn it.
_DIRECTIONS = [
    *(f"左{chr(code)}右" for code in (0x200E, 0x200F, 0x061C, *range(0x202A, 0x202F), *range(0x2066, 0x206A))),
    "שלום עולם", "مرحبا بالعالم", "النص العربي 123 مع أرقام (و أقواس)", "中文 עברית English العربية 混排",
    "\u202eevil.exe\u202c 正常", "\u2067\u2067\u2067三层未关", "\u202a\u202b\u202d\u202e" * 20 + "很多层", "؟ ؛ ، ٪ ﷽",
]  # fmt: skip

# What cannot be seen and still is there.
_INVISIBLE = [
    *(f"看{chr(code)}不见" for code in (0xAD, 0x34F, 0x180E, *range(0x200B, 0x200E), *range(0x2060, 0x2065), 0x206A)),
    *(f"空{sign}白{sign}" for sign in "\u115f\u1160\u3164\uffa0\u2800"), "变体\u845b\U000e0100和\u845b\ufe00",
    "标签\U000e0041\U000e0042\U000e007f字符", "注\ufff9解\ufffa标\ufffb记", "对象\ufffc替代", "\u200b\u200b\u200b",
    "零宽\u200b断\u200b开\u200b每\u200b个\u200b字", "می‌خواهم‌‌", "क्‍ष और क्‌ष",
]  # fmt: skip

# Marks on marks, letters made of several, and the same letter in several ways: none may be made another.
_MARKS = [
    "Z" + "\u0301" * 60 + "高", "字" + "".join(chr(code) for code in range(0x300, 0x36F)), "\u0301单独的附标开头",
    "圈\u20dd框\u20de禁\u20e0", "e\u0301 é e\u0301", "A\u030a Å \u212b", "\u1e9b\u0323 \u017f\u0323\u0307",
    "가 \u1100\u1161 \u1100\u1161\u11a8", "か\u3099 が ｶﾞ", "\uf900\uf9d0\ufa10 豈", "\u2f00\u2f08 部首 一人",
    "ﬁ ﬀ ㎏ ㍿ ℡ № ① Ⅷ ½ ²", "กํ้้้้้ ไทย", "བོད་ཡིག་གི་ཨྃཿ", "क्षि त्र ज्ञ", "İıIi ßẞſs ΣσςΔ ǅ", "ａｂｃ１２３ ＜＞＆＂＇",
    "𝓯𝓪𝓷𝓬𝔂 𝟘𝟙𝟚 🅰🅱",
]  # fmt: skip

# Pictures made of several characters.
_EMOJI = [
    "👨‍👩‍👧‍👦一家人", "👨🏿‍❤️‍💋‍👨🏻", "👍🏻👍🏼👍🏽👍🏾👍🏿", "🇨🇳🇫🇷🇯🇵🇩🇪", "🇨单独的一半",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f英格兰", "1️⃣#️⃣*️⃣0⃣", "☺︎文字 ☺️图形", "🏳️‍🌈🏴‍☠️",
    "👩‍🚀🧑🏾‍💻🤷🏽‍♀️", "🧑‍🧑‍🧒‍🧒 👁️‍🗨️", "‍开头是连接符", "结尾是连接符👨‍", "😀" * 500, "👨‍👩‍👧‍👦" * 300, "🫨🪿🩷🫎",
]  # fmt: skip

# Entities somebody types: they are the text.
_ENTITIES = [
    "&amp; &lt; &gt; &quot; &#39; &apos;", "&nbsp;&nbsp;缩进", "&#60;b&#62; &#x3c;b&#x3e; &#X3C;",
    "&lt;script&gt;alert(1)&lt;/script&gt;", "&amp;lt;b&amp;gt; &amp;amp;amp;",
    "&copy &reg &not &notin &notit; &para", "?a=1&copy=2&lang=zh&sect=3&amp",
    "&#0; &#128; &#xD800; &#x110000; &#99999999999;", "&#10;&#13;&Tab;&NewLine;", "& && &; &#; &#x; &x; &汉;",
    "&zwj;&shy;&rlm;&lrm;&ZeroWidthSpace;", "&NotEqualTilde;&ngE;&bne;&acE;", "AT&T R&D <&>",
]  # fmt: skip

# Tags, whole and half, comments, sections: text all of them.
_TAGS = [
    *("<", ">", "< 小于", "1 < 2 && 3 > 2", "<>", "</>", "<3", "<-- ", "<!", "<!-", "<a", "</a", "<a ", "<a b", "<a b=", "<b"),
    "<b>粗</b><i>斜</i><br/><hr>", "</textarea>", "</textarea >后面", "<textarea>里面</textarea>", "</textarea",
    "<!-- 注释 -->", "<!-- 没有结束", "--> 只有结束 --!>", "<![CDATA[ 一段 ]]>", "<?php echo 1; ?>", "<% 标记 %>",
    "<!DOCTYPE html><html><body>", "</p></div></article></main></body></html>", "<script>字</script>",
    "</script><style>", "<plaintext>之后", "<noscript><template><svg><math>", "<img src=x alt='字' 没有结束",
    '<a href="https://example.org', '<p class=\'x">引号不对"', "<b>粗</i>交叉</b>", "\"'`", '" autofocus x="',
]  # fmt: skip

# What other languages would compute.
_CODE = [
    "{{ 7 * 7 }} {{ config }} {{ self }}", "{% for x in y %}{% endfor %} {% raw %}", "{# 注 #} {{ '{{' }} {{{三层}}} }}",
    "%s %d %n %x %% %(body)s %(nickname)r %", "$HOME $(id) ; id | id && id > /dev/null",
    "\\n \\t \\r \\0 \\x00 \\u0041 \\N{DEGREE SIGN} \\", "\\1 \\g<0> $1 $& $`", "[[wiki]] ((注)) :emoji: @某人 #话题#",
    "${jndi:ldap://127.0.0.1/a}", '<?xml version="1.0"?><!ENTITY x "y">&x;',
]  # fmt: skip

# What databases would run.
_SQL = [
    "' OR 1=1 --", "'; DROP TABLE comment; --", '" or ""="', 'x\' UNION SELECT email FROM "user" --',
    "100% _ like %_% 的", ":body :nickname ? ?1 $1 %(body)s @p", "$$美元$$ $tag$引$tag$ E'\\x41' U&'\\0041'",
    "/* 注 */ -- 注 # 注", "1;SELECT pg_sleep(0)", "''''''''", "NUL \\000 \\x00 \\u0000 %00",
]  # fmt: skip

# Words that programs take for nothing, for truth, for numbers.
_NOTHING = [
    *("null", "NULL", "None", "nil", "undefined", "NaN", "Infinity", "-0", "00", "0.0", "1e309", "0x1F", "1_000", "false"),
    *("true", "True", "[]", "{}", "()", '""', "''", "N/A", "-1", "٣٤", "12:30", "2024-02-30", "1,234.50", "９９"),
]  # fmt: skip

# What a table, a mail, a log or a file system would read otherwise.
_OTHER_READERS = [
    "=1+1", "+86 10 0000", "@SUM(A1:A9)", '=HYPERLINK("https://example.org","点")', "\t=1+1", '一,"二",三;四',
    '"没有结束的引号,二', "../../../etc/passwd", "%2e%2e%2f%00%0a%u0041%c0%af", "x%0d%0aSet-Cookie: a=b",
    "To: other@example.org\nSubject: 信\n\n正文", ".\n..\n\n.\nQUIT", "2024-01-01 00:00:00 ERROR 假的一行\n第二行",
    '{"body": "x", "status": 1}', "a=1&body=2&csrf_token=3", "-----BEGIN KEY-----", "\x7fELF",
]  # fmt: skip

# Very long words, the longest that is taken, and longer.
_LONG = [
    "a" * 5000, "字" * 5000, "。" * 5000, "https://example.org/" + "a" * 4000, "a-" * 2500, "\u200d".join("长" * 2500),
    "&" * 5000, "<" * 5000, "\u0301" * 5000 + "字", "字" * 20_000, "字" * 20_001, "e\u0301" * 20_000,
    "\U0001f468\u200d" * 50_001, "行\n" * 5000,
]  # fmt: skip

# How Chinese is written.
_CHINESE = [
    "“引”‘文’《书》「角」『重』——破折……省略·、。，！？；：（）【】〔〕〖〗", "〇零々〆ヶ〻仝", "𠮷野家 𰻝𰻝面 㐀 龘 鿿 𫝀", "⿰氵每 ⿱艹明 ⿻", "ㄅㄆㄇㄈ ㆠ pīnyīn ü ǚ",
    "中文English中文123中文", "---", "——", "===", "***", "＊＊＊", "・・・", "那年是 1986. 然后", "一、二、三", "①②③", "#话题", "# 不是标题",
    "第一段\n---\n第二段", "第一段\n===\n第二段", "| 表 | 头 |\n|-|-|\n| 一 | 二 |", "[^1] 注\n\n[^1]: 脚注", "~~删~~ ==标== ^上^ ~下~",
    "**没有关 和 _没有关 和 `没有关", "5 ** 3 ** 2 和 a_b_c 和 * 星", "(c) (tm) ... -- --- 'x' \"y\"",
]  # fmt: skip

# Markdown, meant or not: what comes back into the form are the signs that were typed, whatever the page makes of them.
_MARKDOWN = [
    "1986. 那年\n1987. 又一年", "1986\\. 那年", "- 一\n- 二\n  - 三", "* 一\n+ 二", "> 引\n>> 重引\n不引",
    "**粗** __粗__ *斜* _斜_ ***两样***", "`码` ``有`的码`` ` `", "```py\n<b>  缩进\n\n```", "~~~\n没有关的围栏",
    "[字](https://example.org \"题\") [字](<https://example.org>)", "<https://example.org> <mailto:a@example.org>",
    "https://example.org/?a=1&b=2#c。下一句", "[空]() [](https://example.org) [字](javascript:void)",
    "[参]: https://example.org\n\n[参] [字][参]", "![图](https://example.org/x.png)", "\\*不斜\\* \\[不链\\] \\`不码\\` \\\\",
    "反斜线换行\\\n下一行", "两格换行  \n下一行", "1. 一\n\n   二段\n\n2. 二", "> - `一`\n>   **二**", "*", "-", "> ", "```",
    "</TEXTAREA\n>后面", "${7*7} #{7*7} @{7*7} %{7*7} <%= 7*7 %>", "{0} {} {body} {0.__class__.__mro__} {!r}",
    "\\\\ 两个反斜线 \\\\\\", "__import__('os') eval(1) exec", "f'{x!r}' r'\\' b'\\xff' u'字'",
    "\\'; DELETE FROM comment WHERE '1'='1", "..\\..\\windows\\win.ini C:\\新建 CON NUL AUX",
    "file:///etc/passwd \\\\server\\share", "From 某人 说\n>From 引",
]  # fmt: skip

_GROUPS: dict[str, Iterable[str]] = {
    "ends of lines": _ENDS_OF_LINES,
    "blanks": _BLANKS,
    "controls": _CONTROLS,
    "halves": _HALVES,
    "directions": _DIRECTIONS,
    "invisible": _INVISIBLE,
    "marks": _MARKS,
    "emoji": _EMOJI,
    "entities": _ENTITIES,
    "tags": _TAGS,
    "code": _CODE,
    "sql": _SQL,
    "nothing": _NOTHING,
    "other readers": _OTHER_READERS,
    "long": _LONG,
    "chinese": _CHINESE,
    "markdown": _MARKDOWN,
}

NAUGHTY = [(f"{group} {number}", text) for group, texts in _GROUPS.items() for number, text in enumerate(texts, 1)]
