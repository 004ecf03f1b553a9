"""What screening is measured on, all of it written for this project: advertisements by templates, replies as people write them.

`TRAINING` and `TEST` share no template and no subject. What people write is, to train on, the demonstration; to test on, it
stands here. Prints nothing.
"""

import json
import random
from collections.abc import Iterator
from pathlib import Path

DEMONSTRATION = Path(__file__).resolve().parent.parent / "blueprints" / "site" / "demonstration"

SLOTS = {
    "city": ["北京", "上海", "广州", "成都", "武汉", "全国", "同城"],
    "time": ["今天", "本周", "月底前", "限时", "新人", "最后三天"],
    "thing": ["手表", "皮包", "球鞋", "香水", "眼镜", "羽绒服"],
    "name": ["abc{n}", "vip{n}", "kefu_{n}", "lucky{n}", "wang{n}x"],
    "host": ["shop{n}.example", "best{n}.example", "go{n}.example"],
    "ware": ["watches", "handbags", "sneakers", "sunglasses", "pills"],
    "adjective": ["cheap", "genuine", "luxury", "discount", "exclusive"],
}

TRAINING = (
    "高仿{thing}一比一，{city}包邮，支持验货，加微信 {name} 看实拍图",
    "{thing}专柜正品{time}打折，点开 https://{host}/{n} 领券下单",
    "{time}招兼职打字员，在家就能做，日结 {n} 元，扣扣 {n}{n}",
    "专业代开各类发票，{city}可验真，电话 138{n}{n} 张经理",
    "{city}开锁换锁，二十四小时上门，{time}半价",
    "无抵押贷款，当天放款，额度 {n} 万，薇信 {name}",
    "Buy {adjective} {ware} online, free shipping worldwide, visit https://{host}/{n} now",
    "I earned {n} dollars a week working from home, click https://{host} to learn how",
    "{adjective} {ware} 80% off today only!!! Order at https://{host}/sale?id={n}",
    "Great post! My site https://{host} has {adjective} {ware} too",
)
TEST = (
    "棋牌游戏上线送彩金，{time}注册就送 {n} 元，提现秒到，下载地址 https://{host}/app",
    "【{time}】股票内部消息群，老师带单，稳赚不赔，进群加 V：{name}",
    "减肥茶一个月瘦 {n} 斤，不反弹，想瘦的姐妹私信我或加 vx {name}",
    "论文代写，{city}高校老师团队，查重包过，QQ：{n}{n}",
    "★★★{city}高端茶★★★ 电报 @{name} ★★★ 真实可约 ★★★",
    "办理本科学历，教育网可查，不影响上班，Q 群 {n}{n}，{time}优惠",
    "老虎机在线玩，百分百返水，认准 bit.ly/{name} ，错过等一年",
    "看片加我，每天更新，t.me/{name}",
    "Online casino with {n} free spins, no deposit, join https://{host}/play and win big",
    "Need a loan fast? Bad credit OK, approved in {n} minutes, apply: https://{host}/apply",
    "Boost your ranking! {n} backlinks for a small price, see [https://seo.example](https://{host})",
    "Hot singles near you are waiting, chat on telegram: @{name}",
    "Buy followers and likes for your page, instant delivery, https://bit.ly/{name}",
    "Invest in crypto with our expert, {n}% profit weekly, contact WhatsApp +1 555 0{n}",
)
REPLIES = (
    "第三段我读了两遍，第一遍以为是反话，第二遍才明白是真心的。",
    "我父亲也是这样，一封信写三天，寄出去以后还要在院子里站一会儿。",
    "不太同意。慢不一定是好事，有些信就该当天回。",
    "查了一下，文中说的那家邮局一九八七年已经拆了，现在是停车场。",
    "有个小错：第二节“在”应为“再”。其他都好。",
    "这问题问得好。我的办法是把手机放在门外的鞋柜上，走过去要十二步，大多数时候就懒得走了。",
    "补充一点：竖排的书，标点在右下角还是正中，两岸的习惯不一样。",
    "哈哈，我也是只看了标题就来回复的，看完再说。",
    "请问作者用的是什么字体？标题那一行的“纸”字，最后一笔收得很好看。",
    "原来如此。那么如果读者根本不认识这个典故呢？写的人要不要停下来解释？",
    "谢谢，终于有人把这件事讲清楚了，我转给了编辑部的同事。",
    "转发到微信群里，大家吵了一个晚上，最后谁也没说服谁。",
    "我的号码本里还存着他的名字，一直没有删。",
    "一百年前的人写信开头总要问候天气，现在想想，那不是废话。",
    "数据从哪里来？文章里说 2015 年有 2 亿人，我查到的是 1.8 亿。",
    "我在出版社做校对，三十五年了。每天看两万字，眼睛已经不行，可是看到好句子还是会停一停。",
    "写得不错，不过最后一段收得太快，像是赶着去吃饭。",
    "同楼上。另外推荐一篇相近的文章：https://essays.example.org/slow-letters ，写得更早。",
    "代码块里的第三行少了一个括号：print(sum(range(10))",
    "楼主说的那本书，图书馆有，索书号 I267/2341，二楼靠窗。",
    "沙发。明天再来细读。",
    "加油！",
    "我想起小时候，外婆把信纸裁成四份，一份写给舅舅，一份写给姨妈，剩下的留着包药。",
    "价钱不是问题，问题是没有人愿意等。我开了十年书店，见过太多人拿起来又放下。",
    "手表停了三天我才发现，可见我是不看时间的人。",
    "股票跌的那几天，我反而读完了整套书。",
    "有人说贷款买书是笑话，我真的贷过，那年二十三岁。",
    "减字谱和减肥一样，减到最后剩下的才是要紧的。",
    "The second paragraph made me put the phone down and look out of the window for a while.",
    "I disagree with the part about deadlines: some letters are only written because of one.",
    "Small correction: the post office closed in 1987, not 1989. My aunt worked there.",
    "Does anybody know whether the quotation in section two is from the first edition?",
    "Lovely piece. I read it aloud to my daughter and she asked what a telegram was.",
    "We had the same argument at our printing shop for twenty years; the compositor always won.",
    "Could you say more about the margins? Mine are never wide enough for my handwriting.",
    "There is a talk about this at https://talks.example.org/margins that goes further.",
    "I bought a second-hand copy for three dollars and found a love letter in it.",
    "Not convinced. Reading fast is a skill, too, and nobody apologises for walking fast.",
    "Thanks for writing this. I had given up on long articles and finished this one.",
    "The photograph at the end, is it the same bridge as in the earlier essay?",
    "My watch stopped last week and I have not missed it.",
    "As a moderator of a small forum I can say: people write better when nobody counts.",
)


