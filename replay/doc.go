// Package replay is the machine in time: a session records or replays one, and
// a timeline travels in it.
//
// Three layers can be read one after the other: package recording (bytes),
// [Session] (one moving point: a machine, its log and a position) and
// [Timeline] (many points: snapshots, direction, search). [Debugger] owns a
// timeline on a goroutine of its own and hands out immutable views of it.
//
// There is one run loop, for recording and replaying. Data flows one way:
// backend, queue, checkpoint, log, machine, door, log, backend; in a replay the
// log takes the place of the backend.
//
// Session and Timeline belong to one goroutine. The methods of Debugger, and
// the sinks that character backends call, may be called from any.
package replay
