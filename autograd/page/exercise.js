/* Exercises without end: other numbers for the leaves, one number of the graph hidden, an answer that is judged, a score.

   The leaves get small round numbers at which every operation has a value and none is near a kink, and of many such choices the one
   whose numbers have the fewest digits. The answer is what the page computes. Closing the tool gives the leaves their numbers back. */

const ASK = "The leaves have new numbers. What is hidden?";
const SCORE = "{right} of {count} right.";
const SHOW = "It is {answer}.";
const EXERCISE = "An exercise is open: nothing is said of the steps until it is closed.";
const TRIES = 120; // choices of numbers
const ENOUGH = 24; // good ones among them, of which the plainest is taken
const PATIENCE = 150; // milliseconds for all of them
const NEAR_KINK = 0.05; // how far from a kink a node must be

let exercise = null; // { kind, node, slot, hidden, isOver }
let chance = mulberry(Date.now());
const score = { right: 0, count: 0 };
const beforehand = new Map(); // the leaves as they were when the tool was opened

const exercising = makePanel("exercise", "Exercises", updateExercise);
exercising.innerHTML = `<p class="about"></p><div class="field"><label for="solution"></label><input id="solution" class="number" autocomplete="off">
<button type="button" id="judge">Check</button><button type="button" id="solve">Show</button></div>
<p id="judgement" aria-live="polite"></p><div class="formulas" tabindex="0" role="group" aria-label="How it comes to be"></div>
<div class="field"><button type="button" id="fresh">Next exercise</button></div><p class="score"></p>`;
byId("judge").onclick = () => byId("solution").value.trim() && !exercise.isOver && judgeExercise(byId("solution").value);
byId("solution").onkeydown = (event) => event.key === "Enter" && byId(exercise.isOver ? "fresh" : "judge").click();
byId("solve").onclick = () => finish("shown", fill(SHOW, { answer: short(solution()) }));
byId("fresh").onclick = () => {
  newExercise();
  byId("solution").focus();
};

watchers.push((what) => {
  if (what !== "panels") return;
  if (isOpen("exercise") && !exercise && !RESTING) {
    for (const leaf of movable) beforehand.set(leaf, leaf.data);
    newExercise();
  } else if (!isOpen("exercise") && exercise) {
    exercise = null;
    setLeaves([...beforehand]);
  }
});

