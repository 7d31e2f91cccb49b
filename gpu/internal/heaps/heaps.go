//go:build linux || windows

// Package heaps asks Vulkan itself how much memory a graphics card has and how
// much of it is free: WebGPU does not tell. It opens the system's Vulkan library
// at run time and needs none of its headers; where there is no such library,
// nothing is known. The numbers and the order of fields are those of
// vulkan_core.h, which never change.
package heaps

/*
#cgo linux LDFLAGS: -ldl
#include <stdint.h>
#include <string.h>
#ifdef _WIN32
#include <windows.h>
static void *openLibrary(void) { return (void *)LoadLibraryA("vulkan-1.dll"); }
static void *find(void *library, const char *name) { return (void *)GetProcAddress((HMODULE)library, name); }
#define CALL __stdcall
#else
#include <dlfcn.h>
static void *openLibrary(void) { return dlopen("libvulkan.so.1", RTLD_NOW | RTLD_LOCAL); }
static void *find(void *library, const char *name) { return dlsym(library, name); }
#define CALL
#endif

typedef struct { uint32_t type; const void *next; const char *app; uint32_t appVersion; const char *engine; uint32_t engineVersion, api; } Application;
typedef struct { uint32_t type; const void *next; uint32_t flags; const Application *application; uint32_t layers; const void *layerNames; uint32_t extensions; const void *extensionNames; } InstanceInfo;
typedef struct { uint32_t api, driver, vendor, device, kind; char rest[2048]; } Properties;
typedef struct { uint64_t size; uint32_t flags; } Heap;
typedef struct { uint32_t types; uint32_t type[64]; uint32_t heaps; Heap heap[16]; } Memory;
typedef struct { uint32_t type; void *next; uint64_t budget[16], usage[16]; } Budget;
typedef struct { uint32_t type; void *next; Memory memory; } Memory2;

typedef int32_t (CALL *CreateInstance)(const InstanceInfo *, const void *, void **);
typedef void (CALL *DestroyInstance)(void *, const void *);
typedef int32_t (CALL *Enumerate)(void *, uint32_t *, void **);
typedef void (CALL *GetProperties)(void *, Properties *);
typedef void (CALL *GetMemory)(void *, Memory2 *);

// largest notes the size of the largest heap on the card, and what is free of it.
static void largest(GetMemory get, void *card, uint64_t *all, uint64_t *available) {
	Budget budget;
	Memory2 memory;
	memset(&budget, 0, sizeof budget);
	memset(&memory, 0, sizeof memory);
	budget.type = 1000237000;
	memory.type = 1000059006;
	memory.next = &budget;
	get(card, &memory);
	for (uint32_t i = 0; i < memory.memory.heaps && i < 16; i++) {
		Heap h = memory.memory.heap[i];
		if ((h.flags & 1) == 0 || h.size <= *all) continue;
		*all = h.size;
		*available = budget.budget[i] > budget.usage[i] ? budget.budget[i] - budget.usage[i] : 0;
	}
}

static int cardMemory(uint32_t vendor, uint32_t device, uint64_t *all, uint64_t *available) {
	void *library = openLibrary(), *instance = 0, *cards[16];
	if (!library) return 0;
	CreateInstance create = (CreateInstance)find(library, "vkCreateInstance");
	DestroyInstance destroy = (DestroyInstance)find(library, "vkDestroyInstance");
	Enumerate enumerate = (Enumerate)find(library, "vkEnumeratePhysicalDevices");
	GetProperties properties = (GetProperties)find(library, "vkGetPhysicalDeviceProperties");
	GetMemory memory = (GetMemory)find(library, "vkGetPhysicalDeviceMemoryProperties2");
	Application application = {0, 0, "sirocco", 0, 0, 0, (1u << 22) | (1u << 12)};
	InstanceInfo info = {1, 0, 0, &application, 0, 0, 0, 0};
	if (!create || !destroy || !enumerate || !properties || !memory || create(&info, 0, &instance) != 0) return 0;
	uint32_t count = 16;
	int found = 0;
	if (enumerate(instance, &count, cards) < 0) count = 0;
	for (uint32_t i = 0; i < count && !found; i++) {
		Properties p;
		memset(&p, 0, sizeof p);
		properties(cards[i], &p);
		if (p.vendor != vendor || p.device != device) continue;
		largest(memory, cards[i], all, available);
		found = 1;
	}
	destroy(instance, 0);
	return found;
}
*/
import "C"

// Of is the memory of the card with these PCI numbers, in bytes, and how much of
// it this process may still take, as far as the driver tells; 0 for what is not
// known.
func Of(vendor, device uint32) (all, free int64) {
	var size, available C.uint64_t
	if C.cardMemory(C.uint32_t(vendor), C.uint32_t(device), &size, &available) == 0 {
		return 0, 0
	}
	return int64(size), int64(available)
}
