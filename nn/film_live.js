/* Training in the page: makeProgram computes the loss and its gradient, RULE is the step of the optimiser, both printed from Python.
   The frames that are made take the place of the film's in DATA, so that whatever draws those draws these.                     */

const LIVE = DATA.live;
const FILM = { ...DATA }; // the frames of the film
const SIZES = { weights: DATA.size, gradients: DATA.size, activity: neurons.length, deltas: neurons.length }; // of a frame
const ROOM = clamped(Math.floor(4e5 / DATA.size), 60, 400); // frames that are kept; then every second one goes
const PAUSE = 3000; // steps after which training pauses by itself
const BUSY = 20; // milliseconds that the steps of a picture may take
const program = makeProgram(count);
const alone = makeProgram(1); // for one example, whose ∂E/∂z of a neuron is its ∂E/∂b
let memory = []; // of the optimiser, for each number that it keeps an array
let taught = null; // the frames that were made here, while the film is shown
let failure = ""; // why it cannot go on

for (let e = 0; e < count; e++) program.inputs.set(exampleOf(e), (e * program.inputs.length) / count);

function exampleOf(e) {
  const targets = DATA.targets.length / count;
  return [...DATA.X.subarray(e * inputs, (e + 1) * inputs), ...DATA.targets.subarray(e * targets, (e + 1) * targets)];
}

const rate = () => Number((10 ** Number(byId("rate").value)).toPrecision(2));
const steps = () => DATA.losses.length - 1;

// Numbers from 0 to 1, the same for the same seed (mulberry32).
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

// The film's first weights; or others of the same spread, layer by layer, with its first biases.
function startingWeights(isFresh) {
  const weights = Float64Array.from(FILM.weights.subarray(0, DATA.size));
  const random = generator(Number(byId("seed").value));
  for (const column of isFresh ? columns : []) {
    const places = column.neurons.flatMap(({ w }) => w);
    const spread = Math.sqrt((3 * places.reduce((sum, place) => sum + weights[place] ** 2, 0)) / places.length);
    for (const place of places) weights[place] = spread * (2 * random() - 1);
  }
  return weights;
}

function startAgain() {
  const isTraining = Boolean(timer);
  pause();
  memory = LIVE.memory.map((x) => new Float64Array(DATA.size).fill(x));
  Object.assign(DATA, { epochs: [], losses: [], accuracies: [], troubles: [] });
  for (const [name, size] of Object.entries(SIZES)) DATA[name] = new Float32Array(ROOM * size);
  const isFresh = byId("origin").value === "fresh";
  program.parameters.set(startingWeights(isFresh));
  if (!measured()) {
    program.parameters.set(startingWeights(false));
    measured();
  }
  epochs = DATA.epochs;
  keep();
  showFrames();
  if (isTraining) play();
}

// Whether the loss and its gradient are numbers where the weights are; the loss is noted.
function measured() {
  failure = "";
  try {
    const loss = program.run();
    if (Number.isFinite(loss)) DATA.losses.push(loss);
    else failure = `after step ${steps() + 1} the loss is ${written(loss)}`;
  } catch (error) {
    failure = `after step ${steps() + 1}: ${error.message}`;
  }
  return !failure;
}

// One step of the optimiser; the weights stay where the loss is a number.
function learn() {
  const { parameters, gradient } = program;
  const before = parameters.slice();
  const numbers = [rate(), ...LIVE.numbers.slice(1)];
  const constants = RULE.in_step ? RULE.in_step(steps() + 1, ...numbers) : numbers;
  for (let i = 0; i < parameters.length; i++) {
    const [change, ...kept] = RULE.formula(before[i], gradient[i], ...memory.map((each) => each[i]), ...constants);
    parameters[i] -= change;
    kept.forEach((x, k) => (memory[k][i] = x));
  }
  if (measured()) return true;
  parameters.set(before);
  program.run();
  return false;
}

// ---------------------------------------------------------------------------------------------------------------- frames

// Make a frame of what the weights are now.
function keep() {
  if (epochs.length === ROOM) thin();
  const k = epochs.length;
  epochs.push(steps());
  DATA.weights.set(program.parameters, k * DATA.size);
  DATA.gradients.set(program.gradient, k * DATA.size);
  last = at = moments.last = k;
  byId("scrubber").max = k;
  look();
  measure(k);
}

// Let every second frame go.
function thin() {
  const left = epochs.filter((_, k) => k % 2 === 0);
  for (const [name, size] of Object.entries(SIZES)) {
    left.forEach((_, k) => DATA[name].copyWithin(k * size, 2 * k * size, (2 * k + 1) * size));
  }
  DATA.troubles = DATA.troubles.filter((_, k) => k % 2 === 0);
  DATA.epochs = epochs = left;
}

