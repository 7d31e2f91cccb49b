package view

import (
	"regexp"
	"strings"
)

// formula finds TeX between $$…$$, \[…\], \(…\) and $…$ on one line. A single
// dollar followed by a space or a digit is money.
var formula = regexp.MustCompile(`(?s)\$\$(.+?)\$\$|\\\[(.+?)\\\]|\\\((.+?)\\\)|\$([^\s$\d][^$\n]*?)\$`)

// code finds what must stay as it is written.
var code = regexp.MustCompile("(?s)```.*?(```|$)|~~~.*?(~~~|$)|`[^`\n]*`")

// readableFormulas replaces TeX by text that a person can read: α, x², a/b, √.
// What lies in code stays.
func readableFormulas(markdown string) string {
	if !strings.ContainsAny(markdown, `$\`) {
		return markdown
	}
	var b strings.Builder
	at := 0
	for _, where := range code.FindAllStringIndex(markdown, -1) {
		b.WriteString(formula.ReplaceAllStringFunc(markdown[at:where[0]], readable))
		b.WriteString(markdown[where[0]:where[1]])
		at = where[1]
	}
	b.WriteString(formula.ReplaceAllStringFunc(markdown[at:], readable))
	return b.String()
}

// readable is one formula as text, with the marks of Markdown made harmless.
func readable(tex string) string {
	display := strings.HasPrefix(tex, "$$") || strings.HasPrefix(tex, `\[`)
	text := Formula(strings.TrimSpace(strings.Trim(trimMarks(tex), "$")))
	text = strings.NewReplacer("*", `\*`, "_", `\_`, "|", `\|`).Replace(text)
	if display {
		return "\n\n" + text + "\n\n"
	}
	return text
}

func trimMarks(tex string) string {
	for _, marks := range [][2]string{{`\[`, `\]`}, {`\(`, `\)`}} {
		if strings.HasPrefix(tex, marks[0]) {
			return strings.TrimSuffix(strings.TrimPrefix(tex, marks[0]), marks[1])
		}
	}
	return tex
}

var (
	fraction = regexp.MustCompile(`\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}`)
	root     = regexp.MustCompile(`\\sqrt\s*\{([^{}]*)\}`)
	wrapper  = regexp.MustCompile(`\\(?:text|mathrm|mathbf|mathit|mathbb|mathcal|operatorname|boxed|vec|hat|bar|overline)\s*\{([^{}]*)\}`)
	raised   = regexp.MustCompile(`\^(?:\{([^{}]*)\}|([^\s\\{}]))`)
	lowered  = regexp.MustCompile(`_(?:\{([^{}]*)\}|([^\s\\{}]))`)
	command  = regexp.MustCompile(`\\([A-Za-z]+|[,;:! ])`)
)

// Formula is TeX as readable text.
func Formula(tex string) string {
	for range 8 { // from the inside out
		before := tex
		tex = wrapper.ReplaceAllString(tex, "$1")
		tex = root.ReplaceAllString(tex, "√($1)")
		tex = fraction.ReplaceAllStringFunc(tex, over)
		tex = raised.ReplaceAllStringFunc(tex, func(s string) string { return script(s, "^", superscript) })
		tex = lowered.ReplaceAllStringFunc(tex, func(s string) string { return script(s, "_", subscript) })
		if tex == before {
			break
		}
	}
	tex = command.ReplaceAllStringFunc(tex, func(s string) string {
		if symbol, ok := symbols[s[1:]]; ok {
			return symbol
		}
		return s[1:]
	})
	return strings.NewReplacer("{", "", "}", "", "&", "", `\\`, "\n").Replace(tex)
}

// over writes a fraction on one line.
func over(tex string) string {
	parts := fraction.FindStringSubmatch(tex)
	return group(parts[1]) + "/" + group(parts[2])
}

func group(s string) string {
	if strings.ContainsAny(s, "+- ") {
		return "(" + s + ")"
	}
	return s
}

// script raises or lowers characters where Unicode can, else writes mark(…).
// The mark itself is written as a character that is not looked at again.
func script(s, mark string, table map[rune]rune) string {
	inner := strings.Trim(s[1:], "{}")
	var b strings.Builder
	for _, r := range inner {
		to, ok := table[r]
		if !ok {
			if mark == "^" {
				return "ˆ" + group(inner)
			}
			return "ˍ" + group(inner)
		}
		b.WriteRune(to)
	}
	return b.String()
}

var (
	superscript = pairs("0123456789+-=()nix", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱˣ")
	subscript   = pairs("0123456789+-=()aeoxijkmnprt", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₒₓᵢⱼₖₘₙₚᵣₜ")
)

func pairs(from, to string) map[rune]rune {
	table, targets := map[rune]rune{}, []rune(to)
	for i, r := range []rune(from) {
		table[r] = targets[i]
	}
	return table
}

var symbols = map[string]string{
	"alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε", "zeta": "ζ", "eta": "η",
	"theta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ",
	"sigma": "σ", "tau": "τ", "phi": "φ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ",
	"Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
	"times": "×", "cdot": "·", "div": "÷", "pm": "±", "mp": "∓", "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠",
	"neq": "≠", "approx": "≈", "equiv": "≡", "sim": "∼", "propto": "∝", "infty": "∞", "sum": "∑", "prod": "∏", "int": "∫",
	"partial": "∂", "nabla": "∇", "in": "∈", "notin": "∉", "subset": "⊂", "cup": "∪", "cap": "∩", "forall": "∀",
	"exists": "∃", "to": "→", "rightarrow": "→", "leftarrow": "←", "Rightarrow": "⇒", "implies": "⇒", "iff": "⇔",
	"ldots": "…", "dots": "…", "cdots": "⋯", "degree": "°", "circ": "°", "angle": "∠", "left": "", "right": "",
	"quad": "  ", "qquad": "    ", ",": " ", ";": " ", ":": " ", "!": "", " ": " ",
	"displaystyle": "", "begin": "", "end": "",
}
