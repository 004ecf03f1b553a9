// <kept-writing hidden><span>… <time></time></span> <button value="use">…</button> <button value="drop">…</button></kept-writing>, in the form that
// save-writing saves. What is typed lies on this device, under the form's path, until the server has it; what was left is offered when the form
// is opened again. Without this script, or room to keep anything, the form is what it is.
customElements.define("kept-writing", class extends HTMLElement {
  #form = this.closest("form");
  #timer;

  connectedCallback() {
    const kept = Object.keys(localStorage).filter((key) => key.startsWith("write "));
    kept.filter((key) => this.#left(key)?.every((field) => this.#isHere(field))).forEach((key) => localStorage.removeItem(key));
    const fields = this.#left(this.#key);
    if (fields) {
      this.hidden = false;
      this.addEventListener("click", ({ target: { value } }) => value && this.#answer(value, fields));
    }
    this.#form.addEventListener("input", () => { this.#timer ||= setTimeout(() => this.#keep(), 500); });
    this.#form.addEventListener("submit", () => this.#keep());
    this.#form.addEventListener("saved", ({ detail }) => detail === this.#typed() && this.#forget());
    addEventListener("pagehide", () => this.#timer && this.#keep());
  }

  get #key() {
    return `write ${new URL(this.#form.action).pathname}`;
  }

  #typed() {
    return JSON.stringify([...new FormData(this.#form)].filter(([name]) => !["csrf_token", "mark", "act"].includes(name)));
  }

  #isHere([name, value]) {
    const [here, there] = [this.#form.elements[name].value, value].map((text) => text.replace(/\r\n?/g, "\n").trim());
    return here === there;
  }

  #left(key) {
    try {
      const { at, typed } = JSON.parse(localStorage.getItem(key));
      this.querySelector("time").textContent = new Date(at).toLocaleString(document.documentElement.lang);
      return JSON.parse(typed).filter(([name]) => name !== "key" && this.#form.elements[name]);
    } catch {}
  }

  #keep() {
    this.#timer = clearTimeout(this.#timer);
    try { localStorage.setItem(this.#key, JSON.stringify({ at: Date.now(), typed: this.#typed() })); } catch {}
  }

  #forget() {
    this.#timer = clearTimeout(this.#timer);
    try { localStorage.removeItem(this.#key); } catch {}
  }

  #answer(deed, fields) {
    this.hidden = true;
    deed === "drop" ? this.#forget() : fields.forEach(([name, text]) => { this.#form.elements[name].value = text; });
    this.#form.elements.body.focus();
    deed === "use" && this.#form.elements.body.dispatchEvent(new Event("input", { bubbles: true }));
  }
});
