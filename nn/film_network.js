/* The network of the film: a column for each layer, an edge for each weight; or a table of parameters where there are no layers. */

const MOST = 20; // neurons of a column that are drawn
const HEAD = 40; // pixels for the headings
const tall = Math.max(inputs, ...columns.map((column) => column.neurons.length), 1);
const shownTall = Math.min(tall, MOST);
const TALL = clamped(400 / shownTall, 26, 64) * shownTall;
const WIDEST = shownTall > 10 ? 3.5 : 5;
const hasMaps = DATA.computed && hasField && neurons.length <= 64;
const STATES = {
  d: "{about}, dead: no example opens it",
  s: "{about}, saturated: for nearly all examples its slope is next to nothing",
  ".": "{about}",
};
const LEGENDS = {
  forward: `The widest line of the film is |w| = {most}; dashed and orange is negative. \
A ring is a neuron's activity, full at {full}: the root mean square over the examples.`,
  backward: `The widest line is |∂E/∂w| = {most}; dashed and orange is negative. \
A ring is a neuron's ∂E/∂z, what comes back to it, full at {full}: the root mean square over the examples.`,
};
const COUNTS = {
  d: "Neurons: {dead} dead (×).",
  s: "Neurons: {saturated} saturated (–).",
  ds: "Neurons: {dead} dead (×), {saturated} saturated (–).",
};
let edges = []; // {line, column, tail, head, place}
let cells = []; // of the table of parameters

function buildTable() {
  byId("inside").textContent = "Parameters";
  const table = element(element(byId("network"), "div", { class: "scroll" }), "table", { id: "numbers" });
  const head = element(table, "tr");
  for (const text of ["parameter", "value", "∂E/∂p"]) element(head, "th", { scope: "col" }, text);
  cells = DATA.parameters.map((name) => {
    const line = element(table, "tr");
    element(line, "th", { scope: "row" }, name);
    return [element(line, "td", { class: "number" }), element(line, "td", { class: "number" })];
  });
  byId("forward").parentElement.hidden = true;
  const rest = DATA.size - DATA.parameters.length;
  const unlisted = rest > 0 ? ` ${rest} more parameters are not listed.` : "";
  byId("legend").textContent = `This model is no chain of layers of neurons, so its network is not drawn.${unlisted}`;
}

function buildNetwork() {
  byId("network").replaceChildren();
  if (!columns.length) return buildTable();
  const stride = clamped((byId("network").clientWidth - 80) / columns.length, 70, 160); // from column to column
  const [w, h] = [80 + stride * columns.length, HEAD + TALL + (tall > MOST ? 22 : 4)];
  const label = { role: "group", "aria-label": "The network, inputs at the left" };
  const svg = element(byId("network"), "svg", { viewBox: `0 0 ${w} ${h}`, style: `max-width: ${Math.round(1.3 * w)}px`, ...label });
  const lines = element(svg, "g", { class: "edges" });
  edges = [];
  let before = [];
  [inputs, ...columns.map((column) => column.neurons.length)].forEach((size, k) => {
    const n = Math.min(size, MOST);
    const gap = Math.min(64, TALL / n);
    const [x, R] = [40 + stride * k, Math.min(20, 0.4 * gap)];
    const column = Array.from({ length: n }, (_, i) => ({ x, y: HEAD + TALL / 2 + gap * (i + 0.5 - n / 2), R }));
    const heading = k === 0 ? "inputs" : k === columns.length ? "output" : columns[k - 1].layer;
    element(svg, "text", { x, y: 13, class: "heading" }, heading);
    if (k) element(svg, "text", { x, y: 28, class: "row" }, columns[k - 1].name);
    if (size > MOST) element(svg, "text", { x, y: h - 6, class: "row" }, `and ${size - MOST} more`);
    column.forEach((spot, head) => {
      before.forEach((tail, i) => {
        const line = element(lines, "line", { x1: tail.x + tail.R, y1: tail.y, x2: x - R, y2: spot.y });
        edges.push({ line, column: k - 1, tail: i, head, place: columns[k - 1].neurons[head].w[i] });
      });
      const group = element(svg, "g", { transform: `translate(${x} ${spot.y})`, class: k ? "neuron" : "input" });
      element(group, "circle", { r: R, class: "body" });
      if (k) buildNeuron(group, R, neurons.find((neuron) => neuron.column === k - 1 && neuron.place === head));
      else buildInput(group, R, names[head]);
    });
    before = column;
  });
}

function buildInput(group, R, name) {
  const label = name.length > 5 ? `${name.slice(0, 4)}…` : name;
  element(group, "text", { class: "name", "font-size": Math.min(13, (2.8 * R) / label.length) }, label);
  element(group, "title", {}, name);
}

function buildNeuron(group, R, neuron) {
  const box = { x: -R, y: -R, width: 2 * R, height: 2 * R, preserveAspectRatio: isPlane ? "xMidYMid slice" : "none" };
  const picture = hasMaps ? element(group, "image", { ...box, style: `clip-path: circle(${R - 1}px)` }) : null;
  const ring = element(group, "circle", { r: R + 1.5, class: "ring", pathLength: 100, transform: "rotate(-90)" });
  const badge = element(group, "g", { class: "badge", transform: `translate(${0.8 * R} ${-0.8 * R})` });
  element(badge, "circle", { r: 5.5 });
  for (const [name, x] of Object.entries({ tabindex: 0, role: "button", "data-number": neuron.number })) group.setAttribute(name, x);
  Object.assign(neuron, { group, picture, ring, badge, sign: element(badge, "path") });
}

