/* The leaves of a model: finding them, and moving them by the formula of an optimiser.

   A model is walked anew each time, since nothing tells a change of a list or of an object's __dict__; what is not of Python's own
   kinds (a subclass of dict, a class with __getattribute__) is left to Python. No Python code runs while the walk is on. */
#ifndef NATIVE_LEAVES_H
#define NATIVE_LEAVES_H
#include "walks.h"

/* ---------------------------------------------------------------------------------------------- what a thing may contain */
enum { NOTHING, A_NODE, A_MODULE, A_LIST, A_TUPLE, A_DICT, UNKNOWN };

static PyObject *lookup(PyTypeObject *type, const char *name) { /* borrowed; NULL without an error */
    PyObject *text = PyUnicode_InternFromString(name), *found = text ? _PyType_Lookup(type, text) : NULL;
    Py_XDECREF(text);
    PyErr_Clear();
    return found;
}

/* `modules` is the metaclass of the classes whose objects have parts in their __dict__. */
static int kind_of(PyTypeObject *type, PyTypeObject *modules) {
    if (type == &PyTuple_Type) return A_TUPLE;
    if (type == &PyDict_Type) return A_DICT;
    if (type == &PyType_Type || type == &PyMethod_Type || type == &PyModule_Type) return NOTHING;
    if (type->tp_getattro != PyObject_GenericGetAttr) return UNKNOWN;
    if (PyObject_TypeCheck((PyObject *)type, modules)) {
        PyObject *attributes = lookup(type, "__dict__");
        return attributes && Py_IS_TYPE(attributes, &PyGetSetDescr_Type) ? A_MODULE : UNKNOWN;
    }
    if (PyType_HasFeature(type, Py_TPFLAGS_LIST_SUBCLASS | Py_TPFLAGS_TUPLE_SUBCLASS | Py_TPFLAGS_DICT_SUBCLASS)) return UNKNOWN;
    return lookup(type, "__class__") == lookup(&PyBaseObject_Type, "__class__") ? NOTHING : UNKNOWN;
}

enum { REMEMBERED = 8 };
typedef struct { /* the kinds of the types that a walk met */
    PyTypeObject *modules, *types[REMEMBERED];
    int kinds[REMEMBERED], count;
} Kinds;

static inline int kind_in(Kinds *known, PyTypeObject *type) {
    if (type == NodeType) return A_NODE;
    if (type == &PyList_Type) return A_LIST;
    for (int i = 0; i < known->count; i++)
        if (known->types[i] == type) return known->kinds[i];
    int kind = kind_of(type, known->modules);
    if (known->count < REMEMBERED) {
        known->types[known->count] = type;
        known->kinds[known->count++] = kind;
    }
    return kind;
}

/* -------------------------------------------------------------------------------------------------------- what was met before */
typedef struct {
    PyObject *thing;
    uint64_t walk;
} Met;

static Met *met; /* open addressing; an entry of an earlier walk is empty */
static Py_ssize_t met_room, met_count;
static uint64_t this_walk;

static inline Met *place_among_met(PyObject *thing) {
    size_t i = ((uintptr_t)thing >> 4) * 2654435761u;
    for (;; i++) {
        Met *place = &met[i & (size_t)(met_room - 1)];
        if (place->walk != this_walk || place->thing == thing) return place;
    }
}

/* 1 if the thing is met for the first time, 0 if it was met before, −1 without memory. */
static inline int is_met_first(PyObject *thing) {
    if (2 * met_count >= met_room) {
        Met *earlier = met;
        Py_ssize_t room = met_room, wider = room ? 2 * room : 256;
        Met *moved = PyMem_RawCalloc((size_t)wider, sizeof *moved);
        if (!moved) return -1;
        met = moved;
        met_room = wider;
        for (Py_ssize_t i = 0; i < room; i++)
            if (earlier[i].walk == this_walk) *place_among_met(earlier[i].thing) = earlier[i];
        PyMem_RawFree(earlier);
    }
    Met *place = place_among_met(thing);
    if (place->walk == this_walk) return 0;
    *place = (Met){thing, this_walk};
    met_count++;
    return 1;
}

/* --------------------------------------------------------------------------------------------------------------- the walk */
typedef struct {
    PyObject **items;
    Py_ssize_t count, room;
} Things;

typedef struct {
    PyObject *holder; /* a dict, a list or a tuple */
    Py_ssize_t next;
    int kind;
} Holder;

static Things found_modules, found_leaves; /* kept for the next walk */
static Holder *open_holders;
static Py_ssize_t holders_room;

