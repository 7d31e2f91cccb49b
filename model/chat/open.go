package chat

// Opened makes an Engine of what a constructor returned. A constructor that fails
// returns a nil pointer, and a nil pointer in an interface is not nil: whoever closed
// it would end the program.
func Opened[E Engine](engine E, err error) (Engine, error) {
	if err != nil {
		return nil, err
	}
	return engine, nil
}
