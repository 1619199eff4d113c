// The training film. DATA is made in film.py: the weights and gradients of each frame, and what Python saw. What the network says
// at a place is computed here, from the weights and from OPERATIONS; where that cannot be, Python has computed it: DATA.field.

const $ = (id) => document.getElementById(id);
const floats = (text) => new Float32Array(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
const packed = ["X", "targets", "weights", "gradients", "activity", "deltas", "outputs", "field"];
for (const name of packed) DATA[name] = floats(DATA[name]);

const { view, names, epochs, columns, width, classes } = DATA;
const last = epochs.length - 1;
const inputs = names.length;
const count = DATA.X.length / inputs;
const several = width > 1;
const MINUS = "−";
const PALETTE = ["--negative", "--positive", "--class2", "--class3", "--class4", "--class5", "--class6"];
const isStill = matchMedia("(prefers-reduced-motion: reduce)");

let frame = 0;
let timer = null;
let isBackward = false;
let lit = null; // the neuron that is looked at, [column, place]
let isHeld = false; // whether it stays so when the pointer leaves
let probe = null; // the place of the plane that is pointed at

// A number with four digits.
function short(x) {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "∞" : MINUS + "∞";
  const size = Math.abs(x);
  const isPlain = x === 0 || (size >= 1e-4 && size < 1e5);
  const text = isPlain ? String(Number(x.toPrecision(4))) : Number(x.toPrecision(3)).toExponential();
  return text.replaceAll("-", MINUS);
}
const nameOf = (c) => DATA.called[c] ?? String(c);
const percent = (x) => `${Number((100 * x).toFixed(1))} %`;

const SVG = $("sign").namespaceURI;
function element(parent, tag, attributes = {}, text = "") {
  const isDrawn = tag === "svg" || parent.namespaceURI === SVG;
  const made = isDrawn ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text) made.textContent = text;
  parent.appendChild(made);
  return made;
}

// ------------------------------------------------------------------------------------------------------ what the network says

const parameters = (of, k) => of.subarray(k * DATA.size, (k + 1) * DATA.size);

// What every neuron says at each place: an array for each column of neurons, neuron after neuron.
function forward(places) {
  const weights = parameters(DATA.weights, frame);
  const n = places.length / inputs;
  let before = Array.from({ length: inputs }, (_, i) => Float64Array.from({ length: n }, (_, p) => places[p * inputs + i]));
  return columns.map((column) => {
    const rows = column.rows.map((name) => OPERATIONS[name]);
    before = column.neurons.map(({ w, b }) => {
      const y = new Float64Array(n).fill(weights[b]);
      w.forEach((place, i) => {
        const factor = weights[place];
        const x = before[i];
        for (let p = 0; p < n; p++) y[p] += factor * x[p];
      });
      for (const row of rows) for (let p = 0; p < n; p++) y[p] = applied(row, y[p]);
      return y;
    });
    return before;
  });
}

function applied(row, x) {
  try {
    return row.value([x], {});
  } catch {
    return NaN;
  }
}

const [left, right, bottom, top_] = DATA.limits;
const isPlane = view === "plane";
const hasField = isPlane || view === "curve";
const shape = isPlane ? Math.min(2, Math.max(0.8, (right - left) / (top_ - bottom))) : 1.5;
const across = !DATA.computed ? DATA.across : isPlane ? 64 : 160;
const up = !isPlane ? 1 : DATA.computed ? Math.round(across / shape) : DATA.across;
const grid = [];
for (let j = 0; j < up; j++) {
  for (let i = 0; i < across; i++) {
    grid.push(left + ((right - left) * (i + 0.5)) / across);
    if (isPlane) grid.push(bottom + ((top_ - bottom) * (j + 0.5)) / up);
  }
}

// The maps over the grid in this frame: of every neuron, and of the outputs.
let maps = null;
let surface = null;
function compute() {
  if (!hasField) return;
  if (DATA.computed) {
    maps = forward(grid);
    surface = maps[maps.length - 1];
  } else {
    const size = across * up * width;
    const output = (c) => Float64Array.from({ length: across * up }, (_, p) => DATA.field[frame * size + p * width + c]);
    surface = Array.from({ length: width }, (_, c) => output(c));
  }
}

// The outputs for each example.
function answers() {
  if (DATA.computed) return forward(DATA.X).at(-1);
  const from = frame * count * width;
  const output = (c) => Float64Array.from({ length: count }, (_, e) => DATA.outputs[from + e * width + c]);
  return Array.from({ length: width }, (_, c) => output(c));
}

// What everything that is drawn says at one place.
function at(place) {
  if (DATA.computed) return forward(place).map((column) => column.map((y) => y[0]));
  const i = Math.min(across - 1, Math.max(0, Math.floor(((place[0] - left) / (right - left)) * across)));
  const j = isPlane ? Math.min(up - 1, Math.max(0, Math.floor(((place[1] - bottom) / (top_ - bottom)) * up))) : 0;
  return [surface.map((y) => y[j * across + i])];
}

