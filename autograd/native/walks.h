/* The walks over a graph: topological order, the reverse sweep, forgetting gradients. Nothing recurses, and no Python code runs
   while a walk is on, so that to other threads and to Ctrl-C each is one step: all of it has happened, or nothing. */
#ifndef NATIVE_WALKS_H
#define NATIVE_WALKS_H
#include "node.h"

typedef struct {
    Node *node;
    Py_ssize_t next; /* the operand to visit next */
} Frame;

typedef struct {
    Node **order; /* operands before users */
    Py_ssize_t count, room;
    Frame *path; /* the nodes that wait for an operand */
    Py_ssize_t depth, path_room;
    Py_ssize_t reached_leaves;
    PyObject *passed; /* a set of nodes that the walk does not enter, or NULL */
    uint64_t number;  /* of this walk */
} Walk;

static Walk kept_room; /* the arrays of the last walk, for the next one */
static uint64_t walks; /* so far */

static void begin_walk(Walk *walk, PyObject *passed) {
    *walk = kept_room;
    memset(&kept_room, 0, sizeof kept_room);
    walk->count = walk->depth = walk->reached_leaves = 0;
    walk->passed = passed;
    walk->number = ++walks;
}

static void end_walk(Walk *walk) { /* the marks must be gone */
    if (!kept_room.order && walk->room <= 1 << 20 && walk->path_room <= 1 << 20) {
        kept_room = *walk;
        return;
    }
    PyMem_RawFree(walk->order);
    PyMem_RawFree(walk->path);
}

