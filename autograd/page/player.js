/* The player: it computes the graph forward and backward, shows the steps of both, and puts in words what each does.

   For teachers and tests, window.autograd is the page's own interface. A node is its name, or its index in topological order.

     set(node, x)     give a leaf the number x; everything is computed again, at once
     data(node)       its number                            grad(node)      the gradient of the result with respect to it
     partials(node)   its local derivatives, null: closed   message(node)   why it could not be computed, or ""
     step() back()    one step                              goto(k)         to step number k
     play() pause()   by itself                             reset()         the leaves as they were recorded
     state            { step, steps, turn, kind, words, formula, nodes } as they are now                              */

// ------------------------------------------------------------------------------------------------------------ the graph

const UNREACHED = null; // the adjoint of a node that nothing flowed to; in a sum it counts as 0
const CLOSED = null; // the local derivative of a closed gate
const WORDS = { inf: Infinity, "-inf": -Infinity, nan: NaN };
const real = (x) => (x !== null && typeof x === "object" ? WORDS[x.float] : x);

const nodes = DATA.nodes.map((given, index) => ({
  index,
  name: given.name,
  operandName: given.bracketed || given.name,
  path: given.path, // of a parameter in its network
  mathematics: given.mathematics,
  gradient: given.gradient, // in symbols, as a field of a template
  op: given.op && OPERATIONS[given.op],
  isLeaf: !given.op,
  data: real(given.data),
  recorded: real(given.data),
  partials: (given.partials || []).map(real),
  slopes: given.slopes || [],
  kind: given.kind === undefined ? null : { slots: DATA.kinds[given.kind], conditions: CONDITIONS[given.kind] },
  parameters: Object.fromEntries(Object.entries(given.parameters || {}).map(([name, x]) => [name, real(x)])),
  message: "", // why it could not be computed
  users: [], // [node, slot] of every edge that leaves here
}));
const root = nodes[nodes.length - 1];
nodes.forEach((node, index) => {
  node.arguments = (DATA.nodes[index].arguments || []).map((a) => (Array.isArray(a) ? real(a[0]) : nodes[a]));
  node.active = node.arguments.map((a) => typeof a === "object");
  node.operands = node.arguments.filter((a) => typeof a === "object");
  node.operands.forEach((operand, slot) => operand.users.push([node, slot]));
});

// Forward: every node's number is its operation on the numbers of its arguments. Operands come before their users.
function forward() {
  for (const node of nodes) {
    if (!node.isLeaf) [node.data, node.partials] = applied(node);
  }
}

// Backward: the chain rule along every edge, once. Users come before their operands, so a node's sum is complete at its turn.
function backward() {
  for (const node of nodes) node.grad = UNREACHED;
  root.grad = 1;
  for (const node of nodes.slice().reverse()) {
    if (node.grad === UNREACHED) continue;
    node.operands.forEach((operand, slot) => {
      if (node.partials[slot] !== CLOSED) operand.grad += node.grad * node.partials[slot];
    });
  }
}

// A node's number and its local derivatives; undefined where the operation refuses, and on everything that depends on it.
function applied(node) {
  node.message = "";
  const xs = node.arguments.map((a) => (typeof a === "object" ? a.data : a));
  if (xs.includes(undefined)) return [undefined, []];
  try {
    const y = node.op.value(xs, node.parameters);
    return [y, node.op.partials(xs, y, node.parameters, node.active)];
  } catch (refusal) {
    node.message = refusal.message;
    return [undefined, []];
  }
}

// How far a node is from the nearest kink of its operation, and that kink; Infinity where there is none.
function nearestKink(node) {
  const xs = node.arguments.map((a) => (typeof a === "object" ? a.data : a));
  const isMoved = ({ moving }) => !moving || moving.some((place) => node.active[place]);
  const kinks = node.isLeaf || node.data === undefined ? [] : node.op.kinks.filter(isMoved);
  const found = kinks.map((kink) => ({ kink, distance: Math.abs(kink.margin(xs)) })).filter(({ distance }) => distance === distance);
  return found.reduce((best, each) => (each.distance < best.distance ? each : best), { kink: null, distance: Infinity });
}

// ------------------------------------------------------------------------------------------------------------ the steps

const steps = DATA.steps;
for (const step of steps) {
  if ((step.edges || []).length !== 1) continue;
  for (const each of [step, ...(step.cases || []), step.idle].filter(Boolean)) {
    complete(each.words, step.edges[0]);
    complete(each.formula, step.edges[0]);
  }
}
const turn = steps.findIndex((step) => step.kind === "seed") - 1;
at = moments.last = steps.length - 1;

