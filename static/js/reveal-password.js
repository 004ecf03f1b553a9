// <reveal-password data-show="显示" data-hide="隐藏" data-name="密码"><input type="password"></reveal-password>
// Adds a button that shows what was typed. Without this script the input is a plain password field.
customElements.define("reveal-password", class extends HTMLElement {
  #input;
  #button;

  connectedCallback() {
    this.#input = this.querySelector("input");
    this.#button = this.querySelector("button") || this.#newButton();
    this.#show(false);
    // Browsers keep what stood in a text field for other forms; a password must not be among it.
    this.#input.form.addEventListener("submit", () => this.#show(false));
  }

  #newButton() {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "reveal-password__button";
    button.addEventListener("click", () => this.#show(this.#input.type === "password"));
    this.append(button);
    return button;
  }

  #show(isShown) {
    const deed = isShown ? this.dataset.hide : this.dataset.show;
    this.#input.type = isShown ? "text" : "password";
    // The word to be seen; the sheet draws it.
    this.#button.dataset.deed = deed;
    this.#button.setAttribute("aria-label", `${deed} ${this.dataset.name}`);
    this.#button.setAttribute("aria-pressed", String(isShown));
  }
});
