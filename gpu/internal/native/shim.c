#include "shim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The declarations in webgpu.h must have the layout of the library's own.
_Static_assert(sizeof(WGPULimits) == 144, "WGPULimits");
_Static_assert(offsetof(WGPULimits, maxUniformBufferBindingSize) == 56, "WGPULimits");
_Static_assert(offsetof(WGPULimits, maxBufferSize) == 88, "WGPULimits");
_Static_assert(sizeof(WGPULimitsChain) == 152, "WGPURequiredLimits");
_Static_assert(sizeof(WGPULimitsExtras) == 24, "WGPURequiredLimitsExtras");
_Static_assert(sizeof(WGPUDeviceDescriptor) == 72, "WGPUDeviceDescriptor");
_Static_assert(sizeof(WGPUBufferDescriptor) == 40, "WGPUBufferDescriptor");
_Static_assert(sizeof(WGPUBindGroupEntry) == 56, "WGPUBindGroupEntry");
_Static_assert(sizeof(WGPUBindGroupDescriptor) == 40, "WGPUBindGroupDescriptor");
_Static_assert(sizeof(WGPUQuerySetDescriptor) == 40, "WGPUQuerySetDescriptor");

// ---- failures ----

static void keep(shim_device *d, int failure, char const *message) {
    if (d->failure != SHIM_OK) return; // the first one names the cause
    d->failure = failure;
    snprintf(d->message, sizeof d->message, "%s", message ? message : "");
}

// The library files most out-of-memory and lost-device errors under validation
// (it looks for the cause one wrapper too deep), so its fixed phrases decide.
static int sort(WGPUEnum type, char const *message) {
    if (type == WGPUErrorType_OutOfMemory || strstr(message, "Not enough memory left")) return SHIM_OUT_OF_MEMORY;
    return strstr(message, "Parent device is lost") ? SHIM_LOST : SHIM_VALIDATION;
}

static void on_error(WGPUEnum type, char const *message, void *userdata) {
    if (type != WGPUErrorType_NoError) keep(userdata, sort(type, message ? message : ""), message);
}

static void on_lost(WGPUEnum reason, char const *message, void *userdata) {
    (void)reason;
    shim_device *d = userdata;
    d->failure = SHIM_OK; // nothing outranks a lost device
    keep(d, SHIM_LOST, message);
}

void shim_clear(shim_device *d) {
    if (d->failure == SHIM_LOST) return;
    d->failure = SHIM_OK;
    d->message[0] = 0;
}

static void scope_begin(shim_device *d) {
    wgpuDevicePushErrorScope(d->device, WGPUErrorFilter_OutOfMemory);
    wgpuDevicePushErrorScope(d->device, WGPUErrorFilter_Validation);
}

static int scope_end(shim_device *d) {
    wgpuDevicePopErrorScope(d->device, on_error, d);
    wgpuDevicePopErrorScope(d->device, on_error, d);
    return d->failure;
}

static void on_log(WGPUEnum level, char const *message, void *userdata) {
    (void)level, (void)message, (void)userdata;
}

void shim_silence(void) { wgpuSetLogCallback(on_log, NULL); }

// ---- device ----

typedef struct {
    WGPUDevice device;
    char *message;
    size_t size;
} opening;

static void on_device(WGPUEnum status, WGPUDevice device, char const *message, void *userdata) {
    opening *o = userdata;
    if (status == WGPURequestDeviceStatus_Success) o->device = device;
    else snprintf(o->message, o->size, "%s", message ? message : "");
}

shim_device *shim_open(WGPUAdapter adapter, char const *label, bool timestamps, char *message, size_t message_size) {
    shim_device *d = calloc(1, sizeof *d);
    if (!d) return NULL;
    WGPULimitsExtras extras = {.chain.sType = WGPUSType_LimitsExtras};
    WGPULimitsChain limits = {.nextInChain = &extras.chain};
    wgpuAdapterGetLimits(adapter, &limits); // everything the adapter has to give

    WGPUEnum feature = WGPUFeatureName_TimestampQuery;
    WGPUDeviceDescriptor desc = {
        .label = label,
        .requiredFeatures = &feature,
        .requiredFeaturesCount = timestamps ? 1 : 0,
        .requiredLimits = &limits,
        .deviceLostCallback = on_lost,
        .deviceLostUserdata = d,
    };
    opening o = {.message = message, .size = message_size};
    wgpuAdapterRequestDevice(adapter, &desc, on_device, &o); // answers before it returns
    if (!o.device) {
        free(d);
        return NULL;
    }
    d->device = o.device;
    d->queue = wgpuDeviceGetQueue(o.device);
    wgpuDeviceSetUncapturedErrorCallback(o.device, on_error, d); // the default one aborts the process
    return d;
}

