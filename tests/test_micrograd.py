"""Tests that programs written for micrograd run after changing only their import lines, with the numbers they had there.

Each script below is as a reader would have written it for micrograd 0.1.0; what micrograd prints for it is beside it.
"""

import contextlib
import io
import re

import pytest

IMPORTS = {"micrograd.engine": "autograd", "micrograd.nn": "nn"}


def printed(script):
    """What the script prints once its import lines name this project's packages, as lines."""
    lines = script.splitlines()
    for i, line in enumerate(lines):
        if line.startswith(("import ", "from ")):
            lines[i] = re.sub(r"micrograd\.\w+", lambda match: IMPORTS[match[0]], line)
    assert "micrograd" not in "\n".join(lines)
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(compile("\n".join(lines), "<script>", "exec"), {"__name__": "script"})
    return output.getvalue().splitlines()


README = """
from micrograd.engine import Value

a = Value(-4.0)
b = Value(2.0)
c = a + b
d = a * b + b**3
c += c + 1
c += 1 + c + (-a)
d += d * 2 + (b + a).relu()
d += 3 * d + (b - a).relu()
e = c - d
f = e**2
g = f / 2.0
g += 10.0 / f
print(f'{g.data:.4f}') # prints 24.7041, the outcome of this forward pass
g.backward()
print(f'{a.grad:.4f}') # prints 138.8338, i.e. the numerical value of dg/da
print(f'{b.grad:.4f}') # prints 645.5773, i.e. the numerical value of dg/db
print(repr(g.data), repr(a.grad), repr(b.grad))
"""


def test_the_readme_example_prints_what_micrograd_prints():
    *rounded, exact = printed(README)
    assert rounded == ["24.7041", "138.8338", "645.5773"]
    expected = [24.70408163265306, 138.83381924198252, 645.5772594752187]
    assert [float(x) for x in exact.split()] == pytest.approx(expected, rel=1e-14)


BY_HAND = """
from micrograd.engine import Value

a = Value(2.0)
b = Value(-3.0)
c = Value(10.0)
e = a*b
d = e + c
f = Value(-2.0)
L = d * f
print(L.data, L._op, d._op, L._prev == {d, f}, d._prev == {e, c}, a._prev == set(), repr(a._op))

L.grad = 1.0
L._backward()
print(d.grad, f.grad)
d._backward()
print(c.grad, e.grad)
e._backward()
print(a.grad, b.grad)
a._backward() # a leaf has nothing to hand on
print(a.grad, b.grad, c.grad, f.grad)

a.data += 0.01 * a.grad
b.data += 0.01 * b.grad
c.data += 0.01 * c.grad
f.data += 0.01 * f.grad
print((a*b + c) * f)
"""


def test_backpropagation_by_hand_prints_what_micrograd_prints():
    *steps, nudged = printed(BY_HAND)
    assert steps == ["-8.0 * + True True True ''", "-2.0 4.0", "-2.0 -2.0", "6.0 -4.0", "6.0 -4.0 -2.0 4.0"]
    match = re.fullmatch(r"Value\(data=(\S+), grad=(\S+)\)", nudged)
    assert [float(x) for x in match.groups()] == pytest.approx([-7.286496, 0.0], rel=1e-14)


# The neuron of the lecture, whose own Value has tanh and exp besides.
NEURON = """
from micrograd.engine import Value

x1 = Value(2.0, label='x1')
x2 = Value(0.0, label='x2')
w1 = Value(-3.0, label='w1')
w2 = Value(1.0, label='w2')
b = Value(6.8813735870195432, label='b')
x1w1 = x1*w1; x1w1.label = 'x1*w1'
x2w2 = x2*w2; x2w2.label = 'x2*w2'
x1w1x2w2 = x1w1 + x2w2; x1w1x2w2.label = 'x1*w1 + x2*w2'
n = x1w1x2w2 + b; n.label = 'n'
o = n.tanh(); o.label = 'o'

topo = []
visited = set()
def build_topo(v):
    if v not in visited:
        visited.add(v)
        for child in v._prev:
            build_topo(child)
        topo.append(v)
build_topo(o)
print(len(topo), topo[-1].label)

o.grad = 1.0
o._backward()
n._backward()
b._backward()
x1w1x2w2._backward()
x2w2._backward()
x1w1._backward()
by_hand = [(v.label, v.grad) for v in (o, n, b, x1w1x2w2, x1w1, x2w2, x1, w1, x2, w2)]

for v in topo:
    v.grad = 0.0
o.grad = 1.0
for v in reversed(topo):
    v._backward()
print(by_hand == [(v.label, v.grad) for v in (o, n, b, x1w1x2w2, x1w1, x2w2, x1, w1, x2, w2)])

for v in topo:
    v.grad = 0.0
o.backward()
print(by_hand == [(v.label, v.grad) for v in (o, n, b, x1w1x2w2, x1w1, x2w2, x1, w1, x2, w2)])
for label, grad in by_hand:
    print(f'{label} | {grad:.4f}')

def trace(root):
    nodes, edges = set(), set()
    def build(v):
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)
    build(root)
    return nodes, edges
nodes, edges = trace(o)
print(len(nodes), len(edges), sorted(v._op for v in nodes if v._op))
print('{ %s | data %.4f | grad %.4f }' % (n.label, n.data, n.grad))

e = (2*n).exp()
p = (e - 1) / (e + 1)
for v in topo:
    v.grad = 0.0
p.backward()
print(f'{o.data:.4f} {p.data:.4f} {x1.grad:.4f} {w1.grad:.4f} {x2.grad:.4f} {w2.grad:.4f}')
"""


