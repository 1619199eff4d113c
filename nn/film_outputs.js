/* What the network of the film outputs in the frame `at`. DATA comes from film.py: weights and gradients of each frame, and what
   Python saw. Outputs are computed here, from the weights and OPERATIONS; where that is impossible, DATA.field has them on a grid. */

const floats = (text) => new Float32Array(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
const packed = ["X", "targets", "weights", "gradients", "activity", "deltas", "outputs", "field"];
for (const name of packed) DATA[name] = floats(DATA[name]);

const { view, names, columns, width, classes } = DATA;
let { epochs } = DATA; // of the frames
let last = (moments.last = epochs.length - 1);
const inputs = names.length;
const count = DATA.X.length / inputs;
const several = width > 1;
const isPlane = view === "plane";
const hasField = isPlane || view === "curve";
const neurons = columns.flatMap((column, k) => column.neurons.map((neuron, place) => ({ ...neuron, column: k, place })));
neurons.forEach((neuron, number) => (neuron.number = number)); // its place in DATA.activity, DATA.deltas and DATA.troubles

let isBackward = false; // whether the edges show gradients instead of weights
let lit = null; // the neuron that is looked at
let isHeld = false; // whether it stays so when the pointer leaves
let probe = null; // the place of the plane or the line that is pointed at

const written = (x) => short(x).replace("inf", "∞");
const nameOf = (c) => DATA.called[c] ?? short(c);
const percent = (x) => `${Number((100 * x).toFixed(1))} %`;
const titleOf = ({ column, place, name }) => (column < columns.length - 1 ? name : several ? `output ${place}` : "the output");
const largest = (ys) => ys.reduce((most, y) => (Number.isFinite(y) && Math.abs(y) > most ? Math.abs(y) : most), 0) || 1;

const ofFrame = (of, size = DATA.size) => of.subarray(at * size, (at + 1) * size);

// The activations of every neuron at each of these places: by column of neurons, then by neuron.
function activations(places) {
  const weights = ofFrame(DATA.weights);
  const n = places.length / inputs;
  let before = columnsOf(places, n);
  return columns.map((column) => {
    const rows = column.rows.map((name) => OPERATIONS[name].plain);
    const made = column.neurons.map((neuron) => {
      const y = logitsOf(neuron, weights, before, n);
      for (const row of rows) for (let p = 0; p < n; p++) y[p] = valueOrNaN(row, y[p]);
      return y;
    });
    before = made;
    return made;
  });
}

function logitsOf({ w, b }, weights, before, n) {
  const z = new Float64Array(n).fill(weights[b]);
  w.forEach((place, i) => {
    const [factor, x] = [weights[place], before[i]];
    for (let p = 0; p < n; p++) z[p] += factor * x[p];
  });
  return z;
}

const columnsOf = (places, n) => names.map((_, i) => Float64Array.from({ length: n }, (__, p) => places[p * inputs + i]));

function valueOrNaN(value, x) {
  try {
    return Number(value(x));
  } catch {
    return NaN;
  }
}

// What Python computed for this frame at n places: by output.
function recorded(of, n) {
  const all = ofFrame(of, n * width);
  return Array.from({ length: width }, (_, c) => all.filter((_, place) => place % width === c));
}

const [left, right, bottom, top_] = DATA.limits;
const shape = isPlane ? clamped((right - left) / (top_ - bottom), 0.8, 2) : 1.5; // width by height
const across = !DATA.computed ? DATA.across : isPlane ? 64 : 160; // places of the grid along each side
const up = !isPlane ? 1 : DATA.computed ? Math.round(across / shape) : DATA.across;
const grid = [];
for (let j = 0; j < up; j++) {
  for (let i = 0; i < across; i++) {
    grid.push(left + ((right - left) * (i + 0.5)) / across);
    if (isPlane) grid.push(bottom + ((top_ - bottom) * (j + 0.5)) / up);
  }
}

let maps = null; // the activations over the grid in this frame, if they are computed here
let surface = null; // the outputs over the grid

function compute() {
  if (!hasField) return;
  maps = DATA.computed ? activations(grid) : null;
  surface = maps ? maps.at(-1) : recorded(DATA.field, across * up);
}

const mapOf = ({ column, place }) => maps[column][place];
const isInner = () => Boolean(lit && maps && (several || lit.column < columns.length - 1)); // a neuron, and not all of the output
const answers = () => (DATA.computed ? activations(DATA.X).at(-1) : recorded(DATA.outputs, count)); // for each example

// The activations at one place, by column; where the page computes none, the outputs at the nearest place of the grid.
function outputsAt(place) {
  if (DATA.computed) return activations(place).map((column) => column.map((y) => y[0]));
  const nearest = (x, low, high, n) => clamped(Math.floor(((x - low) / (high - low)) * n), 0, n - 1);
  const j = isPlane ? nearest(place[1], bottom, top_, up) : 0;
  return [surface.map((y) => y[j * across + nearest(place[0], left, right, across)])];
}

const classOf = (ys) => (several ? ys.indexOf(Math.max(...ys)) : Number(ys[0] > DATA.threshold));

// How far the outputs over the grid are on the side of class c; 0 on the boundary.
function margins(c) {
  if (!several) return surface[0].map((y) => y - DATA.middle);
  return surface[c].map((y, p) => y - Math.max(...surface.filter((_, other) => other !== c).map((other) => other[p])));
}
