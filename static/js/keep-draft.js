// <keep-draft hidden>…</keep-draft>, in a form with the field body; it shows while there is a draft, beside text the page brought once it changes.
// What is typed, and what it answers, is kept on this device, by each tab for itself. It comes back with the form, but not over typed text
// (data-typed on the form: the page brought some). Without this script, or room to keep it, the form is what it is.
customElements.define("keep-draft", class extends HTMLElement {
  #form = this.closest("form").elements;
  #path = new URL(this.closest("form").action).pathname;
  #key;
  #timer;
  untyped = "typed" in this.closest("form").dataset ? "" : this.#form.body.defaultValue;

  connectedCallback() {
    if (this.#key) { return; }
    const { body } = this.#form;
    this.#key = `draft ${this.#path} ${Math.random()}`;
    try { this.#open(body); } catch {}
    body.addEventListener("input", () => { this.#timer ||= setTimeout(() => this.#save(), 800); });
    body.form.addEventListener("submit", () => this.#save(true));
    addEventListener("pagehide", () => this.#timer && this.#save());
    addEventListener("storage", ({ key, newValue }) => key === this.#key && newValue && this.#leaveKey(JSON.parse(newValue)));
  }

  #open(body) {
    const ours = Object.entries(localStorage).filter(([key]) => key.startsWith(`draft ${this.#path} `));
    const drafts = ours.map(([key, draft]) => ({ key, ...JSON.parse(draft) })).sort((one, other) => other.at - one.at);
    const own = drafts.find(({ key }) => key === sessionStorage.getItem(this.#path));
    const isTyped = body.value !== this.untyped;
    const draft = own || !isTyped && drafts[0];
    this.#key = draft?.key || this.#key;
    if (isTyped) {
      this.#save();
      this.hidden = true;
    } else if (draft) {
      const isWhole = !this.#form.quote || draft.text.includes(this.untyped.trim());
      body.value = isWhole ? draft.text : `${draft.text}\n\n${this.untyped}`;
      body.dispatchEvent(new Event("input"));
      this.hidden = false;
    }
    (draft?.parent || draft?.quote) && this.dispatchEvent(new CustomEvent("answer", { bubbles: true, detail: draft }));
  }

  #leaveKey({ text }) {
    this.#key = `draft ${this.#path} ${Math.random()}`;
    text.includes(this.#form.body.value) || this.#save();
  }

  #save(isSent) {
    const { body: { value: text }, parent, quote } = this.#form;
    this.#timer = clearTimeout(this.#timer);
    this.hidden = !text.trim() || text === this.untyped;
    try {
      if (this.hidden) {
        localStorage.removeItem(this.#key);
      } else {
        const draft = { text, parent: parent?.value, quote: quote?.value, at: Date.now(), isSent };
        localStorage.setItem(this.#key, JSON.stringify(draft));
        sessionStorage.setItem(this.#path, this.#key);
      }
    } catch { this.hidden = true; }
  }
});