def test_the_neuron_of_the_lecture_by_hand_by_its_own_toposort_and_by_backward():
    assert printed(NEURON) == [
        "10 o",
        "True",
        "True",
        "o | 1.0000",
        "n | 0.5000",
        "b | 0.5000",
        "x1*w1 + x2*w2 | 0.5000",
        "x1*w1 | 0.5000",
        "x2*w2 | 0.5000",
        "x1 | -1.5000",
        "w1 | 1.0000",
        "x2 | 0.5000",
        "w2 | 0.0000",
        "10 9 ['*', '*', '+', '+', 'tanh']",
        "{ n | data 0.8814 | grad 0.5000 }",
        "0.7071 0.7071 -1.5000 1.0000 0.5000 0.0000",
    ]


SHARED = """
from micrograd.engine import Value

a = Value(3.0)
b = a + a
b.backward()
print(f'{a.grad:.1f}')

a = Value(-2.0)
b = Value(3.0)
d = a * b
e = a + b
f = d * e
f.backward()
print(a.grad, b.grad)

a = Value(2.0)
print((a + 1).data, (2 * a).data, (a / 4).data, (1 - a).data, (a ** -1).data, (-a).data, (3 / a).data, sum([a, a]).data)
"""


def test_nodes_used_twice_and_numbers_on_either_side():
    assert printed(SHARED) == ["2.0", "-3.0 -8.0", "3.0 4.0 0.5 -1.0 0.5 -2.0 1.5 4.0"]


OPERATIONS = """
from micrograd.engine import Value

a = Value(2.0)
b = Value(4.0)
print([v._op for v in (a + b, a * b, a**2, a**0.5, a.relu(), a)])
print((a + b)._prev == {a, b}, (a * a)._prev == {a}, a.relu()._prev == {a}, (a**3)._prev == {a})
"""


def test_the_names_of_operations_are_those_of_micrograd():
    assert printed(OPERATIONS) == ["['+', '*', '**2', '**0.5', 'ReLU', '']", "True True True True"]


NETWORK = """
from micrograd.nn import MLP

model = MLP(3, [4, 4, 1])
print(model)
parameters = model.parameters()
print(len(parameters), len(model.layers), len(model.layers[0].neurons), len(model.layers[0].neurons[0].w))
for i, p in enumerate(parameters):
    p.data = ((i*7) % 11 - 5) / 8

xs = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
ys = [1.0, -1.0, -1.0, 1.0]
for k in range(3):
    ypred = [model(x) for x in xs]
    loss = sum((yout - ygt)**2 for ygt, yout in zip(ys, ypred))
    model.zero_grad()
    loss.backward()
    for p in model.parameters():
        p.data += -0.01 * p.grad
    print(loss.data, *[y.data for y in ypred])
print(*[p.data for p in parameters[:5]])
"""


def test_a_small_network_learns_as_it_does_in_micrograd():
    model, counts, *numbers = printed(NETWORK)
    relu, linear = "ReLUNeuron({0}), ReLUNeuron({0}), ReLUNeuron({0}), ReLUNeuron({0})", "LinearNeuron(4)"
    assert model == f"MLP of [Layer of [{relu.format(3)}], Layer of [{relu.format(4)}], Layer of [{linear}]]"
    assert counts == "41 3 4 3"
    expected = [
        [3.606339454650879, 0.21875, 0.09765625, 0.0634765625, 0.1875],
        [3.329953853447648, 0.22789525118194975, -0.0009752023734905108, 0.03844871188996102, 0.1892091288120863],
        [3.1939989183204505, 0.25872555145703263, -0.020439214040210135, 0.02792938766236314, 0.20732544455641322],
        [-0.6588472001522144, 0.2057887227021729, -0.22436643369775802, 0.6036673202890385, 0.08996637408824232],
    ]
    for line, row in zip(numbers, expected, strict=True):
        assert [float(x) for x in line.split()] == pytest.approx(row, rel=1e-12)
