// <form><textarea name="body">…</textarea></form>; the event `quote` on the field brings the quotation of what it answers now (see answer-here.js).
// It comes behind the caret, or behind everything, and replaces nothing but a quotation that stands there alone (data-typed: none does).
addEventListener("quote", ({ target: body, detail: quotation }) => {
  const former = body.dataset.quotation ?? ("typed" in body.form.dataset ? "" : body.defaultValue);
  body.value = body.value === former ? "" : body.value;
  body.dataset.quotation = quotation;
  const at = body.selectionEnd || body.value.length;
  const gap = body.value.slice(0, at).trim() && "\n\n";
  body.value.includes(quotation.trim()) || body.setRangeText(gap + quotation, at, at, "end");
  body.dispatchEvent(new Event("input"));
});
