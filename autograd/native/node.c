/* The class `Value` in C. `autograd.value` is its definition: this type does the same, faster. Read node.h first for what a node
   holds, then apply.h and calls.h for how one is made, then walks.h for backpropagation, layers.h and leaves.h for models;
   here are attributes, operators and the module.

   `make` is given the parts that stay Python's: the base class with methods and protocols, errors, what to do in a mode. */
#include "node.h"

#include "apply.h"
#include "calls.h"
#include "layers.h"
#include "walks.h"
#include "leaves.h"
#include "programs.h"

static PyObject *refuse, *refuse_label, *no_parameters, *proxy_type;

/* ------------------------------------------------------------------------------------------------------------- attributes */
static int without_deleter(const char *name) {
    PyErr_Format(PyExc_AttributeError, "property '%s' of 'Value' object has no deleter", name);
    return -1;
}

/* Python refuses, and says what to do instead. */
static int refused_to_set(Node *self, const char *name) {
    PyObject *answer = PyObject_CallFunction(refuse, "ssO", "to_set", name, (PyObject *)self);
    Py_XDECREF(answer);
    return -1;
}

static int as_number(PyObject *x, double *number) {
    if (PyFloat_CheckExact(x)) {
        *number = PyFloat_AS_DOUBLE(x);
        return 0;
    }
    PyObject *made = PyObject_CallOneArg(number_of, x);
    if (!made) return -1;
    *number = PyFloat_AsDouble(made);
    Py_DECREF(made);
    return *number == -1.0 && PyErr_Occurred() ? -1 : 0;
}

static PyObject *get_data(Node *self, void *Py_UNUSED(name)) { return PyFloat_FromDouble(self->data); }

static int set_data(Node *self, PyObject *x, void *name) {
    if (!x) return without_deleter(name);
    if (!is_leaf(self)) return refused_to_set(self, "data");
    double number;
    if (as_number(x, &number) < 0) return -1;
    set_number(self, number);
    return 0;
}

static PyObject *get_grad(Node *self, void *Py_UNUSED(name)) { return PyFloat_FromDouble(self->grad); }

static int set_grad(Node *self, PyObject *x, void *name) {
    double number;
    if (!x) return without_deleter(name);
    if (as_number(x, &number) < 0) return -1;
    self->grad = number;
    self->flags |= REACHED;
    return 0;
}

/* The slot of the pure node: None until a sweep reaches it. */
static PyObject *get_slot_grad(Node *self, void *Py_UNUSED(name)) {
    return self->flags & REACHED ? PyFloat_FromDouble(self->grad) : Py_NewRef(Py_None);
}

static int set_slot_grad(Node *self, PyObject *x, void *name) {
    if (x != Py_None) return set_grad(self, x, name);
    forget(self);
    return 0;
}

static int set_slot_data(Node *self, PyObject *x, void *name) {
    double number;
    if (!x) return without_deleter(name);
    if (as_number(x, &number) < 0) return -1;
    set_number(self, number);
    return 0;
}

static PyObject *get_reached(Node *self, void *Py_UNUSED(name)) { return PyBool_FromLong(self->flags & REACHED); }

static PyObject *get_op(Node *self, void *Py_UNUSED(name)) { return Py_NewRef(op_of(self)); }

static PyObject *partial_as_object(double partial) {
    return rows_is_closed(partial) ? Py_NewRef(Py_None) : PyFloat_FromDouble(partial);
}

/* A tuple of what is known of each argument of a node, or of its operands alone. */
enum { OPERANDS, PARTIALS, ARGUMENTS };
static PyObject *listed(Node *self, int what) {
    if (self->kind == BLOCK) {
        Block *block = self->made.block;
        if (what != PARTIALS) return Py_NewRef(what == OPERANDS ? block->operands : block->arguments);
        if (block->given) return Py_NewRef(block->given);
    }
    PyObject *made = PyTuple_New(what == ARGUMENTS ? count_of_arguments(self) : count_of_operands(self));
    for (Py_ssize_t i = 0, to = 0; made && to < PyTuple_GET_SIZE(made); i++) {
        Argument x = argument_of(self, i);
        if (!x.node && what != ARGUMENTS) continue;
        PyObject *item = what == PARTIALS ? partial_as_object(x.partial)
                         : x.node         ? Py_NewRef((PyObject *)x.node)
                                          : PyFloat_FromDouble(x.number);
        if (!item) Py_CLEAR(made);
        else PyTuple_SET_ITEM(made, to++, item);
    }
    return made;
}

