/* Applying a row of the table to nodes and numbers: one call of its kernel, and the node that records it.

   Where anything is unusual, the answer comes from Python: another mode than no_grad is on, an argument is neither a node nor a
   float or int, a row is not in the table of kernels or has other parameters than numbers, a kernel raised. So there is one
   semantics, that of `autograd.value`, and an error has its words. */
#ifndef NATIVE_APPLY_H
#define NATIVE_APPLY_H
#include "node.h"

enum { MOST_PARAMETERS = 8, MOST_OPERANDS = 32, FEW = 4 }; /* MOST_OPERANDS: of a row of a fixed number of them */

typedef struct {
    PyObject *op;       /* NULL until the module is told of it */
    PyObject *names;    /* of its parameters, in the kernel's order */
    PyObject *defaults; /* a dict of them, if a call has the operands alone, in order; else NULL */
    const rows_row *row;
    int (*taken_error)(void); /* of a user's row, which is in another library; NULL for a row of the table */
} Known;

enum { MOST_OWN = 256 };                    /* a row that is declared again is another one, and nodes may keep the earlier */
static Known known[ROWS_COUNT + MOST_OWN]; /* as `rows_table` is ordered, and then users' rows */
static int own_count;
static PyObject *live;          /* the set of modes.live: while it is empty no mode is on in any thread */
static int dot_place = -1, affine_place = -1;
static PyObject *apply_in_python, *number_of;

/* ------------------------------------------------------------------------------------------------------------------- modes */
static PyObject *recording, *origins, *replaced; /* the variables of modes.py */
static PyObject *locked; /* the name of a lock's method, made once: the interpreter remembers each string that it was asked for */

/* What the innermost block that this context is in has set: NULL where it is in none, borrowed. */
static PyObject *setting_of(PyObject *variable) {
    PyObject *entries = NULL, *found = NULL;
    if (PyContextVar_Get(variable, NULL, &entries) < 0) return NULL;
    for (Py_ssize_t i = PyTuple_GET_SIZE(entries); i-- > 0 && !found && !PyErr_Occurred();) {
        PyObject *entry = PyTuple_GET_ITEM(entries, i), *lock = PyObject_CallNoArgs(PyTuple_GET_ITEM(entry, 0));
        PyObject *is_locked = lock && lock != Py_None ? PyObject_CallMethodNoArgs(lock, locked) : NULL;
        if (is_locked == Py_True) found = PyTuple_GET_ITEM(entry, 1);
        Py_XDECREF(is_locked);
        Py_XDECREF(lock);
    }
    Py_DECREF(entries); /* the context has them */
    return found;
}

enum { RECORDING, LEAVES, IN_PYTHON }; /* LEAVES: under no_grad an operation makes a leaf */
static int mode_in_this_context(void) {
    int mode = setting_of(recording) == Py_False ? LEAVES : RECORDING;
    if (setting_of(origins) || setting_of(replaced) || PyErr_Occurred()) mode = IN_PYTHON;
    PyErr_Clear();
    return mode;
}

static inline int mode_now(void) { return PySet_GET_SIZE(live) ? mode_in_this_context() : RECORDING; }

/* --------------------------------------------------------------------------------------------- operations by their address */
enum { PLACES = 1024 };
static int16_t places[PLACES]; /* 1 + place in `known`, 0 for none; open addressing */

static inline size_t first_place(PyObject *op) { return ((uintptr_t)op >> 4) * 2654435761u % PLACES; }

static inline int place_of(PyObject *op) { /* in `known`; -1 for a row that has no kernel */
    for (size_t i = first_place(op); places[i]; i = (i + 1) % PLACES)
        if (known[places[i] - 1].op == op) return places[i] - 1;
    return -1;
}

static void remember_place(PyObject *op, int place) {
    size_t i = first_place(op);
    while (places[i]) i = (i + 1) % PLACES;
    places[i] = (int16_t)(place + 1);
}

static inline PyObject *op_of(const Node *node) {
    return node->kind == LEAF ? Py_None : node->kind == BLOCK ? node->made.block->op : known[node->row].op;
}

