package serve

import (
	"errors"
	"net/netip"
)

// errPrivate refuses to look around in the network the server stands in.
var errPrivate = errors.New("its address is not public, and pictures are fetched from the public web only")

// reserved are ranges that belong to no public server though they are no private
// ones either: this network, shared address space, protocol assignments, tests and
// examples, 6to4's relays, the future. (RFC 6890)
var reserved = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", // tunnels carry any address of version 4
)

// global is where all public addresses of version 6 lie; translated ones
// (64:ff9b::/96), which carry any address of version 4, do not.
var global = netip.MustParsePrefix("2000::/3")

func prefixes(texts ...string) (list []netip.Prefix) {
	for _, text := range texts {
		list = append(list, netip.MustParsePrefix(text))
	}
	return list
}

// publicOnly refuses addresses that are not on the public web.
func publicOnly(to netip.AddrPort) error {
	address := to.Addr().Unmap()
	if !address.IsGlobalUnicast() || address.IsPrivate() || address.Zone() != "" {
		return errPrivate
	}
	if address.Is6() && !global.Contains(address) {
		return errPrivate
	}
	for _, prefix := range reserved {
		if prefix.Contains(address) {
			return errPrivate
		}
	}
	return nil
}
