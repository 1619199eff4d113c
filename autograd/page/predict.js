/* Predict, then reveal: the page begins with nothing computed, and at every step the class says the number before it is shown. */

const PREDICT = "Predict the number of this step, then check or reveal it.";
const NOTHING_TO_ASK = "Nothing is asked at this step. Go on with →.";
const SO_FAR = "{right} right, {shown} revealed.";
const FINISHED = "All is known: {right} right, {shown} revealed.";
const REVEALED = "It is {answer}.";

let shownUpTo = Infinity; // the last step whose numbers are shown; while nothing is predicted, all of them
const tally = { right: 0, shown: 0 };

const predicting = makePanel("predict", "Predict", updatePrediction);
predicting.innerHTML = `<p class="about"></p><div class="field asked"><label for="prediction"></label><input id="prediction" class="number" autocomplete="off">
<button type="button" id="check">Check</button><button type="button" id="reveal">Reveal</button></div>
<p id="verdict" aria-live="polite"></p><div class="field"><button type="button" id="onward">Next step</button><button type="button" id="again">Start over</button></div><p class="tally"></p>`;
byId("check").onclick = () => byId("prediction").value.trim() && predict(byId("prediction").value);
byId("prediction").onkeydown = (event) => event.key === "Enter" && (isAsked() ? byId("check") : byId("onward")).click();
byId("reveal").onclick = () => isAsked() && settleQuestion("shown", fill(REVEALED, { answer: short(answerNow()) }));
byId("onward").onclick = () => {
  moveTo(at + 1);
  byId("prediction").focus();
};
byId("again").onclick = beginPrediction;

watchers.push((what, which) => {
  const isOn = isOpen("predict");
  if (isOn && shownUpTo === Infinity) beginPrediction();
  else if (!isOn && shownUpTo !== Infinity) giveUp();
  if (what !== "step" || !isOn) return;
  if (at > shownUpTo + 1) return moveTo(shownUpTo + 1);
  if (at === shownUpTo + 1 && !questionOf(steps[at])) pass();
  byId("prediction").value = byId("verdict").textContent = "";
});

keep("predict", () => (shownUpTo === Infinity ? null : String(shownUpTo)), (text) => {
  if (text === null) return isOpen("predict") && beginPrediction();
  if (!/^\d+$/.test(text)) return fill(NO_NUMBER, { key: "predict", text });
  shownUpTo = clamped(Number(text), 1, moments.last);
  return show();
});

usualStep = () => (shownUpTo === Infinity ? moments.last : 0);

function beginPrediction() {
  shownUpTo = 1; // the beginning and the leaves are given
  Object.assign(tally, { right: 0, shown: 0 });
  moveTo(0);
}

function giveUp() {
  shownUpTo = Infinity;
  show();
}

// A step without a question is known as soon as it is reached.
function pass() {
  shownUpTo = at;
  show();
}

// What a step asks for, [kind, node, slot]; nothing of many nodes at once.
function questionOf(step) {
  if (step.kind === "forward" && step.nodes.length === 1) return ["data", nodes[step.nodes[0]], 0];
  if (step.kind === "seed") return ["adjoint", root, 0];
  if (step.kind === "backward" && step.edges.length === 1) return ["contribution", nodes[step.edges[0][0]], step.edges[0][1]];
  return null;
}

const isAsked = () => shownUpTo < at && questionOf(steps[at]) !== null && root.data !== undefined;

function answerNow() {
  const [kind, node, slot] = questionOf(steps[at]);
  return QUANTITIES[kind][1](node, slot);
}

function predict(text) {
  const words = judged(text, { answer: answerNow(), mistakes: mistakesOf(...questionOf(steps[at])) });
  if (words === ANSWERS.right) return settleQuestion("right", `✓ ${words}`);
  [byId("verdict").textContent, byId("verdict").className] = [`✗ ${words}`, "wrong"];
}

function settleQuestion(how, words) {
  shownUpTo = at;
  tally[how] += 1;
  show();
  updatePrediction();
  [byId("verdict").textContent, byId("verdict").className] = [words, how];
  changed("panels", "predict");
}

// --------------------------------------------------------------------------------------------- what is hidden until it is known

// When a number is known: a local derivative only as it is used.
const since = (kind, node, slot) => (kind === "partial" ? node.steps[slot] : QUANTITIES[kind][0](node, slot));
const isCovered = (kind, node, slot) => {
  if (shownUpTo === Infinity || kind === "before") return false;
  if (kind === "grad") return node.arrivals.some(({ place }) => place <= at && place > shownUpTo) || (node === root && node.begun > shownUpTo);
  return since(kind, node, slot) > shownUpTo;
};

const uncoveredCell = cell;
cell = (kind, node, slot = 0) => {
  if (!isCovered(kind, node, slot)) return uncoveredCell(kind, node, slot);
  return { text: since(kind, node, slot) <= at ? "?" : "", tone: "unknown" };
};

const statedInFull = stated;
stated = (step) => {
  const place = steps.indexOf(step);
  if (place <= shownUpTo || !questionOf(step)) return statedInFull(step);
  return { words: PREDICT, formula: [[...sidesAsked(step), "?"]] };
};

// The sides of a step's formula that do not give it away.
function sidesAsked(step) {
  const [sides] = step.formula;
  return step.kind === "forward" ? sides.slice(0, 2) : sides.slice(0, 1);
}

function updatePrediction() {
  const isOver = shownUpTo >= moments.last;
  predicting.querySelector(".about").textContent = isAsked() ? PREDICT : isOver ? "" : NOTHING_TO_ASK;
  predicting.querySelector(".asked").hidden = !isAsked();
  if (isAsked()) {
    const sides = sidesAsked(steps[at]);
    byId("prediction").previousElementSibling.innerHTML = `${typeset([sides])} =`;
    byId("prediction").setAttribute("aria-label", sides.map((side) => written(side)).join(" = "));
  }
  byId("onward").disabled = at === moments.last || isAsked();
  predicting.querySelector(".tally").textContent = fill(isOver ? FINISHED : SO_FAR, tally);
}
