/* The picture: the shapes of the plan as SVG, their numbers, their highlights, pan and zoom. */

const picture = byId("picture");
const world = element(picture, "g"); // all that is drawn, moved and scaled to the frame
const layers = Object.fromEntries(["frame", "arrow", "circle", "card", "note"].map((kind) => [kind, element(world, "g")]));
let usualSize = [0, 0]; // of the picture as it was at first, in the usual direction
const texts = []; // the numbers outside the picture that are kept up to date: where each is, and how to read it
const cardOf = new Map(); // element -> the card that it draws
const elementOf = { get: (node) => shapeOf(node).group }; // the element of the card that a node is on; null out of sight

function drawPicture() {
  const markers = element(picture, "defs");
  for (const look of ["plain", "positive", "negative", "mixed", "nan"]) {
    const box = { id: `head-${look}`, viewBox: "0 0 8 8", refX: 1, refY: 4, markerWidth: 8, markerHeight: 8, orient: "auto" };
    const marker = element(markers, "marker", { ...box, markerUnits: "userSpaceOnUse", class: look });
    element(marker, "path", { d: "M0,0.5L8,4L0,7.5z" });
  }
  fillBoxes();
  makePlan();
  usualSize = plan.size;
  connectPicture();
}

// What draws a shape of each kind: its element, without what changes.
const DRAWN = { arrow: drawArrow, circle: drawCircle, card: drawCard, frame: drawFrame };