/* ----------------------------------------------------------------------------------------------------------------- numbers */
/* The number of a node, a float or an int; 0 for what Python must look at. */
static inline int number_in(PyObject *x, double *number) {
    if (is_node(x)) {
        *number = ((Node *)x)->data;
        return 1;
    }
    if (PyFloat_CheckExact(x)) {
        *number = PyFloat_AS_DOUBLE(x);
        return 1;
    }
    if (!PyLong_CheckExact(x)) return 0;
    *number = PyLong_AsDouble(x);
    if (*number != -1.0 || !PyErr_Occurred()) return 1;
    PyErr_Clear();
    return 0;
}

/* The parameters as the kernel takes them; 0 if they are no numbers, or a place beyond the operands. */
static int parameters_in(const Known *of, PyObject *parameters, Py_ssize_t n, double *numbers) {
    if (of->row->parameters > MOST_PARAMETERS) return 0;
    for (int i = 0; i < of->row->parameters; i++) {
        PyObject *x = PyObject_GetItem(parameters, PyTuple_GET_ITEM(of->names, i));
        int is_number = x && (PyFloat_CheckExact(x) || PyBool_Check(x) || PyLong_CheckExact(x));
        if (is_number) numbers[i] = PyFloat_AsDouble(x);
        if (is_number && !PyErr_Occurred() && PyLong_Check(x)) {
            double low = of->row->arity < 0 ? 0.0 : -9e15, high = of->row->arity < 0 ? (double)n : 9e15;
            is_number = numbers[i] >= low && numbers[i] < high;
        }
        Py_XDECREF(x);
        if (!is_number || PyErr_Occurred()) {
            PyErr_Clear();
            return 0;
        }
    }
    return 1;
}

/* --------------------------------------------------------------------------------------------------------- making the nodes */
/* The numbers of one or two arguments: a bit for each that is a node, −1 if one is no number. */
static inline Py_ALWAYS_INLINE int numbers_of_two(PyObject *const *x, int count, double *numbers) {
    int active = 0;
    for (int i = 0; i < count; i++) {
        if (!number_in(x[i], &numbers[i])) return -1;
        active |= is_node(x[i]) << i;
    }
    return active;
}

static inline Py_ALWAYS_INLINE PyObject *node_of_two(int place, int count, double y, PyObject *const *x, int active,
                                                     const double *numbers, const double *partials) {
    Node *node = new_node(TWO, y);
    if (!node) return NULL;
    node->row = (uint16_t)place;
    node->count = (uint8_t)count;
    for (int i = 0; i < 2; i++) {
        int is_active = i < count && active >> i & 1;
        node->made.two.operands[i] = is_active ? (Node *)Py_NewRef(x[i]) : NULL;
        if (i < count) node->made.two.partials[i] = is_active ? partials[i] : numbers[i];
    }
    return (PyObject *)node;
}

/* The node of a block, which it takes over; NULL without one. */
static PyObject *node_of_block(double y, Block *block) {
    Node *node = block ? new_node(BLOCK, y) : NULL;
    if (node) node->made.block = block;
    else if (block) free_block(block);
    return (PyObject *)node;
}

/* Whether operands are these nodes and numbers, as they are now. */
static int are_still(const Operands *operands, PyObject *const *x, Py_ssize_t n) {
    if (operands->version != version || operands->count != n) return 0;
    Node **nodes = nodes_of(operands);
    if (operands->active == n) return !memcmp(nodes, x, (size_t)n * sizeof *nodes);
    for (Py_ssize_t i = 0; i < n; i++) {
        double number;
        if (nodes[i] != (is_node(x[i]) ? (Node *)x[i] : NULL) || !number_in(x[i], &number)) return 0;
        if (memcmp(&number, &operands->numbers[i], sizeof number)) return 0;
    }
    return 1;
}

/* One or more nodes, floats and ints as operands, with a reference to them; those that another node has where they are the same.
   NULL where something else is among them, or without memory: then with an error. */
