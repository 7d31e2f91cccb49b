// Package keyring keeps small secrets in the system's keyring. A system without one,
// or with one that waits for a person whom nobody sees, keeps nothing.
package keyring

import (
	"errors"
	"fmt"
	"time"

	"github.com/zalando/go-keyring"

	"sirocco/app/crash"
)

// patience is how long a keyring may take: one that waits for a person on a screen
// nobody sees would wait for ever.
const patience = 3 * time.Second

var errSlow = errors.New("the system's keyring does not answer")

// within does something with the keyring, for as long as there is patience.
func within(do func() error) error {
	done := make(chan error, 1)
	crash.Go(func() { done <- do() })
	select {
	case err := <-done:
		return err
	case <-time.After(patience):
		return errSlow
	}
}

// Get is what is kept under a name, and whether anything is.
func Get(service, name string) (secret string, ok bool) {
	found := make(chan string, 1)
	err := within(func() error {
		text, err := keyring.Get(service, name)
		if err == nil {
			found <- text
		}
		return err
	})
	if err != nil {
		return "", false
	}
	return <-found, true
}

// Set keeps a secret.
func Set(service, name, secret string) error {
	if err := within(func() error { return keyring.Set(service, name, secret) }); err != nil {
		return fmt.Errorf("keeping a secret in the system's keyring: %w", err)
	}
	return nil
}

// Delete forgets what is kept under a name. What is not there is as good as forgotten.
func Delete(service, name string) error {
	if err := within(func() error { return keyring.Delete(service, name) }); err != nil && !errors.Is(err, keyring.ErrNotFound) {
		return fmt.Errorf("taking a secret out of the system's keyring: %w", err)
	}
	return nil
}