void shim_close(shim_device *d) {
    wgpuQueueRelease(d->queue);
    wgpuDeviceRelease(d->device);
    free(d);
}

// ---- buffers ----

shim_buffer *shim_buffer_new(shim_device *d, char const *label, uint32_t usage, uint64_t size) {
    WGPUBufferDescriptor desc = {.label = label, .usage = usage, .size = size};
    scope_begin(d);
    WGPUBuffer handle = wgpuDeviceCreateBuffer(d->device, &desc);
    shim_buffer *b = scope_end(d) == SHIM_OK ? calloc(1, sizeof *b) : NULL;
    if (!b) {
        wgpuBufferRelease(handle);
        return NULL;
    }
    b->handle = handle;
    return b;
}

void shim_buffer_free(shim_buffer *b) {
    bool pending = b->state == SHIM_PENDING;
    wgpuBufferRelease(b->handle);
    if (!pending) free(b); // a pending mapping will still be answered
}

static void on_map(WGPUEnum status, void *userdata) {
    shim_buffer *b = userdata;
    b->state = status == WGPUBufferMapAsyncStatus_Success ? SHIM_MAPPED : SHIM_MAP_FAILED;
}

// Asks for the first size bytes; they are there when a later poll has set the state.
void shim_map(shim_device *d, shim_buffer *b, uint32_t mode, uint64_t size) {
    b->state = SHIM_PENDING;
    b->mapped = size;
    scope_begin(d);
    wgpuBufferMapAsync(b->handle, mode, 0, size, on_map, b);
    if (scope_end(d) != SHIM_OK) b->state = SHIM_MAP_FAILED;
}

void shim_unmap(shim_device *d, shim_buffer *b) {
    scope_begin(d);
    wgpuBufferUnmap(b->handle);
    scope_end(d);
    b->state = SHIM_UNMAPPED;
}

// The mapped bytes; asking for them in any other state would abort the process.
void *shim_bytes(shim_buffer *b) {
    return b->state == SHIM_MAPPED ? wgpuBufferGetMappedRange(b->handle, 0, b->mapped) : NULL;
}

void shim_write(shim_device *d, shim_buffer *b, uint64_t offset, void const *data, size_t size) {
    scope_begin(d);
    wgpuQueueWriteBuffer(d->queue, b->handle, offset, data, size);
    scope_end(d);
}

// ---- what programs are made of ----

WGPUBindGroup shim_group_new(shim_device *d, char const *label, WGPUBindGroupLayout layout,
                             WGPUBindGroupEntry const *entries, size_t count) {
    WGPUBindGroupDescriptor desc = {.label = label, .layout = layout, .entries = entries, .entryCount = count};
    scope_begin(d);
    WGPUBindGroup group = wgpuDeviceCreateBindGroup(d->device, &desc);
    if (scope_end(d) == SHIM_OK) return group;
    wgpuBindGroupRelease(group);
    return NULL;
}

bool shim_queries_new(shim_device *d, shim_queries *q, uint32_t capacity) {
    memset(q, 0, sizeof *q);
    WGPUQuerySetDescriptor desc = {.label = "timestamps", .type = WGPUQueryType_Timestamp, .count = capacity};
    scope_begin(d);
    q->set = wgpuDeviceCreateQuerySet(d->device, &desc);
    q->capacity = capacity;
    if (scope_end(d) != SHIM_OK) return false;
    q->resolve = shim_buffer_new(d, "timestamps", WGPUBufferUsage_QueryResolve | WGPUBufferUsage_CopySrc, capacity * 8);
    q->readback = shim_buffer_new(d, "timestamps", WGPUBufferUsage_MapRead | WGPUBufferUsage_CopyDst, capacity * 8);
    return q->resolve && q->readback;
}

