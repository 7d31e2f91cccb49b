//go:build !linux

package model

import "errors"

func forget([]string) error {
	return errors.New("only on Linux can files be taken out of the system's memory; leave --cold out")
}