// Random numbers from 0 to 1, the same for the same seed.
function mulberry(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const oneOf = (list) => list[Math.floor(chance() * list.length)];

// A round number of the size of the recorded one.
function roundNumber(leaf) {
  const size = Number.isFinite(leaf.recorded) && leaf.recorded ? 10 ** Math.floor(Math.log10(Math.abs(leaf.recorded))) : 1;
  const sign = chance() < 0.7 ? Math.sign(leaf.recorded) || 1 : -1;
  return Number((sign * size * oneOf([1, 2, 3, 4, 5, 0.5, 1.5])).toPrecision(3));
}

// Whether every number is finite, and no operation at a kink or near one.
const isOrdinary = (node) => Number.isFinite(node.data) && Number.isFinite(node.grad ?? 0);
const isPlain = () => root.data !== undefined && nodes.every((node) => isOrdinary(node) && nearestKink(node).distance > NEAR_KINK);

const digits = () => nodes.reduce((sum, node) => sum + short(node.data).length + short(node.grad ?? 0).length, 0);

function chooseNumbers() {
  let [best, least, found] = [movable.map((leaf) => leaf.recorded), Infinity, 0];
  const begun = performance.now();
  for (let i = 0; i < TRIES && found < ENOUGH && !(found && performance.now() - begun > PATIENCE); i++) {
    const isKept = i / TRIES; // more and more leaves keep their number, where others lead outside a domain
    for (const leaf of movable) leaf.data = chance() < isKept ? leaf.recorded : roundNumber(leaf);
    forward();
    backward();
    if (!isPlain()) continue;
    found += 1;
    if (digits() < least) [best, least] = [movable.map((leaf) => leaf.data), digits()];
  }
  setLeaves(movable.map((leaf, place) => [leaf, best[place]]));
}

// All that can be asked for: every number but those of the leaves and the seed.
function everything() {
  const made = nodes.filter((node) => !node.isLeaf);
  const edges = made.flatMap((node) => node.operands.map((_, slot) => [node, slot]));
  return [
    ...made.map((node) => ["data", node, 0]),
    ...nodes.filter((node) => node !== root).map((node) => ["adjoint", node, 0]),
    ...edges.flatMap((edge) => [["partial", ...edge], ["contribution", ...edge]]),
  ];
}

const placeOf = (kind, node, slot = 0) => `${kind} ${node.index} ${slot}`;

// What is hidden with a number, since it would give it away: as `autograd.show.questions` has it.
function hiddenWith([kind, node, slot]) {
  const own = node.operands.map((_, place) => placeOf("contribution", node, place));
  if (kind === "data") return everything().filter(([other]) => other !== "data").map((each) => placeOf(...each));
  if (kind === "adjoint") return [...own, ...node.users.map(([user, place]) => placeOf("contribution", user, place))];
  return [kind === "partial" ? placeOf("contribution", node, slot) : placeOf("adjoint", node.operands[slot])];
}

function newExercise() {
  exercise = null;
  chooseNumbers();
  const kind = oneOf(["data", "adjoint", "adjoint", "partial", "contribution"]);
  const asked = everything().filter(([other]) => other === kind);
  const [, node, slot] = oneOf(asked.length ? asked : [["adjoint", root, 0]]);
  exercise = { kind, node, slot, hidden: new Set([placeOf(kind, node, slot), ...hiddenWith([kind, node, slot])]), isOver: false };
  for (const id of ["solution", "judgement"]) byId(id).value = byId(id).textContent = "";
  exercising.querySelector(".formulas").innerHTML = "";
  moveTo(moments.last);
  updateExercise();
}

const solution = () => QUANTITIES[exercise.kind][1](exercise.node, exercise.slot);

function judgeExercise(text) {
  const { kind, node, slot } = exercise;
  const words = judged(text, { answer: solution(), mistakes: mistakesOf(kind, node, slot) });
  if (words === ANSWERS.right) return finish("right", `✓ ${words}`);
  [byId("judgement").textContent, byId("judgement").className] = [`✗ ${words}`, "wrong"];
}

function finish(how, words) {
  if (exercise.isOver) return;
  const { kind, node, slot } = exercise;
  exercise.isOver = true;
  score.count += 1;
  if (how === "right") score.right += 1;
  [byId("judgement").textContent, byId("judgement").className] = [words, how];
  const step = steps[kind === "data" ? node.step : node.steps[slot]];
  const formula = kind === "adjoint" ? sumOverUsers(node) : statedInFull(step).formula;
  exercising.querySelector(".formulas").innerHTML = typeset(formula);
  show();
  updateExercise();
}

// ---------------------------------------------------------------------------------------------- what is shown, and what is not

const COVERS = { grad: "adjoint", before: "adjoint", after: "adjoint" };
const cellWithout = cell;
cell = (kind, node, slot = 0) => {
  const place = placeOf(COVERS[kind] || kind, node, slot);
  if (!exercise || exercise.isOver || !exercise.hidden.has(place)) return cellWithout(kind, node, slot);
  return { text: place === placeOf(exercise.kind, exercise.node, exercise.slot) ? "[?]" : "?", tone: "unknown" };
};

const statedWithout = stated;
stated = (step) => (exercise && !exercise.isOver ? { words: EXERCISE, formula: [] } : statedWithout(step));

// What is asked for, in symbols: as MathML and as text.
function askedFor() {
  const { kind, node, slot } = exercise;
  if (kind === "data") return [node.mathematics, node.name];
  if (kind === "adjoint") return [inMathml(node.gradient), written(node.gradient)];
  const side = ({ mathematics, name, operandName }) => `<mrow><mi>∂</mi>${name === operandName ? mathematics : `<mtext>${html(operandName)}</mtext>`}</mrow>`;
  const slope = `<mfrac>${side(node)}${side(node.operands[slot])}</mfrac>`;
  if (kind === "partial") return [slope, slopeOf(node, slot)];
  return [`${inMathml(node.gradient)}<mo>·</mo>${slope}`, `${written(node.gradient)} · ${slopeOf(node, slot)}`];
}

function updateExercise() {
  exercising.querySelector(".about").textContent = RESTING || ASK;
  if (!exercise) return;
  const [mathematics, text] = askedFor();
  byId("solution").previousElementSibling.innerHTML = `<math><mrow>${mathematics}</mrow></math> =`;
  byId("solution").setAttribute("aria-label", text);
  byId("solution").readOnly = exercise.isOver;
  for (const id of ["judge", "solve"]) byId(id).disabled = exercise.isOver;
  exercising.querySelector(".score").textContent = score.count ? fill(SCORE, score) : "";
}