static PyObject *get_operands(Node *self, void *Py_UNUSED(name)) { return listed(self, OPERANDS); }

static PyObject *get_arguments(Node *self, void *Py_UNUSED(name)) { return listed(self, ARGUMENTS); }

static PyObject *get_partials(Node *self, void *Py_UNUSED(name)) { return listed(self, PARTIALS); }

/* Where a node has its label; NULL if it has no place for one. */
static PyObject **place_of_label(Node *node) {
    return node->kind == LEAF ? &node->made.leaf.label : node->kind == BLOCK ? &node->made.block->label : NULL;
}

static PyObject *get_label(Node *self, void *Py_UNUSED(name)) {
    PyObject **label = place_of_label(self);
    return label && *label ? Py_NewRef(*label) : PyUnicode_FromStringAndSize(NULL, 0);
}

/* Put what a node was made of into a block. */
static int move_into_block(Node *self) {
    PyObject *operands = listed(self, OPERANDS), *partials = listed(self, PARTIALS), *arguments = listed(self, ARGUMENTS);
    PyObject *parameters = self->kind == MANY && self->made.many.parameters ? self->made.many.parameters : no_operands;
    Block *block = operands && partials && arguments ? block_of(op_of(self), operands, partials, arguments, parameters) : NULL;
    Py_XDECREF(operands);
    Py_XDECREF(partials);
    Py_XDECREF(arguments);
    if (!block) return -1;
    undo_waiting();
    Contents earlier = contents_of(self);
    self->kind = BLOCK;
    self->made.block = block;
    drop(earlier);
    return 0;
}

/* A label as a node holds it: an exact str, since a subclass's could refer to the node, and NULL for "". */
static int exact_label(PyObject *x, PyObject **label) {
    *label = PyUnicode_GET_LENGTH(x) ? PyUnicode_FromObject(x) : NULL;
    return *label || !PyUnicode_GET_LENGTH(x) ? 0 : -1;
}

static int set_label(Node *self, PyObject *x, void *name) {
    if (!x) return without_deleter(name);
    if (!PyUnicode_Check(x)) {
        PyObject *answer = PyObject_CallFunctionObjArgs(refuse_label, (PyObject *)self, x, NULL);
        Py_XDECREF(answer);
        return -1;
    }
    PyObject *label;
    if (exact_label(x, &label) < 0) return -1;
    if (label && !place_of_label(self) && move_into_block(self) < 0) {
        Py_DECREF(label);
        return -1;
    }
    PyObject **place = place_of_label(self);
    if (place) Py_XSETREF(*place, label);
    return 0;
}

static PyObject *get_parameters(Node *self, void *Py_UNUSED(name)) {
    PyObject *parameters = self->kind == BLOCK ? self->made.block->parameters : self->kind == MANY ? self->made.many.parameters : NULL;
    return parameters ? PyObject_CallOneArg(proxy_type, parameters) : Py_NewRef(no_parameters);
}

/* (operand, local derivative, contribution, is the gate open) for each operand */
static PyObject *get_edges(Node *self, void *Py_UNUSED(name)) {
    PyObject *operands = get_operands(self, NULL), *partials = operands ? get_partials(self, NULL) : NULL;
    Py_ssize_t n = partials ? PyTuple_GET_SIZE(operands) : 0;
    PyObject *made = NULL;
    if (partials && PyTuple_GET_SIZE(partials) != n) PyErr_SetString(PyExc_ValueError, "the node has no partials");
    else if (partials) made = PyTuple_New(n);
    for (Py_ssize_t i = 0; made && i < n; i++) {
        PyObject *partial = PyTuple_GET_ITEM(partials, i);
        int is_open = partial != Py_None;
        double slope = is_open ? PyFloat_AsDouble(partial) : 0.0;
        double contribution = is_open && self->flags & REACHED ? self->grad * slope : 0.0;
        PyObject *edge = Py_BuildValue("(OOdO)", PyTuple_GET_ITEM(operands, i), partial, contribution, is_open ? Py_True : Py_False);
        if (!edge) Py_CLEAR(made);
        else PyTuple_SET_ITEM(made, i, edge);
    }
    Py_XDECREF(operands);
    Py_XDECREF(partials);
    return made;
}