static Operands *gathered(PyObject *const *x, Py_ssize_t n) {
    Node *first = is_node(x[0]) && ((Node *)x[0])->kind == LEAF ? (Node *)x[0] : NULL;
    Operands **place = first ? &first->made.leaf.begun : &recent, *made = *place;
    if (made && are_still(made, x, n)) {
        made->refs++;
        return made;
    }
    made = PyMem_Malloc(sizeof(Operands) + (size_t)n * (sizeof(double) + sizeof(Node *)));
    if (!made) return (Operands *)PyErr_NoMemory();
    for (Py_ssize_t i = 0; i < n; i++)
        if (!number_in(x[i], &made->numbers[i])) {
            PyMem_Free(made);
            return NULL;
        }
    live_blocks++;
    made->refs = 1;
    made->count = n;
    made->active = 0;
    made->version = version;
    made->seen = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        nodes_of(made)[i] = is_node(x[i]) ? (Node *)Py_NewRef(x[i]) : NULL;
        made->active += is_node(x[i]);
    }
    *place = made;
    return made;
}

typedef struct { /* room for the operands of one call */
    double *numbers, *partials;
    unsigned char *active;
    double few[2 * FEW];
    unsigned char few_active[FEW];
} Room;

static double *wide; /* what long calls use, kept for the next one */
static Py_ssize_t wide_room;

static int find_room(Room *room, Py_ssize_t n) {
    room->numbers = room->few;
    room->partials = room->few + FEW;
    room->active = room->few_active;
    if (n <= FEW) return 1;
    if (n > wide_room) {
        double *moved = PyMem_RawRealloc(wide, (size_t)n * (2 * sizeof(double) + 1));
        if (!moved) return 0;
        wide = moved;
        wide_room = n;
    }
    room->numbers = wide;
    room->partials = wide + n;
    room->active = (unsigned char *)(wide + 2 * n);
    return 1;
}

/* The numbers of nodes, floats and ints into the room; how many are nodes', −1 where something else is among them. */
static Py_ssize_t read_numbers(PyObject *const *x, Py_ssize_t n, Room *room) {
    Py_ssize_t count = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        if (!number_in(x[i], &room->numbers[i])) return -1;
        room->active[i] = (unsigned char)is_node(x[i]);
        count += room->active[i];
    }
    return count;
}

static inline int raised_in_kernel(void) {
    int raised = rows_raised;
    rows_raised = 0;
    return raised;
}

static inline int raised_in(const Known *of) {
    return of->taken_error ? of->row->flags & ROWS_MAY_RAISE && of->taken_error() : raised_in_kernel();
}

/* The node of a row of one or two operands and no parameters; NULL without an error where Python must do it. */
static inline PyObject *node_of_few(int place, PyObject *const *x, int n, int mode) {
    double numbers[2], partials[2];
    int active = numbers_of_two(x, n, numbers);
    if (active <= 0) return NULL;
    const Known *of = &known[place];
    double y = mode == LEAVES ? of->row->value(numbers, NULL) : of->row->rule(numbers, NULL, (unsigned)active, partials);
    if (raised_in(of)) return NULL;
    return mode == LEAVES ? (PyObject *)new_node(LEAF, y) : node_of_two(place, n, y, x, active, numbers, partials);
}

static inline int takes_few(const rows_row *row) { return (row->arity == 1 || row->arity == 2) && !row->parameters; }

/* How many pairs dot and affine have of n arguments; 0 for another row, or a number of arguments that is not theirs. */
static inline Py_ssize_t pairs_of(int place, Py_ssize_t n) {
    return place == dot_place && n % 2 == 0 ? n / 2 : place == affine_place && n % 2 == 1 ? n / 2 : 0;
}

/* The node of a row whose partials with respect to the weights are the inputs and the other way round; it takes over both. */
static PyObject *node_of_pair(int place, double y, Operands *weights, Operands *inputs, PyObject *bias) {
    Node *node = weights && inputs ? new_node(PAIR, y) : NULL;
    if (!node) {
        if (weights) release(weights);
        if (inputs) release(inputs);
        return NULL;
    }
    node->row = (uint16_t)place;
    node->count = bias != NULL;
    node->made.pair.weights = weights;
    node->made.pair.inputs = inputs;
    node->made.pair.constant = 0.0;
    node->made.pair.bias = bias && is_node(bias) ? (Node *)Py_NewRef(bias) : NULL;
    if (bias) number_in(bias, &node->made.pair.constant);
    return (PyObject *)node;
}