const classOf = (ys) => (several ? ys.indexOf(Math.max(...ys)) : Number(ys[0] > DATA.threshold));

// How far the output is on the side of class c: 0 on the boundary.
function margins(c) {
  if (!several) return surface[0].map((y) => y - DATA.middle);
  return surface[c].map((y, p) => y - Math.max(...surface.filter((_, other) => other !== c).map((other) => other[p])));
}

// --------------------------------------------------------------------------------------------------------------------- colours

const brush = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
function colour(name) {
  brush.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  return [1, 3, 5].map((start) => parseInt(brush.fillStyle.slice(start, start + 2), 16));
}
const inks = {};
function readColours() {
  for (const name of ["--ground", "--card", "--ink", "--faint", "--line", ...PALETTE]) inks[name] = colour(name);
}
const css = (name) => `rgb(${inks[name].join(" ")})`;
const classInk = (c) => (several ? PALETTE[c % PALETTE.length] : c ? "--positive" : "--negative");

// An image of across × up colours; t(p) is the name of an ink and how much of it there is, from 0 to 1.
function image(tint) {
  const pixels = new ImageData(across, up);
  const paper = inks["--card"];
  for (let j = 0; j < up; j++) {
    for (let i = 0; i < across; i++) {
      const [name, share] = tint(j * across + i);
      const ink = inks[name];
      const place = 4 * ((up - 1 - j) * across + i);
      for (let k = 0; k < 3; k++) pixels.data[place + k] = paper[k] + (ink[k] - paper[k]) * share;
      pixels.data[place + 3] = Number.isNaN(share) ? 0 : 255;
    }
  }
  const canvas = document.createElement("canvas");
  canvas.width = across;
  canvas.height = up;
  canvas.getContext("2d").putImageData(pixels, 0, 0);
  return canvas;
}
const signed = (ys, middle, reach) => (p) => {
  const t = (ys[p] - middle) / reach;
  return [t > 0 ? "--positive" : "--negative", t ? 0.08 + 0.5 * Math.min(1, Math.abs(t)) : t];
};
// Whether a neuron is looked at that is not all of the output.
const isInner = () => Boolean(lit && maps && (several || lit[0] < columns.length - 1));
const largest = (ys) => ys.reduce((most, y) => (Number.isFinite(y) && Math.abs(y) > most ? Math.abs(y) : most), 0) || 1;

// ----------------------------------------------------------------------------------------------------------- plane and curves

const canvas = view === "table" ? null : element($("view"), "canvas", { role: "img" });
const pen = canvas?.getContext("2d");
const MARGIN = { left: 42, right: 10, top: 8, bottom: 34 };

// Where a place of the plane is on the canvas, and back.
const box = () => {
  const [w, h] = [canvas.clientWidth - MARGIN.left - MARGIN.right, canvas.clientHeight - MARGIN.top - MARGIN.bottom];
  return { x: MARGIN.left, y: MARGIN.top, w, h };
};
const toX = (x, b) => b.x + ((x - left) / (right - left)) * b.w;
const toY = (y, b) => b.y + b.h - ((y - bottom) / (top_ - bottom)) * b.h;

function ticks(low, high, wanted) {
  const rough = (high - low) / wanted;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * [1, 2, 5, 10].find((k) => k * unit >= rough * 0.999);
  const found = [];
  const end = Math.floor(high / step + 1e-9);
  for (let k = Math.ceil(low / step - 1e-9); k <= end; k++) found.push(Number((k * step).toPrecision(12)));
  return found;
}

function frameAround(b, xName, yName) {
  pen.strokeStyle = css("--line");
  pen.lineWidth = 1;
  pen.strokeRect(b.x + 0.5, b.y + 0.5, b.w - 1, b.h - 1);
  pen.fillStyle = css("--faint");
  pen.font = "12px system-ui, sans-serif";
  pen.textAlign = "center";
  pen.textBaseline = "top";
  for (const x of ticks(left, right, 5)) pen.fillText(short(x), toX(x, b), b.y + b.h + 4);
  pen.fillText(xName, b.x + b.w / 2, b.y + b.h + 18);
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  for (const y of ticks(bottom, top_, 4)) pen.fillText(short(y), b.x - 4, toY(y, b));
  pen.save();
  pen.translate(8, b.y + b.h / 2);
  pen.rotate(-Math.PI / 2);
  pen.textAlign = "center";
  pen.fillText(yName, 0, 0);
  pen.restore();
}

