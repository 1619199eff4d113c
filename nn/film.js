/* The training film: moves through its frames, and draws each. `film_outputs.js` computes what the network outputs, `film_views.js`
   draws that and the losses, `film_network.js` the neurons.                                                                  */

const lastEpoch = () => epochs[last];
const accuracy = () => DATA.accuracies[epochs[at]];

function spoken() {
  const right = DATA.accuracies.length ? `, accuracy ${percent(accuracy())}` : "";
  return `epoch ${epochs[at]} of ${lastEpoch()}: loss ${written(DATA.losses[epochs[at]])}${right}`;
}

function show() {
  compute();
  draw();
}

function draw() {
  const epoch = epochs[at];
  byId("scrubber").setAttribute("aria-valuetext", `epoch ${epoch}`);
  byId("epoch").textContent = epoch;
  byId("epochs").textContent = lastEpoch();
  byId("loss").textContent = written(DATA.losses[epoch]);
  if (DATA.accuracies.length) byId("accuracy").textContent = percent(accuracy());
  byId("shown").textContent = isInner() ? `Output of ${titleOf(lit)}` : TITLES[view];
  drawView();
  drawPlace();
  drawNetwork();
  drawMarker();
  if (!timer) announce(spoken());
}

// The text below the view: the outputs at the place that is pointed at.
function drawPlace() {
  if (!probe) {
    byId("place").textContent = hasField ? "Point at a place to read the network's output there." : "";
    return;
  }
  const layers = outputsAt(probe);
  const ys = layers.at(-1);
  const where = probe.map((x, i) => `${names[i]} = ${written(x)}`).join(", ");
  const outputs = several ? `outputs ${ys.map(written).join(", ")}` : `output ${written(ys[0])}`;
  const named = classes.length ? `, class ${nameOf(classOf(ys))}` : "";
  const inner = isInner() ? `; this neuron outputs ${written(layers[lit.column][lit.place])}` : "";
  byId("place").textContent = `${where}: ${outputs}${named}${inner}`;
}

function light(neuron, held) {
  [lit, isHeld] = [neuron, held];
  draw();
}

function showEnd(reason) {
  byId("ended").hidden = !reason;
  byId("ended").textContent = `Training ended early: ${reason}`;
}

let room = ""; // the widths for which the drawings were built
let isBegun = false;

// Build the drawings for the room that they have. A hidden page has none, and waits for some.
function fit() {
  const sizes = [plot || byId("view"), byId("network"), byId("losses")].map((holder) => holder.clientWidth);
  if (room && (!sizes[2] || String(sizes) === room)) return;
  room = String(sizes);
  buildView();
  buildNetwork();
  buildLosses();
  draw();
}

// Play, once, when the page is seen for the first time.
function begin() {
  if (isBegun || !byId("losses").clientWidth) return;
  isBegun = true;
  if (!matchMedia("(prefers-reduced-motion: reduce), print").matches) play();
}

function connect() {
  connectMoments({
    arrive: show,
    pace: () => clamped(9000 / epochs.length, 120, 500),
    label: (word) => {
      byId("sign").setAttribute("d", SIGNS[word]);
      if (word === "Play") announce(spoken());
    },
    keys: { Escape: () => light(null, false) },
    print: repaint,
  });
  for (const button of [byId("forward"), byId("backward")]) {
    button.onclick = () => {
      isBackward = button.id === "backward";
      for (const each of [byId("forward"), byId("backward")]) each.setAttribute("aria-pressed", String(each === button));
      draw();
    };
  }
  connectNetwork();
  if (hasField) connectView();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  const observer = new ResizeObserver(() => requestAnimationFrame(() => (fit(), begin()))); // later: it changes the layout
  for (const id of ["view", "losses"]) observer.observe(byId(id));
}

function repaint() {
  readColours();
  draw();
}

byId("right").hidden = !DATA.accuracies.length;
showEnd(DATA.ended);
readColours();
compute();
fit();
buildKey();
connect();
if (DATA.live) connectLive();
