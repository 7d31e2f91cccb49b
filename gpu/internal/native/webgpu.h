// The part of the C interface of wgpu-native v0.17.0.2 that the shim uses: same
// names, values and memory layout as webgpu.h and wgpu.h of that release
// (webgpu-native/webgpu-headers, BSD-3-Clause). cgo cannot reach the headers of
// another module, hence these declarations; shim.c checks their sizes.
#ifndef SIROCCO_WEBGPU_H
#define SIROCCO_WEBGPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct WGPUAdapterImpl *WGPUAdapter;
typedef struct WGPUBindGroupImpl *WGPUBindGroup;
typedef struct WGPUBindGroupLayoutImpl *WGPUBindGroupLayout;
typedef struct WGPUBufferImpl *WGPUBuffer;
typedef struct WGPUCommandBufferImpl *WGPUCommandBuffer;
typedef struct WGPUCommandEncoderImpl *WGPUCommandEncoder;
typedef struct WGPUComputePassEncoderImpl *WGPUComputePassEncoder;
typedef struct WGPUComputePipelineImpl *WGPUComputePipeline;
typedef struct WGPUDeviceImpl *WGPUDevice;
typedef struct WGPUQuerySetImpl *WGPUQuerySet;
typedef struct WGPUQueueImpl *WGPUQueue;
typedef struct WGPUSamplerImpl *WGPUSampler;
typedef struct WGPUTextureViewImpl *WGPUTextureView;

enum { // WGPUErrorFilter, WGPUErrorType
    WGPUErrorFilter_Validation = 0,
    WGPUErrorFilter_OutOfMemory = 1,
    WGPUErrorType_NoError = 0,
    WGPUErrorType_Validation = 1,
    WGPUErrorType_OutOfMemory = 2,
};

enum { // WGPUMapMode, WGPUBufferMapAsyncStatus, WGPURequestDeviceStatus
    WGPUMapMode_Read = 1,
    WGPUMapMode_Write = 2,
    WGPUBufferMapAsyncStatus_Success = 0,
    WGPURequestDeviceStatus_Success = 0,
};

enum { // WGPUFeatureName, WGPUQueryType, chained structures
    WGPUFeatureName_TimestampQuery = 3,
    WGPUQueryType_Timestamp = 2,
    WGPUSType_LimitsExtras = 0x60000003,
};

enum { // WGPUBufferUsage
    WGPUBufferUsage_MapRead = 0x1,
    WGPUBufferUsage_MapWrite = 0x2,
    WGPUBufferUsage_CopySrc = 0x4,
    WGPUBufferUsage_CopyDst = 0x8,
    WGPUBufferUsage_Uniform = 0x40,
    WGPUBufferUsage_Storage = 0x80,
    WGPUBufferUsage_QueryResolve = 0x200,
};

typedef int WGPUEnum; // every enumeration of the interface is a C int
typedef uint32_t WGPUFlags;

typedef struct WGPUChainedStruct {
    struct WGPUChainedStruct const *next;
    WGPUEnum sType;
} WGPUChainedStruct;

typedef struct WGPULimits {
    uint32_t maxTextureDimension1D, maxTextureDimension2D, maxTextureDimension3D, maxTextureArrayLayers;
    uint32_t maxBindGroups, maxBindingsPerBindGroup;
    uint32_t maxDynamicUniformBuffersPerPipelineLayout, maxDynamicStorageBuffersPerPipelineLayout;
    uint32_t maxSampledTexturesPerShaderStage, maxSamplersPerShaderStage;
    uint32_t maxStorageBuffersPerShaderStage, maxStorageTexturesPerShaderStage, maxUniformBuffersPerShaderStage;
    uint64_t maxUniformBufferBindingSize, maxStorageBufferBindingSize;
    uint32_t minUniformBufferOffsetAlignment, minStorageBufferOffsetAlignment;
    uint32_t maxVertexBuffers;
    uint64_t maxBufferSize;
    uint32_t maxVertexAttributes, maxVertexBufferArrayStride;
    uint32_t maxInterStageShaderComponents, maxInterStageShaderVariables;
    uint32_t maxColorAttachments, maxColorAttachmentBytesPerSample;
    uint32_t maxComputeWorkgroupStorageSize, maxComputeInvocationsPerWorkgroup;
    uint32_t maxComputeWorkgroupSizeX, maxComputeWorkgroupSizeY, maxComputeWorkgroupSizeZ;
    uint32_t maxComputeWorkgroupsPerDimension;
} WGPULimits;

// Supported and required limits have one layout: a chain pointer and the limits.
typedef struct WGPULimitsChain {
    WGPUChainedStruct const *nextInChain;
    WGPULimits limits;
} WGPULimitsChain;

typedef struct WGPULimitsExtras {
    WGPUChainedStruct chain;
    uint32_t maxPushConstantSize;
} WGPULimitsExtras;

typedef struct WGPULabelDescriptor { // queue, encoder and command buffer
    WGPUChainedStruct const *nextInChain;
    char const *label;
} WGPULabelDescriptor;

typedef void (*WGPUBufferMapCallback)(WGPUEnum status, void *userdata);
typedef void (*WGPUDeviceLostCallback)(WGPUEnum reason, char const *message, void *userdata);
typedef void (*WGPUErrorCallback)(WGPUEnum type, char const *message, void *userdata);
typedef void (*WGPULogCallback)(WGPUEnum level, char const *message, void *userdata);
typedef void (*WGPUQueueWorkDoneCallback)(WGPUEnum status, void *userdata);
typedef void (*WGPURequestDeviceCallback)(WGPUEnum status, WGPUDevice device, char const *message, void *userdata);

