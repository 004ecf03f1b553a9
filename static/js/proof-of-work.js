// <proof-of-work data-puzzle="{…}"><input type="hidden" name="work" value=""></proof-of-work>, in a form.
// Once the page has nothing else to do it looks for the puzzle's counter and puts the solution in the field.
// Without this script, without WebCrypto (plain http) or when anything fails, the field stays empty and nothing is said.
customElements.define("proof-of-work", class extends HTMLElement {
  connectedCallback() {
    const start = () => this.#work().catch(() => {});
    "requestIdleCallback" in window ? requestIdleCallback(start, { timeout: 2000 }) : setTimeout(start, 200);
  }

  async #work() {
    const puzzle = JSON.parse(this.dataset.puzzle);
    const started = performance.now();
    for (let counter = 0; this.isConnected; counter++) {
      const derivedKey = await this.#derive(puzzle.parameters, counter);
      if (derivedKey.startsWith(puzzle.parameters.keyPrefix)) {
        const solution = { counter, derivedKey, time: Math.round(performance.now() - started) };
        this.querySelector("input").value = btoa(JSON.stringify({ challenge: puzzle, solution }));
        return;
      }
    }
  }

  // The browser derives off the page's own thread, one key at a time: scrolling and typing never wait.
  async #derive({ nonce, salt, cost, keyLength }, counter) {
    const password = new Uint8Array([...this.#bytes(nonce), ...new Uint8Array(4)]);
    new DataView(password.buffer).setUint32(password.length - 4, counter);
    const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    const how = { name: "PBKDF2", hash: "SHA-256", salt: this.#bytes(salt), iterations: cost };
    const bits = new Uint8Array(await crypto.subtle.deriveBits(how, key, 8 * keyLength));
    return Array.from(bits, byte => byte.toString(16).padStart(2, "0")).join("");
  }

  #bytes(hex) {
    return Uint8Array.from(hex.match(/../g), pair => parseInt(pair, 16));
  }
});