steps.forEach((step, place) => {
  for (const index of step.nodes || []) nodes[index].step = place;
  if (step.kind === "seed") root.seeded = place;
});
for (const node of nodes) [node.steps, node.arrivals] = [[], []];
const sweep = steps.flatMap((step, place) => (step.edges || []).map(([index, slot]) => ({ node: nodes[index], slot, place })));
for (const { node, slot, place } of sweep) {
  node.steps[slot] = place; // when the chain rule goes along the edge
  node.operands[slot].arrivals.push({ user: node, slot, place }); // what arrives at the operand, in order
}
for (const node of nodes) {
  node.begun = node === root ? root.seeded : node.arrivals[0].place;
  node.completed = node === root ? root.seeded : node.arrivals.at(-1).place;
}

// Every gradient as it grows: the sum before and after each edge.
function runSums() {
  for (const node of nodes) [node.flows, node.before, node.after, node.sum] = [[], [], [], 0];
  for (const { node, slot } of sweep) {
    const operand = node.operands[slot];
    const isOpen = node.grad !== UNREACHED && node.partials[slot] !== CLOSED;
    node.before[slot] = operand.sum;
    node.flows[slot] = isOpen ? node.grad * node.partials[slot] : 0;
    if (isOpen) operand.sum += node.flows[slot];
    node.after[slot] = operand.sum;
  }
}

function compute() {
  forward();
  settle();
}

// Give leaves their numbers, pairs [leaf, x], and show all that follows.
function setLeaves(pairs) {
  for (const [leaf, x] of pairs) leaf.data = x;
  compute();
  show();
  for (const [leaf] of pairs) moveSlider(leaf);
  changed("values", pairs.length === 1 ? pairs[0][0] : null);
}

function settle() {
  backward();
  runSums();
}

// The step at which a quantity is known, and what it is. "grad" is what has arrived so far, "adjoint" the whole sum.
const QUANTITIES = {
  data: [(node) => node.step, (node) => node.data],
  partial: [(node) => node.step, (node, slot) => node.partials[slot] ?? 0],
  contribution: [(node, slot) => node.steps[slot], (node, slot) => node.flows[slot]],
  before: [(node, slot) => node.steps[slot], (node, slot) => node.before[slot]],
  after: [(node, slot) => node.steps[slot], (node, slot) => node.after[slot]],
  adjoint: [(node) => node.completed, (node) => node.grad ?? 0],
  grad: [(node) => node.begun, arrived],
};

function arrived(node) {
  for (let i = node.arrivals.length - 1; i >= 0; i--) {
    const { user, slot, place } = node.arrivals[i];
    if (place <= at) return user.after[slot];
  }
  return node.grad ?? 0;
}

// All that the page shows of a quantity comes from here: its text now, and whether it is positive, negative, no number, unknown.
function cell(kind, node, slot = 0) {
  const [when, what] = QUANTITIES[kind];
  if (!(when(node, slot) <= at)) return { text: "", tone: "unknown" };
  const isBackward = kind !== "data" && kind !== "partial";
  if (node.data === undefined || (isBackward && root.data === undefined)) return { text: "—", tone: "unknown" };
  if (kind === "partial" && node.partials[slot] === CLOSED) return { text: "0", tone: "" };
  const x = what(node, slot);
  return { text: short(x), tone: tone(x) };
}

// --------------------------------------------------------------------------------------------------------------- showing

const PHASES = { start: "Start", leaf: "Forward", forward: "Forward", seed: "Backward", backward: "Backward", end: "End" };

function show() {
  drawNumbers();
  drawStep(steps[at]);
  say();
  byId("count").textContent = `${at} / ${moments.last}`;
  for (const id of ["start", "back"]) byId(id).disabled = at === 0;
  for (const id of ["step", "end"]) byId(id).disabled = at === moments.last;
  if (byId("tape").open) drawTape();
}

function say() {
  const step = steps[at];
  const node = chosen();
  const refused = nodes.find((other) => other.message);
  byId("phase").textContent = node ? `The gradient of ${node.name}` : PHASES[step.kind];
  byId("words").innerHTML = explained(node ? sumInWords(node) : refused ? refusal(refused) : stated(step).words);
  byId("words").className = !node && refused ? "refused" : "";
  const formula = node ? sumOverUsers(node) : stated(step).formula;
  byId("formula").innerHTML = refused && !node ? "" : typeset(formula);
}