// The pointer and the focus look at a neuron; a click, Enter or Space holds it.
function connectNetwork() {
  const network = byId("network");
  const neuronOf = ({ target }) => neurons[target.closest(".neuron")?.dataset.number] || null;
  const look = (event) => event.pointerType === "mouse" && !isHeld && neuronOf(event) !== lit && light(neuronOf(event), false);
  const hold = (neuron) => (isHeld && lit === neuron ? light(null, false) : light(neuron, true));
  network.onpointerover = look;
  network.onpointerleave = (event) => event.pointerType === "mouse" && !isHeld && lit && light(null, false);
  network.addEventListener("focusin", (event) => event.target.matches(".neuron:focus-visible") && light(neuronOf(event), isHeld));
  network.onclick = (event) => neuronOf(event) && hold(neuronOf(event));
  network.onkeydown = (event) => {
    if (!["Enter", " "].includes(event.key) || !neuronOf(event)) return;
    hold(neuronOf(event));
    event.preventDefault();
  };
}

const weightsOf = (all) => neurons.flatMap(({ w }) => w.map((place) => all[place])); // without biases, which are no lines
let largestWeight = 0; // of all frames
let largestActivity = 0;

// Widen the scales by the frames from the first on; from frame 0 on they begin anew.
function measure(first) {
  if (!first) largestWeight = largestActivity = 0;
  const frames = (of, size) => of.subarray(first * size, epochs.length * size);
  const weights = frames(DATA.weights, DATA.size);
  for (let start = 0; start < weights.length; start += DATA.size) {
    largestWeight = Math.max(largestWeight, largest(weightsOf(weights.subarray(start, start + DATA.size))));
  }
  largestActivity = Math.max(largestActivity, largest(frames(DATA.activity, neurons.length)));
}

measure(0);

function drawNetwork() {
  const [weights, gradients] = [ofFrame(DATA.weights), ofFrame(DATA.gradients)];
  cells.forEach(([value, slope], i) => ([value.textContent, slope.textContent] = [written(weights[i]), written(gradients[i])]));
  if (!columns.length) return;
  const shown = isBackward ? gradients : weights;
  const most = isBackward ? largest(weightsOf(gradients)) : largestWeight;
  for (const { line, column, tail, head, place } of edges) {
    const x = shown[place];
    const isLit = lit && ((lit.column === column && lit.place === head) || (lit.column === column - 1 && lit.place === tail));
    line.setAttribute("class", `${x < 0 ? "negative" : "positive"}${lit ? (isLit ? " lit" : " dim") : ""}`);
    const share = Math.min(1, Math.abs(x) / most);
    line.setAttribute("stroke-width", (0.3 + WIDEST * share).toFixed(2));
    line.setAttribute("stroke-opacity", (0.25 + 0.75 * share).toFixed(2));
  }
  const rings = ofFrame(isBackward ? DATA.deltas : DATA.activity, neurons.length);
  const full = isBackward ? largest(rings) : largestActivity;
  const troubles = [...DATA.troubles[at]];
  for (const neuron of neurons) if (neuron.group) drawNeuron(neuron, rings[neuron.number] / full, troubles[neuron.number]);
  const legend = fill(LEGENDS[isBackward ? "backward" : "forward"], { most: written(most), full: written(full) });
  const [dead, saturated] = ["d", "s"].map((kind) => troubles.filter((trouble) => trouble === kind).length);
  const counts = fill(COUNTS[(dead ? "d" : "") + (saturated ? "s" : "")] || "", { dead, saturated });
  byId("legend").textContent = `${legend} ${counts}`;
  drawNumbersOf(lit, weights, gradients);
}

function drawNeuron(neuron, share, trouble) {
  const { group, picture, ring, badge, sign } = neuron;
  ring.setAttribute("stroke-dasharray", `${(100 * Math.min(1, share)).toFixed(1)} 100`);
  badge.style.display = trouble === "." ? "none" : "";
  sign.setAttribute("d", trouble === "d" ? "M-3-3L3 3M-3 3L3-3" : "M-3.5 0H3.5");
  group.classList.toggle("dead", trouble === "d");
  group.classList.toggle("lit", neuron === lit);
  group.setAttribute("aria-pressed", String(isHeld && neuron === lit));
  group.setAttribute("aria-label", fill(STATES[trouble], { about: titleOf(neuron) }));
  if (!picture) return;
  const isOutput = neuron.column === columns.length - 1 && !several;
  const tint = isOutput ? bySign(mapOf(neuron), DATA.middle, DATA.reach) : ofNeuron(neuron);
  picture.setAttribute("href", paint(brush.canvas, tint, 2).toDataURL());
}

// The text below the network: the numbers of the neuron that is looked at.
function drawNumbersOf(neuron, weights, gradients) {
  const text = byId("neuron");
  if (!neuron) {
    const withMap = "Point at a neuron to see its weights, and its output in the picture beside; a click holds it.";
    text.textContent = maps ? withMap : "Point at a neuron to see its weights; a click holds it.";
    return;
  }
  const { w, b, column, number } = neuron;
  const list = (of) => w.slice(0, 24).map((i) => written(of[i])).join(", ") + (w.length > 24 ? ", …" : "");
  const place = at * neurons.length + number;
  text.replaceChildren();
  const line = (name, rest) => {
    const row = element(text, "span");
    element(row, "b", {}, name);
    row.append(` ${rest}`);
  };
  line(titleOf(neuron), fill(STATES[DATA.troubles[at][number]], { about: `(${columns[column].name})` }));
  line("w", `${list(weights)};  b ${written(weights[b])}`);
  line("∂E/∂w", `${list(gradients)};  ∂E/∂b ${written(gradients[b])}`);
  line("activity", `${written(DATA.activity[place])};  ∂E/∂z ${written(DATA.deltas[place])}`);
}