static void clear_marks(Walk *walk) {
    for (Py_ssize_t i = 0; i < walk->count; i++) walk->order[i]->flags &= (uint8_t)~SEEN;
    for (Py_ssize_t i = 0; i < walk->depth; i++) walk->path[i].node->flags &= (uint8_t)~SEEN;
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

static inline int put_in_order(Walk *walk, Node *node) {
    if (walk->count == walk->room && more_room((void **)&walk->order, &walk->room, sizeof *walk->order) < 0) return -1;
    walk->order[walk->count++] = node;
    if ((node->flags & REACHED) && is_leaf(node)) walk->reached_leaves++;
    return 0;
}

static inline int put_on_path(Walk *walk, Node *node) {
    if (walk->depth == walk->path_room && more_room((void **)&walk->path, &walk->path_room, sizeof *walk->path) < 0) return -1;
    walk->path[walk->depth++] = (Frame){node, 0};
    return 0;
}

static inline int is_fresh(const Walk *walk, const Node *operand) {
    return operand && !(operand->flags & SEEN) && !(walk->passed && PySet_Contains(walk->passed, (PyObject *)operand));
}

/* The next fresh one of `count` operands of which the first is number `first` of the frame's. */
static inline Node *next_in_array(Walk *walk, Frame *frame, Node *const *nodes, Py_ssize_t first, Py_ssize_t count) {
    for (Py_ssize_t i = frame->next > first ? frame->next - first : 0; i < count; i++)
        if (is_fresh(walk, nodes[i])) {
            frame->next = first + i + 1;
            return nodes[i];
        }
    frame->next = first + count;
    return NULL;
}

/* The same for operands that nodes share: a walk goes over them once. */
static inline Node *next_shared(Walk *walk, Frame *frame, Operands *shared, Py_ssize_t first) {
    if (frame->next >= first + shared->count || shared->seen == walk->number) return NULL;
    Node *next = next_in_array(walk, frame, nodes_of(shared), first, shared->count);
    if (!next) shared->seen = walk->number;
    return next;
}

/* The next operand that was not seen yet; NULL after the last. */
static inline Node *next_operand(Walk *walk, Frame *frame) {
    Made *made = &frame->node->made;
    PyObject *several;
    Node *next;
    switch (frame->node->kind) {
    case TWO:
        if (!frame->next++ && is_fresh(walk, made->two.operands[0])) return made->two.operands[0];
        return frame->next <= 2 && (frame->next = 3, is_fresh(walk, made->two.operands[1])) ? made->two.operands[1] : NULL;
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

/* Add what the root depends on to the order, depth first; −1 without memory, the marks then being gone. */
static int visit(Walk *walk, Node *root) {
    if (!is_fresh(walk, root)) return 0;
    if (put_on_path(walk, root) < 0) goto failed;
    root->flags |= SEEN;
    while (walk->depth) {
        Frame *frame = &walk->path[walk->depth - 1];
        Node *operand = next_operand(walk, frame);
        if (!operand) {
            if (put_in_order(walk, frame->node) < 0) goto failed;
            walk->depth--;
        } else {
            if ((operand->kind == LEAF ? put_in_order(walk, operand) : put_on_path(walk, operand)) < 0) goto failed;
            operand->flags |= SEEN;
        }
    }
    return 0;
failed:
    clear_marks(walk);
    return -1;
}

/* The order of these roots, with the marks taken away; −1 with an error for what is no node, −2 without memory. */
static int order_of(Walk *walk, PyObject *const *roots, Py_ssize_t count, PyObject *passed) {
    for (Py_ssize_t i = 0; i < count; i++)
        if (!is_node(roots[i])) return -1;
    begin_walk(walk, passed);
    for (Py_ssize_t i = 0; i < count; i++)
        if (visit(walk, (Node *)roots[i]) < 0) {
            end_walk(walk);
            return -2;
        }
    clear_marks(walk);
    return 0;
}

static PyObject *as_list(Walk *walk) {
    PyObject *list = PyList_New(walk->count);
    if (list)
        for (Py_ssize_t i = 0; i < walk->count; i++) PyList_SET_ITEM(list, i, Py_NewRef((PyObject *)walk->order[i]));
    end_walk(walk);
    return list;
}

/* -------------------------------------------------------------------------------------------------------------- the sweep */
static inline void give(Node *node, double contribution) {
    node->grad += contribution;
    node->flags |= REACHED;
}

static inline void forget(Node *node) {
    node->grad = 0.0;
    node->flags &= (uint8_t)~REACHED;
}

static inline void give_products(const Operands *to, double adjoint, const double *partials) {
    Node **nodes = nodes_of(to);
    if (to->active)
        for (Py_ssize_t i = 0; i < to->count; i++)
            if (nodes[i]) give(nodes[i], adjoint * partials[i]);
}

/* The chain rule at one node. */
static inline void hand_on(Node *node) {
    double adjoint = node->grad;
    if (node->kind == TWO) {
        for (int i = 0; i < 2; i++) {
            Node *operand = node->made.two.operands[i];
            double partial = node->made.two.partials[i];
            if (operand && !rows_is_closed(partial)) give(operand, adjoint * partial);
        }
    } else if (node->kind == PAIR) {
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

typedef struct {
    Node *node;
    double grad;
    uint8_t flags;
} Earlier;

/* Value.backward: leaves accumulate, other nodes have the adjoint of this call. */
static int backward(Node *root, double seed) {
    Walk walk;
    begin_walk(&walk, NULL);
    if (visit(&walk, root) < 0) {
        end_walk(&walk);
        return -1;
    }
    Earlier *earlier = PyMem_RawMalloc((size_t)(walk.reached_leaves + 1) * sizeof *earlier);
    if (!earlier) {
        clear_marks(&walk);
        end_walk(&walk);
        PyErr_NoMemory();
        return -1;
    }
    Py_ssize_t kept = 0;
    for (Py_ssize_t i = 0; i < walk.count; i++) {
        Node *node = walk.order[i];
        if ((node->flags & REACHED) && is_leaf(node)) earlier[kept++] = (Earlier){node, node->grad, 0};
        node->grad = 0.0;
        node->flags = 0;
    }
    root->grad = seed;
    root->flags = REACHED;
    for (Py_ssize_t i = walk.count; i-- > 0;)
        if (walk.order[i]->flags & REACHED) hand_on(walk.order[i]);
    for (Py_ssize_t i = 0; i < kept; i++) {
        Node *leaf = earlier[i].node;
        leaf->grad = leaf->flags & REACHED ? leaf->grad + earlier[i].grad : earlier[i].grad;
        leaf->flags |= REACHED;
    }
    PyMem_RawFree(earlier);
    end_walk(&walk);
    return 0;
}

/* Whether every operand of these nodes is among them; the marks are left on. */
static int is_whole(PyObject *const *order, Py_ssize_t count) {
    Walk walk = {.number = ++walks};
    for (Py_ssize_t i = 0; i < count; i++) {
        Frame frame = {(Node *)order[i], 0};
        if (next_operand(&walk, &frame)) return 0;
        frame.node->flags |= SEEN;
    }
    return 1;
}

/* The adjoints of `wanted` after a sweep along an order with seed 1.0 at its end; every `grad` is afterwards as it was. Returns 1
   if the order lacks an operand, or has it after its user. */
static int adjoints_apart(PyObject *const *order, Py_ssize_t count, PyObject *const *wanted, Py_ssize_t wishes, double *found) {
    int whole = is_whole(order, count);
    for (Py_ssize_t i = 0; i < count; i++) ((Node *)order[i])->flags &= (uint8_t)~SEEN;
    if (!whole) return 1;
    Earlier *earlier = PyMem_RawMalloc((size_t)(count + wishes + 1) * sizeof *earlier);
    if (!earlier) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < count + wishes; i++) {
        Node *node = (Node *)(i < count ? order[i] : wanted[i - count]);
        earlier[i] = (Earlier){node, node->grad, node->flags};
        forget(node);
    }
    if (count) give((Node *)order[count - 1], 1.0);
    for (Py_ssize_t i = count; i-- > 0;)
        if (earlier[i].node->flags & REACHED) hand_on(earlier[i].node);
    for (Py_ssize_t i = 0; i < wishes; i++) found[i] = earlier[count + i].node->grad;
    for (Py_ssize_t i = count + wishes; i-- > 0;) { /* a node that is in both was forgotten twice: the first entry is right */
        earlier[i].node->grad = earlier[i].grad;
        earlier[i].node->flags = earlier[i].flags;
    }
    PyMem_RawFree(earlier);
    return 0;
}
#endif
