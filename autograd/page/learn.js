/* The gradient step: every leaf that learns moves against its gradient, w ← w − η · ∂L/∂w, once or ten times. */

const FELL = "{root} fell from {before} to {after}. A step so short that the gradient stays the same falls by η · |∇{root}|² = {promised}.";
const ROSE = "{root} rose from {before} to {after}: the step is too long, the gradient holds only nearby. Try a smaller η.";
const STAYED = "{root} stays {after}: the gradient of every leaf that learns is 0, or too small for this η.";
const FELL_IN = "{root} fell from {before} to {after} in {count} steps.";
const ROSE_IN = "{root} rose from {before} to {after} in {count} steps: they are too long. Try a smaller η.";
const STAYED_IN = "{root} is {after} again after {count} steps.";
const LOST = "After the step {root} is {after}: η is too large. Undo takes the step back.";
const LOST_VALUE = "After the step {root} has no value: η is too large. Undo takes the step back.";
const NO_GRADIENT = "No step is taken: {root} has no value here, hence no gradient.";
const NO_SLOPE_OF = "No step is taken: ∂{root}/∂{leaf} is {grad}, and {leaf} would be no number.";
const OVERFLOW = "No step is taken: {leaf} would be {x}. Try a smaller η.";
const NO_RATE = "η must be a positive number.";
const LEARNS = "{leaf} learns";
const NOBODY = "No leaf learns: choose one.";
const BACK_AGAIN = "{root} is {after} again.";
const WRITTEN = 4; // leaves whose step is written out

const trail = { states: [], marks: [] }; // the states passed through, { loss, numbers }, and how many there were before each click
let isStepping = false; // whether the leaves move by a step, and not by hand
const movable = nodes.filter((node) => node.isLeaf);
const learners = new Set(movable.some(familyOf) ? movable.filter(familyOf) : movable); // where some belong to a module, the inputs do not learn

const learning = makePanel("learn", "Gradient step", updateLearning);
learning.innerHTML = `<div class="field"><label for="eta">η</label><input id="eta" inputmode="decimal" class="number" value="0.1" title="The learning rate">
<button type="button" id="once">Once</button><button type="button" id="tenfold">Ten times</button><button type="button" id="undo" title="Undo; Home undoes all steps">Undo</button></div>
<details><summary>Which leaves learn</summary><fieldset><legend class="unseen">Which leaves learn</legend></fieldset></details>
<p id="learned" aria-live="polite"></p><svg class="plot" viewBox="0 0 340 110" role="img"></svg><div class="formulas" tabindex="0" role="group" aria-label="The next step"></div>`;
for (const leaf of movable) {
  const label = element(learning.querySelector("fieldset"), "label", {});
  const box = element(label, "input", { type: "checkbox", value: leaf.index, "aria-label": fill(LEARNS, { leaf: leaf.name }) });
  label.append(leaf.name);
  box.onchange = () => {
    learners[box.checked ? "add" : "delete"](leaf);
    changed("panels", "learn");
  };
}
byId("once").onclick = () => descend(1);
byId("tenfold").onclick = () => descend(10);
byId("undo").onclick = () => undo(trail.marks.pop());
byId("eta").oninput = () => changed("panels", "learn");
learning.onkeydown = (event) => {
  if (event.key !== "Home" || event.target.matches("input:not([type=checkbox])")) return;
  undo(trail.marks.splice(0)[0]);
  event.preventDefault();
};
for (const id of ["once", "tenfold"]) byId(id).disabled = Boolean(RESTING);
watchers.push((what) => what === "values" && !isStepping && forget()); // moved by hand: another beginning

keep("eta", () => (Number(byId("eta").value) === 0.1 ? null : byId("eta").value.trim()), (text) => {
  byId("eta").value = text ?? "0.1";
  return rate() ? "" : fill(NO_NUMBER, { key: "eta", text });
});
const usual = new Set(learners);
const namesOf = (leaves) => [...leaves].map((leaf) => leaf.name);
keep("learn", () => (movable.every((leaf) => usual.has(leaf) === learners.has(leaf)) ? null : JSON.stringify(namesOf(learners))), (text) => {
  const names = text === null ? namesOf(usual) : namesIn(text);
  learners.clear();
  for (const leaf of movable) if (names.includes(leaf.name)) learners.add(leaf);
  const strange = names.find((name) => !movable.some((leaf) => leaf.name === name));
  return strange === undefined ? "" : fill(NO_LEAF, { name: strange });
});

// The names in a part of the address; what is no list has none.
function namesIn(text) {
  try {
    return [JSON.parse(text)].flat().map(String);
  } catch {
    return [text];
  }
}

// The learning rate, or 0 if what is typed is none.
function rate() {
  const x = Number(byId("eta").value.trim().replace(",", ".") || NaN);
  return x > 0 && Number.isFinite(x) ? x : 0;
}

