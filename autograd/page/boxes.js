/* The boxes: neurons, layers and whatever was folded, each closed, a card, or open, a frame around what is in it.

   `plan` is the picture for what is open now: its shapes, with their places. A shape is the card of a node or of a closed box, the
   circle of an operation, the frame of an open box, or an arrow; `group` is its element while it is drawn, see sight.js.   */

const CARD = [120, 62]; // room for "data −0.0001234" below a name
const ROOM = 216; // for "17 params, |grad| 0.1234"
const CROWD = 6; // closed boxes in one group; more are one line each
const LISTED = 8; // outputs of a box that are written one by one; more are summed up by their range
const LETTER = 7.6; // the width of a letter in a card's title
const IN_CIRCLE = 10; // and in a circle, where it grows as the picture shrinks: an empty circle says nothing
const LONGEST = 26; // letters of a title

const boxes = DATA.picture.boxes.map((given) => ({ ...given, isOpen: given.open }));

function fillBoxes() {
  for (const box of boxes) box.around = boxes[box.in]; // the box that it is in
  nodes.forEach((node, index) => (node.box = boxes[DATA.nodes[index].box]));
  for (const box of boxes) (box.inputs || []).forEach((index, place) => Object.assign(nodes[index], { box, order: place }));
  for (const box of boxes) box.members = [];
  for (const node of nodes) for (const box of boxesAround(node.box)) box.members.push(node);
  for (const box of boxes) {
    const inside = new Set(box.members);
    const isSeen = (node) => node === root || node.users.some(([user]) => !inside.has(user));
    box.outputs = box.members.filter((node) => isSeen(node) && (box.inputs || !node.isLeaf));
    box.parameters = box.inputs ? [] : box.members.filter((node) => node.isLeaf);
  }
}

// A box and those that it is in, from the innermost.
function boxesAround(box) {
  return box ? [box, ...boxesAround(box.around)] : [];
}

// The outermost closed box of a box or a node's box; undefined if all are open.
const closedBox = (box) => boxesAround(box).reverse().find(({ isOpen }) => !isOpen);

let plan = null;
const shapeOf = (node) => plan.shapes.get(closedBox(node.box) || node); // the card that a node is on

function makePlan() {
  const shapes = new Map();
  const top = { id: "top", kind: "top", children: [], pieces: [] };
  const groupOf = (box) => (box ? shapes.get(box) : top);
  const add = (key, shape, parent) => {
    shapes.set(key, Object.assign(shape, { parent, group: null, texts: [] }));
    parent.children.push(shape);
  };
  for (const box of boxes.slice().sort((a, b) => boxesAround(a).length - boxesAround(b).length || a.order - b.order)) {
    if (closedBox(box.around)) continue;
    if (box.isOpen) add(box, { id: box.id, kind: "frame", box, name: box.name, title: box.title, children: [], pieces: [] }, groupOf(box.around));
    else add(box, cardOfBox(box), groupOf(box.around));
  }
  const circles = [];
  for (const node of nodes.slice().sort((a, b) => (a.order ?? 0) - (b.order ?? 0))) {
    if (closedBox(node.box)) continue;
    if (!node.isLeaf) circles.push(circleOf(node));
    if (!node.isLeaf) add(circles.at(-1), circles.at(-1), groupOf(node.box));
    add(node, cardOfNode(node), groupOf(node.box));
  }
  plan = { shapes, top, circles: new Map(circles.map((circle) => [circle.node, circle])) };
  plan.frames = [...shapes.values()].filter(({ kind }) => kind === "frame");
  plan.cards = [...shapes.values()].filter(({ kind }) => kind === "card");
  for (const frame of plan.frames) frame.least = frame.title.length * LETTER + 60;
  for (const { parent } of plan.cards.filter(({ box }) => box)) parent.boxes = (parent.boxes || 0) + 1;
  for (const card of plan.cards) Object.assign(card, sizeOfCard(card));
  plan.arrows = arrowsOf(shapes);
  const stems = circles.map((circle) => ({ tail: circle, head: shapes.get(circle.node), weight: 8, hasHead: false, hasLabel: false, circle }));
  plan.size = arranged(top, [...stems, ...plan.arrows]);
  for (const stem of stems) stem.circle.stem = stem.path;
  for (const shape of shapes.values()) shape.bounds = boundsOf(shape.at);
  plan.everything = [...plan.frames, ...plan.arrows, ...circles, ...plan.cards];
}

const boundsOf = ([x, y, width, height]) => [x - width / 2, y - height / 2 - 20, x + width / 2 + 30, y + height / 2 + 20];

// A name that fits on a card: its middle is left out.
function shortened(text) {
  const half = LONGEST / 2;
  return text.length <= LONGEST ? text : `${text.slice(0, half - 1)}…${text.slice(-half)}`;
}

