/* The leaves of a model: finding them.

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
#endif
