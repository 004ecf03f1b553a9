// <clear-draft><keep-draft hidden>… <button>清除</button></keep-draft><span hidden>… <button>撤销</button></span></clear-draft>
// The first button takes what was typed out of the field (and so out of the draft), the second puts it back.
customElements.define("clear-draft", class extends HTMLElement {
  #body = this.closest("form").elements.body;
  #cleared;

  connectedCallback() {
    this.addEventListener("click", this);
  }

  handleEvent({ target }) {
    if (target.localName === "button") {
      const [draft, undo] = this.children;
      const isBack = undo.contains(target);
      [this.#cleared, this.#body.value] = [this.#body.value, isBack ? this.#cleared : draft.untyped];
      draft.hidden = !isBack;
      undo.hidden = isBack;
      (isBack ? this.#body : undo.querySelector("button")).focus();
      this.#body.dispatchEvent(new Event("input"));
    }
  }
});