void shim_queries_free(shim_queries *q) {
    if (q->resolve) shim_buffer_free(q->resolve);
    if (q->readback) shim_buffer_free(q->readback);
    wgpuQuerySetRelease(q->set);
}

// ---- submissions ----

static void end_pass(WGPUComputePassEncoder *pass) {
    if (!*pass) return;
    wgpuComputePassEncoderEnd(*pass);
    wgpuComputePassEncoderRelease(*pass);
    *pass = NULL;
}

static void dispatch(WGPUCommandEncoder encoder, WGPUComputePassEncoder *pass, shim_step const *s) {
    if (!*pass) *pass = wgpuCommandEncoderBeginComputePass(encoder, NULL);
    wgpuComputePassEncoderSetPipeline(*pass, s->pipeline);
    wgpuComputePassEncoderSetBindGroup(*pass, 0, s->group, 0, NULL);
    wgpuComputePassEncoderDispatchWorkgroups(*pass, s->x, s->y, s->z);
}

// Dispatches in a row share one pass, which is what makes them cheap; a copy
// ends it, and so does every timestamp.
static void encode(WGPUCommandEncoder encoder, shim_step const *steps, size_t count, shim_queries *q) {
    WGPUComputePassEncoder pass = NULL;
    for (size_t i = 0; i < count; i++) {
        shim_step const *s = &steps[i];
        if (q || !s->pipeline) end_pass(&pass);
        if (q) wgpuCommandEncoderWriteTimestamp(encoder, q->set, (uint32_t)i);
        if (s->pipeline) dispatch(encoder, &pass, s);
        else wgpuCommandEncoderCopyBufferToBuffer(encoder, s->src, s->src_offset, s->dst, s->dst_offset, s->size);
    }
    end_pass(&pass);
    if (!q) return;
    uint32_t stamps = (uint32_t)count + 1;
    wgpuCommandEncoderWriteTimestamp(encoder, q->set, (uint32_t)count);
    wgpuCommandEncoderResolveQuerySet(encoder, q->set, 0, stamps, q->resolve->handle, 0);
    wgpuCommandEncoderCopyBufferToBuffer(encoder, q->resolve->handle, 0, q->readback->handle, 0, stamps * 8);
}

static WGPUCommandBuffer finished(shim_device *d, char const *label, shim_step const *steps, size_t count,
                                  shim_queries *q) {
    WGPULabelDescriptor desc = {.label = label};
    scope_begin(d);
    WGPUCommandEncoder encoder = wgpuDeviceCreateCommandEncoder(d->device, &desc);
    encode(encoder, steps, count, q);
    WGPUCommandBuffer commands = wgpuCommandEncoderFinish(encoder, &desc);
    wgpuCommandEncoderRelease(encoder);
    if (scope_end(d) == SHIM_OK) return commands;
    wgpuCommandBufferRelease(commands);
    return NULL; // submitting it would abort the process
}

// Encodes the steps without submitting them: every validation error shows.
int shim_check(shim_device *d, char const *label, shim_step const *steps, size_t count) {
    WGPUCommandBuffer commands = finished(d, label, steps, count, NULL);
    if (commands) wgpuCommandBufferRelease(commands);
    return d->failure;
}

static void on_done(WGPUEnum status, void *userdata) {
    (void)status;
    ((shim_device *)userdata)->completed++;
}

int shim_submit(shim_device *d, char const *label, shim_step const *steps, size_t count, shim_queries *q) {
    if (d->failure == SHIM_LOST) return d->failure;
    WGPUCommandBuffer commands = finished(d, label, steps, count, q);
    if (!commands) return d->failure;
    wgpuQueueSubmitForIndex(d->queue, 1, &commands);
    wgpuCommandBufferRelease(commands);
    d->submitted++;
    wgpuQueueOnSubmittedWorkDone(d->queue, on_done, d);
    return SHIM_OK;
}

// Lets finished work call back, never waits; answers how many submissions are done.
uint64_t shim_poll(shim_device *d) {
    wgpuDevicePoll(d->device, false, NULL);
    return d->completed;
}

