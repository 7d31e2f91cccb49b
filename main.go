// Sirocco answers questions about pictures with a vision-language model on the
// user's own GPU. This file only starts it; package app says what it can do.
package main

import (
	"os"

	"sirocco/app"
)

func main() { os.Exit(app.Main(os.Args[1:])) }
