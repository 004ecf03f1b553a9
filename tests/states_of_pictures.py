"""The states of long texts with pictures, and of the page where authors put their pictures."""

from tests import builders
from tests.stage import state

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


@state("article-with-everything")
def _(browser):
    builders.article("hello", "慢读十讲", summary="长文章的样子。", body=LONG + NOTES)
    return browser.get("/articles/hello")
