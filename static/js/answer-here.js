// <answer-here><section class="write"><form>…</form></section></answer-here>; links with data-answer, and .paragraph__quote, name what is answered.
// The form goes under the reply, and back. Its strip, its hidden fields and the quotation are the server's answer to that very link; what was
// typed stays. Without this script, or when anything fails, the link is followed. The event `answer` brings back what a draft had answered.
customElements.define("answer-here", class extends HTMLElement {
  #write = this.firstElementChild;
  #form = this.querySelector("form");
  #quotation = "typed" in this.#form.dataset ? "" : this.#form.elements.body.defaultValue;
  #query = location.search;
  #opener;
  #wanted;

  connectedCallback() {
    ["click", "popstate", "answer"].forEach((type) => addEventListener(type, this));
  }

  handleEvent(event) {
    const link = event.type === "click" && event.target.closest("[data-answer], .paragraph__quote");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      this.#ask(link.href, (quotation) => this.#go(quotation, link)).catch(() => location.assign(link.href));
    } else if (event.type === "popstate" && location.search !== this.#query) {
      this.#ask(location.href, (quotation) => this.#go(quotation)).catch(() => location.reload());
    } else if (event.type === "answer" && !this.#form.querySelector(".strip")) {
      const address = event.detail.parent ? `?to=${event.detail.parent}` : `?quote=${event.detail.quote}`;
      this.#ask(address, () => history.replaceState(null, "", address)).catch(() => {});
    }
  }

  async #ask(address, then) {
    this.#wanted = address;
    const page = new DOMParser().parseFromString(await (await fetch(address)).text(), "text/html");
    const { parent, quote, body } = page.querySelector(".write form").elements;
    if (address === this.#wanted) {
      this.#form.elements.parent.value = parent.value;
      this.#form.elements.quote.value = quote.value;
      this.#form.querySelector(".strip")?.remove();
      this.#form.prepend(page.querySelector(".strip") || "");
      then(body.value);
      this.#query = location.search;
      this.#form.elements.body.dispatchEvent(new Event("input"));
    }
  }

  #go(quotation, link) {
    const { parent, body } = this.#form.elements;
    const reply = document.getElementById(`comment-${parent.value}`);
    const isAnswer = this.#form.querySelector(".strip");
    reply ? reply.after(this.#write) : this.append(this.#write);
    link && history.pushState(null, "", link.href);
    // A quotation alone goes with what it was from.
    body.value = body.value === this.#quotation ? "" : body.value;
    this.#quotation = quotation;
    const at = body.selectionEnd || body.value.length;
    const gap = body.value.slice(0, at).trim() && "\n\n";
    body.value.includes(quotation.trim()) || body.setRangeText(gap + quotation, at, at, "end");
    this.#write.scrollIntoView({ block: "nearest" });
    (isAnswer ? body : this.#opener || body).focus();
    this.#opener = reply && link;
  }
});
