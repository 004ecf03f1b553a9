"""The state of the page about feeds."""

from tests.stage import state


@state("feeds")
def _(browser):
    return browser.get("/feeds")