const SHAPES = [
  (x, y, r) => pen.arc(x, y, r, 0, 2 * Math.PI),
  (x, y, r) => pen.rect(x - 0.9 * r, y - 0.9 * r, 1.8 * r, 1.8 * r),
  (x, y, r) => polygon([[x, y - 1.2 * r], [x + 1.1 * r, y + 0.8 * r], [x - 1.1 * r, y + 0.8 * r]]),
  (x, y, r) => polygon([[x, y - 1.3 * r], [x + 1.3 * r, y], [x, y + 1.3 * r], [x - 1.3 * r, y]]),
  (x, y, r) => polygon([[x, y + 1.2 * r], [x + 1.1 * r, y - 0.8 * r], [x - 1.1 * r, y - 0.8 * r]]),
  (x, y, r) => polygon(around(5, () => [x, y, 1.2 * r])),
  (x, y, r) => polygon(around(10, (k) => [x, y, (k % 2 ? 0.6 : 1.3) * r])),
];
const shapeOf = (c) => (c + Math.floor(c / SHAPES.length)) % SHAPES.length; // another one for a colour's second class
function around(n, at) {
  return Array.from({ length: n }, (_, k) => {
    const [x, y, r] = at(k);
    return [x + r * Math.sin((2 * Math.PI * k) / n), y - r * Math.cos((2 * Math.PI * k) / n)];
  });
}
function polygon(corners) {
  corners.forEach(([x, y], k) => (k ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.closePath();
}
function dot(x, y, c, ink, r = 4.5) {
  pen.beginPath();
  SHAPES[shapeOf(c)](x, y, r);
  pen.fillStyle = css(ink);
  pen.strokeStyle = css("--card");
  pen.lineWidth = 1.2;
  pen.fill();
  pen.stroke();
}

// The line where the heights over the grid are 0, square by square.
function contour(heights, b) {
  const x = (i) => b.x + ((i + 0.5) / across) * b.w;
  const y = (j) => b.y + b.h - ((j + 0.5) / up) * b.h;
  pen.beginPath();
  for (let j = 0; j + 1 < up; j++) {
    for (let i = 0; i + 1 < across; i++) {
      const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
      const ends = [];
      corners.forEach(([ia, ja], k) => {
        const [ib, jb] = corners[(k + 1) % 4];
        const [ha, hb] = [heights[ja * across + ia], heights[jb * across + ib]];
        if (ha > 0 === hb > 0 || Number.isNaN(ha - hb)) return;
        const share = ha / (ha - hb);
        ends.push([x(ia + share * (ib - ia)), y(ja + share * (jb - ja))]);
      });
      for (let k = 0; k + 1 < ends.length; k += 2) {
        pen.moveTo(...ends[k]);
        pen.lineTo(...ends[k + 1]);
      }
    }
  }
  pen.stroke();
}

function drawPlane(b) {
  const neuron = isInner() ? maps[lit[0]][lit[1]] : null;
  let tint;
  if (neuron) tint = signed(neuron, 0, largest(neuron));
  else if (several) {
    const sides = surface.map((_, c) => margins(c));
    tint = (p) => {
      const c = sides.findIndex((side) => side[p] >= 0);
      return [classInk(Math.max(0, c)), c < 0 ? NaN : 0.1 + 0.45 * Math.min(1, sides[c][p] / DATA.reach)];
    };
  } else tint = signed(surface[0], DATA.middle, DATA.reach);
  pen.imageSmoothingEnabled = true;
  pen.imageSmoothingQuality = "high";
  pen.drawImage(image(tint), b.x, b.y, b.w, b.h);
  pen.strokeStyle = css("--ink");
  pen.lineWidth = 1.6;
  if (neuron) {
    if (neuron.some((y) => y < 0)) contour(neuron, b); // a relu's 0 is no line
  } else if (several) surface.forEach((_, c) => contour(margins(c), b));
  else if (classes.length) contour(margins(0), b);
  for (let e = 0; e < count; e++) {
    const [x, y] = [toX(DATA.X[2 * e], b), toY(DATA.X[2 * e + 1], b)];
    if (classes.length) dot(x, y, classes[e], classInk(classes[e]));
    else dot(x, y, 0, DATA.targets[e] > DATA.middle ? "--positive" : "--negative");
  }
  frameAround(b, names[0], names[1]);
}

function drawCurve(b) {
  pen.save();
  pen.beginPath();
  pen.rect(b.x, b.y, b.w, b.h);
  pen.clip();
  const per = DATA.targets.length / count;
  for (let e = 0; e < count; e++) {
    for (let k = 0; k < per; k++) {
      const ink = classes.length ? classInk(classes[e]) : PALETTE[k % PALETTE.length];
      dot(toX(DATA.X[e], b), toY(DATA.targets[e * per + k], b), classes.length ? classes[e] : k, ink);
    }
  }
  const draw = (ys, ink, w, dash) => {
    pen.strokeStyle = css(ink);
    pen.lineWidth = w;
    pen.setLineDash(dash);
    pen.beginPath();
    ys.forEach((y, p) => pen.lineTo(toX(grid[p], b), Math.max(-1e4, Math.min(1e4, toY(y, b)))));
    pen.stroke();
    pen.setLineDash([]);
  };
  surface.forEach((ys, c) => draw(ys, several ? PALETTE[c % PALETTE.length] : "--ink", 2.5, c % 2 ? [7, 4] : []));
  if (isInner()) draw(maps[lit[0]][lit[1]], "--positive", 2, [2, 4]);
  pen.restore();
  frameAround(b, names[0], "output");
}

function drawScatter(b) {
  pen.strokeStyle = css("--faint");
  pen.lineWidth = 1;
  pen.beginPath();
  pen.moveTo(toX(left, b), toY(bottom, b));
  pen.lineTo(toX(right, b), toY(top_, b));
  pen.stroke();
  pen.save();
  pen.beginPath();
  pen.rect(b.x, b.y, b.w, b.h);
  pen.clip();
  const ink = (c) => PALETTE[c % PALETTE.length];
  answers().forEach((ys, c) => ys.forEach((y, e) => dot(toX(DATA.targets[e * width + c], b), toY(y, b), c, ink(c), 4)));
  pen.restore();
  frameAround(b, "target", "output");
}

function drawTable() {
  const ys = answers();
  const most = Math.max(several ? width : 2, ...classes.map((c) => c + 1));
  const counts = Array.from({ length: most }, () => new Array(most).fill(0));
  classes.forEach((actual, e) => counts[actual][classOf(ys.map((y) => y[e]))]++);
  $("view").replaceChildren();
  const table = element($("view"), "table");
  const head = element(table, "tr");
  element(head, "th", { scope: "col" }, "actual ↓ named →");
  counts.forEach((_, c) => element(head, "th", { scope: "col" }, nameOf(c)));
  counts.forEach((row, c) => {
    const line = element(table, "tr");
    const total = row.reduce((a, b) => a + b, 0) || 1;
    element(line, "th", { scope: "row" }, nameOf(c));
    row.forEach((n, other) => {
      const cell = element(line, "td", { class: other === c ? "good" : "bad" }, n ? String(n) : "·");
      cell.style.setProperty("--share", `${Math.round((70 * n) / total)}%`);
    });
  });
}

function drawView() {
  if (view === "table") return drawTable();
  canvas.style.setProperty("--shape", shape);
  const ratio = window.devicePixelRatio || 1;
  const [w, h] = [canvas.clientWidth, canvas.clientHeight];
  canvas.width = Math.round(w * ratio);
  canvas.height = Math.round(h * ratio);
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, w, h);
  ({ plane: drawPlane, curve: drawCurve, scatter: drawScatter })[view](box());
  canvas.setAttribute("aria-label", `${$("shown").textContent}, ${spoken()}`);
}

// What is said below the picture about the place that is pointed at.
function drawPlace() {
  if (!probe) {
    $("place").textContent = hasField ? "Point at a place to read what the network says there." : "";
    return;
  }
  const layers = at(probe);
  const ys = layers.at(-1);
  const where = probe.map((x, i) => `${names[i]} = ${short(x)}`).join(", ");
  const said = several ? `outputs ${ys.map(short).join(", ")}` : `output ${short(ys[0])}`;
  const named = classes.length ? `, class ${nameOf(classOf(ys))}` : "";
  const inner = isInner() ? `; this neuron says ${short(layers[lit[0]][lit[1]])}` : "";
  $("place").textContent = `${where}: ${said}${named}${inner}`;
}

// --------------------------------------------------------------------------------------------------------------------- network

const MOST = 20; // neurons of a column that are drawn
const tall = Math.max(inputs, ...columns.map((column) => column.neurons.length), 1);
const shownTall = Math.min(tall, MOST);
const TALL = Math.max(26, Math.min(64, 400 / shownTall)) * shownTall;
const gap = (n) => Math.min(64, TALL / n);
const radius = (n) => Math.min(20, 0.4 * gap(n));
let stride = 70; // from column to column
const WIDEST = shownTall > 10 ? 3.5 : 5;
const HEAD = 40;
const isSmall = DATA.computed && hasField && columns.reduce((sum, column) => sum + column.neurons.length, 0) <= 64;
const drawn = { neurons: [], edges: [] };
const offset = (column) => columns.slice(0, column).reduce((sum, { neurons }) => sum + neurons.length, 0);
const neuronCount = offset(columns.length);

function buildNetwork() {
  $("network").replaceChildren();
  [drawn.neurons, drawn.edges] = [[], []];
  if (!columns.length) {
    $("inside").textContent = "Parameters";
    const table = element(element($("network"), "div", { class: "scroll" }), "table", { id: "numbers" });
    const head = element(table, "tr");
    for (const text of ["parameter", "value", "∂E/∂p"]) element(head, "th", { scope: "col" }, text);
    drawn.cells = DATA.parameters.map((name) => {
      const line = element(table, "tr");
      element(line, "th", { scope: "row" }, name);
      return [element(line, "td", { class: "number" }), element(line, "td", { class: "number" })];
    });
    $("forward").parentElement.hidden = true;
    const rest = DATA.size - DATA.parameters.length;
    const unlisted = rest > 0 ? ` ${rest} more parameters are not listed.` : "";
    $("legend").textContent = `This model is no chain of layers of neurons, so its network is not drawn.${unlisted}`;
    return;
  }
  const w = 80 + stride * columns.length;
  const h = HEAD + TALL + (tall > MOST ? 22 : 4);
  const viewBox = `0 0 ${w} ${h}`;
  const svg = element($("network"), "svg", { viewBox, role: "group", "aria-label": "The network, inputs at the left" });
  svg.style.maxWidth = `${Math.round(1.3 * w)}px`;
  const sizes = [inputs, ...columns.map((column) => column.neurons.length)];
  const spots = sizes.map((size, k) => {
    const n = Math.min(size, MOST);
    return Array.from({ length: n }, (_, i) => [40 + stride * k, HEAD + TALL / 2 + gap(n) * (i + 0.5 - n / 2)]);
  });
  const radii = spots.map((column) => radius(column.length));
  const lines = element(svg, "g", { class: "edges" });
  columns.forEach((column, k) =>
    spots[k + 1].forEach(([x2, y2], j) =>
      spots[k].forEach(([x1, y1], i) => {
        const line = element(lines, "line", { x1: x1 + radii[k], y1, x2: x2 - radii[k + 1], y2 });
        drawn.edges.push({ line, column: k, tail: i, head: j, place: column.neurons[j].w[i] });
      }),
    ),
  );
  const defs = element(svg, "defs");
  spots.forEach((column, k) => {
    const R = radii[k];
    element(element(defs, "clipPath", { id: `round${k}` }), "circle", { r: R - 1 });
    const x = 40 + stride * k;
    const heading = k === 0 ? "inputs" : k === columns.length ? "output" : titleOf(k - 1, 0).replace(/\.neurons\[0\]$/, "");
    element(svg, "text", { x, y: 13, class: "heading" }, heading);
    if (k) element(svg, "text", { x, y: 28, class: "row" }, columns[k - 1].name);
    if (sizes[k] > MOST) element(svg, "text", { x, y: h - 6, class: "row" }, `and ${sizes[k] - MOST} more`);
    column.forEach(([cx, cy], i) => {
      const group = element(svg, "g", { transform: `translate(${cx} ${cy})`, class: k ? "neuron" : "input" });
      element(group, "circle", { r: R, class: "body" });
      if (!k) {
        const label = names[i].length > 5 ? `${names[i].slice(0, 4)}…` : names[i];
        element(group, "text", { class: "name", "font-size": Math.min(13, (2.8 * R) / label.length) }, label);
        element(group, "title", {}, names[i]);
        return;
      }
      const fit = { preserveAspectRatio: isPlane ? "xMidYMid slice" : "none", "clip-path": `url(#round${k})` };
      const picture = isSmall ? element(group, "image", { x: -R, y: -R, width: 2 * R, height: 2 * R, ...fit }) : null;
      const ring = element(group, "circle", { r: R + 1.5, class: "ring", pathLength: 100, transform: "rotate(-90)" });
      const badge = element(group, "g", { class: "badge", transform: `translate(${0.8 * R} ${-0.8 * R})` });
      element(badge, "circle", { r: 5.5 });
      const sign = element(badge, "path");
      group.setAttribute("tabindex", "0");
      group.setAttribute("role", "button");
      const look = (held) => light([k - 1, i], held);
      group.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && !isHeld && look(false));
      group.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && !isHeld && light(null, false));
      group.addEventListener("focus", () => group.matches(":focus-visible") && look(isHeld));
      const toggle = () => (isHeld && lit[0] === k - 1 && lit[1] === i ? light(null, false) : look(true));
      group.addEventListener("click", toggle);
      group.addEventListener("keydown", (event) => ["Enter", " "].includes(event.key) && toggle());
      drawn.neurons.push({ group, picture, ring, badge, sign, column: k - 1, place: i });
    });
  });
}

