package model

import (
	"testing"

	"sirocco/model/imageproc"
)

// The [IMG] ids of two pictures are equal, so only the hash tells them apart.
func TestSharedPrefixEndsAtAnotherPicture(t *testing.T) {
	cat, dog := imageproc.Key{1}, imageproc.Key{2}
	ids := []int32{1, 3, 10, 10, 13, 500, 4}
	held := prefix{ids: ids, pictures: []imagePosition{{2, cat}}}
	for _, c := range []struct {
		name string
		next prefix
		want int
	}{
		{"the same", prefix{ids: ids, pictures: []imagePosition{{2, cat}}}, 7},
		{"longer", prefix{ids: append(ids[:7:7], 600), pictures: []imagePosition{{2, cat}}}, 7},
		{"another question", prefix{ids: []int32{1, 3, 10, 10, 13, 501, 4}, pictures: []imagePosition{{2, cat}}}, 5},
		{"another picture", prefix{ids: ids, pictures: []imagePosition{{2, dog}}}, 2},
		{"shorter", prefix{ids: ids[:4], pictures: []imagePosition{{2, cat}}}, 4},
		{"nothing in common", prefix{ids: []int32{9}}, 0},
	} {
		if got := held.common(c.next); got != c.want {
			t.Errorf("%s: %d tokens are shared, want %d", c.name, got, c.want)
		}
	}
}
