/* The views of the outputs: over the plane, as a curve, against the targets, class against class; and the chart of the losses. */

const PALETTE = ["--negative", "--positive", "--class2", "--class3", "--class4", "--class5", "--class6"];
const ink = (c) => PALETTE[c % PALETTE.length];
const classInk = (c) => (several ? ink(c) : c ? "--positive" : "--negative");
const pathOf = (points) => `M${points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}`;

// Draw axes whose units are pixels; return the drawing inside them, and functions from data to its pixels (X, Y) and back (placeOf).
function chart(holder, [w, h], [top, right, bottom, left], [x0, x1, y0, y1], [xs, ys], height = (y) => y) {
  const svg = element(holder, "svg", { viewBox: `0 0 ${w} ${h}`, role: "img" });
  const [across, up] = [w - left - right, h - top - bottom];
  const X = (x) => (across * (x - x0)) / (x1 - x0);
  const Y = (y) => (up * (y1 - height(y))) / (y1 - y0);
  for (const y of ys) {
    element(svg, "line", { x1: left, x2: w - right, y1: top + Y(y), y2: top + Y(y), class: "grid" });
    element(svg, "text", { x: left - 5, y: top + Y(y), class: "up" }, written(y));
  }
  for (const x of xs) element(svg, "text", { x: left + X(x), y: h - bottom + 16, class: "along" }, written(x));
  const inner = element(svg, "svg", { x: left, y: top, width: across, height: up });
  const placeOf = ({ clientX, clientY }) => {
    const around = svg.getBoundingClientRect();
    const [x, y] = [((clientX - around.left) * w) / around.width - left, ((clientY - around.top) * h) / around.height - top];
    return [x0 + (x / across) * (x1 - x0), y1 - (y / up) * (y1 - y0)];
  };
  return { svg, inner, across, up, X, Y, placeOf };
}

function ticks(low, high, wanted) {
  const rough = (high - low) / wanted;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * [1, 2, 5, 10].find((k) => k * unit >= rough * 0.999);
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k <= high / step + 1e-9; k++) found.push(Number((k * step).toPrecision(12)));
  return found;
}

// ------------------------------------------------------------------------------------------------------- colours of a field

const inks = {};
const brush = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

function readColours() {
  for (const name of ["--card", ...PALETTE]) {
    brush.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    inks[name] = [1, 3, 5].map((start) => parseInt(brush.fillStyle.slice(start, start + 2), 16));
  }
}

// Paint a canvas of a pixel for each place of the grid, or for every second one along each side; tint(p) is the name of an ink and
// how much of it there is, from 0 to 1.
function paint(canvas, tint, every = 1) {
  const [w, h] = [across, up].map((n) => Math.ceil(n / every));
  const pixels = new ImageData(w, h);
  const paper = inks["--card"];
  for (let j = 0; j < h; j++) {
    for (let i = 0; i < w; i++) {
      const [name, share] = tint(every * (j * across + i));
      const place = 4 * ((h - 1 - j) * w + i);
      for (let k = 0; k < 3; k++) pixels.data[place + k] = paper[k] + (inks[name][k] - paper[k]) * share;
      pixels.data[place + 3] = Number.isNaN(share) ? 0 : 255;
    }
  }
  Object.assign(canvas, { width: w, height: h });
  canvas.getContext("2d", { willReadFrequently: true }).putImageData(pixels, 0, 0);
  return canvas;
}

const bySign = (ys, middle, reach) => (p) => {
  const t = (ys[p] - middle) / reach;
  return [t > 0 ? "--positive" : "--negative", t ? 0.08 + 0.5 * Math.min(1, Math.abs(t)) : t];
};
const ofNeuron = (neuron) => bySign(mapOf(neuron), 0, largest(mapOf(neuron)));

function byClass() {
  const sides = surface.map((_, c) => margins(c));
  return (p) => {
    const c = sides.findIndex((side) => side[p] >= 0);
    return [classInk(Math.max(0, c)), c < 0 ? NaN : 0.1 + 0.45 * Math.min(1, sides[c][p] / DATA.reach)];
  };
}

// --------------------------------------------------------------------------------------------------------------- the views

const plot = view === "table" ? null : element(byId("view"), "div", { class: "plot", style: `--shape: ${shape}` });
const field = isPlane ? element(plot, "canvas") : null; // below the drawing
let axes = null; // the chart of the view
let moving = null; // the group in it that each frame draws anew

function buildView() {
  if (!plot) return;
  plot.querySelector("svg")?.remove();
  const w = Math.max(120, plot.clientWidth); // a hidden page has no room
  axes = chart(plot, [w, w / shape], [8, 10, 34, 42], DATA.limits, [ticks(left, right, 5), ticks(bottom, top_, 4)]);
  const [x, y] = isPlane ? names : view === "curve" ? [names[0], "output"] : ["target", "output"];
  const { svg, inner, up } = axes;
  element(svg, "text", { x: 42 + axes.across / 2, y: 8 + up + 30, class: "along" }, x);
  element(svg, "text", { transform: `translate(12 ${8 + up / 2}) rotate(-90)`, class: "along" }, y);
  element(svg, "rect", { x: 42.5, y: 8.5, width: axes.across - 1, height: up - 1, class: "frame" });
  const points = element(inner, "g");
  moving = element(inner, "g");
  if (isPlane) inner.append(points); // above the boundary
  if (view === "scatter") line(points, [[left, bottom], [right, top_]], "--faint", 1);
  else drawExamples(points);
}

