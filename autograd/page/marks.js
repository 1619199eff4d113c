/* What is wrong with a folded neuron or layer, on its box, and the norm of the gradient of every layer, in the page's head.
   The rules are Python's own, in SHARED. */

const { marks: MARKS, last: LAST, layers: LAYERS } = DATA.picture.health;
const { thick: THICK } = DATA.picture.scale;
const bars = LAYERS.length ? makeStrip() : [];

const isComplete = (node) => node.completed <= at && root.data !== undefined; // its gradient is known
const isComputed = (node) => node.step <= at && node.data !== undefined;
const nodesOf = (indices) => indices.map((index) => nodes[index]);

// The size of the gradient of a box by its outputs; 0 where it is not known yet.
function sizeOf(outputs) {
  const grads = outputs.filter(isComplete).map((node) => node.grad ?? 0);
  return grads.length && grads.length === outputs.length ? SHARED.size_of(norm(grads), grads.length) : 0;
}

// The mark of a box as it is now; "" if nothing is wrong, as far as the steps have come.
function markOf({ activations, outputs }) {
  if (!activations) return ""; // a penalty
  const gates = activations.map(([index, steepest]) => [nodes[index], steepest]);
  const slopes = gates.every(([node]) => isComputed(node))
    ? gates.flatMap(([node, steepest]) => node.partials.map((slope) => [slope ?? 0, slope !== CLOSED, steepest]))
    : [];
  const closed = slopes.filter(([, isOpen, steepest]) => SHARED.is_dead(isOpen, steepest)).length;
  const flat = slopes.filter((each) => SHARED.is_flat(...each)).length;
  const count = slopes.length;
  const number = SHARED.mark_of(closed, flat, count, sizeOf(outputs), sizeOf(nodesOf(LAST)));
  return fill(MARKS[number], { closed, flat, count });
}

// Below the box, or in it where the picture is small: see detail.js.
function drawMark(card) {
  const mark = markOf(card);
  if (card.mark === mark && card.group.classList.contains("marked") === Boolean(mark)) return;
  const { group } = card;
  card.mark = mark;
  group.classList.toggle("marked", Boolean(mark));
  group.querySelector(".mark")?.remove();
  if (mark) element(group, "text", { class: "mark" }, mark);
  arrangeCard(group, card);
}

// A bar for each layer, its name and a number.
function makeStrip() {
  const strip = byId("layers");
  strip.hidden = false;
  element(strip, "span", { class: "head" }, "‖grad‖ of each layer, logarithmic");
  return LAYERS.map(([name, path, parameters]) => {
    const column = element(strip, "span", { class: "layer", title: path });
    const bar = element(column, "b");
    const number = element(column, "span");
    element(column, "span", { class: "name" }, name);
    return { name, parameters, bar, number };
  });
}

function drawStrip() {
  if (!bars.length) return;
  const normOf = (parameters) => (parameters.every(isComplete) ? norm(parameters.map((node) => node.grad ?? 0)) : null);
  const norms = bars.map(({ parameters }) => normOf(nodesOf(parameters)));
  const scale = scaleOf(norms);
  bars.forEach(({ bar, number }, place) => {
    const size = norms[place];
    attribute(bar, "style", `height:${size ? ((100 * widthOf(size, scale)) / THICK).toFixed(1) : 0}%`);
    number.textContent = size === null ? "" : short(size);
  });
  const read = bars.map(({ name }, place) => `${name} ${norms[place] === null ? "not known yet" : short(norms[place])}`);
  attribute(byId("layers"), "aria-label", fill("Norm of the gradient of each layer: {layers}", { layers: read.join(", ") }));
}
