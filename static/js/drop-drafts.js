// <… data-posted="/articles/hello/comments">: the page says that the server has what the form with this path sent; on the desk it is the form's key.
// Then the draft of it goes (see keep-draft.js, which is joined after this file, and keep-writing.js), and whatever is older than 30 days.
try {
  const posted = [...document.querySelectorAll("[data-posted]")].map(({ dataset: { posted: one } }) => sessionStorage.getItem(one) || one);
  for (const [key, draft] of Object.entries(localStorage).filter(([key]) => /^(draft|write) /.test(key))) {
    const { at, isSent } = JSON.parse(draft);
    if (isSent && posted.some((one) => key.endsWith(one)) || at < Date.now() - 30 * 24 * 3600e3) {
      localStorage.removeItem(key);
    }
  }
} catch {
  // Nothing is kept in this browser.
}
