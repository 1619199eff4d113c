/* Layers of neurons: what `nn.layers` defines, with the inputs of a layer gathered once and no Python between its neurons.

   Where anything is unusual, the answer is left to Python: a neuron of another class or with another forward, an activation
   that is no row, an input that is no number, a kernel that raised. No Python code runs while the neurons of a layer do. */
#ifndef NATIVE_LAYERS_H
#define NATIVE_LAYERS_H
#include "apply.h"
#include "dicts.h"

static PyObject *name_activation, *name_b, *name_call, *name_forward, *name_fused, *name_init, *name_neurons, *name_w; /* interned */

static int intern_names(void) {
    const struct { PyObject **place; const char *text; } names[] = {
        {&name_activation, "activation"}, {&name_b, "b"}, {&name_call, "__call__"}, {&name_forward, "forward"}, {&name_fused, "fused"},
        {&name_init, "init"}, {&name_neurons, "neurons"}, {&name_w, "w"}};
    for (size_t i = 0; i < Py_ARRAY_LENGTH(names); i++)
        if (!*names[i].place && !(*names[i].place = PyUnicode_InternFromString(names[i].text))) return -1;
    return 0;
}

/* The classes whose objects C knows, as Python passes them: a class, its forward, ..., and the `__call__` of all. */
static int runs_as_defined(PyObject *classes, PyTypeObject *type, int first, int last) {
    for (int i = first; i <= last; i += 2)
        if ((PyObject *)type == PyTuple_GET_ITEM(classes, i))
            return _PyType_Lookup(type, name_forward) == PyTuple_GET_ITEM(classes, i + 1) &&
                   _PyType_Lookup(type, name_call) == PyTuple_GET_ITEM(classes, 6);
    return 0;
}

typedef struct { /* borrowed; NULL for what an object has not in its __dict__ */
    PyObject *w, *b, *activation, *fused, *neurons;
} Facts;

/* 0 if a forward is among the attributes. */
static int read_facts(PyObject *attributes, Facts *found) {
    PyObject *name, *thing;
    int others = 0;
    memset(found, 0, sizeof *found);
    for (Py_ssize_t at = 0; PyDict_Next(attributes, &at, &name, &thing);) {
        if (name == name_w) found->w = thing;
        else if (name == name_b) found->b = thing;
        else if (name == name_activation) found->activation = thing;
        else if (name == name_fused) found->fused = thing;
        else if (name == name_neurons) found->neurons = thing;
        else others |= name != name_init;
    }
    return !others || !PyDict_Contains(attributes, name_forward);
}

enum { KNOWN_DICTS = 1 << 12 };
static struct { PyObject *dict; uint64_t state; Facts facts; } known_dicts[KNOWN_DICTS]; /* as they were read last */

/* 0 if the object has a forward that is not its class's. */
static int facts_of(PyObject *object, Facts *found) {
    PyObject *attributes = PyObject_GenericGetDict(object, NULL);
    if (!attributes) return 0;
    size_t place = ((uintptr_t)attributes >> 4) * 2654435761u / 1024 % KNOWN_DICTS;
    int is_known = known_dicts[place].dict == attributes && known_dicts[place].state == state_of(attributes);
    if (is_known) *found = known_dicts[place].facts;
    else if ((is_known = read_facts(attributes, found)) && watch(attributes)) {
        known_dicts[place].dict = attributes;
        known_dicts[place].state = state_of(attributes);
        known_dicts[place].facts = *found;
    }
    Py_DECREF(attributes); /* the object has it */
    return is_known;
}

typedef struct {
    PyObject *const *x;
    Py_ssize_t n;
    int active, mode;   /* active: whether one of the inputs is a node */
    Operands *operands; /* NULL under no_grad */
    double *numbers;    /* room for weights; the inputs; room for the bias */
} Inputs;

/* affine of the weights, inputs and bias in `numbers`, which also has room for their products: 7 ns less than its kernel. */
static inline double affine_of(double *numbers, Py_ssize_t n) {
    double *terms = numbers + 2 * n + 1;
    for (Py_ssize_t i = 0; i < n; i++) terms[i] = numbers[i] * numbers[n + i];
    terms[n] = numbers[2 * n];
    double y = row_math_fsum((rows_array){terms, n + 1, n + 1});
    if (!rows_raised) return y;
    rows_raised = 0;
    return affine_value(numbers, (long)(2 * n + 1), NULL);
}

/* The logit of a neuron; NULL where Python must compute it. */
static PyObject *logit(const Facts *neuron, const Inputs *inputs) {
    Py_ssize_t n = inputs->n;
    double *numbers = inputs->numbers;
    if (!PyList_CheckExact(neuron->w) || PyList_GET_SIZE(neuron->w) != n || !number_in(neuron->b, &numbers[2 * n])) return NULL;
    PyObject *const *w = PySequence_Fast_ITEMS(neuron->w);
    int active = inputs->active || is_node(neuron->b);
    Operands *weights = NULL;
    if (inputs->mode == RECORDING) {
        if (!(weights = gathered(w, n))) return NULL;
        memcpy(numbers, weights->numbers, (size_t)n * sizeof *numbers);
        active |= weights->active > 0;
    } else
        for (Py_ssize_t i = 0; i < n; i++) {
            if (!number_in(w[i], &numbers[i])) return NULL;
            active |= is_node(w[i]);
        }
    double z = affine_of(numbers, n);
    if (!raised_in_kernel() && active) {
        if (inputs->mode == LEAVES) return (PyObject *)new_node(LEAF, z);
        inputs->operands->refs++;
        return node_of_pair(affine_place, z, weights, inputs->operands, neuron->b);
    }
    if (weights) release(weights);
    return NULL;
}

