package outputparser

// RepetitionGuard notices endless repetition in an answer that another engine gives, a
// server say, token by token.
type RepetitionGuard struct{ guard *guard }

// NewGuard prepares for one answer.
func NewGuard() *RepetitionGuard { return &RepetitionGuard{newGuard()} }

// Push takes the next id and reports whether the answer goes round in circles, by
// the rule that ends our own.
func (g *RepetitionGuard) Push(id int32) bool { return g.guard.push(id) }
