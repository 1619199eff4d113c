// Python's math and operators in JavaScript, where JavaScript's own are missing or return NaN and Infinity instead of raising.
// The functions of rows, which are printed from Python, call these. A page has only what its rows need: each definition below
// begins a line, may have its comment above it, and brings along the definitions that it names.

const math = {}; // functions of Python's module math
const python = {}; // its operators and built-in functions

python.raise = (name, message) => {
  const error = new Error(message);
  error.name = name;
  throw error;
};

// y = f(x), where Python raises unless x was no number: NaN is a ValueError, and so is Infinity, if it is not too large a result.
const checked = (y, x, infinite = "ValueError") => {
  if (y !== y && x === x) python.raise("ValueError", "math domain error");
  if (Math.abs(y) === Infinity && Number.isFinite(x)) {
    python.raise(infinite, infinite === "ValueError" ? "math domain error" : "math range error");
  }
  return y;
};

python.divide = (a, b) => (b === 0 ? python.raise("ZeroDivisionError", "float division by zero") : a / b);
python.chosen = (condition, a, b) => (condition ? a : b);

// A float as Python writes it.
python.repr = (x) => {
  if (typeof x === "boolean") return x ? "True" : "False";
  if (!Number.isFinite(x)) return x === null ? "None" : x !== x ? "nan" : x > 0 ? "inf" : "-inf";
  const [digits, exponent] = x.toExponential().split("e");
  if (exponent >= -4 && exponent < 16) return (Object.is(x, -0) ? "-" : "") + x + (Number.isInteger(x) ? ".0" : "");
  return digits + "e" + exponent[0] + exponent.slice(1).padStart(2, "0");
};

python.range = (count) => Array.from({ length: Math.max(count, 0) }, (_, i) => i);

math.nextafter = (x, y) => {
  if (x !== x || y !== y) return NaN;
  if (x === y) return y;
  if (x === 0) return y > 0 ? 5e-324 : -5e-324;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  view.setBigInt64(0, view.getBigInt64(0) + (x > 0 === y > x ? 1n : -1n));
  return view.getFloat64(0);
};

// Half-way cases go to the even neighbour. With digits, x * 10 ** digits is rounded as the exact fraction that it is.
python.round = (x, digits = 0) => {
  if (digits !== 0 && (!Number.isFinite(x) || x === 0 || digits > 323)) return x;
  if (digits !== 0) return (x < 0 ? -1 : 1) * round_decimal(Math.abs(x), Math.max(digits, -309));
  const floor = math.floor(x);
  const rest = x - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
};

python.round_to = (x, digits) => python.round(x, digits);

const round_decimal = (x, digits) => {
  const e = Math.max(Math.floor(Math.log2(x)) - 52, -1074);
  const power = (base, n) => base ** BigInt(Math.max(n, 0));
  const above = BigInt(x / 2 ** e) * power(2n, e) * power(10n, digits);
  const below = power(2n, -e) * power(10n, -digits);
  const [floor, twice] = [above / below, 2n * (above % below)];
  const whole = twice > below || (twice === below && floor % 2n === 1n) ? floor + 1n : floor;
  return checked(Number(`${whole}e${-digits}`), x, "OverflowError");
};

math.isnan = Number.isNaN;
math.isfinite = Number.isFinite;
math.isinf = (x) => Math.abs(x) === Infinity;
math.fabs = Math.abs;
math.copysign = (x, y) => (y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x));

// A whole number has no -0.
math.trunc = (x) => {
  if (x !== x) python.raise("ValueError", "cannot convert float NaN to integer");
  if (math.isinf(x)) python.raise("OverflowError", "cannot convert float infinity to integer");
  return Math.trunc(x) + 0;
};

math.floor = (x) => math.trunc(Math.floor(x));
math.ceil = (x) => math.trunc(Math.ceil(x));
math.fmod = (x, y) => checked(x % y, x === x && y === y ? 0 : NaN);
math.sqrt = (x) => checked(Math.sqrt(x), x);
math.cbrt = Math.cbrt;
math.exp = (x) => checked(Math.exp(x), x, "OverflowError");
math.exp2 = (x) => checked(2 ** x, x, "OverflowError");
math.expm1 = (x) => checked(Math.expm1(x), x, "OverflowError");
math.log = (x) => checked(Math.log(x), x);
math.log2 = (x) => checked(Math.log2(x), x);
math.log10 = (x) => checked(Math.log10(x), x);
math.log1p = (x) => checked(Math.log1p(x), x);

