// Package expr evaluates expressions over the guest's program, in C's syntax:
// variables of a frame and global ones, symbols, registers ($a0), the operators,
// p->x, a[3], *p, &x, sizeof and casts. Values are printed by their types as gdb
// prints them, more or less.
//
// Nothing can be assigned or called: evaluating looks and changes nothing. The
// package reaches the machine through functions that it is given. An [Expr] never
// changes and may be evaluated from any goroutine.
package expr