static PyObject *get_weakref(Node *self, void *Py_UNUSED(name)) { return Py_NewRef(self->weak ? self->weak : Py_None); }

#define READ_ONLY(name) \
    static int refuse_##name(Node *self, PyObject *x, void *Py_UNUSED(closure)) { \
        return x ? refused_to_set(self, #name) : without_deleter(#name); \
    }
READ_ONLY(reached) READ_ONLY(op) READ_ONLY(operands) READ_ONLY(partials) READ_ONLY(arguments) READ_ONLY(parameters) READ_ONLY(edges)
#define ATTRIBUTE(name, get, set) {name, (getter)get, (setter)set, NULL, (void *)name}
static PyGetSetDef attributes[] = { /* `make` fills in what they are, as the pure class has it */
    ATTRIBUTE("data", get_data, set_data), ATTRIBUTE("grad", get_grad, set_grad), ATTRIBUTE("label", get_label, set_label),
    ATTRIBUTE("reached", get_reached, refuse_reached), ATTRIBUTE("op", get_op, refuse_op),
    ATTRIBUTE("operands", get_operands, refuse_operands), ATTRIBUTE("partials", get_partials, refuse_partials),
    ATTRIBUTE("arguments", get_arguments, refuse_arguments), ATTRIBUTE("parameters", get_parameters, refuse_parameters),
    ATTRIBUTE("edges", get_edges, refuse_edges), ATTRIBUTE("_data", get_data, set_slot_data),
    ATTRIBUTE("_grad", get_slot_grad, set_slot_grad), ATTRIBUTE("_operands", get_operands, refuse_operands), ATTRIBUTE("__weakref__", get_weakref, NULL), {NULL}};

/* -------------------------------------------------------------------------------------------------------------- operators */
typedef double (*Rule)(const double *, const double *, unsigned, double *);

/* What the method of the base class answers, the reflected one where the node is on the right. */
static PyObject *in_python(PyObject *left, PyObject *right, const char *name, const char *reflected) {
    PyObject *method = PyUnicode_InternFromString(is_node(left) ? name : reflected), *answer;
    if (!method) return NULL;
    answer = is_node(left) ? PyObject_CallMethodOneArg(left, method, right) : PyObject_CallMethodOneArg(right, method, left);
    Py_DECREF(method);
    return answer;
}

/* A row of two operands whose kernel is known when this is compiled. */
static inline Py_ALWAYS_INLINE PyObject *binary(PyObject *left, PyObject *right, int place, Rule rule, const char *name,
                                                const char *reflected) {
    double numbers[2], partials[2] = {0.0, 0.0};
    PyObject *both[2] = {left, right};
    int mode = mode_now(), active = mode != IN_PYTHON ? numbers_of_two(both, 2, numbers) : -1;
    if (active > 0) {
        double y = mode == LEAVES ? rows_table[place].value(numbers, NULL) : rule(numbers, NULL, (unsigned)active, partials);
        if (!rows_raised && mode == LEAVES) return (PyObject *)new_node(LEAF, y);
        if (!rows_raised) return node_of_two(place, 2, y, both, active, numbers, partials);
        rows_raised = 0;
    }
    return in_python(left, right, name, reflected);
}

static inline Py_ALWAYS_INLINE PyObject *unary(PyObject *self, int place, Rule rule, const char *name) {
    double number = ((Node *)self)->data, partial;
    int mode = mode_now();
    if (mode != IN_PYTHON) {
        double y = mode == LEAVES ? rows_table[place].value(&number, NULL) : rule(&number, NULL, 1u, &partial);
        if (!rows_raised && mode == LEAVES) return (PyObject *)new_node(LEAF, y);
        if (!rows_raised) return node_of_two(place, 1, y, &self, 1, &number, &partial);
        rows_raised = 0;
    }
    return PyObject_CallMethod(self, name, NULL);
}

