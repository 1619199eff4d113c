/* The walks over a graph: topological order, the reverse sweep, forgetting gradients. Nothing recurses. To other threads and to
   Ctrl-C each walk is one step: all of it has happened, or nothing. A long one looks for signals, whose handlers are Python code:
   if one raises, the walk is undone and ends; if another walk begins meanwhile, the one that waits is undone and begins again. */
#ifndef NATIVE_WALKS_H
#define NATIVE_WALKS_H
#include "node.h"

typedef struct { /* all that a walk needs to know when it comes back to a node: a graph of millions is read once on the way down */
    Node *node;
    uintptr_t rest; /* of TWO: the second operand if it waits, or 0; of others: 2 · the operand to visit next + 1 */
} Frame;

typedef struct {
    Node *node;
    double grad;
    uint8_t flags;
} Earlier;

typedef struct Walk {
    Node **order; /* operands before users */
    Py_ssize_t count, room;
    Frame *path; /* the nodes that wait for an operand */
    Py_ssize_t depth, path_room;
    Py_ssize_t steps;
    PyObject *passed; /* a set of nodes that the walk does not enter, or NULL */
    uint64_t number;  /* of this walk */
    Earlier *earlier; /* the nodes that a sweep reached before, as they were */
    Py_ssize_t kept, earlier_room;
    int sweeps, undone; /* whether gradients are changed already */
    struct Walk *outer; /* another one that waits */
} Walk;

enum { OFTEN = 1 << 16 }; /* nodes between two looks for signals: some milliseconds */
enum { AHEAD = 32 };      /* nodes that a walk asks memory for before it comes to them: graphs of millions are in no cache */
enum { AGAIN = 1 };       /* the answer of a walk that was undone; −1 is an error */

static Walk kept_room; /* the arrays of the last walk, for the next one */
static uint64_t walks; /* so far */
static Walk *waiting;  /* those during which Python code runs, the latest first */

/* Ask for the memory of a node, which may be on two lines of a cache. An address of no node does no harm. */
static inline void fetch(uintptr_t node) {
#ifdef __GNUC__
    __builtin_prefetch((const void *)node, 1);
    __builtin_prefetch((const void *)(node + sizeof(Node) - 1), 1);
#else
    (void)node;
#endif
}

static void clear_marks(Walk *walk) {
    for (Py_ssize_t i = 0; i < walk->count; i++) walk->order[i]->flags &= (uint8_t)~SEEN;
    for (Py_ssize_t i = 0; i < walk->depth; i++) walk->path[i].node->flags &= (uint8_t)~SEEN;
}

static inline void forget(Node *node) {
    node->grad = 0.0;
    node->flags &= (uint8_t)~REACHED;
}

static void put_back(Walk *walk) {
    for (Py_ssize_t i = walk->kept; i-- > 0;) { /* backwards: of a node that is there twice the first entry is right */
        Node *node = walk->earlier[i].node;
        node->grad = walk->earlier[i].grad;
        node->flags = (uint8_t)((node->flags & ~REACHED) | walk->earlier[i].flags);
    }
}

static void undo(Walk *walk) {
    if (walk->undone) return;
    walk->undone = 1;
    clear_marks(walk);
    if (!walk->sweeps) return;
    for (Py_ssize_t i = 0; i < walk->count; i++) forget(walk->order[i]);
    put_back(walk);
}

/* To be called by what changes a graph, or walks over one. */
static inline void undo_waiting(void) {
    for (Walk *walk = waiting; walk; walk = walk->outer) undo(walk);
}

/* Python code may run from here on: it may change the graph, and so free nodes. */
static void suspend(Walk *walk) {
    walk->outer = waiting;
    waiting = walk;
}

static int resume(Walk *walk) {
    Walk **place = &waiting;
    while (*place != walk) place = &(*place)->outer; /* other threads' walks may wait too */
    *place = walk->outer;
    return walk->undone ? AGAIN : 0;
}

static int look_for_signals(Walk *walk) {
    suspend(walk);
    int raised = PyErr_CheckSignals();
    int undone = resume(walk);
    if (raised < 0) undo(walk);
    return raised < 0 ? -1 : undone;
}

