package replay

import "reprise/vm"

// Engine executes machines. Whichever does, the state is the same at every
// step; [Timeline.CompareEngines] finds where it is not.
type Engine interface {
	// String is what people call the engine.
	String() string
	// Run goes forward as [vm.Machine.Run] does.
	Run(m *vm.Machine, until vm.Step, over bool) vm.Stop
}

// The engines. The plain loop fetches, decodes and executes one instruction
// after the other, and is there to be compared with.
const (
	Interpreter engine = iota
	PlainLoop
)

type engine uint8

// String implements [Engine].
func (e engine) String() string {
	if e == PlainLoop {
		return "plain loop"
	}
	return "interpreter"
}

// Run implements [Engine].
func (e engine) Run(m *vm.Machine, until vm.Step, over bool) vm.Stop {
	for i := range m.Harts() {
		m.Hart(i).SetPlain(e == PlainLoop)
	}
	return m.Run(until, over)
}
