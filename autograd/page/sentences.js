/* Sentences and formulas: templates that came with the page, filled in with the numbers that the graph has now.

   `formulas.py` has the form of templates and fields. A formula is statements, a statement the sides between equals signs, a side
   a field.                                                                                                           */

// Name the edge in the numbers of a step that leave it out.
function complete(part, [index, slot]) {
  if (!Array.isArray(part)) return;
  if (part.length === 1 && typeof part[0] === "string") part.push(index, part[0] === "adjoint" ? 0 : slot);
  else for (const inside of part) complete(inside, [index, slot]);
}

const numberOf = ([kind, index, slot = 0]) => cell(kind, nodes[index], slot);
const hole = (kind, node, slot = 0) => [kind, node.index, slot];
const templateOf = ([place]) => DATA.templates[place];

const fillWith = (template, fields, write) => template.replace(/\{(\d+)([!^]?)\}/g, (_, place, guard) => write(fields[place], guard));

const RAISED = Object.fromEntries([..."0123456789−"].map((sign, place) => [sign, "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"[place]]));

// A field as text; a negative number may need brackets, and an exponent is raised if it is a whole number.
function written(field, guard = "") {
  if (typeof field === "string") return field;
  if (typeof field === "number") return nodes[field].name;
  if (field.of) return field.of.map((each) => written(each)).join(field.sign);
  if (typeof field[0] === "number") return fillWith(templateOf(field)[0], field.slice(1), written);
  const text = numberOf(field).text || "…";
  if (guard === "^" && /^[\d−]+$/.test(text)) return [...text].map((sign) => RAISED[sign]).join("");
  const before = guard === "^" ? "^" : "";
  return before + (guard && text.startsWith(MINUS) ? `(${text})` : text);
}

const filled = (formula) => formula.map((sides) => sides.map((side) => written(side)).join(" = ")).join(", ");

// A field as MathML, in runs between which a line may be broken.
function runsOf(field, guard = "") {
  if (typeof field === "string") return [`<mtext>${field}</mtext>`];
  if (typeof field === "number") return [nodes[field].mathematics];
  if (field.of) return field.of.map((each, place) => (place ? '<mo form="infix">+</mo>' : "") + inMathml(each));
  if (typeof field[0] === "number") return templateOf(field).slice(1).map((run) => fillWith(run, field.slice(1), inMathml));
  const { text, tone } = numberOf(field);
  const number = `<mn class="${tone}">${text || "…"}</mn>`;
  const [opening, closing] = ["(", ")"].map((sign) => `<mo stretchy="false">${sign}</mo>`);
  return [guard && text.startsWith(MINUS) ? `<mrow>${opening}${number}${closing}</mrow>` : number];
}

const inMathml = (field, guard) => runsOf(field, guard).join("");

// A formula as HTML, its statements apart.
function typeset(formula) {
  const math = (run) => `<math><mrow>${run}</mrow></math>`;
  const statements = formula.map((sides, place) => {
    const runs = sides.flatMap((side, index) => runsOf(side).map((run, start) => (index && !start ? "<mo>=</mo>" : "") + run));
    if (place < formula.length - 1) runs.push(`${runs.pop()}<mo>,</mo>`);
    return `<span>${runs.map(math).join("")}</span>`;
  });
  return statements.join("");
}

// ------------------------------------------------------------------------------------------------------ the words of a step

// Its words, and its formula as data: those that were recorded, or those that hold now that a slider has moved.
function stated(step) {
  const isOneEdge = step.kind === "backward" && step.edges.length === 1;
  const { words, formula } = (isOneEdge && statedNow(step, ...step.edges[0])) || step;
  const isSlopeless = isOneEdge && Number.isNaN(nodes[step.edges[0][0]].partials[step.edges[0][1]]);
  const slopeless = isSlopeless && [DATA.rule, [DATA.noSlope, DATA.nodes[step.edges[0][0]].noun]];
  const own = words.map((each) => (isSlopeless && each[0] === DATA.rule ? slopeless : each));
  return { words: own.map((each) => written(each)).join(" "), formula: step.kind === "forward" ? withoutEcho(formula) : formula };
}

// A formula that ends in the same number twice, as that of -x does, has it once.
function withoutEcho([sides]) {
  if (!sides) return [];
  const [before, last] = sides.slice(-2).map((side) => written(side));
  return [sides.length > 2 && before === last ? sides.slice(0, -1) : sides];
}

// Words and formula of an edge other than those that were recorded; none where the page does not know what holds.
function statedNow(step, index, slot) {
  const node = nodes[index];
  if (root.data === undefined) return null;
  if (node.grad === UNREACHED) return step.idle;
  if (!step.cases || !hasMoved()) return null;
  const place = caseOf(node, slot);
  return place < 0 ? { words: [], formula: [] } : step.cases[place];
}

const hasMoved = () => nodes.some((node) => node.isLeaf && !Object.is(node.data, node.recorded));

// Which of its cases an edge is in: the one whose conditions all have their answers; -1 where one of them refuses to answer.
function caseOf(node, slot) {
  if (!node.kind) return 0;
  const cases = node.kind.slots[slot];
  if (cases === "gate") return node.partials[slot] === CLOSED ? 1 : 0;
  const xs = node.arguments.map((a) => (typeof a === "object" ? a.data : a));
  try {
    return cases.findIndex((asked) => asked.every(([number, holds]) => node.kind.conditions[number](xs, node.data) === holds));
  } catch {
    return -1;
  }
}

// --------------------------------------------------------------------------------------------- a gradient as the sum over users

const MOST_USERS = 6; // that are written

const isSeen = (user, slot) => !["", "?"].includes(cell("partial", user, slot).text); // or its case would give it away

function sumOverUsers(node) {
  if (node === root) return [[node.gradient, hole("adjoint", node)]];
  const shown = node.users.slice(0, MOST_USERS);
  const more = node.users.length > shown.length ? ["…"] : [];
  const sum = (first, second) => ({ of: [...shown.map((edge) => [DATA.product, first(...edge), second(...edge)]), ...more], sign: " + " });
  const symbols = sum(
    (user) => user.gradient,
    (user, slot) => user.slopes[slot].at(isSeen(user, slot) ? caseOf(user, slot) : -1),
  );
  if (!(node.completed <= at)) return [[node.gradient, symbols]];
  const numbers = sum(
    (user) => hole("adjoint", user),
    (user, slot) => hole("partial", user, slot),
  );
  return [[node.gradient, symbols, numbers, hole("adjoint", node)]];
}

function sumInWords(node) {
  const { name, users, message } = node;
  if (message) return message;
  if (node === root) return fill("{name} is the result: its gradient is the seed of the backward sweep.", { name });
  const fields = { name, user: users[0][0].name, count: users.length, most: MOST_USERS };
  if (users.length === 1) return fill("{name} is used once, by {user}: one path for its gradient to come back.", fields);
  const all = "{name} is used {count} times: its gradient is the sum of what comes back along {count} edges.";
  const some = "{name} is used {count} times: its gradient is the sum of what comes back along {count} edges, of which {most} are written.";
  return fill(users.length > MOST_USERS ? some : all, fields);
}
