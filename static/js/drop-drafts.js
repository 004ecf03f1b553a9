// <… data-posted="/articles/hello/comments">: the page says that the server has what the form with this path sent.
// Then the draft of it goes (see keep-draft.js, which is joined after this file), and whatever is older than 30 days.
try {
  const posted = [...document.querySelectorAll("[data-posted]")].map((one) => sessionStorage.getItem(one.dataset.posted));
  for (const [key, draft] of Object.entries(localStorage).filter(([key]) => key.startsWith("draft "))) {
    const { at, isSent } = JSON.parse(draft);
    if (isSent && posted.includes(key) || at < Date.now() - 30 * 24 * 3600e3) {
      localStorage.removeItem(key);
    }
  }
} catch {
  // Nothing is kept in this browser.
}
