// Package gpu turns WGSL kernels and tensors into work for a graphics card:
// it finds the adapter, owns device memory, records dispatches into programs
// that are replayed without allocating, and brings results back.
//
// Open this first: [Open] gives a [Device]; [Device.NewBuffer], [Device.Upload]
// and [Buffer.Write] fill its memory; [Device.Kernel] compiles a shader;
// [Device.Record] collects dispatches and copies in a [Recorder], whose Finish
// makes a [Program]; [Program.Run] executes it. device.go, recorder.go and
// program.go read in that order.
//
// # Threads
//
// A device is driven by one goroutine at a time. Every method takes the device's
// mutex, so a mistake waits instead of corrupting memory; only the fill function
// of [Device.Upload] runs outside it, so several goroutines can prepare weights
// at once.
//
// # Memory
//
// Buffers are released by hand. A program keeps the buffers it uses alive, so
// releasing one under a program is safe; its bytes come back with the program.
// Closing the device releases everything made on it.
//
// # Waiting, and long work
//
// Nothing here blocks inside the driver: waiting polls, first in a short spin,
// then with sleeps of 20 to 200 microseconds, so that a software adapter keeps
// the processor. Drivers reset a device whose work takes seconds, so a program is
// cut into submissions of about a fifth of a second, by an estimate that is
// learnt for every kernel while it runs (submit.go).
//
// # What cannot be caught
//
// A device that is lost in the middle of work (driver reset, card unplugged,
// laptop suspended) makes wgpu-native panic inside a submission or a poll, and a
// panic of Rust below Go ends the process. Where the loss is seen earlier it is
// returned as [ErrDeviceLost]. A program that must survive runs its engine in a
// child process. A software adapter hands out memory the machine may not have;
// then it is the operating system that ends the process.
//
// Only this package and those below it know WebGPU; nothing above sees a handle.
package gpu
