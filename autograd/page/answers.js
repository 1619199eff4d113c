/* Answers that are typed: numbers read as people write them, and judged by the rules and in the words of `autograd.show.answers`. */

const ANSWERS = DATA.answers;
const DECIMAL = String.raw`[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d{1,3})?`;
const NUMBER = new RegExp(`^${DECIMAL}$`);
const FRACTION = new RegExp(`^(${DECIMAL})/(${DECIMAL})$`);
const NAMED = { nan: NaN, inf: Infinity, "+inf": Infinity, "-inf": -Infinity, "∞": Infinity, "-∞": -Infinity };

// An answer read: its number, the place of its last digit (0 if it is exact), and its significant digits.
function readAnswer(text) {
  const plain = text.replace(/\s/g, "").replace(/−/g, "-").replace(/,/g, ".").toLowerCase();
  if (plain in NAMED) return { x: NAMED[plain], unit: 0, digits: ANSWERS.enough };
  const fraction = FRACTION.exec(plain);
  if (fraction) return Number(fraction[2]) ? { x: fraction[1] / fraction[2], unit: 0, digits: ANSWERS.enough } : null;
  if (!NUMBER.test(plain)) return null;
  const [mantissa, exponent] = plain.split("e");
  const decimals = (mantissa.split(".")[1] || "").length;
  const digits = mantissa.replace(/[-+.]/g, "").replace(/^0+/, "").length;
  return { x: Number(plain), unit: 10 ** (Number(exponent || 0) - decimals), digits };
}

function judged(text, { answer, mistakes }) {
  const given = readAnswer(text);
  if (!given) return ANSWERS.unreadable;
  if (isNear(given, answer)) return ANSWERS.right;
  if (isRounded(given, answer)) return given.digits >= ANSWERS.enough ? ANSWERS.right : ANSWERS.rough;
  for (const [wrong, words] of [[-answer, ANSWERS.sign], ...mistakes]) {
    if (isNear(given, wrong) || (given.digits >= ANSWERS.enough && isRounded(given, wrong))) return words;
  }
  return ANSWERS.wrong;
}

const isNear = ({ x }, y) => x === y || (Number.isNaN(x) && Number.isNaN(y)) || (Number.isFinite(y) && Math.abs(x - y) <= ANSWERS.shown * Math.abs(y));

function isRounded({ x, unit, digits }, y) {
  const rest = Math.abs(y) - Math.abs(x);
  return digits > 0 && Number.isFinite(x) && (Math.abs(x - y) <= unit * 0.500001 || (x * y > 0 && rest >= 0 && rest < unit));
}

// The known mistakes for a number of the graph as it is now, [what each gives, the feedback]: those of `autograd.show.questions`.
function mistakesOf(kind, node, slot = 0) {
  if (kind === "data") return [];
  const words = (name, fields) => fill(ANSWERS.mistakes[name], fields);
  const along = (user, place) => {
    const fields = { adjoint: written(user.gradient), slope: slopeOf(user, place) };
    return [[user.partials[place] ?? 0, words("local", fields)], [user.grad ?? 0, words("upstream", fields)]];
  };
  let found = [];
  if (kind === "contribution") {
    const operand = node.operands[slot];
    found = [...along(node, slot), [operand.grad ?? 0, words("whole", { adjoint: written(operand.gradient) })]];
  } else if (kind === "partial") {
    found = [[node.flows[slot], words("flow", { adjoint: written(node.gradient) })]];
  } else if (node.users.length === 1) found = along(...node.users[0]);
  else if (node.users.length) {
    const [one, product] = node.users.length === 2 ? ["one_of_two", "product_of_two"] : ["one_of_many", "product_of_many"];
    const fields = { name: node.name, count: node.users.length };
    const flows = node.users.map(([user, place]) => user.flows[place]);
    const sum = (numbers) => numbers.reduce((total, x) => total + x, 0);
    found = [
      ...flows.map((flow) => [flow, words(one, fields)]),
      [sum(node.users.map(([user, place]) => user.partials[place] ?? 0)), words("locals", fields)],
      [sum(node.users.map(([user]) => user.grad ?? 0)), words("upstreams", fields)],
      [flows.reduce((total, x) => total * x, 1), words(product, fields)],
    ];
  }
  const answer = QUANTITIES[kind][1](node, slot);
  const seen = [answer, -answer];
  const isNew = ([x]) => Number.isFinite(x) && !seen.some((y) => isNear({ x }, y) || isNear({ x: y }, x)) && seen.push(x);
  return found.filter(isNew);
}

const slopeOf = (user, slot) => `∂${user.operandName}/∂${user.operands[slot].operandName}`;
