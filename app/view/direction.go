package view

import "unicode"

// RightToLeft tells whether text reads from right to left: whether the first
// letter that has a direction is Hebrew, Arabic or of another such script.
func RightToLeft(text string) bool {
	for _, r := range text {
		if unicode.In(r, unicode.Hebrew, unicode.Arabic, unicode.Syriac, unicode.Thaana, unicode.Nko) {
			return true
		}
		if unicode.IsLetter(r) {
			return false
		}
	}
	return false
}