#define BINARY(row, python) \
    static int row##_place; \
    static PyObject *nb_##row(PyObject *left, PyObject *right) { \
        return binary(left, right, row##_place, row##_rule, "__" python "__", "__r" python "__"); \
    }
#define UNARY(row) \
    static int row##_place; \
    static PyObject *nb_##row(PyObject *self) { return unary(self, row##_place, row##_rule, "__" #row "__"); }
BINARY(add, "add")
BINARY(sub, "sub")
BINARY(mul, "mul")
BINARY(div, "truediv")
BINARY(floor_div, "floordiv")
BINARY(mod, "mod")
BINARY(pow, "pow")
UNARY(neg)
UNARY(abs)

static PyObject *nb_iadd(PyObject *left, PyObject *right) {
    return binary(left, right, add_place, add_rule, "__iadd__", "__radd__");
}

static PyObject *nb_power(PyObject *left, PyObject *right, PyObject *modulus) {
    if (modulus == Py_None) return nb_pow(left, right);
    if (!is_node(left)) Py_RETURN_NOTIMPLEMENTED;
    return PyObject_CallMethod(left, "__pow__", "OO", right, modulus);
}

static const struct { const char *row; int *place; } needed_places[] = {
    {"add", &add_place}, {"sub", &sub_place}, {"mul", &mul_place}, {"div", &div_place}, {"floor_div", &floor_div_place},
    {"mod", &mod_place}, {"pow", &pow_place}, {"neg", &neg_place}, {"abs", &abs_place}, {"dot", &dot_place}, {"affine", &affine_place}};

/* The number to compare with, if it is a node's, a float, or an int that a double holds exactly. */
static inline int comparand(PyObject *x, double *number) {
    if (!PyLong_CheckExact(x)) return (is_node(x) || PyFloat_CheckExact(x)) && number_in(x, number);
    return number_in(x, number) && fabs(*number) < 9007199254740992.0;
}

/* Equal numbers are a kink that Python takes note of; numbers that differ, or a node and itself under <= and >=, are not. */
static PyObject *compare(PyObject *self, PyObject *other, int relation) {
    static const char *const names[] = {"__lt__", "__le__", "__eq__", "__ne__", "__gt__", "__ge__"};
    double a = ((Node *)self)->data, b;
    if (comparand(other, &b) && (a != b || (other == self && (relation == Py_LE || relation == Py_GE))))
        Py_RETURN_RICHCOMPARE(a, b, relation);
    return in_python(self, other, names[relation], NULL);
}

static PyObject *static_apply(PyObject *Py_UNUSED(none), PyObject *const *args, Py_ssize_t count) {
    if (count == 3) return apply(args[0], args[1], args[2]);
    PyErr_Format(PyExc_TypeError, "Value.__autograd_op__() takes 3 positional arguments but %zd were given", count);
    return NULL;
}

/* ------------------------------------------------------------------------------------------------------------ making leaves */
static PyObject *value_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(keywords)) {
    if (type == NodeType) return (PyObject *)new_node(LEAF, 0.0);
    PyErr_SetString(PyExc_TypeError, "Value cannot be subclassed");
    return NULL;
}

