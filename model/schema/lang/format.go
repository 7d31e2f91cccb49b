package lang

import (
	"fmt"
	"strings"
	"sync"
)

// Format is the language of a value of the format keyword and the greatest number of characters it allows (0: no limit). A name
// that JSON Schema does not define constrains nothing and answers nil; one that no automaton can say is an error.
func Format(name string) (l *Language, maxLength int, err error) {
	switch name {
	case "regex", "idn-hostname", "idn-email":
		return nil, 0, fmt.Errorf("the format %q cannot be followed by a token mask", name)
	}
	f, ok := formats[name]
	if !ok {
		return nil, 0, nil
	}
	l, err = f.build()
	return l, f.max, err
}

type format struct {
	build func() (*Language, error)
	max   int
}

// whole makes a format of an expression that must match the whole string; it is compiled at first use.
func whole(expr string, max int) format {
	return format{sync.OnceValues(func() (*Language, error) { return compile(`\A(?:` + expr + `)\z`) }), max}
}

// The parts below follow the grammars of RFC 3339 (dates), 1123 (host names), 5321 (mailboxes), 3986 and 3987 (URIs), 4291 (IPv6),
// 4122 (UUIDs), 6570 (templates) and 6901 (pointers).
const (
	leapYear = `(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)`
	date     = `(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))|` +
		leapYear + `-02-29)`
	label   = `[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?`
	host    = label + `(?:\.` + label + `)*`
	octet   = `(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])`
	ipv4    = octet + `(?:\.` + octet + `){3}`
	atom    = "[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+"
	quoted  = `"(?:[ !#-\[\]-~]|\\[ -~])*"`
	pctHex  = `%[0-9A-Fa-f]{2}`
	ucschar = `\x{a0}-\x{d7ff}\x{f900}-\x{fdcf}\x{fdf0}-\x{ffef}\x{10000}-\x{1fffd}\x{20000}-\x{2fffd}\x{30000}-\x{3fffd}\x{40000}-\x{4fffd}` +
		`\x{50000}-\x{5fffd}\x{60000}-\x{6fffd}\x{70000}-\x{7fffd}\x{80000}-\x{8fffd}\x{90000}-\x{9fffd}\x{a0000}-\x{afffd}` +
		`\x{b0000}-\x{bfffd}\x{c0000}-\x{cfffd}\x{d0000}-\x{dfffd}\x{e1000}-\x{efffd}`
	private = `\x{e000}-\x{f8ff}\x{f0000}-\x{ffffd}\x{100000}-\x{10fffd}`
)

var formats = map[string]format{
	"date":      whole(date, 0),
	"time":      {sync.OnceValues(func() (*Language, error) { return clock().language(), nil }), 0},
	"date-time": {sync.OnceValues(dateTime), 0},
	"duration":  whole(duration(), 0),
	"uuid":      whole(`[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}`, 0),
	"email":     {sync.OnceValues(email), 254},
	"hostname":  whole(host, 253),
	"ipv4":      whole(ipv4, 0),
	"ipv6":      whole(ipv6(), 0),

	"uri":           whole(uri("", "", false), 0),
	"uri-reference": whole(uri("", "", true), 0),
	"iri":           whole(uri(ucschar, private, false), 0),
	"iri-reference": whole(uri(ucschar, private, true), 0),
	"uri-template":  whole(template(), 0),

	"json-pointer":          whole(`(?:/(?:[^/~]|~[01])*)*`, 0),
	"relative-json-pointer": whole(`(?:0|[1-9][0-9]*)(?:#|(?:/(?:[^/~]|~[01])*)*)`, 0),
}

// duration is appendix A of RFC 3339: units in order, none left out in between.
func duration() string {
	const n = `[0-9]+`
	minute := n + `M(?:` + n + `S)?`
	clock := `T(?:` + n + `H(?:` + minute + `)?|` + minute + `|` + n + `S)`
	month := n + `M(?:` + n + `D)?`
	day := `(?:` + n + `Y(?:` + month + `)?|` + month + `|` + n + `D)`
	return `P(?:` + day + `(?:` + clock + `)?|` + clock + `|` + n + `W)`
}

// ipv6 lists the nine shapes of the grammar: h groups before `::`, at most 7-h after it, the last two perhaps as IPv4.
func ipv6() string {
	const group = `[0-9a-fA-F]{1,4}`
	last := `(?:` + group + `:` + group + `|` + ipv4 + `)`
	shapes := []string{`(?:` + group + `:){6}` + last}
	for before := range 8 {
		head := ""
		if before > 0 {
			head = fmt.Sprintf(`%s(?::%s){%d}`, group, group, before-1)
		}
		after := 7 - before // groups that may follow; `::` stands for at least one
		tails := []string{""}
		if after >= 1 {
			tails = append(tails, group)
		}
		if after >= 2 {
			tails = append(tails, fmt.Sprintf(`(?:%s:){0,%d}%s`, group, after-2, last))
		}
		shapes = append(shapes, head+`::(?:`+strings.Join(tails, "|")+`)`)
	}
	return strings.Join(shapes, "|")
}

func email() (*Language, error) {
	mailbox, err := compile(`\A(?:` + atom + `(?:\.` + atom + `)*|` + quoted + `)@(?:` + host + `|\[(?:` + ipv4 + `|IPv6:(?:` + ipv6() + `))\])\z`)
	if err != nil {
		return nil, err
	}
	short, err := compile(`\A(?:[^"@]{1,64}@|")`)
	if err != nil {
		return nil, err
	}
	return And(mailbox, short)
}

// uri is RFC 3986 (3987 with the two extra sets), absolute or also relative.
func uri(wide, private string, relative bool) string {
	set := func(more string) string { return `(?:[a-zA-Z0-9._~!$&'()*+,;=` + more + wide + `-]|` + pctHex + `)` }
	pchar := set(":@")
	segments := `(?:/` + pchar + `*)*`
	literal := `\[(?:` + ipv6() + `|[vV][0-9a-fA-F]+\.[a-zA-Z0-9._~!$&'()*+,;=:-]+)\]`
	authority := `(?:` + set(":") + `*@)?(?:` + literal + `|` + set("") + `*)(?::[0-9]*)?`
	tail := `(?:\?(?:` + pchar + `|[/?` + private + `])*)?(?:#(?:` + pchar + `|[/?])*)?`
	absolute := `[a-zA-Z][a-zA-Z0-9+.-]*:(?://` + authority + segments + `|/(?:` + pchar + `+` + segments + `)?|` + pchar + `+` + segments + `|)` + tail
	if !relative {
		return absolute
	}
	return absolute + `|(?://` + authority + segments + `|/(?:` + pchar + `+` + segments + `)?|` + set("@") + `+` + segments + `|)` + tail
}

func template() string {
	literals := `(?:[!#$&(-;=?-\[\]_a-z~` + ucschar + private + `]|` + pctHex + `)`
	char := `(?:[a-zA-Z0-9_]|` + pctHex + `)`
	name := char + `(?:\.?` + char + `)*(?:\*|:[1-9][0-9]{0,3})?`
	return `(?:` + literals + `|\{[+#./;?&=,!@|]?` + name + `(?:,` + name + `)*\})*`
}
