"""Settings: where they come from, what they refuse, and the key."""

import stat
from ipaddress import ip_network

import pytest

from core.config import OPTIONS, Settings, WrongSetting, read_settings
from core.database import db
from core.instance import prepare_instance, secret_key

WRONG = {
    "HOST": ["", "  ", "a\nb", "example.org", "999.1.1.1"],
    "PORT": ["0", "65536", "-1", "8000.5", "eight", "²", "٨٠٠٠", "9" * 5000, ""],
    "SITE_URL": [
        "example.org",
        "ftp://example.org",
        "//example.org",
        "https://",
        "https://example.org/blog",
        "https://example.org/?a=1",
        "https://example.org/#top",
        "https://owner@example.org",
        "https://exa mple.org",
        "https://[::1",
        "https://example.org:port",
        "https://example.org:99999",
        "https://例子.中国",
        "javascript:alert(1)",
    ],
    "SITE_NAME": ["", "纸\n上"],
    "SITE_DESCRIPTION": ["一行\n两行"],
    "DEFAULT_LANGUAGE": ["", "fr", "zh-Hans"],
    "TIMEZONE": ["Peking", "../../etc/passwd", "", "UTC+8"],
    "REGISTRATION": ["yes", "Open", ""],
    "COMMENTS_HOLD": ["none", "suspicious,first"],
    "COMMENTS_PER_MINUTE": ["0", "100001", "5/min"],
    "COMMENTS_PER_10_MINUTES": ["0", "1000001", "x"],
    "COMMENTS_FLOOD_PER_MINUTE": ["0", "1000001", "x"],
    "COMMENTS_ORIGIN_DAYS": ["0", "36501", "90d"],
    "COMMENTS_HELD_DAYS": ["29", "36501", "x"],
    "PICTURES_BYTES_MAX": ["9999", "100000001", "10 MB"],
    "PICTURES_BYTES_PER_AUTHOR": ["-1", "1000000000", "x"],
    "LOGIN_FAILURES_PER_5_MINUTES": ["0", "100001", "x"],
    "RESETS_PER_HOUR": ["0", "10001", "x"],
    "PASSWORD_LENGTH_MIN": ["7", "65", "x"],
    "MODERATOR_PASSWORD_LENGTH_MIN": ["7", "65", "x"],
    "MAIL_FROM": ["garbage", "a\nBcc: x@example.org", "名字@例子.cn", "a@b c"],
    "SECURITY_CONTACT": ["garbage", "http://example.org", "a@example.org\nContact: b"],
    "DATABASE_URI": ["mysql://u:geheim@h/n", "postgres://u:geheim@h/n", "sqlite:///geheim.db", "geheim"],
    "MAIL_PORT": ["0", "65536", "smtp"],
    "MAIL_SECURITY": ["ssl", "STARTTLS", ""],
    "TRUSTED_PROXIES": ["localhost", "10.0.0.0/33", "10.0.0.1; 10.0.0.2", "::1/129"],
    "DEMO": ["yes", "true", "2", ""],
    "MODERATORS_NEED_SECOND_FACTOR": ["yes", "2", ""],
    "REMOVALS_PUBLIC": ["yes", "2", ""],
    "WORKERS": ["0", "257", "auto"],
    "JOBS_IN_SERVER": ["no", ""],
    "THREADS": ["0", "1025", "x"],
}
TAKES_ANY_TEXT = {"instance", "mail_server", "mail_username", "mail_password"}


def read(tmp_path, **environ):
    return read_settings(
        {"ZHISHANG_INSTANCE": str(tmp_path)} | {f"ZHISHANG_{name}": value for name, value in environ.items()}
    )


def test_without_a_word_the_site_listens_on_this_machine_with_sqlite_and_files_for_letters(tmp_path):
    chosen = read(tmp_path)

    assert chosen.address == "http://127.0.0.1:8000"
    assert chosen.database_address == f"sqlite:///{tmp_path}/site.db"
    assert (chosen.mail_server, chosen.outbox, chosen.sender) == ("", tmp_path / "outbox", "zhishang@127.0.0.1")
    assert (chosen.is_https, chosen.is_loopback, chosen.demo, chosen.trusted_proxies) == (False, True, True, ())