/* Value(data): all else goes to `__init__`, which is Python's. */
static PyObject *value_call(PyObject *type, PyObject *const *args, size_t flagged, PyObject *names) {
    Py_ssize_t count = PyVectorcall_NARGS(flagged);
    double number;
    if (type == (PyObject *)NodeType && count == 1 && (!names || !PyTuple_GET_SIZE(names)) && !is_node(args[0]) &&
        number_in(args[0], &number))
        return (PyObject *)new_node(LEAF, number);
    PyObject *tuple = PyTuple_New(count), *keywords = names ? PyDict_New() : NULL, *made = NULL;
    if (!tuple || (names && !keywords)) goto done;
    for (Py_ssize_t i = 0; i < count; i++) PyTuple_SET_ITEM(tuple, i, Py_NewRef(args[i]));
    for (Py_ssize_t i = 0; names && i < PyTuple_GET_SIZE(names); i++)
        if (PyDict_SetItem(keywords, PyTuple_GET_ITEM(names, i), args[count + i]) < 0) goto done;
    made = ((PyTypeObject *)type)->tp_new((PyTypeObject *)type, tuple, keywords);
    if (made && Py_TYPE(made)->tp_init(made, tuple, keywords) < 0) Py_CLEAR(made);
done:
    Py_XDECREF(tuple);
    Py_XDECREF(keywords);
    return made;
}

/* --------------------------------------------------------------------------------------------------------------- the module */
static PyObject *py_reset(PyObject *Py_UNUSED(module), PyObject *args) {
    PyObject *node, *label;
    double data;
    if (!PyArg_ParseTuple(args, "O!dU:reset", NodeType, &node, &data, &label) || exact_label(label, &label) < 0) return NULL;
    undo_waiting();
    make_leaf((Node *)node, data, label);
    Py_RETURN_NONE;
}

static PyObject *py_order(PyObject *Py_UNUSED(module), PyObject *roots) {
    if (!PyTuple_Check(roots)) return PyErr_Format(PyExc_TypeError, "order takes a tuple");
    PyObject *order = order_of(PySequence_Fast_ITEMS(roots), PyTuple_GET_SIZE(roots), NULL);
    return order || PyErr_Occurred() ? order : Py_NewRef(Py_None);
}

static PyObject *py_further_order(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    if (count != 2 || !PySet_CheckExact(args[1])) return PyErr_Format(PyExc_TypeError, "further_order takes roots and a set");
    PyObject *roots = PySequence_Tuple(args[0]), *seen = args[1];
    if (!roots) return NULL;
    PyObject *order = order_of(PySequence_Fast_ITEMS(roots), PyTuple_GET_SIZE(roots), PySet_GET_SIZE(seen) ? seen : NULL);
    Py_DECREF(roots);
    if (!order && !PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "a graph begins at a node");
    for (Py_ssize_t i = 0; order && i < PyList_GET_SIZE(order); i++)
        if (PySet_Add(seen, PyList_GET_ITEM(order, i)) < 0) Py_CLEAR(order);
    return order;
}

static PyObject *py_backward(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    if (count != 2 || !is_node(args[0])) return PyErr_Format(PyExc_TypeError, "backward takes a node and a seed");
    double seed = PyFloat_AsDouble(args[1]);
    if ((seed == -1.0 && PyErr_Occurred()) || backward((Node *)args[0], seed) < 0) return NULL;
    Py_RETURN_NONE;
}

/* Forget the gradients of a list of nodes; False, and nothing forgotten, if one is no node. */
static PyObject *py_forget(PyObject *Py_UNUSED(module), PyObject *nodes) {
    if (!PyList_CheckExact(nodes)) Py_RETURN_FALSE;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(nodes); i++)
        if (!is_node(PyList_GET_ITEM(nodes, i))) Py_RETURN_FALSE;
    undo_waiting();
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(nodes); i++) forget((Node *)PyList_GET_ITEM(nodes, i));
    Py_RETURN_TRUE;
}

static PyObject *py_sweep(PyObject *Py_UNUSED(module), PyObject *order) {
    PyObject *nodes = PySequence_Tuple(order);
    if (!nodes) return NULL;
    Py_ssize_t n = PyTuple_GET_SIZE(nodes);
    for (Py_ssize_t i = 0; i < n; i++)
        if (!is_node(PyTuple_GET_ITEM(nodes, i))) {
            Py_DECREF(nodes);
            return PyErr_Format(PyExc_TypeError, "sweep takes nodes");
        }
    undo_waiting();
    while (n-- > 0) {
        Node *node = (Node *)PyTuple_GET_ITEM(nodes, n);
        if (node->flags & REACHED) hand_on(node);
    }
    Py_DECREF(nodes);
    Py_RETURN_NONE;
}