function light(neuron, held) {
  lit = neuron;
  isHeld = held;
  draw();
}

const largestWeight = largest(epochs.map((_, k) => largest(weightsAt(DATA.weights, k))));
// Without the biases, which are no lines.
function weightsAt(of, k) {
  const all = parameters(of, k);
  return columns.flatMap(({ neurons }) => neurons.flatMap(({ w }) => w.map((place) => all[place])));
}
const largestActivity = largest(DATA.activity);
const TROUBLES = { d: "dead: no example opens it", s: "saturated: for nearly all examples its slope is next to nothing" };

function drawNetwork() {
  const weights = parameters(DATA.weights, frame);
  const gradients = parameters(DATA.gradients, frame);
  if (!columns.length) {
    drawn.cells.forEach(([value, slope], i) => {
      value.textContent = short(weights[i]);
      slope.textContent = short(gradients[i]);
    });
    return;
  }
  const shown = isBackward ? gradients : weights;
  const most = isBackward ? largest(weightsAt(DATA.gradients, frame)) : largestWeight;
  for (const { line, column, tail, head, place } of drawn.edges) {
    const x = shown[place];
    const isLit = lit && ((lit[0] === column && lit[1] === head) || (lit[0] === column - 1 && lit[1] === tail));
    line.setAttribute("class", `${x < 0 ? "negative" : "positive"}${lit ? (isLit ? " lit" : " dim") : ""}`);
    const share = Math.min(1, Math.abs(x) / most);
    line.setAttribute("stroke-width", (0.3 + WIDEST * share).toFixed(2));
    line.setAttribute("stroke-opacity", (0.25 + 0.75 * share).toFixed(2));
  }
  const per = (of) => of.subarray(frame * neuronCount, (frame + 1) * neuronCount);
  const rings = per(isBackward ? DATA.deltas : DATA.activity);
  const full = isBackward ? largest(rings) : largestActivity;
  const troubles = DATA.troubles[frame];
  for (const { group, picture, ring, badge, sign, column, place } of drawn.neurons) {
    const number = offset(column) + place;
    ring.setAttribute("stroke-dasharray", `${(100 * Math.min(1, rings[number] / full)).toFixed(1)} 100`);
    const trouble = troubles[number];
    badge.style.display = trouble === "." ? "none" : "";
    sign.setAttribute("d", trouble === "d" ? "M-3-3L3 3M-3 3L3-3" : "M-3.5 0H3.5");
    group.classList.toggle("dead", trouble === "d");
    group.classList.toggle("lit", Boolean(lit && lit[0] === column && lit[1] === place));
    group.setAttribute("aria-pressed", String(Boolean(isHeld && lit && lit[0] === column && lit[1] === place)));
    group.setAttribute("aria-label", `${titleOf(column, place)}${TROUBLES[trouble] ? `, ${TROUBLES[trouble]}` : ""}`);
    if (picture) {
      const ys = maps[column][place];
      const isOutput = column === columns.length - 1 && !several;
      picture.setAttribute("href", image(isOutput ? signed(ys, DATA.middle, DATA.reach) : signed(ys, 0, largest(ys))).toDataURL());
    }
  }
  const quantity = isBackward ? "∂E/∂w" : "w";
  const ring = isBackward ? "∂E/∂z, what comes back to it" : "activity";
  const sick = ["d", "s"].map((kind) => [...troubles].filter((each) => each === kind).length);
  const counted = [sick[0] && `${sick[0]} dead (×)`, sick[1] && `${sick[1]} saturated (–)`].filter(Boolean).join(", ");
  $("legend").textContent = [
    `The widest line${isBackward ? "" : " of the film"} is |${quantity}| = ${short(most)}; dashed and orange is negative.`,
    `A ring is a neuron's ${ring}, full at ${short(full)}: the root mean square over the examples.`,
    counted && `Neurons: ${counted}.`,
  ].join(" ");
  drawNeuron(weights, gradients);
}

