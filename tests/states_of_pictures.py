"""The states of long texts with pictures, and of the page where authors put their pictures."""

import io
import re

from PIL import Image, ImageDraw

from blueprints.auth.models import Role
from tests import builders
from tests.builders import hidden
from tests.stage import chosen, member, state

LONG = (
    """# 为什么要慢

在{重庆|Chóngqìng}住过一个夏天的人，都记得那种慢：不是懒，是热得只好慢。读书也有这样的时候，一行字要看三遍[^three]，看完抬头，天已经暗了。

停顿也是*阅读*的一部分，**不会**催人。{行|xíng}于所当行，止于所不可不止[^su]。

## 纸上的停顿

> 书读完了放回架上，才开始在心里慢慢地长。
>
> ——一本旧书扉页上的铅笔字

- 一张纸
- 一支笔，和半瓶墨水

### 一个下午能读几页

| 书 | 页数 | 用了多久 |
|:---|---:|:---:|
| 散文 | 32 | 两个钟头 |
| 小说 | 118 | 一个下午 |
| 诗 | 3 | 说不准[^three] |

## 机器怎么读

```python
def read(book):
    for page in book:
        yield page  # 一页一页来，不着急；这一行写得很长，是为了看它怎么在自己里面滚动，而不把整页撑宽
```

行内的 `yield` 也是停顿。

"""
    + "慢下来以后，字和字之间的空白也看得见了。那里没有写什么，可是少了它，写下来的也就读不出来。" * 30
)

NOTES = """

[^three]: 第一遍看字，第二遍看句子，第三遍看窗外。

    窗外有一棵黄葛树，见 [植物园的说明](https://example.org/tree)。
[^su]: 语出苏轼《自评文》。
"""

ALTS = ["雨后的窗，玻璃上有水珠", "从窗口看出去的黄葛树"]
CAPTIONS = ["图一，下午四点的光", ""]


def author(browser):
    """Log 山中客 in, who is an author."""
    member(browser, Role.AUTHOR)


def window(width=1600, height=1000):
    """Return the file of a picture: a window with an evening behind it."""
    sky = Image.linear_gradient("L").resize((width, height))
    image = Image.merge("RGB", [sky.point(lambda value, low=low: low + value * 0.4) for low in (90, 100, 130)])
    painter = ImageDraw.Draw(image)
    painter.ellipse((width * 0.6, height * 0.5, width * 0.75, height * 0.5 + width * 0.15), fill=(240, 214, 170))
    for place in (0, width // 2, width - 1):
        painter.line((place, 0, place, height), fill=(60, 58, 54), width=width // 40)
    for place in (0, height // 2, height - 1):
        painter.line((0, place, width, place), fill=(60, 58, 54), width=width // 40)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def send(browser, *files, **more):
    """Send files and words by the form of the page."""
    token = hidden(browser.get("/write/pictures"), "csrf_token")
    named = [(io.BytesIO(content), f"窗-{number}.png") for number, content in enumerate(files, start=1)]
    data = {"csrf_token": token, "pictures": named} | more
    return browser.post("/write/pictures", data=data, content_type="multipart/form-data")


def kept(browser, *files):
    """Put files up and return the names of the pictures."""
    return re.findall(r'name="picture" value="(\w+)"', send(browser, *files).text)


@state("article-with-everything")
def _(browser):
    builders.article("hello", "慢读十讲", summary="长文章的样子。", body=LONG + NOTES)
    return browser.get("/articles/hello")


@state("pictures-empty")
def _(browser):
    author(browser)
    return browser.get("/write/pictures")


@state("pictures-kept")
def _(browser):
    author(browser)
    return send(browser, window(), window(900, 1200))


@state("pictures-described")
def _(browser):
    author(browser)
    names = kept(browser, window(), window(900, 1200))
    return send(browser, picture=names, alt=ALTS, caption=CAPTIONS)


@state("pictures-errors", 422)
def _(browser):
    author(browser)
    names = kept(browser, window())
    return send(browser, b"%PDF-1.7", picture=names, alt=[""], caption=["图一"])


@state("pictures-too-much", 413)
def _(browser):
    author(browser)
    with chosen(browser, pictures_bytes_max=10_000):
        return browser.post("/write/pictures", data={"alt": "字" * 400_000})


@state("pictures-forbidden", 403)
def _(browser):
    member(browser)
    return browser.get("/write/pictures")


@state("article-with-pictures")
def _(browser):
    author(browser)
    names = kept(browser, window(), window(900, 1200))
    figures = [
        f'![{alt}](/pictures/{name}-480.webp "{caption}")'
        for name, alt, caption in zip(names, ALTS, CAPTIONS, strict=True)
    ]
    builders.article(
        "hello",
        "慢读十讲",
        body=f"雨停了。\n\n{figures[0]}\n\n窗外的树也停了[^1]。\n\n{figures[1]}\n\n[^1]: 是一棵黄葛树。",
    )
    return browser.get("/articles/hello")
