package gpu

// memory tells how many bytes an adapter has and how many of them nobody uses, as
// Vulkan has it.
func memory(kind Kind, vendor, device uint32) (all, free int64) { return heapMemory(vendor, device) }
