/* The picture: the graph as SVG, at the places that came with the page; its numbers, its highlights, pan and zoom. */

const LISTED = 8; // outputs of a box that are written one by one; more are summed up by their range
const picture = byId("picture");
const world = element(picture, "g"); // all that is drawn, moved and scaled to the frame
const texts = []; // every number that is kept up to date: where it is, and how to read it
const arrows = []; // {group, line, edges}
const elementOf = new Map(); // node -> the card or box it is in
const cardOf = new Map(); // element -> its card

function drawPicture() {
  const markers = element(picture, "defs");
  for (const look of ["plain", "positive", "negative", "mixed", "nan"]) {
    const box = { id: `head-${look}`, viewBox: "0 0 8 8", refX: 1, refY: 4, markerWidth: 8, markerHeight: 8, orient: "auto" };
    const marker = element(markers, "marker", { ...box, markerUnits: "userSpaceOnUse", class: look });
    element(marker, "path", { d: "M0,0.5L8,4L0,7.5z" });
  }
  for (const arrow of DATA.picture.arrows) drawArrow(arrow);
  for (const circle of DATA.picture.circles) drawCircle(circle);
  for (const card of DATA.picture.cards) drawCard(card);
  for (const node of nodes) {
    const [x, y, , height] = cardOf.get(elementOf.get(node)).at;
    if (!node.isLeaf) node.note = element(world, "text", { x, y: y + height / 2 + 15, class: "message" }); // above all cards
  }
  connectPicture();
}

function drawArrow({ id, path, label, edges }) {
  const group = element(world, "g", { id, class: label ? "arrow" : "arrow quiet", "aria-hidden": true });
  const line = element(group, "path", { d: path, class: "line" });
  const [x, y] = label || halfWay(line);
  const pairs = edges.map(([index, slot]) => [nodes[index], slot]);
  const [node, slot] = pairs[0];
  if (pairs.length > 1) element(group, "text", { x, y: y - 5, class: "partial" }, `${pairs.length} edges`);
  else number(group, x, y - 5, "partial", () => cell("partial", node, slot), "× ");
  number(group, x, y + 8, "flow", () => flowOf(pairs), pairs.length > 1 ? "norm " : "= ");
  arrows.push({ group, line, edges: pairs });
}

// The text of an arrow among too many has no place in the layout; it shows while its arrow is lit.
function halfWay(line) {
  const { x, y } = line.getPointAtLength(line.getTotalLength() / 2);
  return [Math.round(x), Math.round(y)];
}

// What flows along the edges of one arrow, once all of it is known: of several the norm, as their sum could cancel.
function flowOf(pairs) {
  const cells = pairs.map(([node, slot]) => cell("contribution", node, slot));
  if (cells.some(({ tone }) => tone === "unknown")) return pairs.length > 1 ? NOTHING : cells[0];
  if (pairs.length === 1) return isClosed(...pairs[0]) ? { text: "closed", tone: "unknown", isWord: true } : cells[0];
  return { text: short(norm(flowsOf(pairs))), tone: toneOf(flowsOf(pairs)) };
}

const NOTHING = { text: "", tone: "unknown" };
const isClosed = (node, slot) => node.data !== undefined && node.partials[slot] === CLOSED;
const isKnown = ([node, slot]) => cell("contribution", node, slot).tone !== "unknown";
const flowsOf = (pairs) => pairs.filter(isKnown).map(([node, slot]) => node.flows[slot]);
const norm = (numbers) => Math.hypot(...numbers);

// The sign that they share, or "mixed".
function toneOf(flows) {
  const [least, most] = [Math.min(...flows, 0), Math.max(...flows, 0)];
  return least < 0 && most > 0 && Number.isFinite(norm(flows)) ? "mixed" : tone(least < 0 ? least : most);
}

function drawCircle({ id, at: [x, y, width, height], text, node, stem }) {
  const group = element(world, "g", { id, class: "circle", "aria-hidden": true });
  element(group, "path", { d: stem, class: "stem" });
  element(group, "rect", { x: x - width / 2, y: y - height / 2, width, height, rx: Math.min(width, height) / 2 });
  const isSign = text.length === 1;
  element(group, "text", { x, y: y + (isSign ? 7 : 5), class: isSign ? "sign" : "word" }, text);
  nodes[node].circle = group;
}

