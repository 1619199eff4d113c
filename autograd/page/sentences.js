/* Sentences and formulas: templates and pieces that came with the page, filled in with the numbers that the graph has now.

     sentence   [which of DATA.templates, ...its fields]
     formula    statements; between the sides of one are equals signs; a side is a text, or a row of pieces
     piece      a text; the place of a node, for its name; ["∂", y, x], a derivative; [kind, node, slot, 1 if a negative one
                needs brackets], a number; [kind] alone is a number of the step's own edge
     field      a piece, [pieces], or {sentence}                                                                      */

// Name the edge in the numbers of a step that leave it out.
function complete(part, [index, slot]) {
  if (!Array.isArray(part)) return;
  if (part.length === 1 && typeof part[0] === "string") part.push(index, part[0] === "adjoint" ? 0 : slot);
  else for (const inside of part) complete(inside, [index, slot]);
}

const numberOf = ([kind, index, slot = 0]) => cell(kind, nodes[index], slot);
const hole = (kind, node, slot = 0) => [kind, node.index, slot];

function written(piece) {
  if (typeof piece === "string") return piece;
  if (typeof piece === "number") return nodes[piece].name;
  if (piece.sentence) return sentence(piece.sentence);
  if (Array.isArray(piece[0])) return piece[0].map(written).join("");
  if (piece[0] === "∂") return `∂${nodes[piece[1]].name}/∂${nodes[piece[2]].name}`;
  const text = numberOf(piece).text || "…";
  return piece[3] && text.startsWith("-") ? `(${text})` : text;
}

function sentence([place, ...fields]) {
  const [template, ...names] = DATA.templates[place];
  return fill(template, Object.fromEntries(names.map((name, index) => [name, written(fields[index])])));
}

const sideInText = (side) => (typeof side === "string" ? side : side.map(written).join(""));
const filled = (formula) => formula.map((sides) => sides.map(sideInText).join(" = ")).join(", ");

// ------------------------------------------------------------------------------------------------------------- as MathML

const TOKEN =
  /∂(.+?)\/∂((?:[^\s,()[\]]|\[[^\]]*\])+)|[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*|\[[^\]]*\])*|\d+(?:\.\d+)?(?:e[+-]?\d+)?|\*\*|\+=|[<>]=|\s+|./gu;
const SIGNS = { "*": "⋅", "·": "⋅", "-": "−", "<=": "≤", ">=": "≥", "+=": "+=" };

// A formula as MathML: its statements apart, cut before their equals signs, and if long before plus signs, so that they can be wrapped.
function typeset(formula) {
  const isLong = filled(formula).length > 70;
  let [run, depth, power] = [[], 0, null]; // power: after **, the sign of the exponent that is awaited
  const statements = [];
  const cut = () => run.length && statements.at(-1).push((run = []));
  const put = (element) => {
    run.push(power === null ? element : `<msup>${bracketed(run.pop())}<mrow>${power}${element}</mrow></msup>`);
    power = null;
  };
  const putText = (text) => {
    for (const [token, above, below] of text.matchAll(TOKEN)) {
      depth += (token === "(") - (token === ")");
      if (token === "=" || token === "+=" || (token === "+" && isLong && !depth)) cut();
      if (above) put(setDerivative(above, below));
      else if (token === "**") power = "";
      else if (token === "-" && power !== null) power = setToken(token);
      else if (token.trim()) put(setToken(token));
      if (token === ";") statements.push([(run = [])]);
    }
  };
  formula.forEach((sides, place) => {
    statements.push([(run = [])]);
    sides.forEach((side, index) => {
      if (index) putText("=");
      for (const piece of [side].flat()) {
        if (typeof piece === "string") putText(piece);
        else if (typeof piece === "number") put(setName(nodes[piece].name));
        else if (piece[0] === "∂") put(setDerivative(nodes[piece[1]].name, nodes[piece[2]].name));
        else put(setNumber(numberOf(piece), run));
      }
    });
    if (place < formula.length - 1) putText(",");
  });
  const math = (run) => (run.length ? `<math><mrow>${run.join("")}</mrow></math>` : "");
  return statements.map((runs) => `<span>${runs.map(math).join("")}</span>`).join("");
}

