// <remember-writer hidden><input type="checkbox"> …</remember-writer>, in a form with the fields nickname and email.
// While the box is ticked both are kept on this device, and filled in the next time. Without this script there is no box.
customElements.define("remember-writer", class extends HTMLElement {
  #box = this.querySelector("input");
  #fields = this.closest("form").elements;

  connectedCallback() {
    this.hidden = false;
    this.#box.addEventListener("change", this);
    this.#box.form.addEventListener("submit", this);
    this.#try(() => this.#fill(JSON.parse(localStorage.getItem("writer"))));
  }

  handleEvent() {
    const { nickname, email } = this.#fields;
    this.#try(() => this.#box.checked
      ? localStorage.setItem("writer", JSON.stringify({ nickname: nickname.value, email: email.value }))
      : localStorage.removeItem("writer"));
  }

  #fill(kept) {
    for (const name in kept) {
      this.#box.checked = true;
      this.#fields[name].value ||= kept[name];
    }
  }

  #try(deed) {
    try {
      deed();
    } catch {
      // Nothing can be kept here: the form is what it is.
    }
  }
});