math.pow = (a, b) => {
  if (a === 1 || (a === -1 && math.isinf(b))) return 1;
  const y = a ** b;
  return Number.isFinite(b) ? checked(y, a, a === 0 ? "ValueError" : "OverflowError") : y;
};

math.sin = (x) => checked(Math.sin(x), x);
math.cos = (x) => checked(Math.cos(x), x);
math.tan = (x) => checked(Math.tan(x), x);
math.asin = (x) => checked(Math.asin(x), x);
math.acos = (x) => checked(Math.acos(x), x);
math.atan = Math.atan;
math.atan2 = Math.atan2;
math.sinh = (x) => checked(Math.sinh(x), x, "OverflowError");
math.cosh = (x) => checked(Math.cosh(x), x, "OverflowError");
math.tanh = Math.tanh;
math.asinh = Math.asinh;
math.acosh = (x) => checked(Math.acosh(x), x);
math.atanh = (x) => checked(Math.atanh(x), x);

math.ldexp = (x, n) => {
  let y = x;
  for (; n > 1023; n -= 1023) y *= 2 ** 1023;
  for (; n < -1022; n += 969) y *= 2 ** -969; // which leaves it normal, so that it is rounded once
  return checked(y * 2 ** n, x, "OverflowError");
};

// [m, e] with m * 2 ** e = x and 0.5 <= |m| < 1.
math.frexp = (x) => {
  if (x === 0 || !Number.isFinite(x)) return [x, 0];
  const e = Math.abs(x) < 2 ** -1000 ? math.frexp(x * 2 ** 100)[1] - 100 : Math.floor(Math.log2(Math.abs(x))) + 1;
  const m = math.ldexp(x, -e);
  return Math.abs(m) >= 1 ? [m / 2, e + 1] : Math.abs(m) < 0.5 ? [m * 2, e - 1] : [m, e];
};

// p(x) / q(x), the terms of each polynomial in pairs: in the order of C's libraries, so that it rounds as they do.
const quotient_of = (x, p, q) => {
  const [x2, x4] = [x * x, x * x * (x * x)];
  const powers = [1, x2, x4, x4 * x2, x4 * x4];
  const [above, below] = [p, q].map((c) => {
    const pairs = powers.slice(0, (c.length + 1) / 2).map((_, i) => (2 * i + 1 < c.length ? c[2 * i] + x * c[2 * i + 1] : c[2 * i]));
    return pairs.reduce((sum, pair, i) => sum + powers[i] * pair, 0);
  });
  return above / below;
};

// erf and erfc by the algorithm of C's libraries, to the bit where the browser's exp is theirs. From fdlibm:
// Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed at SunPro, a Sun Microsystems, Inc. business.
// Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is preserved.
const erf_near_0 = (x) => {
  const p = [0.12837916709551256, -0.3250421072470015, -0.02848174957559851, -0.005770270296489442, -2.3763016656650163e-5];
  const q = [1, 0.39791722395915535, 0.0650222499887673, 0.005081306281875766, 1.3249473800432164e-4, -3.960228278775368e-6];
  return quotient_of(x * x, p, q);
};

const erf_at_1 = 0.8450629115104675;

const erf_near_1 = (x) => {
  const p = [-0.0023621185607526594, 0.41485611868374833, -0.3722078760357013, 0.31834661990116175];
  const q = [1, 0.10642088040084423, 0.540397917702171, 0.07182865441419627, 0.12617121980876164, 0.01363708391202905];
  return quotient_of(x - 1, [...p, -0.11089469428239668, 0.035478304325618236, -0.002166375594868791], [...q, 0.011984499846799107]);
};

const erfc_between = (s) => {
  const p = [-0.009864944034847148, -0.6938585727071818, -10.558626225323291, -62.375332450326006, -162.39666946257347];
  const q = [1, 19.651271667439257, 137.65775414351904, 434.56587747522923, 645.3872717332679, 429.00814002756783];
  const rest = [108.63500554177944, 6.570249770319282, -0.0604244152148581];
  return quotient_of(s, [...p, -184.60509290671104, -81.2874355063066, -9.814329344169145], [...q, ...rest]);
};

