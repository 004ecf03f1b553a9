"""The doors to following: an article, a thread, a person, and everything that one follows."""

from flask import Blueprint, flash, redirect, render_template, url_for

from blueprints.articles.queries import article_by_slug
from blueprints.auth.doors import for_members
from blueprints.auth.login import origin, visitor
from blueprints.auth.mailed_links import may_ask, may_write
from blueprints.comments.models import Status
from blueprints.comments.queries import NO_SUCH_COMMENT, comment_by_id, guest_session
from blueprints.notifications.choosing import choose
from blueprints.notifications.following import (
    ask_to_follow,
    follow,
    set_frequencies,
    subscription_to,
    targets_of_article,
    targets_of_comment,
)
from blueprints.notifications.forms import FollowForm, GuestFollowForm, following_form, person_at, words_for
from blueprints.notifications.queries import choice_of, subscriptions_of
from core.database import db, writing
from core.errors import NotAllowed, NotFound
from core.i18n import _, _l

bp = Blueprint("follows", __name__)


class LinkWanted(NotAllowed):
    """Only whoever opened the link of a letter in this browser may go on."""

    title = _l("先打开信里的链接")
    again = "guests.show"


def _reader():
    """Return who follows at once: the account, or the address whose letter was opened in this browser; None for others."""
    who = visitor()
    session = None if who.user is not None else guest_session(who.guest_token)
    return who.user or (session.address if session is not None else None)


@bp.route("/articles/<slug>/follow", methods=["GET", "POST"])
def article(slug):
    """Follow the replies under an article, or its author."""
    found = article_by_slug(slug)
    context = {"article": found, "back": url_for("articles.show", slug=slug)}
    return _follow(targets_of_article(found, _reader()), found.author, context)


@bp.route("/comments/<int:comment_id>/follow", methods=["GET", "POST"])
def comment(comment_id):
    """Follow the thread a reply stands in, or who wrote it."""
    found = comment_by_id(comment_id)
    article_by_slug(found.article.slug)
    if found.status is not Status.PUBLISHED:
        raise NotFound(NO_SUCH_COMMENT)
    context = {"article": found.article, "back": url_for("comments.show", comment_id=comment_id)}
    return _follow(targets_of_comment(found, _reader()), person_at(found), context)


def _follow(targets, person, context):
    reader = _reader()
    followed = {target.column: subscription_to(target, reader) for target in targets} if reader is not None else {}
    form = _form(targets, person, followed)
    if form.validate_on_submit():
        with form.showing_errors():
            target = next(one for one in targets if one.column == form.what.data)
            may = reader is not None or _may_write(form.email.address)
            with writing():
                if reader is not None:
                    follow(target, _reader(), form.pace)
                else:
                    ask_to_follow(target, form.email.address, form.pace, may=may)
                db.session.commit()
            return _done(context) if reader is not None else redirect(url_for("follows.sent"), 303)
    return form.page("notifications/follow.html", followed=followed, **context)


def _form(targets, person, followed):
    """Return the form with what can be followed, and how often letters of the first of it come now."""
    form = FollowForm() if followed else GuestFollowForm()
    silent = _("不写信，只放进通知") if visitor().user is not None else ""
    form.offer(targets, [words_for(target, person) for target in targets], silent=silent)
    present = followed.get(targets[0].column)
    if present is not None and not form.is_submitted():
        form.frequency.data = present.frequency.value
    return form


def _may_write(email):
    return may_ask("follow", origin().address_block) and may_write("follow", email)


def _done(context):
    flash(_("已关注。"))
    return redirect(context["back"], 303)


@bp.get("/follow/sent")
def sent():
    """Say that a letter is on its way, the same for every address."""
    return render_template("notifications/follow_sent.html")


@bp.route("/account/following", methods=["GET", "POST"])
@for_members
def mine(user):
    """Show what I follow and how often letters come, and change it."""
    form = following_form(subscriptions_of(user), choice_of(user), user.role)
    if form.validate_on_submit():
        with form.showing_errors(), writing():
            choose(user, **form.chosen)
            set_frequencies(user, form.paced)
            db.session.commit()
            flash(_("已保存。"))
            return redirect(url_for("follows.mine"), 303)
    return form.page("notifications/following.html", back=url_for("account.show"), address=None)


@bp.route("/mine/following", methods=["GET", "POST"])
def guest():
    """Show what is followed under an address, and change it."""
    address = _address()
    form = following_form(subscriptions_of(address))
    if form.validate_on_submit():
        with form.showing_errors(), writing():
            set_frequencies(_address(), form.paced)
            db.session.commit()
            flash(_("已保存。"))
            return redirect(url_for("follows.guest"), 303)
    return form.page("notifications/following.html", back=url_for("guests.show"), address=address)


def _address():
    session = guest_session(visitor().guest_token)
    if session is None:
        raise LinkWanted(_("这里只给打开了信里链接的人看。链接 30 天内有效，也可以再要一封信。"))
    return session.address
