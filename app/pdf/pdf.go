// Package pdf turns a PDF's bytes into pictures of its pages. The pages are drawn by
// PDFium, compiled to WebAssembly and run inside this process by wazero: a file
// that confuses it can neither touch memory of ours nor the disk. Open this file.
package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"sync"
	"time"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
)

// Is tells a PDF by its first bytes.
func Is(data []byte) bool {
	return bytes.Contains(data[:min(len(data), 1024)], []byte("%PDF-"))
}

// Pages draws at most so many pages of a PDF, the longer side of each with that many
// pixels, as PNG files; total is how many the file has. It takes a second or two
// the first time.
func Pages(data []byte, most, side int) (pages [][]byte, total int, err error) {
	renderer, err := started()
	if err != nil {
		return nil, 0, fmt.Errorf("drawing a PDF: %w", err)
	}
	instance, err := renderer.GetInstance(time.Minute)
	if err != nil {
		return nil, 0, fmt.Errorf("drawing a PDF: %w", err)
	}
	defer instance.Close()
	opened, err := instance.OpenDocument(&requests.OpenDocument{File: &data})
	if err != nil {
		return nil, 0, errors.New("this PDF cannot be opened: it is damaged, or needs a password")
	}
	count, err := instance.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: opened.Document})
	if err != nil {
		return nil, 0, fmt.Errorf("drawing a PDF: %w", err)
	}
	for i := range min(count.PageCount, most) {
		page, err := draw(instance, opened.Document, i, side)
		if err != nil {
			return nil, 0, fmt.Errorf("drawing page %d of a PDF: %w", i+1, err)
		}
		pages = append(pages, page)
	}
	return pages, count.PageCount, nil
}

// started is the renderer. Compiling it takes a while, so it stays.
var started = sync.OnceValues(func() (pdfium.Pool, error) {
	return webassembly.Init(webassembly.Config{MinIdle: 0, MaxIdle: 1, MaxTotal: 1})
})

func draw(instance pdfium.Pdfium, document references.FPDF_DOCUMENT, index, side int) ([]byte, error) {
	drawn, err := instance.RenderPageInPixels(&requests.RenderPageInPixels{
		Page:  requests.Page{ByIndex: &requests.PageByIndex{Document: document, Index: index}},
		Width: side, Height: side,
	})
	if err != nil {
		return nil, err
	}
	defer drawn.Cleanup()
	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(&out, opaque(drawn.Result.Image)); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// opaque is a picture without transparency: a page is white paper, which makes its
// file a quarter smaller.
func opaque(img *image.RGBA) image.Image {
	for i := 3; i < len(img.Pix); i += 4 {
		img.Pix[i] = 0xFF
	}
	return img
}