function drawExamples(parent) {
  const per = isPlane ? 1 : DATA.targets.length / count; // targets of an example
  for (let place = 0; place < count * per; place++) {
    const e = Math.floor(place / per);
    const c = classes.length ? classes[e] : isPlane ? Number(DATA.targets[e] > DATA.middle) : place % per;
    const [x, y] = isPlane ? DATA.X.subarray(2 * e, 2 * e + 2) : [DATA.X[e], DATA.targets[place]];
    dot(parent, x, y, isPlane && !classes.length ? 0 : c, classes.length || isPlane ? classInk(c) : ink(c));
  }
}

const SHAPES = [
  "M-1 0a1 1 0 1 0 2 0a1 1 0 1 0-2 0z",
  "M-.9-.9h1.8v1.8h-1.8z",
  "M0-1.2L1.1 .8h-2.2z",
  "M0-1.3L1.3 0L0 1.3L-1.3 0z",
  "M0 1.2L1.1-.8h-2.2z",
  "M0-1.2L1.14-.37L.71 .97h-1.42L-1.14-.37z",
  "M0-1.3L.35-.49L1.24-.4L.57 .19L.76 1.05L0 .6L-.76 1.05L-.57 .19L-1.24-.4L-.35-.49z",
];
const GLYPHS = "●■▲◆▼⬟★";
const shapeOf = (c) => (c + Math.floor(c / SHAPES.length)) % SHAPES.length; // another one for a colour's second class

function dot(parent, x, y, c, ink, r = 4.5) {
  const transform = `translate(${axes.X(x)} ${axes.Y(y)}) scale(${r})`;
  element(parent, "path", { d: SHAPES[shapeOf(c)], transform, class: "dot", style: `fill: var(${ink})` });
}

function line(parent, points, ink, width, dash = "") {
  const d = pathOf(points.map(([x, y]) => [axes.X(x), clamped(axes.Y(y), -1e4, 1e4)]));
  element(parent, "path", { d, fill: "none", "stroke-width": width, "stroke-dasharray": dash, style: `stroke: var(${ink})` });
}

// The line where the heights over the grid are 0, square by square.
function contour(heights) {
  const place = (i, j) => [((i + 0.5) / across) * axes.across, axes.up * (1 - (j + 0.5) / up)];
  let d = "";
  for (let j = 0; j + 1 < up; j++) {
    for (let i = 0; i + 1 < across; i++) {
      const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
      const ends = corners.flatMap(([ia, ja], k) => {
        const [ib, jb] = corners[(k + 1) % 4];
        const [ha, hb] = [heights[ja * across + ia], heights[jb * across + ib]];
        const share = ha / (ha - hb);
        return ha > 0 === hb > 0 || Number.isNaN(ha - hb) ? [] : [place(ia + share * (ib - ia), ja + share * (jb - ja))];
      });
      for (let k = 0; k + 1 < ends.length; k += 2) d += pathOf(ends.slice(k, k + 2));
    }
  }
  element(moving, "path", { d, class: "boundary" });
}

function drawView() {
  if (view === "table") return drawTable();
  moving.replaceChildren();
  if (view === "plane") drawPlane();
  else if (view === "curve") drawCurve();
  else answers().forEach((ys, c) => ys.forEach((y, e) => dot(moving, DATA.targets[e * width + c], y, c, ink(c), 4)));
  axes.svg.setAttribute("aria-label", `${byId("shown").textContent}, ${spoken()}`);
}

function drawPlane() {
  if (isInner()) {
    paint(field, ofNeuron(lit));
    if (mapOf(lit).some((y) => y < 0)) contour(mapOf(lit)); // the zeros of a relu are no line
  } else {
    paint(field, several ? byClass() : bySign(surface[0], DATA.middle, DATA.reach));
    if (several || classes.length) surface.forEach((_, c) => contour(margins(c)));
  }
}

function drawCurve() {
  const points = (ys) => Array.from(ys, (y, p) => [grid[p], y]);
  surface.forEach((ys, c) => line(moving, points(ys), several ? ink(c) : "--ink", 2.5, c % 2 ? "7 4" : ""));
  if (isInner()) line(moving, points(mapOf(lit)), "--positive", 2, "2 4");
}