/* The partials of operands, in an array of all arguments; NULL, and `each`, where they are one number. −1 without memory. */
static int keep_partials(const Room *room, Py_ssize_t n, double **partials, double *each) {
    Py_ssize_t first = 0, i;
    while (!room->active[first]) first++;
    *each = room->partials[first];
    *partials = NULL;
    for (i = first; i < n && (!room->active[i] || !memcmp(each, &room->partials[i], sizeof *each)); i++) {}
    if (i == n) return 0;
    *partials = PyMem_Malloc((size_t)n * sizeof **partials);
    if (!*partials) return -1;
    for (i = 0; i < n; i++) (*partials)[i] = room->active[i] ? room->partials[i] : 0.0;
    return 0;
}

static PyObject *node_of_many(int place, PyObject *const *x, Py_ssize_t n, const Room *room, double y, PyObject *parameters) {
    double *partials, each;
    if (keep_partials(room, n, &partials, &each) < 0) return PyErr_NoMemory();
    Operands *operands = gathered(x, n);
    Node *node = operands ? new_node(MANY, y) : NULL;
    if (!node) {
        PyMem_Free(partials);
        if (operands) release(operands);
        return NULL;
    }
    node->row = (uint16_t)place;
    node->made.many.operands = operands;
    node->made.many.partials = partials;
    node->made.many.each = each;
    node->made.many.parameters = known[place].row->parameters ? Py_NewRef(parameters) : NULL;
    return (PyObject *)node;
}

/* The node of a row with a kernel; NULL, mostly without an error, where Python must do it. */
static PyObject *node_of_kernel(int place, PyObject *const *x, Py_ssize_t n, PyObject *parameters, int mode) {
    const Known *of = &known[place];
    const rows_row *row = of->row;
    Py_ssize_t pairs = pairs_of(place, n);
    double k[MOST_PARAMETERS], y;
    Room room;
    if (row->arity >= 0 ? n != row->arity || n > MOST_OPERANDS : n == 0) return NULL;
    if (takes_few(row)) return node_of_few(place, x, (int)n, mode);
    if (!parameters_in(of, parameters, n, k) || !find_room(&room, n)) return NULL;
    Py_ssize_t count = read_numbers(x, n, &room);
    if (count <= 0) return NULL;
    if (pairs || mode == LEAVES) {
        y = row->arity >= 0 ? row->value(room.numbers, k) : row->value_of_many(room.numbers, (long)n, k);
        if (raised_in(of)) return NULL;
        if (mode == LEAVES) return (PyObject *)new_node(LEAF, y);
        Operands *weights = gathered(x, pairs);
        return node_of_pair(place, y, weights, weights ? gathered(x + pairs, pairs) : NULL, n % 2 ? x[n - 1] : NULL);
    }
    unsigned mask = 0;
    for (int i = 0; i < row->arity; i++) mask |= (unsigned)room.active[i] << i;
    y = row->arity >= 0 ? row->rule(room.numbers, k, mask, room.partials)
                        : row->rule_of_many(room.numbers, (long)n, k, count == n ? NULL : room.active, room.partials);
    return raised_in(of) ? NULL : node_of_many(place, x, n, &room, y, parameters);
}

/* Value.__autograd_op__(op, arguments, parameters) */
static PyObject *apply(PyObject *op, PyObject *arguments, PyObject *parameters) {
    int mode = mode_now(), place = PyTuple_CheckExact(arguments) && mode != IN_PYTHON ? place_of(op) : -1;
    if (place >= 0) {
        PyObject *node = node_of_kernel(place, &PyTuple_GET_ITEM(arguments, 0), PyTuple_GET_SIZE(arguments), parameters, mode);
        if (node) return node;
        PyErr_Clear();
    }
    return PyObject_CallFunctionObjArgs(apply_in_python, op, arguments, parameters, NULL);
}

