/* Detail: how much of the picture is written at a scale, so that no text is smaller than SMALLEST pixels on the screen.

     full      every card with its words, every edge with its numbers
     three     a card's name, data and gradient, without words; edges without numbers below LABELLED
     two       its name, and the data going forward or the gradient going backward
     name      its name alone
     none      nothing

   Text keeps its size on the screen where the picture is smaller than that, in steps, since a new size lays out every text. What
   is left out is in the lens beside the node that is pointed at or has the focus. */

const [SMALLEST, PROJECTED] = [11, 14]; // pixels, on the page and for a projector
const ADVANCE = 0.61; // the width of a letter, in sizes of the font
const LABELLED = 0.75; // the least scale at which edges have numbers
const GRAIN = 1.15; // from one size of text to the next
const DETAILS = [[0.85, "full"], [0.55, "three"], [0.38, "two"], [0.2, "name"], [0, "none"]];
const LINES = { three: 3, two: 2, name: 1, none: 0 }; // of a card
const writings = new WeakMap(); // of a card: its texts as they were drawn

let smallest = SMALLEST;
let detail = { level: "", size: 0, first: null }; // what is shown, and of which drawing

const levelAt = (scale) => DETAILS.find(([least]) => scale >= least)[1];
const asOnPage = (scale) => (scale * SMALLEST) / smallest; // where text is as large as on the page

// Show what can be read at this scale.
function drawDetail(scale) {
  // In units of the picture; beyond its natural size, and where nothing is written, text is not laid out again.
  const size = smallest * GRAIN ** Math.ceil(Math.log(1 / clamped(scale, DETAILS.at(-2)[0], smallest / SMALLEST)) / Math.log(GRAIN));
  const [level, first] = [levelAt(asOnPage(scale)), world.firstElementChild];
  if (level === detail.level && size === detail.size && first === detail.first) return;
  detail = { level, size, first };
  picture.dataset.detail = level;
  picture.classList.toggle("unlabelled", asOnPage(scale) < LABELLED);
  picture.style.setProperty("--least", `${size}px`);
  for (const [group, card] of cardOf) if (group.matches(".card")) arrangeCard(group, card);
  for (const group of world.querySelectorAll(".circle")) arrangeCircle(group);
}

function writingOf(group) {
  if (!writings.has(group)) {
    const [head, data, grad] = [".title, .name", ".data", ".grad"].map((name) => group.querySelector(name));
    const rest = [...group.querySelectorAll("text")].filter((text) => ![head, data, grad].includes(text));
    const own = [head, data, grad].map((text) => text && ["x", "y"].map((side) => text.getAttribute(side)));
    writings.set(group, { lines: [head, data, grad], rest, own, name: head.textContent });
  }
  return writings.get(group);
}

const setDisplayed = (text, isShown) => (isShown ? text.removeAttribute("display") : text.setAttribute("display", "none"));

// A name with its middle left out; what distinguishes names is often at the end.
function cut(name, most) {
  const first = Math.floor((most - 1) / 3);
  return name.length <= most ? name : most > 1 ? `${name.slice(0, first)}…${name.slice(first + 1 - most)}` : "";
}

function arrangeCard(group, { at: [cx, cy, width, height], outputs = [] }) {
  const { lines, rest, own, name } = writingOf(group);
  const { level, size } = detail;
  const most = Math.floor(width / size / ADVANCE); // letters
  const isFull = level === "full";
  const written = outputs.length > 1 ? 1 : LINES[level]; // a box of several outputs has no one number
  const count = isFull ? 3 : Math.min(written, LINES[level], Math.floor(height / size + 0.1));
  for (const text of rest) setDisplayed(text, isFull);
  lines[0].textContent = isFull ? name : cut(name, most);
  const pitch = Math.min(height / Math.max(count, 1), 1.3 * size);
  lines.forEach((text, place) => {
    if (!text) return;
    const line = Math.min(place, count - 1); // of two lines, data and gradient share the second
    setDisplayed(text, isFull || (count > 1 ? true : place < count));
    const [x, y] = isFull ? own[place] : [cx, cy + (line - (count - 1) / 2) * pitch + 0.36 * size];
    text.setAttribute("x", x);
    text.setAttribute("y", y);
  });
}

function arrangeCircle(group) {
  const [text, width] = [group.querySelector("text"), Number(group.querySelector("rect").getAttribute("width"))];
  const isFitting = text.textContent.length * detail.size * ADVANCE <= width - 4;
  setDisplayed(text, detail.level !== "none" && isFitting);
}

// ------------------------------------------------------------------------------------------------------------------- lens

const lens = element(picture.parentElement, "p", { id: "lens", class: "number", "aria-hidden": true, hidden: "" });

// Beside the chosen node, what its card has no room for.
function drawLens() {
  const node = chosen();
  const group = node && elementOf.get(node);
  lens.hidden = !node || detail.level === "full" || isHidden();
  if (lens.hidden) return;
  const row = (word, kind) => `<span class="${cell(kind, node).tone}">${word} ${html(cell(kind, node).text || "…")}</span>`;
  lens.innerHTML = `<b>${html(node.name)}</b>${row("data", "data")}${row("grad", "grad")}`;
  const [x, y, , height] = cardOf.get(group).at;
  const [left, top] = [(x - view.x) * view.scale, (y + height / 2 - view.y) * view.scale + 4];
  lens.style.left = `${clamped(left - lens.offsetWidth / 2, 4, Math.max(4, frame[0] - lens.offsetWidth - 4))}px`;
  lens.style.top = `${top + lens.offsetHeight < frame[1] ? top : Math.max(4, (y - height / 2 - view.y) * view.scale - lens.offsetHeight - 4)}px`;
}