/* adjoints(order, wanted), two tuples: a list of floats; None where Python must do it. */
static PyObject *py_adjoints(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    if (count != 2 || !PyTuple_CheckExact(args[0]) || !PyTuple_CheckExact(args[1])) Py_RETURN_NONE;
    Py_ssize_t n = PyTuple_GET_SIZE(args[0]), wishes = PyTuple_GET_SIZE(args[1]);
    PyObject **order = PySequence_Fast_ITEMS(args[0]), **wanted = PySequence_Fast_ITEMS(args[1]);
    for (Py_ssize_t i = 0; i < n + wishes; i++)
        if (!is_node(i < n ? order[i] : wanted[i - n])) Py_RETURN_NONE;
    double *found = PyMem_Malloc((size_t)(wishes + 1) * sizeof *found);
    if (!found) return PyErr_NoMemory();
    int failed = adjoints_apart(order, n, wanted, wishes, found);
    PyObject *made = failed == 0 ? PyList_New(wishes) : failed > 0 ? Py_NewRef(Py_None) : NULL;
    for (Py_ssize_t i = 0; failed == 0 && made && i < wishes; i++) {
        PyObject *x = PyFloat_FromDouble(found[i]);
        if (!x) Py_CLEAR(made);
        else PyList_SET_ITEM(made, i, x);
    }
    PyMem_Free(found);
    return made;
}

/* Whether a backward in this context is Python's: anomalies are detected, or a part of the engine is replaced. */
static PyObject *py_is_in_python(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none)) {
    return PyBool_FromLong(mode_now() == IN_PYTHON);
}

static PyObject *py_living(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none)) {
    return Py_BuildValue("{s:n,s:n,s:n}", "nodes", live_nodes, "blocks", live_blocks, "bytes", (Py_ssize_t)sizeof(Node));
}

/* learn(op, names, defaults): give the row of that name its kernel; False if there is none that fits. */
static PyObject *py_learn(PyObject *Py_UNUSED(module), PyObject *args) {
    PyObject *op, *names, *defaults;
    const char *name;
    if (!PyArg_ParseTuple(args, "OsO!O:learn", &op, &name, &PyTuple_Type, &names, &defaults)) return NULL;
    for (int i = 0; i < ROWS_COUNT; i++) {
        if (strcmp(rows_table[i].name, name) || known[i].op || rows_table[i].parameters != PyTuple_GET_SIZE(names)) continue;
        known[i] = (Known){Py_NewRef(op), Py_NewRef(names), defaults == Py_None ? NULL : Py_NewRef(defaults), &rows_table[i], NULL};
        remember_place(op, i);
        for (size_t k = 0; k < Py_ARRAY_LENGTH(needed_places); k++)
            if (!strcmp(needed_places[k].row, name)) *needed_places[k].place = i;
        Py_RETURN_TRUE;
    }
    Py_RETURN_FALSE;
}

/* learn_own(op, names, defaults, entry, taken_error): give a user's row the kernel at an address, as `rows_own` gives it, and the
   address of `rows_own_error`; False if there are too many. */
static PyObject *py_learn_own(PyObject *Py_UNUSED(module), PyObject *args) {
    PyObject *op, *names, *defaults;
    unsigned long long entry, taken_error;
    if (!PyArg_ParseTuple(args, "OO!OKK:learn_own", &op, &PyTuple_Type, &names, &defaults, &entry, &taken_error)) return NULL;
    const rows_row *row = (const rows_row *)(uintptr_t)entry;
    if (own_count == MOST_OWN || row->parameters > MOST_PARAMETERS || row->arity > MOST_OPERANDS) Py_RETURN_FALSE;
    int place = ROWS_COUNT + own_count++;
    known[place] = (Known){Py_NewRef(op), Py_NewRef(names), defaults == Py_None ? NULL : Py_NewRef(defaults), row,
                           (int (*)(void))(uintptr_t)taken_error};
    remember_place(op, place);
    Py_RETURN_TRUE;
}

/* No collector's header: a type that has a `tp_traverse` does not take the flag for one from its base class. */
static int traverse(PyObject *Py_UNUSED(self), visitproc Py_UNUSED(visit), void *Py_UNUSED(arg)) { return 0; }

