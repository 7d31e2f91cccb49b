// What the shim offers to Go. Everything a callback of wgpu-native may touch
// lives in memory of C, so the Go garbage collector is never concerned.
#ifndef SIROCCO_SHIM_H
#define SIROCCO_SHIM_H

#include "webgpu.h"

enum { SHIM_OK = 0, SHIM_VALIDATION = 1, SHIM_OUT_OF_MEMORY = 2, SHIM_LOST = 3 };

typedef struct {
    WGPUDevice device;
    WGPUQueue queue;
    int failure;         // first failure since shim_clear: one of SHIM_…
    char message[8192];  // and its text
    uint64_t submitted;  // submissions handed to the queue
    uint64_t completed;  // of those, how many the device has finished
} shim_device;

enum { SHIM_UNMAPPED = 0, SHIM_PENDING = 1, SHIM_MAPPED = 2, SHIM_MAP_FAILED = 3 };

typedef struct {
    WGPUBuffer handle;
    int state;       // SHIM_UNMAPPED …
    uint64_t mapped; // bytes asked for
} shim_buffer;

// One step of a program: a dispatch where pipeline is set, otherwise a copy.
typedef struct {
    WGPUComputePipeline pipeline;
    WGPUBindGroup group;
    uint32_t x, y, z;
    WGPUBuffer src, dst;
    uint64_t src_offset, dst_offset, size;
} shim_step;

// Where the timestamps around the steps of one submission go.
typedef struct {
    WGPUQuerySet set;
    uint32_t capacity;
    shim_buffer *resolve;  // query_resolve | copy_src
    shim_buffer *readback; // map_read | copy_dst
} shim_queries;

shim_device *shim_open(WGPUAdapter adapter, char const *label, bool timestamps, char *message, size_t message_size);
void shim_close(shim_device *d);
void shim_clear(shim_device *d);
void shim_silence(void);

shim_buffer *shim_buffer_new(shim_device *d, char const *label, uint32_t usage, uint64_t size);
void shim_buffer_free(shim_buffer *b);
void shim_map(shim_device *d, shim_buffer *b, uint32_t mode, uint64_t size);
void shim_unmap(shim_device *d, shim_buffer *b);
void *shim_bytes(shim_buffer *b);
void shim_write(shim_device *d, shim_buffer *b, uint64_t offset, void const *data, size_t size);

WGPUBindGroup shim_group_new(shim_device *d, char const *label, WGPUBindGroupLayout layout,
                             WGPUBindGroupEntry const *entries, size_t count);
bool shim_queries_new(shim_device *d, shim_queries *q, uint32_t capacity);
void shim_queries_free(shim_queries *q);

int shim_check(shim_device *d, char const *label, shim_step const *steps, size_t count);
int shim_submit(shim_device *d, char const *label, shim_step const *steps, size_t count, shim_queries *q);
uint64_t shim_poll(shim_device *d);

#endif
