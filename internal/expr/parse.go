package expr

import (
	"debug/dwarf"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"reprise/internal/debuginfo"
)

// Expr is an expression that can be evaluated.
type Expr struct {
	text string
	root *node
}

// String is the expression as it was written.
func (e *Expr) String() string { return e.text }

// node is an operator with its operands.
type node struct {
	op       string // "number", "name", "register", "cast", "sizeof", "." and the operators; unary ones begin with "u"
	text     string // of names and members
	number   uint64
	kind     dwarf.Type // of casts and numbers
	operands []*node
}

// Parse reads an expression. Names of types are looked up in info, which may be
// nil.
func Parse(text string, info *debuginfo.Info) (*Expr, error) {
	tokens, err := split(text)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens, info: info}
	root, err := p.ternary(0)
	if err == nil && p.peek() != "" {
		err = p.unexpected()
	}
	if err != nil {
		return nil, err
	}
	return &Expr{text: strings.TrimSpace(text), root: root}, nil
}

// operators are those of more than one character, the longer ones first.
var operators = []string{"<<=", ">>=", "->", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "+=", "-="}

// split takes an expression apart.
func split(text string) ([]string, error) {
	var tokens []string
	for rest := strings.TrimSpace(text); rest != ""; rest = strings.TrimLeftFunc(rest, unicode.IsSpace) {
		n := 1
		switch c := rest[0]; {
		case c == '\'':
			quoted, err := strconv.QuotedPrefix(rest)
			if err != nil {
				return nil, fmt.Errorf("%q is no character: write 'a'", rest)
			}
			n = len(quoted)
		case unicode.IsDigit(rune(c)):
			n = len(rest) - len(strings.TrimLeftFunc(rest[1:], func(r rune) bool { return r == '.' || inName(r) }))
		case c == '$' || inName(rune(c)):
			n = len(rest) - len(strings.TrimLeftFunc(rest[1:], inName))
		case strings.ContainsRune("+-*/%&|^~!<>=?:()[].,", rune(c)):
			for _, op := range operators {
				if strings.HasPrefix(rest, op) {
					n = len(op)
					break
				}
			}
		default:
			return nil, fmt.Errorf("%q has no meaning in an expression", string([]rune(rest)[:1]))
		}
		tokens = append(tokens, rest[:n])
		rest = rest[n:]
	}
	if len(tokens) == 0 {
		return nil, fmt.Errorf("there is no expression")
	}
	return tokens, nil
}

func inName(r rune) bool { return r == '_' || r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)) }

type parser struct {
	tokens []string
	info   *debuginfo.Info
}

// peek is the next token, empty at the end.
func (p *parser) peek() string {
	if len(p.tokens) == 0 {
		return ""
	}
	return p.tokens[0]
}

func (p *parser) take() string {
	t := p.peek()
	if t != "" {
		p.tokens = p.tokens[1:]
	}
	return t
}

// accept takes the next token if it is this one.
func (p *parser) accept(token string) bool {
	if p.peek() != token {
		return false
	}
	p.take()
	return true
}

func (p *parser) unexpected() error {
	switch t := p.peek(); t {
	case "":
		return fmt.Errorf("the expression is not complete")
	case "=", "+=", "-=", "<<=", ">>=":
		return fmt.Errorf("%q: nothing can be assigned in an expression", t)
	default:
		return fmt.Errorf("%q is not expected there", t)
	}
}

func (p *parser) expect(token string) error {
	if !p.accept(token) {
		if p.peek() == "" {
			return fmt.Errorf("%q is missing at the end", token)
		}
		return fmt.Errorf("%q is missing before %q", token, p.peek())
	}
	return nil
}

// ternary is a ? b : c, which binds least.
func (p *parser) ternary(depth int) (*node, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("the expression is nested too deeply")
	}
	condition, err := p.binary(0, depth)
	if err != nil || !p.accept("?") {
		return condition, err
	}
	yes, err := p.ternary(depth + 1)
	if err != nil {
		return nil, err
	}
	if err := p.expect(":"); err != nil {
		return nil, err
	}
	no, err := p.ternary(depth + 1)
	return &node{op: "?", operands: []*node{condition, yes, no}}, err
}

// levels are the operators with two operands, from the ones that bind least.
var levels = [][]string{{"||"}, {"&&"}, {"|"}, {"^"}, {"&"}, {"==", "!="}, {"<", ">", "<=", ">="}, {"<<", ">>"}, {"+", "-"}, {"*", "/", "%"}}

