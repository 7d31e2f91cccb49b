// Command vocabulary keeps the field's words in the code. It reads every Go file, kernel
// and document under a folder, prints each declared name and each word of a comment or
// document that the list of old words refuses, and exits with 1 if there is one.
// docs/glossary.md has the words to use; old.txt beside this file has those refused.
//
//	go run ./tools/vocabulary [FOLDER]
package main

import (
	_ "embed"
	"fmt"
	"os"
)

//go:embed old.txt
var oldWords string

func main() {
	root := "."
	if len(os.Args) > 1 {
		root = os.Args[1]
	}
	list, err := parseList(oldWords)
	if err == nil {
		var found []finding
		if found, err = check(root, list); err == nil {
			for _, f := range found {
				fmt.Println(f)
			}
			if len(found) > 0 {
				os.Exit(1)
			}
			return
		}
	}
	fmt.Fprintln(os.Stderr, "vocabulary:", err)
	os.Exit(2)
}
