"""What each finding teaches, by its name: one or two sentences that say what is right, and what to write."""

from __future__ import annotations

import re

__all__ = ["CRASH", "MISSING", "WHY"]

CRASH = "brings the interpreter down"
MISSING = "an operator is missing"


def _explanations(text: str) -> dict[str, str]:
    """By name: a line that is not indented, and the lines below it."""
    found = re.findall(r"^(\S.*)\n((?: .*\n)+)", text, re.MULTILINE)
    return {name: " ".join(explanation.split()) for name, explanation in found}


WHY: dict[str, str] = _explanations(f"""
{CRASH}
    Python itself ended, most likely because the recursion limit was raised and the stack ran out. Replace recursion by a loop
    over a list.
{MISSING}
    The four operations, ** and the minus sign are the least an engine has. Python asks the node on the left for __sub__, and a
    node on the right of a plain number for __rsub__; + * / ** have names of the same kind.
does not hold its number
    A leaf keeps the number it was made of in `data`.
a new node has a gradient
    No backward has been yet, so nothing has flowed: grad starts at 0, and every backward adds to it.
backward does not reach the leaf
    y = x + 3 has ∂y/∂y = 1 and ∂y/∂x = 1. backward sets the first and hands it on to x.
backward without seed
    The chain rule multiplies, so it needs something to begin with: ∂y/∂y = 1. Set the root's grad to 1 before the first rule
    runs; all else is 0 times something.
wrong sum
    + works for two nodes, and for a node and a number.
wrong 3 + x
    A number may stand on the left of a node: that is __radd__. Python's sum needs it too, since it begins with the int 0.
backward does not reach every operand
    Both ∂(a + b)/∂a and ∂(a + b)/∂b are 1.
every rule delivers to the last operand
    A function made in a loop sees the loop's variables as they are when it runs, after the loop. Bind them when it is made:
    lambda operand=operand: ..., or keep data instead of functions.
a node with two users gets a wrong gradient
    ∂y/∂x is the sum over the users of x: ∂y/∂user · ∂user/∂x.
gradients overwritten instead of added
    A node's gradient is the sum over all of its users (the chain rule of several variables). Write += where the rule has =, and
    let gradients start at 0.
x * x counted once
    x stands twice in x * x, so two contributions flow to it. A set of operands, or a dict by operand, keeps one: keep a tuple.
wrong where an operation uses a node twice
    Each use of a node is an edge of its own, and the contributions of all edges add.
nodes pass on their gradient before it is complete
    A node's turn comes when all of its users have had theirs. Sort topologically, operands before users, and go through that
    order backwards; breadth first or first met is not enough.
equal numbers taken for the same node
    Two nodes of equal data are two nodes. If == compares data, `in` and sets do so too: leave == and hash as identity, or
    remember id(node).
second backward is wrong
    Leaves add up over calls: twice the same backward is twice the gradient.
second backward compounds
    Leaves add up over calls, but what is between belongs to one call: if it keeps its old gradient, that is sent down once
    more. Reset the grad of every node that is no leaf before the sweep.
second backward forgets the first
    Leaves add up over calls, so that a batch can be sent back point by point. Reset only the nodes between; leaves are reset by
    whoever trains.
zero_grad leaves the old gradients
    After zero_grad the next backward starts from nothing. If old gradients stay, every step of a training goes along the sum of
    all steps so far.
wrong where there are many paths
    Sixty doublings give a derivative of 2⁶⁰, exactly.
time grows with the number of paths
    Sixty doublings are sixty-one nodes and 2⁶⁰ paths. Visit every node once, in topological order, instead of every path:
    remember which nodes were seen.
wrong at the end of a long chain
    A sum in a loop is a chain of as many nodes; its derivative is 1.
recursion at 1,000 nodes
    Python stops at about a thousand calls inside each other, and a loss summed over a thousand points is that deep. Walk the
    graph with a list of your own instead of recursion.
recursion at 10,000 nodes
    A raised recursion limit only moves the end. Walk the graph with a list of your own.
time grows with the square of a chain's length
    Looking for a node in a list takes as long as the list is: remember the nodes that were seen in a set, by identity.
memory in reference cycles
    A node that holds a closure, which holds the node, is not freed when the last name goes: memory grows until the collector
    comes. Let the closure not name its own node, or keep numbers instead of closures.
graphs are never freed
    Something global, a tape or a cache, keeps every node there ever was. Hold nodes only from their users.
b += 1 changes a
    b and a were two names of one node; b += 1 is to give b a new one. Leave __iadd__ out.
wrong sign or derivative of -a
    ∂(−a)/∂a is −1.
wrong product
    ∂(ab)/∂a = b and ∂(ab)/∂b = a, where a or b may be a plain number.
wrong 3 * x
    A number may stand on the left of a node: that is __rmul__, and ∂(3x)/∂x = 3.
product rule gives each operand itself
    ∂(ab)/∂a is b, the other one. x * x cannot tell the difference.
data set after the forward pass changes the gradient
    The rule reads data when backward runs. If it was set in between, the gradient belongs to no point at all: save what the
    rule needs when the operation runs, or refuse.
wrong difference
    a − b works for nodes and numbers on either side, with derivatives 1 and −1.
sign of subtraction lost
    ∂(a − b)/∂b is −1. The value knows the sign; the rule was copied from +.
wrong 3 - x
    ∂(3 − x)/∂x is −1.
3 - x swapped
    For 3 - x Python calls x.__rsub__(3), and the operands have changed places: it is 3 minus self, not self minus 3.
wrong power
    ∂xⁿ/∂x = n·xⁿ⁻¹, for negative and fractional n too.
power rule without its exponent
    ∂xⁿ/∂x is n·xⁿ⁻¹; the factor n is missing.
x ** 0 has no derivative at 0
    x⁰ is the constant 1, so its derivative is 0, but n·xⁿ⁻¹ is 0 · 0⁻¹ there. Return 0 for n = 0.
roots of negative numbers are made up
    A negative number has no real power 1/3 as Python understands it: raise ValueError.
returns complex
    Python's ** leaves the real numbers for a negative base with a fractional exponent. Use math.pow, which raises.
wrong quotient
    ∂(a/b)/∂a = 1/b and ∂(a/b)/∂b = −a/b².
quotient rule without the numerator
    ∂(a/b)/∂b is −a/b²; −1/b² is right for a = 1 only.
x / y is not Python's x / y
    a · b⁻¹ rounds twice, and b⁻¹ can overflow where the quotient is harmless. Divide.
wrong 3 / x
    ∂(3/x)/∂x = −3/x².
3 / x swapped
    For 3 / x Python calls x.__rtruediv__(3): it is 3 over self, not self over 3.
wrong power of two nodes
    ∂aᵇ/∂a = b·aᵇ⁻¹ and ∂aᵇ/∂b = aᵇ·ln a.
wrong 2 ** x
    ∂2ˣ/∂x = 2ˣ·ln 2.
2 ** x swapped
    For 2 ** x Python calls x.__rpow__(2): the base is the number.
exp' taken for the power rule
    eˣ is its own derivative; x·eˣ⁻¹ is what the power rule would give, and x is no constant.
wrong sign of sin'
    sin' = cos.
sign of cos' lost
    cos' = −sin.
sigmoid overflows
    1/(1 + e⁻ˣ) needs e⁻ˣ, which is beyond the largest float for x < −709. For negative x use eˣ/(1 + eˣ).
sigmoid' is 0 in the tail
    s(1 − s) is 0 once s rounds to 1, from x = 37 on, and a neuron there never learns again. s(x)·s(−x) is the same and stays
    accurate.
wrong sigmoid' in the tail
    s(1 − s) loses its digits as s comes near 1; s(x)·s(−x) does not.
tanh overflows
    (e²ˣ − 1)/(e²ˣ + 1) needs e²ˣ, which is beyond the largest float for x > 354. Use math.tanh.
tanh' is 0 in the tail
    1 − t² is 0 once t rounds to 1, from x = 19.1 on. 4·s(2x)·s(−2x) is the same and stays accurate.
wrong tanh' in the tail
    1 − t² loses its digits as t comes near 1; 4·s(2x)·s(−2x) does not.
softplus overflows
    log(1 + eˣ) needs eˣ. For positive x use x + log1p(e⁻ˣ).
wrong relu
    relu(x) is x above 0 and 0 below; its derivative is 1 above and 0 below.
relu's gate is open below 0
    Below 0 relu is constant, so nothing flows through it: test the operand, or the result, not the gradient.
wrong at the kink of relu
    At 0 relu has no derivative; the convention, PyTorch's too, is 0. Write > and not >=.
NaN leaks through a closed gate
    Behind a closed relu stands an infinite derivative, and 0 · inf is NaN. A closed gate passes nothing: skip the contribution
    instead of multiplying by 0.
relu hides NaN
    Comparisons with NaN are false, so NaN looks like a closed gate and the gradient like an honest 0. Pass NaN on.
wrong abs
    ∂|x|/∂x is the sign of x.
wrong at the kink of abs
    At 0 the convention is 0, the smallest slope between −1 and 1.
wrong exp
    The value is that of Python's exp, and ∂exp(x)/∂x = eˣ.
wrong log
    The value is that of Python's log, and ∂log(x)/∂x = 1/x.
wrong sqrt
    The value is that of Python's sqrt, and ∂sqrt(x)/∂x = 1/(2√x).
wrong sin
    The value is that of Python's sin, and ∂sin(x)/∂x = cos x.
wrong cos
    The value is that of Python's cos, and ∂cos(x)/∂x = −sin x.
wrong tanh
    The value is that of Python's tanh, and ∂tanh(x)/∂x = 1 − tanh² x.
wrong sigmoid
    s(x) = 1/(1 + e⁻ˣ), and s' = s(1 − s).
wrong softplus
    softplus(x) = log(1 + eˣ), and its derivative is the sigmoid.
""")
"""What a finding teaches, by its name."""
