package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"sirocco/app/history"
	"sirocco/app/inspect"
	"sirocco/app/inspect/controller"
	"sirocco/app/library"
	"sirocco/app/view/i18n"
	"sirocco/model"
	"sirocco/model/chat"
	"sirocco/model/tokenizer"
)

// checkPage writes the story's page in a language, opens it in a browser and demands
// that what the browser shows are the turn's tokens, prompt and answer, that it
// complained about nothing, and that it painted something. The browser cannot reach any
// network. The page and a screenshot lie in the folder out.
func checkPage(data, browser, language, out string) error {
	i18n.Use(language)
	page := filepath.Join(out, "page-"+language+".html")
	turn, vocabulary, err := writePage(data, page)
	if err != nil {
		return err
	}
	dom, err := shown(browser, page, filepath.Join(out, "page-"+language+".png"))
	if err != nil {
		return err
	}
	if err := sameTokens(dom, turn, vocabulary); err != nil {
		return err
	}
	if err := painted(filepath.Join(out, "page-"+language+".png")); err != nil {
		return err
	}
	fmt.Printf("%s: the browser shows every token of %d answers and their prompts, and asked for nothing\n", page, len(turn.Rounds))
	return nil
}

// writePage writes the page of the story's turn, with a look back in it.
func writePage(data, path string) (*inspect.Turn, *tokenizer.Tokenizer, error) {
	store, err := history.Open(filepath.Join(data, "sirocco", "history"))
	if err != nil {
		return nil, nil, err
	}
	defer store.Close()
	choice, err := library.Resolve(library.MiniatureName)
	if err != nil {
		return nil, nil, err
	}
	engine, err := model.Open(context.Background(), choice.Path, model.Options{Miniature: true})
	if err != nil {
		return nil, nil, err
	}
	defer engine.Close()
	tok, err := tokenizer.Open(filepath.Join(choice.Path, "tekken.json"))
	if err != nil {
		return nil, nil, err
	}
	d := &controller.Controller{Store: store, Engine: func() chat.Engine { return engine }, Words: func() inspect.Vocabulary { return tok }}
	view, err := d.Open(1)
	if err != nil {
		return nil, nil, err
	}
	attention, err := d.Attention(context.Background(), view, 0, len(view.Rounds[0].Tokens)/2)
	if err != nil {
		return nil, nil, err
	}
	view.Rounds[0].AddAttention(attention)
	return view.Turn, tok, d.Page(view, path)
}

// shown is the page as a browser without a window has read it; it leaves a screenshot.
func shown(browser, page, shot string) (dom string, err error) {
	profile, err := os.MkdirTemp("", "sirocco-browser-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(profile)
	full, err := filepath.Abs(page)
	if err != nil {
		return "", err
	}
	for _, what := range []string{"--screenshot=" + shot, "--dump-dom"} {
		ctx, stop := context.WithTimeout(context.Background(), 2*time.Minute)
		var out, log bytes.Buffer
		c := exec.CommandContext(ctx, browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--proxy-server=127.0.0.1:9", "--user-data-dir="+profile,
			"--enable-logging=stderr", "--window-size=1120,3400", what, "file://"+full)
		c.Stdout, c.Stderr = &out, &log
		err := c.Run()
		stop()
		if err != nil {
			return "", fmt.Errorf("opening the page in %s: %w\n%s", browser, err, log.String())
		}
		for line := range strings.Lines(log.String()) {
			if strings.Contains(line, "CONSOLE") {
				return "", fmt.Errorf("the browser says of the page: %s", line)
			}
		}
		dom = out.String()
	}
	return dom, nil
}

var (
	flows    = regexp.MustCompile(`(?s)<div class="flow( tokens)?">(.*?)</div>`)
	pictures = regexp.MustCompile(`<span class="image"[^>]*>[^<]*</span>`)
	tags     = regexp.MustCompile(`<[^>]*>`)
)

// sameTokens demands that the flows of a page, read by a browser, spell prompt and
// answer of every round.
func sameTokens(dom string, turn *inspect.Turn, vocabulary inspect.Vocabulary) error {
	var want []string
	for _, r := range turn.Rounds {
		var prompt, answer strings.Builder
		for _, token := range inspect.PromptTokens(r.Prompt, 0, nil) {
			if token.Picture < 0 {
				prompt.WriteString(inspect.Visible(vocabulary.Piece(token.ID)))
			}
		}
		for _, token := range r.Tokens {
			answer.WriteString(inspect.Visible(token.Text))
		}
		want = append(want, prompt.String(), answer.String())
	}
	found := flows.FindAllStringSubmatch(dom, -1)
	if len(found) != len(want) {
		return fmt.Errorf("the browser shows %d flows of tokens; %d were expected", len(found), len(want))
	}
	for n, flow := range found {
		if text := html.UnescapeString(tags.ReplaceAllString(pictures.ReplaceAllString(flow[2], ""), "")); text != want[n] {
			return fmt.Errorf("flow %d of the page reads %q; %q was expected", n+1, text, want[n])
		}
	}
	if strings.Count(dom, "<rect ") == 0 {
		return errors.New("the page does not show where the model looked")
	}
	return nil
}

// painted demands a screenshot of many colours.
func painted(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	picture, err := png.Decode(file)
	if err != nil {
		return fmt.Errorf("reading the screenshot of the page: %w", err)
	}
	colours := map[[3]uint32]bool{}
	for y := 0; y < picture.Bounds().Dy(); y += 3 {
		for x := 0; x < picture.Bounds().Dx(); x += 3 {
			r, g, b, _ := picture.At(x, y).RGBA()
			colours[[3]uint32{r, g, b}] = true
		}
	}
	if len(colours) < 50 {
		return fmt.Errorf("the screenshot of the page has %d colours; it is as good as empty", len(colours))
	}
	return nil
}
