/* The quiz: blanks in the picture, a panel with the questions, and answers judged by the rules that came from Python.

   For teachers and tests, window.quiz is its own interface; questions are counted from 1.

     answer(i, text)  type an answer: its feedback          hint(i)   the next hint
     reveal(i)        give the answer away                  state     { right, total, revealed, given } as they are now   */

const QUIZ = DATA.quiz;
const questions = QUIZ.questions.map((given, index) => ({ ...given, number: index + 1, answer: real(given.answer), hinted: 0, state: "open" }));
const blanks = new Map(questions.map((question) => [question.place.join(" "), question]));
const hidden = new Set(QUIZ.hidden.map((place) => place.join(" ")));
const isOver = () => questions.every((question) => question.state !== "open");

// The text of a blank: its number in brackets until it is solved; a question mark where a number would give one away.
const KIND = { grad: "adjoint", before: "adjoint", after: "adjoint" };
const uncovered = cell;
cell = (kind, node, slot = 0) => {
  const place = `${KIND[kind] || kind} ${node.index} ${slot}`;
  const question = blanks.get(place);
  if (question ? question.state !== "open" : !hidden.has(place) || isOver()) return uncovered(kind, node, slot);
  return { text: question ? `[${question.number}]` : "?", tone: "unknown" };
};

// Closed gates whose local derivative is not to be seen: a dashed edge would give away that it is 0.
const gates = QUIZ.hidden
  .filter(([kind, index, slot]) => kind === "partial" && nodes[index].partials[slot] === CLOSED)
  .map(([, index, slot]) => [nodes[index], slot]);

// ---------------------------------------------------------------------------------------------------------------- panel

const panel = document.createElement("section");
panel.className = "quiz";
panel.setAttribute("aria-label", "Questions");
panel.innerHTML = `<p class="score" aria-live="polite"></p><ol></ol>
<details class="key"><summary>Answer key</summary><ol></ol></details>`;

function drawPanel() {
  document.querySelector(".stage").after(panel);
  const list = panel.querySelector("ol");
  for (const question of questions) list.append(drawQuestion(question));
  for (const question of questions) {
    const line = document.createElement("li");
    line.innerHTML = question.key;
    panel.querySelector(".key ol").append(line);
  }
}

function drawQuestion(question) {
  const item = document.createElement("li");
  item.innerHTML = `<div class="blank"><label></label><span class="equals">=</span><input type="text" autocomplete="off" class="number">
<span class="buttons"><button type="button" class="check">Check</button><button type="button" class="hint">Hint</button>
<button type="button" class="reveal">Show</button></span></div>
<p class="feedback" aria-live="polite"></p><ul class="hints"></ul>`;
  Object.assign(question, { item, input: item.querySelector("input") });
  const label = item.querySelector("label");
  label.innerHTML = question.html;
  label.htmlFor = question.input.id = `answer${question.number}`;
  question.input.setAttribute("aria-label", `Question ${question.number}: ${question.asked}`);
  const check = () => question.state === "open" && question.input.value.trim() && answer(question, question.input.value);
  item.querySelector(".check").onclick = check; // no form: a notebook's frame lets none be sent
  question.input.onkeydown = (event) => event.key === "Enter" && check();
  item.querySelector(".hint").onclick = () => hint(question);
  item.querySelector(".hint").disabled = !question.hints.length;
  item.querySelector(".reveal").onclick = () => reveal(question);
  item.addEventListener("focusin", () => pointOut(question));
  item.onpointerenter = () => pointOut(question);
  return item;
}

function answer(question, text) {
  const words = judged(text, question);
  const isRight = words === ANSWERS.right;
  question.given = text;
  tell(question, isRight ? "right" : "wrong", words);
  if (isRight) solve(question, "right");
  return words;
}

function hint(question) {
  const line = document.createElement("li");
  if (question.hinted === question.hints.length) return "";
  const [text, inHtml] = question.hints[question.hinted];
  line.innerHTML = inHtml;
  question.item.querySelector(".hints").append(line);
  question.hinted += 1;
  question.item.querySelector(".hint").disabled = question.hinted === question.hints.length;
  return text;
}

function reveal(question) {
  if (question.state !== "open") return;
  tell(question, "shown", "shown");
  solve(question, "shown");
}

function tell(question, look, words) {
  const feedback = question.item.querySelector(".feedback");
  feedback.textContent = look === "right" ? `✓ ${words}` : look === "wrong" ? `✗ ${words}` : words;
  feedback.className = `feedback ${look}`;
}

// The number takes the place of the blank, and the next question is at hand.
function solve(question, state) {
  question.state = state;
  question.item.classList.add("solved");
  if (state === "shown") question.input.value = short(question.answer);
  question.input.readOnly = true;
  const isHere = panel.contains(document.activeElement); // a button that is disabled loses the focus
  for (const button of question.item.querySelectorAll("button")) button.disabled = true;
  if (isOver()) for (const [node, slot] of gates) node.partials[slot] = CLOSED;
  drawNumbers();
  drawScore();
  const next = questions.find((other) => other.state === "open" && other.number > question.number) || questions.find((other) => other.state === "open");
  if (next && isHere) next.input.focus();
}

function drawScore() {
  const right = questions.filter((question) => question.state === "right").length;
  const template = isOver() ? "{right} of {count} right; the picture is complete" : "{right} of {count} right";
  panel.querySelector(".score").textContent = fill(template, { right, count: questions.length });
}

// Show where in the picture the question is.
function pointOut({ place, item }) {
  const [kind, index, slot] = place;
  const isEdge = kind === "partial" || kind === "contribution";
  const edge = plan.arrows.find(({ edges }) => edges.some(([node, other]) => node.index === index && other === slot));
  const card = shapeOf(isEdge ? nodes[index].operands[slot] : nodes[index]);
  wear("asked", [isEdge ? edge : card]);
  focal = card;
  if (item.contains(document.activeElement)) follow();
}

// ------------------------------------------------------------------------------------------------------------- beginning

document.removeEventListener("keydown", onKey); // there is one step, the last
at = steps.length - 1;
for (const [node, slot] of gates) node.partials[slot] = 0;
drawPanel();
drawNumbers();
drawScore();
const [breadth, depth] = usualSize;
document.body.classList.toggle("below", breadth > 1.6 * depth); // a broad picture has the questions below it
lookFirst();

window.quiz = {
  answer: (i, text) => ((questions[i - 1].input.value = text), answer(questions[i - 1], text)),
  hint: (i) => hint(questions[i - 1]),
  reveal: (i) => reveal(questions[i - 1]),
  get state() {
    const count = (state) => questions.filter((question) => question.state === state).length;
    return { right: count("right"), total: questions.length, revealed: count("shown"), given: questions.map(({ given }) => given ?? "") };
  },
};
