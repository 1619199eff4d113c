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
let detail = { level: "", size: 0 }; // what is shown

const levelAt = (scale) => DETAILS.find(([least]) => scale >= least)[1];
const asOnPage = (scale) => (scale * SMALLEST) / smallest; // where text is as large as on the page

// Show what can be read at this scale.
function drawDetail(scale) {
  // In units of the picture; beyond its natural size, and where nothing is written, text is not laid out again.
  const size = smallest * GRAIN ** Math.ceil(Math.log(1 / clamped(scale, DETAILS.at(-2)[0], smallest / SMALLEST)) / Math.log(GRAIN));
  const level = levelAt(asOnPage(scale));
  if (level === detail.level && size === detail.size) return;
  detail = { level, size };
  picture.dataset.detail = level;
  picture.classList.toggle("unlabelled", asOnPage(scale) < LABELLED);
  picture.style.setProperty("--least", `${size}px`);
  for (const shape of inSight) arrangeShape(shape);
}

function arrangeShape(shape) {
  if (shape.kind === "card") arrangeCard(shape.group, shape);
  else if (shape.kind === "circle") arrangeCircle(shape.group);
  else if (shape.kind === "frame") arrangeFrame(shape.group, shape);
}

function writingOf(group) {
  if (!writings.has(group)) {
    const [head, data, grad] = [".title, .name", ".data", ".grad"].map((name) => group.querySelector(name));
    const rest = [...group.querySelectorAll("text:not(.mark)")].filter((text) => ![head, data, grad].includes(text));
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

// The lines of a card below one another, or of a flat one beside one another: its name, what is wrong, data and gradient.
function arrangeCard(group, { at: [cx, cy, width, height], outputs, isLine, mark = "" }) {
  const { lines, rest, own, name } = writingOf(group);
  const [head, data, grad] = lines;
  const warning = group.querySelector(".mark");
  const { level, size } = detail;
  const most = Math.floor(width / size / ADVANCE); // letters
  const isFull = level === "full";
  const [word] = mark.split(/:? /);
  for (const text of rest) setDisplayed(text, isFull);
  const numbers = outputs.length > 1 ? [] : [data, grad]; // a box of several outputs has no one number
  const count = isLine ? Math.floor((most - name.length - 1) / 9) + 1 : Math.floor(height / size + 0.1);
  const isTight = count < (mark ? 4 : 3) || LINES[level] < 3; // data and gradient share a place
  const places = [head, ...(mark ? [warning] : []), ...(isTight ? [numbers] : numbers)].slice(0, Math.min(count, LINES[level] + Boolean(mark)));
  const shown = level === "none" ? [] : places.flat();
  group.classList.toggle("tight", !isFull && isTight);
  head.textContent = isFull ? name : cut(name, most);
  if (warning) warning.textContent = isLine || (!isFull && mark.length > most) ? word : mark;
  const pitch = Math.min(height / Math.max(places.length, 1), 1.3 * size);
  const start = cx - width / 2 + (name.length / 2 + 1) * size * ADVANCE;
  const beside = (place) => start + (place * (width - (name.length + 1) * size * ADVANCE)) / Math.max(places.length - 1, 1) - (place ? 4 * size * ADVANCE : 0);
  for (const text of [...lines, warning].filter(Boolean)) {
    const place = places.findIndex((each) => each === text || (Array.isArray(each) && each.includes(text)));
    const free = isLine ? [places.length > 1 ? beside(place) : cx, cy + 0.36 * size] : [cx, cy + (place - (places.length - 1) / 2) * pitch + 0.36 * size];
    const below = isLine ? [own[1][0] - 4 * size * ADVANCE, own[1][1]] : [cx, cy + height / 2 + 12.5]; // in place of the data
    const [x, y] = !isFull ? free : text === warning ? below : own[lines.indexOf(text)];
    setDisplayed(text, isFull ? !(isLine && warning && text === data) : shown.includes(text));
    text.setAttribute("x", x);
    text.setAttribute("y", y);
  }
}

function arrangeCircle(group) {
  const [text, width] = [group.querySelector("text"), Number(group.querySelector("rect").getAttribute("width"))];
  const isFitting = text.textContent.length * detail.size * ADVANCE <= width - 4;
  setDisplayed(text, detail.level !== "none" && isFitting);
}

function arrangeFrame(group, { title, at: [, , width] }) {
  const head = group.querySelector(".head");
  setDisplayed(head, detail.level !== "none");
  head.textContent = cut(title, Math.floor((width - 50) / detail.size / ADVANCE));
}

// ------------------------------------------------------------------------------------------------------------------- lens

const lens = element(picture.parentElement, "p", { id: "lens", class: "number", "aria-hidden": true, hidden: "" });

// Beside the chosen node, what its card has no room for.
function drawLens() {
  const node = chosen();
  lens.hidden = !node || detail.level === "full" || isHidden();
  if (lens.hidden) return;
  const row = (word, kind) => `<span class="${cell(kind, node).tone}">${word} ${html(cell(kind, node).text || "…")}</span>`;
  lens.innerHTML = `<b>${html(node.name)}</b>${row("data", "data")}${row("grad", "grad")}`;
  const [x, y, , height] = shapeOf(node).at;
  const [left, top] = [(x - view.x) * view.scale, (y + height / 2 - view.y) * view.scale + 4];
  lens.style.left = `${clamped(left - lens.offsetWidth / 2, 4, Math.max(4, frame[0] - lens.offsetWidth - 4))}px`;
  lens.style.top = `${top + lens.offsetHeight < frame[1] ? top : Math.max(4, (y - height / 2 - view.y) * view.scale - lens.offsetHeight - 4)}px`;
}
