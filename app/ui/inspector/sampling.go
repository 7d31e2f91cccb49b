//go:build !headless

package inspector

import (
	"errors"
	"fmt"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sirocco/app/view/i18n"
	"sirocco/model/chat"
)

// samplingPane shows how tokens were drawn, what the round cost, and asks again
// with other settings.
type samplingPane struct {
	i           *Inspector
	object      fyne.CanvasObject
	facts       *fyne.Container
	temperature *widget.Entry
	seed        *widget.Entry
	system      *widget.Entry
	request     *widget.Button
	of          int64 // the turn whose settings stand in the fields
}

func newSamplingPane(i *Inspector) *samplingPane {
	p := &samplingPane{i: i, facts: container.NewVBox(), temperature: widget.NewEntry(), seed: widget.NewEntry(), system: widget.NewMultiLineEntry()}
	p.system.Wrapping = fyne.TextWrapWord
	p.request = button(i18n.T("Ask again with these"), theme.ViewRefreshIcon(), p.again)
	fields := widget.NewForm(widget.NewFormItem(i18n.T("Temperature"), p.temperature), widget.NewFormItem(i18n.T("Seed"), p.seed))
	right := container.NewBorder(container.NewVBox(bold(i18n.T("Change and ask again")), fields, widget.NewLabel(i18n.T("System prompt"))), container.NewHBox(p.request), nil, nil, p.system)
	p.object = pad(container.NewGridWithColumns(2, container.NewVScroll(p.facts), right))
	return p
}

func (p *samplingPane) show() {
	v := p.i.view
	if p.of != v.ID {
		p.of = v.ID
		p.temperature.SetText(strconv.FormatFloat(v.Request.Sampling.Temperature, 'g', -1, 64))
		p.seed.SetText(strconv.FormatUint(v.Request.Sampling.Seed, 10))
		p.system.SetText(systemOf(v.Request))
	}
	enable(p.request, !v.Live)
	p.facts.Objects = []fyne.CanvasObject{bold(i18n.T("As it was"))}
	s := v.Request.Sampling
	p.fact(i18n.T("Temperature"), fmt.Sprint(s.Temperature))
	p.fact(i18n.T("Top-p, top-k, min-p"), fmt.Sprintf("%s, %s, %s", off(s.TopP, 1), off(float64(s.TopK), 0), off(s.MinP, 0)))
	p.fact(i18n.T("Repeat penalty"), off(s.RepeatPenalty, 1))
	p.fact(i18n.T("Presence, frequency"), fmt.Sprintf("%s, %s", off(s.PresencePenalty, 0), off(s.FrequencyPenalty, 0)))
	p.fact(i18n.T("Seed"), fmt.Sprint(s.Seed))
	p.fact(i18n.T("Stop after"), off(float64(v.Request.MaxTokens), 0))
	if r := p.i.answer(); r != nil && r.Done != nil {
		p.cost(r.Done)
	}
	for _, notice := range v.Notices {
		l := muted(notice)
		l.Wrapping = fyne.TextWrapWord
		p.facts.Add(l)
	}
	p.facts.Refresh()
}

// cost is what the round took.
func (p *samplingPane) cost(d *chat.Done) {
	p.facts.Add(bold(i18n.T("Answer %d", p.i.round+1)))
	p.fact(i18n.T("Ended by"), d.FinishReason)
	p.fact(i18n.T("Prompt"), i18n.T("%d tokens, %d of pictures, %d from the cache", d.Usage.PromptTokens, d.Usage.ImageTokens, d.Usage.CachedTokens))
	p.fact(i18n.T("Answer"), i18n.T("%d tokens", d.Usage.CompletionTokens))
	p.fact(i18n.T("Pictures"), fmt.Sprintf("%.2f s", d.Timings.Image))
	p.fact(i18n.T("Prompt read"), i18n.T("%.2f s, %.0f tokens per second", d.Timings.Prefill, d.Timings.PrefillPerSec))
	p.fact(i18n.T("Words"), i18n.T("%.2f s, %.1f tokens per second", d.Timings.Decode, d.Timings.DecodePerSec))
}

func (p *samplingPane) fact(name, value string) {
	label := muted(name)
	p.facts.Add(container.NewBorder(nil, nil, container.NewGridWrap(fyne.NewSize(190, label.MinSize().Height), label), nil, widget.NewLabel(value)))
}

// off says that a setting does nothing at 0, or at its neutral value.
func off(value, neutral float64) string {
	if value == 0 || value == neutral {
		return i18n.T("off")
	}
	return strconv.FormatFloat(value, 'g', -1, 64)
}

func systemOf(r *chat.Request) string {
	if len(r.Messages) > 0 && r.Messages[0].Role == chat.System && len(r.Messages[0].Parts) > 0 {
		return r.Messages[0].Parts[0].Text
	}
	return ""
}

// again asks the question of the turn with what stands in the fields.
func (p *samplingPane) again() {
	request := p.i.view.Again(0)
	temperature, err := strconv.ParseFloat(p.temperature.Text, 64)
	if err != nil || temperature < 0 || temperature > 2 {
		p.i.fail(errors.New(i18n.T("the temperature is %q; a number from 0 to 2 was expected", p.temperature.Text)))
		return
	}
	seed, err := strconv.ParseUint(p.seed.Text, 10, 64)
	if err != nil {
		p.i.fail(errors.New(i18n.T("the seed is %q; a whole number was expected", p.seed.Text)))
		return
	}
	request.Sampling.Temperature, request.Sampling.Seed = temperature, seed
	if systemOf(request) != "" {
		request.Messages = request.Messages[1:]
	}
	if p.system.Text != "" {
		request.Messages = append([]chat.Message{chat.Text(chat.System, p.system.Text)}, request.Messages...)
	}
	p.i.runOn(request, nil)
}
