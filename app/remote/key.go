package remote

import (
	"errors"
	"fmt"
	"os"
	"strings"

	system "github.com/zalando/go-keyring"

	"sirocco/app/keyring"
)

// KeyVariable is the environment variable that holds a server's key.
const KeyVariable = "SIROCCO_REMOTE_KEY"

// keyringService is our name in the system's keyring; entries are by server.
const keyringService = "sirocco remote"

// secret is a key behind a function, so that printing what holds it, at any
// depth, prints no key.
type secret func() string

func newSecret(key string) secret { return func() string { return key } }

// hide takes the key out of a text that a server sent.
func (s secret) hide(text string) string {
	if s() == "" {
		return text
	}
	return strings.ReplaceAll(text, s(), "(a key)")
}

// Key finds the key for a server: the environment's, else the one kept in the
// system's keyring. A system without a keyring has none, which is no error.
func Key(server string) string {
	if key := os.Getenv(KeyVariable); key != "" {
		return strings.TrimSpace(key)
	}
	at, err := parseAddress(server)
	if err != nil {
		return ""
	}
	key, _ := keyring.Get(keyringService, at.host())
	return key
}

// KeepKey stores the key of a server in the system's keyring. It waits for as long as a
// person takes to unlock that.
func KeepKey(server, key string) error {
	at, err := parseAddress(server)
	if err != nil {
		return err
	}
	if key = strings.TrimSpace(key); key == "" {
		return errors.New("the key is empty")
	}
	if err := system.Set(keyringService, at.host(), key); err != nil {
		return fmt.Errorf("storing the key in the system's keyring: %w; without a keyring, set %s", err, KeyVariable)
	}
	return nil
}

// ForgetKey takes the key of a server out of the keyring. A key that is not
// there is as good as forgotten.
func ForgetKey(server string) error {
	at, err := parseAddress(server)
	if err != nil {
		return err
	}
	if err := system.Delete(keyringService, at.host()); err != nil && !errors.Is(err, system.ErrNotFound) {
		return fmt.Errorf("taking the key out of the system's keyring: %w", err)
	}
	return nil
}