// What the neurons of the frame `at` do over the examples: the root mean squares of their outputs and of ∂E/∂z, and their troubles.
function look() {
  const weights = ofFrame(DATA.weights);
  const meanSquare = (ys) => ys.reduce((sum, y) => sum + y * y, 0) / ys.length;
  let before = columnsOf(DATA.X, count);
  let troubles = "";
  columns.forEach((column, k) => {
    const row = column.rows.length ? OPERATIONS[column.rows[0]] : null;
    before = column.neurons.map((neuron, place) => {
      const z = logitsOf(neuron, weights, before, count);
      const y = row ? z.map((x) => valueOrNaN(row.plain, x)) : z;
      const { number } = neurons.find((each) => each.column === k && each.place === place);
      DATA.activity[at * neurons.length + number] = Math.sqrt(meanSquare(y));
      troubles += row ? troubleOf(row, z, y, LIVE.steepest[k]) : ".";
      return y;
    });
  });
  DATA.troubles[at] = troubles;
  if (FILM.accuracies.length) {
    const right = classes.filter((c, e) => classOf(before.map((y) => y[e])) === c).length;
    DATA.accuracies[steps()] = right / count;
  }
  lookBack();
}

function troubleOf(row, z, y, steepest) {
  const slopes = Array.from(z, (x, e) => row.partials([x], y[e], {})[0]);
  if (!steepest) return slopes.every((slope) => slope === null) ? "d" : ".";
  const flat = slopes.filter((slope) => HEALTH.is_flat(slope ?? 0, slope !== null, steepest)).length;
  return flat >= LIVE.mostly * count ? "s" : ".";
}

function lookBack() {
  const squares = new Float64Array(neurons.length);
  alone.parameters.set(program.parameters);
  for (let e = 0; e < count; e++) {
    alone.inputs.set(exampleOf(e));
    alone.run();
    for (const { number, b } of neurons) squares[number] += alone.gradient[b] ** 2;
  }
  const share = LIVE.isSum ? 1 : 1 / count; // of an example in E
  squares.forEach((x, number) => (DATA.deltas[at * neurons.length + number] = share * Math.sqrt(x / count)));
}

// ----------------------------------------------------------------------------------------------------------- what is shown

// Show the frames that are in DATA, of the film or made here, at `at`.
function showFrames() {
  last = moments.last = epochs.length - 1;
  byId("scrubber").max = last;
  measure(0);
  buildLosses();
  showEnd(moments.grow ? failure : FILM.ended);
  goto(at);
}

// While training plays, called for each picture of the screen.
function grow() {
  const until = performance.now() + BUSY;
  const first = steps();
  for (let k = Number(byId("stride").value); k > 0 && !failure && performance.now() < until; k--) learn();
  if (steps() > first) keep();
  buildLosses();
  if (failure || Math.floor(steps() / PAUSE) > Math.floor(first / PAUSE)) pause();
  if (failure) showEnd(`${failure}. Take a smaller learning rate, and start again`);
  goto(last);
}

// Show the film, or what is trained here.
function choose(isHere) {
  if (isHere === Boolean(moments.grow)) return;
  pause();
  const shown = { at };
  for (const name of ["epochs", "losses", "accuracies", "troubles", ...Object.keys(SIZES)]) shown[name] = DATA[name];
  byId("settings").hidden = !isHere;
  for (const id of ["filmed", "here"]) byId(id).setAttribute("aria-pressed", String((id === "here") === isHere));
  byId("trainer").textContent = isHere ? TRAINER.here : TRAINER.film;
  if (isHere) FILM.at = at;
  else taught = shown;
  moments.grow = isHere ? grow : null;
  if (isHere && !taught) startAgain();
  else {
    const next = isHere ? taught : FILM;
    for (const name of Object.keys(shown)) if (name !== "at") DATA[name] = next[name];
    [epochs, at] = [DATA.epochs, next.at];
    showFrames();
  }
  if (isHere && !failure && !matchMedia("(prefers-reduced-motion: reduce)").matches) play();
}

const TRAINER = {
  film: "The network can train in this page too: from other weights, and as fast as you like.",
  here: `${LIVE.method}, each step on all ${count} examples. Play trains on, pause and the slider look back.`,
};

function connectLive() {
  const slider = byId("rate");
  const usual = Math.log10(LIVE.numbers[0]);
  Object.assign(slider, { min: usual - 2, max: usual + 2, value: usual });
  const showRate = () => {
    byId("eta").textContent = written(rate());
    slider.setAttribute("aria-valuetext", written(rate()));
  };
  slider.oninput = showRate;
  showRate();
  byId("trainer").textContent = TRAINER.film;
  byId("filmed").onclick = () => choose(false);
  byId("here").onclick = () => choose(true);
  byId("again").onclick = startAgain;
  for (const id of ["origin", "seed"]) byId(id).onchange = startAgain;
}
