/* The worksheet: the quiz without its key. The page has the numbers that the picture shows and no others, so it judges nothing;
   what is typed can be copied as a list, for `Quiz.check`, or printed. */

const SHEET = DATA.worksheet;
const BLANKS = new Map(SHEET.questions.map(({ place }, index) => [place.join(" "), index + 1]));
const GIVEN = new Map(SHEET.given.map(([place, x]) => [place.join(" "), x]));
const KIND_OF = { grad: "adjoint", before: "adjoint", after: "adjoint" };
const ANSWER = "Answer {number}: {asked}";
const COPY_DONE = "Copied: a list of answers, in their order.";

cell = (kind, node, slot = 0) => {
  const place = `${KIND_OF[kind] || kind} ${node.index} ${slot}`;
  if (BLANKS.has(place)) return { text: `[${BLANKS.get(place)}]`, tone: "unknown" };
  if (!GIVEN.has(place)) return { text: "?", tone: "unknown" };
  const x = GIVEN.get(place);
  return x === null ? { text: "0", tone: "" } : { text: short(real(x)), tone: tone(real(x)) };
};
say = () => {}; // the sentences have numbers that are asked for
at = moments.last;
document.removeEventListener("keydown", onKey); // there is one step, the last
delete window.autograd;
for (const node of nodes) {
  const given = (kind, slot) => GIVEN.get(`${kind} ${node.index} ${slot}`);
  node.grad = UNREACHED;
  node.operands.forEach((_, slot) => {
    node.partials[slot] = given("partial", slot) === null ? CLOSED : 0;
    node.flows[slot] = real(given("contribution", slot) ?? 0);
  });
}

const sheet = document.createElement("section");
sheet.className = "quiz";
sheet.setAttribute("aria-label", "Questions");
sheet.innerHTML = `<ol></ol><p class="handing"><button type="button">Copy answers</button> <span aria-live="polite"></span></p>`;
for (const [index, { asked, html: label }] of SHEET.questions.entries()) {
  const item = element(sheet.querySelector("ol"), "li");
  item.innerHTML = `<div class="blank"><label for="answer${index + 1}">${label}</label><span class="equals">=</span>
<input type="text" id="answer${index + 1}" autocomplete="off" class="number"></div>`;
  item.querySelector("input").setAttribute("aria-label", fill(ANSWER, { number: index + 1, asked }));
}
sheet.querySelector("button").onclick = async () => {
  const text = document.createElement("textarea");
  text.value = JSON.stringify([...sheet.querySelectorAll("input")].map(({ value }) => value.trim()));
  sheet.append(text);
  text.select();
  const isCopied = document.execCommand("copy") || (await navigator.clipboard?.writeText(text.value).then(() => true, () => false));
  sheet.querySelector("span[aria-live]").textContent = isCopied ? COPY_DONE : text.value;
  text.remove();
};
document.querySelector(".stage").after(sheet);
const [wide, high] = usualSize;
document.body.classList.toggle("below", wide > 1.6 * high); // a broad picture has the questions below it
drawNumbers();
lookFirst();
