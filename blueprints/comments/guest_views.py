"""The doors to what was written under one address, for its owner: by the link of a letter, and from an account."""

import json

from flask import Blueprint, Response, flash, redirect, render_template, request, session, url_for

from blueprints.auth.doors import for_members
from blueprints.auth.login import GUEST, origin, visitor
from blueprints.auth.mailed_links import may_ask, may_write
from blueprints.comments.forms import AdoptionForm, EraseForm, GuestLinkForm, GuestNameForm, PlainForm
from blueprints.comments.guest_words import (
    admit_adoption,
    admit_name,
    adopt as adopt_comments,
    erase as erase_words,
    sign_otherwise,
)
from blueprints.comments.guests import address_of_link, ask_for_link, end_guest_session, lift_stop, open_address
from blueprints.comments.ownership import rights_in
from blueprints.comments.queries import about_address, adoptable, comments_by, guest_session, stored_about, unseen_texts
from blueprints.comments.thread_queries import Whose
from blueprints.comments.wishes import stop_letters_to
from blueprints.notifications.forms import WishesForm
from blueprints.notifications.queries import stored_about as notifications_stored_about, waiting_wishes
from core.config import settings
from core.database import db, writing
from core.errors import NotAllowed
from core.i18n import _, _l

bp = Blueprint("guests", __name__)


class LinkWanted(NotAllowed):
    """Only whoever opened the link of a letter in this browser may go on."""

    title = _l("先打开信里的链接")
    again = "guests.show"


def _address():
    found = guest_session(visitor().guest_token)
    if found is None:
        raise LinkWanted(_("这里只给打开了信里链接的人看。链接 30 天内有效，也可以再要一封信。"))
    return found.address


def _whose(address):
    return Whose(email_key=address.email_key)


@bp.route("/mine", methods=["GET", "POST"])
def show():
    """Show everything that was written under an address to its owner; others may ask for the link by letter."""
    found = guest_session(visitor().guest_token)
    if found is not None and request.method == "GET":
        page = comments_by(_whose(found.address), request.args.get("before", type=int))
        context = {"address": found.address, "page": page, "unseen": unseen_texts(page.items)}
        context["rights"] = rights_in(page.items, _whose(found.address))
        return PlainForm().page("comments/mine.html", **context)
    form = GuestLinkForm()
    if form.validate_on_submit():
        with form.showing_errors():
            email = form.email.address
            may = may_ask("mine", origin().address_block) and may_write("mine", email)
            with writing():
                ask_for_link(email, may=may)
                db.session.commit()
            return redirect(url_for("guests.sent"), 303)
    return form.page("comments/ask_link.html")


@bp.get("/mine/sent")
def sent():
    """Say that a letter is on its way, the same for every address."""
    return render_template("comments/link_sent.html")


@bp.route("/mine/open/<token>", methods=["GET", "POST"])
def open_link(token):
    """Show what the link opens; the button opens it in this browser, proves the address and lets the ticked wishes count."""
    form = WishesForm()
    address, follows = address_of_link(token)
    if form.validate_on_submit():
        with form.showing_errors(), writing():
            session[GUEST] = open_address(address_of_link(token)[0], follows=form.ids)
            db.session.commit()
            flash(_("邮箱已确认。"))
            return redirect(url_for("guests.show"), 303)
    form.offer(waiting_wishes(address), follows)
    page = comments_by(_whose(address))
    return form.page("comments/open_link.html", address=address, page=page)


@bp.get("/mine/download.json")
def download():
    """Hand over everything stored about an address."""
    address = _address()
    everything = {"site": settings().address} | about_address(address) | stored_about(_whose(address))
    everything |= notifications_stored_about(address)
    answer = Response(json.dumps(everything, ensure_ascii=False, indent=2) + "\n", mimetype="application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="replies.json"'
    return answer


@bp.route("/mine/name", methods=["GET", "POST"])
def name():
    """Put another nickname over everything written under an address."""
    address, form = _address(), GuestNameForm()
    if form.validate_on_submit():
        with form.showing_errors():
            admit_name(address, form.nickname.data, visitor())
            with writing():
                sign_otherwise(_address(), form.nickname.data)
                db.session.commit()
            return _done(_("昵称已改。"))
    return form.page("comments/guest_name.html", address=address)


@bp.post("/mine/letters")
def letters():
    """Have no more letters written to this address, or have them again."""
    _address()
    form = PlainForm()
    if form.validate_on_submit():
        with form.showing_errors(), writing():
            goes_on = request.form.get("which") == "again"
            lift_stop(_address()) if goes_on else stop_letters_to(_address())
            db.session.commit()
            return _done(_("以后勾上就会写信。") if goes_on else _("不会再写信了。"))
    return _done(form.problems[0][1])


@bp.route("/mine/erase", methods=["GET", "POST"])
def erase():
    """Erase name and address from everything written under it, or everything."""
    address, form = _address(), EraseForm()
    if form.validate_on_submit():
        with form.showing_errors(), writing():
            erase_words(_address(), texts_too=form.which.data == "texts")
            db.session.commit()
            session.pop(GUEST, None)
            flash(_("已删掉，写过的东西里没有这个邮箱了。"))
            return redirect(url_for("articles.index"), 303)
    return form.page("comments/erase.html", address=address)


@bp.post("/mine/end")
def end():
    """End the session of this browser."""
    _address()
    form = PlainForm()
    if form.validate_on_submit():
        with form.showing_errors(), writing():
            end_guest_session(session.get(GUEST))
            db.session.commit()
            session.pop(GUEST, None)
            return _done(_("这台设备上已经关闭。"))
    return _done(form.problems[0][1])


def _done(words):
    flash(words)
    return redirect(url_for("guests.show"), 303)


@bp.route("/account/earlier-replies", methods=["GET", "POST"])
@for_members
def adopt(user):
    """Take replies that were written under the account's address before into the account, those that are ticked."""
    form = AdoptionForm()
    if form.validate_on_submit():
        with form.showing_errors():
            admit_adoption(user)
            with writing():
                count = adopt_comments(user, form.ids)
                db.session.commit()
            flash(_("已收进账号：%(count)s 条。", count=count))
            return redirect(url_for("account.replies"), 303)
    return form.page("comments/adopt.html", comments=adoptable(user.email_key))
