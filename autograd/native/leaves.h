/* The leaves of a model: finding them, and moving them by the formula of an optimiser.

   What is not of Python's own kinds (a subclass of dict, a class with __getattribute__) is left to Python. No Python code runs
   while a walk over a model is on. A walk leaves a trail: every list, dict and module that it entered, as it was. If all of them are
   so still, the model has the leaves that the walk found: a training step looks at each list, not at each leaf. */
#ifndef NATIVE_LEAVES_H
#define NATIVE_LEAVES_H
#include "apply.h"
#include "dicts.h"
#include "walks.h"

/* ---------------------------------------------------------------------------------------------- what a thing may contain */
enum { NOTHING, A_NODE, A_MODULE, A_LIST, A_TUPLE, A_DICT, UNKNOWN };

static PyObject *name_class, *name_dict, *name_parameters; /* interned */

static int intern_names_of_kinds(void) {
    name_class = PyUnicode_InternFromString("__class__");
    name_dict = PyUnicode_InternFromString("__dict__");
    name_parameters = PyUnicode_InternFromString("parameters");
    return name_class && name_dict && name_parameters ? 0 : -1;
}

/* `modules` is the metaclass of the classes whose objects have parts in their __dict__. */
static int kind_of(PyTypeObject *type, PyTypeObject *modules) {
    if (type == &PyTuple_Type) return A_TUPLE;
    if (type == &PyDict_Type) return A_DICT;
    if (type == &PyType_Type || type == &PyMethod_Type || type == &PyModule_Type) return NOTHING;
    if (type->tp_getattro != PyObject_GenericGetAttr) return UNKNOWN;
    if (PyObject_TypeCheck((PyObject *)type, modules)) {
        PyObject *attributes = _PyType_Lookup(type, name_dict);
        return attributes && Py_IS_TYPE(attributes, &PyGetSetDescr_Type) ? A_MODULE : UNKNOWN;
    }
    if (PyType_HasFeature(type, Py_TPFLAGS_LIST_SUBCLASS | Py_TPFLAGS_TUPLE_SUBCLASS | Py_TPFLAGS_DICT_SUBCLASS)) return UNKNOWN;
    return _PyType_Lookup(type, name_class) == _PyType_Lookup(&PyBaseObject_Type, name_class) ? NOTHING : UNKNOWN;
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

/* -------------------------------------------------------------------------------------------------------------- the trail */
typedef struct {
    PyObject **items;
    Py_ssize_t count, room;
} Things;

static inline int put(Things *things, PyObject *thing) {
    if (things->count == things->room && more_room((void **)&things->items, &things->room, sizeof *things->items) < 0) return -1;
    things->items[things->count++] = thing;
    return 0;
}

static int put_all(Things *things, PyObject *const *items, Py_ssize_t count) {
    while (things->room - things->count < count)
        if (more_room((void **)&things->items, &things->room, sizeof *things->items) < 0) return -1;
    if (count) memcpy(things->items + things->count, items, (size_t)count * sizeof *items);
    things->count += count;
    return 0;
}

typedef struct { /* a place on the way of a walk; each but the root is in an earlier one, which holds it */
    PyObject *thing, *dict; /* dict: of a module its __dict__, of a dict itself */
    PyTypeObject *type;
    uint64_t state;         /* of the dict */
    Py_ssize_t first, count; /* of a list or a tuple: its items, among `items` of the trail */
} Stop;

static struct {
    Stop *stops;
    Py_ssize_t count, room;
    Things items;
    uint64_t losses;  /* how many listed nodes had been lost */
    int is_left;      /* whether the walk could leave it */
    PyTypeObject *modules;
} trail; /* of the last walk */

static Things found_modules, found_leaves; /* by the last walk */

static int add_stop(PyObject *thing, int kind, PyObject *dict) {
    if (trail.count == trail.room && more_room((void **)&trail.stops, &trail.room, sizeof *trail.stops) < 0) return -1;
    Stop *stop = &trail.stops[trail.count++];
    *stop = (Stop){.thing = thing, .dict = dict, .type = Py_TYPE(thing), .first = trail.items.count};
    if (dict) {
        trail.is_left &= watch(dict);
        stop->state = state_of(dict);
    } else if (kind == A_LIST || kind == A_TUPLE) {
        stop->count = PySequence_Fast_GET_SIZE(thing);
        return put_all(&trail.items, PySequence_Fast_ITEMS(thing), stop->count);
    }
    return 0;
}

/* Whether a thing is as the walk found it. The nodes in it are the same ones, since none was lost: see LISTED. */
static inline int is_unchanged(const Stop *stop, Kinds *known) {
    PyTypeObject *type = stop->type;
    if (Py_TYPE(stop->thing) != type) return 0;
    if (type == &PyList_Type || type == &PyTuple_Type) {
        PyObject **items = PySequence_Fast_ITEMS(stop->thing);
        if (PySequence_Fast_GET_SIZE(stop->thing) != stop->count) return 0;
        return !stop->count || !memcmp(items, trail.items.items + stop->first, (size_t)stop->count * sizeof *items);
    }
    int kind = kind_in(known, type);
    if (kind != A_MODULE) return kind == (stop->dict ? A_DICT : NOTHING) && (!stop->dict || stop->state == state_of(stop->dict));
    PyObject *dict = PyObject_GenericGetDict(stop->thing, NULL);
    Py_XDECREF(dict); /* the module has it */
    return dict && dict == stop->dict && stop->state == state_of(dict);
}

/* Whether the last walk began at this root, and would find now what it found then. */
static int is_trail_of(PyObject *root, PyTypeObject *modules) {
    Kinds known = {.modules = modules};
    if (!trail.is_left || !trail.count || trail.losses != losses || trail.modules != modules || trail.stops[0].thing != root) return 0;
    for (Py_ssize_t i = 0; i < trail.count; i++)
        if (!is_unchanged(&trail.stops[i], &known)) return 0;
    return 1;
}

/* --------------------------------------------------------------------------------------------------------------- the walk */
typedef struct {
    PyObject *holder; /* a dict, a list or a tuple */
    Py_ssize_t next;
    int kind;
} Holder;

static Holder *open_holders;
static Py_ssize_t holders_room;

static inline PyObject *next_in(Holder *of) { /* NULL after the last */
    PyObject *thing = NULL;
    if (of->kind == A_LIST) return of->next < PyList_GET_SIZE(of->holder) ? PyList_GET_ITEM(of->holder, of->next++) : NULL;
    if (of->kind == A_TUPLE) return of->next < PyTuple_GET_SIZE(of->holder) ? PyTuple_GET_ITEM(of->holder, of->next++) : NULL;
    PyDict_Next(of->holder, &of->next, NULL, &thing);
    return thing;
}

static int note_node(Node *node) {
    if (node->flags & SEEN) return 0;
    node->flags |= LISTED;
    if (!is_leaf(node)) return 0;
    node->flags |= SEEN;
    return put(&found_leaves, (PyObject *)node);
}

/* What contains nothing that counts. A dict that is as it was holds it still, but its class may be another one by now, unless that
   is fixed; a list may hold a new thing at its address. */
static int note_nothing(PyObject *thing, int in_dict) {
    int is_fixed = in_dict && !PyType_HasFeature(Py_TYPE(thing), Py_TPFLAGS_HEAPTYPE) && !PyModule_Check(thing);
    int is_noted = trail.count && trail.stops[trail.count - 1].thing == thing;
    return is_fixed || is_noted ? 0 : add_stop(thing, NOTHING, NULL);
}

static void begin_trail(PyTypeObject *modules) {
    trail.count = trail.items.count = found_modules.count = found_leaves.count = met_count = 0;
    trail.is_left = 1;
    trail.losses = losses;
    trail.modules = modules;
    this_walk++;
}

/* Collect the modules and the leaves that are inside a thing, in order, each once; the leaves are marked. 1, 0 if Python must do
   it, −1 without memory. */
static int collect(PyObject *root, PyTypeObject *modules) {
    Kinds known = {.modules = modules};
    Py_ssize_t depth = 0;
    begin_trail(modules);
    for (PyObject *thing = root; thing || depth; thing = depth ? next_in(&open_holders[depth - 1]) : NULL) {
        if (!thing) {
            depth--;
            continue;
        }
        int kind = kind_in(&known, Py_TYPE(thing)), holders = depth ? open_holders[depth - 1].kind : NOTHING;
        if (kind == UNKNOWN) return 0;
        if (kind == NOTHING || kind == A_NODE) {
            int in_dict = holders == A_MODULE || holders == A_DICT;
            if ((kind == A_NODE ? note_node((Node *)thing) : note_nothing(thing, in_dict)) < 0) return -1;
            continue;
        }
        int first = is_met_first(thing);
        if (first < 0) return -1;
        if (!first) continue;
        PyObject *holder = thing;
        if (kind == A_MODULE) {
            if (put(&found_modules, thing) < 0 || !(holder = PyObject_GenericGetDict(thing, NULL))) return -1;
            Py_DECREF(holder); /* the module has it */
        }
        if (add_stop(thing, kind, kind == A_MODULE || kind == A_DICT ? holder : NULL) < 0) return -1;
        if (depth == holders_room && more_room((void **)&open_holders, &holders_room, sizeof *open_holders) < 0) return -1;
        open_holders[depth++] = (Holder){holder, 0, kind};
    }
    return 1;
}

/* Find what is inside a root, by the trail where that can be; 1, 0 or −1 as above. The collector must be off: a finalizer could
   change what is walked, and what was found. */
static int find_inside(PyObject *root, PyTypeObject *modules) {
    if (is_trail_of(root, modules)) return 1;
    int done = collect(root, modules);
    for (Py_ssize_t i = 0; i < found_leaves.count; i++) ((Node *)found_leaves.items[i])->flags &= (uint8_t)~SEEN;
    trail.is_left &= done == 1;
    if (done < 0 && !PyErr_Occurred()) PyErr_NoMemory();
    return done;
}

/* modules_in(root, metaclass), leaves_in(root, metaclass): a list of what Python's walk finds; None where Python must walk. */
static PyObject *listed_inside(PyObject *const *args, Py_ssize_t count, const Things *found) {
    if (count != 2 || !PyType_Check(args[1])) return PyErr_Format(PyExc_TypeError, "a root and a metaclass are needed");
    int collects = PyGC_Disable(), done = find_inside(args[0], (PyTypeObject *)args[1]);
    PyObject *list = done == 1 ? PyList_New(found->count) : done ? NULL : Py_NewRef(Py_None);
    for (Py_ssize_t i = 0; done == 1 && list && i < found->count; i++) PyList_SET_ITEM(list, i, Py_NewRef(found->items[i]));
    if (collects) PyGC_Enable();
    return list;
}

static PyObject *py_modules_in(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    return listed_inside(args, count, &found_modules);
}

static PyObject *py_leaves_in(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    return listed_inside(args, count, &found_leaves);
}

/* Whether the parameters of a model are what this function finds, and not what the model or its class has in its place. */
static int has_method(PyObject *root, PyObject *function) {
    PyObject *method = PyObject_GetAttr(root, name_parameters);
    int has = method && PyMethod_Check(method) && PyMethod_GET_FUNCTION(method) == function && PyMethod_GET_SELF(method) == root;
    Py_XDECREF(method);
    PyErr_Clear();
    return has;
}

/* forget_in(root, metaclass, parameters): forget the gradients of what Python's walk finds; False where Python must do it, as
   where the model has another method `parameters` than this one. */
static PyObject *py_forget_in(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    if (count != 3 || !PyType_Check(args[1])) return PyErr_Format(PyExc_TypeError, "a root, a metaclass and a function are needed");
    if (mode_now() == IN_PYTHON || !has_method(args[0], args[2])) Py_RETURN_FALSE;
    int collects = PyGC_Disable(), done = find_inside(args[0], (PyTypeObject *)args[1]);
    if (done == 1) undo_waiting();
    for (Py_ssize_t i = 0; done == 1 && i < found_leaves.count; i++) forget((Node *)found_leaves.items[i]);
    if (collects) PyGC_Enable();
    return done < 0 ? NULL : PyBool_FromLong(done);
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
