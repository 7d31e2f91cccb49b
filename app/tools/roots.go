//lint:file-ignore SA1019 the protocol has given roots up, and servers ask for them all the same

package tools

import (
	"net/url"
	"path/filepath"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// offerRoots says that we tell of folders, where the entry names any: some servers take
// them in place of those on their command line.
func (s *Server) offerRoots(c *mcp.ClientCapabilities) {
	if len(s.spec.Roots) > 0 {
		c.RootsV2 = &mcp.RootCapabilities{}
	}
}

// addRoots tells of the folders.
func (s *Server) addRoots(client *mcp.Client) {
	for _, folder := range s.spec.Roots {
		if whole, err := filepath.Abs(folder); err == nil {
			address := url.URL{Scheme: "file", Path: filepath.ToSlash(whole)}
			client.AddRoots(&mcp.Root{URI: address.String(), Name: filepath.Base(whole)})
		}
	}
}
