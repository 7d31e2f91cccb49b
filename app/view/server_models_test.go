package view

import (
	"context"
	"slices"
	"testing"

	"sirocco/model/chat"
)

// lists is an engine on a server with several models.
type lists struct {
	scripted
	name string
}

func (l *lists) About() chat.About {
	return chat.About{Model: chat.ModelInfo{Name: l.name}, Device: chat.DeviceInfo{Name: "gpu-box"}}
}
func (l *lists) Models() []string  { return []string{"talks", "talks-too", "embeds"} }
func (l *lists) Notices() []string { return []string{"its key goes without encryption"} }

// People choose among a server's models; the choice is kept, and a server anew begins
// with its first that talks.
func TestChoosingAServersModel(t *testing.T) {
	d := newTestWindow(t, t.TempDir())
	d.until("the model is open", func() bool { return d.Host.Phase == Ready })
	if d.Host.Models != nil {
		t.Errorf("a local model lists %q", d.Host.Models)
	}
	d.engines.Open = func(_ context.Context, c Choice, _ func(chat.Load)) (chat.Engine, error) {
		if c.Model == "" {
			c.Model = "talks"
		}
		return &lists{name: c.Model}, nil
	}
	d.Host.engines = d.engines
	d.UseServer("http://gpu-box:8000")
	d.until("the server is there", func() bool { return d.Host.Phase == Ready })
	if !slices.Equal(d.Host.Models, []string{"talks", "talks-too", "embeds"}) || len(d.Host.Notices) != 1 || d.Host.About.Model.Name != "talks" {
		t.Fatalf("%+v", d.Host)
	}
	d.UseServerModel("talks-too")
	want := Choice{Remote: "http://gpu-box:8000", Model: "talks-too"}
	d.until("the choice is kept", func() bool { return d.Settings.Choice == want })
	if d.Host.About.Model.Name != "talks-too" || d.Models()[len(d.Models())-1].Choice.Remote == "" || !d.Models()[len(d.Models())-1].Current {
		t.Errorf("%+v answers, of %+v", d.Host.About, d.Models())
	}
	d.UseServer("http://another:8000")
	d.until("another server is kept", func() bool { return d.Settings.Choice == Choice{Remote: "http://another:8000"} })
}