def test_the_environment_goes_before_the_file_and_the_file_before_the_default(tmp_path):
    (tmp_path / "config.py").write_text("SITE_NAME = '文件里的名字'\nPORT = 8001\nDEMO = False\n", encoding="utf-8")

    chosen = read(tmp_path, PORT=" 8002 ")

    assert (chosen.site_name, chosen.port, chosen.demo, chosen.threads) == ("文件里的名字", 8002, False, 32)


def test_the_file_is_python_and_only_its_capital_names_are_settings(tmp_path):
    (tmp_path / "config.py").write_text("import os\nhalf = 5\nCOMMENTS_PER_MINUTE = 2 * half\n", encoding="utf-8")

    assert read(tmp_path).comments_per_minute == 10


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_wrong_value_is_refused_by_the_name_of_its_setting(tmp_path, name, value):
    with pytest.raises(WrongSetting) as refusal:
        read(tmp_path, **{name: value})

    assert str(refusal.value).startswith(f"ZHISHANG_{name} takes ")
    assert "\n" not in str(refusal.value)
    assert "geheim" not in str(refusal.value)


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_value_in_the_file_is_refused_just_the_same(tmp_path, name):
    (tmp_path / "config.py").write_text(f"{name} = {WRONG[name][0]!r}\n", encoding="utf-8")

    with pytest.raises(WrongSetting, match=f"ZHISHANG_{name} takes "):
        read(tmp_path)


def test_every_setting_either_has_wrong_values_here_or_takes_any_text():
    assert set(OPTIONS) == {name.lower() for name in WRONG} | TAKES_ANY_TEXT


def test_every_setting_says_what_it_means():
    assert all(option.metadata["meaning"] for option in OPTIONS.values())


def test_an_unknown_name_is_refused_and_named_wherever_it_stands(tmp_path):
    with pytest.raises(WrongSetting, match="ZHISHANG_SITENAME in the environment"):
        read(tmp_path, SITENAME="纸上")
    (tmp_path / "config.py").write_text("SITENAME = '纸上'\n", encoding="utf-8")
    with pytest.raises(WrongSetting, match=r"ZHISHANG_SITENAME in instance/config\.py"):
        read(tmp_path)


@pytest.mark.parametrize("content", [b"PORT = ", b"PORT = undefined\n", b"raise SystemError\n", b"\xff\xfe", b"\0"])
def test_a_file_that_is_no_python_is_refused_in_one_line(tmp_path, content):
    (tmp_path / "config.py").write_bytes(content)

    with pytest.raises(WrongSetting, match=r"config\.py in the instance folder cannot be read") as refusal:
        read(tmp_path)

    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("https://example.org/", "https://example.org"),
        ("HTTPS://Example.ORG:443", "https://example.org"),
        ("http://example.org:80", "http://example.org"),
        ("https://example.org:8443", "https://example.org:8443"),
        ("https://[2001:db8::1]:8443/", "https://[2001:db8::1]:8443"),
        ("https://xn--fsqu00a.xn--fiqs8s", "https://xn--fsqu00a.xn--fiqs8s"),
    ],
)
def test_the_site_address_is_written_the_way_browsers_write_an_origin(tmp_path, written, address):
    assert read(tmp_path, SITE_URL=written).address == address


@pytest.mark.parametrize(
    ("given", "address", "hosts"),
    [
        ({"HOST": "192.0.2.7"}, "http://192.0.2.7:8000", ("192.0.2.7",)),
        ({"HOST": "192.0.2.7", "PORT": "80"}, "http://192.0.2.7", ("192.0.2.7",)),
        ({"HOST": "2001:db8::1"}, "http://[2001:db8::1]:8000", ("[2001:db8::1]",)),
        ({"HOST": "::1"}, "http://[::1]:8000", ("127.0.0.1", "localhost", "[::1]")),
        ({"SITE_URL": "https://example.org"}, "https://example.org", ("example.org",)),
        ({"SITE_URL": "http://localhost:9000"}, "http://localhost:9000", ("127.0.0.1", "localhost", "[::1]")),
    ],
)
def test_the_site_answers_to_its_own_name_and_on_this_machine_to_all_three(tmp_path, given, address, hosts):
    chosen = read(tmp_path, **given)

    assert (chosen.address, chosen.hosts) == (address, hosts)


