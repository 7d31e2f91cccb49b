package origin

import (
	"os"
	"slices"
	"strings"
)

// TokenVariable holds the token that `pull` shows to its hub.
const TokenVariable = "HF_TOKEN"

// hubVariables are the names under which the tokens of model hubs are kept.
var hubVariables = []string{
	TokenVariable, "HF_API_TOKEN", "HF_API_KEY", "HF_ACCESS_TOKEN", "HF_HUB_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HUGGINGFACE_HUB_TOKEN",
	"HUGGINGFACEHUB_API_TOKEN", "HUGGINGFACE_API_TOKEN", "HUGGINGFACE_API_KEY", "HUGGINGFACE_TOKEN", "HUGGING_FACE_TOKEN",
	"HUGGINGFACE_ACCESS_TOKEN", "HUGGING_FACE_API_KEY", "HUGGING_FACE_API_TOKEN", "MODELSCOPE_API_TOKEN", "MODELSCOPE_TOKEN",
}

// Environment is this program's, without what is meant for it alone, for programs
// that a model's words may reach.
func Environment() []string {
	return slices.DeleteFunc(os.Environ(), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return Ours(name)
	})
}

// Ours says that a variable of the environment is meant for this program alone and
// goes to no program that it starts for a model.
func Ours(name string) bool {
	name = strings.ToUpper(name) // Windows takes either case
	return strings.HasPrefix(name, "SIROCCO_") || slices.Contains(hubVariables, name)
}

// EngineEnvironment is this program's for an engine of its own: all but the tokens
// and keys, which no engine needs.
func EngineEnvironment() []string {
	return slices.DeleteFunc(os.Environ(), func(entry string) bool {
		name, _, _ := strings.Cut(strings.ToUpper(entry), "=")
		return slices.Contains(hubVariables, name) || strings.HasPrefix(name, "SIROCCO_") && strings.HasSuffix(name, "_KEY")
	})
}
