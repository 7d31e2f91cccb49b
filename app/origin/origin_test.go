package origin

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// witness is a server that remembers the headers it was sent.
type witness struct {
	*httptest.Server
	heard []http.Header
	to    string // where it sends on, if anywhere
	code  int
}

func newWitness(t *testing.T) *witness {
	w := &witness{code: http.StatusTemporaryRedirect}
	w.Server = httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		w.heard = append(w.heard, r.Header.Clone())
		if w.to != "" && !strings.HasPrefix(r.URL.Path, "/end") {
			http.Redirect(out, r, w.to, w.code)
		}
	}))
	t.Cleanup(w.Close)
	return w
}

var secrets = map[string]string{"Authorization": "Bearer SECRET", "X-Api-Key": "SECRET", "Cookie": "SECRET", "X-Odd": "SECRET"}

// Keys stay where they were given, by whatever status and client, to another host,
// port or scheme, at once or after a while.
func TestKeysStay(t *testing.T) {
	for _, code := range []int{301, 302, 303, 307, 308} {
		for _, follow := range []Redirects{Never, Within, Shown, Anywhere} {
			thief, home, way := newWitness(t), newWitness(t), newWitness(t)
			port := thief.URL[strings.LastIndex(thief.URL, ":"):]
			for _, to := range []string{thief.URL + "/end", "http://localhost" + port + "/end", "https://127.0.0.1" + port + "/end", way.URL} {
				home.to, way.to, home.code, way.code = to, home.URL+"/end", code, code
				home.heard, way.heard = nil, nil
				client := New(Options{Redirects: follow, For: home.URL, Fields: secrets})
				request, err := http.NewRequest(http.MethodPost, home.URL+"/mcp?key=SECRET", nil)
				if err != nil {
					t.Fatal(err)
				}
				request.Header.Set("X-Mine", "SECRET")
				response, err := client.Do(request)
				if err == nil {
					response.Body.Close()
				}
				if follow == Within && err == nil {
					t.Errorf("%d to %s was followed", code, to)
				}
				if err != nil && strings.HasPrefix(to, "http:") && !strings.Contains(Plain(err).Error(), "another address") {
					t.Errorf("%d to %s: %v", code, to, Plain(err))
				}
				if home.heard[0].Get("X-Odd") != "SECRET" || home.heard[0].Get("X-Mine") != "SECRET" {
					t.Errorf("home was sent %v", home.heard[0])
				}
				for _, header := range append(append(thief.heard, way.heard...), home.heard[1:]...) {
					for name, values := range header {
						if strings.Contains(strings.Join(values, " "), "SECRET") {
							t.Errorf("%d, %d to %s: %s went along", code, follow, to, name)
						}
					}
				}
			}
		}
	}
}

// A redirect within the origin is followed where that is wanted, keys and all.
func TestWithinTheOrigin(t *testing.T) {
	home := newWitness(t)
	home.to = "/end"
	response, err := New(Options{Redirects: Within, For: home.URL, Fields: secrets}).Post(home.URL+"/mcp", "", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if len(home.heard) != 2 || home.heard[1].Get("X-Api-Key") != "SECRET" {
		t.Errorf("the server was asked with %v", home.heard)
	}
}

// Keys go nowhere else even when asked for at once.
func TestKeysAreForOneOrigin(t *testing.T) {
	home, other := newWitness(t), newWitness(t)
	response, err := New(Options{For: home.URL, Fields: secrets}).Get(other.URL)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if got := other.heard[0].Get("Authorization"); got != "" {
		t.Errorf("another server was sent %q", got)
	}
}

// What is one origin.
func TestSame(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"http://a/x", "http://a/y?z", true}, {"http://a", "http://A:80", true}, {"https://a:443", "https://a", true}, {"HTTP://a", "http://a", true},
		{"http://a", "https://a", false}, {"http://a", "http://a:81", false}, {"http://a", "http://a.b", false}, {"http://a", "http://b", false},
		{"http://a@b", "http://a", false}, {"", "", false}, {"http://[::1]:8", "http://[::1]:8/x", true}, {"http://%zz", "http://%zz", false},
	} {
		if SameText(c.a, c.b) != c.same {
			t.Errorf("%q and %q: same is not %v", c.a, c.b, c.same)
		}
	}
}

// Variables that hold keys are ours alone.
func TestOurs(t *testing.T) {
	for _, name := range []string{"HF_TOKEN", "hf_token", "HUGGING_FACE_HUB_TOKEN", "HUGGINGFACEHUB_API_TOKEN", "SIROCCO_REMOTE_KEY", "Sirocco_anything"} {
		if !Ours(name) {
			t.Errorf("%s goes to tools", name)
		}
	}
	for _, name := range []string{"PATH", "HOME", "HF_HOME", "HF_HUB_CACHE", "LANG"} {
		if Ours(name) {
			t.Errorf("%s is kept from tools", name)
		}
	}
}