const BRACKETS = ["(", ")"].map((sign) => `<mo stretchy="false">${sign}</mo>`);
const bracketed = (number = "<mrow></mrow>") => (number.includes(">−") ? `<mrow>${BRACKETS[0]}${number}${BRACKETS[1]}</mrow>` : number);
const setDerivative = (y, x) => `<mfrac><mrow><mo>∂</mo>${setName(y)}</mrow><mrow><mo>∂</mo>${setName(x)}</mrow></mfrac>`;

function setToken(token) {
  if (/^\d/.test(token)) return `<mn>${token}</mn>`;
  if (/^[\p{L}_]/u.test(token)) return setName(token);
  return `<mo stretchy="false">${html(SIGNS[token] || token)}</mo>`;
}

function setName(name) {
  const [, letter, number] = /^(\p{L})_?(\d+)$/u.exec(name) || [];
  if (letter) return `<msub><mi>${letter}</mi><mn>${number}</mn></msub>`;
  return /^\p{L}$/u.test(name) ? `<mi>${name}</mi>` : `<mi mathvariant="normal">${html(name)}</mi>`;
}

// A negative number after a sign of operation is in brackets.
function setNumber({ text, tone }, before) {
  const number = `<mn class="${tone}">${signed(text || "…")}</mn>`;
  const isAfterSign = before.length && before.at(-1).startsWith("<mo") && !before.at(-1).includes("=");
  return isAfterSign ? bracketed(number) : number;
}

// ------------------------------------------------------------------------------------------------------ the words of a step

// Its words, and its formula as data: those that were recorded, or those that hold now that a slider has moved.
function stated(step) {
  const isOneEdge = step.kind === "backward" && step.edges.length === 1;
  const { words, formula } = (isOneEdge && statedNow(step, ...step.edges[0])) || step;
  const isSlopeless = isOneEdge && Number.isNaN(nodes[step.edges[0][0]].partials[step.edges[0][1]]);
  const slopeless = isSlopeless && [DATA.rule, { sentence: [DATA.noSlope, DATA.nodes[step.edges[0][0]].op] }];
  const own = words.map((each) => (isSlopeless && each[0] === DATA.rule ? slopeless : each));
  return { words: own.map(sentence).join(" "), formula: step.kind === "forward" ? withoutEcho(formula) : formula };
}

// A formula that ends in the same number twice, as that of -x does, has it once.
function withoutEcho([sides]) {
  if (!sides) return [];
  const [before, last] = sides.slice(-2).map(sideInText);
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

// A local derivative in symbols, as they hold now, in brackets where a product needs them.
function slopeOf(user, slot) {
  const slopes = user.slopes[slot];
  return (typeof slopes === "string" ? slopes : slopes[caseOf(user, slot)]) ?? `∂${user.name}/∂${user.operands[slot].name}`;
}

function sumOverUsers(node) {
  const gradient = (other) => ["∂", root.index, other.index];
  if (node === root) return [[[gradient(node)], [hole("adjoint", node)]]];
  const shown = node.users.slice(0, MOST_USERS);
  const sum = (term) => shown.flatMap((edge, index) => (index ? [" + ", ...term(...edge)] : term(...edge)));
  const more = node.users.length > shown.length ? [" + …"] : [];
  const symbols = [...sum((user, slot) => [gradient(user), " · ", slopeOf(user, slot)]), ...more];
  if (!(node.completed <= at)) return [[[gradient(node)], symbols]];
  const numbers = [...sum((user, slot) => [hole("adjoint", user), " · ", hole("partial", user, slot)]), ...more];
  return [[[gradient(node)], symbols, numbers, [hole("adjoint", node)]]];
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
