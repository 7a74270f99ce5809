package templates

import (
	"maps"
	"slices"
	"text/template/parse"
)

// number gives each placeholder of a list its mark, in order of key, so that
// compiled wording does not depend on map order.
func number(list List) marks {
	m := marks{runes: map[string]rune{}}
	for _, part := range []struct {
		names map[string]string
		block bool
	}{{list.Inline, false}, {list.Block, true}} {
		for _, key := range slices.Sorted(maps.Values(part.names)) {
			m.runes[key] = rune(firstMark + len(m.keys))
			m.keys = append(m.keys, key)
			m.block = append(m.block, part.block)
		}
	}
	return m
}

// unknownNames reads a wording without checking functions and walks it: what
// is not a placeholder, a listed condition, if, or one of the wording's own
// parts is a fault, by its name.
func unknownNames(file, text string, list List) Faults {
	tree := parse.New(file)
	tree.Mode = parse.SkipFuncCheck
	trees := map[string]*parse.Tree{}
	if _, err := tree.Parse(text, "", "", trees); err != nil {
		return Faults{fault("wording_syntax", file, err.Error())}
	}
	v := &visitor{file: file, list: list}
	for _, name := range slices.Sorted(maps.Keys(trees)) {
		v.node(trees[name].Root)
	}
	return v.faults
}

// visitor collects what a wording may not say.
type visitor struct {
	file   string
	list   List
	faults Faults
}

func (v *visitor) refuse(n parse.Node) {
	v.faults = append(v.faults, fault("wording_unknown_placeholder", v.file, n.String()))
}

func (v *visitor) node(n parse.Node) {
	switch n := n.(type) {
	case nil, *parse.TextNode, *parse.CommentNode:
	case *parse.ListNode:
		if n != nil {
			for _, child := range n.Nodes {
				v.node(child)
			}
		}
	case *parse.ActionNode:
		v.action(n)
	case *parse.IfNode:
		v.pipe(n.Pipe)
		v.node(n.List)
		v.node(n.ElseList)
	case *parse.TemplateNode:
	default:
		v.refuse(n)
	}
}

// action allows {{宛名}} and {{日付 "2020-04"}}, nothing else.
func (v *visitor) action(n *parse.ActionNode) {
	if len(n.Pipe.Decl) > 0 || len(n.Pipe.Cmds) != 1 {
		v.refuse(n)
		return
	}
	args := n.Pipe.Cmds[0].Args
	name, ok := args[0].(*parse.IdentifierNode)
	switch {
	case !ok:
		v.refuse(n)
	case len(args) == 1 && (v.list.Inline[name.Ident] != "" || v.list.Block[name.Ident] != ""):
	case len(args) == 2 && name.Ident == v.list.Date && isDate(args[1]):
	default:
		v.refuse(n)
	}
}

// isDate says that a node is a quoted 2023, 2023-02 or 2023-02-08.
func isDate(n parse.Node) bool {
	s, ok := n.(*parse.StringNode)
	return ok && dateMark.MatchString("{"+s.Text+"}")
}

// pipe allows .法人 and and, or, not over such.
func (v *visitor) pipe(p *parse.PipeNode) {
	if len(p.Decl) > 0 || len(p.Cmds) != 1 {
		v.refuse(p)
		return
	}
	for _, arg := range p.Cmds[0].Args {
		switch a := arg.(type) {
		case *parse.FieldNode:
			if len(a.Ident) != 1 || v.list.Condition[a.Ident[0]] == "" {
				v.refuse(a)
			}
		case *parse.IdentifierNode:
			if a.Ident != "and" && a.Ident != "or" && a.Ident != "not" {
				v.refuse(a)
			}
		case *parse.PipeNode:
			v.pipe(a)
		default:
			v.refuse(a)
		}
	}
}