static void begin_walk(Walk *walk, PyObject *passed) {
    undo_waiting();
    *walk = (Walk){.order = kept_room.order, .room = kept_room.room, .path = kept_room.path, .path_room = kept_room.path_room};
    memset(&kept_room, 0, sizeof kept_room);
    walk->passed = passed;
    walk->number = ++walks;
}

static void end_walk(Walk *walk) { /* the marks must be gone */
    PyMem_RawFree(walk->earlier);
    if (!kept_room.order && walk->room <= 1 << 20 && walk->path_room <= 1 << 20) {
        kept_room = *walk;
        return;
    }
    PyMem_RawFree(walk->order);
    PyMem_RawFree(walk->path);
}

static int more_room(void **array, Py_ssize_t *room, size_t size) {
    Py_ssize_t wider = *room ? 2 * *room : 1024;
    void *moved = PyMem_RawRealloc(*array, (size_t)wider * size);
    if (!moved) {
        PyErr_NoMemory();
        return -1;
    }
    *array = moved;
    *room = wider;
    return 0;
}

static int keep(Walk *walk, Node *node) {
    if (walk->kept == walk->earlier_room && more_room((void **)&walk->earlier, &walk->earlier_room, sizeof *walk->earlier) < 0) return -1;
    walk->earlier[walk->kept++] = (Earlier){node, node->grad, node->flags & REACHED};
    return 0;
}

static inline int put_in_order(Walk *walk, Node *node) {
    if (walk->count == walk->room && more_room((void **)&walk->order, &walk->room, sizeof *walk->order) < 0) return -1;
    walk->order[walk->count++] = node;
    return 0;
}

static inline Frame frame_of(const Node *node) {
    return (Frame){(Node *)node, node->kind == TWO ? (uintptr_t)node->made.two.operands[1] : 1};
}

static inline int put_on_path(Walk *walk, Node *node) {
    if (walk->depth == walk->path_room && more_room((void **)&walk->path, &walk->path_room, sizeof *walk->path) < 0) return -1;
    walk->path[walk->depth++] = frame_of(node);
    return 0;
}

static inline int is_fresh(const Walk *walk, const Node *operand) {
    return operand && !(operand->flags & SEEN) && !(walk->passed && PySet_Contains(walk->passed, (PyObject *)operand));
}

/* The next fresh one of `count` operands of which the first is number `first` of the frame's. */
static inline Node *next_in_array(Walk *walk, Frame *frame, Node *const *nodes, Py_ssize_t first, Py_ssize_t count) {
    Py_ssize_t next = (Py_ssize_t)(frame->rest >> 1);
    for (Py_ssize_t i = next > first ? next - first : 0; i < count; i++)
        if (is_fresh(walk, nodes[i])) {
            frame->rest = 2 * (uintptr_t)(first + i + 1) + 1;
            return nodes[i];
        }
    frame->rest = 2 * (uintptr_t)(first + count) + 1;
    return NULL;
}

/* The same for operands that nodes share: a walk goes over them once. */
static inline Node *next_shared(Walk *walk, Frame *frame, Operands *shared, Py_ssize_t first) {
    if ((Py_ssize_t)(frame->rest >> 1) >= first + shared->count || shared->seen == walk->number) return NULL;
    Node *next = next_in_array(walk, frame, nodes_of(shared), first, shared->count);
    if (!next) shared->seen = walk->number;
    return next;
}

/* The next operand of a node of many that was not seen yet; NULL after the last. */
static Node *next_of_many(Walk *walk, Frame *frame) {
    Made *made = &frame->node->made;
    PyObject *several;
    Node *next;
    switch (frame->node->kind) {
    case MANY: return next_shared(walk, frame, made->many.operands, 0);
    case PAIR:
        next = next_shared(walk, frame, made->pair.weights, 0);
        if (!next) next = next_shared(walk, frame, made->pair.inputs, made->pair.weights->count);
        return next ? next : is_fresh(walk, made->pair.bias) ? made->pair.bias : NULL;
    case BLOCK:
        several = made->block->operands;
        return next_in_array(walk, frame, (Node **)PySequence_Fast_ITEMS(several), 0, PyTuple_GET_SIZE(several));
    default: return NULL;
    }
}

/* The operand with which a walk goes on from a node that it enters, if that is the first of two. */
static inline Node *first_of_two(const Walk *walk, const Node *node) {
    return node->kind == TWO && is_fresh(walk, node->made.two.operands[0]) ? node->made.two.operands[0] : NULL;
}

