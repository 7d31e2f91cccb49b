package imageproc

import (
	"runtime"
	"sync"
)

// parallel splits 0..n-1 into one band per processor and works on them at the
// same time. A panic in a band is raised again in the caller, where Decode
// catches it.
func parallel(n int, work func(lo, hi int)) {
	bands := min(runtime.GOMAXPROCS(0), n)
	var wait sync.WaitGroup
	failures := make([]any, bands)
	for b := range bands {
		wait.Go(func() {
			defer func() { failures[b] = recover() }()
			work(n*b/bands, n*(b+1)/bands)
		})
	}
	wait.Wait()
	for _, failure := range failures {
		if failure != nil {
			panic(failure)
		}
	}
}
