package openai

import (
	"fmt"
	"math"
	"strconv"

	"sirocco/model/chat"
	"sirocco/model/chattemplate/pyjson"
)

// object is a JSON object of a request and its place there, for error messages.
type object struct {
	value pyjson.Value
	path  string // "" for the request itself
}

// get returns a field. Null is as good as absent.
func (o object) get(name string) (pyjson.Value, bool) {
	v, ok := o.value.Get(name)
	return v, ok && v.Kind != pyjson.Null
}

// at is a field's place in the request.
func (o object) at(name string) string {
	if o.path == "" {
		return name
	}
	return o.path + "." + name
}

// child is the object that is a field's value.
func (o object) child(name string, v pyjson.Value) object { return object{v, o.at(name)} }

// item is the object that is item i of the list in a field.
func (o object) item(name string, i int, v pyjson.Value) object {
	return object{v, fmt.Sprintf("%s[%d]", o.at(name), i)}
}

// fault is an error about a field; the format continues a sentence that begins
// with the field's name.
func (o object) fault(name, format string, args ...any) error {
	at := o.at(name)
	return &chat.RequestError{Param: at, Message: at + " " + fmt.Sprintf(format, args...)}
}

// wrong is the error about a value that is not what was wanted.
func (o object) wrong(name string, v pyjson.Value, want string) error {
	return o.fault(name, "is %s; %s was expected", brief(v), want)
}

// missing is the error about a field that must be there.
func (o object) missing(name, want string) error {
	return o.fault(name, "is missing; %s was expected", want)
}

// brief shows a value in an error: short ones as they are, others by their kind.
func brief(v pyjson.Value) string {
	const longest = 60
	switch v.Kind {
	case pyjson.Array, pyjson.Object, pyjson.Null:
		return v.Kind.String()
	}
	if len(v.Text) > longest {
		return fmt.Sprintf("%v of %d characters", v.Kind, len(v.Text))
	}
	return pyjson.Clean(v.String())
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// text reads an optional string.
func (o object) text(name string, to *string) error {
	v, given := o.get(name)
	if !given {
		return nil
	}
	if v.Kind != pyjson.String {
		return o.wrong(name, v, "a string")
	}
	*to = pyjson.Clean(v.Text)
	return nil
}

// needText reads a string that must be there.
func (o object) needText(name string, to *string) error {
	if _, given := o.get(name); !given {
		return o.missing(name, "a string")
	}
	return o.text(name, to)
}

func (o object) boolean(name string, to *bool) error {
	v, given := o.get(name)
	if !given {
		return nil
	}
	if v.Kind != pyjson.Bool {
		return o.wrong(name, v, "true or false")
	}
	*to = v.True()
	return nil
}

// number reads an optional number of at least low and at most high.
func (o object) number(name string, low, high float64, to *float64) error {
	v, given := o.get(name)
	if !given {
		return nil
	}
	f, ok := asNumber(v)
	if !ok || f < low || f > high {
		return o.wrong(name, v, fmt.Sprintf("a number from %g to %g", low, high))
	}
	*to = f
	return nil
}

// integer reads an optional whole number of at least low and at most high.
func (o object) integer(name string, low, high int, to *int) error {
	v, given := o.get(name)
	if !given {
		return nil
	}
	f, ok := asNumber(v)
	if !ok || f != math.Trunc(f) || f < float64(low) || f > float64(high) {
		return o.wrong(name, v, fmt.Sprintf("a whole number from %d to %d", low, high))
	}
	*to = int(f)
	return nil
}

// asNumber is a number's value; NaN and the infinities are no numbers here.
func asNumber(v pyjson.Value) (float64, bool) {
	if v.Kind != pyjson.Int && v.Kind != pyjson.Float {
		return 0, false
	}
	f, err := strconv.ParseFloat(v.Text, 64)
	return f, err == nil && !math.IsNaN(f) && !math.IsInf(f, 0)
}