static PyMethodDef methods[] = {
    {"__autograd_op__", (PyCFunction)(void *)static_apply, METH_FASTCALL | METH_STATIC, NULL}, {NULL}};
static PyType_Slot slots[] = {
    {Py_tp_dealloc, node_dealloc}, {Py_tp_traverse, traverse}, {Py_tp_new, value_new}, {Py_tp_richcompare, compare}, {Py_tp_hash, NULL},
    {Py_tp_getset, attributes}, {Py_tp_methods, methods}, {Py_nb_add, nb_add}, {Py_nb_subtract, nb_sub}, {Py_nb_multiply, nb_mul},
    {Py_nb_true_divide, nb_div}, {Py_nb_floor_divide, nb_floor_div}, {Py_nb_remainder, nb_mod}, {Py_nb_power, nb_power},
    {Py_nb_negative, nb_neg}, {Py_nb_absolute, nb_abs}, {Py_nb_inplace_add, nb_iadd}, {0, NULL}};
static PyType_Spec spec = {"autograd.value.Value", sizeof(Node), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots};

/* The names that the base class has already: what they say and do is Python's, and C is behind the operators alone. */
static const char *const inherited[] = {
    "__add__", "__radd__", "__sub__", "__rsub__", "__mul__", "__rmul__", "__truediv__", "__rtruediv__", "__floordiv__",
    "__rfloordiv__", "__mod__", "__rmod__", "__pow__", "__rpow__", "__neg__", "__abs__", "__iadd__", "__lt__", "__le__", "__eq__",
    "__ne__", "__gt__", "__ge__", "__hash__"};

/* make(base, docs, parts): the class, made once. */
static PyObject *py_make(PyObject *module, PyObject *args) {
    PyObject *base, *docs, *parts;
    if (!PyArg_ParseTuple(args, "O!O!O!:make", &PyType_Type, &base, &PyDict_Type, &docs, &PyDict_Type, &parts)) return NULL;
    if (NodeType) return PyErr_Format(PyExc_RuntimeError, "the node in C serves an earlier import of autograd in this process");
    const struct { const char *name; PyObject **place; } needed[] = {
        {"refuse", &refuse}, {"refuse_label", &refuse_label}, {"number", &number_of}, {"live", &live},
        {"apply", &apply_in_python}, {"NO_PARAMETERS", &no_parameters}, {"MappingProxyType", &proxy_type},
        {"recording", &recording}, {"origins", &origins}, {"replaced", &replaced}};
    for (size_t i = 0; i < Py_ARRAY_LENGTH(needed); i++) {
        PyObject *part = PyDict_GetItemString(parts, needed[i].name);
        if (!part) return PyErr_Format(PyExc_KeyError, "%s", needed[i].name);
        *needed[i].place = Py_NewRef(part);
    }
    if (!PySet_CheckExact(live)) return PyErr_Format(PyExc_TypeError, "live is a set");
    no_operands = PyTuple_New(0);
    locked = PyUnicode_InternFromString("locked");
    if (intern_names() < 0 || intern_names_of_kinds() < 0 || watch_dicts() < 0) return NULL;
    for (PyGetSetDef *each = attributes; each->name; each++) {
        PyObject *doc = PyDict_GetItemString(docs, each->name);
        each->doc = doc && PyUnicode_Check(doc) ? PyUnicode_AsUTF8(Py_NewRef(doc)) : NULL;
    }
    for (PyType_Slot *slot = slots; slot->slot; slot++)
        if (slot->slot == Py_tp_hash) slot->pfunc = (void *)PyBaseObject_Type.tp_hash;
    static PyMemberDef members[] = {{"__weaklistoffset__", T_PYSSIZET, offsetof(Node, weak), READONLY, NULL}, {NULL}};
    PyType_Slot every[Py_ARRAY_LENGTH(slots) + 1] = {{Py_tp_members, members}};
    memcpy(every + 1, slots, sizeof slots);
    spec.slots = every;
    PyObject *type = PyType_FromModuleAndSpec(module, &spec, base);
    if (!type) return NULL;
    if (PyType_IS_GC((PyTypeObject *)type)) return PyErr_Format(PyExc_SystemError, "the class Value has a collector's header");
    for (size_t i = 0; i < Py_ARRAY_LENGTH(inherited); i++)
        if (PyDict_DelItemString(((PyTypeObject *)type)->tp_dict, inherited[i]) < 0) PyErr_Clear();
    NodeType = (PyTypeObject *)type;
    NodeType->tp_name = "Value"; /* in messages, as the pure class has it */
    NodeType->tp_vectorcall = value_call;
    PyType_Modified(NodeType);
    return Py_NewRef(type); /* one reference stays here */
}