def advertisements(templates: tuple[str, ...], each: int, seed: int) -> Iterator[tuple[int, str]]:
    """Yield so many fillings of each template, with the template's number."""
    dice = random.Random(seed)
    for number, template in enumerate(templates):
        for _ in range(each):
            values = {slot: dice.choice(words) for slot, words in SLOTS.items()}
            digits = str(dice.randint(1000, 99999))
            yield number, template.format(n=digits, **{slot: word.format(n=digits) for slot, word in values.items()})


def demonstration_replies() -> list[str]:
    """Return the replies of the demonstration articles, and the paragraphs of the long ones."""
    files = sorted(DEMONSTRATION.glob("*.replies.json"))
    bodies = [reply["body"] for file in files for reply in json.loads(file.read_text(encoding="utf-8"))]
    return list(dict.fromkeys([*bodies, *(part for body in bodies for part in body.split("\n\n"))]))


def english_paragraphs() -> list[str]:
    """Return the sentences of the demonstration's English article, two at a time: hardly any of its replies are in English."""
    prose = " ".join((DEMONSTRATION / "margins.md").read_text(encoding="utf-8").split("---")[-1].split())
    sentences = prose.split(". ")
    return [". ".join(sentences[place : place + 2]) for place in range(0, len(sentences), 2)]
