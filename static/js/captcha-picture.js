// <captcha-picture><input> <button name="refresh"><img></button></captcha-picture>, in a form with a hidden captcha_id.
// A click on the picture puts another one in its place, and another sound with it; nothing typed elsewhere is touched.
// Without this script, or when it fails, the button posts the form and the page returns with a new picture.
customElements.define("captcha-picture", class extends HTMLElement {
  connectedCallback() {
    this.querySelector("button").addEventListener("click", this);
  }

  async handleEvent(event) {
    event.preventDefault();
    if (!this.hasAttribute("aria-busy")) {
      this.setAttribute("aria-busy", "true");
      try {
        await this.#change();
      } catch {
        this.#post();
      }
      this.removeAttribute("aria-busy");
    }
  }

  async #change() {
    const form = this.closest("form");
    const answer = await fetch(form.action);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const id = page.querySelector("[name=captcha_id]").value;
    const picture = this.querySelector("img");
    picture.src = page.querySelector("captcha-picture img").getAttribute("src");
    await picture.decode();
    const sounds = page.querySelectorAll("audio");
    form.querySelectorAll("audio").forEach((player, place) => { player.src = sounds[place].getAttribute("src"); });
    form.elements.captcha_id.value = id;
    this.querySelector("input").value = "";
    this.querySelector("input").focus();
  }

  #post() {
    const button = this.querySelector("button");
    button.removeEventListener("click", this);
    this.closest("form").requestSubmit(button);
  }
});