const erfc_beyond = (s) => {
  const p = [-0.0098649429247001, -0.799283237680523, -17.757954917754752, -160.63638485582192, -637.5664433683896];
  const q = [1, 30.33806074348246, 325.7925129965739, 1536.729586084437, 3199.8582195085955, 2553.0504064331644];
  return quotient_of(s, [...p, -1025.0951316110772, -483.5191916086514], [...q, 474.52854120695537, -22.44095244658582]);
};

const erfc_tail = (x) => {
  if (x > 28) return 0;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  view.setUint32(4, 0);
  const head = view.getFloat64(0); // whose square is exact
  const correction = (x < 1 / 0.35 ? erfc_between : erfc_beyond)(1 / (x * x));
  return (Math.exp(-head * head - 0.5625) * Math.exp((head - x) * (head + x) + correction)) / x;
};

math.erf = (x) => {
  const size = Math.abs(x);
  if (size < 2 ** -28) return x + 0.1283791670955126 * x;
  if (size < 0.84375) return x + x * erf_near_0(x);
  if (size < 1.25) return Math.sign(x) * (erf_at_1 + erf_near_1(size));
  return x !== x ? x : Math.sign(x) * (1 - erfc_tail(size));
};

math.erfc = (x) => {
  const size = Math.abs(x);
  if (size < 2 ** -56) return 1 - x;
  if (x < 0.25 && size < 0.84375) return 1 - (x + x * erf_near_0(x));
  if (size < 0.84375) return 0.5 - (x * erf_near_0(x) + (x - 0.5));
  if (size < 1.25) return x > 0 ? 1 - erf_at_1 - erf_near_1(size) : 1 + (erf_at_1 + erf_near_1(size));
  return x !== x ? x : x > 0 ? erfc_tail(size) : 2 - erfc_tail(size);
};

// What a row refuses: what was asked, with which operands, and the cure.
const refusal = (name, error, xs, domain, restriction) => {
  const asked = `${name}(${xs.map(python.repr).join(", ")})`;
  if (error.name === "OverflowError") {
    return `${asked}: the result is beyond the largest float, 1.8e308; scale the operands, or work with logarithms`;
  }
  const allowed = (i) => domain[Math.min(i, domain.length - 1)];
  const outside = (x, { low, high, is_pole }) => x === x && !(low <= x && x <= high && !(is_pole && is_pole(x)));
  const i = xs.findIndex((x, place) => outside(x, allowed(place)));
  if (i < 0) return `${asked}: ${restriction || error.message}`;
  return `${asked}: ${python.repr(xs[i])} is outside ${allowed(i).text}; keep the operand inside`;
};

// A row of the table. `partials` has a number or a function for each operand, or one function for all; `plain` is fast.
const row = (name, value, partials, { parameters = null, active = false, domain = [], restriction = "", kinks = [] } = {}) => {
  const nary = !Array.isArray(partials);
  const domains = (nary ? [0] : partials).map((_, i) => ({ text: "(-inf, inf)", low: -Infinity, high: Infinity, ...domain[i] }));
  return {
    domain: domains,
    plain: parameters ? (...xs) => value(...xs, parameters) : value,
    kinks: kinks.map((kink) => ({ ...kink, margin: (xs) => Number(kink.margin(...(nary ? [xs] : xs))) })),
    value(xs, given) {
      const keywords = parameters ? [{ ...parameters, ...given }] : [];
      try {
        return Number(value(...(nary ? [xs] : xs), ...keywords));
      } catch (error) {
        return python.raise(error.name, refusal(name, error, xs, domains, restriction));
      }
    },
    partials(xs, y, given, nodes = xs.map(() => true)) {
      const keywords = parameters || active ? [{ ...parameters, ...given, ...(active && { active: nodes }) }] : [];
      if (nary) return partials(xs, y, ...keywords).filter((_, i) => nodes[i]);
      return partials.filter((_, i) => nodes[i]).map((f) => (typeof f === "function" ? f(...xs, y, ...keywords) : f));
    },
  };
};
