// Package view is what the window shows, as plain Go: a conversation with its
// answers growing, the attachments, the context meter, the list of
// conversations, the settings. It turns chat.Events and what a person does into
// that state and knows nothing of any toolkit, so that all of it is tested
// without a display. Open window.go first, then answer.go.
//
// One goroutine owns everything here: the window's. What happens elsewhere (an
// engine's events, a picture being decoded, weights being read) comes in through
// a Feed, which calls it in that goroutine at most 20 times a second.
package view
