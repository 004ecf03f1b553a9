// <pass-key data-deed="create|get" data-options="{…}" data-failed="…"><button>…</button> <span role="status"></span></pass-key>
// in a form with a hidden field `passkey`. The button asks the browser for a passkey (W3C WebAuthn) and sends its answer with the form.
// Without this script, or in a browser that has no passkeys, the page says what else there is.
customElements.define("pass-key", class extends HTMLElement {
  connectedCallback() {
    if (window.PublicKeyCredential) {
      this.querySelector("button").hidden = false;
      this.querySelector("button").addEventListener("click", this);
    }
  }

  async handleEvent(event) {
    event.preventDefault();
    this.querySelector("[role=status]").textContent = "";
    try {
      const answer = await this.#ask(JSON.parse(this.dataset.options));
      const form = this.closest("form");
      form.elements.passkey.value = JSON.stringify(answer);
      form.requestSubmit();
    } catch {
      this.querySelector("[role=status]").textContent = this.dataset.failed;
    }
  }

  async #ask(options) {
    const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
    const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));
    const publicKey = {
      ...options,
      challenge: bytes(options.challenge),
      allowCredentials: known(options.allowCredentials),
      excludeCredentials: known(options.excludeCredentials),
    };
    if (options.user) {
      publicKey.user = { ...options.user, id: bytes(options.user.id) };
    }
    return this.#plain(await navigator.credentials[this.dataset.deed]({ publicKey }));
  }

  #plain(credential) {
    const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
    const names = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
    const given = names.filter((name) => credential.response[name]);
    const response = Object.fromEntries(given.map((name) => [name, text(credential.response[name])]));
    return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response, clientExtensionResults: {} };
  }
});
