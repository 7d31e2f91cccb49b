//go:build !headless

package app

import (
	"fmt"
	"strings"

	"sirocco/app/library"
	"sirocco/app/view"
	"sirocco/model"
)

// planOf is what a model takes of the devices' memory, by what it is taken for.
func planOf(c view.Choice) (*view.Plan, error) { return planWith(c, model.Options{}) }

func planWith(c view.Choice, o model.Options) (*view.Plan, error) {
	found, err := library.Resolve(c.Model)
	if err != nil {
		return nil, err
	}
	if c.MMProj == "" {
		c.MMProj = found.MMProj
	}
	o.MMProj, o.Device, o.Context = c.MMProj, c.Device, c.Context
	plan, err := model.PlanFor(found.Path, o)
	if len(plan.Items) == 0 {
		return nil, err
	}
	return shownPlan(plan), nil // one that does not fit says so itself
}

// planFor plans what does not answer now: a model that is here, or one of the
// catalogue, whose shape is known before its files are.
func planFor(c view.Choice, p *library.Product, freed int64) (*view.Plan, error) {
	o := model.Options{Freed: freed, Unmeasured: true}
	if p == nil {
		return planWith(c, o)
	}
	if p.Weights == "" {
		return nil, fmt.Errorf("what %s takes is known when it is here", p.Name)
	}
	o.Device, o.Context = c.Device, c.Context
	made := model.Synthetic{Shape: "full", Type: p.Weights}
	plan, err := model.PlanSynthetic(made, o)
	if len(plan.Items) == 0 {
		return nil, err
	}
	// Some matrices of a published file have a larger type than most: what the file
	// is larger than the plan takes room before anything else does.
	extra := p.Bytes - weightsIn(plan)
	if extra <= 0 {
		return shownPlan(plan), nil
	}
	o.Freed -= extra
	if plan, err = model.PlanSynthetic(made, o); len(plan.Items) == 0 {
		return nil, err
	}
	plan.Items[0].Bytes += extra
	first := &plan.Places[0]
	if first.Bytes += extra; first.Free > 0 {
		first.Free += extra
	}
	return shownPlan(plan), nil
}

// weightsIn is what a plan has of the files.
func weightsIn(plan model.Plan) (bytes int64) {
	for _, item := range plan.Items {
		if useOf(item.Name) == view.UseWeights || strings.HasPrefix(item.Name, "vision tower") {
			bytes += item.Bytes
		}
	}
	return bytes + plan.Host
}

// shownPlan is a plan as the window shows it.
func shownPlan(plan model.Plan) *view.Plan {
	var uses [view.Uses]int64
	for _, item := range plan.Items {
		uses[useOf(item.Name)] += item.Bytes
	}
	out := &view.Plan{Context: plan.Context, Steps: plan.Steps, Host: plan.Host}
	for use, bytes := range uses {
		out.Items = append(out.Items, view.PlanItem{Use: view.Use(use), Bytes: bytes})
	}
	for _, p := range plan.Places {
		out.Places = append(out.Places, view.PlanPlace{Name: p.Name, Bytes: p.Bytes, Free: p.Free, Headroom: p.Headroom, Missing: p.Missing()})
	}
	return out
}

// useOf tells what a line of the plan is for.
func useOf(name string) view.Use {
	for use, beginnings := range map[view.Use][]string{
		view.UsePictures:     {"vision tower", "reading a picture"},
		view.UseConversation: {"keys and values"},
		view.UseWork:         {"scratch", "staging"},
	} {
		for _, begin := range beginnings {
			if strings.HasPrefix(name, begin) {
				return use
			}
		}
	}
	return view.UseWeights
}