/* The operand with which it goes on when it comes back. */
static inline Node *next_operand(Walk *walk, Frame *frame) {
    if (frame->rest & 1) return next_of_many(walk, frame);
    Node *second = (Node *)frame->rest;
    frame->rest = 0;
    return is_fresh(walk, second) ? second : NULL;
}

/* Take note of a fresh node. */
static inline int enter(Walk *walk, Node *node) {
    if ((node->kind == LEAF ? put_in_order(walk, node) : put_on_path(walk, node)) < 0) return -1;
    node->flags |= SEEN;
    return node->flags & REACHED ? keep(walk, node) : 0;
}

/* Add what the root depends on to the order, depth first. */
static int visit(Walk *walk, Node *root) {
    int failed = 0;
    Node *node = is_fresh(walk, root) ? root : NULL;
    while ((node || walk->depth) && !failed) {
        if (node) {
            fetch((uintptr_t)node - AHEAD / 2 * sizeof(Node)); /* operands were made before, often just before */
            failed = enter(walk, node);
            node = first_of_two(walk, node);
        } else if (!(node = next_operand(walk, &walk->path[walk->depth - 1]))) {
            failed = put_in_order(walk, walk->path[walk->depth - 1].node);
            walk->depth -= !failed;
        }
        if (++walk->steps % OFTEN == 0 && !failed) failed = look_for_signals(walk);
    }
    return failed;
}

static int list_of_order(Walk *walk, PyObject *const *roots, Py_ssize_t count, PyObject **list) {
    for (Py_ssize_t i = 0; i < count; i++) {
        int failed = visit(walk, (Node *)roots[i]);
        if (failed) return failed;
    }
    suspend(walk);
    *list = PyList_New(walk->count); /* which may run the collector */
    if (resume(walk)) return AGAIN;
    if (!*list) return -1;
    for (Py_ssize_t i = 0; i < walk->count; i++) PyList_SET_ITEM(*list, i, Py_NewRef((PyObject *)walk->order[i]));
    return 0;
}

/* The order of these roots; NULL without an error if one is no node. */
static PyObject *order_of(PyObject *const *roots, Py_ssize_t count, PyObject *passed) {
    PyObject *list = NULL;
    int failed;
    for (Py_ssize_t i = 0; i < count; i++)
        if (!is_node(roots[i])) return NULL;
    do {
        Walk walk;
        begin_walk(&walk, passed);
        Py_CLEAR(list);
        failed = list_of_order(&walk, roots, count, &list);
        undo(&walk);
        end_walk(&walk);
    } while (failed == AGAIN);
    return list;
}

/* -------------------------------------------------------------------------------------------------------------- the sweep */
static inline void give(Node *node, double contribution) {
    node->grad += contribution;
    node->flags |= REACHED;
}

static inline void give_products(const Operands *to, double adjoint, const double *partials) {
    Node **nodes = nodes_of(to);
    if (to->active)
        for (Py_ssize_t i = 0; i < to->count; i++)
            if (nodes[i]) give(nodes[i], adjoint * partials[i]);
}

/* The chain rule at one node of many operands. */
static void hand_on_to_many(Node *node) {
    double adjoint = node->grad;
    if (node->kind == PAIR) {
        give_products(node->made.pair.weights, adjoint, node->made.pair.inputs->numbers);
        give_products(node->made.pair.inputs, adjoint, node->made.pair.weights->numbers);
        if (node->made.pair.bias) give(node->made.pair.bias, adjoint);
    } else if (node->kind == MANY) {
        Operands *all = node->made.many.operands;
        double each = node->made.many.each, *partials = node->made.many.partials;
        for (Py_ssize_t i = 0; i < all->count; i++) {
            double partial = partials ? partials[i] : each;
            if (nodes_of(all)[i] && !rows_is_closed(partial)) give(nodes_of(all)[i], adjoint * partial);
        }
    } else if (node->kind == BLOCK) {
        Block *block = node->made.block;
        for (Py_ssize_t i = 0, n = PyTuple_GET_SIZE(block->operands); i < n; i++)
            if (!rows_is_closed(block->partials[i])) give((Node *)PyTuple_GET_ITEM(block->operands, i), adjoint * block->partials[i]);
    }
}

