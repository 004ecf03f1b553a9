"""The doors to the second factor of my account: app, passkeys, recovery codes."""

from flask import Blueprint, flash, redirect, request, url_for

from blueprints.auth.account_forms import AppForm, PasskeyForm, PresentPasswordForm
from blueprints.auth.authentication import check_own_password
from blueprints.auth.doors import for_members
from blueprints.auth.login import demand_unchanged, origin
from blueprints.auth.passkeys import (
    add_passkey,
    are_possible,
    begin_ceremony,
    creation_options,
    passkeys_of,
    remove_passkey,
)
from blueprints.auth.second_factor import (
    add_app,
    address_of,
    key_of,
    new_recovery_codes,
    new_seed,
    picture_of_key,
    recovery_codes_left,
    remove_app,
)
from core.database import db, writing
from core.errors import DomainError, NotFound
from core.forms import browser_key, row_id
from core.i18n import _
from core.security import own_origin
from core.tokens import hash_of, read_signed, sign

bp = Blueprint("second_factor", __name__, url_prefix="/account/second-factor")

SETUP_SECONDS = 30 * 60


@bp.get("")
@for_members
def show(user):
    """Show which second factors the account has."""
    context = {"user": user, "passkeys": passkeys_of(user), "codes_left": recovery_codes_left(user)}
    return PresentPasswordForm().page("account/second_factor.html", **context, passkeys_work=are_possible(own_origin()))


@bp.route("/app", methods=["GET", "POST"])
@for_members
def app(user):
    """Set up an authenticator app: its key as a picture and as letters, then the first code."""
    form = AppForm()
    seed = _seed_of(form.setup.data or "") or new_seed()
    if user.totp_seed == seed:  # the page was loaded again
        return _added([])
    if form.validate_on_submit():
        with form.showing_errors():
            checked = check_own_password(user, form.present.data, origin())
            with writing():
                demand_unchanged(user, checked)
                codes = add_app(user, seed, form.code.data, origin())
                db.session.commit()
            return _added(codes)
    form.setup.data = sign("totp-setup", [seed, hash_of(browser_key())])
    side, dark = picture_of_key(address_of(user, seed))
    return form.page("account/app.html", key=key_of(seed), side=side, dark=dark)


def _seed_of(setup):
    signed = read_signed("totp-setup", setup, SETUP_SECONDS)
    return signed[0] if isinstance(signed, list) and signed[1] == hash_of(browser_key()) else None


@bp.route("/passkey", methods=["GET", "POST"])
@for_members
def passkey(user):
    """Add a passkey; the browser makes it, which needs scripts."""
    form = PasskeyForm()
    if form.validate_on_submit():
        with form.showing_errors():
            checked = check_own_password(user, form.present.data, origin())
            answer = (form.passkey.data, form.ceremony.data or "", str(user.id))
            with writing():
                demand_unchanged(user, checked)
                codes = add_passkey(user, *answer, site=own_origin(), name=form.name.data, origin=origin())
                db.session.commit()
            return _added(codes)
    form.passkey.data, form.ceremony.data = "", begin_ceremony("create", str(user.id))
    options = creation_options(user, form.ceremony.data, own_origin()) if are_possible(own_origin()) else None
    return form.page("account/passkey.html", options=options)


@bp.route("/remove", methods=["GET", "POST"])
@for_members
def remove(user):
    """Remove the app, or one passkey."""
    form = PresentPasswordForm()
    form.which.data = form.which.data or request.args.get("which", "")
    if form.validate_on_submit():
        with form.showing_errors():
            checked = check_own_password(user, form.present.data, origin())
            with writing():
                demand_unchanged(user, checked)
                _remove(user, form.which.data or "")
                db.session.commit()
            flash(_("已移除。"))
            return redirect(url_for("second_factor.show"), 303)
    return form.page("account/remove_factor.html", which=_name_of(user, form.which.data))


def _name_of(user, which):
    """Return what is to be removed in words. Raises NotFound."""
    passkey = next((one for one in passkeys_of(user) if str(one.id) == which), None)
    if passkey is None and not (which == "app" and user.totp_seed):
        raise NotFound(_("没有这一种两步验证。"))
    return passkey.name if passkey else _("验证器")


def _remove(user, which):
    if which == "app":
        remove_app(user, origin())
    elif passkey_id := row_id(which):
        remove_passkey(user, passkey_id, origin())
    else:
        raise DomainError(_("请选择要移除哪一个。"))


@bp.route("/recovery-codes", methods=["GET", "POST"])
@for_members
def recovery_codes(user):
    """Make new recovery codes; the old ones are dead from then on."""
    form = PresentPasswordForm()
    if form.validate_on_submit():
        with form.showing_errors():
            checked = check_own_password(user, form.present.data, origin())
            with writing():
                demand_unchanged(user, checked)
                if not user.has_second_factor:
                    raise DomainError(_("先设置验证器或通行密钥，再要恢复码。"))
                codes = new_recovery_codes(user)
                db.session.commit()
            return _added(codes)
    return form.page("account/recovery_codes.html", codes=[])


def _added(codes):
    """Show recovery codes once; without new ones, go back."""
    if codes:
        return PresentPasswordForm().page("account/recovery_codes.html", codes=codes)
    flash(_("已保存。"))
    return redirect(url_for("second_factor.show"), 303)