const titleOf = (column, place) =>
  column === columns.length - 1 ? (several ? `output ${place}` : "the output") : columns[column].neurons[place].name;

function drawNeuron(weights, gradients) {
  if (!lit) {
    const map = maps ? ", and in the picture beside what it says" : "";
    $("neuron").textContent = `Point at a neuron to see its weights${map}; a click holds it.`;
    return;
  }
  const [column, place] = lit;
  const { w, b } = columns[column].neurons[place];
  const number = frame * neuronCount + offset(column) + place;
  const list = (of) => w.slice(0, 24).map((i) => short(of[i])).join(", ") + (w.length > 24 ? ", …" : "");
  const trouble = TROUBLES[DATA.troubles[frame][offset(column) + place]];
  $("neuron").replaceChildren();
  const line = (name, text) => {
    const row = element($("neuron"), "span");
    element(row, "b", {}, name);
    row.append(` ${text}`);
  };
  line(titleOf(column, place), `(${columns[column].name})${trouble ? `, ${trouble}` : ""}`);
  line("w", `${list(weights)};  b ${short(weights[b])}`);
  line("∂E/∂w", `${list(gradients)};  ∂E/∂b ${short(gradients[b])}`);
  line("activity", `${short(DATA.activity[number])};  ∂E/∂z ${short(DATA.deltas[number])}`);
}

