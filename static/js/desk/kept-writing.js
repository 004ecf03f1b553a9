// <kept-writing data-whose="7" hidden><template><p>… <time></time> <q></q> <button value="use">…</button> <button value="drop">…</button></p></template>
// </kept-writing>, in a form with the fields key, mark and body. Offers what keep-writing kept of this account's other forms with this path: taken up,
// it goes on as that form, from the text that one began from. Without this script nothing is offered.
customElements.define("kept-writing", class extends HTMLElement {
  #form = this.closest("form");
  #path = new URL(this.#form.action).pathname;

  connectedCallback() {
    this.#offer();
    addEventListener("storage", ({ newValue }) => newValue === null && this.#offer());
  }

  #left() {
    const [ours, here] = [`write ${this.dataset.whose} `, this.#form.elements.key.value];
    const others = Object.entries(localStorage).filter(([name]) => name.startsWith(ours) && name !== ours + here);
    const left = others.map(([name, kept]) => ({ name, ...JSON.parse(kept) })).filter(({ path }) => path === this.#path);
    return left.sort((one, other) => other.at - one.at);
  }

  #offer() {
    try {
      const left = this.#left();
      this.replaceChildren(this.firstElementChild, ...left.map((one) => this.#row(one)));
      this.hidden = !left.length;
    } catch {}
  }

  #row(one) {
    const row = this.firstElementChild.content.firstElementChild.cloneNode(true);
    const { title, body } = Object.fromEntries(JSON.parse(one.typed));
    row.querySelector("time").textContent = new Date(one.at).toLocaleString(document.documentElement.lang);
    row.querySelector("q").textContent = [...(title.trim() || body.trim())].slice(0, 30).join("");
    row.addEventListener("click", ({ target: { value } }) => value && this.#answer(value, one));
    return row;
  }

  #answer(deed, { name, path, mark, typed }) {
    if (deed === "drop") {
      localStorage.removeItem(name);
    } else {
      this.#form.dispatchEvent(new Event("replaced"));
      this.#form.action = path;
      this.#fill({ ...Object.fromEntries(JSON.parse(typed)), mark });
      history.replaceState(history.state, "", path);
      this.#form.dispatchEvent(new Event("input"));
    }
    this.#offer();
    this.#form.elements.body.focus();
  }

  #fill(texts) {
    for (const field of this.#form.elements) {
      const text = texts[field.name];
      ["checkbox", "radio"].includes(field.type) ? field.checked = field.value === text : text === undefined || (field.value = text);
    }
  }
});