const refusal = (node) => `${node.message}. ${node.name} has no value, nor has what depends on it, and there is no gradient.`;

function arrive() {
  release();
  show();
  follow();
  const { words, formula } = stated(steps[at]);
  announce(`${PHASES[steps[at].kind]}, step ${at}. ${words} ${filled(formula)}`);
  changed("step");
}

const PLACES = { start: () => 0, back: () => at - 1, step: () => at + 1, turn: () => turn, end: () => moments.last };

function connect() {
  const letGo = () => (byId("keys").hidden || toggleKeys(), release(), say());
  const [closer, farther] = [() => zoom(1.25), () => zoom(0.8)];
  connectMoments({
    arrive,
    pace: (isFirst) => (isFirst ? 300 : Number(byId("speed").value)),
    label: labelPlayButton,
    keys: { t: () => moveTo(turn), p: toggleProjector, "/": enterFinder, "?": toggleKeys, "+": closer, "=": closer, "-": farther, 0: lookAtAll, Escape: letGo },
    print: drawForPaper,
  });
  for (const [id, place] of Object.entries(PLACES)) byId(id).onclick = () => moveTo(place());
  byId("help").onclick = toggleKeys;
  byId("theme").onclick = toggleTheme;
  byId("tape").ontoggle = () => byId("tape").open && drawTape();
}

function labelPlayButton(word) {
  const [path, text] = byId("play").querySelectorAll("path, span");
  path.setAttribute("d", SIGNS[word]);
  text.textContent = word;
}

function toggleKeys() {
  const isOpen = byId("keys").toggleAttribute("hidden") === false;
  byId("help").setAttribute("aria-expanded", isOpen);
}

function toggleTheme() {
  const { dataset } = document.documentElement;
  const systems = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  dataset.theme = (dataset.theme || systems) === "dark" ? "light" : "dark";
}

// The tape: a line for each node forward, then a line for each edge backward, filled in as far as the steps have come.
function drawTape() {
  const rows = (kinds) =>
    steps
      .map((step, place) => [step, place])
      .filter(([step]) => kinds.includes(step.kind))
      .map(([step, place]) => {
        const look = place === at ? ' class="now" aria-current="step"' : place > at ? ' class="later"' : "";
        const { words, formula } = stated(step);
        return `<tr${look}><th scope="row" class="number">${place}</th><td>${html(words)}</td><td class="number">${html(filled(formula))}</td></tr>`;
      })
      .join("");
  const table = (title, kinds) => `<table><caption>${title}</caption><thead><tr><th scope="col">step</th><th scope="col">what happens</th>
<th scope="col">in numbers</th></tr></thead><tbody>${rows(kinds)}</tbody></table>`;
  byId("tables").innerHTML = table("Forward", ["leaf", "forward"]) + table("Backward", ["seed", "backward"]);
}

// --------------------------------------------------------------------------------------------------------- the interface

function found(which) {
  const node = typeof which === "number" ? nodes[which] : nodes.find((other) => [other.name, other.path].includes(which));
  if (!node) throw new RangeError(`no node is called ${which}; there are ${nodes.map((other) => other.name).join(", ")}`);
  return node;
}

window.autograd = {
  set(which, x) {
    const node = found(which);
    if (RESTING) throw new Error(RESTING);
    if (!node.isLeaf) throw new TypeError(`${node.name} is computed; set a leaf`);
    if (Number.isNaN(Number(x)) && !Number.isNaN(x)) throw new TypeError(`${node.name}: ${x} is no number`);
    setLeaves([[node, Number(x)]]);
  },
  reset: () => setLeaves(nodes.filter((node) => node.isLeaf).map((leaf) => [leaf, leaf.recorded])),
  data: (which) => found(which).data,
  grad: (which) => (root.data === undefined ? undefined : (found(which).grad ?? 0)),
  partials: (which) => found(which).partials.slice(),
  message: (which) => found(which).message,
  step: () => goto(at + 1),
  back: () => goto(at - 1),
  goto,
  play: () => timer || play(), // which goes on where it plays already
  pause,
  get state() {
    const { words, formula } = stated(steps[at]);
    const names = nodes.map((node) => node.name);
    return { step: at, steps: steps.length, turn, kind: steps[at].kind, words, formula: filled(formula), nodes: names };
  },
};

settle();
drawPicture();
makeSliders();
byId("finding").hidden = nodes.length < MANY;
drawButtons();
connect();
show();
lookFirst();
