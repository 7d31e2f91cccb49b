package inspect

import (
	_ "embed" // the page
	"fmt"
	"html/template"
	"io"
	"math"
	"strings"
	"time"

	"sirocco/app/openai"
	"sirocco/app/view/i18n"
	"sirocco/model/chat"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"T":        i18n.T,
	"seconds":  Seconds,
	"title":    RowTitle,
	"cost":     RowCost,
	"status":   Status,
	"origin":   OriginName,
	"share":    Percent,
	"percent":  func(f float64) string { return fmt.Sprintf("%.1f", f*100) },
	"picture":  pictureURL,
	"shade":    shade,
	"chance":   func(logprob float64) string { return Chance(logprob) },
	"visible":  Visible,
	"decision": Decision,
	"hue":      func(kind string) string { return originClass(kind) },
}).Parse(pageText))

// pageData is what the page shows.
type pageData struct {
	Language  i18n.Language
	Title     string
	Created   string
	Turn      *Turn
	Messages  []chat.Message
	Rounds    []pageRound
	Rows      []pageRow
	Generated string
}

type pageRound struct {
	*Round
	Number  int
	Origins []Origin
	Runs    []pageSpan
	Looks   []pageAttention
}

// pageSpan is a stretch of prompt tokens of one origin.
type pageSpan struct {
	Kind   string
	Tokens int
	Pieces []string
	Image  string
}

// pageRow is a row of the timeline with its bar in percent of the whole.
type pageRow struct {
	*Row
	Left, Width float64
	Became      string
}

// maxPieces is how many tokens of one origin a page spells out; a picture is
// not spelt at all.
const maxPieces = 4000

// WriteHTML writes a turn as one page that needs nothing else: no script, no
// font, no address. vocabulary may be nil where nobody knows what ids look like.
func WriteHTML(w io.Writer, title string, created time.Time, t *Turn, vocabulary Vocabulary) error {
	data := pageData{Language: i18n.In(), Title: title, Created: created.Format("2006-01-02 15:04"), Turn: t, Messages: t.Request.Messages}
	for _, row := range t.Rows {
		whole := math.Max(t.Length.Seconds(), 1e-6)
		data.Rows = append(data.Rows, pageRow{row, 100 * row.Start.Seconds() / whole, math.Max(100*(row.End-row.Start).Seconds()/whole, 0.3), RowNote(t, row)})
	}
	t.Calls() // finds the tools of the calls
	for i, r := range t.Rounds {
		round := pageRound{Round: r, Number: i + 1}
		if r.Prompt != nil {
			round.Origins, round.Runs, round.Looks = Origins(r.Prompt), spell(r.Prompt, vocabulary), pageAttentions(t, r)
		}
		data.Rounds = append(data.Rounds, round)
	}
	if err := page.Execute(w, data); err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	return nil
}

// spell writes a prompt as stretches of pieces.
func spell(p *chat.Prompt, vocabulary Vocabulary) (runs []pageSpan) {
	picture := 0
	for _, span := range p.Spans {
		run := pageSpan{Kind: span.Kind, Tokens: span.End - span.Start}
		if span.Kind == "image" {
			run.Image = i18n.T("picture")
			if picture < len(p.Images) {
				g := p.Images[picture]
				run.Image = i18n.T("picture %d", picture+1) + " · " + i18n.T("%d × %d pixels · %d × %d patches · %d tokens", g.Width, g.Height, g.Columns, g.Rows, g.Tokens)
			}
			picture++
		} else if vocabulary != nil {
			for i := max(span.Start, 0); i < min(span.End, len(p.IDs)); i++ {
				if len(run.Pieces) == maxPieces {
					run.Pieces = append(run.Pieces, " … "+i18n.T("%d more", span.End-i))
					break
				}
				run.Pieces = append(run.Pieces, vocabulary.Piece(p.IDs[i]))
			}
		}
		runs = append(runs, run)
	}
	return runs
}

// pictureURL is a picture inside the page. Only formats that a browser shows
// and that hold no script are let in.
func pictureURL(image *chat.Image) template.URL {
	url := openai.DataURL(image)
	for _, kind := range []string{"png", "jpeg", "gif", "webp", "bmp"} {
		if strings.HasPrefix(url, "data:image/"+kind+";") {
			return template.URL(url)
		}
	}
	return ""
}

// originClass is a span's kind as a class of the page's style.
func originClass(kind string) string {
	switch kind {
	case "system", "tools", "user", "assistant", "image", "tool_result":
		return kind
	}
	return "control"
}

// shade is a background from white (certain) to orange (a surprise).
func shade(logprob float64) template.CSS {
	return template.CSS(fmt.Sprintf("background:rgba(232,125,38,%.2f)", 0.75*(1-math.Exp(math.Min(logprob, 0)))))
}

// Chance is a log-probability as percent.
func Chance(logprob float64) string { return Percent(math.Exp(logprob)) }

// Percent is a share of one as percent, with one digit for small ones.
func Percent(share float64) string {
	if share < 1e-3 {
		return fmt.Sprintf("%.1g %%", 100*share)
	}
	return fmt.Sprintf("%.1f %%", 100*share)
}

// Visible makes blanks and line ends of a piece visible.
func Visible(piece string) string {
	return strings.NewReplacer("\n", "⏎\n", "\t", "⇥", "\r", "␍").Replace(piece)
}

// signs stand for what has no width of its own.
var signs = strings.NewReplacer("\n", "⏎", "\t", "⇥", "\r", "␍")

// Shown is a piece on one line: line ends and tabs as signs, so that every token
// has a width.
func Shown(piece string) string {
	if piece == "" {
		return "∅"
	}
	return signs.Replace(piece)
}

// Brief is the beginning of a text on one line.
func Brief(text string) string {
	const most = 120
	line := []rune(strings.Join(strings.Fields(text), " "))
	if len(line) > most {
		line = append(line[:most], '…')
	}
	return string(line)
}