const stateNow = () => ({ loss: root.data ?? NaN, numbers: movable.map((leaf) => leaf.data) });

function forget() {
  trail.states = [];
  trail.marks = [];
  byId("learned").textContent = "";
}

// Why no step can be taken, or "".
function obstacle(moves) {
  if (!rate()) return NO_RATE;
  if (!learners.size) return NOBODY;
  if (root.data === undefined) return fill(NO_GRADIENT, { root: root.name });
  const sloppy = [...learners].find((leaf) => !Number.isFinite(leaf.grad ?? 0));
  if (sloppy) return fill(NO_SLOPE_OF, { root: root.name, leaf: sloppy.name, grad: short(sloppy.grad) });
  const lost = moves.find(([, x]) => !Number.isFinite(x));
  return lost ? fill(OVERFLOW, { leaf: lost[0].name, x: short(lost[1]) }) : "";
}

const movesNow = () => [...learners].map((leaf) => [leaf, leaf.data - rate() * (leaf.grad ?? 0)]);

function descend(count) {
  const before = root.data;
  const promised = rate() * [...learners].reduce((sum, leaf) => sum + (leaf.grad ?? 0) ** 2, 0);
  if (!trail.states.length) trail.states.push(stateNow());
  trail.marks.push(trail.states.length);
  let [taken, stop] = [0, ""];
  isStepping = true;
  for (; taken < count && !stop; taken++) {
    const moves = movesNow();
    stop = obstacle(moves);
    if (stop) break;
    for (const [leaf, x] of moves) leaf.data = x;
    compute();
    trail.states.push(stateNow());
    if (root.data === undefined) stop = fill(LOST_VALUE, { root: root.name });
    else if (!Number.isFinite(root.data)) stop = fill(LOST, { root: root.name, after: short(root.data) });
  }
  if (taken) setLeaves([...learners].map((leaf) => [leaf, leaf.data]));
  else trail.marks.pop();
  isStepping = false;
  const fields = { root: root.name, before: short(before), after: short(root.data ?? NaN), promised: short(promised), count: taken };
  const [fell, rose, stayed] = taken > 1 ? [FELL_IN, ROSE_IN, STAYED_IN] : [FELL, ROSE, STAYED];
  const outcome = root.data < before ? fell : root.data > before ? rose : stayed;
  byId("learned").textContent = stop || fill(outcome, fields);
  byId("learned").className = stop ? "refused" : "";
  refresh();
}

// Go back to the state that was the last of so many.
function undo(count) {
  if (count === undefined) return;
  trail.states.length = count;
  isStepping = true;
  setLeaves(movable.map((leaf, place) => [leaf, trail.states.at(-1).numbers[place]]));
  isStepping = false;
  byId("learned").className = "";
  byId("learned").textContent = fill(BACK_AGAIN, { root: root.name, after: short(root.data ?? NaN) });
}

// -------------------------------------------------------------------------------------------------------------- what is shown

function updateLearning() {
  attribute(byId("eta"), "aria-invalid", String(!rate()));
  byId("undo").disabled = !trail.marks.length;
  for (const box of learning.querySelectorAll("[type=checkbox]")) box.checked = learners.has(nodes[box.value]);
  drawTrail(learning.querySelector("svg"), trail.states.map(({ loss }) => loss));
  const stop = obstacle(movesNow());
  const steepest = movesNow().sort(([a], [b]) => Math.abs(b.grad ?? 0) - Math.abs(a.grad ?? 0));
  const written = steepest.slice(0, WRITTEN).map(stepOf);
  learning.querySelector(".formulas").innerHTML = stop ? "" : written.join("") + (learners.size > WRITTEN ? "<span>…</span>" : "");
  if (stop && !trail.states.length) [byId("learned").textContent, byId("learned").className] = [stop, "refused"];
}

// w ← w − η · ∂L/∂w, in symbols and in numbers.
function stepOf([leaf, x]) {
  const number = (value) => `<mn>${short(value)}</mn>`;
  const factor = (value) => (value < 0 ? `<mrow><mo stretchy="false">(</mo>${number(value)}<mo stretchy="false">)</mo></mrow>` : number(value));
  const step = (before, eta, gradient) => `${before}<mo>−</mo>${eta}<mo>·</mo>${gradient}`;
  const symbols = `${leaf.mathematics}<mo>←</mo>${step(leaf.mathematics, "<mi>η</mi>", inMathml(leaf.gradient))}`;
  const numbers = `<mo>=</mo>${step(number(leaf.data), number(rate()), factor(leaf.grad ?? 0))}<mo>=</mo>${number(x)}`;
  return `<span>${[symbols, numbers].map((run) => `<math><mrow>${run}</mrow></math>`).join("")}</span>`;
}