static inline int put(Things *things, PyObject *thing) {
    if (things->count == things->room && more_room((void **)&things->items, &things->room, sizeof *things->items) < 0) return -1;
    things->items[things->count++] = thing;
    return 0;
}

static inline PyObject *next_in(Holder *of) { /* NULL after the last */
    PyObject *thing = NULL;
    if (of->kind == A_LIST) return of->next < PyList_GET_SIZE(of->holder) ? PyList_GET_ITEM(of->holder, of->next++) : NULL;
    if (of->kind == A_TUPLE) return of->next < PyTuple_GET_SIZE(of->holder) ? PyTuple_GET_ITEM(of->holder, of->next++) : NULL;
    PyDict_Next(of->holder, &of->next, NULL, &thing);
    return thing;
}

/* Collect the modules and the leaves that are inside a thing, in order, each once; the leaves are marked. 1, 0 if Python must do
   it, −1 without memory. */
static int collect(PyObject *root, PyTypeObject *modules) {
    Kinds known = {.modules = modules};
    Py_ssize_t depth = 0;
    found_modules.count = found_leaves.count = met_count = 0;
    this_walk++;
    for (PyObject *thing = root; thing || depth; thing = depth ? next_in(&open_holders[depth - 1]) : NULL) {
        if (!thing) {
            depth--;
            continue;
        }
        int kind = kind_in(&known, Py_TYPE(thing));
        if (kind == NOTHING) continue;
        if (kind == UNKNOWN) return 0;
        if (kind == A_NODE) {
            Node *node = (Node *)thing;
            if (node->flags & SEEN || !is_leaf(node)) continue;
            if (put(&found_leaves, thing) < 0) return -1;
            node->flags |= SEEN;
            continue;
        }
        int first = is_met_first(thing);
        if (first < 0) return -1;
        if (!first) continue;
        if (kind == A_MODULE) {
            if (put(&found_modules, thing) < 0 || !(thing = PyObject_GenericGetDict(thing, NULL))) return -1;
            Py_DECREF(thing); /* the module has it */
        }
        if (depth == holders_room && more_room((void **)&open_holders, &holders_room, sizeof *open_holders) < 0) return -1;
        open_holders[depth++] = (Holder){thing, 0, kind};
    }
    return 1;
}

static PyObject *as_new_list(const Things *things) {
    PyObject *list = PyList_New(things->count);
    for (Py_ssize_t i = 0; list && i < things->count; i++) PyList_SET_ITEM(list, i, Py_NewRef(things->items[i]));
    return list;
}

/* inside(root, metaclass): the modules and the leaves that Python's walk finds, two lists; None where Python must walk. */
static PyObject *py_inside(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    if (count != 2 || !PyType_Check(args[1])) return PyErr_Format(PyExc_TypeError, "inside takes a root and a metaclass");
    int collects = PyGC_Disable(); /* a finalizer could change what is walked */
    int done = collect(args[0], (PyTypeObject *)args[1]);
    for (Py_ssize_t i = 0; i < found_leaves.count; i++) ((Node *)found_leaves.items[i])->flags &= (uint8_t)~SEEN;
    PyObject *modules = NULL, *leaves = NULL, *both = NULL;
    if (done == 1) {
        modules = as_new_list(&found_modules);
        leaves = as_new_list(&found_leaves);
        both = modules && leaves ? PyTuple_Pack(2, modules, leaves) : NULL;
    }
    if (collects) PyGC_Enable();
    Py_XDECREF(modules);
    Py_XDECREF(leaves);
    if (done < 0 && !PyErr_Occurred()) PyErr_NoMemory();
    return done ? both : Py_NewRef(Py_None);
}

/* ------------------------------------------------------------------------------------------------------------- the step */
enum { MOST_MEMORY = 4, MOST_CONSTANTS = 16 };

typedef struct { /* a step of an optimiser: what it reads, and what it computes before anything changes */
    const rows_update *by;
    Py_ssize_t n;
    PyObject *leaves, *memory[MOST_MEMORY]; /* lists */
    double constants[MOST_CONSTANTS], *data;
    PyObject **numbers; /* of the new memory */
} Step;

static int are_floats(PyObject *list, Py_ssize_t n) {
    if (!list || !PyList_CheckExact(list) || PyList_GET_SIZE(list) != n) return 0;
    for (Py_ssize_t i = 0; i < n; i++)
        if (!PyFloat_CheckExact(PyList_GET_ITEM(list, i))) return 0;
    return 1;
}

