/* The words of the field in a sentence: each explains itself to the pointer, a finger, the keyboard and a screen reader. */

const { words: TERMS, forms: FORMS } = DATA.terms;
const MARKED = new RegExp(`\\b(${[...Object.keys(TERMS), ...Object.keys(FORMS)].sort((a, b) => b.length - a.length).join("|")})\\b`, "g");
const meaning = element(document.body, "p", { id: "meaning", role: "tooltip", hidden: "" });
const meanings = element(document.body, "div", { hidden: "" }); // what a screen reader says
for (const [term, text] of Object.entries(TERMS)) element(meanings, "span", { id: termId(term) }, text);

function termId(term) {
  return `term-${term.replace(" ", "-")}`;
}

// A sentence as HTML, in which the first word for each term can be asked for.
function explained(sentence) {
  const seen = new Set();
  return html(sentence).replace(MARKED, (word) => {
    const term = FORMS[word] || word;
    if (seen.has(term)) return word;
    seen.add(term);
    return `<dfn tabindex="0" aria-describedby="${termId(term)}">${word}</dfn>`;
  });
}

function explain(target) {
  const term = target && target.closest && target.closest("dfn");
  meaning.hidden = !term;
  if (!term) return;
  meaning.textContent = byId(term.getAttribute("aria-describedby")).textContent;
  const { left, top, bottom } = term.getBoundingClientRect();
  meaning.style.left = `${clamped(left, 8, Math.max(8, innerWidth - meaning.offsetWidth - 8))}px`;
  const above = top - meaning.offsetHeight - 6;
  meaning.style.top = `${above > 0 ? above : bottom + 6}px`;
}

for (const name of ["pointerover", "focusin", "click"]) document.addEventListener(name, ({ target }) => explain(target));
document.addEventListener("focusout", () => explain(null));
document.addEventListener("keydown", ({ key }) => key === "Escape" && explain(null));