/* The chain rule at one node. */
static inline void hand_on(Node *node) {
    double adjoint = node->grad;
    for (int i = 0; node->kind == TWO && i < 2; i++) {
        Node *operand = node->made.two.operands[i];
        double partial = node->made.two.partials[i];
        if (operand && !rows_is_closed(partial)) give(operand, adjoint * partial);
    }
    if (node->kind > TWO) hand_on_to_many(node);
}

/* The chain rule from the last of these nodes to the first. */
static int sweep_over(Walk *walk, PyObject *const *order, Py_ssize_t count) {
    for (Py_ssize_t i = count; i-- > 0;) {
        Node *node = (Node *)order[i];
        if (i >= AHEAD) fetch((uintptr_t)order[i - AHEAD]);
        node->flags &= (uint8_t)~SEEN; /* here, where the node is in the cache */
        if (node->flags & REACHED) hand_on(node);
        int failed = i && i % OFTEN == 0 ? look_for_signals(walk) : 0;
        if (failed) return failed;
    }
    return 0;
}

static int backward_once(Walk *walk, Node *root, double seed) {
    int failed = visit(walk, root);
    if (failed) return failed;
    walk->sweeps = 1;
    for (Py_ssize_t i = 0; i < walk->kept; i++) forget(walk->earlier[i].node);
    give(root, seed);
    if ((failed = sweep_over(walk, (PyObject *const *)walk->order, walk->count))) return failed;
    for (Py_ssize_t i = 0; i < walk->kept; i++) {
        Node *leaf = walk->earlier[i].node;
        if (is_leaf(leaf)) {
            leaf->grad = leaf->flags & REACHED ? leaf->grad + walk->earlier[i].grad : walk->earlier[i].grad;
            leaf->flags |= REACHED;
        }
    }
    return 0;
}

/* Value.backward: leaves accumulate, other nodes have the adjoint of this call. */
static int backward(Node *root, double seed) {
    int failed;
    do {
        Walk walk;
        begin_walk(&walk, NULL);
        failed = backward_once(&walk, root, seed);
        if (failed) undo(&walk);
        end_walk(&walk);
    } while (failed == AGAIN);
    return failed;
}

/* Whether every operand of these nodes is among them; the marks are left on. */
static int is_whole(PyObject *const *order, Py_ssize_t count) {
    Walk walk = {.number = ++walks};
    for (Py_ssize_t i = 0; i < count; i++) {
        Frame frame = frame_of((Node *)order[i]);
        if (first_of_two(&walk, frame.node) || next_operand(&walk, &frame)) return 0;
        frame.node->flags |= SEEN;
    }
    return 1;
}

/* The adjoints of `wanted` after a sweep along an order with seed 1.0 at its end; every `grad` is afterwards as it was. Returns 2
   if the order lacks an operand, or has it after its user. */
static int adjoints_once(Walk *walk, PyObject *const *order, Py_ssize_t count, PyObject *const *wanted, Py_ssize_t wishes,
                         double *found) {
    int whole = is_whole(order, count);
    for (Py_ssize_t i = 0; i < count; i++) ((Node *)order[i])->flags &= (uint8_t)~SEEN;
    if (!whole) return 2;
    int failed = 0;
    for (Py_ssize_t i = 0; i < count + wishes; i++) {
        if (keep(walk, (Node *)(i < count ? order[i] : wanted[i - count])) < 0) return -1;
        if (i && i % OFTEN == 0 && (failed = look_for_signals(walk))) return failed;
    }
    walk->sweeps = 1;
    for (Py_ssize_t i = 0; i < walk->kept; i++) forget(walk->earlier[i].node);
    if (count) give((Node *)order[count - 1], 1.0);
    failed = sweep_over(walk, order, count);
    for (Py_ssize_t i = 0; i < wishes && !failed; i++) found[i] = ((Node *)wanted[i])->grad;
    return failed;
}

static int adjoints_apart(PyObject *const *order, Py_ssize_t count, PyObject *const *wanted, Py_ssize_t wishes, double *found) {
    int failed;
    do {
        Walk walk;
        begin_walk(&walk, NULL);
        failed = adjoints_once(&walk, order, count, wanted, wishes, found);
        undo(&walk);
        end_walk(&walk);
    } while (failed == AGAIN);
    return failed;
}
#endif