function drawCard(card) {
  const [cx, cy, width, height] = card.at;
  const [x, y] = [cx - width / 2, cy - height / 2];
  const isBox = card.node === undefined;
  const kind = isBox ? "box" : nodes[card.node] === root ? "result" : nodes[card.node].isLeaf ? "leaf" : "interior";
  const group = element(world, "g", { id: card.id, class: `card ${kind}`, tabindex: -1, role: "img" });
  element(group, "rect", { x, y, width, height, rx: 8 });
  const name = isBox ? card.name : nodes[card.node].name;
  if (name !== card.title) element(group, "title", {}, name); // the whole of a name that was cut short
  const isLine = height < 40; // one of many boxes: all on one line
  element(group, "text", isLine ? { x: x + 10, y: cy + 4, class: "name" } : { x: cx, y: y + 19, class: "title" }, card.title);
  if (isLine) {
    number(group, x + width - 86, cy + 4, "data", () => cell("data", nodes[card.outputs[0]]));
    number(group, x + width - 10, cy + 4, "grad", () => cell("grad", nodes[card.outputs[0]]));
  } else drawRows(group, card, [x, x + width, y + 37]);
  for (const index of isBox ? card.members : [card.node]) elementOf.set(nodes[index], group);
  cardOf.set(group, card);
}

// Data and gradient of a node; of a folded box those of its outputs, one by one or as a range, and the norm of ∂root/∂parameters.
function drawRows(group, card, [left, right, top]) {
  const [outputs, parameters] = [card.outputs || [card.node], card.parameters || []].map((list) => list.map((index) => nodes[index]));
  const { length } = outputs;
  let y = top;
  const key = (x, text) => element(group, "text", { x, y, class: "key" }, text);
  const row = (text, name, read) => {
    key(left + 8, text);
    number(group, right - 8, y, name, read);
    y += 18;
  };
  if (length > 1 && length <= LISTED) {
    for (const node of outputs) {
      number(group, left + 126, y, "data", () => cell("data", node));
      key(left + 138, "grad");
      row("data", "grad", () => cell("grad", node));
    }
  } else {
    row(length > 1 ? `${length} outputs` : "data", "data", () => range("data", outputs));
    row("grad", "grad", () => range("grad", outputs));
  }
  const [count, template] = [parameters.length, parameters.length > 1 ? "{count} params, |grad|" : "1 param, |grad|"];
  if (count) row(fill(template, { count }), "grad", () => lengthOf(parameters));
}

function known(kind, list) {
  const cells = list.map((node) => cell(kind, node));
  return cells.every(({ tone }) => tone !== "unknown") && list.map(QUANTITIES[kind][1]);
}

function range(kind, list) {
  if (list.length === 1) return cell(kind, list[0]);
  const numbers = known(kind, list);
  return numbers ? { text: `${short(Math.min(...numbers))} to ${short(Math.max(...numbers))}`, tone: "" } : NOTHING;
}

function lengthOf(list) {
  const numbers = known("grad", list);
  return numbers ? { text: short(norm(numbers)), tone: "" } : NOTHING;
}

function number(group, x, y, name, read, before = "") {
  keepUp(element(group, "text", { x, y }), name, read, before);
}

function keepUp(element, name, read, before = "") {
  const characters = document.createTextNode("");
  element.append(characters);
  texts.push({ element, characters, name, read, before, shown: null });
}

// --------------------------------------------------------------------------------------------------------------- numbers

function drawNumbers() {
  for (const text of texts) {
    const { text: x, tone, isWord } = text.read();
    const shown = x && (isWord ? x : text.before + x);
    if (shown + tone === text.shown) continue;
    text.shown = shown + tone;
    text.characters.data = shown; // in place: a new text node would be laid out anew
    attribute(text.element, "class", `${text.name} ${tone}`);
  }
  drawFlows();
  drawHealth();
  for (const [group, card] of cardOf) describe(group, card);
  for (const { note, message } of nodes) if (note && note.textContent !== message) note.textContent = message;
}

// The logarithmic scale of widths, as Python's `Scale`: the largest size, and the decades below it at which an arrow is thin.
function scaleOf(sizes) {
  const seen = sizes.filter((size) => size > 0 && Number.isFinite(size));
  return seen.length ? { largest: Math.max(...seen), span: SHARED.span_of(Math.max(...seen), Math.min(...seen)) } : { largest: 0, span: 1 };
}

const widthOf = (size, { largest, span }) => SHARED.width_of(size, largest, span);