const cardOfNode = (node) => ({ id: `n${node.index}`, kind: "card", node, name: node.name, title: shortened(node.name), outputs: [node] });

function cardOfBox(box) {
  const { id, name, title, outputs, parameters, members, activations } = box;
  return { id, kind: "card", box, name, title: shortened(title), outputs, parameters, members, activations };
}

function circleOf(node) {
  const text = DATA.nodes[node.index].circle;
  const [width, height] = text.length <= 2 ? [30, 30] : [text.length * IN_CIRCLE + 14, 28];
  return { id: `o${node.index}`, kind: "circle", node, text, width, height };
}

function sizeOfCard({ node, title, outputs, parameters, parent }) {
  const width = Math.max(CARD[0], title.length * LETTER + 24);
  if (node) return { width, height: CARD[1] };
  if (parent.boxes > CROWD && outputs.length === 1) return { width: Math.round(title.length * LETTER) + 2 * 76 + 16, height: LINE_HEIGHT, isLine: true };
  const lines = outputs.length > LISTED ? 2 : Math.max(2, outputs.length);
  const room = outputs.length === 1 ? ROOM : ROOM + 44;
  return { width: Math.max(width, room), height: CARD[1] + 18 * (lines - 2 + (parameters.length > 0)) };
}

// An arrow for each edge between two nodes that are seen; all edges from one box to another are one.
function arrowsOf(shapes) {
  const found = new Map();
  for (const node of nodes) {
    const home = closedBox(node.box);
    node.operands.forEach((operand, slot) => {
      const other = closedBox(operand.box);
      if (home && home === other) return;
      const [tail, head] = [shapes.get(other || operand), home ? shapes.get(home) : plan.circles.get(node)];
      const id = home || other ? `e_${tail.id}_${head.id}` : `e${node.index}_${slot}`;
      if (!found.has(id)) found.set(id, { id, kind: "arrow", tail, head, edges: [], weight: 1, hasHead: true, group: null, texts: [] });
      found.get(id).edges.push([node, slot]);
      if (!home && !other && node.operands.length === 1) found.get(id).weight = 4;
    });
  }
  const arrows = [...found.values()];
  const count = new Map();
  for (const { tail, head } of arrows) for (const end of [tail, head]) count.set(end, (count.get(end) || 0) + 1);
  const isThicket = arrows.length > THICKET * plan.cards.length;
  for (const arrow of arrows) {
    arrow.isQuiet = isThicket && Math.max(count.get(arrow.tail), count.get(arrow.head)) > BUNDLE;
    arrow.hasLabel = !arrow.isQuiet;
  }
  return arrows;
}

// ------------------------------------------------------------------------------------------------------ opening and closing

const frameOf = (target) => plan.frames.find(({ group }) => group && group.contains(target));

// Make the plan anew for what is open now. What had the focus has it again, or the box that it is in now.
function replan() {
  const held = cardOf.get(document.activeElement);
  const key = held && (held.node || held.outputs[0]);
  eraseAll();
  makePlan();
  tabStop = key ? shapeOf(key) : null;
  drawNumbers();
  drawStep(steps[at]);
  light();
  drawButtons();
  return key;
}

function setOpen(box, isOpen) {
  pinned = pointed = null;
  box.isOpen = isOpen;
  const key = replan();
  const shape = plan.shapes.get(box);
  if (whole() >= LEAST && choice !== "own") fit();
  else lookAtShape(shape);
  if (key) move(shapeOf(isOpen ? box.outputs[0] : key));
  announce(fill(isOpen ? "{name} is open." : "{name} is closed.", { name: box.title }));
  changed("boxes");
}

// Have all of a shape in view, as large as it can be read; smaller than that its beginning.
function lookAtShape(shape) {
  if (isHidden()) return;
  const [x, y, width, height] = shape.at;
  const most = Math.min(frame[0] / (width + 80), frame[1] / (height + 80));
  choice = "own";
  setView(view.x, view.y, clamped(most, LEAST, Math.max(view.scale, NEAR)));
  setView(x - frame[0] / view.scale / 2, y - frame[1] / view.scale / 2, view.scale);
}

function openAll(isOpen) {
  for (const box of boxes) box.isOpen = isOpen;
  replan();
  lookAtAll();
  announce(isOpen ? "All boxes are open." : "All boxes are closed.");
  changed("boxes");
}

function drawButtons() {
  byId("open").hidden = byId("close").hidden = !boxes.length;
  byId("open").disabled = boxes.every(({ isOpen }) => isOpen);
  byId("close").disabled = !boxes.some(({ isOpen }) => isOpen);
}

byId("open").onclick = () => openAll(true);
byId("close").onclick = () => openAll(false);
