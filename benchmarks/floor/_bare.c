/* The bare floor of _bare.py: a heap of four children, keyed Philox draws, lines of linked chats. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

typedef struct { double at; int64_t place; int32_t kind, whom; int64_t token; } Plan;
typedef struct {
    int32_t token, owner, taken, turn, before, after, waiting;
    double opened, left;
} Chat;
typedef struct { int32_t current, token, head[2], tail[2]; double ends, started, busy; } Worker;

static Plan *heap; static int64_t size, place;
static Chat *chats; static Worker *people;
static uint32_t key0, key1;

static void four(uint32_t entity, uint32_t turn, uint32_t purpose, double *u) {
    uint32_t a = entity, b = turn, c = purpose, d = 0, k = key0, l = key1;
    for (int n = 0; n < 10; n++) {
        uint64_t x = (uint64_t)a * 0xD2511F53u, y = (uint64_t)c * 0xCD9E8D57u;
        a = (uint32_t)(y >> 32) ^ b ^ k; c = (uint32_t)(x >> 32) ^ d ^ l;
        b = (uint32_t)y; d = (uint32_t)x;
        k += 0x9E3779B9u; l += 0xBB67AE85u;
    }
    u[0] = (a + .5) * 0x1p-32; u[1] = (b + .5) * 0x1p-32;
    u[2] = (c + .5) * 0x1p-32; u[3] = (d + .5) * 0x1p-32;
}

static int sooner(const Plan *x, const Plan *y) {
    return x->at < y->at || (x->at == y->at && x->place < y->place);
}

static void plan(double at, int kind, int whom, int64_t token) {
    Plan p = {at, place++, kind, whom, token};
    int64_t n = size++;
    while (n) {
        int64_t up = (n - 1) >> 2;
        if (sooner(&heap[up], &p)) break;
        heap[n] = heap[up]; n = up;
    }
    heap[n] = p;
}

static Plan next(void) {
    Plan first = heap[0], last = heap[--size];
    int64_t n = 0;
    for (;;) {
        int64_t child = 4 * n + 1, best = child;
        if (child >= size) break;
        for (int64_t o = child + 1; o < child + 4 && o < size; o++)
            if (sooner(&heap[o], &heap[best])) best = o;
        if (!sooner(&heap[best], &last)) break;
        heap[n] = heap[best]; n = best;
    }
    heap[n] = last;
    return first;
}

static void queue(Worker *w, int n, int line, int front) {
    Chat *c = &chats[n];
    if (front) {
        c->before = -1; c->after = w->head[line];
        if (w->head[line] >= 0) chats[w->head[line]].before = n; else w->tail[line] = n;
        w->head[line] = n;
    } else {
        c->after = -1; c->before = w->tail[line];
        if (w->tail[line] >= 0) chats[w->tail[line]].after = n; else w->head[line] = n;
        w->tail[line] = n;
    }
}

static void start(int who, double at) {
    Worker *w = &people[who];
    int line = w->head[1] >= 0, n = w->head[line];
    Chat *c = &chats[n];
    w->head[line] = c->after;
    if (c->after >= 0) chats[c->after].before = -1; else w->tail[line] = -1;
    double minutes = c->left, u[4];
    if (minutes > 0) c->left = 0;
    else { four(n, c->turn, 16, u); minutes = -.4 * log(u[0]); }
    w->current = n; w->started = at; w->ends = at + minutes; w->token++;
    plan(w->ends, 2, who, w->token);
}

static void message(int n, double at) {
    Chat *c = &chats[n];
    Worker *w = &people[c->owner];
    queue(w, n, c->taken, 0);
    if (w->current < 0) start(c->owner, at);
    else if (c->taken && !chats[w->current].taken) {
        int m = w->current;
        chats[m].left = w->ends - at; w->busy += at - w->started;
        w->current = -1; w->token++;
        queue(w, m, 0, 1);
        start(c->owner, at);
    }
}

int64_t run_floor(int64_t workers, int64_t count, uint64_t seed, double *out) {
    heap = malloc(sizeof(Plan) * (64 * workers + 4096));
    chats = calloc(count, sizeof(Chat)); people = calloc(workers, sizeof(Worker));
    size = place = 0; key0 = (uint32_t)seed; key1 = (uint32_t)(seed >> 32);
    for (int64_t w = 0; w < workers; w++)
        people[w] = (Worker){-1, 0, {-1, -1}, {-1, -1}, 0, 0, 0};
    double sum[2] = {0, 0}, u[4], at = 0; int64_t number[2] = {0, 0}, opened = 0, events = 0;
    plan(0, 0, 0, 0);
    while (size) {
        Plan p = next();
        at = p.at; events++;
        if (p.kind == 0) {
            int n = (int)opened++;
            Chat *c = &chats[n];
            four(n, 0, 0, u);
            if (opened < count) plan(at - log(u[0]) / (.42 * workers), 0, 0, 0);
            c->owner = (int)(u[1] * workers); c->taken = u[2] < .15; c->opened = at;
            if (c->taken) plan(at - .08 * log(u[3]), 1, n, c->token); else message(n, at);
        } else if (p.kind == 1) {
            if (chats[p.whom].token == p.token) message(p.whom, at);
        } else {
            Worker *w = &people[p.whom];
            if (w->token != p.token || w->current < 0) continue;
            int n = w->current;
            Chat *c = &chats[n];
            w->current = -1; w->busy += at - w->started; c->token++;
            four(n, c->turn++, 17, u);
            if (u[0] < .25) { sum[c->taken] += at - c->opened; number[c->taken]++; }
            else plan(at - .8 * log(u[3]), 1, n, c->token);
            if (w->current < 0 && (w->head[0] >= 0 || w->head[1] >= 0)) start(p.whom, at);
        }
    }
    out[0] = sum[0] / number[0]; out[1] = sum[1] / number[1];
    free(heap); free(chats); free(people);
    return events;
}