// ------------------------------------------------------------------------------------------------------------------------ loss

const CHART = { w: 280, h: 190, left: 56, right: 12, top: 10, bottom: 30 };
const finite = DATA.losses.filter(Number.isFinite);
const isLog = Math.min(...finite) > 0 && Math.max(...finite) > 20 * Math.min(...finite);
const height = (x) => (isLog ? Math.log10(x) : x);
const lowest = isLog ? height(Math.min(...finite)) : Math.min(0, ...finite);
const highest = Math.max(height(Math.max(...finite)), lowest + 1e-12);
const lastEpoch = epochs[last];
const chartX = (epoch) => CHART.left + ((CHART.w - CHART.left - CHART.right) * epoch) / Math.max(1, lastEpoch);
const chartY = (x) => CHART.h - CHART.bottom - ((CHART.h - CHART.top - CHART.bottom) * (height(x) - lowest)) / (highest - lowest);
let marker;

function buildLosses() {
  $("falling").textContent = isLog ? "Loss E, on a logarithmic scale" : "Loss E";
  const way = `The loss goes from ${short(DATA.losses[0])} to ${short(DATA.losses.at(-1))}`;
  $("losses").replaceChildren();
  const svg = element($("losses"), "svg", { viewBox: `0 0 ${CHART.w} ${CHART.h}`, role: "img", "aria-label": way });
  const floor = CHART.h - CHART.bottom;
  const levels = isLog ? decades() : ticks(lowest, highest, 4);
  for (const y of levels) {
    const at = chartY(y).toFixed(1);
    element(svg, "line", { x1: CHART.left, x2: CHART.w - CHART.right, y1: at, y2: at, class: "grid" });
    element(svg, "text", { x: CHART.left - 6, y: at, class: "up" }, short(y));
  }
  for (const x of ticks(0, lastEpoch, 5).filter(Number.isInteger)) {
    element(svg, "text", { x: chartX(x), y: CHART.h - 12, class: "along" }, String(x));
  }
  for (const x of epochs.map(chartX)) element(svg, "line", { x1: x, x2: x, y1: floor, y2: floor + 4, class: "moment" });
  const points = DATA.losses.map((x, epoch) => `${chartX(epoch).toFixed(1)},${chartY(x).toFixed(1)}`);
  element(svg, "polyline", { points: points.join(" ") });
  marker = { line: element(svg, "line", { y1: CHART.top, y2: floor, class: "now" }), dot: element(svg, "circle", { r: 6 }) };
  const go = (event) => {
    const around = svg.getBoundingClientRect();
    const epoch = (((event.clientX - around.left) / around.width) * CHART.w - CHART.left) / (chartX(1) - chartX(0));
    pause();
    show(epochs.reduce((best, each, k) => (Math.abs(each - epoch) < Math.abs(epochs[best] - epoch) ? k : best), 0));
  };
  svg.addEventListener("pointerdown", (event) => {
    svg.setPointerCapture(event.pointerId);
    go(event);
  });
  svg.addEventListener("pointermove", (event) => event.buttons && go(event));
}