/* ---------------------------------------------------------------- value.recorded: a node whose value and partials are known */
static int fits_in_two(int place, PyObject *operands, PyObject *arguments, PyObject *partials, PyObject *parameters) {
    Py_ssize_t n = PyTuple_GET_SIZE(arguments), count = 0;
    if (place < 0 || known[place].row->arity != n || n < 1 || n > 2 || known[place].row->parameters) return 0;
    if (PyObject_Size(parameters) != 0 || PyTuple_GET_SIZE(partials) != PyTuple_GET_SIZE(operands)) return 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *x = PyTuple_GET_ITEM(arguments, i);
        if (!is_node(x) && !PyFloat_CheckExact(x)) return 0;
        if (is_node(x) && (count >= PyTuple_GET_SIZE(operands) || PyTuple_GET_ITEM(operands, count++) != x)) return 0;
    }
    if (count != PyTuple_GET_SIZE(operands)) return 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *p = PyTuple_GET_ITEM(partials, i);
        if (p != Py_None && !PyFloat_CheckExact(p)) return 0;
    }
    return 1;
}

static PyObject *record_in_two(int place, double y, PyObject *arguments, PyObject *partials) {
    double numbers[2] = {0.0, 0.0}, p[2] = {0.0, 0.0};
    PyObject **x = &PyTuple_GET_ITEM(arguments, 0);
    int n = (int)PyTuple_GET_SIZE(arguments), active = numbers_of_two(x, n, numbers);
    if (active < 0) return NULL;
    for (int i = 0, from = 0; i < n; i++) {
        PyObject *partial = active >> i & 1 ? PyTuple_GET_ITEM(partials, from++) : NULL;
        if (partial) p[i] = partial == Py_None ? rows_closed() : PyFloat_AS_DOUBLE(partial);
    }
    return node_of_two(place, n, y, x, active, numbers, p);
}

static Block *block_of(PyObject *op, PyObject *operands, PyObject *partials, PyObject *arguments, PyObject *parameters) {
    Py_ssize_t n = PyTuple_GET_SIZE(operands);
    Block *block = new_block(n);
    if (!block) return NULL;
    block->op = Py_NewRef(op);
    block->operands = Py_NewRef(operands);
    block->arguments = Py_NewRef(arguments);
    Py_ssize_t has = PyObject_Size(parameters);
    block->parameters = has > 0 ? Py_NewRef(parameters) : NULL;
    int is_plain = PyTuple_GET_SIZE(partials) == n;
    for (Py_ssize_t i = 0; i < n && !PyErr_Occurred(); i++) {
        PyObject *p = i < PyTuple_GET_SIZE(partials) ? PyTuple_GET_ITEM(partials, i) : Py_None;
        block->partials[i] = p == Py_None ? rows_closed() : PyFloat_AsDouble(p);
        is_plain &= p == Py_None || PyFloat_CheckExact(p);
        if (!is_node(PyTuple_GET_ITEM(operands, i))) PyErr_SetString(PyExc_TypeError, "the operands of a node are nodes");
    }
    if (!is_plain) block->given = Py_NewRef(partials);
    if (PyErr_Occurred()) {
        free_block(block);
        return NULL;
    }
    return block;
}

/* recorded(y, op, operands, partials, arguments, parameters=NO_PARAMETERS) */
static PyObject *recorded(PyObject *Py_UNUSED(module), PyObject *args, PyObject *keywords) {
    static char *names[] = {"y", "op", "operands", "partials", "arguments", "parameters", NULL};
    PyObject *y, *op, *operands, *partials, *arguments, *parameters = no_operands, *node = NULL; /* that is empty as well */
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "OOOOO|O:recorded", names, &y, &op, &operands, &partials, &arguments, &parameters))
        return NULL;
    double data = PyFloat_AsDouble(y);
    if (data == -1.0 && PyErr_Occurred()) return NULL;
    operands = PySequence_Tuple(operands);
    partials = operands ? PySequence_Tuple(partials) : NULL;
    arguments = partials ? PySequence_Tuple(arguments) : NULL;
    if (arguments) {
        int place = place_of(op);
        if (op == Py_None && !PyTuple_GET_SIZE(operands)) node = (PyObject *)new_node(LEAF, data);
        else if (fits_in_two(place, operands, arguments, partials, parameters))
            node = record_in_two(place, data, arguments, partials);
        else node = node_of_block(data, block_of(op, operands, partials, arguments, parameters));
    }
    Py_XDECREF(operands);
    Py_XDECREF(partials);
    Py_XDECREF(arguments);
    return node;
}
#endif