typedef struct WGPUDeviceDescriptor {
    WGPUChainedStruct const *nextInChain;
    char const *label;
    size_t requiredFeaturesCount;
    WGPUEnum const *requiredFeatures;
    WGPULimitsChain const *requiredLimits;
    WGPULabelDescriptor defaultQueue;
    WGPUDeviceLostCallback deviceLostCallback;
    void *deviceLostUserdata;
} WGPUDeviceDescriptor;

typedef struct WGPUBufferDescriptor {
    WGPUChainedStruct const *nextInChain;
    char const *label;
    WGPUFlags usage;
    uint64_t size;
    bool mappedAtCreation;
} WGPUBufferDescriptor;

typedef struct WGPUBindGroupEntry {
    WGPUChainedStruct const *nextInChain;
    uint32_t binding;
    WGPUBuffer buffer;
    uint64_t offset;
    uint64_t size;
    WGPUSampler sampler;
    WGPUTextureView textureView;
} WGPUBindGroupEntry;

typedef struct WGPUBindGroupDescriptor {
    WGPUChainedStruct const *nextInChain;
    char const *label;
    WGPUBindGroupLayout layout;
    size_t entryCount;
    WGPUBindGroupEntry const *entries;
} WGPUBindGroupDescriptor;

typedef struct WGPUQuerySetDescriptor {
    WGPUChainedStruct const *nextInChain;
    char const *label;
    WGPUEnum type;
    uint32_t count;
    WGPUEnum const *pipelineStatistics;
    size_t pipelineStatisticsCount;
} WGPUQuerySetDescriptor;

bool wgpuAdapterGetLimits(WGPUAdapter, WGPULimitsChain *);
void wgpuAdapterRequestDevice(WGPUAdapter, WGPUDeviceDescriptor const *, WGPURequestDeviceCallback, void *);
void wgpuSetLogCallback(WGPULogCallback, void *);

WGPUQueue wgpuDeviceGetQueue(WGPUDevice);
void wgpuDeviceSetUncapturedErrorCallback(WGPUDevice, WGPUErrorCallback, void *);
void wgpuDevicePushErrorScope(WGPUDevice, WGPUEnum filter);
void wgpuDevicePopErrorScope(WGPUDevice, WGPUErrorCallback, void *);
bool wgpuDevicePoll(WGPUDevice, bool wait, void const *submission);
void wgpuDeviceRelease(WGPUDevice);

WGPUBuffer wgpuDeviceCreateBuffer(WGPUDevice, WGPUBufferDescriptor const *);
void wgpuBufferMapAsync(WGPUBuffer, WGPUFlags mode, size_t offset, size_t size, WGPUBufferMapCallback, void *);
void *wgpuBufferGetMappedRange(WGPUBuffer, size_t offset, size_t size);
void wgpuBufferUnmap(WGPUBuffer);
void wgpuBufferRelease(WGPUBuffer);

WGPUBindGroup wgpuDeviceCreateBindGroup(WGPUDevice, WGPUBindGroupDescriptor const *);
void wgpuBindGroupRelease(WGPUBindGroup);
WGPUQuerySet wgpuDeviceCreateQuerySet(WGPUDevice, WGPUQuerySetDescriptor const *);
void wgpuQuerySetRelease(WGPUQuerySet);

WGPUCommandEncoder wgpuDeviceCreateCommandEncoder(WGPUDevice, WGPULabelDescriptor const *);
void wgpuCommandEncoderCopyBufferToBuffer(WGPUCommandEncoder, WGPUBuffer src, uint64_t srcOffset, WGPUBuffer dst,
                                          uint64_t dstOffset, uint64_t size);
void wgpuCommandEncoderWriteTimestamp(WGPUCommandEncoder, WGPUQuerySet, uint32_t index);
void wgpuCommandEncoderResolveQuerySet(WGPUCommandEncoder, WGPUQuerySet, uint32_t first, uint32_t count, WGPUBuffer,
                                       uint64_t offset);
WGPUCommandBuffer wgpuCommandEncoderFinish(WGPUCommandEncoder, WGPULabelDescriptor const *);
void wgpuCommandEncoderRelease(WGPUCommandEncoder);
void wgpuCommandBufferRelease(WGPUCommandBuffer);

WGPUComputePassEncoder wgpuCommandEncoderBeginComputePass(WGPUCommandEncoder, void const *descriptor);
void wgpuComputePassEncoderSetPipeline(WGPUComputePassEncoder, WGPUComputePipeline);
void wgpuComputePassEncoderSetBindGroup(WGPUComputePassEncoder, uint32_t index, WGPUBindGroup, size_t offsetCount,
                                        uint32_t const *offsets);
void wgpuComputePassEncoderDispatchWorkgroups(WGPUComputePassEncoder, uint32_t x, uint32_t y, uint32_t z);
void wgpuComputePassEncoderEnd(WGPUComputePassEncoder);
void wgpuComputePassEncoderRelease(WGPUComputePassEncoder);

uint64_t wgpuQueueSubmitForIndex(WGPUQueue, size_t count, WGPUCommandBuffer const *);
void wgpuQueueOnSubmittedWorkDone(WGPUQueue, WGPUQueueWorkDoneCallback, void *);
void wgpuQueueWriteBuffer(WGPUQueue, WGPUBuffer, uint64_t offset, void const *data, size_t size);
void wgpuQueueRelease(WGPUQueue);

#endif