/* Whether these are leaves, each given once. */
static int are_leaves(PyObject *list) {
    Py_ssize_t n = PyList_GET_SIZE(list), i = 0;
    for (; i < n; i++) {
        Node *node = (Node *)PyList_GET_ITEM(list, i);
        if (!is_node((PyObject *)node) || !is_leaf(node) || node->flags & SEEN) break;
        node->flags |= SEEN;
    }
    for (Py_ssize_t k = 0; k < i; k++) ((Node *)PyList_GET_ITEM(list, k))->flags &= (uint8_t)~SEEN;
    return i == n;
}

/* Whether the step is of the plain kind: everything is a float, and there is a kernel. */
static int is_plain(Step *step, const char *name, PyObject *attributes, PyObject *names, PyObject *constants) {
    for (size_t i = 0; i < Py_ARRAY_LENGTH(rows_updates) && !step->by; i++)
        if (!strcmp(rows_updates[i].name, name)) step->by = &rows_updates[i];
    if (!step->by || PyTuple_GET_SIZE(names) != step->by->memory || PyTuple_GET_SIZE(constants) != step->by->constants) return 0;
    step->n = PyList_GET_SIZE(step->leaves);
    for (int i = 0; i < step->by->memory; i++) {
        step->memory[i] = PyDict_GetItemWithError(attributes, PyTuple_GET_ITEM(names, i));
        if (!are_floats(step->memory[i], step->n)) return 0;
    }
    for (int i = 0; i < step->by->constants; i++) {
        if (!PyFloat_CheckExact(PyTuple_GET_ITEM(constants, i))) return 0;
        step->constants[i] = PyFloat_AS_DOUBLE(PyTuple_GET_ITEM(constants, i));
    }
    return are_leaves(step->leaves);
}

/* Compute what all leaves and the memory become; 0 if the formula raises, −1 without memory. */
static int compute_step(Step *step) {
    int memory = step->by->memory;
    rows_raised = 0;
    for (Py_ssize_t i = 0; i < step->n; i++) {
        Node *leaf = (Node *)PyList_GET_ITEM(step->leaves, i);
        double now[MOST_MEMORY];
        for (int k = 0; k < memory; k++) now[k] = PyFloat_AS_DOUBLE(PyList_GET_ITEM(step->memory[k], i));
        step->data[i] = leaf->data - step->by->update(leaf->data, leaf->grad, now, step->constants);
        for (int k = 0; k < memory; k++)
            if (!(step->numbers[i * memory + k] = PyFloat_FromDouble(now[k]))) return -1;
    }
    int raised = rows_raised;
    rows_raised = 0;
    return !raised;
}

/* update(name, leaves, attributes, names of the memory, constants, steps): one step of an optimiser whose __dict__ is given, all of
   it or nothing; False where Python must do it. */
static PyObject *py_update(PyObject *Py_UNUSED(module), PyObject *args) {
    const char *name;
    PyObject *attributes, *names, *constants, *steps;
    Step step = {0};
    if (!PyArg_ParseTuple(args, "sOOOOO:update", &name, &step.leaves, &attributes, &names, &constants, &steps)) return NULL;
    if (!PyList_CheckExact(step.leaves) || !PyDict_CheckExact(attributes) || !PyTuple_CheckExact(names) ||
        !PyTuple_CheckExact(constants) || !PyLong_CheckExact(steps) || !is_plain(&step, name, attributes, names, constants))
        return PyErr_Occurred() ? NULL : Py_NewRef(Py_False);
    size_t count = (size_t)(step.n * step.by->memory);
    step.data = PyMem_Malloc((size_t)(step.n + 1) * sizeof *step.data);
    step.numbers = PyMem_Calloc(count + 1, sizeof *step.numbers);
    int done = step.data && step.numbers ? compute_step(&step) : -1;
    if (done < 0) PyErr_NoMemory();
    if (done == 1 && PyDict_SetItemString(attributes, "steps", steps) < 0) done = -1; /* from here on nothing can fail */
    for (Py_ssize_t i = 0; done == 1 && i < step.n; i++) set_number((Node *)PyList_GET_ITEM(step.leaves, i), step.data[i]);
    for (size_t i = 0; i < count && step.numbers; i++) {
        PyObject *earlier = step.numbers[i];
        if (done == 1) {
            PyObject **place = &PySequence_Fast_ITEMS(step.memory[i % (size_t)step.by->memory])[i / (size_t)step.by->memory];
            earlier = *place;
            *place = step.numbers[i];
        }
        Py_XDECREF(earlier);
    }
    PyMem_Free(step.data);
    PyMem_Free(step.numbers);
    return done < 0 ? NULL : PyBool_FromLong(done);
}
#endif
