package model

import "testing"

// A plan for later counts what will be given back as free.
func TestPlanForLater(t *testing.T) {
	tiny := Synthetic{Shape: "tiny", Type: "q4_0"}
	now, err := PlanSynthetic(tiny, Options{})
	if err != nil {
		t.Fatal(err)
	}
	later, err := PlanSynthetic(tiny, Options{Freed: 2 << 30, Unmeasured: true})
	if err != nil {
		t.Fatal(err)
	}
	if known := now.Places[0].Free > 0; known != (later.Places[0].Free > now.Places[0].Free) {
		t.Errorf("%d bytes are free now, %d later", now.Places[0].Free, later.Places[0].Free)
	}
}