function drawArrow(arrow) {
  const { id, path, label, edges, isQuiet } = arrow;
  const [x, y] = isUpright ? [label[0] + LABEL[0] / 2, label[1] - 2] : label;
  const group = (arrow.group = element(layers.arrow, "g", { id, class: isQuiet ? "arrow quiet" : "arrow", "aria-hidden": true }));
  arrow.line = element(group, "path", { d: path, class: "line" });
  const [node, slot] = edges[0];
  if (edges.length > 1) element(group, "text", { x, y: y - 5, class: "partial" }, `${edges.length} edges`);
  else number(arrow, x, y - 5, "partial", () => cell("partial", node, slot), "× ");
  number(arrow, x, y + (isUpright ? 8 : 14), "flow", () => flowOf(edges), edges.length > 1 ? "norm " : "= ");
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

function drawCircle(circle) {
  const { id, at: [x, y, width, height], text, stem } = circle;
  const group = (circle.group = element(layers.circle, "g", { id, class: "circle", "aria-hidden": true }));
  element(group, "path", { d: stem, class: "stem" });
  element(group, "rect", { x: x - width / 2, y: y - height / 2, width, height, rx: Math.min(width, height) / 2 });
  const isSign = text.length === 1;
  element(group, "text", { x, y: y + (isSign ? 7 : 5), class: isSign ? "sign" : "word" }, text);
}

function drawCard(card) {
  const { at: [cx, cy, width, height], node } = card;
  const [x, y] = [cx - width / 2, cy - height / 2];
  const kind = card.box ? "box" : node === root ? "result" : node.isLeaf ? "leaf" : "interior";
  const role = card.box ? "button" : "img";
  const group = (card.group = element(layers.card, "g", { id: card.id, class: `card ${kind}`, tabindex: tabIndexOf(card), role }));
  element(group, "rect", { x, y, width, height, rx: 8 });
  const hint = card.name === card.title ? "" : card.name; // the whole of a name that was cut short, or the path
  if (hint) element(group, "title", {}, hint);
  element(group, "text", card.isLine ? { x: x + 10, y: cy + 4, class: "name" } : { x: cx, y: y + 19, class: "title" }, card.title);
  if (card.isLine) {
    number(card, x + width - 86, cy + 4, "data", () => cell("data", card.outputs[0]));
    number(card, x + width - 10, cy + 4, "grad", () => cell("grad", card.outputs[0]));
  } else drawRows(card, [x, x + width, y + 37]);
  cardOf.set(group, card);
}

// Data and gradient of a node; of a folded box those of its outputs, one by one or as a range, and the norm of ∂root/∂parameters.
function drawRows(card, [left, right, top]) {
  const { outputs, parameters = [], group } = card;
  const { length } = outputs;
  let y = top;
  const key = (x, text) => element(group, "text", { x, y, class: "key" }, text);
  const row = (text, name, read) => {
    key(left + 8, text);
    number(card, right - 8, y, name, read);
    y += 18;
  };
  if (length > 1 && length <= LISTED) {
    for (const node of outputs) {
      number(card, left + 126, y, "data", () => cell("data", node));
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

// The frame of an open box: its name, and a button that closes it.
function drawFrame(frame) {
  const { id, at: [cx, cy, width, height], title, name } = frame;
  const [x, y] = [cx - width / 2, cy - height / 2];
  const group = (frame.group = element(layers.frame, "g", { id, class: "frame", role: "group", "aria-label": title }));
  element(group, "rect", { x, y, width, height, rx: 10 });
  if (name !== title) element(group, "title", {}, name);
  element(group, "text", { x: x + 12, y: y + 19, class: "head" }, title);
  const shut = element(group, "g", { class: "shut", role: "button", tabindex: -1, "aria-label": `Close ${title}` });
  element(shut, "title", {}, `Close ${title} (Backspace on what is in it)`);
  element(shut, "rect", { x: x + width - 34, y, width: 34, height: 28, rx: 10 });
  element(shut, "path", { d: `M${x + width - 23},${y + 14}h12` });
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

function number(shape, x, y, name, read, before = "") {
  keepUp(element(shape.group, "text", { x, y }), name, read, before, shape.texts);
}

function keepUp(element, name, read, before = "", list = texts) {
  const characters = document.createTextNode("");
  element.append(characters);
  list.push({ element, characters, name, read, before, shown: null });
}

// --------------------------------------------------------------------------------------------------------------- numbers

function drawNumbers() {
  texts.forEach(write);
  drawFlows();
  for (const shape of inSight) refreshShape(shape);
  drawStrip();
}

function write(text) {
  const { text: x, tone, isWord } = text.read();
  const shown = x && (isWord ? x : text.before + x);
  if (shown + tone === text.shown) return;
  text.shown = shown + tone;
  text.characters.data = shown; // in place: a new text node would be laid out anew
  attribute(text.element, "class", `${text.name} ${tone}`);
}

// All that changes on a shape that is drawn.
function refreshShape(shape) {
  shape.texts.forEach(write);
  if (shape.kind === "arrow") drawFlow(shape);
  if (shape.kind !== "card") return;
  if (shape.box) drawMark(shape);
  describe(shape);
}

// The logarithmic scale of widths, as Python's `Scale`: the largest size, and the decades below it at which an arrow is thin.
function scaleOf(sizes) {
  const seen = sizes.filter((size) => size > 0 && Number.isFinite(size));
  return seen.length ? { largest: Math.max(...seen), span: SHARED.span_of(Math.max(...seen), Math.min(...seen)) } : { largest: 0, span: 1 };
}

const widthOf = (size, { largest, span }) => SHARED.width_of(size, largest, span);

let scale = { largest: 0, span: 1 }; // of the widths of all arrows

// The size of every arrow, drawn or not: the scale is that of all.
function drawFlows() {
  for (const arrow of plan.arrows) {
    const { edges } = arrow;
    const known = edges.filter(isKnown);
    const flows = known.map(([node, slot]) => node.flows[slot]);
    const size = norm(flows);
    Object.assign(arrow, { size, look: toneOf(flows) || "plain", isIdle: size === 0 && known.length === edges.length });
  }
  scale = scaleOf(plan.arrows.map(({ size }) => size));
  drawScale(scale);
}

function drawFlow({ line, edges, size, look, isIdle, bounds }) {
  const isShut = edges.every(([node, slot]) => isClosed(node, slot) && cell("partial", node, slot).tone !== "unknown");
  const [left, top, right, bottom] = bounds;
  const stretch = (right - left + bottom - top) / 600; // a dash takes as long to paint as a line: a long line has long ones
  const dashes = (isShut || isIdle) && stretch > 1 ? `;stroke-dasharray:${(5 * stretch).toFixed()} ${(4 * stretch).toFixed()}` : "";
  attribute(line, "style", `stroke-width:${widthOf(size, scale).toFixed(2)}${dashes}`);
  attribute(line, "class", `line ${look}${isShut ? " closed" : isIdle ? " idle" : ""}`);
  attribute(line, "marker-end", `url(#head-${look})`);
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

function describe(card) {
  const { group, box, node } = card;
  if (box) {
    group.classList.toggle("refused", card.members.some((member) => member.message));
    const mark = markOf(card);
    const template = mark ? "{name}, folded: {count} nodes, {mark}" : "{name}, folded: {count} nodes";
    return attribute(group, "aria-label", fill(template, { name: card.title, count: card.members.length, mark }));
  }
  const [data, grad] = [cell("data", node), cell("grad", node)];
  const kind = node === root ? (node.isLeaf ? "alone" : "result") : node.isLeaf ? "leaf" : "interior";
  const fields = { name: node.name, op: DATA.nodes[node.index].op, data: data.text || "not computed yet", grad: grad.text || "not known yet" };
  attribute(group, "aria-label", fill(SPOKEN[kind], fields));
  group.classList.toggle("refused", Boolean(node.message));
  group.classList.toggle("empty", !(node.step <= at) || (node.data === undefined && !node.message));
  group.classList.toggle("growing", node.begun <= at && !(node.completed <= at));
  drawNote(card);
}

// Why a node has no number, below its card and above all cards.
function drawNote(card) {
  const { node, at: [x, y, , height] } = card;
  if (node.message && !card.note) card.note = element(layers.note, "text", { x, y: y + height / 2 + 15, class: "message" });
  if (card.note && card.note.textContent !== node.message) card.note.textContent = node.message;
}

// -------------------------------------------------------------------------------------------------- steps and highlights

let focal = null; // the card to keep in sight

function drawStep(step) {
  picture.classList.toggle("back", at >= turn);
  drawLens();
  const [now, from, edges] = [[], [], new Set()];
  for (const index of step.kind === "forward" ? step.nodes : []) {
    now.push(shapeOf(nodes[index]), plan.circles.get(nodes[index]));
    nodes[index].operands.forEach((_, slot) => edges.add(`${index} ${slot}`));
  }
  if (step.kind === "seed") now.push(shapeOf(root));
  for (const [index, slot] of step.kind === "backward" ? step.edges : []) {
    now.push(shapeOf(nodes[index].operands[slot]));
    from.push(shapeOf(nodes[index]));
    edges.add(`${index} ${slot}`);
  }
  focal = now.find((shape) => shape && shape.kind === "card") || null;
  const isMoving = ({ edges: own }) => own.some(([node, slot]) => edges.has(`${node.index} ${slot}`));
  wear("now", edges.size ? [...now, ...plan.arrows.filter(isMoving)] : now);
  wear("from", from);
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
  if (!node) return wear("lit", []);
  const seen = new Set([node]);
  for (const reached of seen) for (const [user] of reached.users) seen.add(user);
  const lit = [];
  for (const reached of seen) lit.push(shapeOf(reached), reached !== node && plan.circles.get(reached));
  const isLit = ({ edges }) => edges.some(([user, slot]) => seen.has(user) && seen.has(user.operands[slot]));
  wear("lit", [...lit, ...plan.arrows.filter(isLit)]);
}

// The node of a card; of a box, its first output.
function nodeOf(target) {
  const card = cardOf.get(target.closest(".card"));
  return card ? card.node || card.outputs[0] || card.members[0] : null;
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
const RIM = 26; // pixels of the stage below the picture
const BROAD = 1.25; // of a stage, its width over its height: a broad one has the graph from left to right
let view = { x: 0, y: 0, scale: 1 };
let frame = [0, 0]; // the size of the picture on the screen, measured only when it changes; 0 while the page is hidden
let choice = "first"; // who chose the view: "first" the page, anew whenever the frame changes; "all" or "own" the reader

function setView(x, y, scale) {
  view = { x, y, scale: clamped(scale, 0.03, 6) };
  world.setAttribute("transform", `scale(${view.scale}) translate(${-view.x} ${-view.y})`); // a viewBox would lay out every text again
  drawDetail(view.scale);
  drawSight();
  drawLens();
  drawMinimap();
}

// The scale at which all of it is in view, above the scale of widths.
function whole() {
  const [width, height] = plan.size;
  return Math.min(frame[0] / (width + 16), (frame[1] - RIM) / (height + 8), 1.7);
}

function fit() {
  const [width, height] = plan.size;
  const scale = whole();
  setView((width - frame[0] / scale) / 2, (height - (frame[1] - RIM) / scale) / 2, scale);
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
  turnToStage();
  if (!areLeavesChosen) {
    toggleLeaves(true);
    measure();
    if (whole() < 0.7) toggleLeaves(false);
    measure();
  }
  fit();
  if (whole() < SPECK) centre(shapeOf(root), NEAR);
  follow();
}

// From top to bottom where the stage is no broad one and the graph is then larger, unless the program chose a direction.
function turnToStage() {
  if (DATA.picture.rankdir) return;
  runAlong(frame[0] > BROAD * frame[1] || sizeIn("TB") < 1.1 * sizeIn("LR") ? "LR" : "TB");
}

function runAlong(rankdir) {
  if (rankdir === direction) return;
  direct(rankdir);
  replan();
}

// How large all of it is in a direction.
function sizeIn(rankdir) {
  const [shown, before] = [plan, direction];
  if (rankdir !== before) {
    direct(rankdir);
    makePlan();
  }
  const size = whole();
  direct(before);
  plan = shown;
  return size;
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

function centre(shape, scale = view.scale) {
  const [x, y] = shape.at;
  const [width, height] = [frame[0] / scale, frame[1] / scale];
  const buttons = 56 / scale; // they are below
  setView(within(x - width / 2, width, plan.size[0]), within(y - height / 2, height, plan.size[1], buttons), scale);
}

// Keep the focal card in sight, and large enough to be read, unless the reader has chosen a scale.
function follow() {
  if (!focal || isHidden() || unprinted !== null) return;
  if (choice === "first" && view.scale < LEAST) return centre(focal, NEAR);
  if (!isInView(focal)) centre(focal);
}

// Whether all of a shape is in view.
function isInView({ at: [x, y, width, height] }) {
  const [right, bottom] = [view.x + frame[0] / view.scale, view.y + frame[1] / view.scale];
  return x - width / 2 >= view.x && x + width / 2 <= right && y - height / 2 >= view.y && y + height / 2 <= bottom;
}

const pointers = new Map();
let moved = 0;

function connectPicture() {
  for (const [id, action] of [["closer", () => zoom(1.25)], ["farther", () => zoom(0.8)], ["fit", lookAtAll]]) byId(id).onclick = action;
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
  if (isTap) tap(event.target);
  if (event.type === "pointerleave") point(null);
}

const DIRECTION = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

// A click or a tap: it opens a closed box, closes an open one at its button, and holds a node.
function tap(target) {
  const card = cardOf.get(target.closest(".card"));
  if (target.closest(".shut")) setOpen(frameOf(target).box, false);
  else if (card && card.box) setOpen(card.box, true);
  else pin(nodeOf(target));
}

function onPictureKey(event) {
  const card = cardOf.get(event.target);
  if (!card) return event.target.matches(".shut") && ["Enter", " "].includes(event.key) && (event.preventDefault(), tap(event.target));
  const inside = (card.box || card.node.box) && card.parent.box;
  if (event.key === "Enter" && card.box) setOpen(card.box, true);
  else if (event.key === "Enter") {
    if (card.node.isLeaf) bringUp(card.node).focus();
  } else if (event.key === "Backspace" && inside) setOpen(inside, false);
  else if (DIRECTION[event.key]) {
    const next = neighbour(card, DIRECTION[event.key]);
    if (next) move(next);
  } else return;
  event.preventDefault();
}

// The nearest card in a direction; a distance aside counts three times.
function neighbour(card, [right, down]) {
  let [best, nearest] = [null, Infinity];
  for (const other of plan.cards) {
    const [dx, dy] = [other.at[0] - card.at[0], other.at[1] - card.at[1]];
    const ahead = dx * right + dy * down;
    const distance = ahead + 3 * Math.abs(dx * down + dy * right);
    if (ahead > 1 && distance < nearest) [best, nearest] = [other, distance];
  }
  return best;
}

let tabStop = null; // the card at which the Tab key stops; arrows go on from there. At first the result's
const tabIndexOf = (card) => (card === (tabStop && plan.cards.includes(tabStop) ? tabStop : shapeOf(root)) ? 0 : -1);

// Give a card the focus, in view.
function move(card) {
  tabStop = card;
  focal = card;
  follow();
  drawShape(card); // a view that holds it may be on its way
  for (const [group, other] of cardOf) attribute(group, "tabindex", String(tabIndexOf(other)));
  card.group.focus({ preventScroll: true });
  pin(nodeOf(card.group));
}

// On paper the whole picture is shown, in its natural proportions; afterwards what was looked at.
function drawForPaper(isPaper) {
  if (isPaper) {
    world.removeAttribute("transform");
    drawDetail(1);
    drawAll();
    picture.setAttribute("viewBox", `0 0 ${plan.size.join(" ")}`);
  } else {
    picture.removeAttribute("viewBox");
    setView(view.x, view.y, view.scale);
    onResize();
  }
}
