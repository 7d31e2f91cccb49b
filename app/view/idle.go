package view

import "time"

// pollInterval is how often the window looks whether its model is idle.
const pollInterval = 20 * time.Second

// watchIdle unloads the model after the time the settings give it.
func (w *Window) watchIdle(ctx interface{ Done() <-chan struct{} }) {
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			w.UIQueue.Post(w.idleUnload)
		}
	}
}

// idleUnload unloads a model of this machine that nobody has asked for as long as the
// settings say; the next question loads it again.
func (w *Window) idleUnload() {
	idle := time.Duration(w.Settings.IdleMinutes) * time.Minute
	if w.Answering != nil || w.LocalServer.running() {
		w.Host.used = w.now()
	}
	if idle > 0 && w.Host.Phase == Ready && w.Host.Choice.Remote == "" && w.now().Sub(w.Host.used) >= idle {
		w.Host.Unload()
		w.touch(DirtyHost)
	}
}
