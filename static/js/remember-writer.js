// <remember-writer hidden><input type="checkbox"> …</remember-writer>, in a form with the fields nickname and email.
// While the box is ticked both are kept on this device, and filled in the next time. Without this script there is no box; where nothing can be
// kept it does nothing.
customElements.define("remember-writer", class extends HTMLElement {
  #box = this.querySelector("input");
  #form = this.closest("form").elements;

  connectedCallback() {
    this.hidden = false;
    this.#box.addEventListener("change", this);
    this.#box.form.addEventListener("submit", this);
    try {
      const kept = JSON.parse(localStorage.getItem("writer"));
      for (const name in kept) {
        this.#box.checked = true;
        this.#form[name].value ||= kept[name];
      }
    } catch {}
  }

  handleEvent() {
    const { nickname, email } = this.#form;
    const writer = JSON.stringify({ nickname: nickname.value, email: email.value });
    try {
      this.#box.checked ? localStorage.setItem("writer", writer) : localStorage.removeItem("writer");
    } catch {}
  }
});