def test_proxies_are_addresses_or_networks_of_both_kinds(tmp_path):
    chosen = read(tmp_path, TRUSTED_PROXIES="10.0.0.1, 192.0.2.0/24,2001:db8::/32,")

    assert chosen.trusted_proxies == tuple(map(ip_network, ("10.0.0.1/32", "192.0.2.0/24", "2001:db8::/32")))


def test_a_password_may_hold_blanks_at_its_ends(tmp_path):
    assert read(tmp_path, MAIL_PASSWORD=" a b ").mail_password == " a b "


def test_over_https_every_cookie_is_bound_to_the_host(new_site):
    app = new_site(site_url="https://example.org")
    with app.app_context():
        db.create_all()

    answer = app.test_client().get("/login?lang=en", base_url="https://example.org")

    assert answer.status_code == 200
    cookies = {cookie.partition("=")[0]: cookie.split("; ")[1:] for cookie in answer.headers.getlist("Set-Cookie")}
    assert {"__Host-form", "__Host-lang"} <= set(cookies)
    for attributes in cookies.values():
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(attributes)
        assert not any(attribute.startswith("Domain") for attribute in attributes)
    assert app.config["SESSION_COOKIE_NAME"] == "__Host-session"
    assert app.config["SESSION_COOKIE_SECURE"] and app.config["SESSION_COOKIE_HTTPONLY"]


def test_over_http_cookies_have_plain_names_and_reach_the_server(client):
    cookies = client.get("/login").headers.getlist("Set-Cookie")

    assert [cookie.partition("=")[0] for cookie in cookies] == ["form"]
    assert "Secure" not in cookies[0] and "HttpOnly" in cookies[0]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "127.0.0.1:8000", "LOCALHOST:5000", "[::1]:8000"])
def test_on_this_machine_every_name_of_it_is_answered(client, host):
    assert client.get("/privacy", headers={"Host": host}).status_code == 200


def test_the_key_is_made_once_of_256_random_bits_for_the_owner_only(tmp_path):
    chosen = Settings(instance=tmp_path / "new" / "instance")
    prepare_instance(chosen)
    key = secret_key(chosen)

    prepare_instance(chosen)

    assert len(bytes.fromhex(key)) == 32
    assert secret_key(chosen) == key
    assert secret_key(Settings(instance=tmp_path / "new" / "instance")) == key
    assert stat.S_IMODE((chosen.instance / "secret_key").stat().st_mode) == 0o600
    assert stat.S_IMODE(chosen.instance.stat().st_mode) == 0o700
    assert [path.name for path in chosen.instance.iterdir()] == ["secret_key"]


def test_two_sites_have_two_keys(tmp_path):
    sites = [Settings(instance=tmp_path / name) for name in ("one", "two")]
    for chosen in sites:
        prepare_instance(chosen)

    assert secret_key(sites[0]) != secret_key(sites[1])


@pytest.mark.parametrize("key", ["", "geheimnis", "a" * 64, "ab" * 64, "0123456789abcdef" * 3])
def test_a_short_or_monotonous_key_is_refused_and_not_shown(tmp_path, key):
    (tmp_path / "secret_key").write_text(key)

    with pytest.raises(WrongSetting, match="secret_key") as refusal:
        secret_key(Settings(instance=tmp_path))

    assert not key or key not in str(refusal.value)


def test_whoever_asks_for_no_language_we_have_gets_the_sites_own(client, choose):
    choose(default_language="en")

    assert '<html lang="en"' in client.get("/about").text
    assert '<html lang="en"' in client.get("/about", headers={"Accept-Language": "fr, de"}).text
    assert '<html lang="zh-Hans"' in client.get("/about", headers={"Accept-Language": "fr, zh-TW"}).text


def test_what_the_site_is_stands_under_the_title_of_the_front_page(client, choose):
    choose(site_name="慢慢读", site_description='写得慢的"文章"，<和>读得慢的人。')
    words = "写得慢的&#34;文章&#34;，&lt;和&gt;读得慢的人。"

    page = client.get("/").text

    assert f'<meta name="description" content="{words}">' in page
    assert f'<p class="page__lead">{words}</p>' in page and "<title>慢慢读</title>" in page


def test_the_names_that_the_file_and_the_environment_give_are_known(tmp_path):
    (tmp_path / "config.py").write_text("COMMENTS_HOLD = 'all'\n", encoding="utf-8")

    chosen = read(tmp_path, SITE_NAME="纸上")

    assert chosen.given == {"instance", "comments_hold", "site_name"}
