// <save-writing data-saving data-unsaved data-away data-refused data-elsewhere><span role="status">…</span><button hidden>…</button></save-writing>
// in a form with the fields mark and body. Saves to the server what is typed, one save after the other, and says so; kept-writing hears of each.
// Without this script the button 保存 saves.
customElements.define("save-writing", class extends HTMLElement {
  #form = this.closest("form");
  #timer;
  #sent = this.#typed();
  #saving;

  connectedCallback() {
    const { body } = this.#form.elements;
    this.#form.addEventListener("input", () => this.#later(3000));
    this.#form.addEventListener("submit", (event) => this.#leave(event));
    addEventListener("online", () => this.#later(0));
    body.value === body.defaultValue || [this.#sent = "", this.#later(1000)];
  }

  #typed() {
    return JSON.stringify([...new FormData(this.#form)].filter(([name]) => !["csrf_token", "mark", "act"].includes(name)));
  }

  #tell(words, isWrong = false) {
    [this.firstElementChild.textContent, this.lastElementChild.hidden] = [words, !isWrong];
    this.dataset.state = isWrong ? "wrong" : "well";
  }

  #later(wait) {
    clearTimeout(this.#timer);
    if (this.#typed() !== this.#sent) {
      this.#saving || this.dataset.state === "wrong" || this.#tell(this.dataset.unsaved);
      this.#timer = setTimeout(() => {
        this.#saving = (this.#saving || Promise.resolve()).then(() => this.#save()).finally(() => { this.#saving = undefined; });
      }, wait);
    }
  }

  async #save() {
    const [typed, body, form] = [this.#typed(), new FormData(this.#form), this.#form];
    body.set("act", "auto");
    this.dataset.state === "wrong" || this.#tell(this.dataset.saving);
    const answer = await fetch(form.action, { method: "POST", body }).catch(() => undefined);
    const said = await answer?.json().catch(() => undefined);
    if (!said || !answer.ok) {
      this.#tell(!said ? this.dataset.away : said.conflict ? this.dataset.elsewhere : said.words + this.dataset.refused, true);
      said || this.#later(15000);
      return;
    }
    this.#sent = typed;
    form.dispatchEvent(new CustomEvent("saved", { detail: typed }));
    [form.elements.mark.value, form.action] = [said.mark, said.path];
    history.replaceState(history.state, "", said.path);
    this.#tell(said.words);
    this.#later(3000);
  }

  #leave(event) {
    clearTimeout(this.#timer);
    this.#saving && [event.preventDefault(), this.#saving.then(() => this.#form.requestSubmit(event.submitter))];
  }
});