function drawFlows() {
  const flows = arrows.map(({ edges }) => flowsOf(edges));
  const sizes = flows.map(norm);
  const scale = scaleOf(sizes);
  arrows.forEach(({ line, edges }, index) => {
    const isIdle = sizes[index] === 0 && edges.every(isKnown);
    const look = toneOf(flows[index]) || "plain";
    const isShut = edges.every(([node, slot]) => isClosed(node, slot) && cell("partial", node, slot).tone !== "unknown");
    attribute(line, "style", `stroke-width:${widthOf(sizes[index], scale).toFixed(2)}`);
    attribute(line, "class", `line ${look}${isShut ? " closed" : isIdle ? " idle" : ""}`);
    attribute(line, "marker-end", `url(#head-${look})`);
  });
  drawScale(scale);
}

// The legend of the widths: the largest, the middle, the thinnest.
const marks = DATA.picture.scale.steps.map((step) => {
  element(byId("scale"), "i", { style: `height:${SHARED.width_at(step)}px` });
  return { step, number: element(byId("scale"), "b") };
});

function drawScale({ largest, span }) {
  byId("scale").hidden = !largest;
  for (const { step, number } of marks) number.textContent = short(SHARED.flow_at(step, largest, span));
}

const SPOKEN = {
  alone: "{name}, the result, data {data}, gradient {grad}",
  result: "{name}, the result, by {op}, data {data}, gradient {grad}",
  leaf: "{name}, a leaf, data {data}, gradient {grad}",
  interior: "{name}, by {op}, data {data}, gradient {grad}",
};

function describe(group, card) {
  if (card.node === undefined) {
    group.classList.toggle("refused", card.members.some((index) => nodes[index].message));
    const mark = markOf(card);
    const template = mark ? "{name}, folded: {count} nodes, {mark}" : "{name}, folded: {count} nodes";
    return attribute(group, "aria-label", fill(template, { name: card.name, count: card.members.length, mark }));
  }
  const node = nodes[card.node];
  const [data, grad] = [cell("data", node), cell("grad", node)];
  const kind = node === root ? (node.isLeaf ? "alone" : "result") : node.isLeaf ? "leaf" : "interior";
  const fields = { name: node.name, op: DATA.nodes[card.node].op, data: data.text || "not computed yet", grad: grad.text || "not known yet" };
  attribute(group, "aria-label", fill(SPOKEN[kind], fields));
  group.classList.toggle("refused", Boolean(node.message));
  group.classList.toggle("empty", !(node.step <= at) || (node.data === undefined && !node.message));
  group.classList.toggle("growing", node.begun <= at && !(node.completed <= at));
}

// -------------------------------------------------------------------------------------------------- steps and highlights

let current = []; // the elements of this step
let focal = null; // the card to keep in sight

function drawStep(step) {
  picture.classList.toggle("back", at >= turn);
  drawLens();
  for (const marked of current) marked.classList.remove("now", "from");
  picture.querySelectorAll(".pulse").forEach((pulse) => pulse.remove());
  current = [];
  const mark = (target, name = "now") => target && (target.classList.add(name), current.push(target));
  const edges = new Set();
  for (const index of step.kind === "forward" ? step.nodes : []) {
    mark(elementOf.get(nodes[index]));
    mark(nodes[index].circle);
    nodes[index].operands.forEach((_, slot) => edges.add(`${index} ${slot}`));
  }
  if (step.kind === "seed") mark(elementOf.get(root));
  for (const [index, slot] of step.kind === "backward" ? step.edges : []) {
    mark(elementOf.get(nodes[index].operands[slot]));
    mark(elementOf.get(nodes[index]), "from");
    edges.add(`${index} ${slot}`);
  }
  for (const { group, line, edges: own } of edges.size ? arrows : []) {
    if (!own.some(([node, slot]) => edges.has(`${node.index} ${slot}`))) continue;
    mark(group);
    line.after(element(group, "path", { d: line.getAttribute("d"), class: `pulse ${step.kind}` }));
  }
  focal = current.find((target) => target.classList.contains("card")) || null;
}

let pinned = null; // the node that was tapped or has the focus
let pointed = null; // the node under the pointer
const chosen = () => pointed || pinned;

function release() {
  pinned = pointed = null;
  light();
}

