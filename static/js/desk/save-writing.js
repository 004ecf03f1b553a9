// <save-writing data-saving data-unsaved data-away data-away-unkept data-refused data-refused-unkept data-elsewhere><span role="status">…</span>
// <button hidden>…</button></save-writing>, in a form with the fields key, mark and body. Saves to the server what is typed, one save after the other,
// and says so; keep-writing hears of each, and tells whether the device has what the server has not. Without this script the button 保存 saves.
customElements.define("save-writing", class extends HTMLElement {
  #form = this.closest("form");
  #timer;
  #sent = this.#typed();
  #saving;

  connectedCallback() {
    this.#form.addEventListener("input", () => this.#later(3000));
    this.#form.addEventListener("submit", (event) => {
      clearTimeout(this.#timer);
      this.#saving && [event.preventDefault(), this.#saving.then(() => this.#form.requestSubmit(event.submitter))];
    });
    addEventListener("online", () => this.#later(0));
    this.#form.elements.body.value === this.#form.elements.body.defaultValue || [this.#sent = "", this.#later(1000)];
  }

  #typed() {
    return JSON.stringify([...new FormData(this.#form)].filter(([name]) => !["csrf_token", "mark", "act"].includes(name)));
  }

  #tell(words, state = "well") {
    [this.firstElementChild.textContent, this.lastElementChild.hidden, this.dataset.state] = [words, state === "well", state];
  }

  #later(wait) {
    clearTimeout(this.#timer);
    if (this.#typed() === this.#sent) { return; }
    this.#saving || this.dataset.state === "wrong" || this.#tell(this.dataset.unsaved);
    this.#timer = setTimeout(() => {
      this.#saving = (this.#saving || Promise.resolve()).then(() => this.#save()).finally(() => { this.#saving = undefined; });
    }, wait);
  }

  async #save() {
    const [typed, body, { elements }] = [this.#typed(), new FormData(this.#form), this.#form];
    body.set("act", "auto");
    this.dataset.state === "wrong" || this.#tell(this.dataset.saving);
    const answer = await fetch(this.#form.action, { method: "POST", body }).catch(() => undefined);
    const said = await answer?.json().catch(() => undefined);
    if (!answer?.ok || !said) { return this.#fail(answer, said); }
    this.#sent = typed;
    if (elements.key.value === body.get("key")) {  // no other text was taken up meanwhile
      [elements.mark.value, this.#form.action] = [said.mark, said.path];
      history.replaceState(history.state, "", said.path);
    }
    this.#form.dispatchEvent(new CustomEvent("saved", { detail: typed }));
    this.#tell(said.words);
    this.#later(3000);
  }

  #fail(answer, said) {
    const [{ away, awayUnkept, refused, refusedUnkept }, isRefused, isKept] = [this.dataset, answer && !answer.ok, "kept" in this.#form.dataset];
    const told = isRefused ? (said?.words || "") + (isKept ? refused : refusedUnkept) : isKept ? away : awayUnkept;
    this.#tell(said?.conflict ? this.dataset.elsewhere : told, "wrong");
    isRefused && answer.status < 500 && answer.status !== 429 || this.#later(15000);
  }
});