function decades() {
  const found = [];
  const step = Math.max(1, Math.ceil((highest - lowest) / 6));
  for (let k = Math.floor(lowest); k <= Math.ceil(highest); k += step) {
    for (const digit of highest - lowest < 2.5 ? [1, 3] : [1]) found.push(digit * 10 ** k);
  }
  return found.filter((x) => height(x) >= lowest && height(x) <= highest);
}

// ------------------------------------------------------------------------------------------------------------------------ film

// Build network and loss for the room that they have; whether it has changed. A hidden page has none, and waits for some.
function fit() {
  const [network, losses] = [$("network").clientWidth, $("losses").clientWidth];
  const wanted = [Math.max(70, Math.min(160, (network - 80) / Math.max(1, columns.length))), Math.max(280, Math.min(560, losses))];
  if (marker && (!losses || (wanted[0] === stride && wanted[1] === CHART.w))) return false;
  [stride, CHART.w] = wanted;
  buildNetwork();
  buildLosses();
  return true;
}

const accuracy = () => DATA.accuracies[epochs[frame]];
function spoken() {
  const right = DATA.accuracies.length ? `, accuracy ${percent(accuracy())}` : "";
  return `epoch ${epochs[frame]} of ${lastEpoch}: loss ${short(DATA.losses[epochs[frame]])}${right}`;
}

function draw() {
  const epoch = epochs[frame];
  $("scrubber").value = frame;
  $("scrubber").setAttribute("aria-valuetext", `epoch ${epoch}`);
  $("epoch").textContent = epoch;
  $("loss").textContent = short(DATA.losses[epoch]);
  if (DATA.accuracies.length) $("accuracy").textContent = percent(accuracy());
  $("shown").textContent = isInner() ? `What ${titleOf(...lit)} says` : TITLES[view];
  drawView();
  drawPlace();
  drawNetwork();
  marker.line.setAttribute("x1", chartX(epoch));
  marker.line.setAttribute("x2", chartX(epoch));
  marker.dot.setAttribute("cx", chartX(epoch));
  marker.dot.setAttribute("cy", chartY(DATA.losses[epoch]));
  if (!timer) $("spoken").textContent = spoken();
}
const TITLES = {
  plane: classes.length ? "What the network says, and the boundary" : "What the network says over the plane",
  curve: "What the network says",
  table: "Which class was taken for which",
  scatter: "Outputs against targets",
};