// Light every path from the chosen node to the result, and dim the rest.
function light() {
  const node = chosen();
  drawLens();
  picture.classList.toggle("tracing", Boolean(node));
  for (const lit of picture.querySelectorAll(".lit")) lit.classList.remove("lit");
  if (!node) return;
  const seen = new Set([node]);
  for (const reached of seen) for (const [user] of reached.users) seen.add(user);
  for (const reached of seen) {
    elementOf.get(reached).classList.add("lit");
    if (reached !== node && reached.circle) reached.circle.classList.add("lit");
  }
  for (const { group, edges } of arrows) {
    if (edges.some(([user, slot]) => seen.has(user) && seen.has(user.operands[slot]))) group.classList.add("lit");
  }
}

// The node of a card; of a box, its first output.
function nodeOf(target) {
  const card = cardOf.get(target.closest(".card"));
  return card ? nodes[card.node ?? card.outputs[0] ?? card.members[0]] : null;
}

function pin(node) {
  pinned = node;
  pointed = null;
  light();
  say();
  if (node && node.isLeaf) bringUp(node);
}

// ------------------------------------------------------------------------------------------------------------ pan and zoom

const [LEAST, SPECK, NEAR] = [0.4, 0.08, 0.8]; // of the natural size: smaller text is not read, smaller cards are not seen; to read
let view = { x: 0, y: 0, scale: 1 };
let frame = [0, 0]; // the size of the picture on the screen, measured only when it changes; 0 while the page is hidden
let choice = "first"; // who chose the view: "first" the page, anew whenever the frame changes; "all" or "own" the reader

function setView(x, y, scale) {
  view = { x, y, scale: clamped(scale, 0.03, 6) };
  world.setAttribute("transform", `scale(${view.scale}) translate(${-view.x} ${-view.y})`); // a viewBox would lay out every text again
  drawDetail(view.scale);
  drawLens();
}

function whole() {
  const [width, height] = DATA.picture.size;
  return Math.min(frame[0] / (width + 16), frame[1] / (height + 30), 1.7);
}

function fit() {
  const [width, height] = DATA.picture.size;
  const scale = whole();
  setView((width - frame[0] / scale) / 2, (height - frame[1] / scale) / 2, scale);
}

function lookAtAll() {
  choice = "all";
  fit();
  changed("view");
}

// At first all of it, even if the leaves at the side must make room; of a huge graph the part around the result.
// A hidden page (a closed tab, slide or <details>) has no size, and waits for one.
function lookFirst() {
  measure();
  if (isHidden()) return;
  if (!areLeavesChosen) {
    toggleLeaves(true);
    measure();
    if (whole() < 0.7) toggleLeaves(false);
    measure();
  }
  fit();
  if (whole() < SPECK) centre(elementOf.get(root), NEAR);
  follow();
}

// The start of a view along one side, such that it stays inside the picture and the room after it, or has the picture in its middle.
function within(start, seen, size, room = 8) {
  return seen > size + room ? (size - seen) / 2 : clamped(start, -8, size + room - seen);
}

function measure() {
  frame = [picture.clientWidth, picture.clientHeight];
}

const isHidden = () => !(frame[0] && frame[1]);

function zoom(factor, cx = frame[0] / 2, cy = frame[1] / 2) {
  choice = "own";
  const scale = clamped(view.scale * factor, 0.03, 6);
  setView(view.x + cx / view.scale - cx / scale, view.y + cy / view.scale - cy / scale, scale);
  changed("view");
}

function centre(target, scale = view.scale) {
  const [x, y] = cardOf.get(target).at;
  const [width, height] = [frame[0] / scale, frame[1] / scale];
  const buttons = 56 / scale; // they are below
  setView(within(x - width / 2, width, DATA.picture.size[0]), within(y - height / 2, height, DATA.picture.size[1], buttons), scale);
}

// Keep the focal card in sight, and large enough to be read, unless the reader has chosen a scale.
function follow() {
  if (!focal || isHidden() || unprinted !== null) return;
  if (choice === "first" && view.scale < LEAST) return centre(focal, NEAR);
  const [x, y, width, height] = cardOf.get(focal).at;
  const [right, bottom] = [view.x + frame[0] / view.scale, view.y + frame[1] / view.scale];
  const isInside = x - width / 2 >= view.x && x + width / 2 <= right && y - height / 2 >= view.y && y + height / 2 <= bottom;
  if (!isInside) centre(focal);
}

const pointers = new Map();
let moved = 0;

