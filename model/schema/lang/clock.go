package lang

import "fmt"

// drawing is an automaton drawn by hand; state 0 is its start.
type drawing struct {
	rows  [][]edge
	label []int32
}

func (d *drawing) state() int32 {
	d.rows, d.label = append(d.rows, nil), append(d.label, -1)
	return int32(len(d.rows) - 1)
}

// on sends the characters of s, which must be called in ascending order for one state, to one target.
func (d *drawing) on(q int32, lo, hi rune, to int32) {
	row := d.rows[q]
	if n := len(row); n > 0 && row[n-1].lo == lo {
		row = row[:n-1]
	}
	d.rows[q] = append(row, edge{lo, to}, edge{hi + 1, Dead})
}

func (d *drawing) language() *Language { return newLanguage(d.rows, d.label) }

// clock draws the full-time of RFC 3339. A leap second is one only at 23:59:60 UTC, so on the way to `:60` the drawing remembers
// hour and minute and then asks for the one offset that makes it so: no expression of bearable size could.
func clock() *drawing {
	d := &drawing{}
	start := d.state()
	end := d.state()
	d.label[end] = 0
	offset := d.anyOffset(end)
	seconds := d.seconds(offset)
	leap := d.leapSeconds(end)
	d.twoDigits(start, 24, ':', func(hour int) int32 {
		minutes := d.state()
		d.twoDigits(minutes, 60, ':', func(minute int) int32 {
			q := d.state()
			d.on(q, '0', '5', seconds)
			d.on(q, '6', '6', leap[60*hour+minute])
			return q
		})
		return minutes
	})
	return d
}

// twoDigits draws 00 up to below limit and the separator after it; then names where each number leads.
func (d *drawing) twoDigits(q int32, limit int, separator rune, then func(n int) int32) {
	for tens := range (limit + 9) / 10 {
		t := d.state()
		d.on(q, rune('0'+tens), rune('0'+tens), t)
		for n := 10 * tens; n < min(limit, 10*tens+10); n++ {
			u := d.state()
			d.on(t, rune('0'+n%10), rune('0'+n%10), u)
			d.on(u, separator, separator, then(n))
		}
	}
}

// fraction lets q also go through .123 to what `then` draws on any state.
func (d *drawing) fraction(q int32, then func(q int32)) {
	point, digits := d.state(), d.state()
	d.on(point, '0', '9', digits)
	for _, s := range []int32{q, digits} {
		if s == digits {
			d.on(s, '0', '9', digits)
		}
		then(s)
	}
	d.insert(q, '.', point)
}

// insert adds a single-character edge anywhere in a row whose edges do not cover it.
func (d *drawing) insert(q int32, r rune, to int32) {
	var out []edge
	done := false
	for _, e := range d.rows[q] {
		if !done && e.lo > r {
			out = append(out, edge{r, to})
			if e.lo > r+1 {
				out = append(out, edge{r + 1, Dead})
			}
			done = true
		}
		if e.lo != r {
			out = append(out, e)
		}
	}
	if !done {
		out = append(out, edge{r, to}, edge{r + 1, Dead})
	}
	d.rows[q] = out
}

// seconds draws the second digit of 00..59, the fraction, and what follows it.
func (d *drawing) seconds(offset func(q int32)) int32 {
	q, done := d.state(), d.state()
	d.on(q, '0', '9', done)
	d.fraction(done, offset)
	return q
}

// anyOffset draws Z and ±00:00 … ±23:59 onto a state.
func (d *drawing) anyOffset(end int32) func(q int32) {
	hours := d.state()
	d.twoDigits(hours, 24, ':', func(int) int32 {
		tens, units := d.state(), d.state()
		d.on(tens, '0', '5', units)
		d.on(units, '0', '9', end)
		return tens
	})
	return func(q int32) {
		for _, r := range []struct {
			c  rune
			to int32
		}{{'+', hours}, {'-', hours}, {'Z', end}, {'z', end}} {
			d.insert(q, r.c, r.to)
		}
	}
}

// leapSeconds draws, for each minute of the local day, the 0 of :60, the fraction and the one offset that makes it 23:59 UTC.
func (d *drawing) leapSeconds(end int32) (after6 [1440]int32) {
	var chain [1440]int32
	for o := range chain {
		next := end
		text := fmt.Sprintf("%02d:%02d", o/60, o%60)
		for i := len(text) - 1; i >= 0; i-- {
			q := d.state()
			d.on(q, rune(text[i]), rune(text[i]), next)
			next = q
		}
		chain[o] = next
	}
	for m := range after6 {
		ahead := (m - 1439 + 1440) % 1440
		q, done := d.state(), d.state()
		d.on(q, '0', '0', done)
		d.fraction(done, func(q int32) {
			d.insert(q, '+', chain[ahead])
			d.insert(q, '-', chain[(1440-ahead)%1440])
			if ahead == 0 {
				d.insert(q, 'Z', end)
				d.insert(q, 'z', end)
			}
		})
		after6[m] = q
	}
	return after6
}

// dateTime joins date and clock by T: the date's language is left in one way only, so the two drawings just share the T.
func dateTime() (*Language, error) {
	day, err := compile(`\A` + date + `\z`)
	if err != nil {
		return nil, err
	}
	time := clock()
	d := &drawing{}
	shift := int32(day.Len())
	for q, row := range day.rows {
		d.rows, d.label = append(d.rows, append([]edge(nil), row...)), append(d.label, -1)
		if day.label[q] >= 0 {
			d.insert(int32(q), 'T', shift)
			d.insert(int32(q), 't', shift)
		}
	}
	for q, row := range time.rows {
		moved := append([]edge(nil), row...)
		for i := range moved {
			if moved[i].to != Dead {
				moved[i].to += shift
			}
		}
		d.rows, d.label = append(d.rows, moved), append(d.label, time.label[q])
	}
	return d.language(), nil
}