/* The activation of a neuron, a row or None for none; 0 for another one. */
static int activation_of(PyObject *activation, const Known **row) {
    int place = activation == Py_None ? -1 : place_of(activation);
    *row = place >= 0 ? &known[place] : NULL;
    return *row ? (*row)->row->arity == 1 && (*row)->defaults : activation == Py_None;
}

/* f(z) of a logit, which it takes over. */
static inline PyObject *activated(PyObject *z, const Known *row, int mode) {
    int place = (int)(row - known);
    PyObject *y = NULL;
    double partial, number = ((Node *)z)->data;
    if (mode == RECORDING && !row->row->parameters) {
        double data = row->row->rule(&number, NULL, 1u, &partial);
        if (!raised_in_kernel()) y = node_of_two(place, 1, data, &z, 1, &number, &partial);
    } else
        y = node_of_kernel(place, &z, 1, row->defaults, mode);
    Py_DECREF(z);
    return y;
}

/* What a layer of these neurons makes of inputs: an output, or a list of several; NULL where Python must do it. */
static PyObject *outputs(PyObject *neurons, PyObject *x, PyObject *classes, int mode) {
    if (mode == IN_PYTHON || !PyList_CheckExact(neurons) || !(is_node(x) || PyList_CheckExact(x) || PyTuple_CheckExact(x))) return NULL;
    PyObject *made = PyList_New(PyList_GET_SIZE(neurons)), *found = NULL;
    if (!made) return NULL;
    int collects = PyGC_Disable(); /* a finalizer could change what is read here */
    Inputs inputs = {is_node(x) ? &x : PySequence_Fast_ITEMS(x), is_node(x) ? 1 : PySequence_Fast_GET_SIZE(x), 0, mode, NULL, NULL};
    Py_ssize_t n = inputs.n, count = PyList_GET_SIZE(made), i = 0;
    Room room;
    if (!n || !count || count != PyList_GET_SIZE(neurons) || !find_room(&room, 3 * n + 2)) goto python;
    inputs.numbers = room.numbers;
    for (i = 0; i < n; i++) {
        if (!number_in(inputs.x[i], &room.numbers[n + i])) goto python;
        inputs.active |= is_node(inputs.x[i]);
    }
    if (mode == RECORDING && !(inputs.operands = gathered(inputs.x, n))) goto python;
    PyTypeObject *type = NULL;
    PyObject *activation = NULL, *y;
    const Known *row = NULL;
    for (i = 0; i < count; i++) {
        PyObject *neuron = PyList_GET_ITEM(neurons, i);
        Facts facts;
        if (Py_TYPE(neuron) != type && !runs_as_defined(classes, type = Py_TYPE(neuron), 0, 0)) break;
        if (!facts_of(neuron, &facts) || !facts.w || !facts.b || !facts.activation || facts.fused != Py_True) break;
        if (facts.activation != activation && !activation_of(activation = facts.activation, &row)) break;
        if (!(y = logit(&facts, &inputs)) || (row && !(y = activated(y, row, mode)))) break;
        PyList_SET_ITEM(made, i, y);
    }
    if (inputs.operands) release(inputs.operands);
    if (i < count) goto python;
    found = Py_NewRef(count > 1 ? made : PyList_GET_ITEM(made, 0));
python:
    if (collects) PyGC_Enable();
    Py_DECREF(made);
    return found;
}

/* side_by_side(neurons, x, classes): what `Layer.forward` returns; None where Python must do it. */
static PyObject *py_side_by_side(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    if (count != 3 || !PyTuple_Check(args[2]) || PyTuple_GET_SIZE(args[2]) != 7)
        return PyErr_Format(PyExc_TypeError, "side_by_side takes neurons, their inputs and seven classes and functions");
    PyObject *made = outputs(args[0], args[1], args[2], mode_now());
    PyErr_Clear();
    return made ? made : Py_NewRef(Py_None);
}

/* in_sequence(layers, x, classes): what the last of the layers makes of it. */
static PyObject *py_in_sequence(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    if (count != 3 || !PyTuple_Check(args[2]) || PyTuple_GET_SIZE(args[2]) != 7)
        return PyErr_Format(PyExc_TypeError, "in_sequence takes layers, their inputs and seven classes and functions");
    PyObject *layers = PyObject_GetIter(args[0]), *layer;
    PyObject *x = layers ? Py_NewRef(args[1]) : NULL;
    int mode = layers ? mode_now() : IN_PYTHON;
    while (x && (layer = PyIter_Next(layers))) {
        PyObject *y = NULL;
        Facts facts;
        if (runs_as_defined(args[2], Py_TYPE(layer), 2, 4) && facts_of(layer, &facts) && facts.neurons)
            y = outputs(facts.neurons, x, args[2], mode);
        if (!y) {
            PyErr_Clear();
            y = PyObject_CallOneArg(layer, x);
            if (y) mode = mode_now(); /* which clears an error */
        }
        Py_SETREF(x, y);
        Py_DECREF(layer);
    }
    Py_XDECREF(layers);
    if (PyErr_Occurred()) Py_CLEAR(x);
    return x;
}
#endif