function connectPicture() {
  for (const [id, action] of [["closer", () => zoom(1.25)], ["farther", () => zoom(0.8)], ["fit", lookAtAll]]) byId(id).onclick = action;
  elementOf.get(root).setAttribute("tabindex", 0); // one stop for the Tab key; arrows go on from there
  picture.addEventListener("wheel", onWheel, { passive: false });
  picture.addEventListener("pointerdown", (event) => {
    if (!pointers.size) moved = 0;
    pointers.set(event.pointerId, event);
  });
  picture.addEventListener("pointermove", onMove);
  for (const name of ["pointerup", "pointercancel", "pointerleave"]) picture.addEventListener(name, onRelease);
  picture.addEventListener("pointerover", (event) => event.pointerType === "mouse" && point(nodeOf(event.target)));
  // Not on the picture itself, which would become a stop of the Tab key.
  picture.parentElement.addEventListener("focusin", (event) => event.target.matches(":focus-visible") && pin(nodeOf(event.target)));
  picture.addEventListener("keydown", onPictureKey);
  new ResizeObserver(() => requestAnimationFrame(onResize)).observe(picture); // later: it may change the layout again
}

function onResize() {
  measure();
  if (unprinted !== null || isHidden()) return;
  if (choice === "first") lookFirst();
  else if (choice === "all") fit();
}

function point(node) {
  if (node === pointed) return;
  pointed = node;
  light();
  say();
}

function onWheel(event) {
  if (!event.ctrlKey && !event.metaKey) return; // a wheel alone scrolls the page
  event.preventDefault();
  const { left, top } = picture.getBoundingClientRect();
  zoom(Math.exp(-event.deltaY * 0.004), event.clientX - left, event.clientY - top);
}

function onMove(event) {
  const before = pointers.get(event.pointerId);
  if (!before) return;
  const other = [...pointers.values()].find((pointer) => pointer.pointerId !== event.pointerId);
  if (other) {
    const spread = (p) => Math.hypot(p.clientX - other.clientX, p.clientY - other.clientY) || 1;
    const { left, top } = picture.getBoundingClientRect();
    moved = Infinity; // two fingers tap nothing
    zoom(spread(event) / spread(before), (event.clientX + other.clientX) / 2 - left, (event.clientY + other.clientY) / 2 - top);
  } else {
    const [dx, dy] = [event.clientX - before.clientX, event.clientY - before.clientY];
    moved += Math.abs(dx) + Math.abs(dy);
    if (moved > 4) {
      picture.classList.add("dragged");
      if (event.isTrusted) picture.setPointerCapture(event.pointerId); // it goes on beyond the frame
    }
    choice = "own";
    setView(view.x - dx / view.scale, view.y - dy / view.scale, view.scale);
    changed("view");
  }
  pointers.set(event.pointerId, event);
}

function onRelease(event) {
  const isTap = event.type === "pointerup" && pointers.has(event.pointerId) && moved <= 4;
  pointers.delete(event.pointerId);
  picture.classList.remove("dragged");
  if (isTap) pin(nodeOf(event.target));
  if (event.type === "pointerleave") point(null);
}

const DIRECTION = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function onPictureKey(event) {
  const card = cardOf.get(event.target);
  if (!card) return;
  if (event.key === "Enter") {
    const node = nodeOf(event.target);
    if (node.isLeaf) bringUp(node).focus();
  } else if (DIRECTION[event.key]) {
    const next = neighbour(card, DIRECTION[event.key]);
    if (next) move(event.target, next);
  } else return;
  event.preventDefault();
}

// The nearest card in a direction; a distance aside counts three times.
function neighbour(card, [right, down]) {
  let [best, nearest] = [null, Infinity];
  for (const [target, other] of cardOf) {
    const [dx, dy] = [other.at[0] - card.at[0], other.at[1] - card.at[1]];
    const ahead = dx * right + dy * down;
    const distance = ahead + 3 * Math.abs(dx * down + dy * right);
    if (ahead > 1 && distance < nearest) [best, nearest] = [target, distance];
  }
  return best;
}

function move(from, to) {
  from.setAttribute("tabindex", -1);
  to.setAttribute("tabindex", 0);
  to.focus({ preventScroll: true });
  pin(nodeOf(to));
  focal = to;
  follow();
}

// On paper the whole picture is shown, in its natural proportions; afterwards what was looked at.
function drawForPaper(isPaper) {
  if (isPaper) {
    world.removeAttribute("transform");
    drawDetail(1);
    picture.setAttribute("viewBox", `0 0 ${DATA.picture.size.join(" ")}`);
  } else {
    picture.removeAttribute("viewBox");
    setView(view.x, view.y, view.scale);
    onResize();
  }
}