function show(k) {
  frame = Math.max(0, Math.min(last, k));
  compute();
  draw();
}

const SIGNS = { play: "M4 2.5v11l9-5.5z", pause: "M3.5 2.5h3v11h-3zM9.5 2.5h3v11h-3z" };
function sign() {
  $("sign").setAttribute("d", timer ? SIGNS.pause : SIGNS.play);
  $("play").setAttribute("aria-label", timer ? "Pause" : "Play");
}
function pause() {
  clearInterval(timer);
  timer = null;
  sign();
}
function play() {
  if (frame === last) show(0);
  timer = setInterval(() => {
    if (frame + 1 >= last) pause();
    show(frame + 1);
  }, Math.max(120, Math.min(500, 9000 / epochs.length)));
  sign();
}

function listen() {
  $("scrubber").max = last;
  $("epochs").textContent = lastEpoch;
  $("right").hidden = !DATA.accuracies.length;
  $("scrubber").addEventListener("input", () => {
    pause();
    show(Number($("scrubber").value));
  });
  const toggle = () => (timer ? (pause(), draw()) : play());
  $("play").addEventListener("click", toggle);
  for (const [id, backward] of [["forward", false], ["backward", true]]) {
    $(id).addEventListener("click", () => {
      isBackward = backward;
      $("forward").setAttribute("aria-pressed", String(!backward));
      $("backward").setAttribute("aria-pressed", String(backward));
      draw();
    });
  }
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = { ArrowLeft: -1, ArrowDown: -1, PageDown: -5, Home: -last, ArrowRight: 1, ArrowUp: 1, PageUp: 5, End: last };
    if (event.key === " ") {
      if (event.target.tagName === "BUTTON") return;
      if (!event.target.closest?.(".neuron")) toggle();
    } else if (event.key === "Escape") return light(null, false);
    else if (event.key in steps && (event.target === $("scrubber") || !/Up|Down/.test(event.key))) {
      pause();
      show(frame + steps[event.key]);
    } else return;
    event.preventDefault();
  });
  if (hasField) {
    const point = (event) => {
      const b = box();
      const around = canvas.getBoundingClientRect();
      const [x, y] = [(event.clientX - around.left - b.x) / b.w, 1 - (event.clientY - around.top - b.y) / b.h];
      const isInside = x >= 0 && x <= 1 && y >= 0 && y <= 1;
      const place = [left + x * (right - left), bottom + y * (top_ - bottom)];
      probe = isInside ? place.slice(0, inputs) : null;
      drawPlace();
    };
    canvas.addEventListener("pointermove", point);
    canvas.addEventListener("pointerdown", point);
    canvas.addEventListener("pointerleave", (event) => {
      if (event.pointerType !== "mouse") return;
      probe = null;
      drawPlace();
    });
  }
  const repaint = () => {
    readColours();
    draw();
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  matchMedia("print").addEventListener("change", ({ matches }) => {
    if (matches) pause();
    readColours();
    if (matches) show(last);
    else draw();
  });
  addEventListener("beforeprint", () => {
    pause();
    readColours();
    show(last);
  });
  if (canvas) new ResizeObserver(drawView).observe(canvas.parentElement);
  new ResizeObserver(() => requestAnimationFrame(() => fit() && draw())).observe($("losses")); // later: it changes the layout
}

const KEYS = {
  plane: classes.length ? "" : "Blue is above the middle of the targets, orange below.",
  curve: "Points are the examples.",
  table: `The ${inputs} inputs of an example are no place in a plane, so there is no boundary to draw.`,
  scatter: "Each point is an output for an example; on the line it is its target.",
};
function buildKey() {
  $("key").textContent = `${KEYS[view]} `;
  if (!canvas || !classes.length) return;
  const glyphs = ["●", "■", "▲", "◆", "▼", "⬟", "★"];
  for (const c of [...new Set(classes)].sort((a, b) => a - b)) {
    const item = element($("key"), "span", { class: "class" });
    element(item, "i", { style: `color: var(${classInk(c)})` }, glyphs[shapeOf(c)]);
    item.append(` class ${nameOf(c)}`);
    $("key").append(" ");
  }
}

if (DATA.ended) {
  $("ended").hidden = false;
  $("ended").textContent = `Training ended early: ${DATA.ended}`;
}
readColours();
fit();
buildKey();
listen();
sign();
show(0);
if (!isStill.matches && !matchMedia("print").matches) play();
