/* Whether a dict still holds what was read from it, without reading it again.

   In CPython 3.11 each state of each dict has a number (PEP 509). 3.12 calls a watcher before a dict that it watches changes or
   dies: there the number is how often that happened to any of them. Equal numbers of the same address are the same dict with the
   same contents, which lived all the while. 3.13 calls no watcher when an object is given an attribute that its class's objects
   had not: there a dict is read each time. */
#ifndef NATIVE_DICTS_H
#define NATIVE_DICTS_H
#include "node.h"

#if PY_VERSION_HEX < 0x030C0000
static int watch_dicts(void) { return 0; }

static inline int watch(PyObject *Py_UNUSED(dict)) { return 1; }

static inline uint64_t state_of(PyObject *dict) { return ((PyDictObject *)dict)->ma_version_tag; }
#elif PY_VERSION_HEX >= 0x030D0000
static int watch_dicts(void) { return 0; }

static inline int watch(PyObject *Py_UNUSED(dict)) { return 0; }

static inline uint64_t state_of(PyObject *Py_UNUSED(dict)) { return 0; }
#else
static int watcher = -1; /* an interpreter has places for a few; −1 without one */
static uint64_t changes;

static int count_change(PyDict_WatchEvent Py_UNUSED(event), PyObject *Py_UNUSED(dict), PyObject *Py_UNUSED(key),
                        PyObject *Py_UNUSED(value)) {
    changes++;
    return 0;
}

/* To be called once. */
static int watch_dicts(void) {
    watcher = PyDict_AddWatcher(count_change);
    if (watcher < 0) PyErr_Clear();
    return 0;
}

/* Whether the states of the dict are counted from now on. */
static inline int watch(PyObject *dict) { return watcher >= 0 && PyDict_Watch(watcher, dict) == 0; }

static inline uint64_t state_of(PyObject *Py_UNUSED(dict)) { return changes; }
#endif
#endif