function drawTable() {
  const ys = answers();
  const most = Math.max(several ? width : 2, ...classes.map((c) => c + 1));
  const counts = Array.from({ length: most }, () => Array.from({ length: most }, () => 0));
  classes.forEach((actual, e) => counts[actual][classOf(ys.map((y) => y[e]))]++);
  byId("view").replaceChildren();
  const table = element(byId("view"), "table");
  const head = element(table, "tr");
  for (const name of ["actual ↓ named →", ...counts.map((_, c) => nameOf(c))]) element(head, "th", { scope: "col" }, name);
  counts.forEach((row, c) => {
    const line = element(table, "tr");
    const total = row.reduce((a, b) => a + b, 0) || 1;
    element(line, "th", { scope: "row" }, nameOf(c));
    row.forEach((n, other) => {
      const style = `--share: ${Math.round((70 * n) / total)}%`;
      element(line, "td", { class: other === c ? "good" : "bad", style }, n ? String(n) : "·");
    });
  });
}

const TITLES = {
  plane: classes.length ? "Output of the network, and the boundary" : "Output of the network over the plane",
  curve: "Output of the network",
  table: "Which class was taken for which",
  scatter: "Outputs against targets",
};
const KEYS = {
  plane: classes.length ? "" : "Blue is above the middle of the targets, orange below.",
  curve: "Points are the examples.",
  table: `The ${inputs} inputs of an example are no place in a plane, so there is no boundary to draw.`,
  scatter: "Each point is an output for an example; on the line it is its target.",
};

function buildKey() {
  byId("key").textContent = `${KEYS[view]} `;
  for (const c of plot ? [...new Set(classes)].sort((a, b) => a - b) : []) {
    const item = element(byId("key"), "span", { class: "class" });
    element(item, "i", { style: `color: var(${classInk(c)})` }, GLYPHS[shapeOf(c)]);
    item.append(` class ${nameOf(c)}`);
    byId("key").append(" ");
  }
}

function connectView() {
  const point = (event) => {
    const [x, y] = axes.placeOf(event);
    const isInside = x >= left && x <= right && y >= bottom && y <= top_;
    probe = isInside ? [x, y].slice(0, inputs) : null;
    drawPlace();
  };
  plot.onpointermove = plot.onpointerdown = point;
  plot.onpointerleave = (event) => event.pointerType === "mouse" && ((probe = null), drawPlace());
}

// -------------------------------------------------------------------------------------------------------------- the losses

let isLog = false; // whether their scale is logarithmic
let [lowest, highest] = [0, 1]; // heights
let losses = null; // their chart
let marker = null; // the line and the dot of this frame in it
const height = (x) => (isLog ? Math.log10(x) : x);

function buildLosses() {
  const finite = DATA.losses.filter(Number.isFinite);
  const [least, most] = finite.reduce(([a, b], x) => [Math.min(a, x), Math.max(b, x)], [Infinity, -Infinity]);
  isLog = least > 0 && most > 20 * least;
  lowest = isLog ? height(least) : Math.min(0, least);
  highest = Math.max(height(most), lowest + 1e-12);
  byId("falling").textContent = isLog ? "Loss E, on a logarithmic scale" : "Loss E";
  byId("losses").replaceChildren();
  const levels = isLog ? decades() : ticks(lowest, highest, 4);
  const until = Math.max(1, lastEpoch()); // where the axis ends
  const whole = ticks(0, until, 5).filter(Number.isInteger);
  const limits = [0, until, lowest, highest];
  const size = [clamped(byId("losses").clientWidth, 280, 560), 190];
  losses = chart(byId("losses"), size, [10, 12, 30, 56], limits, [whole, levels], height);
  const { svg, inner, up, X, Y } = losses;
  svg.setAttribute("aria-label", `The loss goes from ${written(DATA.losses[0])} to ${written(DATA.losses.at(-1))}`);
  for (const x of epochs.map(X)) element(inner, "line", { x1: x, x2: x, y1: up, y2: up + 4, class: "moment" });
  const every = Math.ceil(DATA.losses.length / 600); // a pixel has room for one
  const course = DATA.losses.map((y, epoch) => [X(epoch), Y(y)]).filter((_, epoch) => epoch % every === 0);
  element(inner, "path", { d: pathOf(course), class: "course" });
  marker = [element(inner, "line", { y1: 0, y2: up, class: "now" }), element(inner, "circle", { r: 6 })];
  const seek = (event) => {
    const [epoch] = losses.placeOf(event);
    moveTo(epochs.reduce((best, each, k) => (Math.abs(each - epoch) < Math.abs(epochs[best] - epoch) ? k : best), 0));
  };
  svg.onpointerdown = (event) => (svg.setPointerCapture(event.pointerId), seek(event));
  svg.onpointermove = (event) => event.buttons && seek(event);
}

function decades() {
  const found = [];
  const step = Math.max(1, Math.ceil((highest - lowest) / 6));
  for (let k = Math.floor(lowest); k <= Math.ceil(highest); k += step) {
    for (const digit of highest - lowest < 2.5 ? [1, 3] : [1]) found.push(digit * 10 ** k);
  }
  return found.filter((x) => height(x) >= lowest && height(x) <= highest);
}

function drawMarker() {
  const [x, y] = [losses.X(epochs[at]), losses.Y(DATA.losses[epochs[at]])];
  for (const [name, to] of [["x1", x], ["x2", x]]) marker[0].setAttribute(name, to);
  for (const [name, to] of [["cx", x], ["cy", y]]) marker[1].setAttribute(name, to);
}