static PyMethodDef functions[] = {
    {"make", py_make, METH_VARARGS, NULL}, {"learn", py_learn, METH_VARARGS, NULL}, {"learn_own", py_learn_own, METH_VARARGS, NULL},
    {"shortcut", py_shortcut, METH_VARARGS, NULL}, {"reset", py_reset, METH_VARARGS, NULL},
    {"recorded", (PyCFunction)(void *)recorded, METH_VARARGS | METH_KEYWORDS, NULL}, {"order", py_order, METH_O, NULL},
    {"further_order", (PyCFunction)(void *)py_further_order, METH_FASTCALL, NULL}, {"sweep", py_sweep, METH_O, NULL},
    {"backward", (PyCFunction)(void *)py_backward, METH_FASTCALL, NULL}, {"forget", py_forget, METH_O, NULL},
    {"adjoints", (PyCFunction)(void *)py_adjoints, METH_FASTCALL, NULL}, {"living", py_living, METH_NOARGS, NULL},
    {"is_in_python", py_is_in_python, METH_NOARGS, NULL}, {"modules_in", (PyCFunction)(void *)py_modules_in, METH_FASTCALL, NULL},
    {"leaves_in", (PyCFunction)(void *)py_leaves_in, METH_FASTCALL, NULL},
    {"forget_in", (PyCFunction)(void *)py_forget_in, METH_FASTCALL, NULL},
    {"update", py_update, METH_VARARGS, NULL},
    {"side_by_side", (PyCFunction)(void *)py_side_by_side, METH_FASTCALL, NULL},
    {"in_sequence", (PyCFunction)(void *)py_in_sequence, METH_FASTCALL, NULL},
    {"run_code", (PyCFunction)(void *)py_run_code, METH_FASTCALL, NULL}, {"read_data", (PyCFunction)(void *)py_read_data, METH_FASTCALL, NULL},
    {"write_data", (PyCFunction)(void *)py_write_data, METH_FASTCALL, NULL},
    {"fill_rows", (PyCFunction)(void *)py_fill_rows, METH_FASTCALL, NULL},
    {"add_grads", (PyCFunction)(void *)py_add_grads, METH_FASTCALL, NULL}, {NULL}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_node", "The class Value in C.", -1, functions, NULL, NULL, NULL, NULL};

#ifndef NATIVE_DIGEST /* of the sources, as autograd/engine.py computes it; setup.py passes it on */
#define NATIVE_DIGEST 0
#endif

#define BUILT_FOR Py_STRINGIFY(PY_MAJOR_VERSION) "." Py_STRINGIFY(PY_MINOR_VERSION)

/* The version first, as text: another Python may lay out its objects in another way. */
PyMODINIT_FUNC PyInit__node(void) {
    const char *version = Py_GetVersion();
    if (strncmp(version, BUILT_FOR ".", strlen(BUILT_FOR ".")) || strstr(version, "free-threading")) {
        PyErr_SetString(PyExc_ImportError, "it was built for Python " BUILT_FOR " with the interpreter's lock");
        return NULL;
    }
    PyObject *module = PyModule_Create(&definition), *digest = module ? PyLong_FromUnsignedLong(NATIVE_DIGEST) : NULL;
    if (digest && PyModule_AddObjectRef(module, "DIGEST", digest) < 0) Py_CLEAR(module);
    if (!digest) Py_CLEAR(module);
    Py_XDECREF(digest);
    return module;
}
