// <keep-writing data-whose="7" hidden></keep-writing>, in the form that save-writing saves. What is typed lies on this device, for this account and under the
// form's key, until the server has it; data-kept on the form says that it does. What a button sends goes once a page says that it came (see
// drop-drafts.js). Without this script, or room to keep anything, the form is what it is.
customElements.define("keep-writing", class extends HTMLElement {
  #form = this.closest("form");
  #timer;

  connectedCallback() {
    const { body } = this.#form.elements;
    "typed" in this.#form.dataset || body.value !== body.defaultValue ? this.#keep() : this.#forget(this.#typed());
    this.#form.addEventListener("input", () => { this.#timer ||= setTimeout(() => this.#keep(), 500); });
    this.#form.addEventListener("submit", () => this.#keep(true));
    this.#form.addEventListener("saved", ({ detail }) => this.#forget(detail));
    this.#form.addEventListener("replaced", () => this.#timer && this.#keep());
    addEventListener("pagehide", () => this.#timer && this.#keep());
  }

  get #name() {
    return `write ${this.dataset.whose} ${this.#form.elements.key.value}`;
  }

  #typed() {
    return JSON.stringify([...new FormData(this.#form)].filter(([name]) => !["csrf_token", "mark", "act"].includes(name)));
  }

  // As the server tidies what it is sent, whichever form sent it.
  #tidied(typed) {
    const tidy = (name, text) => name === "body" ? text.replace(/\r\n?/g, "\n").trim() : text.normalize().replace(/\s+/g, " ").trim();
    return JSON.stringify(JSON.parse(typed).filter(([name]) => name !== "key").map(([name, text]) => [name, tidy(name, text)]));
  }

  #keep(isSent) {
    this.#timer = clearTimeout(this.#timer);
    const [path, mark] = [new URL(this.#form.action).pathname, this.#form.elements.mark.value];
    try {
      localStorage.setItem(this.#name, JSON.stringify({ path, mark, typed: this.#typed(), at: Date.now(), isSent }));
      this.#form.dataset.kept = "";
    } catch {
      delete this.#form.dataset.kept;
    }
  }

  // The server has this text.
  #forget(typed) {
    this.#timer && this.#keep();
    try {
      const ours = Object.entries(localStorage).filter(([name]) => name.startsWith(`write ${this.dataset.whose} `));
      const had = ours.filter(([, kept]) => this.#tidied(JSON.parse(kept).typed) === this.#tidied(typed));
      had.forEach(([name]) => localStorage.removeItem(name));
      this.#typed() === typed ? localStorage.removeItem(this.#name) : this.#keep();
    } catch {}
  }
});
