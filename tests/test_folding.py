"""Tests of `autograd.folding`: which nodes belong to a neuron, a layer, a penalty."""

import pytest

from autograd import Value, draw, to_dot
from autograd.folding import PENALTY, families, spread
from autograd.graph import leaves
from autograd.ops import affine
from autograd.value import toposort


def labelled(layer, neuron, nin):
    w = [Value(0.5 + index, f"layers[{layer}].neurons[{neuron}].w[{index}]") for index in range(nin)]
    return w, Value(0.25, f"layers[{layer}].neurons[{neuron}].b")


def network(fused=True):
    """Two inputs, a layer of two relu neurons, a linear one."""
    x = [Value(1.0, "x0"), Value(2.0, "x1")]

    def neuron(layer, number, xs):
        w, b = labelled(layer, number, len(xs))
        if fused:
            return affine(w, xs, b)
        z = b
        for weight, operand in zip(w, xs, strict=True):
            z = z + weight * operand
        return z

    hidden = [neuron(0, number, x).relu() for number in range(2)]
    return x, hidden, neuron(1, 0, hidden)


class TestFamilies:
    @pytest.mark.parametrize("fused", [True, False], ids=["fused", "by products"])
    def test_every_node_of_a_network_but_its_inputs_belongs_to_a_neuron(self, fused):
        x, hidden, y = network(fused)
        home = families(toposort(y), "neuron")
        assert set(toposort(y)) - set(home) == set(x)
        assert [home[node] for node in (*hidden, y)] == ["layers[0].neurons[0]", "layers[0].neurons[1]", "layers[1].neurons[0]"]

    @pytest.mark.parametrize("fused", [True, False], ids=["fused", "by products"])
    def test_a_layer_is_the_union_of_its_neurons(self, fused):
        _, _, y = network(fused)
        order = toposort(y)
        neurons, layers = families(order, "neuron"), families(order, "layer")
        assert layers == {node: name.partition(".")[0] for node, name in neurons.items()}

    def test_what_is_computed_from_outputs_belongs_to_no_neuron(self):
        _, hidden, y = network()
        total = hidden[0] + hidden[1]
        loss = (y - 1.0) ** 2 + total
        assert total not in families(toposort(loss), "layer")
        assert not {loss, *loss.operands} & set(families(toposort(loss), "neuron"))

    def test_the_sum_of_one_neurons_outputs_over_samples_is_not_the_neurons_own(self):
        w, b = labelled(0, 0, 1)
        outputs = [affine(w, [Value(x)], b).relu() for x in (1.0, 2.0)]
        total = outputs[0] + outputs[1]
        home = families(toposort(total), "neuron")
        assert set(outputs) <= set(home)
        assert total not in home

    def test_a_logit_used_twice_is_the_neurons_output(self):
        w, b = labelled(0, 0, 1)
        z = affine(w, [Value(1.0)], b)
        p, q = z.relu(), z.tanh()
        home = families(toposort(p + q), "neuron")
        assert z in home
        assert not {p, q} & set(home)

    def test_a_neuron_has_one_activation(self):
        w, b = labelled(0, 0, 1)
        activation = affine(w, [Value(1.0)], b).relu()
        second = activation.exp()
        home = families(toposort(second), "neuron")
        assert activation in home
        assert second not in home

    def test_plain_numbers_as_inputs_change_nothing(self):
        w, b = labelled(0, 0, 2)
        y = (b + w[0] * 3.0 + w[1] * 4.0).relu()
        assert set(families(toposort(y), "neuron")) == set(toposort(y))

    def test_a_penalty_is_a_family_of_its_own(self):
        _, _, y = network()
        penalty = sum(node**2 for node in leaves(y) if "layers" in node.label)
        loss = y + 0.1 * penalty
        home = families(toposort(loss), "neuron")
        assert home[penalty] == PENALTY
        assert loss not in home

    def test_a_function_of_the_label_may_tell_the_family(self):
        a, b = Value(1.0, "left.a"), Value(2.0, "right.b")
        x = Value(3.0, "x")
        p, q = a * x, b * x
        home = families(toposort(p + q), lambda label: label.partition(".")[0] if "." in label else None)
        assert home == {a: "left", p: "left", b: "right", q: "right"}

    def test_an_unknown_fold_names_the_known_ones(self):
        with pytest.raises(ValueError, match=r"'neuron', 'layer'"):
            families([Value(1.0)], "module")

    @pytest.mark.parametrize("fold", [5, None, 1.5])
    def test_what_is_no_fold_is_refused(self, fold):
        with pytest.raises(ValueError, match=r"'neuron', 'layer', a function .* or a mapping"):
            families([Value(1.0)], fold)

    def test_a_mapping_says_whose_the_parameters_are_whatever_their_labels_say(self):
        _, _, y = network()
        order = toposort(y)
        parameters = {node: node.label.rpartition(".")[0] for node in order if node.label.startswith("layers")}
        expected = families(order, "neuron")
        for place, parameter in enumerate(parameters):
            parameter.label = f"layers[7].neurons[{place}].w"
        assert families(order, parameters) == spread(order, parameters) == expected

    def test_only_the_last_whole_part_of_a_label_counts(self):
        labels = {
            "a.neurons[0].neurons[1].w": "a.neurons[0].neurons[1]",
            "neurons[10].cell.w[0]": "neurons[10]",
            "neurons[2]": None,
            "neurons.w": None,
            "myneurons[3].w": None,
            "neurons[x].w": None,
            "neurons[1][2].w": None,
            "layers[4].w[1]": None,
        }
        parameters = [Value(1.0, label) for label in labels]
        home = families(parameters, "neuron")
        assert [home.get(parameter) for parameter in parameters] == list(labels.values())


def test_a_picture_folds_by_a_mapping_and_so_does_an_opened_one():
    w, x, b = Value(0.5, "mine"), Value(2.0, "x"), Value(0.25, "yours")
    y = affine([w], [x], b).sigmoid()
    fold = {w: "unit", b: "unit"}
    for expand in (False, True):
        assert "unit" in to_dot(y, fold=fold, expand=expand)
        assert "mine" not in draw(y, fold=fold, expand=expand).source