func (p *parser) binary(level, depth int) (*node, error) {
	if level == len(levels) {
		return p.unary(depth)
	}
	left, err := p.binary(level+1, depth)
	for err == nil && slices.Contains(levels[level], p.peek()) {
		op := p.take()
		var right *node
		right, err = p.binary(level+1, depth)
		left = &node{op: op, operands: []*node{left, right}}
	}
	return left, err
}

func (p *parser) unary(depth int) (*node, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("the expression is nested too deeply")
	}
	switch t := p.peek(); t {
	case "-", "+", "~", "!", "*", "&":
		p.take()
		operand, err := p.unary(depth + 1)
		return &node{op: "u" + t, operands: []*node{operand}}, err
	case "sizeof":
		p.take()
		return p.sizeOf(depth)
	case "(":
		if kind, ok, err := p.cast(); ok || err != nil {
			if err != nil {
				return nil, err
			}
			operand, err := p.unary(depth + 1)
			return &node{op: "cast", kind: kind, operands: []*node{operand}}, err
		}
	}
	return p.postfix(depth)
}

// sizeOf reads what follows sizeof: a type in parentheses, or an operand.
func (p *parser) sizeOf(depth int) (*node, error) {
	if p.peek() == "(" {
		kind, ok, err := p.cast()
		if err != nil {
			return nil, err
		}
		if ok {
			return &node{op: "number", number: uint64(size(kind)), kind: basic["unsigned long"]}, nil
		}
	}
	operand, err := p.unary(depth + 1)
	return &node{op: "sizeof", operands: []*node{operand}}, err
}

// cast reads a type in parentheses, if that is what comes.
func (p *parser) cast() (kind dwarf.Type, ok bool, err error) {
	end := slices.Index(p.tokens, ")")
	if end < 2 {
		return nil, false, nil
	}
	kind, ok, err = parseType(p.tokens[1:end], p.info)
	if ok {
		p.tokens = p.tokens[end+1:]
	}
	return kind, ok, err
}

func (p *parser) postfix(depth int) (*node, error) {
	n, err := p.primary(depth)
	for err == nil {
		switch p.peek() {
		case "[":
			p.take()
			var index *node
			if index, err = p.ternary(depth + 1); err != nil {
				return nil, err
			}
			n = &node{op: "[", operands: []*node{n, index}}
			err = p.expect("]")
		case ".", "->":
			op := p.take()
			member := p.take()
			if member == "" || !inName(rune(member[0])) {
				return nil, fmt.Errorf("the name of a member is missing after %q", op)
			}
			if op == "->" {
				n = &node{op: "u*", operands: []*node{n}}
			}
			n = &node{op: ".", text: member, operands: []*node{n}}
		default:
			return n, nil
		}
	}
	return n, err
}

func (p *parser) primary(depth int) (*node, error) {
	t := p.peek()
	switch {
	case t == "(":
		p.take()
		inner, err := p.ternary(depth + 1)
		if err != nil {
			return nil, err
		}
		return inner, p.expect(")")
	case t == "" || t[0] != '\'' && t[0] != '$' && !inName(rune(t[0])):
		return nil, p.unexpected()
	}
	p.take()
	switch {
	case t[0] == '$':
		return &node{op: "register", text: t[1:]}, nil
	case t[0] == '\'':
		c, _, _, err := strconv.UnquoteChar(t[1:len(t)-1], '\'')
		return &node{op: "number", number: uint64(c), kind: basic["char"]}, err
	case unicode.IsDigit(rune(t[0])):
		return literal(t)
	}
	return &node{op: "name", text: t}, nil
}

// literal reads a number: of 32 bits with a sign if it fits there, as in C.
func literal(text string) (*node, error) {
	if strings.ContainsRune(text, '.') {
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is not a number", text)
		}
		return &node{op: "number", number: math.Float64bits(f), kind: basic["double"]}, nil
	}
	digits := strings.TrimRight(text, "uUlL")
	v, err := strconv.ParseUint(digits, 0, 64)
	if err != nil {
		return nil, fmt.Errorf("%q is not a number", text)
	}
	n := &node{op: "number", number: v, kind: basic["int"]}
	switch {
	case v > 1<<63-1:
		n.kind = basic["unsigned long"]
	case v > 1<<31-1 || len(digits) < len(text):
		n.kind = basic["long"]
	}
	if strings.ContainsAny(text[len(digits):], "uU") {
		n.kind = basic["unsigned long"]
	}
	return n, nil
}
