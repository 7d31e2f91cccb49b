package cli

import (
	"bytes"
	"strings"
	"testing"

	"sirocco/app/notices"
)

// The table names everything once, and every part has its full text.
func TestLicenses(t *testing.T) {
	var out bytes.Buffer
	s := &Streams{Out: &out, Err: &out}
	if err := (&Licenses{}).Run(s); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"github.com/rajveermalviya/go-webgpu/wgpu", "fyne.io/fyne/v2", "wgpu-native", "Tekken vocabulary", "Go  "} {
		if strings.Count(out.String(), "\n"+want) != 1 && !strings.HasPrefix(out.String(), want) {
			t.Errorf("the table lacks %s:\n%s", want, &out)
		}
	}
	list, err := notices.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list.Parts {
		if p.License == "" || len(p.Texts) == 0 {
			t.Errorf("%s has no licence", p.Name)
		}
		for _, key := range p.Texts {
			if len(list.Texts[key]) < 100 {
				t.Errorf("%s: the text %s is %q", p.Name, key, list.Texts[key])
			}
		}
	}
	out.Reset()
	if err := (&Licenses{Name: "KONG"}).Run(s); err != nil || !strings.Contains(out.String(), "Permission is hereby granted") || strings.Contains(out.String(), "fyne") {
		t.Errorf("one part in full: %v\n%s", err, &out)
	}
	if err := (&Licenses{Name: "nothing-like-it"}).Run(s); err == nil {
		t.Error("a name that nothing has was accepted")
	}
}
