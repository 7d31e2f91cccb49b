package model

import (
	"context"

	"sirocco/gpu/tune"
	"sirocco/model/chat"
)

// tune gives every device the shapes of kernels that suit it, before anything is
// on it.
func (m *Model) tune(ctx context.Context, o Options) error {
	for _, device := range m.devices {
		notice, err := tune.Apply(ctx, device, tune.Options{Mode: o.Tune, Progress: func(done, total int) {
			if o.Progress != nil {
				o.Progress(chat.Load{What: chat.LoadKernels, Done: int64(done), Total: int64(total)})
			}
		}})
		if err != nil {
			return err
		}
		if notice != "" {
			m.notices = append(m.notices, notice)
		}
	}
	return nil
}
